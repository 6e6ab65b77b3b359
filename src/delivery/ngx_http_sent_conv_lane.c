
/*
 * A lane in hand: made when it is granted or claimed, found by its name,
 * freed when it is another's or nobody's.
 */


#include "ngx_http_sent_conv_delivery.h"


static ngx_int_t ngx_http_sent_conv_lane_parse(
    ngx_http_sent_conv_lane_t *lane);


ngx_http_sent_conv_lane_t *
ngx_http_sent_conv_lane_create(ngx_http_sent_conv_queue_t *q,
    ngx_uint_t partition, ngx_str_t *member)
{
    u_char                     *p;
    ngx_http_sent_conv_lane_t  *lane;

    lane = ngx_calloc(sizeof(ngx_http_sent_conv_lane_t) + member->len,
                      q->cycle->log);
    if (lane == NULL) {
        return NULL;
    }

    /*
     * set by ngx_calloc():
     *
     *     lane->target, customer, attempt = NULL;
     *     lane->item, texts = { 0, NULL };
     *     lane->slot, success, reloaded, claimed, again, lost = 0;
     */

    p = (u_char *) lane + sizeof(ngx_http_sent_conv_lane_t);
    ngx_memcpy(p, member->data, member->len);

    lane->q = q;
    lane->partition = partition;
    lane->serial = ++q->serial;
    lane->sn.str.len = member->len;
    lane->sn.str.data = p;
    lane->sn.node.key = ngx_murmur_hash2(p, member->len);

    if (ngx_http_sent_conv_lane_parse(lane) != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, q->cycle->log, 0,
                      "sent conv lane of an unknown kind");
        ngx_free(lane);
        return NULL;
    }

    ngx_rbtree_insert(&q->lanes, &lane->sn.node);
    ngx_queue_insert_tail(&q->partitions[partition], &lane->queue);

    q->in_hand++;
    q->store->worker->lanes++;

    /* no worker leaves before it has given back what it holds */

    q->tick.cancelable = 0;

    if (!q->tick.timer_set) {
        ngx_add_timer(&q->tick, NGX_HTTP_SENT_CONV_TICK);
    }

    return lane;
}


/* "q:<target>:<thread>" */

static ngx_int_t
ngx_http_sent_conv_lane_parse(ngx_http_sent_conv_lane_t *lane)
{
    ngx_str_t  *member;

    member = &lane->sn.str;

    if (member->len < sizeof("q:x:") - 1 + NGX_SENT_CONV_UUID_LEN
        || member->data[0] != 'q' || member->data[1] != ':')
    {
        return NGX_ERROR;
    }

    lane->endpoint.data = member->data + 2;
    lane->endpoint.len = member->len - 2 - 1 - NGX_SENT_CONV_UUID_LEN;

    lane->channel = ngx_sent_conv_channel_parse(&lane->endpoint);

    return NGX_OK;
}


ngx_http_sent_conv_lane_t *
ngx_http_sent_conv_lane_find(ngx_http_sent_conv_queue_t *q, ngx_str_t *member)
{
    uint32_t  hash;

    hash = ngx_murmur_hash2(member->data, member->len);

    return (ngx_http_sent_conv_lane_t *)
               ngx_str_rbtree_lookup(&q->lanes, member, hash);
}


/* no call of the store may be on its way for it */

void
ngx_http_sent_conv_lane_free(ngx_http_sent_conv_lane_t *lane)
{
    ngx_http_sent_conv_queue_t  *q;

    q = lane->q;

    if (lane->state == NGX_HTTP_SENT_CONV_LANE_WAITING) {
        ngx_http_sent_conv_target_unwait(lane);
    }

    ngx_http_sent_conv_target_leave(lane);
    ngx_http_sent_conv_breaker_leave(lane);

    if (lane->timer.timer_set) {
        ngx_del_timer(&lane->timer);
    }

    ngx_rbtree_delete(&q->lanes, &lane->sn.node);
    ngx_queue_remove(&lane->queue);

    q->store->worker->lanes--;

    if (--q->in_hand == 0) {
        q->tick.cancelable = 1;
    }

    if (lane->customer != NULL) {
        ngx_sent_conv_customer_release(lane->customer);
    }

    if (lane->item.data != NULL) {
        ngx_free(lane->item.data);
    }

    if (lane->texts.data != NULL) {
        ngx_free(lane->texts.data);
    }

    ngx_free(lane);
}


/* an attempt at the item is granted, now */

ngx_int_t
ngx_http_sent_conv_lane_item(ngx_http_sent_conv_lane_t *lane,
    ngx_str_t *item, ngx_uint_t attempts)
{
    u_char  *p;

    lane->claimed = 0;
    lane->lost = 0;
    lane->attempts = attempts;
    lane->granted = ngx_current_msec;

    if (lane->item.len == item->len
        && ngx_memcmp(lane->item.data, item->data, item->len) == 0)
    {
        return NGX_OK;
    }

    p = ngx_alloc(item->len, lane->q->cycle->log);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (lane->item.data != NULL) {
        ngx_free(lane->item.data);
    }

    ngx_memcpy(p, item->data, item->len);
    lane->item.data = p;
    lane->item.len = item->len;

    return NGX_OK;
}


/* "-" stands for a lane that was claimed, but not taken */

ngx_str_t
ngx_http_sent_conv_lane_item_id(ngx_http_sent_conv_lane_t *lane)
{
    u_char     *p;
    ngx_str_t   id;

    if (lane->claimed) {
        ngx_str_set(&id, "-");
        return id;
    }

    id = lane->item;

    p = ngx_strlchr(id.data, id.data + id.len, ' ');

    if (p != NULL) {
        id.len = p - id.data;
    }

    return id;
}
