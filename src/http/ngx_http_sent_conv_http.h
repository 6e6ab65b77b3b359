
/*
 * What the files of the HTTP API share: the context of a call, its steps,
 * its form, its answer.
 */


#ifndef _NGX_HTTP_SENT_CONV_HTTP_H_INCLUDED_
#define _NGX_HTTP_SENT_CONV_HTTP_H_INCLUDED_


#include "ngx_http_sent_conv.h"


/* errors; ngx_http_sent_conv_error.c has their statuses, codes and texts */

typedef enum {
    NGX_HTTP_SENT_CONV_E_JSON = 0,
    NGX_HTTP_SENT_CONV_E_FORM,
    NGX_HTTP_SENT_CONV_E_PHONE,
    NGX_HTTP_SENT_CONV_E_UUID,
    NGX_HTTP_SENT_CONV_E_MISSING,
    NGX_HTTP_SENT_CONV_E_RANGE,
    NGX_HTTP_SENT_CONV_E_VALUE,
    NGX_HTTP_SENT_CONV_E_IDEM_KEY,
    NGX_HTTP_SENT_CONV_E_NO_KEY,
    NGX_HTTP_SENT_CONV_E_BAD_KEY,
    NGX_HTTP_SENT_CONV_E_NO_SESSION,
    NGX_HTTP_SENT_CONV_E_BAD_SESSION,
    NGX_HTTP_SENT_CONV_E_FOREIGN,
    NGX_HTTP_SENT_CONV_E_NO_TOKEN,
    NGX_HTTP_SENT_CONV_E_BAD_TOKEN,
    NGX_HTTP_SENT_CONV_E_SIGNATURE,
    NGX_HTTP_SENT_CONV_E_READ_KEY,
    NGX_HTTP_SENT_CONV_E_FEATURE,
    NGX_HTTP_SENT_CONV_E_ROUTE,
    NGX_HTTP_SENT_CONV_E_CONVERSATION,
    NGX_HTTP_SENT_CONV_E_AGENT,
    NGX_HTTP_SENT_CONV_E_VERSION,
    NGX_HTTP_SENT_CONV_E_CONTACT,
    NGX_HTTP_SENT_CONV_E_TEMPLATE,
    NGX_HTTP_SENT_CONV_E_MESSAGE,
    NGX_HTTP_SENT_CONV_E_WEBHOOK,
    NGX_HTTP_SENT_CONV_E_EVENT,
    NGX_HTTP_SENT_CONV_E_CUSTOMER,
    NGX_HTTP_SENT_CONV_E_METHOD,
    NGX_HTTP_SENT_CONV_E_TOO_LARGE,
    NGX_HTTP_SENT_CONV_E_TYPE,
    NGX_HTTP_SENT_CONV_E_IN_FLIGHT,
    NGX_HTTP_SENT_CONV_E_EXISTS,
    NGX_HTTP_SENT_CONV_E_CHANGED,
    NGX_HTTP_SENT_CONV_E_IF_MATCH,
    NGX_HTTP_SENT_CONV_E_DEFINITION,
    NGX_HTTP_SENT_CONV_E_NO_WINDOW,
    NGX_HTTP_SENT_CONV_E_CHANNEL,
    NGX_HTTP_SENT_CONV_E_RATE,
    NGX_HTTP_SENT_CONV_E_UNSENT,
    NGX_HTTP_SENT_CONV_E_UNKNOWN,
    NGX_HTTP_SENT_CONV_E_REPLICAS
} ngx_http_sent_conv_e;


typedef struct ngx_http_sent_conv_call_s  ngx_http_sent_conv_call_t;

/* what follows; nothing of the call may be touched after it */

typedef void (*ngx_http_sent_conv_run_pt)(ngx_http_sent_conv_call_t *call);
typedef void (*ngx_http_sent_conv_step_pt)(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);


