
/*
 * How a webhook's answer begins: a body filter that keeps that, and lets
 * nothing of the answer through.
 */


#include "ngx_http_sent_conv_delivery.h"


/* what is kept, and what is read for the connection's sake; then it is cut */
#define NGX_HTTP_SENT_CONV_ANSWER_MAX   1024
#define NGX_HTTP_SENT_CONV_ANSWER_READ  (64 * 1024)


static ngx_int_t ngx_http_sent_conv_answer_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_sent_conv_answer_keep(
    ngx_http_sent_conv_attempt_t *attempt, u_char *data, size_t len);


static ngx_http_output_body_filter_pt  ngx_http_next_body_filter;


void
ngx_http_sent_conv_delivery_filter(void)
{
    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_sent_conv_answer_filter;
}


static ngx_int_t
ngx_http_sent_conv_answer_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    off_t                          size;
    ngx_buf_t                     *b;
    ngx_chain_t                   *cl;
    ngx_http_sent_conv_attempt_t  *attempt;

    if (r == r->main || !ngx_http_sent_conv_request_ours(r)) {
        return ngx_http_next_body_filter(r, in);
    }

    attempt = ngx_http_get_module_ctx(r->main, ngx_http_sent_conv_module);

    if (!attempt->brief) {
        return ngx_http_next_body_filter(r, in);
    }

    for (cl = in; cl; cl = cl->next) {
        b = cl->buf;
        size = ngx_buf_size(b);

        if (ngx_buf_in_memory(b)
            && ngx_http_sent_conv_answer_keep(attempt, b->pos, size)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        attempt->received += size;

        b->pos = b->last;
        b->file_pos = b->file_last;
    }

    return (attempt->received > NGX_HTTP_SENT_CONV_ANSWER_READ) ? NGX_ERROR
                                                                : NGX_OK;
}


static ngx_int_t
ngx_http_sent_conv_answer_keep(ngx_http_sent_conv_attempt_t *attempt,
    u_char *data, size_t len)
{
    len = ngx_min(len, NGX_HTTP_SENT_CONV_ANSWER_MAX - attempt->answer.len);

    if (len == 0) {
        return NGX_OK;
    }

    if (attempt->answer.data == NULL) {
        attempt->answer.data = ngx_pnalloc(attempt->request->pool,
                                           NGX_HTTP_SENT_CONV_ANSWER_MAX);
        if (attempt->answer.data == NULL) {
            return NGX_ERROR;
        }
    }

    ngx_memcpy(attempt->answer.data + attempt->answer.len, data, len);
    attempt->answer.len += len;

    return NGX_OK;
}


/* as text; empty where there is none, or no memory for it */

void
ngx_http_sent_conv_answer_text(ngx_http_sent_conv_attempt_t *attempt,
    ngx_str_t *text)
{
    ngx_str_null(text);

    if (attempt->answer.len == 0) {
        return;
    }

    text->data = ngx_pnalloc(attempt->request->pool,
                             3 * attempt->answer.len);
    if (text->data == NULL) {
        return;
    }

    text->len = ngx_sent_conv_utf8_repair(text->data, &attempt->answer,
                                          attempt->received
                                          > (off_t) attempt->answer.len);
}
