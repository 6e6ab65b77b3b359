
/*
 * What ends or uses a window: send, close, expire; one script each.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    u_char     conversation[NGX_SENT_CONV_UUID_LEN];
    u_char     thread[NGX_SENT_CONV_UUID_LEN];
    unsigned   sandbox:1;
} ngx_sent_conv_store_close_t;


static ngx_int_t ngx_sent_conv_store_send_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_send_t *send);
static void ngx_sent_conv_store_send_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_close_thread(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_close_begin(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_close_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_expire_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


/* in the order of ngx_sent_conv_send_e */

static const char  *ngx_sent_conv_store_sends[] = {
    "OK", "NO_WINDOW", "OPTED_OUT", "NO_CHANNEL", "TOO_LONG", NULL
};


ngx_int_t
ngx_sent_conv_store_send(ngx_sent_conv_store_t *store,
    ngx_sent_conv_send_t *send, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, send->customer, handler, data,
                                       0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_send_begin(op, send);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_send_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_send_t *send)
{
    u_char                      contact[NGX_SENT_CONV_UUID_LEN];
    u_char                      thread[NGX_SENT_CONV_UUID_LEN];
    u_char                      message[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t                   text;
    ngx_sent_conv_store_call_t  call;

    if (ngx_sent_conv_store_op_trace(op, &send->trace) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_sent_conv_contact_id(contact, &send->customer->id, &send->to);
    ngx_sent_conv_thread_id(thread, &send->customer->id, contact);

    op->partition = ngx_sent_conv_partition(thread,
                                            op->store->conf->redis.partitions);

    if (send->message_id.len == NGX_SENT_CONV_UUID_LEN) {
        ngx_memcpy(message, send->message_id.data, NGX_SENT_CONV_UUID_LEN);
        ngx_memcpy(&message[15], thread, 3);

    } else if (ngx_sent_conv_store_uuid(message, thread) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_sent_conv_json_quote(op->pool, &send->text, &text) != NGX_OK
        || ngx_sent_conv_store_call_pair(&call, op, thread, 0) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_index_key(&call, message);

    if (ngx_sent_conv_store_call_head(&call,
                                      ngx_sent_conv_store_lease(op->store))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (send->channel == NGX_SENT_CONV_CHANNELS) {
        ngx_sent_conv_store_call_text(&call, "");

    } else {
        ngx_sent_conv_store_call_str(&call,
                                  &ngx_sent_conv_channel_names[send->channel]);
    }

    ngx_sent_conv_store_call_id(&call, message);
    ngx_sent_conv_store_call_str(&call, &text);
    ngx_sent_conv_store_call_number(&call, (int64_t) send->length);
    ngx_sent_conv_store_call_number(&call, send->sandbox);
    ngx_sent_conv_store_call_number(&call, send->again);

    return ngx_sent_conv_store_call_send_pair(&call, NGX_SENT_CONV_S_SEND,
                                              ngx_sent_conv_store_send_done);
}


static void
ngx_sent_conv_store_send_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_int_t                    what;
    ngx_sent_conv_send_result_t  result;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    what = ngx_sent_conv_store_which(ngx_sent_conv_reply_at(reply, 0),
                                       ngx_sent_conv_store_sends);

    if (what == NGX_ERROR) {
        ngx_sent_conv_store_op_broken(op, "send");
        return;
    }

    result.what = (ngx_sent_conv_send_e) what;
    result.message_id = ngx_sent_conv_reply_str(
                                            ngx_sent_conv_reply_at(reply, 2));
    result.conversation_id = ngx_sent_conv_reply_str(
                                            ngx_sent_conv_reply_at(reply, 3));
    result.channel = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 4));
    result.expires_at = (uint64_t) ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 5));

    ngx_sent_conv_store_leased(op, reply);

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &result);
}


ngx_int_t
ngx_sent_conv_store_close(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *conversation,
    ngx_uint_t sandbox, ngx_str_t *trace, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_int_t                     rc;
    ngx_sent_conv_store_op_t     *op;
    ngx_sent_conv_store_close_t  *ctx;

    if (conversation->len != NGX_SENT_CONV_UUID_LEN) {
        return NGX_ERROR;
    }

    op = ngx_sent_conv_store_op_create(store, customer, handler, data,
                                       sizeof(ngx_sent_conv_store_close_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    ctx = op->ctx;
    ctx->sandbox = sandbox ? 1 : 0;

    ngx_memcpy(ctx->conversation, conversation->data, NGX_SENT_CONV_UUID_LEN);

    op->partition = ngx_sent_conv_partition(ctx->conversation,
                                            store->conf->redis.partitions);

    rc = ngx_sent_conv_store_op_trace(op, trace);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_index(op, conversation,
                                       ngx_sent_conv_store_close_thread);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_close_thread(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t                     thread;
    ngx_sent_conv_store_close_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    thread = ngx_sent_conv_reply_str(reply);

    if (thread.len < NGX_SENT_CONV_UUID_LEN) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    ctx = op->ctx;
    ngx_memcpy(ctx->thread, thread.data, NGX_SENT_CONV_UUID_LEN);

    if (ngx_sent_conv_store_close_begin(op) != NGX_OK) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNSENT, NULL);
    }
}


static ngx_int_t
ngx_sent_conv_store_close_begin(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_call_t    call;
    ngx_sent_conv_store_close_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_call_pair(&call, op, ctx->thread, 0) != NGX_OK
        || ngx_sent_conv_store_call_head(&call,
                                         ngx_sent_conv_store_lease(op->store))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_id(&call, ctx->conversation);
    ngx_sent_conv_store_call_number(&call, ctx->sandbox);

    return ngx_sent_conv_store_call_send_pair(&call, NGX_SENT_CONV_S_CLOSE,
                                              ngx_sent_conv_store_close_done);
}


static void
ngx_sent_conv_store_close_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_sent_conv_close_result_t  result;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    if (ngx_sent_conv_reply_is(ngx_sent_conv_reply_at(reply, 0), "NONE")) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    result.reason = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 2));
    result.closed_at = (uint64_t) ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 3));

    if (result.reason.len == 0) {
        ngx_sent_conv_store_op_broken(op, "close");
        return;
    }

    ngx_sent_conv_store_leased(op, reply);

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &result);
}


ngx_int_t
ngx_sent_conv_store_expire(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *thread,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                   rc;
    ngx_sent_conv_store_op_t   *op;
    ngx_sent_conv_store_call_t  call;

    if (thread->len != NGX_SENT_CONV_UUID_LEN) {
        return NGX_ERROR;
    }

    op = ngx_sent_conv_store_op_create(store, customer, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    op->partition = ngx_sent_conv_partition(thread->data,
                                            store->conf->redis.partitions);

    rc = ngx_sent_conv_store_call_pair(&call, op, thread->data, 0);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_call_head(&call,
                                           ngx_sent_conv_store_lease(store));
    }

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_call_send_pair(&call, NGX_SENT_CONV_S_EXPIRE,
                                             ngx_sent_conv_store_expire_done);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_expire_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    int64_t  deadline;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    deadline = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, 2));

    ngx_sent_conv_store_leased(op, reply);

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &deadline);
}
