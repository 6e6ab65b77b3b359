
/*
 * How many requests came, of which kind, and how they ended.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static const char *ngx_http_sent_conv_measure_method(ngx_uint_t method);


/* the status that the access log tells; what has no route comes last */

void
ngx_http_sent_conv_measure(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                     ms;
    ngx_time_t                   *tp;
    ngx_uint_t                    api, n, status;
    ngx_http_request_t           *r;
    ngx_sent_conv_metrics_t      *metrics;
    ngx_http_sent_conv_routes_t  *routes;

    if (call->store == NULL) {
        return;
    }

    r = call->request;
    metrics = call->store->metrics;

    api = call->role - NGX_HTTP_SENT_CONV_API;
    routes = ngx_http_sent_conv_handler_routes(call->role);
    n = call->route ? (ngx_uint_t) (call->route - routes->routes)
                    : routes->n - 1;

    status = r->err_status ? r->err_status : r->headers_out.status;
    status = ngx_sent_conv_metrics_status(status);

    tp = ngx_timeofday();
    ms = (tp->sec - r->start_sec) * 1000 + (tp->msec - r->start_msec);

    ngx_sent_conv_count(&metrics->requests[api][n][status]);
    ngx_sent_conv_observe(&metrics->request_time[api],
                          (uint64_t) ngx_max(ms, 0) * 1000);

    if (call->replayed) {
        ngx_sent_conv_count(&metrics->replays);
    }
}


void
ngx_http_sent_conv_measure_write(ngx_sent_conv_exposition_t *e,
    ngx_sent_conv_metrics_t *metrics)
{
    char                          labels[256];
    const char                   *name;
    ngx_uint_t                    api, i;
    ngx_http_sent_conv_route_t   *route;
    ngx_http_sent_conv_routes_t  *routes;

    name = "sent_conv_http_requests_total";

    ngx_sent_conv_exposition_head(e, name, "counter",
                                  "Requests by route and status.");

    for (api = 0; api < NGX_SENT_CONV_M_APIS; api++) {
        routes = ngx_http_sent_conv_handler_routes(NGX_HTTP_SENT_CONV_API
                                                   + api);

        for (i = 0; i < routes->n; i++) {
            route = &routes->routes[i];

            (void) ngx_sprintf((u_char *) labels,
                               "api=\"%s\",method=\"%s\",route=\"%s\"%Z",
                               ngx_sent_conv_metrics_apis[api],
                               ngx_http_sent_conv_measure_method(
                                                               route->method),
                               route->pattern ? route->pattern : "none");

            ngx_sent_conv_exposition_requests(e, name, labels,
                                              metrics->requests[api][i]);
        }
    }
}


static const char *
ngx_http_sent_conv_measure_method(ngx_uint_t method)
{
    switch (method) {

    case NGX_HTTP_GET:
        return "GET";

    case NGX_HTTP_POST:
        return "POST";

    case NGX_HTTP_PUT:
        return "PUT";

    case NGX_HTTP_PATCH:
        return "PATCH";

    case NGX_HTTP_DELETE:
        return "DELETE";

    default:
        return "none";
    }
}
