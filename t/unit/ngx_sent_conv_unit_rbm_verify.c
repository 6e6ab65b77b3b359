
/*
 * Tests of the rbm format: who speaks, and the handshake of a new webhook.
 */


#include "ngx_sent_conv_unit_carrier.h"


#define TOKEN  "SJENCPGJESMGUFPY"

/* base64 of what a user wrote, and that in its envelope */

#define DATA                                                                 \
    "eyJzZW5kZXJQaG9uZU51bWJlciI6IisxNjUwNTU1MTIzNCIsInRleHQiOiJIZWxsbyDDqS" \
    "IsIm1lc3NhZ2VJZCI6Ik14QSIsInNlbmRUaW1lIjoiMjAyNi0wMS0wMVQwMDowMDowMC4x" \
    "MjM0NTZaIiwiYWdlbnRJZCI6ImFjbWUifQ=="

#define BODY(data)                                                           \
    "{\"message\":{\"attributes\":{\"message_type\":\"TEXT\","               \
    "\"business_id\":\"acme\"},\"data\":\"" data "\",\"messageId\":\"1\","   \
    "\"publishTime\":\"2026-01-01T00:00:01Z\"},"                             \
    "\"subscription\":\"projects/p/subscriptions/s\"}"

#define GOOD                                                                 \
    "PRBy+WF11kYCn2pj6o8CD0fqipOQ6wb6qiEr/0zMFafPpD1PnZnUsEPJSbG4mdPS7RW/"   \
    "szOttUnZwDMuCtPPxw=="


static void ngx_sent_conv_unit_rbm_signature(ngx_pool_t *pool);
static void ngx_sent_conv_unit_rbm_handshake(ngx_pool_t *pool);


void
ngx_sent_conv_unit_rbm_verify(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_rbm_signature(pool);
    ngx_sent_conv_unit_rbm_handshake(pool);
}


static void
ngx_sent_conv_unit_rbm_signature(ngx_pool_t *pool)
{
    ngx_int_t                     rc;
    ngx_uint_t                    i;
    ngx_sent_conv_carrier_in_t    in;
    ngx_sent_conv_carrier_conf_t  conf;

    static struct {
        const char  *name;
        const char  *body;
        const char  *signature;
        ngx_int_t    rc;
    } cases[] = {
        { "good", BODY(DATA), GOOD, NGX_OK },
        { "good, a small envelope", "{\"message\":{\"data\":\"" DATA "\"}}",
          GOOD, NGX_OK },
        { "absent", BODY(DATA), "", NGX_DECLINED },
        { "by another token", BODY(DATA),
          "qWkv2iRxYSdHjNCCj9/Bb9owm6EHQ8biCzTSqazM+zvlB+fz5zpYLbI5j0MEpWvk"
          "1XxzUYQHO+BzCbpfk4Kckw==", NGX_DECLINED },
        { "of another text", BODY(DATA),
          "QB4oPagtNTZdzUp/CjeLQ8iRhAGtmO9mbFUaVY9zLWemTOR5QC/DWeotCNtppjuw"
          "rn1EG2BmjoLJpv/VWoILpA==", NGX_DECLINED },
        { "of the base64", BODY(DATA),
          "RMGUpVAdWafsTP12omXvDHUSxD6Ow5lTV82dWL4+tHhDDHI80PYM6wun/dFugBW9"
          "rq6lbHHbde3oHDnk3HFDOg==", NGX_DECLINED },
        { "by SHA-256", BODY(DATA),
          "yXxNZxS2t++PI1jXUPkQcTZpe+7aRu0QyQOeC9h0lf0=", NGX_DECLINED },
        { "in hex", BODY(DATA),
          "3d1072f96175d646029f6a63ea8f020f47ea8a9390eb06faaa212bff4ccc15a7"
          "cfa43d4f9d99d4b043c949b1b899d3d2ed15bfb333adb549d9c0332e0ad3cfc7",
          NGX_DECLINED },
        { "in small letters", BODY(DATA),
          "prby+wf11kycn2pj6o8cd0fqipoq6wb6qier/0zmfafppd1pnznusepjsbg4mdps"
          "7rw/szottunzwdmuctppxw==", NGX_DECLINED },
        { "cut short", BODY(DATA),
          "PRBy+WF11kYCn2pj6o8CD0fqipOQ6wb6qiEr/0zMFafPpD1PnZnUsEPJSbG4mdPS"
          "7RW/szOttUnZwDMuCtPPxw=", NGX_DECLINED },
        { "and more", BODY(DATA), GOOD " ", NGX_DECLINED },
        { "the token itself", BODY(DATA), TOKEN, NGX_DECLINED },

        /* the token in a body that has data proves nothing */

        { "none, with the token", "{\"clientToken\":\"" TOKEN "\","
          "\"secret\":\"1\",\"message\":{\"data\":\"" DATA "\"}}", "",
          NGX_DECLINED },

        { "of nothing", BODY(""),
          "/hLgwmQE/dNvk2fip3Who2vN4VNWG13nJfBUZeE71xpkLEYf85uu8uHKO4HDj1Ys"
          "5ubjbLHFVJwcI3h8vo0bOA==", NGX_OK },
        { "of nothing, unsigned", BODY(""), "", NGX_DECLINED },
        { "of no data, unsigned", "{\"message\":{}}", "", NGX_DECLINED },
        { "of data that is a number", "{\"message\":{\"data\":7}}", "",
          NGX_DECLINED },
        { "of no base64", BODY("****"), GOOD, NGX_DECLINED },
        { "of a byte of base64", BODY("e"), GOOD, NGX_DECLINED },
        { "of an array", "[]", GOOD, NGX_DECLINED },
        { "of a null", "null", GOOD, NGX_DECLINED },
        { "of no JSON", "{", GOOD, NGX_DECLINED },
        { "of no body", "", GOOD, NGX_DECLINED },
        { NULL, NULL, NULL, NGX_OK }
    };

    ngx_memzero(&conf, sizeof(ngx_sent_conv_carrier_conf_t));
    ngx_memzero(&in, sizeof(ngx_sent_conv_carrier_in_t));

    conf.secret = ngx_sent_conv_unit_str(pool, TOKEN);

    for (i = 0; cases[i].name; i++) {
        in.body = ngx_sent_conv_unit_str(pool, cases[i].body);
        in.signature = ngx_sent_conv_unit_str(pool, cases[i].signature);

        rc = ngx_sent_conv_carrier_rbm.verify(pool, &conf, &in);

        ngx_sent_conv_unit_ok(rc == cases[i].rc, "rbm: signature, %s",
                              cases[i].name);
    }

    in.body = ngx_sent_conv_unit_str(pool, BODY(DATA));
    ngx_str_null(&in.signature);

    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_rbm.verify(pool, &conf, &in)
                          == NGX_DECLINED, "rbm: no header of a signature");

    in.signature = ngx_sent_conv_unit_str(pool, GOOD);
    ngx_str_null(&conf.secret);

    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_rbm.verify(pool, &conf, &in)
                          != NGX_OK, "rbm: signature without a secret");
}


