
/*
 * Tests of identifiers and partitions.
 */


#include "ngx_sent_conv_unit.h"


typedef struct {
    const char  *text;
    ngx_int_t    rc;
} ngx_sent_conv_unit_uuid_t;


static void ngx_sent_conv_unit_opens(ngx_pool_t *pool, const char *message,
    const char *conversation);
static void ngx_sent_conv_unit_names(ngx_pool_t *pool);
static void ngx_sent_conv_unit_uuid7(ngx_pool_t *pool);
static void ngx_sent_conv_unit_uuid4(ngx_pool_t *pool);
static void ngx_sent_conv_unit_partition(ngx_pool_t *pool);
static void ngx_sent_conv_unit_event(ngx_pool_t *pool);


static ngx_sent_conv_unit_uuid_t  ngx_sent_conv_unit_uuids[] = {
    { "7ba7b820-9dad-11d1-80b4-00c04fd430c8", NGX_OK },
    { "00000000-0000-0000-0000-000000000000", NGX_OK },
    { "ffffffff-ffff-ffff-ffff-ffffffffffff", NGX_OK },
    { "7ba7b820-9dad-11d1-80b4-00c04fd430c", NGX_DECLINED },
    { "7ba7b820-9dad-11d1-80b4-00c04fd430c88", NGX_DECLINED },
    { "7ba7b8209dad11d180b400c04fd430c8", NGX_DECLINED },
    { "7ba7b820-9dad-11d1-80b4-00c04fd430cg", NGX_DECLINED },
    { "7ba7b820-9dad-11d1-80b4 00c04fd430c8", NGX_DECLINED },
    { "7ba7b82-09dad-11d1-80b4-00c04fd430c8", NGX_DECLINED },
    { "{ba7b820-9dad-11d1-80b4-00c04fd430c}", NGX_DECLINED },
    { "7ba7b820-9dad-11d1-80b4-00c04fd430c\x11", NGX_DECLINED },
    { "", NGX_DECLINED },
    { NULL, 0 }
};


void
ngx_sent_conv_unit_id(ngx_pool_t *pool)
{
    ngx_str_t                   s;
    ngx_sent_conv_unit_uuid_t  *t;

    for (t = ngx_sent_conv_unit_uuids; t->text; t++) {
        s = ngx_sent_conv_unit_str(pool, t->text);

        ngx_sent_conv_unit_ok(ngx_sent_conv_uuid_check(&s) == t->rc,
                              "uuid \"%s\" %s", t->text,
                              (t->rc == NGX_OK) ? "taken" : "refused");
    }

    s = ngx_sent_conv_unit_str(pool, "7BA7B820-9DAD-11D1-80B4-00C04FD430C8");
    ngx_sent_conv_unit_ok(ngx_sent_conv_uuid_check(&s) == NGX_OK,
                          "uuid in capitals");
    ngx_sent_conv_unit_is(&s, "7ba7b820-9dad-11d1-80b4-00c04fd430c8",
                          "uuid lower-cased");

    s = ngx_sent_conv_unit_str(pool, "7BA7B820-9DAD-11D1-80B4-00C04FD430CX");
    (void) ngx_sent_conv_uuid_check(&s);
    ngx_sent_conv_unit_is(&s, "7BA7B820-9DAD-11D1-80B4-00C04FD430CX",
                          "what is no uuid unchanged");

    ngx_sent_conv_unit_opens(pool, "017f22e2-79b0-7cc3-98c4-dc0c0c073980",
                             "017f22e2-79b0-7cc3-98c4-dc0c0c073981");
    ngx_sent_conv_unit_opens(pool, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
                             "017f22e2-79b0-7cc3-98c4-dc0c0c07398e");

    ngx_sent_conv_unit_names(pool);
    ngx_sent_conv_unit_uuid7(pool);
    ngx_sent_conv_unit_uuid4(pool);
    ngx_sent_conv_unit_partition(pool);
    ngx_sent_conv_unit_event(pool);
}


