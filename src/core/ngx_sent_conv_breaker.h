
/*
 * What a node's workers know together of endpoints that fail, ask for a pause
 * or have a rate.  Times are ms of a clock that all of them share, and the
 * lock on the memory is the caller's.
 */


#ifndef _NGX_SENT_CONV_BREAKER_H_INCLUDED_
#define _NGX_SENT_CONV_BREAKER_H_INCLUDED_


#include "ngx_sent_conv.h"


#define NGX_SENT_CONV_BREAKER_SETS     1024
#define NGX_SENT_CONV_BREAKER_WAYS     4

/* ms between two lanes that come back */
#define NGX_SENT_CONV_BREAKER_GAP      2

/* ms after the first of them in which all have come */
#define NGX_SENT_CONV_BREAKER_SPREAD   60000

/* it has been open for that part of the wait before an event is given up */
#define NGX_SENT_CONV_BREAKER_WAIT     24

/* ms that lanes stay away at a time while a probe is on its way */
#define NGX_SENT_CONV_BREAKER_PROBING  1000


typedef struct {
    ngx_uint_t    failures;          /* in a row that open it, 0 = never */
    ngx_msec_t    min;               /* the first pause */
    ngx_msec_t    max;
    ngx_msec_t    wait;              /* of an event, at most */
} ngx_sent_conv_breaker_conf_t;


/*
 * CLOSED   all may be tried; failures in a row are counted
 * OPEN     until then nothing is tried; from then on one attempt at a time,
 *          the probe, which has a time to tell of its end
 */

typedef struct {
    u_char        id[NGX_SENT_CONV_UUID_LEN];    /* first 0: free */
    uint32_t      failures;
    uint32_t      pauses;            /* in a row */
    uint32_t      probe;             /* number of the last one */
    uint64_t      version;           /* of the endpoint */
    uint64_t      paced;             /* us: the next attempt by the rate */
    ngx_msec_t    used;
    ngx_msec_t    since;             /* open, with all its pauses */
    ngx_msec_t    until;
    ngx_msec_t    held;              /* Retry-After of the whole endpoint */
    ngx_msec_t    limit;             /* of the probe */
    ngx_msec_t    next;              /* when the last of those sent away
                                        comes back */
    unsigned      open:1;
    unsigned      probing:1;
    unsigned      holds:1;
} ngx_sent_conv_breaker_t;


typedef struct {
    ngx_sent_conv_breaker_t  sets[NGX_SENT_CONV_BREAKER_SETS]
                                 [NGX_SENT_CONV_BREAKER_WAYS];
} ngx_sent_conv_breakers_t;


typedef enum {
    NGX_SENT_CONV_ATTEMPT_GOOD = 0,  /* it answered, whatever it said */
    NGX_SENT_CONV_ATTEMPT_BAD,
    NGX_SENT_CONV_ATTEMPT_NONE       /* nothing is known of it */
} ngx_sent_conv_attempt_e;


/*
 * find: NULL where nothing is known; needs no lock where a miss is no harm.
 * get: that of the endpoint, made where there is none: of its set the least
 * recently used goes.  id is NGX_SENT_CONV_UUID_LEN characters.
 */

ngx_sent_conv_breaker_t *ngx_sent_conv_breaker_find(
    ngx_sent_conv_breakers_t *breakers, u_char *id);
ngx_sent_conv_breaker_t *ngx_sent_conv_breaker_get(
    ngx_sent_conv_breakers_t *breakers, u_char *id, ngx_msec_t now);

/*
 * An endpoint that was changed begins anew; 0: what was changed is older than
 * what is known.
 */

ngx_uint_t ngx_sent_conv_breaker_version(ngx_sent_conv_breaker_t *b,
    uint64_t version);

/* ms until an attempt may begin, 0 = now */

ngx_msec_t ngx_sent_conv_breaker_wait(ngx_sent_conv_breaker_t *b,
    ngx_msec_t now);

/*
 * The same for a lane that is sent away if it may not begin now: each is told
 * a later time than the one before.
 */

ngx_msec_t ngx_sent_conv_breaker_turn(ngx_sent_conv_breaker_t *b,
    ngx_msec_t now, uint32_t seed);

/*
 * How old an event may be that has to wait; 0 = any age: the endpoint may only
 * be slow to come back.
 */

ngx_msec_t ngx_sent_conv_breaker_age(ngx_sent_conv_breaker_t *b,
    ngx_sent_conv_breaker_conf_t *conf, ngx_msec_t now);

/*
 * An attempt begins, or ms to wait; limit: ms after which it is taken for
 * lost.  *probe is 0, or its number as the only one.
 */

ngx_msec_t ngx_sent_conv_breaker_begin(ngx_sent_conv_breaker_t *b,
    ngx_msec_t now, ngx_msec_t limit, uint32_t *probe);

/* and has ended */

void ngx_sent_conv_breaker_end(ngx_sent_conv_breaker_t *b,
    ngx_sent_conv_breaker_conf_t *conf, ngx_sent_conv_attempt_e how,
    uint32_t probe, ngx_msec_t now, uint32_t seed);

/* the endpoint is as good as new */

void ngx_sent_conv_breaker_close(ngx_sent_conv_breaker_t *b);

/* nothing is to be tried before */

void ngx_sent_conv_breaker_hold(ngx_sent_conv_breaker_t *b, ngx_msec_t until);

/* when the next attempt may begin at that rate a second; it is given away */

ngx_msec_t ngx_sent_conv_breaker_pace(ngx_sent_conv_breaker_t *b,
    ngx_msec_t now, ngx_uint_t rate);


#endif /* _NGX_SENT_CONV_BREAKER_H_INCLUDED_ */
