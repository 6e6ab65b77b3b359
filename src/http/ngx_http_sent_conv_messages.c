
/*
 * POST /v3/messages: a template, or a text, to up to 1,000 contacts.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


#define NGX_HTTP_SENT_CONV_TO_MAX      1000

/* numbers that are no numbers, told by their place */
#define NGX_HTTP_SENT_CONV_FAULTS_MAX  100

/* of the table that finds a number given twice; a power of two */
#define NGX_HTTP_SENT_CONV_SEEN        2048


typedef struct {
    ngx_sent_conv_broadcast_t   broadcast;
    ngx_array_t                 to;          /* ngx_str_t, each once */
    ngx_uint_t                  channels;    /* bits, asked for; 0 = choose */
} ngx_http_sent_conv_messages_t;


static void ngx_http_sent_conv_messages_to(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_messages_t *m);
static void ngx_http_sent_conv_messages_place(
    ngx_http_sent_conv_call_t *call, ngx_uint_t i, ngx_http_sent_conv_e error,
    const char *text);
static ngx_uint_t ngx_http_sent_conv_messages_new(ngx_array_t *to,
    uint16_t *seen, ngx_str_t *number);
static void ngx_http_sent_conv_messages_channels(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_messages_t *m);
static void ngx_http_sent_conv_messages_agent(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_messages_t *m);
static void ngx_http_sent_conv_messages_text(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_messages_t *m, ngx_str_t *text);
static ngx_int_t ngx_http_sent_conv_messages_rows(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_messages_t *m);
static void ngx_http_sent_conv_messages_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_messages_reply(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_broadcast_t *bc);
static void ngx_http_sent_conv_messages_row(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_broadcast_t *bc, ngx_sent_conv_row_t *row);


