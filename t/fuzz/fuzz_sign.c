
/*
 * Signatures: the first line names the format, the second is the header, the
 * third the query, the rest the body.  Only what libcrypto itself would sign
 * so passes.
 */


#include "ngx_fuzz.h"

#include <openssl/hmac.h>


/* an inbound location's URL, in its parts */

typedef struct {
    const char   *url;
    const char   *head;
    const char   *port;
    const char   *tail;
} ngx_fuzz_url_t;


/* what would be right: two where Twilio signs now so, now so */

typedef struct {
    ngx_str_t     right[2];
    ngx_uint_t    n;
    ngx_uint_t    free;              /* it needs none */
} ngx_fuzz_right_t;


static ngx_sent_conv_carrier_format_t *ngx_fuzz_format(ngx_str_t *name);
static ngx_int_t ngx_fuzz_verify(ngx_pool_t *pool,
    ngx_sent_conv_carrier_format_t *format,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in);
static void ngx_fuzz_right(ngx_pool_t *pool,
    ngx_sent_conv_carrier_format_t *format, ngx_fuzz_url_t *url,
    ngx_sent_conv_carrier_in_t *in, ngx_fuzz_right_t *right);
static void ngx_fuzz_right_hex(ngx_pool_t *pool, ngx_str_t *body,
    ngx_fuzz_right_t *right);
static void ngx_fuzz_right_twilio(ngx_pool_t *pool, ngx_fuzz_url_t *url,
    ngx_sent_conv_carrier_in_t *in, ngx_fuzz_right_t *right);
static void ngx_fuzz_right_rbm(ngx_pool_t *pool, ngx_str_t *body,
    ngx_fuzz_right_t *right);
static ngx_str_t ngx_fuzz_hmac(ngx_pool_t *pool, const EVP_MD *evp,
    u_char *data, size_t len);
static int ngx_libc_cdecl ngx_fuzz_cmp(const void *one, const void *two);
static int ngx_fuzz_cmp_str(const ngx_str_t *a, const ngx_str_t *b);


static ngx_fuzz_url_t  ngx_fuzz_urls[] = {
    { "https://example.com/in", "https://example.com", ":443", "/in" },
    { "https://example.com:8443/in?x=1", "https://example.com", ":8443",
      "/in" },
    { "http://me:pw@example.com/", "http://me:pw@example.com", ":80", "/" },
    { "https://[2001:db8::1]:443/a/b", "https://[2001:db8::1]", ":443",
      "/a/b" },
    { "http://[2001:db8::1]", "http://[2001:db8::1]", ":80", "" },
    { "HTTPS://example.com", "HTTPS://example.com", ":443", "" }
};


void
ngx_fuzz_one(ngx_pool_t *pool, ngx_str_t *input)
{
    ngx_int_t                        rc;
    ngx_str_t                        name;
    ngx_uint_t                       i, good;
    ngx_fuzz_url_t                  *url;
    ngx_fuzz_right_t                 right;
    ngx_sent_conv_carrier_in_t       in;
    ngx_sent_conv_carrier_conf_t     conf;
    ngx_sent_conv_carrier_format_t  *format;

    name = ngx_fuzz_line(pool, input);
    format = ngx_fuzz_format(&name);

    url = &ngx_fuzz_urls[ngx_fuzz_hash % (sizeof(ngx_fuzz_urls)
                                          / sizeof(ngx_fuzz_url_t))];

    ngx_fuzz_conf(pool, &conf);
    conf.url = ngx_fuzz_cstr(pool, url->url);

    in.signature = ngx_fuzz_line(pool, input);
    in.args = ngx_fuzz_line(pool, input);
    in.body = *input;

    ngx_fuzz_begin();

    rc = format->verify(pool, &conf, &in);

    if (ngx_fuzz_starved(rc)) {
        return;
    }

    ngx_fuzz_assert(rc == NGX_OK || rc == NGX_DECLINED);

    ngx_memzero(&right, sizeof(ngx_fuzz_right_t));
    ngx_fuzz_right(pool, format, url, &in, &right);

    name = ngx_fuzz_copy(pool, in.signature.data, in.signature.len);

    if (name.len == 71 && !format->form
        && format != &ngx_sent_conv_carrier_rbm)
    {
        /* hex may be in capitals */

        ngx_strlow(name.data + 7, name.data + 7, 64);
    }

    good = right.free;

    for (i = 0; i < right.n; i++) {
        good |= ngx_fuzz_same(&right.right[i], &name);
    }

    ngx_fuzz_assert((rc == NGX_OK) == good);

    for (i = 0; i < right.n; i++) {

        in.signature = ngx_fuzz_copy(pool, right.right[i].data,
                                     right.right[i].len);
        ngx_fuzz_assert(ngx_fuzz_verify(pool, format, &conf, &in) == NGX_OK);

        in.signature.data[ngx_fuzz_hash % in.signature.len] ^= 1;
        ngx_fuzz_assert(ngx_fuzz_verify(pool, format, &conf, &in)
                        == NGX_DECLINED);

        in.signature.len--;
        ngx_fuzz_assert(ngx_fuzz_verify(pool, format, &conf, &in)
                        == NGX_DECLINED);
    }
}


