
/*
 * One text or template to many: a row is one message to one contact on one
 * channel, accepted or refused by itself.
 */


#include "ngx_sent_conv_store_private.h"


/* rows under way at once, so that other callers have their turn */
#define NGX_SENT_CONV_STORE_ROWS   64

/* ms that a template may wait for its carrier; api.md */
#define NGX_SENT_CONV_STORE_WAITS  86400000

/* a window that opens and ends while we look */
#define NGX_SENT_CONV_STORE_TURNS  4


typedef struct {
    ngx_sent_conv_broadcast_t          broadcast;
    ngx_str_t                          text[NGX_SENT_CONV_CHANNELS];
    ngx_str_t                          kind;
    ngx_str_t                          word[NGX_SENT_CONV_CHANNELS];
    ngx_uint_t                         next;
    ngx_uint_t                         running;

    unsigned                           filling:1;
} ngx_sent_conv_store_broadcast_t;


typedef struct {
    ngx_sent_conv_store_op_t          *op;       /* of the whole */
    ngx_sent_conv_row_t               *row;
    ngx_str_t                          number;   /* ours */
    ngx_uint_t                         turns;
    u_char                             contact[NGX_SENT_CONV_UUID_LEN];
    u_char                             thread[NGX_SENT_CONV_UUID_LEN];
} ngx_sent_conv_store_row_t;


