
/*
 * A deadline in hand: of a pair, a window that ends, a ping, the word that it
 * is about to expire, the end of a burst; or the next turn of a webhook's
 * recovery.
 */


#include "ngx_http_sent_conv_sweep.h"


/* turns of recoveries in hand at once; what they move has to be delivered */
#define NGX_HTTP_SENT_CONV_DUE_TURNS  4

/* ms until one is looked at again whose webhook is off */
#define NGX_HTTP_SENT_CONV_DUE_OFF    30000


typedef struct {
    ngx_http_sent_conv_sweep_t    *sw;
    ngx_uint_t                     partition;
    ngx_str_t                      customer;
    ngx_str_t                      what;      /* thread, or webhook */
    u_char                         kind;

    unsigned                       recover:1;
    unsigned                       reloaded:1;
} ngx_http_sent_conv_due_t;


static void ngx_http_sent_conv_due_load(ngx_http_sent_conv_due_t *due);
static void ngx_http_sent_conv_due_loaded(void *data,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_due_run(ngx_http_sent_conv_due_t *due,
    ngx_sent_conv_customer_t *customer);
static ngx_int_t ngx_http_sent_conv_due_pair(ngx_http_sent_conv_due_t *due,
    ngx_sent_conv_customer_t *customer);
static ngx_int_t ngx_http_sent_conv_due_unknown(
    ngx_http_sent_conv_due_t *due);
static ngx_int_t ngx_http_sent_conv_due_recover(ngx_http_sent_conv_due_t *due,
    ngx_sent_conv_customer_t *customer);
static ngx_int_t ngx_http_sent_conv_due_forget(ngx_http_sent_conv_due_t *due);
static void ngx_http_sent_conv_due_done(void *data, ngx_sent_conv_err_e err,
    void *result);
static void ngx_http_sent_conv_due_drop(ngx_http_sent_conv_due_t *due);


static u_char  ngx_http_sent_conv_due_kinds[] = "bhpwx";


/* "<kind>:<customer>:<thread>", "b:<customer>:<webhook>" */

void
ngx_http_sent_conv_due(ngx_http_sent_conv_sweep_t *sw, ngx_uint_t partition,
    ngx_str_t *member)
{
    u_char                    *p;
    ngx_http_sent_conv_due_t  *due;

    if (member->len != sizeof("w::") - 1 + 2 * NGX_SENT_CONV_UUID_LEN
        || ngx_strlchr(ngx_http_sent_conv_due_kinds,
                       ngx_http_sent_conv_due_kinds
                       + sizeof(ngx_http_sent_conv_due_kinds) - 1,
                       member->data[0])
           == NULL
        || member->data[1] != ':')
    {
        ngx_log_error(NGX_LOG_ERR, sw->cycle->log, 0,
                      "sent conv deadline of an unknown kind");
        return;
    }

    due = ngx_calloc(sizeof(ngx_http_sent_conv_due_t) + member->len,
                     sw->cycle->log);
    if (due == NULL) {
        return;
    }

    /*
     * set by ngx_calloc():
     *
     *     due->reloaded = 0;
     */

    p = (u_char *) due + sizeof(ngx_http_sent_conv_due_t);
    ngx_memcpy(p, member->data, member->len);

    due->sw = sw;
    due->partition = partition;
    due->kind = p[0];
    due->recover = (p[0] == 'b');
    due->customer.data = p + 2;
    due->customer.len = NGX_SENT_CONV_UUID_LEN;
    due->what.data = due->customer.data + NGX_SENT_CONV_UUID_LEN + 1;
    due->what.len = NGX_SENT_CONV_UUID_LEN;

    sw->due++;
    sw->turns += due->recover;

    if (sw->turns > NGX_HTTP_SENT_CONV_DUE_TURNS && due->recover) {
        ngx_http_sent_conv_due_drop(due);
        return;
    }

    ngx_http_sent_conv_due_load(due);
}


static void
ngx_http_sent_conv_due_load(ngx_http_sent_conv_due_t *due)
{
    ngx_int_t                  rc;
    ngx_sent_conv_customer_t  *customer;

    rc = ngx_sent_conv_store_customer(due->sw->store, NGX_SENT_CONV_BY_ID,
                                      &due->customer, &customer,
                                      ngx_http_sent_conv_due_loaded, due);

    if (rc == NGX_OK) {
        ngx_http_sent_conv_due_run(due, customer);

    } else if (rc != NGX_AGAIN) {
        ngx_http_sent_conv_due_drop(due);
    }
}


static void
ngx_http_sent_conv_due_loaded(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_http_sent_conv_due_t *due = data;

    if (err != NGX_SENT_CONV_OK || due->sw->closed) {
        ngx_http_sent_conv_due_drop(due);
        return;
    }

    ngx_http_sent_conv_due_run(due, result);
}


/* what is not done, or fails, comes again by itself */

static void
ngx_http_sent_conv_due_run(ngx_http_sent_conv_due_t *due,
    ngx_sent_conv_customer_t *customer)
{
    ngx_int_t  rc;

    if (due->recover) {
        rc = ngx_http_sent_conv_due_recover(due, customer);

    } else if (customer == NULL) {
        rc = ngx_http_sent_conv_due_unknown(due);

    } else {
        rc = ngx_http_sent_conv_due_pair(due, customer);
    }

    if (rc != NGX_OK) {
        ngx_http_sent_conv_due_drop(due);
    }
}


static ngx_int_t
ngx_http_sent_conv_due_pair(ngx_http_sent_conv_due_t *due,
    ngx_sent_conv_customer_t *customer)
{
    ngx_sent_conv_store_t  *store;

    store = due->sw->store;

    switch (due->kind) {

    case 'h':
        return ngx_sent_conv_store_quiet(store, customer, &due->what,
                                         ngx_http_sent_conv_due_done, due);

    case 'p':
        return ngx_sent_conv_store_ping(store, customer, &due->what,
                                        ngx_http_sent_conv_due_done, due);

    case 'x':
        return ngx_sent_conv_store_expiring(store, customer, &due->what,
                                            ngx_http_sent_conv_due_done, due);

    default: /* 'w' */
        return ngx_sent_conv_store_expire(store, customer, &due->what,
                                          ngx_http_sent_conv_due_done, due);
    }
}


/* the window of a customer who is no more ends, and nobody is told */

static ngx_int_t
ngx_http_sent_conv_due_unknown(ngx_http_sent_conv_due_t *due)
{
    ngx_int_t                  rc;
    ngx_sent_conv_customer_t  *customer;

    customer = ngx_sent_conv_store_customer_alloc(due->sw->store,
                                                  &due->customer);
    if (customer == NULL) {
        return NGX_ERROR;
    }

    ngx_log_error(NGX_LOG_WARN, due->sw->cycle->log, 0,
                  "sent conv window of an unknown customer");

    rc = ngx_http_sent_conv_due_pair(due, customer);

    ngx_sent_conv_customer_release(customer);

    return rc;
}


/* no more than the webhook takes: what waits already comes first */

static ngx_int_t
ngx_http_sent_conv_due_recover(ngx_http_sent_conv_due_t *due,
    ngx_sent_conv_customer_t *customer)
{
    ngx_msec_t                 later;
    ngx_uint_t                 room;
    ngx_sent_conv_store_t     *store;
    ngx_sent_conv_endpoint_t  *endpoint;

    store = due->sw->store;

    endpoint = customer ? ngx_sent_conv_customer_endpoint(customer, &due->what)
                        : NULL;

    if (endpoint == NULL) {
        return ngx_http_sent_conv_due_forget(due);
    }

    if (!endpoint->is_active) {
        later = NGX_HTTP_SENT_CONV_DUE_OFF;

    } else {
        later = store->busy ? store->busy(store->delivery, endpoint) : 0;
        later = ngx_min(later, NGX_HTTP_SENT_CONV_DUE_OFF);
    }

    room = ngx_http_sent_conv_delivery_room(due->sw->smcf);

    if (later == 0 && room == 0) {
        return NGX_DECLINED;
    }

    return ngx_sent_conv_store_recover_turn(store, customer, endpoint,
                                            due->partition, room, later,
                                            ngx_http_sent_conv_due_done, due);
}


/* it may be new, and the cache old: it is read anew before it is given up */

static ngx_int_t
ngx_http_sent_conv_due_forget(ngx_http_sent_conv_due_t *due)
{
    if (due->reloaded) {
        ngx_sent_conv_store_forget(due->sw->store, &due->customer, &due->what,
                                   due->partition, 1);
        return NGX_DECLINED;
    }

    due->reloaded = 1;

    ngx_sent_conv_store_changed(due->sw->store, &due->customer);
    ngx_http_sent_conv_due_load(due);

    return NGX_OK;
}


static void
ngx_http_sent_conv_due_done(void *data, ngx_sent_conv_err_e err, void *result)
{
    ngx_http_sent_conv_due_t *due = data;

    (void) err;
    (void) result;

    ngx_http_sent_conv_due_drop(due);
}


static void
ngx_http_sent_conv_due_drop(ngx_http_sent_conv_due_t *due)
{
    due->sw->due--;
    due->sw->turns -= due->recover;

    ngx_free(due);
}
