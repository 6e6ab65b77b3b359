
/*
 * A customer's webhooks: put, deleted, switched off.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    ngx_str_t  customer;
    ngx_str_t  id;
    ngx_str_t  reason;
} ngx_sent_conv_store_disable_t;


static ngx_int_t ngx_sent_conv_store_webhook_write(
    ngx_sent_conv_store_t *store, ngx_str_t *customer,
    ngx_sent_conv_endpoint_t *endpoint, const char *mode,
    ngx_sent_conv_store_pt handler, void *data);
static ngx_int_t ngx_sent_conv_store_webhook_steps(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_endpoint_t *endpoint,
    const char *mode);
static ngx_int_t ngx_sent_conv_store_webhook_written(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_webhook_gone(
    ngx_sent_conv_store_change_t *change, ngx_str_t *id);
static void ngx_sent_conv_store_disable_read(void *data,
    ngx_sent_conv_err_e err, void *result);
static ngx_int_t ngx_sent_conv_store_disable_put(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_customer_t *customer);
static void ngx_sent_conv_store_disabled(void *data, ngx_sent_conv_err_e err,
    void *result);


ngx_int_t
ngx_sent_conv_store_webhook_put(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_endpoint_t *endpoint,
    ngx_sent_conv_store_pt handler, void *data)
{
    return ngx_sent_conv_store_webhook_write(store, customer, endpoint, "0",
                                             handler, data);
}


/* mode: that of the script config_put */

static ngx_int_t
ngx_sent_conv_store_webhook_write(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_endpoint_t *endpoint, const char *mode,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_sent_conv_store_change_t  *change;

    change = ngx_sent_conv_store_change_create(store, customer, handler,
                                               data);
    if (change == NULL) {
        return NGX_ERROR;
    }

    change->tells = 1;

    if (ngx_sent_conv_store_webhook_steps(change, endpoint, mode) != NGX_OK) {
        ngx_sent_conv_store_op_destroy(change->op);
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_change_start(change);
}


static ngx_int_t
ngx_sent_conv_store_webhook_steps(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_endpoint_t *endpoint, const char *mode)
{
    ngx_str_t  *argv;

    argv = ngx_sent_conv_store_change_step(change, &change->customer, 5,
                                          ngx_sent_conv_store_webhook_written);
    if (argv == NULL) {
        return NGX_ERROR;
    }

    change->steps[change->n - 1].script = NGX_SENT_CONV_S_CONFIG_PUT;

    ngx_sent_conv_store_key_customer(change->op, &change->customer,
                                     "webhooks", &argv[0]);
    ngx_sent_conv_store_number(change->op->pool, NGX_SENT_CONV_MAX_ENDPOINTS,
                               &argv[3]);

    argv[4].len = 1;
    argv[4].data = (u_char *) mode;

    if (ngx_sent_conv_store_copy(change->op->pool, &endpoint->id, &argv[1])
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_config_webhook_json(change->op->pool, endpoint,
                                                   &argv[2]);
}


static ngx_int_t
ngx_sent_conv_store_webhook_written(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_reply_t *reply)
{
    if (ngx_sent_conv_reply_is(reply, "OK")) {
        return NGX_OK;
    }

    if (ngx_sent_conv_reply_is(reply, "FULL")
        || ngx_sent_conv_reply_is(reply, "GONE"))
    {
        change->result = NGX_DECLINED;
        return NGX_DECLINED;
    }

    return NGX_ERROR;
}


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

    argv = ngx_sent_conv_store_change_step(change, &change->customer, 6,
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

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_webhook_disable(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *id, ngx_str_t *reason)
{
    ngx_int_t                       rc;
    ngx_sent_conv_customer_t       *is;
    ngx_sent_conv_store_op_t       *op;
    ngx_sent_conv_store_disable_t  *ctx;

    op = ngx_sent_conv_store_op_create(store, NULL, NULL, NULL,
                                       sizeof(ngx_sent_conv_store_disable_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    ctx = op->ctx;

    if (ngx_sent_conv_store_copy(op->pool, customer, &ctx->customer) != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, id, &ctx->id) != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, reason, &ctx->reason) != NGX_OK)
    {
        ngx_sent_conv_store_op_destroy(op);
        return NGX_ERROR;
    }

    /* as it is now, not as it was when the attempt began */

    rc = ngx_sent_conv_store_customer(store, NGX_SENT_CONV_BY_ID,
                                      &ctx->customer, &is,
                                      ngx_sent_conv_store_disable_read, op);

    if (rc == NGX_AGAIN) {
        return NGX_OK;
    }

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_disable_put(op, is);
    }

    ngx_sent_conv_store_op_destroy(op);

    return rc;
}


static void
ngx_sent_conv_store_disable_read(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_sent_conv_store_op_t *op = data;

    if (err == NGX_SENT_CONV_OK) {
        (void) ngx_sent_conv_store_disable_put(op, result);
    }

    ngx_sent_conv_store_op_destroy(op);
}


static ngx_int_t
ngx_sent_conv_store_disable_put(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_customer_t *customer)
{
    ngx_sent_conv_endpoint_t       *endpoint, off;
    ngx_sent_conv_store_disable_t  *ctx;

    ctx = op->ctx;

    endpoint = customer ? ngx_sent_conv_customer_endpoint(customer, &ctx->id)
                        : NULL;

    if (endpoint == NULL || !endpoint->is_active) {
        return NGX_OK;
    }

    off = *endpoint;
    off.is_active = 0;
    off.updated_at = ngx_sent_conv_store_now();
    off.disabled_reason = ctx->reason;

    /* what was deleted meanwhile does not come back */

    return ngx_sent_conv_store_webhook_write(op->store, &customer->id, &off,
                                             "2",
                                             ngx_sent_conv_store_disabled,
                                             NULL);
}


static void
ngx_sent_conv_store_disabled(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    /* void */
}
