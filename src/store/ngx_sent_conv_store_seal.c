
/*
 * Secrets of webhooks as they are stored: sealed with the operator's key,
 * unsealed when they are read, and sealed anew where that was not with the
 * key of today.
 */


#include "ngx_sent_conv_store_private.h"


/* ms between two words on one webhook, or two attempts to seal it anew */
#define NGX_SENT_CONV_STORE_SEAL_PACE  60000


static ngx_int_t ngx_sent_conv_store_seal_bound(ngx_pool_t *pool,
    ngx_str_t *customer, ngx_str_t *endpoint, ngx_str_t *bound);
static ngx_int_t ngx_sent_conv_store_unseal_one(
    ngx_sent_conv_store_op_t *op, ngx_pool_t *pool, ngx_str_t *bound,
    ngx_sent_conv_endpoint_t *endpoint, ngx_sent_conv_secret_t *secret);
static void ngx_sent_conv_store_seal_locked(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_endpoint_t *endpoint, ngx_sent_conv_secret_t *secret,
    ngx_int_t rc);
static ngx_uint_t ngx_sent_conv_store_seal_due(ngx_sent_conv_store_t *store,
    ngx_str_t *endpoint, ngx_uint_t what);
static void ngx_sent_conv_store_reseal_one(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *id);
static ngx_int_t ngx_sent_conv_store_reseal_edit(void *data,
    ngx_sent_conv_endpoint_t *endpoint);


