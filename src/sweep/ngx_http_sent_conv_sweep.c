
/*
 * The truth: deadlines and lanes that are due, claimed partition by
 * partition, by whichever worker of the node comes first.
 */


#include "ngx_http_sent_conv_sweep.h"


/* all in ms */
#define NGX_HTTP_SENT_CONV_SWEEP_TICK     50
#define NGX_HTTP_SENT_CONV_SWEEP_IDLE     700
#define NGX_HTTP_SENT_CONV_SWEEP_SPREAD   250
#define NGX_HTTP_SENT_CONV_SWEEP_FULL     100
#define NGX_HTTP_SENT_CONV_SWEEP_PAUSE    2000

#define NGX_HTTP_SENT_CONV_SWEEP_DUE      100    /* deadlines of a claim */
#define NGX_HTTP_SENT_CONV_SWEEP_DUE_MAX  500    /* in hand */
#define NGX_HTTP_SENT_CONV_SWEEP_LANES    32


/* a claim on its way */

typedef struct {
    ngx_http_sent_conv_sweep_t    *sw;
    ngx_uint_t                     partition;
    ngx_uint_t                     deadlines;
    ngx_uint_t                     lanes;
} ngx_http_sent_conv_sweep_claim_t;


static void ngx_http_sent_conv_sweep_timer(ngx_event_t *ev);
static void ngx_http_sent_conv_sweep_tick(ngx_http_sent_conv_sweep_t *sw);
static ngx_int_t ngx_http_sent_conv_sweep_claim(
    ngx_http_sent_conv_sweep_t *sw, ngx_uint_t partition);
static ngx_uint_t ngx_http_sent_conv_sweep_share(
    ngx_http_sent_conv_sweep_t *sw);
static ngx_uint_t ngx_http_sent_conv_sweep_batch(
    ngx_http_sent_conv_sweep_t *sw);
static ngx_uint_t ngx_http_sent_conv_sweep_spare(
    ngx_http_sent_conv_sweep_t *sw, ngx_uint_t partition);
