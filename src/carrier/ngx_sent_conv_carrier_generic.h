
/*
 * The "generic" carrier format: its bytes to our items and back.  Pure.
 */


#ifndef _NGX_SENT_CONV_CARRIER_GENERIC_H_INCLUDED_
#define _NGX_SENT_CONV_CARRIER_GENERIC_H_INCLUDED_


#include "ngx_sent_conv_core.h"
#include "ngx_sent_conv_json.h"


/* of the carrier's own ids, in bytes */
#define NGX_SENT_CONV_CARRIER_ID_MAX  512


/* what a carrier told us: a message of a contact, or what became of ours */

typedef struct {
    ngx_str_t     id;                /* the carrier's own; of a status: may
                                        be empty */
    ngx_str_t     message_id;        /* status: ours, or empty */
    ngx_str_t     from;              /* status: our number, or empty */
    ngx_str_t     to;                /* status: the contact, or empty */
    ngx_str_t     text;              /* data == NULL: none */
    ngx_str_t     reply_to;          /* or empty */
    ngx_str_t     name;              /* or empty */
    ngx_str_t     status;            /* "SENT" ... "FAILED" */
    ngx_str_t     error_code;        /* or empty */
    ngx_str_t     error_title;       /* or empty */
    int64_t       at;                /* ms, 0 = not told */

    unsigned      report:1;          /* a status */
} ngx_sent_conv_carrier_item_t;


/*
 * One item, or an array of them.  NGX_OK: items (of
 * ngx_sent_conv_carrier_item_t, initialized here in pool) are those that
 * could be read, in order; the others are counted in *skipped.
 * NGX_DECLINED: the value is neither; NGX_ERROR: no memory.
 */

ngx_int_t ngx_sent_conv_carrier_generic_parse(ngx_pool_t *pool,
    ngx_sent_conv_json_t *value, ngx_array_t *items, ngx_uint_t *skipped);

/*
 * "x-carrier-signature: sha256=<hex>" over the raw body; header may be NULL
 * or empty.  NGX_OK, NGX_DECLINED = it is not, NGX_ERROR = libcrypto failed.
 */

ngx_int_t ngx_sent_conv_carrier_generic_verify(ngx_str_t *secret,
    ngx_str_t *header, ngx_str_t *body);


/* an item of a carrier's lane, see src/lua */

typedef struct {
    ngx_str_t     message_id;
    ngx_str_t     conversation_id;   /* or empty */
    ngx_str_t     from;              /* our number */
    ngx_str_t     to;                /* the contact */
    ngx_str_t     text;              /* a JSON string */
    uint64_t      ends;              /* ms; no attempt behind it but one */

    unsigned      exempt:1;          /* from an opt-out */
} ngx_sent_conv_carrier_out_t;

/* parts point into the item; NGX_ERROR = it is none */

ngx_int_t ngx_sent_conv_carrier_out_parse(ngx_str_t *item,
    ngx_sent_conv_carrier_out_t *out);

/* the body of the POST */

ngx_int_t ngx_sent_conv_carrier_generic_body(ngx_pool_t *pool,
    ngx_sent_conv_carrier_out_t *out, ngx_sent_conv_channel_e channel,
    ngx_str_t *body);

/* the carrier's id in the answer to it, or empty; NGX_ERROR: no memory */

ngx_int_t ngx_sent_conv_carrier_generic_answer(ngx_pool_t *pool,
    ngx_str_t *answer, ngx_str_t *id);


#endif /* _NGX_SENT_CONV_CARRIER_GENERIC_H_INCLUDED_ */
