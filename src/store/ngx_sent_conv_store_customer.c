
/*
 * Customers as this worker last read them.  What is cached counts only while
 * its slot's generation is what it was before the reading began, and not for
 * long; what is not there is asked for once, however many wait for it.
 */


#include "ngx_sent_conv_store_private.h"


#define NGX_SENT_CONV_STORE_ENTRIES  4096
#define NGX_SENT_CONV_STORE_AGE      4000
#define NGX_SENT_CONV_STORE_UNKNOWN  1000


/* the customer is the first member: what others hold is a pointer to it */

typedef struct {
    ngx_sent_conv_customer_t       customer;
    ngx_sent_conv_store_own_t     *own;
    ngx_queue_t                    queue;    /* of the dead */

    unsigned                       dead:1;
} ngx_sent_conv_store_customer_t;


/* by id: the customer; by a name: whose it is; known = 0: nobody's */

typedef struct {
    ngx_queue_t                    bucket;
    ngx_queue_t                    queue;
    ngx_sent_conv_customer_t      *customer;
    ngx_atomic_uint_t              generation;
    ngx_msec_t                     time;
    ngx_sent_conv_by_e             by;
    ngx_str_t                      name;
    u_char                         id[NGX_SENT_CONV_UUID_LEN];

    unsigned                       known:1;
} ngx_sent_conv_store_entry_t;


typedef struct {
    ngx_queue_t                    queue;
    ngx_sent_conv_store_t         *store;
    ngx_sent_conv_store_pt         handler;
    void                          *data;
    ngx_sent_conv_by_e             by;
    ngx_str_t                      name;

    unsigned                       again:1;
} ngx_sent_conv_store_waiter_t;


typedef struct {
    ngx_queue_t                    queue;
    ngx_queue_t                    waiters;
    ngx_sent_conv_customer_t      *customer; /* being read */
    ngx_atomic_uint_t              generation;
    ngx_msec_t                     time;
    ngx_sent_conv_by_e             by;
    ngx_str_t                      name;
    u_char                         id[NGX_SENT_CONV_UUID_LEN];

    unsigned                       known:1;
} ngx_sent_conv_store_load_t;


static ngx_sent_conv_store_entry_t *ngx_sent_conv_store_entry_find(
    ngx_sent_conv_store_t *store, ngx_sent_conv_by_e by, ngx_str_t *name);
static ngx_sent_conv_store_entry_t *ngx_sent_conv_store_entry_fresh(
    ngx_sent_conv_store_t *store, ngx_sent_conv_by_e by, ngx_str_t *name);
static void ngx_sent_conv_store_entry_put(ngx_sent_conv_store_t *store,
    ngx_sent_conv_store_load_t *load);
static void ngx_sent_conv_store_entry_drop(ngx_sent_conv_store_own_t *own,
    ngx_sent_conv_store_entry_t *entry);
static ngx_queue_t *ngx_sent_conv_store_bucket(ngx_sent_conv_store_own_t *own,
    ngx_sent_conv_by_e by, ngx_str_t *name);
static ngx_int_t ngx_sent_conv_store_wait(ngx_sent_conv_store_waiter_t *w,
    ngx_sent_conv_by_e by, ngx_str_t *name);
