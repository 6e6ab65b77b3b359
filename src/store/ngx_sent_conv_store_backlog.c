
/*
 * What waits in Redis, for the operator: how many lanes and deadlines, and
 * how long the first of each is due.
 */


#include "ngx_sent_conv_store_private.h"


#define NGX_SENT_CONV_STORE_SETS  4          /* commands of a partition */


static ngx_int_t ngx_sent_conv_store_backlog_read(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_backlog_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_backlog_done(ngx_sent_conv_store_op_t *op);


/* the clock comes first: what is due is due by that of Redis */

typedef struct {
    int64_t                   now;
    ngx_sent_conv_backlog_t   backlog;
} ngx_sent_conv_store_backlog_t;


ngx_int_t
ngx_sent_conv_store_backlog(ngx_sent_conv_store_t *store,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data,
                                       sizeof(ngx_sent_conv_store_backlog_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_backlog_read(op);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_backlog_read(ngx_sent_conv_store_op_t *op)
{
    u_char       buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t    tag, argv[5], count[2];
    ngx_uint_t   i, k, n;

    static const char  *sets[] = { "lanes", "due" };

    n = op->store->conf->redis.partitions;

    if (ngx_sent_conv_store_batch_init(op,
                                       1 + NGX_SENT_CONV_STORE_SETS * n,
                                       ngx_sent_conv_store_backlog_each,
                                       ngx_sent_conv_store_backlog_done)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "TIME");
    ngx_sent_conv_store_batch_add(op, NULL, 1, argv);

    ngx_str_set(&argv[0], "ZRANGE");
    ngx_str_set(&argv[2], "0");
    ngx_str_set(&argv[3], "0");
    ngx_str_set(&argv[4], "WITHSCORES");
    ngx_str_set(&count[0], "ZCARD");

    for (i = 0; i < n; i++) {
        ngx_sent_conv_store_tag(i, buf, &tag);

        for (k = 0; k < 2; k++) {
            ngx_sent_conv_store_key_part(op, i, sets[k], NULL, &argv[1]);
            count[1] = argv[1];

            ngx_sent_conv_store_batch_add(op, &tag, 2, count);
            ngx_sent_conv_store_batch_add(op, &tag, 5, argv);
        }
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_backlog_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    int64_t                         late;
    ngx_uint_t                      due;
    ngx_sent_conv_backlog_t        *backlog;
    ngx_sent_conv_store_backlog_t  *ctx;

    ctx = op->ctx;
    backlog = &ctx->backlog;

    if (index == 0) {
        ctx->now = ngx_sent_conv_store_time(reply);
        return;
    }

    index--;
    due = index % NGX_SENT_CONV_STORE_SETS >= 2;

    if (index % 2 == 0) {
        *(due ? &backlog->deadlines : &backlog->lanes) +=
                                   (uint64_t) ngx_sent_conv_reply_int(reply);
        return;
    }

    if (ngx_sent_conv_reply_n(reply) < 2) {
        return;
    }

    late = ctx->now
           - ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, 1));

    if (due) {
        backlog->deadline_late = ngx_max(backlog->deadline_late, late);

    } else {
        backlog->lane_late = ngx_max(backlog->lane_late, late);
    }
}


static void
ngx_sent_conv_store_backlog_done(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_backlog_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &ctx->backlog);
}
