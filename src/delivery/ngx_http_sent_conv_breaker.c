
/*
 * The breakers of endpoints, in memory that the node's workers share: who may
 * be tried, when the others come back, and the rate of those that have one.
 */


#include "ngx_http_sent_conv_delivery.h"


/* ms beside the attempt's own time until a probe is taken for lost */
#define NGX_HTTP_SENT_CONV_PROBE_SLACK  3000

#define NGX_HTTP_SENT_CONV_REQUEST_TIMEOUT  408


static ngx_sent_conv_breaker_t *ngx_http_sent_conv_breaker_lock(
    ngx_http_sent_conv_queue_t *q, ngx_sent_conv_endpoint_t *endpoint,
    ngx_uint_t make, ngx_uint_t *current);
static void ngx_http_sent_conv_breaker_unlock(ngx_http_sent_conv_queue_t *q);
static ngx_sent_conv_attempt_e ngx_http_sent_conv_breaker_verdict(
    ngx_http_sent_conv_verdict_t *verdict);
static void ngx_http_sent_conv_breaker_log(ngx_http_sent_conv_queue_t *q,
    ngx_sent_conv_endpoint_t *endpoint, ngx_sent_conv_breaker_t *before,
    ngx_sent_conv_breaker_t *after);


/*
 * Locked, unless NULL: there is nothing to know of the endpoint.  current is 0
 * where the endpoint is older than what is known.
 */

static ngx_sent_conv_breaker_t *
ngx_http_sent_conv_breaker_lock(ngx_http_sent_conv_queue_t *q,
    ngx_sent_conv_endpoint_t *endpoint, ngx_uint_t make, ngx_uint_t *current)
{
    ngx_slab_pool_t           *shpool;
    ngx_sent_conv_breaker_t   *b;
    ngx_sent_conv_breakers_t  *breakers;

    if (endpoint->id.len != NGX_SENT_CONV_UUID_LEN) {
        return NULL;
    }

    breakers = &q->store->shared->breakers;

    /* most work well; what another worker has just learned may be missed */

    if (!make) {
        b = ngx_sent_conv_breaker_find(breakers, endpoint->id.data);

        if (b == NULL || (!b->open && !b->holds && b->failures == 0)) {
            return NULL;
        }
    }

    /* the master unlocks it for a worker that died */

    shpool = (ngx_slab_pool_t *) q->smcf->zone->shm.addr;

    ngx_shmtx_lock(&shpool->mutex);

    b = ngx_sent_conv_breaker_get(breakers, endpoint->id.data,
                                  ngx_current_msec);

    *current = ngx_sent_conv_breaker_version(b, endpoint->updated_at);

    if (b->open && q->smcf->breaker.failures == 0) {
        ngx_sent_conv_breaker_close(b);
    }

    return b;
}


static void
ngx_http_sent_conv_breaker_unlock(ngx_http_sent_conv_queue_t *q)
{
    ngx_slab_pool_t  *shpool;

    shpool = (ngx_slab_pool_t *) q->smcf->zone->shm.addr;

    ngx_shmtx_unlock(&shpool->mutex);
}


/* for a lane that is not there yet */

ngx_msec_t
ngx_http_sent_conv_breaker_wait(ngx_http_sent_conv_queue_t *q,
    ngx_sent_conv_endpoint_t *endpoint)
{
    ngx_msec_t                wait;
    ngx_uint_t                current;
    ngx_sent_conv_breaker_t  *b;

    b = ngx_http_sent_conv_breaker_lock(q, endpoint, 0, &current);
    if (b == NULL) {
        return 0;
    }

    wait = ngx_sent_conv_breaker_wait(b, ngx_current_msec);

    ngx_http_sent_conv_breaker_unlock(q);

    return wait ? wait + ngx_random() % (wait / 4 + 1000) : 0;
}


/* for a lane in hand, which is sent away if it has to wait */

ngx_msec_t
ngx_http_sent_conv_breaker_turn(ngx_http_sent_conv_queue_t *q,
    ngx_sent_conv_endpoint_t *endpoint, ngx_msec_t *age)
{
    ngx_msec_t                turn;
    ngx_uint_t                current;
    ngx_sent_conv_breaker_t  *b;

    *age = 0;

    b = ngx_http_sent_conv_breaker_lock(q, endpoint, 0, &current);
    if (b == NULL) {
        return 0;
    }

    turn = ngx_sent_conv_breaker_turn(b, ngx_current_msec,
                                      (uint32_t) ngx_random());
    *age = ngx_sent_conv_breaker_age(b, &q->smcf->breaker, ngx_current_msec);

    ngx_http_sent_conv_breaker_unlock(q);

    return turn;
}


/* NGX_OK: the lane may be tried now; NGX_AGAIN: after *delay */

ngx_int_t
ngx_http_sent_conv_breaker_begin(ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_endpoint_t *endpoint, ngx_msec_t *delay, ngx_msec_t *age)
{
    ngx_msec_t                wait, limit;
    ngx_uint_t                current;
    ngx_sent_conv_breaker_t  *b;

    b = ngx_http_sent_conv_breaker_lock(lane->q, endpoint, 0, &current);
    if (b == NULL) {
        return NGX_OK;
    }

    limit = endpoint->timeout * 1000 + NGX_HTTP_SENT_CONV_PROBE_SLACK;

    wait = ngx_sent_conv_breaker_begin(b, ngx_current_msec, limit,
                                       &lane->probe);

    ngx_http_sent_conv_breaker_unlock(lane->q);

    if (wait == 0) {
        return NGX_OK;
    }

    *delay = ngx_http_sent_conv_breaker_turn(lane->q, endpoint, age);

    return NGX_AGAIN;
}


