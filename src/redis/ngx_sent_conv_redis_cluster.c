
/*
 * The map of a cluster: which master has which slot, as its nodes tell, and
 * the masters themselves, who come and go with it.
 */


#include "ngx_sent_conv_redis_conn.h"


static ngx_int_t ngx_sent_conv_redis_cluster_range(ngx_sent_conv_redis_t *rd,
    redisReply *range);
static void ngx_sent_conv_redis_cluster_count(ngx_sent_conv_redis_t *rd);
static void ngx_sent_conv_redis_cluster_reap(ngx_sent_conv_redis_t *rd);
static void ngx_sent_conv_redis_cluster_agree(ngx_sent_conv_redis_t *rd);


ngx_int_t
ngx_sent_conv_redis_cluster_init(ngx_sent_conv_redis_t *rd, ngx_pool_t *pool)
{
    ngx_sent_conv_redis_cluster_t  *cluster;

    cluster = ngx_pcalloc(pool, sizeof(ngx_sent_conv_redis_cluster_t));
    if (cluster == NULL) {
        return NGX_ERROR;
    }

    ngx_queue_init(&cluster->waiting);

    cluster->timer.handler = ngx_sent_conv_redis_redirect_timer;
    cluster->timer.data = rd;
    cluster->timer.log = rd->log;

    rd->cluster = cluster;

    return ngx_sent_conv_redis_guide_init(rd, pool);
}


void
ngx_sent_conv_redis_cluster_close(ngx_sent_conv_redis_t *rd)
{
    ngx_memzero(rd->cluster->slots, sizeof(rd->cluster->slots));

    rd->cluster->agreed = 0;

    ngx_sent_conv_redis_redirect_end(rd);
}


void
ngx_sent_conv_redis_cluster_ask(ngx_sent_conv_redis_conn_t *conn,
    ngx_sent_conv_redis_step_pt step)
{
    ngx_str_t  argv[2];

    ngx_str_set(&argv[0], "CLUSTER");
    ngx_str_set(&argv[1], "SLOTS");

    ngx_sent_conv_redis_call_own(conn, step, 2, argv);
}


ngx_int_t
ngx_sent_conv_redis_cluster_told(ngx_sent_conv_redis_t *rd, redisReply *reply,
    char *why)
{
    ngx_uint_t  i, n;

    if (ngx_sent_conv_redis_error_is(reply, "ERR")) {
        ngx_sprintf((u_char *) why, "it is no node of a cluster%Z");
        return NGX_ERROR;
    }

    if (reply->type == REDIS_REPLY_ERROR) {
        ngx_sent_conv_redis_error_text(why, reply->str);
        return NGX_ERROR;
    }

    n = ngx_sent_conv_reply_n(reply);

    if (n == 0) {
        ngx_sprintf((u_char *) why, "it knows of no slot%Z");
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        if (ngx_sent_conv_redis_cluster_range(rd,
                                             ngx_sent_conv_reply_at(reply, i))
            != NGX_OK)
        {
            ngx_sprintf((u_char *) why, "it gives no numeric address of a "
                        "master, see cluster-preferred-endpoint-type%Z");
            return NGX_ERROR;
        }
    }

    ngx_sent_conv_redis_cluster_count(rd);
    ngx_sent_conv_redis_cluster_reap(rd);
    ngx_sent_conv_redis_cluster_agree(rd);

    return NGX_OK;
}


/* [first slot, last slot, [host, port, ...] of the master, replicas...] */

static ngx_int_t
ngx_sent_conv_redis_cluster_range(ngx_sent_conv_redis_t *rd, redisReply *range)
{
    int64_t                        first, last, port;
    ngx_str_t                      host;
    redisReply                    *node;
    ngx_sent_conv_redis_master_t  *m;

    node = ngx_sent_conv_reply_at(range, 2);

    first = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(range, 0));
    last = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(range, 1));
    host = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(node, 0));
    port = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(node, 1));

    /* a node that does not know its own address */

    if (host.len == 0 && rd->guide->conn.addr->port) {
        host = rd->guide->conn.addr->host;
    }

    if (first < 0 || last >= NGX_SENT_CONV_CLUSTER_SLOTS
        || port < 1 || port > 65535
        || !ngx_sent_conv_redis_guide_numeric(&host))
    {
        return NGX_ERROR;
    }

    m = ngx_sent_conv_redis_cluster_place(rd, &host, (in_port_t) port);
    if (m == NULL) {
        return NGX_OK;
    }

    while (first <= last) {
        ngx_sent_conv_redis_cluster_move(rd, (ngx_uint_t) first++, m);
    }

    return NGX_OK;
}


