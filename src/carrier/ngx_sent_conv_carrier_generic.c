
/*
 * The "generic" carrier format: JSON items in, a JSON body out, and the
 * signature on what comes in.
 */


#include "ngx_sent_conv_carrier_generic.h"


typedef struct {
    ngx_sent_conv_carrier_item_t   item;
    ngx_str_t                      timestamp;
    ngx_sent_conv_json_t          *error;
} ngx_sent_conv_generic_in_t;


static ngx_int_t ngx_sent_conv_generic_item(ngx_sent_conv_json_t *value,
    ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_generic_message(
    ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_generic_report(
    ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_generic_error(ngx_sent_conv_json_t *error,
    ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_generic_word(ngx_str_t *rest, ngx_str_t *word);


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


static ngx_str_t  ngx_sent_conv_generic_statuses[] = {
    ngx_string("SENT"),
    ngx_string("DELIVERED"),
    ngx_string("READ"),
    ngx_string("FAILED"),
    ngx_null_string
};


ngx_int_t
ngx_sent_conv_carrier_generic_parse(ngx_pool_t *pool,
    ngx_sent_conv_json_t *value, ngx_array_t *items, ngx_uint_t *skipped)
{
    ngx_uint_t                     n;
    ngx_sent_conv_json_t          *v;
    ngx_sent_conv_carrier_item_t  *item;

    *skipped = 0;

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

        if (ngx_sent_conv_generic_item(v, item) != NGX_OK) {
            items->nelts--;
            (*skipped)++;
        }

        v = v->next;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_generic_item(ngx_sent_conv_json_t *value,
    ngx_sent_conv_carrier_item_t *item)
{
    char                        *code;
    int64_t                      at;
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

    if (in.timestamp.data != NULL) {
        at = ngx_sent_conv_time_parse(&in.timestamp);
        if (at < 0) {
            return NGX_DECLINED;
        }

        in.item.at = at;
    }

    *item = in.item;

    if (item->status.data == NULL) {
        return ngx_sent_conv_generic_message(item);
    }

    if (ngx_sent_conv_generic_error(in.error, item) != NGX_OK) {
        return NGX_DECLINED;
    }

    return ngx_sent_conv_generic_report(item);
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
    ngx_str_t  *name;

    item->report = 1;

    for (name = ngx_sent_conv_generic_statuses; name->len; name++) {
        if (name->len == item->status.len
            && ngx_strncasecmp(name->data, item->status.data, name->len) == 0)
        {
            break;
        }
    }

    if (name->len == 0) {
        return NGX_DECLINED;
    }

    item->status = *name;

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


ngx_int_t
ngx_sent_conv_carrier_generic_verify(ngx_str_t *secret, ngx_str_t *header,
    ngx_str_t *body)
{
    u_char     hex[64], given[64];
    ngx_str_t  a, b;

    static const size_t  prefix = sizeof("sha256=") - 1;

    if (header == NULL || header->len != prefix + sizeof(given)
        || ngx_strncmp(header->data, "sha256=", prefix) != 0)
    {
        return NGX_DECLINED;
    }

    if (ngx_sent_conv_sign_hmac_hex(hex, secret, body) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_strlow(given, header->data + prefix, sizeof(given));

    a.len = sizeof(hex);
    a.data = hex;
    b.len = sizeof(given);
    b.data = given;

    return ngx_sent_conv_sign_equal(&a, &b) ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
ngx_sent_conv_carrier_out_parse(ngx_str_t *item,
    ngx_sent_conv_carrier_out_t *out)
{
    ngx_int_t  ends;
    ngx_str_t  rest, word, kind;

    rest = *item;

    ngx_memzero(out, sizeof(ngx_sent_conv_carrier_out_t));

    if (ngx_sent_conv_generic_word(&rest, &out->message_id) != NGX_OK
        || ngx_sent_conv_generic_word(&rest, &word) != NGX_OK
        || ngx_sent_conv_generic_word(&rest, &kind) != NGX_OK
        || ngx_sent_conv_generic_word(&rest, &out->conversation_id) != NGX_OK
        || ngx_sent_conv_generic_word(&rest, &out->from) != NGX_OK
        || ngx_sent_conv_generic_word(&rest, &out->to) != NGX_OK
        || rest.len == 0)
    {
        return NGX_ERROR;
    }

    ends = ngx_atoi(word.data, word.len);
    if (ends == NGX_ERROR) {
        return NGX_ERROR;
    }

    out->ends = (uint64_t) ends;
    out->text = rest;
    out->exempt = (kind.data[0] == 'C');

    if (out->conversation_id.len == 1 && out->conversation_id.data[0] == '-') {
        ngx_str_null(&out->conversation_id);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_generic_word(ngx_str_t *rest, ngx_str_t *word)
{
    u_char  *p;

    p = ngx_strlchr(rest->data, rest->data + rest->len, ' ');

    if (p == NULL || p == rest->data) {
        return NGX_ERROR;
    }

    word->data = rest->data;
    word->len = p - rest->data;

    rest->len -= word->len + 1;
    rest->data = p + 1;

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_carrier_generic_body(ngx_pool_t *pool,
    ngx_sent_conv_carrier_out_t *out, ngx_sent_conv_channel_e channel,
    ngx_str_t *body)
{
    ngx_str_t           *conversation;
    ngx_sent_conv_jw_t   w;

    conversation = out->conversation_id.len ? &out->conversation_id : NULL;

    ngx_sent_conv_jw_init(&w, pool, 320 + out->text.len);

    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_str(&w, "message_id", &out->message_id);
    ngx_sent_conv_jw_str(&w, "conversation_id", conversation);
    ngx_sent_conv_jw_str(&w, "from", &out->from);
    ngx_sent_conv_jw_str(&w, "to", &out->to);
    ngx_sent_conv_jw_str(&w, "channel",
                         &ngx_sent_conv_channel_names[channel]);
    ngx_sent_conv_jw_cstr(&w, "type", "text");
    ngx_sent_conv_jw_raw(&w, "text", &out->text);
    ngx_sent_conv_jw_null(&w, "template");
    ngx_sent_conv_jw_close(&w, '}');

    return ngx_sent_conv_jw_done(&w, body);
}


ngx_int_t
ngx_sent_conv_carrier_generic_answer(ngx_pool_t *pool, ngx_str_t *answer,
    ngx_str_t *id)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_sent_conv_json_t  *value, *v;

    ngx_str_null(id);

    if (answer->len == 0) {
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
        *id = v->text;
    }

    return NGX_OK;
}
