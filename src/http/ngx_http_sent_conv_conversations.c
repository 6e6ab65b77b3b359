
/*
 * GET /v3/conversations and /v3/conversations/{id}: windows and what was
 * written in them.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static void ngx_http_sent_conv_conversations_of(
    ngx_http_sent_conv_call_t *call, ngx_str_t *agent);
static void ngx_http_sent_conv_conversations_filter(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_list_t *list);
static void ngx_http_sent_conv_conversations_agent(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_list_t *list);
static ngx_uint_t ngx_http_sent_conv_conversations_word(ngx_str_t *value,
    const char **words);
static void ngx_http_sent_conv_conversations_cursor(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_page_t *page,
    ngx_sent_conv_list_t *list);
static void ngx_http_sent_conv_conversations_done(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);
static ngx_int_t ngx_http_sent_conv_conversations_position(ngx_pool_t *pool,
    ngx_sent_conv_conversation_t *conv, ngx_str_t *text);
static void ngx_http_sent_conv_conversation_done(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_conversation_pages(ngx_sent_conv_jw_t *w,
    ngx_http_sent_conv_page_t *page,
    ngx_sent_conv_show_result_t *show);


/* in the order of ngx_sent_conv_list_e, from 1 */

static const char  *ngx_http_sent_conv_list_words[] = {
    "open", "active", "closed", NULL
};

static const char  *ngx_http_sent_conv_reason_words[] = {
    "EXPIRED", "EXPLICIT", "COMPLIANCE_STOP", NULL
};


void
ngx_http_sent_conv_conversations(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_conversations_of(call, NULL);
}


/* of an agent; one that is archived, too */

void
ngx_http_sent_conv_agent_executions(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t              *id;
    ngx_sent_conv_agent_t  *agent;

    id = ngx_http_sent_conv_form_id(call, 0, "id");

    if (id == NULL) {
        return;
    }

    agent = ngx_sent_conv_customer_agent(call->customer, id);

    if (agent == NULL) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_AGENT, NULL);
        return;
    }

    ngx_http_sent_conv_conversations_of(call, &agent->id);
}


