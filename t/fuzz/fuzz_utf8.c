
/*
 * UTF-8 by the Unicode Standard's table of well-formed sequences, and how many
 * SMS a text takes by the alphabet written out.
 */


#include "ngx_fuzz.h"


static void ngx_fuzz_codes(ngx_str_t *input);
static ngx_uint_t ngx_fuzz_segments(ngx_str_t *text);
static ngx_uint_t ngx_fuzz_within(const char *alphabet, const u_char *p,
    size_t len);


/* 3GPP TS 23.038, 6.2.1; UCNs begin at U+00A0 */

static const char  ngx_fuzz_basic[] =
    "@\u00a3$\u00a5\u00e8\u00e9\u00f9\u00ec\u00f2\u00c7\n\u00d8\u00f8\r"
    "\u00c5\u00e5\u0394_\u03a6\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398"
    "\u039e\u00c6\u00e6\u00df\u00c9 !\"#\u00a4%&'()*+,-./0123456789:;<=>?"
    "\u00a1ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00c4\u00d6\u00d1\u00dc\u00a7"
    "\u00bfabcdefghijklmnopqrstuvwxyz\u00e4\u00f6\u00f1\u00fc\u00e0";

static const char  ngx_fuzz_extension[] = "\f^{}\\[~]|\u20ac";


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    ngx_uint_t  segments;

    ngx_fuzz_codes(input);

    segments = ngx_sent_conv_segments(input);

    ngx_fuzz_assert(segments >= 1 && segments <= input->len / 66 + 1);

    if (ngx_fuzz_text(input)) {
        ngx_fuzz_assert(segments == ngx_fuzz_segments(input));
    }
}


static void
ngx_fuzz_codes(ngx_str_t *input)
{
    u_char      *p, *at, *last, buf[4];
    size_t       len;
    uint32_t     c, is;
    ngx_int_t    n;
    ngx_uint_t   bad;

    last = input->data + input->len;
    bad = 0;
    n = 0;

    for (p = input->data; p < last; n++) {

        at = p;
        len = ngx_fuzz_utf8(p, last, &c);
        is = ngx_sent_conv_utf8_decode(&p, last);

        ngx_fuzz_assert(p > at && p <= last);

        if (len == 0) {
            ngx_fuzz_assert(is == NGX_SENT_CONV_UTF8_INVALID);
            ngx_fuzz_assert(p == at + 1);
            bad = 1;
            continue;
        }

        ngx_fuzz_assert(is == c && p == at + len);
        ngx_fuzz_assert(ngx_sent_conv_utf8_encode(buf, c) == buf + len);
        ngx_fuzz_assert(ngx_memcmp(buf, at, len) == 0);
    }

    ngx_fuzz_assert(ngx_sent_conv_utf8_length(input) == (bad ? NGX_ERROR : n));
}


static ngx_uint_t
ngx_fuzz_segments(ngx_str_t *text)
{
    u_char      *p, *last;
    size_t       len;
    uint32_t     c;
    ngx_uint_t   gsm, size, total, parts, left;

    last = text->data + text->len;
    gsm = 1;

    for (p = text->data; p < last; p += len) {
        len = ngx_fuzz_utf8(p, last, &c);

        if (!ngx_fuzz_within(ngx_fuzz_basic, p, len)
            && !ngx_fuzz_within(ngx_fuzz_extension, p, len))
        {
            gsm = 0;
        }
    }

    total = 0;
    parts = 0;
    left = 0;

    for (p = text->data; p < last; p += len) {
        len = ngx_fuzz_utf8(p, last, &c);

        size = gsm ? 1 + ngx_fuzz_within(ngx_fuzz_extension, p, len)
                   : 1 + (len == 4);

        if (left < size) {
            parts++;
            left = gsm ? 153 : 67;
        }

        left -= size;
        total += size;
    }

    return (total <= (ngx_uint_t) (gsm ? 160 : 70)) ? 1 : parts;
}


static ngx_uint_t
ngx_fuzz_within(const char *alphabet, const u_char *p, size_t len)
{
    return memmem(alphabet, strlen(alphabet), p, len) != NULL;
}
