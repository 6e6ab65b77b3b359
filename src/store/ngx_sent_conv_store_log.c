
/*
 * What scripts are told for the log of an endpoint's events: an attempt as
 * text, and how much is kept.  src/lua/inc/log.lua has the format.
 */


#include "ngx_sent_conv_store_private.h"


/* events of an endpoint that each partition keeps at least */
#define NGX_SENT_CONV_STORE_LOG_LEAST   16

/* what is too old is looked for again after that part of the age, or ms */
#define NGX_SENT_CONV_STORE_LOG_PART    8
#define NGX_SENT_CONV_STORE_LOG_UPKEEP  60000


static ngx_int_t ngx_sent_conv_store_log_note(ngx_pool_t *pool,
    ngx_sent_conv_note_t *note, ngx_str_t *text);
static ngx_int_t ngx_sent_conv_store_log_sentence(ngx_pool_t *pool,
    const char *why, ngx_str_t *json);
static ngx_uint_t ngx_sent_conv_store_log_share(ngx_sent_conv_store_t *store,
    ngx_uint_t events);
static ngx_uint_t ngx_sent_conv_store_log_upkeep(ngx_sent_conv_store_op_t *op,
    ngx_str_t *endpoint, ngx_msec_t interval);


ngx_int_t
ngx_sent_conv_store_log_ack(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_note_t *note, ngx_str_t *endpoint)
{
    ngx_str_t               text;
    ngx_msec_t              age, interval;
    ngx_sent_conv_store_t  *store;

    store = call->op->store;
    age = store->conf->log_age;

    if (store->conf->log_events == 0 || !note->made) {
        ngx_sent_conv_store_call_text(call, "");
        return NGX_OK;
    }

    if (ngx_sent_conv_store_log_note(call->op->pool, note, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_str(call, &text);
    ngx_sent_conv_store_call_number(call, (int64_t)
            ngx_sent_conv_store_log_share(store, store->conf->log_events));

    interval = ngx_min(age / NGX_SENT_CONV_STORE_LOG_PART,
                       NGX_SENT_CONV_STORE_LOG_UPKEEP);

    if (ngx_sent_conv_store_log_upkeep(call->op, endpoint, interval)) {
        ngx_sent_conv_store_call_number(call, (int64_t) age);
        ngx_sent_conv_store_call_number(call, (int64_t) (age + interval));
    }

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_log_fail(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_failure_t *failure)
{
    ngx_str_t                    text;
    ngx_sent_conv_store_conf_t  *conf;

    conf = call->op->store->conf;

    ngx_str_null(&text);

    if ((failure->note.made || failure->delay == NGX_SENT_CONV_GIVE_UP)
        && ngx_sent_conv_store_log_note(call->op->pool, &failure->note, &text)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_number(call, (int64_t) conf->retention);
    ngx_sent_conv_store_call_number(call, (int64_t)
          ngx_sent_conv_store_log_share(call->op->store, conf->dead_events));
    ngx_sent_conv_store_call_number(call, failure->uncounted);
    ngx_sent_conv_store_call_str(call, &text);
    ngx_sent_conv_store_log_age(call);

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_log_dead(ngx_sent_conv_store_call_t *call,
    const char *why)
{
    ngx_str_t               text;
    ngx_sent_conv_note_t    note;
    ngx_sent_conv_store_t  *store;

    store = call->op->store;

    ngx_memzero(&note, sizeof(ngx_sent_conv_note_t));
    note.why = why;

    if (ngx_sent_conv_store_log_note(call->op->pool, &note, &text) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_call_number(call, (int64_t) store->conf->retention);
    ngx_sent_conv_store_call_number(call, (int64_t)
           ngx_sent_conv_store_log_share(store, store->conf->dead_events));
    ngx_sent_conv_store_call_str(call, &text);

    return NGX_OK;
}


void
ngx_sent_conv_store_log_age(ngx_sent_conv_store_call_t *call)
{
    ngx_sent_conv_store_conf_t  *conf;

    conf = call->op->store->conf;

    if (conf->log_events) {
        ngx_sent_conv_store_call_number(call, (int64_t) conf->log_age);

    } else {
        ngx_sent_conv_store_call_text(call, "");
    }
}


/* "<ms> <status> <error>\t<answer>"; "-" for the ms: no attempt was made */

static ngx_int_t
ngx_sent_conv_store_log_note(ngx_pool_t *pool, ngx_sent_conv_note_t *note,
    ngx_str_t *text)
{
    u_char     *p;
    ngx_str_t   answer, error;

    ngx_str_set(&answer, "null");
    ngx_str_set(&error, "null");

    if (note->answer.len
        && ngx_sent_conv_json_quote(pool, &note->answer, &answer) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (note->why != NULL
        && ngx_sent_conv_store_log_sentence(pool, note->why, &error)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(pool, 2 * NGX_INT64_LEN + 3 + error.len + answer.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;

    if (note->made) {
        p = ngx_sprintf(p, "%M", note->elapsed);

    } else {
        *p++ = '-';
    }

    p = ngx_sprintf(p, " %ui %V\t%V", note->status, &error, &answer);

    text->len = p - text->data;

    return NGX_OK;
}


/* ours have no capital and no stop, as nginx's logs */

static ngx_int_t
ngx_sent_conv_store_log_sentence(ngx_pool_t *pool, const char *why,
    ngx_str_t *json)
{
    u_char     *p;
    ngx_str_t   text;

    text.len = ngx_strlen(why);

    p = ngx_pnalloc(pool, text.len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text.data = p;

    ngx_memcpy(p, why, text.len);

    if (text.len) {
        p[0] = ngx_toupper(p[0]);

        if (p[text.len - 1] != '.') {
            p[text.len++] = '.';
        }
    }

    return ngx_sent_conv_json_quote(pool, &text, json);
}


/* of so many events of an endpoint, how many one partition keeps */

static ngx_uint_t
ngx_sent_conv_store_log_share(ngx_sent_conv_store_t *store, ngx_uint_t events)
{
    ngx_uint_t  n, partitions;

    partitions = store->conf->redis.partitions;
    n = (events + partitions - 1) / partitions;

    return ngx_max(n, NGX_SENT_CONV_STORE_LOG_LEAST);
}


/* not for each event of an endpoint that has many */

static ngx_uint_t
ngx_sent_conv_store_log_upkeep(ngx_sent_conv_store_op_t *op,
    ngx_str_t *endpoint, ngx_msec_t interval)
{
    uint32_t                       hash;
    ngx_sent_conv_store_own_t     *own;
    ngx_sent_conv_store_upkeep_t  *upkeep;

    own = op->store->cache;

    hash = ngx_murmur_hash2(endpoint->data, endpoint->len)
           + (uint32_t) op->partition * 2654435761u;
    upkeep = &own->upkeeps[hash % NGX_SENT_CONV_STORE_UPKEEPS];

    if (upkeep->hash == hash
        && (ngx_msec_int_t) (upkeep->next - ngx_current_msec) > 0)
    {
        return 0;
    }

    upkeep->hash = hash;
    upkeep->next = ngx_current_msec + interval;

    return 1;
}
