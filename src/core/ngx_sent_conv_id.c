
/*
 * Identifiers: UUIDs of names and of time, and the partition they tell.
 */


#define OPENSSL_SUPPRESS_DEPRECATED

#include "ngx_sent_conv_core.h"

#include <openssl/sha.h>


static void ngx_sent_conv_uuid5(u_char *id, const u_char *space, u_char *a,
    size_t alen, u_char *b, size_t blen);
static void ngx_sent_conv_uuid_write(u_char *id, const u_char *bytes);
static ngx_uint_t ngx_sent_conv_hex(u_char c);


/* 5e2f1c8a-7c1e-4d55-9f0e-3a1f6b8d2c47 */

static const u_char  ngx_sent_conv_contact_space[16] = {
    0x5e, 0x2f, 0x1c, 0x8a, 0x7c, 0x1e, 0x4d, 0x55,
    0x9f, 0x0e, 0x3a, 0x1f, 0x6b, 0x8d, 0x2c, 0x47
};


/* 9f4e6a2c-0b1d-4c3e-8a5f-2d7e6c1b0a99 */

static const u_char  ngx_sent_conv_thread_space[16] = {
    0x9f, 0x4e, 0x6a, 0x2c, 0x0b, 0x1d, 0x4c, 0x3e,
    0x8a, 0x5f, 0x2d, 0x7e, 0x6c, 0x1b, 0x0a, 0x99
};


void
ngx_sent_conv_contact_id(u_char *id, ngx_str_t *customer, ngx_str_t *phone)
{
    ngx_sent_conv_uuid5(id, ngx_sent_conv_contact_space, customer->data,
                        customer->len, phone->data, phone->len);
}


void
ngx_sent_conv_thread_id(u_char *id, ngx_str_t *customer, u_char *contact_id)
{
    ngx_sent_conv_uuid5(id, ngx_sent_conv_thread_space, customer->data,
                        customer->len, contact_id, NGX_SENT_CONV_UUID_LEN);
}


void
ngx_sent_conv_uuid7(u_char *id, uint64_t ms, u_char *random, u_char *thread)
{
    u_char  bytes[16];

    bytes[0] = (u_char) (ms >> 40);
    bytes[1] = (u_char) (ms >> 32);
    bytes[2] = (u_char) (ms >> 24);
    bytes[3] = (u_char) (ms >> 16);
    bytes[4] = (u_char) (ms >> 8);
    bytes[5] = (u_char) ms;

    ngx_memcpy(&bytes[6], random, 10);

    bytes[6] = (u_char) (0x70 | (bytes[6] & 0x0f));
    bytes[8] = (u_char) (0x80 | (bytes[8] & 0x3f));

    ngx_sent_conv_uuid_write(id, bytes);

    if (thread != NULL) {
        ngx_memcpy(&id[15], thread, 3);
    }
}


void
ngx_sent_conv_uuid7_derive(u_char *id, ngx_str_t *seed, ngx_str_t *name,
    u_char *thread)
{
    u_char      digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX  sha256;

    SHA256_Init(&sha256);
    SHA256_Update(&sha256, seed->data, seed->len);
    SHA256_Update(&sha256, ":", 1);
    SHA256_Update(&sha256, name->data, name->len);
    SHA256_Final(digest, &sha256);

    ngx_sent_conv_uuid7(id, ngx_sent_conv_uuid7_time(seed->data), digest,
                        thread);
}


uint64_t
ngx_sent_conv_uuid7_time(u_char *id)
{
    uint64_t    ms;
    ngx_uint_t  i;

    ms = 0;

    for (i = 0; i < 13; i++) {
        if (id[i] != '-') {
            ms = ms << 4 | ngx_sent_conv_hex(id[i]);
        }
    }

    return ms;
}


void
ngx_sent_conv_conversation_id(u_char *id, u_char *message_id)
{
    u_char  *last;

    ngx_memcpy(id, message_id, NGX_SENT_CONV_UUID_LEN);

    last = &id[NGX_SENT_CONV_UUID_LEN - 1];
    *last = "0123456789abcdef"[ngx_sent_conv_hex(*last) ^ 1];
}


