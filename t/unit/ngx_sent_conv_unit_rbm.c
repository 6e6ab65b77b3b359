
/*
 * Tests of the rbm format: users' messages, and events.
 */


#include "ngx_sent_conv_unit_carrier.h"


#define NUMBER  "+14155550102"
#define OURS    "019b76da-a800-7fc1-8000-000000000001"

#define FROM                                                                 \
    "{\"senderPhoneNumber\":\"+16505551234\",\"agentId\":\"acme\","          \
    "\"sendTime\":\"2026-01-01T00:00:00.123456789Z\","

#define USER  FROM "\"messageId\":\"MxDTMhVDqPSCSYVZFvMMT2-g\","

#define EVENT(type)                                                          \
    FROM "\"eventId\":\"Ms1\",\"messageId\":\"" OURS "\","                   \
    "\"eventType\":\"" type "\"}"


typedef struct {
    const char               *data;
    const char               *text;
    const char               *kind;
    const char               *attachments;
    ngx_sent_conv_keyword_e   keyword;
} ngx_sent_conv_unit_rbm_t;


static void ngx_sent_conv_unit_rbm_parse(ngx_pool_t *pool, const char *data,
    ngx_sent_conv_unit_parsed_t *parsed);
static void ngx_sent_conv_unit_rbm_types(ngx_pool_t *pool);
static void ngx_sent_conv_unit_rbm_events(ngx_pool_t *pool);
static void ngx_sent_conv_unit_rbm_hostile(ngx_pool_t *pool);


static ngx_sent_conv_unit_rbm_t  ngx_sent_conv_unit_rbm_messages[] = {

    { USER "\"text\":\"Hello \\u00e9\\nthere\"}", "Hello \xc3\xa9\nthere",
      "text", NULL, NGX_SENT_CONV_KW_NONE },
    { USER "\"text\":\"\"}", "", "text", NULL, NGX_SENT_CONV_KW_NONE },

    /* what a user writes is for the keywords that all channels have */

    { USER "\"text\":\"STOP\"}", "STOP", "text", NULL,
      NGX_SENT_CONV_KW_NONE },

    { USER "\"suggestionResponse\":{\"postbackData\":\"yes_1\",\"text\":"
      "\"Yes\",\"type\":\"REPLY\"}}", "Yes", "suggestion",
      "[{\"type\":\"suggestion\",\"postbackData\":\"yes_1\",\"text\":"
      "\"Yes\"}]", NGX_SENT_CONV_KW_NONE },
    { USER "\"suggestionResponse\":{\"postbackData\":\"STOP\",\"text\":"
      "\"No more\",\"type\":\"REPLY\"}}", "No more", "suggestion",
      "[{\"type\":\"suggestion\",\"postbackData\":\"STOP\",\"text\":"
      "\"No more\"}]",
      NGX_SENT_CONV_KW_STOP },
    { USER "\"suggestionResponse\":{\"postbackData\":\" stop. \",\"text\":"
      "\"No more\"}}", "No more", "suggestion",
      "[{\"type\":\"suggestion\",\"postbackData\":\" stop. \",\"text\":"
      "\"No more\"}]", NGX_SENT_CONV_KW_STOP },
    { USER "\"suggestionResponse\":{\"postbackData\":\"start\",\"text\":"
      "\"Again\"}}", "Again", "suggestion",
      "[{\"type\":\"suggestion\",\"postbackData\":\"start\",\"text\":"
      "\"Again\"}]", NGX_SENT_CONV_KW_START },
    { USER "\"suggestionResponse\":{\"postbackData\":\"HELP\",\"text\":"
      "\"?\"}}", "?", "suggestion",
      "[{\"type\":\"suggestion\",\"postbackData\":\"HELP\",\"text\":"
      "\"?\"}]", NGX_SENT_CONV_KW_HELP },
    { USER "\"suggestionResponse\":{\"postbackData\":\"STOP_1\",\"text\":"
      "\"No more\"}}", "No more", "suggestion",
      "[{\"type\":\"suggestion\",\"postbackData\":\"STOP_1\",\"text\":"
      "\"No more\"}]", NGX_SENT_CONV_KW_NONE },
    { USER "\"suggestionResponse\":{\"text\":\"Call\",\"type\":\"ACTION\"}}",
      "Call", "suggestion", "[{\"type\":\"suggestion\",\"text\":\"Call\"}]",
      NGX_SENT_CONV_KW_NONE },
    { USER "\"suggestionResponse\":{\"postbackData\":\"\"}}", NULL,
      "suggestion", "[{\"type\":\"suggestion\",\"postbackData\":\"\"}]",
      NGX_SENT_CONV_KW_NONE },
    { USER "\"suggestionResponse\":{\"postbackData\":7,\"text\":7}}", NULL,
      "suggestion", "[{\"type\":\"suggestion\",\"postbackData\":7,"
      "\"text\":7}]", NGX_SENT_CONV_KW_NONE },

    { USER "\"userFile\":{\"thumbnail\":{\"mimeType\":\"image/jpeg\","
      "\"fileUri\":\"https://x/t\"},\"payload\":{\"mimeType\":\"image/png\","
      "\"fileSizeBytes\":4711,\"fileName\":\"a \\\"b\\\".png\","
      "\"fileUri\":\"https://x/f\"}}}", NULL, "file",
      "[{\"type\":\"file\",\"mimeType\":\"image/png\","
      "\"fileSizeBytes\":4711,\"fileName\":\"a \\\"b\\\".png\","
      "\"fileUri\":\"https://x/f\"}]", NGX_SENT_CONV_KW_NONE },
    { USER "\"userFile\":{\"payload\":{\"type\":\"x\",\"a b\":1,\"\":2,"
      "\"\\\"\":3,\"a\":null}}}", NULL, "file",
      "[{\"type\":\"file\",\"a\":null}]", NGX_SENT_CONV_KW_NONE },
    { USER "\"userFile\":{}}", NULL, "file", "[{\"type\":\"file\"}]",
      NGX_SENT_CONV_KW_NONE },
    { USER "\"location\":{\"latitude\":37.4220188,\"longitude\":-122}}", NULL,
      "location", "[{\"type\":\"location\",\"latitude\":37.4220188,"
      "\"longitude\":-122}]", NGX_SENT_CONV_KW_NONE },

    { USER "\"audio\":{\"x\":1}}", NULL, "unsupported", NULL,
      NGX_SENT_CONV_KW_NONE },
    { USER "\"text\":7}", NULL, "unsupported", NULL, NGX_SENT_CONV_KW_NONE },
    { USER "\"suggestionResponse\":\"x\"}", NULL, "unsupported", NULL,
      NGX_SENT_CONV_KW_NONE },

    { NULL, NULL, NULL, NULL, NGX_SENT_CONV_KW_NONE }
};


