
/*
 * One attempt: a POST to an internal location, within its time, and the
 * verdict on it.
 */


#include "ngx_http_sent_conv_delivery.h"


static ngx_int_t ngx_http_sent_conv_attempt_done(ngx_http_request_t *sr,
    void *data, ngx_int_t rc);
static void ngx_http_sent_conv_attempt_read(ngx_http_request_t *sr,
    ngx_http_sent_conv_verdict_t *verdict);
static ngx_int_t ngx_http_sent_conv_attempt_retry_after(
    ngx_http_request_t *sr);
static void ngx_http_sent_conv_attempt_end(
    ngx_http_sent_conv_attempt_t *attempt,
    ngx_http_sent_conv_verdict_t *verdict);
static void ngx_http_sent_conv_attempt_timer(ngx_event_t *ev);
static void ngx_http_sent_conv_attempt_cleanup(void *data);


ngx_http_sent_conv_attempt_t *
ngx_http_sent_conv_attempt_create(ngx_http_sent_conv_outlet_t *outlet,
    ngx_sent_conv_metrics_kind_e kind, ngx_msec_t timeout,
    ngx_http_sent_conv_attempt_pt handler, void *data)
{
    ngx_connection_t                *c;
    ngx_http_cleanup_t              *cln;
    ngx_http_request_t              *r;
    ngx_http_sent_conv_attempt_t    *attempt;
    ngx_http_sent_conv_main_conf_t  *smcf;

    r = ngx_http_sent_conv_request_create(outlet->conf_ctx, &outlet->uri);
    if (r == NULL) {
        return NULL;
    }

    c = r->connection;

    attempt = ngx_pcalloc(r->pool, sizeof(ngx_http_sent_conv_attempt_t));
    if (attempt == NULL) {
        goto failed;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     attempt->url, host, ssl_name, body, answer = { 0, NULL };
     *     attempt->timer = all zero;
     */

    if (ngx_array_init(&attempt->headers, r->pool, 10, sizeof(ngx_keyval_t))
        != NGX_OK)
    {
        goto failed;
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        goto failed;
    }

    cln->handler = ngx_http_sent_conv_attempt_cleanup;
    cln->data = attempt;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_sent_conv_module);

    attempt->request = r;
    attempt->outlet = outlet;
    attempt->store = smcf->runtime;
    attempt->kind = kind;
    attempt->handler = handler;
    attempt->data = data;
    attempt->start = ngx_current_msec;

    attempt->timer.handler = ngx_http_sent_conv_attempt_timer;
    attempt->timer.data = attempt;
    attempt->timer.log = r->connection->log;

    ngx_http_set_ctx(r, attempt, ngx_http_sent_conv_module);

    ngx_add_timer(&attempt->timer, timeout);

    ngx_http_sent_conv_measure_begin(attempt);

    return attempt;

failed:

    ngx_http_free_request(r, 0);
    ngx_http_close_connection(c);

    return NULL;
}


/* name in lower case */

ngx_int_t
ngx_http_sent_conv_attempt_header(ngx_http_sent_conv_attempt_t *attempt,
    const char *name, ngx_str_t *value)
{
    ngx_keyval_t  *kv;

    kv = ngx_array_push(&attempt->headers);
    if (kv == NULL) {
        return NGX_ERROR;
    }

    kv->key.len = ngx_strlen(name);
    kv->key.data = (u_char *) name;
    kv->value = *value;

    return NGX_OK;
}


/*
 * The trace of the request that caused it, as it came: who makes no spans of
 * its own must not name any as a parent, which nobody would ever find.
 */

ngx_int_t
ngx_http_sent_conv_attempt_trace(ngx_http_sent_conv_attempt_t *attempt,
    ngx_str_t *trace)
{
    if (trace->len == 0) {
        return NGX_OK;
    }

    return ngx_http_sent_conv_attempt_header(attempt, "traceparent", trace);
}


void
ngx_http_sent_conv_attempt_post(ngx_http_sent_conv_attempt_t *attempt)
{
    attempt->posted = 1;

    if (ngx_http_sent_conv_request_post(attempt->request,
                                        &attempt->outlet->uri,
                                        &attempt->headers, &attempt->body,
                                        ngx_http_sent_conv_attempt_done,
                                        attempt)
        != NGX_OK)
    {
        ngx_http_sent_conv_attempt_fail(attempt, "there is no memory", 1);
    }
}


