
/*
 * One master: the beginning and end of our connections to it, and what is
 * done when the one for commands comes and goes.
 */


#include "ngx_sent_conv_redis_conn.h"


static void ngx_sent_conv_redis_master_up(ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_master_gone(ngx_sent_conv_redis_conn_t *conn);


void
ngx_sent_conv_redis_master_init(ngx_sent_conv_redis_master_t *m,
    ngx_sent_conv_redis_t *rd, ngx_sent_conv_redis_addr_t *addr)
{
    ngx_sent_conv_redis_conn_t  *conn;

    m->rd = rd;
    m->addr = addr;

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

    ngx_sent_conv_redis_conn_init(conn, m);
    ngx_sent_conv_redis_wait_init(m);
    ngx_sent_conv_redis_listener_init(m);
}


void
ngx_sent_conv_redis_master_close(ngx_sent_conv_redis_master_t *m)
{
    if (m->health.timer_set) {
        ngx_del_timer(&m->health);
    }

    ngx_sent_conv_redis_listener_close(m);
    ngx_sent_conv_redis_wait_destroy(m);
    ngx_sent_conv_redis_conn_close(&m->conn);
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
}
