
/*
 * A conversation that is only played: what would be run for its steps is run
 * as one script on keys of its own, and told.
 */


#include "ngx_sent_conv_store_private.h"


/* no node has so many partitions; as a tag they are short enough */
#define NGX_SENT_CONV_SIM_PARTITIONS  16777216


static ngx_int_t ngx_sent_conv_store_sim_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_sim_t *sim);
static ngx_int_t ngx_sent_conv_store_sim_head(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_sim_t *sim, u_char *thread,
    ngx_sent_conv_store_call_t *call);
static void ngx_sent_conv_store_sim_masks(ngx_sent_conv_store_call_t *call);
static ngx_int_t ngx_sent_conv_store_sim_texts(
    ngx_sent_conv_store_call_t *call, ngx_sent_conv_sim_t *sim, u_char *ping);
static void ngx_sent_conv_store_sim_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_sim_played(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply, ngx_sent_conv_sim_played_t *played);
static ngx_int_t ngx_sent_conv_store_sim_said(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *entries, ngx_array_t *messages);
static ngx_int_t ngx_sent_conv_store_sim_told(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *lanes, ngx_array_t *told);


/* in the order of ngx_sent_conv_sim_rc_e, from OTHER on */

static const char  *ngx_sent_conv_store_sim_words[] = {
    "OTHER", "LARGE", NULL
};


