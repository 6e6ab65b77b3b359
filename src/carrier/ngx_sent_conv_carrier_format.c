
/*
 * The formats by name, and what they share.
 */


#include "ngx_sent_conv_carrier.h"


static ngx_sent_conv_carrier_format_t  *ngx_sent_conv_carrier_formats[] = {
    &ngx_sent_conv_carrier_generic,
    &ngx_sent_conv_carrier_whatsapp_cloud,
    &ngx_sent_conv_carrier_twilio,
    &ngx_sent_conv_carrier_rbm,
    NULL
};


ngx_sent_conv_carrier_format_t *
ngx_sent_conv_carrier_format(ngx_str_t *name)
{
    ngx_sent_conv_carrier_format_t  **format;

    for (format = ngx_sent_conv_carrier_formats; *format != NULL; format++) {
        if ((*format)->name.len == name->len
            && ngx_strncmp((*format)->name.data, name->data, name->len) == 0)
        {
            return *format;
        }
    }

    return NULL;
}


ngx_int_t
ngx_sent_conv_carrier_status(ngx_pool_t *pool, ngx_uint_t status,
    ngx_sent_conv_carrier_verdict_t *verdict)
{
    u_char  *p;

    ngx_memzero(verdict, sizeof(ngx_sent_conv_carrier_verdict_t));

    if (status >= 200 && status < 300) {
        verdict->what = NGX_SENT_CONV_CARRIER_SENT;
        return NGX_OK;
    }

    if (status == 408 || status == 409 || status == 425 || status == 429) {
        verdict->what = NGX_SENT_CONV_CARRIER_RETRY;

    } else if (status >= 400 && status < 500) {
        verdict->what = NGX_SENT_CONV_CARRIER_FINAL;

    } else {
        verdict->what = NGX_SENT_CONV_CARRIER_UNKNOWN;
    }

    p = ngx_pnalloc(pool, sizeof("HTTP_") + NGX_INT_T_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    verdict->code.data = p;
    verdict->code.len = ngx_sprintf(p, "HTTP_%ui", status) - p;
    ngx_str_set(&verdict->title, "The carrier refused the message.");

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_carrier_phone(ngx_pool_t *pool, ngx_str_t *text,
    ngx_str_t *phone)
{
    u_char  *p, c;
    size_t   i;

    p = ngx_pnalloc(pool, text->len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    phone->data = p;
    *p++ = '+';

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (c >= '0' && c <= '9') {
            *p++ = c;

        } else if (c != ' ' && c != '-' && c != '(' && c != ')'
                   && !(c == '+' && i == 0))
        {
            return NGX_DECLINED;
        }
    }

    phone->len = p - phone->data;

    return ngx_sent_conv_phone_check(phone) == NGX_OK ? NGX_OK
                                                      : NGX_DECLINED;
}


ngx_int_t
ngx_sent_conv_carrier_report(ngx_str_t *word, ngx_str_t *status)
{
    ngx_str_t         *name;
    static ngx_str_t   names[] = {
        ngx_string("SENT"),
        ngx_string("DELIVERED"),
        ngx_string("READ"),
        ngx_string("FAILED"),
        ngx_null_string
    };

    for (name = names; name->len; name++) {
        if (name->len == word->len
            && ngx_strncasecmp(name->data, word->data, name->len) == 0)
        {
            *status = *name;
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}
