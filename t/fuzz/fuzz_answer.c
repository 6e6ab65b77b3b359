
/*
 * What carriers answer: the first line is a format's name, or "token", and the
 * status, the rest the body of the answer.
 */


#include "ngx_fuzz.h"


static void ngx_fuzz_token(ngx_pool_t *pool, ngx_str_t *answer);
static void ngx_fuzz_verdict(ngx_pool_t *pool,
    ngx_sent_conv_carrier_format_t *format, ngx_uint_t status,
    ngx_str_t *answer);


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    u_char                          *p;
    ngx_int_t                        status;
    ngx_str_t                        line, name;
    ngx_sent_conv_carrier_format_t  *format;

    line = ngx_fuzz_line(pool, input);

    p = memchr(line.data, ' ', line.len);

    if (p == NULL) {
        return;
    }

    name.data = line.data;
    name.len = p - line.data;

    if (ngx_fuzz_is(&name, "token")) {
        ngx_fuzz_token(pool, input);
        return;
    }

    format = ngx_sent_conv_carrier_format(&name);
    status = ngx_atoi(p + 1, line.data + line.len - p - 1);

    if (format != NULL && status >= 0 && status < 1000) {
        ngx_fuzz_verdict(pool, format, status, input);
    }
}


static void
ngx_fuzz_token(ngx_pool_t *pool, ngx_str_t *answer)
{
    time_t     life;
    ngx_int_t  rc;
    ngx_str_t  token;

    ngx_fuzz_begin();

    rc = ngx_sent_conv_carrier_token_answer(pool, answer, &token, &life);

    if (ngx_fuzz_starved(rc)) {
        return;
    }

    if (rc != NGX_OK) {
        ngx_fuzz_assert(rc == NGX_DECLINED);
        return;
    }

    ngx_fuzz_assert(token.len && token.len <= 4096);
    ngx_fuzz_assert(ngx_fuzz_visible(&token));
    ngx_fuzz_assert(life > 0 && life <= 86400);
}


static void
ngx_fuzz_verdict(ngx_pool_t *pool, ngx_sent_conv_carrier_format_t *format,
    ngx_uint_t status, ngx_str_t *answer)
{
    ngx_int_t                        rc;
    ngx_uint_t                       taken;
    ngx_sent_conv_carrier_verdict_t  verdict;

    ngx_memset(&verdict, 0xa5, sizeof(ngx_sent_conv_carrier_verdict_t));

    ngx_fuzz_begin();

    rc = format->verdict(pool, status, answer, &verdict);

    if (ngx_fuzz_starved(rc)) {
        return;
    }

    ngx_fuzz_assert(rc == NGX_OK);
    ngx_fuzz_assert(verdict.what <= NGX_SENT_CONV_CARRIER_EXPIRED);

    /* what was taken is sent, and nothing else, but for a repetition */

    taken = status >= 200 && status < 300;

    if (verdict.what == NGX_SENT_CONV_CARRIER_SENT) {
        ngx_fuzz_assert(taken || (status == 409
                                  && format == &ngx_sent_conv_carrier_rbm));
    } else {
        ngx_fuzz_assert(!taken);
        ngx_fuzz_assert(verdict.id.len == 0 && verdict.alias.len == 0);
        ngx_fuzz_assert(verdict.code.len);
    }

    ngx_fuzz_assert(verdict.id.len <= NGX_SENT_CONV_CARRIER_ID_MAX);
    ngx_fuzz_assert(verdict.alias.len == 0 || ngx_fuzz_phone(&verdict.alias));
    ngx_fuzz_assert(ngx_fuzz_text(&verdict.id));
    ngx_fuzz_assert(ngx_fuzz_text(&verdict.code));
    ngx_fuzz_assert(ngx_fuzz_text(&verdict.title));

    if (format == &ngx_sent_conv_carrier_whatsapp_cloud
        || format == &ngx_sent_conv_carrier_twilio)
    {
        ngx_fuzz_assert(ngx_fuzz_visible(&verdict.id));
        ngx_fuzz_assert(verdict.code.len <= 32);
        ngx_fuzz_assert(ngx_fuzz_visible(&verdict.code));
        ngx_fuzz_assert(verdict.title.len <= 255);
    }
}
