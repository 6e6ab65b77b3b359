
/*
 * Tests of keywords.
 */


#include "ngx_sent_conv_unit.h"


typedef struct {
    ngx_str_t                text;
    ngx_sent_conv_keyword_e  keyword;
} ngx_sent_conv_unit_keyword_t;


static void ngx_sent_conv_unit_keyword_words(ngx_pool_t *pool);
static void ngx_sent_conv_unit_keyword_folds(ngx_pool_t *pool);
static void ngx_sent_conv_unit_keyword_table(void);


#define S  NGX_SENT_CONV_KW_STOP
#define I  NGX_SENT_CONV_KW_START
#define H  NGX_SENT_CONV_KW_HELP
#define N  NGX_SENT_CONV_KW_NONE


static ngx_sent_conv_unit_keyword_t  ngx_sent_conv_unit_keywords[] = {
    { ngx_string("STOP"), S },
    { ngx_string("STOPALL"), S },
    { ngx_string("STOP ALL"), S },
    { ngx_string("UNSUBSCRIBE"), S },
    { ngx_string("CANCEL"), S },
    { ngx_string("END"), S },
    { ngx_string("QUIT"), S },
    { ngx_string("REVOKE"), S },
    { ngx_string("OPTOUT"), S },
    { ngx_string("OPT OUT"), S },
    { ngx_string("START"), I },
    { ngx_string("UNSTOP"), I },
    { ngx_string("SUBSCRIBE"), I },
    { ngx_string("HELP"), H },
    { ngx_string("INFO"), H },

    { ngx_string("stop"), S },
    { ngx_string("sToP"), S },
    { ngx_string("Help"), H },
    { ngx_string("  stop  "), S },
    { ngx_string("\r\n\tstop\r\n"), S },
    { ngx_string("opt   out"), S },
    { ngx_string("opt\tout"), S },
    { ngx_string("stop\nall"), S },
    { ngx_string("stop."), S },
    { ngx_string("STOP!!!"), S },
    { ngx_string("stop ?"), S },
    { ngx_string("stop . . ."), S },
    { ngx_string("stop, "), S },
    { ngx_string("stop\""), S },
    { ngx_string("stop all!"), S },
    { ngx_string("start..."), I },

    { ngx_string("\xc2\xa0stop\xc2\xa0"), S },              /* NBSP */
    { ngx_string("opt\xc2\xa0out"), S },
    { ngx_string("opt\xe2\x80\xafout"), S },                /* U+202F */
    { ngx_string("opt\xe3\x80\x80out"), S },                /* U+3000 */
    { ngx_string("\xe3\x80\x80stop\xe3\x80\x80"), S },
    { ngx_string("stop\xe2\x80\x8b"), S },                  /* U+200B */
    { ngx_string("\xef\xbb\xbfstop"), S },                  /* U+FEFF */
    { ngx_string("st\xe2\x80\x8dop"), S },                  /* U+200D */
    { ngx_string("stop \xe2\x80\x8b all"), S },
    { ngx_string("stop\xe2\x80\xa6"), S },                  /* U+2026 */
    { ngx_string("stop\xe3\x80\x82"), S },                  /* U+3002 */
    { ngx_string("stop\xe2\x80\x9d"), S },                  /* U+201D */
    { ngx_string("\xef\xbc\xb3\xef\xbc\xb4\xef\xbc\xaf\xef\xbc\xb0"), S },
    { ngx_string("\xef\xbd\x93\xef\xbd\x94\xef\xbd\x8f\xef\xbd\x90"), S },
    { ngx_string("stop\xef\xbc\x81"), S },                  /* U+FF01 */

    { ngx_string("STOP 12345"), N },
    { ngx_string("please stop"), N },
    { ngx_string("stop it"), N },
    { ngx_string("s top"), N },
    { ngx_string("stopp"), N },
    { ngx_string("sto"), N },
    { ngx_string("STOP START"), N },
    { ngx_string("don't stop"), N },
    { ngx_string("!stop"), N },
    { ngx_string("stop\xff"), N },
    { ngx_string("stop\xe2\x80"), N },
    { ngx_string("\xd1\x95top"), N },                       /* Cyrillic dze */
    { ngx_string("st0p"), N },
    { ngx_string("!!!"), N },
    { ngx_string("   "), N },
    { ngx_string("\xe2\x80\x8b"), N },
    { ngx_string(""), N },
    { ngx_null_string, N }
};


