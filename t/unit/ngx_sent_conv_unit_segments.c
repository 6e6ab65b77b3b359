
/*
 * Tests of how many SMS a text takes.
 */


#include "ngx_sent_conv_unit.h"


#define CYRILLIC  "\xd1\x8e"
#define EURO      "\xe2\x82\xac"
#define FACE      "\xf0\x9f\x98\x80"


typedef struct {
    const char  *a;
    ngx_uint_t   na;
    const char  *b;
    ngx_uint_t   nb;
    const char  *c;
    ngx_uint_t   nc;
    ngx_uint_t   segments;
} ngx_sent_conv_unit_segments_t;


static u_char *ngx_sent_conv_unit_segments_put(u_char *p, const char *text,
    ngx_uint_t n);
static ngx_uint_t ngx_sent_conv_unit_segments_of(ngx_pool_t *pool,
    ngx_sent_conv_unit_segments_t *t);
static void ngx_sent_conv_unit_segments_alphabet(ngx_pool_t *pool);
static void ngx_sent_conv_unit_segments_sweep(void);


static ngx_sent_conv_unit_segments_t  ngx_sent_conv_unit_segments_texts[] = {

    { "", 0, "", 0, "", 0, 1 },
    { "a", 1, "", 0, "", 0, 1 },

    /* septets: 160, or 153 in each part */

    { "a", 159, "", 0, "", 0, 1 },
    { "a", 160, "", 0, "", 0, 1 },
    { "a", 161, "", 0, "", 0, 2 },
    { "a", 305, "", 0, "", 0, 2 },
    { "a", 306, "", 0, "", 0, 2 },
    { "a", 307, "", 0, "", 0, 3 },
    { "a", 459, "", 0, "", 0, 3 },
    { "a", 460, "", 0, "", 0, 4 },
    { "a", 1530, "", 0, "", 0, 10 },
    { "a", 1531, "", 0, "", 0, 11 },
    { "\xc3\xa9", 160, "", 0, "", 0, 1 },
    { "\xc3\xa9", 161, "", 0, "", 0, 2 },
    { "\n", 160, "", 0, "", 0, 1 },
    { "\r\n", 80, "", 0, "", 0, 1 },
    { "\r\n", 80, "a", 1, "", 0, 2 },

    /* of the extension table, two each */

    { EURO, 80, "", 0, "", 0, 1 },
    { EURO, 80, "a", 1, "", 0, 2 },
    { EURO, 81, "", 0, "", 0, 2 },
    { "a", 159, "[", 1, "", 0, 2 },
    { "a", 158, "[", 1, "", 0, 1 },
    { "{}", 40, "", 0, "", 0, 1 },
    { "{}", 40, "~", 1, "", 0, 2 },

    /* not cut in two: 76 fit a part, and leave a septet of it */

    { EURO, 152, "", 0, "", 0, 2 },
    { EURO, 153, "", 0, "", 0, 3 },
    { EURO, 152, "a", 1, "", 0, 2 },
    { EURO, 152, "a", 2, "", 0, 3 },
    { "a", 151, EURO, 1, "a", 153, 2 },
    { "a", 152, EURO, 1, "a", 151, 2 },
    { "a", 152, EURO, 1, "a", 152, 3 },
    { "a", 153, EURO, 1, "a", 151, 2 },
    { "a", 304, EURO, 1, "", 0, 2 },
    { "a", 305, EURO, 1, "", 0, 3 },

    /* that would be cut, were there more than one */

    { "a", 152, EURO, 1, "a", 6, 1 },
    { "a", 152, EURO, 1, "a", 7, 2 },

    /* UTF-16 units: 70, or 67 in each part */

    { CYRILLIC, 1, "", 0, "", 0, 1 },
    { CYRILLIC, 69, "", 0, "", 0, 1 },
    { CYRILLIC, 70, "", 0, "", 0, 1 },
    { CYRILLIC, 71, "", 0, "", 0, 2 },
    { CYRILLIC, 133, "", 0, "", 0, 2 },
    { CYRILLIC, 134, "", 0, "", 0, 2 },
    { CYRILLIC, 135, "", 0, "", 0, 3 },
    { CYRILLIC, 201, "", 0, "", 0, 3 },
    { CYRILLIC, 202, "", 0, "", 0, 4 },

    /* one of them, wherever it stands, and all are units */

    { CYRILLIC, 1, "a", 69, "", 0, 1 },
    { CYRILLIC, 1, "a", 70, "", 0, 2 },
    { "a", 69, CYRILLIC, 1, "", 0, 1 },
    { "a", 70, CYRILLIC, 1, "", 0, 2 },
    { "a", 160, CYRILLIC, 1, "", 0, 3 },
    { "a", 35, CYRILLIC, 1, "a", 34, 1 },
    { "a", 35, CYRILLIC, 1, "a", 35, 2 },
    { EURO, 69, CYRILLIC, 1, "", 0, 1 },
    { EURO, 70, CYRILLIC, 1, "", 0, 2 },
    { "`", 70, "", 0, "", 0, 1 },
    { "`", 71, "", 0, "", 0, 2 },

    /* surrogate pairs: 33 fit a part, and leave a unit of it */

    { FACE, 1, "", 0, "", 0, 1 },
    { FACE, 35, "", 0, "", 0, 1 },
    { FACE, 36, "", 0, "", 0, 2 },
    { FACE, 35, "a", 1, "", 0, 2 },
    { FACE, 66, "", 0, "", 0, 2 },
    { FACE, 66, "a", 1, "", 0, 2 },
    { FACE, 66, "a", 2, "", 0, 3 },
    { FACE, 67, "", 0, "", 0, 3 },
    { FACE, 99, "", 0, "", 0, 3 },
    { FACE, 100, "", 0, "", 0, 4 },
    { "a", 68, FACE, 1, "", 0, 1 },
    { "a", 69, FACE, 1, "", 0, 2 },
    { "a", 65, FACE, 1, "a", 67, 2 },
    { "a", 66, FACE, 1, "a", 2, 1 },
    { "a", 66, FACE, 1, "a", 3, 2 },
    { "a", 66, FACE, 1, "a", 65, 2 },
    { "a", 66, FACE, 1, "a", 66, 3 },
    { "a", 67, FACE, 1, "a", 65, 2 },

    { NULL, 0, NULL, 0, NULL, 0, 0 }
};


