
/*
 * Idempotency records: an id chosen beforehand, then the first answer.
 */


#include "ngx_sent_conv_store_private.h"


static ngx_int_t ngx_sent_conv_store_idem_key(ngx_sent_conv_store_op_t *op,
    ngx_str_t *customer, ngx_str_t *key, ngx_str_t *dst);
static ngx_int_t ngx_sent_conv_store_idem_start(ngx_sent_conv_store_op_t *op,
    ngx_str_t *customer, ngx_str_t *key, ngx_msec_t lock);
static void ngx_sent_conv_store_idem_begun(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_idem_stop(ngx_sent_conv_store_op_t *op,
    ngx_str_t *key, ngx_str_t *id, ngx_uint_t status, ngx_str_t *body);
static void ngx_sent_conv_store_idem_ended(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


/* in the order of ngx_sent_conv_idem_e */

static const char  *ngx_sent_conv_store_idems[] = {
    "NEW", "AGAIN", "BUSY", "DONE", NULL
};


ngx_int_t
ngx_sent_conv_store_idem_begin(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *key, ngx_msec_t lock,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_idem_start(op, customer, key, lock);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_idem_start(ngx_sent_conv_store_op_t *op,
    ngx_str_t *customer, ngx_str_t *key, ngx_msec_t lock)
{
    u_char     id[NGX_SENT_CONV_UUID_LEN];
    u_char     ms[NGX_INT64_LEN], ttl[NGX_INT64_LEN];
    ngx_str_t  argv[5];

    if (ngx_sent_conv_store_idem_key(op, customer, key, &argv[0]) != NGX_OK
        || ngx_sent_conv_store_uuid(id, NULL) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[1], "");

    argv[2].len = NGX_SENT_CONV_UUID_LEN;
    argv[2].data = id;

    argv[3].data = ms;
    argv[3].len = ngx_sprintf(ms, "%M", lock) - ms;

    argv[4].data = ttl;
    argv[4].len = ngx_sprintf(ttl, "%uL", (uint64_t) NGX_SENT_CONV_IDEM_TTL)
                  - ttl;

    return ngx_sent_conv_redis_script(op->store->redis, NULL,
                                      NGX_SENT_CONV_S_IDEM_BEGIN, 1, 5, argv,
                                      ngx_sent_conv_store_idem_begun, op);
}


static ngx_int_t
ngx_sent_conv_store_idem_key(ngx_sent_conv_store_op_t *op,
    ngx_str_t *customer, ngx_str_t *key, ngx_str_t *dst)
{
    ngx_str_t  *prefix;

    prefix = &op->store->conf->redis.prefix;

    dst->data = ngx_pnalloc(op->pool, prefix->len + sizeof("idem::")
                                      + customer->len + key->len);
    if (dst->data == NULL) {
        return NGX_ERROR;
    }

    dst->len = ngx_sprintf(dst->data, "%Videm:%V:%V", prefix, customer, key)
               - dst->data;

    return NGX_OK;
}


static void
ngx_sent_conv_store_idem_begun(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_int_t                    what;
    ngx_sent_conv_idem_result_t  result;

    /* nothing but the record may have come to be */

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    what = ngx_sent_conv_store_which(ngx_sent_conv_reply_at(reply, 0),
                                     ngx_sent_conv_store_idems);

    if (what == NGX_ERROR) {
        ngx_sent_conv_store_op_broken(op, "idem_begin");
        return;
    }

    ngx_memzero(&result, sizeof(ngx_sent_conv_idem_result_t));

    result.what = (ngx_sent_conv_idem_e) what;

    if (what == NGX_SENT_CONV_IDEM_DONE) {
        result.status = (ngx_uint_t) ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 1));
        result.body = ngx_sent_conv_reply_str(
                                            ngx_sent_conv_reply_at(reply, 2));

    } else {
        result.id = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 1));
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &result);
}


ngx_int_t
ngx_sent_conv_store_idem_end(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *key, ngx_str_t *id, ngx_uint_t status,
    ngx_str_t *body, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_str_t                  name;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_idem_key(op, customer, key, &name);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_idem_stop(op, &name, id, status, body);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_idem_stop(ngx_sent_conv_store_op_t *op, ngx_str_t *key,
    ngx_str_t *id, ngx_uint_t status, ngx_str_t *body)
{
    u_char     buf[NGX_INT_T_LEN];
    ngx_str_t  argv[5];

    argv[0] = *key;
    argv[1] = *id;

    argv[2].data = buf;
    argv[2].len = ngx_sprintf(buf, "%ui", status) - buf;

    if (status != 0 && body != NULL && body->len) {
        argv[3] = *body;

    } else {
        ngx_str_set(&argv[3], "");
    }

    ngx_str_set(&argv[4], "");

    return ngx_sent_conv_redis_script(op->store->redis, NULL,
                                      NGX_SENT_CONV_S_IDEM_END, 1, 5, argv,
                                      ngx_sent_conv_store_idem_ended, op);
}


static void
ngx_sent_conv_store_idem_ended(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_finish(data, err, NULL);
}
