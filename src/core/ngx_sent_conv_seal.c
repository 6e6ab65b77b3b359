
/*
 * Sealing of secrets that are stored elsewhere: AES-256-GCM, by libcrypto.
 *
 * "s1.<key id>.<base64url of nonce, ciphertext and tag>"
 */


#include "ngx_sent_conv_core.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>


#define NGX_SENT_CONV_SEAL_TAG     16
#define NGX_SENT_CONV_SEAL_PREFIX  (sizeof("s1..") - 1                        \
                                    + NGX_SENT_CONV_SEAL_ID)


static ngx_int_t ngx_sent_conv_seal_encrypt(u_char *out,
    ngx_sent_conv_seal_key_t *key, u_char *nonce, ngx_str_t *bound,
    ngx_str_t *plain);
static ngx_int_t ngx_sent_conv_seal_decrypt(u_char *out,
    ngx_sent_conv_seal_key_t *key, ngx_str_t *bound, ngx_str_t *box);
static ngx_sent_conv_seal_key_t *ngx_sent_conv_seal_find(
    ngx_sent_conv_seal_key_t *keys, ngx_uint_t n, ngx_str_t *sealed);


ngx_int_t
ngx_sent_conv_seal_key(ngx_sent_conv_seal_key_t *key, ngx_str_t *text)
{
    u_char      md[SHA256_DIGEST_LENGTH];
    ngx_int_t   n;
    ngx_uint_t  i;
    SHA256_CTX  sha256;

    static u_char  name[] = "sent_conv seal key";

    if (text->len != 2 * NGX_SENT_CONV_SEAL_KEY) {
        return NGX_DECLINED;
    }

    for (i = 0; i < NGX_SENT_CONV_SEAL_KEY; i++) {
        n = ngx_hextoi(&text->data[2 * i], 2);

        if (n == NGX_ERROR) {
            OPENSSL_cleanse(key, sizeof(ngx_sent_conv_seal_key_t));
            return NGX_DECLINED;
        }

        key->key[i] = (u_char) n;
    }

    /* its id tells nothing of it but that it is the same */

    SHA256_Init(&sha256);
    SHA256_Update(&sha256, name, sizeof(name) - 1);
    SHA256_Update(&sha256, key->key, NGX_SENT_CONV_SEAL_KEY);
    SHA256_Final(md, &sha256);

    (void) ngx_hex_dump(key->id, md, NGX_SENT_CONV_SEAL_ID / 2);

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_seal(ngx_pool_t *pool, ngx_sent_conv_seal_key_t *key,
    u_char *nonce, ngx_str_t *bound, ngx_str_t *plain, ngx_str_t *sealed)
{
    u_char     *p;
    ngx_str_t   box, text;

    box.len = NGX_SENT_CONV_SEAL_NONCE + plain->len + NGX_SENT_CONV_SEAL_TAG;
    box.data = ngx_pnalloc(pool, box.len);

    sealed->data = ngx_pnalloc(pool, NGX_SENT_CONV_SEAL_PREFIX
                                     + ngx_base64_encoded_length(box.len));

    if (box.data == NULL || sealed->data == NULL) {
        return NGX_ERROR;
    }

    if (ngx_sent_conv_seal_encrypt(box.data, key, nonce, bound, plain)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    p = ngx_cpymem(sealed->data, "s1.", sizeof("s1.") - 1);
    p = ngx_cpymem(p, key->id, NGX_SENT_CONV_SEAL_ID);
    *p++ = '.';

    text.data = p;
    ngx_encode_base64url(&text, &box);

    sealed->len = NGX_SENT_CONV_SEAL_PREFIX + text.len;

    return NGX_OK;
}


ngx_uint_t
ngx_sent_conv_sealed(ngx_str_t *text)
{
    return text->len >= NGX_SENT_CONV_SEAL_PREFIX
           && ngx_memcmp(text->data, "s1.", sizeof("s1.") - 1) == 0
           && text->data[NGX_SENT_CONV_SEAL_PREFIX - 1] == '.';
}


ngx_int_t
ngx_sent_conv_unseal(ngx_pool_t *pool, ngx_sent_conv_seal_key_t *keys,
    ngx_uint_t n, ngx_str_t *bound, ngx_str_t *sealed, ngx_str_t *plain,
    ngx_uint_t *which)
{
    ngx_str_t                  box, text;
    ngx_sent_conv_seal_key_t  *key;

    key = ngx_sent_conv_seal_find(keys, n, sealed);
    if (key == NULL) {
        return NGX_DECLINED;
    }

    *which = key - keys;

    text.data = sealed->data + NGX_SENT_CONV_SEAL_PREFIX;
    text.len = sealed->len - NGX_SENT_CONV_SEAL_PREFIX;

    box.data = ngx_pnalloc(pool, ngx_base64_decoded_length(text.len) + 1);
    if (box.data == NULL) {
        return NGX_ERROR;
    }

    if (ngx_decode_base64url(&box, &text) != NGX_OK
        || box.len < NGX_SENT_CONV_SEAL_NONCE + NGX_SENT_CONV_SEAL_TAG)
    {
        return NGX_ABORT;
    }

    plain->len = box.len - NGX_SENT_CONV_SEAL_NONCE - NGX_SENT_CONV_SEAL_TAG;
    plain->data = ngx_pnalloc(pool, plain->len + 1);
    if (plain->data == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_seal_decrypt(plain->data, key, bound, &box);
}


static ngx_sent_conv_seal_key_t *
ngx_sent_conv_seal_find(ngx_sent_conv_seal_key_t *keys, ngx_uint_t n,
    ngx_str_t *sealed)
{
    ngx_uint_t  i;

    if (!ngx_sent_conv_sealed(sealed)) {
        return NULL;
    }

    for (i = 0; i < n; i++) {
        if (ngx_memcmp(sealed->data + sizeof("s1.") - 1, keys[i].id,
                       NGX_SENT_CONV_SEAL_ID)
            == 0)
        {
            return &keys[i];
        }
    }

    return NULL;
}


/* the nonce, the ciphertext, the tag */

static ngx_int_t
ngx_sent_conv_seal_encrypt(u_char *out, ngx_sent_conv_seal_key_t *key,
    u_char *nonce, ngx_str_t *bound, ngx_str_t *plain)
{
    int              n;
    u_char          *p;
    ngx_int_t        rc;
    EVP_CIPHER_CTX  *ctx;

    ctx = EVP_CIPHER_CTX_new();
    if (ctx == NULL) {
        ERR_clear_error();
        return NGX_ERROR;
    }

    rc = NGX_ERROR;
    p = ngx_cpymem(out, nonce, NGX_SENT_CONV_SEAL_NONCE);

    if (EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->key, nonce) == 1
        && EVP_EncryptUpdate(ctx, NULL, &n, bound->data, (int) bound->len)
           == 1
        && EVP_EncryptUpdate(ctx, p, &n, plain->data, (int) plain->len) == 1
        && EVP_EncryptFinal_ex(ctx, p + n, &n) == 1
        && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG,
                               NGX_SENT_CONV_SEAL_TAG, p + plain->len)
           == 1)
    {
        rc = NGX_OK;
    }

    if (rc != NGX_OK) {
        ERR_clear_error();
    }

    EVP_CIPHER_CTX_free(ctx);

    return rc;
}


/* nothing is given out of what its tag does not vouch for */

static ngx_int_t
ngx_sent_conv_seal_decrypt(u_char *out, ngx_sent_conv_seal_key_t *key,
    ngx_str_t *bound, ngx_str_t *box)
{
    int              n;
    u_char          *p;
    size_t           len;
    ngx_int_t        rc;
    EVP_CIPHER_CTX  *ctx;

    ctx = EVP_CIPHER_CTX_new();
    if (ctx == NULL) {
        ERR_clear_error();
        return NGX_ERROR;
    }

    rc = NGX_ABORT;
    p = box->data + NGX_SENT_CONV_SEAL_NONCE;
    len = box->len - NGX_SENT_CONV_SEAL_NONCE - NGX_SENT_CONV_SEAL_TAG;

    if (EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->key, box->data)
        == 1
        && EVP_DecryptUpdate(ctx, NULL, &n, bound->data, (int) bound->len)
           == 1
        && EVP_DecryptUpdate(ctx, out, &n, p, (int) len) == 1
        && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG,
                               NGX_SENT_CONV_SEAL_TAG, p + len)
           == 1
        && EVP_DecryptFinal_ex(ctx, out + n, &n) == 1)
    {
        rc = NGX_OK;
    }

    if (rc != NGX_OK) {
        OPENSSL_cleanse(out, len);
        ERR_clear_error();
    }

    EVP_CIPHER_CTX_free(ctx);

    return rc;
}
