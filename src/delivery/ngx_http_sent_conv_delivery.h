
/*
 * What the files of delivery share: the queue of lanes in hand, the targets
 * they go to, one attempt, a request without a client.
 */


#ifndef _NGX_HTTP_SENT_CONV_DELIVERY_H_INCLUDED_
#define _NGX_HTTP_SENT_CONV_DELIVERY_H_INCLUDED_


#include "ngx_http_sent_conv.h"


/* ms after which a grant is asked for again before it is used */
#define NGX_HTTP_SENT_CONV_STALE            200

/* ms, all of them */
#define NGX_HTTP_SENT_CONV_TICK             500
#define NGX_HTTP_SENT_CONV_AGAIN            500
#define NGX_HTTP_SENT_CONV_CARRIER_TIMEOUT  30000
#define NGX_HTTP_SENT_CONV_RETRY_AFTER_MAX  3600000
#define NGX_HTTP_SENT_CONV_OFF              1000
#define NGX_HTTP_SENT_CONV_LOCKED           10000
#define NGX_HTTP_SENT_CONV_BACKLOG_MAX      20000
#define NGX_HTTP_SENT_CONV_TARGET_IDLE      60000

/* ms until what may have been taken is posted again; api.md */
#define NGX_HTTP_SENT_CONV_UNKNOWN          60000

/* ms that a lane may expect to stand in line */
#define NGX_HTTP_SENT_CONV_LINE             1000

/* lanes in line, for each attempt that a worker may make at once */
#define NGX_HTTP_SENT_CONV_LINES            4

/* attempts at once that a target begins with */
#define NGX_HTTP_SENT_CONV_LIMIT_START      4


typedef struct ngx_http_sent_conv_queue_s    ngx_http_sent_conv_queue_t;
typedef struct ngx_http_sent_conv_target_s   ngx_http_sent_conv_target_t;
typedef struct ngx_http_sent_conv_lane_s     ngx_http_sent_conv_lane_t;
typedef struct ngx_http_sent_conv_attempt_s  ngx_http_sent_conv_attempt_t;


/*
 * What an attempt came to.  status is that of the HTTP answer, 0 = none came;
 * why is a sentence for the log.
 */

typedef struct {
    ngx_uint_t                        status;
    ngx_msec_t                        elapsed;
    ngx_int_t                         retry_after;   /* ms, or NGX_ERROR */
    ngx_str_t                         answer;        /* its body, of a
                                                        webhook as text, and
                                                        how it begins; valid
                                                        during the call */
    const char                       *why;

    unsigned                          aborted:1;     /* by our own end */
} ngx_http_sent_conv_verdict_t;


/* called exactly once for an attempt, possibly from within its start */

typedef void (*ngx_http_sent_conv_attempt_pt)(void *data,
    ngx_http_sent_conv_verdict_t *verdict);


/* lives in the pool of its request */

struct ngx_http_sent_conv_attempt_s {
    ngx_http_request_t               *request;
    ngx_http_sent_conv_outlet_t      *outlet;
    ngx_sent_conv_store_t            *store;
    ngx_sent_conv_metrics_kind_e      kind;

    ngx_str_t                         url;           /* variables */
    ngx_str_t                         host;
    ngx_str_t                         ssl_name;
    ngx_str_t                         from;
    ngx_str_t                         to;
    ngx_str_t                         message_id;
    ngx_str_t                         token;

    ngx_sent_conv_url_t               parsed;
    ngx_http_sent_conv_resolve_t      resolve;

    ngx_array_t                       headers;       /* ngx_keyval_t */
    ngx_str_t                         body;

    ngx_str_t                         answer;        /* how it begins */
    off_t                             received;      /* of it */

    ngx_event_t                       timer;
    ngx_msec_t                        start;

    ngx_http_sent_conv_attempt_pt     handler;
    void                             *data;

    unsigned                          resolving:1;
    unsigned                          brief:1;       /* of the answer no more
                                                        than its beginning */
    unsigned                          posted:1;
    unsigned                          late:1;        /* its time is over */
    unsigned                          done:1;
};


/*
 * A lane in hand.  One thing at a time happens to it, and who waits for its
 * end is told by the state:
 *
 *   LOADING   the store reads its customer
 *   TAKING    the store takes it, or gives it back
 *   WAITING   it stands in its target's line
 *   RUNNING   an attempt is on its way
 *   SETTLING  the store writes what became of the attempt, or the timer
 *             runs until it is tried again
 *
 * Only the store's handlers, the attempt's handler and the line itself move
 * it, and only a lane in WAITING may be freed by others.
 */

