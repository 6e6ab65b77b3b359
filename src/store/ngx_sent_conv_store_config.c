
/*
 * A customer's settings, keys and numbers as they stand in Redis: hashes to
 * structs, and back to the JSON of a key.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    ngx_str_t              name;
    ngx_str_t              role;
    ngx_str_t              sha256;
    ngx_int_t              created_at;
} ngx_sent_conv_store_key_t;


static ngx_int_t ngx_sent_conv_store_config_key(ngx_pool_t *pool,
    ngx_str_t *id, ngx_sent_conv_store_key_t *is,
    ngx_sent_conv_apikey_t *key);


static ngx_sent_conv_json_field_t  ngx_sent_conv_store_key_fields[] = {

    { ngx_string("name"),
      NGX_SENT_CONV_FIELD_STRING|NGX_SENT_CONV_FIELD_NULLABLE,
      offsetof(ngx_sent_conv_store_key_t, name) },

    { ngx_string("role"),
      NGX_SENT_CONV_FIELD_STRING|NGX_SENT_CONV_FIELD_REQUIRED,
      offsetof(ngx_sent_conv_store_key_t, role) },

    { ngx_string("sha256"),
      NGX_SENT_CONV_FIELD_STRING|NGX_SENT_CONV_FIELD_REQUIRED,
      offsetof(ngx_sent_conv_store_key_t, sha256) },

    { ngx_string("created_at"),
      NGX_SENT_CONV_FIELD_INTEGER,
      offsetof(ngx_sent_conv_store_key_t, created_at) },

    ngx_sent_conv_json_null_field
};


/* NGX_DECLINED: there is no such customer */

ngx_int_t
ngx_sent_conv_store_config_settings(ngx_sent_conv_customer_t *customer,
    ngx_sent_conv_reply_t *reply, ngx_pool_t *temp)
{
    ngx_str_t              *slot, value;
    ngx_uint_t              i, n;
    ngx_sent_conv_reply_t  *field;

    n = ngx_sent_conv_reply_n(reply);

    if (n < 2) {
        return NGX_DECLINED;
    }

    ngx_str_set(&customer->keywords, "[]");

    for (i = 0; i + 1 < n; i += 2) {
        field = ngx_sent_conv_reply_at(reply, i);
        value = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i + 1));
        slot = NULL;

        if (ngx_sent_conv_reply_is(field, "name")) {
            slot = &customer->name;

        } else if (ngx_sent_conv_reply_is(field, "keywords")) {
            slot = &customer->keywords;

        } else if (ngx_sent_conv_reply_is(field, "confirmation")) {
            slot = &customer->confirmation;

        } else if (ngx_sent_conv_reply_is(field, "help")) {
            slot = &customer->help;

        } else if (ngx_sent_conv_reply_is(field, "created_at")) {
            customer->created_at = ngx_sent_conv_store_integer(&value);

        } else if (ngx_sent_conv_reply_is(field, "conversations_enabled")) {
            customer->conversations = value.len == 1 && value.data[0] == '1';
        }

        if (slot != NULL
            && ngx_sent_conv_store_copy(customer->pool, &value, slot)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_sent_conv_store_config_words(customer, temp);
}


