
/*
 * What the directives on durability and limits say, checked where it stands.
 */


#include "ngx_http_sent_conv.h"


#define NGX_HTTP_SENT_CONV_REPLICAS_MAX  100
#define NGX_HTTP_SENT_CONV_WAIT_MAX      (60 * 1000)
#define NGX_HTTP_SENT_CONV_RATE_MAX      1000000


static char *ngx_http_sent_conv_conf_rate_set(ngx_conf_t *cf,
    ngx_sent_conv_rate_t *rate, uint64_t *each, ngx_flag_t *fleet);
static char *ngx_http_sent_conv_conf_rate_value(ngx_str_t *value,
    ngx_int_t *n, ngx_msec_t *per);
static char *ngx_http_sent_conv_conf_rate_params(ngx_conf_t *cf,
    ngx_int_t *burst, ngx_flag_t *fleet);


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


char *
ngx_http_sent_conv_conf_rate(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_sent_conv_main_conf_t *smcf = conf;

    return ngx_http_sent_conv_conf_rate_set(cf, &smcf->rate,
                                            &smcf->rate_each,
                                            &smcf->rate_fleet);
}


char *
ngx_http_sent_conv_conf_auth_failures(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_sent_conv_main_conf_t *smcf = conf;

    uint64_t  each;

    return ngx_http_sent_conv_conf_rate_set(cf, &smcf->auth_failures, &each,
                                            NULL);
}


/* fleet NULL: there is no such parameter */

static char *
ngx_http_sent_conv_conf_rate_set(ngx_conf_t *cf, ngx_sent_conv_rate_t *rate,
    uint64_t *each, ngx_flag_t *fleet)
{
    char        *rv;
    ngx_int_t    n, burst;
    ngx_str_t   *value;
    ngx_msec_t   per;

    value = cf->args->elts;

    if (rate->burst != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        rate->burst = 0;
        return NGX_CONF_OK;
    }

    rv = ngx_http_sent_conv_conf_rate_value(&value[1], &n, &per);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    burst = n;

    rv = ngx_http_sent_conv_conf_rate_params(cf, &burst, fleet);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    *each = (uint64_t) per * 1000 / n;

    if (ngx_sent_conv_rate(rate, n, per, burst) != NGX_OK) {
        return "has a burst that takes too long to come back";
    }

    return NGX_CONF_OK;
}


/* "10r/s", "300r/m" */

static char *
ngx_http_sent_conv_conf_rate_value(ngx_str_t *value, ngx_int_t *n,
    ngx_msec_t *per)
{
    u_char  *unit;

    *n = NGX_ERROR;

    if (value->len > 3) {
        unit = value->data + value->len - 3;
        *n = ngx_atoi(value->data, value->len - 3);

        if (ngx_strncmp(unit, "r/s", 3) == 0) {
            *per = 1000;

        } else if (ngx_strncmp(unit, "r/m", 3) == 0) {
            *per = 60000;

        } else {
            *n = NGX_ERROR;
        }
    }

    if (*n < 1 || *n > NGX_HTTP_SENT_CONV_RATE_MAX) {
        return "must have a rate as 10r/s or 300r/m, up to 1000000, or be "
               "\"off\"";
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_sent_conv_conf_rate_params(ngx_conf_t *cf, ngx_int_t *burst,
    ngx_flag_t *fleet)
{
    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;

    for (i = 2; i < cf->args->nelts; i++) {

        if (value[i].len > 6 && ngx_strncmp(value[i].data, "burst=", 6) == 0) {
            *burst = ngx_atoi(value[i].data + 6, value[i].len - 6);

            if (*burst < 1 || *burst > NGX_HTTP_SENT_CONV_RATE_MAX) {
                return "must have a burst from 1 to 1000000";
            }

        } else if (fleet != NULL && ngx_strcmp(value[i].data, "fleet") == 0) {
            *fleet = 1;

        } else {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\"", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}
