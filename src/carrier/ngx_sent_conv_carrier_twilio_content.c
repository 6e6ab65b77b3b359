
/*
 * What is in a contact's message beside its text: media, a button, a place;
 * by "Twilio's request to your incoming message Webhook URL" of 9 March 2026.
 */


#include "ngx_sent_conv_carrier_twilio.h"


#define NGX_SENT_CONV_TWILIO_MEDIA_MAX  32


/* fields that together tell a kind, and what they are called here */

typedef struct {
    ngx_str_t     kind;
    const char   *type;              /* of the attachment */
    const char   *names[6][2];       /* field, member */
} ngx_sent_conv_twilio_kind_t;


static ngx_int_t ngx_sent_conv_twilio_media(ngx_pool_t *pool,
    ngx_array_t *fields, ngx_uint_t n, ngx_sent_conv_carrier_item_t *item);
static void ngx_sent_conv_twilio_type(ngx_str_t *mime, ngx_str_t *type);
static ngx_int_t ngx_sent_conv_twilio_described(ngx_pool_t *pool,
    ngx_array_t *fields, ngx_sent_conv_twilio_kind_t *kind,
    ngx_sent_conv_carrier_item_t *item);
static ngx_str_t *ngx_sent_conv_twilio_field(ngx_array_t *fields,
    const char *name);


static ngx_sent_conv_twilio_kind_t  ngx_sent_conv_twilio_kinds[] = {

    { ngx_string("button"), "button",
      { { "ButtonText", "text" }, { "ButtonPayload", "payload" },
        { NULL, NULL } } },

    { ngx_string("interactive"), "list_reply",
      { { "ListTitle", "title" }, { "ListId", "id" }, { NULL, NULL } } },

    { ngx_string("location"), "location",
      { { "Latitude", "latitude" }, { "Longitude", "longitude" },
        { "Label", "name" }, { "Address", "address" }, { NULL, NULL } } },

    { ngx_null_string, NULL, { { NULL, NULL } } }
};


ngx_int_t
ngx_sent_conv_twilio_content(ngx_pool_t *pool, ngx_array_t *fields,
    ngx_sent_conv_carrier_item_t *item)
{
    ngx_int_t                     n;
    ngx_str_t                    *media;
    ngx_uint_t                    i;
    ngx_sent_conv_twilio_kind_t  *kind;

    media = ngx_sent_conv_carrier_form_get(fields, "NumMedia");
    n = (media != NULL) ? ngx_atoi(media->data, media->len) : 0;

    if (n > 0) {
        return ngx_sent_conv_twilio_media(pool, fields,
                              ngx_min(n, NGX_SENT_CONV_TWILIO_MEDIA_MAX),
                              item);
    }

    for (kind = ngx_sent_conv_twilio_kinds; kind->kind.len; kind++) {
        for (i = 0; kind->names[i][0] != NULL; i++) {
            if (ngx_sent_conv_twilio_field(fields, kind->names[i][0]) != NULL)
            {
                return ngx_sent_conv_twilio_described(pool, fields, kind,
                                                      item);
            }
        }
    }

    if (item->text.data != NULL) {
        ngx_str_set(&item->kind, "text");

    } else {
        ngx_str_set(&item->kind, "unsupported");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_twilio_media(ngx_pool_t *pool, ngx_array_t *fields,
    ngx_uint_t n, ngx_sent_conv_carrier_item_t *item)
{
    u_char               name[sizeof("MediaContentType") + NGX_INT_T_LEN];
    ngx_str_t           *url, *mime, type;
    ngx_uint_t           i;
    ngx_sent_conv_jw_t   w;

    ngx_sent_conv_jw_init(&w, pool, 512);
    ngx_sent_conv_jw_open(&w, NULL, '[');

    for (i = 0; i < n; i++) {

        *ngx_sprintf(name, "MediaUrl%ui", i) = '\0';
        url = ngx_sent_conv_twilio_field(fields, (char *) name);

        *ngx_sprintf(name, "MediaContentType%ui", i) = '\0';
        mime = ngx_sent_conv_twilio_field(fields, (char *) name);

        ngx_sent_conv_twilio_type(mime, &type);

        if (i == 0) {
            item->kind = type;
        }

        ngx_sent_conv_jw_open(&w, NULL, '{');
        ngx_sent_conv_jw_str(&w, "type", &type);
        ngx_sent_conv_jw_str(&w, "url", url);
        ngx_sent_conv_jw_str(&w, "mime_type", mime);
        ngx_sent_conv_jw_close(&w, '}');
    }

    ngx_sent_conv_jw_close(&w, ']');

    return ngx_sent_conv_carrier_attach(&w, item);
}


static void
ngx_sent_conv_twilio_type(ngx_str_t *mime, ngx_str_t *type)
{
    ngx_str_t  *known;

    static ngx_str_t  types[] = {
        ngx_string("image"),
        ngx_string("video"),
        ngx_string("audio"),
        ngx_null_string
    };

    for (known = types; known->len; known++) {
        if (mime != NULL && mime->len > known->len
            && mime->data[known->len] == '/'
            && ngx_strncasecmp(mime->data, known->data, known->len) == 0)
        {
            *type = *known;
            return;
        }
    }

    ngx_str_set(type, "document");
}


static ngx_int_t
ngx_sent_conv_twilio_described(ngx_pool_t *pool, ngx_array_t *fields,
    ngx_sent_conv_twilio_kind_t *kind, ngx_sent_conv_carrier_item_t *item)
{
    ngx_str_t           *value;
    ngx_uint_t           i;
    ngx_sent_conv_jw_t   w;

    item->kind = kind->kind;

    /* what was touched is the text; a place has none */

    value = ngx_sent_conv_twilio_field(fields, kind->names[0][0]);

    if (item->text.data == NULL && value != NULL
        && ngx_strcmp(kind->type, "location") != 0)
    {
        item->text = *value;
    }

    ngx_sent_conv_jw_init(&w, pool, 256);
    ngx_sent_conv_jw_open(&w, NULL, '[');
    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_cstr(&w, "type", kind->type);

    for (i = 0; kind->names[i][0] != NULL; i++) {
        value = ngx_sent_conv_twilio_field(fields, kind->names[i][0]);

        if (value != NULL) {
            ngx_sent_conv_jw_str(&w, kind->names[i][1], value);
        }
    }

    ngx_sent_conv_jw_close(&w, '}');
    ngx_sent_conv_jw_close(&w, ']');

    return ngx_sent_conv_carrier_attach(&w, item);
}


/* one that says something, and that is a text */

static ngx_str_t *
ngx_sent_conv_twilio_field(ngx_array_t *fields, const char *name)
{
    ngx_str_t  *value;

    value = ngx_sent_conv_carrier_form_get(fields, name);

    return (value != NULL && value->len
            && ngx_sent_conv_carrier_text(value) == NGX_OK) ? value : NULL;
}
