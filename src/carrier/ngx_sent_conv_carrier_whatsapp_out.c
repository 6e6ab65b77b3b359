
/*
 * What WhatsApp gets from us: the body of POST /<phone number id>/messages, by
 * Meta's "WhatsApp Business Platform: Messages API", version v25.0 of 2026.
 */


#include "ngx_sent_conv_carrier_whatsapp.h"


static void ngx_sent_conv_whatsapp_template(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_json_t *template);


ngx_int_t
ngx_sent_conv_whatsapp_build(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_out_t *out,
    ngx_sent_conv_channel_e channel, ngx_sent_conv_carrier_post_t *post)
{
    ngx_sent_conv_jw_t  w;

    ngx_sent_conv_jw_init(&w, pool, 320 + out->text.len
                                    + out->template_json.len);

    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_cstr(&w, "messaging_product", "whatsapp");
    ngx_sent_conv_jw_cstr(&w, "recipient_type", "individual");
    ngx_sent_conv_jw_str(&w, "to", &out->to);
    ngx_sent_conv_jw_str(&w, "biz_opaque_callback_data", &out->message_id);

    if (out->template != NULL) {
        ngx_sent_conv_whatsapp_template(&w, out->template);

    } else {
        ngx_sent_conv_jw_cstr(&w, "type", "text");
        ngx_sent_conv_jw_open(&w, "text", '{');
        ngx_sent_conv_jw_bool(&w, "preview_url", 0);
        ngx_sent_conv_jw_raw(&w, "body", &out->text);
        ngx_sent_conv_jw_close(&w, '}');
    }

    ngx_sent_conv_jw_close(&w, '}');

    ngx_str_set(&post->type, "application/json");

    return ngx_sent_conv_jw_done(&w, &post->body);
}


static void
ngx_sent_conv_whatsapp_template(ngx_sent_conv_jw_t *w,
    ngx_sent_conv_json_t *template)
{
    ngx_sent_conv_json_t  *parameters, *v;

    ngx_sent_conv_jw_cstr(w, "type", "template");
    ngx_sent_conv_jw_open(w, "template", '{');
    ngx_sent_conv_jw_str(w, "name",
                         ngx_sent_conv_carrier_string(template,
                                                      "whatsapp_name"));
    ngx_sent_conv_jw_open(w, "language", '{');
    ngx_sent_conv_jw_str(w, "code",
                         ngx_sent_conv_carrier_string(template, "language"));
    ngx_sent_conv_jw_close(w, '}');

    parameters = ngx_sent_conv_carrier_object(template, "parameters");

    if (parameters != NULL && parameters->n) {

        ngx_sent_conv_jw_open(w, "components", '[');
        ngx_sent_conv_jw_open(w, NULL, '{');
        ngx_sent_conv_jw_cstr(w, "type", "body");
        ngx_sent_conv_jw_open(w, "parameters", '[');

        for (v = parameters->first; v != NULL; v = v->next) {
            ngx_sent_conv_jw_open(w, NULL, '{');
            ngx_sent_conv_jw_cstr(w, "type", "text");
            ngx_sent_conv_jw_str(w, "text", &v->text);
            ngx_sent_conv_jw_close(w, '}');
        }

        ngx_sent_conv_jw_close(w, ']');
        ngx_sent_conv_jw_close(w, '}');
        ngx_sent_conv_jw_close(w, ']');
    }

    ngx_sent_conv_jw_close(w, '}');
}