void
ngx_sent_conv_unit_keyword(ngx_pool_t *pool)
{
    ngx_uint_t                     n;
    ngx_str_t                      folded;
    ngx_sent_conv_unit_keyword_t  *t;

    n = 0;

    for (t = ngx_sent_conv_unit_keywords; t->text.data; t++) {
        n++;

        ngx_sent_conv_unit_ok(ngx_sent_conv_keyword_normalize(pool, &t->text,
                                                              &folded)
                              == NGX_OK
                              && ngx_sent_conv_keyword_match(&folded, NULL)
                                 == t->keyword,
                              "keyword %d", (int) n);
    }

    ngx_sent_conv_unit_keyword_words(pool);
    ngx_sent_conv_unit_keyword_folds(pool);
    ngx_sent_conv_unit_keyword_table();
}


/* a customer's words: as they are given, and as contacts write them */

static void
ngx_sent_conv_unit_keyword_words(ngx_pool_t *pool)
{
    ngx_str_t    s, *word;
    ngx_uint_t   i;
    ngx_array_t  words;

    static const char  *given[] = {
        "BAJA", "No M\xc3\xa1s", "\xd0\xa1\xd0\xa2\xd0\x9e\xd0\x9f",
        "\xce\xa3\xce\xa4\xce\x9f\xce\xa0", "K\xc4\xb0MSE", "\xe9\x80\x80\xe8"
        "\xa8\x82", NULL
    };
    static const char  *written[] = {
        "baja.", " NO  M\xc3\x81S!", "\xd1\x81\xd1\x82\xd0\xbe\xd0\xbf",
        "\xcf\x83\xcf\x84\xce\xbf\xcf\x80", "kimse",
        "\xe9\x80\x80\xe8\xa8\x82\xe3\x80\x82", NULL
    };

    if (ngx_array_init(&words, pool, 8, sizeof(ngx_str_t)) != NGX_OK) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    for (i = 0; given[i]; i++) {
        s = ngx_sent_conv_unit_str(pool, given[i]);

        word = ngx_array_push(&words);
        if (word == NULL
            || ngx_sent_conv_keyword_normalize(pool, &s, word) != NGX_OK)
        {
            ngx_sent_conv_unit_ok(0, "memory");
            return;
        }
    }

    for (i = 0; written[i]; i++) {
        s = ngx_sent_conv_unit_str(pool, written[i]);

        ngx_sent_conv_unit_ok(ngx_sent_conv_keyword_normalize(pool, &s, &s)
                              == NGX_OK
                              && ngx_sent_conv_keyword_match(&s, &words) == S,
                              "word of a customer %d", (int) i);
    }

    ngx_str_set(&s, "stop");
    ngx_sent_conv_unit_ok(ngx_sent_conv_keyword_match(&s, &words) == S,
                          "stop beside the words of a customer");

    ngx_str_set(&s, "start");
    ngx_sent_conv_unit_ok(ngx_sent_conv_keyword_match(&s, &words) == I,
                          "start beside the words of a customer");

    ngx_str_set(&s, "bajamar");
    ngx_sent_conv_unit_ok(ngx_sent_conv_keyword_match(&s, &words) == N,
                          "word of a customer within another");
}