ngx_int_t
ngx_sent_conv_store_config_words(ngx_sent_conv_customer_t *customer,
    ngx_pool_t *temp)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_str_t             *word;
    ngx_sent_conv_json_t  *list, *item;

    if (ngx_array_init(&customer->words, customer->pool, 4,
                       sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_json_parse_str(temp, &customer->keywords, &list, &err);

    if (rc != NGX_OK || list->type != NGX_SENT_CONV_JSON_ARRAY) {
        return (rc == NGX_ERROR) ? NGX_ERROR : NGX_OK;
    }

    for (item = list->first; item != NULL; item = item->next) {

        if (item->type != NGX_SENT_CONV_JSON_STRING) {
            continue;
        }

        word = ngx_array_push(&customer->words);

        if (word == NULL
            || ngx_sent_conv_keyword_normalize(customer->pool, &item->text,
                                               word)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_sent_conv_json_t *
ngx_sent_conv_store_config_object(ngx_pool_t *temp, ngx_str_t *text,
    ngx_int_t *rc)
{
    char                  *err;
    ngx_sent_conv_json_t  *value;

    *rc = ngx_sent_conv_json_parse_str(temp, text, &value, &err);

    if (*rc == NGX_ERROR) {
        return NULL;
    }

    if (*rc != NGX_OK || value->type != NGX_SENT_CONV_JSON_OBJECT) {
        *rc = NGX_OK;
        return NULL;
    }

    return value;
}


ngx_int_t
ngx_sent_conv_store_config_keys(ngx_sent_conv_customer_t *customer,
    ngx_sent_conv_reply_t *reply, ngx_pool_t *temp)
{
    char                       *code;
    ngx_int_t                   rc;
    ngx_str_t                   id, text, *field;
    ngx_uint_t                  i, n;
    ngx_sent_conv_json_t       *object;
    ngx_sent_conv_apikey_t     *key;
    ngx_sent_conv_store_key_t   is;

    n = ngx_sent_conv_reply_n(reply);

    if (ngx_array_init(&customer->keys, customer->pool, n / 2 + 1,
                       sizeof(ngx_sent_conv_apikey_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i + 1 < n; i += 2) {

        text = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i + 1));

        object = ngx_sent_conv_store_config_object(temp, &text, &rc);
        if (rc != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_memzero(&is, sizeof(ngx_sent_conv_store_key_t));

        if (object == NULL
            || ngx_sent_conv_json_bind(object, ngx_sent_conv_store_key_fields,
                                       &is, NULL, &field, &code)
               != NGX_OK)
        {
            continue;
        }

        key = ngx_array_push(&customer->keys);
        if (key == NULL) {
            return NGX_ERROR;
        }

        id = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));

        if (ngx_sent_conv_store_config_key(customer->pool, &id, &is, key)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_store_config_key(ngx_pool_t *pool, ngx_str_t *id,
    ngx_sent_conv_store_key_t *is, ngx_sent_conv_apikey_t *key)
{
    ngx_memzero(key, sizeof(ngx_sent_conv_apikey_t));

    key->created_at = is->created_at;
    key->full = is->role.len == sizeof("full") - 1
                && ngx_strncmp(is->role.data, "full", 4) == 0;

    if (ngx_sent_conv_store_copy(pool, id, &key->id) != NGX_OK
        || ngx_sent_conv_store_copy(pool, &is->name, &key->name) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_copy(pool, &is->sha256, &key->sha256);
}


ngx_int_t
ngx_sent_conv_store_config_numbers(ngx_sent_conv_customer_t *customer,
    ngx_sent_conv_reply_t *reply, ngx_pool_t *temp)
{
    ngx_str_t                 name, carrier, channel;
    ngx_uint_t                i, n;
    ngx_sent_conv_number_t   *number;
    ngx_sent_conv_channel_e   ch;

    n = ngx_sent_conv_reply_n(reply);

    if (ngx_array_init(&customer->numbers, customer->pool, n / 2 + 1,
                       sizeof(ngx_sent_conv_number_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i + 1 < n; i += 2) {

        /* "<channel>:<e164>" */

        name = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));
        carrier = ngx_sent_conv_reply_str(
                                       ngx_sent_conv_reply_at(reply, i + 1));
        channel = ngx_sent_conv_store_word(&name, ':');

        ch = ngx_sent_conv_channel_parse(&channel);
        if (ch == NGX_SENT_CONV_CHANNELS) {
            continue;
        }

        number = ngx_array_push(&customer->numbers);
        if (number == NULL) {
            return NGX_ERROR;
        }

        number->channel = ch;

        if (ngx_sent_conv_store_copy(customer->pool, &name, &number->e164)
            != NGX_OK
            || ngx_sent_conv_store_copy(customer->pool, &carrier,
                                        &number->carrier)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_config_key_json(ngx_pool_t *pool,
    ngx_sent_conv_apikey_t *key, ngx_str_t *json)
{
    ngx_sent_conv_jw_t  w;

    ngx_sent_conv_jw_init(&w, pool, 256);

    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_str(&w, "name", &key->name);
    ngx_sent_conv_jw_cstr(&w, "role", key->full ? "full" : "read");
    ngx_sent_conv_jw_str(&w, "sha256", &key->sha256);
    ngx_sent_conv_jw_int(&w, "created_at", (int64_t) key->created_at);
    ngx_sent_conv_jw_close(&w, '}');

    return ngx_sent_conv_jw_done(&w, json);
}
