
/*
 * The operator's customers: made, listed, shown, changed.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


#define NGX_HTTP_SENT_CONV_NAME_MAX      200
#define NGX_HTTP_SENT_CONV_KEYWORDS_MAX  100
#define NGX_HTTP_SENT_CONV_KEYWORD_MAX   64


static void ngx_http_sent_conv_admin_found(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_admin_hold(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_customer_t *customer);
static ngx_str_t *ngx_http_sent_conv_admin_new_id(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_admin_created(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_admin_patch(ngx_http_sent_conv_call_t *call);
static ngx_int_t ngx_http_sent_conv_admin_keywords(
    ngx_http_sent_conv_call_t *call, ngx_str_t *keywords);
static void ngx_http_sent_conv_admin_text(ngx_http_sent_conv_call_t *call,
    const char *name, ngx_str_t *text);
static void ngx_http_sent_conv_admin_patched(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_admin_show(ngx_http_sent_conv_call_t *call);


void
ngx_http_sent_conv_admin_find(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_by_e by, ngx_str_t *name, ngx_http_sent_conv_run_pt run)
{
    ngx_int_t                  rc;
    ngx_sent_conv_customer_t  *customer;

    call->ready = run;

    rc = ngx_sent_conv_store_customer(call->store, by, name, &customer,
                                      ngx_http_sent_conv_wait_done, call);
    if (rc == NGX_OK) {
        ngx_http_sent_conv_admin_hold(call, customer);
        return;
    }

    ngx_http_sent_conv_wait(call, (rc == NGX_AGAIN) ? NGX_OK : rc,
                            ngx_http_sent_conv_admin_found);
}


static void
ngx_http_sent_conv_admin_found(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNSENT);
        return;
    }

    ngx_http_sent_conv_admin_hold(call, result);
}


static void
ngx_http_sent_conv_admin_hold(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_customer_t *customer)
{
    if (call->customer != NULL) {
        ngx_sent_conv_customer_release(call->customer);
        call->customer = NULL;
    }

    if (customer != NULL) {
        call->customer = ngx_sent_conv_customer_hold(customer);
        ngx_http_sent_conv_note_customer(call, customer);
    }

    call->ready(call);
}


void
ngx_http_sent_conv_admin_customer_create(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                  rc;
    ngx_str_t                 *id;
    ngx_sent_conv_json_t      *name;
    ngx_sent_conv_customer_t   customer;

    name = ngx_http_sent_conv_form_get(call, "name",
                                       NGX_SENT_CONV_JSON_STRING, 1);

    if (name != NULL
        && (name->text.len == 0
            || ngx_sent_conv_utf8_length(&name->text)
               > NGX_HTTP_SENT_CONV_NAME_MAX))
    {
        ngx_http_sent_conv_form_fault(call, "name",
                                      NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must be 1 to 200 characters");
    }

    id = ngx_http_sent_conv_admin_new_id(call);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    if (id == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (call->sandbox) {
        ngx_memzero(&customer, sizeof(ngx_sent_conv_customer_t));
        customer.id = *id;
        customer.name = name->text;

        ngx_http_sent_conv_admin_created(call, NGX_SENT_CONV_OK, &customer);
        return;
    }

    rc = ngx_sent_conv_store_customer_create(call->store, id, &name->text,
                                             ngx_http_sent_conv_wait_done,
                                             call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_admin_created);
}


/* the operator may choose it; NULL: a fault, or no memory */

static ngx_str_t *
ngx_http_sent_conv_admin_new_id(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t             *id;
    ngx_sent_conv_json_t  *value;

    value = ngx_http_sent_conv_form_get(call, "id",
                                        NGX_SENT_CONV_JSON_STRING, 0);
    if (value != NULL) {

        if (ngx_sent_conv_uuid_check(&value->text) != NGX_OK) {
            ngx_http_sent_conv_form_fault(call, "id",
                                          NGX_HTTP_SENT_CONV_E_UUID, NULL);
            return NULL;
        }

        return &value->text;
    }

    if (call->id.len > 0) {
        return &call->id;
    }

    id = ngx_palloc(call->request->pool,
                    sizeof(ngx_str_t) + NGX_SENT_CONV_UUID_LEN);
    if (id == NULL) {
        return NULL;
    }

    id->data = (u_char *) id + sizeof(ngx_str_t);
    id->len = NGX_SENT_CONV_UUID_LEN;

    return (ngx_sent_conv_store_uuid(id->data, NULL) == NGX_OK) ? id : NULL;
}


static void
ngx_http_sent_conv_admin_created(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_jw_t  w;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 512);
    ngx_http_sent_conv_admin_write(&w, "data", result);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_CREATED);
}


void
ngx_http_sent_conv_admin_customer(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t  *id;

    id = ngx_http_sent_conv_form_id(call, 0, "id");
    if (id == NULL) {
        return;
    }

    ngx_http_sent_conv_admin_find(call, NGX_SENT_CONV_BY_ID, id,
                                  ngx_http_sent_conv_admin_show);
}


static void
ngx_http_sent_conv_admin_show(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_jw_t  w;

    if (call->customer == NULL) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_CUSTOMER,
                                 NULL);
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 512);
    ngx_http_sent_conv_admin_write(&w, "data", call->customer);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


void
ngx_http_sent_conv_admin_customer_patch(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t  *id;

    id = ngx_http_sent_conv_form_id(call, 0, "id");
    if (id == NULL) {
        return;
    }

    ngx_http_sent_conv_admin_find(call, NGX_SENT_CONV_BY_ID, id,
                                  ngx_http_sent_conv_admin_patch);
}


