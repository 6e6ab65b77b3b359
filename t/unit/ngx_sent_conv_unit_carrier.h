
/*
 * What the tests of the carriers' formats share.
 */


#ifndef _NGX_SENT_CONV_UNIT_CARRIER_H_INCLUDED_
#define _NGX_SENT_CONV_UNIT_CARRIER_H_INCLUDED_


#include "ngx_sent_conv_unit.h"
#include "ngx_sent_conv_carrier_text.h"


/* what came of parsing; items is empty where it was refused */

typedef struct {
    ngx_int_t                       rc;
    ngx_uint_t                      skipped;
    ngx_uint_t                      n;
    ngx_sent_conv_carrier_item_t   *items;
    ngx_sent_conv_carrier_reply_t   reply;
} ngx_sent_conv_unit_parsed_t;


void ngx_sent_conv_unit_parse(ngx_pool_t *pool,
    ngx_sent_conv_carrier_format_t *format, const char *args,
    const char *body, ngx_sent_conv_unit_parsed_t *parsed);

/* expected NULL: the text has to be empty */

void ngx_sent_conv_unit_field(ngx_str_t *got, const char *expected,
    const char *what, const char *name);

/* code and title NULL: not looked at */

typedef struct {
    const char                *answer;
    ngx_uint_t                 status;
    ngx_sent_conv_carrier_e    what;
    const char                *code;
    const char                *title;
} ngx_sent_conv_unit_answer_t;

void ngx_sent_conv_unit_verdicts(ngx_pool_t *pool,
    ngx_sent_conv_carrier_format_t *format,
    ngx_sent_conv_unit_answer_t *answers);

/* fields of an item of a carrier's lane, ready to build of */

void ngx_sent_conv_unit_out(ngx_pool_t *pool,
    ngx_sent_conv_carrier_out_t *out, const char *text,
    const char *template);


#endif /* _NGX_SENT_CONV_UNIT_CARRIER_H_INCLUDED_ */
