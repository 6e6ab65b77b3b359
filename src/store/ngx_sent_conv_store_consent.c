
/*
 * Consent without a message: by the business or by a carrier; and its
 * history.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    u_char       thread[NGX_SENT_CONV_UUID_LEN];
    ngx_array_t  rows;                       /* ngx_sent_conv_consent_t */

    unsigned     known:1;
} ngx_sent_conv_store_consent_t;


static void ngx_sent_conv_store_signal_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_signal_told(void *data,
    ngx_sent_conv_err_e err, void *result);
static ngx_int_t ngx_sent_conv_store_consent_read(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_consent_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_consent_done(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_consent_row(ngx_pool_t *pool,
    ngx_str_t *text, ngx_sent_conv_consent_t *row);


/* contact: the id of the contact; the partition is set here */

ngx_int_t
ngx_sent_conv_store_consent_send(ngx_sent_conv_store_op_t *op,
    u_char *contact, ngx_sent_conv_store_change_of_t *change,
    ngx_sent_conv_redis_pt handler)
{
    u_char                       thread[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t                    none;
    ngx_sent_conv_store_call_t   call;

    ngx_str_set(&none, "-");

    ngx_sent_conv_thread_id(thread, &op->customer->id, contact);

    op->partition = ngx_sent_conv_partition(thread,
                                            op->store->conf->redis.partitions);

    if (ngx_sent_conv_store_call_pair(&call, op, thread, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_key(&call, "ct", &op->customer->id);
    ngx_sent_conv_store_call_id_key(&call, "h", thread);

    if (ngx_sent_conv_store_call_head(&call,
                                      ngx_sent_conv_store_lease(op->store))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_str(&call, change->also ? &none
                                                     : &change->contact);
    ngx_sent_conv_store_call_id(&call, contact);
    ngx_sent_conv_store_call_bytes(&call, (u_char *) change->change,
                                   ngx_strlen(change->change));
    ngx_sent_conv_store_call_bytes(&call, (u_char *) change->source,
                                   ngx_strlen(change->source));

    if (change->at > 0) {
        ngx_sent_conv_store_call_number(&call, change->at);

    } else {
        ngx_sent_conv_store_call_text(&call, "");
    }

    ngx_sent_conv_store_call_str(&call,
                      change->channel == NGX_SENT_CONV_CHANNELS ? &none
                      : &ngx_sent_conv_channel_names[change->channel]);
    ngx_sent_conv_store_call_str(&call, change->key.len ? &change->key
                                                        : &none);

    if (change->preferred == NGX_SENT_CONV_CHANNELS) {
        ngx_sent_conv_store_call_text(&call, "");

    } else {
        ngx_sent_conv_store_call_str(&call,
                           &ngx_sent_conv_channel_names[change->preferred]);
    }

    ngx_sent_conv_store_call_number(&call, change->sandbox);

    return ngx_sent_conv_store_call_send_pair(&call, NGX_SENT_CONV_S_CONSENT,
                                              handler);
}


ngx_int_t
ngx_sent_conv_store_signal(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *contact,
    ngx_sent_conv_channel_e channel, ngx_sent_conv_keyword_e keyword,
    int64_t at, ngx_str_t *trace, ngx_sent_conv_store_pt handler, void *data)
{
    u_char                            id[NGX_SENT_CONV_UUID_LEN];
    ngx_int_t                         rc;
    ngx_sent_conv_store_op_t         *op;
    ngx_sent_conv_store_change_of_t  *change;

    op = ngx_sent_conv_store_op_create(store, customer, handler, data,
                                     sizeof(ngx_sent_conv_store_change_of_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    change = op->ctx;

    change->change = (keyword == NGX_SENT_CONV_KW_STOP) ? "OPT_OUT"
                                                        : "OPT_IN";
    change->source = "carrier";
    change->contact = *contact;
    change->channel = channel;
    change->preferred = NGX_SENT_CONV_CHANNELS;
    change->at = at;

    ngx_sent_conv_contact_id(id, &customer->id, contact);

    rc = ngx_sent_conv_store_op_trace(op, trace);

    change->trace = op->trace;

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_consent_send(op, id, change,
                                             ngx_sent_conv_store_signal_done);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_signal_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_int_t  rc;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    ngx_sent_conv_store_leased(op, reply);

    rc = ngx_sent_conv_store_consent_also(op, reply, op->ctx,
                                          ngx_sent_conv_store_signal_told);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_finish(op, rc == NGX_DONE
                                          ? NGX_SENT_CONV_OK
                                          : NGX_SENT_CONV_UNKNOWN, NULL);
    }
}


static void
ngx_sent_conv_store_signal_told(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_sent_conv_store_op_finish(data, err, NULL);
}


/* as the script has answered the change; NGX_DONE: to nobody else */

ngx_int_t
ngx_sent_conv_store_consent_also(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply, ngx_sent_conv_store_change_of_t *change,
    ngx_sent_conv_store_pt handler)
{
    ngx_str_t  others, number;

    if (change->sandbox || change->change[0] == '\0') {
        return NGX_DONE;
    }

    if (change->at == 0) {
        change->at = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply,
                                                                    1));
    }

    others = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 2));
    number = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 3));

    return ngx_sent_conv_store_also(op->store, op->customer, &others,
                                    number.len ? &number : NULL, change,
                                    handler, op);
}


ngx_int_t
ngx_sent_conv_store_consent(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *contact,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                      rc;
    ngx_sent_conv_store_op_t      *op;
    ngx_sent_conv_store_consent_t  *ctx;

    op = ngx_sent_conv_store_op_create(store, customer, handler, data,
                                       sizeof(ngx_sent_conv_store_consent_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    ctx = op->ctx;

    ngx_sent_conv_thread_id(ctx->thread, &customer->id, contact->data);

    op->partition = ngx_sent_conv_partition(ctx->thread,
                                            store->conf->redis.partitions);

    rc = ngx_sent_conv_store_consent_read(op);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_consent_read(ngx_sent_conv_store_op_t *op)
{
    u_char                          buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                       tag, thread, argv[4];
    ngx_sent_conv_store_consent_t  *ctx;

    ctx = op->ctx;

    thread.len = NGX_SENT_CONV_UUID_LEN;
    thread.data = ctx->thread;

    if (ngx_sent_conv_store_batch_init(op, 2,
                                       ngx_sent_conv_store_consent_each,
                                       ngx_sent_conv_store_consent_done)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "EXISTS");
    ngx_sent_conv_store_key_part(op, op->partition, "t", &thread, &argv[1]);
    ngx_sent_conv_store_batch_add(op, &tag, 2, argv);

    ngx_str_set(&argv[0], "LRANGE");
    ngx_sent_conv_store_key_part(op, op->partition, "h", &thread, &argv[1]);
    ngx_str_set(&argv[2], "0");
    ngx_str_set(&argv[3], "-1");
    ngx_sent_conv_store_batch_add(op, &tag, 4, argv);

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_consent_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    ngx_str_t                       text;
    ngx_uint_t                      i, n;
    ngx_sent_conv_consent_t        *row;
    ngx_sent_conv_store_consent_t  *ctx;

    ctx = op->ctx;

    if (index == 0) {
        ctx->known = ngx_sent_conv_reply_int(reply) != 0;
        return;
    }

    n = ngx_sent_conv_reply_n(reply);

    if (ngx_array_init(&ctx->rows, op->pool, n + 1,
                       sizeof(ngx_sent_conv_consent_t))
        != NGX_OK)
    {
        op->err = NGX_SENT_CONV_UNSENT;
        return;
    }

    for (i = 0; i < n; i++) {
        text = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));
        row = ngx_array_push(&ctx->rows);

        if (ngx_sent_conv_store_consent_row(op->pool, &text, row) != NGX_OK) {
            op->err = NGX_SENT_CONV_UNSENT;
            return;
        }
    }
}


static void
ngx_sent_conv_store_consent_done(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_consent_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK,
                                  ctx->known ? &ctx->rows : NULL);
}


/* "<at> <OPT_OUT|OPT_IN> <source> <channel|-> <message|-> <key|->" */

static ngx_int_t
ngx_sent_conv_store_consent_row(ngx_pool_t *pool, ngx_str_t *text,
    ngx_sent_conv_consent_t *row)
{
    ngx_str_t   copy, word[6];
    ngx_uint_t  i;

    if (ngx_sent_conv_store_copy(pool, text, &copy) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < 6; i++) {
        word[i] = ngx_sent_conv_store_word(&copy, ' ');

        if (word[i].len == 1 && word[i].data[0] == '-') {
            ngx_str_null(&word[i]);
        }
    }

    ngx_memzero(row, sizeof(ngx_sent_conv_consent_t));

    row->at = (uint64_t) ngx_sent_conv_store_integer(&word[0]);
    row->out = (word[1].len == sizeof("OPT_OUT") - 1);
    row->source = word[2];
    row->channel = word[3];
    row->message_id = word[4];
    row->key_id = word[5];

    return NGX_OK;
}
