
/*
 * One contact: made, changed.
 */


#include "ngx_sent_conv_store_private.h"
#include "ngx_sent_conv_store_contact_private.h"


static ngx_int_t ngx_sent_conv_store_contact_make(
    ngx_sent_conv_store_op_t *op, ngx_str_t *phone);
static void ngx_sent_conv_store_contact_made(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_contact_change(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_contact_patch_t *patch);
static void ngx_sent_conv_store_contact_changed(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_contact_told(void *data,
    ngx_sent_conv_err_e err, void *result);


ngx_int_t
ngx_sent_conv_store_contact_create(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *phone, ngx_uint_t sandbox,
    ngx_sent_conv_store_pt handler, void *data)
{
    u_char                          buf[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t                       id;
    ngx_sent_conv_store_op_t       *op;
    ngx_sent_conv_store_contact_t  *ctx;

    ngx_sent_conv_contact_id(buf, &customer->id, phone);

    id.len = NGX_SENT_CONV_UUID_LEN;
    id.data = buf;

    op = ngx_sent_conv_store_contact_op(store, customer, &id, handler, data);
    if (op == NULL) {
        return NGX_ERROR;
    }

    ctx = op->ctx;
    ctx->sandbox = sandbox ? 1 : 0;
    ctx->patch.opt_out = -1;
    ctx->patch.default_channel = NGX_SENT_CONV_CHANNELS;

    return ngx_sent_conv_store_contact_end(op,
                                ngx_sent_conv_store_contact_make(op, phone));
}


static ngx_int_t
ngx_sent_conv_store_contact_make(ngx_sent_conv_store_op_t *op,
    ngx_str_t *phone)
{
    ngx_sent_conv_contact_t        *contact;
    ngx_sent_conv_store_call_t      call;
    ngx_sent_conv_store_contact_t  *ctx;

    ctx = op->ctx;
    contact = &ctx->contact;

    contact->default_channel = NGX_SENT_CONV_CHANNELS;
    contact->id.len = NGX_SENT_CONV_UUID_LEN;
    contact->id.data = ctx->id;

    if (ngx_sent_conv_store_copy(op->pool, phone, &contact->phone) != NGX_OK
        || ngx_sent_conv_store_call_init(&call, op, 0) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_id_key(&call, "t", ctx->thread);
    ngx_sent_conv_store_call_key(&call, "ct", &op->customer->id);
    ngx_sent_conv_store_call_keys_end(&call);

    ngx_sent_conv_store_call_text(&call, "");
    ngx_sent_conv_store_call_str(&call, &op->customer->id);
    ngx_sent_conv_store_call_str(&call, phone);
    ngx_sent_conv_store_call_id(&call, ctx->id);
    ngx_sent_conv_store_call_number(&call, ctx->sandbox);

    return ngx_sent_conv_store_call_send(&call, NGX_SENT_CONV_S_CONTACT,
                                         ngx_sent_conv_store_contact_made);
}


static void
ngx_sent_conv_store_contact_made(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_sent_conv_store_contact_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    ctx = op->ctx;

    if (ngx_sent_conv_reply_is(ngx_sent_conv_reply_at(reply, 0), "EXISTS")) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    if (!ctx->sandbox) {
        ctx->written = 1;

        /* one that was deleted may have opted out */

        if (ngx_sent_conv_store_contact_read(op) != NGX_OK) {
            ngx_sent_conv_store_contact_lost(op);
        }

        return;
    }

    ctx->contact.created_at = (uint64_t) ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 1));
    ctx->contact.updated_at = ctx->contact.created_at;

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &ctx->contact);
}


ngx_int_t
ngx_sent_conv_store_contact_patch(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *id,
    ngx_sent_conv_contact_patch_t *patch, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_contact_op(store, customer, id, handler, data);
    if (op == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_contact_end(op,
                              ngx_sent_conv_store_contact_change(op, patch));
}


static ngx_int_t
ngx_sent_conv_store_contact_change(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_contact_patch_t *patch)
{
    ngx_sent_conv_store_contact_t    *ctx;
    ngx_sent_conv_store_change_of_t  *change;

    ctx = op->ctx;
    ctx->patch = *patch;
    ctx->sandbox = patch->sandbox;

    change = &ctx->change;

    change->change = (patch->opt_out < 0) ? ""
                     : patch->opt_out ? "OPT_OUT" : "OPT_IN";
    change->source = "api";
    change->channel = NGX_SENT_CONV_CHANNELS;
    change->preferred = patch->default_channel;
    change->key = patch->key;
    change->sandbox = patch->sandbox;

    if (ngx_sent_conv_store_op_trace(op, &patch->trace) != NGX_OK) {
        return NGX_ERROR;
    }

    change->trace = op->trace;

    return ngx_sent_conv_store_consent_send(op, ctx->id, change,
                                         ngx_sent_conv_store_contact_changed);
}


static void
ngx_sent_conv_store_contact_changed(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_int_t                       rc;
    ngx_sent_conv_store_contact_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    if (ngx_sent_conv_reply_is(ngx_sent_conv_reply_at(reply, 0), "NONE")) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    ngx_sent_conv_store_leased(op, reply);

    ctx = op->ctx;
    ctx->written = !ctx->sandbox;

    rc = ngx_sent_conv_store_consent_also(op, reply, &ctx->change,
                                          ngx_sent_conv_store_contact_told);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_contact_told(op, rc == NGX_DONE
                                             ? NGX_SENT_CONV_OK
                                             : NGX_SENT_CONV_UNKNOWN, NULL);
    }
}


static void
ngx_sent_conv_store_contact_told(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_sent_conv_store_op_t *op = data;

    if (err != NGX_SENT_CONV_OK
        || ngx_sent_conv_store_contact_read(op) != NGX_OK)
    {
        ngx_sent_conv_store_contact_lost(op);
    }
}
