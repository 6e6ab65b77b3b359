
/*
 * The starters of a definition: a template for a channel, and what its
 * parameters are.
 */


#include "ngx_sent_conv_json_agent.h"


static void ngx_sent_conv_agent_starter(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value);
static ngx_uint_t ngx_sent_conv_agent_starter_channel(
    ngx_sent_conv_agent_check_t *check, ngx_str_t *path,
    ngx_sent_conv_json_t *value, ngx_sent_conv_starter_t *starter);
static ngx_sent_conv_template_t *ngx_sent_conv_agent_template(
    ngx_sent_conv_agent_check_t *check, ngx_str_t *path,
    ngx_sent_conv_json_t *value);
static ngx_sent_conv_template_t *ngx_sent_conv_agent_template_find(
    ngx_sent_conv_agent_check_t *check, ngx_uint_t by_id, ngx_str_t *name);
static ngx_uint_t ngx_sent_conv_agent_serves(
    ngx_sent_conv_template_t *template, ngx_sent_conv_channel_e channel);
static void ngx_sent_conv_agent_parameters(
    ngx_sent_conv_agent_check_t *check, ngx_str_t *path,
    ngx_sent_conv_json_t *value, ngx_sent_conv_starter_t *starter);
static ngx_uint_t ngx_sent_conv_agent_has(
    ngx_sent_conv_template_t *template, ngx_str_t *name);


static const char  *ngx_sent_conv_agent_starter_members[] = {
    "channel", "template", "parameters", NULL
};


static const char  *ngx_sent_conv_agent_template_members[] = {
    "id", "name", NULL
};


void
ngx_sent_conv_agent_starters(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *value)
{
    ngx_str_t              at;
    ngx_uint_t             i;
    ngx_sent_conv_json_t  *starter;
    static ngx_str_t       part = ngx_string("starters");

    if (!ngx_sent_conv_agent_list(check, &part, value,
                                  NGX_SENT_CONV_CHANNELS))
    {
        return;
    }

    for (i = 0, starter = value->first; starter;
         i++, starter = starter->next)
    {
        at = ngx_sent_conv_agent_item(check, &part, i);
        ngx_sent_conv_agent_starter(check, &at, starter);
    }
}


static void
ngx_sent_conv_agent_starter(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value)
{
    ngx_str_t                 at;
    ngx_sent_conv_json_t     *member;
    ngx_sent_conv_starter_t   is, *starter;

    if (!ngx_sent_conv_agent_object(check, path, value,
                                    ngx_sent_conv_agent_starter_members, 2))
    {
        return;
    }

    ngx_memzero(&is, sizeof(ngx_sent_conv_starter_t));
    is.channel = NGX_SENT_CONV_CHANNELS;

    member = ngx_sent_conv_json_get(value, "channel");

    if (member != NULL) {
        at = ngx_sent_conv_agent_path(check, path, "channel");
        (void) ngx_sent_conv_agent_starter_channel(check, &at, member, &is);
    }

    member = ngx_sent_conv_json_get(value, "template");

    if (member != NULL) {
        at = ngx_sent_conv_agent_path(check, path, "template");
        is.template = ngx_sent_conv_agent_template(check, &at, member);

        if (is.template != NULL && is.channel != NGX_SENT_CONV_CHANNELS
            && !ngx_sent_conv_agent_serves(is.template, is.channel))
        {
            ngx_sent_conv_agent_say(check, &at, "not_served",
                                    "This template is not for that channel.");
        }

        at = ngx_sent_conv_agent_path(check, path, "parameters");
        ngx_sent_conv_agent_parameters(check, &at,
                          ngx_sent_conv_json_get(value, "parameters"), &is);
    }

    starter = ngx_array_push(&check->definition->starters);
    if (starter == NULL) {
        check->failed = 1;
        return;
    }

    *starter = is;
}


static ngx_uint_t
ngx_sent_conv_agent_starter_channel(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value,
    ngx_sent_conv_starter_t *starter)
{
    ngx_uint_t                i;
    ngx_sent_conv_channel_e   channel;
    ngx_sent_conv_starter_t  *other;

    channel = ngx_sent_conv_agent_channel(check, path, value);

    if (channel == NGX_SENT_CONV_CHANNELS) {
        return 0;
    }

    other = check->definition->starters.elts;

    for (i = 0; i < check->definition->starters.nelts; i++) {

        if (other[i].channel == channel) {
            ngx_sent_conv_agent_say(check, path, "duplicate",
                                    "This is there twice.");
            return 0;
        }
    }

    starter->channel = channel;

    if (check->definition->channels
        && !(check->definition->channels & (1 << channel)))
    {
        ngx_sent_conv_agent_say(check, path, "channel_off",
                                "This channel is not among those that are "
                                "on.");
    }

    return 1;
}