void
ngx_http_sent_conv_messages(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_json_t           *text, *template;
    ngx_http_sent_conv_messages_t  *m;

    m = ngx_pcalloc(call->request->pool,
                    sizeof(ngx_http_sent_conv_messages_t));
    if (m == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_messages_to(call, m);
    ngx_http_sent_conv_messages_channels(call, m);
    ngx_http_sent_conv_messages_agent(call, m);

    template = ngx_http_sent_conv_form_get(call, "template",
                                           NGX_SENT_CONV_JSON_OBJECT, 0);
    text = ngx_http_sent_conv_form_get(call, "text",
                                       NGX_SENT_CONV_JSON_STRING, 0);

    if (template != NULL && text != NULL) {
        ngx_http_sent_conv_form_fault(call, "text", NGX_HTTP_SENT_CONV_E_VALUE,
                                      "must not stand beside a template");

    } else if (template != NULL) {
        ngx_http_sent_conv_message_content(call, template, m->channels,
                                           &m->broadcast);

    } else if (text != NULL) {
        ngx_http_sent_conv_messages_text(call, m, &text->text);

    } else if (call->faults.nelts == 0) {
        ngx_http_sent_conv_form_fault(call, "template",
                                      NGX_HTTP_SENT_CONV_E_MISSING,
                                      "a template or a text is required");
    }

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    if (ngx_http_sent_conv_messages_rows(call, m) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_messages_send(call, &m->broadcast);
}


void
ngx_http_sent_conv_messages_send(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_broadcast_t *bc)
{
    ngx_int_t  rc;

    call->data = bc;

    bc->customer = call->customer;
    bc->seed = call->id;
    bc->trace = call->trace;
    bc->sandbox = call->sandbox;

    rc = ngx_sent_conv_store_broadcast(call->store, bc,
                                       ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_messages_done);
}


static void
ngx_http_sent_conv_messages_to(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_messages_t *m)
{
    uint16_t              *seen;
    ngx_str_t             *number;
    ngx_uint_t             i;
    ngx_sent_conv_json_t  *list, *item;

    list = ngx_http_sent_conv_form_get(call, "to", NGX_SENT_CONV_JSON_ARRAY,
                                       1);
    if (list == NULL) {
        return;
    }

    if (list->n < 1 || list->n > NGX_HTTP_SENT_CONV_TO_MAX) {
        ngx_http_sent_conv_form_fault(call, "to", NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must have 1 to 1000 numbers");
        return;
    }

    seen = ngx_pcalloc(call->request->pool,
                       NGX_HTTP_SENT_CONV_SEEN * sizeof(uint16_t));

    if (seen == NULL
        || ngx_array_init(&m->to, call->request->pool, list->n,
                          sizeof(ngx_str_t))
           != NGX_OK)
    {
        call->failed = 1;
        return;
    }

    for (item = list->first, i = 0; item != NULL; item = item->next, i++) {

        if (item->type != NGX_SENT_CONV_JSON_STRING) {
            ngx_http_sent_conv_messages_place(call, i,
                                              NGX_HTTP_SENT_CONV_E_FORM,
                                              "must be a string");

        } else if (ngx_sent_conv_phone_check(&item->text) != NGX_OK) {
            ngx_http_sent_conv_messages_place(call, i,
                                              NGX_HTTP_SENT_CONV_E_PHONE,
                                              NULL);

        } else if (ngx_http_sent_conv_messages_new(&m->to, seen,
                                                   &item->text))
        {
            /* there is room for as many as the list has */

            number = ngx_array_push(&m->to);
            *number = item->text;
        }

        if (call->faults.nelts >= NGX_HTTP_SENT_CONV_FAULTS_MAX) {
            return;
        }
    }
}


/* "to[17]" */

static void
ngx_http_sent_conv_messages_place(ngx_http_sent_conv_call_t *call,
    ngx_uint_t i, ngx_http_sent_conv_e error, const char *text)
{
    u_char  *name;

    name = ngx_pnalloc(call->request->pool, sizeof("to[]") + NGX_INT_T_LEN);
    if (name == NULL) {
        call->failed = 1;
        return;
    }

    *ngx_sprintf(name, "to[%ui]", i) = '\0';

    ngx_http_sent_conv_form_fault(call, (char *) name, error, text);
}


/* seen: places in the array, from 1, by the number's hash */

static ngx_uint_t
ngx_http_sent_conv_messages_new(ngx_array_t *to, uint16_t *seen,
    ngx_str_t *number)
{
    ngx_str_t   *is;
    ngx_uint_t   i;

    is = to->elts;
    i = ngx_crc32_short(number->data, number->len);

    for ( ;; ) {
        i &= NGX_HTTP_SENT_CONV_SEEN - 1;

        if (seen[i] == 0) {
            seen[i] = (uint16_t) (to->nelts + 1);
            return 1;
        }

        if (is[seen[i] - 1].len == number->len
            && ngx_memcmp(is[seen[i] - 1].data, number->data, number->len)
               == 0)
        {
            return 0;
        }

        i++;
    }
}


static void
ngx_http_sent_conv_messages_channels(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_messages_t *m)
{
    ngx_uint_t                chosen;
    ngx_sent_conv_json_t     *list, *item;
    ngx_sent_conv_channel_e   channel;

    list = ngx_http_sent_conv_form_get(call, "channel",
                                       NGX_SENT_CONV_JSON_ARRAY, 0);
    if (list == NULL) {
        return;
    }

    chosen = 0;

    for (item = list->first; item != NULL; item = item->next) {

        if (item->type != NGX_SENT_CONV_JSON_STRING) {
            ngx_http_sent_conv_form_fault(call, "channel",
                                          NGX_HTTP_SENT_CONV_E_FORM,
                                          "must be an array of strings");
            return;
        }

        if (item->text.len == 4
            && ngx_strncmp(item->text.data, "sent", 4) == 0)
        {
            chosen = 1;
            continue;
        }

        channel = ngx_sent_conv_channel_parse(&item->text);

        if (channel == NGX_SENT_CONV_CHANNELS) {
            ngx_http_sent_conv_form_fault(call, "channel",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be of whatsapp, sms and rcs, "
                                          "or sent");
            return;
        }

        m->channels |= 1 << channel;
    }

    if (chosen && m->channels) {
        ngx_http_sent_conv_form_fault(call, "channel",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "sent must stand alone");
    }
}


static void
ngx_http_sent_conv_messages_agent(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_messages_t *m)
{
    ngx_sent_conv_json_t   *agent;
    ngx_sent_conv_agent_t  *is;

    agent = ngx_http_sent_conv_form_get(call, "agent_id",
                                        NGX_SENT_CONV_JSON_STRING, 0);
    if (agent == NULL) {
        return;
    }

    if (ngx_sent_conv_uuid_check(&agent->text) != NGX_OK) {
        ngx_http_sent_conv_form_fault(call, "agent_id",
                                      NGX_HTTP_SENT_CONV_E_UUID, NULL);
        return;
    }

    is = ngx_sent_conv_customer_agent(call->customer, &agent->text);

    if (is == NULL || is->archived) {
        ngx_http_sent_conv_form_fault(call, "agent_id",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "is not one of your agents");
        return;
    }

    m->broadcast.agent = is->id;
}


static void
ngx_http_sent_conv_messages_text(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_messages_t *m, ngx_str_t *text)
{
    ngx_int_t                 length;
    ngx_uint_t                i, fits;
    ngx_sent_conv_content_t  *content;

    length = ngx_sent_conv_utf8_length(text);

    if (length < 1) {
        ngx_http_sent_conv_form_fault(call, "text",
                                      length ? NGX_HTTP_SENT_CONV_E_FORM
                                             : NGX_HTTP_SENT_CONV_E_RANGE,
                                      length ? "must be valid UTF-8"
                                             : "must not be empty");
        return;
    }

    fits = 0;

    for (i = 0; i < NGX_SENT_CONV_CHANNELS; i++) {
        content = &m->broadcast.content[i];

        content->text = *text;
        content->length = length;
        content->serves = (ngx_uint_t) length <= ngx_sent_conv_channel_max[i];

        if (content->serves) {
            fits |= 1 << i;
        }
    }

    if (fits == 0 || (m->channels & ~fits)) {
        ngx_http_sent_conv_form_fault(call, "text", NGX_HTTP_SENT_CONV_E_RANGE,
                                      "is too long for the channel: 4096 "
                                      "characters on whatsapp, 1600 on sms, "
                                      "3072 on rcs");
    }
}


static ngx_int_t
ngx_http_sent_conv_messages_rows(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_messages_t *m)
{
    ngx_str_t            *to;
    ngx_uint_t            i, k, n;
    ngx_sent_conv_row_t  *row;

    to = m->to.elts;
    n = m->to.nelts;

    row = ngx_pcalloc(call->request->pool,
                      n * NGX_SENT_CONV_CHANNELS
                      * sizeof(ngx_sent_conv_row_t));
    if (row == NULL) {
        return NGX_ERROR;
    }

    m->broadcast.rows = row;

    for (i = 0; i < n; i++) {

        if (m->channels == 0) {
            row->to = to[i];
            row->asked = NGX_SENT_CONV_CHANNELS;
            row++;
            continue;
        }

        for (k = 0; k < NGX_SENT_CONV_CHANNELS; k++) {
            if (m->channels & (1 << k)) {
                row->to = to[i];
                row->asked = (ngx_sent_conv_channel_e) k;
                row++;
            }
        }
    }

    m->broadcast.n = row - m->broadcast.rows;

    return NGX_OK;
}


static void
ngx_http_sent_conv_messages_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_uint_t                  i, failed, unsent, unknown;
    ngx_sent_conv_row_t        *row;
    ngx_sent_conv_broadcast_t  *bc;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    bc = call->data;
    row = bc->rows;
    failed = 0;
    unsent = 0;
    unknown = 0;

    for (i = 0; i < bc->n; i++) {
        failed += (row[i].what != NGX_SENT_CONV_ROW_OK);
        unsent += (row[i].what == NGX_SENT_CONV_ROW_UNSENT);
        unknown += (row[i].what == NGX_SENT_CONV_ROW_UNKNOWN);
    }

    /* a repeat has those that failed to do */

    call->unfinished = (failed > 0);

    if (unsent + unknown == bc->n) {
        ngx_http_sent_conv_error_store(call, unknown ? NGX_SENT_CONV_UNKNOWN
                                                     : NGX_SENT_CONV_UNSENT);
        return;
    }

    ngx_http_sent_conv_messages_reply(call, bc);
}


static void
ngx_http_sent_conv_messages_reply(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_broadcast_t *bc)
{
    ngx_uint_t                 i;
    ngx_sent_conv_jw_t         w;
    ngx_sent_conv_template_t  *template;

    template = bc->template;

    ngx_http_sent_conv_reply_open(call, &w, 256 + bc->n * 160);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_cstr(&w, "status", "QUEUED");
    ngx_sent_conv_jw_str(&w, "template_id", template ? &template->id : NULL);
    ngx_sent_conv_jw_str(&w, "template_name",
                         template ? &template->name : NULL);
    ngx_sent_conv_jw_open(&w, "recipients", '[');

    for (i = 0; i < bc->n; i++) {
        ngx_http_sent_conv_messages_row(&w, bc, &bc->rows[i]);
    }

    ngx_sent_conv_jw_close(&w, ']');
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_ACCEPTED);
}


static void
ngx_http_sent_conv_messages_row(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_broadcast_t *bc, ngx_sent_conv_row_t *row)
{
    ngx_str_t              id, *body, *channel;
    ngx_http_sent_conv_e   error;

    id.len = NGX_SENT_CONV_UUID_LEN;
    id.data = row->message_id;

    channel = (row->channel == NGX_SENT_CONV_CHANNELS) ? NULL
              : &ngx_sent_conv_channel_names[row->channel];
    body = channel ? &bc->content[row->channel].text : NULL;

    ngx_sent_conv_jw_open(w, NULL, '{');
    ngx_sent_conv_jw_str(w, "message_id",
                         row->what == NGX_SENT_CONV_ROW_OK ? &id : NULL);
    ngx_sent_conv_jw_str(w, "to", &row->to);
    ngx_sent_conv_jw_str(w, "channel", channel);
    ngx_sent_conv_jw_str(w, "body", body);

    if (row->what != NGX_SENT_CONV_ROW_OK) {

        switch (row->what) {

        case NGX_SENT_CONV_ROW_NO_CHANNEL:
            error = NGX_HTTP_SENT_CONV_E_CHANNEL;
            break;

        case NGX_SENT_CONV_ROW_TOO_LONG:
            error = NGX_HTTP_SENT_CONV_E_RANGE;
            break;

        case NGX_SENT_CONV_ROW_UNSENT:
            error = NGX_HTTP_SENT_CONV_E_UNSENT;
            break;

        default: /* NGX_SENT_CONV_ROW_UNKNOWN */
            error = NGX_HTTP_SENT_CONV_E_UNKNOWN;
        }

        ngx_sent_conv_jw_open(w, "error", '{');
        ngx_sent_conv_jw_cstr(w, "code",
                              ngx_http_sent_conv_error_code(error));
        ngx_sent_conv_jw_cstr(w, "message",
                              ngx_http_sent_conv_error_text(error));
        ngx_sent_conv_jw_close(w, '}');
    }

    ngx_sent_conv_jw_close(w, '}');
}
