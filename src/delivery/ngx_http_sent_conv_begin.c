
/*
 * The way of a lane to an attempt: its customer is loaded, it is taken, and it
 * joins the line of its target or is given back.
 */


#include "ngx_http_sent_conv_delivery.h"


static void ngx_http_sent_conv_lane_load_handler(void *data,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_lane_loaded(ngx_http_sent_conv_lane_t *lane);
static ngx_uint_t ngx_http_sent_conv_lane_reload(
    ngx_http_sent_conv_lane_t *lane);
static ngx_int_t ngx_http_sent_conv_lane_check_webhook(
    ngx_http_sent_conv_lane_t *lane, ngx_str_t *name);
static ngx_int_t ngx_http_sent_conv_lane_check_carrier(
    ngx_http_sent_conv_lane_t *lane, ngx_str_t *name);
static void ngx_http_sent_conv_lane_taken(void *data, ngx_sent_conv_err_e err,
    void *result);
static void ngx_http_sent_conv_lane_returned(void *data,
    ngx_sent_conv_err_e err, void *result);


/* the customer as it is now; mostly it is in the cache */

void
ngx_http_sent_conv_lane_load(ngx_http_sent_conv_lane_t *lane, ngx_str_t *id)
{
    ngx_int_t                  rc;
    ngx_sent_conv_customer_t  *customer;

    lane->state = NGX_HTTP_SENT_CONV_LANE_LOADING;

    rc = ngx_sent_conv_store_customer(lane->q->store, NGX_SENT_CONV_BY_ID, id,
                                      &customer,
                                      ngx_http_sent_conv_lane_load_handler,
                                      lane);

    if (rc == NGX_AGAIN) {
        return;
    }

    ngx_http_sent_conv_lane_load_handler(lane,
                          rc == NGX_OK ? NGX_SENT_CONV_OK
                                       : NGX_SENT_CONV_UNSENT,
                          rc == NGX_OK ? customer : NULL);
}


static void
ngx_http_sent_conv_lane_load_handler(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_http_sent_conv_lane_t *lane = data;

    ngx_sent_conv_customer_t  *customer;

    if (lane->q->closed) {
        ngx_http_sent_conv_lane_free(lane);
        return;
    }

    customer = result;

    if (err == NGX_SENT_CONV_OK && customer == NULL) {
        ngx_log_error(NGX_LOG_WARN, lane->q->cycle->log, 0,
                      "sent conv lane of an unknown customer");
        ngx_http_sent_conv_lane_free(lane);
        return;
    }

    if (err == NGX_SENT_CONV_OK) {
        (void) ngx_sent_conv_customer_hold(customer);

        if (lane->customer != NULL) {
            ngx_sent_conv_customer_release(lane->customer);
        }

        lane->customer = customer;
    }

    if (lane->customer == NULL) {
        ngx_http_sent_conv_lane_free(lane);
        return;
    }

    ngx_http_sent_conv_lane_loaded(lane);
}


/* a lane that was claimed is taken, one that was granted goes on */

static void
ngx_http_sent_conv_lane_loaded(ngx_http_sent_conv_lane_t *lane)
{
    if (!lane->claimed) {
        ngx_http_sent_conv_lane_go(lane);
        return;
    }

    if (ngx_exiting || ngx_terminate) {
        ngx_http_sent_conv_lane_return(lane, 0);
        return;
    }

    if (lane->channel != NGX_SENT_CONV_CHANNELS) {
        ngx_http_sent_conv_lane_take(lane);
        return;
    }

    ngx_http_sent_conv_lane_go(lane);
}


/* joins the line of its target, or is given back when that is too long */

void
ngx_http_sent_conv_lane_go(ngx_http_sent_conv_lane_t *lane)
{
    u_char      buf[128];
    ngx_int_t   rc;
    ngx_str_t   name;
    ngx_msec_t  delay;

    if (ngx_exiting || ngx_terminate) {
        ngx_http_sent_conv_lane_return(lane, 0);
        return;
    }

    name.data = buf;
    name.len = sizeof(buf);

    if (lane->channel == NGX_SENT_CONV_CHANNELS) {
        rc = ngx_http_sent_conv_lane_check_webhook(lane, &name);

    } else {
        rc = ngx_http_sent_conv_lane_check_carrier(lane, &name);
    }

    if (rc != NGX_OK) {
        return;
    }

    if (ngx_http_sent_conv_target_join(lane, &name) != NGX_OK) {
        ngx_http_sent_conv_lane_return(lane, 1000);
        return;
    }

    if (ngx_http_sent_conv_target_full(lane->q, lane->target)) {
        delay = ngx_http_sent_conv_target_refuse(lane->q, lane->target);

        ngx_http_sent_conv_lane_return(lane, delay);
        return;
    }

    if (lane->claimed) {
        ngx_http_sent_conv_lane_take(lane);
        return;
    }

    ngx_http_sent_conv_target_wait(lane);
}


/*
 * What is not in the customer may be new, and the cache old: it is read anew
 * once before anything is given up.
 */

static ngx_uint_t
ngx_http_sent_conv_lane_reload(ngx_http_sent_conv_lane_t *lane)
{
    ngx_str_t  id;

    if (lane->reloaded) {
        return 0;
    }

    lane->reloaded = 1;

    id = lane->customer->id;

    ngx_sent_conv_store_changed(lane->q->store, &id);
    ngx_http_sent_conv_lane_load(lane, &id);

    return 1;
}


/* NGX_OK with the target's name, or NGX_DONE: the lane is on another way */

static ngx_int_t
ngx_http_sent_conv_lane_check_webhook(ngx_http_sent_conv_lane_t *lane,
    ngx_str_t *name)
{
    ngx_msec_t                 turn, age;
    ngx_sent_conv_lane_t       ref;
    ngx_sent_conv_endpoint_t  *endpoint;

    endpoint = ngx_sent_conv_customer_endpoint(lane->customer,
                                               &lane->endpoint);

    if (endpoint == NULL) {

        if (ngx_http_sent_conv_lane_reload(lane)) {
            return NGX_DONE;
        }

        ngx_log_error(NGX_LOG_INFO, lane->q->cycle->log, 0,
                      "sent conv webhook \"%V\" is no more, its events "
                      "are dropped", &lane->endpoint);

        ref.customer = lane->customer;
        ref.partition = lane->partition;
        ref.member = lane->sn.str;
        ref.item = ngx_http_sent_conv_lane_item_id(lane);

        (void) ngx_sent_conv_store_drop(lane->q->store, &ref);

        ngx_http_sent_conv_lane_free(lane);
        return NGX_DONE;
    }

    if (!endpoint->is_active) {
        ngx_http_sent_conv_lane_off(lane, endpoint);
        return NGX_DONE;
    }

    /* the operator has been told; another node may be able to sign */

    if (endpoint->secrets[0].text.len == 0) {
        ngx_http_sent_conv_lane_return(lane, NGX_HTTP_SENT_CONV_LOCKED);
        return NGX_DONE;
    }

    turn = ngx_http_sent_conv_breaker_turn(lane->q, endpoint, &age);

    if (turn) {
        ngx_http_sent_conv_lane_later(lane, turn, age);
        return NGX_DONE;
    }

    *name = lane->endpoint;

    return NGX_OK;
}


static ngx_int_t
ngx_http_sent_conv_lane_check_carrier(ngx_http_sent_conv_lane_t *lane,
    ngx_str_t *name)
{
    ngx_sent_conv_number_t       *number;
    ngx_sent_conv_failure_t       failure;
    ngx_sent_conv_carrier_out_t   out;

    number = NULL;

    if (ngx_sent_conv_carrier_out_parse(NULL, &lane->item, &out)
        == NGX_OK) {
        number = ngx_sent_conv_customer_number(lane->customer, lane->channel,
                                               &out.from);
    }

    if (number != NULL) {
        name->len = ngx_snprintf(name->data, name->len, "*%V",
                                 &number->carrier)
                    - name->data;
        return NGX_OK;
    }

    if (ngx_http_sent_conv_lane_reload(lane)) {
        return NGX_DONE;
    }

    ngx_memzero(&failure, sizeof(ngx_sent_conv_failure_t));

    failure.delay = NGX_SENT_CONV_GIVE_UP;
    failure.more = 1;
    ngx_str_set(&failure.code, "BUSINESS_007");
    ngx_str_set(&failure.title, "The number is bound to no carrier.");

    ngx_http_sent_conv_lane_failed(lane, &failure);

    return NGX_DONE;
}


void
ngx_http_sent_conv_lane_take(ngx_http_sent_conv_lane_t *lane)
{
    ngx_sent_conv_lane_t  ref;

    lane->state = NGX_HTTP_SENT_CONV_LANE_TAKING;

    ref.customer = lane->customer;
    ref.partition = lane->partition;
    ref.member = lane->sn.str;
    ngx_str_null(&ref.item);

    if (ngx_sent_conv_store_take(lane->q->store, &ref,
                                 ngx_http_sent_conv_lane_taken, lane)
        != NGX_OK)
    {
        ngx_http_sent_conv_lane_free(lane);
    }
}


static void
ngx_http_sent_conv_lane_taken(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_http_sent_conv_lane_t *lane = data;

    ngx_sent_conv_lane_result_t  *lr;

    lr = result;

    if (err == NGX_SENT_CONV_OK) {
        lane->died = lr->died && lane->claimed;
    }

    if (lane->q->closed
        || err != NGX_SENT_CONV_OK
        || lr->what != NGX_SENT_CONV_LANE_NEXT
        || ngx_http_sent_conv_lane_item(lane, &lr->item, lr->attempts)
           != NGX_OK)
    {
        ngx_http_sent_conv_lane_free(lane);
        return;
    }

    /* one that had a place already starts, see ngx_http_sent_conv_target.c */

    if (lane->slot && !ngx_exiting && !ngx_terminate) {
        ngx_http_sent_conv_target_start(lane);
        return;
    }

    ngx_http_sent_conv_target_release(lane);
    ngx_http_sent_conv_lane_go(lane);
}


/* nothing was tried: any worker may have it after the delay */

void
ngx_http_sent_conv_lane_return(ngx_http_sent_conv_lane_t *lane,
    ngx_msec_t delay)
{
    ngx_sent_conv_lane_t     ref;
    ngx_sent_conv_failure_t  failure;

    lane->state = NGX_HTTP_SENT_CONV_LANE_TAKING;

    ref.customer = lane->customer;
    ref.partition = lane->partition;
    ref.member = lane->sn.str;

    ref.item = ngx_http_sent_conv_lane_item_id(lane);

    ngx_memzero(&failure, sizeof(ngx_sent_conv_failure_t));

    failure.delay = delay;
    failure.uncounted = 1;

    if (ngx_sent_conv_store_fail(lane->q->store, &ref, &failure,
                                 ngx_http_sent_conv_lane_returned, lane)
        != NGX_OK)
    {
        ngx_http_sent_conv_lane_free(lane);
    }
}


static void
ngx_http_sent_conv_lane_returned(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_http_sent_conv_lane_t *lane = data;

    (void) err;
    (void) result;

    ngx_http_sent_conv_lane_free(lane);
}
