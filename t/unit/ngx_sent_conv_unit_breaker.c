
/*
 * Tests of breakers, with a clock of their own.
 */


#include "ngx_sent_conv_unit.h"


#define NGX_SENT_CONV_UNIT_T0     1000000
#define NGX_SENT_CONV_UNIT_LIMIT  35000


static void ngx_sent_conv_unit_breaker_cycle(void);
static void ngx_sent_conv_unit_breaker_probe(void);
static void ngx_sent_conv_unit_breaker_hold(void);
static void ngx_sent_conv_unit_breaker_turns(void);
static void ngx_sent_conv_unit_breaker_version(void);
static void ngx_sent_conv_unit_breaker_pace(void);
static void ngx_sent_conv_unit_breaker_table(ngx_pool_t *pool);
static void ngx_sent_conv_unit_breaker_fail(ngx_sent_conv_breaker_t *b,
    ngx_uint_t n, uint32_t probe, ngx_msec_t now);


/* a seed of 200 is a pause of 100 % */

static ngx_sent_conv_breaker_conf_t  ngx_sent_conv_unit_breaker_conf = {
    3, 1000, 4000, 86400000
};


void
ngx_sent_conv_unit_breaker(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_breaker_cycle();
    ngx_sent_conv_unit_breaker_probe();
    ngx_sent_conv_unit_breaker_hold();
    ngx_sent_conv_unit_breaker_turns();
    ngx_sent_conv_unit_breaker_version();
    ngx_sent_conv_unit_breaker_pace();
    ngx_sent_conv_unit_breaker_table(pool);
}


static void
ngx_sent_conv_unit_breaker_fail(ngx_sent_conv_breaker_t *b, ngx_uint_t n,
    uint32_t probe, ngx_msec_t now)
{
    while (n--) {
        ngx_sent_conv_breaker_end(b, &ngx_sent_conv_unit_breaker_conf,
                                  NGX_SENT_CONV_ATTEMPT_BAD, probe, now, 200);
    }
}


static void
ngx_sent_conv_unit_breaker_cycle(void)
{
    uint32_t                  probe;
    ngx_msec_t                now;
    ngx_uint_t                i;
    ngx_sent_conv_breaker_t   b;

    static const ngx_msec_t   pauses[] = { 1000, 2000, 4000, 4000, 4000 };

    ngx_memzero(&b, sizeof(ngx_sent_conv_breaker_t));
    now = NGX_SENT_CONV_UNIT_T0;

    ngx_sent_conv_unit_breaker_fail(&b, 2, 0, now);
    ngx_sent_conv_breaker_end(&b, &ngx_sent_conv_unit_breaker_conf,
                              NGX_SENT_CONV_ATTEMPT_GOOD, 0, now, 200);
    ngx_sent_conv_unit_breaker_fail(&b, 2, 0, now);

    ngx_sent_conv_unit_ok(!b.open && ngx_sent_conv_breaker_wait(&b, now) == 0,
                          "breaker: four failures, but not in a row");

    ngx_sent_conv_unit_breaker_fail(&b, 1, 0, now);

    ngx_sent_conv_unit_ok(b.open, "breaker: opens at the third");

    for (i = 0; i < 5; i++) {
        ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_wait(&b, now)
                              == pauses[i], "breaker: pause %d", (int) i);
        ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_begin(&b,
                                      now + pauses[i] - 1,
                                      NGX_SENT_CONV_UNIT_LIMIT, &probe)
                              == 1 && probe == 0,
                              "breaker: nobody within pause %d", (int) i);

        now += pauses[i];

        ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_begin(&b, now,
                                      NGX_SENT_CONV_UNIT_LIMIT, &probe)
                              == 0 && probe == i + 1,
                              "breaker: a probe after it");

        ngx_sent_conv_unit_breaker_fail(&b, 1, probe, now);
    }

    now += 4000;

    (void) ngx_sent_conv_breaker_begin(&b, now, NGX_SENT_CONV_UNIT_LIMIT,
                                       &probe);

    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_age(&b,
                                      &ngx_sent_conv_unit_breaker_conf,
                                      NGX_SENT_CONV_UNIT_T0 + 3599999) == 0,
                          "breaker: nothing is too old yet");
    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_age(&b,
                                      &ngx_sent_conv_unit_breaker_conf,
                                      NGX_SENT_CONV_UNIT_T0 + 3600000)
                          == 86400000, "breaker: a day is too old");

    ngx_sent_conv_breaker_end(&b, &ngx_sent_conv_unit_breaker_conf,
                              NGX_SENT_CONV_ATTEMPT_GOOD, probe, now, 200);

    ngx_sent_conv_unit_ok(!b.open, "breaker: closed by a success");
    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_age(&b,
                                      &ngx_sent_conv_unit_breaker_conf,
                                      NGX_SENT_CONV_UNIT_T0 + 3600000) == 0,
                          "breaker: nothing is too old for one that works");

    ngx_sent_conv_unit_breaker_fail(&b, 3, 0, now);

    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_wait(&b, now) == 1000,
                          "breaker: and begins anew");
}


