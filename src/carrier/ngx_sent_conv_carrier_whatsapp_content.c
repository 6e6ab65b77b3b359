
/*
 * What is in a contact's message: text, kind, and what else it carries, by
 * the pages of Meta's "WhatsApp Business Platform: messages webhook
 * reference", one for each type, as of June 2026.
 */


#include "ngx_sent_conv_carrier_whatsapp.h"


#define NGX_SENT_CONV_WHATSAPP_MEMBERS  6


/* a type, the member that holds its text, and those that describe it */

typedef struct {
    ngx_str_t     type;
    const char   *text;
    const char   *members[NGX_SENT_CONV_WHATSAPP_MEMBERS];

    unsigned      required:1;        /* nothing without the text */
} ngx_sent_conv_whatsapp_type_t;


static ngx_sent_conv_whatsapp_type_t *ngx_sent_conv_whatsapp_type(
    ngx_sent_conv_whatsapp_type_t *types, ngx_str_t *name);
static ngx_int_t ngx_sent_conv_whatsapp_take(ngx_pool_t *pool,
    ngx_sent_conv_whatsapp_type_t *type, ngx_sent_conv_json_t *body,
    ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_whatsapp_interactive(ngx_pool_t *pool,
    ngx_sent_conv_json_t *message, ngx_sent_conv_carrier_item_t *item);
static ngx_int_t ngx_sent_conv_whatsapp_contacts(ngx_pool_t *pool,
    ngx_sent_conv_json_t *message, ngx_sent_conv_carrier_item_t *item);


static ngx_sent_conv_whatsapp_type_t  ngx_sent_conv_whatsapp_types[] = {

    { ngx_string("text"), "body", { NULL }, 1 },
    { ngx_string("button"), "text", { "payload", NULL }, 1 },
    { ngx_string("image"), "caption",
      { "id", "mime_type", "sha256", NULL }, 0 },
    { ngx_string("video"), "caption",
      { "id", "mime_type", "sha256", NULL }, 0 },
    { ngx_string("audio"), NULL,
      { "id", "mime_type", "sha256", "voice", NULL }, 0 },
    { ngx_string("document"), "caption",
      { "id", "mime_type", "sha256", "filename", NULL }, 0 },
    { ngx_string("sticker"), NULL,
      { "id", "mime_type", "sha256", "animated", NULL }, 0 },
    { ngx_string("location"), NULL,
      { "latitude", "longitude", "name", "address", "url", NULL }, 0 },
    { ngx_string("order"), NULL,
      { "catalog_id", "text", "product_items", NULL }, 0 },
    { ngx_string("reaction"), NULL, { "emoji", NULL }, 0 },

    { ngx_null_string, NULL, { NULL }, 0 }
};


static ngx_sent_conv_whatsapp_type_t  ngx_sent_conv_whatsapp_replies[] = {

    { ngx_string("button_reply"), "title", { "id", NULL }, 1 },
    { ngx_string("list_reply"), "title", { "id", "description", NULL }, 1 },
    { ngx_string("nfm_reply"), "body", { "name", "response_json", NULL }, 0 },

    { ngx_null_string, NULL, { NULL }, 0 }
};


/* a number has changed, a chat was opened: nobody has written */

static ngx_sent_conv_whatsapp_type_t  ngx_sent_conv_whatsapp_silent[] = {

    { ngx_string("system"), NULL, { NULL }, 0 },
    { ngx_string("request_welcome"), NULL, { NULL }, 0 },

    { ngx_null_string, NULL, { NULL }, 0 }
};


ngx_int_t
ngx_sent_conv_whatsapp_content(ngx_pool_t *pool,
    ngx_sent_conv_json_t *message, ngx_sent_conv_carrier_item_t *item)
{
    ngx_str_t                      *name, *replied;
    ngx_sent_conv_json_t           *body;
    ngx_sent_conv_whatsapp_type_t  *type;

    name = ngx_sent_conv_carrier_string(message, "type");

    if (name == NULL) {
        return NGX_DECLINED;
    }

    type = ngx_sent_conv_whatsapp_type(ngx_sent_conv_whatsapp_types, name);

    if (type != NULL) {
        body = ngx_sent_conv_carrier_object(message, (char *) name->data);
        replied = ngx_sent_conv_carrier_string(body, "message_id");

        if (replied != NULL
            && ngx_sent_conv_carrier_word(replied) == NGX_OK
            && ngx_strcmp(type->type.data, "reaction") == 0)
        {
            item->reply_to = *replied;
        }

        item->kind = type->type;

        return ngx_sent_conv_whatsapp_take(pool, type, body, item);
    }

    if (ngx_strcmp(name->data, "interactive") == 0) {
        return ngx_sent_conv_whatsapp_interactive(pool, message, item);
    }

    if (ngx_strcmp(name->data, "contacts") == 0) {
        return ngx_sent_conv_whatsapp_contacts(pool, message, item);
    }

    if (ngx_sent_conv_whatsapp_type(ngx_sent_conv_whatsapp_silent, name)
        != NULL)
    {
        return NGX_DONE;
    }

    /* a word that is not known does not become one of ours */

    ngx_str_set(&item->kind, "unsupported");

    return NGX_OK;
}


static ngx_sent_conv_whatsapp_type_t *
ngx_sent_conv_whatsapp_type(ngx_sent_conv_whatsapp_type_t *types,
    ngx_str_t *name)
{
    for ( /* void */ ; types->type.len; types++) {
        if (types->type.len == name->len
            && ngx_memcmp(types->type.data, name->data, name->len) == 0)
        {
            return types;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_sent_conv_whatsapp_take(ngx_pool_t *pool,
    ngx_sent_conv_whatsapp_type_t *type, ngx_sent_conv_json_t *body,
    ngx_sent_conv_carrier_item_t *item)
{
    ngx_uint_t             i;
    ngx_sent_conv_jw_t     w;
    ngx_sent_conv_json_t  *v;

    if (body == NULL) {
        return NGX_DECLINED;
    }

    v = (type->text != NULL) ? ngx_sent_conv_json_get(body, type->text) : NULL;

    if (v != NULL && v->type == NGX_SENT_CONV_JSON_STRING) {
        if (v->text.len || type->required) {
            item->text = v->text;
        }

    } else if (v != NULL || type->required) {
        return NGX_DECLINED;
    }

    if (type->members[0] == NULL) {
        return NGX_OK;
    }

    ngx_sent_conv_jw_init(&w, pool, 256);

    ngx_sent_conv_jw_open(&w, NULL, '[');
    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_str(&w, "type", &type->type);

    for (i = 0; type->members[i] != NULL; i++) {
        v = ngx_sent_conv_json_get(body, type->members[i]);
        if (v != NULL) {
            ngx_sent_conv_jw_value(&w, type->members[i], v);
        }
    }

    ngx_sent_conv_jw_close(&w, '}');
    ngx_sent_conv_jw_close(&w, ']');

    return ngx_sent_conv_carrier_attach(&w, item);
}


static ngx_int_t
ngx_sent_conv_whatsapp_interactive(ngx_pool_t *pool,
    ngx_sent_conv_json_t *message, ngx_sent_conv_carrier_item_t *item)
{
    ngx_str_t                      *name;
    ngx_sent_conv_json_t           *body;
    ngx_sent_conv_whatsapp_type_t  *type;

    body = ngx_sent_conv_carrier_object(message, "interactive");
    name = ngx_sent_conv_carrier_string(body, "type");

    if (name == NULL) {
        return NGX_DECLINED;
    }

    ngx_str_set(&item->kind, "interactive");

    type = ngx_sent_conv_whatsapp_type(ngx_sent_conv_whatsapp_replies, name);

    if (type == NULL) {
        return NGX_OK;
    }

    body = ngx_sent_conv_carrier_object(body, (char *) name->data);

    return ngx_sent_conv_whatsapp_take(pool, type, body, item);
}


static ngx_int_t
ngx_sent_conv_whatsapp_contacts(ngx_pool_t *pool,
    ngx_sent_conv_json_t *message, ngx_sent_conv_carrier_item_t *item)
{
    ngx_str_t             *phone;
    ngx_sent_conv_jw_t     w;
    ngx_sent_conv_json_t  *contacts, *phones, *v, *p;

    contacts = ngx_sent_conv_json_get(message, "contacts");

    if (contacts == NULL || contacts->type != NGX_SENT_CONV_JSON_ARRAY) {
        return NGX_DECLINED;
    }

    ngx_str_set(&item->kind, "contacts");

    ngx_sent_conv_jw_init(&w, pool, 256);
    ngx_sent_conv_jw_open(&w, NULL, '[');

    for (v = contacts->first; v != NULL; v = v->next) {

        ngx_sent_conv_jw_open(&w, NULL, '{');
        ngx_sent_conv_jw_cstr(&w, "type", "contact");
        ngx_sent_conv_jw_str(&w, "name",
            ngx_sent_conv_carrier_string(
                                     ngx_sent_conv_carrier_object(v, "name"),
                                     "formatted_name"));
        ngx_sent_conv_jw_open(&w, "phones", '[');

        phones = ngx_sent_conv_json_get(v, "phones");

        for (p = (phones != NULL) ? phones->first : NULL;
             p != NULL;
             p = p->next)
        {
            phone = ngx_sent_conv_carrier_string(p, "phone");
            if (phone != NULL) {
                ngx_sent_conv_jw_str(&w, NULL, phone);
            }
        }

        ngx_sent_conv_jw_close(&w, ']');
        ngx_sent_conv_jw_close(&w, '}');
    }

    ngx_sent_conv_jw_close(&w, ']');

    return ngx_sent_conv_carrier_attach(&w, item);
}
