
/*
 * What the directives of locations say, and what only all of them tell.
 */


#include "ngx_http_sent_conv.h"


#define NGX_HTTP_SENT_CONV_TOKEN_MIN  32


static char *ngx_http_sent_conv_conf_args(ngx_conf_t *cf,
    ngx_http_sent_conv_loc_conf_t *slcf);
static char *ngx_http_sent_conv_conf_sandbox(ngx_conf_t *cf);
static ngx_int_t ngx_http_sent_conv_conf_locations(ngx_conf_t *cf,
    ngx_http_sent_conv_main_conf_t *smcf);
static ngx_int_t ngx_http_sent_conv_conf_outlets(ngx_conf_t *cf,
    ngx_http_sent_conv_main_conf_t *smcf);


static ngx_str_t  ngx_http_sent_conv_webhook = ngx_null_string;


char *
ngx_http_sent_conv_conf_role(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_sent_conv_loc_conf_t *slcf = conf;

    ngx_http_core_loc_conf_t        *clcf;
    ngx_http_sent_conv_loc_conf_t  **location;
    ngx_http_sent_conv_main_conf_t  *smcf;

    if (slcf->role == cmd->offset) {
        return "is duplicate";
    }

    if (slcf->role != NGX_HTTP_SENT_CONV_NONE) {
        return "is one too many: a location serves one purpose";
    }

    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_sent_conv_module);

    location = ngx_array_push(&smcf->locations);
    if (location == NULL) {
        return NGX_CONF_ERROR;
    }

    *location = slcf;

    slcf->role = cmd->offset;
    slcf->file = cf->conf_file->file.name.data;
    slcf->line = cf->conf_file->line;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_sent_conv_api_handler;

    return ngx_http_sent_conv_conf_args(cf, slcf);
}


static char *
ngx_http_sent_conv_conf_args(ngx_conf_t *cf,
    ngx_http_sent_conv_loc_conf_t *slcf)
{
    char       *rv;
    ngx_str_t  *value;

    value = cf->args->elts;

    switch (slcf->role) {

    case NGX_HTTP_SENT_CONV_CARRIER:
        return ngx_http_sent_conv_conf_carrier(cf, slcf);

    case NGX_HTTP_SENT_CONV_ADMIN:
        rv = ngx_http_sent_conv_conf_file(cf, &value[1], &slcf->token);

        if (rv == NGX_CONF_OK
            && slcf->token.len < NGX_HTTP_SENT_CONV_TOKEN_MIN)
        {
            return "has a token of less than 32 bytes";
        }

        return rv;

    case NGX_HTTP_SENT_CONV_HEALTH:
        if (ngx_strcmp(value[1].data, "ready") == 0) {
            slcf->ready = 1;

        } else if (ngx_strcmp(value[1].data, "live") != 0) {
            return "must be \"live\" or \"ready\"";
        }

        return NGX_CONF_OK;

    case NGX_HTTP_SENT_CONV_SANDBOX:
        return ngx_http_sent_conv_conf_sandbox(cf);

    default:
        return NGX_CONF_OK;
    }
}


/* the carriers that it stands for */

static char *
ngx_http_sent_conv_conf_sandbox(ngx_conf_t *cf)
{
    ngx_str_t                       *value, *name;
    ngx_uint_t                       i;
    ngx_http_sent_conv_main_conf_t  *smcf;

    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_sent_conv_module);
    value = cf->args->elts;

    if (smcf->sandboxed == NULL) {
        smcf->sandboxed = ngx_array_create(cf->pool, 4, sizeof(ngx_str_t));
        if (smcf->sandboxed == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    for (i = 1; i < cf->args->nelts; i++) {
        name = ngx_array_push(smcf->sandboxed);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = value[i];
    }

    return NGX_CONF_OK;
}


/* what only the whole configuration tells */

ngx_int_t
ngx_http_sent_conv_conf_check(ngx_conf_t *cf,
    ngx_http_sent_conv_main_conf_t *smcf)
{
    u_char                          *file;
    ngx_uint_t                       line;
    ngx_http_sent_conv_outlet_t     *outlet;
    ngx_http_sent_conv_loc_conf_t  **location;

    if (smcf->store.redis.addrs == NULL) {

        location = smcf->locations.elts;
        outlet = smcf->outlets.elts;

        file = smcf->locations.nelts ? location[0]->file : outlet[0].file;
        line = smcf->locations.nelts ? location[0]->line : outlet[0].line;

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "no \"sent_conv_redis\" is defined in http for "
                      "what is used in %s:%ui", file, line);
        return NGX_ERROR;
    }

    if (ngx_http_sent_conv_conf_outlets(cf, smcf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_sent_conv_conf_locations(cf, smcf);
}


static ngx_int_t
ngx_http_sent_conv_conf_outlets(ngx_conf_t *cf,
    ngx_http_sent_conv_main_conf_t *smcf)
{
    ngx_uint_t                    i;
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_sent_conv_outlet_t  *outlet;

    outlet = smcf->outlets.elts;

    for (i = 0; i < smcf->outlets.nelts; i++) {

        clcf = outlet[i].conf_ctx->loc_conf[ngx_http_core_module.ctx_index];

        if (!clcf->internal) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "the location \"%V\" of \"sent_conv_deliver\" must "
                          "be \"internal\" in %s:%ui",
                          &outlet[i].uri, outlet[i].file, outlet[i].line);
            return NGX_ERROR;
        }

        if (ngx_http_sent_conv_conf_outlet_check(cf, &outlet[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (smcf->outlets.nelts
        && ngx_http_sent_conv_conf_outlet(smcf, &ngx_http_sent_conv_webhook)
           == NULL)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "no \"sent_conv_deliver webhook\" is defined beside "
                      "that in %s:%ui", outlet[0].file, outlet[0].line);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_sent_conv_conf_locations(ngx_conf_t *cf,
    ngx_http_sent_conv_main_conf_t *smcf)
{
    ngx_uint_t                       i;
    ngx_http_sent_conv_loc_conf_t   *slcf, **location;

    location = smcf->locations.elts;

    for (i = 0; i < smcf->locations.nelts; i++) {
        slcf = location[i];

        if (slcf->role != NGX_HTTP_SENT_CONV_API
            && slcf->role != NGX_HTTP_SENT_CONV_CARRIER)
        {
            continue;
        }

        if (ngx_http_sent_conv_conf_outlet(smcf, &ngx_http_sent_conv_webhook)
            == NULL)
        {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "no \"sent_conv_deliver webhook\" is defined "
                          "for what is used in %s:%ui",
                          slcf->file, slcf->line);
            return NGX_ERROR;
        }

        if (slcf->role != NGX_HTTP_SENT_CONV_CARRIER) {
            continue;
        }

        if (ngx_http_sent_conv_conf_carrier_check(cf, smcf, slcf) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
