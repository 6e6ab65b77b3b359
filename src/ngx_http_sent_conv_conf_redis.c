
/*
 * Where Redis is: the directive sent_conv_redis.
 */


#include "ngx_http_sent_conv.h"


static char *ngx_http_sent_conv_conf_redis_several(ngx_conf_t *cf,
    ngx_sent_conv_redis_conf_t *redis, ngx_uint_t first, ngx_uint_t last);
static ngx_uint_t ngx_http_sent_conv_conf_redis_addresses(ngx_conf_t *cf,
    ngx_uint_t first);
static char *ngx_http_sent_conv_conf_redis_address(ngx_conf_t *cf,
    ngx_str_t *value, ngx_sent_conv_redis_conf_t *redis, in_port_t port);
static ngx_int_t ngx_http_sent_conv_conf_redis_label(ngx_conf_t *cf,
    ngx_str_t *value, ngx_sent_conv_redis_conf_t *redis,
    ngx_sent_conv_redis_addr_t *addr);
static char *ngx_http_sent_conv_conf_redis_resolved(ngx_conf_t *cf,
    ngx_url_t *u, ngx_sent_conv_redis_addr_t *addr);
static char *ngx_http_sent_conv_conf_redis_param(ngx_conf_t *cf,
    ngx_str_t *value, ngx_sent_conv_redis_conf_t *redis);
static ngx_uint_t ngx_http_sent_conv_conf_redis_login(ngx_conf_t *cf,
    ngx_str_t *value, ngx_sent_conv_redis_login_t *login, char **rv);


/*
 * unix:/path | host:port [parameters]
 * sentinel name host:port ... [parameters]
 * cluster host:port ... [parameters]
 */

char *
ngx_http_sent_conv_conf_redis(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_sent_conv_main_conf_t *smcf = conf;

    char                        *rv;
    ngx_str_t                   *value;
    ngx_uint_t                   i, n;
    ngx_sent_conv_redis_conf_t  *redis;

    redis = &smcf->store.redis;
    value = cf->args->elts;

    if (redis->addrs != NULL) {
        return "is duplicate";
    }

    redis->addrs = ngx_array_create(cf->pool, 4,
                                    sizeof(ngx_sent_conv_redis_addr_t));
    if (redis->addrs == NULL) {
        return NGX_CONF_ERROR;
    }

    if (value[1].len == 8 && ngx_strncmp(value[1].data, "sentinel", 8) == 0) {
        n = ngx_http_sent_conv_conf_redis_addresses(cf, 3);

        if (n <= 3) {
            return "needs the name of a master and the addresses of its "
                   "Sentinels";
        }

        redis->master = value[2];
        rv = ngx_http_sent_conv_conf_redis_several(cf, redis, 3, n);

    } else if (value[1].len == 7
               && ngx_strncmp(value[1].data, "cluster", 7) == 0)
    {
        n = ngx_http_sent_conv_conf_redis_addresses(cf, 2);

        if (n <= 2) {
            return "needs the addresses of some nodes of the cluster";
        }

        redis->cluster = 1;
        rv = ngx_http_sent_conv_conf_redis_several(cf, redis, 2, n);

    } else {
        n = 2;
        rv = ngx_http_sent_conv_conf_redis_address(cf, &value[1], redis,
                                                   6379);
    }

    for (i = n; rv == NGX_CONF_OK && i < cf->args->nelts; i++) {
        rv = ngx_http_sent_conv_conf_redis_param(cf, &value[i], redis);
    }

    return rv;
}


static char *
ngx_http_sent_conv_conf_redis_several(ngx_conf_t *cf,
    ngx_sent_conv_redis_conf_t *redis, ngx_uint_t first, ngx_uint_t last)
{
    char        *rv;
    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;

    for (i = first; i < last; i++) {
        rv = ngx_http_sent_conv_conf_redis_address(cf, &value[i], redis,
                                                   redis->cluster ? 6379
                                                                  : 26379);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    return NGX_CONF_OK;
}


/* where the addresses from there on end: no parameter is without "=" */

static ngx_uint_t
ngx_http_sent_conv_conf_redis_addresses(ngx_conf_t *cf, ngx_uint_t first)
{
    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;

    for (i = first; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "unix:", 5) != 0
            && ngx_strlchr(value[i].data, value[i].data + value[i].len, '=')
               != NULL)
        {
            break;
        }
    }

    return i;
}