ngx_int_t
ngx_sent_conv_store_seal(ngx_sent_conv_store_op_t *op, ngx_str_t *customer,
    ngx_sent_conv_endpoint_t *endpoint, ngx_sent_conv_secret_t *secret,
    ngx_str_t *text)
{
    u_char                       nonce[NGX_SENT_CONV_SEAL_NONCE];
    ngx_str_t                    bound;
    ngx_sent_conv_store_conf_t  *conf;

    conf = op->store->conf;

    if (secret->locked.len) {
        *text = secret->locked;
        return NGX_OK;
    }

    if (conf->nseals == 0) {
        *text = secret->text;
        return NGX_OK;
    }

    if (ngx_sent_conv_store_random(nonce, sizeof(nonce)) != NGX_OK
        || ngx_sent_conv_store_seal_bound(op->pool, customer, &endpoint->id,
                                          &bound)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_sent_conv_seal(op->pool, &conf->seals[0], nonce, &bound,
                              &secret->text, text);
}


ngx_int_t
ngx_sent_conv_store_unseal(ngx_sent_conv_store_op_t *op, ngx_pool_t *pool,
    ngx_str_t *customer, ngx_sent_conv_endpoint_t *endpoint)
{
    ngx_str_t   bound;
    ngx_uint_t  i;

    if (ngx_sent_conv_store_seal_bound(op->pool, customer, &endpoint->id,
                                       &bound)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < endpoint->nsecrets; i++) {
        if (ngx_sent_conv_store_unseal_one(op, pool, &bound, endpoint,
                                           &endpoint->secrets[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* a secret that is moved to another webhook, or customer, does not open */

static ngx_int_t
ngx_sent_conv_store_seal_bound(ngx_pool_t *pool, ngx_str_t *customer,
    ngx_str_t *endpoint, ngx_str_t *bound)
{
    u_char  *p;

    p = ngx_pnalloc(pool, sizeof("webhook::") - 1 + customer->len
                          + endpoint->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    bound->data = p;
    bound->len = ngx_sprintf(p, "webhook:%V:%V", customer, endpoint) - p;

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_store_unseal_one(ngx_sent_conv_store_op_t *op,
    ngx_pool_t *pool, ngx_str_t *bound, ngx_sent_conv_endpoint_t *endpoint,
    ngx_sent_conv_secret_t *secret)
{
    ngx_int_t                    rc;
    ngx_str_t                    text;
    ngx_uint_t                   which;
    ngx_sent_conv_store_conf_t  *conf;

    conf = op->store->conf;

    if (!ngx_sent_conv_sealed(&secret->text)) {

        /* of the time before there was a key */

        if (conf->nseals) {
            endpoint->reseal = 1;
        }

        return NGX_OK;
    }

    rc = ngx_sent_conv_unseal(pool, conf->seals, conf->nseals, bound,
                              &secret->text, &text, &which);

    if (rc == NGX_OK) {
        secret->text = text;

        if (which != 0) {
            endpoint->reseal = 1;
        }

        return NGX_OK;
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    secret->locked = secret->text;
    ngx_str_null(&secret->text);

    ngx_sent_conv_store_seal_locked(op, endpoint, secret, rc);

    return NGX_OK;
}


static void
ngx_sent_conv_store_seal_locked(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_endpoint_t *endpoint, ngx_sent_conv_secret_t *secret,
    ngx_int_t rc)
{
    ngx_uint_t  former;

    former = (secret != &endpoint->secrets[0]);

    if (!ngx_sent_conv_store_seal_due(op->store, &endpoint->id, former)) {
        return;
    }

    ngx_log_error(NGX_LOG_ERR, op->store->cycle->log, 0,
                  "sent conv webhook \"%V\": %s secret cannot be unsealed, "
                  "%s, %s", &endpoint->id, former ? "a former" : "its",
                  rc == NGX_ABORT ? "it was changed in Redis"
                  : "its key is not in \"sent_conv_seal_key\"",
                  former ? "it does not sign" : "its events wait");
}


/* one word for all that share a place in the table: it is seldom needed */

static ngx_uint_t
ngx_sent_conv_store_seal_due(ngx_sent_conv_store_t *store,
    ngx_str_t *endpoint, ngx_uint_t what)
{
    uint32_t                     hash;
    ngx_sent_conv_store_own_t   *own;
    ngx_sent_conv_store_seal_t  *seal;

    own = store->cache;

    hash = ngx_murmur_hash2(endpoint->data, endpoint->len) + what;
    seal = &own->seals[hash % NGX_SENT_CONV_STORE_SEALS];

    if (seal->hash == hash
        && ngx_current_msec - seal->at < NGX_SENT_CONV_STORE_SEAL_PACE)
    {
        return 0;
    }

    seal->hash = hash;
    seal->at = ngx_current_msec;

    return 1;
}


void
ngx_sent_conv_store_reseal(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer)
{
    ngx_uint_t                 i;
    ngx_sent_conv_endpoint_t  *endpoint;

    endpoint = customer->endpoints.elts;

    for (i = 0; i < customer->endpoints.nelts; i++) {

        if (!endpoint[i].reseal || ngx_exiting || ngx_terminate) {
            continue;
        }

        /*
         * Nodes that are told other keys would do so in turns: then it is
         * a matter of a minute each, not of a round trip.
         */

        if (ngx_sent_conv_store_seal_due(store, &endpoint[i].id, 2)) {
            ngx_sent_conv_store_reseal_one(store, &customer->id,
                                           &endpoint[i].id);
        }
    }
}


static void
ngx_sent_conv_store_reseal_one(ngx_sent_conv_store_t *store,
    ngx_str_t *customer, ngx_str_t *id)
{
    ngx_sent_conv_store_edit_t  *edit;

    edit = ngx_sent_conv_store_edit_create(store, customer, id, NULL, NULL);
    if (edit == NULL) {
        return;
    }

    edit->edit = ngx_sent_conv_store_reseal_edit;
    edit->data = edit;

    (void) ngx_sent_conv_store_edit_start(edit);
}


/* whatever is written is sealed: it is enough to write it as it is */

static ngx_int_t
ngx_sent_conv_store_reseal_edit(void *data,
    ngx_sent_conv_endpoint_t *endpoint)
{
    ngx_sent_conv_store_edit_t *edit = data;

    if (!endpoint->reseal) {
        return NGX_DONE;
    }

    ngx_log_error(NGX_LOG_NOTICE, edit->change->op->store->cycle->log, 0,
                  "sent conv webhook \"%V\": its secret is sealed with "
                  "the first key of \"sent_conv_seal_key\"", &endpoint->id);

    return NGX_OK;
}
