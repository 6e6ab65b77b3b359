
/*
 * Tests of addresses.
 */


#include "ngx_sent_conv_unit.h"

#include <arpa/inet.h>


static void ngx_sent_conv_unit_sockaddr(const char *text,
    ngx_sockaddr_t *sa);
static ngx_int_t ngx_sent_conv_unit_addr_of(const char *text,
    ngx_array_t *allow, ngx_array_t *deny);
static void ngx_sent_conv_unit_allow(ngx_pool_t *pool);
static void ngx_sent_conv_unit_deny(ngx_pool_t *pool);
static void ngx_sent_conv_unit_unix(void);
static void ngx_sent_conv_unit_clients(void);


static const char  *ngx_sent_conv_unit_public[] = {
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255",
    "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
    "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
    "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
    "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
    "223.255.255.255",
    "2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "2001:4860:4860::8888",
    "2001:200::1", "2001:db7::1", "2001:db9::1", "3fff:1000::1",
    "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
    NULL
};


static const char  *ngx_sent_conv_unit_private[] = {
    "0.0.0.0", "0.1.2.3", "10.0.0.0", "10.255.255.255", "100.64.0.0",
    "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.0.1",
    "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.1",
    "192.0.0.171", "192.0.2.1", "192.88.99.1", "192.168.0.0",
    "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255",
    "::", "::1", "::2", "::127.0.0.1", "::8.8.8.8",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "::ffff:0.0.0.0", "::ffff:0:8.8.8.8",
    "64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b:1::8.8.8.8",
    "64:ff9b::1:808:808",
    "100::1", "1000::1", "4000::1", "5f00::1",
    "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1",
    "2001:10::1", "2001:20::1", "2001:1ff::1", "2001:db8::1",
    "2001:db8:ffff::1", "2002:a00:1::1", "2002:7f00:1::1", "2002::1",
    "2002:c0a8:101::1", "3ffe::1", "3fff::1", "3fff:fff::1",
    "fc00::1", "fd00::1", "fdff:ffff::1", "fe80::1", "febf::1", "fec0::1",
    "ff02::1", "ff0e::1",
    NULL
};


void
ngx_sent_conv_unit_addr(ngx_pool_t *pool)
{
    ngx_uint_t  i;

    for (i = 0; ngx_sent_conv_unit_public[i]; i++) {
        ngx_sent_conv_unit_ok(ngx_sent_conv_unit_addr_of(
                                   ngx_sent_conv_unit_public[i], NULL, NULL)
                              == NGX_OK, "address %s taken",
                              ngx_sent_conv_unit_public[i]);
    }

    for (i = 0; ngx_sent_conv_unit_private[i]; i++) {
        ngx_sent_conv_unit_ok(ngx_sent_conv_unit_addr_of(
                                  ngx_sent_conv_unit_private[i], NULL, NULL)
                              == NGX_DECLINED, "address %s refused",
                              ngx_sent_conv_unit_private[i]);
    }

    ngx_sent_conv_unit_allow(pool);
    ngx_sent_conv_unit_deny(pool);
    ngx_sent_conv_unit_unix();
    ngx_sent_conv_unit_clients();
}


/* AF_UNSPEC where it is no address */

static void
ngx_sent_conv_unit_sockaddr(const char *text, ngx_sockaddr_t *sa)
{
    ngx_memzero(sa, sizeof(ngx_sockaddr_t));

    if (inet_pton(AF_INET, text, &sa->sockaddr_in.sin_addr) == 1) {
        sa->sockaddr.sa_family = AF_INET;

    } else if (inet_pton(AF_INET6, text, &sa->sockaddr_in6.sin6_addr) == 1) {
        sa->sockaddr.sa_family = AF_INET6;
    }
}


static ngx_int_t
ngx_sent_conv_unit_addr_of(const char *text, ngx_array_t *allow,
    ngx_array_t *deny)
{
    ngx_sockaddr_t            sa;
    ngx_sent_conv_networks_t  networks;

    ngx_sent_conv_unit_sockaddr(text, &sa);

    if (sa.sockaddr.sa_family == AF_UNSPEC) {
        return NGX_ERROR;
    }

    networks.allow = allow;
    networks.deny = deny;

    return ngx_sent_conv_addr_check(&sa.sockaddr, &networks);
}


static void
ngx_sent_conv_unit_allow(ngx_pool_t *pool)
{
    ngx_str_t    s;
    ngx_uint_t   i;
    ngx_cidr_t  *cidr;
    ngx_array_t  allow;

    static const char  *nets[] = {
        "10.1.0.0/16", "127.0.0.1", "fd00:1::/32", "::1", NULL
    };
    static const char  *inside[] = {
        "10.1.0.0", "10.1.255.255", "127.0.0.1", "::ffff:10.1.2.3",
        "fd00:1::5", "::1", "8.8.8.8", "2606:4700:4700::1111", NULL
    };
    static const char  *outside[] = {
        "10.2.0.0", "127.0.0.2", "::ffff:10.2.0.0", "fd00:2::5", "::",
        "64:ff9b::10.1.0.0", "169.254.169.254", NULL
    };

    if (ngx_array_init(&allow, pool, 4, sizeof(ngx_cidr_t)) != NGX_OK) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    ngx_sent_conv_unit_ok(ngx_sent_conv_unit_addr_of("10.1.0.1", &allow,
                                                     NULL)
                          == NGX_DECLINED, "an empty list allows nothing");

    for (i = 0; nets[i]; i++) {
        s = ngx_sent_conv_unit_str(pool, nets[i]);

        cidr = ngx_array_push(&allow);
        if (cidr == NULL || ngx_ptocidr(&s, cidr) == NGX_ERROR) {
            ngx_sent_conv_unit_ok(0, "network %s", nets[i]);
            return;
        }
    }

    for (i = 0; inside[i]; i++) {
        ngx_sent_conv_unit_ok(ngx_sent_conv_unit_addr_of(inside[i], &allow,
                                                         NULL)
                              == NGX_OK, "address %s allowed", inside[i]);
    }

    for (i = 0; outside[i]; i++) {
        ngx_sent_conv_unit_ok(ngx_sent_conv_unit_addr_of(outside[i], &allow,
                                                         NULL)
                              == NGX_DECLINED, "address %s not allowed",
                              outside[i]);
    }
}