/* 1: the breaker was closed, the attempt counts */

ngx_uint_t
ngx_http_sent_conv_breaker_end(ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_endpoint_t *endpoint, ngx_http_sent_conv_verdict_t *verdict)
{
    uint32_t                     probe;
    ngx_msec_t                   now;
    ngx_uint_t                   current;
    ngx_sent_conv_attempt_e      how;
    ngx_sent_conv_breaker_t     *b, before, after;
    ngx_http_sent_conv_queue_t  *q;

    q = lane->q;
    how = ngx_http_sent_conv_breaker_verdict(verdict);

    probe = lane->probe;
    lane->probe = 0;

    b = ngx_http_sent_conv_breaker_lock(q, endpoint,
                                        how == NGX_SENT_CONV_ATTEMPT_BAD,
                                        &current);
    if (b == NULL) {
        return 1;
    }

    now = ngx_current_msec;
    before = *b;

    if (current) {
        ngx_sent_conv_breaker_end(b, &q->smcf->breaker, how, probe, now,
                                  (uint32_t) ngx_random());

        if (verdict->retry_after > 0
            && (verdict->status == NGX_HTTP_TOO_MANY_REQUESTS
                || verdict->status == NGX_HTTP_SERVICE_UNAVAILABLE))
        {
            ngx_sent_conv_breaker_hold(b, now
                                  + ngx_min(verdict->retry_after,
                                        NGX_HTTP_SENT_CONV_RETRY_AFTER_MAX));
        }
    }

    after = *b;

    ngx_http_sent_conv_breaker_unlock(q);

    ngx_http_sent_conv_breaker_log(q, endpoint, &before, &after);

    return !before.open;
}


/* a probe that comes to nothing makes room for another */

void
ngx_http_sent_conv_breaker_leave(ngx_http_sent_conv_lane_t *lane)
{
    ngx_sent_conv_endpoint_t      *endpoint;
    ngx_http_sent_conv_verdict_t   verdict;

    if (lane->probe == 0) {
        return;
    }

    endpoint = ngx_sent_conv_customer_endpoint(lane->customer,
                                               &lane->endpoint);
    if (endpoint == NULL) {
        return;
    }

    ngx_memzero(&verdict, sizeof(ngx_http_sent_conv_verdict_t));
    verdict.aborted = 1;

    (void) ngx_http_sent_conv_breaker_end(lane, endpoint, &verdict);
}


/* ms at which the next attempt may begin by the endpoint's rate limit */

ngx_msec_t
ngx_http_sent_conv_breaker_pace(ngx_http_sent_conv_queue_t *q,
    ngx_sent_conv_endpoint_t *endpoint)
{
    ngx_msec_t                at;
    ngx_uint_t                current;
    ngx_sent_conv_breaker_t  *b;

    b = ngx_http_sent_conv_breaker_lock(q, endpoint, 1, &current);
    if (b == NULL) {
        return ngx_current_msec;
    }

    at = ngx_sent_conv_breaker_pace(b, ngx_current_msec,
                                    endpoint->rate_limit);

    ngx_http_sent_conv_breaker_unlock(q);

    return at;
}


/* an endpoint that says no is alive; one that asks for time or help is not */

static ngx_sent_conv_attempt_e
ngx_http_sent_conv_breaker_verdict(ngx_http_sent_conv_verdict_t *verdict)
{
    if (verdict->aborted) {
        return NGX_SENT_CONV_ATTEMPT_NONE;
    }

    if (verdict->status == 0
        || verdict->status == NGX_HTTP_SENT_CONV_REQUEST_TIMEOUT
        || verdict->status == NGX_HTTP_TOO_MANY_REQUESTS
        || verdict->status >= NGX_HTTP_INTERNAL_SERVER_ERROR)
    {
        return NGX_SENT_CONV_ATTEMPT_BAD;
    }

    return NGX_SENT_CONV_ATTEMPT_GOOD;
}


static void
ngx_http_sent_conv_breaker_log(ngx_http_sent_conv_queue_t *q,
    ngx_sent_conv_endpoint_t *endpoint, ngx_sent_conv_breaker_t *before,
    ngx_sent_conv_breaker_t *after)
{
    ngx_uint_t     level;
    ngx_atomic_t  *counters;

    counters = q->store->metrics->breakers;

    if (after->open && after->pauses != before->pauses) {
        level = NGX_LOG_WARN;

        if (before->open) {
            level = NGX_LOG_INFO;
        }

        ngx_sent_conv_count(&counters[before->open ? NGX_SENT_CONV_M_PROBED
                                                : NGX_SENT_CONV_M_OPENED]);

        ngx_log_error(level, q->cycle->log, 0,
                      "sent conv webhook \"%V\": breaker open, failures %uD, "
                      "next try in %M ms",
                      &endpoint->id, after->failures,
                      after->until - ngx_current_msec);
        return;
    }

    if (before->open && !after->open) {
        ngx_sent_conv_count(&counters[NGX_SENT_CONV_M_CLOSED]);

        ngx_log_error(NGX_LOG_NOTICE, q->cycle->log, 0,
                      "sent conv webhook \"%V\": breaker closed",
                      &endpoint->id);
    }
}
