
/*
 * hiredis on nginx's events; knows nothing of what is said over it.
 *
 * hiredis owns the socket: it opens it before we attach, and closes it in
 * redisFree().  nginx only watches it, so the connection is marked "shared"
 * to keep ngx_close_connection() from closing the descriptor a second time.
 *
 * The events are level-triggered, whatever nginx itself prefers: hiredis
 * reads at most 16K per call, and would never be told about the rest.
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include <poll.h>

#include "ngx_sent_conv_redis_conn.h"


static void ngx_sent_conv_redis_read_handler(ngx_event_t *rev);
static void ngx_sent_conv_redis_write_handler(ngx_event_t *wev);
static void ngx_sent_conv_redis_add_read(void *data);
static void ngx_sent_conv_redis_del_read(void *data);
static void ngx_sent_conv_redis_add_write(void *data);
static void ngx_sent_conv_redis_del_write(void *data);
static void ngx_sent_conv_redis_cleanup(void *data);


ngx_int_t
ngx_sent_conv_redis_attach(redisAsyncContext *ac, ngx_log_t *log)
{
    ngx_connection_t  *c;

    c = ngx_get_connection(ac->c.fd, log);
    if (c == NULL) {
        return NGX_ERROR;
    }

    c->data = ac;
    c->shared = 1;

    c->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);

    c->read->log = log;
    c->read->handler = ngx_sent_conv_redis_read_handler;

    c->write->log = log;
    c->write->handler = ngx_sent_conv_redis_write_handler;

    ac->ev.data = c;
    ac->ev.addRead = ngx_sent_conv_redis_add_read;
    ac->ev.delRead = ngx_sent_conv_redis_del_read;
    ac->ev.addWrite = ngx_sent_conv_redis_add_write;
    ac->ev.delWrite = ngx_sent_conv_redis_del_write;
    ac->ev.cleanup = ngx_sent_conv_redis_cleanup;

    return NGX_OK;
}


void
ngx_sent_conv_redis_turn(redisAsyncContext *ac, ngx_msec_t timer)
{
    int                n;
    struct pollfd      pfd;
    ngx_connection_t  *c;

    c = ac->ev.data;

    if (c->write->posted) {
        ngx_delete_posted_event(c->write);
        ngx_sent_conv_redis_write_handler(c->write);
        return;
    }

    pfd.fd = c->fd;
    pfd.events = c->write->active ? POLLIN|POLLOUT : POLLIN;
    pfd.revents = 0;

    n = poll(&pfd, 1, (int) timer);

    ngx_time_update();

    if (n <= 0) {
        return;
    }

    if (c->write->active && (pfd.revents & (POLLOUT|POLLERR|POLLHUP))) {
        ngx_sent_conv_redis_write_handler(c->write);
        return;
    }

    ngx_sent_conv_redis_read_handler(c->read);
}


ngx_uint_t
ngx_sent_conv_redis_unread(redisAsyncContext *ac)
{
    struct pollfd  pfd;

    pfd.fd = ac->c.fd;
    pfd.events = POLLIN;
    pfd.revents = 0;

    return poll(&pfd, 1, 0) == 1;
}


static void
ngx_sent_conv_redis_read_handler(ngx_event_t *rev)
{
    ngx_connection_t   *c;
    redisAsyncContext  *ac;

    c = rev->data;
    ac = c->data;

    if (c->close) {

        /*
         * "worker_shutdown_timeout" has expired: what it cuts off has yet to
         * be told to Redis, which takes no longer than a command's timeout
         */

        c->close = 0;
        return;
    }

    redisAsyncHandleRead(ac);

    /* both the context and the connection may be freed here */
}


static void
ngx_sent_conv_redis_write_handler(ngx_event_t *wev)
{
    ngx_connection_t  *c;

    c = wev->data;

    /* what hiredis cannot write now has to wait for the event */

    wev->ready = 0;

    redisAsyncHandleWrite(c->data);

    /* both the context and the connection may be freed here */
}


static void
ngx_sent_conv_redis_add_read(void *data)
{
    ngx_connection_t *c = data;

    if (c && !c->read->active) {
        (void) ngx_add_event(c->read, NGX_READ_EVENT, NGX_LEVEL_EVENT);
    }
}


static void
ngx_sent_conv_redis_del_read(void *data)
{
    ngx_connection_t *c = data;

    if (c && c->read->active) {
        (void) ngx_del_event(c->read, NGX_READ_EVENT, 0);
    }
}


static void
ngx_sent_conv_redis_add_write(void *data)
{
    ngx_connection_t *c = data;

    if (c == NULL || c->write->active) {
        return;
    }

    if (c->write->ready) {

        /* all commands of this turn of the event loop leave in one write */

        ngx_post_event(c->write, &ngx_posted_events);
        return;
    }

    (void) ngx_add_event(c->write, NGX_WRITE_EVENT, NGX_LEVEL_EVENT);
}


static void
ngx_sent_conv_redis_del_write(void *data)
{
    ngx_connection_t *c = data;

    if (c == NULL) {
        return;
    }

    if (c->write->active) {
        (void) ngx_del_event(c->write, NGX_WRITE_EVENT, 0);
    }

    /* hiredis has written all it had */

    c->write->ready = 1;
}


static void
ngx_sent_conv_redis_cleanup(void *data)
{
    ngx_connection_t *c = data;

    redisAsyncContext  *ac;

    if (c == NULL) {
        return;
    }

    ac = c->data;

    ngx_sent_conv_redis_del_read(c);
    ngx_sent_conv_redis_del_write(c);

    ngx_close_connection(c);

    /* hiredis 1.x calls the hooks after the cleanup, too */

    ac->ev.data = NULL;
}
