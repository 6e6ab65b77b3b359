
/*
 * What the tests of the carriers' formats share, and tests of the texts that
 * the formats share.
 */


#include "ngx_sent_conv_unit_carrier.h"


static void ngx_sent_conv_unit_form(ngx_pool_t *pool);
static void ngx_sent_conv_unit_word(ngx_pool_t *pool);
static void ngx_sent_conv_unit_line(ngx_pool_t *pool);


void
ngx_sent_conv_unit_formats(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_form(pool);
    ngx_sent_conv_unit_word(pool);
    ngx_sent_conv_unit_line(pool);
}


static void
ngx_sent_conv_unit_form(ngx_pool_t *pool)
{
    u_char                         *p, buf[64];
    ngx_str_t                       text, *value;
    ngx_uint_t                      i;
    ngx_array_t                     fields;
    ngx_sent_conv_carrier_field_t  *field;

    static const char  *broken[] = { "a=%", "a=%4", "a=%4g", "%zz=1", NULL };

    text = ngx_sent_conv_unit_str(pool,
                                  "a=1+2&&b=%2b%00%C3%A9&a=3&c&=d&e=f=g");

    (void) ngx_sent_conv_carrier_form_parse(pool, &text, &fields);
    field = fields.elts;

    ngx_sent_conv_unit_ok(fields.nelts == 6, "form: six fields");
    ngx_sent_conv_unit_is(&field[0].value, "1 2", "form: plus is space");
    ngx_sent_conv_unit_ok(field[1].value.len == 4
                          && ngx_memcmp(field[1].value.data, "+\0\xc3\xa9", 4)
                             == 0, "form: escapes");
    ngx_sent_conv_unit_is(&field[3].name, "c", "form: name without value");
    ngx_sent_conv_unit_ok(field[3].value.len == 0
                          && field[3].value.data != NULL, "form: no value");
    ngx_sent_conv_unit_is(&field[4].value, "d", "form: no name");
    ngx_sent_conv_unit_is(&field[5].value, "f=g", "form: equals in a value");

    value = ngx_sent_conv_carrier_form_get(&fields, "a");
    ngx_sent_conv_unit_is(value, "1 2", "form: the first of two");
    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_form_get(&fields, "x") == NULL,
                          "form: absent");

    for (i = 0; broken[i]; i++) {
        text = ngx_sent_conv_unit_str(pool, broken[i]);
        ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_form_parse(pool, &text,
                                                               &fields)
                              == NGX_DECLINED, "form: \"%s\" refused",
                              broken[i]);
    }

    text.len = 2 * (NGX_SENT_CONV_CARRIER_FIELDS_MAX + 1);
    text.data = ngx_pnalloc(pool, text.len);
    if (text.data == NULL) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    for (i = 0; i < text.len; i += 2) {
        text.data[i] = 'a';
        text.data[i + 1] = '&';
    }

    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_form_parse(pool, &text,
                                                           &fields)
                          == NGX_DECLINED, "form: too many fields");

    text.len -= 2;
    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_form_parse(pool, &text,
                                                           &fields)
                          == NGX_OK, "form: as many as there may be");

    text = ngx_sent_conv_unit_str(pool, "a b+c&\xc3\xa9*-._~");

    p = ngx_sent_conv_carrier_form_put(buf, buf, "x", &text);
    text = ngx_sent_conv_unit_str(pool, "1");
    p = ngx_sent_conv_carrier_form_put(buf, p, "y", &text);

    text.data = buf;
    text.len = p - buf;
    ngx_sent_conv_unit_is(&text, "x=a+b%2Bc%26%C3%A9*-._%7E&y=1",
                          "form: written");
}


static void
ngx_sent_conv_unit_word(ngx_pool_t *pool)
{
    ngx_str_t   s, code;
    ngx_uint_t  i;

    static const char  *wrong[] = {
        "", " ", "a b", "a\n", "\x7f", "\xc3\xa9", "a\tb", NULL
    };

    for (i = 0; wrong[i]; i++) {
        s = ngx_sent_conv_unit_str(pool, wrong[i]);
        ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_word(&s) == NGX_DECLINED,
                              "word: wrong one %d refused", (int) i);
    }

    s = ngx_sent_conv_unit_str(pool, "wamid.HBgLMTY1MDM4Nzk0MzkVAgA/+=");
    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_word(&s) == NGX_OK, "word");

    s.len = NGX_SENT_CONV_CARRIER_ID_MAX + 1;
    s.data = ngx_pnalloc(pool, s.len);
    if (s.data == NULL) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    ngx_memset(s.data, 'a', s.len);
    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_word(&s) == NGX_DECLINED,
                          "word: too long");
    s.len--;
    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_word(&s) == NGX_OK,
                          "word: as long as it may be");

    s = ngx_sent_conv_unit_str(pool, "131047");
    ngx_sent_conv_carrier_code(&s, &code);
    ngx_sent_conv_unit_is(&code, "131047", "code");

    s = ngx_sent_conv_unit_str(pool, "1\"2");
    ngx_sent_conv_carrier_code(&s, &code);
    ngx_sent_conv_unit_ok(code.len == 0, "code: not with a quote");

    s = ngx_sent_conv_unit_str(pool, "1749416383");
    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_seconds(&s) == 1749416383000LL,
                          "seconds");
    s = ngx_sent_conv_unit_str(pool, "-1");
    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_seconds(&s) == NGX_ERROR,
                          "seconds: negative");
    s = ngx_sent_conv_unit_str(pool, "999999999999");
    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_seconds(&s) == NGX_ERROR,
                          "seconds: too many");
}


