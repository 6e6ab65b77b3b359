
/*
 * The shapes of Redis' replies; what does not fit gives the empty value, so
 * that a caller asks no more than it needs.
 */


#include "ngx_sent_conv_redis_conn.h"


ngx_sent_conv_reply_e
ngx_sent_conv_reply_type(ngx_sent_conv_reply_t *reply)
{
    if (reply == NULL) {
        return NGX_SENT_CONV_REPLY_NIL;
    }

    switch (reply->type) {

    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
        return NGX_SENT_CONV_REPLY_STRING;

    case REDIS_REPLY_INTEGER:
        return NGX_SENT_CONV_REPLY_INTEGER;

    case REDIS_REPLY_ARRAY:
        return NGX_SENT_CONV_REPLY_ARRAY;

    case REDIS_REPLY_ERROR:
        return NGX_SENT_CONV_REPLY_ERROR;

    default:
        return NGX_SENT_CONV_REPLY_NIL;
    }
}


ngx_str_t
ngx_sent_conv_reply_str(ngx_sent_conv_reply_t *reply)
{
    ngx_str_t  text;

    if (ngx_sent_conv_reply_type(reply) == NGX_SENT_CONV_REPLY_STRING) {
        text.len = reply->len;
        text.data = (u_char *) reply->str;

    } else {
        ngx_str_null(&text);
    }

    return text;
}


int64_t
ngx_sent_conv_reply_int(ngx_sent_conv_reply_t *reply)
{
    u_char     *p, *last;
    int64_t     n;
    ngx_str_t   text;
    ngx_uint_t  minus;

    if (ngx_sent_conv_reply_type(reply) == NGX_SENT_CONV_REPLY_INTEGER) {
        return reply->integer;
    }

    text = ngx_sent_conv_reply_str(reply);

    if (text.len == 0) {
        return 0;
    }

    p = text.data;
    last = p + text.len;

    minus = (*p == '-');

    if (minus) {
        p++;
    }

    /* 18 digits always fit */

    if (p == last || last - p > 18) {
        return 0;
    }

    for (n = 0; p < last; p++) {

        if (*p < '0' || *p > '9') {
            return 0;
        }

        n = n * 10 + (*p - '0');
    }

    return minus ? -n : n;
}


ngx_uint_t
ngx_sent_conv_reply_n(ngx_sent_conv_reply_t *reply)
{
    if (ngx_sent_conv_reply_type(reply) != NGX_SENT_CONV_REPLY_ARRAY) {
        return 0;
    }

    return reply->elements;
}


ngx_sent_conv_reply_t *
ngx_sent_conv_reply_at(ngx_sent_conv_reply_t *reply, ngx_uint_t i)
{
    if (i >= ngx_sent_conv_reply_n(reply)) {
        return NULL;
    }

    return reply->element[i];
}


ngx_uint_t
ngx_sent_conv_reply_is(ngx_sent_conv_reply_t *reply, const char *word)
{
    size_t     len;
    ngx_str_t  text;

    len = ngx_strlen(word);
    text = ngx_sent_conv_reply_str(reply);

    return text.data && text.len == len
           && ngx_memcmp(text.data, word, len) == 0;
}
