
/*
 * What the files of an inbound message share.
 */


#ifndef _NGX_SENT_CONV_STORE_INBOUND_H_INCLUDED_
#define _NGX_SENT_CONV_STORE_INBOUND_H_INCLUDED_


typedef struct {
    ngx_sent_conv_inbound_t  in;             /* its texts copied */
    u_char                   thread[NGX_SENT_CONV_UUID_LEN];
    u_char                   contact[NGX_SENT_CONV_UUID_LEN];
    u_char                   message[NGX_SENT_CONV_UUID_LEN];
    u_char                   conversation[NGX_SENT_CONV_UUID_LEN];
    u_char                   reply[NGX_SENT_CONV_UUID_LEN];
    u_char                   replied[NGX_SENT_CONV_UUID_LEN];
    u_char                   greeting[NGX_SENT_CONV_UUID_LEN];
    ngx_sent_conv_agent_t   *agent;          /* for what nothing prompted */
    ngx_sent_conv_agent_t   *answers;        /* for a template's reply */
    ngx_str_t                asked;          /* by the script */
    ngx_str_t                once;
    ngx_str_t                kind;           /* one word */
    ngx_str_t                text;           /* as JSON */
    ngx_str_t                answer;         /* as JSON, or empty */
    ngx_sent_conv_keyword_e  keyword;
    ngx_sent_conv_inbound_result_t
                             result;
    unsigned                 replies:1;      /* to the message replied */
    unsigned                 read:1;         /* the keyword, in the text */
    unsigned                 agents:1;       /* there are */
} ngx_sent_conv_store_inbound_t;


/*
 * ngx_sent_conv_store_inbound_prepare.c: the message's texts copied, its ids,
 * its keyword and what that is answered with.  NGX_ERROR: no memory
 */

ngx_int_t ngx_sent_conv_store_inbound_prepare(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_inbound_t *in);

/*
 * ngx_sent_conv_store_inbound_call.c: the script with its keys and arguments,
 * as the message has been prepared; handler takes its answer
 */

ngx_int_t ngx_sent_conv_store_inbound_call(ngx_sent_conv_store_op_t *op,
    ngx_sent_conv_redis_pt handler);


#endif /* _NGX_SENT_CONV_STORE_INBOUND_H_INCLUDED_ */
