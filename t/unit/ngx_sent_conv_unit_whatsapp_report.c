
/*
 * Tests of the whatsapp_cloud format: statuses, preferences, and what nobody
 * should send.
 */


#include "ngx_sent_conv_unit_carrier.h"


#define HEAD                                                                 \
    "{\"object\":\"whatsapp_business_account\",\"entry\":[{"                 \
    "\"id\":\"102290129340398\",\"changes\":[{\"value\":{"                   \
    "\"messaging_product\":\"whatsapp\",\"metadata\":{"                      \
    "\"display_phone_number\":\"15550783881\","                              \
    "\"phone_number_id\":\"106540352242922\"},"

#define TAIL         "},\"field\":\"messages\"}]}]}"
#define PREFERENCES  "},\"field\":\"user_preferences\"}]}]}"
#define OURS         "019b76da-a800-7fc1-8000-000000000001"


typedef struct {
    const char  *status;             /* a member of "statuses" */
    const char  *is;                 /* NULL: it is skipped */
    const char  *message_id;
    const char  *to;
    const char  *code;
    const char  *title;
} ngx_sent_conv_unit_wa_status_t;


static void ngx_sent_conv_unit_wa_statuses(ngx_pool_t *pool);
static void ngx_sent_conv_unit_wa_preferences(ngx_pool_t *pool);
static void ngx_sent_conv_unit_wa_refused(ngx_pool_t *pool);
static void ngx_sent_conv_unit_wa_hostile(ngx_pool_t *pool);
static void ngx_sent_conv_unit_wa_large(ngx_pool_t *pool);


static ngx_sent_conv_unit_wa_status_t  ngx_sent_conv_unit_wa_states[] = {

    { "{\"id\":\"wamid.1\",\"status\":\"sent\",\"timestamp\":\"1750030073\","
      "\"recipient_id\":\"16505551234\",\"biz_opaque_callback_data\":\"" OURS
      "\",\"conversation\":{\"id\":\"e\",\"origin\":{\"type\":\"service\"}},"
      "\"pricing\":{\"billable\":true,\"category\":\"service\"}}",
      "SENT", OURS, "+16505551234", NULL, NULL },

    { "{\"id\":\"wamid.1\",\"status\":\"delivered\",\"timestamp\":"
      "\"1750030073\",\"recipient_id\":\"16505551234\"}",
      "DELIVERED", NULL, "+16505551234", NULL, NULL },

    { "{\"id\":\"wamid.1\",\"status\":\"read\",\"timestamp\":1750030073,"
      "\"recipient_id\":\"16505551234\","
      "\"biz_opaque_callback_data\":\"of another sender\"}",
      "READ", NULL, "+16505551234", NULL, NULL },

    { "{\"id\":\"wamid.1\",\"status\":\"failed\",\"timestamp\":\"1750030073\","
      "\"recipient_id\":\"16505551234\",\"biz_opaque_callback_data\":\"" OURS
      "\",\"errors\":[{\"code\":131047,\"title\":\"Re-engagement message\","
      "\"message\":\"Re-engagement message\",\"error_data\":{\"details\":"
      "\"More than 24 hours\"},\"href\":\"https://developers/\"}]}",
      "FAILED", OURS, "+16505551234", "131047", "Re-engagement message" },

    { "{\"id\":\"wamid.1\",\"status\":\"failed\","
      "\"recipient_id\":\"16505551234\",\"errors\":[{\"code\":131026,"
      "\"message\":\"Message\\nundeliverable\"}]}",
      "FAILED", NULL, "+16505551234", "131026", "Message undeliverable" },

    { "{\"id\":\"wamid.1\",\"status\":\"failed\","
      "\"recipient_id\":\"16505551234\",\"errors\":[{\"code\":131056,"
      "\"title\":\"Pair rate limit hit\"}]}",
      "AGAIN", NULL, "+16505551234", "131056", "Pair rate limit hit" },

    { "{\"id\":\"wamid.1\",\"status\":\"sent\","
      "\"recipient_id\":\"16505551234\",\"errors\":[{\"code\":130429}]}",
      "SENT", NULL, "+16505551234", "130429", NULL },

    { "{\"id\":\"wamid.1\",\"status\":\"failed\","
      "\"recipient_id\":\"16505551234\",\"errors\":[]}",
      "FAILED", NULL, "+16505551234", NULL, NULL },

    { "{\"id\":\"wamid.1\",\"status\":\"failed\","
      "\"recipient_id\":\"16505551234\",\"errors\":[{\"code\":\"a b\"}]}",
      "FAILED", NULL, "+16505551234", NULL, NULL },

    /* no number in it: by our id alone */

    { "{\"id\":\"wamid.1\",\"status\":\"read\",\"recipient_user_id\":"
      "\"US.13491208655302741918\",\"biz_opaque_callback_data\":\"" OURS
      "\"}", "READ", OURS, NULL, NULL, NULL },

    { "{\"id\":\"wamid.1\",\"status\":\"read\"}",
      NULL, NULL, NULL, NULL, NULL },
    { "{\"id\":\"wamid.1\",\"status\":\"read\",\"recipient_type\":\"group\","
      "\"recipient_id\":\"Y2FwaV9ncm91cDox\"}",
      NULL, NULL, NULL, NULL, NULL },
    { "{\"id\":\"wamid.1\",\"status\":\"deleted\","
      "\"recipient_id\":\"16505551234\"}", NULL, NULL, NULL, NULL, NULL },
    { "{\"id\":\"\",\"status\":\"read\",\"recipient_id\":\"16505551234\"}",
      NULL, NULL, NULL, NULL, NULL },
    { "{\"status\":\"read\",\"recipient_id\":\"16505551234\"}",
      NULL, NULL, NULL, NULL, NULL },
    { "{\"id\":\"wamid.1\",\"recipient_id\":\"16505551234\"}",
      NULL, NULL, NULL, NULL, NULL },
    { "{\"id\":\"wamid.1\",\"status\":\"read\",\"timestamp\":\"soon\","
      "\"recipient_id\":\"16505551234\"}", NULL, NULL, NULL, NULL, NULL },
    { "[]", NULL, NULL, NULL, NULL, NULL },

    { NULL, NULL, NULL, NULL, NULL, NULL }
};


