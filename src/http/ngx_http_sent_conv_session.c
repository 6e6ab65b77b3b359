
/*
 * Sessions of browsers: an API key is given once for a cookie that opens
 * /ui-api and nothing else.  What other sites might have a browser send is
 * refused.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


#define NGX_HTTP_SENT_CONV_COOKIE      "__Host-sent_conv"
#define NGX_HTTP_SENT_CONV_COOKIE_LEN  43    /* base64url of 32 bytes */


static ngx_uint_t ngx_http_sent_conv_session_foreign(
    ngx_http_sent_conv_call_t *call);
static ngx_int_t ngx_http_sent_conv_session_cookie(
    ngx_http_sent_conv_call_t *call, ngx_str_t *value);
static ngx_int_t ngx_http_sent_conv_session_digest(
    ngx_http_sent_conv_call_t *call, ngx_str_t *value);
static void ngx_http_sent_conv_session_found(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_session_begin(ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_session_begun(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_session_ended(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static ngx_int_t ngx_http_sent_conv_session_set(
    ngx_http_sent_conv_call_t *call, ngx_str_t *value, ngx_uint_t age);
static void ngx_http_sent_conv_session_write(ngx_http_sent_conv_call_t *call,
    ngx_uint_t status);
static ngx_uint_t ngx_http_sent_conv_session_phone(
    ngx_http_sent_conv_call_t *call);


/* who calls: by the cookie; then as with a key */

void
ngx_http_sent_conv_auth_session(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t  rc;
    ngx_str_t  value;

    if (ngx_http_sent_conv_session_foreign(call)) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_FOREIGN, NULL);
        return;
    }

    /* who signs in has none yet */

    if (call->route->run == ngx_http_sent_conv_session_open) {
        ngx_http_sent_conv_handler_go(call);
        return;
    }

    if (ngx_http_sent_conv_session_cookie(call, &value) != NGX_OK) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_NO_SESSION, NULL);
        return;
    }

    if (ngx_http_sent_conv_session_digest(call, &value) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    rc = ngx_sent_conv_store_session_get(call->store, &call->session,
                                         ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_session_found);
}


/*
 * As browsers tell it: an unsafe method must come from the very origin;
 * where they do not, the Origin must be the host.
 */

static ngx_uint_t
ngx_http_sent_conv_session_foreign(ngx_http_sent_conv_call_t *call)
{
    u_char              *p;
    ngx_str_t            site, origin, host;
    ngx_http_request_t  *r;

    r = call->request;

    if (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)) {
        return 0;
    }

    if (ngx_http_sent_conv_call_header(call, "sec-fetch-site", &site)
        == NGX_OK)
    {
        return site.len != sizeof("same-origin") - 1
               || ngx_memcmp(site.data, "same-origin", site.len) != 0;
    }

    if (ngx_http_sent_conv_call_header(call, "origin", &origin) != NGX_OK
        || r->headers_in.host == NULL)
    {
        return 1;
    }

    host = r->headers_in.host->value;

    p = ngx_strnstr(origin.data, "://", origin.len);
    if (p == NULL) {
        return 1;
    }

    p += 3;
    origin.len -= p - origin.data;
    origin.data = p;

    return origin.len != host.len
           || ngx_strncasecmp(origin.data, host.data, host.len) != 0;
}


/* not by nginx's own parser, which is not the same in all its versions */

static ngx_int_t
ngx_http_sent_conv_session_cookie(ngx_http_sent_conv_call_t *call,
    ngx_str_t *value)
{
    size_t      len;
    u_char     *p, *end, *last;
    ngx_str_t   cookies;

    if (ngx_http_sent_conv_call_header(call, "cookie", &cookies) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    len = sizeof(NGX_HTTP_SENT_CONV_COOKIE "=") - 1;
    p = cookies.data;
    last = p + cookies.len;

    while (p < last) {

        if (*p == ' ') {
            p++;
            continue;
        }

        end = ngx_strlchr(p, last, ';');
        if (end == NULL) {
            end = last;
        }

        if ((size_t) (end - p) == len + NGX_HTTP_SENT_CONV_COOKIE_LEN
            && ngx_memcmp(p, NGX_HTTP_SENT_CONV_COOKIE "=", len) == 0)
        {
            value->data = p + len;
            value->len = NGX_HTTP_SENT_CONV_COOKIE_LEN;

            return NGX_OK;
        }

        p = end + 1;
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_sent_conv_session_digest(ngx_http_sent_conv_call_t *call,
    ngx_str_t *value)
{
    call->session.len = 64;
    call->session.data = ngx_pnalloc(call->request->pool, 64);
    if (call->session.data == NULL) {
        return NGX_ERROR;
    }

    ngx_sent_conv_sha256_hex(call->session.data, value);

    return NGX_OK;
}


static void
ngx_http_sent_conv_session_found(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_str_t  *key;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNSENT);
        return;
    }

    key = result;

    if (key == NULL || key->len != sizeof(call->key_sha256_buf)) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_BAD_SESSION,
                                 NULL);
        return;
    }

    ngx_memcpy(call->key_sha256_buf, key->data, key->len);

    call->key_sha256.len = key->len;
    call->key_sha256.data = call->key_sha256_buf;

    ngx_http_sent_conv_auth_digest(call, ngx_http_sent_conv_auth_role);
}


