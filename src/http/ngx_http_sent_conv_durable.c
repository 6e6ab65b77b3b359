
/*
 * Durability: an answer that promises something is held until as many
 * replicas have it as were asked for.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static ngx_uint_t ngx_http_sent_conv_durable_asked(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_durable_had(void *data,
    ngx_sent_conv_redis_had_t *had);
static void ngx_http_sent_conv_durable_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_durable_failed(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_redis_had_t *had);
static void ngx_http_sent_conv_durable_count(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_metrics_replicas_e replicas);


/* nothing has been written for the call yet */

void
ngx_http_sent_conv_durable_begin(ngx_http_sent_conv_call_t *call)
{
    call->mark = ngx_sent_conv_store_mark(call->store);
}


/* what was written may have started deliveries: they do not wait */

void
ngx_http_sent_conv_durable_end(ngx_http_sent_conv_call_t *call)
{
    ngx_uint_t  all;

    if (!ngx_http_sent_conv_durable_asked(call)) {
        ngx_http_sent_conv_reply_send(call);
        return;
    }

    /* what is promised again was written before, whoever holds it */

    all = call->replayed || call->status == NGX_HTTP_NOT_FOUND;

    if (ngx_sent_conv_store_replicas(call->store, call->mark, all,
                                     ngx_http_sent_conv_durable_had, call)
        != NGX_OK)
    {
        ngx_http_sent_conv_durable_failed(call, NULL);
        return;
    }

    ngx_http_sent_conv_wait(call, NGX_OK, ngx_http_sent_conv_durable_done);
}


/*
 * What a repeat is told promises what the first answer did: from the record
 * of its Idempotency-Key, or that what was to be deleted is gone.
 */

static ngx_uint_t
ngx_http_sent_conv_durable_asked(ngx_http_sent_conv_call_t *call)
{
    ngx_uint_t  method;

    method = call->request->method;

    if (method == NGX_HTTP_GET || method == NGX_HTTP_HEAD || call->sandbox
        || call->route == NULL)
    {
        return 0;
    }

    if ((call->status < 200 || call->status > 299)
        && !(call->status == 404 && method == NGX_HTTP_DELETE))
    {
        return 0;
    }

    if (call->consent || (call->route->flags & NGX_HTTP_SENT_CONV_CONSENT)) {
        return 1;
    }

    return call->smcf->store.redis.replicas > 0
           && call->slcf->role != NGX_HTTP_SENT_CONV_SANDBOX;
}


static void
ngx_http_sent_conv_durable_had(void *data, ngx_sent_conv_redis_had_t *had)
{
    ngx_http_sent_conv_wait_done(data, NGX_SENT_CONV_OK, had);
}


static void
ngx_http_sent_conv_durable_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_redis_had_t *had = result;

    if (had->enough) {

        if (had->want) {
            ngx_http_sent_conv_durable_count(call, NGX_SENT_CONV_M_ENOUGH);
        }

        ngx_http_sent_conv_reply_send(call);
        return;
    }

    ngx_http_sent_conv_durable_failed(call, had);
}


/* a carrier repeats by itself, which a client is not to do */

static void
ngx_http_sent_conv_durable_failed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_redis_had_t *had)
{
    u_char      *p;
    const char  *text;

    text = "it is not known how many have it";

    ngx_http_sent_conv_durable_count(call, (had != NULL && had->known)
                                           ? NGX_SENT_CONV_M_FEW
                                           : NGX_SENT_CONV_M_UNTOLD);

    if (had != NULL && had->known) {
        p = ngx_pnalloc(call->request->pool,
                        sizeof(" of  have it") + 2 * NGX_INT_T_LEN);
        if (p == NULL) {
            ngx_http_sent_conv_reply_abort(call);
            return;
        }

        ngx_sprintf(p, "%ui of %ui have it%Z", had->have, had->want);
        text = (char *) p;
    }

    if (call->slcf->role == NGX_HTTP_SENT_CONV_CARRIER) {
        call->unsent = 1;

    } else {
        call->unknown = 1;
    }

    call->replayed = 0;
    ngx_str_set(&call->type, "application/json");

    ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_REPLICAS,
                                   "replicas", text);
}


static void
ngx_http_sent_conv_durable_count(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_metrics_replicas_e replicas)
{
    ngx_sent_conv_count(&call->store->metrics->replicas[replicas]);
}