void
ngx_sent_conv_unit_rbm(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_rbm_types(pool);
    ngx_sent_conv_unit_rbm_events(pool);
    ngx_sent_conv_unit_rbm_hostile(pool);
}


/* of data in its envelope, for the agent's number */

static void
ngx_sent_conv_unit_rbm_parse(ngx_pool_t *pool, const char *data,
    ngx_sent_conv_unit_parsed_t *parsed)
{
    u_char                       *p;
    ngx_str_t                     text, coded;
    ngx_array_t                   items;
    ngx_sent_conv_carrier_in_t    in;
    ngx_sent_conv_carrier_conf_t  conf;

    ngx_memzero(parsed, sizeof(ngx_sent_conv_unit_parsed_t));
    ngx_memzero(&conf, sizeof(ngx_sent_conv_carrier_conf_t));
    ngx_memzero(&in, sizeof(ngx_sent_conv_carrier_in_t));
    ngx_memzero(&items, sizeof(ngx_array_t));

    conf.number = ngx_sent_conv_unit_str(pool, NUMBER);

    text = ngx_sent_conv_unit_str(pool, data);

    p = ngx_pnalloc(pool, ngx_base64_encoded_length(text.len) + 128);
    if (p == NULL) {
        parsed->rc = NGX_ERROR;
        return;
    }

    in.body.data = p;
    coded.data = ngx_sprintf(p, "{\"message\":{\"messageId\":\"1\","
                             "\"data\":\"");
    ngx_encode_base64(&coded, &text);
    p = ngx_sprintf(coded.data + coded.len, "\"},\"subscription\":\"s\"}");
    in.body.len = p - in.body.data;

    parsed->rc = ngx_sent_conv_carrier_rbm.parse(pool, &conf, &in, &items,
                                                 &parsed->skipped,
                                                 &parsed->reply);

    if (parsed->rc == NGX_OK) {
        parsed->n = items.nelts;
        parsed->items = items.elts;
    }
}


