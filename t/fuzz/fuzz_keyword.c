
/*
 * Keywords: of ASCII a plain model folds alike; any other text keeps its
 * keyword whatever nobody sees is put around it.
 */


#include "ngx_fuzz.h"


static ngx_str_t ngx_fuzz_fold(ngx_pool_t *pool, ngx_str_t *body);
static void ngx_fuzz_ascii(ngx_pool_t *pool, ngx_str_t *body,
    ngx_str_t *folded);
static ngx_sent_conv_keyword_e ngx_fuzz_keyword(ngx_str_t *folded);
static void ngx_fuzz_around(ngx_pool_t *pool, ngx_str_t *body,
    const char *before, const char *behind, ngx_str_t *folded);
static void ngx_fuzz_wide(ngx_pool_t *pool, ngx_str_t *body,
    ngx_str_t *folded);


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    size_t                    i;
    ngx_int_t                 rc;
    ngx_str_t                 folded, again, *word;
    ngx_array_t               words;
    ngx_sent_conv_keyword_e   keyword;

    ngx_fuzz_begin();

    rc = ngx_sent_conv_keyword_normalize(pool, input, &folded);

    if (ngx_fuzz_starved(rc)) {
        return;
    }

    /* NFC takes three characters of one at most, of as many bytes each */

    ngx_fuzz_assert(rc == NGX_OK && folded.len <= 3 * input->len);

    for (i = 0; i < folded.len; i++) {
        ngx_fuzz_assert(folded.data[i] >= ' ' && folded.data[i] != 0x7f);
        ngx_fuzz_assert(folded.data[i] < 'A' || folded.data[i] > 'Z');

        if (folded.data[i] == ' ') {
            ngx_fuzz_assert(i > 0 && i + 1 < folded.len
                            && folded.data[i + 1] != ' ');
        }
    }

    keyword = ngx_sent_conv_keyword_match(&folded, NULL);
    ngx_fuzz_assert(keyword == ngx_fuzz_keyword(&folded));

    /* a customer's word is a stop, but not in place of one of ours */

    ngx_fuzz_assert(ngx_array_init(&words, pool, 1, sizeof(ngx_str_t))
                    == NGX_OK);
    word = ngx_array_push(&words);
    *word = folded;

    ngx_fuzz_assert(ngx_sent_conv_keyword_match(&folded, &words)
                    == ((keyword || folded.len == 0)
                        ? keyword : NGX_SENT_CONV_KW_STOP));

    ngx_fuzz_ascii(pool, input, &folded);

    if (!ngx_fuzz_text(input)) {
        return;
    }

    again = ngx_fuzz_fold(pool, &folded);
    ngx_fuzz_assert(ngx_fuzz_same(&again, &folded));
    ngx_fuzz_assert(ngx_fuzz_text(&folded));

    ngx_fuzz_around(pool, input, " \t", "\r\n", &folded);
    ngx_fuzz_around(pool, input, "\xef\xbb\xbf", ".", &folded);
    ngx_fuzz_around(pool, input, "\xc2\xa0\xe2\x80\x8b", " ! \xe2\x80\xa6",
                    &folded);
    ngx_fuzz_wide(pool, input, &folded);
}


static ngx_str_t
ngx_fuzz_fold(ngx_pool_t *pool, ngx_str_t *body)
{
    ngx_str_t  exact, folded;

    exact = ngx_fuzz_copy(pool, body->data, body->len);

    ngx_fuzz_assert(ngx_sent_conv_keyword_normalize(pool, &exact, &folded)
                    == NGX_OK);

    return folded;
}


static void
ngx_fuzz_ascii(ngx_pool_t *pool, ngx_str_t *body, ngx_str_t *folded)
{
    u_char     c;
    size_t     i;
    ngx_str_t  model;

    model.data = ngx_shim_keep(pool, body->len);
    model.len = 0;

    for (i = 0; i < body->len; i++) {
        c = body->data[i];

        if (c > 0x7f) {
            return;
        }

        if (c <= ' ' || c == 0x7f) {
            if (model.len && model.data[model.len - 1] != ' ') {
                model.data[model.len++] = ' ';
            }

            continue;
        }

        model.data[model.len++] = (u_char) tolower(c);
    }

    while (model.len && (model.data[model.len - 1] == ' '
                         || ispunct(model.data[model.len - 1])))
    {
        model.len--;
    }

    ngx_fuzz_assert(ngx_fuzz_same(&model, folded));
}


static ngx_sent_conv_keyword_e
ngx_fuzz_keyword(ngx_str_t *folded)
{
    ngx_uint_t  i;

    static struct {
        const char               *word;
        ngx_sent_conv_keyword_e   keyword;
    } words[] = {
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
        { "info", NGX_SENT_CONV_KW_HELP }
    };

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (ngx_fuzz_is(folded, words[i].word)) {
            return words[i].keyword;
        }
    }

    return NGX_SENT_CONV_KW_NONE;
}


static void
ngx_fuzz_around(ngx_pool_t *pool, ngx_str_t *body, const char *before,
    const char *behind, ngx_str_t *folded)
{
    u_char     *p;
    ngx_str_t   text, is;

    text.len = strlen(before) + body->len + strlen(behind);
    text.data = ngx_shim_keep(pool, text.len);

    p = ngx_cpymem(text.data, before, strlen(before));
    p = ngx_cpymem(p, body->data, body->len);
    ngx_memcpy(p, behind, strlen(behind));

    is = ngx_fuzz_fold(pool, &text);

    ngx_fuzz_assert(ngx_fuzz_same(&is, folded));
}


/* ASCII in full width, with a joiner behind each */

static void
ngx_fuzz_wide(ngx_pool_t *pool, ngx_str_t *body, ngx_str_t *folded)
{
    u_char     *p, c;
    size_t      i;
    ngx_str_t   text, is;

    text.data = ngx_shim_keep(pool, 6 * body->len);
    p = text.data;

    for (i = 0; i < body->len; i++) {
        c = body->data[i];

        if (c > 0x20 && c < 0x7f) {
            *p++ = 0xef;
            *p++ = (u_char) (0xbc + ((c - 0x20) >> 6));
            *p++ = (u_char) (0x80 | ((c - 0x20) & 0x3f));
            p = ngx_cpymem(p, "\xe2\x80\x8d", 3);

        } else {
            *p++ = c;
        }
    }

    text.len = p - text.data;
    is = ngx_fuzz_fold(pool, &text);

    ngx_fuzz_assert(ngx_fuzz_same(&is, folded));
}
