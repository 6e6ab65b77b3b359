
/*
 * What the unit tests share: one function per topic, and how to say "ok".
 */


#ifndef _NGX_SENT_CONV_UNIT_H_INCLUDED_
#define _NGX_SENT_CONV_UNIT_H_INCLUDED_


#include "ngx_sent_conv_core.h"
#include "ngx_sent_conv_json.h"


void ngx_sent_conv_unit_ok(ngx_uint_t ok, const char *fmt, ...)
    __attribute__ ((format (printf, 2, 3)));
void ngx_sent_conv_unit_is(ngx_str_t *got, const char *expected,
    const char *name);
ngx_str_t ngx_sent_conv_unit_str(ngx_pool_t *pool, const char *text);

void ngx_sent_conv_unit_addr(ngx_pool_t *pool);
void ngx_sent_conv_unit_agent(ngx_pool_t *pool);
void ngx_sent_conv_unit_breaker(ngx_pool_t *pool);
void ngx_sent_conv_unit_bucket(ngx_pool_t *pool);
void ngx_sent_conv_unit_country(ngx_pool_t *pool);
void ngx_sent_conv_unit_derive(ngx_pool_t *pool);
void ngx_sent_conv_unit_formats(ngx_pool_t *pool);
void ngx_sent_conv_unit_id(ngx_pool_t *pool);
void ngx_sent_conv_unit_json(ngx_pool_t *pool);
void ngx_sent_conv_unit_json_field(ngx_pool_t *pool);
void ngx_sent_conv_unit_json_limit(ngx_pool_t *pool);
void ngx_sent_conv_unit_jw(ngx_pool_t *pool);
void ngx_sent_conv_unit_keyword(ngx_pool_t *pool);
void ngx_sent_conv_unit_keyword_model(ngx_pool_t *pool);
void ngx_sent_conv_unit_keyword_time(ngx_pool_t *pool);
void ngx_sent_conv_unit_metrics(ngx_pool_t *pool);
void ngx_sent_conv_unit_phone(ngx_pool_t *pool);
void ngx_sent_conv_unit_rbm(ngx_pool_t *pool);
void ngx_sent_conv_unit_rbm_out(ngx_pool_t *pool);
void ngx_sent_conv_unit_rbm_token(ngx_pool_t *pool);
void ngx_sent_conv_unit_rbm_verify(ngx_pool_t *pool);
void ngx_sent_conv_unit_retry(ngx_pool_t *pool);
void ngx_sent_conv_unit_seal(ngx_pool_t *pool);
void ngx_sent_conv_unit_segments(ngx_pool_t *pool);
void ngx_sent_conv_unit_sign(ngx_pool_t *pool);
void ngx_sent_conv_unit_sign_hmac(ngx_pool_t *pool);
void ngx_sent_conv_unit_sign_rsa(ngx_pool_t *pool);
void ngx_sent_conv_unit_slot(ngx_pool_t *pool);
void ngx_sent_conv_unit_template(ngx_pool_t *pool);
void ngx_sent_conv_unit_time(ngx_pool_t *pool);
void ngx_sent_conv_unit_trace(ngx_pool_t *pool);
void ngx_sent_conv_unit_twilio(ngx_pool_t *pool);
void ngx_sent_conv_unit_twilio_out(ngx_pool_t *pool);
void ngx_sent_conv_unit_url(ngx_pool_t *pool);
void ngx_sent_conv_unit_utf8(ngx_pool_t *pool);
void ngx_sent_conv_unit_whatsapp(ngx_pool_t *pool);
void ngx_sent_conv_unit_whatsapp_out(ngx_pool_t *pool);
void ngx_sent_conv_unit_whatsapp_report(ngx_pool_t *pool);


#endif /* _NGX_SENT_CONV_UNIT_H_INCLUDED_ */
