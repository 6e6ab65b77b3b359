
/*
 * The module's face: directives, configurations, beginning and end of a
 * worker.  No logic.
 */


#include "ngx_http_sent_conv.h"


static ngx_int_t ngx_http_sent_conv_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_sent_conv_add_variables(ngx_conf_t *cf,
    ngx_http_variable_t *vars);
static ngx_int_t ngx_http_sent_conv_postconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_sent_conv_init_zone(ngx_shm_zone_t *zone,
    void *data);
static void *ngx_http_sent_conv_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_sent_conv_init_main_conf(ngx_conf_t *cf, void *conf);
static ngx_int_t ngx_http_sent_conv_default_backoff(ngx_conf_t *cf,
    ngx_http_sent_conv_main_conf_t *smcf);
static void *ngx_http_sent_conv_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_sent_conv_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_sent_conv_init_process(ngx_cycle_t *cycle);
static void ngx_http_sent_conv_exit_process(ngx_cycle_t *cycle);


static ngx_conf_post_t  ngx_http_sent_conv_prefix_post = {
    ngx_http_sent_conv_conf_prefix
};


static ngx_conf_post_t  ngx_http_sent_conv_partitions_post = {
    ngx_http_sent_conv_conf_partitions
};


static ngx_conf_post_t  ngx_http_sent_conv_time_post = {
    ngx_http_sent_conv_conf_time
};


static ngx_conf_post_t  ngx_http_sent_conv_url_post = {
    ngx_http_sent_conv_conf_url
};


static ngx_conf_post_t  ngx_http_sent_conv_number_post = {
    ngx_http_sent_conv_conf_number
};


static ngx_conf_num_bounds_t  ngx_http_sent_conv_in_flight_bounds = {
    ngx_conf_check_num_bounds, 1, 1024
};


static ngx_conf_num_bounds_t  ngx_http_sent_conv_dead_bounds = {
    ngx_conf_check_num_bounds, 1, 100000000
};


static ngx_conf_num_bounds_t  ngx_http_sent_conv_recover_bounds = {
    ngx_conf_check_num_bounds, 1, 1000000
};


static ngx_conf_num_bounds_t  ngx_http_sent_conv_deliveries_bounds = {
    ngx_conf_check_num_bounds, 1, 65536
};


