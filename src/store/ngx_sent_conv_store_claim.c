
/*
 * Leases of a partition: what is due in it, and the lanes that this worker
 * goes on holding.
 */


#include "ngx_sent_conv_store_private.h"


static void ngx_sent_conv_store_claim_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_claim_read(ngx_pool_t *pool,
    ngx_sent_conv_reply_t *reply, ngx_sent_conv_claim_result_t *result);
static ngx_int_t ngx_sent_conv_store_renew_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_lane_t *lanes, ngx_uint_t n);
static void ngx_sent_conv_store_renew_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


ngx_int_t
ngx_sent_conv_store_claim(ngx_sent_conv_store_t *store, ngx_uint_t partition,
    ngx_uint_t deadlines, ngx_uint_t lanes, ngx_uint_t spare,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                   rc;
    ngx_sent_conv_store_op_t   *op;
    ngx_sent_conv_store_call_t  call;

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    op->partition = partition;

    rc = ngx_sent_conv_store_call_init(&call, op, 0);

    if (rc == NGX_OK) {
        ngx_sent_conv_store_call_key(&call, "lanes", NULL);
        ngx_sent_conv_store_call_key(&call, "lane", NULL);
        ngx_sent_conv_store_call_key(&call, "due", NULL);
        ngx_sent_conv_store_call_keys_end(&call);

        ngx_sent_conv_store_call_text(&call, "");
        ngx_sent_conv_store_call_bytes(&call, store->owner,
                                       sizeof(store->owner));
        ngx_sent_conv_store_call_number(&call, NGX_SENT_CONV_LEASE);
        ngx_sent_conv_store_call_number(&call, NGX_SENT_CONV_BRIEF);
        ngx_sent_conv_store_call_number(&call, (int64_t) deadlines);
        ngx_sent_conv_store_call_number(&call, (int64_t) lanes);
        ngx_sent_conv_store_call_number(&call, spare ? 1 : 0);

        rc = ngx_sent_conv_store_call_send(&call, NGX_SENT_CONV_S_CLAIM,
                                           ngx_sent_conv_store_claim_done);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_claim_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    int64_t                       n;
    ngx_sent_conv_claim_result_t  result;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    if (ngx_sent_conv_reply_n(reply) < 6) {
        ngx_sent_conv_store_op_broken(op, "claim");
        return;
    }

    n = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, 5));

    if (n > 0) {
        ngx_sent_conv_count_n(&op->store->metrics->takeovers,
                              (ngx_atomic_int_t) n);
    }

    /* what cannot be told here comes again when its lease has run out */

    if (ngx_sent_conv_store_claim_read(op->pool, reply, &result) != NGX_OK) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNKNOWN, NULL);
        return;
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &result);
}


static ngx_int_t
ngx_sent_conv_store_claim_read(ngx_pool_t *pool, ngx_sent_conv_reply_t *reply,
    ngx_sent_conv_claim_result_t *result)
{
    ngx_str_t                *member;
    ngx_uint_t                i, n;
    ngx_sent_conv_reply_t    *list;
    ngx_sent_conv_claimed_t  *lane;

    result->now = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, 0));
    result->next_due = ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 1));
    result->next_lane = ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 2));

    list = ngx_sent_conv_reply_at(reply, 3);
    n = ngx_sent_conv_reply_n(list);

    if (ngx_array_init(&result->due, pool, n + 1, sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        member = ngx_array_push(&result->due);
        *member = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(list, i));
    }

    list = ngx_sent_conv_reply_at(reply, 4);
    n = ngx_sent_conv_reply_n(list);

    if (ngx_array_init(&result->lanes, pool, n / 2 + 1,
                       sizeof(ngx_sent_conv_claimed_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i + 1 < n; i += 2) {
        lane = ngx_array_push(&result->lanes);
        lane->member = ngx_sent_conv_reply_str(
                                             ngx_sent_conv_reply_at(list, i));
        lane->customer = ngx_sent_conv_reply_str(
                                         ngx_sent_conv_reply_at(list, i + 1));
    }

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_renew(ngx_sent_conv_store_t *store, ngx_uint_t partition,
    ngx_sent_conv_lane_t *lanes, ngx_uint_t n, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    op->partition = partition;

    rc = ngx_sent_conv_store_renew_begin(op, lanes, n);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_renew_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_lane_t *lanes, ngx_uint_t n)
{
    u_char      buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t   tag, *argv;
    ngx_uint_t  i, argc;

    argv = ngx_palloc(op->pool, (5 + 2 * n) * sizeof(ngx_str_t));
    if (argv == NULL) {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_key_part(op, op->partition, "lanes", NULL, &argv[0]);
    ngx_sent_conv_store_key_part(op, op->partition, "lane", NULL, &argv[1]);

    if (argv[0].data == NULL || argv[1].data == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[2], "");

    argv[3].len = sizeof(op->store->owner);
    argv[3].data = op->store->owner;

    ngx_sent_conv_store_number(op->pool, NGX_SENT_CONV_LEASE, &argv[4]);

    if (argv[4].data == NULL) {
        return NGX_ERROR;
    }

    argc = 5;

    for (i = 0; i < n; i++) {
        argv[argc++] = lanes[i].member;
        argv[argc++] = lanes[i].item;
    }

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    return ngx_sent_conv_redis_script(op->store->redis, &tag,
                                      NGX_SENT_CONV_S_RENEW, 2, argc, argv,
                                      ngx_sent_conv_store_renew_done, op);
}


static void
ngx_sent_conv_store_renew_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_uint_t    i, n, *ours;
    ngx_array_t  *result;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    n = ngx_sent_conv_reply_n(reply);

    result = ngx_array_create(op->pool, n + 1, sizeof(ngx_uint_t));
    if (result == NULL) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNKNOWN, NULL);
        return;
    }

    for (i = 0; i < n; i++) {
        ours = ngx_array_push(result);
        *ours = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, i)) == 1;
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, result);
}
