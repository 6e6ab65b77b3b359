
/*
 * The form of a webhook, what it subscribes to: types of events and their
 * filters, and the mask that both make.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static void ngx_http_sent_conv_hook_types(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_uint_t required);
static void ngx_http_sent_conv_hook_filters(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook);
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


void
ngx_http_sent_conv_webhook_form_events(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_uint_t required)
{
    ngx_http_sent_conv_hook_types(call, hook, required);
    ngx_http_sent_conv_hook_filters(call, hook);
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

    hook->unfiltered = ngx_http_sent_conv_form_null(call, "event_filters");

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


/*
 * Types and filters are of one piece: what was not given is as it stands,
 * but filters of types that it has no more are dropped.
 */

ngx_int_t
ngx_http_sent_conv_webhook_apply_events(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_sent_conv_endpoint_t *ep)
{
    ngx_pool_t            *pool;
    ngx_sent_conv_json_t  *filters, *types;

    if (hook->types == NULL && hook->filters == NULL && !hook->unfiltered) {
        return NGX_OK;
    }

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
