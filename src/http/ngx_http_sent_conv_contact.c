
/*
 * One contact: shown, changed, erased, and the history of its consent.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static ngx_str_t *ngx_http_sent_conv_contact_id(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_contact_shown(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_contact_form(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_contact_patch_t *patch);
static void ngx_http_sent_conv_contact_deleted(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_contact_told(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);


/* NULL: it has been answered */

static ngx_str_t *
ngx_http_sent_conv_contact_id(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t  *id;

    id = ngx_http_sent_conv_form_id(call, 0, "id");

    if (id != NULL && ngx_sent_conv_uuid_version(id->data) != 5) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_CONTACT, NULL);
        return NULL;
    }

    return id;
}


void
ngx_http_sent_conv_contact(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t   rc;
    ngx_str_t  *id;

    id = ngx_http_sent_conv_contact_id(call);

    if (id == NULL) {
        return;
    }

    rc = ngx_sent_conv_store_contact(call->store, call->customer, id,
                                     ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_contact_shown);
}


static void
ngx_http_sent_conv_contact_shown(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_jw_t  w;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    if (result == NULL) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_CONTACT, NULL);
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 512);
    ngx_http_sent_conv_contact_write(&w, "data", result);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


void
ngx_http_sent_conv_contact_write(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_contact_t *contact)
{
    ngx_str_t   country;
    ngx_uint_t  i;

    country = ngx_sent_conv_phone_country(&contact->phone);

    ngx_sent_conv_jw_open(w, name, '{');
    ngx_sent_conv_jw_str(w, "id", &contact->id);
    ngx_sent_conv_jw_str(w, "phone_number", &contact->phone);
    ngx_sent_conv_jw_str(w, "country_code", &country);
    ngx_sent_conv_jw_open(w, "available_channels", '[');

    for (i = 0; i < NGX_SENT_CONV_CHANNELS; i++) {
        if (contact->channels & (1 << i)) {
            ngx_sent_conv_jw_str(w, NULL, &ngx_sent_conv_channel_names[i]);
        }
    }

    ngx_sent_conv_jw_close(w, ']');
    ngx_sent_conv_jw_str(w, "default_channel",
                   contact->default_channel == NGX_SENT_CONV_CHANNELS ? NULL
                   : &ngx_sent_conv_channel_names[contact->default_channel]);
    ngx_sent_conv_jw_bool(w, "opt_out", contact->opt_out);
    ngx_sent_conv_jw_time(w, "created_at", contact->created_at);
    ngx_sent_conv_jw_time(w, "updated_at", contact->updated_at);
    ngx_sent_conv_jw_close(w, '}');
}


void
ngx_http_sent_conv_contact_patch(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                       rc;
    ngx_str_t                      *id;
    ngx_sent_conv_apikey_t         *key;
    ngx_sent_conv_contact_patch_t   patch;

    id = ngx_http_sent_conv_contact_id(call);

    if (id == NULL) {
        return;
    }

    ngx_memzero(&patch, sizeof(ngx_sent_conv_contact_patch_t));

    ngx_http_sent_conv_contact_form(call, &patch);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    key = ngx_sent_conv_customer_key(call->customer, &call->key_sha256);

    if (key != NULL) {
        patch.key = key->id;
    }

    patch.sandbox = call->sandbox;
    patch.trace = call->trace;

    rc = ngx_sent_conv_store_contact_patch(call->store, call->customer, id,
                                           &patch,
                                           ngx_http_sent_conv_wait_done,
                                           call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_contact_shown);
}


static void
ngx_http_sent_conv_contact_form(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_contact_patch_t *patch)
{
    ngx_sent_conv_json_t  *opt_out, *channel;

    patch->opt_out = -1;
    patch->default_channel = NGX_SENT_CONV_CHANNELS;

    opt_out = ngx_http_sent_conv_form_get(call, "opt_out",
                                          NGX_SENT_CONV_JSON_BOOL, 0);
    if (opt_out != NULL) {
        patch->opt_out = opt_out->integer ? 1 : 0;
    }

    channel = ngx_http_sent_conv_form_get(call, "default_channel",
                                          NGX_SENT_CONV_JSON_STRING, 0);
    if (channel != NULL) {
        patch->default_channel = ngx_sent_conv_channel_parse(&channel->text);

        if (patch->default_channel == NGX_SENT_CONV_CHANNELS) {
            ngx_http_sent_conv_form_fault(call, "default_channel",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be whatsapp, sms or rcs");
        }
    }

    if (opt_out == NULL && channel == NULL && call->faults.nelts == 0) {
        ngx_http_sent_conv_form_fault(call, "opt_out",
                                      NGX_HTTP_SENT_CONV_E_MISSING,
                                      "opt_out or default_channel is "
                                      "required");
    }
}


void
ngx_http_sent_conv_contact_delete(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t   rc;
    ngx_str_t  *id;

    id = ngx_http_sent_conv_contact_id(call);

    if (id == NULL) {
        return;
    }

    rc = ngx_sent_conv_store_contact_delete(call->store, call->customer, id,
                                            call->sandbox, &call->trace,
                                            ngx_http_sent_conv_wait_done,
                                            call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_contact_deleted);
}


static void
ngx_http_sent_conv_contact_deleted(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_int_t *rc = result;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    if (rc == NULL || *rc != NGX_OK) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_CONTACT, NULL);
        return;
    }

    ngx_http_sent_conv_reply_status(call, NGX_HTTP_NO_CONTENT);
}


void
ngx_http_sent_conv_contact_consent(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t   rc;
    ngx_str_t  *id;

    id = ngx_http_sent_conv_contact_id(call);

    if (id == NULL) {
        return;
    }

    rc = ngx_sent_conv_store_consent(call->store, call->customer, id,
                                     ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_contact_told);
}


/* oldest first: it is a history */

static void
ngx_http_sent_conv_contact_told(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_array_t *history = result;

    ngx_uint_t                i;
    ngx_sent_conv_jw_t        w;
    ngx_sent_conv_consent_t  *row;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    if (history == NULL) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_CONTACT, NULL);
        return;
    }

    row = history->elts;

    ngx_http_sent_conv_reply_open(call, &w, 256 + history->nelts * 200);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "history", '[');

    for (i = 0; i < history->nelts; i++) {
        ngx_sent_conv_jw_open(&w, NULL, '{');
        ngx_sent_conv_jw_time(&w, "at", row[i].at);
        ngx_sent_conv_jw_cstr(&w, "change", row[i].out ? "OPT_OUT"
                                                       : "OPT_IN");
        ngx_sent_conv_jw_str(&w, "source", &row[i].source);
        ngx_sent_conv_jw_str(&w, "channel",
                             row[i].channel.len ? &row[i].channel : NULL);
        ngx_sent_conv_jw_str(&w, "message_id",
                             row[i].message_id.len ? &row[i].message_id
                                                   : NULL);
        ngx_sent_conv_jw_str(&w, "key_id",
                             row[i].key_id.len ? &row[i].key_id : NULL);
        ngx_sent_conv_jw_close(&w, '}');
    }

    ngx_sent_conv_jw_close(&w, ']');
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}
