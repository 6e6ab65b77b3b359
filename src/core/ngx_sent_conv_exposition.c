
/*
 * The text format of Prometheus: names, labels and values, one a line.
 */


#include "ngx_sent_conv_metrics.h"


/* name, labels and value of one line */
#define NGX_SENT_CONV_EXPOSITION_LINE  512


typedef struct {
    uint64_t                       us;
    const char                    *text;
} ngx_sent_conv_metrics_bound_t;


static u_char *ngx_sent_conv_exposition_line(ngx_sent_conv_exposition_t *e,
    size_t size);
static void ngx_sent_conv_exposition_name(ngx_sent_conv_exposition_t *e,
    const char *name, const char *suffix, const char *labels);


static const ngx_sent_conv_metrics_bound_t
    ngx_sent_conv_metrics_bounds[NGX_SENT_CONV_BUCKETS - 1] =
{
    { 100, "0.0001" }, { 250, "0.00025" }, { 500, "0.0005" },
    { 1000, "0.001" }, { 2500, "0.0025" }, { 5000, "0.005" },
    { 10000, "0.01" }, { 25000, "0.025" }, { 50000, "0.05" },
    { 100000, "0.1" }, { 250000, "0.25" }, { 500000, "0.5" },
    { 1000000, "1" }, { 2500000, "2.5" }, { 5000000, "5" },
    { 10000000, "10" }, { 30000000, "30" }, { 60000000, "60" },
    { 120000000, "120" }
};


static const ngx_uint_t
    ngx_sent_conv_metrics_statuses[NGX_SENT_CONV_STATUSES - 1] =
{
    200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422,
    429, 499, 500, 503
};


void
ngx_sent_conv_observe(ngx_sent_conv_histogram_t *histogram, uint64_t us)
{
#if !(NGX_SENT_CONV_NO_METRICS)
    ngx_uint_t  i;

    for (i = 0; i < NGX_SENT_CONV_BUCKETS - 1; i++) {
        if (us <= ngx_sent_conv_metrics_bounds[i].us) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&histogram->bucket[i], 1);
    (void) ngx_atomic_fetch_add(&histogram->sum, (ngx_atomic_int_t) us);
#endif
}


ngx_uint_t
ngx_sent_conv_metrics_status(ngx_uint_t status)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_SENT_CONV_STATUSES - 1; i++) {
        if (status == ngx_sent_conv_metrics_statuses[i]) {
            break;
        }
    }

    return i;
}


void
ngx_sent_conv_exposition_init(ngx_sent_conv_exposition_t *e, ngx_pool_t *pool)
{
    ngx_memzero(e, sizeof(ngx_sent_conv_exposition_t));

    e->pool = pool;
}


/* room for so many bytes, or NULL */

static u_char *
ngx_sent_conv_exposition_line(ngx_sent_conv_exposition_t *e, size_t size)
{
    size_t   used, room;
    u_char  *p;

    if (e->failed) {
        return NULL;
    }

    used = e->last - e->start;

    if ((size_t) (e->end - e->last) >= size) {
        return e->last;
    }

    room = 2 * used + 32 * NGX_SENT_CONV_EXPOSITION_LINE + size;

    p = ngx_pnalloc(e->pool, room);
    if (p == NULL) {
        e->failed = 1;
        return NULL;
    }

    if (used) {
        ngx_memcpy(p, e->start, used);
        (void) ngx_pfree(e->pool, e->start);
    }

    e->start = p;
    e->last = p + used;
    e->end = p + room;

    return e->last;
}


void
ngx_sent_conv_exposition_head(ngx_sent_conv_exposition_t *e, const char *name,
    const char *type, const char *help)
{
    u_char  *p;

    p = ngx_sent_conv_exposition_line(e, 2 * NGX_SENT_CONV_EXPOSITION_LINE);

    if (p != NULL) {
        e->last = ngx_sprintf(p, "# HELP %s %s\n# TYPE %s %s\n", name, help,
                              name, type);
    }
}


static void
ngx_sent_conv_exposition_name(ngx_sent_conv_exposition_t *e, const char *name,
    const char *suffix, const char *labels)
{
    if (labels == NULL || labels[0] == '\0') {
        e->last = ngx_sprintf(e->last, "%s%s ", name, suffix);
        return;
    }

    e->last = ngx_sprintf(e->last, "%s%s{%s} ", name, suffix, labels);
}


