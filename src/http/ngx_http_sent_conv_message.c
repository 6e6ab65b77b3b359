
/*
 * GET /v3/messages/{id} and its activities.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static void ngx_http_sent_conv_message_find(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_step_pt step);
static ngx_sent_conv_message_t *ngx_http_sent_conv_message_found(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err,
    ngx_sent_conv_show_result_t *show);
static void ngx_http_sent_conv_message_shown(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_message_acted(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);


void
ngx_http_sent_conv_message(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_message_find(call, ngx_http_sent_conv_message_shown);
}


void
ngx_http_sent_conv_message_activities(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_message_find(call, ngx_http_sent_conv_message_acted);
}


static void
ngx_http_sent_conv_message_find(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_step_pt step)
{
    ngx_int_t   rc;
    ngx_str_t  *id;

    id = ngx_http_sent_conv_form_id(call, 0, "id");

    if (id == NULL) {
        return;
    }

    if (ngx_sent_conv_uuid_version(id->data) != 7) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_MESSAGE, NULL);
        return;
    }

    rc = ngx_sent_conv_store_message(call->store, call->customer, id,
                                     ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, step);
}


/* NULL: it has been answered */

static ngx_sent_conv_message_t *
ngx_http_sent_conv_message_found(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, ngx_sent_conv_show_result_t *show)
{
    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return NULL;
    }

    if (show == NULL) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_MESSAGE, NULL);
        return NULL;
    }

    return show->messages.elts;
}


static void
ngx_http_sent_conv_message_shown(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_jw_t        w;
    ngx_sent_conv_message_t  *message;

    message = ngx_http_sent_conv_message_found(call, err, result);

    if (message == NULL) {
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 1024 + message->text.len);
    ngx_http_sent_conv_message_write(&w, "data", call->customer, result,
                                     message);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static void
ngx_http_sent_conv_message_acted(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_jw_t        w;
    ngx_sent_conv_message_t  *message;

    message = ngx_http_sent_conv_message_found(call, err, result);

    if (message == NULL) {
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 1024);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_str(&w, "message_id", &message->id);
    ngx_http_sent_conv_message_states(&w, "activities", message);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}
