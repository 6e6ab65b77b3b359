
/*
 * The hint: Redis tells that a window's key expired, and its partition is
 * swept at once.  One worker of a node listens; when it does not beat any
 * more, another takes its place.
 */


#include "ngx_http_sent_conv_sweep.h"


/* ms without a beat after which the listener is taken for dead */
#define NGX_HTTP_SENT_CONV_BEAT  3000


static void ngx_http_sent_conv_hint_expired(void *data, ngx_str_t *key);
static void ngx_http_sent_conv_hint_changed(void *data, ngx_str_t *message);


void
ngx_http_sent_conv_hint_tick(ngx_http_sent_conv_sweep_t *sw)
{
    ngx_atomic_uint_t        holder;
    ngx_sent_conv_shared_t  *shared;

    shared = sw->shared;
    holder = shared->subscriber;

    if (holder == (ngx_atomic_uint_t) ngx_pid && sw->sub != NULL) {
        shared->beat = ngx_current_msec;
        return;
    }

    if (sw->sub != NULL) {

        /* this worker was away for long, and another took over */

        ngx_sent_conv_redis_sub_destroy(sw->sub);
        sw->sub = NULL;
    }

    if (holder != 0
        && holder != (ngx_atomic_uint_t) ngx_pid
        && (ngx_msec_int_t) (ngx_current_msec - shared->beat)
           < NGX_HTTP_SENT_CONV_BEAT)
    {
        return;
    }

    if (!ngx_atomic_cmp_set(&shared->subscriber, holder,
                            (ngx_atomic_uint_t) ngx_pid))
    {
        return;
    }

    shared->beat = ngx_current_msec;

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, sw->cycle->log, 0,
                   "sent conv hint: this worker listens");

    sw->sub = ngx_sent_conv_redis_sub_create(sw->store->redis,
                                             ngx_http_sent_conv_hint_expired,
                                             ngx_http_sent_conv_hint_changed,
                                             sw);
    if (sw->sub == NULL) {
        (void) ngx_atomic_cmp_set(&shared->subscriber,
                                  (ngx_atomic_uint_t) ngx_pid, 0);
    }
}


void
ngx_http_sent_conv_hint_leave(ngx_http_sent_conv_sweep_t *sw)
{
    if (sw->sub == NULL) {
        return;
    }

    ngx_sent_conv_redis_sub_destroy(sw->sub);
    sw->sub = NULL;

    (void) ngx_atomic_cmp_set(&sw->shared->subscriber,
                              (ngx_atomic_uint_t) ngx_pid, 0);
}


/* "<prefix>{<partition>}:w:<thread>" */

static void
ngx_http_sent_conv_hint_expired(void *data, ngx_str_t *key)
{
    ngx_http_sent_conv_sweep_t *sw = data;

    u_char     *p, *last, *end;
    ngx_int_t   n;
    ngx_str_t  *prefix;

    prefix = &sw->smcf->store.redis.prefix;

    if (key->len < prefix->len
        || ngx_memcmp(key->data, prefix->data, prefix->len) != 0)
    {
        return;
    }

    p = key->data + prefix->len;
    last = key->data + key->len;

    if (p == last || *p++ != '{') {
        return;
    }

    end = ngx_strlchr(p, last, '}');

    if (end == NULL
        || last - end < (ssize_t) sizeof("}:w:") - 1
        || ngx_strncmp(end, "}:w:", sizeof("}:w:") - 1) != 0)
    {
        return;
    }

    n = ngx_atoi(p, end - p);

    if (n == NGX_ERROR || (ngx_uint_t) n >= sw->partitions) {
        return;
    }

    sw->shared->sweep[n] = ngx_current_msec;
}


static void
ngx_http_sent_conv_hint_changed(void *data, ngx_str_t *message)
{
    ngx_http_sent_conv_sweep_t *sw = data;

    ngx_sent_conv_store_changed(sw->store, message);
}
