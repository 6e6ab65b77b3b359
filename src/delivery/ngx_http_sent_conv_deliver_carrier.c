
/*
 * An attempt at a carrier: its body in the carrier's format, and what follows
 * from the verdict.
 */


#include "ngx_http_sent_conv_delivery.h"


static ngx_http_sent_conv_outlet_t *ngx_http_sent_conv_carrier_outlet(
    ngx_http_sent_conv_lane_t *lane);
static const char *ngx_http_sent_conv_carrier_build(
    ngx_http_sent_conv_attempt_t *attempt, ngx_http_sent_conv_lane_t *lane);
static void ngx_http_sent_conv_carrier_untried(
    ngx_http_sent_conv_lane_t *lane, const char *why, ngx_uint_t unknown);
static void ngx_http_sent_conv_carrier_later(ngx_http_sent_conv_lane_t *lane,
    ngx_msec_t delay);
static void ngx_http_sent_conv_carrier_done(void *data,
    ngx_http_sent_conv_verdict_t *verdict);
static void ngx_http_sent_conv_carrier_judge(ngx_http_sent_conv_lane_t *lane,
    ngx_http_sent_conv_attempt_t *attempt,
    ngx_http_sent_conv_verdict_t *verdict);
static void ngx_http_sent_conv_carrier_sent(ngx_http_sent_conv_lane_t *lane,
    ngx_http_sent_conv_attempt_t *attempt,
    ngx_sent_conv_carrier_verdict_t *cv);
static void ngx_http_sent_conv_carrier_again(ngx_http_sent_conv_lane_t *lane,
    ngx_http_sent_conv_verdict_t *verdict, ngx_uint_t unknown);
static void ngx_http_sent_conv_carrier_final(ngx_http_sent_conv_lane_t *lane,
    ngx_http_sent_conv_verdict_t *verdict,
    ngx_sent_conv_carrier_verdict_t *cv);


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
    ngx_http_sent_conv_outlet_t   *outlet;
    ngx_http_sent_conv_attempt_t  *attempt;
    ngx_http_sent_conv_verdict_t   verdict;

    outlet = ngx_http_sent_conv_carrier_outlet(lane);

    if (outlet == NULL) {
        ngx_http_sent_conv_carrier_untried(lane, "there is no delivery "
                                           "location for its carrier", 0);
        return;
    }

    /* who had it before may have posted it, and would be believed twice */

    if (lane->died && !outlet->format->token) {
        ngx_http_sent_conv_carrier_untried(lane, "its deliverer is gone", 1);
        return;
    }

    if (outlet->slcf->account != NULL
        && ngx_http_sent_conv_token(outlet) == NULL)
    {
        ngx_http_sent_conv_carrier_untried(lane, "there is no access token",
                                           0);
        return;
    }

    attempt = ngx_http_sent_conv_attempt_create(outlet,
                                       NGX_SENT_CONV_M_CARRIERS,
                                       NGX_HTTP_SENT_CONV_CARRIER_TIMEOUT,
                                       ngx_http_sent_conv_carrier_done, lane);
    if (attempt == NULL) {
        ngx_memzero(&verdict, sizeof(ngx_http_sent_conv_verdict_t));

        verdict.aborted = 1;

        ngx_http_sent_conv_carrier_done(lane, &verdict);
        return;
    }

    lane->attempt = attempt;

    why = ngx_http_sent_conv_carrier_build(attempt, lane);

    if (why != NULL) {
        ngx_http_sent_conv_attempt_fail(attempt, why, 1);
        return;
    }

    ngx_http_sent_conv_attempt_post(attempt);
}


static void
ngx_http_sent_conv_carrier_untried(ngx_http_sent_conv_lane_t *lane,
    const char *why, ngx_uint_t unknown)
{
    ngx_http_sent_conv_verdict_t  verdict;

    ngx_memzero(&verdict, sizeof(ngx_http_sent_conv_verdict_t));

    verdict.retry_after = NGX_ERROR;
    verdict.why = why;

    ngx_http_sent_conv_target_done(lane, &verdict);
    ngx_http_sent_conv_carrier_again(lane, &verdict, unknown);
}


/* that of the carrier to which the message's number is bound, or NULL */

