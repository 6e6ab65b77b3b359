
/*
 * Tests of the reading of definitions, by the examples in t/agent, which the
 * page's own reading is held to as well.
 */


#include "ngx_sent_conv_unit.h"
#include "ngx_sent_conv_json_agent.h"


static void ngx_sent_conv_unit_agent_file(ngx_pool_t *pool, ngx_str_t *name,
    ngx_uint_t valid);
static ngx_int_t ngx_sent_conv_unit_agent_read(ngx_pool_t *pool,
    ngx_str_t *name, ngx_sent_conv_json_t **json, size_t *size);
static ngx_int_t ngx_sent_conv_unit_agent_given(ngx_pool_t *pool,
    ngx_sent_conv_json_t *given, ngx_sent_conv_customer_t *customer,
    ngx_array_t *taken);
static void ngx_sent_conv_unit_agent_template(ngx_pool_t *pool,
    ngx_sent_conv_json_t *given, ngx_sent_conv_template_t *template);
static ngx_uint_t ngx_sent_conv_unit_agent_has(ngx_sent_conv_json_t *list,
    const char *word);
static ngx_uint_t ngx_sent_conv_unit_agent_same(ngx_array_t *issues,
    ngx_sent_conv_json_t *expected);
static size_t ngx_sent_conv_unit_agent_size(ngx_pool_t *pool,
    ngx_sent_conv_json_t *definition);


void
ngx_sent_conv_unit_agent(ngx_pool_t *pool)
{
    char        *root, pattern[NGX_MAX_PATH];
    ngx_str_t    name;
    ngx_uint_t   valid, n;
    ngx_glob_t   gl;

    root = getenv("SENT_CONV_AGENTS");
    n = 0;

    for (valid = 0; root != NULL && valid < 2; valid++) {

        (void) ngx_snprintf((u_char *) pattern, sizeof(pattern),
                            "%s/%s/*.json%Z", root,
                            valid ? "valid" : "invalid");

        ngx_memzero(&gl, sizeof(ngx_glob_t));
        gl.pattern = (u_char *) pattern;
        gl.log = pool->log;

        if (ngx_open_glob(&gl) != NGX_OK) {
            break;
        }

        while (ngx_read_glob(&gl, &name) == NGX_OK) {
            ngx_sent_conv_unit_agent_file(pool, &name, valid);
            n++;
        }

        ngx_close_glob(&gl);
    }

    ngx_sent_conv_unit_ok(n > 25, "examples of definitions");
}


static void
ngx_sent_conv_unit_agent_file(ngx_pool_t *pool, ngx_str_t *name,
    ngx_uint_t valid)
{
    size_t                       size;
    ngx_int_t                    rc;
    ngx_uint_t                   i, same;
    ngx_array_t                  taken, issues;
    ngx_sent_conv_json_t        *json, *definition;
    ngx_sent_conv_issue_t       *issue;
    ngx_sent_conv_customer_t     customer;
    ngx_sent_conv_definition_t   is;

    if (ngx_sent_conv_unit_agent_read(pool, name, &json, &size) != NGX_OK
        || ngx_array_init(&issues, pool, 8, sizeof(ngx_sent_conv_issue_t))
           != NGX_OK
        || ngx_sent_conv_unit_agent_given(pool,
                                      ngx_sent_conv_json_get(json, "given"),
                                      &customer, &taken)
           != NGX_OK)
    {
        ngx_sent_conv_unit_ok(0, "%.*s is read", (int) name->len, name->data);
        return;
    }

    definition = ngx_sent_conv_json_get(json, "definition");

    rc = ngx_sent_conv_json_agent(pool, definition,
                             ngx_sent_conv_unit_agent_size(pool, definition),
                             &customer, &taken, &is, &issues);

    same = ngx_sent_conv_unit_agent_same(&issues,
                                      ngx_sent_conv_json_get(json, "issues"));

    ngx_sent_conv_unit_ok(rc == (valid ? NGX_OK : NGX_DECLINED) && same,
                          "definition: %s",
                          strrchr((char *) name->data, '/') + 1);

    issue = issues.elts;

    for (i = 0; !same && i < issues.nelts; i++) {
        printf("# %.*s %s\n", (int) issue[i].path.len, issue[i].path.data,
               issue[i].code);
    }
}


static ngx_int_t
ngx_sent_conv_unit_agent_read(ngx_pool_t *pool, ngx_str_t *name,
    ngx_sent_conv_json_t **json, size_t *size)
{
    char        *err;
    ssize_t      n;
    ngx_str_t    text;
    ngx_file_t   file;

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = *name;
    file.log = pool->log;
    file.fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        return NGX_ERROR;
    }

    text.data = ngx_pnalloc(pool, 131072);
    n = text.data ? ngx_read_file(&file, text.data, 131072, 0) : NGX_ERROR;

    (void) ngx_close_file(file.fd);

    if (n == NGX_ERROR) {
        return NGX_ERROR;
    }

    text.len = n;
    *size = n;

    return ngx_sent_conv_json_parse_str(pool, &text, json, &err);
}


