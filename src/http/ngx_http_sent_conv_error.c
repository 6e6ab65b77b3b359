
/*
 * Errors: the one table from an error to its status, code and text, and both
 * envelopes of a failure.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


typedef struct {
    ngx_uint_t   status;
    const char  *code;
    const char  *text;
} ngx_http_sent_conv_error_t;


static void ngx_http_sent_conv_error_details(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_jw_t *w);
static ngx_uint_t ngx_http_sent_conv_error_flat(
    ngx_http_sent_conv_call_t *call);


/* in the order of ngx_http_sent_conv_e */

static ngx_http_sent_conv_error_t  ngx_http_sent_conv_errors[] = {

    { 400, "VALIDATION_001", "The request body is not valid JSON." },
    { 400, "VALIDATION_001", "A value has the wrong type." },
    { 400, "VALIDATION_002", "Must be a phone number in E.164 form." },
    { 400, "VALIDATION_003", "Must be a UUID." },
    { 400, "VALIDATION_004", "A required field is missing." },
    { 400, "VALIDATION_005", "A value is out of range or too long." },
    { 400, "VALIDATION_006", "A value is not allowed." },
    { 400, "VALIDATION_007", "The Idempotency-Key is not valid." },

    { 401, "AUTH_001", "An API key is required in the x-api-key header." },
    { 401, "AUTH_002", "The API key is unknown or revoked." },
    { 401, "AUTH_001", "Sign in first." },
    { 401, "AUTH_002", "The session is over." },
    { 403, "AUTH_004", "This was not asked for by the page itself." },
    { 401, "AUTH_001", "A bearer token is required." },
    { 401, "AUTH_002", "The bearer token is not valid." },
    { 401, "AUTH_002", "The signature is absent or not valid." },
    { 403, "AUTH_004", "This API key may only read." },
    { 403, "CONVERSATION_002",
      "Conversations are not enabled for this customer." },

    { 404, "VALIDATION_001", "There is no such resource." },
    { 404, "CONVERSATION_003", "There is no such conversation." },
    { 404, "CONVERSATION_004", "There is no such agent." },
    { 404, "CONVERSATION_004", "The agent has no such version." },
    { 404, "RESOURCE_001", "There is no such contact." },
    { 404, "RESOURCE_002", "There is no such template." },
    { 404, "RESOURCE_003", "There is no such message." },
    { 404, "RESOURCE_008", "There is no such webhook." },
    { 404, "RESOURCE_008", "There is no such event of this webhook." },
    { 404, "RESOURCE_004", "There is no such customer." },

    { 405, "VALIDATION_001", "The method is not allowed here." },
    { 413, "VALIDATION_001", "The request body is too large." },
    { 415, "VALIDATION_001", "The request body must be JSON." },

    { 409, "CONFLICT_001",
      "A request with this Idempotency-Key is in progress." },
    { 409, "RESOURCE_007", "The resource already exists." },
    { 409, "CONFLICT_001", "It was changed meanwhile; try again." },
    { 412, "CONFLICT_002", "Another version is live." },

    { 422, "AGENT_001", "The definition is not valid." },
    { 422, "CONVERSATION_001",
      "No open conversation window for this contact. Send a templated message"
      " to initiate a conversation before sending freeform content." },
    { 422, "BUSINESS_007", "The channel is not available." },

    { 429, "BUSINESS_002", "There are too many requests; try again later." },

    { 503, "SERVICE_001",
      "The service is not available now; nothing was accepted." },
    { 503, "SERVICE_002",
      "No answer came in time; the request may have been accepted. Repeat it"
      " with the same Idempotency-Key." },
    { 503, "SERVICE_002",
      "It was accepted, but not by enough replicas in time: it may get lost."
      " Repeat it with the same Idempotency-Key." }
};


const char *
ngx_http_sent_conv_error_text(ngx_http_sent_conv_e error)
{
    return ngx_http_sent_conv_errors[error].text;
}


const char *
ngx_http_sent_conv_error_code(ngx_http_sent_conv_e error)
{
    return ngx_http_sent_conv_errors[error].code;
}


void
ngx_http_sent_conv_error_fault(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_e error, const char *field, const char *text)
{
    ngx_http_sent_conv_form_fault(call, field, error, text);
    ngx_http_sent_conv_error(call, error, NULL);
}


