
/*
 * The form of a webhook, with all that is wrong with it.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


#define NGX_HTTP_SENT_CONV_URL_MAX   2048
#define NGX_HTTP_SENT_CONV_NAME_MAX  200


typedef struct {
    char        *parent;
    char        *name;
    ngx_uint_t   mask;
} ngx_http_sent_conv_event_t;


static void ngx_http_sent_conv_hook_url(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_endpoint_t *ep, ngx_sent_conv_url_t *url);
static void ngx_http_sent_conv_hook_types(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_endpoint_t *ep);
static void ngx_http_sent_conv_hook_filters(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_endpoint_t *ep);
static ngx_uint_t ngx_http_sent_conv_hook_filter(
    ngx_sent_conv_json_t *names);
static ngx_uint_t ngx_http_sent_conv_hook_event(ngx_str_t *parent,
    ngx_str_t *name);
static ngx_int_t ngx_http_sent_conv_hook_json(ngx_pool_t *pool,
    ngx_sent_conv_json_t *value, ngx_str_t *text);


static ngx_http_sent_conv_event_t  ngx_http_sent_conv_events[] = {
    { "conversation", "started", NGX_SENT_CONV_EV_STARTED },
    { "conversation", "message_exchanged",
      NGX_SENT_CONV_EV_MESSAGE_EXCHANGED },
    { "conversation", "ended", NGX_SENT_CONV_EV_ENDED },
    { "conversation", "inactive", NGX_SENT_CONV_EV_INACTIVE },
    { "conversation", "expiring", NGX_SENT_CONV_EV_EXPIRING },
    { "message", "received", NGX_SENT_CONV_EV_RECEIVED },
    { "message", "queued", NGX_SENT_CONV_EV_QUEUED },
    { "message", "sent", NGX_SENT_CONV_EV_SENT },
    { "message", "delivered", NGX_SENT_CONV_EV_DELIVERED },
    { "message", "read", NGX_SENT_CONV_EV_READ },
    { "message", "failed", NGX_SENT_CONV_EV_FAILED },
    { "message", "filtered", NGX_SENT_CONV_EV_FILTERED },
    { "message", "blocked", NGX_SENT_CONV_EV_BLOCKED },
    { NULL, NULL, 0 }
};


void
ngx_http_sent_conv_webhook_form(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_endpoint_t *ep, ngx_sent_conv_url_t *url)
{
    ngx_sent_conv_json_t  *value;

    ngx_http_sent_conv_hook_url(call, ep, url);

    value = ngx_http_sent_conv_form_get(call, "display_name",
                                        NGX_SENT_CONV_JSON_STRING, 0);
    ep->display_name = url->host;

    if (value != NULL) {
        ep->display_name = value->text;

        if (ngx_sent_conv_utf8_length(&value->text)
            > NGX_HTTP_SENT_CONV_NAME_MAX)
        {
            ngx_http_sent_conv_form_fault(call, "display_name",
                                          NGX_HTTP_SENT_CONV_E_RANGE,
                                          "must be at most 200 characters");
        }
    }

    ngx_http_sent_conv_hook_types(call, ep);
    ngx_http_sent_conv_hook_filters(call, ep);

    value = ngx_http_sent_conv_form_int(call, "retry_count", 1, 5,
                                        "must be from 1 to 5");
    ep->retry_count = (value != NULL) ? value->integer : 3;

    value = ngx_http_sent_conv_form_int(call, "timeout_seconds", 5, 120,
                                        "must be from 5 to 120");
    ep->timeout = (value != NULL) ? value->integer : 30;

    value = ngx_http_sent_conv_form_int(call, "rate_limit", 1, 10000,
                                        "must be from 1 to 10000, or null");
    ep->rate_limit = (value != NULL) ? value->integer : 0;
}


static void
ngx_http_sent_conv_hook_url(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_endpoint_t *ep, ngx_sent_conv_url_t *url)
{
    char                  *err;
    ngx_sent_conv_json_t  *value;

    value = ngx_http_sent_conv_form_get(call, "endpoint_url",
                                        NGX_SENT_CONV_JSON_STRING, 1);
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
                                url, &err)
        != NGX_OK)
    {
        ngx_http_sent_conv_form_fault(call, "endpoint_url",
                                      NGX_HTTP_SENT_CONV_E_VALUE, err);
        return;
    }

    if (!url->tls && !call->smcf->plain_http) {
        ngx_http_sent_conv_form_fault(call, "endpoint_url",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "must be an https URL");
        return;
    }

    ep->url = value->text;
}


static void
ngx_http_sent_conv_hook_types(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_endpoint_t *ep)
{
    ngx_uint_t             mask;
    ngx_sent_conv_json_t  *type, *value;

    value = ngx_http_sent_conv_form_get(call, "event_types",
                                        NGX_SENT_CONV_JSON_ARRAY, 1);
    if (value == NULL) {
        return;
    }

    if (value->n == 0) {
        ngx_http_sent_conv_form_fault(call, "event_types",
                                      NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must name at least one type");
        return;
    }

    for (type = value->first; type != NULL; type = type->next) {

        if (type->type != NGX_SENT_CONV_JSON_STRING) {
            ngx_http_sent_conv_form_fault(call, "event_types",
                                          NGX_HTTP_SENT_CONV_E_FORM,
                                          "must be strings");
            return;
        }

        mask = ngx_http_sent_conv_hook_event(&type->text, NULL);

        if (mask == 0) {
            ngx_http_sent_conv_form_fault(call, "event_types",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be of \"conversation\" and "
                                          "\"message\"");
            return;
        }

        ep->mask |= mask;
    }

    if (ngx_http_sent_conv_hook_json(call->request->pool, value,
                                     &ep->event_types)
        != NGX_OK)
    {
        ngx_http_sent_conv_form_fault(call, "event_types",
                                      NGX_HTTP_SENT_CONV_E_VALUE, NULL);
    }
}


static void
ngx_http_sent_conv_hook_filters(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_endpoint_t *ep)
{
    ngx_uint_t             all, mask;
    ngx_sent_conv_json_t  *names, *value;

    ngx_str_set(&ep->event_filters, "null");

    value = ngx_http_sent_conv_form_get(call, "event_filters",
                                        NGX_SENT_CONV_JSON_OBJECT, 0);
    if (value == NULL) {
        return;
    }

    for (names = value->first; names != NULL; names = names->next) {

        all = ngx_http_sent_conv_hook_event(&names->key, NULL);

        if (all == 0 || (ep->mask & all) == 0) {
            ngx_http_sent_conv_form_fault(call, "event_filters",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "its members must be of "
                                          "event_types");
            return;
        }

        if (names->type == NGX_SENT_CONV_JSON_NULL) {
            continue;
        }

        if (names->type != NGX_SENT_CONV_JSON_ARRAY) {
            ngx_http_sent_conv_form_fault(call, "event_filters",
                                          NGX_HTTP_SENT_CONV_E_FORM,
                                          "must be arrays of names of events");
            return;
        }

        mask = ngx_http_sent_conv_hook_filter(names);

        if (mask == 0) {
            ngx_http_sent_conv_form_fault(call, "event_filters",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be arrays of names of events "
                                          "of their type");
            return;
        }

        ep->mask = (ep->mask & ~all) | mask;
    }

    if (ngx_http_sent_conv_hook_json(call->request->pool, value,
                                     &ep->event_filters)
        != NGX_OK)
    {
        ngx_http_sent_conv_form_fault(call, "event_filters",
                                      NGX_HTTP_SENT_CONV_E_VALUE, NULL);
    }
}


/* the mask of an array of names; 0: it is none */

