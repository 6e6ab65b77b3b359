
/*
 * Tests of UTF-8.
 */


#include "ngx_sent_conv_unit.h"


typedef struct {
    ngx_str_t   text;
    ngx_int_t   length;
} ngx_sent_conv_unit_utf8_t;


static ngx_sent_conv_unit_utf8_t  ngx_sent_conv_unit_utf8s[] = {
    { ngx_string(""), 0 },
    { ngx_string("abc"), 3 },
    { ngx_string("a\0b"), 3 },
    { ngx_string("\xc3\xa4\xc3\xb6"), 2 },
    { ngx_string("\xc2\x80"), 1 },
    { ngx_string("\xdf\xbf"), 1 },
    { ngx_string("\xe0\xa0\x80"), 1 },
    { ngx_string("\xe2\x82\xac!"), 2 },
    { ngx_string("\xed\x9f\xbf"), 1 },
    { ngx_string("\xee\x80\x80"), 1 },
    { ngx_string("\xef\xbf\xbf"), 1 },
    { ngx_string("\xf0\x90\x80\x80"), 1 },
    { ngx_string("\xf0\x9f\x98\x80\xf0\x9f\x98\x80"), 2 },
    { ngx_string("\xf4\x8f\xbf\xbf"), 1 },

    { ngx_string("\x80"), NGX_ERROR },
    { ngx_string("\xbf"), NGX_ERROR },
    { ngx_string("a\xc3"), NGX_ERROR },
    { ngx_string("\xc3" "a"), NGX_ERROR },
    { ngx_string("\xe2\x82"), NGX_ERROR },
    { ngx_string("\xe2\x82" "a"), NGX_ERROR },
    { ngx_string("\xf0\x9f\x98"), NGX_ERROR },
    { ngx_string("\xc0\x80"), NGX_ERROR },
    { ngx_string("\xc1\xbf"), NGX_ERROR },
    { ngx_string("\xe0\x9f\xbf"), NGX_ERROR },
    { ngx_string("\xf0\x8f\xbf\xbf"), NGX_ERROR },
    { ngx_string("\xed\xa0\x80"), NGX_ERROR },
    { ngx_string("\xed\xbf\xbf"), NGX_ERROR },
    { ngx_string("\xf4\x90\x80\x80"), NGX_ERROR },
    { ngx_string("\xf5\x80\x80\x80"), NGX_ERROR },
    { ngx_string("\xf8\x88\x80\x80\x80"), NGX_ERROR },
    { ngx_string("\xfe"), NGX_ERROR },
    { ngx_string("\xff"), NGX_ERROR },
    { ngx_null_string, 0 }
};


typedef struct {
    ngx_str_t    text;
    const char  *whole;
    const char  *cut;
} ngx_sent_conv_unit_repair_t;


#define FFFD  "\xef\xbf\xbd"

static ngx_sent_conv_unit_repair_t  ngx_sent_conv_unit_repairs[] = {
    { ngx_string(""), "", "" },
    { ngx_string("a b\t\r\n"), "a b\t\r\n", "a b\t\r\n" },
    { ngx_string("a\0b\x1b\x7f"), "a" FFFD "b" FFFD FFFD,
      "a" FFFD "b" FFFD FFFD },
    { ngx_string("\xe2\x82\xac"), "\xe2\x82\xac", "\xe2\x82\xac" },
    { ngx_string("a\xe2\x82"), "a" FFFD FFFD, "a" },
    { ngx_string("a\xf0\x9f\x98"), "a" FFFD FFFD FFFD, "a" },
    { ngx_string("a\xc3"), "a" FFFD, "a" },
    { ngx_string("a\x80"), "a" FFFD, "a" FFFD },
    { ngx_string("\xff\xfe" "a"), FFFD FFFD "a", FFFD FFFD "a" },
    { ngx_string("\xe2" "a"), FFFD "a", FFFD "a" },
    { ngx_string("\xed\xa0\x80"), FFFD FFFD FFFD, FFFD FFFD FFFD },
    { ngx_null_string, NULL, NULL }
};


static void ngx_sent_conv_unit_utf8_repair(void);


void
ngx_sent_conv_unit_utf8(ngx_pool_t *pool)
{
    u_char                      buf[4], *p;
    uint32_t                    c;
    ngx_str_t                   s;
    ngx_uint_t                  n, differ, valid;
    ngx_sent_conv_unit_utf8_t  *t;

    n = 0;

    for (t = ngx_sent_conv_unit_utf8s; t->text.data; t++) {
        ngx_sent_conv_unit_ok(ngx_sent_conv_utf8_length(&t->text)
                              == t->length, "utf8 %d", (int) ++n);
    }

    /* what stands behind the text does not complete it */

    s.data = (u_char *) "\xe2\x82\xac";

    for (s.len = 1; s.len < 3; s.len++) {
        ngx_sent_conv_unit_ok(ngx_sent_conv_utf8_length(&s) == NGX_ERROR,
                              "utf8 cut after %d", (int) s.len);
    }

    for (differ = 0, c = 0; c < 0x110000; c++) {
        valid = (c < 0xd800 || c > 0xdfff);

        p = buf;
        n = ngx_sent_conv_utf8_encode(buf, c) - buf;

        if (ngx_sent_conv_utf8_decode(&p, buf + n)
            != (valid ? c : NGX_SENT_CONV_UTF8_INVALID)
            || p != buf + (valid ? n : 1))
        {
            differ++;
        }
    }

    ngx_sent_conv_unit_ok(differ == 0, "every code point both ways");

    ngx_sent_conv_unit_utf8_repair();
}


static void
ngx_sent_conv_unit_utf8_repair(void)
{
    u_char                        buf[64];
    ngx_str_t                     s;
    ngx_uint_t                    n;
    ngx_sent_conv_unit_repair_t  *t;

    n = 0;
    s.data = buf;

    for (t = ngx_sent_conv_unit_repairs; t->text.data; t++) {
        n++;

        s.len = ngx_sent_conv_utf8_repair(buf, &t->text, 0);
        ngx_sent_conv_unit_ok(s.len == ngx_strlen(t->whole)
                              && ngx_memcmp(buf, t->whole, s.len) == 0
                              && ngx_sent_conv_utf8_length(&s) != NGX_ERROR,
                              "repaired %d", (int) n);

        s.len = ngx_sent_conv_utf8_repair(buf, &t->text, 1);
        ngx_sent_conv_unit_ok(s.len == ngx_strlen(t->cut)
                              && ngx_memcmp(buf, t->cut, s.len) == 0,
                              "repaired %d, cut", (int) n);
    }
}
