
/*
 * What the scripts keep of a pair, read into structs; the format is told by
 * src/lua/inc/pair.lua.  All is copied: a reply lives only during its call.
 */


#include "ngx_sent_conv_store_private.h"


static ngx_int_t ngx_sent_conv_store_record_kind(ngx_pool_t *pool,
    ngx_str_t *word, ngx_sent_conv_message_t *message);
static void ngx_sent_conv_store_record_field(ngx_str_t *field,
    ngx_str_t *value, ngx_sent_conv_store_thread_t *th,
    ngx_str_t *numbers);
static void ngx_sent_conv_store_record_open(ngx_str_t *field,
    ngx_str_t *value, ngx_sent_conv_store_thread_t *th);


ngx_str_t
ngx_sent_conv_store_word(ngx_str_t *text, u_char separator)
{
    u_char     *p;
    ngx_str_t   word;

    word = *text;

    p = text->len ? ngx_strlchr(text->data, text->data + text->len, separator)
                  : NULL;

    if (p == NULL) {
        text->data += text->len;
        text->len = 0;
        return word;
    }

    word.len = p - word.data;

    text->len -= word.len + 1;
    text->data = p + 1;

    return word;
}


int64_t
ngx_sent_conv_store_integer(ngx_str_t *text)
{
    off_t  n;

    n = ngx_atoof(text->data, text->len);

    return (n == NGX_ERROR) ? 0 : (int64_t) n;
}


ngx_int_t
ngx_sent_conv_store_record_thread(ngx_pool_t *pool, ngx_str_t *thread,
    ngx_sent_conv_reply_t *reply, ngx_sent_conv_store_thread_t *th)
{
    ngx_str_t                      field, value, channels;
    ngx_str_t                      numbers[NGX_SENT_CONV_CHANNELS + 1];
    ngx_uint_t                     i, n;
    ngx_sent_conv_channel_e        channel;
    ngx_sent_conv_conversation_t  *conv;

    ngx_memzero(th, sizeof(ngx_sent_conv_store_thread_t));
    ngx_memzero(numbers, sizeof(numbers));

    n = ngx_sent_conv_reply_n(reply);

    for (i = 0; i + 1 < n; i += 2) {
        field = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));
        value = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i + 1));

        if (ngx_sent_conv_store_copy(pool, &value, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_sent_conv_store_record_field(&field, &value, th, numbers);
    }

    conv = &th->conversation;

    if (conv->id.len) {
        channels = conv->channels;
        conv->channel = ngx_sent_conv_store_word(&channels, ',');

        channel = ngx_sent_conv_channel_parse(&conv->channel);
        conv->number = numbers[channel];

        ngx_sent_conv_store_record_pair(th, thread, conv);
    }

    return NGX_OK;
}


static void
ngx_sent_conv_store_record_field(ngx_str_t *field, ngx_str_t *value,
    ngx_sent_conv_store_thread_t *th, ngx_str_t *numbers)
{
    ngx_str_t                name;
    ngx_sent_conv_channel_e  channel;

    if (field->len > 2 && field->data[0] == 'n' && field->data[1] == ':') {
        name.len = field->len - 2;
        name.data = field->data + 2;

        channel = ngx_sent_conv_channel_parse(&name);

        if (channel != NGX_SENT_CONV_CHANNELS) {
            numbers[channel] = *value;
        }

        return;
    }

    if (field->len == 1) {

        switch (field->data[0]) {

        case 'n':
            th->contact = *value;
            return;

        case 'c':
            th->conversation.id = *value;
            return;

        case 'e':
            th->conversation.expires_at = ngx_sent_conv_store_integer(value);
            return;

        case 'o':
            th->conversation.opened_at = ngx_sent_conv_store_integer(value);
            return;

        default:
            return;
        }
    }

    if (field->len == 2) {
        ngx_sent_conv_store_record_open(field, value, th);
    }
}


