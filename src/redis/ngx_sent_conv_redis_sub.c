
/*
 * Notifications: a connection of its own that listens for expired keys and
 * for what the nodes tell each other.  hiredis 0.14 cannot ping while it
 * listens, so the connection is proven by a message that we send ourselves
 * over the connection for commands.
 */


#include "ngx_sent_conv_redis_conn.h"


#define NGX_SENT_CONV_REDIS_PROOF     10000
#define NGX_SENT_CONV_REDIS_CHANNELS  3


static ngx_int_t ngx_sent_conv_redis_sub_names(
    ngx_sent_conv_redis_sub_t *sub);
static void ngx_sent_conv_redis_sub_reply(redisAsyncContext *ac, void *data,
    void *privdata);
static void ngx_sent_conv_redis_sub_expired(ngx_sent_conv_redis_sub_t *sub,
    ngx_str_t key);
static void ngx_sent_conv_redis_sub_message(ngx_sent_conv_redis_sub_t *sub,
    ngx_str_t channel, ngx_str_t text);
static void ngx_sent_conv_redis_sub_up(ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_sub_gone(ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_sub_tick_handler(ngx_event_t *ev);
static void ngx_sent_conv_redis_sub_published(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


ngx_sent_conv_redis_sub_t *
ngx_sent_conv_redis_sub_create(ngx_sent_conv_redis_t *rd,
    ngx_sent_conv_redis_sub_pt expired, ngx_sent_conv_redis_sub_pt message,
    void *data)
{
    ngx_pool_t                  *pool;
    ngx_sent_conv_redis_sub_t   *sub;
    ngx_sent_conv_redis_conn_t  *conn;

    pool = ngx_create_pool(4096, rd->log);
    if (pool == NULL) {
        return NULL;
    }

    sub = ngx_pcalloc(pool, sizeof(ngx_sent_conv_redis_sub_t));
    if (sub == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    sub->pool = pool;
    sub->rd = rd;
    sub->expired = expired;
    sub->message = message;
    sub->data = data;

    if (ngx_sent_conv_redis_sub_names(sub) != NGX_OK) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    sub->tick.handler = ngx_sent_conv_redis_sub_tick_handler;
    sub->tick.data = sub;
    sub->tick.log = rd->log;
    sub->tick.cancelable = 1;

    conn = &sub->conn;

    conn->conf = &rd->conf;
    conn->log = rd->log;
    conn->name = "notifications";
    conn->kind = NGX_SENT_CONV_M_NOTIFICATIONS;
    conn->data = sub;
    conn->check = ngx_sent_conv_redis_flags;
    conn->ready = ngx_sent_conv_redis_sub_up;
    conn->lost = ngx_sent_conv_redis_sub_gone;

    rd->sub = sub;

    ngx_sent_conv_redis_conn_init(conn);
    ngx_sent_conv_redis_conn_connect(conn);

    return sub;
}


static ngx_int_t
ngx_sent_conv_redis_sub_names(ngx_sent_conv_redis_sub_t *sub)
{
    size_t                       len;
    ngx_sent_conv_redis_conf_t  *conf;

    conf = &sub->rd->conf;

    len = sizeof("__keyevent@__:expired") + NGX_INT_T_LEN;

    sub->pattern.data = ngx_pnalloc(sub->pool, len);
    if (sub->pattern.data == NULL) {
        return NGX_ERROR;
    }

    sub->pattern.len = ngx_sprintf(sub->pattern.data,
                                   "__keyevent@%ui__:expired", conf->db)
                       - sub->pattern.data;

    len = conf->prefix.len + sizeof("changed") - 1;

    sub->changed.data = ngx_pnalloc(sub->pool, len);
    if (sub->changed.data == NULL) {
        return NGX_ERROR;
    }

    sub->changed.len = ngx_sprintf(sub->changed.data, "%Vchanged",
                                   &conf->prefix)
                       - sub->changed.data;

    len = conf->prefix.len + sizeof("proof:::") + NGX_INT64_LEN + 16;

    sub->proof.data = ngx_pnalloc(sub->pool, len);
    if (sub->proof.data == NULL) {
        return NGX_ERROR;
    }

    sub->proof.len = ngx_sprintf(sub->proof.data, "%Vproof:%P:%08xD%08xD",
                                 &conf->prefix, ngx_pid,
                                 (uint32_t) ngx_random(),
                                 (uint32_t) ngx_random())
                     - sub->proof.data;

    return NGX_OK;
}


void
ngx_sent_conv_redis_sub_destroy(ngx_sent_conv_redis_sub_t *sub)
{
    sub->rd->sub = NULL;

    if (sub->tick.timer_set) {
        ngx_del_timer(&sub->tick);
    }

    ngx_sent_conv_redis_conn_close(&sub->conn);

    ngx_destroy_pool(sub->pool);
}


void
ngx_sent_conv_redis_sub_listen(ngx_sent_conv_redis_conn_t *conn)
{
    redisAsyncContext          *ac;
    ngx_sent_conv_redis_sub_t  *sub;

    ac = conn->ac;
    sub = conn->data;

    sub->confirmed = 0;

    if (redisAsyncCommand(ac, ngx_sent_conv_redis_sub_reply, NULL,
                          "PSUBSCRIBE %b",
                          sub->pattern.data, sub->pattern.len)
        != REDIS_OK
        || redisAsyncCommand(ac, ngx_sent_conv_redis_sub_reply, NULL,
                             "SUBSCRIBE %b %b",
                             sub->changed.data, sub->changed.len,
                             sub->proof.data, sub->proof.len)
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
ngx_sent_conv_redis_sub_reply(redisAsyncContext *ac, void *data,
    void *privdata)
{
    ngx_sent_conv_reply_t       *reply, *what;
    ngx_sent_conv_redis_sub_t   *sub;
    ngx_sent_conv_redis_conn_t  *conn;

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

    sub = conn->data;
    what = ngx_sent_conv_reply_at(reply, 0);

    if (ngx_sent_conv_reply_is(what, "pmessage")) {
        ngx_sent_conv_redis_sub_expired(sub,
                    ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 3)));
        return;
    }

    if (ngx_sent_conv_reply_is(what, "message")) {
        ngx_sent_conv_redis_sub_message(sub,
                    ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 1)),
                    ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 2)));
        return;
    }

    if (conn->state == ngx_sent_conv_redis_st_check
        && ++sub->confirmed == NGX_SENT_CONV_REDIS_CHANNELS)
    {
        ngx_sent_conv_redis_conn_ready(conn);
    }
}