#define NGX_HTTP_SENT_CONV_MUTATES   1   /* a full key, a body */
#define NGX_HTTP_SENT_CONV_BODYLESS  2   /* that body may be absent */
#define NGX_HTTP_SENT_CONV_IDEM      4   /* takes an Idempotency-Key */
#define NGX_HTTP_SENT_CONV_FEATURE   8   /* conversations must be enabled */
#define NGX_HTTP_SENT_CONV_LONG      16  /* it may run for minutes */
#define NGX_HTTP_SENT_CONV_CONSENT   32  /* a replica is to have it, where
                                            there is one */

typedef struct {
    ngx_uint_t                       method;
    char                            *pattern;     /* '*': any one segment */
    ngx_http_sent_conv_run_pt        run;
    ngx_uint_t                       flags;
} ngx_http_sent_conv_route_t;

typedef struct {
    ngx_http_sent_conv_route_t      *routes;
    ngx_uint_t                       n;           /* with that at the end */
} ngx_http_sent_conv_routes_t;


/* a field at fault */

typedef struct {
    const char                      *field;
    const char                      *text;
    ngx_http_sent_conv_e             error;
} ngx_http_sent_conv_fault_t;


struct ngx_http_sent_conv_call_s {
    ngx_http_request_t              *request;
    ngx_http_sent_conv_main_conf_t  *smcf;
    ngx_http_sent_conv_loc_conf_t   *slcf;
    ngx_sent_conv_store_t           *store;
    ngx_http_sent_conv_role_e        role;        /* whose routes */
    ngx_http_sent_conv_route_t      *route;
    ngx_sent_conv_customer_t        *customer;    /* held; of the key */
    void                            *data;        /* of the endpoint */

    ngx_http_sent_conv_step_pt       step;        /* waited for */
    ngx_http_sent_conv_run_pt        ready;       /* when all is there */
    ngx_event_t                      timer;
    ngx_event_t                      renew;       /* of the idempotency lock */
    ngx_msec_t                       deadline;
    uint64_t                         mark;        /* it began at */
    ngx_sent_conv_taken_t            rate;        /* of the customer */
    ngx_uint_t                       retry_after; /* seconds; 0: none */
    ngx_atomic_uint_t                client;      /* its address; 0: none */

    ngx_str_t                        path;
    ngx_str_t                        vars[2];     /* what '*' stood for */
    ngx_str_t                        args;
    ngx_str_t                        api_key;
    ngx_str_t                        idem_key;
    ngx_str_t                        signature;

    size_t                           limit;       /* of the body */
    size_t                           size;        /* allocated for it */
    ngx_str_t                        body;
    ngx_sent_conv_json_t            *json;
    ngx_array_t                      faults;

    ngx_str_t                        id;          /* of the idempotency
                                                     record; or empty */
    ngx_uint_t                       status;      /* the answer */
    ngx_str_t                        out;
    ngx_str_t                        type;        /* application/json */
    ngx_str_t                        record;      /* as kept; or empty */
    ngx_str_t                        allow;
    ngx_str_t                        session;     /* digest of its id */
    ngx_str_t                        cookie;      /* to be set; or empty */
    ngx_str_t                        details;     /* of an error, JSON; or
                                                     empty: its faults */
    ngx_str_t                        request_id;
    ngx_str_t                        key_sha256;
    ngx_str_t                        trace;       /* traceparent; or empty */
    ngx_str_t                        code;        /* of an error */
    ngx_msec_t                       since;       /* it waits for the store */
    ngx_msec_t                       redis_time;  /* it waited for it */
    u_char                           customer_id[NGX_SENT_CONV_UUID_LEN];
    u_char                           conversation_id[NGX_SENT_CONV_UUID_LEN];
    u_char                           trace_buf[NGX_SENT_CONV_TRACE_LEN];
    u_char                           request_id_buf[40];
    u_char                           key_sha256_buf[64];

