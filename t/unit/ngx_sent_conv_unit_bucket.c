
/*
 * Tests of buckets, with a clock of their own.
 */


#include "ngx_sent_conv_unit.h"


#define NGX_SENT_CONV_UNIT_T0  1000000


static void ngx_sent_conv_unit_bucket_rate(void);
static void ngx_sent_conv_unit_bucket_cycle(void);
static void ngx_sent_conv_unit_bucket_give(void);
static void ngx_sent_conv_unit_bucket_clamp(void);
static void ngx_sent_conv_unit_bucket_wrap(void);
static void ngx_sent_conv_unit_bucket_model(void);
static void ngx_sent_conv_unit_bucket_table(ngx_pool_t *pool);
static void ngx_sent_conv_unit_bucket_names(ngx_pool_t *pool);


void
ngx_sent_conv_unit_bucket(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_bucket_rate();
    ngx_sent_conv_unit_bucket_cycle();
    ngx_sent_conv_unit_bucket_give();
    ngx_sent_conv_unit_bucket_clamp();
    ngx_sent_conv_unit_bucket_wrap();
    ngx_sent_conv_unit_bucket_model();
    ngx_sent_conv_unit_bucket_table(pool);
    ngx_sent_conv_unit_bucket_names(pool);
}


static void
ngx_sent_conv_unit_bucket_rate(void)
{
    ngx_sent_conv_rate_t  rate;

    ngx_sent_conv_unit_ok(ngx_sent_conv_rate(&rate, 10, 1000, 20) == NGX_OK
                          && rate.burst == 20
                          && rate.each == ngx_sent_conv_ticks(100),
                          "bucket of 10 a second");
    ngx_sent_conv_unit_ok(ngx_sent_conv_rate(&rate, 1, 60000, 1) == NGX_OK
                          && rate.each == ngx_sent_conv_ticks(60000),
                          "bucket of 1 a minute");
    ngx_sent_conv_unit_ok(ngx_sent_conv_rate(&rate, 1000 * NGX_SENT_CONV_TICKS
                                             + 1, 1000, 1)
                          == NGX_DECLINED, "bucket of more than a tick has");
    ngx_sent_conv_unit_ok(ngx_sent_conv_rate(&rate, 1, 60000,
                                             NGX_MAX_INT_T_VALUE / 2)
                          == NGX_DECLINED, "bucket that is never full");
}


static void
ngx_sent_conv_unit_bucket_cycle(void)
{
    ngx_uint_t             i, ok;
    ngx_atomic_uint_t      now, full;
    ngx_sent_conv_rate_t   rate;
    ngx_sent_conv_taken_t  taken;

    (void) ngx_sent_conv_rate(&rate, 10, 1000, 5);

    now = ngx_sent_conv_ticks(NGX_SENT_CONV_UNIT_T0);
    full = 0;
    ok = 1;

    for (i = 0; i < 5; i++) {
        full = ngx_sent_conv_bucket_take(full, &rate, now, &taken);
        ok &= taken.taken && taken.left == 4 - i && taken.wait == 0
              && taken.full == (i + 1) * 100;
    }

    ngx_sent_conv_unit_ok(ok, "bucket is full at first, and counts down");

    full = ngx_sent_conv_bucket_take(full, &rate, now, &taken);
    ngx_sent_conv_unit_ok(!taken.taken && taken.left == 0
                          && taken.wait == 100 && taken.full == 500,
                          "bucket is empty");

    full = ngx_sent_conv_bucket_take(full, &rate,
                                     now + ngx_sent_conv_ticks(99),
                                     &taken);
    ngx_sent_conv_unit_ok(!taken.taken && taken.wait == 1,
                          "bucket is empty for a ms yet");

    full = ngx_sent_conv_bucket_take(full, &rate,
                                     now + ngx_sent_conv_ticks(100),
                                     &taken);
    ngx_sent_conv_unit_ok(taken.taken && taken.left == 0
                          && taken.full == 500, "bucket has one again");

    full = ngx_sent_conv_bucket_take(full, &rate,
                                     now + ngx_sent_conv_ticks(450),
                                     &taken);
    ngx_sent_conv_unit_ok(taken.taken && taken.left == 2
                          && taken.full == 250, "bucket has three and a half");

    full = ngx_sent_conv_bucket_take(full, &rate,
                                     now + ngx_sent_conv_ticks(86400000),
                                     &taken);
    ngx_sent_conv_unit_ok(taken.taken && taken.left == 4,
                          "bucket is no more than full after a day");
}


