
/*
 * The breaker of an endpoint: closed, open, half open with one probe; and a
 * bounded table of those there is something to know of.
 */


#include "ngx_sent_conv_core.h"


static ngx_sent_conv_breaker_t *ngx_sent_conv_breaker_set(
    ngx_sent_conv_breakers_t *breakers, u_char *id);
static void ngx_sent_conv_breaker_open(ngx_sent_conv_breaker_t *b,
    ngx_sent_conv_breaker_conf_t *conf, ngx_msec_t now, uint32_t seed);
static ngx_msec_t ngx_sent_conv_breaker_left(ngx_msec_t until,
    ngx_msec_t now);


static ngx_sent_conv_breaker_t *
ngx_sent_conv_breaker_set(ngx_sent_conv_breakers_t *breakers, u_char *id)
{
    uint32_t  hash;

    hash = ngx_murmur_hash2(id, NGX_SENT_CONV_UUID_LEN);

    return breakers->sets[hash % NGX_SENT_CONV_BREAKER_SETS];
}


ngx_sent_conv_breaker_t *
ngx_sent_conv_breaker_find(ngx_sent_conv_breakers_t *breakers, u_char *id)
{
    ngx_uint_t                i;
    ngx_sent_conv_breaker_t  *b;

    b = ngx_sent_conv_breaker_set(breakers, id);

    for (i = 0; i < NGX_SENT_CONV_BREAKER_WAYS; i++) {
        if (ngx_memcmp(b[i].id, id, NGX_SENT_CONV_UUID_LEN) == 0) {
            return &b[i];
        }
    }

    return NULL;
}


ngx_sent_conv_breaker_t *
ngx_sent_conv_breaker_get(ngx_sent_conv_breakers_t *breakers, u_char *id,
    ngx_msec_t now)
{
    ngx_uint_t                i;
    ngx_sent_conv_breaker_t  *b, *set;

    b = ngx_sent_conv_breaker_find(breakers, id);

    if (b == NULL) {
        set = ngx_sent_conv_breaker_set(breakers, id);
        b = &set[0];

        for (i = 0; i < NGX_SENT_CONV_BREAKER_WAYS; i++) {

            if (set[i].id[0] == 0) {
                b = &set[i];
                break;
            }

            if ((ngx_msec_int_t) (set[i].used - b->used) < 0) {
                b = &set[i];
            }
        }

        ngx_memzero(b, sizeof(ngx_sent_conv_breaker_t));
        ngx_memcpy(b->id, id, NGX_SENT_CONV_UUID_LEN);

        b->next = now;
    }

    b->used = now;

    return b;
}


ngx_uint_t
ngx_sent_conv_breaker_version(ngx_sent_conv_breaker_t *b, uint64_t version)
{
    if (version > b->version) {
        ngx_sent_conv_breaker_close(b);

        b->holds = 0;
        b->version = version;
    }

    return version == b->version;
}


/* the number of the probe stays: a late one is not taken for the next */

void
ngx_sent_conv_breaker_close(ngx_sent_conv_breaker_t *b)
{
    b->open = 0;
    b->probing = 0;
    b->failures = 0;
    b->pauses = 0;
}


static void
ngx_sent_conv_breaker_open(ngx_sent_conv_breaker_t *b,
    ngx_sent_conv_breaker_conf_t *conf, ngx_msec_t now, uint32_t seed)
{
    if (!b->open) {
        b->open = 1;
        b->since = now;
        b->next = now;
    }

    b->probing = 0;
    b->pauses++;
    b->until = now + ngx_sent_conv_retry_carrier(conf->min, conf->max,
                                                 b->pauses, seed);
}


static ngx_msec_t
ngx_sent_conv_breaker_left(ngx_msec_t until, ngx_msec_t now)
{
    ngx_msec_int_t  left;

    left = (ngx_msec_int_t) (until - now);

    return (left > 0) ? (ngx_msec_t) left : 0;
}


