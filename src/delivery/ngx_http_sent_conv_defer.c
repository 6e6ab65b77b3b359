
/*
 * Lanes that are given back because of their endpoint: it fails, or is
 * switched off.  What cannot wait any longer goes to its dead.
 */


#include "ngx_http_sent_conv_delivery.h"


static void ngx_http_sent_conv_lane_defer(ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_defer_t *defer, ngx_sent_conv_store_pt handler);
static void ngx_http_sent_conv_lane_overdue(void *data,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_lane_put_away(void *data,
    ngx_sent_conv_err_e err, void *result);


void
ngx_http_sent_conv_lane_later(ngx_http_sent_conv_lane_t *lane,
    ngx_msec_t delay, ngx_msec_t age)
{
    ngx_sent_conv_defer_t  defer;

    if (age == 0) {
        ngx_http_sent_conv_lane_return(lane, delay);
        return;
    }

    defer.delay = delay;
    defer.age = age;
    defer.why = "the endpoint failed for as long as the event may wait";

    ngx_http_sent_conv_lane_defer(lane, &defer,
                                  ngx_http_sent_conv_lane_overdue);
}


void
ngx_http_sent_conv_lane_off(ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_endpoint_t *endpoint)
{
    ngx_sent_conv_defer_t  defer;

    defer.delay = 0;
    defer.age = 0;
    defer.why = endpoint->disabled_reason.len ? "the webhook is disabled"
                                              : "the webhook is switched off";

    ngx_http_sent_conv_lane_defer(lane, &defer,
                                  ngx_http_sent_conv_lane_put_away);
}


static void
ngx_http_sent_conv_lane_defer(ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_defer_t *defer, ngx_sent_conv_store_pt handler)
{
    ngx_sent_conv_lane_t  ref;

    lane->state = NGX_HTTP_SENT_CONV_LANE_TAKING;

    ref.customer = lane->customer;
    ref.partition = lane->partition;
    ref.member = lane->sn.str;
    ref.item = ngx_http_sent_conv_lane_item_id(lane);

    if (ngx_sent_conv_store_defer(lane->q->store, &ref, defer, handler, lane)
        != NGX_OK)
    {
        ngx_http_sent_conv_lane_free(lane);
    }
}


static void
ngx_http_sent_conv_lane_overdue(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_http_sent_conv_lane_t *lane = data;

    ngx_sent_conv_lane_result_t  *lr;

    lr = result;

    if (err == NGX_SENT_CONV_OK && lr->gone) {

        ngx_log_error(NGX_LOG_WARN, lane->q->cycle->log, 0,
                      "sent conv webhook \"%V\": %ui events given up, they "
                      "have waited for too long", &lane->endpoint, lr->gone);

        ngx_sent_conv_store_health_note(lane->q->store, &lane->customer->id,
                                        &lane->endpoint,
                                        NGX_SENT_CONV_HEALTH_DEAD, lr->gone);
    }

    ngx_http_sent_conv_lane_free(lane);
}


/* they say nothing of how the endpoint fares */

static void
ngx_http_sent_conv_lane_put_away(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_http_sent_conv_lane_t *lane = data;

    ngx_sent_conv_lane_result_t  *lr;

    lr = result;

    if (err == NGX_SENT_CONV_OK && lr->gone) {
        ngx_log_error(NGX_LOG_INFO, lane->q->cycle->log, 0,
                      "sent conv webhook \"%V\" is off, %ui events are kept "
                      "for recovery", &lane->endpoint, lr->gone);
    }

    ngx_http_sent_conv_lane_free(lane);
}
