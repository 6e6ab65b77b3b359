
/*
 * The entry of the API: what a location is, its routes, the order of the
 * checks that all share.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static ngx_int_t ngx_http_sent_conv_handler_route(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_route_t *routes);
static ngx_uint_t ngx_http_sent_conv_handler_match(char *pattern,
    ngx_str_t *path, ngx_str_t *vars);
static void ngx_http_sent_conv_handler_method(
    ngx_http_sent_conv_call_t *call, ngx_uint_t methods);
static void ngx_http_sent_conv_handler_ready(
    ngx_http_sent_conv_call_t *call);


static ngx_http_sent_conv_route_t  ngx_http_sent_conv_api_routes[] = {

    { NGX_HTTP_POST, "/v3/conversations/messages",
      ngx_http_sent_conv_send,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM
      |NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_GET, "/v3/conversations",
      ngx_http_sent_conv_conversations,
      NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_POST, "/v3/conversations/*/close",
      ngx_http_sent_conv_close,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM
      |NGX_HTTP_SENT_CONV_BODYLESS|NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_GET, "/v3/conversations/*",
      ngx_http_sent_conv_conversation,
      NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_GET, "/v3/agents/schema",
      ngx_http_sent_conv_agent_schema,
      NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_POST, "/v3/agents",
      ngx_http_sent_conv_agent_create,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM
      |NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_GET, "/v3/agents",
      ngx_http_sent_conv_agents,
      NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_GET, "/v3/agents/*",
      ngx_http_sent_conv_agent,
      NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_PATCH, "/v3/agents/*",
      ngx_http_sent_conv_agent_patch,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM
      |NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_DELETE, "/v3/agents/*",
      ngx_http_sent_conv_agent_delete,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_BODYLESS
      |NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_GET, "/v3/agents/*/versions",
      ngx_http_sent_conv_agent_versions,
      NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_POST, "/v3/agents/*/versions",
      ngx_http_sent_conv_agent_promote,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM
      |NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_GET, "/v3/agents/*/versions/*",
      ngx_http_sent_conv_agent_version,
      NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_POST, "/v3/agents/*/versions/*/restore",
      ngx_http_sent_conv_agent_restore,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM
      |NGX_HTTP_SENT_CONV_BODYLESS|NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_POST, "/v3/agents/*/validate",
      ngx_http_sent_conv_agent_validate,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_POST, "/v3/agents/*/simulate",
      ngx_http_sent_conv_agent_simulate,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_POST, "/v3/agents/*/start",
      ngx_http_sent_conv_agent_start,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM
      |NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_GET, "/v3/agents/*/executions",
      ngx_http_sent_conv_agent_executions,
      NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_GET, "/v3/agents/*/stats",
      ngx_http_sent_conv_agent_stats,
      NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_POST, "/v3/messages",
      ngx_http_sent_conv_messages,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM },

    { NGX_HTTP_GET, "/v3/messages/*",
      ngx_http_sent_conv_message,
      0 },

    { NGX_HTTP_GET, "/v3/messages/*/activities",
      ngx_http_sent_conv_message_activities,
      0 },

    { NGX_HTTP_GET, "/v3/templates",
      ngx_http_sent_conv_templates,
      0 },

    { NGX_HTTP_GET, "/v3/templates/*",
      ngx_http_sent_conv_template,
      0 },

    { NGX_HTTP_GET, "/v3/contacts",
      ngx_http_sent_conv_contacts,
      0 },

    { NGX_HTTP_POST, "/v3/contacts",
      ngx_http_sent_conv_contact_create,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM },

    { NGX_HTTP_GET, "/v3/contacts/*",
      ngx_http_sent_conv_contact,
      0 },

    { NGX_HTTP_PATCH, "/v3/contacts/*",
      ngx_http_sent_conv_contact_patch,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM
      |NGX_HTTP_SENT_CONV_CONSENT },

    { NGX_HTTP_DELETE, "/v3/contacts/*",
      ngx_http_sent_conv_contact_delete,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_BODYLESS
      |NGX_HTTP_SENT_CONV_CONSENT },

    { NGX_HTTP_GET, "/v3/contacts/*/consent",
      ngx_http_sent_conv_contact_consent,
      0 },

    { NGX_HTTP_POST, "/v3/webhooks",
      ngx_http_sent_conv_webhook_create,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM },

    { NGX_HTTP_GET, "/v3/webhooks",
      ngx_http_sent_conv_webhooks,
      0 },

    { NGX_HTTP_GET, "/v3/webhooks/event-types",
      ngx_http_sent_conv_webhook_types,
      0 },

    { NGX_HTTP_GET, "/v3/webhooks/*",
      ngx_http_sent_conv_webhook,
      0 },

    { NGX_HTTP_PUT, "/v3/webhooks/*",
      ngx_http_sent_conv_webhook_put,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM },

    { NGX_HTTP_PATCH, "/v3/webhooks/*/toggle-status",
      ngx_http_sent_conv_webhook_toggle,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM },

    { NGX_HTTP_POST, "/v3/webhooks/*/test",
      ngx_http_sent_conv_webhook_test,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM
      |NGX_HTTP_SENT_CONV_LONG },

    { NGX_HTTP_POST, "/v3/webhooks/*/rotate-secret",
      ngx_http_sent_conv_webhook_rotate,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM
      |NGX_HTTP_SENT_CONV_BODYLESS },

    { NGX_HTTP_GET, "/v3/webhooks/*/events",
      ngx_http_sent_conv_webhook_events,
      0 },

    { NGX_HTTP_GET, "/v3/webhooks/*/events/*/attempts",
      ngx_http_sent_conv_webhook_attempts,
      0 },

    { NGX_HTTP_POST, "/v3/webhooks/*/recover",
      ngx_http_sent_conv_webhook_recover,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM },

    { NGX_HTTP_POST, "/v3/webhooks/*/events/*/replay",
      ngx_http_sent_conv_webhook_replay,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM
      |NGX_HTTP_SENT_CONV_BODYLESS },

    { NGX_HTTP_DELETE, "/v3/webhooks/*",
      ngx_http_sent_conv_webhook_delete,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_BODYLESS },

    { 0, NULL, NULL, 0 }
};


