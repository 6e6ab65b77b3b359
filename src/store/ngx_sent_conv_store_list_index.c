
/*
 * Candidates of a list of conversations: how many there are, where they come
 * from, in which order they stand.
 */


#include "ngx_sent_conv_store_list.h"


static ngx_uint_t ngx_sent_conv_store_list_is_live(
    ngx_sent_conv_store_list_t *ctx);
static ngx_uint_t ngx_sent_conv_store_list_plain(
    ngx_sent_conv_store_list_t *ctx);
static int64_t ngx_sent_conv_store_list_since(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_list_counts(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_list_count_done(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_list_members(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_list_member(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static ngx_sent_conv_store_found_t *ngx_sent_conv_store_list_push(
    ngx_sent_conv_store_op_t *op, ngx_str_t *id, ngx_uint_t partition);
static void ngx_sent_conv_store_list_score(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static int ngx_libc_cdecl ngx_sent_conv_store_list_newer(const void *one,
    const void *two);
static int ngx_libc_cdecl ngx_sent_conv_store_list_older(const void *one,
    const void *two);


static ngx_uint_t
ngx_sent_conv_store_list_is_live(ngx_sent_conv_store_list_t *ctx)
{
    return ctx->list.status == NGX_SENT_CONV_LIST_OPEN
           || ctx->list.status == NGX_SENT_CONV_LIST_ACTIVE;
}


/* no filter but the status: the count is the total */

static ngx_uint_t
ngx_sent_conv_store_list_plain(ngx_sent_conv_store_list_t *ctx)
{
    return ctx->list.channel == NGX_SENT_CONV_CHANNELS
           && ctx->list.close_reason.len == 0
           && ctx->list.agent_id.len == 0
           && ctx->list.status != NGX_SENT_CONV_LIST_CLOSED;
}


/* what opened before is not among those asked for */

static int64_t
ngx_sent_conv_store_list_since(ngx_sent_conv_store_op_t *op)
{
    int64_t                      span;
    ngx_sent_conv_store_conf_t  *conf;
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;
    conf = op->store->conf;

    span = (int64_t) conf->window;

    if (!ngx_sent_conv_store_list_is_live(ctx)) {
        span += (int64_t) conf->retention;
    }

    return ctx->now - span;
}


ngx_int_t
ngx_sent_conv_store_list_count(ngx_sent_conv_store_op_t *op)
{
    u_char                       buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                    tag, argv[4];
    ngx_uint_t                   p, live, partitions;
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;
    live = ngx_sent_conv_store_list_is_live(ctx);
    partitions = op->store->conf->redis.partitions;

    if (!live && !ngx_sent_conv_store_list_plain(ctx)) {
        return ngx_sent_conv_store_list_scan(op);
    }

    if (ngx_sent_conv_store_batch_init(op, partitions,
                                       ngx_sent_conv_store_list_counts,
                                       ngx_sent_conv_store_list_count_done)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "ZCOUNT");
    ngx_str_set(&argv[2], "0");
    ngx_str_set(&argv[3], "+inf");

    if (ctx->list.status == NGX_SENT_CONV_LIST_ACTIVE) {
        ngx_sent_conv_store_number(op->pool,
                                 ctx->now - NGX_SENT_CONV_STORE_ACTIVE,
                                 &argv[2]);

    } else if (!live) {
        ngx_sent_conv_store_number(op->pool,
                                   ngx_sent_conv_store_list_since(op),
                                   &argv[2]);
    }

    for (p = 0; p < partitions; p++) {
        ngx_sent_conv_store_tag(p, buf, &tag);
        ngx_sent_conv_store_key_part(op, p, live ? "live" : "ix",
                                     &op->customer->id, &argv[1]);
        ngx_sent_conv_store_batch_add(op, &tag, 4, argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_list_counts(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;
    ctx->count += ngx_sent_conv_reply_int(reply);
}


static void
ngx_sent_conv_store_list_count_done(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;

    if (op->err == NGX_SENT_CONV_OK) {

        if (ngx_sent_conv_store_list_plain(ctx)) {
            ctx->result.total = ctx->count;
        }

        /* of many, the index by opening soon gives a page */

        if (ngx_sent_conv_store_list_is_live(ctx)
            && ctx->count <= NGX_SENT_CONV_STORE_LIVE)
        {
            ctx->live = 1;

            if (ngx_sent_conv_store_list_members(op) == NGX_OK) {
                return;
            }

            op->err = NGX_SENT_CONV_UNSENT;
        }
    }

    ngx_sent_conv_store_list_counted(op);
}


static ngx_int_t
ngx_sent_conv_store_list_members(ngx_sent_conv_store_op_t *op)
{
    u_char                       buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                    tag, argv[7];
    ngx_uint_t                   p, partitions;
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;
    partitions = op->store->conf->redis.partitions;

    if (ngx_sent_conv_store_batch_init(op, partitions,
                                       ngx_sent_conv_store_list_member,
                                       ngx_sent_conv_store_list_counted)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "ZRANGEBYSCORE");
    ngx_str_set(&argv[2], "0");
    ngx_str_set(&argv[3], "+inf");
    ngx_str_set(&argv[4], "LIMIT");
    ngx_str_set(&argv[5], "0");
    ngx_sent_conv_store_number(op->pool, NGX_SENT_CONV_STORE_LIVE, &argv[6]);

    if (ctx->list.status == NGX_SENT_CONV_LIST_ACTIVE) {
        ngx_sent_conv_store_number(op->pool,
                                   ctx->now - NGX_SENT_CONV_STORE_ACTIVE,
                                   &argv[2]);
    }

    for (p = 0; p < partitions; p++) {
        ngx_sent_conv_store_tag(p, buf, &tag);
        ngx_sent_conv_store_key_part(op, p, "live", &op->customer->id,
                                     &argv[1]);
        ngx_sent_conv_store_batch_add(op, &tag, 7, argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_list_member(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    ngx_str_t   id;
    ngx_uint_t  i;

    for (i = 0; i < ngx_sent_conv_reply_n(reply); i++) {
        id = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));

        if (ngx_sent_conv_store_list_push(op, &id, index) == NULL) {
            op->err = NGX_SENT_CONV_UNSENT;
            return;
        }
    }
}


static ngx_sent_conv_store_found_t *
ngx_sent_conv_store_list_push(ngx_sent_conv_store_op_t *op, ngx_str_t *id,
    ngx_uint_t partition)
{
    ngx_sent_conv_store_list_t   *ctx;
    ngx_sent_conv_store_found_t  *found;

    ctx = op->ctx;

    found = ngx_array_push(&ctx->found);
    if (found == NULL) {
        return NULL;
    }

    ngx_memzero(found, sizeof(ngx_sent_conv_store_found_t));
    found->partition = partition;

    if (ngx_sent_conv_store_copy(op->pool, id, &found->id) != NGX_OK) {
        return NULL;
    }

    return found;
}


/* when each was opened */

ngx_int_t
ngx_sent_conv_store_list_scores(ngx_sent_conv_store_op_t *op)
{
    u_char                        buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                     tag, argv[3];
    ngx_uint_t                    i;
    ngx_sent_conv_store_list_t   *ctx;
    ngx_sent_conv_store_found_t  *found;

    ctx = op->ctx;
    found = ctx->found.elts;

    if (ngx_sent_conv_store_batch_init(op, ctx->found.nelts,
                                       ngx_sent_conv_store_list_score,
                                       ngx_sent_conv_store_list_scored)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "ZSCORE");

    for (i = 0; i < ctx->found.nelts; i++) {

        /* a partition's stand together */

        if (i == 0 || found[i].partition != found[i - 1].partition) {
            ngx_sent_conv_store_tag(found[i].partition, buf, &tag);
            ngx_sent_conv_store_key_part(op, found[i].partition, "ix",
                                         &op->customer->id, &argv[1]);
        }

        argv[2] = found[i].id;
        ngx_sent_conv_store_batch_add(op, &tag, 3, argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_list_score(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_list_t   *ctx;
    ngx_sent_conv_store_found_t  *found;

    ctx = op->ctx;
    found = ctx->found.elts;

    found[index].ms = (uint64_t) ngx_sent_conv_reply_int(reply);
}


void
ngx_sent_conv_store_list_bounds(ngx_sent_conv_store_op_t *op,
    ngx_str_t *argv)
{
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;

    if (ctx->list.before) {
        ngx_str_set(&argv[0], "ZRANGEBYSCORE");
        ngx_sent_conv_store_number(op->pool, (int64_t) ctx->ms, &argv[2]);
        ngx_str_set(&argv[3], "+inf");
        return;
    }

    ngx_str_set(&argv[0], "ZREVRANGEBYSCORE");
    ngx_str_set(&argv[2], "+inf");

    if (ctx->ms != 0) {
        ngx_sent_conv_store_number(op->pool, (int64_t) ctx->ms, &argv[2]);
    }

    ngx_sent_conv_store_number(op->pool, ngx_sent_conv_store_list_since(op),
                               &argv[3]);
}


void
ngx_sent_conv_store_list_gather(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    ngx_str_t                     id;
    ngx_uint_t                    i, n;
    ngx_sent_conv_store_list_t   *ctx;
    ngx_sent_conv_store_found_t  *found;

    ctx = op->ctx;
    n = ngx_sent_conv_reply_n(reply);
    found = NULL;

    for (i = 0; i + 1 < n; i += 2) {
        id = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));

        found = ngx_sent_conv_store_list_push(op, &id, index);
        if (found == NULL) {
            op->err = NGX_SENT_CONV_UNSENT;
            return;
        }

        found->ms = (uint64_t) ngx_sent_conv_reply_int(
                                       ngx_sent_conv_reply_at(reply, i + 1));
    }

    /* behind the last that it gave, a partition may have more */

    if (found != NULL && n / 2 >= ctx->batch
        && (!ctx->bounded
            || !ngx_sent_conv_store_list_behind(ctx, found, ctx->bound_ms,
                                                &ctx->bound_id)))
    {
        ctx->bounded = 1;
        ctx->bound_ms = found->ms;
        ctx->bound_id = found->id;
    }
}


void
ngx_sent_conv_store_list_sort(ngx_sent_conv_store_list_t *ctx)
{
    if (ctx->found.nelts < 2) {
        return;
    }

    ngx_qsort(ctx->found.elts, ctx->found.nelts,
              sizeof(ngx_sent_conv_store_found_t),
              ctx->list.before ? ngx_sent_conv_store_list_older
                               : ngx_sent_conv_store_list_newer);
}


static int ngx_libc_cdecl
ngx_sent_conv_store_list_newer(const void *one, const void *two)
{
    const ngx_sent_conv_store_found_t *first = one;
    const ngx_sent_conv_store_found_t *second = two;

    if (first->ms != second->ms) {
        return (first->ms > second->ms) ? -1 : 1;
    }

    return -ngx_memn2cmp(first->id.data, second->id.data, first->id.len,
                         second->id.len);
}


static int ngx_libc_cdecl
ngx_sent_conv_store_list_older(const void *one, const void *two)
{
    return ngx_sent_conv_store_list_newer(two, one);
}


/* leaves what is behind the position and before the bound */

void
ngx_sent_conv_store_list_cut(ngx_sent_conv_store_list_t *ctx)
{
    ngx_uint_t                    i, n;
    ngx_sent_conv_store_found_t  *found;

    n = 0;
    found = ctx->found.elts;

    for (i = 0; i < ctx->found.nelts; i++) {

        if (found[i].ms == 0 || found[i].id.len != NGX_SENT_CONV_UUID_LEN) {
            continue;
        }

        if (ctx->ms != 0
            && !ngx_sent_conv_store_list_behind(ctx, &found[i], ctx->ms,
                                                &ctx->id))
        {
            continue;
        }

        if (ctx->bounded
            && ngx_sent_conv_store_list_behind(ctx, &found[i], ctx->bound_ms,
                                               &ctx->bound_id))
        {
            continue;
        }

        found[n++] = found[i];
    }

    ctx->found.nelts = n;
    ctx->at = 0;
}


ngx_uint_t
ngx_sent_conv_store_list_behind(ngx_sent_conv_store_list_t *ctx,
    ngx_sent_conv_store_found_t *found, uint64_t ms, ngx_str_t *id)
{
    ngx_int_t  rc;

    if (found->ms != ms) {
        return (found->ms > ms) == ctx->list.before;
    }

    rc = ngx_memn2cmp(found->id.data, id->data, found->id.len, id->len);

    return ctx->list.before ? rc > 0 : rc < 0;
}


ngx_uint_t
ngx_sent_conv_store_list_on(ngx_str_t *channels,
    ngx_sent_conv_channel_e channel)
{
    ngx_str_t  rest, name;

    rest = *channels;

    while (rest.len) {
        name = ngx_sent_conv_store_word(&rest, ',');

        if (ngx_sent_conv_channel_parse(&name) == channel) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_sent_conv_store_same(ngx_str_t *a, ngx_str_t *b)
{
    return a->len == b->len && ngx_memcmp(a->data, b->data, a->len) == 0;
}
