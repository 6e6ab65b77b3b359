
/*
 * Lanes, leases and attempts, for delivery and sweep.
 */


#ifndef _NGX_SENT_CONV_STORE_LANE_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_LANE_H_INCLUDED_


/*
 * store_lane.c: leases and attempts, for delivery and sweep
 */

typedef struct {
    ngx_str_t                  member;
    ngx_str_t                  customer;
} ngx_sent_conv_claimed_t;

typedef struct {
    ngx_array_t                due;              /* of ngx_str_t */
    ngx_array_t                lanes;            /* of ..._claimed_t */
    int64_t                    now;              /* Redis's clock, ms */
    int64_t                    next_due;         /* ms, -1 = none */
    int64_t                    next_lane;
} ngx_sent_conv_claim_result_t;

/* spare: leave lapsed leases of carriers alone */
ngx_int_t ngx_sent_conv_store_claim(ngx_sent_conv_store_t *store,
    ngx_uint_t partition, ngx_uint_t deadlines, ngx_uint_t lanes,
    ngx_uint_t spare, ngx_sent_conv_store_pt handler, void *data);

/*
 * A lane that this worker holds.  customer may be NULL only for drop().
 * The next attempt, if one is granted, comes as the result, not through
 * store->grant; other lanes that the step filled come through it.
 */

typedef struct {
    ngx_sent_conv_customer_t  *customer;
    ngx_uint_t                 partition;
    ngx_str_t                  member;
    ngx_str_t                  item;             /* id of the one in flight */
} ngx_sent_conv_lane_t;

typedef enum {
    NGX_SENT_CONV_LANE_NEXT = 0,         /* an attempt at item is granted */
    NGX_SENT_CONV_LANE_LATER,            /* waits for its time */
    NGX_SENT_CONV_LANE_EMPTY,
    NGX_SENT_CONV_LANE_LOST              /* another has it */
} ngx_sent_conv_lane_e;

typedef struct {
    ngx_sent_conv_lane_e       what;
    ngx_str_t                  item;
    ngx_uint_t                 attempts;         /* failed before */

    ngx_uint_t                 gone;             /* events given up */

    unsigned                   died:1;           /* NEXT of a carrier: whoever
                                                    was granted an attempt at
                                                    it has told nothing */
} ngx_sent_conv_lane_result_t;

/* results: ngx_sent_conv_lane_result_t * */

ngx_int_t ngx_sent_conv_store_take(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_store_pt handler, void *data);

/*
 * What the log of a webhook keeps of an attempt: why it failed, a literal, or
 * NULL; how the answer begins, UTF-8.  All zero: nothing.  Where none was
 * made, why tells why the event is given up.
 */

typedef struct {
    ngx_msec_t                 elapsed;
    ngx_uint_t                 status;           /* 0 = no answer */
    const char                *why;
    ngx_str_t                  answer;

    unsigned                   made:1;
} ngx_sent_conv_note_t;

/*
 * carrier_id: what the carrier calls it, or empty; alias, contact: the number
 * by which the carrier knows the contact, if it is another, or empty; more:
 * give me the next
 */

typedef struct {
    ngx_str_t                  carrier_id;
    ngx_str_t                  alias;
    ngx_str_t                  contact;
    ngx_sent_conv_note_t       note;             /* of a webhook */

    unsigned                   more:1;
} ngx_sent_conv_success_t;

ngx_int_t ngx_sent_conv_store_ack(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_success_t *success,
    ngx_sent_conv_store_pt handler, void *data);

/*
 * delay: ms until the next attempt; NGX_SENT_CONV_GIVE_UP: none (webhook: to
 * the dead; carrier: FAILED with code and title).
 */

#define NGX_SENT_CONV_GIVE_UP  (-1)

typedef struct {
    int64_t                    delay;
    ngx_str_t                  code;
    ngx_str_t                  title;
    ngx_sent_conv_note_t       note;             /* of a webhook */

    unsigned                   uncounted:1;      /* no attempt was made, or
                                                    it does not count */
    unsigned                   more:1;
} ngx_sent_conv_failure_t;

ngx_int_t ngx_sent_conv_store_fail(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_failure_t *failure,
    ngx_sent_conv_store_pt handler, void *data);

/*
 * The lane of an endpoint that may not start now: any worker may claim it
 * after delay; what is older than age (ms, 0 = everything) is given up, and
 * why is a sentence, a literal.
 */

typedef struct {
    ngx_msec_t                 delay;
    ngx_msec_t                 age;
    const char                *why;
} ngx_sent_conv_defer_t;

ngx_int_t ngx_sent_conv_store_defer(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane, ngx_sent_conv_defer_t *defer,
    ngx_sent_conv_store_pt handler, void *data);

/* the lane of an endpoint that no longer is: forget it whole */
ngx_int_t ngx_sent_conv_store_drop(ngx_sent_conv_store_t *store,
    ngx_sent_conv_lane_t *lane);

/* lanes of one partition; result: ngx_array_t * of ngx_uint_t, 1 = ours */
ngx_int_t ngx_sent_conv_store_renew(ngx_sent_conv_store_t *store,
    ngx_uint_t partition, ngx_sent_conv_lane_t *lanes, ngx_uint_t n,
    ngx_sent_conv_store_pt handler, void *data);


#endif /* _NGX_SENT_CONV_STORE_LANE_H_INCLUDED_ */
