
/*
 * The sandbox carrier: it takes what we send, shows it, and is where one
 * plays the contact.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


#define NGX_HTTP_SENT_CONV_OUTBOX_LIMIT  100
#define NGX_HTTP_SENT_CONV_OUTBOX_MAX    1000

/* bytes of a contact's name, as carriers' formats have it */
#define NGX_HTTP_SENT_CONV_SANDBOX_NAME  255


static void ngx_http_sent_conv_sandbox_pushed(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_sandbox_listed(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_sandbox_form(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_carrier_item_t *item);
static void ngx_http_sent_conv_sandbox_done(ngx_http_sent_conv_call_t *call);


/* what delivery posts, kept as it came, with the time */

void
ngx_http_sent_conv_sandbox_carrier(ngx_http_sent_conv_call_t *call)
{
    u_char      *p, *last;
    ngx_int_t    rc;
    ngx_str_t    json;
    ngx_time_t  *tp;

    if (ngx_sent_conv_channel_parse(&call->vars[0])
        == NGX_SENT_CONV_CHANNELS)
    {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_ROUTE,
                                 NULL);
        return;
    }

    p = ngx_pnalloc(call->request->pool, call->body.len
                    + sizeof(",\"received_at\":}") + NGX_INT64_LEN);
    if (p == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    last = call->body.data + call->body.len;

    while (last[-1] != '}') {
        last--;
    }

    tp = ngx_timeofday();

    json.data = p;
    p = ngx_cpymem(p, call->body.data, last - 1 - call->body.data);
    p = ngx_sprintf(p, "%s\"received_at\":%uL}",
                    call->json->n ? "," : "",
                    (uint64_t) tp->sec * 1000 + tp->msec);
    json.len = p - json.data;

    rc = ngx_sent_conv_store_sandbox_push(call->store, &json,
                                          ngx_http_sent_conv_wait_done,
                                          call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_sandbox_pushed);
}


static void
ngx_http_sent_conv_sandbox_pushed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_str_t           id, body;
    ngx_sent_conv_jw_t  w;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    if (ngx_http_sent_conv_sandbox_id(call, &id) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_sent_conv_jw_init(&w, call->request->pool, 64);
    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_str(&w, "id", &id);
    ngx_sent_conv_jw_close(&w, '}');

    if (ngx_sent_conv_jw_done(&w, &body) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_reply(call, NGX_HTTP_OK, &body);
}


ngx_int_t
ngx_http_sent_conv_sandbox_id(ngx_http_sent_conv_call_t *call, ngx_str_t *id)
{
    id->len = sizeof("sbx_") - 1 + NGX_SENT_CONV_UUID_LEN;

    id->data = ngx_pnalloc(call->request->pool, id->len);
    if (id->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(id->data, "sbx_", 4);

    return ngx_sent_conv_store_uuid(id->data + 4, NULL);
}


void
ngx_http_sent_conv_sandbox_outbox(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t   limit, rc;
    ngx_str_t   value;

    limit = NGX_HTTP_SENT_CONV_OUTBOX_LIMIT;

    if (ngx_http_sent_conv_query_get(call, "limit", &value) == NGX_OK) {

        limit = ngx_atoi(value.data, value.len);

        if (limit < 1 || limit > NGX_HTTP_SENT_CONV_OUTBOX_MAX) {
            ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_RANGE,
                                           "limit",
                                           "must be from 1 to 1000");
            return;
        }
    }

    rc = ngx_sent_conv_store_sandbox_list(call->store, limit,
                                          ngx_http_sent_conv_wait_done,
                                          call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_sandbox_listed);
}


static void
ngx_http_sent_conv_sandbox_listed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_array_t *list = result;

    ngx_str_t           *json, body;
    ngx_uint_t           i;
    ngx_sent_conv_jw_t   w;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    json = list->elts;

    ngx_sent_conv_jw_init(&w, call->request->pool, 64 + list->nelts * 512);
    ngx_sent_conv_jw_open(&w, NULL, '[');

    for (i = 0; i < list->nelts; i++) {
        ngx_sent_conv_jw_raw(&w, NULL, &json[i]);
    }

    ngx_sent_conv_jw_close(&w, ']');

    if (ngx_sent_conv_jw_done(&w, &body) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_reply(call, NGX_HTTP_OK, &body);
}


/* the contact's part: an inbound, as its carrier would have told it */

void
ngx_http_sent_conv_sandbox_message(ngx_http_sent_conv_call_t *call)
{
    ngx_pool_t                    *pool;
    ngx_array_t                   *items;
    ngx_sent_conv_channel_e        channel;
    ngx_http_sent_conv_batch_t    *batch;
    ngx_sent_conv_carrier_item_t  *item;

    pool = call->request->pool;

    batch = ngx_pcalloc(pool, sizeof(ngx_http_sent_conv_batch_t));
    items = ngx_array_create(pool, 1, sizeof(ngx_sent_conv_carrier_item_t));

    if (batch == NULL || items == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    item = ngx_array_push(items);
    ngx_memzero(item, sizeof(ngx_sent_conv_carrier_item_t));

    ngx_http_sent_conv_sandbox_form(call, item);

    channel = ngx_http_sent_conv_form_channel(call);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    if (item->id.len == 0
        && ngx_http_sent_conv_sandbox_id(call, &item->id) != NGX_OK)
    {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    batch->items = items;
    batch->channel = channel;
    batch->done = ngx_http_sent_conv_sandbox_done;
    batch->played = 1;

    call->data = batch;

    if (channel == NGX_SENT_CONV_CHANNELS) {
        batch->channel = NGX_SENT_CONV_WHATSAPP;
        batch->any = 1;
    }

    ngx_http_sent_conv_batch_take(call);
}


static void
ngx_http_sent_conv_sandbox_form(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_carrier_item_t *item)
{
    ngx_sent_conv_json_t  *value;

    (void) ngx_http_sent_conv_form_phone(call, "from", &item->from);
    (void) ngx_http_sent_conv_form_phone(call, "to", &item->to);

    value = ngx_http_sent_conv_form_get(call, "text",
                                        NGX_SENT_CONV_JSON_STRING, 1);
    if (value != NULL) {
        item->text = value->text;
    }

    value = ngx_http_sent_conv_form_get(call, "name",
                                        NGX_SENT_CONV_JSON_STRING, 0);
    if (value != NULL) {

        if (value->text.len > NGX_HTTP_SENT_CONV_SANDBOX_NAME) {
            ngx_http_sent_conv_form_fault(call, "name",
                                          NGX_HTTP_SENT_CONV_E_RANGE,
                                          "is too long");
        }

        item->name = value->text;
    }

    value = ngx_http_sent_conv_form_get(call, "id",
                                        NGX_SENT_CONV_JSON_STRING, 0);
    if (value != NULL) {

        if (value->text.len > NGX_SENT_CONV_CARRIER_ID_MAX) {
            ngx_http_sent_conv_form_fault(call, "id",
                                          NGX_HTTP_SENT_CONV_E_RANGE,
                                          "is too long");
        }

        item->id = value->text;
    }

    value = ngx_http_sent_conv_form_get(call, "timestamp",
                                        NGX_SENT_CONV_JSON_STRING, 0);
    if (value != NULL) {
        item->at = ngx_sent_conv_time_parse(&value->text);

        if (item->at == NGX_ERROR) {
            ngx_http_sent_conv_form_fault(call, "timestamp",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be an RFC 3339 time");

        } else if (item->at == 0) {
            item->at = 1;
        }
    }
}


static void
ngx_http_sent_conv_sandbox_done(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_jw_t           w;
    ngx_http_sent_conv_batch_t  *batch;

    batch = call->data;

    if (batch->skipped) {

        if (batch->any && batch->channel + 1 < NGX_SENT_CONV_CHANNELS) {
            batch->channel++;
            batch->skipped = 0;
            batch->i = 0;

            ngx_http_sent_conv_batch_take(call);
            return;
        }

        ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_VALUE,
                                       "to", "is bound to no carrier");
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 256);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_int(&w, "accepted", batch->accepted);
    ngx_sent_conv_jw_int(&w, "duplicates", batch->duplicates);
    ngx_sent_conv_jw_int(&w, "skipped", 0);
    ngx_sent_conv_jw_str(&w, "message_id",
                         batch->message_id.len ? &batch->message_id : NULL);
    ngx_sent_conv_jw_str(&w, "conversation_id",
                         batch->conversation_id.len
                         ? &batch->conversation_id : NULL);
    ngx_sent_conv_jw_str(&w, "channel",
                         &ngx_sent_conv_channel_names[batch->channel]);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}
