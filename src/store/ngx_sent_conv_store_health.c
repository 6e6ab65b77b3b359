
/*
 * How endpoints fare: noted without being waited for, and read.
 */


#include "ngx_sent_conv_store_private.h"


/* ms between two notes of one kind */
#define NGX_SENT_CONV_STORE_PACE  1000


static void ngx_sent_conv_store_health_read(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_health_field(ngx_array_t *list,
    ngx_str_t *field, uint64_t value);
static ngx_sent_conv_health_t *ngx_sent_conv_store_health_of(
    ngx_array_t *list, ngx_str_t *id);
static ngx_uint_t ngx_sent_conv_store_health_due(
    ngx_sent_conv_store_t *store, ngx_str_t *endpoint,
    ngx_sent_conv_outcome_e outcome);
static ngx_int_t ngx_sent_conv_store_health_step(
    ngx_sent_conv_store_change_t *change, ngx_str_t *endpoint,
    ngx_sent_conv_outcome_e outcome, ngx_uint_t n);
static ngx_int_t ngx_sent_conv_store_health_done(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_reply_t *reply);


/* in the order of ngx_sent_conv_outcome_e */

static ngx_str_t  ngx_sent_conv_store_outcomes[] = {
    ngx_string("GOOD"),
    ngx_string("BAD"),
    ngx_string("DEAD"),
    ngx_string("GONE")
};


ngx_int_t
ngx_sent_conv_store_health(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_str_t                  argv[2];
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "HGETALL");
    ngx_sent_conv_store_key_customer(op, customer, "health", &argv[1]);

    rc = (argv[1].data == NULL) ? NGX_ERROR
         : ngx_sent_conv_redis_command(store->redis, customer, 2, argv,
                                       ngx_sent_conv_store_health_read, op);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_health_read(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t     field;
    ngx_uint_t    i, n;
    ngx_array_t  *list;

    list = ngx_array_create(op->pool, NGX_SENT_CONV_MAX_ENDPOINTS,
                            sizeof(ngx_sent_conv_health_t));

    if (err != NGX_SENT_CONV_OK || list == NULL) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    n = ngx_sent_conv_reply_n(reply);

    for (i = 0; i + 1 < n; i += 2) {
        field = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));

        if (ngx_sent_conv_store_health_field(list, &field,
                      (uint64_t) ngx_sent_conv_reply_int(
                                        ngx_sent_conv_reply_at(reply, i + 1)))
            != NGX_OK)
        {
            ngx_sent_conv_store_op_unread(op);
            return;
        }
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, list);
}


static ngx_int_t
ngx_sent_conv_store_health_field(ngx_array_t *list, ngx_str_t *field,
    uint64_t value)
{
    ngx_str_t                what, id;
    ngx_sent_conv_health_t  *health;

    what = *field;
    id = ngx_sent_conv_store_word(&what, ':');

    health = ngx_sent_conv_store_health_of(list, &id);
    if (health == NULL) {
        return NGX_ERROR;
    }

    if (what.len == 7 && ngx_memcmp(what.data, "attempt", 7) == 0) {
        health->last_attempt = value;

    } else if (what.len == 7 && ngx_memcmp(what.data, "success", 7) == 0) {
        health->last_success = value;

    } else if (what.len == 8 && ngx_memcmp(what.data, "failures", 8) == 0) {
        health->failures = (ngx_uint_t) value;

    } else if (what.len == 4 && ngx_memcmp(what.data, "dead", 4) == 0) {
        health->dead = (ngx_uint_t) value;
    }

    return NGX_OK;
}


static ngx_sent_conv_health_t *
ngx_sent_conv_store_health_of(ngx_array_t *list, ngx_str_t *id)
{
    ngx_uint_t               i;
    ngx_sent_conv_health_t  *health;

    health = list->elts;

    for (i = 0; i < list->nelts; i++) {
        if (health[i].id.len == id->len
            && ngx_memcmp(health[i].id.data, id->data, id->len) == 0)
        {
            return &health[i];
        }
    }

    health = ngx_array_push(list);
    if (health == NULL) {
        return NULL;
    }

    ngx_memzero(health, sizeof(ngx_sent_conv_health_t));
    health->id = *id;

    return health;
}


void
ngx_sent_conv_store_health_note(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *endpoint, ngx_sent_conv_outcome_e outcome,
    ngx_uint_t n)
{
    ngx_int_t                      rc;
    ngx_sent_conv_store_change_t  *change;

    if (!ngx_sent_conv_store_health_due(store, endpoint, outcome)) {
        return;
    }

    change = ngx_sent_conv_store_change_create(store, customer, NULL, NULL);
    if (change == NULL) {
        return;
    }

    rc = ngx_sent_conv_store_health_step(change, endpoint, outcome, n);

    (void) ngx_sent_conv_store_change_begin(change, rc);
}


