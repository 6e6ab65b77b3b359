
/*
 * What the other floors may ask of Redis, in the field's own terms: one
 * worker's store.  Keys, scripts and replies stay behind it.
 *
 * Rules of all calls below.  What is passed is read before the call returns.
 * NGX_OK: the handler is called exactly once, later, never from within the
 * call.  NGX_DECLINED: Redis is not usable and NGX_ERROR: no memory, nothing
 * was sent and the handler is never called (SERVICE_001).  A result is valid
 * only during the handler, and is NULL unless err is NGX_SENT_CONV_OK.
 */


#ifndef _NGX_SENT_CONV_STORE_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_H_INCLUDED_


#include "ngx_sent_conv_core.h"
#include "ngx_sent_conv_json.h"
#include "ngx_sent_conv_redis.h"


/* a lane's lease, and how often it is renewed; design.md: lanes */
#define NGX_SENT_CONV_LEASE            6000
#define NGX_SENT_CONV_RENEW            2000

/* a deadline that was claimed comes back after this, unless it was done */
#define NGX_SENT_CONV_BRIEF            300

/* ms that a carrier's message id and its status reports are remembered */
#define NGX_SENT_CONV_ONCE             (8 * 86400000ull)

#define NGX_SENT_CONV_IDEM_TTL         86400000ull

/*
 * ms after which who runs is taken for dead: longer than a run can last,
 * shorter than a repeat waits, so that it takes over and needs no other
 */
#define NGX_SENT_CONV_IDEM_LOCK        4500

/* the same of what waits for a receiver; renewed by who is at work */
#define NGX_SENT_CONV_IDEM_LONG        15000
#define NGX_SENT_CONV_IDEM_RENEW       5000

#define NGX_SENT_CONV_SLOTS            1024


typedef struct ngx_sent_conv_store_s       ngx_sent_conv_store_t;
typedef struct ngx_sent_conv_store_play_s  ngx_sent_conv_store_play_t;

typedef void (*ngx_sent_conv_store_pt)(void *data, ngx_sent_conv_err_e err,
    void *result);


/* shared by the workers of a node, and by both generations over a reload */

typedef struct {
    ngx_atomic_t                 generation[NGX_SENT_CONV_SLOTS];
                                         /* raised when the configuration of
                                            a customer of this slot changed */
    ngx_atomic_t                 sweep[NGX_SENT_CONV_SLOTS];
                                         /* ngx_current_msec at which the
                                            partition is to be swept next */
    ngx_atomic_t                 subscriber;   /* pid that holds it */
    ngx_atomic_t                 beat;         /* ms of its last sign */
    ngx_sent_conv_breakers_t     breakers;     /* under the zone's mutex */
    ngx_sent_conv_buckets_t      customers;    /* their requests */
    ngx_sent_conv_buckets_t      clients;      /* their failures to name a
                                                  good key, by address */
    ngx_sent_conv_buckets_t      known;        /* good keys */

    ngx_sent_conv_worker_t       workers[NGX_MAX_PROCESSES];
                                         /* by ngx_process_slot */
    ngx_sent_conv_metrics_t      metrics;
} ngx_sent_conv_shared_t;


typedef struct {
    ngx_sent_conv_redis_conf_t   redis;
    ngx_msec_t                   window;
    ngx_msec_t                   retention;
    ngx_sent_conv_seal_key_t    *seals;        /* the first seals, all open */
    ngx_uint_t                   nseals;
    ngx_uint_t                   disable_events;   /* given up in a row, */
    ngx_msec_t                   disable_time;     /* and for that long, after
                                                      which a webhook is
                                                      switched off; 0 = never
                                                      */
    ngx_uint_t                   log_events;   /* of an endpoint, 0 = none */
    ngx_msec_t                   log_age;
    ngx_uint_t                   dead_events;  /* of an endpoint */
    ngx_uint_t                   recover_rate; /* of an endpoint, per s */
} ngx_sent_conv_store_conf_t;


/*
 * An attempt granted to this worker: deliver the item at once.  customer is
 * valid during the call (take a reference to keep it).
 */

