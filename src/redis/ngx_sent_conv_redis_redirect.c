
/*
 * Calls that a cluster did not execute, but sent elsewhere, or asked to try
 * again.  They are sent again, for as long as an answer is waited for.
 */


#include "ngx_sent_conv_redis_conn.h"


#define NGX_SENT_CONV_REDIS_REDIRECT_PAUSE  20   /* ms */
#define NGX_SENT_CONV_REDIS_REDIRECT_HOPS   4    /* without a pause */


/* a call that waits for a master; freed with its being sent or given up */

typedef struct {
    ngx_queue_t                    queue;
    ngx_sent_conv_redis_call_t    *call;
    ngx_sent_conv_redis_master_t  *master;
} ngx_sent_conv_redis_redirect_t;


static ngx_sent_conv_redis_master_t *ngx_sent_conv_redis_redirect_where(
    ngx_sent_conv_redis_call_t *call, redisReply *reply);
static ngx_sent_conv_redis_master_t *ngx_sent_conv_redis_redirect_to(
    ngx_sent_conv_redis_call_t *call, redisReply *reply, ngx_uint_t moved);
static ngx_int_t ngx_sent_conv_redis_redirect_send(
    ngx_sent_conv_redis_call_t *call, ngx_sent_conv_redis_master_t *m);
static ngx_int_t ngx_sent_conv_redis_redirect_wait(
    ngx_sent_conv_redis_call_t *call, ngx_sent_conv_redis_master_t *m);


ngx_int_t
ngx_sent_conv_redis_redirect(ngx_sent_conv_redis_call_t *call,
    redisReply *reply)
{
    ngx_uint_t                     pause;
    ngx_sent_conv_redis_t         *rd;
    ngx_sent_conv_redis_master_t  *m;

    rd = call->redis;

    /* it would say nothing there of what it is asked about here */

    if (call->conn->kind != NGX_SENT_CONV_M_COMMANDS) {
        return NGX_DECLINED;
    }

    if (ngx_sent_conv_redis_error_is(reply, "CLUSTERDOWN")) {
        ngx_sent_conv_redis_guide_lost(rd);
        return NGX_DECLINED;
    }

    pause = ngx_sent_conv_redis_error_is(reply, "TRYAGAIN");

    m = pause ? call->conn->data
              : ngx_sent_conv_redis_redirect_where(call, reply);

    if (m == NULL) {
        return NGX_DECLINED;
    }

    if (call->hops == 0) {
        call->until = ngx_current_msec + rd->conf.timeout;
    }

    if (call->hops < NGX_SENT_CONV_REDIS_REDIRECT_HOPS) {
        call->hops++;

    } else {
        pause = 1;
    }

    call->again = 0;

    if (!pause && m->conn.state == ngx_sent_conv_redis_st_ready) {
        return ngx_sent_conv_redis_redirect_send(call, m);
    }

    return ngx_sent_conv_redis_redirect_wait(call, m);
}


/* NULL: it was not */

static ngx_sent_conv_redis_master_t *
ngx_sent_conv_redis_redirect_where(ngx_sent_conv_redis_call_t *call,
    redisReply *reply)
{
    ngx_sent_conv_redis_master_t  *m;

    if (ngx_sent_conv_redis_error_is(reply, "ASK")) {
        m = ngx_sent_conv_redis_redirect_to(call, reply, 0);
        call->asking = (m != NULL);
        return m;
    }

    if (ngx_sent_conv_redis_error_is(reply, "MOVED")) {
        call->asking = 0;
        m = ngx_sent_conv_redis_redirect_to(call, reply, 1);
        ngx_sent_conv_redis_guide_lost(call->redis);
        return m;
    }

    return NULL;
}


/* "MOVED 3999 127.0.0.1:6381"; without a host it is the one that says so */

