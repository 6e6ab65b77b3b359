
/*
 * Customers as this worker last read them: the cache, its loads, its
 * references.
 */


#include "ngx_sent_conv_store_private.h"


/* ms that an entry is used without being read again; api.md: 5 s elsewhere */
#define NGX_SENT_CONV_STORE_FRESH    4000

/* and what there is none of */
#define NGX_SENT_CONV_STORE_UNKNOWN  1000

#define NGX_SENT_CONV_STORE_ENTRIES  10000
#define NGX_SENT_CONV_STORE_HASHES   4


/* a customer, or a key or number that names one: id.len 0 = none */

typedef struct {
    ngx_queue_t                  bucket;
    ngx_queue_t                  used;
    ngx_sent_conv_by_e           by;
    ngx_str_t                    name;
    ngx_str_t                    id;
    ngx_sent_conv_customer_t    *customer;
    ngx_atomic_uint_t            generation;
    ngx_msec_t                   at;
} ngx_sent_conv_store_entry_t;


typedef struct {
    ngx_sent_conv_customer_t     customer;
    ngx_queue_t                  queue;
    ngx_sent_conv_store_own_t   *own;
} ngx_sent_conv_store_cached_t;


/* whoever waits: by a key or number first for the customer's id */

typedef struct {
    ngx_queue_t                  queue;
    ngx_sent_conv_store_op_t    *op;
    ngx_sent_conv_by_e           by;
    ngx_str_t                    name;
    ngx_atomic_uint_t            generation;
} ngx_sent_conv_store_wait_t;


typedef struct {
    ngx_queue_t                  queue;
    ngx_queue_t                  waits;
    ngx_sent_conv_store_op_t    *op;
    ngx_str_t                    id;
    ngx_atomic_uint_t            generation;
    ngx_sent_conv_customer_t    *customer;
    ngx_int_t                    rc;
} ngx_sent_conv_store_load_t;


static void ngx_sent_conv_store_customer_reap(ngx_event_t *ev);
static ngx_sent_conv_store_entry_t *ngx_sent_conv_store_entry_find(
    ngx_sent_conv_store_t *store, ngx_sent_conv_by_e by, ngx_str_t *name);
static ngx_sent_conv_store_entry_t *ngx_sent_conv_store_entry_fresh(
    ngx_sent_conv_store_t *store, ngx_sent_conv_by_e by, ngx_str_t *name);
static void ngx_sent_conv_store_entry_put(ngx_sent_conv_store_t *store,
    ngx_sent_conv_by_e by, ngx_str_t *name, ngx_str_t *id,
    ngx_sent_conv_customer_t *customer, ngx_atomic_uint_t generation);
static void ngx_sent_conv_store_entry_free(ngx_sent_conv_store_own_t *own,
    ngx_sent_conv_store_entry_t *entry);
static ngx_queue_t *ngx_sent_conv_store_bucket(
    ngx_sent_conv_store_own_t *own, ngx_str_t *name);
