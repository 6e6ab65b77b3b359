
/*
 * POST /v3/conversations/messages: a freeform message into an open window.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static void ngx_http_sent_conv_send_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_send_accepted(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_send_result_t *sent);


void
ngx_http_sent_conv_send(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t              rc, length;
    ngx_sent_conv_json_t  *body;
    ngx_sent_conv_send_t   send;

    ngx_memzero(&send, sizeof(ngx_sent_conv_send_t));

    (void) ngx_http_sent_conv_form_phone(call, "to", &send.to);

    send.channel = ngx_http_sent_conv_form_channel(call);

    body = ngx_http_sent_conv_form_get(call, "body",
                                       NGX_SENT_CONV_JSON_STRING, 1);
    length = 0;

    if (body != NULL) {
        length = ngx_sent_conv_utf8_length(&body->text);

        if (length == NGX_ERROR) {
            ngx_http_sent_conv_form_fault(call, "body",
                                          NGX_HTTP_SENT_CONV_E_FORM,
                                          "must be valid UTF-8");

        } else if (length == 0) {
            ngx_http_sent_conv_form_fault(call, "body",
                                          NGX_HTTP_SENT_CONV_E_RANGE,
                                          "must not be empty");
        }
    }

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    send.customer = call->customer;
    send.text = body->text;
    send.length = length;
    send.message_id = call->id;
    send.trace = call->trace;

    /* a run that was late beyond its lock may meet the one that took over */

    send.again = call->held;
    send.sandbox = call->sandbox;

    rc = ngx_sent_conv_store_send(call->store, &send,
                                  ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_send_done);
}


static void
ngx_http_sent_conv_send_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_send_result_t *sent = result;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    switch (sent->what) {

    case NGX_SENT_CONV_SEND_OK:
        ngx_http_sent_conv_send_accepted(call, sent);
        return;

    case NGX_SENT_CONV_SEND_NO_WINDOW:
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_NO_WINDOW,
                                 NULL);
        return;

    case NGX_SENT_CONV_SEND_OPTED_OUT:
        ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_NO_WINDOW,
                                       "contact", "opted_out");
        return;

    case NGX_SENT_CONV_SEND_NO_CHANNEL:
        ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_CHANNEL,
                                       "channel",
                                       "the contact has not written on it "
                                       "in this conversation");
        return;

    default: /* NGX_SENT_CONV_SEND_TOO_LONG */
        ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_RANGE,
                                       "body",
                                       "is too long for the channel: 4096 "
                                       "characters on whatsapp, 1600 on sms, "
                                       "3072 on rcs");
    }
}


static void
ngx_http_sent_conv_send_accepted(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_send_result_t *sent)
{
    ngx_sent_conv_jw_t  w;

    ngx_http_sent_conv_note_conversation(call, &sent->conversation_id);

    ngx_http_sent_conv_reply_open(call, &w, 256);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_str(&w, "message_id", &sent->message_id);
    ngx_sent_conv_jw_str(&w, "conversation_id", &sent->conversation_id);
    ngx_sent_conv_jw_cstr(&w, "status", "QUEUED");
    ngx_sent_conv_jw_str(&w, "channel", &sent->channel);
    ngx_sent_conv_jw_time(&w, "conversation_expires_at", sent->expires_at);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_ACCEPTED);
}
