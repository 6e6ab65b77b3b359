
/*
 * Sessions of browsers: an id's digest stands for that of an API key, for some
 * hours.
 */


#include "ngx_sent_conv_store_private.h"


static ngx_int_t ngx_sent_conv_store_session_run(
    ngx_sent_conv_store_t *store, ngx_uint_t argc, ngx_str_t *argv,
    ngx_str_t *session, ngx_sent_conv_redis_pt answer,
    ngx_sent_conv_store_pt handler, void *data);
static void ngx_sent_conv_store_session_read(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_session_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


ngx_int_t
ngx_sent_conv_store_session_put(ngx_sent_conv_store_t *store,
    ngx_str_t *session, ngx_str_t *key, ngx_sent_conv_store_pt handler,
    void *data)
{
    u_char     ms[NGX_INT64_LEN];
    ngx_str_t  argv[5];

    ngx_str_set(&argv[0], "SET");
    argv[2] = *key;
    ngx_str_set(&argv[3], "PX");
    argv[4].data = ms;
    argv[4].len = ngx_sprintf(ms, "%uL",
                              (uint64_t) NGX_SENT_CONV_SESSION_TTL)
                  - ms;

    return ngx_sent_conv_store_session_run(store, 5, argv, session,
                                           ngx_sent_conv_store_session_done,
                                           handler, data);
}


ngx_int_t
ngx_sent_conv_store_session_get(ngx_sent_conv_store_t *store,
    ngx_str_t *session, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_str_t  argv[2];

    ngx_str_set(&argv[0], "GET");

    return ngx_sent_conv_store_session_run(store, 2, argv, session,
                                           ngx_sent_conv_store_session_read,
                                           handler, data);
}


ngx_int_t
ngx_sent_conv_store_session_delete(ngx_sent_conv_store_t *store,
    ngx_str_t *session, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_str_t  argv[2];

    ngx_str_set(&argv[0], "DEL");

    return ngx_sent_conv_store_session_run(store, 2, argv, session,
                                           ngx_sent_conv_store_session_done,
                                           handler, data);
}


static ngx_int_t
ngx_sent_conv_store_session_run(ngx_sent_conv_store_t *store,
    ngx_uint_t argc, ngx_str_t *argv, ngx_str_t *session,
    ngx_sent_conv_redis_pt answer, ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, NULL, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    ngx_sent_conv_store_key_plain(op, "session", session, &argv[1]);

    rc = (argv[1].data == NULL) ? NGX_ERROR
         : ngx_sent_conv_redis_command(store->redis, NULL, argc, argv, answer,
                                       op);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static void
ngx_sent_conv_store_session_read(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t  key;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    key = ngx_sent_conv_reply_str(reply);

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK,
                                  key.len ? &key : NULL);
}


static void
ngx_sent_conv_store_session_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_finish(data, err, NULL);
}