static void
ngx_sent_conv_redis_sub_expired(ngx_sent_conv_redis_sub_t *sub, ngx_str_t key)
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
ngx_sent_conv_redis_sub_message(ngx_sent_conv_redis_sub_t *sub,
    ngx_str_t channel, ngx_str_t text)
{
    if (channel.len == sub->proof.len
        && ngx_memcmp(channel.data, sub->proof.data, channel.len) == 0)
    {
        sub->awaited = 0;
        ngx_add_timer(&sub->tick, NGX_SENT_CONV_REDIS_PROOF);
        return;
    }

    sub->message(sub->data, &text);
}


static void
ngx_sent_conv_redis_sub_up(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_str_t                   nothing = ngx_string("");
    ngx_sent_conv_redis_sub_t  *sub;

    sub = conn->data;

    if (!sub->tick.timer_set) {
        ngx_add_timer(&sub->tick, NGX_SENT_CONV_REDIS_PROOF);
    }

    sub->message(sub->data, &nothing);
}


static void
ngx_sent_conv_redis_sub_gone(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_sent_conv_redis_sub_t  *sub;

    sub = conn->data;

    sub->awaited = 0;

    if (sub->tick.timer_set) {
        ngx_del_timer(&sub->tick);
    }
}


static void
ngx_sent_conv_redis_sub_tick_handler(ngx_event_t *ev)
{
    ngx_str_t                   argv[3];
    ngx_sent_conv_redis_sub_t  *sub;

    sub = ev->data;

    if (ngx_exiting || ngx_terminate) {
        return;
    }

    if (sub->awaited) {
        ngx_sent_conv_redis_conn_drop(&sub->conn,
                                      "a message of our own did not arrive");
        return;
    }

    ngx_str_set(&argv[0], "PUBLISH");
    argv[1] = sub->proof;
    ngx_str_set(&argv[2], "1");

    if (ngx_sent_conv_redis_command(sub->rd, NULL, 3, argv,
                                    ngx_sent_conv_redis_sub_published,
                                    sub->rd)
        == NGX_OK)
    {
        sub->awaited = 1;
    }

    /* with the answer still out nothing is known yet, hence not sooner */

    ngx_add_timer(ev, sub->awaited ? 2 * sub->rd->conf.timeout
                                   : NGX_SENT_CONV_REDIS_PROOF);
}


static void
ngx_sent_conv_redis_sub_published(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_redis_t *rd = data;

    if (rd->sub && rd->sub->awaited && err != NGX_SENT_CONV_OK) {

        /* tells nothing of the connection that listens */

        rd->sub->awaited = 0;
        ngx_add_timer(&rd->sub->tick, NGX_SENT_CONV_REDIS_PROOF);
    }
}
