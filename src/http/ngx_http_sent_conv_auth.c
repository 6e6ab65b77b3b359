
/*
 * Who calls: a customer by an API key, the operator by a token.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


#define NGX_HTTP_SENT_CONV_KEY_MAX  512


static void ngx_http_sent_conv_auth_found(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_auth_customer(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_customer_t *customer);


void
ngx_http_sent_conv_auth_key(ngx_http_sent_conv_call_t *call)
{
    if (call->api_key.len == 0) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_NO_KEY,
                                 NULL);
        return;
    }

    ngx_http_sent_conv_auth_text(call, &call->api_key,
                                 ngx_http_sent_conv_auth_role);
}


void
ngx_http_sent_conv_auth_text(ngx_http_sent_conv_call_t *call, ngx_str_t *key,
    ngx_http_sent_conv_run_pt run)
{
    if (key->len > NGX_HTTP_SENT_CONV_KEY_MAX) {
        ngx_http_sent_conv_slow_bad(call, NGX_HTTP_SENT_CONV_E_BAD_KEY);
        return;
    }

    ngx_sent_conv_sha256_hex(call->key_sha256_buf, key);

    call->key_sha256.len = sizeof(call->key_sha256_buf);
    call->key_sha256.data = call->key_sha256_buf;

    ngx_http_sent_conv_auth_digest(call, run);
}


void
ngx_http_sent_conv_auth_digest(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_run_pt run)
{
    ngx_int_t                  rc;
    ngx_sent_conv_customer_t  *customer;

    call->ready = run;

    if (ngx_http_sent_conv_slow_ask(call) != NGX_OK) {
        return;
    }

    rc = ngx_sent_conv_store_customer(call->store, NGX_SENT_CONV_BY_KEY,
                                      &call->key_sha256, &customer,
                                      ngx_http_sent_conv_wait_done, call);

    if (rc == NGX_OK) {
        ngx_http_sent_conv_auth_customer(call, customer);
        return;
    }

    if (rc != NGX_AGAIN) {
        ngx_http_sent_conv_slow_forget(call);
    }

    ngx_http_sent_conv_wait(call, (rc == NGX_AGAIN) ? NGX_OK : rc,
                            ngx_http_sent_conv_auth_found);
}


static void
ngx_http_sent_conv_auth_found(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_slow_forget(call);
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNSENT);
        return;
    }

    ngx_http_sent_conv_auth_customer(call, result);
}


static void
ngx_http_sent_conv_auth_customer(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_customer_t *customer)
{
    ngx_sent_conv_apikey_t  *key;

    key = NULL;

    if (customer != NULL) {
        key = ngx_sent_conv_customer_key(customer, &call->key_sha256);
    }

    if (key == NULL) {
        ngx_http_sent_conv_slow_bad(call, NGX_HTTP_SENT_CONV_E_BAD_KEY);
        return;
    }

    ngx_http_sent_conv_slow_good(call);

    ngx_http_sent_conv_note_customer(call, customer);

    call->customer = ngx_sent_conv_customer_hold(customer);
    call->full = key->full;

    ngx_http_sent_conv_rate(call);
}


void
ngx_http_sent_conv_auth_role(ngx_http_sent_conv_call_t *call)
{
    if ((call->route->flags & NGX_HTTP_SENT_CONV_MUTATES) && !call->full) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_READ_KEY,
                                 NULL);
        return;
    }

    ngx_http_sent_conv_handler_go(call);
}


void
ngx_http_sent_conv_auth_token(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t         token;
    ngx_table_elt_t  *h;

    h = call->request->headers_in.authorization;

    if (h == NULL || h->value.len == 0) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_NO_TOKEN,
                                 NULL);
        return;
    }

    ngx_str_null(&token);

    if (h->value.len > sizeof("Bearer ") - 1
        && ngx_strncasecmp(h->value.data, (u_char *) "Bearer ",
                           sizeof("Bearer ") - 1)
           == 0)
    {
        token.data = h->value.data + sizeof("Bearer ") - 1;
        token.len = h->value.len - (sizeof("Bearer ") - 1);
    }

    if (token.len == 0 || call->slcf->token.len == 0
        || !ngx_sent_conv_sign_equal(&token, &call->slcf->token))
    {
        ngx_http_sent_conv_slow_bad(call, NGX_HTTP_SENT_CONV_E_BAD_TOKEN);
        return;
    }

    ngx_http_sent_conv_handler_go(call);
}
