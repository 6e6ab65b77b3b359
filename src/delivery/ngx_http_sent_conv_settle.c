
/*
 * What becomes of a lane after an attempt: the store is told, again while the
 * lease may still be ours, and gives the next item.
 */


#include "ngx_http_sent_conv_delivery.h"


static void ngx_http_sent_conv_lane_settle(ngx_http_sent_conv_lane_t *lane);
static void ngx_http_sent_conv_lane_settled(void *data,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_lane_settle_later(
    ngx_http_sent_conv_lane_t *lane);
static void ngx_http_sent_conv_lane_timer(ngx_event_t *ev);


/* carrier_id may be NULL or empty */

void
ngx_http_sent_conv_lane_acked(ngx_http_sent_conv_lane_t *lane,
    ngx_str_t *carrier_id)
{
    lane->success = 1;
    lane->settle = ngx_current_msec + NGX_SENT_CONV_LEASE;

    if (lane->carrier_id.data != NULL) {
        ngx_free(lane->carrier_id.data);
        ngx_str_null(&lane->carrier_id);
    }

    if (carrier_id != NULL && carrier_id->len) {

        lane->carrier_id.data = ngx_alloc(carrier_id->len,
                                          lane->q->cycle->log);

        if (lane->carrier_id.data != NULL) {
            ngx_memcpy(lane->carrier_id.data, carrier_id->data,
                       carrier_id->len);
            lane->carrier_id.len = carrier_id->len;
        }
    }

    ngx_http_sent_conv_lane_settle(lane);
}


/* its texts are static, or of the lane */

void
ngx_http_sent_conv_lane_failed(ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_failure_t *failure)
{
    lane->success = 0;
    lane->failure = *failure;
    lane->settle = ngx_current_msec + NGX_SENT_CONV_LEASE;

    ngx_http_sent_conv_lane_settle(lane);
}


static void
ngx_http_sent_conv_lane_settle(ngx_http_sent_conv_lane_t *lane)
{
    ngx_int_t                     rc;
    ngx_uint_t                    more;
    ngx_sent_conv_lane_t          ref;
    ngx_http_sent_conv_queue_t   *q;

    q = lane->q;
    more = !(q->closed || ngx_exiting || ngx_terminate);

    lane->state = NGX_HTTP_SENT_CONV_LANE_SETTLING;

    ref.customer = lane->customer;
    ref.partition = lane->partition;
    ref.member = lane->sn.str;
    ref.item = ngx_http_sent_conv_lane_item_id(lane);

    if (lane->success) {
        rc = ngx_sent_conv_store_ack(q->store, &ref, &lane->carrier_id, more,
                                     ngx_http_sent_conv_lane_settled, lane);

    } else {
        lane->failure.more = lane->failure.more && more;

        rc = ngx_sent_conv_store_fail(q->store, &ref, &lane->failure,
                                      ngx_http_sent_conv_lane_settled, lane);
    }

    if (rc != NGX_OK) {
        ngx_http_sent_conv_lane_settle_later(lane);
    }
}


static void
ngx_http_sent_conv_lane_settled(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_http_sent_conv_lane_t *lane = data;

    ngx_str_t                     id;
    ngx_sent_conv_lane_result_t  *lr;

    if (lane->q->closed) {
        ngx_http_sent_conv_lane_free(lane);
        return;
    }

    if (err != NGX_SENT_CONV_OK) {

        /* it may have been done, and the next item granted */

        if (err != NGX_SENT_CONV_UNSENT) {
            lane->again = 1;
        }

        ngx_http_sent_conv_lane_settle_later(lane);
        return;
    }

    lr = result;

    if (lr->what == NGX_SENT_CONV_LANE_LOST && lane->again) {
        lane->again = 0;
        lane->claimed = 1;
        ngx_http_sent_conv_lane_take(lane);
        return;
    }

    if (lr->what != NGX_SENT_CONV_LANE_NEXT
        || ngx_http_sent_conv_lane_item(lane, &lr->item, lr->attempts)
           != NGX_OK)
    {
        ngx_http_sent_conv_lane_free(lane);
        return;
    }

    lane->again = 0;
    lane->reloaded = 0;

    id = lane->customer->id;

    ngx_http_sent_conv_lane_load(lane, &id);
}


/* behind the lease the sweep takes over, whose it may be by then */

static void
ngx_http_sent_conv_lane_settle_later(ngx_http_sent_conv_lane_t *lane)
{
    if ((ngx_msec_int_t) (lane->settle - ngx_current_msec) <= 0) {

        ngx_log_error(NGX_LOG_WARN, lane->q->cycle->log, 0,
                      "sent conv lane let go: Redis was not told of "
                      "an attempt");

        ngx_http_sent_conv_lane_free(lane);
        return;
    }

    lane->timer.handler = ngx_http_sent_conv_lane_timer;
    lane->timer.data = lane;
    lane->timer.log = lane->q->cycle->log;

    ngx_add_timer(&lane->timer, NGX_HTTP_SENT_CONV_AGAIN);
}


static void
ngx_http_sent_conv_lane_timer(ngx_event_t *ev)
{
    ngx_http_sent_conv_lane_t  *lane;

    lane = ev->data;

    ngx_http_sent_conv_lane_settle(lane);
}
