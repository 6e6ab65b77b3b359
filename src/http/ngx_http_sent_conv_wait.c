
/*
 * A call between two steps.  Its request is blocked meanwhile: whatever
 * becomes of the client, the request stays until the store has answered,
 * which the commands' own timeout makes sure of, or the timer has fired.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static void ngx_http_sent_conv_wait_fired(ngx_event_t *ev);


void
ngx_http_sent_conv_wait(ngx_http_sent_conv_call_t *call, ngx_int_t rc,
    ngx_http_sent_conv_step_pt step)
{
    call->asked = 1;
    call->asking = 1;
    call->since = ngx_current_msec;

    ngx_http_sent_conv_wait_other(call, rc, step);
}


/* not for the store, whose time it is not */

void
ngx_http_sent_conv_wait_other(ngx_http_sent_conv_call_t *call, ngx_int_t rc,
    ngx_http_sent_conv_step_pt step)
{
    if (rc != NGX_OK) {
        ngx_http_sent_conv_error_store(call, NGX_SENT_CONV_UNSENT);
        return;
    }

    call->step = step;
    call->request->main->blocked++;
}


void
ngx_http_sent_conv_wait_done(void *data, ngx_sent_conv_err_e err,
    void *result)
{
    ngx_http_sent_conv_call_t *call = data;

    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = call->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, c->log, 0,
                   "sent conv call goes on: %ui \"%V\"",
                   (ngx_uint_t) err, &r->uri);

    r->main->blocked--;

    if (call->asking) {
        call->asking = 0;
        call->redis_time += ngx_current_msec - call->since;
    }

    call->step(call, err, result);

    ngx_http_run_posted_requests(c);
}


void
ngx_http_sent_conv_wait_timer(ngx_http_sent_conv_call_t *call, ngx_msec_t ms,
    ngx_http_sent_conv_step_pt step)
{
    call->step = step;
    call->request->main->blocked++;

    call->timer.handler = ngx_http_sent_conv_wait_fired;
    call->timer.data = call;
    call->timer.log = call->request->connection->log;

    ngx_add_timer(&call->timer, ms);
}


static void
ngx_http_sent_conv_wait_fired(ngx_event_t *ev)
{
    ngx_http_sent_conv_wait_done(ev->data, NGX_SENT_CONV_OK, NULL);
}
