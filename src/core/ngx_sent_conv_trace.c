
/*
 * The traceparent of W3C Trace Context, taken in and passed on.
 */


#include "ngx_sent_conv_core.h"


static ngx_uint_t ngx_sent_conv_trace_hex(u_char *p, size_t len,
    ngx_uint_t zero);


/* "00-<trace-id>-<parent-id>-<flags>" */

ngx_int_t
ngx_sent_conv_trace_parse(ngx_str_t *text, u_char *out)
{
    u_char  *p;

    p = text->data;

    if (text->len < NGX_SENT_CONV_TRACE_LEN
        || p[2] != '-' || p[35] != '-' || p[52] != '-'
        || !ngx_sent_conv_trace_hex(p, 2, 1)
        || !ngx_sent_conv_trace_hex(p + 3, 32, 0)
        || !ngx_sent_conv_trace_hex(p + 36, 16, 0)
        || !ngx_sent_conv_trace_hex(p + 53, 2, 1))
    {
        return NGX_DECLINED;
    }

    ngx_memcpy(out, p, NGX_SENT_CONV_TRACE_LEN);

    if (p[0] == '0' && p[1] == '0') {
        return (text->len == NGX_SENT_CONV_TRACE_LEN) ? NGX_OK : NGX_DECLINED;
    }

    /* a later version begins the same: what is known of it is passed on */

    if ((p[0] == 'f' && p[1] == 'f')
        || (text->len > NGX_SENT_CONV_TRACE_LEN
            && p[NGX_SENT_CONV_TRACE_LEN] != '-'))
    {
        return NGX_DECLINED;
    }

    out[0] = '0';
    out[1] = '0';
    out[53] = '0';
    out[54] = (ngx_strchr("13579bdf", out[54]) != NULL) ? '1' : '0';

    return NGX_OK;
}


/* lower case, and unless zero may be, not all zero */

static ngx_uint_t
ngx_sent_conv_trace_hex(u_char *p, size_t len, ngx_uint_t zero)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        if ((p[i] < '0' || p[i] > '9') && (p[i] < 'a' || p[i] > 'f')) {
            return 0;
        }

        if (p[i] != '0') {
            zero = 1;
        }
    }

    return zero;
}
