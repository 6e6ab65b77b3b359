
/*
 * What the targets of the fuzzer share.
 */


#ifndef _NGX_FUZZ_H_INCLUDED_
#define _NGX_FUZZ_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_sent_conv_carrier_text.h"


#define ngx_fuzz_assert(what)                                                \
    if (!(what)) {                                                           \
        ngx_fuzz_failed(#what, __FILE__, __LINE__);                          \
    }


/* a target: one input, whose last newline, that of an editor, is gone */

void ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input);

/*
 * Around the function under test.  Where they are called, the input is given
 * to the target again, and one of the function's allocations fails.  starved
 * takes the function's result: true where it has got no memory, which it must
 * have told.
 */

void ngx_fuzz_begin(void);
ngx_uint_t ngx_fuzz_starved(ngx_int_t rc);

void ngx_fuzz_failed(const char *what, const char *file, int line);

/* of the input: the same for the same one */

extern uint32_t  ngx_fuzz_hash;

/*
 * Copies that end where their memory does.  line: up to a newline or the end;
 * rest goes on behind it.
 */

ngx_str_t ngx_fuzz_copy(ngx_pool_t *pool, const void *data, size_t len);
ngx_str_t ngx_fuzz_cstr(ngx_pool_t *pool, const char *text);
ngx_str_t ngx_fuzz_line(ngx_pool_t *pool, ngx_str_t *rest);

ngx_uint_t ngx_fuzz_is(ngx_str_t *text, const char *word);
ngx_uint_t ngx_fuzz_same(ngx_str_t *a, ngx_str_t *b);

/*
 * Models.  utf8: the code point at p by the table of well-formed sequences in
 * the Unicode Standard, and its length, or 0.  text: UTF-8 without U+0000.
 */

size_t ngx_fuzz_utf8(const u_char *p, const u_char *last, uint32_t *c);
ngx_uint_t ngx_fuzz_text(ngx_str_t *text);
ngx_uint_t ngx_fuzz_visible(ngx_str_t *text);
ngx_uint_t ngx_fuzz_phone(ngx_str_t *text);
ngx_uint_t ngx_fuzz_uuid(ngx_str_t *text);

/* ngx_fuzz_items.c: a format's parse(), and what it promises of its items */

void ngx_fuzz_conf(ngx_pool_t *pool, ngx_sent_conv_carrier_conf_t *conf);
ngx_int_t ngx_fuzz_inbound(ngx_pool_t *pool,
    ngx_sent_conv_carrier_format_t *format, ngx_str_t *args, ngx_str_t *body,
    ngx_array_t *items, ngx_uint_t *skipped);


/* ngx_shim.c */

extern ngx_uint_t  ngx_shim_allocs;
extern ngx_uint_t  ngx_shim_fail;          /* which one does, 0 = none */
extern ngx_uint_t  ngx_shim_failed;

void *ngx_shim_keep(ngx_pool_t *pool, size_t size);


#endif /* _NGX_FUZZ_H_INCLUDED_ */
