
/*
 * Tests of the rbm format: a service account, its JWT, and the access token.
 */


#include "ngx_sent_conv_unit_carrier.h"
#include "ngx_sent_conv_unit_rsa.h"


#define EMAIL  "agent@acme.iam.gserviceaccount.com"
#define URI    "https://oauth2.googleapis.com/token"
#define GRANT                                                                \
    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"


static ngx_str_t ngx_sent_conv_unit_account_json(ngx_pool_t *pool,
    ngx_str_t *key);
static void ngx_sent_conv_unit_account(ngx_pool_t *pool,
    ngx_sent_conv_unit_rsa_t *rsa);
static void ngx_sent_conv_unit_jwt(ngx_pool_t *pool,
    ngx_sent_conv_unit_rsa_t *rsa);
static ngx_int_t ngx_sent_conv_unit_jwt_split(ngx_pool_t *pool,
    ngx_str_t *jwt, ngx_str_t *parts);
static void ngx_sent_conv_unit_jwt_keys(ngx_pool_t *pool);
static void ngx_sent_conv_unit_access(ngx_pool_t *pool);
static void ngx_sent_conv_unit_access_long(ngx_pool_t *pool);


void
ngx_sent_conv_unit_rbm_token(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_rsa_t  rsa;

    if (ngx_sent_conv_unit_rsa(pool, &rsa) == NGX_OK) {
        ngx_sent_conv_unit_account(pool, &rsa);
        ngx_sent_conv_unit_jwt(pool, &rsa);

    } else {
        ngx_sent_conv_unit_ok(0, "a key of RSA");
    }

    ngx_sent_conv_unit_jwt_keys(pool);
    ngx_sent_conv_unit_access(pool);
    ngx_sent_conv_unit_access_long(pool);
}


/* the file that Google gives */

static ngx_str_t
ngx_sent_conv_unit_account_json(ngx_pool_t *pool, ngx_str_t *key)
{
    ngx_str_t           json;
    ngx_sent_conv_jw_t  w;

    ngx_sent_conv_jw_init(&w, pool, 4096);

    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_cstr(&w, "type", "service_account");
    ngx_sent_conv_jw_cstr(&w, "project_id", "acme");
    ngx_sent_conv_jw_cstr(&w, "private_key_id", "0123456789abcdef");
    ngx_sent_conv_jw_str(&w, "private_key", key);
    ngx_sent_conv_jw_cstr(&w, "client_email", EMAIL);
    ngx_sent_conv_jw_cstr(&w, "client_id", "1234567890");
    ngx_sent_conv_jw_cstr(&w, "token_uri", URI);
    ngx_sent_conv_jw_close(&w, '}');

    if (ngx_sent_conv_jw_done(&w, &json) != NGX_OK) {
        ngx_sent_conv_unit_ok(0, "memory");
        ngx_str_null(&json);
    }

    return json;
}


static void
ngx_sent_conv_unit_account(ngx_pool_t *pool, ngx_sent_conv_unit_rsa_t *rsa)
{
    ngx_str_t                        json;
    ngx_uint_t                       i;
    ngx_sent_conv_carrier_account_t  account;

    static const char  *wrong[] = {
        "", "x", "null", "[]", "7", "{}",
        "{\"client_email\":\"a\",\"private_key\":\"b\"}",
        "{\"client_email\":\"a\",\"token_uri\":\"c\"}",
        "{\"private_key\":\"b\",\"token_uri\":\"c\"}",
        "{\"client_email\":7,\"private_key\":\"b\",\"token_uri\":\"c\"}",
        "{\"client_email\":\"a\",\"private_key\":null,\"token_uri\":\"c\"}",
        "{\"client_email\":\"a\",\"private_key\":\"\",\"token_uri\":\"c\"}",
        "{\"client_email\":\"a\",\"private_key\":\"b\",\"token_uri\":\"c\"}",
        NULL
    };

    for (i = 0; wrong[i]; i++) {
        json = ngx_sent_conv_unit_str(pool, wrong[i]);

        ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_account_parse(pool, &json,
                                                                  &account)
                              == NGX_DECLINED, "account refused, %s",
                              wrong[i]);
    }

    json = ngx_sent_conv_unit_account_json(pool, &rsa->public);

    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_account_parse(pool, &json,
                                                              &account)
                          == NGX_DECLINED, "account with a public key");

    json = ngx_sent_conv_unit_account_json(pool, &rsa->key);

    if (ngx_sent_conv_carrier_account_parse(pool, &json, &account) != NGX_OK)
    {
        ngx_sent_conv_unit_ok(0, "account");
        return;
    }

    ngx_sent_conv_unit_is(&account.email, EMAIL, "account's email");
    ngx_sent_conv_unit_is(&account.token_uri, URI, "account's token_uri");
    ngx_sent_conv_unit_ok(ngx_sent_conv_sign_equal(&account.key, &rsa->key),
                          "account's key");
}


