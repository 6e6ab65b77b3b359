
/*
 * GET and DELETE under /v3/webhooks, and a webhook as JSON.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


typedef struct {
    ngx_http_sent_conv_page_t   page;
    ngx_str_t                   search;
    ngx_int_t                   active;      /* -1 = any */
} ngx_http_sent_conv_hooks_t;


static void ngx_http_sent_conv_webhooks_query(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_hooks_t *hooks);
static void ngx_http_sent_conv_webhooks_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static ngx_uint_t ngx_http_sent_conv_webhooks_match(
    ngx_http_sent_conv_hooks_t *hooks, ngx_sent_conv_endpoint_t *ep);
static void ngx_http_sent_conv_webhook_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_webhook_deleted(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);


void
ngx_http_sent_conv_webhooks(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                    rc;
    ngx_http_sent_conv_hooks_t  *hooks;

    hooks = ngx_pcalloc(call->request->pool,
                        sizeof(ngx_http_sent_conv_hooks_t));
    if (hooks == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->data = hooks;

    ngx_http_sent_conv_webhooks_query(call, hooks);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    rc = ngx_sent_conv_store_health(call->store, &call->customer->id,
                                    ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_webhooks_done);
}


static void
ngx_http_sent_conv_webhooks_query(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hooks_t *hooks)
{
    ngx_str_t  value;

    hooks->active = -1;

    ngx_http_sent_conv_query_offset(call, &hooks->page);

    (void) ngx_http_sent_conv_query_get(call, "search", &hooks->search);

    if (ngx_http_sent_conv_query_get(call, "is_active", &value) == NGX_OK) {

        if (value.len == 4 && ngx_strncmp(value.data, "true", 4) == 0) {
            hooks->active = 1;

        } else if (value.len == 5
                   && ngx_strncmp(value.data, "false", 5) == 0)
        {
            hooks->active = 0;

        } else {
            ngx_http_sent_conv_form_fault(call, "is_active",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be true or false");
        }
    }
}


static void
ngx_http_sent_conv_webhooks_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_array_t *healths = result;

    ngx_uint_t                   i, total;
    ngx_sent_conv_jw_t           w;
    ngx_sent_conv_endpoint_t    *ep;
    ngx_http_sent_conv_hooks_t  *hooks;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    hooks = call->data;
    ep = call->customer->endpoints.elts;
    total = 0;

    ngx_http_sent_conv_reply_open(call, &w, 4096);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "webhooks", '[');

    for (i = call->customer->endpoints.nelts; i > 0; i--) {

        if (!ngx_http_sent_conv_webhooks_match(hooks, &ep[i - 1])) {
            continue;
        }

        if (total >= hooks->page.offset
            && total < hooks->page.offset + hooks->page.size)
        {
            ngx_http_sent_conv_webhook_write(&w, NULL, &ep[i - 1],
                          ngx_http_sent_conv_webhook_health(healths,
                                                            &ep[i - 1].id),
                          NULL);
        }

        total++;
    }

    ngx_sent_conv_jw_close(&w, ']');

    ngx_http_sent_conv_query_offsets(&w, &hooks->page, total);

    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static ngx_uint_t
ngx_http_sent_conv_webhooks_match(ngx_http_sent_conv_hooks_t *hooks,
    ngx_sent_conv_endpoint_t *ep)
{
    if (hooks->active != -1 && hooks->active != (ngx_int_t) ep->is_active) {
        return 0;
    }

    if (hooks->search.len == 0) {
        return 1;
    }

    return ngx_strlcasestrn(ep->display_name.data,
                            ep->display_name.data + ep->display_name.len,
                            hooks->search.data, hooks->search.len - 1)
           != NULL
           || ngx_strlcasestrn(ep->url.data, ep->url.data + ep->url.len,
                               hooks->search.data, hooks->search.len - 1)
              != NULL;
}


ngx_sent_conv_health_t *
ngx_http_sent_conv_webhook_health(ngx_array_t *healths, ngx_str_t *id)
{
    ngx_uint_t               i;
    ngx_sent_conv_health_t  *health;

    if (healths == NULL) {
        return NULL;
    }

    health = healths->elts;

    for (i = 0; i < healths->nelts; i++) {

        if (health[i].id.len == id->len
            && ngx_memcmp(health[i].id.data, id->data, id->len) == 0)
        {
            return &health[i];
        }
    }

    return NULL;
}


ngx_sent_conv_endpoint_t *
ngx_http_sent_conv_webhook_find(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t                 *id;
    ngx_sent_conv_endpoint_t  *ep;

    if (ngx_http_sent_conv_form_failed(call)) {
        return NULL;
    }

    id = ngx_http_sent_conv_form_id(call, 0, "id");
    if (id == NULL) {
        return NULL;
    }

    ep = ngx_sent_conv_customer_endpoint(call->customer, id);
    if (ep == NULL) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_WEBHOOK,
                                 NULL);
    }

    return ep;
}


