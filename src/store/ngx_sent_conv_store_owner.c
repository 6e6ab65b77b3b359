
/*
 * Whose message is it?  For a carrier's report that names it by our id alone.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    ngx_str_t                    id;
    ngx_str_t                    thread;
    int64_t                      position;
    ngx_sent_conv_owner_t        owner;
} ngx_sent_conv_store_owner_t;


static void ngx_sent_conv_store_owner_thread(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_owner_pair(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_owner_read(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_owner_entry(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


ngx_int_t
ngx_sent_conv_store_message_owner(ngx_sent_conv_store_t *store,
    ngx_str_t *message_id, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                     rc;
    ngx_sent_conv_store_op_t     *op;
    ngx_sent_conv_store_owner_t  *ctx;

    if (message_id->len != NGX_SENT_CONV_UUID_LEN) {
        return NGX_ERROR;
    }

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data,
                                       sizeof(ngx_sent_conv_store_owner_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    ctx = op->ctx;

    op->partition = ngx_sent_conv_partition(message_id->data,
                                            store->conf->redis.partitions);

    rc = ngx_sent_conv_store_copy(op->pool, message_id, &ctx->id);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_index(op, message_id,
                                       ngx_sent_conv_store_owner_thread);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_owner_thread(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    u_char                        buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                     value, tag, argv[5];
    ngx_sent_conv_store_owner_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    value = ngx_sent_conv_reply_str(reply);

    if (value.len < NGX_SENT_CONV_UUID_LEN + 2) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    ctx = op->ctx;

    if (ngx_sent_conv_store_copy(op->pool, &value, &value) != NGX_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx->thread = ngx_sent_conv_store_word(&value, ' ');
    ctx->position = ngx_sent_conv_store_integer(&value);

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "HMGET");
    ngx_sent_conv_store_key_part(op, op->partition, "t", &ctx->thread,
                                 &argv[1]);
    ngx_str_set(&argv[2], "cu");
    ngx_str_set(&argv[3], "n");
    ngx_str_set(&argv[4], "mb");

    if (argv[1].data == NULL
        || ngx_sent_conv_redis_command(op->store->redis, &tag, 5, argv,
                                       ngx_sent_conv_store_owner_pair, op)
           != NGX_OK)
    {
        ngx_sent_conv_store_op_unread(op);
    }
}


static void
ngx_sent_conv_store_owner_pair(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    if (err != NGX_SENT_CONV_OK
        || ngx_sent_conv_store_owner_read(op, reply) != NGX_OK)
    {
        ngx_sent_conv_store_op_unread(op);
    }
}


static ngx_int_t
ngx_sent_conv_store_owner_read(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply)
{
    u_char                        buf[NGX_SENT_CONV_STORE_TAG_LEN];
    int64_t                       base;
    ngx_str_t                     tag, customer, contact, argv[3];
    ngx_sent_conv_store_owner_t  *ctx;

    ctx = op->ctx;

    customer = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 0));
    contact = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 1));
    base = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, 2));

    if (ngx_sent_conv_store_copy(op->pool, &customer, &ctx->owner.customer)
        != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, &contact, &ctx->owner.contact)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "LINDEX");
    ngx_sent_conv_store_key_part(op, op->partition, "m", &ctx->thread,
                                 &argv[1]);
    ngx_sent_conv_store_number(op->pool, ctx->position - base, &argv[2]);

    if (argv[1].data == NULL || argv[2].data == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_redis_command(op->store->redis, &tag, 3, argv,
                                       ngx_sent_conv_store_owner_entry, op);
}


static void
ngx_sent_conv_store_owner_entry(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t                     entry;
    ngx_sent_conv_message_t       message;
    ngx_sent_conv_store_owner_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;
    entry = ngx_sent_conv_reply_str(reply);

    if (ctx->owner.customer.len == 0
        || ngx_sent_conv_store_record_message(op->pool, &entry, &message)
           != NGX_OK
        || message.inbound
        || message.id.len != ctx->id.len
        || ngx_memcmp(message.id.data, ctx->id.data, ctx->id.len) != 0)
    {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    ctx->owner.number = message.number;
    ctx->owner.channel = ngx_sent_conv_channel_parse(&message.channel);

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &ctx->owner);
}
