
/*
 * An agent's definition, whole: its parts, trigger, channels and webhooks, and
 * what they must be to each other.
 */


#include "ngx_sent_conv_json_agent.h"


static ngx_int_t ngx_sent_conv_agent_init(ngx_sent_conv_agent_check_t *check);
static void ngx_sent_conv_agent_parts(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *json);
static void ngx_sent_conv_agent_channels(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *value);
static void ngx_sent_conv_agent_trigger(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *value);
static void ngx_sent_conv_agent_on(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value);
static void ngx_sent_conv_agent_managed(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value);
static void ngx_sent_conv_agent_webhooks(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *value);
static void ngx_sent_conv_agent_webhook(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value);
static void ngx_sent_conv_agent_warnings(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *json);


static ngx_str_t  ngx_sent_conv_agent_root = ngx_string("");


static const char  *ngx_sent_conv_agent_members[] = {
    "schema", "trigger", "starters", "channels", "webhooks", "engine", "ping",
    "ending", NULL
};


static const char  *ngx_sent_conv_agent_trigger_members[] = {
    "on", "numbers", NULL
};


/* channels first: the others look at them */

static struct {
    const char  *name;
    void       (*read)(ngx_sent_conv_agent_check_t *check,
                       ngx_sent_conv_json_t *value);
} ngx_sent_conv_agent_readers[] = {
    { "channels", ngx_sent_conv_agent_channels },
    { "trigger", ngx_sent_conv_agent_trigger },
    { "starters", ngx_sent_conv_agent_starters },
    { "webhooks", ngx_sent_conv_agent_webhooks },
    { "engine", ngx_sent_conv_agent_engine },
    { "ping", ngx_sent_conv_agent_ping },
    { "ending", ngx_sent_conv_agent_ending },
    { NULL, NULL }
};


ngx_int_t
ngx_sent_conv_json_agent(ngx_pool_t *pool, ngx_sent_conv_json_t *json,
    size_t size, ngx_sent_conv_customer_t *customer, ngx_array_t *taken,
    ngx_sent_conv_definition_t *definition, ngx_array_t *issues)
{
    ngx_sent_conv_agent_check_t  check;

    ngx_memzero(&check, sizeof(ngx_sent_conv_agent_check_t));

    check.pool = pool;
    check.customer = customer;
    check.taken = taken;
    check.issues = issues;
    check.definition = definition;

    if (ngx_sent_conv_agent_init(&check) != NGX_OK) {
        return NGX_ERROR;
    }

    if (size > NGX_SENT_CONV_DEFINITION_SIZE) {
        ngx_sent_conv_agent_say(&check, &ngx_sent_conv_agent_root,
                                "too_large",
                                "The definition is larger than 64 KiB.");

    } else if (ngx_sent_conv_agent_object(&check, &ngx_sent_conv_agent_root,
                                          json, ngx_sent_conv_agent_members,
                                          8))
    {
        ngx_sent_conv_agent_parts(&check, json);
    }

    if (check.failed) {
        return NGX_ERROR;
    }

    return check.wrong ? NGX_DECLINED : NGX_OK;
}


