
/*
 * What the files of the Redis floor share: one connection with its state and
 * timers, one call on it, and the errors Redis gives.  Only this floor may
 * include it.
 */


#ifndef _NGX_SENT_CONV_REDIS_CONN_H_INCLUDED_
#define _NGX_SENT_CONV_REDIS_CONN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <hiredis/hiredis.h>
#include <hiredis/async.h>

#include "ngx_sent_conv_core.h"
#include "ngx_sent_conv_redis.h"


#define NGX_SENT_CONV_REDIS_TEXT_LEN  160
#define NGX_SENT_CONV_REDIS_HEALTH    10000   /* ms */

/* the history of a Redis that may not be asked for it */
#define NGX_SENT_CONV_REDIS_UNTOLD    1


/*
 * down -> connecting -> auth -> select -> check -> ready; from each of them
 * back to down, and from there by the reconnect timer only.  auth and select
 * are skipped where there is nothing to say; check belongs to the owner.
 */

typedef enum {
    ngx_sent_conv_redis_st_down = 0,
    ngx_sent_conv_redis_st_connecting,
    ngx_sent_conv_redis_st_auth,
    ngx_sent_conv_redis_st_select,
    ngx_sent_conv_redis_st_check,
    ngx_sent_conv_redis_st_ready
} ngx_sent_conv_redis_state_e;


typedef struct ngx_sent_conv_redis_conn_s  ngx_sent_conv_redis_conn_t;
typedef struct ngx_sent_conv_redis_call_s  ngx_sent_conv_redis_call_t;
typedef struct ngx_sent_conv_redis_master_s  ngx_sent_conv_redis_master_t;

typedef void (*ngx_sent_conv_redis_conn_pt)(ngx_sent_conv_redis_conn_t *conn);
typedef void (*ngx_sent_conv_redis_step_pt)(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply);
typedef void (*ngx_sent_conv_redis_answer_pt)(ngx_sent_conv_redis_call_t *call,
    ngx_sent_conv_err_e err, redisReply *reply);


struct ngx_sent_conv_redis_conn_s {
    redisAsyncContext            *ac;        /* NULL = down; hiredis owns it */
    ngx_sent_conv_redis_conf_t   *conf;
    ngx_sent_conv_redis_addr_t   *addr;
    ngx_sent_conv_redis_login_t  *login;
    ngx_log_t                    *log;
    const char                   *name;      /* for the log */
    ngx_sent_conv_metrics_connection_e  kind;
    void                         *data;

    ngx_sent_conv_redis_conn_pt   check;     /* ends in _ready or _drop */
    ngx_sent_conv_redis_conn_pt   ready;
    ngx_sent_conv_redis_conn_pt   lost;

    ngx_sent_conv_redis_state_e   state;

    ngx_queue_t                   calls;     /* unanswered, oldest first */
    ngx_uint_t                    waiting;   /* those of somebody */
    uint64_t                      appended;  /* bytes given to hiredis */

    ngx_msec_t                    limit;     /* of an answer */
    ngx_msec_t                    delay;
    ngx_msec_t                    since;     /* when it became ready */

    ngx_event_t                   timeout;   /* cancelable if !waiting */
    ngx_event_t                   reconnect; /* cancelable */

    char                          why[NGX_SENT_CONV_REDIS_TEXT_LEN];
    char                          last[NGX_SENT_CONV_REDIS_TEXT_LEN];
    char                         *said;      /* why, when it was logged */

    unsigned                      closed:1;
};


/* an address that is told at run time, with its text */

typedef struct {
    ngx_sent_conv_redis_addr_t     addr;
    u_char                         host[NGX_SOCKADDR_STRLEN + 1];
    u_char                         label[NGX_SOCKADDR_STRLEN + 16];
} ngx_sent_conv_redis_place_t;


/* a call owns its text; tail = what EVALSHA and EVAL have in common */

struct ngx_sent_conv_redis_call_s {
    ngx_queue_t                    queue;
    ngx_sent_conv_redis_conn_t    *conn;
    ngx_sent_conv_redis_answer_pt  answer;   /* frees the call */
    ngx_sent_conv_redis_step_pt    step;     /* of our own calls */

    ngx_sent_conv_redis_t         *redis;
    ngx_sent_conv_redis_pt         handler;
    void                          *data;

    u_char                        *text;
    u_char                        *tail;
    u_char                        *last;

