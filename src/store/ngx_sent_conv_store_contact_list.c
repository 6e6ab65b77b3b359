
/*
 * Contacts of a customer by when they were made: the partitions' own orders
 * merged into one.
 */


#include "ngx_sent_conv_store_private.h"


/* looked through at most for one page of a search */
#define NGX_SENT_CONV_STORE_SEARCH  10000


typedef struct {
    uint64_t                          ms;
    ngx_str_t                         phone;
} ngx_sent_conv_store_place_t;


typedef struct {
    ngx_sent_conv_contacts_t          list;
    ngx_sent_conv_contacts_result_t   result;
    ngx_sent_conv_store_place_t       from;      /* the scan goes on behind */
    ngx_sent_conv_store_place_t       bound;     /* some partition may have
                                                    others behind it */
    ngx_array_t                       found;
    ngx_array_t                       taken;     /* ..._place_t, of the page */
    ngx_uint_t                        batch;
    ngx_uint_t                        scanned;
    ngx_uint_t                        skip;
    int64_t                           count;

    unsigned                          bounded:1;
} ngx_sent_conv_store_contacts_t;


static ngx_int_t ngx_sent_conv_store_contacts_begin(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_contacts_t *list);
static ngx_int_t ngx_sent_conv_store_contacts_count(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_contacts_counts(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_contacts_counted(
    ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_contacts_scan(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_contacts_gather(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_contacts_scanned(
    ngx_sent_conv_store_op_t *op);
static ngx_int_t ngx_sent_conv_store_contacts_take(
    ngx_sent_conv_store_op_t *op, ngx_sent_conv_store_place_t *place);
static ngx_int_t ngx_sent_conv_store_contacts_read(
    ngx_sent_conv_store_op_t *op);
static void ngx_sent_conv_store_contacts_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply);
static void ngx_sent_conv_store_contacts_done(ngx_sent_conv_store_op_t *op);
static int ngx_libc_cdecl ngx_sent_conv_store_contacts_newer(const void *one,
    const void *two);
static int ngx_libc_cdecl ngx_sent_conv_store_contacts_older(const void *one,
    const void *two);
static ngx_uint_t ngx_sent_conv_store_contacts_behind(
    ngx_sent_conv_store_contacts_t *ctx, ngx_sent_conv_store_place_t *place,
    ngx_sent_conv_store_place_t *mark);


ngx_int_t
ngx_sent_conv_store_contacts(ngx_sent_conv_store_t *store,
    ngx_sent_conv_contacts_t *list, ngx_sent_conv_store_pt handler,
    void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, list->customer, handler, data,
                                       sizeof(ngx_sent_conv_store_contacts_t));
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_contacts_begin(op, list);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_contacts_begin(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_contacts_t *list)
{
    ngx_uint_t                       partitions;
    ngx_sent_conv_store_contacts_t  *ctx;

    ctx = op->ctx;
    partitions = op->store->conf->redis.partitions;

    ctx->list = *list;
    ctx->result.total = -1;
    ctx->skip = list->offset;
    ctx->from.ms = list->ms;
    ctx->batch = 2 * (list->limit + list->offset + 1) / partitions + 4;

    if (list->search.len) {
        ctx->batch = ngx_max(ctx->batch, 2000 / partitions + 4);
    }

    if (list->ms == 0) {
        ctx->list.before = 0;
    }

    if (ngx_sent_conv_store_copy(op->pool, &list->search, &ctx->list.search)
        != NGX_OK
        || ngx_sent_conv_store_copy(op->pool, &list->phone, &ctx->from.phone)
           != NGX_OK
        || ngx_array_init(&ctx->found, op->pool, 64,
                          sizeof(ngx_sent_conv_store_place_t))
           != NGX_OK
        || ngx_array_init(&ctx->taken, op->pool, list->limit + 1,
                          sizeof(ngx_sent_conv_store_place_t))
           != NGX_OK
        || ngx_array_init(&ctx->result.contacts, op->pool, list->limit + 1,
                          sizeof(ngx_sent_conv_contact_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return list->search.len ? ngx_sent_conv_store_contacts_scan(op)
                            : ngx_sent_conv_store_contacts_count(op);
}


static ngx_int_t
ngx_sent_conv_store_contacts_count(ngx_sent_conv_store_op_t *op)
{
    u_char      buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t   tag, argv[2];
    ngx_uint_t  p, partitions;

    partitions = op->store->conf->redis.partitions;

    if (ngx_sent_conv_store_batch_init(op, partitions,
                                       ngx_sent_conv_store_contacts_counts,
                                       ngx_sent_conv_store_contacts_counted)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "ZCARD");

    for (p = 0; p < partitions; p++) {
        ngx_sent_conv_store_tag(p, buf, &tag);
        ngx_sent_conv_store_key_part(op, p, "ct", &op->customer->id,
                                     &argv[1]);
        ngx_sent_conv_store_batch_add(op, &tag, 2, argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_contacts_counts(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_contacts_t  *ctx;

    ctx = op->ctx;
    ctx->count += ngx_sent_conv_reply_int(reply);
}


static void
ngx_sent_conv_store_contacts_counted(ngx_sent_conv_store_op_t *op)
{
    ngx_sent_conv_store_contacts_t  *ctx;

    ctx = op->ctx;
    ctx->result.total = ctx->count;

    if (op->err != NGX_SENT_CONV_OK
        || ngx_sent_conv_store_contacts_scan(op) != NGX_OK)
    {
        ngx_sent_conv_store_op_unread(op);
    }
}


/* the next ones of each partition, from where we are */

static ngx_int_t
ngx_sent_conv_store_contacts_scan(ngx_sent_conv_store_op_t *op)
{
    u_char                           buf[NGX_SENT_CONV_STORE_TAG_LEN];
    ngx_str_t                        tag, argv[8];
    ngx_uint_t                       p, partitions;
    ngx_sent_conv_store_contacts_t  *ctx;

    ctx = op->ctx;
    partitions = op->store->conf->redis.partitions;

    if (ngx_sent_conv_store_batch_init(op, partitions,
                                       ngx_sent_conv_store_contacts_gather,
                                       ngx_sent_conv_store_contacts_scanned)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->found.nelts = 0;
    ctx->bounded = 0;

    if (ctx->list.before) {
        ngx_str_set(&argv[0], "ZRANGEBYSCORE");
        ngx_str_set(&argv[3], "+inf");

    } else {
        ngx_str_set(&argv[0], "ZREVRANGEBYSCORE");
        ngx_str_set(&argv[3], "-inf");
    }

    ngx_str_set(&argv[2], "+inf");

    if (ctx->from.ms != 0) {
        ngx_sent_conv_store_number(op->pool, (int64_t) ctx->from.ms,
                                   &argv[2]);
    }

    ngx_str_set(&argv[4], "WITHSCORES");
    ngx_str_set(&argv[5], "LIMIT");
    ngx_str_set(&argv[6], "0");
    ngx_sent_conv_store_number(op->pool, (int64_t) ctx->batch, &argv[7]);

    for (p = 0; p < partitions; p++) {
        ngx_sent_conv_store_tag(p, buf, &tag);
        ngx_sent_conv_store_key_part(op, p, "ct", &op->customer->id,
                                     &argv[1]);
        ngx_sent_conv_store_batch_add(op, &tag, 8, argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


static void
ngx_sent_conv_store_contacts_gather(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    ngx_str_t                        phone;
    ngx_uint_t                       i, n;
    ngx_sent_conv_store_place_t     *place;
    ngx_sent_conv_store_contacts_t  *ctx;

    ctx = op->ctx;
    n = ngx_sent_conv_reply_n(reply);
    place = NULL;

    for (i = 0; i + 1 < n; i += 2) {
        phone = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, i));
        place = ngx_array_push(&ctx->found);

        if (place == NULL
            || ngx_sent_conv_store_copy(op->pool, &phone, &place->phone)
               != NGX_OK)
        {
            op->err = NGX_SENT_CONV_UNSENT;
            return;
        }

        place->ms = (uint64_t) ngx_sent_conv_reply_int(
                                       ngx_sent_conv_reply_at(reply, i + 1));
    }

    if (place != NULL && n / 2 >= ctx->batch
        && (!ctx->bounded
            || ngx_sent_conv_store_contacts_behind(ctx, &ctx->bound, place)))
    {
        ctx->bounded = 1;
        ctx->bound = *place;
    }
}


static void
ngx_sent_conv_store_contacts_scanned(ngx_sent_conv_store_op_t *op)
{
    ngx_int_t                        rc;
    ngx_uint_t                       i, seen;
    ngx_sent_conv_store_place_t     *place;
    ngx_sent_conv_store_contacts_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;
    place = ctx->found.elts;
    seen = 0;
    rc = NGX_OK;

    ngx_qsort(place, ctx->found.nelts, sizeof(ngx_sent_conv_store_place_t),
              ctx->list.before ? ngx_sent_conv_store_contacts_older
                               : ngx_sent_conv_store_contacts_newer);

    for (i = 0; i < ctx->found.nelts && rc == NGX_OK; i++) {

        if (ctx->bounded
            && ngx_sent_conv_store_contacts_behind(ctx, &place[i],
                                                   &ctx->bound))
        {
            break;
        }

        if (ctx->from.ms != 0
            && !ngx_sent_conv_store_contacts_behind(ctx, &place[i],
                                                    &ctx->from))
        {
            continue;
        }

        seen++;
        rc = ngx_sent_conv_store_contacts_take(op, &place[i]);
    }

    if (rc == NGX_OK && ctx->bounded) {

        /* more of one moment than fit: more of them at once */

        ctx->batch *= seen ? 1 : 4;

        if (ctx->scanned < NGX_SENT_CONV_STORE_SEARCH) {
            rc = ngx_sent_conv_store_contacts_scan(op);

            if (rc != NGX_OK) {
                ngx_sent_conv_store_op_unread(op);
            }

            return;
        }

        ctx->result.more = 1;
    }

    if (rc == NGX_ERROR || ngx_sent_conv_store_contacts_read(op) != NGX_OK) {
        ngx_sent_conv_store_op_unread(op);
    }
}


/* NGX_DECLINED: the page is full, and there are more */

static ngx_int_t
ngx_sent_conv_store_contacts_take(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_store_place_t *place)
{
    ngx_sent_conv_store_place_t     *taken;
    ngx_sent_conv_store_contacts_t  *ctx;

    ctx = op->ctx;

    if (ctx->list.search.len == 0
        || ngx_strlcasestrn(place->phone.data,
                            place->phone.data + place->phone.len,
                            ctx->list.search.data, ctx->list.search.len - 1)
           != NULL)
    {
        if (ctx->skip > 0) {
            ctx->skip--;

        } else if (ctx->taken.nelts == ctx->list.limit) {
            ctx->result.more = 1;
            return NGX_DECLINED;

        } else {
            taken = ngx_array_push(&ctx->taken);
            if (taken == NULL) {
                return NGX_ERROR;
            }

            *taken = *place;
        }
    }

    ctx->scanned++;
    ctx->from = *place;

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_store_contacts_read(ngx_sent_conv_store_op_t *op)
{
    u_char                           buf[NGX_SENT_CONV_STORE_TAG_LEN];
    u_char                           id[NGX_SENT_CONV_UUID_LEN];
    u_char                           pair[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t                        tag, thread;
    ngx_str_t                        argv[NGX_SENT_CONV_STORE_CONTACT_FIELDS
                                          + 2];
    ngx_uint_t                       i, p;
    ngx_sent_conv_store_place_t     *place;
    ngx_sent_conv_store_contacts_t  *ctx;

    ctx = op->ctx;
    place = ctx->taken.elts;

    ctx->result.last_ms = ctx->from.ms;
    ctx->result.last_phone = ctx->from.phone;

    if (ctx->taken.nelts == 0) {
        ngx_sent_conv_store_contacts_done(op);
        return NGX_OK;
    }

    if (ngx_sent_conv_store_batch_init(op, ctx->taken.nelts,
                                       ngx_sent_conv_store_contacts_each,
                                       ngx_sent_conv_store_contacts_done)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&argv[0], "HMGET");
    ngx_memcpy(&argv[2], ngx_sent_conv_store_contact_fields,
               NGX_SENT_CONV_STORE_CONTACT_FIELDS * sizeof(ngx_str_t));

    thread.len = NGX_SENT_CONV_UUID_LEN;
    thread.data = pair;

    for (i = 0; i < ctx->taken.nelts; i++) {
        ngx_sent_conv_contact_id(id, &op->customer->id, &place[i].phone);
        ngx_sent_conv_thread_id(pair, &op->customer->id, id);

        p = ngx_sent_conv_partition(pair, op->store->conf->redis.partitions);

        ngx_sent_conv_store_tag(p, buf, &tag);
        ngx_sent_conv_store_key_part(op, p, "t", &thread, &argv[1]);
        ngx_sent_conv_store_batch_add(op, &tag,
                                      NGX_SENT_CONV_STORE_CONTACT_FIELDS + 2,
                                      argv);
    }

    return ngx_sent_conv_store_batch_end(op);
}


/* answers may come in any order from several masters: one is put in place */

static void
ngx_sent_conv_store_contacts_each(ngx_sent_conv_store_op_t *op,
    ngx_uint_t index, ngx_sent_conv_reply_t *reply)
{
    ngx_int_t                        rc;
    ngx_sent_conv_contact_t          contact, *to;
    ngx_sent_conv_store_place_t     *place;
    ngx_sent_conv_store_contacts_t  *ctx;

    ctx = op->ctx;
    place = ctx->taken.elts;

    rc = ngx_sent_conv_store_contact_of(op, reply, &contact);

    if (rc == NGX_DECLINED) {
        return;
    }

    to = ngx_array_push(&ctx->result.contacts);

    if (rc != NGX_OK || to == NULL) {
        op->err = NGX_SENT_CONV_UNSENT;
        return;
    }

    contact.created_at = place[index].ms;
    contact.updated_at = ngx_max(contact.updated_at, contact.created_at);

    *to = contact;
}


static void
ngx_sent_conv_store_contacts_done(ngx_sent_conv_store_op_t *op)
{
    ngx_uint_t                       i, n;
    ngx_sent_conv_contact_t         *contact, swap;
    ngx_sent_conv_store_contacts_t  *ctx;

    if (op->err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    ctx = op->ctx;
    contact = ctx->result.contacts.elts;
    n = ctx->result.contacts.nelts;

    for (i = 0; ctx->list.before && i < n / 2; i++) {
        swap = contact[i];
        contact[i] = contact[n - 1 - i];
        contact[n - 1 - i] = swap;
    }

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &ctx->result);
}


static int ngx_libc_cdecl
ngx_sent_conv_store_contacts_older(const void *one, const void *two)
{
    ngx_int_t                           rc;
    const ngx_sent_conv_store_place_t  *a, *b;

    a = one;
    b = two;

    if (a->ms != b->ms) {
        return (a->ms < b->ms) ? -1 : 1;
    }

    rc = ngx_memcmp(a->phone.data, b->phone.data,
                    ngx_min(a->phone.len, b->phone.len));

    return rc ? (int) rc : (int) a->phone.len - (int) b->phone.len;
}


static int ngx_libc_cdecl
ngx_sent_conv_store_contacts_newer(const void *one, const void *two)
{
    return ngx_sent_conv_store_contacts_older(two, one);
}


/* does the place come behind the mark, in the list's direction? */

static ngx_uint_t
ngx_sent_conv_store_contacts_behind(ngx_sent_conv_store_contacts_t *ctx,
    ngx_sent_conv_store_place_t *place, ngx_sent_conv_store_place_t *mark)
{
    int  order;

    order = ngx_sent_conv_store_contacts_older(place, mark);

    return ctx->list.before ? order > 0 : order < 0;
}
