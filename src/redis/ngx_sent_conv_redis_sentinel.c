
/*
 * What is said to a Sentinel, and what its answers mean.
 */


#include "ngx_sent_conv_redis_conn.h"


void
ngx_sent_conv_redis_sentinel_ask(ngx_sent_conv_redis_conn_t *conn,
    ngx_sent_conv_redis_step_pt step)
{
    ngx_str_t  argv[3];

    ngx_str_set(&argv[0], "SENTINEL");
    ngx_str_set(&argv[1], "GET-MASTER-ADDR-BY-NAME");
    argv[2] = conn->conf->master;

    ngx_sent_conv_redis_call_own(conn, step, 3, argv);
}


ngx_int_t
ngx_sent_conv_redis_sentinel_told(ngx_sent_conv_redis_t *rd,
    redisReply *reply, char *why)
{
    u_char     *p;
    int64_t     port;
    ngx_str_t   host;

    p = (u_char *) why;

    if (ngx_sent_conv_redis_error_is(reply, "ERR")) {
        ngx_sprintf(p, "it is no Sentinel%Z");
        return NGX_ERROR;
    }

    if (ngx_sent_conv_redis_error_is(reply, "NOAUTH")) {
        ngx_sprintf(p, "it wants a password%Z");
        return NGX_ERROR;
    }

    if (reply->type == REDIS_REPLY_ERROR) {
        ngx_sent_conv_redis_error_text(why, reply->str);
        return NGX_ERROR;
    }

    if (ngx_sent_conv_reply_n(reply) != 2) {
        p = ngx_snprintf(p, NGX_SENT_CONV_REDIS_TEXT_LEN - 1,
                         "it knows no master named %V", &rd->conf.master);
        *p = '\0';
        return NGX_ERROR;
    }

    host = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 0));
    port = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, 1));

    if (port < 1 || port > 65535
        || !ngx_sent_conv_redis_guide_numeric(&host))
    {
        ngx_sprintf(p, "it gives no numeric address of the master, "
                       "see announce-hostnames%Z");
        return NGX_ERROR;
    }

    if (!ngx_sent_conv_redis_master_at(rd->masters, &host, (in_port_t) port)) {
        ngx_sent_conv_redis_master_move(rd->masters, &host, (in_port_t) port);
    }

    return NGX_OK;
}
