
/*
 * The steps of a lane that this worker holds: an attempt is granted, has
 * succeeded, has failed.  A webhook's lane and a carrier's differ in scripts.
 */


#include "ngx_sent_conv_store_private.h"


#define NGX_SENT_CONV_STORE_DROP  (-3)

#define NGX_SENT_CONV_STORE_LEFT  (NGX_SENT_CONV_LANE_LOST + 1)


typedef struct {
    u_char                   thread[NGX_SENT_CONV_UUID_LEN];
    ngx_sent_conv_channel_e  channel;        /* CHANNELS: a webhook's lane */
    int64_t                  delay;          /* of a failure */
    unsigned                 deferred:1;
} ngx_sent_conv_store_lane_t;


static ngx_sent_conv_store_op_t *ngx_sent_conv_store_lane_create(
    ngx_sent_conv_store_t *store, ngx_sent_conv_lane_t *lane,
    ngx_sent_conv_store_pt handler, void *data);
static ngx_int_t ngx_sent_conv_store_lane_call(
    ngx_sent_conv_store_call_t *call, ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_lane_t *lane, size_t extra);
static ngx_str_t ngx_sent_conv_store_lane_endpoint(
    ngx_sent_conv_lane_t *lane);
static ngx_int_t ngx_sent_conv_store_lane_head(
    ngx_sent_conv_store_call_t *call, ngx_msec_t lease);
static ngx_int_t ngx_sent_conv_store_lane_send(
    ngx_sent_conv_store_call_t *call, ngx_sent_conv_script_e endpoint,
    ngx_sent_conv_script_e carrier);
static ngx_int_t ngx_sent_conv_store_take_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_lane_t *lane);
static ngx_int_t ngx_sent_conv_store_ack_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_success_t *success);
static ngx_int_t ngx_sent_conv_store_fail_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_failure_t *failure);
static ngx_int_t ngx_sent_conv_store_defer_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_defer_t *defer);
static void ngx_sent_conv_store_lane_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_lane_dead(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply, ngx_sent_conv_lane_result_t *result);


/* in the order of ngx_sent_conv_lane_e, and one more */

static const char  *ngx_sent_conv_store_lanes[] = {
    "NEXT", "LATER", "EMPTY", "LOST", "LEFT", NULL
};


static ngx_sent_conv_store_op_t *
ngx_sent_conv_store_lane_create(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_store_pt handler, void *data)
{
    u_char                      *p, *last;
    ngx_str_t                    target;
    ngx_sent_conv_store_op_t    *op;
    ngx_sent_conv_store_lane_t  *ctx;

    /* "q:<target>:<thread>" */

    if (lane->member.len < sizeof("q::") + NGX_SENT_CONV_UUID_LEN) {
        return NULL;
    }

    op = ngx_sent_conv_store_op_create(store, lane->customer, handler, data,
                                       sizeof(ngx_sent_conv_store_lane_t));
    if (op == NULL) {
        return NULL;
    }

    op->partition = lane->partition;
    ctx = op->ctx;

    last = lane->member.data + lane->member.len - NGX_SENT_CONV_UUID_LEN;
    p = lane->member.data + 2;

    target.data = p;
    target.len = last - 1 - p;

    ngx_memcpy(ctx->thread, last, NGX_SENT_CONV_UUID_LEN);

    ctx->channel = (op->customer == NULL) ? NGX_SENT_CONV_CHANNELS
                                       : ngx_sent_conv_channel_parse(&target);

    return op;
}


