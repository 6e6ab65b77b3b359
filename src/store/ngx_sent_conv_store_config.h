
/*
 * What the store knows of customers: their configuration, cached, and what
 * the operator and the customers change of it.
 */


#ifndef _NGX_SENT_CONV_STORE_CONFIG_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_CONFIG_H_INCLUDED_


/*
 * store_customer.c: configuration, cached; how a customer may be named
 */

typedef enum {
    NGX_SENT_CONV_BY_ID = 0,
    NGX_SENT_CONV_BY_KEY,                /* hex SHA-256 of an API key */
    NGX_SENT_CONV_BY_NUMBER              /* "<channel>:<e164>" */
} ngx_sent_conv_by_e;

/*
 * NGX_OK with *customer set (NULL = there is none), from the cache, the
 * handler is not called; NGX_AGAIN: result = ngx_sent_conv_customer_t * or
 * NULL, later; NGX_DECLINED, NGX_ERROR as above.
 */

ngx_int_t ngx_sent_conv_store_customer(ngx_sent_conv_store_t *store,
    ngx_sent_conv_by_e by, ngx_str_t *name,
    ngx_sent_conv_customer_t **customer, ngx_sent_conv_store_pt handler,
    void *data);

/* would it be OK from the cache, and not NULL? */

ngx_uint_t ngx_sent_conv_store_customer_cached(ngx_sent_conv_store_t *store,
    ngx_sent_conv_by_e by, ngx_str_t *name);

/* one of whom nothing is known but the id; held once, NULL = no memory */

ngx_sent_conv_customer_t *ngx_sent_conv_store_customer_alloc(
    ngx_sent_conv_store_t *store, ngx_str_t *id);

ngx_sent_conv_customer_t *ngx_sent_conv_customer_hold(
    ngx_sent_conv_customer_t *customer);
void ngx_sent_conv_customer_release(ngx_sent_conv_customer_t *customer);

ngx_sent_conv_endpoint_t *ngx_sent_conv_customer_endpoint(
    ngx_sent_conv_customer_t *customer, ngx_str_t *id);
ngx_sent_conv_number_t *ngx_sent_conv_customer_number(
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_channel_e channel,
    ngx_str_t *e164);
ngx_sent_conv_apikey_t *ngx_sent_conv_customer_key(
    ngx_sent_conv_customer_t *customer, ngx_str_t *sha256);

ngx_sent_conv_template_t *ngx_sent_conv_customer_template(
    ngx_sent_conv_customer_t *customer, ngx_str_t *id);
ngx_sent_conv_template_t *ngx_sent_conv_customer_template_name(
    ngx_sent_conv_customer_t *customer, ngx_str_t *name);

/* what was published by another node, and the reset after a lost line */

void ngx_sent_conv_store_changed(ngx_sent_conv_store_t *store,
    ngx_str_t *customer);

/*
 * store_admin.c: the operator's changes.  Each raises the node's generation
 * and publishes before its handler is called.
 */

/* result: ngx_sent_conv_customer_t * as stored */
ngx_int_t ngx_sent_conv_store_customer_create(ngx_sent_conv_store_t *store,
    ngx_str_t *id, ngx_str_t *name, ngx_sent_conv_store_pt handler,
    void *data);

/* members left with data == NULL (or -1) stay as they are */

typedef struct {
    ngx_str_t     keywords;              /* JSON array */
    ngx_str_t     confirmation;          /* len 0, data not NULL: none */
    ngx_str_t     help;
    ngx_int_t     conversations;
} ngx_sent_conv_customer_patch_t;

/* result: NULL */
ngx_int_t ngx_sent_conv_store_customer_patch(ngx_sent_conv_store_t *store,
    ngx_str_t *id, ngx_sent_conv_customer_patch_t *patch,
    ngx_sent_conv_store_pt handler, void *data);

/* result: ngx_array_t * of ngx_str_t, ids, oldest first */
ngx_int_t ngx_sent_conv_store_customers(ngx_sent_conv_store_t *store,
    ngx_sent_conv_store_pt handler, void *data);

ngx_int_t ngx_sent_conv_store_key_put(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_apikey_t *key,
    ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_key_delete(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_apikey_t *key,
    ngx_sent_conv_store_pt handler, void *data);

/* result: ngx_int_t *: NGX_OK, or NGX_DECLINED = another customer has it */
ngx_int_t ngx_sent_conv_store_number_put(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_number_t *number,
    ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_number_delete(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_number_t *number,
    ngx_sent_conv_store_pt handler, void *data);

/*
 * result: ngx_int_t *: NGX_OK, NGX_DECLINED = another has the name, or
 * NGX_ABORT = there are NGX_SENT_CONV_MAX_TEMPLATES already
 */
ngx_int_t ngx_sent_conv_store_template_put(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_template_t *template,
    ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_template_delete(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *id, ngx_sent_conv_store_pt handler,
    void *data);


/*
 * store_webhook.c
 */

/*
 * What became of a change: NGX_OK with the webhook as it stands, NGX_DECLINED
 * = there is none, NGX_ABORT = there are 20 already, or it could not be edited
 * so, NGX_BUSY = others keep changing it; then nothing was written.
 */

typedef struct {
    ngx_int_t                  rc;
    ngx_sent_conv_endpoint_t   endpoint;
} ngx_sent_conv_webhook_t;

/*
 * Makes a webhook of its record: called with what stands, each time that was
 * changed by another before it could be written.  NGX_OK: to be written;
 * NGX_DONE: all is as it should be; NGX_ABORT: it cannot be.
 */

typedef ngx_int_t (*ngx_sent_conv_edit_pt)(void *data,
    ngx_sent_conv_endpoint_t *endpoint);

/*
 * result: ngx_sent_conv_webhook_t *.  create: one that is there already, by
 * an earlier run, stays and is the result.  edit: what it sets must last
 * until the handler; one that is switched on has no failures any more.
 */
ngx_int_t ngx_sent_conv_store_webhook_create(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_endpoint_t *endpoint,
    ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_webhook_edit(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *id, ngx_sent_conv_edit_pt edit,
    void *edited, ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_webhook_delete(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *id, ngx_sent_conv_store_pt handler,
    void *data);

/* how an endpoint fares; times in ms, 0 = never */

typedef struct {
    ngx_str_t     id;
    uint64_t      last_attempt;
    uint64_t      last_success;
    ngx_uint_t    failures;              /* events given up in a row */
    ngx_uint_t    dead;                  /* events given up, ever */
} ngx_sent_conv_health_t;

/* result: ngx_array_t * of ngx_sent_conv_health_t */
ngx_int_t ngx_sent_conv_store_health(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_store_pt handler, void *data);

/*
 * What became of attempts, without an answer to wait for: a webhook whose
 * events are given up for too long, or that is gone, is switched off.  good
 * and bad are written at most once a second per endpoint and worker.
 */

typedef enum {
    NGX_SENT_CONV_HEALTH_GOOD = 0,
    NGX_SENT_CONV_HEALTH_BAD,
    NGX_SENT_CONV_HEALTH_DEAD,           /* n events were given up */
    NGX_SENT_CONV_HEALTH_GONE            /* it wants nothing more */
} ngx_sent_conv_outcome_e;

void ngx_sent_conv_store_health_note(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *endpoint, ngx_sent_conv_outcome_e outcome,
    ngx_uint_t n);


#endif /* _NGX_SENT_CONV_STORE_CONFIG_H_INCLUDED_ */
