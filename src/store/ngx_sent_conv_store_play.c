
/*
 * Steps of a conversation that is only played: their own callers run, up to
 * where a script would leave; what it would be given is gathered.
 */


#include "ngx_sent_conv_store_private.h"


/* places of an inbound's agents among its own arguments */
#define NGX_SENT_CONV_PLAY_AGENT    18
#define NGX_SENT_CONV_PLAY_ANSWERS  19


static ngx_int_t ngx_sent_conv_store_play_step(ngx_sent_conv_store_t *store,
    ngx_sent_conv_store_play_t *play, ngx_sent_conv_sim_step_t *step);
static ngx_int_t ngx_sent_conv_store_play_inbound(
    ngx_sent_conv_store_t *store, ngx_sent_conv_store_play_t *play,
    ngx_sent_conv_sim_step_t *step);
static void ngx_sent_conv_store_play_agents(ngx_sent_conv_store_play_t *play,
    ngx_str_t *number, ngx_str_t *own);
static ngx_int_t ngx_sent_conv_store_play_wait(
    ngx_sent_conv_store_play_t *play, ngx_uint_t ms);
static ngx_int_t ngx_sent_conv_store_play_count(
    ngx_sent_conv_store_play_t *play, ngx_uint_t n);


ngx_int_t
ngx_sent_conv_store_play_steps(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_store_play_t *play)
{
    ngx_uint_t             i;
    ngx_sent_conv_store_t  store;

    store = *op->store;
    store.grant = NULL;
    store.busy = NULL;
    store.play = play;

    for (i = 0; i < play->sim->n; i++) {

        play->gathered = 0;

        if (ngx_sent_conv_store_play_step(&store, play, &play->sim->steps[i])
            == NGX_ERROR
            || !play->gathered)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_store_play_step(ngx_sent_conv_store_t *store,
    ngx_sent_conv_store_play_t *play, ngx_sent_conv_sim_step_t *step)
{
    ngx_sent_conv_send_t  send;

    switch (step->what) {

    case NGX_SENT_CONV_SIM_INBOUND:
        return ngx_sent_conv_store_play_inbound(store, play, step);

    case NGX_SENT_CONV_SIM_REPLY:
        ngx_memzero(&send, sizeof(ngx_sent_conv_send_t));

        send.customer = &play->sim->customer;
        ngx_str_set(&send.to, NGX_SENT_CONV_SIM_CONTACT);
        send.text = step->text;
        send.length = step->length;
        send.channel = step->channel;

        return ngx_sent_conv_store_send(store, &send, NULL, NULL);

    case NGX_SENT_CONV_SIM_START:
        return ngx_sent_conv_store_broadcast_play(store, step->start);

    default: /* NGX_SENT_CONV_SIM_WAIT */
        return ngx_sent_conv_store_play_wait(play, step->wait);
    }
}


static ngx_int_t
ngx_sent_conv_store_play_inbound(ngx_sent_conv_store_t *store,
    ngx_sent_conv_store_play_t *play, ngx_sent_conv_sim_step_t *step)
{
    ngx_int_t                rc;
    ngx_uint_t               first;
    ngx_sent_conv_inbound_t  in;

    ngx_memzero(&in, sizeof(ngx_sent_conv_inbound_t));

    in.customer = &play->sim->customer;
    in.channel = step->channel;
    ngx_str_set(&in.carrier, "-");
    ngx_str_set(&in.carrier_id, "-");
    ngx_str_set(&in.from, NGX_SENT_CONV_SIM_CONTACT);
    ngx_str_set(&in.name, NGX_SENT_CONV_SIM_NAME);
    in.to = step->number;
    in.text = step->text;

    first = play->args.nelts + 2;

    rc = ngx_sent_conv_store_inbound(store, &in, NULL, NULL);

    if (rc == NGX_ERROR || play->args.nelts <= first) {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_play_agents(play, &step->number,
                                    (ngx_str_t *) play->args.elts + first);

    return NGX_OK;
}


/* of other agents the script is not told but that they are others */

static void
ngx_sent_conv_store_play_agents(ngx_sent_conv_store_play_t *play,
    ngx_str_t *number, ngx_str_t *own)
{
    ngx_sent_conv_agent_t  *takes, *answers;

    takes = ngx_sent_conv_store_trigger(&play->sim->customer,
                                        NGX_SENT_CONV_ON_INBOUND, number);
    answers = ngx_sent_conv_store_trigger(&play->sim->customer,
                                          NGX_SENT_CONV_ON_REPLY, number);

    if (answers != NULL && answers != play->sim->agent) {
        ngx_str_set(&own[NGX_SENT_CONV_PLAY_ANSWERS], "");
    }

    if (takes != NULL && takes != play->sim->agent) {
        ngx_str_set(&own[NGX_SENT_CONV_PLAY_AGENT], "!");
    }
}


static ngx_int_t
ngx_sent_conv_store_play_wait(ngx_sent_conv_store_play_t *play, ngx_uint_t ms)
{
    ngx_str_t  name;

    ngx_str_set(&name, "wait");
    play->gathered = 1;

    if (ngx_sent_conv_store_play_arg(play, &name) != NGX_OK
        || ngx_sent_conv_store_play_count(play, 1) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_play_count(play, ms);
}


ngx_int_t
ngx_sent_conv_store_play(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_script_e script)
{
    ngx_str_t                    name;
    ngx_uint_t                   i, first;
    ngx_sent_conv_store_play_t  *play;

    play = call->op->store->play;

    name.data = (u_char *) ngx_sent_conv_redis_script_name(script);
    name.len = ngx_strlen(name.data);

    first = call->nkeys + NGX_SENT_CONV_STORE_HEAD;

    if (ngx_sent_conv_store_play_arg(play, &name) != NGX_OK
        || ngx_sent_conv_store_play_count(play, call->argc - first) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = first; i < call->argc; i++) {
        if (ngx_sent_conv_store_play_arg(play, &call->argv[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    play->gathered = 1;

    return NGX_DECLINED;
}


ngx_int_t
ngx_sent_conv_store_play_arg(ngx_sent_conv_store_play_t *play,
    ngx_str_t *value)
{
    ngx_str_t  *arg;

    arg = ngx_array_push(&play->args);

    return arg ? ngx_sent_conv_store_copy(play->pool, value, arg) : NGX_ERROR;
}


static ngx_int_t
ngx_sent_conv_store_play_count(ngx_sent_conv_store_play_t *play, ngx_uint_t n)
{
    ngx_str_t  *arg;

    arg = ngx_array_push(&play->args);
    if (arg == NULL) {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_number(play->pool, (int64_t) n, arg);

    return (arg->data != NULL) ? NGX_OK : NGX_ERROR;
}
