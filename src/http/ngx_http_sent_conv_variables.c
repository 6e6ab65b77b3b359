
/*
 * The variables of the API's requests, for access logs: whose they were, what
 * was wrong, how long Redis took.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static ngx_int_t ngx_http_sent_conv_variable_id(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_sent_conv_variable_error(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_sent_conv_variable_time(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static void ngx_http_sent_conv_variable_set(ngx_http_variable_value_t *v,
    u_char *data, size_t len);


ngx_http_variable_t  ngx_http_sent_conv_api_vars[] = {

    { ngx_string("sent_conv_customer"), NULL, ngx_http_sent_conv_variable_id,
      offsetof(ngx_http_sent_conv_call_t, customer_id),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("sent_conv_conversation"), NULL,
      ngx_http_sent_conv_variable_id,
      offsetof(ngx_http_sent_conv_call_t, conversation_id),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("sent_conv_error"), NULL, ngx_http_sent_conv_variable_error,
      0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("sent_conv_redis_time"), NULL,
      ngx_http_sent_conv_variable_time,
      0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


/* an id as it was noted, all zero where none was */

static ngx_int_t
ngx_http_sent_conv_variable_id(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                     *id;
    ngx_http_sent_conv_call_t  *call;

    v->not_found = 1;

    call = ngx_http_sent_conv_call_of(r);

    if (call != NULL) {
        id = (u_char *) call + data;

        if (id[0] != 0) {
            ngx_http_sent_conv_variable_set(v, id, NGX_SENT_CONV_UUID_LEN);
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_sent_conv_variable_error(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_sent_conv_call_t  *call;

    v->not_found = 1;

    call = ngx_http_sent_conv_call_of(r);

    if (call != NULL && call->code.len) {
        ngx_http_sent_conv_variable_set(v, call->code.data, call->code.len);
    }

    return NGX_OK;
}


/* as that of an upstream; none where nothing was asked */

static ngx_int_t
ngx_http_sent_conv_variable_time(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                     *p;
    ngx_http_sent_conv_call_t  *call;

    v->not_found = 1;

    call = ngx_http_sent_conv_call_of(r);

    if (call == NULL || !call->asked) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_TIME_T_LEN + 4);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_http_sent_conv_variable_set(v, p,
                         ngx_sprintf(p, "%T.%03M",
                                     (time_t) (call->redis_time / 1000),
                                     call->redis_time % 1000)
                         - p);

    return NGX_OK;
}


static void
ngx_http_sent_conv_variable_set(ngx_http_variable_value_t *v, u_char *data,
    size_t len)
{
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->len = len;
    v->data = data;
}


void
ngx_http_sent_conv_note_customer(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_customer_t *customer)
{
    ngx_memcpy(call->customer_id, customer->id.data, NGX_SENT_CONV_UUID_LEN);
}


void
ngx_http_sent_conv_note_conversation(ngx_http_sent_conv_call_t *call,
    ngx_str_t *id)
{
    /* a path may name a thread, or anything */

    if (ngx_sent_conv_uuid_check(id) == NGX_OK
        && ngx_sent_conv_uuid_version(id->data) == 7)
    {
        ngx_memcpy(call->conversation_id, id->data, NGX_SENT_CONV_UUID_LEN);
    }
}
