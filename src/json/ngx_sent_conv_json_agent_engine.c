
/*
 * The parts of a definition that say how a conversation goes and ends: engine,
 * ping, ending.
 */


#include "ngx_sent_conv_json_agent.h"


static void ngx_sent_conv_agent_optional(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *part, ngx_sent_conv_json_t *object, const char *name,
    ngx_str_t *text);
static ngx_uint_t ngx_sent_conv_agent_number(
    ngx_sent_conv_agent_check_t *check, ngx_str_t *part,
    ngx_sent_conv_json_t *object, const char *name, ngx_uint_t least,
    ngx_uint_t most, ngx_uint_t nullable);
static void ngx_sent_conv_agent_keywords(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value);
static void ngx_sent_conv_agent_keyword(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value, ngx_array_t *seen);


static const char  *ngx_sent_conv_agent_engine_members[] = {
    "greeting", "coalesce_seconds", "expiring_minutes", NULL
};


static const char  *ngx_sent_conv_agent_ping_members[] = {
    "after_minutes", "text", "max", NULL
};


static const char  *ngx_sent_conv_agent_ending_members[] = {
    "confirmation", "keywords", NULL
};


void
ngx_sent_conv_agent_engine(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *value)
{
    ngx_sent_conv_definition_t  *definition;
    static ngx_str_t             part = ngx_string("engine");

    definition = check->definition;

    if (!ngx_sent_conv_agent_object(check, &part, value,
                                    ngx_sent_conv_agent_engine_members, 0))
    {
        return;
    }

    ngx_sent_conv_agent_optional(check, &part, value, "greeting",
                                 &definition->greeting);

    definition->coalesce = ngx_sent_conv_agent_number(check, &part, value,
                                   "coalesce_seconds", 0,
                                   NGX_SENT_CONV_DEFINITION_COALESCE, 0);
    definition->expiring = ngx_sent_conv_agent_number(check, &part, value,
                                   "expiring_minutes", 1,
                                   NGX_SENT_CONV_DEFINITION_MINUTES, 1);
}


void
ngx_sent_conv_agent_ping(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *value)
{
    ngx_str_t                    path;
    ngx_sent_conv_json_t        *text;
    ngx_sent_conv_definition_t  *definition;
    static ngx_str_t             part = ngx_string("ping");

    definition = check->definition;

    if (value->type == NGX_SENT_CONV_JSON_NULL) {
        return;
    }

    if (!ngx_sent_conv_agent_object(check, &part, value,
                                    ngx_sent_conv_agent_ping_members, 3))
    {
        return;
    }

    definition->ping_after = ngx_sent_conv_agent_number(check, &part, value,
                                       "after_minutes", 1,
                                       NGX_SENT_CONV_DEFINITION_MINUTES, 0);
    definition->ping_max = ngx_sent_conv_agent_number(check, &part, value,
                                       "max", 1,
                                       NGX_SENT_CONV_DEFINITION_PINGS, 0);

    text = ngx_sent_conv_json_get(value, "text");

    if (text != NULL) {
        path = ngx_sent_conv_agent_path(check, &part, "text");

        if (ngx_sent_conv_agent_text(check, &path, text,
                                     NGX_SENT_CONV_DEFINITION_TEXT))
        {
            definition->ping_text = text->text;
        }
    }
}


void
ngx_sent_conv_agent_ending(ngx_sent_conv_agent_check_t *check,
    ngx_sent_conv_json_t *value)
{
    ngx_str_t              path;
    ngx_sent_conv_json_t  *keywords;
    static ngx_str_t       part = ngx_string("ending");

    if (!ngx_sent_conv_agent_object(check, &part, value,
                                    ngx_sent_conv_agent_ending_members, 0))
    {
        return;
    }

    ngx_sent_conv_agent_optional(check, &part, value, "confirmation",
                                 &check->definition->confirmation);

    keywords = ngx_sent_conv_json_get(value, "keywords");

    if (keywords != NULL) {
        path = ngx_sent_conv_agent_path(check, &part, "keywords");
        ngx_sent_conv_agent_keywords(check, &path, keywords);
    }
}


/* a text that may be absent or null */

static void
ngx_sent_conv_agent_optional(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *part, ngx_sent_conv_json_t *object, const char *name,
    ngx_str_t *text)
{
    ngx_str_t              path;
    ngx_sent_conv_json_t  *value;

    value = ngx_sent_conv_json_get(object, name);

    if (value == NULL || value->type == NGX_SENT_CONV_JSON_NULL) {
        return;
    }

    path = ngx_sent_conv_agent_path(check, part, name);

    if (ngx_sent_conv_agent_text(check, &path, value,
                                 NGX_SENT_CONV_DEFINITION_TEXT))
    {
        *text = value->text;
    }
}


/* a number that may be absent; 0 then, or where it is wrong */

static ngx_uint_t
ngx_sent_conv_agent_number(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *part, ngx_sent_conv_json_t *object, const char *name,
    ngx_uint_t least, ngx_uint_t most, ngx_uint_t nullable)
{
    ngx_str_t              path;
    ngx_sent_conv_json_t  *value;

    value = ngx_sent_conv_json_get(object, name);

    if (value == NULL
        || (nullable && value->type == NGX_SENT_CONV_JSON_NULL))
    {
        return 0;
    }

    path = ngx_sent_conv_agent_path(check, part, name);

    if (!ngx_sent_conv_agent_integer(check, &path, value, least, most)) {
        return 0;
    }

    return (ngx_uint_t) value->integer;
}


static void
ngx_sent_conv_agent_keywords(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value)
{
    ngx_str_t              at;
    ngx_uint_t             i;
    ngx_array_t            seen;
    ngx_sent_conv_json_t  *word;

    if (!ngx_sent_conv_agent_list(check, path, value,
                                  NGX_SENT_CONV_DEFINITION_KEYWORDS))
    {
        return;
    }

    if (ngx_array_init(&seen, check->pool, value->n + 1, sizeof(ngx_str_t))
        != NGX_OK)
    {
        check->failed = 1;
        return;
    }

    for (i = 0, word = value->first; word; i++, word = word->next) {
        at = ngx_sent_conv_agent_item(check, path, i);
        ngx_sent_conv_agent_keyword(check, &at, word, &seen);
    }
}


static void
ngx_sent_conv_agent_keyword(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value, ngx_array_t *seen)
{
    ngx_str_t                folded, *word;
    ngx_array_t              none;
    ngx_sent_conv_keyword_e  keyword;

    if (!ngx_sent_conv_agent_text(check, path, value,
                                  NGX_SENT_CONV_DEFINITION_KEYWORD))
    {
        return;
    }

    if (ngx_sent_conv_keyword_normalize(check->pool, &value->text, &folded)
        != NGX_OK)
    {
        check->failed = 1;
        return;
    }

    if (folded.len == 0) {
        ngx_sent_conv_agent_say(check, path, "range",
                                "Nothing of it counts as a word.");
        return;
    }

    ngx_memzero(&none, sizeof(ngx_array_t));

    keyword = ngx_sent_conv_keyword_match(&folded, &none);

    if (keyword == NGX_SENT_CONV_KW_START || keyword == NGX_SENT_CONV_KW_HELP)
    {
        ngx_sent_conv_agent_say(check, path, "reserved",
                                "This word has a meaning of its own.");
        return;
    }

    if (!ngx_sent_conv_agent_once(check, path, seen, &folded)) {
        return;
    }

    word = ngx_array_push(&check->definition->keywords);
    if (word == NULL) {
        check->failed = 1;
        return;
    }

    *word = value->text;
}
