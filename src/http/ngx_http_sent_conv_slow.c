
/*
 * Who tries keys that are not good is slowed, by the address.  What was good
 * before on this node passes: its neighbours are not locked out.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


/* ms after which a good key's place is renewed */
#define NGX_HTTP_SENT_CONV_KNOWN_AGE  60000


static ngx_uint_t ngx_http_sent_conv_slow_client(
    ngx_http_sent_conv_call_t *call);
static ngx_uint_t ngx_http_sent_conv_slow_take(
    ngx_http_sent_conv_call_t *call);


/* 0: not limited; one without an address speaks for many */

static ngx_uint_t
ngx_http_sent_conv_slow_client(ngx_http_sent_conv_call_t *call)
{
    size_t   len;
    u_char   address[NGX_SENT_CONV_ADDR_CLIENT];

    if (call->smcf->auth_failures.burst == 0) {
        return 0;
    }

    if (call->client == 0) {
        len = ngx_sent_conv_addr_client(address,
                                        call->request->connection->sockaddr);

        if (len) {
            call->client = ngx_sent_conv_bucket_name(address, len);
        }
    }

    return call->client != 0;
}


/* 0: there is none left; call->rate tells */

static ngx_uint_t
ngx_http_sent_conv_slow_take(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_buckets_take(&call->store->shared->clients, call->client,
                               &call->smcf->auth_failures,
                               ngx_sent_conv_ticks(ngx_current_msec),
                               &call->rate);

    return call->rate.taken;
}


/* what is taken for it is given back if the key is good */

ngx_int_t
ngx_http_sent_conv_slow_ask(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t  *key;

    if (!ngx_http_sent_conv_slow_client(call)) {
        return NGX_OK;
    }

    key = &call->key_sha256;

    if (ngx_sent_conv_bucket_find(&call->store->shared->known,
                                  ngx_sent_conv_bucket_name(key->data,
                                                            key->len))
        != NULL)
    {
        return NGX_OK;
    }

    if (ngx_http_sent_conv_slow_take(call)) {
        call->unsure = 1;
        return NGX_OK;
    }

    if (ngx_sent_conv_store_customer_cached(call->store, NGX_SENT_CONV_BY_KEY,
                                            key))
    {
        return NGX_OK;
    }

    ngx_http_sent_conv_rate_refuse(call, NGX_SENT_CONV_M_ADDRESS,
                                   call->rate.wait);

    return NGX_DECLINED;
}


/* what became of it is not known */

void
ngx_http_sent_conv_slow_forget(ngx_http_sent_conv_call_t *call)
{
    if (call->unsure) {
        call->unsure = 0;

        ngx_sent_conv_buckets_give(&call->store->shared->clients,
                                   call->client, &call->smcf->auth_failures,
                                   ngx_sent_conv_ticks(ngx_current_msec));
    }
}


void
ngx_http_sent_conv_slow_good(ngx_http_sent_conv_call_t *call)
{
    ngx_atomic_uint_t         now, name;
    ngx_sent_conv_bucket_t   *known;
    ngx_sent_conv_buckets_t  *table;

    if (!ngx_http_sent_conv_slow_client(call)) {
        return;
    }

    ngx_http_sent_conv_slow_forget(call);

    table = &call->store->shared->known;
    now = ngx_sent_conv_ticks(ngx_current_msec);
    name = ngx_sent_conv_bucket_name(call->key_sha256.data,
                                     call->key_sha256.len);

    known = ngx_sent_conv_bucket_find(table, name);

    if (known == NULL
        || now - known->full
           > ngx_sent_conv_ticks(NGX_HTTP_SENT_CONV_KNOWN_AGE))
    {
        ngx_sent_conv_bucket_put(table, name, now);
    }
}


/* a key, or a token, is bad: error says so, unless there were too many */

void
ngx_http_sent_conv_slow_bad(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_e error)
{
    if (!ngx_http_sent_conv_slow_client(call)) {
        ngx_http_sent_conv_error(call, error, NULL);
        return;
    }

    if (call->key_sha256.len) {
        ngx_sent_conv_bucket_drop(&call->store->shared->known,
                           ngx_sent_conv_bucket_name(call->key_sha256.data,
                                                     call->key_sha256.len));
    }

    if (!call->unsure && !ngx_http_sent_conv_slow_take(call)) {
        ngx_http_sent_conv_rate_refuse(call, NGX_SENT_CONV_M_ADDRESS,
                                       call->rate.wait);
        return;
    }

    if (call->rate.left == 0) {
        ngx_log_error(NGX_LOG_WARN, call->request->connection->log, 0,
                      "sent conv authentication failed too often: keys that "
                      "are not known are refused for a while");
    }

    ngx_http_sent_conv_error(call, error, NULL);
}
