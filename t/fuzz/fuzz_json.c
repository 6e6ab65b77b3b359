
/*
 * The reader and the writer of JSON against a plain reader by RFC 8259: both
 * take the same texts, and what is written is read as the same.
 */


#include "ngx_fuzz.h"


/* a reader that only looks */

typedef struct {
    u_char       *p;
    u_char       *last;
    ngx_uint_t    values;
    ngx_uint_t    depth;
} ngx_fuzz_json_t;


static ngx_uint_t ngx_fuzz_json_value(ngx_fuzz_json_t *j);
static ngx_uint_t ngx_fuzz_json_list(ngx_fuzz_json_t *j, u_char close);
static ngx_uint_t ngx_fuzz_json_string(ngx_fuzz_json_t *j);
static ngx_int_t ngx_fuzz_json_unit(ngx_fuzz_json_t *j);
static ngx_uint_t ngx_fuzz_json_number(ngx_fuzz_json_t *j);
static ngx_uint_t ngx_fuzz_json_word(ngx_fuzz_json_t *j, const char *word);
static void ngx_fuzz_json_space(ngx_fuzz_json_t *j);
static ngx_uint_t ngx_fuzz_json_tree(ngx_sent_conv_json_t *v,
    ngx_uint_t depth);
static ngx_uint_t ngx_fuzz_json_twice(ngx_sent_conv_json_t *object);
static void ngx_fuzz_json_pieces(ngx_pool_t *pool, ngx_str_t *input,
    ngx_int_t rc, ngx_str_t *expected);
static void ngx_fuzz_json_write(ngx_pool_t *pool, ngx_sent_conv_json_t *value,
    ngx_str_t *text);
static void ngx_fuzz_json_bind(ngx_sent_conv_json_t *value);
static void ngx_fuzz_json_quote(ngx_pool_t *pool, ngx_str_t *input);


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_str_t              text, again;
    ngx_uint_t             good;
    ngx_fuzz_json_t        j;
    ngx_sent_conv_json_t  *value;

    ngx_fuzz_begin();

    rc = ngx_sent_conv_json_parse_str(pool, input, &value, &err);

    if (ngx_fuzz_starved(rc)) {
        return;
    }

    ngx_memzero(&j, sizeof(ngx_fuzz_json_t));

    j.p = input->data;
    j.last = input->data + input->len;

    good = ngx_fuzz_json_value(&j) && j.p == j.last;

    ngx_fuzz_json_quote(pool, input);

    if (rc != NGX_OK) {
        ngx_fuzz_assert(rc == NGX_DECLINED && value == NULL);
        ngx_fuzz_assert(err != NULL && ngx_strlen(err) > 0);

        /* the model does not compare keys */

        ngx_fuzz_assert(!good || strstr(err, " twice"));

        ngx_fuzz_json_pieces(pool, input, rc, NULL);
        return;
    }

    ngx_fuzz_assert(good);
    ngx_fuzz_assert(ngx_fuzz_json_tree(value, 0) == j.values);

    ngx_fuzz_json_bind(value);

    ngx_fuzz_json_write(pool, value, &text);

    ngx_fuzz_assert(ngx_sent_conv_json_parse_str(pool, &text, &value, &err)
                    == NGX_OK);
    ngx_fuzz_assert(ngx_fuzz_json_tree(value, 0) == j.values);

    ngx_fuzz_json_write(pool, value, &again);
    ngx_fuzz_assert(ngx_fuzz_same(&text, &again));

    ngx_fuzz_json_pieces(pool, input, rc, &text);
}


static ngx_uint_t
ngx_fuzz_json_value(ngx_fuzz_json_t *j)
{
    ngx_uint_t  good;

    ngx_fuzz_json_space(j);

    if (j->p == j->last) {
        return 0;
    }

    j->values++;

    switch (*j->p) {

    case '{':
        good = ngx_fuzz_json_list(j, '}');
        break;

    case '[':
        good = ngx_fuzz_json_list(j, ']');
        break;

    case '"':
        good = ngx_fuzz_json_string(j);
        break;

    case 't':
        good = ngx_fuzz_json_word(j, "true");
        break;

    case 'f':
        good = ngx_fuzz_json_word(j, "false");
        break;

    case 'n':
        good = ngx_fuzz_json_word(j, "null");
        break;

    default:
        good = ngx_fuzz_json_number(j);
    }

    ngx_fuzz_json_space(j);

    return good;
}


