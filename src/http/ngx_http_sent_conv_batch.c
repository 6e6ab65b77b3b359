
/*
 * What carriers told, messages, statuses and consent, taken one after the
 * other in the order they came.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static ngx_int_t ngx_http_sent_conv_batch_item(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_batch_t *batch,
    ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_http_sent_conv_batch_owner(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_batch_t *batch,
    ngx_sent_conv_carrier_item_t *item);
static void ngx_http_sent_conv_batch_owned(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static ngx_int_t ngx_http_sent_conv_batch_customer(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_by_e by, ngx_str_t *name);
static void ngx_http_sent_conv_batch_found(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static ngx_int_t ngx_http_sent_conv_batch_bound(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_customer_t *customer);
static void ngx_http_sent_conv_batch_next(ngx_http_sent_conv_batch_t *batch);
static ngx_int_t ngx_http_sent_conv_batch_alias(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_customer_t *customer);
static void ngx_http_sent_conv_batch_aliased(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_batch_consent(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_customer_t *customer);
static void ngx_http_sent_conv_batch_consented(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_batch_count(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_metrics_item_e outcome);
static ngx_int_t ngx_http_sent_conv_batch_drop(
    ngx_http_sent_conv_call_t *call, const char *why, ngx_str_t *phone);
static void ngx_http_sent_conv_batch_inbound(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_customer_t *customer,
    ngx_sent_conv_number_t *number);
static void ngx_http_sent_conv_batch_taken(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_batch_report(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_customer_t *customer);
static void ngx_http_sent_conv_batch_reported(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);


/*
 * The items from batch->i on.  Each function below that returns a code:
 * NGX_OK = the item is done with, NGX_AGAIN = it waits, or the call has been
 * answered.
 */

void
ngx_http_sent_conv_batch_take(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_batch_t    *batch;
    ngx_sent_conv_carrier_item_t  *item;

    batch = call->data;
    item = batch->items->elts;

    while (batch->i < batch->items->nelts) {

        if (ngx_http_sent_conv_batch_item(call, batch, &item[batch->i])
            != NGX_OK)
        {
            return;
        }

        ngx_http_sent_conv_batch_next(batch);
    }

    batch->done(call);
}


static ngx_int_t
ngx_http_sent_conv_batch_item(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_batch_t *batch, ngx_sent_conv_carrier_item_t *item)
{
    u_char     *p;
    ngx_str_t   name, *number;

    if (item->report && item->message_id.len > 0) {
        return ngx_http_sent_conv_batch_owner(call, batch, item);
    }

    number = item->report ? &item->from : &item->to;

    name.data = ngx_pnalloc(call->request->pool,
                            ngx_sent_conv_channel_names[batch->channel].len
                            + 1 + number->len);
    if (name.data == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return NGX_AGAIN;
    }

    p = ngx_sprintf(name.data, "%V:%V",
                    &ngx_sent_conv_channel_names[batch->channel], number);
    name.len = p - name.data;

    batch->owner.number = *number;

    return ngx_http_sent_conv_batch_customer(call, NGX_SENT_CONV_BY_NUMBER,
                                               &name);
}


/* a status by our id: whose message is it? */

static ngx_int_t
ngx_http_sent_conv_batch_owner(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_batch_t *batch, ngx_sent_conv_carrier_item_t *item)
{
    ngx_int_t  rc;

    if (ngx_sent_conv_uuid_check(&item->message_id) != NGX_OK
        || ngx_sent_conv_uuid_version(item->message_id.data) != 7)
    {
        return ngx_http_sent_conv_batch_drop(call, "an unknown message",
                                               NULL);
    }

    rc = ngx_sent_conv_store_message_owner(call->store, &item->message_id,
                                           ngx_http_sent_conv_wait_done,
                                           call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_batch_owned);

    return NGX_AGAIN;
}


