
/*
 * What the parts of the twilio format share.
 */


#ifndef _NGX_SENT_CONV_CARRIER_TWILIO_H_INCLUDED_
#define _NGX_SENT_CONV_CARRIER_TWILIO_H_INCLUDED_


#include "ngx_sent_conv_carrier_text.h"


ngx_int_t ngx_sent_conv_twilio_parse(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in,
    ngx_array_t *items, ngx_uint_t *skipped,
    ngx_sent_conv_carrier_reply_t *reply);
ngx_int_t ngx_sent_conv_twilio_build(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_out_t *out,
    ngx_sent_conv_channel_e channel, ngx_sent_conv_carrier_post_t *post);
ngx_int_t ngx_sent_conv_twilio_verdict(ngx_pool_t *pool, ngx_uint_t status,
    ngx_str_t *answer, ngx_sent_conv_carrier_verdict_t *verdict);

/* kind and attachments of a message that is more than its text */

ngx_int_t ngx_sent_conv_twilio_content(ngx_pool_t *pool, ngx_array_t *fields,
    ngx_sent_conv_carrier_item_t *item);

/* a report's "ErrorCode" to code and title */

ngx_int_t ngx_sent_conv_twilio_error(ngx_pool_t *pool, ngx_array_t *fields,
    ngx_sent_conv_carrier_item_t *item);


#endif /* _NGX_SENT_CONV_CARRIER_TWILIO_H_INCLUDED_ */