static ngx_uint_t
ngx_fuzz_json_list(ngx_fuzz_json_t *j, u_char close)
{
    j->p++;

    if (++j->depth > 32) {
        return 0;
    }

    ngx_fuzz_json_space(j);

    if (j->p < j->last && *j->p == close) {
        j->p++;
        j->depth--;
        return 1;
    }

    for ( ;; ) {

        if (close == '}') {
            ngx_fuzz_json_space(j);

            if (j->p == j->last || *j->p != '"' || !ngx_fuzz_json_string(j)) {
                return 0;
            }

            ngx_fuzz_json_space(j);

            if (j->p == j->last || *j->p++ != ':') {
                return 0;
            }
        }

        if (!ngx_fuzz_json_value(j) || j->p == j->last) {
            return 0;
        }

        if (*j->p == close) {
            j->p++;
            j->depth--;
            return 1;
        }

        if (*j->p++ != ',') {
            return 0;
        }
    }
}


static ngx_uint_t
ngx_fuzz_json_string(ngx_fuzz_json_t *j)
{
    size_t     len;
    uint32_t   c;
    ngx_int_t  unit;

    for (j->p++; j->p < j->last; /* void */) {

        if (*j->p == '"') {
            j->p++;
            return 1;
        }

        if (*j->p == '\\') {
            j->p++;

            if (j->p == j->last) {
                return 0;
            }

            if (*j->p != 'u') {
                if (*j->p == '\0' || strchr("\"\\/bfnrt", *j->p) == NULL) {
                    return 0;
                }

                j->p++;
                continue;
            }

            unit = ngx_fuzz_json_unit(j);

            if (unit <= 0 || (unit >= 0xdc00 && unit <= 0xdfff)) {
                return 0;
            }

            if (unit >= 0xd800 && unit <= 0xdbff) {

                if (j->last - j->p < 2 || *j->p++ != '\\' || *j->p != 'u') {
                    return 0;
                }

                unit = ngx_fuzz_json_unit(j);

                if (unit < 0xdc00 || unit > 0xdfff) {
                    return 0;
                }
            }

            continue;
        }

        len = ngx_fuzz_utf8(j->p, j->last, &c);

        if (len == 0 || c < 0x20) {
            return 0;
        }

        j->p += len;
    }

    return 0;
}


/* of an escape, from its "u" on */

static ngx_int_t
ngx_fuzz_json_unit(ngx_fuzz_json_t *j)
{
    ngx_int_t   unit;
    ngx_uint_t  i;
    const char *digit;

    static const char  digits[] = "0123456789abcdef";

    if (j->last - j->p < 5) {
        return NGX_ERROR;
    }

    unit = 0;
    j->p++;

    for (i = 0; i < 4; i++, j->p++) {
        digit = *j->p ? strchr(digits, ngx_tolower(*j->p)) : NULL;

        if (digit == NULL) {
            return NGX_ERROR;
        }

        unit = unit * 16 + (digit - digits);
    }

    return unit;
}


static ngx_uint_t
ngx_fuzz_json_number(ngx_fuzz_json_t *j)
{
    u_char      *start;
    ngx_uint_t   part;

    if (j->p < j->last && *j->p == '-') {
        j->p++;
    }

    for (part = 0; part < 3; part++) {

        if (part == 1) {
            if (j->p == j->last || *j->p != '.') {
                continue;
            }

            j->p++;
        }

        if (part == 2) {
            if (j->p == j->last || (*j->p | 0x20) != 'e') {
                continue;
            }

            j->p++;

            if (j->p < j->last && (*j->p == '+' || *j->p == '-')) {
                j->p++;
            }
        }

        start = j->p;

        while (j->p < j->last && *j->p >= '0' && *j->p <= '9') {
            j->p++;
        }

        if (j->p == start
            || (part == 0 && *start == '0' && j->p - start > 1))
        {
            return 0;
        }
    }

    return 1;
}


