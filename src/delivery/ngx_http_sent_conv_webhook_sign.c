
/*
 * The signatures of an attempt at a webhook.
 */


#include "ngx_http_sent_conv_delivery.h"


static ngx_uint_t ngx_http_sent_conv_webhook_secrets(
    ngx_sent_conv_endpoint_t *endpoint, ngx_str_t **secrets);


/*
 * Receivers of "webhook-signature" look through a list: all secrets sign.
 * Those of "x-webhook-signature" compare one value: there the secrets take
 * turns with the attempts, the latest first, so that an event which was
 * refused for its signature comes again with the former secret's.
 */

ngx_int_t
ngx_http_sent_conv_webhook_sign(ngx_http_sent_conv_attempt_t *attempt,
    ngx_sent_conv_endpoint_t *endpoint, ngx_str_t *id, ngx_str_t *timestamp,
    ngx_str_t *body, ngx_uint_t turn)
{
    u_char      *p;
    ngx_str_t    own, list, *secrets[NGX_SENT_CONV_SECRETS];
    ngx_uint_t   i, n;

    n = ngx_http_sent_conv_webhook_secrets(endpoint, secrets);
    if (n == 0) {
        return NGX_ERROR;
    }

    own.len = NGX_SENT_CONV_SIGNATURE_LEN;
    list.len = n * (NGX_SENT_CONV_SIGNATURE_LEN + 1) - 1;

    p = ngx_pnalloc(attempt->request->pool, own.len + list.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    own.data = p;
    list.data = p + own.len;

    if (ngx_sent_conv_sign_webhook(own.data, secrets[turn % n], &endpoint->id,
                                   timestamp, body)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    p = list.data;

    for (i = 0; i < n; i++) {

        if (i > 0) {
            *p++ = ' ';
        }

        if (ngx_sent_conv_sign_webhook(p, secrets[i], id, timestamp, body)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        p += NGX_SENT_CONV_SIGNATURE_LEN;
    }

    if (ngx_http_sent_conv_attempt_header(attempt, "x-webhook-signature",
                                          &own)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_sent_conv_attempt_header(attempt, "webhook-signature",
                                             &list);
}


/* those that sign now, the latest first; how many */

static ngx_uint_t
ngx_http_sent_conv_webhook_secrets(ngx_sent_conv_endpoint_t *endpoint,
    ngx_str_t **secrets)
{
    uint64_t                 now;
    ngx_uint_t               i, n;
    ngx_time_t              *tp;
    ngx_sent_conv_secret_t  *secret;

    tp = ngx_timeofday();
    now = (uint64_t) tp->sec * 1000 + tp->msec;

    n = 0;

    for (i = 0; i < endpoint->nsecrets; i++) {
        secret = &endpoint->secrets[i];

        if (secret->text.len && (i == 0 || secret->until > now)) {
            secrets[n++] = &secret->text;
        }
    }

    return n;
}
