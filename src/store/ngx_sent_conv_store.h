
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

#define NGX_SENT_CONV_SLOTS            1024


typedef struct ngx_sent_conv_store_s  ngx_sent_conv_store_t;

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
} ngx_sent_conv_shared_t;


typedef struct {
    ngx_sent_conv_redis_conf_t   redis;
    ngx_msec_t                   window;
    ngx_msec_t                   retention;
} ngx_sent_conv_store_conf_t;


/*
 * An attempt granted to this worker: deliver the item at once.  customer is
 * valid during the call (take a reference to keep it).
 */

typedef void (*ngx_sent_conv_grant_pt)(void *data,
    ngx_sent_conv_customer_t *customer, ngx_uint_t partition,
    ngx_str_t *member, ngx_str_t *item, ngx_uint_t attempts);

/*
 * May this worker be given a new lane of that target now?  0 = yes, else ms
 * after which any worker may claim it.
 */

typedef ngx_msec_t (*ngx_sent_conv_busy_pt)(void *data, ngx_str_t *target);


struct ngx_sent_conv_store_s {
    ngx_cycle_t                 *cycle;
    ngx_sent_conv_store_conf_t  *conf;
    ngx_sent_conv_shared_t      *shared;
    ngx_sent_conv_redis_t       *redis;
    u_char                       owner[16];    /* this worker's life, hex */

    ngx_sent_conv_grant_pt       grant;        /* set by delivery */
    ngx_sent_conv_busy_pt        busy;
    void                        *delivery;

    void                        *cache;        /* of customers */
};


ngx_sent_conv_store_t *ngx_sent_conv_store_create(ngx_cycle_t *cycle,
    ngx_sent_conv_store_conf_t *conf, ngx_sent_conv_shared_t *shared);
void ngx_sent_conv_store_destroy(ngx_sent_conv_store_t *store);

/* random bytes of libcrypto, a fresh UUIDv7 of a thread (NULL: of none) */

ngx_int_t ngx_sent_conv_store_random(u_char *buf, size_t len);
ngx_int_t ngx_sent_conv_store_uuid(u_char *id, u_char *thread);


/*
 * store_customer.c: configuration, cached; how a customer may be named
 */

typedef enum {
    NGX_SENT_CONV_BY_ID = 0,
    NGX_SENT_CONV_BY_KEY,                /* hex SHA-256 of an API key */
    NGX_SENT_CONV_BY_NUMBER              /* "<channel>:<e164>" */
} ngx_sent_conv_by_e;

/*
 * NGX_OK with *customer set (NULL = there is none), from the cache, the
 * handler is not called; NGX_AGAIN: result = ngx_sent_conv_customer_t * or
 * NULL, later; NGX_DECLINED, NGX_ERROR as above.
 */

ngx_int_t ngx_sent_conv_store_customer(ngx_sent_conv_store_t *store,
    ngx_sent_conv_by_e by, ngx_str_t *name,
    ngx_sent_conv_customer_t **customer, ngx_sent_conv_store_pt handler,
    void *data);

/* one of whom nothing is known but the id; held once, NULL = no memory */

ngx_sent_conv_customer_t *ngx_sent_conv_store_customer_alloc(
    ngx_sent_conv_store_t *store, ngx_str_t *id);

ngx_sent_conv_customer_t *ngx_sent_conv_customer_hold(
    ngx_sent_conv_customer_t *customer);
void ngx_sent_conv_customer_release(ngx_sent_conv_customer_t *customer);

ngx_sent_conv_endpoint_t *ngx_sent_conv_customer_endpoint(
    ngx_sent_conv_customer_t *customer, ngx_str_t *id);
ngx_sent_conv_number_t *ngx_sent_conv_customer_number(
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_channel_e channel,
    ngx_str_t *e164);
ngx_sent_conv_apikey_t *ngx_sent_conv_customer_key(
    ngx_sent_conv_customer_t *customer, ngx_str_t *sha256);

/* what was published by another node, and the reset after a lost line */

void ngx_sent_conv_store_changed(ngx_sent_conv_store_t *store,
    ngx_str_t *customer);

/*
 * store_admin.c: the operator's changes.  Each raises the node's generation
 * and publishes before its handler is called.
 */