static ngx_uint_t
ngx_fuzz_json_word(ngx_fuzz_json_t *j, const char *word)
{
    size_t  len;

    len = ngx_strlen(word);

    if ((size_t) (j->last - j->p) < len || ngx_memcmp(j->p, word, len) != 0) {
        return 0;
    }

    j->p += len;

    return 1;
}


/* yajl takes two more than the RFC, VT and FF */

static void
ngx_fuzz_json_space(ngx_fuzz_json_t *j)
{
    while (j->p < j->last && (*j->p == ' ' || (*j->p >= '\t' && *j->p <= CR)))
    {
        j->p++;
    }
}


/* how many values are in it */

static ngx_uint_t
ngx_fuzz_json_tree(ngx_sent_conv_json_t *value, ngx_uint_t depth)
{
    char                  *end;
    long long              n;
    ngx_uint_t             values, children, whole;
    ngx_sent_conv_json_t  *v;

    values = 1;
    children = 0;

    ngx_fuzz_assert(depth <= 32);

    for (v = value->first; v != NULL; v = v->next) {
        values += ngx_fuzz_json_tree(v, depth + 1);
        children++;

        if (value->type == NGX_SENT_CONV_JSON_OBJECT) {
            ngx_fuzz_assert(v->key.data[v->key.len] == '\0');
            ngx_fuzz_assert(ngx_fuzz_text(&v->key));
        }
    }

    ngx_fuzz_assert(children == value->n);

    switch (value->type) {

    case NGX_SENT_CONV_JSON_BOOL:
        ngx_fuzz_assert(value->integer == 0 || value->integer == 1);
        break;

    case NGX_SENT_CONV_JSON_INTEGER:
    case NGX_SENT_CONV_JSON_NUMBER:
        errno = 0;
        n = strtoll((char *) value->text.data, &end, 10);
        whole = (*end == '\0');

        if (value->type == NGX_SENT_CONV_JSON_INTEGER) {
            ngx_fuzz_assert(whole && errno == 0 && n == value->integer);

        } else {
            ngx_fuzz_assert(whole ? errno == ERANGE && n == value->integer
                                  : value->integer == 0);
        }

        break;

    case NGX_SENT_CONV_JSON_STRING:
        ngx_fuzz_assert(value->text.data[value->text.len] == '\0');
        ngx_fuzz_assert(ngx_fuzz_text(&value->text));
        break;

    case NGX_SENT_CONV_JSON_OBJECT:
        ngx_fuzz_assert(children > 64 || !ngx_fuzz_json_twice(value));
        return values;

    case NGX_SENT_CONV_JSON_ARRAY:
        return values;

    default:
        break;
    }

    ngx_fuzz_assert(children == 0);

    return values;
}


static ngx_uint_t
ngx_fuzz_json_twice(ngx_sent_conv_json_t *object)
{
    ngx_sent_conv_json_t  *v;

    for (v = object->first; v != NULL; v = v->next) {

        /* the first of that name is this one */

        if (ngx_sent_conv_json_get(object, (char *) v->key.data) != v) {
            return 1;
        }
    }

    return 0;
}


/* wherever the network cuts the text, it is the same */

