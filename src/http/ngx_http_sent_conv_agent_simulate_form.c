
/*
 * The steps of a conversation that a draft is tried with, as they are given.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_agent.h"


/* steps, characters of a text, seconds of one wait and of all */
#define NGX_HTTP_SENT_CONV_SIM_STEPS    50
#define NGX_HTTP_SENT_CONV_SIM_TEXT     4096
#define NGX_HTTP_SENT_CONV_SIM_WAIT     172800
#define NGX_HTTP_SENT_CONV_SIM_WAITS    1209600

#define NGX_HTTP_SENT_CONV_SIM_FIELD                                          \
    (sizeof("steps[].parameters") + NGX_INT_T_LEN)


static ngx_sent_conv_json_t *ngx_http_sent_conv_simulate_what(
    ngx_sent_conv_sim_step_t *step, ngx_sent_conv_json_t *object);
static void ngx_http_sent_conv_simulate_step(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_sim_step_t *step, ngx_uint_t i,
    ngx_sent_conv_json_t *object);
static void ngx_http_sent_conv_simulate_text(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_sim_step_t *step, ngx_uint_t i, const char *name,
    ngx_sent_conv_json_t *value);
static void ngx_http_sent_conv_simulate_wait(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_sim_step_t *step, ngx_uint_t i, ngx_sent_conv_json_t *value);
static ngx_uint_t ngx_http_sent_conv_simulate_unit(u_char letter);
static void ngx_http_sent_conv_simulate_channel(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_sim_step_t *step,
    ngx_uint_t i, const char *name, ngx_sent_conv_json_t *value);


/* in the order of ngx_sent_conv_sim_e */

static const char  *ngx_http_sent_conv_simulate_names[] = {
    "inbound", "reply", "start", "wait", NULL
};


