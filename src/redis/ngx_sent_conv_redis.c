
/*
 * The face of the Redis floor: a worker's connections, commands on them, and
 * what their answers mean to whoever gave them.
 */


#include "ngx_sent_conv_redis_conn.h"


#define NGX_SENT_CONV_REDIS_WARN   60
#define NGX_SENT_CONV_REDIS_FIRST  500


static ngx_int_t ngx_sent_conv_redis_locate(ngx_sent_conv_redis_t *rd,
    ngx_pool_t *pool);
static void ngx_sent_conv_redis_first(ngx_sent_conv_redis_t *rd);
static ngx_sent_conv_redis_conn_t *ngx_sent_conv_redis_awaited(
    ngx_sent_conv_redis_t *rd);
static ngx_sent_conv_redis_master_t *ngx_sent_conv_redis_holder(
    ngx_sent_conv_redis_t *rd, ngx_str_t *key);
static void ngx_sent_conv_redis_failed(ngx_sent_conv_redis_t *rd,
    ngx_sent_conv_err_e err);
static ngx_sent_conv_err_e ngx_sent_conv_redis_verdict(
    ngx_sent_conv_redis_t *rd, ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply);


ngx_sent_conv_redis_t *
ngx_sent_conv_redis_create(ngx_cycle_t *cycle,
    ngx_sent_conv_redis_conf_t *conf, void (*ready)(void *data), void *data)
{
    ngx_sent_conv_redis_t  *rd;

    rd = ngx_pcalloc(cycle->pool, sizeof(ngx_sent_conv_redis_t));
    if (rd == NULL) {
        return NULL;
    }

    rd->conf = *conf;
    rd->log = cycle->log;

    ngx_sent_conv_redis_script_init(rd);

    if (ngx_sent_conv_redis_locate(rd, cycle->pool) != NGX_OK) {
        return NULL;
    }

    ngx_sent_conv_redis_first(rd);

    rd->ready = ready;
    rd->data = data;

    return rd;
}


static ngx_int_t
ngx_sent_conv_redis_locate(ngx_sent_conv_redis_t *rd, ngx_pool_t *pool)
{
    ngx_sent_conv_redis_addr_t    *addr;
    ngx_sent_conv_redis_master_t  *m;

    if (rd->conf.cluster) {
        return ngx_sent_conv_redis_cluster_init(rd, pool);
    }

    m = ngx_sent_conv_redis_master_create(rd);
    if (m == NULL) {
        return NGX_ERROR;
    }

    if (rd->conf.master.len) {
        return ngx_sent_conv_redis_guide_init(rd, pool);
    }

    addr = rd->conf.addrs->elts;
    m->place.addr = *addr;

    ngx_sent_conv_redis_conn_connect(&m->conn);

    return NGX_OK;
}


/*
 * A new worker's clients come at once: on a reload they would be told that
 * Redis is away, though it is not.
 */

static void
ngx_sent_conv_redis_first(ngx_sent_conv_redis_t *rd)
{
    ngx_msec_t                   last;
    ngx_uint_t                   tries;
    ngx_msec_int_t               left;
    ngx_sent_conv_redis_conn_t  *conn;

    ngx_time_update();

    last = ngx_current_msec + ngx_min(rd->conf.connect_timeout,
                                      NGX_SENT_CONV_REDIS_FIRST);

    /* timers do not run yet, so nobody else connects to the next address */

    tries = rd->guide ? rd->conf.addrs->nelts : 0;

    for ( ;; ) {
        conn = ngx_sent_conv_redis_awaited(rd);
        left = (ngx_msec_int_t) (last - ngx_current_msec);

        if (conn == NULL || left <= 0) {
            return;
        }

        if (conn->ac) {
            ngx_sent_conv_redis_turn(conn->ac, (ngx_msec_t) left);
            continue;
        }

        if (--tries == 0 || !conn->reconnect.timer_set) {
            return;
        }

        ngx_del_timer(&conn->reconnect);
        ngx_sent_conv_redis_conn_connect(conn);
    }
}


/* who is to be answered first */

