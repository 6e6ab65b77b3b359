
/*
 * What a node counts: numbers in memory that its workers share, added to
 * without a lock, and how Prometheus is told of them.
 *
 * A counter costs one atomic addition.  Nothing here is taken back: gauges are
 * in the worker's own slot, which is worth nothing once its process is gone.
 */


#ifndef _NGX_SENT_CONV_METRICS_H_INCLUDED_
#define _NGX_SENT_CONV_METRICS_H_INCLUDED_


#include "ngx_sent_conv.h"


#define NGX_SENT_CONV_ROUTES    48      /* of one kind, see the routes */
#define NGX_SENT_CONV_STATUSES  20      /* ngx_sent_conv_metrics_status() */
#define NGX_SENT_CONV_TIMED     64      /* scripts, see the scripts */
#define NGX_SENT_CONV_BUCKETS   20      /* of a histogram, the last +Inf */

#define NGX_SENT_CONV_M_APIS    7       /* what a location is, less one */
#define NGX_SENT_CONV_M_ERRORS  3       /* ngx_sent_conv_err_e, less one */


/* label values; ngx_sent_conv_metrics.c has their names in the same order */

typedef enum {
    NGX_SENT_CONV_M_INBOUND = 0,
    NGX_SENT_CONV_M_TEMPLATE_REPLY,
    NGX_SENT_CONV_M_TRIGGERS
} ngx_sent_conv_metrics_trigger_e;

typedef enum {
    NGX_SENT_CONV_M_EXPIRED = 0,
    NGX_SENT_CONV_M_EXPLICIT,
    NGX_SENT_CONV_M_COMPLIANCE_STOP,
    NGX_SENT_CONV_M_REASONS
} ngx_sent_conv_metrics_reason_e;

typedef enum {
    NGX_SENT_CONV_M_RECEIVED = 0,
    NGX_SENT_CONV_M_QUEUED,
    NGX_SENT_CONV_M_SENT,
    NGX_SENT_CONV_M_DELIVERED,
    NGX_SENT_CONV_M_READ,
    NGX_SENT_CONV_M_FAILED,
    NGX_SENT_CONV_M_FILTERED,
    NGX_SENT_CONV_M_BLOCKED,
    NGX_SENT_CONV_M_MESSAGES
} ngx_sent_conv_metrics_message_e;

typedef enum {
    NGX_SENT_CONV_M_KEYWORD = 0,
    NGX_SENT_CONV_M_BY_CARRIER,
    NGX_SENT_CONV_M_BY_API,
    NGX_SENT_CONV_M_SOURCES
} ngx_sent_conv_metrics_source_e;

typedef enum {
    NGX_SENT_CONV_M_ACCEPTED = 0,
    NGX_SENT_CONV_M_DUPLICATE,
    NGX_SENT_CONV_M_DROPPED,
    NGX_SENT_CONV_M_UNREADABLE,
    NGX_SENT_CONV_M_ITEMS
} ngx_sent_conv_metrics_item_e;

typedef enum {
    NGX_SENT_CONV_M_COMMANDS = 0,
    NGX_SENT_CONV_M_NOTIFICATIONS,
    NGX_SENT_CONV_M_WAITS,
    NGX_SENT_CONV_M_GUIDE,
    NGX_SENT_CONV_M_CONNECTIONS
} ngx_sent_conv_metrics_connection_e;

typedef enum {
    NGX_SENT_CONV_M_CUSTOMER = 0,
    NGX_SENT_CONV_M_ADDRESS,
    NGX_SENT_CONV_M_LIMITS
} ngx_sent_conv_metrics_limit_e;

typedef enum {
    NGX_SENT_CONV_M_ENOUGH = 0,
    NGX_SENT_CONV_M_FEW,
    NGX_SENT_CONV_M_UNTOLD,
    NGX_SENT_CONV_M_REPLICAS
} ngx_sent_conv_metrics_replicas_e;