static ngx_uint_t
ngx_sent_conv_store_health_due(ngx_sent_conv_store_t *store,
    ngx_str_t *endpoint, ngx_sent_conv_outcome_e outcome)
{
    uint32_t                     hash;
    ngx_msec_t                   before, *at;
    ngx_sent_conv_store_own_t   *own;
    ngx_sent_conv_store_pace_t  *pace;

    own = store->cache;

    hash = ngx_murmur_hash2(endpoint->data, endpoint->len);
    pace = &own->paces[hash % NGX_SENT_CONV_STORE_PACES];
    before = ngx_current_msec - NGX_SENT_CONV_STORE_PACE;

    if (pace->hash != hash) {
        pace->hash = hash;
        pace->success = before;
        pace->failure = before;
    }

    if (outcome != NGX_SENT_CONV_HEALTH_GOOD
        && outcome != NGX_SENT_CONV_HEALTH_BAD)
    {
        /* the next success ends the row, however soon it comes */

        pace->success = before;
        return 1;
    }

    at = (outcome == NGX_SENT_CONV_HEALTH_GOOD) ? &pace->success
                                                : &pace->failure;

    if ((ngx_msec_int_t) (before - *at) < 0) {
        return 0;
    }

    *at = ngx_current_msec;

    return 1;
}


static ngx_int_t
ngx_sent_conv_store_health_step(ngx_sent_conv_store_change_t *change,
    ngx_str_t *endpoint, ngx_sent_conv_outcome_e outcome, ngx_uint_t n)
{
    ngx_str_t                   *argv;
    ngx_pool_t                  *pool;
    ngx_sent_conv_store_step_t  *step;
    ngx_sent_conv_store_conf_t  *conf;

    pool = change->op->pool;
    conf = change->op->store->conf;
    step = &change->steps[change->n];

    argv = ngx_sent_conv_store_change_step(change, &change->customer, 8,
                                           ngx_sent_conv_store_health_done);
    if (argv == NULL) {
        return NGX_ERROR;
    }

    step->script = NGX_SENT_CONV_S_HEALTH;
    step->keys = 2;

    ngx_sent_conv_store_key_customer(change->op, &change->customer,
                                     "webhooks", &argv[0]);
    ngx_sent_conv_store_key_customer(change->op, &change->customer, "health",
                                     &argv[1]);
    ngx_str_set(&argv[2], "");
    argv[4] = ngx_sent_conv_store_outcomes[outcome];
    ngx_sent_conv_store_number(pool, (int64_t) n, &argv[5]);
    ngx_sent_conv_store_number(pool, (int64_t) conf->disable_events,
                               &argv[6]);
    ngx_sent_conv_store_number(pool, (int64_t) conf->disable_time, &argv[7]);

    return ngx_sent_conv_store_copy(pool, endpoint, &argv[3]);
}


/* only one that was switched off is a change that others are told of */

static ngx_int_t
ngx_sent_conv_store_health_done(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_reply_t *reply)
{
    ngx_str_t      why;
    ngx_uint_t     gone;
    ngx_atomic_t  *disabled;

    if (!ngx_sent_conv_reply_is(ngx_sent_conv_reply_at(reply, 0), "OFF")) {
        change->changed = 0;
        return NGX_OK;
    }

    gone = ngx_sent_conv_store_same(&change->steps[0].argv[4],
                  &ngx_sent_conv_store_outcomes[NGX_SENT_CONV_HEALTH_GONE]);

    disabled = change->op->store->metrics->disabled;

    ngx_sent_conv_count(&disabled[gone ? NGX_SENT_CONV_M_GONE
                                       : NGX_SENT_CONV_M_FAILURES]);

    why = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 2));

    ngx_log_error(NGX_LOG_WARN, change->op->store->cycle->log, 0,
                  "sent conv webhook \"%V\" is disabled: %V",
                  &change->steps[0].argv[3], &why);

    return NGX_OK;
}


void
ngx_sent_conv_store_health_name(ngx_sent_conv_store_op_t *op,
    ngx_str_t *endpoint, const char *what, ngx_str_t *dst)
{
    dst->len = 0;
    dst->data = ngx_pnalloc(op->pool, endpoint->len + sizeof(":failures"));

    if (dst->data != NULL) {
        dst->len = ngx_sprintf(dst->data, "%V:%s", endpoint, what)
                   - dst->data;
    }
}