static void
ngx_http_sent_conv_batch_owned(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_owner_t *owner = result;

    ngx_int_t                    rc;
    ngx_str_t                    customer;
    ngx_pool_t                  *pool;
    ngx_http_sent_conv_batch_t  *batch;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    batch = call->data;
    pool = call->request->pool;

    if (owner == NULL || owner->channel != batch->channel) {
        rc = ngx_http_sent_conv_batch_drop(call, "an unknown message",
                                           NULL);

    } else {
        customer.len = owner->customer.len;
        customer.data = ngx_pstrdup(pool, &owner->customer);

        batch->owner.number.len = owner->number.len;
        batch->owner.number.data = ngx_pstrdup(pool, &owner->number);

        batch->owner.contact.len = owner->contact.len;
        batch->owner.contact.data = ngx_pstrdup(pool, &owner->contact);

        if (customer.data == NULL || batch->owner.number.data == NULL
            || batch->owner.contact.data == NULL)
        {
            ngx_http_sent_conv_reply_abort(call);
            return;
        }

        rc = ngx_http_sent_conv_batch_customer(call, NGX_SENT_CONV_BY_ID,
                                               &customer);
    }

    if (rc == NGX_OK) {
        ngx_http_sent_conv_batch_next(batch);
        ngx_http_sent_conv_batch_take(call);
    }
}


static ngx_int_t
ngx_http_sent_conv_batch_customer(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_by_e by, ngx_str_t *name)
{
    ngx_int_t                  rc;
    ngx_sent_conv_customer_t  *customer;

    rc = ngx_sent_conv_store_customer(call->store, by, name, &customer,
                                      ngx_http_sent_conv_wait_done, call);
    if (rc == NGX_OK) {
        return ngx_http_sent_conv_batch_bound(call, customer);
    }

    ngx_http_sent_conv_wait(call, (rc == NGX_AGAIN) ? NGX_OK : rc,
                            ngx_http_sent_conv_batch_found);

    return NGX_AGAIN;
}


static void
ngx_http_sent_conv_batch_found(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNSENT);
        return;
    }

    if (ngx_http_sent_conv_batch_bound(call, result) == NGX_OK) {
        ngx_http_sent_conv_batch_next(call->data);
        ngx_http_sent_conv_batch_take(call);
    }
}


/* is our number this customer's, and bound to the carrier that speaks? */

static ngx_int_t
ngx_http_sent_conv_batch_bound(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_customer_t *customer)
{
    ngx_str_t                     *phone;
    ngx_sent_conv_number_t        *number;
    ngx_http_sent_conv_batch_t    *batch;
    ngx_sent_conv_carrier_item_t  *item;

    batch = call->data;
    item = batch->items->elts;
    item += batch->i;

    phone = &batch->owner.number;

    number = NULL;

    if (customer != NULL) {
        number = ngx_sent_conv_customer_number(customer, batch->channel,
                                               phone);
    }

    if (number == NULL) {
        return ngx_http_sent_conv_batch_drop(call, "a number of nobody",
                                               phone);
    }

    if (batch->carrier != NULL
        && (number->carrier.len != batch->carrier->len
            || ngx_memcmp(number->carrier.data, batch->carrier->data,
                          number->carrier.len)
               != 0))
    {
        return ngx_http_sent_conv_batch_drop(call,
                                               "a number of another carrier",
                                               phone);
    }

    ngx_http_sent_conv_note_customer(call, customer);

    if (batch->aliases && !batch->aliased
        && !(item->report && item->message_id.len))
    {
        return ngx_http_sent_conv_batch_alias(call, customer);
    }

    if (item->report) {
        ngx_http_sent_conv_batch_report(call, customer);

    } else if (item->consent) {
        ngx_http_sent_conv_batch_consent(call, customer);

    } else {
        ngx_http_sent_conv_batch_inbound(call, customer, number);
    }

    return NGX_AGAIN;
}


static void
ngx_http_sent_conv_batch_next(ngx_http_sent_conv_batch_t *batch)
{
    batch->i++;
    batch->aliased = 0;
}


