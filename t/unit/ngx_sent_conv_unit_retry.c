
/*
 * Tests of delays.
 */


#include "ngx_sent_conv_unit.h"


typedef struct {
    const char  *text;
    ngx_int_t    ms;
} ngx_sent_conv_unit_after_t;


static void ngx_sent_conv_unit_webhook(ngx_pool_t *pool);
static void ngx_sent_conv_unit_retry_carrier(void);


static ngx_sent_conv_unit_after_t  ngx_sent_conv_unit_afters[] = {
    { "0", 0 },
    { "1", 1000 },
    { "120", 120000 },
    { "00120", 120000 },
    { "2073600", 2073600000 },
    { "99999999", 2073600000 },
    { "99999999999999999999999999999999", 2073600000 },
    { "Thu, 01 Jan 2026 00:00:30 GMT", 30000 },
    { "Thursday, 01-Jan-26 00:01:00 GMT", 60000 },
    { "Thu Jan  1 00:00:30 2026", 30000 },
    { "Wed, 31 Dec 2025 23:59:59 GMT", 0 },
    { "Fri, 01 Jan 2027 00:00:00 GMT", 2073600000 },
    { "-1", NGX_ERROR },
    { "+1", NGX_ERROR },
    { "1.5", NGX_ERROR },
    { "1s", NGX_ERROR },
    { "soon", NGX_ERROR },
    { "Thu, 32 Jan 2026 00:00:30 GMT", NGX_ERROR },
    { "", NGX_ERROR },
    { NULL, 0 }
};


void
ngx_sent_conv_unit_retry(ngx_pool_t *pool)
{
    ngx_str_t                    s;
    ngx_sent_conv_unit_after_t  *t;

    for (t = ngx_sent_conv_unit_afters; t->text; t++) {
        s = ngx_sent_conv_unit_str(pool, t->text);

        ngx_sent_conv_unit_ok(ngx_sent_conv_retry_after(&s, 1767225600)
                              == t->ms, "retry after \"%s\"", t->text);
    }

    ngx_sent_conv_unit_webhook(pool);
    ngx_sent_conv_unit_retry_carrier();
}


static void
ngx_sent_conv_unit_webhook(ngx_pool_t *pool)
{
    uint32_t     seed;
    ngx_uint_t   i;
    ngx_msec_t   delay, low, high, *entry;
    ngx_array_t  schedule;

    static const ngx_msec_t  base[] = { 5000, 60000, 300000, 1800000 };

    if (ngx_array_init(&schedule, pool, 4, sizeof(ngx_msec_t)) != NGX_OK) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    ngx_sent_conv_unit_ok(ngx_sent_conv_retry_webhook(&schedule, 1, 0) == 0,
                          "webhook delay of an empty schedule");

    for (i = 0; i < 4; i++) {
        entry = ngx_array_push(&schedule);
        if (entry == NULL) {
            ngx_sent_conv_unit_ok(0, "memory");
            return;
        }

        *entry = base[i];
    }

    ngx_sent_conv_unit_ok(ngx_sent_conv_retry_webhook(&schedule, 0, 7) == 0,
                          "webhook delay before the first attempt");

    for (i = 1; i <= 6; i++) {
        low = (ngx_msec_t) -1;
        high = 0;

        for (seed = 0; seed < 100000; seed += 7) {
            delay = ngx_sent_conv_retry_webhook(&schedule, i, seed);
            low = ngx_min(low, delay);
            high = ngx_max(high, delay);
        }

        delay = base[ngx_min(i, 4) - 1];

        ngx_sent_conv_unit_ok(low == delay / 10 * 8 && high == delay / 10 * 12,
                              "webhook delay %d", (int) i);
    }

    delay = ngx_sent_conv_retry_webhook(&schedule, 1, 0xffffffff);
    ngx_sent_conv_unit_ok(delay >= 4000 && delay <= 6000,
                          "webhook delay, greatest seed");
}


static void
ngx_sent_conv_unit_retry_carrier(void)
{
    ngx_uint_t  i;
    ngx_msec_t  low, high;

    static const ngx_msec_t  base[] = {
        0, 1000, 2000, 4000, 8000, 16000, 30000, 30000
    };

    /* seeds of 80 % and 120 % */

    for (i = 0; i < 8; i++) {
        low = ngx_sent_conv_retry_carrier(1000, 30000, i, 0);
        high = ngx_sent_conv_retry_carrier(1000, 30000, i, 400);

        ngx_sent_conv_unit_ok(low == base[i] / 10 * 8
                              && high == base[i] / 10 * 12,
                              "carrier delay %d", (int) i);
    }

    ngx_sent_conv_unit_ok(ngx_sent_conv_retry_carrier(1000, 30000, 1000000,
                                                      200)
                          == 30000, "carrier delay after many attempts");
    ngx_sent_conv_unit_ok(ngx_sent_conv_retry_carrier(5000, 1000, 3, 200)
                          == 1000, "carrier delay with min above max");
    ngx_sent_conv_unit_ok(ngx_sent_conv_retry_carrier(0, 1000, 3, 200) == 0,
                          "carrier delay of none");
}
