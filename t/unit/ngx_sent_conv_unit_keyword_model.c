
/*
 * Keywords against a slow, obvious model of the same rules, on bodies made at
 * random out of what people and machines write.
 */


#include "ngx_sent_conv_unit.h"


#define NGX_SENT_CONV_UNIT_BODIES  200000
#define NGX_SENT_CONV_UNIT_CHARS   256


typedef struct {
    uint32_t    c[NGX_SENT_CONV_UNIT_CHARS];
    ngx_uint_t  n;
} ngx_sent_conv_unit_text_t;


static uint32_t ngx_sent_conv_unit_random(ngx_uint_t n);
static void ngx_sent_conv_unit_body(ngx_sent_conv_unit_text_t *body);
static void ngx_sent_conv_unit_word(ngx_sent_conv_unit_text_t *body);
static void ngx_sent_conv_unit_put(ngx_sent_conv_unit_text_t *body,
    uint32_t c);
static ngx_uint_t ngx_sent_conv_unit_in(uint32_t c, const uint32_t *set);
static uint32_t ngx_sent_conv_unit_lower(uint32_t c);
static void ngx_sent_conv_unit_model(ngx_sent_conv_unit_text_t *body,
    ngx_sent_conv_unit_text_t *folded);
static ngx_sent_conv_keyword_e ngx_sent_conv_unit_meaning(
    ngx_sent_conv_unit_text_t *folded);
static ngx_str_t ngx_sent_conv_unit_bytes(ngx_sent_conv_unit_text_t *text,
    u_char *buf);


static uint32_t  ngx_sent_conv_unit_seed;

static const uint32_t  ngx_sent_conv_unit_hidden[] = {
    0x200b, 0x200c, 0x200d, 0x2060, 0xfeff, 0xad, 0
};

static const uint32_t  ngx_sent_conv_unit_blank[] = {
    0x20, 0x09, 0x0a, 0x0d, 0xa0, 0x2009, 0x202f, 0x3000, 0
};

static const uint32_t  ngx_sent_conv_unit_points[] = {
    '!', '.', '?', ',', ';', ':', '"', '\'', '(', ')', '-', '*', '#',
    0x2026, 0x3002, 0x201d, 0xbf, 0xa1, 0
};

static const struct {
    const char               *word;
    ngx_sent_conv_keyword_e   keyword;
} ngx_sent_conv_unit_ours[] = {
    { "stop", NGX_SENT_CONV_KW_STOP },
    { "stopall", NGX_SENT_CONV_KW_STOP },
    { "stop all", NGX_SENT_CONV_KW_STOP },
    { "unsubscribe", NGX_SENT_CONV_KW_STOP },
    { "cancel", NGX_SENT_CONV_KW_STOP },
    { "end", NGX_SENT_CONV_KW_STOP },
    { "quit", NGX_SENT_CONV_KW_STOP },
    { "revoke", NGX_SENT_CONV_KW_STOP },
    { "optout", NGX_SENT_CONV_KW_STOP },
    { "opt out", NGX_SENT_CONV_KW_STOP },
    { "start", NGX_SENT_CONV_KW_START },
    { "unstop", NGX_SENT_CONV_KW_START },
    { "subscribe", NGX_SENT_CONV_KW_START },
    { "help", NGX_SENT_CONV_KW_HELP },
    { "info", NGX_SENT_CONV_KW_HELP },
    { NULL, NGX_SENT_CONV_KW_NONE }
};

/* a customer's own: Cyrillic and Greek "stop", in small letters */

static const uint32_t  ngx_sent_conv_unit_theirs[][6] = {
    { 0x441, 0x442, 0x43e, 0x43f, 0 },
    { 0x3c3, 0x3c4, 0x3bf, 0x3c0, 0 }
};


