
/*
 * An item of a carrier's lane, as the scripts made it.
 */


#include "ngx_sent_conv_carrier.h"


static ngx_int_t ngx_sent_conv_carrier_out_word(ngx_str_t *rest,
    ngx_str_t *word);
static ngx_int_t ngx_sent_conv_carrier_out_template(ngx_pool_t *pool,
    ngx_str_t *kind, ngx_sent_conv_carrier_out_t *out);


ngx_int_t
ngx_sent_conv_carrier_out_parse(ngx_pool_t *pool, ngx_str_t *item,
    ngx_sent_conv_carrier_out_t *out)
{
    u_char     *p;
    ngx_int_t   ends;
    ngx_str_t   rest, word, kind;

    rest = *item;

    ngx_memzero(out, sizeof(ngx_sent_conv_carrier_out_t));

    if (ngx_sent_conv_carrier_out_word(&rest, &out->message_id) != NGX_OK
        || ngx_sent_conv_carrier_out_word(&rest, &word) != NGX_OK
        || ngx_sent_conv_carrier_out_word(&rest, &kind) != NGX_OK
        || ngx_sent_conv_carrier_out_word(&rest, &out->conversation_id)
           != NGX_OK
        || ngx_sent_conv_carrier_out_word(&rest, &out->from) != NGX_OK
        || ngx_sent_conv_carrier_out_word(&rest, &out->to) != NGX_OK
        || rest.len == 0)
    {
        return NGX_ERROR;
    }

    p = ngx_strlchr(word.data, word.data + word.len, ';');

    if (p != NULL) {
        out->trace.data = p + 1;
        out->trace.len = word.data + word.len - out->trace.data;
        word.len = p - word.data;
    }

    ends = ngx_atoi(word.data, word.len);
    if (ends == NGX_ERROR) {
        return NGX_ERROR;
    }

    out->ends = (uint64_t) ends;
    out->text = rest;
    out->exempt = (kind.data[0] == 'C');

    if (out->conversation_id.len == 1 && out->conversation_id.data[0] == '-') {
        ngx_str_null(&out->conversation_id);
    }

    if (kind.data[0] != 'T' || pool == NULL) {
        return NGX_OK;
    }

    return ngx_sent_conv_carrier_out_template(pool, &kind, out);
}


static ngx_int_t
ngx_sent_conv_carrier_out_word(ngx_str_t *rest, ngx_str_t *word)
{
    u_char  *p;

    p = ngx_strlchr(rest->data, rest->data + rest->len, ' ');

    if (p == NULL || p == rest->data) {
        return NGX_ERROR;
    }

    word->data = rest->data;
    word->len = p - rest->data;

    rest->len -= word->len + 1;
    rest->data = p + 1;

    return NGX_OK;
}


/* "T/<id>/<name>/<JSON in base64url>", and "/<agent>" behind it or not */

static ngx_int_t
ngx_sent_conv_carrier_out_template(ngx_pool_t *pool, ngx_str_t *kind,
    ngx_sent_conv_carrier_out_t *out)
{
    char       *err;
    u_char     *p, *last;
    ngx_str_t   coded;
    ngx_uint_t  n;

    p = kind->data;
    last = p + kind->len;

    for (n = 0; p < last && n < 3; p++) {
        n += (*p == '/');
    }

    coded.data = p;

    while (p < last && *p != '/') {
        p++;
    }

    coded.len = p - coded.data;

    out->template_json.data = ngx_pnalloc(pool,
                                       ngx_base64_decoded_length(coded.len));
    if (out->template_json.data == NULL) {
        return NGX_ERROR;
    }

    if (ngx_decode_base64url(&out->template_json, &coded) != NGX_OK
        || ngx_sent_conv_json_parse_str(pool, &out->template_json,
                                        &out->template, &err)
           != NGX_OK
        || out->template->type != NGX_SENT_CONV_JSON_OBJECT)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}
