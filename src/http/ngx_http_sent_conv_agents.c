
/*
 * GET of /v3/agents, and how an agent is written.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_agent.h"


typedef struct {
    ngx_http_sent_conv_page_t   page;
    ngx_array_t                 agents;      /* of ngx_sent_conv_agent_t * */
    ngx_uint_t                  total;
} ngx_http_sent_conv_agents_t;


static void ngx_http_sent_conv_agents_listed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_agent_counted(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_agent_shown(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);


/* newest first; archived ones are not told of */

void
ngx_http_sent_conv_agents(ngx_http_sent_conv_call_t *call)
{
    ngx_uint_t                    i;
    ngx_sent_conv_agent_t        *agent, **of;
    ngx_http_sent_conv_agents_t  *list;

    list = ngx_pcalloc(call->request->pool,
                       sizeof(ngx_http_sent_conv_agents_t));

    if (list == NULL
        || ngx_array_init(&list->agents, call->request->pool, 20,
                          sizeof(ngx_sent_conv_agent_t *))
           != NGX_OK)
    {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_query_offset(call, &list->page);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    call->data = list;
    agent = call->customer->agents.elts;

    for (i = call->customer->agents.nelts; i > 0; i--) {

        if (agent[i - 1].archived) {
            continue;
        }

        if (list->total >= list->page.offset
            && list->total < list->page.offset + list->page.size)
        {
            of = ngx_array_push(&list->agents);
            if (of == NULL) {
                ngx_http_sent_conv_reply_abort(call);
                return;
            }

            *of = &agent[i - 1];
        }

        list->total++;
    }

    if (list->agents.nelts == 0) {
        ngx_http_sent_conv_agents_listed(call, NGX_SENT_CONV_OK, NULL);
        return;
    }

    ngx_http_sent_conv_agent_count(call, list->agents.elts,
                                   list->agents.nelts,
                                   ngx_http_sent_conv_agents_listed);
}


static void
ngx_http_sent_conv_agents_listed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_uint_t                     i;
    ngx_sent_conv_jw_t             w;
    ngx_sent_conv_agent_t        **agent;
    ngx_sent_conv_stats_t         *stats;
    ngx_http_sent_conv_agents_t   *list;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    list = call->data;
    stats = result;
    agent = list->agents.elts;

    ngx_http_sent_conv_reply_open(call, &w, 2048);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "agents", '[');

    for (i = 0; i < list->agents.nelts; i++) {
        ngx_http_sent_conv_agent_write(&w, NULL, agent[i], &stats->agents[i]);
    }

    ngx_sent_conv_jw_close(&w, ']');

    ngx_http_sent_conv_query_offsets(&w, &list->page, list->total);

    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


/* with its live version */

void
ngx_http_sent_conv_agent(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_agent_t  *is;

    is = ngx_pcalloc(call->request->pool, sizeof(ngx_http_sent_conv_agent_t));
    if (is == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    is->agent = ngx_http_sent_conv_agent_find(call);

    if (is->agent == NULL) {
        return;
    }

    call->data = is;

    ngx_http_sent_conv_agent_count(call, &is->agent, 1,
                                   ngx_http_sent_conv_agent_counted);
}


static void
ngx_http_sent_conv_agent_counted(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_int_t                    rc;
    ngx_sent_conv_stats_t       *stats;
    ngx_http_sent_conv_agent_t  *is;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    is = call->data;
    stats = result;
    is->counts = stats->agents[0];

    rc = ngx_sent_conv_store_agent_versions(call->store, &call->customer->id,
                                            &is->agent->id, is->agent->live,
                                            is->agent->live,
                                            ngx_http_sent_conv_wait_done,
                                            call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_agent_shown);
}


static void
ngx_http_sent_conv_agent_shown(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    char                        *reason;
    ngx_str_t                   *text;
    ngx_array_t                 *list;
    ngx_sent_conv_jw_t           w;
    ngx_sent_conv_json_t        *version;
    ngx_http_sent_conv_agent_t  *is;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    is = call->data;
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
    ngx_http_sent_conv_agent_write(&w, "agent", is->agent, &is->counts);
    ngx_http_sent_conv_agent_write_version(&w, "version", version,
                                           is->agent->live, 1);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


void
ngx_http_sent_conv_agent_write(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_agent_t *agent, ngx_sent_conv_counts_t *counts)
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
    ngx_sent_conv_jw_int(w, "open", counts->open);
    ngx_sent_conv_jw_int(w, "active", counts->active);
    ngx_sent_conv_jw_int(w, "inbound_24h",
                         counts->counters[NGX_SENT_CONV_C_INBOUND]);
    ngx_sent_conv_jw_int(w, "outbound_24h",
                         counts->counters[NGX_SENT_CONV_C_OUTBOUND]);
    ngx_sent_conv_jw_close(w, '}');
}
