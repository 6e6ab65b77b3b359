
/*
 * An inbound message: its keyword, its ids, and the script that opens or
 * continues a window or takes an opt-out.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    u_char                   thread[NGX_SENT_CONV_UUID_LEN];
    u_char                   contact[NGX_SENT_CONV_UUID_LEN];
    u_char                   message[NGX_SENT_CONV_UUID_LEN];
    u_char                   conversation[NGX_SENT_CONV_UUID_LEN];
    u_char                   reply[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t                once;
    ngx_str_t                text;           /* as JSON */
    ngx_str_t                answer;         /* as JSON, or empty */
    ngx_sent_conv_keyword_e  keyword;
} ngx_sent_conv_store_inbound_t;


static ngx_int_t ngx_sent_conv_store_inbound_begin(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_inbound_t *in);
static ngx_int_t ngx_sent_conv_store_inbound_prepare(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_inbound_t *in);
static ngx_int_t ngx_sent_conv_store_inbound_texts(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_inbound_t *in);
static void ngx_sent_conv_store_inbound_args(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_inbound_t *in);
static void ngx_sent_conv_store_inbound_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


static ngx_str_t  ngx_sent_conv_store_keywords[] = {
    ngx_string(""),
    ngx_string("stop"),
    ngx_string("start"),
    ngx_string("help")
};


/* in the order of ngx_sent_conv_in_e */

static const char  *ngx_sent_conv_store_ins[] = {
    "OPENED", "CONTINUED", "STOPPED", "REPORTED", "DUP", NULL
};


ngx_int_t
ngx_sent_conv_store_inbound(ngx_sent_conv_store_t *store,
    ngx_sent_conv_inbound_t *in, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, in->customer, handler, data,
                                       sizeof(ngx_sent_conv_store_inbound_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_inbound_begin(op, in);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_inbound_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_inbound_t *in)
{
    ngx_sent_conv_store_call_t      call;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_inbound_prepare(op, in) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_sent_conv_store_call_pair(&call, op, ctx->thread, ctx->once.len)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_key(&call, "once", &ctx->once);
    ngx_sent_conv_store_call_id_key(&call, "i", ctx->message);
    ngx_sent_conv_store_call_id_key(&call, "i", ctx->conversation);
    ngx_sent_conv_store_call_id_key(&call, "i", ctx->reply);

    if (ngx_sent_conv_store_call_head(&call,
                                      ngx_sent_conv_store_lease(op->store))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_inbound_args(&call, in);

    return ngx_sent_conv_store_call_send_pair(&call, NGX_SENT_CONV_S_INBOUND,
                                            ngx_sent_conv_store_inbound_done);
}


static ngx_int_t
ngx_sent_conv_store_inbound_prepare(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_inbound_t *in)
{
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;

    ngx_sent_conv_contact_id(ctx->contact, &in->customer->id, &in->from);
    ngx_sent_conv_thread_id(ctx->thread, &in->customer->id, ctx->contact);

    op->partition = ngx_sent_conv_partition(ctx->thread,
                                            op->store->conf->redis.partitions);

    if (ngx_sent_conv_store_uuid(ctx->message, ctx->thread) != NGX_OK
        || ngx_sent_conv_store_uuid(ctx->conversation, ctx->thread) != NGX_OK
        || ngx_sent_conv_store_uuid(ctx->reply, ctx->thread) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_sent_conv_store_foreign(op->pool, &in->carrier, &in->carrier_id,
                                    &ctx->once)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_inbound_texts(op, in);
}


static ngx_int_t
ngx_sent_conv_store_inbound_texts(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_inbound_t *in)
{
    ngx_str_t                       folded, *answer;
    ngx_sent_conv_customer_t       *customer;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;
    customer = in->customer;

    if (in->text.data == NULL) {
        ngx_str_set(&ctx->text, "null");
        return NGX_OK;
    }

    if (ngx_sent_conv_json_quote(op->pool, &in->text, &ctx->text) != NGX_OK
        || ngx_sent_conv_keyword_normalize(op->pool, &in->text, &folded)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->keyword = ngx_sent_conv_keyword_match(&folded, &customer->words);

    switch (ctx->keyword) {

    case NGX_SENT_CONV_KW_STOP:
        answer = &customer->confirmation;
        break;

    case NGX_SENT_CONV_KW_HELP:
        answer = &customer->help;
        break;

    default:
        return NGX_OK;
    }

    if (answer->len == 0) {
        return NGX_OK;
    }

    return ngx_sent_conv_json_quote(op->pool, answer, &ctx->answer);
}


static void
ngx_sent_conv_store_inbound_args(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_inbound_t *in)
{
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = call->op->ctx;

    ngx_sent_conv_store_call_str(call, &in->from);
    ngx_sent_conv_store_call_id(call, ctx->contact);
    ngx_sent_conv_store_call_str(call, &in->to);
    ngx_sent_conv_store_call_str(call,
                                 &ngx_sent_conv_channel_names[in->channel]);

    if (in->at > 0) {
        ngx_sent_conv_store_call_number(call, in->at);

    } else {
        ngx_sent_conv_store_call_text(call, "");
    }

    ngx_sent_conv_store_call_id(call, ctx->message);
    ngx_sent_conv_store_call_str(call, &ctx->text);
    ngx_sent_conv_store_call_str(call,
                                 &ngx_sent_conv_store_keywords[ctx->keyword]);
    ngx_sent_conv_store_call_id(call, ctx->conversation);
    ngx_sent_conv_store_call_number(call,
                                    (int64_t) call->op->store->conf->window);
    ngx_sent_conv_store_call_number(call, (int64_t) NGX_SENT_CONV_ONCE);
    ngx_sent_conv_store_call_number(call, in->customer->conversations);
    ngx_sent_conv_store_call_str(call, &in->name);
    ngx_sent_conv_store_call_str(call, &ctx->answer);
    ngx_sent_conv_store_call_id(call, ctx->reply);
    ngx_sent_conv_store_call_text(call, "text");
}


static void
ngx_sent_conv_store_inbound_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    int64_t                         now, deadline;
    ngx_int_t                       what;
    ngx_sent_conv_inbound_result_t  result;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    what = ngx_sent_conv_store_which(ngx_sent_conv_reply_at(reply, 0),
                                       ngx_sent_conv_store_ins);
    now = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, 1));
    deadline = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, 4));

    result.message_id = ngx_sent_conv_reply_str(
                                            ngx_sent_conv_reply_at(reply, 2));
    result.conversation_id = ngx_sent_conv_reply_str(
                                            ngx_sent_conv_reply_at(reply, 3));

    if (what == NGX_ERROR
        || result.message_id.len != NGX_SENT_CONV_UUID_LEN)
    {
        ngx_sent_conv_store_op_broken(op, "inbound");
        return;
    }

    result.what = (ngx_sent_conv_in_e) what;

    if (what == NGX_SENT_CONV_IN_OPENED && deadline > now) {
        ngx_sent_conv_store_wake(op->store, op->partition,
                                 (ngx_msec_t) (deadline - now));
    }

    ngx_sent_conv_store_leased(op, ngx_sent_conv_reply_at(reply, 5));

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &result);
}
