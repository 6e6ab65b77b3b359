
/*
 * A carrier's location, and the taking of what carriers tell: messages and
 * statuses, one after the other, in the order they came.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"
#include "ngx_sent_conv_carrier_generic.h"


static void ngx_http_sent_conv_carrier_items(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_json_t *value);
static void ngx_http_sent_conv_carrier_done(ngx_http_sent_conv_call_t *call);


void
ngx_http_sent_conv_carrier(ngx_http_sent_conv_call_t *call)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_sent_conv_json_t  *value;

    rc = ngx_sent_conv_carrier_generic_verify(&call->slcf->secret,
                                              &call->signature, &call->body);
    if (rc == NGX_ERROR) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (rc != NGX_OK) {
        ngx_log_error(NGX_LOG_WARN, call->request->connection->log, 0,
                      "sent conv carrier \"%V\": signature refused",
                      &call->slcf->carrier);

        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_SIGNATURE, NULL);
        return;
    }

    if (ngx_http_sent_conv_body_type(call) != NGX_OK) {
        return;
    }

    err = NULL;

    rc = ngx_sent_conv_json_parse_str(call->request->pool, &call->body,
                                      &value, &err);

    if (rc == NGX_DECLINED) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_JSON, err);
        return;
    }

    if (rc != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_carrier_items(call, value);
}


static void
ngx_http_sent_conv_carrier_items(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_json_t *value)
{
    ngx_int_t                    rc;
    ngx_pool_t                  *pool;
    ngx_array_t                 *items;
    ngx_http_sent_conv_batch_t  *batch;

    pool = call->request->pool;

    items = ngx_palloc(pool, sizeof(ngx_array_t));
    batch = ngx_pcalloc(pool, sizeof(ngx_http_sent_conv_batch_t));

    if (items == NULL || batch == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    rc = ngx_sent_conv_carrier_generic_parse(pool, value, items,
                                             &batch->skipped);

    if (rc == NGX_DECLINED) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_FORM,
                                 "The body must be an item or an array of"
                                 " them.");
        return;
    }

    if (rc != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (batch->skipped) {
        ngx_log_error(NGX_LOG_WARN, call->request->connection->log, 0,
                      "sent conv carrier \"%V\": %ui unreadable items "
                      "skipped", &call->slcf->carrier, batch->skipped);
    }

    batch->items = items;
    batch->carrier = &call->slcf->carrier;
    batch->channel = call->slcf->channel;
    batch->done = ngx_http_sent_conv_carrier_done;

    call->data = batch;

    ngx_http_sent_conv_batch_take(call);
}


static void
ngx_http_sent_conv_carrier_done(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_jw_t           w;
    ngx_http_sent_conv_batch_t  *batch;

    batch = call->data;

    ngx_http_sent_conv_reply_open(call, &w, 256);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_int(&w, "accepted", batch->accepted);
    ngx_sent_conv_jw_int(&w, "duplicates", batch->duplicates);
    ngx_sent_conv_jw_int(&w, "skipped", batch->skipped);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}
