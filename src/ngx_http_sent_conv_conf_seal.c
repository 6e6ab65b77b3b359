
/*
 * What the directive says of the keys that secrets are sealed with.
 */


#include "ngx_http_sent_conv.h"


/* "<file> [<former file>]" */

char *
ngx_http_sent_conv_conf_seal(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_sent_conv_main_conf_t *smcf = conf;

    char                        *rv;
    ngx_int_t                    rc;
    ngx_str_t                   *value, text;
    ngx_uint_t                   i;
    ngx_sent_conv_seal_key_t    *seals;
    ngx_sent_conv_store_conf_t  *store;

    store = &smcf->store;

    if (store->nseals) {
        return "is duplicate";
    }

    seals = ngx_pcalloc(cf->pool, 2 * sizeof(ngx_sent_conv_seal_key_t));
    if (seals == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    for (i = 0; i + 1 < cf->args->nelts; i++) {

        rv = ngx_http_sent_conv_conf_file(cf, &value[i + 1], &text);
        if (rv != NGX_CONF_OK) {
            return rv;
        }

        rc = ngx_sent_conv_seal_key(&seals[i], &text);

        ngx_explicit_memzero(text.data, text.len);

        if (rc != NGX_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "file \"%V\" does not hold a key of 64 "
                               "hexadecimal digits", &value[i + 1]);
            return NGX_CONF_ERROR;
        }
    }

    if (i == 2 && ngx_memcmp(&seals[0], &seals[1],
                             sizeof(ngx_sent_conv_seal_key_t))
                  == 0)
    {
        return "has the same key twice";
    }

    store->seals = seals;
    store->nseals = i;

    return NGX_CONF_OK;
}
