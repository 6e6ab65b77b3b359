
/*
 * Tests of the whatsapp_cloud format: contacts' messages of every type.
 */


#include "ngx_sent_conv_unit_carrier.h"


/* a notification around members of its value, as Meta sends it */

#define HEAD                                                                 \
    "{\"object\":\"whatsapp_business_account\",\"entry\":[{"                 \
    "\"id\":\"102290129340398\",\"changes\":[{\"value\":{"                   \
    "\"messaging_product\":\"whatsapp\",\"metadata\":{"                      \
    "\"display_phone_number\":\"15550783881\","                              \
    "\"phone_number_id\":\"106540352242922\"},"                              \
    "\"contacts\":[{\"profile\":{\"name\":\"Sheena Nelson\"},"               \
    "\"wa_id\":\"16505551234\"}],"

#define TAIL  "},\"field\":\"messages\"}]}]}"

#define MESSAGE                                                              \
    "\"messages\":[{\"from\":\"16505551234\","                               \
    "\"id\":\"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRB/g==\","                 \
    "\"timestamp\":\"1749416383\","


typedef struct {
    const char  *name;
    const char  *message;            /* what it has beside from, id and time */
    const char  *text;
    const char  *kind;
    const char  *attachments;
    const char  *reply_to;
} ngx_sent_conv_unit_wa_t;


static void ngx_sent_conv_unit_wa_envelope(ngx_pool_t *pool);
static void ngx_sent_conv_unit_wa_types(ngx_pool_t *pool);
static void ngx_sent_conv_unit_wa_silent(ngx_pool_t *pool);
static void ngx_sent_conv_unit_wa_batch(ngx_pool_t *pool);


