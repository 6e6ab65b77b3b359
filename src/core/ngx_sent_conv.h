
/*
 * The field's values, shared by all floors: channels, event types, keywords,
 * results, and what is known of a customer.
 */


#ifndef _NGX_SENT_CONV_H_INCLUDED_
#define _NGX_SENT_CONV_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* what became of a Redis command */

typedef enum {
    NGX_SENT_CONV_OK = 0,
    NGX_SENT_CONV_UNSENT,        /* Redis has not executed it: SERVICE_001 */
    NGX_SENT_CONV_UNKNOWN,       /* handed over, no answer: SERVICE_002 */
    NGX_SENT_CONV_BROKEN         /* an answer of no use: SERVICE_002, logged */
} ngx_sent_conv_err_e;


typedef enum {
    NGX_SENT_CONV_WHATSAPP = 0,
    NGX_SENT_CONV_SMS,
    NGX_SENT_CONV_RCS,
    NGX_SENT_CONV_CHANNELS       /* how many; "no channel" as a value */
} ngx_sent_conv_channel_e;


typedef enum {
    NGX_SENT_CONV_KW_NONE = 0,
    NGX_SENT_CONV_KW_STOP,
    NGX_SENT_CONV_KW_START,
    NGX_SENT_CONV_KW_HELP
} ngx_sent_conv_keyword_e;


/*
 * Event types as bits of an endpoint's mask; src/lua/inc/lanes.lua has the
 * same numbers.
 */

#define NGX_SENT_CONV_EV_STARTED            0x0001
#define NGX_SENT_CONV_EV_MESSAGE_EXCHANGED  0x0002
#define NGX_SENT_CONV_EV_ENDED              0x0004
#define NGX_SENT_CONV_EV_INACTIVE           0x0008
#define NGX_SENT_CONV_EV_EXPIRING           0x0010
#define NGX_SENT_CONV_EV_CONVERSATION       0x001f
#define NGX_SENT_CONV_EV_RECEIVED           0x0020
#define NGX_SENT_CONV_EV_QUEUED             0x0040
#define NGX_SENT_CONV_EV_SENT               0x0080
#define NGX_SENT_CONV_EV_DELIVERED          0x0100
#define NGX_SENT_CONV_EV_READ               0x0200
#define NGX_SENT_CONV_EV_FAILED             0x0400
#define NGX_SENT_CONV_EV_FILTERED           0x0800
#define NGX_SENT_CONV_EV_BLOCKED            0x1000
#define NGX_SENT_CONV_EV_MESSAGE            0x1fe0

#define NGX_SENT_CONV_UUID_LEN              36
#define NGX_SENT_CONV_INDEX_LEN             (NGX_SENT_CONV_UUID_LEN - 1)
#define NGX_SENT_CONV_MAX_ENDPOINTS         20
#define NGX_SENT_CONV_MAX_TEMPLATES         500

/* characters (code points) of a body: whatsapp, sms, rcs; api.md */
#define NGX_SENT_CONV_MAX_BODY              4096
#define NGX_SENT_CONV_MAX_BODY_SMS          1600
#define NGX_SENT_CONV_MAX_BODY_RCS          3072


/* a webhook's secrets at most: as many rotations in a day, and one more */
#define NGX_SENT_CONV_SECRETS               5

typedef struct {
    ngx_str_t     text;              /* whsec_...; empty: it is locked */
    ngx_str_t     locked;            /* as it is stored, where it cannot be
                                        unsealed; or empty */
    uint64_t      until;             /* ms: it signs until then; 0: on */
} ngx_sent_conv_secret_t;


/* a webhook as its customer registered it; times in ms, 0 = never */

typedef struct {
    ngx_str_t     id;
    ngx_str_t     display_name;
    ngx_str_t     url;
    ngx_str_t     event_types;       /* JSON array, as given */
    ngx_str_t     event_filters;     /* JSON object or "null", as given */
    ngx_str_t     rotation;          /* id of the last one; or empty */
    ngx_str_t     disabled_reason;   /* or empty */
    uint64_t      created_at;
    uint64_t      updated_at;
    ngx_uint_t    mask;              /* NGX_SENT_CONV_EV_... it wants */
    ngx_uint_t    retry_count;       /* attempts after the first, 1..5 */
    ngx_uint_t    timeout;           /* seconds, whole attempt, 5..120 */
    ngx_uint_t    rate_limit;        /* per second, 0 = none */
    ngx_uint_t    nsecrets;          /* the latest first */

    ngx_sent_conv_secret_t  secrets[NGX_SENT_CONV_SECRETS];

    unsigned      is_active:1;
    unsigned      reseal:1;          /* not all are stored as they should */
} ngx_sent_conv_endpoint_t;


typedef struct {
    ngx_sent_conv_channel_e  channel;
    ngx_str_t                e164;
    ngx_str_t                carrier;    /* name */
} ngx_sent_conv_number_t;


typedef struct {
    ngx_str_t     id;
    ngx_str_t     name;
    ngx_str_t     sha256;            /* hex of the key's digest */
    uint64_t      created_at;

    unsigned      full:1;            /* role: full, or else read */
} ngx_sent_conv_apikey_t;


/*
 * A template as the operator registered it; parts are empty where it does not
 * serve the channel.  Texts may hold "{{<parameter>}}".
 */

typedef struct {
    ngx_str_t     id;                /* UUID */
    ngx_str_t     name;              /* 1..512 of a-z, 0-9, "_" */
    ngx_array_t   parameters;        /* of ngx_str_t, names in order */
    ngx_str_t     whatsapp_name;
    ngx_str_t     language;
    ngx_str_t     sms_text;          /* either of the two */
    ngx_str_t     content_sid;
    ngx_str_t     rcs_text;
    uint64_t      created_at;
} ngx_sent_conv_template_t;


/*
 * A customer's whole configuration, as one worker last read it.  It lives in
 * a pool of its own and is counted: who keeps it over a return to the event
 * loop holds a reference (store/ngx_sent_conv_store.h).
 */

typedef struct {
    ngx_pool_t   *pool;
    ngx_uint_t    refs;

    ngx_str_t     id;                /* UUID, lower case */
    ngx_str_t     name;
    ngx_str_t     keywords;          /* further opt-out words, JSON array */
    ngx_array_t   words;             /* of ngx_str_t: the same, normalized */
    ngx_str_t     confirmation;      /* text, or empty */
    ngx_str_t     help;              /* text, or empty */
    uint64_t      created_at;

    ngx_array_t   endpoints;         /* of ngx_sent_conv_endpoint_t,
                                        oldest first */
    ngx_array_t   numbers;           /* of ngx_sent_conv_number_t */
    ngx_array_t   keys;              /* of ngx_sent_conv_apikey_t */
    ngx_array_t   templates;         /* of ngx_sent_conv_template_t,
                                        oldest first */
    ngx_array_t   agents;            /* of ngx_sent_conv_agent_t, oldest
                                        first, archived ones too */

    unsigned      conversations:1;   /* enabled */
} ngx_sent_conv_customer_t;


/* names by ngx_sent_conv_channel_e; parse: NGX_SENT_CONV_CHANNELS = unknown */

extern ngx_str_t  ngx_sent_conv_channel_names[];

/* characters of a body at most, in the same order */

extern const ngx_uint_t  ngx_sent_conv_channel_max[];

ngx_sent_conv_channel_e ngx_sent_conv_channel_parse(ngx_str_t *name);


#endif /* _NGX_SENT_CONV_H_INCLUDED_ */
