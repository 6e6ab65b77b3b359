
/*
 * An endpoint's URL, read so strictly that every reader sees the same host.
 */


#include "ngx_sent_conv_core.h"


#define NGX_SENT_CONV_URL_MAX    2048
#define NGX_SENT_CONV_HOST_MAX   253
#define NGX_SENT_CONV_LABEL_MAX  63


static char *ngx_sent_conv_url_bytes(ngx_str_t *text);
static char *ngx_sent_conv_url_authority(ngx_str_t *authority,
    ngx_sent_conv_url_t *url);
static char *ngx_sent_conv_url_port(u_char *p, u_char *last,
    ngx_sent_conv_url_t *url);
static char *ngx_sent_conv_url_name(ngx_str_t *host);
static ngx_uint_t ngx_sent_conv_url_numeric(u_char *p, u_char *last);
static ngx_uint_t ngx_sent_conv_url_quad(u_char *p, u_char *last);
static char *ngx_sent_conv_url_inet6(ngx_str_t *host);
static ngx_int_t ngx_sent_conv_url_uri(ngx_pool_t *pool, u_char *p,
    u_char *last, ngx_sent_conv_url_t *url);


ngx_int_t
ngx_sent_conv_url_parse(ngx_pool_t *pool, ngx_str_t *text,
    ngx_sent_conv_url_t *url, char **err)
{
    u_char     *p, *last, *host;
    ngx_str_t   authority;

    ngx_memzero(url, sizeof(ngx_sent_conv_url_t));

    *err = ngx_sent_conv_url_bytes(text);
    if (*err != NULL) {
        return NGX_DECLINED;
    }

    p = text->data;
    last = p + text->len;

    if (text->len > 8 && ngx_strncasecmp(p, (u_char *) "https://", 8) == 0) {
        url->tls = 1;
        p += 8;

    } else if (text->len > 7
               && ngx_strncasecmp(p, (u_char *) "http://", 7) == 0)
    {
        p += 7;

    } else {
        *err = "The URL must begin with https:// or http:// and name a host.";
        return NGX_DECLINED;
    }

    authority.data = p;

    while (p < last && *p != '/' && *p != '?') {
        p++;
    }

    authority.len = p - authority.data;

    *err = ngx_sent_conv_url_authority(&authority, url);
    if (*err != NULL) {
        return NGX_DECLINED;
    }

    *err = "There is not enough memory.";

    host = ngx_pnalloc(pool, url->host.len);
    if (host == NULL) {
        return NGX_ERROR;
    }

    ngx_strlow(host, url->host.data, url->host.len);
    url->host.data = host;

    if (ngx_sent_conv_url_uri(pool, p, last, url) != NGX_OK) {
        return NGX_ERROR;
    }

    *err = NULL;

    return NGX_OK;
}


static char *
ngx_sent_conv_url_bytes(ngx_str_t *text)
{
    u_char  c;
    size_t  i;

    if (text->len > NGX_SENT_CONV_URL_MAX) {
        return "The URL is longer than 2048 characters.";
    }

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (c <= 0x20 || c >= 0x7f) {
            return "The URL may hold printable ASCII only, without spaces.";
        }

        if (c == '\\') {
            return "The URL may not hold a backslash.";
        }

        if (c == '#') {
            return "The URL may not hold a fragment.";
        }
    }

    return NULL;
}


static char *
ngx_sent_conv_url_authority(ngx_str_t *authority, ngx_sent_conv_url_t *url)
{
    char    *err;
    u_char  *p, *last, *colon;

    p = authority->data;
    last = p + authority->len;

    if (ngx_strlchr(p, last, '@') != NULL) {
        return "The URL may not hold a user name or password.";
    }

    if (p < last && *p == '[') {
        url->ipv6 = 1;
        url->host.data = ++p;

        p = ngx_strlchr(p, last, ']');
        if (p == NULL) {
            return "The host of the URL is not an IPv6 address.";
        }

        url->host.len = p++ - url->host.data;
        err = ngx_sent_conv_url_inet6(&url->host);

    } else {
        colon = ngx_strlchr(p, last, ':');
        if (colon == NULL) {
            colon = last;
        }

        url->host.data = p;
        url->host.len = colon - p;

        p = colon;
        err = ngx_sent_conv_url_name(&url->host);
    }

    if (err != NULL) {
        return err;
    }

    return ngx_sent_conv_url_port(p, last, url);
}


