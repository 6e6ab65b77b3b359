
/*
 * One group of those who wait for replicas: where replicas are not asked for,
 * but there may be some, first the question over the commands' connection
 * whether there are; then a write, WAIT and INFO over our own.  The write
 * makes sure that the WAIT covers what the other connection wrote; the INFO,
 * that both speak to the same master, which has been one all the time.
 */


#include "ngx_sent_conv_redis_conn.h"


static void ngx_sent_conv_redis_wait_asked(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_redis_wait_write(ngx_sent_conv_redis_master_t *m);
static void ngx_sent_conv_redis_wait_send(ngx_sent_conv_redis_master_t *m,
    ngx_uint_t argc, ngx_str_t *argv, ngx_sent_conv_redis_pt handler);
static void ngx_sent_conv_redis_wait_written(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_redis_wait_counted(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_redis_wait_told(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_redis_wait_answer(ngx_sent_conv_redis_master_t *m,
    ngx_sent_conv_err_e err);


void
ngx_sent_conv_redis_wait_ask(ngx_sent_conv_redis_master_t *m)
{
    ngx_sent_conv_redis_waits_t  *waits;

    waits = &m->waits;

    if (m->info.history == NGX_SENT_CONV_REDIS_UNTOLD) {
        waits->info = m->info;
        ngx_sent_conv_redis_wait_end(m);
        return;
    }

    if (m->conn.state != ngx_sent_conv_redis_st_ready
        || ngx_sent_conv_redis_command_on(m->rd, &m->conn, 2,
                                          ngx_sent_conv_redis_info_cmd,
                                          ngx_sent_conv_redis_wait_asked, m)
           != NGX_OK)
    {
        waits->failed = 1;
        ngx_sent_conv_redis_wait_end(m);
    }
}


static void
ngx_sent_conv_redis_wait_asked(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_redis_master_t *m = data;

    ngx_sent_conv_redis_waits_t  *waits;

    waits = &m->waits;

    if (err != NGX_SENT_CONV_OK) {
        waits->failed = 1;
        ngx_sent_conv_redis_wait_end(m);
        return;
    }

    ngx_sent_conv_redis_info(reply, &waits->info);

    if (waits->info.why != NULL) {
        ngx_sent_conv_redis_conn_drop(&m->conn, waits->info.why);
        ngx_sent_conv_redis_wait_end(m);
        return;
    }

    ngx_sent_conv_redis_wait_known(m, &waits->info);

    if (waits->info.replicas == 0) {
        ngx_sent_conv_redis_wait_end(m);
        return;
    }

    waits->want = 1;

    ngx_sent_conv_redis_wait_begin(m);
}


void
ngx_sent_conv_redis_wait_begin(ngx_sent_conv_redis_master_t *m)
{
    ngx_sent_conv_redis_waits_t  *waits;

    waits = &m->waits;

    if (waits->conn.state == ngx_sent_conv_redis_st_ready) {
        ngx_sent_conv_redis_wait_go(m);
        return;
    }

    ngx_add_timer(&waits->patience, m->rd->conf.wait);

    ngx_sent_conv_redis_wait_open(m);
}


void
ngx_sent_conv_redis_wait_go(ngx_sent_conv_redis_master_t *m)
{
    u_char                        n[NGX_INT_T_LEN], ms[NGX_INT64_LEN];
    ngx_str_t                     argv[3];
    ngx_sent_conv_redis_waits_t  *waits;

    waits = &m->waits;

    waits->pending = 0;
    waits->written = 0;
    waits->start = ngx_sent_conv_redis_call_clock();

    ngx_sent_conv_redis_wait_write(m);

    ngx_str_set(&argv[0], "WAIT");

    argv[1].data = n;
    argv[1].len = ngx_sprintf(n, "%ui", waits->want) - n;

    argv[2].data = ms;
    argv[2].len = ngx_sprintf(ms, "%M", m->rd->conf.wait) - ms;

    ngx_sent_conv_redis_wait_send(m, 3, argv,
                                  ngx_sent_conv_redis_wait_counted);
    ngx_sent_conv_redis_wait_send(m, 2, ngx_sent_conv_redis_info_cmd,
                                  ngx_sent_conv_redis_wait_told);

    if (waits->pending == 0) {
        ngx_sent_conv_redis_wait_end(m);
    }
}


static void
ngx_sent_conv_redis_wait_write(ngx_sent_conv_redis_master_t *m)
{
    u_char                        key[NGX_SENT_CONV_REDIS_TEXT_LEN];
    ngx_str_t                     name;
    ngx_sent_conv_redis_waits_t  *waits;

    waits = &m->waits;

    name.data = key;
    name.len = ngx_snprintf(key, sizeof(key), "%Vwait", &m->rd->conf.prefix)
               - key;

    if (m->rd->cluster) {
        name.len = ngx_snprintf(key, sizeof(key), "%Vwait:{%ui}",
                                &m->rd->conf.prefix,
                                ngx_sent_conv_redis_cluster_tag(m))
                   - key;
    }

    if (ngx_sent_conv_redis_script_on(m->rd, &waits->conn,
                                      NGX_SENT_CONV_S_WAIT, 1, 1, &name,
                                      ngx_sent_conv_redis_wait_written, m)
        != NGX_OK)
    {
        waits->failed = 1;
        return;
    }

    waits->pending++;
}


static void
ngx_sent_conv_redis_wait_send(ngx_sent_conv_redis_master_t *m, ngx_uint_t argc,
    ngx_str_t *argv, ngx_sent_conv_redis_pt handler)
{
    ngx_sent_conv_redis_waits_t  *waits;

    waits = &m->waits;

    if (waits->failed
        || ngx_sent_conv_redis_command_on(m->rd, &waits->conn, argc, argv,
                                          handler, m)
           != NGX_OK)
    {
        waits->failed = 1;
        return;
    }

    waits->pending++;
}


static void
ngx_sent_conv_redis_wait_written(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_redis_master_t *m = data;

    m->waits.written = 1;

    /* that slot is perhaps on its way to another master */

    m->waits.tag += (err != NGX_SENT_CONV_OK);

    ngx_sent_conv_redis_wait_answer(m, err);
}


static void
ngx_sent_conv_redis_wait_counted(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_redis_master_t *m = data;

    ngx_sent_conv_redis_waits_t  *waits;

    waits = &m->waits;

    if (err == NGX_SENT_CONV_OK) {
        ngx_sent_conv_observe(&m->rd->conf.metrics->wait_time,
                              ngx_sent_conv_redis_call_clock()
                              - waits->start);
    }

    /* the script was not loaded, and comes behind: all once more */

    if (!waits->written) {
        waits->failed |= waits->late;
        waits->late = 1;

    } else {
        waits->late = 0;
    }

    waits->have = (ngx_uint_t) ngx_sent_conv_reply_int(reply);

    ngx_sent_conv_redis_wait_answer(m, err);
}


static void
ngx_sent_conv_redis_wait_told(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_redis_master_t *m = data;

    if (err == NGX_SENT_CONV_OK) {
        ngx_sent_conv_redis_info(reply, &m->waits.info);
    }

    ngx_sent_conv_redis_wait_answer(m, err);
}


static void
ngx_sent_conv_redis_wait_answer(ngx_sent_conv_redis_master_t *m,
    ngx_sent_conv_err_e err)
{
    ngx_sent_conv_redis_waits_t  *waits;

    waits = &m->waits;

    if (err != NGX_SENT_CONV_OK) {
        waits->failed = 1;
    }

    if (--waits->pending) {
        return;
    }

    if (waits->failed || waits->info.why != NULL) {
        ngx_sent_conv_redis_conn_drop(&waits->conn, "WAIT failed");

    } else if (waits->late) {
        ngx_sent_conv_redis_wait_go(m);
        return;
    }

    ngx_sent_conv_redis_wait_end(m);
}
