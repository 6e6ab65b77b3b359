
/*
 * Tests of RS256: libcrypto makes the key, and verifies by its public half.
 */


#include "ngx_sent_conv_unit_rsa.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>


/* small for a key, but soon made, under valgrind too */
#define NGX_SENT_CONV_UNIT_RSA_BITS  1024


typedef enum {
    NGX_SENT_CONV_UNIT_PKCS8 = 0,
    NGX_SENT_CONV_UNIT_PKCS1,
    NGX_SENT_CONV_UNIT_ENCRYPTED,
    NGX_SENT_CONV_UNIT_PUBLIC
} ngx_sent_conv_unit_pem_e;


static EVP_PKEY *ngx_sent_conv_unit_rsa_new(int type);
static ngx_int_t ngx_sent_conv_unit_rsa_pem(ngx_pool_t *pool, EVP_PKEY *pkey,
    ngx_sent_conv_unit_pem_e form, ngx_str_t *pem);
static void ngx_sent_conv_unit_rsa_signs(ngx_pool_t *pool,
    ngx_sent_conv_unit_rsa_t *rsa);
static void ngx_sent_conv_unit_rsa_forms(ngx_pool_t *pool);
static void ngx_sent_conv_unit_rsa_others(ngx_pool_t *pool);
static void ngx_sent_conv_unit_rsa_refused(ngx_pool_t *pool, ngx_str_t *key,
    const char *name);
static void ngx_sent_conv_unit_rsa_broken(ngx_pool_t *pool, ngx_str_t *key);


void
ngx_sent_conv_unit_sign_rsa(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_rsa_t  rsa;

    if (ngx_sent_conv_unit_rsa(pool, &rsa) != NGX_OK) {
        ngx_sent_conv_unit_ok(0, "a key of RSA");
        return;
    }

    ngx_sent_conv_unit_rsa_signs(pool, &rsa);
    ngx_sent_conv_unit_rsa_forms(pool);
    ngx_sent_conv_unit_rsa_others(pool);
    ngx_sent_conv_unit_rsa_refused(pool, &rsa.public, "a public key");
    ngx_sent_conv_unit_rsa_broken(pool, &rsa.key);
}


ngx_int_t
ngx_sent_conv_unit_rsa(ngx_pool_t *pool, ngx_sent_conv_unit_rsa_t *rsa)
{
    EVP_PKEY   *pkey;
    ngx_int_t   rc;

    pkey = ngx_sent_conv_unit_rsa_new(EVP_PKEY_RSA);

    rc = ngx_sent_conv_unit_rsa_pem(pool, pkey, NGX_SENT_CONV_UNIT_PKCS8,
                                    &rsa->key);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_unit_rsa_pem(pool, pkey,
                                        NGX_SENT_CONV_UNIT_PUBLIC,
                                        &rsa->public);
    }

    EVP_PKEY_free(pkey);

    return rc;
}


ngx_uint_t
ngx_sent_conv_unit_rsa_verify(ngx_str_t *public, ngx_str_t *text,
    ngx_str_t *signature)
{
    BIO         *bio;
    EVP_PKEY    *pkey;
    ngx_uint_t   ok;
    EVP_MD_CTX  *ctx;

    bio = BIO_new_mem_buf(public->data, (int) public->len);
    pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    ctx = EVP_MD_CTX_new();

    ok = pkey != NULL
         && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1
         && EVP_DigestVerify(ctx, signature->data, signature->len,
                             text->data, text->len)
            == 1;

    ERR_clear_error();

    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    BIO_free(bio);

    return ok;
}


static EVP_PKEY *
ngx_sent_conv_unit_rsa_new(int type)
{
    EVP_PKEY      *pkey;
    EVP_PKEY_CTX  *ctx;

    pkey = NULL;

    ctx = EVP_PKEY_CTX_new_id(type, NULL);

    if (ctx != NULL
        && EVP_PKEY_keygen_init(ctx) == 1
        && (type == EVP_PKEY_ED25519
            || EVP_PKEY_CTX_set_rsa_keygen_bits(ctx,
                                               NGX_SENT_CONV_UNIT_RSA_BITS)
               == 1))
    {
        (void) EVP_PKEY_keygen(ctx, &pkey);
    }

    EVP_PKEY_CTX_free(ctx);

    return pkey;
}


