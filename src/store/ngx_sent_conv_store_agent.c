
/*
 * A customer's agents as they stand in Redis, with their live versions.
 */


#include "ngx_sent_conv_json_agent.h"
#include "ngx_sent_conv_store_private.h"


typedef struct {
    ngx_str_t    name;
    ngx_int_t    is_active;
    ngx_int_t    archived;
    ngx_int_t    created_at;
    ngx_int_t    updated_at;
} ngx_sent_conv_store_agent_t;


static ngx_int_t ngx_sent_conv_store_agent_field(
    ngx_sent_conv_customer_t *customer, ngx_pool_t *temp, ngx_str_t *field,
    ngx_str_t *value);
static ngx_sent_conv_agent_t *ngx_sent_conv_store_agent_of(
    ngx_sent_conv_customer_t *customer, ngx_str_t *id);
static ngx_int_t ngx_sent_conv_store_agent_record(ngx_pool_t *pool,
    ngx_pool_t *temp, ngx_sent_conv_agent_t *agent, ngx_str_t *text);
static ngx_int_t ngx_sent_conv_store_agent_definition(
    ngx_sent_conv_customer_t *customer, ngx_pool_t *temp,
    ngx_sent_conv_agent_t *agent);
static int ngx_libc_cdecl ngx_sent_conv_store_agent_older(const void *one,
    const void *two);


static ngx_sent_conv_json_field_t  ngx_sent_conv_store_agent_fields[] = {

    { ngx_string("name"),
      NGX_SENT_CONV_FIELD_STRING|NGX_SENT_CONV_FIELD_REQUIRED,
      offsetof(ngx_sent_conv_store_agent_t, name) },

    { ngx_string("is_active"),
      NGX_SENT_CONV_FIELD_BOOL,
      offsetof(ngx_sent_conv_store_agent_t, is_active) },

    { ngx_string("archived"),
      NGX_SENT_CONV_FIELD_BOOL,
      offsetof(ngx_sent_conv_store_agent_t, archived) },

    { ngx_string("created_at"),
      NGX_SENT_CONV_FIELD_INTEGER,
      offsetof(ngx_sent_conv_store_agent_t, created_at) },

    { ngx_string("updated_at"),
      NGX_SENT_CONV_FIELD_INTEGER,
      offsetof(ngx_sent_conv_store_agent_t, updated_at) },

    ngx_sent_conv_json_null_field
};


