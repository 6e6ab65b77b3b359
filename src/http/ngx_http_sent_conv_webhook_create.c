
/*
 * POST /v3/webhooks: the addresses of its host, its secret.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


/* within NGX_SENT_CONV_IDEM_LOCK, with what follows it */
#define NGX_HTTP_SENT_CONV_RESOLVE_MAX  3000


static void ngx_http_sent_conv_webhook_make(ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_webhook_resolved(void *data, ngx_int_t rc,
    const char *why, struct sockaddr *sockaddr, socklen_t socklen);
static void ngx_http_sent_conv_webhook_checked(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static ngx_int_t ngx_http_sent_conv_webhook_finish(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_endpoint_t *ep);
static void ngx_http_sent_conv_webhook_stored(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_webhook_reply(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_endpoint_t *ep);


void
ngx_http_sent_conv_webhook_create(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_endpoint_t   *ep;
    ngx_http_sent_conv_hook_t  *hook;

    hook = ngx_pcalloc(call->request->pool,
                       sizeof(ngx_http_sent_conv_hook_t));
    if (hook == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->data = hook;
    ep = &hook->ep;

    ep->retry_count = 3;
    ep->timeout = 30;
    ngx_str_set(&ep->event_filters, "null");

    if (ngx_http_sent_conv_webhook_form(call, hook, 1) == NGX_OK) {
        (void) ngx_http_sent_conv_webhook_apply(call, hook, ep);
    }

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    if (!hook->named) {
        ep->display_name = hook->url.host;
    }

    ngx_http_sent_conv_webhook_resolve(call, hook,
                                       ngx_http_sent_conv_webhook_make);
}


void
ngx_http_sent_conv_webhook_resolve(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_http_sent_conv_run_pt next)
{
    ngx_http_request_t        *r;
    ngx_http_core_loc_conf_t  *clcf, conf;

    r = call->request;
    hook->next = next;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    conf = *clcf;
    conf.resolver_timeout = ngx_min(clcf->resolver_timeout,
                                    NGX_HTTP_SENT_CONV_RESOLVE_MAX);

    ngx_http_sent_conv_resolve(&hook->resolve, &conf, &call->smcf->networks,
                               r->pool, &hook->url.host, hook->url.port,
                               ngx_http_sent_conv_webhook_resolved, call);

    if (hook->resolved) {
        ngx_http_sent_conv_webhook_checked(call, NGX_SENT_CONV_OK, NULL);
        return;
    }

    hook->waits = 1;

    ngx_http_sent_conv_wait_other(call, NGX_OK,
                                  ngx_http_sent_conv_webhook_checked);
}


/* possibly from within the call that began it */

static void
ngx_http_sent_conv_webhook_resolved(void *data, ngx_int_t rc, const char *why,
    struct sockaddr *sockaddr, socklen_t socklen)
{
    ngx_http_sent_conv_call_t *call = data;

    ngx_http_sent_conv_hook_t  *hook;

    hook = call->data;

    hook->rc = rc;
    hook->why = why;
    hook->resolved = 1;

    if (hook->waits) {
        ngx_http_sent_conv_wait_done(call, NGX_SENT_CONV_OK, NULL);
    }
}


static void
ngx_http_sent_conv_webhook_checked(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_http_sent_conv_hook_t  *hook;

    hook = call->data;

    if (hook->rc != NGX_OK) {
        ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_VALUE,
                                       "endpoint_url",
                                       (hook->why != NULL) ? hook->why
                                       : "The host cannot be resolved.");
        return;
    }

    hook->next(call);
}


static void
ngx_http_sent_conv_webhook_make(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                   rc;
    ngx_sent_conv_webhook_t     made;
    ngx_http_sent_conv_hook_t  *hook;

    hook = call->data;

    if (ngx_http_sent_conv_webhook_finish(call, &hook->ep) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (call->sandbox) {
        made.endpoint = hook->ep;
        made.rc = (call->customer->endpoints.nelts
                   >= NGX_SENT_CONV_MAX_ENDPOINTS) ? NGX_ABORT : NGX_OK;

        ngx_http_sent_conv_webhook_stored(call, NGX_SENT_CONV_OK, &made);
        return;
    }

    rc = ngx_sent_conv_store_webhook_create(call->store, &call->customer->id,
                                            &hook->ep,
                                            ngx_http_sent_conv_wait_done,
                                            call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_webhook_stored);
}


/* its id and secret */

static ngx_int_t
ngx_http_sent_conv_webhook_finish(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_endpoint_t *ep)
{
    u_char      *p;
    ngx_time_t  *tp;

    p = ngx_pnalloc(call->request->pool, NGX_SENT_CONV_UUID_LEN);

    if (p == NULL
        || ngx_http_sent_conv_webhook_secret(call, &ep->secrets[0].text)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ep->nsecrets = 1;

    ep->id = call->id;

    if (ep->id.len == 0) {

        if (ngx_sent_conv_store_uuid(p, NULL) != NGX_OK) {
            return NGX_ERROR;
        }

        ep->id.data = p;
        ep->id.len = NGX_SENT_CONV_UUID_LEN;
    }

    tp = ngx_timeofday();

    ep->created_at = (uint64_t) tp->sec * 1000 + tp->msec;
    ep->updated_at = ep->created_at;
    ep->is_active = 1;

    return NGX_OK;
}


ngx_int_t
ngx_http_sent_conv_webhook_secret(ngx_http_sent_conv_call_t *call,
    ngx_str_t *secret)
{
    u_char  random[32];

    secret->len = NGX_SENT_CONV_SECRET_LEN;
    secret->data = ngx_pnalloc(call->request->pool, secret->len);

    if (secret->data == NULL
        || ngx_sent_conv_store_random(random, sizeof(random)) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_sign_secret(secret->data, random);
    ngx_memzero(random, sizeof(random));

    return NGX_OK;
}


/* one that an earlier run has made is what it was: its secret may be known */

static void
ngx_http_sent_conv_webhook_stored(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_webhook_t *made = result;

    if (ngx_http_sent_conv_webhook_changed(call, err, made) == NGX_OK) {
        ngx_http_sent_conv_webhook_reply(call, &made->endpoint);
    }
}


/* what is kept under an idempotency key never holds the secret */

static void
ngx_http_sent_conv_webhook_reply(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_endpoint_t *ep)
{
    ngx_sent_conv_jw_t  w;

    if (call->held) {
        ngx_http_sent_conv_reply_open(call, &w, 1024);
        ngx_http_sent_conv_webhook_write(&w, "data", ep, NULL, NULL);

        if (ngx_http_sent_conv_reply_text(call, &w, &call->record)
            != NGX_OK)
        {
            ngx_http_sent_conv_reply_abort(call);
            return;
        }
    }

    ngx_http_sent_conv_reply_open(call, &w, 1024);
    ngx_http_sent_conv_webhook_write(&w, "data", ep, NULL,
                                     &ep->secrets[0].text);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_CREATED);
}
