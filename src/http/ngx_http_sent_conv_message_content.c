
/*
 * What a template becomes on each channel: its parameters checked, its text
 * rendered, what the carrier is told.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


#define NGX_HTTP_SENT_CONV_PARAMETER_MAX  1024


static ngx_sent_conv_template_t *ngx_http_sent_conv_content_template(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_json_t *object);
static ngx_int_t ngx_http_sent_conv_content_values(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_template_t *template,
    ngx_sent_conv_json_t *object, ngx_array_t *values);
static void ngx_http_sent_conv_content_fault(ngx_http_sent_conv_call_t *call,
    ngx_str_t *name, ngx_http_sent_conv_e error, const char *text);
static ngx_int_t ngx_http_sent_conv_content_channel(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_template_t *template,
    ngx_array_t *values, ngx_sent_conv_channel_e channel,
    ngx_sent_conv_content_t *content);
static ngx_int_t ngx_http_sent_conv_content_payload(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_template_t *template,
    ngx_array_t *values, ngx_sent_conv_channel_e channel,
    ngx_str_t *payload);


/* channels: bits of those asked for, 0 = any */

void
ngx_http_sent_conv_message_content(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_json_t *object, ngx_uint_t channels,
    ngx_sent_conv_broadcast_t *bc)
{
    ngx_uint_t                 i;
    ngx_array_t                values;
    ngx_sent_conv_content_t   *content;
    ngx_sent_conv_template_t  *template;

    template = ngx_http_sent_conv_content_template(call, object);

    if (template == NULL
        || ngx_http_sent_conv_content_values(call, template, object, &values)
           != NGX_OK)
    {
        return;
    }

    bc->template = template;

    for (i = 0; i < NGX_SENT_CONV_CHANNELS; i++) {
        content = &bc->content[i];

        if (ngx_http_sent_conv_content_channel(call, template, &values, i,
                                               content)
            != NGX_OK)
        {
            call->failed = 1;
            return;
        }

        if (content->length <= ngx_sent_conv_channel_max[i]) {
            continue;
        }

        content->serves = 0;

        if (channels & (1 << i)) {
            ngx_http_sent_conv_form_fault(call, "template.parameters",
                                          NGX_HTTP_SENT_CONV_E_RANGE,
                                          "make a text that is too long for "
                                          "the channel");
        }
    }
}


static ngx_sent_conv_template_t *
ngx_http_sent_conv_content_template(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_json_t *object)
{
    ngx_sent_conv_json_t      *id, *name;
    ngx_sent_conv_template_t  *template;

    id = ngx_sent_conv_json_get(object, "id");
    name = ngx_sent_conv_json_get(object, "name");

    if (id != NULL && id->type == NGX_SENT_CONV_JSON_NULL) {
        id = NULL;
    }

    if (name != NULL && name->type == NGX_SENT_CONV_JSON_NULL) {
        name = NULL;
    }

    if ((id == NULL) == (name == NULL)) {
        ngx_http_sent_conv_form_fault(call, "template",
                                      NGX_HTTP_SENT_CONV_E_MISSING,
                                      "must have either an id or a name");
        return NULL;
    }

    if ((id ? id : name)->type != NGX_SENT_CONV_JSON_STRING) {
        ngx_http_sent_conv_form_fault(call, id ? "template.id"
                                               : "template.name",
                                      NGX_HTTP_SENT_CONV_E_FORM,
                                      "must be a string");
        return NULL;
    }

    if (id != NULL) {

        if (ngx_sent_conv_uuid_check(&id->text) != NGX_OK) {
            ngx_http_sent_conv_form_fault(call, "template.id",
                                          NGX_HTTP_SENT_CONV_E_UUID, NULL);
            return NULL;
        }

        template = ngx_sent_conv_customer_template(call->customer, &id->text);

    } else {
        template = ngx_sent_conv_customer_template_name(call->customer,
                                                        &name->text);
    }

    if (template == NULL) {
        ngx_http_sent_conv_form_fault(call, id ? "template.id"
                                               : "template.name",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "is not one of your templates");
    }

    return template;
}


/* in the order of the template's parameters; NGX_DECLINED: faults */

