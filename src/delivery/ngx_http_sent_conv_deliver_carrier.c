
/*
 * An attempt at a carrier: its body, and what follows from the verdict.
 */


#include "ngx_http_sent_conv_delivery.h"


static const char *ngx_http_sent_conv_carrier_build(
    ngx_http_sent_conv_attempt_t *attempt, ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_carrier_out_t *out);
static void ngx_http_sent_conv_carrier_done(void *data,
    ngx_http_sent_conv_verdict_t *verdict);
static void ngx_http_sent_conv_carrier_failed(
    ngx_http_sent_conv_lane_t *lane, ngx_http_sent_conv_verdict_t *verdict);
static ngx_uint_t ngx_http_sent_conv_carrier_final(ngx_uint_t status);


static ngx_str_t  ngx_http_sent_conv_json_type =
    ngx_string("application/json");
static ngx_str_t  ngx_http_sent_conv_agent = ngx_string("sent_conv/1.0");


/* carrier NULL: that of webhooks; at most one each, see the module's face */

ngx_http_sent_conv_outlet_t *
ngx_http_sent_conv_outlet(ngx_http_sent_conv_main_conf_t *smcf,
    ngx_str_t *carrier)
{
    ngx_uint_t                    i;
    ngx_http_sent_conv_outlet_t  *outlet;

    outlet = smcf->outlets.elts;

    for (i = 0; i < smcf->outlets.nelts; i++) {

        if (carrier == NULL) {
            if (outlet[i].carrier.len == 0) {
                return &outlet[i];
            }

            continue;
        }

        if (outlet[i].carrier.len == carrier->len
            && ngx_memcmp(outlet[i].carrier.data, carrier->data,
                          carrier->len)
               == 0)
        {
            return &outlet[i];
        }
    }

    return NULL;
}


void
ngx_http_sent_conv_carrier_start(ngx_http_sent_conv_lane_t *lane)
{
    const char                    *why;
    ngx_sent_conv_number_t        *number;
    ngx_sent_conv_carrier_out_t    out;
    ngx_http_sent_conv_outlet_t   *outlet;
    ngx_http_sent_conv_attempt_t  *attempt;
    ngx_http_sent_conv_verdict_t   verdict;

    ngx_memzero(&verdict, sizeof(ngx_http_sent_conv_verdict_t));

    outlet = NULL;
    verdict.why = "there is no delivery location for its carrier";

    if (ngx_sent_conv_carrier_out_parse(&lane->item, &out) == NGX_OK) {
        number = ngx_sent_conv_customer_number(lane->customer, lane->channel,
                                               &out.from);
        if (number != NULL) {
            outlet = ngx_http_sent_conv_outlet(lane->q->smcf,
                                               &number->carrier);
        }
    }

    if (outlet == NULL) {
        ngx_http_sent_conv_carrier_done(lane, &verdict);
        return;
    }

    attempt = ngx_http_sent_conv_attempt_create(outlet,
                                       NGX_HTTP_SENT_CONV_CARRIER_TIMEOUT,
                                       ngx_http_sent_conv_carrier_done, lane);
    if (attempt == NULL) {
        verdict.why = "there is no memory or connection";
        verdict.aborted = 1;

        ngx_http_sent_conv_carrier_done(lane, &verdict);
        return;
    }

    lane->attempt = attempt;
    attempt->carrier = 1;

    why = ngx_http_sent_conv_carrier_build(attempt, lane, &out);

    if (why != NULL) {
        ngx_http_sent_conv_attempt_fail(attempt, why, 1);
        return;
    }

    ngx_http_sent_conv_attempt_post(attempt);
}


