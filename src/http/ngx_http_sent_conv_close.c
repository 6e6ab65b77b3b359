
/*
 * POST /v3/conversations/{id}/close: a window ended by its customer.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static void ngx_http_sent_conv_close_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);


void
ngx_http_sent_conv_close(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t   rc;
    ngx_str_t  *id;

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    id = ngx_http_sent_conv_form_id(call, 0, "id");
    if (id == NULL) {
        return;
    }

    if (ngx_sent_conv_uuid_version(id->data) != 7) {
        ngx_http_sent_conv_error(call,
                                 NGX_HTTP_SENT_CONV_E_CONVERSATION,
                                 NULL);
        return;
    }

    rc = ngx_sent_conv_store_close(call->store, call->customer, id,
                                   call->sandbox, &call->trace,
                                   ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_close_done);
}


static void
ngx_http_sent_conv_close_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_close_result_t *closed = result;

    ngx_sent_conv_jw_t  w;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    if (closed == NULL) {
        ngx_http_sent_conv_error(call,
                                 NGX_HTTP_SENT_CONV_E_CONVERSATION,
                                 NULL);
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 256);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_str(&w, "conversation_id", &call->vars[0]);
    ngx_sent_conv_jw_cstr(&w, "status", "CLOSED");
    ngx_sent_conv_jw_str(&w, "close_reason", &closed->reason);
    ngx_sent_conv_jw_time(&w, "closed_at", closed->closed_at);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}
