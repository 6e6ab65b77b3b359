
/*
 * Conversations of a customer, by opening.  Their index is cut into
 * partitions: each gives its next ones, the merged head of them is read and
 * filtered, until a page is full.  Those of one contact are read from the
 * pair itself, whole.
 */


#include "ngx_sent_conv_store_list.h"


static ngx_int_t ngx_sent_conv_store_list_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_list_t *list);
static void ngx_sent_conv_store_list_scanned(ngx_sent_conv_store_op_t *op);
static ngx_uint_t ngx_sent_conv_store_list_full(
    ngx_sent_conv_store_list_t *ctx);


ngx_int_t
ngx_sent_conv_store_list(ngx_sent_conv_store_t *store,
    ngx_sent_conv_list_t *list, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, list->customer, handler, data,
                                       sizeof(ngx_sent_conv_store_list_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_list_begin(op, list);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_list_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_list_t *list)
{
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;

    ctx->list = *list;
    ctx->now = (int64_t) ngx_sent_conv_store_now();
    ctx->result.total = -1;

    if (ngx_sent_conv_store_copy(op->pool, &list->contact,
                                 &ctx->list.contact)
        != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, &list->close_reason,
                                    &ctx->list.close_reason)
           != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, &list->agent_id,
                                    &ctx->list.agent_id)
           != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, &list->id, &ctx->list.id)
           != NGX_OK
        || ngx_array_init(&ctx->found, op->pool, 64,
                          sizeof(ngx_sent_conv_store_found_t))
           != NGX_OK
        || ngx_array_init(&ctx->result.conversations, op->pool,
                          list->limit + 1,
                          sizeof(ngx_sent_conv_conversation_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* the position from which the scan goes on */

    ctx->ms = ctx->list.ms;
    ctx->id = ctx->list.id;

    if (ctx->ms == 0) {
        ctx->list.before = 0;
    }

    return list->contact.len ? ngx_sent_conv_store_list_contact(op)
                             : ngx_sent_conv_store_list_count(op);
}


void
ngx_sent_conv_store_list_counted(ngx_sent_conv_store_op_t *op)
{
    ngx_int_t                    rc;
    ngx_sent_conv_store_list_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;

    if (!ctx->live) {
        rc = ngx_sent_conv_store_list_scan(op);

    } else if (ctx->found.nelts == 0) {
        ngx_sent_conv_store_list_next(op);
        return;

    } else {
        rc = ngx_sent_conv_store_list_scores(op);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_unread(op);
    }
}


/* the next ones of each partition, from the position on */

ngx_int_t
ngx_sent_conv_store_list_scan(ngx_sent_conv_store_op_t *op)
{
    u_char                       buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                    tag, argv[8];
    ngx_uint_t                   p, partitions;
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;
    partitions = op->store->conf->redis.partitions;

    if (ngx_sent_conv_store_batch_init(op, partitions,
                                       ngx_sent_conv_store_list_gather,
                                       ngx_sent_conv_store_list_scanned)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->found.nelts = 0;
    ctx->bounded = 0;

    if (ctx->batch == 0) {
        ctx->batch = 2 * (ctx->list.limit + 1) / partitions + 4;
    }

    ngx_sent_conv_store_list_bounds(op, argv);

    ngx_str_set(&argv[4], "WITHSCORES");
    ngx_str_set(&argv[5], "LIMIT");
    ngx_str_set(&argv[6], "0");
    ngx_sent_conv_store_number(op->pool, (int64_t) ctx->batch, &argv[7]);

    for (p = 0; p < partitions; p++) {
        ngx_sent_conv_store_tag(p, buf, &tag);
        ngx_sent_conv_store_key_part(op, p, "ix", &op->customer->id,
                                     &argv[1]);
        ngx_sent_conv_store_batch_add(op, &tag, 8, argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_list_scanned(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_list_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;

    ngx_sent_conv_store_list_sort(ctx);
    ngx_sent_conv_store_list_cut(ctx);

    if (ctx->found.nelts == 0 && ctx->bounded) {

        /* more of one moment than fit: ask for more at once */

        ctx->batch *= 4;

        if (ctx->batch > NGX_SENT_CONV_STORE_SCAN
            || ngx_sent_conv_store_list_scan(op) != NGX_OK)
        {
            ngx_sent_conv_store_op_unread(op);
        }

        return;
    }

    ngx_sent_conv_store_list_next(op);
}


void
ngx_sent_conv_store_list_scored(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_list_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;

    ngx_sent_conv_store_list_sort(ctx);
    ngx_sent_conv_store_list_cut(ctx);
    ngx_sent_conv_store_list_next(op);
}


/* the next of the candidates, or more of them, or the answer */

void
ngx_sent_conv_store_list_next(ngx_sent_conv_store_op_t *op)
{
    ngx_int_t                    rc;
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_list_full(ctx)) {
        ngx_sent_conv_store_list_finish(op);
        return;
    }

    if (ctx->at < ctx->found.nelts) {
        rc = ngx_sent_conv_store_list_threads(op);

    } else {
        ctx->at = 0;
        rc = ngx_sent_conv_store_list_scan(op);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_unread(op);
    }
}


static ngx_uint_t
ngx_sent_conv_store_list_full(ngx_sent_conv_store_list_t *ctx)
{
    ngx_uint_t  n, left;

    n = ctx->result.conversations.nelts;
    left = ctx->at < ctx->found.nelts;

    if (n > ctx->list.limit) {
        return 1;
    }

    if (!left && !ctx->bounded) {
        return 1;
    }

    /* few of many match: what there is, and the way on */

    if (ctx->scanned >= NGX_SENT_CONV_STORE_SCAN
        && (n > 0 || ctx->scanned >= NGX_SENT_CONV_STORE_LONG_SCAN))
    {
        ctx->result.more = 1;
        return 1;
    }

    return 0;
}


void
ngx_sent_conv_store_list_finish(ngx_sent_conv_store_op_t *op)
{
    ngx_uint_t                     i, n;
    ngx_sent_conv_store_list_t    *ctx;
    ngx_sent_conv_conversation_t  *conv, swap;

    ctx = op->ctx;
    n = ctx->result.conversations.nelts;

    if (n > ctx->list.limit) {
        n = ctx->list.limit;
        ctx->result.conversations.nelts = n;
        ctx->result.more = 1;
    }

    conv = ctx->result.conversations.elts;

    if (ctx->list.before) {
        for (i = 0; i < n / 2; i++) {
            swap = conv[i];
            conv[i] = conv[n - 1 - i];
            conv[n - 1 - i] = swap;
        }
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &ctx->result);
}