static void
ngx_sent_conv_unit_opens(ngx_pool_t *pool, const char *message,
    const char *conversation)
{
    u_char     buf[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t  id;

    id.len = sizeof(buf);
    id.data = buf;

    ngx_sent_conv_conversation_id(buf,
                                  ngx_sent_conv_unit_str(pool, message).data);
    ngx_sent_conv_unit_is(&id, conversation, "what a message opens");
}


static void
ngx_sent_conv_unit_names(ngx_pool_t *pool)
{
    u_char     buf[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t  customer, contact, phone, id;

    customer = ngx_sent_conv_unit_str(pool,
                                      "7ba7b820-9dad-11d1-80b4-00c04fd430c8");
    contact = ngx_sent_conv_unit_str(pool,
                                     "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    phone = ngx_sent_conv_unit_str(pool, "+14155550100");

    id.data = buf;
    id.len = NGX_SENT_CONV_UUID_LEN;

    ngx_sent_conv_thread_id(buf, &customer, contact.data);
    ngx_sent_conv_unit_is(&id, "fc1bd383-eaec-5fe1-af0e-da809db71adb",
                          "thread_id, check value of the contract");

    ngx_sent_conv_contact_id(buf, &customer, &phone);
    ngx_sent_conv_unit_is(&id, "5ef2f5fa-6fc9-5a62-9af2-1232ecd94ee5",
                          "contact_id");
    ngx_sent_conv_unit_ok(ngx_sent_conv_uuid_version(buf) == 5,
                          "contact_id is a version 5");
}


static void
ngx_sent_conv_unit_uuid7(ngx_pool_t *pool)
{
    u_char     buf[NGX_SENT_CONV_UUID_LEN], random[10];
    ngx_str_t  thread, id;

    id.data = buf;
    id.len = NGX_SENT_CONV_UUID_LEN;

    /* the example of RFC 9562, appendix A.6 */

    ngx_memcpy(random, "\x0c\xc3\x18\xc4\xdc\x0c\x0c\x07\x39\x8f", 10);

    ngx_sent_conv_uuid7(buf, 0x017f22e279b0ULL, random, NULL);
    ngx_sent_conv_unit_is(&id, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
                          "uuid7, example of the RFC");

    thread = ngx_sent_conv_unit_str(pool,
                                    "fc1bd383-eaec-5fe1-af0e-da809db71adb");

    ngx_sent_conv_uuid7(buf, 0x017f22e279b0ULL, random, thread.data);
    ngx_sent_conv_unit_is(&id, "017f22e2-79b0-7fc1-98c4-dc0c0c07398f",
                          "uuid7 of a thread");
    ngx_sent_conv_unit_ok(ngx_sent_conv_uuid_version(buf) == 7,
                          "uuid7 is a version 7");

    ngx_memset(random, 0xff, 10);

    ngx_sent_conv_uuid7(buf, 0xffffffffffffULL, random, NULL);
    ngx_sent_conv_unit_is(&id, "ffffffff-ffff-7fff-bfff-ffffffffffff",
                          "uuid7, all bits");

    ngx_memzero(random, 10);

    ngx_sent_conv_uuid7(buf, 0, random, NULL);
    ngx_sent_conv_unit_is(&id, "00000000-0000-7000-8000-000000000000",
                          "uuid7, no bits");
}


static void
ngx_sent_conv_unit_uuid4(ngx_pool_t *pool)
{
    u_char     buf[NGX_SENT_CONV_UUID_LEN], random[16];
    ngx_str_t  id, s;

    id.data = buf;
    id.len = NGX_SENT_CONV_UUID_LEN;

    ngx_memset(random, 0xff, 16);

    ngx_sent_conv_uuid4(buf, random);
    ngx_sent_conv_unit_is(&id, "ffffffff-ffff-4fff-bfff-ffffffffffff",
                          "uuid4");
    ngx_sent_conv_unit_ok(ngx_sent_conv_uuid_version(buf) == 4,
                          "uuid4 is a version 4");

    s = ngx_sent_conv_unit_str(pool, "00000000-0000-0000-0000-000000000000");
    ngx_sent_conv_unit_ok(ngx_sent_conv_uuid_version(s.data) == 0,
                          "the nil uuid has no version");

    s = ngx_sent_conv_unit_str(pool, "00000000-0000-5000-c000-000000000000");
    ngx_sent_conv_unit_ok(ngx_sent_conv_uuid_version(s.data) == 0,
                          "another variant has no version");

    s = ngx_sent_conv_unit_str(pool, "00000000-0000-9000-8000-000000000000");
    ngx_sent_conv_unit_ok(ngx_sent_conv_uuid_version(s.data) == 0,
                          "no version 9");
}


/* every conversation and message of a pair has the pair's partition */

static void
ngx_sent_conv_unit_partition(ngx_pool_t *pool)
{
    u_char      contact[NGX_SENT_CONV_UUID_LEN], id[NGX_SENT_CONV_UUID_LEN],
                thread[NGX_SENT_CONV_UUID_LEN], random[10], phone[16];
    ngx_str_t   customer, e164;
    ngx_uint_t  i, n, differ, empty, seen[64];

    customer = ngx_sent_conv_unit_str(pool,
                                      "7ba7b820-9dad-11d1-80b4-00c04fd430c8");
    differ = 0;
    ngx_memzero(seen, sizeof(seen));

    for (i = 0; i < 1000; i++) {
        e164.data = phone;
        e164.len = ngx_sprintf(phone, "+1415555%04ui", i) - phone;

        ngx_sent_conv_contact_id(contact, &customer, &e164);
        ngx_sent_conv_thread_id(thread, &customer, contact);

        ngx_memset(random, (u_char) i, 10);
        ngx_sent_conv_uuid7(id, 1767225600000ULL + i, random, thread);

        for (n = 1; n <= 1024; n *= 2) {
            if (ngx_sent_conv_partition(id, n)
                != ngx_sent_conv_partition(thread, n)
                || ngx_sent_conv_partition(id, n) >= n)
            {
                differ++;
            }
        }

        seen[ngx_sent_conv_partition(id, 64)]++;
    }

    ngx_sent_conv_unit_ok(differ == 0, "partitions of thread and id agree");

    for (empty = 0, i = 0; i < 64; i++) {
        empty += (seen[i] == 0);
    }

    ngx_sent_conv_unit_ok(empty == 0, "every partition is used");

    ngx_memcpy(thread, "fc1bd383-eaec-5fe1-af0e-da809db71adb",
               NGX_SENT_CONV_UUID_LEN);

    ngx_sent_conv_unit_ok(ngx_sent_conv_partition(thread, 1024) == 0x3c1,
                          "partition of 1024");
    ngx_sent_conv_unit_ok(ngx_sent_conv_partition(thread, 64) == 1,
                          "partition of 64");
    ngx_sent_conv_unit_ok(ngx_sent_conv_partition(thread, 1) == 0,
                          "partition of 1");
}


static ngx_sent_conv_unit_uuid_t  ngx_sent_conv_unit_events[] = {
    { "evt_01a22267-7259-7207-a78e-510673110001", NGX_OK },
    { "evt_01A22267-7259-7207-A78E-510673110001_started", NGX_OK },
    { "evt_01a22267-7259-7207-a78e-510673110001_ended", NGX_OK },
    { "evt_01a22267-7259-7207-a78e-510673110001_", NGX_DECLINED },
    { "evt_01a22267-7259-7207-a78e-510673110001_start", NGX_DECLINED },
    { "evt_01a22267-7259-7207-a78e-510673110001_endedx", NGX_DECLINED },
    { "evt_01a22267-7259-4207-a78e-510673110001", NGX_DECLINED },
    { "evt_01a22267-7259-7207-a78e-51067311000", NGX_DECLINED },
    { "evt_01a22267-7259-7207-a78e-51067311000g", NGX_DECLINED },
    { "01a22267-7259-7207-a78e-510673110001", NGX_DECLINED },
    { "EVT_01a22267-7259-7207-a78e-510673110001", NGX_DECLINED },
    { "evt_", NGX_DECLINED },
    { "", NGX_DECLINED },
    { NULL, 0 }
};


static void
ngx_sent_conv_unit_event(ngx_pool_t *pool)
{
    ngx_str_t                   id;
    ngx_sent_conv_unit_uuid_t  *t;

    for (t = ngx_sent_conv_unit_events; t->text != NULL; t++) {
        id = ngx_sent_conv_unit_str(pool, t->text);

        ngx_sent_conv_unit_ok(ngx_sent_conv_event_id_check(&id) == t->rc,
                              "event id \"%s\"", t->text);
    }

    id = ngx_sent_conv_unit_str(pool, ngx_sent_conv_unit_events[1].text);
    (void) ngx_sent_conv_event_id_check(&id);

    ngx_sent_conv_unit_is(&id,
                          "evt_01a22267-7259-7207-a78e-510673110001_started",
                          "event id in small letters");
}
