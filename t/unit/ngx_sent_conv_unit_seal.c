
/*
 * Tests of sealing: the vectors of the GCM specification, what is refused.
 */


#include "ngx_sent_conv_unit.h"


static void ngx_sent_conv_unit_seal_keys(ngx_pool_t *pool);
static void ngx_sent_conv_unit_seal_vectors(ngx_pool_t *pool);
static void ngx_sent_conv_unit_seal_refused(ngx_pool_t *pool);
static ngx_str_t ngx_sent_conv_unit_hex(ngx_pool_t *pool, const char *text);


#define ZERO  "00000000000000000000000000000000"
#define FEFF  "feffe9928665731c6d6a8f9467308308"


void
ngx_sent_conv_unit_seal(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_seal_keys(pool);
    ngx_sent_conv_unit_seal_vectors(pool);
    ngx_sent_conv_unit_seal_refused(pool);
}


static void
ngx_sent_conv_unit_seal_keys(ngx_pool_t *pool)
{
    ngx_str_t                  text;
    ngx_uint_t                 i;
    ngx_sent_conv_seal_key_t   key, other;

    static const char  *wrong[] = {
        "", FEFF, FEFF FEFF "0", FEFF "feffe9928665731c6d6a8f946730830",
        FEFF "feffe9928665731c6d6a8f946730830g",
        FEFF "feffe9928665731c6d6a8f94673083 8", NULL
    };

    for (i = 0; wrong[i]; i++) {
        text = ngx_sent_conv_unit_str(pool, wrong[i]);

        ngx_sent_conv_unit_ok(ngx_sent_conv_seal_key(&key, &text)
                              == NGX_DECLINED, "no key: \"%s\"", wrong[i]);
    }

    text = ngx_sent_conv_unit_str(pool, FEFF FEFF);

    ngx_sent_conv_unit_ok(ngx_sent_conv_seal_key(&key, &text) == NGX_OK
                          && key.key[0] == 0xfe && key.key[31] == 0x08,
                          "a key of hex");

    text = ngx_sent_conv_unit_str(pool, "FEFFE9928665731C6D6A8F9467308308"
                                        FEFF);

    ngx_sent_conv_unit_ok(ngx_sent_conv_seal_key(&other, &text) == NGX_OK
                          && ngx_memcmp(&key, &other, sizeof(key)) == 0,
                          "capitals are the same");

    text = ngx_sent_conv_unit_str(pool, ZERO ZERO);

    ngx_sent_conv_unit_ok(ngx_sent_conv_seal_key(&other, &text) == NGX_OK
                          && ngx_memcmp(key.id, other.id,
                                        NGX_SENT_CONV_SEAL_ID)
                             != 0, "another key, another id");
}


static void
ngx_sent_conv_unit_seal_vectors(ngx_pool_t *pool)
{
    ngx_int_t                  rc;
    ngx_str_t                  text, nonce, bound, plain, sealed, back;
    ngx_uint_t                 i, which;
    ngx_sent_conv_seal_key_t   keys[2];

    /* McGrew and Viega, test cases 13, 14 and 16 */

    static const char  *cases[][5] = {
        { ZERO ZERO, "000000000000000000000000", "", "",
          "s1.ed969e19.AAAAAAAAAAAAAAAAUw-K-8dFNrmpY7TxxMtziw" },
        { ZERO ZERO, "000000000000000000000000", "", ZERO,
          "s1.ed969e19.AAAAAAAAAAAAAAAAzqdAPU1ga24HTsXTuvOdGNDRyKeZmWvwJluY"
          "tdSKuRk" },
        { FEFF FEFF, "cafebabefacedbaddecaf888",
          "feedfacedeadbeeffeedfacedeadbeefabaddad2",
          "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
          "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
          "s1.606f4df3.yv66vvrO263eyviIUi3B8JlWfQf0fzejKoRCfWQ6jNy_5cDJdZiiv"
          "SVV0aqMsI5IWQ27PaewixBWgog4xfYeY5O6egq8yfZidvxuzg9OF2jN34hTuy1VGw"
        },
        { NULL, NULL, NULL, NULL, NULL }
    };

    /* the other key stands first: each is found by its id */

    text = ngx_sent_conv_unit_str(pool, FEFF ZERO);
    (void) ngx_sent_conv_seal_key(&keys[0], &text);

    for (i = 0; cases[i][0]; i++) {
        text = ngx_sent_conv_unit_str(pool, cases[i][0]);
        nonce = ngx_sent_conv_unit_hex(pool, cases[i][1]);
        bound = ngx_sent_conv_unit_hex(pool, cases[i][2]);
        plain = ngx_sent_conv_unit_hex(pool, cases[i][3]);

        (void) ngx_sent_conv_seal_key(&keys[1], &text);

        rc = ngx_sent_conv_seal(pool, &keys[1], nonce.data, &bound, &plain,
                                &sealed);

        ngx_sent_conv_unit_ok(rc == NGX_OK, "sealed");
        ngx_sent_conv_unit_is(&sealed, cases[i][4], "as in the standard");
        ngx_sent_conv_unit_ok(ngx_sent_conv_sealed(&sealed), "of the form");

        which = 2;
        rc = ngx_sent_conv_unseal(pool, keys, 2, &bound, &sealed, &back,
                                  &which);

        ngx_sent_conv_unit_ok(rc == NGX_OK && which == 1
                              && back.len == plain.len
                              && ngx_memcmp(back.data, plain.data, plain.len)
                                 == 0, "and back");
    }
}