void
ngx_http_sent_conv_error(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_e error, const char *text)
{
    ngx_str_t                    body;
    ngx_sent_conv_jw_t           w;
    ngx_http_sent_conv_error_t  *e;

    e = &ngx_http_sent_conv_errors[error];

    if (text == NULL) {
        text = e->text;
    }

    call->code.len = ngx_strlen(e->code);
    call->code.data = (u_char *) e->code;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, call->request->connection->log, 0,
                   "sent conv refused: %ui %s", e->status, e->code);

    ngx_sent_conv_jw_init(&w, call->request->pool, 512);

    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_bool(&w, "success", 0);
    ngx_sent_conv_jw_null(&w, "data");

    if (ngx_http_sent_conv_error_flat(call)) {
        ngx_sent_conv_jw_cstr(&w, "error", text);
        ngx_sent_conv_jw_cstr(&w, "code", e->code);
        ngx_http_sent_conv_error_details(call, &w);

    } else {
        ngx_sent_conv_jw_open(&w, "error", '{');
        ngx_sent_conv_jw_cstr(&w, "code", e->code);
        ngx_sent_conv_jw_cstr(&w, "message", text);
        ngx_http_sent_conv_error_details(call, &w);
        ngx_sent_conv_jw_null(&w, "doc_url");
        ngx_sent_conv_jw_close(&w, '}');
    }

    ngx_http_sent_conv_reply_meta(call, &w);
    ngx_sent_conv_jw_close(&w, '}');

    if (ngx_sent_conv_jw_done(&w, &body) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_reply(call, e->status, &body);
}


/* the code in a record, where quotes within a text are escaped */

void
ngx_http_sent_conv_error_replayed(ngx_http_sent_conv_call_t *call,
    ngx_str_t *body)
{
    u_char  *p, *last;

    p = ngx_strnstr(body->data, "\"code\":\"", body->len);
    if (p == NULL) {
        return;
    }

    p += sizeof("\"code\":\"") - 1;
    last = ngx_strlchr(p, body->data + body->len, '"');

    if (last != NULL) {
        call->code.data = p;
        call->code.len = last - p;
    }
}


/* each field once, with all that is wrong with it */

static void
ngx_http_sent_conv_error_details(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_jw_t *w)
{
    ngx_uint_t                   i, k;
    ngx_http_sent_conv_fault_t  *fault;

    if (call->details.len) {
        ngx_sent_conv_jw_raw(w, "details", &call->details);
        return;
    }

    if (call->faults.nelts == 0) {
        ngx_sent_conv_jw_null(w, "details");
        return;
    }

    fault = call->faults.elts;

    ngx_sent_conv_jw_open(w, "details", '{');

    for (i = 0; i < call->faults.nelts; i++) {

        for (k = 0; k < i; k++) {
            if (ngx_strcmp(fault[k].field, fault[i].field) == 0) {
                break;
            }
        }

        if (k < i) {
            continue;
        }

        ngx_sent_conv_jw_open(w, fault[i].field, '[');

        for (k = i; k < call->faults.nelts; k++) {
            if (ngx_strcmp(fault[k].field, fault[i].field) == 0) {
                ngx_sent_conv_jw_cstr(w, NULL, fault[k].text);
            }
        }

        ngx_sent_conv_jw_close(w, ']');
    }

    ngx_sent_conv_jw_close(w, '}');
}


/* is "error" a string, as everywhere under /v3/conversations? */

static ngx_uint_t
ngx_http_sent_conv_error_flat(ngx_http_sent_conv_call_t *call)
{
    size_t      len;
    ngx_str_t  *path;

    len = sizeof("/v3/conversations") - 1;
    path = &call->path;

    return (call->slcf->role == NGX_HTTP_SENT_CONV_API
            || call->slcf->role == NGX_HTTP_SENT_CONV_DASHBOARD)
           && path->len >= len
           && ngx_strncmp(path->data, "/v3/conversations", len) == 0
           && (path->len == len || path->data[len] == '/');
}


/* Redis did not take the command, or nobody knows what became of it */

void
ngx_http_sent_conv_error_store(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err)
{
    ngx_uint_t  method;

    method = call->request->method;

    if (err == NGX_SENT_CONV_UNSENT
        || method == NGX_HTTP_GET || method == NGX_HTTP_HEAD
        || call->slcf->role == NGX_HTTP_SENT_CONV_CARRIER)
    {
        call->unsent = 1;
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_UNSENT,
                                 NULL);
        return;
    }

    call->unknown = 1;
    ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_UNKNOWN, NULL);
}
