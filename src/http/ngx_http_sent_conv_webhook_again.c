
/*
 * What was sent once is sent once more: POST /v3/webhooks/{id}/recover, and
 * /v3/webhooks/{id}/events/{event_id}/replay.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static ngx_sent_conv_endpoint_t *ngx_http_sent_conv_again_webhook(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_replay_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_recover_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);


/* what goes to one that is off would come back at once */

static ngx_sent_conv_endpoint_t *
ngx_http_sent_conv_again_webhook(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_endpoint_t  *ep;

    ep = ngx_http_sent_conv_webhook_find(call);

    if (ep != NULL && !ep->is_active) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_CHANNEL,
                                 "The webhook is switched off: switch it on "
                                 "before events are sent to it again.");
        return NULL;
    }

    return ep;
}


void
ngx_http_sent_conv_webhook_replay(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                  rc;
    ngx_str_t                 *id;
    ngx_sent_conv_endpoint_t  *ep;

    ep = ngx_http_sent_conv_again_webhook(call);
    if (ep == NULL) {
        return;
    }

    id = ngx_http_sent_conv_webhook_event_id(call);
    if (id == NULL) {
        return;
    }

    rc = ngx_sent_conv_store_replay(call->store, call->customer, &ep->id, id,
                                    call->sandbox,
                                    ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_replay_done);
}


static void
ngx_http_sent_conv_replay_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_jw_t  w;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    if (result == NULL) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_EVENT, NULL);
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 2048);
    ngx_http_sent_conv_webhook_event_write(&w, "data", result);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_ACCEPTED);
}


void
ngx_http_sent_conv_webhook_recover(ngx_http_sent_conv_call_t *call)
{
    int64_t                    since;
    ngx_int_t                  rc;
    ngx_sent_conv_json_t      *value;
    ngx_sent_conv_recover_t   *recover;
    ngx_sent_conv_endpoint_t  *ep;

    since = 0;

    value = ngx_http_sent_conv_form_get(call, "since",
                                        NGX_SENT_CONV_JSON_STRING, 1);

    if (value != NULL) {
        since = ngx_sent_conv_time_parse(&value->text);

        if (since == NGX_ERROR) {
            ngx_http_sent_conv_form_fault(call, "since",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be a time as in RFC 3339");
        }
    }

    ep = ngx_http_sent_conv_again_webhook(call);
    if (ep == NULL) {
        return;
    }

    recover = ngx_pcalloc(call->request->pool,
                          sizeof(ngx_sent_conv_recover_t));
    if (recover == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->data = recover;

    recover->customer = call->customer;
    recover->endpoint = ep->id;
    recover->since = (uint64_t) since;
    recover->sandbox = call->sandbox;

    rc = ngx_sent_conv_store_recover(call->store, recover,
                                     ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_recover_done);
}


static void
ngx_http_sent_conv_recover_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    int64_t *count = result;

    ngx_sent_conv_jw_t        w;
    ngx_sent_conv_recover_t  *recover;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    recover = call->data;

    ngx_http_sent_conv_reply_open(call, &w, 256);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_str(&w, "webhook_id", &recover->endpoint);
    ngx_sent_conv_jw_time(&w, "since", recover->since);
    ngx_sent_conv_jw_int(&w, "events", *count);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_ACCEPTED);
}
