
/*
 * What is counted: its names and labels, in the order in which they are told.
 */


#include "ngx_sent_conv_metrics.h"


/* of labels, written out */
#define NGX_SENT_CONV_METRICS_LABELS  128


typedef enum {
    NGX_SENT_CONV_METRICS_COUNTER = 0,
    NGX_SENT_CONV_METRICS_HISTOGRAM
} ngx_sent_conv_metrics_type_e;


typedef struct {
    const char                    *name;     /* NULL: there is none */
    const char                   **values;
    ngx_uint_t                     n;
} ngx_sent_conv_metrics_label_t;


/* a number for each value of the first label, and in it of the second */

typedef struct {
    const char                    *name;
    const char                    *help;
    ngx_sent_conv_metrics_type_e   type;
    size_t                         offset;
    ngx_sent_conv_metrics_label_t  label[2];
} ngx_sent_conv_metrics_entry_t;


static void ngx_sent_conv_metrics_entry(ngx_sent_conv_exposition_t *e,
    ngx_sent_conv_metrics_entry_t *entry, u_char *base);
static void ngx_sent_conv_metrics_labels(char *buf,
    ngx_sent_conv_metrics_entry_t *entry, ngx_uint_t first,
    ngx_uint_t second);


const char  *ngx_sent_conv_metrics_apis[NGX_SENT_CONV_M_APIS] = {
    "api", "carrier", "admin", "sandbox", "health", "status", "dashboard"
};


static const char  *ngx_sent_conv_metrics_channels[NGX_SENT_CONV_CHANNELS] = {
    "whatsapp", "sms", "rcs"
};


static const char  *ngx_sent_conv_metrics_triggers[NGX_SENT_CONV_M_TRIGGERS] =
{
    "inbound", "template_reply"
};


static const char  *ngx_sent_conv_metrics_reasons[NGX_SENT_CONV_M_REASONS] = {
    "expired", "explicit", "compliance_stop"
};


static const char  *ngx_sent_conv_metrics_messages[NGX_SENT_CONV_M_MESSAGES] =
{
    "received", "queued", "sent", "delivered", "read", "failed", "filtered",
    "blocked"
};


static const char  *ngx_sent_conv_metrics_sources[NGX_SENT_CONV_M_SOURCES] = {
    "keyword", "carrier", "api"
};


static const char  *ngx_sent_conv_metrics_items[NGX_SENT_CONV_M_ITEMS] = {
    "accepted", "duplicate", "dropped", "unreadable"
};


const char  *ngx_sent_conv_metrics_kinds[NGX_SENT_CONV_M_KINDS] = {
    "webhook", "carrier", "test", "token"
};


/* those that something is delivered by */

static const char  *ngx_sent_conv_metrics_lanes[NGX_SENT_CONV_M_TESTS] = {
    "webhook", "carrier"
};


static const char  *ngx_sent_conv_metrics_outcomes[NGX_SENT_CONV_M_OUTCOMES] =
{
    "success", "rejected", "timeout", "no_answer", "aborted"
};


static const char  *ngx_sent_conv_metrics_breaks[NGX_SENT_CONV_M_BREAKS] = {
    "open", "probe_failed", "closed"
};


static const char  *ngx_sent_conv_metrics_disables[NGX_SENT_CONV_M_DISABLES] =
{
    "gone", "failures"
};


static const char  *ngx_sent_conv_metrics_errors[NGX_SENT_CONV_M_ERRORS] = {
    "unsent", "unknown", "broken"
};


static const char
    *ngx_sent_conv_metrics_connections[NGX_SENT_CONV_M_CONNECTIONS] = {
    "commands", "notifications", "waits", "guide"
};


static const char  *ngx_sent_conv_metrics_limits[NGX_SENT_CONV_M_LIMITS] = {
    "customer", "address"
};


static const char  *ngx_sent_conv_metrics_replicas[NGX_SENT_CONV_M_REPLICAS] =
{
    "enough", "few", "unknown"
};


#define ngx_sent_conv_metrics_field(field)                                    \
    offsetof(ngx_sent_conv_metrics_t, field)

#define ngx_sent_conv_metrics_label(name, values)                             \
    { name, values, sizeof(values) / sizeof(values[0]) }

#define ngx_sent_conv_metrics_no_label  { NULL, NULL, 1 }


