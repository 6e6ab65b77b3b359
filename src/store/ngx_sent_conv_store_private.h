
/*
 * What the files of the store share: one operation with what it needs until
 * its answer, the making of commands, several commands as one.
 */


#ifndef _NGX_SENT_CONV_STORE_PRIVATE_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_PRIVATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "ngx_sent_conv_store.h"


#define NGX_SENT_CONV_STORE_POOL      2048
#define NGX_SENT_CONV_STORE_BUCKETS   1024
#define NGX_SENT_CONV_STORE_PACES     1024
#define NGX_SENT_CONV_STORE_UPKEEPS   4096
#define NGX_SENT_CONV_STORE_SEALS     256

/* of all keys and arguments that a script is given */
#define NGX_SENT_CONV_STORE_ARGS      128

/* arguments that all scripts of a pair begin with */
#define NGX_SENT_CONV_STORE_HEAD      6

/* longer foreign ids are known by their digest */
#define NGX_SENT_CONV_STORE_FOREIGN   128

#define NGX_SENT_CONV_STORE_TAG_LEN   8

#define NGX_SENT_CONV_STORE_NEVER     ((ngx_msec_t) -1)


typedef struct ngx_sent_conv_store_op_s  ngx_sent_conv_store_op_t;

typedef void (*ngx_sent_conv_store_each_pt)(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
typedef void (*ngx_sent_conv_store_done_pt)(ngx_sent_conv_store_op_t *op);


/* when an endpoint's outcome was last written */

typedef struct {
    uint32_t                      hash;
    ngx_msec_t                    success;
    ngx_msec_t                    failure;
} ngx_sent_conv_store_pace_t;


/* when an endpoint's log in a partition is looked after next */

typedef struct {
    uint32_t                      hash;
    ngx_msec_t                    next;
} ngx_sent_conv_store_upkeep_t;


/* when it was last looked after how a secret is sealed */

typedef struct {
    uint32_t                      hash;
    ngx_msec_t                    at;
} ngx_sent_conv_store_seal_t;


/* a worker's own; store->cache */

typedef struct {
    ngx_queue_t                   buckets[NGX_SENT_CONV_STORE_BUCKETS];
    ngx_queue_t                   entries;   /* used last first */
    ngx_queue_t                   loads;
    ngx_queue_t                   dead;      /* customers nobody holds */
    ngx_uint_t                    n;         /* of entries */
    ngx_event_t                   reap;

    u_char                       *scratch;   /* for a command's bytes */
    size_t                        size;

    ngx_sent_conv_store_pace_t    paces[NGX_SENT_CONV_STORE_PACES];
    ngx_sent_conv_store_upkeep_t  upkeeps[NGX_SENT_CONV_STORE_UPKEEPS];
    ngx_sent_conv_store_seal_t    seals[NGX_SENT_CONV_STORE_SEALS];
} ngx_sent_conv_store_own_t;


/*
 * One operation, in a pool of its own: from the call to its handler.  Several
 * commands sent at once are counted in pending: each() is given every answer,
 * done() comes when the last is in, with err = the worst of them.
 */

typedef struct {
    ngx_sent_conv_store_op_t     *op;
    ngx_uint_t                    index;
} ngx_sent_conv_store_slot_t;


struct ngx_sent_conv_store_op_s {
    ngx_pool_t                   *pool;
    ngx_sent_conv_store_t        *store;
    ngx_sent_conv_customer_t     *customer;  /* held, or NULL */
    ngx_sent_conv_store_pt        handler;
    void                         *data;
    void                         *ctx;
    ngx_uint_t                    partition;
    ngx_msec_t                    wake;      /* until a lane may be claimed */
    ngx_str_t                     trace;     /* of the request; or empty */

    ngx_sent_conv_store_each_pt   each;
    ngx_sent_conv_store_done_pt   done;
    ngx_sent_conv_store_slot_t   *slots;
    ngx_uint_t                    nslots;
    ngx_uint_t                    nsent;
    ngx_uint_t                    pending;
    ngx_sent_conv_err_e           err;
};


/* ngx_sent_conv_store_op.c */

/* size: of ctx, zeroed */
ngx_sent_conv_store_op_t *ngx_sent_conv_store_op_create(
    ngx_sent_conv_store_t *store, ngx_sent_conv_customer_t *customer,
    ngx_sent_conv_store_pt handler, void *data, size_t size);
void ngx_sent_conv_store_op_destroy(ngx_sent_conv_store_op_t *op);

/* calls the handler, destroys the operation */
void ngx_sent_conv_store_op_finish(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_err_e err, void *result);
void ngx_sent_conv_store_op_broken(ngx_sent_conv_store_op_t *op,
    const char *what);

/* nothing was asked for but to read: never SERVICE_002 */
void ngx_sent_conv_store_op_unread(ngx_sent_conv_store_op_t *op);

/* what the operation causes goes on with that trace; NULL, empty: none */
ngx_int_t ngx_sent_conv_store_op_trace(ngx_sent_conv_store_op_t *op,
    ngx_str_t *trace);

ngx_int_t ngx_sent_conv_store_batch_init(ngx_sent_conv_store_op_t *op,
    ngx_uint_t n, ngx_sent_conv_store_each_pt each,
    ngx_sent_conv_store_done_pt done);

/*
 * end: what the first command met where nothing was sent, else NGX_OK: done()
 * will be called.
 */
void ngx_sent_conv_store_batch_add(ngx_sent_conv_store_op_t *op,
    ngx_str_t *tag, ngx_uint_t argc, ngx_str_t *argv);
void ngx_sent_conv_store_batch_script(ngx_sent_conv_store_op_t *op,
    ngx_str_t *tag, ngx_sent_conv_script_e script, ngx_uint_t nkeys,
    ngx_uint_t argc, ngx_str_t *argv);
ngx_int_t ngx_sent_conv_store_batch_end(ngx_sent_conv_store_op_t *op);

/* names of keys, allocated; dst->data = NULL: no memory */
void ngx_sent_conv_store_key_part(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, const char *kind, ngx_str_t *rest, ngx_str_t *dst);

/*
 * Of what a message's or a conversation's id stands for: the thread and the
 * message's place.  The key has the id without its last digit, in which a
 * conversation's differs from that of the message that opened it.
 */
void ngx_sent_conv_store_key_index(ngx_sent_conv_store_op_t *op,
    ngx_uint_t partition, ngx_str_t *id, ngx_str_t *dst);

void ngx_sent_conv_store_key_customer(ngx_sent_conv_store_op_t *op,
    ngx_str_t *customer, const char *kind, ngx_str_t *dst);
void ngx_sent_conv_store_key_plain(ngx_sent_conv_store_op_t *op,
    const char *kind, ngx_str_t *rest, ngx_str_t *dst);

/* reads what a message's or a conversation's id stands for */
ngx_int_t ngx_sent_conv_store_index(ngx_sent_conv_store_op_t *op,
    ngx_str_t *id, ngx_sent_conv_redis_pt handler);

/* the partition as Redis' hash tag */
void ngx_sent_conv_store_tag(ngx_uint_t partition, u_char *buf,
    ngx_str_t *tag);

/* data is NULL where there is no memory, never else */
ngx_int_t ngx_sent_conv_store_copy(ngx_pool_t *pool, ngx_str_t *src,
    ngx_str_t *dst);
void ngx_sent_conv_store_number(ngx_pool_t *pool, int64_t n, ngx_str_t *dst);

uint64_t ngx_sent_conv_store_now(void);      /* ms of the node's clock */

/* the partition is to be swept in that many ms */
void ngx_sent_conv_store_wake(ngx_sent_conv_store_t *store,
    ngx_uint_t partition, ngx_msec_t delay);


/*
 * ngx_sent_conv_store_call.c: a script's keys and arguments, in the worker's
 * scratch memory: nothing of it outlives the call.
 */

typedef struct {
    ngx_sent_conv_store_op_t     *op;
    u_char                       *last;
    u_char                       *thread;
    ngx_uint_t                    argc;
    ngx_uint_t                    nkeys;
    ngx_str_t                     argv[NGX_SENT_CONV_STORE_ARGS];
    u_char                        event[NGX_SENT_CONV_UUID_LEN + 1
                                        + NGX_SENT_CONV_TRACE_LEN];
} ngx_sent_conv_store_call_t;


/* s is a literal */

#define ngx_sent_conv_store_call_text(call, s)                                \
    ngx_sent_conv_store_call_bytes(call, (u_char *) s, sizeof(s) - 1)


/* extra: bytes of the variable parts of the script's own keys */
ngx_int_t ngx_sent_conv_store_call_init(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_store_op_t *op, size_t extra);

/* the first 12 keys of a pair; thread must outlive the call */
ngx_int_t ngx_sent_conv_store_call_pair(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_store_op_t *op, u_char *thread, size_t extra);

void ngx_sent_conv_store_call_key(ngx_sent_conv_store_call_t *call,
    const char *kind, ngx_str_t *rest);
void ngx_sent_conv_store_call_id_key(ngx_sent_conv_store_call_t *call,
    const char *kind, u_char *id);

/* what a message's or a conversation's id stands for */
void ngx_sent_conv_store_call_index_key(ngx_sent_conv_store_call_t *call,
    u_char *id);

/* the list of a lane, by its member */
void ngx_sent_conv_store_call_lane(ngx_sent_conv_store_call_t *call,
    ngx_str_t *member);

/* behind the last key; head: lanes of the endpoints, then 6 arguments */
void ngx_sent_conv_store_call_keys_end(ngx_sent_conv_store_call_t *call);
ngx_int_t ngx_sent_conv_store_call_head(ngx_sent_conv_store_call_t *call,
    ngx_msec_t lease);

/* does it get events? */
ngx_uint_t ngx_sent_conv_store_call_wanted(
    ngx_sent_conv_endpoint_t *endpoint);

/* the same in parts: the lane of one endpoint; keys end, 6 arguments */
void ngx_sent_conv_store_call_target(ngx_sent_conv_store_call_t *call,
    ngx_str_t *target);
ngx_int_t ngx_sent_conv_store_call_args(ngx_sent_conv_store_call_t *call,
    ngx_msec_t lease);

void ngx_sent_conv_store_call_bytes(ngx_sent_conv_store_call_t *call,
    u_char *data, size_t len);
void ngx_sent_conv_store_call_str(ngx_sent_conv_store_call_t *call,
    ngx_str_t *s);
void ngx_sent_conv_store_call_id(ngx_sent_conv_store_call_t *call,
    u_char *id);
void ngx_sent_conv_store_call_number(ngx_sent_conv_store_call_t *call,
    int64_t n);

/* NGX_OK, or else the operation is the caller's to destroy */
ngx_int_t ngx_sent_conv_store_call_send(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_script_e script, ngx_sent_conv_redis_pt handler);
ngx_int_t ngx_sent_conv_store_call_send_pair(
    ngx_sent_conv_store_call_t *call, ngx_sent_conv_script_e script,
    ngx_sent_conv_redis_pt handler);

/* ngx_sent_conv_store_play.c: what scripts would be given, for a simulation */

struct ngx_sent_conv_store_play_s {
    ngx_pool_t                   *pool;
    ngx_array_t                   args;      /* of ngx_str_t */
    ngx_sent_conv_sim_t          *sim;

    unsigned                      gathered:1;    /* of the step */
};

ngx_int_t ngx_sent_conv_store_play_steps(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_store_play_t *play);
ngx_int_t ngx_sent_conv_store_play_arg(ngx_sent_conv_store_play_t *play,
    ngx_str_t *value);

/* in place of the script: NGX_DECLINED, NGX_ERROR as where none is sent */
ngx_int_t ngx_sent_conv_store_play(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_script_e script);

/* ngx_sent_conv_store_broadcast.c: a row of a template, to be gathered */
ngx_int_t ngx_sent_conv_store_broadcast_play(ngx_sent_conv_store_t *store,
    ngx_sent_conv_broadcast_t *broadcast);

/* what a lane may be leased for now: 0 while the worker leaves */
ngx_msec_t ngx_sent_conv_store_lease(ngx_sent_conv_store_t *store);

/* ms for which the worker does not want a lane of that endpoint; op->wake */
ngx_msec_t ngx_sent_conv_store_delay(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_endpoint_t *endpoint);

/*
 * How the answer of a pair's script ends: lanes that it leased, for delivery,
 * and what it did, to be counted.  reply NULL: of another script.
 */
void ngx_sent_conv_store_leased(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply);

/* ngx_sent_conv_store_told.c */
void ngx_sent_conv_store_told(ngx_sent_conv_store_t *store,
    ngx_sent_conv_reply_t *told);

/* which of the words (ended by NULL) it is, or NGX_ERROR */
ngx_int_t ngx_sent_conv_store_which(ngx_sent_conv_reply_t *reply,
    const char **words);


/*
 * ngx_sent_conv_store_message.c: a carrier's name of a message as a key has
 * it, and an error as events have it ("null" without a code).
 */

ngx_int_t ngx_sent_conv_store_carrier_id(ngx_pool_t *pool,
    ngx_sent_conv_channel_e channel, ngx_str_t *carrier_id, ngx_str_t *rest);
ngx_int_t ngx_sent_conv_store_foreign(ngx_pool_t *pool, ngx_str_t *space,
    ngx_str_t *id, ngx_str_t *rest);
ngx_int_t ngx_sent_conv_store_error_json(ngx_pool_t *pool, ngx_str_t *code,
    ngx_str_t *title, ngx_str_t *json);


#include "ngx_sent_conv_store_change.h"


/*
 * ngx_sent_conv_store_log.c: the arguments of the scripts ack (from the
 * attempt on), fail and defer (from the ms to keep the dead on), and how long
 * attempts are kept
 */

ngx_int_t ngx_sent_conv_store_log_ack(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_note_t *note, ngx_str_t *endpoint);
ngx_int_t ngx_sent_conv_store_log_fail(ngx_sent_conv_store_call_t *call,
    ngx_sent_conv_failure_t *failure);
ngx_int_t ngx_sent_conv_store_log_dead(ngx_sent_conv_store_call_t *call,
    const char *why);
void ngx_sent_conv_store_log_age(ngx_sent_conv_store_call_t *call);


/*
 * ngx_sent_conv_store_alias.c: a number by which a carrier knows the contact;
 * nobody waits for it
 */

void ngx_sent_conv_store_alias_learn(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *alias,
    ngx_str_t *contact);
void ngx_sent_conv_store_alias_forget(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *aliases);


/* ngx_sent_conv_store_consent.c */

typedef struct {
    const char                   *change;    /* "OPT_OUT", "OPT_IN", or "" */
    const char                   *source;
    ngx_str_t                     contact;   /* or empty: must be known */
    ngx_sent_conv_channel_e       channel;   /* CHANNELS = none */
    ngx_sent_conv_channel_e       preferred; /* CHANNELS = as it is */
    ngx_str_t                     key;       /* or empty */
    ngx_str_t                     trace;     /* or empty */
    int64_t                       at;        /* ms, 0 = now */
    unsigned                      sandbox:1;
    unsigned                      also:1;    /* said from another number */
} ngx_sent_conv_store_change_of_t;

ngx_int_t ngx_sent_conv_store_consent_send(ngx_sent_conv_store_op_t *op,
    u_char *contact, ngx_sent_conv_store_change_of_t *change,
    ngx_sent_conv_redis_pt handler);

/* behind its answer: what was changed, for other numbers, as below */
ngx_int_t ngx_sent_conv_store_consent_also(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply, ngx_sent_conv_store_change_of_t *change,
    ngx_sent_conv_store_pt handler);

/*
 * ngx_sent_conv_store_also.c: the same for the other numbers of who said it,
 * words as the scripts tell them; where there are none, for whom "look" is
 * another number of.  NGX_DONE: there is nothing to do, the handler is not
 * called; result: NULL.
 */
ngx_int_t ngx_sent_conv_store_also(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *numbers, ngx_str_t *look,
    ngx_sent_conv_store_change_of_t *change, ngx_sent_conv_store_pt handler,
    void *data);


/* ngx_sent_conv_store_contact.c: of an HMGET of ..._contact_fields */

#define NGX_SENT_CONV_STORE_CONTACT_FIELDS  8

extern ngx_str_t  ngx_sent_conv_store_contact_fields[];

/* NGX_DECLINED: there is none, or it is another customer's */
ngx_int_t ngx_sent_conv_store_contact_of(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_reply_t *reply, ngx_sent_conv_contact_t *contact);


/* ngx_sent_conv_store_cache.c */

void ngx_sent_conv_store_cache_init(ngx_sent_conv_store_t *store);
void ngx_sent_conv_store_cache_destroy(ngx_sent_conv_store_t *store);


/* ngx_sent_conv_store_record.c: what the scripts keep -> structs, copied */

typedef struct {
    ngx_sent_conv_conversation_t  conversation;  /* the open one; id.len 0:
                                                    there is none */
    ngx_str_t                     customer;
    ngx_str_t                     contact;
    ngx_str_t                     contact_id;
    ngx_str_t                     name;
    int64_t                       base;      /* mb */
    int64_t                       first;     /* m0 */
} ngx_sent_conv_store_thread_t;

/* of HGETALL t:; a pair that is not known has no customer */
ngx_int_t ngx_sent_conv_store_record_thread(ngx_pool_t *pool,
    ngx_str_t *thread, ngx_sent_conv_reply_t *reply,
    ngx_sent_conv_store_thread_t *th);

/* of a value in r:; NGX_DECLINED = it is none of a conversation */
ngx_int_t ngx_sent_conv_store_record_ended(ngx_pool_t *pool, ngx_str_t *id,
    ngx_str_t *value, ngx_sent_conv_conversation_t *conv, int64_t *first,
    int64_t *end);
void ngx_sent_conv_store_record_pair(ngx_sent_conv_store_thread_t *th,
    ngx_str_t *thread, ngx_sent_conv_conversation_t *conv);

/* an entry of m: */
ngx_int_t ngx_sent_conv_store_record_message(ngx_pool_t *pool,
    ngx_str_t *entry, ngx_sent_conv_message_t *message);
ngx_int_t ngx_sent_conv_store_record_states(ngx_pool_t *pool,
    ngx_str_t *history, ngx_sent_conv_message_t *message);

/* a window whose deadline has passed is closed, whoever tells it */
void ngx_sent_conv_store_record_lapse(ngx_sent_conv_conversation_t *conv,
    int64_t now);

/* the answer to TIME in ms */
int64_t ngx_sent_conv_store_time(ngx_sent_conv_reply_t *reply);

/* a text up to the next separator, or the rest */
ngx_str_t ngx_sent_conv_store_word(ngx_str_t *text, u_char separator);
int64_t ngx_sent_conv_store_integer(ngx_str_t *text);

ngx_uint_t ngx_sent_conv_store_same(ngx_str_t *a, ngx_str_t *b);


#endif /* _NGX_SENT_CONV_STORE_PRIVATE_H_INCLUDED_ */