void
ngx_sent_conv_unit_whatsapp_report(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_wa_statuses(pool);
    ngx_sent_conv_unit_wa_preferences(pool);
    ngx_sent_conv_unit_wa_refused(pool);
    ngx_sent_conv_unit_wa_hostile(pool);
    ngx_sent_conv_unit_wa_large(pool);
}


static void
ngx_sent_conv_unit_wa_statuses(ngx_pool_t *pool)
{
    u_char                           body[2048];
    ngx_sent_conv_carrier_item_t    *item;
    ngx_sent_conv_unit_parsed_t      parsed;
    ngx_sent_conv_unit_wa_status_t  *s;

    for (s = ngx_sent_conv_unit_wa_states; s->status; s++) {

        *ngx_sprintf(body, "%s\"statuses\":[%s]%s", HEAD, s->status, TAIL)
            = '\0';

        ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_whatsapp_cloud,
                                 "", (char *) body, &parsed);

        ngx_sent_conv_unit_ok(parsed.rc == NGX_OK
                              && parsed.n == (s->is ? 1 : 0)
                              && parsed.skipped == (s->is ? 0 : 1),
                              "status %s, %.60s", s->is ? s->is : "skipped",
                              s->status);

        if (parsed.n != 1 || s->is == NULL) {
            continue;
        }

        item = parsed.items;

        ngx_sent_conv_unit_ok(item->report && !item->consent, "a report");
        ngx_sent_conv_unit_field(&item->id, "wamid.1", "id", s->is);
        ngx_sent_conv_unit_field(&item->from, "+15550783881", "from", s->is);
        ngx_sent_conv_unit_field(&item->status, s->is, "status", s->is);
        ngx_sent_conv_unit_field(&item->message_id, s->message_id,
                                 "message id", s->is);
        ngx_sent_conv_unit_field(&item->to, s->to, "to", s->is);
        ngx_sent_conv_unit_field(&item->error_code, s->code, "code", s->is);
        ngx_sent_conv_unit_field(&item->error_title, s->title, "title",
                                 s->is);
    }
}


