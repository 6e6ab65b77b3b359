
/*
 * The "twilio" format: who speaks, by Twilio's "Secure webhooks" of 13 August
 * 2026, and as its libraries do it, where that page is silent.
 */


#include "ngx_sent_conv_carrier_twilio.h"


/* a URL on both sides of its port */

typedef struct {
    ngx_str_t     head;              /* scheme and host */
    ngx_str_t     port;              /* with its colon; the scheme's, if the
                                        URL names none */
    ngx_str_t     tail;              /* path and the request's query */
} ngx_sent_conv_twilio_url_t;


static ngx_int_t ngx_sent_conv_twilio_verify(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in);
static ngx_int_t ngx_sent_conv_twilio_url(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_str_t *args,
    ngx_sent_conv_twilio_url_t *url);
static void ngx_sent_conv_twilio_sort(ngx_array_t *fields);
static ngx_int_t ngx_sent_conv_twilio_cmp(ngx_sent_conv_carrier_field_t *a,
    ngx_sent_conv_carrier_field_t *b);
static ngx_int_t ngx_sent_conv_twilio_cmp_str(ngx_str_t *a, ngx_str_t *b);
static u_char *ngx_sent_conv_twilio_cpystr(u_char *p, ngx_str_t *text);


ngx_sent_conv_carrier_format_t  ngx_sent_conv_carrier_twilio = {
    ngx_string("twilio"),
    ngx_string("x-twilio-signature"),
    ngx_sent_conv_twilio_verify,
    ngx_sent_conv_twilio_parse,
    NULL,
    ngx_sent_conv_twilio_build,
    ngx_sent_conv_twilio_verdict,
    1 << NGX_SENT_CONV_WHATSAPP | 1 << NGX_SENT_CONV_SMS,
    1,
    0,
    0
};


/*
 * Twilio signs now with, now without the port of the URL; what is signed
 * stands in one text, in which the port moves the head.
 */