static void
ngx_sent_conv_unit_rbm_types(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_rbm_t      *m;
    ngx_sent_conv_unit_parsed_t    parsed;
    ngx_sent_conv_carrier_item_t  *item;

    for (m = ngx_sent_conv_unit_rbm_messages; m->data; m++) {

        ngx_sent_conv_unit_rbm_parse(pool, m->data, &parsed);

        ngx_sent_conv_unit_ok(parsed.rc == NGX_OK && parsed.n == 1
                              && parsed.skipped == 0
                              && parsed.reply.type.len == 0,
                              "rbm: %s is taken", m->kind);

        if (parsed.n != 1) {
            continue;
        }

        item = parsed.items;

        ngx_sent_conv_unit_ok((item->text.data == NULL) == (m->text == NULL),
                              "text or none, %s", m->kind);
        ngx_sent_conv_unit_ok(item->keyword == m->keyword,
                              "rbm: keyword %d", (int) item->keyword);
        ngx_sent_conv_unit_ok(!item->report && !item->consent
                              && item->at == 1767225600123LL,
                              "rbm: a message, and its time");
        ngx_sent_conv_unit_field(&item->id, "MxDTMhVDqPSCSYVZFvMMT2-g", "id",
                                 m->kind);
        ngx_sent_conv_unit_field(&item->from, "+16505551234", "from",
                                 m->kind);
        ngx_sent_conv_unit_field(&item->to, NUMBER, "to", m->kind);
        ngx_sent_conv_unit_field(&item->text, m->text, "text", m->kind);
        ngx_sent_conv_unit_field(&item->kind, m->kind, "kind", m->kind);
        ngx_sent_conv_unit_field(&item->attachments, m->attachments,
                                 "attachments", m->kind);
    }
}


static void
ngx_sent_conv_unit_rbm_events(ngx_pool_t *pool)
{
    ngx_uint_t                     i;
    ngx_sent_conv_unit_parsed_t    parsed;
    ngx_sent_conv_carrier_item_t  *item;

    static const char  *reports[] = { "DELIVERED", "READ", NULL };

    static const char  *silent[] = {
        EVENT("IS_TYPING"), EVENT("SENT"), EVENT("SOMETHING_NEW"), NULL
    };

    static struct {
        const char               *data;
        ngx_sent_conv_keyword_e   keyword;
    } consents[] = {
        { EVENT("UNSUBSCRIBE"), NGX_SENT_CONV_KW_STOP },
        { EVENT("SUBSCRIBE"), NGX_SENT_CONV_KW_START },
        { FROM "\"eventType\":\"UNSUBSCRIBE\"}", NGX_SENT_CONV_KW_STOP },
        { NULL, NGX_SENT_CONV_KW_NONE }
    };

    for (i = 0; reports[i]; i++) {
        ngx_sent_conv_unit_rbm_parse(pool, i ? EVENT("READ")
                                             : EVENT("DELIVERED"), &parsed);

        ngx_sent_conv_unit_ok(parsed.rc == NGX_OK && parsed.n == 1
                              && parsed.skipped == 0, "rbm: event %s",
                              reports[i]);

        if (parsed.n != 1) {
            continue;
        }

        item = parsed.items;

        ngx_sent_conv_unit_ok(item->report && !item->consent
                              && item->at == 1767225600123LL,
                              "rbm: a report, and its time");
        ngx_sent_conv_unit_field(&item->status, reports[i], "status",
                                 reports[i]);
        ngx_sent_conv_unit_field(&item->message_id, OURS, "our id",
                                 reports[i]);
        ngx_sent_conv_unit_field(&item->id, NULL, "id", reports[i]);
        ngx_sent_conv_unit_field(&item->from, NUMBER, "from", reports[i]);
        ngx_sent_conv_unit_field(&item->to, "+16505551234", "to",
                                 reports[i]);
        ngx_sent_conv_unit_field(&item->error_code, NULL, "code",
                                 reports[i]);
    }

    for (i = 0; silent[i]; i++) {
        ngx_sent_conv_unit_rbm_parse(pool, silent[i], &parsed);
        ngx_sent_conv_unit_ok(parsed.rc == NGX_OK && parsed.n == 0
                              && parsed.skipped == 0,
                              "rbm: an event of no use");
    }

    for (i = 0; consents[i].data; i++) {
        ngx_sent_conv_unit_rbm_parse(pool, consents[i].data, &parsed);

        ngx_sent_conv_unit_ok(parsed.rc == NGX_OK && parsed.n == 1
                              && parsed.skipped == 0, "rbm: a consent");

        if (parsed.n != 1) {
            continue;
        }

        item = parsed.items;

        ngx_sent_conv_unit_ok(item->consent && !item->report
                              && item->keyword == consents[i].keyword,
                              "rbm: consent, keyword %d",
                              (int) item->keyword);
        ngx_sent_conv_unit_is(&item->from, "+16505551234", "rbm: whose");
        ngx_sent_conv_unit_is(&item->to, NUMBER, "rbm: to whom");
    }
}


