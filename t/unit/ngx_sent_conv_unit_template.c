
/*
 * Tests of the texts of templates: what is checked, and what is filled in.
 */


#include "ngx_sent_conv_unit.h"


static ngx_int_t ngx_sent_conv_unit_template_list(ngx_pool_t *pool,
    ngx_array_t *list, const char *text);
static void ngx_sent_conv_unit_template_check(ngx_pool_t *pool);
static void ngx_sent_conv_unit_template_long(ngx_pool_t *pool);
static void ngx_sent_conv_unit_template_render(ngx_pool_t *pool);


void
ngx_sent_conv_unit_template(ngx_pool_t *pool)
{
    ngx_sent_conv_unit_template_check(pool);
    ngx_sent_conv_unit_template_long(pool);
    ngx_sent_conv_unit_template_render(pool);
}


/* strings between "/", as many as there are; NULL: none */

static ngx_int_t
ngx_sent_conv_unit_template_list(ngx_pool_t *pool, ngx_array_t *list,
    const char *text)
{
    u_char     *p, *last, *next;
    ngx_str_t   s, *item;

    if (ngx_array_init(list, pool, 1, sizeof(ngx_str_t)) != NGX_OK) {
        return NGX_ERROR;
    }

    if (text == NULL) {
        return NGX_OK;
    }

    s = ngx_sent_conv_unit_str(pool, text);
    last = s.data + s.len;

    for (p = s.data; /* void */ ; p = next + 1) {
        next = ngx_strlchr(p, last, '/');

        item = ngx_array_push(list);
        if (item == NULL) {
            return NGX_ERROR;
        }

        item->data = p;
        item->len = (next ? next : last) - p;

        if (next == NULL) {
            return NGX_OK;
        }
    }
}


