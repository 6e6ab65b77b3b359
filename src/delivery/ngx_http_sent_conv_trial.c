
/*
 * A trial: one attempt at a webhook on behalf of a request that waits for it.
 * It counts nowhere, and is not repeated.
 */


#include "ngx_http_sent_conv_delivery.h"


/* ms; how many of them a trial may last on in a worker that leaves */
#define NGX_HTTP_SENT_CONV_TRIAL_TICK   250
#define NGX_HTTP_SENT_CONV_TRIAL_GRACE  8


static ngx_uint_t ngx_http_sent_conv_trial_busy(
    ngx_http_sent_conv_queue_t *q, ngx_sent_conv_trial_t *trial);
static void ngx_http_sent_conv_trial_done(void *data,
    ngx_http_sent_conv_verdict_t *verdict);
static void ngx_http_sent_conv_trial_event(ngx_event_t *ev);
static void ngx_http_sent_conv_trial_tick(ngx_event_t *ev);


ngx_int_t
ngx_http_sent_conv_trial_start(void *data, ngx_sent_conv_trial_t *trial)
{
    ngx_http_sent_conv_queue_t *q = data;

    ngx_http_sent_conv_attempt_t  *attempt;

    if (q->closed || ngx_exiting || ngx_terminate) {
        return NGX_DECLINED;
    }

    if (ngx_http_sent_conv_trial_busy(q, trial)) {
        return NGX_BUSY;
    }

    trial->event.handler = ngx_http_sent_conv_trial_event;
    trial->event.data = trial;
    trial->event.log = q->cycle->log;

    trial->tick.handler = ngx_http_sent_conv_trial_tick;
    trial->tick.data = trial;
    trial->tick.log = q->cycle->log;
    trial->tick.cancelable = 1;

    attempt = ngx_http_sent_conv_attempt_create(
                                     ngx_http_sent_conv_outlet(q->smcf, NULL),
                                     NGX_SENT_CONV_M_TESTS,
                                     trial->endpoint->timeout * 1000,
                                     ngx_http_sent_conv_trial_done, trial);
    if (attempt == NULL) {
        return NGX_ERROR;
    }

    trial->attempt = attempt;

    ngx_queue_insert_tail(&q->trials, &trial->queue);
    ngx_add_timer(&trial->tick, NGX_HTTP_SENT_CONV_TRIAL_TICK);

    ngx_http_sent_conv_webhook_post(q, attempt, trial->endpoint,
                                    &trial->item, 0);

    return NGX_OK;
}


static ngx_uint_t
ngx_http_sent_conv_trial_busy(ngx_http_sent_conv_queue_t *q,
    ngx_sent_conv_trial_t *trial)
{
    ngx_str_t              *id, *other;
    ngx_uint_t              n;
    ngx_queue_t            *qu;
    ngx_sent_conv_trial_t  *running;

    n = 0;
    id = &trial->endpoint->id;

    for (qu = ngx_queue_head(&q->trials);
         qu != ngx_queue_sentinel(&q->trials);
         qu = ngx_queue_next(qu))
    {
        running = ngx_queue_data(qu, ngx_sent_conv_trial_t, queue);
        other = &running->endpoint->id;

        if (other->len == id->len
            && ngx_memcmp(other->data, id->data, id->len) == 0)
        {
            return 1;
        }

        n++;
    }

    /* a part of what may be delivered at once, for they may hang */

    return n >= ngx_max(q->deliveries / 8, 1);
}


/* within nginx's own ways: who waits for it is told from the event loop */

static void
ngx_http_sent_conv_trial_done(void *data,
    ngx_http_sent_conv_verdict_t *verdict)
{
    ngx_sent_conv_trial_t *trial = data;

    trial->attempt = NULL;
    trial->status = verdict->status;
    trial->elapsed = verdict->elapsed;
    trial->why = verdict->why;
    trial->aborted = verdict->aborted;

    trial->len = ngx_min(verdict->answer.len, NGX_SENT_CONV_TRIAL_ANSWER);

    if (trial->len) {
        ngx_memcpy(trial->answer, verdict->answer.data, trial->len);
    }

    ngx_post_event(&trial->event, &ngx_posted_events);
}


static void
ngx_http_sent_conv_trial_event(ngx_event_t *ev)
{
    ngx_sent_conv_trial_t  *trial;

    trial = ev->data;

    if (trial->tick.timer_set) {
        ngx_del_timer(&trial->tick);
    }

    ngx_queue_remove(&trial->queue);

    trial->handler(trial->data);
}


/* a receiver that hangs does not hold a worker that leaves */

static void
ngx_http_sent_conv_trial_tick(ngx_event_t *ev)
{
    ngx_sent_conv_trial_t  *trial;

    trial = ev->data;

    if (trial->attempt == NULL) {
        return;
    }

    if (ngx_exiting
        && trial->leaving++ == NGX_HTTP_SENT_CONV_TRIAL_GRACE)
    {
        ngx_http_sent_conv_attempt_fail(trial->attempt,
                                        "the server is going down", 1);
        return;
    }

    ngx_add_timer(ev, NGX_HTTP_SENT_CONV_TRIAL_TICK);
}
