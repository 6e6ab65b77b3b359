
/*
 * What WhatsApp tells us: notifications by Meta's "WhatsApp Business
 * Platform: messages webhook reference" and "user_preferences webhook
 * reference", as of June 2026.
 */


#include "ngx_sent_conv_carrier_whatsapp.h"


/* of the contacts of one change, those among which a name is looked for */
#define NGX_SENT_CONV_WHATSAPP_CONTACTS  64


typedef ngx_int_t (*ngx_sent_conv_whatsapp_reader_pt)(
    ngx_sent_conv_whatsapp_ctx_t *ctx, ngx_sent_conv_json_t *v,
    ngx_sent_conv_carrier_item_t *item);


static ngx_int_t ngx_sent_conv_whatsapp_entry(
    ngx_sent_conv_whatsapp_ctx_t *ctx, ngx_sent_conv_json_t *entry);
static ngx_int_t ngx_sent_conv_whatsapp_change(
    ngx_sent_conv_whatsapp_ctx_t *ctx, ngx_sent_conv_json_t *change);
static ngx_int_t ngx_sent_conv_whatsapp_each(ngx_sent_conv_whatsapp_ctx_t *ctx,
    const char *name, ngx_sent_conv_whatsapp_reader_pt reader);
static ngx_int_t ngx_sent_conv_whatsapp_name(ngx_sent_conv_whatsapp_ctx_t *ctx,
    ngx_str_t *from, ngx_str_t *name);
static ngx_uint_t ngx_sent_conv_whatsapp_is(ngx_str_t *text, const char *word);


