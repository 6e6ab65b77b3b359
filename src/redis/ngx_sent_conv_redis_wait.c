
/*
 * Do replicas have what was written?  A WAIT at a time, on a connection of
 * its own, each for all who came since the last one went out.
 *
 * gathered -> group, by the posted event, when the group before it is
 * through.
 */


#include "ngx_sent_conv_redis_conn.h"


#define NGX_SENT_CONV_REDIS_WAITS_WARN   60

/* ms by which a WAIT may end late: Redis looks ten times a second */
#define NGX_SENT_CONV_REDIS_WAITS_LATE   500


typedef struct {
    ngx_queue_t                  queue;
    ngx_sent_conv_redis_wait_pt  handler;
    void                        *data;
    uint64_t                     mark;
} ngx_sent_conv_redis_waiter_t;


static void ngx_sent_conv_redis_wait_post(ngx_sent_conv_redis_master_t *m);
static void ngx_sent_conv_redis_wait_turn(ngx_event_t *ev);
static void ngx_sent_conv_redis_wait_other(ngx_sent_conv_redis_master_t *m);
static void ngx_sent_conv_redis_wait_warn(ngx_sent_conv_redis_master_t *m,
    ngx_sent_conv_redis_had_t *had);
static void ngx_sent_conv_redis_wait_finish(ngx_sent_conv_redis_master_t *m,
    ngx_queue_t *queue, ngx_sent_conv_redis_had_t *had);
