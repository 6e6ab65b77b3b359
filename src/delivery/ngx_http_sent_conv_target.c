
/*
 * Targets: an endpoint or a carrier, the line of lanes before it, and who of
 * them is served next.
 */


#include "ngx_http_sent_conv_delivery.h"


static ngx_http_sent_conv_target_t *ngx_http_sent_conv_target_create(
    ngx_http_sent_conv_queue_t *q, ngx_str_t *name);
static void ngx_http_sent_conv_target_next(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target);
static ngx_uint_t ngx_http_sent_conv_target_barred(
    ngx_http_sent_conv_lane_t *lane);


ngx_http_sent_conv_target_t *
ngx_http_sent_conv_target_find(ngx_http_sent_conv_queue_t *q, ngx_str_t *name)
{
    uint32_t  hash;

    hash = ngx_murmur_hash2(name->data, name->len);

    return (ngx_http_sent_conv_target_t *)
               ngx_str_rbtree_lookup(&q->targets, name, hash);
}


static ngx_http_sent_conv_target_t *
ngx_http_sent_conv_target_create(ngx_http_sent_conv_queue_t *q,
    ngx_str_t *name)
{
    u_char                       *p;
    ngx_http_sent_conv_target_t  *target;

    target = ngx_calloc(sizeof(ngx_http_sent_conv_target_t) + name->len,
                        q->cycle->log);
    if (target == NULL) {
        return NULL;
    }

    p = (u_char *) target + sizeof(ngx_http_sent_conv_target_t);
    ngx_memcpy(p, name->data, name->len);

    target->sn.str.len = name->len;
    target->sn.str.data = p;
    target->sn.node.key = ngx_murmur_hash2(p, name->len);

    target->carrier = (name->data[0] == '*');
    target->max = target->carrier ? ngx_max(q->deliveries / 4, 1)
                                  : q->smcf->in_flight;
    target->limit = ngx_min(target->max, NGX_HTTP_SENT_CONV_LIMIT_START);
    target->progress = ngx_current_msec;
    target->next = ngx_current_msec;

    ngx_queue_init(&target->line);
    ngx_rbtree_insert(&q->targets, &target->sn.node);

    return target;
}


ngx_int_t
ngx_http_sent_conv_target_join(ngx_http_sent_conv_lane_t *lane,
    ngx_str_t *name)
{
    ngx_http_sent_conv_target_t  *target;

    target = ngx_http_sent_conv_target_find(lane->q, name);

    if (target != NULL && target == lane->target) {
        return NGX_OK;
    }

    ngx_http_sent_conv_target_leave(lane);

    if (target == NULL) {
        target = ngx_http_sent_conv_target_create(lane->q, name);
        if (target == NULL) {
            return NGX_ERROR;
        }

    } else if (target->lanes == 0) {
        ngx_queue_remove(&target->queue);
    }

    target->lanes++;
    lane->target = target;

    return NGX_OK;
}


void
ngx_http_sent_conv_target_leave(ngx_http_sent_conv_lane_t *lane)
{
    ngx_http_sent_conv_target_t  *target;

    target = lane->target;

    if (target == NULL) {
        return;
    }

    ngx_http_sent_conv_target_release(lane);

    lane->target = NULL;
    target->lanes--;

    if (target->lanes == 0) {
        target->used = ngx_current_msec;

        /* it has no line, so it is not among the ready */

        ngx_queue_insert_tail(&lane->q->idle, &target->queue);

        if (lane->q->closed) {
            ngx_http_sent_conv_target_expire(lane->q, 1);
        }
    }
}


void
ngx_http_sent_conv_target_wait(ngx_http_sent_conv_lane_t *lane)
{
    ngx_http_sent_conv_queue_t   *q;
    ngx_http_sent_conv_target_t  *target;

    q = lane->q;
    target = lane->target;

    lane->state = NGX_HTTP_SENT_CONV_LANE_WAITING;

    ngx_queue_insert_tail(&target->line, &lane->line);
    target->waiting++;
    q->waiting++;

    if (!target->listed) {
        target->listed = 1;
        ngx_queue_insert_tail(&q->ready, &target->queue);
    }

    ngx_post_event(&q->pump, &ngx_posted_events);
}


void
ngx_http_sent_conv_target_unwait(ngx_http_sent_conv_lane_t *lane)
{
    ngx_http_sent_conv_target_t  *target;

    target = lane->target;

    ngx_queue_remove(&lane->line);
    target->waiting--;
    lane->q->waiting--;

    if (target->waiting == 0 && target->listed) {
        target->listed = 0;
        ngx_queue_remove(&target->queue);
    }
}


/* posted, or the timer of a rate limit; the targets take turns */