static void
ngx_sent_conv_unit_wa_preferences(ngx_pool_t *pool)
{
    ngx_uint_t                     i;
    ngx_sent_conv_carrier_item_t  *item;
    ngx_sent_conv_unit_parsed_t    parsed;

    static const char  *wrong[] = {
        "{\"wa_id\":\"16505551234\",\"category\":\"marketing_messages\","
            "\"value\":\"pause\"}",
        "{\"wa_id\":\"16505551234\",\"category\":\"calls\","
            "\"value\":\"stop\"}",
        "{\"category\":\"marketing_messages\",\"value\":\"stop\"}",
        "{\"wa_id\":16505551234,\"category\":\"marketing_messages\","
            "\"value\":\"stop\"}",
        NULL
    };
    u_char  body[1024];

    ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_whatsapp_cloud, "",
        HEAD "\"contacts\":[{\"wa_id\":\"16505551234\"}],"
        "\"user_preferences\":["
        "{\"wa_id\":\"16505551234\",\"detail\":\"User requested to stop\","
        "\"category\":\"marketing_messages\",\"value\":\"stop\","
        "\"timestamp\":1731705721},"
        "{\"wa_id\":\"16505551234\",\"detail\":\"User requested to resume\","
        "\"category\":\"marketing_messages\",\"value\":\"resume\","
        "\"timestamp\":1731705722}]" PREFERENCES, &parsed);

    ngx_sent_conv_unit_ok(parsed.n == 2 && parsed.skipped == 0,
                          "preferences taken");

    if (parsed.n == 2) {
        item = parsed.items;

        ngx_sent_conv_unit_ok(item[0].consent && !item[0].report
                              && item[0].keyword == NGX_SENT_CONV_KW_STOP
                              && item[0].at == 1731705721000LL,
                              "preference: stop");
        ngx_sent_conv_unit_ok(item[1].consent
                              && item[1].keyword == NGX_SENT_CONV_KW_START,
                              "preference: resume");
        ngx_sent_conv_unit_is(&item[0].from, "+16505551234",
                              "preference: of the contact");
        ngx_sent_conv_unit_is(&item[0].to, "+15550783881",
                              "preference: towards our number");
    }

    for (i = 0; wrong[i]; i++) {
        *ngx_sprintf(body, "%s\"user_preferences\":[%s]%s", HEAD, wrong[i],
                     PREFERENCES) = '\0';

        ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_whatsapp_cloud,
                                 "", (char *) body, &parsed);
        ngx_sent_conv_unit_ok(parsed.n == 0 && parsed.skipped == 1,
                              "preference skipped, %s", wrong[i]);
    }
}


static void
ngx_sent_conv_unit_wa_refused(ngx_pool_t *pool)
{
    ngx_uint_t                   i;
    ngx_sent_conv_unit_parsed_t  parsed;

    static const char  *bodies[] = {
        "", "hello", "null", "[]", "7", "{}", "{\"object\":\"page\","
        "\"entry\":[]}", "{\"object\":\"whatsapp_business_account\"}",
        "{\"object\":\"whatsapp_business_account\",\"entry\":{}}",
        "{\"object\":\"whatsapp_business_account\",\"entry\":[]",
        "{\"object\":\"whatsapp_business_account\",\"entry\":[\"\xff\"]}",
        "{\"object\":\"whatsapp_business_account\",\"entry\":[\"\\u0000\"]}",
        NULL
    };

    for (i = 0; bodies[i]; i++) {
        ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_whatsapp_cloud,
                                 "", bodies[i], &parsed);
        ngx_sent_conv_unit_ok(parsed.rc == NGX_DECLINED,
                              "whatsapp refuses \"%s\"",
                              i == 10 ? "a byte" : bodies[i]);
    }
}


/* one thing each that is not to be read */

