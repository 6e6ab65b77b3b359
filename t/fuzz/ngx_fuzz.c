
/*
 * What libFuzzer calls, and the plain models that targets compare with.
 */


#include "ngx_fuzz.h"


int LLVMFuzzerTestOneInput(const u_char *data, size_t size);


uint32_t  ngx_fuzz_hash;

static ngx_uint_t  ngx_fuzz_window;
static ngx_uint_t  ngx_fuzz_fail;


int
LLVMFuzzerTestOneInput(const u_char *data, size_t size)
{
    size_t       i;
    ngx_str_t    input;
    ngx_uint_t   pass;
    ngx_pool_t  *pool;

    if (size && data[size - 1] == LF) {
        size--;
    }

    ngx_fuzz_hash = 2166136261u;

    for (i = 0; i < size; i++) {
        ngx_fuzz_hash = (ngx_fuzz_hash ^ data[i]) * 16777619u;
    }

    ngx_fuzz_window = 0;

    for (pass = 0; pass < 2; pass++) {

        ngx_fuzz_fail = pass ? 1 + ngx_fuzz_hash % ngx_fuzz_window : 0;
        ngx_shim_fail = 0;

        pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, NULL);

        input = ngx_fuzz_copy(pool, data, size);
        ngx_fuzz_one(pool, &input);

        ngx_destroy_pool(pool);

        if (ngx_fuzz_window == 0) {
            break;
        }
    }

    return 0;
}


void
ngx_fuzz_begin(void)
{
    ngx_shim_allocs = 0;
    ngx_shim_failed = 0;
    ngx_shim_fail = ngx_fuzz_fail;
}


ngx_uint_t
ngx_fuzz_starved(ngx_int_t rc)
{
    if (ngx_fuzz_window == 0) {
        ngx_fuzz_window = ngx_shim_allocs;
    }

    /* once is enough */

    ngx_shim_fail = 0;
    ngx_fuzz_fail = 0;

    ngx_fuzz_assert(ngx_shim_failed == (rc == NGX_ERROR));

    return ngx_shim_failed;
}


void
ngx_fuzz_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}


ngx_str_t
ngx_fuzz_copy(ngx_pool_t *pool, const void *data, size_t len)
{
    ngx_str_t  text;

    text.len = len;
    text.data = ngx_shim_keep(pool, len);

    if (len) {
        ngx_memcpy(text.data, data, len);
    }

    return text;
}


ngx_str_t
ngx_fuzz_cstr(ngx_pool_t *pool, const char *text)
{
    return ngx_fuzz_copy(pool, text, ngx_strlen(text));
}


ngx_str_t
ngx_fuzz_line(ngx_pool_t *pool, ngx_str_t *rest)
{
    size_t     len;
    ngx_str_t  line;

    for (len = 0; len < rest->len && rest->data[len] != LF; len++) {
        /* void */
    }

    line = ngx_fuzz_copy(pool, rest->data, len);

    if (len < rest->len) {
        len++;
    }

    *rest = ngx_fuzz_copy(pool, rest->data + len, rest->len - len);

    return line;
}


ngx_uint_t
ngx_fuzz_is(ngx_str_t *text, const char *word)
{
    return text->len == ngx_strlen(word)
           && (text->len == 0 || ngx_memcmp(text->data, word, text->len) == 0);
}


ngx_uint_t
ngx_fuzz_same(ngx_str_t *a, ngx_str_t *b)
{
    return a->len == b->len
           && (a->len == 0 || ngx_memcmp(a->data, b->data, a->len) == 0);
}


/* table 3-7 */

size_t
ngx_fuzz_utf8(const u_char *p, const u_char *last, uint32_t *c)
{
    size_t  len, i;

    static const u_char  table[][6] = {
        { 0x00, 0x7f, 1, 0x00, 0x00, 0x7f },
        { 0xc2, 0xdf, 2, 0x80, 0xbf, 0x1f },
        { 0xe0, 0xe0, 3, 0xa0, 0xbf, 0x0f },
        { 0xe1, 0xec, 3, 0x80, 0xbf, 0x0f },
        { 0xed, 0xed, 3, 0x80, 0x9f, 0x0f },
        { 0xee, 0xef, 3, 0x80, 0xbf, 0x0f },
        { 0xf0, 0xf0, 4, 0x90, 0xbf, 0x07 },
        { 0xf1, 0xf3, 4, 0x80, 0xbf, 0x07 },
        { 0xf4, 0xf4, 4, 0x80, 0x8f, 0x07 }
    };

    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (p[0] >= table[i][0] && p[0] <= table[i][1]) {
            break;
        }
    }

    if (i == sizeof(table) / sizeof(table[0])) {
        return 0;
    }

    len = table[i][2];

    if ((size_t) (last - p) < len
        || (len > 1 && (p[1] < table[i][3] || p[1] > table[i][4])))
    {
        return 0;
    }

    *c = p[0] & table[i][5];

    for (i = 1; i < len; i++) {
        if (p[i] < 0x80 || p[i] > 0xbf) {
            return 0;
        }

        *c = *c << 6 | (p[i] & 0x3f);
    }

    return len;
}


ngx_uint_t
ngx_fuzz_text(ngx_str_t *text)
{
    size_t    i, n;
    uint32_t  c;

    for (i = 0; i < text->len; i += n) {
        n = ngx_fuzz_utf8(text->data + i, text->data + text->len, &c);

        if (n == 0 || c == 0) {
            return 0;
        }
    }

    return 1;
}


ngx_uint_t
ngx_fuzz_visible(ngx_str_t *text)
{
    size_t  i;

    for (i = 0; i < text->len; i++) {
        if (text->data[i] < 0x21 || text->data[i] > 0x7e) {
            return 0;
        }
    }

    return 1;
}


ngx_uint_t
ngx_fuzz_phone(ngx_str_t *text)
{
    size_t  i;

    if (text->len < 9 || text->len > 16 || text->data[0] != '+'
        || text->data[1] == '0')
    {
        return 0;
    }

    for (i = 1; i < text->len; i++) {
        if (strchr("0123456789", text->data[i]) == NULL || !text->data[i]) {
            return 0;
        }
    }

    return 1;
}


/* lower case */

ngx_uint_t
ngx_fuzz_uuid(ngx_str_t *text)
{
    u_char  c;
    size_t  i;

    if (text->len != 36) {
        return 0;
    }

    for (i = 0; i < 36; i++) {
        c = text->data[i];

        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (c != '-') {
                return 0;
            }

        } else if (c == '\0' || strchr("0123456789abcdef", c) == NULL) {
            return 0;
        }
    }

    return 1;
}