void
ngx_sent_conv_unit_keyword_model(ngx_pool_t *pool)
{
    u_char                     bytes[4 * NGX_SENT_CONV_UNIT_CHARS];
    u_char                     theirs[2][16], model[sizeof(bytes)];
    ngx_str_t                  text, folded, should, *word;
    ngx_uint_t                 i, wrong, unlike, stops;
    ngx_pool_t                *temp;
    ngx_array_t                words;
    ngx_sent_conv_unit_text_t  body, is;

    if (ngx_array_init(&words, pool, 2, sizeof(ngx_str_t)) != NGX_OK) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    for (i = 0; i < 2; i++) {
        for (body.n = 0; ngx_sent_conv_unit_theirs[i][body.n]; body.n++) {
            body.c[body.n] = ngx_sent_conv_unit_theirs[i][body.n];
        }

        word = ngx_array_push(&words);
        *word = ngx_sent_conv_unit_bytes(&body, theirs[i]);
    }

    ngx_sent_conv_unit_seed = 2463534242;
    wrong = 0;
    unlike = 0;
    stops = 0;

    for (i = 0; i < NGX_SENT_CONV_UNIT_BODIES; i++) {

        temp = ngx_create_pool(1024, pool->log);
        if (temp == NULL) {
            break;
        }

        ngx_sent_conv_unit_body(&body);
        ngx_sent_conv_unit_model(&body, &is);

        text = ngx_sent_conv_unit_bytes(&body, bytes);
        should = ngx_sent_conv_unit_bytes(&is, model);

        if (ngx_sent_conv_keyword_normalize(temp, &text, &folded) != NGX_OK
            || folded.len != should.len
            || (folded.len
                && ngx_memcmp(folded.data, should.data, folded.len) != 0))
        {
            unlike++;
        }

        if (ngx_sent_conv_keyword_match(&folded, &words)
            != ngx_sent_conv_unit_meaning(&is))
        {
            wrong++;
        }

        stops += ngx_sent_conv_unit_meaning(&is) == NGX_SENT_CONV_KW_STOP;

        ngx_destroy_pool(temp);
    }

    ngx_sent_conv_unit_ok(i == NGX_SENT_CONV_UNIT_BODIES && unlike == 0,
                          "keywords: folded as the model has it");
    ngx_sent_conv_unit_ok(wrong == 0, "keywords: understood as the model");
    ngx_sent_conv_unit_ok(stops > NGX_SENT_CONV_UNIT_BODIES / 20
                          && stops < NGX_SENT_CONV_UNIT_BODIES / 2,
                          "keywords: some of them are a STOP");
}


/* Marsaglia's xorshift: the same bodies each time */

static uint32_t
ngx_sent_conv_unit_random(ngx_uint_t n)
{
    uint32_t  x;

    x = ngx_sent_conv_unit_seed;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    ngx_sent_conv_unit_seed = x;

    return x % (uint32_t) n;
}


/* mostly a word with this and that around it, at times in it or behind it */

static void
ngx_sent_conv_unit_body(ngx_sent_conv_unit_text_t *body)
{
    ngx_uint_t  i, n;

    body->n = 0;
    n = 1 + ngx_sent_conv_unit_random(5);

    for (i = 0; i < n; i++) {

        switch (ngx_sent_conv_unit_random(i == 0 ? 6 : 9)) {

        case 0:
            ngx_sent_conv_unit_put(body, ngx_sent_conv_unit_hidden[
                                             ngx_sent_conv_unit_random(6)]);
            break;

        case 1:
        case 2:
            ngx_sent_conv_unit_put(body, ngx_sent_conv_unit_blank[
                                             ngx_sent_conv_unit_random(8)]);
            break;

        case 6:
        case 7:
            ngx_sent_conv_unit_put(body, ngx_sent_conv_unit_points[
                                             ngx_sent_conv_unit_random(18)]);
            break;

        case 8:
            ngx_sent_conv_unit_put(body, "1zZ\xe9"[
                                             ngx_sent_conv_unit_random(3)]);
            break;

        default:
            ngx_sent_conv_unit_word(body);
        }
    }
}