static const char *
ngx_http_sent_conv_carrier_build(ngx_http_sent_conv_attempt_t *attempt,
    ngx_http_sent_conv_lane_t *lane, ngx_sent_conv_carrier_out_t *out)
{
    ngx_str_t    id;
    ngx_pool_t  *pool;

    pool = attempt->request->pool;

    if (ngx_sent_conv_carrier_generic_body(pool, out, lane->channel,
                                           &attempt->body)
        != NGX_OK)
    {
        return "there is no memory";
    }

    id.len = out->message_id.len;
    id.data = ngx_pstrdup(pool, &out->message_id);
    if (id.data == NULL) {
        return "there is no memory";
    }

    if (ngx_http_sent_conv_attempt_header(attempt, "content-type",
                                          &ngx_http_sent_conv_json_type)
        != NGX_OK
        || ngx_http_sent_conv_attempt_header(attempt, "user-agent",
                                             &ngx_http_sent_conv_agent)
           != NGX_OK
        || ngx_http_sent_conv_attempt_header(attempt, "idempotency-key", &id)
           != NGX_OK)
    {
        return "there is no memory";
    }

    return NULL;
}


static void
ngx_http_sent_conv_carrier_done(void *data,
    ngx_http_sent_conv_verdict_t *verdict)
{
    ngx_http_sent_conv_lane_t *lane = data;

    ngx_sent_conv_failure_t  failure;

    lane->attempt = NULL;

    ngx_http_sent_conv_target_done(lane, verdict);

    if (verdict->status >= 200 && verdict->status < 300) {
        ngx_http_sent_conv_lane_acked(lane, &verdict->carrier_id);
        return;
    }

    if (verdict->aborted) {
        ngx_memzero(&failure, sizeof(ngx_sent_conv_failure_t));

        failure.uncounted = 1;
        failure.delay = (ngx_exiting || ngx_terminate) ? 0 : 1000;

        ngx_http_sent_conv_lane_failed(lane, &failure);
        return;
    }

    ngx_http_sent_conv_carrier_failed(lane, verdict);
}


static void
ngx_http_sent_conv_carrier_failed(ngx_http_sent_conv_lane_t *lane,
    ngx_http_sent_conv_verdict_t *verdict)
{
    ngx_msec_t                       delay;
    ngx_uint_t                       level;
    ngx_sent_conv_failure_t          failure;
    ngx_http_sent_conv_main_conf_t  *smcf;

    smcf = lane->q->smcf;

    ngx_memzero(&failure, sizeof(ngx_sent_conv_failure_t));

    if (ngx_http_sent_conv_carrier_final(verdict->status)) {
        failure.delay = NGX_SENT_CONV_GIVE_UP;
        failure.code.data = lane->code;
        failure.code.len = ngx_sprintf(lane->code, "HTTP_%ui",
                                       verdict->status)
                           - lane->code;
        ngx_str_set(&failure.title, "The carrier refused the message.");

    } else {
        delay = ngx_sent_conv_retry_carrier(smcf->carrier_min,
                                            smcf->carrier_max,
                                            lane->attempts + 1,
                                            (uint32_t) ngx_random());

        if (verdict->retry_after > (ngx_int_t) delay) {
            delay = ngx_min(verdict->retry_after,
                            NGX_HTTP_SENT_CONV_RETRY_AFTER_MAX);
        }

        failure.delay = delay;
    }

    level = (failure.delay < 0) ? NGX_LOG_WARN : NGX_LOG_INFO;

    ngx_log_error(level, lane->q->cycle->log, 0,
                  "sent conv %V message of carrier \"%V\": attempt %ui "
                  "failed, status %ui, %s, %s",
                  &ngx_sent_conv_channel_names[lane->channel],
                  &lane->target->sn.str, lane->attempts + 1, verdict->status,
                  verdict->why,
                  failure.delay < 0 ? "given up" : "to be repeated");

    failure.more = 1;

    ngx_http_sent_conv_lane_failed(lane, &failure);
}


static ngx_uint_t
ngx_http_sent_conv_carrier_final(ngx_uint_t status)
{
    if (status < 400 || status > 499) {
        return 0;
    }

    return status != NGX_HTTP_REQUEST_TIME_OUT
           && status != NGX_HTTP_CONFLICT
           && status != 425
           && status != NGX_HTTP_TOO_MANY_REQUESTS;
}
