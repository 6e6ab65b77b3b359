
/*
 * What the directives on durability and limits say, checked where it stands.
 */


#include "ngx_http_sent_conv.h"


#define NGX_HTTP_SENT_CONV_REPLICAS_MAX  100
#define NGX_HTTP_SENT_CONV_WAIT_MAX      (60 * 1000)


char *
ngx_http_sent_conv_conf_durability(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_sent_conv_main_conf_t *smcf = conf;

    ngx_int_t                    n, wait;
    ngx_str_t                   *value;
    ngx_sent_conv_redis_conf_t  *redis;

    redis = &smcf->store.redis;
    value = cf->args->elts;

    if (redis->replicas != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "memory") == 0) {
        redis->replicas = 0;
        return NGX_CONF_OK;
    }

    if (cf->args->nelts != 4 || ngx_strcmp(value[1].data, "replicas") != 0) {
        return "must be \"memory\" or \"replicas <number> <time>\"";
    }

    n = ngx_atoi(value[2].data, value[2].len);

    if (n < 1 || n > NGX_HTTP_SENT_CONV_REPLICAS_MAX) {
        return "must ask for 1 to 100 replicas";
    }

    wait = ngx_parse_time(&value[3], 0);

    if (wait < 1 || wait > NGX_HTTP_SENT_CONV_WAIT_MAX) {
        return "must have a time from 1ms to 1m";
    }

    redis->replicas = n;
    redis->wait = wait;

    return NGX_CONF_OK;
}