static void
ngx_fuzz_json_pieces(ngx_pool_t *pool, ngx_str_t *input, ngx_int_t rc,
    ngx_str_t *expected)
{
    char                  *err;
    size_t                 size, at;
    ngx_str_t              piece, text;
    ngx_buf_t             *b;
    ngx_chain_t           *cl, *first, **last;
    ngx_sent_conv_json_t  *value;

    first = NULL;
    last = &first;
    size = 1 + (ngx_fuzz_hash >> 8) % 13;

    for (at = 0; at < input->len; at += size) {

        piece = ngx_fuzz_copy(pool, input->data + at,
                              ngx_min(size, input->len - at));

        b = ngx_pcalloc(pool, sizeof(ngx_buf_t));
        cl = ngx_pcalloc(pool, sizeof(ngx_chain_t));

        b->pos = piece.data;
        b->last = piece.data + piece.len;
        b->memory = 1;

        cl->buf = b;
        *last = cl;
        last = &cl->next;
    }

    ngx_fuzz_assert(ngx_sent_conv_json_parse(pool, first, &value, &err) == rc);

    if (rc == NGX_OK) {
        ngx_fuzz_json_write(pool, value, &text);
        ngx_fuzz_assert(ngx_fuzz_same(&text, expected));
    }
}


static void
ngx_fuzz_json_write(ngx_pool_t *pool, ngx_sent_conv_json_t *value,
    ngx_str_t *text)
{
    ngx_sent_conv_jw_t  w;

    ngx_sent_conv_jw_init(&w, pool, 8);
    ngx_sent_conv_jw_value(&w, NULL, value);

    ngx_fuzz_assert(ngx_sent_conv_jw_done(&w, text) == NGX_OK);
    ngx_fuzz_assert(ngx_fuzz_text(text));
}


static void
ngx_fuzz_json_bind(ngx_sent_conv_json_t *value)
{
    char                  *code;
    uint64_t               seen;
    ngx_int_t              rc;
    ngx_str_t             *field;

    struct {
        ngx_str_t              id;
        ngx_int_t              n;
        ngx_int_t              flag;
        ngx_sent_conv_json_t  *any;
    } slots;

    ngx_sent_conv_json_field_t  fields[] = {
        { ngx_string("id"),
          NGX_SENT_CONV_FIELD_STRING|NGX_SENT_CONV_FIELD_REQUIRED, 0 },
        { ngx_string("n"), NGX_SENT_CONV_FIELD_INTEGER, sizeof(ngx_str_t) },
        { ngx_string("flag"),
          NGX_SENT_CONV_FIELD_BOOL|NGX_SENT_CONV_FIELD_NULLABLE,
          sizeof(ngx_str_t) + sizeof(ngx_int_t) },
        { ngx_string("any"), NGX_SENT_CONV_FIELD_VALUE,
          sizeof(ngx_str_t) + 2 * sizeof(ngx_int_t) },
        ngx_sent_conv_json_null_field
    };

    ngx_memzero(&slots, sizeof(slots));

    slots.n = 7;
    slots.flag = -1;

    rc = ngx_sent_conv_json_bind(value, fields, &slots, &seen, &field, &code);

    if (rc != NGX_OK) {
        ngx_fuzz_assert(rc == NGX_DECLINED && field != NULL);
        ngx_fuzz_assert(ngx_strcmp(code, "VALIDATION_001") == 0
                        || ngx_strcmp(code, "VALIDATION_004") == 0);
        return;
    }

    ngx_fuzz_assert((seen & 1) && slots.id.data != NULL);
    ngx_fuzz_assert((seen & 2) || slots.n == 7);
    ngx_fuzz_assert(slots.flag >= -1 && slots.flag <= 1);
    ngx_fuzz_assert(((seen & 8) != 0) == (slots.any != NULL));
}


/* any bytes become a string that is read as the same text */

static void
ngx_fuzz_json_quote(ngx_pool_t *pool, ngx_str_t *input)
{
    char                  *err;
    ngx_str_t              quoted;
    ngx_sent_conv_json_t  *value;

    ngx_fuzz_assert(ngx_sent_conv_json_quote(pool, input, &quoted) == NGX_OK);

    if (memchr(input->data, '\0', input->len) != NULL) {
        return;
    }

    ngx_fuzz_assert(ngx_sent_conv_json_parse_str(pool, &quoted, &value, &err)
                    == NGX_OK);
    ngx_fuzz_assert(value->type == NGX_SENT_CONV_JSON_STRING);
    ngx_fuzz_assert(!ngx_fuzz_text(input)
                    || ngx_fuzz_same(input, &value->text));
}
