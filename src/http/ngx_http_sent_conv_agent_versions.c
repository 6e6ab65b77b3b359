
/*
 * GET /v3/agents/{id}/versions: all that an agent was.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_agent.h"


typedef struct {
    ngx_http_sent_conv_page_t   page;
    ngx_uint_t                  live;
} ngx_http_sent_conv_versions_t;


static void ngx_http_sent_conv_agent_listed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_agent_version_shown(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);


/* newest first: the live one, and so on down to 1 */

void
ngx_http_sent_conv_agent_versions(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                       rc;
    ngx_uint_t                      to, from;
    ngx_sent_conv_agent_t          *agent;
    ngx_http_sent_conv_versions_t  *versions;

    agent = ngx_http_sent_conv_agent_find(call);

    if (agent == NULL) {
        return;
    }

    versions = ngx_pcalloc(call->request->pool,
                           sizeof(ngx_http_sent_conv_versions_t));
    if (versions == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_query_offset(call, &versions->page);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    call->data = versions;
    versions->live = agent->live;

    if (versions->page.offset >= agent->live) {
        ngx_http_sent_conv_agent_listed(call, NGX_SENT_CONV_OK, NULL);
        return;
    }

    to = agent->live - versions->page.offset;
    from = (to > versions->page.size) ? to - versions->page.size + 1 : 1;

    rc = ngx_sent_conv_store_agent_versions(call->store, &call->customer->id,
                                            &agent->id, from, to,
                                            ngx_http_sent_conv_wait_done,
                                            call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_agent_listed);
}


static void
ngx_http_sent_conv_agent_listed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    char                           *reason;
    ngx_str_t                      *text;
    ngx_uint_t                      i;
    ngx_array_t                    *list;
    ngx_sent_conv_jw_t              w;
    ngx_sent_conv_json_t           *version;
    ngx_http_sent_conv_versions_t  *versions;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    versions = call->data;
    list = result;
    text = list ? list->elts : NULL;

    ngx_http_sent_conv_reply_open(call, &w, 4096);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "versions", '[');

    for (i = 0; list != NULL && i < list->nelts; i++) {

        if (text[i].len
            && ngx_sent_conv_json_parse_str(call->request->pool, &text[i],
                                            &version, &reason)
               == NGX_OK)
        {
            ngx_http_sent_conv_agent_write_version(&w, NULL, version,
                                                   versions->live, 0);
        }
    }

    ngx_sent_conv_jw_close(&w, ']');

    ngx_http_sent_conv_query_offsets(&w, &versions->page, versions->live);

    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


void
ngx_http_sent_conv_agent_version(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t               n, rc;
    ngx_sent_conv_agent_t  *agent;

    agent = ngx_http_sent_conv_agent_find(call);

    if (agent == NULL) {
        return;
    }

    n = ngx_atoi(call->vars[1].data, call->vars[1].len);

    if (n < 1 || (ngx_uint_t) n > agent->live) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_VERSION, NULL);
        return;
    }

    call->data = agent;

    rc = ngx_sent_conv_store_agent_versions(call->store, &call->customer->id,
                                            &agent->id, n, n,
                                            ngx_http_sent_conv_wait_done,
                                            call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_agent_version_shown);
}


static void
ngx_http_sent_conv_agent_version_shown(ngx_http_sent_conv_call_t *call,
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
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_VERSION, NULL);
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, text->len + 512);
    ngx_http_sent_conv_agent_write_version(&w, "data", version, agent->live,
                                           1);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


/* what is kept of one, but for the request's id; whole: with its definition */

void
ngx_http_sent_conv_agent_write_version(ngx_sent_conv_jw_t *w,
    const char *name, ngx_sent_conv_json_t *version, ngx_uint_t live,
    ngx_uint_t whole)
{
    ngx_uint_t             i;
    ngx_sent_conv_json_t  *value;

    static const char     *members[] = {
        "version", "note", "restored_from", "created_at", "created_by",
        "sha256", NULL
    };

    ngx_sent_conv_jw_open(w, name, '{');

    for (i = 0; members[i] != NULL; i++) {
        value = ngx_sent_conv_json_get(version, members[i]);

        if (value == NULL) {
            ngx_sent_conv_jw_null(w, members[i]);
            continue;
        }

        ngx_sent_conv_jw_value(w, members[i], value);
    }

    value = ngx_sent_conv_json_get(version, "version");

    ngx_sent_conv_jw_bool(w, "live",
                          value != NULL && value->integer == (int64_t) live);

    value = ngx_sent_conv_json_get(version, "definition");

    if (whole && value != NULL) {
        ngx_sent_conv_jw_value(w, "definition", value);
    }

    ngx_sent_conv_jw_close(w, '}');
}
