
/*
 * POST /v3/agents/{id}/simulate: a conversation played with a draft.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_agent.h"


typedef struct {
    ngx_http_sent_conv_made_t   made;
    ngx_sent_conv_sim_t         sim;
    ngx_sent_conv_json_t       *steps;
} ngx_http_sent_conv_simulate_t;


static void ngx_http_sent_conv_simulate_run(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_simulate_t *s);
static ngx_int_t ngx_http_sent_conv_simulate_as(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_simulate_t *s);
static ngx_int_t ngx_http_sent_conv_simulate_numbers(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_simulate_t *s);
static ngx_sent_conv_channel_e ngx_http_sent_conv_simulate_first(
    ngx_sent_conv_sim_t *sim);
static ngx_int_t ngx_http_sent_conv_simulate_start(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_simulate_t *s,
    ngx_uint_t i, ngx_sent_conv_json_t *object);
static void ngx_http_sent_conv_simulate_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_simulate_refuse(
    ngx_http_sent_conv_call_t *call, ngx_uint_t i, const char *name,
    const char *text);


void
ngx_http_sent_conv_agent_simulate(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_json_t           *definition;
    ngx_http_sent_conv_simulate_t  *s;

    s = ngx_pcalloc(call->request->pool,
                    sizeof(ngx_http_sent_conv_simulate_t));
    if (s == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    s->made.agent = ngx_http_sent_conv_agent_find(call);

    if (s->made.agent == NULL) {
        return;
    }

    call->data = s;

    definition = ngx_http_sent_conv_form_get(call, "definition",
                                             NGX_SENT_CONV_JSON_OBJECT, 1);

    s->steps = ngx_http_sent_conv_simulate_form(call, &s->sim);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    switch (ngx_http_sent_conv_agent_check(call, definition, &s->made)) {

    case NGX_OK:
        ngx_http_sent_conv_simulate_run(call, s);
        return;

    case NGX_DECLINED:
        ngx_http_sent_conv_agent_refuse(call, &s->made);
        return;

    default:
        ngx_http_sent_conv_reply_abort(call);
    }
}


static void
ngx_http_sent_conv_simulate_run(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_simulate_t *s)
{
    ngx_int_t  rc;

    if (ngx_http_sent_conv_simulate_as(call, s) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (ngx_http_sent_conv_simulate_numbers(call, s) != NGX_OK
        || ngx_http_sent_conv_form_failed(call))
    {
        return;
    }

    rc = ngx_sent_conv_store_simulate(call->store, &s->sim,
                                      ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_simulate_done);
}


/* as if it were saved now, and switched on */

static ngx_int_t
ngx_http_sent_conv_simulate_as(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_simulate_t *s)
{
    ngx_sent_conv_agent_t  as;

    as = *s->made.agent;
    as.definition = s->made.definition;
    as.is_active = 1;
    as.live++;

    return ngx_sent_conv_store_sim_init(&s->sim, call->request->pool,
                                        call->customer, &as);
}


/*
 * Where no channel is given the contact stays on that of before.
 * NGX_DECLINED: answered.
 */

static ngx_int_t
ngx_http_sent_conv_simulate_numbers(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_simulate_t *s)
{
    ngx_uint_t                 i;
    ngx_sent_conv_json_t      *object;
    ngx_sent_conv_number_t    *number;
    ngx_sent_conv_channel_e    channel;
    ngx_sent_conv_sim_step_t  *step;

    channel = ngx_http_sent_conv_simulate_first(&s->sim);
    object = s->steps->first;

    for (i = 0; i < s->sim.n; i++, object = object->next) {

        step = &s->sim.steps[i];

        if (step->what == NGX_SENT_CONV_SIM_START) {
            channel = step->channel;

            if (ngx_http_sent_conv_simulate_start(call, s, i, object)
                != NGX_OK)
            {
                return NGX_DECLINED;
            }

            continue;
        }

        if (step->what != NGX_SENT_CONV_SIM_INBOUND) {
            continue;
        }

        if (step->channel != NGX_SENT_CONV_CHANNELS) {
            channel = step->channel;
        }

        number = ngx_sent_conv_store_sim_number(&s->sim, channel);

        if (number == NULL) {
            ngx_http_sent_conv_simulate_refuse(call, i, ".channel",
                                               "has no number of yours");
            return NGX_DECLINED;
        }

        step->channel = channel;
        step->number = number->e164;
    }

    return NGX_OK;
}


