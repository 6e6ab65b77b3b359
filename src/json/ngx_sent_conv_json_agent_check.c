
/*
 * What the parts of a definition are checked with: kinds, bounds, and the
 * telling of what is wrong.
 */


#include "ngx_sent_conv_json_agent.h"


static void ngx_sent_conv_agent_issue(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, const char *code, const char *message,
    ngx_uint_t warning);
static ngx_uint_t ngx_sent_conv_agent_known(ngx_str_t *key,
    const char **members);


void
ngx_sent_conv_agent_say(ngx_sent_conv_agent_check_t *check, ngx_str_t *path,
    const char *code, const char *message)
{
    check->wrong = 1;

    ngx_sent_conv_agent_issue(check, path, code, message, 0);
}


void
ngx_sent_conv_agent_warn(ngx_sent_conv_agent_check_t *check, ngx_str_t *path,
    const char *code, const char *message)
{
    ngx_sent_conv_agent_issue(check, path, code, message, 1);
}


static void
ngx_sent_conv_agent_issue(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, const char *code, const char *message,
    ngx_uint_t warning)
{
    ngx_sent_conv_issue_t  *issue;

    issue = ngx_array_push(check->issues);
    if (issue == NULL) {
        check->failed = 1;
        return;
    }

    issue->path = *path;
    issue->code = code;
    issue->message = message;
    issue->warning = warning;
}


ngx_str_t
ngx_sent_conv_agent_path(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *parent, const char *name)
{
    ngx_str_t  path;

    path.len = 0;
    path.data = ngx_pnalloc(check->pool, parent->len + ngx_strlen(name) + 1);

    if (path.data == NULL) {
        check->failed = 1;
        return path;
    }

    path.len = ngx_sprintf(path.data, "%V%s%s", parent,
                           parent->len ? "." : "", name)
               - path.data;

    return path;
}


ngx_str_t
ngx_sent_conv_agent_item(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *parent, ngx_uint_t i)
{
    ngx_str_t  path;

    path.len = 0;
    path.data = ngx_pnalloc(check->pool,
                            parent->len + NGX_INT_T_LEN + sizeof("[]"));

    if (path.data == NULL) {
        check->failed = 1;
        return path;
    }

    path.len = ngx_sprintf(path.data, "%V[%ui]", parent, i) - path.data;

    return path;
}


/* members ends with NULL; the first so many of them are required */

ngx_uint_t
ngx_sent_conv_agent_object(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value, const char **members,
    ngx_uint_t required)
{
    u_char                *p;
    ngx_str_t              at;
    ngx_uint_t             i;
    ngx_sent_conv_json_t  *member;

    if (value->type != NGX_SENT_CONV_JSON_OBJECT) {
        ngx_sent_conv_agent_say(check, path, "type",
                                "This must be an object.");
        return 0;
    }

    for (member = value->first; member; member = member->next) {

        if (ngx_sent_conv_agent_known(&member->key, members)) {
            continue;
        }

        p = ngx_pnalloc(check->pool, member->key.len + 1);
        if (p == NULL) {
            check->failed = 1;
            return 0;
        }

        (void) ngx_cpystrn(p, member->key.data, member->key.len + 1);

        at = ngx_sent_conv_agent_path(check, path, (char *) p);
        ngx_sent_conv_agent_say(check, &at, "unknown_key",
                                "Nothing of this name is known here.");
    }

    for (i = 0; i < required; i++) {

        if (ngx_sent_conv_json_get(value, members[i]) == NULL) {
            at = ngx_sent_conv_agent_path(check, path, members[i]);
            ngx_sent_conv_agent_say(check, &at, "missing",
                                    "This is missing.");
        }
    }

    return 1;
}


static ngx_uint_t
ngx_sent_conv_agent_known(ngx_str_t *key, const char **members)
{
    ngx_uint_t  i;

    for (i = 0; members[i] != NULL; i++) {

        if (key->len == ngx_strlen(members[i])
            && ngx_memcmp(key->data, members[i], key->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_sent_conv_agent_list(ngx_sent_conv_agent_check_t *check, ngx_str_t *path,
    ngx_sent_conv_json_t *value, ngx_uint_t most)
{
    if (value->type != NGX_SENT_CONV_JSON_ARRAY) {
        ngx_sent_conv_agent_say(check, path, "type", "This must be a list.");
        return 0;
    }

    if (value->n > most) {
        ngx_sent_conv_agent_say(check, path, "too_many",
                                "These are too many.");
        return 0;
    }

    return 1;
}


ngx_uint_t
ngx_sent_conv_agent_string(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value)
{
    if (value->type == NGX_SENT_CONV_JSON_STRING) {
        return 1;
    }

    ngx_sent_conv_agent_say(check, path, "type", "This must be a text.");

    return 0;
}


ngx_uint_t
ngx_sent_conv_agent_text(ngx_sent_conv_agent_check_t *check, ngx_str_t *path,
    ngx_sent_conv_json_t *value, ngx_uint_t most)
{
    ngx_int_t  n;

    if (!ngx_sent_conv_agent_string(check, path, value)) {
        return 0;
    }

    n = ngx_sent_conv_utf8_length(&value->text);

    if (n < 1 || n > (ngx_int_t) most) {
        ngx_sent_conv_agent_say(check, path, "range",
                                "This is empty, or too long.");
        return 0;
    }

    return 1;
}


ngx_uint_t
ngx_sent_conv_agent_integer(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value, ngx_uint_t least,
    ngx_uint_t most)
{
    if (value->type != NGX_SENT_CONV_JSON_INTEGER
        && !(value->type == NGX_SENT_CONV_JSON_NUMBER && value->integer != 0))
    {
        ngx_sent_conv_agent_say(check, path, "type",
                                "This must be a whole number.");
        return 0;
    }

    if (value->integer < (int64_t) least || value->integer > (int64_t) most) {
        ngx_sent_conv_agent_say(check, path, "range",
                                "This is too small, or too large.");
        return 0;
    }

    return 1;
}


ngx_uint_t
ngx_sent_conv_agent_once(ngx_sent_conv_agent_check_t *check, ngx_str_t *path,
    ngx_array_t *list, ngx_str_t *value)
{
    ngx_str_t   *is;
    ngx_uint_t   i;

    is = list->elts;

    for (i = 0; i < list->nelts; i++) {

        if (is[i].len == value->len
            && ngx_memcmp(is[i].data, value->data, value->len) == 0)
        {
            ngx_sent_conv_agent_say(check, path, "duplicate",
                                    "This is there twice.");
            return 0;
        }
    }

    is = ngx_array_push(list);
    if (is == NULL) {
        check->failed = 1;
        return 0;
    }

    *is = *value;

    return 1;
}


ngx_sent_conv_channel_e
ngx_sent_conv_agent_channel(ngx_sent_conv_agent_check_t *check,
    ngx_str_t *path, ngx_sent_conv_json_t *value)
{
    ngx_sent_conv_channel_e  channel;

    if (!ngx_sent_conv_agent_string(check, path, value)) {
        return NGX_SENT_CONV_CHANNELS;
    }

    channel = ngx_sent_conv_channel_parse(&value->text);

    if (channel == NGX_SENT_CONV_CHANNELS) {
        ngx_sent_conv_agent_say(check, path, "value",
                                "A channel is whatsapp, sms or rcs.");
    }

    return channel;
}
