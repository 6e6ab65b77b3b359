
/*
 * A version of an agent that is made: saved and live in one step, restored,
 * or the first of a new agent.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_agent.h"


static void ngx_http_sent_conv_agent_make(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_made_t *made);
static ngx_int_t ngx_http_sent_conv_agent_compose(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_made_t *made);
static void ngx_http_sent_conv_agent_saved(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_agent_stale(ngx_http_sent_conv_call_t *call,
    ngx_uint_t live);
static void ngx_http_sent_conv_agent_made(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_made_t *made);
static ngx_int_t ngx_http_sent_conv_agent_match(
    ngx_http_sent_conv_call_t *call, ngx_uint_t required,
    ngx_http_sent_conv_made_t *made);
static void ngx_http_sent_conv_agent_restored(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static ngx_http_sent_conv_made_t *ngx_http_sent_conv_agent_begin(
    ngx_http_sent_conv_call_t *call);


void
ngx_http_sent_conv_agent_create(ngx_http_sent_conv_call_t *call)
{
    ngx_sent_conv_json_t       *name, *layout, *definition;
    ngx_http_sent_conv_made_t  *made;

    made = ngx_http_sent_conv_agent_begin(call);
    if (made == NULL) {
        return;
    }

    name = ngx_http_sent_conv_form_get(call, "name",
                                       NGX_SENT_CONV_JSON_STRING, 1);
    layout = ngx_http_sent_conv_form_get(call, "layout",
                                         NGX_SENT_CONV_JSON_OBJECT, 0);
    definition = ngx_http_sent_conv_form_get(call, "definition",
                                             NGX_SENT_CONV_JSON_OBJECT, 1);

    if (name != NULL) {
        (void) ngx_http_sent_conv_agent_name(call, name, &made->name);
    }

    if (layout != NULL) {
        (void) ngx_http_sent_conv_agent_layout(call, layout, &made->layout);
    }

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    made->id = call->id;

    if (made->id.len == 0) {

        if (ngx_sent_conv_store_uuid(made->uuid, NULL) != NGX_OK) {
            ngx_http_sent_conv_reply_abort(call);
            return;
        }

        made->id.data = made->uuid;
        made->id.len = NGX_SENT_CONV_UUID_LEN;
    }

    switch (ngx_http_sent_conv_agent_check(call, definition, made)) {

    case NGX_OK:
        ngx_http_sent_conv_agent_make(call, made);
        return;

    case NGX_DECLINED:
        ngx_http_sent_conv_agent_refuse(call, made);
        return;

    default:
        ngx_http_sent_conv_reply_abort(call);
    }
}


/* POST /v3/agents/{id}/versions */

void
ngx_http_sent_conv_agent_promote(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                   n;
    ngx_sent_conv_json_t       *note, *definition;
    ngx_http_sent_conv_made_t  *made;

    made = ngx_http_sent_conv_agent_begin(call);
    if (made == NULL) {
        return;
    }

    made->agent = ngx_http_sent_conv_agent_find(call);
    if (made->agent == NULL) {
        return;
    }

    made->id = made->agent->id;

    definition = ngx_http_sent_conv_form_get(call, "definition",
                                             NGX_SENT_CONV_JSON_OBJECT, 1);
    note = ngx_http_sent_conv_form_get(call, "note",
                                       NGX_SENT_CONV_JSON_STRING, 0);

    if (note != NULL) {
        n = ngx_sent_conv_utf8_length(&note->text);

        if (n < 0 || n > NGX_HTTP_SENT_CONV_NOTE_MAX) {
            ngx_http_sent_conv_form_fault(call, "note",
                                          NGX_HTTP_SENT_CONV_E_RANGE,
                                          "must have at most 500 characters");
        }

        made->note = note->text;
    }

    if (ngx_http_sent_conv_agent_match(call, 1, made) != NGX_OK
        || ngx_http_sent_conv_form_failed(call))
    {
        return;
    }

    switch (ngx_http_sent_conv_agent_check(call, definition, made)) {

    case NGX_OK:
        ngx_http_sent_conv_agent_make(call, made);
        return;

    case NGX_DECLINED:
        ngx_http_sent_conv_agent_refuse(call, made);
        return;

    default:
        ngx_http_sent_conv_reply_abort(call);
    }
}


/* POST /v3/agents/{id}/versions/{n}/restore: appended as the next one */

