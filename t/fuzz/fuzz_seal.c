
/*
 * Sealed secrets: what opens is what was sealed, bound to the same and whole.
 * The first line is what it is bound to, the rest is read as it is stored,
 * and sealed.
 */


#include "ngx_fuzz.h"


static void ngx_fuzz_unseal(ngx_pool_t *pool, ngx_str_t *bound,
    ngx_str_t *text);
static void ngx_fuzz_seal(ngx_pool_t *pool, ngx_str_t *bound,
    ngx_str_t *plain);


static u_char  ngx_fuzz_key[] =
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";

static ngx_sent_conv_seal_key_t  ngx_fuzz_seal_key;


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    ngx_str_t  bound, rest, text;

    text.data = ngx_fuzz_key;
    text.len = sizeof(ngx_fuzz_key) - 1;

    ngx_fuzz_assert(ngx_sent_conv_seal_key(&ngx_fuzz_seal_key, &text)
                    == NGX_OK);

    rest = *input;
    bound = ngx_fuzz_line(pool, &rest);

    ngx_fuzz_unseal(pool, &bound, &rest);
    ngx_fuzz_seal(pool, &bound, &rest);
}


static void
ngx_fuzz_unseal(ngx_pool_t *pool, ngx_str_t *bound, ngx_str_t *text)
{
    ngx_int_t   rc;
    ngx_str_t   plain;
    ngx_uint_t  which;

    ngx_fuzz_begin();

    rc = ngx_sent_conv_unseal(pool, &ngx_fuzz_seal_key, 1, bound, text,
                              &plain, &which);

    if (ngx_fuzz_starved(rc)) {
        return;
    }

    ngx_fuzz_assert(rc == NGX_OK || rc == NGX_DECLINED || rc == NGX_ABORT);

    if (rc != NGX_DECLINED) {
        ngx_fuzz_assert(ngx_sent_conv_sealed(text));
    }

    if (rc == NGX_OK) {
        ngx_fuzz_assert(which == 0 && plain.len < text->len);
    }
}


static void
ngx_fuzz_seal(ngx_pool_t *pool, ngx_str_t *bound, ngx_str_t *plain)
{
    u_char      nonce[NGX_SENT_CONV_SEAL_NONCE];
    size_t      i;
    ngx_str_t   sealed, back, other;
    ngx_uint_t  which;

    for (i = 0; i < sizeof(nonce); i++) {
        nonce[i] = (u_char) (ngx_fuzz_hash >> (8 * (i % 4)));
    }

    if (ngx_sent_conv_seal(pool, &ngx_fuzz_seal_key, nonce, bound, plain,
                           &sealed)
        != NGX_OK
        || ngx_sent_conv_unseal(pool, &ngx_fuzz_seal_key, 1, bound, &sealed,
                                &back, &which)
           != NGX_OK)
    {
        ngx_fuzz_assert(ngx_shim_failed);
        return;
    }

    ngx_fuzz_assert(ngx_fuzz_same(&back, plain));

    /* bound to one byte less, or changed in one place: nothing */

    other = *bound;

    if (other.len) {
        other.len--;

        ngx_fuzz_assert(ngx_sent_conv_unseal(pool, &ngx_fuzz_seal_key, 1,
                                             &other, &sealed, &back, &which)
                        != NGX_OK);
    }

    /* but the lowest bits of the last character, which are of no byte */

    i = ngx_fuzz_hash % (sealed.len - 1);
    sealed.data[i] ^= 0x01;

    ngx_fuzz_assert(ngx_sent_conv_unseal(pool, &ngx_fuzz_seal_key, 1, bound,
                                         &sealed, &back, &which)
                    != NGX_OK);
}
