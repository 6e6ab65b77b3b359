
/*
 * The variables of a delivery location: where a webhook goes, by an address
 * that was checked; whose message a carrier is given.
 */


#include "ngx_http_sent_conv_delivery.h"


static ngx_int_t ngx_http_sent_conv_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


ngx_http_variable_t  ngx_http_sent_conv_delivery_vars[] = {

    { ngx_string("sent_conv_url"), NULL, ngx_http_sent_conv_variable,
      offsetof(ngx_http_sent_conv_attempt_t, url),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("sent_conv_host"), NULL, ngx_http_sent_conv_variable,
      offsetof(ngx_http_sent_conv_attempt_t, host),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("sent_conv_ssl_name"), NULL, ngx_http_sent_conv_variable,
      offsetof(ngx_http_sent_conv_attempt_t, ssl_name),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("sent_conv_from"), NULL, ngx_http_sent_conv_variable,
      offsetof(ngx_http_sent_conv_attempt_t, from),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("sent_conv_to"), NULL, ngx_http_sent_conv_variable,
      offsetof(ngx_http_sent_conv_attempt_t, to),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("sent_conv_message_id"), NULL, ngx_http_sent_conv_variable,
      offsetof(ngx_http_sent_conv_attempt_t, message_id),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("sent_conv_token"), NULL, ngx_http_sent_conv_variable,
      offsetof(ngx_http_sent_conv_attempt_t, token),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


static ngx_int_t
ngx_http_sent_conv_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                     *s;
    ngx_http_sent_conv_attempt_t  *attempt;

    v->not_found = 1;

    if (!ngx_http_sent_conv_request_ours(r->main)) {
        return NGX_OK;
    }

    attempt = ngx_http_get_module_ctx(r->main, ngx_http_sent_conv_module);

    if (attempt == NULL) {
        return NGX_OK;
    }

    s = (ngx_str_t *) ((char *) attempt + data);

    if (s->data == NULL) {
        return NGX_OK;
    }

    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->len = s->len;
    v->data = s->data;

    return NGX_OK;
}