typedef void (*ngx_sent_conv_grant_pt)(void *data,
    ngx_sent_conv_customer_t *customer, ngx_uint_t partition,
    ngx_str_t *member, ngx_str_t *item, ngx_uint_t attempts);

/*
 * May this worker be given a new lane of that endpoint now?  0 = yes, else ms
 * after which any worker may claim it.
 */

typedef ngx_msec_t (*ngx_sent_conv_busy_pt)(void *data,
    ngx_sent_conv_endpoint_t *endpoint);


/*
 * One event to one webhook, once and at once, whatever is known of it; nothing
 * of it is kept.  The object is the caller's, who holds the customer that the
 * endpoint is a part of, until the handler is called, later, which is once.
 * NGX_DECLINED: this worker delivers nothing; NGX_BUSY: enough are on their
 * way, or one to this endpoint; NGX_ERROR: no memory or connection.
 */

#define NGX_SENT_CONV_TRIAL_ANSWER  3072

typedef struct {
    ngx_sent_conv_endpoint_t    *endpoint;
    ngx_str_t                    item;       /* as in its lane */
    void                       (*handler)(void *data);
    void                        *data;

    ngx_uint_t                   status;     /* of the answer, 0 = none */
    ngx_msec_t                   elapsed;
    const char                  *why;        /* a sentence; NULL: a success */
    size_t                       len;        /* of the answer's beginning */
    u_char                       answer[NGX_SENT_CONV_TRIAL_ANSWER];

    ngx_queue_t                  queue;      /* of delivery */
    ngx_event_t                  event;
    ngx_event_t                  tick;
    void                        *attempt;
    ngx_uint_t                   leaving;

    unsigned                     aborted:1;  /* by our own end */
} ngx_sent_conv_trial_t;

typedef ngx_int_t (*ngx_sent_conv_trial_pt)(void *data,
    ngx_sent_conv_trial_t *trial);


struct ngx_sent_conv_store_s {
    ngx_cycle_t                 *cycle;
    ngx_sent_conv_store_conf_t  *conf;
    ngx_sent_conv_shared_t      *shared;
    ngx_sent_conv_metrics_t     *metrics;      /* of shared, both */
    ngx_sent_conv_worker_t      *worker;
    ngx_sent_conv_redis_t       *redis;
    u_char                       owner[16];    /* this worker's life, hex */

    ngx_sent_conv_grant_pt       grant;        /* set by delivery */
    ngx_sent_conv_busy_pt        busy;
    ngx_sent_conv_trial_pt       trial;
    void                        *delivery;

    ngx_sent_conv_store_play_t  *play;         /* NULL, but in a simulation's
                                                  copy of the store */

    void                        *cache;        /* of customers */
};


ngx_sent_conv_store_t *ngx_sent_conv_store_create(ngx_cycle_t *cycle,
    ngx_sent_conv_store_conf_t *conf, ngx_sent_conv_shared_t *shared);
void ngx_sent_conv_store_destroy(ngx_sent_conv_store_t *store);

/*
 * Do replicas have what was written since that mark was given, or by anyone
 * (all)?  As ngx_sent_conv_redis_wait().
 */

uint64_t ngx_sent_conv_store_mark(ngx_sent_conv_store_t *store);
ngx_int_t ngx_sent_conv_store_replicas(ngx_sent_conv_store_t *store,
    uint64_t mark, ngx_uint_t all, ngx_sent_conv_redis_wait_pt handler,
    void *data);

/* ms since the master of that partition last became usable */

ngx_msec_t ngx_sent_conv_store_age(ngx_sent_conv_store_t *store,
    ngx_uint_t partition);

/* random bytes of libcrypto, a fresh UUIDv7 of a thread (NULL: of none) */

ngx_int_t ngx_sent_conv_store_random(u_char *buf, size_t len);
ngx_int_t ngx_sent_conv_store_uuid(u_char *id, u_char *thread);