static void
ngx_sent_conv_unit_jwt(ngx_pool_t *pool, ngx_sent_conv_unit_rsa_t *rsa)
{
    ngx_str_t                        body, jwt, parts[4];
    ngx_uint_t                       i;
    ngx_sent_conv_carrier_account_t  account;

    static const char  *claims[][2] = {
        { EMAIL,
          "{\"iss\":\"" EMAIL "\",\"scope\":\"https://www.googleapis.com/"
          "auth/rcsbusinessmessaging\",\"aud\":\"" URI "\","
          "\"iat\":1767225600,\"exp\":1767229200}" },

        /* each remainder of base64 without padding, and a quote */

        { "a",
          "{\"iss\":\"a\",\"scope\":\"https://www.googleapis.com/"
          "auth/rcsbusinessmessaging\",\"aud\":\"" URI "\","
          "\"iat\":1767225600,\"exp\":1767229200}" },
        { "ab",
          "{\"iss\":\"ab\",\"scope\":\"https://www.googleapis.com/"
          "auth/rcsbusinessmessaging\",\"aud\":\"" URI "\","
          "\"iat\":1767225600,\"exp\":1767229200}" },
        { "a\"b",
          "{\"iss\":\"a\\\"b\",\"scope\":\"https://www.googleapis.com/"
          "auth/rcsbusinessmessaging\",\"aud\":\"" URI "\","
          "\"iat\":1767225600,\"exp\":1767229200}" },
        { NULL, NULL }
    };

    account.key = rsa->key;
    account.token_uri = ngx_sent_conv_unit_str(pool, URI);

    for (i = 0; claims[i][0]; i++) {
        account.email = ngx_sent_conv_unit_str(pool, claims[i][0]);

        if (ngx_sent_conv_carrier_token_request(pool, &account, 1767225600,
                                                &body)
            != NGX_OK)
        {
            ngx_sent_conv_unit_ok(0, "a request for a token");
            continue;
        }

        jwt = body;

        if (jwt.len > sizeof(GRANT "&assertion=") - 1) {
            jwt.data += sizeof(GRANT "&assertion=") - 1;
            jwt.len -= sizeof(GRANT "&assertion=") - 1;
        }

        body.len -= jwt.len;
        ngx_sent_conv_unit_is(&body, GRANT "&assertion=", "the grant's type");

        if (ngx_sent_conv_unit_jwt_split(pool, &jwt, parts) != NGX_OK) {
            ngx_sent_conv_unit_ok(0, "three parts in base64url");
            continue;
        }

        ngx_sent_conv_unit_is(&parts[0],
                              "{\"alg\":\"RS256\",\"typ\":\"JWT\"}",
                              "header of the JWT");
        ngx_sent_conv_unit_is(&parts[1], claims[i][1], "claims of the JWT");
        ngx_sent_conv_unit_ok(ngx_sent_conv_unit_rsa_verify(&rsa->public,
                                                            &parts[3],
                                                            &parts[2]),
                              "signature of the JWT");
    }
}


/* decoded, and the fourth is what was signed; no padding, nothing to escape */

static ngx_int_t
ngx_sent_conv_unit_jwt_split(ngx_pool_t *pool, ngx_str_t *jwt,
    ngx_str_t *parts)
{
    u_char      *p, *last, c;
    ngx_str_t    coded;
    ngx_uint_t   n;

    coded = *jwt;
    last = jwt->data + jwt->len;
    n = 0;

    for (p = jwt->data; p <= last; p++) {

        if (p < last && *p != '.') {
            c = *p;

            if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
                  || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'))
            {
                return NGX_ERROR;
            }

            continue;
        }

        if (n == 3) {
            return NGX_ERROR;
        }

        coded.len = p - coded.data;

        if (n == 2) {
            parts[3].data = jwt->data;
            parts[3].len = coded.data - 1 - jwt->data;
        }

        parts[n].data = ngx_pnalloc(pool,
                                    ngx_base64_decoded_length(coded.len) + 1);

        if (parts[n].data == NULL
            || ngx_decode_base64url(&parts[n], &coded) != NGX_OK)
        {
            return NGX_ERROR;
        }

        n++;
        coded.data = p + 1;
    }

    return (n == 3) ? NGX_OK : NGX_ERROR;
}


static void
ngx_sent_conv_unit_jwt_keys(ngx_pool_t *pool)
{
    ngx_str_t                        body;
    ngx_uint_t                       i;
    ngx_sent_conv_carrier_account_t  account;

    static const char  *wrong[] = {
        "", "x",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        NULL
    };

    account.email = ngx_sent_conv_unit_str(pool, EMAIL);
    account.token_uri = ngx_sent_conv_unit_str(pool, URI);

    for (i = 0; wrong[i]; i++) {
        account.key = ngx_sent_conv_unit_str(pool, wrong[i]);

        ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_token_request(pool,
                                                                  &account, 0,
                                                                  &body)
                              == NGX_DECLINED, "no JWT without a key");
    }
}


