
/*
 * Buckets of tokens: so many at once, and one back in so much time; and a
 * bounded table of them that a node's workers share without a lock.
 *
 * Of a bucket one number is kept, the tick at which it will be full again.
 * One that is full is like one that was never there.
 */


#ifndef _NGX_SENT_CONV_BUCKET_H_INCLUDED_
#define _NGX_SENT_CONV_BUCKET_H_INCLUDED_


#include "ngx_sent_conv.h"


#define NGX_SENT_CONV_BUCKET_SETS  2048
#define NGX_SENT_CONV_BUCKET_WAYS  8

/* in a ms; of 32 bits a tick's half must still be some hours */

#if (NGX_PTR_SIZE == 8)
#define NGX_SENT_CONV_TICKS        1000000
#else
#define NGX_SENT_CONV_TICKS        64
#endif


#define ngx_sent_conv_ticks(ms)                                               \
    ((ngx_atomic_uint_t) (ms) * NGX_SENT_CONV_TICKS)


typedef struct {
    ngx_atomic_uint_t            each;       /* ticks for one to come back */
    ngx_uint_t                   burst;      /* in a full bucket; 0 = off */
} ngx_sent_conv_rate_t;


typedef struct {
    ngx_uint_t                   left;
    ngx_msec_t                   wait;       /* until there is one */
    ngx_msec_t                   full;       /* until all are back */
    unsigned                     taken:1;
} ngx_sent_conv_taken_t;


typedef struct {
    ngx_atomic_t                 name;       /* 0: nobody's */
    ngx_atomic_t                 full;
} ngx_sent_conv_bucket_t;


/* all zero at first */

typedef struct {
    ngx_sent_conv_bucket_t       sets[NGX_SENT_CONV_BUCKET_SETS]
                                     [NGX_SENT_CONV_BUCKET_WAYS];
} ngx_sent_conv_buckets_t;


/*
 * n in so many ms, and so many at once.  NGX_DECLINED: more often than once
 * in a tick, or it would take too long until one is full.
 */

ngx_int_t ngx_sent_conv_rate(ngx_sent_conv_rate_t *rate, ngx_uint_t n,
    ngx_msec_t per, ngx_uint_t burst);

/* both return what becomes of "full"; now is in ticks */

ngx_atomic_uint_t ngx_sent_conv_bucket_take(ngx_atomic_uint_t full,
    ngx_sent_conv_rate_t *rate, ngx_atomic_uint_t now,
    ngx_sent_conv_taken_t *taken);
ngx_atomic_uint_t ngx_sent_conv_bucket_give(ngx_atomic_uint_t full,
    ngx_sent_conv_rate_t *rate, ngx_atomic_uint_t now);


/* what a bucket is known by; never 0 */

ngx_atomic_uint_t ngx_sent_conv_bucket_name(u_char *data, size_t len);

/*
 * find: NULL where there is none.  get: one of that name, for which that of
 * its set that is full first goes.
 */

ngx_sent_conv_bucket_t *ngx_sent_conv_bucket_find(
    ngx_sent_conv_buckets_t *buckets, ngx_atomic_uint_t name);
ngx_sent_conv_bucket_t *ngx_sent_conv_bucket_get(
    ngx_sent_conv_buckets_t *buckets, ngx_atomic_uint_t name,
    ngx_atomic_uint_t now);

/* the same as above for a bucket in the table */

void ngx_sent_conv_buckets_take(ngx_sent_conv_buckets_t *buckets,
    ngx_atomic_uint_t name, ngx_sent_conv_rate_t *rate,
    ngx_atomic_uint_t now, ngx_sent_conv_taken_t *taken);
void ngx_sent_conv_buckets_give(ngx_sent_conv_buckets_t *buckets,
    ngx_atomic_uint_t name, ngx_sent_conv_rate_t *rate,
    ngx_atomic_uint_t now);

/*
 * A table as a set of names, where those that were put last stay.
 */

void ngx_sent_conv_bucket_put(ngx_sent_conv_buckets_t *buckets,
    ngx_atomic_uint_t name, ngx_atomic_uint_t now);
void ngx_sent_conv_bucket_drop(ngx_sent_conv_buckets_t *buckets,
    ngx_atomic_uint_t name);


#endif /* _NGX_SENT_CONV_BUCKET_H_INCLUDED_ */
