
/*
 * What the files of an endpoint's events share: the list's state, and events
 * out of what the scripts keep.
 */


#ifndef _NGX_SENT_CONV_STORE_EVENTS_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_EVENTS_H_INCLUDED_


#include "ngx_sent_conv_store_private.h"


/* where an event is */

typedef enum {
    NGX_SENT_CONV_STORE_WAITS = 0,
    NGX_SENT_CONV_STORE_RECEIVED,
    NGX_SENT_CONV_STORE_DEAD
} ngx_sent_conv_store_where_e;

/*
 * A place in the list: what waits before what ended; then by ms (of creation,
 * of the end); then, of what ended, by partition, where, and order in there;
 * of what waits, by its place on its lane (partition), the last ahead.
 */

typedef struct {
    uint64_t                       ms;
    ngx_uint_t                     partition;
    ngx_sent_conv_store_where_e    where;
    ngx_int_t                      order;
    ngx_str_t                      id;
} ngx_sent_conv_store_spot_t;

typedef struct {
    ngx_sent_conv_store_spot_t     spot;
    ngx_sent_conv_event_t          event;
} ngx_sent_conv_store_row_t;

typedef struct {
    ngx_str_t                      thread;
    ngx_uint_t                     partition;
} ngx_sent_conv_store_waiting_t;

/* one partition's list of what was received, or of the dead */

typedef struct {
    ngx_sent_conv_store_spot_t     stop;     /* the last that was looked at */
    ngx_str_t                      ms;       /* from where on, as arguments */
    ngx_str_t                      tie;

    unsigned                       more:1;   /* there are others behind it */
    unsigned                       asked:1;
} ngx_sent_conv_store_part_t;


typedef struct {
    ngx_sent_conv_events_t         list;
    ngx_sent_conv_events_result_t  result;
    ngx_sent_conv_store_spot_t     from;     /* the page begins behind it */
    ngx_sent_conv_store_spot_t     reached;
    ngx_sent_conv_store_part_t    *parts;    /* received, dead, received... */
    ngx_array_t                    found;    /* ..._row_t, that ended */
    ngx_array_t                    waiting;  /* ..._row_t */
    ngx_array_t                    lanes;    /* ..._waiting_t */
    ngx_array_t                    taken;    /* ..._row_t, the page */
    ngx_uint_t                    *asked;    /* partitions, of a batch */
    ngx_uint_t                     calls;
    ngx_uint_t                     batch;
    ngx_uint_t                     skip;
    ngx_int_t                      order;
    ngx_uint_t                     room;     /* events of a lane */
    int64_t                        count;

    unsigned                       placed:1; /* from is somewhere */
    unsigned                       first:1;  /* the first round */
    unsigned                       waits:1;  /* what waits is wanted */
    unsigned                       ended:1;  /* what ended is wanted */
    unsigned                       some:1;   /* not all that waits */
} ngx_sent_conv_store_events_t;


/* ngx_sent_conv_store_events.c: a round is over */

void ngx_sent_conv_store_events_next(ngx_sent_conv_store_op_t *op);


/*
 * ngx_sent_conv_store_events_spot.c: as text; parse: NGX_DECLINED where it is
 * none
 */

ngx_int_t ngx_sent_conv_store_spot_parse(ngx_str_t *place,
    ngx_sent_conv_store_spot_t *spot);
ngx_int_t ngx_sent_conv_store_spot_text(ngx_pool_t *pool,
    ngx_sent_conv_store_spot_t *spot, ngx_str_t *text);

/* < 0: one comes before two, the newest ahead */

ngx_int_t ngx_sent_conv_store_spot_compare(ngx_sent_conv_store_spot_t *one,
    ngx_sent_conv_store_spot_t *two);

/* does it come behind that one, in the list's direction? */

ngx_uint_t ngx_sent_conv_store_spot_behind(ngx_sent_conv_store_events_t *ctx,
    ngx_sent_conv_store_spot_t *spot, ngx_sent_conv_store_spot_t *mark);


/*
 * ngx_sent_conv_store_events_scan.c: all parts from the place on, and what
 * waits; then those of which nothing is left before that spot
 */

ngx_int_t ngx_sent_conv_store_events_scan(ngx_sent_conv_store_op_t *op);
ngx_int_t ngx_sent_conv_store_events_refill(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_store_spot_t *bound);


/*
 * ngx_sent_conv_store_events_wait.c: how many lanes a partition names; those
 * it has named; what is on them, then next()
 */

ngx_uint_t ngx_sent_conv_store_events_quota(ngx_sent_conv_store_op_t *op);
ngx_int_t ngx_sent_conv_store_events_threads(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, ngx_sent_conv_reply_t *reply);
ngx_int_t ngx_sent_conv_store_events_lanes(ngx_sent_conv_store_op_t *op);


/*
 * ngx_sent_conv_store_events_read.c.  record, item: as inc/log.lua has them;
 * record: of what waits, from its thread on, or empty.  All is copied;
 * NGX_DECLINED: it is none.
 */

ngx_int_t ngx_sent_conv_store_events_read(ngx_pool_t *pool,
    ngx_sent_conv_store_where_e where, ngx_str_t *record, ngx_str_t *item,
    ngx_sent_conv_event_t *event);

/* of the script's answer "waiting", each to the handler */

typedef ngx_int_t (*ngx_sent_conv_store_waits_pt)(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_event_t *event,
    ngx_uint_t place);

ngx_int_t ngx_sent_conv_store_events_waiting(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply, ngx_sent_conv_store_waits_pt handler);

/* asks for it, in a batch: at most max of one lane, or that event alone */

void ngx_sent_conv_store_events_ask(ngx_sent_conv_store_op_t *op,
    ngx_str_t *endpoint, ngx_sent_conv_store_waiting_t *lane, ngx_uint_t max,
    ngx_str_t *id);


/*
 * ngx_sent_conv_store_event.c: one event; find: found() is called with known,
 * event and waits set, or the operation ends for want of Redis
 */

typedef struct {
    ngx_str_t                      endpoint;
    ngx_str_t                      id;
    ngx_sent_conv_event_t          event;
    ngx_sent_conv_store_done_pt    found;

    unsigned                       known:1;
    unsigned                       waits:1;
    unsigned                       sandbox:1;
} ngx_sent_conv_store_event_t;

ngx_sent_conv_store_op_t *ngx_sent_conv_store_event_op(
    ngx_sent_conv_store_t *store, ngx_sent_conv_customer_t *customer,
    ngx_str_t *endpoint, ngx_str_t *id, ngx_sent_conv_store_pt handler,
    void *data);
ngx_int_t ngx_sent_conv_store_event_find(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_store_done_pt found);


#endif /* _NGX_SENT_CONV_STORE_EVENTS_H_INCLUDED_ */
