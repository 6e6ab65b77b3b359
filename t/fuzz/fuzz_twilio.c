
/*
 * What the format "twilio" reads: the first line is the query, the rest the
 * form.
 */


#include "ngx_fuzz.h"


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    ngx_str_t                      args;
    ngx_uint_t                     skipped;
    ngx_array_t                    items;
    ngx_sent_conv_carrier_item_t  *item;

    args = ngx_fuzz_line(pool, input);

    if (ngx_fuzz_inbound(pool, &ngx_sent_conv_carrier_twilio, &args, input,
                         &items, &skipped)
        != NGX_OK)
    {
        return;
    }

    ngx_fuzz_assert(items.nelts + skipped == 1);

    if (items.nelts) {
        item = items.elts;

        ngx_fuzz_assert(item->id.len && ngx_fuzz_visible(&item->id));
        ngx_fuzz_assert(ngx_fuzz_visible(&item->reply_to));
        ngx_fuzz_assert(ngx_fuzz_visible(&item->error_code));
        ngx_fuzz_assert(item->name.len <= 255);
        ngx_fuzz_assert(item->error_title.len <= 255);
        ngx_fuzz_assert(item->attachments.len <= 16384);
    }
}
