
/*
 * Idempotency-Key: one run per key; its answer is stored before it is sent,
 * and given again to whoever repeats.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


#define NGX_HTTP_SENT_CONV_IDEM_WAIT  5000
#define NGX_HTTP_SENT_CONV_IDEM_POLL  100


static void ngx_http_sent_conv_idem_try(ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_idem_begun(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_idem_hold(ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_idem_renew(ngx_event_t *ev);
static void ngx_http_sent_conv_idem_busy(ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_idem_again(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_idem_replay(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_idem_result_t *idem);
static ngx_uint_t ngx_http_sent_conv_idem_check(ngx_str_t *key);
static ngx_str_t *ngx_http_sent_conv_idem_scope(
    ngx_http_sent_conv_call_t *call);
static ngx_uint_t ngx_http_sent_conv_idem_kept(ngx_uint_t status);
static void ngx_http_sent_conv_idem_ended(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);


static ngx_str_t  ngx_http_sent_conv_idem_operator = ngx_string("operator");


void
ngx_http_sent_conv_idem_begin(ngx_http_sent_conv_call_t *call)
{
    if (!ngx_http_sent_conv_idem_check(&call->idem_key)) {
        ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_IDEM_KEY,
                                       "Idempotency-Key",
                                       "must be 1 to 255 characters of "
                                       "A-Z, a-z, 0-9, \"_\" and \"-\"");
        return;
    }

    if (call->sandbox) {
        call->route->run(call);
        return;
    }

    call->deadline = ngx_current_msec + NGX_HTTP_SENT_CONV_IDEM_WAIT;

    ngx_http_sent_conv_idem_try(call);
}


static void
ngx_http_sent_conv_idem_try(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t   rc;
    ngx_msec_t  lock;

    lock = (call->route->flags & NGX_HTTP_SENT_CONV_LONG)
           ? NGX_SENT_CONV_IDEM_LONG : NGX_SENT_CONV_IDEM_LOCK;

    rc = ngx_sent_conv_store_idem_begin(call->store,
                                        ngx_http_sent_conv_idem_scope(call),
                                        &call->idem_key, lock,
                                        ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_idem_begun);
}


static void
ngx_http_sent_conv_idem_begun(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_idem_result_t *idem = result;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    switch (idem->what) {

    case NGX_SENT_CONV_IDEM_NEW:
    case NGX_SENT_CONV_IDEM_AGAIN:

        call->id.len = idem->id.len;
        call->id.data = ngx_pstrdup(call->request->pool, &idem->id);
        if (call->id.data == NULL) {
            ngx_http_sent_conv_reply_abort(call);
            return;
        }

        call->held = 1;
        call->again = (idem->what == NGX_SENT_CONV_IDEM_AGAIN);

        if (call->route->flags & NGX_HTTP_SENT_CONV_LONG) {
            ngx_http_sent_conv_idem_hold(call);
        }

        call->route->run(call);
        return;

    case NGX_SENT_CONV_IDEM_BUSY:
        ngx_http_sent_conv_idem_busy(call);
        return;

    default: /* NGX_SENT_CONV_IDEM_DONE */
        ngx_http_sent_conv_idem_replay(call, idem);
    }
}


/* a lock is of seconds: who dies does not keep a repeat away for long */

static void
ngx_http_sent_conv_idem_hold(ngx_http_sent_conv_call_t *call)
{
    call->renew.handler = ngx_http_sent_conv_idem_renew;
    call->renew.data = call;
    call->renew.log = call->request->connection->log;
    call->renew.cancelable = 1;

    ngx_add_timer(&call->renew, NGX_SENT_CONV_IDEM_RENEW);
}


static void
ngx_http_sent_conv_idem_renew(ngx_event_t *ev)
{
    u_char                      buf[NGX_INT_T_LEN];
    ngx_str_t                   ms;
    ngx_http_sent_conv_call_t  *call;

    call = ev->data;

    if (!call->held) {
        return;
    }

    ms.data = buf;
    ms.len = ngx_sprintf(buf, "%d", NGX_SENT_CONV_IDEM_LONG) - buf;

    (void) ngx_sent_conv_store_idem_end(call->store,
                                        ngx_http_sent_conv_idem_scope(call),
                                        &call->idem_key, &call->id,
                                        NGX_SENT_CONV_IDEM_BUSY_ON, &ms, NULL,
                                        NULL);

    ngx_add_timer(ev, NGX_SENT_CONV_IDEM_RENEW);
}


