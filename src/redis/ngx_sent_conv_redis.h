
/*
 * The face of the Redis floor: commands and scripts on one pipelined
 * connection per master and worker, answers as opaque replies, notifications.
 * hiredis stays behind it.
 */


#ifndef _NGX_SENT_CONV_REDIS_H_INCLUDED_
#define _NGX_SENT_CONV_REDIS_H_INCLUDED_


#include "ngx_sent_conv.h"
#include "ngx_sent_conv_metrics.h"


typedef struct {
    ngx_str_t     host;              /* numeric address or path of a socket,
                                        NUL-terminated */
    in_port_t     port;              /* 0 = unix socket */
    ngx_str_t     label;             /* for the log: " at 10.0.0.1:6379"; ""
                                        where there is no other */
} ngx_sent_conv_redis_addr_t;


typedef struct {
    ngx_str_t     username;
    ngx_str_t     password;          /* empty: no AUTH */
    ngx_uint_t    db;
} ngx_sent_conv_redis_login_t;


/*
 * Where Redis is: at an address, where Sentinels say that the master of that
 * name is, or where a node of a cluster says that its masters are.  Who knows
 * is asked in turn.
 */

typedef struct {
    ngx_array_t                 *addrs;      /* of ngx_sent_conv_redis_addr_t:
                                                of Redis, of Sentinels, of
                                                nodes of the cluster */
    ngx_str_t                    master;     /* its name; "" = no Sentinels */
    ngx_uint_t                   cluster;    /* it is one */
    ngx_sent_conv_redis_login_t  login;
    ngx_sent_conv_redis_login_t  sentinel;

    ngx_str_t     prefix;            /* "sc:" */
    ngx_uint_t    partitions;        /* power of two, 1..1024 */
    ngx_msec_t    connect_timeout;
    ngx_msec_t    timeout;           /* of a command */
    ngx_uint_t    replicas;          /* that are to have what is written; 0 =
                                        one, where there is one */
    ngx_msec_t    wait;              /* for them */

    /* of the worker */
    ngx_sent_conv_metrics_t  *metrics;
    ngx_sent_conv_worker_t   *worker;
} ngx_sent_conv_redis_conf_t;


typedef struct ngx_sent_conv_redis_s  ngx_sent_conv_redis_t;
typedef struct redisReply             ngx_sent_conv_reply_t;


/*
 * Called exactly once for each command that was taken, never before the call
 * that took it has returned.  reply is NULL unless err is NGX_SENT_CONV_OK,
 * and lives only during the call.
 */

typedef void (*ngx_sent_conv_redis_pt)(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply);


/* the scripts, by the names of src/lua (NAME-K.lua), in this order */

typedef enum {
    NGX_SENT_CONV_S_ACK = 0,
    NGX_SENT_CONV_S_AGENT_PUT,
    NGX_SENT_CONV_S_AGENT_SAVE,
    NGX_SENT_CONV_S_ALIAS,
    NGX_SENT_CONV_S_CARRIER_ACK,
    NGX_SENT_CONV_S_CARRIER_FAIL,
    NGX_SENT_CONV_S_CARRIER_TAKE,
    NGX_SENT_CONV_S_CLAIM,
    NGX_SENT_CONV_S_CLOSE,
    NGX_SENT_CONV_S_CONSENT,
    NGX_SENT_CONV_S_CONTACT,
    NGX_SENT_CONV_S_CONTACT_DELETE,
    NGX_SENT_CONV_S_DEFER,
    NGX_SENT_CONV_S_EVENT,
    NGX_SENT_CONV_S_EVENTS,
    NGX_SENT_CONV_S_EXPIRE,
    NGX_SENT_CONV_S_EXPIRING,
    NGX_SENT_CONV_S_FAIL,
    NGX_SENT_CONV_S_HEALTH,
    NGX_SENT_CONV_S_IDEM_BEGIN,
    NGX_SENT_CONV_S_IDEM_END,
    NGX_SENT_CONV_S_INBOUND,
    NGX_SENT_CONV_S_MESSAGE,
    NGX_SENT_CONV_S_PING,
    NGX_SENT_CONV_S_QUIET,
    NGX_SENT_CONV_S_RATE,
    NGX_SENT_CONV_S_RECOVER,
    NGX_SENT_CONV_S_RECOVER_MOVE,
    NGX_SENT_CONV_S_RECOVER_NEXT,
    NGX_SENT_CONV_S_RENEW,
    NGX_SENT_CONV_S_REPLAY,
    NGX_SENT_CONV_S_REPORT,
    NGX_SENT_CONV_S_SEND,
    NGX_SENT_CONV_S_SIMULATE,
    NGX_SENT_CONV_S_STATS,
    NGX_SENT_CONV_S_STATUS,
    NGX_SENT_CONV_S_TAKE,
    NGX_SENT_CONV_S_TEMPLATE_PUT,
    NGX_SENT_CONV_S_WAIT,
    NGX_SENT_CONV_S_WAITING,
    NGX_SENT_CONV_S_WEBHOOK_PUT,
    NGX_SENT_CONV_SCRIPTS
} ngx_sent_conv_script_e;


/*
 * One for the worker's life, from the cycle's pool; it connects by itself
 * and again after every loss, with backoff and jitter.  Waits at most 500 ms
 * for the first connection, so that a worker that starts is of use at once;
 * ready (may be NULL) is called each time it has become usable later.
 */

ngx_sent_conv_redis_t *ngx_sent_conv_redis_create(ngx_cycle_t *cycle,
    ngx_sent_conv_redis_conf_t *conf, void (*ready)(void *data), void *data);
void ngx_sent_conv_redis_destroy(ngx_sent_conv_redis_t *rd);


