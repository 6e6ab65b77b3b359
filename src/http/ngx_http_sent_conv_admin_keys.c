
/*
 * The operator's API keys of a customer.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


#define NGX_HTTP_SENT_CONV_NAME_MAX  200


typedef struct {
    ngx_sent_conv_apikey_t      key;
    ngx_str_t                   secret;
    u_char                      sha256[64];
    u_char                      id[NGX_SENT_CONV_UUID_LEN];
} ngx_http_sent_conv_new_key_t;


static void ngx_http_sent_conv_admin_key_make(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_admin_key_form(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_apikey_t *key);
static ngx_int_t ngx_http_sent_conv_admin_key_secret(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_new_key_t *made);
static void ngx_http_sent_conv_admin_key_made(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_admin_key_drop(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_admin_key_list(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_admin_key_write(ngx_sent_conv_jw_t *w,
    const char *name, ngx_sent_conv_apikey_t *key, ngx_str_t *secret,
    ngx_uint_t created);


void
ngx_http_sent_conv_admin_key_create(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_admin_path(call, ngx_http_sent_conv_admin_key_make);
}


static void
ngx_http_sent_conv_admin_key_make(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                      rc;
    ngx_http_sent_conv_new_key_t  *made;

    if (ngx_http_sent_conv_admin_missing(call)) {
        return;
    }

    made = ngx_pcalloc(call->request->pool,
                       sizeof(ngx_http_sent_conv_new_key_t));
    if (made == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->data = made;

    ngx_http_sent_conv_admin_key_form(call, &made->key);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    if (ngx_http_sent_conv_admin_key_secret(call, made) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (call->sandbox) {
        ngx_http_sent_conv_admin_key_made(call, NGX_SENT_CONV_OK, NULL);
        return;
    }

    rc = ngx_sent_conv_store_key_put(call->store, &call->customer->id,
                                     &made->key,
                                     ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_admin_key_made);
}


static void
ngx_http_sent_conv_admin_key_form(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_apikey_t *key)
{
    ngx_sent_conv_json_t  *name, *role;

    name = ngx_http_sent_conv_form_get(call, "name",
                                       NGX_SENT_CONV_JSON_STRING, 0);
    if (name != NULL) {
        key->name = name->text;

        if (ngx_sent_conv_utf8_length(&name->text)
            > NGX_HTTP_SENT_CONV_NAME_MAX)
        {
            ngx_http_sent_conv_form_fault(call, "name",
                                          NGX_HTTP_SENT_CONV_E_RANGE,
                                          "must be at most 200 characters");
        }
    }

    key->full = 1;

    role = ngx_http_sent_conv_form_get(call, "role",
                                       NGX_SENT_CONV_JSON_STRING, 0);
    if (role == NULL) {
        return;
    }

    if (role->text.len == 4
        && ngx_strncmp(role->text.data, "read", 4) == 0)
    {
        key->full = 0;

    } else if (role->text.len != 4
               || ngx_strncmp(role->text.data, "full", 4) != 0)
    {
        ngx_http_sent_conv_form_fault(call, "role",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "must be full or read");
    }
}


static ngx_int_t
ngx_http_sent_conv_admin_key_secret(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_new_key_t *made)
{
    u_char       random[32];
    ngx_str_t    coded, plain;
    ngx_time_t  *tp;

    made->secret.data = ngx_pnalloc(call->request->pool, 64);

    if (made->secret.data == NULL
        || ngx_sent_conv_store_random(random, sizeof(random)) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_memcpy(made->secret.data, "sck_", 4);

    plain.data = random;
    plain.len = sizeof(random);

    coded.data = made->secret.data + 4;
    ngx_encode_base64url(&coded, &plain);

    ngx_memzero(random, sizeof(random));

    made->secret.len = 4 + coded.len;

    ngx_sent_conv_sha256_hex(made->sha256, &made->secret);

    made->key.sha256.data = made->sha256;
    made->key.sha256.len = sizeof(made->sha256);

    made->key.id = call->id;

    if (call->id.len == 0) {

        if (ngx_sent_conv_store_uuid(made->id, NULL) != NGX_OK) {
            return NGX_ERROR;
        }

        made->key.id.data = made->id;
        made->key.id.len = NGX_SENT_CONV_UUID_LEN;
    }

    tp = ngx_timeofday();
    made->key.created_at = (uint64_t) tp->sec * 1000 + tp->msec;

    return NGX_OK;
}


static void
ngx_http_sent_conv_admin_key_made(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_jw_t             w;
    ngx_http_sent_conv_new_key_t  *made;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    made = call->data;

    if (call->held) {
        ngx_http_sent_conv_reply_open(call, &w, 256);
        ngx_http_sent_conv_admin_key_write(&w, "data", &made->key, NULL, 1);

        if (ngx_http_sent_conv_reply_text(call, &w, &call->record)
            != NGX_OK)
        {
            ngx_http_sent_conv_reply_abort(call);
            return;
        }
    }

    ngx_http_sent_conv_reply_open(call, &w, 256);
    ngx_http_sent_conv_admin_key_write(&w, "data", &made->key, &made->secret,
                                       1);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_CREATED);
}


void
ngx_http_sent_conv_admin_key_delete(ngx_http_sent_conv_call_t *call)
{
    if (ngx_http_sent_conv_form_id(call, 1, "key_id") == NULL) {
        return;
    }

    ngx_http_sent_conv_admin_path(call, ngx_http_sent_conv_admin_key_drop);
}


static void
ngx_http_sent_conv_admin_key_drop(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                rc;
    ngx_str_t               *id;
    ngx_uint_t               i;
    ngx_sent_conv_apikey_t  *key;

    if (ngx_http_sent_conv_admin_missing(call)
        || ngx_http_sent_conv_form_failed(call))
    {
        return;
    }

    id = &call->vars[1];
    key = call->customer->keys.elts;

    for (i = 0; i < call->customer->keys.nelts; i++) {

        if (key[i].id.len == id->len
            && ngx_memcmp(key[i].id.data, id->data, id->len) == 0)
        {
            break;
        }
    }

    if (i == call->customer->keys.nelts || call->sandbox) {
        ngx_http_sent_conv_reply_status(call, NGX_HTTP_NO_CONTENT);
        return;
    }

    rc = ngx_sent_conv_store_key_delete(call->store, &call->customer->id,
                                        &key[i],
                                        ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_admin_deleted);
}


void
ngx_http_sent_conv_admin_keys(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_admin_path(call, ngx_http_sent_conv_admin_key_list);
}


static void
ngx_http_sent_conv_admin_key_list(ngx_http_sent_conv_call_t *call)
{
    ngx_uint_t               i;
    ngx_sent_conv_jw_t       w;
    ngx_sent_conv_apikey_t  *key;

    if (ngx_http_sent_conv_admin_missing(call)) {
        return;
    }

    key = call->customer->keys.elts;

    ngx_http_sent_conv_reply_open(call, &w, 1024);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "keys", '[');

    for (i = call->customer->keys.nelts; i > 0; i--) {
        ngx_http_sent_conv_admin_key_write(&w, NULL, &key[i - 1], NULL, 0);
    }

    ngx_sent_conv_jw_close(&w, ']');
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static void
ngx_http_sent_conv_admin_key_write(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_apikey_t *key, ngx_str_t *secret, ngx_uint_t created)
{
    ngx_sent_conv_jw_open(w, name, '{');

    ngx_sent_conv_jw_str(w, "id", &key->id);
    ngx_sent_conv_jw_str(w, "name", key->name.len ? &key->name : NULL);
    ngx_sent_conv_jw_cstr(w, "role", key->full ? "full" : "read");

    if (created) {
        ngx_sent_conv_jw_str(w, "key", secret);
    }

    ngx_sent_conv_jw_time(w, "created_at", key->created_at);

    ngx_sent_conv_jw_close(w, '}');
}


/* of the customer in the path */

void
ngx_http_sent_conv_admin_path(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_run_pt run)
{
    ngx_str_t  *id;

    id = ngx_http_sent_conv_form_id(call, 0, "id");
    if (id == NULL) {
        return;
    }

    ngx_http_sent_conv_admin_find(call, NGX_SENT_CONV_BY_ID, id, run);
}


/* is there no such customer?  Then it has been answered */

ngx_uint_t
ngx_http_sent_conv_admin_missing(ngx_http_sent_conv_call_t *call)
{
    if (call->customer != NULL) {
        return 0;
    }

    ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_CUSTOMER, NULL);

    return 1;
}


void
ngx_http_sent_conv_admin_deleted(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    ngx_http_sent_conv_reply_status(call, NGX_HTTP_NO_CONTENT);
}