void
ngx_http_sent_conv_webhook(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                  rc;
    ngx_sent_conv_endpoint_t  *ep;

    ep = ngx_http_sent_conv_webhook_find(call);
    if (ep == NULL) {
        return;
    }

    call->data = ep;

    rc = ngx_sent_conv_store_health(call->store, &call->customer->id,
                                    ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_webhook_done);
}


static void
ngx_http_sent_conv_webhook_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_jw_t         w;
    ngx_sent_conv_endpoint_t  *ep;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    ep = call->data;

    ngx_http_sent_conv_reply_open(call, &w, 1024);
    ngx_http_sent_conv_webhook_write(&w, "data", ep,
                           ngx_http_sent_conv_webhook_health(result, &ep->id),
                           NULL);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


void
ngx_http_sent_conv_webhook_delete(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                  rc;
    ngx_sent_conv_endpoint_t  *ep;

    ep = ngx_http_sent_conv_webhook_find(call);
    if (ep == NULL) {
        return;
    }

    if (call->sandbox) {
        ngx_http_sent_conv_reply_status(call, NGX_HTTP_NO_CONTENT);
        return;
    }

    rc = ngx_sent_conv_store_webhook_delete(call->store, &call->customer->id,
                                            &ep->id,
                                            ngx_http_sent_conv_wait_done,
                                            call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_webhook_deleted);
}


static void
ngx_http_sent_conv_webhook_deleted(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    ngx_http_sent_conv_reply_status(call, NGX_HTTP_NO_CONTENT);
}


void
ngx_http_sent_conv_webhook_write(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_endpoint_t *ep, ngx_sent_conv_health_t *health,
    ngx_str_t *secret)
{
    ngx_sent_conv_jw_open(w, name, '{');

    ngx_sent_conv_jw_str(w, "id", &ep->id);
    ngx_sent_conv_jw_str(w, "display_name", &ep->display_name);
    ngx_sent_conv_jw_str(w, "endpoint_url", &ep->url);
    ngx_sent_conv_jw_raw(w, "event_types", &ep->event_types);
    ngx_sent_conv_jw_raw(w, "event_filters", &ep->event_filters);
    ngx_sent_conv_jw_int(w, "retry_count", ep->retry_count);
    ngx_sent_conv_jw_int(w, "timeout_seconds", ep->timeout);

    if (ep->rate_limit) {
        ngx_sent_conv_jw_int(w, "rate_limit", ep->rate_limit);

    } else {
        ngx_sent_conv_jw_null(w, "rate_limit");
    }

    ngx_sent_conv_jw_bool(w, "is_active", ep->is_active);
    ngx_sent_conv_jw_str(w, "disabled_reason",
                         ep->disabled_reason.len ? &ep->disabled_reason
                         : NULL);
    ngx_sent_conv_jw_str(w, "signing_secret", secret);
    ngx_sent_conv_jw_int(w, "consecutive_failures",
                         health ? health->failures : 0);
    ngx_sent_conv_jw_time(w, "last_delivery_attempt_at",
                          health ? health->last_attempt : 0);
    ngx_sent_conv_jw_time(w, "last_successful_delivery_at",
                          health ? health->last_success : 0);
    ngx_sent_conv_jw_time(w, "created_at", ep->created_at);
    ngx_sent_conv_jw_time(w, "updated_at", ep->updated_at);

    ngx_sent_conv_jw_close(w, '}');
}
