
/*
 * What became of our messages, by Meta's "WhatsApp Business Platform: status
 * messages webhook reference" of 21 May 2026.
 */


#include "ngx_sent_conv_carrier_whatsapp.h"


static ngx_int_t ngx_sent_conv_whatsapp_error(ngx_pool_t *pool,
    ngx_sent_conv_json_t *error, ngx_sent_conv_carrier_item_t *item);


ngx_int_t
ngx_sent_conv_whatsapp_status(ngx_sent_conv_whatsapp_ctx_t *ctx,
    ngx_sent_conv_json_t *v, ngx_sent_conv_carrier_item_t *item)
{
    ngx_int_t   rc;
    ngx_str_t  *id, *ours, *name;

    id = ngx_sent_conv_carrier_string(v, "id");
    name = ngx_sent_conv_carrier_string(v, "status");

    if (id == NULL || ngx_sent_conv_carrier_word(id) != NGX_OK
        || name == NULL
        || ngx_sent_conv_carrier_report(name, &item->status) != NGX_OK
        || ngx_sent_conv_whatsapp_time(v, &item->at) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    item->report = 1;
    item->id = *id;
    item->from = ctx->number;

    rc = ngx_sent_conv_whatsapp_phone(ctx->pool, v, "recipient_id",
                                      &item->to);
    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    ours = ngx_sent_conv_carrier_string(v, "biz_opaque_callback_data");

    if (ours != NULL && ngx_sent_conv_uuid_check(ours) == NGX_OK) {
        item->message_id = *ours;

    } else if (item->to.len == 0) {

        /* without either it is nobody's: a group's, or of another sender */

        return NGX_DECLINED;
    }

    return ngx_sent_conv_whatsapp_error(ctx->pool,
                                   ngx_sent_conv_carrier_first(v, "errors"),
                                   item);
}


static ngx_int_t
ngx_sent_conv_whatsapp_error(ngx_pool_t *pool, ngx_sent_conv_json_t *error,
    ngx_sent_conv_carrier_item_t *item)
{
    ngx_str_t             *title;
    ngx_sent_conv_json_t  *code;

    code = ngx_sent_conv_json_get(error, "code");

    if (code != NULL) {
        ngx_sent_conv_carrier_code(&code->text, &item->error_code);
        ngx_sent_conv_whatsapp_reported(item);
    }

    title = ngx_sent_conv_carrier_string(error, "title");

    if (title == NULL) {
        title = ngx_sent_conv_carrier_string(error, "message");
    }

    return (title != NULL) ? ngx_sent_conv_carrier_line(pool, title,
                                                        &item->error_title)
                           : NGX_OK;
}
