
/*
 * What the glue shares: configurations, the worker's runtime, the request's
 * context, name resolution.
 */


#ifndef _NGX_HTTP_SENT_CONV_H_INCLUDED_
#define _NGX_HTTP_SENT_CONV_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_sent_conv_store.h"
#include "ngx_sent_conv_carrier.h"


typedef struct ngx_http_sent_conv_loc_conf_s  ngx_http_sent_conv_loc_conf_t;


/* an internal location that delivers: of webhooks, or of one carrier */

typedef struct {
    ngx_str_t                     carrier;   /* name; empty = webhooks */
    ngx_str_t                     uri;
    ngx_http_conf_ctx_t          *conf_ctx;  /* of the location */
    ngx_http_sent_conv_loc_conf_t  *slcf;    /* of the location */
    ngx_sent_conv_carrier_format_t  *format; /* of a carrier */
    ngx_sent_conv_carrier_conf_t  carrier_conf;  /* of its inbound location */
    void                         *token;     /* of the worker; where one is
                                                fetched */
    u_char                       *file;      /* where it was configured */
    ngx_uint_t                    line;
} ngx_http_sent_conv_outlet_t;


typedef struct {
    ngx_sent_conv_store_conf_t    store;

    ngx_array_t                   outlets;   /* ngx_http_sent_conv_outlet_t */
    ngx_sent_conv_networks_t      networks;  /* of webhooks */
    ngx_flag_t                    plain_http;
    ngx_array_t                  *backoff;   /* ngx_msec_t, of webhooks */
    ngx_msec_t                    carrier_min;
    ngx_msec_t                    carrier_max;
    ngx_uint_t                    in_flight; /* per endpoint and worker */
    ngx_sent_conv_breaker_conf_t  breaker;   /* of endpoints */
    ngx_uint_t                    deliveries;       /* per worker */

    ngx_sent_conv_rate_t          rate;      /* of a customer's requests */
    uint64_t                      rate_each; /* the same in us */
    ngx_flag_t                    rate_fleet;
    ngx_sent_conv_rate_t          auth_failures;    /* of an address */

    ngx_shm_zone_t               *zone;      /* NULL: module not used */

    ngx_array_t                  *sandboxed; /* ngx_str_t, carriers that the
                                                sandbox stands for, or NULL */

    ngx_array_t                   locations; /* ngx_http_sent_conv_loc_conf_t *
                                                that have a role */

    /* of the worker; NULL where the module is not used */
    ngx_sent_conv_store_t        *runtime;
    void                         *queue;     /* delivery */
    void                         *sweep;
    ngx_sent_conv_redis_conf_t   *redis;     /* = &store.redis */
} ngx_http_sent_conv_main_conf_t;


/* what a location is; ngx_sent_conv_metrics.c names them in this order */

typedef enum {
    NGX_HTTP_SENT_CONV_NONE = 0,
    NGX_HTTP_SENT_CONV_API,
    NGX_HTTP_SENT_CONV_CARRIER,
    NGX_HTTP_SENT_CONV_ADMIN,
    NGX_HTTP_SENT_CONV_SANDBOX,
    NGX_HTTP_SENT_CONV_HEALTH,
    NGX_HTTP_SENT_CONV_STATUS,
    NGX_HTTP_SENT_CONV_DASHBOARD
} ngx_http_sent_conv_role_e;


struct ngx_http_sent_conv_loc_conf_s {
    ngx_http_sent_conv_role_e     role;

    ngx_str_t                     carrier;   /* name */
    ngx_sent_conv_channel_e       channel;
    ngx_sent_conv_carrier_format_t  *format;
    ngx_sent_conv_carrier_conf_t  carrier_conf;
    ngx_sent_conv_carrier_account_t  *account;  /* of delivery */
    ngx_str_t                     token_uri;    /* the same */
    ngx_str_t                     token;     /* of admin */
    ngx_flag_t                    ready;     /* health: ready, else live */

    u_char                       *file;      /* where it was configured */
    ngx_uint_t                    line;
};


extern ngx_module_t  ngx_http_sent_conv_module;


/*
 * ngx_http_sent_conv_resolve.c: a host's checked address.  Literals and
 * "localhost" need no resolver; else that of the location's configuration.
 * The handler is called exactly once, possibly from within the call; rc:
 * NGX_OK with an address to call; NGX_DECLINED, why = a sentence: all or some
 * are not allowed; NGX_AGAIN: not resolved now (name server, timeout);
 * NGX_ERROR: no such host, or no resolver.
 * Every address of the host is checked; one that may not be called refuses
 * the host.  cancel() makes sure the handler is not called any more.
 */

typedef void (*ngx_http_sent_conv_resolve_pt)(void *data, ngx_int_t rc,
    const char *why, struct sockaddr *sockaddr, socklen_t socklen);