static ngx_http_sent_conv_outlet_t *
ngx_http_sent_conv_carrier_outlet(ngx_http_sent_conv_lane_t *lane)
{
    ngx_sent_conv_number_t       *number;
    ngx_sent_conv_carrier_out_t   out;

    if (ngx_sent_conv_carrier_out_parse(NULL, &lane->item, &out) != NGX_OK) {
        return NULL;
    }

    number = ngx_sent_conv_customer_number(lane->customer, lane->channel,
                                           &out.from);

    return number ? ngx_http_sent_conv_outlet(lane->q->smcf, &number->carrier)
                  : NULL;
}


static const char *
ngx_http_sent_conv_carrier_build(ngx_http_sent_conv_attempt_t *attempt,
    ngx_http_sent_conv_lane_t *lane)
{
    ngx_str_t                       item, *token;
    ngx_pool_t                     *pool;
    ngx_sent_conv_carrier_out_t     out;
    ngx_sent_conv_carrier_post_t    post;
    ngx_http_sent_conv_outlet_t    *outlet;

    outlet = attempt->outlet;
    pool = attempt->request->pool;

    /* what the variables tell lives as long as the request */

    item.len = lane->item.len;
    item.data = ngx_pstrdup(pool, &lane->item);

    if (item.data == NULL
        || ngx_sent_conv_carrier_out_parse(pool, &item, &out) != NGX_OK
        || outlet->format->build(pool, &outlet->carrier_conf, &out,
                                 lane->channel, &post)
           != NGX_OK)
    {
        return "there is no memory";
    }

    attempt->from = out.from;
    attempt->to = out.to;
    attempt->message_id = out.message_id;
    attempt->body = post.body;

    token = ngx_http_sent_conv_token(outlet);

    if (token != NULL) {
        attempt->token.len = token->len;
        attempt->token.data = ngx_pstrdup(pool, token);

        if (attempt->token.data == NULL) {
            return "there is no memory";
        }
    }

    if (ngx_http_sent_conv_attempt_header(attempt, "content-type",
                                          &post.type)
        != NGX_OK
        || ngx_http_sent_conv_attempt_header(attempt, "user-agent",
                                             &ngx_http_sent_conv_agent)
           != NGX_OK
        || ngx_http_sent_conv_attempt_header(attempt, "idempotency-key",
                                             &attempt->message_id)
           != NGX_OK
        || ngx_http_sent_conv_attempt_trace(attempt, &out.trace) != NGX_OK)
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

    ngx_http_sent_conv_attempt_t  *attempt;

    attempt = lane->attempt;
    lane->attempt = NULL;

    ngx_http_sent_conv_target_done(lane, verdict);

    if (!verdict->aborted) {
        ngx_http_sent_conv_carrier_judge(lane, attempt, verdict);
        return;
    }

    /* one that was cut off when the worker left may have been taken */

    if (attempt != NULL && attempt->posted
        && !attempt->outlet->format->token)
    {
        ngx_http_sent_conv_carrier_again(lane, verdict, 1);
        return;
    }

    ngx_http_sent_conv_carrier_later(lane, (ngx_exiting || ngx_terminate)
                                           ? 0 : 1000);
}


/* nothing was tried */

static void
ngx_http_sent_conv_carrier_later(ngx_http_sent_conv_lane_t *lane,
    ngx_msec_t delay)
{
    ngx_sent_conv_failure_t  failure;

    ngx_memzero(&failure, sizeof(ngx_sent_conv_failure_t));

    failure.uncounted = 1;
    failure.delay = delay;

    ngx_http_sent_conv_lane_failed(lane, &failure);
}


