
/*
 * PATCH and DELETE of /v3/agents.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_agent.h"


static void ngx_http_sent_conv_agent_known(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static ngx_sent_conv_agent_t *ngx_http_sent_conv_agent_copy(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_agent_put(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_step_pt step);
static void ngx_http_sent_conv_agent_changed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static ngx_uint_t ngx_http_sent_conv_agent_refused(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_agent_archived(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);


void
ngx_http_sent_conv_agent_patch(ngx_http_sent_conv_call_t *call)
{
    ngx_uint_t              given;
    ngx_sent_conv_json_t   *name, *active, *layout;
    ngx_sent_conv_agent_t  *agent;

    agent = ngx_http_sent_conv_agent_copy(call);

    if (agent == NULL) {
        return;
    }

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

    /* what is read comes first: nothing fails behind the change */

    ngx_http_sent_conv_agent_count(call, &agent, 1,
                                   ngx_http_sent_conv_agent_known);
}


static void
ngx_http_sent_conv_agent_known(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_stats_t       *stats;
    ngx_http_sent_conv_agent_t  *is;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    is = call->data;
    stats = result;
    is->counts = stats->agents[0];

    ngx_http_sent_conv_agent_put(call, ngx_http_sent_conv_agent_changed);
}


void
ngx_http_sent_conv_agent_delete(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_agent_t  *agent;

    agent = ngx_http_sent_conv_agent_copy(call);

    if (agent == NULL) {
        return;
    }

    agent->archived = 1;
    agent->is_active = 0;
    agent->updated_at = (uint64_t) ngx_time() * 1000;

    ngx_http_sent_conv_agent_put(call, ngx_http_sent_conv_agent_archived);
}


/* the one that the path names, to be changed; call->data; NULL: answered */

static ngx_sent_conv_agent_t *
ngx_http_sent_conv_agent_copy(ngx_http_sent_conv_call_t *call)
{
    ngx_pool_t                  *pool;
    ngx_sent_conv_agent_t       *agent;
    ngx_http_sent_conv_agent_t  *is;

    agent = ngx_http_sent_conv_agent_find(call);

    if (agent == NULL) {
        return NULL;
    }

    pool = call->request->pool;

    is = ngx_pcalloc(pool, sizeof(ngx_http_sent_conv_agent_t));
    if (is == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return NULL;
    }

    is->agent = ngx_palloc(pool, sizeof(ngx_sent_conv_agent_t));
    if (is->agent == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return NULL;
    }

    *is->agent = *agent;
    call->data = is;

    return is->agent;
}


static void
ngx_http_sent_conv_agent_put(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_step_pt step)
{
    ngx_int_t                     rc;
    ngx_http_sent_conv_agent_t   *is;
    ngx_sent_conv_agent_result_t  result;

    is = call->data;

    if (call->sandbox) {
        ngx_memzero(&result, sizeof(ngx_sent_conv_agent_result_t));
        step(call, NGX_SENT_CONV_OK, &result);
        return;
    }

    rc = ngx_sent_conv_store_agent_put(call->store, &call->customer->id,
                                       is->agent,
                                       ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, step);
}


static void
ngx_http_sent_conv_agent_changed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_jw_t           w;
    ngx_http_sent_conv_agent_t  *is;

    if (ngx_http_sent_conv_agent_refused(call, err, result)) {
        return;
    }

    is = call->data;

    ngx_http_sent_conv_reply_open(call, &w, 512);
    ngx_http_sent_conv_agent_write(&w, "data", is->agent, &is->counts);
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
