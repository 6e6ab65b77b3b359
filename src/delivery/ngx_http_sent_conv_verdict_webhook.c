
/*
 * What follows from the verdict on an attempt at a webhook.
 */


#include "ngx_http_sent_conv_delivery.h"


#define NGX_HTTP_SENT_CONV_GONE  410


static void ngx_http_sent_conv_webhook_note(
    ngx_http_sent_conv_verdict_t *verdict, ngx_sent_conv_note_t *note);
static void ngx_http_sent_conv_webhook_failed(
    ngx_http_sent_conv_lane_t *lane, ngx_http_sent_conv_verdict_t *verdict,
    ngx_uint_t counts);
static void ngx_http_sent_conv_webhook_later(ngx_http_sent_conv_lane_t *lane,
    ngx_http_sent_conv_verdict_t *verdict, ngx_sent_conv_failure_t *failure);


void
ngx_http_sent_conv_webhook_done(void *data,
    ngx_http_sent_conv_verdict_t *verdict)
{
    ngx_http_sent_conv_lane_t *lane = data;

    ngx_uint_t                 counts;
    ngx_sent_conv_failure_t    failure;
    ngx_sent_conv_success_t    success;
    ngx_sent_conv_endpoint_t  *endpoint;

    lane->attempt = NULL;
    endpoint = ngx_sent_conv_customer_endpoint(lane->customer,
                                               &lane->endpoint);

    counts = ngx_http_sent_conv_breaker_end(lane, endpoint, verdict);

    ngx_http_sent_conv_target_done(lane, verdict);

    if (verdict->aborted) {
        ngx_memzero(&failure, sizeof(ngx_sent_conv_failure_t));

        failure.uncounted = 1;
        failure.delay = (ngx_exiting || ngx_terminate) ? 0 : 1000;

        ngx_http_sent_conv_lane_failed(lane, &failure);
        return;
    }

    if (verdict->status >= 200 && verdict->status < 300) {
        ngx_sent_conv_store_health_note(lane->q->store, &lane->customer->id,
                                        &lane->endpoint,
                                        NGX_SENT_CONV_HEALTH_GOOD, 0);

        ngx_memzero(&success, sizeof(ngx_sent_conv_success_t));
        ngx_http_sent_conv_webhook_note(verdict, &success.note);

        ngx_http_sent_conv_lane_acked(lane, &success);
        return;
    }

    ngx_http_sent_conv_webhook_failed(lane, verdict, counts);
}


static void
ngx_http_sent_conv_webhook_note(ngx_http_sent_conv_verdict_t *verdict,
    ngx_sent_conv_note_t *note)
{
    note->made = 1;
    note->elapsed = verdict->elapsed;
    note->status = verdict->status;
    note->why = verdict->why;
    note->answer = verdict->answer;
}


static void
ngx_http_sent_conv_webhook_failed(ngx_http_sent_conv_lane_t *lane,
    ngx_http_sent_conv_verdict_t *verdict, ngx_uint_t counts)
{
    ngx_uint_t                 level;
    ngx_sent_conv_failure_t    failure;
    ngx_sent_conv_outcome_e    outcome;
    ngx_sent_conv_endpoint_t  *endpoint;

    endpoint = ngx_sent_conv_customer_endpoint(lane->customer,
                                               &lane->endpoint);

    ngx_memzero(&failure, sizeof(ngx_sent_conv_failure_t));

    ngx_http_sent_conv_webhook_note(verdict, &failure.note);

    failure.more = 1;
    failure.uncounted = !counts;
    outcome = NGX_SENT_CONV_HEALTH_BAD;

    level = NGX_LOG_INFO;

    if (verdict->status == NGX_HTTP_SENT_CONV_GONE) {
        failure.delay = NGX_HTTP_SENT_CONV_OFF;
        outcome = NGX_SENT_CONV_HEALTH_GONE;

    } else if (counts && lane->attempts >= endpoint->retry_count) {
        failure.delay = NGX_SENT_CONV_GIVE_UP;

    } else {
        ngx_http_sent_conv_webhook_later(lane, verdict, &failure);
    }

    if (failure.delay == NGX_SENT_CONV_GIVE_UP) {
        outcome = NGX_SENT_CONV_HEALTH_DEAD;
        level = NGX_LOG_WARN;
    }

    ngx_log_error(level, lane->q->cycle->log, 0,
                  "sent conv webhook \"%V\": attempt %ui failed, "
                  "status %ui, %s, %s", &lane->endpoint, lane->attempts + 1,
                  verdict->status, verdict->why,
                  failure.delay < 0 ? "given up" : "to be repeated");

    ngx_sent_conv_store_health_note(lane->q->store, &lane->customer->id,
                                    &lane->endpoint, outcome, 1);

    ngx_http_sent_conv_lane_failed(lane, &failure);
}


/*
 * By its schedule, not before the endpoint says, nor before its breaker lets
 * it; one that does not count waits for nothing but these, and not for ever.
 */

static void
ngx_http_sent_conv_webhook_later(ngx_http_sent_conv_lane_t *lane,
    ngx_http_sent_conv_verdict_t *verdict, ngx_sent_conv_failure_t *failure)
{
    ngx_msec_t                 delay, turn, age;
    ngx_sent_conv_endpoint_t  *endpoint;

    delay = 0;

    if (!failure->uncounted) {
        delay = ngx_sent_conv_retry_webhook(lane->q->smcf->backoff,
                                            lane->attempts + 1,
                                            (uint32_t) ngx_random());
    }

    if (verdict->retry_after > (ngx_int_t) delay) {
        delay = ngx_min(verdict->retry_after,
                        NGX_HTTP_SENT_CONV_RETRY_AFTER_MAX);
    }

    endpoint = ngx_sent_conv_customer_endpoint(lane->customer,
                                               &lane->endpoint);
    turn = ngx_http_sent_conv_breaker_turn(lane->q, endpoint, &age);

    failure->delay = ngx_max(delay, turn);

    if (failure->uncounted && age
        && ngx_http_sent_conv_measure_age(lane) >= (int64_t) age)
    {
        failure->delay = NGX_SENT_CONV_GIVE_UP;
    }
}
