
/*
 * What becomes of a lane after an attempt: the store is told, again while the
 * lease may still be ours, and gives the next item.
 */


#include "ngx_http_sent_conv_delivery.h"


static void ngx_http_sent_conv_lane_keep(ngx_http_sent_conv_lane_t *lane,
    ngx_str_t **texts, ngx_uint_t n);
static void ngx_http_sent_conv_lane_settle(ngx_http_sent_conv_lane_t *lane);
static void ngx_http_sent_conv_lane_settled(void *data,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_lane_settle_later(
    ngx_http_sent_conv_lane_t *lane, ngx_sent_conv_err_e err);
static void ngx_http_sent_conv_lane_timer(ngx_event_t *ev);


void
ngx_http_sent_conv_lane_acked(ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_success_t *success)
{
    ngx_str_t  *texts[4];

    ngx_http_sent_conv_measure_delivered(lane);

    lane->done = 1;
    lane->settle = ngx_current_msec + NGX_SENT_CONV_LEASE;

    ngx_memzero(&lane->success, sizeof(ngx_sent_conv_success_t));

    if (success != NULL) {
        lane->success = *success;

        texts[0] = &lane->success.carrier_id;
        texts[1] = &lane->success.alias;
        texts[2] = &lane->success.contact;
        texts[3] = &lane->success.note.answer;

        ngx_http_sent_conv_lane_keep(lane, texts, 4);
    }

    ngx_http_sent_conv_lane_settle(lane);
}


void
ngx_http_sent_conv_lane_failed(ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_failure_t *failure)
{
    ngx_str_t  *texts[3];

    lane->done = 0;
    lane->failure = *failure;
    lane->settle = ngx_current_msec + NGX_SENT_CONV_LEASE;

    texts[0] = &lane->failure.code;
    texts[1] = &lane->failure.title;
    texts[2] = &lane->failure.note.answer;

    ngx_http_sent_conv_lane_keep(lane, texts, 3);

    ngx_http_sent_conv_lane_settle(lane);
}


/*
 * The texts outlive the request that they are of; where there is no memory
 * for them, what they belong to is written without.
 */

static void
ngx_http_sent_conv_lane_keep(ngx_http_sent_conv_lane_t *lane,
    ngx_str_t **texts, ngx_uint_t n)
{
    u_char      *p, *old;
    size_t       len;
    ngx_uint_t   i;

    old = lane->texts.data;
    ngx_str_null(&lane->texts);
    len = 0;

    for (i = 0; i < n; i++) {
        len += texts[i]->len;
    }

    p = NULL;

    if (len) {
        p = ngx_alloc(len, lane->q->cycle->log);
        lane->texts.data = p;
    }

    for (i = 0; i < n; i++) {

        if (p == NULL || texts[i]->len == 0) {
            ngx_str_null(texts[i]);
            continue;
        }

        ngx_memcpy(p, texts[i]->data, texts[i]->len);
        texts[i]->data = p;
        p += texts[i]->len;
    }

    if (old != NULL) {
        ngx_free(old);
    }
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

    if (lane->done) {
        lane->success.more = more ? 1 : 0;

        rc = ngx_sent_conv_store_ack(q->store, &ref, &lane->success,
                                     ngx_http_sent_conv_lane_settled, lane);

    } else {
        lane->failure.more = lane->failure.more && more;

        rc = ngx_sent_conv_store_fail(q->store, &ref, &lane->failure,
                                      ngx_http_sent_conv_lane_settled, lane);
    }

    if (rc != NGX_OK) {
        ngx_http_sent_conv_lane_settle_later(lane, NGX_SENT_CONV_UNSENT);
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

        ngx_http_sent_conv_lane_settle_later(lane, err);
        return;
    }

    lr = result;

    if (lr->what == NGX_SENT_CONV_LANE_LOST && lane->again) {
        lane->again = 0;
        lane->claimed = 1;
        ngx_http_sent_conv_lane_take(lane);
        return;
    }

    lane->died = 0;

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


/*
 * Where Redis is away it is told when it is back, however late: of a success
 * it need not hear in time, and a person would get the text twice.
 */

static void
ngx_http_sent_conv_lane_settle_later(ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_err_e err)
{
    ngx_uint_t  over;

    over = (err == NGX_SENT_CONV_BROKEN || ngx_exiting || ngx_terminate);

    if (over && (ngx_msec_int_t) (lane->settle - ngx_current_msec) <= 0) {
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