/* a POST that is to be answered by its secret, once the webhook is set */

static void
ngx_sent_conv_unit_rbm_handshake(ngx_pool_t *pool)
{
    ngx_uint_t                    i;
    ngx_sent_conv_carrier_in_t    in;
    ngx_sent_conv_unit_parsed_t   parsed;
    ngx_sent_conv_carrier_conf_t  conf;

    static const char  *wrong[] = {
        "{\"clientToken\":\"SJENCPGJESMGUFPX\",\"secret\":\"1234567890\"}",
        "{\"clientToken\":\"SJENCPGJESMGUFP\",\"secret\":\"1234567890\"}",
        "{\"clientToken\":\"" TOKEN " \",\"secret\":\"1234567890\"}",
        "{\"clientToken\":\"sjencpgjesmgufpy\",\"secret\":\"1234567890\"}",
        "{\"clientToken\":\"\",\"secret\":\"1234567890\"}",
        "{\"clientToken\":null,\"secret\":\"1234567890\"}",
        "{\"clientToken\":[\"" TOKEN "\"],\"secret\":\"1234567890\"}",
        "{\"secret\":\"" TOKEN "\"}", "{}", "\"" TOKEN "\"", NULL
    };

    ngx_memzero(&conf, sizeof(ngx_sent_conv_carrier_conf_t));
    ngx_memzero(&in, sizeof(ngx_sent_conv_carrier_in_t));

    conf.secret = ngx_sent_conv_unit_str(pool, TOKEN);

    for (i = 0; wrong[i]; i++) {
        in.body = ngx_sent_conv_unit_str(pool, wrong[i]);

        ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_rbm.verify(pool, &conf,
                                                               &in)
                              == NGX_DECLINED, "rbm: no handshake, %s",
                              wrong[i]);
    }

    ngx_str_null(&conf.secret);

    in.body = ngx_sent_conv_unit_str(pool, "{\"clientToken\":\"\"}");
    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_rbm.verify(pool, &conf, &in)
                          != NGX_OK, "rbm: no handshake without a secret");

    conf.secret = ngx_sent_conv_unit_str(pool, TOKEN);

    in.body = ngx_sent_conv_unit_str(pool, "{\"clientToken\":\"" TOKEN "\","
                                     "\"secret\":\"1234567890\"}");
    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_rbm.verify(pool, &conf, &in)
                          == NGX_OK, "rbm: handshake");

    ngx_sent_conv_unit_parse(pool, &ngx_sent_conv_carrier_rbm, "",
                             (char *) "{\"clientToken\":\"" TOKEN "\","
                             "\"secret\":\"1234567890\"}", &parsed);

    ngx_sent_conv_unit_ok(parsed.rc == NGX_OK && parsed.n == 0
                          && parsed.skipped == 0, "rbm: no items in it");
    ngx_sent_conv_unit_ok(parsed.reply.status == 200, "rbm: 200");
    ngx_sent_conv_unit_is(&parsed.reply.body, "1234567890",
                          "rbm: its secret, as it is");
    ngx_sent_conv_unit_is(&parsed.reply.type, "text/plain", "rbm: as text");
}