typedef enum {
    NGX_SENT_CONV_M_WEBHOOKS = 0,
    NGX_SENT_CONV_M_CARRIERS,
    NGX_SENT_CONV_M_TESTS,
    NGX_SENT_CONV_M_TOKENS,
    NGX_SENT_CONV_M_KINDS
} ngx_sent_conv_metrics_kind_e;

typedef enum {
    NGX_SENT_CONV_M_SUCCESS = 0,
    NGX_SENT_CONV_M_REJECTED,
    NGX_SENT_CONV_M_TIMEOUT,
    NGX_SENT_CONV_M_NO_ANSWER,
    NGX_SENT_CONV_M_ABORTED,
    NGX_SENT_CONV_M_OUTCOMES
} ngx_sent_conv_metrics_outcome_e;

typedef enum {
    NGX_SENT_CONV_M_OPENED = 0,
    NGX_SENT_CONV_M_PROBED,
    NGX_SENT_CONV_M_CLOSED,
    NGX_SENT_CONV_M_BREAKS
} ngx_sent_conv_metrics_break_e;

typedef enum {
    NGX_SENT_CONV_M_GONE = 0,
    NGX_SENT_CONV_M_FAILURES,
    NGX_SENT_CONV_M_DISABLES
} ngx_sent_conv_metrics_disable_e;


/* times are in microseconds */

typedef struct {
    ngx_atomic_t                bucket[NGX_SENT_CONV_BUCKETS];
    ngx_atomic_t                sum;
} ngx_sent_conv_histogram_t;

typedef struct {
    ngx_atomic_t                count;
    ngx_atomic_t                sum;
} ngx_sent_conv_summary_t;


/* all zero at first; kept over a reload, as long as it is as large */

typedef struct {
    ngx_atomic_t                requests[NGX_SENT_CONV_M_APIS]
                                        [NGX_SENT_CONV_ROUTES]
                                        [NGX_SENT_CONV_STATUSES];
    ngx_sent_conv_histogram_t   request_time[NGX_SENT_CONV_M_APIS];
    ngx_atomic_t                replays;
    ngx_atomic_t                replicas[NGX_SENT_CONV_M_REPLICAS];
    ngx_atomic_t                limited[NGX_SENT_CONV_M_LIMITS];

    ngx_atomic_t                windows_opened[NGX_SENT_CONV_M_TRIGGERS];
    ngx_atomic_t                windows_ended[NGX_SENT_CONV_M_REASONS];
    ngx_sent_conv_histogram_t   window_late;
    ngx_atomic_t                messages[NGX_SENT_CONV_CHANNELS]
                                        [NGX_SENT_CONV_M_MESSAGES];
    ngx_atomic_t                opt_outs[NGX_SENT_CONV_M_SOURCES];
    ngx_atomic_t                opt_ins[NGX_SENT_CONV_M_SOURCES];

    ngx_atomic_t                items[NGX_SENT_CONV_CHANNELS]
                                     [NGX_SENT_CONV_M_ITEMS];
    ngx_atomic_t                signatures[NGX_SENT_CONV_CHANNELS];

    /* of messages and events alone there is an age */
    ngx_atomic_t                attempts[NGX_SENT_CONV_M_KINDS]
                                        [NGX_SENT_CONV_M_OUTCOMES];
    ngx_sent_conv_histogram_t   attempt_time[NGX_SENT_CONV_M_KINDS];
    ngx_sent_conv_histogram_t   delivery_age[NGX_SENT_CONV_M_TESTS];
    ngx_atomic_t                breakers[NGX_SENT_CONV_M_BREAKS];
    ngx_atomic_t                disabled[NGX_SENT_CONV_M_DISABLES];
    ngx_atomic_t                takeovers;
    ngx_atomic_t                dead;

    ngx_atomic_t                cache_hits;
    ngx_atomic_t                cache_misses;

    ngx_sent_conv_histogram_t   command_time;
    ngx_sent_conv_histogram_t   wait_time;
    ngx_sent_conv_summary_t     scripts[NGX_SENT_CONV_TIMED];
    ngx_atomic_t                command_errors[NGX_SENT_CONV_M_ERRORS];
    ngx_atomic_t                connections[NGX_SENT_CONV_M_CONNECTIONS];
    ngx_atomic_t                failures[NGX_SENT_CONV_M_CONNECTIONS];
} ngx_sent_conv_metrics_t;


