
/*
 * Tests of the rbm format: what goes out, and what the answers mean.
 */


#include "ngx_sent_conv_unit_carrier.h"


#define OURS  "019b76da-a800-7fc1-8000-000000000001"

#define ERROR(code, status)                                                  \
    "{\"error\":{\"code\":" code ",\"message\":\"Google's words\","          \
    "\"status\":\"" status "\",\"details\":[{\"@type\":"                     \
    "\"type.googleapis.com/google.rpc.BadRequest\"}]}}"


static void ngx_sent_conv_unit_rbm_build(ngx_pool_t *pool);
static void ngx_sent_conv_unit_rbm_sent(ngx_pool_t *pool);
static void ngx_sent_conv_unit_rbm_format(ngx_pool_t *pool);


static ngx_sent_conv_unit_answer_t  ngx_sent_conv_unit_rbm_answers[] = {

    { ERROR("400", "INVALID_ARGUMENT"), 400, NGX_SENT_CONV_CARRIER_FINAL,
      "INVALID_ARGUMENT", "Google's words" },
    { ERROR("403", "PERMISSION_DENIED"), 403, NGX_SENT_CONV_CARRIER_FINAL,
      "PERMISSION_DENIED", "Google's words" },
    { ERROR("404", "NOT_FOUND"), 404, NGX_SENT_CONV_CARRIER_FINAL,
      "NOT_FOUND", "Google's words" },
    { ERROR("400", "FAILED_PRECONDITION"), 400, NGX_SENT_CONV_CARRIER_FINAL,
      "FAILED_PRECONDITION", NULL },
    { ERROR("413", "OUT_OF_RANGE"), 413, NGX_SENT_CONV_CARRIER_FINAL,
      "OUT_OF_RANGE", NULL },

    { "", 400, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_400",
      "The carrier refused the message." },
    { "", 403, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_403", NULL },
    { "<html>Not found</html>", 404, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_404",
      "The carrier refused the message." },

    /* a token's end is no message's */

    { ERROR("401", "UNAUTHENTICATED"), 401, NGX_SENT_CONV_CARRIER_EXPIRED,
      NULL, NULL },
    { "", 401, NGX_SENT_CONV_CARRIER_EXPIRED, NULL, NULL },
    { "{", 401, NGX_SENT_CONV_CARRIER_EXPIRED, NULL, NULL },

    { ERROR("429", "RESOURCE_EXHAUSTED"), 429, NGX_SENT_CONV_CARRIER_RETRY,
      "RESOURCE_EXHAUSTED", NULL },
    { "", 429, NGX_SENT_CONV_CARRIER_RETRY, "HTTP_429", NULL },
    { "", 408, NGX_SENT_CONV_CARRIER_RETRY, "HTTP_408", NULL },
    { ERROR("409", "ABORTED"), 409, NGX_SENT_CONV_CARRIER_RETRY, "ABORTED",
      NULL },
    { "", 409, NGX_SENT_CONV_CARRIER_RETRY, "HTTP_409", NULL },

    /* it was there already, under our id */

    { ERROR("409", "ALREADY_EXISTS"), 409, NGX_SENT_CONV_CARRIER_SENT, "",
      "" },
    { ERROR("409", "ALREADY_EXISTS"), 400, NGX_SENT_CONV_CARRIER_FINAL,
      "ALREADY_EXISTS", NULL },

    { ERROR("500", "INTERNAL"), 500, NGX_SENT_CONV_CARRIER_UNKNOWN,
      "INTERNAL", "Google's words" },
    { ERROR("503", "UNAVAILABLE"), 503, NGX_SENT_CONV_CARRIER_UNKNOWN,
      "UNAVAILABLE", NULL },
    { ERROR("504", "DEADLINE_EXCEEDED"), 504, NGX_SENT_CONV_CARRIER_UNKNOWN,
      "DEADLINE_EXCEEDED", NULL },
    { "<html>", 502, NGX_SENT_CONV_CARRIER_UNKNOWN, "HTTP_502", NULL },
    { "", 500, NGX_SENT_CONV_CARRIER_UNKNOWN, "HTTP_500", NULL },
    { "", 0, NGX_SENT_CONV_CARRIER_UNKNOWN, NULL, NULL },
    { "", 302, NGX_SENT_CONV_CARRIER_UNKNOWN, "HTTP_302", NULL },

    /* errors that are none */

    { ERROR("404", "A B\\n\\\"C"), 404, NGX_SENT_CONV_CARRIER_FINAL,
      "HTTP_404", NULL },
    { "null", 400, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_400", NULL },
    { "[]", 400, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_400", NULL },
    { "\"error\"", 400, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_400", NULL },
    { "{\"error\":null}", 404, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_404",
      NULL },
    { "{\"error\":\"x\"}", 404, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_404",
      NULL },
    { "{\"error\":[]}", 404, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_404", NULL },
    { "{\"error\":{}}", 404, NGX_SENT_CONV_CARRIER_FINAL, "HTTP_404",
      "The carrier refused the message." },
    { "{\"error\":{\"status\":\"\",\"message\":\"x\"}}", 404,
      NGX_SENT_CONV_CARRIER_FINAL, "HTTP_404",
      "The carrier refused the message." },
    { "{\"error\":{\"status\":7,\"message\":\"x\"}}", 404,
      NGX_SENT_CONV_CARRIER_FINAL, "HTTP_404", NULL },
    { "{\"error\":{\"status\":\"NOT_FOUND\"}}", 404,
      NGX_SENT_CONV_CARRIER_FINAL, "NOT_FOUND", NULL },

    { NULL, 0, NGX_SENT_CONV_CARRIER_SENT, NULL, NULL }
};


void
ngx_sent_conv_unit_rbm_out(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_rbm_build(pool);
    ngx_sent_conv_unit_rbm_sent(pool);

    ngx_sent_conv_unit_verdicts(pool, &ngx_sent_conv_carrier_rbm,
                                ngx_sent_conv_unit_rbm_answers);

    ngx_sent_conv_unit_rbm_format(pool);
}


static void
ngx_sent_conv_unit_rbm_build(ngx_pool_t *pool)
{
    char                          *err;
    ngx_int_t                      rc;
    ngx_uint_t                     i;
    ngx_sent_conv_json_t          *value;
    ngx_sent_conv_carrier_out_t    out;
    ngx_sent_conv_carrier_conf_t   conf;
    ngx_sent_conv_carrier_post_t   post;

    static const char  *cases[][3] = {
        { "\"Hello\"", NULL, "{\"contentMessage\":{\"text\":\"Hello\"}}" },
        { "\"Hi \\u00e9 & \\\"you\\\"?\\n\"", NULL,
          "{\"contentMessage\":{\"text\":"
          "\"Hi \\u00e9 & \\\"you\\\"?\\n\"}}" },
        { "\"\xf0\x9f\x98\x80\"", NULL,
          "{\"contentMessage\":{\"text\":\"\xf0\x9f\x98\x80\"}}" },

        /* a template is its text, filled in */

        { "\"Hello Jo, until Monday.\"",
          "{\"id\":\"" OURS "\",\"name\":\"appointment_confirm\","
          "\"parameters\":{\"name\":\"Jo\",\"day\":\"Monday\"}}",
          "{\"contentMessage\":{\"text\":\"Hello Jo, until Monday.\"}}" },
        { "\"Hello\"",
          "{\"parameters\":{},\"whatsapp_name\":\"hello\",\"language\":"
          "\"en_US\",\"content_sid\":\"HX1\"}",
          "{\"contentMessage\":{\"text\":\"Hello\"}}" },
        { NULL, NULL, NULL }
    };

    ngx_memzero(&conf, sizeof(ngx_sent_conv_carrier_conf_t));

    for (i = 0; cases[i][0]; i++) {
        ngx_memzero(&post, sizeof(ngx_sent_conv_carrier_post_t));

        ngx_sent_conv_unit_out(pool, &out, cases[i][0], cases[i][1]);

        rc = ngx_sent_conv_carrier_rbm.build(pool, &conf, &out,
                                             NGX_SENT_CONV_RCS, &post);

        ngx_sent_conv_unit_ok(rc == NGX_OK
                              && ngx_sent_conv_json_parse_str(pool,
                                                  &post.body, &value, &err)
                                 == NGX_OK, "rbm: an agentMessage");
        ngx_sent_conv_unit_is(&post.body, cases[i][2], "rbm: contentMessage");
        ngx_sent_conv_unit_is(&post.type, "application/json", "rbm: JSON");
    }
}


static void
ngx_sent_conv_unit_rbm_sent(ngx_pool_t *pool)
{
    ngx_str_t                        answer;
    ngx_uint_t                       i;
    ngx_sent_conv_carrier_verdict_t  verdict;

    static const char  *answers[] = {
        "{\"name\":\"phones/+16505551234/agentMessages/" OURS "\","
        "\"sendTime\":\"2026-01-01T00:00:00.123456Z\","
        "\"contentMessage\":{\"text\":\"Hello\"}}",
        ERROR("404", "NOT_FOUND"), "{}", "null", "not JSON", "", NULL
    };

    for (i = 0; answers[i]; i++) {
        answer = ngx_sent_conv_unit_str(pool, answers[i]);
        ngx_memset(&verdict, 0xff, sizeof(verdict));

        ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_rbm.verdict(pool, 200,
                                                                &answer,
                                                                &verdict)
                              == NGX_OK
                              && verdict.what == NGX_SENT_CONV_CARRIER_SENT,
                              "rbm: sent, %.60s", answers[i]);

        /* the id is ours: there is no other, and no other number */

        ngx_sent_conv_unit_ok(verdict.id.len == 0 && verdict.alias.len == 0
                              && verdict.code.len == 0, "rbm: nothing else");
    }
}


static void
ngx_sent_conv_unit_rbm_format(ngx_pool_t *pool)
{
    ngx_str_t                        name;
    ngx_sent_conv_carrier_format_t  *format;

    name = ngx_sent_conv_unit_str(pool, "rbm");
    format = ngx_sent_conv_carrier_format(&name);

    ngx_sent_conv_unit_ok(format == &ngx_sent_conv_carrier_rbm,
                          "rbm: by its name");
    ngx_sent_conv_unit_is(&ngx_sent_conv_carrier_rbm.signature,
                          "x-goog-signature", "rbm: header");
    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_rbm.channels
                          == 1 << NGX_SENT_CONV_RCS, "rbm: RCS alone");
    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_rbm.token
                          && !ngx_sent_conv_carrier_rbm.aliases
                          && !ngx_sent_conv_carrier_rbm.form
                          && ngx_sent_conv_carrier_rbm.hello == NULL,
                          "rbm: token, no aliases, JSON, no hello");
}