static void
ngx_sent_conv_unit_deny(ngx_pool_t *pool)
{
    ngx_str_t    s;
    ngx_uint_t   i;
    ngx_cidr_t  *cidr;
    ngx_array_t  allow, deny;

    static const char  *nets[] = { "8.8.0.0/16", "2606:4700::/32", NULL };
    static const char  *denied[] = {
        "8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
        "2606:4700:4700::1111", NULL
    };
    static const char  *others[] = {
        "8.9.0.1", "64:ff9b::8.9.0.1", "2002:809:1::1", "2001:4860:4860::8888",
        NULL
    };

    if (ngx_array_init(&deny, pool, 4, sizeof(ngx_cidr_t)) != NGX_OK
        || ngx_array_init(&allow, pool, 4, sizeof(ngx_cidr_t)) != NGX_OK)
    {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    for (i = 0; nets[i]; i++) {
        s = ngx_sent_conv_unit_str(pool, nets[i]);

        cidr = ngx_array_push(&deny);
        if (cidr == NULL || ngx_ptocidr(&s, cidr) == NGX_ERROR) {
            ngx_sent_conv_unit_ok(0, "network %s", nets[i]);
            return;
        }
    }

    for (i = 0; denied[i]; i++) {
        ngx_sent_conv_unit_ok(ngx_sent_conv_unit_addr_of(denied[i], NULL,
                                                         &deny)
                              == NGX_DECLINED, "address %s denied",
                              denied[i]);
    }

    for (i = 0; others[i]; i++) {
        ngx_sent_conv_unit_ok(ngx_sent_conv_unit_addr_of(others[i], NULL,
                                                         &deny)
                              == NGX_OK, "address %s not denied", others[i]);
    }

    s = ngx_sent_conv_unit_str(pool, "8.0.0.0/8");

    cidr = ngx_array_push(&allow);
    if (cidr == NULL || ngx_ptocidr(&s, cidr) == NGX_ERROR) {
        ngx_sent_conv_unit_ok(0, "network 8.0.0.0/8");
        return;
    }

    ngx_sent_conv_unit_ok(ngx_sent_conv_unit_addr_of("8.8.8.8", &allow, &deny)
                          == NGX_DECLINED, "what is denied is not allowed");
}


static void
ngx_sent_conv_unit_unix(void)
{
    struct sockaddr           sa;
    ngx_sent_conv_networks_t  networks;

    ngx_memzero(&networks, sizeof(ngx_sent_conv_networks_t));

    ngx_memzero(&sa, sizeof(struct sockaddr));
    sa.sa_family = AF_UNIX;

    ngx_sent_conv_unit_ok(ngx_sent_conv_addr_check(&sa, &networks)
                          == NGX_DECLINED, "unix socket refused");

    sa.sa_family = AF_UNSPEC;

    ngx_sent_conv_unit_ok(ngx_sent_conv_addr_check(&sa, &networks)
                          == NGX_DECLINED, "unknown family refused");
}


static void
ngx_sent_conv_unit_clients(void)
{
    size_t           alen, blen;
    u_char           a[NGX_SENT_CONV_ADDR_CLIENT];
    u_char           b[NGX_SENT_CONV_ADDR_CLIENT];
    ngx_uint_t       i, same;
    ngx_sockaddr_t   sa;

    static struct {
        const char  *a;
        const char  *b;
        ngx_uint_t   same;
    } pairs[] = {
        { "192.0.2.1", "192.0.2.1", 1 },
        { "192.0.2.1", "192.0.2.2", 0 },
        { "192.0.2.1", "::ffff:192.0.2.1", 1 },
        { "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", 1 },
        { "2001:db8::1", "2001:db8:0:1::1", 0 },
        { "::ffff:192.0.2.1", "::ffff:192.0.2.2", 0 },
        { "::1", "0.0.0.0", 0 },
        { NULL, NULL, 0 }
    };

    for (i = 0; pairs[i].a; i++) {
        ngx_sent_conv_unit_sockaddr(pairs[i].a, &sa);
        alen = ngx_sent_conv_addr_client(a, &sa.sockaddr);

        ngx_sent_conv_unit_sockaddr(pairs[i].b, &sa);
        blen = ngx_sent_conv_addr_client(b, &sa.sockaddr);

        same = (alen == blen && ngx_memcmp(a, b, alen) == 0);

        ngx_sent_conv_unit_ok(alen && blen && same == pairs[i].same,
                              "client %s is %sclient %s", pairs[i].a,
                              pairs[i].same ? "" : "not ", pairs[i].b);
    }

    ngx_memzero(&sa, sizeof(ngx_sockaddr_t));
    sa.sockaddr.sa_family = AF_UNIX;

    ngx_sent_conv_unit_ok(ngx_sent_conv_addr_client(a, &sa.sockaddr) == 0,
                          "client of a unix socket is nobody");
}