/* a worker's gauges, a cache line; only it writes them */

typedef struct {
    ngx_atomic_t                pid;         /* 0 = nobody's */
    ngx_atomic_t                commands;    /* Redis has not answered */
    ngx_atomic_t                lanes;       /* in hand */
    ngx_atomic_t                deliveries[NGX_SENT_CONV_M_KINDS];
    ngx_atomic_t                spare;
} ngx_sent_conv_worker_t;


/* make bench measures the module without them, too */

static ngx_inline void
ngx_sent_conv_count_n(ngx_atomic_t *counter, ngx_atomic_int_t n)
{
#if !(NGX_SENT_CONV_NO_METRICS)
    (void) ngx_atomic_fetch_add(counter, n);
#endif
}


static ngx_inline void
ngx_sent_conv_count(ngx_atomic_t *counter)
{
    ngx_sent_conv_count_n(counter, 1);
}


static ngx_inline void
ngx_sent_conv_summarize(ngx_sent_conv_summary_t *summary, uint64_t us)
{
    ngx_sent_conv_count(&summary->count);
    ngx_sent_conv_count_n(&summary->sum, (ngx_atomic_int_t) us);
}


/* ngx_sent_conv_exposition.c */

void ngx_sent_conv_observe(ngx_sent_conv_histogram_t *histogram, uint64_t us);

/* the place of a status, the last one for all that are not listed */

ngx_uint_t ngx_sent_conv_metrics_status(ngx_uint_t status);


/*
 * The text format of Prometheus 0.0.4.  A text grows in its pool; where there
 * is no memory it is marked as failed, and what follows is dropped.  labels
 * are as they stand between braces, or NULL.
 */

typedef struct {
    ngx_pool_t                 *pool;
    u_char                     *start;
    u_char                     *last;
    u_char                     *end;

    unsigned                    failed:1;
} ngx_sent_conv_exposition_t;

void ngx_sent_conv_exposition_init(ngx_sent_conv_exposition_t *e,
    ngx_pool_t *pool);
void ngx_sent_conv_exposition_head(ngx_sent_conv_exposition_t *e,
    const char *name, const char *type, const char *help);
void ngx_sent_conv_exposition_value(ngx_sent_conv_exposition_t *e,
    const char *name, const char *labels, uint64_t value);
void ngx_sent_conv_exposition_seconds(ngx_sent_conv_exposition_t *e,
    const char *name, const char *labels, uint64_t us);
void ngx_sent_conv_exposition_summary(ngx_sent_conv_exposition_t *e,
    const char *name, const char *labels, ngx_sent_conv_summary_t *summary);

void ngx_sent_conv_exposition_histogram(ngx_sent_conv_exposition_t *e,
    const char *name, const char *labels,
    ngx_sent_conv_histogram_t *histogram);

/* requests of one route, those statuses that were answered */

void ngx_sent_conv_exposition_requests(ngx_sent_conv_exposition_t *e,
    const char *name, const char *labels, ngx_atomic_t *statuses);

/*
 * ngx_sent_conv_metrics.c: all but requests and scripts, whose names are not
 * known here
 */

extern const char  *ngx_sent_conv_metrics_apis[];
extern const char  *ngx_sent_conv_metrics_kinds[];

void ngx_sent_conv_metrics_write(ngx_sent_conv_exposition_t *e,
    ngx_sent_conv_metrics_t *metrics);


#endif /* _NGX_SENT_CONV_METRICS_H_INCLUDED_ */
