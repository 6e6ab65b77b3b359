
/*
 * An inbound message as the script is told of it: its ids, its keyword, its
 * texts as JSON.
 */


#include "ngx_sent_conv_store_private.h"
#include "ngx_sent_conv_store_inbound.h"


static ngx_int_t ngx_sent_conv_store_inbound_copy(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_inbound_t *in);
static ngx_int_t ngx_sent_conv_store_inbound_ids(
    ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_inbound_kind(
    ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_inbound_texts(
    ngx_sent_conv_store_op_t *op);


ngx_int_t
ngx_sent_conv_store_inbound_prepare(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_inbound_t *in)
{
    if (ngx_sent_conv_store_inbound_copy(op, in) != NGX_OK
        || ngx_sent_conv_store_inbound_ids(op) != NGX_OK
        || ngx_sent_conv_store_inbound_kind(op) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_inbound_texts(op);
}


/* the script may have to wait for what the message replies to */

static ngx_int_t
ngx_sent_conv_store_inbound_copy(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_inbound_t *in)
{
    ngx_str_t                      *from, *to;
    ngx_uint_t                      i;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;
    ctx->in = *in;

    for (i = 0; i < 4; i++) {
        from = (i == 0) ? &in->from : (i == 1) ? &in->to
               : (i == 2) ? &in->name : &in->reply_to;
        to = (i == 0) ? &ctx->in.from : (i == 1) ? &ctx->in.to
             : (i == 2) ? &ctx->in.name : &ctx->in.reply_to;

        if (ngx_sent_conv_store_copy(op->pool, from, to) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return ngx_sent_conv_store_op_trace(op, &in->trace);
}


static ngx_int_t
ngx_sent_conv_store_inbound_ids(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_inbound_t        *in;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;
    in = &ctx->in;

    ngx_sent_conv_contact_id(ctx->contact, &in->customer->id, &in->from);
    ngx_sent_conv_thread_id(ctx->thread, &in->customer->id, ctx->contact);

    op->partition = ngx_sent_conv_partition(ctx->thread,
                                            op->store->conf->redis.partitions);

    if (ngx_sent_conv_store_uuid(ctx->message, ctx->thread) != NGX_OK
        || ngx_sent_conv_store_uuid(ctx->reply, ctx->thread) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_conversation_id(ctx->conversation, ctx->message);

    ctx->agent = ngx_sent_conv_store_trigger(in->customer,
                                             NGX_SENT_CONV_ON_INBOUND,
                                             &in->to);
    ctx->answers = ngx_sent_conv_store_trigger(in->customer,
                                               NGX_SENT_CONV_ON_REPLY,
                                               &in->to);
    ctx->agents = (in->customer->agents.nelts > 0);

    if (ctx->agents
        && ngx_sent_conv_store_uuid(ctx->greeting, ctx->thread) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* a carrier that has seen the keyword has answered it, too */

    if (in->keyword != NGX_SENT_CONV_KW_NONE) {
        ngx_str_set(&ctx->asked, "-");
    }

    return ngx_sent_conv_store_foreign(op->pool, &in->carrier,
                                       &in->carrier_id, &ctx->once);
}


/* "<kind>" or "<kind>/<attachments in base64url>" */

static ngx_int_t
ngx_sent_conv_store_inbound_kind(ngx_sent_conv_store_op_t *op)
{
    ngx_str_t                       kind, coded;
    ngx_sent_conv_inbound_t        *in;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;
    in = &ctx->in;
    kind = in->kind;

    if (kind.len == 0) {
        ngx_str_set(&kind, "text");
    }

    ctx->kind.data = ngx_pnalloc(op->pool, kind.len + 1
                                 + ngx_base64_encoded_length(
                                                       in->attachments.len));
    if (ctx->kind.data == NULL) {
        return NGX_ERROR;
    }

    coded.data = ngx_cpymem(ctx->kind.data, kind.data, kind.len);
    ctx->kind.len = kind.len;

    if (in->attachments.len == 0) {
        return NGX_OK;
    }

    *coded.data++ = '/';
    ngx_encode_base64url(&coded, &in->attachments);
    ctx->kind.len += 1 + coded.len;

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_store_inbound_texts(ngx_sent_conv_store_op_t *op)
{
    ngx_str_t                       folded, *answer;
    ngx_sent_conv_inbound_t        *in;
    ngx_sent_conv_keyword_e         said;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;
    in = &ctx->in;
    ctx->keyword = in->keyword;

    if (in->text.data == NULL) {
        ngx_str_set(&ctx->text, "null");

    } else if (ngx_sent_conv_json_quote(op->pool, &in->text, &ctx->text)
               != NGX_OK
               || ngx_sent_conv_keyword_normalize(op->pool, &in->text,
                                                  &folded)
                  != NGX_OK)
    {
        return NGX_ERROR;

    } else {
        said = ngx_sent_conv_keyword_match(&folded, &in->customer->words);

        /* who writes STOP means it, whatever else the carrier saw */

        if (in->keyword == NGX_SENT_CONV_KW_NONE
            || (said == NGX_SENT_CONV_KW_STOP && in->keyword != said))
        {
            ctx->keyword = said;
            ctx->read = 1;
        }
    }

    answer = (ctx->keyword == NGX_SENT_CONV_KW_STOP)
             ? &in->customer->confirmation
             : (ctx->keyword == NGX_SENT_CONV_KW_HELP) ? &in->customer->help
                                                       : NULL;

    if (answer == NULL || answer->len == 0 || (in->answered && !ctx->read)) {
        return NGX_OK;
    }

    return ngx_sent_conv_json_quote(op->pool, answer, &ctx->answer);
}
