
/*
 * The connection to a master that listens for expired keys and for what the
 * nodes tell each other.  hiredis 0.14 cannot ping while it listens, so the
 * connection is proven by a message that we send ourselves over the
 * connection for commands.
 */


#include "ngx_sent_conv_redis_conn.h"


#define NGX_SENT_CONV_REDIS_PROOF     10000
#define NGX_SENT_CONV_REDIS_CHANNELS  3


static void ngx_sent_conv_redis_listener_name(
    ngx_sent_conv_redis_master_t *m);
static void ngx_sent_conv_redis_listener_reply(redisAsyncContext *ac,
    void *data, void *privdata);
static void ngx_sent_conv_redis_listener_expired(
    ngx_sent_conv_redis_sub_t *sub, ngx_str_t key);
static void ngx_sent_conv_redis_listener_message(
    ngx_sent_conv_redis_master_t *m, ngx_str_t channel, ngx_str_t text);
static void ngx_sent_conv_redis_listener_up(ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_listener_gone(
    ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_listener_tick(ngx_event_t *ev);
static void ngx_sent_conv_redis_listener_published(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


void
ngx_sent_conv_redis_listener_init(ngx_sent_conv_redis_master_t *m)
{
    ngx_event_t                 *tick;
    ngx_sent_conv_redis_conn_t  *conn;

    tick = &m->listener.tick;

    tick->handler = ngx_sent_conv_redis_listener_tick;
    tick->data = m;
    tick->log = m->rd->log;
    tick->cancelable = 1;

    conn = &m->listener.conn;

    conn->name = "notifications";
    conn->kind = NGX_SENT_CONV_M_NOTIFICATIONS;
    conn->check = ngx_sent_conv_redis_flags;
    conn->ready = ngx_sent_conv_redis_listener_up;
    conn->lost = ngx_sent_conv_redis_listener_gone;

    ngx_sent_conv_redis_conn_init(conn, m->rd, &m->place.addr, m);
}


void
ngx_sent_conv_redis_listener_open(ngx_sent_conv_redis_master_t *m)
{
    ngx_sent_conv_redis_listener_name(m);

    m->listener.conn.closed = 0;

    ngx_sent_conv_redis_conn_move(&m->listener.conn);
}


static void
ngx_sent_conv_redis_listener_name(ngx_sent_conv_redis_master_t *m)
{
    ngx_sent_conv_redis_listener_t  *listener;

    listener = &m->listener;

    listener->proof.data = listener->buf;
    listener->proof.len = ngx_snprintf(listener->buf, sizeof(listener->buf),
                                       "%Vproof:%P:%08xD%08xD",
                                       &m->rd->conf.prefix, ngx_pid,
                                       (uint32_t) ngx_random(),
                                       (uint32_t) ngx_random())
                          - listener->buf;
}


void
ngx_sent_conv_redis_listener_close(ngx_sent_conv_redis_master_t *m)
{
    if (m->listener.tick.timer_set) {
        ngx_del_timer(&m->listener.tick);
    }

    m->listener.awaited = 0;

    ngx_sent_conv_redis_conn_close(&m->listener.conn);
}


void
ngx_sent_conv_redis_listener_listen(ngx_sent_conv_redis_conn_t *conn)
{
    redisAsyncContext             *ac;
    ngx_sent_conv_redis_sub_t     *sub;
    ngx_sent_conv_redis_master_t  *m;

    ac = conn->ac;
    m = conn->data;
    sub = m->rd->sub;

    m->listener.confirmed = 0;

    if (redisAsyncCommand(ac, ngx_sent_conv_redis_listener_reply, NULL,
                          "PSUBSCRIBE %b",
                          sub->pattern.data, sub->pattern.len)
        != REDIS_OK
        || redisAsyncCommand(ac, ngx_sent_conv_redis_listener_reply, NULL,
                             "SUBSCRIBE %b %b",
                             sub->changed.data, sub->changed.len,
                             m->listener.proof.data, m->listener.proof.len)
           != REDIS_OK)
    {
        ngx_sent_conv_redis_conn_drop(conn, "no memory");
        return;
    }

    if (conn->timeout.timer_set) {
        ngx_del_timer(&conn->timeout);
    }

    ngx_add_timer(&conn->timeout, conn->conf->timeout);
}


static void
ngx_sent_conv_redis_listener_reply(redisAsyncContext *ac, void *data,
    void *privdata)
{
    ngx_sent_conv_reply_t         *reply, *what;
    ngx_sent_conv_redis_conn_t    *conn;
    ngx_sent_conv_redis_master_t  *m;

    reply = data;
    conn = ac->data;

    if (conn == NULL) {
        return;
    }

    if (reply == NULL) {
        ngx_sent_conv_redis_conn_lost(conn, ac);
        return;
    }

    if (conn->ac != ac) {
        return;
    }

    m = conn->data;
    what = ngx_sent_conv_reply_at(reply, 0);

    if (ngx_sent_conv_reply_is(what, "pmessage")) {
        ngx_sent_conv_redis_listener_expired(m->rd->sub,
                    ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 3)));
        return;
    }

    if (ngx_sent_conv_reply_is(what, "message")) {
        ngx_sent_conv_redis_listener_message(m,
                    ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 1)),
                    ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 2)));
        return;
    }

    if (conn->state == ngx_sent_conv_redis_st_check
        && ++m->listener.confirmed == NGX_SENT_CONV_REDIS_CHANNELS)
    {
        ngx_sent_conv_redis_conn_ready(conn);
    }
}