/* result: ngx_sent_conv_customer_t * as stored */
ngx_int_t ngx_sent_conv_store_customer_create(ngx_sent_conv_store_t *store,
    ngx_str_t *id, ngx_str_t *name, ngx_sent_conv_store_pt handler,
    void *data);

/* members left with data == NULL (or -1) stay as they are */

typedef struct {
    ngx_str_t     keywords;              /* JSON array */
    ngx_str_t     confirmation;          /* len 0, data not NULL: none */
    ngx_str_t     help;
    ngx_int_t     conversations;
} ngx_sent_conv_customer_patch_t;

/* result: NULL */
ngx_int_t ngx_sent_conv_store_customer_patch(ngx_sent_conv_store_t *store,
    ngx_str_t *id, ngx_sent_conv_customer_patch_t *patch,
    ngx_sent_conv_store_pt handler, void *data);

/* result: ngx_array_t * of ngx_str_t, ids, oldest first */
ngx_int_t ngx_sent_conv_store_customers(ngx_sent_conv_store_t *store,
    ngx_sent_conv_store_pt handler, void *data);

ngx_int_t ngx_sent_conv_store_key_put(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_apikey_t *key,
    ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_key_delete(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_apikey_t *key,
    ngx_sent_conv_store_pt handler, void *data);

/* result: ngx_int_t *: NGX_OK, or NGX_DECLINED = another customer has it */
ngx_int_t ngx_sent_conv_store_number_put(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_number_t *number,
    ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_number_delete(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_number_t *number,
    ngx_sent_conv_store_pt handler, void *data);


/*
 * store_webhook.c
 */

/* result: ngx_int_t *: NGX_OK, NGX_DECLINED = there are 20 already */
ngx_int_t ngx_sent_conv_store_webhook_put(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_endpoint_t *endpoint,
    ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_webhook_delete(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *id, ngx_sent_conv_store_pt handler,
    void *data);

/* switches it off, if it is still there and on; nobody waits for it */
ngx_int_t ngx_sent_conv_store_webhook_disable(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *id, ngx_str_t *reason);

/* how an endpoint fares; times in ms, 0 = never */

typedef struct {
    ngx_str_t     id;
    uint64_t      last_attempt;
    uint64_t      last_success;
    ngx_uint_t    failures;              /* events given up in a row */
    ngx_uint_t    dead;                  /* events given up, ever */
} ngx_sent_conv_health_t;

/* result: ngx_array_t * of ngx_sent_conv_health_t */
ngx_int_t ngx_sent_conv_store_health(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_store_pt handler, void *data);

/*
 * One attempt's outcome, without an answer to wait for; success and plain
 * failures are written at most once a second per endpoint and worker.
 */

typedef enum {
    NGX_SENT_CONV_HEALTH_SUCCESS = 0,
    NGX_SENT_CONV_HEALTH_FAILURE,
    NGX_SENT_CONV_HEALTH_DEAD
} ngx_sent_conv_outcome_e;

void ngx_sent_conv_store_health_note(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *endpoint,
    ngx_sent_conv_outcome_e outcome);


/*
 * store_window.c: a window's transitions.  Grants go out through
 * store->grant before the handler is called.
 */

typedef struct {
    ngx_sent_conv_customer_t  *customer;
    ngx_sent_conv_channel_e    channel;
    ngx_str_t                  carrier;      /* name */
    ngx_str_t                  carrier_id;   /* of the message */
    ngx_str_t                  from;         /* the contact */
    ngx_str_t                  to;           /* our number */
    ngx_str_t                  name;         /* or empty */
    ngx_str_t                  text;         /* data == NULL: none */
    int64_t                    at;           /* ms; 0 = not told */
} ngx_sent_conv_inbound_t;

typedef enum {
    NGX_SENT_CONV_IN_OPENED = 0,
    NGX_SENT_CONV_IN_CONTINUED,
    NGX_SENT_CONV_IN_STOPPED,
    NGX_SENT_CONV_IN_REPORTED,
    NGX_SENT_CONV_IN_DUPLICATE
} ngx_sent_conv_in_e;

typedef struct {
    ngx_sent_conv_in_e         what;
    ngx_str_t                  message_id;
    ngx_str_t                  conversation_id;      /* or empty */
} ngx_sent_conv_inbound_result_t;

/* recognizes the keyword itself; result: ngx_sent_conv_inbound_result_t * */
ngx_int_t ngx_sent_conv_store_inbound(ngx_sent_conv_store_t *store,
    ngx_sent_conv_inbound_t *in, ngx_sent_conv_store_pt handler, void *data);


typedef struct {
    ngx_sent_conv_customer_t  *customer;
    ngx_str_t                  to;
    ngx_str_t                  text;
    ngx_uint_t                 length;       /* characters */
    ngx_sent_conv_channel_e    channel;      /* CHANNELS = the last */
    ngx_str_t                  message_id;   /* chosen before, or empty */

    unsigned                   again:1;      /* it may have been accepted */
    unsigned                   sandbox:1;
} ngx_sent_conv_send_t;

typedef enum {
    NGX_SENT_CONV_SEND_OK = 0,
    NGX_SENT_CONV_SEND_NO_WINDOW,
    NGX_SENT_CONV_SEND_OPTED_OUT,
    NGX_SENT_CONV_SEND_NO_CHANNEL,
    NGX_SENT_CONV_SEND_TOO_LONG
} ngx_sent_conv_send_e;

typedef struct {
    ngx_sent_conv_send_e       what;
    ngx_str_t                  message_id;
    ngx_str_t                  conversation_id;
    ngx_str_t                  channel;
    uint64_t                   expires_at;
} ngx_sent_conv_send_result_t;

/*
 * message_id chosen beforehand (an idempotency record's) need not carry the
 * thread's bits: the store overwrites its rand_a.
 */
ngx_int_t ngx_sent_conv_store_send(ngx_sent_conv_store_t *store,
    ngx_sent_conv_send_t *send, ngx_sent_conv_store_pt handler, void *data);


typedef struct {
    ngx_str_t                  reason;
    uint64_t                   closed_at;
} ngx_sent_conv_close_result_t;

/* result: ngx_sent_conv_close_result_t *, NULL with err OK = unknown */
ngx_int_t ngx_sent_conv_store_close(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *conversation,
    ngx_uint_t sandbox, ngx_sent_conv_store_pt handler, void *data);

/* result: int64_t *: 0 = ended or gone, else the deadline still to come */
ngx_int_t ngx_sent_conv_store_expire(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *thread,
    ngx_sent_conv_store_pt handler, void *data);


/*
 * store_message.c: what carriers report
 */

typedef struct {
    ngx_sent_conv_customer_t  *customer;     /* of the number */
    ngx_sent_conv_channel_e    channel;
    ngx_str_t                  message_id;   /* ours; or empty and: */
    ngx_str_t                  carrier_id;
    ngx_str_t                  number;       /* ours; of the report */
    ngx_str_t                  contact;
    ngx_str_t                  status;       /* "SENT" ... "FAILED" */
    ngx_str_t                  error_code;   /* or empty */
    ngx_str_t                  error_title;
} ngx_sent_conv_report_t;

/* result: ngx_int_t *: NGX_OK, or NGX_DECLINED = not such a message */
ngx_int_t ngx_sent_conv_store_report(ngx_sent_conv_store_t *store,
    ngx_sent_conv_report_t *report, ngx_sent_conv_store_pt handler,
    void *data);

/*
 * Whose message is it?  For a status by our id alone: result
 * ngx_sent_conv_owner_t *, or NULL with err OK = unknown.
 */

typedef struct {
    ngx_str_t                  customer;
    ngx_str_t                  number;       /* ours, it left from */
    ngx_str_t                  contact;
    ngx_sent_conv_channel_e    channel;
} ngx_sent_conv_owner_t;

ngx_int_t ngx_sent_conv_store_message_owner(ngx_sent_conv_store_t *store,
    ngx_str_t *message_id, ngx_sent_conv_store_pt handler, void *data);


/*
 * store_read.c: conversations and transcripts
 */

typedef struct {
    ngx_str_t                  id;
    ngx_str_t                  thread_id;
    ngx_str_t                  contact_id;
    ngx_str_t                  contact;
    ngx_str_t                  contact_name;     /* or empty */
    ngx_str_t                  number;
    ngx_str_t                  channel;
    ngx_str_t                  channels;         /* comma-joined */
    ngx_str_t                  trigger;
    ngx_str_t                  close_reason;     /* empty = OPEN */
    uint64_t                   opened_at;
    uint64_t                   expires_at;
    uint64_t                   closed_at;
    uint64_t                   last_inbound_at;
    uint64_t                   last_outbound_at; /* 0 = none */
    ngx_uint_t                 inbound_count;
    ngx_uint_t                 outbound_count;
} ngx_sent_conv_conversation_t;

typedef struct {
    ngx_str_t                  status;
    ngx_str_t                  description;      /* or empty */
    uint64_t                   at;
} ngx_sent_conv_state_t;

typedef struct {
    ngx_str_t                  id;
    ngx_str_t                  conversation_id;  /* or empty */
    ngx_str_t                  channel;
    ngx_str_t                  number;           /* ours */
    ngx_str_t                  kind;
    ngx_str_t                  text;             /* JSON string or null */
    uint64_t                   created_at;
    ngx_array_t                states;           /* ngx_sent_conv_state_t,
                                                    first to last */
    unsigned                   inbound:1;
} ngx_sent_conv_message_t;

typedef enum {
    NGX_SENT_CONV_LIST_ALL = 0,
    NGX_SENT_CONV_LIST_OPEN,
    NGX_SENT_CONV_LIST_ACTIVE,
    NGX_SENT_CONV_LIST_CLOSED
} ngx_sent_conv_list_e;

/*
 * Newest first (by opening).  A position is (ms, conversation id); "after"
 * continues towards older ones, "before" towards newer; ms 0 = from the top.
 */

typedef struct {
    ngx_sent_conv_customer_t  *customer;
    ngx_sent_conv_list_e       status;
    ngx_str_t                  contact;          /* E.164, or empty */
    ngx_sent_conv_channel_e    channel;          /* CHANNELS = any */
    ngx_str_t                  close_reason;     /* or empty */
    uint64_t                   ms;
    ngx_str_t                  id;
    ngx_uint_t                 limit;

    unsigned                   before:1;
} ngx_sent_conv_list_t;

typedef struct {
    ngx_array_t                conversations;    /* newest first */
    int64_t                    total;            /* -1 = not known */
    unsigned                   more:1;           /* in the direction */
} ngx_sent_conv_list_result_t;

/* result: ngx_sent_conv_list_result_t * */
ngx_int_t ngx_sent_conv_store_list(ngx_sent_conv_store_t *store,
    ngx_sent_conv_list_t *list, ngx_sent_conv_store_pt handler, void *data);

/*
 * One conversation (id is a UUIDv7) or the whole thread (a thread_id), with
 * messages newest first; position = absolute index of a transcript entry,
 * -1 = from the top; "before" towards newer.
 */

typedef struct {
    ngx_sent_conv_customer_t      *customer;
    ngx_str_t                      id;
    int64_t                        position;
    ngx_uint_t                     limit;
    unsigned                       before:1;
} ngx_sent_conv_show_t;

typedef struct {
    ngx_sent_conv_conversation_t  *conversation; /* NULL: none is open */
    ngx_str_t                      thread_id;
    ngx_str_t                      contact_id;
    ngx_str_t                      contact;
    ngx_array_t                    messages;
    int64_t                        first;        /* position of the first */
    int64_t                        last;         /* and last message, or -1 */
    int64_t                        total;
    unsigned                       newer:1;
    unsigned                       older:1;
} ngx_sent_conv_show_result_t;

/* result: ngx_sent_conv_show_result_t *, NULL with err OK = unknown */
ngx_int_t ngx_sent_conv_store_show(ngx_sent_conv_store_t *store,
    ngx_sent_conv_show_t *show, ngx_sent_conv_store_pt handler, void *data);


/*
 * store_lane.c: leases and attempts, for delivery and sweep
 */

typedef struct {
    ngx_str_t                  member;
    ngx_str_t                  customer;
} ngx_sent_conv_claimed_t;

typedef struct {
    ngx_array_t                due;              /* of ngx_str_t */
    ngx_array_t                lanes;            /* of ..._claimed_t */
    int64_t                    now;              /* Redis's clock, ms */
    int64_t                    next_due;         /* ms, -1 = none */
    int64_t                    next_lane;
} ngx_sent_conv_claim_result_t;

/* spare: leave lapsed leases of carriers alone */
ngx_int_t ngx_sent_conv_store_claim(ngx_sent_conv_store_t *store,
    ngx_uint_t partition, ngx_uint_t deadlines, ngx_uint_t lanes,
    ngx_uint_t spare, ngx_sent_conv_store_pt handler, void *data);

/*
 * A lane that this worker holds.  customer may be NULL only for drop().
 * The next attempt, if one is granted, comes as the result, not through
 * store->grant; other lanes that the step filled come through it.
 */

typedef struct {
    ngx_sent_conv_customer_t  *customer;
    ngx_uint_t                 partition;
    ngx_str_t                  member;
    ngx_str_t                  item;             /* id of the one in flight */
} ngx_sent_conv_lane_t;

typedef enum {
    NGX_SENT_CONV_LANE_NEXT = 0,         /* an attempt at item is granted */
    NGX_SENT_CONV_LANE_LATER,            /* waits for its time */
    NGX_SENT_CONV_LANE_EMPTY,
    NGX_SENT_CONV_LANE_LOST              /* another has it */
} ngx_sent_conv_lane_e;

typedef struct {
    ngx_sent_conv_lane_e       what;
    ngx_str_t                  item;
    ngx_uint_t                 attempts;         /* failed before */
} ngx_sent_conv_lane_result_t;

/* results: ngx_sent_conv_lane_result_t * */

ngx_int_t ngx_sent_conv_store_take(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_store_pt handler, void *data);

/* carrier_id: what the carrier calls it, or empty; more: give me the next */
ngx_int_t ngx_sent_conv_store_ack(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane, ngx_str_t *carrier_id, ngx_uint_t more,
    ngx_sent_conv_store_pt handler, void *data);

/*
 * delay: ms until the next attempt; NGX_SENT_CONV_GIVE_UP: none (webhook: to
 * the dead; carrier: FAILED with code and title).
 */

#define NGX_SENT_CONV_GIVE_UP  (-1)

typedef struct {
    int64_t                    delay;
    ngx_str_t                  code;
    ngx_str_t                  title;

    unsigned                   uncounted:1;      /* no attempt was made */
    unsigned                   more:1;
} ngx_sent_conv_failure_t;

ngx_int_t ngx_sent_conv_store_fail(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_failure_t *failure,
    ngx_sent_conv_store_pt handler, void *data);

/* the lane of an endpoint that no longer is: forget it whole */
ngx_int_t ngx_sent_conv_store_drop(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane);

/* lanes of one partition; result: ngx_array_t * of ngx_uint_t, 1 = ours */
ngx_int_t ngx_sent_conv_store_renew(ngx_sent_conv_store_t *store,
    ngx_uint_t partition, ngx_sent_conv_lane_t *lanes, ngx_uint_t n,
    ngx_sent_conv_store_pt handler, void *data);


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

ngx_int_t ngx_sent_conv_store_idem_begin(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *key, ngx_sent_conv_store_pt handler,
    void *data);

/* status 0: forget the record; handler may be NULL */
ngx_int_t ngx_sent_conv_store_idem_end(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *key, ngx_str_t *id, ngx_uint_t status,
    ngx_str_t *body, ngx_sent_conv_store_pt handler, void *data);


/*
 * store_sandbox.c: what the sandbox carrier was sent, newest first, at most
 * 1000.  push: result NULL; list: ngx_array_t * of ngx_str_t (JSON).
 */

ngx_int_t ngx_sent_conv_store_sandbox_push(ngx_sent_conv_store_t *store,
    ngx_str_t *json, ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_sandbox_list(ngx_sent_conv_store_t *store,
    ngx_uint_t limit, ngx_sent_conv_store_pt handler, void *data);


#endif /* _NGX_SENT_CONV_STORE_H_INCLUDED_ */
