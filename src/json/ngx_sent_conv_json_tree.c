
/*
 * yajl's events become a tree in a pool.
 */


#include "ngx_sent_conv_json_tree.h"
#include "ngx_sent_conv_core.h"


#define NGX_SENT_CONV_JSON_FEW  8


static ngx_sent_conv_json_t *ngx_sent_conv_json_add(
    ngx_sent_conv_json_tree_t *tree, ngx_sent_conv_json_type_e type);
static int ngx_sent_conv_json_text(ngx_sent_conv_json_tree_t *tree,
    ngx_str_t *text, const unsigned char *data, size_t len);
static int ngx_sent_conv_json_begin(ngx_sent_conv_json_tree_t *tree,
    ngx_sent_conv_json_type_e type);
static ngx_int_t ngx_sent_conv_json_unique(ngx_sent_conv_json_tree_t *tree,
    ngx_sent_conv_json_t *object);
static int ngx_libc_cdecl ngx_sent_conv_json_cmp(const void *one,
    const void *two);
static ngx_int_t ngx_sent_conv_json_integer(ngx_str_t *text, int64_t *value);
static int ngx_sent_conv_json_on_null(void *data);
static int ngx_sent_conv_json_on_bool(void *data, int value);
static int ngx_sent_conv_json_on_number(void *data, const char *text,
    size_t len);
static int ngx_sent_conv_json_on_string(void *data,
    const unsigned char *text, size_t len);
static int ngx_sent_conv_json_on_object(void *data);
static int ngx_sent_conv_json_on_key(void *data, const unsigned char *text,
    size_t len);
static int ngx_sent_conv_json_on_array(void *data);
static int ngx_sent_conv_json_on_object_end(void *data);
static int ngx_sent_conv_json_on_array_end(void *data);


const yajl_callbacks  ngx_sent_conv_json_tree_callbacks = {
    ngx_sent_conv_json_on_null,
    ngx_sent_conv_json_on_bool,
    NULL,                                  /* integer */
    NULL,                                  /* double */
    ngx_sent_conv_json_on_number,
    ngx_sent_conv_json_on_string,
    ngx_sent_conv_json_on_object,
    ngx_sent_conv_json_on_key,
    ngx_sent_conv_json_on_object_end,
    ngx_sent_conv_json_on_array,
    ngx_sent_conv_json_on_array_end
};


static ngx_sent_conv_json_t *
ngx_sent_conv_json_add(ngx_sent_conv_json_tree_t *tree,
    ngx_sent_conv_json_type_e type)
{
    ngx_sent_conv_json_t        *node;
    ngx_sent_conv_json_level_t  *level;

    if (++tree->values > NGX_SENT_CONV_JSON_VALUES) {
        tree->err = "The JSON text has too many values.";
        return NULL;
    }

    node = ngx_pcalloc(tree->pool, sizeof(ngx_sent_conv_json_t));
    if (node == NULL) {
        tree->nomem = 1;
        return NULL;
    }

    node->type = type;

    if (tree->depth == 0) {
        tree->root = node;
        return node;
    }

    level = &tree->levels[tree->depth - 1];

    if (level->node->type == NGX_SENT_CONV_JSON_OBJECT) {
        node->key = tree->key;
    }

    level->node->n++;
    *level->last = node;
    level->last = &node->next;

    return node;
}


static int
ngx_sent_conv_json_text(ngx_sent_conv_json_tree_t *tree, ngx_str_t *text,
    const unsigned char *data, size_t len)
{
    text->data = ngx_pnalloc(tree->pool, len + 1);
    if (text->data == NULL) {
        tree->nomem = 1;
        return 0;
    }

    ngx_memcpy(text->data, data, len);
    text->data[len] = '\0';
    text->len = len;

    if (ngx_sent_conv_utf8_length(text) == NGX_ERROR) {
        tree->err = "The JSON text is not valid UTF-8.";
        return 0;
    }

    if (ngx_strlen(text->data) != len) {
        tree->err = "A string in the JSON text holds U+0000.";
        return 0;
    }

    return 1;
}


static int
ngx_sent_conv_json_on_null(void *data)
{
    return ngx_sent_conv_json_add(data, NGX_SENT_CONV_JSON_NULL) != NULL;
}


static int
ngx_sent_conv_json_on_bool(void *data, int value)
{
    ngx_sent_conv_json_t  *node;

    node = ngx_sent_conv_json_add(data, NGX_SENT_CONV_JSON_BOOL);
    if (node == NULL) {
        return 0;
    }

    node->integer = (value != 0);

    return 1;
}


static int
ngx_sent_conv_json_on_number(void *data, const char *text, size_t len)
{
    ngx_sent_conv_json_t      *node;
    ngx_sent_conv_json_tree_t  *tree;

    tree = data;

    node = ngx_sent_conv_json_add(tree, NGX_SENT_CONV_JSON_NUMBER);
    if (node == NULL) {
        return 0;
    }

    if (!ngx_sent_conv_json_text(tree, &node->text,
                                 (const unsigned char *) text, len))
    {
        return 0;
    }

    if (ngx_sent_conv_json_integer(&node->text, &node->integer) == NGX_OK) {
        node->type = NGX_SENT_CONV_JSON_INTEGER;
    }

    return 1;
}