void
ngx_sent_conv_exposition_value(ngx_sent_conv_exposition_t *e,
    const char *name, const char *labels, uint64_t value)
{
    if (ngx_sent_conv_exposition_line(e, NGX_SENT_CONV_EXPOSITION_LINE)
        == NULL)
    {
        return;
    }

    ngx_sent_conv_exposition_name(e, name, "", labels);
    e->last = ngx_sprintf(e->last, "%uL\n", value);
}


void
ngx_sent_conv_exposition_seconds(ngx_sent_conv_exposition_t *e,
    const char *name, const char *labels, uint64_t us)
{
    if (ngx_sent_conv_exposition_line(e, NGX_SENT_CONV_EXPOSITION_LINE)
        == NULL)
    {
        return;
    }

    ngx_sent_conv_exposition_name(e, name, "", labels);
    e->last = ngx_sprintf(e->last, "%uL.%06uL\n", us / 1000000, us % 1000000);
}


void
ngx_sent_conv_exposition_summary(ngx_sent_conv_exposition_t *e,
    const char *name, const char *labels, ngx_sent_conv_summary_t *summary)
{
    uint64_t  us;

    if (ngx_sent_conv_exposition_line(e, 2 * NGX_SENT_CONV_EXPOSITION_LINE)
        == NULL)
    {
        return;
    }

    us = summary->sum;

    ngx_sent_conv_exposition_name(e, name, "_sum", labels);
    e->last = ngx_sprintf(e->last, "%uL.%06uL\n", us / 1000000, us % 1000000);

    ngx_sent_conv_exposition_name(e, name, "_count", labels);
    e->last = ngx_sprintf(e->last, "%uL\n", (uint64_t) summary->count);
}


void
ngx_sent_conv_exposition_requests(ngx_sent_conv_exposition_t *e,
    const char *name, const char *labels, ngx_atomic_t *statuses)
{
    u_char      *p;
    uint64_t     value;
    ngx_uint_t   i;

    for (i = 0; i < NGX_SENT_CONV_STATUSES; i++) {
        value = statuses[i];

        if (value == 0) {
            continue;
        }

        p = ngx_sent_conv_exposition_line(e, NGX_SENT_CONV_EXPOSITION_LINE);
        if (p == NULL) {
            return;
        }

        if (i == NGX_SENT_CONV_STATUSES - 1) {
            p = ngx_sprintf(p, "%s{%s,status=\"other\"} ", name, labels);

        } else {
            p = ngx_sprintf(p, "%s{%s,status=\"%ui\"} ", name, labels,
                            ngx_sent_conv_metrics_statuses[i]);
        }

        e->last = ngx_sprintf(p, "%uL\n", value);
    }
}


/* what is counted meanwhile must not make it contradict itself */

void
ngx_sent_conv_exposition_histogram(ngx_sent_conv_exposition_t *e,
    const char *name, const char *labels, ngx_sent_conv_histogram_t *histogram)
{
    char        *comma;
    uint64_t     count, us;
    ngx_uint_t   i;

    if (ngx_sent_conv_exposition_line(e, (NGX_SENT_CONV_BUCKETS + 2)
                                         * NGX_SENT_CONV_EXPOSITION_LINE)
        == NULL)
    {
        return;
    }

    us = histogram->sum;
    comma = labels[0] ? "," : "";
    count = 0;

    for (i = 0; i < NGX_SENT_CONV_BUCKETS; i++) {
        count += histogram->bucket[i];

        e->last = ngx_sprintf(e->last, "%s_bucket{%s%sle=\"%s\"} %uL\n", name,
                              labels, comma,
                              i < NGX_SENT_CONV_BUCKETS - 1
                              ? ngx_sent_conv_metrics_bounds[i].text : "+Inf",
                              count);
    }

    ngx_sent_conv_exposition_name(e, name, "_sum", labels);
    e->last = ngx_sprintf(e->last, "%uL.%06uL\n", us / 1000000, us % 1000000);

    ngx_sent_conv_exposition_name(e, name, "_count", labels);
    e->last = ngx_sprintf(e->last, "%uL\n", count);
}
