
/*
 * One event of an endpoint: where it is, and what became of it.
 */


#include "ngx_sent_conv_store_events.h"


/* lanes on which an event of which nothing is noted is looked for */
#define NGX_SENT_CONV_STORE_EVENT_LANES  1000

/* of one lane, at a time */
#define NGX_SENT_CONV_STORE_EVENT_ITEMS  100


static void ngx_sent_conv_store_event_found(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_event_ended(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_store_where_e where, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_event_lanes(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_event_lane(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_event_waits(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_event_t *event, ngx_uint_t place);
static void ngx_sent_conv_store_event_looked(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_event_shown(ngx_sent_conv_store_op_t *op);


ngx_int_t
ngx_sent_conv_store_event(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *endpoint, ngx_str_t *id,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_event_op(store, customer, endpoint, id, handler,
                                      data);
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_event_find(op, ngx_sent_conv_store_event_shown);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


ngx_sent_conv_store_op_t *
ngx_sent_conv_store_event_op(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *endpoint, ngx_str_t *id,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_sent_conv_store_op_t     *op;
    ngx_sent_conv_store_event_t  *ctx;

    op = ngx_sent_conv_store_op_create(store, customer, handler, data,
                                       sizeof(ngx_sent_conv_store_event_t));
    if (op == NULL) {
        return NULL;
    }

    ctx = op->ctx;

    op->partition = ngx_sent_conv_partition(id->data + sizeof("evt_") - 1,
                                            store->conf->redis.partitions);

    if (ngx_sent_conv_store_copy(op->pool, endpoint, &ctx->endpoint) != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, id, &ctx->id) != NGX_OK)
    {
        ngx_sent_conv_store_op_destroy(op);
        return NULL;
    }

    return op;
}


ngx_int_t
ngx_sent_conv_store_event_find(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_store_done_pt found)
{
    ngx_sent_conv_store_call_t    call;
    ngx_sent_conv_store_event_t  *ctx;

    ctx = op->ctx;
    ctx->found = found;

    if (ngx_sent_conv_store_call_init(&call, op, 4 * ctx->endpoint.len)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_key(&call, "e", &ctx->endpoint);
    ngx_sent_conv_store_call_key(&call, "d", &ctx->endpoint);
    ngx_sent_conv_store_call_key(&call, "a", &ctx->endpoint);
    ngx_sent_conv_store_call_key(&call, "lanes", NULL);
    ngx_sent_conv_store_call_keys_end(&call);

    ngx_sent_conv_store_call_str(&call, &ctx->id);
    ngx_sent_conv_store_call_str(&call, &ctx->endpoint);
    ngx_sent_conv_store_call_number(&call, NGX_SENT_CONV_STORE_EVENT_LANES);

    return ngx_sent_conv_store_call_send(&call, NGX_SENT_CONV_S_EVENT,
                                         ngx_sent_conv_store_event_found);
}


static void
ngx_sent_conv_store_event_found(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_int_t                     rc;
    ngx_sent_conv_reply_t        *what;
    ngx_sent_conv_store_event_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;
    what = ngx_sent_conv_reply_at(reply, 0);

    if (ngx_sent_conv_reply_is(what, "DELIVERED")) {
        rc = ngx_sent_conv_store_event_ended(op, NGX_SENT_CONV_STORE_RECEIVED,
                                             reply);

    } else if (ngx_sent_conv_reply_is(what, "FAILED")) {
        rc = ngx_sent_conv_store_event_ended(op, NGX_SENT_CONV_STORE_DEAD,
                                             reply);

    } else if (ngx_sent_conv_reply_n(reply) < 2) {
        rc = NGX_DECLINED;

    } else {
        rc = ngx_sent_conv_store_event_lanes(op, reply);

        if (rc == NGX_OK) {
            return;
        }
    }

    if (rc == NGX_ERROR) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx->found(op);
}


static ngx_int_t
ngx_sent_conv_store_event_ended(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_store_where_e where, ngx_sent_conv_reply_t *reply)
{
    ngx_int_t                     rc;
    ngx_str_t                     item, record;
    ngx_sent_conv_store_event_t  *ctx;

    ctx = op->ctx;

    record = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 1));
    item = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 2));

    rc = ngx_sent_conv_store_events_read(op->pool, where, &record, &item,
                                         &ctx->event);
    ctx->known = (rc == NGX_OK);

    return rc;
}


/* NGX_OK: it is looked for on lanes */

static ngx_int_t
ngx_sent_conv_store_event_lanes(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply)
{
    ngx_uint_t                      i, n;
    ngx_sent_conv_store_event_t    *ctx;
    ngx_sent_conv_store_waiting_t   lane;

    ctx = op->ctx;
    n = ngx_sent_conv_reply_n(reply);

    if (ngx_sent_conv_store_batch_init(op, n - 1,
                                       ngx_sent_conv_store_event_lane,
                                       ngx_sent_conv_store_event_looked)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    lane.partition = op->partition;

    for (i = 1; i < n; i++) {
        lane.thread = ngx_sent_conv_reply_str(
                                            ngx_sent_conv_reply_at(reply, i));

        ngx_sent_conv_store_events_ask(op, &ctx->endpoint, &lane,
                                       NGX_SENT_CONV_STORE_EVENT_ITEMS,
                                       &ctx->id);
    }

    return (ngx_sent_conv_store_batch_end(op) == NGX_OK) ? NGX_OK : NGX_ERROR;
}


static void
ngx_sent_conv_store_event_lane(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    if (ngx_sent_conv_store_events_waiting(op, reply,
                                           ngx_sent_conv_store_event_waits)
        != NGX_OK)
    {
        op->err = NGX_SENT_CONV_UNSENT;
    }
}


static ngx_int_t
ngx_sent_conv_store_event_waits(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_event_t *event, ngx_uint_t place)
{
    ngx_sent_conv_store_event_t  *ctx;

    ctx = op->ctx;

    ctx->event = *event;
    ctx->known = 1;
    ctx->waits = 1;

    return NGX_OK;
}


static void
ngx_sent_conv_store_event_looked(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_event_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;
    ctx->found(op);
}


static void
ngx_sent_conv_store_event_shown(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_event_t  *ctx;

    ctx = op->ctx;

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK,
                                  ctx->known ? &ctx->event : NULL);
}
