
/*
 * RS256 (RFC 7518): RSASSA-PKCS1-v1_5 with SHA-256, by libcrypto.
 */


#include "ngx_sent_conv_core.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>


ngx_int_t
ngx_sent_conv_sign_rs256(ngx_pool_t *pool, ngx_str_t *key, ngx_str_t *text,
    ngx_str_t *signature)
{
    BIO         *bio;
    size_t       len;
    EVP_PKEY    *pkey;
    ngx_int_t    rc;
    EVP_MD_CTX  *ctx;

    if (key->len == 0) {
        return NGX_DECLINED;
    }

    rc = NGX_DECLINED;
    pkey = NULL;
    ctx = NULL;

    bio = BIO_new_mem_buf(key->data, (int) key->len);

    if (bio == NULL) {
        return NGX_ERROR;
    }

    pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *) "");

    if (pkey == NULL || EVP_PKEY_base_id(pkey) != EVP_PKEY_RSA) {
        goto done;
    }

    ctx = EVP_MD_CTX_new();
    if (ctx == NULL) {
        rc = NGX_ERROR;
        goto done;
    }

    if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey) != 1
        || EVP_DigestSign(ctx, NULL, &len, text->data, text->len) != 1)
    {
        goto done;
    }

    signature->data = ngx_pnalloc(pool, len);
    if (signature->data == NULL) {
        rc = NGX_ERROR;
        goto done;
    }

    if (EVP_DigestSign(ctx, signature->data, &len, text->data, text->len)
        == 1)
    {
        signature->len = len;
        rc = NGX_OK;
    }

done:

    /* what libcrypto keeps of a failure is not for others */

    if (rc != NGX_OK) {
        ERR_clear_error();
    }

    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    BIO_free(bio);

    return rc;
}