static ngx_sent_conv_metrics_entry_t  ngx_sent_conv_metrics_entries[] = {

    { "sent_conv_http_request_duration_seconds",
      "Time from a request's first byte to the end of its answer.",
      NGX_SENT_CONV_METRICS_HISTOGRAM,
      ngx_sent_conv_metrics_field(request_time),
      { ngx_sent_conv_metrics_label("api", ngx_sent_conv_metrics_apis),
        ngx_sent_conv_metrics_no_label } },

    { "sent_conv_http_replays_total",
      "Requests answered from the record of their Idempotency-Key.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(replays),
      { ngx_sent_conv_metrics_no_label, ngx_sent_conv_metrics_no_label } },

    { "sent_conv_http_limited_total",
      "Requests that were refused for coming too often.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(limited),
      { ngx_sent_conv_metrics_label("limit", ngx_sent_conv_metrics_limits),
        ngx_sent_conv_metrics_no_label } },

    { "sent_conv_http_replicated_total",
      "Requests that were held until replicas had what they wrote.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(replicas),
      { ngx_sent_conv_metrics_label("replicas",
                                    ngx_sent_conv_metrics_replicas),
        ngx_sent_conv_metrics_no_label } },

    { "sent_conv_windows_opened_total",
      "Windows that opened.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(windows_opened),
      { ngx_sent_conv_metrics_label("trigger", ngx_sent_conv_metrics_triggers),
        ngx_sent_conv_metrics_no_label } },

    { "sent_conv_windows_ended_total",
      "Windows that ended.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(windows_ended),
      { ngx_sent_conv_metrics_label("reason", ngx_sent_conv_metrics_reasons),
        ngx_sent_conv_metrics_no_label } },

    { "sent_conv_window_expiry_delay_seconds",
      "Time from a window's deadline to its end.",
      NGX_SENT_CONV_METRICS_HISTOGRAM,
      ngx_sent_conv_metrics_field(window_late),
      { ngx_sent_conv_metrics_no_label, ngx_sent_conv_metrics_no_label } },

    { "sent_conv_messages_total",
      "Messages that reached a status.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(messages),
      { ngx_sent_conv_metrics_label("channel", ngx_sent_conv_metrics_channels),
        ngx_sent_conv_metrics_label("status",
                                    ngx_sent_conv_metrics_messages) } },

    { "sent_conv_opt_outs_total",
      "Contacts that opted out.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(opt_outs),
      { ngx_sent_conv_metrics_label("source", ngx_sent_conv_metrics_sources),
        ngx_sent_conv_metrics_no_label } },

    { "sent_conv_opt_ins_total",
      "Contacts that opted in again.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(opt_ins),
      { ngx_sent_conv_metrics_label("source", ngx_sent_conv_metrics_sources),
        ngx_sent_conv_metrics_no_label } },

    { "sent_conv_carrier_items_total",
      "Messages and reports that carriers posted.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(items),
      { ngx_sent_conv_metrics_label("channel", ngx_sent_conv_metrics_channels),
        ngx_sent_conv_metrics_label("outcome",
                                    ngx_sent_conv_metrics_items) } },

    { "sent_conv_carrier_signatures_refused_total",
      "Posts to carrier locations whose signature was absent or wrong.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(signatures),
      { ngx_sent_conv_metrics_label("channel", ngx_sent_conv_metrics_channels),
        ngx_sent_conv_metrics_no_label } },

    { "sent_conv_delivery_attempts_total",
      "Attempts at deliveries that ended.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(attempts),
      { ngx_sent_conv_metrics_label("kind", ngx_sent_conv_metrics_kinds),
        ngx_sent_conv_metrics_label("outcome",
                                    ngx_sent_conv_metrics_outcomes) } },

    { "sent_conv_delivery_duration_seconds",
      "Time that an attempt took.",
      NGX_SENT_CONV_METRICS_HISTOGRAM,
      ngx_sent_conv_metrics_field(attempt_time),
      { ngx_sent_conv_metrics_label("kind", ngx_sent_conv_metrics_kinds),
        ngx_sent_conv_metrics_no_label } },

    { "sent_conv_delivery_age_seconds",
      "Age of events and messages when they were received.",
      NGX_SENT_CONV_METRICS_HISTOGRAM,
      ngx_sent_conv_metrics_field(delivery_age),
      { ngx_sent_conv_metrics_label("kind", ngx_sent_conv_metrics_lanes),
        ngx_sent_conv_metrics_no_label } },

    { "sent_conv_webhook_breakers_total",
      "Breakers of endpoints that opened, stayed open, or closed.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(breakers),
      { ngx_sent_conv_metrics_label("change", ngx_sent_conv_metrics_breaks),
        ngx_sent_conv_metrics_no_label } },

    { "sent_conv_webhooks_disabled_total",
      "Webhooks that were disabled because of how they answered.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(disabled),
      { ngx_sent_conv_metrics_label("reason", ngx_sent_conv_metrics_disables),
        ngx_sent_conv_metrics_no_label } },

    { "sent_conv_lease_takeovers_total",
      "Lanes taken from a worker that let its lease run out.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(takeovers),
      { ngx_sent_conv_metrics_no_label, ngx_sent_conv_metrics_no_label } },

    { "sent_conv_events_dead_total",
      "Events given up after all their attempts.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(dead),
      { ngx_sent_conv_metrics_no_label, ngx_sent_conv_metrics_no_label } },

    { "sent_conv_cache_hits_total",
      "Lookups of customers that the worker's cache answered.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(cache_hits),
      { ngx_sent_conv_metrics_no_label, ngx_sent_conv_metrics_no_label } },

    { "sent_conv_cache_misses_total",
      "Lookups of customers that had to be read from Redis.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(cache_misses),
      { ngx_sent_conv_metrics_no_label, ngx_sent_conv_metrics_no_label } },

    { "sent_conv_redis_duration_seconds",
      "Time from a command's handing over to its answer.",
      NGX_SENT_CONV_METRICS_HISTOGRAM,
      ngx_sent_conv_metrics_field(command_time),
      { ngx_sent_conv_metrics_no_label, ngx_sent_conv_metrics_no_label } },

    { "sent_conv_redis_wait_duration_seconds",
      "Time that a WAIT for replicas took.",
      NGX_SENT_CONV_METRICS_HISTOGRAM,
      ngx_sent_conv_metrics_field(wait_time),
      { ngx_sent_conv_metrics_no_label, ngx_sent_conv_metrics_no_label } },

    { "sent_conv_redis_errors_total",
      "Commands not executed, without an answer, or with one of no use.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(command_errors),
      { ngx_sent_conv_metrics_label("result", ngx_sent_conv_metrics_errors),
        ngx_sent_conv_metrics_no_label } },

    { "sent_conv_redis_connections_total",
      "Connections to Redis that became usable.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(connections),
      { ngx_sent_conv_metrics_label("connection",
                                    ngx_sent_conv_metrics_connections),
        ngx_sent_conv_metrics_no_label } },

    { "sent_conv_redis_connection_failures_total",
      "Connections to Redis that were lost or not made.",
      NGX_SENT_CONV_METRICS_COUNTER,
      ngx_sent_conv_metrics_field(failures),
      { ngx_sent_conv_metrics_label("connection",
                                    ngx_sent_conv_metrics_connections),
        ngx_sent_conv_metrics_no_label } },

    { NULL, NULL, NGX_SENT_CONV_METRICS_COUNTER, 0,
      { ngx_sent_conv_metrics_no_label, ngx_sent_conv_metrics_no_label } }
};


