
/*
 * Items of a carrier's lane, and the bodies that each format makes of them:
 * JSON or a form that says what the item says.
 */


#include "ngx_fuzz.h"


static void ngx_fuzz_parts(ngx_str_t *item, ngx_sent_conv_carrier_out_t *out);
static void ngx_fuzz_build(ngx_pool_t *pool,
    ngx_sent_conv_carrier_format_t *format, ngx_sent_conv_carrier_out_t *out,
    ngx_sent_conv_channel_e channel);
static void ngx_fuzz_json_post(ngx_pool_t *pool,
    ngx_sent_conv_carrier_format_t *format, ngx_sent_conv_carrier_out_t *out,
    ngx_str_t *body);
static void ngx_fuzz_form_post(ngx_pool_t *pool,
    ngx_sent_conv_carrier_out_t *out, ngx_sent_conv_channel_e channel,
    ngx_str_t *body);


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    ngx_int_t                        rc;
    ngx_uint_t                       i, channel;
    ngx_sent_conv_carrier_out_t      out, bare;
    ngx_sent_conv_carrier_format_t  *format;

    ngx_sent_conv_carrier_format_t  *formats[] = {
        &ngx_sent_conv_carrier_generic,
        &ngx_sent_conv_carrier_whatsapp_cloud,
        &ngx_sent_conv_carrier_twilio,
        &ngx_sent_conv_carrier_rbm
    };

    /* no memory and no item are told alike */

    ngx_memset(&bare, 0xa5, sizeof(ngx_sent_conv_carrier_out_t));
    ngx_memset(&out, 0xa5, sizeof(ngx_sent_conv_carrier_out_t));

    rc = ngx_sent_conv_carrier_out_parse(NULL, input, &bare);

    if (rc != NGX_OK) {
        ngx_fuzz_assert(rc == NGX_ERROR);
        ngx_fuzz_assert(ngx_sent_conv_carrier_out_parse(pool, input, &out)
                        == NGX_ERROR);
        return;
    }

    ngx_fuzz_parts(input, &bare);
    ngx_fuzz_assert(bare.template == NULL);

    if (ngx_sent_conv_carrier_out_parse(pool, input, &out) != NGX_OK) {
        ngx_fuzz_assert(memchr(input->data, 'T', input->len) != NULL);
        return;
    }

    ngx_fuzz_parts(input, &out);

    for (i = 0; i < 4; i++) {
        format = formats[(ngx_fuzz_hash + i) % 4];

        for (channel = 0; channel < NGX_SENT_CONV_CHANNELS; channel++) {
            if (format->channels & (1 << channel)) {
                ngx_fuzz_build(pool, format, &out, channel);
            }
        }
    }
}


/* they stand in the item, in order, with a space behind each */

static void
ngx_fuzz_parts(ngx_str_t *item, ngx_sent_conv_carrier_out_t *out)
{
    u_char  *last;

    last = item->data + item->len;

    ngx_fuzz_assert(out->message_id.data == item->data);
    ngx_fuzz_assert(out->message_id.len && out->from.len && out->to.len);
    ngx_fuzz_assert(out->from.data + out->from.len + 1 == out->to.data);
    ngx_fuzz_assert(out->to.data + out->to.len + 1 == out->text.data);
    ngx_fuzz_assert(out->text.len && out->text.data + out->text.len == last);
    ngx_fuzz_assert(memchr(out->to.data, ' ', out->to.len) == NULL);
    ngx_fuzz_assert(memchr(out->from.data, ' ', out->from.len) == NULL);

    if (out->trace.data != NULL) {
        ngx_fuzz_assert(out->trace.data[-1] == ';');
        ngx_fuzz_assert(out->trace.data[out->trace.len] == ' ');
        ngx_fuzz_assert(memchr(out->trace.data, ' ', out->trace.len) == NULL);
    }

    if (out->conversation_id.len) {
        ngx_fuzz_assert(out->conversation_id.data + out->conversation_id.len
                        + 1 == out->from.data);
    }

    if (out->template != NULL) {
        ngx_fuzz_assert(out->template->type == NGX_SENT_CONV_JSON_OBJECT);
        ngx_fuzz_assert(out->template_json.len);
    }
}


static void
ngx_fuzz_build(ngx_pool_t *pool, ngx_sent_conv_carrier_format_t *format,
    ngx_sent_conv_carrier_out_t *out, ngx_sent_conv_channel_e channel)
{
    char                          *err;
    ngx_int_t                      rc;
    ngx_str_t                      none;
    ngx_sent_conv_json_t          *value;
    ngx_sent_conv_carrier_conf_t   conf;
    ngx_sent_conv_carrier_post_t   post;

    ngx_fuzz_conf(pool, &conf);

    if (ngx_fuzz_hash & 1) {
        none = ngx_fuzz_cstr(pool, "");
        conf.url = none;
    }

    ngx_fuzz_begin();

    rc = format->build(pool, &conf, out, channel, &post);

    if (ngx_fuzz_starved(rc)) {
        return;
    }

    ngx_fuzz_assert(rc == NGX_OK && post.type.len);

    if (format == &ngx_sent_conv_carrier_twilio) {
        ngx_fuzz_form_post(pool, out, channel, &post.body);

    /* the scripts make the text, and it is JSON; our ids have no U+0000 */

    } else if (ngx_sent_conv_json_parse_str(pool, &out->text, &value, &err)
               == NGX_OK
               && memchr(post.body.data, '\\', post.body.len) == NULL)
    {
        ngx_fuzz_json_post(pool, format, out, &post.body);
    }
}


static void
ngx_fuzz_json_post(ngx_pool_t *pool, ngx_sent_conv_carrier_format_t *format,
    ngx_sent_conv_carrier_out_t *out, ngx_str_t *body)
{
    char                  *err;
    ngx_str_t             *to;
    ngx_sent_conv_json_t  *value;

    ngx_fuzz_assert(ngx_sent_conv_json_parse_str(pool, body, &value, &err)
                    == NGX_OK);

    if (format == &ngx_sent_conv_carrier_rbm || !ngx_fuzz_text(&out->to)) {
        return;
    }

    to = ngx_sent_conv_carrier_string(value, "to");
    ngx_fuzz_assert(to != NULL && ngx_fuzz_same(to, &out->to));
}


static void
ngx_fuzz_form_post(ngx_pool_t *pool, ngx_sent_conv_carrier_out_t *out,
    ngx_sent_conv_channel_e channel, ngx_str_t *body)
{
    ngx_str_t    *value, to;
    ngx_array_t   fields;

    ngx_fuzz_assert(ngx_sent_conv_carrier_form_parse(pool, body, &fields)
                    == NGX_OK);
    ngx_fuzz_assert(fields.nelts >= 2 && fields.nelts <= 5);

    value = ngx_sent_conv_carrier_form_get(&fields, "To");
    ngx_fuzz_assert(value != NULL);

    to = *value;

    if (channel == NGX_SENT_CONV_WHATSAPP) {
        ngx_fuzz_assert(to.len > 9
                        && ngx_memcmp(to.data, "whatsapp:", 9) == 0);
        to.data += 9;
        to.len -= 9;
    }

    ngx_fuzz_assert(ngx_fuzz_same(&to, &out->to));

    ngx_fuzz_assert((ngx_sent_conv_carrier_form_get(&fields, "Body") != NULL)
                    != (ngx_sent_conv_carrier_form_get(&fields, "ContentSid")
                        != NULL));
}
