
/*
 * The "generic" carrier format: JSON items in, a JSON body out, and the
 * signature on what comes in.
 */


#include "ngx_sent_conv_carrier_text.h"


typedef struct {
    ngx_sent_conv_carrier_item_t   item;
    ngx_str_t                      timestamp;
    ngx_sent_conv_json_t          *error;
} ngx_sent_conv_generic_in_t;


static ngx_int_t ngx_sent_conv_generic_item(ngx_pool_t *pool,
    ngx_sent_conv_json_t *value, ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_generic_lines(ngx_pool_t *pool,
    ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_generic_message(
    ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_generic_report(
    ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_generic_error(ngx_sent_conv_json_t *error,
    ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_generic_verify(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in);
static ngx_int_t ngx_sent_conv_generic_parse(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in,
    ngx_array_t *items, ngx_uint_t *skipped,
    ngx_sent_conv_carrier_reply_t *reply);
static ngx_int_t ngx_sent_conv_generic_build(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_out_t *out,
    ngx_sent_conv_channel_e channel, ngx_sent_conv_carrier_post_t *post);
static ngx_int_t ngx_sent_conv_generic_verdict(ngx_pool_t *pool,
    ngx_uint_t status, ngx_str_t *answer,
    ngx_sent_conv_carrier_verdict_t *verdict);


ngx_sent_conv_carrier_format_t  ngx_sent_conv_carrier_generic = {
    ngx_string("generic"),
    ngx_string("x-carrier-signature"),
    ngx_sent_conv_generic_verify,
    ngx_sent_conv_generic_parse,
    NULL,
    ngx_sent_conv_generic_build,
    ngx_sent_conv_generic_verdict,
    1 << NGX_SENT_CONV_WHATSAPP | 1 << NGX_SENT_CONV_SMS
    | 1 << NGX_SENT_CONV_RCS,
    0,
    1,
    0
};


#define ngx_sent_conv_generic_field(name, type, slot)                        \
    { ngx_string(name), type|NGX_SENT_CONV_FIELD_NULLABLE,                   \
      offsetof(ngx_sent_conv_generic_in_t, slot) }


static ngx_sent_conv_json_field_t  ngx_sent_conv_generic_fields[] = {

    ngx_sent_conv_generic_field("id", NGX_SENT_CONV_FIELD_STRING, item.id),
    ngx_sent_conv_generic_field("message_id", NGX_SENT_CONV_FIELD_STRING,
                                item.message_id),
    ngx_sent_conv_generic_field("from", NGX_SENT_CONV_FIELD_STRING,
                                item.from),
    ngx_sent_conv_generic_field("to", NGX_SENT_CONV_FIELD_STRING, item.to),
    ngx_sent_conv_generic_field("text", NGX_SENT_CONV_FIELD_STRING,
                                item.text),
    ngx_sent_conv_generic_field("reply_to", NGX_SENT_CONV_FIELD_STRING,
                                item.reply_to),
    ngx_sent_conv_generic_field("name", NGX_SENT_CONV_FIELD_STRING,
                                item.name),
    ngx_sent_conv_generic_field("status", NGX_SENT_CONV_FIELD_STRING,
                                item.status),
    ngx_sent_conv_generic_field("timestamp", NGX_SENT_CONV_FIELD_STRING,
                                timestamp),
    ngx_sent_conv_generic_field("error", NGX_SENT_CONV_FIELD_VALUE, error),

    ngx_sent_conv_json_null_field
};


static ngx_int_t
ngx_sent_conv_generic_parse(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in,
    ngx_array_t *items, ngx_uint_t *skipped,
    ngx_sent_conv_carrier_reply_t *reply)
{
    char                          *err;
    ngx_int_t                      rc;
    ngx_uint_t                     n;
    ngx_sent_conv_json_t          *v, *value;
    ngx_sent_conv_carrier_item_t  *item;

    *skipped = 0;

    rc = ngx_sent_conv_json_parse_str(pool, &in->body, &value, &err);

    if (rc != NGX_OK) {
        return rc;
    }

    if (value->type == NGX_SENT_CONV_JSON_OBJECT) {
        v = value;
        n = 1;

    } else if (value->type == NGX_SENT_CONV_JSON_ARRAY) {
        v = value->first;
        n = value->n;

    } else {
        return NGX_DECLINED;
    }

    if (ngx_array_init(items, pool, n ? n : 1,
                       sizeof(ngx_sent_conv_carrier_item_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for ( /* void */ ; n; n--) {
        item = ngx_array_push(items);
        if (item == NULL) {
            return NGX_ERROR;
        }

        rc = ngx_sent_conv_generic_item(pool, v, item);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc != NGX_OK) {
            items->nelts--;
            (*skipped)++;
        }

        v = v->next;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_generic_item(ngx_pool_t *pool, ngx_sent_conv_json_t *value,
    ngx_sent_conv_carrier_item_t *item)
{
    char                        *code;
    int64_t                      at;
    ngx_int_t                    rc;
    ngx_str_t                   *field;
    ngx_sent_conv_generic_in_t   in;

    if (value->type != NGX_SENT_CONV_JSON_OBJECT) {
        return NGX_DECLINED;
    }

    ngx_memzero(&in, sizeof(ngx_sent_conv_generic_in_t));

    if (ngx_sent_conv_json_bind(value, ngx_sent_conv_generic_fields, &in,
                                NULL, &field, &code)
        != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (in.item.id.len > NGX_SENT_CONV_CARRIER_ID_MAX) {
        return NGX_DECLINED;
    }

    /* what is too long names nothing of ours */

    if (in.item.reply_to.len > NGX_SENT_CONV_CARRIER_ID_MAX) {
        ngx_str_null(&in.item.reply_to);
    }

    if (in.timestamp.data != NULL) {
        at = ngx_sent_conv_time_parse(&in.timestamp);
        if (at < 0) {
            return NGX_DECLINED;
        }

        /* 0 is none */

        in.item.at = ngx_max(at, 1);
    }

    *item = in.item;
    ngx_str_set(&item->kind, "text");

    if (item->status.data == NULL) {
        rc = ngx_sent_conv_generic_message(item);

    } else {
        rc = ngx_sent_conv_generic_error(in.error, item);

        if (rc == NGX_OK) {
            rc = ngx_sent_conv_generic_report(item);
        }
    }

    return (rc == NGX_OK) ? ngx_sent_conv_generic_lines(pool, item) : rc;
}


/* what events tell beside the text is short, whoever sends it */

static ngx_int_t
ngx_sent_conv_generic_lines(ngx_pool_t *pool,
    ngx_sent_conv_carrier_item_t *item)
{
    ngx_str_t    text, *line[3];
    ngx_uint_t   i;

    line[0] = &item->name;
    line[1] = &item->error_code;
    line[2] = &item->error_title;

    for (i = 0; i < 3; i++) {
        text = *line[i];

        if (text.len
            && ngx_sent_conv_carrier_line(pool, &text, line[i]) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_generic_message(ngx_sent_conv_carrier_item_t *item)
{
    if (item->id.len == 0
        || ngx_sent_conv_phone_check(&item->from) != NGX_OK
        || ngx_sent_conv_phone_check(&item->to) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_generic_report(ngx_sent_conv_carrier_item_t *item)
{
    item->report = 1;

    if (ngx_sent_conv_carrier_report(&item->status, &item->status)
        != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (item->message_id.data != NULL) {

        if (ngx_sent_conv_uuid_check(&item->message_id) != NGX_OK) {
            return NGX_DECLINED;
        }

    } else if (item->id.len == 0 || item->from.data == NULL
               || item->to.data == NULL)
    {
        return NGX_DECLINED;
    }

    if (item->from.data != NULL
        && ngx_sent_conv_phone_check(&item->from) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (item->to.data != NULL
        && ngx_sent_conv_phone_check(&item->to) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* a text, or an object with "code" (text or number) and "title" */

static ngx_int_t
ngx_sent_conv_generic_error(ngx_sent_conv_json_t *error,
    ngx_sent_conv_carrier_item_t *item)
{
    ngx_sent_conv_json_t  *v;

    if (error == NULL || error->type == NGX_SENT_CONV_JSON_NULL) {
        return NGX_OK;
    }

    if (error->type == NGX_SENT_CONV_JSON_STRING) {
        item->error_title = error->text;
        return NGX_OK;
    }

    if (error->type != NGX_SENT_CONV_JSON_OBJECT) {
        return NGX_DECLINED;
    }

    v = ngx_sent_conv_json_get(error, "code");

    if (v != NULL && v->type != NGX_SENT_CONV_JSON_NULL) {
        if (v->text.len == 0) {
            return NGX_DECLINED;
        }

        item->error_code = v->text;
    }

    v = ngx_sent_conv_json_get(error, "title");

    if (v == NULL) {
        v = ngx_sent_conv_json_get(error, "message");
    }

    if (v != NULL && v->type == NGX_SENT_CONV_JSON_STRING) {
        item->error_title = v->text;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_generic_verify(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in)
{
    u_char     hex[64], given[64];
    ngx_str_t  a, b;

    static const size_t  prefix = sizeof("sha256=") - 1;

    if (in->signature.len != prefix + sizeof(given)
        || ngx_strncmp(in->signature.data, "sha256=", prefix) != 0)
    {
        return NGX_DECLINED;
    }

    if (ngx_sent_conv_sign_hmac_hex(hex, &conf->secret, &in->body) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_strlow(given, in->signature.data + prefix, sizeof(given));

    a.len = sizeof(hex);
    a.data = hex;
    b.len = sizeof(given);
    b.data = given;

    return ngx_sent_conv_sign_equal(&a, &b) ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_sent_conv_generic_build(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_out_t *out,
    ngx_sent_conv_channel_e channel, ngx_sent_conv_carrier_post_t *post)
{
    ngx_str_t           *conversation;
    ngx_sent_conv_jw_t   w;

    conversation = out->conversation_id.len ? &out->conversation_id : NULL;

    ngx_sent_conv_jw_init(&w, pool, 320 + out->text.len
                                    + out->template_json.len);

    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_str(&w, "message_id", &out->message_id);
    ngx_sent_conv_jw_str(&w, "conversation_id", conversation);
    ngx_sent_conv_jw_str(&w, "from", &out->from);
    ngx_sent_conv_jw_str(&w, "to", &out->to);
    ngx_sent_conv_jw_str(&w, "channel",
                         &ngx_sent_conv_channel_names[channel]);
    ngx_sent_conv_jw_cstr(&w, "type", out->template ? "template" : "text");
    ngx_sent_conv_jw_raw(&w, "text", &out->text);

    if (out->template != NULL) {
        ngx_sent_conv_jw_raw(&w, "template", &out->template_json);

    } else {
        ngx_sent_conv_jw_null(&w, "template");
    }

    ngx_sent_conv_jw_close(&w, '}');

    ngx_str_set(&post->type, "application/json");

    return ngx_sent_conv_jw_done(&w, &post->body);
}


static ngx_int_t
ngx_sent_conv_generic_verdict(ngx_pool_t *pool, ngx_uint_t status,
    ngx_str_t *answer, ngx_sent_conv_carrier_verdict_t *verdict)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_sent_conv_json_t  *value, *v;

    if (ngx_sent_conv_carrier_status(pool, status, verdict) != NGX_OK) {
        return NGX_ERROR;
    }

    if (verdict->what != NGX_SENT_CONV_CARRIER_SENT || answer->len == 0) {
        return NGX_OK;
    }

    rc = ngx_sent_conv_json_parse_str(pool, answer, &value, &err);

    if (rc != NGX_OK) {
        return (rc == NGX_DECLINED) ? NGX_OK : NGX_ERROR;
    }

    if (value->type != NGX_SENT_CONV_JSON_OBJECT) {
        return NGX_OK;
    }

    v = ngx_sent_conv_json_get(value, "id");

    if (v != NULL && v->type == NGX_SENT_CONV_JSON_STRING
        && v->text.len <= NGX_SENT_CONV_CARRIER_ID_MAX)
    {
        verdict->id = v->text;
    }

    return NGX_OK;
}
