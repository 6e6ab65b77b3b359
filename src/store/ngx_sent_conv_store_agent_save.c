
/*
 * An agent's versions and record: appended, changed, read.
 */


#include "ngx_sent_conv_json_agent.h"
#include "ngx_sent_conv_store_private.h"


typedef struct {
    ngx_sent_conv_agent_result_t   result;
} ngx_sent_conv_store_saved_t;


static ngx_int_t ngx_sent_conv_store_agent_save_step(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_agent_save_t *save);
static ngx_int_t ngx_sent_conv_store_agent_put_step(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_agent_t *agent);
static ngx_sent_conv_store_change_t *ngx_sent_conv_store_agent_change(
    ngx_sent_conv_store_t *store, ngx_str_t *customer,
    ngx_sent_conv_store_pt handler, void *data);
static ngx_int_t ngx_sent_conv_store_agent_key(
    ngx_sent_conv_store_op_t *op, ngx_str_t *customer, ngx_str_t *agent,
    ngx_str_t *key);
static ngx_int_t ngx_sent_conv_store_agent_numbers(ngx_pool_t *pool,
    ngx_sent_conv_definition_t *definition, ngx_str_t *text);
static ngx_int_t ngx_sent_conv_store_agent_json(ngx_pool_t *pool,
    ngx_sent_conv_agent_t *agent, ngx_str_t *json);