static ngx_int_t ngx_sent_conv_store_lookup(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_store_wait_t *wait);
static void ngx_sent_conv_store_looked_up(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_load(ngx_sent_conv_store_t *store,
    ngx_str_t *id, ngx_sent_conv_store_wait_t *wait);
static ngx_sent_conv_store_load_t *ngx_sent_conv_store_load_create(
    ngx_sent_conv_store_t *store, ngx_str_t *id);
static ngx_int_t ngx_sent_conv_store_load_send(
    ngx_sent_conv_store_load_t *load);
static void ngx_sent_conv_store_load_destroy(
    ngx_sent_conv_store_load_t *load);
static void ngx_sent_conv_store_load_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_load_done(ngx_sent_conv_store_op_t *op);


void
ngx_sent_conv_store_cache_init(ngx_sent_conv_store_t *store)
{
    ngx_uint_t                  i;
    ngx_sent_conv_store_own_t  *own;

    own = store->cache;

    for (i = 0; i < NGX_SENT_CONV_STORE_BUCKETS; i++) {
        ngx_queue_init(&own->buckets[i]);
    }

    ngx_queue_init(&own->entries);
    ngx_queue_init(&own->loads);
    ngx_queue_init(&own->dead);

    own->reap.handler = ngx_sent_conv_store_customer_reap;
    own->reap.data = own;
    own->reap.log = store->cycle->log;
}


void
ngx_sent_conv_store_cache_destroy(ngx_sent_conv_store_t *store)
{
    ngx_queue_t                  *q;
    ngx_sent_conv_store_own_t    *own;
    ngx_sent_conv_store_entry_t  *entry;

    own = store->cache;

    while (!ngx_queue_empty(&own->entries)) {
        q = ngx_queue_head(&own->entries);
        entry = ngx_queue_data(q, ngx_sent_conv_store_entry_t, used);
        ngx_sent_conv_store_entry_free(own, entry);
    }

    if (own->reap.posted) {
        ngx_delete_posted_event(&own->reap);
    }

    ngx_sent_conv_store_customer_reap(&own->reap);

    if (own->scratch != NULL) {
        ngx_free(own->scratch);
        own->scratch = NULL;
        own->size = 0;
    }
}


ngx_sent_conv_customer_t *
ngx_sent_conv_customer_hold(ngx_sent_conv_customer_t *customer)
{
    customer->refs++;

    return customer;
}


/* its memory goes later: whoever released it may still be at work with it */

void
ngx_sent_conv_customer_release(ngx_sent_conv_customer_t *customer)
{
    ngx_sent_conv_store_cached_t  *cached;

    if (--customer->refs) {
        return;
    }

    cached = (ngx_sent_conv_store_cached_t *) customer;

    ngx_queue_insert_tail(&cached->own->dead, &cached->queue);

    if (!cached->own->reap.posted) {
        ngx_post_event(&cached->own->reap, &ngx_posted_events);
    }
}


static void
ngx_sent_conv_store_customer_reap(ngx_event_t *ev)
{
    ngx_queue_t                   *q;
    ngx_sent_conv_store_own_t     *own;
    ngx_sent_conv_store_cached_t  *cached;

    own = ev->data;

    while (!ngx_queue_empty(&own->dead)) {
        q = ngx_queue_head(&own->dead);
        ngx_queue_remove(q);

        cached = ngx_queue_data(q, ngx_sent_conv_store_cached_t, queue);
        ngx_destroy_pool(cached->customer.pool);
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
            && ngx_strncmp(endpoint[i].id.data, id->data, id->len) == 0)
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
        if (number[i].channel == channel
            && number[i].e164.len == e164->len
            && ngx_strncmp(number[i].e164.data, e164->data, e164->len) == 0)
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


void
ngx_sent_conv_store_changed(ngx_sent_conv_store_t *store,
    ngx_str_t *customer)
{
    ngx_sent_conv_store_raise(store, customer);
}


ngx_int_t
ngx_sent_conv_store_customer(ngx_sent_conv_store_t *store,
    ngx_sent_conv_by_e by, ngx_str_t *name,
    ngx_sent_conv_customer_t **customer, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_int_t                     rc;
    ngx_str_t                    *id;
    ngx_sent_conv_store_op_t     *op;
    ngx_sent_conv_store_wait_t   *wait;
    ngx_sent_conv_store_entry_t  *entry;

    *customer = NULL;
    id = name;

    if (by != NGX_SENT_CONV_BY_ID) {
        entry = ngx_sent_conv_store_entry_fresh(store, by, name);
        id = entry ? &entry->id : NULL;

        if (id && id->len == 0) {
            return NGX_OK;
        }
    }

    if (id) {
        entry = ngx_sent_conv_store_entry_fresh(store, NGX_SENT_CONV_BY_ID,
                                                id);
        if (entry) {
            *customer = entry->customer;
            return NGX_OK;
        }
    }

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data,
                                       sizeof(ngx_sent_conv_store_wait_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    wait = op->ctx;
    wait->op = op;
    wait->by = by;

    rc = id ? ngx_sent_conv_store_load(store, id, wait)
            : ngx_sent_conv_store_copy(op->pool, name, &wait->name);

    if (id == NULL && rc == NGX_OK) {
        rc = ngx_sent_conv_store_lookup(op, wait);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
        return rc;
    }

    return NGX_AGAIN;
}


static ngx_int_t
ngx_sent_conv_store_lookup(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_store_wait_t *wait)
{
    ngx_str_t  argv[2];

    wait->generation = ngx_sent_conv_store_generation(op->store, &wait->name);

    ngx_str_set(&argv[0], "GET");
    ngx_sent_conv_store_key_plain(op,
                                  (wait->by == NGX_SENT_CONV_BY_KEY)
                                  ? "key" : "number",
                                  &wait->name, &argv[1]);
    if (argv[1].data == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_redis_command(op->store->redis, NULL, 2, argv,
                                       ngx_sent_conv_store_looked_up, op);
}


static void
ngx_sent_conv_store_looked_up(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t                     id;
    ngx_sent_conv_store_t        *store;
    ngx_sent_conv_store_wait_t   *wait;
    ngx_sent_conv_store_entry_t  *entry;

    store = op->store;
    wait = op->ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    id = ngx_sent_conv_reply_str(reply);

    ngx_sent_conv_store_entry_put(store, wait->by, &wait->name, &id, NULL,
                                  wait->generation);

    if (id.len == 0) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    entry = ngx_sent_conv_store_entry_fresh(store, NGX_SENT_CONV_BY_ID, &id);

    if (entry) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, entry->customer);
        return;
    }

    if (ngx_sent_conv_store_load(store, &id, wait) != NGX_OK) {
        ngx_sent_conv_store_op_unread(op);
    }
}


/* all who wait for one customer wait for one load, of one generation */

static ngx_int_t
ngx_sent_conv_store_load(ngx_sent_conv_store_t *store, ngx_str_t *id,
    ngx_sent_conv_store_wait_t *wait)
{
    ngx_int_t                    rc;
    ngx_queue_t                 *q;
    ngx_atomic_uint_t            generation;
    ngx_sent_conv_store_own_t   *own;
    ngx_sent_conv_store_load_t  *load;

    own = store->cache;
    generation = ngx_sent_conv_store_generation(store, id);

    for (q = ngx_queue_head(&own->loads);
         q != ngx_queue_sentinel(&own->loads);
         q = ngx_queue_next(q))
    {
        load = ngx_queue_data(q, ngx_sent_conv_store_load_t, queue);

        if (load->generation == generation
            && load->id.len == id->len
            && ngx_strncmp(load->id.data, id->data, id->len) == 0)
        {
            ngx_queue_insert_tail(&load->waits, &wait->queue);
            return NGX_OK;
        }
    }

    load = ngx_sent_conv_store_load_create(store, id);
    if (load == NULL) {
        return NGX_ERROR;
    }

    load->generation = generation;

    rc = ngx_sent_conv_store_load_send(load);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_load_destroy(load);
        return rc;
    }

    ngx_queue_insert_tail(&own->loads, &load->queue);
    ngx_queue_insert_tail(&load->waits, &wait->queue);

    return NGX_OK;
}


static ngx_sent_conv_store_load_t *
ngx_sent_conv_store_load_create(ngx_sent_conv_store_t *store, ngx_str_t *id)
{
    ngx_pool_t                    *pool;
    ngx_sent_conv_store_op_t      *op;
    ngx_sent_conv_store_load_t    *load;
    ngx_sent_conv_store_cached_t  *cached;

    op = ngx_sent_conv_store_op_create(store, NULL, NULL, NULL,
                                       sizeof(ngx_sent_conv_store_load_t));
    if (op == NULL) {
        return NULL;
    }

    pool = ngx_create_pool(2048, store->cycle->log);
    if (pool == NULL) {
        ngx_sent_conv_store_op_destroy(op);
        return NULL;
    }

    load = op->ctx;
    load->op = op;

    ngx_queue_init(&load->waits);

    cached = ngx_pcalloc(pool, sizeof(ngx_sent_conv_store_cached_t));

    if (cached == NULL
        || ngx_sent_conv_store_copy(op->pool, id, &load->id) != NGX_OK
        || ngx_sent_conv_store_copy(pool, id, &cached->customer.id) != NGX_OK)
    {
        ngx_destroy_pool(pool);
        ngx_sent_conv_store_op_destroy(op);
        return NULL;
    }

    cached->own = store->cache;
    cached->customer.pool = pool;
    cached->customer.refs = 1;

    load->customer = &cached->customer;

    return load;
}


static void
ngx_sent_conv_store_load_destroy(ngx_sent_conv_store_load_t *load)
{
    ngx_sent_conv_customer_release(load->customer);
    ngx_sent_conv_store_op_destroy(load->op);
}


static ngx_int_t
ngx_sent_conv_store_load_send(ngx_sent_conv_store_load_t *load)
{
    ngx_str_t                  argv[2];
    ngx_uint_t                 i;
    ngx_sent_conv_store_op_t  *op;

    static const char  *hash[NGX_SENT_CONV_STORE_HASHES] = {
        "settings", "keys", "numbers", "webhooks"
    };

    op = load->op;

    if (ngx_sent_conv_store_batch_init(op, NGX_SENT_CONV_STORE_HASHES,
                                       ngx_sent_conv_store_load_each,
                                       ngx_sent_conv_store_load_done)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "HGETALL");

    for (i = 0; i < NGX_SENT_CONV_STORE_HASHES; i++) {
        ngx_sent_conv_store_key_customer(op, &load->id, hash[i], &argv[1]);
        ngx_sent_conv_store_batch_add(op, &load->id, 2, argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_load_each(ngx_sent_conv_store_op_t *op, ngx_uint_t index,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_load_t  *load;

    load = op->ctx;

    if (load->rc != NGX_OK) {
        return;
    }

    switch (index) {

    case 0:
        load->rc = ngx_sent_conv_store_config_settings(load->customer, reply,
                                                       op->pool);
        break;

    case 1:
        load->rc = ngx_sent_conv_store_config_keys(load->customer, reply,
                                                   op->pool);
        break;

    case 2:
        load->rc = ngx_sent_conv_store_config_numbers(load->customer, reply,
                                                      op->pool);
        break;

    default:
        load->rc = ngx_sent_conv_store_config_webhooks(load->customer, reply,
                                                       op->pool);
        break;
    }
}


static void
ngx_sent_conv_store_load_done(ngx_sent_conv_store_op_t *op)
{
    ngx_queue_t                 *q;
    ngx_sent_conv_err_e          err;
    ngx_sent_conv_customer_t    *customer;
    ngx_sent_conv_store_load_t  *load;
    ngx_sent_conv_store_wait_t  *wait;

    load = op->ctx;

    ngx_queue_remove(&load->queue);

    err = NGX_SENT_CONV_OK;

    if (op->err != NGX_SENT_CONV_OK || load->rc == NGX_ERROR) {

        /* nothing was asked for but to read */

        err = NGX_SENT_CONV_UNSENT;
    }

    customer = NULL;

    if (err == NGX_SENT_CONV_OK) {

        if (load->rc == NGX_OK) {
            customer = load->customer;
        }

        ngx_sent_conv_store_entry_put(op->store, NGX_SENT_CONV_BY_ID,
                                      &load->id, NULL, customer,
                                      load->generation);
    }

    while (!ngx_queue_empty(&load->waits)) {
        q = ngx_queue_head(&load->waits);
        ngx_queue_remove(q);

        wait = ngx_queue_data(q, ngx_sent_conv_store_wait_t, queue);
        ngx_sent_conv_store_op_finish(wait->op, err, customer);
    }

    ngx_sent_conv_store_load_destroy(load);
}


static ngx_queue_t *
ngx_sent_conv_store_bucket(ngx_sent_conv_store_own_t *own, ngx_str_t *name)
{
    return &own->buckets[ngx_crc32_short(name->data, name->len)
                         % NGX_SENT_CONV_STORE_BUCKETS];
}


static ngx_sent_conv_store_entry_t *
ngx_sent_conv_store_entry_find(ngx_sent_conv_store_t *store,
    ngx_sent_conv_by_e by, ngx_str_t *name)
{
    ngx_queue_t                  *q, *bucket;
    ngx_sent_conv_store_entry_t  *entry;

    bucket = ngx_sent_conv_store_bucket(store->cache, name);

    for (q = ngx_queue_head(bucket);
         q != ngx_queue_sentinel(bucket);
         q = ngx_queue_next(q))
    {
        entry = ngx_queue_data(q, ngx_sent_conv_store_entry_t, bucket);

        if (entry->by == by
            && entry->name.len == name->len
            && ngx_strncmp(entry->name.data, name->data, name->len) == 0)
        {
            return entry;
        }
    }

    return NULL;
}


static ngx_sent_conv_store_entry_t *
ngx_sent_conv_store_entry_fresh(ngx_sent_conv_store_t *store,
    ngx_sent_conv_by_e by, ngx_str_t *name)
{
    ngx_msec_t                    limit;
    ngx_sent_conv_store_own_t    *own;
    ngx_sent_conv_store_entry_t  *entry;

    own = store->cache;

    entry = ngx_sent_conv_store_entry_find(store, by, name);
    if (entry == NULL) {
        return NULL;
    }

    limit = (entry->id.len || entry->customer) ? NGX_SENT_CONV_STORE_FRESH
                                               : NGX_SENT_CONV_STORE_UNKNOWN;

    if (ngx_current_msec - entry->at > limit
        || entry->generation != ngx_sent_conv_store_generation(store, name))
    {
        return NULL;
    }

    ngx_queue_remove(&entry->used);
    ngx_queue_insert_head(&own->entries, &entry->used);

    return entry;
}


/* without memory for it the next request reads again */

static void
ngx_sent_conv_store_entry_put(ngx_sent_conv_store_t *store,
    ngx_sent_conv_by_e by, ngx_str_t *name, ngx_str_t *id,
    ngx_sent_conv_customer_t *customer, ngx_atomic_uint_t generation)
{
    u_char                       *p;
    ngx_queue_t                  *q;
    ngx_sent_conv_store_own_t    *own;
    ngx_sent_conv_store_entry_t  *entry;

    own = store->cache;

    entry = ngx_sent_conv_store_entry_find(store, by, name);
    if (entry != NULL) {
        ngx_sent_conv_store_entry_free(own, entry);
    }

    if (own->n >= NGX_SENT_CONV_STORE_ENTRIES) {
        q = ngx_queue_last(&own->entries);
        entry = ngx_queue_data(q, ngx_sent_conv_store_entry_t, used);
        ngx_sent_conv_store_entry_free(own, entry);
    }

    entry = ngx_calloc(sizeof(ngx_sent_conv_store_entry_t) + name->len
                       + (id ? id->len : 0), store->cycle->log);
    if (entry == NULL) {
        return;
    }

    p = (u_char *) &entry[1];

    entry->name.len = name->len;
    entry->name.data = p;
    p = ngx_cpymem(p, name->data, name->len);

    if (id != NULL) {
        entry->id.len = id->len;
        entry->id.data = p;
        ngx_memcpy(p, id->data, id->len);
    }

    entry->by = by;
    entry->generation = generation;
    entry->at = ngx_current_msec;

    if (customer != NULL) {
        entry->customer = ngx_sent_conv_customer_hold(customer);
    }

    ngx_queue_insert_head(ngx_sent_conv_store_bucket(own, name),
                          &entry->bucket);
    ngx_queue_insert_head(&own->entries, &entry->used);
    own->n++;
}


static void
ngx_sent_conv_store_entry_free(ngx_sent_conv_store_own_t *own,
    ngx_sent_conv_store_entry_t *entry)
{
    ngx_queue_remove(&entry->bucket);
    ngx_queue_remove(&entry->used);
    own->n--;

    if (entry->customer != NULL) {
        ngx_sent_conv_customer_release(entry->customer);
    }

    ngx_free(entry);
}
