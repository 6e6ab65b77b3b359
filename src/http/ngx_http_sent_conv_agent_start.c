
/*
 * POST /v3/agents/{id}/start: the agent's starter goes to a contact, whose
 * reply is the agent's.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_agent.h"


typedef struct {
    ngx_sent_conv_broadcast_t   broadcast;
    ngx_sent_conv_row_t         row;
    ngx_sent_conv_agent_t      *agent;
    ngx_sent_conv_starter_t    *starter;
    ngx_sent_conv_json_t       *parameters;  /* or NULL */
    ngx_sent_conv_channel_e     channel;     /* CHANNELS = choose */
    const char                 *at;          /* what stands before
                                                "parameters" in faults */
} ngx_http_sent_conv_start_t;


static ngx_sent_conv_starter_t *ngx_http_sent_conv_start_choose(
    ngx_sent_conv_agent_t *agent, ngx_sent_conv_channel_e channel);
static void ngx_http_sent_conv_start_known(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_start_send(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_start_t *start, ngx_str_t *name);
static void ngx_http_sent_conv_start_content(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_start_t *start, ngx_str_t *name);
static ngx_sent_conv_json_t *ngx_http_sent_conv_start_template(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_start_t *start,
    ngx_str_t *name);
static ngx_uint_t ngx_http_sent_conv_start_value(
    ngx_http_sent_conv_start_t *start, ngx_str_t *parameter,
    ngx_str_t *name, ngx_str_t *value);
static void ngx_http_sent_conv_start_fault(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_start_t *start, ngx_str_t *name,
    ngx_http_sent_conv_e error, const char *text);
static void ngx_http_sent_conv_start_given(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_start_t *start);
static ngx_uint_t ngx_http_sent_conv_start_is(ngx_str_t *one,
    ngx_str_t *two);


void
ngx_http_sent_conv_agent_start(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                    rc;
    ngx_http_sent_conv_start_t  *start;

    start = ngx_pcalloc(call->request->pool,
                        sizeof(ngx_http_sent_conv_start_t));
    if (start == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    start->at = "";
    start->agent = ngx_http_sent_conv_agent_find(call);

    if (start->agent == NULL) {
        return;
    }

    call->data = start;

    start->parameters = ngx_http_sent_conv_form_get(call, "parameters",
                                                NGX_SENT_CONV_JSON_OBJECT, 0);
    start->channel = ngx_http_sent_conv_form_channel(call);

    (void) ngx_http_sent_conv_form_phone(call, "to", &start->row.to);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    /* its reply would be nobody's, or another's */

    if (!ngx_sent_conv_agent_live(start->agent)) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_CHANNEL,
                                 "The agent is switched off.");
        return;
    }

    if (ngx_http_sent_conv_start_choose(start->agent, start->channel) == NULL)
    {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_CHANNEL,
                                 "The agent has no starter for that channel.");
        return;
    }

    rc = ngx_sent_conv_store_contact_name(call->store, call->customer,
                                          &start->row.to,
                                          ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_start_known);
}


/* CHANNELS: the first there is */

static ngx_sent_conv_starter_t *
ngx_http_sent_conv_start_choose(ngx_sent_conv_agent_t *agent,
    ngx_sent_conv_channel_e channel)
{
    ngx_uint_t                i;
    ngx_sent_conv_starter_t  *starter;

    starter = agent->definition.starters.elts;

    for (i = 0; i < agent->definition.starters.nelts; i++) {

        if (starter[i].template != NULL
            && (channel == NGX_SENT_CONV_CHANNELS
                || starter[i].channel == channel))
        {
            return &starter[i];
        }
    }

    return NULL;
}


static void
ngx_http_sent_conv_start_known(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_http_sent_conv_start_t    *start;
    ngx_sent_conv_contact_name_t  *contact;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    start = call->data;
    contact = result;

    /* the contact's own channel, where nothing is asked for */

    if (start->channel == NGX_SENT_CONV_CHANNELS) {
        start->starter = ngx_http_sent_conv_start_choose(start->agent,
                                                         contact->channel);
    }

    if (start->starter == NULL) {
        start->starter = ngx_http_sent_conv_start_choose(start->agent,
                                                         start->channel);
    }

    ngx_http_sent_conv_start_send(call, start, &contact->name);
}


static void
ngx_http_sent_conv_start_send(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_start_t *start, ngx_str_t *name)
{
    ngx_http_sent_conv_start_content(call, start, name);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    ngx_http_sent_conv_messages_send(call, &start->broadcast);
}


static void
ngx_http_sent_conv_start_content(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_start_t *start, ngx_str_t *name)
{
    ngx_uint_t             faults;
    ngx_sent_conv_json_t  *template;

    faults = call->faults.nelts;
    template = ngx_http_sent_conv_start_template(call, start, name);

    if (template == NULL || call->faults.nelts > faults) {
        return;
    }

    ngx_http_sent_conv_message_content(call, template,
                                       1 << start->starter->channel,
                                       &start->broadcast);

    start->row.asked = start->starter->channel;

    start->broadcast.rows = &start->row;
    start->broadcast.n = 1;
    start->broadcast.agent = start->agent->id;
}


