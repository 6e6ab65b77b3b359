
/*
 * A customer's templates: as they stand in Redis, put, deleted, found.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    ngx_str_t              name;
    ngx_str_t              whatsapp_name;
    ngx_str_t              language;
    ngx_str_t              sms_text;
    ngx_str_t              content_sid;
    ngx_str_t              rcs_text;
    ngx_int_t              created_at;
    ngx_sent_conv_json_t  *parameters;
} ngx_sent_conv_store_template_t;


static ngx_int_t ngx_sent_conv_store_template_read(ngx_pool_t *pool,
    ngx_str_t *id, ngx_sent_conv_store_template_t *is,
    ngx_sent_conv_template_t *template);
static int ngx_libc_cdecl ngx_sent_conv_store_template_older(const void *one,
    const void *two);
static ngx_int_t ngx_sent_conv_store_template_json(ngx_pool_t *pool,
    ngx_sent_conv_template_t *template, ngx_str_t *json);
static ngx_int_t ngx_sent_conv_store_template_steps(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_template_t *template);
static ngx_int_t ngx_sent_conv_store_template_written(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_reply_t *reply);


#define ngx_sent_conv_store_template_field(name, slot)                        \
    { ngx_string(name),                                                       \
      NGX_SENT_CONV_FIELD_STRING|NGX_SENT_CONV_FIELD_NULLABLE,                \
      offsetof(ngx_sent_conv_store_template_t, slot) }


static ngx_sent_conv_json_field_t  ngx_sent_conv_store_template_fields[] = {

    ngx_sent_conv_store_template_field("name", name),
    ngx_sent_conv_store_template_field("whatsapp_name", whatsapp_name),
    ngx_sent_conv_store_template_field("language", language),
    ngx_sent_conv_store_template_field("sms_text", sms_text),
    ngx_sent_conv_store_template_field("content_sid", content_sid),
    ngx_sent_conv_store_template_field("rcs_text", rcs_text),

    { ngx_string("created_at"),
      NGX_SENT_CONV_FIELD_INTEGER,
      offsetof(ngx_sent_conv_store_template_t, created_at) },

    { ngx_string("parameters"),
      NGX_SENT_CONV_FIELD_VALUE|NGX_SENT_CONV_FIELD_REQUIRED,
      offsetof(ngx_sent_conv_store_template_t, parameters) },

    ngx_sent_conv_json_null_field
};


ngx_int_t
ngx_sent_conv_store_config_templates(ngx_sent_conv_customer_t *customer,
    ngx_sent_conv_reply_t *reply, ngx_pool_t *temp)
{
    char                            *code;
    ngx_int_t                        rc;
    ngx_str_t                        id, text, *field;
    ngx_uint_t                       i, n;
    ngx_sent_conv_json_t            *object;
    ngx_sent_conv_template_t        *template;
    ngx_sent_conv_store_template_t   is;

    n = ngx_sent_conv_reply_n(reply);

    if (ngx_array_init(&customer->templates, customer->pool, n / 2 + 1,
                       sizeof(ngx_sent_conv_template_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i + 1 < n; i += 2) {

        text = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i + 1));

        object = ngx_sent_conv_store_config_object(temp, &text, &rc);
        if (rc != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_memzero(&is, sizeof(ngx_sent_conv_store_template_t));

        if (object == NULL
            || ngx_sent_conv_json_bind(object,
                                       ngx_sent_conv_store_template_fields,
                                       &is, NULL, &field, &code)
               != NGX_OK)
        {
            continue;
        }

        id = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));
        template = ngx_array_push(&customer->templates);

        if (template == NULL
            || ngx_sent_conv_store_template_read(customer->pool, &id, &is,
                                                 template)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    ngx_qsort(customer->templates.elts, customer->templates.nelts,
              sizeof(ngx_sent_conv_template_t),
              ngx_sent_conv_store_template_older);

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_store_template_read(ngx_pool_t *pool, ngx_str_t *id,
    ngx_sent_conv_store_template_t *is, ngx_sent_conv_template_t *template)
{
    ngx_str_t             *name;
    ngx_sent_conv_json_t  *item;

    ngx_memzero(template, sizeof(ngx_sent_conv_template_t));

    template->created_at = is->created_at;

    if (ngx_array_init(&template->parameters, pool, is->parameters->n + 1,
                       sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (item = is->parameters->first; item != NULL; item = item->next) {
        name = ngx_array_push(&template->parameters);

        if (name == NULL
            || ngx_sent_conv_store_copy(pool, &item->text, name) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (ngx_sent_conv_store_copy(pool, id, &template->id) != NGX_OK
        || ngx_sent_conv_store_copy(pool, &is->name, &template->name)
           != NGX_OK
        || ngx_sent_conv_store_copy(pool, &is->whatsapp_name,
                                    &template->whatsapp_name)
           != NGX_OK
        || ngx_sent_conv_store_copy(pool, &is->language, &template->language)
           != NGX_OK
        || ngx_sent_conv_store_copy(pool, &is->sms_text, &template->sms_text)
           != NGX_OK
        || ngx_sent_conv_store_copy(pool, &is->content_sid,
                                    &template->content_sid)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_copy(pool, &is->rcs_text, &template->rcs_text);
}


static int ngx_libc_cdecl
ngx_sent_conv_store_template_older(const void *one, const void *two)
{
    const ngx_sent_conv_template_t  *a, *b;

    a = one;
    b = two;

    if (a->created_at != b->created_at) {
        return (a->created_at < b->created_at) ? -1 : 1;
    }

    return ngx_memcmp(a->id.data, b->id.data, ngx_min(a->id.len, b->id.len));
}


static ngx_int_t
ngx_sent_conv_store_template_json(ngx_pool_t *pool,
    ngx_sent_conv_template_t *template, ngx_str_t *json)
{
    ngx_str_t           *name;
    ngx_uint_t           i;
    ngx_sent_conv_jw_t   w;

    name = template->parameters.elts;

    ngx_sent_conv_jw_init(&w, pool, 1024);

    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_str(&w, "name", &template->name);
    ngx_sent_conv_jw_open(&w, "parameters", '[');

    for (i = 0; i < template->parameters.nelts; i++) {
        ngx_sent_conv_jw_str(&w, NULL, &name[i]);
    }

    ngx_sent_conv_jw_close(&w, ']');
    ngx_sent_conv_jw_str(&w, "whatsapp_name", &template->whatsapp_name);
    ngx_sent_conv_jw_str(&w, "language", &template->language);
    ngx_sent_conv_jw_str(&w, "sms_text", &template->sms_text);
    ngx_sent_conv_jw_str(&w, "content_sid", &template->content_sid);
    ngx_sent_conv_jw_str(&w, "rcs_text", &template->rcs_text);
    ngx_sent_conv_jw_int(&w, "created_at", (int64_t) template->created_at);
    ngx_sent_conv_jw_close(&w, '}');

    return ngx_sent_conv_jw_done(&w, json);
}


ngx_int_t
ngx_sent_conv_store_template_put(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_sent_conv_template_t *template,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_sent_conv_store_change_t  *change;

    change = ngx_sent_conv_store_change_create(store, customer, handler,
                                               data);
    if (change == NULL) {
        return NGX_ERROR;
    }

    change->tells = 1;

    return ngx_sent_conv_store_change_begin(change,
                        ngx_sent_conv_store_template_steps(change, template));
}


static ngx_int_t
ngx_sent_conv_store_template_steps(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_template_t *template)
{
    ngx_str_t   *argv;
    ngx_pool_t  *pool;

    argv = ngx_sent_conv_store_change_step(change, &change->customer, 5,
                                         ngx_sent_conv_store_template_written);
    if (argv == NULL) {
        return NGX_ERROR;
    }

    change->steps[change->n - 1].script = NGX_SENT_CONV_S_TEMPLATE_PUT;

    pool = change->op->pool;

    ngx_sent_conv_store_key_customer(change->op, &change->customer,
                                     "templates", &argv[0]);
    ngx_sent_conv_store_number(pool, NGX_SENT_CONV_MAX_TEMPLATES, &argv[4]);

    if (ngx_sent_conv_store_copy(pool, &template->id, &argv[1]) != NGX_OK
        || ngx_sent_conv_store_copy(pool, &template->name, &argv[3])
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_template_json(pool, template, &argv[2]);
}


static ngx_int_t
ngx_sent_conv_store_template_written(ngx_sent_conv_store_change_t *change,
    ngx_sent_conv_reply_t *reply)
{
    if (ngx_sent_conv_reply_is(reply, "OK")) {
        return NGX_OK;
    }

    if (ngx_sent_conv_reply_is(reply, "NAME")) {
        change->result = NGX_DECLINED;
        return NGX_DECLINED;
    }

    if (ngx_sent_conv_reply_is(reply, "FULL")) {
        change->result = NGX_ABORT;
        return NGX_DECLINED;
    }

    return NGX_ERROR;
}


ngx_int_t
ngx_sent_conv_store_template_delete(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *id, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_sent_conv_store_change_t  *change;

    change = ngx_sent_conv_store_change_create(store, customer, handler,
                                               data);
    if (change == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_store_change_begin(change,
                  ngx_sent_conv_store_change_hash(change, "HDEL", "templates",
                                                  id, NULL));
}


ngx_sent_conv_template_t *
ngx_sent_conv_customer_template(ngx_sent_conv_customer_t *customer,
    ngx_str_t *id)
{
    ngx_uint_t                 i;
    ngx_sent_conv_template_t  *template;

    template = customer->templates.elts;

    for (i = 0; i < customer->templates.nelts; i++) {
        if (ngx_sent_conv_store_same(&template[i].id, id)) {
            return &template[i];
        }
    }

    return NULL;
}


ngx_sent_conv_template_t *
ngx_sent_conv_customer_template_name(ngx_sent_conv_customer_t *customer,
    ngx_str_t *name)
{
    ngx_uint_t                 i;
    ngx_sent_conv_template_t  *template;

    template = customer->templates.elts;

    for (i = 0; i < customer->templates.nelts; i++) {
        if (ngx_sent_conv_store_same(&template[i].name, name)) {
            return &template[i];
        }
    }

    return NULL;
}
