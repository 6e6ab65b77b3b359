
/*
 * A request's body as one piece of memory: read unbuffered and counted as it
 * comes, so that what is too long is refused early, in our own words.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static void ngx_http_sent_conv_body_handler(ngx_http_request_t *r);
static void ngx_http_sent_conv_body_more(ngx_http_request_t *r);
static ngx_int_t ngx_http_sent_conv_body_take(
    ngx_http_sent_conv_call_t *call);
static ngx_int_t ngx_http_sent_conv_body_append(
    ngx_http_sent_conv_call_t *call, ngx_buf_t *b);
static ngx_int_t ngx_http_sent_conv_body_reserve(
    ngx_http_sent_conv_call_t *call, size_t len);
static void ngx_http_sent_conv_body_failed(ngx_http_sent_conv_call_t *call,
    ngx_int_t rc);


void
ngx_http_sent_conv_body_read(ngx_http_sent_conv_call_t *call, size_t limit,
    ngx_http_sent_conv_run_pt ready)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = call->request;

    call->limit = limit;
    call->ready = ready;

    if (r->headers_in.content_length_n > (off_t) limit) {
        r->expect_tested = 1;
        ngx_http_sent_conv_body_failed(call,
                                       NGX_HTTP_REQUEST_ENTITY_TOO_LARGE);
        return;
    }

    r->request_body_no_buffering = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_sent_conv_body_handler);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        ngx_http_sent_conv_body_failed(call, rc);
        return;
    }

    /* the body's count has become the call's */

    ngx_http_finalize_request(r, NGX_DONE);
}


static void
ngx_http_sent_conv_body_handler(ngx_http_request_t *r)
{
    ngx_http_sent_conv_call_t  *call;

    call = ngx_http_sent_conv_call_of(r);

    if (call == NULL) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    if (r->reading_body) {
        r->read_event_handler = ngx_http_sent_conv_body_more;
        r->write_event_handler = ngx_http_request_empty_handler;
        ngx_http_sent_conv_body_more(r);
        return;
    }

    if (ngx_http_sent_conv_body_take(call) == NGX_OK) {
        call->ready(call);
    }
}


static void
ngx_http_sent_conv_body_more(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_http_sent_conv_call_t  *call;

    call = ngx_http_sent_conv_call_of(r);

    for ( ;; ) {

        if (ngx_http_sent_conv_body_take(call) != NGX_OK) {
            return;
        }

        if (!r->reading_body) {
            break;
        }

        rc = ngx_http_read_unbuffered_request_body(r);

        if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
            ngx_http_sent_conv_body_failed(call, rc);
            return;
        }

        if (r->reading_body && r->request_body->bufs == NULL) {
            return;
        }
    }

    r->read_event_handler = ngx_http_block_reading;

    call->ready(call);
}


/* NGX_DONE: it has been answered */

static ngx_int_t
ngx_http_sent_conv_body_take(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                 rc;
    ngx_buf_t                *b;
    ngx_chain_t              *cl;
    ngx_http_request_body_t  *rb;

    rb = call->request->request_body;

    if (rb == NULL || rb->bufs == NULL) {
        return NGX_OK;
    }

    cl = rb->bufs;
    b = cl->buf;

    if (cl->next == NULL && !call->request->reading_body
        && call->body.len == 0 && ngx_buf_in_memory(b))
    {
        if (b->last - b->pos > (ssize_t) call->limit) {
            rc = NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
            goto failed;
        }

        call->body.data = b->pos;
        call->body.len = b->last - b->pos;

        return NGX_OK;
    }

    for ( /* void */ ; cl != NULL; cl = cl->next) {

        rc = ngx_http_sent_conv_body_append(call, cl->buf);
        if (rc != NGX_OK) {
            goto failed;
        }

        cl->buf->pos = cl->buf->last;
    }

    rb->bufs = NULL;

    return NGX_OK;

failed:

    ngx_http_sent_conv_body_failed(call, rc);

    return NGX_DONE;
}