static void
ngx_sent_conv_store_record_open(ngx_str_t *field, ngx_str_t *value,
    ngx_sent_conv_store_thread_t *th)
{
    int64_t                        n;
    ngx_str_t                      version;
    ngx_sent_conv_conversation_t  *conv;

    conv = &th->conversation;
    n = ngx_sent_conv_store_integer(value);

    switch (field->data[0] << 8 | field->data[1]) {

    case 'c' << 8 | 'u':
        th->customer = *value;
        break;

    case 'c' << 8 | 'i':
        th->contact_id = *value;
        break;

    case 'n' << 8 | 'm':
        th->name = *value;
        break;

    case 'm' << 8 | 'b':
        th->base = n;
        break;

    case 'm' << 8 | '0':
        th->first = n;
        break;

    case 'a' << 8 | 'g':
        version = *value;
        conv->agent_id = ngx_sent_conv_store_word(&version, ' ');
        conv->agent_version = (ngx_uint_t)
                                       ngx_sent_conv_store_integer(&version);
        break;

    case 't' << 8 | 'r':
        conv->trigger = *value;
        break;

    case 'c' << 8 | 's':
        conv->channels = *value;
        break;

    case 'n' << 8 | 'i':
        conv->inbound_count = (ngx_uint_t) n;
        break;

    case 'n' << 8 | 'o':
        conv->outbound_count = (ngx_uint_t) n;
        break;

    case 'l' << 8 | 'i':
        conv->last_inbound_at = (uint64_t) n;
        break;

    case 'l' << 8 | 'o':
        conv->last_outbound_at = (uint64_t) n;
        break;

    default:
        break;
    }
}


void
ngx_sent_conv_store_record_pair(ngx_sent_conv_store_thread_t *th,
    ngx_str_t *thread, ngx_sent_conv_conversation_t *conv)
{
    conv->thread_id = *thread;
    conv->contact_id = th->contact_id;
    conv->contact = th->contact;
    conv->contact_name = th->name;
}


ngx_int_t
ngx_sent_conv_store_record_ended(ngx_pool_t *pool, ngx_str_t *id,
    ngx_str_t *value, ngx_sent_conv_conversation_t *conv, int64_t *first,
    int64_t *end)
{
    ngx_str_t   text, word[16];
    ngx_uint_t  i;

    /*
     * <trigger> <opened> <expires> <closed> <reason> <in> <out> <last in>
     * <last out> <channel> <channels> <our number> <first> <behind the last>
     * <sequence>, and of an agent's conversation <agent> <version>
     */

    if (ngx_sent_conv_store_copy(pool, value, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < 16; i++) {
        word[i] = ngx_sent_conv_store_word(&text, ' ');
    }

    /* the history of a message has no such times */

    if (word[14].len == 0
        || ngx_sent_conv_store_integer(&word[1]) == 0
        || ngx_sent_conv_store_integer(&word[3]) == 0)
    {
        return NGX_DECLINED;
    }

    ngx_memzero(conv, sizeof(ngx_sent_conv_conversation_t));

    if (ngx_sent_conv_store_copy(pool, id, &conv->id) != NGX_OK) {
        return NGX_ERROR;
    }

    conv->trigger = word[0];
    conv->opened_at = (uint64_t) ngx_sent_conv_store_integer(&word[1]);
    conv->expires_at = (uint64_t) ngx_sent_conv_store_integer(&word[2]);
    conv->closed_at = (uint64_t) ngx_sent_conv_store_integer(&word[3]);
    conv->close_reason = word[4];
    conv->inbound_count = (ngx_uint_t) ngx_sent_conv_store_integer(&word[5]);
    conv->outbound_count = (ngx_uint_t) ngx_sent_conv_store_integer(&word[6]);
    conv->last_inbound_at = (uint64_t) ngx_sent_conv_store_integer(&word[7]);
    conv->last_outbound_at = (uint64_t) ngx_sent_conv_store_integer(&word[8]);
    conv->channel = word[9];
    conv->channels = word[10];
    conv->number = word[11];
    conv->agent_id = word[15];
    conv->agent_version = (ngx_uint_t) ngx_sent_conv_store_integer(&text);

    *first = ngx_sent_conv_store_integer(&word[12]);
    *end = ngx_sent_conv_store_integer(&word[13]);

    return NGX_OK;
}


void
ngx_sent_conv_store_record_lapse(ngx_sent_conv_conversation_t *conv,
    int64_t now)
{
    if (now > 0 && conv->close_reason.len == 0
        && (int64_t) conv->expires_at <= now)
    {
        ngx_str_set(&conv->close_reason, "EXPIRED");
        conv->closed_at = conv->expires_at;
    }
}


int64_t
ngx_sent_conv_store_time(ngx_sent_conv_reply_t *reply)
{
    int64_t  sec, usec;

    sec = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, 0));
    usec = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(reply, 1));

    return sec * 1000 + usec / 1000;
}


