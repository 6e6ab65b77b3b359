
/*
 * Answers: both envelopes, the headers, and the one table from an error to
 * its status, code and text.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static ngx_int_t ngx_http_sent_conv_reply_headers(
    ngx_http_sent_conv_call_t *call);
static ngx_int_t ngx_http_sent_conv_reply_header(ngx_http_request_t *r,
    const char *name, size_t len, const char *value, size_t value_len);


void
ngx_http_sent_conv_reply_open(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_jw_t *w, size_t size)
{
    ngx_sent_conv_jw_init(w, call->request->pool, size + 256);

    ngx_sent_conv_jw_open(w, NULL, '{');
    ngx_sent_conv_jw_bool(w, "success", 1);
}


void
ngx_http_sent_conv_reply_close(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_jw_t *w, ngx_uint_t status)
{
    ngx_str_t  text;

    if (ngx_http_sent_conv_reply_text(call, w, &text) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_reply(call, status, &text);
}


ngx_int_t
ngx_http_sent_conv_reply_text(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_jw_t *w, ngx_str_t *text)
{
    ngx_sent_conv_jw_null(w, "error");

    ngx_http_sent_conv_reply_meta(call, w);

    ngx_sent_conv_jw_close(w, '}');

    return ngx_sent_conv_jw_done(w, text);
}


void
ngx_http_sent_conv_reply_meta(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_jw_t *w)
{
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    ngx_sent_conv_jw_open(w, "meta", '{');
    ngx_sent_conv_jw_str(w, "request_id", &call->request_id);
    ngx_sent_conv_jw_time(w, "timestamp",
                          (uint64_t) tp->sec * 1000 + tp->msec);
    ngx_sent_conv_jw_cstr(w, "version", "v3");
    ngx_sent_conv_jw_close(w, '}');
}


void
ngx_http_sent_conv_reply_status(ngx_http_sent_conv_call_t *call,
    ngx_uint_t status)
{
    ngx_str_t  none;

    ngx_str_null(&none);

    ngx_http_sent_conv_reply(call, status, &none);
}


void
ngx_http_sent_conv_reply(ngx_http_sent_conv_call_t *call, ngx_uint_t status,
    ngx_str_t *body)
{
    call->status = status;
    call->out = *body;

    if (call->held) {
        ngx_http_sent_conv_idem_end(call);
        return;
    }

    ngx_http_sent_conv_durable_end(call);
}


void
ngx_http_sent_conv_reply_send(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t            rc;
    ngx_buf_t           *b;
    ngx_chain_t          out;
    ngx_http_request_t  *r;

    r = call->request;

    if (ngx_http_discard_request_body(r) != NGX_OK) {
        r->keepalive = 0;
    }

    r->headers_out.status = call->status;
    r->headers_out.content_length_n = call->out.len;

    /* If-Match and the like would have nginx answer in place of us */

    r->disable_not_modified = 1;

    if (call->status == NGX_HTTP_NO_CONTENT) {
        r->header_only = 1;

    } else {
        r->headers_out.content_type = call->type;
        r->headers_out.content_type_len = r->headers_out.content_type.len;
        r->headers_out.content_type_lowcase = NULL;
    }

    if (call->status == 422) {
        ngx_str_set(&r->headers_out.status_line, "422 Unprocessable Entity");
    }

    if (ngx_http_sent_conv_reply_headers(call) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        ngx_http_finalize_request(r, rc);
        return;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    b->pos = call->out.data;
    b->last = call->out.data + call->out.len;
    b->memory = (call->out.len > 0);
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    ngx_http_finalize_request(r, ngx_http_output_filter(r, &out));
}


static ngx_int_t
ngx_http_sent_conv_reply_headers(ngx_http_sent_conv_call_t *call)
{
    ngx_http_request_t  *r;

    r = call->request;

#define ngx_http_sent_conv_reply_fixed(name, value)                           \
    ngx_http_sent_conv_reply_header(r, name, sizeof(name) - 1, value,         \
                                    sizeof(value) - 1)

    if (ngx_http_sent_conv_reply_header(r, "X-Request-Id",
                                        sizeof("X-Request-Id") - 1,
                                        (char *) call->request_id.data,
                                        call->request_id.len)
        != NGX_OK
        || ngx_http_sent_conv_reply_fixed("X-API-Version", "v3") != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (call->sandbox
        && ngx_http_sent_conv_reply_fixed("X-Sandbox", "true") != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (call->replayed
        && ngx_http_sent_conv_reply_fixed("Idempotent-Replayed", "true")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (call->unsent
        && ngx_http_sent_conv_reply_fixed("Retry-After", "1") != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (call->retry_after
        && ngx_http_sent_conv_reply_number(call, "Retry-After",
                                           call->retry_after)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (call->rated && ngx_http_sent_conv_rate_headers(call) != NGX_OK) {
        return NGX_ERROR;
    }

    if (call->unknown
        && ngx_http_sent_conv_reply_fixed("x-should-retry", "false")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (call->slcf->role == NGX_HTTP_SENT_CONV_DASHBOARD
        && ngx_http_sent_conv_reply_fixed("Cache-Control", "no-store")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (call->cookie.len > 0
        && ngx_http_sent_conv_reply_header(r, "Set-Cookie",
                                           sizeof("Set-Cookie") - 1,
                                           (char *) call->cookie.data,
                                           call->cookie.len)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (call->allow.len > 0) {
        return ngx_http_sent_conv_reply_header(r, "Allow",
                                               sizeof("Allow") - 1,
                                               (char *) call->allow.data,
                                               call->allow.len);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_sent_conv_reply_header(ngx_http_request_t *r, const char *name,
    size_t len, const char *value, size_t value_len)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = len;
    h->value.data = (u_char *) value;
    h->value.len = value_len;

    return NGX_OK;
}


ngx_int_t
ngx_http_sent_conv_reply_number(ngx_http_sent_conv_call_t *call,
    const char *name, time_t value)
{
    u_char  *p, *last;

    p = ngx_pnalloc(call->request->pool, NGX_TIME_T_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    last = ngx_sprintf(p, "%T", value);

    return ngx_http_sent_conv_reply_header(call->request, name,
                                           ngx_strlen(name), (char *) p,
                                           last - p);
}


/* no memory: the connection is all that can be given up */

void
ngx_http_sent_conv_reply_abort(ngx_http_sent_conv_call_t *call)
{
    ngx_http_finalize_request(call->request, NGX_ERROR);
}