static void
ngx_sent_conv_unit_seal_refused(ngx_pool_t *pool)
{
    size_t                     i;
    u_char                     c;
    ngx_int_t                  rc;
    ngx_str_t                  text, bound, other, plain, sealed, back, part;
    ngx_uint_t                 which, bad;
    ngx_sent_conv_seal_key_t   keys[2];

    static u_char       nonce[] = "0123456789ab";
    static const char  *none[] = {
        "", "s1", "s1.606f4df3", "s2.606f4df3.", "s1.606f4df.x",
        "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", NULL
    };

    text = ngx_sent_conv_unit_str(pool, FEFF FEFF);
    (void) ngx_sent_conv_seal_key(&keys[0], &text);

    text = ngx_sent_conv_unit_str(pool, FEFF ZERO);
    (void) ngx_sent_conv_seal_key(&keys[1], &text);

    bound = ngx_sent_conv_unit_str(pool, "customer one, webhook one");
    other = ngx_sent_conv_unit_str(pool, "customer one, webhook two");
    plain = ngx_sent_conv_unit_str(pool, "whsec_c2VjcmV0");

    (void) ngx_sent_conv_seal(pool, &keys[0], nonce, &bound, &plain, &sealed);

    for (i = 0; none[i]; i++) {
        text = ngx_sent_conv_unit_str(pool, none[i]);

        ngx_sent_conv_unit_ok(!ngx_sent_conv_sealed(&text)
                              && ngx_sent_conv_unseal(pool, keys, 2, &bound,
                                                      &text, &back, &which)
                                 == NGX_DECLINED, "not sealed: \"%s\"",
                              none[i]);
    }

    rc = ngx_sent_conv_unseal(pool, &keys[1], 1, &bound, &sealed, &back,
                              &which);
    ngx_sent_conv_unit_ok(rc == NGX_DECLINED, "by another key");

    rc = ngx_sent_conv_unseal(pool, NULL, 0, &bound, &sealed, &back, &which);
    ngx_sent_conv_unit_ok(rc == NGX_DECLINED, "without a key");

    /* the other key under this one's name */

    ngx_memcpy(keys[1].id, keys[0].id, NGX_SENT_CONV_SEAL_ID);
    rc = ngx_sent_conv_unseal(pool, &keys[1], 1, &bound, &sealed, &back,
                              &which);
    ngx_sent_conv_unit_ok(rc == NGX_ABORT, "by a key of the same id");

    rc = ngx_sent_conv_unseal(pool, keys, 1, &other, &sealed, &back, &which);
    ngx_sent_conv_unit_ok(rc == NGX_ABORT, "bound to something else");

    /* each character of it counts, and it is not to be cut */

    bad = 0;

    for (i = 12; i < sealed.len; i++) {
        c = sealed.data[i];
        sealed.data[i] = (c == 'A') ? 'B' : 'A';

        rc = ngx_sent_conv_unseal(pool, keys, 1, &bound, &sealed, &back,
                                  &which);

        /* the last one's lowest bits are of no byte */

        bad += (rc != NGX_ABORT && i + 1 < sealed.len);

        sealed.data[i] = c;
        part.data = sealed.data;
        part.len = i;

        rc = ngx_sent_conv_unseal(pool, keys, 1, &bound, &part, &back,
                                  &which);
        bad += (rc != NGX_ABORT);
    }

    ngx_sent_conv_unit_ok(bad == 0, "nothing changed or cut is taken");

    rc = ngx_sent_conv_unseal(pool, keys, 1, &bound, &sealed, &back, &which);
    ngx_sent_conv_unit_ok(rc == NGX_OK, "whole again");
    ngx_sent_conv_unit_is(&back, "whsec_c2VjcmV0", "the secret");
}


static ngx_str_t
ngx_sent_conv_unit_hex(ngx_pool_t *pool, const char *text)
{
    size_t     i;
    ngx_str_t  bytes;

    bytes.len = ngx_strlen(text) / 2;
    bytes.data = ngx_pnalloc(pool, bytes.len + 1);

    if (bytes.data == NULL) {
        bytes.len = 0;
        return bytes;
    }

    for (i = 0; i < bytes.len; i++) {
        bytes.data[i] = (u_char) ngx_hextoi((u_char *) &text[2 * i], 2);
    }

    return bytes;
}
