
/*
 * Values out of a JSON tree: a member by name, a struct by a table of fields.
 */


#include "ngx_sent_conv_json.h"


static ngx_int_t ngx_sent_conv_json_bind_field(
    ngx_sent_conv_json_field_t *field, ngx_sent_conv_json_t *value,
    u_char *slot);


ngx_sent_conv_json_t *
ngx_sent_conv_json_get(ngx_sent_conv_json_t *object, const char *name)
{
    size_t                 len;
    ngx_sent_conv_json_t  *node;

    if (object == NULL || object->type != NGX_SENT_CONV_JSON_OBJECT) {
        return NULL;
    }

    len = ngx_strlen(name);

    for (node = object->first; node; node = node->next) {
        if (node->key.len == len
            && ngx_memcmp(node->key.data, name, len) == 0)
        {
            return node;
        }
    }

    return NULL;
}


ngx_int_t
ngx_sent_conv_json_bind(ngx_sent_conv_json_t *object,
    ngx_sent_conv_json_field_t *fields, void *data, uint64_t *seen,
    ngx_str_t **field, char **code)
{
    uint64_t               bits;
    ngx_uint_t             i;
    ngx_sent_conv_json_t  *value;
    static ngx_str_t       body = ngx_string("body");

    *code = "VALIDATION_001";

    if (object == NULL || object->type != NGX_SENT_CONV_JSON_OBJECT) {
        *field = &body;
        return NGX_DECLINED;
    }

    bits = 0;

    for (i = 0; fields[i].name.len; i++) {
        *field = &fields[i].name;

        value = ngx_sent_conv_json_get(object, (char *) fields[i].name.data);

        if (value == NULL) {

            if (fields[i].type & NGX_SENT_CONV_FIELD_REQUIRED) {
                *code = "VALIDATION_004";
                return NGX_DECLINED;
            }

            continue;
        }

        if (ngx_sent_conv_json_bind_field(&fields[i], value,
                                          (u_char *) data + fields[i].offset)
            != NGX_OK)
        {
            return NGX_DECLINED;
        }

        bits |= (uint64_t) 1 << i;
    }

    if (seen != NULL) {
        *seen = bits;
    }

    *field = NULL;
    *code = NULL;

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_json_bind_field(ngx_sent_conv_json_field_t *field,
    ngx_sent_conv_json_t *value, u_char *slot)
{
    if (value->type == NGX_SENT_CONV_JSON_NULL) {
        return (field->type & NGX_SENT_CONV_FIELD_NULLABLE) ? NGX_OK
                                                            : NGX_DECLINED;
    }

    switch (field->type & 0x0f) {

    case NGX_SENT_CONV_FIELD_STRING:
        if (value->type != NGX_SENT_CONV_JSON_STRING) {
            return NGX_DECLINED;
        }

        *(ngx_str_t *) slot = value->text;
        break;

    case NGX_SENT_CONV_FIELD_INTEGER:
        if (value->type != NGX_SENT_CONV_JSON_INTEGER
            && (value->type != NGX_SENT_CONV_JSON_NUMBER
                || value->integer == 0))
        {
            return NGX_DECLINED;
        }

        *(ngx_int_t *) slot = (ngx_int_t)
                    ngx_max(ngx_min(value->integer, NGX_MAX_INT_T_VALUE),
                            -NGX_MAX_INT_T_VALUE);
        break;

    case NGX_SENT_CONV_FIELD_BOOL:
        if (value->type != NGX_SENT_CONV_JSON_BOOL) {
            return NGX_DECLINED;
        }

        *(ngx_int_t *) slot = (ngx_int_t) value->integer;
        break;

    default: /* NGX_SENT_CONV_FIELD_VALUE */
        *(ngx_sent_conv_json_t **) slot = value;
    }

    return NGX_OK;
}
