
/*
 * Tests of numbers, of names of channels, and of names of keys.
 */


#include "ngx_sent_conv_unit.h"


typedef struct {
    const char  *text;
    ngx_int_t    rc;
} ngx_sent_conv_unit_phone_t;


static void ngx_sent_conv_unit_mask(ngx_pool_t *pool, const char *phone,
    const char *expected);
static void ngx_sent_conv_unit_channel(ngx_pool_t *pool);
static void ngx_sent_conv_unit_key(ngx_pool_t *pool);


static ngx_sent_conv_unit_phone_t  ngx_sent_conv_unit_phones[] = {
    { "+14155550100", NGX_OK },
    { "+12345678", NGX_OK },
    { "+123456789012345", NGX_OK },
    { "+1234567", NGX_DECLINED },
    { "+1234567890123456", NGX_DECLINED },
    { "+04155550100", NGX_DECLINED },
    { "14155550100", NGX_DECLINED },
    { "+1415555010a", NGX_DECLINED },
    { "+1 4155550100", NGX_DECLINED },
    { " 14155550100", NGX_DECLINED },
    { "+14155550100\n", NGX_DECLINED },
    { "++4155550100", NGX_DECLINED },
    { "+\xef\xbc\x91" "4155550100", NGX_DECLINED },
    { "+", NGX_DECLINED },
    { "", NGX_DECLINED },
    { NULL, 0 }
};


void
ngx_sent_conv_unit_phone(ngx_pool_t *pool)
{
    ngx_str_t                    s;
    ngx_sent_conv_unit_phone_t  *t;

    for (t = ngx_sent_conv_unit_phones; t->text; t++) {
        s = ngx_sent_conv_unit_str(pool, t->text);

        ngx_sent_conv_unit_ok(ngx_sent_conv_phone_check(&s) == t->rc,
                              "phone length %d %s", (int) s.len,
                              (t->rc == NGX_OK) ? "taken" : "refused");
    }

    ngx_sent_conv_unit_mask(pool, "+14155551234", "+1415***1234");
    ngx_sent_conv_unit_mask(pool, "+123456789012345", "+1234***2345");
    ngx_sent_conv_unit_mask(pool, "+12345678", "+12***78");
    ngx_sent_conv_unit_mask(pool, "my secret is 4711", "***");
    ngx_sent_conv_unit_mask(pool, "", "***");

    ngx_sent_conv_unit_channel(pool);
    ngx_sent_conv_unit_key(pool);
}


static void
ngx_sent_conv_unit_mask(ngx_pool_t *pool, const char *phone,
    const char *expected)
{
    u_char     buf[NGX_SENT_CONV_MASKED_LEN];
    ngx_str_t  s, masked;

    s = ngx_sent_conv_unit_str(pool, phone);

    masked.data = buf;
    masked.len = ngx_sent_conv_phone_mask(buf, &s) - buf;

    ngx_sent_conv_unit_is(&masked, expected, "phone masked");
}


static void
ngx_sent_conv_unit_channel(ngx_pool_t *pool)
{
    ngx_str_t   s;
    ngx_uint_t  i;

    for (i = 0; i < NGX_SENT_CONV_CHANNELS; i++) {
        s = ngx_sent_conv_channel_names[i];

        ngx_sent_conv_unit_ok(ngx_sent_conv_channel_parse(&s) == i,
                              "channel %s", (char *) s.data);
    }

    s = ngx_sent_conv_unit_str(pool, "SMS");
    ngx_sent_conv_unit_ok(ngx_sent_conv_channel_parse(&s)
                          == NGX_SENT_CONV_CHANNELS, "channel in capitals");

    s = ngx_sent_conv_unit_str(pool, "sm");
    ngx_sent_conv_unit_ok(ngx_sent_conv_channel_parse(&s)
                          == NGX_SENT_CONV_CHANNELS, "channel cut short");

    s = ngx_sent_conv_unit_str(pool, "");
    ngx_sent_conv_unit_ok(ngx_sent_conv_channel_parse(&s)
                          == NGX_SENT_CONV_CHANNELS, "channel empty");
}


static void
ngx_sent_conv_unit_key(ngx_pool_t *pool)
{
    u_char     buf[256];
    ngx_str_t  prefix, rest, key;

    prefix = ngx_sent_conv_unit_str(pool, "sc:");
    rest = ngx_sent_conv_unit_str(pool,
                                  "fc1bd383-eaec-5fe1-af0e-da809db71adb");

    key.data = buf;

    key.len = ngx_sent_conv_key_part(buf, &prefix, 0, "w", &rest) - buf;
    ngx_sent_conv_unit_is(&key,
                          "sc:{0}:w:fc1bd383-eaec-5fe1-af0e-da809db71adb",
                          "key of a window");

    key.len = ngx_sent_conv_key_part(buf, &prefix, 1023, "q:sms", &rest)
              - buf;
    ngx_sent_conv_unit_is(&key,
                      "sc:{1023}:q:sms:fc1bd383-eaec-5fe1-af0e-da809db71adb",
                      "key of a lane");

    key.len = ngx_sent_conv_key_part(buf, &prefix, 40, "lanes", NULL) - buf;
    ngx_sent_conv_unit_is(&key, "sc:{40}:lanes", "key of a partition");

    key.len = ngx_sent_conv_key_customer(buf, &prefix, &rest, "webhooks")
              - buf;
    ngx_sent_conv_unit_is(&key,
                     "sc:{fc1bd383-eaec-5fe1-af0e-da809db71adb}:webhooks",
                     "key of a customer");
}
