
/*
 * What the reader of JSON shares with yajl's callbacks, which grow the tree.
 */


#ifndef _NGX_SENT_CONV_JSON_TREE_H_INCLUDED_
#define _NGX_SENT_CONV_JSON_TREE_H_INCLUDED_


#include "ngx_sent_conv_json.h"

#include <yajl/yajl_parse.h>


#define NGX_SENT_CONV_JSON_DEPTH   32
#define NGX_SENT_CONV_JSON_VALUES  262144


typedef struct {
    ngx_sent_conv_json_t        *node;
    ngx_sent_conv_json_t       **last;
} ngx_sent_conv_json_level_t;


typedef struct {
    ngx_pool_t                  *pool;
    char                        *err;
    ngx_sent_conv_json_t        *root;
    ngx_str_t                    key;
    ngx_uint_t                   values;
    ngx_uint_t                   depth;
    ngx_sent_conv_json_level_t   levels[NGX_SENT_CONV_JSON_DEPTH];

    unsigned                     nomem:1;
} ngx_sent_conv_json_tree_t;


extern const yajl_callbacks  ngx_sent_conv_json_tree_callbacks;


#endif /* _NGX_SENT_CONV_JSON_TREE_H_INCLUDED_ */
