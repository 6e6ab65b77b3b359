
/*
 * Pure rules of the field: values in, values out.  No events, no HTTP, no
 * Redis, no clock, no log.
 */


#ifndef _NGX_SENT_CONV_CORE_H_INCLUDED_
#define _NGX_SENT_CONV_CORE_H_INCLUDED_


#include "ngx_sent_conv.h"
#include "ngx_sent_conv_breaker.h"
#include "ngx_sent_conv_bucket.h"


/* ngx_sent_conv_phone.c: E.164, "+" and 8..15 digits, the first not 0 */

ngx_int_t ngx_sent_conv_phone_check(ngx_str_t *phone);

/* the country calling code of a number, "1", "44", "995"; ITU-T E.164 D */

ngx_str_t ngx_sent_conv_phone_country(ngx_str_t *phone);

/* "+1415***1234" into buf (NGX_SENT_CONV_MASKED_LEN at least) for logs */

#define NGX_SENT_CONV_MASKED_LEN  32

u_char *ngx_sent_conv_phone_mask(u_char *buf, ngx_str_t *phone);


/*
 * ngx_sent_conv_keyword.c: the whole body folded (case, full width, NBSP and
 * zero-width, space collapsed, letters composed, trailing punctuation
 * dropped).
 * normalize: result in pool, folded may be body; NGX_ERROR = no memory.
 * match: words = the customer's further opt-out words, normalized.
 * check: may it be one of those?  NGX_DECLINED: nothing of it is left, or it
 * means something else to all.
 */

ngx_int_t ngx_sent_conv_keyword_normalize(ngx_pool_t *pool, ngx_str_t *body,
    ngx_str_t *folded);
ngx_sent_conv_keyword_e ngx_sent_conv_keyword_match(ngx_str_t *folded,
    ngx_array_t *words);
ngx_int_t ngx_sent_conv_keyword_check(ngx_pool_t *pool, ngx_str_t *word);

/* ngx_sent_conv_fold.c: a character without its case */

uint32_t ngx_sent_conv_fold(uint32_t c);

/*
 * ngx_sent_conv_nfc.c: text in Unicode's normalization form C, in pool unless
 * it is ASCII; NGX_DECLINED = it is no UTF-8, and stays as it is, NGX_ERROR =
 * no memory
 */

ngx_int_t ngx_sent_conv_nfc(ngx_pool_t *pool, ngx_str_t *text);


/*
 * ngx_sent_conv_id.c: RFC 9562.  Ids are 36 characters, lower case, written
 * without a terminating NUL.
 */

void ngx_sent_conv_contact_id(u_char *id, ngx_str_t *customer,
    ngx_str_t *phone);
void ngx_sent_conv_thread_id(u_char *id, ngx_str_t *customer,
    u_char *contact_id);

/*
 * UUIDv7: ms since the epoch, 10 random bytes; where thread is not NULL,
 * rand_a is the first 12 bits of it.
 */

void ngx_sent_conv_uuid7(u_char *id, uint64_t ms, u_char *random,
    u_char *thread);

/*
 * A UUIDv7 that follows from a seed (a UUIDv7, whose time it takes) and a
 * name: the same every time.  rand_a is of the thread, the rest of SHA-256.
 */

void ngx_sent_conv_uuid7_derive(u_char *id, ngx_str_t *seed, ngx_str_t *name,
    u_char *thread);

/*
 * The id of the conversation that a message opens: the message's, but for the
 * last bit, so that one index entry, by what both have in common, serves them.
 */

void ngx_sent_conv_conversation_id(u_char *id, u_char *message_id);

/* ms since the epoch of a UUIDv7 */

uint64_t ngx_sent_conv_uuid7_time(u_char *id);

/* UUIDv4 of 16 random bytes */

void ngx_sent_conv_uuid4(u_char *id, u_char *random);

/* a UUID in the canonical form, any case; lower-cased in place */

ngx_int_t ngx_sent_conv_uuid_check(ngx_str_t *id);

/* its version: 1..8, 0 where it is none; id must have passed the check */

ngx_uint_t ngx_sent_conv_uuid_version(u_char *id);

/* an event's: "evt_<UUIDv7>", with "_started" or "_ended" behind it or not */

#define NGX_SENT_CONV_EVENT_ID_LEN                                            \
    (sizeof("evt__started") - 1 + NGX_SENT_CONV_UUID_LEN)

ngx_int_t ngx_sent_conv_event_id_check(ngx_str_t *id);

/* partition of a thread_id (v5) or of a conversation or message id (v7) */

ngx_uint_t ngx_sent_conv_partition(u_char *id, ngx_uint_t partitions);


/*
 * ngx_sent_conv_segments.c: how many SMS a text takes (3GPP TS 23.038, .040):
 * 160 septets or 153 each in GSM 7 bit with its extension table, else 70 or 67
 * UTF-16 units; text is valid UTF-8.
 */

ngx_uint_t ngx_sent_conv_segments(ngx_str_t *text);


