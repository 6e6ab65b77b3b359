
/*
 * What is said of consent holds for all numbers of who said it: carried over
 * to those by which carriers know the contact, or whose other number it is.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    ngx_sent_conv_store_change_of_t   change;
    ngx_str_t                         rest;      /* words, still to be told */
} ngx_sent_conv_store_also_t;


static ngx_int_t ngx_sent_conv_store_also_begin(ngx_sent_conv_store_op_t *op,
    ngx_str_t *numbers, ngx_str_t *look,
    ngx_sent_conv_store_change_of_t *change);
static void ngx_sent_conv_store_also_found(void *data,
    ngx_sent_conv_err_e err, void *result);
static ngx_int_t ngx_sent_conv_store_also_next(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_also_told(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


ngx_int_t
ngx_sent_conv_store_also(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *numbers, ngx_str_t *look,
    ngx_sent_conv_store_change_of_t *change, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    if (numbers->len == 0 && look == NULL) {
        return NGX_DONE;
    }

    op = ngx_sent_conv_store_op_create(store, customer, handler, data,
                                       sizeof(ngx_sent_conv_store_also_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_also_begin(op, numbers, look, change);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_also_begin(ngx_sent_conv_store_op_t *op,
    ngx_str_t *numbers, ngx_str_t *look,
    ngx_sent_conv_store_change_of_t *change)
{
    ngx_sent_conv_store_also_t  *ctx;

    ctx = op->ctx;

    ctx->change = *change;
    ctx->change.also = 1;
    ctx->change.preferred = NGX_SENT_CONV_CHANNELS;

    if (ngx_sent_conv_store_copy(op->pool, &change->key, &ctx->change.key)
        != NGX_OK
        || ngx_sent_conv_store_op_trace(op, &change->trace) != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, numbers, &ctx->rest) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ctx->rest.len) {
        return ngx_sent_conv_store_also_next(op);
    }

    return ngx_sent_conv_store_alias(op->store, op->customer, look,
                                     ngx_sent_conv_store_also_found, op);
}


static void
ngx_sent_conv_store_also_found(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_sent_conv_store_op_t *op = data;
    ngx_str_t *contact = result;

    ngx_sent_conv_store_also_t  *ctx;

    if (err != NGX_SENT_CONV_OK || contact == NULL) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    ctx = op->ctx;

    if (ngx_sent_conv_store_copy(op->pool, contact, &ctx->rest) != NGX_OK
        || ngx_sent_conv_store_also_next(op) != NGX_OK)
    {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNKNOWN, NULL);
    }
}


static ngx_int_t
ngx_sent_conv_store_also_next(ngx_sent_conv_store_op_t *op)
{
    u_char                       id[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t                    number;
    ngx_sent_conv_store_also_t  *ctx;

    ctx = op->ctx;
    number = ngx_sent_conv_store_word(&ctx->rest, ' ');

    ngx_sent_conv_contact_id(id, &op->customer->id, &number);

    return ngx_sent_conv_store_consent_send(op, id, &ctx->change,
                                            ngx_sent_conv_store_also_told);
}


static void
ngx_sent_conv_store_also_told(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_sent_conv_store_also_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    ctx = op->ctx;

    ngx_sent_conv_store_leased(op, reply);

    if (ctx->rest.len == 0) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    if (ngx_sent_conv_store_also_next(op) != NGX_OK) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNKNOWN, NULL);
    }
}
