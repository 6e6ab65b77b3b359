
/*
 * One operation of the store: its memory from the call to its handler, and
 * the commands that are sent for it at once.
 */


#include "ngx_sent_conv_store_private.h"


static ngx_sent_conv_store_slot_t *ngx_sent_conv_store_batch_slot(
    ngx_sent_conv_store_op_t *op, ngx_uint_t argc, ngx_str_t *argv);
static void ngx_sent_conv_store_batch_sent(ngx_sent_conv_store_op_t *op,
    ngx_int_t rc);
static void ngx_sent_conv_store_batch_answer(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


ngx_sent_conv_store_op_t *
ngx_sent_conv_store_op_create(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_store_pt handler,
    void *data, size_t size)
{
    ngx_pool_t                *pool;
    ngx_sent_conv_store_op_t  *op;

    pool = ngx_create_pool(NGX_SENT_CONV_STORE_POOL, store->cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    op = ngx_pcalloc(pool, sizeof(ngx_sent_conv_store_op_t) + size);
    if (op == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     op->partition = 0;
     *     op->slots = NULL;
     *     op->pending = 0;
     *     op->err = NGX_SENT_CONV_OK;
     */

    op->pool = pool;
    op->store = store;
    op->handler = handler;
    op->data = data;
    op->ctx = &op[1];
    op->wake = NGX_SENT_CONV_STORE_NEVER;

    if (customer != NULL) {
        op->customer = ngx_sent_conv_customer_hold(customer);
    }

    return op;
}


void
ngx_sent_conv_store_op_destroy(ngx_sent_conv_store_op_t *op)
{
    if (op->customer != NULL) {
        ngx_sent_conv_customer_release(op->customer);
    }

    ngx_destroy_pool(op->pool);
}


void
ngx_sent_conv_store_op_finish(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_err_e err, void *result)
{
    if (op->handler != NULL) {
        op->handler(op->data, err,
                    (err == NGX_SENT_CONV_OK) ? result : NULL);
    }

    ngx_sent_conv_store_op_destroy(op);
}


void
ngx_sent_conv_store_op_broken(ngx_sent_conv_store_op_t *op, const char *what)
{
    ngx_log_error(NGX_LOG_ERR, op->store->cycle->log, 0,
                  "sent conv got an answer of no use to \"%s\" from Redis",
                  what);

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_BROKEN, NULL);
}


void
ngx_sent_conv_store_op_unread(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_UNSENT, NULL);
}


ngx_int_t
ngx_sent_conv_store_op_trace(ngx_sent_conv_store_op_t *op, ngx_str_t *trace)
{
    if (trace == NULL || trace->len != NGX_SENT_CONV_TRACE_LEN) {
        return NGX_OK;
    }

    return ngx_sent_conv_store_copy(op->pool, trace, &op->trace);
}


ngx_int_t
ngx_sent_conv_store_batch_init(ngx_sent_conv_store_op_t *op, ngx_uint_t n,
    ngx_sent_conv_store_each_pt each, ngx_sent_conv_store_done_pt done)
{
    if (op->slots == NULL || op->nslots < n) {
        op->slots = ngx_palloc(op->pool,
                               n * sizeof(ngx_sent_conv_store_slot_t));
        if (op->slots == NULL) {
            op->nslots = 0;
            return NGX_ERROR;
        }

        op->nslots = n;
    }

    op->each = each;
    op->done = done;
    op->nsent = 0;
    op->pending = 0;
    op->err = NGX_SENT_CONV_OK;

    return NGX_OK;
}


void
ngx_sent_conv_store_batch_add(ngx_sent_conv_store_op_t *op, ngx_str_t *tag,
    ngx_uint_t argc, ngx_str_t *argv)
{
    ngx_sent_conv_store_slot_t  *slot;

    slot = ngx_sent_conv_store_batch_slot(op, argc, argv);

    if (slot != NULL) {
        ngx_sent_conv_store_batch_sent(op,
                ngx_sent_conv_redis_command(op->store->redis, tag, argc, argv,
                                            ngx_sent_conv_store_batch_answer,
                                            slot));
    }
}


void
ngx_sent_conv_store_batch_script(ngx_sent_conv_store_op_t *op, ngx_str_t *tag,
    ngx_sent_conv_script_e script, ngx_uint_t nkeys, ngx_uint_t argc,
    ngx_str_t *argv)
{
    ngx_sent_conv_store_slot_t  *slot;

    slot = ngx_sent_conv_store_batch_slot(op, argc, argv);

    if (slot != NULL) {
        ngx_sent_conv_store_batch_sent(op,
                ngx_sent_conv_redis_script(op->store->redis, tag, script,
                                           nkeys, argc, argv,
                                           ngx_sent_conv_store_batch_answer,
                                           slot));
    }
}


static ngx_sent_conv_store_slot_t *
ngx_sent_conv_store_batch_slot(ngx_sent_conv_store_op_t *op, ngx_uint_t argc,
    ngx_str_t *argv)
{
    ngx_uint_t                   i;
    ngx_sent_conv_store_slot_t  *slot;

    if (op->err != NGX_SENT_CONV_OK || op->nsent == op->nslots) {
        return NULL;
    }

    for (i = 0; i < argc; i++) {
        if (argv[i].data == NULL) {
            op->err = NGX_SENT_CONV_UNSENT;
            return NULL;
        }
    }

    slot = &op->slots[op->nsent];

    slot->op = op;
    slot->index = op->nsent++;

    return slot;
}


static void
ngx_sent_conv_store_batch_sent(ngx_sent_conv_store_op_t *op, ngx_int_t rc)
{
    if (rc != NGX_OK) {
        op->err = NGX_SENT_CONV_UNSENT;
        return;
    }

    op->pending++;
}


ngx_int_t
ngx_sent_conv_store_batch_end(ngx_sent_conv_store_op_t *op)
{
    return op->pending ? NGX_OK : NGX_DECLINED;
}


static void
ngx_sent_conv_store_batch_answer(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_slot_t *slot = data;

    ngx_sent_conv_store_op_t  *op;

    op = slot->op;

    if (err != NGX_SENT_CONV_OK) {
        op->err = ngx_max(op->err, err);

    } else if (op->err == NGX_SENT_CONV_OK) {
        op->each(op, slot->index, reply);
    }

    if (--op->pending == 0) {
        op->done(op);
    }
}


void
ngx_sent_conv_store_key_part(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, const char *kind, ngx_str_t *rest, ngx_str_t *dst)
{
    u_char     *p;
    ngx_str_t  *prefix;

    prefix = &op->store->conf->redis.prefix;

    dst->data = ngx_pnalloc(op->pool, prefix->len + NGX_SENT_CONV_KEY_LEN
                                      + (rest ? rest->len : 0));
    if (dst->data == NULL) {
        return;
    }

    p = ngx_sent_conv_key_part(dst->data, prefix, partition, kind, rest);
    dst->len = p - dst->data;
}


void
ngx_sent_conv_store_key_index(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, ngx_str_t *id, ngx_str_t *dst)
{
    ngx_str_t  rest;

    rest.len = NGX_SENT_CONV_INDEX_LEN;
    rest.data = id->data;

    ngx_sent_conv_store_key_part(op, partition, "i", &rest, dst);
}


void
ngx_sent_conv_store_key_customer(ngx_sent_conv_store_op_t *op,
    ngx_str_t *customer, const char *kind, ngx_str_t *dst)
{
    u_char     *p;
    ngx_str_t  *prefix;

    prefix = &op->store->conf->redis.prefix;

    dst->data = ngx_pnalloc(op->pool, prefix->len + NGX_SENT_CONV_KEY_LEN
                                      + customer->len);
    if (dst->data == NULL) {
        return;
    }

    p = ngx_sent_conv_key_customer(dst->data, prefix, customer, kind);
    dst->len = p - dst->data;
}


void
ngx_sent_conv_store_key_plain(ngx_sent_conv_store_op_t *op, const char *kind,
    ngx_str_t *rest, ngx_str_t *dst)
{
    u_char     *p;
    ngx_str_t  *prefix;

    prefix = &op->store->conf->redis.prefix;

    dst->data = ngx_pnalloc(op->pool, prefix->len + NGX_SENT_CONV_KEY_LEN
                                      + (rest ? rest->len : 0));
    if (dst->data == NULL) {
        return;
    }

    p = ngx_sprintf(dst->data, "%V%s", prefix, kind);

    if (rest != NULL) {
        *p++ = ':';
        p = ngx_cpymem(p, rest->data, rest->len);
    }

    dst->len = p - dst->data;
}


void
ngx_sent_conv_store_tag(ngx_uint_t partition, u_char *buf, ngx_str_t *tag)
{
    tag->data = buf;
    tag->len = ngx_snprintf(buf, NGX_SENT_CONV_STORE_TAG_LEN, "%ui",
                            partition)
               - buf;
}


ngx_int_t
ngx_sent_conv_store_index(ngx_sent_conv_store_op_t *op,
    ngx_str_t *id, ngx_sent_conv_redis_pt handler)
{
    u_char     buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t  tag, argv[2];

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "GET");
    ngx_sent_conv_store_key_index(op, op->partition, id, &argv[1]);

    if (argv[1].data == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_redis_command(op->store->redis, &tag, 2, argv,
                                       handler, op);
}


ngx_int_t
ngx_sent_conv_store_copy(ngx_pool_t *pool, ngx_str_t *src, ngx_str_t *dst)
{
    u_char  *p;

    p = ngx_pnalloc(pool, src->len + 1);
    if (p == NULL) {
        ngx_str_null(dst);
        return NGX_ERROR;
    }

    if (src->len) {
        ngx_memcpy(p, src->data, src->len);
    }

    dst->len = src->len;
    dst->data = p;

    return NGX_OK;
}


void
ngx_sent_conv_store_number(ngx_pool_t *pool, int64_t n, ngx_str_t *dst)
{
    dst->len = 0;
    dst->data = ngx_pnalloc(pool, NGX_INT64_LEN);

    if (dst->data != NULL) {
        dst->len = ngx_sprintf(dst->data, "%L", n) - dst->data;
    }
}


uint64_t
ngx_sent_conv_store_now(void)
{
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    return (uint64_t) tp->sec * 1000 + tp->msec;
}


void
ngx_sent_conv_store_wake(ngx_sent_conv_store_t *store, ngx_uint_t partition,
    ngx_msec_t delay)
{
    ngx_msec_t         at;
    ngx_atomic_t      *sweep;
    ngx_atomic_uint_t  is;

    if (partition >= NGX_SENT_CONV_SLOTS) {
        return;
    }

    at = ngx_current_msec + delay;
    sweep = &store->shared->sweep[partition];

    for ( ;; ) {
        is = *sweep;

        if ((ngx_msec_int_t) (is - at) <= 0
            || ngx_atomic_cmp_set(sweep, is, at))
        {
            return;
        }
    }
}
