
/*
 * A customer whose agent is another than it is, and which of our numbers its
 * conversations come to.
 */


#include "ngx_sent_conv_store_private.h"


ngx_int_t
ngx_sent_conv_store_sim_init(ngx_sent_conv_sim_t *sim, ngx_pool_t *pool,
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_agent_t *as)
{
    ngx_uint_t              i, n;
    ngx_sent_conv_agent_t  *agent;

    sim->of = customer;
    sim->customer = *customer;
    sim->customer.pool = pool;
    sim->customer.refs = 1;

    n = customer->agents.nelts;

    if (ngx_array_init(&sim->customer.agents, pool, n + 1,
                       sizeof(ngx_sent_conv_agent_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    agent = ngx_array_push_n(&sim->customer.agents, n);
    ngx_memcpy(agent, customer->agents.elts,
               n * sizeof(ngx_sent_conv_agent_t));

    sim->agent = NULL;

    for (i = 0; i < n; i++) {
        if (ngx_sent_conv_store_same(&agent[i].id, &as->id)) {
            sim->agent = &agent[i];
        }
    }

    if (sim->agent == NULL) {
        return NGX_ERROR;
    }

    *sim->agent = *as;

    /* keywords of the version that was live do not count */

    if (ngx_sent_conv_store_config_words(&sim->customer, pool) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_trigger_init(&sim->customer);
}


ngx_sent_conv_number_t *
ngx_sent_conv_store_sim_number(ngx_sent_conv_sim_t *sim,
    ngx_sent_conv_channel_e channel)
{
    ngx_uint_t               i;
    ngx_sent_conv_number_t  *number, *any;

    number = sim->customer.numbers.elts;
    any = NULL;

    for (i = 0; i < sim->customer.numbers.nelts; i++) {

        if (number[i].channel != channel) {
            continue;
        }

        if (ngx_sent_conv_store_sim_takes(sim, &number[i].e164)) {
            return &number[i];
        }

        if (any == NULL) {
            any = &number[i];
        }
    }

    return any;
}


ngx_uint_t
ngx_sent_conv_store_sim_takes(ngx_sent_conv_sim_t *sim, ngx_str_t *number)
{
    ngx_uint_t  on;

    on = sim->agent->definition.on;

    return ngx_sent_conv_store_trigger(&sim->customer,
                                       (on & NGX_SENT_CONV_ON_INBOUND)
                                       ? NGX_SENT_CONV_ON_INBOUND : on,
                                       number)
           == sim->agent;
}