static void
ngx_sent_conv_unit_template_check(ngx_pool_t *pool)
{
    ngx_int_t    rc;
    ngx_str_t    text, at;
    ngx_uint_t   i;
    ngx_array_t  names;

    static struct {
        const char  *text;
        const char  *at;                   /* NULL: it is taken */
    } cases[] = {
        { "", NULL },
        { "Hello", NULL },
        { "{{name}}", NULL },
        { "Hello {{name}}, until {{day}}.", NULL },
        { "{{name}}{{day}}{{name}}", NULL },
        { "{{ name }}", NULL },
        { "{{   name}}", NULL },
        { "{{a_1}}", NULL },
        { "{name} {day} {x}", NULL },
        { "{ {x}}", NULL },
        { "}} {{name}} }}", NULL },
        { "{{name}}}", NULL },
        { "\xc3\xa9{{name}}\xf0\x9f\x98\x80", NULL },
        { "{", NULL },
        { "Hello {", NULL },

        { "{{x}}", "x" },
        { "{{name}} {{x}} {{day}}", "x" },
        { "{{Name}}", "Name" },
        { "{{nam}}", "nam" },
        { "{{names}}", "names" },
        { "{{na me}}", "na me" },
        { "{{ x y }}", "x y" },
        { "{{\tname}}", "\tname" },
        { "{{name\n}}", "name\n" },
        { "{{}}", "" },
        { "{{ }}", "" },
        { "{{{name}}}", "{name" },
        { "{{name{{day}}", "name{{day" },
        { "{{\xc3\xa9}}", "\xc3\xa9" },

        { "{{", "" },
        { "{{name", "name" },
        { "{{name}", "name}" },
        { "{{name} }", "name} }" },
        { "{{name}} {{day", "day" },
        { NULL, NULL }
    };

    if (ngx_sent_conv_unit_template_list(pool, &names, "name/day/a_1")
        != NGX_OK)
    {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    for (i = 0; cases[i].text; i++) {
        text = ngx_sent_conv_unit_str(pool, cases[i].text);
        ngx_str_null(&at);

        rc = ngx_sent_conv_template_check(&text, &names, &at);

        ngx_sent_conv_unit_ok(rc == (cases[i].at ? NGX_DECLINED : NGX_OK),
                              "template %d %s", (int) i,
                              cases[i].at ? "refused" : "taken");

        if (cases[i].at) {
            ngx_sent_conv_unit_is(&at, cases[i].at, "what it is refused for");
        }
    }

    if (ngx_sent_conv_unit_template_list(pool, &names, NULL) != NGX_OK) {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    text = ngx_sent_conv_unit_str(pool, "Hello");
    ngx_sent_conv_unit_ok(ngx_sent_conv_template_check(&text, &names, &at)
                          == NGX_OK, "template without parameters");

    text = ngx_sent_conv_unit_str(pool, "{{name}}");
    ngx_sent_conv_unit_ok(ngx_sent_conv_template_check(&text, &names, &at)
                          == NGX_DECLINED, "a name where there are none");
}


/* of a name that is not ended no more than a piece is told */

static void
ngx_sent_conv_unit_template_long(ngx_pool_t *pool)
{
    ngx_str_t    text, at;
    ngx_array_t  names;

    text.len = 4096;
    text.data = ngx_pnalloc(pool, text.len);

    if (text.data == NULL
        || ngx_sent_conv_unit_template_list(pool, &names, "name") != NGX_OK)
    {
        ngx_sent_conv_unit_ok(0, "memory");
        return;
    }

    ngx_memset(text.data, 'a', text.len);
    ngx_memcpy(text.data, "x{{", 3);

    ngx_sent_conv_unit_ok(ngx_sent_conv_template_check(&text, &names, &at)
                          == NGX_DECLINED && at.len == 32
                          && at.data == text.data + 3,
                          "a long name that is not ended");

    ngx_memset(text.data, '{', text.len);

    ngx_sent_conv_unit_ok(ngx_sent_conv_template_check(&text, &names, &at)
                          == NGX_DECLINED, "braces all over");

    ngx_memset(text.data, '}', text.len);

    ngx_sent_conv_unit_ok(ngx_sent_conv_template_check(&text, &names, &at)
                          == NGX_OK, "braces that end nothing");
}


static void
ngx_sent_conv_unit_template_render(ngx_pool_t *pool)
{
    ngx_str_t    text, out;
    ngx_uint_t   i;
    ngx_array_t  names, values;

    static struct {
        const char  *names;
        const char  *values;
        const char  *text;
        const char  *out;
    } cases[] = {
        { "name/day", "Ada/Monday", "", "" },
        { "name/day", "Ada/Monday", "Hello", "Hello" },
        { NULL, NULL, "Hello", "Hello" },
        { "name/day", "Ada/Monday", "Hello {{name}}, until {{day}}.",
          "Hello Ada, until Monday." },
        { "name/day", "Ada/Monday", "{{day}}: {{name}}", "Monday: Ada" },
        { "name/day", "Ada/Monday", "{{name}}", "Ada" },
        { "name/day", "Ada/Monday", "{{name}}{{day}}{{name}}",
          "AdaMondayAda" },
        { "name/day", "Ada/Monday", "{{ name }}|{{day  }}", "Ada|Monday" },
        { "name/day", "Ada/Monday", "{name} }} {{{day}}", "{name} }} " },
        { "name/day", "Ada/Monday", "{{name}}}", "Ada}" },

        /* a name that begins another */

        { "name_2/name", "Bo/Ada", "{{name}} {{name_2}}", "Ada Bo" },

        /* what is filled in is not looked into again */

        { "name/day", "{{day}}/{{name}}", "{{name}} {{day}}",
          "{{day}} {{name}}" },
        { "name/day", "{{/}}", "{{name}}day{{day}}", "{{day}}" },
        { "name/day", "\\1 $1 %s %V/%%", "{{name}} {{day}}",
          "\\1 $1 %s %V %%" },

        { "name/day", "/", "a{{name}}b{{day}}", "ab" },
        { "name/day", "/", "{{name}}{{day}}", "" },
        { "name/day", "\xc3\x89va/\xf0\x9f\x98\x80",
          "\xc2\xa1" "Hola, {{name}}! {{day}}\xe2\x80\xa6",
          "\xc2\xa1" "Hola, \xc3\x89va! \xf0\x9f\x98\x80\xe2\x80\xa6" },
        { "name/day", "\"Ada\"\n/<b>", "{{name}}{{day}}", "\"Ada\"\n<b>" },

        /* never what lies behind the values that there are */

        { "name/day", "Ada", "{{name}}|{{day}}|", "Ada||" },
        { "name/day", NULL, "{{name}}|{{day}}|", "||" },

        { NULL, NULL, NULL, NULL }
    };

    for (i = 0; cases[i].text; i++) {
        text = ngx_sent_conv_unit_str(pool, cases[i].text);
        ngx_str_null(&out);

        if (ngx_sent_conv_unit_template_list(pool, &names, cases[i].names)
            != NGX_OK
            || ngx_sent_conv_unit_template_list(pool, &values,
                                                cases[i].values)
               != NGX_OK
            || ngx_sent_conv_template_render(pool, &text, &names, &values,
                                             &out)
               != NGX_OK)
        {
            ngx_sent_conv_unit_ok(0, "memory");
            continue;
        }

        ngx_sent_conv_unit_is(&out, cases[i].out, "template filled in");
        ngx_sent_conv_unit_ok(out.data != NULL, "a text, if an empty one");
    }
}
