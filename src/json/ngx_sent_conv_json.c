
/*
 * Reading JSON: a chain of bytes goes through yajl and becomes a tree.
 */


#include "ngx_sent_conv_json_tree.h"


#define NGX_SENT_CONV_JSON_PIECE  16384

/* what yajl takes for a small text: itself, its lexer, a buffer of 2048 */

#define NGX_SENT_CONV_JSON_ARENA  2560
#define NGX_SENT_CONV_JSON_ALIGN  16


typedef struct {
    u_char                     *pos;
    u_char                     *last;
    u_char                      data[NGX_SENT_CONV_JSON_ARENA];
} ngx_sent_conv_json_arena_t;


typedef struct {
    ngx_sent_conv_json_tree_t   tree;
    yajl_handle                 yajl;

    /* of the escape sequence at hand */
    ngx_uint_t                  state;
    ngx_uint_t                  digits;
    ngx_uint_t                  unit;

    unsigned                    high:1;
    unsigned                    quoted:1;      /* within a string */
} ngx_sent_conv_json_ctx_t;


static void *ngx_sent_conv_json_malloc(void *data, size_t size);
static void *ngx_sent_conv_json_realloc(void *data, void *was, size_t size);
static void ngx_sent_conv_json_free(void *data, void *p);
static ngx_int_t ngx_sent_conv_json_feed(ngx_sent_conv_json_ctx_t *ctx,
    ngx_chain_t *in);
static ngx_int_t ngx_sent_conv_json_file(ngx_sent_conv_json_ctx_t *ctx,
    ngx_buf_t *b);
static ngx_int_t ngx_sent_conv_json_piece(ngx_sent_conv_json_ctx_t *ctx,
    u_char *p, size_t len);
static ngx_int_t ngx_sent_conv_json_status(ngx_sent_conv_json_ctx_t *ctx,
    yajl_status status);
static ngx_int_t ngx_sent_conv_json_escapes(ngx_sent_conv_json_ctx_t *ctx,
    u_char *p, u_char *last);
static ngx_int_t ngx_sent_conv_json_digit(ngx_sent_conv_json_ctx_t *ctx,
    u_char c);


static char  ngx_sent_conv_json_malformed[] = "The text is not valid JSON.";


