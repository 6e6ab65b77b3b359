
/*
 * How many attempts a target is given at once, and who has to come later.
 *
 * A target begins with few attempts at once, gets one more with each success
 * and half of them when it does not answer: one that hangs soon holds little.
 */


#include "ngx_http_sent_conv_delivery.h"


static ngx_msec_t ngx_http_sent_conv_target_pace(
    ngx_http_sent_conv_target_t *target);


/* ms between two ends of attempts, as it looks now */

static ngx_msec_t
ngx_http_sent_conv_target_pace(ngx_http_sent_conv_target_t *target)
{
    ngx_msec_t  time, since;

    time = target->average;

    if (target->running >= target->limit) {
        since = ngx_current_msec - target->progress;
        time = ngx_max(time, since);
    }

    return time / target->limit;
}


/* would a lane wait long, or are there too many? */

ngx_uint_t
ngx_http_sent_conv_target_full(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target)
{
    ngx_uint_t  all;

    all = q->deliveries * NGX_HTTP_SENT_CONV_LINES;

    if (target->waiting < target->limit) {
        return q->waiting >= all + q->deliveries;
    }

    if (q->waiting >= all || target->waiting >= all / 4) {
        return 1;
    }

    return target->waiting * ngx_http_sent_conv_target_pace(target)
           > NGX_HTTP_SENT_CONV_LINE;
}


/* ms after which a lane that is new might be served, with some spread */

ngx_msec_t
ngx_http_sent_conv_target_delay(ngx_http_sent_conv_target_t *target)
{
    ngx_msec_t      delay;
    ngx_msec_int_t  turn;

    delay = target->waiting * ngx_http_sent_conv_target_pace(target);
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
ngx_http_sent_conv_target_refuse(ngx_http_sent_conv_target_t *target)
{
    ngx_msec_t  delay, now, pace;

    now = ngx_current_msec;
    pace = ngx_http_sent_conv_target_pace(target);

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


ngx_uint_t
ngx_http_sent_conv_target_free_slot(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target)
{
    ngx_msec_int_t  wait;

    if (target->running >= target->limit
        || q->webhooks + q->carriers >= q->deliveries
        || (target->carrier ? q->carriers : q->webhooks) >= q->share)
    {
        return 0;
    }

    wait = (ngx_msec_int_t) (target->paced - ngx_current_msec);

    if (wait > 0) {

        if (!q->pace.timer_set
            || (ngx_msec_int_t) (q->pace.timer.key - target->paced) > 0)
        {
            ngx_add_timer(&q->pace, (ngx_msec_t) wait);
        }

        return 0;
    }

    return 1;
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
