
/*
 * How many requests a customer may make: counted on this node, or by Redis
 * for all nodes.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static void ngx_http_sent_conv_rate_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_rate_go(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_taken_t *taken);


/* each counts, whatever becomes of it: replays and trials, too */

void
ngx_http_sent_conv_rate(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                        rc;
    ngx_str_t                       *id;
    ngx_sent_conv_taken_t            taken;
    ngx_http_sent_conv_main_conf_t  *smcf;

    smcf = call->smcf;

    if (smcf->rate.burst == 0) {
        call->ready(call);
        return;
    }

    if (smcf->rate_fleet) {
        rc = ngx_sent_conv_store_rate(call->store, call->customer,
                                      smcf->rate_each, smcf->rate.burst,
                                      ngx_http_sent_conv_wait_done, call);

        ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_rate_done);
        return;
    }

    id = &call->customer->id;

    ngx_sent_conv_buckets_take(&call->store->shared->customers,
                               ngx_sent_conv_bucket_name(id->data, id->len),
                               &smcf->rate,
                               ngx_sent_conv_ticks(ngx_current_msec), &taken);

    ngx_http_sent_conv_rate_go(call, &taken);
}


static void
ngx_http_sent_conv_rate_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNSENT);
        return;
    }

    ngx_http_sent_conv_rate_go(call, result);
}


static void
ngx_http_sent_conv_rate_go(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_taken_t *taken)
{
    call->rate = *taken;
    call->rated = 1;

    if (!taken->taken) {
        ngx_http_sent_conv_rate_refuse(call, NGX_SENT_CONV_M_CUSTOMER,
                                       taken->wait);
        return;
    }

    call->ready(call);
}


/* all that is refused for coming too often */

void
ngx_http_sent_conv_rate_refuse(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_metrics_limit_e limit, ngx_msec_t wait)
{
    ngx_sent_conv_count(&call->store->metrics->limited[limit]);

    call->retry_after = ngx_max((wait + 999) / 1000, 1);

    ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_RATE, NULL);
}


/* what is left, and when all will be back, in seconds of the epoch */

ngx_int_t
ngx_http_sent_conv_rate_headers(ngx_http_sent_conv_call_t *call)
{
    time_t  full;

    full = ngx_time() + (time_t) ((call->rate.full + 999) / 1000);

    if (ngx_http_sent_conv_reply_number(call, "X-RateLimit-Limit",
                                        call->smcf->rate.burst)
        != NGX_OK
        || ngx_http_sent_conv_reply_number(call, "X-RateLimit-Remaining",
                                           call->rate.left)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_sent_conv_reply_number(call, "X-RateLimit-Reset", full);
}
