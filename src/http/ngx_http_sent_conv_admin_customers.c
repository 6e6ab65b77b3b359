
/*
 * The operator's list of customers.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


typedef struct {
    ngx_http_sent_conv_page_t    page;
    ngx_sent_conv_jw_t           w;
    ngx_str_t                   *ids;
    ngx_uint_t                   n;
    ngx_uint_t                   i;
    ngx_uint_t                   end;
} ngx_http_sent_conv_customers_t;


static void ngx_http_sent_conv_admin_listed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_admin_next(ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_admin_loaded(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);


void
ngx_http_sent_conv_admin_customers(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                        rc;
    ngx_http_sent_conv_customers_t  *list;

    list = ngx_pcalloc(call->request->pool,
                       sizeof(ngx_http_sent_conv_customers_t));
    if (list == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->data = list;

    ngx_http_sent_conv_query_offset(call, &list->page);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    rc = ngx_sent_conv_store_customers(call->store,
                                       ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_admin_listed);
}


static void
ngx_http_sent_conv_admin_listed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_array_t *ids = result;

    ngx_str_t                       *id;
    ngx_uint_t                       i;
    ngx_http_sent_conv_customers_t  *list;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    list = call->data;
    id = ids->elts;

    list->n = ids->nelts;
    list->i = ngx_min(list->page.offset, list->n);
    list->end = ngx_min(list->page.offset + list->page.size, list->n);

    list->ids = ngx_pcalloc(call->request->pool,
                            (list->end - list->i + 1) * sizeof(ngx_str_t));
    if (list->ids == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    /* newest first; those of the page alone */

    for (i = list->i; i < list->end; i++) {

        list->ids[i - list->i].len = id[list->n - 1 - i].len;
        list->ids[i - list->i].data = ngx_pstrdup(call->request->pool,
                                                  &id[list->n - 1 - i]);

        if (list->ids[i - list->i].data == NULL) {
            ngx_http_sent_conv_reply_abort(call);
            return;
        }
    }

    list->end -= list->i;
    list->i = 0;

    ngx_http_sent_conv_reply_open(call, &list->w, 512 + list->end * 256);

    ngx_sent_conv_jw_open(&list->w, "data", '{');
    ngx_sent_conv_jw_open(&list->w, "customers", '[');

    ngx_http_sent_conv_admin_next(call);
}


static void
ngx_http_sent_conv_admin_next(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                        rc;
    ngx_sent_conv_customer_t        *customer;
    ngx_http_sent_conv_customers_t  *list;

    list = call->data;

    while (list->i < list->end) {

        rc = ngx_sent_conv_store_customer(call->store, NGX_SENT_CONV_BY_ID,
                                          &list->ids[list->i], &customer,
                                          ngx_http_sent_conv_wait_done, call);
        if (rc != NGX_OK) {
            ngx_http_sent_conv_wait(call, (rc == NGX_AGAIN) ? NGX_OK : rc,
                                    ngx_http_sent_conv_admin_loaded);
            return;
        }

        if (customer != NULL) {
            ngx_http_sent_conv_admin_write(&list->w, NULL, customer);
        }

        list->i++;
    }

    ngx_sent_conv_jw_close(&list->w, ']');
    ngx_http_sent_conv_query_offsets(&list->w, &list->page, list->n);
    ngx_sent_conv_jw_close(&list->w, '}');

    ngx_http_sent_conv_reply_close(call, &list->w, NGX_HTTP_OK);
}


static void
ngx_http_sent_conv_admin_loaded(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_http_sent_conv_customers_t  *list;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    list = call->data;

    if (result != NULL) {
        ngx_http_sent_conv_admin_write(&list->w, NULL, result);
    }

    list->i++;

    ngx_http_sent_conv_admin_next(call);
}
