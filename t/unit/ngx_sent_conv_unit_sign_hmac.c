
/*
 * Tests of HMAC-SHA1 and HMAC-SHA512: RFC 2202 and RFC 4231.
 */


#include "ngx_sent_conv_unit.h"


typedef struct {
    const char  *key;                      /* repeated, or as it is */
    ngx_uint_t   nkey;
    const char  *data;
    ngx_uint_t   ndata;
    const char  *sha1;                     /* in hex; NULL: not of its RFC */
    const char  *sha512;
} ngx_sent_conv_unit_hmac_t;


static ngx_str_t ngx_sent_conv_unit_hmac_text(ngx_pool_t *pool,
    const char *text, ngx_uint_t n);
static void ngx_sent_conv_unit_hmac_is(ngx_pool_t *pool, ngx_str_t *base64,
    const char *hex, const char *name);


#define LONGER  "Test Using Larger Than Block-Size Key"
#define KEY25   "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d"       \
                "\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"


static ngx_sent_conv_unit_hmac_t  ngx_sent_conv_unit_hmacs[] = {

    { "\x0b", 20, "Hi There", 1,
      "b617318655057264e28bc0b6fb378c8ef146be00",
      "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
      "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" },

    { "Jefe", 1, "what do ya want for nothing?", 1,
      "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
      "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },

    { "\xaa", 20, "\xdd", 50,
      "125d7342b9ac11cd91a39af48aa17b4f63f175d3",
      "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
      "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb" },

    { KEY25, 1, "\xcd", 50,
      "4c9007f4026250c6bc8414f9bf50c86c2d7235da",
      "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
      "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd" },

    { "\x0c", 20, "Test With Truncation", 1,
      "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04", NULL },

    { "\xaa", 80, LONGER " - Hash Key First", 1,
      "aa4ae5e15272d00e95705637ce8a3b55ed402112", NULL },

    { "\xaa", 80, LONGER " and Larger Than One Block-Size Data", 1,
      "e8e99d0f45237d786d6bbaa7965c7808bbff1a91", NULL },

    { "\xaa", 131, LONGER " - Hash Key First", 1, NULL,
      "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
      "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598" },

    { "\xaa", 131, "This is a test using a larger than block-size key and a "
      "larger than block-size data. The key needs to be hashed before being "
      "used by the HMAC algorithm.", 1, NULL,
      "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
      "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58" },

    { NULL, 0, NULL, 0, NULL, NULL }
};


void
ngx_sent_conv_unit_sign_hmac(ngx_pool_t *pool)
{
    u_char                      buf[NGX_SENT_CONV_HMAC_SHA512_LEN + 1];
    ngx_int_t                   rc;
    ngx_str_t                   key, data, out;
    ngx_sent_conv_unit_hmac_t  *t;

    out.data = buf;

    for (t = ngx_sent_conv_unit_hmacs; t->key; t++) {
        key = ngx_sent_conv_unit_hmac_text(pool, t->key, t->nkey);
        data = ngx_sent_conv_unit_hmac_text(pool, t->data, t->ndata);

        if (t->sha1) {
            buf[NGX_SENT_CONV_HMAC_SHA1_LEN] = '*';
            out.len = NGX_SENT_CONV_HMAC_SHA1_LEN;

            rc = ngx_sent_conv_sign_hmac_sha1(buf, &key, &data);

            ngx_sent_conv_unit_ok(rc == NGX_OK
                                  && buf[NGX_SENT_CONV_HMAC_SHA1_LEN] == '*',
                                  "hmac by sha1, and no more");
            ngx_sent_conv_unit_hmac_is(pool, &out, t->sha1,
                                       "hmac by sha1, RFC 2202");
        }

        if (t->sha512) {
            buf[NGX_SENT_CONV_HMAC_SHA512_LEN] = '*';
            out.len = NGX_SENT_CONV_HMAC_SHA512_LEN;

            rc = ngx_sent_conv_sign_hmac_sha512(buf, &key, &data);

            ngx_sent_conv_unit_ok(rc == NGX_OK
                                  && buf[NGX_SENT_CONV_HMAC_SHA512_LEN]
                                     == '*',
                                  "hmac by sha512, and no more");
            ngx_sent_conv_unit_hmac_is(pool, &out, t->sha512,
                                       "hmac by sha512, RFC 4231");
        }
    }
}


static ngx_str_t
ngx_sent_conv_unit_hmac_text(ngx_pool_t *pool, const char *text, ngx_uint_t n)
{
    size_t      len;
    ngx_str_t   s;
    ngx_uint_t  i;

    len = ngx_strlen(text);

    s.len = len * n;
    s.data = ngx_pnalloc(pool, s.len);

    if (s.data == NULL) {
        ngx_sent_conv_unit_ok(0, "memory");
        ngx_str_null(&s);
        return s;
    }

    for (i = 0; i < n; i++) {
        ngx_memcpy(s.data + i * len, text, len);
    }

    return s;
}


static void
ngx_sent_conv_unit_hmac_is(ngx_pool_t *pool, ngx_str_t *base64,
    const char *hex, const char *name)
{
    u_char     md[NGX_SENT_CONV_HMAC_SHA512_LEN];
    ngx_str_t  digest, text;

    digest.data = md;

    if (ngx_decode_base64(&digest, base64) != NGX_OK) {
        ngx_sent_conv_unit_ok(0, "%s: not base64", name);
        return;
    }

    text.len = 2 * digest.len;
    text.data = ngx_pnalloc(pool, text.len);

    if (text.data == NULL) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    (void) ngx_hex_dump(text.data, digest.data, digest.len);

    ngx_sent_conv_unit_is(&text, hex, name);
}
