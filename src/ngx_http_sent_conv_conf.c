
/*
 * What the directives say, checked where it stands.
 */


#include "ngx_http_sent_conv.h"


#define NGX_HTTP_SENT_CONV_FILE_MAX  4096


static ngx_int_t ngx_http_sent_conv_conf_read(ngx_conf_t *cf,
    ngx_file_t *file, ngx_str_t *text);


char *
ngx_http_sent_conv_conf_prefix(ngx_conf_t *cf, void *post, void *data)
{
    ngx_str_t *prefix = data;

    size_t  i;

    /* "{" would be the hash tag of a cluster */

    for (i = 0; i < prefix->len; i++) {
        if (prefix->data[i] <= ' ' || prefix->data[i] == '{'
            || prefix->data[i] == '}')
        {
            return "may not hold spaces or braces";
        }
    }

    return (prefix->len > 64) ? "is too long" : NGX_CONF_OK;
}


char *
ngx_http_sent_conv_conf_partitions(ngx_conf_t *cf, void *post, void *data)
{
    ngx_int_t *n = data;

    if (*n < 1 || *n > NGX_SENT_CONV_SLOTS || (*n & (*n - 1)) != 0) {
        return "must be a power of two from 1 to 1024";
    }

    return NGX_CONF_OK;
}


char *
ngx_http_sent_conv_conf_time(ngx_conf_t *cf, void *post, void *data)
{
    ngx_msec_t *msec = data;

    return (*msec == 0) ? "must be greater than zero" : NGX_CONF_OK;
}


char *
ngx_http_sent_conv_conf_networks(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    char *p = conf;

    ngx_int_t     rc;
    ngx_str_t    *value;
    ngx_uint_t    i;
    ngx_cidr_t   *cidr;
    ngx_array_t **networks;

    networks = (ngx_array_t **) (p + cmd->offset);

    if (*networks == NULL) {
        *networks = ngx_array_create(cf->pool, 4, sizeof(ngx_cidr_t));
        if (*networks == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        cidr = ngx_array_push(*networks);
        if (cidr == NULL) {
            return NGX_CONF_ERROR;
        }

        rc = ngx_ptocidr(&value[i], cidr);

        if (rc == NGX_ERROR) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid network \"%V\"", &value[i]);
            return NGX_CONF_ERROR;
        }

        if (rc == NGX_DONE) {
            ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                               "low address bits of %V are meaningless",
                               &value[i]);
        }
    }

    return NGX_CONF_OK;
}


char *
ngx_http_sent_conv_conf_backoff(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_sent_conv_main_conf_t *smcf = conf;

    ngx_str_t   *value;
    ngx_int_t    delay;
    ngx_uint_t   i;
    ngx_msec_t  *slot;

    if (smcf->backoff != NULL) {
        return "is duplicate";
    }

    smcf->backoff = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                     sizeof(ngx_msec_t));
    if (smcf->backoff == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        delay = ngx_parse_time(&value[i], 0);

        if (delay == NGX_ERROR || delay == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid time \"%V\"", &value[i]);
            return NGX_CONF_ERROR;
        }

        slot = ngx_array_push(smcf->backoff);
        if (slot == NULL) {
            return NGX_CONF_ERROR;
        }

        *slot = (ngx_msec_t) delay;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_sent_conv_conf_carrier_backoff(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_sent_conv_main_conf_t *smcf = conf;

    ngx_str_t  *value;
    ngx_int_t   min, max;

    if (smcf->carrier_min != NGX_CONF_UNSET_MSEC) {
        return "is duplicate";
    }

    value = cf->args->elts;

    min = ngx_parse_time(&value[1], 0);
    max = ngx_parse_time(&value[2], 0);

    if (min == NGX_ERROR || min == 0 || max == NGX_ERROR) {
        return "has an invalid time";
    }

    if (max < min) {
        return "must have the shorter time first";
    }

    smcf->carrier_min = (ngx_msec_t) min;
    smcf->carrier_max = (ngx_msec_t) max;

    return NGX_CONF_OK;
}


/* the text of a file without the end of its last line, NUL-terminated */

char *
ngx_http_sent_conv_conf_file(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *text)
{
    ngx_int_t   rc;
    ngx_file_t  file;

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = *name;
    file.log = cf->log;

    if (ngx_conf_full_name(cf->cycle, &file.name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    file.fd = ngx_open_file(file.name.data, NGX_FILE_RDONLY, NGX_FILE_OPEN,
                            0);

    if (file.fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", &file.name);
        return NGX_CONF_ERROR;
    }

    rc = ngx_http_sent_conv_conf_read(cf, &file, text);

    if (ngx_close_file(file.fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", &file.name);
    }

    return (rc == NGX_OK) ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_sent_conv_conf_read(ngx_conf_t *cf, ngx_file_t *file,
    ngx_str_t *text)
{
    ssize_t  n;

    text->data = ngx_pcalloc(cf->pool, NGX_HTTP_SENT_CONV_FILE_MAX + 1);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    n = ngx_read_file(file, text->data, NGX_HTTP_SENT_CONV_FILE_MAX, 0);

    if (n == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (n == NGX_HTTP_SENT_CONV_FILE_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "file \"%V\" is too long",
                           &file->name);
        return NGX_ERROR;
    }

    while (n > 0 && (text->data[n - 1] == LF || text->data[n - 1] == CR)) {
        text->data[--n] = '\0';
    }

    if (n == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "file \"%V\" is empty",
                           &file->name);
        return NGX_ERROR;
    }

    text->len = n;

    return NGX_OK;
}
