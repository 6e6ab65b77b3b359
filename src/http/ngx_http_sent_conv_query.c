
/*
 * The query: its arguments ("+" is a plus), kept out of the logs; pages and
 * their cursors.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


#define NGX_HTTP_SENT_CONV_CURSOR_MAX  256


static void ngx_http_sent_conv_query_decode(ngx_http_sent_conv_call_t *call,
    ngx_str_t *value, ngx_http_sent_conv_page_t *page);
static void ngx_http_sent_conv_query_write(ngx_sent_conv_jw_t *w,
    const char *name, u_char direction, ngx_str_t *text);


/*
 * What logs print of the request must not hold its query: a contact's number
 * stands there.
 */

void
ngx_http_sent_conv_query_blank(ngx_http_sent_conv_call_t *call)
{
    u_char              *data, *end, *last, *p, *q;
    ngx_str_t           *line;
    ngx_http_request_t  *r;

    r = call->request;

    if (r->args.len == 0) {
        return;
    }

    call->args = r->args;
    ngx_str_null(&r->args);

    p = ngx_strlchr(r->unparsed_uri.data,
                    r->unparsed_uri.data + r->unparsed_uri.len, '?');
    if (p != NULL) {
        r->unparsed_uri.len = p - r->unparsed_uri.data;
    }

    line = &r->request_line;
    end = line->data + line->len;

    p = ngx_strlchr(line->data, end, '?');
    if (p == NULL) {
        return;
    }

    for (q = end; q > p && q[-1] != ' '; q--) { /* void */ }

    data = ngx_pnalloc(r->pool, line->len);

    if (q == p || data == NULL) {
        line->len = p - line->data;
        return;
    }

    /* the arguments themselves stay where they are */

    last = ngx_cpymem(data, line->data, p - line->data);
    *last++ = ' ';
    last = ngx_cpymem(last, q, end - q);

    line->data = data;
    line->len = last - data;
}


/* NGX_OK, NGX_DECLINED = not given */

ngx_int_t
ngx_http_sent_conv_query_get(ngx_http_sent_conv_call_t *call,
    const char *name, ngx_str_t *value)
{
    size_t   len;
    u_char  *dst, *end, *next, *p, *src;

    len = ngx_strlen(name);
    p = call->args.data;
    end = p + call->args.len;

    for ( /* void */ ; p < end; p = next + 1) {

        next = ngx_strlchr(p, end, '&');
        if (next == NULL) {
            next = end;
        }

        if ((size_t) (next - p) < len || ngx_strncmp(p, name, len) != 0) {
            continue;
        }

        if (p + len == next) {
            value->data = p;
            value->len = 0;

            return NGX_OK;
        }

        if (p[len] != '=') {
            continue;
        }

        src = p + len + 1;

        dst = ngx_pnalloc(call->request->pool, next - src + 1);
        if (dst == NULL) {
            return NGX_DECLINED;
        }

        value->data = dst;
        ngx_unescape_uri(&dst, &src, next - src, 0);
        value->len = dst - value->data;

        return NGX_OK;
    }

    return NGX_DECLINED;
}


void
ngx_http_sent_conv_query_page(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_page_t *page)
{
    ngx_int_t  n;
    ngx_str_t  value;

    ngx_memzero(page, sizeof(ngx_http_sent_conv_page_t));

    page->size = 20;
    page->direction = 'a';

    if (ngx_http_sent_conv_query_get(call, "page_size", &value) == NGX_OK) {

        n = ngx_atoi(value.data, value.len);

        if (n < 1 || n > 100) {
            ngx_http_sent_conv_form_fault(call, "page_size",
                                          NGX_HTTP_SENT_CONV_E_RANGE,
                                          "must be an integer from 1 to 100");
        } else {
            page->size = n;
        }
    }

    if (ngx_http_sent_conv_query_get(call, "cursor", &value) == NGX_OK
        && value.len > 0)
    {
        ngx_http_sent_conv_query_decode(call, &value, page);
    }
}


static void
ngx_http_sent_conv_query_decode(ngx_http_sent_conv_call_t *call,
    ngx_str_t *value, ngx_http_sent_conv_page_t *page)
{
    ngx_str_t  text;

    if (value->len > NGX_HTTP_SENT_CONV_CURSOR_MAX) {
        goto invalid;
    }

    text.data = ngx_pnalloc(call->request->pool,
                            ngx_base64_decoded_length(value->len));
    if (text.data == NULL) {
        goto invalid;
    }

    if (ngx_decode_base64url(&text, value) != NGX_OK || text.len < 2
        || (text.data[0] != 'a' && text.data[0] != 'b'))
    {
        goto invalid;
    }

    page->direction = text.data[0];
    page->cursor.data = text.data + 1;
    page->cursor.len = text.len - 1;

    return;

invalid:

    ngx_http_sent_conv_form_fault(call, "cursor", NGX_HTTP_SENT_CONV_E_VALUE,
                                  "is not one that a list has given");
}


