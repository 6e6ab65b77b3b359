
/*
 * A request without a client, and a POST subrequest out of it.  It knows
 * nothing of what is delivered.
 */


#include "ngx_http_sent_conv_delivery.h"


/*
 * NGX_STAT_STUB is not in the module signature: the module may be built
 * without it for nginx that has it.  ngx_http_close_connection() decrements
 * the counter then, so it has to be incremented if only it is there.
 */

#if !(NGX_STAT_STUB)
extern ngx_atomic_t  *ngx_stat_active;
#endif

#pragma weak ngx_stat_active


static ngx_connection_t *ngx_http_sent_conv_connection(ngx_log_t *log);
static ngx_int_t ngx_http_sent_conv_connection_init(ngx_connection_t *c,
    ngx_log_t *log);
static u_char *ngx_http_sent_conv_connection_log(ngx_log_t *log, u_char *buf,
    size_t len);
static void ngx_http_sent_conv_connection_event(ngx_event_t *ev);
static ngx_int_t ngx_http_sent_conv_request_init(ngx_http_request_t *r,
    ngx_str_t *uri);
static void ngx_http_sent_conv_request_finish(ngx_http_request_t *r);
static ngx_int_t ngx_http_sent_conv_request_fill(ngx_http_request_t *sr,
    ngx_array_t *headers, ngx_str_t *body);
static ngx_int_t ngx_http_sent_conv_request_body(ngx_http_request_t *sr,
    ngx_str_t *body);
static ngx_int_t ngx_http_sent_conv_request_headers(ngx_http_request_t *sr,
    ngx_array_t *headers);


static struct sockaddr  ngx_http_sent_conv_sockaddr = {
    .sa_family = AF_UNIX
};


ngx_http_request_t *
ngx_http_sent_conv_request_create(ngx_http_conf_ctx_t *conf_ctx,
    ngx_str_t *uri)
{
    ngx_connection_t          *c;
    ngx_http_request_t        *r;
    ngx_http_connection_t     *hc;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = conf_ctx->loc_conf[ngx_http_core_module.ctx_index];

    c = ngx_http_sent_conv_connection(clcf->error_log);
    if (c == NULL) {
        return NULL;
    }

    hc = ngx_pcalloc(c->pool, sizeof(ngx_http_connection_t));
    if (hc == NULL) {
        goto failed;
    }

    hc->conf_ctx = conf_ctx;

    c->data = hc;

    r = ngx_http_create_request(c);
    if (r == NULL) {
        goto failed;
    }

    /* from here on the request owns the connection */

    c->data = r;

    if (ngx_http_sent_conv_request_init(r, uri) != NGX_OK) {
        ngx_http_free_request(r, 0);
        goto failed;
    }

    return r;

failed:

    ngx_http_close_connection(c);

    return NULL;
}


static ngx_connection_t *
ngx_http_sent_conv_connection(ngx_log_t *log)
{
    ngx_socket_t       s;
    ngx_connection_t  *c;

    s = ngx_socket(AF_UNIX, SOCK_DGRAM, 0);
    if (s == (ngx_socket_t) -1) {
        ngx_log_error(NGX_LOG_ALERT, log, ngx_socket_errno,
                      ngx_socket_n " failed");
        return NULL;
    }

    c = ngx_get_connection(s, log);
    if (c == NULL) {
        if (ngx_close_socket(s) == -1) {
            ngx_log_error(NGX_LOG_ALERT, log, ngx_socket_errno,
                          ngx_close_socket_n " failed");
        }

        return NULL;
    }

    if (&ngx_stat_active != NULL) {
        (void) ngx_atomic_fetch_add(ngx_stat_active, 1);
    }

    c->pool = ngx_create_pool(1024, log);

    if (c->pool == NULL) {

        if (&ngx_stat_active != NULL) {
            (void) ngx_atomic_fetch_add(ngx_stat_active, -1);
        }

        ngx_close_connection(c);

        return NULL;
    }

    if (ngx_http_sent_conv_connection_init(c, log) != NGX_OK) {
        ngx_http_close_connection(c);
        return NULL;
    }

    return c;
}


