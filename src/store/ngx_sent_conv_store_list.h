
/*
 * What the files of the list share: its state, and the steps from one to
 * another.
 */


#ifndef _NGX_SENT_CONV_STORE_LIST_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_LIST_H_INCLUDED_


#include "ngx_sent_conv_store_private.h"


/* ms since its last message for which a conversation is active */
#define NGX_SENT_CONV_STORE_ACTIVE     900000

/* read at most, where few match; and where none did so far */
#define NGX_SENT_CONV_STORE_SCAN       2000
#define NGX_SENT_CONV_STORE_LONG_SCAN  10000

/* open ones up to that many are taken by themselves */
#define NGX_SENT_CONV_STORE_LIVE       1000


typedef struct {
    uint64_t                       ms;       /* of the opening */
    ngx_str_t                      id;
    ngx_str_t                      thread;
    ngx_uint_t                     partition;
    ngx_sent_conv_conversation_t   conv;
    int64_t                        last;     /* ms at which it was active */

    unsigned                       known:1;  /* the customer's */
    unsigned                       told:1;   /* conv is what it names */
} ngx_sent_conv_store_found_t;


typedef struct {
    ngx_sent_conv_list_t           list;
    ngx_sent_conv_list_result_t    result;
    int64_t                        now;

    uint64_t                       ms;       /* where the scan goes on */
    ngx_str_t                      id;
    ngx_uint_t                     batch;    /* of one partition */
    ngx_uint_t                     scanned;

    ngx_array_t                    found;    /* candidates, in order */
    ngx_uint_t                     at;       /* those before it are done */
    ngx_uint_t                     n;        /* those being read */

    uint64_t                       bound_ms; /* behind it some partition may
                                                have others */
    ngx_str_t                      bound_id;

    ngx_sent_conv_store_thread_t   th;       /* of the one contact */
    ngx_str_t                      thread;
    int64_t                        count;

    unsigned                       bounded:1;
    unsigned                       live:1;   /* found is all there are */
} ngx_sent_conv_store_list_t;


/* ngx_sent_conv_store_list.c */

ngx_int_t ngx_sent_conv_store_list_scan(ngx_sent_conv_store_op_t *op);
void ngx_sent_conv_store_list_counted(ngx_sent_conv_store_op_t *op);
void ngx_sent_conv_store_list_scored(ngx_sent_conv_store_op_t *op);
void ngx_sent_conv_store_list_next(ngx_sent_conv_store_op_t *op);
void ngx_sent_conv_store_list_finish(ngx_sent_conv_store_op_t *op);


/* ngx_sent_conv_store_list_read.c; take: if it is one that was asked for */

ngx_int_t ngx_sent_conv_store_list_threads(
    ngx_sent_conv_store_op_t *op);
ngx_int_t ngx_sent_conv_store_list_take(ngx_sent_conv_store_list_t *ctx,
    ngx_sent_conv_store_found_t *found);


/* ngx_sent_conv_store_list_index.c: candidates and their order */

ngx_int_t ngx_sent_conv_store_list_count(ngx_sent_conv_store_op_t *op);
ngx_int_t ngx_sent_conv_store_list_scores(ngx_sent_conv_store_op_t *op);
void ngx_sent_conv_store_list_bounds(ngx_sent_conv_store_op_t *op,
    ngx_str_t *argv);
void ngx_sent_conv_store_list_gather(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
void ngx_sent_conv_store_list_sort(ngx_sent_conv_store_list_t *ctx);
void ngx_sent_conv_store_list_cut(ngx_sent_conv_store_list_t *ctx);

/* does it come behind that place, in the list's direction? */
ngx_uint_t ngx_sent_conv_store_list_behind(ngx_sent_conv_store_list_t *ctx,
    ngx_sent_conv_store_found_t *found, uint64_t ms, ngx_str_t *id);

ngx_uint_t ngx_sent_conv_store_list_on(ngx_str_t *channels,
    ngx_sent_conv_channel_e channel);


/* ngx_sent_conv_store_list_contact.c: those of one contact */

ngx_int_t ngx_sent_conv_store_list_contact(ngx_sent_conv_store_op_t *op);


#endif /* _NGX_SENT_CONV_STORE_LIST_H_INCLUDED_ */