static void
ngx_sent_conv_redis_listener_expired(ngx_sent_conv_redis_sub_t *sub,
    ngx_str_t key)
{
    ngx_str_t  *prefix;

    prefix = &sub->rd->conf.prefix;

    if (key.len <= prefix->len
        || ngx_memcmp(key.data, prefix->data, prefix->len) != 0)
    {
        return;
    }

    sub->expired(sub->data, &key);
}


static void
ngx_sent_conv_redis_listener_message(ngx_sent_conv_redis_master_t *m,
    ngx_str_t channel, ngx_str_t text)
{
    ngx_sent_conv_redis_sub_t       *sub;
    ngx_sent_conv_redis_listener_t  *listener;

    listener = &m->listener;

    if (channel.len == listener->proof.len
        && ngx_memcmp(channel.data, listener->proof.data, channel.len) == 0)
    {
        listener->awaited = 0;
        ngx_add_timer(&listener->tick, NGX_SENT_CONV_REDIS_PROOF);
        return;
    }

    sub = m->rd->sub;

    sub->message(sub->data, &text);
}


static void
ngx_sent_conv_redis_listener_up(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_str_t                      nothing = ngx_string("");
    ngx_sent_conv_redis_sub_t     *sub;
    ngx_sent_conv_redis_master_t  *m;

    m = conn->data;
    sub = m->rd->sub;

    if (!m->listener.tick.timer_set) {
        ngx_add_timer(&m->listener.tick, NGX_SENT_CONV_REDIS_PROOF);
    }

    sub->message(sub->data, &nothing);
}


static void
ngx_sent_conv_redis_listener_gone(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_sent_conv_redis_master_t  *m;

    m = conn->data;

    m->listener.awaited = 0;

    if (m->listener.tick.timer_set) {
        ngx_del_timer(&m->listener.tick);
    }
}


static void
ngx_sent_conv_redis_listener_tick(ngx_event_t *ev)
{
    ngx_str_t                        argv[3];
    ngx_sent_conv_redis_master_t    *m;
    ngx_sent_conv_redis_listener_t  *listener;

    m = ev->data;
    listener = &m->listener;

    if (ngx_exiting || ngx_terminate) {
        return;
    }

    if (listener->awaited) {
        ngx_sent_conv_redis_conn_drop(&listener->conn,
                                      "a message of our own did not arrive");
        return;
    }

    ngx_str_set(&argv[0], "PUBLISH");
    argv[1] = listener->proof;
    ngx_str_set(&argv[2], "1");

    if (m->conn.state == ngx_sent_conv_redis_st_ready
        && ngx_sent_conv_redis_command_on(m->rd, &m->conn, 3, argv,
                                      ngx_sent_conv_redis_listener_published,
                                      m)
           == NGX_OK)
    {
        listener->awaited = 1;
    }

    /* with the answer still out nothing is known yet, hence not sooner */

    ngx_add_timer(ev, listener->awaited ? 2 * m->rd->conf.timeout
                                        : NGX_SENT_CONV_REDIS_PROOF);
}


static void
ngx_sent_conv_redis_listener_published(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_redis_master_t *m = data;

    if (m->listener.awaited && err != NGX_SENT_CONV_OK) {

        /* tells nothing of the connection that listens */

        m->listener.awaited = 0;
        ngx_add_timer(&m->listener.tick, NGX_SENT_CONV_REDIS_PROOF);
    }
}
