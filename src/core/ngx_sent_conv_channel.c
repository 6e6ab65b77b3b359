
/*
 * Names of channels.
 */


#include "ngx_sent_conv.h"


ngx_str_t  ngx_sent_conv_channel_names[] = {
    ngx_string("whatsapp"),
    ngx_string("sms"),
    ngx_string("rcs"),
    ngx_null_string
};


const ngx_uint_t  ngx_sent_conv_channel_max[] = {
    NGX_SENT_CONV_MAX_BODY,
    NGX_SENT_CONV_MAX_BODY_SMS,
    NGX_SENT_CONV_MAX_BODY_RCS
};


ngx_sent_conv_channel_e
ngx_sent_conv_channel_parse(ngx_str_t *name)
{
    ngx_str_t   *known;
    ngx_uint_t   i;

    for (i = 0; i < NGX_SENT_CONV_CHANNELS; i++) {
        known = &ngx_sent_conv_channel_names[i];

        if (name->len == known->len
            && ngx_memcmp(name->data, known->data, known->len) == 0)
        {
            break;
        }
    }

    return (ngx_sent_conv_channel_e) i;
}
