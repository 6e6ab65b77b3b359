
/*
 * What waits for an endpoint, as far as it is looked for: on lanes that the
 * partitions name.
 */


#include "ngx_sent_conv_store_events.h"


/* lanes that are looked at, and events on them, in all */
#define NGX_SENT_CONV_STORE_WAITING_LANES  256
#define NGX_SENT_CONV_STORE_WAITING        1000


static void ngx_sent_conv_store_events_lane(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_events_waits(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_event_t *event,
    ngx_uint_t place);
static ngx_uint_t ngx_sent_conv_store_events_match(
    ngx_sent_conv_store_events_t *ctx, ngx_sent_conv_event_t *event);


ngx_uint_t
ngx_sent_conv_store_events_quota(ngx_sent_conv_store_op_t *op)
{
    return NGX_SENT_CONV_STORE_WAITING_LANES
           / op->store->conf->redis.partitions + 4;
}


ngx_int_t
ngx_sent_conv_store_events_threads(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, ngx_sent_conv_reply_t *reply)
{
    ngx_str_t                       thread;
    ngx_uint_t                      i, n;
    ngx_sent_conv_store_events_t   *ctx;
    ngx_sent_conv_store_waiting_t  *lane;

    ctx = op->ctx;
    n = ngx_sent_conv_reply_n(reply);

    if (n >= ngx_sent_conv_store_events_quota(op)) {
        ctx->some = 1;
    }

    for (i = 0; i < n; i++) {
        thread = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));

        lane = ngx_array_push(&ctx->lanes);

        if (lane == NULL
            || ngx_sent_conv_store_copy(op->pool, &thread, &lane->thread)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        lane->partition = partition;
    }

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_events_lanes(ngx_sent_conv_store_op_t *op)
{
    ngx_uint_t                      i, n;
    ngx_sent_conv_store_events_t   *ctx;
    ngx_sent_conv_store_waiting_t  *lane;

    ctx = op->ctx;
    lane = ctx->lanes.elts;
    n = ctx->lanes.nelts;

    if (ngx_sent_conv_store_batch_init(op, n, ngx_sent_conv_store_events_lane,
                                       ngx_sent_conv_store_events_next)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->room = ngx_max(4, ngx_min(200, NGX_SENT_CONV_STORE_WAITING / n));
    ctx->lanes.nelts = 0;

    for (i = 0; i < n; i++) {
        ngx_sent_conv_store_events_ask(op, &ctx->list.endpoint, &lane[i],
                                       ctx->room, NULL);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_events_lane(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_reply_n(reply) >= 2 + 2 * ctx->room) {
        ctx->some = 1;
    }

    if (ngx_sent_conv_store_events_waiting(op, reply,
                                           ngx_sent_conv_store_events_waits)
        != NGX_OK)
    {
        op->err = NGX_SENT_CONV_UNSENT;
    }
}


static ngx_int_t
ngx_sent_conv_store_events_waits(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_event_t *event, ngx_uint_t place)
{
    ngx_sent_conv_store_row_t     *row;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;

    if (!ngx_sent_conv_store_events_match(ctx, event)) {
        return NGX_OK;
    }

    row = ngx_array_push(&ctx->waiting);
    if (row == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&row->spot, sizeof(ngx_sent_conv_store_spot_t));

    row->spot.where = NGX_SENT_CONV_STORE_WAITS;
    row->spot.ms = event->created_at;
    row->spot.partition = place;
    row->spot.id = event->id;
    row->event = *event;

    if (ctx->placed
        && !ngx_sent_conv_store_spot_behind(ctx, &row->spot, &ctx->from))
    {
        ctx->waiting.nelts--;
        ctx->count++;
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_sent_conv_store_events_match(ngx_sent_conv_store_events_t *ctx,
    ngx_sent_conv_event_t *event)
{
    ngx_str_t   parts[3];
    ngx_uint_t  i;

    if (!(ctx->list.statuses & (1 << event->status))) {
        return 0;
    }

    if (ctx->list.search.len == 0) {
        return 1;
    }

    parts[0] = event->id;
    parts[1] = event->type;
    parts[2] = event->body;

    for (i = 0; i < 3; i++) {
        if (ngx_strlcasestrn(parts[i].data, parts[i].data + parts[i].len,
                             ctx->list.search.data, ctx->list.search.len - 1)
            != NULL)
        {
            return 1;
        }
    }

    return 0;
}
