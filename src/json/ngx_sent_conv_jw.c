
/*
 * Writing JSON into a text that grows in a pool.
 */


#include "ngx_sent_conv_json.h"
#include "ngx_sent_conv_core.h"


static u_char *ngx_sent_conv_jw_room(ngx_sent_conv_jw_t *w, size_t size);
static void ngx_sent_conv_jw_begin(ngx_sent_conv_jw_t *w, const char *name);
static void ngx_sent_conv_jw_name(ngx_sent_conv_jw_t *w, ngx_str_t *name);
static void ngx_sent_conv_jw_put(ngx_sent_conv_jw_t *w, const u_char *data,
    size_t len);
static void ngx_sent_conv_jw_quoted(ngx_sent_conv_jw_t *w, ngx_str_t *text);
static ngx_uint_t ngx_sent_conv_jw_plain(ngx_str_t *text);
static ngx_int_t ngx_sent_conv_jw_repair(ngx_pool_t *pool, ngx_str_t *text,
    ngx_str_t *valid);
static void ngx_sent_conv_jw_content(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_json_t *value);


void
ngx_sent_conv_jw_init(ngx_sent_conv_jw_t *w, ngx_pool_t *pool, size_t size)
{
    ngx_memzero(w, sizeof(ngx_sent_conv_jw_t));

    w->pool = pool;

    w->start = ngx_pnalloc(pool, size);
    if (w->start == NULL) {
        w->failed = 1;
        return;
    }

    w->last = w->start;
    w->end = w->start + size;
}


void
ngx_sent_conv_jw_open(ngx_sent_conv_jw_t *w, const char *name, u_char bracket)
{
    ngx_sent_conv_jw_begin(w, name);
    ngx_sent_conv_jw_put(w, &bracket, 1);

    w->comma = 0;
}


void
ngx_sent_conv_jw_close(ngx_sent_conv_jw_t *w, u_char bracket)
{
    ngx_sent_conv_jw_put(w, &bracket, 1);

    w->comma = 1;
}


void
ngx_sent_conv_jw_str(ngx_sent_conv_jw_t *w, const char *name,
    ngx_str_t *value)
{
    if (value == NULL || value->data == NULL) {
        ngx_sent_conv_jw_null(w, name);
        return;
    }

    ngx_sent_conv_jw_begin(w, name);
    ngx_sent_conv_jw_quoted(w, value);
}


void
ngx_sent_conv_jw_cstr(ngx_sent_conv_jw_t *w, const char *name,
    const char *value)
{
    ngx_str_t  text;

    text.data = (u_char *) value;
    text.len = (value != NULL) ? ngx_strlen(value) : 0;

    ngx_sent_conv_jw_str(w, name, &text);
}


void
ngx_sent_conv_jw_int(ngx_sent_conv_jw_t *w, const char *name, int64_t value)
{
    u_char  *p;

    ngx_sent_conv_jw_begin(w, name);

    p = ngx_sent_conv_jw_room(w, NGX_INT64_LEN);
    if (p == NULL) {
        return;
    }

    /* the least integer has no positive one for ngx_sprintf() to print */

    if (value < 0) {
        w->last = ngx_sprintf(p, "-%uL", (uint64_t) 0 - (uint64_t) value);

    } else {
        w->last = ngx_sprintf(p, "%uL", (uint64_t) value);
    }
}


void
ngx_sent_conv_jw_bool(ngx_sent_conv_jw_t *w, const char *name,
    ngx_uint_t value)
{
    ngx_sent_conv_jw_begin(w, name);

    if (value) {
        ngx_sent_conv_jw_put(w, (u_char *) "true", sizeof("true") - 1);

    } else {
        ngx_sent_conv_jw_put(w, (u_char *) "false", sizeof("false") - 1);
    }
}


void
ngx_sent_conv_jw_null(ngx_sent_conv_jw_t *w, const char *name)
{
    ngx_sent_conv_jw_begin(w, name);
    ngx_sent_conv_jw_put(w, (u_char *) "null", sizeof("null") - 1);
}


