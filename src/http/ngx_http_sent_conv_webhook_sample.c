
/*
 * Examples of events: what a test of a webhook sends, of the form of the real
 * ones (src/lua/inc/items.lua), marked as "test".
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


typedef struct {
    ngx_http_sent_conv_call_t   *call;
    ngx_http_sent_conv_event_t  *event;
    ngx_sent_conv_jw_t           w;
    uint64_t                     now;
    u_char                       contact[NGX_SENT_CONV_UUID_LEN];
    u_char                       thread[NGX_SENT_CONV_UUID_LEN];
    u_char                       conversation[NGX_SENT_CONV_UUID_LEN];
    u_char                       message[NGX_SENT_CONV_UUID_LEN];
} ngx_http_sent_conv_example_t;


static ngx_int_t ngx_http_sent_conv_sample_ids(
    ngx_http_sent_conv_example_t *ex, ngx_http_sent_conv_sample_t *sample);
static void ngx_http_sent_conv_sample_conversation(
    ngx_http_sent_conv_example_t *ex);
static void ngx_http_sent_conv_sample_started(
    ngx_http_sent_conv_example_t *ex);
static void ngx_http_sent_conv_sample_message(
    ngx_http_sent_conv_example_t *ex);
static void ngx_http_sent_conv_sample_id(ngx_http_sent_conv_example_t *ex,
    const char *name, u_char *id);


/* numbers of fiction */

static ngx_str_t  ngx_http_sent_conv_sample_contact =
    ngx_string("+12025550123");
static ngx_str_t  ngx_http_sent_conv_sample_number =
    ngx_string("+12025550100");

static const char  ngx_http_sent_conv_sample_text[] =
    "This is a test event.";