static void
ngx_sent_conv_unit_keyword_folds(ngx_pool_t *pool)
{
    ngx_str_t   s, folded;
    ngx_uint_t  i;

    static const char  *folds[][2] = {
        { "\xc3\x80\xc3\x96\xc3\x97\xc3\x98\xc3\x9e\xc3\x9f",
          "\xc3\xa0\xc3\xb6\xc3\x97\xc3\xb8\xc3\xbe\xc3\x9f" },
        { "\xc4\x80\xc5\x81\xc5\xb8\xc5\xbd\xe1\xba\x9e",
          "\xc4\x81\xc5\x82\xc3\xbf\xc5\xbe\xc3\x9f" },
        { "\xc6\xa0\xc6\xaf\xe1\xba\xa0\xe1\xbb\xbe",
          "\xc6\xa1\xc6\xb0\xe1\xba\xa1\xe1\xbb\xbf" },
        { "\xce\x86\xce\x88\xce\x8c\xce\x8f\xce\x91\xce\xa9\xcf\x82",
          "\xce\xac\xce\xad\xcf\x8c\xcf\x8e\xce\xb1\xcf\x89\xcf\x83" },
        { "\xd0\x80\xd0\x8f\xd0\x90\xd0\xaf\xd2\x90\xd2\x91",
          "\xd1\x90\xd1\x9f\xd0\xb0\xd1\x8f\xd2\x91\xd2\x91" },
        { "\xd4\xb1\xd5\x96", "\xd5\xa1\xd6\x86" },
        { "DA\xc6\x98""ATAR \xc6\x81""ARI",
          "da\xc6\x99""atar \xc9\x93""ari" },
        { "\xc6\x89\xc6\x86 T\xc6\x90 \xc6\x91U",
          "\xc9\x96\xc9\x94 t\xc9\x9b \xc6\x92u" },
        { "\xc8\xba\xc8\xbe\xe2\xb1\xaf",
          "\xe2\xb1\xa5\xe2\xb1\xa6\xc9\x90" },
        { "\xe1\xb2\xa1\xe1\xb2\xa2\xe1\xb2\x9d\xe1\xb2\x9e",
          "\xe1\x83\xa1\xe1\x83\xa2\xe1\x83\x9d\xe1\x83\x9e" },
        { "\xf0\x9e\xa4\x81\xf0\x9e\xa4\x82",
          "\xf0\x9e\xa4\xa3\xf0\x9e\xa4\xa4" },
        { "\xea\xad\xb0\xe1\x8f\xb8",
          "\xe1\x8e\xa0\xe1\x8f\xb0" },
        { "\xf0\x9f\x9b\x91 STOP", "\xf0\x9f\x9b\x91 stop" },
        { "a.b. c", "a.b. c" },
        { "\xd9\x82\xd9\x81\xd8\x9f", "\xd9\x82\xd9\x81" },
        { "E\xcc\x81t\xc3\xa9", "\xc3\xa9t\xc3\xa9" },
        { "A\xcc\x82\xcc\xa3", "\xe1\xba\xad" },
        { "A\xcc\xa3\xcc\x82", "\xe1\xba\xad" },
        { "e\xe2\x80\x8d\xcc\x81", "\xc3\xa9" },
        { "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8", "\xea\xb0\x81" },
        { "\xe0\xa5\x98", "\xe0\xa4\x95\xe0\xa4\xbc" },
        { "stop\xe1\xbf\xaf", "stop" },
        { "stop =\xcc\xb8", "stop \xe2\x89\xa0" },
        { "E\xcc\x81\xff", "e\xcc\x81\xff" },
        { NULL, NULL }
    };

    for (i = 0; folds[i][0]; i++) {
        s = ngx_sent_conv_unit_str(pool, folds[i][0]);

        if (ngx_sent_conv_keyword_normalize(pool, &s, &folded) != NGX_OK) {
            ngx_sent_conv_unit_ok(0, "memory");
            return;
        }

        ngx_sent_conv_unit_is(&folded, folds[i][1], "fold of a script");
    }
}


/* as Unicode has it: folded is folded, to itself */

static void
ngx_sent_conv_unit_keyword_table(void)
{
    uint32_t    c, folded;
    ngx_uint_t  n, wrong;

    n = 0;
    wrong = 0;

    for (c = 0; c < 0x110000; c++) {
        folded = ngx_sent_conv_fold(c);

        n += (folded != c);
        wrong += (ngx_sent_conv_fold(folded) != folded
                  || folded >= 0x110000);
    }

    ngx_sent_conv_unit_ok(n == 1429, "%d characters are folded", (int) n);
    ngx_sent_conv_unit_ok(wrong == 0, "folds are folded");
}