static ngx_int_t
ngx_sent_conv_store_lane_call(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_lane_t *lane, size_t extra)
{
    ngx_sent_conv_store_lane_t  *ctx;

    ctx = op->ctx;
    extra += 2 * lane->member.len;

    if (ctx->channel != NGX_SENT_CONV_CHANNELS) {
        if (ngx_sent_conv_store_call_pair(call, op, ctx->thread, extra)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

    } else {
        if (ngx_sent_conv_store_call_init(call, op, extra) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_sent_conv_store_call_key(call, "lanes", NULL);
        ngx_sent_conv_store_call_key(call, "lane", NULL);
    }

    ngx_sent_conv_store_call_lane(call, &lane->member);

    return NGX_OK;
}


/* "q:<endpoint>:<thread>" */

static ngx_str_t
ngx_sent_conv_store_lane_endpoint(ngx_sent_conv_lane_t *lane)
{
    ngx_str_t  endpoint;

    endpoint.data = lane->member.data + 2;
    endpoint.len = lane->member.len - 3 - NGX_SENT_CONV_UUID_LEN;

    return endpoint;
}


static ngx_int_t
ngx_sent_conv_store_lane_head(ngx_sent_conv_store_call_t *call,
    ngx_msec_t lease)
{
    ngx_sent_conv_store_t       *store;
    ngx_sent_conv_store_lane_t  *ctx;

    ctx = call->op->ctx;
    store = call->op->store;

    if (ctx->channel != NGX_SENT_CONV_CHANNELS) {
        return ngx_sent_conv_store_call_head(call, lease);
    }

    ngx_sent_conv_store_call_keys_end(call);

    ngx_sent_conv_store_call_text(call, "");
    ngx_sent_conv_store_call_bytes(call, store->owner, sizeof(store->owner));
    ngx_sent_conv_store_call_number(call, (int64_t) lease);

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_store_lane_send(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_script_e endpoint, ngx_sent_conv_script_e carrier)
{
    ngx_sent_conv_store_lane_t  *ctx;

    ctx = call->op->ctx;

    if (ctx->channel != NGX_SENT_CONV_CHANNELS) {
        return ngx_sent_conv_store_call_send_pair(call, carrier,
                                               ngx_sent_conv_store_lane_done);
    }

    return ngx_sent_conv_store_call_send(call, endpoint,
                                         ngx_sent_conv_store_lane_done);
}


ngx_int_t
ngx_sent_conv_store_take(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_lane_create(store, lane, handler, data);
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_take_begin(op, lane);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_take_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_lane_t *lane)
{
    ngx_sent_conv_store_call_t  call;

    if (ngx_sent_conv_store_lane_call(&call, op, lane, 0) != NGX_OK
        || ngx_sent_conv_store_lane_head(&call, NGX_SENT_CONV_LEASE) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_lane_send(&call, NGX_SENT_CONV_S_TAKE,
                                         NGX_SENT_CONV_S_CARRIER_TAKE);
}


ngx_int_t
ngx_sent_conv_store_ack(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_success_t *success,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_lane_create(store, lane, handler, data);
    if (op == NULL) {
        return NGX_ERROR;
    }

    if (success->alias.len && lane->customer != NULL) {
        ngx_sent_conv_store_alias_learn(store, lane->customer,
                                        &success->alias, &success->contact);
    }

    rc = ngx_sent_conv_store_ack_begin(op, lane, success);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_ack_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_success_t *success)
{
    ngx_str_t                    endpoint, rest;
    ngx_sent_conv_store_call_t   call;
    ngx_sent_conv_store_lane_t  *ctx;

    ctx = op->ctx;
    ngx_str_null(&rest);
    endpoint = ngx_sent_conv_store_lane_endpoint(lane);

    if (ctx->channel != NGX_SENT_CONV_CHANNELS
        && success->carrier_id.len
        && ngx_sent_conv_store_carrier_id(op->pool, ctx->channel,
                                          &success->carrier_id, &rest)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_sent_conv_store_lane_call(&call, op, lane, rest.len) != NGX_OK) {
        return NGX_ERROR;
    }

    if (rest.len) {
        ngx_sent_conv_store_call_key(&call, "cid", &rest);

    } else if (ctx->channel != NGX_SENT_CONV_CHANNELS) {
        ngx_sent_conv_store_call_key(&call, "cid:-", NULL);

    } else {
        ngx_sent_conv_store_call_key(&call, "e", &endpoint);
        ngx_sent_conv_store_call_key(&call, "a", &endpoint);
    }

    if (ngx_sent_conv_store_lane_head(&call, success->more
                                             ? NGX_SENT_CONV_LEASE : 0)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_str(&call, &lane->item);

    if (ctx->channel != NGX_SENT_CONV_CHANNELS) {
        ngx_sent_conv_store_call_number(&call,
                                 rest.len ? (int64_t) NGX_SENT_CONV_ONCE : 0);

    } else if (ngx_sent_conv_store_log_ack(&call, &success->note, &endpoint)
               != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_lane_send(&call, NGX_SENT_CONV_S_ACK,
                                         NGX_SENT_CONV_S_CARRIER_ACK);
}


ngx_int_t
ngx_sent_conv_store_fail(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_failure_t *failure,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_lane_create(store, lane, handler, data);
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_fail_begin(op, lane, failure);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


ngx_int_t
ngx_sent_conv_store_drop(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane)
{
    ngx_sent_conv_lane_t     dropped;
    ngx_sent_conv_failure_t  failure;

    /* no customer: no events, whatever the lane is */

    dropped = *lane;
    dropped.customer = NULL;

    ngx_memzero(&failure, sizeof(ngx_sent_conv_failure_t));
    failure.delay = NGX_SENT_CONV_STORE_DROP;

    return ngx_sent_conv_store_fail(store, &dropped, &failure, NULL, NULL);
}


static ngx_int_t
ngx_sent_conv_store_fail_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_failure_t *failure)
{
    ngx_str_t                    endpoint, error;
    ngx_sent_conv_store_call_t   call;
    ngx_sent_conv_store_lane_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_lane_call(&call, op, lane, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_str_null(&error);

    if (ctx->channel == NGX_SENT_CONV_CHANNELS) {
        endpoint = ngx_sent_conv_store_lane_endpoint(lane);

        ngx_sent_conv_store_call_key(&call, "d", &endpoint);
        ngx_sent_conv_store_call_key(&call, "a", &endpoint);

    } else if (ngx_sent_conv_store_error_json(op->pool, &failure->code,
                                              &failure->title, &error)
               != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->delay = failure->delay;

    if (ngx_sent_conv_store_lane_head(&call,
                                      failure->more ? NGX_SENT_CONV_LEASE : 0)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_str(&call, &lane->item);
    ngx_sent_conv_store_call_number(&call, failure->delay);

    if (ctx->channel != NGX_SENT_CONV_CHANNELS) {
        ngx_sent_conv_store_call_str(&call, &error);
        ngx_sent_conv_store_call_number(&call, failure->uncounted);

    } else if (ngx_sent_conv_store_log_fail(&call, failure) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_lane_send(&call, NGX_SENT_CONV_S_FAIL,
                                         NGX_SENT_CONV_S_CARRIER_FAIL);
}


ngx_int_t
ngx_sent_conv_store_defer(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_defer_t *defer,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_lane_create(store, lane, handler, data);
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_defer_begin(op, lane, defer);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_defer_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_defer_t *defer)
{
    ngx_str_t                    endpoint;
    ngx_sent_conv_store_call_t   call;
    ngx_sent_conv_store_lane_t  *ctx;

    ctx = op->ctx;
    ctx->delay = (int64_t) defer->delay;
    ctx->deferred = 1;

    if (ngx_sent_conv_store_lane_call(&call, op, lane, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    endpoint = ngx_sent_conv_store_lane_endpoint(lane);

    ngx_sent_conv_store_call_key(&call, "d", &endpoint);
    ngx_sent_conv_store_call_key(&call, "a", &endpoint);
    ngx_sent_conv_store_call_keys_end(&call);

    ngx_sent_conv_store_call_text(&call, "");
    ngx_sent_conv_store_call_bytes(&call, op->store->owner,
                                   sizeof(op->store->owner));
    ngx_sent_conv_store_call_str(&call, &lane->item);
    ngx_sent_conv_store_call_number(&call, (int64_t) defer->delay);
    ngx_sent_conv_store_call_number(&call, (int64_t) defer->age);

    if (ngx_sent_conv_store_log_dead(&call, defer->why) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_call_send(&call, NGX_SENT_CONV_S_DEFER,
                                         ngx_sent_conv_store_lane_done);
}


static void
ngx_sent_conv_store_lane_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_int_t                     what;
    ngx_sent_conv_store_lane_t   *ctx;
    ngx_sent_conv_lane_result_t   result;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    what = ngx_sent_conv_store_which(ngx_sent_conv_reply_at(reply, 0),
                                     ngx_sent_conv_store_lanes);

    if (what == NGX_ERROR) {
        ngx_sent_conv_store_op_broken(op, "lane");
        return;
    }

    ctx = op->ctx;
    ngx_memzero(&result, sizeof(ngx_sent_conv_lane_result_t));

    if (what == NGX_SENT_CONV_LANE_NEXT) {
        result.item = ngx_sent_conv_reply_str(
                                            ngx_sent_conv_reply_at(reply, 2));
        result.attempts = (ngx_uint_t) ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 3));
        result.died = ctx->channel != NGX_SENT_CONV_CHANNELS
                      && ngx_sent_conv_reply_is(
                                       ngx_sent_conv_reply_at(reply, 4), "1");

    } else if (what == NGX_SENT_CONV_STORE_LEFT) {
        what = NGX_SENT_CONV_LANE_LATER;
        op->wake = 0;

    } else if (what == NGX_SENT_CONV_LANE_LATER) {
        op->wake = ngx_min(op->wake,
                           (ngx_msec_t) ngx_max(ctx->delay, 0));
    }

    result.what = (ngx_sent_conv_lane_e) what;

    /* a webhook's lane is not told with the whole pair */

    if (ctx->channel == NGX_SENT_CONV_CHANNELS) {
        ngx_sent_conv_store_lane_dead(op, reply, &result);
        reply = NULL;
    }

    ngx_sent_conv_store_leased(op, reply);

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &result);
}


static void
ngx_sent_conv_store_lane_dead(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply, ngx_sent_conv_lane_result_t *result)
{
    ngx_sent_conv_store_lane_t  *ctx;

    ctx = op->ctx;

    if (ctx->deferred) {
        result->gone = (ngx_uint_t) ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 2));

    } else if (ctx->delay == NGX_SENT_CONV_GIVE_UP
               && result->what != NGX_SENT_CONV_LANE_LOST)
    {
        result->gone = 1;
    }

    if (result->gone) {
        ngx_sent_conv_count_n(&op->store->metrics->dead,
                              (ngx_atomic_int_t) result->gone);
    }
}
