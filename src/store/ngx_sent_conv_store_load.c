
/*
 * How a customer is found: in the cache, or by reading, which those who ask at
 * the same time share.
 */


#include "ngx_sent_conv_store_cache.h"


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
        ngx_sent_conv_count(&store->metrics->cache_hits);
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
        ngx_sent_conv_count(&store->metrics->cache_hits);
        *customer = entry->customer;
        return NGX_OK;
    }

    ngx_sent_conv_count(&store->metrics->cache_misses);

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


ngx_uint_t
ngx_sent_conv_store_customer_cached(ngx_sent_conv_store_t *store,
    ngx_sent_conv_by_e by, ngx_str_t *name)
{
    ngx_sent_conv_store_entry_t  *entry;

    entry = ngx_sent_conv_store_entry_fresh(store, by, name);

    return entry != NULL && entry->known;
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
        "settings", "keys", "numbers", "templates", "webhooks", "agents"
    };

    load = op->ctx;

    if (ngx_sent_conv_store_batch_init(op, 6, ngx_sent_conv_store_load_each,
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

    for (i = 0; i < 6; i++) {
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

    case 3:
        return ngx_sent_conv_store_config_templates(load->customer, reply,
                                                    op->pool);

    case 4:
        return ngx_sent_conv_store_config_webhooks(op, load->customer,
                                                   reply);

    default:
        return ngx_sent_conv_store_config_agents(load->customer, reply,
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

        if (op->err == NGX_SENT_CONV_OK) {
            ngx_sent_conv_store_reseal(op->store, customer);
        }

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
