
/*
 * One command on a connection: its text in RESP, its place among those that
 * wait for an answer, and what became of it.
 */


#include "ngx_sent_conv_redis_conn.h"


static void ngx_sent_conv_redis_call_reply(redisAsyncContext *ac, void *reply,
    void *data);
static void ngx_sent_conv_redis_call_measure(
    ngx_sent_conv_redis_call_t *call);
static ngx_uint_t ngx_sent_conv_redis_call_unsent(redisAsyncContext *ac,
    ngx_sent_conv_redis_call_t *call);
static void ngx_sent_conv_redis_call_own_answer(
    ngx_sent_conv_redis_call_t *call, ngx_sent_conv_err_e err,
    redisReply *reply);


u_char *
ngx_sent_conv_redis_call_size(u_char *p, u_char mark, size_t n)
{
    u_char  *last, buf[NGX_SIZE_T_LEN];

    last = buf + sizeof(buf);

    do {
        *--last = (u_char) (n % 10 + '0');
        n /= 10;
    } while (n);

    *p++ = mark;

    while (last != buf + sizeof(buf)) {
        *p++ = *last++;
    }

    *p++ = CR;
    *p++ = LF;

    return p;
}


u_char *
ngx_sent_conv_redis_call_arg(u_char *p, u_char *data, size_t len)
{
    p = ngx_sent_conv_redis_call_size(p, '$', len);
    p = ngx_cpymem(p, data, len);
    *p++ = CR;
    *p++ = LF;

    return p;
}


ngx_sent_conv_redis_call_t *
ngx_sent_conv_redis_call_create(u_char *head, size_t len, ngx_uint_t argc,
    ngx_str_t *argv)
{
    u_char                      *p;
    size_t                       size;
    ngx_uint_t                   i;
    ngx_sent_conv_redis_call_t  *call;

    /* hiredis looks at the byte behind the last argument */

    size = sizeof(ngx_sent_conv_redis_call_t) + len + 1;

    for (i = 0; i < argc; i++) {
        size += sizeof("$" CRLF CRLF) - 1 + NGX_SIZE_T_LEN + argv[i].len;
    }

    call = ngx_alloc(size, ngx_cycle->log);
    if (call == NULL) {
        return NULL;
    }

    ngx_memzero(call, sizeof(ngx_sent_conv_redis_call_t));

    call->text = (u_char *) call + sizeof(ngx_sent_conv_redis_call_t);

    p = ngx_cpymem(call->text, head, len);

    call->tail = p;

    for (i = 0; i < argc; i++) {
        p = ngx_sent_conv_redis_call_arg(p, argv[i].data, argv[i].len);
    }

    *p = '\0';

    call->last = p;
    call->argc = argc;
    call->script = NGX_SENT_CONV_SCRIPTS;

    return call;
}


ngx_int_t
ngx_sent_conv_redis_call_send(ngx_sent_conv_redis_conn_t *conn,
    ngx_sent_conv_redis_call_t *call, u_char *text, size_t len)
{
    size_t              before;
    redisAsyncContext  *ac;

    ac = conn->ac;

    if (ac == NULL || ac->c.err || ac->c.obuf == NULL) {
        return NGX_ERROR;
    }

    before = sdslen(ac->c.obuf);

    if (redisAsyncFormattedCommand(ac, ngx_sent_conv_redis_call_reply, call,
                                   (char *) text, len)
        != REDIS_OK)
    {
        return NGX_ERROR;
    }

    call->conn = conn;
    call->offset = conn->appended;
    call->start = ngx_current_msec;

    conn->appended += sdslen(ac->c.obuf) - before;

    ngx_queue_insert_tail(&conn->calls, &call->queue);

    if (!call->own) {
        conn->waiting++;
        conn->conf->worker->commands++;
        conn->timeout.cancelable = 0;

        call->clock = ngx_sent_conv_redis_call_clock();
    }

    if (!conn->timeout.timer_set) {
        ngx_add_timer(&conn->timeout, conn->limit);
    }

    return NGX_OK;
}


