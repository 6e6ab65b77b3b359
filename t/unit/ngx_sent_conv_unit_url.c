
/*
 * Tests of URLs.
 */


#include "ngx_sent_conv_unit.h"


typedef struct {
    const char  *text;
    const char  *host;
    const char  *uri;
    in_port_t    port;
    ngx_uint_t   tls;
    ngx_uint_t   default_port;
    ngx_uint_t   ipv6;
} ngx_sent_conv_unit_url_t;


static void ngx_sent_conv_unit_url_long(ngx_pool_t *pool);
static void ngx_sent_conv_unit_url_bytes(ngx_pool_t *pool);


static ngx_sent_conv_unit_url_t  ngx_sent_conv_unit_urls[] = {
    { "https://example.com", "example.com", "/", 443, 1, 1, 0 },
    { "https://example.com/", "example.com", "/", 443, 1, 1, 0 },
    { "http://example.com/a/b?c=d&e", "example.com", "/a/b?c=d&e", 80, 0, 1,
      0 },
    { "HTTPS://EXAMPLE.Com/Path", "example.com", "/Path", 443, 1, 1, 0 },
    { "https://example.com:8443/x", "example.com", "/x", 8443, 1, 0, 0 },
    { "https://example.com:443/x", "example.com", "/x", 443, 1, 1, 0 },
    { "https://example.com:80/x", "example.com", "/x", 80, 1, 0, 0 },
    { "http://example.com:65535", "example.com", "/", 65535, 0, 0, 0 },
    { "http://example.com:1/", "example.com", "/", 1, 0, 0, 0 },
    { "https://example.com?q=1", "example.com", "/?q=1", 443, 1, 1, 0 },
    { "https://example.com:81?q=1", "example.com", "/?q=1", 81, 1, 0, 0 },
    { "https://example.com./x", "example.com", "/x", 443, 1, 1, 0 },
    { "https://localhost./x", "localhost", "/x", 443, 1, 1, 0 },
    { "https://127.0.0.1./x", "127.0.0.1", "/x", 443, 1, 1, 0 },
    { "https://my_host/x", "my_host", "/x", 443, 1, 1, 0 },
    { "https://xn--bcher-kva.example/", "xn--bcher-kva.example", "/", 443, 1,
      1, 0 },
    { "https://1.2.3.4.example.com/", "1.2.3.4.example.com", "/", 443, 1, 1,
      0 },
    { "https://0xcafe.example/", "0xcafe.example", "/", 443, 1, 1, 0 },
    { "https://a.0xyz/", "a.0xyz", "/", 443, 1, 1, 0 },
    { "https://192.0.2.10:8080/x", "192.0.2.10", "/x", 8080, 1, 0, 0 },
    { "https://0.0.0.0/", "0.0.0.0", "/", 443, 1, 1, 0 },
    { "https://[2001:DB8::1]/x", "2001:db8::1", "/x", 443, 1, 1, 1 },
    { "http://[::1]:8080", "::1", "/", 8080, 0, 0, 1 },
    { "http://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1", "/", 80, 0, 1, 1 },
    { "https://example.com/a@b:c", "example.com", "/a@b:c", 443, 1, 1, 0 },
    { "https://example.com/a?u=http://x@y/", "example.com",
      "/a?u=http://x@y/", 443, 1, 1, 0 },
    { "https://example.com/%00%0a..", "example.com", "/%00%0a..", 443, 1, 1,
      0 },
    { "https://example.com/\"<>$`{|}", "example.com", "/\"<>$`{|}", 443, 1, 1,
      0 },
    { NULL, NULL, NULL, 0, 0, 0, 0 }
};


static const char  *ngx_sent_conv_unit_wrong_urls[] = {
    "", "https", "https:", "https:/", "https://", "http://", "http:///x",
    "https:///", "https://?x", "https:example.com", "https:/example.com",
    "//example.com/", "example.com", "/x", "ftp://example.com/",
    "file:///etc/passwd", "gopher://example.com/", "unix:/tmp/s",
    "httpss://example.com/", " https://example.com/", "https://example.com/ ",
    "https://exa mple.com/", "https://example.com/a b",
    "https://user@example.com/", "https://user:pass@example.com/",
    "https://@example.com/", "https://example.com@127.0.0.1/",
    "https://example.com:80@127.0.0.1/", "https://example.com/#f",
    "https://example.com#@evil.example/", "https://example.com\\@evil/",
    "https:\\\\example.com\\", "https://example.com/\\x",
    "https://example.com\t/", "https://example.com/\r\nX: y",
    "https://ex\xc3\xa4mple.com/", "https://example.com/\x7f",
    "https://example.com:0/", "https://example.com:65536/",
    "https://example.com:100000/", "https://example.com:000080/",
    "https://example.com:/", "https://example.com:-1/",
    "https://example.com:+80/",
    "https://example.com:8o/", "https://example.com:80:80/",
    "https://example.com:0x50/", "https://:80/",
    "https://./", "https://../", "https://.example.com/",
    "https://example..com/", "https://example.com../", "https://-a.com/",
    "https://a-.com/", "https://a.-b/", "https://exa%6dple.com/",
    "https://127.0.0.1%2f/", "https://exam!ple.com/", "https://a,b/",
    "https://(a)/", "https://a;b/", "https://$host/",

    /* addresses for inet_aton() and for browsers */
    "http://2130706433/", "http://0x7f000001/", "http://0X7F000001/",
    "http://017700000001/", "http://127.1/", "http://127.0.1/",
    "http://0x7f.0.0.1/", "http://0x7f.1/", "http://0177.0.0.1/",
    "http://127.0.0.01/", "http://127.0.0.0x1/", "http://00.0.0.0/",
    "http://127.0.0.1.1/", "http://256.0.0.1/", "http://127.0.0.256/",
    "http://1.2.3.1000/", "http://0/", "http://0x/", "http://a.0x/",
    "http://example.1/", "http://example.com.0x7f/", "http://a.b.c.4/",
    "http://127.0.0.1000000000000000000000/", "http://1.2.3.4../",

    "https://[:2018::1]:443/", "https://[:001::2]/x", "https://[1::2:]/",
    "https://[:]/", "https://[:1]/",
    "http://[::1/", "http://::1/", "http://[]/", "http://[::1]x/",
    "http://[::1]80/", "http://[::1]]/", "http://[[::1]]/",
    "http://[::1%25lo]/", "http://[fe80::1%eth0]/", "http://[v1.x]/",
    "http://[127.0.0.1]/", "http://[::g]/", "http://[1:2:3:4:5:6:7:8:9]/",
    "http://[::ffff:0177.0.0.1]/", "http://[::ffff:127.1]/",
    "http://[::ffff:127.0.0.256]/", "http://[::1]:/", "http://[::1]:0/",
    NULL
};


