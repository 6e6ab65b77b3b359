
/*
 * Which agent takes an inbound, and an agent as the scripts are told of it.
 */


#include "ngx_sent_conv_json_agent.h"
#include "ngx_sent_conv_store_private.h"


static ngx_uint_t ngx_sent_conv_store_trigger_names(
    ngx_sent_conv_agent_t *agent, ngx_str_t *number);
static ngx_int_t ngx_sent_conv_store_trigger_spec(ngx_pool_t *pool,
    ngx_sent_conv_agent_t *agent);
static ngx_int_t ngx_sent_conv_store_trigger_words(
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_agent_t *agent);
static u_char *ngx_sent_conv_store_trigger_channels(u_char *p,
    ngx_uint_t channels);


ngx_sent_conv_agent_t *
ngx_sent_conv_store_trigger(ngx_sent_conv_customer_t *customer,
    ngx_uint_t on, ngx_str_t *number)
{
    ngx_uint_t              i;
    ngx_sent_conv_agent_t  *agent, *any;

    agent = customer->agents.elts;
    any = NULL;

    for (i = 0; i < customer->agents.nelts; i++) {

        if (!ngx_sent_conv_agent_live(&agent[i])) {
            continue;
        }

        /* a number that one of them names is no other's */

        if (ngx_sent_conv_store_trigger_names(&agent[i], number)) {
            return (agent[i].definition.on & on) ? &agent[i] : NULL;
        }

        if (any == NULL && agent[i].definition.numbers.nelts == 0
            && (agent[i].definition.on & on))
        {
            any = &agent[i];
        }
    }

    return any;
}


static ngx_uint_t
ngx_sent_conv_store_trigger_names(ngx_sent_conv_agent_t *agent,
    ngx_str_t *number)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    name = agent->definition.numbers.elts;

    for (i = 0; i < agent->definition.numbers.nelts; i++) {

        if (ngx_sent_conv_store_same(&name[i], number)) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_sent_conv_store_trigger_init(ngx_sent_conv_customer_t *customer)
{
    ngx_uint_t              i;
    ngx_sent_conv_agent_t  *agent;

    agent = customer->agents.elts;

    for (i = 0; i < customer->agents.nelts; i++) {

        if (!ngx_sent_conv_agent_live(&agent[i])) {
            continue;
        }

        if (ngx_sent_conv_store_trigger_spec(customer->pool, &agent[i])
            != NGX_OK
            || ngx_sent_conv_store_trigger_words(customer, &agent[i])
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* its keywords count for all the customer's contacts */

static ngx_int_t
ngx_sent_conv_store_trigger_words(ngx_sent_conv_customer_t *customer,
    ngx_sent_conv_agent_t *agent)
{
    ngx_str_t   *keyword, *word;
    ngx_uint_t   i;

    keyword = agent->definition.keywords.elts;

    for (i = 0; i < agent->definition.keywords.nelts; i++) {

        word = ngx_array_push(&customer->words);

        if (word == NULL
            || ngx_sent_conv_keyword_normalize(customer->pool, &keyword[i],
                                               word)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* see src/lua/inbound-19.lua */

static ngx_int_t
ngx_sent_conv_store_trigger_spec(ngx_pool_t *pool,
    ngx_sent_conv_agent_t *agent)
{
    u_char                      *p;
    ngx_str_t                    greeting, *id;
    ngx_uint_t                   i;
    ngx_sent_conv_definition_t  *is;

    is = &agent->definition;
    id = is->webhooks.elts;

    ngx_str_null(&greeting);

    if (is->greeting.len
        && ngx_sent_conv_json_quote(pool, &is->greeting, &greeting) != NGX_OK)
    {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(pool, agent->id.len + greeting.len
                    + sizeof(" \nwhatsapp,sms,rcs    \n\n")
                    + 5 * NGX_INT64_LEN
                    + is->webhooks.nelts * (NGX_SENT_CONV_UUID_LEN + 1));
    if (p == NULL) {
        return NGX_ERROR;
    }

    agent->spec.data = p;

    p = ngx_sprintf(p, "%V %ui\n", &agent->id, agent->live);
    p = ngx_sent_conv_store_trigger_channels(p, is->channels);
    p = ngx_sprintf(p, " %ui %ui %ui %ui\n", is->coalesce * 1000,
                    is->expiring * 60000, is->ping_after * 60000,
                    is->ping_after ? is->ping_max : 0);

    for (i = 0; i < is->webhooks.nelts; i++) {
        p = ngx_sprintf(p, "%s%V", i ? "," : "", &id[i]);
    }

    *p++ = '\n';
    p = ngx_cpymem(p, greeting.data, greeting.len);

    agent->spec.len = p - agent->spec.data;

    return NGX_OK;
}


static u_char *
ngx_sent_conv_store_trigger_channels(u_char *p, ngx_uint_t channels)
{
    ngx_uint_t  i, n;

    n = 0;

    for (i = 0; i < NGX_SENT_CONV_CHANNELS; i++) {

        if (channels & (1 << i)) {
            p = ngx_sprintf(p, "%s%V", n++ ? "," : "",
                            &ngx_sent_conv_channel_names[i]);
        }
    }

    return p;
}
