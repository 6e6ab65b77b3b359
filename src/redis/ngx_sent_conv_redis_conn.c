
/*
 * One connection to one Redis: its states, its two timers, and the way down
 * and up again.
 */


#include "ngx_sent_conv_redis_conn.h"


#define NGX_SENT_CONV_REDIS_DELAY_MIN  100
#define NGX_SENT_CONV_REDIS_DELAY_MAX  2000
#define NGX_SENT_CONV_REDIS_STEADY     2000
#define NGX_SENT_CONV_REDIS_GRACE      10


static void ngx_sent_conv_redis_connected(const redisAsyncContext *ac,
    int status);
static void ngx_sent_conv_redis_disconnected(const redisAsyncContext *ac,
    int status);
static void ngx_sent_conv_redis_down(ngx_sent_conv_redis_conn_t *conn,
    const char *why);
static void ngx_sent_conv_redis_timeout_handler(ngx_event_t *ev);
static void ngx_sent_conv_redis_reconnect_handler(ngx_event_t *ev);


static char  *ngx_sent_conv_redis_states[] = {
    "down", "connecting", "auth", "select", "check", "ready"
};


void
ngx_sent_conv_redis_conn_state(ngx_sent_conv_redis_conn_t *conn,
    ngx_sent_conv_redis_state_e state)
{
    ngx_log_debug3(NGX_LOG_DEBUG_EVENT, conn->log, 0,
                   "sent conv redis %s: %s -> %s", conn->name,
                   ngx_sent_conv_redis_states[conn->state],
                   ngx_sent_conv_redis_states[state]);

    conn->state = state;
}


void
ngx_sent_conv_redis_conn_init(ngx_sent_conv_redis_conn_t *conn,
    ngx_sent_conv_redis_t *rd, ngx_sent_conv_redis_addr_t *addr, void *data)
{
    conn->conf = &rd->conf;
    conn->addr = addr;
    conn->login = &rd->conf.login;
    conn->log = rd->log;
    conn->data = data;
    conn->said = conn->last;

    ngx_queue_init(&conn->calls);

    conn->limit = conn->conf->timeout;

    conn->timeout.handler = ngx_sent_conv_redis_timeout_handler;
    conn->timeout.data = conn;
    conn->timeout.log = conn->log;
    conn->timeout.cancelable = 1;

    conn->reconnect.handler = ngx_sent_conv_redis_reconnect_handler;
    conn->reconnect.data = conn;
    conn->reconnect.log = conn->log;
    conn->reconnect.cancelable = 1;

    ngx_sprintf((u_char *) conn->why, "Redis is not connected yet%Z");
}


void
ngx_sent_conv_redis_conn_connect(ngx_sent_conv_redis_conn_t *conn)
{
    redisAsyncContext           *ac;
    ngx_sent_conv_redis_addr_t  *addr;

    addr = conn->addr;

    if (addr->host.len == 0) {

        /* it is not known yet where that is */

        return;
    }

    if (addr->port) {
        ac = redisAsyncConnect((char *) addr->host.data, addr->port);

    } else {
        ac = redisAsyncConnectUnix((char *) addr->host.data);
    }

    if (ac == NULL) {
        ngx_sent_conv_redis_down(conn, "no memory");
        return;
    }

    if (ac->err) {
        ngx_sent_conv_redis_down(conn, ac->c.errstr);
        redisAsyncFree(ac);
        return;
    }

    if (ngx_sent_conv_redis_attach(ac, conn->log) != NGX_OK) {
        ngx_sent_conv_redis_down(conn, "worker_connections are not enough");
        redisAsyncFree(ac);
        return;
    }

    ac->data = conn;

    conn->ac = ac;
    conn->appended = 0;
    conn->timeout.cancelable = 1;

    ngx_sent_conv_redis_conn_state(conn, ngx_sent_conv_redis_st_connecting);

    (void) redisAsyncSetConnectCallback(ac, ngx_sent_conv_redis_connected);
    (void) redisAsyncSetDisconnectCallback(ac,
                                           ngx_sent_conv_redis_disconnected);

    ngx_add_timer(&conn->timeout, conn->conf->connect_timeout);
}


static void
ngx_sent_conv_redis_connected(const redisAsyncContext *ac, int status)
{
    ngx_sent_conv_redis_conn_t  *conn;

    conn = ac->data;

    if (conn == NULL || conn->ac != ac) {
        return;
    }

    if (status != REDIS_OK) {

        /* hiredis frees the context itself after this call */

        ngx_sent_conv_redis_conn_lost(conn, ac);
        return;
    }

    ngx_del_timer(&conn->timeout);

    ngx_sent_conv_redis_greet(conn);
}


static void
ngx_sent_conv_redis_disconnected(const redisAsyncContext *ac, int status)
{
    ngx_sent_conv_redis_conn_t  *conn;

    conn = ac->data;

    if (conn) {
        ngx_sent_conv_redis_conn_lost(conn, ac);
    }
}


void
ngx_sent_conv_redis_conn_ready(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_uint_t  level;

    level = conn->said[0] ? NGX_LOG_NOTICE : NGX_LOG_INFO;

    ngx_log_error(level, conn->log, 0, "sent conv redis %s%V: ready",
                  conn->name, &conn->addr->label);

    conn->why[0] = '\0';
    conn->said[0] = '\0';
    conn->since = ngx_current_msec;

    ngx_sent_conv_count(&conn->conf->metrics->connections[conn->kind]);

    ngx_sent_conv_redis_conn_state(conn, ngx_sent_conv_redis_st_ready);

    conn->ready(conn);
}


