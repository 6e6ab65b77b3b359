
/*
 * The node's numbers for Prometheus: what its workers counted, what they have
 * in hand, and what waits in Redis.  A Redis that does not answer is waited
 * for no longer than a scrape can bear.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


#define NGX_HTTP_SENT_CONV_STATUS_WAIT  2000     /* ms */


/* between the request and the store: either may be the first to end */

typedef struct {
    ngx_http_sent_conv_call_t   *call;       /* NULL: it has been answered */
    ngx_sent_conv_backlog_t      backlog;

    unsigned                     up:1;
} ngx_http_sent_conv_status_t;


static void ngx_http_sent_conv_status_read(void *data,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_status_answer(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_status_redis(ngx_sent_conv_exposition_t *e,
    ngx_http_sent_conv_status_t *st);
static void ngx_http_sent_conv_status_workers(ngx_sent_conv_exposition_t *e,
    ngx_sent_conv_shared_t *shared);
static void ngx_http_sent_conv_status_breakers(ngx_sent_conv_exposition_t *e,
    ngx_sent_conv_breakers_t *breakers);
static void ngx_http_sent_conv_status_scripts(ngx_sent_conv_exposition_t *e,
    ngx_sent_conv_metrics_t *metrics);


void
ngx_http_sent_conv_status(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                     rc;
    ngx_http_sent_conv_status_t  *st;

    st = ngx_calloc(sizeof(ngx_http_sent_conv_status_t),
                    call->request->connection->log);
    if (st == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    st->call = call;
    call->data = st;

    rc = ngx_sent_conv_store_backlog(call->store,
                                     ngx_http_sent_conv_status_read, st);

    if (rc == NGX_OK) {
        ngx_http_sent_conv_wait_timer(call, NGX_HTTP_SENT_CONV_STATUS_WAIT,
                                      ngx_http_sent_conv_status_answer);
        return;
    }

    ngx_http_sent_conv_status_answer(call, NGX_SENT_CONV_UNSENT, NULL);
    ngx_free(st);
}


static void
ngx_http_sent_conv_status_read(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_http_sent_conv_status_t *st = data;

    ngx_http_sent_conv_call_t  *call;

    call = st->call;

    if (call != NULL) {
        ngx_del_timer(&call->timer);

        if (err == NGX_SENT_CONV_OK) {
            st->up = 1;
            st->backlog = *(ngx_sent_conv_backlog_t *) result;
        }

        ngx_http_sent_conv_wait_done(call, err, NULL);
    }

    ngx_free(st);
}


/* by the store, or by the timer, whose st is left to the store */

static void
ngx_http_sent_conv_status_answer(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_str_t                     text;
    ngx_sent_conv_metrics_t      *metrics;
    ngx_sent_conv_exposition_t    e;
    ngx_http_sent_conv_status_t  *st;

    st = call->data;
    st->call = NULL;

    metrics = call->store->metrics;

    ngx_sent_conv_exposition_init(&e, call->request->pool);

    ngx_http_sent_conv_status_redis(&e, st);
    ngx_http_sent_conv_status_workers(&e, call->store->shared);
    ngx_http_sent_conv_status_breakers(&e, &call->store->shared->breakers);
    ngx_http_sent_conv_measure_write(&e, metrics);
    ngx_sent_conv_metrics_write(&e, metrics);
    ngx_http_sent_conv_status_scripts(&e, metrics);

    if (e.failed) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    text.data = e.start;
    text.len = e.last - e.start;

    ngx_str_set(&call->type, "text/plain; version=0.0.4");

    ngx_http_sent_conv_reply(call, NGX_HTTP_OK, &text);
}


/* what waits there is told only where Redis has told it */

static void
ngx_http_sent_conv_status_redis(ngx_sent_conv_exposition_t *e,
    ngx_http_sent_conv_status_t *st)
{
    ngx_sent_conv_backlog_t  *backlog;

    ngx_sent_conv_exposition_head(e, "sent_conv_redis_up", "gauge",
                                  "Whether Redis answered this scrape.");
    ngx_sent_conv_exposition_value(e, "sent_conv_redis_up", NULL, st->up);

    if (!st->up) {
        return;
    }

    backlog = &st->backlog;

    ngx_sent_conv_exposition_head(e, "sent_conv_lanes", "gauge",
                "Lanes in Redis with something to deliver, of all nodes.");
    ngx_sent_conv_exposition_value(e, "sent_conv_lanes", NULL,
                                   backlog->lanes);

    ngx_sent_conv_exposition_head(e, "sent_conv_lanes_overdue_seconds",
                "gauge", "For how long the first lane has been due.");
    ngx_sent_conv_exposition_seconds(e, "sent_conv_lanes_overdue_seconds",
                               NULL, (uint64_t) backlog->lane_late * 1000);

    ngx_sent_conv_exposition_head(e, "sent_conv_deadlines", "gauge",
                "Deadlines in Redis: of each open window one, of all nodes.");
    ngx_sent_conv_exposition_value(e, "sent_conv_deadlines", NULL,
                                   backlog->deadlines);

    ngx_sent_conv_exposition_head(e, "sent_conv_deadlines_overdue_seconds",
                "gauge", "For how long the first deadline has been due.");
    ngx_sent_conv_exposition_seconds(e, "sent_conv_deadlines_overdue_seconds",
                           NULL, (uint64_t) backlog->deadline_late * 1000);
}


/* a worker that was killed has left its slot as it was */

static void
ngx_http_sent_conv_status_workers(ngx_sent_conv_exposition_t *e,
    ngx_sent_conv_shared_t *shared)
{
    char                     labels[32];
    ngx_pid_t                pid;
    ngx_uint_t               i, k, n;
    ngx_sent_conv_worker_t  *worker, sum;

    n = 0;
    ngx_memzero(&sum, sizeof(ngx_sent_conv_worker_t));

    for (i = 0; i < NGX_MAX_PROCESSES; i++) {
        worker = &shared->workers[i];
        pid = (ngx_pid_t) worker->pid;

        if (pid == 0 || (kill(pid, 0) == -1 && ngx_errno == NGX_ESRCH)) {
            continue;
        }

        n++;
        sum.commands += worker->commands;
        sum.lanes += worker->lanes;

        for (k = 0; k < NGX_SENT_CONV_M_KINDS; k++) {
            sum.deliveries[k] += worker->deliveries[k];
        }
    }

    ngx_sent_conv_exposition_head(e, "sent_conv_workers", "gauge",
                       "Worker processes, with those on their way out.");
    ngx_sent_conv_exposition_value(e, "sent_conv_workers", NULL, n);

    ngx_sent_conv_exposition_head(e, "sent_conv_redis_commands_in_flight",
                       "gauge", "Commands that Redis has not answered.");
    ngx_sent_conv_exposition_value(e, "sent_conv_redis_commands_in_flight",
                                   NULL, sum.commands);

    ngx_sent_conv_exposition_head(e, "sent_conv_lanes_in_hand", "gauge",
                                  "Lanes that the workers hold.");
    ngx_sent_conv_exposition_value(e, "sent_conv_lanes_in_hand", NULL,
                                   sum.lanes);

    ngx_sent_conv_exposition_head(e, "sent_conv_deliveries_in_flight",
                                  "gauge", "Deliveries on their way.");

    for (k = 0; k < NGX_SENT_CONV_M_KINDS; k++) {
        (void) ngx_sprintf((u_char *) labels, "kind=\"%s\"%Z",
                           ngx_sent_conv_metrics_kinds[k]);
        ngx_sent_conv_exposition_value(e, "sent_conv_deliveries_in_flight",
                                       labels, sum.deliveries[k]);
    }
}


/* read without the lock: a number that has just changed is no harm */

static void
ngx_http_sent_conv_status_breakers(ngx_sent_conv_exposition_t *e,
    ngx_sent_conv_breakers_t *breakers)
{
    ngx_uint_t                i, k, n;
    ngx_sent_conv_breaker_t  *b;

    n = 0;

    for (i = 0; i < NGX_SENT_CONV_BREAKER_SETS; i++) {
        for (k = 0; k < NGX_SENT_CONV_BREAKER_WAYS; k++) {
            b = &breakers->sets[i][k];
            n += (b->id[0] != 0 && b->open);
        }
    }

    ngx_sent_conv_exposition_head(e, "sent_conv_webhook_breakers_open",
                                  "gauge", "Endpoints that are left alone.");
    ngx_sent_conv_exposition_value(e, "sent_conv_webhook_breakers_open", NULL,
                                   n);
}


static void
ngx_http_sent_conv_status_scripts(ngx_sent_conv_exposition_t *e,
    ngx_sent_conv_metrics_t *metrics)
{
    char         labels[128];
    ngx_uint_t   i;
    const char  *name;

    name = "sent_conv_redis_script_duration_seconds";

    ngx_sent_conv_exposition_head(e, name, "summary",
                     "Time from a script's handing over to its answer.");

    for (i = 0; i < NGX_SENT_CONV_SCRIPTS; i++) {

        (void) ngx_sprintf((u_char *) labels, "script=\"%s\"%Z",
                           ngx_sent_conv_redis_script_name(i));

        ngx_sent_conv_exposition_summary(e, name, labels,
                                         &metrics->scripts[i]);
    }
}
