
/*
 * Tests of the twilio format: who speaks, contacts' messages and reports.
 */


#include "ngx_sent_conv_unit_carrier.h"


#define SMS                                                                  \
    "ToCountry=US&SmsMessageSid=SM1&NumMedia=0&ToCity=&SmsSid=SM1"           \
    "&SmsStatus=received&To=%2B14155550100&NumSegments=1&MessageSid=SM1"     \
    "&AccountSid=AC1&From=%2B16505551234&ApiVersion=2010-04-01"

#define WHATSAPP                                                             \
    "SmsMessageSid=SM1&NumMedia=0&ProfileName=Sheena+Nelson&SmsSid=SM1"      \
    "&WaId=16505551234&SmsStatus=received&To=whatsapp%3A%2B14155550100"      \
    "&MessageSid=SM1&AccountSid=AC1&From=whatsapp%3A%2B16505551234"

#define MEDIA                                                                \
    "SmsMessageSid=MM1&SmsSid=MM1&SmsStatus=received&To=%2B14155550100"      \
    "&MessageSid=MM1&AccountSid=AC1&From=%2B16505551234"


typedef struct {
    const char               *body;
    const char               *text;
    const char               *kind;
    const char               *attachments;
    const char               *reply_to;
    ngx_sent_conv_keyword_e   keyword;
} ngx_sent_conv_unit_tw_t;


static void ngx_sent_conv_unit_tw_verify(ngx_pool_t *pool);
static void ngx_sent_conv_unit_tw_envelope(ngx_pool_t *pool);
static void ngx_sent_conv_unit_tw_types(ngx_pool_t *pool);
static void ngx_sent_conv_unit_tw_hostile(ngx_pool_t *pool);


static ngx_sent_conv_unit_tw_t  ngx_sent_conv_unit_tw_messages[] = {

    { SMS "&Body=Hello%2C+%C3%A9%0Athere", "Hello, \xc3\xa9\nthere", "text",
      NULL, NULL, NGX_SENT_CONV_KW_NONE },
    { SMS "&Body=stop&OptOutType=STOP", "stop", "text", NULL, NULL,
      NGX_SENT_CONV_KW_STOP },
    { SMS "&Body=weg&OptOutType=stop", "weg", "text", NULL, NULL,
      NGX_SENT_CONV_KW_STOP },
    { SMS "&Body=ja&OptOutType=START", "ja", "text", NULL, NULL,
      NGX_SENT_CONV_KW_START },
    { SMS "&Body=help&OptOutType=HELP", "help", "text", NULL, NULL,
      NGX_SENT_CONV_KW_HELP },
    { SMS "&Body=x&OptOutType=", "x", "text", NULL, NULL,
      NGX_SENT_CONV_KW_NONE },
    { SMS "&Body=stop&OptOutType=REVOKE", "stop", "text", NULL, NULL,
      NGX_SENT_CONV_KW_NONE },

    { WHATSAPP "&MessageType=text&Body=yes&OriginalRepliedMessageSid=SM9"
      "&OriginalRepliedMessageSender=whatsapp%3A%2B14155550100",
      "yes", "text", NULL, "SM9", NGX_SENT_CONV_KW_NONE },
    { WHATSAPP "&MessageType=button&Body=Stop&ButtonText=Stop"
      "&ButtonPayload=opt-out&OriginalRepliedMessageSid=SM9",
      "Stop", "button",
      "[{\"type\":\"button\",\"text\":\"Stop\",\"payload\":\"opt-out\"}]",
      "SM9", NGX_SENT_CONV_KW_NONE },
    { WHATSAPP "&MessageType=button&Body=&ButtonText=Yes&ButtonPayload=y",
      "Yes", "button",
      "[{\"type\":\"button\",\"text\":\"Yes\",\"payload\":\"y\"}]", NULL,
      NGX_SENT_CONV_KW_NONE },
    { WHATSAPP "&MessageType=interactive&Body=Two&ListTitle=Two&ListId=2",
      "Two", "interactive",
      "[{\"type\":\"list_reply\",\"title\":\"Two\",\"id\":\"2\"}]", NULL,
      NGX_SENT_CONV_KW_NONE },
    { WHATSAPP "&MessageType=location&Body=&Latitude=37.78&Longitude=-122.4"
      "&Address=375+Beale&Label=Twilio",
      NULL, "location",
      "[{\"type\":\"location\",\"latitude\":\"37.78\",\"longitude\":"
      "\"-122.4\",\"name\":\"Twilio\",\"address\":\"375 Beale\"}]", NULL,
      NGX_SENT_CONV_KW_NONE },
    { WHATSAPP "&MessageType=unsupported&Body=", NULL, "unsupported", NULL,
      NULL, NGX_SENT_CONV_KW_NONE },
    { WHATSAPP "&Body=x&OriginalRepliedMessageSid=S+M", "x", "text", NULL,
      NULL, NGX_SENT_CONV_KW_NONE },

    { MEDIA "&NumMedia=2&Body=look&MediaContentType0=image%2Fjpeg"
      "&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2FME1"
      "&MediaContentType1=video%2Fmp4&MediaUrl1=https%3A%2F%2Fx%2FME2",
      "look", "image",
      "[{\"type\":\"image\",\"url\":\"https://api.twilio.com/ME1\","
      "\"mime_type\":\"image/jpeg\"},{\"type\":\"video\",\"url\":"
      "\"https://x/ME2\",\"mime_type\":\"video/mp4\"}]", NULL,
      NGX_SENT_CONV_KW_NONE },
    { MEDIA "&NumMedia=1&Body=&MediaContentType0=text%2Fvcard&MediaUrl0=u",
      NULL, "document",
      "[{\"type\":\"document\",\"url\":\"u\",\"mime_type\":\"text/vcard\"}]",
      NULL, NGX_SENT_CONV_KW_NONE },
    { MEDIA "&NumMedia=1&MediaContentType0=imagery", NULL, "document",
      "[{\"type\":\"document\",\"url\":null,\"mime_type\":\"imagery\"}]",
      NULL, NGX_SENT_CONV_KW_NONE },
    { MEDIA "&NumMedia=-1&Body=x", "x", "text", NULL, NULL,
      NGX_SENT_CONV_KW_NONE },

    { NULL, NULL, NULL, NULL, NULL, NGX_SENT_CONV_KW_NONE }
};


