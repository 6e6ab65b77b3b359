
/*
 * A customer's agents: found, saved version by version, changed, read.
 */


#ifndef _NGX_SENT_CONV_STORE_AGENT_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_AGENT_H_INCLUDED_


#include "ngx_sent_conv_agent.h"


/* of the customer, also one that is archived; or NULL */

ngx_sent_conv_agent_t *ngx_sent_conv_customer_agent(
    ngx_sent_conv_customer_t *customer, ngx_str_t *id);


/*
 * store_agent_save.c: a version is appended and live in one step.  live: the
 * version that must be live, 0 = the agent is new; request: an id of this
 * request, by which a repeat of it is known; version: the whole of it, as it
 * is to be kept.
 */

typedef struct {
    ngx_str_t                    id;
    ngx_str_t                    request;
    ngx_str_t                    version;
    ngx_str_t                    definition;
    ngx_str_t                    name;           /* of a new one */
    ngx_str_t                    layout;         /* of a new one, or empty */
    ngx_sent_conv_definition_t  *is;
    ngx_uint_t                   live;
    uint64_t                     now;            /* ms */
} ngx_sent_conv_agent_save_t;

typedef enum {
    NGX_SENT_CONV_AGENT_OK = 0,
    NGX_SENT_CONV_AGENT_STALE,           /* another version is live */
    NGX_SENT_CONV_AGENT_GONE,
    NGX_SENT_CONV_AGENT_TAKEN,           /* one of its numbers is another's */
    NGX_SENT_CONV_AGENT_FULL
} ngx_sent_conv_agent_e;

typedef struct {
    ngx_sent_conv_agent_e        what;
    ngx_uint_t                   live;
} ngx_sent_conv_agent_result_t;

/* result: ngx_sent_conv_agent_result_t * */

ngx_int_t ngx_sent_conv_store_agent_save(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_agent_save_t *save,
    ngx_sent_conv_store_pt handler, void *data);

/*
 * agent: as it is to be, its record as it was read; what another changed
 * meanwhile is not undone: STALE
 */

ngx_int_t ngx_sent_conv_store_agent_put(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_agent_t *agent,
    ngx_sent_conv_store_pt handler, void *data);

/*
 * store_trigger.c: which of the customer's agents takes what is written to
 * the number, for NGX_SENT_CONV_ON_...; NULL = none.  init: what follows from
 * the live ones of a customer that was read.
 */

ngx_sent_conv_agent_t *ngx_sent_conv_store_trigger(
    ngx_sent_conv_customer_t *customer, ngx_uint_t on, ngx_str_t *number);
ngx_int_t ngx_sent_conv_store_trigger_init(
    ngx_sent_conv_customer_t *customer);

/*
 * store_agent_text.c: definition.<part>.<name> of a version; result:
 * ngx_str_t *, empty = it has none
 */

ngx_int_t ngx_sent_conv_store_agent_text(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *agent, ngx_str_t *version,
    const char *part, const char *name, ngx_sent_conv_store_pt handler,
    void *data);

/* versions from..to; result: ngx_array_t * of ngx_str_t, empty = none such */

ngx_int_t ngx_sent_conv_store_agent_versions(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *agent, ngx_uint_t from, ngx_uint_t to,
    ngx_sent_conv_store_pt handler, void *data);


/*
 * store_stats.c: what happened in an agent's conversations.  The counters are
 * in the order in which the scripts have them.
 */

typedef enum {
    NGX_SENT_CONV_C_INBOUND = 0,
    NGX_SENT_CONV_C_OUTBOUND,
    NGX_SENT_CONV_C_OPENED,
    NGX_SENT_CONV_C_EXPIRED,
    NGX_SENT_CONV_C_EXPLICIT,
    NGX_SENT_CONV_C_COMPLIANCE_STOP,
    NGX_SENT_CONV_C_STARTERS,            /* that a carrier took */
    NGX_SENT_CONV_COUNTERS
} ngx_sent_conv_counter_e;

typedef struct {
    int64_t                      start;          /* ms, of a bucket */
    int64_t                      counters[NGX_SENT_CONV_COUNTERS];
    int64_t                      open;           /* of an agent */
    int64_t                      active;
} ngx_sent_conv_counts_t;

/* a range is n buckets of so many ms; the present one is the last */

typedef struct {
    ngx_str_t                    name;
    ngx_str_t                    level;
    int64_t                      bucket;
    ngx_uint_t                   n;
} ngx_sent_conv_range_t;

typedef struct {
    ngx_sent_conv_counts_t      *agents;         /* as they were asked for */
    ngx_uint_t                   n;
    ngx_sent_conv_counts_t      *buckets;
    ngx_uint_t                   nbuckets;
    int64_t                      now;            /* ms, Redis' */
} ngx_sent_conv_stats_t;

/* 1h, 24h, 7d, 30d; NULL: there is no such range */

ngx_sent_conv_range_t *ngx_sent_conv_store_range(ngx_str_t *name);

/*
 * range NULL: sums of 24 hours, without buckets; else of one agent.  result:
 * ngx_sent_conv_stats_t *.
 */

ngx_int_t ngx_sent_conv_store_stats(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *agents, ngx_uint_t n,
    ngx_sent_conv_range_t *range, ngx_sent_conv_store_pt handler, void *data);


#endif /* _NGX_SENT_CONV_STORE_AGENT_H_INCLUDED_ */