/* POST /session {"api_key"}: who names a key is limited as everywhere */

void
ngx_http_sent_conv_session_open(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_json_t  *key;

    key = ngx_http_sent_conv_form_get(call, "api_key",
                                      NGX_SENT_CONV_JSON_STRING, 1);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    ngx_http_sent_conv_auth_text(call, &key->text,
                                 ngx_http_sent_conv_session_begin);
}


static void
ngx_http_sent_conv_session_begin(ngx_http_sent_conv_call_t *call)
{
    u_char      random[32];
    ngx_int_t   rc;
    ngx_str_t   bytes, *value;

    value = ngx_palloc(call->request->pool, sizeof(ngx_str_t)
                       + ngx_base64_encoded_length(sizeof(random)));

    if (value == NULL
        || ngx_sent_conv_store_random(random, sizeof(random)) != NGX_OK)
    {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    value->data = (u_char *) &value[1];

    bytes.len = sizeof(random);
    bytes.data = random;

    ngx_encode_base64url(value, &bytes);

    if (ngx_http_sent_conv_session_digest(call, value) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->data = value;

    rc = ngx_sent_conv_store_session_put(call->store, &call->session,
                                         &call->key_sha256,
                                         ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_session_begun);
}


static void
ngx_http_sent_conv_session_begun(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    if (ngx_http_sent_conv_session_set(call, call->data,
                                       NGX_SENT_CONV_SESSION_TTL / 1000)
        != NGX_OK)
    {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_session_write(call, NGX_HTTP_CREATED);
}


void
ngx_http_sent_conv_session_show(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_session_write(call, NGX_HTTP_OK);
}


void
ngx_http_sent_conv_session_close(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t  rc;

    rc = ngx_sent_conv_store_session_delete(call->store, &call->session,
                                            ngx_http_sent_conv_wait_done,
                                            call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_session_ended);
}


static void
ngx_http_sent_conv_session_ended(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_str_t  none;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    ngx_str_null(&none);

    if (ngx_http_sent_conv_session_set(call, &none, 0) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_reply_status(call, NGX_HTTP_NO_CONTENT);
}


static ngx_int_t
ngx_http_sent_conv_session_set(ngx_http_sent_conv_call_t *call,
    ngx_str_t *value, ngx_uint_t age)
{
    call->cookie.data = ngx_pnalloc(call->request->pool,
                      sizeof(NGX_HTTP_SENT_CONV_COOKIE "=; Path=/; Secure; "
                             "HttpOnly; SameSite=Strict; Max-Age=")
                      + value->len + NGX_INT_T_LEN);
    if (call->cookie.data == NULL) {
        return NGX_ERROR;
    }

    call->cookie.len = ngx_sprintf(call->cookie.data,
                      NGX_HTTP_SENT_CONV_COOKIE "=%V; Path=/; Secure; "
                      "HttpOnly; SameSite=Strict; Max-Age=%ui", value, age)
                      - call->cookie.data;

    return NGX_OK;
}


static void
ngx_http_sent_conv_session_write(ngx_http_sent_conv_call_t *call,
    ngx_uint_t status)
{
    ngx_time_t               *tp;
    ngx_sent_conv_jw_t        w;
    ngx_sent_conv_apikey_t   *key;

    key = ngx_sent_conv_customer_key(call->customer, &call->key_sha256);
    tp = ngx_timeofday();

    ngx_http_sent_conv_reply_open(call, &w, 512);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "customer", '{');
    ngx_sent_conv_jw_str(&w, "id", &call->customer->id);
    ngx_sent_conv_jw_str(&w, "name", &call->customer->name);
    ngx_sent_conv_jw_close(&w, '}');
    ngx_sent_conv_jw_cstr(&w, "role", (key != NULL && key->full) ? "full"
                                                                 : "read");
    ngx_sent_conv_jw_open(&w, "features", '{');
    ngx_sent_conv_jw_bool(&w, "conversations", call->customer->conversations);
    ngx_sent_conv_jw_bool(&w, "phone",
                          ngx_http_sent_conv_session_phone(call));
    ngx_sent_conv_jw_close(&w, '}');
    ngx_sent_conv_jw_time(&w, "server_time",
                          (uint64_t) tp->sec * 1000 + tp->msec);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, status);
}


/* is a contact to be played? */

static ngx_uint_t
ngx_http_sent_conv_session_phone(ngx_http_sent_conv_call_t *call)
{
    ngx_uint_t               i;
    ngx_sent_conv_number_t  *number;

    number = call->customer->numbers.elts;

    for (i = 0; i < call->customer->numbers.nelts; i++) {

        if (ngx_http_sent_conv_phone_plays(call, &number[i])) {
            return 1;
        }
    }

    return 0;
}
