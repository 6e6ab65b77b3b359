
/*
 * A carrier's location: what it posts is verified and read in its format, and
 * answered as it expects.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static void ngx_http_sent_conv_carrier_in(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_carrier_in_t *in);
static void ngx_http_sent_conv_carrier_read(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_carrier_in_t *in);
static void ngx_http_sent_conv_carrier_done(ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_carrier_reply(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_carrier_reply_t *reply);


void
ngx_http_sent_conv_carrier(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                        rc;
    ngx_sent_conv_carrier_in_t       in;
    ngx_sent_conv_carrier_format_t  *format;

    format = call->slcf->format;

    ngx_http_sent_conv_carrier_in(call, &in);

    rc = format->verify(call->request->pool, &call->slcf->carrier_conf, &in);

    if (rc == NGX_ERROR) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (rc != NGX_OK) {
        ngx_log_error(NGX_LOG_WARN, call->request->connection->log, 0,
                      "sent conv carrier \"%V\": signature refused",
                      &call->slcf->carrier);

        ngx_sent_conv_count(
              &call->store->metrics->signatures[call->slcf->channel]);

        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_SIGNATURE, NULL);
        return;
    }

    if (!format->form
        && ngx_http_sent_conv_body_type(call) != NGX_OK)
    {
        return;
    }

    ngx_http_sent_conv_carrier_read(call, &in);
}


static void
ngx_http_sent_conv_carrier_in(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_carrier_in_t *in)
{
    in->args = call->args;
    in->signature = call->signature;
    in->body = call->body;
}


static void
ngx_http_sent_conv_carrier_read(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_carrier_in_t *in)
{
    ngx_int_t                    rc;
    ngx_pool_t                  *pool;
    ngx_http_sent_conv_batch_t  *batch;

    pool = call->request->pool;

    batch = ngx_pcalloc(pool, sizeof(ngx_http_sent_conv_batch_t));

    if (batch == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    batch->items = ngx_pcalloc(pool, sizeof(ngx_array_t));

    if (batch->items == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    rc = call->slcf->format->parse(pool, &call->slcf->carrier_conf, in,
                                   batch->items, &batch->skipped,
                                   &batch->reply);

    if (rc == NGX_DECLINED) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_JSON,
                                 "The body is not what this carrier sends.");
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

        ngx_sent_conv_count_n(
              &call->store->metrics->items[call->slcf->channel]
                                          [NGX_SENT_CONV_M_UNREADABLE],
              batch->skipped);
    }

    batch->carrier = &call->slcf->carrier;
    batch->channel = call->slcf->channel;
    batch->aliases = call->slcf->format->aliases;
    batch->done = ngx_http_sent_conv_carrier_done;

    call->data = batch;

    ngx_http_sent_conv_durable_begin(call);
    ngx_http_sent_conv_batch_take(call);
}


static void
ngx_http_sent_conv_carrier_done(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_jw_t           w;
    ngx_http_sent_conv_batch_t  *batch;

    batch = call->data;

    if (batch->reply.type.len) {
        ngx_http_sent_conv_carrier_reply(call, &batch->reply);
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 256);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_int(&w, "accepted", batch->accepted);
    ngx_sent_conv_jw_int(&w, "duplicates", batch->duplicates);
    ngx_sent_conv_jw_int(&w, "skipped", batch->skipped);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


/* a GET by which some carriers ask whether it is us; their formats have it */

void
ngx_http_sent_conv_carrier_hello(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                        rc;
    ngx_sent_conv_carrier_in_t       in;
    ngx_sent_conv_carrier_reply_t    reply;
    ngx_sent_conv_carrier_format_t  *format;

    format = call->slcf->format;

    ngx_http_sent_conv_carrier_in(call, &in);

    rc = format->hello(call->request->pool, &call->slcf->carrier_conf, &in,
                       &reply);

    if (rc == NGX_ERROR) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (rc != NGX_OK) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_SIGNATURE, NULL);
        return;
    }

    ngx_http_sent_conv_carrier_reply(call, &reply);
}


static void
ngx_http_sent_conv_carrier_reply(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_carrier_reply_t *reply)
{
    call->type = reply->type;

    ngx_http_sent_conv_reply(call, reply->status, &reply->body);
}
