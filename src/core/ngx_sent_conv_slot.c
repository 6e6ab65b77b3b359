
/*
 * The slot of a key in a Redis Cluster.
 */


#include "ngx_sent_conv_core.h"


/* CRC-16/XMODEM, by half a byte */

static const uint16_t  ngx_sent_conv_slot_crc[] = {
    0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
    0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef
};


ngx_uint_t
ngx_sent_conv_slot(ngx_str_t *key)
{
    u_char    *p, *last, *end;
    uint16_t   crc;

    p = key->data;
    last = p + key->len;

    p = ngx_strlchr(p, last, '{');
    end = (p != NULL) ? ngx_strlchr(p, last, '}') : NULL;

    if (end != NULL && end > p + 1) {
        p++;
        last = end;

    } else {
        p = key->data;
    }

    for (crc = 0; p < last; p++) {
        crc = (uint16_t) (crc << 4)
              ^ ngx_sent_conv_slot_crc[(crc >> 12) ^ (*p >> 4)];
        crc = (uint16_t) (crc << 4)
              ^ ngx_sent_conv_slot_crc[(crc >> 12) ^ (*p & 0xf)];
    }

    return crc & (NGX_SENT_CONV_CLUSTER_SLOTS - 1);
}
