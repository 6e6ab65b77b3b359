
/*
 * What Twilio gets from us: the form of POST .../Messages.json, by Twilio's
 * "Messages resource", API version 2010-04-01, as of March 2026.
 */


#include "ngx_sent_conv_carrier_twilio.h"


/* names, "&", "=" and the channel's prefixes */
#define NGX_SENT_CONV_TWILIO_FIXED  256


static ngx_int_t ngx_sent_conv_twilio_address(ngx_pool_t *pool,
    ngx_str_t *phone, ngx_sent_conv_channel_e channel, ngx_str_t *address);
static ngx_int_t ngx_sent_conv_twilio_body(ngx_pool_t *pool, ngx_str_t *json,
    ngx_str_t *body);
static ngx_int_t ngx_sent_conv_twilio_variables(ngx_pool_t *pool,
    ngx_sent_conv_json_t *template, ngx_str_t *json);
static ngx_int_t ngx_sent_conv_twilio_callback(ngx_pool_t *pool,
    ngx_str_t *url, ngx_str_t *id, ngx_str_t *callback);


ngx_int_t
ngx_sent_conv_twilio_build(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_out_t *out,
    ngx_sent_conv_channel_e channel, ngx_sent_conv_carrier_post_t *post)
{
    u_char     *p, *start;
    ngx_str_t  *sid, to, from, text, callback;

    /* what Twilio keeps for us it gets by its id, the rest as text */

    sid = (out->template != NULL)
          ? ngx_sent_conv_carrier_string(out->template, "content_sid") : NULL;

    if (ngx_sent_conv_twilio_address(pool, &out->to, channel, &to) != NGX_OK
        || ngx_sent_conv_twilio_address(pool, &out->from, channel, &from)
           != NGX_OK
        || ngx_sent_conv_twilio_callback(pool, &conf->url, &out->message_id,
                                         &callback)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if ((sid != NULL)
        ? ngx_sent_conv_twilio_variables(pool, out->template, &text) != NGX_OK
        : ngx_sent_conv_twilio_body(pool, &out->text, &text) != NGX_OK)
    {
        return NGX_ERROR;
    }

    start = ngx_pnalloc(pool, NGX_SENT_CONV_TWILIO_FIXED
                              + 3 * (to.len + from.len + text.len
                                     + callback.len
                                     + (sid != NULL ? sid->len : 0)));
    if (start == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sent_conv_carrier_form_put(start, start, "To", &to);
    p = ngx_sent_conv_carrier_form_put(start, p, "From", &from);

    if (sid != NULL) {
        p = ngx_sent_conv_carrier_form_put(start, p, "ContentSid", sid);

        if (text.len) {
            p = ngx_sent_conv_carrier_form_put(start, p, "ContentVariables",
                                               &text);
        }

    } else {
        p = ngx_sent_conv_carrier_form_put(start, p, "Body", &text);
    }

    if (callback.len) {
        p = ngx_sent_conv_carrier_form_put(start, p, "StatusCallback",
                                           &callback);
    }

    ngx_str_set(&post->type, "application/x-www-form-urlencoded");

    post->body.data = start;
    post->body.len = p - start;

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_twilio_address(ngx_pool_t *pool, ngx_str_t *phone,
    ngx_sent_conv_channel_e channel, ngx_str_t *address)
{
    u_char  *p;

    if (channel != NGX_SENT_CONV_WHATSAPP) {
        *address = *phone;
        return NGX_OK;
    }

    address->len = sizeof("whatsapp:") - 1 + phone->len;
    address->data = ngx_pnalloc(pool, address->len);
    if (address->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(address->data, "whatsapp:", sizeof("whatsapp:") - 1);
    ngx_memcpy(p, phone->data, phone->len);

    return NGX_OK;
}


/* out of its JSON; without one Twilio will say what is missing */

static ngx_int_t
ngx_sent_conv_twilio_body(ngx_pool_t *pool, ngx_str_t *json, ngx_str_t *body)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_sent_conv_json_t  *value;

    ngx_str_null(body);

    rc = ngx_sent_conv_json_parse_str(pool, json, &value, &err);

    if (rc == NGX_OK && value->type == NGX_SENT_CONV_JSON_STRING) {
        *body = value->text;
    }

    return (rc == NGX_ERROR) ? NGX_ERROR : NGX_OK;
}


/* {"1":"...","2":"..."}, or empty */

static ngx_int_t
ngx_sent_conv_twilio_variables(ngx_pool_t *pool,
    ngx_sent_conv_json_t *template, ngx_str_t *json)
{
    u_char                 name[NGX_INT_T_LEN + 1];
    ngx_uint_t             n;
    ngx_sent_conv_jw_t     w;
    ngx_sent_conv_json_t  *parameters, *v;

    ngx_str_null(json);

    parameters = ngx_sent_conv_carrier_object(template, "parameters");

    if (parameters == NULL || parameters->n == 0) {
        return NGX_OK;
    }

    ngx_sent_conv_jw_init(&w, pool, 256);
    ngx_sent_conv_jw_open(&w, NULL, '{');

    for (v = parameters->first, n = 1; v != NULL; v = v->next, n++) {
        *ngx_sprintf(name, "%ui", n) = '\0';
        ngx_sent_conv_jw_str(&w, (char *) name, &v->text);
    }

    ngx_sent_conv_jw_close(&w, '}');

    return ngx_sent_conv_jw_done(&w, json);
}


/* where reports go to: the inbound URL, with our id */

static ngx_int_t
ngx_sent_conv_twilio_callback(ngx_pool_t *pool, ngx_str_t *url, ngx_str_t *id,
    ngx_str_t *callback)
{
    u_char  *p;

    ngx_str_null(callback);

    if (url->len == 0) {
        return NGX_OK;
    }

    callback->data = ngx_pnalloc(pool, url->len + sizeof("?message_id=") - 1
                                       + id->len);
    if (callback->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(callback->data, url->data, url->len);
    *p++ = ngx_strlchr(url->data, url->data + url->len, '?') ? '&' : '?';
    p = ngx_cpymem(p, "message_id=", sizeof("message_id=") - 1);
    p = ngx_cpymem(p, id->data, id->len);

    callback->len = p - callback->data;

    return NGX_OK;
}