typedef enum {
    NGX_HTTP_SENT_CONV_LANE_LOADING = 0,
    NGX_HTTP_SENT_CONV_LANE_TAKING,
    NGX_HTTP_SENT_CONV_LANE_WAITING,
    NGX_HTTP_SENT_CONV_LANE_RUNNING,
    NGX_HTTP_SENT_CONV_LANE_SETTLING
} ngx_http_sent_conv_lane_e;


struct ngx_http_sent_conv_lane_s {
    ngx_str_node_t                    sn;            /* by its member */
    ngx_queue_t                       queue;         /* of its partition */
    ngx_queue_t                       line;          /* of its target */

    ngx_http_sent_conv_queue_t       *q;
    ngx_http_sent_conv_target_t      *target;        /* NULL: not yet known */
    ngx_sent_conv_customer_t         *customer;      /* held, or NULL */
    ngx_http_sent_conv_attempt_t     *attempt;

    ngx_http_sent_conv_lane_e         state;
    ngx_uint_t                        partition;
    ngx_uint_t                        serial;
    ngx_sent_conv_channel_e           channel;       /* CHANNELS: webhook */
    ngx_str_t                         endpoint;      /* part of the member */

    ngx_str_t                         item;          /* of ngx_alloc() */
    ngx_uint_t                        attempts;
    ngx_msec_t                        granted;
    uint32_t                          probe;         /* of its breaker, or 0 */

    ngx_sent_conv_failure_t           failure;       /* to be written, */
    ngx_sent_conv_success_t           success;       /* or this */
    ngx_str_t                         texts;         /* of either, in
                                                        ngx_alloc() */
    ngx_msec_t                        settle;        /* no longer than that */
    ngx_event_t                       timer;

    unsigned                          slot:1;        /* counted as running */
    unsigned                          done:1;        /* a success */
    unsigned                          died:1;        /* somebody was granted
                                                        it, and is gone */
    unsigned                          reloaded:1;    /* customer read anew */
    unsigned                          claimed:1;     /* nothing taken yet */
    unsigned                          again:1;       /* take after a LOST */
    unsigned                          lost:1;
};


struct ngx_http_sent_conv_target_s {
    ngx_str_node_t                    sn;            /* endpoint, "*carrier" */
    ngx_queue_t                       queue;         /* those with a line, or
                                                        without any lane */
    ngx_queue_t                       line;          /* of lanes */

    ngx_uint_t                        lanes;
    ngx_uint_t                        waiting;
    ngx_uint_t                        running;
    ngx_uint_t                        limit;         /* of running, now */
    ngx_uint_t                        max;           /* and at most */
    ngx_uint_t                        rate;          /* a second, 0 = any */

    ngx_msec_t                        average;       /* of an attempt */
    ngx_msec_t                        progress;      /* one ended, or began */
    ngx_msec_t                        next;          /* turn of the refused */
    ngx_msec_t                        paced;         /* turn by the rate */
    ngx_msec_t                        used;

    unsigned                          carrier:1;
    unsigned                          turn:1;        /* paced is a turn that
                                                        was not taken */
    unsigned                          listed:1;
};


struct ngx_http_sent_conv_queue_s {
    ngx_http_sent_conv_main_conf_t   *smcf;
    ngx_sent_conv_store_t            *store;
    ngx_cycle_t                      *cycle;

    ngx_rbtree_t                      lanes;
    ngx_rbtree_node_t                 lanes_sentinel;
    ngx_rbtree_t                      targets;
    ngx_rbtree_node_t                 targets_sentinel;

    ngx_queue_t                      *partitions;    /* lines of lanes */
    ngx_queue_t                       ready;         /* targets with a line */
    ngx_queue_t                       idle;          /* targets without lane */
    ngx_queue_t                       trials;        /* on their way */

    ngx_uint_t                        in_hand;
    ngx_uint_t                        waiting;
    ngx_uint_t                        webhooks;      /* running */
    ngx_uint_t                        carriers;      /* running */
    ngx_uint_t                        deliveries;    /* running, at most */
    ngx_uint_t                        share;         /* of each, at most */
    ngx_uint_t                        serial;
    ngx_uint_t                        ticks;

    ngx_event_t                       pump;          /* posted */
    ngx_event_t                       pace;          /* timer, cancelable */
    ngx_event_t                       tick;          /* timer, cancelable */

    unsigned                          closed:1;
};


/* ngx_http_sent_conv_request.c: a request without a client */

ngx_http_request_t *ngx_http_sent_conv_request_create(
    ngx_http_conf_ctx_t *conf_ctx, ngx_str_t *uri);
ngx_uint_t ngx_http_sent_conv_request_ours(ngx_http_request_t *r);
ngx_int_t ngx_http_sent_conv_request_post(ngx_http_request_t *r,
    ngx_str_t *uri, ngx_array_t *headers, ngx_str_t *body,
    ngx_http_post_subrequest_pt handler, void *data);
