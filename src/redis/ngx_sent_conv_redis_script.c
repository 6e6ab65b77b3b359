
/*
 * The scripts: their texts from src/lua, their digests, and calls by digest
 * that give the text where Redis has forgotten it.
 */


#include <ngx_sha1.h>

#include "ngx_sent_conv_redis_conn.h"


typedef struct {
    ngx_str_t   name;
    ngx_uint_t  keys;
    ngx_str_t   text;
} ngx_sent_conv_redis_script_t;


#include "ngx_sent_conv_scripts.h"


/* does not compile unless src/lua holds all that the enum names */

extern char  ngx_sent_conv_redis_scripts_are_all_there[
    NGX_SENT_CONV_SCRIPTS_FOUND == NGX_SENT_CONV_SCRIPTS ? 1 : -1];


/* nor while there are more than the metrics have room for */

extern char  ngx_sent_conv_redis_scripts_are_not_too_many[
    NGX_SENT_CONV_SCRIPTS <= NGX_SENT_CONV_TIMED ? 1 : -1];


#define ngx_sent_conv_redis_evalsha  "$7" CRLF "EVALSHA" CRLF "$40" CRLF
#define ngx_sent_conv_redis_eval     "$4" CRLF "EVAL" CRLF


static void ngx_sent_conv_redis_script_answer(
    ngx_sent_conv_redis_call_t *call, ngx_sent_conv_err_e err,
    redisReply *reply);
static ngx_int_t ngx_sent_conv_redis_script_again(
    ngx_sent_conv_redis_call_t *call);


void
ngx_sent_conv_redis_script_init(ngx_sent_conv_redis_t *rd)
{
    u_char       digest[20];
    ngx_str_t   *text;
    ngx_uint_t   i;
    ngx_sha1_t   sha1;

    for (i = 0; i < NGX_SENT_CONV_SCRIPTS; i++) {
        text = &ngx_sent_conv_redis_scripts[i].text;

        ngx_sha1_init(&sha1);
        ngx_sha1_update(&sha1, text->data, text->len);
        ngx_sha1_final(digest, &sha1);

        (void) ngx_hex_dump(rd->sha1[i], digest, 20);
    }
}


const char *
ngx_sent_conv_redis_script_name(ngx_sent_conv_script_e script)
{
    return (const char *) ngx_sent_conv_redis_scripts[script].name.data;
}


/* nobody waits for it: what it fails to load is given by EVAL */

void
ngx_sent_conv_redis_script_load(ngx_sent_conv_redis_conn_t *conn)
{
    ngx_str_t   argv[3];
    ngx_uint_t  i;

    ngx_str_set(&argv[0], "SCRIPT");
    ngx_str_set(&argv[1], "LOAD");

    for (i = 0; i < NGX_SENT_CONV_SCRIPTS; i++) {
        argv[2] = ngx_sent_conv_redis_scripts[i].text;
        ngx_sent_conv_redis_call_own(conn, NULL, 3, argv);
    }
}


ngx_int_t
ngx_sent_conv_redis_script(ngx_sent_conv_redis_t *rd, ngx_str_t *tag,
    ngx_sent_conv_script_e script, ngx_uint_t nkeys, ngx_uint_t argc,
    ngx_str_t *argv, ngx_sent_conv_redis_pt handler, void *data)
{
    ngx_sent_conv_redis_conn_t  *conn;

    conn = ngx_sent_conv_redis_find(rd, tag, nkeys ? &argv[0] : NULL);
    if (conn == NULL) {
        return NGX_DECLINED;
    }

    return ngx_sent_conv_redis_script_on(rd, conn, script, nkeys, argc, argv,
                                         handler, data);
}


ngx_int_t
ngx_sent_conv_redis_script_on(ngx_sent_conv_redis_t *rd,
    ngx_sent_conv_redis_conn_t *conn, ngx_sent_conv_script_e script,
    ngx_uint_t nkeys, ngx_uint_t argc, ngx_str_t *argv,
    ngx_sent_conv_redis_pt handler, void *data)
{
    u_char                      *p, *tail, keys[NGX_SIZE_T_LEN];
    u_char                       head[3 * NGX_SIZE_T_LEN + 128];
    ngx_sent_conv_redis_call_t  *call;

    p = ngx_sent_conv_redis_call_size(head, '*', argc + 3);
    p = ngx_cpymem(p, ngx_sent_conv_redis_evalsha,
                   sizeof(ngx_sent_conv_redis_evalsha) - 1);
    p = ngx_cpymem(p, rd->sha1[script], 40);
    *p++ = CR;
    *p++ = LF;

    tail = p;
    p = ngx_sent_conv_redis_call_arg(p, keys,
                                     ngx_sprintf(keys, "%ui", nkeys) - keys);

    call = ngx_sent_conv_redis_call_create(head, p - head, argc, argv);
    if (call == NULL) {
        return NGX_ERROR;
    }

    call->tail = call->text + (tail - head);
    call->argc = argc + 3;
    call->script = script;
    call->redis = rd;
    call->handler = handler;
    call->data = data;
    call->answer = ngx_sent_conv_redis_script_answer;

    if (ngx_sent_conv_redis_call_send(conn, call, call->text,
                                      call->last - call->text)
        != NGX_OK)
    {
        ngx_free(call);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static void
ngx_sent_conv_redis_script_answer(ngx_sent_conv_redis_call_t *call,
    ngx_sent_conv_err_e err, redisReply *reply)
{
    if (reply && !call->again
        && ngx_sent_conv_redis_error_is(reply, "NOSCRIPT"))
    {
        if (ngx_sent_conv_redis_script_again(call) == NGX_OK) {
            return;
        }

        err = NGX_SENT_CONV_UNSENT;
        reply = NULL;
    }

    ngx_sent_conv_redis_answer(call, err, reply);
}


static ngx_int_t
ngx_sent_conv_redis_script_again(ngx_sent_conv_redis_call_t *call)
{
    size_t      len;
    u_char     *p, *text;
    ngx_int_t   rc;
    ngx_str_t  *script;

    script = &ngx_sent_conv_redis_scripts[call->script].text;

    ngx_log_debug1(NGX_LOG_DEBUG_EVENT, call->conn->log, 0,
                   "sent conv redis script \"%V\" is not loaded",
                   &ngx_sent_conv_redis_scripts[call->script].name);

    len = sizeof(ngx_sent_conv_redis_eval) + script->len
          + 2 * (NGX_SIZE_T_LEN + sizeof("$" CRLF CRLF))
          + (call->last - call->tail);

    text = ngx_alloc(len, call->conn->log);
    if (text == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sent_conv_redis_call_size(text, '*', call->argc);
    p = ngx_cpymem(p, ngx_sent_conv_redis_eval,
                   sizeof(ngx_sent_conv_redis_eval) - 1);
    p = ngx_sent_conv_redis_call_arg(p, script->data, script->len);
    p = ngx_cpymem(p, call->tail, call->last - call->tail);

    /* hiredis looks at the byte behind the last argument */

    *p = '\0';

    call->again = 1;

    if (call->asking) {
        ngx_sent_conv_redis_redirect_asking(call->conn);
    }

    rc = ngx_sent_conv_redis_call_send(call->conn, call, text, p - text);

    ngx_free(text);

    return rc;
}
