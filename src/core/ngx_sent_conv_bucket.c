
/*
 * Buckets of tokens, and a table of them.
 */


#include "ngx_sent_conv_core.h"


/* who loses a place to others that often may have any */
#define NGX_SENT_CONV_BUCKET_TRIES  4


static ngx_atomic_int_t ngx_sent_conv_bucket_lag(ngx_atomic_uint_t full,
    ngx_sent_conv_rate_t *rate, ngx_atomic_uint_t now);
static ngx_sent_conv_bucket_t *ngx_sent_conv_bucket_set(
    ngx_sent_conv_buckets_t *buckets, ngx_atomic_uint_t name);


ngx_int_t
ngx_sent_conv_rate(ngx_sent_conv_rate_t *rate, ngx_uint_t n, ngx_msec_t per,
    ngx_uint_t burst)
{
    uint64_t  each;

    each = (uint64_t) per * NGX_SENT_CONV_TICKS / n;

    if (each == 0
        || each > (uint64_t) NGX_MAX_INT_T_VALUE / 2 / ngx_max(burst, 1))
    {
        return NGX_DECLINED;
    }

    rate->each = (ngx_atomic_uint_t) each;
    rate->burst = burst;

    return NGX_OK;
}


/*
 * How far it is from full, in ticks: no further than empty, whatever was
 * written by another rate, or so long ago that the clock has wrapped.
 */

static ngx_atomic_int_t
ngx_sent_conv_bucket_lag(ngx_atomic_uint_t full, ngx_sent_conv_rate_t *rate,
    ngx_atomic_uint_t now)
{
    ngx_atomic_int_t  lag, most;

    lag = (ngx_atomic_int_t) (full - now);
    most = (ngx_atomic_int_t) (rate->burst * rate->each);

    return ngx_max(0, ngx_min(lag, most));
}


ngx_atomic_uint_t
ngx_sent_conv_bucket_take(ngx_atomic_uint_t full, ngx_sent_conv_rate_t *rate,
    ngx_atomic_uint_t now, ngx_sent_conv_taken_t *taken)
{
    ngx_atomic_int_t  lag, most, each;

    each = (ngx_atomic_int_t) rate->each;
    most = (ngx_atomic_int_t) (rate->burst * rate->each);
    lag = ngx_sent_conv_bucket_lag(full, rate, now);

    taken->taken = (lag + each <= most);
    taken->wait = 0;

    if (taken->taken) {
        lag += each;

    } else {
        taken->wait = (ngx_msec_t) ((lag + each - most
                                     + NGX_SENT_CONV_TICKS - 1)
                                    / NGX_SENT_CONV_TICKS);
    }

    taken->left = (ngx_uint_t) ((most - lag) / each);
    taken->full = (ngx_msec_t) ((lag + NGX_SENT_CONV_TICKS - 1)
                                / NGX_SENT_CONV_TICKS);

    return now + (ngx_atomic_uint_t) lag;
}


ngx_atomic_uint_t
ngx_sent_conv_bucket_give(ngx_atomic_uint_t full, ngx_sent_conv_rate_t *rate,
    ngx_atomic_uint_t now)
{
    ngx_atomic_int_t  lag;

    lag = ngx_sent_conv_bucket_lag(full, rate, now);
    lag = ngx_max(0, lag - (ngx_atomic_int_t) rate->each);

    return now + (ngx_atomic_uint_t) lag;
}


ngx_atomic_uint_t
ngx_sent_conv_bucket_name(u_char *data, size_t len)
{
    uint64_t           name;
    ngx_atomic_uint_t  is;

    name = ((uint64_t) ngx_crc32_short(data, len) << 32)
           | ngx_murmur_hash2(data, len);

    is = (ngx_atomic_uint_t) name;

    return is ? is : 1;
}


static ngx_sent_conv_bucket_t *
ngx_sent_conv_bucket_set(ngx_sent_conv_buckets_t *buckets,
    ngx_atomic_uint_t name)
{
    return buckets->sets[name % NGX_SENT_CONV_BUCKET_SETS];
}


