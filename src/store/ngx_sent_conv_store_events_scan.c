
/*
 * The partitions' parts of a list of events: what ended, a batch of each at a
 * time.
 */


#include "ngx_sent_conv_store_events.h"


/* of those that ended, how many a partition looks at for a search at once */
#define NGX_SENT_CONV_STORE_EVENTS_LOOK  200

#define NGX_SENT_CONV_STORE_EVENTS_ARGS  17


static void ngx_sent_conv_store_events_begin(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, ngx_sent_conv_store_where_e where);
static ngx_uint_t ngx_sent_conv_store_events_wanted(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_store_where_e where);
static ngx_int_t ngx_sent_conv_store_events_send(ngx_sent_conv_store_op_t *op,
    ngx_uint_t n);
static void ngx_sent_conv_store_events_args(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, ngx_str_t *argv);
static void ngx_sent_conv_store_events_part_args(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_store_part_t *part, ngx_msec_t age, ngx_str_t *argv);
static void ngx_sent_conv_store_events_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_events_part(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, ngx_sent_conv_store_where_e where,
    ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_events_row(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, ngx_sent_conv_store_where_e where,
    ngx_str_t *record, ngx_str_t *item);
static void ngx_sent_conv_store_events_gathered(ngx_sent_conv_store_op_t *op);


ngx_int_t
ngx_sent_conv_store_events_scan(ngx_sent_conv_store_op_t *op)
{
    ngx_uint_t                     p, partitions;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;
    partitions = op->store->conf->redis.partitions;

    for (p = 0; p < partitions; p++) {
        ngx_sent_conv_store_events_begin(op, p, NGX_SENT_CONV_STORE_RECEIVED);
        ngx_sent_conv_store_events_begin(op, p, NGX_SENT_CONV_STORE_DEAD);

        ctx->asked[p] = p;
    }

    ctx->first = 1;

    return ngx_sent_conv_store_events_send(op, partitions);
}


/* from where on; are those of the very ms of the place behind it? */

static void
ngx_sent_conv_store_events_begin(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, ngx_sent_conv_store_where_e where)
{
    ngx_uint_t                     later;
    ngx_sent_conv_store_part_t    *part;
    ngx_sent_conv_store_spot_t    *from;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;
    from = &ctx->from;
    part = &ctx->parts[2 * partition + (where == NGX_SENT_CONV_STORE_DEAD)];

    part->asked = ngx_sent_conv_store_events_wanted(op, where) ? 1 : 0;

    ngx_str_set(&part->ms, "");
    ngx_str_set(&part->tie, "");

    if (!ctx->placed || from->where == NGX_SENT_CONV_STORE_WAITS) {
        return;
    }

    ngx_sent_conv_store_number(op->pool, (int64_t) from->ms, &part->ms);

    if (partition == from->partition && where == from->where) {
        part->tie = from->id;
        return;
    }

    later = (partition != from->partition) ? partition > from->partition
                                           : where > from->where;

    if (later != ctx->list.before) {
        ngx_str_set(&part->tie, "in");

    } else {
        ngx_str_set(&part->tie, "out");
    }
}


static ngx_uint_t
ngx_sent_conv_store_events_wanted(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_store_where_e where)
{
    ngx_uint_t                     statuses;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;
    statuses = ctx->ended ? ctx->list.statuses : 0;

    if (where == NGX_SENT_CONV_STORE_DEAD) {
        return statuses & (1 << NGX_SENT_CONV_EVENT_FAILED);
    }

    return op->store->conf->log_events
           && (statuses & (1 << NGX_SENT_CONV_EVENT_DELIVERED));
}


ngx_int_t
ngx_sent_conv_store_events_refill(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_store_spot_t *bound)
{
    ngx_uint_t                     i, n, p;
    ngx_sent_conv_store_part_t    *part;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;
    n = 0;

    for (p = 0; p < op->store->conf->redis.partitions; p++) {

        for (i = 0; i < 2; i++) {
            part = &ctx->parts[2 * p + i];

            part->asked = part->more
                          && !ngx_sent_conv_store_spot_behind(ctx, &part->stop,
                                                              bound);

            if (!part->asked) {
                continue;
            }

            ngx_sent_conv_store_number(op->pool, (int64_t) part->stop.ms,
                                       &part->ms);
            part->tie = part->stop.id;

            if (n == 0 || ctx->asked[n - 1] != p) {
                ctx->asked[n++] = p;
            }
        }
    }

    ctx->first = 0;

    return ngx_sent_conv_store_events_send(op, n);
}


static ngx_int_t
ngx_sent_conv_store_events_send(ngx_sent_conv_store_op_t *op, ngx_uint_t n)
{
    u_char                         buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                      tag;
    ngx_str_t                      argv[NGX_SENT_CONV_STORE_EVENTS_ARGS];
    ngx_uint_t                     i;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;
    ctx->calls += n;

    if (ngx_sent_conv_store_batch_init(op, n, ngx_sent_conv_store_events_each,
                                       ngx_sent_conv_store_events_gathered)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        ngx_sent_conv_store_events_args(op, ctx->asked[i], argv);
        ngx_sent_conv_store_tag(ctx->asked[i], buf, &tag);

        ngx_sent_conv_store_batch_script(op, &tag, NGX_SENT_CONV_S_EVENTS, 4,
                                         NGX_SENT_CONV_STORE_EVENTS_ARGS,
                                         argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_events_args(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, ngx_str_t *argv)
{
    ngx_str_t                     *endpoint;
    ngx_sent_conv_store_conf_t    *conf;
    ngx_sent_conv_store_part_t    *part;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;
    conf = op->store->conf;
    endpoint = &ctx->list.endpoint;
    part = &ctx->parts[2 * partition];

    ngx_sent_conv_store_key_part(op, partition, "e", endpoint, &argv[0]);
    ngx_sent_conv_store_key_part(op, partition, "d", endpoint, &argv[1]);
    ngx_sent_conv_store_key_part(op, partition, "a", endpoint, &argv[2]);
    ngx_sent_conv_store_key_part(op, partition, "lanes", NULL, &argv[3]);

    ngx_str_set(&argv[4], "");
    argv[5] = *endpoint;
    ngx_str_set(&argv[6], "1");

    if (ctx->list.before) {
        ngx_str_set(&argv[6], "");
    }

    ngx_sent_conv_store_events_part_args(op, &part[0], conf->log_age,
                                         &argv[7]);
    ngx_sent_conv_store_events_part_args(op, &part[1], conf->retention,
                                         &argv[10]);

    ngx_sent_conv_store_number(op->pool, (int64_t) ctx->batch, &argv[13]);

    argv[14] = argv[13];

    if (ctx->list.search.len) {
        ngx_sent_conv_store_number(op->pool, NGX_SENT_CONV_STORE_EVENTS_LOOK,
                                   &argv[14]);
    }

    argv[15] = ctx->list.search;

    ngx_sent_conv_store_number(op->pool, ctx->waits && ctx->first
                               ? (int64_t) ngx_sent_conv_store_events_quota(op)
                               : 0, &argv[16]);
}


static void
ngx_sent_conv_store_events_part_args(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_store_part_t *part, ngx_msec_t age, ngx_str_t *argv)
{
    ngx_str_set(&argv[0], "");

    if (part->asked) {
        ngx_sent_conv_store_number(op->pool, (int64_t) age, &argv[0]);
    }

    argv[1] = part->ms;
    argv[2] = part->tie;
}


static void
ngx_sent_conv_store_events_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    ngx_uint_t                     partition;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;
    partition = ctx->asked[index];

    if (ngx_sent_conv_store_events_part(op, partition,
                                        NGX_SENT_CONV_STORE_RECEIVED,
                                        ngx_sent_conv_reply_at(reply, 1))
        != NGX_OK
        || ngx_sent_conv_store_events_part(op, partition,
                                           NGX_SENT_CONV_STORE_DEAD,
                                           ngx_sent_conv_reply_at(reply, 2))
           != NGX_OK
        || ngx_sent_conv_store_events_threads(op, partition,
                                             ngx_sent_conv_reply_at(reply, 3))
           != NGX_OK)
    {
        op->err = NGX_SENT_CONV_UNSENT;
    }
}


/* {how many, more, ms and id of the last looked at, record, item...} */

static ngx_int_t
ngx_sent_conv_store_events_part(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, ngx_sent_conv_store_where_e where,
    ngx_sent_conv_reply_t *reply)
{
    ngx_str_t                      item, record;
    ngx_uint_t                     i, n;
    ngx_sent_conv_store_part_t    *part;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;
    part = &ctx->parts[2 * partition + (where == NGX_SENT_CONV_STORE_DEAD)];

    if (!part->asked) {
        return NGX_OK;
    }

    if (ctx->first) {
        ctx->count += ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 0));
    }

    n = ngx_sent_conv_reply_n(reply);

    for (i = 4; i + 1 < n; i += 2) {
        record = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));
        item = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i + 1));

        if (ngx_sent_conv_store_events_row(op, partition, where, &record,
                                           &item)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    part->more = ngx_sent_conv_reply_is(ngx_sent_conv_reply_at(reply, 1), "1");

    if (!part->more) {
        return NGX_OK;
    }

    part->stop.ms = (uint64_t) ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 2));
    part->stop.partition = partition;
    part->stop.where = where;
    part->stop.order = ctx->order;

    item = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 3));

    return ngx_sent_conv_store_copy(op->pool, &item, &part->stop.id);
}


/* the newer ones are ahead, in whatever direction they are read */

static ngx_int_t
ngx_sent_conv_store_events_row(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, ngx_sent_conv_store_where_e where,
    ngx_str_t *record, ngx_str_t *item)
{
    ngx_int_t                      rc;
    ngx_sent_conv_store_row_t     *row;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;

    row = ngx_array_push(&ctx->found);
    if (row == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_events_read(op->pool, where, record, item,
                                         &row->event);

    if (rc != NGX_OK) {
        ctx->found.nelts--;
        return (rc == NGX_DECLINED) ? NGX_OK : NGX_ERROR;
    }

    ctx->order += ctx->list.before ? -1 : 1;

    row->spot.ms = row->event.completed_at;
    row->spot.partition = partition;
    row->spot.where = where;
    row->spot.order = ctx->order;
    row->spot.id = row->event.id;

    return NGX_OK;
}


static void
ngx_sent_conv_store_events_gathered(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    if (ctx->lanes.nelts == 0) {
        ngx_sent_conv_store_events_next(op);
        return;
    }

    if (ngx_sent_conv_store_events_lanes(op) != NGX_OK) {
        ngx_sent_conv_store_op_unread(op);
    }
}