static ngx_int_t
ngx_http_sent_conv_connection_init(ngx_connection_t *c, ngx_log_t *log)
{
    ngx_http_log_ctx_t  *ctx;

    c->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);
    c->start_time = ngx_current_msec;

    /* do not linger when the request is finalized */
    c->read->eof = 1;

    /* as ngx_event_accept() does for unix sockets */
    c->tcp_nopush = NGX_TCP_NOPUSH_DISABLED;
    c->tcp_nodelay = NGX_TCP_NODELAY_DISABLED;

    /*
     * upstream watches the client's socket, and so it will watch this one:
     * it is never readable, and is writable once
     */

    c->read->handler = ngx_http_sent_conv_connection_event;
    c->write->handler = ngx_http_sent_conv_connection_event;

    c->log = ngx_palloc(c->pool, sizeof(ngx_log_t));
    if (c->log == NULL) {
        c->log = log;
        return NGX_ERROR;
    }

    *c->log = *log;

    c->read->log = c->log;
    c->write->log = c->log;
    c->pool->log = c->log;

    ctx = ngx_pcalloc(c->pool, sizeof(ngx_http_log_ctx_t));
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx->connection = c;

    c->log->connection = c->number;
    c->log->handler = ngx_http_sent_conv_connection_log;
    c->log->data = ctx;
    c->log->action = "delivering";
    c->log_error = NGX_ERROR_INFO;

    /* variables, ip_hash, geo, realip, etc. look at the client address */

    c->sockaddr = &ngx_http_sent_conv_sockaddr;
    c->socklen = sizeof(ngx_http_sent_conv_sockaddr.sa_family);
    ngx_str_set(&c->addr_text, "unix:");

    /* ngx_http_finalize_connection() looks at r->header_in */

    c->buffer = ngx_create_temp_buf(c->pool, 1);
    if (c->buffer == NULL) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* not as nginx does: a receiver's URL may hold a secret */

static u_char *
ngx_http_sent_conv_connection_log(ngx_log_t *log, u_char *buf, size_t len)
{
    u_char              *p;
    ngx_http_log_ctx_t  *ctx;

    p = ngx_snprintf(buf, len, " while %s",
                     log->action ? log->action : "delivering");

    ctx = log->data;

    if (ctx->request != NULL) {
        p = ngx_snprintf(p, len - (p - buf), ", delivery: \"%V\"",
                         &ctx->request->main->uri);
    }

    return p;
}


static void
ngx_http_sent_conv_connection_event(ngx_event_t *ev)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    c = ev->data;
    r = c->data;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, c->log, 0,
                   "sent conv request event: write:%d close:%d",
                   ev->write, c->close);

    if (c->close) {

        /* "worker_shutdown_timeout" has expired */

        ngx_http_sent_conv_request_abort(r);
    }
}


static ngx_int_t
ngx_http_sent_conv_request_init(ngx_http_request_t *r, ngx_str_t *uri)
{
    r->logged = 1;
    r->internal = 1;
    r->http_state = NGX_HTTP_PROCESS_REQUEST_STATE;
    r->http_version = NGX_HTTP_VERSION_11;
    r->method = NGX_HTTP_POST;
    ngx_str_set(&r->method_name, "POST");
    ngx_str_set(&r->http_protocol, "HTTP/1.1");
    ngx_str_set(&r->request_line, "POST - HTTP/1.1");
    r->uri = *uri;
    r->unparsed_uri = *uri;
    r->valid_unparsed_uri = 1;

    r->write_event_handler = ngx_http_sent_conv_request_finish;

    /* the body must neither be read nor discarded */

    r->request_body = ngx_pcalloc(r->pool, sizeof(ngx_http_request_body_t));
    if (r->request_body == NULL) {
        return NGX_ERROR;
    }

    return ngx_list_init(&r->headers_in.headers, r->pool, 1,
                         sizeof(ngx_table_elt_t));
}


ngx_uint_t
ngx_http_sent_conv_request_ours(ngx_http_request_t *r)
{
    return r->connection->sockaddr == &ngx_http_sent_conv_sockaddr;
}


/* the parent is posted when its subrequest has ended */

