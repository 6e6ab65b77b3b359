
/*
 * /healthz: the process lives; /readyz: Redis answers and is fit to serve.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static void ngx_http_sent_conv_health_answered(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_http_sent_conv_health_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_health_ok(ngx_http_sent_conv_call_t *call,
    const char *status);
static void ngx_http_sent_conv_health_failed(ngx_http_sent_conv_call_t *call,
    const char *why);


void
ngx_http_sent_conv_health(ngx_http_sent_conv_call_t *call)
{
    const char  *why;

    if (!call->slcf->ready) {
        ngx_http_sent_conv_health_ok(call, "alive");
        return;
    }

    why = NULL;

    if (call->store == NULL
        || !ngx_sent_conv_redis_ready(call->store->redis, &why))
    {
        ngx_http_sent_conv_health_failed(call, why);
        return;
    }

    /* what was ready may hang by now */

    if (ngx_sent_conv_redis_ping(call->store->redis,
                                 ngx_http_sent_conv_health_answered, call)
        != NGX_OK)
    {
        ngx_http_sent_conv_health_failed(call, NULL);
        return;
    }

    ngx_http_sent_conv_wait(call, NGX_OK, ngx_http_sent_conv_health_done);
}


static void
ngx_http_sent_conv_health_answered(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_http_sent_conv_wait_done(data, err, NULL);
}


static void
ngx_http_sent_conv_health_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_health_failed(call, "Redis does not answer.");
        return;
    }

    ngx_http_sent_conv_health_ok(call, "ready");
}


static void
ngx_http_sent_conv_health_ok(ngx_http_sent_conv_call_t *call,
    const char *status)
{
    ngx_sent_conv_jw_t  w;

    ngx_http_sent_conv_reply_open(call, &w, 64);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_cstr(&w, "status", status);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static void
ngx_http_sent_conv_health_failed(ngx_http_sent_conv_call_t *call,
    const char *why)
{
    call->unsent = 1;

    ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_UNSENT,
                             (why != NULL) ? why
                             : "Redis is not usable.");
}