void
ngx_http_sent_conv_agent_restore(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                   n, rc;
    ngx_http_sent_conv_made_t  *made;

    made = ngx_http_sent_conv_agent_begin(call);
    if (made == NULL) {
        return;
    }

    made->agent = ngx_http_sent_conv_agent_find(call);
    if (made->agent == NULL) {
        return;
    }

    made->id = made->agent->id;
    made->live = made->agent->live;

    n = ngx_atoi(call->vars[1].data, call->vars[1].len);

    if (n < 1 || (ngx_uint_t) n > made->agent->live) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_VERSION, NULL);
        return;
    }

    if (ngx_http_sent_conv_agent_match(call, 0, made) != NGX_OK
        || ngx_http_sent_conv_form_failed(call))
    {
        return;
    }

    made->restored = n;

    rc = ngx_sent_conv_store_agent_versions(call->store, &call->customer->id,
                                            &made->id, n, n,
                                            ngx_http_sent_conv_wait_done,
                                            call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_agent_restored);
}


static void
ngx_http_sent_conv_agent_restored(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    char                       *reason;
    ngx_str_t                  *text;
    ngx_array_t                *list;
    ngx_sent_conv_json_t       *version, *definition;
    ngx_http_sent_conv_made_t  *made;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    made = call->data;
    list = result;
    text = list->elts;
    definition = NULL;

    if (list->nelts && text->len
        && ngx_sent_conv_json_parse_str(call->request->pool, text, &version,
                                        &reason)
           == NGX_OK)
    {
        definition = ngx_sent_conv_json_get(version, "definition");
    }

    if (definition == NULL) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_VERSION, NULL);
        return;
    }

    switch (ngx_http_sent_conv_agent_check(call, definition, made)) {

    case NGX_OK:
        ngx_http_sent_conv_agent_make(call, made);
        return;

    case NGX_DECLINED:
        ngx_http_sent_conv_agent_refuse(call, made);
        return;

    default:
        ngx_http_sent_conv_reply_abort(call);
    }
}


static ngx_http_sent_conv_made_t *
ngx_http_sent_conv_agent_begin(ngx_http_sent_conv_call_t *call)
{
    ngx_time_t                 *tp;
    ngx_http_sent_conv_made_t  *made;

    made = ngx_pcalloc(call->request->pool,
                       sizeof(ngx_http_sent_conv_made_t));
    if (made == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return NULL;
    }

    tp = ngx_timeofday();
    made->now = (uint64_t) tp->sec * 1000 + tp->msec;

    call->data = made;

    return made;
}


/* If-Match: "<live version>"; NGX_DECLINED: it has been answered */

