
/*
 * Does every master answer?
 */


#include "ngx_sent_conv_redis_conn.h"


typedef struct {
    ngx_sent_conv_redis_pt   handler;
    void                    *data;
    ngx_uint_t               pending;
    ngx_sent_conv_err_e      err;            /* the worst */
} ngx_sent_conv_redis_ping_t;


static void ngx_sent_conv_redis_ping_answer(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


ngx_int_t
ngx_sent_conv_redis_ping(ngx_sent_conv_redis_t *rd,
    ngx_sent_conv_redis_pt handler, void *data)
{
    ngx_str_t                      command = ngx_string("PING");
    ngx_sent_conv_redis_ping_t    *ping;
    ngx_sent_conv_redis_master_t  *m;

    ping = ngx_alloc(sizeof(ngx_sent_conv_redis_ping_t), rd->log);
    if (ping == NULL) {
        return NGX_ERROR;
    }

    ping->handler = handler;
    ping->data = data;
    ping->pending = 0;
    ping->err = NGX_SENT_CONV_OK;

    for (m = rd->masters; m; m = m->next) {

        if (rd->cluster && m->slots == 0) {
            continue;
        }

        if (m->conn.state == ngx_sent_conv_redis_st_ready
            && ngx_sent_conv_redis_command_on(rd, &m->conn, 1, &command,
                                              ngx_sent_conv_redis_ping_answer,
                                              ping)
               == NGX_OK)
        {
            ping->pending++;

        } else {
            ping->err = NGX_SENT_CONV_UNSENT;
        }
    }

    if (ping->pending == 0) {
        ngx_free(ping);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static void
ngx_sent_conv_redis_ping_answer(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_redis_ping_t *ping = data;

    ngx_sent_conv_redis_pt  handler;

    ping->err = ngx_max(ping->err, err);

    if (--ping->pending) {
        return;
    }

    handler = ping->handler;
    data = ping->data;
    err = ping->err;

    ngx_free(ping);

    handler(data, err, NULL);
}
