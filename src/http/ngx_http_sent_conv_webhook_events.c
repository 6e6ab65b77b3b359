
/*
 * GET /v3/webhooks/{id}/events, and what became of one of them.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


/* events that a page by its number may lie behind */
#define NGX_HTTP_SENT_CONV_EVENTS_DEEP    10000
#define NGX_HTTP_SENT_CONV_EVENTS_SEARCH  256


static ngx_uint_t ngx_http_sent_conv_events_statuses(
    ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_events_search(ngx_http_sent_conv_call_t *call,
    ngx_str_t *search);
static void ngx_http_sent_conv_events_page(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_page_t *page, ngx_sent_conv_events_t *list);
static void ngx_http_sent_conv_events_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_attempts_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);


/* in the order of ngx_sent_conv_event_e */

static const char  *ngx_http_sent_conv_event_statuses[] = {
    "PENDING", "RETRYING", "DELIVERED", "FAILED"
};


void
ngx_http_sent_conv_webhook_events(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                   rc;
    ngx_sent_conv_events_t      list;
    ngx_sent_conv_endpoint_t   *ep;
    ngx_http_sent_conv_page_t  *page;

    page = ngx_pcalloc(call->request->pool,
                       sizeof(ngx_http_sent_conv_page_t));
    if (page == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->data = page;

    ngx_memzero(&list, sizeof(ngx_sent_conv_events_t));

    ngx_http_sent_conv_events_page(call, page, &list);
    ngx_http_sent_conv_events_search(call, &list.search);

    list.statuses = ngx_http_sent_conv_events_statuses(call);

    ep = ngx_http_sent_conv_webhook_find(call);
    if (ep == NULL) {
        return;
    }

    list.customer = call->customer;
    list.endpoint = ep->id;

    rc = ngx_sent_conv_store_events(call->store, &list,
                                    ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_events_done);
}


static void
ngx_http_sent_conv_events_page(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_page_t *page, ngx_sent_conv_events_t *list)
{
    ngx_int_t  n;
    ngx_str_t  value;

    ngx_http_sent_conv_query_page(call, page);

    if (ngx_http_sent_conv_query_get(call, "page", &value) == NGX_OK) {

        n = ngx_atoi(value.data, value.len);

        if (n < 1
            || (ngx_uint_t) n > NGX_HTTP_SENT_CONV_EVENTS_DEEP / page->size)
        {
            ngx_http_sent_conv_form_fault(call, "page",
                                          NGX_HTTP_SENT_CONV_E_RANGE,
                                          "must be an integer from 1; behind "
                                          "10000 events take the cursor");
            return;
        }

        page->page = n;
        page->offset = (page->page - 1) * page->size;
    }

    list->limit = page->size;
    list->offset = page->offset;
    list->cursor = page->cursor;
    list->before = (page->direction == 'b');

    if (page->cursor.len
        && ngx_sent_conv_store_events_place(&page->cursor) != NGX_OK)
    {
        ngx_http_sent_conv_form_fault(call, "cursor",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "is not one that this list has given");
    }

    if (page->page == 0 && page->cursor.len == 0) {
        page->page = 1;
    }
}


/* in small letters: what it is compared with is brought to them, too */

static void
ngx_http_sent_conv_events_search(ngx_http_sent_conv_call_t *call,
    ngx_str_t *search)
{
    u_char     *p;
    ngx_str_t   value;

    if (ngx_http_sent_conv_query_get(call, "search", &value) != NGX_OK
        || value.len == 0)
    {
        return;
    }

    if (value.len > NGX_HTTP_SENT_CONV_EVENTS_SEARCH) {
        ngx_http_sent_conv_form_fault(call, "search",
                                      NGX_HTTP_SENT_CONV_E_RANGE,
                                      "is longer than 256 bytes");
        return;
    }

    p = ngx_pnalloc(call->request->pool, value.len);
    if (p == NULL) {
        call->failed = 1;
        return;
    }

    ngx_strlow(p, value.data, value.len);

    search->data = p;
    search->len = value.len;
}


static ngx_uint_t
ngx_http_sent_conv_events_statuses(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t   value;
    ngx_uint_t  i;

    if (ngx_http_sent_conv_query_get(call, "status", &value) != NGX_OK
        || value.len == 0)
    {
        return (1 << NGX_SENT_CONV_EVENT_STATUSES) - 1;
    }

    for (i = 0; i < NGX_SENT_CONV_EVENT_STATUSES; i++) {

        if (value.len == ngx_strlen(ngx_http_sent_conv_event_statuses[i])
            && ngx_strncmp(value.data, ngx_http_sent_conv_event_statuses[i],
                           value.len) == 0)
        {
            return 1 << i;
        }
    }

    ngx_http_sent_conv_form_fault(call, "status", NGX_HTTP_SENT_CONV_E_VALUE,
                                  "must be PENDING, RETRYING, DELIVERED or "
                                  "FAILED");
    return 0;
}


static void
ngx_http_sent_conv_events_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_events_result_t *list = result;

    ngx_uint_t                  i, n, newer, older;
    ngx_sent_conv_jw_t          w;
    ngx_sent_conv_event_t      *event;
    ngx_http_sent_conv_page_t  *page;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    page = call->data;
    event = list->events.elts;
    n = list->events.nelts;

    newer = (page->direction == 'b') ? list->more
                                     : page->cursor.len || page->offset;
    older = (page->direction == 'b') ? 1 : list->more;

    ngx_http_sent_conv_reply_open(call, &w, 1024 + n * 1024);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "events", '[');

    for (i = 0; i < n; i++) {
        ngx_http_sent_conv_webhook_event_write(&w, NULL, &event[i]);
    }

    ngx_sent_conv_jw_close(&w, ']');

    ngx_http_sent_conv_query_pagination(&w, page, list->total, older,
                               (newer && list->first.len) ? &list->first
                                                          : NULL,
                               (older && list->last.len) ? &list->last
                                                         : NULL);

    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


