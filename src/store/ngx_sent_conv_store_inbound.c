
/*
 * An inbound message: its keyword, its ids, and the script that opens or
 * continues a window or takes an opt-out.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    ngx_sent_conv_inbound_t  in;             /* its texts copied */
    u_char                   thread[NGX_SENT_CONV_UUID_LEN];
    u_char                   contact[NGX_SENT_CONV_UUID_LEN];
    u_char                   message[NGX_SENT_CONV_UUID_LEN];
    u_char                   conversation[NGX_SENT_CONV_UUID_LEN];
    u_char                   reply[NGX_SENT_CONV_UUID_LEN];
    u_char                   replied[NGX_SENT_CONV_UUID_LEN];
    u_char                   greeting[NGX_SENT_CONV_UUID_LEN];
    ngx_sent_conv_agent_t   *agent;          /* for what nothing prompted */
    ngx_sent_conv_agent_t   *answers;        /* for a template's reply */
    ngx_str_t                asked;          /* by the script */
    ngx_str_t                once;
    ngx_str_t                kind;           /* one word */
    ngx_str_t                text;           /* as JSON */
    ngx_str_t                answer;         /* as JSON, or empty */
    ngx_sent_conv_keyword_e  keyword;
    ngx_sent_conv_inbound_result_t
                             result;
    unsigned                 replies:1;      /* to the message replied */
    unsigned                 read:1;         /* the keyword, in the text */
    unsigned                 agents:1;       /* there are */
} ngx_sent_conv_store_inbound_t;


