
/*
 * A customer's requests, as many as all nodes together let through: the
 * bucket is in Redis.
 */


#include "ngx_sent_conv_store_private.h"


static ngx_int_t ngx_sent_conv_store_rate_begin(ngx_sent_conv_store_op_t *op,
    uint64_t each, ngx_uint_t burst);
static void ngx_sent_conv_store_rate_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply);


ngx_int_t
ngx_sent_conv_store_rate(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, uint64_t each, ngx_uint_t burst,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, customer, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_rate_begin(op, each, burst);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_rate_begin(ngx_sent_conv_store_op_t *op, uint64_t each,
    ngx_uint_t burst)
{
    ngx_str_t  argv[4], *id;

    id = &op->customer->id;

    ngx_sent_conv_store_key_customer(op, id, "rate", &argv[0]);
    ngx_str_set(&argv[1], "");
    ngx_sent_conv_store_number(op->pool, (int64_t) each, &argv[2]);
    ngx_sent_conv_store_number(op->pool, (int64_t) burst, &argv[3]);

    if (argv[0].data == NULL || argv[2].data == NULL || argv[3].data == NULL)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_redis_script(op->store->redis, id,
                                      NGX_SENT_CONV_S_RATE, 1, 4, argv,
                                      ngx_sent_conv_store_rate_done, op);
}


static void
ngx_sent_conv_store_rate_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_sent_conv_taken_t  taken;

    /* one more or less, but nothing of what was asked for */

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    if (ngx_sent_conv_reply_n(reply) != 4) {
        ngx_sent_conv_store_op_broken(op, "rate");
        return;
    }

    taken.taken = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, 0))
                  ? 1 : 0;
    taken.left = (ngx_uint_t) ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 1));
    taken.wait = (ngx_msec_t) ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 2));
    taken.full = (ngx_msec_t) ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 3));

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &taken);
}
