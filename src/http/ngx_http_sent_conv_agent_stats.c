
/*
 * GET /v3/agents/{id}/stats, and the counts that every agent is shown with.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_agent.h"


static void ngx_http_sent_conv_agent_stats_read(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_agent_stats_write(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_stats_t *stats);
static void ngx_http_sent_conv_agent_stats_bucket(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_counts_t *bucket);


/* of an agent; one that is archived, too */

void
ngx_http_sent_conv_agent_stats(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t               rc;
    ngx_str_t              *id, value;
    ngx_sent_conv_agent_t  *agent;
    ngx_sent_conv_range_t  *range;

    id = ngx_http_sent_conv_form_id(call, 0, "id");

    if (id == NULL) {
        return;
    }

    agent = ngx_sent_conv_customer_agent(call->customer, id);

    if (agent == NULL) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_AGENT, NULL);
        return;
    }

    if (ngx_http_sent_conv_query_get(call, "range", &value) != NGX_OK) {
        ngx_str_set(&value, "24h");
    }

    range = ngx_sent_conv_store_range(&value);

    if (range == NULL) {
        ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_VALUE,
                                       "range",
                                       "must be 1h, 24h, 7d or 30d");
        return;
    }

    rc = ngx_sent_conv_store_stats(call->store, call->customer, &agent->id, 1,
                                   range, ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_agent_stats_read);
}


static void
ngx_http_sent_conv_agent_stats_read(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_jw_t  w;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 8192);
    ngx_http_sent_conv_agent_stats_write(&w, result);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static void
ngx_http_sent_conv_agent_stats_write(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_stats_t *stats)
{
    int64_t                 *counter;
    ngx_uint_t               i;
    ngx_sent_conv_counts_t  *agent;

    agent = stats->agents;
    counter = agent->counters;

    ngx_sent_conv_jw_open(w, "data", '{');
    ngx_sent_conv_jw_int(w, "open", agent->open);
    ngx_sent_conv_jw_int(w, "active", agent->active);

    ngx_sent_conv_jw_open(w, "ended", '{');
    ngx_sent_conv_jw_int(w, "EXPIRED", counter[NGX_SENT_CONV_C_EXPIRED]);
    ngx_sent_conv_jw_int(w, "EXPLICIT", counter[NGX_SENT_CONV_C_EXPLICIT]);
    ngx_sent_conv_jw_int(w, "COMPLIANCE_STOP",
                         counter[NGX_SENT_CONV_C_COMPLIANCE_STOP]);
    ngx_sent_conv_jw_close(w, '}');

    ngx_sent_conv_jw_int(w, "inbound", counter[NGX_SENT_CONV_C_INBOUND]);
    ngx_sent_conv_jw_int(w, "outbound", counter[NGX_SENT_CONV_C_OUTBOUND]);
    ngx_sent_conv_jw_int(w, "started", counter[NGX_SENT_CONV_C_OPENED]);
    ngx_sent_conv_jw_int(w, "starters_sent",
                         counter[NGX_SENT_CONV_C_STARTERS]);

    ngx_sent_conv_jw_open(w, "buckets", '[');

    for (i = 0; i < stats->nbuckets; i++) {
        ngx_http_sent_conv_agent_stats_bucket(w, &stats->buckets[i]);
    }

    ngx_sent_conv_jw_close(w, ']');
    ngx_sent_conv_jw_close(w, '}');
}


static void
ngx_http_sent_conv_agent_stats_bucket(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_counts_t *bucket)
{
    int64_t  *counter;

    counter = bucket->counters;

    ngx_sent_conv_jw_open(w, NULL, '{');
    ngx_sent_conv_jw_time(w, "t", (uint64_t) bucket->start);
    ngx_sent_conv_jw_int(w, "inbound", counter[NGX_SENT_CONV_C_INBOUND]);
    ngx_sent_conv_jw_int(w, "outbound", counter[NGX_SENT_CONV_C_OUTBOUND]);
    ngx_sent_conv_jw_int(w, "opened", counter[NGX_SENT_CONV_C_OPENED]);
    ngx_sent_conv_jw_int(w, "closed",
                         counter[NGX_SENT_CONV_C_EXPIRED]
                         + counter[NGX_SENT_CONV_C_EXPLICIT]
                         + counter[NGX_SENT_CONV_C_COMPLIANCE_STOP]);
    ngx_sent_conv_jw_close(w, '}');
}


void
ngx_http_sent_conv_agent_count(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_agent_t **agents, ngx_uint_t n,
    ngx_http_sent_conv_step_pt step)
{
    ngx_int_t    rc;
    ngx_str_t   *ids;
    ngx_uint_t   i;

    ids = ngx_palloc(call->request->pool, n * sizeof(ngx_str_t));
    if (ids == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    for (i = 0; i < n; i++) {
        ids[i] = agents[i]->id;
    }

    rc = ngx_sent_conv_store_stats(call->store, call->customer, ids, n, NULL,
                                   ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, step);
}