static ngx_int_t ngx_sent_conv_store_inbound_copy(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_inbound_t *in);
static ngx_int_t ngx_sent_conv_store_inbound_prepare(
    ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_inbound_texts(
    ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_inbound_kind(
    ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_inbound_begin(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_inbound_named(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static ngx_uint_t ngx_sent_conv_store_inbound_ours(
    ngx_sent_conv_store_op_t *op, ngx_str_t *id);
static ngx_int_t ngx_sent_conv_store_inbound_run(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_inbound_args(
    ngx_sent_conv_store_call_t *call);
static void ngx_sent_conv_store_inbound_agents(
    ngx_sent_conv_store_call_t *call);
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


static ngx_str_t  ngx_sent_conv_store_keywords[] = {
    ngx_string(""),
    ngx_string("stop"),
    ngx_string("start"),
    ngx_string("help")
};


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

    rc = ngx_sent_conv_store_inbound_copy(op, in);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_inbound_prepare(op);
    }

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_store_inbound_begin(op);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


/* the script may have to wait for what the message replies to */

static ngx_int_t
ngx_sent_conv_store_inbound_copy(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_inbound_t *in)
{
    ngx_str_t                      *from, *to;
    ngx_uint_t                      i;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;
    ctx->in = *in;

    for (i = 0; i < 4; i++) {
        from = (i == 0) ? &in->from : (i == 1) ? &in->to
               : (i == 2) ? &in->name : &in->reply_to;
        to = (i == 0) ? &ctx->in.from : (i == 1) ? &ctx->in.to
             : (i == 2) ? &ctx->in.name : &ctx->in.reply_to;

        if (ngx_sent_conv_store_copy(op->pool, from, to) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return ngx_sent_conv_store_op_trace(op, &in->trace);
}


static ngx_int_t
ngx_sent_conv_store_inbound_prepare(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_inbound_t        *in;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;
    in = &ctx->in;

    ngx_sent_conv_contact_id(ctx->contact, &in->customer->id, &in->from);
    ngx_sent_conv_thread_id(ctx->thread, &in->customer->id, ctx->contact);

    op->partition = ngx_sent_conv_partition(ctx->thread,
                                            op->store->conf->redis.partitions);

    if (ngx_sent_conv_store_uuid(ctx->message, ctx->thread) != NGX_OK
        || ngx_sent_conv_store_uuid(ctx->reply, ctx->thread) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_conversation_id(ctx->conversation, ctx->message);

    ctx->agent = ngx_sent_conv_store_trigger(in->customer,
                                             NGX_SENT_CONV_ON_INBOUND,
                                             &in->to);
    ctx->answers = ngx_sent_conv_store_trigger(in->customer,
                                               NGX_SENT_CONV_ON_REPLY,
                                               &in->to);
    ctx->agents = (in->customer->agents.nelts > 0);

    if (ctx->agents
        && ngx_sent_conv_store_uuid(ctx->greeting, ctx->thread) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* a carrier that has seen the keyword has answered it, too */

    if (in->keyword != NGX_SENT_CONV_KW_NONE) {
        ngx_str_set(&ctx->asked, "-");
    }

    if (ngx_sent_conv_store_foreign(op->pool, &in->carrier, &in->carrier_id,
                                    &ctx->once)
        != NGX_OK
        || ngx_sent_conv_store_inbound_kind(op) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_inbound_texts(op);
}


/* "<kind>" or "<kind>/<attachments in base64url>" */

static ngx_int_t
ngx_sent_conv_store_inbound_kind(ngx_sent_conv_store_op_t *op)
{
    ngx_str_t                       kind, coded;
    ngx_sent_conv_inbound_t        *in;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;
    in = &ctx->in;
    kind = in->kind;

    if (kind.len == 0) {
        ngx_str_set(&kind, "text");
    }

    ctx->kind.data = ngx_pnalloc(op->pool, kind.len + 1
                                 + ngx_base64_encoded_length(
                                                       in->attachments.len));
    if (ctx->kind.data == NULL) {
        return NGX_ERROR;
    }

    coded.data = ngx_cpymem(ctx->kind.data, kind.data, kind.len);
    ctx->kind.len = kind.len;

    if (in->attachments.len == 0) {
        return NGX_OK;
    }

    *coded.data++ = '/';
    ngx_encode_base64url(&coded, &in->attachments);
    ctx->kind.len += 1 + coded.len;

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_store_inbound_texts(ngx_sent_conv_store_op_t *op)
{
    ngx_str_t                       folded, *answer;
    ngx_sent_conv_inbound_t        *in;
    ngx_sent_conv_keyword_e         said;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;
    in = &ctx->in;
    ctx->keyword = in->keyword;

    if (in->text.data == NULL) {
        ngx_str_set(&ctx->text, "null");

    } else if (ngx_sent_conv_json_quote(op->pool, &in->text, &ctx->text)
               != NGX_OK
               || ngx_sent_conv_keyword_normalize(op->pool, &in->text,
                                                  &folded)
                  != NGX_OK)
    {
        return NGX_ERROR;

    } else {
        said = ngx_sent_conv_keyword_match(&folded, &in->customer->words);

        /* who writes STOP means it, whatever else the carrier saw */

        if (in->keyword == NGX_SENT_CONV_KW_NONE
            || (said == NGX_SENT_CONV_KW_STOP && in->keyword != said))
        {
            ctx->keyword = said;
            ctx->read = 1;
        }
    }

    answer = (ctx->keyword == NGX_SENT_CONV_KW_STOP)
             ? &in->customer->confirmation
             : (ctx->keyword == NGX_SENT_CONV_KW_HELP) ? &in->customer->help
                                                       : NULL;

    if (answer == NULL || answer->len == 0 || (in->answered && !ctx->read)) {
        return NGX_OK;
    }

    return ngx_sent_conv_json_quote(op->pool, answer, &ctx->answer);
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
    ngx_sent_conv_store_call_t      call;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = op->ctx;

    if (ngx_sent_conv_store_call_pair(&call, op, ctx->thread, ctx->once.len)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_key(&call, "once", &ctx->once);
    ngx_sent_conv_store_call_index_key(&call, ctx->message);
    ngx_sent_conv_store_call_index_key(&call, ctx->reply);
    ngx_sent_conv_store_call_key(&call, "ct", &op->customer->id);
    ngx_sent_conv_store_call_id_key(&call, "h", ctx->thread);

    if (ctx->replies) {
        ngx_sent_conv_store_call_index_key(&call, ctx->replied);

    } else {
        ngx_sent_conv_store_call_key(&call, "i:-", NULL);
    }

    if (ctx->agents) {
        ngx_sent_conv_store_call_index_key(&call, ctx->greeting);

    } else {
        ngx_sent_conv_store_call_key(&call, "i:-", NULL);
    }

    if (ngx_sent_conv_store_call_head(&call,
                                      ngx_sent_conv_store_lease(op->store))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_inbound_args(&call);

    return ngx_sent_conv_store_call_send_pair(&call, NGX_SENT_CONV_S_INBOUND,
                                            ngx_sent_conv_store_inbound_done);
}


static void
ngx_sent_conv_store_inbound_args(ngx_sent_conv_store_call_t *call)
{
    ngx_sent_conv_inbound_t        *in;
    ngx_sent_conv_store_inbound_t  *ctx;

    ctx = call->op->ctx;
    in = &ctx->in;

    ngx_sent_conv_store_call_str(call, &in->from);
    ngx_sent_conv_store_call_id(call, ctx->contact);
    ngx_sent_conv_store_call_str(call, &in->to);
    ngx_sent_conv_store_call_str(call,
                                 &ngx_sent_conv_channel_names[in->channel]);

    if (in->at > 0) {
        ngx_sent_conv_store_call_number(call, in->at);

    } else {
        ngx_sent_conv_store_call_text(call, "");
    }

    ngx_sent_conv_store_call_id(call, ctx->message);
    ngx_sent_conv_store_call_str(call, &ctx->text);
    ngx_sent_conv_store_call_str(call,
                                 &ngx_sent_conv_store_keywords[ctx->keyword]);
    ngx_sent_conv_store_call_id(call, ctx->conversation);
    ngx_sent_conv_store_call_number(call,
                                    (int64_t) call->op->store->conf->window);
    ngx_sent_conv_store_call_number(call, (int64_t) NGX_SENT_CONV_ONCE);
    ngx_sent_conv_store_call_number(call, in->customer->conversations);
    ngx_sent_conv_store_call_str(call, &in->name);
    ngx_sent_conv_store_call_str(call, &ctx->answer);
    ngx_sent_conv_store_call_id(call, ctx->reply);
    ngx_sent_conv_store_call_str(call, &ctx->kind);

    if (ctx->read) {
        ngx_sent_conv_store_call_text(call, "keyword");

    } else {
        ngx_sent_conv_store_call_text(call, "carrier");
    }

    if (ctx->replies) {
        ngx_sent_conv_store_call_id(call, ctx->replied);

    } else {
        ngx_sent_conv_store_call_text(call, "-");
    }

    ngx_sent_conv_store_inbound_agents(call);
}


static void
ngx_sent_conv_store_inbound_agents(ngx_sent_conv_store_call_t *call)
{
    ngx_sent_conv_store_inbound_t  *ctx;
    static ngx_str_t                none = ngx_string("");

    ctx = call->op->ctx;

    ngx_sent_conv_store_call_str(call, ctx->agent ? &ctx->agent->spec
                                                  : &none);

    if (ctx->answers == ctx->agent) {
        ngx_sent_conv_store_call_text(call, "=");

    } else {
        ngx_sent_conv_store_call_str(call, ctx->answers ? &ctx->answers->spec
                                                        : &none);
    }

    ngx_sent_conv_store_call_str(call, &ctx->asked);

    if (ctx->agents) {
        ngx_sent_conv_store_call_id(call, ctx->greeting);

    } else {
        ngx_sent_conv_store_call_text(call, "");
    }
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
