
/*
 * What is counted of deliveries: each attempt by how it ended and how long it
 * took, and how old an event or a message was when it was received.
 */


#include "ngx_http_sent_conv_delivery.h"


/* within which an event's own time stands */
#define NGX_HTTP_SENT_CONV_EVENT_HEAD  512


static ngx_sent_conv_metrics_outcome_e ngx_http_sent_conv_measure_outcome(
    ngx_http_sent_conv_attempt_t *attempt,
    ngx_http_sent_conv_verdict_t *verdict);
static int64_t ngx_http_sent_conv_measure_made(
    ngx_http_sent_conv_lane_t *lane);


void
ngx_http_sent_conv_measure_begin(ngx_http_sent_conv_attempt_t *attempt)
{
    attempt->store->worker->deliveries[attempt->kind]++;
}


void
ngx_http_sent_conv_measure_end(ngx_http_sent_conv_attempt_t *attempt,
    ngx_http_sent_conv_verdict_t *verdict)
{
    ngx_sent_conv_metrics_t          *metrics;
    ngx_sent_conv_metrics_outcome_e   outcome;

    attempt->store->worker->deliveries[attempt->kind]--;

    metrics = attempt->store->metrics;
    outcome = ngx_http_sent_conv_measure_outcome(attempt, verdict);

    ngx_sent_conv_count(&metrics->attempts[attempt->kind][outcome]);

    if (outcome != NGX_SENT_CONV_M_ABORTED) {
        ngx_sent_conv_observe(&metrics->attempt_time[attempt->kind],
                              (uint64_t) verdict->elapsed * 1000);
    }
}


static ngx_sent_conv_metrics_outcome_e
ngx_http_sent_conv_measure_outcome(ngx_http_sent_conv_attempt_t *attempt,
    ngx_http_sent_conv_verdict_t *verdict)
{
    if (verdict->aborted) {
        return NGX_SENT_CONV_M_ABORTED;
    }

    if (verdict->status == 0) {
        return attempt->late ? NGX_SENT_CONV_M_TIMEOUT
                             : NGX_SENT_CONV_M_NO_ANSWER;
    }

    return (verdict->status >= 200 && verdict->status < 300)
           ? NGX_SENT_CONV_M_SUCCESS : NGX_SENT_CONV_M_REJECTED;
}


void
ngx_http_sent_conv_measure_delivered(ngx_http_sent_conv_lane_t *lane)
{
    int64_t                        age;
    ngx_sent_conv_metrics_kind_e   kind;

    age = ngx_http_sent_conv_measure_age(lane);

    if (age == NGX_ERROR) {
        return;
    }

    kind = (lane->channel == NGX_SENT_CONV_CHANNELS)
           ? NGX_SENT_CONV_M_WEBHOOKS : NGX_SENT_CONV_M_CARRIERS;

    ngx_sent_conv_observe(&lane->q->store->metrics->delivery_age[kind],
                          (uint64_t) age * 1000);
}


int64_t
ngx_http_sent_conv_measure_age(ngx_http_sent_conv_lane_t *lane)
{
    int64_t      age, made;
    ngx_time_t  *tp;

    made = ngx_http_sent_conv_measure_made(lane);

    if (made == NGX_ERROR) {
        return NGX_ERROR;
    }

    tp = ngx_timeofday();
    age = (int64_t) tp->sec * 1000 + tp->msec - made;

    return ngx_max(age, 0);
}


/* ms; a message's id tells it, an event's body */

static int64_t
ngx_http_sent_conv_measure_made(ngx_http_sent_conv_lane_t *lane)
{
    u_char     *p;
    size_t      len;
    ngx_str_t   text, *item;

    item = &lane->item;

    if (lane->channel != NGX_SENT_CONV_CHANNELS) {
        return (item->len > NGX_SENT_CONV_UUID_LEN)
               ? (int64_t) ngx_sent_conv_uuid7_time(item->data) : NGX_ERROR;
    }

    len = ngx_min(item->len, NGX_HTTP_SENT_CONV_EVENT_HEAD);

    p = ngx_strnstr(item->data, "\"timestamp\":\"", len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text.data = p + sizeof("\"timestamp\":\"") - 1;
    text.len = NGX_SENT_CONV_TIME_LEN;

    if (text.data + text.len > item->data + item->len) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_time_parse(&text);
}