static ngx_int_t
ngx_sent_conv_unit_agent_given(ngx_pool_t *pool, ngx_sent_conv_json_t *given,
    ngx_sent_conv_customer_t *customer, ngx_array_t *taken)
{
    ngx_str_t                 *number;
    ngx_sent_conv_json_t      *item;
    ngx_sent_conv_number_t    *own;
    ngx_sent_conv_endpoint_t  *endpoint;
    ngx_sent_conv_template_t  *template;

    ngx_memzero(customer, sizeof(ngx_sent_conv_customer_t));

    if (ngx_array_init(&customer->numbers, pool, 8,
                       sizeof(ngx_sent_conv_number_t))
        != NGX_OK
        || ngx_array_init(&customer->endpoints, pool, 8,
                          sizeof(ngx_sent_conv_endpoint_t))
           != NGX_OK
        || ngx_array_init(&customer->templates, pool, 8,
                          sizeof(ngx_sent_conv_template_t))
           != NGX_OK
        || ngx_array_init(taken, pool, 8, sizeof(ngx_str_t)) != NGX_OK)
    {
        return NGX_ERROR;
    }

    item = ngx_sent_conv_json_get(given, "numbers")->first;

    for ( /* void */ ; item; item = item->next) {
        own = ngx_array_push(&customer->numbers);
        own->e164 = ngx_sent_conv_json_get(item, "number")->text;
        own->channel = ngx_sent_conv_channel_parse(
                               &ngx_sent_conv_json_get(item, "channel")->text);
    }

    item = ngx_sent_conv_json_get(given, "webhooks")->first;

    for ( /* void */ ; item; item = item->next) {
        endpoint = ngx_array_push(&customer->endpoints);
        ngx_memzero(endpoint, sizeof(ngx_sent_conv_endpoint_t));
        endpoint->id = ngx_sent_conv_json_get(item, "id")->text;
        endpoint->is_active = ngx_sent_conv_json_get(item, "active")->integer;
    }

    item = ngx_sent_conv_json_get(given, "templates")->first;

    for ( /* void */ ; item; item = item->next) {
        template = ngx_array_push(&customer->templates);
        ngx_sent_conv_unit_agent_template(pool, item, template);
    }

    item = ngx_sent_conv_json_get(given, "taken")->first;

    for ( /* void */ ; item; item = item->next) {
        number = ngx_array_push(taken);
        *number = item->key;
    }

    return NGX_OK;
}


static void
ngx_sent_conv_unit_agent_template(ngx_pool_t *pool,
    ngx_sent_conv_json_t *given, ngx_sent_conv_template_t *template)
{
    ngx_str_t             *name;
    ngx_sent_conv_json_t  *item, *channels;

    ngx_memzero(template, sizeof(ngx_sent_conv_template_t));

    template->id = ngx_sent_conv_json_get(given, "id")->text;
    template->name = ngx_sent_conv_json_get(given, "name")->text;
    channels = ngx_sent_conv_json_get(given, "channels");

    if (ngx_sent_conv_unit_agent_has(channels, "whatsapp")) {
        template->whatsapp_name = template->name;
    }

    if (ngx_sent_conv_unit_agent_has(channels, "sms")) {
        template->sms_text = template->name;
    }

    if (ngx_sent_conv_unit_agent_has(channels, "rcs")) {
        template->rcs_text = template->name;
    }

    if (ngx_array_init(&template->parameters, pool, 4, sizeof(ngx_str_t))
        != NGX_OK)
    {
        return;
    }

    item = ngx_sent_conv_json_get(given, "parameters")->first;

    for ( /* void */ ; item; item = item->next) {
        name = ngx_array_push(&template->parameters);
        *name = item->text;
    }
}


static ngx_uint_t
ngx_sent_conv_unit_agent_has(ngx_sent_conv_json_t *list, const char *word)
{
    ngx_sent_conv_json_t  *item;

    for (item = list->first; item; item = item->next) {

        if (item->text.len == ngx_strlen(word)
            && ngx_memcmp(item->text.data, word, item->text.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* the same, in any order */

static ngx_uint_t
ngx_sent_conv_unit_agent_same(ngx_array_t *issues,
    ngx_sent_conv_json_t *expected)
{
    ngx_str_t              *path, *code;
    ngx_uint_t              i, found;
    ngx_sent_conv_json_t   *item;
    ngx_sent_conv_issue_t  *issue;

    if (issues->nelts != expected->n) {
        return 0;
    }

    issue = issues->elts;

    for (item = expected->first; item; item = item->next) {
        path = &ngx_sent_conv_json_get(item, "path")->text;
        code = &ngx_sent_conv_json_get(item, "code")->text;
        found = 0;

        for (i = 0; i < issues->nelts; i++) {
            found |= issue[i].path.len == path->len
                     && ngx_memcmp(issue[i].path.data, path->data, path->len)
                        == 0
                     && ngx_strlen(issue[i].code) == code->len
                     && ngx_memcmp(issue[i].code, code->data, code->len) == 0
                     && issue[i].warning
                        == (ngx_sent_conv_json_get(item, "level")->text.data[0]
                            == 'w');
        }

        if (!found) {
            return 0;
        }
    }

    return 1;
}


static size_t
ngx_sent_conv_unit_agent_size(ngx_pool_t *pool,
    ngx_sent_conv_json_t *definition)
{
    ngx_str_t           text;
    ngx_sent_conv_jw_t  w;

    ngx_sent_conv_jw_init(&w, pool, 4096);
    ngx_sent_conv_jw_value(&w, NULL, definition);

    return ngx_sent_conv_jw_done(&w, &text) == NGX_OK ? text.len : 0;
}
