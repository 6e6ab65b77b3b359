
/*
 * What Twilio tells us: forms by "Twilio's request to your incoming message
 * Webhook URL" of 9 March 2026 and "Track the Message Status of Outbound
 * Messages", as of the same time.
 */


#include "ngx_sent_conv_carrier_twilio.h"


static ngx_uint_t ngx_sent_conv_twilio_inbound(ngx_str_t *status);
static ngx_int_t ngx_sent_conv_twilio_message(ngx_pool_t *pool,
    ngx_array_t *fields, ngx_sent_conv_carrier_item_t *item);
static void ngx_sent_conv_twilio_optout(ngx_array_t *fields,
    ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_twilio_report(ngx_pool_t *pool,
    ngx_sent_conv_carrier_in_t *in, ngx_array_t *fields, ngx_str_t *status,
    ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_twilio_status(ngx_str_t *name,
    ngx_str_t *status);
static ngx_int_t ngx_sent_conv_twilio_ours(ngx_pool_t *pool, ngx_str_t *args,
    ngx_str_t *id);
static ngx_int_t ngx_sent_conv_twilio_sid(ngx_array_t *fields, ngx_str_t *sid);
static ngx_int_t ngx_sent_conv_twilio_phone(ngx_array_t *fields,
    const char *name, ngx_str_t *phone);


/* what Twilio has taken is sent, as by its answer to the POST */

static struct {
    ngx_str_t     name;
    ngx_str_t     status;
} ngx_sent_conv_twilio_statuses[] = {
    { ngx_string("accepted"), ngx_string("SENT") },
    { ngx_string("scheduled"), ngx_string("SENT") },
    { ngx_string("queued"), ngx_string("SENT") },
    { ngx_string("sending"), ngx_string("SENT") },
    { ngx_string("sent"), ngx_string("SENT") },
    { ngx_string("delivered"), ngx_string("DELIVERED") },
    { ngx_string("read"), ngx_string("READ") },
    { ngx_string("undelivered"), ngx_string("FAILED") },
    { ngx_string("failed"), ngx_string("FAILED") },
    { ngx_string("canceled"), ngx_string("FAILED") },
    { ngx_null_string, ngx_null_string }
};


ngx_int_t
ngx_sent_conv_twilio_parse(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in,
    ngx_array_t *items, ngx_uint_t *skipped,
    ngx_sent_conv_carrier_reply_t *reply)
{
    ngx_int_t                      rc;
    ngx_str_t                     *status;
    ngx_array_t                    fields;
    ngx_sent_conv_carrier_item_t  *item;

    *skipped = 0;

    rc = ngx_sent_conv_carrier_form_parse(pool, &in->body, &fields);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_array_init(items, pool, 1, sizeof(ngx_sent_conv_carrier_item_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    item = ngx_array_push(items);
    if (item == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(item, sizeof(ngx_sent_conv_carrier_item_t));

    status = ngx_sent_conv_carrier_form_get(&fields, "MessageStatus");

    if (status == NULL) {
        status = ngx_sent_conv_carrier_form_get(&fields, "SmsStatus");
    }

    if (ngx_sent_conv_twilio_inbound(status)) {
        rc = ngx_sent_conv_twilio_message(pool, &fields, item);

    } else {
        rc = ngx_sent_conv_twilio_report(pool, in, &fields, status, item);
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc != NGX_OK) {
        items->nelts--;
        (*skipped)++;
    }

    /* TwiML that has nothing to be done */

    reply->status = 200;
    ngx_str_set(&reply->type, "text/xml");
    ngx_str_set(&reply->body, "<Response/>");

    return NGX_OK;
}


static ngx_uint_t
ngx_sent_conv_twilio_inbound(ngx_str_t *status)
{
    return status == NULL || status->len == 0
           || (status->len == sizeof("received") - 1
               && ngx_strncmp(status->data, "received", status->len) == 0)
           || (status->len == sizeof("receiving") - 1
               && ngx_strncmp(status->data, "receiving", status->len) == 0);
}


static ngx_int_t
ngx_sent_conv_twilio_message(ngx_pool_t *pool, ngx_array_t *fields,
    ngx_sent_conv_carrier_item_t *item)
{
    ngx_str_t  *body, *name, *replied;

    if (ngx_sent_conv_twilio_sid(fields, &item->id) != NGX_OK
        || ngx_sent_conv_twilio_phone(fields, "From", &item->from) != NGX_OK
        || ngx_sent_conv_twilio_phone(fields, "To", &item->to) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    ngx_sent_conv_twilio_optout(fields, item);

    body = ngx_sent_conv_carrier_form_get(fields, "Body");

    if (body != NULL && body->len) {
        if (ngx_sent_conv_carrier_text(body) != NGX_OK) {
            return NGX_DECLINED;
        }

        item->text = *body;
    }

    replied = ngx_sent_conv_carrier_form_get(fields,
                                             "OriginalRepliedMessageSid");

    if (replied != NULL && ngx_sent_conv_carrier_word(replied) == NGX_OK) {
        item->reply_to = *replied;
    }

    name = ngx_sent_conv_carrier_form_get(fields, "ProfileName");

    if (name != NULL && ngx_sent_conv_carrier_text(name) == NGX_OK
        && ngx_sent_conv_carrier_line(pool, name, &item->name) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_twilio_content(pool, fields, item);
}


/*
 * What Twilio itself has taken for an opt-out, with its own keywords; of a
 * type that is not known the text is left to tell.
 */

static void
ngx_sent_conv_twilio_optout(ngx_array_t *fields,
    ngx_sent_conv_carrier_item_t *item)
{
    ngx_str_t   *type;
    ngx_uint_t   i;

    static struct {
        ngx_str_t                name;
        ngx_sent_conv_keyword_e  keyword;
    } types[] = {
        { ngx_string("STOP"), NGX_SENT_CONV_KW_STOP },
        { ngx_string("START"), NGX_SENT_CONV_KW_START },
        { ngx_string("HELP"), NGX_SENT_CONV_KW_HELP },
        { ngx_null_string, NGX_SENT_CONV_KW_NONE }
    };

    type = ngx_sent_conv_carrier_form_get(fields, "OptOutType");

    if (type == NULL) {
        return;
    }

    for (i = 0; types[i].name.len; i++) {
        if (types[i].name.len == type->len
            && ngx_strncasecmp(types[i].name.data, type->data, type->len)
               == 0)
        {
            item->keyword = types[i].keyword;
            item->answered = 1;
            return;
        }
    }
}


/*
 * From and To are ours and the contact's; a sender that Twilio has not chosen
 * yet, or one that is no number, is left out, where our id is there.
 */

static ngx_int_t
ngx_sent_conv_twilio_report(ngx_pool_t *pool, ngx_sent_conv_carrier_in_t *in,
    ngx_array_t *fields, ngx_str_t *status,
    ngx_sent_conv_carrier_item_t *item)
{
    ngx_uint_t  numbers;

    if (ngx_sent_conv_twilio_sid(fields, &item->id) != NGX_OK
        || ngx_sent_conv_twilio_status(status, &item->status) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    item->report = 1;

    numbers = 1;

    if (ngx_sent_conv_twilio_phone(fields, "From", &item->from) != NGX_OK) {
        ngx_str_null(&item->from);
        numbers = 0;
    }

    if (ngx_sent_conv_twilio_phone(fields, "To", &item->to) != NGX_OK) {
        ngx_str_null(&item->to);
        numbers = 0;
    }

    if (ngx_sent_conv_twilio_ours(pool, &in->args, &item->message_id)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (item->message_id.len == 0 && !numbers) {
        return NGX_DECLINED;
    }

    return ngx_sent_conv_twilio_error(pool, fields, item);
}


static ngx_int_t
ngx_sent_conv_twilio_status(ngx_str_t *name, ngx_str_t *status)
{
    ngx_uint_t  i;

    for (i = 0; ngx_sent_conv_twilio_statuses[i].name.len; i++) {
        if (ngx_sent_conv_twilio_statuses[i].name.len == name->len
            && ngx_strncmp(ngx_sent_conv_twilio_statuses[i].name.data,
                           name->data, name->len)
               == 0)
        {
            *status = ngx_sent_conv_twilio_statuses[i].status;
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


/* our id stands in the URL that we gave for reports; the query was signed */

static ngx_int_t
ngx_sent_conv_twilio_ours(ngx_pool_t *pool, ngx_str_t *args, ngx_str_t *id)
{
    ngx_int_t     rc;
    ngx_str_t    *value;
    ngx_array_t   fields;

    rc = ngx_sent_conv_carrier_form_parse(pool, args, &fields);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc != NGX_OK) {
        return NGX_OK;
    }

    value = ngx_sent_conv_carrier_form_get(&fields, "message_id");

    if (value != NULL && ngx_sent_conv_uuid_check(value) == NGX_OK) {
        *id = *value;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_twilio_sid(ngx_array_t *fields, ngx_str_t *sid)
{
    ngx_str_t  *value;

    value = ngx_sent_conv_carrier_form_get(fields, "MessageSid");

    if (value == NULL) {
        value = ngx_sent_conv_carrier_form_get(fields, "SmsSid");
    }

    if (value == NULL || ngx_sent_conv_carrier_word(value) != NGX_OK) {
        return NGX_DECLINED;
    }

    *sid = *value;

    return NGX_OK;
}


/* E.164, on WhatsApp behind the channel's name */

static ngx_int_t
ngx_sent_conv_twilio_phone(ngx_array_t *fields, const char *name,
    ngx_str_t *phone)
{
    ngx_str_t  *value;

    static const size_t  prefix = sizeof("whatsapp:") - 1;

    value = ngx_sent_conv_carrier_form_get(fields, name);

    if (value == NULL) {
        return NGX_DECLINED;
    }

    *phone = *value;

    if (phone->len > prefix
        && ngx_strncmp(phone->data, "whatsapp:", prefix) == 0)
    {
        phone->data += prefix;
        phone->len -= prefix;
    }

    return ngx_sent_conv_phone_check(phone) == NGX_OK ? NGX_OK : NGX_DECLINED;
}
