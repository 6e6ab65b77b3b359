
/*
 * notify-keyspace-events: what the notifications need is added to what is
 * there; where that is forbidden, they go on without.
 */


#include "ngx_sent_conv_redis_conn.h"


static void ngx_sent_conv_redis_flags_got(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply);
static void ngx_sent_conv_redis_flags_set(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply);
static void ngx_sent_conv_redis_flags_forbidden(
    ngx_sent_conv_redis_conn_t *conn, redisReply *reply);


void
ngx_sent_conv_redis_flags(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_str_t  argv[3];

    ngx_str_set(&argv[0], "CONFIG");
    ngx_str_set(&argv[1], "GET");
    ngx_str_set(&argv[2], "notify-keyspace-events");

    ngx_sent_conv_redis_call_own(conn, ngx_sent_conv_redis_flags_got, 3,
                                 argv);
}


static void
ngx_sent_conv_redis_flags_got(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply)
{
    u_char      buf[64], *p;
    ngx_str_t   flags, argv[4];
    ngx_uint_t  event, expired;

    if (ngx_sent_conv_reply_n(reply) < 2) {
        ngx_sent_conv_redis_flags_forbidden(conn, reply);
        return;
    }

    flags = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 1));

    event = (ngx_strlchr(flags.data, flags.data + flags.len, 'E') != NULL);
    expired = (ngx_strlchr(flags.data, flags.data + flags.len, 'x') != NULL
               || ngx_strlchr(flags.data, flags.data + flags.len, 'A')
                  != NULL);

    if ((event && expired) || flags.len > sizeof(buf) - 2) {
        ngx_sent_conv_redis_listener_listen(conn);
        return;
    }

    p = ngx_cpymem(buf, flags.data, flags.len);

    if (!event) {
        *p++ = 'E';
    }

    if (!expired) {
        *p++ = 'x';
    }

    ngx_log_error(NGX_LOG_NOTICE, conn->log, 0,
                  "sent conv redis %s: setting \"notify-keyspace-events\" "
                  "from \"%V\" to \"%*s\"",
                  conn->name, &flags, (size_t) (p - buf), buf);

    ngx_str_set(&argv[0], "CONFIG");
    ngx_str_set(&argv[1], "SET");
    ngx_str_set(&argv[2], "notify-keyspace-events");

    argv[3].data = buf;
    argv[3].len = p - buf;

    ngx_sent_conv_redis_call_own(conn, ngx_sent_conv_redis_flags_set, 4,
                                 argv);
}


static void
ngx_sent_conv_redis_flags_set(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ERROR) {
        ngx_sent_conv_redis_flags_forbidden(conn, reply);
        return;
    }

    ngx_sent_conv_redis_listener_listen(conn);
}


static void
ngx_sent_conv_redis_flags_forbidden(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply)
{
    ngx_sent_conv_redis_master_t  *m;

    m = conn->data;

    if (reply->type == REDIS_REPLY_ERROR
        && ngx_sent_conv_redis_error_find(reply))
    {
        ngx_sent_conv_redis_error_drop(conn, reply);
        return;
    }

    if (!m->listener.told) {
        m->listener.told = 1;

        ngx_log_error(NGX_LOG_WARN, conn->log, 0,
                      "sent conv redis %s: \"notify-keyspace-events\" may not "
                      "be read or set; where it lacks \"Ex\", windows are "
                      "ended by the sweep alone",
                      conn->name);
    }

    ngx_sent_conv_redis_listener_listen(conn);
}