static ngx_uint_t
ngx_http_sent_conv_hook_filter(ngx_sent_conv_json_t *names)
{
    ngx_uint_t             event, mask;
    ngx_sent_conv_json_t  *name;

    mask = 0;

    for (name = names->first; name != NULL; name = name->next) {

        event = 0;

        if (name->type == NGX_SENT_CONV_JSON_STRING) {
            event = ngx_http_sent_conv_hook_event(&names->key, &name->text);
        }

        if (event == 0) {
            return 0;
        }

        mask |= event;
    }

    return mask;
}


/* name NULL: all of the parent */

static ngx_uint_t
ngx_http_sent_conv_hook_event(ngx_str_t *parent, ngx_str_t *name)
{
    ngx_uint_t                   mask;
    ngx_http_sent_conv_event_t  *event;

    mask = 0;

    for (event = ngx_http_sent_conv_events; event->parent; event++) {

        if (parent->len != ngx_strlen(event->parent)
            || ngx_strncmp(parent->data, event->parent, parent->len) != 0)
        {
            continue;
        }

        if (name == NULL
            || (name->len == ngx_strlen(event->name)
                && ngx_strncmp(name->data, event->name, name->len) == 0))
        {
            mask |= event->mask;
        }
    }

    return mask;
}


static ngx_int_t
ngx_http_sent_conv_hook_json(ngx_pool_t *pool, ngx_sent_conv_json_t *value,
    ngx_str_t *text)
{
    ngx_sent_conv_jw_t  w;

    ngx_sent_conv_jw_init(&w, pool, 256);
    ngx_sent_conv_jw_value(&w, NULL, value);

    return ngx_sent_conv_jw_done(&w, text);
}
