
/*
 * Signatures, digests and secrets, by libcrypto.
 */


#define OPENSSL_SUPPRESS_DEPRECATED

#include "ngx_sent_conv_core.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>


#define NGX_SENT_CONV_SECRET_MAX  256


static ngx_int_t ngx_sent_conv_sign_secret_decode(u_char *key, size_t *len,
    ngx_str_t *secret);
static ngx_int_t ngx_sent_conv_sign_hmac_base64(u_char *out,
    const EVP_MD *evp, ngx_str_t *key, ngx_str_t *data);
static ngx_int_t ngx_sent_conv_sign_hmac(u_char *md, const EVP_MD *evp,
    u_char *key, size_t klen, u_char *data, size_t len);


ngx_int_t
ngx_sent_conv_sign_webhook(u_char *out, ngx_str_t *secret, ngx_str_t *id,
    ngx_str_t *timestamp, ngx_str_t *body)
{
    u_char     *p, *content;
    size_t      len, klen;
    u_char      key[NGX_SENT_CONV_SECRET_MAX], md[SHA256_DIGEST_LENGTH];
    ngx_int_t   rc;
    ngx_str_t   digest, text;

    if (ngx_sent_conv_sign_secret_decode(key, &klen, secret) != NGX_OK) {
        return NGX_ERROR;
    }

    len = id->len + 1 + timestamp->len + 1 + body->len;

    content = OPENSSL_malloc(len);
    if (content == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(content, id->data, id->len);
    *p++ = '.';
    p = ngx_cpymem(p, timestamp->data, timestamp->len);
    *p++ = '.';
    ngx_memcpy(p, body->data, body->len);

    rc = ngx_sent_conv_sign_hmac(md, EVP_sha256(), key, klen, content, len);

    OPENSSL_free(content);
    OPENSSL_cleanse(key, sizeof(key));

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    digest.data = md;
    digest.len = SHA256_DIGEST_LENGTH;

    text.data = ngx_cpymem(out, "v1,", sizeof("v1,") - 1);

    ngx_encode_base64(&text, &digest);

    return NGX_OK;
}


void
ngx_sent_conv_sign_secret(u_char *out, u_char *random)
{
    ngx_str_t  bytes, text;

    bytes.data = random;
    bytes.len = 32;

    text.data = ngx_cpymem(out, "whsec_", sizeof("whsec_") - 1);

    ngx_encode_base64(&text, &bytes);
}


ngx_int_t
ngx_sent_conv_sign_hmac_hex(u_char *out, ngx_str_t *key, ngx_str_t *data)
{
    u_char  md[SHA256_DIGEST_LENGTH];

    /* without a secret nothing is signed */

    if (key->len == 0
        || ngx_sent_conv_sign_hmac(md, EVP_sha256(), key->data, key->len,
                                   data->data, data->len)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    (void) ngx_hex_dump(out, md, SHA256_DIGEST_LENGTH);

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_sign_hmac_sha1(u_char *out, ngx_str_t *key, ngx_str_t *data)
{
    return ngx_sent_conv_sign_hmac_base64(out, EVP_sha1(), key, data);
}


ngx_int_t
ngx_sent_conv_sign_hmac_sha512(u_char *out, ngx_str_t *key, ngx_str_t *data)
{
    return ngx_sent_conv_sign_hmac_base64(out, EVP_sha512(), key, data);
}


void
ngx_sent_conv_sha256_hex(u_char *out, ngx_str_t *data)
{
    u_char      md[SHA256_DIGEST_LENGTH];
    SHA256_CTX  sha256;

    /* once in each request: SHA256() itself looks its method up each time */

    SHA256_Init(&sha256);
    SHA256_Update(&sha256, data->data, data->len);
    SHA256_Final(md, &sha256);

    (void) ngx_hex_dump(out, md, SHA256_DIGEST_LENGTH);
}


ngx_uint_t
ngx_sent_conv_sign_equal(ngx_str_t *a, ngx_str_t *b)
{
    if (a->len != b->len) {
        return 0;
    }

    return a->len == 0 || CRYPTO_memcmp(a->data, b->data, a->len) == 0;
}


static ngx_int_t
ngx_sent_conv_sign_secret_decode(u_char *key, size_t *len, ngx_str_t *secret)
{
    ngx_str_t  text, bytes;

    text.len = sizeof("whsec_") - 1;

    if (secret->len <= text.len
        || ngx_memcmp(secret->data, "whsec_", text.len) != 0)
    {
        return NGX_ERROR;
    }

    text.data = secret->data + text.len;
    text.len = secret->len - text.len;

    if (ngx_base64_decoded_length(text.len) > NGX_SENT_CONV_SECRET_MAX) {
        return NGX_ERROR;
    }

    bytes.data = key;

    if (ngx_decode_base64(&bytes, &text) != NGX_OK || bytes.len == 0) {
        return NGX_ERROR;
    }

    *len = bytes.len;

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_sign_hmac_base64(u_char *out, const EVP_MD *evp, ngx_str_t *key,
    ngx_str_t *data)
{
    u_char     md[EVP_MAX_MD_SIZE];
    ngx_str_t  digest, text;

    if (key->len == 0
        || ngx_sent_conv_sign_hmac(md, evp, key->data, key->len, data->data,
                                   data->len)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    digest.data = md;
    digest.len = EVP_MD_size(evp);

    text.data = out;

    ngx_encode_base64(&text, &digest);

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_sign_hmac(u_char *md, const EVP_MD *evp, u_char *key,
    size_t klen, u_char *data, size_t len)
{
    unsigned int  n;

    if (HMAC(evp, key, (int) klen, len ? data : (u_char *) "", len, md, &n)
        == NULL)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}
