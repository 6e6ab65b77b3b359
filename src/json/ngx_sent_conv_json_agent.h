
/*
 * Reading an agent's definition: everything that is wrong with it is told at
 * once, each by its path.
 */


#ifndef _NGX_SENT_CONV_JSON_AGENT_H_INCLUDED_
#define _NGX_SENT_CONV_JSON_AGENT_H_INCLUDED_


#include "ngx_sent_conv_core.h"
#include "ngx_sent_conv_json.h"
#include "ngx_sent_conv_agent.h"


/*
 * size: bytes of the JSON; taken (of ngx_str_t, may be NULL): numbers that
 * another live agent names; issues (of ngx_sent_conv_issue_t) is appended to.
 * NGX_OK, also with warnings: *definition is filled in, its strings point into
 * the tree; NGX_DECLINED = there are errors; NGX_ERROR = no memory.
 */

ngx_int_t ngx_sent_conv_json_agent(ngx_pool_t *pool,
    ngx_sent_conv_json_t *json, size_t size,
    ngx_sent_conv_customer_t *customer, ngx_array_t *taken,
    ngx_sent_conv_definition_t *definition, ngx_array_t *issues);


/* of the files that read one */

typedef struct {
    ngx_pool_t                  *pool;
    ngx_sent_conv_customer_t    *customer;
    ngx_array_t                 *taken;
    ngx_array_t                 *issues;
    ngx_sent_conv_definition_t  *definition;

    unsigned                     wrong:1;    /* an error was told */
    unsigned                     failed:1;   /* no memory */
} ngx_sent_conv_agent_check_t;


/* ngx_sent_conv_json_agent_check.c; a path's data is NULL without memory */

void ngx_sent_conv_agent_say(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, const char *code, const char *message);
void ngx_sent_conv_agent_warn(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, const char *code, const char *message);
ngx_str_t ngx_sent_conv_agent_path(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *parent, const char *name);
ngx_str_t ngx_sent_conv_agent_item(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *parent, ngx_uint_t i);

/* each: 1 = it is of that kind, 0 = it is not, which has been told */

ngx_uint_t ngx_sent_conv_agent_object(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value, const char **members,
    ngx_uint_t required);
ngx_uint_t ngx_sent_conv_agent_list(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value, ngx_uint_t most);
ngx_uint_t ngx_sent_conv_agent_string(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value);
ngx_uint_t ngx_sent_conv_agent_text(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value, ngx_uint_t most);
ngx_uint_t ngx_sent_conv_agent_integer(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value, ngx_uint_t least,
    ngx_uint_t most);

/* pushes it, unless it is there already, which is told; 1 = pushed */

ngx_uint_t ngx_sent_conv_agent_once(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_array_t *list, ngx_str_t *value);

/* a channel by its name, or NGX_SENT_CONV_CHANNELS, which has been told */

ngx_sent_conv_channel_e ngx_sent_conv_agent_channel(
    ngx_sent_conv_agent_check_t *check, ngx_str_t *path,
    ngx_sent_conv_json_t *value);


/* ngx_sent_conv_json_agent_starter.c, ngx_sent_conv_json_agent_engine.c */

void ngx_sent_conv_agent_starters(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *value);
void ngx_sent_conv_agent_engine(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *value);
void ngx_sent_conv_agent_ping(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *value);
void ngx_sent_conv_agent_ending(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *value);


#endif /* _NGX_SENT_CONV_JSON_AGENT_H_INCLUDED_ */
