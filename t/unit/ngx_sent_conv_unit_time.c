
/*
 * Tests of times.
 */


#include "ngx_sent_conv_unit.h"


typedef struct {
    const char  *text;
    int64_t      ms;
} ngx_sent_conv_unit_time_t;


static ngx_sent_conv_unit_time_t  ngx_sent_conv_unit_written[] = {
    { "1970-01-01T00:00:00.000Z", 0 },
    { "1970-01-01T00:00:00.001Z", 1 },
    { "2000-02-29T12:34:56.789Z", 951827696789LL },
    { "2024-02-29T23:59:59.999Z", 1709251199999LL },
    { "2024-03-01T00:00:00.000Z", 1709251200000LL },
    { "2026-01-01T00:00:00.000Z", 1767225600000LL },
    { "2038-01-19T03:14:08.000Z", 2147483648000LL },
    { "2100-02-28T23:59:59.000Z", 4107542399000LL },
    { "2100-03-01T00:00:00.000Z", 4107542400000LL },
    { "9999-12-31T23:59:59.999Z", 253402300799999LL },
    { NULL, 0 }
};


static ngx_sent_conv_unit_time_t  ngx_sent_conv_unit_read[] = {
    { "2026-01-01T00:00:00Z", 1767225600000LL },
    { "2026-01-01t00:00:00z", 1767225600000LL },
    { "2026-01-01 00:00:00Z", 1767225600000LL },
    { "2026-01-01T01:00:00+01:00", 1767225600000LL },
    { "2025-12-31T18:30:00-05:30", 1767225600000LL },
    { "2025-12-31T00:01:00-23:59", 1767225600000LL },
    { "2026-01-01T00:00:00+00:00", 1767225600000LL },
    { "2026-01-01T00:00:00-00:00", 1767225600000LL },
    { "2026-01-01T00:00:00.1Z", 1767225600100LL },
    { "2026-01-01T00:00:00.12Z", 1767225600120LL },
    { "2026-01-01T00:00:00.1239999Z", 1767225600123LL },
    { "2026-01-01T00:00:00.000000001+00:00", 1767225600000LL },
    { "1996-12-19T16:39:57-08:00", 851042397000LL },
    { "1985-04-12T23:20:50.52Z", 482196050520LL },
    { "1990-12-31T23:59:60Z", 662688000000LL },
    { "1990-12-31T15:59:60-08:00", 662688000000LL },
    { "2000-02-29T00:00:00Z", 951782400000LL },
    { "2024-12-31T00:00:00Z", 1735603200000LL },

    { "2023-02-29T00:00:00Z", NGX_ERROR },
    { "2100-02-29T00:00:00Z", NGX_ERROR },
    { "2026-04-31T00:00:00Z", NGX_ERROR },
    { "2026-00-01T00:00:00Z", NGX_ERROR },
    { "2026-13-01T00:00:00Z", NGX_ERROR },
    { "2026-01-00T00:00:00Z", NGX_ERROR },
    { "2026-01-32T00:00:00Z", NGX_ERROR },
    { "2026-01-01T24:00:00Z", NGX_ERROR },
    { "2026-01-01T00:60:00Z", NGX_ERROR },
    { "2026-01-01T00:00:61Z", NGX_ERROR },
    { "2026-01-01T12:00:60Z", NGX_ERROR },
    { "2026-01-01T00:00:00", NGX_ERROR },
    { "2026-01-01T00:00:00.Z", NGX_ERROR },
    { "2026-01-01T00:00:00,5Z", NGX_ERROR },
    { "2026-01-01T00:00:00+24:00", NGX_ERROR },
    { "2026-01-01T00:00:00+00:60", NGX_ERROR },
    { "2026-01-01T00:00:00+0100", NGX_ERROR },
    { "2026-01-01T00:00:00+01", NGX_ERROR },
    { "2026-01-01T00:00:00Zx", NGX_ERROR },
    { "2026-01-01T00:00:00Z ", NGX_ERROR },
    { " 2026-01-01T00:00:00Z", NGX_ERROR },
    { "2026-01-01T00:00Z", NGX_ERROR },
    { "2026-1-01T00:00:00Z", NGX_ERROR },
    { "+026-01-01T00:00:00Z", NGX_ERROR },
    { "2026-01-01T-1:00:00Z", NGX_ERROR },
    { "2026-01-01", NGX_ERROR },
    { "1767225600", NGX_ERROR },
    { "1969-12-31T23:59:59Z", NGX_ERROR },
    { "1970-01-01T00:00:00+01:00", NGX_ERROR },
    { "0000-01-01T00:00:00Z", NGX_ERROR },
    { "", NGX_ERROR },
    { NULL, 0 }
};


void
ngx_sent_conv_unit_time(ngx_pool_t *pool)
{
    u_char                      buf[NGX_SENT_CONV_TIME_LEN];
    int64_t                     day, differ;
    ngx_str_t                   s;
    ngx_sent_conv_unit_time_t  *t;

    s.data = buf;
    s.len = NGX_SENT_CONV_TIME_LEN;

    for (t = ngx_sent_conv_unit_written; t->text; t++) {
        ngx_sent_conv_unit_ok(ngx_sent_conv_time_write(buf, t->ms)
                              == buf + NGX_SENT_CONV_TIME_LEN,
                              "time's length");
        ngx_sent_conv_unit_is(&s, t->text, t->text);
        ngx_sent_conv_unit_ok(ngx_sent_conv_time_parse(&s) == t->ms,
                              "read back");
    }

    (void) ngx_sent_conv_time_write(buf, NGX_MAX_UINT32_VALUE * 1000000ULL);
    ngx_sent_conv_unit_is(&s, "9999-12-31T23:59:59.999Z",
                          "no year of five digits");

    for (t = ngx_sent_conv_unit_read; t->text; t++) {
        s = ngx_sent_conv_unit_str(pool, t->text);

        ngx_sent_conv_unit_ok(ngx_sent_conv_time_parse(&s) == t->ms,
                              "time \"%s\"", t->text);
    }

    s.data = buf;
    s.len = NGX_SENT_CONV_TIME_LEN;

    for (differ = 0, day = 0; day < 400 * 366; day++) {
        (void) ngx_sent_conv_time_write(buf, day * 86400000LL + day);
        differ += (ngx_sent_conv_time_parse(&s) != day * 86400000LL + day);
    }

    ngx_sent_conv_unit_ok(differ == 0, "every day of 400 years both ways");
}