void
ngx_sent_conv_metrics_write(ngx_sent_conv_exposition_t *e,
    ngx_sent_conv_metrics_t *metrics)
{
    ngx_sent_conv_metrics_entry_t  *entry;

    for (entry = ngx_sent_conv_metrics_entries; entry->name; entry++) {

        ngx_sent_conv_exposition_head(e, entry->name,
                                      entry->type
                                      == NGX_SENT_CONV_METRICS_HISTOGRAM
                                      ? "histogram" : "counter",
                                      entry->help);

        ngx_sent_conv_metrics_entry(e, entry,
                                    (u_char *) metrics + entry->offset);
    }
}


static void
ngx_sent_conv_metrics_entry(ngx_sent_conv_exposition_t *e,
    ngx_sent_conv_metrics_entry_t *entry, u_char *base)
{
    char                        labels[NGX_SENT_CONV_METRICS_LABELS];
    ngx_uint_t                  i, k;
    ngx_atomic_t               *counter;
    ngx_sent_conv_histogram_t  *histogram;

    counter = (ngx_atomic_t *) base;
    histogram = (ngx_sent_conv_histogram_t *) base;

    for (i = 0; i < entry->label[0].n; i++) {
        for (k = 0; k < entry->label[1].n; k++) {

            ngx_sent_conv_metrics_labels(labels, entry, i, k);

            if (entry->type == NGX_SENT_CONV_METRICS_HISTOGRAM) {
                ngx_sent_conv_exposition_histogram(e, entry->name, labels,
                                                   histogram++);

            } else {
                ngx_sent_conv_exposition_value(e, entry->name, labels,
                                               *counter++);
            }
        }
    }
}


static void
ngx_sent_conv_metrics_labels(char *buf, ngx_sent_conv_metrics_entry_t *entry,
    ngx_uint_t first, ngx_uint_t second)
{
    u_char                         *p;
    ngx_uint_t                      i;
    ngx_sent_conv_metrics_label_t  *label;

    p = (u_char *) buf;

    for (i = 0; i < 2; i++) {
        label = &entry->label[i];

        if (label->name != NULL) {
            p = ngx_sprintf(p, "%s%s=\"%s\"", i ? "," : "", label->name,
                            label->values[i ? second : first]);
        }
    }

    *p = '\0';
}
