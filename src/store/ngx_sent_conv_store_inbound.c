
/*
 * An inbound message: what it replies to, the script that opens or continues
 * a window or takes an opt-out, and what follows from its answer.
 */


#include "ngx_sent_conv_store_private.h"
#include "ngx_sent_conv_store_inbound.h"


static ngx_int_t ngx_sent_conv_store_inbound_begin(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_inbound_named(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_uint_t ngx_sent_conv_store_inbound_ours(
    ngx_sent_conv_store_op_t *op, ngx_str_t *id);
static ngx_int_t ngx_sent_conv_store_inbound_run(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_inbound_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_inbound_ask(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_inbound_confirms(void *data,
    ngx_sent_conv_err_e err, void *result);
static ngx_int_t ngx_sent_conv_store_inbound_also(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_inbound_result_t *result,
    int64_t now, ngx_str_t *others);
static void ngx_sent_conv_store_inbound_told(void *data,
    ngx_sent_conv_err_e err, void *result);


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

    rc = ngx_sent_conv_store_inbound_prepare(op, in);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_inbound_begin(op);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


/* which message of ours does it reply to?  The carrier has its own name */

static ngx_int_t
ngx_sent_conv_store_inbound_begin(ngx_sent_conv_store_op_t *op)
{
    u_char                          buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                       tag, rest, argv[2];
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;

    if (ctx->in.reply_to.len == 0
        || ngx_sent_conv_store_inbound_ours(op, &ctx->in.reply_to))
    {
        return ngx_sent_conv_store_inbound_run(op);
    }

    if (ngx_sent_conv_store_carrier_id(op->pool, ctx->in.channel,
                                       &ctx->in.reply_to, &rest)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "GET");
    ngx_sent_conv_store_key_part(op, op->partition, "cid", &rest, &argv[1]);

    if (argv[1].data == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_redis_command(op->store->redis, &tag, 2, argv,
                                       ngx_sent_conv_store_inbound_named, op);
}


static void
ngx_sent_conv_store_inbound_named(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t  id;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    id = ngx_sent_conv_reply_str(reply);
    (void) ngx_sent_conv_store_inbound_ours(op, &id);

    if (ngx_sent_conv_store_inbound_run(op) != NGX_OK) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNSENT, NULL);
    }
}


static ngx_uint_t
ngx_sent_conv_store_inbound_ours(ngx_sent_conv_store_op_t *op, ngx_str_t *id)
{
    u_char                          text[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t                       lower;
    ngx_sent_conv_store_inbound_t  *ctx;

    if (id->len != NGX_SENT_CONV_UUID_LEN) {
        return 0;
    }

    ngx_memcpy(text, id->data, NGX_SENT_CONV_UUID_LEN);
    lower.len = NGX_SENT_CONV_UUID_LEN;
    lower.data = text;

    if (ngx_sent_conv_uuid_check(&lower) != NGX_OK
        || ngx_sent_conv_uuid_version(text) != 7
        || ngx_sent_conv_partition(text, op->store->conf->redis.partitions)
           != op->partition)
    {
        return 0;
    }

    ctx = op->ctx;
    ngx_memcpy(ctx->replied, text, NGX_SENT_CONV_UUID_LEN);
    ctx->replies = 1;

    return 1;
}


static ngx_int_t
ngx_sent_conv_store_inbound_run(ngx_sent_conv_store_op_t *op)
{
    return ngx_sent_conv_store_inbound_call(op,
                                            ngx_sent_conv_store_inbound_done);
}


static void
ngx_sent_conv_store_inbound_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    int64_t                         now, deadline;
    ngx_int_t                       rc, what;
    ngx_str_t                       others;
    ngx_sent_conv_store_inbound_t  *ctx;
    ngx_sent_conv_inbound_result_t  result;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    if (ngx_sent_conv_reply_is(ngx_sent_conv_reply_at(reply, 0), "ASK")) {

        if (ngx_sent_conv_store_inbound_ask(op, reply) != NGX_OK) {
            ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNSENT, NULL);
        }

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

    /* of a duplicate the message may be gone */

    if (what == NGX_ERROR
        || (what != NGX_SENT_CONV_IN_DUPLICATE
            && result.message_id.len != NGX_SENT_CONV_UUID_LEN))
    {
        ngx_sent_conv_store_op_broken(op, "inbound");
        return;
    }

    ctx = op->ctx;

    result.what = (ngx_sent_conv_in_e) what;
    result.stop = (ctx->keyword == NGX_SENT_CONV_KW_STOP);

    if (what == NGX_SENT_CONV_IN_OPENED && deadline > now) {
        ngx_sent_conv_store_wake(op->store, op->partition,
                                 (ngx_msec_t) (deadline - now));
    }

    ngx_sent_conv_store_leased(op, reply);

    others = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 5));

    rc = ngx_sent_conv_store_inbound_also(op, &result, now, &others);

    if (rc == NGX_DONE) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &result);

    } else if (rc != NGX_OK) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNKNOWN, NULL);
    }
}


