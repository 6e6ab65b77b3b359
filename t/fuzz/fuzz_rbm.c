
/*
 * What the format "rbm" reads: the input is the event in the envelope.
 */


#include "ngx_fuzz.h"


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    u_char                        *p;
    ngx_str_t                      args, body, coded;
    ngx_uint_t                     skipped;
    ngx_array_t                    items;
    ngx_sent_conv_carrier_item_t  *item;

    static const char  head[] = "{\"message\":{\"data\":\"";
    static const char  tail[] = "\"}}";

    args = ngx_fuzz_cstr(pool, "");

    body.len = sizeof(head) - 1 + ngx_base64_encoded_length(input->len)
               + sizeof(tail) - 1;
    body.data = ngx_shim_keep(pool, body.len);

    coded.data = ngx_cpymem(body.data, head, sizeof(head) - 1);
    ngx_encode_base64(&coded, input);

    p = coded.data + coded.len;
    p = ngx_cpymem(p, tail, sizeof(tail) - 1);

    ngx_fuzz_assert(p == body.data + body.len);

    if (ngx_fuzz_inbound(pool, &ngx_sent_conv_carrier_rbm, &args, &body,
                         &items, &skipped)
        == NGX_ERROR)
    {
        return;
    }

    ngx_fuzz_assert(items.nelts + skipped <= 1);

    if (items.nelts) {
        item = items.elts;

        ngx_fuzz_assert(ngx_fuzz_visible(&item->id));
        ngx_fuzz_assert(ngx_fuzz_is(item->report ? &item->from : &item->to,
                                    "+14155550100"));
        ngx_fuzz_assert(!item->report || item->message_id.len);
    }
}
