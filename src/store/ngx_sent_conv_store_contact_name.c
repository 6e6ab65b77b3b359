
/*
 * A contact's name and channel, read for a text that is made for it.
 */


#include "ngx_sent_conv_store_private.h"


static ngx_int_t ngx_sent_conv_store_contact_name_read(
    ngx_sent_conv_store_op_t *op, ngx_str_t *number);
static void ngx_sent_conv_store_contact_name_done(void *data,
    ngx_sent_conv_err_e err, ngx_sent_conv_reply_t *reply);


ngx_int_t
ngx_sent_conv_store_contact_name(ngx_sent_conv_store_t *store,
    ngx_sent_conv_customer_t *customer, ngx_str_t *number,
    ngx_sent_conv_store_pt handler, void *data)
{
    ngx_int_t                  rc;
    ngx_sent_conv_store_op_t  *op;

    op = ngx_sent_conv_store_op_create(store, customer, handler, data, 0);
    if (op == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_store_contact_name_read(op, number);

    if (rc != NGX_OK) {
        ngx_sent_conv_store_op_destroy(op);
    }

    return rc;
}


static ngx_int_t
ngx_sent_conv_store_contact_name_read(ngx_sent_conv_store_op_t *op,
    ngx_str_t *number)
{
    u_char     buf[NGX_SENT_CONV_STORE_TAG_LEN];
    u_char     contact[NGX_SENT_CONV_UUID_LEN];
    u_char     id[NGX_SENT_CONV_UUID_LEN];
    ngx_str_t  tag, thread, argv[4];

    ngx_sent_conv_contact_id(contact, &op->customer->id, number);
    ngx_sent_conv_thread_id(id, &op->customer->id, contact);

    op->partition = ngx_sent_conv_partition(id,
                                            op->store->conf->redis.partitions);

    thread.len = NGX_SENT_CONV_UUID_LEN;
    thread.data = id;

    ngx_sent_conv_store_tag(op->partition, buf, &tag);

    ngx_str_set(&argv[0], "HMGET");
    ngx_sent_conv_store_key_part(op, op->partition, "t", &thread, &argv[1]);
    ngx_str_set(&argv[2], "nm");
    ngx_str_set(&argv[3], "ch");

    if (argv[1].data == NULL) {
        return NGX_ERROR;
    }

    return ngx_sent_conv_redis_command(op->store->redis, &tag, 4, argv,
                                      ngx_sent_conv_store_contact_name_done,
                                       op);
}


static void
ngx_sent_conv_store_contact_name_done(void *data, ngx_sent_conv_err_e err,
    ngx_sent_conv_reply_t *reply)
{
    ngx_sent_conv_store_op_t *op = data;

    ngx_str_t                     channel;
    ngx_sent_conv_contact_name_t  is;

    if (err != NGX_SENT_CONV_OK) {
        ngx_sent_conv_store_op_unread(op);
        return;
    }

    is.name = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 0));
    channel = ngx_sent_conv_reply_str(ngx_sent_conv_reply_at(reply, 1));
    is.channel = ngx_sent_conv_channel_parse(&channel);

    ngx_sent_conv_store_op_finish(op, NGX_SENT_CONV_OK, &is);
}
