
/*
 * May this Redis be used?  Asked on every connection before the first command
 * goes out: a master, and the partition count it was first used with.
 */


#include "ngx_sent_conv_redis_conn.h"


static void ngx_sent_conv_redis_role(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply);
static void ngx_sent_conv_redis_policy_get(ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_policy(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply);
static void ngx_sent_conv_redis_partitions(ngx_sent_conv_redis_conn_t *conn,
    ngx_uint_t set, ngx_sent_conv_redis_step_pt step);
static void ngx_sent_conv_redis_partitions_got(
    ngx_sent_conv_redis_conn_t *conn, redisReply *reply);
static void ngx_sent_conv_redis_partitions_set(
    ngx_sent_conv_redis_conn_t *conn, redisReply *reply);
static void ngx_sent_conv_redis_partitions_agreed(
    ngx_sent_conv_redis_conn_t *conn);


static ngx_str_t  ngx_sent_conv_redis_policy_cmd[] = {
    ngx_string("CONFIG"), ngx_string("GET"), ngx_string("maxmemory-policy")
};


static ngx_str_t  ngx_sent_conv_redis_ping_cmd[] = {
    ngx_string("PING")
};


void
ngx_sent_conv_redis_check(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_sent_conv_redis_check_role(conn);
}


void
ngx_sent_conv_redis_check_role(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_sent_conv_redis_call_own(conn, ngx_sent_conv_redis_role, 2,
                                 ngx_sent_conv_redis_info_cmd);
}


static void
ngx_sent_conv_redis_role(ngx_sent_conv_redis_conn_t *conn, redisReply *reply)
{
    ngx_sent_conv_redis_info_t     info;
    ngx_sent_conv_redis_master_t  *m;

    if (reply->type == REDIS_REPLY_ERROR
        && ngx_sent_conv_redis_error_find(reply) != NULL)
    {
        ngx_sent_conv_redis_error_drop(conn, reply);
        return;
    }

    ngx_sent_conv_redis_info(reply, &info);

    if (info.why != NULL) {
        ngx_sent_conv_redis_conn_drop(conn, info.why);
        return;
    }

    ngx_sent_conv_redis_wait_known(conn->data, &info);

    if (conn->state == ngx_sent_conv_redis_st_ready) {
        return;
    }

    ngx_sent_conv_redis_policy_get(conn);

    m = conn->data;

    if (m->rd->cluster && !ngx_sent_conv_redis_cluster_counts(m)) {
        ngx_sent_conv_redis_conn_ready(conn);
        return;
    }

    ngx_sent_conv_redis_partitions(conn, 0,
                                   ngx_sent_conv_redis_partitions_got);
}


static void
ngx_sent_conv_redis_policy_get(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_sent_conv_redis_call_own(conn, ngx_sent_conv_redis_policy, 3,
                                 ngx_sent_conv_redis_policy_cmd);
}


static void
ngx_sent_conv_redis_policy(ngx_sent_conv_redis_conn_t *conn, redisReply *reply)
{
    ngx_uint_t                     evicting;
    ngx_sent_conv_redis_master_t  *m;

    m = conn->data;

    if (ngx_sent_conv_redis_error_is(reply, "NOPERM")
        || ngx_sent_conv_redis_error_is(reply, "ERR"))
    {
        m->no_config = 1;
        m->evicting = 0;
        return;
    }

    if (ngx_sent_conv_reply_n(reply) < 2) {
        return;
    }

    evicting = !ngx_sent_conv_reply_is(ngx_sent_conv_reply_at(reply, 1),
                                       "noeviction");

    if (evicting && !m->evicting) {
        ngx_log_error(NGX_LOG_ERR, conn->log, 0,
                      "sent conv redis %s: \"maxmemory-policy\" is not "
                      "\"noeviction\", Redis may throw data away",
                      conn->name);
    }

    m->evicting = evicting ? 1 : 0;
}


static void
ngx_sent_conv_redis_partitions(ngx_sent_conv_redis_conn_t *conn,
    ngx_uint_t set, ngx_sent_conv_redis_step_pt step)
{
    u_char      buf[NGX_INT_T_LEN], key[256];
    ngx_str_t   argv[4];

    argv[1].data = key;
    argv[1].len = ngx_snprintf(key, sizeof(key), "%Vpartitions",
                               &conn->conf->prefix)
                  - key;

    if (!set) {
        ngx_str_set(&argv[0], "GET");
        ngx_sent_conv_redis_call_own(conn, step, 2, argv);
        return;
    }

    ngx_str_set(&argv[0], "SET");

    argv[2].data = buf;
    argv[2].len = ngx_sprintf(buf, "%ui", conn->conf->partitions) - buf;

    ngx_str_set(&argv[3], "NX");

    ngx_sent_conv_redis_call_own(conn, step, 4, argv);
}


static void
ngx_sent_conv_redis_partitions_got(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply)
{
    char     text[NGX_SENT_CONV_REDIS_TEXT_LEN];
    int64_t  n;

    if (reply->type == REDIS_REPLY_ERROR) {
        ngx_sent_conv_redis_error_drop(conn, reply);
        return;
    }

    if (reply->type == REDIS_REPLY_NIL) {
        ngx_sent_conv_redis_partitions(conn, 1,
                                       ngx_sent_conv_redis_partitions_set);
        return;
    }

    n = ngx_sent_conv_reply_int(reply);

    if (n != (int64_t) conn->conf->partitions) {
        ngx_sprintf((u_char *) text,
                    "Redis was set up with %L partitions, "
                    "sent_conv_partitions is %ui%Z",
                    n, conn->conf->partitions);
        ngx_sent_conv_redis_conn_drop(conn, text);
        return;
    }

    ngx_sent_conv_redis_partitions_agreed(conn);
}


static void
ngx_sent_conv_redis_partitions_set(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ERROR) {
        ngx_sent_conv_redis_error_drop(conn, reply);
        return;
    }

    if (reply->type == REDIS_REPLY_NIL) {

        /* another worker was first */

        ngx_sent_conv_redis_partitions(conn, 0,
                                       ngx_sent_conv_redis_partitions_got);
        return;
    }

    ngx_sent_conv_redis_partitions_agreed(conn);
}


static void
ngx_sent_conv_redis_partitions_agreed(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_sent_conv_redis_master_t  *m;

    m = conn->data;

    if (m->rd->cluster) {
        m->rd->cluster->agreed = 1;
    }

    ngx_sent_conv_redis_conn_ready(conn);
}


/* finds out what changed, and that a silent connection is dead */

void
ngx_sent_conv_redis_check_health(ngx_event_t *ev)
{
    ngx_sent_conv_redis_conn_t    *conn;
    ngx_sent_conv_redis_master_t  *m;

    m = ev->data;
    conn = &m->conn;

    if (ngx_exiting || ngx_terminate) {
        return;
    }

    if (conn->state == ngx_sent_conv_redis_st_ready) {

        if (m->no_config) {
            ngx_sent_conv_redis_call_own(conn, NULL, 1,
                                         ngx_sent_conv_redis_ping_cmd);

        } else {
            ngx_sent_conv_redis_policy_get(conn);
        }

        if (conn->state == ngx_sent_conv_redis_st_ready) {
            ngx_sent_conv_redis_check_role(conn);
        }
    }

    conn = &m->waits.conn;

    if (conn->state == ngx_sent_conv_redis_st_ready) {
        ngx_sent_conv_redis_call_own(conn, NULL, 1,
                                     ngx_sent_conv_redis_ping_cmd);
    }

    ngx_add_timer(ev, NGX_SENT_CONV_REDIS_HEALTH);
}