ngx_sent_conv_bucket_t *
ngx_sent_conv_bucket_find(ngx_sent_conv_buckets_t *buckets,
    ngx_atomic_uint_t name)
{
    ngx_uint_t               i;
    ngx_sent_conv_bucket_t  *set;

    set = ngx_sent_conv_bucket_set(buckets, name);

    for (i = 0; i < NGX_SENT_CONV_BUCKET_WAYS; i++) {
        if (set[i].name == name) {
            return &set[i];
        }
    }

    return NULL;
}


/*
 * Where two workers make the same one at once, there are two of that name
 * for a while, and the first of them is used.
 */

ngx_sent_conv_bucket_t *
ngx_sent_conv_bucket_get(ngx_sent_conv_buckets_t *buckets,
    ngx_atomic_uint_t name, ngx_atomic_uint_t now)
{
    ngx_uint_t               i, tries;
    ngx_atomic_int_t         lag, least;
    ngx_atomic_uint_t        was, full;
    ngx_sent_conv_bucket_t  *b, *set;

    set = ngx_sent_conv_bucket_set(buckets, name);
    b = NULL;

    for (tries = 0; tries < NGX_SENT_CONV_BUCKET_TRIES; tries++) {

        b = ngx_sent_conv_bucket_find(buckets, name);
        if (b != NULL) {
            return b;
        }

        b = &set[0];
        least = NGX_MAX_INT_T_VALUE;

        for (i = 0; i < NGX_SENT_CONV_BUCKET_WAYS; i++) {

            if (set[i].name == 0) {
                b = &set[i];
                break;
            }

            lag = (ngx_atomic_int_t) (set[i].full - now);

            if (lag < least) {
                least = lag;
                b = &set[i];
            }
        }

        was = b->name;
        full = b->full;

        if (was != name && !ngx_atomic_cmp_set(&b->name, was, name)) {
            continue;
        }

        /* what another's was short of is not this one's */

        if (was != name && (ngx_atomic_int_t) (full - now) > 0) {
            (void) ngx_atomic_cmp_set(&b->full, full, now);
        }

        break;
    }

    return b;
}


void
ngx_sent_conv_buckets_take(ngx_sent_conv_buckets_t *buckets,
    ngx_atomic_uint_t name, ngx_sent_conv_rate_t *rate,
    ngx_atomic_uint_t now, ngx_sent_conv_taken_t *taken)
{
    ngx_atomic_uint_t        was, full;
    ngx_sent_conv_bucket_t  *b;

    b = ngx_sent_conv_bucket_get(buckets, name, now);

    do {
        was = b->full;
        full = ngx_sent_conv_bucket_take(was, rate, now, taken);

    } while (full != was && !ngx_atomic_cmp_set(&b->full, was, full));
}


void
ngx_sent_conv_buckets_give(ngx_sent_conv_buckets_t *buckets,
    ngx_atomic_uint_t name, ngx_sent_conv_rate_t *rate,
    ngx_atomic_uint_t now)
{
    ngx_atomic_uint_t        was, full;
    ngx_sent_conv_bucket_t  *b;

    b = ngx_sent_conv_bucket_find(buckets, name);

    if (b == NULL) {
        return;
    }

    do {
        was = b->full;
        full = ngx_sent_conv_bucket_give(was, rate, now);

    } while (full != was && !ngx_atomic_cmp_set(&b->full, was, full));
}


void
ngx_sent_conv_bucket_put(ngx_sent_conv_buckets_t *buckets,
    ngx_atomic_uint_t name, ngx_atomic_uint_t now)
{
    ngx_sent_conv_bucket_get(buckets, name, now)->full = now;
}


void
ngx_sent_conv_bucket_drop(ngx_sent_conv_buckets_t *buckets,
    ngx_atomic_uint_t name)
{
    ngx_sent_conv_bucket_t  *b;

    b = ngx_sent_conv_bucket_find(buckets, name);

    if (b != NULL) {
        (void) ngx_atomic_cmp_set(&b->name, name, 0);
    }
}