void
ngx_sent_conv_unit_twilio(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_tw_verify(pool);
    ngx_sent_conv_unit_tw_envelope(pool);
    ngx_sent_conv_unit_tw_types(pool);
    ngx_sent_conv_unit_tw_hostile(pool);
}


/* examples of Twilio's page and of the tests of its libraries */

static void
ngx_sent_conv_unit_tw_verify(ngx_pool_t *pool)
{
    ngx_int_t                        rc;
    ngx_uint_t                       i;
    ngx_sent_conv_carrier_in_t       in;
    ngx_sent_conv_carrier_conf_t     conf;
    ngx_sent_conv_carrier_format_t  *format;

    static const char  body[] =
        "Digits=1234&To=%2B18005551212&From=%2b14158675309"
        "&CallSid=CA1234567890ABCDE&Caller=%2B14158675309";

    static const char  twice[] =
        "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234";

    static struct {
        const char  *url;
        const char  *args;
        const char  *body;
        const char  *signature;
        ngx_int_t    rc;
    } cases[] = {
        { "https://mycompany.com/myapp.php", "foo=1&bar=2", body,
          "RSOYDt4T1cUTdK1PDd93/VVr8B8=", NGX_OK },
        { "https://mycompany.com/myapp.php?foo=1&bar=2", "foo=1&bar=2", body,
          "RSOYDt4T1cUTdK1PDd93/VVr8B8=", NGX_OK },
        { "https://mycompany.com/myapp.php", "foo=1&bar=2", twice,
          "IK+Dwps556ElfBT0I3Rgjkr1wJU=", NGX_OK },

        /* with and without ports */

        { "https://mycompany.com:1234/myapp.php", "foo=1&bar=2", body,
          "RSOYDt4T1cUTdK1PDd93/VVr8B8=", NGX_OK },
        { "https://mycompany.com/myapp.php", "foo=1&bar=2", body,
          "kvajT1Ptam85bY51eRf/AJRuM3w=", NGX_OK },
        { "http://mycompany.com/myapp.php", "foo=1&bar=2", body,
          "0ZXoZLH/DfblKGATFgpif+LLRf4=", NGX_OK },
        { "http://mycompany.com:1234/myapp.php", "foo=1&bar=2", body,
          "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", NGX_OK },

        { "https://mycompany.com/myapp.php", "foo=1", body,
          "RSOYDt4T1cUTdK1PDd93/VVr8B8=", NGX_DECLINED },
        { "https://mycompany.com/myapp.php", "", body,
          "RSOYDt4T1cUTdK1PDd93/VVr8B8=", NGX_DECLINED },
        { "http://mycompany.com/myapp.php", "foo=1&bar=2", body,
          "RSOYDt4T1cUTdK1PDd93/VVr8B8=", NGX_DECLINED },
        { "https://mycompany.com/myapp.php", "foo=1&bar=2", twice,
          "RSOYDt4T1cUTdK1PDd93/VVr8B8=", NGX_DECLINED },
        { "https://mycompany.com/myapp.php", "foo=1&bar=2", body,
          "RSOYDt4T1cUTdK1PDd93/VVr8B8", NGX_DECLINED },
        { "https://mycompany.com/myapp.php", "foo=1&bar=2", body, "",
          NGX_DECLINED },
        { "https://mycompany.com/myapp.php", "foo=1&bar=2", "Body=%4",
          "RSOYDt4T1cUTdK1PDd93/VVr8B8=", NGX_DECLINED },
        { "", "", "", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", NGX_DECLINED },
        { "https://", "", "", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", NGX_DECLINED },
        { NULL, NULL, NULL, NULL, NGX_OK }
    };

    format = &ngx_sent_conv_carrier_twilio;

    ngx_memzero(&conf, sizeof(ngx_sent_conv_carrier_conf_t));
    ngx_memzero(&in, sizeof(ngx_sent_conv_carrier_in_t));

    conf.secret = ngx_sent_conv_unit_str(pool, "12345");

    for (i = 0; cases[i].url; i++) {
        conf.url = ngx_sent_conv_unit_str(pool, cases[i].url);
        in.args = ngx_sent_conv_unit_str(pool, cases[i].args);
        in.body = ngx_sent_conv_unit_str(pool, cases[i].body);
        in.signature = ngx_sent_conv_unit_str(pool, cases[i].signature);

        rc = format->verify(pool, &conf, &in);

        ngx_sent_conv_unit_ok(rc == cases[i].rc, "twilio: signature %d, %s",
                              (int) i, cases[i].url);
    }

    /* an address for a name, and one who logs in */

    conf.secret = ngx_sent_conv_unit_str(pool, "tok");
    in.args = ngx_sent_conv_unit_str(pool, "message_id=x");
    in.body = ngx_sent_conv_unit_str(pool,
                                "MessageSid=SM1&Body=a+b+%26+%C3%A9");

    conf.url = ngx_sent_conv_unit_str(pool,
                                      "https://u:p@[2001:db8::1]:8443/in");
    in.signature = ngx_sent_conv_unit_str(pool,
                                          "JuufsI4li5u4WtKBGIpCya/HwQk=");
    ngx_sent_conv_unit_ok(format->verify(pool, &conf, &in) == NGX_OK,
                          "twilio: signature with a port of IPv6");

    in.signature = ngx_sent_conv_unit_str(pool,
                                          "LR0o/mpRxbrlmwjbT41lwaxY4oM=");
    ngx_sent_conv_unit_ok(format->verify(pool, &conf, &in) == NGX_OK,
                          "twilio: signature without that port");

    conf.url = ngx_sent_conv_unit_str(pool, "https://u:p@[2001:db8::1]/in");
    ngx_sent_conv_unit_ok(format->verify(pool, &conf, &in) == NGX_OK,
                          "twilio: signature where there is none");

    ngx_str_null(&conf.secret);
    ngx_sent_conv_unit_ok(format->verify(pool, &conf, &in) != NGX_OK,
                          "twilio: signature without a secret");
}


static void
ngx_sent_conv_unit_tw_envelope(ngx_pool_t *pool)
{
    ngx_sent_conv_carrier_item_t  *item;
    ngx_sent_conv_unit_parsed_t    parsed;

    ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_twilio, "",
                             WHATSAPP "&Body=hi", &parsed);

    ngx_sent_conv_unit_ok(parsed.rc == NGX_OK && parsed.n == 1
                          && parsed.skipped == 0, "twilio: one message");

    if (parsed.n != 1) {
        return;
    }

    item = parsed.items;

    ngx_sent_conv_unit_is(&item->id, "SM1", "twilio: id");
    ngx_sent_conv_unit_is(&item->from, "+16505551234", "twilio: from");
    ngx_sent_conv_unit_is(&item->to, "+14155550100", "twilio: to");
    ngx_sent_conv_unit_is(&item->name, "Sheena Nelson", "twilio: name");
    ngx_sent_conv_unit_ok(item->at == 0 && !item->report && !item->consent,
                          "twilio: a message without a time");
    ngx_sent_conv_unit_ok(parsed.reply.status == 200, "twilio: 200");
    ngx_sent_conv_unit_is(&parsed.reply.type, "text/xml", "twilio: XML");
    ngx_sent_conv_unit_is(&parsed.reply.body, "<Response/>",
                          "twilio: nothing to be done");
}


static void
ngx_sent_conv_unit_tw_types(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_tw_t       *m;
    ngx_sent_conv_carrier_item_t  *item;
    ngx_sent_conv_unit_parsed_t    parsed;

    for (m = ngx_sent_conv_unit_tw_messages; m->body; m++) {

        ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_twilio, "",
                                 m->body, &parsed);

        ngx_sent_conv_unit_ok(parsed.n == 1 && parsed.skipped == 0,
                              "twilio: %s is taken", m->kind);

        if (parsed.n != 1) {
            continue;
        }

        item = parsed.items;

        ngx_sent_conv_unit_ok((item->text.data == NULL) == (m->text == NULL),
                              "text or none, %s", m->kind);
        ngx_sent_conv_unit_ok(item->keyword == m->keyword,
                              "twilio: keyword %d", (int) item->keyword);
        ngx_sent_conv_unit_field(&item->text, m->text, "text", m->kind);
        ngx_sent_conv_unit_field(&item->kind, m->kind, "kind", m->kind);
        ngx_sent_conv_unit_field(&item->attachments, m->attachments,
                                 "attachments", m->kind);
        ngx_sent_conv_unit_field(&item->reply_to, m->reply_to, "reply_to",
                                 m->kind);
    }
}


