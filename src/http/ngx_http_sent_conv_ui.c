
/*
 * What only the web page asks for: the customer's settings, and a contact to
 * be played on the sandbox carrier.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static void ngx_http_sent_conv_settings_patched(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_settings_read(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_settings_write(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_customer_t *customer);
static ngx_sent_conv_number_t *ngx_http_sent_conv_phone_number(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_channel_e channel,
    ngx_str_t *e164);
static void ngx_http_sent_conv_phone_done(ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_phone_shown(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_phone_line(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_jw_t *w, ngx_sent_conv_message_t *message);


void
ngx_http_sent_conv_settings(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_settings_write(call, call->customer);
}


void
ngx_http_sent_conv_settings_patch(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                       rc;
    ngx_sent_conv_customer_patch_t  patch;

    ngx_memzero(&patch, sizeof(ngx_sent_conv_customer_patch_t));
    patch.conversations = -1;

    if (ngx_http_sent_conv_admin_settings(call, &patch) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    if (call->sandbox) {
        ngx_http_sent_conv_settings_write(call, call->customer);
        return;
    }

    rc = ngx_sent_conv_store_customer_patch(call->store, &call->customer->id,
                                            &patch,
                                            ngx_http_sent_conv_wait_done,
                                            call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_settings_patched);
}


static void
ngx_http_sent_conv_settings_patched(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_int_t                  rc;
    ngx_sent_conv_customer_t  *customer;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    rc = ngx_sent_conv_store_customer(call->store, NGX_SENT_CONV_BY_ID,
                                      &call->customer->id, &customer,
                                      ngx_http_sent_conv_wait_done, call);

    if (rc == NGX_OK) {
        ngx_http_sent_conv_settings_read(call, NGX_SENT_CONV_OK, customer);
        return;
    }

    ngx_http_sent_conv_wait(call, (rc == NGX_AGAIN) ? NGX_OK : rc,
                            ngx_http_sent_conv_settings_read);
}


static void
ngx_http_sent_conv_settings_read(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    if (err != NGX_SENT_CONV_OK || result == NULL) {
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNKNOWN);
        return;
    }

    ngx_http_sent_conv_settings_write(call, result);
}


static void
ngx_http_sent_conv_settings_write(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_customer_t *customer)
{
    ngx_uint_t               i;
    ngx_sent_conv_jw_t       w;
    ngx_sent_conv_number_t  *number;

    number = customer->numbers.elts;

    ngx_http_sent_conv_reply_open(call, &w, 1024);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_raw(&w, "keywords", &customer->keywords);
    ngx_sent_conv_jw_str(&w, "confirmation",
                         customer->confirmation.len ? &customer->confirmation
                                                    : NULL);
    ngx_sent_conv_jw_str(&w, "help",
                         customer->help.len ? &customer->help : NULL);
    ngx_sent_conv_jw_open(&w, "numbers", '[');

    for (i = 0; i < customer->numbers.nelts; i++) {
        ngx_sent_conv_jw_open(&w, NULL, '{');
        ngx_sent_conv_jw_str(&w, "channel",
                          &ngx_sent_conv_channel_names[number[i].channel]);
        ngx_sent_conv_jw_str(&w, "number", &number[i].e164);
        ngx_sent_conv_jw_str(&w, "carrier", &number[i].carrier);
        ngx_sent_conv_jw_bool(&w, "sandbox",
                          ngx_http_sent_conv_phone_plays(call, &number[i]));
        ngx_sent_conv_jw_close(&w, '}');
    }

    ngx_sent_conv_jw_close(&w, ']');
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


/* is it bound to a carrier that the sandbox stands for? */