void
ngx_http_sent_conv_target_pump(ngx_event_t *ev)
{
    ngx_uint_t                    n, started;
    ngx_queue_t                  *qu;
    ngx_http_sent_conv_queue_t   *q;
    ngx_http_sent_conv_target_t  *target;

    q = ev->data;

    if (q->closed) {
        return;
    }

    do {
        n = 0;
        started = 0;

        for (qu = ngx_queue_head(&q->ready);
             qu != ngx_queue_sentinel(&q->ready);
             qu = ngx_queue_next(qu))
        {
            n++;
        }

        while (n-- && !ngx_queue_empty(&q->ready)) {
            qu = ngx_queue_head(&q->ready);
            target = ngx_queue_data(qu, ngx_http_sent_conv_target_t, queue);

            ngx_queue_remove(qu);
            ngx_queue_insert_tail(&q->ready, qu);

            if (ngx_http_sent_conv_target_free_slot(q, target)) {
                started = 1;
                ngx_http_sent_conv_target_next(q, target);
            }
        }

    } while (started);
}


static void
ngx_http_sent_conv_target_next(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target)
{
    ngx_queue_t                *qu;
    ngx_http_sent_conv_lane_t  *lane;

    qu = ngx_queue_head(&target->line);
    lane = ngx_queue_data(qu, ngx_http_sent_conv_lane_t, line);

    ngx_http_sent_conv_target_unwait(lane);

    if (!target->carrier && ngx_http_sent_conv_target_barred(lane)) {
        return;
    }

    lane->slot = 1;
    target->running++;
    target->turn = 0;

    if (target->carrier) {
        q->carriers++;

    } else {
        q->webhooks++;
    }

    /* no attempt upon an old grant: an opt-out may have come since */

    if (ngx_current_msec - lane->granted > NGX_HTTP_SENT_CONV_STALE) {
        ngx_http_sent_conv_lane_take(lane);
        return;
    }

    ngx_http_sent_conv_target_start(lane);
}


/* its breaker has opened meanwhile: it is sent away */

static ngx_uint_t
ngx_http_sent_conv_target_barred(ngx_http_sent_conv_lane_t *lane)
{
    ngx_msec_t                 delay, age;
    ngx_sent_conv_endpoint_t  *endpoint;

    endpoint = ngx_sent_conv_customer_endpoint(lane->customer,
                                               &lane->endpoint);

    if (endpoint == NULL
        || ngx_http_sent_conv_breaker_begin(lane, endpoint, &delay, &age)
           == NGX_OK)
    {
        return 0;
    }

    ngx_http_sent_conv_lane_later(lane, delay, age);

    return 1;
}


/* a lane that has its place */

void
ngx_http_sent_conv_target_start(ngx_http_sent_conv_lane_t *lane)
{
    ngx_http_sent_conv_target_t  *target;

    target = lane->target;

    if (target->running == 1) {
        target->progress = ngx_current_msec;
    }

    lane->state = NGX_HTTP_SENT_CONV_LANE_RUNNING;

    if (target->carrier) {
        ngx_http_sent_conv_carrier_start(lane);
        return;
    }

    ngx_http_sent_conv_webhook_start(lane);
}


void
ngx_http_sent_conv_target_release(ngx_http_sent_conv_lane_t *lane)
{
    ngx_http_sent_conv_queue_t  *q;

    if (!lane->slot) {
        return;
    }

    q = lane->q;

    lane->slot = 0;
    lane->target->running--;

    if (lane->target->carrier) {
        q->carriers--;

    } else {
        q->webhooks--;
    }

    if (!ngx_queue_empty(&q->ready)) {
        ngx_post_event(&q->pump, &ngx_posted_events);
    }
}


/* lines that have become too long since they were joined */

void
ngx_http_sent_conv_target_trim(ngx_http_sent_conv_queue_t *q)
{
    ngx_queue_t                  *qu, *next, *last;
    ngx_http_sent_conv_lane_t    *lane;
    ngx_http_sent_conv_target_t  *target;

    for (qu = ngx_queue_head(&q->ready);
         qu != ngx_queue_sentinel(&q->ready);
         qu = next)
    {
        next = ngx_queue_next(qu);
        target = ngx_queue_data(qu, ngx_http_sent_conv_target_t, queue);

        while (target->waiting > ngx_http_sent_conv_target_line(q, target)
               && ngx_http_sent_conv_target_full(q, target))
        {
            last = ngx_queue_last(&target->line);
            lane = ngx_queue_data(last, ngx_http_sent_conv_lane_t, line);

            ngx_http_sent_conv_target_unwait(lane);
            ngx_http_sent_conv_lane_return(lane,
                                 ngx_http_sent_conv_target_refuse(q, target));
        }
    }
}


/* what was learned of a target is kept for a while, or all is freed */

void
ngx_http_sent_conv_target_expire(ngx_http_sent_conv_queue_t *q,
    ngx_uint_t all)
{
    ngx_queue_t                  *qu;
    ngx_http_sent_conv_target_t  *target;

    while (!ngx_queue_empty(&q->idle)) {
        qu = ngx_queue_head(&q->idle);
        target = ngx_queue_data(qu, ngx_http_sent_conv_target_t, queue);

        if (!all
            && ngx_current_msec - target->used
               < NGX_HTTP_SENT_CONV_TARGET_IDLE)
        {
            break;
        }

        ngx_queue_remove(qu);
        ngx_rbtree_delete(&q->targets, &target->sn.node);
        ngx_free(target);
    }
}