/*
 * ngx_sent_conv_template.c: texts with "{{name}}".  check: NGX_OK, or
 * NGX_DECLINED = one is not among the names (*at is it) or not ended.
 * render: values in the order of names, both of ngx_str_t.
 */

ngx_int_t ngx_sent_conv_template_check(ngx_str_t *text, ngx_array_t *names,
    ngx_str_t *at);
ngx_int_t ngx_sent_conv_template_render(ngx_pool_t *pool, ngx_str_t *text,
    ngx_array_t *names, ngx_array_t *values, ngx_str_t *out);


/* ngx_sent_conv_time.c: RFC 3339 in UTC with ms, "2026-01-01T00:00:00.000Z" */

#define NGX_SENT_CONV_TIME_LEN  (sizeof("2026-01-01T00:00:00.000Z") - 1)

u_char *ngx_sent_conv_time_write(u_char *buf, uint64_t ms);

/*
 * any RFC 3339 time with its offset; ms since the epoch, or NGX_ERROR, also
 * for what lies before the epoch
 */

int64_t ngx_sent_conv_time_parse(ngx_str_t *text);


/*
 * ngx_sent_conv_utf8.c: strict UTF-8.
 * decode: the code point at *text, which moves on; text < last.
 * encode: at most 4 bytes.
 * length: the code points of a valid text, or NGX_ERROR.
 * repair: any bytes as a text at dst, which has room for three times as many;
 * U+FFFD for what is not UTF-8, and for control characters but tab and line
 * ends; cut: a character whose end is not there is left out.  Its length.
 */

#define NGX_SENT_CONV_UTF8_INVALID  0xffffffff

uint32_t ngx_sent_conv_utf8_decode(u_char **text, u_char *last);
u_char *ngx_sent_conv_utf8_encode(u_char *p, uint32_t c);
ngx_int_t ngx_sent_conv_utf8_length(ngx_str_t *text);
size_t ngx_sent_conv_utf8_repair(u_char *dst, ngx_str_t *text,
    ngx_uint_t cut);


/*
 * ngx_sent_conv_trace.c: the header "traceparent" as W3C Trace Context has it,
 * written as its version 00 (NGX_SENT_CONV_TRACE_LEN at out); NGX_DECLINED =
 * it is not of the form.
 */

#define NGX_SENT_CONV_TRACE_LEN  55

ngx_int_t ngx_sent_conv_trace_parse(ngx_str_t *text, u_char *out);


/*
 * ngx_sent_conv_retry.c: ms to wait before the attempt after "attempts"
 * failed ones, 0 after none.  webhook: by the schedule (of ngx_msec_t), whose
 * last entry repeats, +-20 % by seed; carrier: from min doubling to max,
 * +-20 %.
 * retry_after: the header's value in seconds or as an HTTP date, now in
 * seconds; ms, at most 24 days, or NGX_ERROR.
 */

ngx_msec_t ngx_sent_conv_retry_webhook(ngx_array_t *schedule,
    ngx_uint_t attempts, uint32_t seed);
ngx_msec_t ngx_sent_conv_retry_carrier(ngx_msec_t min, ngx_msec_t max,
    ngx_uint_t attempts, uint32_t seed);
ngx_int_t ngx_sent_conv_retry_after(ngx_str_t *value, time_t now);


/*
 * ngx_sent_conv_sign.c: HMAC-SHA256 and digests by libcrypto.
 *
 * webhook: "v1,<base64>" (NGX_SENT_CONV_SIGNATURE_LEN) of "{id}.{ts}.{body}"
 * with the decoded secret behind "whsec_"; NGX_ERROR = the secret is none.
 * Standard Webhooks.
 */

#define NGX_SENT_CONV_SIGNATURE_LEN  47
#define NGX_SENT_CONV_SECRET_LEN     (sizeof("whsec_") - 1 + 44)

ngx_int_t ngx_sent_conv_sign_webhook(u_char *out, ngx_str_t *secret,
    ngx_str_t *id, ngx_str_t *timestamp, ngx_str_t *body);

/* "whsec_" + base64 of 32 random bytes, NGX_SENT_CONV_SECRET_LEN */

void ngx_sent_conv_sign_secret(u_char *out, u_char *random);

/* hex HMAC-SHA256 (64 characters) over the chain of len bytes at data */

ngx_int_t ngx_sent_conv_sign_hmac_hex(u_char *out, ngx_str_t *key,
    ngx_str_t *data);
void ngx_sent_conv_sha256_hex(u_char *out, ngx_str_t *data);

/*
 * base64 of HMAC-SHA1 (28 characters, Twilio) and of HMAC-SHA512 (88, RBM)
 */

#define NGX_SENT_CONV_HMAC_SHA1_LEN    28
#define NGX_SENT_CONV_HMAC_SHA512_LEN  88

ngx_int_t ngx_sent_conv_sign_hmac_sha1(u_char *out, ngx_str_t *key,
    ngx_str_t *data);
ngx_int_t ngx_sent_conv_sign_hmac_sha512(u_char *out, ngx_str_t *key,
    ngx_str_t *data);