static void
ngx_sent_conv_unit_line(ngx_pool_t *pool)
{
    ngx_str_t  s, line;

    s = ngx_sent_conv_unit_str(pool, "a\nb\x7f\xc3\xa9");
    (void) ngx_sent_conv_carrier_line(pool, &s, &line);
    ngx_sent_conv_unit_is(&line, "a b \xc3\xa9", "line: no controls");

    s.len = 300;
    s.data = ngx_pnalloc(pool, s.len);
    if (s.data == NULL) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    ngx_memset(s.data, 'a', s.len);
    ngx_memcpy(&s.data[254], "\xc3\xa9", 2);

    (void) ngx_sent_conv_carrier_line(pool, &s, &line);
    ngx_sent_conv_unit_ok(line.len == 254, "line: cut before a character");

    s = ngx_sent_conv_unit_str(pool, "\xff");
    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_text(&s) == NGX_DECLINED,
                          "text: not UTF-8");
    s.data = (u_char *) "a\0b";
    s.len = 3;
    ngx_sent_conv_unit_ok(ngx_sent_conv_carrier_text(&s) == NGX_DECLINED,
                          "text: with U+0000");
}


void
ngx_sent_conv_unit_parse(ngx_pool_t *pool,
    ngx_sent_conv_carrier_format_t *format, const char *args,
    const char *body, ngx_sent_conv_unit_parsed_t *parsed)
{
    ngx_array_t                   items;
    ngx_sent_conv_carrier_in_t    in;
    ngx_sent_conv_carrier_conf_t  conf;

    ngx_memzero(parsed, sizeof(ngx_sent_conv_unit_parsed_t));
    ngx_memzero(&conf, sizeof(ngx_sent_conv_carrier_conf_t));
    ngx_memzero(&in, sizeof(ngx_sent_conv_carrier_in_t));
    ngx_memzero(&items, sizeof(ngx_array_t));

    in.args = ngx_sent_conv_unit_str(pool, args);
    in.body = ngx_sent_conv_unit_str(pool, body);

    parsed->rc = format->parse(pool, &conf, &in, &items, &parsed->skipped,
                               &parsed->reply);

    if (parsed->rc == NGX_OK) {
        parsed->n = items.nelts;
        parsed->items = items.elts;
    }
}


void
ngx_sent_conv_unit_field(ngx_str_t *got, const char *expected,
    const char *what, const char *name)
{
    u_char  title[256];

    *ngx_snprintf(title, sizeof(title) - 1, "%s, %s", what, name) = '\0';

    ngx_sent_conv_unit_is(got, expected ? expected : "", (char *) title);
}


void
ngx_sent_conv_unit_verdicts(ngx_pool_t *pool,
    ngx_sent_conv_carrier_format_t *format,
    ngx_sent_conv_unit_answer_t *answers)
{
    ngx_str_t                         answer;
    ngx_sent_conv_carrier_verdict_t   verdict;

    for ( /* void */ ; answers->answer; answers++) {

        ngx_memset(&verdict, 0xff, sizeof(verdict));

        answer = ngx_sent_conv_unit_str(pool, answers->answer);

        if (format->verdict(pool, answers->status, &answer, &verdict)
            != NGX_OK)
        {
            ngx_sent_conv_unit_ok(0, "verdict on %s", answers->answer);
            continue;
        }

        ngx_sent_conv_unit_ok(verdict.what == answers->what,
                              "verdict %d on %d, %.60s", (int) verdict.what,
                              (int) answers->status, answers->answer);

        if (answers->code) {
            ngx_sent_conv_unit_field(&verdict.code, answers->code,
                                     "code of the verdict", answers->code);
        }

        if (answers->title) {
            ngx_sent_conv_unit_field(&verdict.title, answers->title,
                                     "title of the verdict", answers->title);
        }
    }
}


void
ngx_sent_conv_unit_out(ngx_pool_t *pool, ngx_sent_conv_carrier_out_t *out,
    const char *text, const char *template)
{
    char  *err;

    ngx_memzero(out, sizeof(ngx_sent_conv_carrier_out_t));

    out->message_id = ngx_sent_conv_unit_str(pool,
                                     "019b76da-a800-7fc1-8000-000000000001");
    out->from = ngx_sent_conv_unit_str(pool, "+14155550100");
    out->to = ngx_sent_conv_unit_str(pool, "+5511987654321");
    out->text = ngx_sent_conv_unit_str(pool, text);

    if (template == NULL) {
        return;
    }

    out->template_json = ngx_sent_conv_unit_str(pool, template);

    if (ngx_sent_conv_json_parse_str(pool, &out->template_json,
                                     &out->template, &err)
        != NGX_OK)
    {
        ngx_sent_conv_unit_ok(0, "template");
    }
}