/*
 * The script has done nothing: it wants the agent for which a template was
 * sent, or the confirmation of the version that holds the conversation.
 */

static ngx_int_t
ngx_sent_conv_store_inbound_ask(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply)
{
    ngx_str_t                       id, version;
    ngx_sent_conv_agent_t          *agent;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;

    id = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 2));
    version = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 3));

    if (ctx->asked.len
        || ngx_sent_conv_store_copy(op->pool, &id, &ctx->asked) != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, &version, &version) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (version.len) {
        return ngx_sent_conv_store_agent_text(op->store, op->customer,
                                              &ctx->asked, &version, "ending",
                                              "confirmation",
                                         ngx_sent_conv_store_inbound_confirms,
                                              op);
    }

    /* one that is switched off takes nothing: as if there were none */

    agent = ngx_sent_conv_customer_agent(op->customer, &ctx->asked);

    if (agent != NULL && ngx_sent_conv_agent_live(agent)) {
        ctx->answers = agent;
    }

    return ngx_sent_conv_store_inbound_run(op);
}


static void
ngx_sent_conv_store_inbound_confirms(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t                      *text;
    ngx_sent_conv_store_inbound_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;
    text = result;

    if ((text->len
         && ngx_sent_conv_json_quote(op->pool, text, &ctx->answer) != NGX_OK)
        || ngx_sent_conv_store_inbound_run(op) != NGX_OK)
    {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNSENT, NULL);
    }
}


/* a carrier that is not answered repeats it: done twice it is done once */

static ngx_int_t
ngx_sent_conv_store_inbound_also(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_inbound_result_t *result, int64_t now, ngx_str_t *others)
{
    ngx_sent_conv_inbound_t          *in;
    ngx_sent_conv_store_inbound_t    *ctx;
    ngx_sent_conv_store_change_of_t   change;

    ctx = op->ctx;
    in = &ctx->in;

    if (ctx->keyword != NGX_SENT_CONV_KW_STOP
        && ctx->keyword != NGX_SENT_CONV_KW_START)
    {
        return NGX_DONE;
    }

    ctx->result.what = result->what;
    ctx->result.stop = result->stop;

    if (ngx_sent_conv_store_copy(op->pool, &result->message_id,
                                 &ctx->result.message_id)
        != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, &result->conversation_id,
                                    &ctx->result.conversation_id)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_memzero(&change, sizeof(ngx_sent_conv_store_change_of_t));

    change.change = (ctx->keyword == NGX_SENT_CONV_KW_STOP) ? "OPT_OUT"
                                                            : "OPT_IN";
    change.source = ctx->read ? "keyword" : "carrier";
    change.channel = in->channel;
    change.trace = op->trace;
    change.at = (in->at > 0) ? in->at : now;

    return ngx_sent_conv_store_also(op->store, op->customer, others,
                                    &in->from, &change,
                                    ngx_sent_conv_store_inbound_told, op);
}


static void
ngx_sent_conv_store_inbound_told(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;

    ngx_sent_conv_store_op_finish(op, err, (err == NGX_SENT_CONV_OK)
                                           ? &ctx->result : NULL);
}
