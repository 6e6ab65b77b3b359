
/*
 * Conversations of a customer, by opening.  Their index is cut into
 * partitions: each gives its next ones, the merged head of them is read and
 * filtered, until a page is full.  Those of one contact are read from the
 * pair itself, whole.
 */


#include "ngx_sent_conv_store_list.h"


static ngx_int_t ngx_sent_conv_store_list_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_list_t *list);
static void ngx_sent_conv_store_list_scanned(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_list_next(ngx_sent_conv_store_op_t *op);
static ngx_uint_t ngx_sent_conv_store_list_full(
    ngx_sent_conv_store_list_t *ctx);
static ngx_int_t ngx_sent_conv_store_list_threads(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_list_thread(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_list_threaded(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_list_details(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_list_detail(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_list_filter(ngx_sent_conv_store_op_t *op);
static ngx_uint_t ngx_sent_conv_store_list_open(ngx_sent_conv_list_t *list,
    ngx_sent_conv_conversation_t *conv, int64_t now);


ngx_int_t
ngx_sent_conv_store_list(ngx_sent_conv_store_t *store,
    ngx_sent_conv_list_t *list, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, list->customer, handler, data,
                                       sizeof(ngx_sent_conv_store_list_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_list_begin(op, list);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_list_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_list_t *list)
{
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;

    ctx->list = *list;
    ctx->now = (int64_t) ngx_sent_conv_store_now();
    ctx->result.total = -1;

    if (ngx_sent_conv_store_copy(op->pool, &list->contact,
                                 &ctx->list.contact)
        != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, &list->close_reason,
                                    &ctx->list.close_reason)
           != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, &list->id, &ctx->list.id)
           != NGX_OK
        || ngx_array_init(&ctx->found, op->pool, 64,
                          sizeof(ngx_sent_conv_store_found_t))
           != NGX_OK
        || ngx_array_init(&ctx->result.conversations, op->pool,
                          list->limit + 1,
                          sizeof(ngx_sent_conv_conversation_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* the position from which the scan goes on */

    ctx->ms = ctx->list.ms;
    ctx->id = ctx->list.id;

    if (ctx->ms == 0) {
        ctx->list.before = 0;
    }

    return list->contact.len ? ngx_sent_conv_store_list_contact(op)
                             : ngx_sent_conv_store_list_count(op);
}


void
ngx_sent_conv_store_list_counted(ngx_sent_conv_store_op_t *op)
{
    ngx_int_t                    rc;
    ngx_sent_conv_store_list_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;

    if (!ctx->live) {
        rc = ngx_sent_conv_store_list_scan(op);

    } else if (ctx->found.nelts == 0) {
        ngx_sent_conv_store_list_next(op);
        return;

    } else {
        rc = ngx_sent_conv_store_list_scores(op);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_unread(op);
    }
}


/* the next ones of each partition, from the position on */

ngx_int_t
ngx_sent_conv_store_list_scan(ngx_sent_conv_store_op_t *op)
{
    u_char                       buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                    tag, argv[8];
    ngx_uint_t                   p, partitions;
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;
    partitions = op->store->conf->redis.partitions;

    if (ngx_sent_conv_store_batch_init(op, partitions,
                                       ngx_sent_conv_store_list_gather,
                                       ngx_sent_conv_store_list_scanned)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->found.nelts = 0;
    ctx->bounded = 0;

    if (ctx->batch == 0) {
        ctx->batch = 2 * (ctx->list.limit + 1) / partitions + 4;
    }

    ngx_sent_conv_store_list_bounds(op, argv);

    ngx_str_set(&argv[4], "WITHSCORES");
    ngx_str_set(&argv[5], "LIMIT");
    ngx_str_set(&argv[6], "0");
    ngx_sent_conv_store_number(op->pool, (int64_t) ctx->batch, &argv[7]);

    for (p = 0; p < partitions; p++) {
        ngx_sent_conv_store_tag(p, buf, &tag);
        ngx_sent_conv_store_key_part(op, p, "ix", &op->customer->id,
                                     &argv[1]);
        ngx_sent_conv_store_batch_add(op, &tag, 8, argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_list_scanned(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_list_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;

    ngx_sent_conv_store_list_sort(ctx);
    ngx_sent_conv_store_list_cut(ctx);

    if (ctx->found.nelts == 0 && ctx->bounded) {

        /* more of one moment than fit: ask for more at once */

        ctx->batch *= 4;

        if (ctx->batch > NGX_SENT_CONV_STORE_SCAN
            || ngx_sent_conv_store_list_scan(op) != NGX_OK)
        {
            ngx_sent_conv_store_op_unread(op);
        }

        return;
    }

    ngx_sent_conv_store_list_next(op);
}


void
ngx_sent_conv_store_list_scored(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_list_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;

    ngx_sent_conv_store_list_sort(ctx);
    ngx_sent_conv_store_list_cut(ctx);
    ngx_sent_conv_store_list_next(op);
}


/* the next of the candidates, or more of them, or the answer */

static void
ngx_sent_conv_store_list_next(ngx_sent_conv_store_op_t *op)
{
    ngx_int_t                    rc;
    ngx_sent_conv_store_list_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_list_full(ctx)) {
        ngx_sent_conv_store_list_finish(op);
        return;
    }

    if (ctx->at < ctx->found.nelts) {
        rc = ngx_sent_conv_store_list_threads(op);

    } else {
        ctx->at = 0;
        rc = ngx_sent_conv_store_list_scan(op);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_unread(op);
    }
}


static ngx_uint_t
ngx_sent_conv_store_list_full(ngx_sent_conv_store_list_t *ctx)
{
    ngx_uint_t  n, left;

    n = ctx->result.conversations.nelts;
    left = ctx->at < ctx->found.nelts;

    if (n > ctx->list.limit) {
        return 1;
    }

    if (!left && !ctx->bounded) {
        return 1;
    }

    /* few of many match: what there is, and the way on */

    if (ctx->scanned >= NGX_SENT_CONV_STORE_SCAN
        && (n > 0 || ctx->scanned >= NGX_SENT_CONV_STORE_LONG_SCAN))
    {
        ctx->result.more = 1;
        return 1;
    }

    return 0;
}


static ngx_int_t
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
        ngx_sent_conv_store_key_part(op, found[i].partition, "i",
                                     &found[i].id, &argv[1]);
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

    if (thread.len == NGX_SENT_CONV_UUID_LEN
        && ngx_sent_conv_store_copy(op->pool, &thread, &found->thread)
           != NGX_OK)
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


/* three answers to each: the clock, the pair, the record */

static ngx_int_t
ngx_sent_conv_store_list_details(ngx_sent_conv_store_op_t *op)
{
    u_char                        buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                     tag, rest, argv[3];
    ngx_uint_t                    i;
    ngx_sent_conv_store_list_t   *ctx;
    ngx_sent_conv_store_found_t  *found;

    ctx = op->ctx;

    if (ngx_sent_conv_store_batch_init(op, 2 * ctx->n + 1,
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
    ngx_sent_conv_store_list_t    *ctx;
    ngx_sent_conv_store_found_t   *found;
    ngx_sent_conv_store_thread_t   th;
    ngx_sent_conv_conversation_t   conv;

    ctx = op->ctx;

    if (index == 0) {
        ctx->now = ngx_sent_conv_store_time(reply);
        return;
    }

    found = ctx->found.elts;
    found += ctx->at + (index - 1) / 2;

    if (index % 2) {
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

    } else {
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

        if (ngx_sent_conv_store_list_take(ctx, &found[ctx->at].conv)
            != NGX_OK)
        {
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
    ngx_sent_conv_conversation_t *conv)
{
    ngx_uint_t                     open;
    ngx_sent_conv_list_t          *list;
    ngx_sent_conv_conversation_t  *taken;

    list = &ctx->list;

    ngx_sent_conv_store_record_lapse(conv, ctx->now);

    open = ngx_sent_conv_store_list_open(list, conv, ctx->now);

    if (!open) {
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

    taken = ngx_array_push(&ctx->result.conversations);
    if (taken == NULL) {
        return NGX_ERROR;
    }

    *taken = *conv;

    return NGX_OK;
}


static ngx_uint_t
ngx_sent_conv_store_list_open(ngx_sent_conv_list_t *list,
    ngx_sent_conv_conversation_t *conv, int64_t now)
{
    uint64_t  last;

    switch (list->status) {

    case NGX_SENT_CONV_LIST_OPEN:
        return conv->close_reason.len == 0;

    case NGX_SENT_CONV_LIST_ACTIVE:
        last = ngx_max(conv->last_inbound_at, conv->last_outbound_at);

        return conv->close_reason.len == 0
               && (int64_t) last + NGX_SENT_CONV_STORE_ACTIVE >= now;

    case NGX_SENT_CONV_LIST_CLOSED:
        return conv->close_reason.len != 0;

    default:
        return 1;
    }
}


void
ngx_sent_conv_store_list_finish(ngx_sent_conv_store_op_t *op)
{
    ngx_uint_t                     i, n;
    ngx_sent_conv_store_list_t    *ctx;
    ngx_sent_conv_conversation_t  *conv, swap;

    ctx = op->ctx;
    n = ctx->result.conversations.nelts;

    if (n > ctx->list.limit) {
        n = ctx->list.limit;
        ctx->result.conversations.nelts = n;
        ctx->result.more = 1;
    }

    conv = ctx->result.conversations.elts;

    if (ctx->list.before) {
        for (i = 0; i < n / 2; i++) {
            swap = conv[i];
            conv[i] = conv[n - 1 - i];
            conv[n - 1 - i] = swap;
        }
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &ctx->result);
}