    uint64_t                       offset;   /* in what hiredis was given */
    ngx_msec_t                     start;
    uint64_t                       clock;    /* the same in us */
    ngx_uint_t                     argc;
    ngx_sent_conv_script_e         script;
    ngx_msec_t                     until;    /* it may be sent elsewhere */

    unsigned                       own:1;    /* nobody waits for it */
    unsigned                       again:1;  /* sent as EVAL */
    unsigned                       asking:1; /* behind ASKING */
    unsigned                       hops:4;   /* where it was sent already */
};


typedef struct {
    ngx_str_t                      code;
    const char                    *why;
    ngx_uint_t                     drop;     /* connect anew */
} ngx_sent_conv_redis_error_t;


/* what a Redis tells of its replication */

typedef struct {
    uint64_t                       history;
    ngx_uint_t                     replicas;  /* online */
    const char                    *why;       /* it is no master; or NULL */
} ngx_sent_conv_redis_info_t;


/*
 * WAIT has a connection of its own, for it blocks.  While one is out, who
 * comes is gathered; when it is back, one goes out for all of them.
 */

typedef struct {
    ngx_sent_conv_redis_conn_t     conn;
    ngx_queue_t                    gathered;
    ngx_queue_t                    group;     /* for whom one is out */
    ngx_uint_t                     pending;   /* answers */
    uint64_t                       start;     /* us */
    ngx_uint_t                     want;
    ngx_uint_t                     have;
    ngx_sent_conv_redis_info_t     info;      /* behind it */
    uint64_t                       history;   /* it was opened for */
    ngx_uint_t                     tag;       /* of a slot of this master */

    ngx_event_t                    turn;      /* posted */
    ngx_event_t                    patience;  /* while it is not connected */
    time_t                         warned_at;

    unsigned                       written:1;
    unsigned                       late:1;    /* the write was, so once more */
    unsigned                       failed:1;
} ngx_sent_conv_redis_waits_t;


/*
 * What tells of expired keys and of what other nodes did.  proof: a channel of
 * our own.
 */

typedef struct {
    ngx_sent_conv_redis_conn_t     conn;
    ngx_uint_t                     confirmed;
    ngx_event_t                    tick;      /* cancelable */
    ngx_str_t                      proof;
    u_char                         buf[NGX_SENT_CONV_REDIS_TEXT_LEN];

    unsigned                       awaited:1;
    unsigned                       told:1;    /* that flags are forbidden */
} ngx_sent_conv_redis_listener_t;


/* a Redis that takes writes, and all our connections to it */

struct ngx_sent_conv_redis_master_s {
    ngx_sent_conv_redis_master_t   *next;
    ngx_sent_conv_redis_t          *rd;
    ngx_sent_conv_redis_place_t     place;    /* no host: not known yet */
    ngx_sent_conv_redis_conn_t      conn;
    ngx_sent_conv_redis_waits_t     waits;
    ngx_sent_conv_redis_listener_t  listener; /* in use where rd->sub is */
    ngx_sent_conv_redis_info_t      info;     /* of conn */

    uint64_t                        last;     /* mark: it was asked something
                                                 then */
    uint64_t                        since;    /* mark: all that it was asked
                                                 from there on is of one
                                                 history */
    uint64_t                        line;     /* that one */

    ngx_uint_t                      slots;    /* in a cluster */
    ngx_uint_t                      moving;   /* calls that wait for it */

    ngx_event_t                     health;   /* cancelable */

    unsigned                        evicting:1;
    unsigned                        no_config:1;
};


/*
 * The connection to one of those who know where the master is.  The others
 * are asked in turn where it is lost, and where what it tells is of no use.
 */

typedef struct {
    ngx_sent_conv_redis_conn_t      conn;
    ngx_sent_conv_redis_place_t     place;
    ngx_uint_t                      next;     /* conf->addrs, then masters */
    ngx_uint_t                      tried;    /* since one has told */
    ngx_event_t                     ask;      /* cancelable */
    char                          (*said)[NGX_SENT_CONV_REDIS_TEXT_LEN];
    char                            why[NGX_SENT_CONV_REDIS_TEXT_LEN];

    unsigned                        telling:1;
} ngx_sent_conv_redis_guide_t;


/* which master has which slot, and the calls that are sent elsewhere */

typedef struct {
    ngx_sent_conv_redis_master_t   *slots[NGX_SENT_CONV_CLUSTER_SLOTS];
    ngx_uint_t                      covered;
    ngx_queue_t                     waiting;  /* redirected calls */
    ngx_event_t                     timer;    /* for them */
    uint64_t                        closed;   /* the last mark of masters that
                                                 are none any more */
    char                            why[2 * NGX_SENT_CONV_REDIS_TEXT_LEN];

    unsigned                        agreed:1; /* on the partition count */
} ngx_sent_conv_redis_cluster_t;


