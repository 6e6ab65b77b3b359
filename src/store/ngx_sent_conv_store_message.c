
/*
 * What carriers report of messages.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    u_char                       thread[NGX_SENT_CONV_UUID_LEN];
    u_char                       message[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t                    status;
    ngx_str_t                    number;
    ngx_str_t                    error;      /* as JSON */
} ngx_sent_conv_store_report_t;


static ngx_int_t ngx_sent_conv_store_report_prepare(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_report_t *report);
static ngx_int_t ngx_sent_conv_store_report_foreign(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_report_t *report);
static void ngx_sent_conv_store_report_found(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_report_kept(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_report_end(ngx_sent_conv_store_op_t *op,
    ngx_int_t rc);
static void ngx_sent_conv_store_report_status(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_report_begin(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_report_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


ngx_int_t
ngx_sent_conv_store_report(ngx_sent_conv_store_t *store,
    ngx_sent_conv_report_t *report, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, report->customer, handler, data,
                                       sizeof(ngx_sent_conv_store_report_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_report_prepare(op, report);

    if (rc == NGX_OK) {
        rc = report->message_id.len
             ? ngx_sent_conv_store_index(op, &report->message_id,
                                              ngx_sent_conv_store_report_found)
             : ngx_sent_conv_store_report_foreign(op, report);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_report_prepare(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_report_t *report)
{
    u_char                         contact[NGX_SENT_CONV_UUID_LEN];
    u_char                        *id;
    ngx_sent_conv_store_report_t  *ctx;

    ctx = op->ctx;

    if (report->message_id.len == NGX_SENT_CONV_UUID_LEN) {
        ngx_memcpy(ctx->message, report->message_id.data,
                   NGX_SENT_CONV_UUID_LEN);
        id = ctx->message;

    } else if (report->message_id.len == 0) {
        ngx_sent_conv_contact_id(contact, &report->customer->id,
                                 &report->contact);
        ngx_sent_conv_thread_id(ctx->thread, &report->customer->id, contact);
        id = ctx->thread;

    } else {
        return NGX_ERROR;
    }

    op->partition = ngx_sent_conv_partition(id,
                                            op->store->conf->redis.partitions);

    if (ngx_sent_conv_store_op_trace(op, &report->trace) != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, &report->status, &ctx->status)
           != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, &report->number, &ctx->number)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_error_json(op->pool, &report->error_code,
                                          &report->error_title, &ctx->error);
}


static ngx_int_t
ngx_sent_conv_store_report_foreign(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_report_t *report)
{
    u_char                        *p, buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                      tag, rest, argv[4];
    ngx_sent_conv_store_report_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_carrier_id(op->pool, report->channel,
                                       &report->carrier_id, &rest)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_tag(op->partition, buf, &tag);
    ngx_sent_conv_store_key_part(op, op->partition, "cid", &rest, &argv[0]);

    ngx_str_set(&argv[1], "");

    p = ngx_pnalloc(op->pool, ctx->status.len + NGX_INT64_LEN
                              + ctx->error.len + 2);

    ngx_sent_conv_store_number(op->pool, (int64_t) NGX_SENT_CONV_ONCE,
                               &argv[3]);

    if (p == NULL || argv[0].data == NULL || argv[3].data == NULL) {
        return NGX_ERROR;
    }

    argv[2].data = p;
    argv[2].len = ngx_sprintf(p, "%V %uL %V", &ctx->status,
                              ngx_sent_conv_store_now(), &ctx->error)
                  - p;

    return ngx_sent_conv_redis_script(op->store->redis, &tag,
                                      NGX_SENT_CONV_S_REPORT, 1, 4, argv,
                                      ngx_sent_conv_store_report_kept, op);
}


static void
ngx_sent_conv_store_report_found(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t                      value;
    ngx_sent_conv_store_report_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    /* "<thread> <position>"; a conversation's has no position */

    value = ngx_sent_conv_reply_str(reply);

    if (value.len < NGX_SENT_CONV_UUID_LEN + 2) {
        ngx_sent_conv_store_report_end(op, NGX_DECLINED);
        return;
    }

    ctx = op->ctx;
    ngx_memcpy(ctx->thread, value.data, NGX_SENT_CONV_UUID_LEN);

    ngx_sent_conv_store_report_status(op);
}


static void
ngx_sent_conv_store_report_kept(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t                      id;
    ngx_sent_conv_store_report_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    if (ngx_sent_conv_reply_is(ngx_sent_conv_reply_at(reply, 0), "KEPT")) {
        ngx_sent_conv_store_report_end(op, NGX_OK);
        return;
    }

    id = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 1));

    if (id.len != NGX_SENT_CONV_UUID_LEN) {
        ngx_sent_conv_store_op_broken(op, "report");
        return;
    }

    ctx = op->ctx;
    ngx_memcpy(ctx->message, id.data, NGX_SENT_CONV_UUID_LEN);

    ngx_sent_conv_store_report_status(op);
}


static void
ngx_sent_conv_store_report_end(ngx_sent_conv_store_op_t *op, ngx_int_t rc)
{
    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &rc);
}


static void
ngx_sent_conv_store_report_status(ngx_sent_conv_store_op_t *op)
{
    if (ngx_sent_conv_store_report_begin(op) != NGX_OK) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNSENT, NULL);
    }
}


static ngx_int_t
ngx_sent_conv_store_report_begin(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_call_t     call;
    ngx_sent_conv_store_report_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_call_pair(&call, op, ctx->thread, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_index_key(&call, ctx->message);

    if (ngx_sent_conv_store_call_head(&call,
                                      ngx_sent_conv_store_lease(op->store))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_id(&call, ctx->message);
    ngx_sent_conv_store_call_str(&call, &ctx->status);
    ngx_sent_conv_store_call_str(&call, &ctx->error);
    ngx_sent_conv_store_call_str(&call, &ctx->number);

    return ngx_sent_conv_store_call_send_pair(&call, NGX_SENT_CONV_S_STATUS,
                                              ngx_sent_conv_store_report_done);
}


static void
ngx_sent_conv_store_report_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    if (ngx_sent_conv_reply_is(ngx_sent_conv_reply_at(reply, 0), "NONE")) {
        ngx_sent_conv_store_report_end(op, NGX_DECLINED);
        return;
    }

    /* the carrier had it, though we were not told: what is behind it may go */

    if (ngx_sent_conv_reply_is(ngx_sent_conv_reply_at(reply, 2), "1")) {
        ngx_sent_conv_store_wake(op->store, op->partition, 0);
    }

    ngx_sent_conv_store_leased(op, reply);

    ngx_sent_conv_store_report_end(op, NGX_OK);
}


ngx_int_t
ngx_sent_conv_store_carrier_id(ngx_pool_t *pool,
    ngx_sent_conv_channel_e channel, ngx_str_t *carrier_id, ngx_str_t *rest)
{
    return ngx_sent_conv_store_foreign(pool,
                                       &ngx_sent_conv_channel_names[channel],
                                       carrier_id, rest);
}


ngx_int_t
ngx_sent_conv_store_foreign(ngx_pool_t *pool, ngx_str_t *space, ngx_str_t *id,
    ngx_str_t *rest)
{
    u_char      *p;
    ngx_uint_t   digest;

    digest = id->len > NGX_SENT_CONV_STORE_FOREIGN;

    p = ngx_pnalloc(pool, space->len + 1 + (digest ? 64 : id->len));
    if (p == NULL) {
        return NGX_ERROR;
    }

    rest->data = p;

    p = ngx_cpymem(p, space->data, space->len);
    *p++ = ':';

    if (digest) {
        ngx_sent_conv_sha256_hex(p, id);
        p += 64;

    } else {
        p = ngx_cpymem(p, id->data, id->len);
    }

    rest->len = p - rest->data;

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_error_json(ngx_pool_t *pool, ngx_str_t *code,
    ngx_str_t *title, ngx_str_t *json)
{
    ngx_sent_conv_jw_t  w;

    if (code->len == 0 && title->len == 0) {
        ngx_str_set(json, "null");
        return NGX_OK;
    }

    ngx_sent_conv_jw_init(&w, pool, 128);
    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_str(&w, "code", code);
    ngx_sent_conv_jw_str(&w, "title", title);
    ngx_sent_conv_jw_close(&w, '}');

    return ngx_sent_conv_jw_done(&w, json);
}
