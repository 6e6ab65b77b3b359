
/*
 * Contacts: made, changed, listed, erased; their consent, and other numbers
 * of theirs.
 */


#ifndef _NGX_SENT_CONV_STORE_CONTACT_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_CONTACT_H_INCLUDED_


/*
 * store_contact.c, store_contact_list.c, store_consent.c
 */

typedef struct {
    ngx_str_t                  id;
    ngx_str_t                  phone;
    uint64_t                   created_at;
    uint64_t                   updated_at;
    ngx_sent_conv_channel_e    default_channel;  /* that of the last message,
                                                    or as it was changed;
                                                    CHANNELS = none yet */
    ngx_uint_t                 channels;         /* bits, 1 << channel: those
                                                    written or sent on */
    unsigned                   opt_out:1;
} ngx_sent_conv_contact_t;

/* result: ngx_sent_conv_contact_t *, NULL with err OK = unknown */
ngx_int_t ngx_sent_conv_store_contact(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *id,
    ngx_sent_conv_store_pt handler, void *data);

/* result: the same; NULL with err OK = it exists already */
ngx_int_t ngx_sent_conv_store_contact_create(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *phone, ngx_uint_t sandbox,
    ngx_sent_conv_store_pt handler, void *data);

typedef struct {
    ngx_int_t                  opt_out;          /* -1 = as it is */
    ngx_sent_conv_channel_e    default_channel;  /* CHANNELS = as it is */
    ngx_str_t                  key;              /* id of the API key that
                                                    says so */
    ngx_str_t                  trace;            /* or empty */
    unsigned                   sandbox:1;
} ngx_sent_conv_contact_patch_t;

/* result: the contact as changed, NULL with err OK = unknown */
ngx_int_t ngx_sent_conv_store_contact_patch(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *id,
    ngx_sent_conv_contact_patch_t *patch, ngx_sent_conv_store_pt handler,
    void *data);

/* result: ngx_int_t *: NGX_OK, NGX_DECLINED = unknown */
ngx_int_t ngx_sent_conv_store_contact_delete(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *id, ngx_uint_t sandbox,
    ngx_str_t *trace, ngx_sent_conv_store_pt handler, void *data);

/*
 * Newest first.  A position is (ms of creation, number); ms 0 = from the top;
 * offset: contacts to skip from there.
 */

typedef struct {
    ngx_sent_conv_customer_t  *customer;
    ngx_str_t                  search;           /* part of the number, or
                                                    empty */
    uint64_t                   ms;
    ngx_str_t                  phone;
    ngx_uint_t                 offset;
    ngx_uint_t                 limit;

    unsigned                   before:1;
} ngx_sent_conv_contacts_t;

/*
 * more: in the direction; total -1 = not known.  A search looks through so
 * many contacts at most that it may answer fewer than asked, and more.
 */

typedef struct {
    ngx_array_t                contacts;         /* ngx_sent_conv_contact_t */
    int64_t                    total;
    uint64_t                   last_ms;          /* where it ended */
    ngx_str_t                  last_phone;
    unsigned                   more:1;
} ngx_sent_conv_contacts_result_t;

/* result: ngx_sent_conv_contacts_result_t * */
ngx_int_t ngx_sent_conv_store_contacts(ngx_sent_conv_store_t *store,
    ngx_sent_conv_contacts_t *list, ngx_sent_conv_store_pt handler,
    void *data);

typedef struct {
    uint64_t                   at;               /* ms */
    ngx_str_t                  source;           /* "keyword", "carrier",
                                                    "api" */
    ngx_str_t                  channel;          /* or empty */
    ngx_str_t                  message_id;       /* or empty */
    ngx_str_t                  key_id;           /* or empty */

    unsigned                   out:1;
} ngx_sent_conv_consent_t;

/*
 * oldest first; result: ngx_array_t * of ngx_sent_conv_consent_t, NULL with
 * err OK = unknown.  It stays readable when the contact was deleted.
 */
ngx_int_t ngx_sent_conv_store_consent(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *contact,
    ngx_sent_conv_store_pt handler, void *data);

/*
 * By what number is it a contact of ours?  Where a carrier knows contacts by
 * other numbers, too; result: ngx_str_t *, NULL with err OK = by this one.
 */
ngx_int_t ngx_sent_conv_store_alias(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *number,
    ngx_sent_conv_store_pt handler, void *data);

/*
 * store_contact_name.c: how a contact is known; result:
 * ngx_sent_conv_contact_name_t *, also of one that is not
 */

typedef struct {
    ngx_str_t                  name;             /* or empty */
    ngx_sent_conv_channel_e    channel;          /* default; CHANNELS = none */
} ngx_sent_conv_contact_name_t;

ngx_int_t ngx_sent_conv_store_contact_name(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *number,
    ngx_sent_conv_store_pt handler, void *data);


#endif /* _NGX_SENT_CONV_STORE_CONTACT_H_INCLUDED_ */