static ngx_sent_conv_redis_conn_t *
ngx_sent_conv_redis_awaited(ngx_sent_conv_redis_t *rd)
{
    ngx_sent_conv_redis_master_t  *m;

    if (rd->guide && rd->guide->conn.state != ngx_sent_conv_redis_st_ready) {
        return &rd->guide->conn;
    }

    for (m = rd->masters; m; m = m->next) {
        if (m->conn.ac && m->conn.state != ngx_sent_conv_redis_st_ready) {
            return &m->conn;
        }
    }

    return NULL;
}


void
ngx_sent_conv_redis_destroy(ngx_sent_conv_redis_t *rd)
{
    if (rd->sub) {
        ngx_sent_conv_redis_sub_destroy(rd->sub);
    }

    if (rd->guide) {
        ngx_sent_conv_redis_guide_close(rd);
    }

    if (rd->cluster) {
        ngx_sent_conv_redis_cluster_close(rd);
    }

    while (rd->masters) {
        ngx_sent_conv_redis_master_free(rd->masters);
    }
}


/*
 * One Redis holds all slots, wherever it is; in a cluster the slot tells its
 * master.
 */

ngx_sent_conv_redis_conn_t *
ngx_sent_conv_redis_find(ngx_sent_conv_redis_t *rd, ngx_str_t *tag,
    ngx_str_t *key)
{
    ngx_sent_conv_redis_master_t  *m;

    m = ngx_sent_conv_redis_holder(rd, tag ? tag : key);

    if (m == NULL || m->conn.state != ngx_sent_conv_redis_st_ready) {
        ngx_sent_conv_redis_failed(rd, NGX_SENT_CONV_UNSENT);
        return NULL;
    }

    m->last = ++rd->sent;

    return &m->conn;
}


static ngx_sent_conv_redis_master_t *
ngx_sent_conv_redis_holder(ngx_sent_conv_redis_t *rd, ngx_str_t *key)
{
    if (rd->cluster == NULL || key == NULL) {
        return rd->masters;
    }

    return rd->cluster->agreed ? rd->cluster->slots[ngx_sent_conv_slot(key)]
                               : NULL;
}


ngx_int_t
ngx_sent_conv_redis_command(ngx_sent_conv_redis_t *rd, ngx_str_t *tag,
    ngx_uint_t argc, ngx_str_t *argv, ngx_sent_conv_redis_pt handler,
    void *data)
{
    ngx_sent_conv_redis_conn_t  *conn;

    conn = ngx_sent_conv_redis_find(rd, tag, (argc > 1) ? &argv[1] : NULL);
    if (conn == NULL) {
        return NGX_DECLINED;
    }

    return ngx_sent_conv_redis_command_on(rd, conn, argc, argv, handler,
                                          data);
}


