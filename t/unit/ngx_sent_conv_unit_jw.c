
/*
 * Tests of the JSON writer.
 */


#include "ngx_sent_conv_unit.h"


static void ngx_sent_conv_unit_jw_quote(ngx_pool_t *pool);
static void ngx_sent_conv_unit_jw_grow(ngx_pool_t *pool);


void
ngx_sent_conv_unit_jw(ngx_pool_t *pool)
{
    ngx_str_t           s, out, null;
    ngx_sent_conv_jw_t  w;

    ngx_str_set(&s, "a\"b");
    ngx_str_null(&null);
    ngx_str_null(&out);

    /* grows from next to nothing */

    ngx_sent_conv_jw_init(&w, pool, 1);

    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_str(&w, "str", &s);
    ngx_sent_conv_jw_str(&w, "none", NULL);
    ngx_sent_conv_jw_str(&w, "null", &null);
    ngx_sent_conv_jw_cstr(&w, "cstr", "x");
    ngx_sent_conv_jw_cstr(&w, "cnull", NULL);
    ngx_sent_conv_jw_int(&w, "max", 0x7fffffffffffffffLL);
    ngx_sent_conv_jw_int(&w, "min", -0x7fffffffffffffffLL - 1);
    ngx_sent_conv_jw_int(&w, "zero", 0);
    ngx_sent_conv_jw_open(&w, "list", '[');
    ngx_sent_conv_jw_bool(&w, NULL, 1);
    ngx_sent_conv_jw_bool(&w, NULL, 0);
    ngx_sent_conv_jw_open(&w, NULL, '[');
    ngx_sent_conv_jw_close(&w, ']');
    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_close(&w, '}');
    ngx_sent_conv_jw_null(&w, NULL);
    ngx_sent_conv_jw_close(&w, ']');
    ngx_sent_conv_jw_time(&w, "time", 1767225600001ULL);
    ngx_sent_conv_jw_time(&w, "never", 0);

    ngx_str_set(&s, "{\"a\":1}");
    ngx_sent_conv_jw_raw(&w, "raw", &s);
    ngx_sent_conv_jw_raw(&w, "noraw", &null);
    ngx_sent_conv_jw_value(&w, "novalue", NULL);
    ngx_sent_conv_jw_int(&w, "to\"\n", 1);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_sent_conv_unit_ok(ngx_sent_conv_jw_done(&w, &out) == NGX_OK,
                          "written");
    ngx_sent_conv_unit_is(&out,
        "{\"str\":\"a\\\"b\",\"none\":null,\"null\":null,\"cstr\":\"x\","
        "\"cnull\":null,\"max\":9223372036854775807,"
        "\"min\":-9223372036854775808,\"zero\":0,"
        "\"list\":[true,false,[],{},null],"
        "\"time\":\"2026-01-01T00:00:00.001Z\",\"never\":null,"
        "\"raw\":{\"a\":1},\"noraw\":null,\"novalue\":null,\"to\\\"\\n\":1}",
        "all kinds of members");

    ngx_sent_conv_jw_init(&w, pool, 16);
    ngx_sent_conv_jw_cstr(&w, NULL, "");
    (void) ngx_sent_conv_jw_done(&w, &out);
    ngx_sent_conv_unit_is(&out, "\"\"", "a value alone");

    ngx_sent_conv_unit_jw_quote(pool);
    ngx_sent_conv_unit_jw_grow(pool);
}


static void
ngx_sent_conv_unit_jw_quote(ngx_pool_t *pool)
{
    ngx_str_t   out;
    ngx_uint_t  i;

    static ngx_str_t  texts[] = {
        ngx_string(""),
        ngx_string("plain"),
        ngx_string("\"\\/\b\f\n\r\t\x01\x1f\x7f"),
        ngx_string("a\0b"),
        ngx_string("\xc3\xa4\xf0\x9f\x98\x80"),
        ngx_string("\xff"),
        ngx_string("a\xc3"),
        ngx_string("\xc3" "a"),
        ngx_string("\xed\xa0\x80"),
        ngx_string("\xc0\xaf\"\xff"),
        ngx_null_string
    };
    static const char  *quoted[] = {
        "\"\"",
        "\"plain\"",
        "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001F\x7f\"",
        "\"a\\u0000b\"",
        "\"\xc3\xa4\xf0\x9f\x98\x80\"",
        "\"\xef\xbf\xbd\"",
        "\"a\xef\xbf\xbd\"",
        "\"\xef\xbf\xbd\x61\"",
        "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"",
        "\"\xef\xbf\xbd\xef\xbf\xbd\\\"\xef\xbf\xbd\""
    };

    for (i = 0; texts[i].data; i++) {
        ngx_str_null(&out);

        (void) ngx_sent_conv_json_quote(pool, &texts[i], &out);
        ngx_sent_conv_unit_is(&out, quoted[i], "quoted");
    }
}


/* what grew over many turns is read back as it was written */

static void
ngx_sent_conv_unit_jw_grow(ngx_pool_t *pool)
{
    char                  *err;
    ngx_str_t              out;
    ngx_uint_t             i, differ;
    ngx_sent_conv_jw_t     w;
    ngx_sent_conv_json_t  *value, *node;

    ngx_sent_conv_jw_init(&w, pool, 64);
    ngx_sent_conv_jw_open(&w, NULL, '[');

    for (i = 0; i < 20000; i++) {
        ngx_sent_conv_jw_int(&w, NULL, i);
    }

    ngx_sent_conv_jw_close(&w, ']');

    if (ngx_sent_conv_jw_done(&w, &out) != NGX_OK
        || ngx_sent_conv_json_parse_str(pool, &out, &value, &err) != NGX_OK)
    {
        ngx_sent_conv_unit_ok(0, "a long list read back");
        return;
    }

    differ = 0;

    for (i = 0, node = value->first; node; node = node->next) {
        differ += (node->integer != (int64_t) i++);
    }

    ngx_sent_conv_unit_ok(i == 20000 && differ == 0,
                          "a long list read back");

    w.failed = 1;
    ngx_sent_conv_unit_ok(ngx_sent_conv_jw_done(&w, &out) == NGX_ERROR,
                          "a failure is told");
}
