
/*
 * The queue of a worker: lanes come in by grants and claims, and their leases
 * are renewed while they are in hand.
 */


#include "ngx_http_sent_conv_delivery.h"


static void ngx_http_sent_conv_queue_grant(void *data,
    ngx_sent_conv_customer_t *customer, ngx_uint_t partition,
    ngx_str_t *member, ngx_str_t *item, ngx_uint_t attempts);
static ngx_msec_t ngx_http_sent_conv_queue_busy(void *data,
    ngx_sent_conv_endpoint_t *endpoint);
static void ngx_http_sent_conv_queue_tick(ngx_event_t *ev);
static void ngx_http_sent_conv_queue_leave(ngx_http_sent_conv_queue_t *q);


ngx_int_t
ngx_http_sent_conv_delivery_init(ngx_cycle_t *cycle,
    ngx_http_sent_conv_main_conf_t *smcf)
{
    ngx_uint_t                   i;
    ngx_http_sent_conv_queue_t  *q;

    q = ngx_pcalloc(cycle->pool, sizeof(ngx_http_sent_conv_queue_t));
    if (q == NULL) {
        return NGX_ERROR;
    }

    q->partitions = ngx_palloc(cycle->pool,
                         smcf->store.redis.partitions * sizeof(ngx_queue_t));
    if (q->partitions == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < smcf->store.redis.partitions; i++) {
        ngx_queue_init(&q->partitions[i]);
    }

    q->smcf = smcf;
    q->store = smcf->runtime;
    q->cycle = cycle;

    /* a delivery takes two connections at least, and clients need some, too */

    q->deliveries = ngx_min(smcf->deliveries, cycle->connection_n / 4);
    q->deliveries = ngx_max(q->deliveries, 1);
    q->share = ngx_max(q->deliveries * 3 / 4, 1);

    ngx_rbtree_init(&q->lanes, &q->lanes_sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_rbtree_init(&q->targets, &q->targets_sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_queue_init(&q->ready);
    ngx_queue_init(&q->idle);
    ngx_queue_init(&q->trials);

    q->pump.handler = ngx_http_sent_conv_target_pump;
    q->pump.data = q;
    q->pump.log = cycle->log;

    q->pace.handler = ngx_http_sent_conv_target_pump;
    q->pace.data = q;
    q->pace.log = cycle->log;
    q->pace.cancelable = 1;

    q->tick.handler = ngx_http_sent_conv_queue_tick;
    q->tick.data = q;
    q->tick.log = cycle->log;
    q->tick.cancelable = 1;

    smcf->queue = q;

    q->store->grant = ngx_http_sent_conv_queue_grant;
    q->store->busy = ngx_http_sent_conv_queue_busy;
    q->store->trial = ngx_http_sent_conv_trial_start;
    q->store->delivery = q;

    return ngx_http_sent_conv_token_init(q);
}


/*
 * The store goes after it, and calls the handlers that are still to come:
 * they free the lanes that wait for them.
 */

void
ngx_http_sent_conv_delivery_exit(ngx_http_sent_conv_main_conf_t *smcf)
{
    ngx_uint_t                   i;
    ngx_queue_t                 *qu, *next;
    ngx_http_sent_conv_lane_t   *lane;
    ngx_http_sent_conv_queue_t  *q;

    q = smcf->queue;

    if (q == NULL) {
        return;
    }

    q->closed = 1;

    ngx_http_sent_conv_token_exit(q);

    for (i = 0; i < smcf->store.redis.partitions; i++) {

        for (qu = ngx_queue_head(&q->partitions[i]);
             qu != ngx_queue_sentinel(&q->partitions[i]);
             qu = next)
        {
            next = ngx_queue_next(qu);
            lane = ngx_queue_data(qu, ngx_http_sent_conv_lane_t, queue);

            if (lane->state == NGX_HTTP_SENT_CONV_LANE_WAITING
                || lane->state == NGX_HTTP_SENT_CONV_LANE_RUNNING
                || lane->timer.timer_set)
            {
                ngx_http_sent_conv_lane_free(lane);
            }
        }
    }

    ngx_http_sent_conv_target_expire(q, 1);

    if (q->pump.posted) {
        ngx_delete_posted_event(&q->pump);
    }

    if (q->pace.timer_set) {
        ngx_del_timer(&q->pace);
    }

    if (q->tick.timer_set) {
        ngx_del_timer(&q->tick);
    }
}


static void
ngx_http_sent_conv_queue_grant(void *data,
    ngx_sent_conv_customer_t *customer, ngx_uint_t partition,
    ngx_str_t *member, ngx_str_t *item, ngx_uint_t attempts)
{
    ngx_http_sent_conv_queue_t *q = data;

    ngx_http_sent_conv_lane_t  *lane;

    if (q->closed) {
        return;
    }

    lane = ngx_http_sent_conv_lane_find(q, member);

    if (lane != NULL) {

        /* its lease was lost, and it was emptied and filled since */

        lane->again = 1;
        return;
    }

    lane = ngx_http_sent_conv_lane_create(q, partition, member);
    if (lane == NULL) {
        return;
    }

    lane->customer = ngx_sent_conv_customer_hold(customer);

    if (ngx_http_sent_conv_lane_item(lane, item, attempts) != NGX_OK) {
        ngx_http_sent_conv_lane_free(lane);
        return;
    }

    ngx_http_sent_conv_lane_go(lane);
}


static ngx_msec_t
ngx_http_sent_conv_queue_busy(void *data, ngx_sent_conv_endpoint_t *endpoint)
{
    ngx_http_sent_conv_queue_t *q = data;

    ngx_msec_t                    wait;
    ngx_http_sent_conv_target_t  *target;

    if (q->closed || ngx_exiting || ngx_terminate) {
        return 1;
    }

    /* what arises for one that is disabled is put away, some at a time */

    if (!endpoint->is_active) {
        return NGX_HTTP_SENT_CONV_OFF;
    }

    wait = ngx_http_sent_conv_breaker_wait(q, endpoint);

    if (wait) {
        return wait;
    }

    target = ngx_http_sent_conv_target_find(q, &endpoint->id);

    if (target == NULL || !ngx_http_sent_conv_target_full(q, target)) {
        return 0;
    }

    return ngx_http_sent_conv_target_delay(q, target);
}


void
ngx_http_sent_conv_delivery_claimed(ngx_http_sent_conv_main_conf_t *smcf,
    ngx_uint_t partition, ngx_sent_conv_claimed_t *claimed)
{
    ngx_http_sent_conv_lane_t   *lane;
    ngx_http_sent_conv_queue_t  *q;

    q = smcf->queue;

    lane = ngx_http_sent_conv_lane_find(q, &claimed->member);

    if (lane != NULL) {
        lane->again = 1;
        return;
    }

    lane = ngx_http_sent_conv_lane_create(q, partition, &claimed->member);
    if (lane == NULL) {
        return;
    }

    lane->claimed = 1;

    ngx_http_sent_conv_lane_load(lane, &claimed->customer);
}


ngx_uint_t
ngx_http_sent_conv_delivery_room(ngx_http_sent_conv_main_conf_t *smcf)
{
    ngx_uint_t                   max;
    ngx_http_sent_conv_queue_t  *q;

    q = smcf->queue;
    max = 2 * q->deliveries;

    if (q->closed || ngx_exiting || ngx_terminate || q->in_hand >= max) {
        return 0;
    }

    return max - q->in_hand;
}


static void
ngx_http_sent_conv_queue_tick(ngx_event_t *ev)
{
    ngx_http_sent_conv_queue_t  *q;

    q = ev->data;

    if (q->closed) {
        return;
    }

    if (ngx_exiting || ngx_terminate) {
        ngx_http_sent_conv_queue_leave(q);

    } else {
        ngx_http_sent_conv_target_trim(q);
    }

    q->ticks++;

    if (q->ticks % (NGX_SENT_CONV_RENEW / NGX_HTTP_SENT_CONV_TICK) == 0) {
        ngx_http_sent_conv_queue_renew(q);
        ngx_http_sent_conv_target_expire(q, 0);
    }

    if (q->in_hand || !ngx_queue_empty(&q->idle)) {
        ngx_add_timer(ev, NGX_HTTP_SENT_CONV_TICK);
    }
}


/* an exiting worker gives back what it has not begun */

static void
ngx_http_sent_conv_queue_leave(ngx_http_sent_conv_queue_t *q)
{
    ngx_queue_t                  *qu;
    ngx_http_sent_conv_lane_t    *lane;
    ngx_http_sent_conv_target_t  *target;

    while (!ngx_queue_empty(&q->ready)) {
        qu = ngx_queue_head(&q->ready);
        target = ngx_queue_data(qu, ngx_http_sent_conv_target_t, queue);

        qu = ngx_queue_head(&target->line);
        lane = ngx_queue_data(qu, ngx_http_sent_conv_lane_t, line);

        ngx_http_sent_conv_target_unwait(lane);
        ngx_http_sent_conv_lane_return(lane, 0);
    }
}
