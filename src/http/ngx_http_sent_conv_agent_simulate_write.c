
/*
 * A conversation that was played, as it is answered: what happened, by which
 * of the agent's parts, what was said, what webhooks would be told.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_agent.h"


static void ngx_http_sent_conv_played_write(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_sim_played_t *played);
static void ngx_http_sent_conv_played_path(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_sim_played_t *played);
static ngx_uint_t ngx_http_sent_conv_played_goes(
    ngx_sent_conv_sim_played_t *played);
static void ngx_http_sent_conv_played_enters(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_sim_played_t *played);
static void ngx_http_sent_conv_played_starter(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_sim_played_t *played);
static void ngx_http_sent_conv_played_webhooks(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_sim_played_t *played);
static ngx_uint_t ngx_http_sent_conv_played_hears(ngx_sent_conv_sim_t *sim,
    ngx_str_t *webhook);
static void ngx_http_sent_conv_played_outcome(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_sim_played_t *played);
static ngx_uint_t ngx_http_sent_conv_played_is(ngx_str_t *word,
    const char *text);


void
ngx_http_sent_conv_agent_simulate_write(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_sim_result_t *result,
    ngx_array_t *issues)
{
    ngx_uint_t                   i;
    ngx_sent_conv_jw_t           w;
    ngx_sent_conv_sim_played_t  *played;

    played = result->played.elts;

    ngx_http_sent_conv_reply_open(call, &w, 8192);
    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "steps", '[');

    for (i = 0; i < result->played.nelts; i++) {
        ngx_http_sent_conv_played_write(&w, sim, &played[i]);
    }

    ngx_sent_conv_jw_close(&w, ']');
    ngx_http_sent_conv_agent_write_issues(&w, issues);
    ngx_sent_conv_jw_close(&w, '}');
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static void
ngx_http_sent_conv_played_write(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_sim_played_t *played)
{
    ngx_uint_t                 i;
    ngx_sent_conv_message_t   *message;
    ngx_sent_conv_sim_told_t  *told;

    ngx_sent_conv_jw_open(w, NULL, '{');
    ngx_sent_conv_jw_int(w, "step", (int64_t) played->step);
    ngx_sent_conv_jw_time(w, "at", played->at);
    ngx_sent_conv_jw_str(w, "did", &played->did);
    ngx_http_sent_conv_played_outcome(w, played);
    ngx_http_sent_conv_played_path(w, sim, played);

    message = played->messages.elts;

    ngx_sent_conv_jw_open(w, "messages", '[');

    for (i = 0; i < played->messages.nelts; i++) {
        ngx_sent_conv_jw_open(w, NULL, '{');
        ngx_sent_conv_jw_cstr(w, "direction",
                              message[i].inbound ? "INBOUND" : "OUTBOUND");
        ngx_sent_conv_jw_str(w, "channel", &message[i].channel);
        ngx_sent_conv_jw_raw(w, "text", &message[i].text);
        ngx_sent_conv_jw_close(w, '}');
    }

    ngx_sent_conv_jw_close(w, ']');

    told = played->told.elts;

    ngx_sent_conv_jw_open(w, "webhooks", '[');

    for (i = 0; i < played->told.nelts; i++) {
        ngx_sent_conv_jw_open(w, NULL, '{');
        ngx_sent_conv_jw_str(w, "webhook_id", &told[i].webhook);
        ngx_sent_conv_jw_str(w, "event", &told[i].event);
        ngx_sent_conv_jw_raw(w, "body", &told[i].body);
        ngx_sent_conv_jw_close(w, '}');
    }

    ngx_sent_conv_jw_close(w, ']');
    ngx_sent_conv_jw_close(w, '}');
}


/* the parts of the agent that it went through, as the canvas names them */

static void
ngx_http_sent_conv_played_path(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_sim_played_t *played)
{
    ngx_uint_t  ended;

    ended = ngx_http_sent_conv_played_is(&played->outcome, "STOPPED");

    ngx_sent_conv_jw_open(w, "path", '[');

    if (ngx_http_sent_conv_played_is(&played->did, "start")) {
        ngx_http_sent_conv_played_starter(w, sim, played);

    } else if (played->ours && ngx_http_sent_conv_played_goes(played)) {
        ngx_http_sent_conv_played_enters(w, sim, played);

        ngx_sent_conv_jw_cstr(w, NULL, "engine");
        ngx_http_sent_conv_played_webhooks(w, sim, played);

        if (ngx_http_sent_conv_played_is(&played->did, "ping")) {
            ngx_sent_conv_jw_cstr(w, NULL, "ping");
        }

        ended |= ngx_http_sent_conv_played_is(&played->did, "expired");
    }

    /* its keywords count without a conversation of its own, too */

    if (ended) {
        ngx_sent_conv_jw_cstr(w, NULL, "ending");
    }

    ngx_sent_conv_jw_close(w, ']');
}


