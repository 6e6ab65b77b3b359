
/*
 * A call: its context, what is read of its request's head, its path.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static void ngx_http_sent_conv_call_cleanup(void *data);
static void ngx_http_sent_conv_call_request_id(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_call_headers(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_call_trace(ngx_http_sent_conv_call_t *call,
    ngx_str_t *value, ngx_uint_t before);
static void ngx_http_sent_conv_call_path(ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_call_dashboard(
    ngx_http_sent_conv_call_t *call);


ngx_http_sent_conv_call_t *
ngx_http_sent_conv_call_create(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t         *cln;
    ngx_http_sent_conv_call_t  *call;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_sent_conv_call_t));
    if (cln == NULL) {
        return NULL;
    }

    call = cln->data;
    ngx_memzero(call, sizeof(ngx_http_sent_conv_call_t));

    cln->handler = ngx_http_sent_conv_call_cleanup;

    call->request = r;
    call->smcf = ngx_http_get_module_main_conf(r, ngx_http_sent_conv_module);
    call->slcf = ngx_http_get_module_loc_conf(r, ngx_http_sent_conv_module);
    call->store = call->smcf->runtime;

    ngx_str_set(&call->type, "application/json");

    ngx_http_sent_conv_call_request_id(call);
    ngx_http_sent_conv_call_headers(call);
    ngx_http_sent_conv_call_path(call);
    ngx_http_sent_conv_query_blank(call);

    return call;
}


static void
ngx_http_sent_conv_call_cleanup(void *data)
{
    ngx_http_sent_conv_call_t  *call = data;

    ngx_http_sent_conv_measure(call);

    if (call->timer.timer_set) {
        ngx_del_timer(&call->timer);
    }

    if (call->renew.timer_set) {
        ngx_del_timer(&call->renew);
    }

    if (call->customer != NULL) {
        ngx_sent_conv_customer_release(call->customer);
        call->customer = NULL;
    }
}


/* the module's context of a request belongs to delivery */

ngx_http_sent_conv_call_t *
ngx_http_sent_conv_call_of(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t  *cln;

    for (cln = r->pool->cleanup; cln != NULL; cln = cln->next) {

        if (cln->handler == ngx_http_sent_conv_call_cleanup
            && ((ngx_http_sent_conv_call_t *) cln->data)->request == r)
        {
            return cln->data;
        }
    }

    return NULL;
}


static void
ngx_http_sent_conv_call_request_id(ngx_http_sent_conv_call_t *call)
{
    u_char       bytes[12];
    uint32_t     n;
    ngx_time_t  *tp;
    ngx_uint_t   i;

    for (i = 0; i < 3; i++) {
        n = (uint32_t) ngx_random() * 2654435761u
            ^ (uint32_t) (call->request->connection->number >> i);
        ngx_memcpy(&bytes[i * 4], &n, sizeof(uint32_t));
    }

    tp = ngx_timeofday();

    ngx_memcpy(call->request_id_buf, "req_", 4);
    ngx_sent_conv_uuid7(&call->request_id_buf[4],
                        (uint64_t) tp->sec * 1000 + tp->msec, bytes, NULL);

    call->request_id.data = call->request_id_buf;
    call->request_id.len = 4 + NGX_SENT_CONV_UUID_LEN;
}


static void
ngx_http_sent_conv_call_headers(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t        *value, *signature;
    ngx_uint_t        i, traces;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    traces = 0;
    signature = call->slcf->format ? &call->slcf->format->signature : NULL;

    part = &call->request->headers_in.headers.part;
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

        value = NULL;

        switch (h[i].key.len) {

        case sizeof("traceparent") - 1:
            if (ngx_memcmp(h[i].lowcase_key, "traceparent", 11) == 0) {
                ngx_http_sent_conv_call_trace(call, &h[i].value, traces++);
            }
            break;

        case sizeof("x-api-key") - 1:
            if (ngx_memcmp(h[i].lowcase_key, "x-api-key", 9) == 0) {
                value = &call->api_key;
            }
            break;

        case sizeof("idempotency-key") - 1:
            if (ngx_memcmp(h[i].lowcase_key, "idempotency-key", 15) == 0) {
                value = &call->idem_key;
            }
            break;

        }

        /* a carrier's own, by its format */

        if (signature != NULL && signature->len == h[i].key.len
            && ngx_memcmp(h[i].lowcase_key, signature->data, signature->len)
               == 0)
        {
            value = &call->signature;
        }

        if (value != NULL && value->data == NULL) {
            *value = h[i].value;
        }
    }
}


/* two of them are none */

static void
ngx_http_sent_conv_call_trace(ngx_http_sent_conv_call_t *call,
    ngx_str_t *value, ngx_uint_t before)
{
    ngx_str_null(&call->trace);

    if (before == 0
        && ngx_sent_conv_trace_parse(value, call->trace_buf) == NGX_OK)
    {
        call->trace.len = NGX_SENT_CONV_TRACE_LEN;
        call->trace.data = call->trace_buf;
    }
}


/*
 * Of the API: absolute; of the others: behind the location's own.  What the
 * page asks for beyond its own routes is the API's.
 */

static void
ngx_http_sent_conv_call_path(ngx_http_sent_conv_call_t *call)
{
    size_t                     len;
    ngx_http_request_t        *r;
    ngx_http_core_loc_conf_t  *clcf;

    r = call->request;
    call->path = r->uri;
    call->role = call->slcf->role;

    if (call->role != NGX_HTTP_SENT_CONV_ADMIN
        && call->role != NGX_HTTP_SENT_CONV_SANDBOX
        && call->role != NGX_HTTP_SENT_CONV_DASHBOARD)
    {
        return;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    len = clcf->name.len;

#if (NGX_PCRE)
    if (clcf->regex != NULL) {
        return;
    }
#endif

    if (len > 0 && clcf->name.data[len - 1] == '/') {
        len--;
    }

    if (r->uri.len > len && r->uri.data[len] == '/'
        && ngx_strncmp(r->uri.data, clcf->name.data, len) == 0)
    {
        call->path.data += len;
        call->path.len -= len;
    }

    if (call->role == NGX_HTTP_SENT_CONV_DASHBOARD) {
        ngx_http_sent_conv_call_dashboard(call);
    }
}


static void
ngx_http_sent_conv_call_dashboard(ngx_http_sent_conv_call_t *call)
{
    u_char      *p;
    ngx_uint_t   i;

    static ngx_str_t  own[] = {
        ngx_string("/session"),
        ngx_string("/settings"),
        ngx_string("/changes"),
        ngx_string("/phone"),
        ngx_null_string
    };

    for (i = 0; own[i].len; i++) {

        if (call->path.len == own[i].len
            && ngx_memcmp(call->path.data, own[i].data, own[i].len) == 0)
        {
            return;
        }
    }

    p = ngx_pnalloc(call->request->pool, sizeof("/v3") + call->path.len);
    if (p == NULL) {
        return;
    }

    call->role = NGX_HTTP_SENT_CONV_API;
    call->path.len = ngx_sprintf(p, "/v3%V", &call->path) - p;
    call->path.data = p;
}


ngx_int_t
ngx_http_sent_conv_call_header(ngx_http_sent_conv_call_t *call,
    const char *name, ngx_str_t *value)
{
    size_t            len;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    len = ngx_strlen(name);
    part = &call->request->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                return NGX_DECLINED;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].key.len == len
            && ngx_memcmp(h[i].lowcase_key, name, len) == 0)
        {
            *value = h[i].value;
            return NGX_OK;
        }
    }
}