static ngx_int_t
ngx_http_sent_conv_attempt_done(ngx_http_request_t *sr, void *data,
    ngx_int_t rc)
{
    ngx_http_sent_conv_attempt_t *attempt = data;

    ngx_http_sent_conv_verdict_t  verdict;

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, sr->connection->log, 0,
                   "sent conv attempt done: rc:%i status:%ui done:%d",
                   rc, sr->headers_out.status, attempt->done);

    /*
     * NGX_OK keeps nginx from making an error page or from terminating.
     * The verdict is on the status: a response that was too big, for us or
     * for "subrequest_output_buffer_size", or was cut had one.
     */

    if (attempt->done) {
        return NGX_OK;
    }

    ngx_memzero(&verdict, sizeof(ngx_http_sent_conv_verdict_t));

    verdict.status = sr->headers_out.status;
    verdict.retry_after = NGX_ERROR;

    if (verdict.status == 0) {
        verdict.why = "no answer";

    } else if (verdict.status < 200 || verdict.status >= 300) {
        verdict.why = "the answer is not 2xx";
        verdict.retry_after = ngx_http_sent_conv_attempt_retry_after(sr);
    }

    if (attempt->brief) {
        ngx_http_sent_conv_answer_text(attempt, &verdict.answer);

    } else {
        ngx_http_sent_conv_attempt_read(sr, &verdict);
    }

    ngx_http_sent_conv_attempt_end(attempt, &verdict);

    return NGX_OK;
}


static void
ngx_http_sent_conv_attempt_read(ngx_http_request_t *sr,
    ngx_http_sent_conv_verdict_t *verdict)
{
    ngx_buf_t  *b;

    if (sr->out == NULL || sr->out->buf == NULL) {
        return;
    }

    b = sr->out->buf;

    verdict->answer.data = b->pos;
    verdict->answer.len = b->last - b->pos;
}


static ngx_int_t
ngx_http_sent_conv_attempt_retry_after(ngx_http_request_t *sr)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &sr->headers_out.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                break;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].hash != 0
            && h[i].key.len == sizeof("Retry-After") - 1
            && ngx_strncasecmp(h[i].key.data, (u_char *) "Retry-After",
                               h[i].key.len)
               == 0)
        {
            return ngx_sent_conv_retry_after(&h[i].value, ngx_time());
        }
    }

    return NGX_ERROR;
}


static void
ngx_http_sent_conv_attempt_end(ngx_http_sent_conv_attempt_t *attempt,
    ngx_http_sent_conv_verdict_t *verdict)
{
    attempt->done = 1;

    if (attempt->timer.timer_set) {
        ngx_del_timer(&attempt->timer);
    }

    if (attempt->resolving) {
        attempt->resolving = 0;
        ngx_http_sent_conv_resolve_cancel(&attempt->resolve);
    }

    verdict->elapsed = ngx_current_msec - attempt->start;

    ngx_http_sent_conv_measure_end(attempt, verdict);

    attempt->handler(attempt->data, verdict);
}


void
ngx_http_sent_conv_attempt_fail(ngx_http_sent_conv_attempt_t *attempt,
    const char *why, ngx_uint_t aborted)
{
    ngx_http_sent_conv_verdict_t  verdict;

    if (!attempt->done) {
        ngx_memzero(&verdict, sizeof(ngx_http_sent_conv_verdict_t));

        verdict.retry_after = NGX_ERROR;
        verdict.why = why;
        verdict.aborted = aborted ? 1 : 0;

        ngx_http_sent_conv_attempt_end(attempt, &verdict);
    }

    ngx_http_sent_conv_request_abort(attempt->request);
}


static void
ngx_http_sent_conv_attempt_timer(ngx_event_t *ev)
{
    ngx_http_sent_conv_attempt_t  *attempt;

    attempt = ev->data;

    attempt->late = 1;

    ngx_http_sent_conv_attempt_fail(attempt, "it took too long", 0);
}


/* runs on every way out, also those that nginx chose */

static void
ngx_http_sent_conv_attempt_cleanup(void *data)
{
    ngx_http_sent_conv_attempt_t *attempt = data;

    ngx_http_sent_conv_verdict_t  verdict;

    if (attempt->done) {
        return;
    }

    ngx_memzero(&verdict, sizeof(ngx_http_sent_conv_verdict_t));

    verdict.retry_after = NGX_ERROR;
    verdict.why = "nginx ended it";
    verdict.aborted = (ngx_exiting || ngx_terminate);

    ngx_http_sent_conv_attempt_end(attempt, &verdict);
}