    unsigned                         sandbox:1;
    unsigned                         full:1;      /* the key's role */
    unsigned                         rated:1;
    unsigned                         unsure:1;    /* whether the key is good */
    unsigned                         consent:1;   /* as the route's flag */
    unsigned                         again:1;     /* it may have run before */
    unsigned                         held:1;      /* the idempotency lock */
    unsigned                         unfinished:1; /* a repeat is to run */
    unsigned                         replayed:1;
    unsigned                         unsent:1;    /* Retry-After */
    unsigned                         unknown:1;   /* x-should-retry */
    unsigned                         bodyless:1;
    unsigned                         asked:1;     /* the store, ever */
    unsigned                         asking:1;
    unsigned                         failed:1;    /* no memory for a fault */
};


/* ngx_http_sent_conv_call.c, ngx_http_sent_conv_handler.c */

ngx_http_sent_conv_call_t *ngx_http_sent_conv_call_create(
    ngx_http_request_t *r);
ngx_http_sent_conv_call_t *ngx_http_sent_conv_call_of(ngx_http_request_t *r);

/* the first of that name, in lower case; NGX_DECLINED: there is none */
ngx_int_t ngx_http_sent_conv_call_header(ngx_http_sent_conv_call_t *call,
    const char *name, ngx_str_t *value);

void ngx_http_sent_conv_handler_go(ngx_http_sent_conv_call_t *call);
ngx_http_sent_conv_routes_t *ngx_http_sent_conv_handler_routes(
    ngx_http_sent_conv_role_e role);

/*
 * ngx_http_sent_conv_auth.c: on success goes on with handler_go(); role: the
 * key has been found, may it do that?
 */