static void
ngx_http_sent_conv_request_finish(ngx_http_request_t *r)
{
    ngx_http_sent_conv_attempt_t  *attempt;

    attempt = ngx_http_get_module_ctx(r, ngx_http_sent_conv_module);

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "sent conv request finish: done:%d count:%d",
                   attempt->done, r->count);

    if (!attempt->done) {
        return;
    }

    ngx_http_finalize_request(r, NGX_DONE);
}


/* NGX_ERROR: the request is to be aborted */

ngx_int_t
ngx_http_sent_conv_request_post(ngx_http_request_t *r, ngx_str_t *uri,
    ngx_array_t *headers, ngx_str_t *body,
    ngx_http_post_subrequest_pt handler, void *data)
{
    ngx_connection_t            *c;
    ngx_http_request_t          *sr;
    ngx_http_post_subrequest_t  *ps;

    c = r->connection;

    ps = ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t));
    if (ps == NULL) {
        return NGX_ERROR;
    }

    ps->handler = handler;
    ps->data = data;

    if (ngx_http_subrequest(r, uri, NULL, &sr, ps,
                            NGX_HTTP_SUBREQUEST_IN_MEMORY)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_sent_conv_request_fill(sr, headers, body) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_run_posted_requests(c);

    /*
     * The receiver is a stranger: no header of its answer may lead into
     * this server.  Its status is the verdict: no "error_page" stands for it.
     */

    if (!c->destroyed && sr->upstream != NULL && sr->upstream->conf != NULL) {
        sr->upstream->conf->ignore_headers |=
                                            NGX_HTTP_UPSTREAM_IGN_XA_REDIRECT;
        sr->upstream->conf->intercept_errors = 0;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_sent_conv_request_fill(ngx_http_request_t *sr, ngx_array_t *headers,
    ngx_str_t *body)
{
    sr->method = NGX_HTTP_POST;
    ngx_str_set(&sr->method_name, "POST");

    if (ngx_http_sent_conv_request_body(sr, body) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_sent_conv_request_headers(sr, headers);
}


static ngx_int_t
ngx_http_sent_conv_request_body(ngx_http_request_t *sr, ngx_str_t *body)
{
    ngx_buf_t                *b;
    ngx_http_request_body_t  *rb;

    rb = ngx_pcalloc(sr->pool, sizeof(ngx_http_request_body_t));
    if (rb == NULL) {
        return NGX_ERROR;
    }

    rb->bufs = ngx_alloc_chain_link(sr->pool);
    if (rb->bufs == NULL) {
        return NGX_ERROR;
    }

    b = ngx_calloc_buf(sr->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = body->data;
    b->last = body->data + body->len;
    b->start = b->pos;
    b->end = b->last;
    b->memory = 1;
    b->last_buf = 1;

    rb->bufs->buf = b;
    rb->bufs->next = NULL;

    sr->request_body = rb;
    sr->headers_in.content_length_n = body->len;
    sr->headers_in.chunked = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_sent_conv_request_headers(ngx_http_request_t *sr,
    ngx_array_t *headers)
{
    ngx_uint_t        i;
    ngx_keyval_t     *kv;
    ngx_table_elt_t  *h;

    /*
     * ngx_http_subrequest() copies r->headers_in with its list, and
     * the "last" of the copy points into the parent: make a list anew
     */

    if (ngx_list_init(&sr->headers_in.headers, sr->pool, headers->nelts,
                      sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    kv = headers->elts;

    for (i = 0; i < headers->nelts; i++) {

        h = ngx_list_push(&sr->headers_in.headers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        ngx_memzero(h, sizeof(ngx_table_elt_t));

        h->key = kv[i].key;
        h->value = kv[i].value;
        h->lowcase_key = h->key.data;
        h->hash = ngx_hash_key(h->lowcase_key, h->key.len);

        if (h->key.len == sizeof("content-type") - 1
            && ngx_strncmp(h->lowcase_key, "content-type", h->key.len) == 0)
        {
            sr->headers_in.content_type = h;
        }
    }

    return NGX_OK;
}


/* its cleanup handlers run, then it is freed */

void
ngx_http_sent_conv_request_abort(ngx_http_request_t *r)
{
    ngx_connection_t  *c;

    r = r->main;
    c = r->connection;

    r->count++;

    ngx_http_finalize_request(r, NGX_ERROR);
    ngx_http_run_posted_requests(c);
}
