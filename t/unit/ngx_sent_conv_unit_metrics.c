
/*
 * Tests of the histograms' bounds and of the text that Prometheus reads.
 */


#include "ngx_sent_conv_unit.h"
#include "ngx_sent_conv_metrics.h"


typedef struct {
    uint64_t     us;
    ngx_uint_t   below;              /* buckets that do not have it */
    const char  *line;               /* of the first that has it */
} ngx_sent_conv_unit_bound_t;


static void ngx_sent_conv_unit_metrics_bounds(ngx_pool_t *pool);
static void ngx_sent_conv_unit_metrics_statuses(void);
static void ngx_sent_conv_unit_metrics_lines(ngx_pool_t *pool);
static void ngx_sent_conv_unit_metrics_long(ngx_pool_t *pool);


static ngx_sent_conv_unit_bound_t  ngx_sent_conv_unit_bounds[] = {
    { 0, 0, "h_bucket{le=\"0.0001\"} 1\n" },
    { 100, 0, "h_bucket{le=\"0.0001\"} 1\n" },
    { 101, 1, "h_bucket{le=\"0.00025\"} 1\n" },
    { 999, 3, "h_bucket{le=\"0.001\"} 1\n" },
    { 1000, 3, "h_bucket{le=\"0.001\"} 1\n" },
    { 1001, 4, "h_bucket{le=\"0.0025\"} 1\n" },
    { 1000000, 12, "h_bucket{le=\"1\"} 1\n" },
    { 1000001, 13, "h_bucket{le=\"2.5\"} 1\n" },
    { 119999999, 18, "h_bucket{le=\"120\"} 1\n" },
    { 120000000, 18, "h_bucket{le=\"120\"} 1\n" },
    { 120000001, 19, "h_bucket{le=\"+Inf\"} 1\n" },
    { 9223372036854775807, 19, "h_bucket{le=\"+Inf\"} 1\n" },
    { 0, 0, NULL }
};


void
ngx_sent_conv_unit_metrics(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_metrics_bounds(pool);
    ngx_sent_conv_unit_metrics_statuses();
    ngx_sent_conv_unit_metrics_lines(pool);
    ngx_sent_conv_unit_metrics_long(pool);
}


static void
ngx_sent_conv_unit_metrics_bounds(ngx_pool_t *pool)
{
    char                        *p, *line;
    ngx_uint_t                   below;
    ngx_sent_conv_histogram_t    histogram;
    ngx_sent_conv_exposition_t   e;
    ngx_sent_conv_unit_bound_t  *t;

    for (t = ngx_sent_conv_unit_bounds; t->line; t++) {
        ngx_memzero(&histogram, sizeof(ngx_sent_conv_histogram_t));
        ngx_sent_conv_observe(&histogram, t->us);

        ngx_sent_conv_exposition_init(&e, pool);
        ngx_sent_conv_exposition_histogram(&e, "h", "", &histogram);
        *e.last = '\0';

        line = strstr((char *) e.start, t->line);
        below = 0;

        for (p = (char *) e.start; (p = strstr(p, "} 0\n")) != NULL; p++) {
            below++;
        }

        ngx_sent_conv_unit_ok(line && below == t->below,
                              "bucket of %lu us", (unsigned long) t->us);
        ngx_sent_conv_unit_ok(strstr((char *) e.start, "\nh_count 1\n")
                              != NULL, "count of %lu us",
                              (unsigned long) t->us);
    }
}


static void
ngx_sent_conv_unit_metrics_statuses(void)
{
    ngx_sent_conv_unit_ok(ngx_sent_conv_metrics_status(200) == 0, "200");
    ngx_sent_conv_unit_ok(ngx_sent_conv_metrics_status(503)
                          == NGX_SENT_CONV_STATUSES - 2, "503");
    ngx_sent_conv_unit_ok(ngx_sent_conv_metrics_status(418)
                          == NGX_SENT_CONV_STATUSES - 1, "418 is another");
    ngx_sent_conv_unit_ok(ngx_sent_conv_metrics_status(0)
                          == NGX_SENT_CONV_STATUSES - 1, "none is another");
}


static void
ngx_sent_conv_unit_metrics_lines(ngx_pool_t *pool)
{
    ngx_str_t                   text;
    ngx_atomic_t                statuses[NGX_SENT_CONV_STATUSES];
    ngx_sent_conv_summary_t     summary;
    ngx_sent_conv_exposition_t  e;

    ngx_memzero(&summary, sizeof(ngx_sent_conv_summary_t));
    ngx_sent_conv_summarize(&summary, 1999999);
    ngx_sent_conv_summarize(&summary, 5);

    ngx_memzero((void *) statuses, sizeof(statuses));
    statuses[0] = 7;
    statuses[NGX_SENT_CONV_STATUSES - 1] = 1;

    ngx_sent_conv_exposition_init(&e, pool);
    ngx_sent_conv_exposition_head(&e, "a", "counter", "What.");
    ngx_sent_conv_exposition_value(&e, "a", NULL, 18446744073709551615ULL);
    ngx_sent_conv_exposition_value(&e, "a", "", 0);
    ngx_sent_conv_exposition_value(&e, "a", "b=\"c\"", 1);
    ngx_sent_conv_exposition_seconds(&e, "s", NULL, 1000001);
    ngx_sent_conv_exposition_summary(&e, "m", "b=\"c\"", &summary);
    ngx_sent_conv_exposition_requests(&e, "r", "b=\"c\"", statuses);

    text.data = e.start;
    text.len = e.last - e.start;

    ngx_sent_conv_unit_ok(!e.failed, "lines written");
    ngx_sent_conv_unit_is(&text,
                          "# HELP a What.\n# TYPE a counter\n"
                          "a 18446744073709551615\na 0\na{b=\"c\"} 1\n"
                          "s 1.000001\n"
                          "m_sum{b=\"c\"} 2.000004\n"
                          "m_count{b=\"c\"} 2\n"
                          "r{b=\"c\",status=\"200\"} 7\n"
                          "r{b=\"c\",status=\"other\"} 1\n",
                          "lines");
}


static void
ngx_sent_conv_unit_metrics_long(ngx_pool_t *pool)
{
    u_char                     *p;
    ngx_uint_t                  i, n;
    ngx_sent_conv_exposition_t  e;

    ngx_sent_conv_exposition_init(&e, pool);

    for (i = 0; i < 100000; i++) {
        ngx_sent_conv_exposition_value(&e, "a_name", "b=\"c\"", i);
    }

    for (n = 0, p = e.start; p < e.last; p++) {
        n += (*p == '\n');
    }

    ngx_sent_conv_unit_ok(!e.failed && n == i && e.last <= e.end
                          && ngx_strncmp(e.start, "a_name{b=\"c\"} 0\n",
                                         sizeof("a_name{b=\"c\"} 0\n") - 1)
                             == 0
                          && ngx_strncmp(e.last - 6, "99999\n", 6) == 0,
                          "a text that grows");
}
