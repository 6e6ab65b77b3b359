
/*
 * Statistics of agents: what each partition counted, added up.
 */


#include "ngx_sent_conv_store_list.h"


typedef struct {
    ngx_sent_conv_range_t    range;
    ngx_sent_conv_stats_t    result;
    ngx_sent_conv_counts_t  *ring;       /* buckets, by the time modulo n */
    ngx_uint_t               each;
} ngx_sent_conv_store_stats_t;


static ngx_int_t ngx_sent_conv_store_stats_begin(ngx_sent_conv_store_op_t *op,
    ngx_str_t *agents, ngx_uint_t n, ngx_sent_conv_range_t *range);
static ngx_int_t ngx_sent_conv_store_stats_ask(ngx_sent_conv_store_op_t *op,
    ngx_uint_t argc, ngx_str_t *argv);
static void ngx_sent_conv_store_stats_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_stats_add(ngx_sent_conv_store_stats_t *ctx,
    ngx_sent_conv_counts_t *agent, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_stats_done(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_stats_sum(ngx_sent_conv_counts_t *sum,
    ngx_sent_conv_counts_t *part);


/* level: as src/lua/stats-2.lua has it */

static ngx_sent_conv_range_t  ngx_sent_conv_store_ranges[] = {
    { ngx_string("1h"), ngx_string("m"), 60000, 60 },
    { ngx_string("24h"), ngx_string("h"), 1800000, 48 },
    { ngx_string("7d"), ngx_string("d"), 21600000, 28 },
    { ngx_string("30d"), ngx_string("d"), 43200000, 60 },
    { ngx_null_string, ngx_null_string, 0, 0 }
};


ngx_sent_conv_range_t *
ngx_sent_conv_store_range(ngx_str_t *name)
{
    ngx_sent_conv_range_t  *range;

    for (range = ngx_sent_conv_store_ranges; range->name.len; range++) {

        if (ngx_sent_conv_store_same(&range->name, name)) {
            return range;
        }
    }

    return NULL;
}


ngx_int_t
ngx_sent_conv_store_stats(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *agents, ngx_uint_t n,
    ngx_sent_conv_range_t *range, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, customer, handler, data,
                                       sizeof(ngx_sent_conv_store_stats_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_stats_begin(op, agents, n, range);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_stats_begin(ngx_sent_conv_store_op_t *op,
    ngx_str_t *agents, ngx_uint_t n, ngx_sent_conv_range_t *range)
{
    ngx_str_t                    *argv;
    ngx_uint_t                    i;
    ngx_sent_conv_store_stats_t  *ctx;
    static ngx_str_t              day = ngx_string("24h");

    ctx = op->ctx;
    ctx->each = (range != NULL);
    ctx->range = range ? *range : *ngx_sent_conv_store_range(&day);

    ctx->result.n = n;
    ctx->result.agents = ngx_pcalloc(op->pool,
                                     n * sizeof(ngx_sent_conv_counts_t));
    ctx->ring = ngx_pcalloc(op->pool,
                          ctx->range.n * sizeof(ngx_sent_conv_counts_t));
    argv = ngx_palloc(op->pool, (8 + n) * sizeof(ngx_str_t));

    if (ctx->result.agents == NULL || ctx->ring == NULL || argv == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[2], "");
    argv[3] = ctx->range.level;
    ngx_sent_conv_store_number(op->pool, ctx->range.bucket, &argv[4]);
    ngx_sent_conv_store_number(op->pool, (int64_t) ctx->range.n, &argv[5]);
    ngx_sent_conv_store_number(op->pool, ctx->each, &argv[6]);
    ngx_sent_conv_store_number(op->pool, NGX_SENT_CONV_STORE_ACTIVE,
                               &argv[7]);

    for (i = 4; i < 8; i++) {
        if (argv[i].data == NULL) {
            return NGX_ERROR;
        }
    }

    for (i = 0; i < n; i++) {
        argv[8 + i] = agents[i];
    }

    return ngx_sent_conv_store_stats_ask(op, 8 + n, argv);
}


static ngx_int_t
ngx_sent_conv_store_stats_ask(ngx_sent_conv_store_op_t *op, ngx_uint_t argc,
    ngx_str_t *argv)
{
    u_char      buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t   tag;
    ngx_uint_t  p, partitions;

    partitions = op->store->conf->redis.partitions;

    if (ngx_sent_conv_store_batch_init(op, partitions,
                                       ngx_sent_conv_store_stats_each,
                                       ngx_sent_conv_store_stats_done)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (p = 0; p < partitions; p++) {
        ngx_sent_conv_store_tag(p, buf, &tag);
        ngx_sent_conv_store_key_part(op, p, "st", &op->customer->id,
                                     &argv[0]);
        ngx_sent_conv_store_key_part(op, p, "live", &op->customer->id,
                                     &argv[1]);
        ngx_sent_conv_store_batch_script(op, &tag, NGX_SENT_CONV_S_STATS, 2,
                                         argc, argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_stats_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    int64_t                       now;
    ngx_uint_t                    i;
    ngx_sent_conv_store_stats_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_reply_n(reply) != ctx->result.n + 1) {
        op->err = NGX_SENT_CONV_UNSENT;
        return;
    }

    now = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, 0));
    ctx->result.now = ngx_max(ctx->result.now, now);

    for (i = 0; i < ctx->result.n; i++) {
        ngx_sent_conv_store_stats_add(ctx, &ctx->result.agents[i],
                                      ngx_sent_conv_reply_at(reply, i + 1));
    }
}


static void
ngx_sent_conv_store_stats_add(ngx_sent_conv_store_stats_t *ctx,
    ngx_sent_conv_counts_t *agent, ngx_sent_conv_reply_t *reply)
{
    ngx_uint_t               i, k, n;
    ngx_sent_conv_counts_t   part, *bucket;

    n = ngx_sent_conv_reply_n(reply);

    agent->open += ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, 0));
    agent->active += ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 1));

    ngx_memzero(&part, sizeof(ngx_sent_conv_counts_t));

    for (i = 2; i + NGX_SENT_CONV_COUNTERS < n;
         i += NGX_SENT_CONV_COUNTERS + 1)
    {

        part.start = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, i));

        for (k = 0; k < NGX_SENT_CONV_COUNTERS; k++) {
            part.counters[k] = ngx_sent_conv_reply_int(
                                    ngx_sent_conv_reply_at(reply, i + 1 + k));
        }

        if (!ctx->each) {
            ngx_sent_conv_store_stats_sum(agent, &part);
            continue;
        }

        bucket = &ctx->ring[part.start / ctx->range.bucket % ctx->range.n];

        if (bucket->start < part.start) {
            *bucket = part;

        } else if (bucket->start == part.start) {
            ngx_sent_conv_store_stats_sum(bucket, &part);
        }
    }
}


