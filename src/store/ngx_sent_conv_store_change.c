
/*
 * A change of configuration: its steps, then what tells every worker of it.
 */


#include "ngx_sent_conv_store_private.h"


static ngx_int_t ngx_sent_conv_store_change_next(
    ngx_sent_conv_store_change_t *change);
static void ngx_sent_conv_store_change_answer(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_change_tell(
    ngx_sent_conv_store_change_t *change);
static ngx_int_t ngx_sent_conv_store_change_publish(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_redis_pt handler,
    void *data);
static void ngx_sent_conv_store_change_told(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_change_unheard(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_change_failed(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_err_e err);
static ngx_uint_t ngx_sent_conv_store_slot(ngx_str_t *name);


ngx_sent_conv_store_change_t *
ngx_sent_conv_store_change_create(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_sent_conv_store_op_t      *op;
    ngx_sent_conv_store_change_t  *change;

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data,
                                       sizeof(ngx_sent_conv_store_change_t));
    if (op == NULL) {
        return NULL;
    }

    change = op->ctx;
    change->op = op;
    change->result = NGX_OK;

    if (ngx_sent_conv_store_copy(op->pool, customer, &change->customer)
        != NGX_OK)
    {
        ngx_sent_conv_store_op_destroy(op);
        return NULL;
    }

    return change;
}


ngx_str_t *
ngx_sent_conv_store_change_step(ngx_sent_conv_store_change_t *change,
    ngx_str_t *tag, ngx_uint_t argc, ngx_sent_conv_store_check_pt check)
{
    ngx_sent_conv_store_step_t  *step;

    step = &change->steps[change->n];

    step->argv = ngx_pcalloc(change->op->pool, argc * sizeof(ngx_str_t));
    if (step->argv == NULL) {
        return NULL;
    }

    if (tag != NULL) {
        step->tag = *tag;
    }

    step->argc = argc;
    step->script = NGX_SENT_CONV_SCRIPTS;
    step->keys = 1;
    step->check = check;
    step->reads = 0;

    change->n++;

    return step->argv;
}


ngx_int_t
ngx_sent_conv_store_change_hash(ngx_sent_conv_store_change_t *change,
    const char *command, const char *kind, ngx_str_t *field,
    ngx_str_t *value)
{
    ngx_str_t  *argv;

    argv = ngx_sent_conv_store_change_step(change, &change->customer,
                                           value ? 4 : 3, NULL);
    if (argv == NULL) {
        return NGX_ERROR;
    }

    argv[0].len = ngx_strlen(command);
    argv[0].data = (u_char *) command;

    ngx_sent_conv_store_key_customer(change->op, &change->customer, kind,
                                     &argv[1]);

    if (argv[1].data == NULL
        || ngx_sent_conv_store_copy(change->op->pool, field, &argv[2])
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (value == NULL) {
        return NGX_OK;
    }

    return ngx_sent_conv_store_copy(change->op->pool, value, &argv[3]);
}


ngx_int_t
ngx_sent_conv_store_change_start(ngx_sent_conv_store_change_t *change)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = change->op;

    rc = ngx_sent_conv_store_change_next(change);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


ngx_int_t
ngx_sent_conv_store_change_begin(ngx_sent_conv_store_change_t *change,
    ngx_int_t rc)
{
    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(change->op);
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_change_start(change);
}


static ngx_int_t
ngx_sent_conv_store_change_next(ngx_sent_conv_store_change_t *change)
{
    ngx_str_t                   *tag;
    ngx_uint_t                   i;
    ngx_sent_conv_redis_t       *redis;
    ngx_sent_conv_store_step_t  *step;

    step = &change->steps[change->next++];
    redis = change->op->store->redis;
    tag = step->tag.len ? &step->tag : NULL;

    for (i = 0; i < step->argc; i++) {
        if (step->argv[i].data == NULL) {
            return NGX_ERROR;
        }
    }

    if (step->script != NGX_SENT_CONV_SCRIPTS) {
        return ngx_sent_conv_redis_script(redis, tag, step->script,
                                          step->keys, step->argc, step->argv,
                                          ngx_sent_conv_store_change_answer,
                                          change);
    }

    return ngx_sent_conv_redis_command(redis, tag, step->argc, step->argv,
                                       ngx_sent_conv_store_change_answer,
                                       change);
}


static void
ngx_sent_conv_store_change_answer(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_change_t *change = data;

    ngx_int_t                    rc;
    ngx_sent_conv_store_step_t  *step;

    step = &change->steps[change->next - 1];

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_change_failed(change, step->reads
                                                  ? NGX_SENT_CONV_UNSENT
                                                  : err);
        return;
    }

    if (!step->reads) {
        change->changed = 1;
    }

    rc = step->check ? step->check(change, reply) : NGX_OK;

    if (rc == NGX_ERROR) {
        ngx_sent_conv_store_change_failed(change, NGX_SENT_CONV_BROKEN);
        return;
    }

    if (rc != NGX_OK || change->next == change->n) {
        ngx_sent_conv_store_change_tell(change);
        return;
    }

    if (ngx_sent_conv_store_change_next(change) != NGX_OK) {
        ngx_sent_conv_store_change_failed(change, NGX_SENT_CONV_UNSENT);
    }
}


static void
ngx_sent_conv_store_change_tell(ngx_sent_conv_store_change_t *change)
{
    ngx_sent_conv_store_t  *store;

    if (!change->changed) {
        ngx_sent_conv_store_change_told(change, NGX_SENT_CONV_OK, NULL);
        return;
    }

    store = change->op->store;

    ngx_sent_conv_store_raise(store, &change->customer);

    if (change->name.len) {
        ngx_sent_conv_store_raise(store, &change->name);
    }

    if (ngx_sent_conv_store_change_publish(change,
                                           ngx_sent_conv_store_change_told,
                                           change)
        != NGX_OK)
    {
        ngx_sent_conv_store_change_told(change, NGX_SENT_CONV_UNSENT, NULL);
    }
}


static ngx_int_t
ngx_sent_conv_store_change_publish(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_redis_pt handler, void *data)
{
    ngx_str_t  argv[3];

    ngx_str_set(&argv[0], "PUBLISH");
    ngx_sent_conv_store_key_plain(change->op, "changed", NULL, &argv[1]);
    argv[2] = change->customer;

    if (argv[1].data == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_redis_command(change->op->store->redis, NULL, 3,
                                       argv, handler, data);
}


/*
 * The change stands whether the other nodes have heard of it or not: they do
 * not believe what they know for longer than 4 s.
 */

static void
ngx_sent_conv_store_change_told(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_change_t *change = data;

    if (change->finish != NULL) {
        change->finish(change);
        return;
    }

    ngx_sent_conv_store_op_finish(change->op, NGX_SENT_CONV_OK,
                                  change->tells ? &change->result : NULL);
}


static void
ngx_sent_conv_store_change_unheard(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    /* void */
}


static void
ngx_sent_conv_store_change_failed(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_err_e err)
{
    ngx_sent_conv_store_t  *store;

    store = change->op->store;

    /* earlier steps were executed, or this one may have been */

    if (change->changed && err == NGX_SENT_CONV_UNSENT) {
        err = NGX_SENT_CONV_UNKNOWN;
    }

    if (err != NGX_SENT_CONV_UNSENT) {
        ngx_sent_conv_store_raise(store, &change->customer);

        if (change->name.len) {
            ngx_sent_conv_store_raise(store, &change->name);
        }

        (void) ngx_sent_conv_store_change_publish(change,
                                     ngx_sent_conv_store_change_unheard, NULL);
    }

    ngx_sent_conv_store_op_finish(change->op, err, NULL);
}


static ngx_uint_t
ngx_sent_conv_store_slot(ngx_str_t *name)
{
    return ngx_murmur_hash2(name->data, name->len)
           & (NGX_SENT_CONV_SLOTS - 1);
}


ngx_atomic_uint_t
ngx_sent_conv_store_generation(ngx_sent_conv_store_t *store, ngx_str_t *name)
{
    return store->shared->generation[ngx_sent_conv_store_slot(name)];
}


void
ngx_sent_conv_store_raise(ngx_sent_conv_store_t *store, ngx_str_t *name)
{
    ngx_atomic_t  *generation;

    generation = &store->shared->generation[ngx_sent_conv_store_slot(name)];

    (void) ngx_atomic_fetch_add(generation, 1);
}


void
ngx_sent_conv_store_changed(ngx_sent_conv_store_t *store, ngx_str_t *customer)
{
    ngx_uint_t  i;

    if (customer != NULL && customer->len) {
        ngx_sent_conv_store_raise(store, customer);
        return;
    }

    for (i = 0; i < NGX_SENT_CONV_SLOTS; i++) {
        (void) ngx_atomic_fetch_add(&store->shared->generation[i], 1);
    }
}
