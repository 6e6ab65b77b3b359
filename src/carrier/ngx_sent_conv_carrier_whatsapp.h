
/*
 * What the parts of the whatsapp_cloud format share.
 */


#ifndef _NGX_SENT_CONV_CARRIER_WHATSAPP_H_INCLUDED_
#define _NGX_SENT_CONV_CARRIER_WHATSAPP_H_INCLUDED_


#include "ngx_sent_conv_carrier_text.h"


/* the parts of a notification, as they are walked through */

typedef struct {
    ngx_pool_t            *pool;
    ngx_array_t           *items;
    ngx_uint_t             skipped;
    ngx_sent_conv_json_t  *value;        /* of the change at hand */
    ngx_str_t              number;       /* ours, that it is of; or empty */
} ngx_sent_conv_whatsapp_ctx_t;


ngx_int_t ngx_sent_conv_whatsapp_parse(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in,
    ngx_array_t *items, ngx_uint_t *skipped,
    ngx_sent_conv_carrier_reply_t *reply);
ngx_int_t ngx_sent_conv_whatsapp_build(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_out_t *out,
    ngx_sent_conv_channel_e channel, ngx_sent_conv_carrier_post_t *post);
ngx_int_t ngx_sent_conv_whatsapp_verdict(ngx_pool_t *pool, ngx_uint_t status,
    ngx_str_t *answer, ngx_sent_conv_carrier_verdict_t *verdict);

/*
 * Readers of one element each: NGX_OK; NGX_DECLINED = it is not readable;
 * NGX_DONE = it is, but there is nothing in it for us; NGX_ERROR.  item is
 * zeroed.
 */

ngx_int_t ngx_sent_conv_whatsapp_message(ngx_sent_conv_whatsapp_ctx_t *ctx,
    ngx_sent_conv_json_t *v, ngx_sent_conv_carrier_item_t *item);
ngx_int_t ngx_sent_conv_whatsapp_status(ngx_sent_conv_whatsapp_ctx_t *ctx,
    ngx_sent_conv_json_t *v, ngx_sent_conv_carrier_item_t *item);
ngx_int_t ngx_sent_conv_whatsapp_preference(ngx_sent_conv_whatsapp_ctx_t *ctx,
    ngx_sent_conv_json_t *v, ngx_sent_conv_carrier_item_t *item);

/* of a report, by its error_code: FAILED, or AGAIN */

void ngx_sent_conv_whatsapp_reported(ngx_sent_conv_carrier_item_t *item);

/* text, kind, attachments and, of a reaction, reply_to */

ngx_int_t ngx_sent_conv_whatsapp_content(ngx_pool_t *pool,
    ngx_sent_conv_json_t *message, ngx_sent_conv_carrier_item_t *item);

/* "timestamp", seconds as text or number; NGX_DECLINED = wrong */

ngx_int_t ngx_sent_conv_whatsapp_time(ngx_sent_conv_json_t *v, int64_t *at);

/* a member's digits to E.164 */

ngx_int_t ngx_sent_conv_whatsapp_phone(ngx_pool_t *pool,
    ngx_sent_conv_json_t *v, const char *name, ngx_str_t *phone);


#endif /* _NGX_SENT_CONV_CARRIER_WHATSAPP_H_INCLUDED_ */