static ngx_int_t
ngx_sent_conv_unit_rsa_pem(ngx_pool_t *pool, EVP_PKEY *pkey,
    ngx_sent_conv_unit_pem_e form, ngx_str_t *pem)
{
    int    rc;
    BIO   *bio;
    char  *data;
    long   len;

    if (pkey == NULL) {
        return NGX_ERROR;
    }

    rc = 0;
    bio = BIO_new(BIO_s_mem());

    switch (form) {

    case NGX_SENT_CONV_UNIT_PKCS8:
        rc = PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
        break;

    case NGX_SENT_CONV_UNIT_PKCS1:
        rc = PEM_write_bio_PrivateKey_traditional(bio, pkey, NULL, NULL, 0,
                                                  NULL, NULL);
        break;

    case NGX_SENT_CONV_UNIT_ENCRYPTED:
        rc = PEM_write_bio_PKCS8PrivateKey(bio, pkey, EVP_aes_128_cbc(),
                                           (char *) "secret", 6, NULL, NULL);
        break;

    case NGX_SENT_CONV_UNIT_PUBLIC:
        rc = PEM_write_bio_PUBKEY(bio, pkey);
        break;
    }

    len = BIO_get_mem_data(bio, &data);

    pem->len = (rc == 1) ? (size_t) len : 0;
    pem->data = ngx_pnalloc(pool, pem->len);

    if (pem->data != NULL) {
        ngx_memcpy(pem->data, data, pem->len);
    }

    BIO_free(bio);

    return (pem->len && pem->data != NULL) ? NGX_OK : NGX_ERROR;
}


static void
ngx_sent_conv_unit_rsa_signs(ngx_pool_t *pool, ngx_sent_conv_unit_rsa_t *rsa)
{
    ngx_str_t                 text, is, again;
    ngx_uint_t                i;
    ngx_sent_conv_unit_rsa_t  other;

    static const char  *texts[] = {
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30", "a", "", NULL
    };

    for (i = 0; texts[i]; i++) {
        text = ngx_sent_conv_unit_str(pool, texts[i]);
        ngx_str_null(&is);
        ERR_clear_error();

        ngx_sent_conv_unit_ok(ngx_sent_conv_sign_rs256(pool, &rsa->key, &text,
                                                       &is)
                              == NGX_OK
                              && is.len == NGX_SENT_CONV_UNIT_RSA_BITS / 8,
                              "rs256 of %d bytes", (int) text.len);
        ngx_sent_conv_unit_ok(ERR_peek_error() == 0,
                              "nothing left behind in libcrypto");
        ngx_sent_conv_unit_ok(ngx_sent_conv_unit_rsa_verify(&rsa->public,
                                                            &text, &is),
                              "rs256 verified");

        ngx_sent_conv_unit_ok(ngx_sent_conv_sign_rs256(pool, &rsa->key, &text,
                                                       &again)
                              == NGX_OK
                              && ngx_sent_conv_sign_equal(&is, &again),
                              "rs256, the same again");
    }

    text = ngx_sent_conv_unit_str(pool, texts[0]);
    (void) ngx_sent_conv_sign_rs256(pool, &rsa->key, &text, &is);

    text.data[0] ^= 1;
    ngx_sent_conv_unit_ok(!ngx_sent_conv_unit_rsa_verify(&rsa->public, &text,
                                                         &is),
                          "rs256 of another text");
    text.data[0] ^= 1;

    if (ngx_sent_conv_unit_rsa(pool, &other) != NGX_OK) {
        ngx_sent_conv_unit_ok(0, "a key of RSA");
        return;
    }

    ngx_sent_conv_unit_ok(!ngx_sent_conv_unit_rsa_verify(&other.public, &text,
                                                         &is),
                          "rs256 by another key");
}


