
/*
 * A change of a webhook's record: read, edited, and written unless another
 * changed it meanwhile; then all over again.
 */


#include "ngx_sent_conv_store_private.h"


#define NGX_SENT_CONV_STORE_TRIES  100


static ngx_int_t ngx_sent_conv_store_edit_read(
    ngx_sent_conv_store_edit_t *edit);
static ngx_int_t ngx_sent_conv_store_edit_is(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_reply_t *reply);
static ngx_int_t ngx_sent_conv_store_edit_make(
    ngx_sent_conv_store_edit_t *edit);
static ngx_int_t ngx_sent_conv_store_edit_write(
    ngx_sent_conv_store_edit_t *edit, ngx_uint_t forget);
static ngx_int_t ngx_sent_conv_store_edit_written(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_edit_finish(
    ngx_sent_conv_store_change_t *change);


ngx_int_t
ngx_sent_conv_store_webhook_create(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_endpoint_t *endpoint,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_sent_conv_store_edit_t  *edit;

    edit = ngx_sent_conv_store_edit_create(store, customer, &endpoint->id,
                                           handler, data);
    if (edit == NULL) {
        return NGX_ERROR;
    }

    edit->fresh = endpoint;

    return ngx_sent_conv_store_edit_start(edit);
}


ngx_int_t
ngx_sent_conv_store_webhook_edit(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *id, ngx_sent_conv_edit_pt edit,
    void *edited, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_sent_conv_store_edit_t  *ed;

    ed = ngx_sent_conv_store_edit_create(store, customer, id, handler, data);
    if (ed == NULL) {
        return NGX_ERROR;
    }

    ed->edit = edit;
    ed->data = edited;

    return ngx_sent_conv_store_edit_start(ed);
}


ngx_sent_conv_store_edit_t *
ngx_sent_conv_store_edit_create(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *id, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_pool_t                    *pool;
    ngx_sent_conv_store_edit_t    *edit;
    ngx_sent_conv_store_change_t  *change;

    change = ngx_sent_conv_store_change_create(store, customer, handler,
                                               data);
    if (change == NULL) {
        return NULL;
    }

    pool = change->op->pool;

    edit = ngx_pcalloc(pool, sizeof(ngx_sent_conv_store_edit_t));

    if (edit == NULL
        || ngx_sent_conv_store_copy(pool, id, &edit->id) != NGX_OK)
    {
        ngx_sent_conv_store_op_destroy(change->op);
        return NULL;
    }

    edit->change = change;

    change->data = edit;
    change->finish = ngx_sent_conv_store_edit_finish;

    return edit;
}


ngx_int_t
ngx_sent_conv_store_edit_start(ngx_sent_conv_store_edit_t *edit)
{
    return ngx_sent_conv_store_change_begin(edit->change,
                                         ngx_sent_conv_store_edit_read(edit));
}


/* the first step, the first time and each time it was in vain */

static ngx_int_t
ngx_sent_conv_store_edit_read(ngx_sent_conv_store_edit_t *edit)
{
    ngx_sent_conv_store_change_t  *change;

    change = edit->change;

    change->n = 0;
    change->next = 0;

    if (ngx_sent_conv_store_change_hash(change, "HGET", "webhooks",
                                        &edit->id, NULL)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    change->steps[0].reads = 1;
    change->steps[0].check = ngx_sent_conv_store_edit_is;

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_store_edit_is(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_reply_t *reply)
{
    ngx_int_t                    rc;
    ngx_str_t                    text;
    ngx_pool_t                  *pool;
    ngx_sent_conv_store_edit_t  *edit;

    edit = change->data;
    pool = change->op->pool;

    text = ngx_sent_conv_reply_str(reply);

    if (ngx_sent_conv_store_copy(pool, &text, &edit->read) != NGX_OK) {
        return NGX_ERROR;
    }

    if (text.len == 0) {

        if (edit->fresh == NULL) {
            edit->result.rc = NGX_DECLINED;
            return NGX_DECLINED;
        }

        edit->result.endpoint = *edit->fresh;

        return ngx_sent_conv_store_edit_write(edit, 0);
    }

    rc = ngx_sent_conv_store_config_webhook(change->op, pool,
                                            &change->customer, &edit->read,
                                            &edit->result.endpoint);

    return (rc == NGX_OK) ? ngx_sent_conv_store_edit_make(edit) : NGX_ERROR;
}


static ngx_int_t
ngx_sent_conv_store_edit_make(ngx_sent_conv_store_edit_t *edit)
{
    ngx_int_t                  rc;
    ngx_uint_t                 off;
    ngx_sent_conv_endpoint_t  *endpoint;

    endpoint = &edit->result.endpoint;
    off = !endpoint->is_active;

    rc = (edit->fresh != NULL) ? NGX_DONE
                               : edit->edit(edit->data, endpoint);

    if (rc == NGX_DONE) {
        edit->result.rc = NGX_OK;
        return NGX_DECLINED;
    }

    if (rc != NGX_OK) {
        edit->result.rc = NGX_ABORT;
        return NGX_DECLINED;
    }

    return ngx_sent_conv_store_edit_write(edit, off && endpoint->is_active);
}


static ngx_int_t
ngx_sent_conv_store_edit_write(ngx_sent_conv_store_edit_t *edit,
    ngx_uint_t forget)
{
    ngx_str_t                     *argv;
    ngx_pool_t                    *pool;
    ngx_sent_conv_store_step_t    *step;
    ngx_sent_conv_store_change_t  *change;

    change = edit->change;
    pool = change->op->pool;
    step = &change->steps[change->n];

    argv = ngx_sent_conv_store_change_step(change, &change->customer, 7,
                                           ngx_sent_conv_store_edit_written);
    if (argv == NULL) {
        return NGX_ERROR;
    }

    step->script = NGX_SENT_CONV_S_WEBHOOK_PUT;
    step->keys = 2;

    ngx_sent_conv_store_key_customer(change->op, &change->customer,
                                     "webhooks", &argv[0]);
    ngx_sent_conv_store_key_customer(change->op, &change->customer, "health",
                                     &argv[1]);

    argv[2] = edit->id;
    argv[3] = edit->read;

    ngx_sent_conv_store_number(pool, NGX_SENT_CONV_MAX_ENDPOINTS, &argv[5]);
    ngx_sent_conv_store_number(pool, forget, &argv[6]);

    return ngx_sent_conv_store_config_webhook_json(change->op,
                                                   &change->customer,
                                                   &edit->result.endpoint,
                                                   &argv[4]);
}


static ngx_int_t
ngx_sent_conv_store_edit_written(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_edit_t  *edit;

    edit = change->data;

    if (ngx_sent_conv_reply_is(reply, "OK")) {
        edit->result.rc = NGX_OK;
        return NGX_OK;
    }

    if (ngx_sent_conv_reply_is(reply, "FULL")) {
        change->changed = 0;
        edit->result.rc = NGX_ABORT;
        return NGX_DECLINED;
    }

    if (!ngx_sent_conv_reply_is(reply, "STALE")) {
        return NGX_ERROR;
    }

    change->changed = 0;

    if (++edit->tries == NGX_SENT_CONV_STORE_TRIES) {
        edit->result.rc = NGX_BUSY;
        return NGX_DECLINED;
    }

    return ngx_sent_conv_store_edit_read(edit);
}


static void
ngx_sent_conv_store_edit_finish(ngx_sent_conv_store_change_t *change)
{
    ngx_sent_conv_store_edit_t  *edit;

    edit = change->data;

    ngx_sent_conv_store_op_finish(change->op, NGX_SENT_CONV_OK,
                                  &edit->result);
}