static ngx_sent_conv_redis_master_t *
ngx_sent_conv_redis_redirect_to(ngx_sent_conv_redis_call_t *call,
    redisReply *reply, ngx_uint_t moved)
{
    u_char                        *p, *last, *colon;
    ngx_int_t                      slot, port;
    ngx_str_t                      host;
    ngx_sent_conv_redis_master_t  *m;

    last = (u_char *) reply->str + reply->len;

    p = ngx_strlchr((u_char *) reply->str, last, ' ');
    host.data = p ? ngx_strlchr(p + 1, last, ' ') : NULL;

    if (host.data == NULL) {
        return NULL;
    }

    slot = ngx_atoi(p + 1, host.data - p - 1);

    host.data++;

    for (colon = last; colon > host.data && colon[-1] != ':'; colon--) {
        /* void */
    }

    if (colon == host.data) {
        return NULL;
    }

    port = ngx_atoi(colon, last - colon);
    host.len = colon - 1 - host.data;

    if (host.len == 0) {
        host = call->conn->addr->host;
    }

    if (slot == NGX_ERROR || slot >= NGX_SENT_CONV_CLUSTER_SLOTS
        || port < 1 || port > 65535
        || !ngx_sent_conv_redis_guide_numeric(&host))
    {
        return NULL;
    }

    ngx_log_debug3(NGX_LOG_DEBUG_EVENT, call->conn->log, 0,
                   "sent conv redis slot %i is at %V:%i", slot, &host, port);

    m = ngx_sent_conv_redis_cluster_place(call->redis, &host,
                                          (in_port_t) port);

    if (m != NULL && moved) {
        ngx_sent_conv_redis_cluster_move(call->redis, (ngx_uint_t) slot, m);
    }

    return m;
}


static ngx_int_t
ngx_sent_conv_redis_redirect_send(ngx_sent_conv_redis_call_t *call,
    ngx_sent_conv_redis_master_t *m)
{
    m->last = ++m->rd->sent;

    if (call->asking) {
        ngx_sent_conv_redis_redirect_asking(&m->conn);
    }

    return ngx_sent_conv_redis_call_send(&m->conn, call, call->text,
                                         call->last - call->text);
}


void
ngx_sent_conv_redis_redirect_asking(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_str_t  asking = ngx_string("ASKING");

    ngx_sent_conv_redis_call_own(conn, NULL, 1, &asking);
}


static ngx_int_t
ngx_sent_conv_redis_redirect_wait(ngx_sent_conv_redis_call_t *call,
    ngx_sent_conv_redis_master_t *m)
{
    ngx_event_t                     *timer;
    ngx_sent_conv_redis_redirect_t  *r;

    if ((ngx_msec_int_t) (ngx_current_msec - call->until) >= 0) {
        return NGX_DECLINED;
    }

    r = ngx_alloc(sizeof(ngx_sent_conv_redis_redirect_t), m->rd->log);
    if (r == NULL) {
        return NGX_DECLINED;
    }

    r->call = call;
    r->master = m;
    m->moving++;

    ngx_queue_insert_tail(&m->rd->cluster->waiting, &r->queue);

    timer = &m->rd->cluster->timer;

    if (!timer->timer_set) {
        ngx_add_timer(timer, NGX_SENT_CONV_REDIS_REDIRECT_PAUSE);
    }

    return NGX_OK;
}


void
ngx_sent_conv_redis_redirect_timer(ngx_event_t *ev)
{
    ngx_queue_t                      waiting, *q;
    ngx_sent_conv_redis_t           *rd;
    ngx_sent_conv_redis_call_t      *call;
    ngx_sent_conv_redis_master_t    *m;
    ngx_sent_conv_redis_redirect_t  *r;

    rd = ev->data;

    ngx_queue_init(&waiting);
    ngx_queue_add(&waiting, &rd->cluster->waiting);
    ngx_queue_init(&rd->cluster->waiting);

    while (!ngx_queue_empty(&waiting)) {
        q = ngx_queue_head(&waiting);
        ngx_queue_remove(q);

        r = ngx_queue_data(q, ngx_sent_conv_redis_redirect_t, queue);
        call = r->call;
        m = r->master;

        m->moving--;
        ngx_free(r);

        if (m->conn.state == ngx_sent_conv_redis_st_ready) {
            if (ngx_sent_conv_redis_redirect_send(call, m) == NGX_OK) {
                continue;
            }

        } else if (ngx_sent_conv_redis_redirect_wait(call, m) == NGX_OK) {
            continue;
        }

        ngx_sent_conv_redis_answer(call, NGX_SENT_CONV_UNSENT, NULL);
    }
}


/* nobody is asked any more */

void
ngx_sent_conv_redis_redirect_end(ngx_sent_conv_redis_t *rd)
{
    ngx_queue_t                     *q;
    ngx_sent_conv_redis_call_t      *call;
    ngx_sent_conv_redis_redirect_t  *r;

    if (rd->cluster->timer.timer_set) {
        ngx_del_timer(&rd->cluster->timer);
    }

    while (!ngx_queue_empty(&rd->cluster->waiting)) {
        q = ngx_queue_head(&rd->cluster->waiting);
        ngx_queue_remove(q);

        r = ngx_queue_data(q, ngx_sent_conv_redis_redirect_t, queue);
        call = r->call;

        r->master->moving--;
        ngx_free(r);

        ngx_sent_conv_redis_answer(call, NGX_SENT_CONV_UNSENT, NULL);
    }
}
