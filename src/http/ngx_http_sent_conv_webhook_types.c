
/*
 * What webhooks may subscribe to: the types of events, by name and as masks,
 * and GET /v3/webhooks/event-types.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static void ngx_http_sent_conv_event_parent(ngx_sent_conv_jw_t *w,
    ngx_http_sent_conv_event_t *parent);
static void ngx_http_sent_conv_event_write(ngx_sent_conv_jw_t *w,
    ngx_http_sent_conv_event_t *event);
static ngx_uint_t ngx_http_sent_conv_event_is(ngx_str_t *name,
    const char *is);


/* each parent stands before what belongs to it */

static ngx_http_sent_conv_event_t  ngx_http_sent_conv_events[] = {

    { "conversation", NULL, NGX_SENT_CONV_EV_CONVERSATION,
      "conversation", "Conversation",
      "What happens to a conversation." },

    { "conversation", "started", NGX_SENT_CONV_EV_STARTED,
      "conversation.started", "Conversation Started",
      "A conversation window opened." },

    { "conversation", "message_exchanged", NGX_SENT_CONV_EV_MESSAGE_EXCHANGED,
      "conversation.message_exchanged", "Conversation Message Exchanged",
      "A message was written in a conversation, either way." },

    { "conversation", "ended", NGX_SENT_CONV_EV_ENDED,
      "conversation.ended", "Conversation Ended",
      "A conversation expired, was closed, or was stopped by the contact." },

    { "conversation", "inactive", NGX_SENT_CONV_EV_INACTIVE,
      "conversation.inactive", "Conversation Inactive",
      "The contact has not answered for the time that the agent sets." },

    { "conversation", "expiring", NGX_SENT_CONV_EV_EXPIRING,
      "conversation.expiring", "Conversation Expiring",
      "A conversation is about to expire, by the time that the agent sets." },

    { "message", NULL, NGX_SENT_CONV_EV_MESSAGE,
      "message", "Message",
      "What happens to a message." },

    { "message", "received", NGX_SENT_CONV_EV_RECEIVED,
      "message.received", "Message Received",
      "A contact wrote a message." },

    { "message", "queued", NGX_SENT_CONV_EV_QUEUED,
      "message.queued", "Message Queued",
      "A message was accepted and waits for its carrier." },

    { "message", "sent", NGX_SENT_CONV_EV_SENT,
      "message.sent", "Message Sent",
      "The carrier took a message." },

    { "message", "delivered", NGX_SENT_CONV_EV_DELIVERED,
      "message.delivered", "Message Delivered",
      "A message reached the contact." },

    { "message", "read", NGX_SENT_CONV_EV_READ,
      "message.read", "Message Read",
      "The contact read a message." },

    { "message", "failed", NGX_SENT_CONV_EV_FAILED,
      "message.failed", "Message Failed",
      "A message could not be delivered." },

    { "message", "filtered", NGX_SENT_CONV_EV_FILTERED,
      "message.filtered", "Message Filtered",
      "A message was not sent: the contact has opted out." },

    { "message", "blocked", NGX_SENT_CONV_EV_BLOCKED,
      "message.blocked", "Message Blocked",
      "A message was not sent: no conversation window was open." },

    { NULL, NULL, 0, NULL, NULL, NULL }
};


ngx_uint_t
ngx_http_sent_conv_event_mask(ngx_str_t *parent, ngx_str_t *name)
{
    ngx_http_sent_conv_event_t  *event;

    for (event = ngx_http_sent_conv_events; event->parent; event++) {

        if (!ngx_http_sent_conv_event_is(parent, event->parent)) {
            continue;
        }

        if ((name == NULL) ? (event->name == NULL)
            : (event->name != NULL
               && ngx_http_sent_conv_event_is(name, event->name)))
        {
            return event->mask;
        }
    }

    return 0;
}


ngx_http_sent_conv_event_t *
ngx_http_sent_conv_event_find(ngx_str_t *type)
{
    ngx_http_sent_conv_event_t  *event;

    for (event = ngx_http_sent_conv_events; event->parent; event++) {

        if (ngx_http_sent_conv_event_is(type, event->type)) {
            return event->name ? event : event + 1;
        }
    }

    return NULL;
}


void
ngx_http_sent_conv_webhook_types(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_jw_t           w;
    ngx_http_sent_conv_event_t  *event;

    ngx_http_sent_conv_reply_open(call, &w, 4096);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "event_types", '[');

    for (event = ngx_http_sent_conv_events; event->parent; event++) {
        if (event->name == NULL) {
            ngx_http_sent_conv_event_parent(&w, event);
        }
    }

    ngx_sent_conv_jw_close(&w, ']');
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static void
ngx_http_sent_conv_event_parent(ngx_sent_conv_jw_t *w,
    ngx_http_sent_conv_event_t *parent)
{
    ngx_http_sent_conv_event_t  *event;

    ngx_sent_conv_jw_open(w, NULL, '{');
    ngx_http_sent_conv_event_write(w, parent);

    ngx_sent_conv_jw_open(w, "sub_types", '[');

    for (event = parent + 1; event->name != NULL; event++) {
        ngx_sent_conv_jw_open(w, NULL, '{');
        ngx_http_sent_conv_event_write(w, event);
        ngx_sent_conv_jw_null(w, "sub_types");
        ngx_sent_conv_jw_close(w, '}');
    }

    ngx_sent_conv_jw_close(w, ']');
    ngx_sent_conv_jw_close(w, '}');
}


static void
ngx_http_sent_conv_event_write(ngx_sent_conv_jw_t *w,
    ngx_http_sent_conv_event_t *event)
{
    ngx_sent_conv_jw_cstr(w, "name", event->type);
    ngx_sent_conv_jw_cstr(w, "display_name", event->display_name);
    ngx_sent_conv_jw_cstr(w, "description", event->description);
    ngx_sent_conv_jw_cstr(w, "event_type", event->type);
    ngx_sent_conv_jw_bool(w, "is_active", 1);
}


static ngx_uint_t
ngx_http_sent_conv_event_is(ngx_str_t *name, const char *is)
{
    return name->len == ngx_strlen(is)
           && ngx_strncmp(name->data, is, name->len) == 0;
}