ngx_int_t
ngx_sent_conv_redis_command_on(ngx_sent_conv_redis_t *rd,
    ngx_sent_conv_redis_conn_t *conn, ngx_uint_t argc, ngx_str_t *argv,
    ngx_sent_conv_redis_pt handler, void *data)
{
    u_char                      *p, head[sizeof("*" CRLF) + NGX_SIZE_T_LEN];
    ngx_sent_conv_redis_call_t  *call;

    p = ngx_sent_conv_redis_call_size(head, '*', argc);

    call = ngx_sent_conv_redis_call_create(head, p - head, argc, argv);
    if (call == NULL) {
        return NGX_ERROR;
    }

    call->redis = rd;
    call->handler = handler;
    call->data = data;
    call->answer = ngx_sent_conv_redis_answer;

    if (ngx_sent_conv_redis_call_send(conn, call, call->text,
                                      call->last - call->text)
        != NGX_OK)
    {
        ngx_free(call);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


void
ngx_sent_conv_redis_answer(ngx_sent_conv_redis_call_t *call,
    ngx_sent_conv_err_e err, redisReply *reply)
{
    void                    *data;
    ngx_sent_conv_redis_pt   handler;

    if (reply && reply->type == REDIS_REPLY_ERROR) {

        if (call->redis->cluster
            && ngx_sent_conv_redis_redirect(call, reply) == NGX_OK)
        {
            return;
        }

        err = ngx_sent_conv_redis_verdict(call->redis, call->conn, reply);
        reply = NULL;
    }

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_redis_failed(call->redis, err);
    }

    handler = call->handler;
    data = call->data;

    ngx_free(call);

    handler(data, err, reply);
}


static void
ngx_sent_conv_redis_failed(ngx_sent_conv_redis_t *rd, ngx_sent_conv_err_e err)
{
    ngx_sent_conv_count(&rd->conf.metrics->command_errors[err - 1]);
}


static ngx_sent_conv_err_e
ngx_sent_conv_redis_verdict(ngx_sent_conv_redis_t *rd,
    ngx_sent_conv_redis_conn_t *conn, redisReply *reply)
{
    char                          text[NGX_SENT_CONV_REDIS_TEXT_LEN];
    ngx_sent_conv_redis_error_t  *e;

    e = ngx_sent_conv_redis_error_find(reply);

    if (e == NULL) {
        ngx_sent_conv_redis_error_text(text, reply->str);
        ngx_log_error(NGX_LOG_ERR, rd->log, 0,
                      "sent conv redis answered with an error: %s", text);
        return NGX_SENT_CONV_BROKEN;
    }

    if (e->drop) {
        ngx_sent_conv_redis_conn_drop(conn, e->why);
        return NGX_SENT_CONV_UNSENT;
    }

    if (rd->warned != e
        || ngx_time() - rd->warned_at >= NGX_SENT_CONV_REDIS_WARN)
    {
        rd->warned = e;
        rd->warned_at = ngx_time();

        ngx_log_error(NGX_LOG_ERR, rd->log, 0,
                      "sent conv redis refused a command: %s", e->why);
    }

    return NGX_SENT_CONV_UNSENT;
}


ngx_uint_t
ngx_sent_conv_redis_usable(ngx_sent_conv_redis_t *rd, const char **why)
{
    ngx_sent_conv_redis_master_t  *m;

    if (rd->cluster && !rd->cluster->agreed) {

        if (why) {
            *why = ngx_sent_conv_redis_cluster_why(rd);
        }

        return 0;
    }

    for (m = rd->masters; m; m = m->next) {
        if (m->conn.state == ngx_sent_conv_redis_st_ready) {
            return 1;
        }

        if (why) {
            *why = m->place.addr.host.len
                   ? ngx_sent_conv_redis_cluster_text(m, m->conn.why)
                   : rd->guide->why;
        }
    }

    return 0;
}


ngx_uint_t
ngx_sent_conv_redis_ready(ngx_sent_conv_redis_t *rd, const char **why)
{
    const char                    *text;
    ngx_sent_conv_redis_master_t  *m;

    if (!ngx_sent_conv_redis_usable(rd, why)) {
        return 0;
    }

    text = NULL;

    if (rd->cluster && rd->cluster->covered != NGX_SENT_CONV_CLUSTER_SLOTS) {
        text = "slots of the cluster have no master";
    }

    for (m = rd->masters; m; m = m->next) {

        if (rd->cluster && m->slots == 0) {
            continue;
        }

        if (m->conn.state != ngx_sent_conv_redis_st_ready) {
            text = ngx_sent_conv_redis_cluster_text(m, m->conn.why);

        } else if (m->evicting) {
            text = ngx_sent_conv_redis_cluster_text(m,
                           "the maxmemory-policy of Redis is not noeviction");
        }
    }

    if (text && why) {
        *why = text;
    }

    return text == NULL;
}


ngx_msec_t
ngx_sent_conv_redis_age(ngx_sent_conv_redis_t *rd, ngx_str_t *tag)
{
    ngx_sent_conv_redis_master_t  *m;

    m = ngx_sent_conv_redis_holder(rd, tag);

    if (m == NULL || m->conn.state != ngx_sent_conv_redis_st_ready) {
        return 0;
    }

    return ngx_current_msec - m->conn.since;
}


uint64_t
ngx_sent_conv_redis_mark(ngx_sent_conv_redis_t *rd)
{
    return rd->sent;
}
