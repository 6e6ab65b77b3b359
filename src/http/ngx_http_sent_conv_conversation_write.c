
/*
 * A conversation and a message as JSON.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static void ngx_http_sent_conv_conversation_channels(ngx_sent_conv_jw_t *w,
    ngx_str_t *channels);
static void ngx_http_sent_conv_message_segments(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_message_t *message);
static void ngx_http_sent_conv_write_optional(ngx_sent_conv_jw_t *w,
    const char *name, ngx_str_t *value);


void
ngx_http_sent_conv_conversation_write(ngx_sent_conv_jw_t *w,
    const char *name, ngx_sent_conv_conversation_t *conv)
{
    if (conv == NULL) {
        ngx_sent_conv_jw_null(w, name);
        return;
    }

    ngx_sent_conv_jw_open(w, name, '{');

    ngx_sent_conv_jw_str(w, "id", &conv->id);
    ngx_sent_conv_jw_str(w, "thread_id", &conv->thread_id);
    ngx_sent_conv_jw_str(w, "contact_id", &conv->contact_id);
    ngx_sent_conv_jw_str(w, "contact", &conv->contact);
    ngx_http_sent_conv_write_optional(w, "contact_name", &conv->contact_name);
    ngx_http_sent_conv_write_optional(w, "number", &conv->number);
    ngx_http_sent_conv_write_optional(w, "channel", &conv->channel);
    ngx_http_sent_conv_conversation_channels(w, &conv->channels);
    ngx_sent_conv_jw_cstr(w, "status",
                          conv->close_reason.len ? "CLOSED" : "OPEN");
    ngx_sent_conv_jw_str(w, "trigger", &conv->trigger);
    ngx_sent_conv_jw_time(w, "opened_at", conv->opened_at);
    ngx_sent_conv_jw_time(w, "expires_at", conv->expires_at);
    ngx_sent_conv_jw_time(w, "closed_at", conv->closed_at);
    ngx_http_sent_conv_write_optional(w, "close_reason", &conv->close_reason);
    ngx_sent_conv_jw_int(w, "inbound_count", conv->inbound_count);
    ngx_sent_conv_jw_int(w, "outbound_count", conv->outbound_count);
    ngx_sent_conv_jw_time(w, "last_inbound_at", conv->last_inbound_at);
    ngx_sent_conv_jw_time(w, "last_outbound_at", conv->last_outbound_at);
    ngx_http_sent_conv_write_optional(w, "agent_id", &conv->agent_id);

    if (conv->agent_id.len) {
        ngx_sent_conv_jw_int(w, "agent_version", conv->agent_version);

    } else {
        ngx_sent_conv_jw_null(w, "agent_version");
    }

    ngx_sent_conv_jw_close(w, '}');
}


static void
ngx_http_sent_conv_conversation_channels(ngx_sent_conv_jw_t *w,
    ngx_str_t *channels)
{
    u_char     *p, *end, *next;
    ngx_str_t   channel;

    ngx_sent_conv_jw_open(w, "channels", '[');

    p = channels->data;
    end = p + channels->len;

    for ( /* void */ ; p < end; p = next + 1) {

        next = ngx_strlchr(p, end, ',');
        if (next == NULL) {
            next = end;
        }

        channel.data = p;
        channel.len = next - p;

        ngx_sent_conv_jw_str(w, NULL, &channel);
    }

    ngx_sent_conv_jw_close(w, ']');
}


void
ngx_http_sent_conv_message_write(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_show_result_t *show,
    ngx_sent_conv_message_t *message)
{
    ngx_sent_conv_state_t  *state;

    ngx_sent_conv_jw_open(w, name, '{');

    ngx_sent_conv_jw_str(w, "id", &message->id);
    ngx_http_sent_conv_write_optional(w, "conversation_id",
                                      &message->conversation_id);
    ngx_sent_conv_jw_str(w, "customer_id", &customer->id);
    ngx_sent_conv_jw_str(w, "contact_id", &show->contact_id);
    ngx_sent_conv_jw_str(w, "phone", &show->contact);
    ngx_sent_conv_jw_str(w, "channel", &message->channel);
    ngx_sent_conv_jw_cstr(w, "direction",
                          message->inbound ? "INBOUND" : "OUTBOUND");
    ngx_sent_conv_jw_str(w, "kind", &message->kind);

    if (message->states.nelts > 0) {
        state = message->states.elts;
        state += message->states.nelts - 1;
        ngx_sent_conv_jw_str(w, "status", &state->status);

    } else {
        ngx_sent_conv_jw_cstr(w, "status",
                              message->inbound ? "RECEIVED" : "QUEUED");
    }

    ngx_sent_conv_jw_open(w, "message_body", '{');
    ngx_sent_conv_jw_null(w, "header");
    ngx_sent_conv_jw_raw(w, "content", &message->text);
    ngx_sent_conv_jw_null(w, "footer");
    ngx_sent_conv_jw_open(w, "buttons", '[');
    ngx_sent_conv_jw_close(w, ']');
    ngx_sent_conv_jw_close(w, '}');

    if (message->attachments.len) {
        ngx_sent_conv_jw_raw(w, "attachments", &message->attachments);

    } else {
        ngx_sent_conv_jw_open(w, "attachments", '[');
        ngx_sent_conv_jw_close(w, ']');
    }

    ngx_http_sent_conv_message_segments(w, message);
    ngx_http_sent_conv_write_optional(w, "template_id",
                                      &message->template_id);
    ngx_http_sent_conv_write_optional(w, "template_name",
                                      &message->template_name);
    ngx_sent_conv_jw_time(w, "created_at", message->created_at);

    ngx_http_sent_conv_message_states(w, "events", message);

    ngx_sent_conv_jw_close(w, '}');
}


/* of an SMS */

static void
ngx_http_sent_conv_message_segments(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_message_t *message)
{
    char                  *err;
    ngx_sent_conv_json_t  *text;

    if (ngx_sent_conv_channel_parse(&message->channel) != NGX_SENT_CONV_SMS
        || ngx_sent_conv_json_parse_str(w->pool, &message->text, &text, &err)
           != NGX_OK
        || text->type != NGX_SENT_CONV_JSON_STRING)
    {
        ngx_sent_conv_jw_null(w, "segments");
        return;
    }

    ngx_sent_conv_jw_int(w, "segments", ngx_sent_conv_segments(&text->text));
}


void
ngx_http_sent_conv_message_states(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_message_t *message)
{
    ngx_uint_t              i;
    ngx_sent_conv_state_t  *state;

    ngx_sent_conv_jw_open(w, name, '[');

    state = message->states.elts;

    for (i = 0; i < message->states.nelts; i++) {
        ngx_sent_conv_jw_open(w, NULL, '{');
        ngx_sent_conv_jw_str(w, "status", &state[i].status);
        ngx_sent_conv_jw_time(w, "timestamp", state[i].at);
        ngx_http_sent_conv_write_optional(w, "description",
                                          &state[i].description);
        ngx_sent_conv_jw_close(w, '}');
    }

    ngx_sent_conv_jw_close(w, ']');
}


static void
ngx_http_sent_conv_write_optional(ngx_sent_conv_jw_t *w, const char *name,
    ngx_str_t *value)
{
    ngx_sent_conv_jw_str(w, name, (value->len > 0) ? value : NULL);
}