ngx_sent_conv_broadcast_t *
ngx_http_sent_conv_agent_starter(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_starter_t *as)
{
    ngx_http_sent_conv_start_t  *start;

    start = ngx_pcalloc(call->request->pool,
                        sizeof(ngx_http_sent_conv_start_t));
    if (start == NULL) {
        call->failed = 1;
        return NULL;
    }

    start->agent = as->agent;
    start->parameters = as->parameters;
    start->row.to = as->to;
    start->at = as->at;
    start->starter = ngx_http_sent_conv_start_choose(as->agent, as->channel);

    if (start->starter == NULL) {
        return NULL;
    }

    ngx_http_sent_conv_start_content(call, start, &as->name);

    return &start->broadcast;
}


/* as POST /v3/messages has it; NULL: faults */

static ngx_sent_conv_json_t *
ngx_http_sent_conv_start_template(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_start_t *start, ngx_str_t *name)
{
    char                      *err;
    u_char                    *key;
    ngx_str_t                  value, text, *parameter;
    ngx_uint_t                 i;
    ngx_sent_conv_jw_t         w;
    ngx_sent_conv_json_t      *object;
    ngx_sent_conv_template_t  *template;

    template = start->starter->template;
    parameter = template->parameters.elts;

    ngx_http_sent_conv_start_given(call, start);

    ngx_sent_conv_jw_init(&w, call->request->pool, 512);
    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_str(&w, "id", &template->id);
    ngx_sent_conv_jw_open(&w, "parameters", '{');

    for (i = 0; i < template->parameters.nelts; i++) {

        if (!ngx_http_sent_conv_start_value(start, &parameter[i], name,
                                            &value))
        {
            ngx_http_sent_conv_start_fault(call, start, &parameter[i],
                                           NGX_HTTP_SENT_CONV_E_MISSING,
                                           NULL);
            continue;
        }

        key = ngx_pnalloc(call->request->pool, parameter[i].len + 1);
        if (key == NULL) {
            call->failed = 1;
            return NULL;
        }

        ngx_cpystrn(key, parameter[i].data, parameter[i].len + 1);
        ngx_sent_conv_jw_str(&w, (char *) key, &value);
    }

    ngx_sent_conv_jw_close(&w, '}');
    ngx_sent_conv_jw_close(&w, '}');

    if (ngx_sent_conv_jw_done(&w, &text) != NGX_OK
        || ngx_sent_conv_json_parse_str(call->request->pool, &text, &object,
                                        &err)
           != NGX_OK)
    {
        call->failed = 1;
        return NULL;
    }

    return object;
}


/* what the call gives wins; 0: there is none, or the contact has no name */

static ngx_uint_t
ngx_http_sent_conv_start_value(ngx_http_sent_conv_start_t *start,
    ngx_str_t *parameter, ngx_str_t *name, ngx_str_t *value)
{
    ngx_uint_t             i;
    ngx_keyval_t          *pair;
    ngx_sent_conv_json_t  *given;
    static ngx_str_t       of_name = ngx_string("contact.name");
    static ngx_str_t       of_phone = ngx_string("contact.phone");

    given = start->parameters ? start->parameters->first : NULL;

    for ( /* void */ ; given != NULL; given = given->next) {

        if (ngx_http_sent_conv_start_is(&given->key, parameter)) {
            *value = given->text;
            return 1;
        }
    }

    pair = start->starter->parameters.elts;

    for (i = 0; i < start->starter->parameters.nelts; i++) {

        if (!ngx_http_sent_conv_start_is(&pair[i].key, parameter)) {
            continue;
        }

        *value = pair[i].value;

        if (ngx_http_sent_conv_start_is(value, &of_phone)) {
            *value = start->row.to;

        } else if (ngx_http_sent_conv_start_is(value, &of_name)) {
            *value = *name;
        }

        return value->len > 0;
    }

    return 0;
}


/* strings, of parameters that the template has */

static void
ngx_http_sent_conv_start_given(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_start_t *start)
{
    ngx_str_t             *name;
    ngx_uint_t             i, n;
    ngx_sent_conv_json_t  *given;

    name = start->starter->template->parameters.elts;
    n = start->starter->template->parameters.nelts;

    given = start->parameters ? start->parameters->first : NULL;

    for ( /* void */ ; given != NULL; given = given->next) {

        for (i = 0; i < n; i++) {
            if (ngx_http_sent_conv_start_is(&given->key, &name[i])) {
                break;
            }
        }

        if (i == n) {
            ngx_http_sent_conv_start_fault(call, start, NULL,
                                           NGX_HTTP_SENT_CONV_E_VALUE,
                                           "has one that the template has "
                                           "not");

        } else if (given->type != NGX_SENT_CONV_JSON_STRING) {
            ngx_http_sent_conv_start_fault(call, start, &given->key,
                                           NGX_HTTP_SENT_CONV_E_FORM,
                                           "must be a string");
        }
    }
}


/* "parameters.<name>"; name NULL: "parameters" */

static void
ngx_http_sent_conv_start_fault(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_start_t *start, ngx_str_t *name,
    ngx_http_sent_conv_e error, const char *text)
{
    u_char  *field, *p;

    field = ngx_pnalloc(call->request->pool, ngx_strlen(start->at)
                        + sizeof("parameters.") + (name ? name->len : 0));
    if (field == NULL) {
        call->failed = 1;
        return;
    }

    p = ngx_sprintf(field, "%sparameters", start->at);

    if (name != NULL) {
        p = ngx_sprintf(p, ".%V", name);
    }

    *p = '\0';

    ngx_http_sent_conv_form_fault(call, (char *) field, error, text);
}


static ngx_uint_t
ngx_http_sent_conv_start_is(ngx_str_t *one, ngx_str_t *two)
{
    return one->len == two->len
           && ngx_memcmp(one->data, two->data, one->len) == 0;
}
