
/*
 * How many attempts a target is given at once, and who has to come later.
 *
 * A target begins with few attempts at once, gets one more with each success
 * and half of them when it does not answer: one that hangs soon holds little.
 */


#include "ngx_http_sent_conv_delivery.h"


/* ms for which a turn of a rate is good */
#define NGX_HTTP_SENT_CONV_TURN  100


static ngx_uint_t ngx_http_sent_conv_target_bound(
    ngx_http_sent_conv_queue_t *q, ngx_http_sent_conv_target_t *target);
static ngx_msec_t ngx_http_sent_conv_target_pace(
    ngx_http_sent_conv_queue_t *q, ngx_http_sent_conv_target_t *target);
static ngx_uint_t ngx_http_sent_conv_target_left(
    ngx_http_sent_conv_queue_t *q, ngx_http_sent_conv_target_t *target);
static void ngx_http_sent_conv_target_turn(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target);


/* has it no place for one more, by its own limit or by the others'? */

static ngx_uint_t
ngx_http_sent_conv_target_bound(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target)
{
    ngx_uint_t  left;

    left = ngx_http_sent_conv_target_left(q, target);

    return left == 0
           || target->running >= target->limit
           || (target->running && target->running >= left);
}


/*
 * ms between two ends of attempts, as it looks now: where one has to end for
 * the next to begin, and none does, it takes that long at least
 */

static ngx_msec_t
ngx_http_sent_conv_target_pace(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target)
{
    ngx_uint_t  n;
    ngx_msec_t  time, since;

    n = target->limit;
    time = target->average;

    if (target->running && ngx_http_sent_conv_target_bound(q, target)) {
        n = ngx_min(n, target->running);

        since = ngx_current_msec - target->progress;
        time = ngx_max(time, since);
    }

    time /= n;

    return target->rate ? ngx_max(time, 1000 / target->rate) : time;
}


/*
 * How many may stand in its line in any case: lanes in hand are a worker's
 * room, and those of targets that hang would take it from the others.
 */

ngx_uint_t
ngx_http_sent_conv_target_line(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target)
{
    ngx_msec_t  pace;

    pace = ngx_http_sent_conv_target_pace(q, target);

    return (pace > NGX_HTTP_SENT_CONV_LINE) ? 1 : target->limit;
}


/* would a lane wait long, or are there too many? */

ngx_uint_t
ngx_http_sent_conv_target_full(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target)
{
    ngx_uint_t  all;

    all = q->deliveries * NGX_HTTP_SENT_CONV_LINES;

    if (target->waiting < ngx_http_sent_conv_target_line(q, target)) {
        return q->waiting >= all + q->deliveries;
    }

    if (q->waiting >= all || target->waiting >= all / 4) {
        return 1;
    }

    return target->waiting * ngx_http_sent_conv_target_pace(q, target)
           > NGX_HTTP_SENT_CONV_LINE;
}


/* ms after which a lane that is new might be served, with some spread */

ngx_msec_t
ngx_http_sent_conv_target_delay(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target)
{
    ngx_msec_t      delay;
    ngx_msec_int_t  turn;

    delay = target->waiting * ngx_http_sent_conv_target_pace(q, target);
    turn = (ngx_msec_int_t) (target->next - ngx_current_msec);

    if (turn > 0) {
        delay = ngx_max(delay, (ngx_msec_t) turn);
    }

    delay = ngx_min(delay, NGX_HTTP_SENT_CONV_BACKLOG_MAX / 2);

    return 100 + delay + ngx_random() % (delay + 100);
}


/*
 * Each of the refused is told a later time, at the pace of the target, so
 * that a flood comes back as it can be served.
 */

ngx_msec_t
ngx_http_sent_conv_target_refuse(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target)
{
    ngx_msec_t  delay, now, pace;

    now = ngx_current_msec;
    pace = ngx_http_sent_conv_target_pace(q, target);

    if ((ngx_msec_int_t) (target->next - now) < 0) {
        target->next = now;
    }

    target->next += ngx_max(pace, 1);

    delay = target->next - now;

    if (delay > NGX_HTTP_SENT_CONV_BACKLOG_MAX) {
        target->next = now + NGX_HTTP_SENT_CONV_BACKLOG_MAX;
        delay = NGX_HTTP_SENT_CONV_BACKLOG_MAX / 2
                + ngx_random() % (NGX_HTTP_SENT_CONV_BACKLOG_MAX / 2);
    }

    return delay + 100 + ngx_random() % 100;
}


/*
 * The places that are left.  No target takes more than it leaves to the
 * others: several that hang do not have them all.
 */

static ngx_uint_t
ngx_http_sent_conv_target_left(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target)
{
    ngx_uint_t  all, own;

    all = q->webhooks + q->carriers;
    own = target->carrier ? q->carriers : q->webhooks;

    if (all >= q->deliveries || own >= q->share) {
        return 0;
    }

    return ngx_min(q->deliveries - all, q->share - own);
}


ngx_uint_t
ngx_http_sent_conv_target_free_slot(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target)
{
    ngx_msec_int_t  wait;

    if (ngx_http_sent_conv_target_bound(q, target)) {
        return 0;
    }

    ngx_http_sent_conv_target_turn(q, target);

    wait = (ngx_msec_int_t) (target->paced - ngx_current_msec);

    if (target->turn && wait > 0) {

        if (!q->pace.timer_set
            || (ngx_msec_int_t) (q->pace.timer.key - target->paced) > 0)
        {
            ngx_add_timer(&q->pace, (ngx_msec_t) wait);
        }

        return 0;
    }

    return 1;
}


/*
 * The first of its line gets a turn of the endpoint's rate, among all workers
 * of the node; one that was not used in time is no more.
 */

static void
ngx_http_sent_conv_target_turn(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target)
{
    ngx_queue_t                *qu;
    ngx_sent_conv_endpoint_t   *endpoint;
    ngx_http_sent_conv_lane_t  *lane;

    if (target->carrier) {
        return;
    }

    qu = ngx_queue_head(&target->line);
    lane = ngx_queue_data(qu, ngx_http_sent_conv_lane_t, line);

    endpoint = ngx_sent_conv_customer_endpoint(lane->customer,
                                               &lane->endpoint);

    target->rate = (endpoint != NULL) ? endpoint->rate_limit : 0;

    if (target->rate == 0) {
        target->turn = 0;
        return;
    }

    if (target->turn
        && (ngx_msec_int_t) (ngx_current_msec - target->paced)
           <= NGX_HTTP_SENT_CONV_TURN)
    {
        return;
    }

    target->paced = ngx_http_sent_conv_breaker_pace(q, endpoint);
    target->turn = 1;
}


void
ngx_http_sent_conv_target_done(ngx_http_sent_conv_lane_t *lane,
    ngx_http_sent_conv_verdict_t *verdict)
{
    ngx_http_sent_conv_target_t  *target;

    target = lane->target;

    ngx_http_sent_conv_target_release(lane);

    if (verdict->aborted) {
        return;
    }

    target->average = (7 * target->average + verdict->elapsed) / 8;
    target->progress = ngx_current_msec;

    if (verdict->status >= 200 && verdict->status < 300) {
        target->limit = ngx_min(target->limit + 1, target->max);

        if (target->waiting < target->limit) {
            target->next = ngx_current_msec;
        }

    } else if (verdict->status == 0
               || verdict->status == NGX_HTTP_TOO_MANY_REQUESTS
               || verdict->status == NGX_HTTP_SERVICE_UNAVAILABLE)
    {
        target->limit = ngx_max(target->limit / 2, 1);
    }
}