static ngx_http_sent_conv_route_t  ngx_http_sent_conv_admin_routes[] = {

    { NGX_HTTP_POST, "/customers",
      ngx_http_sent_conv_admin_customer_create,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM },

    { NGX_HTTP_GET, "/customers",
      ngx_http_sent_conv_admin_customers,
      0 },

    { NGX_HTTP_GET, "/customers/*",
      ngx_http_sent_conv_admin_customer,
      0 },

    { NGX_HTTP_PATCH, "/customers/*",
      ngx_http_sent_conv_admin_customer_patch,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM },

    { NGX_HTTP_POST, "/customers/*/keys",
      ngx_http_sent_conv_admin_key_create,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM },

    { NGX_HTTP_GET, "/customers/*/keys",
      ngx_http_sent_conv_admin_keys,
      0 },

    { NGX_HTTP_DELETE, "/customers/*/keys/*",
      ngx_http_sent_conv_admin_key_delete,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_BODYLESS },

    { NGX_HTTP_GET, "/customers/*/numbers",
      ngx_http_sent_conv_admin_numbers,
      0 },

    { NGX_HTTP_GET, "/customers/*/templates",
      ngx_http_sent_conv_admin_templates,
      0 },

    { NGX_HTTP_PUT, "/customers/*/templates/*",
      ngx_http_sent_conv_admin_template_put,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM },

    { NGX_HTTP_GET, "/customers/*/templates/*",
      ngx_http_sent_conv_admin_template,
      0 },

    { NGX_HTTP_DELETE, "/customers/*/templates/*",
      ngx_http_sent_conv_admin_template_delete,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_BODYLESS },

    { NGX_HTTP_PUT, "/numbers/*/*",
      ngx_http_sent_conv_admin_number_put,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM },

    { NGX_HTTP_DELETE, "/numbers/*/*",
      ngx_http_sent_conv_admin_number_delete,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_BODYLESS },

    { 0, NULL, NULL, 0 }
};


