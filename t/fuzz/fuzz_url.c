
/*
 * Webhook URLs: the host of what is taken is one that inet_pton() and
 * inet_aton() see alike, and what its parts make up is taken as the same.
 */


#include "ngx_fuzz.h"


static void ngx_fuzz_host(ngx_sent_conv_url_t *url, const char *host);
static void ngx_fuzz_rebuilt(ngx_pool_t *pool, ngx_sent_conv_url_t *url);


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    char                 *err, host[256];
    ngx_int_t             rc;
    ngx_sent_conv_url_t   url;

    ngx_memset(&url, 0xa5, sizeof(ngx_sent_conv_url_t));

    ngx_fuzz_begin();

    rc = ngx_sent_conv_url_parse(pool, input, &url, &err);

    if (ngx_fuzz_starved(rc)) {
        return;
    }

    if (rc != NGX_OK) {
        ngx_fuzz_assert(rc == NGX_DECLINED);
        ngx_fuzz_assert(err != NULL && err[ngx_strlen(err) - 1] == '.');
        return;
    }

    ngx_fuzz_assert(err == NULL);
    ngx_fuzz_assert(input->len <= 2048 && ngx_fuzz_visible(input));
    ngx_fuzz_assert(memchr(input->data, '#', input->len) == NULL);
    ngx_fuzz_assert(memchr(input->data, '\\', input->len) == NULL);

    ngx_fuzz_assert(url.host.len && url.host.len <= 253);
    ngx_fuzz_assert(url.uri.len && url.uri.data[0] == '/');
    ngx_fuzz_assert(url.port > 0);
    ngx_fuzz_assert(url.default_port == (url.port == (url.tls ? 443 : 80)));

    ngx_memcpy(host, url.host.data, url.host.len);
    host[url.host.len] = '\0';

    ngx_fuzz_host(&url, host);
    ngx_fuzz_rebuilt(pool, &url);
}


static void
ngx_fuzz_host(ngx_sent_conv_url_t *url, const char *host)
{
    u_char          addr[16];
    struct in_addr  in, strict;

    if (url->ipv6) {
        ngx_fuzz_assert(strspn(host, "0123456789abcdef:.") == url->host.len);
        ngx_fuzz_assert(inet_pton(AF_INET6, host, addr) == 1);
        return;
    }

    ngx_fuzz_assert(strspn(host, "0123456789abcdefghijklmnopqrstuvwxyz-_.")
                    == url->host.len);
    ngx_fuzz_assert(strstr(host, "..") == NULL && host[0] != '.'
                    && host[url->host.len - 1] != '.');

    if (inet_aton(host, &in)) {
        ngx_fuzz_assert(inet_pton(AF_INET, host, &strict) == 1);
        ngx_fuzz_assert(in.s_addr == strict.s_addr);
    }
}


static void
ngx_fuzz_rebuilt(ngx_pool_t *pool, ngx_sent_conv_url_t *url)
{
    char                 *err, text[4096];
    ngx_str_t             again;
    ngx_sent_conv_url_t   is;

    sprintf(text, url->ipv6 ? "%s://[%.*s]:%u%.*s" : "%s://%.*s:%u%.*s",
            url->tls ? "https" : "http", (int) url->host.len, url->host.data,
            (unsigned) url->port, (int) url->uri.len, url->uri.data);

    /* it may be longer than what was given */

    if (strlen(text) > 2048) {
        return;
    }

    again = ngx_fuzz_cstr(pool, text);

    ngx_fuzz_assert(ngx_sent_conv_url_parse(pool, &again, &is, &err)
                    == NGX_OK);
    ngx_fuzz_assert(ngx_fuzz_same(&is.host, &url->host));
    ngx_fuzz_assert(ngx_fuzz_same(&is.uri, &url->uri));
    ngx_fuzz_assert(is.port == url->port && is.tls == url->tls
                    && is.ipv6 == url->ipv6
                    && is.default_port == url->default_port);
}
