
/*
 * Deadlines of an agent's conversation: the ping, the word that it is about to
 * expire, the end of a burst.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    u_char       thread[NGX_SENT_CONV_UUID_LEN];
    u_char       message[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t    conversation;
    ngx_str_t    text;               /* as JSON, or empty */
} ngx_sent_conv_store_ping_t;


static ngx_int_t ngx_sent_conv_store_ping_look(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_ping_seen(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_ping_read(ngx_sent_conv_store_op_t *op,
    ngx_str_t *conversation, ngx_str_t *agent);
static void ngx_sent_conv_store_ping_told(void *data, ngx_sent_conv_err_e err,
    void *result);
static ngx_int_t ngx_sent_conv_store_ping_run(ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_due_run(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *thread,
    ngx_sent_conv_script_e script, ngx_sent_conv_store_pt handler,
    void *data);
static void ngx_sent_conv_store_due_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply);


ngx_int_t
ngx_sent_conv_store_ping(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *thread,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                    rc;
    ngx_sent_conv_store_op_t    *op;
    ngx_sent_conv_store_ping_t  *ctx;

    if (thread->len != NGX_SENT_CONV_UUID_LEN) {
        return NGX_ERROR;
    }

    op = ngx_sent_conv_store_op_create(store, customer, handler, data,
                                       sizeof(ngx_sent_conv_store_ping_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    ctx = op->ctx;

    op->partition = ngx_sent_conv_partition(thread->data,
                                            store->conf->redis.partitions);

    ngx_memcpy(ctx->thread, thread->data, NGX_SENT_CONV_UUID_LEN);
    ngx_str_set(&ctx->conversation, "-");

    rc = ngx_sent_conv_store_uuid(ctx->message, ctx->thread);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_ping_look(op);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


/* which version opened the conversation? */

static ngx_int_t
ngx_sent_conv_store_ping_look(ngx_sent_conv_store_op_t *op)
{
    u_char                       buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                    tag, thread, argv[4];
    ngx_sent_conv_store_ping_t  *ctx;

    ctx = op->ctx;

    thread.len = NGX_SENT_CONV_UUID_LEN;
    thread.data = ctx->thread;

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "HMGET");
    ngx_sent_conv_store_key_part(op, op->partition, "t", &thread, &argv[1]);
    ngx_str_set(&argv[2], "c");
    ngx_str_set(&argv[3], "ag");

    if (argv[1].data == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_redis_command(op->store->redis, &tag, 4, argv,
                                       ngx_sent_conv_store_ping_seen, op);
}


static void
ngx_sent_conv_store_ping_seen(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_int_t  rc;
    ngx_str_t  conversation, agent;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    conversation = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 0));
    agent = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 1));

    /* where nothing is open, the script takes the deadline off */

    rc = agent.len ? ngx_sent_conv_store_ping_read(op, &conversation, &agent)
                   : ngx_sent_conv_store_ping_run(op);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_unread(op);
    }
}


static ngx_int_t
ngx_sent_conv_store_ping_read(ngx_sent_conv_store_op_t *op,
    ngx_str_t *conversation, ngx_str_t *agent)
{
    ngx_str_t                    id, version;
    ngx_sent_conv_store_ping_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_copy(op->pool, conversation, &ctx->conversation)
        != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, agent, &version) != NGX_OK)
    {
        return NGX_ERROR;
    }

    id = ngx_sent_conv_store_word(&version, ' ');

    return ngx_sent_conv_store_agent_text(op->store, op->customer, &id,
                                          &version, "ping", "text",
                                          ngx_sent_conv_store_ping_told, op);
}


static void
ngx_sent_conv_store_ping_told(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t                   *text;
    ngx_sent_conv_store_ping_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;
    text = result;

    if ((text->len
         && ngx_sent_conv_json_quote(op->pool, text, &ctx->text) != NGX_OK)
        || ngx_sent_conv_store_ping_run(op) != NGX_OK)
    {
        ngx_sent_conv_store_op_unread(op);
    }
}


static ngx_int_t
ngx_sent_conv_store_ping_run(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_call_t   call;
    ngx_sent_conv_store_ping_t  *ctx;

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

    ngx_sent_conv_store_call_str(&call, &ctx->conversation);
    ngx_sent_conv_store_call_id(&call, ctx->message);
    ngx_sent_conv_store_call_str(&call, &ctx->text);

    return ngx_sent_conv_store_call_send_pair(&call, NGX_SENT_CONV_S_PING,
                                              ngx_sent_conv_store_due_done);
}


ngx_int_t
ngx_sent_conv_store_expiring(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *thread,
    ngx_sent_conv_store_pt handler, void *data)
{
    return ngx_sent_conv_store_due_run(store, customer, thread,
                                       NGX_SENT_CONV_S_EXPIRING, handler,
                                       data);
}


ngx_int_t
ngx_sent_conv_store_quiet(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *thread,
    ngx_sent_conv_store_pt handler, void *data)
{
    return ngx_sent_conv_store_due_run(store, customer, thread,
                                       NGX_SENT_CONV_S_QUIET, handler, data);
}


/* a script that is given nothing but the pair */

static ngx_int_t
ngx_sent_conv_store_due_run(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *thread,
    ngx_sent_conv_script_e script, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                   rc;
    ngx_sent_conv_store_op_t   *op;
    ngx_sent_conv_store_call_t  call;

    if (thread->len != NGX_SENT_CONV_UUID_LEN) {
        return NGX_ERROR;
    }

    op = ngx_sent_conv_store_op_create(store, customer, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    op->partition = ngx_sent_conv_partition(thread->data,
                                            store->conf->redis.partitions);

    rc = ngx_sent_conv_store_call_pair(&call, op, thread->data, 0);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_call_head(&call,
                                           ngx_sent_conv_store_lease(store));
    }

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_call_send_pair(&call, script,
                                              ngx_sent_conv_store_due_done);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_due_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    if (err == NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_leased(op, reply);
    }

    ngx_sent_conv_store_op_finish(op, err, NULL);
}
