
/*
 * A script's call: keys and arguments in the worker's scratch memory, and the
 * lanes that the script leased.
 */


#include "ngx_sent_conv_store_private.h"


#define NGX_SENT_CONV_STORE_LANE_KEY  (2 * NGX_SENT_CONV_UUID_LEN)

/* an endpoint's mask, and the ms for which this worker does not want it */
#define NGX_SENT_CONV_STORE_DELAY     65536
#define NGX_SENT_CONV_STORE_LONGEST   3600000


static void ngx_sent_conv_store_call_masks(ngx_sent_conv_store_call_t *call);


ngx_int_t
ngx_sent_conv_store_call_init(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_store_op_t *op, size_t extra)
{
    u_char                     *p;
    size_t                      size;
    ngx_uint_t                  n;
    ngx_sent_conv_store_own_t  *own;

    n = op->customer ? op->customer->endpoints.nelts : 0;

    if (n > NGX_SENT_CONV_MAX_ENDPOINTS) {
        n = NGX_SENT_CONV_MAX_ENDPOINTS;
    }

    size = (24 + 4 * n) * (op->store->conf->redis.prefix.len
                       + NGX_SENT_CONV_KEY_LEN + NGX_SENT_CONV_STORE_LANE_KEY)
           + NGX_SENT_CONV_STORE_ARGS * NGX_INT64_LEN + extra;

    own = op->store->cache;

    if (own->size < size) {
        p = ngx_alloc(size, op->store->cycle->log);
        if (p == NULL) {
            return NGX_ERROR;
        }

        if (own->scratch != NULL) {
            ngx_free(own->scratch);
        }

        own->scratch = p;
        own->size = size;
    }

    call->op = op;
    call->last = own->scratch;
    call->thread = NULL;
    call->argc = 0;
    call->nkeys = 0;

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_call_pair(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_store_op_t *op, u_char *thread, size_t extra)
{
    ngx_str_t  *id;

    if (ngx_sent_conv_store_call_init(call, op, extra) != NGX_OK) {
        return NGX_ERROR;
    }

    call->thread = thread;
    id = &op->customer->id;

    ngx_sent_conv_store_call_key(call, "lanes", NULL);
    ngx_sent_conv_store_call_key(call, "lane", NULL);
    ngx_sent_conv_store_call_key(call, "due", NULL);
    ngx_sent_conv_store_call_id_key(call, "w", thread);
    ngx_sent_conv_store_call_id_key(call, "t", thread);
    ngx_sent_conv_store_call_id_key(call, "m", thread);
    ngx_sent_conv_store_call_id_key(call, "r", thread);
    ngx_sent_conv_store_call_id_key(call, "q:whatsapp", thread);
    ngx_sent_conv_store_call_id_key(call, "q:sms", thread);
    ngx_sent_conv_store_call_id_key(call, "q:rcs", thread);
    ngx_sent_conv_store_call_key(call, "live", id);
    ngx_sent_conv_store_call_key(call, "ix", id);

    return NGX_OK;
}


void
ngx_sent_conv_store_call_key(ngx_sent_conv_store_call_t *call,
    const char *kind, ngx_str_t *rest)
{
    ngx_str_t  *arg;

    arg = &call->argv[call->argc++];
    arg->data = call->last;

    call->last = ngx_sent_conv_key_part(arg->data,
                                        &call->op->store->conf->redis.prefix,
                                        call->op->partition, kind, rest);
    arg->len = call->last - arg->data;
}


void
ngx_sent_conv_store_call_id_key(ngx_sent_conv_store_call_t *call,
    const char *kind, u_char *id)
{
    ngx_str_t  rest;

    rest.len = NGX_SENT_CONV_UUID_LEN;
    rest.data = id;

    ngx_sent_conv_store_call_key(call, kind, &rest);
}


void
ngx_sent_conv_store_call_index_key(ngx_sent_conv_store_call_t *call,
    u_char *id)
{
    ngx_str_t  rest;

    rest.len = NGX_SENT_CONV_INDEX_LEN;
    rest.data = id;

    ngx_sent_conv_store_call_key(call, "i", &rest);
}


void
ngx_sent_conv_store_call_lane(ngx_sent_conv_store_call_t *call,
    ngx_str_t *member)
{
    ngx_str_t  rest;

    /* a member is "q:..." */

    rest.len = member->len - 2;
    rest.data = member->data + 2;

    ngx_sent_conv_store_call_key(call, "q", &rest);
}


void
ngx_sent_conv_store_call_keys_end(ngx_sent_conv_store_call_t *call)
{
    call->nkeys = call->argc;
}


ngx_int_t
ngx_sent_conv_store_call_head(ngx_sent_conv_store_call_t *call,
    ngx_msec_t lease)
{
    ngx_uint_t                 i;
    ngx_sent_conv_endpoint_t  *endpoint;

    endpoint = call->op->customer->endpoints.elts;

    for (i = 0; i < call->op->customer->endpoints.nelts; i++) {
        if (ngx_sent_conv_store_call_wanted(&endpoint[i])) {
            ngx_sent_conv_store_call_target(call, &endpoint[i].id);
        }
    }

    return ngx_sent_conv_store_call_args(call, lease);
}


void
ngx_sent_conv_store_call_target(ngx_sent_conv_store_call_t *call,
    ngx_str_t *target)
{
    ngx_str_t  *arg;

    ngx_sent_conv_store_call_key(call, "q", target);

    arg = &call->argv[call->argc - 1];

    *call->last++ = ':';
    call->last = ngx_cpymem(call->last, call->thread, NGX_SENT_CONV_UUID_LEN);
    arg->len = call->last - arg->data;
}


ngx_int_t
ngx_sent_conv_store_call_args(ngx_sent_conv_store_call_t *call,
    ngx_msec_t lease)
{
    u_char                 *p;
    ngx_str_t              *trace;
    ngx_sent_conv_store_t  *store;

    store = call->op->store;
    trace = &call->op->trace;

    ngx_sent_conv_store_call_key(call, "st", &call->op->customer->id);
    ngx_sent_conv_store_call_id_key(call, "hold", call->thread);
    ngx_sent_conv_store_call_keys_end(call);

    if (ngx_sent_conv_store_uuid(call->event, call->thread) != NGX_OK) {
        return NGX_ERROR;
    }

    if (lease == 0 && store->grant != NULL) {
        call->op->wake = 0;
    }

    ngx_sent_conv_store_call_text(call, "");

    ngx_sent_conv_store_call_bytes(call, store->owner, sizeof(store->owner));
    ngx_sent_conv_store_call_number(call, (int64_t) lease);
    ngx_sent_conv_store_call_number(call, (int64_t) (store->conf->retention
                                                     + store->conf->window));
    ngx_sent_conv_store_call_str(call, &call->op->customer->id);

    p = call->event + NGX_SENT_CONV_UUID_LEN;

    if (trace->len) {
        *p++ = ';';
        p = ngx_cpymem(p, trace->data, trace->len);
    }

    ngx_sent_conv_store_call_bytes(call, call->event, p - call->event);

    return NGX_OK;
}


/*
 * One that we disabled gets its events, too: they go from its lane to the
 * dead, to be recovered.  One that its owner has switched off wants none.
 */

ngx_uint_t
ngx_sent_conv_store_call_wanted(ngx_sent_conv_endpoint_t *endpoint)
{
    return (endpoint->is_active || endpoint->disabled_reason.len)
           && endpoint->mask != 0
           && endpoint->id.len == NGX_SENT_CONV_UUID_LEN;
}


static void
ngx_sent_conv_store_call_masks(ngx_sent_conv_store_call_t *call)
{
    ngx_uint_t                 i;
    ngx_msec_t                 delay;
    ngx_sent_conv_endpoint_t  *endpoint;

    endpoint = call->op->customer->endpoints.elts;

    for (i = 0; i < call->op->customer->endpoints.nelts; i++) {

        if (!ngx_sent_conv_store_call_wanted(&endpoint[i])) {
            continue;
        }

        delay = ngx_sent_conv_store_delay(call->op, &endpoint[i]);

        ngx_sent_conv_store_call_number(call,
                               (int64_t) endpoint[i].mask
                               + (int64_t) delay * NGX_SENT_CONV_STORE_DELAY);
    }
}


ngx_msec_t
ngx_sent_conv_store_delay(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_endpoint_t *endpoint)
{
    ngx_msec_t              delay;
    ngx_sent_conv_store_t  *store;

    store = op->store;

    delay = store->busy ? store->busy(store->delivery, endpoint) : 0;

    if (delay) {
        delay = ngx_min(delay, NGX_SENT_CONV_STORE_LONGEST);
        op->wake = ngx_min(op->wake, delay);
    }

    return delay;
}


void
ngx_sent_conv_store_call_bytes(ngx_sent_conv_store_call_t *call, u_char *data,
    size_t len)
{
    ngx_str_t  *arg;

    arg = &call->argv[call->argc++];

    arg->len = len;
    arg->data = data;
}


void
ngx_sent_conv_store_call_str(ngx_sent_conv_store_call_t *call, ngx_str_t *s)
{
    ngx_sent_conv_store_call_bytes(call, s->len ? s->data : (u_char *) "",
                                   s->len);
}


void
ngx_sent_conv_store_call_id(ngx_sent_conv_store_call_t *call, u_char *id)
{
    ngx_sent_conv_store_call_bytes(call, id, NGX_SENT_CONV_UUID_LEN);
}


void
ngx_sent_conv_store_call_number(ngx_sent_conv_store_call_t *call, int64_t n)
{
    ngx_str_t  *arg;

    arg = &call->argv[call->argc++];

    arg->data = call->last;
    call->last = ngx_sprintf(call->last, "%L", n);
    arg->len = call->last - arg->data;
}


ngx_int_t
ngx_sent_conv_store_call_send(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_script_e script, ngx_sent_conv_redis_pt handler)
{
    u_char     buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t  tag;

    ngx_sent_conv_store_tag(call->op->partition, buf, &tag);

    return ngx_sent_conv_redis_script(call->op->store->redis, &tag, script,
                                      call->nkeys, call->argc, call->argv,
                                      handler, call->op);
}


ngx_int_t
ngx_sent_conv_store_call_send_pair(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_script_e script, ngx_sent_conv_redis_pt handler)
{
    if (call->op->store->play != NULL) {
        return ngx_sent_conv_store_play(call, script);
    }

    ngx_sent_conv_store_call_masks(call);

    return ngx_sent_conv_store_call_send(call, script, handler);
}


ngx_msec_t
ngx_sent_conv_store_lease(ngx_sent_conv_store_t *store)
{
    if (store->grant == NULL || ngx_exiting || ngx_terminate) {
        return 0;
    }

    return NGX_SENT_CONV_LEASE;
}


void
ngx_sent_conv_store_leased(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply)
{
    ngx_str_t               item, member;
    ngx_uint_t              i, n;
    ngx_sent_conv_reply_t  *leased;
    ngx_sent_conv_store_t  *store;

    store = op->store;

    if (op->wake != NGX_SENT_CONV_STORE_NEVER) {
        ngx_sent_conv_store_wake(store, op->partition, op->wake);
    }

    n = ngx_sent_conv_reply_n(reply);

    if (n < 2) {
        return;
    }

    ngx_sent_conv_store_told(store, ngx_sent_conv_reply_at(reply, n - 1));

    if (store->grant == NULL) {
        return;
    }

    leased = ngx_sent_conv_reply_at(reply, n - 2);
    n = ngx_sent_conv_reply_n(leased);

    for (i = 0; i + 1 < n; i += 2) {
        member = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(leased, i));
        item = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(leased, i + 1));

        store->grant(store->delivery, op->customer, op->partition, &member,
                     &item, 0);
    }
}


ngx_int_t
ngx_sent_conv_store_which(ngx_sent_conv_reply_t *reply, const char **words)
{
    ngx_int_t  i;

    for (i = 0; words[i] != NULL; i++) {
        if (ngx_sent_conv_reply_is(reply, words[i])) {
            return i;
        }
    }

    return NGX_ERROR;
}
