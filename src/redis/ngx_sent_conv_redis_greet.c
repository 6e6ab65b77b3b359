
/*
 * The first words on a connection: the socket's options, AUTH, SELECT and a
 * name; then it is for the owner to check the server.
 */


#include "ngx_sent_conv_redis_conn.h"


static void ngx_sent_conv_redis_socket(ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_option(ngx_sent_conv_redis_conn_t *conn,
    int level, int option, int value, const char *name);
static void ngx_sent_conv_redis_auth(ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_auth_done(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply);
static void ngx_sent_conv_redis_select(ngx_sent_conv_redis_conn_t *conn);
static void ngx_sent_conv_redis_select_done(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply);
static void ngx_sent_conv_redis_name(ngx_sent_conv_redis_conn_t *conn);


void
ngx_sent_conv_redis_greet(ngx_sent_conv_redis_conn_t *conn)
{
    if (conn->addr->port) {
        ngx_sent_conv_redis_socket(conn);
    }

    ngx_sent_conv_redis_auth(conn);
}


static void
ngx_sent_conv_redis_socket(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_sent_conv_redis_option(conn, IPPROTO_TCP, TCP_NODELAY, 1,
                               "TCP_NODELAY");

    ngx_sent_conv_redis_option(conn, SOL_SOCKET, SO_KEEPALIVE, 1,
                               "SO_KEEPALIVE");

#if (NGX_HAVE_KEEPALIVE_TUNABLE)

    ngx_sent_conv_redis_option(conn, IPPROTO_TCP, TCP_KEEPIDLE, 15,
                               "TCP_KEEPIDLE");

    ngx_sent_conv_redis_option(conn, IPPROTO_TCP, TCP_KEEPINTVL, 5,
                               "TCP_KEEPINTVL");

#endif
}


static void
ngx_sent_conv_redis_option(ngx_sent_conv_redis_conn_t *conn, int level,
    int option, int value, const char *name)
{
    if (setsockopt(conn->ac->c.fd, level, option, (const void *) &value,
                   sizeof(int))
        == -1)
    {
        ngx_log_error(NGX_LOG_ERR, conn->log, ngx_socket_errno,
                      "sent conv setsockopt(%s) failed", name);
    }
}


static void
ngx_sent_conv_redis_auth(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_str_t  argv[3];

    if (conn->login->password.len == 0) {
        ngx_sent_conv_redis_select(conn);
        return;
    }

    ngx_sent_conv_redis_conn_state(conn, ngx_sent_conv_redis_st_auth);

    ngx_str_set(&argv[0], "AUTH");

    if (conn->login->username.len) {
        argv[1] = conn->login->username;
        argv[2] = conn->login->password;

    } else {
        argv[1] = conn->login->password;
    }

    ngx_sent_conv_redis_call_own(conn, ngx_sent_conv_redis_auth_done,
                                 conn->login->username.len ? 3 : 2, argv);
}


static void
ngx_sent_conv_redis_auth_done(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply)
{
    if (ngx_sent_conv_redis_error_is(reply, "ERR")) {
        ngx_sent_conv_redis_conn_drop(conn,
                                      "a password is given, but none is set");
        return;
    }

    if (reply->type == REDIS_REPLY_ERROR) {
        ngx_sent_conv_redis_error_drop(conn, reply);
        return;
    }

    ngx_sent_conv_redis_select(conn);
}


static void
ngx_sent_conv_redis_select(ngx_sent_conv_redis_conn_t *conn)
{
    u_char     buf[NGX_INT_T_LEN];
    ngx_str_t  argv[2];

    if (conn->login->db == 0) {
        ngx_sent_conv_redis_name(conn);
        return;
    }

    ngx_sent_conv_redis_conn_state(conn, ngx_sent_conv_redis_st_select);

    ngx_str_set(&argv[0], "SELECT");

    argv[1].data = buf;
    argv[1].len = ngx_sprintf(buf, "%ui", conn->login->db) - buf;

    ngx_sent_conv_redis_call_own(conn, ngx_sent_conv_redis_select_done, 2,
                                 argv);
}


static void
ngx_sent_conv_redis_select_done(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ERROR) {
        ngx_sent_conv_redis_error_drop(conn, reply);
        return;
    }

    ngx_sent_conv_redis_name(conn);
}


/* seen in CLIENT LIST; where that is forbidden, it does no harm */

static void
ngx_sent_conv_redis_name(ngx_sent_conv_redis_conn_t *conn)
{
    u_char     buf[sizeof("sent_conv::") + NGX_SENT_CONV_REDIS_TEXT_LEN
                   + NGX_INT64_LEN];
    ngx_str_t  argv[3];

    ngx_sent_conv_redis_conn_state(conn, ngx_sent_conv_redis_st_check);

    ngx_str_set(&argv[0], "CLIENT");
    ngx_str_set(&argv[1], "SETNAME");

    argv[2].data = buf;
    argv[2].len = ngx_snprintf(buf, sizeof(buf), "sent_conv:%s:%P",
                               conn->name, ngx_pid)
                  - buf;

    ngx_sent_conv_redis_call_own(conn, NULL, 3, argv);

    conn->check(conn);
}