void
ngx_http_sent_conv_webhook_event_write(ngx_sent_conv_jw_t *w,
    const char *name, ngx_sent_conv_event_t *event)
{
    ngx_sent_conv_jw_open(w, name, '{');

    ngx_sent_conv_jw_str(w, "id", &event->id);
    ngx_sent_conv_jw_str(w, "event_type", &event->type);
    ngx_sent_conv_jw_raw(w, "event_data", &event->body);
    ngx_sent_conv_jw_cstr(w, "delivery_status",
                          ngx_http_sent_conv_event_statuses[event->status]);

    if (event->http_status) {
        ngx_sent_conv_jw_int(w, "http_status_code", event->http_status);

    } else {
        ngx_sent_conv_jw_null(w, "http_status_code");
    }

    ngx_sent_conv_jw_raw(w, "response_body", &event->answer);
    ngx_sent_conv_jw_int(w, "delivery_attempts", event->attempts);
    ngx_sent_conv_jw_raw(w, "error_message", &event->error);
    ngx_sent_conv_jw_time(w, "created_at", event->created_at);
    ngx_sent_conv_jw_time(w, "processing_started_at", event->started_at);
    ngx_sent_conv_jw_time(w, "processing_completed_at", event->completed_at);

    ngx_sent_conv_jw_close(w, '}');
}


ngx_str_t *
ngx_http_sent_conv_webhook_event_id(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t  *id;

    id = &call->vars[1];

    if (ngx_sent_conv_event_id_check(id) != NGX_OK) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_EVENT, NULL);
        return NULL;
    }

    return id;
}


void
ngx_http_sent_conv_webhook_attempts(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                  rc;
    ngx_str_t                 *id;
    ngx_sent_conv_endpoint_t  *ep;

    ep = ngx_http_sent_conv_webhook_find(call);
    if (ep == NULL) {
        return;
    }

    id = ngx_http_sent_conv_webhook_event_id(call);
    if (id == NULL) {
        return;
    }

    rc = ngx_sent_conv_store_event(call->store, call->customer, &ep->id, id,
                                   ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_attempts_done);
}


static void
ngx_http_sent_conv_attempts_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_event_t *event = result;

    ngx_uint_t              i;
    ngx_sent_conv_jw_t      w;
    ngx_sent_conv_tried_t  *tried;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    if (event == NULL) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_EVENT, NULL);
        return;
    }

    tried = event->tried.elts;

    ngx_http_sent_conv_reply_open(call, &w, 512 + event->tried.nelts * 512);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_str(&w, "event_id", &event->id);
    ngx_sent_conv_jw_open(&w, "attempts", '[');

    for (i = 0; i < event->tried.nelts; i++) {
        ngx_sent_conv_jw_open(&w, NULL, '{');
        ngx_sent_conv_jw_int(&w, "number", tried[i].number);
        ngx_sent_conv_jw_time(&w, "at", tried[i].at);
        ngx_sent_conv_jw_int(&w, "duration_ms", tried[i].elapsed);

        if (tried[i].status) {
            ngx_sent_conv_jw_int(&w, "http_status_code", tried[i].status);

        } else {
            ngx_sent_conv_jw_null(&w, "http_status_code");
        }

        ngx_sent_conv_jw_raw(&w, "error", &tried[i].error);
        ngx_sent_conv_jw_raw(&w, "response_body", &tried[i].answer);
        ngx_sent_conv_jw_close(&w, '}');
    }

    ngx_sent_conv_jw_close(&w, ']');
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}
