
/*
 * Carrier formats: their bytes to our items and back.  Pure: no events, no
 * clock, no log.
 */


#ifndef _NGX_SENT_CONV_CARRIER_H_INCLUDED_
#define _NGX_SENT_CONV_CARRIER_H_INCLUDED_


#include "ngx_sent_conv_core.h"
#include "ngx_sent_conv_json.h"


/* of the carriers' own ids, in bytes */
#define NGX_SENT_CONV_CARRIER_ID_MAX  512


/* what a carrier's locations are configured with; empty where not needed */

typedef struct {
    ngx_str_t     secret;            /* that signs: generic's, WhatsApp's app
                                        secret, Twilio's auth token, RBM's
                                        client token */
    ngx_str_t     verify_token;      /* whatsapp_cloud: hub.verify_token */
    ngx_str_t     url;               /* twilio: the inbound location as Twilio
                                        calls it */
    ngx_str_t     number;            /* rbm: stands for the agent, E.164 */
} ngx_sent_conv_carrier_conf_t;


/* what a carrier sent, as it came */

typedef struct {
    ngx_str_t     args;              /* the query, as it stood in the URL */
    ngx_str_t     signature;         /* of the format's header, or empty */
    ngx_str_t     body;
} ngx_sent_conv_carrier_in_t;


/* an answer of the carrier's own; type empty: ours, with the counts */

typedef struct {
    ngx_uint_t    status;
    ngx_str_t     type;
    ngx_str_t     body;
} ngx_sent_conv_carrier_reply_t;


/*
 * What a carrier told us: a message of a contact; a report, what became of a
 * message of ours; or a consent, an opt-out or opt-in without a message.
 * Numbers are E.164.
 */

typedef struct {
    ngx_str_t     id;                /* the carrier's own; of a report: may
                                        be empty */
    ngx_str_t     message_id;        /* report: ours, or empty */
    ngx_str_t     from;              /* the contact; report: our number, or
                                        empty */
    ngx_str_t     to;                /* our number; report: the contact, or
                                        empty */
    ngx_str_t     text;              /* data == NULL: none */
    ngx_str_t     kind;              /* "text", "button", "image"...; of
                                        a-z and "_" */
    ngx_str_t     attachments;       /* JSON array, or empty */
    ngx_str_t     reply_to;          /* the carrier's id or ours of the
                                        message replied to, or empty */
    ngx_str_t     name;              /* of the contact, or empty */
    ngx_str_t     status;            /* report: "SENT" ... "FAILED", or
                                        "AGAIN": failed by what will pass */
    ngx_str_t     error_code;        /* or empty */
    ngx_str_t     error_title;       /* or empty */
    int64_t       at;                /* ms, 0 = not told */

    ngx_sent_conv_keyword_e  keyword;    /* that the carrier itself saw; of a
                                            consent STOP or START */

    unsigned      answered:1;        /* the carrier has, by itself */
    unsigned      report:1;
    unsigned      consent:1;
} ngx_sent_conv_carrier_item_t;


/* an item of a carrier's lane, see src/lua/inc/lanes.lua */

typedef struct {
    ngx_str_t              message_id;
    ngx_str_t              conversation_id;   /* or empty */
    ngx_str_t              from;              /* our number */
    ngx_str_t              to;                /* the contact */
    ngx_str_t              text;              /* a JSON string, or null */
    ngx_str_t              trace;             /* traceparent; or empty */
    ngx_sent_conv_json_t  *template;          /* NULL: freeform; else
        {"id","name","parameters":{"<name>":"<value>"...in order},
        "whatsapp_name"?,"language"?,"content_sid"?} */
    ngx_str_t              template_json;     /* the same as text */
    uint64_t               ends;              /* ms; no attempt behind it but
                                                 one */

    unsigned               exempt:1;          /* from an opt-out */
} ngx_sent_conv_carrier_out_t;

/*
 * parts point into the item or are made in pool; pool NULL: all but the
 * template; NGX_ERROR = it is none, or no memory
 */

ngx_int_t ngx_sent_conv_carrier_out_parse(ngx_pool_t *pool, ngx_str_t *item,
    ngx_sent_conv_carrier_out_t *out);


typedef struct {
    ngx_str_t     type;              /* Content-Type */
    ngx_str_t     body;
} ngx_sent_conv_carrier_post_t;


/* what the answer to a POST means */

typedef enum {
    NGX_SENT_CONV_CARRIER_SENT = 0,
    NGX_SENT_CONV_CARRIER_RETRY,     /* it was not taken, try again */
    NGX_SENT_CONV_CARRIER_UNKNOWN,   /* it may have been taken */
    NGX_SENT_CONV_CARRIER_FINAL,     /* FAILED with code and title */
    NGX_SENT_CONV_CARRIER_EXPIRED    /* our access token is: get a new one */
} ngx_sent_conv_carrier_e;

typedef struct {
    ngx_sent_conv_carrier_e  what;
    ngx_str_t                id;     /* the carrier's, or empty */
    ngx_str_t                alias;  /* another number of the contact's, E.164,
                                        by which the carrier knows it; or
                                        empty */
    ngx_str_t                code;   /* of FINAL, and for the log */
    ngx_str_t                title;
} ngx_sent_conv_carrier_verdict_t;


