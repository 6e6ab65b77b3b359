
/*
 * Templates: the first line has the names, the second their values, the rest
 * is the text; a plain renderer writes the same.
 */


#include "ngx_fuzz.h"


static void ngx_fuzz_split(ngx_pool_t *pool, ngx_str_t *line,
    ngx_array_t *list);
static ngx_int_t ngx_fuzz_render(ngx_pool_t *pool, ngx_str_t *text,
    ngx_array_t *names, ngx_array_t *values, ngx_str_t *out);
static void ngx_fuzz_append(ngx_pool_t *pool, ngx_str_t *out, u_char *data,
    size_t len);


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    ngx_int_t     rc, model;
    ngx_str_t     line, at, out, expected;
    ngx_array_t   names, values;

    /* JSON lets none in */

    if (memchr(input->data, '\0', input->len) != NULL) {
        return;
    }

    line = ngx_fuzz_line(pool, input);
    ngx_fuzz_split(pool, &line, &names);

    line = ngx_fuzz_line(pool, input);
    ngx_fuzz_split(pool, &line, &values);

    ngx_fuzz_begin();

    rc = ngx_sent_conv_template_render(pool, input, &names, &values, &out);

    if (ngx_fuzz_starved(rc)) {
        return;
    }

    model = ngx_fuzz_render(pool, input, &names, &values, &expected);

    ngx_fuzz_assert(rc == NGX_OK && ngx_fuzz_same(&out, &expected));

    at.data = NULL;
    at.len = 0;

    rc = ngx_sent_conv_template_check(input, &names, &at);

    ngx_fuzz_assert(rc == model);

    if (rc != NGX_OK) {
        ngx_fuzz_assert(rc == NGX_DECLINED);
        ngx_fuzz_assert(at.data >= input->data
                        && at.data + at.len <= input->data + input->len);
    }
}


/* commas between them */

static void
ngx_fuzz_split(ngx_pool_t *pool, ngx_str_t *line, ngx_array_t *list)
{
    u_char     *p, *last, *start;
    ngx_str_t  *text;

    ngx_fuzz_assert(ngx_array_init(list, pool, 4, sizeof(ngx_str_t))
                    == NGX_OK);

    last = line->data + line->len;
    start = line->data;

    for (p = line->data; line->len && p <= last; p++) {
        if (p == last || *p == ',') {
            text = ngx_array_push(list);
            *text = ngx_fuzz_copy(pool, start, p - start);
            start = p + 1;
        }
    }
}


static ngx_int_t
ngx_fuzz_render(ngx_pool_t *pool, ngx_str_t *text, ngx_array_t *names,
    ngx_array_t *values, ngx_str_t *out)
{
    u_char     *p, *last, *end, *name;
    size_t      len;
    ngx_int_t   rc;
    ngx_str_t  *is, *value;
    ngx_uint_t  i;

    *out = ngx_fuzz_copy(pool, "", 0);

    is = names->elts;
    value = values->elts;
    last = text->data + text->len;
    rc = NGX_OK;

    for (p = text->data; p < last; /* void */) {

        if (last - p < 2 || p[0] != '{' || p[1] != '{') {
            ngx_fuzz_append(pool, out, p++, 1);
            continue;
        }

        name = p + 2;
        end = memmem(name, last - name, "}}", 2);

        if (end == NULL) {
            return NGX_DECLINED;
        }

        p = end + 2;

        while (name < end && *name == ' ') {
            name++;
        }

        len = end - name;

        while (len && name[len - 1] == ' ') {
            len--;
        }

        for (i = 0; i < names->nelts; i++) {
            if (is[i].len == len && memcmp(is[i].data, name, len) == 0) {
                break;
            }
        }

        if (i == names->nelts) {
            rc = NGX_DECLINED;

        } else if (i < values->nelts) {
            ngx_fuzz_append(pool, out, value[i].data, value[i].len);
        }
    }

    return rc;
}


static void
ngx_fuzz_append(ngx_pool_t *pool, ngx_str_t *out, u_char *data, size_t len)
{
    u_char  *p;

    if (len == 0) {
        return;
    }

    /* in steps of a kilobyte */

    if (out->len / 1024 != (out->len + len) / 1024 || out->len == 0) {
        p = ngx_shim_keep(pool, (out->len + len) / 1024 * 1024 + 1024);
        ngx_memcpy(p, out->data, out->len);
        out->data = p;
    }

    ngx_memcpy(out->data + out->len, data, len);
    out->len += len;
}