static void
ngx_sent_conv_unit_word(ngx_sent_conv_unit_text_t *body)
{
    uint32_t         c;
    const char      *p;
    ngx_uint_t       i;
    const uint32_t  *own;

    i = ngx_sent_conv_unit_random(17);

    if (i > 14) {

        for (own = ngx_sent_conv_unit_theirs[i - 15]; *own; own++) {
            ngx_sent_conv_unit_put(body, *own
                                   - (ngx_sent_conv_unit_random(2) ? 0x20
                                                                   : 0));
        }

        return;
    }

    for (p = ngx_sent_conv_unit_ours[i].word; *p; p++) {
        c = *p;

        if (c == ' ') {
            c = ngx_sent_conv_unit_blank[ngx_sent_conv_unit_random(8)];

        } else {
            c -= ngx_sent_conv_unit_random(2) ? 0x20 : 0;
            c += ngx_sent_conv_unit_random(8) ? 0 : 0xff01 - 0x21;
        }

        ngx_sent_conv_unit_put(body, c);

        if (ngx_sent_conv_unit_random(20) == 0) {
            ngx_sent_conv_unit_put(body, ngx_sent_conv_unit_hidden[
                                             ngx_sent_conv_unit_random(6)]);
        }
    }
}


static void
ngx_sent_conv_unit_put(ngx_sent_conv_unit_text_t *body, uint32_t c)
{
    body->c[body->n++] = c;
}


static ngx_uint_t
ngx_sent_conv_unit_in(uint32_t c, const uint32_t *set)
{
    while (*set && *set != c) {
        set++;
    }

    return *set == c && c != 0;
}


static uint32_t
ngx_sent_conv_unit_lower(uint32_t c)
{
    if (c >= 0xff01 && c <= 0xff5e) {
        c -= 0xff01 - 0x21;
    }

    if ((c >= 'A' && c <= 'Z') || (c >= 0x410 && c <= 0x42f)
        || (c >= 0x391 && c <= 0x3a9))
    {
        c += 0x20;
    }

    return c;
}


/*
 * Nobody sees what has no width; any run of space is one, at the ends none;
 * behind the last letter or digit nothing counts.
 */

static void
ngx_sent_conv_unit_model(ngx_sent_conv_unit_text_t *body,
    ngx_sent_conv_unit_text_t *folded)
{
    uint32_t    c, last;
    ngx_uint_t  i;

    folded->n = 0;

    for (i = 0; i < body->n; i++) {
        c = ngx_sent_conv_unit_lower(body->c[i]);

        if (ngx_sent_conv_unit_in(c, ngx_sent_conv_unit_hidden)) {
            continue;
        }

        if (ngx_sent_conv_unit_in(c, ngx_sent_conv_unit_blank)) {
            c = ' ';

            if (folded->n == 0 || folded->c[folded->n - 1] == ' ') {
                continue;
            }
        }

        ngx_sent_conv_unit_put(folded, c);
    }

    while (folded->n) {
        last = folded->c[folded->n - 1];

        if (last != ' '
            && !ngx_sent_conv_unit_in(last, ngx_sent_conv_unit_points))
        {
            break;
        }

        folded->n--;
    }
}


static ngx_sent_conv_keyword_e
ngx_sent_conv_unit_meaning(ngx_sent_conv_unit_text_t *folded)
{
    ngx_uint_t   i, n;
    const char  *word;

    for (i = 0; ngx_sent_conv_unit_ours[i].word; i++) {
        word = ngx_sent_conv_unit_ours[i].word;

        for (n = 0; n < folded->n && word[n]; n++) {
            if (folded->c[n] != (uint32_t) word[n]) {
                break;
            }
        }

        if (n == folded->n && word[n] == '\0') {
            return ngx_sent_conv_unit_ours[i].keyword;
        }
    }

    for (i = 0; i < 2; i++) {
        for (n = 0; n < folded->n && ngx_sent_conv_unit_theirs[i][n]; n++) {
            if (folded->c[n] != ngx_sent_conv_unit_theirs[i][n]) {
                break;
            }
        }

        if (n == 4 && folded->n == 4) {
            return NGX_SENT_CONV_KW_STOP;
        }
    }

    return NGX_SENT_CONV_KW_NONE;
}


static ngx_str_t
ngx_sent_conv_unit_bytes(ngx_sent_conv_unit_text_t *text, u_char *buf)
{
    u_char      *p;
    ngx_str_t    s;
    ngx_uint_t   i;

    p = buf;

    for (i = 0; i < text->n; i++) {
        p = ngx_sent_conv_utf8_encode(p, text->c[i]);
    }

    s.data = buf;
    s.len = p - buf;

    return s;
}