static char *
ngx_http_sent_conv_conf_redis_address(ngx_conf_t *cf, ngx_str_t *value,
    ngx_sent_conv_redis_conf_t *redis, in_port_t port)
{
    ngx_url_t                    u;
    ngx_sent_conv_redis_addr_t  *addr;

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = *value;
    u.default_port = port;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        if (u.err) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "%s in \"%V\" of the \"sent_conv_redis\" "
                               "directive", u.err, &u.url);
        }

        return NGX_CONF_ERROR;
    }

    addr = ngx_array_push(redis->addrs);
    if (addr == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_sent_conv_conf_redis_label(cf, value, redis, addr)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (u.family == AF_UNIX) {
        addr->host.data = u.url.data + sizeof("unix:") - 1;
        addr->host.len = u.url.len - (sizeof("unix:") - 1);
        addr->port = 0;

        return NGX_CONF_OK;
    }

    return ngx_http_sent_conv_conf_redis_resolved(cf, &u, addr);
}


/* only one among others has to be named */

static ngx_int_t
ngx_http_sent_conv_conf_redis_label(ngx_conf_t *cf, ngx_str_t *value,
    ngx_sent_conv_redis_conf_t *redis, ngx_sent_conv_redis_addr_t *addr)
{
    u_char  *p;

    ngx_str_null(&addr->label);

    if (redis->master.len == 0 && !redis->cluster) {
        return NGX_OK;
    }

    p = ngx_pnalloc(cf->pool, sizeof(" at ") - 1 + value->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    addr->label.data = p;
    addr->label.len = ngx_sprintf(p, " at %V", value) - p;

    return NGX_OK;
}


/* hiredis is given a number: it would look a name up in the worker */

static char *
ngx_http_sent_conv_conf_redis_resolved(ngx_conf_t *cf, ngx_url_t *u,
    ngx_sent_conv_redis_addr_t *addr)
{
    u_char      *p;
    ngx_uint_t   i, n;
    ngx_addr_t  *found;

    n = 0;
    found = u->addrs;

    for (i = 0; i < u->naddrs; i++) {
        if (found[i].sockaddr->sa_family == AF_INET) {
            n = i;
            break;
        }
    }

    p = ngx_pcalloc(cf->pool, NGX_SOCKADDR_STRLEN + 1);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    addr->host.data = p;
    addr->host.len = ngx_sock_ntop(found[n].sockaddr, found[n].socklen, p,
                                   NGX_SOCKADDR_STRLEN, 0);
    addr->port = ngx_inet_get_port(found[n].sockaddr);

    return NGX_CONF_OK;
}


static char *
ngx_http_sent_conv_conf_redis_param(ngx_conf_t *cf, ngx_str_t *value,
    ngx_sent_conv_redis_conf_t *redis)
{
    char                         *rv;
    ngx_int_t                     db;
    ngx_str_t                     param;
    ngx_sent_conv_redis_login_t  *login;

    param = *value;
    login = &redis->login;

    if (!redis->cluster && ngx_strncmp(param.data, "db=", 3) == 0) {
        db = ngx_atoi(param.data + 3, param.len - 3);

        if (db != NGX_ERROR) {
            login->db = db;
            return NGX_CONF_OK;
        }

    } else if (redis->master.len
               && ngx_strncmp(param.data, "sentinel_", 9) == 0)
    {
        param.data += 9;
        param.len -= 9;
        login = &redis->sentinel;
    }

    if (ngx_http_sent_conv_conf_redis_login(cf, &param, login, &rv)) {
        return rv;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                       value);

    return NGX_CONF_ERROR;
}


/* is it a part of one? */

static ngx_uint_t
ngx_http_sent_conv_conf_redis_login(ngx_conf_t *cf, ngx_str_t *value,
    ngx_sent_conv_redis_login_t *login, char **rv)
{
    ngx_str_t  name;

    *rv = NGX_CONF_OK;

    if (ngx_strncmp(value->data, "username=", 9) == 0 && value->len > 9) {
        login->username.data = value->data + 9;
        login->username.len = value->len - 9;

        return 1;
    }

    if (ngx_strncmp(value->data, "password=", 9) != 0
        && ngx_strncmp(value->data, "password_file=", 14) != 0)
    {
        return 0;
    }

    if (login->password.data != NULL) {
        *rv = "has two passwords";
        return 1;
    }

    if (value->data[8] == '=') {
        login->password.data = value->data + 9;
        login->password.len = value->len - 9;

        if (login->password.len == 0) {
            *rv = "has an empty password";
        }

        return 1;
    }

    name.data = value->data + 14;
    name.len = value->len - 14;

    *rv = ngx_http_sent_conv_conf_file(cf, &name, &login->password);

    return 1;
}