ngx_sent_conv_json_t *
ngx_http_sent_conv_simulate_form(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_sim_t *sim)
{
    ngx_uint_t             i;
    uint64_t               waits;
    ngx_sent_conv_json_t  *steps, *step;

    steps = ngx_http_sent_conv_form_get(call, "steps",
                                        NGX_SENT_CONV_JSON_ARRAY, 1);
    if (steps == NULL) {
        return NULL;
    }

    if (steps->n < 1 || steps->n > NGX_HTTP_SENT_CONV_SIM_STEPS) {
        ngx_http_sent_conv_form_fault(call, "steps",
                                      NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must have 1 to 50 steps");
        return NULL;
    }

    sim->n = steps->n;
    sim->steps = ngx_pcalloc(call->request->pool,
                             sim->n * sizeof(ngx_sent_conv_sim_step_t));
    if (sim->steps == NULL) {
        call->failed = 1;
        return NULL;
    }

    waits = 0;

    for (step = steps->first, i = 0; step; step = step->next, i++) {
        ngx_http_sent_conv_simulate_step(call, &sim->steps[i], i, step);
        waits += sim->steps[i].wait;
    }

    if (waits > (uint64_t) NGX_HTTP_SENT_CONV_SIM_WAITS * 1000) {
        ngx_http_sent_conv_form_fault(call, "steps",
                                      NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must not wait for more than 14 days");
    }

    return steps;
}


static void
ngx_http_sent_conv_simulate_step(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_sim_step_t *step, ngx_uint_t i, ngx_sent_conv_json_t *object)
{
    ngx_sent_conv_json_t  *value;

    step->channel = NGX_SENT_CONV_CHANNELS;

    value = ngx_http_sent_conv_simulate_what(step, object);

    if (value == NULL) {
        ngx_http_sent_conv_simulate_fault(call, i, "",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must have one of inbound, reply, "
                                          "start and wait");
        return;
    }

    switch (step->what) {

    case NGX_SENT_CONV_SIM_WAIT:
        ngx_http_sent_conv_simulate_wait(call, step, i, value);
        return;

    case NGX_SENT_CONV_SIM_START:
        ngx_http_sent_conv_simulate_channel(call, step, i, ".start", value);
        return;

    case NGX_SENT_CONV_SIM_INBOUND:
        ngx_http_sent_conv_simulate_text(call, step, i, ".inbound", value);
        break;

    default: /* NGX_SENT_CONV_SIM_REPLY */
        ngx_http_sent_conv_simulate_text(call, step, i, ".reply", value);
    }

    value = ngx_sent_conv_json_get(object, "channel");

    if (value != NULL && value->type != NGX_SENT_CONV_JSON_NULL) {
        ngx_http_sent_conv_simulate_channel(call, step, i, ".channel", value);
    }
}


/* what it is, and what is given for it; NULL: nothing, or several */

static ngx_sent_conv_json_t *
ngx_http_sent_conv_simulate_what(ngx_sent_conv_sim_step_t *step,
    ngx_sent_conv_json_t *object)
{
    ngx_uint_t              i;
    const char            **name;
    ngx_sent_conv_json_t   *value, *is;

    if (object->type != NGX_SENT_CONV_JSON_OBJECT) {
        return NULL;
    }

    name = ngx_http_sent_conv_simulate_names;
    value = NULL;

    for (i = 0; name[i] != NULL; i++) {
        is = ngx_sent_conv_json_get(object, name[i]);

        if (is == NULL) {
            continue;
        }

        if (value != NULL) {
            return NULL;
        }

        step->what = (ngx_sent_conv_sim_e) i;
        value = is;
    }

    return value;
}


static void
ngx_http_sent_conv_simulate_text(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_sim_step_t *step, ngx_uint_t i, const char *name,
    ngx_sent_conv_json_t *value)
{
    ngx_int_t  n;

    if (value->type != NGX_SENT_CONV_JSON_STRING) {
        ngx_http_sent_conv_simulate_fault(call, i, name,
                                          NGX_HTTP_SENT_CONV_E_FORM,
                                          "must be a string");
        return;
    }

    n = ngx_sent_conv_utf8_length(&value->text);

    if (n < 1 || n > NGX_HTTP_SENT_CONV_SIM_TEXT) {
        ngx_http_sent_conv_simulate_fault(call, i, name,
                                          NGX_HTTP_SENT_CONV_E_RANGE,
                                          "must have 1 to 4096 characters");
        return;
    }

    step->text = value->text;
    step->length = n;
}


/* "30s", "5m", "2h" */

static void
ngx_http_sent_conv_simulate_wait(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_sim_step_t *step, ngx_uint_t i, ngx_sent_conv_json_t *value)
{
    ngx_int_t   n;
    ngx_str_t  *text;
    ngx_uint_t  unit;

    text = &value->text;
    unit = 0;
    n = NGX_ERROR;

    if (value->type == NGX_SENT_CONV_JSON_STRING && text->len > 1) {
        unit = ngx_http_sent_conv_simulate_unit(text->data[text->len - 1]);
        n = ngx_atoi(text->data, text->len - 1);
    }

    if (n == NGX_ERROR || unit == 0) {
        ngx_http_sent_conv_simulate_fault(call, i, ".wait",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be a number and s, m or h");
        return;
    }

    if (n < 1 || (ngx_uint_t) n > NGX_HTTP_SENT_CONV_SIM_WAIT / unit) {
        ngx_http_sent_conv_simulate_fault(call, i, ".wait",
                                          NGX_HTTP_SENT_CONV_E_RANGE,
                                          "must be 1s to 48h");
        return;
    }

    step->wait = n * unit * 1000;
}


/* in seconds; 0: it is none */

static ngx_uint_t
ngx_http_sent_conv_simulate_unit(u_char letter)
{
    switch (letter) {

    case 's':
        return 1;

    case 'm':
        return 60;

    case 'h':
        return 3600;

    default:
        return 0;
    }
}


static void
ngx_http_sent_conv_simulate_channel(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_sim_step_t *step, ngx_uint_t i, const char *name,
    ngx_sent_conv_json_t *value)
{
    if (value->type == NGX_SENT_CONV_JSON_STRING) {
        step->channel = ngx_sent_conv_channel_parse(&value->text);
    }

    if (step->channel == NGX_SENT_CONV_CHANNELS) {
        ngx_http_sent_conv_simulate_fault(call, i, name,
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be whatsapp, sms or rcs");
    }
}


void
ngx_http_sent_conv_simulate_fault(ngx_http_sent_conv_call_t *call,
    ngx_uint_t i, const char *name, ngx_http_sent_conv_e error,
    const char *text)
{
    char  *field;

    field = ngx_http_sent_conv_simulate_field(call, i, name);

    if (field != NULL) {
        ngx_http_sent_conv_form_fault(call, field, error, text);
    }
}


char *
ngx_http_sent_conv_simulate_field(ngx_http_sent_conv_call_t *call,
    ngx_uint_t i, const char *name)
{
    u_char  *field;

    field = ngx_pnalloc(call->request->pool, NGX_HTTP_SENT_CONV_SIM_FIELD);

    if (field == NULL) {
        call->failed = 1;
        return NULL;
    }

    *ngx_sprintf(field, "steps[%ui]%s", i, name) = '\0';

    return (char *) field;
}
