
/*
 * Tests of the whatsapp_cloud format: who speaks, what goes out and what the
 * answers mean.
 */


#include "ngx_sent_conv_unit_carrier.h"


static void ngx_sent_conv_unit_wa_verify(ngx_pool_t *pool);
static void ngx_sent_conv_unit_wa_hello(ngx_pool_t *pool);
static void ngx_sent_conv_unit_wa_build(ngx_pool_t *pool);
static void ngx_sent_conv_unit_wa_sent(ngx_pool_t *pool);


#define ERROR(code)                                                          \
    "{\"error\":{\"message\":\"(#" code ") words\",\"type\":"                \
    "\"OAuthException\",\"code\":" code ",\"fbtrace_id\":\"A\"}}"

#define FINAL(status, code)                                                  \
    { ERROR(code), status, NGX_SENT_CONV_CARRIER_FINAL, code,                \
      "(#" code ") words" }

#define RETRY(status, code)                                                  \
    { ERROR(code), status, NGX_SENT_CONV_CARRIER_RETRY, code, NULL }


static ngx_sent_conv_unit_answer_t  ngx_sent_conv_unit_wa_answers[] = {

    /* the token is in a file, and must not get into a title */

    { "{\"error\":{\"message\":\"Malformed access token EAAG\","
      "\"code\":190}}", 400, NGX_SENT_CONV_CARRIER_RETRY, "190",
      "The access token is not valid or has expired." },
    { ERROR("0"), 401, NGX_SENT_CONV_CARRIER_RETRY, "0",
      "The access token is not valid or has expired." },
    { "<html>", 401, NGX_SENT_CONV_CARRIER_RETRY, "HTTP_401",
      "The access token was refused." },

    RETRY(503, "2"), RETRY(400, "4"), RETRY(400, "80007"),
    RETRY(400, "130429"), RETRY(429, "130429"), RETRY(500, "131000"),
    RETRY(500, "131016"), RETRY(400, "131048"), RETRY(400, "131056"),
    RETRY(500, "131057"), RETRY(503, "133004"), RETRY(400, "133016"),

    { ERROR("1"), 400, NGX_SENT_CONV_CARRIER_UNKNOWN, "1", NULL },
    { ERROR("1"), 500, NGX_SENT_CONV_CARRIER_UNKNOWN, "1", NULL },

    FINAL(500, "3"), FINAL(403, "10"), FINAL(400, "33"), FINAL(400, "100"),
    FINAL(403, "368"), FINAL(403, "131005"), FINAL(400, "131026"),
    FINAL(403, "131031"), FINAL(400, "131042"), FINAL(500, "131045"),
    FINAL(400, "131047"), FINAL(400, "131049"), FINAL(400, "131050"),
    FINAL(400, "131051"), FINAL(400, "132000"), FINAL(404, "132001"),
    FINAL(400, "132015"), FINAL(400, "133010"), FINAL(400, "135000"),

    /* codes of the future go by their status */

    FINAL(400, "139999"), RETRY(429, "139999"),
    { ERROR("139999"), 500, NGX_SENT_CONV_CARRIER_UNKNOWN, "139999", NULL },

    { "{\"error\":{\"message\":\"(#132000) words\",\"code\":132000,"
      "\"error_data\":{\"messaging_product\":\"whatsapp\",\"details\":"
      "\"body: number of\\nparams\"}}}", 400, NGX_SENT_CONV_CARRIER_FINAL,
      "132000", "body: number of params" },

    /* neither Meta's */

    { "", 0, NGX_SENT_CONV_CARRIER_UNKNOWN, NULL, NULL },
    { "", 502, NGX_SENT_CONV_CARRIER_UNKNOWN, "HTTP_502", NULL },
    { "<html>", 504, NGX_SENT_CONV_CARRIER_UNKNOWN, "HTTP_504", NULL },
    { "", 429, NGX_SENT_CONV_CARRIER_RETRY, "HTTP_429", NULL },
    { "{\"error\":7}", 400, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_400", NULL },
    { "{\"error\":{\"code\":\"a b\"}}", 400, NGX_SENT_CONV_CARRIER_FINAL,
      "HTTP_400", NULL },
    { "[]", 404, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_404", NULL },

    { NULL, 0, NGX_SENT_CONV_CARRIER_SENT, NULL, NULL }
};


void
ngx_sent_conv_unit_whatsapp_out(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_wa_verify(pool);
    ngx_sent_conv_unit_wa_hello(pool);
    ngx_sent_conv_unit_wa_build(pool);
    ngx_sent_conv_unit_wa_sent(pool);

    ngx_sent_conv_unit_verdicts(pool, &ngx_sent_conv_carrier_whatsapp_cloud,
                                ngx_sent_conv_unit_wa_answers);

    ngx_sent_conv_unit_ok(!ngx_sent_conv_carrier_whatsapp_cloud.token
                          && ngx_sent_conv_carrier_whatsapp_cloud.aliases,
                          "whatsapp: no token, but aliases");
}


/* over the bytes as they come: the same text, escaped, is another */

static void
ngx_sent_conv_unit_wa_verify(ngx_pool_t *pool)
{
    ngx_int_t                        rc;
    ngx_uint_t                       i;
    ngx_sent_conv_carrier_in_t       in;
    ngx_sent_conv_carrier_conf_t     conf;
    ngx_sent_conv_carrier_format_t  *format;

    static struct {
        const char  *body;
        const char  *signature;
        ngx_int_t    rc;
    } cases[] = {
        { "test", "sha256=0329a06b62cd16b33eb6792be8c60b15"
                  "8d89a2ee3a876fce9a881ebb488c0914", NGX_OK },
        { "test", "sha256=0329A06B62CD16B33EB6792BE8C60B15"
                  "8D89A2EE3A876FCE9A881EBB488C0914", NGX_OK },
        { "test ", "sha256=0329a06b62cd16b33eb6792be8c60b15"
                   "8d89a2ee3a876fce9a881ebb488c0914", NGX_DECLINED },
        { "test", "sha256=0329a06b62cd16b33eb6792be8c60b15"
                  "8d89a2ee3a876fce9a881ebb488c0915", NGX_DECLINED },
        { "test", "sha1=0329a06b62cd16b33eb6792be8c60b15"
                  "8d89a2ee3a876fce9a881ebb488c091400", NGX_DECLINED },
        { "test", "sha256=", NGX_DECLINED },
        { "test", "", NGX_DECLINED },
        { NULL, NULL, NGX_OK }
    };

    format = &ngx_sent_conv_carrier_whatsapp_cloud;

    ngx_memzero(&conf, sizeof(ngx_sent_conv_carrier_conf_t));
    ngx_memzero(&in, sizeof(ngx_sent_conv_carrier_in_t));

    conf.secret = ngx_sent_conv_unit_str(pool, "secret");

    for (i = 0; cases[i].body; i++) {
        in.body = ngx_sent_conv_unit_str(pool, cases[i].body);
        in.signature = ngx_sent_conv_unit_str(pool, cases[i].signature);

        rc = format->verify(pool, &conf, &in);

        ngx_sent_conv_unit_ok(rc == cases[i].rc, "whatsapp: signature %d",
                              (int) i);
    }

    ngx_sent_conv_unit_is(&format->signature, "x-hub-signature-256",
                          "whatsapp: header");
}


static void
ngx_sent_conv_unit_wa_hello(ngx_pool_t *pool)
{
    ngx_int_t                        rc;
    ngx_uint_t                       i;
    ngx_sent_conv_carrier_in_t       in;
    ngx_sent_conv_carrier_conf_t     conf;
    ngx_sent_conv_carrier_reply_t    reply;

    static struct {
        const char  *args;
        const char  *challenge;
    } cases[] = {
        { "hub.mode=subscribe&hub.challenge=1158201444"
          "&hub.verify_token=meaty+hamburger", "1158201444" },
        { "hub.verify_token=meaty%20hamburger&hub.challenge=a_B-9."
          "&hub.mode=subscribe&x=1", "a_B-9." },
        { "hub.mode=subscribe&hub.challenge=1&hub.verify_token=meaty", NULL },
        { "hub.mode=unsubscribe&hub.challenge=1"
          "&hub.verify_token=meaty+hamburger", NULL },
        { "hub.mode=subscribe&hub.verify_token=meaty+hamburger", NULL },
        { "hub.mode=subscribe&hub.challenge="
          "&hub.verify_token=meaty+hamburger", NULL },
        { "hub.mode=subscribe&hub.challenge=%3Cscript%3E"
          "&hub.verify_token=meaty+hamburger", NULL },
        { "hub.mode=subscribe&hub.challenge=1%"
          "&hub.verify_token=meaty+hamburger", NULL },
        { "", NULL },
        { NULL, NULL }
    };

    ngx_memzero(&conf, sizeof(ngx_sent_conv_carrier_conf_t));
    ngx_memzero(&in, sizeof(ngx_sent_conv_carrier_in_t));

    conf.verify_token = ngx_sent_conv_unit_str(pool, "meaty hamburger");

    for (i = 0; cases[i].args; i++) {
        ngx_memzero(&reply, sizeof(ngx_sent_conv_carrier_reply_t));

        in.args = ngx_sent_conv_unit_str(pool, cases[i].args);

        rc = ngx_sent_conv_carrier_whatsapp_cloud.hello(pool, &conf, &in,
                                                        &reply);

        ngx_sent_conv_unit_ok(rc == (cases[i].challenge ? NGX_OK
                                                        : NGX_DECLINED),
                              "whatsapp: hello, %s", cases[i].args);

        if (cases[i].challenge) {
            ngx_sent_conv_unit_is(&reply.body, cases[i].challenge,
                                  "whatsapp: challenge");
            ngx_sent_conv_unit_is(&reply.type, "text/plain",
                                  "whatsapp: as text");
            ngx_sent_conv_unit_ok(reply.status == 200, "whatsapp: 200");
        }
    }

    /* no token is no key */

    ngx_str_null(&conf.verify_token);
    in.args = ngx_sent_conv_unit_str(pool, "hub.mode=subscribe"
                                     "&hub.challenge=1&hub.verify_token=");

    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_whatsapp_cloud.hello(pool,
                                                        &conf, &in, &reply)
                          == NGX_DECLINED, "whatsapp: hello without a token");
}


static void
ngx_sent_conv_unit_wa_build(ngx_pool_t *pool)
{
    ngx_sent_conv_carrier_out_t    out;
    ngx_sent_conv_carrier_conf_t   conf;
    ngx_sent_conv_carrier_post_t   post;

    ngx_memzero(&conf, sizeof(ngx_sent_conv_carrier_conf_t));

    ngx_sent_conv_unit_out(pool, &out, "\"see https://example.com \\u00e9\"",
                           NULL);

    (void) ngx_sent_conv_carrier_whatsapp_cloud.build(pool, &conf, &out,
                                             NGX_SENT_CONV_WHATSAPP, &post);

    ngx_sent_conv_unit_is(&post.type, "application/json", "whatsapp: JSON");
    ngx_sent_conv_unit_is(&post.body,
        "{\"messaging_product\":\"whatsapp\",\"recipient_type\":"
        "\"individual\",\"to\":\"+5511987654321\","
        "\"biz_opaque_callback_data\":"
        "\"019b76da-a800-7fc1-8000-000000000001\",\"type\":\"text\","
        "\"text\":{\"preview_url\":false,"
        "\"body\":\"see https://example.com \\u00e9\"}}",
        "whatsapp: text");

    ngx_sent_conv_unit_out(pool, &out, "null",
        "{\"id\":\"7ba7b820-9dad-11d1-80b4-00c04fd430c8\","
        "\"name\":\"appointment_confirm\",\"parameters\":{\"name\":"
        "\"Jo \\\"J\\\"\",\"day\":\"Monday\"},"
        "\"whatsapp_name\":\"appointment\",\"language\":\"en_US\"}");

    (void) ngx_sent_conv_carrier_whatsapp_cloud.build(pool, &conf, &out,
                                             NGX_SENT_CONV_WHATSAPP, &post);

    ngx_sent_conv_unit_is(&post.body,
        "{\"messaging_product\":\"whatsapp\",\"recipient_type\":"
        "\"individual\",\"to\":\"+5511987654321\","
        "\"biz_opaque_callback_data\":"
        "\"019b76da-a800-7fc1-8000-000000000001\",\"type\":\"template\","
        "\"template\":{\"name\":\"appointment\",\"language\":{\"code\":"
        "\"en_US\"},\"components\":[{\"type\":\"body\",\"parameters\":["
        "{\"type\":\"text\",\"text\":\"Jo \\\"J\\\"\"},"
        "{\"type\":\"text\",\"text\":\"Monday\"}]}]}}",
        "whatsapp: template");

    ngx_sent_conv_unit_out(pool, &out, "null", "{\"parameters\":{},"
                           "\"whatsapp_name\":\"hello_world\","
                           "\"language\":\"en_US\"}");

    (void) ngx_sent_conv_carrier_whatsapp_cloud.build(pool, &conf, &out,
                                             NGX_SENT_CONV_WHATSAPP, &post);

    ngx_sent_conv_unit_is(&post.body,
        "{\"messaging_product\":\"whatsapp\",\"recipient_type\":"
        "\"individual\",\"to\":\"+5511987654321\","
        "\"biz_opaque_callback_data\":"
        "\"019b76da-a800-7fc1-8000-000000000001\",\"type\":\"template\","
        "\"template\":{\"name\":\"hello_world\",\"language\":{\"code\":"
        "\"en_US\"}}}",
        "whatsapp: template without parameters");
}


static void
ngx_sent_conv_unit_wa_sent(ngx_pool_t *pool)
{
    ngx_str_t                         answer;
    ngx_uint_t                        i;
    ngx_sent_conv_carrier_verdict_t   verdict;

    static struct {
        const char  *answer;
        const char  *id;
        const char  *alias;
    } cases[] = {
        { "{\"messaging_product\":\"whatsapp\",\"contacts\":[{\"input\":"
          "\"+14155550100\",\"wa_id\":\"14155550100\"}],\"messages\":["
          "{\"id\":\"wamid.X\",\"message_status\":\"accepted\"}]}",
          "wamid.X", NULL },

        /* Brazil's ninth digit, and Mexico's 1 */

        { "{\"contacts\":[{\"input\":\"+5511987654321\",\"wa_id\":"
          "\"551187654321\"}],\"messages\":[{\"id\":\"wamid.X\"}]}",
          "wamid.X", "+551187654321" },
        { "{\"contacts\":[{\"input\":\"52 55 1234 5678\",\"wa_id\":"
          "\"5215512345678\"}],\"messages\":[{\"id\":\"wamid.X\"}]}",
          "wamid.X", "+5215512345678" },

        { "{\"contacts\":[{\"wa_id\":\"14155550100\"}],"
          "\"messages\":[{\"id\":\"a b\"}]}", NULL, NULL },
        { "{\"contacts\":[{\"input\":\"14155550100\",\"wa_id\":\"US.1349\"}],"
          "\"messages\":[]}", NULL, NULL },
        { "{\"contacts\":7,\"messages\":[7]}", NULL, NULL },
        { "not JSON", NULL, NULL },
        { "", NULL, NULL },
        { NULL, NULL, NULL }
    };

    for (i = 0; cases[i].answer; i++) {
        answer = ngx_sent_conv_unit_str(pool, cases[i].answer);

        (void) ngx_sent_conv_carrier_whatsapp_cloud.verdict(pool, 200,
                                                         &answer, &verdict);

        ngx_sent_conv_unit_ok(verdict.what == NGX_SENT_CONV_CARRIER_SENT,
                              "whatsapp: sent, %s", cases[i].answer);
        ngx_sent_conv_unit_field(&verdict.id, cases[i].id, "whatsapp", "id");
        ngx_sent_conv_unit_field(&verdict.alias, cases[i].alias, "whatsapp",
                                 "alias");
    }
}
