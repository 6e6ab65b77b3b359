
/*
 * The conversations of one contact: all of them stand with the pair.
 */


#include "ngx_sent_conv_store_list.h"


static void ngx_sent_conv_store_list_contact_each(
    ngx_sent_conv_store_op_t *op, ngx_uint_t index,
    ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_list_records(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_list_record(
    ngx_sent_conv_store_list_t *ctx, ngx_sent_conv_conversation_t *conv);
static void ngx_sent_conv_store_list_contact_done(
    ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_list_active(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_list_active_each(
    ngx_sent_conv_store_op_t *op, ngx_uint_t index,
    ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_list_contact_page(
    ngx_sent_conv_store_op_t *op);


ngx_int_t
ngx_sent_conv_store_list_contact(ngx_sent_conv_store_op_t *op)
{
    u_char                       contact[NGX_SENT_CONV_UUID_LEN];
    u_char                       buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                    tag, argv[2];
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;

    ctx->thread.len = NGX_SENT_CONV_UUID_LEN;
    ctx->thread.data = ngx_pnalloc(op->pool, NGX_SENT_CONV_UUID_LEN);

    if (ctx->thread.data == NULL
        || ngx_sent_conv_store_batch_init(op, 3,
                                        ngx_sent_conv_store_list_contact_each,
                                        ngx_sent_conv_store_list_contact_done)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_contact_id(contact, &op->customer->id, &ctx->list.contact);
    ngx_sent_conv_thread_id(ctx->thread.data, &op->customer->id, contact);

    op->partition = ngx_sent_conv_partition(ctx->thread.data,
                                            op->store->conf->redis.partitions);

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "TIME");
    ngx_sent_conv_store_batch_add(op, &tag, 1, argv);

    ngx_str_set(&argv[0], "HGETALL");
    ngx_sent_conv_store_key_part(op, op->partition, "t", &ctx->thread,
                                 &argv[1]);
    ngx_sent_conv_store_batch_add(op, &tag, 2, argv);

    ngx_sent_conv_store_key_part(op, op->partition, "r", &ctx->thread,
                                 &argv[1]);
    ngx_sent_conv_store_batch_add(op, &tag, 2, argv);

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_list_contact_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    ngx_int_t                    rc;
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;

    switch (index) {

    case 0:
        ctx->now = ngx_sent_conv_store_time(reply);
        return;

    case 1:
        rc = ngx_sent_conv_store_record_thread(op->pool, &ctx->thread, reply,
                                               &ctx->th);
        break;

    default:
        rc = ngx_sent_conv_store_list_records(op, reply);
        break;
    }

    if (rc != NGX_OK) {
        op->err = NGX_SENT_CONV_UNSENT;
    }
}


/* ended conversations stand among the histories of messages */

static ngx_int_t
ngx_sent_conv_store_list_records(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply)
{
    int64_t                        first, end;
    ngx_int_t                      rc;
    ngx_str_t                      id, value;
    ngx_uint_t                     i, n;
    ngx_sent_conv_store_list_t    *ctx;
    ngx_sent_conv_conversation_t   conv;

    ctx = op->ctx;
    n = ngx_sent_conv_reply_n(reply);

    for (i = 0; i + 1 < n; i += 2) {
        id = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));
        value = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i + 1));

        rc = ngx_sent_conv_store_record_ended(op->pool, &id, &value, &conv,
                                              &first, &end);
        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc != NGX_OK) {
            continue;
        }

        ngx_sent_conv_store_record_pair(&ctx->th, &ctx->thread, &conv);

        if (ngx_sent_conv_store_list_record(ctx, &conv) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_store_list_record(ngx_sent_conv_store_list_t *ctx,
    ngx_sent_conv_conversation_t *conv)
{
    ngx_sent_conv_store_found_t  *found;

    found = ngx_array_push(&ctx->found);
    if (found == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(found, sizeof(ngx_sent_conv_store_found_t));

    found->ms = conv->opened_at;
    found->id = conv->id;
    found->conv = *conv;

    return NGX_OK;
}


static void
ngx_sent_conv_store_list_contact_done(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    if (ctx->th.conversation.id.len == 0) {
        ngx_sent_conv_store_list_contact_page(op);
        return;
    }

    if (ngx_sent_conv_store_list_record(ctx, &ctx->th.conversation) != NGX_OK
        || ngx_sent_conv_store_list_active(op) != NGX_OK)
    {
        ngx_sent_conv_store_op_unread(op);
    }
}


/* when the open one was active last */

static ngx_int_t
ngx_sent_conv_store_list_active(ngx_sent_conv_store_op_t *op)
{
    u_char                       buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                    tag, argv[3];
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_batch_init(op, 1,
                                       ngx_sent_conv_store_list_active_each,
                                       ngx_sent_conv_store_list_contact_page)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "ZSCORE");
    ngx_sent_conv_store_key_part(op, op->partition, "live", &op->customer->id,
                                 &argv[1]);
    argv[2] = ctx->th.conversation.id;
    ngx_sent_conv_store_batch_add(op, &tag, 3, argv);

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_list_active_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_list_t   *ctx;
    ngx_sent_conv_store_found_t  *found;

    ctx = op->ctx;
    found = ctx->found.elts;

    found[ctx->found.nelts - 1].last = ngx_sent_conv_reply_int(reply);
}


static void
ngx_sent_conv_store_list_contact_page(ngx_sent_conv_store_op_t *op)
{
    ngx_uint_t                    i, n;
    ngx_array_t                  *page;
    ngx_sent_conv_store_list_t   *ctx;
    ngx_sent_conv_store_found_t  *found;

    ctx = op->ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ngx_sent_conv_store_list_sort(ctx);

    page = &ctx->result.conversations;
    found = ctx->found.elts;
    ctx->result.total = 0;

    for (i = 0; i < ctx->found.nelts; i++) {
        n = page->nelts;

        if (ngx_sent_conv_store_list_take(ctx, &found[i]) != NGX_OK) {
            ngx_sent_conv_store_op_unread(op);
            return;
        }

        ctx->result.total += (int64_t) (page->nelts - n);

        /* all count, but one more than the page shows there is more */

        if (n > ctx->list.limit
            || (ctx->ms != 0
                && !ngx_sent_conv_store_list_behind(ctx, &found[i], ctx->ms,
                                                    &ctx->id)))
        {
            page->nelts = n;
        }
    }

    ngx_sent_conv_store_list_finish(op);
}
