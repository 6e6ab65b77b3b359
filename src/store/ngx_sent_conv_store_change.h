
/*
 * Changes of configuration, and configuration as it stands in Redis.
 */


#ifndef _NGX_SENT_CONV_STORE_CHANGE_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_CHANGE_H_INCLUDED_


/*
 * ngx_sent_conv_store_change.c: a change of configuration: steps one after
 * another, each begun when Redis has answered the one before, then the new
 * generation, the publication, the handler.  A step's check may end it:
 * NGX_DECLINED; or add steps.  Where nothing but steps that read was done
 * nobody is told.
 */

typedef struct ngx_sent_conv_store_change_s  ngx_sent_conv_store_change_t;

typedef ngx_int_t (*ngx_sent_conv_store_check_pt)(
    ngx_sent_conv_store_change_t *change, ngx_sent_conv_reply_t *reply);

typedef struct {
    ngx_str_t                     tag;       /* len 0: none */
    ngx_uint_t                    argc;
    ngx_str_t                    *argv;
    ngx_sent_conv_script_e        script;    /* SCRIPTS: a command */
    ngx_uint_t                    keys;      /* of the script */
    ngx_sent_conv_store_check_pt  check;

    unsigned                      reads:1;   /* changes nothing */
} ngx_sent_conv_store_step_t;

#define NGX_SENT_CONV_STORE_STEPS  8

struct ngx_sent_conv_store_change_s {
    ngx_sent_conv_store_op_t     *op;
    ngx_str_t                     customer;
    ngx_str_t                     name;      /* of a key or number, or empty */
    void                         *data;      /* of its steps' owner */
    void                        (*finish)(
                                      ngx_sent_conv_store_change_t *change);
    ngx_uint_t                    n;
    ngx_uint_t                    next;
    ngx_int_t                     result;
    ngx_sent_conv_store_step_t    steps[NGX_SENT_CONV_STORE_STEPS];

    unsigned                      changed:1; /* something may have been */
    unsigned                      tells:1;   /* result goes to the handler */
};

ngx_sent_conv_store_change_t *ngx_sent_conv_store_change_create(
    ngx_sent_conv_store_t *store, ngx_str_t *customer,
    ngx_sent_conv_store_pt handler, void *data);

/* the step's arguments, to be filled; NULL = no memory */
ngx_str_t *ngx_sent_conv_store_change_step(
    ngx_sent_conv_store_change_t *change, ngx_str_t *tag, ngx_uint_t argc,
    ngx_sent_conv_store_check_pt check);

/* HSET, HDEL... on one of the customer's hashes; value may be NULL */
ngx_int_t ngx_sent_conv_store_change_hash(
    ngx_sent_conv_store_change_t *change, const char *command,
    const char *kind, ngx_str_t *field, ngx_str_t *value);

/*
 * NGX_OK, or else the change has been destroyed; begin: rc is what became of
 * making its steps.
 */
ngx_int_t ngx_sent_conv_store_change_begin(
    ngx_sent_conv_store_change_t *change, ngx_int_t rc);
ngx_int_t ngx_sent_conv_store_change_start(
    ngx_sent_conv_store_change_t *change);

void ngx_sent_conv_store_raise(ngx_sent_conv_store_t *store,
    ngx_str_t *name);
ngx_atomic_uint_t ngx_sent_conv_store_generation(
    ngx_sent_conv_store_t *store, ngx_str_t *name);


/*
 * ngx_sent_conv_store_config.c and _endpoint.c: hashes in Redis <-> a
 * customer; temp: for what is needed only meanwhile.  object: NULL with
 * NGX_OK = not one of ours, to be passed over.
 */

ngx_sent_conv_json_t *ngx_sent_conv_store_config_object(ngx_pool_t *temp,
    ngx_str_t *text, ngx_int_t *rc);

ngx_int_t ngx_sent_conv_store_config_settings(
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_reply_t *reply,
    ngx_pool_t *temp);