void ngx_http_sent_conv_auth_key(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_auth_role(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_auth_token(ngx_http_sent_conv_call_t *call);

/* by a key, by the digest of one in call->key_sha256; on success run() */
void ngx_http_sent_conv_auth_text(ngx_http_sent_conv_call_t *call,
    ngx_str_t *key, ngx_http_sent_conv_run_pt run);
void ngx_http_sent_conv_auth_digest(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_run_pt run);

/* ngx_http_sent_conv_session.c: by the cookie */
void ngx_http_sent_conv_auth_session(ngx_http_sent_conv_call_t *call);

/*
 * ngx_http_sent_conv_slow.c: ask: before Redis is asked for the key of
 * key_sha256; NGX_DECLINED: it has been answered.  Then one of the others;
 * bad: answers.
 */

ngx_int_t ngx_http_sent_conv_slow_ask(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_slow_forget(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_slow_good(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_slow_bad(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_e error);

/*
 * ngx_http_sent_conv_rate.c: goes on with call->ready(); refuse: answers 429,
 * to be repeated after so many ms.
 */

void ngx_http_sent_conv_rate(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_rate_refuse(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_metrics_limit_e limit, ngx_msec_t wait);
ngx_int_t ngx_http_sent_conv_rate_headers(ngx_http_sent_conv_call_t *call);

/*
 * ngx_http_sent_conv_body.c: the whole body into call->body, then ready();
 * parse: call->json; answers and returns NGX_DONE where it cannot.
 */

void ngx_http_sent_conv_body_read(ngx_http_sent_conv_call_t *call,
    size_t limit, ngx_http_sent_conv_run_pt ready);
ngx_int_t ngx_http_sent_conv_body_type(ngx_http_sent_conv_call_t *call);
ngx_int_t ngx_http_sent_conv_body_json(ngx_http_sent_conv_call_t *call);

/*
 * ngx_http_sent_conv_form.c: members of call->json, faults collected.
 * get: NULL where it is absent, null, or of another type (a fault).
 * null: is it there, and null?
 */

ngx_sent_conv_json_t *ngx_http_sent_conv_form_get(
    ngx_http_sent_conv_call_t *call, const char *name,
    ngx_sent_conv_json_type_e type, ngx_uint_t required);
ngx_sent_conv_json_t *ngx_http_sent_conv_form_int(
    ngx_http_sent_conv_call_t *call, const char *name, int64_t min,
    int64_t max, const char *text);
ngx_uint_t ngx_http_sent_conv_form_null(ngx_http_sent_conv_call_t *call,
    const char *name);
void ngx_http_sent_conv_form_fault(ngx_http_sent_conv_call_t *call,
    const char *field, ngx_http_sent_conv_e error, const char *text);
ngx_int_t ngx_http_sent_conv_form_phone(ngx_http_sent_conv_call_t *call,
    const char *name, ngx_str_t *phone);
ngx_sent_conv_channel_e ngx_http_sent_conv_form_channel(
    ngx_http_sent_conv_call_t *call);

/* was anything at fault?  Then it has been answered */

ngx_uint_t ngx_http_sent_conv_form_failed(ngx_http_sent_conv_call_t *call);

/* a path's variable as an id, lower case; or answered and NULL */

ngx_str_t *ngx_http_sent_conv_form_id(ngx_http_sent_conv_call_t *call,
    ngx_uint_t n, const char *name);

/*
 * ngx_http_sent_conv_wait.c: between two steps of a call.  rc is what the
 * store's function returned, which was given wait_done and call.
 */

void ngx_http_sent_conv_wait(ngx_http_sent_conv_call_t *call, ngx_int_t rc,
    ngx_http_sent_conv_step_pt step);
void ngx_http_sent_conv_wait_other(ngx_http_sent_conv_call_t *call,
    ngx_int_t rc, ngx_http_sent_conv_step_pt step);
void ngx_http_sent_conv_wait_done(void *data, ngx_sent_conv_err_e err,
    void *result);
void ngx_http_sent_conv_wait_timer(ngx_http_sent_conv_call_t *call,
    ngx_msec_t ms, ngx_http_sent_conv_step_pt step);

/* ngx_http_sent_conv_idem.c */

void ngx_http_sent_conv_idem_begin(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_idem_end(ngx_http_sent_conv_call_t *call);

/*
 * ngx_http_sent_conv_durable.c: begin: before the first write of a call; end:
 * its answer is known, and sent when it may be.
 */

void ngx_http_sent_conv_durable_begin(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_durable_end(ngx_http_sent_conv_call_t *call);

/*
 * ngx_http_sent_conv_reply.c: each of these ends the call, but for open(),
 * meta() and text().  An answer is written between open() and close() as the
 * member "data"; text() is close() without sending.
 */

void ngx_http_sent_conv_reply_open(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_jw_t *w, size_t size);
void ngx_http_sent_conv_reply_close(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_jw_t *w, ngx_uint_t status);
void ngx_http_sent_conv_reply_meta(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_jw_t *w);
ngx_int_t ngx_http_sent_conv_reply_text(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_jw_t *w, ngx_str_t *text);
void ngx_http_sent_conv_reply_status(ngx_http_sent_conv_call_t *call,
    ngx_uint_t status);
void ngx_http_sent_conv_reply(ngx_http_sent_conv_call_t *call,
    ngx_uint_t status, ngx_str_t *body);
void ngx_http_sent_conv_reply_send(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_reply_abort(ngx_http_sent_conv_call_t *call);

/* a header, while they are written */

ngx_int_t ngx_http_sent_conv_reply_number(ngx_http_sent_conv_call_t *call,
    const char *name, time_t value);

/*
 * ngx_http_sent_conv_error.c: these end the call too; text NULL: the error's
 * own, which text() tells.
 */

void ngx_http_sent_conv_error(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_e error, const char *text);
void ngx_http_sent_conv_error_fault(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_e error, const char *field, const char *text);
void ngx_http_sent_conv_error_store(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err);
void ngx_http_sent_conv_error_replayed(ngx_http_sent_conv_call_t *call,
    ngx_str_t *body);
const char *ngx_http_sent_conv_error_text(ngx_http_sent_conv_e error);
const char *ngx_http_sent_conv_error_code(ngx_http_sent_conv_e error);

/*
 * ngx_http_sent_conv_query.c: arguments of the query, pages.  A page's
 * cursor is opaque: the direction ('a' older, 'b' newer), then a text.
 */

typedef struct {
    ngx_uint_t                       size;
    ngx_uint_t                       page;        /* 0 = not given */
    ngx_str_t                        cursor;      /* its text; or empty */
    ngx_uint_t                       offset;      /* of query_offset() */
    u_char                           direction;
} ngx_http_sent_conv_page_t;

void ngx_http_sent_conv_query_blank(ngx_http_sent_conv_call_t *call);
ngx_int_t ngx_http_sent_conv_query_get(ngx_http_sent_conv_call_t *call,
    const char *name, ngx_str_t *value);
void ngx_http_sent_conv_query_page(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_page_t *page);
void ngx_http_sent_conv_query_offset(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_page_t *page);
void ngx_http_sent_conv_query_offsets(ngx_sent_conv_jw_t *w,
    ngx_http_sent_conv_page_t *page, ngx_uint_t total);
void ngx_http_sent_conv_query_pagination(ngx_sent_conv_jw_t *w,
    ngx_http_sent_conv_page_t *page, int64_t total, ngx_uint_t more,
    ngx_str_t *before, ngx_str_t *after);

/* ngx_http_sent_conv_conversation_write.c */

void ngx_http_sent_conv_conversation_write(ngx_sent_conv_jw_t *w,
    const char *name, ngx_sent_conv_conversation_t *conv);
void ngx_http_sent_conv_message_write(ngx_sent_conv_jw_t *w,
    const char *name, ngx_sent_conv_customer_t *customer,
    ngx_sent_conv_show_result_t *show, ngx_sent_conv_message_t *message);

void ngx_http_sent_conv_message_states(ngx_sent_conv_jw_t *w,
    const char *name, ngx_sent_conv_message_t *message);

/*
 * ngx_http_sent_conv_messages.c: a broadcast whose rows and content are there
 * is sent, and its rows are the answer; it is call->data from then on
 */

void ngx_http_sent_conv_messages_send(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_broadcast_t *bc);

/* ngx_http_sent_conv_message_content.c: of a broadcast; faults collected */

void ngx_http_sent_conv_message_content(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_json_t *object, ngx_uint_t channels,
    ngx_sent_conv_broadcast_t *bc);

void ngx_http_sent_conv_template_write(ngx_sent_conv_jw_t *w,
    const char *name, ngx_sent_conv_template_t *template);
void ngx_http_sent_conv_contact_write(ngx_sent_conv_jw_t *w,
    const char *name, ngx_sent_conv_contact_t *contact);

/* endpoints */

void ngx_http_sent_conv_messages(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_message(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_message_activities(ngx_http_sent_conv_call_t *call);

void ngx_http_sent_conv_templates(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_template(ngx_http_sent_conv_call_t *call);

void ngx_http_sent_conv_contacts(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_contact_create(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_contact(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_contact_patch(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_contact_delete(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_contact_consent(ngx_http_sent_conv_call_t *call);

void ngx_http_sent_conv_agents(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_agent(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_agent_create(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_agent_patch(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_agent_delete(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_agent_versions(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_agent_version(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_agent_promote(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_agent_restore(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_agent_validate(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_agent_simulate(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_agent_schema(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_agent_start(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_agent_executions(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_agent_stats(ngx_http_sent_conv_call_t *call);

void ngx_http_sent_conv_send(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_close(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_conversations(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_conversation(ngx_http_sent_conv_call_t *call);

void ngx_http_sent_conv_webhook_create(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_webhook_delete(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_webhook(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_webhooks(ngx_http_sent_conv_call_t *call);

void ngx_http_sent_conv_webhook_put(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_webhook_toggle(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_webhook_rotate(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_webhook_test(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_webhook_types(ngx_http_sent_conv_call_t *call);

/*
 * A webhook that is made or changed: what was given of it.  form: create 0:
 * all may be absent; apply: sets what was given; both collect all that is
 * wrong as faults, NGX_OK where nothing is; events: the part of either that
 * is of what it subscribes to.  resolve: checks the host, then goes on, or
 * has answered.
 */

typedef struct {
    ngx_sent_conv_endpoint_t         ep;
    ngx_sent_conv_endpoint_t         would;       /* it be, as it is known */
    ngx_sent_conv_edit_pt            edit;
    ngx_sent_conv_health_t           health;
    ngx_sent_conv_url_t              url;
    ngx_sent_conv_json_t            *types;       /* or NULL: as they are */
    ngx_sent_conv_json_t            *filters;     /* the same */

    ngx_http_sent_conv_resolve_t     resolve;
    ngx_http_sent_conv_run_pt        next;
    ngx_int_t                        rc;
    const char                      *why;

    unsigned                         named:1;     /* given are... */
    unsigned                         moved:1;
    unsigned                         retried:1;
    unsigned                         timed:1;
    unsigned                         limited:1;
    unsigned                         unfiltered:1;
    unsigned                         active:1;
    unsigned                         waits:1;
    unsigned                         resolved:1;
} ngx_http_sent_conv_hook_t;

ngx_int_t ngx_http_sent_conv_webhook_form(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_uint_t create);
ngx_int_t ngx_http_sent_conv_webhook_apply(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_sent_conv_endpoint_t *ep);
void ngx_http_sent_conv_webhook_form_events(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_uint_t required);
ngx_int_t ngx_http_sent_conv_webhook_apply_events(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_hook_t *hook,
    ngx_sent_conv_endpoint_t *ep);
void ngx_http_sent_conv_webhook_resolve(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_hook_t *hook, ngx_http_sent_conv_run_pt next);

/* the webhook of the path; NULL: it has been answered */

ngx_sent_conv_endpoint_t *ngx_http_sent_conv_webhook_find(
    ngx_http_sent_conv_call_t *call);

/*
 * Types of events.  mask: name NULL: of all of the parent; 0: there is no
 * such type.  find: by the whole name, a parent's is its first one.
 */

typedef struct {
    const char                      *parent;
    const char                      *name;        /* NULL: the parent itself */
    ngx_uint_t                       mask;
    const char                      *type;
    const char                      *display_name;
    const char                      *description;
} ngx_http_sent_conv_event_t;

ngx_uint_t ngx_http_sent_conv_event_mask(ngx_str_t *parent, ngx_str_t *name);
ngx_http_sent_conv_event_t *ngx_http_sent_conv_event_find(ngx_str_t *type);

/* an example of an event, as its lane would have it, in the request's pool */

typedef struct {
    ngx_str_t                        id;
    ngx_str_t                        item;
} ngx_http_sent_conv_sample_t;

ngx_int_t ngx_http_sent_conv_webhook_sample(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_event_t *event, ngx_http_sent_conv_sample_t *sample);

/* NGX_OK, or NGX_DONE: it was not changed, which has been answered */

ngx_int_t ngx_http_sent_conv_webhook_changed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, ngx_sent_conv_webhook_t *changed);

/* a new one, in the request's pool */

ngx_int_t ngx_http_sent_conv_webhook_secret(ngx_http_sent_conv_call_t *call,
    ngx_str_t *secret);

/* its health among all; or NULL */

ngx_sent_conv_health_t *ngx_http_sent_conv_webhook_health(
    ngx_array_t *healths, ngx_str_t *id);

/* a webhook; health, secret may be NULL */

void ngx_http_sent_conv_webhook_write(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_endpoint_t *ep, ngx_sent_conv_health_t *health,
    ngx_str_t *secret);

void ngx_http_sent_conv_webhook_events(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_webhook_attempts(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_webhook_replay(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_webhook_recover(ngx_http_sent_conv_call_t *call);

void ngx_http_sent_conv_webhook_event_write(ngx_sent_conv_jw_t *w,
    const char *name, ngx_sent_conv_event_t *event);

/* the event of the path; NULL: it has been answered */

ngx_str_t *ngx_http_sent_conv_webhook_event_id(
    ngx_http_sent_conv_call_t *call);

void ngx_http_sent_conv_carrier(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_carrier_hello(ngx_http_sent_conv_call_t *call);

/*
 * Takes what a carrier told us, in order.  carrier NULL: any.  done(): in
 * the end, unless Redis was away (answered).
 */

typedef struct {
    ngx_array_t                     *items;
    ngx_str_t                       *carrier;
    ngx_sent_conv_channel_e          channel;
    ngx_http_sent_conv_run_pt        done;
    ngx_sent_conv_carrier_reply_t    reply;       /* of the format's own */

    ngx_uint_t                       i;
    ngx_uint_t                       accepted;
    ngx_uint_t                       duplicates;
    ngx_uint_t                       skipped;
    ngx_str_t                        message_id;       /* of the last */
    ngx_str_t                        conversation_id;
    ngx_sent_conv_owner_t            owner;

    unsigned                         played:1;         /* ids are told */
    unsigned                         any:1;            /* channel: the one
                                                          that is bound */
    unsigned                         aliases:1;        /* contacts may have
                                                          other numbers */
    unsigned                         aliased:1;        /* the item's has been
                                                          looked up */
} ngx_http_sent_conv_batch_t;

void ngx_http_sent_conv_batch_take(ngx_http_sent_conv_call_t *call);

void ngx_http_sent_conv_admin_customer_create(
    ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_admin_customer_patch(
    ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_admin_customer(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_admin_customers(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_admin_key_create(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_admin_key_delete(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_admin_keys(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_admin_number_put(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_admin_number_delete(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_admin_numbers(ngx_http_sent_conv_call_t *call);

void ngx_http_sent_conv_admin_template_put(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_admin_template(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_admin_templates(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_admin_template_delete(
    ngx_http_sent_conv_call_t *call);

/*
 * find: the customer of that name held as call->customer, or NULL there, then
 * run(); path: the one that the path names; missing: is there none?  Then it
 * has been answered; deleted: the step behind a deletion.
 */

void ngx_http_sent_conv_admin_find(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_by_e by, ngx_str_t *name, ngx_http_sent_conv_run_pt run);
void ngx_http_sent_conv_admin_path(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_run_pt run);
ngx_uint_t ngx_http_sent_conv_admin_missing(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_admin_deleted(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
void ngx_http_sent_conv_admin_write(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_customer_t *customer);

/* its settings, faults collected; NGX_ERROR: no memory */
ngx_int_t ngx_http_sent_conv_admin_settings(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_customer_patch_t *patch);

void ngx_http_sent_conv_session_open(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_session_show(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_session_close(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_settings(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_settings_patch(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_changes(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_phone(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_phone_write(ngx_http_sent_conv_call_t *call);

/* ngx_http_sent_conv_ui.c: may its contacts be played? */
ngx_uint_t ngx_http_sent_conv_phone_plays(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_number_t *number);

/* an id of a message at the sandbox carrier, allocated */
ngx_int_t ngx_http_sent_conv_sandbox_id(ngx_http_sent_conv_call_t *call,
    ngx_str_t *id);

void ngx_http_sent_conv_sandbox_carrier(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_sandbox_outbox(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_sandbox_message(ngx_http_sent_conv_call_t *call);

void ngx_http_sent_conv_health(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_status(ngx_http_sent_conv_call_t *call);

/* ngx_http_sent_conv_variables.c: what the access log may tell of it */

void ngx_http_sent_conv_note_customer(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_customer_t *customer);
void ngx_http_sent_conv_note_conversation(ngx_http_sent_conv_call_t *call,
    ngx_str_t *id);

/* ngx_http_sent_conv_measure.c: of a request that ends; all that ended */

void ngx_http_sent_conv_measure(ngx_http_sent_conv_call_t *call);
void ngx_http_sent_conv_measure_write(ngx_sent_conv_exposition_t *e,
    ngx_sent_conv_metrics_t *metrics);


#endif /* _NGX_HTTP_SENT_CONV_HTTP_H_INCLUDED_ */
