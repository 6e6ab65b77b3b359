
/*
 * What every format promises of the items that it makes of a body.
 */


#include "ngx_fuzz.h"


static void ngx_fuzz_item(ngx_pool_t *pool,
    ngx_sent_conv_carrier_item_t *item);
static void ngx_fuzz_message(ngx_sent_conv_carrier_item_t *item);
static void ngx_fuzz_report(ngx_sent_conv_carrier_item_t *item);
static void ngx_fuzz_attachments(ngx_pool_t *pool, ngx_str_t *json);


void
ngx_fuzz_conf(ngx_pool_t *pool, ngx_sent_conv_carrier_conf_t *conf)
{
    conf->secret = ngx_fuzz_cstr(pool, "secret");
    conf->verify_token = ngx_fuzz_cstr(pool, "token");
    conf->url = ngx_fuzz_cstr(pool, "https://example.com/in");
    conf->number = ngx_fuzz_cstr(pool, "+14155550100");
}


ngx_int_t
ngx_fuzz_inbound(ngx_pool_t *pool, ngx_sent_conv_carrier_format_t *format,
    ngx_str_t *args, ngx_str_t *body, ngx_array_t *items,
    ngx_uint_t *skipped)
{
    ngx_int_t                       rc;
    ngx_uint_t                      i;
    ngx_sent_conv_carrier_in_t      in;
    ngx_sent_conv_carrier_conf_t    conf;
    ngx_sent_conv_carrier_item_t   *item;
    ngx_sent_conv_carrier_reply_t   reply;

    ngx_memzero(&in, sizeof(ngx_sent_conv_carrier_in_t));
    ngx_memzero(&reply, sizeof(ngx_sent_conv_carrier_reply_t));
    ngx_memset(items, 0xa5, sizeof(ngx_array_t));

    ngx_fuzz_conf(pool, &conf);

    in.args = *args;
    in.body = *body;
    *skipped = 0;

    ngx_fuzz_begin();

    rc = format->parse(pool, &conf, &in, items, skipped, &reply);

    if (ngx_fuzz_starved(rc)) {
        return NGX_ERROR;
    }

    ngx_fuzz_assert(rc == NGX_OK || rc == NGX_DECLINED);

    if (rc != NGX_OK) {
        return rc;
    }

    if (reply.type.len) {
        ngx_fuzz_assert(reply.status == 200);
        ngx_fuzz_assert(ngx_fuzz_text(&reply.body));
    }

    item = items->elts;

    for (i = 0; i < items->nelts; i++) {
        ngx_fuzz_item(pool, &item[i]);
    }

    return NGX_OK;
}


static void
ngx_fuzz_item(ngx_pool_t *pool, ngx_sent_conv_carrier_item_t *item)
{
    ngx_fuzz_assert(item->id.len <= NGX_SENT_CONV_CARRIER_ID_MAX);
    ngx_fuzz_assert(ngx_fuzz_text(&item->id));
    ngx_fuzz_assert(ngx_fuzz_text(&item->text));
    ngx_fuzz_assert(item->text.data != NULL || item->text.len == 0);
    ngx_fuzz_assert(ngx_fuzz_text(&item->name));
    ngx_fuzz_assert(ngx_fuzz_text(&item->reply_to));
    ngx_fuzz_assert(ngx_fuzz_text(&item->error_code));
    ngx_fuzz_assert(ngx_fuzz_text(&item->error_title));
    ngx_fuzz_assert(item->at >= 0);
    ngx_fuzz_assert(!(item->report && item->consent));

    ngx_fuzz_attachments(pool, &item->attachments);

    if (item->report) {
        ngx_fuzz_report(item);

    } else {
        ngx_fuzz_message(item);
    }
}


static void
ngx_fuzz_message(ngx_sent_conv_carrier_item_t *item)
{
    u_char  c;
    size_t  i;

    ngx_fuzz_assert(ngx_fuzz_phone(&item->from));
    ngx_fuzz_assert(ngx_fuzz_phone(&item->to));
    ngx_fuzz_assert(item->keyword >= NGX_SENT_CONV_KW_NONE
                    && item->keyword <= NGX_SENT_CONV_KW_HELP);

    if (item->consent) {
        ngx_fuzz_assert(item->keyword == NGX_SENT_CONV_KW_STOP
                        || item->keyword == NGX_SENT_CONV_KW_START);
        return;
    }

    ngx_fuzz_assert(item->id.len);
    ngx_fuzz_assert(item->kind.len);

    for (i = 0; i < item->kind.len; i++) {
        c = item->kind.data[i];
        ngx_fuzz_assert((c >= 'a' && c <= 'z') || c == '_');
    }
}


/* it can be found by our id, or by the carrier's and a number */

static void
ngx_fuzz_report(ngx_sent_conv_carrier_item_t *item)
{
    ngx_fuzz_assert(ngx_fuzz_is(&item->status, "SENT")
                    || ngx_fuzz_is(&item->status, "DELIVERED")
                    || ngx_fuzz_is(&item->status, "READ")
                    || ngx_fuzz_is(&item->status, "FAILED")
                    || ngx_fuzz_is(&item->status, "AGAIN"));

    ngx_fuzz_assert(item->from.len == 0 || ngx_fuzz_phone(&item->from));
    ngx_fuzz_assert(item->to.len == 0 || ngx_fuzz_phone(&item->to));

    if (item->message_id.len) {
        ngx_fuzz_assert(ngx_fuzz_uuid(&item->message_id));

    } else {
        ngx_fuzz_assert(item->id.len && item->from.len && item->to.len);
    }
}


/* objects with a type */

static void
ngx_fuzz_attachments(ngx_pool_t *pool, ngx_str_t *json)
{
    char                  *err;
    ngx_sent_conv_json_t  *value, *v, *type;

    if (json->len == 0) {
        return;
    }

    ngx_fuzz_assert(ngx_sent_conv_json_parse_str(pool, json, &value, &err)
                    == NGX_OK);
    ngx_fuzz_assert(value->type == NGX_SENT_CONV_JSON_ARRAY);

    for (v = value->first; v != NULL; v = v->next) {
        type = ngx_sent_conv_json_get(v, "type");
        ngx_fuzz_assert(type != NULL
                        && type->type == NGX_SENT_CONV_JSON_STRING);
    }
}
