
/*
 * What the format "generic" reads: each element is an item, or counted.
 */


#include "ngx_fuzz.h"


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    char                  *err;
    ngx_str_t              args;
    ngx_uint_t             skipped, n;
    ngx_array_t            items;
    ngx_sent_conv_json_t  *value;

    args = ngx_fuzz_cstr(pool, "");

    if (ngx_fuzz_inbound(pool, &ngx_sent_conv_carrier_generic, &args, input,
                         &items, &skipped)
        != NGX_OK)
    {
        return;
    }

    ngx_fuzz_assert(ngx_sent_conv_json_parse_str(pool, input, &value, &err)
                    == NGX_OK);

    n = (value->type == NGX_SENT_CONV_JSON_OBJECT) ? 1 : value->n;

    ngx_fuzz_assert(items.nelts + skipped == n);
}