ngx_uint_t
ngx_http_sent_conv_phone_plays(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_number_t *number)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    if (call->smcf->sandboxed == NULL) {
        return 0;
    }

    name = call->smcf->sandboxed->elts;

    for (i = 0; i < call->smcf->sandboxed->nelts; i++) {

        if (name[i].len == number->carrier.len
            && ngx_memcmp(name[i].data, number->carrier.data, name[i].len)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_sent_conv_number_t *
ngx_http_sent_conv_phone_number(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_channel_e channel, ngx_str_t *e164)
{
    ngx_sent_conv_number_t  *number;

    number = ngx_sent_conv_customer_number(call->customer, channel, e164);

    return (number != NULL && ngx_http_sent_conv_phone_plays(call, number))
           ? number : NULL;
}


/* POST /phone {"from","to","channel","text"} */

void
ngx_http_sent_conv_phone_write(ngx_http_sent_conv_call_t *call)
{
    ngx_array_t                   *items;
    ngx_sent_conv_json_t          *text;
    ngx_sent_conv_channel_e        channel;
    ngx_sent_conv_number_t        *number;
    ngx_http_sent_conv_batch_t    *batch;
    ngx_sent_conv_carrier_item_t  *item;

    batch = ngx_pcalloc(call->request->pool,
                        sizeof(ngx_http_sent_conv_batch_t));
    items = ngx_array_create(call->request->pool, 1,
                             sizeof(ngx_sent_conv_carrier_item_t));

    if (batch == NULL || items == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    item = ngx_array_push(items);
    ngx_memzero(item, sizeof(ngx_sent_conv_carrier_item_t));

    (void) ngx_http_sent_conv_form_phone(call, "from", &item->from);
    (void) ngx_http_sent_conv_form_phone(call, "to", &item->to);

    channel = ngx_http_sent_conv_form_channel(call);
    text = ngx_http_sent_conv_form_get(call, "text",
                                       NGX_SENT_CONV_JSON_STRING, 1);

    if (channel == NGX_SENT_CONV_CHANNELS && call->faults.nelts == 0) {
        ngx_http_sent_conv_form_fault(call, "channel",
                                      NGX_HTTP_SENT_CONV_E_MISSING, NULL);
    }

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    number = ngx_http_sent_conv_phone_number(call, channel, &item->to);

    if (number == NULL) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_ROUTE,
                                 "This number is none of yours on the "
                                 "sandbox carrier.");
        return;
    }

    if (ngx_http_sent_conv_sandbox_id(call, &item->id) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    item->text = text->text;

    batch->items = items;
    batch->carrier = &number->carrier;
    batch->channel = channel;
    batch->done = ngx_http_sent_conv_phone_done;
    batch->played = 1;

    call->data = batch;

    ngx_http_sent_conv_batch_take(call);
}


static void
ngx_http_sent_conv_phone_done(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_jw_t           w;
    ngx_http_sent_conv_batch_t  *batch;

    batch = call->data;

    if (batch->skipped) {
        ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_VALUE,
                                       "text", "could not be taken");
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 256);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_str(&w, "message_id",
                         batch->message_id.len ? &batch->message_id : NULL);
    ngx_sent_conv_jw_str(&w, "conversation_id",
                         batch->conversation_id.len ? &batch->conversation_id
                                                    : NULL);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_ACCEPTED);
}


/* GET /phone?from=: what that contact would see */

void
ngx_http_sent_conv_phone(ngx_http_sent_conv_call_t *call)
{
    u_char                 contact[NGX_SENT_CONV_UUID_LEN];
    u_char                *thread;
    ngx_int_t              rc;
    ngx_str_t              from;
    ngx_sent_conv_show_t   show;

    if (ngx_http_sent_conv_query_get(call, "from", &from) != NGX_OK
        || ngx_sent_conv_phone_check(&from) != NGX_OK)
    {
        ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_PHONE,
                                       "from", NULL);
        return;
    }

    thread = ngx_pnalloc(call->request->pool, NGX_SENT_CONV_UUID_LEN);
    if (thread == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_sent_conv_contact_id(contact, &call->customer->id, &from);
    ngx_sent_conv_thread_id(thread, &call->customer->id, contact);

    ngx_memzero(&show, sizeof(ngx_sent_conv_show_t));

    show.customer = call->customer;
    show.id.len = NGX_SENT_CONV_UUID_LEN;
    show.id.data = thread;
    show.position = -1;
    show.limit = 100;

    rc = ngx_sent_conv_store_show(call->store, &show,
                                  ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_phone_shown);
}


static void
ngx_http_sent_conv_phone_shown(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_uint_t                    i;
    ngx_sent_conv_jw_t            w;
    ngx_sent_conv_message_t      *message;
    ngx_sent_conv_show_result_t  *show;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    show = result;

    ngx_http_sent_conv_reply_open(call, &w, 4096);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "messages", '[');

    message = show ? show->messages.elts : NULL;

    /* newest last */

    for (i = show ? show->messages.nelts : 0; i > 0; i--) {

        ngx_http_sent_conv_phone_line(call, &w, &message[i - 1]);
    }

    ngx_sent_conv_jw_close(&w, ']');
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


/* a phone shows what it wrote, and what reached it */

static void
ngx_http_sent_conv_phone_line(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_jw_t *w, ngx_sent_conv_message_t *message)
{
    ngx_str_t               status;
    ngx_sent_conv_state_t  *state;

    if (ngx_http_sent_conv_phone_number(call,
                            ngx_sent_conv_channel_parse(&message->channel),
                            &message->number)
        == NULL)
    {
        return;
    }

    ngx_str_set(&status, "RECEIVED");

    if (!message->inbound) {

        if (message->states.nelts == 0) {
            return;
        }

        state = message->states.elts;
        status = state[message->states.nelts - 1].status;

        if (status.data[0] == 'F' || status.data[0] == 'B') {
            return;
        }
    }

    ngx_sent_conv_jw_open(w, NULL, '{');
    ngx_sent_conv_jw_str(w, "id", &message->id);
    ngx_sent_conv_jw_cstr(w, "direction",
                          message->inbound ? "INBOUND" : "OUTBOUND");
    ngx_sent_conv_jw_str(w, "channel", &message->channel);
    ngx_sent_conv_jw_str(w, "number", &message->number);
    ngx_sent_conv_jw_raw(w, "text", &message->text);
    ngx_sent_conv_jw_time(w, "at", message->created_at);
    ngx_sent_conv_jw_str(w, "status", &status);
    ngx_sent_conv_jw_close(w, '}');
}
