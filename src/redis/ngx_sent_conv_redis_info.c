
/*
 * What a Redis tells of its replication: is it a master, on which history,
 * with how many replicas?
 */


#include "ngx_sent_conv_redis_conn.h"


#define NGX_SENT_CONV_REDIS_REPLID  40


static ngx_str_t ngx_sent_conv_redis_info_line(ngx_str_t *text);
static ngx_uint_t ngx_sent_conv_redis_info_begins(ngx_str_t *line,
    const char *name, ngx_str_t *value);


ngx_str_t  ngx_sent_conv_redis_info_cmd[2] = {
    ngx_string("INFO"), ngx_string("replication")
};


/*
 * A replication id is new after a restart, on a replica that becomes a
 * master, and when the first replica comes.
 */

void
ngx_sent_conv_redis_info(redisReply *reply, ngx_sent_conv_redis_info_t *info)
{
    size_t     half;
    ngx_str_t  text, line, value;

    info->history = NGX_SENT_CONV_REDIS_UNTOLD;
    info->replicas = 0;
    info->why = NULL;

    /* where INFO is forbidden, READONLY tells of a replica later */

    if (reply->type == REDIS_REPLY_ERROR) {
        return;
    }

    info->why = "this is a Sentinel, no Redis";

    text = ngx_sent_conv_reply_str(reply);

    while (text.len) {
        line = ngx_sent_conv_redis_info_line(&text);

        if (ngx_sent_conv_redis_info_begins(&line, "role:", &value)) {
            info->why = (value.len == 6
                         && ngx_strncmp(value.data, "master", 6) == 0)
                        ? NULL : "Redis is a replica";

        } else if (ngx_sent_conv_redis_info_begins(&line, "master_replid:",
                                                   &value))
        {
            if (value.len == NGX_SENT_CONV_REDIS_REPLID) {
                half = value.len / 2;
                info->history = ngx_murmur_hash2(value.data, half);
                info->history <<= 32;
                info->history |= ngx_murmur_hash2(value.data + half, half);
            }

        } else if (ngx_sent_conv_redis_info_begins(&line, "slave", &value)
                   && ngx_strnstr(value.data, "state=online", value.len))
        {
            info->replicas++;
        }
    }
}


static ngx_str_t
ngx_sent_conv_redis_info_line(ngx_str_t *text)
{
    u_char     *p, *last;
    ngx_str_t   line;

    last = text->data + text->len;
    p = ngx_strlchr(text->data, last, LF);

    line.data = text->data;
    line.len = (p ? p : last) - text->data;

    text->data = p ? p + 1 : last;
    text->len = last - text->data;

    if (line.len && line.data[line.len - 1] == CR) {
        line.len--;
    }

    return line;
}


static ngx_uint_t
ngx_sent_conv_redis_info_begins(ngx_str_t *line, const char *name,
    ngx_str_t *value)
{
    size_t  len;

    len = ngx_strlen(name);

    if (line->len < len || ngx_strncmp(line->data, name, len) != 0) {
        return 0;
    }

    value->data = line->data + len;
    value->len = line->len - len;

    return 1;
}
