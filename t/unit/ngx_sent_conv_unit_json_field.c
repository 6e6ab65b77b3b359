
/*
 * Tests of members by name and of field tables.
 */


#include "ngx_sent_conv_unit.h"


typedef struct {
    ngx_str_t              name;
    ngx_int_t              count;
    ngx_int_t              flag;
    ngx_sent_conv_json_t  *value;
    ngx_str_t              note;
} ngx_sent_conv_unit_bound_t;


typedef struct {
    const char            *text;
    const char            *field;       /* NULL: taken */
    const char            *code;
    uint64_t               seen;
} ngx_sent_conv_unit_bind_t;


static void ngx_sent_conv_unit_bind_case(ngx_pool_t *pool,
    ngx_sent_conv_unit_bind_t *t);
static void ngx_sent_conv_unit_bind_values(ngx_pool_t *pool);
static void ngx_sent_conv_unit_get(ngx_pool_t *pool);


static ngx_sent_conv_json_field_t  ngx_sent_conv_unit_fields[] = {

    { ngx_string("name"),
      NGX_SENT_CONV_FIELD_STRING|NGX_SENT_CONV_FIELD_REQUIRED,
      offsetof(ngx_sent_conv_unit_bound_t, name) },

    { ngx_string("count"),
      NGX_SENT_CONV_FIELD_INTEGER,
      offsetof(ngx_sent_conv_unit_bound_t, count) },

    { ngx_string("flag"),
      NGX_SENT_CONV_FIELD_BOOL,
      offsetof(ngx_sent_conv_unit_bound_t, flag) },

    { ngx_string("value"),
      NGX_SENT_CONV_FIELD_VALUE,
      offsetof(ngx_sent_conv_unit_bound_t, value) },

    { ngx_string("note"),
      NGX_SENT_CONV_FIELD_STRING|NGX_SENT_CONV_FIELD_NULLABLE,
      offsetof(ngx_sent_conv_unit_bound_t, note) },

      ngx_sent_conv_json_null_field
};


static ngx_sent_conv_unit_bind_t  ngx_sent_conv_unit_binds[] = {
    { "{\"name\":\"x\"}", NULL, NULL, 0x01 },
    { "{\"name\":\"\"}", NULL, NULL, 0x01 },
    { "{\"name\":\"x\",\"more\":1}", NULL, NULL, 0x01 },
    { "{\"note\":null,\"name\":\"x\"}", NULL, NULL, 0x11 },
    { "{\"name\":\"x\",\"count\":1,\"flag\":true,\"value\":[],\"note\":\"n\"}",
      NULL, NULL, 0x1f },
    { "{\"name\":\"x\",\"count\":99999999999999999999}", NULL, NULL, 0x03 },

    { "{}", "name", "VALIDATION_004", 0 },
    { "{\"Name\":\"x\"}", "name", "VALIDATION_004", 0 },
    { "{\"name\":null}", "name", "VALIDATION_001", 0 },
    { "{\"name\":1}", "name", "VALIDATION_001", 0 },
    { "{\"name\":[\"x\"]}", "name", "VALIDATION_001", 0 },
    { "{\"name\":true}", "name", "VALIDATION_001", 0 },
    { "{\"name\":\"x\",\"count\":\"1\"}", "count", "VALIDATION_001", 0 },
    { "{\"name\":\"x\",\"count\":1.0}", "count", "VALIDATION_001", 0 },
    { "{\"name\":\"x\",\"count\":1e3}", "count", "VALIDATION_001", 0 },
    { "{\"name\":\"x\",\"count\":true}", "count", "VALIDATION_001", 0 },
    { "{\"name\":\"x\",\"count\":null}", "count", "VALIDATION_001", 0 },
    { "{\"name\":\"x\",\"flag\":1}", "flag", "VALIDATION_001", 0 },
    { "{\"name\":\"x\",\"flag\":\"true\"}", "flag", "VALIDATION_001", 0 },
    { "{\"name\":\"x\",\"value\":null}", "value", "VALIDATION_001", 0 },
    { "{\"name\":\"x\",\"note\":0}", "note", "VALIDATION_001", 0 },
    { "[]", "body", "VALIDATION_001", 0 },
    { "null", "body", "VALIDATION_001", 0 },
    { "\"name\"", "body", "VALIDATION_001", 0 },
    { NULL, NULL, NULL, 0 }
};


void
ngx_sent_conv_unit_json_field(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_bind_t  *t;

    for (t = ngx_sent_conv_unit_binds; t->text; t++) {
        ngx_sent_conv_unit_bind_case(pool, t);
    }

    ngx_sent_conv_unit_bind_values(pool);
    ngx_sent_conv_unit_get(pool);
}


