
/*
 * UTF-8 by the letter of RFC 3629: no overlong form, no surrogate, nothing
 * above U+10FFFF.
 */


#include "ngx_sent_conv_core.h"


static ngx_uint_t ngx_sent_conv_utf8_is_cut(u_char *p, u_char *last);


uint32_t
ngx_sent_conv_utf8_decode(u_char **text, u_char *last)
{
    u_char    *p;
    uint32_t   c, min;
    ngx_uint_t n;

    p = *text;
    c = *p++;

    /* the next call goes on behind the first byte that does not fit */

    *text = p;

    if (c < 0x80) {
        return c;
    }

    if (c >= 0xf0 && c < 0xf5) {
        c &= 0x07;
        n = 3;
        min = 0x10000;

    } else if (c >= 0xe0 && c < 0xf0) {
        c &= 0x0f;
        n = 2;
        min = 0x800;

    } else if (c >= 0xc2 && c < 0xe0) {
        c &= 0x1f;
        n = 1;
        min = 0x80;

    } else {
        return NGX_SENT_CONV_UTF8_INVALID;
    }

    if ((size_t) (last - p) < n) {
        return NGX_SENT_CONV_UTF8_INVALID;
    }

    while (n--) {
        if ((*p & 0xc0) != 0x80) {
            return NGX_SENT_CONV_UTF8_INVALID;
        }

        c = (c << 6) | (*p++ & 0x3f);
    }

    if (c < min || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        return NGX_SENT_CONV_UTF8_INVALID;
    }

    *text = p;

    return c;
}


u_char *
ngx_sent_conv_utf8_encode(u_char *p, uint32_t c)
{
    if (c < 0x80) {
        *p++ = (u_char) c;
        return p;
    }

    if (c < 0x800) {
        *p++ = (u_char) (0xc0 | (c >> 6));

    } else {

        if (c < 0x10000) {
            *p++ = (u_char) (0xe0 | (c >> 12));

        } else {
            *p++ = (u_char) (0xf0 | (c >> 18));
            *p++ = (u_char) (0x80 | ((c >> 12) & 0x3f));
        }

        *p++ = (u_char) (0x80 | ((c >> 6) & 0x3f));
    }

    *p++ = (u_char) (0x80 | (c & 0x3f));

    return p;
}


ngx_int_t
ngx_sent_conv_utf8_length(ngx_str_t *text)
{
    u_char     *p, *last;
    ngx_int_t   n;

    p = text->data;
    last = p + text->len;

    for (n = 0; p < last; n++) {

        if (*p < 0x80) {
            p++;
            continue;
        }

        if (ngx_sent_conv_utf8_decode(&p, last) == NGX_SENT_CONV_UTF8_INVALID)
        {
            return NGX_ERROR;
        }
    }

    return n;
}


size_t
ngx_sent_conv_utf8_repair(u_char *dst, ngx_str_t *text, ngx_uint_t cut)
{
    u_char    *p, *d, *last;
    uint32_t   c;

    p = text->data;
    last = p + text->len;
    d = dst;

    while (p < last) {

        if (cut && ngx_sent_conv_utf8_is_cut(p, last)) {
            break;
        }

        c = ngx_sent_conv_utf8_decode(&p, last);

        if (c == NGX_SENT_CONV_UTF8_INVALID || c == 0x7f
            || (c < 0x20 && c != '\t' && c != '\n' && c != '\r'))
        {
            c = 0xfffd;
        }

        d = ngx_sent_conv_utf8_encode(d, c);
    }

    return d - dst;
}


/* is all that is there the beginning of a character? */

static ngx_uint_t
ngx_sent_conv_utf8_is_cut(u_char *p, u_char *last)
{
    size_t  n;

    n = (*p >= 0xf0 && *p < 0xf5) ? 4
        : (*p >= 0xe0 && *p < 0xf0) ? 3
        : (*p >= 0xc2 && *p < 0xe0) ? 2 : 1;

    if ((size_t) (last - p) >= n) {
        return 0;
    }

    while (++p < last) {
        if ((*p & 0xc0) != 0x80) {
            return 0;
        }
    }

    return 1;
}
