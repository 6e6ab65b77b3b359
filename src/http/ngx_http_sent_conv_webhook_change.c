
/*
 * PUT /v3/webhooks/{id} and its toggle-status: a webhook that changes.  What
 * is written is made of what stands then; before that it is tried on what is
 * known, so that a form that cannot be applied changes nothing.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static ngx_http_sent_conv_hook_t *ngx_http_sent_conv_hook_create(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_edit_pt edit);
static ngx_int_t ngx_http_sent_conv_put_edit(void *data,
    ngx_sent_conv_endpoint_t *ep);
static ngx_int_t ngx_http_sent_conv_toggle_edit(void *data,
    ngx_sent_conv_endpoint_t *ep);
static void ngx_http_sent_conv_hook_change(ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_hook_fares(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_hook_changed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_hook_reply(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_endpoint_t *ep);


void
ngx_http_sent_conv_webhook_put(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_hook_t  *hook;

    hook = ngx_http_sent_conv_hook_create(call, ngx_http_sent_conv_put_edit);
    if (hook == NULL) {
        return;
    }

    if (ngx_http_sent_conv_webhook_form(call, hook, 0) == NGX_OK) {
        (void) ngx_http_sent_conv_put_edit(call, &hook->would);
    }

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    if (hook->moved) {
        ngx_http_sent_conv_webhook_resolve(call, hook,
                                           ngx_http_sent_conv_hook_change);
        return;
    }

    ngx_http_sent_conv_hook_change(call);
}


static ngx_int_t
ngx_http_sent_conv_put_edit(void *data, ngx_sent_conv_endpoint_t *ep)
{
    ngx_http_sent_conv_call_t *call = data;

    ngx_time_t  *tp;

    tp = ngx_timeofday();
    ep->updated_at = (uint64_t) tp->sec * 1000 + tp->msec;

    return ngx_http_sent_conv_webhook_apply(call, call->data, ep);
}


void
ngx_http_sent_conv_webhook_toggle(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_json_t       *active;
    ngx_http_sent_conv_hook_t  *hook;

    hook = ngx_http_sent_conv_hook_create(call,
                                          ngx_http_sent_conv_toggle_edit);
    if (hook == NULL) {
        return;
    }

    active = ngx_http_sent_conv_form_get(call, "is_active",
                                         NGX_SENT_CONV_JSON_BOOL, 1);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    hook->active = active->integer ? 1 : 0;

    ngx_http_sent_conv_hook_change(call);
}


static ngx_int_t
ngx_http_sent_conv_toggle_edit(void *data, ngx_sent_conv_endpoint_t *ep)
{
    ngx_http_sent_conv_call_t *call = data;

    ngx_time_t                 *tp;
    ngx_http_sent_conv_hook_t  *hook;

    hook = call->data;

    if (ep->is_active == hook->active) {
        return NGX_DONE;
    }

    tp = ngx_timeofday();

    ep->is_active = hook->active;
    ep->updated_at = (uint64_t) tp->sec * 1000 + tp->msec;
    ngx_str_null(&ep->disabled_reason);

    /* as it will be: the store forgets them with the same write */

    if (hook->active) {
        hook->health.failures = 0;
    }

    return NGX_OK;
}


/* NULL: it has been answered */

static ngx_http_sent_conv_hook_t *
ngx_http_sent_conv_hook_create(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_edit_pt edit)
{
    ngx_sent_conv_endpoint_t   *ep;
    ngx_http_sent_conv_hook_t  *hook;

    ep = ngx_http_sent_conv_webhook_find(call);
    if (ep == NULL) {
        return NULL;
    }

    hook = ngx_pcalloc(call->request->pool,
                       sizeof(ngx_http_sent_conv_hook_t));
    if (hook == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return NULL;
    }

    hook->would = *ep;
    hook->edit = edit;

    call->data = hook;

    return hook;
}


static void
ngx_http_sent_conv_hook_change(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t  rc;

    rc = ngx_sent_conv_store_health(call->store, &call->customer->id,
                                    ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_hook_fares);
}


static void
ngx_http_sent_conv_hook_fares(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_int_t                   rc;
    ngx_sent_conv_health_t     *health;
    ngx_http_sent_conv_hook_t  *hook;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNSENT);
        return;
    }

    hook = call->data;

    health = ngx_http_sent_conv_webhook_health(result, &hook->would.id);

    if (health != NULL) {
        hook->health = *health;
    }

    if (call->sandbox) {
        (void) hook->edit(call, &hook->would);

        ngx_http_sent_conv_hook_reply(call, &hook->would);
        return;
    }

    rc = ngx_sent_conv_store_webhook_edit(call->store, &call->customer->id,
                                          &hook->would.id, hook->edit, call,
                                          ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_hook_changed);
}


static void
ngx_http_sent_conv_hook_changed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_webhook_t *changed = result;

    if (ngx_http_sent_conv_webhook_changed(call, err, changed) == NGX_OK) {
        ngx_http_sent_conv_hook_reply(call, &changed->endpoint);
    }
}


ngx_int_t
ngx_http_sent_conv_webhook_changed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, ngx_sent_conv_webhook_t *changed)
{
    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return NGX_DONE;
    }

    switch (changed->rc) {

    case NGX_OK:
        return NGX_OK;

    case NGX_DECLINED:
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_WEBHOOK, NULL);
        return NGX_DONE;

    case NGX_ABORT:

        /* another change came between, and left no room for this one */

        if (!ngx_http_sent_conv_form_failed(call)) {
            ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_RANGE,
                                     "There are 20 webhooks already.");
        }

        return NGX_DONE;

    default: /* NGX_BUSY */
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNSENT);
        return NGX_DONE;
    }
}


static void
ngx_http_sent_conv_hook_reply(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_endpoint_t *ep)
{
    ngx_sent_conv_jw_t          w;
    ngx_http_sent_conv_hook_t  *hook;

    hook = call->data;

    ngx_http_sent_conv_reply_open(call, &w, 1024);
    ngx_http_sent_conv_webhook_write(&w, "data", ep, &hook->health, NULL);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}
