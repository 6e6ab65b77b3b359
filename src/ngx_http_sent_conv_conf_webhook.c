
/*
 * What the directives say of failing webhooks and of what is kept of them,
 * checked where it stands.
 */


#include "ngx_http_sent_conv.h"


/* what may be left out, as the defaults have it */
#define NGX_HTTP_SENT_CONV_BREAKER_MAX   (5 * 60 * 1000)
#define NGX_HTTP_SENT_CONV_BREAKER_WAIT  (24 * 3600 * 1000)


/* "<failures> <pause> [<max pause> [<wait>]]" or "off" */

char *
ngx_http_sent_conv_conf_breaker(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_sent_conv_main_conf_t *smcf = conf;

    ngx_int_t                      n, min, max, wait;
    ngx_str_t                     *value;
    ngx_sent_conv_breaker_conf_t  *breaker;

    breaker = &smcf->breaker;
    value = cf->args->elts;

    if (breaker->failures != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    if (cf->args->nelts == 2) {

        if (ngx_strcmp(value[1].data, "off") != 0) {
            return "takes \"off\", or a number and a pause";
        }

        breaker->failures = 0;

        return NGX_CONF_OK;
    }

    n = ngx_atoi(value[1].data, value[1].len);

    if (n == NGX_ERROR || n == 0) {
        return "has an invalid number";
    }

    min = ngx_parse_time(&value[2], 0);
    max = (cf->args->nelts > 3) ? ngx_parse_time(&value[3], 0)
                                : ngx_max(min,
                                          NGX_HTTP_SENT_CONV_BREAKER_MAX);
    wait = (cf->args->nelts > 4) ? ngx_parse_time(&value[4], 0)
                                 : NGX_HTTP_SENT_CONV_BREAKER_WAIT;

    if (min == NGX_ERROR || min == 0 || max == NGX_ERROR
        || wait == NGX_ERROR || wait == 0)
    {
        return "has an invalid time";
    }

    if (max < min) {
        return "must have the shorter time first";
    }

    breaker->failures = (ngx_uint_t) n;
    breaker->min = (ngx_msec_t) min;
    breaker->max = (ngx_msec_t) max;
    breaker->wait = (ngx_msec_t) wait;

    return NGX_CONF_OK;
}


/* "<events> <time>" or "off" */

char *
ngx_http_sent_conv_conf_disable(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_sent_conv_main_conf_t *smcf = conf;

    ngx_int_t                    n, time;
    ngx_str_t                   *value;
    ngx_sent_conv_store_conf_t  *store;

    store = &smcf->store;
    value = cf->args->elts;

    if (store->disable_events != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    if (cf->args->nelts == 2) {

        if (ngx_strcmp(value[1].data, "off") != 0) {
            return "takes \"off\", or a number and a time";
        }

        store->disable_events = 0;

        return NGX_CONF_OK;
    }

    n = ngx_atoi(value[1].data, value[1].len);

    if (n == NGX_ERROR || n == 0) {
        return "has an invalid number";
    }

    time = ngx_parse_time(&value[2], 0);

    if (time == NGX_ERROR) {
        return "has an invalid time";
    }

    store->disable_events = (ngx_uint_t) n;
    store->disable_time = (ngx_msec_t) time;

    return NGX_CONF_OK;
}


/* "<events> [<time>]" or "off" */

char *
ngx_http_sent_conv_conf_log(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_sent_conv_main_conf_t *smcf = conf;

    ngx_int_t                    n, age;
    ngx_str_t                   *value;
    ngx_sent_conv_store_conf_t  *store;

    store = &smcf->store;
    value = cf->args->elts;

    if (store->log_events != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        store->log_events = 0;

        return NGX_CONF_OK;
    }

    n = ngx_atoi(value[1].data, value[1].len);

    if (n < 1 || n > 100000000) {
        return "takes \"off\", or a number from 1 to 100000000 and a time";
    }

    store->log_events = n;

    if (cf->args->nelts == 3) {

        age = ngx_parse_time(&value[2], 0);

        if (age == NGX_ERROR || age == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid time \"%V\"", &value[2]);
            return NGX_CONF_ERROR;
        }

        store->log_age = age;
    }

    return NGX_CONF_OK;
}
