
/*
 * What the tests of RS256 share: a key of their own, and who verifies.
 */


#ifndef _NGX_SENT_CONV_UNIT_RSA_H_INCLUDED_
#define _NGX_SENT_CONV_UNIT_RSA_H_INCLUDED_


#include "ngx_sent_conv_unit.h"


/* a new key, both halves in PEM */

typedef struct {
    ngx_str_t     key;                     /* PKCS #8 */
    ngx_str_t     public;
} ngx_sent_conv_unit_rsa_t;

ngx_int_t ngx_sent_conv_unit_rsa(ngx_pool_t *pool,
    ngx_sent_conv_unit_rsa_t *rsa);

/* is it RS256, by whoever has the other half? */

ngx_uint_t ngx_sent_conv_unit_rsa_verify(ngx_str_t *public, ngx_str_t *text,
    ngx_str_t *signature);


#endif /* _NGX_SENT_CONV_UNIT_RSA_H_INCLUDED_ */
