
/*
 * What a conversation of an agent would be, played by the scripts themselves
 * in one step of which nothing is left.
 */


#ifndef _NGX_SENT_CONV_STORE_SIMULATE_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_SIMULATE_H_INCLUDED_


/* who writes: a number and a name that nobody has */

#define NGX_SENT_CONV_SIM_CONTACT  "+12025550123"
#define NGX_SENT_CONV_SIM_NAME     "Sam Example"


typedef enum {
    NGX_SENT_CONV_SIM_INBOUND = 0,
    NGX_SENT_CONV_SIM_REPLY,
    NGX_SENT_CONV_SIM_START,
    NGX_SENT_CONV_SIM_WAIT
} ngx_sent_conv_sim_e;

typedef struct {
    ngx_sent_conv_sim_e         what;
    ngx_sent_conv_channel_e     channel;     /* of a reply: CHANNELS = the
                                                last */
    ngx_str_t                   number;      /* ours, of an inbound */
    ngx_str_t                   text;
    ngx_uint_t                  length;      /* characters */
    ngx_uint_t                  wait;        /* ms */
    ngx_sent_conv_broadcast_t  *start;
} ngx_sent_conv_sim_step_t;


/*
 * customer: a copy in which the agent is live with that definition, version
 * and all that follows from them; agent is in it.
 */

typedef struct {
    ngx_sent_conv_customer_t   *of;          /* as it is */
    ngx_sent_conv_customer_t    customer;
    ngx_sent_conv_agent_t      *agent;
    ngx_sent_conv_sim_step_t   *steps;
    ngx_uint_t                  n;
} ngx_sent_conv_sim_t;

/* as: the agent as it would be.  It all lives in pool */
ngx_int_t ngx_sent_conv_store_sim_init(ngx_sent_conv_sim_t *sim,
    ngx_pool_t *pool, ngx_sent_conv_customer_t *customer,
    ngx_sent_conv_agent_t *as);

/*
 * Our number that is written to on that channel: one at which the agent takes
 * what comes, else any; NULL: there is none.
 */
ngx_sent_conv_number_t *ngx_sent_conv_store_sim_number(
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_channel_e channel);

/* is that so? */
ngx_uint_t ngx_sent_conv_store_sim_takes(ngx_sent_conv_sim_t *sim,
    ngx_str_t *number);


/* what happened, in order; texts as JSON */

typedef struct {
    ngx_str_t                   webhook;     /* id */
    ngx_str_t                   event;       /* type */
    ngx_str_t                   body;
} ngx_sent_conv_sim_told_t;

typedef struct {
    ngx_uint_t                  step;        /* of the steps, from 0 */
    ngx_str_t                   did;         /* src/lua/simulate-19.lua */
    ngx_str_t                   outcome;
    ngx_str_t                   trigger;     /* of the conversation */
    uint64_t                    at;
    ngx_array_t                 messages;    /* of ngx_sent_conv_message_t */
    ngx_array_t                 told;        /* of ngx_sent_conv_sim_told_t */

    unsigned                    ours:1;      /* the agent's conversation */
} ngx_sent_conv_sim_played_t;

typedef enum {
    NGX_SENT_CONV_SIM_PLAYED = 0,
    NGX_SENT_CONV_SIM_OTHER,             /* the step is another agent's */
    NGX_SENT_CONV_SIM_LARGE              /* webhooks are told too much there */
} ngx_sent_conv_sim_rc_e;

typedef struct {
    ngx_sent_conv_sim_rc_e      rc;
    ngx_uint_t                  step;        /* unless it was played */
    ngx_array_t                 played;      /* of the same */
} ngx_sent_conv_sim_result_t;

/* result: ngx_sent_conv_sim_result_t * */
ngx_int_t ngx_sent_conv_store_simulate(ngx_sent_conv_store_t *store,
    ngx_sent_conv_sim_t *sim, ngx_sent_conv_store_pt handler, void *data);


#endif /* _NGX_SENT_CONV_STORE_SIMULATE_H_INCLUDED_ */
