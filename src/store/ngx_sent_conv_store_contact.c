
/*
 * One contact as it stands.
 */


#include "ngx_sent_conv_store_private.h"
#include "ngx_sent_conv_store_contact_private.h"


static void ngx_sent_conv_store_contact_shown(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_contact_score(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


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
                                       ngx_sent_conv_store_contact_read(op));
}


ngx_sent_conv_store_op_t *
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


ngx_int_t
ngx_sent_conv_store_contact_end(ngx_sent_conv_store_op_t *op, ngx_int_t rc)
{
    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


void
ngx_sent_conv_store_contact_lost(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_contact_t  *ctx;

    ctx = op->ctx;

    ngx_sent_conv_store_op_finish(op, ctx->written ? NGX_SENT_CONV_UNKNOWN
                                                   : NGX_SENT_CONV_UNSENT,
                                  NULL);
}


ngx_int_t
ngx_sent_conv_store_contact_read(ngx_sent_conv_store_op_t *op)
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
                                       argv,
                                       ngx_sent_conv_store_contact_shown, op);
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
