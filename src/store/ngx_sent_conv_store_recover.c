
/*
 * All that an endpoint has given up since some time goes out again: asked for
 * in every partition, and moved back by the sweep, a few at a time.
 */


#include "ngx_sent_conv_store_events.h"


/* of one turn; each may be another lane, and a key */
#define NGX_SENT_CONV_STORE_RECOVER_MAX  64

/* ms over which the partitions' first turns are spread */
#define NGX_SENT_CONV_STORE_RECOVER_SPREAD  1000


typedef struct {
    int64_t                    count;
} ngx_sent_conv_store_recover_t;

typedef struct {
    ngx_str_t                  endpoint;
    ngx_uint_t                 events;       /* of this turn, at most */
    ngx_msec_t                 later;        /* ms until the next */
    ngx_uint_t                 more;
} ngx_sent_conv_store_turn_t;


static ngx_int_t ngx_sent_conv_store_recover_begin(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_recover_t *recover);
static void ngx_sent_conv_store_recover_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_recover_done(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_recover_member(
    ngx_sent_conv_store_op_t *op, ngx_str_t *endpoint, ngx_str_t *member);
static void ngx_sent_conv_store_turn_pace(ngx_sent_conv_store_op_t *op,
    ngx_uint_t room);
static ngx_int_t ngx_sent_conv_store_turn_ask(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_turn_named(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_turn_move(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *threads);
static void ngx_sent_conv_store_turn_moved(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


ngx_int_t
ngx_sent_conv_store_recover(ngx_sent_conv_store_t *store,
    ngx_sent_conv_recover_t *recover, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, recover->customer, handler,
                                       data,
                                       sizeof(ngx_sent_conv_store_recover_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_recover_begin(op, recover);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_recover_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_recover_t *recover)
{
    u_char                       buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                    tag, argv[9];
    ngx_uint_t                   p, partitions;
    ngx_sent_conv_store_conf_t  *conf;

    conf = op->store->conf;
    partitions = conf->redis.partitions;

    if (ngx_sent_conv_store_batch_init(op, partitions,
                                       ngx_sent_conv_store_recover_each,
                                       ngx_sent_conv_store_recover_done)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[3], "");
    ngx_sent_conv_store_number(op->pool, (int64_t) recover->since, &argv[4]);
    ngx_sent_conv_store_number(op->pool, (int64_t) conf->retention, &argv[5]);
    ngx_sent_conv_store_number(op->pool, recover->sandbox, &argv[8]);

    if (ngx_sent_conv_store_recover_member(op, &recover->endpoint, &argv[6])
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (p = 0; p < partitions; p++) {
        ngx_sent_conv_store_key_part(op, p, "d", &recover->endpoint, &argv[0]);
        ngx_sent_conv_store_key_part(op, p, "b", &recover->endpoint, &argv[1]);
        ngx_sent_conv_store_key_part(op, p, "due", NULL, &argv[2]);

        ngx_sent_conv_store_number(op->pool, (int64_t)
                                   (p * NGX_SENT_CONV_STORE_RECOVER_SPREAD
                                    / partitions),
                                   &argv[7]);

        ngx_sent_conv_store_tag(p, buf, &tag);
        ngx_sent_conv_store_batch_script(op, &tag, NGX_SENT_CONV_S_RECOVER, 3,
                                         9, argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_recover_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    int64_t                         n;
    ngx_sent_conv_store_recover_t  *ctx;

    ctx = op->ctx;

    n = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, 1));

    if (n > 0) {
        ngx_sent_conv_store_wake(op->store, index, 0);
    }

    ctx->count += n;
}


/* what part of it is asked for stays so: a repeat asks for the rest */

static void
ngx_sent_conv_store_recover_done(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_recover_t  *ctx;

    ctx = op->ctx;

    if (op->err != NGX_SENT_CONV_OK && op->nsent > 1) {
        op->err = NGX_SENT_CONV_UNKNOWN;
    }

    ngx_sent_conv_store_op_finish(op, op->err, &ctx->count);
}


/* "b:<customer>:<endpoint>" */

static ngx_int_t
ngx_sent_conv_store_recover_member(ngx_sent_conv_store_op_t *op,
    ngx_str_t *endpoint, ngx_str_t *member)
{
    ngx_str_t  *customer;

    customer = &op->customer->id;

    member->data = ngx_pnalloc(op->pool, sizeof("b::") - 1 + customer->len
                                         + endpoint->len);
    if (member->data == NULL) {
        return NGX_ERROR;
    }

    member->len = ngx_sprintf(member->data, "b:%V:%V", customer, endpoint)
                  - member->data;

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_recover_turn(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_endpoint_t *endpoint,
    ngx_uint_t partition, ngx_uint_t room, ngx_msec_t later,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                    rc;
    ngx_sent_conv_store_op_t    *op;
    ngx_sent_conv_store_turn_t  *ctx;

    op = ngx_sent_conv_store_op_create(store, customer, handler, data,
                                       sizeof(ngx_sent_conv_store_turn_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    ctx = op->ctx;

    op->partition = partition;
    ctx->endpoint = endpoint->id;

    if (later) {
        ctx->later = later;
        rc = ngx_sent_conv_store_turn_move(op, NULL);

    } else {
        ngx_sent_conv_store_turn_pace(op, room);
        rc = ngx_sent_conv_store_turn_ask(op);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


/* a partition's share of the rate, once a second or so */

static void
ngx_sent_conv_store_turn_pace(ngx_sent_conv_store_op_t *op, ngx_uint_t room)
{
    ngx_uint_t                   rate;
    ngx_sent_conv_store_conf_t  *conf;
    ngx_sent_conv_store_turn_t  *ctx;

    ctx = op->ctx;
    conf = op->store->conf;
    rate = conf->recover_rate;

    ctx->events = rate / conf->redis.partitions;
    ctx->events = ngx_min(ctx->events, NGX_SENT_CONV_STORE_RECOVER_MAX);
    ctx->events = ngx_max(ngx_min(ctx->events, room), 1);

    ctx->later = ctx->events * 1000 * conf->redis.partitions / rate;
}


static ngx_int_t
ngx_sent_conv_store_turn_ask(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_call_t   call;
    ngx_sent_conv_store_turn_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_call_init(&call, op, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_key(&call, "d", &ctx->endpoint);
    ngx_sent_conv_store_call_key(&call, "b", &ctx->endpoint);
    ngx_sent_conv_store_call_keys_end(&call);

    ngx_sent_conv_store_call_text(&call, "");
    ngx_sent_conv_store_call_number(&call,
                                    (int64_t) op->store->conf->retention);
    ngx_sent_conv_store_call_number(&call, (int64_t) ctx->events);

    return ngx_sent_conv_store_call_send(&call, NGX_SENT_CONV_S_RECOVER_NEXT,
                                         ngx_sent_conv_store_turn_named);
}


static void
ngx_sent_conv_store_turn_named(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    if (ngx_sent_conv_store_turn_move(op, reply) != NGX_OK) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNSENT, NULL);
    }
}


/* threads NULL: it is put off */

static ngx_int_t
ngx_sent_conv_store_turn_move(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *threads)
{
    ngx_str_t                    member, thread;
    ngx_uint_t                   i, n;
    ngx_msec_t                   delay, lease;
    ngx_sent_conv_store_t       *store;
    ngx_sent_conv_endpoint_t    *endpoint;
    ngx_sent_conv_store_call_t   call;
    ngx_sent_conv_store_turn_t  *ctx;

    ctx = op->ctx;
    store = op->store;

    endpoint = ngx_sent_conv_customer_endpoint(op->customer, &ctx->endpoint);
    n = threads ? ngx_sent_conv_reply_n(threads) : 0;
    n = ngx_min(n, NGX_SENT_CONV_STORE_RECOVER_MAX);

    if (endpoint == NULL
        || ngx_sent_conv_store_recover_member(op, &ctx->endpoint, &member)
           != NGX_OK
        || ngx_sent_conv_store_call_init(&call, op,
                               n * (store->conf->redis.prefix.len
                                    + NGX_SENT_CONV_KEY_LEN
                                    + 2 * NGX_SENT_CONV_UUID_LEN))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_key(&call, "lanes", NULL);
    ngx_sent_conv_store_call_key(&call, "lane", NULL);
    ngx_sent_conv_store_call_key(&call, "due", NULL);
    ngx_sent_conv_store_call_key(&call, "d", &ctx->endpoint);
    ngx_sent_conv_store_call_key(&call, "b", &ctx->endpoint);
    ngx_sent_conv_store_call_key(&call, "a", &ctx->endpoint);

    for (i = 0; i < n; i++) {
        thread = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(threads, i));

        if (thread.len != NGX_SENT_CONV_UUID_LEN) {
            return NGX_ERROR;
        }

        call.thread = thread.data;
        ngx_sent_conv_store_call_target(&call, &ctx->endpoint);
    }

    ngx_sent_conv_store_call_keys_end(&call);

    lease = ngx_sent_conv_store_lease(store);
    delay = ngx_sent_conv_store_delay(op, endpoint);

    ngx_sent_conv_store_call_text(&call, "");
    ngx_sent_conv_store_call_bytes(&call, store->owner, sizeof(store->owner));
    ngx_sent_conv_store_call_number(&call, (int64_t) lease);
    ngx_sent_conv_store_call_str(&call, &op->customer->id);
    ngx_sent_conv_store_call_str(&call, &member);
    ngx_sent_conv_store_call_number(&call, (int64_t) ctx->later);
    ngx_sent_conv_store_call_number(&call, (int64_t) store->conf->retention);
    ngx_sent_conv_store_call_number(&call,
                                    threads ? (int64_t) ctx->events : 0);
    ngx_sent_conv_store_log_age(&call);
    ngx_sent_conv_store_call_number(&call, (int64_t) delay);

    op->wake = ngx_min(op->wake, lease ? ctx->later : 0);

    return ngx_sent_conv_store_call_send(&call, NGX_SENT_CONV_S_RECOVER_MOVE,
                                         ngx_sent_conv_store_turn_moved);
}


static void
ngx_sent_conv_store_turn_moved(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_sent_conv_store_turn_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    ctx = op->ctx;
    ctx->more = ngx_sent_conv_reply_is(ngx_sent_conv_reply_at(reply, 2), "1");

    ngx_sent_conv_store_leased(op, reply);

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &ctx->more);
}
