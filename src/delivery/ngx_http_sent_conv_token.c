
/*
 * Access tokens of carriers that want one: fetched when the worker starts,
 * renewed ahead of their end, fetched anew when a carrier refuses one.
 */


#include "ngx_http_sent_conv_delivery.h"


/* ms */
#define NGX_HTTP_SENT_CONV_TOKEN_TIMEOUT  10000
#define NGX_HTTP_SENT_CONV_TOKEN_MIN      1000
#define NGX_HTTP_SENT_CONV_TOKEN_MAX      60000

/* of a token's life, after which the next one is fetched; percent */
#define NGX_HTTP_SENT_CONV_TOKEN_RENEW    80


typedef struct {
    ngx_http_sent_conv_outlet_t   outlet;    /* to where tokens are given */
    ngx_http_sent_conv_queue_t   *q;
    ngx_str_t                     value;     /* of ngx_alloc(), or empty */
    ngx_msec_t                    ends;
    ngx_uint_t                    failures;  /* in a row */
    ngx_msec_t                    fetched;   /* when the last was begun */
    ngx_event_t                   timer;     /* cancelable */

    unsigned                      running:1;
    unsigned                      refused:1; /* by the carrier */
    unsigned                      told:1;    /* in the log */
} ngx_http_sent_conv_token_t;


static void ngx_http_sent_conv_token_timer(ngx_event_t *ev);
static void ngx_http_sent_conv_token_fetch(ngx_http_sent_conv_token_t *token);
static const char *ngx_http_sent_conv_token_build(
    ngx_http_sent_conv_token_t *token, ngx_http_sent_conv_attempt_t *attempt);
static void ngx_http_sent_conv_token_done(void *data,
    ngx_http_sent_conv_verdict_t *verdict);
static ngx_int_t ngx_http_sent_conv_token_take(
    ngx_http_sent_conv_token_t *token, ngx_str_t *answer, time_t *life);
static void ngx_http_sent_conv_token_failed(
    ngx_http_sent_conv_token_t *token, const char *why, ngx_uint_t status);


ngx_int_t
ngx_http_sent_conv_token_init(ngx_http_sent_conv_queue_t *q)
{
    ngx_uint_t                    i;
    ngx_http_sent_conv_token_t   *token;
    ngx_http_sent_conv_outlet_t  *outlet;

    outlet = q->smcf->outlets.elts;

    for (i = 0; i < q->smcf->outlets.nelts; i++) {

        outlet[i].token = NULL;

        if (outlet[i].slcf->account == NULL) {
            continue;
        }

        token = ngx_pcalloc(q->cycle->pool,
                            sizeof(ngx_http_sent_conv_token_t));
        if (token == NULL) {
            return NGX_ERROR;
        }

        token->q = q;
        token->outlet = outlet[i];
        token->outlet.uri = outlet[i].slcf->token_uri;

        token->timer.handler = ngx_http_sent_conv_token_timer;
        token->timer.data = token;
        token->timer.log = q->cycle->log;
        token->timer.cancelable = 1;

        outlet[i].token = token;

        ngx_add_timer(&token->timer, 1);
    }

    return NGX_OK;
}


void
ngx_http_sent_conv_token_exit(ngx_http_sent_conv_queue_t *q)
{
    ngx_uint_t                    i;
    ngx_http_sent_conv_token_t   *token;
    ngx_http_sent_conv_outlet_t  *outlet;

    outlet = q->smcf->outlets.elts;

    for (i = 0; i < q->smcf->outlets.nelts; i++) {
        token = outlet[i].token;

        if (token == NULL) {
            continue;
        }

        outlet[i].token = NULL;

        if (token->timer.timer_set) {
            ngx_del_timer(&token->timer);
        }

        if (token->value.data != NULL) {
            ngx_explicit_memzero(token->value.data, token->value.len);
            ngx_free(token->value.data);
            ngx_str_null(&token->value);
        }
    }
}


/* NULL: there is none that is good, or none is needed */

ngx_str_t *
ngx_http_sent_conv_token(ngx_http_sent_conv_outlet_t *outlet)
{
    ngx_http_sent_conv_token_t  *token;

    token = outlet->token;

    if (token == NULL || token->value.len == 0 || token->refused
        || (ngx_msec_int_t) (token->ends - ngx_current_msec) <= 0)
    {
        return NULL;
    }

    return &token->value;
}


/* those that were on their way with it are refused, too: one is fetched */

void
ngx_http_sent_conv_token_expired(ngx_http_sent_conv_outlet_t *outlet)
{
    ngx_msec_t                   since;
    ngx_http_sent_conv_token_t  *token;

    token = outlet->token;

    if (token == NULL || token->refused || token->running) {
        return;
    }

    since = ngx_current_msec - token->fetched;
    token->refused = 1;

    ngx_log_error(NGX_LOG_WARN, token->q->cycle->log, 0,
                  "sent conv carrier \"%V\" refused its access token, another "
                  "is fetched", &outlet->carrier);

    if (ngx_exiting || ngx_terminate) {
        return;
    }

    ngx_add_timer(&token->timer, since < NGX_HTTP_SENT_CONV_TOKEN_MIN
                                 ? NGX_HTTP_SENT_CONV_TOKEN_MIN : 1);
}


