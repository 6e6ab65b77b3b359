
/*
 * What changed among a customer's conversations since: those with a message
 * or an opening, and how many are open, by which an ending shows.
 */


#include "ngx_sent_conv_store_private.h"


/* of one partition, at most: with so many there may be more */
#define NGX_SENT_CONV_STORE_CHANGES  100


typedef struct {
    ngx_sent_conv_changes_t   result;
    int64_t                   after;
} ngx_sent_conv_store_changes_t;


static ngx_int_t ngx_sent_conv_store_changes_ask(
    ngx_sent_conv_store_op_t *op, ngx_str_t *customer);
static void ngx_sent_conv_store_changes_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_changes_add(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_changes_done(ngx_sent_conv_store_op_t *op);


ngx_int_t
ngx_sent_conv_store_changes(ngx_sent_conv_store_t *store, ngx_str_t *customer,
    int64_t after, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                       rc;
    ngx_sent_conv_store_op_t       *op;
    ngx_sent_conv_store_changes_t  *ctx;

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data,
                                       sizeof(ngx_sent_conv_store_changes_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    ctx = op->ctx;
    ctx->after = after;

    rc = NGX_ERROR;

    if (ngx_array_init(&ctx->result.list, op->pool, 16,
                       sizeof(ngx_sent_conv_change_t))
        == NGX_OK)
    {
        rc = ngx_sent_conv_store_changes_ask(op, customer);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_changes_ask(ngx_sent_conv_store_op_t *op,
    ngx_str_t *customer)
{
    u_char                          buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                       tag, after, argv[8];
    ngx_uint_t                      i, n;
    ngx_sent_conv_store_changes_t  *ctx;
    static ngx_str_t                zero = ngx_string("0");

    ctx = op->ctx;
    n = op->store->conf->redis.partitions;

    if (ngx_sent_conv_store_batch_init(op, 2 * n + 1,
                                       ngx_sent_conv_store_changes_each,
                                       ngx_sent_conv_store_changes_done)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "TIME");
    ngx_sent_conv_store_batch_add(op, NULL, 1, argv);

    ngx_sent_conv_store_number(op->pool, ctx->after, &after);
    ngx_str_set(&argv[3], "+inf");
    ngx_str_set(&argv[4], "WITHSCORES");
    ngx_str_set(&argv[5], "LIMIT");
    ngx_str_set(&argv[6], "0");
    ngx_sent_conv_store_number(op->pool, NGX_SENT_CONV_STORE_CHANGES,
                               &argv[7]);

    if (after.data == NULL || argv[7].data == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        ngx_sent_conv_store_tag(i, buf, &tag);
        ngx_sent_conv_store_key_part(op, i, "live", customer, &argv[1]);

        if (argv[1].data == NULL) {
            op->err = NGX_SENT_CONV_UNSENT;
            break;
        }

        argv[2] = zero;
        ngx_str_set(&argv[0], "ZCOUNT");
        ngx_sent_conv_store_batch_add(op, &tag, 4, argv);

        argv[2] = after;
        ngx_str_set(&argv[0], "ZRANGEBYSCORE");
        ngx_sent_conv_store_batch_add(op, &tag, 8, argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_changes_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_changes_t  *ctx;

    ctx = op->ctx;

    if (index == 0) {
        ctx->result.now = ngx_sent_conv_store_time(reply);

    } else if (index % 2) {
        ctx->result.open += (ngx_uint_t) ngx_sent_conv_reply_int(reply);

    } else if (ctx->after > 0
               && ngx_sent_conv_store_changes_add(op, reply) != NGX_OK)
    {
        op->err = NGX_SENT_CONV_UNSENT;
    }
}


static ngx_int_t
ngx_sent_conv_store_changes_add(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply)
{
    ngx_str_t                       id;
    ngx_uint_t                      i, n;
    ngx_sent_conv_change_t         *change;
    ngx_sent_conv_store_changes_t  *ctx;

    ctx = op->ctx;
    n = ngx_sent_conv_reply_n(reply);

    if (n / 2 == NGX_SENT_CONV_STORE_CHANGES) {
        ctx->result.more = 1;
    }

    for (i = 0; i + 1 < n; i += 2) {
        id = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));

        change = ngx_array_push(&ctx->result.list);

        if (change == NULL
            || ngx_sent_conv_store_copy(op->pool, &id, &change->id)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        change->at = ngx_sent_conv_reply_int(
                                        ngx_sent_conv_reply_at(reply, i + 1));
    }

    return NGX_OK;
}


static void
ngx_sent_conv_store_changes_done(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_changes_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &ctx->result);
}
