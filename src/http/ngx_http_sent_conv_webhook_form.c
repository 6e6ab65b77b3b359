
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
static void ngx_http_sent_conv_hook_types(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_uint_t required);
static void ngx_http_sent_conv_hook_filters(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook);
static void ngx_http_sent_conv_hook_numbers(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook);
static ngx_uint_t ngx_http_sent_conv_hook_null(
    ngx_http_sent_conv_call_t *call, const char *name);
static ngx_int_t ngx_http_sent_conv_hook_events(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_hook_t *hook,
    ngx_sent_conv_endpoint_t *ep);
static ngx_sent_conv_json_t *ngx_http_sent_conv_hook_stored(
    ngx_pool_t *pool, ngx_str_t *text);
static ngx_uint_t ngx_http_sent_conv_hook_mask(ngx_sent_conv_json_t *types);
static ngx_int_t ngx_http_sent_conv_hook_narrow(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_json_t *filters,
    ngx_uint_t given, ngx_sent_conv_endpoint_t *ep);
static ngx_uint_t ngx_http_sent_conv_hook_filter(
    ngx_sent_conv_json_t *names);
static ngx_int_t ngx_http_sent_conv_hook_json(ngx_pool_t *pool,
    ngx_sent_conv_json_t *value, ngx_str_t *text);


ngx_int_t
ngx_http_sent_conv_webhook_form(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_uint_t create)
{
    ngx_http_sent_conv_hook_url(call, hook, create);
    ngx_http_sent_conv_hook_name(call, hook);
    ngx_http_sent_conv_hook_types(call, hook, create);
    ngx_http_sent_conv_hook_filters(call, hook);
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

    if (hook->types == NULL && hook->filters == NULL && !hook->unfiltered) {
        return NGX_OK;
    }

    return ngx_http_sent_conv_hook_events(call, hook, ep);
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
ngx_http_sent_conv_hook_types(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_uint_t required)
{
    ngx_sent_conv_json_t  *type, *value;

    value = ngx_http_sent_conv_form_get(call, "event_types",
                                        NGX_SENT_CONV_JSON_ARRAY, required);
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

        if (ngx_http_sent_conv_event_mask(&type->text, NULL) == 0) {
            ngx_http_sent_conv_form_fault(call, "event_types",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be of \"conversation\" and "
                                          "\"message\"");
            return;
        }
    }

    hook->types = value;
}


static void
ngx_http_sent_conv_hook_filters(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook)
{
    ngx_sent_conv_json_t  *names, *value;

    hook->unfiltered = ngx_http_sent_conv_hook_null(call, "event_filters");

    value = ngx_http_sent_conv_form_get(call, "event_filters",
                                        NGX_SENT_CONV_JSON_OBJECT, 0);
    if (value == NULL) {
        return;
    }

    for (names = value->first; names != NULL; names = names->next) {

        if (names->type == NGX_SENT_CONV_JSON_NULL) {
            continue;
        }

        if (names->type != NGX_SENT_CONV_JSON_ARRAY) {
            ngx_http_sent_conv_form_fault(call, "event_filters",
                                          NGX_HTTP_SENT_CONV_E_FORM,
                                          "must be arrays of names of events");
            return;
        }
    }

    hook->filters = value;
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

    hook->limited = ngx_http_sent_conv_hook_null(call, "rate_limit");

    value = ngx_http_sent_conv_form_int(call, "rate_limit", 1, 10000,
                                        "must be from 1 to 10000, or null");
    if (value != NULL) {
        hook->ep.rate_limit = value->integer;
        hook->limited = 1;
    }
}


static ngx_uint_t
ngx_http_sent_conv_hook_null(ngx_http_sent_conv_call_t *call,
    const char *name)
{
    ngx_sent_conv_json_t  *value;

    value = ngx_sent_conv_json_get(call->json, name);

    return value != NULL && value->type == NGX_SENT_CONV_JSON_NULL;
}


