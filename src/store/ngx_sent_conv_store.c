
/*
 * A worker's store: its beginning and end, and where its ids come from.
 */


#include "ngx_sent_conv_store_private.h"

#include <openssl/rand.h>


#define NGX_SENT_CONV_STORE_RANDOM  4096


/*
 * Bytes of libcrypto, fetched many at a time; pid: a process that was forked
 * must not go on with its parent's.
 */

typedef struct {
    ngx_pid_t   pid;
    size_t      left;
    u_char      bytes[NGX_SENT_CONV_STORE_RANDOM];
} ngx_sent_conv_store_random_t;


static ngx_sent_conv_store_random_t  ngx_sent_conv_store_reservoir;


ngx_sent_conv_store_t *
ngx_sent_conv_store_create(ngx_cycle_t *cycle,
    ngx_sent_conv_store_conf_t *conf, ngx_sent_conv_shared_t *shared)
{
    u_char                  life[8];
    ngx_sent_conv_store_t  *store;

    store = ngx_pcalloc(cycle->pool, sizeof(ngx_sent_conv_store_t));
    if (store == NULL) {
        return NULL;
    }

    store->cycle = cycle;
    store->conf = conf;
    store->shared = shared;
    store->metrics = &shared->metrics;
    store->worker = &shared->workers[ngx_process_slot];

    /* who was here before may have been killed */

    ngx_memzero(store->worker, sizeof(ngx_sent_conv_worker_t));
    store->worker->pid = ngx_pid;

    conf->redis.metrics = store->metrics;
    conf->redis.worker = store->worker;

    if (ngx_sent_conv_store_random(life, sizeof(life)) != NGX_OK) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "sent conv has no random bytes");
        return NULL;
    }

    ngx_hex_dump(store->owner, life, sizeof(life));

    store->cache = ngx_pcalloc(cycle->pool,
                               sizeof(ngx_sent_conv_store_own_t));
    if (store->cache == NULL) {
        return NULL;
    }

    ngx_sent_conv_store_cache_init(store);

    store->redis = ngx_sent_conv_redis_create(cycle, &conf->redis, NULL,
                                              NULL);
    if (store->redis == NULL) {
        return NULL;
    }

    return store;
}


void
ngx_sent_conv_store_destroy(ngx_sent_conv_store_t *store)
{
    ngx_sent_conv_store_own_t  *own;

    /* who still waits is told first */

    ngx_sent_conv_redis_destroy(store->redis);

    ngx_sent_conv_store_cache_destroy(store);

    own = store->cache;

    if (own->scratch != NULL) {
        ngx_free(own->scratch);
        own->scratch = NULL;
        own->size = 0;
    }

    store->worker->pid = 0;
}


uint64_t
ngx_sent_conv_store_mark(ngx_sent_conv_store_t *store)
{
    return ngx_sent_conv_redis_mark(store->redis);
}


ngx_int_t
ngx_sent_conv_store_replicas(ngx_sent_conv_store_t *store, uint64_t mark,
    ngx_uint_t all, ngx_sent_conv_redis_wait_pt handler, void *data)
{
    return ngx_sent_conv_redis_wait(store->redis, mark, all, handler, data);
}


ngx_msec_t
ngx_sent_conv_store_age(ngx_sent_conv_store_t *store, ngx_uint_t partition)
{
    u_char     buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t  tag;

    ngx_sent_conv_store_tag(partition, buf, &tag);

    return ngx_sent_conv_redis_age(store->redis, &tag);
}


ngx_int_t
ngx_sent_conv_store_random(u_char *buf, size_t len)
{
    u_char                        *p;
    ngx_sent_conv_store_random_t  *rnd;

    rnd = &ngx_sent_conv_store_reservoir;

    if (len > NGX_SENT_CONV_STORE_RANDOM) {
        return (RAND_bytes(buf, (int) len) == 1) ? NGX_OK : NGX_ERROR;
    }

    if (rnd->left < len || rnd->pid != ngx_pid) {
        rnd->left = 0;

        if (RAND_bytes(rnd->bytes, NGX_SENT_CONV_STORE_RANDOM) != 1) {
            return NGX_ERROR;
        }

        rnd->left = NGX_SENT_CONV_STORE_RANDOM;
        rnd->pid = ngx_pid;
    }

    /* what was given is not kept: some of it are secrets */

    p = rnd->bytes + NGX_SENT_CONV_STORE_RANDOM - rnd->left;

    ngx_memcpy(buf, p, len);
    ngx_memzero(p, len);

    rnd->left -= len;

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_uuid(u_char *id, u_char *thread)
{
    u_char  random[10];

    if (ngx_sent_conv_store_random(random, sizeof(random)) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_sent_conv_uuid7(id, ngx_sent_conv_store_now(), random, thread);

    return NGX_OK;
}
