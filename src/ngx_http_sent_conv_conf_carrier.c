
/*
 * What the directives of a carrier say: its two locations, its format, and
 * what that needs.
 */


#include "ngx_http_sent_conv.h"


#define NGX_HTTP_SENT_CONV_NAME_MAX  64


static ngx_int_t ngx_http_sent_conv_conf_name(ngx_str_t *name);
static ngx_int_t ngx_http_sent_conv_conf_carrier_need(ngx_conf_t *cf,
    ngx_http_sent_conv_loc_conf_t *slcf, ngx_str_t *value,
    ngx_uint_t needed, const char *directive);


static char  ngx_http_sent_conv_conf_format[] =
    "has an unknown format: \"generic\", \"whatsapp_cloud\", \"twilio\" or "
    "\"rbm\"";


char *
ngx_http_sent_conv_conf_carrier(ngx_conf_t *cf,
    ngx_http_sent_conv_loc_conf_t *slcf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (ngx_http_sent_conv_conf_name(&value[1]) != NGX_OK) {
        return "has an invalid name: 1 to 64 letters, digits, \"_\", \"-\"";
    }

    slcf->carrier = value[1];
    slcf->channel = ngx_sent_conv_channel_parse(&value[2]);

    if (slcf->channel == NGX_SENT_CONV_CHANNELS) {
        return "has an unknown channel: \"whatsapp\", \"sms\" or \"rcs\"";
    }

    slcf->format = ngx_sent_conv_carrier_format(&value[3]);

    if (slcf->format == NULL) {
        return ngx_http_sent_conv_conf_format;
    }

    if (!(slcf->format->channels & (1 << slcf->channel))) {
        return "has a format that is not spoken on that channel";
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_sent_conv_conf_name(ngx_str_t *name)
{
    u_char  c;
    size_t  i;

    if (name->len == 0 || name->len > NGX_HTTP_SENT_CONV_NAME_MAX) {
        return NGX_ERROR;
    }

    for (i = 0; i < name->len; i++) {
        c = (u_char) (name->data[i] | 0x20);

        if ((c < 'a' || c > 'z')
            && (name->data[i] < '0' || name->data[i] > '9')
            && name->data[i] != '_' && name->data[i] != '-')
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* of a file's content, into the slot */

char *
ngx_http_sent_conv_conf_secret(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    ngx_str_t  *field, *value;

    field = (ngx_str_t *) (p + cmd->offset);

    if (field->data != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    return ngx_http_sent_conv_conf_file(cf, &value[1], field);
}


char *
ngx_http_sent_conv_conf_url(ngx_conf_t *cf, void *post, void *data)
{
    ngx_str_t *text = data;

    char                 *err;
    ngx_sent_conv_url_t   url;

    if (ngx_sent_conv_url_parse(cf->pool, text, &url, &err) != NGX_OK
        || ngx_strlchr(text->data, text->data + text->len, '?') != NULL)
    {
        return "is not an http or https URL without a query";
    }

    return NGX_CONF_OK;
}


char *
ngx_http_sent_conv_conf_number(ngx_conf_t *cf, void *post, void *data)
{
    ngx_str_t *number = data;

    if (ngx_sent_conv_phone_check(number) != NGX_OK) {
        return "is not an E.164 number";
    }

    return NGX_CONF_OK;
}


char *
ngx_http_sent_conv_conf_account(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_sent_conv_loc_conf_t *slcf = conf;

    char       *rv;
    ngx_str_t  *value, text;

    if (slcf->account != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    rv = ngx_http_sent_conv_conf_file(cf, &value[1], &text);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    slcf->account = ngx_pcalloc(cf->pool,
                                sizeof(ngx_sent_conv_carrier_account_t));
    if (slcf->account == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ngx_sent_conv_carrier_account_parse(cf->pool, &text, slcf->account)
        != NGX_OK)
    {
        return "has no \"client_email\", \"private_key\" and \"token_uri\" of "
               "a service account";
    }

    return NGX_CONF_OK;
}


char *
ngx_http_sent_conv_conf_deliver(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_str_t                       *value, name;
    ngx_http_core_loc_conf_t        *clcf;
    ngx_http_sent_conv_outlet_t     *outlet;
    ngx_http_sent_conv_main_conf_t  *smcf;
    ngx_sent_conv_carrier_format_t  *format;

    value = cf->args->elts;

    format = &ngx_sent_conv_carrier_generic;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "webhook") == 0) {
        ngx_str_null(&name);

    } else if (cf->args->nelts > 2
               && ngx_strcmp(value[1].data, "carrier") == 0
               && ngx_http_sent_conv_conf_name(&value[2]) == NGX_OK)
    {
        name = value[2];

    } else {
        return "must be \"webhook\" or \"carrier <name> [<format>]\"";
    }

    if (cf->args->nelts == 4) {
        format = ngx_sent_conv_carrier_format(&value[3]);

        if (format == NULL) {
            return ngx_http_sent_conv_conf_format;
        }
    }

    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_sent_conv_module);

    if (ngx_http_sent_conv_conf_outlet(smcf, &name) != NULL) {
        return "is duplicate";
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->named
#if (NGX_PCRE)
        || clcf->regex != NULL
#endif
       )
    {
        return "must be in a location that is neither named nor a regular "
               "expression";
    }

    outlet = ngx_array_push(&smcf->outlets);
    if (outlet == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(outlet, sizeof(ngx_http_sent_conv_outlet_t));

    outlet->carrier = name;
    outlet->format = format;
    outlet->slcf = conf;
    outlet->uri = clcf->name;
    outlet->conf_ctx = cf->ctx;
    outlet->file = cf->conf_file->file.name.data;
    outlet->line = cf->conf_file->line;

    return NGX_CONF_OK;
}


/* an inbound location, and the way out that belongs to it */

ngx_int_t
ngx_http_sent_conv_conf_carrier_check(ngx_conf_t *cf,
    ngx_http_sent_conv_main_conf_t *smcf,
    ngx_http_sent_conv_loc_conf_t *slcf)
{
    ngx_http_sent_conv_outlet_t     *outlet;
    ngx_sent_conv_carrier_format_t  *format;

    format = slcf->format;

    if (ngx_http_sent_conv_conf_carrier_need(cf, slcf,
                                 &slcf->carrier_conf.secret, 1,
                                 "sent_conv_carrier_secret")
        != NGX_OK
        || ngx_http_sent_conv_conf_carrier_need(cf, slcf,
                                 &slcf->carrier_conf.verify_token,
                                 format
                                 == &ngx_sent_conv_carrier_whatsapp_cloud,
                                 "sent_conv_carrier_verify_token")
           != NGX_OK
        || ngx_http_sent_conv_conf_carrier_need(cf, slcf,
                                 &slcf->carrier_conf.url,
                                 format == &ngx_sent_conv_carrier_twilio,
                                 "sent_conv_carrier_url")
           != NGX_OK
        || ngx_http_sent_conv_conf_carrier_need(cf, slcf,
                                 &slcf->carrier_conf.number,
                                 format == &ngx_sent_conv_carrier_rbm,
                                 "sent_conv_carrier_number")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    outlet = ngx_http_sent_conv_conf_outlet(smcf, &slcf->carrier);

    if (outlet == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "no \"sent_conv_deliver carrier %V\" is defined "
                      "for what is used in %s:%ui",
                      &slcf->carrier, slcf->file, slcf->line);
        return NGX_ERROR;
    }

    if (outlet->format != format) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "the carrier \"%V\" has the format \"%V\" in %s:%ui "
                      "and \"%V\" in %s:%ui", &slcf->carrier,
                      &format->name, slcf->file, slcf->line,
                      &outlet->format->name, outlet->file, outlet->line);
        return NGX_ERROR;
    }

    outlet->carrier_conf = slcf->carrier_conf;

    return NGX_OK;
}


static ngx_int_t
ngx_http_sent_conv_conf_carrier_need(ngx_conf_t *cf,
    ngx_http_sent_conv_loc_conf_t *slcf, ngx_str_t *value,
    ngx_uint_t needed, const char *directive)
{
    if (!needed || value->len) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "no \"%s\" is defined for the carrier \"%V\" in %s:%ui",
                  directive, &slcf->carrier, slcf->file, slcf->line);

    return NGX_ERROR;
}


/* what an RBM agent's way out needs besides */

ngx_int_t
ngx_http_sent_conv_conf_outlet_check(ngx_conf_t *cf,
    ngx_http_sent_conv_outlet_t *outlet)
{
    if (outlet->format != &ngx_sent_conv_carrier_rbm
        || (outlet->slcf->account != NULL && outlet->slcf->token_uri.len))
    {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "no \"%s\" is defined beside the \"sent_conv_deliver\" in "
                  "%s:%ui", outlet->slcf->account == NULL
                            ? "sent_conv_carrier_account"
                            : "sent_conv_carrier_token_location",
                  outlet->file, outlet->line);

    return NGX_ERROR;
}


/* an empty name: that of webhooks; NULL: there is none */

ngx_http_sent_conv_outlet_t *
ngx_http_sent_conv_conf_outlet(ngx_http_sent_conv_main_conf_t *smcf,
    ngx_str_t *carrier)
{
    ngx_uint_t                    i;
    ngx_http_sent_conv_outlet_t  *outlet;

    outlet = smcf->outlets.elts;

    for (i = 0; i < smcf->outlets.nelts; i++) {

        if (outlet[i].carrier.len == carrier->len
            && (carrier->len == 0
                || ngx_memcmp(outlet[i].carrier.data, carrier->data,
                              carrier->len)
                   == 0))
        {
            return &outlet[i];
        }
    }

    return NULL;
}
