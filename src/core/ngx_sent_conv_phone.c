
/*
 * Telephone numbers: what is E.164, and what of it a log may show.
 */


#include "ngx_sent_conv_core.h"


#define NGX_SENT_CONV_PHONE_MIN  8
#define NGX_SENT_CONV_PHONE_MAX  15


ngx_int_t
ngx_sent_conv_phone_check(ngx_str_t *phone)
{
    size_t  i;

    if (phone->len < 1 + NGX_SENT_CONV_PHONE_MIN
        || phone->len > 1 + NGX_SENT_CONV_PHONE_MAX
        || phone->data[0] != '+'
        || phone->data[1] == '0')
    {
        return NGX_DECLINED;
    }

    for (i = 1; i < phone->len; i++) {
        if (phone->data[i] < '0' || phone->data[i] > '9') {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


u_char *
ngx_sent_conv_phone_mask(u_char *buf, ngx_str_t *phone)
{
    size_t   head, tail;
    u_char  *p;

    head = 0;
    tail = 0;

    /* what is no number may be anything, and shows nothing */

    if (ngx_sent_conv_phone_check(phone) == NGX_OK) {
        head = (phone->len < 12) ? 3 : 5;
        tail = (phone->len < 12) ? 2 : 4;
    }

    p = ngx_cpymem(buf, phone->data, head);
    p = ngx_cpymem(p, "***", sizeof("***") - 1);
    p = ngx_cpymem(p, phone->data + phone->len - tail, tail);

    *p = '\0';

    return p;
}