static ngx_sent_conv_unit_wa_t  ngx_sent_conv_unit_wa_messages[] = {

    { "text",
      "\"type\":\"text\",\"text\":{\"body\":\"Does it come in red? \\u2764\"}",
      "Does it come in red? \xe2\x9d\xa4", "text", NULL, NULL },

    { "empty text",
      "\"type\":\"text\",\"text\":{\"body\":\"\"}", "", "text", NULL, NULL },

    { "reply",
      "\"context\":{\"from\":\"15550783881\",\"id\":\"wamid.OURS\"},"
      "\"type\":\"text\",\"text\":{\"body\":\"yes\"}",
      "yes", "text", NULL, "wamid.OURS" },

    { "forwarded",
      "\"context\":{\"forwarded\":true},"
      "\"type\":\"text\",\"text\":{\"body\":\"fwd\"}",
      "fwd", "text", NULL, NULL },

    { "reference of no use",
      "\"context\":{\"id\":\"a b\"},"
      "\"type\":\"text\",\"text\":{\"body\":\"x\"}",
      "x", "text", NULL, NULL },

    { "quick reply button",
      "\"context\":{\"from\":\"15550783881\",\"id\":\"wamid.OURS\"},"
      "\"type\":\"button\",\"button\":{\"payload\":\"No\",\"text\":\"Stop\"}",
      "Stop", "button", "[{\"type\":\"button\",\"payload\":\"No\"}]",
      "wamid.OURS" },

    { "reply button",
      "\"type\":\"interactive\",\"interactive\":{\"type\":\"button_reply\","
      "\"button_reply\":{\"id\":\"cancel-button\",\"title\":\"Cancel\"}}",
      "Cancel", "interactive",
      "[{\"type\":\"button_reply\",\"id\":\"cancel-button\"}]", NULL },

    { "list reply",
      "\"type\":\"interactive\",\"interactive\":{\"type\":\"list_reply\","
      "\"list_reply\":{\"id\":\"priority\",\"title\":\"Priority\","
      "\"description\":\"1 day\"}}",
      "Priority", "interactive",
      "[{\"type\":\"list_reply\",\"id\":\"priority\","
      "\"description\":\"1 day\"}]", NULL },

    { "flow",
      "\"type\":\"interactive\",\"interactive\":{\"type\":\"nfm_reply\","
      "\"nfm_reply\":{\"response_json\":\"{\\\"a\\\":1}\","
      "\"body\":\"Sent\",\"name\":\"flow\"}}",
      "Sent", "interactive",
      "[{\"type\":\"nfm_reply\",\"name\":\"flow\","
      "\"response_json\":\"{\\\"a\\\":1}\"}]", NULL },

    { "interactive of a new kind",
      "\"type\":\"interactive\",\"interactive\":{\"type\":\"new_reply\"}",
      NULL, "interactive", NULL, NULL },

    { "image",
      "\"type\":\"image\",\"image\":{\"caption\":\"Taj Mahal\","
      "\"mime_type\":\"image/jpeg\",\"sha256\":\"SfIn+J8=\","
      "\"id\":\"1003383421387256\",\"url\":\"https://lookaside/\"}",
      "Taj Mahal", "image",
      "[{\"type\":\"image\",\"id\":\"1003383421387256\","
      "\"mime_type\":\"image/jpeg\",\"sha256\":\"SfIn+J8=\"}]", NULL },

    { "image without caption",
      "\"type\":\"image\",\"image\":{\"mime_type\":\"image/png\","
      "\"id\":\"1\"}",
      NULL, "image",
      "[{\"type\":\"image\",\"id\":\"1\",\"mime_type\":\"image/png\"}]",
      NULL },

    { "video",
      "\"type\":\"video\",\"video\":{\"caption\":\"\","
      "\"mime_type\":\"video/mp4\",\"id\":\"2\"}",
      NULL, "video",
      "[{\"type\":\"video\",\"id\":\"2\",\"mime_type\":\"video/mp4\"}]",
      NULL },

    { "audio",
      "\"type\":\"audio\",\"audio\":{\"mime_type\":\"audio/ogg; codecs=opus\","
      "\"id\":\"3\",\"voice\":true}",
      NULL, "audio",
      "[{\"type\":\"audio\",\"id\":\"3\",\"mime_type\":"
      "\"audio/ogg; codecs=opus\",\"voice\":true}]", NULL },

    { "document",
      "\"type\":\"document\",\"document\":{\"caption\":\"bill\","
      "\"filename\":\"bill \\\"1\\\".pdf\",\"mime_type\":\"application/pdf\","
      "\"id\":\"4\"}",
      "bill", "document",
      "[{\"type\":\"document\",\"id\":\"4\",\"mime_type\":"
      "\"application/pdf\",\"filename\":\"bill \\\"1\\\".pdf\"}]", NULL },

    { "sticker",
      "\"type\":\"sticker\",\"sticker\":{\"mime_type\":\"image/webp\","
      "\"id\":\"5\",\"animated\":false}",
      NULL, "sticker",
      "[{\"type\":\"sticker\",\"id\":\"5\",\"mime_type\":\"image/webp\","
      "\"animated\":false}]", NULL },

    { "reaction",
      "\"type\":\"reaction\",\"reaction\":{\"message_id\":\"wamid.OURS\","
      "\"emoji\":\"\\uD83D\\uDC4D\"}",
      NULL, "reaction",
      "[{\"type\":\"reaction\",\"emoji\":\"\xf0\x9f\x91\x8d\"}]",
      "wamid.OURS" },

    { "reaction taken back",
      "\"type\":\"reaction\",\"reaction\":{\"message_id\":\"wamid.OURS\"}",
      NULL, "reaction", "[{\"type\":\"reaction\"}]", "wamid.OURS" },

    { "location",
      "\"type\":\"location\",\"location\":{\"latitude\":37.4421,"
      "\"longitude\":-122.1,\"name\":\"Philz\",\"address\":\"101 Forest\"}",
      NULL, "location",
      "[{\"type\":\"location\",\"latitude\":37.4421,\"longitude\":-122.1,"
      "\"name\":\"Philz\",\"address\":\"101 Forest\"}]", NULL },

    { "contact cards",
      "\"type\":\"contacts\",\"contacts\":[{\"name\":{\"first_name\":\"B\","
      "\"formatted_name\":\"Barbara J\"},\"phones\":[{\"phone\":"
      "\"+1 (650) 559-9999\",\"type\":\"HOME\"},{\"phone\":1}]},{},7]",
      NULL, "contacts",
      "[{\"type\":\"contact\",\"name\":\"Barbara J\",\"phones\":["
      "\"+1 (650) 559-9999\"]},{\"type\":\"contact\",\"name\":null,"
      "\"phones\":[]},{\"type\":\"contact\",\"name\":null,\"phones\":[]}]",
      NULL },

    { "order",
      "\"type\":\"order\",\"order\":{\"catalog_id\":\"194836987003835\","
      "\"text\":\"Love these!\",\"product_items\":[{\"quantity\":1}]}",
      NULL, "order",
      "[{\"type\":\"order\",\"catalog_id\":\"194836987003835\","
      "\"text\":\"Love these!\",\"product_items\":[{\"quantity\":1}]}]",
      NULL },

    { "unsupported",
      "\"errors\":[{\"code\":131051,\"title\":\"Message type unknown\"}],"
      "\"type\":\"unsupported\"", NULL, "unsupported", NULL, NULL },

    { "unheard of",
      "\"type\":\"template\",\"template\":{}", NULL, "unsupported", NULL,
      NULL },

    { NULL, NULL, NULL, NULL, NULL, NULL }
};