static ngx_int_t
ngx_sent_conv_agent_init(ngx_sent_conv_agent_check_t *check)
{
    ngx_sent_conv_definition_t  *definition;

    definition = check->definition;

    ngx_memzero(definition, sizeof(ngx_sent_conv_definition_t));

    if (ngx_array_init(&definition->numbers, check->pool, 4,
                       sizeof(ngx_str_t))
        != NGX_OK
        || ngx_array_init(&definition->webhooks, check->pool, 4,
                          sizeof(ngx_str_t))
           != NGX_OK
        || ngx_array_init(&definition->keywords, check->pool, 4,
                          sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_array_init(&definition->starters, check->pool,
                          NGX_SENT_CONV_CHANNELS,
                          sizeof(ngx_sent_conv_starter_t));
}


static void
ngx_sent_conv_agent_parts(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *json)
{
    ngx_str_t              path;
    ngx_uint_t             i;
    ngx_sent_conv_json_t  *value;

    value = ngx_sent_conv_json_get(json, "schema");

    if (value != NULL
        && (value->type != NGX_SENT_CONV_JSON_INTEGER || value->integer != 1))
    {
        path = ngx_sent_conv_agent_path(check, &ngx_sent_conv_agent_root,
                                        "schema");
        ngx_sent_conv_agent_say(check, &path, "value",
                                "The schema must be 1.");
    }

    for (i = 0; ngx_sent_conv_agent_readers[i].name != NULL; i++) {
        value = ngx_sent_conv_json_get(json,
                                       ngx_sent_conv_agent_readers[i].name);

        if (value != NULL) {
            ngx_sent_conv_agent_readers[i].read(check, value);
        }
    }

    ngx_sent_conv_agent_warnings(check, json);
}


static void
ngx_sent_conv_agent_channels(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *value)
{
    ngx_str_t                 at;
    ngx_uint_t                i;
    ngx_sent_conv_json_t     *item;
    ngx_sent_conv_channel_e   channel;
    static ngx_str_t          part = ngx_string("channels");

    if (!ngx_sent_conv_agent_list(check, &part, value,
                                  NGX_SENT_CONV_CHANNELS))
    {
        return;
    }

    if (value->n == 0) {
        ngx_sent_conv_agent_say(check, &part, "range",
                                "At least one channel must be on.");
    }

    for (i = 0, item = value->first; item; i++, item = item->next) {
        at = ngx_sent_conv_agent_item(check, &part, i);
        channel = ngx_sent_conv_agent_channel(check, &at, item);

        if (channel == NGX_SENT_CONV_CHANNELS) {
            continue;
        }

        if (check->definition->channels & (1 << channel)) {
            ngx_sent_conv_agent_say(check, &at, "duplicate",
                                    "This is there twice.");
        }

        check->definition->channels |= 1 << channel;
    }
}


static void
ngx_sent_conv_agent_trigger(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *value)
{
    ngx_str_t              path, at;
    ngx_uint_t             i;
    ngx_sent_conv_json_t  *member, *number;
    static ngx_str_t       part = ngx_string("trigger");

    if (!ngx_sent_conv_agent_object(check, &part, value,
                                    ngx_sent_conv_agent_trigger_members, 2))
    {
        return;
    }

    member = ngx_sent_conv_json_get(value, "on");

    if (member != NULL) {
        path = ngx_sent_conv_agent_path(check, &part, "on");
        ngx_sent_conv_agent_on(check, &path, member);
    }

    member = ngx_sent_conv_json_get(value, "numbers");

    if (member == NULL) {
        return;
    }

    path = ngx_sent_conv_agent_path(check, &part, "numbers");

    if (!ngx_sent_conv_agent_list(check, &path, member,
                                  NGX_SENT_CONV_DEFINITION_NUMBERS))
    {
        return;
    }

    for (i = 0, number = member->first; number; i++, number = number->next) {
        at = ngx_sent_conv_agent_item(check, &path, i);
        ngx_sent_conv_agent_managed(check, &at, number);
    }
}


static void
ngx_sent_conv_agent_on(ngx_sent_conv_agent_check_t *check, ngx_str_t *path,
    ngx_sent_conv_json_t *value)
{
    ngx_uint_t  i;

    static struct {
        ngx_str_t   name;
        ngx_uint_t  on;
    } words[] = {
        { ngx_string("inbound"), NGX_SENT_CONV_ON_INBOUND },
        { ngx_string("template_reply"), NGX_SENT_CONV_ON_REPLY },
        { ngx_string("either"),
          NGX_SENT_CONV_ON_INBOUND|NGX_SENT_CONV_ON_REPLY },
        { ngx_null_string, 0 }
    };

    if (!ngx_sent_conv_agent_string(check, path, value)) {
        return;
    }

    for (i = 0; words[i].name.len; i++) {

        if (words[i].name.len == value->text.len
            && ngx_memcmp(words[i].name.data, value->text.data,
                          value->text.len)
               == 0)
        {
            check->definition->on = words[i].on;
            return;
        }
    }

    ngx_sent_conv_agent_say(check, path, "value",
                            "This is inbound, template_reply or either.");
}


/* a number of the customer's that no other agent has */

static void
ngx_sent_conv_agent_managed(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value)
{
    ngx_str_t               *taken;
    ngx_uint_t               i, channels;
    ngx_sent_conv_number_t  *number;

    if (!ngx_sent_conv_agent_string(check, path, value)) {
        return;
    }

    if (ngx_sent_conv_phone_check(&value->text) != NGX_OK) {
        ngx_sent_conv_agent_say(check, path, "value",
                                "This is no number in E.164.");
        return;
    }

    if (!ngx_sent_conv_agent_once(check, path, &check->definition->numbers,
                                  &value->text))
    {
        return;
    }

    channels = 0;
    number = check->customer->numbers.elts;

    for (i = 0; i < check->customer->numbers.nelts; i++) {

        if (number[i].e164.len == value->text.len
            && ngx_memcmp(number[i].e164.data, value->text.data,
                          value->text.len)
               == 0)
        {
            channels |= 1 << number[i].channel;
        }
    }

    if (channels == 0) {
        ngx_sent_conv_agent_say(check, path, "not_yours",
                                "This is none of your numbers.");
        return;
    }

    for (i = 0; check->taken != NULL && i < check->taken->nelts; i++) {
        taken = (ngx_str_t *) check->taken->elts + i;

        if (taken->len == value->text.len
            && ngx_memcmp(taken->data, value->text.data, taken->len) == 0)
        {
            ngx_sent_conv_agent_say(check, path, "number_taken",
                                    "Another agent has this number.");
            return;
        }
    }

    if (check->definition->channels
        && !(check->definition->channels & channels))
    {
        ngx_sent_conv_agent_warn(check, path, "number_off",
                                 "This number is on none of the channels "
                                 "that are on.");
    }
}


static void
ngx_sent_conv_agent_webhooks(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *value)
{
    ngx_str_t              at;
    ngx_uint_t             i;
    ngx_sent_conv_json_t  *id;
    static ngx_str_t       part = ngx_string("webhooks");

    if (!ngx_sent_conv_agent_list(check, &part, value,
                                  NGX_SENT_CONV_MAX_ENDPOINTS))
    {
        return;
    }

    for (i = 0, id = value->first; id; i++, id = id->next) {
        at = ngx_sent_conv_agent_item(check, &part, i);
        ngx_sent_conv_agent_webhook(check, &at, id);
    }
}


static void
ngx_sent_conv_agent_webhook(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value)
{
    ngx_uint_t                 i;
    ngx_sent_conv_endpoint_t  *endpoint;

    if (!ngx_sent_conv_agent_string(check, path, value)) {
        return;
    }

    if (ngx_sent_conv_uuid_check(&value->text) != NGX_OK) {
        ngx_sent_conv_agent_say(check, path, "value", "This is no id.");
        return;
    }

    if (!ngx_sent_conv_agent_once(check, path, &check->definition->webhooks,
                                  &value->text))
    {
        return;
    }

    endpoint = check->customer->endpoints.elts;

    for (i = 0; i < check->customer->endpoints.nelts; i++) {

        if (ngx_memcmp(endpoint[i].id.data, value->text.data,
                       NGX_SENT_CONV_UUID_LEN)
            == 0)
        {
            return;
        }
    }

    ngx_sent_conv_agent_say(check, path, "not_yours",
                            "This is none of your webhooks.");
}


static void
ngx_sent_conv_agent_warnings(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *json)
{
    ngx_str_t                  path;
    ngx_uint_t                 i;
    ngx_sent_conv_json_t      *webhooks, *starters;
    ngx_sent_conv_endpoint_t  *endpoint;

    webhooks = ngx_sent_conv_json_get(json, "webhooks");
    starters = ngx_sent_conv_json_get(json, "starters");

    if (starters != NULL && starters->type == NGX_SENT_CONV_JSON_ARRAY
        && starters->n == 0
        && check->definition->on == NGX_SENT_CONV_ON_REPLY)
    {
        path = ngx_sent_conv_agent_path(check, &ngx_sent_conv_agent_root,
                                        "starters");
        ngx_sent_conv_agent_warn(check, &path, "no_starter",
                                 "It waits for answers to templates, and has "
                                 "none to send.");
    }

    if (webhooks == NULL || webhooks->type != NGX_SENT_CONV_JSON_ARRAY
        || webhooks->n != 0)
    {
        return;
    }

    endpoint = check->customer->endpoints.elts;

    for (i = 0; i < check->customer->endpoints.nelts; i++) {

        if (endpoint[i].is_active) {
            return;
        }
    }

    path = ngx_sent_conv_agent_path(check, &ngx_sent_conv_agent_root,
                                    "webhooks");
    ngx_sent_conv_agent_warn(check, &path, "no_webhook",
                             "There is no webhook: nobody hears of a "
                             "conversation.");
}