ngx_int_t
ngx_sent_conv_store_simulate(ngx_sent_conv_store_t *store,
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, sim->of, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_sim_begin(op, sim);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_sim_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_sim_t *sim)
{
    u_char                       buf[NGX_SENT_CONV_STORE_TAG_LEN];
    u_char                       contact[NGX_SENT_CONV_UUID_LEN];
    u_char                       thread[NGX_SENT_CONV_UUID_LEN];
    uint32_t                     random;
    ngx_str_t                    tag, from;
    ngx_uint_t                   i;
    ngx_sent_conv_store_play_t   play;
    ngx_sent_conv_store_call_t   call;

    if (ngx_sent_conv_store_random((u_char *) &random, sizeof(uint32_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    op->partition = NGX_SENT_CONV_SLOTS
                    + random % NGX_SENT_CONV_SIM_PARTITIONS;

    ngx_str_set(&from, NGX_SENT_CONV_SIM_CONTACT);
    ngx_sent_conv_contact_id(contact, &sim->customer.id, &from);
    ngx_sent_conv_thread_id(thread, &sim->customer.id, contact);

    ngx_memzero(&play, sizeof(ngx_sent_conv_store_play_t));
    play.pool = op->pool;
    play.sim = sim;

    if (ngx_array_init(&play.args, op->pool, 64 + 32 * sim->n,
                       sizeof(ngx_str_t))
        != NGX_OK
        || ngx_sent_conv_store_sim_head(op, sim, thread, &call) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* the scratch memory is the steps' now */

    for (i = 0; i < call.argc; i++) {
        if (ngx_sent_conv_store_play_arg(&play, &call.argv[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (ngx_sent_conv_store_play_steps(op, &play) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    return ngx_sent_conv_redis_script(op->store->redis, &tag,
                                      NGX_SENT_CONV_S_SIMULATE, call.nkeys,
                                      play.args.nelts, play.args.elts,
                                      ngx_sent_conv_store_sim_done, op);
}


/* keys, and what stands before the steps */

static ngx_int_t
ngx_sent_conv_store_sim_head(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_sim_t *sim, u_char *thread, ngx_sent_conv_store_call_t *call)
{
    u_char      *ids;
    ngx_uint_t   i;

    /* a message, its answer, a greeting, pings: no two of a name */

    ids = ngx_pnalloc(op->pool, 4 * NGX_SENT_CONV_UUID_LEN);

    if (ids == NULL
        || ngx_sent_conv_store_call_pair(call, op, thread, 0) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < 4; i++) {
        if (ngx_sent_conv_store_uuid(&ids[i * NGX_SENT_CONV_UUID_LEN], thread)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    ngx_sent_conv_store_call_key(call, "once:-", NULL);
    ngx_sent_conv_store_call_index_key(call, ids);
    ngx_sent_conv_store_call_index_key(call, ids + NGX_SENT_CONV_UUID_LEN);
    ngx_sent_conv_store_call_key(call, "ct", &op->customer->id);
    ngx_sent_conv_store_call_id_key(call, "h", thread);
    ngx_sent_conv_store_call_key(call, "i:-", NULL);
    ngx_sent_conv_store_call_index_key(call,
                                       ids + 2 * NGX_SENT_CONV_UUID_LEN);

    if (ngx_sent_conv_store_call_head(call, 0) != NGX_OK
        || ngx_sent_conv_store_sim_texts(call, sim,
                                         ids + 3 * NGX_SENT_CONV_UUID_LEN)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_sim_masks(call);

    return NGX_OK;
}


static void
ngx_sent_conv_store_sim_masks(ngx_sent_conv_store_call_t *call)
{
    ngx_uint_t                 i;
    ngx_array_t               *endpoints;
    ngx_sent_conv_endpoint_t  *endpoint;

    endpoints = &call->op->customer->endpoints;
    endpoint = endpoints->elts;

    for (i = 0; i < endpoints->nelts; i++) {

        if (ngx_sent_conv_store_call_wanted(&endpoint[i])) {
            ngx_sent_conv_store_call_number(call, (int64_t) endpoint[i].mask);
        }
    }
}


static ngx_int_t
ngx_sent_conv_store_sim_texts(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_sim_t *sim, u_char *ping)
{
    ngx_str_t                    text[2];
    ngx_uint_t                   i;
    ngx_sent_conv_definition_t  *is;

    is = &sim->agent->definition;

    text[0] = is->ping_text;
    text[1] = is->confirmation;

    for (i = 0; i < 2; i++) {

        if (text[i].len
            && ngx_sent_conv_json_quote(call->op->pool, &text[i], &text[i])
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    ngx_sent_conv_store_call_str(call, &sim->agent->spec);
    ngx_sent_conv_store_call_str(call, &text[0]);
    ngx_sent_conv_store_call_str(call, &text[1]);
    ngx_sent_conv_store_call_id(call, ping);

    return NGX_OK;
}


/* nothing can have been accepted, whatever became of it */

static void
ngx_sent_conv_store_sim_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_int_t                    rc;
    ngx_uint_t                   i, n;
    ngx_sent_conv_sim_result_t   result;
    ngx_sent_conv_sim_played_t  *played;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ngx_memzero(&result, sizeof(ngx_sent_conv_sim_result_t));

    rc = ngx_sent_conv_store_which(ngx_sent_conv_reply_at(reply, 0),
                                   ngx_sent_conv_store_sim_words);

    if (rc != NGX_ERROR) {
        result.rc = NGX_SENT_CONV_SIM_OTHER + rc;
        result.step = (ngx_uint_t) ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 1));
        ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &result);
        return;
    }

    n = ngx_sent_conv_reply_n(reply);

    if (ngx_array_init(&result.played, op->pool, n + 1,
                       sizeof(ngx_sent_conv_sim_played_t))
        != NGX_OK)
    {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    for (i = 0; i < n; i++) {
        played = ngx_array_push(&result.played);

        if (ngx_sent_conv_store_sim_played(op,
                                           ngx_sent_conv_reply_at(reply, i),
                                           played)
            != NGX_OK)
        {
            ngx_sent_conv_store_op_unread(op);
            return;
        }
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &result);
}


static ngx_int_t
ngx_sent_conv_store_sim_played(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply, ngx_sent_conv_sim_played_t *played)
{
    ngx_str_t  mine;

    played->step = (ngx_uint_t) ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 0));
    played->did = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 1));
    played->at = (uint64_t) ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 2));
    played->outcome = ngx_sent_conv_reply_str(
                                            ngx_sent_conv_reply_at(reply, 3));
    mine = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 4));
    played->ours = (mine.len == 1 && mine.data[0] == '1');
    played->trigger = ngx_sent_conv_reply_str(
                                            ngx_sent_conv_reply_at(reply, 5));

    if (ngx_sent_conv_store_sim_said(op, ngx_sent_conv_reply_at(reply, 6),
                                     &played->messages)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_sim_told(op, ngx_sent_conv_reply_at(reply, 7),
                                        &played->told);
}


static ngx_int_t
ngx_sent_conv_store_sim_said(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *entries, ngx_array_t *messages)
{
    ngx_str_t                 entry;
    ngx_uint_t                i, n;
    ngx_sent_conv_message_t  *message;

    n = ngx_sent_conv_reply_n(entries);

    if (ngx_array_init(messages, op->pool, n + 1,
                       sizeof(ngx_sent_conv_message_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        message = ngx_array_push(messages);
        entry = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(entries, i));

        if (ngx_sent_conv_store_record_message(op->pool, &entry, message)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* by endpoint, in the order of their lanes: "<id> <type>[;trace] <body>" */

static ngx_int_t
ngx_sent_conv_store_sim_told(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *lanes, ngx_array_t *told)
{
    ngx_str_t                  item, type;
    ngx_uint_t                 i, k, lane;
    ngx_sent_conv_reply_t     *items;
    ngx_sent_conv_endpoint_t  *endpoint;
    ngx_sent_conv_sim_told_t  *one;

    if (ngx_array_init(told, op->pool, 8, sizeof(ngx_sent_conv_sim_told_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    endpoint = op->customer->endpoints.elts;
    lane = 0;

    for (i = 0; i < op->customer->endpoints.nelts; i++) {

        if (!ngx_sent_conv_store_call_wanted(&endpoint[i])) {
            continue;
        }

        items = ngx_sent_conv_reply_at(lanes, lane++);

        for (k = 0; k < ngx_sent_conv_reply_n(items); k++) {
            one = ngx_array_push(told);
            if (one == NULL) {
                return NGX_ERROR;
            }

            item = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(items, k));

            (void) ngx_sent_conv_store_word(&item, ' ');

            one->webhook = endpoint[i].id;
            type = ngx_sent_conv_store_word(&item, ' ');
            one->event = ngx_sent_conv_store_word(&type, ';');
            one->body = item;
        }
    }

    return NGX_OK;
}