static char *
ngx_sent_conv_url_port(u_char *p, u_char *last, ngx_sent_conv_url_t *url)
{
    ngx_int_t  port, standard;

    standard = url->tls ? 443 : 80;
    port = standard;

    if (p < last) {

        if (*p++ != ':' || last - p > 5) {
            return "The port of the URL is not valid.";
        }

        port = ngx_atoi(p, last - p);

        if (port < 1 || port > 65535) {
            return "The port of the URL is not valid.";
        }
    }

    url->port = (in_port_t) port;
    url->default_port = (port == standard);

    return NULL;
}


/*
 * A host that ends in a number is an address for inet_aton() and browsers
 * (0x7f.1, 017700000001), so it must be one in the only form that all read
 * alike.
 */

static char *
ngx_sent_conv_url_name(ngx_str_t *host)
{
    u_char  c, *p, *last, *label;

    if (host->len && host->data[host->len - 1] == '.') {
        host->len--;
    }

    if (host->len == 0 || host->len > NGX_SENT_CONV_HOST_MAX) {
        return "The host of the URL is empty or too long.";
    }

    p = host->data;
    last = p + host->len;

    for (label = p; /* void */ ; p++) {

        if (p == last || *p == '.') {

            if (p == label || p - label > NGX_SENT_CONV_LABEL_MAX
                || *label == '-' || p[-1] == '-')
            {
                return "The host of the URL is not valid.";
            }

            if (p == last) {
                break;
            }

            label = p + 1;
            continue;
        }

        c = (u_char) (*p | 0x20);

        if (!(c >= 'a' && c <= 'z') && !(*p >= '0' && *p <= '9')
            && *p != '-' && *p != '_')
        {
            return "The host of the URL is not valid.";
        }
    }

    if (ngx_sent_conv_url_numeric(label, last)
        && !ngx_sent_conv_url_quad(host->data, last))
    {
        return "The host of the URL is not a dotted IPv4 address.";
    }

    return NULL;
}


static ngx_uint_t
ngx_sent_conv_url_numeric(u_char *p, u_char *last)
{
    u_char  c;

    if (last - p >= 2 && p[0] == '0' && (p[1] | 0x20) == 'x') {

        for (p += 2; p < last; p++) {
            c = (u_char) (*p | 0x20);

            if (!(*p >= '0' && *p <= '9') && !(c >= 'a' && c <= 'f')) {
                return 0;
            }
        }

        return 1;
    }

    while (p < last) {
        if (*p < '0' || *p > '9') {
            return 0;
        }

        p++;
    }

    return 1;
}


static ngx_uint_t
ngx_sent_conv_url_quad(u_char *p, u_char *last)
{
    u_char      *octet;
    ngx_int_t    value;
    ngx_uint_t   n;

    for (n = 1; /* void */ ; n++) {
        octet = p;

        while (p < last && *p != '.') {
            p++;
        }

        value = ngx_atoi(octet, p - octet);

        if (p - octet > 3 || value == NGX_ERROR || value > 255
            || (*octet == '0' && p - octet > 1))
        {
            return 0;
        }

        if (p == last) {
            return n == 4;
        }

        p++;
    }
}


static char *
ngx_sent_conv_url_inet6(ngx_str_t *host)
{
#if (NGX_HAVE_INET6)
    u_char  *p, *last;
    u_char   addr[16];

    last = host->data + host->len;

    /* ngx_inet6_addr() takes a colon too many at either end */

    if (host->len > 2
        && ((host->data[0] == ':' && host->data[1] != ':')
            || (last[-1] == ':' && last[-2] != ':')))
    {
        return "The host of the URL is not an IPv6 address.";
    }

    if (ngx_inet6_addr(host->data, host->len, addr) == NGX_OK) {

        if (ngx_strlchr(host->data, last, '.') == NULL) {
            return NULL;
        }

        for (p = last; p > host->data && p[-1] != ':'; p--) { /* void */ }

        if (ngx_sent_conv_url_quad(p, last)) {
            return NULL;
        }
    }
#endif

    return "The host of the URL is not an IPv6 address.";
}


static ngx_int_t
ngx_sent_conv_url_uri(ngx_pool_t *pool, u_char *p, u_char *last,
    ngx_sent_conv_url_t *url)
{
    if (p == last) {
        ngx_str_set(&url->uri, "/");
        return NGX_OK;
    }

    url->uri.data = p;
    url->uri.len = last - p;

    if (*p == '/') {
        return NGX_OK;
    }

    /* "?query" right behind the host */

    url->uri.data = ngx_pnalloc(pool, 1 + url->uri.len);
    if (url->uri.data == NULL) {
        return NGX_ERROR;
    }

    url->uri.data[0] = '/';
    ngx_memcpy(&url->uri.data[1], p, last - p);
    url->uri.len++;

    return NGX_OK;
}
