
/*
 * What the steps of the scripts say they did, added to the node's counters:
 * by who caused a step, once, whoever else sees its outcome.
 */


#include "ngx_sent_conv_store_private.h"


typedef struct {
    ngx_str_t    word;
    size_t       offset;
} ngx_sent_conv_store_told_t;


static ngx_atomic_t *ngx_sent_conv_store_told_find(
    ngx_sent_conv_metrics_t *metrics, ngx_str_t *what);


#define ngx_sent_conv_store_told_of(word, field)                              \
    { ngx_string(word), offsetof(ngx_sent_conv_metrics_t, field) }


static ngx_sent_conv_store_told_t  ngx_sent_conv_store_tolds[] = {

    ngx_sent_conv_store_told_of("opened INBOUND",
                           windows_opened[NGX_SENT_CONV_M_INBOUND]),
    ngx_sent_conv_store_told_of("opened TEMPLATE_REPLY",
                           windows_opened[NGX_SENT_CONV_M_TEMPLATE_REPLY]),

    ngx_sent_conv_store_told_of("ended EXPIRED",
                           windows_ended[NGX_SENT_CONV_M_EXPIRED]),
    ngx_sent_conv_store_told_of("ended EXPLICIT",
                           windows_ended[NGX_SENT_CONV_M_EXPLICIT]),
    ngx_sent_conv_store_told_of("ended COMPLIANCE_STOP",
                           windows_ended[NGX_SENT_CONV_M_COMPLIANCE_STOP]),

    ngx_sent_conv_store_told_of("OPT_OUT keyword",
                           opt_outs[NGX_SENT_CONV_M_KEYWORD]),
    ngx_sent_conv_store_told_of("OPT_OUT carrier",
                           opt_outs[NGX_SENT_CONV_M_BY_CARRIER]),
    ngx_sent_conv_store_told_of("OPT_OUT api",
                           opt_outs[NGX_SENT_CONV_M_BY_API]),
    ngx_sent_conv_store_told_of("OPT_IN keyword",
                           opt_ins[NGX_SENT_CONV_M_KEYWORD]),
    ngx_sent_conv_store_told_of("OPT_IN carrier",
                           opt_ins[NGX_SENT_CONV_M_BY_CARRIER]),
    ngx_sent_conv_store_told_of("OPT_IN api",
                           opt_ins[NGX_SENT_CONV_M_BY_API]),

    { ngx_null_string, 0 }
};


/* in the order of ngx_sent_conv_metrics_message_e */

static ngx_str_t  ngx_sent_conv_store_statuses[] = {
    ngx_string("RECEIVED"),
    ngx_string("QUEUED"),
    ngx_string("SENT"),
    ngx_string("DELIVERED"),
    ngx_string("READ"),
    ngx_string("FAILED"),
    ngx_string("FILTERED"),
    ngx_string("BLOCKED")
};


void
ngx_sent_conv_store_told(ngx_sent_conv_store_t *store,
    ngx_sent_conv_reply_t *told)
{
    int64_t        n;
    ngx_str_t      what;
    ngx_uint_t     i, all;
    ngx_atomic_t  *counter;

    all = ngx_sent_conv_reply_n(told);

    for (i = 0; i + 1 < all; i += 2) {
        what = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(told, i));
        n = ngx_sent_conv_reply_int(ngx_sent_conv_reply_at(told, i + 1));

        if (what.len == 4 && ngx_memcmp(what.data, "late", 4) == 0) {
            ngx_sent_conv_observe(&store->metrics->window_late,
                                  (uint64_t) ngx_max(n, 0) * 1000);
            continue;
        }

        counter = ngx_sent_conv_store_told_find(store->metrics, &what);

        if (counter != NULL) {
            ngx_sent_conv_count_n(counter, (ngx_atomic_int_t) n);
        }
    }
}


static ngx_atomic_t *
ngx_sent_conv_store_told_find(ngx_sent_conv_metrics_t *metrics,
    ngx_str_t *what)
{
    ngx_str_t                    rest, word;
    ngx_uint_t                   i;
    ngx_sent_conv_channel_e      channel;
    ngx_sent_conv_store_told_t  *told;

    rest = *what;
    word = ngx_sent_conv_store_word(&rest, ' ');
    channel = ngx_sent_conv_channel_parse(&word);

    if (channel != NGX_SENT_CONV_CHANNELS) {

        for (i = 0; i < NGX_SENT_CONV_M_MESSAGES; i++) {
            if (ngx_sent_conv_store_same(&rest,
                                         &ngx_sent_conv_store_statuses[i]))
            {
                return &metrics->messages[channel][i];
            }
        }

        return NULL;
    }

    for (told = ngx_sent_conv_store_tolds; told->word.len; told++) {
        if (ngx_sent_conv_store_same(what, &told->word)) {
            return (ngx_atomic_t *) ((u_char *) metrics + told->offset);
        }
    }

    return NULL;
}
