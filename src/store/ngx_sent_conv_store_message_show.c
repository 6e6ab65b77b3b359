
/*
 * One message, with all its states.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    ngx_sent_conv_show_result_t    result;
    ngx_sent_conv_store_thread_t   th;
    ngx_sent_conv_message_t        message;
    ngx_str_t                      id;
    ngx_str_t                      thread;
    ngx_str_t                      entry;
    ngx_str_t                      history;
    int64_t                        position;
} ngx_sent_conv_store_one_t;


static void ngx_sent_conv_store_one_index(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_one_pair(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_one_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_one_found(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_one_entry(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_one_read(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_one_done(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_one_made(ngx_sent_conv_store_op_t *op);


ngx_int_t
ngx_sent_conv_store_message(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *id,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                   rc;
    ngx_sent_conv_store_op_t   *op;
    ngx_sent_conv_store_one_t  *ctx;

    if (id->len != NGX_SENT_CONV_UUID_LEN) {
        return NGX_ERROR;
    }

    op = ngx_sent_conv_store_op_create(store, customer, handler, data,
                                       sizeof(ngx_sent_conv_store_one_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    ctx = op->ctx;

    op->partition = ngx_sent_conv_partition(id->data,
                                            store->conf->redis.partitions);

    rc = ngx_sent_conv_store_copy(op->pool, id, &ctx->id);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_index(op, id, ngx_sent_conv_store_one_index);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_one_index(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t                   value;
    ngx_sent_conv_store_one_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    /* "<thread> <position>" */

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

    if (ngx_sent_conv_store_one_pair(op) != NGX_OK) {
        ngx_sent_conv_store_op_unread(op);
    }
}


static ngx_int_t
ngx_sent_conv_store_one_pair(ngx_sent_conv_store_op_t *op)
{
    u_char                      buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                   tag, argv[3];
    ngx_sent_conv_store_one_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_batch_init(op, 2, ngx_sent_conv_store_one_each,
                                       ngx_sent_conv_store_one_found)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "HGETALL");
    ngx_sent_conv_store_key_part(op, op->partition, "t", &ctx->thread,
                                 &argv[1]);
    ngx_sent_conv_store_batch_add(op, &tag, 2, argv);

    ngx_str_set(&argv[0], "HGET");
    ngx_sent_conv_store_key_part(op, op->partition, "r", &ctx->thread,
                                 &argv[1]);
    argv[2] = ctx->id;
    ngx_sent_conv_store_batch_add(op, &tag, 3, argv);

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_one_each(ngx_sent_conv_store_op_t *op, ngx_uint_t index,
    ngx_sent_conv_reply_t *reply)
{
    ngx_int_t                   rc;
    ngx_str_t                   history;
    ngx_sent_conv_store_one_t  *ctx;

    ctx = op->ctx;

    if (index == 0) {
        rc = ngx_sent_conv_store_record_thread(op->pool, &ctx->thread, reply,
                                               &ctx->th);

    } else {
        history = ngx_sent_conv_reply_str(reply);
        rc = ngx_sent_conv_store_copy(op->pool, &history, &ctx->history);
    }

    if (rc == NGX_ERROR) {
        op->err = NGX_SENT_CONV_UNSENT;
    }
}


static void
ngx_sent_conv_store_one_found(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_one_t  *ctx;

    ctx = op->ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    if (!ngx_sent_conv_store_same(&ctx->th.customer, &op->customer->id)
        || ctx->position < ctx->th.base)
    {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    if (ngx_sent_conv_store_one_entry(op) != NGX_OK) {
        ngx_sent_conv_store_op_unread(op);
    }
}


static ngx_int_t
ngx_sent_conv_store_one_entry(ngx_sent_conv_store_op_t *op)
{
    u_char                      buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                   tag, argv[3];
    ngx_sent_conv_store_one_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_batch_init(op, 1, ngx_sent_conv_store_one_read,
                                       ngx_sent_conv_store_one_done)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "LINDEX");
    ngx_sent_conv_store_key_part(op, op->partition, "m", &ctx->thread,
                                 &argv[1]);
    ngx_sent_conv_store_number(op->pool, ctx->position - ctx->th.base,
                               &argv[2]);
    ngx_sent_conv_store_batch_add(op, &tag, 3, argv);

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_one_read(ngx_sent_conv_store_op_t *op, ngx_uint_t index,
    ngx_sent_conv_reply_t *reply)
{
    ngx_str_t                   entry;
    ngx_sent_conv_store_one_t  *ctx;

    ctx = op->ctx;
    entry = ngx_sent_conv_reply_str(reply);

    if (ngx_sent_conv_store_copy(op->pool, &entry, &ctx->entry) != NGX_OK) {
        op->err = NGX_SENT_CONV_UNSENT;
    }
}


static void
ngx_sent_conv_store_one_done(ngx_sent_conv_store_op_t *op)
{
    ngx_int_t                   rc;
    ngx_sent_conv_store_one_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;
    rc = ngx_sent_conv_store_one_made(op);

    if (rc == NGX_ERROR) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK,
                                  (rc == NGX_OK) ? &ctx->result : NULL);
}


static ngx_int_t
ngx_sent_conv_store_one_made(ngx_sent_conv_store_op_t *op)
{
    ngx_int_t                     rc;
    ngx_sent_conv_message_t      *message;
    ngx_sent_conv_store_one_t    *ctx;
    ngx_sent_conv_show_result_t  *result;

    ctx = op->ctx;
    result = &ctx->result;

    if (ngx_array_init(&result->messages, op->pool, 1,
                       sizeof(ngx_sent_conv_message_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    message = ngx_array_push(&result->messages);

    rc = ngx_sent_conv_store_record_message(op->pool, &ctx->entry, message);

    if (rc != NGX_OK) {
        return rc;
    }

    if (!ngx_sent_conv_store_same(&message->id, &ctx->id)) {
        return NGX_DECLINED;
    }

    result->thread_id = ctx->thread;
    result->contact_id = ctx->th.contact_id;
    result->contact = ctx->th.contact;
    result->total = 1;

    return ngx_sent_conv_store_record_states(op->pool, &ctx->history,
                                             message);
}
