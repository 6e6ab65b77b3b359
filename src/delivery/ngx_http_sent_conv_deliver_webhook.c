
/*
 * An attempt at a webhook: its address and headers.
 */


#include "ngx_http_sent_conv_delivery.h"


typedef struct {
    ngx_str_t                  id;
    ngx_str_t                  type;
    ngx_str_t                  trace;        /* or empty */
    ngx_str_t                  body;
    ngx_uint_t                 turn;         /* attempts before this one */
} ngx_http_sent_conv_event_t;


static const char *ngx_http_sent_conv_webhook_build(
    ngx_http_sent_conv_attempt_t *attempt, ngx_sent_conv_endpoint_t *endpoint,
    ngx_str_t *item, ngx_uint_t turn);
static ngx_int_t ngx_http_sent_conv_webhook_event(ngx_pool_t *pool,
    ngx_str_t *item, ngx_http_sent_conv_event_t *event);
static ngx_int_t ngx_http_sent_conv_webhook_headers(
    ngx_http_sent_conv_attempt_t *attempt, ngx_http_sent_conv_event_t *event,
    ngx_sent_conv_endpoint_t *endpoint);
static void ngx_http_sent_conv_webhook_resolved(void *data, ngx_int_t rc,
    const char *why, struct sockaddr *sockaddr, socklen_t socklen);
static ngx_int_t ngx_http_sent_conv_webhook_url(
    ngx_http_sent_conv_attempt_t *attempt, struct sockaddr *sockaddr,
    socklen_t socklen);


static ngx_str_t  ngx_http_sent_conv_json_type =
    ngx_string("application/json");
static ngx_str_t  ngx_http_sent_conv_agent = ngx_string("sent_conv/1.0");


void
ngx_http_sent_conv_webhook_start(ngx_http_sent_conv_lane_t *lane)
{
    ngx_sent_conv_endpoint_t      *endpoint;
    ngx_http_sent_conv_verdict_t   verdict;
    ngx_http_sent_conv_attempt_t  *attempt;

    endpoint = ngx_sent_conv_customer_endpoint(lane->customer,
                                               &lane->endpoint);

    attempt = ngx_http_sent_conv_attempt_create(
                                ngx_http_sent_conv_outlet(lane->q->smcf, NULL),
                                NGX_SENT_CONV_M_WEBHOOKS,
                                endpoint->timeout * 1000,
                                ngx_http_sent_conv_webhook_done, lane);
    if (attempt == NULL) {
        ngx_memzero(&verdict, sizeof(ngx_http_sent_conv_verdict_t));
        verdict.why = "there is no memory or connection";
        verdict.aborted = 1;

        ngx_http_sent_conv_webhook_done(lane, &verdict);
        return;
    }

    lane->attempt = attempt;

    ngx_http_sent_conv_webhook_post(lane->q, attempt, endpoint, &lane->item,
                                    lane->attempts);
}


void
ngx_http_sent_conv_webhook_post(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_attempt_t *attempt, ngx_sent_conv_endpoint_t *endpoint,
    ngx_str_t *item, ngx_uint_t turn)
{
    const char                *why;
    ngx_http_core_loc_conf_t  *clcf;

    attempt->brief = 1;

    why = ngx_http_sent_conv_webhook_build(attempt, endpoint, item, turn);

    if (why != NULL) {
        ngx_http_sent_conv_attempt_fail(attempt, why, 0);
        return;
    }

    clcf = attempt->outlet->conf_ctx->loc_conf[
                                             ngx_http_core_module.ctx_index];

    attempt->resolving = 1;

    ngx_http_sent_conv_resolve(&attempt->resolve, clcf, &q->smcf->networks,
                               attempt->request->pool, &attempt->parsed.host,
                               attempt->parsed.port,
                               ngx_http_sent_conv_webhook_resolved, attempt);
}


static const char *
ngx_http_sent_conv_webhook_build(ngx_http_sent_conv_attempt_t *attempt,
    ngx_sent_conv_endpoint_t *endpoint, ngx_str_t *item, ngx_uint_t turn)
{
    char                        *err;
    ngx_pool_t                  *pool;
    ngx_http_sent_conv_event_t   event;

    pool = attempt->request->pool;

    if (ngx_sent_conv_url_parse(pool, &endpoint->url, &attempt->parsed, &err)
        != NGX_OK)
    {
        return "its URL cannot be read";
    }

    if (ngx_http_sent_conv_webhook_event(pool, item, &event) != NGX_OK) {
        return "the event cannot be read";
    }

    event.turn = turn;

    if (ngx_http_sent_conv_webhook_headers(attempt, &event, endpoint)
        != NGX_OK)
    {
        return "it cannot be signed";
    }

    attempt->body = event.body;

    return NULL;
}


/*
 * "<event id> <event type>[;trace] <body>"; copied, for it outlives the lane's
 * item
 */

