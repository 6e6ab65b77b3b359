
/*
 * Where is the master, or where are those of a cluster?  One of those who know
 * is asked again and again; when it goes, or a master is lost where it says
 * that it is, the next one is.
 */


#include "ngx_sent_conv_redis_conn.h"


/* ms */
#define NGX_SENT_CONV_REDIS_GUIDE_ASK   1000
#define NGX_SENT_CONV_REDIS_GUIDE_MAP   3000
#define NGX_SENT_CONV_REDIS_GUIDE_REST  500


static void ngx_sent_conv_redis_guide_choose(ngx_sent_conv_redis_t *rd);
static void ngx_sent_conv_redis_guide_check(ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_guide_told(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply);
static void ngx_sent_conv_redis_guide_ready(ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_guide_gone(ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_guide_tick(ngx_event_t *ev);


ngx_int_t
ngx_sent_conv_redis_guide_init(ngx_sent_conv_redis_t *rd, ngx_pool_t *pool)
{
    ngx_sent_conv_redis_conn_t   *conn;
    ngx_sent_conv_redis_guide_t  *guide;

    guide = ngx_pcalloc(pool, sizeof(ngx_sent_conv_redis_guide_t));
    if (guide == NULL) {
        return NGX_ERROR;
    }

    guide->said = ngx_pcalloc(pool, rd->conf.addrs->nelts
                                    * NGX_SENT_CONV_REDIS_TEXT_LEN);
    if (guide->said == NULL) {
        return NGX_ERROR;
    }

    guide->ask.handler = ngx_sent_conv_redis_guide_tick;
    guide->ask.data = rd;
    guide->ask.log = rd->log;
    guide->ask.cancelable = 1;

    ngx_sprintf((u_char *) guide->why, "Redis is not connected yet%Z");

    rd->guide = guide;

    conn = &guide->conn;

    conn->name = rd->cluster ? "cluster" : "sentinel";
    conn->kind = NGX_SENT_CONV_M_GUIDE;
    conn->check = ngx_sent_conv_redis_guide_check;
    conn->ready = ngx_sent_conv_redis_guide_ready;
    conn->lost = ngx_sent_conv_redis_guide_gone;

    ngx_sent_conv_redis_conn_init(conn, rd, NULL, rd);

    if (rd->cluster == NULL) {
        conn->login = &rd->conf.sentinel;
    }

    ngx_sent_conv_redis_guide_choose(rd);
    ngx_sent_conv_redis_conn_connect(conn);

    return NGX_OK;
}


/*
 * What went wrong with each is logged once, until it answers again.  A
 * cluster may have moved away from all that the configuration names.
 */

static void
ngx_sent_conv_redis_guide_choose(ngx_sent_conv_redis_t *rd)
{
    ngx_uint_t                     n;
    ngx_sent_conv_redis_addr_t    *addr;
    ngx_sent_conv_redis_guide_t   *guide;
    ngx_sent_conv_redis_master_t  *m;

    guide = rd->guide;
    addr = rd->conf.addrs->elts;
    n = rd->conf.addrs->nelts;

    if (guide->next < n) {
        guide->conn.addr = &addr[guide->next];
        guide->conn.said = guide->said[guide->next];
        guide->next++;

        if (rd->cluster == NULL) {
            guide->next %= n;
        }

        return;
    }

    m = rd->masters;

    for (n = guide->next - n; n && m; n--) {
        m = m->next;
    }

    if (m == NULL) {
        guide->next = 0;
        ngx_sent_conv_redis_guide_choose(rd);
        return;
    }

    ngx_sent_conv_redis_place(&guide->place, &m->place.addr.host,
                              m->place.addr.port);

    guide->conn.addr = &guide->place.addr;
    guide->conn.said = guide->conn.last;
    guide->next++;
}


void
ngx_sent_conv_redis_guide_close(ngx_sent_conv_redis_t *rd)
{
    if (rd->guide->ask.timer_set) {
        ngx_del_timer(&rd->guide->ask);
    }

    ngx_sent_conv_redis_conn_close(&rd->guide->conn);
}


/* it may have been told wrong, or too early */

void
ngx_sent_conv_redis_guide_lost(ngx_sent_conv_redis_t *rd)
{
    ngx_sent_conv_redis_conn_t  *conn;

    conn = &rd->guide->conn;

    if (rd->guide->telling || conn->state != ngx_sent_conv_redis_st_ready) {
        return;
    }

    if (rd->conf.addrs->nelts > 1 || rd->cluster) {
        ngx_sent_conv_redis_conn_move(conn);
        return;
    }

    ngx_sent_conv_redis_guide_check(conn);
}


static void
ngx_sent_conv_redis_guide_check(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_sent_conv_redis_t  *rd;

    rd = conn->data;

    if (rd->cluster) {
        ngx_sent_conv_redis_cluster_ask(conn, ngx_sent_conv_redis_guide_told);
        return;
    }

    ngx_sent_conv_redis_sentinel_ask(conn, ngx_sent_conv_redis_guide_told);
}


static void
ngx_sent_conv_redis_guide_told(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply)
{
    char                          why[NGX_SENT_CONV_REDIS_TEXT_LEN];
    ngx_int_t                     rc;
    ngx_sent_conv_redis_t        *rd;
    ngx_sent_conv_redis_guide_t  *guide;

    rd = conn->data;
    guide = rd->guide;

    guide->telling = 1;

    rc = rd->cluster ? ngx_sent_conv_redis_cluster_told(rd, reply, why)
                     : ngx_sent_conv_redis_sentinel_told(rd, reply, why);

    guide->telling = 0;

    if (rc != NGX_OK) {
        ngx_sent_conv_redis_conn_drop(conn, why);
        return;
    }

    if (conn->state != ngx_sent_conv_redis_st_ready) {
        ngx_sent_conv_redis_conn_ready(conn);
    }

    ngx_add_timer(&guide->ask, rd->cluster ? NGX_SENT_CONV_REDIS_GUIDE_MAP
                                           : NGX_SENT_CONV_REDIS_GUIDE_ASK);
}


static void
ngx_sent_conv_redis_guide_ready(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_sent_conv_redis_t  *rd;

    rd = conn->data;

    rd->guide->tried = 0;
}


/* the others come at once, but not for ever */

static void
ngx_sent_conv_redis_guide_gone(ngx_sent_conv_redis_conn_t *conn)
{
    u_char                       *p;
    ngx_sent_conv_redis_t        *rd;
    ngx_sent_conv_redis_guide_t  *guide;

    rd = conn->data;
    guide = rd->guide;

    if (guide->ask.timer_set) {
        ngx_del_timer(&guide->ask);
    }

    p = ngx_snprintf((u_char *) guide->why, NGX_SENT_CONV_REDIS_TEXT_LEN - 1,
                     "no %s tells where the master is, the one%V: %s",
                     rd->cluster ? "node of the cluster" : "Sentinel",
                     &conn->addr->label, conn->why);
    *p = '\0';

    guide->tried++;

    conn->delay = (guide->tried % rd->conf.addrs->nelts)
                  ? 0 : NGX_SENT_CONV_REDIS_GUIDE_REST;

    ngx_sent_conv_redis_guide_choose(rd);
}


static void
ngx_sent_conv_redis_guide_tick(ngx_event_t *ev)
{
    ngx_sent_conv_redis_t  *rd;

    rd = ev->data;

    if (ngx_exiting || ngx_terminate) {
        return;
    }

    if (rd->guide->conn.state == ngx_sent_conv_redis_st_ready) {
        ngx_sent_conv_redis_guide_check(&rd->guide->conn);
    }
}


/* hiredis would look a name up in the worker */

ngx_uint_t
ngx_sent_conv_redis_guide_numeric(ngx_str_t *host)
{
#if (NGX_HAVE_INET6)

    u_char  addr[16];

    if (ngx_inet6_addr(host->data, host->len, addr) == NGX_OK) {
        return 1;
    }

#endif

    return ngx_inet_addr(host->data, host->len) != INADDR_NONE;
}