static void
ngx_sent_conv_unit_breaker_probe(void)
{
    uint32_t                  first, second;
    ngx_msec_t                now;
    ngx_sent_conv_breaker_t   b;

    ngx_memzero(&b, sizeof(ngx_sent_conv_breaker_t));
    now = NGX_SENT_CONV_UNIT_T0;

    ngx_sent_conv_unit_breaker_fail(&b, 3, 0, now);

    /* what was on its way before neither lengthens the pause nor ends it */

    ngx_sent_conv_unit_breaker_fail(&b, 20, 0, now + 500);

    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_wait(&b, now + 500) == 500,
                          "probe: late failures change nothing");

    now += 1000;

    (void) ngx_sent_conv_breaker_begin(&b, now, NGX_SENT_CONV_UNIT_LIMIT,
                                       &first);

    ngx_sent_conv_unit_ok(first
                          && ngx_sent_conv_breaker_begin(&b, now + 10,
                                      NGX_SENT_CONV_UNIT_LIMIT, &second)
                             == NGX_SENT_CONV_BREAKER_PROBING
                          && second == 0, "probe: one at a time");

    /* it comes to nothing, and another takes its place */

    ngx_sent_conv_breaker_end(&b, &ngx_sent_conv_unit_breaker_conf,
                              NGX_SENT_CONV_ATTEMPT_NONE, first, now, 200);

    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_begin(&b, now,
                                      NGX_SENT_CONV_UNIT_LIMIT, &first)
                          == 0 && first == 2, "probe: given back");

    /* its owner dies */

    now += NGX_SENT_CONV_UNIT_LIMIT;

    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_begin(&b, now - 1,
                                      NGX_SENT_CONV_UNIT_LIMIT, &second)
                          == 1, "probe: its time");
    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_begin(&b, now,
                                      NGX_SENT_CONV_UNIT_LIMIT, &second)
                          == 0 && second == 3, "probe: taken for lost");

    ngx_sent_conv_unit_breaker_fail(&b, 1, first, now);
    ngx_sent_conv_breaker_end(&b, &ngx_sent_conv_unit_breaker_conf,
                              NGX_SENT_CONV_ATTEMPT_NONE, first, now, 200);

    ngx_sent_conv_unit_ok(b.probing && b.pauses == 1,
                          "probe: the lost one tells nothing");

    ngx_sent_conv_breaker_end(&b, &ngx_sent_conv_unit_breaker_conf,
                              NGX_SENT_CONV_ATTEMPT_GOOD, first, now, 200);

    ngx_sent_conv_unit_ok(!b.open, "probe: but that it succeeded");

    ngx_sent_conv_unit_breaker_fail(&b, 1, second, now);

    ngx_sent_conv_unit_ok(!b.open && b.failures == 1,
                          "probe: one that fails after that is a failure");
}


static void
ngx_sent_conv_unit_breaker_hold(void)
{
    uint32_t                  probe;
    ngx_msec_t                now;
    ngx_sent_conv_breaker_t   b;

    ngx_memzero(&b, sizeof(ngx_sent_conv_breaker_t));
    now = NGX_SENT_CONV_UNIT_T0;

    ngx_sent_conv_breaker_hold(&b, now + 5000);
    ngx_sent_conv_breaker_hold(&b, now + 3000);

    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_wait(&b, now) == 5000,
                          "hold: the longest");

    ngx_sent_conv_breaker_end(&b, &ngx_sent_conv_unit_breaker_conf,
                              NGX_SENT_CONV_ATTEMPT_GOOD, 0, now, 200);

    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_wait(&b, now + 4999) == 1,
                          "hold: a success does not end it");

    ngx_sent_conv_unit_breaker_fail(&b, 3, 0, now);

    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_begin(&b, now + 2000,
                                      NGX_SENT_CONV_UNIT_LIMIT, &probe)
                          == 3000 && probe == 0, "hold: not even a probe");
    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_begin(&b, now + 5000,
                                      NGX_SENT_CONV_UNIT_LIMIT, &probe)
                          == 0 && probe == 1, "hold: a probe after it");
}


/* those that are sent away come back one after another, within bounds */

