
/*
 * Keywords of consent: a body folded to what a person meant, and the words
 * that every contact may rely on.
 */


#include "ngx_sent_conv_core.h"


/* bytes of the longest keyword, however it is written, and more */
#define NGX_SENT_CONV_KEYWORD_MAX  1024


typedef struct {
    ngx_str_t                text;
    ngx_sent_conv_keyword_e  keyword;
} ngx_sent_conv_keyword_word_t;


static void ngx_sent_conv_keyword_trim(ngx_str_t *folded);
static ngx_uint_t ngx_sent_conv_keyword_within(uint32_t c,
    const uint32_t (*range)[2]);
static ngx_uint_t ngx_sent_conv_keyword_is(ngx_str_t *folded, ngx_str_t *word);


static const uint32_t  ngx_sent_conv_keyword_spaces[][2] = {
    { 0x0000, 0x0020 },
    { 0x007f, 0x00a0 },
    { 0x1680, 0x1680 },
    { 0x2000, 0x200a },
    { 0x2028, 0x2029 },
    { 0x202f, 0x202f },
    { 0x205f, 0x205f },
    { 0x3000, 0x3000 },
    { 0, 0 }
};


/* without width: nobody sees them, not even in the middle of a word */

static const uint32_t  ngx_sent_conv_keyword_zero_width[][2] = {
    { 0x00ad, 0x00ad },
    { 0x034f, 0x034f },
    { 0x061c, 0x061c },
    { 0x180e, 0x180e },
    { 0x200b, 0x200f },
    { 0x202a, 0x202e },
    { 0x2060, 0x206f },
    { 0xfe00, 0xfe0f },
    { 0xfeff, 0xfeff },
    { 0, 0 }
};


static const uint32_t  ngx_sent_conv_keyword_punctuation[][2] = {
    { 0x0021, 0x002f },
    { 0x003a, 0x0040 },
    { 0x005b, 0x0060 },
    { 0x007b, 0x007e },
    { 0x00a1, 0x00a1 },
    { 0x00ab, 0x00ab },
    { 0x00b4, 0x00b4 },
    { 0x00b7, 0x00b7 },
    { 0x00bb, 0x00bb },
    { 0x00bf, 0x00bf },
    { 0x037e, 0x037e },
    { 0x0387, 0x0387 },
    { 0x0589, 0x058a },
    { 0x05be, 0x05be },
    { 0x060c, 0x060d },
    { 0x061b, 0x061b },
    { 0x061e, 0x061f },
    { 0x06d4, 0x06d4 },
    { 0x0964, 0x0965 },
    { 0x104a, 0x104b },
    { 0x1362, 0x1368 },
    { 0x17d4, 0x17d5 },
    { 0x2010, 0x2027 },
    { 0x2030, 0x205e },
    { 0x3001, 0x3003 },
    { 0x3008, 0x3011 },
    { 0x3014, 0x301f },
    { 0x30fb, 0x30fb },
    { 0xfe50, 0xfe52 },
    { 0xfe54, 0xfe57 },
    { 0xff61, 0xff65 },
    { 0, 0 }
};


static ngx_sent_conv_keyword_word_t  ngx_sent_conv_keyword_words[] = {
    { ngx_string("stop"), NGX_SENT_CONV_KW_STOP },
    { ngx_string("stopall"), NGX_SENT_CONV_KW_STOP },
    { ngx_string("stop all"), NGX_SENT_CONV_KW_STOP },
    { ngx_string("unsubscribe"), NGX_SENT_CONV_KW_STOP },
    { ngx_string("cancel"), NGX_SENT_CONV_KW_STOP },
    { ngx_string("end"), NGX_SENT_CONV_KW_STOP },
    { ngx_string("quit"), NGX_SENT_CONV_KW_STOP },
    { ngx_string("revoke"), NGX_SENT_CONV_KW_STOP },
    { ngx_string("optout"), NGX_SENT_CONV_KW_STOP },
    { ngx_string("opt out"), NGX_SENT_CONV_KW_STOP },
    { ngx_string("start"), NGX_SENT_CONV_KW_START },
    { ngx_string("unstop"), NGX_SENT_CONV_KW_START },
    { ngx_string("subscribe"), NGX_SENT_CONV_KW_START },
    { ngx_string("help"), NGX_SENT_CONV_KW_HELP },
    { ngx_string("info"), NGX_SENT_CONV_KW_HELP },
    { ngx_null_string, NGX_SENT_CONV_KW_NONE }
};