/* the carrier may know the contact by another number than we */

static ngx_int_t
ngx_http_sent_conv_batch_alias(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_customer_t *customer)
{
    ngx_int_t                      rc;
    ngx_http_sent_conv_batch_t    *batch;
    ngx_sent_conv_carrier_item_t  *item;

    batch = call->data;
    item = batch->items->elts;
    item += batch->i;

    if (call->customer != NULL) {
        ngx_sent_conv_customer_release(call->customer);
    }

    call->customer = ngx_sent_conv_customer_hold(customer);

    rc = ngx_sent_conv_store_alias(call->store, customer,
                                   item->report ? &item->to : &item->from,
                                   ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_batch_aliased);

    return NGX_AGAIN;
}


static void
ngx_http_sent_conv_batch_aliased(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_str_t *contact = result;

    ngx_str_t                     *slot;
    ngx_http_sent_conv_batch_t    *batch;
    ngx_sent_conv_carrier_item_t  *item;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    batch = call->data;
    item = batch->items->elts;
    item += batch->i;

    batch->aliased = 1;

    if (contact != NULL) {
        slot = item->report ? &item->to : &item->from;

        slot->len = contact->len;
        slot->data = ngx_pstrdup(call->request->pool, contact);

        if (slot->data == NULL) {
            ngx_http_sent_conv_reply_abort(call);
            return;
        }
    }

    if (ngx_http_sent_conv_batch_bound(call, call->customer) == NGX_OK) {
        ngx_http_sent_conv_batch_next(batch);
        ngx_http_sent_conv_batch_take(call);
    }
}


static void
ngx_http_sent_conv_batch_consent(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_customer_t *customer)
{
    ngx_int_t                      rc;
    ngx_http_sent_conv_batch_t    *batch;
    ngx_sent_conv_carrier_item_t  *item;

    batch = call->data;
    item = batch->items->elts;
    item += batch->i;

    rc = ngx_sent_conv_store_signal(call->store, customer, &item->from,
                                    batch->channel, item->keyword, item->at,
                                    &call->trace,
                                    ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_batch_consented);
}


static void
ngx_http_sent_conv_batch_consented(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_http_sent_conv_batch_t    *batch;
    ngx_sent_conv_carrier_item_t  *item;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    batch = call->data;
    item = batch->items->elts;

    batch->accepted++;
    call->consent |= (item[batch->i].keyword == NGX_SENT_CONV_KW_STOP);

    ngx_http_sent_conv_batch_count(call, NGX_SENT_CONV_M_ACCEPTED);

    ngx_http_sent_conv_batch_next(batch);

    ngx_http_sent_conv_batch_take(call);
}


/* what a contact is made to say in the sandbox is no carrier's */

static void
ngx_http_sent_conv_batch_count(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_metrics_item_e outcome)
{
    ngx_http_sent_conv_batch_t  *batch;

    batch = call->data;

    if (batch->carrier != NULL) {
        ngx_sent_conv_count(
              &call->store->metrics->items[batch->channel][outcome]);
    }
}


static ngx_int_t
ngx_http_sent_conv_batch_drop(ngx_http_sent_conv_call_t *call,
    const char *why, ngx_str_t *phone)
{
    u_char                       masked[NGX_SENT_CONV_MASKED_LEN];
    u_char                      *last;
    ngx_http_sent_conv_batch_t  *batch;

    batch = call->data;
    batch->skipped++;

    ngx_http_sent_conv_batch_count(call, NGX_SENT_CONV_M_DROPPED);

    last = masked;

    if (phone != NULL) {
        last = ngx_sent_conv_phone_mask(masked, phone);
    }

    ngx_log_error(NGX_LOG_WARN, call->request->connection->log, 0,
                  "sent conv carrier \"%V\": item dropped: %s %*s",
                  &call->slcf->carrier, why, (size_t) (last - masked),
                  masked);

    return NGX_OK;
}