typedef struct ngx_http_sent_conv_resolve_s  ngx_http_sent_conv_resolve_t;

struct ngx_http_sent_conv_resolve_s {
    ngx_resolver_ctx_t             *ctx;
    ngx_sent_conv_networks_t       *networks;
    ngx_http_sent_conv_resolve_pt   handler;
    void                           *data;
    in_port_t                       port;
};

/* the object is the caller's, and must outlive the call */

void ngx_http_sent_conv_resolve(ngx_http_sent_conv_resolve_t *rs,
    ngx_http_core_loc_conf_t *clcf, ngx_sent_conv_networks_t *networks,
    ngx_pool_t *pool, ngx_str_t *host, in_port_t port,
    ngx_http_sent_conv_resolve_pt handler, void *data);
void ngx_http_sent_conv_resolve_cancel(ngx_http_sent_conv_resolve_t *rs);


/*
 * ngx_http_sent_conv_conf.c, _conf_webhook.c, _conf_location.c,
 * _conf_carrier.c: what the directives say, checked.  file: the text of a file
 * without its line end, NUL-terminated.
 */

char *ngx_http_sent_conv_conf_file(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *text);
char *ngx_http_sent_conv_conf_redis(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_sent_conv_conf_durability(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_sent_conv_conf_auth_failures(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
char *ngx_http_sent_conv_conf_rate(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_sent_conv_conf_networks(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_sent_conv_conf_backoff(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_sent_conv_conf_log(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_sent_conv_conf_seal(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_sent_conv_conf_breaker(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_sent_conv_conf_disable(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_sent_conv_conf_carrier_backoff(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
char *ngx_http_sent_conv_conf_role(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_sent_conv_conf_secret(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_sent_conv_conf_url(ngx_conf_t *cf, void *post, void *data);
char *ngx_http_sent_conv_conf_number(ngx_conf_t *cf, void *post, void *data);
char *ngx_http_sent_conv_conf_account(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_sent_conv_conf_deliver(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_sent_conv_conf_prefix(ngx_conf_t *cf, void *post, void *data);
char *ngx_http_sent_conv_conf_partitions(ngx_conf_t *cf, void *post,
    void *data);
char *ngx_http_sent_conv_conf_time(ngx_conf_t *cf, void *post, void *data);
char *ngx_http_sent_conv_conf_carrier(ngx_conf_t *cf,
    ngx_http_sent_conv_loc_conf_t *slcf);
ngx_int_t ngx_http_sent_conv_conf_carrier_check(ngx_conf_t *cf,
    ngx_http_sent_conv_main_conf_t *smcf,
    ngx_http_sent_conv_loc_conf_t *slcf);
ngx_int_t ngx_http_sent_conv_conf_outlet_check(ngx_conf_t *cf,
    ngx_http_sent_conv_outlet_t *outlet);
ngx_http_sent_conv_outlet_t *ngx_http_sent_conv_conf_outlet(
    ngx_http_sent_conv_main_conf_t *smcf, ngx_str_t *carrier);
ngx_int_t ngx_http_sent_conv_conf_check(ngx_conf_t *cf,
    ngx_http_sent_conv_main_conf_t *smcf);


/* the floors' variables */

extern ngx_http_variable_t  ngx_http_sent_conv_api_vars[];       /* http */
extern ngx_http_variable_t  ngx_http_sent_conv_delivery_vars[];


/* the floors' own beginnings and ends, called by the module's face */

ngx_int_t ngx_http_sent_conv_api_handler(ngx_http_request_t *r);    /* http */
ngx_int_t ngx_http_sent_conv_delivery_init(ngx_cycle_t *cycle,
    ngx_http_sent_conv_main_conf_t *smcf);
void ngx_http_sent_conv_delivery_exit(ngx_http_sent_conv_main_conf_t *smcf);
void ngx_http_sent_conv_delivery_filter(void);
ngx_int_t ngx_http_sent_conv_sweep_init(ngx_cycle_t *cycle,
    ngx_http_sent_conv_main_conf_t *smcf);
void ngx_http_sent_conv_sweep_exit(ngx_http_sent_conv_main_conf_t *smcf);

/* sweep -> delivery, by pointer: a lane this worker has just claimed */

void ngx_http_sent_conv_delivery_claimed(ngx_http_sent_conv_main_conf_t *smcf,
    ngx_uint_t partition, ngx_sent_conv_claimed_t *lane);

/* how many more lanes delivery would take now */

ngx_uint_t ngx_http_sent_conv_delivery_room(
    ngx_http_sent_conv_main_conf_t *smcf);


#endif /* _NGX_HTTP_SENT_CONV_H_INCLUDED_ */