ngx_msec_t
ngx_sent_conv_breaker_wait(ngx_sent_conv_breaker_t *b, ngx_msec_t now)
{
    ngx_msec_t  wait, left;

    wait = 0;

    if (b->holds) {
        wait = ngx_sent_conv_breaker_left(b->held, now);
        b->holds = (wait != 0);
    }

    if (b->open) {
        wait = ngx_max(wait, ngx_sent_conv_breaker_left(b->until, now));

        if (b->probing) {
            left = ngx_sent_conv_breaker_left(b->limit, now);
            left = ngx_min(left, NGX_SENT_CONV_BREAKER_PROBING);
            wait = ngx_max(wait, left);
        }
    }

    return wait;
}


ngx_msec_t
ngx_sent_conv_breaker_turn(ngx_sent_conv_breaker_t *b, ngx_msec_t now,
    uint32_t seed)
{
    ngx_msec_t  wait, turn;

    wait = ngx_sent_conv_breaker_wait(b, now);

    if (wait == 0) {
        return 0;
    }

    turn = ngx_sent_conv_breaker_left(b->next, now);

    if (turn >= wait + NGX_SENT_CONV_BREAKER_SPREAD) {
        return wait + seed % NGX_SENT_CONV_BREAKER_SPREAD;
    }

    turn = ngx_max(turn, wait) + NGX_SENT_CONV_BREAKER_GAP;
    b->next = now + turn;

    return turn;
}


/* one that was replayed may be old, and shall not go for a short failure */

ngx_msec_t
ngx_sent_conv_breaker_age(ngx_sent_conv_breaker_t *b,
    ngx_sent_conv_breaker_conf_t *conf, ngx_msec_t now)
{
    if (!b->open || now - b->since < conf->wait / NGX_SENT_CONV_BREAKER_WAIT)
    {
        return 0;
    }

    return conf->wait;
}


ngx_msec_t
ngx_sent_conv_breaker_begin(ngx_sent_conv_breaker_t *b, ngx_msec_t now,
    ngx_msec_t limit, uint32_t *probe)
{
    ngx_msec_t  wait;

    *probe = 0;

    wait = ngx_sent_conv_breaker_wait(b, now);

    if (wait == 0 && b->open) {
        b->probing = 1;
        b->limit = now + limit;

        if (++b->probe == 0) {
            b->probe = 1;
        }

        *probe = b->probe;
    }

    return wait;
}


/*
 * While it is open only the probe tells that the endpoint still fails: what
 * began before that may end long after it.
 */

void
ngx_sent_conv_breaker_end(ngx_sent_conv_breaker_t *b,
    ngx_sent_conv_breaker_conf_t *conf, ngx_sent_conv_attempt_e how,
    uint32_t probe, ngx_msec_t now, uint32_t seed)
{
    ngx_uint_t  ours;

    ours = b->probing && b->probe == probe;

    if (how == NGX_SENT_CONV_ATTEMPT_GOOD) {
        ngx_sent_conv_breaker_close(b);
        return;
    }

    if (how == NGX_SENT_CONV_ATTEMPT_NONE) {

        if (ours) {
            b->probing = 0;
        }

        return;
    }

    if (b->open) {

        if (ours) {
            ngx_sent_conv_breaker_open(b, conf, now, seed);
        }

        return;
    }

    b->failures++;

    if (conf->failures && b->failures >= conf->failures) {
        ngx_sent_conv_breaker_open(b, conf, now, seed);
    }
}


void
ngx_sent_conv_breaker_hold(ngx_sent_conv_breaker_t *b, ngx_msec_t until)
{
    if (!b->holds || (ngx_msec_int_t) (until - b->held) > 0) {
        b->held = until;
        b->holds = 1;
    }
}


ngx_msec_t
ngx_sent_conv_breaker_pace(ngx_sent_conv_breaker_t *b, ngx_msec_t now,
    ngx_uint_t rate)
{
    uint64_t  at;

    at = ngx_max(b->paced, (uint64_t) now * 1000);

    b->paced = at + 1000000 / rate;

    return (ngx_msec_t) ((at + 999) / 1000);
}
