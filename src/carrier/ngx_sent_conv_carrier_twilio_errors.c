
/*
 * What Twilio's error codes mean, by its "Error and Warning Dictionary" as of
 * October 2026: in answers to a POST, and in reports.
 */


#include "ngx_sent_conv_carrier_twilio.h"


static ngx_int_t ngx_sent_conv_twilio_failed(ngx_pool_t *pool,
    ngx_sent_conv_json_t *answer, ngx_sent_conv_carrier_verdict_t *verdict);


#define ngx_sent_conv_twilio_retry(code, title)                              \
    { code, NGX_SENT_CONV_CARRIER_RETRY, ngx_string(title) }

#define ngx_sent_conv_twilio_final(code, title)                              \
    { code, NGX_SENT_CONV_CARRIER_FINAL, ngx_string(title) }


/*
 * Rates and queues pass, and what signs us in comes from a file; all else is
 * wrong with the message or the recipient, or has to be set right at Twilio.
 * Codes that are not here go by their HTTP status.  Reports bring no words:
 * the titles are for them.
 */

static ngx_sent_conv_carrier_meaning_t  ngx_sent_conv_twilio_meanings[] = {

    ngx_sent_conv_twilio_retry(14107, "Send rate limit exceeded."),
    ngx_sent_conv_twilio_retry(20003,
                               "The account's credentials were refused."),
    ngx_sent_conv_twilio_final(20404, "The resource was not found."),
    ngx_sent_conv_twilio_retry(20429, "Too many requests."),
    ngx_sent_conv_twilio_final(21211, "Invalid \"To\" number."),
    ngx_sent_conv_twilio_final(21212, "Invalid \"From\" number."),
    ngx_sent_conv_twilio_final(21408, "No permission for this region."),
    ngx_sent_conv_twilio_final(21602, "The message body is missing."),
    ngx_sent_conv_twilio_final(21606, "\"From\" cannot send to \"To\"."),
    ngx_sent_conv_twilio_final(21608, "\"To\" is not a verified number."),
    ngx_sent_conv_twilio_final(21610, "The recipient has opted out."),
    ngx_sent_conv_twilio_retry(21611, "The sender's queue is full."),
    ngx_sent_conv_twilio_final(21612, "\"To\" cannot be reached from"
                               " \"From\"."),
    ngx_sent_conv_twilio_final(21614, "\"To\" is not a mobile number."),
    ngx_sent_conv_twilio_final(21617, "The message body is too long."),
    ngx_sent_conv_twilio_final(21656, "The content variables are invalid."),
    ngx_sent_conv_twilio_retry(30001, "Queue overflow."),
    ngx_sent_conv_twilio_final(30002, "The account is suspended."),
    ngx_sent_conv_twilio_final(30003, "Unreachable destination handset."),
    ngx_sent_conv_twilio_final(30004, "The message was blocked."),
    ngx_sent_conv_twilio_final(30005, "Unknown destination handset."),
    ngx_sent_conv_twilio_final(30006, "Landline or unreachable carrier."),
    ngx_sent_conv_twilio_final(30007, "The message was filtered."),
    ngx_sent_conv_twilio_final(30008, "Unknown error."),
    ngx_sent_conv_twilio_retry(30022, "The carrier's rate limit was"
                               " exceeded."),
    ngx_sent_conv_twilio_final(30032, "The toll-free number is not"
                               " verified."),
    ngx_sent_conv_twilio_final(30034, "The number is not registered for"
                               " A2P 10DLC."),
    ngx_sent_conv_twilio_final(63003, "The channel did not find \"To\"."),
    ngx_sent_conv_twilio_final(63005, "The channel did not accept the"
                               " content."),
    ngx_sent_conv_twilio_final(63007, "The channel has no such \"From\"."),
    ngx_sent_conv_twilio_retry(63010, "Internal error of the channel."),
    ngx_sent_conv_twilio_retry(63012, "Internal error of the channel's"
                               " provider."),
    ngx_sent_conv_twilio_final(63013, "The message violates the channel's"
                               " policy."),
    ngx_sent_conv_twilio_final(63016, "Outside of the channel's window:"
                               " a template is needed."),
    ngx_sent_conv_twilio_retry(63017, "Rate limit exceeded."),
    ngx_sent_conv_twilio_retry(63018, "The channel's rate limit was"
                               " exceeded."),
    ngx_sent_conv_twilio_final(63024, "Invalid recipient."),
    ngx_sent_conv_twilio_final(63027, "The template does not exist."),
    ngx_sent_conv_twilio_final(63028, "Wrong number of template"
                               " parameters."),
    ngx_sent_conv_twilio_final(63032, "The user cannot get this message."),
    ngx_sent_conv_twilio_final(63033, "The recipient has blocked us."),
    ngx_sent_conv_twilio_retry(63038, "The account's daily limit was"
                               " exceeded."),
    ngx_sent_conv_twilio_final(63041, "The template is paused."),
    ngx_sent_conv_twilio_final(63042, "The template is disabled."),
    ngx_sent_conv_twilio_final(63049, "WhatsApp chose not to deliver the"
                               " message."),

    { 0, NGX_SENT_CONV_CARRIER_SENT, ngx_null_string }
};