static ngx_http_sent_conv_route_t  ngx_http_sent_conv_sandbox_routes[] = {

    { NGX_HTTP_POST, "/carrier/*",
      ngx_http_sent_conv_sandbox_carrier,
      NGX_HTTP_SENT_CONV_MUTATES },

    { NGX_HTTP_POST, "/messages",
      ngx_http_sent_conv_sandbox_message,
      NGX_HTTP_SENT_CONV_MUTATES },

    { NGX_HTTP_GET, "/outbox",
      ngx_http_sent_conv_sandbox_outbox,
      0 },

    { 0, NULL, NULL, 0 }
};


static ngx_http_sent_conv_route_t  ngx_http_sent_conv_carrier_routes[] = {

    { NGX_HTTP_POST, "*", ngx_http_sent_conv_carrier, 0 },
    { 0, NULL, NULL, 0 }
};


/* of a carrier that asks by a GET whether it is us */

static ngx_http_sent_conv_route_t  ngx_http_sent_conv_hello_routes[] = {

    { NGX_HTTP_POST, "*", ngx_http_sent_conv_carrier, 0 },
    { NGX_HTTP_GET, "*", ngx_http_sent_conv_carrier_hello, 0 },
    { 0, NULL, NULL, 0 }
};


static ngx_http_sent_conv_route_t  ngx_http_sent_conv_health_routes[] = {

    { NGX_HTTP_GET, "*", ngx_http_sent_conv_health, 0 },
    { 0, NULL, NULL, 0 }
};


static ngx_http_sent_conv_route_t  ngx_http_sent_conv_status_routes[] = {

    { NGX_HTTP_GET, "*", ngx_http_sent_conv_status, 0 },
    { 0, NULL, NULL, 0 }
};


/* beside those of the API */

static ngx_http_sent_conv_route_t  ngx_http_sent_conv_dashboard_routes[] = {

    { NGX_HTTP_POST, "/session",
      ngx_http_sent_conv_session_open,
      NGX_HTTP_SENT_CONV_MUTATES },

    { NGX_HTTP_GET, "/session", ngx_http_sent_conv_session_show, 0 },
    { NGX_HTTP_DELETE, "/session", ngx_http_sent_conv_session_close, 0 },
    { NGX_HTTP_GET, "/settings", ngx_http_sent_conv_settings, 0 },

    { NGX_HTTP_PATCH, "/settings",
      ngx_http_sent_conv_settings_patch,
      NGX_HTTP_SENT_CONV_MUTATES|NGX_HTTP_SENT_CONV_IDEM },

    { NGX_HTTP_GET, "/changes",
      ngx_http_sent_conv_changes,
      NGX_HTTP_SENT_CONV_FEATURE },

    { NGX_HTTP_GET, "/phone", ngx_http_sent_conv_phone, 0 },

    { NGX_HTTP_POST, "/phone",
      ngx_http_sent_conv_phone_write,
      NGX_HTTP_SENT_CONV_MUTATES },

    { 0, NULL, NULL, 0 }
};


/* does not compile where there are more than the metrics have room for */

#define ngx_http_sent_conv_routes_n(routes)                                   \
    (sizeof(routes) / sizeof(routes[0]))

#define ngx_http_sent_conv_routes_of(routes)                                  \
    { routes, ngx_http_sent_conv_routes_n(routes)                             \
              + 0 * sizeof(char[ngx_http_sent_conv_routes_n(routes)           \
                                <= NGX_SENT_CONV_ROUTES ? 1 : -1]) }


/* in the order of ngx_http_sent_conv_role_e */

