
/*
 * Tests of the twilio format: what goes out, what the answers mean, and what
 * is reported.
 */


#include "ngx_sent_conv_unit_carrier.h"


#define OURS  "019b76da-a800-7fc1-8000-000000000001"

#define REPORT                                                               \
    "SmsSid=SM1&SmsStatus=x&To=%2B16505551234&MessageSid=SM1"                \
    "&AccountSid=AC1&From=%2B14155550100&ApiVersion=2010-04-01"              \
    "&MessageStatus="

#define ERROR(code)                                                          \
    "{\"code\":" code ",\"message\":\"Twilio's words\","                     \
    "\"more_info\":\"https://www.twilio.com/docs/errors/" code "\","         \
    "\"status\":400}"


static void ngx_sent_conv_unit_tw_reports(ngx_pool_t *pool);
static void ngx_sent_conv_unit_tw_build(ngx_pool_t *pool);
static void ngx_sent_conv_unit_tw_sent(ngx_pool_t *pool);


static ngx_sent_conv_unit_answer_t  ngx_sent_conv_unit_tw_answers[] = {

    { ERROR("20003"), 401, NGX_SENT_CONV_CARRIER_RETRY, "20003",
      "The account's credentials were refused." },
    { "", 401, NGX_SENT_CONV_CARRIER_RETRY, "HTTP_401",
      "The account's credentials were refused." },
    { ERROR("20429"), 429, NGX_SENT_CONV_CARRIER_RETRY, "20429", NULL },
    { ERROR("14107"), 400, NGX_SENT_CONV_CARRIER_RETRY, "14107", NULL },
    { ERROR("21611"), 400, NGX_SENT_CONV_CARRIER_RETRY, "21611", NULL },
    { ERROR("30001"), 400, NGX_SENT_CONV_CARRIER_RETRY, "30001", NULL },
    { ERROR("30022"), 400, NGX_SENT_CONV_CARRIER_RETRY, "30022", NULL },
    { ERROR("63017"), 400, NGX_SENT_CONV_CARRIER_RETRY, "63017", NULL },
    { ERROR("63018"), 400, NGX_SENT_CONV_CARRIER_RETRY, "63018", NULL },
    { ERROR("63038"), 429, NGX_SENT_CONV_CARRIER_RETRY, "63038", NULL },

    { ERROR("21211"), 400, NGX_SENT_CONV_CARRIER_FINAL, "21211",
      "Invalid \"To\" number." },
    { ERROR("21408"), 403, NGX_SENT_CONV_CARRIER_FINAL, "21408", NULL },
    { ERROR("21610"), 400, NGX_SENT_CONV_CARRIER_FINAL, "21610",
      "The recipient has opted out." },
    { ERROR("21614"), 400, NGX_SENT_CONV_CARRIER_FINAL, "21614", NULL },
    { ERROR("21617"), 400, NGX_SENT_CONV_CARRIER_FINAL, "21617", NULL },
    { ERROR("30003"), 400, NGX_SENT_CONV_CARRIER_FINAL, "30003", NULL },
    { ERROR("63007"), 400, NGX_SENT_CONV_CARRIER_FINAL, "63007", NULL },
    { ERROR("63016"), 400, NGX_SENT_CONV_CARRIER_FINAL, "63016", NULL },
    { ERROR("63024"), 400, NGX_SENT_CONV_CARRIER_FINAL, "63024", NULL },

    /* codes that are not known go by their status */

    { ERROR("29999"), 400, NGX_SENT_CONV_CARRIER_FINAL, "29999",
      "Twilio's words" },
    { ERROR("29999"), 429, NGX_SENT_CONV_CARRIER_RETRY, "29999", NULL },
    { ERROR("20500"), 500, NGX_SENT_CONV_CARRIER_UNKNOWN, "20500", NULL },

    { "", 0, NGX_SENT_CONV_CARRIER_UNKNOWN, NULL, NULL },
    { "<html>", 502, NGX_SENT_CONV_CARRIER_UNKNOWN, "HTTP_502", NULL },
    { "[]", 400, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_400", NULL },
    { "{\"code\":null}", 404, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_404", NULL },
    { "{\"code\":{}}", 404, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_404", NULL },

    { NULL, 0, NGX_SENT_CONV_CARRIER_SENT, NULL, NULL }
};


void
ngx_sent_conv_unit_twilio_out(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_tw_reports(pool);
    ngx_sent_conv_unit_tw_build(pool);
    ngx_sent_conv_unit_tw_sent(pool);

    ngx_sent_conv_unit_verdicts(pool, &ngx_sent_conv_carrier_twilio,
                                ngx_sent_conv_unit_tw_answers);

    ngx_sent_conv_unit_ok(!ngx_sent_conv_carrier_twilio.token
                          && !ngx_sent_conv_carrier_twilio.aliases
                          && ngx_sent_conv_carrier_twilio.hello == NULL,
                          "twilio: neither token nor aliases");
}


static void
ngx_sent_conv_unit_tw_reports(ngx_pool_t *pool)
{
    ngx_uint_t                     i;
    ngx_sent_conv_carrier_item_t  *item;
    ngx_sent_conv_unit_parsed_t    parsed;

    static struct {
        const char  *args;
        const char  *body;
        const char  *status;         /* NULL: it is skipped */
        const char  *message_id;
        const char  *from;
        const char  *code;
        const char  *title;
    } cases[] = {
        { "message_id=" OURS, REPORT "queued", "SENT", OURS,
          "+14155550100", NULL, NULL },
        { "message_id=" OURS, REPORT "accepted", "SENT", OURS,
          "+14155550100", NULL, NULL },
        { "message_id=" OURS, REPORT "sending", "SENT", OURS,
          "+14155550100", NULL, NULL },
        { "x=1&message_id=" OURS, REPORT "sent", "SENT", OURS,
          "+14155550100", NULL, NULL },
        { "", REPORT "delivered&RawDlrDoneDate=2601011200", "DELIVERED",
          NULL, "+14155550100", NULL, NULL },
        { "message_id=of-another", REPORT "read", "READ", NULL,
          "+14155550100", NULL, NULL },
        { "message_id=" OURS, REPORT "undelivered&ErrorCode=30003",
          "FAILED", OURS, "+14155550100", "30003",
          "Unreachable destination handset." },
        { "message_id=" OURS, REPORT "failed&ErrorCode=63016"
          "&ErrorMessage=Failed+to%0Asend", "FAILED", OURS, "+14155550100",
          "63016", "Failed to send" },
        { "message_id=" OURS, REPORT "undelivered&ErrorCode=30001",
          "AGAIN", OURS, "+14155550100", "30001", "Queue overflow." },
        { "message_id=" OURS, REPORT "failed&ErrorCode=39999", "FAILED",
          OURS, "+14155550100", "39999", NULL },
        { "message_id=" OURS, REPORT "failed&ErrorCode=a%22b", "FAILED",
          OURS, "+14155550100", NULL, NULL },
        { "message_id=" OURS, REPORT "delivered&ErrorCode=0", "DELIVERED",
          OURS, "+14155550100", NULL, NULL },

        /* from a pool of senders, of which none is chosen yet */

        { "message_id=" OURS, "MessageSid=SM1&MessageStatus=accepted"
          "&To=%2B16505551234", "SENT", OURS, NULL, NULL, NULL },

        { "", "SmsSid=SM1&SmsStatus=delivered&To=%2B16505551234"
          "&From=%2B14155550100", "DELIVERED", NULL, "+14155550100", NULL,
          NULL },

        { "", "MessageSid=SM1&MessageStatus=accepted&To=%2B16505551234",
          NULL, NULL, NULL, NULL, NULL },
        { "message_id=" OURS, REPORT "unheard", NULL, NULL, NULL, NULL,
          NULL },
        { "message_id=" OURS, "MessageStatus=sent", NULL, NULL, NULL, NULL,
          NULL },
        { "message_id=" OURS "%", "MessageSid=SM1&MessageStatus=sent", NULL,
          NULL, NULL, NULL, NULL },
        { NULL, NULL, NULL, NULL, NULL, NULL, NULL }
    };

    for (i = 0; cases[i].body; i++) {
        ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_twilio,
                                 cases[i].args, cases[i].body, &parsed);

        ngx_sent_conv_unit_ok(parsed.rc == NGX_OK
                              && parsed.n == (cases[i].status ? 1 : 0)
                              && parsed.skipped == (cases[i].status ? 0 : 1),
                              "twilio: report, %s", cases[i].body);

        if (parsed.n != 1 || cases[i].status == NULL) {
            continue;
        }

        item = parsed.items;

        ngx_sent_conv_unit_ok(item->report, "a report");
        ngx_sent_conv_unit_field(&item->id, "SM1", "id", cases[i].status);
        ngx_sent_conv_unit_field(&item->to, "+16505551234", "to",
                                 cases[i].status);
        ngx_sent_conv_unit_field(&item->status, cases[i].status, "status",
                                 cases[i].status);
        ngx_sent_conv_unit_field(&item->message_id, cases[i].message_id,
                                 "message id", cases[i].status);
        ngx_sent_conv_unit_field(&item->from, cases[i].from, "from",
                                 cases[i].status);
        ngx_sent_conv_unit_field(&item->error_code, cases[i].code, "code",
                                 cases[i].status);
        ngx_sent_conv_unit_field(&item->error_title, cases[i].title, "title",
                                 cases[i].status);
    }
}


static void
ngx_sent_conv_unit_tw_build(ngx_pool_t *pool)
{
    ngx_uint_t                    i;
    ngx_sent_conv_carrier_out_t   out;
    ngx_sent_conv_carrier_conf_t  conf;
    ngx_sent_conv_carrier_post_t  post;

    static struct {
        ngx_sent_conv_channel_e   channel;
        const char               *url;
        const char               *text;
        const char               *template;
        const char               *body;
    } cases[] = {
        { NGX_SENT_CONV_SMS, "https://mycompany.com/twilio",
          "\"Hi \\u00e9 & you?\\n\"", NULL,
          "To=%2B5511987654321&From=%2B14155550100"
          "&Body=Hi+%C3%A9+%26+you%3F%0A"
          "&StatusCallback=https%3A%2F%2Fmycompany.com%2Ftwilio"
          "%3Fmessage_id%3D" OURS },
        { NGX_SENT_CONV_WHATSAPP, "https://mycompany.com/twilio?a=b",
          "\"x\"", NULL,
          "To=whatsapp%3A%2B5511987654321&From=whatsapp%3A%2B14155550100"
          "&Body=x&StatusCallback=https%3A%2F%2Fmycompany.com%2Ftwilio"
          "%3Fa%3Db%26message_id%3D" OURS },
        { NGX_SENT_CONV_SMS, "", "null",
          "{\"name\":\"appointment_confirm\",\"parameters\":{\"name\":"
          "\"Jo \\\"J\\\"\",\"day\":\"Monday\"},\"content_sid\":\"HX1\"}",
          "To=%2B5511987654321&From=%2B14155550100&ContentSid=HX1"
          "&ContentVariables=%7B%221%22%3A%22Jo+%5C%22J%5C%22%22%2C"
          "%222%22%3A%22Monday%22%7D" },
        { NGX_SENT_CONV_SMS, "", "null",
          "{\"parameters\":{},\"content_sid\":\"HX1\"}",
          "To=%2B5511987654321&From=%2B14155550100&ContentSid=HX1" },
        { NGX_SENT_CONV_SMS, "", "\"Hello Jo\"",
          "{\"parameters\":{\"name\":\"Jo\"}}",
          "To=%2B5511987654321&From=%2B14155550100&Body=Hello+Jo" },
        { NGX_SENT_CONV_SMS, "", NULL, NULL, NULL }
    };

    ngx_memzero(&conf, sizeof(ngx_sent_conv_carrier_conf_t));

    for (i = 0; cases[i].text; i++) {
        conf.url = ngx_sent_conv_unit_str(pool, cases[i].url);

        ngx_sent_conv_unit_out(pool, &out, cases[i].text, cases[i].template);

        (void) ngx_sent_conv_carrier_twilio.build(pool, &conf, &out,
                                                  cases[i].channel, &post);

        ngx_sent_conv_unit_is(&post.body, cases[i].body, "twilio: form");
    }

    ngx_sent_conv_unit_is(&post.type, "application/x-www-form-urlencoded",
                          "twilio: a form");
}


static void
ngx_sent_conv_unit_tw_sent(ngx_pool_t *pool)
{
    ngx_str_t                        answer;
    ngx_uint_t                       i;
    ngx_sent_conv_carrier_verdict_t  verdict;

    static const char  *answers[][2] = {
        { "{\"sid\":\"SM1\",\"status\":\"queued\",\"error_code\":null}",
          "SM1" },
        { "{\"sid\":\"S M\"}", "" },
        { "{\"sid\":7}", "" },
        { "null", "" },
        { "not JSON", "" },
        { "", "" },
        { NULL, NULL }
    };

    for (i = 0; answers[i][0]; i++) {
        answer = ngx_sent_conv_unit_str(pool, answers[i][0]);

        (void) ngx_sent_conv_carrier_twilio.verdict(pool, 201, &answer,
                                                    &verdict);

        ngx_sent_conv_unit_ok(verdict.what == NGX_SENT_CONV_CARRIER_SENT,
                              "twilio: sent, %s", answers[i][0]);
        ngx_sent_conv_unit_field(&verdict.id, answers[i][1], "twilio", "sid");
    }
}
