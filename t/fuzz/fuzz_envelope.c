
/*
 * RBM's envelope: of a text behind "=" as base64 in it, or of any body.  What
 * is signed is what the text stands for, and nothing else passes.
 */


#include "ngx_fuzz.h"

#include <openssl/hmac.h>


static ngx_str_t ngx_fuzz_envelope(ngx_pool_t *pool, ngx_str_t *text);
static ngx_int_t ngx_fuzz_decode(ngx_pool_t *pool, ngx_str_t *text,
    ngx_str_t *data);


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    u_char                         md[64];
    ngx_int_t                      rc, parsed;
    ngx_str_t                      text, data, digest, args;
    ngx_uint_t                     skipped;
    unsigned int                   n;
    ngx_array_t                    items;
    ngx_sent_conv_carrier_in_t     in;
    ngx_sent_conv_carrier_conf_t   conf;

    ngx_memzero(&in, sizeof(ngx_sent_conv_carrier_in_t));
    ngx_fuzz_conf(pool, &conf);

    args = ngx_fuzz_cstr(pool, "");

    if (input->len == 0 || input->data[0] != '=') {
        rc = ngx_fuzz_inbound(pool, &ngx_sent_conv_carrier_rbm, &args, input,
                              &items, &skipped);
        ngx_fuzz_assert(rc != NGX_OK || items.nelts + skipped <= 1);

        return;
    }

    text = ngx_fuzz_copy(pool, input->data + 1, input->len - 1);

    if (!ngx_fuzz_text(&text)) {
        return;
    }

    in.body = ngx_fuzz_envelope(pool, &text);
    in.signature = ngx_fuzz_cstr(pool, "");

    parsed = ngx_fuzz_inbound(pool, &ngx_sent_conv_carrier_rbm, &args,
                              &in.body, &items, &skipped);

    if (parsed == NGX_ERROR) {
        return;
    }

    rc = ngx_sent_conv_carrier_rbm.verify(pool, &conf, &in);
    ngx_fuzz_assert(rc == NGX_DECLINED);

    if (ngx_fuzz_decode(pool, &text, &data) != NGX_OK) {
        ngx_fuzz_assert(parsed == NGX_DECLINED);
        return;
    }

    ngx_fuzz_assert(parsed == NGX_OK);

    (void) HMAC(EVP_sha512(), conf.secret.data, (int) conf.secret.len,
                data.data, data.len, md, &n);

    digest.data = md;
    digest.len = n;

    in.signature.data = ngx_shim_keep(pool, 88);
    ngx_encode_base64(&in.signature, &digest);

    rc = ngx_sent_conv_carrier_rbm.verify(pool, &conf, &in);
    ngx_fuzz_assert(rc == NGX_OK);

    in.signature.data[ngx_fuzz_hash % 86] ^= 1;

    rc = ngx_sent_conv_carrier_rbm.verify(pool, &conf, &in);
    ngx_fuzz_assert(rc == NGX_DECLINED);
}


static ngx_str_t
ngx_fuzz_envelope(ngx_pool_t *pool, ngx_str_t *text)
{
    ngx_str_t           body;
    ngx_sent_conv_jw_t  w;

    ngx_sent_conv_jw_init(&w, pool, 64);
    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_open(&w, "message", '{');
    ngx_sent_conv_jw_str(&w, "data", text);
    ngx_sent_conv_jw_close(&w, '}');
    ngx_sent_conv_jw_close(&w, '}');

    ngx_fuzz_assert(ngx_sent_conv_jw_done(&w, &body) == NGX_OK);

    return ngx_fuzz_copy(pool, body.data, body.len);
}


/* as nginx reads base64: "=" ends it, and bits that are left are dropped */

static ngx_int_t
ngx_fuzz_decode(ngx_pool_t *pool, ngx_str_t *text, ngx_str_t *data)
{
    size_t       i, bits;
    u_char       c, v;
    ngx_uint_t   b;

    *data = ngx_fuzz_copy(pool, text->data, text->len);
    ngx_memzero(data->data, data->len);

    bits = 0;

    for (i = 0; i < text->len && text->data[i] != '='; i++) {
        c = text->data[i];

        if (c >= 'A' && c <= 'Z') {
            v = (u_char) (c - 'A');

        } else if (c >= 'a' && c <= 'z') {
            v = (u_char) (c - 'a' + 26);

        } else if (c >= '0' && c <= '9') {
            v = (u_char) (c - '0' + 52);

        } else if (c == '+' || c == '/') {
            v = (c == '+') ? 62 : 63;

        } else {
            return NGX_ERROR;
        }

        for (b = 0; b < 6; b++, bits++) {
            if (v & (32 >> b)) {
                data->data[bits / 8] |= (u_char) (128 >> bits % 8);
            }
        }
    }

    data->len = bits / 8;

    return (i % 4 == 1) ? NGX_ERROR : NGX_OK;
}
