
/*
 * Windows and messages: their transitions, sends to many, what carriers
 * report.
 */


#ifndef _NGX_SENT_CONV_STORE_WINDOW_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_WINDOW_H_INCLUDED_


/*
 * store_window.c: a window's transitions.  Grants go out through
 * store->grant before the handler is called.
 */

typedef struct {
    ngx_sent_conv_customer_t  *customer;
    ngx_sent_conv_channel_e    channel;
    ngx_str_t                  carrier;      /* name */
    ngx_str_t                  carrier_id;   /* of the message */
    ngx_str_t                  from;         /* the contact */
    ngx_str_t                  to;           /* our number */
    ngx_str_t                  name;         /* or empty */
    ngx_str_t                  text;         /* data == NULL: none */
    ngx_str_t                  kind;         /* "text", "image"... */
    ngx_str_t                  attachments;  /* JSON array, or empty */
    ngx_str_t                  reply_to;     /* the carrier's id or ours, or
                                                empty */
    ngx_str_t                  trace;        /* as core has it, or empty */
    int64_t                    at;           /* ms; 0 = not told */
    ngx_sent_conv_keyword_e    keyword;      /* the carrier saw it; NONE: read
                                                the text */

    unsigned                   answered:1;   /* it has answered that itself */
} ngx_sent_conv_inbound_t;

typedef enum {
    NGX_SENT_CONV_IN_OPENED = 0,
    NGX_SENT_CONV_IN_CONTINUED,
    NGX_SENT_CONV_IN_STOPPED,
    NGX_SENT_CONV_IN_REPORTED,
    NGX_SENT_CONV_IN_DUPLICATE
} ngx_sent_conv_in_e;

typedef struct {
    ngx_sent_conv_in_e         what;
    ngx_str_t                  message_id;           /* of a duplicate: or
                                                        empty */
    ngx_str_t                  conversation_id;      /* or empty */
    unsigned                   stop:1;       /* an opt-out, a duplicate too */
} ngx_sent_conv_inbound_result_t;

/*
 * An opt-out or opt-in that a carrier tells without a message; result: NULL.
 * at: ms, 0 = not told; trace: of the request, may be empty.
 */
ngx_int_t ngx_sent_conv_store_signal(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *contact,
    ngx_sent_conv_channel_e channel, ngx_sent_conv_keyword_e keyword,
    int64_t at, ngx_str_t *trace, ngx_sent_conv_store_pt handler, void *data);

/* recognizes the keyword itself; result: ngx_sent_conv_inbound_result_t * */
ngx_int_t ngx_sent_conv_store_inbound(ngx_sent_conv_store_t *store,
    ngx_sent_conv_inbound_t *in, ngx_sent_conv_store_pt handler, void *data);


typedef struct {
    ngx_sent_conv_customer_t  *customer;
    ngx_str_t                  to;
    ngx_str_t                  text;
    ngx_uint_t                 length;       /* characters */
    ngx_sent_conv_channel_e    channel;      /* CHANNELS = the last */
    ngx_str_t                  message_id;   /* chosen before, or empty */
    ngx_str_t                  trace;        /* or empty */

    unsigned                   again:1;      /* it may have been accepted */
    unsigned                   sandbox:1;
} ngx_sent_conv_send_t;

typedef enum {
    NGX_SENT_CONV_SEND_OK = 0,
    NGX_SENT_CONV_SEND_NO_WINDOW,
    NGX_SENT_CONV_SEND_OPTED_OUT,
    NGX_SENT_CONV_SEND_NO_CHANNEL,
    NGX_SENT_CONV_SEND_TOO_LONG
} ngx_sent_conv_send_e;

typedef struct {
    ngx_sent_conv_send_e       what;
    ngx_str_t                  message_id;
    ngx_str_t                  conversation_id;
    ngx_str_t                  channel;
    uint64_t                   expires_at;
} ngx_sent_conv_send_result_t;

/*
 * message_id chosen beforehand (an idempotency record's) need not carry the
 * thread's bits: the store overwrites its rand_a.
 */
ngx_int_t ngx_sent_conv_store_send(ngx_sent_conv_store_t *store,
    ngx_sent_conv_send_t *send, ngx_sent_conv_store_pt handler, void *data);


/*
 * store_broadcast.c: POST /v3/messages.  A row is one message to one contact
 * on one channel; several are under way at once, each atomic.  The rows are
 * the caller's until the handler is called, their second half is filled in.
 */

