
/*
 * Tests of the traceparent, after the examples of W3C Trace Context.
 */


#include "ngx_sent_conv_unit.h"


#define NGX_SENT_CONV_UNIT_TRACE                                              \
    "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"


typedef struct {
    const char  *text;
    const char  *out;                /* NULL: it is ignored */
} ngx_sent_conv_unit_trace_t;


static ngx_sent_conv_unit_trace_t  ngx_sent_conv_unit_traces[] = {

    { "00-" NGX_SENT_CONV_UNIT_TRACE "-01",
      "00-" NGX_SENT_CONV_UNIT_TRACE "-01" },
    { "00-" NGX_SENT_CONV_UNIT_TRACE "-00",
      "00-" NGX_SENT_CONV_UNIT_TRACE "-00" },
    { "00-" NGX_SENT_CONV_UNIT_TRACE "-ff",
      "00-" NGX_SENT_CONV_UNIT_TRACE "-ff" },

    /* later versions, of which the known part is passed on */

    { "01-" NGX_SENT_CONV_UNIT_TRACE "-01",
      "00-" NGX_SENT_CONV_UNIT_TRACE "-01" },
    { "cc-" NGX_SENT_CONV_UNIT_TRACE "-02-what-the-future-will-be-like",
      "00-" NGX_SENT_CONV_UNIT_TRACE "-00" },
    { "cc-" NGX_SENT_CONV_UNIT_TRACE "-0b-",
      "00-" NGX_SENT_CONV_UNIT_TRACE "-01" },
    { "cc-" NGX_SENT_CONV_UNIT_TRACE "-01.x", NULL },
    { "cc-" NGX_SENT_CONV_UNIT_TRACE "-012", NULL },
    { "ff-" NGX_SENT_CONV_UNIT_TRACE "-01", NULL },

    /* not of the form */

    { "", NULL },
    { "00", NULL },
    { "00-" NGX_SENT_CONV_UNIT_TRACE "-0", NULL },
    { "00-" NGX_SENT_CONV_UNIT_TRACE "-01-", NULL },
    { "00-" NGX_SENT_CONV_UNIT_TRACE "-01-x", NULL },
    { "00-" NGX_SENT_CONV_UNIT_TRACE "-010", NULL },
    { "00-" NGX_SENT_CONV_UNIT_TRACE "-0G", NULL },
    { "0x-" NGX_SENT_CONV_UNIT_TRACE "-01", NULL },
    { " 0-" NGX_SENT_CONV_UNIT_TRACE "-01", NULL },
    { "00 " NGX_SENT_CONV_UNIT_TRACE "-01", NULL },
    { "00-" NGX_SENT_CONV_UNIT_TRACE ";01", NULL },
    { "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", NULL },
    { "00-0af7651916cd43dd8448eb211c80319c-B7AD6B7169203331-01", NULL },
    { "00-00000000000000000000000000000000-b7ad6b7169203331-01", NULL },
    { "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", NULL },
    { "00-0af7651916cd43dd8448eb211c80319cb-7ad6b7169203331-01", NULL },
    { "00-0af7651916cd43dd8448eb211c80319-cb7ad6b7169203331-01", NULL },

    { NULL, NULL }
};


void
ngx_sent_conv_unit_trace(ngx_pool_t *pool)
{
    u_char                       buf[NGX_SENT_CONV_TRACE_LEN];
    ngx_int_t                    rc;
    ngx_str_t                    text, out;
    ngx_sent_conv_unit_trace_t  *t;

    for (t = ngx_sent_conv_unit_traces; t->text; t++) {
        text = ngx_sent_conv_unit_str(pool, t->text);

        rc = ngx_sent_conv_trace_parse(&text, buf);

        out.len = NGX_SENT_CONV_TRACE_LEN;
        out.data = buf;

        if (t->out == NULL) {
            ngx_sent_conv_unit_ok(rc == NGX_DECLINED, "no trace \"%s\"",
                                  t->text);
            continue;
        }

        ngx_sent_conv_unit_ok(rc == NGX_OK, "trace \"%s\"", t->text);
        ngx_sent_conv_unit_is(&out, t->out, t->text);
    }
}
