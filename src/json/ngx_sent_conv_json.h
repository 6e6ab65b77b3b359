
/*
 * JSON: bytes to values and to structs by field tables, and back.  The only
 * place with yajl.
 */


#ifndef _NGX_SENT_CONV_JSON_H_INCLUDED_
#define _NGX_SENT_CONV_JSON_H_INCLUDED_


#include "ngx_sent_conv.h"


typedef enum {
    NGX_SENT_CONV_JSON_NULL = 0,
    NGX_SENT_CONV_JSON_BOOL,
    NGX_SENT_CONV_JSON_INTEGER,      /* fits int64_t */
    NGX_SENT_CONV_JSON_NUMBER,       /* any other, as text; integer is the
                                        limit that a whole one passed, or 0 */
    NGX_SENT_CONV_JSON_STRING,
    NGX_SENT_CONV_JSON_ARRAY,
    NGX_SENT_CONV_JSON_OBJECT
} ngx_sent_conv_json_type_e;


typedef struct ngx_sent_conv_json_s  ngx_sent_conv_json_t;

struct ngx_sent_conv_json_s {
    ngx_sent_conv_json_type_e   type;
    ngx_str_t                   key;       /* in an object */
    ngx_str_t                   text;      /* STRING (unescaped), NUMBER */
    int64_t                     integer;   /* INTEGER, BOOL */
    ngx_uint_t                  n;         /* of children */
    ngx_sent_conv_json_t       *first;     /* child */
    ngx_sent_conv_json_t       *next;      /* sibling */
};


/*
 * Reads a chain of memory buffers (or files, ngx_read_file()) as one JSON
 * text.  At most 32 deep; duplicate keys, invalid UTF-8, half a surrogate
 * pair, U+0000 in a string and anything behind the value are errors.  All in
 * pool.
 * NGX_OK, NGX_DECLINED (*err is a sentence), NGX_ERROR (no memory, file).
 */

ngx_int_t ngx_sent_conv_json_parse(ngx_pool_t *pool, ngx_chain_t *in,
    ngx_sent_conv_json_t **value, char **err);
ngx_int_t ngx_sent_conv_json_parse_str(ngx_pool_t *pool, ngx_str_t *in,
    ngx_sent_conv_json_t **value, char **err);

/* a member by name, or NULL */

ngx_sent_conv_json_t *ngx_sent_conv_json_get(ngx_sent_conv_json_t *object,
    const char *name);


/*
 * Field tables, ended by the null field.  Slots: ngx_str_t for STRING,
 * ngx_int_t for INTEGER and BOOL, ngx_sent_conv_json_t * for VALUE; a field
 * that is absent or null leaves its slot as it is.  An integer beyond its
 * slot is cut to the slot's limit, and so fails the caller's range check.
 */

#define NGX_SENT_CONV_FIELD_STRING    1
#define NGX_SENT_CONV_FIELD_INTEGER   2
#define NGX_SENT_CONV_FIELD_BOOL      3
#define NGX_SENT_CONV_FIELD_VALUE     4    /* any type */

#define NGX_SENT_CONV_FIELD_REQUIRED  0x10 /* or NULLABLE: null is taken */
#define NGX_SENT_CONV_FIELD_NULLABLE  0x20

typedef struct {
    ngx_str_t     name;
    ngx_uint_t    type;
    size_t        offset;
} ngx_sent_conv_json_field_t;

#define ngx_sent_conv_json_null_field  { ngx_null_string, 0, 0 }

/*
 * NGX_OK; NGX_DECLINED with the field at fault: *code "VALIDATION_001"
 * (wrong type; null where not NULLABLE) or "VALIDATION_004" (missing).
 * Where object itself is none, *field is "body".  Unknown members are
 * ignored.  seen may be NULL: bit i = field i was given (null too).
 */

ngx_int_t ngx_sent_conv_json_bind(ngx_sent_conv_json_t *object,
    ngx_sent_conv_json_field_t *fields, void *data, uint64_t *seen,
    ngx_str_t **field, char **code);


/*
 * Writing.  A growing text in pool; members and commas are kept in order by
 * the writer; an allocation that failed is remembered and told by done().
 */

typedef struct {
    ngx_pool_t   *pool;
    u_char       *start;
    u_char       *last;
    u_char       *end;

    unsigned      comma:1;
    unsigned      failed:1;
} ngx_sent_conv_jw_t;

void ngx_sent_conv_jw_init(ngx_sent_conv_jw_t *w, ngx_pool_t *pool,
    size_t size);
/* name NULL: an element of an array, or the value itself */
void ngx_sent_conv_jw_open(ngx_sent_conv_jw_t *w, const char *name,
    u_char bracket);                                    /* '{' or '[' */
void ngx_sent_conv_jw_close(ngx_sent_conv_jw_t *w, u_char bracket);
void ngx_sent_conv_jw_str(ngx_sent_conv_jw_t *w, const char *name,
    ngx_str_t *value);              /* NULL or data == NULL: null */
void ngx_sent_conv_jw_cstr(ngx_sent_conv_jw_t *w, const char *name,
    const char *value);             /* NULL: null */
void ngx_sent_conv_jw_int(ngx_sent_conv_jw_t *w, const char *name,
    int64_t value);
void ngx_sent_conv_jw_bool(ngx_sent_conv_jw_t *w, const char *name,
    ngx_uint_t value);
void ngx_sent_conv_jw_null(ngx_sent_conv_jw_t *w, const char *name);
void ngx_sent_conv_jw_time(ngx_sent_conv_jw_t *w, const char *name,
    uint64_t ms);                   /* RFC 3339; 0: null */
void ngx_sent_conv_jw_raw(ngx_sent_conv_jw_t *w, const char *name,
    ngx_str_t *json);               /* a prepared JSON value */
ngx_int_t ngx_sent_conv_jw_done(ngx_sent_conv_jw_t *w, ngx_str_t *out);

/* a JSON string with its quotes, in pool; invalid UTF-8 becomes U+FFFD */

ngx_int_t ngx_sent_conv_json_quote(ngx_pool_t *pool, ngx_str_t *text,
    ngx_str_t *quoted);

/* a parsed value written back, compact */

void ngx_sent_conv_jw_value(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_json_t *value);


#endif /* _NGX_SENT_CONV_JSON_H_INCLUDED_ */