void
ngx_sent_conv_uuid4(u_char *id, u_char *random)
{
    u_char  bytes[16];

    ngx_memcpy(bytes, random, 16);

    bytes[6] = (u_char) (0x40 | (bytes[6] & 0x0f));
    bytes[8] = (u_char) (0x80 | (bytes[8] & 0x3f));

    ngx_sent_conv_uuid_write(id, bytes);
}


ngx_int_t
ngx_sent_conv_uuid_check(ngx_str_t *id)
{
    u_char  c;
    size_t  i;

    if (id->len != NGX_SENT_CONV_UUID_LEN) {
        return NGX_DECLINED;
    }

    for (i = 0; i < NGX_SENT_CONV_UUID_LEN; i++) {
        c = id->data[i];

        if (i == 8 || i == 13 || i == 18 || i == 23) {

            if (c != '-') {
                return NGX_DECLINED;
            }

            continue;
        }

        c = (u_char) (c | 0x20);

        if (!(id->data[i] >= '0' && id->data[i] <= '9')
            && !(c >= 'a' && c <= 'f'))
        {
            return NGX_DECLINED;
        }
    }

    /* only what is a UUID is changed: the rest may be told back as it came */

    ngx_strlow(id->data, id->data, id->len);

    return NGX_OK;
}


ngx_uint_t
ngx_sent_conv_uuid_version(u_char *id)
{
    ngx_uint_t  version;

    version = ngx_sent_conv_hex(id[14]);

    if (version > 8 || (ngx_sent_conv_hex(id[19]) & 0x0c) != 0x08) {
        return 0;
    }

    return version;
}


ngx_int_t
ngx_sent_conv_event_id_check(ngx_str_t *id)
{
    ngx_str_t  uuid, rest;

    if (id->len < 4 + NGX_SENT_CONV_UUID_LEN
        || ngx_strncmp(id->data, "evt_", 4) != 0)
    {
        return NGX_DECLINED;
    }

    rest.data = id->data + 4 + NGX_SENT_CONV_UUID_LEN;
    rest.len = id->len - 4 - NGX_SENT_CONV_UUID_LEN;

    if (rest.len != 0
        && !(rest.len == 8 && ngx_strncmp(rest.data, "_started", 8) == 0)
        && !(rest.len == 6 && ngx_strncmp(rest.data, "_ended", 6) == 0))
    {
        return NGX_DECLINED;
    }

    uuid.data = id->data + 4;
    uuid.len = NGX_SENT_CONV_UUID_LEN;

    if (ngx_sent_conv_uuid_check(&uuid) != NGX_OK
        || ngx_sent_conv_uuid_version(uuid.data) != 7)
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


ngx_uint_t
ngx_sent_conv_partition(u_char *id, ngx_uint_t partitions)
{
    u_char      *p;
    ngx_uint_t   bits;

    p = (id[14] == '7') ? &id[15] : id;

    bits = (ngx_sent_conv_hex(p[0]) << 8)
           | (ngx_sent_conv_hex(p[1]) << 4)
           | ngx_sent_conv_hex(p[2]);

    return bits & (partitions - 1);
}


static void
ngx_sent_conv_uuid5(u_char *id, const u_char *space, u_char *a, size_t alen,
    u_char *b, size_t blen)
{
    u_char   digest[SHA_DIGEST_LENGTH];
    SHA_CTX  sha1;

    /* two of them in each request: the EVP functions cost more than the sum */

    SHA1_Init(&sha1);
    SHA1_Update(&sha1, space, 16);
    SHA1_Update(&sha1, a, alen);
    SHA1_Update(&sha1, ":", 1);
    SHA1_Update(&sha1, b, blen);
    SHA1_Final(digest, &sha1);

    digest[6] = (u_char) (0x50 | (digest[6] & 0x0f));
    digest[8] = (u_char) (0x80 | (digest[8] & 0x3f));

    ngx_sent_conv_uuid_write(id, digest);
}


static void
ngx_sent_conv_uuid_write(u_char *id, const u_char *bytes)
{
    ngx_uint_t           i;
    static const u_char  hex[] = "0123456789abcdef";

    for (i = 0; i < 16; i++) {

        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *id++ = '-';
        }

        *id++ = hex[bytes[i] >> 4];
        *id++ = hex[bytes[i] & 0x0f];
    }
}


static ngx_uint_t
ngx_sent_conv_hex(u_char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    return (ngx_uint_t) ((c | 0x20) - 'a' + 10) & 0x0f;
}