static ngx_command_t  ngx_http_sent_conv_commands[] = {

    { ngx_string("sent_conv_redis"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_sent_conv_conf_redis,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sent_conv_redis_prefix"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_main_conf_t, store.redis.prefix),
      &ngx_http_sent_conv_prefix_post },

    { ngx_string("sent_conv_redis_connect_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_main_conf_t, store.redis.connect_timeout),
      &ngx_http_sent_conv_time_post },

    { ngx_string("sent_conv_redis_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_main_conf_t, store.redis.timeout),
      &ngx_http_sent_conv_time_post },

    { ngx_string("sent_conv_durability"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1|NGX_CONF_TAKE3,
      ngx_http_sent_conv_conf_durability,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sent_conv_rate"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE123,
      ngx_http_sent_conv_conf_rate,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sent_conv_auth_failures"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_sent_conv_conf_auth_failures,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sent_conv_partitions"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_main_conf_t, store.redis.partitions),
      &ngx_http_sent_conv_partitions_post },

    { ngx_string("sent_conv_window"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_main_conf_t, store.window),
      &ngx_http_sent_conv_time_post },

    { ngx_string("sent_conv_retention"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_main_conf_t, store.retention),
      &ngx_http_sent_conv_time_post },

    { ngx_string("sent_conv_webhook_allow"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_sent_conv_conf_networks,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_main_conf_t, networks.allow),
      NULL },

    { ngx_string("sent_conv_webhook_deny"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_sent_conv_conf_networks,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_main_conf_t, networks.deny),
      NULL },

    { ngx_string("sent_conv_webhook_http"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_main_conf_t, plain_http),
      NULL },

    { ngx_string("sent_conv_webhook_backoff"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_sent_conv_conf_backoff,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sent_conv_webhook_breaker"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1234,
      ngx_http_sent_conv_conf_breaker,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sent_conv_webhook_disable"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_sent_conv_conf_disable,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sent_conv_webhook_log"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_sent_conv_conf_log,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sent_conv_webhook_dead"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_main_conf_t, store.dead_events),
      &ngx_http_sent_conv_dead_bounds },

    { ngx_string("sent_conv_webhook_recover"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_main_conf_t, store.recover_rate),
      &ngx_http_sent_conv_recover_bounds },

    { ngx_string("sent_conv_webhook_in_flight"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_main_conf_t, in_flight),
      &ngx_http_sent_conv_in_flight_bounds },

    { ngx_string("sent_conv_seal_key"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_sent_conv_conf_seal,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sent_conv_carrier_backoff"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_http_sent_conv_conf_carrier_backoff,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sent_conv_deliveries"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_main_conf_t, deliveries),
      &ngx_http_sent_conv_deliveries_bounds },

    { ngx_string("sent_conv_api"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_sent_conv_conf_role,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SENT_CONV_API,
      NULL },

    { ngx_string("sent_conv_carrier"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE3,
      ngx_http_sent_conv_conf_role,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SENT_CONV_CARRIER,
      NULL },

    { ngx_string("sent_conv_carrier_secret"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_sent_conv_conf_secret,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_loc_conf_t, carrier_conf.secret),
      NULL },

    { ngx_string("sent_conv_carrier_verify_token"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_sent_conv_conf_secret,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_loc_conf_t, carrier_conf.verify_token),
      NULL },

    { ngx_string("sent_conv_carrier_url"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_loc_conf_t, carrier_conf.url),
      &ngx_http_sent_conv_url_post },

    { ngx_string("sent_conv_carrier_number"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_loc_conf_t, carrier_conf.number),
      &ngx_http_sent_conv_number_post },

    { ngx_string("sent_conv_carrier_account"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_sent_conv_conf_account,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("sent_conv_carrier_token_location"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_sent_conv_loc_conf_t, token_uri),
      NULL },

    { ngx_string("sent_conv_admin"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_sent_conv_conf_role,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SENT_CONV_ADMIN,
      NULL },

    { ngx_string("sent_conv_dashboard"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_sent_conv_conf_role,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SENT_CONV_DASHBOARD,
      NULL },

    { ngx_string("sent_conv_sandbox"),
      NGX_HTTP_LOC_CONF|NGX_CONF_ANY,
      ngx_http_sent_conv_conf_role,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SENT_CONV_SANDBOX,
      NULL },

    { ngx_string("sent_conv_health"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_sent_conv_conf_role,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SENT_CONV_HEALTH,
      NULL },

    { ngx_string("sent_conv_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_sent_conv_conf_role,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SENT_CONV_STATUS,
      NULL },

    { ngx_string("sent_conv_deliver"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE123,
      ngx_http_sent_conv_conf_deliver,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_sent_conv_module_ctx = {
    ngx_http_sent_conv_preconfiguration,   /* preconfiguration */
    ngx_http_sent_conv_postconfiguration,  /* postconfiguration */

    ngx_http_sent_conv_create_main_conf,   /* create main configuration */
    ngx_http_sent_conv_init_main_conf,     /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_sent_conv_create_loc_conf,    /* create location configuration */
    ngx_http_sent_conv_merge_loc_conf      /* merge location configuration */
};


ngx_module_t  ngx_http_sent_conv_module = {
    NGX_MODULE_V1,
    &ngx_http_sent_conv_module_ctx,        /* module context */
    ngx_http_sent_conv_commands,           /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_sent_conv_init_process,       /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_sent_conv_exit_process,       /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_str_t  ngx_http_sent_conv_zone_name = ngx_string("sent_conv");


static ngx_int_t
ngx_http_sent_conv_preconfiguration(ngx_conf_t *cf)
{
    if (ngx_http_sent_conv_add_variables(cf, ngx_http_sent_conv_api_vars)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_sent_conv_add_variables(cf,
                                            ngx_http_sent_conv_delivery_vars);
}


static ngx_int_t
ngx_http_sent_conv_add_variables(ngx_conf_t *cf, ngx_http_variable_t *vars)
{
    ngx_http_variable_t  *var, *v;

    for (v = vars; v->name.len; v++) {

        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_sent_conv_postconfiguration(ngx_conf_t *cf)
{
    ngx_http_sent_conv_main_conf_t  *smcf;

    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_sent_conv_module);

    if (smcf->locations.nelts == 0 && smcf->outlets.nelts == 0) {
        return NGX_OK;
    }

    if (ngx_http_sent_conv_conf_check(cf, smcf) != NGX_OK) {
        return NGX_ERROR;
    }

    smcf->zone = ngx_shared_memory_add(cf, &ngx_http_sent_conv_zone_name,
                                       8 * ngx_pagesize
                                       + 2 * sizeof(ngx_sent_conv_shared_t),
                                       &ngx_http_sent_conv_module);
    if (smcf->zone == NULL) {
        return NGX_ERROR;
    }

    smcf->zone->init = ngx_http_sent_conv_init_zone;

    ngx_http_sent_conv_delivery_filter();

    return NGX_OK;
}


static ngx_int_t
ngx_http_sent_conv_init_zone(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t  *shpool;

    if (data != NULL) {
        zone->data = data;
        return NGX_OK;
    }

    shpool = (ngx_slab_pool_t *) zone->shm.addr;

    if (zone->shm.exists) {
        zone->data = shpool->data;
        return NGX_OK;
    }

    zone->data = ngx_slab_calloc(shpool, sizeof(ngx_sent_conv_shared_t));
    if (zone->data == NULL) {
        return NGX_ERROR;
    }

    shpool->data = zone->data;

    return NGX_OK;
}


static void *
ngx_http_sent_conv_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_sent_conv_main_conf_t  *smcf;

    smcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_sent_conv_main_conf_t));
    if (smcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     smcf->store.redis = all zero;
     *     smcf->zone, runtime, queue, sweep, redis = NULL;
     *     smcf->rate_fleet = 0;
     */

    if (ngx_array_init(&smcf->outlets, cf->pool, 4,
                       sizeof(ngx_http_sent_conv_outlet_t))
        != NGX_OK
        || ngx_array_init(&smcf->locations, cf->pool, 4,
                          sizeof(ngx_http_sent_conv_loc_conf_t *))
           != NGX_OK)
    {
        return NULL;
    }

    smcf->store.redis.partitions = NGX_CONF_UNSET_UINT;
    smcf->store.redis.connect_timeout = NGX_CONF_UNSET_MSEC;
    smcf->store.redis.timeout = NGX_CONF_UNSET_MSEC;
    smcf->store.redis.replicas = NGX_CONF_UNSET_UINT;
    smcf->store.redis.wait = NGX_CONF_UNSET_MSEC;
    smcf->store.window = NGX_CONF_UNSET_MSEC;
    smcf->store.retention = NGX_CONF_UNSET_MSEC;
    smcf->store.log_events = NGX_CONF_UNSET_UINT;
    smcf->store.log_age = NGX_CONF_UNSET_MSEC;
    smcf->store.dead_events = NGX_CONF_UNSET_UINT;
    smcf->store.recover_rate = NGX_CONF_UNSET_UINT;
    smcf->plain_http = NGX_CONF_UNSET;
    smcf->carrier_min = NGX_CONF_UNSET_MSEC;
    smcf->carrier_max = NGX_CONF_UNSET_MSEC;
    smcf->in_flight = NGX_CONF_UNSET_UINT;
    smcf->rate.burst = NGX_CONF_UNSET_UINT;
    smcf->auth_failures.burst = NGX_CONF_UNSET_UINT;
    smcf->store.disable_events = NGX_CONF_UNSET_UINT;
    smcf->store.disable_time = NGX_CONF_UNSET_MSEC;
    smcf->breaker.failures = NGX_CONF_UNSET_UINT;
    smcf->breaker.min = NGX_CONF_UNSET_MSEC;
    smcf->breaker.max = NGX_CONF_UNSET_MSEC;
    smcf->breaker.wait = NGX_CONF_UNSET_MSEC;
    smcf->deliveries = NGX_CONF_UNSET_UINT;

    return smcf;
}


static char *
ngx_http_sent_conv_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_sent_conv_main_conf_t *smcf = conf;

    ngx_sent_conv_redis_conf_t  *redis;

    redis = &smcf->store.redis;

    if (redis->prefix.data == NULL) {
        ngx_str_set(&redis->prefix, "sc:");
    }

    ngx_conf_init_uint_value(redis->partitions, 64);
    ngx_conf_init_msec_value(redis->connect_timeout, 1000);
    ngx_conf_init_msec_value(redis->timeout, 1000);
    ngx_conf_init_uint_value(redis->replicas, 0);
    ngx_conf_init_msec_value(redis->wait, 500);
    ngx_conf_init_msec_value(smcf->store.window, 24 * 3600 * 1000);
    ngx_conf_init_msec_value(smcf->store.retention,
                             (ngx_msec_t) 30 * 24 * 3600 * 1000);
    ngx_conf_init_uint_value(smcf->store.log_events, 2000);
    ngx_conf_init_msec_value(smcf->store.log_age, 7 * 24 * 3600 * 1000);
    ngx_conf_init_uint_value(smcf->store.dead_events, 100000);
    ngx_conf_init_uint_value(smcf->store.recover_rate, 1000);
    ngx_conf_init_value(smcf->plain_http, 0);
    ngx_conf_init_msec_value(smcf->carrier_min, 1000);
    ngx_conf_init_msec_value(smcf->carrier_max, 60 * 1000);
    ngx_conf_init_uint_value(smcf->in_flight, 16);
    ngx_conf_init_uint_value(smcf->rate.burst, 0);
    ngx_conf_init_uint_value(smcf->auth_failures.burst, 0);
    ngx_conf_init_uint_value(smcf->store.disable_events, 10);
    ngx_conf_init_msec_value(smcf->store.disable_time, 3600 * 1000);
    ngx_conf_init_uint_value(smcf->breaker.failures, 10);
    ngx_conf_init_msec_value(smcf->breaker.min, 5 * 1000);
    ngx_conf_init_msec_value(smcf->breaker.max, 5 * 60 * 1000);
    ngx_conf_init_msec_value(smcf->breaker.wait, 24 * 3600 * 1000);
    ngx_conf_init_uint_value(smcf->deliveries, 256);

    smcf->redis = redis;

    if (smcf->backoff == NULL
        && ngx_http_sent_conv_default_backoff(cf, smcf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_sent_conv_default_backoff(ngx_conf_t *cf,
    ngx_http_sent_conv_main_conf_t *smcf)
{
    ngx_uint_t   i;
    ngx_msec_t  *delay;

    static const ngx_msec_t  delays[] = {
        5 * 1000, 60 * 1000, 5 * 60 * 1000, 30 * 60 * 1000, 3600 * 1000
    };

    smcf->backoff = ngx_array_create(cf->pool, 5, sizeof(ngx_msec_t));
    if (smcf->backoff == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
        delay = ngx_array_push(smcf->backoff);
        if (delay == NULL) {
            return NGX_ERROR;
        }

        *delay = delays[i];
    }

    return NGX_OK;
}


static void *
ngx_http_sent_conv_create_loc_conf(ngx_conf_t *cf)
{
    /*
     * set by ngx_pcalloc():
     *
     *     slcf->role = NGX_HTTP_SENT_CONV_NONE;
     *     all else zero;
     */

    return ngx_pcalloc(cf->pool, sizeof(ngx_http_sent_conv_loc_conf_t));
}


/* only what has no name of its own, as "limit_except", inherits a role */

static char *
ngx_http_sent_conv_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_sent_conv_loc_conf_t *prev = parent;
    ngx_http_sent_conv_loc_conf_t *conf = child;

    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->noname && prev->role != NGX_HTTP_SENT_CONV_NONE) {
        *conf = *prev;
        clcf->handler = ngx_http_sent_conv_api_handler;
    }

    /* bodies are counted by the handlers, which answer 413 in JSON */

    if (conf->role != NGX_HTTP_SENT_CONV_NONE) {
        clcf->client_max_body_size = 0;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_sent_conv_init_process(ngx_cycle_t *cycle)
{
    ngx_http_sent_conv_main_conf_t  *smcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    smcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_sent_conv_module);

    if (smcf == NULL || smcf->zone == NULL) {
        return NGX_OK;
    }

    smcf->runtime = ngx_sent_conv_store_create(cycle, &smcf->store,
                                               smcf->zone->data);
    if (smcf->runtime == NULL) {
        return NGX_ERROR;
    }

    /* nothing to deliver by: a node of the operator's, or for its health */

    if (smcf->outlets.nelts == 0) {
        return NGX_OK;
    }

    if (ngx_http_sent_conv_delivery_init(cycle, smcf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_sent_conv_sweep_init(cycle, smcf);
}


static void
ngx_http_sent_conv_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_sent_conv_main_conf_t  *smcf;

    smcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_sent_conv_module);

    if (smcf == NULL || smcf->runtime == NULL) {
        return;
    }

    ngx_http_sent_conv_sweep_exit(smcf);
    ngx_http_sent_conv_delivery_exit(smcf);

    ngx_sent_conv_store_destroy(smcf->runtime);
    smcf->runtime = NULL;
}