ngx_int_t
ngx_sent_conv_json_parse(ngx_pool_t *pool, ngx_chain_t *in,
    ngx_sent_conv_json_t **value, char **err)
{
    ngx_int_t                    rc;
    yajl_alloc_funcs             funcs;
    ngx_sent_conv_json_ctx_t    *ctx;
    ngx_sent_conv_json_arena_t   arena;

    *value = NULL;
    *err = NULL;

    ctx = ngx_pcalloc(pool, sizeof(ngx_sent_conv_json_ctx_t));
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx->tree.pool = pool;

    arena.pos = ngx_align_ptr(arena.data, NGX_SENT_CONV_JSON_ALIGN);
    arena.last = arena.data + NGX_SENT_CONV_JSON_ARENA;

    funcs.malloc = ngx_sent_conv_json_malloc;
    funcs.realloc = ngx_sent_conv_json_realloc;
    funcs.free = ngx_sent_conv_json_free;
    funcs.ctx = &arena;

    ctx->yajl = yajl_alloc(&ngx_sent_conv_json_tree_callbacks, &funcs,
                           &ctx->tree);
    if (ctx->yajl == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_sent_conv_json_feed(ctx, in);

    if (rc == NGX_OK) {
        rc = ngx_sent_conv_json_status(ctx, yajl_complete_parse(ctx->yajl));
    }

    /* yajl is content with a string that begins behind the value */

    if (rc == NGX_OK && ctx->quoted) {
        ctx->tree.err = ngx_sent_conv_json_malformed;
        rc = NGX_DECLINED;
    }

    yajl_free(ctx->yajl);

    if (rc == NGX_OK) {
        *value = ctx->tree.root;

    } else {
        *err = ctx->tree.err;
    }

    return rc;
}


ngx_int_t
ngx_sent_conv_json_parse_str(ngx_pool_t *pool, ngx_str_t *in,
    ngx_sent_conv_json_t **value, char **err)
{
    ngx_buf_t    b;
    ngx_chain_t  cl;

    ngx_memzero(&b, sizeof(ngx_buf_t));

    b.pos = in->data;
    b.last = in->data + in->len;
    b.memory = 1;

    cl.buf = &b;
    cl.next = NULL;

    return ngx_sent_conv_json_parse(pool, &cl, value, err);
}


/* yajl's memory: on the stack, while there is room; then from the heap */

static void *
ngx_sent_conv_json_malloc(void *data, size_t size)
{
    ngx_sent_conv_json_arena_t *arena = data;

    u_char  *p;

    p = arena->pos;

    if (size >= (size_t) (arena->last - p)) {
        return malloc(size);
    }

    size = ngx_align(size, NGX_SENT_CONV_JSON_ALIGN);
    arena->pos = p + ngx_min(size, (size_t) (arena->last - p));

    return p;
}


static void *
ngx_sent_conv_json_realloc(void *data, void *was, size_t size)
{
    ngx_sent_conv_json_arena_t *arena = data;

    void    *p;
    size_t   most;
    u_char  *from;

    from = was;

    if (from == NULL) {
        return ngx_sent_conv_json_malloc(data, size);
    }

    if (from < arena->data || from >= arena->last) {
        return realloc(was, size);
    }

    /* how much there was is not known: what is behind it does no harm */

    most = arena->pos - from;

    p = ngx_sent_conv_json_malloc(data, size);

    if (p != NULL) {
        ngx_memcpy(p, from, ngx_min(size, most));
    }

    return p;
}


static void
ngx_sent_conv_json_free(void *data, void *p)
{
    ngx_sent_conv_json_arena_t *arena = data;

    if ((u_char *) p < arena->data || (u_char *) p >= arena->last) {
        free(p);
    }
}


static ngx_int_t
ngx_sent_conv_json_feed(ngx_sent_conv_json_ctx_t *ctx, ngx_chain_t *in)
{
    ngx_int_t   rc;
    ngx_buf_t  *b;

    for ( /* void */ ; in; in = in->next) {
        b = in->buf;

        if (ngx_buf_in_memory(b)) {
            rc = ngx_sent_conv_json_piece(ctx, b->pos, b->last - b->pos);

        } else if (b->in_file) {
            rc = ngx_sent_conv_json_file(ctx, b);

        } else {
            rc = NGX_OK;
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_json_file(ngx_sent_conv_json_ctx_t *ctx, ngx_buf_t *b)
{
    off_t      offset;
    size_t     size;
    u_char    *piece;
    ssize_t    n;
    ngx_int_t  rc;

    piece = ngx_palloc(ctx->tree.pool, NGX_SENT_CONV_JSON_PIECE);
    if (piece == NULL) {
        return NGX_ERROR;
    }

    for (offset = b->file_pos; offset < b->file_last; offset += n) {

        size = (size_t) ngx_min(b->file_last - offset,
                                NGX_SENT_CONV_JSON_PIECE);

        n = ngx_read_file(b->file, piece, size, offset);
        if (n <= 0) {
            return NGX_ERROR;
        }

        rc = ngx_sent_conv_json_piece(ctx, piece, n);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_json_piece(ngx_sent_conv_json_ctx_t *ctx, u_char *p, size_t len)
{
    if (len == 0) {
        return NGX_OK;
    }

    if (ngx_sent_conv_json_escapes(ctx, p, p + len) != NGX_OK) {
        ctx->tree.err = "The JSON text has half a surrogate pair.";
        return NGX_DECLINED;
    }

    return ngx_sent_conv_json_status(ctx, yajl_parse(ctx->yajl, p, len));
}


static ngx_int_t
ngx_sent_conv_json_status(ngx_sent_conv_json_ctx_t *ctx, yajl_status status)
{
    if (ctx->tree.nomem) {
        return NGX_ERROR;
    }

    if (status == yajl_status_ok) {
        return NGX_OK;
    }

    if (ctx->tree.err == NULL) {
        ctx->tree.err = ngx_sent_conv_json_malformed;
    }

    return NGX_DECLINED;
}


/*
 * yajl turns half a surrogate pair into a question mark or another character
 * without a word, so escapes are read here before it sees them.
 */

static ngx_int_t
ngx_sent_conv_json_escapes(ngx_sent_conv_json_ctx_t *ctx, u_char *p,
    u_char *last)
{
    u_char  c;
    enum {
        sw_text = 0,
        sw_escape,
        sw_hex
    } state;

    state = ctx->state;

    while (p < last) {
        c = *p++;

        switch (state) {

        case sw_text:
            if (c == '\\') {
                state = sw_escape;

            } else if (ctx->high) {
                return NGX_DECLINED;

            } else if (c == '"') {
                ctx->quoted = !ctx->quoted;
            }

            break;

        case sw_escape:
            if (c == 'u') {
                ctx->digits = 0;
                ctx->unit = 0;
                state = sw_hex;
                break;
            }

            if (ctx->high) {
                return NGX_DECLINED;
            }

            state = sw_text;
            break;

        case sw_hex:
            if (ngx_sent_conv_json_digit(ctx, c) != NGX_OK) {
                return NGX_DECLINED;
            }

            if (ctx->digits == 4) {
                state = sw_text;
            }

            break;
        }
    }

    ctx->state = state;

    return NGX_OK;
}


static ngx_int_t
ngx_sent_conv_json_digit(ngx_sent_conv_json_ctx_t *ctx, u_char c)
{
    ngx_uint_t  digit;

    /* what is no digit is for yajl to refuse */

    digit = (c <= '9') ? c : (c | 0x20) - 'a' + 10;

    ctx->unit = (ctx->unit << 4) | (digit & 0x0f);

    if (++ctx->digits < 4) {
        return NGX_OK;
    }

    if (ctx->high != ((ctx->unit & 0xfc00) == 0xdc00)) {
        return NGX_DECLINED;
    }

    ctx->high = ((ctx->unit & 0xfc00) == 0xd800);

    return NGX_OK;
}