/*
 * ngx_sent_conv_sign_rsa.c: RS256 by a private key in PEM, in pool;
 * NGX_DECLINED = the key is none of RSA
 */

ngx_int_t ngx_sent_conv_sign_rs256(ngx_pool_t *pool, ngx_str_t *key,
    ngx_str_t *text, ngx_str_t *signature);

/* equal? in time that tells nothing of the content */

ngx_uint_t ngx_sent_conv_sign_equal(ngx_str_t *a, ngx_str_t *b);


/*
 * ngx_sent_conv_seal.c: what is sealed with a key, a nonce (12 random bytes,
 * never twice with a key) and what it is bound to; both in pool.
 *
 * key: of 64 hexadecimal digits; NGX_DECLINED = it is none.
 * sealed: is it of that form?
 * unseal: NGX_OK, *which key it was; NGX_DECLINED = by none of the keys, or
 * not of the form; NGX_ABORT = it was changed, or is bound to something else.
 * Both: NGX_ERROR = no memory.
 */

#define NGX_SENT_CONV_SEAL_KEY    32
#define NGX_SENT_CONV_SEAL_ID     8
#define NGX_SENT_CONV_SEAL_NONCE  12

typedef struct {
    u_char        id[NGX_SENT_CONV_SEAL_ID];   /* hex; not secret */
    u_char        key[NGX_SENT_CONV_SEAL_KEY];
} ngx_sent_conv_seal_key_t;

ngx_int_t ngx_sent_conv_seal_key(ngx_sent_conv_seal_key_t *key,
    ngx_str_t *text);
ngx_int_t ngx_sent_conv_seal(ngx_pool_t *pool, ngx_sent_conv_seal_key_t *key,
    u_char *nonce, ngx_str_t *bound, ngx_str_t *plain, ngx_str_t *sealed);
ngx_uint_t ngx_sent_conv_sealed(ngx_str_t *text);
ngx_int_t ngx_sent_conv_unseal(ngx_pool_t *pool,
    ngx_sent_conv_seal_key_t *keys, ngx_uint_t n, ngx_str_t *bound,
    ngx_str_t *sealed, ngx_str_t *plain, ngx_uint_t *which);


/*
 * ngx_sent_conv_addr.c: may this address be called?  NGX_OK, or NGX_DECLINED
 * for loopback, private, link-local, multicast, reserved, unspecified, and
 * what maps or tunnels to them (::ffff:, NAT64, 6to4), unless "allow" has it;
 * and for what "deny" has, or what maps or tunnels to that, whatever "allow"
 * says.  Both are of ngx_cidr_t, and may be NULL.
 */

typedef struct {
    ngx_array_t              *allow;
    ngx_array_t              *deny;
} ngx_sent_conv_networks_t;

ngx_int_t ngx_sent_conv_addr_check(struct sockaddr *sa,
    ngx_sent_conv_networks_t *networks);

/*
 * The bytes that tell clients apart, written to buf: an IPv4 address, or the
 * first half of an IPv6 one, all of which one customer of a provider has.
 * Returns how many, 0 for what is no address.
 */

#define NGX_SENT_CONV_ADDR_CLIENT  8

size_t ngx_sent_conv_addr_client(u_char *buf, struct sockaddr *sa);


/*
 * ngx_sent_conv_url.c: an endpoint's URL.  Printable ASCII, http or https,
 * no userinfo, fragment, space or backslash; parts point into the input, but
 * for host, which is lower-cased in pool and has no trailing dot, and for a
 * "?query" right behind the host.  NGX_OK, NGX_DECLINED (*err is a sentence),
 * NGX_ERROR (no memory).
 */

typedef struct {
    ngx_str_t     host;              /* without the brackets of IPv6 */
    ngx_str_t     uri;               /* path and query, "/" at least */
    in_port_t     port;

    unsigned      tls:1;
    unsigned      default_port:1;
    unsigned      ipv6:1;
} ngx_sent_conv_url_t;

ngx_int_t ngx_sent_conv_url_parse(ngx_pool_t *pool, ngx_str_t *text,
    ngx_sent_conv_url_t *url, char **err);


/*
 * ngx_sent_conv_key.c: names of keys in Redis.  All write at p and return
 * the end; they need NGX_SENT_CONV_KEY_LEN beside the variable parts.
 * part: {prefix}{p}:<kind>:<rest>, kind "w", "t", "m", "r", "i", "q:sms"...,
 * rest NULL for "lanes", "lane", "due".
 */

#define NGX_SENT_CONV_KEY_LEN  64

/* of a key, or of the tag between its braces alone, in a Redis Cluster */

#define NGX_SENT_CONV_CLUSTER_SLOTS  16384

ngx_uint_t ngx_sent_conv_slot(ngx_str_t *key);

u_char *ngx_sent_conv_key_part(u_char *p, ngx_str_t *prefix,
    ngx_uint_t partition, const char *kind, ngx_str_t *rest);
u_char *ngx_sent_conv_key_customer(u_char *p, ngx_str_t *prefix,
    ngx_str_t *customer, const char *kind);


#endif /* _NGX_SENT_CONV_CORE_H_INCLUDED_ */
