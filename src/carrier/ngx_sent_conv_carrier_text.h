
/*
 * What several formats read and write their carriers' texts with.
 */


#ifndef _NGX_SENT_CONV_CARRIER_TEXT_H_INCLUDED_
#define _NGX_SENT_CONV_CARRIER_TEXT_H_INCLUDED_


#include "ngx_sent_conv_carrier.h"


/*
 * ngx_sent_conv_carrier_form.c: application/x-www-form-urlencoded, by the URL
 * Standard of WHATWG, but strict: NGX_DECLINED = an escape is broken, or there
 * are more fields than the limit.  Of fields with one name, get takes the
 * first; NULL: there is none.
 */

#define NGX_SENT_CONV_CARRIER_FIELDS_MAX  256

typedef struct {
    ngx_str_t     name;
    ngx_str_t     value;             /* data is never NULL */
} ngx_sent_conv_carrier_field_t;

ngx_int_t ngx_sent_conv_carrier_form_parse(ngx_pool_t *pool, ngx_str_t *text,
    ngx_array_t *fields);
ngx_str_t *ngx_sent_conv_carrier_form_get(ngx_array_t *fields,
    const char *name);

/*
 * Appends a field at p to the form that begins at start; it takes the name's
 * length, three times the value's and 2 more at most.
 */

u_char *ngx_sent_conv_carrier_form_put(u_char *start, u_char *p,
    const char *name, ngx_str_t *value);


/*
 * ngx_sent_conv_carrier_word.c
 *
 * word: an id that may stand between spaces: 1 to NGX_SENT_CONV_CARRIER_ID_MAX
 * of visible ASCII; or NGX_DECLINED.
 * text: valid UTF-8 without U+0000; or NGX_DECLINED.
 * line: on one line, without controls, 255 bytes at most; in pool.
 * code: of an error, a number or a short name; empty where it is none.
 * seconds: since the epoch to ms, or NGX_ERROR.
 */

ngx_int_t ngx_sent_conv_carrier_word(ngx_str_t *id);
ngx_int_t ngx_sent_conv_carrier_text(ngx_str_t *text);
ngx_int_t ngx_sent_conv_carrier_line(ngx_pool_t *pool, ngx_str_t *text,
    ngx_str_t *line);
void ngx_sent_conv_carrier_code(ngx_str_t *text, ngx_str_t *code);
int64_t ngx_sent_conv_carrier_seconds(ngx_str_t *text);

/* members by type, NULL where they are absent or of another */

ngx_str_t *ngx_sent_conv_carrier_string(ngx_sent_conv_json_t *object,
    const char *name);
ngx_sent_conv_json_t *ngx_sent_conv_carrier_object(
    ngx_sent_conv_json_t *object, const char *name);
ngx_sent_conv_json_t *ngx_sent_conv_carrier_first(
    ngx_sent_conv_json_t *object, const char *name);


/*
 * What the carriers' error codes mean, in the order of codes.  Ended by code
 * 0 behind the first.
 */

typedef struct {
    ngx_uint_t                code;
    ngx_sent_conv_carrier_e   what;
    ngx_str_t                 title;     /* empty: the carrier's own */
} ngx_sent_conv_carrier_meaning_t;

ngx_sent_conv_carrier_meaning_t *ngx_sent_conv_carrier_meaning(
    ngx_sent_conv_carrier_meaning_t *meanings, ngx_str_t *code);

/*
 * what was written as a message's attachments; they are kept with it, those
 * that are too long for that are left out
 */

ngx_int_t ngx_sent_conv_carrier_attach(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_carrier_item_t *item);

/* of a report that has failed: AGAIN where its code is one that will pass */

void ngx_sent_conv_carrier_passes(ngx_sent_conv_carrier_meaning_t *meaning,
    ngx_sent_conv_carrier_item_t *item);


#endif /* _NGX_SENT_CONV_CARRIER_TEXT_H_INCLUDED_ */
