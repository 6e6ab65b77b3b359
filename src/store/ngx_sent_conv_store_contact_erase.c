
/*
 * One contact is erased: its other numbers in the customer's slot, then all of
 * it in its own.
 */


#include "ngx_sent_conv_store_private.h"


/* of one contact, at most; and how often they may change meanwhile */
#define NGX_SENT_CONV_STORE_OTHERS  8
#define NGX_SENT_CONV_STORE_TURNS   4


typedef struct {
    u_char      thread[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t   others;                      /* that are off the list */
    ngx_uint_t  turns;

    unsigned    sandbox:1;
} ngx_sent_conv_store_erase_t;


static ngx_int_t ngx_sent_conv_store_erase_send(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_erase_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_erase_others(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_erase_listed(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


/*
 * The script does nothing as long as the contact has numbers that are not off
 * the list: who dies in between leaves a contact that can be erased again.
 */

ngx_int_t
ngx_sent_conv_store_contact_delete(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *id, ngx_uint_t sandbox,
    ngx_str_t *trace, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                     rc;
    ngx_sent_conv_store_op_t     *op;
    ngx_sent_conv_store_erase_t  *ctx;

    op = ngx_sent_conv_store_op_create(store, customer, handler, data,
                                       sizeof(ngx_sent_conv_store_erase_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    ctx = op->ctx;
    ctx->sandbox = sandbox ? 1 : 0;
    ngx_str_set(&ctx->others, "");

    ngx_sent_conv_thread_id(ctx->thread, &customer->id, id->data);

    op->partition = ngx_sent_conv_partition(ctx->thread,
                                            store->conf->redis.partitions);

    rc = ngx_sent_conv_store_op_trace(op, trace);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_erase_send(op);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


/* the lanes of all endpoints, whether they are active or not */

static ngx_int_t
ngx_sent_conv_store_erase_send(ngx_sent_conv_store_op_t *op)
{
    ngx_uint_t                    i, n;
    ngx_sent_conv_endpoint_t     *endpoint;
    ngx_sent_conv_store_call_t    call;
    ngx_sent_conv_store_erase_t  *ctx;

    ctx = op->ctx;
    endpoint = op->customer->endpoints.elts;
    n = op->customer->endpoints.nelts;

    if (ngx_sent_conv_store_call_pair(&call, op, ctx->thread, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_key(&call, "ct", &op->customer->id);

    for (i = 0; i < n; i++) {
        ngx_sent_conv_store_call_key(&call, "d", &endpoint[i].id);
        ngx_sent_conv_store_call_key(&call, "e", &endpoint[i].id);
        ngx_sent_conv_store_call_key(&call, "a", &endpoint[i].id);
    }

    for (i = 0; i < n; i++) {
        ngx_sent_conv_store_call_target(&call, &endpoint[i].id);
    }

    if (ngx_sent_conv_store_call_args(&call,
                                      ngx_sent_conv_store_lease(op->store))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_number(&call, (int64_t) n);
    ngx_sent_conv_store_call_number(&call, ctx->sandbox);
    ngx_sent_conv_store_call_str(&call, &ctx->others);

    for (i = 0; i < n; i++) {
        ngx_sent_conv_store_call_number(&call,
                               ngx_sent_conv_store_call_wanted(&endpoint[i])
                               ? (int64_t) endpoint[i].mask : 0);
    }

    return ngx_sent_conv_store_call_send(&call,
                                         NGX_SENT_CONV_S_CONTACT_DELETE,
                                         ngx_sent_conv_store_erase_done);
}


static void
ngx_sent_conv_store_erase_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_int_t                     rc;
    ngx_sent_conv_reply_t        *what;
    ngx_sent_conv_store_erase_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    ctx = op->ctx;
    what = ngx_sent_conv_reply_at(reply, 0);

    if (ngx_sent_conv_reply_is(what, "OTHERS")) {

        if (ngx_sent_conv_store_erase_others(op, reply) != NGX_OK) {
            ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNSENT, NULL);
        }

        return;
    }

    rc = ngx_sent_conv_reply_is(what, "NONE") ? NGX_DECLINED : NGX_OK;

    ngx_sent_conv_store_leased(op, reply);

    if (rc == NGX_OK && !ctx->sandbox) {
        ngx_sent_conv_store_wake(op->store, op->partition, 0);
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &rc);
}


static ngx_int_t
ngx_sent_conv_store_erase_others(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply)
{
    ngx_str_t                     rest, argv[NGX_SENT_CONV_STORE_OTHERS + 2];
    ngx_uint_t                    n;
    ngx_sent_conv_store_erase_t  *ctx;

    ctx = op->ctx;

    rest = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 2));

    if (ctx->turns++ == NGX_SENT_CONV_STORE_TURNS
        || ngx_sent_conv_store_copy(op->pool, &rest, &ctx->others) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (rest.len == 0) {
        return ngx_sent_conv_store_erase_send(op);
    }

    ngx_str_set(&argv[0], "HDEL");
    ngx_sent_conv_store_key_customer(op, &op->customer->id, "alias",
                                     &argv[1]);

    rest = ctx->others;

    for (n = 2; rest.len && n < NGX_SENT_CONV_STORE_OTHERS + 2; n++) {
        argv[n] = ngx_sent_conv_store_word(&rest, ' ');
    }

    if (argv[1].data == NULL || rest.len) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_redis_command(op->store->redis, &op->customer->id,
                                       n, argv,
                                       ngx_sent_conv_store_erase_listed, op);
}


/* whatever became of it, the contact is as it was */

static void
ngx_sent_conv_store_erase_listed(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    if (err != NGX_SENT_CONV_OK
        || ngx_sent_conv_store_erase_send(op) != NGX_OK)
    {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNSENT, NULL);
    }
}