/* one at which the agent takes what comes, else one that is enabled */

static ngx_sent_conv_channel_e
ngx_http_sent_conv_simulate_first(ngx_sent_conv_sim_t *sim)
{
    ngx_uint_t                i, rank, best;
    ngx_sent_conv_number_t   *number;
    ngx_sent_conv_channel_e   first;

    first = NGX_SENT_CONV_WHATSAPP;
    best = 0;

    for (i = 0; i < NGX_SENT_CONV_CHANNELS; i++) {

        number = ngx_sent_conv_store_sim_number(sim, i);

        if (number == NULL) {
            continue;
        }

        rank = 1;

        if (sim->agent->definition.channels & (1 << i)) {
            rank = ngx_sent_conv_store_sim_takes(sim, &number->e164) ? 3 : 2;
        }

        if (rank > best) {
            first = i;
            best = rank;
        }
    }

    return first;
}


static ngx_int_t
ngx_http_sent_conv_simulate_start(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_simulate_t *s, ngx_uint_t i,
    ngx_sent_conv_json_t *object)
{
    ngx_sent_conv_json_t          *parameters;
    ngx_sent_conv_sim_step_t      *step;
    ngx_http_sent_conv_starter_t   as;

    step = &s->sim.steps[i];
    parameters = ngx_sent_conv_json_get(object, "parameters");

    if (parameters != NULL && parameters->type == NGX_SENT_CONV_JSON_NULL) {
        parameters = NULL;
    }

    if (parameters != NULL && parameters->type != NGX_SENT_CONV_JSON_OBJECT) {
        ngx_http_sent_conv_simulate_fault(call, i, ".parameters",
                                          NGX_HTTP_SENT_CONV_E_FORM,
                                          "must be an object");
        return NGX_OK;
    }

    as.agent = s->sim.agent;
    as.channel = step->channel;
    as.parameters = parameters;
    as.at = ngx_http_sent_conv_simulate_field(call, i, ".");

    ngx_str_set(&as.to, NGX_SENT_CONV_SIM_CONTACT);
    ngx_str_set(&as.name, NGX_SENT_CONV_SIM_NAME);

    if (as.at == NULL) {
        return NGX_OK;
    }

    step->start = ngx_http_sent_conv_agent_starter(call, &as);

    if (call->failed) {
        return NGX_OK;
    }

    if (step->start == NULL
        || ngx_sent_conv_store_sim_number(&s->sim, step->channel) == NULL)
    {
        ngx_http_sent_conv_simulate_refuse(call, i, ".start",
                                           step->start
                                           ? "has no number of yours"
                                           : "has no starter");
        return NGX_DECLINED;
    }

    step->start->customer = &s->sim.customer;

    return NGX_OK;
}


static void
ngx_http_sent_conv_simulate_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_sim_result_t     *sr;
    ngx_http_sent_conv_simulate_t  *s;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    s = call->data;
    sr = result;

    switch (sr->rc) {

    case NGX_SENT_CONV_SIM_OTHER:
        ngx_http_sent_conv_simulate_refuse(call, sr->step, ".channel",
                                           "has a number whose conversations "
                                           "are another agent's");
        return;

    case NGX_SENT_CONV_SIM_LARGE:
        ngx_http_sent_conv_simulate_fault(call, sr->step, "",
                                          NGX_HTTP_SENT_CONV_E_RANGE,
                                          "would tell webhooks more than "
                                          "1 MiB");
        (void) ngx_http_sent_conv_form_failed(call);
        return;

    default: /* NGX_SENT_CONV_SIM_PLAYED */
        break;
    }

    ngx_http_sent_conv_agent_simulate_write(call, &s->sim, sr,
                                            &s->made.issues);
}


/* there is no such channel; the last word of the call */

static void
ngx_http_sent_conv_simulate_refuse(ngx_http_sent_conv_call_t *call,
    ngx_uint_t i, const char *name, const char *text)
{
    ngx_http_sent_conv_simulate_fault(call, i, name,
                                      NGX_HTTP_SENT_CONV_E_CHANNEL, text);
    ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_CHANNEL, NULL);
}
