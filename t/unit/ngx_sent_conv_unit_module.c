
/*
 * Unit tests of the pure floors, run by nginx itself: "sent_conv_unit;" in
 * the main context runs them while the configuration is read, as TAP, and
 * "sent_conv_unit time;" measures instead.
 */


#include "ngx_sent_conv_unit.h"


static char *ngx_sent_conv_unit(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


static ngx_command_t  ngx_sent_conv_unit_commands[] = {

    { ngx_string("sent_conv_unit"),
      NGX_MAIN_CONF|NGX_DIRECT_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_sent_conv_unit,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_core_module_t  ngx_sent_conv_unit_module_ctx = {
    ngx_string("sent_conv_unit"),
    NULL,
    NULL
};


ngx_module_t  ngx_sent_conv_unit_module = {
    NGX_MODULE_V1,
    &ngx_sent_conv_unit_module_ctx,        /* module context */
    ngx_sent_conv_unit_commands,           /* module directives */
    NGX_CORE_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void (*ngx_sent_conv_unit_topics[])(ngx_pool_t *pool) = {
    ngx_sent_conv_unit_phone,
    ngx_sent_conv_unit_country,
    ngx_sent_conv_unit_keyword,
    ngx_sent_conv_unit_keyword_model,
    ngx_sent_conv_unit_segments,
    ngx_sent_conv_unit_slot,
    ngx_sent_conv_unit_template,
    ngx_sent_conv_unit_id,
    ngx_sent_conv_unit_derive,
    ngx_sent_conv_unit_time,
    ngx_sent_conv_unit_trace,
    ngx_sent_conv_unit_metrics,
    ngx_sent_conv_unit_utf8,
    ngx_sent_conv_unit_retry,
    ngx_sent_conv_unit_breaker,
    ngx_sent_conv_unit_bucket,
    ngx_sent_conv_unit_sign,
    ngx_sent_conv_unit_seal,
    ngx_sent_conv_unit_sign_hmac,
    ngx_sent_conv_unit_sign_rsa,
    ngx_sent_conv_unit_addr,
    ngx_sent_conv_unit_url,
    ngx_sent_conv_unit_json,
    ngx_sent_conv_unit_json_limit,
    ngx_sent_conv_unit_json_field,
    ngx_sent_conv_unit_jw,
    ngx_sent_conv_unit_agent,
    ngx_sent_conv_unit_formats,
    ngx_sent_conv_unit_whatsapp,
    ngx_sent_conv_unit_whatsapp_report,
    ngx_sent_conv_unit_whatsapp_out,
    ngx_sent_conv_unit_twilio,
    ngx_sent_conv_unit_twilio_out,
    ngx_sent_conv_unit_rbm_verify,
    ngx_sent_conv_unit_rbm,
    ngx_sent_conv_unit_rbm_out,
    ngx_sent_conv_unit_rbm_token,
    NULL
};


static void (*ngx_sent_conv_unit_times[])(ngx_pool_t *pool) = {
    ngx_sent_conv_unit_keyword_time,
    NULL
};


static ngx_uint_t  ngx_sent_conv_unit_n;


static char *
ngx_sent_conv_unit(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_uint_t    i;
    ngx_pool_t   *pool;
    void        (**topics)(ngx_pool_t *pool);

    topics = (cf->args->nelts > 1) ? ngx_sent_conv_unit_times
                                   : ngx_sent_conv_unit_topics;

    for (i = 0; topics[i]; i++) {

        pool = ngx_create_pool(4096, cf->log);
        if (pool == NULL) {
            return NGX_CONF_ERROR;
        }

        topics[i](pool);

        ngx_destroy_pool(pool);
    }

    printf("1..%d\n", (int) ngx_sent_conv_unit_n);
    fflush(stdout);

    return NGX_CONF_OK;
}


void
ngx_sent_conv_unit_ok(ngx_uint_t ok, const char *fmt, ...)
{
    va_list  args;

    printf("%sok %d - ", ok ? "" : "not ", (int) ++ngx_sent_conv_unit_n);

    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);

    printf("\n");
}


void
ngx_sent_conv_unit_is(ngx_str_t *got, const char *expected, const char *name)
{
    ngx_uint_t  ok;

    ok = got->len == ngx_strlen(expected)
         && (got->len == 0
             || ngx_memcmp(got->data, expected, got->len) == 0);

    ngx_sent_conv_unit_ok(ok, "%s", name);

    if (!ok) {
        printf("# got \"%.*s\"\n# expected \"%s\"\n", (int) got->len,
               (char *) got->data, expected);
    }
}


/* a copy that may be written to, with nothing readable behind it */

ngx_str_t
ngx_sent_conv_unit_str(ngx_pool_t *pool, const char *text)
{
    ngx_str_t  s;

    s.len = ngx_strlen(text);
    s.data = ngx_pnalloc(pool, s.len);

    if (s.data == NULL) {
        ngx_sent_conv_unit_ok(0, "memory");
        ngx_str_null(&s);
        return s;
    }

    ngx_memcpy(s.data, text, s.len);

    return s;
}
