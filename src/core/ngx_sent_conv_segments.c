
/*
 * How many SMS a text takes: 3GPP TS 23.038 (2022-03), the GSM 7 bit default
 * alphabet with its extension table, or UCS-2; 3GPP TS 23.040, concatenation
 * with a header of 6 octets.
 */


#include "ngx_sent_conv_core.h"


#define NGX_SENT_CONV_SEPTETS        160
#define NGX_SENT_CONV_SEPTETS_PART   153
#define NGX_SENT_CONV_UNITS          70
#define NGX_SENT_CONV_UNITS_PART     67


static ngx_uint_t ngx_sent_conv_segments_septets(uint32_t c);


/* of the default alphabet, beside most of ASCII; ordered */

static const uint16_t  ngx_sent_conv_segments_basic[] = {
    0x00a1, 0x00a3, 0x00a4, 0x00a5, 0x00a7, 0x00bf, 0x00c4, 0x00c5, 0x00c6,
    0x00c7, 0x00c9, 0x00d1, 0x00d6, 0x00d8, 0x00dc, 0x00df, 0x00e0, 0x00e4,
    0x00e5, 0x00e6, 0x00e8, 0x00e9, 0x00ec, 0x00f1, 0x00f2, 0x00f6, 0x00f8,
    0x00f9, 0x00fc, 0x0393, 0x0394, 0x0398, 0x039b, 0x039e, 0x03a0, 0x03a3,
    0x03a6, 0x03a8, 0x03a9
};


/* septets of a character, 0 = it is in neither table */

static ngx_uint_t
ngx_sent_conv_segments_septets(uint32_t c)
{
    ngx_uint_t  i, n;

    switch (c) {

    case 0x0c:
    case '[':
    case '\\':
    case ']':
    case '^':
    case '{':
    case '|':
    case '}':
    case '~':
    case 0x20ac:
        return 2;

    case '`':
        return 0;

    case LF:
    case CR:
        return 1;
    }

    if (c >= 0x20 && c < 0x7f) {
        return 1;
    }

    n = sizeof(ngx_sent_conv_segments_basic) / sizeof(uint16_t);

    for (i = 0; i < n; i++) {
        if (ngx_sent_conv_segments_basic[i] == c) {
            return 1;
        }
    }

    return 0;
}


/*
 * A character of two septets, or a surrogate pair, is not cut in two: it goes
 * whole into the next part.
 */

ngx_uint_t
ngx_sent_conv_segments(ngx_str_t *text)
{
    u_char      *p, *last;
    uint32_t     c;
    ngx_uint_t   gsm, n, size, part, whole, total, used, parts;

    last = text->data + text->len;
    gsm = 1;

    for (p = text->data; p < last && gsm; /* void */) {
        c = ngx_sent_conv_utf8_decode(&p, last);
        gsm = ngx_sent_conv_segments_septets(c) != 0;
    }

    whole = gsm ? NGX_SENT_CONV_SEPTETS : NGX_SENT_CONV_UNITS;
    part = gsm ? NGX_SENT_CONV_SEPTETS_PART : NGX_SENT_CONV_UNITS_PART;

    total = 0;
    used = 0;
    parts = 1;

    for (p = text->data; p < last; /* void */) {
        c = ngx_sent_conv_utf8_decode(&p, last);
        size = gsm ? ngx_sent_conv_segments_septets(c)
                   : (c > 0xffff && c != NGX_SENT_CONV_UTF8_INVALID) ? 2 : 1;

        total += size;
        n = used + size;

        if (n > part) {
            parts++;
            n = size;
        }

        used = n;
    }

    return (total <= whole) ? 1 : parts;
}
