
/*
 * The form of a webhook, all of it or what is to change, with all that is
 * wrong with it.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


#define NGX_HTTP_SENT_CONV_URL_MAX   2048
#define NGX_HTTP_SENT_CONV_NAME_MAX  200


static void ngx_http_sent_conv_hook_url(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_uint_t required);
static void ngx_http_sent_conv_hook_name(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook);
static void ngx_http_sent_conv_hook_numbers(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook);


ngx_int_t
ngx_http_sent_conv_webhook_form(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_uint_t create)
{
    ngx_http_sent_conv_hook_url(call, hook, create);
    ngx_http_sent_conv_hook_name(call, hook);
    ngx_http_sent_conv_webhook_form_events(call, hook, create);
    ngx_http_sent_conv_hook_numbers(call, hook);

    return (call->faults.nelts || call->failed) ? NGX_DECLINED : NGX_OK;
}


ngx_int_t
ngx_http_sent_conv_webhook_apply(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_sent_conv_endpoint_t *ep)
{
    if (hook->named) {
        ep->display_name = hook->ep.display_name;
    }

    if (hook->moved) {
        ep->url = hook->ep.url;
    }

    if (hook->retried) {
        ep->retry_count = hook->ep.retry_count;
    }

    if (hook->timed) {
        ep->timeout = hook->ep.timeout;
    }

    if (hook->limited) {
        ep->rate_limit = hook->ep.rate_limit;
    }

    return ngx_http_sent_conv_webhook_apply_events(call, hook, ep);
}


static void
ngx_http_sent_conv_hook_url(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_uint_t required)
{
    char                  *err;
    ngx_sent_conv_json_t  *value;

    value = ngx_http_sent_conv_form_get(call, "endpoint_url",
                                        NGX_SENT_CONV_JSON_STRING, required);
    if (value == NULL) {
        return;
    }

    if (value->text.len > NGX_HTTP_SENT_CONV_URL_MAX) {
        ngx_http_sent_conv_form_fault(call, "endpoint_url",
                                      NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must be at most 2048 characters");
        return;
    }

    err = NULL;

    if (ngx_sent_conv_url_parse(call->request->pool, &value->text,
                                &hook->url, &err)
        != NGX_OK)
    {
        ngx_http_sent_conv_form_fault(call, "endpoint_url",
                                      NGX_HTTP_SENT_CONV_E_VALUE, err);
        return;
    }

    if (!hook->url.tls && !call->smcf->plain_http) {
        ngx_http_sent_conv_form_fault(call, "endpoint_url",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "must be an https URL");
        return;
    }

    hook->ep.url = value->text;
    hook->moved = 1;
}


static void
ngx_http_sent_conv_hook_name(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook)
{
    ngx_sent_conv_json_t  *value;

    value = ngx_http_sent_conv_form_get(call, "display_name",
                                        NGX_SENT_CONV_JSON_STRING, 0);
    if (value == NULL) {
        return;
    }

    hook->ep.display_name = value->text;
    hook->named = 1;

    if (ngx_sent_conv_utf8_length(&value->text)
        > NGX_HTTP_SENT_CONV_NAME_MAX)
    {
        ngx_http_sent_conv_form_fault(call, "display_name",
                                      NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must be at most 200 characters");
    }
}


static void
ngx_http_sent_conv_hook_numbers(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook)
{
    ngx_sent_conv_json_t  *value;

    value = ngx_http_sent_conv_form_int(call, "retry_count", 1, 5,
                                        "must be from 1 to 5");
    if (value != NULL) {
        hook->ep.retry_count = value->integer;
        hook->retried = 1;
    }

    value = ngx_http_sent_conv_form_int(call, "timeout_seconds", 5, 120,
                                        "must be from 5 to 120");
    if (value != NULL) {
        hook->ep.timeout = value->integer;
        hook->timed = 1;
    }

    hook->limited = ngx_http_sent_conv_form_null(call, "rate_limit");

    value = ngx_http_sent_conv_form_int(call, "rate_limit", 1, 10000,
                                        "must be from 1 to 10000, or null");
    if (value != NULL) {
        hook->ep.rate_limit = value->integer;
        hook->limited = 1;
    }
}
