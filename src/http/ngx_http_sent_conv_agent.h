
/*
 * What the files of the agents' endpoints share.
 */


#ifndef _NGX_HTTP_SENT_CONV_AGENT_H_INCLUDED_
#define _NGX_HTTP_SENT_CONV_AGENT_H_INCLUDED_


#include "ngx_sent_conv_json_agent.h"
#include "ngx_http_sent_conv_http.h"


/* bytes of a layout, characters of a name and of a note */
#define NGX_HTTP_SENT_CONV_LAYOUT_MAX  16384
#define NGX_HTTP_SENT_CONV_NAME_MAX    100
#define NGX_HTTP_SENT_CONV_NOTE_MAX    500


/* a version that is to be made; call->data */

typedef struct {
    ngx_sent_conv_agent_t       *agent;      /* NULL: it is new */
    ngx_str_t                    id;
    ngx_str_t                    name;
    ngx_str_t                    layout;     /* JSON, or empty */
    ngx_str_t                    note;       /* data NULL: none */
    ngx_str_t                    text;       /* the definition, JSON */
    ngx_str_t                    version;    /* as it is kept */
    ngx_sent_conv_definition_t   definition;
    ngx_array_t                  issues;     /* of ngx_sent_conv_issue_t */
    ngx_uint_t                   live;       /* that must be live */
    ngx_uint_t                   restored;   /* version, 0 = none */
    uint64_t                     now;
    u_char                       uuid[NGX_SENT_CONV_UUID_LEN];
} ngx_http_sent_conv_made_t;


/* an agent that is answered with; call->data */

typedef struct {
    ngx_sent_conv_agent_t       *agent;
    ngx_sent_conv_counts_t       counts;     /* of 24 hours */
} ngx_http_sent_conv_agent_t;


/* ngx_http_sent_conv_agent_form.c */

/* the one that the path names; NULL: answered, there is none */
ngx_sent_conv_agent_t *ngx_http_sent_conv_agent_find(
    ngx_http_sent_conv_call_t *call);

/*
 * NGX_OK with made->text and ->definition; NGX_DECLINED: made->issues has
 * errors; NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_sent_conv_agent_check(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_json_t *definition, ngx_http_sent_conv_made_t *made);

/* 422 with the issues, or 409 where all that is wrong is a number taken */
void ngx_http_sent_conv_agent_refuse(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_made_t *made);

/* NGX_OK; a fault otherwise */
ngx_int_t ngx_http_sent_conv_agent_name(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_json_t *value, ngx_str_t *name);
ngx_int_t ngx_http_sent_conv_agent_layout(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_json_t *value, ngx_str_t *layout);

void ngx_http_sent_conv_agent_write_issues(ngx_sent_conv_jw_t *w,
    ngx_array_t *issues);


/*
 * ngx_http_sent_conv_agent_start.c: the agent's starter of that channel as a
 * message to that contact; NULL: it has none.  Faults are collected, their
 * fields begin with at.
 */

typedef struct {
    ngx_sent_conv_agent_t       *agent;
    ngx_sent_conv_channel_e      channel;
    ngx_sent_conv_json_t        *parameters; /* or NULL */
    ngx_str_t                    to;
    ngx_str_t                    name;       /* the contact's */
    const char                  *at;
} ngx_http_sent_conv_starter_t;

ngx_sent_conv_broadcast_t *ngx_http_sent_conv_agent_starter(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_starter_t *as);


/*
 * ngx_http_sent_conv_agent_simulate_form.c: the steps into sim, which are its
 * result; NULL, or faults.  Fields are "steps[i]" and the name.
 */

ngx_sent_conv_json_t *ngx_http_sent_conv_simulate_form(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_sim_t *sim);
void ngx_http_sent_conv_simulate_fault(ngx_http_sent_conv_call_t *call,
    ngx_uint_t i, const char *name, ngx_http_sent_conv_e error,
    const char *text);
char *ngx_http_sent_conv_simulate_field(ngx_http_sent_conv_call_t *call,
    ngx_uint_t i, const char *name);


/* ngx_http_sent_conv_agent_simulate_write.c: what was played, and warnings */

void ngx_http_sent_conv_agent_simulate_write(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_sim_result_t *result,
    ngx_array_t *issues);


/* ngx_http_sent_conv_agent_save.c: writes made as a version, and answers */

void ngx_http_sent_conv_agent_save(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_made_t *made);


/*
 * ngx_http_sent_conv_agent_stats.c: reads their counts; the step's result:
 * ngx_sent_conv_stats_t *
 */

void ngx_http_sent_conv_agent_count(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_agent_t **agents, ngx_uint_t n,
    ngx_http_sent_conv_step_pt step);


/* ngx_http_sent_conv_agents.c; live: also whether that is the live version */

void ngx_http_sent_conv_agent_write(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_agent_t *agent, ngx_sent_conv_counts_t *counts);
void ngx_http_sent_conv_agent_write_version(ngx_sent_conv_jw_t *w,
    const char *name, ngx_sent_conv_json_t *version, ngx_uint_t live,
    ngx_uint_t whole);


#endif /* _NGX_HTTP_SENT_CONV_AGENT_H_INCLUDED_ */
