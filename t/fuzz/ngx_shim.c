
/*
 * What the pure floors need of nginx, which has no library: written anew by
 * what nginx's headers and documentation promise.  Each allocation is one of
 * its own, so that the sanitizer sees the end of each.
 */


#include "ngx_fuzz.h"

#include <sanitizer/asan_interface.h>


static void *ngx_shim_alloc(ngx_pool_t *pool, size_t size);
static u_char *ngx_shim_number(u_char *buf, uint64_t n);
static ngx_int_t ngx_shim_digits(u_char *line, size_t n, ngx_int_t base);
static int ngx_shim_digit(u_char c);
static void ngx_shim_encode(ngx_str_t *dst, ngx_str_t *src,
    const char *alphabet, ngx_uint_t padding);
static ngx_int_t ngx_shim_decode(ngx_str_t *dst, ngx_str_t *src,
    const char *alphabet);
static ngx_int_t ngx_shim_quad(u_char *p, size_t len, u_char *addr);


ngx_uint_t  ngx_shim_allocs;
ngx_uint_t  ngx_shim_fail;
ngx_uint_t  ngx_shim_failed;


static const char  ngx_shim_base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static const char  ngx_shim_base64url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";


/*
 * pool->max is 0: whoever frees what is larger frees everything here, and
 * what is used behind that is seen.
 */

ngx_pool_t *
ngx_create_pool(size_t size, ngx_log_t *log)
{
    ngx_pool_t  *pool;

    pool = calloc(1, sizeof(ngx_pool_t));
    ngx_fuzz_assert(pool != NULL);

    pool->log = log;

    return pool;
}


void
ngx_destroy_pool(ngx_pool_t *pool)
{
    ngx_pool_large_t  *l, *next;

    for (l = pool->large; l != NULL; l = next) {
        next = l->next;

        free(l->alloc);
        free(l);
    }

    free(pool);
}


/* one that no input makes fail */

void *
ngx_shim_keep(ngx_pool_t *pool, size_t size)
{
    ngx_pool_large_t  *l;

    l = malloc(sizeof(ngx_pool_large_t));
    ngx_fuzz_assert(l != NULL);

    /* the sanitizer takes an empty one for one of a byte */

    l->alloc = malloc(size ? size : 1);
    ngx_fuzz_assert(l->alloc != NULL);

    if (size == 0) {
        ASAN_POISON_MEMORY_REGION(l->alloc, 1);
    }

    l->next = pool->large;
    pool->large = l;

    return l->alloc;
}


static void *
ngx_shim_alloc(ngx_pool_t *pool, size_t size)
{
    if (++ngx_shim_allocs == ngx_shim_fail) {
        ngx_shim_failed = 1;
        return NULL;
    }

    return ngx_shim_keep(pool, size);
}


void *
ngx_palloc(ngx_pool_t *pool, size_t size)
{
    return ngx_shim_alloc(pool, size);
}


void *
ngx_pnalloc(ngx_pool_t *pool, size_t size)
{
    return ngx_shim_alloc(pool, size);
}


void *
ngx_pcalloc(ngx_pool_t *pool, size_t size)
{
    void  *p;

    p = ngx_shim_alloc(pool, size);

    if (p != NULL && size) {
        ngx_memzero(p, size);
    }

    return p;
}


