
/*
 * Other numbers by which carriers know a contact: learned from their answers,
 * asked for when they speak of one.
 */


#include "ngx_sent_conv_store_private.h"


/* of one contact, those that are remembered */
#define NGX_SENT_CONV_STORE_ALIASES  3


typedef struct {
    ngx_str_t  alias;
    ngx_str_t  contact;
    int64_t    out;                          /* of the contact, ms or 0 */

    unsigned   known:1;
    unsigned   listed:1;
} ngx_sent_conv_store_alias_t;


static ngx_sent_conv_store_op_t *ngx_sent_conv_store_alias_op(
    ngx_sent_conv_store_t *store, ngx_sent_conv_customer_t *customer,
    ngx_str_t *alias, ngx_str_t *contact, ngx_sent_conv_store_pt handler,
    void *data);
static ngx_int_t ngx_sent_conv_store_alias_command(
    ngx_sent_conv_store_op_t *op, const char *command, ngx_str_t *value,
    ngx_sent_conv_redis_pt handler);
static void ngx_sent_conv_store_alias_known(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_alias_keep(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_alias_kept(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_alias_put(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_alias_ask(ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_alias_consent(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_alias_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_alias_drop(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *alias);


static ngx_sent_conv_store_op_t *
ngx_sent_conv_store_alias_op(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *alias, ngx_str_t *contact,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_sent_conv_store_op_t     *op;
    ngx_sent_conv_store_alias_t  *ctx;

    op = ngx_sent_conv_store_op_create(store, customer, handler, data,
                                       sizeof(ngx_sent_conv_store_alias_t));
    if (op == NULL) {
        return NULL;
    }

    ctx = op->ctx;

    if (ngx_sent_conv_store_copy(op->pool, alias, &ctx->alias) != NGX_OK
        || (contact != NULL
            && ngx_sent_conv_store_copy(op->pool, contact, &ctx->contact)
               != NGX_OK))
    {
        ngx_sent_conv_store_op_destroy(op);
        return NULL;
    }

    return op;
}


static ngx_int_t
ngx_sent_conv_store_alias_command(ngx_sent_conv_store_op_t *op,
    const char *command, ngx_str_t *value, ngx_sent_conv_redis_pt handler)
{
    ngx_str_t                     argv[4];
    ngx_sent_conv_store_alias_t  *ctx;

    ctx = op->ctx;

    argv[0].len = ngx_strlen(command);
    argv[0].data = (u_char *) command;

    ngx_sent_conv_store_key_customer(op, &op->customer->id, "alias",
                                     &argv[1]);
    argv[2] = ctx->alias;

    if (value != NULL) {
        argv[3] = *value;
    }

    if (argv[1].data == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_redis_command(op->store->redis, &op->customer->id,
                                       value ? 4 : 3, argv, handler, op);
}


ngx_int_t
ngx_sent_conv_store_alias(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *number,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_alias_op(store, customer, number, NULL, handler,
                                      data);
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_alias_command(op, "HGET", NULL,
                                           ngx_sent_conv_store_alias_known);
    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_alias_known(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t  contact;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    contact = ngx_sent_conv_reply_str(reply);

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK,
                                  contact.len ? &contact : NULL);
}


void
ngx_sent_conv_store_alias_learn(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *alias, ngx_str_t *contact)
{
    ngx_sent_conv_store_op_t  *op;

    if (ngx_sent_conv_store_same(alias, contact)) {
        return;
    }

    op = ngx_sent_conv_store_alias_op(store, customer, alias, contact, NULL,
                                      NULL);
    if (op == NULL) {
        return;
    }

    if (ngx_sent_conv_store_alias_keep(op) != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }
}


/*
 * The contact knows its other numbers before the list does, so that they go
 * when it is erased; and is asked again behind that, for it may have been.
 */

static ngx_int_t
ngx_sent_conv_store_alias_keep(ngx_sent_conv_store_op_t *op)
{
    u_char                        id[NGX_SENT_CONV_UUID_LEN];
    u_char                        thread[NGX_SENT_CONV_UUID_LEN];
    ngx_sent_conv_store_call_t    call;
    ngx_sent_conv_store_alias_t  *ctx;

    ctx = op->ctx;

    ngx_sent_conv_contact_id(id, &op->customer->id, &ctx->contact);
    ngx_sent_conv_thread_id(thread, &op->customer->id, id);

    op->partition = ngx_sent_conv_partition(thread,
                                            op->store->conf->redis.partitions);

    if (ngx_sent_conv_store_call_init(&call, op, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_id_key(&call, "t", thread);
    ngx_sent_conv_store_call_keys_end(&call);

    ngx_sent_conv_store_call_str(&call, &ctx->alias);
    ngx_sent_conv_store_call_number(&call, NGX_SENT_CONV_STORE_ALIASES);

    return ngx_sent_conv_store_call_send(&call, NGX_SENT_CONV_S_ALIAS,
                                         ngx_sent_conv_store_alias_kept);
}


static void
ngx_sent_conv_store_alias_kept(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_int_t                     rc;
    ngx_str_t                     out, oldest;
    ngx_sent_conv_reply_t        *what;
    ngx_sent_conv_store_alias_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    ctx = op->ctx;
    what = ngx_sent_conv_reply_at(reply, 0);

    if (ngx_sent_conv_reply_is(what, "GONE")) {

        if (ctx->listed) {
            ngx_sent_conv_store_alias_forget(op->store, op->customer,
                                             &ctx->alias);
        }

        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    out = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 1));
    ctx->out = out.len ? ngx_sent_conv_store_integer(&out) : 0;

    oldest = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 2));
    ngx_sent_conv_store_alias_forget(op->store, op->customer, &oldest);

    if (ctx->listed) {
        rc = ngx_sent_conv_store_alias_ask(op);

    } else {
        ctx->known = ngx_sent_conv_reply_is(what, "KNOWN") ? 1 : 0;

        rc = ngx_sent_conv_store_alias_command(op, "HSET", &ctx->contact,
                                              ngx_sent_conv_store_alias_put);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNKNOWN, NULL);
    }
}


static void
ngx_sent_conv_store_alias_put(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_sent_conv_store_alias_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    ctx = op->ctx;

    if (ctx->known && ngx_sent_conv_reply_int(reply) == 0) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, NULL);
        return;
    }

    ctx->listed = 1;

    if (ngx_sent_conv_store_alias_keep(op) != NGX_OK) {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNKNOWN, NULL);
    }
}


/* whoever wrote from that number before may have opted out */

static ngx_int_t
ngx_sent_conv_store_alias_ask(ngx_sent_conv_store_op_t *op)
{
    u_char                        buf[NGX_SENT_CONV_STORE_TAG_LEN];
    u_char                        id[NGX_SENT_CONV_UUID_LEN];
    u_char                        pair[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t                     tag, thread, argv[3];
    ngx_sent_conv_store_alias_t  *ctx;

    ctx = op->ctx;

    ngx_sent_conv_contact_id(id, &op->customer->id, &ctx->alias);
    ngx_sent_conv_thread_id(pair, &op->customer->id, id);

    thread.len = NGX_SENT_CONV_UUID_LEN;
    thread.data = pair;

    op->partition = ngx_sent_conv_partition(pair,
                                            op->store->conf->redis.partitions);

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "HGET");
    ngx_sent_conv_store_key_part(op, op->partition, "t", &thread, &argv[1]);
    ngx_str_set(&argv[2], "out");

    return (argv[1].data == NULL) ? NGX_ERROR
           : ngx_sent_conv_redis_command(op->store->redis, &tag, 3, argv,
                                       ngx_sent_conv_store_alias_consent, op);
}


/* of the two, who is in goes by who is out */

static void
ngx_sent_conv_store_alias_consent(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    u_char                            id[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t                         out;
    ngx_sent_conv_store_alias_t      *ctx;
    ngx_sent_conv_store_change_of_t   change;

    out = ngx_sent_conv_reply_str(reply);
    ctx = op->ctx;

    if (err != NGX_SENT_CONV_OK || (out.len > 0) == (ctx->out > 0)) {
        ngx_sent_conv_store_op_finish(op, err, NULL);
        return;
    }

    ngx_memzero(&change, sizeof(ngx_sent_conv_store_change_of_t));

    change.change = "OPT_OUT";
    change.source = "carrier";
    change.channel = NGX_SENT_CONV_WHATSAPP;
    change.preferred = NGX_SENT_CONV_CHANNELS;
    change.at = out.len ? ngx_sent_conv_store_integer(&out) : ctx->out;
    change.also = 1;

    ngx_sent_conv_contact_id(id, &op->customer->id,
                             out.len ? &ctx->contact : &ctx->alias);

    if (ngx_sent_conv_store_consent_send(op, id, &change,
                                         ngx_sent_conv_store_alias_done)
        != NGX_OK)
    {
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNKNOWN, NULL);
    }
}


static void
ngx_sent_conv_store_alias_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    if (err == NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_leased(op, reply);
    }

    ngx_sent_conv_store_op_finish(op, err, NULL);
}


void
ngx_sent_conv_store_alias_forget(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *aliases)
{
    ngx_str_t  rest, alias;

    rest = *aliases;

    while (rest.len) {
        alias = ngx_sent_conv_store_word(&rest, ' ');

        if (ngx_sent_conv_store_alias_drop(store, customer, &alias) != NGX_OK)
        {
            return;
        }
    }
}


static ngx_int_t
ngx_sent_conv_store_alias_drop(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *alias)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_alias_op(store, customer, alias, NULL, NULL,
                                      NULL);
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_alias_command(op, "HDEL", NULL,
                                           ngx_sent_conv_store_alias_done);
    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}