struct ngx_sent_conv_redis_s {
    ngx_sent_conv_redis_conf_t     conf;
    ngx_sent_conv_redis_master_t  *masters;   /* one, but in a cluster */
    ngx_sent_conv_redis_guide_t   *guide;     /* NULL: it never moves */
    ngx_sent_conv_redis_cluster_t *cluster;   /* NULL: it is none */
    ngx_sent_conv_redis_sub_t     *sub;
    ngx_log_t                     *log;

    void                         (*ready)(void *data);
    void                          *data;

    uint64_t                       sent;     /* the present mark */

    ngx_sent_conv_redis_error_t   *warned;   /* the last one logged */
    time_t                         warned_at;

    u_char                         sha1[NGX_SENT_CONV_SCRIPTS][40];
};


/* what a node's listener listens for, and who is told */

struct ngx_sent_conv_redis_sub_s {
    ngx_sent_conv_redis_t       *rd;
    ngx_pool_t                  *pool;

    ngx_sent_conv_redis_sub_pt   expired;
    ngx_sent_conv_redis_sub_pt   message;
    void                        *data;

    ngx_str_t                    pattern;    /* of expired keys */
    ngx_str_t                    changed;    /* channel of all nodes */
};


/* ngx_sent_conv_redis_event.c: hiredis on nginx's events */

ngx_int_t ngx_sent_conv_redis_attach(redisAsyncContext *ac, ngx_log_t *log);

/* one event, waited for; only while a worker starts */

void ngx_sent_conv_redis_turn(redisAsyncContext *ac, ngx_msec_t timer);

/* has something come that is not read yet? */

ngx_uint_t ngx_sent_conv_redis_unread(redisAsyncContext *ac);


/* ngx_sent_conv_redis_conn.c */

void ngx_sent_conv_redis_conn_init(ngx_sent_conv_redis_conn_t *conn,
    ngx_sent_conv_redis_t *rd, ngx_sent_conv_redis_addr_t *addr, void *data);
void ngx_sent_conv_redis_conn_connect(ngx_sent_conv_redis_conn_t *conn);
void ngx_sent_conv_redis_conn_ready(ngx_sent_conv_redis_conn_t *conn);
void ngx_sent_conv_redis_conn_state(ngx_sent_conv_redis_conn_t *conn,
    ngx_sent_conv_redis_state_e state);

/* hiredis is freeing the context, or did not get it connected */

void ngx_sent_conv_redis_conn_lost(ngx_sent_conv_redis_conn_t *conn,
    const redisAsyncContext *ac);

/*
 * Never to be called in hiredis' connect and disconnect callbacks of the same
 * connection.  leave: nothing is wrong, it is not wanted for now; move: its
 * address is another one now.
 */

void ngx_sent_conv_redis_conn_drop(ngx_sent_conv_redis_conn_t *conn,
    const char *why);
void ngx_sent_conv_redis_conn_leave(ngx_sent_conv_redis_conn_t *conn);
void ngx_sent_conv_redis_conn_move(ngx_sent_conv_redis_conn_t *conn);
void ngx_sent_conv_redis_conn_close(ngx_sent_conv_redis_conn_t *conn);


/* ngx_sent_conv_redis_master.c */

ngx_sent_conv_redis_master_t *ngx_sent_conv_redis_master_create(
    ngx_sent_conv_redis_t *rd);
void ngx_sent_conv_redis_master_free(ngx_sent_conv_redis_master_t *m);

/* is it there? */

ngx_uint_t ngx_sent_conv_redis_master_at(ngx_sent_conv_redis_master_t *m,
    ngx_str_t *host, in_port_t port);

/* it is there now; nothing is done where it was there before */

void ngx_sent_conv_redis_master_move(ngx_sent_conv_redis_master_t *m,
    ngx_str_t *host, in_port_t port);

/* the copy of an address, with a label */

void ngx_sent_conv_redis_place(ngx_sent_conv_redis_place_t *place,
    ngx_str_t *host, in_port_t port);


/*
 * ngx_sent_conv_redis_guide.c; lost: a master is, is it elsewhere? numeric:
 * it may be given to hiredis, who would look a name up in the worker
 */