static void
ngx_http_sent_conv_conversations_of(ngx_http_sent_conv_call_t *call,
    ngx_str_t *agent)
{
    ngx_int_t                      rc;
    ngx_sent_conv_list_t           list;
    ngx_http_sent_conv_page_t  *page;

    page = ngx_pcalloc(call->request->pool,
                       sizeof(ngx_http_sent_conv_page_t));
    if (page == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->data = page;

    ngx_memzero(&list, sizeof(ngx_sent_conv_list_t));

    list.customer = call->customer;
    list.channel = NGX_SENT_CONV_CHANNELS;

    ngx_http_sent_conv_conversations_filter(call, &list);

    if (agent != NULL) {
        list.agent_id = *agent;
    }

    ngx_http_sent_conv_query_page(call, page);
    ngx_http_sent_conv_conversations_cursor(call, page, &list);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    list.limit = page->size;

    rc = ngx_sent_conv_store_list(call->store, &list,
                                  ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_conversations_done);
}


static void
ngx_http_sent_conv_conversations_filter(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_list_t *list)
{
    ngx_str_t  value;

    if (ngx_http_sent_conv_query_get(call, "status", &value) == NGX_OK) {
        list->status = ngx_http_sent_conv_conversations_word(&value,
                                               ngx_http_sent_conv_list_words);

        if (list->status == NGX_SENT_CONV_LIST_ALL) {
            ngx_http_sent_conv_form_fault(call, "status",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be open, active or closed");
        }
    }

    if (ngx_http_sent_conv_query_get(call, "contact", &list->contact)
        == NGX_OK
        && ngx_sent_conv_phone_check(&list->contact) != NGX_OK)
    {
        ngx_http_sent_conv_form_fault(call, "contact",
                                      NGX_HTTP_SENT_CONV_E_PHONE, NULL);
    }

    if (ngx_http_sent_conv_query_get(call, "channel", &value) == NGX_OK) {
        list->channel = ngx_sent_conv_channel_parse(&value);

        if (list->channel == NGX_SENT_CONV_CHANNELS) {
            ngx_http_sent_conv_form_fault(call, "channel",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be whatsapp, sms or rcs");
        }
    }

    if (ngx_http_sent_conv_query_get(call, "close_reason",
                                     &list->close_reason)
        == NGX_OK
        && ngx_http_sent_conv_conversations_word(&list->close_reason,
                                              ngx_http_sent_conv_reason_words)
           == 0)
    {
        ngx_http_sent_conv_form_fault(call, "close_reason",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "must be EXPIRED, EXPLICIT or "
                                      "COMPLIANCE_STOP");
    }

    ngx_http_sent_conv_conversations_agent(call, list);
}


/* conversations of one that is archived can still be read */

static void
ngx_http_sent_conv_conversations_agent(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_list_t *list)
{
    ngx_str_t               value;
    ngx_sent_conv_agent_t  *agent;

    if (ngx_http_sent_conv_query_get(call, "agent_id", &value) != NGX_OK) {
        return;
    }

    if (ngx_sent_conv_uuid_check(&value) != NGX_OK) {
        ngx_http_sent_conv_form_fault(call, "agent_id",
                                      NGX_HTTP_SENT_CONV_E_UUID, NULL);
        return;
    }

    agent = ngx_sent_conv_customer_agent(call->customer, &value);

    if (agent == NULL) {
        ngx_http_sent_conv_form_fault(call, "agent_id",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "is not one of your agents");
        return;
    }

    list->agent_id = agent->id;
}


/* its number from 1; 0: none of them */

static ngx_uint_t
ngx_http_sent_conv_conversations_word(ngx_str_t *value, const char **words)
{
    ngx_uint_t  i;

    for (i = 0; words[i] != NULL; i++) {

        if (value->len == ngx_strlen(words[i])
            && ngx_strncmp(value->data, words[i], value->len) == 0)
        {
            return i + 1;
        }
    }

    return 0;
}


/* "<ms>.<conversation id>" */

static void
ngx_http_sent_conv_conversations_cursor(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_page_t *page, ngx_sent_conv_list_t *list)
{
    u_char     *p, *end;
    ngx_int_t   ms;

    if (page->cursor.len == 0) {
        return;
    }

    end = page->cursor.data + page->cursor.len;
    p = ngx_strlchr(page->cursor.data, end, '.');

    if (p == NULL) {
        goto invalid;
    }

    ms = ngx_atoi(page->cursor.data, p - page->cursor.data);

    list->id.data = p + 1;
    list->id.len = end - list->id.data;

    if (ms < 1 || ngx_sent_conv_uuid_check(&list->id) != NGX_OK) {
        goto invalid;
    }

    list->ms = ms;
    list->before = (page->direction == 'b');

    return;

invalid:

    ngx_http_sent_conv_form_fault(call, "cursor", NGX_HTTP_SENT_CONV_E_VALUE,
                                  "is not one that this list has given");
}


static void
ngx_http_sent_conv_conversations_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_list_result_t *list = result;

    ngx_str_t                      first, last, *after, *before;
    ngx_uint_t                     i, n;
    ngx_sent_conv_jw_t             w;
    ngx_http_sent_conv_page_t  *page;
    ngx_sent_conv_conversation_t  *conv;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    page = call->data;
    conv = list->conversations.elts;
    n = list->conversations.nelts;

    ngx_http_sent_conv_reply_open(call, &w, 512 + n * 768);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "conversations", '[');

    for (i = 0; i < n; i++) {
        ngx_http_sent_conv_conversation_write(&w, NULL, &conv[i]);
    }

    ngx_sent_conv_jw_close(&w, ']');

    after = NULL;
    before = NULL;

    if (n > 0) {

        if (ngx_http_sent_conv_conversations_position(call->request->pool,
                                                      &conv[0], &first)
            != NGX_OK
            || ngx_http_sent_conv_conversations_position(call->request->pool,
                                                         &conv[n - 1], &last)
               != NGX_OK)
        {
            ngx_http_sent_conv_reply_abort(call);
            return;
        }

        if (page->direction == 'b') {
            before = list->more ? &first : NULL;
            after = &last;

        } else {
            before = page->cursor.len ? &first : NULL;
            after = list->more ? &last : NULL;
        }
    }

    ngx_http_sent_conv_query_pagination(&w, page, list->total,
                                        list->more, before, after);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static ngx_int_t
ngx_http_sent_conv_conversations_position(ngx_pool_t *pool,
    ngx_sent_conv_conversation_t *conv, ngx_str_t *text)
{
    text->data = ngx_pnalloc(pool, NGX_INT64_LEN + 1 + conv->id.len);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    text->len = ngx_sprintf(text->data, "%uL.%V", conv->opened_at, &conv->id)
                - text->data;

    return NGX_OK;
}


void
ngx_http_sent_conv_conversation(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                      rc;
    ngx_str_t                     *id;
    ngx_uint_t                     version;
    ngx_sent_conv_show_t           show;
    ngx_http_sent_conv_page_t  *page;

    page = ngx_pcalloc(call->request->pool,
                       sizeof(ngx_http_sent_conv_page_t));
    if (page == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->data = page;

    id = ngx_http_sent_conv_form_id(call, 0, "id");
    if (id == NULL) {
        return;
    }

    ngx_memzero(&show, sizeof(ngx_sent_conv_show_t));

    show.customer = call->customer;
    show.id = *id;
    show.position = -1;

    ngx_http_sent_conv_query_page(call, page);

    if (page->cursor.len > 0) {
        show.position = ngx_atoi(page->cursor.data,
                                 page->cursor.len);
        show.before = (page->direction == 'b');

        if (show.position == NGX_ERROR) {
            ngx_http_sent_conv_form_fault(call, "cursor",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "is not one that this list has "
                                          "given");
        }
    }

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    version = ngx_sent_conv_uuid_version(id->data);

    if (version != 5 && version != 7) {
        ngx_http_sent_conv_error(call,
                                 NGX_HTTP_SENT_CONV_E_CONVERSATION,
                                 NULL);
        return;
    }

    show.limit = page->size;

    rc = ngx_sent_conv_store_show(call->store, &show,
                                  ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_conversation_done);
}


static void
ngx_http_sent_conv_conversation_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_show_result_t *show = result;

    ngx_uint_t                i;
    ngx_sent_conv_jw_t        w;
    ngx_sent_conv_message_t  *message;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    if (show == NULL) {
        ngx_http_sent_conv_error(call,
                                 NGX_HTTP_SENT_CONV_E_CONVERSATION,
                                 NULL);
        return;
    }

    message = show->messages.elts;

    ngx_http_sent_conv_reply_open(call, &w,
                                  1024 + show->messages.nelts * 1024);

    ngx_sent_conv_jw_open(&w, "data", '{');

    ngx_http_sent_conv_conversation_write(&w, "conversation",
                                          show->conversation);

    ngx_sent_conv_jw_open(&w, "messages", '[');

    for (i = 0; i < show->messages.nelts; i++) {
        ngx_http_sent_conv_message_write(&w, NULL, call->customer, show,
                                         &message[i]);
    }

    ngx_sent_conv_jw_close(&w, ']');

    ngx_http_sent_conv_conversation_pages(&w, call->data, show);

    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static void
ngx_http_sent_conv_conversation_pages(ngx_sent_conv_jw_t *w,
    ngx_http_sent_conv_page_t *page, ngx_sent_conv_show_result_t *show)
{
    u_char      first_buf[NGX_INT64_LEN], last_buf[NGX_INT64_LEN];
    ngx_str_t   first, last;
    ngx_uint_t  more;

    first.data = first_buf;
    first.len = ngx_sprintf(first_buf, "%L", show->first) - first_buf;

    last.data = last_buf;
    last.len = ngx_sprintf(last_buf, "%L", show->last) - last_buf;

    more = (page->direction == 'b') ? show->newer : show->older;

    ngx_http_sent_conv_query_pagination(w, page, show->total, more,
                         (show->newer && show->first >= 0) ? &first : NULL,
                         (show->older && show->last >= 0) ? &last : NULL);
}