static void
ngx_http_sent_conv_admin_patch(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                       rc;
    ngx_sent_conv_json_t           *value;
    ngx_sent_conv_customer_patch_t  patch;

    if (call->customer == NULL) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_CUSTOMER,
                                 NULL);
        return;
    }

    ngx_memzero(&patch, sizeof(ngx_sent_conv_customer_patch_t));

    patch.conversations = -1;

    value = ngx_http_sent_conv_form_get(call, "conversations_enabled",
                                        NGX_SENT_CONV_JSON_BOOL, 0);
    if (value != NULL) {
        patch.conversations = value->integer ? 1 : 0;
    }

    if (ngx_http_sent_conv_admin_settings(call, &patch) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    if (call->sandbox) {
        ngx_http_sent_conv_admin_show(call);
        return;
    }

    rc = ngx_sent_conv_store_customer_patch(call->store, &call->customer->id,
                                            &patch,
                                            ngx_http_sent_conv_wait_done,
                                            call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_admin_patched);
}


ngx_int_t
ngx_http_sent_conv_admin_settings(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_customer_patch_t *patch)
{
    if (ngx_http_sent_conv_admin_keywords(call, &patch->keywords) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_sent_conv_admin_text(call, "confirmation", &patch->confirmation);
    ngx_http_sent_conv_admin_text(call, "help", &patch->help);

    return NGX_OK;
}


/* NGX_ERROR: no memory */

static ngx_int_t
ngx_http_sent_conv_admin_keywords(ngx_http_sent_conv_call_t *call,
    ngx_str_t *keywords)
{
    ngx_int_t              n;
    ngx_sent_conv_jw_t     w;
    ngx_sent_conv_json_t  *value, *word;

    value = ngx_http_sent_conv_form_get(call, "keywords",
                                        NGX_SENT_CONV_JSON_ARRAY, 0);
    if (value == NULL) {
        return NGX_OK;
    }

    if (value->n > NGX_HTTP_SENT_CONV_KEYWORDS_MAX) {
        ngx_http_sent_conv_form_fault(call, "keywords",
                                      NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must be at most 100");
        return NGX_OK;
    }

    for (word = value->first; word != NULL; word = word->next) {

        if (word->type != NGX_SENT_CONV_JSON_STRING) {
            ngx_http_sent_conv_form_fault(call, "keywords",
                                          NGX_HTTP_SENT_CONV_E_FORM,
                                          "must be strings");
            return NGX_OK;
        }

        n = ngx_sent_conv_utf8_length(&word->text);

        if (n < 1 || n > NGX_HTTP_SENT_CONV_KEYWORD_MAX) {
            ngx_http_sent_conv_form_fault(call, "keywords",
                                          NGX_HTTP_SENT_CONV_E_RANGE,
                                          "must be 1 to 64 characters each");
            return NGX_OK;
        }

        n = ngx_sent_conv_keyword_check(call->request->pool, &word->text);

        if (n == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (n != NGX_OK) {
            ngx_http_sent_conv_form_fault(call, "keywords",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must have letters or digits, and "
                                          "not be for opting in or help");
            return NGX_OK;
        }
    }

    ngx_sent_conv_jw_init(&w, call->request->pool, 256);
    ngx_sent_conv_jw_value(&w, NULL, value);

    return ngx_sent_conv_jw_done(&w, keywords);
}


/* null takes it away */

static void
ngx_http_sent_conv_admin_text(ngx_http_sent_conv_call_t *call,
    const char *name, ngx_str_t *text)
{
    ngx_sent_conv_json_t  *value;

    if (call->json == NULL) {
        return;
    }

    value = ngx_sent_conv_json_get(call->json, name);

    if (value != NULL && value->type == NGX_SENT_CONV_JSON_NULL) {
        ngx_str_set(text, "");
        return;
    }

    value = ngx_http_sent_conv_form_get(call, name,
                                        NGX_SENT_CONV_JSON_STRING, 0);
    if (value == NULL) {
        return;
    }

    if (ngx_sent_conv_utf8_length(&value->text)
        > NGX_SENT_CONV_MAX_BODY_SMS)
    {
        ngx_http_sent_conv_form_fault(call, name, NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must be at most 1600 characters");
        return;
    }

    *text = value->text;

    if (text->data == NULL) {
        ngx_str_set(text, "");
    }
}


static void
ngx_http_sent_conv_admin_patched(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    ngx_http_sent_conv_admin_find(call, NGX_SENT_CONV_BY_ID, &call->vars[0],
                                  ngx_http_sent_conv_admin_show);
}


void
ngx_http_sent_conv_admin_write(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_customer_t *customer)
{
    ngx_sent_conv_jw_open(w, name, '{');

    ngx_sent_conv_jw_str(w, "id", &customer->id);
    ngx_sent_conv_jw_str(w, "name", &customer->name);
    ngx_sent_conv_jw_bool(w, "conversations_enabled",
                          customer->conversations);

    if (customer->keywords.len > 0) {
        ngx_sent_conv_jw_raw(w, "keywords", &customer->keywords);

    } else {
        ngx_sent_conv_jw_open(w, "keywords", '[');
        ngx_sent_conv_jw_close(w, ']');
    }

    ngx_sent_conv_jw_str(w, "confirmation", customer->confirmation.len
                         ? &customer->confirmation : NULL);
    ngx_sent_conv_jw_str(w, "help",
                         customer->help.len ? &customer->help : NULL);
    ngx_sent_conv_jw_time(w, "created_at", customer->created_at);

    ngx_sent_conv_jw_close(w, '}');
}
