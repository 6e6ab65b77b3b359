
/*
 * Conversations, transcripts and single messages, read.
 */


#ifndef _NGX_SENT_CONV_STORE_READ_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_READ_H_INCLUDED_


/*
 * store_read.c: conversations and transcripts
 */

typedef struct {
    ngx_str_t                  id;
    ngx_str_t                  thread_id;
    ngx_str_t                  contact_id;
    ngx_str_t                  contact;
    ngx_str_t                  contact_name;     /* or empty */
    ngx_str_t                  number;
    ngx_str_t                  channel;
    ngx_str_t                  channels;         /* comma-joined */
    ngx_str_t                  trigger;
    ngx_str_t                  close_reason;     /* empty = OPEN */
    ngx_str_t                  agent_id;         /* or empty */
    ngx_uint_t                 agent_version;
    uint64_t                   opened_at;
    uint64_t                   expires_at;
    uint64_t                   closed_at;
    uint64_t                   last_inbound_at;
    uint64_t                   last_outbound_at; /* 0 = none */
    ngx_uint_t                 inbound_count;
    ngx_uint_t                 outbound_count;
} ngx_sent_conv_conversation_t;

typedef struct {
    ngx_str_t                  status;
    ngx_str_t                  description;      /* or empty */
    uint64_t                   at;
} ngx_sent_conv_state_t;

typedef struct {
    ngx_str_t                  id;
    ngx_str_t                  conversation_id;  /* or empty */
    ngx_str_t                  channel;
    ngx_str_t                  number;           /* ours */
    ngx_str_t                  kind;             /* "template", "image"... */
    ngx_str_t                  text;             /* JSON string or null */
    ngx_str_t                  attachments;      /* JSON array, or empty */
    ngx_str_t                  template_id;      /* or empty */
    ngx_str_t                  template_name;
    uint64_t                   created_at;
    ngx_array_t                states;           /* ngx_sent_conv_state_t,
                                                    first to last */
    unsigned                   inbound:1;
} ngx_sent_conv_message_t;

typedef enum {
    NGX_SENT_CONV_LIST_ALL = 0,
    NGX_SENT_CONV_LIST_OPEN,
    NGX_SENT_CONV_LIST_ACTIVE,
    NGX_SENT_CONV_LIST_CLOSED
} ngx_sent_conv_list_e;

/*
 * Newest first (by opening).  A position is (ms, conversation id); "after"
 * continues towards older ones, "before" towards newer; ms 0 = from the top.
 */

typedef struct {
    ngx_sent_conv_customer_t  *customer;
    ngx_sent_conv_list_e       status;
    ngx_str_t                  contact;          /* E.164, or empty */
    ngx_sent_conv_channel_e    channel;          /* CHANNELS = any */
    ngx_str_t                  close_reason;     /* or empty */
    ngx_str_t                  agent_id;         /* or empty */
    uint64_t                   ms;
    ngx_str_t                  id;
    ngx_uint_t                 limit;

    unsigned                   before:1;
} ngx_sent_conv_list_t;

typedef struct {
    ngx_array_t                conversations;    /* newest first */
    int64_t                    total;            /* -1 = not known */
    unsigned                   more:1;           /* in the direction */
} ngx_sent_conv_list_result_t;

/* result: ngx_sent_conv_list_result_t * */
ngx_int_t ngx_sent_conv_store_list(ngx_sent_conv_store_t *store,
    ngx_sent_conv_list_t *list, ngx_sent_conv_store_pt handler, void *data);

/*
 * One conversation (id is a UUIDv7) or the whole thread (a thread_id), with
 * messages newest first; position = absolute index of a transcript entry,
 * -1 = from the top; "before" towards newer.
 */

typedef struct {
    ngx_sent_conv_customer_t      *customer;
    ngx_str_t                      id;
    int64_t                        position;
    ngx_uint_t                     limit;
    unsigned                       before:1;
} ngx_sent_conv_show_t;

typedef struct {
    ngx_sent_conv_conversation_t  *conversation; /* NULL: none is open */
    ngx_str_t                      thread_id;
    ngx_str_t                      contact_id;
    ngx_str_t                      contact;
    ngx_array_t                    messages;
    int64_t                        first;        /* position of the first */
    int64_t                        last;         /* and last message, or -1 */
    int64_t                        total;
    unsigned                       newer:1;
    unsigned                       older:1;
} ngx_sent_conv_show_result_t;

/* result: ngx_sent_conv_show_result_t *, NULL with err OK = unknown */
ngx_int_t ngx_sent_conv_store_show(ngx_sent_conv_store_t *store,
    ngx_sent_conv_show_t *show, ngx_sent_conv_store_pt handler, void *data);

/*
 * One message, as the only one of a result without conversation; result:
 * ngx_sent_conv_show_result_t *, NULL with err OK = unknown, or another
 * customer's.
 */
ngx_int_t ngx_sent_conv_store_message(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *id,
    ngx_sent_conv_store_pt handler, void *data);


/*
 * store_changes.c: what changed since, in ms (0: nothing is asked for), and
 * how many are open; result: ngx_sent_conv_changes_t *
 */

typedef struct {
    ngx_str_t                  id;               /* of a conversation */
    int64_t                    at;
} ngx_sent_conv_change_t;

typedef struct {
    ngx_array_t                list;             /* ngx_sent_conv_change_t */
    int64_t                    now;              /* Redis's clock, ms */
    ngx_uint_t                 open;

    unsigned                   more:1;           /* than the list has */
} ngx_sent_conv_changes_t;

ngx_int_t ngx_sent_conv_store_changes(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, int64_t after, ngx_sent_conv_store_pt handler,
    void *data);


#endif /* _NGX_SENT_CONV_STORE_READ_H_INCLUDED_ */