static void
ngx_sent_conv_unit_wa_hostile(ngx_pool_t *pool)
{
    u_char                       body[1024];
    ngx_uint_t                   i;
    ngx_sent_conv_unit_parsed_t  parsed;

    static const char  *values[] = {
        "\"messages\":{}", "\"messages\":[null]", "\"messages\":[{}]",
        "\"statuses\":7", "\"errors\":[{\"code\":130429}]",
        "\"messages\":[{\"id\":\"w\",\"type\":\"text\","
            "\"text\":{\"body\":\"of no number\"}}]",
        "\"messages\":[{\"id\":\"w\",\"from\":\"1650555123456789012\","
            "\"type\":\"text\",\"text\":{\"body\":\"x\"}}]",
        "\"messages\":[{\"id\":\"w\",\"from\":16505551234,"
            "\"type\":\"text\",\"text\":{\"body\":\"x\"}}]",
        "\"messages\":[{\"id\":\"w\\n\",\"from\":\"16505551234\","
            "\"type\":\"text\",\"text\":{\"body\":\"x\"}}]",
        "\"messages\":[{\"id\":7,\"from\":\"16505551234\","
            "\"type\":\"text\",\"text\":{\"body\":\"x\"}}]",
        "\"messages\":[{\"id\":\"w\",\"from\":\"16505551234\"}]",
        "\"messages\":[{\"id\":\"w\",\"from\":\"16505551234\","
            "\"type\":\"text\"}]",
        "\"messages\":[{\"id\":\"w\",\"from\":\"16505551234\","
            "\"type\":\"text\",\"text\":{\"body\":7}}]",
        "\"messages\":[{\"id\":\"w\",\"from\":\"16505551234\","
            "\"type\":\"text\",\"text\":\"x\"}]",
        "\"messages\":[{\"id\":\"w\",\"from\":\"16505551234\","
            "\"type\":\"image\",\"image\":[]}]",
        "\"messages\":[{\"id\":\"w\",\"from\":\"16505551234\","
            "\"type\":\"image\",\"image\":{\"caption\":{}}}]",
        "\"messages\":[{\"id\":\"w\",\"from\":\"16505551234\","
            "\"type\":\"interactive\",\"interactive\":{}}]",
        "\"messages\":[{\"id\":\"w\",\"from\":\"16505551234\",\"type\":"
            "\"interactive\",\"interactive\":{\"type\":\"list_reply\"}}]",
        "\"messages\":[{\"id\":\"w\",\"from\":\"16505551234\","
            "\"type\":\"contacts\",\"contacts\":{}}]",
        "\"messages\":[{\"id\":\"w\",\"from\":\"16505551234\","
            "\"timestamp\":\"17.5\",\"type\":\"unsupported\"}]",
        "\"messages\":[{\"id\":\"w\",\"from\":\"16505551234\","
            "\"group_id\":\"Y2FwaV9\",\"type\":\"text\","
            "\"text\":{\"body\":\"in a group\"}}]",
        NULL
    };

    for (i = 0; values[i]; i++) {
        *ngx_sprintf(body, "%s%s%s", HEAD, values[i], TAIL) = '\0';

        ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_whatsapp_cloud,
                                 "", (char *) body, &parsed);
        ngx_sent_conv_unit_ok(parsed.rc == NGX_OK && parsed.n == 0
                              && parsed.skipped == 1, "skipped, %s",
                              values[i]);
    }

    /* nobody knows to whom it was written */

    ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_whatsapp_cloud, "",
        "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"changes\":["
        "{\"field\":\"messages\",\"value\":{\"metadata\":{},\"messages\":["
        "{\"id\":\"w\",\"from\":\"16505551234\",\"type\":\"unsupported\"}]}},"
        "{\"field\":\"messages\"},{\"value\":{}},null]}]}", &parsed);

    ngx_sent_conv_unit_ok(parsed.rc == NGX_OK && parsed.n == 0
                          && parsed.skipped == 4, "changes without number");
}


/* an id and a description that are too long, and many of all */

static void
ngx_sent_conv_unit_wa_large(ngx_pool_t *pool)
{
    u_char                       *body, *p;
    ngx_uint_t                    i;
    ngx_sent_conv_unit_parsed_t   parsed;

    body = ngx_pnalloc(pool, 1048576);
    if (body == NULL) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    p = ngx_sprintf(body, "%s\"messages\":[{\"from\":\"16505551234\","
                    "\"type\":\"unsupported\",\"id\":\"", HEAD);
    ngx_memset(p, 'a', NGX_SENT_CONV_CARRIER_ID_MAX + 1);
    p += NGX_SENT_CONV_CARRIER_ID_MAX + 1;
    p = ngx_sprintf(p, "\"},{\"from\":\"16505551234\",\"id\":\"w\","
                    "\"type\":\"image\",\"image\":{\"caption\":\"c\","
                    "\"id\":\"");
    ngx_memset(p, 'a', 65536);
    p += 65536;
    *ngx_sprintf(p, "\"}}]%s", TAIL) = '\0';

    ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_whatsapp_cloud, "",
                             (char *) body, &parsed);

    ngx_sent_conv_unit_ok(parsed.n == 1 && parsed.skipped == 1
                          && parsed.items[0].attachments.len == 0,
                          "whatsapp: too long");

    p = ngx_sprintf(body, "%s\"messages\":[{}", HEAD);

    for (i = 0; i < 50000; i++) {
        p = ngx_sprintf(p, ",{}");
    }

    *ngx_sprintf(p, "]%s", TAIL) = '\0';

    ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_whatsapp_cloud, "",
                             (char *) body, &parsed);

    ngx_sent_conv_unit_ok(parsed.n == 0 && parsed.skipped == 50001,
                          "whatsapp: many");
}
