
/*
 * What became of a webhook's events: the log, one event with its attempts,
 * replay, recovery.
 */


#ifndef _NGX_SENT_CONV_STORE_EVENT_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_EVENT_H_INCLUDED_


typedef enum {
    NGX_SENT_CONV_EVENT_PENDING = 0,
    NGX_SENT_CONV_EVENT_RETRYING,        /* it waits, and has been tried */
    NGX_SENT_CONV_EVENT_DELIVERED,
    NGX_SENT_CONV_EVENT_FAILED,
    NGX_SENT_CONV_EVENT_STATUSES
} ngx_sent_conv_event_e;

typedef struct {
    ngx_uint_t                 number;           /* from 1 */
    uint64_t                   at;               /* its beginning, ms */
    ngx_uint_t                 elapsed;          /* ms */
    ngx_uint_t                 status;           /* HTTP; 0 = no answer */
    ngx_str_t                  error;            /* JSON, "null" too */
    ngx_str_t                  answer;           /* the same */
} ngx_sent_conv_tried_t;

typedef struct {
    ngx_str_t                  id;
    ngx_str_t                  type;
    ngx_str_t                  body;             /* JSON, byte by byte */
    ngx_sent_conv_event_e      status;
    uint64_t                   created_at;       /* ms */
    uint64_t                   started_at;       /* 0 = not tried yet */
    uint64_t                   completed_at;     /* 0 = it waits */
    ngx_uint_t                 attempts;
    ngx_uint_t                 http_status;      /* of the last, 0 = none */
    ngx_str_t                  error;            /* why it failed last, JSON */
    ngx_str_t                  answer;           /* of the last, JSON */
    ngx_array_t                tried;            /* ..._tried_t; of very many
                                                    the first and the last */
} ngx_sent_conv_event_t;


/*
 * store_events.c: what waits comes first, the newest of it ahead; then what
 * ended, the last ahead.  cursor: a place that a result has told, or empty;
 * search: a part of an event, in small letters.
 */

typedef struct {
    ngx_sent_conv_customer_t  *customer;
    ngx_str_t                  endpoint;
    ngx_uint_t                 statuses;         /* 1 << ngx_sent_conv_event_e,
                                                    those that are wanted */
    ngx_str_t                  search;
    ngx_str_t                  cursor;
    ngx_uint_t                 offset;
    ngx_uint_t                 limit;

    unsigned                   before:1;         /* newer than the cursor */
} ngx_sent_conv_events_t;

/*
 * total -1 = not known.  Of what waits no more is looked for than some
 * hundred lanes; a search looks through so many that it may answer fewer than
 * asked, and more.
 */

typedef struct {
    ngx_array_t                events;           /* ngx_sent_conv_event_t */
    int64_t                    total;
    ngx_str_t                  first;            /* places; or empty */
    ngx_str_t                  last;
    unsigned                   more:1;           /* in the direction */
} ngx_sent_conv_events_result_t;

/* result: ngx_sent_conv_events_result_t * */
ngx_int_t ngx_sent_conv_store_events(ngx_sent_conv_store_t *store,
    ngx_sent_conv_events_t *list, ngx_sent_conv_store_pt handler, void *data);

/* is it a place?  NGX_OK, NGX_DECLINED */
ngx_int_t ngx_sent_conv_store_events_place(ngx_str_t *place);


/*
 * store_event.c; id has passed ngx_sent_conv_event_id_check()
 */

/* result: ngx_sent_conv_event_t *, NULL with err OK = unknown */
ngx_int_t ngx_sent_conv_store_event(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *endpoint, ngx_str_t *id,
    ngx_sent_conv_store_pt handler, void *data);


/*
 * store_replay.c: at the end of its lane again, with its attempts; one that
 * waits is not doubled, but tried now if it is the next of its lane.  result:
 * the event as it waits, NULL with err OK = unknown.
 */
ngx_int_t ngx_sent_conv_store_replay(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *endpoint, ngx_str_t *id,
    ngx_uint_t sandbox, ngx_sent_conv_store_pt handler, void *data);


/*
 * store_recover.c: all that was given up since then is to be sent again.
 * result: int64_t *, how many events
 */

typedef struct {
    ngx_sent_conv_customer_t  *customer;
    ngx_str_t                  endpoint;
    uint64_t                   since;            /* ms */

    unsigned                   sandbox:1;
} ngx_sent_conv_recover_t;

ngx_int_t ngx_sent_conv_store_recover(ngx_sent_conv_store_t *store,
    ngx_sent_conv_recover_t *recover, ngx_sent_conv_store_pt handler,
    void *data);

/*
 * One partition's turn, of the sweep: the next few go onto their lanes, no
 * more than room, or it is put off by later ms.  Lanes come through
 * store->grant.  result: ngx_uint_t *, 1 = there are more
 */
ngx_int_t ngx_sent_conv_store_recover_turn(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_endpoint_t *endpoint,
    ngx_uint_t partition, ngx_uint_t room, ngx_msec_t later,
    ngx_sent_conv_store_pt handler, void *data);

/* store_forget.c: what n partitions keep of an endpoint that is no more */
void ngx_sent_conv_store_forget(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *endpoint, ngx_uint_t first, ngx_uint_t n);


#endif /* _NGX_SENT_CONV_STORE_EVENT_H_INCLUDED_ */