ngx_sent_conv_redis_master_t *
ngx_sent_conv_redis_cluster_place(ngx_sent_conv_redis_t *rd, ngx_str_t *host,
    in_port_t port)
{
    ngx_sent_conv_redis_master_t  *m;

    for (m = rd->masters; m; m = m->next) {
        if (ngx_sent_conv_redis_master_at(m, host, port)) {
            return m;
        }
    }

    m = ngx_sent_conv_redis_master_create(rd);

    if (m != NULL) {
        ngx_sent_conv_redis_master_move(m, host, port);
    }

    return m;
}


/*
 * What was written to the slot's former master while a request goes on is not
 * known to be on replicas of the new one.
 */

void
ngx_sent_conv_redis_cluster_move(ngx_sent_conv_redis_t *rd, ngx_uint_t slot,
    ngx_sent_conv_redis_master_t *m)
{
    ngx_sent_conv_redis_master_t  **p;

    p = &rd->cluster->slots[slot];

    if (*p == m) {
        return;
    }

    if (*p != NULL) {
        (*p)->slots--;
        m->last = ++rd->sent;
        m->since = rd->sent;
    }

    m->slots++;
    *p = m;
}


static void
ngx_sent_conv_redis_cluster_count(ngx_sent_conv_redis_t *rd)
{
    ngx_sent_conv_redis_master_t  *m;

    rd->cluster->covered = 0;

    for (m = rd->masters; m; m = m->next) {
        rd->cluster->covered += m->slots;
    }
}


/* those that have no slot any more, when all that they were asked is told */

static void
ngx_sent_conv_redis_cluster_reap(ngx_sent_conv_redis_t *rd)
{
    ngx_sent_conv_redis_master_t  *m, *next;

    for (m = rd->masters; m; m = next) {
        next = m->next;

        if (m->slots || m->moving || m->conn.waiting
            || !ngx_queue_empty(&m->waits.group)
            || !ngx_queue_empty(&m->waits.gathered))
        {
            continue;
        }

        ngx_log_error(NGX_LOG_NOTICE, rd->log, 0,
                      "sent conv redis: no master is%V any more",
                      &m->place.addr.label);

        rd->cluster->closed = ngx_max(rd->cluster->closed, m->last);

        ngx_sent_conv_redis_master_free(m);
    }
}


/* a master that was not asked for the partition count has its slot by now */

static void
ngx_sent_conv_redis_cluster_agree(ngx_sent_conv_redis_t *rd)
{
    ngx_sent_conv_redis_master_t  *m;

    if (rd->cluster->agreed) {
        return;
    }

    for (m = rd->masters; m; m = m->next) {
        if (m->conn.state == ngx_sent_conv_redis_st_ready
            && ngx_sent_conv_redis_cluster_counts(m))
        {
            ngx_sent_conv_redis_conn_move(&m->conn);
        }
    }
}


ngx_uint_t
ngx_sent_conv_redis_cluster_tag(ngx_sent_conv_redis_master_t *m)
{
    u_char                          buf[NGX_INT_T_LEN];
    ngx_str_t                       tag;
    ngx_uint_t                      i;
    ngx_sent_conv_redis_cluster_t  *cluster;

    cluster = m->rd->cluster;
    tag.data = buf;

    /* that of the last time first; each slot has some of the first 200,000 */

    for (i = 0; m->slots && i < 200000; i++) {
        tag.len = ngx_sprintf(buf, "%ui", m->waits.tag) - buf;

        if (cluster->slots[ngx_sent_conv_slot(&tag)] == m) {
            break;
        }

        m->waits.tag = (m->waits.tag + 1) % 200000;
    }

    return m->waits.tag;
}


ngx_uint_t
ngx_sent_conv_redis_cluster_counts(ngx_sent_conv_redis_master_t *m)
{
    u_char      buf[NGX_SENT_CONV_REDIS_TEXT_LEN];
    ngx_str_t   key;
    ngx_uint_t  slot;

    key.data = buf;
    key.len = ngx_snprintf(buf, sizeof(buf), "%Vpartitions",
                           &m->rd->conf.prefix)
              - buf;

    slot = ngx_sent_conv_slot(&key);

    return m->rd->cluster->slots[slot] == m;
}


const char *
ngx_sent_conv_redis_cluster_why(ngx_sent_conv_redis_t *rd)
{
    ngx_sent_conv_redis_master_t  *m;

    for (m = rd->masters; m; m = m->next) {
        if (ngx_sent_conv_redis_cluster_counts(m)) {
            return ngx_sent_conv_redis_cluster_text(m, m->conn.why);
        }
    }

    return rd->guide->why;
}


const char *
ngx_sent_conv_redis_cluster_text(ngx_sent_conv_redis_master_t *m,
    const char *why)
{
    u_char  *p;
    char    *buf;

    if (m->rd->cluster == NULL) {
        return why;
    }

    buf = m->rd->cluster->why;

    p = ngx_snprintf((u_char *) buf, 2 * NGX_SENT_CONV_REDIS_TEXT_LEN - 1,
                     "the master%V: %s", &m->place.addr.label, why);
    *p = '\0';

    return buf;
}