static int
ngx_sent_conv_json_on_string(void *data, const unsigned char *text,
    size_t len)
{
    ngx_sent_conv_json_t  *node;

    node = ngx_sent_conv_json_add(data, NGX_SENT_CONV_JSON_STRING);
    if (node == NULL) {
        return 0;
    }

    return ngx_sent_conv_json_text(data, &node->text, text, len);
}


static int
ngx_sent_conv_json_on_object(void *data)
{
    return ngx_sent_conv_json_begin(data, NGX_SENT_CONV_JSON_OBJECT);
}


static int
ngx_sent_conv_json_on_array(void *data)
{
    return ngx_sent_conv_json_begin(data, NGX_SENT_CONV_JSON_ARRAY);
}


static int
ngx_sent_conv_json_begin(ngx_sent_conv_json_tree_t *tree,
    ngx_sent_conv_json_type_e type)
{
    ngx_sent_conv_json_t        *node;
    ngx_sent_conv_json_level_t  *level;

    if (tree->depth == NGX_SENT_CONV_JSON_DEPTH) {
        tree->err = "The JSON text is nested more than 32 deep.";
        return 0;
    }

    node = ngx_sent_conv_json_add(tree, type);
    if (node == NULL) {
        return 0;
    }

    level = &tree->levels[tree->depth++];

    level->node = node;
    level->last = &node->first;

    return 1;
}


static int
ngx_sent_conv_json_on_key(void *data, const unsigned char *text, size_t len)
{
    ngx_sent_conv_json_tree_t  *tree;

    tree = data;

    return ngx_sent_conv_json_text(tree, &tree->key, text, len);
}


static int
ngx_sent_conv_json_on_object_end(void *data)
{
    ngx_sent_conv_json_tree_t  *tree;

    tree = data;
    tree->depth--;

    return ngx_sent_conv_json_unique(tree, tree->levels[tree->depth].node)
           == NGX_OK;
}


static int
ngx_sent_conv_json_on_array_end(void *data)
{
    ngx_sent_conv_json_tree_t  *tree;

    tree = data;
    tree->depth--;

    return 1;
}


static ngx_int_t
ngx_sent_conv_json_unique(ngx_sent_conv_json_tree_t *tree,
    ngx_sent_conv_json_t *object)
{
    ngx_str_t             **keys, *few[NGX_SENT_CONV_JSON_FEW];
    ngx_uint_t              i;
    ngx_sent_conv_json_t   *node;

    keys = few;

    if (object->n > NGX_SENT_CONV_JSON_FEW) {
        keys = ngx_palloc(tree->pool, object->n * sizeof(ngx_str_t *));
        if (keys == NULL) {
            tree->nomem = 1;
            return NGX_ERROR;
        }
    }

    for (i = 0, node = object->first; node; node = node->next) {
        keys[i++] = &node->key;
    }

    /* sorted, so that a body of nothing but keys costs no quadratic time */

    ngx_qsort(keys, object->n, sizeof(ngx_str_t *), ngx_sent_conv_json_cmp);

    for (i = 1; i < object->n; i++) {
        if (ngx_sent_conv_json_cmp(&keys[i - 1], &keys[i]) == 0) {
            tree->err = "An object in the JSON text has a key twice.";
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static int ngx_libc_cdecl
ngx_sent_conv_json_cmp(const void *one, const void *two)
{
    ngx_str_t  *a, *b;

    a = *(ngx_str_t **) one;
    b = *(ngx_str_t **) two;

    if (a->len != b->len) {
        return (a->len < b->len) ? -1 : 1;
    }

    return ngx_memcmp(a->data, b->data, a->len);
}


/* NGX_OK; beyond int64_t, with its limit: NGX_ABORT; no whole number: else */

static ngx_int_t
ngx_sent_conv_json_integer(ngx_str_t *text, int64_t *value)
{
    u_char      *p, *last;
    uint64_t     n, limit;
    ngx_uint_t   minus, digit, over;

    p = text->data;
    last = p + text->len;

    minus = (p < last && *p == '-');
    p += minus;

    limit = (uint64_t) 0x7fffffffffffffff + minus;
    over = 0;

    for (n = 0; p < last; p++) {

        if (*p < '0' || *p > '9') {
            return NGX_DECLINED;
        }

        digit = *p - '0';

        if (over || n > (limit - digit) / 10) {
            over = 1;
            n = limit;
            continue;
        }

        n = n * 10 + digit;
    }

    *value = minus ? (int64_t) (0 - n) : (int64_t) n;

    return over ? NGX_ABORT : NGX_OK;
}
