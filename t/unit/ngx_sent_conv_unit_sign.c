
/*
 * Tests of signatures, digests and secrets.
 */


#include "ngx_sent_conv_unit.h"


static void ngx_sent_conv_unit_secrets(ngx_pool_t *pool);
static void ngx_sent_conv_unit_hmac(ngx_pool_t *pool);
static void ngx_sent_conv_unit_base64(ngx_pool_t *pool);
static void ngx_sent_conv_unit_equal(ngx_pool_t *pool);


void
ngx_sent_conv_unit_sign(ngx_pool_t *pool)
{
    u_char     buf[NGX_SENT_CONV_SIGNATURE_LEN];
    ngx_int_t  rc;
    ngx_str_t  secret, id, timestamp, body, out;

    secret = ngx_sent_conv_unit_str(pool,
                       "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    id = ngx_sent_conv_unit_str(pool, "d4f5a6b7-c8d9-4e0f-a1b2-c3d4e5f6a7b8");
    timestamp = ngx_sent_conv_unit_str(pool, "1767225600");
    body = ngx_sent_conv_unit_str(pool,
                  "{\"field\":\"message\",\"event\":\"message.received\"}");

    out.data = buf;
    out.len = NGX_SENT_CONV_SIGNATURE_LEN;

    rc = ngx_sent_conv_sign_webhook(buf, &secret, &id, &timestamp, &body);

    ngx_sent_conv_unit_ok(rc == NGX_OK, "webhook signed");
    ngx_sent_conv_unit_is(&out,
                          "v1,aaMs4TcI6yMMBXCobLXp48jCNbOuJv0UI6l2DDsIjDc=",
                          "webhook signature, check value of the contract");

    /* the example of Standard Webhooks */

    secret = ngx_sent_conv_unit_str(pool,
                                    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    id = ngx_sent_conv_unit_str(pool, "msg_p5jXN8AQM9LWM0D4loKWxJek");
    timestamp = ngx_sent_conv_unit_str(pool, "1614265330");
    body = ngx_sent_conv_unit_str(pool, "{\"test\": 2432232314}");

    rc = ngx_sent_conv_sign_webhook(buf, &secret, &id, &timestamp, &body);

    ngx_sent_conv_unit_ok(rc == NGX_OK, "webhook signed");
    ngx_sent_conv_unit_is(&out,
                          "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                          "webhook signature, example of the standard");

    ngx_sent_conv_unit_secrets(pool);
    ngx_sent_conv_unit_hmac(pool);
    ngx_sent_conv_unit_base64(pool);
    ngx_sent_conv_unit_equal(pool);
}


static void
ngx_sent_conv_unit_secrets(ngx_pool_t *pool)
{
    u_char      buf[NGX_SENT_CONV_SIGNATURE_LEN], random[32],
                text[NGX_SENT_CONV_SECRET_LEN];
    ngx_str_t   s, id;
    ngx_uint_t  i;

    static const char  *wrong[] = {
        "", "whsec_", "whsec_=", "whsec_A", "whsec_****", "MDEyMzQ1Njc4OWFi",
        "WHSEC_MDEyMzQ1Njc4OWFi", "whsec_MDEy MzQ1", NULL
    };

    id = ngx_sent_conv_unit_str(pool, "x");

    for (i = 0; wrong[i]; i++) {
        s = ngx_sent_conv_unit_str(pool, wrong[i]);

        ngx_sent_conv_unit_ok(ngx_sent_conv_sign_webhook(buf, &s, &id, &id,
                                                         &id)
                              == NGX_ERROR, "secret \"%s\" refused",
                              wrong[i]);
    }

    s.len = 6 + 4096;
    s.data = ngx_pnalloc(pool, s.len);
    if (s.data == NULL) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    ngx_memset(s.data, 'A', s.len);
    ngx_memcpy(s.data, "whsec_", 6);

    ngx_sent_conv_unit_ok(ngx_sent_conv_sign_webhook(buf, &s, &id, &id, &id)
                          == NGX_ERROR, "long secret refused");

    ngx_memcpy(random, "0123456789abcdef0123456789abcdef", 32);

    ngx_sent_conv_sign_secret(text, random);

    s.data = text;
    s.len = NGX_SENT_CONV_SECRET_LEN;

    ngx_sent_conv_unit_is(&s,
                          "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
                          "secret of random bytes");
}


static void
ngx_sent_conv_unit_hmac(ngx_pool_t *pool)
{
    u_char     buf[64];
    ngx_str_t  key, data, empty, out;

    out.data = buf;
    out.len = 64;

    ngx_str_null(&empty);

    /* RFC 4231, test case 2 */

    key = ngx_sent_conv_unit_str(pool, "Jefe");
    data = ngx_sent_conv_unit_str(pool, "what do ya want for nothing?");

    (void) ngx_sent_conv_sign_hmac_hex(buf, &key, &data);
    ngx_sent_conv_unit_is(&out, "5bdcc146bf60754e6a042426089575c7"
                                "5a003f089d2739839dec58b964ec3843",
                          "hmac, example of the RFC");

    (void) ngx_sent_conv_sign_hmac_hex(buf, &key, &empty);
    ngx_sent_conv_unit_is(&out, "923598ca6d64af2a5dba79dcd021a8a0"
                                "fe5c5f557519adaaf0ad532d4506dd30",
                          "hmac of nothing");

    ngx_sent_conv_unit_ok(ngx_sent_conv_sign_hmac_hex(buf, &empty, &data)
                          == NGX_ERROR, "hmac without a key");

    data = ngx_sent_conv_unit_str(pool, "abc");

    ngx_sent_conv_sha256_hex(buf, &data);
    ngx_sent_conv_unit_is(&out, "ba7816bf8f01cfea414140de5dae2223"
                                "b00361a396177a9cb410ff61f20015ad",
                          "sha256 of abc");

    ngx_sent_conv_sha256_hex(buf, &empty);
    ngx_sent_conv_unit_is(&out, "e3b0c44298fc1c149afbf4c8996fb924"
                                "27ae41e4649b934ca495991b7852b855",
                          "sha256 of nothing");
}


/* RFC 2202 and RFC 4231, test case 2 of both */

static void
ngx_sent_conv_unit_base64(ngx_pool_t *pool)
{
    u_char     buf[NGX_SENT_CONV_HMAC_SHA512_LEN];
    ngx_str_t  key, data, empty, out;

    ngx_str_null(&empty);

    key = ngx_sent_conv_unit_str(pool, "Jefe");
    data = ngx_sent_conv_unit_str(pool, "what do ya want for nothing?");

    out.data = buf;
    out.len = NGX_SENT_CONV_HMAC_SHA1_LEN;

    (void) ngx_sent_conv_sign_hmac_sha1(buf, &key, &data);
    ngx_sent_conv_unit_is(&out, "7/zfauXrL6LSdBbV8YTfnCWafHk=",
                          "hmac by sha1, example of the RFC");

    (void) ngx_sent_conv_sign_hmac_sha1(buf, &key, &empty);
    ngx_sent_conv_unit_is(&out, "CdnlnXIjnmKoFVxYPVJ0Pem3Ixo=",
                          "hmac by sha1 of nothing");

    out.len = NGX_SENT_CONV_HMAC_SHA512_LEN;

    (void) ngx_sent_conv_sign_hmac_sha512(buf, &key, &data);
    ngx_sent_conv_unit_is(&out,
                          "Fkt6e/z4GeLjlfvnO1bgo4e9ZCIugx/WECcM1+olBVSX"
                          "WL91wFqZSm0DT2X48Ob9yuqxo01Ka0tjbgcKOLznNw==",
                          "hmac by sha512, example of the RFC");

    ngx_sent_conv_unit_ok(ngx_sent_conv_sign_hmac_sha1(buf, &empty, &data)
                          == NGX_ERROR, "hmac by sha1 without a key");
    ngx_sent_conv_unit_ok(ngx_sent_conv_sign_hmac_sha512(buf, &empty, &data)
                          == NGX_ERROR, "hmac by sha512 without a key");
}


static void
ngx_sent_conv_unit_equal(ngx_pool_t *pool)
{
    ngx_str_t  a, b;

    a = ngx_sent_conv_unit_str(pool, "0123456789abcdef");
    b = ngx_sent_conv_unit_str(pool, "0123456789abcdef");
    ngx_sent_conv_unit_ok(ngx_sent_conv_sign_equal(&a, &b), "equal");

    b.data[15] = 'e';
    ngx_sent_conv_unit_ok(!ngx_sent_conv_sign_equal(&a, &b),
                          "the last byte differs");

    b = a;
    b.len--;
    ngx_sent_conv_unit_ok(!ngx_sent_conv_sign_equal(&a, &b),
                          "the beginning is not equal");

    ngx_str_null(&b);
    ngx_sent_conv_unit_ok(!ngx_sent_conv_sign_equal(&a, &b),
                          "nothing is not equal");
}