ngx_int_t ngx_sent_conv_redis_guide_init(ngx_sent_conv_redis_t *rd,
    ngx_pool_t *pool);
void ngx_sent_conv_redis_guide_lost(ngx_sent_conv_redis_t *rd);
void ngx_sent_conv_redis_guide_close(ngx_sent_conv_redis_t *rd);
ngx_uint_t ngx_sent_conv_redis_guide_numeric(ngx_str_t *host);


/*
 * ngx_sent_conv_redis_sentinel.c: the question, and what the answer means;
 * NGX_ERROR: it is of no use, and the buffer says why
 */

void ngx_sent_conv_redis_sentinel_ask(ngx_sent_conv_redis_conn_t *conn,
    ngx_sent_conv_redis_step_pt step);
ngx_int_t ngx_sent_conv_redis_sentinel_told(ngx_sent_conv_redis_t *rd,
    redisReply *reply, char *why);


/*
 * ngx_sent_conv_redis_cluster.c: as _sentinel.c; place: the master there,
 * which is made where it is none yet, or NULL
 */

ngx_int_t ngx_sent_conv_redis_cluster_init(ngx_sent_conv_redis_t *rd,
    ngx_pool_t *pool);
void ngx_sent_conv_redis_cluster_close(ngx_sent_conv_redis_t *rd);
void ngx_sent_conv_redis_cluster_ask(ngx_sent_conv_redis_conn_t *conn,
    ngx_sent_conv_redis_step_pt step);
ngx_int_t ngx_sent_conv_redis_cluster_told(ngx_sent_conv_redis_t *rd,
    redisReply *reply, char *why);
ngx_sent_conv_redis_master_t *ngx_sent_conv_redis_cluster_place(
    ngx_sent_conv_redis_t *rd, ngx_str_t *host, in_port_t port);
void ngx_sent_conv_redis_cluster_move(ngx_sent_conv_redis_t *rd,
    ngx_uint_t slot, ngx_sent_conv_redis_master_t *m);

/* of a slot of that master */

ngx_uint_t ngx_sent_conv_redis_cluster_tag(ngx_sent_conv_redis_master_t *m);

/* why may it not be used, or that master?  Until it is called again. */

const char *ngx_sent_conv_redis_cluster_why(ngx_sent_conv_redis_t *rd);
const char *ngx_sent_conv_redis_cluster_text(ngx_sent_conv_redis_master_t *m,
    const char *why);

/* the number of partitions lies where? */

ngx_uint_t ngx_sent_conv_redis_cluster_counts(
    ngx_sent_conv_redis_master_t *m);


/*
 * ngx_sent_conv_redis_redirect.c: a cluster sent the call elsewhere; NGX_OK =
 * it will be answered later
 */

ngx_int_t ngx_sent_conv_redis_redirect(ngx_sent_conv_redis_call_t *call,
    redisReply *reply);
void ngx_sent_conv_redis_redirect_asking(ngx_sent_conv_redis_conn_t *conn);
void ngx_sent_conv_redis_redirect_timer(ngx_event_t *ev);
void ngx_sent_conv_redis_redirect_end(ngx_sent_conv_redis_t *rd);


/* ngx_sent_conv_redis_call.c */

ngx_sent_conv_redis_call_t *ngx_sent_conv_redis_call_create(u_char *head,
    size_t len, ngx_uint_t argc, ngx_str_t *argv);
u_char *ngx_sent_conv_redis_call_size(u_char *p, u_char mark, size_t n);
u_char *ngx_sent_conv_redis_call_arg(u_char *p, u_char *data, size_t len);

/* us */

uint64_t ngx_sent_conv_redis_call_clock(void);

/* NGX_ERROR = not taken, the answer will not be called */

ngx_int_t ngx_sent_conv_redis_call_send(ngx_sent_conv_redis_conn_t *conn,
    ngx_sent_conv_redis_call_t *call, u_char *text, size_t len);

/*
 * A command of our own; step gets every answer, errors too, but none where
 * the connection is lost.
 */

void ngx_sent_conv_redis_call_own(ngx_sent_conv_redis_conn_t *conn,
    ngx_sent_conv_redis_step_pt step, ngx_uint_t argc, ngx_str_t *argv);


/* ngx_sent_conv_redis_greet.c: ends in conn->check */

void ngx_sent_conv_redis_greet(ngx_sent_conv_redis_conn_t *conn);


/* ngx_sent_conv_redis_flags.c: the check of notifications; ends in _listen */

