
/*
 * One contact: read, made, changed.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    u_char                            id[NGX_SENT_CONV_UUID_LEN];
    u_char                            thread[NGX_SENT_CONV_UUID_LEN];
    ngx_sent_conv_contact_t           contact;
    ngx_sent_conv_contact_patch_t     patch;
    ngx_sent_conv_store_change_of_t   change;

    unsigned                          sandbox:1;
    unsigned                          written:1;
} ngx_sent_conv_store_contact_t;


static ngx_sent_conv_store_op_t *ngx_sent_conv_store_contact_op(
    ngx_sent_conv_store_t *store, ngx_sent_conv_customer_t *customer,
    ngx_str_t *id, ngx_sent_conv_store_pt handler, void *data);
static ngx_int_t ngx_sent_conv_store_contact_end(ngx_sent_conv_store_op_t *op,
    ngx_int_t rc);
static void ngx_sent_conv_store_contact_lost(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_contact_read(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_redis_pt handler);
static void ngx_sent_conv_store_contact_shown(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_contact_score(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
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


/* of t:<thread> */

ngx_str_t  ngx_sent_conv_store_contact_fields[] = {
    ngx_string("cu"),
    ngx_string("n"),
    ngx_string("out"),
    ngx_string("up"),
    ngx_string("ch"),
    ngx_string("n:whatsapp"),
    ngx_string("n:sms"),
    ngx_string("n:rcs")
};


ngx_int_t
ngx_sent_conv_store_contact(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *id,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_contact_op(store, customer, id, handler, data);
    if (op == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_contact_end(op,
                      ngx_sent_conv_store_contact_read(op,
                                        ngx_sent_conv_store_contact_shown));
}


static ngx_sent_conv_store_op_t *
ngx_sent_conv_store_contact_op(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *id,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_sent_conv_store_op_t       *op;
    ngx_sent_conv_store_contact_t  *ctx;

    op = ngx_sent_conv_store_op_create(store, customer, handler, data,
                                       sizeof(ngx_sent_conv_store_contact_t));
    if (op == NULL) {
        return NULL;
    }

    ctx = op->ctx;

    ngx_memcpy(ctx->id, id->data, NGX_SENT_CONV_UUID_LEN);
    ngx_sent_conv_thread_id(ctx->thread, &customer->id, ctx->id);

    op->partition = ngx_sent_conv_partition(ctx->thread,
                                            store->conf->redis.partitions);

    return op;
}


static ngx_int_t
ngx_sent_conv_store_contact_end(ngx_sent_conv_store_op_t *op, ngx_int_t rc)
{
    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


/* it could not be read; what was to be written may have been */

static void
ngx_sent_conv_store_contact_lost(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_contact_t  *ctx;

    ctx = op->ctx;

    ngx_sent_conv_store_op_finish(op, ctx->written ? NGX_SENT_CONV_UNKNOWN
                                                   : NGX_SENT_CONV_UNSENT,
                                  NULL);
}


static ngx_int_t
ngx_sent_conv_store_contact_read(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_redis_pt handler)
{
    u_char                          buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                       tag, thread;
    ngx_str_t                       argv[NGX_SENT_CONV_STORE_CONTACT_FIELDS
                                         + 2];
    ngx_sent_conv_store_contact_t  *ctx;

    ctx = op->ctx;

    thread.len = NGX_SENT_CONV_UUID_LEN;
    thread.data = ctx->thread;

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "HMGET");
    ngx_sent_conv_store_key_part(op, op->partition, "t", &thread, &argv[1]);
    ngx_memcpy(&argv[2], ngx_sent_conv_store_contact_fields,
               NGX_SENT_CONV_STORE_CONTACT_FIELDS * sizeof(ngx_str_t));

    if (argv[1].data == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_redis_command(op->store->redis, &tag,
                                       NGX_SENT_CONV_STORE_CONTACT_FIELDS + 2,
                                       argv, handler, op);
}


ngx_int_t
ngx_sent_conv_store_contact_of(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply, ngx_sent_conv_contact_t *contact)
{
    ngx_str_t   customer, phone, up, channel;
    ngx_uint_t  i;

    customer = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 0));
    phone = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 1));

    if (phone.len == 0
        || !ngx_sent_conv_store_same(&customer, &op->customer->id))
    {
        return NGX_DECLINED;
    }

    up = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 3));
    channel = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 4));

    ngx_memzero(contact, sizeof(ngx_sent_conv_contact_t));

    contact->opt_out = ngx_sent_conv_reply_str(
                                   ngx_sent_conv_reply_at(reply, 2)).len > 0;
    contact->updated_at = (uint64_t) ngx_sent_conv_store_integer(&up);
    contact->default_channel = ngx_sent_conv_channel_parse(&channel);

    for (i = 0; i < NGX_SENT_CONV_CHANNELS; i++) {
        if (ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 5 + i)).len)
        {
            contact->channels |= 1 << i;
        }
    }

    if (ngx_sent_conv_store_copy(op->pool, &phone, &contact->phone)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    contact->id.data = ngx_pnalloc(op->pool, NGX_SENT_CONV_UUID_LEN);
    if (contact->id.data == NULL) {
        return NGX_ERROR;
    }

    contact->id.len = NGX_SENT_CONV_UUID_LEN;

    ngx_sent_conv_contact_id(contact->id.data, &op->customer->id,
                             &contact->phone);

    return NGX_OK;
}


static void
ngx_sent_conv_store_contact_shown(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    u_char                          buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_int_t                       rc;
    ngx_str_t                       tag, argv[3];
    ngx_sent_conv_store_contact_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_contact_lost(op);
        return;
    }

    ctx = op->ctx;
    rc = ngx_sent_conv_store_contact_of(op, reply, &ctx->contact);

    if (rc == NGX_DECLINED) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    if (rc == NGX_OK) {
        ngx_sent_conv_store_tag(op->partition, buf, &tag);

        ngx_str_set(&argv[0], "ZSCORE");
        ngx_sent_conv_store_key_part(op, op->partition, "ct",
                                     &op->customer->id, &argv[1]);
        argv[2] = ctx->contact.phone;

        rc = (argv[1].data == NULL) ? NGX_ERROR
             : ngx_sent_conv_redis_command(op->store->redis, &tag, 3, argv,
                                        ngx_sent_conv_store_contact_score, op);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_contact_lost(op);
    }
}


static void
ngx_sent_conv_store_contact_score(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_sent_conv_store_contact_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_contact_lost(op);
        return;
    }

    ctx = op->ctx;

    ctx->contact.created_at = (uint64_t) ngx_sent_conv_reply_int(reply);
    ctx->contact.updated_at = ngx_max(ctx->contact.updated_at,
                                      ctx->contact.created_at);

    /* in sandbox mode: as it would be */

    if (ctx->sandbox) {
        if (ctx->patch.opt_out >= 0) {
            ctx->contact.opt_out = ctx->patch.opt_out ? 1 : 0;
        }

        if (ctx->patch.default_channel != NGX_SENT_CONV_CHANNELS) {
            ctx->contact.default_channel = ctx->patch.default_channel;
        }
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &ctx->contact);
}


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

        if (ngx_sent_conv_store_contact_read(op,
                                         ngx_sent_conv_store_contact_shown)
            != NGX_OK)
        {
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
        || ngx_sent_conv_store_contact_read(op,
                                         ngx_sent_conv_store_contact_shown)
           != NGX_OK)
    {
        ngx_sent_conv_store_contact_lost(op);
    }
}