ngx_int_t
ngx_http_sent_conv_webhook_sample(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_event_t *event, ngx_http_sent_conv_sample_t *sample)
{
    u_char                        *p;
    ngx_str_t                      body;
    ngx_sent_conv_jw_t            *w;
    ngx_http_sent_conv_example_t   ex;

    ngx_memzero(&ex, sizeof(ngx_http_sent_conv_example_t));

    ex.call = call;
    ex.event = event;

    if (ngx_http_sent_conv_sample_ids(&ex, sample) != NGX_OK) {
        return NGX_ERROR;
    }

    w = &ex.w;

    ngx_sent_conv_jw_init(w, call->request->pool, 1024);

    ngx_sent_conv_jw_open(w, NULL, '{');
    ngx_sent_conv_jw_str(w, "id", &sample->id);
    ngx_sent_conv_jw_cstr(w, "field", event->parent);
    ngx_sent_conv_jw_cstr(w, "event", event->type);
    ngx_sent_conv_jw_cstr(w, "sub_type", event->type);
    ngx_sent_conv_jw_time(w, "timestamp", ex.now);
    ngx_sent_conv_jw_bool(w, "test", 1);
    ngx_sent_conv_jw_open(w, "payload", '{');
    ngx_sent_conv_jw_str(w, "account_id", &call->customer->id);

    if (event->mask & NGX_SENT_CONV_EV_CONVERSATION) {
        ngx_http_sent_conv_sample_conversation(&ex);

    } else {
        ngx_http_sent_conv_sample_message(&ex);
    }

    ngx_sent_conv_jw_close(w, '}');
    ngx_sent_conv_jw_close(w, '}');

    if (ngx_sent_conv_jw_done(w, &body) != NGX_OK) {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(call->request->pool, sample->id.len + body.len + 3
                                         + ngx_strlen(event->type)
                                         + call->trace.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    sample->item.data = p;
    sample->item.len = ngx_sprintf(p, "%V %s%s%V %V", &sample->id,
                                   event->type, call->trace.len ? ";" : "",
                                   &call->trace, &body)
                       - p;

    return NGX_OK;
}


/* all follows from the request's own id, so that a repeat is the same */

static ngx_int_t
ngx_http_sent_conv_sample_ids(ngx_http_sent_conv_example_t *ex,
    ngx_http_sent_conv_sample_t *sample)
{
    u_char            *p, fresh[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t          seed;
    const char        *end;
    static ngx_str_t   conversation = ngx_string("conversation");
    static ngx_str_t   message = ngx_string("message");

    seed = ex->call->id;

    if (seed.len == 0) {

        if (ngx_sent_conv_store_uuid(fresh, NULL) != NGX_OK) {
            return NGX_ERROR;
        }

        seed.data = fresh;
        seed.len = NGX_SENT_CONV_UUID_LEN;
    }

    ex->now = ngx_sent_conv_uuid7_time(seed.data);

    ngx_sent_conv_contact_id(ex->contact, &ex->call->customer->id,
                             &ngx_http_sent_conv_sample_contact);
    ngx_sent_conv_thread_id(ex->thread, &ex->call->customer->id, ex->contact);
    ngx_sent_conv_uuid7_derive(ex->conversation, &seed, &conversation,
                               ex->thread);
    ngx_sent_conv_uuid7_derive(ex->message, &seed, &message, ex->thread);

    p = ngx_pnalloc(ex->call->request->pool,
                    sizeof("evt__started") - 1 + NGX_SENT_CONV_UUID_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    sample->id.data = p;

    p = ngx_cpymem(p, "evt_", 4);

    switch (ex->event->mask) {

    case NGX_SENT_CONV_EV_STARTED:
        p = ngx_cpymem(p, ex->conversation, NGX_SENT_CONV_UUID_LEN);
        end = "_started";
        break;

    case NGX_SENT_CONV_EV_ENDED:
        p = ngx_cpymem(p, ex->conversation, NGX_SENT_CONV_UUID_LEN);
        end = "_ended";
        break;

    default:
        p = ngx_cpymem(p, seed.data, NGX_SENT_CONV_UUID_LEN);
        end = "";
    }

    p = ngx_cpymem(p, end, ngx_strlen(end));

    sample->id.len = p - sample->id.data;

    return NGX_OK;
}


static void
ngx_http_sent_conv_sample_conversation(ngx_http_sent_conv_example_t *ex)
{
    ngx_sent_conv_jw_t  *w;

    w = &ex->w;

    ngx_http_sent_conv_sample_id(ex, "conversation_id", ex->conversation);
    ngx_http_sent_conv_sample_id(ex, "thread_id", ex->thread);
    ngx_http_sent_conv_sample_id(ex, "contact_id", ex->contact);
    ngx_sent_conv_jw_str(w, "contact", &ngx_http_sent_conv_sample_contact);
    ngx_sent_conv_jw_str(w, "number", &ngx_http_sent_conv_sample_number);
    ngx_sent_conv_jw_cstr(w, "channel", "sms");
    ngx_sent_conv_jw_int(w, "sequence", 1);
    ngx_sent_conv_jw_null(w, "agent_id");
    ngx_sent_conv_jw_null(w, "agent_version");

    switch (ex->event->mask) {

    case NGX_SENT_CONV_EV_STARTED:
        ngx_http_sent_conv_sample_started(ex);
        break;

    case NGX_SENT_CONV_EV_MESSAGE_EXCHANGED:
        ngx_http_sent_conv_sample_id(ex, "message_id", ex->message);
        ngx_sent_conv_jw_cstr(w, "direction", "INBOUND");
        ngx_sent_conv_jw_cstr(w, "text", ngx_http_sent_conv_sample_text);
        ngx_sent_conv_jw_cstr(w, "status", "RECEIVED");
        ngx_sent_conv_jw_time(w, "sent_at", ex->now);
        break;

    case NGX_SENT_CONV_EV_ENDED:
        ngx_sent_conv_jw_cstr(w, "close_reason", "EXPLICIT");
        ngx_sent_conv_jw_time(w, "opened_at", ex->now - 60000);
        ngx_sent_conv_jw_time(w, "ended_at", ex->now);
        ngx_sent_conv_jw_int(w, "inbound_count", 1);
        ngx_sent_conv_jw_int(w, "outbound_count", 1);
        break;

    case NGX_SENT_CONV_EV_INACTIVE:
        ngx_sent_conv_jw_int(w, "idle_seconds", 7200);
        break;

    default: /* NGX_SENT_CONV_EV_EXPIRING */
        ngx_sent_conv_jw_time(w, "expires_at",
                              ex->now + ex->call->smcf->store.window);
    }
}


static void
ngx_http_sent_conv_sample_started(ngx_http_sent_conv_example_t *ex)
{
    ngx_sent_conv_jw_t  *w;

    w = &ex->w;

    ngx_sent_conv_jw_cstr(w, "trigger", "INBOUND");
    ngx_sent_conv_jw_time(w, "opened_at", ex->now);
    ngx_sent_conv_jw_time(w, "expires_at",
                          ex->now + ex->call->smcf->store.window);
    ngx_sent_conv_jw_open(w, "channels", '[');
    ngx_sent_conv_jw_cstr(w, NULL, "sms");
    ngx_sent_conv_jw_close(w, ']');
    ngx_sent_conv_jw_open(w, "lead", '{');
    ngx_sent_conv_jw_null(w, "name");
    ngx_sent_conv_jw_null(w, "template");
    ngx_sent_conv_jw_cstr(w, "first_text", ngx_http_sent_conv_sample_text);
    ngx_sent_conv_jw_close(w, '}');
    ngx_sent_conv_jw_null(w, "previous_conversation_id");
}


static void
ngx_http_sent_conv_sample_message(ngx_http_sent_conv_example_t *ex)
{
    u_char               status[16];
    ngx_str_t            upper, *from, *to;
    ngx_uint_t           i;
    const char          *name;
    ngx_sent_conv_jw_t  *w;

    w = &ex->w;
    name = ex->event->name;

    for (i = 0; name[i] != '\0' && i < sizeof(status); i++) {
        status[i] = ngx_toupper(name[i]);
    }

    upper.data = status;
    upper.len = i;

    from = &ngx_http_sent_conv_sample_number;
    to = &ngx_http_sent_conv_sample_contact;

    if (ex->event->mask == NGX_SENT_CONV_EV_RECEIVED) {
        from = &ngx_http_sent_conv_sample_contact;
        to = &ngx_http_sent_conv_sample_number;
    }

    ngx_http_sent_conv_sample_id(ex, "message_id", ex->message);
    ngx_sent_conv_jw_str(w, "message_status", &upper);
    ngx_http_sent_conv_sample_id(ex, "conversation_id",
                               ex->event->mask == NGX_SENT_CONV_EV_BLOCKED
                               ? NULL : ex->conversation);
    ngx_http_sent_conv_sample_id(ex, "thread_id", ex->thread);
    ngx_sent_conv_jw_cstr(w, "channel", "sms");
    ngx_sent_conv_jw_str(w, "inbound_number", from);
    ngx_sent_conv_jw_str(w, "outbound_number", to);
    ngx_sent_conv_jw_cstr(w, "text", ngx_http_sent_conv_sample_text);
    ngx_sent_conv_jw_null(w, "template_id");
    ngx_sent_conv_jw_null(w, "template_name");
    ngx_sent_conv_jw_null(w, "agent_id");

    if (ex->event->mask == NGX_SENT_CONV_EV_FAILED) {
        ngx_sent_conv_jw_open(w, "error", '{');
        ngx_sent_conv_jw_cstr(w, "code", "TEST");
        ngx_sent_conv_jw_cstr(w, "title", ngx_http_sent_conv_sample_text);
        ngx_sent_conv_jw_close(w, '}');

    } else {
        ngx_sent_conv_jw_null(w, "error");
    }

    ngx_sent_conv_jw_time(w, "updated_at", ex->now);
}


static void
ngx_http_sent_conv_sample_id(ngx_http_sent_conv_example_t *ex,
    const char *name, u_char *id)
{
    ngx_str_t  text;

    /* NULL: null */

    text.data = id;
    text.len = NGX_SENT_CONV_UUID_LEN;

    ngx_sent_conv_jw_str(&ex->w, name, &text);
}