void
ngx_sent_conv_unit_whatsapp(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_wa_envelope(pool);
    ngx_sent_conv_unit_wa_types(pool);
    ngx_sent_conv_unit_wa_silent(pool);
    ngx_sent_conv_unit_wa_batch(pool);
}


static void
ngx_sent_conv_unit_wa_envelope(ngx_pool_t *pool)
{
    ngx_sent_conv_carrier_item_t  *item;
    ngx_sent_conv_unit_parsed_t    parsed;

    ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_whatsapp_cloud, "",
        HEAD MESSAGE "\"type\":\"text\",\"text\":{\"body\":\"hi\"}}]" TAIL,
        &parsed);

    ngx_sent_conv_unit_ok(parsed.rc == NGX_OK && parsed.n == 1
                          && parsed.skipped == 0, "whatsapp: one message");

    if (parsed.n != 1) {
        return;
    }

    item = parsed.items;

    ngx_sent_conv_unit_is(&item->id,
                          "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRB/g==",
                          "whatsapp: id");
    ngx_sent_conv_unit_is(&item->from, "+16505551234", "whatsapp: from");
    ngx_sent_conv_unit_is(&item->to, "+15550783881", "whatsapp: to");
    ngx_sent_conv_unit_is(&item->name, "Sheena Nelson", "whatsapp: name");
    ngx_sent_conv_unit_ok(item->at == 1749416383000LL, "whatsapp: at");
    ngx_sent_conv_unit_ok(!item->report && !item->consent
                          && item->keyword == NGX_SENT_CONV_KW_NONE
                          && item->message_id.len == 0
                          && item->status.len == 0, "whatsapp: a message");
    ngx_sent_conv_unit_ok(parsed.reply.type.len == 0,
                          "whatsapp: our own answer");
}


static void
ngx_sent_conv_unit_wa_types(ngx_pool_t *pool)
{
    u_char                         body[2048];
    ngx_sent_conv_unit_wa_t       *m;
    ngx_sent_conv_carrier_item_t  *item;
    ngx_sent_conv_unit_parsed_t    parsed;

    for (m = ngx_sent_conv_unit_wa_messages; m->name; m++) {

        *ngx_sprintf(body, "%s%s}]%s", HEAD MESSAGE, m->message, TAIL) = '\0';

        ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_whatsapp_cloud,
                                 "", (char *) body, &parsed);

        ngx_sent_conv_unit_ok(parsed.n == 1 && parsed.skipped == 0,
                              "whatsapp: %s is taken", m->name);

        if (parsed.n != 1) {
            continue;
        }

        item = parsed.items;

        ngx_sent_conv_unit_ok((item->text.data == NULL) == (m->text == NULL),
                              "text or none, %s", m->name);
        ngx_sent_conv_unit_field(&item->text, m->text, "text", m->name);
        ngx_sent_conv_unit_field(&item->kind, m->kind, "kind", m->name);
        ngx_sent_conv_unit_field(&item->attachments, m->attachments,
                                 "attachments", m->name);
        ngx_sent_conv_unit_field(&item->reply_to, m->reply_to, "reply_to",
                                 m->name);
    }
}