static void
ngx_sent_conv_redis_call_reply(redisAsyncContext *ac, void *reply, void *data)
{
    ngx_sent_conv_redis_call_t *call = data;

    ngx_sent_conv_err_e          err;
    ngx_sent_conv_redis_conn_t  *conn;

    conn = call->conn;
    err = NGX_SENT_CONV_OK;

    if (reply == NULL) {
        err = ngx_sent_conv_redis_call_unsent(ac, call)
              ? NGX_SENT_CONV_UNSENT : NGX_SENT_CONV_UNKNOWN;

        /* before the answer, whose taker must find the connection down */

        ngx_sent_conv_redis_conn_lost(conn, ac);
    }

    ngx_queue_remove(&call->queue);

    if (!call->own) {
        conn->conf->worker->commands--;

        if (reply) {
            ngx_sent_conv_redis_call_measure(call);
        }

        if (--conn->waiting == 0) {
            conn->timeout.cancelable = 1;
        }
    }

    call->answer(call, err, reply);
}


/* us; nginx's own clock stands still while a worker is at work */

uint64_t
ngx_sent_conv_redis_call_clock(void)
{
#if (NGX_SENT_CONV_NO_METRICS)

    return 0;

#else

    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;

#endif
}


static void
ngx_sent_conv_redis_call_measure(ngx_sent_conv_redis_call_t *call)
{
    uint64_t                  us;
    ngx_sent_conv_metrics_t  *metrics;

    us = ngx_sent_conv_redis_call_clock() - call->clock;
    metrics = call->conn->conf->metrics;

    if (call->conn->kind != NGX_SENT_CONV_M_WAITS) {
        ngx_sent_conv_observe(&metrics->command_time, us);
    }

    if (call->script != NGX_SENT_CONV_SCRIPTS) {
        ngx_sent_conv_summarize(&metrics->scripts[call->script], us);
    }
}


/* not a byte of it has left the buffer of hiredis */

static ngx_uint_t
ngx_sent_conv_redis_call_unsent(redisAsyncContext *ac,
    ngx_sent_conv_redis_call_t *call)
{
    uint64_t  written;

    written = call->conn->appended;

    if (ac->c.obuf) {
        written -= sdslen(ac->c.obuf);
    }

    return call->offset >= written;
}


void
ngx_sent_conv_redis_call_own(ngx_sent_conv_redis_conn_t *conn,
    ngx_sent_conv_redis_step_pt step, ngx_uint_t argc, ngx_str_t *argv)
{
    u_char                      *p, head[sizeof("*" CRLF) + NGX_SIZE_T_LEN];
    ngx_sent_conv_redis_call_t  *call;

    p = ngx_sent_conv_redis_call_size(head, '*', argc);

    call = ngx_sent_conv_redis_call_create(head, p - head, argc, argv);

    if (call) {
        call->own = 1;
        call->step = step;
        call->answer = ngx_sent_conv_redis_call_own_answer;

        if (ngx_sent_conv_redis_call_send(conn, call, call->text,
                                          call->last - call->text)
            == NGX_OK)
        {
            return;
        }

        ngx_free(call);
    }

    /* a connection may not be dropped from everywhere */

    conn->state = ngx_sent_conv_redis_st_connecting;
    ngx_add_timer(&conn->timeout, 1);
}


static void
ngx_sent_conv_redis_call_own_answer(ngx_sent_conv_redis_call_t *call,
    ngx_sent_conv_err_e err, redisReply *reply)
{
    ngx_sent_conv_redis_conn_t   *conn;
    ngx_sent_conv_redis_step_pt   step;

    conn = call->conn;
    step = call->step;

    ngx_free(call);

    if (reply && step && conn->ac) {
        step(conn, reply);
    }
}
