
/*
 * Fields of a form or a query, there and back.
 */


#include "ngx_sent_conv_carrier_text.h"


static ngx_int_t ngx_sent_conv_carrier_form_decode(u_char **dst, u_char *src,
    u_char *last, ngx_str_t *text);
static u_char *ngx_sent_conv_carrier_form_encode(u_char *p, ngx_str_t *text);


ngx_int_t
ngx_sent_conv_carrier_form_parse(ngx_pool_t *pool, ngx_str_t *text,
    ngx_array_t *fields)
{
    u_char                         *dst, *p, *last, *end, *equals, *value;
    ngx_sent_conv_carrier_field_t  *field;

    if (ngx_array_init(fields, pool, 32,
                       sizeof(ngx_sent_conv_carrier_field_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* decoded it is never longer */

    dst = ngx_pnalloc(pool, text->len + 1);
    if (dst == NULL) {
        return NGX_ERROR;
    }

    last = text->data + text->len;

    for (p = text->data; p < last; p = (end < last) ? end + 1 : last) {

        end = ngx_strlchr(p, last, '&');
        if (end == NULL) {
            end = last;
        }

        if (end == p) {
            continue;
        }

        if (fields->nelts == NGX_SENT_CONV_CARRIER_FIELDS_MAX) {
            return NGX_DECLINED;
        }

        field = ngx_array_push(fields);
        if (field == NULL) {
            return NGX_ERROR;
        }

        equals = ngx_strlchr(p, end, '=');
        if (equals == NULL) {
            equals = end;
        }

        value = (equals < end) ? equals + 1 : end;

        if (ngx_sent_conv_carrier_form_decode(&dst, p, equals, &field->name)
            != NGX_OK
            || ngx_sent_conv_carrier_form_decode(&dst, value, end,
                                                 &field->value)
               != NGX_OK)
        {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_carrier_form_decode(u_char **dst, u_char *src, u_char *last,
    ngx_str_t *text)
{
    u_char     *p;
    ngx_int_t   byte;

    p = *dst;
    text->data = p;

    while (src < last) {

        if (*src == '%') {
            if (last - src < 3) {
                return NGX_DECLINED;
            }

            byte = ngx_hextoi(src + 1, 2);
            if (byte == NGX_ERROR) {
                return NGX_DECLINED;
            }

            *p++ = (u_char) byte;
            src += 3;
            continue;
        }

        *p++ = (*src == '+') ? ' ' : *src;
        src++;
    }

    text->len = p - text->data;
    *dst = p;

    return NGX_OK;
}


ngx_str_t *
ngx_sent_conv_carrier_form_get(ngx_array_t *fields, const char *name)
{
    size_t                          len;
    ngx_uint_t                      i;
    ngx_sent_conv_carrier_field_t  *field;

    len = ngx_strlen(name);
    field = fields->elts;

    for (i = 0; i < fields->nelts; i++) {
        if (field[i].name.len == len
            && ngx_memcmp(field[i].name.data, name, len) == 0)
        {
            return &field[i].value;
        }
    }

    return NULL;
}


u_char *
ngx_sent_conv_carrier_form_put(u_char *start, u_char *p, const char *name,
    ngx_str_t *value)
{
    if (p > start) {
        *p++ = '&';
    }

    p = ngx_cpymem(p, name, ngx_strlen(name));
    *p++ = '=';

    return ngx_sent_conv_carrier_form_encode(p, value);
}


static u_char *
ngx_sent_conv_carrier_form_encode(u_char *p, ngx_str_t *text)
{
    u_char      c;
    ngx_uint_t  i;

    static const u_char  hex[] = "0123456789ABCDEF";

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9')
            || c == '*' || c == '-' || c == '.' || c == '_')
        {
            *p++ = c;

        } else if (c == ' ') {
            *p++ = '+';

        } else {
            *p++ = '%';
            *p++ = hex[c >> 4];
            *p++ = hex[c & 0xf];
        }
    }

    return p;
}