/*
 * A format.  All functions: NGX_ERROR = no memory, or libcrypto failed.
 *
 * verify: NGX_OK, or NGX_DECLINED = not from this carrier, nothing may be
 * taken.
 *
 * parse: of what was verified.  NGX_OK: items (of
 * ngx_sent_conv_carrier_item_t, initialized here) are those that could be
 * read, in order; the others are counted in *skipped.  reply may be set.
 * NGX_DECLINED: the body as a whole is not readable.
 *
 * hello: answers a GET; NULL: there is none.  NGX_DECLINED = refused.
 *
 * build: the POST.  verdict: status 0 = no answer came.
 */

typedef struct {
    ngx_str_t     name;
    ngx_str_t     signature;         /* header, lower case */

    ngx_int_t   (*verify)(ngx_pool_t *pool,
                      ngx_sent_conv_carrier_conf_t *conf,
                      ngx_sent_conv_carrier_in_t *in);
    ngx_int_t   (*parse)(ngx_pool_t *pool,
                      ngx_sent_conv_carrier_conf_t *conf,
                      ngx_sent_conv_carrier_in_t *in, ngx_array_t *items,
                      ngx_uint_t *skipped,
                      ngx_sent_conv_carrier_reply_t *reply);
    ngx_int_t   (*hello)(ngx_pool_t *pool,
                      ngx_sent_conv_carrier_conf_t *conf,
                      ngx_sent_conv_carrier_in_t *in,
                      ngx_sent_conv_carrier_reply_t *reply);
    ngx_int_t   (*build)(ngx_pool_t *pool,
                      ngx_sent_conv_carrier_conf_t *conf,
                      ngx_sent_conv_carrier_out_t *out,
                      ngx_sent_conv_channel_e channel,
                      ngx_sent_conv_carrier_post_t *post);
    ngx_int_t   (*verdict)(ngx_pool_t *pool, ngx_uint_t status,
                      ngx_str_t *answer,
                      ngx_sent_conv_carrier_verdict_t *verdict);

    ngx_uint_t    channels;          /* 1 << channel of each that it speaks */

    unsigned      form:1;            /* what comes is a form, not JSON */
    unsigned      token:1;           /* takes an idempotency token: what may
                                        have been taken is safely repeated */
    unsigned      aliases:1;         /* knows contacts by other numbers, too */
} ngx_sent_conv_carrier_format_t;

extern ngx_sent_conv_carrier_format_t  ngx_sent_conv_carrier_generic;
extern ngx_sent_conv_carrier_format_t  ngx_sent_conv_carrier_whatsapp_cloud;
extern ngx_sent_conv_carrier_format_t  ngx_sent_conv_carrier_twilio;
extern ngx_sent_conv_carrier_format_t  ngx_sent_conv_carrier_rbm;

/* by its name, or NULL */

ngx_sent_conv_carrier_format_t *ngx_sent_conv_carrier_format(
    ngx_str_t *name);


/* what the formats share, ngx_sent_conv_carrier_format.c */

/*
 * What an HTTP status means where the format does not say more: 2xx, none or
 * 5xx, 408, 409, 425, 429, any other; code "HTTP_<status>" in pool.
 */
ngx_int_t ngx_sent_conv_carrier_status(ngx_pool_t *pool, ngx_uint_t status,
    ngx_sent_conv_carrier_verdict_t *verdict);

/* digits with or without "+", spaces, "-", "(" and ")" to E.164 in pool */
ngx_int_t ngx_sent_conv_carrier_phone(ngx_pool_t *pool, ngx_str_t *text,
    ngx_str_t *phone);

/* "sent", "delivered", "read", "failed" in any case to ours */
ngx_int_t ngx_sent_conv_carrier_report(ngx_str_t *word, ngx_str_t *status);

/*
 * A service account's JWT for an OAuth 2.0 access token (RFC 7523), RS256;
 * now and life in seconds.  The body of the POST to the token's endpoint.
 * NGX_DECLINED = the key is none.  ngx_sent_conv_carrier_rbm_token.c
 */

typedef struct {
    ngx_str_t     email;
    ngx_str_t     key;               /* PEM */
    ngx_str_t     token_uri;
} ngx_sent_conv_carrier_account_t;

ngx_int_t ngx_sent_conv_carrier_account_parse(ngx_pool_t *pool,
    ngx_str_t *json, ngx_sent_conv_carrier_account_t *account);
ngx_int_t ngx_sent_conv_carrier_token_request(ngx_pool_t *pool,
    ngx_sent_conv_carrier_account_t *account, time_t now, ngx_str_t *body);

/* life: seconds it is good for; NGX_DECLINED = there is none */
ngx_int_t ngx_sent_conv_carrier_token_answer(ngx_pool_t *pool,
    ngx_str_t *answer, ngx_str_t *token, time_t *life);


#endif /* _NGX_SENT_CONV_CARRIER_H_INCLUDED_ */
