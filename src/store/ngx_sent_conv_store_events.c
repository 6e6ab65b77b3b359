
/*
 * Events of an endpoint: what waits, then what ended, the partitions' parts
 * merged into one.
 */


#include "ngx_sent_conv_store_events.h"


/* of each part, at a time */
#define NGX_SENT_CONV_STORE_EVENTS_BATCH  64

/* of scripts for one page; beside one of each partition */
#define NGX_SENT_CONV_STORE_EVENTS_CALLS  512


static ngx_int_t ngx_sent_conv_store_events_init(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_events_t *list);
static ngx_int_t ngx_sent_conv_store_events_alloc(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_events_t *list);
static ngx_sent_conv_store_spot_t *ngx_sent_conv_store_events_bound(
    ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_events_merge(
    ngx_sent_conv_store_events_t *ctx, ngx_array_t *rows,
    ngx_sent_conv_store_spot_t *bound);
static ngx_int_t ngx_sent_conv_store_events_take(
    ngx_sent_conv_store_events_t *ctx, ngx_sent_conv_store_row_t *row);
static void ngx_sent_conv_store_events_finish(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_events_ends(
    ngx_sent_conv_store_op_t *op);
static int ngx_libc_cdecl ngx_sent_conv_store_events_newer(const void *one,
    const void *two);
static int ngx_libc_cdecl ngx_sent_conv_store_events_older(const void *one,
    const void *two);


ngx_int_t
ngx_sent_conv_store_events(ngx_sent_conv_store_t *store,
    ngx_sent_conv_events_t *list, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, list->customer, handler, data,
                                       sizeof(ngx_sent_conv_store_events_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_events_init(op, list);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_events_scan(op);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_events_init(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_events_t *list)
{
    ngx_uint_t                     waiting;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;

    ctx->list = *list;
    ctx->skip = list->offset;
    ctx->batch = 2 * (list->limit + list->offset + 1)
                 / op->store->conf->redis.partitions + 4;
    ctx->batch = ngx_min(ctx->batch, NGX_SENT_CONV_STORE_EVENTS_BATCH);

    if (ngx_sent_conv_store_events_alloc(op, list) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->placed = ngx_sent_conv_store_spot_parse(&ctx->list.cursor,
                                                 &ctx->from)
                  == NGX_OK;

    if (!ctx->placed) {
        ctx->list.before = 0;
    }

    /* what ended comes behind all that waits */

    waiting = !ctx->placed || ctx->from.where == NGX_SENT_CONV_STORE_WAITS;

    ctx->ended = !(waiting && ctx->list.before);
    ctx->waits = (waiting || ctx->list.before)
                 && (ctx->list.statuses & ((1 << NGX_SENT_CONV_EVENT_PENDING)
                                      | (1 << NGX_SENT_CONV_EVENT_RETRYING)));

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_store_events_alloc(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_events_t *list)
{
    ngx_uint_t                     n;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;
    n = op->store->conf->redis.partitions;

    ctx->parts = ngx_pcalloc(op->pool,
                             2 * n * sizeof(ngx_sent_conv_store_part_t));
    ctx->asked = ngx_palloc(op->pool, n * sizeof(ngx_uint_t));

    if (ctx->parts == NULL || ctx->asked == NULL) {
        return NGX_ERROR;
    }

    if (ngx_sent_conv_store_copy(op->pool, &list->endpoint,
                                 &ctx->list.endpoint)
        != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, &list->search, &ctx->list.search)
           != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, &list->cursor, &ctx->list.cursor)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_array_init(&ctx->found, op->pool, 64,
                       sizeof(ngx_sent_conv_store_row_t))
        != NGX_OK
        || ngx_array_init(&ctx->waiting, op->pool, 16,
                          sizeof(ngx_sent_conv_store_row_t))
           != NGX_OK
        || ngx_array_init(&ctx->lanes, op->pool, 16,
                          sizeof(ngx_sent_conv_store_waiting_t))
           != NGX_OK
        || ngx_array_init(&ctx->taken, op->pool, list->limit + 1,
                          sizeof(ngx_sent_conv_store_row_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_array_init(&ctx->result.events, op->pool, list->limit + 1,
                          sizeof(ngx_sent_conv_event_t));
}


/* a page is full, or the parts that are used up are read on */

void
ngx_sent_conv_store_events_next(ngx_sent_conv_store_op_t *op)
{
    ngx_int_t                      rc;
    ngx_sent_conv_store_spot_t    *bound;
    ngx_sent_conv_store_events_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;
    rc = NGX_OK;

    if (!ctx->list.before) {
        rc = ngx_sent_conv_store_events_merge(ctx, &ctx->waiting, NULL);
    }

    bound = ngx_sent_conv_store_events_bound(op);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_events_merge(ctx, &ctx->found, bound);
    }

    if (rc == NGX_OK && bound != NULL) {

        if (ctx->calls < op->store->conf->redis.partitions
                         + NGX_SENT_CONV_STORE_EVENTS_CALLS)
        {
            if (ngx_sent_conv_store_events_refill(op, bound) != NGX_OK) {
                ngx_sent_conv_store_op_unread(op);
            }

            return;
        }

        ctx->reached = *bound;
        ctx->result.more = 1;

    } else if (rc == NGX_OK && ctx->list.before) {
        rc = ngx_sent_conv_store_events_merge(ctx, &ctx->waiting, NULL);
    }

    if (rc == NGX_ERROR) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ngx_sent_conv_store_events_finish(op);
}


/* up to there all is known; NULL: there is no more */

static ngx_sent_conv_store_spot_t *
ngx_sent_conv_store_events_bound(ngx_sent_conv_store_op_t *op)
{
    ngx_uint_t                     i;
    ngx_sent_conv_store_part_t    *part;
    ngx_sent_conv_store_spot_t    *bound;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;
    part = ctx->parts;
    bound = NULL;

    for (i = 0; i < 2 * op->store->conf->redis.partitions; i++) {

        if (part[i].more
            && (bound == NULL
                || ngx_sent_conv_store_spot_behind(ctx, bound, &part[i].stop)))
        {
            bound = &part[i].stop;
        }
    }

    return bound;
}


/* NGX_DECLINED: the page is full, and there are more */

static ngx_int_t
ngx_sent_conv_store_events_merge(ngx_sent_conv_store_events_t *ctx,
    ngx_array_t *rows, ngx_sent_conv_store_spot_t *bound)
{
    ngx_int_t                   rc;
    ngx_uint_t                  i;
    ngx_sent_conv_store_row_t  *row;

    if (rows->nelts == 0) {
        return NGX_OK;
    }

    row = rows->elts;
    rc = NGX_OK;

    ngx_qsort(row, rows->nelts, sizeof(ngx_sent_conv_store_row_t),
              ctx->list.before ? ngx_sent_conv_store_events_older
                               : ngx_sent_conv_store_events_newer);

    for (i = 0; i < rows->nelts && rc == NGX_OK; i++) {

        if (bound != NULL
            && ngx_sent_conv_store_spot_behind(ctx, &row[i].spot, bound))
        {
            break;
        }

        rc = ngx_sent_conv_store_events_take(ctx, &row[i]);
    }

    rows->nelts -= i;
    ngx_memmove(row, &row[i],
                rows->nelts * sizeof(ngx_sent_conv_store_row_t));

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_events_take(ngx_sent_conv_store_events_t *ctx,
    ngx_sent_conv_store_row_t *row)
{
    ngx_sent_conv_store_row_t  *taken;

    if (row->spot.where == NGX_SENT_CONV_STORE_WAITS) {
        ctx->count++;
    }

    if (ctx->skip > 0) {
        ctx->skip--;
        return NGX_OK;
    }

    if (ctx->taken.nelts == ctx->list.limit) {
        ctx->result.more = 1;
        return NGX_DECLINED;
    }

    taken = ngx_array_push(&ctx->taken);
    if (taken == NULL) {
        return NGX_ERROR;
    }

    *taken = *row;
    ctx->reached = row->spot;

    return NGX_OK;
}


static void
ngx_sent_conv_store_events_finish(ngx_sent_conv_store_op_t *op)
{
    ngx_uint_t                     i, n;
    ngx_sent_conv_event_t         *event;
    ngx_sent_conv_store_row_t     *row;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;
    row = ctx->taken.elts;
    n = ctx->taken.nelts;

    for (i = 0; i < n; i++) {
        event = ngx_array_push(&ctx->result.events);
        *event = row[ctx->list.before ? n - 1 - i : i].event;
    }

    /* what waits, and was not taken for the page, counts, too */

    ctx->result.total = ctx->count + (int64_t) ctx->waiting.nelts;

    if (ctx->list.search.len || ctx->some || !ctx->ended
        || (!ctx->waits
            && (ctx->list.statuses & ((1 << NGX_SENT_CONV_EVENT_PENDING)
                                     | (1 << NGX_SENT_CONV_EVENT_RETRYING)))))
    {
        ctx->result.total = -1;
    }

    if (ngx_sent_conv_store_events_ends(op) != NGX_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &ctx->result);
}


/*
 * The page's first and last places.  One that a search has left before it was
 * full goes on where that ended.
 */

static ngx_int_t
ngx_sent_conv_store_events_ends(ngx_sent_conv_store_op_t *op)
{
    ngx_uint_t                     n;
    ngx_sent_conv_store_row_t     *row;
    ngx_sent_conv_store_spot_t    *first, *last;
    ngx_sent_conv_store_events_t  *ctx;

    ctx = op->ctx;
    row = ctx->taken.elts;
    n = ctx->taken.nelts;

    if (n == 0 && !ctx->result.more) {
        return NGX_OK;
    }

    first = n ? &row[0].spot : &ctx->reached;
    last = &ctx->reached;

    if (ngx_sent_conv_store_spot_text(op->pool, ctx->list.before ? last
                                                                 : first,
                                      &ctx->result.first)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_spot_text(op->pool, ctx->list.before ? first
                                                                    : last,
                                         &ctx->result.last);
}


static int ngx_libc_cdecl
ngx_sent_conv_store_events_newer(const void *one, const void *two)
{
    ngx_sent_conv_store_row_t *first = (ngx_sent_conv_store_row_t *) one;
    ngx_sent_conv_store_row_t *second = (ngx_sent_conv_store_row_t *) two;

    return (int) ngx_sent_conv_store_spot_compare(&first->spot,
                                                  &second->spot);
}


static int ngx_libc_cdecl
ngx_sent_conv_store_events_older(const void *one, const void *two)
{
    return ngx_sent_conv_store_events_newer(two, one);
}