static void
ngx_http_sent_conv_token_timer(ngx_event_t *ev)
{
    if (ngx_exiting || ngx_terminate) {
        return;
    }

    ngx_http_sent_conv_token_fetch(ev->data);
}


static void
ngx_http_sent_conv_token_fetch(ngx_http_sent_conv_token_t *token)
{
    const char                    *why;
    ngx_http_sent_conv_attempt_t  *attempt;

    if (token->running) {
        return;
    }

    token->fetched = ngx_current_msec;

    attempt = ngx_http_sent_conv_attempt_create(&token->outlet,
                                        NGX_SENT_CONV_M_TOKENS,
                                        NGX_HTTP_SENT_CONV_TOKEN_TIMEOUT,
                                        ngx_http_sent_conv_token_done, token);
    if (attempt == NULL) {
        ngx_http_sent_conv_token_failed(token,
                                        "there is no memory or connection", 0);
        return;
    }

    token->running = 1;

    why = ngx_http_sent_conv_token_build(token, attempt);

    if (why != NULL) {
        ngx_http_sent_conv_attempt_fail(attempt, why, 0);
        return;
    }

    ngx_http_sent_conv_attempt_post(attempt);
}


static const char *
ngx_http_sent_conv_token_build(ngx_http_sent_conv_token_t *token,
    ngx_http_sent_conv_attempt_t *attempt)
{
    static ngx_str_t  type = ngx_string("application/x-www-form-urlencoded");

    switch (ngx_sent_conv_carrier_token_request(attempt->request->pool,
                                                token->outlet.slcf->account,
                                                ngx_time(), &attempt->body))
    {
    case NGX_OK:
        break;

    case NGX_DECLINED:
        return "the account's key does not sign";

    default:
        return "there is no memory";
    }

    if (ngx_http_sent_conv_attempt_header(attempt, "content-type", &type)
        != NGX_OK)
    {
        return "there is no memory";
    }

    return NULL;
}


static void
ngx_http_sent_conv_token_done(void *data,
    ngx_http_sent_conv_verdict_t *verdict)
{
    ngx_http_sent_conv_token_t *token = data;

    time_t  life;

    token->running = 0;

    if (token->q->closed || ngx_exiting || ngx_terminate) {
        return;
    }

    if (verdict->status < 200 || verdict->status >= 300) {
        ngx_http_sent_conv_token_failed(token, verdict->why
                                               ? verdict->why : "no answer",
                                        verdict->status);
        return;
    }

    if (ngx_http_sent_conv_token_take(token, &verdict->answer, &life)
        != NGX_OK)
    {
        ngx_http_sent_conv_token_failed(token, "there is none in the answer",
                                        verdict->status);
        return;
    }

    if (token->failures) {
        ngx_log_error(NGX_LOG_NOTICE, token->q->cycle->log, 0,
                      "sent conv carrier \"%V\" has an access token again",
                      &token->outlet.carrier);
    }

    token->failures = 0;
    token->refused = 0;
    token->told = 0;
    token->ends = ngx_current_msec + (ngx_msec_t) life * 1000;

    ngx_add_timer(&token->timer, (ngx_msec_t) life * 10
                                 * NGX_HTTP_SENT_CONV_TOKEN_RENEW);
}


static ngx_int_t
ngx_http_sent_conv_token_take(ngx_http_sent_conv_token_t *token,
    ngx_str_t *answer, time_t *life)
{
    u_char      *p;
    ngx_int_t    rc;
    ngx_str_t    value;
    ngx_pool_t  *pool;

    pool = ngx_create_pool(4096, token->q->cycle->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_carrier_token_answer(pool, answer, &value, life);
    p = NULL;

    if (rc == NGX_OK) {
        p = ngx_alloc(value.len, token->q->cycle->log);
    }

    if (p != NULL) {
        ngx_memcpy(p, value.data, value.len);

        if (token->value.data != NULL) {
            ngx_free(token->value.data);
        }

        token->value.data = p;
        token->value.len = value.len;
    }

    ngx_destroy_pool(pool);

    return p ? NGX_OK : NGX_ERROR;
}


/* the one that is there may be good for a while, and the log knows enough */

static void
ngx_http_sent_conv_token_failed(ngx_http_sent_conv_token_t *token,
    const char *why, ngx_uint_t status)
{
    ngx_msec_t  delay;

    delay = ngx_sent_conv_retry_carrier(NGX_HTTP_SENT_CONV_TOKEN_MIN,
                                        NGX_HTTP_SENT_CONV_TOKEN_MAX,
                                        ++token->failures,
                                        (uint32_t) ngx_random());

    if (!token->told || token->failures % 8 == 0) {
        ngx_log_error(NGX_LOG_ERR, token->q->cycle->log, 0,
                      "sent conv carrier \"%V\": no access token, %s, status "
                      "%ui, %ui times in a row", &token->outlet.carrier, why,
                      status, token->failures);
        token->told = 1;
    }

    ngx_add_timer(&token->timer, delay);
}