static ngx_int_t ngx_sent_conv_store_broadcast_content(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_broadcast_fill(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_row_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_row_t *row);
static ngx_sent_conv_store_op_t *ngx_sent_conv_store_row_create(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_row_t *row);
static ngx_int_t ngx_sent_conv_store_row_look(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_row_seen(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_row_choose(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_row_number(ngx_sent_conv_store_op_t *op,
    ngx_str_t *used);
static void ngx_sent_conv_store_row_go(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_row_put(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_row_kept(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_row_send(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_row_sent(void *data, ngx_sent_conv_err_e err,
    void *result);
static void ngx_sent_conv_store_row_failed(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_err_e err);
static void ngx_sent_conv_store_row_end(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_row_e what);


ngx_int_t
ngx_sent_conv_store_broadcast(ngx_sent_conv_store_t *store,
    ngx_sent_conv_broadcast_t *broadcast, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_uint_t                        i;
    ngx_sent_conv_store_op_t         *op;
    ngx_sent_conv_store_broadcast_t  *ctx;

    if (!ngx_sent_conv_redis_usable(store->redis, NULL)) {
        return NGX_DECLINED;
    }

    op = ngx_sent_conv_store_op_create(store, broadcast->customer, handler,
                                       data,
                                     sizeof(ngx_sent_conv_store_broadcast_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    ctx = op->ctx;
    ctx->broadcast = *broadcast;

    for (i = 0; i < broadcast->n; i++) {
        broadcast->rows[i].what = NGX_SENT_CONV_ROW_UNSENT;
        broadcast->rows[i].channel = broadcast->rows[i].asked;
    }

    if (ngx_sent_conv_store_copy(op->pool, &broadcast->seed,
                                 &ctx->broadcast.seed)
        != NGX_OK
        || ngx_sent_conv_store_op_trace(op, &broadcast->trace) != NGX_OK
        || ngx_sent_conv_store_broadcast_content(op) != NGX_OK)
    {
        ngx_sent_conv_store_op_destroy(op);
        return NGX_ERROR;
    }

    ngx_sent_conv_store_broadcast_fill(op);

    if (ctx->running == 0) {
        ngx_sent_conv_store_op_destroy(op);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* texts and words as the scripts take them, by channel */

static ngx_int_t
ngx_sent_conv_store_broadcast_content(ngx_sent_conv_store_op_t *op)
{
    u_char                           *p;
    ngx_str_t                         coded, *agent;
    ngx_uint_t                        i;
    ngx_sent_conv_content_t          *content;
    ngx_sent_conv_template_t         *template;
    ngx_sent_conv_store_broadcast_t  *ctx;

    ctx = op->ctx;
    agent = &ctx->broadcast.agent;
    template = ctx->broadcast.template;

    ngx_str_set(&ctx->kind, "text");

    if (template != NULL) {
        p = ngx_pnalloc(op->pool, sizeof("template///") + template->id.len
                                  + template->name.len + agent->len);
        if (p == NULL) {
            return NGX_ERROR;
        }

        ctx->kind.data = p;
        ctx->kind.len = ngx_sprintf(p, "template/%V/%V%s%V", &template->id,
                                    &template->name, agent->len ? "/" : "",
                                    agent)
                        - p;
    }

    for (i = 0; i < NGX_SENT_CONV_CHANNELS; i++) {
        content = &ctx->broadcast.content[i];

        if (content->text.data == NULL) {
            ngx_str_set(&ctx->text[i], "null");

        } else if (ngx_sent_conv_json_quote(op->pool, &content->text,
                                            &ctx->text[i])
                   != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (template == NULL || !content->serves) {
            continue;
        }

        p = ngx_pnalloc(op->pool, sizeof("T////") + template->id.len
                                  + template->name.len + agent->len
                                  + ngx_base64_encoded_length(
                                                       content->payload.len));
        if (p == NULL) {
            return NGX_ERROR;
        }

        ctx->word[i].data = p;
        coded.data = ngx_sprintf(p, "T/%V/%V/", &template->id,
                                 &template->name);
        ngx_encode_base64url(&coded, &content->payload);
        ctx->word[i].len = ngx_sprintf(coded.data + coded.len, "%s%V",
                                       agent->len ? "/" : "", agent)
                           - p;
    }

    return NGX_OK;
}


/* a row that cannot begin has failed; the last to end ends the whole */

static void
ngx_sent_conv_store_broadcast_fill(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_broadcast_t  *ctx;

    ctx = op->ctx;

    if (ctx->filling) {
        return;
    }

    ctx->filling = 1;

    while (ctx->next < ctx->broadcast.n
           && ctx->running < NGX_SENT_CONV_STORE_ROWS)
    {
        if (ngx_sent_conv_store_row_begin(op,
                                        &ctx->broadcast.rows[ctx->next])
            == NGX_OK)
        {
            ctx->running++;
        }

        ctx->next++;
    }

    ctx->filling = 0;
}


static ngx_int_t
ngx_sent_conv_store_row_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_row_t *row)
{
    ngx_sent_conv_store_op_t  *sub;

    sub = ngx_sent_conv_store_row_create(op, row);
    if (sub == NULL) {
        return NGX_ERROR;
    }

    if (ngx_sent_conv_store_row_look(sub) != NGX_OK) {
        ngx_sent_conv_store_op_destroy(sub);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_sent_conv_store_op_t *
ngx_sent_conv_store_row_create(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_row_t *row)
{
    u_char                           *p;
    u_char                            buf[64];
    ngx_str_t                         name;
    ngx_sent_conv_store_op_t         *sub;
    ngx_sent_conv_store_row_t        *ctx;
    ngx_sent_conv_store_broadcast_t  *all;

    all = op->ctx;

    sub = ngx_sent_conv_store_op_create(op->store, op->customer, NULL, NULL,
                                        sizeof(ngx_sent_conv_store_row_t));
    if (sub == NULL) {
        return NULL;
    }

    sub->trace = op->trace;

    ctx = sub->ctx;
    ctx->op = op;
    ctx->row = row;

    ngx_sent_conv_contact_id(ctx->contact, &op->customer->id, &row->to);
    ngx_sent_conv_thread_id(ctx->thread, &op->customer->id, ctx->contact);

    sub->partition = ngx_sent_conv_partition(ctx->thread,
                                            op->store->conf->redis.partitions);

    if (all->broadcast.seed.len) {
        p = ngx_snprintf(buf, sizeof(buf), "%V:%V", &row->to,
                         row->asked == NGX_SENT_CONV_CHANNELS ? &row->to
                         : &ngx_sent_conv_channel_names[row->asked]);
        name.data = buf;
        name.len = p - buf;

        ngx_sent_conv_uuid7_derive(row->message_id, &all->broadcast.seed,
                                   &name, ctx->thread);

    } else if (ngx_sent_conv_store_uuid(row->message_id, ctx->thread)
               != NGX_OK)
    {
        ngx_sent_conv_store_op_destroy(sub);
        return NULL;
    }

    return sub;
}


/* to who was never written to: the channel is given */

ngx_int_t
ngx_sent_conv_store_broadcast_play(ngx_sent_conv_store_t *store,
    ngx_sent_conv_broadcast_t *broadcast)
{
    ngx_int_t                         rc;
    ngx_str_t                         used;
    ngx_sent_conv_store_op_t         *op, *sub;
    ngx_sent_conv_store_row_t        *ctx;
    ngx_sent_conv_store_broadcast_t  *all;

    op = ngx_sent_conv_store_op_create(store, broadcast->customer, NULL, NULL,
                                     sizeof(ngx_sent_conv_store_broadcast_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    all = op->ctx;
    all->broadcast = *broadcast;

    sub = ngx_sent_conv_store_row_create(op, broadcast->rows);
    rc = NGX_ERROR;

    if (sub != NULL) {
        ctx = sub->ctx;
        ctx->row->channel = ctx->row->asked;
        ngx_str_null(&used);

        if (ngx_sent_conv_store_broadcast_content(op) == NGX_OK
            && ngx_sent_conv_store_row_number(sub, &used) == NGX_OK)
        {
            rc = ngx_sent_conv_store_row_put(sub);
        }

        ngx_sent_conv_store_op_destroy(sub);
    }

    ngx_sent_conv_store_op_destroy(op);

    return rc;
}


/* where the contact wrote last, and to which of our numbers */

static ngx_int_t
ngx_sent_conv_store_row_look(ngx_sent_conv_store_op_t *op)
{
    u_char                      buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                   tag, thread, argv[6];
    ngx_sent_conv_store_row_t  *ctx;

    ctx = op->ctx;

    thread.len = NGX_SENT_CONV_UUID_LEN;
    thread.data = ctx->thread;

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "HMGET");
    ngx_sent_conv_store_key_part(op, op->partition, "t", &thread, &argv[1]);
    ngx_str_set(&argv[2], "ch");
    ngx_str_set(&argv[3], "n:whatsapp");
    ngx_str_set(&argv[4], "n:sms");
    ngx_str_set(&argv[5], "n:rcs");

    if (argv[1].data == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_redis_command(op->store->redis, &tag, 6, argv,
                                       ngx_sent_conv_store_row_seen, op);
}


static void
ngx_sent_conv_store_row_seen(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_int_t  rc;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_row_failed(op, NGX_SENT_CONV_UNSENT);
        return;
    }

    rc = ngx_sent_conv_store_row_choose(op, reply);

    if (rc == NGX_ERROR) {
        ngx_sent_conv_store_row_failed(op, NGX_SENT_CONV_UNSENT);
        return;
    }

    if (rc == NGX_DECLINED) {
        ngx_sent_conv_store_row_end(op, NGX_SENT_CONV_ROW_NO_CHANNEL);
        return;
    }

    ngx_sent_conv_store_row_go(op);
}


/* NGX_DECLINED: there is none that serves */

static ngx_int_t
ngx_sent_conv_store_row_choose(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply)
{
    ngx_str_t                         used, last;
    ngx_uint_t                        i;
    ngx_sent_conv_row_t              *row;
    ngx_sent_conv_number_t           *number;
    ngx_sent_conv_store_row_t        *ctx;
    ngx_sent_conv_store_broadcast_t  *all;

    ctx = op->ctx;
    row = ctx->row;
    all = ctx->op->ctx;

    last = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 0));
    row->channel = row->asked;

    if (row->asked == NGX_SENT_CONV_CHANNELS) {
        row->channel = ngx_sent_conv_channel_parse(&last);

        if (row->channel != NGX_SENT_CONV_CHANNELS
            && all->broadcast.content[row->channel].serves)
        {
            used = ngx_sent_conv_reply_str(
                           ngx_sent_conv_reply_at(reply, 1 + row->channel));

            if (ngx_sent_conv_store_row_number(op, &used) == NGX_OK) {
                return NGX_OK;
            }
        }

        number = op->customer->numbers.elts;
        row->channel = NGX_SENT_CONV_CHANNELS;

        for (i = 0; i < op->customer->numbers.nelts; i++) {
            if (all->broadcast.content[number[i].channel].serves) {
                row->channel = number[i].channel;
                break;
            }
        }
    }

    if (row->channel == NGX_SENT_CONV_CHANNELS
        || !all->broadcast.content[row->channel].serves)
    {
        return NGX_DECLINED;
    }

    used = ngx_sent_conv_reply_str(
                           ngx_sent_conv_reply_at(reply, 1 + row->channel));

    return ngx_sent_conv_store_row_number(op, &used);
}


/* that which was used, if it is still the customer's, else the first */

static ngx_int_t
ngx_sent_conv_store_row_number(ngx_sent_conv_store_op_t *op, ngx_str_t *used)
{
    ngx_uint_t                  i;
    ngx_sent_conv_number_t     *number;
    ngx_sent_conv_store_row_t  *ctx;

    ctx = op->ctx;

    if (used->len
        && ngx_sent_conv_customer_number(op->customer, ctx->row->channel,
                                         used)
           != NULL)
    {
        return ngx_sent_conv_store_copy(op->pool, used, &ctx->number);
    }

    number = op->customer->numbers.elts;

    for (i = 0; i < op->customer->numbers.nelts; i++) {
        if (number[i].channel == ctx->row->channel) {
            ctx->number = number[i].e164;
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


static void
ngx_sent_conv_store_row_go(ngx_sent_conv_store_op_t *op)
{
    ngx_int_t                         rc;
    ngx_sent_conv_store_row_t        *ctx;
    ngx_sent_conv_store_broadcast_t  *all;

    ctx = op->ctx;
    all = ctx->op->ctx;

    /* freeform goes into the window where there is one */

    if (all->broadcast.template == NULL && ctx->turns % 2 == 0) {
        rc = ngx_sent_conv_store_row_send(op);

    } else {
        rc = ngx_sent_conv_store_row_put(op);
    }

    ctx->turns++;

    if (rc != NGX_OK) {
        ngx_sent_conv_store_row_failed(op, NGX_SENT_CONV_UNSENT);
    }
}


static ngx_int_t
ngx_sent_conv_store_row_put(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_row_t              *row;
    ngx_sent_conv_store_row_t        *ctx;
    ngx_sent_conv_store_call_t        call;
    ngx_sent_conv_store_broadcast_t  *all;

    ctx = op->ctx;
    row = ctx->row;
    all = ctx->op->ctx;

    if (ngx_sent_conv_store_call_pair(&call, op, ctx->thread, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_index_key(&call, row->message_id);
    ngx_sent_conv_store_call_key(&call, "ct", &op->customer->id);

    if (ngx_sent_conv_store_call_head(&call,
                                      ngx_sent_conv_store_lease(op->store))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_str(&call, &row->to);
    ngx_sent_conv_store_call_id(&call, ctx->contact);
    ngx_sent_conv_store_call_str(&call, &ctx->number);
    ngx_sent_conv_store_call_str(&call,
                                &ngx_sent_conv_channel_names[row->channel]);
    ngx_sent_conv_store_call_id(&call, row->message_id);
    ngx_sent_conv_store_call_str(&call, &all->text[row->channel]);
    ngx_sent_conv_store_call_str(&call, &all->kind);
    ngx_sent_conv_store_call_str(&call, &all->word[row->channel]);
    ngx_sent_conv_store_call_number(&call, all->broadcast.sandbox);
    ngx_sent_conv_store_call_number(&call, all->broadcast.seed.len ? 1 : 0);
    ngx_sent_conv_store_call_number(&call, NGX_SENT_CONV_STORE_WAITS);

    return ngx_sent_conv_store_call_send_pair(&call, NGX_SENT_CONV_S_MESSAGE,
                                              ngx_sent_conv_store_row_kept);
}


static void
ngx_sent_conv_store_row_kept(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t                   channel;
    ngx_sent_conv_store_row_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_row_failed(op, err);
        return;
    }

    ctx = op->ctx;

    if (ngx_sent_conv_reply_is(ngx_sent_conv_reply_at(reply, 0), "OPEN")) {

        if (ctx->turns >= NGX_SENT_CONV_STORE_TURNS) {
            ngx_sent_conv_store_row_failed(op, NGX_SENT_CONV_UNSENT);
            return;
        }

        ngx_sent_conv_store_row_go(op);
        return;
    }

    channel = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 3));
    ctx->row->channel = ngx_sent_conv_channel_parse(&channel);

    ngx_sent_conv_store_leased(op, reply);

    ngx_sent_conv_store_row_end(op, NGX_SENT_CONV_ROW_OK);
}


static ngx_int_t
ngx_sent_conv_store_row_send(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_send_t              send;
    ngx_sent_conv_store_row_t        *ctx;
    ngx_sent_conv_store_broadcast_t  *all;

    ctx = op->ctx;
    all = ctx->op->ctx;

    ngx_memzero(&send, sizeof(ngx_sent_conv_send_t));

    send.customer = op->customer;
    send.trace = op->trace;
    send.to = ctx->row->to;
    send.text = all->broadcast.content[ctx->row->channel].text;
    send.length = all->broadcast.content[ctx->row->channel].length;
    send.channel = ctx->row->asked;
    send.message_id.len = NGX_SENT_CONV_UUID_LEN;
    send.message_id.data = ctx->row->message_id;
    send.again = all->broadcast.seed.len ? 1 : 0;
    send.sandbox = all->broadcast.sandbox;

    return ngx_sent_conv_store_send(op->store, &send,
                                    ngx_sent_conv_store_row_sent, op);
}


static void
ngx_sent_conv_store_row_sent(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_sent_conv_store_op_t *op = data;
    ngx_sent_conv_send_result_t *sent = result;

    ngx_sent_conv_store_row_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_row_failed(op, err);
        return;
    }

    ctx = op->ctx;

    switch (sent->what) {

    case NGX_SENT_CONV_SEND_OK:
        ctx->row->channel = ngx_sent_conv_channel_parse(&sent->channel);
        ngx_sent_conv_store_row_end(op, NGX_SENT_CONV_ROW_OK);
        return;

    case NGX_SENT_CONV_SEND_NO_CHANNEL:
        ngx_sent_conv_store_row_end(op, NGX_SENT_CONV_ROW_NO_CHANNEL);
        return;

    case NGX_SENT_CONV_SEND_TOO_LONG:
        ctx->row->channel = ngx_sent_conv_channel_parse(&sent->channel);
        ngx_sent_conv_store_row_end(op, NGX_SENT_CONV_ROW_TOO_LONG);
        return;

    default: /* NGX_SENT_CONV_SEND_NO_WINDOW, NGX_SENT_CONV_SEND_OPTED_OUT */
        ngx_sent_conv_store_row_go(op);
    }
}


static void
ngx_sent_conv_store_row_failed(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_err_e err)
{
    ngx_sent_conv_store_row_end(op, (err == NGX_SENT_CONV_UNSENT)
                                    ? NGX_SENT_CONV_ROW_UNSENT
                                    : NGX_SENT_CONV_ROW_UNKNOWN);
}


static void
ngx_sent_conv_store_row_end(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_row_e what)
{
    ngx_sent_conv_store_op_t         *whole;
    ngx_sent_conv_store_row_t        *ctx;
    ngx_sent_conv_store_broadcast_t  *all;

    ctx = op->ctx;
    whole = ctx->op;
    all = whole->ctx;

    ctx->row->what = what;

    ngx_sent_conv_store_op_destroy(op);

    all->running--;

    ngx_sent_conv_store_broadcast_fill(whole);

    if (all->running == 0) {
        ngx_sent_conv_store_op_finish(whole, NGX_SENT_CONV_OK, NULL);
    }
}