static ngx_int_t
ngx_http_sent_conv_content_values(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_template_t *template, ngx_sent_conv_json_t *object,
    ngx_array_t *values)
{
    ngx_str_t             *name, *value;
    ngx_uint_t             i, faults;
    ngx_sent_conv_json_t  *given, *v;

    given = ngx_sent_conv_json_get(object, "parameters");
    faults = call->faults.nelts;
    name = template->parameters.elts;

    if (given != NULL && given->type == NGX_SENT_CONV_JSON_NULL) {
        given = NULL;
    }

    if (given != NULL && given->type != NGX_SENT_CONV_JSON_OBJECT) {
        ngx_http_sent_conv_form_fault(call, "template.parameters",
                                      NGX_HTTP_SENT_CONV_E_FORM,
                                      "must be an object");
        return NGX_DECLINED;
    }

    if (ngx_array_init(values, call->request->pool,
                       template->parameters.nelts + 1, sizeof(ngx_str_t))
        != NGX_OK)
    {
        call->failed = 1;
        return NGX_ERROR;
    }

    for (i = 0; i < template->parameters.nelts; i++) {
        value = ngx_array_push(values);
        ngx_str_null(value);

        for (v = given ? given->first : NULL; v != NULL; v = v->next) {
            if (v->key.len == name[i].len
                && ngx_strncmp(v->key.data, name[i].data, name[i].len) == 0)
            {
                break;
            }
        }

        if (v == NULL) {
            ngx_http_sent_conv_content_fault(call, &name[i],
                                             NGX_HTTP_SENT_CONV_E_MISSING,
                                             NULL);

        } else if (v->type != NGX_SENT_CONV_JSON_STRING) {
            ngx_http_sent_conv_content_fault(call, &name[i],
                                             NGX_HTTP_SENT_CONV_E_FORM,
                                             "must be a string");

        } else if (v->text.len == 0
                   || ngx_sent_conv_utf8_length(&v->text)
                      > NGX_HTTP_SENT_CONV_PARAMETER_MAX)
        {
            ngx_http_sent_conv_content_fault(call, &name[i],
                                             NGX_HTTP_SENT_CONV_E_RANGE,
                                             "must be 1 to 1024 characters");

        } else {
            *value = v->text;
        }
    }

    if (given != NULL && given->n > template->parameters.nelts) {
        ngx_http_sent_conv_form_fault(call, "template.parameters",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "has one that the template has not");
    }

    return (call->faults.nelts > faults) ? NGX_DECLINED : NGX_OK;
}


/* "template.parameters.<name>" */

static void
ngx_http_sent_conv_content_fault(ngx_http_sent_conv_call_t *call,
    ngx_str_t *name, ngx_http_sent_conv_e error, const char *text)
{
    u_char  *field;

    field = ngx_pnalloc(call->request->pool,
                        sizeof("template.parameters.") + name->len);
    if (field == NULL) {
        call->failed = 1;
        return;
    }

    *ngx_sprintf(field, "template.parameters.%V", name) = '\0';

    ngx_http_sent_conv_form_fault(call, (char *) field, error, text);
}


static ngx_int_t
ngx_http_sent_conv_content_channel(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_template_t *template, ngx_array_t *values,
    ngx_sent_conv_channel_e channel, ngx_sent_conv_content_t *content)
{
    ngx_str_t  *text;

    text = NULL;

    switch (channel) {

    case NGX_SENT_CONV_WHATSAPP:
        content->serves = (template->whatsapp_name.len > 0);
        break;

    case NGX_SENT_CONV_SMS:
        text = template->sms_text.len ? &template->sms_text : NULL;
        content->serves = (text != NULL || template->content_sid.len > 0);
        break;

    default: /* NGX_SENT_CONV_RCS */
        text = template->rcs_text.len ? &template->rcs_text : NULL;
        content->serves = (text != NULL);
    }

    if (!content->serves) {
        return NGX_OK;
    }

    if (text != NULL) {
        if (ngx_sent_conv_template_render(call->request->pool, text,
                                          &template->parameters, values,
                                          &content->text)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        content->length = ngx_sent_conv_utf8_length(&content->text);
    }

    return ngx_http_sent_conv_content_payload(call, template, values, channel,
                                              &content->payload);
}


static ngx_int_t
ngx_http_sent_conv_content_payload(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_template_t *template, ngx_array_t *values,
    ngx_sent_conv_channel_e channel, ngx_str_t *payload)
{
    u_char              *key;
    ngx_str_t           *name, *value;
    ngx_uint_t           i;
    ngx_sent_conv_jw_t   w;

    name = template->parameters.elts;
    value = values->elts;

    ngx_sent_conv_jw_init(&w, call->request->pool, 512);

    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_str(&w, "id", &template->id);
    ngx_sent_conv_jw_str(&w, "name", &template->name);
    ngx_sent_conv_jw_open(&w, "parameters", '{');

    for (i = 0; i < template->parameters.nelts; i++) {
        key = ngx_pnalloc(call->request->pool, name[i].len + 1);
        if (key == NULL) {
            return NGX_ERROR;
        }

        ngx_cpystrn(key, name[i].data, name[i].len + 1);

        ngx_sent_conv_jw_str(&w, (char *) key, &value[i]);
    }

    ngx_sent_conv_jw_close(&w, '}');

    if (channel == NGX_SENT_CONV_WHATSAPP) {
        ngx_sent_conv_jw_str(&w, "whatsapp_name", &template->whatsapp_name);
        ngx_sent_conv_jw_str(&w, "language", &template->language);

    } else if (channel == NGX_SENT_CONV_SMS && template->content_sid.len) {
        ngx_sent_conv_jw_str(&w, "content_sid", &template->content_sid);
    }

    ngx_sent_conv_jw_close(&w, '}');

    return ngx_sent_conv_jw_done(&w, payload);
}