ngx_int_t
ngx_sent_conv_twilio_verdict(ngx_pool_t *pool, ngx_uint_t status,
    ngx_str_t *answer, ngx_sent_conv_carrier_verdict_t *verdict)
{
    char                  *err;
    ngx_int_t              rc;
    ngx_str_t             *sid;
    ngx_sent_conv_json_t  *value;

    if (ngx_sent_conv_carrier_status(pool, status, verdict) != NGX_OK) {
        return NGX_ERROR;
    }

    if (status == 401) {
        verdict->what = NGX_SENT_CONV_CARRIER_RETRY;
        ngx_str_set(&verdict->title,
                    "The account's credentials were refused.");
    }

    if (status == 0 || answer->len == 0) {
        return NGX_OK;
    }

    rc = ngx_sent_conv_json_parse_str(pool, answer, &value, &err);

    if (rc != NGX_OK) {
        return (rc == NGX_DECLINED) ? NGX_OK : NGX_ERROR;
    }

    if (verdict->what != NGX_SENT_CONV_CARRIER_SENT) {
        return ngx_sent_conv_twilio_failed(pool, value, verdict);
    }

    sid = ngx_sent_conv_carrier_string(value, "sid");

    if (sid != NULL && ngx_sent_conv_carrier_word(sid) == NGX_OK) {
        verdict->id = *sid;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_twilio_failed(ngx_pool_t *pool, ngx_sent_conv_json_t *answer,
    ngx_sent_conv_carrier_verdict_t *verdict)
{
    ngx_str_t                        *title, code;
    ngx_sent_conv_json_t             *v;
    ngx_sent_conv_carrier_meaning_t  *meaning;

    v = ngx_sent_conv_json_get(answer, "code");

    if (v == NULL) {
        return NGX_OK;
    }

    ngx_sent_conv_carrier_code(&v->text, &code);

    if (code.len == 0) {
        return NGX_OK;
    }

    verdict->code = code;

    meaning = ngx_sent_conv_carrier_meaning(ngx_sent_conv_twilio_meanings,
                                            &code);
    if (meaning != NULL) {
        verdict->what = meaning->what;
        verdict->title = meaning->title;
        return NGX_OK;
    }

    title = ngx_sent_conv_carrier_string(answer, "message");

    return (title != NULL) ? ngx_sent_conv_carrier_line(pool, title,
                                                        &verdict->title)
                           : NGX_OK;
}


ngx_int_t
ngx_sent_conv_twilio_error(ngx_pool_t *pool, ngx_array_t *fields,
    ngx_sent_conv_carrier_item_t *item)
{
    ngx_str_t                        *code, *title;
    ngx_sent_conv_carrier_meaning_t  *meaning;

    code = ngx_sent_conv_carrier_form_get(fields, "ErrorCode");

    if (code == NULL || (code->len == 1 && code->data[0] == '0')) {
        return NGX_OK;
    }

    ngx_sent_conv_carrier_code(code, &item->error_code);

    if (item->error_code.len == 0) {
        return NGX_OK;
    }

    meaning = ngx_sent_conv_carrier_meaning(ngx_sent_conv_twilio_meanings,
                                            code);

    ngx_sent_conv_carrier_passes(meaning, item);

    title = ngx_sent_conv_carrier_form_get(fields, "ErrorMessage");

    if (title != NULL && title->len
        && ngx_sent_conv_carrier_text(title) == NGX_OK)
    {
        return ngx_sent_conv_carrier_line(pool, title, &item->error_title);
    }

    if (meaning != NULL) {
        item->error_title = meaning->title;
    }

    return NGX_OK;
}