/* masters' clocks are apart: the last one of all is in the last bucket */

static void
ngx_sent_conv_store_stats_done(ngx_sent_conv_store_op_t *op)
{
    int64_t                       start;
    ngx_uint_t                    i;
    ngx_sent_conv_counts_t       *bucket;
    ngx_sent_conv_store_stats_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;

    if (!ctx->each) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &ctx->result);
        return;
    }

    ctx->result.nbuckets = ctx->range.n;
    ctx->result.buckets = ngx_pcalloc(op->pool, ctx->range.n
                                           * sizeof(ngx_sent_conv_counts_t));
    if (ctx->result.buckets == NULL) {
        op->err = NGX_SENT_CONV_UNSENT;
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    start = ctx->result.now - ctx->result.now % ctx->range.bucket
            - (int64_t) (ctx->range.n - 1) * ctx->range.bucket;

    for (i = 0; i < ctx->range.n; i++) {
        bucket = &ctx->ring[start / ctx->range.bucket % ctx->range.n];

        if (bucket->start == start) {
            ctx->result.buckets[i] = *bucket;
            ngx_sent_conv_store_stats_sum(ctx->result.agents, bucket);
        }

        ctx->result.buckets[i].start = start;
        start += ctx->range.bucket;
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &ctx->result);
}


static void
ngx_sent_conv_store_stats_sum(ngx_sent_conv_counts_t *sum,
    ngx_sent_conv_counts_t *part)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_SENT_CONV_COUNTERS; i++) {
        sum->counters[i] += part->counters[i];
    }
}
