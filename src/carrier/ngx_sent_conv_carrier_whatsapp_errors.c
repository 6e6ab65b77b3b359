
/*
 * What WhatsApp answers to a message, by Meta's "WhatsApp Business Platform:
 * Error codes" of 15 May 2026, which has the code above the HTTP status.
 */


#include "ngx_sent_conv_carrier_whatsapp.h"


static ngx_int_t ngx_sent_conv_whatsapp_sent(ngx_pool_t *pool,
    ngx_sent_conv_json_t *answer, ngx_sent_conv_carrier_verdict_t *verdict);
static ngx_int_t ngx_sent_conv_whatsapp_failed(ngx_pool_t *pool,
    ngx_sent_conv_json_t *error, ngx_sent_conv_carrier_verdict_t *verdict);


#define ngx_sent_conv_whatsapp_final(code)                                   \
    { code, NGX_SENT_CONV_CARRIER_FINAL, ngx_null_string }

#define ngx_sent_conv_whatsapp_retry(code)                                   \
    { code, NGX_SENT_CONV_CARRIER_RETRY, ngx_null_string }

/* Meta's own words may hold the token itself */

#define ngx_sent_conv_whatsapp_token(code)                                   \
    { code, NGX_SENT_CONV_CARRIER_RETRY,                                     \
      ngx_string("The access token is not valid or has expired.") }


/*
 * A token comes from a file, a new one will do; a rate passes; what a person
 * has to set right at Meta first, and what is wrong with the message or the
 * recipient, is final.  Codes that are not here go by their HTTP status.
 */

static ngx_sent_conv_carrier_meaning_t  ngx_sent_conv_whatsapp_meanings[] = {

    ngx_sent_conv_whatsapp_token(0),         /* AuthException */

    /* "invalid request or possible server error": it may have been sent */

    { 1, NGX_SENT_CONV_CARRIER_UNKNOWN, ngx_null_string },

    ngx_sent_conv_whatsapp_retry(2),         /* down or overloaded */
    ngx_sent_conv_whatsapp_final(3),         /* capability or permission */
    ngx_sent_conv_whatsapp_retry(4),         /* the app's call rate */
    ngx_sent_conv_whatsapp_final(10),        /* permission denied */
    ngx_sent_conv_whatsapp_retry(17),        /* the user's call rate */
    ngx_sent_conv_whatsapp_retry(32),        /* the page's call rate */
    ngx_sent_conv_whatsapp_final(33),        /* our number was deleted */
    ngx_sent_conv_whatsapp_final(100),       /* invalid parameter */
    ngx_sent_conv_whatsapp_token(102),       /* the session has expired */
    ngx_sent_conv_whatsapp_token(190),       /* the token has expired */
    ngx_sent_conv_whatsapp_final(368),       /* blocked for a violation */
    ngx_sent_conv_whatsapp_retry(613),       /* a custom rate */
    ngx_sent_conv_whatsapp_retry(80007),     /* the account's rate */
    ngx_sent_conv_whatsapp_retry(130429),    /* throughput */
    ngx_sent_conv_whatsapp_final(130472),    /* user is in an experiment */
    ngx_sent_conv_whatsapp_final(130497),    /* not to this country */
    ngx_sent_conv_whatsapp_retry(131000),    /* failed, "try again" */
    ngx_sent_conv_whatsapp_final(131005),    /* access denied */
    ngx_sent_conv_whatsapp_final(131008),    /* parameter missing */
    ngx_sent_conv_whatsapp_final(131009),    /* parameter value */
    ngx_sent_conv_whatsapp_retry(131016),    /* service unavailable */
    ngx_sent_conv_whatsapp_final(131021),    /* to ourselves */
    ngx_sent_conv_whatsapp_final(131026),    /* undeliverable */
    ngx_sent_conv_whatsapp_final(131030),    /* not among allowed numbers */
    ngx_sent_conv_whatsapp_final(131031),    /* account locked */
    ngx_sent_conv_whatsapp_final(131037),    /* display name */
    ngx_sent_conv_whatsapp_final(131042),    /* payment */
    ngx_sent_conv_whatsapp_final(131045),    /* number not registered well */
    ngx_sent_conv_whatsapp_final(131047),    /* their 24 hours are over */
    ngx_sent_conv_whatsapp_retry(131048),    /* spam rate */
    ngx_sent_conv_whatsapp_final(131049),    /* kept back by Meta */
    ngx_sent_conv_whatsapp_final(131050),    /* user stopped marketing */
    ngx_sent_conv_whatsapp_final(131051),    /* message type */
    ngx_sent_conv_whatsapp_final(131052),    /* media download */
    ngx_sent_conv_whatsapp_final(131053),    /* media upload */
    ngx_sent_conv_whatsapp_retry(131056),    /* rate of this pair */
    ngx_sent_conv_whatsapp_retry(131057),    /* account in maintenance */
    ngx_sent_conv_whatsapp_final(132000),    /* template: parameters' count */
    ngx_sent_conv_whatsapp_final(132001),    /* template: none such */
    ngx_sent_conv_whatsapp_final(132005),    /* template: text too long */
    ngx_sent_conv_whatsapp_final(132007),    /* template: violates policy */
    ngx_sent_conv_whatsapp_final(132012),    /* template: parameters' form */
    ngx_sent_conv_whatsapp_final(132015),    /* template: paused */
    ngx_sent_conv_whatsapp_final(132016),    /* template: disabled */
    ngx_sent_conv_whatsapp_final(132018),    /* template: invalid */
    ngx_sent_conv_whatsapp_final(132068),    /* flow: blocked */
    ngx_sent_conv_whatsapp_retry(132069),    /* flow: throttled */
    ngx_sent_conv_whatsapp_final(133000),    /* deregistration incomplete */
    ngx_sent_conv_whatsapp_retry(133004),    /* server unavailable */
    ngx_sent_conv_whatsapp_final(133010),    /* number not registered */
    ngx_sent_conv_whatsapp_retry(133016),    /* rate of registrations */
    ngx_sent_conv_whatsapp_final(135000),    /* generic, by parameters */

    { 0, NGX_SENT_CONV_CARRIER_SENT, ngx_null_string }
};


