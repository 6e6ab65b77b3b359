
/*
 * A customer's webhooks as they stand in Redis: a hash to structs, and back to
 * the JSON of one.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    ngx_str_t              id;
    ngx_str_t              display_name;
    ngx_str_t              url;
    ngx_str_t              secret;
    ngx_str_t              rotation;
    ngx_str_t              disabled_reason;
    ngx_int_t              created_at;
    ngx_int_t              updated_at;
    ngx_int_t              mask;
    ngx_int_t              retry_count;
    ngx_int_t              timeout;
    ngx_int_t              rate_limit;
    ngx_int_t              is_active;
    ngx_sent_conv_json_t  *event_types;
    ngx_sent_conv_json_t  *event_filters;
    ngx_sent_conv_json_t  *old;
} ngx_sent_conv_store_webhook_t;


static ngx_int_t ngx_sent_conv_store_config_endpoint(ngx_pool_t *pool,
    ngx_sent_conv_store_webhook_t *is, ngx_sent_conv_endpoint_t *endpoint);
static ngx_int_t ngx_sent_conv_store_config_old(ngx_pool_t *pool,
    ngx_sent_conv_json_t *list, ngx_sent_conv_endpoint_t *endpoint);
static int ngx_libc_cdecl ngx_sent_conv_store_config_older(const void *one,
    const void *two);
static ngx_int_t ngx_sent_conv_store_config_value(ngx_pool_t *pool,
    ngx_sent_conv_json_t *value, ngx_str_t *text);


static ngx_sent_conv_json_field_t  ngx_sent_conv_store_webhook_fields[] = {

    { ngx_string("id"),
      NGX_SENT_CONV_FIELD_STRING|NGX_SENT_CONV_FIELD_REQUIRED,
      offsetof(ngx_sent_conv_store_webhook_t, id) },

    { ngx_string("display_name"),
      NGX_SENT_CONV_FIELD_STRING|NGX_SENT_CONV_FIELD_NULLABLE,
      offsetof(ngx_sent_conv_store_webhook_t, display_name) },

    { ngx_string("url"),
      NGX_SENT_CONV_FIELD_STRING|NGX_SENT_CONV_FIELD_REQUIRED,
      offsetof(ngx_sent_conv_store_webhook_t, url) },

    { ngx_string("secret"),
      NGX_SENT_CONV_FIELD_STRING|NGX_SENT_CONV_FIELD_REQUIRED,
      offsetof(ngx_sent_conv_store_webhook_t, secret) },

    { ngx_string("rotation"),
      NGX_SENT_CONV_FIELD_STRING|NGX_SENT_CONV_FIELD_NULLABLE,
      offsetof(ngx_sent_conv_store_webhook_t, rotation) },

    { ngx_string("disabled_reason"),
      NGX_SENT_CONV_FIELD_STRING|NGX_SENT_CONV_FIELD_NULLABLE,
      offsetof(ngx_sent_conv_store_webhook_t, disabled_reason) },

    { ngx_string("created_at"),
      NGX_SENT_CONV_FIELD_INTEGER,
      offsetof(ngx_sent_conv_store_webhook_t, created_at) },

    { ngx_string("updated_at"),
      NGX_SENT_CONV_FIELD_INTEGER,
      offsetof(ngx_sent_conv_store_webhook_t, updated_at) },

    { ngx_string("mask"),
      NGX_SENT_CONV_FIELD_INTEGER|NGX_SENT_CONV_FIELD_REQUIRED,
      offsetof(ngx_sent_conv_store_webhook_t, mask) },

    { ngx_string("retry_count"),
      NGX_SENT_CONV_FIELD_INTEGER,
      offsetof(ngx_sent_conv_store_webhook_t, retry_count) },

    { ngx_string("timeout"),
      NGX_SENT_CONV_FIELD_INTEGER,
      offsetof(ngx_sent_conv_store_webhook_t, timeout) },

    { ngx_string("rate_limit"),
      NGX_SENT_CONV_FIELD_INTEGER,
      offsetof(ngx_sent_conv_store_webhook_t, rate_limit) },

    { ngx_string("is_active"),
      NGX_SENT_CONV_FIELD_BOOL,
      offsetof(ngx_sent_conv_store_webhook_t, is_active) },

    { ngx_string("event_types"),
      NGX_SENT_CONV_FIELD_VALUE,
      offsetof(ngx_sent_conv_store_webhook_t, event_types) },

    { ngx_string("event_filters"),
      NGX_SENT_CONV_FIELD_VALUE|NGX_SENT_CONV_FIELD_NULLABLE,
      offsetof(ngx_sent_conv_store_webhook_t, event_filters) },

    { ngx_string("old"),
      NGX_SENT_CONV_FIELD_VALUE|NGX_SENT_CONV_FIELD_NULLABLE,
      offsetof(ngx_sent_conv_store_webhook_t, old) },

    ngx_sent_conv_json_null_field
};


ngx_int_t
ngx_sent_conv_store_config_webhooks(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_reply_t *reply)
{
    ngx_int_t                  rc;
    ngx_str_t                  text;
    ngx_uint_t                 i, n;
    ngx_sent_conv_endpoint_t  *endpoint, one;

    n = ngx_min(ngx_sent_conv_reply_n(reply),
                2 * NGX_SENT_CONV_MAX_ENDPOINTS);

    if (ngx_array_init(&customer->endpoints, customer->pool, n / 2 + 1,
                       sizeof(ngx_sent_conv_endpoint_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i + 1 < n; i += 2) {

        text = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i + 1));

        rc = ngx_sent_conv_store_config_webhook(op, customer->pool,
                                                &customer->id, &text, &one);
        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc != NGX_OK) {
            continue;
        }

        endpoint = ngx_array_push(&customer->endpoints);
        if (endpoint == NULL) {
            return NGX_ERROR;
        }

        *endpoint = one;
    }

    ngx_qsort(customer->endpoints.elts, customer->endpoints.nelts,
              sizeof(ngx_sent_conv_endpoint_t),
              ngx_sent_conv_store_config_older);

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_config_webhook(ngx_sent_conv_store_op_t *op,
    ngx_pool_t *pool, ngx_str_t *customer, ngx_str_t *text,
    ngx_sent_conv_endpoint_t *endpoint)
{
    char                           *code;
    ngx_int_t                       rc;
    ngx_str_t                      *field;
    ngx_sent_conv_json_t           *object;
    ngx_sent_conv_store_webhook_t   is;

    object = ngx_sent_conv_store_config_object(op->pool, text, &rc);
    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(&is, sizeof(ngx_sent_conv_store_webhook_t));

    if (object == NULL
        || ngx_sent_conv_json_bind(object, ngx_sent_conv_store_webhook_fields,
                                   &is, NULL, &field, &code)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (ngx_sent_conv_store_config_endpoint(pool, &is, endpoint) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_unseal(op, pool, customer, endpoint);
}


static ngx_int_t
ngx_sent_conv_store_config_endpoint(ngx_pool_t *pool,
    ngx_sent_conv_store_webhook_t *is, ngx_sent_conv_endpoint_t *endpoint)
{
    ngx_memzero(endpoint, sizeof(ngx_sent_conv_endpoint_t));

    endpoint->created_at = is->created_at;
    endpoint->updated_at = is->updated_at;
    endpoint->mask = is->mask;
    endpoint->retry_count = is->retry_count;
    endpoint->timeout = is->timeout;
    endpoint->rate_limit = is->rate_limit;
    endpoint->is_active = is->is_active ? 1 : 0;
    endpoint->nsecrets = 1;

    if (ngx_sent_conv_store_copy(pool, &is->id, &endpoint->id) != NGX_OK
        || ngx_sent_conv_store_copy(pool, &is->display_name,
                                    &endpoint->display_name)
           != NGX_OK
        || ngx_sent_conv_store_copy(pool, &is->url, &endpoint->url) != NGX_OK
        || ngx_sent_conv_store_copy(pool, &is->secret,
                                    &endpoint->secrets[0].text)
           != NGX_OK
        || ngx_sent_conv_store_config_old(pool, is->old, endpoint) != NGX_OK
        || ngx_sent_conv_store_copy(pool, &is->rotation, &endpoint->rotation)
           != NGX_OK
        || ngx_sent_conv_store_copy(pool, &is->disabled_reason,
                                    &endpoint->disabled_reason)
           != NGX_OK
        || ngx_sent_conv_store_config_value(pool, is->event_types,
                                            &endpoint->event_types)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_config_value(pool, is->event_filters,
                                            &endpoint->event_filters);
}


static ngx_int_t
ngx_sent_conv_store_config_old(ngx_pool_t *pool, ngx_sent_conv_json_t *list,
    ngx_sent_conv_endpoint_t *endpoint)
{
    ngx_sent_conv_json_t    *item, *secret, *until;
    ngx_sent_conv_secret_t  *old;

    if (list == NULL || list->type != NGX_SENT_CONV_JSON_ARRAY) {
        return NGX_OK;
    }

    for (item = list->first;
         item != NULL && endpoint->nsecrets < NGX_SENT_CONV_SECRETS;
         item = item->next)
    {
        secret = ngx_sent_conv_json_get(item, "secret");
        until = ngx_sent_conv_json_get(item, "until");

        if (secret == NULL || secret->type != NGX_SENT_CONV_JSON_STRING
            || until == NULL || until->type != NGX_SENT_CONV_JSON_INTEGER)
        {
            continue;
        }

        old = &endpoint->secrets[endpoint->nsecrets++];
        old->until = (uint64_t) until->integer;

        if (ngx_sent_conv_store_copy(pool, &secret->text, &old->text)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static int ngx_libc_cdecl
ngx_sent_conv_store_config_older(const void *one, const void *two)
{
    const ngx_sent_conv_endpoint_t  *a, *b;

    a = one;
    b = two;

    if (a->created_at != b->created_at) {
        return (a->created_at < b->created_at) ? -1 : 1;
    }

    return ngx_memcmp(a->id.data, b->id.data, ngx_min(a->id.len, b->id.len));
}


static ngx_int_t
ngx_sent_conv_store_config_value(ngx_pool_t *pool,
    ngx_sent_conv_json_t *value, ngx_str_t *text)
{
    ngx_sent_conv_jw_t  w;

    if (value == NULL) {
        ngx_str_set(text, "null");
        return NGX_OK;
    }

    ngx_sent_conv_jw_init(&w, pool, 128);
    ngx_sent_conv_jw_value(&w, NULL, value);

    return ngx_sent_conv_jw_done(&w, text);
}


ngx_int_t
ngx_sent_conv_store_config_webhook_json(ngx_sent_conv_store_op_t *op,
    ngx_str_t *customer, ngx_sent_conv_endpoint_t *endpoint, ngx_str_t *json)
{
    ngx_str_t           texts[NGX_SENT_CONV_SECRETS];
    ngx_uint_t          i;
    ngx_sent_conv_jw_t  w;

    for (i = 0; i < endpoint->nsecrets; i++) {
        if (ngx_sent_conv_store_seal(op, customer, endpoint,
                                     &endpoint->secrets[i], &texts[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    ngx_sent_conv_jw_init(&w, op->pool, 1024);

    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_str(&w, "id", &endpoint->id);
    ngx_sent_conv_jw_str(&w, "display_name", &endpoint->display_name);
    ngx_sent_conv_jw_str(&w, "url", &endpoint->url);
    ngx_sent_conv_jw_raw(&w, "event_types", &endpoint->event_types);
    ngx_sent_conv_jw_raw(&w, "event_filters", &endpoint->event_filters);
    ngx_sent_conv_jw_str(&w, "secret", &texts[0]);
    ngx_sent_conv_jw_open(&w, "old", '[');

    for (i = 1; i < endpoint->nsecrets; i++) {
        ngx_sent_conv_jw_open(&w, NULL, '{');
        ngx_sent_conv_jw_str(&w, "secret", &texts[i]);
        ngx_sent_conv_jw_int(&w, "until",
                             (int64_t) endpoint->secrets[i].until);
        ngx_sent_conv_jw_close(&w, '}');
    }

    ngx_sent_conv_jw_close(&w, ']');
    ngx_sent_conv_jw_str(&w, "rotation", &endpoint->rotation);
    ngx_sent_conv_jw_str(&w, "disabled_reason", &endpoint->disabled_reason);
    ngx_sent_conv_jw_int(&w, "created_at", (int64_t) endpoint->created_at);
    ngx_sent_conv_jw_int(&w, "updated_at", (int64_t) endpoint->updated_at);
    ngx_sent_conv_jw_int(&w, "mask", (int64_t) endpoint->mask);
    ngx_sent_conv_jw_int(&w, "retry_count", (int64_t) endpoint->retry_count);
    ngx_sent_conv_jw_int(&w, "timeout", (int64_t) endpoint->timeout);
    ngx_sent_conv_jw_int(&w, "rate_limit", (int64_t) endpoint->rate_limit);
    ngx_sent_conv_jw_bool(&w, "is_active", endpoint->is_active);
    ngx_sent_conv_jw_close(&w, '}');

    return ngx_sent_conv_jw_done(&w, json);
}
