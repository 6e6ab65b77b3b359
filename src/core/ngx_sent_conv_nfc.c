
/*
 * Text that was written in parts, a letter and its accent, put together.
 */


#include "ngx_sent_conv_core.h"

#include <utf8proc.h>


ngx_int_t
ngx_sent_conv_nfc(ngx_pool_t *pool, ngx_str_t *text)
{
    size_t              i;
    utf8proc_int32_t   *buf;
    utf8proc_ssize_t    n, len;
    utf8proc_option_t   options;

    for (i = 0; i < text->len; i++) {
        if (text->data[i] >= 0x80) {
            break;
        }
    }

    if (i == text->len) {
        return NGX_OK;
    }

    options = UTF8PROC_STABLE|UTF8PROC_COMPOSE;

    n = utf8proc_decompose(text->data, (utf8proc_ssize_t) text->len, NULL, 0,
                           options);
    if (n < 0) {
        return NGX_DECLINED;
    }

    /* reencode wants room for a terminating null */

    buf = ngx_palloc(pool, ((size_t) n + 1) * sizeof(utf8proc_int32_t));
    if (buf == NULL) {
        return NGX_ERROR;
    }

    n = utf8proc_decompose(text->data, (utf8proc_ssize_t) text->len, buf, n,
                           options);
    if (n < 0) {
        return NGX_DECLINED;
    }

    len = utf8proc_reencode(buf, n, options);
    if (len < 0) {
        return NGX_DECLINED;
    }

    text->data = (u_char *) buf;
    text->len = (size_t) len;

    return NGX_OK;
}
