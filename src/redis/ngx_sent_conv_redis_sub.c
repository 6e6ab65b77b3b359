
/*
 * Notifications: what one worker of a node listens for, on every master.
 */


#include "ngx_sent_conv_redis_conn.h"


static ngx_int_t ngx_sent_conv_redis_sub_names(
    ngx_sent_conv_redis_sub_t *sub);


ngx_sent_conv_redis_sub_t *
ngx_sent_conv_redis_sub_create(ngx_sent_conv_redis_t *rd,
    ngx_sent_conv_redis_sub_pt expired, ngx_sent_conv_redis_sub_pt message,
    void *data)
{
    ngx_pool_t                    *pool;
    ngx_sent_conv_redis_sub_t     *sub;
    ngx_sent_conv_redis_master_t  *m;

    pool = ngx_create_pool(4096, rd->log);
    if (pool == NULL) {
        return NULL;
    }

    sub = ngx_pcalloc(pool, sizeof(ngx_sent_conv_redis_sub_t));
    if (sub == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    sub->pool = pool;
    sub->rd = rd;
    sub->expired = expired;
    sub->message = message;
    sub->data = data;

    if (ngx_sent_conv_redis_sub_names(sub) != NGX_OK) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    rd->sub = sub;

    for (m = rd->masters; m; m = m->next) {
        ngx_sent_conv_redis_listener_open(m);
    }

    return sub;
}


static ngx_int_t
ngx_sent_conv_redis_sub_names(ngx_sent_conv_redis_sub_t *sub)
{
    size_t                       len;
    ngx_sent_conv_redis_conf_t  *conf;

    conf = &sub->rd->conf;

    len = sizeof("__keyevent@__:expired") + NGX_INT_T_LEN;

    sub->pattern.data = ngx_pnalloc(sub->pool, len);
    if (sub->pattern.data == NULL) {
        return NGX_ERROR;
    }

    sub->pattern.len = ngx_sprintf(sub->pattern.data,
                                   "__keyevent@%ui__:expired", conf->login.db)
                       - sub->pattern.data;

    len = conf->prefix.len + sizeof("changed") - 1;

    sub->changed.data = ngx_pnalloc(sub->pool, len);
    if (sub->changed.data == NULL) {
        return NGX_ERROR;
    }

    sub->changed.len = ngx_sprintf(sub->changed.data, "%Vchanged",
                                   &conf->prefix)
                       - sub->changed.data;

    return NGX_OK;
}


void
ngx_sent_conv_redis_sub_destroy(ngx_sent_conv_redis_sub_t *sub)
{
    ngx_sent_conv_redis_master_t  *m;

    sub->rd->sub = NULL;

    for (m = sub->rd->masters; m; m = m->next) {
        ngx_sent_conv_redis_listener_close(m);
    }

    ngx_destroy_pool(sub->pool);
}
