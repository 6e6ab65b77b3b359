
/*
 * An agent's definition as a struct: what opens its conversations, what they
 * may use, who hears of them, how they end.
 */


#ifndef _NGX_SENT_CONV_AGENT_H_INCLUDED_
#define _NGX_SENT_CONV_AGENT_H_INCLUDED_


#include "ngx_sent_conv.h"


#define NGX_SENT_CONV_MAX_AGENTS             20   /* live, of a customer */

/* bounds of a definition; src/core/ngx_sent_conv_agent.schema.json */

#define NGX_SENT_CONV_DEFINITION_SIZE        65536
#define NGX_SENT_CONV_DEFINITION_NUMBERS     100
#define NGX_SENT_CONV_DEFINITION_TEXT        1600
#define NGX_SENT_CONV_DEFINITION_PARAMETER   1024
#define NGX_SENT_CONV_DEFINITION_COALESCE    30
#define NGX_SENT_CONV_DEFINITION_MINUTES     1439
#define NGX_SENT_CONV_DEFINITION_PINGS       10
#define NGX_SENT_CONV_DEFINITION_KEYWORDS    50
#define NGX_SENT_CONV_DEFINITION_KEYWORD     64

#define NGX_SENT_CONV_ON_INBOUND             1
#define NGX_SENT_CONV_ON_REPLY               2


typedef struct {
    ngx_sent_conv_channel_e    channel;
    ngx_sent_conv_template_t  *template;     /* of the customer */
    ngx_array_t                parameters;   /* of ngx_keyval_t; values may be
                                                "contact.name", "...phone" */
} ngx_sent_conv_starter_t;


typedef struct {
    ngx_uint_t    on;                /* NGX_SENT_CONV_ON_... */
    ngx_array_t   numbers;           /* of ngx_str_t; none: all that no other
                                        agent names */
    ngx_array_t   starters;          /* of ngx_sent_conv_starter_t */
    ngx_uint_t    channels;          /* bits 1 << channel */
    ngx_array_t   webhooks;          /* of ngx_str_t, ids; none: all */
    ngx_str_t     greeting;          /* or empty */
    ngx_uint_t    coalesce;          /* seconds */
    ngx_uint_t    expiring;          /* minutes before the end, 0 = not told */
    ngx_uint_t    ping_after;        /* minutes, 0 = no ping */
    ngx_str_t     ping_text;
    ngx_uint_t    ping_max;
    ngx_str_t     confirmation;      /* or empty */
    ngx_array_t   keywords;          /* of ngx_str_t, as given */
} ngx_sent_conv_definition_t;


/* an agent with its live version; times in ms */

typedef struct {
    ngx_str_t                   id;
    ngx_str_t                   name;
    ngx_str_t                   record;      /* as it stands in Redis */
    ngx_str_t                   layout;      /* JSON object, or empty */
    ngx_str_t                   text;        /* the definition, JSON */
    ngx_sent_conv_definition_t  definition;
    ngx_str_t                   spec;        /* of one that is live: as
                                                src/lua/inbound-19.lua takes
                                                it */
    ngx_uint_t                  live;        /* its version */
    uint64_t                    created_at;
    uint64_t                    updated_at;

    unsigned                    is_active:1;
    unsigned                    archived:1;
} ngx_sent_conv_agent_t;


/* it takes what comes */

#define ngx_sent_conv_agent_live(agent)                                       \
    ((agent)->is_active && !(agent)->archived)


/* what is wrong with one; code and message are literals */

typedef struct {
    ngx_str_t     path;              /* "trigger.numbers[0]", "" = the whole */
    const char   *code;
    const char   *message;

    unsigned      warning:1;
} ngx_sent_conv_issue_t;


#endif /* _NGX_SENT_CONV_AGENT_H_INCLUDED_ */