ngx_int_t
ngx_sent_conv_store_record_message(ngx_pool_t *pool, ngx_str_t *entry,
    ngx_sent_conv_message_t *message)
{
    ngx_str_t   text, word[8];
    ngx_uint_t  i;

    /*
     * <at> <I|O> <message> <conversation|-> <channel> <our number> <kind>
     * <ends|0> <text as JSON>
     */

    if (ngx_sent_conv_store_copy(pool, entry, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < 8; i++) {
        word[i] = ngx_sent_conv_store_word(&text, ' ');
    }

    if (text.len == 0) {
        return NGX_DECLINED;
    }

    ngx_memzero(message, sizeof(ngx_sent_conv_message_t));

    message->created_at = (uint64_t) ngx_sent_conv_store_integer(&word[0]);
    message->inbound = (word[1].len == 1 && word[1].data[0] == 'I');
    message->id = word[2];

    if (word[3].len > 1) {
        message->conversation_id = word[3];
    }

    message->channel = word[4];
    message->number = word[5];
    message->text = text;

    return ngx_sent_conv_store_record_kind(pool, &word[6], message);
}


/*
 * "<kind>", "template/<id>/<name>" with "/<agent>" where it was sent for one,
 * or "<kind>/<attachments in base64url>"
 */

static ngx_int_t
ngx_sent_conv_store_record_kind(ngx_pool_t *pool, ngx_str_t *word,
    ngx_sent_conv_message_t *message)
{
    message->kind = ngx_sent_conv_store_word(word, '/');

    if (word->len == 0) {
        return NGX_OK;
    }

    if (message->kind.len == sizeof("template") - 1
        && ngx_strncmp(message->kind.data, "template", 8) == 0)
    {
        message->template_id = ngx_sent_conv_store_word(word, '/');
        message->template_name = ngx_sent_conv_store_word(word, '/');
        return NGX_OK;
    }

    message->attachments.data = ngx_pnalloc(pool,
                                      ngx_base64_decoded_length(word->len));
    if (message->attachments.data == NULL) {
        return NGX_ERROR;
    }

    return ngx_decode_base64url(&message->attachments, word) == NGX_OK
           ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
ngx_sent_conv_store_record_states(ngx_pool_t *pool, ngx_str_t *history,
    ngx_sent_conv_message_t *message)
{
    ngx_str_t               text, line, at;
    ngx_sent_conv_state_t  *state;

    if (ngx_array_init(&message->states, pool, 4,
                       sizeof(ngx_sent_conv_state_t))
        != NGX_OK
        || ngx_sent_conv_store_copy(pool, history, &text) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* the first state is not written down: the entry tells it */

    state = ngx_array_push(&message->states);

    if (message->inbound) {
        ngx_str_set(&state->status, "RECEIVED");

    } else {
        ngx_str_set(&state->status, "QUEUED");
    }

    ngx_str_null(&state->description);
    state->at = message->created_at;

    while (text.len) {
        line = ngx_sent_conv_store_word(&text, LF);

        state = ngx_array_push(&message->states);
        if (state == NULL) {
            return NGX_ERROR;
        }

        state->status = ngx_sent_conv_store_word(&line, ' ');
        at = ngx_sent_conv_store_word(&line, ' ');
        state->at = (uint64_t) ngx_sent_conv_store_integer(&at);
        state->description = line;
    }

    return NGX_OK;
}