static ngx_int_t ngx_sent_conv_store_load(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_load_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_load_part(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_load_done(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_resume(ngx_sent_conv_store_waiter_t *w,
    ngx_sent_conv_err_e err, ngx_sent_conv_store_load_t *load);
static void ngx_sent_conv_store_resume_with(ngx_sent_conv_store_waiter_t *w,
    ngx_sent_conv_customer_t *customer);
static void ngx_sent_conv_store_tell(ngx_sent_conv_store_waiter_t *w,
    ngx_sent_conv_err_e err, ngx_sent_conv_customer_t *customer);
static ngx_sent_conv_customer_t *ngx_sent_conv_store_customer_alloc(
    ngx_sent_conv_store_t *store, ngx_str_t *id);
static ngx_uint_t ngx_sent_conv_store_customer_has(
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_by_e by,
    ngx_str_t *name);
static void ngx_sent_conv_store_reap(ngx_event_t *ev);


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

    own->reap.handler = ngx_sent_conv_store_reap;
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
        entry = ngx_queue_data(q, ngx_sent_conv_store_entry_t, queue);

        ngx_sent_conv_store_entry_drop(own, entry);
    }

    ngx_sent_conv_store_reap(&own->reap);

    if (own->reap.posted) {
        ngx_delete_posted_event(&own->reap);
    }
}


ngx_int_t
ngx_sent_conv_store_customer(ngx_sent_conv_store_t *store,
    ngx_sent_conv_by_e by, ngx_str_t *name,
    ngx_sent_conv_customer_t **customer, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_int_t                      rc;
    ngx_str_t                      id;
    ngx_uint_t                     again;
    ngx_sent_conv_store_entry_t   *entry;
    ngx_sent_conv_store_waiter_t  *w;

    again = 0;
    *customer = NULL;

    entry = ngx_sent_conv_store_entry_fresh(store, by, name);

    if (entry != NULL && !entry->known) {
        return NGX_OK;
    }

    if (entry != NULL && by != NGX_SENT_CONV_BY_ID) {
        id.len = NGX_SENT_CONV_UUID_LEN;
        id.data = entry->id;

        entry = ngx_sent_conv_store_entry_fresh(store, NGX_SENT_CONV_BY_ID,
                                                &id);

        /* what was known of the name and of the customer do not agree */

        if (entry != NULL
            && !ngx_sent_conv_store_customer_has(entry->customer, by, name))
        {
            entry = NULL;
            again = 1;
        }
    }

    if (entry != NULL) {
        *customer = entry->customer;
        return NGX_OK;
    }

    w = ngx_alloc(sizeof(ngx_sent_conv_store_waiter_t) + name->len,
                  store->cycle->log);
    if (w == NULL) {
        return NGX_ERROR;
    }

    w->store = store;
    w->handler = handler;
    w->data = data;
    w->by = by;
    w->name.len = name->len;
    w->name.data = (u_char *) &w[1];
    w->again = again ? 1 : 0;

    ngx_memcpy(w->name.data, name->data, name->len);

    rc = ngx_sent_conv_store_wait(w, by, &w->name);

    if (rc != NGX_OK) {
        ngx_free(w);
        return rc;
    }

    return NGX_AGAIN;
}


static ngx_sent_conv_store_entry_t *
ngx_sent_conv_store_entry_find(ngx_sent_conv_store_t *store,
    ngx_sent_conv_by_e by, ngx_str_t *name)
{
    ngx_queue_t                  *q, *bucket;
    ngx_sent_conv_store_entry_t  *entry;

    bucket = ngx_sent_conv_store_bucket(store->cache, by, name);

    for (q = ngx_queue_head(bucket);
         q != ngx_queue_sentinel(bucket);
         q = ngx_queue_next(q))
    {
        entry = ngx_queue_data(q, ngx_sent_conv_store_entry_t, bucket);

        if (entry->by == by && entry->name.len == name->len
            && ngx_memcmp(entry->name.data, name->data, name->len) == 0)
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
    ngx_msec_t                    age;
    ngx_sent_conv_store_own_t    *own;
    ngx_sent_conv_store_entry_t  *entry;

    entry = ngx_sent_conv_store_entry_find(store, by, name);

    if (entry == NULL
        || entry->generation != ngx_sent_conv_store_generation(store, name))
    {
        return NULL;
    }

    age = ngx_current_msec - entry->time;

    if (age > (entry->known ? NGX_SENT_CONV_STORE_AGE
                            : NGX_SENT_CONV_STORE_UNKNOWN))
    {
        return NULL;
    }

    own = store->cache;

    ngx_queue_remove(&entry->queue);
    ngx_queue_insert_head(&own->entries, &entry->queue);

    return entry;
}


static void
ngx_sent_conv_store_entry_put(ngx_sent_conv_store_t *store,
    ngx_sent_conv_store_load_t *load)
{
    ngx_queue_t                  *bucket, *q;
    ngx_sent_conv_store_own_t    *own;
    ngx_sent_conv_store_entry_t  *entry;

    own = store->cache;

    entry = ngx_sent_conv_store_entry_find(store, load->by, &load->name);

    if (entry != NULL) {
        if ((ngx_msec_int_t) (entry->time - load->time) > 0) {
            return;
        }

        ngx_sent_conv_store_entry_drop(own, entry);
    }

    entry = ngx_alloc(sizeof(ngx_sent_conv_store_entry_t) + load->name.len,
                      store->cycle->log);
    if (entry == NULL) {
        return;
    }

    entry->customer = load->customer
                      ? ngx_sent_conv_customer_hold(load->customer) : NULL;
    entry->generation = load->generation;
    entry->time = load->time;
    entry->by = load->by;
    entry->known = load->known;
    entry->name.len = load->name.len;
    entry->name.data = (u_char *) &entry[1];

    ngx_memcpy(entry->name.data, load->name.data, load->name.len);
    ngx_memcpy(entry->id, load->id, NGX_SENT_CONV_UUID_LEN);

    bucket = ngx_sent_conv_store_bucket(own, entry->by, &entry->name);

    ngx_queue_insert_head(bucket, &entry->bucket);
    ngx_queue_insert_head(&own->entries, &entry->queue);

    if (++own->n > NGX_SENT_CONV_STORE_ENTRIES) {
        q = ngx_queue_last(&own->entries);
        ngx_sent_conv_store_entry_drop(own,
                     ngx_queue_data(q, ngx_sent_conv_store_entry_t, queue));
    }
}


static void
ngx_sent_conv_store_entry_drop(ngx_sent_conv_store_own_t *own,
    ngx_sent_conv_store_entry_t *entry)
{
    ngx_queue_remove(&entry->bucket);
    ngx_queue_remove(&entry->queue);
    own->n--;

    if (entry->customer != NULL) {
        ngx_sent_conv_customer_release(entry->customer);
    }

    ngx_free(entry);
}


static ngx_queue_t *
ngx_sent_conv_store_bucket(ngx_sent_conv_store_own_t *own,
    ngx_sent_conv_by_e by, ngx_str_t *name)
{
    uint32_t  hash;

    hash = ngx_crc32_short(name->data, name->len) + by;

    return &own->buckets[hash % NGX_SENT_CONV_STORE_BUCKETS];
}


/*
 * Joins the load that is under way, if nothing has changed since it began,
 * or begins one.
 */

static ngx_int_t
ngx_sent_conv_store_wait(ngx_sent_conv_store_waiter_t *w,
    ngx_sent_conv_by_e by, ngx_str_t *name)
{
    ngx_int_t                    rc;
    ngx_queue_t                 *q;
    ngx_atomic_uint_t            generation;
    ngx_sent_conv_store_op_t    *op;
    ngx_sent_conv_store_own_t   *own;
    ngx_sent_conv_store_load_t  *load;

    own = w->store->cache;
    generation = ngx_sent_conv_store_generation(w->store, name);

    for (q = ngx_queue_head(&own->loads);
         q != ngx_queue_sentinel(&own->loads);
         q = ngx_queue_next(q))
    {
        load = ngx_queue_data(q, ngx_sent_conv_store_load_t, queue);

        if (load->by == by && load->generation == generation
            && load->name.len == name->len
            && ngx_memcmp(load->name.data, name->data, name->len) == 0)
        {
            ngx_queue_insert_tail(&load->waiters, &w->queue);
            return NGX_OK;
        }
    }

    op = ngx_sent_conv_store_op_create(w->store, NULL, NULL, NULL,
                                       sizeof(ngx_sent_conv_store_load_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    load = op->ctx;

    load->generation = generation;
    load->time = ngx_current_msec;
    load->by = by;

    ngx_queue_init(&load->waiters);

    rc = NGX_ERROR;

    if (ngx_sent_conv_store_copy(op->pool, name, &load->name) == NGX_OK) {
        rc = ngx_sent_conv_store_load(op);
    }

    if (rc != NGX_OK) {

        if (load->customer != NULL) {
            ngx_sent_conv_customer_release(load->customer);
        }

        ngx_sent_conv_store_op_destroy(op);
        return rc;
    }

    ngx_queue_insert_tail(&own->loads, &load->queue);
    ngx_queue_insert_tail(&load->waiters, &w->queue);

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_store_load(ngx_sent_conv_store_op_t *op)
{
    ngx_str_t                    argv[2];
    ngx_uint_t                   i;
    ngx_sent_conv_store_load_t  *load;
    static const char           *hashes[] = {
        "settings", "keys", "numbers", "webhooks"
    };

    load = op->ctx;

    if (ngx_sent_conv_store_batch_init(op, 4, ngx_sent_conv_store_load_each,
                                       ngx_sent_conv_store_load_done)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (load->by != NGX_SENT_CONV_BY_ID) {
        ngx_str_set(&argv[0], "GET");
        ngx_sent_conv_store_key_plain(op,
                 (load->by == NGX_SENT_CONV_BY_KEY) ? "key" : "number",
                 &load->name, &argv[1]);

        ngx_sent_conv_store_batch_add(op, NULL, 2, argv);

        return ngx_sent_conv_store_batch_end(op);
    }

    load->customer = ngx_sent_conv_store_customer_alloc(op->store,
                                                        &load->name);
    if (load->customer == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "HGETALL");

    for (i = 0; i < 4; i++) {
        ngx_sent_conv_store_key_customer(op, &load->name, hashes[i],
                                         &argv[1]);
        ngx_sent_conv_store_batch_add(op, &load->name, 2, argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_load_each(ngx_sent_conv_store_op_t *op, ngx_uint_t index,
    ngx_sent_conv_reply_t *reply)
{
    ngx_str_t                    id;
    ngx_sent_conv_store_load_t  *load;

    load = op->ctx;

    if (load->by == NGX_SENT_CONV_BY_ID) {
        if (ngx_sent_conv_store_load_part(op, index, reply) != NGX_OK) {
            op->err = NGX_SENT_CONV_UNSENT;
        }

        return;
    }

    id = ngx_sent_conv_reply_str(reply);

    if (id.len == NGX_SENT_CONV_UUID_LEN) {
        ngx_memcpy(load->id, id.data, NGX_SENT_CONV_UUID_LEN);
        load->known = 1;
    }
}


static ngx_int_t
ngx_sent_conv_store_load_part(ngx_sent_conv_store_op_t *op, ngx_uint_t index,
    ngx_sent_conv_reply_t *reply)
{
    ngx_int_t                    rc;
    ngx_sent_conv_store_load_t  *load;

    load = op->ctx;

    switch (index) {

    case 0:
        rc = ngx_sent_conv_store_config_settings(load->customer, reply,
                                                 op->pool);
        load->known = (rc == NGX_OK);

        return (rc == NGX_DECLINED) ? NGX_OK : rc;

    case 1:
        return ngx_sent_conv_store_config_keys(load->customer, reply,
                                               op->pool);

    case 2:
        return ngx_sent_conv_store_config_numbers(load->customer, reply,
                                                  op->pool);

    default:
        return ngx_sent_conv_store_config_webhooks(load->customer, reply,
                                                   op->pool);
    }
}


static void
ngx_sent_conv_store_load_done(ngx_sent_conv_store_op_t *op)
{
    ngx_queue_t                   *q;
    ngx_sent_conv_customer_t      *customer;
    ngx_sent_conv_store_load_t    *load;
    ngx_sent_conv_store_waiter_t  *w;

    load = op->ctx;
    customer = load->customer;

    ngx_queue_remove(&load->queue);

    if (!load->known) {
        load->customer = NULL;
    }

    if (op->err == NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_entry_put(op->store, load);
    }

    while (!ngx_queue_empty(&load->waiters)) {
        q = ngx_queue_head(&load->waiters);
        ngx_queue_remove(q);

        w = ngx_queue_data(q, ngx_sent_conv_store_waiter_t, queue);

        ngx_sent_conv_store_resume(w, op->err, load);
    }

    if (customer != NULL) {
        ngx_sent_conv_customer_release(customer);
    }

    ngx_sent_conv_store_op_destroy(op);
}


static void
ngx_sent_conv_store_resume(ngx_sent_conv_store_waiter_t *w,
    ngx_sent_conv_err_e err, ngx_sent_conv_store_load_t *load)
{
    ngx_str_t                     id;
    ngx_sent_conv_store_entry_t  *entry;

    if (err != NGX_SENT_CONV_OK || !load->known) {
        ngx_sent_conv_store_tell(w, err, NULL);
        return;
    }

    if (load->by == NGX_SENT_CONV_BY_ID) {
        ngx_sent_conv_store_resume_with(w, load->customer);
        return;
    }

    id.len = NGX_SENT_CONV_UUID_LEN;
    id.data = load->id;

    entry = w->again ? NULL
            : ngx_sent_conv_store_entry_fresh(w->store, NGX_SENT_CONV_BY_ID,
                                              &id);

    if (entry != NULL) {
        ngx_sent_conv_store_resume_with(w, entry->customer);
        return;
    }

    if (ngx_sent_conv_store_wait(w, NGX_SENT_CONV_BY_ID, &id) != NGX_OK) {
        ngx_sent_conv_store_tell(w, NGX_SENT_CONV_UNSENT, NULL);
    }
}


static void
ngx_sent_conv_store_resume_with(ngx_sent_conv_store_waiter_t *w,
    ngx_sent_conv_customer_t *customer)
{
    if (ngx_sent_conv_store_customer_has(customer, w->by, &w->name)) {
        ngx_sent_conv_store_tell(w, NGX_SENT_CONV_OK, customer);
        return;
    }

    /* the one may be older than the other: both are read once more */

    if (w->again) {
        ngx_sent_conv_store_tell(w, NGX_SENT_CONV_OK, NULL);
        return;
    }

    w->again = 1;

    if (ngx_sent_conv_store_wait(w, w->by, &w->name) != NGX_OK) {
        ngx_sent_conv_store_tell(w, NGX_SENT_CONV_UNSENT, NULL);
    }
}


static void
ngx_sent_conv_store_tell(ngx_sent_conv_store_waiter_t *w,
    ngx_sent_conv_err_e err, ngx_sent_conv_customer_t *customer)
{
    ngx_sent_conv_store_pt   handler;
    void                    *data;

    handler = w->handler;
    data = w->data;

    ngx_free(w);

    /* it was only to be read: nothing can have been accepted */

    if (err != NGX_SENT_CONV_OK) {
        handler(data, NGX_SENT_CONV_UNSENT, NULL);
        return;
    }

    handler(data, NGX_SENT_CONV_OK, customer);
}


static ngx_sent_conv_customer_t *
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


static ngx_uint_t
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


static void
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
