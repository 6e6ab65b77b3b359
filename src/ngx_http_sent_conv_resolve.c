
/*
 * A host's address, resolved and checked: the one that was checked is the
 * one to be called.
 */


#include "ngx_http_sent_conv.h"


static void ngx_http_sent_conv_resolve_literal(
    ngx_http_sent_conv_resolve_t *rs, struct sockaddr *sockaddr,
    socklen_t socklen);
static void ngx_http_sent_conv_resolve_handler(ngx_resolver_ctx_t *ctx);
static void ngx_http_sent_conv_resolve_check(
    ngx_http_sent_conv_resolve_t *rs, ngx_resolver_ctx_t *ctx);


static ngx_str_t  ngx_http_sent_conv_localhost = ngx_string("localhost");
static ngx_str_t  ngx_http_sent_conv_loopback = ngx_string("127.0.0.1");

static const char  ngx_http_sent_conv_forbidden[] =
    "The host has an address that may not be called.";


void
ngx_http_sent_conv_resolve(ngx_http_sent_conv_resolve_t *rs,
    ngx_http_core_loc_conf_t *clcf, ngx_sent_conv_networks_t *networks,
    ngx_pool_t *pool, ngx_str_t *host, in_port_t port,
    ngx_http_sent_conv_resolve_pt handler, void *data)
{
    ngx_int_t            rc;
    ngx_addr_t           addr;
    ngx_str_t           *name;
    ngx_resolver_ctx_t  *ctx;

    rs->ctx = NULL;
    rs->networks = networks;
    rs->handler = handler;
    rs->data = data;
    rs->port = port;

    name = host;

    if (host->len == ngx_http_sent_conv_localhost.len
        && ngx_strncasecmp(host->data, ngx_http_sent_conv_localhost.data,
                           host->len)
           == 0)
    {
        name = &ngx_http_sent_conv_loopback;
    }

    rc = ngx_parse_addr(pool, &addr, name->data, name->len);

    if (rc == NGX_OK) {
        ngx_http_sent_conv_resolve_literal(rs, addr.sockaddr, addr.socklen);
        return;
    }

    if (rc == NGX_ERROR) {
        handler(data, NGX_AGAIN, "There is not enough memory.", NULL, 0);
        return;
    }

    ctx = ngx_resolve_start(clcf->resolver, NULL);

    if (ctx == NULL) {
        handler(data, NGX_AGAIN, "There is not enough memory.", NULL, 0);
        return;
    }

    if (ctx == NGX_NO_RESOLVER) {
        handler(data, NGX_ERROR,
                "The host cannot be resolved: no resolver is configured.",
                NULL, 0);
        return;
    }

    ctx->name = *host;
    ctx->handler = ngx_http_sent_conv_resolve_handler;
    ctx->data = rs;
    ctx->timeout = clcf->resolver_timeout;

    rs->ctx = ctx;

    /* frees the context when it fails */

    if (ngx_resolve_name(ctx) != NGX_OK) {
        rs->ctx = NULL;
        handler(data, NGX_AGAIN, "The host could not be resolved.", NULL, 0);
    }
}


void
ngx_http_sent_conv_resolve_cancel(ngx_http_sent_conv_resolve_t *rs)
{
    if (rs->ctx != NULL) {
        ngx_resolve_name_done(rs->ctx);
        rs->ctx = NULL;
    }
}


static void
ngx_http_sent_conv_resolve_literal(ngx_http_sent_conv_resolve_t *rs,
    struct sockaddr *sockaddr, socklen_t socklen)
{
    if (ngx_sent_conv_addr_check(sockaddr, rs->networks) != NGX_OK) {
        rs->handler(rs->data, NGX_DECLINED, ngx_http_sent_conv_forbidden,
                    NULL, 0);
        return;
    }

    ngx_inet_set_port(sockaddr, rs->port);

    rs->handler(rs->data, NGX_OK, NULL, sockaddr, socklen);
}


static void
ngx_http_sent_conv_resolve_handler(ngx_resolver_ctx_t *ctx)
{
    ngx_http_sent_conv_resolve_t  *rs;

    rs = ctx->data;

    if (ctx->state == NGX_RESOLVE_NXDOMAIN) {
        rs->ctx = NULL;
        ngx_resolve_name_done(ctx);
        rs->handler(rs->data, NGX_ERROR, "The host does not exist.", NULL, 0);
        return;
    }

    if (ctx->state != NGX_OK || ctx->naddrs == 0) {
        rs->ctx = NULL;
        ngx_resolve_name_done(ctx);
        rs->handler(rs->data, NGX_AGAIN, "The host could not be resolved.",
                    NULL, 0);
        return;
    }

    ngx_http_sent_conv_resolve_check(rs, ctx);
}


/* all of them are checked; IPv4 is preferred, for one attempt calls one */

static void
ngx_http_sent_conv_resolve_check(ngx_http_sent_conv_resolve_t *rs,
    ngx_resolver_ctx_t *ctx)
{
    socklen_t              socklen;
    ngx_uint_t             i, n;
    ngx_sockaddr_t         sockaddr;
    ngx_resolver_addr_t   *addr;

    n = 0;
    addr = ctx->addrs;

    for (i = 0; i < ctx->naddrs; i++) {

        if (ngx_sent_conv_addr_check(addr[i].sockaddr, rs->networks)
            != NGX_OK)
        {
            rs->ctx = NULL;
            ngx_resolve_name_done(ctx);
            rs->handler(rs->data, NGX_DECLINED, ngx_http_sent_conv_forbidden,
                        NULL, 0);
            return;
        }

        if (addr[n].sockaddr->sa_family != AF_INET
            && addr[i].sockaddr->sa_family == AF_INET)
        {
            n = i;
        }
    }

    socklen = addr[n].socklen;
    ngx_memcpy(&sockaddr, addr[n].sockaddr, socklen);
    ngx_inet_set_port(&sockaddr.sockaddr, rs->port);

    rs->ctx = NULL;
    ngx_resolve_name_done(ctx);

    rs->handler(rs->data, NGX_OK, NULL, &sockaddr.sockaddr, socklen);
}