void ngx_sent_conv_redis_flags(ngx_sent_conv_redis_conn_t *conn);


/* ngx_sent_conv_redis_listener.c; listen: the flags are as they should be */

void ngx_sent_conv_redis_listener_init(ngx_sent_conv_redis_master_t *m);
void ngx_sent_conv_redis_listener_open(ngx_sent_conv_redis_master_t *m);
void ngx_sent_conv_redis_listener_listen(ngx_sent_conv_redis_conn_t *conn);
void ngx_sent_conv_redis_listener_close(ngx_sent_conv_redis_master_t *m);


/*
 * ngx_sent_conv_redis_check.c: may this Redis be used?  role: asks again, and
 * drops the connection where it is no master any more.
 */

void ngx_sent_conv_redis_check(ngx_sent_conv_redis_conn_t *conn);
void ngx_sent_conv_redis_check_role(ngx_sent_conv_redis_conn_t *conn);
void ngx_sent_conv_redis_check_health(ngx_event_t *ev);


/* ngx_sent_conv_redis_info.c: the command, and its answer */

extern ngx_str_t  ngx_sent_conv_redis_info_cmd[2];

void ngx_sent_conv_redis_info(redisReply *reply,
    ngx_sent_conv_redis_info_t *info);


/* ngx_sent_conv_redis_wait.c; known: conn has told of itself */

void ngx_sent_conv_redis_wait_init(ngx_sent_conv_redis_master_t *m);
void ngx_sent_conv_redis_wait_known(ngx_sent_conv_redis_master_t *m,
    ngx_sent_conv_redis_info_t *info);
void ngx_sent_conv_redis_wait_destroy(ngx_sent_conv_redis_master_t *m);

/* for those who need it of this master */

ngx_int_t ngx_sent_conv_redis_wait_add(ngx_sent_conv_redis_master_t *m,
    uint64_t mark, ngx_sent_conv_redis_wait_pt handler, void *data);

/* for the group: what became of it; our connection is wanted */

void ngx_sent_conv_redis_wait_end(ngx_sent_conv_redis_master_t *m);
void ngx_sent_conv_redis_wait_open(ngx_sent_conv_redis_master_t *m);


/*
 * ngx_sent_conv_redis_wait_group.c: are there replicas? and: do they have it?
 * go: our connection has come
 */

void ngx_sent_conv_redis_wait_ask(ngx_sent_conv_redis_master_t *m);
void ngx_sent_conv_redis_wait_begin(ngx_sent_conv_redis_master_t *m);
void ngx_sent_conv_redis_wait_go(ngx_sent_conv_redis_master_t *m);


/* ngx_sent_conv_redis_error.c; find: NULL = an error we do not expect */

ngx_sent_conv_redis_error_t *ngx_sent_conv_redis_error_find(
    redisReply *reply);
ngx_uint_t ngx_sent_conv_redis_error_is(redisReply *reply, const char *code);
void ngx_sent_conv_redis_error_text(char *buf, const char *text);
void ngx_sent_conv_redis_error_drop(ngx_sent_conv_redis_conn_t *conn,
    redisReply *reply);


/* ngx_sent_conv_redis.c: the one place that finds a master and its slot */

ngx_sent_conv_redis_conn_t *ngx_sent_conv_redis_find(
    ngx_sent_conv_redis_t *rd, ngx_str_t *tag, ngx_str_t *key);
ngx_int_t ngx_sent_conv_redis_command_on(ngx_sent_conv_redis_t *rd,
    ngx_sent_conv_redis_conn_t *conn, ngx_uint_t argc, ngx_str_t *argv,
    ngx_sent_conv_redis_pt handler, void *data);
void ngx_sent_conv_redis_answer(ngx_sent_conv_redis_call_t *call,
    ngx_sent_conv_err_e err, redisReply *reply);


/* ngx_sent_conv_redis_script.c */

void ngx_sent_conv_redis_script_init(ngx_sent_conv_redis_t *rd);
ngx_int_t ngx_sent_conv_redis_script_on(ngx_sent_conv_redis_t *rd,
    ngx_sent_conv_redis_conn_t *conn, ngx_sent_conv_script_e script,
    ngx_uint_t nkeys, ngx_uint_t argc, ngx_str_t *argv,
    ngx_sent_conv_redis_pt handler, void *data);
void ngx_sent_conv_redis_script_load(ngx_sent_conv_redis_conn_t *conn);


#endif /* _NGX_SENT_CONV_REDIS_CONN_H_INCLUDED_ */
