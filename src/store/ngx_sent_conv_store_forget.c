
/*
 * What is kept of the events of an endpoint that is no more goes with it;
 * nobody waits for that.
 */


#include "ngx_sent_conv_store_private.h"


static ngx_int_t ngx_sent_conv_store_forget_part(
    ngx_sent_conv_store_op_t *op, ngx_uint_t partition, ngx_str_t *customer,
    ngx_str_t *endpoint);
static void ngx_sent_conv_store_forget_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_forget_done(ngx_sent_conv_store_op_t *op);


void
ngx_sent_conv_store_forget(ngx_sent_conv_store_t *store, ngx_str_t *customer,
    ngx_str_t *endpoint, ngx_uint_t first, ngx_uint_t n)
{
    ngx_uint_t                 p;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, NULL, NULL, NULL, 0);
    if (op == NULL) {
        return;
    }

    if (ngx_sent_conv_store_batch_init(op, 2 * n,
                                       ngx_sent_conv_store_forget_each,
                                       ngx_sent_conv_store_forget_done)
        == NGX_OK)
    {
        for (p = first; p < first + n; p++) {
            if (ngx_sent_conv_store_forget_part(op, p, customer, endpoint)
                != NGX_OK)
            {
                break;
            }
        }

        if (ngx_sent_conv_store_batch_end(op) == NGX_OK) {
            return;
        }
    }

    ngx_sent_conv_store_op_destroy(op);
}


static ngx_int_t
ngx_sent_conv_store_forget_part(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, ngx_str_t *customer, ngx_str_t *endpoint)
{
    u_char     *p, buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t   tag, argv[5];

    ngx_sent_conv_store_tag(partition, buf, &tag);

    ngx_str_set(&argv[0], "UNLINK");
    ngx_sent_conv_store_key_part(op, partition, "d", endpoint, &argv[1]);
    ngx_sent_conv_store_key_part(op, partition, "e", endpoint, &argv[2]);
    ngx_sent_conv_store_key_part(op, partition, "a", endpoint, &argv[3]);
    ngx_sent_conv_store_key_part(op, partition, "b", endpoint, &argv[4]);

    ngx_sent_conv_store_batch_add(op, &tag, 5, argv);

    p = ngx_pnalloc(op->pool, sizeof("b::") - 1 + customer->len
                              + endpoint->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "ZREM");
    ngx_sent_conv_store_key_part(op, partition, "due", NULL, &argv[1]);
    argv[2].data = p;
    argv[2].len = ngx_sprintf(p, "b:%V:%V", customer, endpoint) - p;

    ngx_sent_conv_store_batch_add(op, &tag, 3, argv);

    return NGX_OK;
}


static void
ngx_sent_conv_store_forget_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    /* void */
}


static void
ngx_sent_conv_store_forget_done(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_op_finish(op, op->err, NULL);
}