static ngx_http_sent_conv_routes_t
    ngx_http_sent_conv_routes[1 + NGX_SENT_CONV_M_APIS] =
{
    { NULL, 0 },
    ngx_http_sent_conv_routes_of(ngx_http_sent_conv_api_routes),
    ngx_http_sent_conv_routes_of(ngx_http_sent_conv_carrier_routes),
    ngx_http_sent_conv_routes_of(ngx_http_sent_conv_admin_routes),
    ngx_http_sent_conv_routes_of(ngx_http_sent_conv_sandbox_routes),
    ngx_http_sent_conv_routes_of(ngx_http_sent_conv_health_routes),
    ngx_http_sent_conv_routes_of(ngx_http_sent_conv_status_routes),
    ngx_http_sent_conv_routes_of(ngx_http_sent_conv_dashboard_routes)
};


static struct {
    ngx_uint_t   method;
    ngx_str_t    name;
} ngx_http_sent_conv_methods[] = {
    { NGX_HTTP_GET, ngx_string("GET, HEAD") },
    { NGX_HTTP_POST, ngx_string("POST") },
    { NGX_HTTP_PUT, ngx_string("PUT") },
    { NGX_HTTP_PATCH, ngx_string("PATCH") },
    { NGX_HTTP_DELETE, ngx_string("DELETE") },
    { 0, ngx_null_string }
};


/*
 * The call holds one count of the request, which its answer drops; while it
 * waits the request is blocked, so that no way out frees it.
 */

ngx_int_t
ngx_http_sent_conv_api_handler(ngx_http_request_t *r)
{
    ngx_http_sent_conv_call_t   *call;
    ngx_http_sent_conv_route_t  *routes;

    call = ngx_http_sent_conv_call_create(r);
    if (call == NULL) {
        return NGX_ERROR;
    }

    r->main->count++;

    if (call->store == NULL
        && call->slcf->role != NGX_HTTP_SENT_CONV_HEALTH)
    {
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNSENT);
        return NGX_DONE;
    }

    routes = ngx_http_sent_conv_routes[call->role].routes;

    if (call->slcf->format != NULL && call->slcf->format->hello != NULL) {
        routes = ngx_http_sent_conv_hello_routes;
    }

    if (ngx_http_sent_conv_handler_route(call, routes) != NGX_OK) {
        return NGX_DONE;
    }

    switch (call->slcf->role) {

    case NGX_HTTP_SENT_CONV_API:
        ngx_http_sent_conv_auth_key(call);
        break;

    case NGX_HTTP_SENT_CONV_CARRIER:

        if (call->route->method != NGX_HTTP_POST) {
            ngx_http_sent_conv_handler_go(call);
            break;
        }

        ngx_http_sent_conv_body_read(call, 4 * 1024 * 1024,
                                     ngx_http_sent_conv_carrier);
        break;

    case NGX_HTTP_SENT_CONV_ADMIN:
        ngx_http_sent_conv_auth_token(call);
        break;

    case NGX_HTTP_SENT_CONV_DASHBOARD:
        ngx_http_sent_conv_auth_session(call);
        break;

    default: /* NGX_HTTP_SENT_CONV_SANDBOX, _HEALTH, _STATUS */
        ngx_http_sent_conv_handler_go(call);
    }

    return NGX_DONE;
}


ngx_http_sent_conv_routes_t *
ngx_http_sent_conv_handler_routes(ngx_http_sent_conv_role_e role)
{
    return &ngx_http_sent_conv_routes[role];
}


static ngx_int_t
ngx_http_sent_conv_handler_route(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_route_t *routes)
{
    ngx_uint_t                   any, literal, method, methods;
    ngx_http_sent_conv_route_t  *route;

    method = call->request->method;
    literal = 0;
    methods = 0;

    if (method == NGX_HTTP_HEAD) {
        method = NGX_HTTP_GET;
    }

    for (route = routes; route->pattern != NULL; route++) {

        any = (ngx_strchr(route->pattern, '*') != NULL);

        /* what is written out, and stands first, is no value of '*' */

        if ((any && literal)
            || !ngx_http_sent_conv_handler_match(route->pattern, &call->path,
                                                 call->vars))
        {
            continue;
        }

        if (route->method == method) {
            call->route = route;
            return NGX_OK;
        }

        literal = !any;
        methods |= route->method;
    }

    if (methods) {
        ngx_http_sent_conv_handler_method(call, methods);
        return NGX_DONE;
    }

    ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_ROUTE, NULL);
    return NGX_DONE;
}


