
/*
 * GET and POST /v3/contacts.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_sent_conv_http.h"


/* contacts that a page by its number may lie behind */
#define NGX_HTTP_SENT_CONV_CONTACTS_DEEP  100000


static void ngx_http_sent_conv_contacts_number(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_page_t *page);
static void ngx_http_sent_conv_contacts_cursor(
    ngx_http_sent_conv_call_t *call, ngx_http_sent_conv_page_t *page,
    ngx_sent_conv_contacts_t *list);
static void ngx_http_sent_conv_contacts_one(ngx_http_sent_conv_call_t *call,
    ngx_str_t *phone);
static void ngx_http_sent_conv_contacts_found(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);
static void ngx_http_sent_conv_contacts_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result);
static ngx_int_t ngx_http_sent_conv_contacts_place(
    ngx_http_sent_conv_call_t *call, uint64_t ms, ngx_str_t *phone,
    ngx_str_t *place);
static void ngx_http_sent_conv_contact_created(
    ngx_http_sent_conv_call_t *call, ngx_sent_conv_err_e err, void *result);


void
ngx_http_sent_conv_contacts(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t                   rc;
    ngx_str_t                   phone;
    ngx_sent_conv_contacts_t    list;
    ngx_http_sent_conv_page_t  *page;

    page = ngx_pcalloc(call->request->pool,
                       sizeof(ngx_http_sent_conv_page_t));
    if (page == NULL) {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    call->data = page;

    ngx_memzero(&list, sizeof(ngx_sent_conv_contacts_t));

    list.customer = call->customer;

    ngx_http_sent_conv_query_page(call, page);
    ngx_http_sent_conv_contacts_number(call, page);
    ngx_http_sent_conv_contacts_cursor(call, page, &list);

    (void) ngx_http_sent_conv_query_get(call, "search", &list.search);

    if (list.search.len > 16) {
        ngx_http_sent_conv_form_fault(call, "search",
                                      NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must be a part of a number");
    }

    ngx_str_null(&phone);

    if (ngx_http_sent_conv_query_get(call, "phone", &phone) == NGX_OK
        && ngx_sent_conv_phone_check(&phone) != NGX_OK)
    {
        ngx_http_sent_conv_form_fault(call, "phone",
                                      NGX_HTTP_SENT_CONV_E_PHONE, NULL);
    }

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    if (phone.len) {
        ngx_http_sent_conv_contacts_one(call, &phone);
        return;
    }

    list.offset = page->offset;
    list.limit = page->size;

    rc = ngx_sent_conv_store_contacts(call->store, &list,
                                      ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_contacts_done);
}


/* ?page=, from 1 */

static void
ngx_http_sent_conv_contacts_number(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_page_t *page)
{
    ngx_int_t  n;
    ngx_str_t  value;

    if (ngx_http_sent_conv_query_get(call, "page", &value) != NGX_OK) {
        return;
    }

    n = ngx_atoi(value.data, value.len);

    if (n < 1
        || (ngx_uint_t) n > NGX_HTTP_SENT_CONV_CONTACTS_DEEP / page->size)
    {
        ngx_http_sent_conv_form_fault(call, "page", NGX_HTTP_SENT_CONV_E_RANGE,
                                      "must be an integer from 1; behind "
                                      "100000 contacts take the cursor");
        return;
    }

    page->page = n;
    page->offset = (page->page - 1) * page->size;
}


/* "<ms>.<number>" */

static void
ngx_http_sent_conv_contacts_cursor(ngx_http_sent_conv_call_t *call,
    ngx_http_sent_conv_page_t *page, ngx_sent_conv_contacts_t *list)
{
    u_char     *p, *end;
    ngx_int_t   ms;

    if (page->cursor.len == 0) {
        return;
    }

    end = page->cursor.data + page->cursor.len;
    p = ngx_strlchr(page->cursor.data, end, '.');
    ms = p ? ngx_atoi(page->cursor.data, p - page->cursor.data) : NGX_ERROR;

    if (ms > 0) {
        list->ms = ms;
        list->phone.data = p + 1;
        list->phone.len = end - list->phone.data;
        list->before = (page->direction == 'b');
    }

    if (ms < 1 || ngx_sent_conv_phone_check(&list->phone) != NGX_OK) {
        ngx_http_sent_conv_form_fault(call, "cursor",
                                      NGX_HTTP_SENT_CONV_E_VALUE,
                                      "is not one that this list has given");
    }
}


/* ?phone= is the whole number */

static void
ngx_http_sent_conv_contacts_one(ngx_http_sent_conv_call_t *call,
    ngx_str_t *phone)
{
    u_char     buf[NGX_SENT_CONV_UUID_LEN];
    ngx_int_t  rc;
    ngx_str_t  id;

    ngx_sent_conv_contact_id(buf, &call->customer->id, phone);

    id.len = NGX_SENT_CONV_UUID_LEN;
    id.data = buf;

    rc = ngx_sent_conv_store_contact(call->store, call->customer, &id,
                                     ngx_http_sent_conv_wait_done, call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_contacts_found);
}


static void
ngx_http_sent_conv_contacts_found(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_contact_t *contact = result;

    ngx_sent_conv_jw_t  w;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 512);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "contacts", '[');

    if (contact != NULL) {
        ngx_http_sent_conv_contact_write(&w, NULL, contact);
    }

    ngx_sent_conv_jw_close(&w, ']');

    ngx_http_sent_conv_query_pagination(&w, call->data, contact ? 1 : 0, 0,
                                        NULL, NULL);

    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static void
ngx_http_sent_conv_contacts_done(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_contacts_result_t *list = result;

    ngx_str_t                   first, last;
    ngx_uint_t                  i, n, newer, older;
    ngx_sent_conv_jw_t          w;
    ngx_sent_conv_contact_t    *contact;
    ngx_http_sent_conv_page_t  *page;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    page = call->data;
    contact = list->contacts.elts;
    n = list->contacts.nelts;

    ngx_str_null(&first);
    ngx_str_null(&last);

    /* a search may have come to its end without having found a page full */

    if (n && (ngx_http_sent_conv_contacts_place(call, contact[0].created_at,
                                                &contact[0].phone, &first)
              != NGX_OK
              || ngx_http_sent_conv_contacts_place(call,
                                                contact[n - 1].created_at,
                                                &contact[n - 1].phone, &last)
                 != NGX_OK))
    {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    if (list->more
        && ngx_http_sent_conv_contacts_place(call, list->last_ms,
                                             &list->last_phone,
                                             page->direction == 'b' ? &first
                                                                    : &last)
           != NGX_OK)
    {
        ngx_http_sent_conv_reply_abort(call);
        return;
    }

    newer = (page->direction == 'b') ? list->more
                                     : page->cursor.len || page->offset;
    older = (page->direction == 'b') ? 1 : list->more;

    ngx_http_sent_conv_reply_open(call, &w, 512 + n * 320);

    ngx_sent_conv_jw_open(&w, "data", '{');
    ngx_sent_conv_jw_open(&w, "contacts", '[');

    for (i = 0; i < n; i++) {
        ngx_http_sent_conv_contact_write(&w, NULL, &contact[i]);
    }

    ngx_sent_conv_jw_close(&w, ']');

    ngx_http_sent_conv_query_pagination(&w, page, list->total, older,
                                     (newer && first.len) ? &first : NULL,
                                     (older && last.len) ? &last : NULL);

    ngx_sent_conv_jw_close(&w, '}');

    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_OK);
}


static ngx_int_t
ngx_http_sent_conv_contacts_place(ngx_http_sent_conv_call_t *call,
    uint64_t ms, ngx_str_t *phone, ngx_str_t *place)
{
    place->data = ngx_pnalloc(call->request->pool,
                              NGX_INT64_LEN + 1 + phone->len);
    if (place->data == NULL) {
        return NGX_ERROR;
    }

    place->len = ngx_sprintf(place->data, "%uL.%V", ms, phone) - place->data;

    return NGX_OK;
}


void
ngx_http_sent_conv_contact_create(ngx_http_sent_conv_call_t *call)
{
    ngx_int_t  rc;
    ngx_str_t  phone;

    (void) ngx_http_sent_conv_form_phone(call, "phone_number", &phone);

    if (ngx_http_sent_conv_form_failed(call)) {
        return;
    }

    rc = ngx_sent_conv_store_contact_create(call->store, call->customer,
                                            &phone, call->sandbox,
                                            ngx_http_sent_conv_wait_done,
                                            call);

    ngx_http_sent_conv_wait(call, rc, ngx_http_sent_conv_contact_created);
}


static void
ngx_http_sent_conv_contact_created(ngx_http_sent_conv_call_t *call,
    ngx_sent_conv_err_e err, void *result)
{
    ngx_sent_conv_jw_t  w;

    if (err != NGX_SENT_CONV_OK) {
        ngx_http_sent_conv_error_store(call, err);
        return;
    }

    if (result == NULL) {
        ngx_http_sent_conv_error(call, NGX_HTTP_SENT_CONV_E_EXISTS,
                                 "There is a contact with this number.");
        return;
    }

    ngx_http_sent_conv_reply_open(call, &w, 512);
    ngx_http_sent_conv_contact_write(&w, "data", result);
    ngx_http_sent_conv_reply_close(call, &w, NGX_HTTP_CREATED);
}
