
/*
 * The format "rbm": RCS for Business, webhooks and agentMessages (RCS Business
 * Messaging API v1, as of 2025-06).
 */


#include "ngx_sent_conv_carrier_text.h"


static ngx_int_t ngx_sent_conv_rbm_verify(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in);
static ngx_int_t ngx_sent_conv_rbm_parse(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in,
    ngx_array_t *items, ngx_uint_t *skipped,
    ngx_sent_conv_carrier_reply_t *reply);
static ngx_int_t ngx_sent_conv_rbm_open(ngx_pool_t *pool, ngx_str_t *body,
    ngx_sent_conv_json_t **value, ngx_str_t *data);
static ngx_int_t ngx_sent_conv_rbm_event(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_json_t *value,
    ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_rbm_message(ngx_pool_t *pool,
    ngx_sent_conv_json_t *value, ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_rbm_attach(ngx_pool_t *pool,
    ngx_sent_conv_json_t *part, ngx_sent_conv_carrier_item_t *item);
static void ngx_sent_conv_rbm_text(ngx_sent_conv_json_t *value,
    const char *name, ngx_str_t *text);
static void ngx_sent_conv_rbm_member(ngx_sent_conv_jw_t *w, ngx_pool_t *pool,
    ngx_sent_conv_json_t *value);
static ngx_uint_t ngx_sent_conv_rbm_is(ngx_str_t *text, const char *word);
static ngx_int_t ngx_sent_conv_rbm_build(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_out_t *out,
    ngx_sent_conv_channel_e channel, ngx_sent_conv_carrier_post_t *post);
static ngx_int_t ngx_sent_conv_rbm_verdict(ngx_pool_t *pool,
    ngx_uint_t status, ngx_str_t *answer,
    ngx_sent_conv_carrier_verdict_t *verdict);


ngx_sent_conv_carrier_format_t  ngx_sent_conv_carrier_rbm = {
    ngx_string("rbm"),
    ngx_string("x-goog-signature"),
    ngx_sent_conv_rbm_verify,
    ngx_sent_conv_rbm_parse,
    NULL,
    ngx_sent_conv_rbm_build,
    ngx_sent_conv_rbm_verdict,
    1 << NGX_SENT_CONV_RCS,
    0,
    1,
    0
};


/*
 * base64 of HMAC-SHA512 by the client token over the decoded data; the
 * handshake is not signed, but has the token in it
 */

static ngx_int_t
ngx_sent_conv_rbm_verify(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in)
{
    u_char                 sum[NGX_SENT_CONV_HMAC_SHA512_LEN];
    ngx_int_t              rc;
    ngx_str_t              data, is, token;
    ngx_sent_conv_json_t  *value;

    rc = ngx_sent_conv_rbm_open(pool, &in->body, &value, &data);

    if (rc != NGX_OK) {
        return rc;
    }

    if (data.data == NULL) {
        ngx_sent_conv_rbm_text(value, "clientToken", &token);

        return token.len && ngx_sent_conv_sign_equal(&token, &conf->secret)
               ? NGX_OK : NGX_DECLINED;
    }

    if (ngx_sent_conv_sign_hmac_sha512(sum, &conf->secret, &data) != NGX_OK) {
        return NGX_ERROR;
    }

    is.len = sizeof(sum);
    is.data = sum;

    return ngx_sent_conv_sign_equal(&is, &in->signature) ? NGX_OK
                                                         : NGX_DECLINED;
}


/* data->data NULL: there is no message in it */

static ngx_int_t
ngx_sent_conv_rbm_open(ngx_pool_t *pool, ngx_str_t *body,
    ngx_sent_conv_json_t **value, ngx_str_t *data)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_str_t              coded;
    ngx_sent_conv_json_t  *message;

    ngx_str_null(data);

    rc = ngx_sent_conv_json_parse_str(pool, body, value, &err);

    if (rc != NGX_OK) {
        return rc;
    }

    if ((*value)->type != NGX_SENT_CONV_JSON_OBJECT) {
        return NGX_DECLINED;
    }

    message = ngx_sent_conv_carrier_object(*value, "message");

    if (message == NULL) {
        return NGX_OK;
    }

    ngx_sent_conv_rbm_text(message, "data", &coded);

    data->data = ngx_pnalloc(pool, ngx_base64_decoded_length(coded.len) + 1);
    if (data->data == NULL) {
        return NGX_ERROR;
    }

    return ngx_decode_base64(data, &coded) == NGX_OK ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_sent_conv_rbm_parse(ngx_pool_t *pool, ngx_sent_conv_carrier_conf_t *conf,
    ngx_sent_conv_carrier_in_t *in, ngx_array_t *items, ngx_uint_t *skipped,
    ngx_sent_conv_carrier_reply_t *reply)
{
    char                          *err;
    ngx_int_t                      rc;
    ngx_str_t                      data;
    ngx_sent_conv_json_t          *value;
    ngx_sent_conv_carrier_item_t  *item;

    *skipped = 0;

    rc = ngx_sent_conv_rbm_open(pool, &in->body, &value, &data);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_array_init(items, pool, 1, sizeof(ngx_sent_conv_carrier_item_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (data.data == NULL) {
        ngx_sent_conv_rbm_text(value, "secret", &reply->body);

        reply->status = 200;
        ngx_str_set(&reply->type, "text/plain");

        return NGX_OK;
    }

    rc = ngx_sent_conv_json_parse_str(pool, &data, &value, &err);

    if (rc != NGX_OK || value->type != NGX_SENT_CONV_JSON_OBJECT) {
        *skipped = (rc != NGX_ERROR);
        return (rc == NGX_ERROR) ? NGX_ERROR : NGX_OK;
    }

    item = ngx_array_push(items);
    ngx_memzero(item, sizeof(ngx_sent_conv_carrier_item_t));

    rc = ngx_sent_conv_rbm_event(pool, conf, value, item);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc != NGX_OK) {
        items->nelts = 0;
        *skipped += (rc == NGX_DECLINED);
    }

    return NGX_OK;
}


/* a message of a user, or an event; our messages' ids are our own */

static ngx_int_t
ngx_sent_conv_rbm_event(ngx_pool_t *pool, ngx_sent_conv_carrier_conf_t *conf,
    ngx_sent_conv_json_t *value, ngx_sent_conv_carrier_item_t *item)
{
    ngx_int_t  rc;
    ngx_str_t  phone, type, sent, at;

    ngx_sent_conv_rbm_text(value, "senderPhoneNumber", &phone);
    ngx_sent_conv_rbm_text(value, "eventType", &type);
    ngx_sent_conv_rbm_text(value, "messageId", &sent);
    ngx_sent_conv_rbm_text(value, "sendTime", &at);

    rc = ngx_sent_conv_carrier_phone(pool, &phone, &item->from);

    if (rc != NGX_OK) {
        return rc;
    }

    item->to = conf->number;
    item->at = at.len ? ngx_sent_conv_time_parse(&at) : 0;

    if (item->at < 0) {
        item->at = 0;
    }

    if (type.len == 0) {
        item->id = sent;
        return ngx_sent_conv_rbm_message(pool, value, item);
    }

    if (ngx_sent_conv_rbm_is(&type, "UNSUBSCRIBE")
        || ngx_sent_conv_rbm_is(&type, "SUBSCRIBE"))
    {
        item->consent = 1;
        item->keyword = (type.data[0] == 'U') ? NGX_SENT_CONV_KW_STOP
                                              : NGX_SENT_CONV_KW_START;
        return NGX_OK;
    }

    if (ngx_sent_conv_carrier_report(&type, &item->status) != NGX_OK
        || ngx_sent_conv_rbm_is(&type, "SENT"))
    {
        /* somebody is typing... */

        return NGX_DONE;
    }

    if (ngx_sent_conv_uuid_check(&sent) != NGX_OK) {
        return NGX_DECLINED;
    }

    item->report = 1;
    item->message_id = sent;
    item->to = item->from;
    item->from = conf->number;

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_rbm_message(ngx_pool_t *pool, ngx_sent_conv_json_t *value,
    ngx_sent_conv_carrier_item_t *item)
{
    ngx_str_t              postback, folded;
    ngx_sent_conv_json_t  *part, *text;

    if (ngx_sent_conv_carrier_word(&item->id) != NGX_OK) {
        return NGX_DECLINED;
    }

    text = ngx_sent_conv_json_get(value, "text");

    if (text != NULL && text->type == NGX_SENT_CONV_JSON_STRING) {
        ngx_str_set(&item->kind, "text");
        item->text = text->text;
        return NGX_OK;
    }

    part = ngx_sent_conv_carrier_object(value, "suggestionResponse");

    if (part != NULL) {
        ngx_str_set(&item->kind, "suggestion");
        ngx_sent_conv_rbm_text(part, "text", &item->text);
        ngx_sent_conv_rbm_text(part, "postbackData", &postback);

        if (ngx_sent_conv_keyword_normalize(pool, &postback, &folded)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        item->keyword = ngx_sent_conv_keyword_match(&folded, NULL);

        return ngx_sent_conv_rbm_attach(pool, part, item);
    }

    part = ngx_sent_conv_carrier_object(value, "userFile");

    if (part != NULL) {
        ngx_str_set(&item->kind, "file");
        return ngx_sent_conv_rbm_attach(pool, part, item);
    }

    part = ngx_sent_conv_carrier_object(value, "location");

    if (part != NULL) {
        ngx_str_set(&item->kind, "location");
        return ngx_sent_conv_rbm_attach(pool, part, item);
    }

    ngx_str_set(&item->kind, "unsupported");

    return NGX_OK;
}


/* [{"type":"file",...}]; of a file, its payload's members */

static ngx_int_t
ngx_sent_conv_rbm_attach(ngx_pool_t *pool, ngx_sent_conv_json_t *part,
    ngx_sent_conv_carrier_item_t *item)
{
    ngx_sent_conv_jw_t     w;
    ngx_sent_conv_json_t  *v, *payload;

    payload = ngx_sent_conv_carrier_object(part, "payload");

    if (payload != NULL) {
        part = payload;
    }

    ngx_sent_conv_jw_init(&w, pool, 256);
    ngx_sent_conv_jw_open(&w, NULL, '[');
    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_str(&w, "type", &item->kind);

    for (v = part->first; v != NULL; v = v->next) {
        if (!ngx_sent_conv_rbm_is(&v->key, "type")) {
            ngx_sent_conv_rbm_member(&w, pool, v);
        }
    }

    ngx_sent_conv_jw_close(&w, '}');
    ngx_sent_conv_jw_close(&w, ']');

    return ngx_sent_conv_carrier_attach(&w, item);
}


static void
ngx_sent_conv_rbm_text(ngx_sent_conv_json_t *value, const char *name,
    ngx_str_t *text)
{
    ngx_str_t  *is;

    is = (value->type == NGX_SENT_CONV_JSON_OBJECT)
         ? ngx_sent_conv_carrier_string(value, name) : NULL;

    if (is == NULL) {
        ngx_str_null(text);

    } else {
        *text = *is;
    }
}


/* names that are none of ours to quote are left out */

static void
ngx_sent_conv_rbm_member(ngx_sent_conv_jw_t *w, ngx_pool_t *pool,
    ngx_sent_conv_json_t *value)
{
    u_char  *name, c;
    size_t   i;

    if (value->key.len == 0 || value->key.len > 64) {
        return;
    }

    for (i = 0; i < value->key.len; i++) {
        c = value->key.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z') || c == '_'))
        {
            return;
        }
    }

    name = ngx_pnalloc(pool, value->key.len + 1);
    if (name == NULL) {
        w->failed = 1;
        return;
    }

    ngx_cpystrn(name, value->key.data, value->key.len + 1);

    ngx_sent_conv_jw_value(w, (char *) name, value);
}


static ngx_uint_t
ngx_sent_conv_rbm_is(ngx_str_t *text, const char *word)
{
    return text->len == ngx_strlen(word)
           && ngx_strncmp(text->data, word, text->len) == 0;
}


/* the message's id stands in the query: see conf/carrier-rbm.conf */

static ngx_int_t
ngx_sent_conv_rbm_build(ngx_pool_t *pool, ngx_sent_conv_carrier_conf_t *conf,
    ngx_sent_conv_carrier_out_t *out, ngx_sent_conv_channel_e channel,
    ngx_sent_conv_carrier_post_t *post)
{
    ngx_sent_conv_jw_t  w;

    ngx_sent_conv_jw_init(&w, pool, 64 + out->text.len);

    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_open(&w, "contentMessage", '{');
    ngx_sent_conv_jw_raw(&w, "text", &out->text);
    ngx_sent_conv_jw_close(&w, '}');
    ngx_sent_conv_jw_close(&w, '}');

    ngx_str_set(&post->type, "application/json");

    return ngx_sent_conv_jw_done(&w, &post->body);
}


/* {"error":{"code","message","status"}} */

static ngx_int_t
ngx_sent_conv_rbm_verdict(ngx_pool_t *pool, ngx_uint_t status,
    ngx_str_t *answer, ngx_sent_conv_carrier_verdict_t *verdict)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_str_t              word, code, message;
    ngx_sent_conv_json_t  *value, *error;

    if (ngx_sent_conv_carrier_status(pool, status, verdict) != NGX_OK) {
        return NGX_ERROR;
    }

    if (status == 401) {
        verdict->what = NGX_SENT_CONV_CARRIER_EXPIRED;
        return NGX_OK;
    }

    if (verdict->what == NGX_SENT_CONV_CARRIER_SENT || answer->len == 0) {
        return NGX_OK;
    }

    rc = ngx_sent_conv_json_parse_str(pool, answer, &value, &err);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    error = (rc == NGX_OK) ? ngx_sent_conv_carrier_object(value, "error")
                           : NULL;
    if (error == NULL) {
        return NGX_OK;
    }

    ngx_sent_conv_rbm_text(error, "status", &word);

    /* it had come before, and our message's id with it */

    if (status == 409 && ngx_sent_conv_rbm_is(&word, "ALREADY_EXISTS")) {
        verdict->what = NGX_SENT_CONV_CARRIER_SENT;
        ngx_str_null(&verdict->code);
        ngx_str_null(&verdict->title);
        return NGX_OK;
    }

    ngx_sent_conv_carrier_code(&word, &code);

    if (code.len == 0) {
        return NGX_OK;
    }

    verdict->code = code;

    ngx_sent_conv_rbm_text(error, "message", &message);

    return message.len ? ngx_sent_conv_carrier_line(pool, &message,
                                                    &verdict->title)
                       : NGX_OK;
}
