
/*
 * What the format "whatsapp_cloud" reads, and its answer to the handshake: the
 * first line is the query, the rest the body.
 */


#include "ngx_fuzz.h"


static void ngx_fuzz_hello(ngx_pool_t *pool, ngx_str_t *args);


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    ngx_str_t                      args;
    ngx_uint_t                     skipped, i;
    ngx_array_t                    items;
    ngx_sent_conv_carrier_item_t  *item;

    args = ngx_fuzz_line(pool, input);

    if (ngx_fuzz_inbound(pool, &ngx_sent_conv_carrier_whatsapp_cloud, &args,
                         input, &items, &skipped)
        == NGX_OK)
    {
        item = items.elts;

        for (i = 0; i < items.nelts; i++) {
            ngx_fuzz_assert(ngx_fuzz_visible(&item[i].id));
            ngx_fuzz_assert(ngx_fuzz_visible(&item[i].reply_to));
            ngx_fuzz_assert(ngx_fuzz_visible(&item[i].error_code));
            ngx_fuzz_assert(item[i].name.len <= 255);
            ngx_fuzz_assert(item[i].error_title.len <= 255);
            ngx_fuzz_assert(item[i].attachments.len <= 16384);
        }
    }

    ngx_fuzz_hello(pool, &args);
}


/* what goes back is a word, and only to who knows the token */

static void
ngx_fuzz_hello(ngx_pool_t *pool, ngx_str_t *args)
{
    ngx_int_t                       rc;
    ngx_str_t                      *token;
    ngx_array_t                     fields;
    ngx_sent_conv_carrier_in_t      in;
    ngx_sent_conv_carrier_conf_t    conf;
    ngx_sent_conv_carrier_reply_t   reply;

    ngx_memzero(&in, sizeof(ngx_sent_conv_carrier_in_t));
    ngx_memzero(&reply, sizeof(ngx_sent_conv_carrier_reply_t));

    ngx_fuzz_conf(pool, &conf);
    in.args = *args;

    rc = ngx_sent_conv_carrier_whatsapp_cloud.hello(pool, &conf, &in, &reply);

    if (rc != NGX_OK) {
        ngx_fuzz_assert(rc == NGX_DECLINED || rc == NGX_ERROR);
        return;
    }

    ngx_fuzz_assert(ngx_sent_conv_carrier_form_parse(pool, args, &fields)
                    == NGX_OK);

    token = ngx_sent_conv_carrier_form_get(&fields, "hub.verify_token");

    ngx_fuzz_assert(token != NULL && ngx_fuzz_same(token, &conf.verify_token));
    ngx_fuzz_assert(reply.body.len && reply.body.len <= 256);
    ngx_fuzz_assert(ngx_fuzz_visible(&reply.body));
    ngx_fuzz_assert(memchr(reply.body.data, '<', reply.body.len) == NULL);
}