/* nobody has written */

static void
ngx_sent_conv_unit_wa_silent(ngx_pool_t *pool)
{
    ngx_uint_t                    i;
    ngx_sent_conv_unit_parsed_t   parsed;

    static const char  *bodies[] = {

        HEAD MESSAGE "\"type\":\"system\",\"system\":{\"body\":\"changed\","
        "\"wa_id\":\"12195555358\",\"type\":\"user_changed_number\"}}]" TAIL,

        HEAD MESSAGE "\"type\":\"request_welcome\"}]" TAIL,

        "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"changes\":["
        "{\"field\":\"message_template_status_update\",\"value\":{}}]}]}",

        "{\"object\":\"whatsapp_business_account\",\"entry\":[]}",
        HEAD "\"messages\":null" TAIL,
        NULL
    };

    for (i = 0; bodies[i]; i++) {
        ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_whatsapp_cloud,
                                 "", bodies[i], &parsed);

        ngx_sent_conv_unit_ok(parsed.rc == NGX_OK && parsed.n == 0
                              && parsed.skipped == 0,
                              "whatsapp: nothing in %d", (int) i);
    }
}


/* entries and changes in batches, what is unreadable in the midst of them */

static void
ngx_sent_conv_unit_wa_batch(ngx_pool_t *pool)
{
    ngx_sent_conv_carrier_item_t  *item;
    ngx_sent_conv_unit_parsed_t    parsed;

    ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_whatsapp_cloud, "",
        "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"changes\":["

        "{\"field\":\"messages\",\"value\":{\"metadata\":{"
        "\"display_phone_number\":\"+1 (555) 078-3881\"},\"contacts\":["
        "{\"profile\":{\"name\":\"A\"},\"wa_id\":\"16505550001\"},"
        "{\"profile\":{\"name\":\"B\"},\"wa_id\":\"16505550002\"}],"
        "\"messages\":["
        "{\"from\":\"16505550002\",\"id\":\"w1\",\"timestamp\":1749416383,"
        "\"type\":\"text\",\"text\":{\"body\":\"one\"}},"
        "{\"from\":\"16505550001\",\"id\":\"w 2\",\"type\":\"text\","
        "\"text\":{\"body\":\"two\"}},"
        "{\"from\":\"16505550003\",\"id\":\"w3\",\"type\":\"text\","
        "\"text\":{\"body\":\"three\"}}]}}]},"

        "7,{\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":{"
        "\"display_phone_number\":\"442071838750\"},\"messages\":["
        "{\"from\":\"16505550001\",\"id\":\"w4\",\"type\":\"text\","
        "\"text\":{\"body\":\"four\"}}],\"statuses\":[{\"id\":\"w5\","
        "\"status\":\"read\",\"recipient_id\":\"16505550001\"}]}}]}]}",
        &parsed);

    ngx_sent_conv_unit_ok(parsed.rc == NGX_OK && parsed.n == 4
                          && parsed.skipped == 2, "whatsapp: a batch");

    if (parsed.n != 4) {
        return;
    }

    item = parsed.items;

    ngx_sent_conv_unit_is(&item[0].text, "one", "whatsapp: the first");
    ngx_sent_conv_unit_is(&item[0].to, "+15550783881",
                          "whatsapp: a number as people write it");
    ngx_sent_conv_unit_is(&item[0].name, "B", "whatsapp: the writer's name");
    ngx_sent_conv_unit_ok(item[0].at == 1749416383000LL,
                          "whatsapp: a time that is a number");
    ngx_sent_conv_unit_is(&item[1].text, "three", "whatsapp: the third");
    ngx_sent_conv_unit_ok(item[1].name.len == 0 && item[1].at == 0,
                          "whatsapp: neither name nor time");
    ngx_sent_conv_unit_is(&item[2].to, "+442071838750",
                          "whatsapp: another number of ours");
    ngx_sent_conv_unit_ok(item[3].report, "whatsapp: a report with it");
}
