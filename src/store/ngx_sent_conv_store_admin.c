
/*
 * The operator's changes: customers.
 */


#include "ngx_sent_conv_store_private.h"


static ngx_int_t ngx_sent_conv_store_customer_steps(
    ngx_sent_conv_store_change_t *change, ngx_str_t *name);
static void ngx_sent_conv_store_customer_made(
    ngx_sent_conv_store_change_t *change);
static void ngx_sent_conv_store_customer_read(void *data,
    ngx_sent_conv_err_e err, void *result);
static ngx_int_t ngx_sent_conv_store_patch_steps(
    ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_customer_patch_t *patch);
static void ngx_sent_conv_store_customers_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


ngx_int_t
ngx_sent_conv_store_customer_create(ngx_sent_conv_store_t *store,
    ngx_str_t *id, ngx_str_t *name, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_sent_conv_store_change_t  *change;

    change = ngx_sent_conv_store_change_create(store, id, handler, data);
    if (change == NULL) {
        return NGX_ERROR;
    }

    change->finish = ngx_sent_conv_store_customer_made;

    return ngx_sent_conv_store_change_begin(change,
                            ngx_sent_conv_store_customer_steps(change, name));
}


/* what a repeat finds is left as it is: each may be sent again */

static ngx_int_t
ngx_sent_conv_store_customer_steps(ngx_sent_conv_store_change_t *change,
    ngx_str_t *name)
{
    ngx_str_t         now, *argv;
    static ngx_str_t  name_field = ngx_string("name");
    static ngx_str_t  created = ngx_string("created_at");

    ngx_sent_conv_store_number(change->op->pool,
                               (int64_t) ngx_sent_conv_store_now(), &now);

    if (now.data == NULL
        || ngx_sent_conv_store_change_hash(change, "HSETNX", "settings",
                                           &name_field, name)
           != NGX_OK
        || ngx_sent_conv_store_change_hash(change, "HSETNX", "settings",
                                           &created, &now)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    argv = ngx_sent_conv_store_change_step(change, NULL, 5, NULL);
    if (argv == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "ZADD");
    ngx_sent_conv_store_key_plain(change->op, "customers", NULL, &argv[1]);
    ngx_str_set(&argv[2], "NX");
    argv[3] = now;
    argv[4] = change->customer;

    return NGX_OK;
}


static void
ngx_sent_conv_store_customer_made(ngx_sent_conv_store_change_t *change)
{
    ngx_int_t                  rc;
    ngx_sent_conv_customer_t  *customer;

    rc = ngx_sent_conv_store_customer(change->op->store, NGX_SENT_CONV_BY_ID,
                                      &change->customer, &customer,
                                      ngx_sent_conv_store_customer_read,
                                      change->op);

    if (rc == NGX_OK) {
        ngx_sent_conv_store_op_finish(change->op, NGX_SENT_CONV_OK, customer);

    } else if (rc != NGX_AGAIN) {
        ngx_sent_conv_store_op_finish(change->op, NGX_SENT_CONV_UNKNOWN,
                                      NULL);
    }
}


static void
ngx_sent_conv_store_customer_read(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    if (err != NGX_SENT_CONV_OK || result == NULL) {
        ngx_sent_conv_store_op_finish(data, NGX_SENT_CONV_UNKNOWN, NULL);
        return;
    }

    ngx_sent_conv_store_op_finish(data, NGX_SENT_CONV_OK, result);
}


ngx_int_t
ngx_sent_conv_store_customer_patch(ngx_sent_conv_store_t *store,
    ngx_str_t *id, ngx_sent_conv_customer_patch_t *patch,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_sent_conv_store_change_t  *change;

    change = ngx_sent_conv_store_change_create(store, id, handler, data);
    if (change == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_change_begin(change,
                              ngx_sent_conv_store_patch_steps(change, patch));
}


static ngx_int_t
ngx_sent_conv_store_patch_steps(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_customer_patch_t *patch)
{
    ngx_str_t   *argv;
    ngx_uint_t   i, n;
    ngx_pool_t  *pool;
    ngx_str_t    pairs[8];

    n = 0;
    pool = change->op->pool;

    if (patch->keywords.data != NULL) {
        ngx_str_set(&pairs[n], "keywords");
        pairs[n + 1] = patch->keywords;
        n += 2;
    }

    if (patch->confirmation.data != NULL) {
        ngx_str_set(&pairs[n], "confirmation");
        pairs[n + 1] = patch->confirmation;
        n += 2;
    }

    if (patch->help.data != NULL) {
        ngx_str_set(&pairs[n], "help");
        pairs[n + 1] = patch->help;
        n += 2;
    }

    if (patch->conversations != -1) {
        ngx_str_set(&pairs[n], "conversations_enabled");
        ngx_str_set(&pairs[n + 1], "0");

        if (patch->conversations) {
            ngx_str_set(&pairs[n + 1], "1");
        }

        n += 2;
    }

    /* nothing to change: a harmless question keeps the handler's promise */

    argv = ngx_sent_conv_store_change_step(change, &change->customer, 2 + n,
                                           NULL);
    if (argv == NULL) {
        return NGX_ERROR;
    }

    if (n) {
        ngx_str_set(&argv[0], "HSET");

    } else {
        ngx_str_set(&argv[0], "EXISTS");
    }

    ngx_sent_conv_store_key_customer(change->op, &change->customer,
                                     "settings", &argv[1]);

    for (i = 0; i < n; i++) {
        if (ngx_sent_conv_store_copy(pool, &pairs[i], &argv[2 + i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_customers(ngx_sent_conv_store_t *store,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_str_t                  argv[4];
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "ZRANGE");
    ngx_sent_conv_store_key_plain(op, "customers", NULL, &argv[1]);
    ngx_str_set(&argv[2], "0");
    ngx_str_set(&argv[3], "-1");

    rc = (argv[1].data == NULL) ? NGX_ERROR
         : ngx_sent_conv_redis_command(store->redis, NULL, 4, argv,
                                       ngx_sent_conv_store_customers_done,
                                       op);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_customers_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t    *id;
    ngx_uint_t    i, n;
    ngx_array_t  *ids;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    n = ngx_sent_conv_reply_n(reply);

    ids = ngx_array_create(op->pool, n + 1, sizeof(ngx_str_t));
    if (ids == NULL) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    for (i = 0; i < n; i++) {
        id = ngx_array_push(ids);
        *id = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, ids);
}