static void
ngx_http_sent_conv_batch_inbound(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_number_t *number)
{
    ngx_int_t                      rc;
    ngx_sent_conv_inbound_t        in;
    ngx_http_sent_conv_batch_t    *batch;
    ngx_sent_conv_carrier_item_t  *item;

    batch = call->data;
    item = batch->items->elts;
    item += batch->i;

    ngx_memzero(&in, sizeof(ngx_sent_conv_inbound_t));

    in.customer = customer;
    in.channel = batch->channel;
    in.carrier = number->carrier;
    in.carrier_id = item->id;
    in.from = item->from;
    in.to = item->to;
    in.name = item->name;
    in.text = item->text;
    in.kind = item->kind;
    in.attachments = item->attachments;
    in.reply_to = item->reply_to;
    in.keyword = item->keyword;
    in.answered = item->answered;
    in.at = item->at;
    in.trace = call->trace;

    rc = ngx_sent_conv_store_inbound(call->store, &in,
                                     ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_batch_taken);
}


static void
ngx_http_sent_conv_batch_taken(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_inbound_result_t *in = result;

    ngx_pool_t                  *pool;
    ngx_http_sent_conv_batch_t  *batch;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    batch = call->data;
    pool = call->request->pool;

    ngx_http_sent_conv_note_conversation(call, &in->conversation_id);

    if (in->what == NGX_SENT_CONV_IN_DUPLICATE) {
        batch->duplicates++;
        ngx_http_sent_conv_batch_count(call, NGX_SENT_CONV_M_DUPLICATE);

    } else {
        batch->accepted++;
        ngx_http_sent_conv_batch_count(call, NGX_SENT_CONV_M_ACCEPTED);
    }

    call->consent |= in->stop;

    /* only who plays a contact is answered with ids */

    if (batch->played) {
        batch->message_id.len = in->message_id.len;
        batch->message_id.data = ngx_pstrdup(pool, &in->message_id);

        batch->conversation_id.len = in->conversation_id.len;
        batch->conversation_id.data = ngx_pstrdup(pool,
                                                  &in->conversation_id);

        if (batch->message_id.data == NULL
            || batch->conversation_id.data == NULL)
        {
            ngx_http_sent_conv_reply_abort(call);
            return;
        }
    }

    ngx_http_sent_conv_batch_next(batch);

    ngx_http_sent_conv_batch_take(call);
}


static void
ngx_http_sent_conv_batch_report(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_customer_t *customer)
{
    ngx_int_t                      rc;
    ngx_sent_conv_report_t         report;
    ngx_http_sent_conv_batch_t    *batch;
    ngx_sent_conv_carrier_item_t  *item;

    batch = call->data;
    item = batch->items->elts;
    item += batch->i;

    ngx_memzero(&report, sizeof(ngx_sent_conv_report_t));

    report.customer = customer;
    report.channel = batch->channel;
    report.message_id = item->message_id;
    report.carrier_id = item->id;
    report.number = batch->owner.number;
    report.contact = item->message_id.len ? batch->owner.contact : item->to;
    report.status = item->status;
    report.error_code = item->error_code;
    report.error_title = item->error_title;
    report.trace = call->trace;

    rc = ngx_sent_conv_store_report(call->store, &report,
                                    ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_batch_reported);
}


static void
ngx_http_sent_conv_batch_reported(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_int_t *rc = result;

    ngx_http_sent_conv_batch_t  *batch;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    batch = call->data;

    if (rc != NULL && *rc == NGX_OK) {
        batch->accepted++;
        ngx_http_sent_conv_batch_count(call, NGX_SENT_CONV_M_ACCEPTED);

    } else {
        (void) ngx_http_sent_conv_batch_drop(call, "an unknown message",
                                             NULL);
    }

    ngx_http_sent_conv_batch_next(batch);

    ngx_http_sent_conv_batch_take(call);
}