ngx_int_t
ngx_pfree(ngx_pool_t *pool, void *p)
{
    ngx_pool_large_t  *l, **link;

    for (link = &pool->large; *link != NULL; link = &(*link)->next) {
        l = *link;

        if (l->alloc == p) {
            *link = l->next;
            free(p);
            free(l);
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


void *
ngx_array_push(ngx_array_t *a)
{
    void    *elts;
    size_t   used;

    used = a->nelts * a->size;

    if (a->nelts == a->nalloc) {

        elts = ngx_palloc(a->pool, used ? 2 * used : a->size);
        if (elts == NULL) {
            return NULL;
        }

        ngx_memcpy(elts, a->elts, used);

        /* pointers into the old one are not good any more */

        (void) ngx_pfree(a->pool, a->elts);

        a->elts = elts;
        a->nalloc = used ? 2 * a->nalloc : 1;
    }

    a->nelts++;

    return (u_char *) a->elts + used;
}


/* of the formats those that are in use */

u_char *
ngx_sprintf(u_char *buf, const char *fmt, ...)
{
    va_list       args;
    ngx_str_t    *v;
    const char   *s;

    va_start(args, fmt);

    while (*fmt) {

        if (*fmt != '%') {
            *buf++ = (u_char) *fmt++;
            continue;
        }

        fmt++;

        if (*fmt == '%') {
            *buf++ = '%';
            fmt++;

        } else if (*fmt == 'V') {
            v = va_arg(args, ngx_str_t *);
            buf = ngx_cpymem(buf, v->data, v->len);
            fmt++;

        } else if (*fmt == 's') {
            for (s = va_arg(args, char *); *s; s++) {
                *buf++ = (u_char) *s;
            }

            fmt++;

        } else if (ngx_strncmp(fmt, "ui", 2) == 0) {
            buf = ngx_shim_number(buf, va_arg(args, ngx_uint_t));
            fmt += 2;

        } else if (ngx_strncmp(fmt, "uL", 2) == 0) {
            buf = ngx_shim_number(buf, va_arg(args, uint64_t));
            fmt += 2;

        } else {
            fprintf(stderr, "ngx_shim.c: no format %%%s\n", fmt);
            abort();
        }
    }

    va_end(args);

    return buf;
}


static u_char *
ngx_shim_number(u_char *buf, uint64_t n)
{
    u_char  digits[NGX_INT64_LEN], *p;

    p = digits + sizeof(digits);

    do {
        *--p = (u_char) ('0' + n % 10);
        n /= 10;
    } while (n);

    return ngx_cpymem(buf, p, digits + sizeof(digits) - p);
}


void
ngx_strlow(u_char *dst, u_char *src, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        dst[i] = ngx_tolower(src[i]);
    }
}


u_char *
ngx_cpystrn(u_char *dst, u_char *src, size_t n)
{
    if (n == 0) {
        return dst;
    }

    while (--n && *src) {
        *dst++ = *src++;
    }

    *dst = '\0';

    return dst;
}


ngx_int_t
ngx_strncasecmp(u_char *s1, u_char *s2, size_t n)
{
    size_t     i;
    ngx_int_t  a, b;

    for (i = 0; i < n; i++) {
        a = ngx_tolower(s1[i]);
        b = ngx_tolower(s2[i]);

        if (a != b || a == 0) {
            return a - b;
        }
    }

    return 0;
}


/* a NUL ends s1, too */

u_char *
ngx_strnstr(u_char *s1, char *s2, size_t n)
{
    size_t   len, i;

    len = ngx_strlen(s2);

    for (i = 0; i < n && s1[i] && n - i >= len; i++) {
        if (ngx_strncmp(s1 + i, s2, len) == 0) {
            return s1 + i;
        }
    }

    return NULL;
}


ngx_int_t
ngx_atoi(u_char *line, size_t n)
{
    return ngx_shim_digits(line, n, 10);
}


ngx_int_t
ngx_hextoi(u_char *line, size_t n)
{
    return ngx_shim_digits(line, n, 16);
}


static ngx_int_t
ngx_shim_digits(u_char *line, size_t n, ngx_int_t base)
{
    size_t     i;
    ngx_int_t  digit, value;

    if (n == 0) {
        return NGX_ERROR;
    }

    value = 0;

    for (i = 0; i < n; i++) {
        digit = ngx_shim_digit(line[i]);

        if (digit < 0 || digit >= base
            || value > (NGX_MAX_INT_T_VALUE - digit) / base)
        {
            return NGX_ERROR;
        }

        value = value * base + digit;
    }

    return value;
}


static int
ngx_shim_digit(u_char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}


u_char *
ngx_hex_dump(u_char *dst, u_char *src, size_t len)
{
    size_t  i;

    static const char  hex[] = "0123456789abcdef";

    for (i = 0; i < len; i++) {
        *dst++ = (u_char) hex[src[i] / 16];
        *dst++ = (u_char) hex[src[i] % 16];
    }

    return dst;
}


void
ngx_encode_base64(ngx_str_t *dst, ngx_str_t *src)
{
    ngx_shim_encode(dst, src, ngx_shim_base64, 1);
}


void
ngx_encode_base64url(ngx_str_t *dst, ngx_str_t *src)
{
    ngx_shim_encode(dst, src, ngx_shim_base64url, 0);
}


static void
ngx_shim_encode(ngx_str_t *dst, ngx_str_t *src, const char *alphabet,
    ngx_uint_t padding)
{
    u_char     *p;
    size_t      i;
    uint32_t    bits;
    ngx_uint_t  n;

    p = dst->data;
    bits = 0;
    n = 0;

    for (i = 0; i < src->len; i++) {
        bits = bits << 8 | src->data[i];

        for (n += 8; n >= 6; n -= 6) {
            *p++ = (u_char) alphabet[bits >> (n - 6) & 0x3f];
        }
    }

    if (n) {
        *p++ = (u_char) alphabet[bits << (6 - n) & 0x3f];
    }

    while (padding && (p - dst->data) % 4) {
        *p++ = '=';
    }

    dst->len = p - dst->data;
}


ngx_int_t
ngx_decode_base64(ngx_str_t *dst, ngx_str_t *src)
{
    return ngx_shim_decode(dst, src, ngx_shim_base64);
}


ngx_int_t
ngx_decode_base64url(ngx_str_t *dst, ngx_str_t *src)
{
    return ngx_shim_decode(dst, src, ngx_shim_base64url);
}


/* "=" ends it, whatever comes behind */

static ngx_int_t
ngx_shim_decode(ngx_str_t *dst, ngx_str_t *src, const char *alphabet)
{
    size_t       len, i;
    u_char      *p;
    uint32_t     bits;
    ngx_uint_t   n;

    for (len = 0; len < src->len && src->data[len] != '='; len++) {
        if (memchr(alphabet, src->data[len], 64) == NULL) {
            return NGX_ERROR;
        }
    }

    if (len % 4 == 1) {
        return NGX_ERROR;
    }

    p = dst->data;
    bits = 0;
    n = 0;

    for (i = 0; i < len; i++) {
        bits = bits << 6
               | (uint32_t) ((char *) memchr(alphabet, src->data[i], 64)
                             - alphabet);
        n += 6;

        if (n >= 8) {
            n -= 8;
            *p++ = (u_char) (bits >> n);
        }
    }

    dst->len = p - dst->data;

    return NGX_OK;
}


/* dst NULL: how many more bytes it takes */

uintptr_t
ngx_escape_json(u_char *dst, u_char *src, size_t size)
{
    char        *letter;
    u_char       c;
    size_t       i;
    uintptr_t    more;

    static const char  controls[] = "\b\f\n\r\t\"\\";
    static const char  letters[] = "bfnrt\"\\";

    more = 0;

    for (i = 0; i < size; i++) {
        c = src[i];
        letter = c ? strchr(controls, c) : NULL;

        if (letter != NULL) {
            more++;

            if (dst != NULL) {
                *dst++ = '\\';
                *dst++ = (u_char) letters[letter - controls];
            }

        } else if (c < 0x20) {
            more += 5;

            if (dst != NULL) {
                dst = ngx_cpymem(dst, "\\u00", 4);
                *dst++ = (u_char) ('0' + c / 16);
                *dst++ = (u_char) "0123456789ABCDEF"[c % 16];
            }

        } else if (dst != NULL) {
            *dst++ = c;
        }
    }

    return (dst != NULL) ? (uintptr_t) dst : more;
}


void
ngx_gmtime(time_t t, ngx_tm_t *tp)
{
    ngx_fuzz_assert(gmtime_r(&t, tp) != NULL);

    tp->tm_mon++;
    tp->tm_year += 1900;
}


ssize_t
ngx_read_file(ngx_file_t *file, u_char *buf, size_t size, off_t offset)
{
    /* no input of a target is a file */

    abort();
}


/*
 * As loose as nginx is: a colon of its own may begin the text, and one may end
 * it, where a "::" is before it.
 */

ngx_int_t
ngx_inet6_addr(u_char *p, size_t len, u_char *addr)
{
    int          digit;
    u_char       groups[18];
    size_t       i, at, digits;
    ngx_int_t    gap;
    ngx_uint_t   n, word;

    gap = -1;
    n = 0;
    word = 0;
    digits = 0;
    at = (len && p[0] == ':') ? 1 : 0;

    if (len == 0) {
        return NGX_ERROR;
    }

    for (i = at; i < len; i++) {

        if (p[i] == ':') {

            if (digits) {

                if (n == 7) {
                    return NGX_ERROR;
                }

                groups[2 * n] = (u_char) (word >> 8);
                groups[2 * n + 1] = (u_char) word;
                n++;

            } else if (gap >= 0) {
                return NGX_ERROR;

            } else {
                gap = (ngx_int_t) n;
            }

            at = i + 1;
            word = 0;
            digits = 0;
            continue;
        }

        if (p[i] == '.' && digits) {

            /* a dotted address is the last, and not the only one */

            if (n > 6 || (n == 0 && gap < 0)
                || ngx_shim_quad(p + at, len - at, &groups[2 * n]) != NGX_OK)
            {
                return NGX_ERROR;
            }

            word = groups[2 * n + 2] << 8 | groups[2 * n + 3];
            n++;
            break;
        }

        digit = ngx_shim_digit(p[i]);

        if (digit < 0 || ++digits > 4) {
            return NGX_ERROR;
        }

        word = word << 4 | (ngx_uint_t) digit;
    }

    if (digits == 0 && gap < 0) {
        return NGX_ERROR;
    }

    groups[2 * n] = (u_char) (word >> 8);
    groups[2 * n + 1] = (u_char) word;
    n++;

    if ((n == 8) != (gap < 0)) {
        return NGX_ERROR;
    }

    if (gap < 0) {
        gap = 8;
    }

    ngx_memzero(addr, 16);
    ngx_memcpy(addr, groups, 2 * gap);
    ngx_memcpy(addr + 16 - 2 * (n - gap), groups + 2 * gap, 2 * (n - gap));

    return NGX_OK;
}


static ngx_int_t
ngx_shim_quad(u_char *p, size_t len, u_char *addr)
{
    size_t      i;
    ngx_uint_t  n, octet;

    n = 0;
    octet = 0;

    for (i = 0; i < len; i++) {

        if (p[i] == '.') {

            if (n == 3) {
                return NGX_ERROR;
            }

            addr[n++] = (u_char) octet;
            octet = 0;
            continue;
        }

        if (p[i] < '0' || p[i] > '9') {
            return NGX_ERROR;
        }

        octet = octet * 10 + (p[i] - '0');

        if (octet > 255) {
            return NGX_ERROR;
        }
    }

    if (n != 3) {
        return NGX_ERROR;
    }

    addr[3] = (u_char) octet;

    /* this one stands for an error */

    return (ngx_memcmp(addr, "\xff\xff\xff\xff", 4) == 0) ? NGX_ERROR : NGX_OK;
}
