
/*
 * An event is sent once more: found, and put at the end of its lane.
 */


#include "ngx_sent_conv_store_events.h"


static void ngx_sent_conv_store_replay_found(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_replay_send(ngx_sent_conv_store_op_t *op,
    ngx_str_t *thread);
static void ngx_sent_conv_store_replay_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_replay_waits(ngx_sent_conv_event_t *event);
static ngx_int_t ngx_sent_conv_store_replay_thread(
    ngx_sent_conv_event_t *event, ngx_str_t *thread);


ngx_int_t
ngx_sent_conv_store_replay(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *endpoint, ngx_str_t *id,
    ngx_uint_t sandbox, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                     rc;
    ngx_sent_conv_store_op_t     *op;
    ngx_sent_conv_store_event_t  *ctx;

    op = ngx_sent_conv_store_event_op(store, customer, endpoint, id, handler,
                                      data);
    if (op == NULL) {
        return NGX_ERROR;
    }

    ctx = op->ctx;
    ctx->sandbox = sandbox ? 1 : 0;

    rc = ngx_sent_conv_store_event_find(op, ngx_sent_conv_store_replay_found);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_replay_found(ngx_sent_conv_store_op_t *op)
{
    ngx_str_t                     thread;
    ngx_sent_conv_store_event_t  *ctx;

    ctx = op->ctx;

    if (!ctx->known
        || ngx_sent_conv_store_replay_thread(&ctx->event, &thread) != NGX_OK)
    {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    if (ngx_sent_conv_store_replay_send(op, &thread) != NGX_OK) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNSENT, NULL);
    }
}


static ngx_int_t
ngx_sent_conv_store_replay_send(ngx_sent_conv_store_op_t *op,
    ngx_str_t *thread)
{
    ngx_msec_t                    delay, lease;
    ngx_sent_conv_store_t        *store;
    ngx_sent_conv_endpoint_t     *endpoint;
    ngx_sent_conv_store_call_t    call;
    ngx_sent_conv_store_event_t  *ctx;

    ctx = op->ctx;
    store = op->store;

    endpoint = ngx_sent_conv_customer_endpoint(op->customer, &ctx->endpoint);

    if (endpoint == NULL) {
        return NGX_ERROR;
    }

    lease = ngx_sent_conv_store_lease(store);
    delay = ngx_sent_conv_store_delay(op, endpoint);

    if (lease == 0) {
        op->wake = 0;
    }

    if (ngx_sent_conv_store_call_init(&call, op, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    call.thread = thread->data;

    ngx_sent_conv_store_call_key(&call, "lanes", NULL);
    ngx_sent_conv_store_call_key(&call, "lane", NULL);
    ngx_sent_conv_store_call_target(&call, &ctx->endpoint);
    ngx_sent_conv_store_call_key(&call, "e", &ctx->endpoint);
    ngx_sent_conv_store_call_key(&call, "d", &ctx->endpoint);
    ngx_sent_conv_store_call_key(&call, "a", &ctx->endpoint);
    ngx_sent_conv_store_call_keys_end(&call);

    ngx_sent_conv_store_call_text(&call, "");
    ngx_sent_conv_store_call_bytes(&call, store->owner, sizeof(store->owner));
    ngx_sent_conv_store_call_number(&call, (int64_t) lease);
    ngx_sent_conv_store_call_str(&call, &op->customer->id);
    ngx_sent_conv_store_call_str(&call, &ctx->id);
    ngx_sent_conv_store_log_age(&call);
    ngx_sent_conv_store_call_number(&call, (int64_t) delay);
    ngx_sent_conv_store_call_number(&call, ctx->sandbox);

    return ngx_sent_conv_store_call_send(&call, NGX_SENT_CONV_S_REPLAY,
                                         ngx_sent_conv_store_replay_done);
}


static void
ngx_sent_conv_store_replay_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_sent_conv_reply_t        *what;
    ngx_sent_conv_store_event_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    ctx = op->ctx;
    what = ngx_sent_conv_reply_at(reply, 0);

    if (ngx_sent_conv_reply_is(what, "NONE") && !ctx->waits) {

        /* it has just been sent, or erased */

        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    if (!ctx->sandbox && ngx_sent_conv_reply_is(what, "WAITS")) {
        op->wake = 0;
    }

    ngx_sent_conv_store_leased(op, reply);

    if (!ctx->waits) {
        ngx_sent_conv_store_replay_waits(&ctx->event);
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &ctx->event);
}


/* what ended waits now */

static void
ngx_sent_conv_store_replay_waits(ngx_sent_conv_event_t *event)
{
    ngx_sent_conv_tried_t  *tried;

    tried = event->tried.elts;

    event->completed_at = 0;
    event->status = event->attempts ? NGX_SENT_CONV_EVENT_RETRYING
                                    : NGX_SENT_CONV_EVENT_PENDING;

    if (event->tried.nelts) {
        event->error = tried[event->tried.nelts - 1].error;

    } else {
        ngx_str_set(&event->error, "null");
    }
}


/* all bodies tell the pair whose lane theirs is */

static ngx_int_t
ngx_sent_conv_store_replay_thread(ngx_sent_conv_event_t *event,
    ngx_str_t *thread)
{
    u_char  *p;

    p = ngx_strnstr(event->body.data, "\"thread_id\":\"", event->body.len);
    if (p == NULL) {
        return NGX_DECLINED;
    }

    thread->data = p + sizeof("\"thread_id\":\"") - 1;
    thread->len = NGX_SENT_CONV_UUID_LEN;

    if (event->body.data + event->body.len - thread->data
        < NGX_SENT_CONV_UUID_LEN)
    {
        return NGX_DECLINED;
    }

    return ngx_sent_conv_uuid_check(thread);
}
