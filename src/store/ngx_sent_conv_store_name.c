
/*
 * Keys and numbers.  What leads to a customer (a key's digest, a number) is
 * written last and deleted first.
 */


#include "ngx_sent_conv_store_private.h"


static ngx_int_t ngx_sent_conv_store_name_plain(
    ngx_sent_conv_store_change_t *change, const char *command,
    const char *kind, ngx_uint_t argc, ngx_sent_conv_store_check_pt check);
static ngx_int_t ngx_sent_conv_store_number_name(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_number_t *number);
static ngx_int_t ngx_sent_conv_store_number_steps(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_number_t *number);
static ngx_int_t ngx_sent_conv_store_number_ours(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_number_taken(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_number_lost(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_reply_t *reply);


/* the plain key that leads to the customer, by change->name */

static ngx_int_t
ngx_sent_conv_store_name_plain(ngx_sent_conv_store_change_t *change,
    const char *command, const char *kind, ngx_uint_t argc,
    ngx_sent_conv_store_check_pt check)
{
    ngx_str_t  *argv;

    argv = ngx_sent_conv_store_change_step(change, NULL, argc, check);
    if (argv == NULL) {
        return NGX_ERROR;
    }

    argv[0].len = ngx_strlen(command);
    argv[0].data = (u_char *) command;

    ngx_sent_conv_store_key_plain(change->op, kind, &change->name, &argv[1]);

    if (argc > 2) {
        argv[2] = change->customer;
    }

    if (argc > 3) {
        ngx_str_set(&argv[3], "NX");
    }

    return (argv[1].data == NULL) ? NGX_ERROR : NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_key_put(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_apikey_t *key,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                      rc;
    ngx_str_t                      json;
    ngx_sent_conv_store_change_t  *change;

    change = ngx_sent_conv_store_change_create(store, customer, handler,
                                               data);
    if (change == NULL) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

    if (ngx_sent_conv_store_copy(change->op->pool, &key->sha256,
                                 &change->name)
        == NGX_OK
        && ngx_sent_conv_store_config_key_json(change->op->pool, key, &json)
           == NGX_OK
        && ngx_sent_conv_store_change_hash(change, "HSET", "keys", &key->id,
                                           &json)
           == NGX_OK)
    {
        rc = ngx_sent_conv_store_name_plain(change, "SET", "key", 3, NULL);
    }

    return ngx_sent_conv_store_change_begin(change, rc);
}


ngx_int_t
ngx_sent_conv_store_key_delete(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_apikey_t *key,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                      rc;
    ngx_sent_conv_store_change_t  *change;

    change = ngx_sent_conv_store_change_create(store, customer, handler,
                                               data);
    if (change == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_copy(change->op->pool, &key->sha256,
                                  &change->name);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_name_plain(change, "DEL", "key", 2, NULL);
    }

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_change_hash(change, "HDEL", "keys", &key->id,
                                             NULL);
    }

    return ngx_sent_conv_store_change_begin(change, rc);
}


ngx_int_t
ngx_sent_conv_store_number_put(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_number_t *number,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_sent_conv_store_change_t  *change;

    change = ngx_sent_conv_store_change_create(store, customer, handler,
                                               data);
    if (change == NULL) {
        return NGX_ERROR;
    }

    change->tells = 1;

    return ngx_sent_conv_store_change_begin(change,
                            ngx_sent_conv_store_number_steps(change, number));
}


static ngx_int_t
ngx_sent_conv_store_number_name(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_number_t *number)
{
    u_char     *p;
    ngx_str_t  *channel;

    channel = &ngx_sent_conv_channel_names[number->channel];

    p = ngx_pnalloc(change->op->pool, channel->len + 1 + number->e164.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    change->name.data = p;
    change->name.len = ngx_sprintf(p, "%V:%V", channel, &number->e164) - p;

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_store_number_steps(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_number_t *number)
{
    if (ngx_sent_conv_store_number_name(change, number) != NGX_OK
        || ngx_sent_conv_store_name_plain(change, "GET", "number", 2,
                                           ngx_sent_conv_store_number_taken)
           != NGX_OK
        || ngx_sent_conv_store_change_hash(change, "HSET", "numbers",
                                           &change->name, &number->carrier)
           != NGX_OK
        || ngx_sent_conv_store_name_plain(change, "SET", "number", 4, NULL)
           != NGX_OK
        || ngx_sent_conv_store_name_plain(change, "GET", "number", 2,
                                           ngx_sent_conv_store_number_lost)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* only for who lost the race for it */

    return ngx_sent_conv_store_change_hash(change, "HDEL", "numbers",
                                           &change->name, NULL);
}


static ngx_int_t
ngx_sent_conv_store_number_ours(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_reply_t *reply)
{
    ngx_str_t  id;

    id = ngx_sent_conv_reply_str(reply);

    return id.len == change->customer.len
           && ngx_memcmp(id.data, change->customer.data, id.len) == 0;
}


static ngx_int_t
ngx_sent_conv_store_number_taken(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_reply_t *reply)
{
    if (ngx_sent_conv_reply_type(reply) == NGX_SENT_CONV_REPLY_NIL
        || ngx_sent_conv_store_number_ours(change, reply))
    {
        return NGX_OK;
    }

    change->result = NGX_DECLINED;

    return NGX_DECLINED;
}


static ngx_int_t
ngx_sent_conv_store_number_lost(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_reply_t *reply)
{
    if (ngx_sent_conv_store_number_ours(change, reply)) {
        return NGX_DECLINED;
    }

    change->result = NGX_DECLINED;

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_number_delete(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_number_t *number,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                      rc;
    ngx_sent_conv_store_change_t  *change;

    change = ngx_sent_conv_store_change_create(store, customer, handler,
                                               data);
    if (change == NULL) {
        return NGX_ERROR;
    }

    change->tells = 1;

    rc = ngx_sent_conv_store_number_name(change, number);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_name_plain(change, "GET", "number", 2,
                                             ngx_sent_conv_store_number_taken);
    }

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_name_plain(change, "DEL", "number", 2,
                                             NULL);
    }

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_change_hash(change, "HDEL", "numbers",
                                             &change->name, NULL);
    }

    return ngx_sent_conv_store_change_begin(change, rc);
}