ngx_int_t
ngx_sent_conv_whatsapp_verdict(ngx_pool_t *pool, ngx_uint_t status,
    ngx_str_t *answer, ngx_sent_conv_carrier_verdict_t *verdict)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_sent_conv_json_t  *value, *error;

    if (ngx_sent_conv_carrier_status(pool, status, verdict) != NGX_OK) {
        return NGX_ERROR;
    }

    if (status == 401) {
        verdict->what = NGX_SENT_CONV_CARRIER_RETRY;
        ngx_str_set(&verdict->title, "The access token was refused.");
    }

    if (status == 0 || answer->len == 0) {
        return NGX_OK;
    }

    rc = ngx_sent_conv_json_parse_str(pool, answer, &value, &err);

    if (rc != NGX_OK) {
        return (rc == NGX_DECLINED) ? NGX_OK : NGX_ERROR;
    }

    if (verdict->what == NGX_SENT_CONV_CARRIER_SENT) {
        return ngx_sent_conv_whatsapp_sent(pool, value, verdict);
    }

    error = ngx_sent_conv_carrier_object(value, "error");

    return (error != NULL) ? ngx_sent_conv_whatsapp_failed(pool, error,
                                                           verdict)
                           : NGX_OK;
}


static ngx_int_t
ngx_sent_conv_whatsapp_sent(ngx_pool_t *pool, ngx_sent_conv_json_t *answer,
    ngx_sent_conv_carrier_verdict_t *verdict)
{
    ngx_int_t              rc;
    ngx_str_t             *id, input, alias;
    ngx_sent_conv_json_t  *contact;

    id = ngx_sent_conv_carrier_string(
                         ngx_sent_conv_carrier_first(answer, "messages"),
                         "id");

    if (id != NULL && ngx_sent_conv_carrier_word(id) == NGX_OK) {
        verdict->id = *id;
    }

    contact = ngx_sent_conv_carrier_first(answer, "contacts");

    rc = ngx_sent_conv_whatsapp_phone(pool, contact, "input", &input);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_whatsapp_phone(pool, contact, "wa_id", &alias);
    }

    if (rc != NGX_OK) {
        return (rc == NGX_DECLINED) ? NGX_OK : NGX_ERROR;
    }

    if (alias.len != input.len
        || ngx_memcmp(alias.data, input.data, alias.len) != 0)
    {
        verdict->alias = alias;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_whatsapp_failed(ngx_pool_t *pool, ngx_sent_conv_json_t *error,
    ngx_sent_conv_carrier_verdict_t *verdict)
{
    ngx_str_t                        *title, code;
    ngx_sent_conv_json_t             *v;
    ngx_sent_conv_carrier_meaning_t  *meaning;

    v = ngx_sent_conv_json_get(error, "code");

    if (v == NULL) {
        return NGX_OK;
    }

    ngx_sent_conv_carrier_code(&v->text, &code);

    if (code.len == 0) {
        return NGX_OK;
    }

    verdict->code = code;

    meaning = ngx_sent_conv_carrier_meaning(ngx_sent_conv_whatsapp_meanings,
                                            &code);
    if (meaning != NULL) {
        verdict->what = meaning->what;

        if (meaning->title.len) {
            verdict->title = meaning->title;
            return NGX_OK;
        }
    }

    title = ngx_sent_conv_carrier_string(
                         ngx_sent_conv_carrier_object(error, "error_data"),
                         "details");

    if (title == NULL) {
        title = ngx_sent_conv_carrier_string(error, "message");
    }

    return (title != NULL) ? ngx_sent_conv_carrier_line(pool, title,
                                                        &verdict->title)
                           : NGX_OK;
}


void
ngx_sent_conv_whatsapp_reported(ngx_sent_conv_carrier_item_t *item)
{
    ngx_sent_conv_carrier_passes(
                 ngx_sent_conv_carrier_meaning(ngx_sent_conv_whatsapp_meanings,
                                               &item->error_code),
                 item);
}
