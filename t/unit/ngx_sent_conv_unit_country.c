
/*
 * Tests of the country calling codes of numbers.
 */


#include "ngx_sent_conv_unit.h"


static void ngx_sent_conv_unit_country_one(ngx_pool_t *pool,
    const char *phone, const char *expected);
static void ngx_sent_conv_unit_country_all(void);


/* assigned by ITU-T, List of E.164 country codes */

static const char  *ngx_sent_conv_unit_countries[] = {
    "1", "7",

    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43",
    "44", "45", "46", "47", "48", "49", "51", "52", "53", "54", "55", "56",
    "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
    "86", "90", "91", "92", "93", "94", "95", "98",

    "211", "212", "213", "216", "218", "220", "221", "222", "223", "224",
    "225", "226", "227", "228", "229", "230", "231", "232", "233", "234",
    "235", "236", "237", "238", "239", "240", "241", "242", "243", "244",
    "245", "246", "247", "248", "249", "250", "251", "252", "253", "254",
    "255", "256", "257", "258", "260", "261", "262", "263", "264", "265",
    "266", "267", "268", "269", "290", "291", "297", "298", "299",
    "350", "351", "352", "353", "354", "355", "356", "357", "358", "359",
    "370", "371", "372", "373", "374", "375", "376", "377", "378", "379",
    "380", "381", "382", "383", "385", "386", "387", "389",
    "420", "421", "423",
    "500", "501", "502", "503", "504", "505", "506", "507", "508", "509",
    "590", "591", "592", "593", "594", "595", "596", "597", "598", "599",
    "670", "672", "673", "674", "675", "676", "677", "678", "679", "680",
    "681", "682", "683", "685", "686", "687", "688", "689", "690", "691",
    "692",
    "800", "808", "850", "852", "853", "855", "856", "870", "878", "880",
    "881", "882", "883", "886", "888",
    "960", "961", "962", "963", "964", "965", "966", "967", "968", "970",
    "971", "972", "973", "974", "975", "976", "977", "979", "992", "993",
    "994", "995", "996", "998",
    NULL
};


void
ngx_sent_conv_unit_country(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_country_one(pool, "+14155550100", "1");
    ngx_sent_conv_unit_country_one(pool, "+12684640100", "1");
    ngx_sent_conv_unit_country_one(pool, "+18095550100", "1");
    ngx_sent_conv_unit_country_one(pool, "+79161234567", "7");
    ngx_sent_conv_unit_country_one(pool, "+77011234567", "7");
    ngx_sent_conv_unit_country_one(pool, "+447700900123", "44");
    ngx_sent_conv_unit_country_one(pool, "+4915112345678", "49");
    ngx_sent_conv_unit_country_one(pool, "+5511987654321", "55");
    ngx_sent_conv_unit_country_one(pool, "+919812345678", "91");
    ngx_sent_conv_unit_country_one(pool, "+390612345678", "39");
    ngx_sent_conv_unit_country_one(pool, "+995555123456", "995");
    ngx_sent_conv_unit_country_one(pool, "+353851234567", "353");
    ngx_sent_conv_unit_country_one(pool, "+420601123456", "420");
    ngx_sent_conv_unit_country_one(pool, "+972501234567", "972");

    /* the shortest and the longest */

    ngx_sent_conv_unit_country_one(pool, "+29012345", "290");
    ngx_sent_conv_unit_country_one(pool, "+20123456", "20");
    ngx_sent_conv_unit_country_one(pool, "+12345678", "1");
    ngx_sent_conv_unit_country_one(pool, "+882123456789012", "882");

    ngx_sent_conv_unit_country_all();
}


static void
ngx_sent_conv_unit_country_one(ngx_pool_t *pool, const char *phone,
    const char *expected)
{
    ngx_str_t  s, code;

    s = ngx_sent_conv_unit_str(pool, phone);
    code = ngx_sent_conv_phone_country(&s);

    ngx_sent_conv_unit_is(&code, expected, "country of a number");
}


/* every code that there is, whatever digits follow it */

static void
ngx_sent_conv_unit_country_all(void)
{
    u_char       buf[16], *p;
    ngx_str_t    phone, code;
    ngx_uint_t   digit, n, wrong, codes[4];
    const char  **is;

    wrong = 0;
    ngx_memzero(codes, sizeof(codes));

    for (is = ngx_sent_conv_unit_countries; *is; is++) {
        n = ngx_strlen(*is);
        codes[n]++;

        for (digit = 0; digit < 10; digit++) {
            p = ngx_sprintf(buf, "+%s", *is);
            ngx_memset(p, (int) ('0' + digit), 8);

            phone.data = buf;
            phone.len = p + 8 - buf;

            code = ngx_sent_conv_phone_country(&phone);

            if (code.len != n || code.data != buf + 1) {
                wrong++;
            }
        }
    }

    ngx_sent_conv_unit_ok(wrong == 0, "countries, %d, %d and %d of them",
                          (int) codes[1], (int) codes[2], (int) codes[3]);

    /* no code begins another: each number has one */

    wrong = 0;

    for (n = 100; n < 1000; n++) {
        phone.data = buf;
        phone.len = ngx_sprintf(buf, "+%ui5550100", n) - buf;

        code = ngx_sent_conv_phone_country(&phone);

        if (code.data != buf + 1 || code.len < 1 || code.len > 3) {
            wrong++;
        }
    }

    ngx_sent_conv_unit_ok(wrong == 0, "a country, assigned or not");
}