static void
ngx_sent_conv_unit_access(ngx_pool_t *pool)
{
    time_t      life;
    ngx_int_t   rc;
    ngx_str_t   answer, token;
    ngx_uint_t  i;

    static struct {
        const char  *answer;
        const char  *token;                /* NULL: there is none */
        time_t       life;
    } cases[] = {
        { "{\"access_token\":\"ya29.c.Kl-x_Y/z+=\",\"expires_in\":3599,"
          "\"token_type\":\"Bearer\"}", "ya29.c.Kl-x_Y/z+=", 3599 },
        { "{\"access_token\":\"a\",\"expires_in\":1}", "a", 1 },
        { "{\"access_token\":\"a\",\"expires_in\":86400}", "a", 86400 },
        { "{\"access_token\":\"a\",\"expires_in\":86401}", "a", 86400 },
        { "{\"access_token\":\"a\",\"expires_in\":9223372036854775807}", "a",
          86400 },

        { "{\"access_token\":\"a\",\"expires_in\":0}", NULL, 0 },
        { "{\"access_token\":\"a\",\"expires_in\":-1}", NULL, 0 },
        { "{\"access_token\":\"a\",\"expires_in\":\"x\"}", NULL, 0 },
        { "{\"access_token\":\"a\",\"expires_in\":null}", NULL, 0 },
        { "{\"access_token\":\"a\"}", NULL, 0 },
        { "{\"expires_in\":3599}", NULL, 0 },
        { "{\"access_token\":null,\"expires_in\":3599}", NULL, 0 },
        { "{\"access_token\":7,\"expires_in\":3599}", NULL, 0 },

        /* that would end the header, or begin another */

        { "{\"access_token\":\"\",\"expires_in\":3599}", NULL, 0 },
        { "{\"access_token\":\"a b\",\"expires_in\":3599}", NULL, 0 },
        { "{\"access_token\":\"a\\r\\nX: b\",\"expires_in\":3599}", NULL, 0 },
        { "{\"access_token\":\"a\\n\",\"expires_in\":3599}", NULL, 0 },
        { "{\"access_token\":\"a\\t\",\"expires_in\":3599}", NULL, 0 },
        { "{\"access_token\":\"a\\u007f\",\"expires_in\":3599}", NULL, 0 },
        { "{\"access_token\":\"\\u00e9\",\"expires_in\":3599}", NULL, 0 },
        { "{\"access_token\":\"a\\u0000\",\"expires_in\":3599}", NULL, 0 },

        { "{\"error\":\"invalid_grant\",\"error_description\":"
          "\"Invalid JWT Signature.\"}", NULL, 0 },
        { "{}", NULL, 0 },
        { "[]", NULL, 0 },
        { "null", NULL, 0 },
        { "<html>", NULL, 0 },
        { "", NULL, 0 },
        { NULL, NULL, 0 }
    };

    for (i = 0; cases[i].answer; i++) {
        answer = ngx_sent_conv_unit_str(pool, cases[i].answer);
        ngx_str_null(&token);
        life = 0;

        rc = ngx_sent_conv_carrier_token_answer(pool, &answer, &token, &life);

        if (cases[i].token == NULL) {
            ngx_sent_conv_unit_ok(rc == NGX_DECLINED, "no access token, %s",
                                  cases[i].answer);
            continue;
        }

        ngx_sent_conv_unit_ok(rc == NGX_OK && life == cases[i].life,
                              "access token for %d s", (int) life);
        ngx_sent_conv_unit_is(&token, cases[i].token, "access token");
    }
}


static void
ngx_sent_conv_unit_access_long(ngx_pool_t *pool)
{
    u_char     *p;
    time_t      life;
    ngx_str_t   answer, token;
    ngx_uint_t  n;

    for (n = 4096; n <= 4097; n++) {
        answer.data = ngx_pnalloc(pool, n + 64);
        if (answer.data == NULL) {
            ngx_sent_conv_unit_ok(0, "memory");
            return;
        }

        p = ngx_sprintf(answer.data, "{\"access_token\":\"");
        ngx_memset(p, 'a', n);
        p = ngx_sprintf(p + n, "\",\"expires_in\":3599}");

        answer.len = p - answer.data;

        ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_token_answer(pool,
                                                                 &answer,
                                                                 &token,
                                                                 &life)
                              == ((n > 4096) ? NGX_DECLINED : NGX_OK),
                              "access token of %d bytes", (int) n);
    }
}