ngx_int_t
ngx_sent_conv_keyword_normalize(ngx_pool_t *pool, ngx_str_t *body,
    ngx_str_t *folded)
{
    u_char      *p, *q, *at, *last, *start;
    uint32_t     c;
    ngx_uint_t   space;

    /* a fold makes three bytes of two at most */

    start = ngx_pnalloc(pool, body->len + body->len / 2);
    if (start == NULL) {
        return NGX_ERROR;
    }

    p = body->data;
    last = p + body->len;
    q = start;
    space = 0;

    while (p < last) {
        at = p;
        c = ngx_sent_conv_utf8_decode(&p, last);

        if (c != NGX_SENT_CONV_UTF8_INVALID) {

            if (ngx_sent_conv_keyword_within(c,
                                            ngx_sent_conv_keyword_zero_width))
            {
                continue;
            }

            if (ngx_sent_conv_keyword_within(c, ngx_sent_conv_keyword_spaces))
            {
                space = (q > start);
                continue;
            }
        }

        if (space) {
            *q++ = ' ';
            space = 0;
        }

        if (c == NGX_SENT_CONV_UTF8_INVALID) {
            /* it stays as it is, and matches nothing */
            *q++ = *at;

        } else {
            if (c >= 0xff01 && c <= 0xff5e) {
                c -= 0xff01 - 0x21;
            }

            c = ngx_sent_conv_fold(c);
            q = ngx_sent_conv_utf8_encode(q, c);
        }
    }

    folded->data = start;
    folded->len = q - start;

    ngx_sent_conv_keyword_trim(folded);

    if (folded->len > NGX_SENT_CONV_KEYWORD_MAX) {
        return NGX_OK;
    }

    if (ngx_sent_conv_nfc(pool, folded) == NGX_ERROR) {
        return NGX_ERROR;
    }

    /* what was put together may be punctuation */

    ngx_sent_conv_keyword_trim(folded);

    return NGX_OK;
}


static void
ngx_sent_conv_keyword_trim(ngx_str_t *folded)
{
    u_char    *p, *last, *keep;
    uint32_t   c;

    p = folded->data;
    last = p + folded->len;
    keep = p;

    while (p < last) {
        c = ngx_sent_conv_utf8_decode(&p, last);

        if (c != ' '
            && !ngx_sent_conv_keyword_within(c,
                                           ngx_sent_conv_keyword_punctuation))
        {
            keep = p;
        }
    }

    folded->len = keep - folded->data;
}


ngx_sent_conv_keyword_e
ngx_sent_conv_keyword_match(ngx_str_t *folded, ngx_array_t *words)
{
    ngx_str_t                     *word;
    ngx_uint_t                     i;
    ngx_sent_conv_keyword_word_t  *known;

    if (folded->len == 0) {
        return NGX_SENT_CONV_KW_NONE;
    }

    for (known = ngx_sent_conv_keyword_words; known->text.len; known++) {
        if (ngx_sent_conv_keyword_is(folded, &known->text)) {
            return known->keyword;
        }
    }

    if (words == NULL) {
        return NGX_SENT_CONV_KW_NONE;
    }

    word = words->elts;

    for (i = 0; i < words->nelts; i++) {
        if (ngx_sent_conv_keyword_is(folded, &word[i])) {
            return NGX_SENT_CONV_KW_STOP;
        }
    }

    return NGX_SENT_CONV_KW_NONE;
}


ngx_int_t
ngx_sent_conv_keyword_check(ngx_pool_t *pool, ngx_str_t *word)
{
    ngx_str_t                folded;
    ngx_sent_conv_keyword_e  keyword;

    if (ngx_sent_conv_keyword_normalize(pool, word, &folded) != NGX_OK) {
        return NGX_ERROR;
    }

    keyword = ngx_sent_conv_keyword_match(&folded, NULL);

    return (folded.len == 0 || keyword == NGX_SENT_CONV_KW_START
            || keyword == NGX_SENT_CONV_KW_HELP) ? NGX_DECLINED : NGX_OK;
}


static ngx_uint_t
ngx_sent_conv_keyword_within(uint32_t c, const uint32_t (*range)[2])
{
    for ( /* void */ ; (*range)[1]; range++) {

        if (c < (*range)[0]) {
            return 0;
        }

        if (c <= (*range)[1]) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_sent_conv_keyword_is(ngx_str_t *folded, ngx_str_t *word)
{
    return folded->len == word->len
           && ngx_memcmp(folded->data, word->data, word->len) == 0;
}
