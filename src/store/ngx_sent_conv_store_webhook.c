
/*
 * A customer's webhooks: deleted.
 */


#include "ngx_sent_conv_store_private.h"


static ngx_int_t ngx_sent_conv_store_webhook_gone(
    ngx_sent_conv_store_change_t *change, ngx_str_t *id);
static void ngx_sent_conv_store_webhook_deleted(
    ngx_sent_conv_store_change_t *change);


ngx_int_t
ngx_sent_conv_store_webhook_delete(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *id, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_sent_conv_store_change_t  *change;

    change = ngx_sent_conv_store_change_create(store, customer, handler,
                                               data);
    if (change == NULL) {
        return NGX_ERROR;
    }

    change->finish = ngx_sent_conv_store_webhook_deleted;

    if (ngx_sent_conv_store_change_hash(change, "HDEL", "webhooks", id, NULL)
        != NGX_OK
        || ngx_sent_conv_store_webhook_gone(change, id) != NGX_OK)
    {
        ngx_sent_conv_store_op_destroy(change->op);
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_change_start(change);
}


static ngx_int_t
ngx_sent_conv_store_webhook_gone(ngx_sent_conv_store_change_t *change,
    ngx_str_t *id)
{
    ngx_str_t  *argv;

    argv = ngx_sent_conv_store_change_step(change, &change->customer, 7,
                                           NULL);
    if (argv == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "HDEL");
    ngx_sent_conv_store_key_customer(change->op, &change->customer, "health",
                                     &argv[1]);
    ngx_sent_conv_store_health_name(change->op, id, "attempt", &argv[2]);
    ngx_sent_conv_store_health_name(change->op, id, "success", &argv[3]);
    ngx_sent_conv_store_health_name(change->op, id, "failures", &argv[4]);
    ngx_sent_conv_store_health_name(change->op, id, "dead", &argv[5]);
    ngx_sent_conv_store_health_name(change->op, id, "since", &argv[6]);

    return NGX_OK;
}


/* the first step names it */

static void
ngx_sent_conv_store_webhook_deleted(ngx_sent_conv_store_change_t *change)
{
    ngx_sent_conv_store_t  *store;

    store = change->op->store;

    ngx_sent_conv_store_forget(store, &change->customer,
                               &change->steps[0].argv[2], 0,
                               store->conf->redis.partitions);

    ngx_sent_conv_store_op_finish(change->op, NGX_SENT_CONV_OK, NULL);
}