/* a page by its number, or a cursor that is an offset */

void
ngx_http_sent_conv_query_offset(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_page_t *page)
{
    ngx_int_t  n;
    ngx_str_t  value;

    ngx_http_sent_conv_query_page(call, page);

    if (ngx_http_sent_conv_query_get(call, "page", &value) == NGX_OK) {

        n = ngx_atoi(value.data, value.len);

        if (n < 1 || n > 1000000) {
            ngx_http_sent_conv_form_fault(call, "page",
                                          NGX_HTTP_SENT_CONV_E_RANGE,
                                          "must be an integer from 1");
            return;
        }

        page->page = n;
        page->offset = (page->page - 1) * page->size;

        return;
    }

    page->page = 1;

    if (page->cursor.len == 0) {
        return;
    }

    n = ngx_atoi(page->cursor.data, page->cursor.len);

    if (n == NGX_ERROR || n > 100000000) {
        ngx_http_sent_conv_form_fault(call, "cursor",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "is not one that this list has given");
        return;
    }

    if (page->direction == 'b') {
        n = ((ngx_uint_t) n > page->size) ? n - (ngx_int_t) page->size : 0;
    }

    page->offset = n;
    page->page = n / page->size + 1;
}


void
ngx_http_sent_conv_query_offsets(ngx_sent_conv_jw_t *w,
    ngx_http_sent_conv_page_t *page, ngx_uint_t total)
{
    u_char      after_buf[NGX_INT64_LEN], before_buf[NGX_INT64_LEN];
    ngx_str_t   after, before;
    ngx_uint_t  end;

    end = page->offset + page->size;

    after.data = after_buf;
    after.len = ngx_sprintf(after_buf, "%ui", end) - after_buf;

    before.data = before_buf;
    before.len = ngx_sprintf(before_buf, "%ui", page->offset) - before_buf;

    ngx_http_sent_conv_query_pagination(w, page, total, end < total,
                                        page->offset ? &before : NULL,
                                        (end < total) ? &after : NULL);
}


/* total < 0: not known; before, after NULL: there is no such page */

void
ngx_http_sent_conv_query_pagination(ngx_sent_conv_jw_t *w,
    ngx_http_sent_conv_page_t *page, int64_t total, ngx_uint_t more,
    ngx_str_t *before, ngx_str_t *after)
{
    ngx_sent_conv_jw_open(w, "pagination", '{');

    if (page->page) {
        ngx_sent_conv_jw_int(w, "page", page->page);

    } else {
        ngx_sent_conv_jw_null(w, "page");
    }

    ngx_sent_conv_jw_int(w, "page_size", page->size);

    if (total < 0) {
        ngx_sent_conv_jw_null(w, "total_count");
        ngx_sent_conv_jw_null(w, "total_pages");

    } else {
        ngx_sent_conv_jw_int(w, "total_count", total);
        ngx_sent_conv_jw_int(w, "total_pages",
                             (total + (int64_t) page->size - 1)
                             / (int64_t) page->size);
    }

    ngx_sent_conv_jw_bool(w, "has_more", more);

    ngx_sent_conv_jw_open(w, "cursors", '{');
    ngx_http_sent_conv_query_write(w, "before", 'b', before);
    ngx_http_sent_conv_query_write(w, "after", 'a', after);
    ngx_sent_conv_jw_close(w, '}');

    ngx_sent_conv_jw_close(w, '}');
}


static void
ngx_http_sent_conv_query_write(ngx_sent_conv_jw_t *w, const char *name,
    u_char direction, ngx_str_t *text)
{
    u_char     coded[NGX_HTTP_SENT_CONV_CURSOR_MAX];
    u_char     plain[NGX_HTTP_SENT_CONV_CURSOR_MAX / 2];
    ngx_str_t  dst, src;

    if (text == NULL || text->len >= sizeof(plain)) {
        ngx_sent_conv_jw_null(w, name);
        return;
    }

    plain[0] = direction;
    ngx_memcpy(&plain[1], text->data, text->len);

    src.data = plain;
    src.len = text->len + 1;

    dst.data = coded;

    ngx_encode_base64url(&dst, &src);

    ngx_sent_conv_jw_str(w, name, &dst);
}
