
/*
 * Tests of the identifiers that follow from a seed and a name.
 */


#include "ngx_sent_conv_unit.h"


#define SEED   "019b76da-a800-7123-8000-0123456789ab"
#define OTHER  "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


static void ngx_sent_conv_unit_derive_many(ngx_pool_t *pool);
static int ngx_libc_cdecl ngx_sent_conv_unit_derive_cmp(const void *one,
    const void *two);


void
ngx_sent_conv_unit_derive(ngx_pool_t *pool)
{
    u_char      buf[NGX_SENT_CONV_UUID_LEN + 1];
    ngx_str_t   seed, name, thread, id;
    ngx_uint_t  i;

    static const char  *cases[][4] = {
        { SEED, "+14155550100", "fc1bd383-eaec-5fe1-af0e-da809db71adb",
          "019b76da-a800-7fc1-90d9-82ec8586a080" },
        { SEED, "+14155550101", "fc1bd383-eaec-5fe1-af0e-da809db71adb",
          "019b76da-a800-7fc1-ad12-c60644448467" },
        { SEED, "+14155550100", "0a9bd383-eaec-5fe1-af0e-da809db71adb",
          "019b76da-a800-70a9-90d9-82ec8586a080" },
        { SEED, "", "000bd383-eaec-5fe1-af0e-da809db71adb",
          "019b76da-a800-7000-a77b-337ef31784fe" },
        { OTHER, "+14155550100", "fc1bd383-eaec-5fe1-af0e-da809db71adb",
          "017f22e2-79b0-7fc1-852f-39e0c4a6e3a7" },
        { "ffffffff-ffff-7fff-bfff-ffffffffffff", "x",
          "fffbd383-eaec-5fe1-af0e-da809db71adb",
          "ffffffff-ffff-7fff-a0b9-f216e49d46c9" },
        { NULL, NULL, NULL, NULL }
    };

    id = ngx_sent_conv_unit_str(pool, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");

    ngx_sent_conv_unit_ok(ngx_sent_conv_uuid7_time(id.data)
                          == 1645557742000ull, "time, example of the RFC");

    for (i = 0; cases[i][0]; i++) {
        seed = ngx_sent_conv_unit_str(pool, cases[i][0]);
        name = ngx_sent_conv_unit_str(pool, cases[i][1]);
        thread = ngx_sent_conv_unit_str(pool, cases[i][2]);

        buf[NGX_SENT_CONV_UUID_LEN] = '*';

        ngx_sent_conv_uuid7_derive(buf, &seed, &name, thread.data);

        id.data = buf;
        id.len = NGX_SENT_CONV_UUID_LEN;

        ngx_sent_conv_unit_is(&id, cases[i][3], "uuid7 derived");

        ngx_sent_conv_unit_ok(ngx_sent_conv_uuid_check(&id) == NGX_OK
                              && ngx_sent_conv_uuid_version(buf) == 7
                              && buf[NGX_SENT_CONV_UUID_LEN] == '*',
                              "a uuid7 and no more");

        ngx_sent_conv_unit_ok(ngx_sent_conv_partition(buf, 1024)
                              == ngx_sent_conv_partition(thread.data, 1024),
                              "in the thread's partition");

        ngx_sent_conv_unit_is(&seed, cases[i][0], "the seed as it was");
    }

    ngx_sent_conv_unit_derive_many(pool);
}


/* the ids of a broadcast: all of one time, all different, the same again */

static void
ngx_sent_conv_unit_derive_many(ngx_pool_t *pool)
{
    u_char     *ids, again[NGX_SENT_CONV_UUID_LEN], phone[16];
    ngx_str_t   seed, name, thread;
    ngx_uint_t  i, n, wrong, same;

    n = 2000;

    seed = ngx_sent_conv_unit_str(pool, SEED);
    thread = ngx_sent_conv_unit_str(pool,
                                    "fc1bd383-eaec-5fe1-af0e-da809db71adb");

    ids = ngx_palloc(pool, n * NGX_SENT_CONV_UUID_LEN);
    if (ids == NULL) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    wrong = 0;
    name.data = phone;

    for (i = 0; i < n; i++) {
        name.len = ngx_sprintf(phone, "+1415555%04ui", i) - phone;

        ngx_sent_conv_uuid7_derive(&ids[i * NGX_SENT_CONV_UUID_LEN], &seed,
                                   &name, thread.data);
        ngx_sent_conv_uuid7_derive(again, &seed, &name, thread.data);

        if (ngx_memcmp(&ids[i * NGX_SENT_CONV_UUID_LEN], again,
                       NGX_SENT_CONV_UUID_LEN)
            != 0
            || ngx_memcmp(again, seed.data, sizeof("019b76da-a800") - 1) != 0)
        {
            wrong++;
        }
    }

    ngx_sent_conv_unit_ok(wrong == 0, "the same again, at the seed's time");

    ngx_qsort(ids, n, NGX_SENT_CONV_UUID_LEN, ngx_sent_conv_unit_derive_cmp);

    for (same = 0, i = 1; i < n; i++) {
        if (ngx_sent_conv_unit_derive_cmp(
                                    &ids[(i - 1) * NGX_SENT_CONV_UUID_LEN],
                                    &ids[i * NGX_SENT_CONV_UUID_LEN])
            == 0)
        {
            same++;
        }
    }

    ngx_sent_conv_unit_ok(same == 0, "another id for another name");
}


static int ngx_libc_cdecl
ngx_sent_conv_unit_derive_cmp(const void *one, const void *two)
{
    return ngx_memcmp(one, two, NGX_SENT_CONV_UUID_LEN);
}
