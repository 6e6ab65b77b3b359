
/*
 * Definitions of agents as they are given: checked, and what is wrong told;
 * validate, and the schema.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_agent.h"
#include "ngx_sent_conv_agent_schema.h"


static ngx_int_t ngx_http_sent_conv_agent_taken(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_agent_t *own,
    ngx_array_t *taken);
static ngx_uint_t ngx_http_sent_conv_agent_places(
    ngx_sent_conv_json_t *layout);


ngx_sent_conv_agent_t *
ngx_http_sent_conv_agent_find(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t              *id;
    ngx_sent_conv_agent_t  *agent;

    id = ngx_http_sent_conv_form_id(call, 0, "id");

    if (id == NULL) {
        return NULL;
    }

    agent = ngx_sent_conv_customer_agent(call->customer, id);

    if (agent == NULL || agent->archived) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_AGENT, NULL);
        return NULL;
    }

    return agent;
}


ngx_int_t
ngx_http_sent_conv_agent_check(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_json_t *definition, ngx_http_sent_conv_made_t *made)
{
    ngx_int_t           rc;
    ngx_pool_t         *pool;
    ngx_array_t         taken;
    ngx_sent_conv_jw_t  w;

    pool = call->request->pool;

    if (ngx_array_init(&made->issues, pool, 4, sizeof(ngx_sent_conv_issue_t))
        != NGX_OK
        || ngx_http_sent_conv_agent_taken(call, made->agent, &taken)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_jw_init(&w, pool, 1024);
    ngx_sent_conv_jw_value(&w, NULL, definition);

    if (ngx_sent_conv_jw_done(&w, &made->text) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_json_agent(pool, definition, made->text.len,
                                  call->customer, &taken, &made->definition,
                                  &made->issues);
    if (rc != NGX_OK) {
        return rc;
    }

    /* ids are lower case in what is kept */

    ngx_sent_conv_jw_init(&w, pool, made->text.len + 1);
    ngx_sent_conv_jw_value(&w, NULL, definition);

    return ngx_sent_conv_jw_done(&w, &made->text);
}


/* numbers of the other agents that are on */

static ngx_int_t
ngx_http_sent_conv_agent_taken(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_agent_t *own, ngx_array_t *taken)
{
    ngx_str_t              *to, *number;
    ngx_uint_t              i, k;
    ngx_sent_conv_agent_t  *agent;

    if (ngx_array_init(taken, call->request->pool, 4, sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    agent = call->customer->agents.elts;

    for (i = 0; i < call->customer->agents.nelts; i++) {

        if (&agent[i] == own || !agent[i].is_active || agent[i].archived) {
            continue;
        }

        number = agent[i].definition.numbers.elts;

        for (k = 0; k < agent[i].definition.numbers.nelts; k++) {
            to = ngx_array_push(taken);
            if (to == NULL) {
                return NGX_ERROR;
            }

            *to = number[k];
        }
    }

    return NGX_OK;
}


void
ngx_http_sent_conv_agent_refuse(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_made_t *made)
{
    ngx_uint_t              i, others;
    ngx_sent_conv_jw_t      w;
    ngx_sent_conv_issue_t  *issue;

    issue = made->issues.elts;
    others = 0;

    for (i = 0; i < made->issues.nelts; i++) {

        if (!issue[i].warning
            && ngx_strcmp(issue[i].code, "number_taken") != 0)
        {
            others = 1;
        }
    }

    ngx_sent_conv_jw_init(&w, call->request->pool, 512);
    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_http_sent_conv_agent_write_issues(&w, &made->issues);
    ngx_sent_conv_jw_close(&w, '}');

    if (ngx_sent_conv_jw_done(&w, &call->details) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (others) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_DEFINITION, NULL);
        return;
    }

    ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_EXISTS,
                             "Another agent has one of these numbers.");
}


