
/*
 * Leases of the lanes in hand, renewed with one call for each partition.
 */


#include "ngx_http_sent_conv_delivery.h"


typedef struct {
    ngx_str_t                     member;
    ngx_uint_t                    serial;
} ngx_http_sent_conv_renewed_t;


/* one call of the store: lanes of a partition, and who they were */

typedef struct {
    ngx_pool_t                    *pool;
    ngx_http_sent_conv_queue_t    *q;
    ngx_uint_t                     n;
    ngx_http_sent_conv_renewed_t  *lanes;
} ngx_http_sent_conv_renewal_t;


static void ngx_http_sent_conv_queue_renew_lanes(
    ngx_http_sent_conv_queue_t *q, ngx_uint_t partition, ngx_uint_t n);
static ngx_uint_t ngx_http_sent_conv_queue_renewable(
    ngx_http_sent_conv_lane_t *lane);
static void ngx_http_sent_conv_queue_renewed(void *data,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_queue_lost(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_renewed_t *renewed);


void
ngx_http_sent_conv_queue_renew(ngx_http_sent_conv_queue_t *q)
{
    ngx_uint_t                  i, n;
    ngx_queue_t                *qu;
    ngx_http_sent_conv_lane_t  *lane;

    for (i = 0; i < q->smcf->store.redis.partitions; i++) {

        n = 0;

        for (qu = ngx_queue_head(&q->partitions[i]);
             qu != ngx_queue_sentinel(&q->partitions[i]);
             qu = ngx_queue_next(qu))
        {
            lane = ngx_queue_data(qu, ngx_http_sent_conv_lane_t, queue);
            n += ngx_http_sent_conv_queue_renewable(lane);
        }

        if (n) {
            ngx_http_sent_conv_queue_renew_lanes(q, i, n);
        }
    }
}


/* those of less than a second have time until the next turn */

static ngx_uint_t
ngx_http_sent_conv_queue_renewable(ngx_http_sent_conv_lane_t *lane)
{
    return !lane->claimed
           && !lane->lost
           && lane->item.data != NULL
           && ngx_current_msec - lane->granted > 1000;
}


static void
ngx_http_sent_conv_queue_renew_lanes(ngx_http_sent_conv_queue_t *q,
    ngx_uint_t partition, ngx_uint_t n)
{
    ngx_pool_t                    *pool;
    ngx_uint_t                     i;
    ngx_queue_t                   *qu;
    ngx_sent_conv_lane_t          *refs;
    ngx_http_sent_conv_lane_t     *lane;
    ngx_http_sent_conv_renewal_t  *rn;

    pool = ngx_create_pool(1024, q->cycle->log);
    if (pool == NULL) {
        return;
    }

    rn = ngx_palloc(pool, sizeof(ngx_http_sent_conv_renewal_t));
    refs = ngx_palloc(pool, n * sizeof(ngx_sent_conv_lane_t));

    if (rn == NULL || refs == NULL) {
        goto failed;
    }

    rn->pool = pool;
    rn->q = q;
    rn->n = n;
    rn->lanes = ngx_palloc(pool, n * sizeof(ngx_http_sent_conv_renewed_t));

    if (rn->lanes == NULL) {
        goto failed;
    }

    i = 0;

    for (qu = ngx_queue_head(&q->partitions[partition]);
         qu != ngx_queue_sentinel(&q->partitions[partition]);
         qu = ngx_queue_next(qu))
    {
        lane = ngx_queue_data(qu, ngx_http_sent_conv_lane_t, queue);

        if (!ngx_http_sent_conv_queue_renewable(lane)) {
            continue;
        }

        rn->lanes[i].serial = lane->serial;
        rn->lanes[i].member.len = lane->sn.str.len;
        rn->lanes[i].member.data = ngx_pstrdup(pool, &lane->sn.str);

        if (rn->lanes[i].member.data == NULL) {
            goto failed;
        }

        refs[i].customer = lane->customer;
        refs[i].partition = partition;
        refs[i].member = lane->sn.str;
        refs[i].item = ngx_http_sent_conv_lane_item_id(lane);

        i++;
    }

    if (ngx_sent_conv_store_renew(q->store, partition, refs, n,
                                  ngx_http_sent_conv_queue_renewed, rn)
        == NGX_OK)
    {
        return;
    }

failed:

    ngx_destroy_pool(pool);
}


static void
ngx_http_sent_conv_queue_renewed(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_http_sent_conv_renewal_t *rn = data;

    ngx_uint_t    i, *ours;
    ngx_array_t  *a;

    a = result;

    if (err == NGX_SENT_CONV_OK && !rn->q->closed) {

        ours = a->elts;

        for (i = 0; i < rn->n && i < a->nelts; i++) {
            if (!ours[i]) {
                ngx_http_sent_conv_queue_lost(rn->q, &rn->lanes[i]);
            }
        }
    }

    ngx_destroy_pool(rn->pool);
}


/* an attempt under way ends as it may; its ack is told to be stale */

static void
ngx_http_sent_conv_queue_lost(ngx_http_sent_conv_queue_t *q,
    ngx_http_sent_conv_renewed_t *renewed)
{
    ngx_http_sent_conv_lane_t  *lane;

    lane = ngx_http_sent_conv_lane_find(q, &renewed->member);

    if (lane == NULL || lane->serial != renewed->serial) {
        return;
    }

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, q->cycle->log, 0,
                   "sent conv lane lost, state:%ui", (ngx_uint_t) lane->state);

    if (lane->state == NGX_HTTP_SENT_CONV_LANE_RUNNING) {
        lane->lost = 1;

    } else if (lane->state == NGX_HTTP_SENT_CONV_LANE_WAITING) {
        ngx_http_sent_conv_lane_free(lane);
    }
}