/*
 * Types and filters are of one piece: what was not given is as it stands,
 * but filters of types that it has no more are dropped.
 */

static ngx_int_t
ngx_http_sent_conv_hook_events(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_sent_conv_endpoint_t *ep)
{
    ngx_pool_t            *pool;
    ngx_sent_conv_json_t  *filters, *types;

    pool = call->request->pool;
    types = hook->types;
    filters = hook->filters;

    if (types == NULL) {
        types = ngx_http_sent_conv_hook_stored(pool, &ep->event_types);

    } else if (ngx_http_sent_conv_hook_json(pool, types, &ep->event_types)
               != NGX_OK)
    {
        call->failed = 1;
        return NGX_ABORT;
    }

    if (filters == NULL && !hook->unfiltered) {
        filters = ngx_http_sent_conv_hook_stored(pool, &ep->event_filters);
    }

    ep->mask = ngx_http_sent_conv_hook_mask(types);

    return ngx_http_sent_conv_hook_narrow(call, filters,
                                          hook->filters != NULL, ep);
}


/* NULL: there is none, or it cannot be read */

static ngx_sent_conv_json_t *
ngx_http_sent_conv_hook_stored(ngx_pool_t *pool, ngx_str_t *text)
{
    char                  *err;
    ngx_sent_conv_json_t  *value;

    if (text->len == 0
        || ngx_sent_conv_json_parse_str(pool, text, &value, &err) != NGX_OK
        || value->type == NGX_SENT_CONV_JSON_NULL)
    {
        return NULL;
    }

    return value;
}


static ngx_uint_t
ngx_http_sent_conv_hook_mask(ngx_sent_conv_json_t *types)
{
    ngx_uint_t             mask;
    ngx_sent_conv_json_t  *type;

    mask = 0;

    if (types != NULL) {
        for (type = types->first; type != NULL; type = type->next) {
            mask |= ngx_http_sent_conv_event_mask(&type->text, NULL);
        }
    }

    return mask;
}


static ngx_int_t
ngx_http_sent_conv_hook_narrow(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_json_t *filters, ngx_uint_t given,
    ngx_sent_conv_endpoint_t *ep)
{
    ngx_uint_t             all, mask;
    ngx_sent_conv_json_t  *names, *next, **last;

    if (filters == NULL) {
        ngx_str_set(&ep->event_filters, "null");
        return NGX_OK;
    }

    last = &filters->first;

    for (names = filters->first; names != NULL; names = next) {

        next = names->next;
        all = ngx_http_sent_conv_event_mask(&names->key, NULL);

        if ((ep->mask & all) == 0) {

            if (given) {
                ngx_http_sent_conv_form_fault(call, "event_filters",
                                              NGX_HTTP_SENT_CONV_E_VALUE,
                                              "its members must be of "
                                              "event_types");
                return NGX_ABORT;
            }

            *last = next;
            filters->n--;
            continue;
        }

        last = &names->next;

        if (names->type == NGX_SENT_CONV_JSON_NULL) {
            continue;
        }

        mask = ngx_http_sent_conv_hook_filter(names);

        if (mask == 0) {
            ngx_http_sent_conv_form_fault(call, "event_filters",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be arrays of names of events "
                                          "of their type");
            return NGX_ABORT;
        }

        ep->mask = (ep->mask & ~all) | mask;
    }

    if (filters->n == 0 && !given) {
        ngx_str_set(&ep->event_filters, "null");
        return NGX_OK;
    }

    if (ngx_http_sent_conv_hook_json(call->request->pool, filters,
                                     &ep->event_filters)
        != NGX_OK)
    {
        call->failed = 1;
        return NGX_ABORT;
    }

    return NGX_OK;
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
            event = ngx_http_sent_conv_event_mask(&names->key, &name->text);
        }

        if (event == 0) {
            return 0;
        }

        mask |= event;
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