static ngx_sent_conv_template_t *
ngx_sent_conv_agent_template(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value)
{
    ngx_str_t                  at;
    ngx_uint_t                 by_id;
    ngx_sent_conv_json_t      *name;
    ngx_sent_conv_template_t  *template;

    if (!ngx_sent_conv_agent_object(check, path, value,
                                    ngx_sent_conv_agent_template_members, 0))
    {
        return NULL;
    }

    name = ngx_sent_conv_json_get(value, "id");
    by_id = (name != NULL);

    if (name == NULL) {
        name = ngx_sent_conv_json_get(value, "name");
    }

    if (name == NULL) {
        ngx_sent_conv_agent_say(check, path, "missing",
                                "Choose a template.");
        return NULL;
    }

    at = ngx_sent_conv_agent_path(check, path, by_id ? "id" : "name");

    if (!ngx_sent_conv_agent_text(check, &at, name, 512)) {
        return NULL;
    }

    template = ngx_sent_conv_agent_template_find(check, by_id, &name->text);

    if (template == NULL) {
        ngx_sent_conv_agent_say(check, &at, "not_yours",
                                "This is none of your templates.");
    }

    return template;
}


static ngx_sent_conv_template_t *
ngx_sent_conv_agent_template_find(ngx_sent_conv_agent_check_t *check,
    ngx_uint_t by_id, ngx_str_t *name)
{
    ngx_str_t                 *is;
    ngx_uint_t                 i;
    ngx_sent_conv_template_t  *template;

    if (by_id) {
        (void) ngx_sent_conv_uuid_check(name);
    }

    template = check->customer->templates.elts;

    for (i = 0; i < check->customer->templates.nelts; i++) {
        is = by_id ? &template[i].id : &template[i].name;

        if (is->len == name->len
            && ngx_memcmp(is->data, name->data, name->len) == 0)
        {
            return &template[i];
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_sent_conv_agent_serves(ngx_sent_conv_template_t *template,
    ngx_sent_conv_channel_e channel)
{
    switch (channel) {

    case NGX_SENT_CONV_WHATSAPP:
        return template->whatsapp_name.len != 0;

    case NGX_SENT_CONV_SMS:
        return template->sms_text.len != 0 || template->content_sid.len != 0;

    default: /* NGX_SENT_CONV_RCS */
        return template->rcs_text.len != 0;
    }
}


static void
ngx_sent_conv_agent_parameters(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value,
    ngx_sent_conv_starter_t *starter)
{
    ngx_str_t              at;
    ngx_keyval_t          *parameter;
    ngx_sent_conv_json_t  *member;

    if (ngx_array_init(&starter->parameters, check->pool, 4,
                       sizeof(ngx_keyval_t))
        != NGX_OK)
    {
        check->failed = 1;
        return;
    }

    if (value == NULL) {
        return;
    }

    if (value->type != NGX_SENT_CONV_JSON_OBJECT) {
        ngx_sent_conv_agent_say(check, path, "type",
                                "This must be an object.");
        return;
    }

    for (member = value->first; member; member = member->next) {

        at.len = path->len + 1 + member->key.len;
        at.data = ngx_pnalloc(check->pool, at.len);
        if (at.data == NULL) {
            check->failed = 1;
            return;
        }

        (void) ngx_sprintf(at.data, "%V.%V", path, &member->key);

        if (starter->template != NULL
            && !ngx_sent_conv_agent_has(starter->template, &member->key))
        {
            ngx_sent_conv_agent_say(check, &at, "unknown_key",
                                    "The template has no such parameter.");
            continue;
        }

        if (!ngx_sent_conv_agent_text(check, &at, member,
                                      NGX_SENT_CONV_DEFINITION_PARAMETER))
        {
            continue;
        }

        parameter = ngx_array_push(&starter->parameters);
        if (parameter == NULL) {
            check->failed = 1;
            return;
        }

        parameter->key = member->key;
        parameter->value = member->text;
    }
}


static ngx_uint_t
ngx_sent_conv_agent_has(ngx_sent_conv_template_t *template, ngx_str_t *name)
{
    ngx_str_t   *is;
    ngx_uint_t   i;

    is = template->parameters.elts;

    for (i = 0; i < template->parameters.nelts; i++) {

        if (is[i].len == name->len
            && ngx_memcmp(is[i].data, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}