static ngx_uint_t
ngx_http_sent_conv_handler_match(char *pattern, ngx_str_t *path,
    ngx_str_t *vars)
{
    u_char      *p, *end;
    ngx_uint_t   n;

    if (pattern[0] == '*') {
        return 1;
    }

    p = path->data;
    end = p + path->len;
    n = 0;

    for ( /* void */ ; *pattern != '\0'; pattern++) {

        if (*pattern != '*') {

            if (p == end || *p != (u_char) *pattern) {
                return 0;
            }

            p++;
            continue;
        }

        vars[n].data = p;

        while (p < end && *p != '/') {
            p++;
        }

        vars[n].len = p - vars[n].data;

        if (vars[n].len == 0) {
            return 0;
        }

        n++;
    }

    return p == end;
}


static void
ngx_http_sent_conv_handler_method(ngx_http_sent_conv_call_t *call,
    ngx_uint_t methods)
{
    u_char      *p;
    ngx_uint_t   i;

    p = ngx_pnalloc(call->request->pool,
                    sizeof("GET, HEAD, POST, PUT, PATCH, DELETE"));
    if (p == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->allow.data = p;

    for (i = 0; ngx_http_sent_conv_methods[i].method; i++) {

        if (!(methods & ngx_http_sent_conv_methods[i].method)) {
            continue;
        }

        if (p != call->allow.data) {
            *p++ = ',';
            *p++ = ' ';
        }

        p = ngx_cpymem(p, ngx_http_sent_conv_methods[i].name.data,
                       ngx_http_sent_conv_methods[i].name.len);
    }

    call->allow.len = p - call->allow.data;

    ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_METHOD, NULL);
}


/* the caller may do this: on with feature, body, idempotency, endpoint */

void
ngx_http_sent_conv_handler_go(ngx_http_sent_conv_call_t *call)
{
    ngx_uint_t  flags;

    flags = call->route->flags;

    if (ngx_strncmp(call->route->pattern, "/v3/conversations/*",
                    sizeof("/v3/conversations/*") - 1)
        == 0)
    {
        ngx_http_sent_conv_note_conversation(call, &call->vars[0]);
    }

    if ((flags & NGX_HTTP_SENT_CONV_FEATURE)
        && !call->customer->conversations)
    {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_FEATURE,
                                 NULL);
        return;
    }

    if (flags & NGX_HTTP_SENT_CONV_MUTATES) {
        call->bodyless = (flags & NGX_HTTP_SENT_CONV_BODYLESS) ? 1 : 0;

        ngx_http_sent_conv_body_read(call, 64 * 1024,
                                     ngx_http_sent_conv_handler_ready);
        return;
    }

    call->route->run(call);
}


static void
ngx_http_sent_conv_handler_ready(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_json_t  *sandbox;

    if (ngx_http_sent_conv_body_type(call) != NGX_OK
        || ngx_http_sent_conv_body_json(call) != NGX_OK)
    {
        return;
    }

    ngx_http_sent_conv_durable_begin(call);

    sandbox = ngx_http_sent_conv_form_get(call, "sandbox",
                                          NGX_SENT_CONV_JSON_BOOL, 0);
    if (sandbox != NULL && sandbox->integer) {
        call->sandbox = 1;
    }

    if ((call->route->flags & NGX_HTTP_SENT_CONV_IDEM)
        && call->idem_key.data != NULL)
    {
        ngx_http_sent_conv_idem_begin(call);
        return;
    }

    call->route->run(call);
}