void
ngx_sent_conv_unit_url(ngx_pool_t *pool)
{
    char                      *err;
    ngx_uint_t                 i;
    ngx_str_t                  s;
    ngx_sent_conv_url_t        url;
    ngx_sent_conv_unit_url_t  *t;

    for (t = ngx_sent_conv_unit_urls; t->text; t++) {
        s = ngx_sent_conv_unit_str(pool, t->text);

        if (ngx_sent_conv_url_parse(pool, &s, &url, &err) != NGX_OK) {
            ngx_sent_conv_unit_ok(0, "url %s taken", t->text);
            continue;
        }

        ngx_sent_conv_unit_is(&url.host, t->host, t->text);
        ngx_sent_conv_unit_is(&url.uri, t->uri, "its uri");
        ngx_sent_conv_unit_ok(url.port == t->port, "its port");
        ngx_sent_conv_unit_ok(url.tls == t->tls
                              && url.default_port == t->default_port
                              && url.ipv6 == t->ipv6, "its flags");
    }

    for (i = 0; ngx_sent_conv_unit_wrong_urls[i]; i++) {
        s = ngx_sent_conv_unit_str(pool, ngx_sent_conv_unit_wrong_urls[i]);
        err = NULL;

        ngx_sent_conv_unit_ok(ngx_sent_conv_url_parse(pool, &s, &url, &err)
                              == NGX_DECLINED && err != NULL,
                              "wrong url %d refused", (int) i);
    }

    ngx_sent_conv_unit_url_bytes(pool);
    ngx_sent_conv_unit_url_long(pool);
}


/* no byte outside printable ASCII, wherever it stands */

static void
ngx_sent_conv_unit_url_bytes(ngx_pool_t *pool)
{
    char                 *err;
    ngx_str_t             s;
    ngx_uint_t            c, at, taken;
    ngx_sent_conv_url_t   url;

    taken = 0;

    for (c = 0; c < 256; c++) {

        if (c == 0x21) {
            c = 0x7f;
        }

        for (at = 0; at < sizeof("https://example.com:80/x") - 1; at++) {
            s = ngx_sent_conv_unit_str(pool, "https://example.com:80/x");
            s.data[at] = (u_char) c;

            if (ngx_sent_conv_url_parse(pool, &s, &url, &err)
                != NGX_DECLINED)
            {
                taken++;
            }
        }
    }

    ngx_sent_conv_unit_ok(taken == 0, "url with a control or foreign byte");
}


static void
ngx_sent_conv_unit_url_long(ngx_pool_t *pool)
{
    char                 *err;
    ngx_int_t             rc;
    ngx_str_t             s;
    ngx_sent_conv_url_t   url;

    s.len = 3000;
    s.data = ngx_pnalloc(pool, s.len);
    if (s.data == NULL) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    ngx_memset(s.data, 'a', s.len);
    ngx_memcpy(s.data, "https://example.com/", 20);

    rc = ngx_sent_conv_url_parse(pool, &s, &url, &err);
    ngx_sent_conv_unit_ok(rc == NGX_DECLINED, "url of 3000 bytes");

    s.len = 2049;
    rc = ngx_sent_conv_url_parse(pool, &s, &url, &err);
    ngx_sent_conv_unit_ok(rc == NGX_DECLINED, "url of 2049 bytes");

    s.len = 2048;
    rc = ngx_sent_conv_url_parse(pool, &s, &url, &err);
    ngx_sent_conv_unit_ok(rc == NGX_OK, "url of 2048 bytes");

    ngx_memcpy(s.data, "https://abcdefghijkl", 20);

    s.len = 8 + 63;
    rc = ngx_sent_conv_url_parse(pool, &s, &url, &err);
    ngx_sent_conv_unit_ok(rc == NGX_OK, "label of 63 bytes");

    s.len++;
    rc = ngx_sent_conv_url_parse(pool, &s, &url, &err);
    ngx_sent_conv_unit_ok(rc == NGX_DECLINED, "label of 64 bytes");

    s.data[8 + 60] = '.';
    s.data[8 + 120] = '.';
    s.data[8 + 180] = '.';
    s.data[8 + 240] = '.';

    s.len = 8 + 253;
    rc = ngx_sent_conv_url_parse(pool, &s, &url, &err);
    ngx_sent_conv_unit_ok(rc == NGX_OK, "host of 253 bytes");

    s.len++;
    rc = ngx_sent_conv_url_parse(pool, &s, &url, &err);
    ngx_sent_conv_unit_ok(rc == NGX_DECLINED, "host of 254 bytes");
}
