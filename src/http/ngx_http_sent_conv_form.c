
/*
 * A body's members by name and type, and the collection of what is wrong
 * with them.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static const char  *ngx_http_sent_conv_form_types[] = {
    "must be null",
    "must be true or false",
    "must be an integer",
    "must be a number",
    "must be a string",
    "must be an array",
    "must be an object"
};


ngx_sent_conv_json_t *
ngx_http_sent_conv_form_get(ngx_http_sent_conv_call_t *call,
    const char *name, ngx_sent_conv_json_type_e type, ngx_uint_t required)
{
    ngx_sent_conv_json_t  *value;

    value = NULL;

    if (call->json != NULL) {
        value = ngx_sent_conv_json_get(call->json, name);
    }

    if (value == NULL) {

        if (required) {
            ngx_http_sent_conv_form_fault(call, name,
                                          NGX_HTTP_SENT_CONV_E_MISSING, NULL);
        }

        return NULL;
    }

    if (value->type == type) {
        return value;
    }

    if (value->type != NGX_SENT_CONV_JSON_NULL || required) {
        ngx_http_sent_conv_form_fault(call, name, NGX_HTTP_SENT_CONV_E_FORM,
                                      ngx_http_sent_conv_form_types[type]);
    }

    return NULL;
}


ngx_sent_conv_json_t *
ngx_http_sent_conv_form_int(ngx_http_sent_conv_call_t *call,
    const char *name, int64_t min, int64_t max, const char *text)
{
    ngx_sent_conv_json_t  *value;

    value = ngx_http_sent_conv_form_get(call, name,
                                        NGX_SENT_CONV_JSON_INTEGER, 0);

    if (value != NULL && (value->integer < min || value->integer > max)) {
        ngx_http_sent_conv_form_fault(call, name, NGX_HTTP_SENT_CONV_E_RANGE,
                                      text);
        return NULL;
    }

    return value;
}


ngx_uint_t
ngx_http_sent_conv_form_null(ngx_http_sent_conv_call_t *call,
    const char *name)
{
    ngx_sent_conv_json_t  *value;

    value = ngx_sent_conv_json_get(call->json, name);

    return value != NULL && value->type == NGX_SENT_CONV_JSON_NULL;
}


void
ngx_http_sent_conv_form_fault(ngx_http_sent_conv_call_t *call,
    const char *field, ngx_http_sent_conv_e error, const char *text)
{
    ngx_http_sent_conv_fault_t  *fault;

    if (call->faults.elts == NULL
        && ngx_array_init(&call->faults, call->request->pool, 4,
                          sizeof(ngx_http_sent_conv_fault_t))
           != NGX_OK)
    {
        call->failed = 1;
        return;
    }

    fault = ngx_array_push(&call->faults);
    if (fault == NULL) {
        call->failed = 1;
        return;
    }

    fault->field = field;
    fault->error = error;
    fault->text = (text != NULL) ? text : ngx_http_sent_conv_error_text(error);
}


ngx_int_t
ngx_http_sent_conv_form_phone(ngx_http_sent_conv_call_t *call,
    const char *name, ngx_str_t *phone)
{
    ngx_sent_conv_json_t  *value;

    value = ngx_http_sent_conv_form_get(call, name,
                                        NGX_SENT_CONV_JSON_STRING, 1);
    if (value == NULL) {
        return NGX_ERROR;
    }

    if (ngx_sent_conv_phone_check(&value->text) != NGX_OK) {
        ngx_http_sent_conv_form_fault(call, name, NGX_HTTP_SENT_CONV_E_PHONE,
                                      NULL);
        return NGX_ERROR;
    }

    *phone = value->text;

    return NGX_OK;
}


ngx_sent_conv_channel_e
ngx_http_sent_conv_form_channel(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_json_t     *value;
    ngx_sent_conv_channel_e   channel;

    value = ngx_http_sent_conv_form_get(call, "channel",
                                        NGX_SENT_CONV_JSON_STRING, 0);
    if (value == NULL) {
        return NGX_SENT_CONV_CHANNELS;
    }

    channel = ngx_sent_conv_channel_parse(&value->text);

    if (channel == NGX_SENT_CONV_CHANNELS) {
        ngx_http_sent_conv_form_fault(call, "channel",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "must be whatsapp, sms or rcs");
    }

    return channel;
}


ngx_uint_t
ngx_http_sent_conv_form_failed(ngx_http_sent_conv_call_t *call)
{
    ngx_uint_t                   i;
    ngx_http_sent_conv_fault_t  *fault;

    if (call->failed) {
        ngx_http_sent_conv_reply_abort(call);
        return 1;
    }

    if (call->faults.nelts == 0) {
        return 0;
    }

    fault = call->faults.elts;

    /* one sentence for all, unless they are of one kind */

    for (i = 1; i < call->faults.nelts; i++) {
        if (fault[i].error != fault[0].error) {
            ngx_http_sent_conv_error(call, fault[0].error,
                                     "The request is not valid.");
            return 1;
        }
    }

    ngx_http_sent_conv_error(call, fault[0].error, NULL);

    return 1;
}


ngx_str_t *
ngx_http_sent_conv_form_id(ngx_http_sent_conv_call_t *call, ngx_uint_t n,
    const char *name)
{
    ngx_str_t  *id;

    id = &call->vars[n];

    id->data = ngx_pstrdup(call->request->pool, id);
    if (id->data == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return NULL;
    }

    if (ngx_sent_conv_uuid_check(id) != NGX_OK) {
        ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_UUID, name,
                                       NULL);
        return NULL;
    }

    return id;
}
