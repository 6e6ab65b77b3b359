
/*
 * What may pass from a carrier's text into ours: ids, lines, codes, times.
 */


#include "ngx_sent_conv_carrier_text.h"


#define NGX_SENT_CONV_CARRIER_ATTACH_MAX   16384
#define NGX_SENT_CONV_CARRIER_LINE_MAX     255
#define NGX_SENT_CONV_CARRIER_CODE_MAX     32
#define NGX_SENT_CONV_CARRIER_SECONDS_MAX  11


ngx_int_t
ngx_sent_conv_carrier_word(ngx_str_t *id)
{
    ngx_uint_t  i;

    if (id->len == 0 || id->len > NGX_SENT_CONV_CARRIER_ID_MAX) {
        return NGX_DECLINED;
    }

    for (i = 0; i < id->len; i++) {
        if (id->data[i] <= ' ' || id->data[i] >= 0x7f) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_carrier_text(ngx_str_t *text)
{
    if (ngx_sent_conv_utf8_length(text) == NGX_ERROR
        || ngx_strlchr(text->data, text->data + text->len, '\0') != NULL)
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_carrier_line(ngx_pool_t *pool, ngx_str_t *text, ngx_str_t *line)
{
    size_t      len;
    ngx_uint_t  i;

    len = text->len;

    if (len > NGX_SENT_CONV_CARRIER_LINE_MAX) {
        len = NGX_SENT_CONV_CARRIER_LINE_MAX;

        /* not within a character */

        while (len && (text->data[len] & 0xc0) == 0x80) {
            len--;
        }
    }

    line->len = len;
    line->data = ngx_pnalloc(pool, len + 1);
    if (line->data == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < len; i++) {
        line->data[i] = (text->data[i] < ' ' || text->data[i] == 0x7f)
                        ? ' ' : text->data[i];
    }

    return NGX_OK;
}


void
ngx_sent_conv_carrier_code(ngx_str_t *text, ngx_str_t *code)
{
    u_char      c;
    ngx_uint_t  i;

    ngx_str_null(code);

    if (text->len == 0 || text->len > NGX_SENT_CONV_CARRIER_CODE_MAX) {
        return;
    }

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '-'))
        {
            return;
        }
    }

    *code = *text;
}


int64_t
ngx_sent_conv_carrier_seconds(ngx_str_t *text)
{
    int64_t     seconds;
    ngx_uint_t  i;

    if (text->len == 0 || text->len > NGX_SENT_CONV_CARRIER_SECONDS_MAX) {
        return NGX_ERROR;
    }

    seconds = 0;

    for (i = 0; i < text->len; i++) {
        if (text->data[i] < '0' || text->data[i] > '9') {
            return NGX_ERROR;
        }

        seconds = seconds * 10 + (text->data[i] - '0');
    }

    return seconds * 1000;
}


ngx_str_t *
ngx_sent_conv_carrier_string(ngx_sent_conv_json_t *object, const char *name)
{
    ngx_sent_conv_json_t  *v;

    v = ngx_sent_conv_json_get(object, name);

    return (v != NULL && v->type == NGX_SENT_CONV_JSON_STRING) ? &v->text
                                                               : NULL;
}


ngx_sent_conv_json_t *
ngx_sent_conv_carrier_object(ngx_sent_conv_json_t *object, const char *name)
{
    ngx_sent_conv_json_t  *v;

    v = ngx_sent_conv_json_get(object, name);

    return (v != NULL && v->type == NGX_SENT_CONV_JSON_OBJECT) ? v : NULL;
}


/* the first of an array of objects */

ngx_sent_conv_json_t *
ngx_sent_conv_carrier_first(ngx_sent_conv_json_t *object, const char *name)
{
    ngx_sent_conv_json_t  *v;

    v = ngx_sent_conv_json_get(object, name);

    if (v == NULL || v->type != NGX_SENT_CONV_JSON_ARRAY || v->first == NULL
        || v->first->type != NGX_SENT_CONV_JSON_OBJECT)
    {
        return NULL;
    }

    return v->first;
}


ngx_sent_conv_carrier_meaning_t *
ngx_sent_conv_carrier_meaning(ngx_sent_conv_carrier_meaning_t *meanings,
    ngx_str_t *code)
{
    ngx_int_t  n;

    n = ngx_atoi(code->data, code->len);
    if (n == NGX_ERROR) {
        return NULL;
    }

    do {
        if (meanings->code == (ngx_uint_t) n) {
            return meanings;
        }

        meanings++;

    } while (meanings->code);

    return NULL;
}


void
ngx_sent_conv_carrier_passes(ngx_sent_conv_carrier_meaning_t *meaning,
    ngx_sent_conv_carrier_item_t *item)
{
    if (meaning != NULL && meaning->what == NGX_SENT_CONV_CARRIER_RETRY
        && item->status.len == sizeof("FAILED") - 1
        && ngx_strncmp(item->status.data, "FAILED", item->status.len) == 0)
    {
        ngx_str_set(&item->status, "AGAIN");
    }
}


ngx_int_t
ngx_sent_conv_carrier_attach(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_carrier_item_t *item)
{
    if (ngx_sent_conv_jw_done(w, &item->attachments) != NGX_OK) {
        return NGX_ERROR;
    }

    if (item->attachments.len > NGX_SENT_CONV_CARRIER_ATTACH_MAX) {
        ngx_str_null(&item->attachments);
    }

    return NGX_OK;
}
