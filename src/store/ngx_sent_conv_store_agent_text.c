
/*
 * A text of the version that opened a conversation, which may not be the live
 * one any more.
 */


#include "ngx_sent_conv_json_agent.h"
#include "ngx_sent_conv_store_private.h"


typedef struct {
    const char  *part;
    const char  *name;
} ngx_sent_conv_store_text_t;


static void ngx_sent_conv_store_agent_text_read(void *data,
    ngx_sent_conv_err_e err, void *result);
static ngx_int_t ngx_sent_conv_store_agent_text_of(ngx_pool_t *pool,
    ngx_str_t *version, const char *part, const char *name, ngx_str_t *text);


ngx_int_t
ngx_sent_conv_store_agent_text(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *agent, ngx_str_t *version,
    const char *part, const char *name, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_int_t                    rc, n;
    ngx_sent_conv_store_op_t    *op;
    ngx_sent_conv_store_text_t  *ctx;

    n = ngx_atoi(version->data, version->len);

    op = ngx_sent_conv_store_op_create(store, customer, handler, data,
                                       sizeof(ngx_sent_conv_store_text_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    ctx = op->ctx;
    ctx->part = part;
    ctx->name = name;

    rc = (n == NGX_ERROR) ? NGX_ERROR
         : ngx_sent_conv_store_agent_versions(store, &customer->id, agent, n,
                                              n,
                                       ngx_sent_conv_store_agent_text_read,
                                              op);
    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_agent_text_read(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t                    text, *version;
    ngx_array_t                 *list;
    ngx_sent_conv_store_text_t  *ctx;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;
    list = result;
    version = list->elts;

    ngx_str_null(&text);

    if (list->nelts
        && ngx_sent_conv_store_agent_text_of(op->pool, version, ctx->part,
                                             ctx->name, &text)
           != NGX_OK)
    {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &text);
}


static ngx_int_t
ngx_sent_conv_store_agent_text_of(ngx_pool_t *pool, ngx_str_t *version,
    const char *part, const char *name, ngx_str_t *text)
{
    ngx_int_t              rc;
    ngx_uint_t             i;
    ngx_sent_conv_json_t  *json;
    const char            *path[3];

    json = ngx_sent_conv_store_config_object(pool, version, &rc);

    if (rc != NGX_OK) {
        return rc;
    }

    path[0] = "definition";
    path[1] = part;
    path[2] = name;

    for (i = 0; i < 3; i++) {

        if (json == NULL || json->type != NGX_SENT_CONV_JSON_OBJECT) {
            return NGX_OK;
        }

        json = ngx_sent_conv_json_get(json, path[i]);
    }

    if (json != NULL && json->type == NGX_SENT_CONV_JSON_STRING) {
        *text = json->text;
    }

    return NGX_OK;
}
