
/*
 * Forms: what is read of them is what a plain decoder reads, and what is
 * written is read as the same.
 */


#include "ngx_fuzz.h"


static ngx_int_t ngx_fuzz_form_decode(ngx_pool_t *pool, u_char *p,
    u_char *last, ngx_str_t *text);
static void ngx_fuzz_form_write(ngx_pool_t *pool, ngx_array_t *fields);


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    u_char                         *p, *end, *equals, *last;
    ngx_int_t                       rc;
    ngx_str_t                       name, value;
    ngx_uint_t                      n;
    ngx_array_t                     fields;
    ngx_sent_conv_carrier_field_t  *field;

    ngx_fuzz_begin();

    rc = ngx_sent_conv_carrier_form_parse(pool, input, &fields);

    if (ngx_fuzz_starved(rc)) {
        return;
    }

    field = (rc == NGX_OK) ? fields.elts : NULL;
    last = input->data + input->len;
    n = 0;

    for (p = input->data; p < last; p = end + 1) {

        for (end = p; end < last && *end != '&'; end++) { /* void */ }

        if (end == p) {
            continue;
        }

        for (equals = p; equals < end && *equals != '='; equals++) {
            /* void */
        }

        if (n == NGX_SENT_CONV_CARRIER_FIELDS_MAX
            || ngx_fuzz_form_decode(pool, p, equals, &name) != NGX_OK
            || ngx_fuzz_form_decode(pool, (equals < end) ? equals + 1 : end,
                                    end, &value)
               != NGX_OK)
        {
            ngx_fuzz_assert(rc == NGX_DECLINED);
            return;
        }

        if (field != NULL) {
            ngx_fuzz_assert(n < fields.nelts);
            ngx_fuzz_assert(ngx_fuzz_same(&field[n].name, &name));
            ngx_fuzz_assert(ngx_fuzz_same(&field[n].value, &value));
            ngx_fuzz_assert(field[n].value.data != NULL);
        }

        n++;
    }

    ngx_fuzz_assert(rc == NGX_OK && fields.nelts == n);

    ngx_fuzz_form_write(pool, &fields);
}


static ngx_int_t
ngx_fuzz_form_decode(ngx_pool_t *pool, u_char *p, u_char *last,
    ngx_str_t *text)
{
    char        hex[3], *end;
    ngx_str_t   copy;

    copy = ngx_fuzz_copy(pool, p, last - p);
    text->data = copy.data;
    text->len = 0;

    hex[2] = '\0';

    for ( /* void */ ; p < last; p++) {

        if (*p == '+') {
            text->data[text->len++] = ' ';
            continue;
        }

        if (*p != '%') {
            text->data[text->len++] = *p;
            continue;
        }

        if (last - p < 3 || !isxdigit(p[1]) || !isxdigit(p[2])) {
            return NGX_DECLINED;
        }

        hex[0] = (char) p[1];
        hex[1] = (char) p[2];
        text->data[text->len++] = (u_char) strtoul(hex, &end, 16);
        p += 2;
    }

    return NGX_OK;
}


static void
ngx_fuzz_form_write(ngx_pool_t *pool, ngx_array_t *fields)
{
    u_char                         *p;
    size_t                          len;
    ngx_str_t                       text, *first;
    ngx_uint_t                      i;
    ngx_array_t                     again;
    ngx_sent_conv_carrier_field_t  *field, *is;

    field = fields->elts;
    len = 0;

    for (i = 0; i < fields->nelts; i++) {
        len += 1 + 3 * field[i].value.len + 2;
    }

    text.data = ngx_palloc(pool, len);
    p = text.data;

    for (i = 0; i < fields->nelts; i++) {
        p = ngx_sent_conv_carrier_form_put(text.data, p, "x",
                                           &field[i].value);
    }

    text.len = p - text.data;

    ngx_fuzz_assert(ngx_sent_conv_carrier_form_parse(pool, &text, &again)
                    == NGX_OK);
    ngx_fuzz_assert(again.nelts == fields->nelts);

    is = again.elts;

    for (i = 0; i < again.nelts; i++) {
        ngx_fuzz_assert(ngx_fuzz_is(&is[i].name, "x"));
        ngx_fuzz_assert(ngx_fuzz_same(&is[i].value, &field[i].value));
    }

    first = ngx_sent_conv_carrier_form_get(&again, "x");

    ngx_fuzz_assert(again.nelts ? first == &is[0].value : first == NULL);
}