/*
 * A command on the master that holds the tag (what stands between { and } in
 * its keys; NULL = it is as argv[1] says, its key, if it has any).  argv is
 * copied.  NGX_OK; NGX_DECLINED = no
 * usable connection, nothing was sent, the handler is not called
 * (SERVICE_001); NGX_ERROR = no memory, likewise.
 */

ngx_int_t ngx_sent_conv_redis_command(ngx_sent_conv_redis_t *rd,
    ngx_str_t *tag, ngx_uint_t argc, ngx_str_t *argv,
    ngx_sent_conv_redis_pt handler, void *data);

/*
 * The same for a script: nkeys keys stand first in argv.  EVALSHA, and EVAL
 * once where Redis answers NOSCRIPT.
 */

ngx_int_t ngx_sent_conv_redis_script(ngx_sent_conv_redis_t *rd,
    ngx_str_t *tag, ngx_sent_conv_script_e script, ngx_uint_t nkeys,
    ngx_uint_t argc, ngx_str_t *argv, ngx_sent_conv_redis_pt handler,
    void *data);

/* as src/lua has it, NUL-terminated */

const char *ngx_sent_conv_redis_script_name(ngx_sent_conv_script_e script);

/*
 * Is there a master that is usable now?  Else *why is a sentence for the
 * operator (may be NULL).
 */

ngx_uint_t ngx_sent_conv_redis_usable(ngx_sent_conv_redis_t *rd,
    const char **why);

/*
 * For /readyz: all masters are usable, and their maxmemory-policy is
 * noeviction as far as we may read it; looked up on every connection and every
 * 10 s.
 */

ngx_uint_t ngx_sent_conv_redis_ready(ngx_sent_conv_redis_t *rd,
    const char **why);

/*
 * ms since the master of that tag last became usable, 0 while it is not; for
 * the pause before lapsed carrier leases
 */

ngx_msec_t ngx_sent_conv_redis_age(ngx_sent_conv_redis_t *rd, ngx_str_t *tag);

/*
 * Does every master answer?  The handler gets no reply.  Results as of a
 * command.
 */

ngx_int_t ngx_sent_conv_redis_ping(ngx_sent_conv_redis_t *rd,
    ngx_sent_conv_redis_pt handler, void *data);


/* Replicas.  A mark is a point in what this worker has asked of Redis. */

uint64_t ngx_sent_conv_redis_mark(ngx_sent_conv_redis_t *rd);

typedef struct {
    ngx_uint_t    want;              /* 0: the master has no replicas */
    ngx_uint_t    have;
    unsigned      known:1;           /* have is */
    unsigned      enough:1;
} ngx_sent_conv_redis_had_t;

typedef void (*ngx_sent_conv_redis_wait_pt)(void *data,
    ngx_sent_conv_redis_had_t *had);

/*
 * Do replicas have all that this worker wrote and got an answer to, since that
 * mark?  Those of the masters that were asked anything since, or of all.  What
 * was written to a master that restarted or was replaced since is not known
 * to be anywhere.  The handler is called exactly once, later; it takes twice
 * conf->wait and a command's timeout at most.  NGX_ERROR: the handler is not
 * called, nothing is known.
 */

ngx_int_t ngx_sent_conv_redis_wait(ngx_sent_conv_redis_t *rd, uint64_t mark,
    ngx_uint_t all, ngx_sent_conv_redis_wait_pt handler, void *data);


/* replies; an index or type that does not fit gives the empty value */

typedef enum {
    NGX_SENT_CONV_REPLY_NIL = 0,
    NGX_SENT_CONV_REPLY_STRING,      /* status, too */
    NGX_SENT_CONV_REPLY_INTEGER,
    NGX_SENT_CONV_REPLY_ARRAY,
    NGX_SENT_CONV_REPLY_ERROR        /* only inside an array */
} ngx_sent_conv_reply_e;

ngx_sent_conv_reply_e ngx_sent_conv_reply_type(ngx_sent_conv_reply_t *reply);
ngx_str_t ngx_sent_conv_reply_str(ngx_sent_conv_reply_t *reply);
int64_t ngx_sent_conv_reply_int(ngx_sent_conv_reply_t *reply); /* text too */
ngx_uint_t ngx_sent_conv_reply_n(ngx_sent_conv_reply_t *reply);
ngx_sent_conv_reply_t *ngx_sent_conv_reply_at(ngx_sent_conv_reply_t *reply,
    ngx_uint_t i);

/* is it this word? */

ngx_uint_t ngx_sent_conv_reply_is(ngx_sent_conv_reply_t *reply,
    const char *word);


/*
 * Notifications: further connections, to each master, that one worker of a
 * node holds.
 * expired is given the name of a key with our prefix, message what was
 * published to "<prefix>changed", and an empty text each time that it listens
 * (again): anything may have been missed before.  Makes sure that
 * notify-keyspace-events has "Ex" (adds it to what is there and says so once;
 * where that is forbidden, goes on without), and proves itself alive every
 * 10 s by a message of its own.
 */

typedef struct ngx_sent_conv_redis_sub_s  ngx_sent_conv_redis_sub_t;

typedef void (*ngx_sent_conv_redis_sub_pt)(void *data, ngx_str_t *text);

ngx_sent_conv_redis_sub_t *ngx_sent_conv_redis_sub_create(
    ngx_sent_conv_redis_t *rd, ngx_sent_conv_redis_sub_pt expired,
    ngx_sent_conv_redis_sub_pt message, void *data);
void ngx_sent_conv_redis_sub_destroy(ngx_sent_conv_redis_sub_t *sub);


#endif /* _NGX_SENT_CONV_REDIS_H_INCLUDED_ */
