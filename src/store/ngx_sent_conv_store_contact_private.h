
/*
 * What the files of one contact share.
 */


#ifndef _NGX_SENT_CONV_STORE_CONTACT_PRIVATE_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_CONTACT_PRIVATE_H_INCLUDED_


typedef struct {
    u_char                            id[NGX_SENT_CONV_UUID_LEN];
    u_char                            thread[NGX_SENT_CONV_UUID_LEN];
    ngx_sent_conv_contact_t           contact;
    ngx_sent_conv_contact_patch_t     patch;
    ngx_sent_conv_store_change_of_t   change;

    unsigned                          sandbox:1;
    unsigned                          written:1;
} ngx_sent_conv_store_contact_t;


/*
 * ngx_sent_conv_store_contact.c: an operation on the contact of that id, or
 * NULL; end: rc, and unless that is NGX_OK the operation is no more
 */

ngx_sent_conv_store_op_t *ngx_sent_conv_store_contact_op(
    ngx_sent_conv_store_t *store, ngx_sent_conv_customer_t *customer,
    ngx_str_t *id, ngx_sent_conv_store_pt handler, void *data);
ngx_int_t ngx_sent_conv_store_contact_end(ngx_sent_conv_store_op_t *op,
    ngx_int_t rc);

/* it is read, and shown to who asked for the operation */

ngx_int_t ngx_sent_conv_store_contact_read(ngx_sent_conv_store_op_t *op);

/* it could not be read; what was to be written may have been */

void ngx_sent_conv_store_contact_lost(ngx_sent_conv_store_op_t *op);


#endif /* _NGX_SENT_CONV_STORE_CONTACT_PRIVATE_H_INCLUDED_ */