static void
ngx_http_sent_conv_idem_busy(ngx_http_sent_conv_call_t *call)
{
    ngx_msec_int_t  left;

    left = (ngx_msec_int_t) (call->deadline - ngx_current_msec);

    if (left <= 0) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_IN_FLIGHT,
                                 NULL);
        return;
    }

    ngx_http_sent_conv_wait_timer(call,
                                  ngx_min(left, NGX_HTTP_SENT_CONV_IDEM_POLL),
                                  ngx_http_sent_conv_idem_again);
}


static void
ngx_http_sent_conv_idem_again(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_http_sent_conv_idem_try(call);
}


static void
ngx_http_sent_conv_idem_replay(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_idem_result_t *idem)
{
    ngx_str_t  body;

    body.len = idem->body.len;
    body.data = ngx_pstrdup(call->request->pool, &idem->body);
    if (body.data == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->replayed = 1;

    if (idem->status >= NGX_HTTP_BAD_REQUEST) {
        ngx_http_sent_conv_error_replayed(call, &body);
    }

    ngx_http_sent_conv_reply(call, idem->status, &body);
}


static ngx_uint_t
ngx_http_sent_conv_idem_check(ngx_str_t *key)
{
    u_char  ch;
    size_t  i;

    if (key->len < 1 || key->len > 255) {
        return 0;
    }

    for (i = 0; i < key->len; i++) {
        ch = key->data[i];

        if (!((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z')
              || (ch >= 'A' && ch <= 'Z') || ch == '_' || ch == '-'))
        {
            return 0;
        }
    }

    return 1;
}


static ngx_str_t *
ngx_http_sent_conv_idem_scope(ngx_http_sent_conv_call_t *call)
{
    if (call->slcf->role == NGX_HTTP_SENT_CONV_API
        || call->slcf->role == NGX_HTTP_SENT_CONV_DASHBOARD)
    {
        return &call->customer->id;
    }

    return &ngx_http_sent_conv_idem_operator;
}


static ngx_uint_t
ngx_http_sent_conv_idem_kept(ngx_uint_t status)
{
    return (status >= 200 && status < 300)
           || status == 404 || status == 409 || status == 412
           || status == 422;
}


/*
 * The answer is known.  Where the work's outcome is not, the record stays as
 * it is: a repeat runs again with the same id.
 */

void
ngx_http_sent_conv_idem_end(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t   rc;
    ngx_str_t  *body, none;

    call->held = 0;

    if (call->unknown && !call->unfinished) {
        ngx_http_sent_conv_durable_end(call);
        return;
    }

    if (call->unfinished || !ngx_http_sent_conv_idem_kept(call->status)) {
        ngx_str_null(&none);

        (void) ngx_sent_conv_store_idem_end(call->store,
                                      ngx_http_sent_conv_idem_scope(call),
                                      &call->idem_key, &call->id,
                                      call->unfinished
                                      ? NGX_SENT_CONV_IDEM_OPEN : 0, &none,
                                      NULL, NULL);

        ngx_http_sent_conv_durable_end(call);
        return;
    }

    body = (call->record.data != NULL) ? &call->record : &call->out;

    rc = ngx_sent_conv_store_idem_end(call->store,
                                      ngx_http_sent_conv_idem_scope(call),
                                      &call->idem_key, &call->id,
                                      call->status, body,
                                      ngx_http_sent_conv_wait_done, call);

    if (rc != NGX_OK) {
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNKNOWN);
        return;
    }

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_idem_ended);
}


static void
ngx_http_sent_conv_idem_ended(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNKNOWN);
        return;
    }

    ngx_http_sent_conv_durable_end(call);
}
