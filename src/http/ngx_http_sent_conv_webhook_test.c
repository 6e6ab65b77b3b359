
/*
 * POST /v3/webhooks/{id}/test: one example of an event, delivered once, and
 * what came of it.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


typedef struct {
    ngx_sent_conv_trial_t         trial;
    ngx_http_sent_conv_sample_t   sample;
    ngx_http_sent_conv_event_t   *event;
} ngx_http_sent_conv_test_t;


static ngx_http_sent_conv_event_t *ngx_http_sent_conv_test_type(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_test_tried(void *data);
static void ngx_http_sent_conv_test_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_test_reply(ngx_http_sent_conv_call_t *call,
    const char *message);


void
ngx_http_sent_conv_webhook_test(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                   rc;
    ngx_sent_conv_endpoint_t   *ep;
    ngx_http_sent_conv_test_t  *test;

    ep = ngx_http_sent_conv_webhook_find(call);
    if (ep == NULL) {
        return;
    }

    test = ngx_pcalloc(call->request->pool,
                       sizeof(ngx_http_sent_conv_test_t));
    if (test == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->data = test;
    test->event = ngx_http_sent_conv_test_type(call);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    if (ngx_http_sent_conv_webhook_sample(call, test->event, &test->sample)
        != NGX_OK)
    {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (ep->secrets[0].text.len == 0) {
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNSENT);
        return;
    }

    if (call->sandbox) {
        ngx_http_sent_conv_test_reply(call, "Sandbox: nothing was sent");
        return;
    }

    test->trial.endpoint = ep;
    test->trial.item = test->sample.item;
    test->trial.handler = ngx_http_sent_conv_test_tried;
    test->trial.data = call;

    rc = (call->store->trial == NULL) ? NGX_DECLINED
         : call->store->trial(call->store->delivery, &test->trial);

    if (rc == NGX_BUSY) {
        call->unsent = 1;
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_RATE,
                                 "A test is on its way; wait for its end.");
        return;
    }

    ngx_http_sent_conv_wait_other(call, rc, ngx_http_sent_conv_test_done);
}


static ngx_http_sent_conv_event_t *
ngx_http_sent_conv_test_type(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_json_t        *value;
    ngx_http_sent_conv_event_t  *event;

    value = ngx_http_sent_conv_form_get(call, "event_type",
                                        NGX_SENT_CONV_JSON_STRING, 1);
    if (value == NULL) {
        return NULL;
    }

    event = ngx_http_sent_conv_event_find(&value->text);

    if (event == NULL) {
        ngx_http_sent_conv_form_fault(call, "event_type",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "must be a type of events, as "
                                      "\"message.sent\"");
    }

    return event;
}


static void
ngx_http_sent_conv_test_tried(void *data)
{
    ngx_http_sent_conv_wait_done(data, NGX_SENT_CONV_OK, NULL);
}


static void
ngx_http_sent_conv_test_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    u_char                     *p;
    ngx_sent_conv_trial_t      *trial;
    ngx_http_sent_conv_test_t  *test;

    test = call->data;
    trial = &test->trial;

    if (trial->aborted) {

        /* it may have arrived: a repeat is the same event */

        call->unfinished = 1;
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNKNOWN);
        return;
    }

    if (trial->why == NULL) {
        ngx_http_sent_conv_test_reply(call,
                                      "Test event delivered successfully");
        return;
    }

    p = ngx_pnalloc(call->request->pool, ngx_strlen(trial->why)
                                         + sizeof("Test event failed: "));
    if (p == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    (void) ngx_sprintf(p, "Test event failed: %s%Z", trial->why);

    ngx_http_sent_conv_test_reply(call, (char *) p);
}


static void
ngx_http_sent_conv_test_reply(ngx_http_sent_conv_call_t *call,
    const char *message)
{
    ngx_str_t                   answer;
    ngx_sent_conv_jw_t          w;
    ngx_sent_conv_trial_t      *trial;
    ngx_http_sent_conv_test_t  *test;

    test = call->data;
    trial = &test->trial;

    answer.data = trial->answer;
    answer.len = trial->len;

    ngx_http_sent_conv_reply_open(call, &w, 512 + 2 * answer.len);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_bool(&w, "success", trial->why == NULL);
    ngx_sent_conv_jw_cstr(&w, "message", message);
    ngx_sent_conv_jw_str(&w, "event_id", &test->sample.id);
    ngx_sent_conv_jw_cstr(&w, "event_type", test->event->type);

    if (trial->status) {
        ngx_sent_conv_jw_int(&w, "http_status_code", trial->status);
        ngx_sent_conv_jw_str(&w, "response_body", &answer);

    } else {
        ngx_sent_conv_jw_null(&w, "http_status_code");
        ngx_sent_conv_jw_null(&w, "response_body");
    }

    ngx_sent_conv_jw_cstr(&w, "error_message", trial->why);
    ngx_sent_conv_jw_int(&w, "duration_ms", trial->elapsed);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}