static void
ngx_sent_conv_unit_tw_hostile(ngx_pool_t *pool)
{
    ngx_uint_t                    i;
    ngx_sent_conv_unit_parsed_t   parsed;

    static const char  *skipped[] = {
        "", "x", "%7B%7D",
        "MessageSid=SM1&From=%2B16505551234&Body=x",
        "MessageSid=SM1&To=%2B14155550100&Body=x",
        "From=%2B16505551234&To=%2B14155550100&Body=x",
        "MessageSid=&From=%2B16505551234&To=%2B14155550100&Body=x",
        "MessageSid=S%20M&From=%2B16505551234&To=%2B14155550100&Body=x",
        "MessageSid=S%00&From=%2B16505551234&To=%2B14155550100&Body=x",
        "MessageSid=SM1&From=%2B16505551234&To=%2B14155550100&Body=%FF",
        "MessageSid=SM1&From=%2B16505551234&To=%2B14155550100&Body=a%00b",
        "MessageSid=SM1&From=12345&To=%2B14155550100&Body=x",
        "MessageSid=SM1&From=%2B16505551234&To=rcs%3Aagent&Body=x",
        "MessageSid=SM1&From=whatsapp%3A&To=%2B14155550100&Body=x",
        NULL
    };

    static const char  *declined[] = { "a=%", "Body=%E", "Body=%xx", NULL };

    for (i = 0; skipped[i]; i++) {
        ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_twilio, "",
                                 skipped[i], &parsed);
        ngx_sent_conv_unit_ok(parsed.rc == NGX_OK && parsed.n == 0
                              && parsed.skipped == 1, "skipped, \"%s\"",
                              skipped[i]);
    }

    for (i = 0; declined[i]; i++) {
        ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_twilio, "",
                                 declined[i], &parsed);
        ngx_sent_conv_unit_ok(parsed.rc == NGX_DECLINED, "refused, \"%s\"",
                              declined[i]);
    }

    /* what is but said of the contact may be wrong, the message is not */

    ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_twilio, "",
                             SMS "&Body=x&ProfileName=%FF&NumMedia=zz",
                             &parsed);
    ngx_sent_conv_unit_ok(parsed.n == 1 && parsed.items[0].name.len == 0,
                          "twilio: a name of no use");
}
