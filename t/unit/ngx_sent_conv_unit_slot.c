
/*
 * Tests of the slots of keys in a cluster; what is expected was told by Redis.
 */


#include "ngx_sent_conv_unit.h"


static struct {
    const char  *key;
    ngx_uint_t   slot;
} ngx_sent_conv_unit_slots[] = {
    { "", 0 },
    { "foo", 12182 },
    { "123456789", 12739 },
    { "17", 12304 },
    { "sc:{17}:w:fc1bd383", 12304 },
    { "foo{}{bar}", 8363 },
    { "foo{{bar}}zap", 4015 },
    { "foo{bar}{zap}", 5061 },
    { "a{b", 13340 },
    { "a}b{c}", 7365 },
    { "sc:{7ba7b820-9dad-11d1-80b4-00c04fd430c8}:settings", 12719 },
    { NULL, 0 }
};


void
ngx_sent_conv_unit_slot(ngx_pool_t *pool)
{
    ngx_str_t   key;
    ngx_uint_t  i, slot;

    for (i = 0; ngx_sent_conv_unit_slots[i].key; i++) {
        key = ngx_sent_conv_unit_str(pool, ngx_sent_conv_unit_slots[i].key);
        slot = ngx_sent_conv_slot(&key);

        ngx_sent_conv_unit_ok(slot == ngx_sent_conv_unit_slots[i].slot,
                              "slot of \"%s\": %lu",
                              ngx_sent_conv_unit_slots[i].key,
                              (unsigned long) slot);
    }
}