void
ngx_sent_conv_unit_segments(ngx_pool_t *pool)
{
    ngx_str_t                       empty;
    ngx_uint_t                      n, i;
    ngx_sent_conv_unit_segments_t  *t;

    for (i = 0, t = ngx_sent_conv_unit_segments_texts; t->a; i++, t++) {
        n = ngx_sent_conv_unit_segments_of(pool, t);

        ngx_sent_conv_unit_ok(n == t->segments, "segments of text %d: %d",
                              (int) i, (int) n);
    }

    ngx_str_null(&empty);
    ngx_sent_conv_unit_ok(ngx_sent_conv_segments(&empty) == 1,
                          "segments of nothing");

    ngx_sent_conv_unit_segments_alphabet(pool);
    ngx_sent_conv_unit_segments_sweep();
}


static u_char *
ngx_sent_conv_unit_segments_put(u_char *p, const char *text, ngx_uint_t n)
{
    while (n--) {
        p = ngx_cpymem(p, text, ngx_strlen(text));
    }

    return p;
}


static ngx_uint_t
ngx_sent_conv_unit_segments_of(ngx_pool_t *pool,
    ngx_sent_conv_unit_segments_t *t)
{
    u_char     *p;
    ngx_str_t   text;

    text.len = t->na * ngx_strlen(t->a) + t->nb * ngx_strlen(t->b)
               + t->nc * ngx_strlen(t->c);

    text.data = ngx_pnalloc(pool, text.len);
    if (text.data == NULL) {
        return 0;
    }

    p = ngx_sent_conv_unit_segments_put(text.data, t->a, t->na);
    p = ngx_sent_conv_unit_segments_put(p, t->b, t->nb);
    (void) ngx_sent_conv_unit_segments_put(p, t->c, t->nc);

    return ngx_sent_conv_segments(&text);
}


