
/*
 * The next candidates of a list are read; those that were asked for go on the
 * page.
 */


#include "ngx_sent_conv_store_list.h"


static void ngx_sent_conv_store_list_thread(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_list_threaded(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_list_details(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_list_detail(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_list_filter(ngx_sent_conv_store_op_t *op);
static ngx_uint_t ngx_sent_conv_store_list_is(ngx_sent_conv_store_list_t *ctx,
    ngx_sent_conv_store_found_t *found);


ngx_int_t
ngx_sent_conv_store_list_threads(ngx_sent_conv_store_op_t *op)
{
    u_char                        buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                     tag, argv[2];
    ngx_uint_t                    i;
    ngx_sent_conv_store_list_t   *ctx;
    ngx_sent_conv_store_found_t  *found;

    ctx = op->ctx;

    ctx->n = ngx_min(ctx->found.nelts - ctx->at, ctx->list.limit + 1);
    ctx->scanned += ctx->n;

    if (ngx_sent_conv_store_batch_init(op, ctx->n,
                                       ngx_sent_conv_store_list_thread,
                                       ngx_sent_conv_store_list_threaded)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "GET");

    found = ctx->found.elts;
    found += ctx->at;

    for (i = 0; i < ctx->n; i++) {
        ngx_sent_conv_store_tag(found[i].partition, buf, &tag);
        ngx_sent_conv_store_key_index(op, found[i].partition, &found[i].id,
                                      &argv[1]);
        ngx_sent_conv_store_batch_add(op, &tag, 2, argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_list_thread(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    ngx_str_t                     thread;
    ngx_sent_conv_store_list_t   *ctx;
    ngx_sent_conv_store_found_t  *found;

    ctx = op->ctx;

    found = ctx->found.elts;
    found += ctx->at + index;

    thread = ngx_sent_conv_reply_str(reply);

    if (thread.len < NGX_SENT_CONV_UUID_LEN) {
        return;
    }

    thread.len = NGX_SENT_CONV_UUID_LEN;

    if (ngx_sent_conv_store_copy(op->pool, &thread, &found->thread) != NGX_OK)
    {
        op->err = NGX_SENT_CONV_UNSENT;
    }
}


static void
ngx_sent_conv_store_list_threaded(ngx_sent_conv_store_op_t *op)
{
    if (op->err != NGX_SENT_CONV_OK
        || ngx_sent_conv_store_list_details(op) != NGX_OK)
    {
        ngx_sent_conv_store_op_unread(op);
    }
}


/* the clock; and of each the pair, its record, when it was active last */

static ngx_int_t
ngx_sent_conv_store_list_details(ngx_sent_conv_store_op_t *op)
{
    u_char                        buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                     tag, rest, argv[3];
    ngx_uint_t                    i;
    ngx_sent_conv_store_list_t   *ctx;
    ngx_sent_conv_store_found_t  *found;

    ctx = op->ctx;

    if (ngx_sent_conv_store_batch_init(op, 3 * ctx->n + 1,
                                       ngx_sent_conv_store_list_detail,
                                       ngx_sent_conv_store_list_filter)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    found = ctx->found.elts;
    found += ctx->at;

    ngx_sent_conv_store_tag(found[0].partition, buf, &tag);
    ngx_str_set(&argv[0], "TIME");
    ngx_sent_conv_store_batch_add(op, &tag, 1, argv);

    for (i = 0; i < ctx->n; i++) {

        /* where retention took it, the answers to "-" are empty */

        rest = found[i].thread;

        if (rest.len == 0) {
            ngx_str_set(&rest, "-");
        }

        ngx_sent_conv_store_tag(found[i].partition, buf, &tag);

        ngx_str_set(&argv[0], "HGETALL");
        ngx_sent_conv_store_key_part(op, found[i].partition, "t", &rest,
                                     &argv[1]);
        ngx_sent_conv_store_batch_add(op, &tag, 2, argv);

        ngx_str_set(&argv[0], "HGET");
        ngx_sent_conv_store_key_part(op, found[i].partition, "r", &rest,
                                     &argv[1]);
        argv[2] = found[i].id;
        ngx_sent_conv_store_batch_add(op, &tag, 3, argv);

        if (ctx->list.status == NGX_SENT_CONV_LIST_ACTIVE) {
            ngx_str_set(&argv[0], "ZSCORE");
            ngx_sent_conv_store_key_part(op, found[i].partition, "live",
                                         &op->customer->id, &argv[1]);
            ngx_sent_conv_store_batch_add(op, &tag, 3, argv);
        }
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_list_detail(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    int64_t                        first, end;
    ngx_int_t                      rc;
    ngx_str_t                      value;
    ngx_uint_t                     each;
    ngx_sent_conv_store_list_t    *ctx;
    ngx_sent_conv_store_found_t   *found;
    ngx_sent_conv_store_thread_t   th;
    ngx_sent_conv_conversation_t   conv;

    ctx = op->ctx;

    if (index == 0) {
        ctx->now = ngx_sent_conv_store_time(reply);
        return;
    }

    each = (ctx->list.status == NGX_SENT_CONV_LIST_ACTIVE) ? 3 : 2;

    found = ctx->found.elts;
    found += ctx->at + (index - 1) / each;

    switch ((index - 1) % each) {

    case 0:
        rc = ngx_sent_conv_store_record_thread(op->pool, &found->thread,
                                               reply, &th);

        /* of the open one all, of another what is the pair's */

        if (rc == NGX_OK && th.customer.len) {
            found->known = ngx_sent_conv_store_same(&th.customer,
                                                    &op->customer->id);
            found->conv = th.conversation;
            found->told = ngx_sent_conv_store_same(&th.conversation.id,
                                                   &found->id);

            ngx_sent_conv_store_record_pair(&th, &found->thread,
                                            &found->conv);
        }

        break;

    case 1:
        value = ngx_sent_conv_reply_str(reply);

        rc = ngx_sent_conv_store_record_ended(op->pool, &found->id, &value,
                                              &conv, &first, &end);

        if (rc == NGX_OK) {
            conv.thread_id = found->conv.thread_id;
            conv.contact_id = found->conv.contact_id;
            conv.contact = found->conv.contact;
            conv.contact_name = found->conv.contact_name;

            found->conv = conv;
            found->told = 1;
        }

        break;

    default:
        found->last = ngx_sent_conv_reply_int(reply);
        return;
    }

    if (rc == NGX_ERROR) {
        op->err = NGX_SENT_CONV_UNSENT;
    }
}


static void
ngx_sent_conv_store_list_filter(ngx_sent_conv_store_op_t *op)
{
    ngx_uint_t                    i;
    ngx_sent_conv_store_list_t   *ctx;
    ngx_sent_conv_store_found_t  *found;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;
    found = ctx->found.elts;

    for (i = 0; i < ctx->n; i++, ctx->at++) {

        ctx->ms = found[ctx->at].ms;
        ctx->id = found[ctx->at].id;

        if (!found[ctx->at].known || !found[ctx->at].told) {
            continue;
        }

        if (ngx_sent_conv_store_list_take(ctx, &found[ctx->at]) != NGX_OK) {
            ngx_sent_conv_store_op_unread(op);
            return;
        }

        if (ctx->result.conversations.nelts > ctx->list.limit) {
            break;
        }
    }

    ngx_sent_conv_store_list_next(op);
}


/* takes it into the page, if it is one that was asked for */

ngx_int_t
ngx_sent_conv_store_list_take(ngx_sent_conv_store_list_t *ctx,
    ngx_sent_conv_store_found_t *found)
{
    ngx_sent_conv_list_t          *list;
    ngx_sent_conv_conversation_t  *conv, *taken;

    list = &ctx->list;
    conv = &found->conv;

    ngx_sent_conv_store_record_lapse(conv, ctx->now);

    if (!ngx_sent_conv_store_list_is(ctx, found)) {
        return NGX_OK;
    }

    if (list->channel != NGX_SENT_CONV_CHANNELS
        && !ngx_sent_conv_store_list_on(&conv->channels, list->channel))
    {
        return NGX_OK;
    }

    if (list->close_reason.len
        && !ngx_sent_conv_store_same(&list->close_reason,
                                     &conv->close_reason))
    {
        return NGX_OK;
    }

    if (list->agent_id.len
        && !ngx_sent_conv_store_same(&list->agent_id, &conv->agent_id))
    {
        return NGX_OK;
    }

    taken = ngx_array_push(&ctx->result.conversations);
    if (taken == NULL) {
        return NGX_ERROR;
    }

    *taken = *conv;

    return NGX_OK;
}


static ngx_uint_t
ngx_sent_conv_store_list_is(ngx_sent_conv_store_list_t *ctx,
    ngx_sent_conv_store_found_t *found)
{
    ngx_uint_t  open;

    open = found->conv.close_reason.len == 0;

    switch (ctx->list.status) {

    case NGX_SENT_CONV_LIST_OPEN:
        return open;

    case NGX_SENT_CONV_LIST_ACTIVE:
        return open && found->last + NGX_SENT_CONV_STORE_ACTIVE >= ctx->now;

    case NGX_SENT_CONV_LIST_CLOSED:
        return !open;

    default:
        return 1;
    }
}
