
/*
 * An inbound message: the script's keys and arguments.
 */


#include "ngx_sent_conv_store_private.h"
#include "ngx_sent_conv_store_inbound.h"


static void ngx_sent_conv_store_inbound_args(
    ngx_sent_conv_store_call_t *call);
static void ngx_sent_conv_store_inbound_agents(
    ngx_sent_conv_store_call_t *call);


static ngx_str_t  ngx_sent_conv_store_keywords[] = {
    ngx_string(""),
    ngx_string("stop"),
    ngx_string("start"),
    ngx_string("help")
};


ngx_int_t
ngx_sent_conv_store_inbound_call(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_redis_pt handler)
{
    ngx_sent_conv_store_call_t      call;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_call_pair(&call, op, ctx->thread, ctx->once.len)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_key(&call, "once", &ctx->once);
    ngx_sent_conv_store_call_index_key(&call, ctx->message);
    ngx_sent_conv_store_call_index_key(&call, ctx->reply);
    ngx_sent_conv_store_call_key(&call, "ct", &op->customer->id);
    ngx_sent_conv_store_call_id_key(&call, "h", ctx->thread);

    if (ctx->replies) {
        ngx_sent_conv_store_call_index_key(&call, ctx->replied);

    } else {
        ngx_sent_conv_store_call_key(&call, "i:-", NULL);
    }

    if (ctx->agents) {
        ngx_sent_conv_store_call_index_key(&call, ctx->greeting);

    } else {
        ngx_sent_conv_store_call_key(&call, "i:-", NULL);
    }

    if (ngx_sent_conv_store_call_head(&call,
                                      ngx_sent_conv_store_lease(op->store))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_inbound_args(&call);

    return ngx_sent_conv_store_call_send_pair(&call, NGX_SENT_CONV_S_INBOUND,
                                              handler);
}


static void
ngx_sent_conv_store_inbound_args(ngx_sent_conv_store_call_t *call)
{
    ngx_sent_conv_inbound_t        *in;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = call->op->ctx;
    in = &ctx->in;

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
    ngx_sent_conv_store_call_str(call, &ctx->kind);

    if (ctx->read) {
        ngx_sent_conv_store_call_text(call, "keyword");

    } else {
        ngx_sent_conv_store_call_text(call, "carrier");
    }

    if (ctx->replies) {
        ngx_sent_conv_store_call_id(call, ctx->replied);

    } else {
        ngx_sent_conv_store_call_text(call, "-");
    }

    ngx_sent_conv_store_inbound_agents(call);
}


static void
ngx_sent_conv_store_inbound_agents(ngx_sent_conv_store_call_t *call)
{
    ngx_sent_conv_store_inbound_t  *ctx;
    static ngx_str_t                none = ngx_string("");

    ctx = call->op->ctx;

    ngx_sent_conv_store_call_str(call, ctx->agent ? &ctx->agent->spec
                                                  : &none);

    if (ctx->answers == ctx->agent) {
        ngx_sent_conv_store_call_text(call, "=");

    } else {
        ngx_sent_conv_store_call_str(call, ctx->answers ? &ctx->answers->spec
                                                        : &none);
    }

    ngx_sent_conv_store_call_str(call, &ctx->asked);

    if (ctx->agents) {
        ngx_sent_conv_store_call_id(call, ctx->greeting);

    } else {
        ngx_sent_conv_store_call_text(call, "");
    }
}
