
/*
 * Events out of what the scripts keep: src/lua/inc/log.lua has the format.
 */


#include "ngx_sent_conv_store_events.h"


static ngx_int_t ngx_sent_conv_store_events_item(ngx_str_t *text,
    ngx_sent_conv_event_t *event);
static ngx_int_t ngx_sent_conv_store_events_attempt(ngx_str_t *line,
    ngx_sent_conv_event_t *event);


ngx_int_t
ngx_sent_conv_store_events_read(ngx_pool_t *pool,
    ngx_sent_conv_store_where_e where, ngx_str_t *record, ngx_str_t *item,
    ngx_sent_conv_event_t *event)
{
    ngx_str_t  head, line, lines, text;

    ngx_memzero(event, sizeof(ngx_sent_conv_event_t));

    ngx_str_set(&event->error, "null");
    ngx_str_set(&event->answer, "null");

    if (ngx_sent_conv_store_copy(pool, record, &lines) != NGX_OK
        || ngx_sent_conv_store_copy(pool, item, &text) != NGX_OK
        || ngx_array_init(&event->tried, pool, 4,
                          sizeof(ngx_sent_conv_tried_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_sent_conv_store_events_item(&text, event) != NGX_OK) {
        return NGX_DECLINED;
    }

    head = ngx_sent_conv_store_word(&lines, '\n');

    if (where != NGX_SENT_CONV_STORE_WAITS) {
        event->completed_at = (uint64_t) ngx_sent_conv_store_integer(&head);
    }

    while (lines.len) {
        line = ngx_sent_conv_store_word(&lines, '\n');

        if (ngx_sent_conv_store_events_attempt(&line, event) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    event->status = (where == NGX_SENT_CONV_STORE_RECEIVED)
                    ? NGX_SENT_CONV_EVENT_DELIVERED
                    : (where == NGX_SENT_CONV_STORE_DEAD)
                    ? NGX_SENT_CONV_EVENT_FAILED
                    : event->attempts ? NGX_SENT_CONV_EVENT_RETRYING
                                      : NGX_SENT_CONV_EVENT_PENDING;

    return NGX_OK;
}


/* "<event id> <type>[;trace] <body>", in which its time comes early */

static ngx_int_t
ngx_sent_conv_store_events_item(ngx_str_t *text, ngx_sent_conv_event_t *event)
{
    u_char     *p;
    ngx_str_t   at, word;

    event->id = ngx_sent_conv_store_word(text, ' ');
    word = ngx_sent_conv_store_word(text, ' ');
    event->type = ngx_sent_conv_store_word(&word, ';');
    event->body = *text;

    if (event->body.len == 0) {
        return NGX_DECLINED;
    }

    p = ngx_strnstr(event->body.data, "\"timestamp\":\"", event->body.len);

    if (p != NULL) {
        at.data = p + sizeof("\"timestamp\":\"") - 1;
        at.len = event->body.data + event->body.len - at.data;
        at = ngx_sent_conv_store_word(&at, '"');

        event->created_at = (uint64_t) ngx_max(ngx_sent_conv_time_parse(&at),
                                               0);
    }

    return NGX_OK;
}


/* "<number> <end> <ms or '-'> <status> <error>\t<answer or '='>" */

static ngx_int_t
ngx_sent_conv_store_events_attempt(ngx_str_t *line,
    ngx_sent_conv_event_t *event)
{
    uint64_t                end;
    ngx_str_t               number, ended, took, status, error;
    ngx_sent_conv_tried_t  *tried;

    number = ngx_sent_conv_store_word(line, ' ');
    ended = ngx_sent_conv_store_word(line, ' ');
    took = ngx_sent_conv_store_word(line, ' ');
    status = ngx_sent_conv_store_word(line, ' ');
    error = ngx_sent_conv_store_word(line, '\t');

    event->error = error;

    if (took.len == 1 && took.data[0] == '-') {
        return NGX_OK;
    }

    if (line->len != 1 || line->data[0] != '=') {
        event->answer = *line;
    }

    tried = ngx_array_push(&event->tried);
    if (tried == NULL) {
        return NGX_ERROR;
    }

    end = (uint64_t) ngx_sent_conv_store_integer(&ended);

    tried->number = (ngx_uint_t) ngx_sent_conv_store_integer(&number);
    tried->elapsed = (ngx_uint_t) ngx_sent_conv_store_integer(&took);
    tried->at = end - ngx_min(tried->elapsed, end);
    tried->status = (ngx_uint_t) ngx_sent_conv_store_integer(&status);
    tried->error = error;
    tried->answer = event->answer;

    event->attempts = tried->number;
    event->http_status = tried->status;

    if (event->started_at == 0) {
        event->started_at = tried->at;
    }

    return NGX_OK;
}


/* {failed, whose id, item, what a: has, item...} */

ngx_int_t
ngx_sent_conv_store_events_waiting(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply, ngx_sent_conv_store_waits_pt handler)
{
    ngx_int_t              rc;
    ngx_str_t              first, item, record;
    ngx_uint_t             i, failed, n;
    ngx_sent_conv_event_t  event;

    n = ngx_sent_conv_reply_n(reply);
    failed = (ngx_uint_t) ngx_sent_conv_reply_int(
                                            ngx_sent_conv_reply_at(reply, 0));
    first = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 1));

    for (i = 2; i + 1 < n; i += 2) {
        item = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));
        record = ngx_sent_conv_reply_str(
                                        ngx_sent_conv_reply_at(reply, i + 1));

        /* of a contact that was deleted */

        if (record.len == 1 && record.data[0] == '-') {
            continue;
        }

        rc = ngx_sent_conv_store_events_read(op->pool,
                                             NGX_SENT_CONV_STORE_WAITS,
                                             &record, &item, &event);
        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_DECLINED) {
            continue;
        }

        if (failed > event.attempts
            && ngx_sent_conv_store_same(&event.id, &first))
        {
            event.attempts = failed;
            event.status = NGX_SENT_CONV_EVENT_RETRYING;
        }

        if (handler(op, &event, i / 2 - 1) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


void
ngx_sent_conv_store_events_ask(ngx_sent_conv_store_op_t *op,
    ngx_str_t *endpoint, ngx_sent_conv_store_waiting_t *lane, ngx_uint_t max,
    ngx_str_t *id)
{
    u_char      buf[NGX_SENT_CONV_STORE_TAG_LEN];
    u_char      name[2 * NGX_SENT_CONV_UUID_LEN + 1];
    ngx_str_t   tag, rest, argv[5];

    if (endpoint->len + 1 + lane->thread.len > sizeof(name)) {
        return;
    }

    rest.data = name;
    rest.len = ngx_sprintf(name, "%V:%V", endpoint, &lane->thread) - name;

    ngx_sent_conv_store_tag(lane->partition, buf, &tag);

    ngx_sent_conv_store_key_part(op, lane->partition, "lane", NULL, &argv[0]);
    ngx_sent_conv_store_key_part(op, lane->partition, "q", &rest, &argv[1]);
    ngx_sent_conv_store_key_part(op, lane->partition, "a", endpoint,
                                 &argv[2]);
    ngx_sent_conv_store_number(op->pool, (int64_t) max, &argv[3]);

    ngx_str_set(&argv[4], "");

    if (id != NULL) {
        argv[4] = *id;
    }

    ngx_sent_conv_store_batch_script(op, &tag, NGX_SENT_CONV_S_WAITING, 3, 5,
                                     argv);
}
