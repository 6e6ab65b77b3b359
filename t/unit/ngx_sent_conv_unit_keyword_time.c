
/*
 * What it takes to look for a keyword in a message, for "make bench": as TAP
 * has it, a comment.
 */


#include "ngx_sent_conv_unit.h"


#define NGX_SENT_CONV_UNIT_TURNS  50000
#define NGX_SENT_CONV_UNIT_WORDS  20


static ngx_uint_t ngx_sent_conv_unit_ns(clockid_t id);


/* messages as they come, in several scripts, one of them a keyword */

static const char  *ngx_sent_conv_unit_messages[] = {
    "Are you open today?",
    "Stop.",
    "Hi Ann, thanks a lot! Friday at six would be just fine for both of us, "
    "but could you tell me where to park, and whether there is a way in for "
    "wheelchairs?",
    "\xd0\x9c\xd0\xbe\xd0\xb6\xd0\xbd\xd0\xbe \xd0\xb7\xd0\xb0\xd0\xb2\xd1\x82"
    "\xd1\x80\xd0\xb0?",
    "\xe6\x98\x8e\xe5\xa4\xa9\xe5\x8f\xaf\xe4\xbb\xa5\xe5\x90\x97\xef\xbc\x9f",
    NULL
};


void
ngx_sent_conv_unit_keyword_time(ngx_pool_t *pool)
{
    u_char       names[NGX_SENT_CONV_UNIT_WORDS][8];
    ngx_str_t    text, folded, *word;
    ngx_uint_t   i, k, n, seen, start, length, match;
    ngx_pool_t  *temp;
    ngx_array_t  words;

    if (ngx_array_init(&words, pool, NGX_SENT_CONV_UNIT_WORDS,
                       sizeof(ngx_str_t))
        != NGX_OK)
    {
        return;
    }

    for (i = 0; i < NGX_SENT_CONV_UNIT_WORDS; i++) {
        word = ngx_array_push(&words);
        word->data = names[i];
        word->len = ngx_sprintf(names[i], "weg%ui", i) - names[i];
    }

    seen = 0;
    n = 0;
    length = 0;
    match = 0;

    for (i = 0; ngx_sent_conv_unit_messages[i]; i++) {
        text.data = (u_char *) ngx_sent_conv_unit_messages[i];
        text.len = ngx_strlen(text.data);

        start = ngx_sent_conv_unit_ns(CLOCK_PROCESS_CPUTIME_ID);

        for (k = 0; k < NGX_SENT_CONV_UNIT_TURNS; k++) {
            seen += (ngx_sent_conv_utf8_length(&text) == 0);
        }

        length += ngx_sent_conv_unit_ns(CLOCK_PROCESS_CPUTIME_ID) - start;

        temp = ngx_create_pool(4096, pool->log);
        if (temp == NULL) {
            return;
        }

        start = ngx_sent_conv_unit_ns(CLOCK_PROCESS_CPUTIME_ID);

        for (k = 0; k < NGX_SENT_CONV_UNIT_TURNS; k++) {
            if (ngx_sent_conv_keyword_normalize(temp, &text, &folded)
                != NGX_OK)
            {
                break;
            }

            seen += ngx_sent_conv_keyword_match(&folded, &words);
            n++;

            ngx_reset_pool(temp);
        }

        match += ngx_sent_conv_unit_ns(CLOCK_PROCESS_CPUTIME_ID) - start;

        ngx_destroy_pool(temp);
    }

    printf("# keyword: %d ns a message, its length: %d ns, %d seen\n",
           (int) (match / n), (int) (length / n), (int) seen);
}


static ngx_uint_t
ngx_sent_conv_unit_ns(clockid_t id)
{
    struct timespec  ts;

    (void) clock_gettime(id, &ts);

    return (ngx_uint_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}