static ngx_sent_conv_carrier_format_t *
ngx_fuzz_format(ngx_str_t *name)
{
    ngx_sent_conv_carrier_format_t  *format;

    format = ngx_sent_conv_carrier_format(name);

    if (format != NULL) {
        return format;
    }

    switch (name->len ? name->data[0] % 4 : 0) {

    case 0:
        return &ngx_sent_conv_carrier_generic;

    case 1:
        return &ngx_sent_conv_carrier_whatsapp_cloud;

    case 2:
        return &ngx_sent_conv_carrier_twilio;

    default:
        return &ngx_sent_conv_carrier_rbm;
    }
}


static ngx_int_t
ngx_fuzz_verify(ngx_pool_t *pool, ngx_sent_conv_carrier_format_t *format,
    ngx_sent_conv_carrier_conf_t *conf, ngx_sent_conv_carrier_in_t *in)
{
    ngx_str_t                   signature;
    ngx_sent_conv_carrier_in_t  copy;

    signature = ngx_fuzz_copy(pool, in->signature.data, in->signature.len);

    copy = *in;
    copy.signature = signature;

    return format->verify(pool, conf, &copy);
}


static void
ngx_fuzz_right(ngx_pool_t *pool, ngx_sent_conv_carrier_format_t *format,
    ngx_fuzz_url_t *url, ngx_sent_conv_carrier_in_t *in,
    ngx_fuzz_right_t *right)
{
    if (format == &ngx_sent_conv_carrier_twilio) {
        ngx_fuzz_right_twilio(pool, url, in, right);

    } else if (format == &ngx_sent_conv_carrier_rbm) {
        ngx_fuzz_right_rbm(pool, &in->body, right);

    } else {
        ngx_fuzz_right_hex(pool, &in->body, right);
    }
}


static void
ngx_fuzz_right_hex(ngx_pool_t *pool, ngx_str_t *body, ngx_fuzz_right_t *right)
{
    char          text[72];
    u_char        md[EVP_MAX_MD_SIZE];
    ngx_uint_t    i;
    unsigned int  n;

    (void) HMAC(EVP_sha256(), "secret", 6, body->data, body->len, md, &n);

    strcpy(text, "sha256=");

    for (i = 0; i < n; i++) {
        sprintf(text + 7 + 2 * i, "%02x", md[i]);
    }

    right->right[0] = ngx_fuzz_cstr(pool, text);
    right->n = 1;
}


