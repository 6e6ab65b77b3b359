
/*
 * POST /v3/webhooks/{id}/rotate-secret: another secret, shown once; the
 * former ones sign on for a day.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


/* ms that a former secret signs on */
#define NGX_HTTP_SENT_CONV_OVERLAP  86400000


typedef struct {
    ngx_str_t  id;                   /* of the rotation */
    ngx_str_t  secret;
    uint64_t   now;
} ngx_http_sent_conv_rotation_t;


static ngx_int_t ngx_http_sent_conv_rotate_make(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_rotation_t *rotation);
static ngx_int_t ngx_http_sent_conv_rotate_edit(void *data,
    ngx_sent_conv_endpoint_t *ep);
static void ngx_http_sent_conv_rotate_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_rotate_reply(ngx_http_sent_conv_call_t *call,
    ngx_str_t *secret);
static void ngx_http_sent_conv_rotate_write(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_jw_t *w, ngx_str_t *secret);


void
ngx_http_sent_conv_webhook_rotate(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                       rc;
    ngx_sent_conv_endpoint_t       *ep;
    ngx_http_sent_conv_rotation_t  *rotation;

    ep = ngx_http_sent_conv_webhook_find(call);
    if (ep == NULL) {
        return;
    }

    rotation = ngx_pcalloc(call->request->pool,
                           sizeof(ngx_http_sent_conv_rotation_t));

    if (rotation == NULL
        || ngx_http_sent_conv_rotate_make(call, rotation) != NGX_OK)
    {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (call->sandbox) {
        ngx_http_sent_conv_rotate_reply(call, &rotation->secret);
        return;
    }

    rc = ngx_sent_conv_store_webhook_edit(call->store, &call->customer->id,
                                          &ep->id,
                                          ngx_http_sent_conv_rotate_edit,
                                          rotation,
                                          ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_rotate_done);
}


static ngx_int_t
ngx_http_sent_conv_rotate_make(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_rotation_t *rotation)
{
    u_char      *p;
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    rotation->now = (uint64_t) tp->sec * 1000 + tp->msec;
    rotation->id = call->id;

    if (rotation->id.len == 0) {

        p = ngx_pnalloc(call->request->pool, NGX_SENT_CONV_UUID_LEN);

        if (p == NULL || ngx_sent_conv_store_uuid(p, NULL) != NGX_OK) {
            return NGX_ERROR;
        }

        rotation->id.data = p;
        rotation->id.len = NGX_SENT_CONV_UUID_LEN;
    }

    return ngx_http_sent_conv_webhook_secret(call, &rotation->secret);
}


/*
 * A repeat of the request that did the last rotation is given its secret: it
 * may be that nobody has seen it, and one more would be one too many.
 */

static ngx_int_t
ngx_http_sent_conv_rotate_edit(void *data, ngx_sent_conv_endpoint_t *ep)
{
    ngx_http_sent_conv_rotation_t *rotation = data;

    ngx_uint_t              i, n;
    ngx_sent_conv_secret_t  secrets[NGX_SENT_CONV_SECRETS];

    if (ep->rotation.len == rotation->id.len
        && ngx_memcmp(ep->rotation.data, rotation->id.data,
                      rotation->id.len)
           == 0)
    {
        return NGX_DONE;
    }

    ngx_memzero(secrets, sizeof(secrets));

    secrets[0].text = rotation->secret;
    n = 1;

    ep->secrets[0].until = rotation->now + NGX_HTTP_SENT_CONV_OVERLAP;

    for (i = 0; i < ep->nsecrets && n < NGX_SENT_CONV_SECRETS; i++) {
        if (ep->secrets[i].until > rotation->now) {
            secrets[n++] = ep->secrets[i];
        }
    }

    ngx_memcpy(ep->secrets, secrets, sizeof(secrets));

    ep->nsecrets = n;
    ep->rotation = rotation->id;
    ep->updated_at = rotation->now;

    return NGX_OK;
}


static void
ngx_http_sent_conv_rotate_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_webhook_t *changed = result;

    if (ngx_http_sent_conv_webhook_changed(call, err, changed) == NGX_OK) {
        ngx_http_sent_conv_rotate_reply(call,
                                       &changed->endpoint.secrets[0].text);
    }
}


/* what is kept under an idempotency key never holds the secret */

static void
ngx_http_sent_conv_rotate_reply(ngx_http_sent_conv_call_t *call,
    ngx_str_t *secret)
{
    ngx_sent_conv_jw_t  w;

    if (call->held) {
        ngx_http_sent_conv_rotate_write(call, &w, NULL);

        if (ngx_http_sent_conv_reply_text(call, &w, &call->record)
            != NGX_OK)
        {
            ngx_http_sent_conv_reply_abort(call);
            return;
        }
    }

    ngx_http_sent_conv_rotate_write(call, &w, secret);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static void
ngx_http_sent_conv_rotate_write(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_jw_t *w, ngx_str_t *secret)
{
    ngx_http_sent_conv_reply_open(call, w, 256);

    ngx_sent_conv_jw_open(w, "data", '{');
    ngx_sent_conv_jw_str(w, "signing_secret", secret);
    ngx_sent_conv_jw_close(w, '}');
}
