
/*
 * Do replicas have what was written since a mark?  The answer of each master
 * that was asked something since makes the one that is given.
 */


#include "ngx_sent_conv_redis_conn.h"


typedef struct {
    ngx_sent_conv_redis_wait_pt  handler;
    void                        *data;
    ngx_uint_t                   pending;
    ngx_sent_conv_redis_had_t    had;        /* the worst */
} ngx_sent_conv_redis_joint_t;


static ngx_uint_t ngx_sent_conv_redis_wait_needs(
    ngx_sent_conv_redis_master_t *m, uint64_t mark, ngx_uint_t all);
static void ngx_sent_conv_redis_wait_joint(void *data,
    ngx_sent_conv_redis_had_t *had);


ngx_int_t
ngx_sent_conv_redis_wait(ngx_sent_conv_redis_t *rd, uint64_t mark,
    ngx_uint_t all, ngx_sent_conv_redis_wait_pt handler, void *data)
{
    ngx_sent_conv_redis_joint_t   *joint;
    ngx_sent_conv_redis_master_t  *m;

    if (rd->cluster == NULL) {
        return ngx_sent_conv_redis_wait_add(rd->masters, mark, handler, data);
    }

    joint = ngx_calloc(sizeof(ngx_sent_conv_redis_joint_t), rd->log);
    if (joint == NULL) {
        return NGX_ERROR;
    }

    joint->handler = handler;
    joint->data = data;
    joint->had.known = 1;
    joint->had.enough = 1;

    /* none is answered before this has returned */

    for (m = rd->masters; m; m = m->next) {

        if (!ngx_sent_conv_redis_wait_needs(m, mark, all)) {
            continue;
        }

        if (ngx_sent_conv_redis_wait_add(m, mark,
                                         ngx_sent_conv_redis_wait_joint,
                                         joint)
            == NGX_OK)
        {
            joint->pending++;

        } else {
            joint->had.known = 0;
            joint->had.enough = 0;
        }
    }

    if (mark < rd->cluster->closed) {
        joint->had.known = 0;
        joint->had.enough = 0;
    }

    if (joint->pending == 0) {
        ngx_free(joint);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_sent_conv_redis_wait_needs(ngx_sent_conv_redis_master_t *m, uint64_t mark,
    ngx_uint_t all)
{
    return (all && m->slots) || m->last > mark;
}


static void
ngx_sent_conv_redis_wait_joint(void *data, ngx_sent_conv_redis_had_t *had)
{
    ngx_sent_conv_redis_joint_t *joint = data;

    ngx_sent_conv_redis_had_t    result;
    ngx_sent_conv_redis_wait_pt  handler;

    joint->had.want = ngx_max(joint->had.want, had->want);

    if (!had->known) {
        joint->had.known = 0;

    } else if (!had->enough && (joint->had.enough
                                || had->have < joint->had.have))
    {
        joint->had.have = had->have;
    }

    if (!had->enough) {
        joint->had.enough = 0;
    }

    if (--joint->pending) {
        return;
    }

    result = joint->had;
    handler = joint->handler;
    data = joint->data;

    ngx_free(joint);

    handler(data, &result);
}
