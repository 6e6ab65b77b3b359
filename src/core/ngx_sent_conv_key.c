
/*
 * Names of keys in Redis; nothing else knows them.
 */


#include "ngx_sent_conv_core.h"


static u_char *ngx_sent_conv_key_copy(u_char *p, const char *s);


u_char *
ngx_sent_conv_key_part(u_char *p, ngx_str_t *prefix, ngx_uint_t partition,
    const char *kind, ngx_str_t *rest)
{
    u_char  *q;
    u_char   digits[NGX_INT_T_LEN];

    p = ngx_cpymem(p, prefix->data, prefix->len);
    *p++ = '{';

    q = digits + sizeof(digits);

    do {
        *--q = (u_char) ('0' + partition % 10);
        partition /= 10;
    } while (partition);

    p = ngx_cpymem(p, q, digits + sizeof(digits) - q);
    *p++ = '}';
    *p++ = ':';

    p = ngx_sent_conv_key_copy(p, kind);

    if (rest != NULL) {
        *p++ = ':';
        p = ngx_cpymem(p, rest->data, rest->len);
    }

    return p;
}


u_char *
ngx_sent_conv_key_customer(u_char *p, ngx_str_t *prefix, ngx_str_t *customer,
    const char *kind)
{
    p = ngx_cpymem(p, prefix->data, prefix->len);
    *p++ = '{';
    p = ngx_cpymem(p, customer->data, customer->len);
    *p++ = '}';
    *p++ = ':';

    return ngx_sent_conv_key_copy(p, kind);
}


static u_char *
ngx_sent_conv_key_copy(u_char *p, const char *s)
{
    while (*s) {
        *p++ = (u_char) *s++;
    }

    return p;
}
