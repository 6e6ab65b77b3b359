
/*
 * A customer in memory: who holds it, what is in it.
 */


#include "ngx_sent_conv_store_cache.h"


/* the customer is the first member: what others hold is a pointer to it */

typedef struct {
    ngx_sent_conv_customer_t       customer;
    ngx_sent_conv_store_own_t     *own;
    ngx_queue_t                    queue;    /* of the dead */

    unsigned                       dead:1;
} ngx_sent_conv_store_customer_t;


ngx_sent_conv_customer_t *
ngx_sent_conv_store_customer_alloc(ngx_sent_conv_store_t *store,
    ngx_str_t *id)
{
    ngx_pool_t                      *pool;
    ngx_sent_conv_customer_t        *customer;
    ngx_sent_conv_store_customer_t  *sc;

    pool = ngx_create_pool(4096, store->cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    sc = ngx_pcalloc(pool, sizeof(ngx_sent_conv_store_customer_t));
    if (sc == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    sc->own = store->cache;

    customer = &sc->customer;
    customer->pool = pool;
    customer->refs = 1;

    if (ngx_sent_conv_store_copy(pool, id, &customer->id) != NGX_OK) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    return customer;
}


ngx_uint_t
ngx_sent_conv_store_customer_has(ngx_sent_conv_customer_t *customer,
    ngx_sent_conv_by_e by, ngx_str_t *name)
{
    ngx_str_t                channel, e164;
    ngx_sent_conv_channel_e  ch;

    switch (by) {

    case NGX_SENT_CONV_BY_ID:
        return 1;

    case NGX_SENT_CONV_BY_KEY:
        return ngx_sent_conv_customer_key(customer, name) != NULL;

    default:
        e164 = *name;
        channel = ngx_sent_conv_store_word(&e164, ':');
        ch = ngx_sent_conv_channel_parse(&channel);

        return ngx_sent_conv_customer_number(customer, ch, &e164) != NULL;
    }
}


ngx_sent_conv_customer_t *
ngx_sent_conv_customer_hold(ngx_sent_conv_customer_t *customer)
{
    customer->refs++;

    return customer;
}


/*
 * Who was given a customer may use it until it returns to the event loop:
 * only there is it freed.
 */

void
ngx_sent_conv_customer_release(ngx_sent_conv_customer_t *customer)
{
    ngx_sent_conv_store_customer_t  *sc;

    if (--customer->refs > 0) {
        return;
    }

    sc = (ngx_sent_conv_store_customer_t *) customer;

    if (!sc->dead) {
        sc->dead = 1;
        ngx_queue_insert_tail(&sc->own->dead, &sc->queue);
    }

    if (!sc->own->reap.posted) {
        ngx_post_event(&sc->own->reap, &ngx_posted_events);
    }
}


void
ngx_sent_conv_store_reap(ngx_event_t *ev)
{
    ngx_queue_t                     *q;
    ngx_sent_conv_store_own_t       *own;
    ngx_sent_conv_store_customer_t  *sc;

    own = ev->data;

    while (!ngx_queue_empty(&own->dead)) {
        q = ngx_queue_head(&own->dead);
        ngx_queue_remove(q);

        sc = ngx_queue_data(q, ngx_sent_conv_store_customer_t, queue);
        sc->dead = 0;

        if (sc->customer.refs == 0) {
            ngx_destroy_pool(sc->customer.pool);
        }
    }
}


ngx_sent_conv_endpoint_t *
ngx_sent_conv_customer_endpoint(ngx_sent_conv_customer_t *customer,
    ngx_str_t *id)
{
    ngx_uint_t                 i;
    ngx_sent_conv_endpoint_t  *endpoint;

    endpoint = customer->endpoints.elts;

    for (i = 0; i < customer->endpoints.nelts; i++) {
        if (endpoint[i].id.len == id->len
            && ngx_memcmp(endpoint[i].id.data, id->data, id->len) == 0)
        {
            return &endpoint[i];
        }
    }

    return NULL;
}


ngx_sent_conv_number_t *
ngx_sent_conv_customer_number(ngx_sent_conv_customer_t *customer,
    ngx_sent_conv_channel_e channel, ngx_str_t *e164)
{
    ngx_uint_t               i;
    ngx_sent_conv_number_t  *number;

    number = customer->numbers.elts;

    for (i = 0; i < customer->numbers.nelts; i++) {
        if (number[i].channel == channel && number[i].e164.len == e164->len
            && ngx_memcmp(number[i].e164.data, e164->data, e164->len) == 0)
        {
            return &number[i];
        }
    }

    return NULL;
}


ngx_sent_conv_apikey_t *
ngx_sent_conv_customer_key(ngx_sent_conv_customer_t *customer,
    ngx_str_t *sha256)
{
    ngx_uint_t               i;
    ngx_sent_conv_apikey_t  *key;

    key = customer->keys.elts;

    for (i = 0; i < customer->keys.nelts; i++) {
        if (ngx_sent_conv_sign_equal(&key[i].sha256, sha256)) {
            return &key[i];
        }
    }

    return NULL;
}