static void
ngx_http_sent_conv_carrier_judge(ngx_http_sent_conv_lane_t *lane,
    ngx_http_sent_conv_attempt_t *attempt,
    ngx_http_sent_conv_verdict_t *verdict)
{
    ngx_sent_conv_carrier_format_t   *format;
    ngx_sent_conv_carrier_verdict_t   cv;

    format = attempt->outlet->format;

    if (format->verdict(attempt->request->pool, verdict->status,
                        &verdict->answer, &cv)
        != NGX_OK)
    {
        ngx_memzero(&cv, sizeof(ngx_sent_conv_carrier_verdict_t));

        cv.what = (verdict->status >= 200 && verdict->status < 300)
                  ? NGX_SENT_CONV_CARRIER_SENT
                  : NGX_SENT_CONV_CARRIER_UNKNOWN;
    }

    switch (cv.what) {

    case NGX_SENT_CONV_CARRIER_SENT:
        ngx_http_sent_conv_carrier_sent(lane, attempt, &cv);
        return;

    case NGX_SENT_CONV_CARRIER_FINAL:
        ngx_http_sent_conv_carrier_final(lane, verdict, &cv);
        return;

    case NGX_SENT_CONV_CARRIER_EXPIRED:
        ngx_http_sent_conv_token_expired(attempt->outlet);
        ngx_http_sent_conv_carrier_again(lane, verdict, 0);
        return;

    case NGX_SENT_CONV_CARRIER_UNKNOWN:
        ngx_http_sent_conv_carrier_again(lane, verdict, !format->token);
        return;

    default: /* NGX_SENT_CONV_CARRIER_RETRY */
        ngx_http_sent_conv_carrier_again(lane, verdict, 0);
    }
}


static void
ngx_http_sent_conv_carrier_sent(ngx_http_sent_conv_lane_t *lane,
    ngx_http_sent_conv_attempt_t *attempt,
    ngx_sent_conv_carrier_verdict_t *cv)
{
    ngx_sent_conv_success_t  success;

    ngx_memzero(&success, sizeof(ngx_sent_conv_success_t));

    success.carrier_id = cv->id;

    if (cv->alias.len
        && (cv->alias.len != attempt->to.len
            || ngx_memcmp(cv->alias.data, attempt->to.data, cv->alias.len)
               != 0))
    {
        success.alias = cv->alias;
        success.contact = attempt->to;
    }

    ngx_http_sent_conv_lane_acked(lane, &success);
}


/* unknown: it may have been taken, and the carrier knows no token */

static void
ngx_http_sent_conv_carrier_again(ngx_http_sent_conv_lane_t *lane,
    ngx_http_sent_conv_verdict_t *verdict, ngx_uint_t unknown)
{
    ngx_msec_t                       delay;
    ngx_sent_conv_failure_t          failure;
    ngx_http_sent_conv_main_conf_t  *smcf;

    smcf = lane->q->smcf;

    delay = ngx_sent_conv_retry_carrier(smcf->carrier_min, smcf->carrier_max,
                                        lane->attempts + 1,
                                        (uint32_t) ngx_random());

    if (verdict->retry_after > (ngx_int_t) delay) {
        delay = ngx_min(verdict->retry_after,
                        NGX_HTTP_SENT_CONV_RETRY_AFTER_MAX);
    }

    if (unknown && delay < NGX_HTTP_SENT_CONV_UNKNOWN) {
        delay = NGX_HTTP_SENT_CONV_UNKNOWN;
    }

    ngx_memzero(&failure, sizeof(ngx_sent_conv_failure_t));

    failure.delay = delay;
    failure.more = 1;

    ngx_log_error(NGX_LOG_INFO, lane->q->cycle->log, 0,
                  "sent conv %V message of carrier \"%V\": attempt %ui "
                  "failed, status %ui, %s, to be repeated in %M ms",
                  &ngx_sent_conv_channel_names[lane->channel],
                  &lane->target->sn.str, lane->attempts + 1, verdict->status,
                  verdict->why, delay);

    ngx_http_sent_conv_lane_failed(lane, &failure);
}


static void
ngx_http_sent_conv_carrier_final(ngx_http_sent_conv_lane_t *lane,
    ngx_http_sent_conv_verdict_t *verdict,
    ngx_sent_conv_carrier_verdict_t *cv)
{
    ngx_sent_conv_failure_t  failure;

    ngx_memzero(&failure, sizeof(ngx_sent_conv_failure_t));

    failure.delay = NGX_SENT_CONV_GIVE_UP;
    failure.code = cv->code;
    failure.title = cv->title;
    failure.more = 1;

    /* what the carrier says may hold a number: the code will do */

    ngx_log_error(NGX_LOG_WARN, lane->q->cycle->log, 0,
                  "sent conv %V message of carrier \"%V\": attempt %ui "
                  "failed, status %ui, code %V, given up",
                  &ngx_sent_conv_channel_names[lane->channel],
                  &lane->target->sn.str, lane->attempts + 1, verdict->status,
                  &cv->code);

    ngx_http_sent_conv_lane_failed(lane, &failure);
}