static void
ngx_sent_conv_unit_rsa_forms(ngx_pool_t *pool)
{
    EVP_PKEY   *pkey;
    ngx_str_t   pem, public, text, is;

    text = ngx_sent_conv_unit_str(pool, "text");

    pkey = ngx_sent_conv_unit_rsa_new(EVP_PKEY_RSA);

    if (ngx_sent_conv_unit_rsa_pem(pool, pkey, NGX_SENT_CONV_UNIT_PKCS1, &pem)
        == NGX_OK
        && ngx_sent_conv_unit_rsa_pem(pool, pkey, NGX_SENT_CONV_UNIT_PUBLIC,
                                      &public)
           == NGX_OK)
    {
        ngx_sent_conv_unit_ok(ngx_sent_conv_sign_rs256(pool, &pem, &text, &is)
                              == NGX_OK
                              && ngx_sent_conv_unit_rsa_verify(&public, &text,
                                                               &is),
                              "rs256 by a key of PKCS #1");

        /* as it stands in Google's file, if not quite to the letter */

        pem.len--;
        ngx_sent_conv_unit_ok(ngx_sent_conv_sign_rs256(pool, &pem, &text, &is)
                              == NGX_OK, "rs256, no line feed at the end");

    } else {
        ngx_sent_conv_unit_ok(0, "PKCS #1");
    }

    if (ngx_sent_conv_unit_rsa_pem(pool, pkey, NGX_SENT_CONV_UNIT_ENCRYPTED,
                                   &pem)
        == NGX_OK)
    {
        ngx_sent_conv_unit_rsa_refused(pool, &pem, "a key with a passphrase");

    } else {
        ngx_sent_conv_unit_ok(0, "a key with a passphrase");
    }

    EVP_PKEY_free(pkey);
}


/* private keys they are, but none for RS256 */

static void
ngx_sent_conv_unit_rsa_others(ngx_pool_t *pool)
{
    EVP_PKEY    *pkey;
    ngx_str_t    pem;
    ngx_uint_t   i;

    static struct {
        int          type;
        const char  *name;
    } types[] = {
        { EVP_PKEY_ED25519, "a key of Ed25519" },
        { EVP_PKEY_RSA_PSS, "a key of RSASSA-PSS" },
        { 0, NULL }
    };

    for (i = 0; types[i].name; i++) {
        pkey = ngx_sent_conv_unit_rsa_new(types[i].type);

        if (ngx_sent_conv_unit_rsa_pem(pool, pkey, NGX_SENT_CONV_UNIT_PKCS8,
                                       &pem)
            == NGX_OK)
        {
            ngx_sent_conv_unit_rsa_refused(pool, &pem, types[i].name);

        } else {
            ngx_sent_conv_unit_ok(0, "%s", types[i].name);
        }

        EVP_PKEY_free(pkey);
    }
}


static void
ngx_sent_conv_unit_rsa_refused(ngx_pool_t *pool, ngx_str_t *key,
    const char *name)
{
    ngx_str_t  text, is;

    text = ngx_sent_conv_unit_str(pool, "text");
    ERR_clear_error();

    ngx_sent_conv_unit_ok(ngx_sent_conv_sign_rs256(pool, key, &text, &is)
                          == NGX_DECLINED, "rs256: %s is refused", name);
    ngx_sent_conv_unit_ok(ERR_peek_error() == 0,
                          "nothing left behind in libcrypto");
}


static void
ngx_sent_conv_unit_rsa_broken(ngx_pool_t *pool, ngx_str_t *key)
{
    ngx_str_t   s;
    ngx_uint_t  i;

    static const char  *wrong[] = {
        "", "\n", "key", "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n****\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        NULL
    };

    for (i = 0; wrong[i]; i++) {
        s = ngx_sent_conv_unit_str(pool, wrong[i]);
        ngx_sent_conv_unit_rsa_refused(pool, &s, "what is no key");
    }

    ngx_str_null(&s);
    ngx_sent_conv_unit_rsa_refused(pool, &s, "none at all");

    s = *key;
    s.len /= 2;
    ngx_sent_conv_unit_rsa_refused(pool, &s, "half a key");

    /* a length of the first element of its ASN.1 */

    s.len = key->len;
    s.data = ngx_pstrdup(pool, key);
    if (s.data == NULL) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    s.data[sizeof("-----BEGIN PRIVATE KEY-----\n") - 1 + 1] ^= 2;
    ngx_sent_conv_unit_rsa_refused(pool, &s, "a damaged key");
}