static void
ngx_fuzz_right_twilio(ngx_pool_t *pool, ngx_fuzz_url_t *url,
    ngx_sent_conv_carrier_in_t *in, ngx_fuzz_right_t *right)
{
    u_char                         *text, *p;
    ngx_uint_t                      i, j;
    ngx_array_t                     fields;
    ngx_sent_conv_carrier_field_t  *field;

    if (ngx_sent_conv_carrier_form_parse(pool, &in->body, &fields) != NGX_OK) {
        return;
    }

    field = fields.elts;
    qsort(field, fields.nelts, sizeof(ngx_sent_conv_carrier_field_t),
          ngx_fuzz_cmp);

    text = ngx_shim_keep(pool, 256 + in->args.len + in->body.len);

    for (i = 0; i < 2; i++) {

        p = (u_char *) stpcpy((char *) text, url->head);
        p = (u_char *) stpcpy((char *) p, i ? url->port : "");
        p = (u_char *) stpcpy((char *) p, url->tail);

        if (in->args.len) {
            *p++ = '?';
            p = ngx_cpymem(p, in->args.data, in->args.len);
        }

        for (j = 0; j < fields.nelts; j++) {
            if (j == 0 || ngx_fuzz_cmp(&field[j - 1], &field[j]) != 0) {
                p = ngx_cpymem(p, field[j].name.data, field[j].name.len);
                p = ngx_cpymem(p, field[j].value.data, field[j].value.len);
            }
        }

        right->right[i] = ngx_fuzz_hmac(pool, EVP_sha1(), text, p - text);
    }

    right->n = 2;
}


static void
ngx_fuzz_right_rbm(ngx_pool_t *pool, ngx_str_t *body, ngx_fuzz_right_t *right)
{
    char                  *err;
    ngx_str_t              data, none;
    ngx_sent_conv_json_t  *value, *message, *v;

    if (ngx_sent_conv_json_parse_str(pool, body, &value, &err) != NGX_OK
        || value->type != NGX_SENT_CONV_JSON_OBJECT)
    {
        return;
    }

    message = ngx_sent_conv_json_get(value, "message");

    if (message == NULL || message->type != NGX_SENT_CONV_JSON_OBJECT) {
        v = ngx_sent_conv_json_get(value, "clientToken");

        right->free = v != NULL && v->type == NGX_SENT_CONV_JSON_STRING
                      && ngx_fuzz_is(&v->text, "secret");
        return;
    }

    v = ngx_sent_conv_json_get(message, "data");
    none = ngx_fuzz_cstr(pool, "");

    if (v == NULL || v->type != NGX_SENT_CONV_JSON_STRING) {
        v = NULL;
    }

    data.data = ngx_shim_keep(pool, v ? v->text.len + 1 : 1);

    if (ngx_decode_base64(&data, v ? &v->text : &none) != NGX_OK) {
        return;
    }

    right->right[0] = ngx_fuzz_hmac(pool, EVP_sha512(), data.data, data.len);
    right->n = 1;
}


static ngx_str_t
ngx_fuzz_hmac(ngx_pool_t *pool, const EVP_MD *evp, u_char *data, size_t len)
{
    u_char        md[EVP_MAX_MD_SIZE];
    ngx_str_t     digest, text;
    unsigned int  n;

    (void) HMAC(evp, "secret", 6, data, len, md, &n);

    digest.data = md;
    digest.len = n;

    text.data = ngx_shim_keep(pool, ngx_base64_encoded_length(n));
    ngx_encode_base64(&text, &digest);

    return text;
}


static int ngx_libc_cdecl
ngx_fuzz_cmp(const void *one, const void *two)
{
    int                                   rc;
    const ngx_sent_conv_carrier_field_t  *a, *b;

    a = one;
    b = two;

    rc = ngx_fuzz_cmp_str(&a->name, &b->name);

    return rc ? rc : ngx_fuzz_cmp_str(&a->value, &b->value);
}


/* byte by byte, what is shorter before what is longer */

static int
ngx_fuzz_cmp_str(const ngx_str_t *a, const ngx_str_t *b)
{
    size_t  i;

    for (i = 0; i < a->len && i < b->len; i++) {
        if (a->data[i] != b->data[i]) {
            return (a->data[i] < b->data[i]) ? -1 : 1;
        }
    }

    return (a->len == b->len) ? 0 : (a->len < b->len) ? -1 : 1;
}