void
ngx_sent_conv_jw_time(ngx_sent_conv_jw_t *w, const char *name, uint64_t ms)
{
    u_char  *p;

    if (ms == 0) {
        ngx_sent_conv_jw_null(w, name);
        return;
    }

    ngx_sent_conv_jw_begin(w, name);

    p = ngx_sent_conv_jw_room(w, 2 + NGX_SENT_CONV_TIME_LEN);
    if (p != NULL) {
        *p++ = '"';
        p = ngx_sent_conv_time_write(p, ms);
        *p++ = '"';
        w->last = p;
    }
}


void
ngx_sent_conv_jw_raw(ngx_sent_conv_jw_t *w, const char *name,
    ngx_str_t *json)
{
    if (json == NULL || json->len == 0) {
        ngx_sent_conv_jw_null(w, name);
        return;
    }

    ngx_sent_conv_jw_begin(w, name);
    ngx_sent_conv_jw_put(w, json->data, json->len);
}


void
ngx_sent_conv_jw_value(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_json_t *value)
{
    if (value == NULL) {
        ngx_sent_conv_jw_null(w, name);
        return;
    }

    ngx_sent_conv_jw_begin(w, name);
    ngx_sent_conv_jw_content(w, value);
}


ngx_int_t
ngx_sent_conv_jw_done(ngx_sent_conv_jw_t *w, ngx_str_t *out)
{
    if (w->failed) {
        return NGX_ERROR;
    }

    out->data = w->start;
    out->len = w->last - w->start;

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_json_quote(ngx_pool_t *pool, ngx_str_t *text,
    ngx_str_t *quoted)
{
    ngx_sent_conv_jw_t  w;

    ngx_sent_conv_jw_init(&w, pool, text->len + 2);
    ngx_sent_conv_jw_quoted(&w, text);

    return ngx_sent_conv_jw_done(&w, quoted);
}


/* room for size more bytes at w->last, or NULL */

static u_char *
ngx_sent_conv_jw_room(ngx_sent_conv_jw_t *w, size_t size)
{
    size_t   used, total;
    u_char  *p;

    if (w->failed) {
        return NULL;
    }

    if ((size_t) (w->end - w->last) >= size) {
        return w->last;
    }

    used = w->last - w->start;
    total = 2 * (w->end - w->start);
    total = ngx_max(total, used + size);

    p = ngx_pnalloc(w->pool, total);
    if (p == NULL) {
        w->failed = 1;
        return NULL;
    }

    ngx_memcpy(p, w->start, used);

    if ((size_t) (w->end - w->start) > w->pool->max) {
        (void) ngx_pfree(w->pool, w->start);
    }

    w->start = p;
    w->last = p + used;
    w->end = p + total;

    return w->last;
}


static void
ngx_sent_conv_jw_begin(ngx_sent_conv_jw_t *w, const char *name)
{
    u_char     *p;
    ngx_str_t   text;

    if (name == NULL) {
        ngx_sent_conv_jw_name(w, NULL);
        return;
    }

    text.data = (u_char *) name;
    text.len = ngx_strlen(name);

    if (!ngx_sent_conv_jw_plain(&text)) {
        ngx_sent_conv_jw_name(w, &text);
        return;
    }

    p = ngx_sent_conv_jw_room(w, text.len + 4);
    if (p == NULL) {
        return;
    }

    if (w->comma) {
        *p++ = ',';
    }

    *p++ = '"';
    p = ngx_cpymem(p, text.data, text.len);
    *p++ = '"';
    *p++ = ':';

    w->last = p;
    w->comma = 1;
}


static void
ngx_sent_conv_jw_name(ngx_sent_conv_jw_t *w, ngx_str_t *name)
{
    if (w->comma) {
        ngx_sent_conv_jw_put(w, (u_char *) ",", 1);
    }

    w->comma = 1;

    if (name != NULL) {
        ngx_sent_conv_jw_quoted(w, name);
        ngx_sent_conv_jw_put(w, (u_char *) ":", 1);
    }
}


static void
ngx_sent_conv_jw_put(ngx_sent_conv_jw_t *w, const u_char *data, size_t len)
{
    u_char  *p;

    p = ngx_sent_conv_jw_room(w, len);
    if (p != NULL) {
        w->last = ngx_cpymem(p, data, len);
    }
}


static void
ngx_sent_conv_jw_quoted(ngx_sent_conv_jw_t *w, ngx_str_t *text)
{
    u_char     *p;
    size_t      escapes;
    ngx_str_t   valid;

    if (ngx_sent_conv_jw_plain(text)) {

        p = ngx_sent_conv_jw_room(w, text->len + 2);
        if (p != NULL) {
            *p++ = '"';
            p = ngx_cpymem(p, text->data, text->len);
            *p++ = '"';
            w->last = p;
        }

        return;
    }

    valid = *text;

    if (ngx_sent_conv_utf8_length(&valid) == NGX_ERROR
        && ngx_sent_conv_jw_repair(w->pool, text, &valid) != NGX_OK)
    {
        w->failed = 1;
        return;
    }

    escapes = ngx_escape_json(NULL, valid.data, valid.len);

    p = ngx_sent_conv_jw_room(w, valid.len + escapes + 2);
    if (p == NULL) {
        return;
    }

    *p++ = '"';

    if (escapes) {
        p = (u_char *) ngx_escape_json(p, valid.data, valid.len);

    } else {
        p = ngx_cpymem(p, valid.data, valid.len);
    }

    *p++ = '"';

    w->last = p;
}


/* ASCII that needs no escape, as nearly all is: one pass over it, and out */

static ngx_uint_t
ngx_sent_conv_jw_plain(ngx_str_t *text)
{
    u_char  *p, *last;

    last = text->data + text->len;

    for (p = text->data; p < last; p++) {
        if (*p < 0x20 || *p >= 0x7f || *p == '"' || *p == '\\') {
            return 0;
        }
    }

    return 1;
}


static ngx_int_t
ngx_sent_conv_jw_repair(ngx_pool_t *pool, ngx_str_t *text, ngx_str_t *valid)
{
    u_char    *p, *q, *last;
    uint32_t   c;

    /* one byte becomes three at most */

    q = ngx_pnalloc(pool, text->len * 3);
    if (q == NULL) {
        return NGX_ERROR;
    }

    valid->data = q;

    p = text->data;
    last = p + text->len;

    while (p < last) {
        c = ngx_sent_conv_utf8_decode(&p, last);

        q = ngx_sent_conv_utf8_encode(q, (c == NGX_SENT_CONV_UTF8_INVALID)
                                         ? 0xfffd : c);
    }

    valid->len = q - valid->data;

    return NGX_OK;
}


/* as deep as the reader lets a value be */

static void
ngx_sent_conv_jw_content(ngx_sent_conv_jw_t *w, ngx_sent_conv_json_t *value)
{
    u_char                 bracket;
    ngx_sent_conv_json_t  *node;

    switch (value->type) {

    case NGX_SENT_CONV_JSON_NULL:
        ngx_sent_conv_jw_put(w, (u_char *) "null", sizeof("null") - 1);
        return;

    case NGX_SENT_CONV_JSON_BOOL:
        w->comma = 0;
        ngx_sent_conv_jw_bool(w, NULL, (ngx_uint_t) value->integer);
        return;

    case NGX_SENT_CONV_JSON_INTEGER:
        w->comma = 0;
        ngx_sent_conv_jw_int(w, NULL, value->integer);
        return;

    case NGX_SENT_CONV_JSON_NUMBER:
        ngx_sent_conv_jw_put(w, value->text.data, value->text.len);
        return;

    case NGX_SENT_CONV_JSON_STRING:
        ngx_sent_conv_jw_quoted(w, &value->text);
        return;

    case NGX_SENT_CONV_JSON_ARRAY:
    case NGX_SENT_CONV_JSON_OBJECT:
        break;
    }

    bracket = (value->type == NGX_SENT_CONV_JSON_OBJECT) ? '{' : '[';

    ngx_sent_conv_jw_put(w, &bracket, 1);
    w->comma = 0;

    for (node = value->first; node; node = node->next) {
        ngx_sent_conv_jw_name(w, (bracket == '{') ? &node->key : NULL);
        ngx_sent_conv_jw_content(w, node);
    }

    ngx_sent_conv_jw_close(w, (u_char) (bracket + 2));
}
