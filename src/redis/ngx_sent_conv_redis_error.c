
/*
 * What the errors of Redis mean for a command: was it executed, and is this
 * still the Redis to talk to?
 */


#include "ngx_sent_conv_redis_conn.h"


/* none of these was executed */

static ngx_sent_conv_redis_error_t  ngx_sent_conv_redis_errors[] = {

    { ngx_string("LOADING"), "Redis is loading its data", 1 },
    { ngx_string("READONLY"), "Redis is a replica", 1 },
    { ngx_string("MASTERDOWN"), "Redis is a replica without its master", 1 },
    { ngx_string("NOAUTH"), "Redis wants a password", 1 },
    { ngx_string("OOM"), "Redis is out of memory", 0 },
    { ngx_string("BUSY"), "Redis is busy with a script", 0 },
    { ngx_string("MISCONF"), "Redis cannot persist its data", 0 },
    { ngx_string("NOREPLICAS"), "Redis has not enough replicas", 0 },
    { ngx_string("CLUSTERDOWN"), "the Redis cluster is down", 0 },
    { ngx_string("TRYAGAIN"), "the Redis cluster is moving a slot", 0 },
    { ngx_string("MOVED"), "the slot is on another Redis", 0 },
    { ngx_string("ASK"), "the slot is moving to another Redis", 0 },

    { ngx_null_string, NULL, 0 }
};


ngx_uint_t
ngx_sent_conv_redis_error_is(redisReply *reply, const char *code)
{
    size_t  len;

    len = ngx_strlen(code);

    return reply->type == REDIS_REPLY_ERROR
           && (size_t) reply->len >= len
           && ngx_strncmp(reply->str, code, len) == 0
           && (reply->str[len] == ' ' || reply->str[len] == '\0');
}


ngx_sent_conv_redis_error_t *
ngx_sent_conv_redis_error_find(redisReply *reply)
{
    ngx_sent_conv_redis_error_t  *e;

    /* raised by a command of a script: what stands before it was executed */

    if (ngx_strstr(reply->str, "@user_script")) {
        return NULL;
    }

    for (e = ngx_sent_conv_redis_errors; e->why; e++) {
        if (ngx_sent_conv_redis_error_is(reply, (char *) e->code.data)) {
            return e;
        }
    }

    return NULL;
}


/*
 * An error's text may quote what it was given: keys, texts, passwords.  Only
 * what stands before that is fit for the log.
 */

void
ngx_sent_conv_redis_error_text(char *buf, const char *text)
{
    char  *p, *last;

    last = buf + NGX_SENT_CONV_REDIS_TEXT_LEN - 1;

    for (p = buf; p < last && *text; p++, text++) {

        if (*text < ' ' || *text > '~' || ngx_strchr("'\"`{<[+", *text)) {
            break;
        }

        *p = *text;
    }

    while (p > buf && (p[-1] == ' ' || p[-1] == ':' || p[-1] == ',')) {
        p--;
    }

    *p = '\0';
}


void
ngx_sent_conv_redis_error_drop(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply)
{
    ngx_sent_conv_redis_error_t  *e;

    e = ngx_sent_conv_redis_error_find(reply);

    ngx_sent_conv_redis_conn_drop(conn, e ? e->why : reply->str);
}