static ngx_int_t
ngx_http_sent_conv_webhook_event(ngx_pool_t *pool, ngx_str_t *item,
    ngx_http_sent_conv_event_t *event)
{
    u_char  *p, *last;

    event->id.data = ngx_pstrdup(pool, item);
    if (event->id.data == NULL) {
        return NGX_ERROR;
    }

    p = event->id.data;
    last = p + item->len;

    p = ngx_strlchr(p, last, ' ');
    if (p == NULL) {
        return NGX_ERROR;
    }

    event->id.len = p - event->id.data;
    event->type.data = ++p;

    p = ngx_strlchr(p, last, ' ');
    if (p == NULL) {
        return NGX_ERROR;
    }

    event->type.len = p - event->type.data;
    event->body.data = ++p;
    event->body.len = last - p;

    ngx_str_null(&event->trace);

    last = event->type.data + event->type.len;
    p = ngx_strlchr(event->type.data, last, ';');

    if (p != NULL) {
        event->type.len = p - event->type.data;
        event->trace.data = ++p;
        event->trace.len = last - p;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_sent_conv_webhook_headers(ngx_http_sent_conv_attempt_t *attempt,
    ngx_http_sent_conv_event_t *event, ngx_sent_conv_endpoint_t *endpoint)
{
    ngx_str_t  id, timestamp;

    /* the request outlives the customer that the endpoint is a part of */

    id.len = endpoint->id.len;
    id.data = ngx_pstrdup(attempt->request->pool, &endpoint->id);
    if (id.data == NULL) {
        return NGX_ERROR;
    }

    timestamp.data = ngx_pnalloc(attempt->request->pool, NGX_TIME_T_LEN);
    if (timestamp.data == NULL) {
        return NGX_ERROR;
    }

    timestamp.len = ngx_sprintf(timestamp.data, "%T", ngx_time())
                    - timestamp.data;

    if (ngx_http_sent_conv_attempt_header(attempt, "content-type",
                                          &ngx_http_sent_conv_json_type)
        != NGX_OK
        || ngx_http_sent_conv_attempt_header(attempt, "user-agent",
                                             &ngx_http_sent_conv_agent)
           != NGX_OK
        || ngx_http_sent_conv_attempt_header(attempt, "x-webhook-id", &id)
           != NGX_OK
        || ngx_http_sent_conv_attempt_header(attempt, "x-webhook-timestamp",
                                             &timestamp)
           != NGX_OK
        || ngx_http_sent_conv_attempt_header(attempt, "x-webhook-event-type",
                                             &event->type)
           != NGX_OK
        || ngx_http_sent_conv_attempt_header(attempt, "webhook-id",
                                             &event->id)
           != NGX_OK
        || ngx_http_sent_conv_attempt_header(attempt, "webhook-timestamp",
                                             &timestamp)
           != NGX_OK
        || ngx_http_sent_conv_attempt_trace(attempt, &event->trace) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_sent_conv_webhook_sign(attempt, endpoint, &event->id,
                                           &timestamp, &event->body,
                                           event->turn);
}


static void
ngx_http_sent_conv_webhook_resolved(void *data, ngx_int_t rc,
    const char *why, struct sockaddr *sockaddr, socklen_t socklen)
{
    ngx_http_sent_conv_attempt_t *attempt = data;

    attempt->resolving = 0;

    if (rc != NGX_OK) {
        ngx_http_sent_conv_attempt_fail(attempt, why, 0);
        return;
    }

    if (ngx_http_sent_conv_webhook_url(attempt, sockaddr, socklen)
        != NGX_OK)
    {
        ngx_http_sent_conv_attempt_fail(attempt, "there is no memory", 1);
        return;
    }

    ngx_http_sent_conv_attempt_post(attempt);
}


static ngx_int_t
ngx_http_sent_conv_webhook_url(ngx_http_sent_conv_attempt_t *attempt,
    struct sockaddr *sockaddr, socklen_t socklen)
{
    u_char               *p;
    ngx_pool_t           *pool;
    ngx_sent_conv_url_t  *url;

    pool = attempt->request->pool;
    url = &attempt->parsed;

    p = ngx_pnalloc(pool, sizeof("https://") - 1 + NGX_SOCKADDR_STRLEN
                          + url->uri.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    attempt->url.data = p;

    p = ngx_cpystrn(p, (u_char *) (url->tls ? "https://" : "http://"),
                    sizeof("https://"));
    p += ngx_sock_ntop(sockaddr, socklen, p, NGX_SOCKADDR_STRLEN, 1);
    p = ngx_cpymem(p, url->uri.data, url->uri.len);

    attempt->url.len = p - attempt->url.data;

    attempt->ssl_name = url->host;

    p = ngx_pnalloc(pool, url->host.len + sizeof("[]:65535") - 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    attempt->host.data = p;

    p = ngx_sprintf(p, url->ipv6 ? "[%V]" : "%V", &url->host);

    if (!url->default_port) {
        p = ngx_sprintf(p, ":%ui", (ngx_uint_t) url->port);
    }

    attempt->host.len = p - attempt->host.data;

    return NGX_OK;
}
