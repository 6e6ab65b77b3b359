
/*
 * Texts of templates: "{{name}}" stands for a parameter.
 */


#include "ngx_sent_conv_core.h"


static ngx_int_t ngx_sent_conv_template_next(ngx_str_t *rest,
    ngx_str_t *plain, ngx_str_t *name);
static ngx_int_t ngx_sent_conv_template_find(ngx_array_t *names,
    ngx_str_t *name);


/*
 * The text up to the next name, and that; NGX_DONE: nothing but text is left,
 * NGX_DECLINED: the name is not ended.
 */

static ngx_int_t
ngx_sent_conv_template_next(ngx_str_t *rest, ngx_str_t *plain,
    ngx_str_t *name)
{
    u_char  *p, *q, *last;

    last = rest->data + rest->len;
    *plain = *rest;

    p = ngx_strnstr(rest->data, "{{", rest->len);

    if (p == NULL) {
        ngx_str_null(rest);
        return NGX_DONE;
    }

    plain->len = p - rest->data;
    p += 2;

    q = ngx_strnstr(p, "}}", last - p);

    if (q == NULL) {
        name->data = p;
        name->len = ngx_min(last - p, 32);
        return NGX_DECLINED;
    }

    rest->data = q + 2;
    rest->len = last - rest->data;

    while (p < q && *p == ' ') {
        p++;
    }

    while (q > p && q[-1] == ' ') {
        q--;
    }

    name->data = p;
    name->len = q - p;

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_template_find(ngx_array_t *names, ngx_str_t *name)
{
    ngx_str_t   *is;
    ngx_uint_t   i;

    is = names->elts;

    for (i = 0; i < names->nelts; i++) {
        if (is[i].len == name->len
            && ngx_strncmp(is[i].data, name->data, name->len) == 0)
        {
            return (ngx_int_t) i;
        }
    }

    return NGX_ERROR;
}


ngx_int_t
ngx_sent_conv_template_check(ngx_str_t *text, ngx_array_t *names,
    ngx_str_t *at)
{
    ngx_int_t  rc;
    ngx_str_t  rest, plain;

    rest = *text;

    while (rest.len) {
        rc = ngx_sent_conv_template_next(&rest, &plain, at);

        if (rc == NGX_DONE) {
            break;
        }

        if (rc != NGX_OK
            || ngx_sent_conv_template_find(names, at) == NGX_ERROR)
        {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_template_render(ngx_pool_t *pool, ngx_str_t *text,
    ngx_array_t *names, ngx_array_t *values, ngx_str_t *out)
{
    u_char      *p;
    size_t       len;
    ngx_int_t    i, rc;
    ngx_str_t    rest, plain, name, *value;
    ngx_uint_t   pass;

    value = values->elts;
    p = NULL;

    /* first measured, then written */

    for (pass = 0; pass < 2; pass++) {
        len = 0;
        rest = *text;

        while (rest.len) {
            rc = ngx_sent_conv_template_next(&rest, &plain, &name);
            len += plain.len;

            if (p != NULL) {
                p = ngx_cpymem(p, plain.data, plain.len);
            }

            if (rc != NGX_OK) {
                break;
            }

            i = ngx_sent_conv_template_find(names, &name);

            if (i == NGX_ERROR || i >= (ngx_int_t) values->nelts) {
                continue;
            }

            len += value[i].len;

            if (p != NULL) {
                p = ngx_cpymem(p, value[i].data, value[i].len);
            }
        }

        if (pass == 0) {
            p = ngx_pnalloc(pool, len + 1);
            if (p == NULL) {
                return NGX_ERROR;
            }

            out->data = p;
            out->len = len;
        }
    }

    return NGX_OK;
}