ngx_int_t
ngx_sent_conv_store_config_agents(ngx_sent_conv_customer_t *customer,
    ngx_sent_conv_reply_t *reply, ngx_pool_t *temp)
{
    ngx_str_t               field, value;
    ngx_uint_t              i, k, n;
    ngx_sent_conv_agent_t  *agent;

    n = ngx_sent_conv_reply_n(reply);

    if (ngx_array_init(&customer->agents, customer->pool, n / 10 + 1,
                       sizeof(ngx_sent_conv_agent_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i + 1 < n; i += 2) {
        field = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));
        value = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i + 1));

        if (ngx_sent_conv_store_agent_field(customer, temp, &field, &value)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    /* what is not whole is not one of ours */

    agent = customer->agents.elts;

    for (i = 0, k = 0; i < customer->agents.nelts; i++) {

        if (agent[i].record.len == 0 || agent[i].live == 0) {
            continue;
        }

        agent[k] = agent[i];

        if (ngx_sent_conv_store_agent_definition(customer, temp, &agent[k])
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        k++;
    }

    customer->agents.nelts = k;

    ngx_qsort(agent, k, sizeof(ngx_sent_conv_agent_t),
              ngx_sent_conv_store_agent_older);

    return ngx_sent_conv_store_trigger_init(customer);
}


/* "<id>" or "<id>:<what>" */

static ngx_int_t
ngx_sent_conv_store_agent_field(ngx_sent_conv_customer_t *customer,
    ngx_pool_t *temp, ngx_str_t *field, ngx_str_t *value)
{
    ngx_int_t               ms;
    ngx_str_t               what, id;
    ngx_sent_conv_agent_t  *agent;

    what = *field;
    id = ngx_sent_conv_store_word(&what, ':');

    if (id.len != NGX_SENT_CONV_UUID_LEN) {
        return NGX_OK;
    }

    agent = ngx_sent_conv_store_agent_of(customer, &id);
    if (agent == NULL) {
        return NGX_ERROR;
    }

    if (what.len == 0) {
        return ngx_sent_conv_store_agent_record(customer->pool, temp, agent,
                                                value);
    }

    if (what.len == 4 && ngx_memcmp(what.data, "live", 4) == 0) {
        agent->live = (ngx_uint_t) ngx_sent_conv_store_integer(value);
        return NGX_OK;
    }

    if (what.len == 6 && ngx_memcmp(what.data, "layout", 6) == 0) {
        return ngx_sent_conv_store_copy(customer->pool, value,
                                        &agent->layout);
    }

    if (what.len == 8 && ngx_memcmp(what.data, "promoted", 8) == 0) {
        ms = (ngx_int_t) ngx_sent_conv_store_integer(value);
        agent->updated_at = ngx_max(agent->updated_at, (uint64_t) ms);
        return NGX_OK;
    }

    if (what.len == 10 && ngx_memcmp(what.data, "definition", 10) == 0) {
        return ngx_sent_conv_store_copy(customer->pool, value, &agent->text);
    }

    return NGX_OK;
}


static ngx_sent_conv_agent_t *
ngx_sent_conv_store_agent_of(ngx_sent_conv_customer_t *customer,
    ngx_str_t *id)
{
    ngx_sent_conv_agent_t  *agent;

    agent = ngx_sent_conv_customer_agent(customer, id);

    if (agent != NULL) {
        return agent;
    }

    agent = ngx_array_push(&customer->agents);
    if (agent == NULL) {
        return NULL;
    }

    ngx_memzero(agent, sizeof(ngx_sent_conv_agent_t));

    if (ngx_sent_conv_store_copy(customer->pool, id, &agent->id) != NGX_OK) {
        return NULL;
    }

    return agent;
}


static ngx_int_t
ngx_sent_conv_store_agent_record(ngx_pool_t *pool, ngx_pool_t *temp,
    ngx_sent_conv_agent_t *agent, ngx_str_t *text)
{
    char                         *code;
    ngx_int_t                     rc;
    ngx_str_t                    *field;
    ngx_sent_conv_json_t         *object;
    ngx_sent_conv_store_agent_t   is;

    object = ngx_sent_conv_store_config_object(temp, text, &rc);
    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(&is, sizeof(ngx_sent_conv_store_agent_t));

    if (object == NULL
        || ngx_sent_conv_json_bind(object, ngx_sent_conv_store_agent_fields,
                                   &is, NULL, &field, &code)
           != NGX_OK)
    {
        return NGX_OK;
    }

    agent->is_active = is.is_active ? 1 : 0;
    agent->archived = is.archived ? 1 : 0;
    agent->created_at = is.created_at;
    agent->updated_at = ngx_max(agent->updated_at, (uint64_t) is.updated_at);

    if (ngx_sent_conv_store_copy(pool, &is.name, &agent->name) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_copy(pool, text, &agent->record);
}


/*
 * It was right when it was saved; what has become wrong since, as a template
 * that is no more, is left out of it.
 */

static ngx_int_t
ngx_sent_conv_store_agent_definition(ngx_sent_conv_customer_t *customer,
    ngx_pool_t *temp, ngx_sent_conv_agent_t *agent)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_array_t            issues;
    ngx_sent_conv_json_t  *json;

    rc = ngx_sent_conv_json_parse_str(customer->pool, &agent->text, &json,
                                      &err);
    if (rc == NGX_ERROR
        || ngx_array_init(&issues, temp, 4, sizeof(ngx_sent_conv_issue_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (rc != NGX_OK) {
        agent->archived = 1;
        return NGX_OK;
    }

    rc = ngx_sent_conv_json_agent(customer->pool, json, agent->text.len,
                                  customer, NULL, &agent->definition,
                                  &issues);

    return (rc == NGX_ERROR) ? NGX_ERROR : NGX_OK;
}


static int ngx_libc_cdecl
ngx_sent_conv_store_agent_older(const void *one, const void *two)
{
    const ngx_sent_conv_agent_t  *a, *b;

    a = one;
    b = two;

    if (a->created_at != b->created_at) {
        return (a->created_at < b->created_at) ? -1 : 1;
    }

    return ngx_memcmp(a->id.data, b->id.data, NGX_SENT_CONV_UUID_LEN);
}


ngx_sent_conv_agent_t *
ngx_sent_conv_customer_agent(ngx_sent_conv_customer_t *customer,
    ngx_str_t *id)
{
    ngx_uint_t              i;
    ngx_sent_conv_agent_t  *agent;

    agent = customer->agents.elts;

    for (i = 0; i < customer->agents.nelts; i++) {

        if (ngx_sent_conv_store_same(&agent[i].id, id)) {
            return &agent[i];
        }
    }

    return NULL;
}