#include "ngx_sent_conv_store_agent.h"
#include "ngx_sent_conv_store_config.h"
#include "ngx_sent_conv_store_window.h"
#include "ngx_sent_conv_store_simulate.h"
#include "ngx_sent_conv_store_read.h"
#include "ngx_sent_conv_store_contact.h"
#include "ngx_sent_conv_store_lane.h"
#include "ngx_sent_conv_store_event.h"


/*
 * store_idem.c: idempotency records
 */

typedef enum {
    NGX_SENT_CONV_IDEM_NEW = 0,          /* run, with id */
    NGX_SENT_CONV_IDEM_AGAIN,            /* run, with id: it may have run */
    NGX_SENT_CONV_IDEM_BUSY,             /* it runs */
    NGX_SENT_CONV_IDEM_DONE              /* status and body */
} ngx_sent_conv_idem_e;

typedef struct {
    ngx_sent_conv_idem_e       what;
    ngx_str_t                  id;
    ngx_uint_t                 status;
    ngx_str_t                  body;
} ngx_sent_conv_idem_result_t;

/* lock: ms that the run may last */
ngx_int_t ngx_sent_conv_store_idem_begin(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *key, ngx_msec_t lock,
    ngx_sent_conv_store_pt handler, void *data);

/*
 * status 0: forget the record; NGX_SENT_CONV_IDEM_OPEN: keep its id but no
 * answer, a repeat runs again with it; NGX_SENT_CONV_IDEM_BUSY_ON: it is still
 * at work, for the ms in body; handler may be NULL
 */

#define NGX_SENT_CONV_IDEM_OPEN     1
#define NGX_SENT_CONV_IDEM_BUSY_ON  2

ngx_int_t ngx_sent_conv_store_idem_end(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *key, ngx_str_t *id, ngx_uint_t status,
    ngx_str_t *body, ngx_sent_conv_store_pt handler, void *data);


/*
 * store_rate.c: takes one of a customer's requests; each: us until one comes
 * back.  Result: ngx_sent_conv_taken_t *.
 */

ngx_int_t ngx_sent_conv_store_rate(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, uint64_t each, ngx_uint_t burst,
    ngx_sent_conv_store_pt handler, void *data);


/*
 * store_session.c: sessions of browsers, by the digest of their id; each
 * stands for the digest of a key, and ends by itself.  get: result ngx_str_t *
 * or NULL; the others: NULL.
 */

#define NGX_SENT_CONV_SESSION_TTL  28800000ull   /* ms; 8 h, api.md */

ngx_int_t ngx_sent_conv_store_session_put(ngx_sent_conv_store_t *store,
    ngx_str_t *session, ngx_str_t *key, ngx_sent_conv_store_pt handler,
    void *data);
ngx_int_t ngx_sent_conv_store_session_get(ngx_sent_conv_store_t *store,
    ngx_str_t *session, ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_session_delete(ngx_sent_conv_store_t *store,
    ngx_str_t *session, ngx_sent_conv_store_pt handler, void *data);


/*
 * store_sandbox.c: what the sandbox carrier was sent, newest first, at most
 * 1000.  push: result NULL; list: ngx_array_t * of ngx_str_t (JSON).
 */

ngx_int_t ngx_sent_conv_store_sandbox_push(ngx_sent_conv_store_t *store,
    ngx_str_t *json, ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_sandbox_list(ngx_sent_conv_store_t *store,
    ngx_uint_t limit, ngx_sent_conv_store_pt handler, void *data);


/*
 * store_backlog.c: what waits in Redis, of all nodes; some commands for each
 * partition at once.  result: ngx_sent_conv_backlog_t *.
 */

typedef struct {
    uint64_t                   lanes;
    uint64_t                   deadlines;
    int64_t                    lane_late;        /* ms that the first of them
                                                    is due; 0: none is */
    int64_t                    deadline_late;
} ngx_sent_conv_backlog_t;

ngx_int_t ngx_sent_conv_store_backlog(ngx_sent_conv_store_t *store,
    ngx_sent_conv_store_pt handler, void *data);


#endif /* _NGX_SENT_CONV_STORE_H_INCLUDED_ */
