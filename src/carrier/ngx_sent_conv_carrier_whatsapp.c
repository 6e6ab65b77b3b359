
/*
 * The "whatsapp_cloud" format: who speaks, by Meta's "Webhooks: Getting
 * Started" and "WhatsApp Business Platform: Webhooks", as of June 2026.
 */


#include "ngx_sent_conv_carrier_whatsapp.h"


#define NGX_SENT_CONV_WHATSAPP_CHALLENGE_MAX  256


static ngx_int_t ngx_sent_conv_whatsapp_verify(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in);
static ngx_int_t ngx_sent_conv_whatsapp_hello(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in,
    ngx_sent_conv_carrier_reply_t *reply);
static ngx_uint_t ngx_sent_conv_whatsapp_challenge(ngx_str_t *challenge);


ngx_sent_conv_carrier_format_t  ngx_sent_conv_carrier_whatsapp_cloud = {
    ngx_string("whatsapp_cloud"),
    ngx_string("x-hub-signature-256"),
    ngx_sent_conv_whatsapp_verify,
    ngx_sent_conv_whatsapp_parse,
    ngx_sent_conv_whatsapp_hello,
    ngx_sent_conv_whatsapp_build,
    ngx_sent_conv_whatsapp_verdict,
    1 << NGX_SENT_CONV_WHATSAPP,
    0,
    0,
    1
};


/* the scheme is that of our generic format, which has taken it from here */

static ngx_int_t
ngx_sent_conv_whatsapp_verify(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in)
{
    return ngx_sent_conv_carrier_generic.verify(pool, conf, in);
}


static ngx_int_t
ngx_sent_conv_whatsapp_hello(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in,
    ngx_sent_conv_carrier_reply_t *reply)
{
    ngx_int_t     rc;
    ngx_str_t    *mode, *token, *challenge;
    ngx_array_t   fields;

    rc = ngx_sent_conv_carrier_form_parse(pool, &in->args, &fields);

    if (rc != NGX_OK) {
        return rc;
    }

    mode = ngx_sent_conv_carrier_form_get(&fields, "hub.mode");
    token = ngx_sent_conv_carrier_form_get(&fields, "hub.verify_token");
    challenge = ngx_sent_conv_carrier_form_get(&fields, "hub.challenge");

    if (mode == NULL || token == NULL || challenge == NULL
        || mode->len != sizeof("subscribe") - 1
        || ngx_strncmp(mode->data, "subscribe", mode->len) != 0
        || conf->verify_token.len == 0
        || !ngx_sent_conv_sign_equal(token, &conf->verify_token)
        || !ngx_sent_conv_whatsapp_challenge(challenge))
    {
        return NGX_DECLINED;
    }

    reply->status = 200;
    ngx_str_set(&reply->type, "text/plain");
    reply->body = *challenge;

    return NGX_OK;
}


/* Meta's is a number; what goes back must not be taken for anything else */

static ngx_uint_t
ngx_sent_conv_whatsapp_challenge(ngx_str_t *challenge)
{
    u_char      c;
    ngx_uint_t  i;

    if (challenge->len == 0
        || challenge->len > NGX_SENT_CONV_WHATSAPP_CHALLENGE_MAX)
    {
        return 0;
    }

    for (i = 0; i < challenge->len; i++) {
        c = challenge->data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'))
        {
            return 0;
        }
    }

    return 1;
}
