
/*
 * Tests of the JSON reader: each text whole and in pieces of 1 to 31 bytes.
 */


#include "ngx_sent_conv_unit.h"


typedef struct {
    ngx_str_t    text;
    const char  *compact;               /* NULL: refused */
} ngx_sent_conv_unit_json_t;


static ngx_uint_t ngx_sent_conv_unit_json_case(ngx_pool_t *pool,
    ngx_sent_conv_unit_json_t *t, size_t size);
static ngx_chain_t *ngx_sent_conv_unit_json_pieces(ngx_pool_t *pool,
    ngx_str_t *text, size_t size);
static void ngx_sent_conv_unit_json_types(ngx_pool_t *pool);


static ngx_sent_conv_unit_json_t  ngx_sent_conv_unit_jsons[] = {
    { ngx_string("{}"), "{}" },
    { ngx_string("[]"), "[]" },
    { ngx_string(" [ ] \r\n\t"), "[]" },
    { ngx_string("null"), "null" },
    { ngx_string("true"), "true" },
    { ngx_string("false"), "false" },
    { ngx_string("\"\""), "\"\"" },
    { ngx_string("17"), "17" },
    { ngx_string("-17"), "-17" },
    { ngx_string("-0"), "0" },
    { ngx_string("0.5"), "0.5" },
    { ngx_string("1e9"), "1e9" },
    { ngx_string("1E+400"), "1E+400" },
    { ngx_string("9223372036854775807"), "9223372036854775807" },
    { ngx_string("-9223372036854775808"), "-9223372036854775808" },
    { ngx_string("9223372036854775808"), "9223372036854775808" },
    { ngx_string("-9223372036854775809"), "-9223372036854775809" },
    { ngx_string("123456789012345678901234567890"),
      "123456789012345678901234567890" },
    { ngx_string("{\"a\":1,\"b\":[true,false,null,\"x\"],\"c\":{\"d\":{}}}"),
      "{\"a\":1,\"b\":[true,false,null,\"x\"],\"c\":{\"d\":{}}}" },
    { ngx_string("{ \"a\" : [ 1 , 2 ] , \"\" : \"\" }"),
      "{\"a\":[1,2],\"\":\"\"}" },
    { ngx_string("[{\"a\":1},{\"a\":2}]"), "[{\"a\":1},{\"a\":2}]" },
    { ngx_string("{\"a\":{\"a\":{\"a\":1}}}"), "{\"a\":{\"a\":{\"a\":1}}}" },
    { ngx_string("{\"a\":1,\"A\":2}"), "{\"a\":1,\"A\":2}" },
    { ngx_string("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
      "\"\\\"\\\\/\\b\\f\\n\\r\\t\"" },
    { ngx_string("\"\\u0041\\u00e4\\u20ac\\ud83d\\ude00\\u001f\""),
      "\"A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\\u001F\"" },
    { ngx_string("\"\\uD83D\\uDE00\""), "\"\xf0\x9f\x98\x80\"" },
    { ngx_string("\"\\\\ud800\""), "\"\\\\ud800\"" },
    { ngx_string("\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""),
      "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"" },
    { ngx_string("{\"\\u0061\":1}"), "{\"a\":1}" },
    { ngx_string("\"a long text that is longer than any piece of it\""),
      "\"a long text that is longer than any piece of it\"" },

    { ngx_string(""), NULL },
    { ngx_string(" "), NULL },
    { ngx_string("{"), NULL },
    { ngx_string("["), NULL },
    { ngx_string("}"), NULL },
    { ngx_string("[1,]"), NULL },
    { ngx_string("[,1]"), NULL },
    { ngx_string("[1 2]"), NULL },
    { ngx_string("{\"a\":1,}"), NULL },
    { ngx_string("{\"a\"}"), NULL },
    { ngx_string("{\"a\":}"), NULL },
    { ngx_string("{a:1}"), NULL },
    { ngx_string("{1:1}"), NULL },
    { ngx_string("{'a':1}"), NULL },
    { ngx_string("[1}"), NULL },
    { ngx_string("{\"a\":1]"), NULL },
    { ngx_string("\"abc"), NULL },
    { ngx_string("\"abc\\"), NULL },
    { ngx_string("\"\\x41\""), NULL },
    { ngx_string("\"\\u12g4\""), NULL },
    { ngx_string("\"\\u12\""), NULL },
    { ngx_string("\"a\nb\""), NULL },
    { ngx_string("tru"), NULL },
    { ngx_string("nul"), NULL },
    { ngx_string("True"), NULL },
    { ngx_string("NaN"), NULL },
    { ngx_string("Infinity"), NULL },
    { ngx_string("01"), NULL },
    { ngx_string("+1"), NULL },
    { ngx_string("1."), NULL },
    { ngx_string(".5"), NULL },
    { ngx_string("1e"), NULL },
    { ngx_string("-"), NULL },
    { ngx_string("0x10"), NULL },
    { ngx_string("{} {}"), NULL },
    { ngx_string("{}x"), NULL },
    { ngx_string("{}\""), NULL },
    { ngx_string("15\"M"), NULL },
    { ngx_string("{\"a\":1} \"anything"), NULL },
    { ngx_string("\"a\\\"\" \""), NULL },
    { ngx_string("1 2"), NULL },
    { ngx_string("{}\0"), NULL },
    { ngx_string("[] ]"), NULL },
    { ngx_string("/* a */ {}"), NULL },
    { ngx_string("{} // a"), NULL },
    { ngx_string("\xef\xbb\xbf{}"), NULL },
    { ngx_string("\xff\xfe{\0}\0"), NULL },

    /* keys twice, however they are written */
    { ngx_string("{\"a\":1,\"a\":1}"), NULL },
    { ngx_string("{\"a\":1,\"b\":2,\"\\u0061\":3}"), NULL },
    { ngx_string("{\"\":1,\"\":2}"), NULL },
    { ngx_string("[{\"x\":{\"a\":1,\"b\":1,\"a\":null}}]"), NULL },

    /* U+0000 */
    { ngx_string("\"a\\u0000b\""), NULL },
    { ngx_string("{\"a\\u0000\":1}"), NULL },
    { ngx_string("\"a\0b\""), NULL },

    /* no UTF-8 */
    { ngx_string("\"\xff\""), NULL },
    { ngx_string("\"\x80\""), NULL },
    { ngx_string("\"\xc3\""), NULL },
    { ngx_string("\"\xc0\xaf\""), NULL },
    { ngx_string("\"\xe0\x80\xaf\""), NULL },
    { ngx_string("\"\xed\xa0\x80\""), NULL },
    { ngx_string("\"\xf4\x90\x80\x80\""), NULL },
    { ngx_string("\"\xf8\x88\x80\x80\x80\""), NULL },
    { ngx_string("{\"\xff\":1}"), NULL },
    { ngx_string("{\"\xc0\xaf\":1}"), NULL },

    /* half a pair of surrogates */
    { ngx_string("\"\\ud800\""), NULL },
    { ngx_string("\"\\ud800x\""), NULL },
    { ngx_string("\"\\ud800\\n\""), NULL },
    { ngx_string("\"\\ud800\\u0041\""), NULL },
    { ngx_string("\"\\ud800\\ud800\\udc00\""), NULL },
    { ngx_string("\"\\udc00\""), NULL },
    { ngx_string("\"\\udc00\\ud800\""), NULL },
    { ngx_string("\"\\ud83d\\ude00\\ude00\""), NULL },
    { ngx_string("{\"\\uD800\":1}"), NULL },
    { ngx_string("\"\\ud800"), NULL },
    { ngx_string("\"\\ud800\\"), NULL },
    { ngx_string("\"\\ud800\\u"), NULL },
    { ngx_null_string, NULL }
};


void
ngx_sent_conv_unit_json(ngx_pool_t *pool)
{
    size_t                      size;
    ngx_uint_t                  ok, n;
    ngx_sent_conv_unit_json_t  *t;

    n = 0;

    for (t = ngx_sent_conv_unit_jsons; t->text.data; t++) {
        ok = ngx_sent_conv_unit_json_case(pool, t, 0);

        for (size = 1; size < 32; size++) {
            ok &= ngx_sent_conv_unit_json_case(pool, t, size);
        }

        ngx_sent_conv_unit_ok(ok, "json %d %s", (int) ++n,
                              t->compact ? "taken" : "refused");
    }

    ngx_sent_conv_unit_json_types(pool);
}


static ngx_uint_t
ngx_sent_conv_unit_json_case(ngx_pool_t *pool, ngx_sent_conv_unit_json_t *t,
    size_t size)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_str_t              out;
    ngx_pool_t            *temp;
    ngx_uint_t             ok;
    ngx_chain_t           *in;
    ngx_sent_conv_jw_t     w;
    ngx_sent_conv_json_t  *value;

    temp = ngx_create_pool(1024, pool->log);
    if (temp == NULL) {
        return 0;
    }

    if (size == 0) {
        rc = ngx_sent_conv_json_parse_str(temp, &t->text, &value, &err);

    } else {
        in = ngx_sent_conv_unit_json_pieces(temp, &t->text, size);
        rc = ngx_sent_conv_json_parse(temp, in, &value, &err);
    }

    if (t->compact == NULL) {
        ok = (rc == NGX_DECLINED && value == NULL && err != NULL);

    } else if (rc == NGX_OK) {
        ngx_sent_conv_jw_init(&w, temp, 1);
        ngx_sent_conv_jw_value(&w, NULL, value);

        ok = ngx_sent_conv_jw_done(&w, &out) == NGX_OK
             && out.len == ngx_strlen(t->compact)
             && ngx_memcmp(out.data, t->compact, out.len) == 0;

    } else {
        ok = 0;
    }

    ngx_destroy_pool(temp);

    if (!ok) {
        printf("# in pieces of %d\n", (int) size);
    }

    return ok;
}


static ngx_chain_t *
ngx_sent_conv_unit_json_pieces(ngx_pool_t *pool, ngx_str_t *text,
    size_t size)
{
    size_t        n, at;
    ngx_buf_t    *b;
    ngx_chain_t  *in, *cl, **ll;

    ll = &in;

    for (at = 0; at < text->len; at += n) {
        n = ngx_min(size, text->len - at);

        cl = ngx_alloc_chain_link(pool);
        b = ngx_create_temp_buf(pool, n);
        if (cl == NULL || b == NULL) {
            break;
        }

        b->last = ngx_cpymem(b->pos, text->data + at, n);

        cl->buf = b;
        *ll = cl;
        ll = &cl->next;
    }

    *ll = NULL;

    return in;
}


static void
ngx_sent_conv_unit_json_types(ngx_pool_t *pool)
{
    char                  *err;
    ngx_str_t              s;
    ngx_uint_t             i;
    ngx_sent_conv_json_t  *value, *node;

    static const ngx_sent_conv_json_type_e  types[] = {
        NGX_SENT_CONV_JSON_NULL, NGX_SENT_CONV_JSON_BOOL,
        NGX_SENT_CONV_JSON_INTEGER, NGX_SENT_CONV_JSON_NUMBER,
        NGX_SENT_CONV_JSON_NUMBER, NGX_SENT_CONV_JSON_INTEGER,
        NGX_SENT_CONV_JSON_INTEGER, NGX_SENT_CONV_JSON_STRING,
        NGX_SENT_CONV_JSON_ARRAY, NGX_SENT_CONV_JSON_OBJECT
    };

    s = ngx_sent_conv_unit_str(pool, "[null,true,-5,1.5,99999999999999999999,"
                                     "9223372036854775807,"
                                     "-9223372036854775808,\"x\",[1],"
                                     "{\"k\":2}]");

    if (ngx_sent_conv_json_parse_str(pool, &s, &value, &err) != NGX_OK) {
        ngx_sent_conv_unit_ok(0, "json of all types");
        return;
    }

    ngx_sent_conv_unit_ok(value->type == NGX_SENT_CONV_JSON_ARRAY
                          && value->n == 10, "count of children");

    for (i = 0, node = value->first; node; node = node->next, i++) {
        ngx_sent_conv_unit_ok(node->type == types[i], "type %d", (int) i);

        if (i == 2) {
            ngx_sent_conv_unit_ok(node->integer == -5, "integer");

        } else if (i == 3) {
            ngx_sent_conv_unit_is(&node->text, "1.5", "number");
            ngx_sent_conv_unit_ok(node->integer == 0, "number's integer");

        } else if (i == 4) {
            ngx_sent_conv_unit_ok(node->integer == 0x7fffffffffffffffLL,
                                  "integer's limit");
        }
    }
}
