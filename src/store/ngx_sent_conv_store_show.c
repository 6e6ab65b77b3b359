
/*
 * One conversation, or a pair's whole thread, with a page of its transcript.
 */


#include "ngx_sent_conv_store_private.h"


#define NGX_SENT_CONV_STORE_PAGE  1000


typedef struct {
    ngx_str_t                      id;       /* as asked for */
    ngx_str_t                      thread;
    ngx_uint_t                     limit;
    int64_t                        position;

    ngx_sent_conv_store_thread_t   th;
    ngx_sent_conv_conversation_t   conv;     /* an ended one */
    int64_t                        length;   /* of the transcript */
    int64_t                        now;
    int64_t                        start;    /* absolute: first, and behind */
    int64_t                        end;      /* the last entry that counts */
    int64_t                        low;      /* the page, both included */
    int64_t                        high;

    ngx_sent_conv_show_result_t    result;

    unsigned                       before:1;
    unsigned                       whole:1;  /* the thread */
    unsigned                       ended:1;
} ngx_sent_conv_store_show_t;


static ngx_int_t ngx_sent_conv_store_show_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_show_t *show);
static void ngx_sent_conv_store_show_thread(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_show_read(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_show_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_show_found(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_show_range(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_show_page(ngx_sent_conv_store_show_t *ctx);
static ngx_int_t ngx_sent_conv_store_show_entries(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_show_entry(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_show_listed(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_show_history(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_show_state(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_show_done(ngx_sent_conv_store_op_t *op);


ngx_int_t
ngx_sent_conv_store_show(ngx_sent_conv_store_t *store,
    ngx_sent_conv_show_t *show, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    if (show->id.len != NGX_SENT_CONV_UUID_LEN) {
        return NGX_ERROR;
    }

    op = ngx_sent_conv_store_op_create(store, show->customer, handler, data,
                                       sizeof(ngx_sent_conv_store_show_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_show_begin(op, show);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_show_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_show_t *show)
{
    ngx_sent_conv_store_show_t  *ctx;

    ctx = op->ctx;

    ctx->limit = ngx_min(show->limit, NGX_SENT_CONV_STORE_PAGE);
    ctx->position = show->position;
    ctx->before = show->before;

    if (ngx_sent_conv_store_copy(op->pool, &show->id, &ctx->id) != NGX_OK) {
        return NGX_ERROR;
    }

    op->partition = ngx_sent_conv_partition(ctx->id.data,
                                            op->store->conf->redis.partitions);

    if (ngx_sent_conv_uuid_version(ctx->id.data) == 5) {
        ctx->whole = 1;
        ctx->thread = ctx->id;

        return ngx_sent_conv_store_show_read(op);
    }

    return ngx_sent_conv_store_index(op, &ctx->id,
                                     ngx_sent_conv_store_show_thread);
}


static void
ngx_sent_conv_store_show_thread(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t                    thread;
    ngx_sent_conv_store_show_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;
    thread = ngx_sent_conv_reply_str(reply);

    if (thread.len < NGX_SENT_CONV_UUID_LEN) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    thread.len = NGX_SENT_CONV_UUID_LEN;

    if (ngx_sent_conv_store_copy(op->pool, &thread, &ctx->thread) != NGX_OK
        || ngx_sent_conv_store_show_read(op) != NGX_OK)
    {
        ngx_sent_conv_store_op_unread(op);
    }
}


static ngx_int_t
ngx_sent_conv_store_show_read(ngx_sent_conv_store_op_t *op)
{
    u_char                       buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                    tag, argv[3];
    ngx_sent_conv_store_show_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_batch_init(op, 4, ngx_sent_conv_store_show_each,
                                       ngx_sent_conv_store_show_found)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "TIME");
    ngx_sent_conv_store_batch_add(op, &tag, 1, argv);

    ngx_str_set(&argv[0], "HGETALL");
    ngx_sent_conv_store_key_part(op, op->partition, "t", &ctx->thread,
                                 &argv[1]);
    ngx_sent_conv_store_batch_add(op, &tag, 2, argv);

    ngx_str_set(&argv[0], "LLEN");
    ngx_sent_conv_store_key_part(op, op->partition, "m", &ctx->thread,
                                 &argv[1]);
    ngx_sent_conv_store_batch_add(op, &tag, 2, argv);

    if (!ctx->whole) {
        ngx_str_set(&argv[0], "HGET");
        ngx_sent_conv_store_key_part(op, op->partition, "r", &ctx->thread,
                                     &argv[1]);
        argv[2] = ctx->id;
        ngx_sent_conv_store_batch_add(op, &tag, 3, argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_show_each(ngx_sent_conv_store_op_t *op, ngx_uint_t index,
    ngx_sent_conv_reply_t *reply)
{
    ngx_int_t                    rc;
    ngx_str_t                    value;
    ngx_sent_conv_store_show_t  *ctx;

    ctx = op->ctx;

    switch (index) {

    case 0:
        ctx->now = ngx_sent_conv_store_time(reply);
        return;

    case 1:
        rc = ngx_sent_conv_store_record_thread(op->pool, &ctx->thread, reply,
                                               &ctx->th);
        break;

    case 2:
        ctx->length = ngx_sent_conv_reply_int(reply);
        return;

    default:
        value = ngx_sent_conv_reply_str(reply);

        rc = ngx_sent_conv_store_record_ended(op->pool, &ctx->id, &value,
                                              &ctx->conv, &ctx->start,
                                              &ctx->end);
        ctx->ended = (rc == NGX_OK);
        break;
    }

    if (rc == NGX_ERROR) {
        op->err = NGX_SENT_CONV_UNSENT;
    }
}


static void
ngx_sent_conv_store_show_found(ngx_sent_conv_store_op_t *op)
{
    ngx_int_t                    rc;
    ngx_sent_conv_store_show_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;

    if (ctx->th.customer.len != op->customer->id.len
        || ngx_memcmp(ctx->th.customer.data, op->customer->id.data,
                      op->customer->id.len)
           != 0)
    {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    rc = ngx_sent_conv_store_show_range(op);

    if (rc == NGX_DECLINED) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    ngx_sent_conv_store_show_page(ctx);

    if (ctx->low > ctx->high) {
        ngx_sent_conv_store_show_done(op);
        return;
    }

    if (rc != NGX_OK || ngx_sent_conv_store_show_entries(op) != NGX_OK) {
        ngx_sent_conv_store_op_unread(op);
    }
}


/* which entries count; NGX_DECLINED: there is no such conversation */

static ngx_int_t
ngx_sent_conv_store_show_range(ngx_sent_conv_store_op_t *op)
{
    ngx_uint_t                     open;
    ngx_sent_conv_store_show_t    *ctx;
    ngx_sent_conv_conversation_t  *conv;

    ctx = op->ctx;
    conv = &ctx->th.conversation;

    open = conv->id.len == NGX_SENT_CONV_UUID_LEN
           && (ctx->whole
               || ngx_memcmp(conv->id.data, ctx->id.data,
                             NGX_SENT_CONV_UUID_LEN)
                  == 0);

    if (open) {
        ngx_sent_conv_store_record_lapse(conv, ctx->now);
    }

    if (ctx->whole) {

        /* a window that nobody has ended yet is not open */

        if (open && conv->close_reason.len == 0) {
            ctx->result.conversation = conv;
        }

        ctx->start = ctx->th.base;
        ctx->end = ctx->th.base + ctx->length;

    } else if (open) {
        ctx->result.conversation = conv;
        ctx->start = ctx->th.first;
        ctx->end = ctx->th.base + ctx->length;

    } else if (ctx->ended) {
        ngx_sent_conv_store_record_pair(&ctx->th, &ctx->thread, &ctx->conv);
        ctx->result.conversation = &ctx->conv;

    } else {
        return NGX_DECLINED;
    }

    ctx->start = ngx_max(ctx->start, ctx->th.base);
    ctx->end = ngx_min(ctx->end, ctx->th.base + ctx->length);

    ctx->result.thread_id = ctx->thread;
    ctx->result.contact_id = ctx->th.contact_id;
    ctx->result.contact = ctx->th.contact;
    ctx->result.total = ngx_max(ctx->end - ctx->start, 0);

    return ngx_array_init(&ctx->result.messages, op->pool, ctx->limit + 1,
                          sizeof(ngx_sent_conv_message_t));
}


static void
ngx_sent_conv_store_show_page(ngx_sent_conv_store_show_t *ctx)
{
    int64_t  limit;

    limit = (int64_t) ctx->limit;

    if (ctx->before && ctx->position >= 0) {
        ctx->low = ngx_max(ctx->start, ctx->position + 1);
        ctx->high = ngx_min(ctx->end - 1, ctx->low + limit - 1);

    } else {
        ctx->high = ctx->end - 1;

        if (ctx->position >= 0) {
            ctx->high = ngx_min(ctx->high, ctx->position - 1);
        }

        ctx->low = ngx_max(ctx->start, ctx->high - limit + 1);
    }

    ctx->result.first = -1;
    ctx->result.last = -1;

    if (ctx->low <= ctx->high) {
        ctx->result.first = ctx->high;
        ctx->result.last = ctx->low;
        ctx->result.newer = ctx->high < ctx->end - 1;
        ctx->result.older = ctx->low > ctx->start;
    }
}


static ngx_int_t
ngx_sent_conv_store_show_entries(ngx_sent_conv_store_op_t *op)
{
    u_char                       buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                    tag, argv[4];
    ngx_sent_conv_store_show_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_batch_init(op, 1, ngx_sent_conv_store_show_entry,
                                       ngx_sent_conv_store_show_listed)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "LRANGE");
    ngx_sent_conv_store_key_part(op, op->partition, "m", &ctx->thread,
                                 &argv[1]);
    ngx_sent_conv_store_number(op->pool, ctx->low - ctx->th.base, &argv[2]);
    ngx_sent_conv_store_number(op->pool, ctx->high - ctx->th.base, &argv[3]);

    ngx_sent_conv_store_batch_add(op, &tag, 4, argv);

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_show_entry(ngx_sent_conv_store_op_t *op, ngx_uint_t index,
    ngx_sent_conv_reply_t *reply)
{
    ngx_int_t                    rc;
    ngx_str_t                    entry, none;
    ngx_uint_t                   i;
    ngx_sent_conv_message_t     *message;
    ngx_sent_conv_store_show_t  *ctx;

    ctx = op->ctx;
    ngx_str_null(&none);

    for (i = ngx_sent_conv_reply_n(reply); i > 0; i--) {
        entry = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i - 1));

        message = ngx_array_push(&ctx->result.messages);
        if (message == NULL) {
            op->err = NGX_SENT_CONV_UNSENT;
            return;
        }

        rc = ngx_sent_conv_store_record_message(op->pool, &entry, message);

        if (rc == NGX_OK) {
            rc = ngx_sent_conv_store_record_states(op->pool, &none, message);
        }

        if (rc == NGX_ERROR) {
            op->err = NGX_SENT_CONV_UNSENT;
            return;
        }

        if (rc == NGX_DECLINED) {
            ctx->result.messages.nelts--;
        }
    }
}


static void
ngx_sent_conv_store_show_listed(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_show_t  *ctx;

    ctx = op->ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    if (ctx->result.messages.nelts == 0) {
        ngx_sent_conv_store_show_done(op);
        return;
    }

    if (ngx_sent_conv_store_show_history(op) != NGX_OK) {
        ngx_sent_conv_store_op_unread(op);
    }
}


static ngx_int_t
ngx_sent_conv_store_show_history(ngx_sent_conv_store_op_t *op)
{
    u_char                       buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                    tag, *argv;
    ngx_uint_t                   i, n;
    ngx_sent_conv_message_t     *message;
    ngx_sent_conv_store_show_t  *ctx;

    ctx = op->ctx;
    n = ctx->result.messages.nelts;
    message = ctx->result.messages.elts;

    argv = ngx_palloc(op->pool, (n + 2) * sizeof(ngx_str_t));

    if (argv == NULL
        || ngx_sent_conv_store_batch_init(op, 1,
                                          ngx_sent_conv_store_show_state,
                                          ngx_sent_conv_store_show_done)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "HMGET");
    ngx_sent_conv_store_key_part(op, op->partition, "r", &ctx->thread,
                                 &argv[1]);

    for (i = 0; i < n; i++) {
        argv[2 + i] = message[i].id;
    }

    ngx_sent_conv_store_batch_add(op, &tag, n + 2, argv);

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_show_state(ngx_sent_conv_store_op_t *op, ngx_uint_t index,
    ngx_sent_conv_reply_t *reply)
{
    ngx_str_t                    history;
    ngx_uint_t                   i;
    ngx_sent_conv_message_t     *message;
    ngx_sent_conv_store_show_t  *ctx;

    ctx = op->ctx;
    message = ctx->result.messages.elts;

    for (i = 0; i < ctx->result.messages.nelts; i++) {
        history = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));

        if (history.len
            && ngx_sent_conv_store_record_states(op->pool, &history,
                                                 &message[i])
               != NGX_OK)
        {
            op->err = NGX_SENT_CONV_UNSENT;
            return;
        }
    }
}


static void
ngx_sent_conv_store_show_done(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_show_t  *ctx;

    ctx = op->ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &ctx->result);
}