ngx_int_t ngx_sent_conv_store_config_keys(ngx_sent_conv_customer_t *customer,
    ngx_sent_conv_reply_t *reply, ngx_pool_t *temp);
ngx_int_t ngx_sent_conv_store_config_numbers(
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_reply_t *reply,
    ngx_pool_t *temp);
ngx_int_t ngx_sent_conv_store_config_templates(
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_reply_t *reply,
    ngx_pool_t *temp);

/* the customer's own opt-out words; agents: theirs, too */
ngx_int_t ngx_sent_conv_store_config_words(
    ngx_sent_conv_customer_t *customer, ngx_pool_t *temp);
ngx_int_t ngx_sent_conv_store_config_agents(
    ngx_sent_conv_customer_t *customer, ngx_sent_conv_reply_t *reply,
    ngx_pool_t *temp);
ngx_int_t ngx_sent_conv_store_config_webhooks(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_customer_t *customer,
    ngx_sent_conv_reply_t *reply);

ngx_int_t ngx_sent_conv_store_config_key_json(ngx_pool_t *pool,
    ngx_sent_conv_apikey_t *key, ngx_str_t *json);

/* one of them, of its text; NGX_DECLINED: it is none of ours */
ngx_int_t ngx_sent_conv_store_config_webhook(ngx_sent_conv_store_op_t *op,
    ngx_pool_t *pool, ngx_str_t *customer, ngx_str_t *text,
    ngx_sent_conv_endpoint_t *endpoint);
ngx_int_t ngx_sent_conv_store_config_webhook_json(
    ngx_sent_conv_store_op_t *op, ngx_str_t *customer,
    ngx_sent_conv_endpoint_t *endpoint, ngx_str_t *json);


/*
 * ngx_sent_conv_store_seal.c: a secret's text as it is to be stored, in the
 * operation's pool; a webhook's secrets out of what is stored, in pool; what
 * a customer that was just read has to be sealed anew.
 */

ngx_int_t ngx_sent_conv_store_seal(ngx_sent_conv_store_op_t *op,
    ngx_str_t *customer, ngx_sent_conv_endpoint_t *endpoint,
    ngx_sent_conv_secret_t *secret, ngx_str_t *text);
ngx_int_t ngx_sent_conv_store_unseal(ngx_sent_conv_store_op_t *op,
    ngx_pool_t *pool, ngx_str_t *customer,
    ngx_sent_conv_endpoint_t *endpoint);
void ngx_sent_conv_store_reseal(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer);


/*
 * ngx_sent_conv_store_webhook_edit.c: one change of a webhook's record, which
 * is read, edited and written unless it was changed meanwhile, else again.
 * create(): the pool is the change's; fill in edit, data and fresh, all of
 * which must outlive it; start() as change_start().
 */

typedef struct {
    ngx_sent_conv_store_change_t  *change;
    ngx_sent_conv_edit_pt          edit;
    void                          *data;
    ngx_sent_conv_endpoint_t      *fresh;    /* what there is to be where
                                                there is none; or NULL */
    ngx_str_t                      id;
    ngx_str_t                      read;     /* its text; or empty */
    ngx_uint_t                     tries;
    ngx_sent_conv_webhook_t        result;
} ngx_sent_conv_store_edit_t;

ngx_sent_conv_store_edit_t *ngx_sent_conv_store_edit_create(
    ngx_sent_conv_store_t *store, ngx_str_t *customer, ngx_str_t *id,
    ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_edit_start(ngx_sent_conv_store_edit_t *edit);


/* ngx_sent_conv_store_health.c: "<endpoint>:<what>", a field of the hash */

void ngx_sent_conv_store_health_name(ngx_sent_conv_store_op_t *op,
    ngx_str_t *endpoint, const char *what, ngx_str_t *dst);


#endif /* _NGX_SENT_CONV_STORE_CHANGE_H_INCLUDED_ */
