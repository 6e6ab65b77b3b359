
/*
 * Tests of the limits of the JSON reader, and of texts in files.
 */


#include "ngx_sent_conv_unit.h"


static ngx_int_t ngx_sent_conv_unit_json_depth(ngx_pool_t *pool,
    ngx_uint_t depth, const char *open, const char *close);
static ngx_int_t ngx_sent_conv_unit_json_keys(ngx_pool_t *pool,
    ngx_uint_t n, ngx_uint_t twice);
static ngx_int_t ngx_sent_conv_unit_json_values(ngx_pool_t *pool,
    ngx_uint_t n);
static void ngx_sent_conv_unit_json_file(ngx_pool_t *pool);


void
ngx_sent_conv_unit_json_limit(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_ok(ngx_sent_conv_unit_json_depth(pool, 32, "[", "]")
                          == NGX_OK, "32 arrays");
    ngx_sent_conv_unit_ok(ngx_sent_conv_unit_json_depth(pool, 33, "[", "]")
                          == NGX_DECLINED, "33 arrays");
    ngx_sent_conv_unit_ok(ngx_sent_conv_unit_json_depth(pool, 32,
                                                        "{\"a\":[", "]}")
                          == NGX_DECLINED, "32 objects with 32 arrays");
    ngx_sent_conv_unit_ok(ngx_sent_conv_unit_json_depth(pool, 16,
                                                        "{\"a\":[", "]}")
                          == NGX_OK, "16 objects with 16 arrays");
    ngx_sent_conv_unit_ok(ngx_sent_conv_unit_json_depth(pool, 100000, "[",
                                                        "")
                          == NGX_DECLINED, "100000 arrays");

    ngx_sent_conv_unit_ok(ngx_sent_conv_unit_json_keys(pool, 8, 0)
                          == NGX_OK, "8 keys");
    ngx_sent_conv_unit_ok(ngx_sent_conv_unit_json_keys(pool, 9, 1)
                          == NGX_DECLINED, "9 keys, one twice");
    ngx_sent_conv_unit_ok(ngx_sent_conv_unit_json_keys(pool, 50000, 0)
                          == NGX_OK, "50000 keys");
    ngx_sent_conv_unit_ok(ngx_sent_conv_unit_json_keys(pool, 50000, 1)
                          == NGX_DECLINED, "50000 keys, one twice");

    ngx_sent_conv_unit_ok(ngx_sent_conv_unit_json_values(pool, 262143)
                          == NGX_OK, "262144 values");
    ngx_sent_conv_unit_ok(ngx_sent_conv_unit_json_values(pool, 262144)
                          == NGX_DECLINED, "262145 values");

    ngx_sent_conv_unit_json_file(pool);
}


static ngx_int_t
ngx_sent_conv_unit_json_depth(ngx_pool_t *pool, ngx_uint_t depth,
    const char *open, const char *close)
{
    char                  *err;
    u_char                *p;
    ngx_str_t              s;
    ngx_uint_t             i;
    ngx_sent_conv_json_t  *value;

    s.data = ngx_palloc(pool, depth * 8);
    if (s.data == NULL) {
        return NGX_ERROR;
    }

    p = s.data;

    for (i = 0; i < depth; i++) {
        p = ngx_cpymem(p, open, ngx_strlen(open));
    }

    for (i = 0; i < depth; i++) {
        p = ngx_cpymem(p, close, ngx_strlen(close));
    }

    s.len = p - s.data;

    return ngx_sent_conv_json_parse_str(pool, &s, &value, &err);
}


static ngx_int_t
ngx_sent_conv_unit_json_keys(ngx_pool_t *pool, ngx_uint_t n,
    ngx_uint_t twice)
{
    char                  *err;
    u_char                *p;
    ngx_str_t              s;
    ngx_uint_t             i;
    ngx_sent_conv_json_t  *value;

    s.data = ngx_palloc(pool, n * 16 + 16);
    if (s.data == NULL) {
        return NGX_ERROR;
    }

    p = s.data;
    *p++ = '{';

    for (i = 0; i < n; i++) {
        p = ngx_sprintf(p, "%s\"%ui\":0", i ? "," : "",
                        (twice && i == n - 1) ? n / 2 : i);
    }

    *p++ = '}';

    s.len = p - s.data;

    return ngx_sent_conv_json_parse_str(pool, &s, &value, &err);
}


static ngx_int_t
ngx_sent_conv_unit_json_values(ngx_pool_t *pool, ngx_uint_t n)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_str_t              s;
    ngx_uint_t             i;
    ngx_pool_t            *temp;
    ngx_sent_conv_json_t  *value;

    temp = ngx_create_pool(16384, pool->log);
    if (temp == NULL) {
        return NGX_ERROR;
    }

    s.len = 2 * n + 1;
    s.data = ngx_palloc(temp, s.len);
    if (s.data == NULL) {
        ngx_destroy_pool(temp);
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        s.data[2 * i] = ',';
        s.data[2 * i + 1] = '0';
    }

    s.data[0] = '[';
    s.data[2 * n] = ']';

    rc = ngx_sent_conv_json_parse_str(temp, &s, &value, &err);

    ngx_destroy_pool(temp);

    return rc;
}


static void
ngx_sent_conv_unit_json_file(ngx_pool_t *pool)
{
    char                  *err;
    FILE                  *f;
    off_t                  last;
    ngx_buf_t              b;
    ngx_int_t              rc;
    ngx_uint_t             i;
    ngx_file_t             file;
    ngx_chain_t            cl;
    ngx_sent_conv_json_t  *value;

    f = tmpfile();
    if (f == NULL) {
        ngx_sent_conv_unit_ok(0, "temporary file");
        return;
    }

    fprintf(f, "behind[0");

    for (i = 1; i < 20000; i++) {
        fprintf(f, ",%d", (int) i);
    }

    fprintf(f, "]");
    fflush(f);

    last = ftello(f);

    fprintf(f, "behind");
    fflush(f);

    ngx_memzero(&file, sizeof(ngx_file_t));
    file.fd = fileno(f);
    file.log = pool->log;

    ngx_memzero(&b, sizeof(ngx_buf_t));
    b.in_file = 1;
    b.file = &file;
    b.file_pos = sizeof("behind") - 1;
    b.file_last = last;

    cl.buf = &b;
    cl.next = NULL;

    rc = ngx_sent_conv_json_parse(pool, &cl, &value, &err);

    ngx_sent_conv_unit_ok(rc == NGX_OK && value->n == 20000,
                          "json in a file");

    if (ftruncate(file.fd, last - 1) == -1) {
        ngx_sent_conv_unit_ok(0, "temporary file cut short");
    }

    rc = ngx_sent_conv_json_parse(pool, &cl, &value, &err);

    ngx_sent_conv_unit_ok(rc == NGX_ERROR, "json in a file cut short");

    fclose(f);
}