static void
ngx_sent_conv_unit_bucket_give(void)
{
    ngx_atomic_uint_t      now, full;
    ngx_sent_conv_rate_t   rate;
    ngx_sent_conv_taken_t  taken;

    (void) ngx_sent_conv_rate(&rate, 1, 1000, 2);

    now = ngx_sent_conv_ticks(NGX_SENT_CONV_UNIT_T0);

    full = ngx_sent_conv_bucket_take(0, &rate, now, &taken);
    full = ngx_sent_conv_bucket_take(full, &rate, now, &taken);
    full = ngx_sent_conv_bucket_give(full, &rate, now);
    full = ngx_sent_conv_bucket_take(full, &rate, now, &taken);
    ngx_sent_conv_unit_ok(taken.taken && taken.left == 0,
                          "bucket was given one back");

    full = ngx_sent_conv_bucket_give(0, &rate, now);
    full = ngx_sent_conv_bucket_take(full, &rate, now, &taken);
    ngx_sent_conv_unit_ok(taken.left == 1, "bucket that is full takes none");
}


/* a reload with another rate must not leave a bucket empty for hours */

static void
ngx_sent_conv_unit_bucket_clamp(void)
{
    ngx_atomic_uint_t      now, full;
    ngx_sent_conv_rate_t   slow, quick;
    ngx_sent_conv_taken_t  taken;

    (void) ngx_sent_conv_rate(&slow, 1, 60000, 2);
    (void) ngx_sent_conv_rate(&quick, 10, 1000, 5);

    now = ngx_sent_conv_ticks(NGX_SENT_CONV_UNIT_T0);

    full = ngx_sent_conv_bucket_take(0, &slow, now, &taken);
    full = ngx_sent_conv_bucket_take(full, &slow, now, &taken);
    full = ngx_sent_conv_bucket_take(full, &quick, now, &taken);
    ngx_sent_conv_unit_ok(!taken.taken && taken.wait == 100
                          && taken.full == 500,
                          "bucket of a slower rate is empty, not more");

    (void) ngx_sent_conv_bucket_take(full, &quick,
                                     now + ngx_sent_conv_ticks(100),
                                     &taken);
    ngx_sent_conv_unit_ok(taken.taken, "bucket fills at the new rate");
}


static void
ngx_sent_conv_unit_bucket_wrap(void)
{
    ngx_atomic_uint_t      now, full;
    ngx_sent_conv_rate_t   rate;
    ngx_sent_conv_taken_t  taken;

    (void) ngx_sent_conv_rate(&rate, 10, 1000, 2);

    now = (ngx_atomic_uint_t) -1;

    full = ngx_sent_conv_bucket_take(now, &rate, now, &taken);
    full = ngx_sent_conv_bucket_take(full, &rate, now, &taken);
    full = ngx_sent_conv_bucket_take(full, &rate, now, &taken);
    ngx_sent_conv_unit_ok(!taken.taken && taken.wait == 100,
                          "bucket over the end of the clock");

    (void) ngx_sent_conv_bucket_take(full, &rate,
                                     now + ngx_sent_conv_ticks(100),
                                     &taken);
    ngx_sent_conv_unit_ok(taken.taken, "bucket behind the end of the clock");
}


/* tokens as whole numbers that come in one by one */

static void
ngx_sent_conv_unit_bucket_model(void)
{
    uint32_t               seed;
    ngx_uint_t             i, step, ms, tokens, ok, n;
    ngx_msec_t             now, part;
    ngx_atomic_uint_t      full;
    ngx_sent_conv_rate_t   rate;
    ngx_sent_conv_taken_t  taken;

    (void) ngx_sent_conv_rate(&rate, 20, 1000, 7);

    seed = 1;
    now = NGX_SENT_CONV_UNIT_T0;
    full = 0;
    tokens = 7;
    part = 0;
    ok = 1;
    n = 0;

    for (i = 0; i < 100000; i++) {
        seed = seed * 1103515245 + 12345;
        step = (seed >> 16) % 120;
        step = (step < 60) ? step / 20 : step;

        for (ms = 0; ms < step; ms++) {
            if (tokens < 7 && ++part == 50) {
                tokens++;
                part = 0;
            }
        }

        now += step;

        full = ngx_sent_conv_bucket_take(full, &rate,
                                         ngx_sent_conv_ticks(now),
                                         &taken);

        if (taken.taken != (tokens > 0)) {
            ok = 0;
            break;
        }

        if (tokens) {
            tokens--;
            n++;

        } else {
            ok &= (taken.wait == 50 - part);
        }

        ok &= (taken.left == tokens);
    }

    ngx_sent_conv_unit_ok(ok, "bucket agrees with a model (%d of %d taken)",
                          (int) n, (int) i);
}


