
/*
 * GET, PATCH and DELETE of /v3/agents, and how an agent is written.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_agent.h"


static void ngx_http_sent_conv_agent_shown(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_agent_put(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_agent_t *agent, ngx_http_sent_conv_step_pt step);
static void ngx_http_sent_conv_agent_changed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static ngx_uint_t ngx_http_sent_conv_agent_refused(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_agent_archived(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);


/* newest first; archived ones are not told of */

void
ngx_http_sent_conv_agents(ngx_http_sent_conv_call_t *call)
{
    ngx_uint_t                  i, total;
    ngx_sent_conv_jw_t          w;
    ngx_sent_conv_agent_t      *agent;
    ngx_http_sent_conv_page_t   page;

    ngx_http_sent_conv_query_offset(call, &page);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    agent = call->customer->agents.elts;
    total = 0;

    ngx_http_sent_conv_reply_open(call, &w, 2048);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "agents", '[');

    for (i = call->customer->agents.nelts; i > 0; i--) {

        if (agent[i - 1].archived) {
            continue;
        }

        if (total >= page.offset && total < page.offset + page.size) {
            ngx_http_sent_conv_agent_write(&w, NULL, &agent[i - 1]);
        }

        total++;
    }

    ngx_sent_conv_jw_close(&w, ']');

    ngx_http_sent_conv_query_offsets(&w, &page, total);

    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


/* with its live version */

void
ngx_http_sent_conv_agent(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t               rc;
    ngx_sent_conv_agent_t  *agent;

    agent = ngx_http_sent_conv_agent_find(call);

    if (agent == NULL) {
        return;
    }

    call->data = agent;

    rc = ngx_sent_conv_store_agent_versions(call->store, &call->customer->id,
                                            &agent->id, agent->live,
                                            agent->live,
                                            ngx_http_sent_conv_wait_done,
                                            call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_agent_shown);
}


static void
ngx_http_sent_conv_agent_shown(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    char                   *reason;
    ngx_str_t              *text;
    ngx_array_t            *list;
    ngx_sent_conv_jw_t      w;
    ngx_sent_conv_json_t   *version;
    ngx_sent_conv_agent_t  *agent;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    agent = call->data;
    list = result;
    text = list->elts;

    if (list->nelts == 0 || text->len == 0
        || ngx_sent_conv_json_parse_str(call->request->pool, text, &version,
                                        &reason)
           != NGX_OK)
    {
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNSENT);
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, text->len + 1024);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_http_sent_conv_agent_write(&w, "agent", agent);
    ngx_http_sent_conv_agent_write_version(&w, "version", version,
                                           agent->live, 1);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


void
ngx_http_sent_conv_agent_patch(ngx_http_sent_conv_call_t *call)
{
    ngx_uint_t              given;
    ngx_sent_conv_json_t   *name, *active, *layout;
    ngx_sent_conv_agent_t  *agent, *is;

    is = ngx_http_sent_conv_agent_find(call);

    if (is == NULL) {
        return;
    }

    agent = ngx_palloc(call->request->pool, sizeof(ngx_sent_conv_agent_t));
    if (agent == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    *agent = *is;

    name = ngx_http_sent_conv_form_get(call, "name",
                                       NGX_SENT_CONV_JSON_STRING, 0);
    active = ngx_http_sent_conv_form_get(call, "is_active",
                                         NGX_SENT_CONV_JSON_BOOL, 0);
    layout = ngx_http_sent_conv_form_get(call, "layout",
                                         NGX_SENT_CONV_JSON_OBJECT, 0);

    given = (name != NULL || active != NULL);

    if (name != NULL) {
        (void) ngx_http_sent_conv_agent_name(call, name, &agent->name);
    }

    if (active != NULL) {
        agent->is_active = active->integer ? 1 : 0;
    }

    if (layout != NULL) {
        (void) ngx_http_sent_conv_agent_layout(call, layout, &agent->layout);
    }

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    /* what was moved is not what was changed */

    if (given) {
        agent->updated_at = (uint64_t) ngx_time() * 1000;
    }

    ngx_http_sent_conv_agent_put(call, agent,
                                 ngx_http_sent_conv_agent_changed);
}


void
ngx_http_sent_conv_agent_delete(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_agent_t  *agent, *is;

    is = ngx_http_sent_conv_agent_find(call);

    if (is == NULL) {
        return;
    }

    agent = ngx_palloc(call->request->pool, sizeof(ngx_sent_conv_agent_t));
    if (agent == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    *agent = *is;
    agent->archived = 1;
    agent->is_active = 0;
    agent->updated_at = (uint64_t) ngx_time() * 1000;

    ngx_http_sent_conv_agent_put(call, agent,
                                 ngx_http_sent_conv_agent_archived);
}


static void
ngx_http_sent_conv_agent_put(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_agent_t *agent, ngx_http_sent_conv_step_pt step)
{
    ngx_int_t                     rc;
    ngx_sent_conv_agent_result_t  result;

    call->data = agent;

    if (call->sandbox) {
        ngx_memzero(&result, sizeof(ngx_sent_conv_agent_result_t));
        step(call, NGX_SENT_CONV_OK, &result);
        return;
    }

    rc = ngx_sent_conv_store_agent_put(call->store, &call->customer->id,
                                       agent, ngx_http_sent_conv_wait_done,
                                       call);

    ngx_http_sent_conv_wait(call, rc, step);
}


static void
ngx_http_sent_conv_agent_changed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_jw_t  w;

    if (ngx_http_sent_conv_agent_refused(call, err, result)) {
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 512);
    ngx_http_sent_conv_agent_write(&w, "data", call->data);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static void
ngx_http_sent_conv_agent_archived(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    if (!ngx_http_sent_conv_agent_refused(call, err, result)) {
        ngx_http_sent_conv_reply_status(call, NGX_HTTP_NO_CONTENT);
    }
}


/* 1: it has been answered; what was changed meanwhile is for the next try */

static ngx_uint_t
ngx_http_sent_conv_agent_refused(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_agent_result_t  *ar;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return 1;
    }

    ar = result;

    switch (ar->what) {

    case NGX_SENT_CONV_AGENT_OK:
        return 0;

    case NGX_SENT_CONV_AGENT_STALE:
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_CHANGED, NULL);
        return 1;

    case NGX_SENT_CONV_AGENT_TAKEN:
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_EXISTS,
                                 "Another agent has one of its numbers.");
        return 1;

    default:
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_AGENT, NULL);
        return 1;
    }
}


void
ngx_http_sent_conv_agent_write(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_agent_t *agent)
{
    ngx_sent_conv_jw_open(w, name, '{');
    ngx_sent_conv_jw_str(w, "id", &agent->id);
    ngx_sent_conv_jw_str(w, "name", &agent->name);
    ngx_sent_conv_jw_bool(w, "is_active", agent->is_active);
    ngx_sent_conv_jw_int(w, "live_version", (int64_t) agent->live);

    if (agent->layout.len) {
        ngx_sent_conv_jw_raw(w, "layout", &agent->layout);

    } else {
        ngx_sent_conv_jw_null(w, "layout");
    }

    ngx_sent_conv_jw_time(w, "created_at", agent->created_at);
    ngx_sent_conv_jw_time(w, "updated_at", agent->updated_at);
    ngx_sent_conv_jw_close(w, '}');
}