void ngx_http_sent_conv_request_abort(ngx_http_request_t *r);


/* ngx_http_sent_conv_attempt.c: one POST, its time and its verdict */

ngx_http_sent_conv_attempt_t *ngx_http_sent_conv_attempt_create(
    ngx_http_sent_conv_outlet_t *outlet, ngx_sent_conv_metrics_kind_e kind,
    ngx_msec_t timeout, ngx_http_sent_conv_attempt_pt handler, void *data);
ngx_int_t ngx_http_sent_conv_attempt_header(
    ngx_http_sent_conv_attempt_t *attempt, const char *name,
    ngx_str_t *value);
ngx_int_t ngx_http_sent_conv_attempt_trace(
    ngx_http_sent_conv_attempt_t *attempt, ngx_str_t *trace);
void ngx_http_sent_conv_attempt_post(ngx_http_sent_conv_attempt_t *attempt);

/* ends it without an answer: the verdict, and then the request is gone */

void ngx_http_sent_conv_attempt_fail(ngx_http_sent_conv_attempt_t *attempt,
    const char *why, ngx_uint_t aborted);


/* ngx_http_sent_conv_answer.c */

void ngx_http_sent_conv_answer_text(ngx_http_sent_conv_attempt_t *attempt,
    ngx_str_t *text);


/*
 * ngx_http_sent_conv_deliver_webhook.c, _webhook_sign.c, _verdict_webhook.c,
 * _deliver_carrier.c
 */

void ngx_http_sent_conv_webhook_start(ngx_http_sent_conv_lane_t *lane);

/* turn: how many attempts at that item there were before */

void ngx_http_sent_conv_webhook_post(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_attempt_t *attempt, ngx_sent_conv_endpoint_t *endpoint,
    ngx_str_t *item, ngx_uint_t turn);
ngx_int_t ngx_http_sent_conv_webhook_sign(
    ngx_http_sent_conv_attempt_t *attempt, ngx_sent_conv_endpoint_t *endpoint,
    ngx_str_t *id, ngx_str_t *timestamp, ngx_str_t *body, ngx_uint_t turn);
void ngx_http_sent_conv_webhook_done(void *data,
    ngx_http_sent_conv_verdict_t *verdict);
void ngx_http_sent_conv_carrier_start(ngx_http_sent_conv_lane_t *lane);
ngx_http_sent_conv_outlet_t *ngx_http_sent_conv_outlet(
    ngx_http_sent_conv_main_conf_t *smcf, ngx_str_t *carrier);


/*
 * ngx_http_sent_conv_token.c: access tokens of carriers; NULL: there is none
 * now
 */

ngx_int_t ngx_http_sent_conv_token_init(ngx_http_sent_conv_queue_t *q);
void ngx_http_sent_conv_token_exit(ngx_http_sent_conv_queue_t *q);
ngx_str_t *ngx_http_sent_conv_token(ngx_http_sent_conv_outlet_t *outlet);
void ngx_http_sent_conv_token_expired(ngx_http_sent_conv_outlet_t *outlet);


/* ngx_http_sent_conv_lane.c: a lane in hand */

ngx_http_sent_conv_lane_t *ngx_http_sent_conv_lane_create(
    ngx_http_sent_conv_queue_t *q, ngx_uint_t partition, ngx_str_t *member);
ngx_http_sent_conv_lane_t *ngx_http_sent_conv_lane_find(
    ngx_http_sent_conv_queue_t *q, ngx_str_t *member);
void ngx_http_sent_conv_lane_free(ngx_http_sent_conv_lane_t *lane);
ngx_int_t ngx_http_sent_conv_lane_item(ngx_http_sent_conv_lane_t *lane,
    ngx_str_t *item, ngx_uint_t attempts);
ngx_str_t ngx_http_sent_conv_lane_item_id(ngx_http_sent_conv_lane_t *lane);


/* ngx_http_sent_conv_begin.c: its way to an attempt */

void ngx_http_sent_conv_lane_load(ngx_http_sent_conv_lane_t *lane,
    ngx_str_t *customer);
void ngx_http_sent_conv_lane_go(ngx_http_sent_conv_lane_t *lane);
void ngx_http_sent_conv_lane_take(ngx_http_sent_conv_lane_t *lane);
void ngx_http_sent_conv_lane_return(ngx_http_sent_conv_lane_t *lane,
    ngx_msec_t delay);


/*
 * ngx_http_sent_conv_defer.c: given back because of its endpoint.  later: its
 * breaker is open, age as above; off: it is switched off.
 */

void ngx_http_sent_conv_lane_later(ngx_http_sent_conv_lane_t *lane,
    ngx_msec_t delay, ngx_msec_t age);
void ngx_http_sent_conv_lane_off(ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_endpoint_t *endpoint);


