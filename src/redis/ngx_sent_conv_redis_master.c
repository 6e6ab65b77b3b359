
/*
 * One master: the beginning and end of our connections to it, and what is
 * done when the one for commands comes and goes.
 */


#include "ngx_sent_conv_redis_conn.h"


static void ngx_sent_conv_redis_master_up(ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_master_gone(ngx_sent_conv_redis_conn_t *conn);


ngx_sent_conv_redis_master_t *
ngx_sent_conv_redis_master_create(ngx_sent_conv_redis_t *rd)
{
    ngx_sent_conv_redis_conn_t    *conn;
    ngx_sent_conv_redis_master_t  *m;

    m = ngx_calloc(sizeof(ngx_sent_conv_redis_master_t), rd->log);
    if (m == NULL) {
        return NULL;
    }

    m->rd = rd;
    m->next = rd->masters;
    rd->masters = m;

    m->health.handler = ngx_sent_conv_redis_check_health;
    m->health.data = m;
    m->health.log = rd->log;
    m->health.cancelable = 1;

    conn = &m->conn;

    conn->name = "commands";
    conn->kind = NGX_SENT_CONV_M_COMMANDS;
    conn->check = ngx_sent_conv_redis_check;
    conn->ready = ngx_sent_conv_redis_master_up;
    conn->lost = ngx_sent_conv_redis_master_gone;

    ngx_sent_conv_redis_conn_init(conn, rd, &m->place.addr, m);
    ngx_sent_conv_redis_wait_init(m);
    ngx_sent_conv_redis_listener_init(m);

    return m;
}


/* not to be called while it is being answered by hiredis */

void
ngx_sent_conv_redis_master_free(ngx_sent_conv_redis_master_t *m)
{
    ngx_sent_conv_redis_master_t  **next;

    if (m->health.timer_set) {
        ngx_del_timer(&m->health);
    }

    ngx_sent_conv_redis_listener_close(m);
    ngx_sent_conv_redis_wait_destroy(m);
    ngx_sent_conv_redis_conn_close(&m->conn);

    for (next = &m->rd->masters; *next != m; next = &(*next)->next) {
        /* void */
    }

    *next = m->next;

    ngx_free(m);
}


ngx_uint_t
ngx_sent_conv_redis_master_at(ngx_sent_conv_redis_master_t *m,
    ngx_str_t *host, in_port_t port)
{
    ngx_sent_conv_redis_addr_t  *addr;

    addr = &m->place.addr;

    return addr->port == port
           && addr->host.len == host->len
           && ngx_memcmp(addr->host.data, host->data, host->len) == 0;
}


void
ngx_sent_conv_redis_place(ngx_sent_conv_redis_place_t *place,
    ngx_str_t *host, in_port_t port)
{
    ngx_sent_conv_redis_addr_t  *addr;

    addr = &place->addr;

    addr->port = port;
    addr->host.data = place->host;
    addr->host.len = ngx_min(host->len, NGX_SOCKADDR_STRLEN);

    ngx_cpystrn(place->host, host->data, addr->host.len + 1);

    addr->label.data = place->label;
    addr->label.len = ngx_snprintf(place->label, sizeof(place->label),
                                   " at %V:%ui", &addr->host,
                                   (ngx_uint_t) port)
                      - place->label;
}


/*
 * Who waits for an answer from where it was is told that none came; nothing
 * is said to a Redis that is the master no longer.
 */

void
ngx_sent_conv_redis_master_move(ngx_sent_conv_redis_master_t *m,
    ngx_str_t *host, in_port_t port)
{
    ngx_sent_conv_redis_place(&m->place, host, port);

    ngx_log_error(NGX_LOG_NOTICE, m->rd->log, 0,
                  "sent conv redis: %s master is%V",
                  m->rd->cluster ? "a" : "the", &m->place.addr.label);

    /* wanted when it is known on which history the master is */

    ngx_sent_conv_redis_conn_leave(&m->waits.conn);
    ngx_sent_conv_redis_conn_move(&m->conn);

    if (m->rd->sub) {
        ngx_sent_conv_redis_listener_open(m);
    }
}


static void
ngx_sent_conv_redis_master_up(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_sent_conv_redis_t         *rd;
    ngx_sent_conv_redis_master_t  *m;

    m = conn->data;
    rd = m->rd;

    ngx_sent_conv_redis_script_load(conn);

    if (!m->health.timer_set) {
        ngx_add_timer(&m->health, NGX_SENT_CONV_REDIS_HEALTH);
    }

    if (rd->ready) {
        rd->ready(rd->data);
    }
}


static void
ngx_sent_conv_redis_master_gone(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_sent_conv_redis_master_t  *m;

    m = conn->data;

    /* it may be another server the next time */

    m->no_config = 0;
    m->rd->warned = NULL;
    m->info.history = 0;

    if (m->health.timer_set) {
        ngx_del_timer(&m->health);
    }

    if (m->rd->guide) {
        ngx_sent_conv_redis_guide_lost(m->rd);
    }
}
