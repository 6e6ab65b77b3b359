
/*
 * The cache of customers, and of the names that lead to them: bounded, the
 * least used goes first.
 */


#include "ngx_sent_conv_store_cache.h"


#define NGX_SENT_CONV_STORE_ENTRIES  4096
#define NGX_SENT_CONV_STORE_AGE      4000
#define NGX_SENT_CONV_STORE_UNKNOWN  1000


static ngx_sent_conv_store_entry_t *ngx_sent_conv_store_entry_find(
    ngx_sent_conv_store_t *store, ngx_sent_conv_by_e by, ngx_str_t *name);
static void ngx_sent_conv_store_entry_drop(ngx_sent_conv_store_own_t *own,
    ngx_sent_conv_store_entry_t *entry);
static ngx_queue_t *ngx_sent_conv_store_bucket(ngx_sent_conv_store_own_t *own,
    ngx_sent_conv_by_e by, ngx_str_t *name);


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

    hash = ngx_murmur_hash2(name->data, name->len) + by;

    return &own->buckets[hash % NGX_SENT_CONV_STORE_BUCKETS];
}


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


ngx_sent_conv_store_entry_t *
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


void
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