/* ngx_http_sent_conv_settle.c: what becomes of a lane after an attempt */

void ngx_http_sent_conv_lane_acked(ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_success_t *success);
void ngx_http_sent_conv_lane_failed(ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_failure_t *failure);


/* ngx_http_sent_conv_target.c: lines, and who is served next */

ngx_int_t ngx_http_sent_conv_target_join(ngx_http_sent_conv_lane_t *lane,
    ngx_str_t *name);
void ngx_http_sent_conv_target_leave(ngx_http_sent_conv_lane_t *lane);
ngx_http_sent_conv_target_t *ngx_http_sent_conv_target_find(
    ngx_http_sent_conv_queue_t *q, ngx_str_t *name);
void ngx_http_sent_conv_target_wait(ngx_http_sent_conv_lane_t *lane);
void ngx_http_sent_conv_target_unwait(ngx_http_sent_conv_lane_t *lane);
void ngx_http_sent_conv_target_start(ngx_http_sent_conv_lane_t *lane);
void ngx_http_sent_conv_target_release(ngx_http_sent_conv_lane_t *lane);
void ngx_http_sent_conv_target_pump(ngx_event_t *ev);
void ngx_http_sent_conv_target_trim(ngx_http_sent_conv_queue_t *q);
void ngx_http_sent_conv_target_expire(ngx_http_sent_conv_queue_t *q,
    ngx_uint_t all);


/* ngx_http_sent_conv_limit.c: how many at once, and who comes later */

ngx_uint_t ngx_http_sent_conv_target_line(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target);
ngx_uint_t ngx_http_sent_conv_target_full(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target);
ngx_uint_t ngx_http_sent_conv_target_free_slot(
    ngx_http_sent_conv_queue_t *q, ngx_http_sent_conv_target_t *target);
ngx_msec_t ngx_http_sent_conv_target_delay(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target);
ngx_msec_t ngx_http_sent_conv_target_refuse(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_target_t *target);
void ngx_http_sent_conv_target_done(ngx_http_sent_conv_lane_t *lane,
    ngx_http_sent_conv_verdict_t *verdict);


/*
 * ngx_http_sent_conv_breaker.c: breakers and rates of endpoints, shared by the
 * node's workers.  wait: ms for which no lane of it is wanted; turn: the same,
 * for one lane after the other, and how old its events may be (0: any age);
 * begin: NGX_OK, or NGX_AGAIN with these two; end: 1 = the attempt counts;
 * leave: it was not made; pace: when the next attempt may begin by the rate
 * limit, which gives that turn away.
 */

ngx_msec_t ngx_http_sent_conv_breaker_wait(ngx_http_sent_conv_queue_t *q,
    ngx_sent_conv_endpoint_t *endpoint);
ngx_msec_t ngx_http_sent_conv_breaker_turn(ngx_http_sent_conv_queue_t *q,
    ngx_sent_conv_endpoint_t *endpoint, ngx_msec_t *age);
ngx_int_t ngx_http_sent_conv_breaker_begin(ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_endpoint_t *endpoint, ngx_msec_t *delay, ngx_msec_t *age);
ngx_uint_t ngx_http_sent_conv_breaker_end(ngx_http_sent_conv_lane_t *lane,
    ngx_sent_conv_endpoint_t *endpoint,
    ngx_http_sent_conv_verdict_t *verdict);
void ngx_http_sent_conv_breaker_leave(ngx_http_sent_conv_lane_t *lane);
ngx_msec_t ngx_http_sent_conv_breaker_pace(ngx_http_sent_conv_queue_t *q,
    ngx_sent_conv_endpoint_t *endpoint);


/* ngx_http_sent_conv_trial.c: store->trial */

ngx_int_t ngx_http_sent_conv_trial_start(void *data,
    ngx_sent_conv_trial_t *trial);


/*
 * ngx_http_sent_conv_measure.c: of an attempt; of a lane whose item was
 * received
 */

void ngx_http_sent_conv_measure_begin(ngx_http_sent_conv_attempt_t *attempt);
void ngx_http_sent_conv_measure_end(ngx_http_sent_conv_attempt_t *attempt,
    ngx_http_sent_conv_verdict_t *verdict);
void ngx_http_sent_conv_measure_delivered(ngx_http_sent_conv_lane_t *lane);

/* ms since the item at hand was made; NGX_ERROR: it does not tell */

int64_t ngx_http_sent_conv_measure_age(ngx_http_sent_conv_lane_t *lane);


/* ngx_http_sent_conv_renew.c: leases of the lanes in hand */

void ngx_http_sent_conv_queue_renew(ngx_http_sent_conv_queue_t *q);


#endif /* _NGX_HTTP_SENT_CONV_DELIVERY_H_INCLUDED_ */
