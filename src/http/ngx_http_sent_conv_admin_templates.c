
/*
 * The operator's templates: registered for a customer, shown, taken back.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


#define NGX_HTTP_SENT_CONV_PARAMETERS_MAX  32
#define NGX_HTTP_SENT_CONV_PARAMETER_NAME  64
#define NGX_HTTP_SENT_CONV_TEMPLATE_NAME   512


static void ngx_http_sent_conv_admin_template_register(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_admin_template_form(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_template_t *template);
static void ngx_http_sent_conv_admin_template_parameters(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_template_t *template);
static void ngx_http_sent_conv_admin_template_channels(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_template_t *template);
static void ngx_http_sent_conv_admin_template_part(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_json_t *part,
    const char *field, const char *name, ngx_str_t *slot, size_t max);
static void ngx_http_sent_conv_admin_template_text(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_template_t *template,
    const char *field, ngx_str_t *text, ngx_uint_t max);
static ngx_uint_t ngx_http_sent_conv_admin_template_word(ngx_str_t *text,
    size_t max, ngx_uint_t upper);
static void ngx_http_sent_conv_admin_template_put_done(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_admin_template_show(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_admin_template_list(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_admin_template_drop(
    ngx_http_sent_conv_call_t *call);


void
ngx_http_sent_conv_admin_template_put(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_admin_path(call,
                                  ngx_http_sent_conv_admin_template_register);
}


static void
ngx_http_sent_conv_admin_template_register(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                  rc;
    ngx_str_t                 *id;
    ngx_time_t                *tp;
    ngx_sent_conv_template_t  *template, *old;

    if (ngx_http_sent_conv_admin_missing(call)) {
        return;
    }

    id = ngx_http_sent_conv_form_id(call, 1, "id");

    if (id == NULL) {
        return;
    }

    template = ngx_pcalloc(call->request->pool,
                           sizeof(ngx_sent_conv_template_t));
    if (template == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->data = template;
    template->id = *id;

    ngx_http_sent_conv_admin_template_form(call, template);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    tp = ngx_timeofday();
    old = ngx_sent_conv_customer_template(call->customer, id);

    template->created_at = old ? old->created_at
                               : (uint64_t) tp->sec * 1000 + tp->msec;

    if (call->sandbox) {
        old = ngx_sent_conv_customer_template_name(call->customer,
                                                   &template->name);
        rc = (old != NULL && ngx_memcmp(old->id.data, id->data, id->len) != 0)
             ? NGX_DECLINED : NGX_OK;

        ngx_http_sent_conv_admin_template_put_done(call, NGX_SENT_CONV_OK,
                                                   &rc);
        return;
    }

    rc = ngx_sent_conv_store_template_put(call->store, &call->customer->id,
                                          template,
                                          ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc,
                            ngx_http_sent_conv_admin_template_put_done);
}


static void
ngx_http_sent_conv_admin_template_form(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_template_t *template)
{
    ngx_sent_conv_json_t  *name;

    name = ngx_http_sent_conv_form_get(call, "name",
                                       NGX_SENT_CONV_JSON_STRING, 1);

    if (name != NULL) {
        template->name = name->text;

        if (!ngx_http_sent_conv_admin_template_word(&name->text,
                                          NGX_HTTP_SENT_CONV_TEMPLATE_NAME, 0))
        {
            ngx_http_sent_conv_form_fault(call, "name",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be 1 to 512 of a-z, 0-9 and "
                                          "\"_\"");
        }
    }

    ngx_http_sent_conv_admin_template_parameters(call, template);
    ngx_http_sent_conv_admin_template_channels(call, template);
}


static void
ngx_http_sent_conv_admin_template_parameters(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_template_t *template)
{
    ngx_str_t             *name;
    ngx_uint_t             i;
    ngx_sent_conv_json_t  *list, *item;

    list = ngx_http_sent_conv_form_get(call, "parameters",
                                       NGX_SENT_CONV_JSON_ARRAY, 0);

    if (ngx_array_init(&template->parameters, call->request->pool, 4,
                       sizeof(ngx_str_t))
        != NGX_OK)
    {
        call->failed = 1;
        return;
    }

    if (list == NULL) {
        return;
    }

    if (list->n > NGX_HTTP_SENT_CONV_PARAMETERS_MAX) {
        ngx_http_sent_conv_form_fault(call, "parameters",
                                      NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must be 32 at most");
        return;
    }

    for (item = list->first; item != NULL; item = item->next) {

        if (item->type != NGX_SENT_CONV_JSON_STRING
            || !ngx_http_sent_conv_admin_template_word(&item->text,
                                         NGX_HTTP_SENT_CONV_PARAMETER_NAME, 1))
        {
            ngx_http_sent_conv_form_fault(call, "parameters",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be names of 1 to 64 letters, "
                                          "digits and \"_\"");
            return;
        }

        name = template->parameters.elts;

        for (i = 0; i < template->parameters.nelts; i++) {
            if (name[i].len == item->text.len
                && ngx_strncmp(name[i].data, item->text.data, name[i].len)
                   == 0)
            {
                ngx_http_sent_conv_form_fault(call, "parameters",
                                              NGX_HTTP_SENT_CONV_E_VALUE,
                                              "must be different names");
                return;
            }
        }

        name = ngx_array_push(&template->parameters);
        if (name == NULL) {
            call->failed = 1;
            return;
        }

        *name = item->text;
    }
}


static void
ngx_http_sent_conv_admin_template_channels(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_template_t *template)
{
    ngx_str_t              name;
    ngx_sent_conv_json_t  *channels, *v;

    channels = ngx_http_sent_conv_form_get(call, "channels",
                                           NGX_SENT_CONV_JSON_OBJECT, 1);
    if (channels == NULL) {
        return;
    }

    if (channels->n == 0) {
        ngx_http_sent_conv_form_fault(call, "channels",
                                      NGX_HTTP_SENT_CONV_E_MISSING,
                                      "must have one channel at least");
    }

    for (v = channels->first; v != NULL; v = v->next) {
        name = v->key;

        if (ngx_sent_conv_channel_parse(&name) == NGX_SENT_CONV_CHANNELS
            || v->type != NGX_SENT_CONV_JSON_OBJECT)
        {
            ngx_http_sent_conv_form_fault(call, "channels",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be objects whatsapp, sms and "
                                          "rcs");
            return;
        }
    }

    v = ngx_sent_conv_json_get(channels, "whatsapp");

    if (v != NULL) {
        ngx_http_sent_conv_admin_template_part(call, v,
                            "channels.whatsapp.name", "name",
                            &template->whatsapp_name, 512);
        ngx_http_sent_conv_admin_template_part(call, v,
                            "channels.whatsapp.language", "language",
                            &template->language, 16);
    }

    v = ngx_sent_conv_json_get(channels, "sms");

    if (v != NULL && ngx_sent_conv_json_get(v, "content_sid") != NULL) {
        ngx_http_sent_conv_admin_template_part(call, v,
                            "channels.sms.content_sid", "content_sid",
                            &template->content_sid, 64);

        if (ngx_sent_conv_json_get(v, "text") != NULL) {
            ngx_http_sent_conv_form_fault(call, "channels.sms",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must have either a text or a "
                                          "content_sid");
        }

    } else if (v != NULL) {
        ngx_http_sent_conv_admin_template_part(call, v, "channels.sms.text",
                                               "text", &template->sms_text,
                                               16384);
        ngx_http_sent_conv_admin_template_text(call, template,
                            "channels.sms.text", &template->sms_text,
                            ngx_sent_conv_channel_max[NGX_SENT_CONV_SMS]);
    }

    v = ngx_sent_conv_json_get(channels, "rcs");

    if (v != NULL) {
        ngx_http_sent_conv_admin_template_part(call, v, "channels.rcs.text",
                                               "text", &template->rcs_text,
                                               16384);
        ngx_http_sent_conv_admin_template_text(call, template,
                            "channels.rcs.text", &template->rcs_text,
                            ngx_sent_conv_channel_max[NGX_SENT_CONV_RCS]);
    }
}


/* a text that must be there, in bytes at most */

