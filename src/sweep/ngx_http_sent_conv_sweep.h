
/*
 * What the files of sweep share.
 */


#ifndef _NGX_HTTP_SENT_CONV_SWEEP_H_INCLUDED_
#define _NGX_HTTP_SENT_CONV_SWEEP_H_INCLUDED_


#include "ngx_http_sent_conv.h"


typedef struct {
    ngx_http_sent_conv_main_conf_t  *smcf;
    ngx_sent_conv_store_t           *store;
    ngx_sent_conv_shared_t          *shared;
    ngx_cycle_t                     *cycle;

    ngx_event_t                      timer;      /* cancelable */
    ngx_msec_t                       last;       /* tick */
    ngx_msec_t                       awake;      /* since, after a pause */
    ngx_uint_t                       next;       /* partition to look at */
    ngx_uint_t                       partitions;
    ngx_uint_t                       asked;      /* lanes, in claims */
    ngx_uint_t                       due;        /* deadlines in hand */
    ngx_uint_t                       turns;      /* of recoveries, of them */

    ngx_sent_conv_redis_sub_t       *sub;        /* NULL: another has it */

    unsigned                         slept:1;
    unsigned                         closed:1;
} ngx_http_sent_conv_sweep_t;


/* ngx_http_sent_conv_hint.c: the notifications, held by one worker */

void ngx_http_sent_conv_hint_tick(ngx_http_sent_conv_sweep_t *sw);
void ngx_http_sent_conv_hint_leave(ngx_http_sent_conv_sweep_t *sw);


/* ngx_http_sent_conv_due.c: a deadline that was claimed */

void ngx_http_sent_conv_due(ngx_http_sent_conv_sweep_t *sw,
    ngx_uint_t partition, ngx_str_t *member);


#endif /* _NGX_HTTP_SENT_CONV_SWEEP_H_INCLUDED_ */