static void
ngx_sent_conv_unit_breaker_turns(void)
{
    ngx_msec_t                now, turn, last;
    ngx_uint_t                i, ok;
    ngx_sent_conv_breaker_t   b;

    ngx_memzero(&b, sizeof(ngx_sent_conv_breaker_t));
    now = NGX_SENT_CONV_UNIT_T0;
    b.next = now;

    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_turn(&b, now, 7) == 0,
                          "turn: at once");

    ngx_sent_conv_unit_breaker_fail(&b, 3, 0, now);

    last = 1000;
    ok = 1;

    for (i = 0; i < 1000; i++) {
        turn = ngx_sent_conv_breaker_turn(&b, now, 7);
        ok = ok && turn > last && turn <= last + 10;
        last = turn;
    }

    ngx_sent_conv_unit_ok(ok && last <= 1000 + 10 * 1000,
                          "turn: each after the other");

    last = 0;

    for (i = 0; i < 200000; i++) {
        turn = ngx_sent_conv_breaker_turn(&b, now, i);
        ok = ok && turn >= 1000;
        last = ngx_max(last, turn);
    }

    ngx_sent_conv_unit_ok(ok && last <= 1000 + NGX_SENT_CONV_BREAKER_SPREAD
                                        + NGX_SENT_CONV_BREAKER_GAP,
                          "turn: no later than that");

    ngx_sent_conv_breaker_close(&b);
    ngx_sent_conv_unit_breaker_fail(&b, 3, 0, now);

    turn = ngx_sent_conv_breaker_turn(&b, now, 7);

    ngx_sent_conv_unit_ok(turn > 1000 && turn < 1100,
                          "turn: those of before are not waited for");
}


static void
ngx_sent_conv_unit_breaker_version(void)
{
    ngx_msec_t                now;
    ngx_sent_conv_breaker_t   b;

    ngx_memzero(&b, sizeof(ngx_sent_conv_breaker_t));
    now = NGX_SENT_CONV_UNIT_T0;

    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_version(&b, 20),
                          "version: first");

    ngx_sent_conv_unit_breaker_fail(&b, 3, 0, now);
    ngx_sent_conv_breaker_hold(&b, now + 5000);

    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_version(&b, 20)
                          && b.open, "version: the same");
    ngx_sent_conv_unit_ok(!ngx_sent_conv_breaker_version(&b, 19)
                          && b.open, "version: an older one");
    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_version(&b, 21)
                          && ngx_sent_conv_breaker_wait(&b, now) == 0,
                          "version: a newer one begins anew");
}


static void
ngx_sent_conv_unit_breaker_pace(void)
{
    ngx_msec_t                now, at;
    ngx_uint_t                i, ok;
    ngx_sent_conv_breaker_t   b;

    ngx_memzero(&b, sizeof(ngx_sent_conv_breaker_t));
    now = NGX_SENT_CONV_UNIT_T0;
    at = now;
    ok = 1;

    for (i = 0; i < 100; i++) {
        at = ngx_sent_conv_breaker_pace(&b, now, 3);
        ok = ok && at >= now + i * 333 && at <= now + i * 334;
    }

    ngx_sent_conv_unit_ok(ok, "pace: three a second");

    now += 3600000;

    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_pace(&b, now, 3) == now
                          && ngx_sent_conv_breaker_pace(&b, now, 3) > now,
                          "pace: nothing is saved up");

    for (i = 0; i < 10000; i++) {
        at = ngx_sent_conv_breaker_pace(&b, now, 10000);
    }

    ngx_sent_conv_unit_ok(at - now >= 1000 && at - now <= 2000,
                          "pace: ten thousand a second");
}


static void
ngx_sent_conv_unit_breaker_table(ngx_pool_t *pool)
{
    u_char                     id[NGX_SENT_CONV_UUID_LEN + 1];
    ngx_uint_t                 i, found;
    ngx_sent_conv_breaker_t   *b;
    ngx_sent_conv_breakers_t  *table;

    table = ngx_pcalloc(pool, sizeof(ngx_sent_conv_breakers_t));
    if (table == NULL) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    for (i = 0; i < 100000; i++) {
        (void) ngx_sprintf(id, "%08ui-0000-4000-8000-000000000000", i);

        b = ngx_sent_conv_breaker_get(table, id, i);
        b->failures = (uint32_t) i;

        /* one that is used again and again */

        (void) ngx_sprintf(id, "%08ui-0000-4000-8000-000000000000", 5);
        (void) ngx_sent_conv_breaker_get(table, id, i);
    }

    b = ngx_sent_conv_breaker_find(table, id);

    ngx_sent_conv_unit_ok(b != NULL && b->failures == 5,
                          "table: what is used stays");

    found = 0;

    for (i = 0; i < 100000; i++) {
        (void) ngx_sprintf(id, "%08ui-0000-4000-8000-000000000000", i);

        b = ngx_sent_conv_breaker_find(table, id);

        if (b != NULL && b->failures == i) {
            found++;
        }
    }

    ngx_sent_conv_unit_ok(found == NGX_SENT_CONV_BREAKER_SETS
                                   * NGX_SENT_CONV_BREAKER_WAYS,
                          "table: full, and no fuller");

    ngx_sent_conv_unit_ok(ngx_sent_conv_breaker_find(table, id) != NULL,
                          "table: the last one");
}
