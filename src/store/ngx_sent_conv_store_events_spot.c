
/*
 * Places in a list of events: their order, and their text, which is a cursor.
 */


#include "ngx_sent_conv_store_events.h"


ngx_int_t
ngx_sent_conv_store_events_place(ngx_str_t *place)
{
    ngx_sent_conv_store_spot_t  spot;

    return ngx_sent_conv_store_spot_parse(place, &spot);
}


/* "<where>.<ms>.<partition>.<event id>" */

ngx_int_t
ngx_sent_conv_store_spot_parse(ngx_str_t *place,
    ngx_sent_conv_store_spot_t *spot)
{
    ngx_int_t   number[3];
    ngx_str_t   text, word;
    ngx_uint_t  i;

    text = *place;

    for (i = 0; i < 3; i++) {
        word = ngx_sent_conv_store_word(&text, '.');
        number[i] = ngx_atoi(word.data, word.len);

        if (number[i] == NGX_ERROR) {
            return NGX_DECLINED;
        }
    }

    if (number[0] > NGX_SENT_CONV_STORE_DEAD || text.len == 0) {
        return NGX_DECLINED;
    }

    spot->where = (ngx_sent_conv_store_where_e) number[0];
    spot->ms = (uint64_t) number[1];
    spot->partition = (ngx_uint_t) number[2];
    spot->order = 0;
    spot->id = text;

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_spot_text(ngx_pool_t *pool,
    ngx_sent_conv_store_spot_t *spot, ngx_str_t *text)
{
    text->data = ngx_pnalloc(pool, 3 * (NGX_INT64_LEN + 1) + spot->id.len);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    text->len = ngx_sprintf(text->data, "%ui.%uL.%ui.%V",
                            (ngx_uint_t) spot->where, spot->ms,
                            spot->partition, &spot->id)
                - text->data;

    return NGX_OK;
}


ngx_int_t
ngx_sent_conv_store_spot_compare(ngx_sent_conv_store_spot_t *one,
    ngx_sent_conv_store_spot_t *two)
{
    ngx_uint_t  waits;

    waits = one->where == NGX_SENT_CONV_STORE_WAITS;

    if (waits != (two->where == NGX_SENT_CONV_STORE_WAITS)) {
        return waits ? -1 : 1;
    }

    if (one->ms != two->ms) {
        return (one->ms > two->ms) ? -1 : 1;
    }

    if (waits && one->partition != two->partition) {
        return (one->partition > two->partition) ? -1 : 1;
    }

    if (waits) {
        return -ngx_memn2cmp(one->id.data, two->id.data, one->id.len,
                             two->id.len);
    }

    if (one->partition != two->partition) {
        return (one->partition < two->partition) ? -1 : 1;
    }

    if (one->where != two->where) {
        return (one->where < two->where) ? -1 : 1;
    }

    return (one->order < two->order) ? -1 : one->order > two->order;
}


ngx_uint_t
ngx_sent_conv_store_spot_behind(ngx_sent_conv_store_events_t *ctx,
    ngx_sent_conv_store_spot_t *spot, ngx_sent_conv_store_spot_t *mark)
{
    ngx_int_t  order;

    order = ngx_sent_conv_store_spot_compare(spot, mark);

    return ctx->list.before ? order < 0 : order > 0;
}
