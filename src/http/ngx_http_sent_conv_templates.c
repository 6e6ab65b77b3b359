
/*
 * GET /v3/templates: what the operator has registered for the customer.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


static ngx_uint_t ngx_http_sent_conv_template_on(
    ngx_sent_conv_template_t *template, ngx_sent_conv_channel_e channel);


void
ngx_http_sent_conv_templates(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t                   value;
    ngx_uint_t                  i, total;
    ngx_sent_conv_jw_t          w;
    ngx_sent_conv_channel_e     channel;
    ngx_sent_conv_template_t   *template;
    ngx_http_sent_conv_page_t   page;

    channel = NGX_SENT_CONV_CHANNELS;

    ngx_http_sent_conv_query_offset(call, &page);

    if (ngx_http_sent_conv_query_get(call, "channel", &value) == NGX_OK) {
        channel = ngx_sent_conv_channel_parse(&value);

        if (channel == NGX_SENT_CONV_CHANNELS) {
            ngx_http_sent_conv_form_fault(call, "channel",
                                          NGX_HTTP_SENT_CONV_E_VALUE,
                                          "must be whatsapp, sms or rcs");
        }
    }

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    template = call->customer->templates.elts;
    total = 0;

    ngx_http_sent_conv_reply_open(call, &w, 4096);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "templates", '[');

    for (i = call->customer->templates.nelts; i > 0; i--) {

        if (!ngx_http_sent_conv_template_on(&template[i - 1], channel)) {
            continue;
        }

        if (total >= page.offset && total < page.offset + page.size) {
            ngx_http_sent_conv_template_write(&w, NULL, &template[i - 1]);
        }

        total++;
    }

    ngx_sent_conv_jw_close(&w, ']');

    ngx_http_sent_conv_query_offsets(&w, &page, total);

    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static ngx_uint_t
ngx_http_sent_conv_template_on(ngx_sent_conv_template_t *template,
    ngx_sent_conv_channel_e channel)
{
    switch (channel) {

    case NGX_SENT_CONV_WHATSAPP:
        return template->whatsapp_name.len > 0;

    case NGX_SENT_CONV_SMS:
        return template->sms_text.len > 0 || template->content_sid.len > 0;

    case NGX_SENT_CONV_RCS:
        return template->rcs_text.len > 0;

    default:
        return 1;
    }
}


void
ngx_http_sent_conv_template(ngx_http_sent_conv_call_t *call)
{
    ngx_str_t                 *id;
    ngx_sent_conv_jw_t         w;
    ngx_sent_conv_template_t  *template;

    id = ngx_http_sent_conv_form_id(call, 0, "id");

    if (id == NULL) {
        return;
    }

    template = ngx_sent_conv_customer_template(call->customer, id);

    if (template == NULL) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_TEMPLATE, NULL);
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 1024);
    ngx_http_sent_conv_template_write(&w, "data", template);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


void
ngx_http_sent_conv_template_write(ngx_sent_conv_jw_t *w, const char *name,
    ngx_sent_conv_template_t *template)
{
    ngx_str_t   *parameter;
    ngx_uint_t   i;

    parameter = template->parameters.elts;

    ngx_sent_conv_jw_open(w, name, '{');
    ngx_sent_conv_jw_str(w, "id", &template->id);
    ngx_sent_conv_jw_str(w, "name", &template->name);
    ngx_sent_conv_jw_open(w, "parameters", '[');

    for (i = 0; i < template->parameters.nelts; i++) {
        ngx_sent_conv_jw_str(w, NULL, &parameter[i]);
    }

    ngx_sent_conv_jw_close(w, ']');
    ngx_sent_conv_jw_open(w, "channels", '{');

    if (template->whatsapp_name.len) {
        ngx_sent_conv_jw_open(w, "whatsapp", '{');
        ngx_sent_conv_jw_str(w, "name", &template->whatsapp_name);
        ngx_sent_conv_jw_str(w, "language", &template->language);
        ngx_sent_conv_jw_close(w, '}');
    }

    if (template->sms_text.len || template->content_sid.len) {
        ngx_sent_conv_jw_open(w, "sms", '{');

        if (template->sms_text.len) {
            ngx_sent_conv_jw_str(w, "text", &template->sms_text);

        } else {
            ngx_sent_conv_jw_str(w, "content_sid", &template->content_sid);
        }

        ngx_sent_conv_jw_close(w, '}');
    }

    if (template->rcs_text.len) {
        ngx_sent_conv_jw_open(w, "rcs", '{');
        ngx_sent_conv_jw_str(w, "text", &template->rcs_text);
        ngx_sent_conv_jw_close(w, '}');
    }

    ngx_sent_conv_jw_close(w, '}');
    ngx_sent_conv_jw_time(w, "created_at", template->created_at);
    ngx_sent_conv_jw_close(w, '}');
}
