
/*
 * What the sandbox carrier was sent: a list, newest first.
 */


#include "ngx_sent_conv_store_private.h"


#define NGX_SENT_CONV_STORE_SANDBOX  1000


static ngx_int_t ngx_sent_conv_store_sandbox_add(ngx_sent_conv_store_op_t *op,
    ngx_str_t *json);
static void ngx_sent_conv_store_sandbox_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_sandbox_pushed(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_sandbox_listed(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


ngx_int_t
ngx_sent_conv_store_sandbox_push(ngx_sent_conv_store_t *store,
    ngx_str_t *json, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_sandbox_add(op, json);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_sandbox_add(ngx_sent_conv_store_op_t *op, ngx_str_t *json)
{
    ngx_str_t  argv[4];

    if (ngx_sent_conv_store_batch_init(op, 2,
                                       ngx_sent_conv_store_sandbox_each,
                                       ngx_sent_conv_store_sandbox_pushed)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "LPUSH");
    ngx_sent_conv_store_key_plain(op, "sandbox", NULL, &argv[1]);
    argv[2] = *json;

    ngx_sent_conv_store_batch_add(op, NULL, 3, argv);

    ngx_str_set(&argv[0], "LTRIM");
    ngx_str_set(&argv[2], "0");
    ngx_sent_conv_store_number(op->pool, NGX_SENT_CONV_STORE_SANDBOX - 1,
                               &argv[3]);

    ngx_sent_conv_store_batch_add(op, NULL, 4, argv);

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_sandbox_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    /* void */
}


static void
ngx_sent_conv_store_sandbox_pushed(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_op_finish(op, op->err, NULL);
}


ngx_int_t
ngx_sent_conv_store_sandbox_list(ngx_sent_conv_store_t *store,
    ngx_uint_t limit, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_str_t                  argv[4];
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    if (limit == 0 || limit > NGX_SENT_CONV_STORE_SANDBOX) {
        limit = NGX_SENT_CONV_STORE_SANDBOX;
    }

    ngx_str_set(&argv[0], "LRANGE");
    ngx_sent_conv_store_key_plain(op, "sandbox", NULL, &argv[1]);
    ngx_str_set(&argv[2], "0");
    ngx_sent_conv_store_number(op->pool, (int64_t) limit - 1, &argv[3]);

    rc = NGX_ERROR;

    if (argv[1].data != NULL && argv[3].data != NULL) {
        rc = ngx_sent_conv_redis_command(store->redis, NULL, 4, argv,
                                         ngx_sent_conv_store_sandbox_listed,
                                         op);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_sandbox_listed(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t    *json;
    ngx_uint_t    i, n;
    ngx_array_t  *list;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    n = ngx_sent_conv_reply_n(reply);

    list = ngx_array_create(op->pool, n + 1, sizeof(ngx_str_t));
    if (list == NULL) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    for (i = 0; i < n; i++) {
        json = ngx_array_push(list);
        *json = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, list);
}