static ngx_int_t
ngx_http_sent_conv_agent_match(ngx_http_sent_conv_call_t *call,
    ngx_uint_t required, ngx_http_sent_conv_made_t *made)
{
    ngx_int_t         n;
    ngx_str_t         value;
    ngx_table_elt_t  *h;

    h = call->request->headers_in.if_match;

    if (h == NULL) {

        if (required) {
            ngx_http_sent_conv_form_fault(call, "If-Match",
                                          NGX_HTTP_SENT_CONV_E_MISSING,
                                          "must name the live version");
        }

        return NGX_OK;
    }

    value = h->value;
    n = NGX_ERROR;

    if (value.len > 2 && value.data[0] == '"'
        && value.data[value.len - 1] == '"')
    {
        n = ngx_atoi(value.data + 1, value.len - 2);
    }

    if (n == NGX_ERROR) {
        ngx_http_sent_conv_form_fault(call, "If-Match",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "must be a version in quotes");
        return NGX_OK;
    }

    made->live = n;

    /* what was begun before may have made it live */

    if ((ngx_uint_t) n != made->agent->live && !call->again) {
        ngx_http_sent_conv_agent_stale(call, made->agent->live);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static void
ngx_http_sent_conv_agent_make(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_made_t *made)
{
    ngx_int_t                   rc;
    ngx_sent_conv_agent_save_t  save;

    if (ngx_http_sent_conv_agent_compose(call, made) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (call->sandbox) {
        ngx_http_sent_conv_agent_made(call, made);
        return;
    }

    ngx_memzero(&save, sizeof(ngx_sent_conv_agent_save_t));

    save.id = made->id;
    save.request = call->id.len ? call->id : call->request_id;
    save.version = made->version;
    save.definition = made->text;
    save.name = made->name;
    save.layout = made->layout;
    save.is = &made->definition;
    save.live = made->live;
    save.now = made->now;

    rc = ngx_sent_conv_store_agent_save(call->store, &call->customer->id,
                                        &save, ngx_http_sent_conv_wait_done,
                                        call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_agent_saved);
}


static ngx_int_t
ngx_http_sent_conv_agent_compose(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_made_t *made)
{
    u_char                  hex[64];
    ngx_str_t               sha256;
    ngx_sent_conv_jw_t      w;
    ngx_sent_conv_apikey_t *key;

    ngx_sent_conv_sha256_hex(hex, &made->text);
    sha256.len = sizeof(hex);
    sha256.data = hex;

    key = ngx_sent_conv_customer_key(call->customer, &call->key_sha256);

    ngx_sent_conv_jw_init(&w, call->request->pool, made->text.len + 512);

    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_int(&w, "version", (int64_t) made->live + 1);
    ngx_sent_conv_jw_str(&w, "note", made->note.data ? &made->note : NULL);

    if (made->restored) {
        ngx_sent_conv_jw_int(&w, "restored_from", (int64_t) made->restored);

    } else {
        ngx_sent_conv_jw_null(&w, "restored_from");
    }

    ngx_sent_conv_jw_time(&w, "created_at", made->now);
    ngx_sent_conv_jw_str(&w, "created_by", key ? &key->name : NULL);
    ngx_sent_conv_jw_str(&w, "sha256", &sha256);
    ngx_sent_conv_jw_str(&w, "request",
                         call->id.len ? &call->id : &call->request_id);
    ngx_sent_conv_jw_raw(&w, "definition", &made->text);
    ngx_sent_conv_jw_close(&w, '}');

    return ngx_sent_conv_jw_done(&w, &made->version);
}


static void
ngx_http_sent_conv_agent_saved(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_http_sent_conv_made_t     *made;
    ngx_sent_conv_agent_result_t  *ar;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    made = call->data;
    ar = result;

    switch (ar->what) {

    case NGX_SENT_CONV_AGENT_OK:
        ngx_http_sent_conv_agent_made(call, made);
        return;

    case NGX_SENT_CONV_AGENT_STALE:
        ngx_http_sent_conv_agent_stale(call, ar->live);
        return;

    case NGX_SENT_CONV_AGENT_GONE:
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_AGENT, NULL);
        return;

    case NGX_SENT_CONV_AGENT_TAKEN:
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_EXISTS,
                                 "Another agent has one of these numbers.");
        return;

    default: /* NGX_SENT_CONV_AGENT_FULL */
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_RANGE,
                                 "There are 20 agents already.");
    }
}


static void
ngx_http_sent_conv_agent_stale(ngx_http_sent_conv_call_t *call,
    ngx_uint_t live)
{
    ngx_sent_conv_jw_t  w;

    ngx_sent_conv_jw_init(&w, call->request->pool, 64);
    ngx_sent_conv_jw_open(&w, NULL, '{');
    ngx_sent_conv_jw_int(&w, "live_version", (int64_t) live);
    ngx_sent_conv_jw_close(&w, '}');

    if (ngx_sent_conv_jw_done(&w, &call->details) != NGX_OK) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_IF_MATCH, NULL);
}


static void
ngx_http_sent_conv_agent_made(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_made_t *made)
{
    char                   *reason;
    ngx_sent_conv_jw_t      w;
    ngx_sent_conv_json_t   *version;
    ngx_sent_conv_agent_t   agent;
    ngx_sent_conv_counts_t  counts;

    if (ngx_sent_conv_json_parse_str(call->request->pool, &made->version,
                                     &version, &reason)
        != NGX_OK)
    {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, made->version.len + 1024);

    if (made->agent != NULL) {
        ngx_http_sent_conv_agent_write_version(&w, "data", version,
                                               made->live + 1, 1);
        ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_CREATED);
        return;
    }

    ngx_memzero(&counts, sizeof(ngx_sent_conv_counts_t));
    ngx_memzero(&agent, sizeof(ngx_sent_conv_agent_t));

    agent.id = made->id;
    agent.name = made->name;
    agent.layout = made->layout;
    agent.live = 1;
    agent.is_active = 1;
    agent.created_at = made->now;
    agent.updated_at = made->now;

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_http_sent_conv_agent_write(&w, "agent", &agent, &counts);
    ngx_http_sent_conv_agent_write_version(&w, "version", version, 1, 1);
    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_CREATED);
}
