
/*
 * What changed since, for a page that is open: JSON, or the same as an event
 * of a stream, which ends with it.  Browsers come again by themselves, with
 * the last position, after the time that each answer names: so no worker
 * holds a stream, and the session is looked up each time.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


/* ms for which changes are remembered */
#define NGX_HTTP_SENT_CONV_CHANGES  3600000

#define NGX_HTTP_SENT_CONV_RETRY    "retry: 3000\n"


/* after: ms, and how many were open; both 0 at first */

typedef struct {
    int64_t     after;
    ngx_uint_t  open;
    ngx_uint_t  stream;
} ngx_http_sent_conv_position_t;


static ngx_uint_t ngx_http_sent_conv_changes_stream(
    ngx_http_sent_conv_call_t *call);
static ngx_int_t ngx_http_sent_conv_changes_after(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_position_t *position);
static void ngx_http_sent_conv_changed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_changes_none(ngx_http_sent_conv_call_t *call);
static void ngx_http_sent_conv_changes_write(ngx_sent_conv_jw_t *w,
    const char *name, ngx_sent_conv_changes_t *changes, ngx_str_t *now,
    ngx_uint_t reset);
static void ngx_http_sent_conv_changes_event(ngx_http_sent_conv_call_t *call,
    ngx_str_t *json, ngx_str_t *now);


/* GET /changes?after=<position>: "<ms>.<open>" */

void
ngx_http_sent_conv_changes(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                       rc;
    ngx_http_sent_conv_position_t  *position;

    position = ngx_pcalloc(call->request->pool,
                           sizeof(ngx_http_sent_conv_position_t));
    if (position == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->data = position;
    position->stream = ngx_http_sent_conv_changes_stream(call);

    if (ngx_http_sent_conv_changes_after(call, position) != NGX_OK) {
        ngx_http_sent_conv_error_fault(call, NGX_HTTP_SENT_CONV_E_VALUE,
                                       "after", "is not one that was given "
                                       "as a position");
        return;
    }

    rc = ngx_sent_conv_store_changes(call->store, &call->customer->id,
                                     position->after,
                                     ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_changed);
}


static ngx_uint_t
ngx_http_sent_conv_changes_stream(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t  value;

    return ngx_http_sent_conv_call_header(call, "accept", &value) == NGX_OK
           && ngx_strlcasestrn(value.data, value.data + value.len,
                               (u_char *) "text/event-stream",
                               sizeof("text/event-stream") - 2)
              != NULL;
}


/* a browser that comes again tells the last one in a header */

static ngx_int_t
ngx_http_sent_conv_changes_after(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_position_t *position)
{
    u_char     *p, *end;
    ngx_int_t   ms, open;
    ngx_str_t   value;

    if (!(position->stream
          && ngx_http_sent_conv_call_header(call, "last-event-id", &value)
             == NGX_OK)
        && ngx_http_sent_conv_query_get(call, "after", &value) != NGX_OK)
    {
        return NGX_OK;
    }

    end = value.data + value.len;
    p = ngx_strlchr(value.data, end, '.');

    ms = p ? ngx_atoi(value.data, p - value.data) : NGX_ERROR;
    open = p ? ngx_atoi(p + 1, end - p - 1) : NGX_ERROR;

    if (ms < 1 || open < 0) {
        return NGX_ERROR;
    }

    position->after = ms;
    position->open = open;

    return NGX_OK;
}


static void
ngx_http_sent_conv_changed(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    u_char                          text[2 * NGX_INT64_LEN + 1];
    ngx_str_t                       now, json;
    ngx_uint_t                      reset;
    ngx_sent_conv_jw_t              w;
    ngx_sent_conv_changes_t        *changes;
    ngx_http_sent_conv_position_t  *position;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    changes = result;
    position = call->data;

    reset = changes->more
            || (position->after > 0
                && position->after
                   < changes->now - NGX_HTTP_SENT_CONV_CHANGES);

    if (position->after > 0 && !reset && changes->list.nelts == 0
        && changes->open == position->open)
    {
        ngx_http_sent_conv_changes_none(call);
        return;
    }

    /* what comes within this very ms is told then, some of it again */

    now.data = text;
    now.len = ngx_sprintf(text, "%L.%ui", changes->now, changes->open) - text;

    if (!position->stream) {
        ngx_http_sent_conv_reply_open(call, &w,
                                      256 + changes->list.nelts * 128);
        ngx_http_sent_conv_changes_write(&w, "data", changes, &now, reset);
        ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
        return;
    }

    ngx_sent_conv_jw_init(&w, call->request->pool,
                          256 + changes->list.nelts * 128);
    ngx_http_sent_conv_changes_write(&w, NULL, changes, &now, reset);

    if (ngx_sent_conv_jw_done(&w, &json) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_changes_event(call, &json, &now);
}


/* a stream goes on with 200 alone */

static void
ngx_http_sent_conv_changes_none(ngx_http_sent_conv_call_t *call)
{
    ngx_http_sent_conv_position_t  *position;

    static ngx_str_t  none = ngx_string(NGX_HTTP_SENT_CONV_RETRY
                                        ": nothing\n\n");

    position = call->data;

    if (!position->stream) {
        ngx_http_sent_conv_reply_status(call, NGX_HTTP_NOT_MODIFIED);
        return;
    }

    ngx_str_set(&call->type, "text/event-stream");
    ngx_http_sent_conv_reply(call, NGX_HTTP_OK, &none);
}


static void
ngx_http_sent_conv_changes_write(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_changes_t *changes, ngx_str_t *now, ngx_uint_t reset)
{
    ngx_uint_t               i;
    ngx_sent_conv_change_t  *change;

    change = changes->list.elts;

    ngx_sent_conv_jw_open(w, name, '{');
    ngx_sent_conv_jw_open(w, "changes", '[');

    for (i = 0; !reset && i < changes->list.nelts; i++) {
        ngx_sent_conv_jw_open(w, NULL, '{');
        ngx_sent_conv_jw_str(w, "conversation_id", &change[i].id);
        ngx_sent_conv_jw_time(w, "at", (uint64_t) change[i].at);
        ngx_sent_conv_jw_close(w, '}');
    }

    ngx_sent_conv_jw_close(w, ']');
    ngx_sent_conv_jw_int(w, "open", (int64_t) changes->open);
    ngx_sent_conv_jw_str(w, "position", now);
    ngx_sent_conv_jw_bool(w, "reset", reset);
    ngx_sent_conv_jw_close(w, '}');
}


static void
ngx_http_sent_conv_changes_event(ngx_http_sent_conv_call_t *call,
    ngx_str_t *json, ngx_str_t *now)
{
    size_t     len;
    ngx_str_t  event;

    len = sizeof(NGX_HTTP_SENT_CONV_RETRY "id: \nevent: changes\ndata: \n\n")
          + now->len + json->len;

    event.data = ngx_pnalloc(call->request->pool, len);
    if (event.data == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    event.len = ngx_sprintf(event.data, NGX_HTTP_SENT_CONV_RETRY
                            "id: %V\nevent: changes\ndata: %V\n\n",
                            now, json)
                - event.data;

    ngx_str_set(&call->type, "text/event-stream");
    ngx_http_sent_conv_reply(call, NGX_HTTP_OK, &event);
}