static void
ngx_sent_conv_unit_bucket_table(ngx_pool_t *pool)
{
    ngx_uint_t                i, taken_n;
    ngx_atomic_uint_t         now, name;
    ngx_sent_conv_rate_t      rate;
    ngx_sent_conv_taken_t     taken;
    ngx_sent_conv_buckets_t  *buckets;

    buckets = ngx_pcalloc(pool, sizeof(ngx_sent_conv_buckets_t));
    if (buckets == NULL) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    (void) ngx_sent_conv_rate(&rate, 1, 1000, 3);

    now = ngx_sent_conv_ticks(NGX_SENT_CONV_UNIT_T0);

    for (i = 0, taken_n = 0; i < 10; i++) {
        ngx_sent_conv_buckets_take(buckets, 5, &rate, now, &taken);
        taken_n += taken.taken;
    }

    ngx_sent_conv_unit_ok(taken_n == 3 && !taken.taken, "bucket in a table");

    ngx_sent_conv_buckets_take(buckets, 6, &rate, now, &taken);
    ngx_sent_conv_unit_ok(taken.taken && taken.left == 2,
                          "bucket beside another");

    ngx_sent_conv_buckets_give(buckets, 5, &rate, now);
    ngx_sent_conv_buckets_give(buckets, 7, &rate, now);
    ngx_sent_conv_buckets_take(buckets, 5, &rate, now, &taken);
    ngx_sent_conv_unit_ok(taken.taken && taken.left == 0
                          && ngx_sent_conv_bucket_find(buckets, 7) == NULL,
                          "bucket in a table is given one back");

    /* its set is filled by others, each of which is less empty */

    for (i = 1; i < NGX_SENT_CONV_BUCKET_WAYS; i++) {
        name = 5 + i * NGX_SENT_CONV_BUCKET_SETS;
        ngx_sent_conv_buckets_take(buckets, name, &rate, now, &taken);
    }

    ngx_sent_conv_unit_ok(ngx_sent_conv_bucket_find(buckets, 5) != NULL,
                          "bucket has room for eight in a set");

    name = 5 + NGX_SENT_CONV_BUCKET_WAYS * NGX_SENT_CONV_BUCKET_SETS;
    ngx_sent_conv_buckets_take(buckets, name, &rate, now, &taken);
    ngx_sent_conv_unit_ok(taken.taken && taken.left == 2,
                          "bucket that takes a place is full");
    ngx_sent_conv_unit_ok(ngx_sent_conv_bucket_find(buckets, 5) != NULL,
                          "bucket that is emptiest stays");

    now += ngx_sent_conv_ticks(3000);

    for (i = 100; i < 100 + NGX_SENT_CONV_BUCKET_WAYS; i++) {
        name = 5 + i * NGX_SENT_CONV_BUCKET_SETS;
        ngx_sent_conv_buckets_take(buckets, name, &rate, now, &taken);
    }

    ngx_sent_conv_unit_ok(ngx_sent_conv_bucket_find(buckets, 5) == NULL,
                          "bucket that is full gives way");
}


static void
ngx_sent_conv_unit_bucket_names(ngx_pool_t *pool)
{
    u_char                    text[8];
    ngx_uint_t                i;
    ngx_atomic_uint_t         name, first, last;
    ngx_sent_conv_buckets_t  *names;

    names = ngx_pcalloc(pool, sizeof(ngx_sent_conv_buckets_t));
    if (names == NULL) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    ngx_memzero(text, sizeof(text));

    name = ngx_sent_conv_bucket_name(text, 8);
    text[7] = 1;

    ngx_sent_conv_unit_ok(name != 0
                          && name != ngx_sent_conv_bucket_name(text, 8)
                          && name != ngx_sent_conv_bucket_name(text, 7),
                          "bucket names differ");

    first = 9;
    last = 0;

    for (i = 0; i <= NGX_SENT_CONV_BUCKET_WAYS; i++) {
        last = first + i * NGX_SENT_CONV_BUCKET_SETS;
        ngx_sent_conv_bucket_put(names, last,
                                 ngx_sent_conv_ticks(1000 + i));

        /* used again and again */

        ngx_sent_conv_bucket_put(names, first,
                                 ngx_sent_conv_ticks(1000 + i));
    }

    ngx_sent_conv_unit_ok(ngx_sent_conv_bucket_find(names, first) != NULL
                          && ngx_sent_conv_bucket_find(names, last) != NULL
                          && ngx_sent_conv_bucket_find(names, first
                                           + NGX_SENT_CONV_BUCKET_SETS)
                             == NULL,
                          "bucket set: the oldest name goes");

    ngx_sent_conv_bucket_drop(names, first);
    ngx_sent_conv_bucket_drop(names, 10);
    ngx_sent_conv_unit_ok(ngx_sent_conv_bucket_find(names, first) == NULL,
                          "bucket set: a name is dropped");
}