static void ngx_http_sent_conv_sweep_claimed(void *data,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_sweep_next(
    ngx_http_sent_conv_sweep_claim_t *claim,
    ngx_sent_conv_claim_result_t *cr);


ngx_int_t
ngx_http_sent_conv_sweep_init(ngx_cycle_t *cycle,
    ngx_http_sent_conv_main_conf_t *smcf)
{
    ngx_http_sent_conv_sweep_t  *sw;

    sw = ngx_pcalloc(cycle->pool, sizeof(ngx_http_sent_conv_sweep_t));
    if (sw == NULL) {
        return NGX_ERROR;
    }

    sw->smcf = smcf;
    sw->store = smcf->runtime;
    sw->shared = smcf->runtime->shared;
    sw->cycle = cycle;
    sw->partitions = smcf->store.redis.partitions;
    sw->next = ngx_pid % sw->partitions;
    sw->last = ngx_current_msec;

    sw->timer.handler = ngx_http_sent_conv_sweep_timer;
    sw->timer.data = sw;
    sw->timer.log = cycle->log;
    sw->timer.cancelable = 1;

    smcf->sweep = sw;

    ngx_http_sent_conv_hint_tick(sw);

    ngx_add_timer(&sw->timer, NGX_HTTP_SENT_CONV_SWEEP_TICK);

    return NGX_OK;
}


void
ngx_http_sent_conv_sweep_exit(ngx_http_sent_conv_main_conf_t *smcf)
{
    ngx_http_sent_conv_sweep_t  *sw;

    sw = smcf->sweep;

    if (sw == NULL) {
        return;
    }

    sw->closed = 1;

    ngx_http_sent_conv_hint_leave(sw);

    if (sw->timer.timer_set) {
        ngx_del_timer(&sw->timer);
    }
}


static void
ngx_http_sent_conv_sweep_timer(ngx_event_t *ev)
{
    ngx_http_sent_conv_sweep_t  *sw;

    sw = ev->data;

    if (ngx_exiting || ngx_terminate) {
        ngx_http_sent_conv_hint_leave(sw);
        return;
    }

    if (ngx_current_msec - sw->last > NGX_HTTP_SENT_CONV_SWEEP_PAUSE) {
        sw->slept = 1;
        sw->awake = ngx_current_msec;
    }

    sw->last = ngx_current_msec;

    ngx_http_sent_conv_hint_tick(sw);

    if (ngx_sent_conv_redis_usable(sw->store->redis, NULL)) {
        ngx_http_sent_conv_sweep_tick(sw);
    }

    ngx_add_timer(ev, NGX_HTTP_SENT_CONV_SWEEP_TICK);
}


/*
 * No more partitions at once than spreads them over time.  The compare and
 * set makes a partition this worker's until then: another takes it up where
 * nothing comes of the claim.
 */

static void
ngx_http_sent_conv_sweep_tick(ngx_http_sent_conv_sweep_t *sw)
{
    ngx_uint_t          i, n, p;
    ngx_atomic_t       *slot;
    ngx_atomic_uint_t   at;

    n = ngx_http_sent_conv_sweep_batch(sw);

    for (i = 0; i < sw->partitions && n; i++) {

        p = sw->next;
        sw->next = (sw->next + 1) % sw->partitions;

        slot = &sw->shared->sweep[p];
        at = *slot;

        if ((ngx_msec_int_t) (at - ngx_current_msec) > 0) {
            continue;
        }

        if (!ngx_atomic_cmp_set(slot, at,
                                ngx_current_msec
                                + NGX_HTTP_SENT_CONV_SWEEP_IDLE))
        {
            continue;
        }

        n--;

        /* a partition whose master is away is no other's business */

        if (ngx_http_sent_conv_sweep_claim(sw, p) == NGX_ERROR) {
            return;
        }
    }
}


static ngx_int_t
ngx_http_sent_conv_sweep_claim(ngx_http_sent_conv_sweep_t *sw,
    ngx_uint_t partition)
{
    ngx_int_t                          rc;
    ngx_http_sent_conv_sweep_claim_t  *claim;

    claim = ngx_alloc(sizeof(ngx_http_sent_conv_sweep_claim_t),
                      sw->cycle->log);
    if (claim == NULL) {
        return NGX_ERROR;
    }

    claim->sw = sw;
    claim->partition = partition;
    claim->lanes = ngx_http_sent_conv_sweep_share(sw);
    claim->deadlines = (sw->due < NGX_HTTP_SENT_CONV_SWEEP_DUE_MAX)
                       ? NGX_HTTP_SENT_CONV_SWEEP_DUE : 0;

    rc = ngx_sent_conv_store_claim(sw->store, partition, claim->deadlines,
                                   claim->lanes,
                                   ngx_http_sent_conv_sweep_spare(sw,
                                                                  partition),
                                   ngx_http_sent_conv_sweep_claimed, claim);
    if (rc != NGX_OK) {
        ngx_free(claim);
        return rc;
    }

    sw->asked += claim->lanes;

    return NGX_OK;
}


/*
 * How many lanes the claim of one partition may take.  The room is shared out
 * among the partitions of a tick: those that come first, and they may be the
 * same ones for ever, must not leave the others without.
 */

static ngx_uint_t
ngx_http_sent_conv_sweep_share(ngx_http_sent_conv_sweep_t *sw)
{
    ngx_uint_t  room, lanes;

    room = ngx_http_sent_conv_delivery_room(sw->smcf);

    if (room == 0) {
        return 0;
    }

    lanes = (room > sw->asked)
            ? (room - sw->asked) / ngx_http_sent_conv_sweep_batch(sw) : 0;

    return ngx_max(1, ngx_min(lanes, NGX_HTTP_SENT_CONV_SWEEP_LANES));
}


/* partitions of one tick */

static ngx_uint_t
ngx_http_sent_conv_sweep_batch(ngx_http_sent_conv_sweep_t *sw)
{
    return sw->partitions * NGX_HTTP_SENT_CONV_SWEEP_TICK
           / NGX_HTTP_SENT_CONV_SWEEP_SPREAD + 1;
}


/*
 * After a pause of ours or of the line to Redis the owner of a lapsed lease
 * may only have been slow, too, and a person would get the text twice.
 */

static ngx_uint_t
ngx_http_sent_conv_sweep_spare(ngx_http_sent_conv_sweep_t *sw,
    ngx_uint_t partition)
{
    if (sw->slept
        && ngx_current_msec - sw->awake >= NGX_SENT_CONV_LEASE)
    {
        sw->slept = 0;
    }

    return sw->slept
           || ngx_sent_conv_store_age(sw->store, partition)
              < NGX_SENT_CONV_LEASE;
}


static void
ngx_http_sent_conv_sweep_claimed(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_http_sent_conv_sweep_claim_t *claim = data;

    ngx_str_t                     *member;
    ngx_uint_t                     i;
    ngx_sent_conv_claimed_t       *lane;
    ngx_http_sent_conv_sweep_t    *sw;
    ngx_sent_conv_claim_result_t  *cr;

    sw = claim->sw;
    cr = result;

    sw->asked -= claim->lanes;

    if (err == NGX_SENT_CONV_OK && !sw->closed) {

        ngx_http_sent_conv_sweep_next(claim, cr);

        member = cr->due.elts;

        for (i = 0; i < cr->due.nelts; i++) {
            ngx_http_sent_conv_due(sw, claim->partition, &member[i]);
        }

        lane = cr->lanes.elts;

        for (i = 0; i < cr->lanes.nelts; i++) {
            ngx_http_sent_conv_delivery_claimed(sw->smcf, claim->partition,
                                                &lane[i]);
        }
    }

    ngx_free(claim);
}


/* when to come again: Redis's clock to ours; a hint may have come first */

static void
ngx_http_sent_conv_sweep_next(ngx_http_sent_conv_sweep_claim_t *claim,
    ngx_sent_conv_claim_result_t *cr)
{
    int64_t        wait;
    ngx_msec_t     at;
    ngx_atomic_t  *slot;

    wait = NGX_HTTP_SENT_CONV_SWEEP_IDLE;

    if (claim->deadlines == 0 || claim->lanes == 0) {
        wait = NGX_HTTP_SENT_CONV_SWEEP_FULL;
    }

    if (claim->deadlines && cr->next_due >= 0) {
        wait = ngx_min(wait, cr->next_due - cr->now);
    }

    if (claim->lanes && cr->next_lane >= 0) {
        wait = ngx_min(wait, cr->next_lane - cr->now);
    }

    at = ngx_current_msec + (ngx_msec_t) ngx_max(wait, 0);

    slot = &claim->sw->shared->sweep[claim->partition];

    if ((ngx_msec_int_t) (*slot - at) > 0) {
        *slot = at;
    }
}