/* the tables as TS 23.038 has them, and what only looks as if it were there */

static void
ngx_sent_conv_unit_segments_alphabet(ngx_pool_t *pool)
{
    u_char                         *p, *last, *q, one[5];
    ngx_uint_t                      i, n, wrong;
    ngx_sent_conv_unit_segments_t   t;

    static struct {
        const char  *characters;
        ngx_uint_t   n;
        ngx_uint_t   fit;                  /* in one SMS */
        const char  *name;
    } tables[] = {

        { "@\xc2\xa3$\xc2\xa5\xc3\xa8\xc3\xa9\xc3\xb9\xc3\xac\xc3\xb2\xc3\x87"
          "\n\xc3\x98\xc3\xb8\r\xc3\x85\xc3\xa5"
          "\xce\x94_\xce\xa6\xce\x93\xce\x9b\xce\xa9\xce\xa0\xce\xa8"
          "\xce\xa3\xce\x98\xce\x9e\xc3\x86\xc3\xa6\xc3\x9f\xc3\x89"
          " !\"#\xc2\xa4%&'()*+,-./0123456789:;<=>?"
          "\xc2\xa1" "ABCDEFGHIJKLMNOPQRSTUVWXYZ\xc3\x84\xc3\x96\xc3\x91"
          "\xc3\x9c\xc2\xa7"
          "\xc2\xbf" "abcdefghijklmnopqrstuvwxyz\xc3\xa4\xc3\xb6\xc3\xb1"
          "\xc3\xbc\xc3\xa0", 127, 160, "the default alphabet" },

        { "\x0c^{}\\[~]|" EURO, 10, 80, "the extension table" },

        /* ESC, c with a cedilla, NBSP, a quote, Ohm, Cyrillic A, a fullwidth
           digit, an e and its accent, BOM */

        { "`\t\x1b\x7f\x01\xc3\xa7\xc2\xa0\xe2\x80\x99\xe2\x84\xa6\xd0\x90"
          "\xef\xbc\x91\xcc\x81\xef\xbb\xbf\xce\xb1", 14, 70,
          "neither table" },

        { FACE "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 3, 35, "the planes above" },

        { NULL, 0, 0, NULL }
    };

    for (i = 0; tables[i].name; i++) {
        p = (u_char *) tables[i].characters;
        last = p + ngx_strlen(p);
        wrong = 0;

        for (n = 0; p < last; n++) {
            q = p;
            (void) ngx_sent_conv_utf8_decode(&p, last);
            (void) ngx_cpystrn(one, q, p - q + 1);

            ngx_memzero(&t, sizeof(ngx_sent_conv_unit_segments_t));

            t.a = (char *) one;
            t.b = "";
            t.c = "";

            t.na = tables[i].fit;
            wrong += (ngx_sent_conv_unit_segments_of(pool, &t) != 1);

            t.na++;
            wrong += (ngx_sent_conv_unit_segments_of(pool, &t) != 2);
        }

        ngx_sent_conv_unit_ok(n == tables[i].n && wrong == 0,
                              "segments: %d of %s", (int) n, tables[i].name);
    }
}


/* no others of the plane are in the tables */

static void
ngx_sent_conv_unit_segments_sweep(void)
{
    u_char      buf[256], *p;
    uint32_t    c;
    ngx_str_t   text;
    ngx_uint_t  one, two;

    one = 0;
    two = 0;

    text.data = buf;

    for (c = 1; c < 0x10000; c++) {

        if (c >= 0xd800 && c < 0xe000) {
            continue;
        }

        p = ngx_sent_conv_utf8_encode(buf, c);
        ngx_memset(p, 'a', 159);

        text.len = p + 70 - buf;

        if (ngx_sent_conv_segments(&text) != 1) {
            continue;
        }

        text.len = p + 159 - buf;

        if (ngx_sent_conv_segments(&text) == 1) {
            one++;

        } else {
            two++;
        }
    }

    ngx_sent_conv_unit_ok(one == 127, "segments: %d take a septet",
                          (int) one);
    ngx_sent_conv_unit_ok(two == 10, "segments: %d take two septets",
                          (int) two);
}
