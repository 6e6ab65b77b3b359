
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


/*
 * ITU-T E.164, annex D: the codes of one digit are 1 and 7, those of two are
 * these, all others have three.
 */

ngx_str_t
ngx_sent_conv_phone_country(ngx_str_t *phone)
{
    ngx_str_t           code;
    ngx_uint_t          i, n;
    static const char  *two = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 "
                              "47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 "
                              "64 65 66 81 82 84 86 90 91 92 93 94 95 98 ";

    code.data = phone->data + 1;
    code.len = 3;

    if (code.data[0] == '1' || code.data[0] == '7') {
        code.len = 1;
        return code;
    }

    n = ngx_strlen(two);

    for (i = 0; i < n; i += 3) {
        if (two[i] == (char) code.data[0] && two[i + 1] == (char) code.data[1])
        {
            code.len = 2;
            return code;
        }
    }

    return code;
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