typedef enum {
    NGX_SENT_CONV_ROW_OK = 0,            /* accepted, or was before */
    NGX_SENT_CONV_ROW_NO_CHANNEL,
    NGX_SENT_CONV_ROW_TOO_LONG,
    NGX_SENT_CONV_ROW_UNSENT,            /* nothing was accepted */
    NGX_SENT_CONV_ROW_UNKNOWN            /* it may have been */
} ngx_sent_conv_row_e;

typedef struct {
    ngx_str_t                  to;
    ngx_sent_conv_channel_e    asked;        /* CHANNELS = choose */

    ngx_sent_conv_row_e        what;
    ngx_sent_conv_channel_e    channel;      /* CHANNELS = none */
    u_char                     message_id[NGX_SENT_CONV_UUID_LEN];
} ngx_sent_conv_row_t;

/* what is sent on one channel */

typedef struct {
    ngx_str_t                  text;         /* as UTF-8; data == NULL: the
                                                carrier alone knows it */
    ngx_uint_t                 length;       /* characters */
    ngx_str_t                  payload;      /* of a template, JSON as in
                                                ngx_sent_conv_carrier_out_t */
    unsigned                   serves:1;
} ngx_sent_conv_content_t;

typedef struct {
    ngx_sent_conv_customer_t  *customer;
    ngx_sent_conv_template_t  *template;     /* NULL: freeform */
    ngx_sent_conv_content_t    content[NGX_SENT_CONV_CHANNELS];
    ngx_str_t                  agent;        /* id: whose a reply to the
                                                template is; or empty */
    ngx_sent_conv_row_t       *rows;
    ngx_uint_t                 n;
    ngx_str_t                  seed;         /* id of the idempotency record,
                                                from which those of messages
                                                follow; or empty */
    ngx_str_t                  trace;        /* or empty */
    unsigned                   sandbox:1;
} ngx_sent_conv_broadcast_t;

/* result: NULL, also where rows failed; seed: a repeat is recognized */
ngx_int_t ngx_sent_conv_store_broadcast(ngx_sent_conv_store_t *store,
    ngx_sent_conv_broadcast_t *broadcast, ngx_sent_conv_store_pt handler,
    void *data);


typedef struct {
    ngx_str_t                  reason;
    uint64_t                   closed_at;
} ngx_sent_conv_close_result_t;

/* result: ngx_sent_conv_close_result_t *, NULL with err OK = unknown */
ngx_int_t ngx_sent_conv_store_close(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *conversation,
    ngx_uint_t sandbox, ngx_str_t *trace, ngx_sent_conv_store_pt handler,
    void *data);

/* result: int64_t *: 0 = ended or gone, else the deadline still to come */
ngx_int_t ngx_sent_conv_store_expire(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *thread,
    ngx_sent_conv_store_pt handler, void *data);

/*
 * store_due.c: other deadlines of an agent's conversation; result: NULL.
 * What came too early, or is no more, is seen to.
 */
ngx_int_t ngx_sent_conv_store_ping(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *thread,
    ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_expiring(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *thread,
    ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_quiet(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *thread,
    ngx_sent_conv_store_pt handler, void *data);


/*
 * store_message.c: what carriers report
 */

typedef struct {
    ngx_sent_conv_customer_t  *customer;     /* of the number */
    ngx_sent_conv_channel_e    channel;
    ngx_str_t                  message_id;   /* ours; or empty and: */
    ngx_str_t                  carrier_id;
    ngx_str_t                  number;       /* ours; of the report */
    ngx_str_t                  contact;
    ngx_str_t                  status;       /* "SENT" ... "FAILED",
                                                "AGAIN" */
    ngx_str_t                  error_code;   /* or empty */
    ngx_str_t                  error_title;
    ngx_str_t                  trace;        /* or empty */
} ngx_sent_conv_report_t;

/* result: ngx_int_t *: NGX_OK, or NGX_DECLINED = not such a message */
ngx_int_t ngx_sent_conv_store_report(ngx_sent_conv_store_t *store,
    ngx_sent_conv_report_t *report, ngx_sent_conv_store_pt handler,
    void *data);

/*
 * Whose message is it?  For a status by our id alone: result
 * ngx_sent_conv_owner_t *, or NULL with err OK = unknown.
 */

typedef struct {
    ngx_str_t                  customer;
    ngx_str_t                  number;       /* ours, it left from */
    ngx_str_t                  contact;
    ngx_sent_conv_channel_e    channel;
} ngx_sent_conv_owner_t;

ngx_int_t ngx_sent_conv_store_message_owner(ngx_sent_conv_store_t *store,
    ngx_str_t *message_id, ngx_sent_conv_store_pt handler, void *data);


#endif /* _NGX_SENT_CONV_STORE_WINDOW_H_INCLUDED_ */