void
ngx_http_sent_conv_agent_write_issues(ngx_sent_conv_jw_t *w,
    ngx_array_t *issues)
{
    ngx_uint_t              i;
    ngx_sent_conv_issue_t  *issue;

    issue = issues->elts;

    ngx_sent_conv_jw_open(w, "issues", '[');

    for (i = 0; i < issues->nelts; i++) {
        ngx_sent_conv_jw_open(w, NULL, '{');
        ngx_sent_conv_jw_str(w, "path", &issue[i].path);
        ngx_sent_conv_jw_cstr(w, "code", issue[i].code);
        ngx_sent_conv_jw_cstr(w, "message", issue[i].message);
        ngx_sent_conv_jw_cstr(w, "level",
                              issue[i].warning ? "warning" : "error");
        ngx_sent_conv_jw_close(w, '}');
    }

    ngx_sent_conv_jw_close(w, ']');
}


ngx_int_t
ngx_http_sent_conv_agent_name(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_json_t *value, ngx_str_t *name)
{
    ngx_int_t  n;

    n = ngx_sent_conv_utf8_length(&value->text);

    if (n < 1 || n > NGX_HTTP_SENT_CONV_NAME_MAX) {
        ngx_http_sent_conv_form_fault(call, "name",
                                      NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must have 1 to 100 characters");
        return NGX_DECLINED;
    }

    *name = value->text;

    return NGX_OK;
}


/* {"<step>":[x,y]} */

ngx_int_t
ngx_http_sent_conv_agent_layout(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_json_t *value, ngx_str_t *layout)
{
    ngx_sent_conv_jw_t  w;

    ngx_sent_conv_jw_init(&w, call->request->pool, 256);
    ngx_sent_conv_jw_value(&w, NULL, value);

    if (ngx_sent_conv_jw_done(&w, layout) != NGX_OK) {
        call->failed = 1;
        return NGX_DECLINED;
    }

    if (!ngx_http_sent_conv_agent_places(value)) {
        ngx_http_sent_conv_form_fault(call, "layout",
                                      NGX_HTTP_SENT_CONV_E_FORM,
                                      "must have two numbers for each step");
        return NGX_DECLINED;
    }

    if (layout->len > NGX_HTTP_SENT_CONV_LAYOUT_MAX) {
        ngx_http_sent_conv_form_fault(call, "layout",
                                      NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must not be larger than 16 KiB");
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_sent_conv_agent_places(ngx_sent_conv_json_t *layout)
{
    ngx_sent_conv_json_t  *place, *number;

    for (place = layout->first; place; place = place->next) {

        if (place->type != NGX_SENT_CONV_JSON_ARRAY || place->n != 2) {
            return 0;
        }

        for (number = place->first; number; number = number->next) {

            if (number->type != NGX_SENT_CONV_JSON_INTEGER
                && number->type != NGX_SENT_CONV_JSON_NUMBER)
            {
                return 0;
            }
        }
    }

    return 1;
}


void
ngx_http_sent_conv_agent_validate(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_jw_t          w;
    ngx_sent_conv_json_t       *definition;
    ngx_http_sent_conv_made_t   made;

    ngx_memzero(&made, sizeof(ngx_http_sent_conv_made_t));

    made.agent = ngx_http_sent_conv_agent_find(call);

    if (made.agent == NULL) {
        return;
    }

    definition = call->json ? ngx_sent_conv_json_get(call->json, "definition")
                            : NULL;

    if (definition == NULL) {
        ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_MISSING,
                                       "definition", NULL);
        return;
    }

    if (ngx_http_sent_conv_agent_check(call, definition, &made) == NGX_ERROR)
    {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 512);
    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_http_sent_conv_agent_write_issues(&w, &made.issues);
    ngx_sent_conv_jw_close(&w, '}');
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


void
ngx_http_sent_conv_agent_schema(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t           text;
    ngx_sent_conv_jw_t  w;

    text.data = (u_char *) ngx_sent_conv_agent_schema;
    text.len = sizeof(ngx_sent_conv_agent_schema) - 1;

    ngx_http_sent_conv_reply_open(call, &w, text.len);
    ngx_sent_conv_jw_raw(&w, "data", &text);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}