static void
ngx_http_sent_conv_admin_template_part(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_json_t *part, const char *field, const char *name,
    ngx_str_t *slot, size_t max)
{
    ngx_sent_conv_json_t  *v;

    v = ngx_sent_conv_json_get(part, name);

    if (v == NULL) {
        ngx_http_sent_conv_form_fault(call, field,
                                      NGX_HTTP_SENT_CONV_E_MISSING, NULL);
        return;
    }

    if (v->type != NGX_SENT_CONV_JSON_STRING) {
        ngx_http_sent_conv_form_fault(call, field, NGX_HTTP_SENT_CONV_E_FORM,
                                      "must be a string");
        return;
    }

    if (v->text.len == 0 || v->text.len > max) {
        ngx_http_sent_conv_form_fault(call, field, NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must not be empty or too long");
        return;
    }

    *slot = v->text;
}


static void
ngx_http_sent_conv_admin_template_text(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_template_t *template, const char *field, ngx_str_t *text,
    ngx_uint_t max)
{
    ngx_str_t  at;

    if ((ngx_uint_t) ngx_sent_conv_utf8_length(text) > max) {
        ngx_http_sent_conv_form_fault(call, field, NGX_HTTP_SENT_CONV_E_RANGE,
                                      "is too long for the channel");
    }

    if (ngx_sent_conv_template_check(text, &template->parameters, &at)
        != NGX_OK)
    {
        ngx_http_sent_conv_form_fault(call, field, NGX_HTTP_SENT_CONV_E_VALUE,
                                      "has a {{name}} that is none of the "
                                      "parameters");
    }
}


static ngx_uint_t
ngx_http_sent_conv_admin_template_word(ngx_str_t *text, size_t max,
    ngx_uint_t upper)
{
    u_char  c;
    size_t  i;

    if (text->len == 0 || text->len > max) {
        return 0;
    }

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'
              || (upper && c >= 'A' && c <= 'Z')))
        {
            return 0;
        }
    }

    return 1;
}