static ngx_int_t ngx_sent_conv_store_agent_written(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_agent_finish(
    ngx_sent_conv_store_change_t *change);
static void ngx_sent_conv_store_agent_read(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


/* in the order of ngx_sent_conv_agent_e */

static const char  *ngx_sent_conv_store_agent_words[] = {
    "OK", "STALE", "GONE", "TAKEN", "FULL", NULL
};


ngx_int_t
ngx_sent_conv_store_agent_save(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_agent_save_t *save,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_sent_conv_store_change_t  *change;

    change = ngx_sent_conv_store_agent_change(store, customer, handler, data);
    if (change == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_change_begin(change,
                          ngx_sent_conv_store_agent_save_step(change, save));
}


static ngx_int_t
ngx_sent_conv_store_agent_save_step(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_agent_save_t *save)
{
    ngx_str_t                   *argv;
    ngx_pool_t                  *pool;
    ngx_sent_conv_agent_t        fresh;
    ngx_sent_conv_store_step_t  *step;

    pool = change->op->pool;
    step = &change->steps[change->n];

    argv = ngx_sent_conv_store_change_step(change, &change->customer, 12,
                                           ngx_sent_conv_store_agent_written);
    if (argv == NULL) {
        return NGX_ERROR;
    }

    step->script = NGX_SENT_CONV_S_AGENT_SAVE;
    step->keys = 2;

    ngx_sent_conv_store_key_customer(change->op, &change->customer, "agents",
                                     &argv[0]);
    ngx_sent_conv_store_number(pool, save->live, &argv[3]);
    ngx_sent_conv_store_number(pool, (int64_t) save->now, &argv[7]);
    ngx_sent_conv_store_number(pool, NGX_SENT_CONV_MAX_AGENTS, &argv[9]);

    ngx_str_set(&argv[8], "");

    if (save->live == 0) {
        ngx_memzero(&fresh, sizeof(ngx_sent_conv_agent_t));
        fresh.name = save->name;
        fresh.created_at = save->now;
        fresh.updated_at = save->now;
        fresh.is_active = 1;

        if (ngx_sent_conv_store_agent_json(pool, &fresh, &argv[8]) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (ngx_sent_conv_store_agent_key(change->op, &change->customer,
                                      &save->id, &argv[1])
        != NGX_OK
        || ngx_sent_conv_store_copy(pool, &save->id, &argv[2]) != NGX_OK
        || ngx_sent_conv_store_copy(pool, &save->version, &argv[4]) != NGX_OK
        || ngx_sent_conv_store_copy(pool, &save->definition, &argv[5])
           != NGX_OK
        || ngx_sent_conv_store_agent_numbers(pool, save->is, &argv[6])
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_sent_conv_store_copy(pool, &save->layout, &argv[11]) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_copy(pool, &save->request, &argv[10]);
}


ngx_int_t
ngx_sent_conv_store_agent_put(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_agent_t *agent,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_sent_conv_store_change_t  *change;

    change = ngx_sent_conv_store_agent_change(store, customer, handler, data);
    if (change == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_change_begin(change,
                          ngx_sent_conv_store_agent_put_step(change, agent));
}


static ngx_int_t
ngx_sent_conv_store_agent_put_step(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_agent_t *agent)
{
    ngx_str_t   *argv;
    ngx_pool_t  *pool;

    pool = change->op->pool;

    argv = ngx_sent_conv_store_change_step(change, &change->customer, 8,
                                           ngx_sent_conv_store_agent_written);
    if (argv == NULL) {
        return NGX_ERROR;
    }

    change->steps[change->n - 1].script = NGX_SENT_CONV_S_AGENT_PUT;

    ngx_sent_conv_store_key_customer(change->op, &change->customer, "agents",
                                     &argv[0]);
    ngx_sent_conv_store_number(pool, agent->is_active && !agent->archived,
                               &argv[4]);
    ngx_sent_conv_store_number(pool, agent->live, &argv[6]);

    if (ngx_sent_conv_store_copy(pool, &agent->id, &argv[1]) != NGX_OK
        || ngx_sent_conv_store_copy(pool, &agent->record, &argv[2]) != NGX_OK
        || ngx_sent_conv_store_agent_json(pool, agent, &argv[3]) != NGX_OK
        || ngx_sent_conv_store_agent_numbers(pool, &agent->definition,
                                             &argv[5])
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_copy(pool, &agent->layout, &argv[7]);
}


static ngx_sent_conv_store_change_t *
ngx_sent_conv_store_agent_change(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_sent_conv_store_change_t  *change;

    change = ngx_sent_conv_store_change_create(store, customer, handler,
                                               data);
    if (change == NULL) {
        return NULL;
    }

    change->data = ngx_pcalloc(change->op->pool,
                               sizeof(ngx_sent_conv_store_saved_t));
    if (change->data == NULL) {
        ngx_sent_conv_store_op_destroy(change->op);
        return NULL;
    }

    change->finish = ngx_sent_conv_store_agent_finish;

    return change;
}


static ngx_int_t
ngx_sent_conv_store_agent_key(ngx_sent_conv_store_op_t *op,
    ngx_str_t *customer, ngx_str_t *agent, ngx_str_t *key)
{
    u_char  kind[sizeof("versions:") + NGX_SENT_CONV_UUID_LEN];

    (void) ngx_sprintf(kind, "versions:%V%Z", agent);

    ngx_sent_conv_store_key_customer(op, customer, (char *) kind, key);

    return (key->data != NULL) ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_sent_conv_store_agent_numbers(ngx_pool_t *pool,
    ngx_sent_conv_definition_t *definition, ngx_str_t *text)
{
    u_char      *p;
    size_t       len;
    ngx_str_t   *number;
    ngx_uint_t   i;

    number = definition->numbers.elts;
    len = 1;

    for (i = 0; i < definition->numbers.nelts; i++) {
        len += number[i].len + 1;
    }

    p = ngx_pnalloc(pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;

    for (i = 0; i < definition->numbers.nelts; i++) {
        p = ngx_cpymem(p, number[i].data, number[i].len);
        *p++ = ' ';
    }

    text->len = p - text->data;

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_store_agent_json(ngx_pool_t *pool, ngx_sent_conv_agent_t *agent,
    ngx_str_t *json)
{
    ngx_sent_conv_jw_t  w;

    ngx_sent_conv_jw_init(&w, pool, 256);

    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_str(&w, "name", &agent->name);
    ngx_sent_conv_jw_bool(&w, "is_active",
                          agent->is_active && !agent->archived);
    ngx_sent_conv_jw_bool(&w, "archived", agent->archived);
    ngx_sent_conv_jw_int(&w, "created_at", (int64_t) agent->created_at);
    ngx_sent_conv_jw_int(&w, "updated_at", (int64_t) agent->updated_at);
    ngx_sent_conv_jw_close(&w, '}');

    return ngx_sent_conv_jw_done(&w, json);
}


/* {what, live version}, or the word alone */

static ngx_int_t
ngx_sent_conv_store_agent_written(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_reply_t *reply)
{
    ngx_int_t                     what;
    ngx_sent_conv_store_saved_t  *saved;

    saved = change->data;

    if (ngx_sent_conv_reply_type(reply) == NGX_SENT_CONV_REPLY_ARRAY) {
        saved->result.live = (ngx_uint_t) ngx_sent_conv_reply_int(
                                        ngx_sent_conv_reply_at(reply, 1));
        reply = ngx_sent_conv_reply_at(reply, 0);
    }

    what = ngx_sent_conv_store_which(reply, ngx_sent_conv_store_agent_words);

    if (what == NGX_ERROR) {
        return NGX_ERROR;
    }

    saved->result.what = what;

    /* whoever was refused may have read what is old: it is read anew */

    return NGX_OK;
}


static void
ngx_sent_conv_store_agent_finish(ngx_sent_conv_store_change_t *change)
{
    ngx_sent_conv_store_saved_t  *saved;

    saved = change->data;

    ngx_sent_conv_store_op_finish(change->op, NGX_SENT_CONV_OK,
                                  &saved->result);
}


ngx_int_t
ngx_sent_conv_store_agent_versions(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *agent, ngx_uint_t from, ngx_uint_t to,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_str_t                 *argv;
    ngx_uint_t                 i, n;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    n = to - from + 1;
    rc = NGX_ERROR;

    argv = ngx_palloc(op->pool, (n + 2) * sizeof(ngx_str_t));

    if (argv != NULL
        && ngx_sent_conv_store_agent_key(op, customer, agent, &argv[1])
           == NGX_OK)
    {
        ngx_str_set(&argv[0], "HMGET");

        /* newest first */

        for (i = 0; i < n; i++) {
            ngx_sent_conv_store_number(op->pool, to - i, &argv[i + 2]);
        }

        rc = ngx_sent_conv_redis_command(store->redis, customer, n + 2, argv,
                                         ngx_sent_conv_store_agent_read, op);
    }

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_agent_read(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t    *text;
    ngx_uint_t    i, n;
    ngx_array_t  *list;

    n = ngx_sent_conv_reply_n(reply);
    list = ngx_array_create(op->pool, n + 1, sizeof(ngx_str_t));

    if (err != NGX_SENT_CONV_OK || list == NULL) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    for (i = 0; i < n; i++) {
        text = ngx_array_push(list);

        if (text == NULL) {
            ngx_sent_conv_store_op_unread(op);
            return;
        }

        *text = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, list);
}