static void
ngx_sent_conv_unit_rbm_hostile(ngx_pool_t *pool)
{
    ngx_uint_t                   i;
    ngx_sent_conv_unit_parsed_t  parsed;

    static const char  *skipped[] = {
        "", "x", "[]", "null", "\"x\"", "{}", "{\"a\":1,\"a\":2}",
        "{\"text\":\"x\",\"messageId\":\"m\"}",
        "{\"senderPhoneNumber\":\"\",\"text\":\"x\",\"messageId\":\"m\"}",
        "{\"senderPhoneNumber\":7,\"text\":\"x\",\"messageId\":\"m\"}",
        "{\"senderPhoneNumber\":\"acme@rbm.goog\",\"text\":\"x\","
        "\"messageId\":\"m\"}",
        "{\"senderPhoneNumber\":\"+123\",\"text\":\"x\","
        "\"messageId\":\"m\"}",
        FROM "\"text\":\"x\"}",
        FROM "\"messageId\":\"\",\"text\":\"x\"}",
        FROM "\"messageId\":\"a b\",\"text\":\"x\"}",
        FROM "\"messageId\":\"\\u00e9\",\"text\":\"x\"}",
        USER "\"text\":\"a\\u0000b\"}", USER "\"text\":\"\xff\"}",
        USER "\"text\":\"\\ud800\"}",
        FROM "\"eventType\":\"DELIVERED\"}",
        FROM "\"eventType\":\"READ\",\"messageId\":\"of-another\"}",
        FROM "\"eventType\":\"READ\",\"messageId\":\"" OURS "0\"}",
        NULL
    };

    static const char  *declined[] = {
        "", "{", "[]", "7", "{\"message\":{\"data\":\"****\"}}",
        "{\"message\":{\"data\":\"e\"}}", NULL
    };

    for (i = 0; skipped[i]; i++) {
        ngx_sent_conv_unit_rbm_parse(pool, skipped[i], &parsed);
        ngx_sent_conv_unit_ok(parsed.rc == NGX_OK && parsed.n == 0
                              && parsed.skipped == 1, "skipped, %d",
                              (int) i);
    }

    for (i = 0; declined[i]; i++) {
        ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_rbm, "",
                                 declined[i], &parsed);
        ngx_sent_conv_unit_ok(parsed.rc == NGX_DECLINED, "refused, \"%s\"",
                              declined[i]);
    }

    /* the time may be wrong, the message is not */

    ngx_sent_conv_unit_rbm_parse(pool, "{\"senderPhoneNumber\":"
                                 "\"+16505551234\",\"sendTime\":\"today\","
                                 "\"messageId\":\"m\",\"text\":\"x\"}",
                                 &parsed);
    ngx_sent_conv_unit_ok(parsed.n == 1 && parsed.items[0].at == 0,
                          "rbm: a time of no use");

    ngx_sent_conv_unit_rbm_parse(pool, "{\"senderPhoneNumber\":"
                                 "\"+16505551234\",\"messageId\":\"m\","
                                 "\"text\":\"x\"}", &parsed);
    ngx_sent_conv_unit_ok(parsed.n == 1 && parsed.items[0].at == 0,
                          "rbm: no time");
}