static ngx_int_t
ngx_http_sent_conv_body_append(ngx_http_sent_conv_call_t *call, ngx_buf_t *b)
{
    off_t    size;
    ssize_t  n;

    size = ngx_buf_size(b);

    if (size > (off_t) (call->limit - call->body.len)) {
        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    }

    if (ngx_http_sent_conv_body_reserve(call, (size_t) size) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_buf_in_memory(b)) {
        ngx_memcpy(call->body.data + call->body.len, b->pos, (size_t) size);
        call->body.len += (size_t) size;

        return NGX_OK;
    }

    while (size > 0) {

        n = ngx_read_file(b->file, call->body.data + call->body.len,
                          (size_t) size, b->file_last - size);

        if (n == NGX_ERROR || n == 0) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        call->body.len += n;
        size -= n;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_sent_conv_body_reserve(ngx_http_sent_conv_call_t *call, size_t len)
{
    off_t    expected;
    size_t   size;
    u_char  *p;

    if (call->size - call->body.len >= len) {
        return NGX_OK;
    }

    expected = call->request->headers_in.content_length_n;

    size = call->size ? call->size * 2 : 16 * 1024;

    if (expected > 0 && expected <= (off_t) call->limit) {
        size = (size_t) expected;
    }

    size = ngx_max(size, call->body.len + len);

    p = ngx_pnalloc(call->request->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (call->body.len > 0) {
        ngx_memcpy(p, call->body.data, call->body.len);
    }

    call->body.data = p;
    call->size = size;

    return NGX_OK;
}


static void
ngx_http_sent_conv_body_failed(ngx_http_sent_conv_call_t *call, ngx_int_t rc)
{
    ngx_http_request_t  *r;

    r = call->request;

    r->read_event_handler = ngx_http_block_reading;

    if (r->connection->error || r->connection->timedout) {
        ngx_http_finalize_request(r, NGX_HTTP_CLIENT_CLOSED_REQUEST);
        return;
    }

    r->keepalive = 0;

    switch (rc) {

    case NGX_HTTP_REQUEST_ENTITY_TOO_LARGE:
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_TOO_LARGE,
                                 NULL);
        return;

    case NGX_HTTP_BAD_REQUEST:
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_JSON,
                                 "The request body could not be read.");
        return;

    default:
        ngx_http_sent_conv_reply_abort(call);
    }
}


/* is the declared type, if any, JSON? */

ngx_int_t
ngx_http_sent_conv_body_type(ngx_http_sent_conv_call_t *call)
{
    size_t            len;
    ngx_str_t        *type;
    ngx_table_elt_t  *h;

    h = call->request->headers_in.content_type;

    if (h == NULL || h->value.len == 0 || call->body.len == 0) {
        return NGX_OK;
    }

    type = &h->value;

    for (len = 0; len < type->len; len++) {
        if (type->data[len] == ';' || type->data[len] == ' '
            || type->data[len] == '\t')
        {
            break;
        }
    }

    if (len == sizeof("application/json") - 1
        && ngx_strncasecmp(type->data, (u_char *) "application/json", len)
           == 0)
    {
        return NGX_OK;
    }

    if (len > sizeof("application/+json") - 1
        && ngx_strncasecmp(type->data, (u_char *) "application/",
                           sizeof("application/") - 1)
           == 0
        && ngx_strncasecmp(type->data + len - (sizeof("+json") - 1),
                           (u_char *) "+json", sizeof("+json") - 1)
           == 0)
    {
        return NGX_OK;
    }

    ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_TYPE, NULL);

    return NGX_DONE;
}


ngx_int_t
ngx_http_sent_conv_body_json(ngx_http_sent_conv_call_t *call)
{
    char       *err;
    ngx_int_t   rc;

    if (call->body.len == 0 && call->bodyless) {
        return NGX_OK;
    }

    err = NULL;

    rc = ngx_sent_conv_json_parse_str(call->request->pool, &call->body,
                                      &call->json, &err);

    if (rc == NGX_ERROR) {
        ngx_http_sent_conv_reply_abort(call);
        return NGX_DONE;
    }

    if (rc == NGX_OK && call->json->type == NGX_SENT_CONV_JSON_OBJECT) {
        return NGX_OK;
    }

    if (rc == NGX_OK) {
        err = "The request body must be a JSON object.";
    }

    call->json = NULL;

    ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_JSON, err);

    return NGX_DONE;
}