ngx_int_t
ngx_sent_conv_whatsapp_parse(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in,
    ngx_array_t *items, ngx_uint_t *skipped,
    ngx_sent_conv_carrier_reply_t *reply)
{
    char                          *err;
    ngx_int_t                      rc;
    ngx_str_t                     *object;
    ngx_sent_conv_json_t          *value, *entries, *v;
    ngx_sent_conv_whatsapp_ctx_t   ctx;

    rc = ngx_sent_conv_json_parse_str(pool, &in->body, &value, &err);

    if (rc != NGX_OK) {
        return rc;
    }

    object = ngx_sent_conv_carrier_string(value, "object");
    entries = ngx_sent_conv_json_get(value, "entry");

    if (!ngx_sent_conv_whatsapp_is(object, "whatsapp_business_account")
        || entries == NULL || entries->type != NGX_SENT_CONV_JSON_ARRAY)
    {
        return NGX_DECLINED;
    }

    ngx_memzero(&ctx, sizeof(ngx_sent_conv_whatsapp_ctx_t));

    ctx.pool = pool;
    ctx.items = items;

    if (ngx_array_init(items, pool, 4, sizeof(ngx_sent_conv_carrier_item_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (v = entries->first; v != NULL; v = v->next) {
        if (ngx_sent_conv_whatsapp_entry(&ctx, v) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    *skipped = ctx.skipped;

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_whatsapp_entry(ngx_sent_conv_whatsapp_ctx_t *ctx,
    ngx_sent_conv_json_t *entry)
{
    ngx_sent_conv_json_t  *changes, *v;

    changes = ngx_sent_conv_json_get(entry, "changes");

    if (changes == NULL || changes->type != NGX_SENT_CONV_JSON_ARRAY) {
        ctx->skipped++;
        return NGX_OK;
    }

    for (v = changes->first; v != NULL; v = v->next) {
        if (ngx_sent_conv_whatsapp_change(ctx, v) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_whatsapp_change(ngx_sent_conv_whatsapp_ctx_t *ctx,
    ngx_sent_conv_json_t *change)
{
    ngx_str_t             *field;
    ngx_sent_conv_json_t  *metadata, *errors;

    field = ngx_sent_conv_carrier_string(change, "field");
    ctx->value = ngx_sent_conv_carrier_object(change, "value");

    if (field == NULL || ctx->value == NULL) {
        ctx->skipped++;
        return NGX_OK;
    }

    metadata = ngx_sent_conv_carrier_object(ctx->value, "metadata");

    if (ngx_sent_conv_whatsapp_phone(ctx->pool, metadata,
                                     "display_phone_number", &ctx->number)
        == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    if (ngx_sent_conv_whatsapp_is(field, "messages")) {

        /* of the account, not of a message: for the operator */

        errors = ngx_sent_conv_json_get(ctx->value, "errors");
        if (errors != NULL) {
            ctx->skipped++;
        }

        if (ngx_sent_conv_whatsapp_each(ctx, "messages",
                                        ngx_sent_conv_whatsapp_message)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        return ngx_sent_conv_whatsapp_each(ctx, "statuses",
                                           ngx_sent_conv_whatsapp_status);
    }

    if (ngx_sent_conv_whatsapp_is(field, "user_preferences")) {
        return ngx_sent_conv_whatsapp_each(ctx, "user_preferences",
                                           ngx_sent_conv_whatsapp_preference);
    }

    /* other fields of the account may be subscribed to, too */

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_whatsapp_each(ngx_sent_conv_whatsapp_ctx_t *ctx,
    const char *name, ngx_sent_conv_whatsapp_reader_pt reader)
{
    ngx_int_t                      rc;
    ngx_sent_conv_json_t          *list, *v;
    ngx_sent_conv_carrier_item_t  *item;

    list = ngx_sent_conv_json_get(ctx->value, name);

    if (list == NULL || list->type == NGX_SENT_CONV_JSON_NULL) {
        return NGX_OK;
    }

    if (list->type != NGX_SENT_CONV_JSON_ARRAY) {
        ctx->skipped++;
        return NGX_OK;
    }

    for (v = list->first; v != NULL; v = v->next) {

        item = ngx_array_push(ctx->items);
        if (item == NULL) {
            return NGX_ERROR;
        }

        ngx_memzero(item, sizeof(ngx_sent_conv_carrier_item_t));

        rc = (v->type == NGX_SENT_CONV_JSON_OBJECT && ctx->number.len)
             ? reader(ctx, v, item) : NGX_DECLINED;

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc != NGX_OK) {
            ctx->items->nelts--;
            ctx->skipped += (rc == NGX_DECLINED);
        }
    }

    return NGX_OK;
}


/*
 * A message of a group has no pair here, one of a user who hides the number
 * behind a name ("from" is absent) no contact.
 */

ngx_int_t
ngx_sent_conv_whatsapp_message(ngx_sent_conv_whatsapp_ctx_t *ctx,
    ngx_sent_conv_json_t *v, ngx_sent_conv_carrier_item_t *item)
{
    ngx_int_t              rc;
    ngx_str_t             *id, *replied;
    ngx_sent_conv_json_t  *context;

    id = ngx_sent_conv_carrier_string(v, "id");

    if (id == NULL || ngx_sent_conv_carrier_word(id) != NGX_OK
        || ngx_sent_conv_json_get(v, "group_id") != NULL
        || ngx_sent_conv_whatsapp_time(v, &item->at) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    item->id = *id;
    item->to = ctx->number;

    rc = ngx_sent_conv_whatsapp_phone(ctx->pool, v, "from", &item->from);

    if (rc != NGX_OK) {
        return rc;
    }

    context = ngx_sent_conv_carrier_object(v, "context");
    replied = ngx_sent_conv_carrier_string(context, "id");

    if (replied != NULL && ngx_sent_conv_carrier_word(replied) == NGX_OK) {
        item->reply_to = *replied;
    }

    rc = ngx_sent_conv_whatsapp_content(ctx->pool, v, item);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_sent_conv_whatsapp_name(ctx,
                                       ngx_sent_conv_carrier_string(v, "from"),
                                       &item->name);
}


static ngx_int_t
ngx_sent_conv_whatsapp_name(ngx_sent_conv_whatsapp_ctx_t *ctx,
    ngx_str_t *from, ngx_str_t *name)
{
    ngx_str_t             *id, *text;
    ngx_uint_t             n;
    ngx_sent_conv_json_t  *contacts, *v;

    contacts = ngx_sent_conv_json_get(ctx->value, "contacts");

    if (contacts == NULL || contacts->type != NGX_SENT_CONV_JSON_ARRAY) {
        return NGX_OK;
    }

    for (v = contacts->first, n = 0;
         v != NULL && n < NGX_SENT_CONV_WHATSAPP_CONTACTS;
         v = v->next, n++)
    {
        id = ngx_sent_conv_carrier_string(v, "wa_id");

        /* a user's id is not always the number */

        if (contacts->n > 1
            && (id == NULL || id->len != from->len
                || ngx_memcmp(id->data, from->data, id->len) != 0))
        {
            continue;
        }

        text = ngx_sent_conv_carrier_string(
                             ngx_sent_conv_carrier_object(v, "profile"),
                             "name");

        return (text != NULL) ? ngx_sent_conv_carrier_line(ctx->pool, text,
                                                           name)
                              : NGX_OK;
    }

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_whatsapp_preference(ngx_sent_conv_whatsapp_ctx_t *ctx,
    ngx_sent_conv_json_t *v, ngx_sent_conv_carrier_item_t *item)
{
    ngx_str_t  *category, *value;

    category = ngx_sent_conv_carrier_string(v, "category");
    value = ngx_sent_conv_carrier_string(v, "value");

    if (!ngx_sent_conv_whatsapp_is(category, "marketing_messages")
        || ngx_sent_conv_whatsapp_time(v, &item->at) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (ngx_sent_conv_whatsapp_is(value, "stop")) {
        item->keyword = NGX_SENT_CONV_KW_STOP;

    } else if (ngx_sent_conv_whatsapp_is(value, "resume")) {
        item->keyword = NGX_SENT_CONV_KW_START;

    } else {
        return NGX_DECLINED;
    }

    item->consent = 1;
    item->to = ctx->number;

    return ngx_sent_conv_whatsapp_phone(ctx->pool, v, "wa_id", &item->from);
}


ngx_int_t
ngx_sent_conv_whatsapp_time(ngx_sent_conv_json_t *v, int64_t *at)
{
    ngx_sent_conv_json_t  *time;

    time = ngx_sent_conv_json_get(v, "timestamp");

    if (time == NULL || time->type == NGX_SENT_CONV_JSON_NULL) {
        *at = 0;
        return NGX_OK;
    }

    *at = ngx_sent_conv_carrier_seconds(&time->text);

    return (*at == NGX_ERROR) ? NGX_DECLINED : NGX_OK;
}


ngx_int_t
ngx_sent_conv_whatsapp_phone(ngx_pool_t *pool, ngx_sent_conv_json_t *v,
    const char *name, ngx_str_t *phone)
{
    ngx_int_t   rc;
    ngx_str_t  *text;

    ngx_str_null(phone);

    text = ngx_sent_conv_carrier_string(v, name);

    if (text == NULL) {
        return NGX_DECLINED;
    }

    rc = ngx_sent_conv_carrier_phone(pool, text, phone);

    if (rc != NGX_OK) {
        ngx_str_null(phone);
    }

    return rc;
}


static ngx_uint_t
ngx_sent_conv_whatsapp_is(ngx_str_t *text, const char *word)
{
    return text != NULL && text->len == ngx_strlen(word)
           && ngx_memcmp(text->data, word, text->len) == 0;
}
