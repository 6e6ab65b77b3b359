
/*
 * What the files of the cache share.  What is cached counts only while its
 * slot's generation is what it was before the reading began, and not for
 * long; what is not there is asked for once, however many wait for it.
 */


#ifndef _NGX_SENT_CONV_STORE_CACHE_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_CACHE_H_INCLUDED_


#include "ngx_sent_conv_store_private.h"


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


/* who waits for a load; again: nothing cached will do */

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


/* ngx_sent_conv_store_cache.c; fresh: NULL, or what may be used as it is */

ngx_sent_conv_store_entry_t *ngx_sent_conv_store_entry_fresh(
    ngx_sent_conv_store_t *store, ngx_sent_conv_by_e by, ngx_str_t *name);
void ngx_sent_conv_store_entry_put(ngx_sent_conv_store_t *store,
    ngx_sent_conv_store_load_t *load);


/* ngx_sent_conv_store_customer.c; has: is that its name? */

ngx_uint_t ngx_sent_conv_store_customer_has(
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_by_e by,
    ngx_str_t *name);
void ngx_sent_conv_store_reap(ngx_event_t *ev);


#endif /* _NGX_SENT_CONV_STORE_CACHE_H_INCLUDED_ */
