
/*
 * Which addresses may be called: those of the public Internet, and what the
 * operator allows beside them.
 */


#include "ngx_sent_conv_core.h"


typedef struct {
    uint32_t  addr;
    uint32_t  mask;
} ngx_sent_conv_addr_net_t;


static ngx_uint_t ngx_sent_conv_addr_denied(struct sockaddr *sa,
    ngx_array_t *deny);
static ngx_int_t ngx_sent_conv_addr_inet(uint32_t addr);

#if (NGX_HAVE_INET6)
static u_char *ngx_sent_conv_addr_inner(u_char *p);
static ngx_int_t ngx_sent_conv_addr_inet6(u_char *p);
static uint32_t ngx_sent_conv_addr_embedded(u_char *p);
#endif


/* the IANA registry of special-purpose addresses */

static const ngx_sent_conv_addr_net_t  ngx_sent_conv_addr_reserved[] = {
    { 0x00000000, 0xff000000 },    /* 0.0.0.0/8, this network */
    { 0x0a000000, 0xff000000 },    /* 10.0.0.0/8, private */
    { 0x64400000, 0xffc00000 },    /* 100.64.0.0/10, carrier NAT */
    { 0x7f000000, 0xff000000 },    /* 127.0.0.0/8, loopback */
    { 0xa9fe0000, 0xffff0000 },    /* 169.254.0.0/16, link-local */
    { 0xac100000, 0xfff00000 },    /* 172.16.0.0/12, private */
    { 0xc0000000, 0xffffff00 },    /* 192.0.0.0/24, protocols */
    { 0xc0000200, 0xffffff00 },    /* 192.0.2.0/24, documentation */
    { 0xc0586300, 0xffffff00 },    /* 192.88.99.0/24, 6to4 relays */
    { 0xc0a80000, 0xffff0000 },    /* 192.168.0.0/16, private */
    { 0xc6120000, 0xfffe0000 },    /* 198.18.0.0/15, benchmarks */
    { 0xc6336400, 0xffffff00 },    /* 198.51.100.0/24, documentation */
    { 0xcb007100, 0xffffff00 },    /* 203.0.113.0/24, documentation */
    { 0xe0000000, 0xf0000000 },    /* 224.0.0.0/4, multicast */
    { 0xf0000000, 0xf0000000 },    /* 240.0.0.0/4, reserved, broadcast */
    { 0, 0 }
};


ngx_int_t
ngx_sent_conv_addr_check(struct sockaddr *sa,
    ngx_sent_conv_networks_t *networks)
{
    ngx_int_t             rc;
    struct sockaddr_in   *sin;
#if (NGX_HAVE_INET6)
    struct sockaddr_in6  *sin6;
#endif

    switch (sa->sa_family) {

    case AF_INET:
        sin = (struct sockaddr_in *) sa;
        rc = ngx_sent_conv_addr_inet(ntohl(sin->sin_addr.s_addr));
        break;

#if (NGX_HAVE_INET6)
    case AF_INET6:
        sin6 = (struct sockaddr_in6 *) sa;
        rc = ngx_sent_conv_addr_inet6(sin6->sin6_addr.s6_addr);
        break;
#endif

    default:
        return NGX_DECLINED;
    }

    if (networks->deny != NULL
        && ngx_sent_conv_addr_denied(sa, networks->deny))
    {
        return NGX_DECLINED;
    }

    if (rc != NGX_OK && networks->allow != NULL) {
        return ngx_cidr_match(sa, networks->allow);
    }

    return rc;
}


static ngx_uint_t
ngx_sent_conv_addr_denied(struct sockaddr *sa, ngx_array_t *deny)
{
#if (NGX_HAVE_INET6)
    u_char               *p;
    struct sockaddr_in    sin;
    struct sockaddr_in6  *sin6;

    if (sa->sa_family == AF_INET6) {
        sin6 = (struct sockaddr_in6 *) sa;
        p = ngx_sent_conv_addr_inner(sin6->sin6_addr.s6_addr);

        if (p != NULL) {
            ngx_memzero(&sin, sizeof(struct sockaddr_in));
            sin.sin_family = AF_INET;
            ngx_memcpy(&sin.sin_addr, p, 4);

            if (ngx_cidr_match((struct sockaddr *) &sin, deny) == NGX_OK) {
                return 1;
            }
        }
    }
#endif

    return ngx_cidr_match(sa, deny) == NGX_OK;
}


static ngx_int_t
ngx_sent_conv_addr_inet(uint32_t addr)
{
    const ngx_sent_conv_addr_net_t  *net;

    for (net = ngx_sent_conv_addr_reserved; net->mask; net++) {
        if ((addr & net->mask) == net->addr) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


#if (NGX_HAVE_INET6)

/* the IPv4 address within it, of 4 bytes, or NULL */

static u_char *
ngx_sent_conv_addr_inner(u_char *p)
{
    static const u_char  mapped[] = "\0\0\0\0\0\0\0\0\0\0\xff\xff";
    static const u_char  nat64[] = "\0\x64\xff\x9b\0\0\0\0\0\0\0\0";

    if (ngx_memcmp(p, mapped, 12) == 0 || ngx_memcmp(p, nat64, 12) == 0) {
        return p + 12;
    }

    /* 6to4 */

    if (p[0] == 0x20 && p[1] == 0x02) {
        return p + 2;
    }

    return NULL;
}


static ngx_int_t
ngx_sent_conv_addr_inet6(u_char *p)
{
    u_char  *inner;

    inner = ngx_sent_conv_addr_inner(p);

    if (inner != NULL) {
        return ngx_sent_conv_addr_inet(ngx_sent_conv_addr_embedded(inner));
    }

    /* outside 2000::/3 nothing is global unicast */

    if ((p[0] & 0xe0) != 0x20) {
        return NGX_DECLINED;
    }

    /* 2001::/23: Teredo, ORCHID, benchmarks; 2001:db8::/32, documentation */

    if (p[0] == 0x20 && p[1] == 0x01
        && (p[2] < 0x02 || (p[2] == 0x0d && p[3] == 0xb8)))
    {
        return NGX_DECLINED;
    }

    /* 3fff::/20, documentation; 3ffe::/16, the former 6bone */

    if (p[0] == 0x3f
        && (p[1] == 0xfe || (p[1] == 0xff && (p[2] & 0xf0) == 0)))
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static uint32_t
ngx_sent_conv_addr_embedded(u_char *p)
{
    return ((uint32_t) p[0] << 24) | ((uint32_t) p[1] << 16)
           | ((uint32_t) p[2] << 8) | (uint32_t) p[3];
}

#endif


size_t
ngx_sent_conv_addr_client(u_char *buf, struct sockaddr *sa)
{
    struct sockaddr_in   *sin;
#if (NGX_HAVE_INET6)
    u_char               *p;
    struct sockaddr_in6  *sin6;
#endif

    switch (sa->sa_family) {

    case AF_INET:
        sin = (struct sockaddr_in *) sa;
        ngx_memcpy(buf, &sin->sin_addr.s_addr, 4);

        return 4;

#if (NGX_HAVE_INET6)

    case AF_INET6:
        sin6 = (struct sockaddr_in6 *) sa;
        p = sin6->sin6_addr.s6_addr;

        if (IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr)) {
            ngx_memcpy(buf, p + 12, 4);
            return 4;
        }

        ngx_memcpy(buf, p, NGX_SENT_CONV_ADDR_CLIENT);

        return NGX_SENT_CONV_ADDR_CLIENT;

#endif

    default:
        return 0;
    }
}