void
ngx_sent_conv_redis_conn_lost(ngx_sent_conv_redis_conn_t *conn,
    const redisAsyncContext *ac)
{
    if (conn->ac != ac) {
        return;
    }

    conn->ac = NULL;

    ngx_sent_conv_redis_down(conn, ac->c.err ? ac->c.errstr
                                             : "connection closed");
}


void
ngx_sent_conv_redis_conn_drop(ngx_sent_conv_redis_conn_t *conn,
    const char *why)
{
    redisAsyncContext  *ac;

    ac = conn->ac;

    if (ac == NULL) {
        return;
    }

    conn->ac = NULL;

    ngx_sent_conv_redis_down(conn, why);

    /* unanswered calls are answered here, or when this answer's taker ends */

    redisAsyncFree(ac);
}


void
ngx_sent_conv_redis_conn_leave(ngx_sent_conv_redis_conn_t *conn)
{
    redisAsyncContext  *ac;

    ac = conn->ac;

    conn->ac = NULL;
    conn->delay = 0;

    ngx_sent_conv_redis_conn_state(conn, ngx_sent_conv_redis_st_down);

    if (conn->timeout.timer_set) {
        ngx_del_timer(&conn->timeout);
    }

    if (conn->reconnect.timer_set) {
        ngx_del_timer(&conn->reconnect);
    }

    if (ac) {
        conn->lost(conn);
        redisAsyncFree(ac);
    }
}


void
ngx_sent_conv_redis_conn_move(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_sent_conv_redis_conn_leave(conn);

    if (!conn->closed && !ngx_terminate) {
        ngx_sent_conv_redis_conn_connect(conn);
    }
}


void
ngx_sent_conv_redis_conn_close(ngx_sent_conv_redis_conn_t *conn)
{
    redisAsyncContext  *ac;

    ac = conn->ac;

    conn->closed = 1;
    conn->ac = NULL;
    conn->state = ngx_sent_conv_redis_st_down;

    if (conn->timeout.timer_set) {
        ngx_del_timer(&conn->timeout);
    }

    if (conn->reconnect.timer_set) {
        ngx_del_timer(&conn->reconnect);
    }

    if (ac) {
        ac->data = NULL;
        redisAsyncFree(ac);
    }
}


static void
ngx_sent_conv_redis_down(ngx_sent_conv_redis_conn_t *conn, const char *why)
{
    ngx_msec_t  delay;
    ngx_uint_t  level;

    ngx_sent_conv_redis_error_text(conn->why, why);

    ngx_sent_conv_count(&conn->conf->metrics->failures[conn->kind]);

    if (ngx_strcmp(conn->why, conn->said) != 0) {
        ngx_cpystrn((u_char *) conn->said, (u_char *) conn->why,
                    NGX_SENT_CONV_REDIS_TEXT_LEN);

        level = (ngx_exiting || ngx_terminate) ? NGX_LOG_INFO : NGX_LOG_ERR;

        ngx_log_error(level, conn->log, 0,
                      "sent conv redis %s%V: not usable: %s (%s, %ui waiting)",
                      conn->name, &conn->addr->label, conn->why,
                      ngx_sent_conv_redis_states[conn->state], conn->waiting);
    }

    if (conn->state == ngx_sent_conv_redis_st_ready
        && ngx_current_msec - conn->since > NGX_SENT_CONV_REDIS_STEADY)
    {
        conn->delay = 0;
    }

    ngx_sent_conv_redis_conn_state(conn, ngx_sent_conv_redis_st_down);

    if (conn->timeout.timer_set) {
        ngx_del_timer(&conn->timeout);
    }

    conn->lost(conn);

    /* one that leaves may have things to tell yet, but does not wait for it */

    if (conn->closed || ngx_terminate) {
        return;
    }

    conn->delay = conn->delay ? ngx_min(conn->delay * 2,
                                        NGX_SENT_CONV_REDIS_DELAY_MAX)
                              : NGX_SENT_CONV_REDIS_DELAY_MIN;

    delay = conn->delay / 2;
    delay += (ngx_msec_t) ngx_random() % (delay + 1);

    ngx_add_timer(&conn->reconnect, delay);
}


static void
ngx_sent_conv_redis_timeout_handler(ngx_event_t *ev)
{
    ngx_msec_int_t               left;
    ngx_sent_conv_redis_call_t  *call;
    ngx_sent_conv_redis_conn_t  *conn;

    conn = ev->data;

    if (conn->state == ngx_sent_conv_redis_st_connecting) {
        ngx_sent_conv_redis_conn_drop(conn, "connecting timed out");
        return;
    }

    if (ngx_queue_empty(&conn->calls)) {

        if (conn->state != ngx_sent_conv_redis_st_ready) {
            ngx_sent_conv_redis_conn_drop(conn, "no answer in time");
        }

        return;
    }

    call = ngx_queue_data(ngx_queue_head(&conn->calls),
                          ngx_sent_conv_redis_call_t, queue);

    left = (ngx_msec_int_t) (call->start + conn->limit - ngx_current_msec);

    if (left <= 0 && ngx_sent_conv_redis_unread(conn->ac)) {

        /* the worker is late, not Redis */

        left = NGX_SENT_CONV_REDIS_GRACE;
    }

    if (left > 0) {
        ngx_add_timer(ev, (ngx_msec_t) left);
        return;
    }

    ngx_sent_conv_redis_conn_drop(conn, "no answer in time");
}


static void
ngx_sent_conv_redis_reconnect_handler(ngx_event_t *ev)
{
    if (ngx_terminate) {
        return;
    }

    ngx_sent_conv_redis_conn_connect(ev->data);
}