/* did it go through the conversation? */

static ngx_uint_t
ngx_http_sent_conv_played_goes(ngx_sent_conv_sim_played_t *played)
{
    if (ngx_http_sent_conv_played_is(&played->did, "reply")) {
        return ngx_http_sent_conv_played_is(&played->outcome, "OK");
    }

    return !ngx_http_sent_conv_played_is(&played->did, "wait")
           && !ngx_http_sent_conv_played_is(&played->outcome, "REPORTED");
}


/* by what it came in */

static void
ngx_http_sent_conv_played_enters(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_sim_played_t *played)
{
    if (ngx_http_sent_conv_played_is(&played->outcome, "OPENED")) {
        ngx_sent_conv_jw_cstr(w, NULL, "trigger");

        if (ngx_http_sent_conv_played_is(&played->trigger, "TEMPLATE_REPLY")) {
            ngx_http_sent_conv_played_starter(w, sim, played);
        }
    }

    if (ngx_http_sent_conv_played_is(&played->did, "inbound")
        || ngx_http_sent_conv_played_is(&played->did, "reply"))
    {
        ngx_sent_conv_jw_cstr(w, NULL, "channels");
    }
}


/* that of the channel of the step's first message */

static void
ngx_http_sent_conv_played_starter(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_sim_played_t *played)
{
    u_char                    *p;
    u_char                     buf[sizeof("starter:") + 16];
    ngx_str_t                  id;
    ngx_uint_t                 i;
    ngx_sent_conv_starter_t   *starter;
    ngx_sent_conv_message_t   *message;
    ngx_sent_conv_channel_e    channel;

    message = played->messages.elts;
    starter = sim->agent->definition.starters.elts;

    if (played->messages.nelts == 0) {
        return;
    }

    channel = ngx_sent_conv_channel_parse(&message[0].channel);

    for (i = 0; i < sim->agent->definition.starters.nelts; i++) {

        if (starter[i].channel == channel) {
            p = ngx_snprintf(buf, sizeof(buf), "starter:%V",
                             &ngx_sent_conv_channel_names[channel]);
            id.len = p - buf;
            id.data = buf;

            ngx_sent_conv_jw_str(w, NULL, &id);
        }
    }
}


/* of the agent's, each once; what is told goes by webhook */

static void
ngx_http_sent_conv_played_webhooks(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_sim_played_t *played)
{
    u_char                    *p;
    u_char                     buf[sizeof("webhook:")
                                   + NGX_SENT_CONV_UUID_LEN];
    ngx_str_t                  id;
    ngx_uint_t                 i;
    ngx_sent_conv_sim_told_t  *told;

    told = played->told.elts;

    for (i = 0; i < played->told.nelts; i++) {

        if ((i > 0 && told[i].webhook.data == told[i - 1].webhook.data)
            || !ngx_http_sent_conv_played_hears(sim, &told[i].webhook))
        {
            continue;
        }

        p = ngx_snprintf(buf, sizeof(buf), "webhook:%V", &told[i].webhook);
        id.len = p - buf;
        id.data = buf;

        ngx_sent_conv_jw_str(w, NULL, &id);
    }
}


static ngx_uint_t
ngx_http_sent_conv_played_hears(ngx_sent_conv_sim_t *sim, ngx_str_t *webhook)
{
    ngx_str_t    *id;
    ngx_uint_t    i;
    ngx_array_t  *webhooks;

    webhooks = &sim->agent->definition.webhooks;
    id = webhooks->elts;

    for (i = 0; i < webhooks->nelts; i++) {

        if (id[i].len == webhook->len
            && ngx_memcmp(id[i].data, webhook->data, webhook->len) == 0)
        {
            return 1;
        }
    }

    return webhooks->nelts == 0;
}


/* of what is refused the code that it would be answered with */

static void
ngx_http_sent_conv_played_outcome(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_sim_played_t *played)
{
    ngx_uint_t  i;
    static struct {
        const char  *word;
        const char  *told;
    } words[] = {
        { "OK", "ACCEPTED" },
        { "QUEUED", "ACCEPTED" },
        { "NO_WINDOW", "CONVERSATION_001" },
        { "OPTED_OUT", "CONVERSATION_001" },
        { "NO_CHANNEL", "BUSINESS_007" },
        { "TOO_LONG", "VALIDATION_005" }
    };

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {

        if (ngx_http_sent_conv_played_is(&played->outcome, words[i].word)) {
            ngx_sent_conv_jw_cstr(w, "outcome", words[i].told);
            return;
        }
    }

    ngx_sent_conv_jw_str(w, "outcome",
                         played->outcome.len ? &played->outcome : NULL);
}


static ngx_uint_t
ngx_http_sent_conv_played_is(ngx_str_t *word, const char *text)
{
    return word->len == ngx_strlen(text)
           && ngx_strncmp(word->data, text, word->len) == 0;
}
