
/*
 * A service account's access token: the JWT that is exchanged for it (RFC
 * 7519, RFC 7523; Google OAuth 2.0 for server to server applications, as of
 * 2025-06).
 */


#include "ngx_sent_conv_carrier_text.h"

/* seconds that the assertion is good for, an hour at most */
#define NGX_SENT_CONV_RBM_LIFE  3600


static ngx_int_t ngx_sent_conv_rbm_claims(ngx_pool_t *pool,
    ngx_sent_conv_carrier_account_t *account, time_t now, ngx_str_t *signing);
static ngx_uint_t ngx_sent_conv_rbm_unfit(ngx_str_t *token);


ngx_int_t
ngx_sent_conv_carrier_account_parse(ngx_pool_t *pool, ngx_str_t *json,
    ngx_sent_conv_carrier_account_t *account)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_str_t             *email, *key, *uri, test, signature;
    ngx_sent_conv_json_t  *value;

    rc = ngx_sent_conv_json_parse_str(pool, json, &value, &err);

    if (rc != NGX_OK) {
        return rc;
    }

    if (value->type != NGX_SENT_CONV_JSON_OBJECT) {
        return NGX_DECLINED;
    }

    email = ngx_sent_conv_carrier_string(value, "client_email");
    key = ngx_sent_conv_carrier_string(value, "private_key");
    uri = ngx_sent_conv_carrier_string(value, "token_uri");

    if (email == NULL || key == NULL || uri == NULL) {
        return NGX_DECLINED;
    }

    account->email = *email;
    account->key = *key;
    account->token_uri = *uri;

    /* a key that does not sign is found out now */

    ngx_str_set(&test, "test");

    return ngx_sent_conv_sign_rs256(pool, &account->key, &test, &signature);
}


ngx_int_t
ngx_sent_conv_carrier_token_request(ngx_pool_t *pool,
    ngx_sent_conv_carrier_account_t *account, time_t now, ngx_str_t *body)
{
    u_char     *p;
    ngx_int_t   rc;
    ngx_str_t   text, signature, coded;

    if (ngx_sent_conv_rbm_claims(pool, account, now, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_sign_rs256(pool, &account->key, &text, &signature);

    if (rc != NGX_OK) {
        return rc;
    }

    p = ngx_pnalloc(pool, 128 + text.len
                          + ngx_base64_encoded_length(signature.len));
    if (p == NULL) {
        return NGX_ERROR;
    }

    /* base64url and dots need no escaping */

    body->data = p;
    coded.data = ngx_sprintf(p, "grant_type=urn%%3Aietf%%3Aparams%%3Aoauth"
                             "%%3Agrant-type%%3Ajwt-bearer&assertion=%V.",
                             &text);

    ngx_encode_base64url(&coded, &signature);

    body->len = coded.data + coded.len - p;

    return NGX_OK;
}


/* "<header>.<claims>", each in base64url */

static ngx_int_t
ngx_sent_conv_rbm_claims(ngx_pool_t *pool,
    ngx_sent_conv_carrier_account_t *account, time_t now, ngx_str_t *signing)
{
    ngx_str_t            claims, part;
    ngx_sent_conv_jw_t   w;
    static ngx_str_t     header =
        ngx_string("{\"alg\":\"RS256\",\"typ\":\"JWT\"}");

    ngx_sent_conv_jw_init(&w, pool, 512);

    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_str(&w, "iss", &account->email);
    ngx_sent_conv_jw_cstr(&w, "scope",
                          "https://www.googleapis.com/auth/"
                          "rcsbusinessmessaging");
    ngx_sent_conv_jw_str(&w, "aud", &account->token_uri);
    ngx_sent_conv_jw_int(&w, "iat", (int64_t) now);
    ngx_sent_conv_jw_int(&w, "exp", (int64_t) now + NGX_SENT_CONV_RBM_LIFE);
    ngx_sent_conv_jw_close(&w, '}');

    if (ngx_sent_conv_jw_done(&w, &claims) != NGX_OK) {
        return NGX_ERROR;
    }

    signing->data = ngx_pnalloc(pool, ngx_base64_encoded_length(header.len)
                                + 1 + ngx_base64_encoded_length(claims.len));
    if (signing->data == NULL) {
        return NGX_ERROR;
    }

    part.data = signing->data;
    ngx_encode_base64url(&part, &header);

    part.data += part.len;
    *part.data++ = '.';
    ngx_encode_base64url(&part, &claims);

    signing->len = part.data + part.len - signing->data;

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_carrier_token_answer(ngx_pool_t *pool, ngx_str_t *answer,
    ngx_str_t *token, time_t *life)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_str_t             *access;
    ngx_sent_conv_json_t  *value, *expires;

    rc = ngx_sent_conv_json_parse_str(pool, answer, &value, &err);

    if (rc != NGX_OK) {
        return rc;
    }

    if (value->type != NGX_SENT_CONV_JSON_OBJECT) {
        return NGX_DECLINED;
    }

    access = ngx_sent_conv_carrier_string(value, "access_token");
    expires = ngx_sent_conv_json_get(value, "expires_in");

    if (access == NULL || ngx_sent_conv_rbm_unfit(access)
        || expires == NULL || expires->type != NGX_SENT_CONV_JSON_INTEGER
        || expires->integer <= 0)
    {
        return NGX_DECLINED;
    }

    *token = *access;
    *life = (time_t) ngx_min(expires->integer, 86400);

    return NGX_OK;
}


/* it will stand in a header */

static ngx_uint_t
ngx_sent_conv_rbm_unfit(ngx_str_t *token)
{
    size_t  i;

    if (token->len == 0 || token->len > 4096) {
        return 1;
    }

    for (i = 0; i < token->len; i++) {
        if (token->data[i] <= ' ' || token->data[i] >= 0x7f) {
            return 1;
        }
    }

    return 0;
}
