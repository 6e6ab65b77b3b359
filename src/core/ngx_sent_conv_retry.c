
/*
 * How long to wait before the next attempt.
 */


#include "ngx_sent_conv_core.h"


/* what still fits milliseconds of 32 bits */

#define NGX_SENT_CONV_RETRY_AFTER_MAX  (24 * 24 * 60 * 60)


static ngx_msec_t ngx_sent_conv_retry_jitter(ngx_msec_t delay, uint32_t seed);


ngx_msec_t
ngx_sent_conv_retry_webhook(ngx_array_t *schedule, ngx_uint_t attempts,
    uint32_t seed)
{
    ngx_msec_t  *delay;

    if (attempts == 0 || schedule->nelts == 0) {
        return 0;
    }

    delay = schedule->elts;

    return ngx_sent_conv_retry_jitter(
                         delay[ngx_min(attempts, schedule->nelts) - 1], seed);
}


ngx_msec_t
ngx_sent_conv_retry_carrier(ngx_msec_t min, ngx_msec_t max,
    ngx_uint_t attempts, uint32_t seed)
{
    ngx_msec_t  delay;

    if (attempts == 0) {
        return 0;
    }

    delay = ngx_min(min, max);

    while (--attempts && delay < max) {
        delay = (delay > max / 2) ? max : delay * 2;
    }

    return ngx_sent_conv_retry_jitter(delay, seed);
}


ngx_int_t
ngx_sent_conv_retry_after(ngx_str_t *value, time_t now)
{
    u_char   *p, *last;
    time_t    t, wait;

    p = value->data;
    last = p + value->len;

    if (p == last) {
        return NGX_ERROR;
    }

    if (*p >= '0' && *p <= '9') {

        for (wait = 0; p < last; p++) {

            if (*p < '0' || *p > '9') {
                return NGX_ERROR;
            }

            wait = ngx_min(wait * 10 + (*p - '0'),
                           NGX_SENT_CONV_RETRY_AFTER_MAX);
        }

        return (ngx_int_t) wait * 1000;
    }

    t = ngx_parse_http_time(value->data, value->len);
    if (t == NGX_ERROR) {
        return NGX_ERROR;
    }

    wait = (t > now) ? ngx_min(t - now, NGX_SENT_CONV_RETRY_AFTER_MAX) : 0;

    return (ngx_int_t) wait * 1000;
}


/* 80 to 120 % */

static ngx_msec_t
ngx_sent_conv_retry_jitter(ngx_msec_t delay, uint32_t seed)
{
    return (ngx_msec_t) ((uint64_t) delay * (800 + seed % 401) / 1000);
}
