
/*
 * The operator's numbers: whose they are and through which carrier.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


#define NGX_HTTP_SENT_CONV_ACCOUNT_MAX  64


static ngx_int_t ngx_http_sent_conv_admin_number_path(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_number_t *number);
static void ngx_http_sent_conv_admin_number_carrier(
    ngx_http_sent_conv_call_t *call, ngx_str_t *name);
static void ngx_http_sent_conv_admin_number_bind(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_admin_number_bound(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_admin_number_drop(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_admin_number_list(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_admin_number_write(ngx_sent_conv_jw_t *w,
    const char *name, ngx_sent_conv_number_t *number, ngx_str_t *customer);


void
ngx_http_sent_conv_admin_number_put(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_json_t    *customer;
    ngx_sent_conv_number_t  *number;

    number = ngx_pcalloc(call->request->pool, sizeof(ngx_sent_conv_number_t));
    if (number == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->data = number;

    (void) ngx_http_sent_conv_admin_number_path(call, number);

    customer = ngx_http_sent_conv_form_get(call, "customer_id",
                                           NGX_SENT_CONV_JSON_STRING, 1);

    if (customer != NULL
        && ngx_sent_conv_uuid_check(&customer->text) != NGX_OK)
    {
        ngx_http_sent_conv_form_fault(call, "customer_id",
                                      NGX_HTTP_SENT_CONV_E_UUID, NULL);
    }

    ngx_http_sent_conv_admin_number_carrier(call, &number->carrier);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    ngx_http_sent_conv_admin_find(call, NGX_SENT_CONV_BY_ID, &customer->text,
                                  ngx_http_sent_conv_admin_number_bind);
}


static ngx_int_t
ngx_http_sent_conv_admin_number_path(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_number_t *number)
{
    number->channel = ngx_sent_conv_channel_parse(&call->vars[0]);
    number->e164 = call->vars[1];

    if (number->channel == NGX_SENT_CONV_CHANNELS) {
        ngx_http_sent_conv_form_fault(call, "channel",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "must be whatsapp, sms or rcs");
        return NGX_ERROR;
    }

    if (ngx_sent_conv_phone_check(&number->e164) != NGX_OK) {
        ngx_http_sent_conv_form_fault(call, "number",
                                      NGX_HTTP_SENT_CONV_E_PHONE, NULL);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_sent_conv_admin_number_carrier(ngx_http_sent_conv_call_t *call,
    ngx_str_t *name)
{
    u_char                 ch;
    size_t                 i;
    ngx_sent_conv_json_t  *carrier;

    carrier = ngx_http_sent_conv_form_get(call, "carrier",
                                          NGX_SENT_CONV_JSON_STRING, 1);
    if (carrier == NULL) {
        return;
    }

    *name = carrier->text;

    for (i = 0; i < name->len; i++) {
        ch = name->data[i];

        if (!((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z')
              || (ch >= 'A' && ch <= 'Z') || ch == '_' || ch == '-'))
        {
            break;
        }
    }

    if (i == 0 || i < name->len || i > NGX_HTTP_SENT_CONV_ACCOUNT_MAX) {
        ngx_http_sent_conv_form_fault(call, "carrier",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "must be the name of a carrier");
    }
}


static void
ngx_http_sent_conv_admin_number_bind(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t  rc;

    if (call->customer == NULL) {
        ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_VALUE,
                                       "customer_id",
                                       "is not a customer's");
        return;
    }

    if (call->sandbox) {
        rc = NGX_OK;
        ngx_http_sent_conv_admin_number_bound(call, NGX_SENT_CONV_OK, &rc);
        return;
    }

    rc = ngx_sent_conv_store_number_put(call->store, &call->customer->id,
                                        call->data,
                                        ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_admin_number_bound);
}


static void
ngx_http_sent_conv_admin_number_bound(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_int_t *rc = result;

    ngx_sent_conv_jw_t  w;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    if (rc != NULL && *rc == NGX_DECLINED) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_EXISTS,
                                 "The number is another customer's.");
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 256);
    ngx_http_sent_conv_admin_number_write(&w, "data", call->data,
                                          &call->customer->id);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


void
ngx_http_sent_conv_admin_number_delete(ngx_http_sent_conv_call_t *call)
{
    u_char                  *p;
    ngx_str_t                name;
    ngx_sent_conv_number_t   number;

    (void) ngx_http_sent_conv_admin_number_path(call, &number);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    p = ngx_pnalloc(call->request->pool,
                    call->vars[0].len + 1 + call->vars[1].len);
    if (p == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    name.data = p;
    name.len = ngx_sprintf(p, "%V:%V", &call->vars[0], &call->vars[1]) - p;

    ngx_http_sent_conv_admin_find(call, NGX_SENT_CONV_BY_NUMBER, &name,
                                  ngx_http_sent_conv_admin_number_drop);
}


static void
ngx_http_sent_conv_admin_number_drop(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                rc;
    ngx_sent_conv_number_t   path, *number;

    number = NULL;

    if (call->customer != NULL
        && ngx_http_sent_conv_admin_number_path(call, &path) == NGX_OK)
    {
        number = ngx_sent_conv_customer_number(call->customer, path.channel,
                                               &path.e164);
    }

    if (number == NULL || call->sandbox) {
        ngx_http_sent_conv_reply_status(call, NGX_HTTP_NO_CONTENT);
        return;
    }

    rc = ngx_sent_conv_store_number_delete(call->store, &call->customer->id,
                                           number,
                                           ngx_http_sent_conv_wait_done,
                                           call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_admin_deleted);
}


void
ngx_http_sent_conv_admin_numbers(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_admin_path(call, ngx_http_sent_conv_admin_number_list);
}


static void
ngx_http_sent_conv_admin_number_list(ngx_http_sent_conv_call_t *call)
{
    ngx_uint_t               i;
    ngx_sent_conv_jw_t       w;
    ngx_sent_conv_number_t  *number;

    if (ngx_http_sent_conv_admin_missing(call)) {
        return;
    }

    number = call->customer->numbers.elts;

    ngx_http_sent_conv_reply_open(call, &w, 1024);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "numbers", '[');

    for (i = 0; i < call->customer->numbers.nelts; i++) {
        ngx_http_sent_conv_admin_number_write(&w, NULL, &number[i],
                                              &call->customer->id);
    }

    ngx_sent_conv_jw_close(&w, ']');
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static void
ngx_http_sent_conv_admin_number_write(ngx_sent_conv_jw_t *w,
    const char *name, ngx_sent_conv_number_t *number, ngx_str_t *customer)
{
    ngx_sent_conv_jw_open(w, name, '{');

    ngx_sent_conv_jw_str(w, "number", &number->e164);
    ngx_sent_conv_jw_str(w, "channel",
                         &ngx_sent_conv_channel_names[number->channel]);
    ngx_sent_conv_jw_str(w, "carrier", &number->carrier);
    ngx_sent_conv_jw_str(w, "customer_id", customer);

    ngx_sent_conv_jw_close(w, '}');
}