static void
ngx_http_sent_conv_admin_template_put_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_int_t *rc = result;

    ngx_sent_conv_jw_t  w;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    if (rc != NULL && *rc == NGX_DECLINED) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_EXISTS,
                                 "Another template has this name.");
        return;
    }

    if (rc != NULL && *rc == NGX_ABORT) {
        ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_RANGE, "id",
                                       "there are 500 templates already");
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 1024);
    ngx_http_sent_conv_template_write(&w, "data", call->data);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


void
ngx_http_sent_conv_admin_template(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_admin_path(call,
                                  ngx_http_sent_conv_admin_template_show);
}


static void
ngx_http_sent_conv_admin_template_show(ngx_http_sent_conv_call_t *call)
{
    if (ngx_http_sent_conv_admin_missing(call)) {
        return;
    }

    call->vars[0] = call->vars[1];

    ngx_http_sent_conv_template(call);
}


void
ngx_http_sent_conv_admin_templates(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_admin_path(call,
                                  ngx_http_sent_conv_admin_template_list);
}


static void
ngx_http_sent_conv_admin_template_list(ngx_http_sent_conv_call_t *call)
{
    if (ngx_http_sent_conv_admin_missing(call)) {
        return;
    }

    ngx_http_sent_conv_templates(call);
}


void
ngx_http_sent_conv_admin_template_delete(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_admin_path(call,
                                  ngx_http_sent_conv_admin_template_drop);
}


static void
ngx_http_sent_conv_admin_template_drop(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t   rc;
    ngx_str_t  *id;

    if (ngx_http_sent_conv_admin_missing(call)) {
        return;
    }

    id = ngx_http_sent_conv_form_id(call, 1, "id");

    if (id == NULL) {
        return;
    }

    if (call->sandbox) {
        ngx_http_sent_conv_reply_status(call, NGX_HTTP_NO_CONTENT);
        return;
    }

    rc = ngx_sent_conv_store_template_delete(call->store,
                                             &call->customer->id, id,
                                             ngx_http_sent_conv_wait_done,
                                             call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_admin_deleted);
}