static ngx_int_t
ngx_sent_conv_twilio_verify(ngx_pool_t *pool,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in)
{
    u_char                         *p, *port;
    u_char                          signature[NGX_SENT_CONV_HMAC_SHA1_LEN];
    size_t                          len;
    ngx_int_t                       rc;
    ngx_str_t                       text, is;
    ngx_uint_t                      i, equal;
    ngx_array_t                     fields;
    ngx_sent_conv_twilio_url_t      url;
    ngx_sent_conv_carrier_field_t  *field;

    if (in->signature.len != NGX_SENT_CONV_HMAC_SHA1_LEN) {
        return NGX_DECLINED;
    }

    rc = ngx_sent_conv_carrier_form_parse(pool, &in->body, &fields);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_twilio_url(pool, conf, &in->args, &url);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_sent_conv_twilio_sort(&fields);

    field = fields.elts;
    len = url.head.len + url.port.len + url.tail.len;

    for (i = 0; i < fields.nelts; i++) {
        len += field[i].name.len + field[i].value.len;
    }

    text.data = ngx_pnalloc(pool, len);
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sent_conv_twilio_cpystr(text.data, &url.head);
    port = p;
    p = ngx_sent_conv_twilio_cpystr(p, &url.port);
    p = ngx_sent_conv_twilio_cpystr(p, &url.tail);

    for (i = 0; i < fields.nelts; i++) {

        /* the same field twice counts once */

        if (i && ngx_sent_conv_twilio_cmp(&field[i - 1], &field[i]) == 0) {
            continue;
        }

        p = ngx_sent_conv_twilio_cpystr(p, &field[i].name);
        p = ngx_sent_conv_twilio_cpystr(p, &field[i].value);
    }

    is.data = signature;
    is.len = NGX_SENT_CONV_HMAC_SHA1_LEN;

    text.len = p - text.data;

    if (ngx_sent_conv_sign_hmac_sha1(signature, &conf->secret, &text)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    equal = ngx_sent_conv_sign_equal(&is, &in->signature);

    ngx_memmove(text.data + url.port.len, text.data, port - text.data);

    text.data += url.port.len;
    text.len -= url.port.len;

    if (ngx_sent_conv_sign_hmac_sha1(signature, &conf->secret, &text)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    equal |= ngx_sent_conv_sign_equal(&is, &in->signature);

    return equal ? NGX_OK : NGX_DECLINED;
}


/* a query that the configured URL has comes with the request, too */

static ngx_int_t
ngx_sent_conv_twilio_url(ngx_pool_t *pool, ngx_sent_conv_carrier_conf_t *conf,
    ngx_str_t *args, ngx_sent_conv_twilio_url_t *url)
{
    u_char      *p, *host, *last, *path, *port;
    ngx_str_t   *known;
    ngx_uint_t   tls;

    static ngx_str_t  ports[] = { ngx_string(":80"), ngx_string(":443") };

    tls = conf->url.len > 8
          && ngx_strncasecmp(conf->url.data, (u_char *) "https://", 8) == 0;
    known = &ports[tls];

    last = conf->url.data + conf->url.len;

    host = ngx_strnstr(conf->url.data, "://", conf->url.len);
    host = (host != NULL) ? host + 3 : last;

    for (path = host; path < last && *path != '/' && *path != '?'; path++) {
        /* void */
    }

    /* behind the user and the brackets of IPv6 */

    for (port = path; port > host; port--) {
        if (port[-1] == ':' || port[-1] == '@' || port[-1] == ']') {
            break;
        }
    }

    if (port > host && port[-1] == ':') {
        url->port.data = port - 1;
        url->port.len = path - url->port.data;

    } else {
        url->port = *known;
        port = path + 1;
    }

    url->head.data = conf->url.data;
    url->head.len = port - 1 - conf->url.data;

    p = ngx_strlchr(path, last, '?');
    if (p == NULL) {
        p = last;
    }

    url->tail.len = p - path;
    url->tail.data = ngx_pnalloc(pool, url->tail.len + 1 + args->len);
    if (url->tail.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(url->tail.data, path, url->tail.len);

    if (args->len) {
        *p++ = '?';
        p = ngx_sent_conv_twilio_cpystr(p, args);
    }

    url->tail.len = p - url->tail.data;

    return NGX_OK;
}


/* by name and value; of a few fields, in place, without anything of nginx's */

static void
ngx_sent_conv_twilio_sort(ngx_array_t *fields)
{
    ngx_uint_t                      i, j;
    ngx_sent_conv_carrier_field_t  *field, moved;

    field = fields->elts;

    for (i = 1; i < fields->nelts; i++) {
        moved = field[i];

        for (j = i;
             j > 0 && ngx_sent_conv_twilio_cmp(&field[j - 1], &moved) > 0;
             j--)
        {
            field[j] = field[j - 1];
        }

        field[j] = moved;
    }
}


static ngx_int_t
ngx_sent_conv_twilio_cmp(ngx_sent_conv_carrier_field_t *a,
    ngx_sent_conv_carrier_field_t *b)
{
    ngx_int_t  rc;

    rc = ngx_sent_conv_twilio_cmp_str(&a->name, &b->name);

    return rc ? rc : ngx_sent_conv_twilio_cmp_str(&a->value, &b->value);
}


static ngx_int_t
ngx_sent_conv_twilio_cmp_str(ngx_str_t *a, ngx_str_t *b)
{
    ngx_int_t  rc;

    rc = ngx_memcmp(a->data, b->data, ngx_min(a->len, b->len));

    return rc ? rc : (ngx_int_t) a->len - (ngx_int_t) b->len;
}


static u_char *
ngx_sent_conv_twilio_cpystr(u_char *p, ngx_str_t *text)
{
    return ngx_cpymem(p, text->data, text->len);
}