static void
ngx_sent_conv_unit_bind_case(ngx_pool_t *pool, ngx_sent_conv_unit_bind_t *t)
{
    char                        *err, *code;
    uint64_t                     seen;
    ngx_int_t                    rc;
    ngx_str_t                    s, *field;
    ngx_sent_conv_json_t        *value;
    ngx_sent_conv_unit_bound_t   bound;

    s = ngx_sent_conv_unit_str(pool, t->text);

    if (ngx_sent_conv_json_parse_str(pool, &s, &value, &err) != NGX_OK) {
        ngx_sent_conv_unit_ok(0, "bind %s", t->text);
        return;
    }

    ngx_memzero(&bound, sizeof(ngx_sent_conv_unit_bound_t));
    seen = 0;

    rc = ngx_sent_conv_json_bind(value, ngx_sent_conv_unit_fields, &bound,
                                 &seen, &field, &code);

    if (t->field == NULL) {
        ngx_sent_conv_unit_ok(rc == NGX_OK && seen == t->seen,
                              "bind %s", t->text);
        return;
    }

    ngx_sent_conv_unit_ok(rc == NGX_DECLINED
                          && ngx_strcmp(code, t->code) == 0
                          && ngx_strcmp(field->data, t->field) == 0,
                          "bind %s refused", t->text);
}


static void
ngx_sent_conv_unit_bind_values(ngx_pool_t *pool)
{
    char                        *err, *code;
    ngx_int_t                    rc;
    ngx_str_t                    s, *field;
    ngx_sent_conv_json_t        *value;
    ngx_sent_conv_unit_bound_t   bound;

    s = ngx_sent_conv_unit_str(pool, "{\"name\":\"\\u00e4\",\"count\":-7,"
                                     "\"flag\":true,\"value\":{\"a\":1},"
                                     "\"note\":null}");

    (void) ngx_sent_conv_json_parse_str(pool, &s, &value, &err);

    ngx_memzero(&bound, sizeof(ngx_sent_conv_unit_bound_t));
    ngx_str_set(&bound.note, "kept");

    rc = ngx_sent_conv_json_bind(value, ngx_sent_conv_unit_fields, &bound,
                                 NULL, &field, &code);

    ngx_sent_conv_unit_ok(rc == NGX_OK, "bound without seen");
    ngx_sent_conv_unit_is(&bound.name, "\xc3\xa4", "bound string");
    ngx_sent_conv_unit_is(&bound.note, "kept", "null leaves its slot");
    ngx_sent_conv_unit_ok(bound.count == -7, "bound integer");
    ngx_sent_conv_unit_ok(bound.flag == 1, "bound boolean");
    ngx_sent_conv_unit_ok(bound.value != NULL && bound.value->n == 1,
                          "bound value");

    s = ngx_sent_conv_unit_str(pool, "{\"name\":\"\",\"flag\":false,"
                                     "\"count\":-99999999999999999999}");

    (void) ngx_sent_conv_json_parse_str(pool, &s, &value, &err);

    rc = ngx_sent_conv_json_bind(value, ngx_sent_conv_unit_fields, &bound,
                                 NULL, &field, &code);

    ngx_sent_conv_unit_ok(rc == NGX_OK && bound.name.len == 0
                          && bound.name.data != NULL, "bound empty string");
    ngx_sent_conv_unit_ok(bound.flag == 0, "bound false");
    ngx_sent_conv_unit_ok(bound.count == -NGX_MAX_INT_T_VALUE,
                          "bound integer at its limit");
}


static void
ngx_sent_conv_unit_get(ngx_pool_t *pool)
{
    char                  *err;
    ngx_str_t              s;
    ngx_sent_conv_json_t  *value, *member;

    s = ngx_sent_conv_unit_str(pool, "{\"ab\":1,\"a\":{\"b\":2}}");

    (void) ngx_sent_conv_json_parse_str(pool, &s, &value, &err);

    member = ngx_sent_conv_json_get(value, "a");

    ngx_sent_conv_unit_ok(member != NULL
                          && member->type == NGX_SENT_CONV_JSON_OBJECT,
                          "member");

    member = ngx_sent_conv_json_get(member, "b");

    ngx_sent_conv_unit_ok(member != NULL && member->integer == 2,
                          "member of a member");
    ngx_sent_conv_unit_ok(ngx_sent_conv_json_get(value, "abc") == NULL
                          && ngx_sent_conv_json_get(value, "") == NULL
                          && ngx_sent_conv_json_get(member, "b") == NULL
                          && ngx_sent_conv_json_get(NULL, "b") == NULL,
                          "no member");
}