static void ngx_sent_conv_redis_wait_ready(ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_wait_lost(ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_wait_patience(ngx_event_t *ev);


void
ngx_sent_conv_redis_wait_init(ngx_sent_conv_redis_master_t *m)
{
    ngx_sent_conv_redis_conn_t   *conn;
    ngx_sent_conv_redis_waits_t  *waits;

    waits = &m->waits;

    ngx_queue_init(&waits->gathered);
    ngx_queue_init(&waits->group);

    waits->turn.handler = ngx_sent_conv_redis_wait_turn;
    waits->turn.data = m;
    waits->turn.log = m->rd->log;

    waits->patience.handler = ngx_sent_conv_redis_wait_patience;
    waits->patience.data = m;
    waits->patience.log = m->rd->log;

    conn = &waits->conn;

    conn->name = "waits";
    conn->kind = NGX_SENT_CONV_M_WAITS;
    conn->check = ngx_sent_conv_redis_conn_ready;
    conn->ready = ngx_sent_conv_redis_wait_ready;
    conn->lost = ngx_sent_conv_redis_wait_lost;

    ngx_sent_conv_redis_conn_init(conn, m->rd, &m->place.addr, m);

    conn->limit = m->rd->conf.wait + m->rd->conf.timeout
                  + NGX_SENT_CONV_REDIS_WAITS_LATE;
}


void
ngx_sent_conv_redis_wait_known(ngx_sent_conv_redis_master_t *m,
    ngx_sent_conv_redis_info_t *info)
{
    ngx_sent_conv_redis_waits_t  *waits;

    waits = &m->waits;

    if (info->history == NGX_SENT_CONV_REDIS_UNTOLD
        && m->info.history != info->history)
    {
        ngx_log_error(NGX_LOG_WARN, m->rd->log, 0,
                      "sent conv redis %s: INFO is forbidden, it is not known "
                      "whether there are replicas", m->conn.name);
    }

    m->info = *info;

    if (m->line != info->history) {
        m->line = info->history;
        m->since = m->rd->sent;
    }

    if (waits->conn.ac != NULL && waits->history != info->history) {
        ngx_sent_conv_redis_conn_drop(&waits->conn,
                                      "Redis has begun another history");
    }

    waits->history = info->history;

    if (m->rd->conf.replicas || info->replicas) {
        ngx_sent_conv_redis_wait_open(m);
    }
}


void
ngx_sent_conv_redis_wait_destroy(ngx_sent_conv_redis_master_t *m)
{
    ngx_sent_conv_redis_had_t     had;
    ngx_sent_conv_redis_waits_t  *waits;

    waits = &m->waits;

    ngx_sent_conv_redis_conn_close(&waits->conn);

    if (waits->patience.timer_set) {
        ngx_del_timer(&waits->patience);
    }

    if (waits->turn.posted) {
        ngx_delete_posted_event(&waits->turn);
    }

    ngx_memzero(&had, sizeof(ngx_sent_conv_redis_had_t));
    had.want = waits->want;

    ngx_sent_conv_redis_wait_finish(m, &waits->group, &had);
    ngx_sent_conv_redis_wait_finish(m, &waits->gathered, &had);
}


ngx_int_t
ngx_sent_conv_redis_wait_add(ngx_sent_conv_redis_master_t *m, uint64_t mark,
    ngx_sent_conv_redis_wait_pt handler, void *data)
{
    ngx_sent_conv_redis_waiter_t  *w;

    w = ngx_alloc(sizeof(ngx_sent_conv_redis_waiter_t), m->rd->log);
    if (w == NULL) {
        return NGX_ERROR;
    }

    w->handler = handler;
    w->data = data;
    w->mark = mark;

    ngx_queue_insert_tail(&m->waits.gathered, &w->queue);

    ngx_sent_conv_redis_wait_post(m);

    return NGX_OK;
}


/* those of one turn of the event loop share a WAIT */

static void
ngx_sent_conv_redis_wait_post(ngx_sent_conv_redis_master_t *m)
{
    if (!m->waits.turn.posted) {
        ngx_post_event(&m->waits.turn, &ngx_posted_events);
    }
}


static void
ngx_sent_conv_redis_wait_turn(ngx_event_t *ev)
{
    ngx_sent_conv_redis_master_t  *m;
    ngx_sent_conv_redis_waits_t  *waits;

    m = ev->data;
    waits = &m->waits;

    if (!ngx_queue_empty(&waits->group) || ngx_queue_empty(&waits->gathered))
    {
        return;
    }

    ngx_queue_add(&waits->group, &waits->gathered);
    ngx_queue_init(&waits->gathered);

    ngx_memzero(&waits->info, sizeof(ngx_sent_conv_redis_info_t));

    waits->want = m->rd->conf.replicas;
    waits->have = 0;
    waits->failed = 0;
    waits->late = 0;

    if (waits->want) {
        ngx_sent_conv_redis_wait_begin(m);

    } else {
        ngx_sent_conv_redis_wait_ask(m);
    }
}


void
ngx_sent_conv_redis_wait_end(ngx_sent_conv_redis_master_t *m)
{
    ngx_queue_t                   group;
    ngx_sent_conv_redis_had_t     had;
    ngx_sent_conv_redis_waits_t  *waits;

    waits = &m->waits;

    if (ngx_queue_empty(&waits->group)) {
        return;
    }

    ngx_memzero(&had, sizeof(ngx_sent_conv_redis_had_t));

    had.want = waits->want;

    if (waits->failed || waits->info.why != NULL) {

        /* void */

    } else if (waits->info.history != m->info.history) {
        ngx_sent_conv_redis_wait_other(m);

    } else {
        had.known = 1;
        had.have = waits->have;
        had.enough = (had.have >= had.want);
    }

    if (!had.enough) {
        ngx_sent_conv_redis_wait_warn(m, &had);
    }

    ngx_queue_init(&group);
    ngx_queue_add(&group, &waits->group);
    ngx_queue_init(&waits->group);

    ngx_sent_conv_redis_wait_finish(m, &group, &had);

    if (!ngx_queue_empty(&waits->gathered)) {
        ngx_sent_conv_redis_wait_post(m);
    }
}


/*
 * Another master, or the same on another history, be it only that its first
 * replica came: what we know of it is old.
 */

static void
ngx_sent_conv_redis_wait_other(ngx_sent_conv_redis_master_t *m)
{
    if (m->conn.state == ngx_sent_conv_redis_st_ready) {
        ngx_sent_conv_redis_check_role(&m->conn);
    }
}


static void
ngx_sent_conv_redis_wait_warn(ngx_sent_conv_redis_master_t *m,
    ngx_sent_conv_redis_had_t *had)
{
    ngx_sent_conv_redis_waits_t  *waits;

    waits = &m->waits;

    if (ngx_time() - waits->warned_at < NGX_SENT_CONV_REDIS_WAITS_WARN) {
        return;
    }

    waits->warned_at = ngx_time();

    if (had->known) {
        ngx_log_error(NGX_LOG_ERR, m->rd->log, 0,
                      "sent conv redis %s: %ui of %ui replicas had what was "
                      "written within %M ms",
                      waits->conn.name, had->have, had->want,
                      m->rd->conf.wait);

    } else {
        ngx_log_error(NGX_LOG_ERR, m->rd->log, 0,
                      "sent conv redis %s: it is not known how many replicas "
                      "have what was written", waits->conn.name);
    }
}


/* what was written on another history is not known to be anywhere */

static void
ngx_sent_conv_redis_wait_finish(ngx_sent_conv_redis_master_t *m,
    ngx_queue_t *queue, ngx_sent_conv_redis_had_t *had)
{
    ngx_queue_t                   *q;
    ngx_sent_conv_redis_had_t      result;
    ngx_sent_conv_redis_waiter_t  *w;

    while (!ngx_queue_empty(queue)) {
        q = ngx_queue_head(queue);
        ngx_queue_remove(q);

        w = ngx_queue_data(q, ngx_sent_conv_redis_waiter_t, queue);

        result = *had;

        if (!had->known || w->mark < m->since) {
            result.have = 0;
            result.known = 0;
            result.enough = 0;
        }

        w->handler(w->data, &result);

        ngx_free(w);
    }
}


void
ngx_sent_conv_redis_wait_open(ngx_sent_conv_redis_master_t *m)
{
    ngx_sent_conv_redis_conn_t  *conn;

    conn = &m->waits.conn;

    if (conn->ac == NULL && !conn->reconnect.timer_set && !conn->closed) {
        ngx_sent_conv_redis_conn_connect(conn);
    }
}


static void
ngx_sent_conv_redis_wait_ready(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_sent_conv_redis_master_t  *m;

    m = conn->data;

    if (m->waits.patience.timer_set) {
        ngx_del_timer(&m->waits.patience);
        ngx_sent_conv_redis_wait_go(m);
    }
}


static void
ngx_sent_conv_redis_wait_lost(ngx_sent_conv_redis_conn_t *conn)
{
    /* void */
}


static void
ngx_sent_conv_redis_wait_patience(ngx_event_t *ev)
{
    ngx_sent_conv_redis_master_t  *m;

    m = ev->data;

    m->waits.failed = 1;

    ngx_sent_conv_redis_wait_end(m);
}
