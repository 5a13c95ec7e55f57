#include "coverage/xml_plain.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/alloc.h"

/* How reading one piece of the text ended. */
enum step {
    STEP_DONE,
    STEP_MORE, /* it goes on behind the window */
    STEP_ODD,  /* give up */
};

struct open_element {
    size_t name, len; /* in scan->names */
};

struct scan {
    const struct tm_xml_plain_handler *handler;
    const char *at, *end; /* of the window; a NUL stands at end */
    bool last;            /* the window ends with the source */
    bool begun, root;     /* the prolog's first bytes, and the root element, were met */
    bool doctype;
    unsigned depth;
    struct open_element open[TM_XML_DEPTH];
    struct tm_buf names; /* of open elements */
    /* The start tag being read: names and values, NUL-terminated. */
    char *tag;
    size_t used;
    struct {
        const char *name;
        size_t len;
    } attrs[TM_XML_PLAIN_ATTRS];
    size_t n_attrs;
    const char *pairs[2 * TM_XML_PLAIN_ATTRS + 1];
    struct tm_err err;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(char c)
{
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
}

/* What stands for itself in an attribute's value and in text, whatever is around it. */
static bool is_plain(char c)
{
    return (unsigned char)c >= ' ' && (unsigned char)c < 0x80 && c != '<' && c != '&' && c != '"' &&
           c != '\'' && c != ']';
}

const char *tm_xml_plain_skip_space(const char *p, const char *end)
{
#ifdef __SSE2__
    while (p < end) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)p);
        __m128i space = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')),
                                                  _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'))),
                                     _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')),
                                                  _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r'))));
        unsigned others = ~(unsigned)_mm_movemask_epi8(space) & 0xFFFF;

        if (others) {
            p += __builtin_ctz(others);
            break;
        }
        p += sizeof(bytes);
    }
    return TM_MIN(p, end);
#else
    while (p < end && is_space(*p))
        p++;
    return p;
#endif
}

/* ---- Characters ---- */

/* How many bytes the character at p has, if it may stand in a document at all and is none of ASCII. */
static enum step take_wide(const struct scan *s, const char *p, size_t *len)
{
    *len = tm_str_utf8_len(tm_str_n(p, (size_t)(s->end - p)));
    if (*len == 0)
        return s->end - p < 4 && !s->last ? STEP_MORE : STEP_ODD;
    /* U+FFFE and U+FFFF are no characters of XML. */
    if (*len == 3 && memcmp(p, "\xef\xbf", 2) == 0 && (unsigned char)p[2] >= 0xBE)
        return STEP_ODD;
    return STEP_DONE;
}

/* One of XML's five entities. */
static enum step take_entity(const struct scan *s, const char *p, char *c, size_t *len)
{
    static const struct {
        struct tm_str text;
        char c;
    } entities[] = {
        { TM_STR("&lt;"), '<' },   { TM_STR("&gt;"), '>' },    { TM_STR("&amp;"), '&' },
        { TM_STR("&quot;"), '"' }, { TM_STR("&apos;"), '\'' },
    };
    struct tm_str rest = tm_str_n(p, (size_t)(s->end - p));

    for (size_t i = 0; i < TM_LEN(entities); i++) {
        if (!tm_str_has_prefix(rest, entities[i].text))
            continue;
        *c = entities[i].c;
        *len = entities[i].text.len;
        return STEP_DONE;
    }
    return rest.len < 6 && !s->last ? STEP_MORE : STEP_ODD;
}

/*
 * Characters up to `stop` into out, unescaped; *end is where stop stands. White space but ' ' is odd: in
 * values it would become a space.
 */
static enum step take_value(struct scan *s, const char *p, char stop, const char **end)
{
    for (;;) {
        const char *from = p;
        enum step step;
        size_t len = 0;
        char c = '\0';

        while (is_plain(*p))
            p++;
        len = (size_t)(p - from);
        if (s->used + len + 8 > TM_XML_PLAIN_TAG)
            return STEP_ODD;
        memcpy(s->tag + s->used, from, len);
        s->used += len;
        if (*p == stop) {
            s->tag[s->used++] = '\0';
            *end = p;
            return STEP_DONE;
        }
        if (p == s->end)
            return s->last ? STEP_ODD : STEP_MORE;
        if (*p == '"' || *p == '\'' || *p == ']') {
            s->tag[s->used++] = *p++;
            continue;
        }
        if (*p == '&') {
            step = take_entity(s, p, &c, &len);
            if (!step)
                s->tag[s->used++] = c;
        } else if (*p & 0x80) {
            step = take_wide(s, p, &len);
            if (!step) {
                memcpy(s->tag + s->used, p, len);
                s->used += len;
            }
        } else {
            return STEP_ODD;
        }
        if (step)
            return step;
        p += len;
    }
}

/* ---- Text ---- */

static enum step tell_text(struct scan *s, const char *from, const char *to)
{
    if (from == to)
        return STEP_DONE;
    return s->handler->calls.text(s->handler->calls.ctx, tm_str_n(from, (size_t)(to - from)), &s->err)
               ? STEP_ODD
               : STEP_DONE;
}

/* The text between from and to, where a '<' stands. CRLF is LF in XML. */
static enum step take_text(struct scan *s, const char *from, const char *to)
{
    const char *p = from;

    while (p < to) {
        enum step step = STEP_DONE;
        size_t len = 1;
        char c;

        if (is_plain(*p) || *p == '"' || *p == '\'' || *p == '\n' || *p == '\t') {
            p++;
            continue;
        }
        if (*p == '&') {
            step = take_entity(s, p, &c, &len);
            if (!step)
                step = tell_text(s, from, p);
            if (!step)
                step = tell_text(s, &c, &c + 1);
            from = p + len;
        } else if (*p & 0x80) {
            step = take_wide(s, p, &len);
        } else if (*p == '\r' && p[1] == '\n') {
            step = tell_text(s, from, p);
            from = p + len;
        } else {
            /* "]]>" may not stand in text; a ']' is rare enough. */
            step = STEP_ODD;
        }
        if (step)
            return STEP_ODD;
        p += len;
    }
    return tell_text(s, from, to);
}

/* ---- Tags ---- */

static enum step take_name(struct scan *s, const char **p, const char **name, size_t *len)
{
    const char *from = *p, *to = from;

    if (!is_name_start(*to))
        return to == s->end && !s->last ? STEP_MORE : STEP_ODD;
    while (is_name(*to))
        to++;
    *len = (size_t)(to - from);
    if (s->used + *len + 1 > TM_XML_PLAIN_TAG)
        return STEP_ODD;
    *name = memcpy(s->tag + s->used, from, *len);
    s->used += *len;
    s->tag[s->used++] = '\0';
    *p = to;
    return to == s->end ? (s->last ? STEP_ODD : STEP_MORE) : STEP_DONE;
}

static bool is_second(const struct scan *s, const char *name, size_t len)
{
    for (size_t i = 0; i < s->n_attrs; i++)
        if (s->attrs[i].len == len && memcmp(s->attrs[i].name, name, len) == 0)
            return true;
    return false;
}

static enum step take_attr(struct scan *s, const char **at)
{
    const char *p = *at, *name = NULL;
    size_t len = 0, value;
    enum step step = take_name(s, &p, &name, &len);

    if (step)
        return step;
    if (s->n_attrs == TM_XML_PLAIN_ATTRS || is_second(s, name, len))
        return STEP_ODD;
    if (*p != '=')
        return STEP_ODD;
    p++;
    if (*p != '"' && *p != '\'')
        return p == s->end && !s->last ? STEP_MORE : STEP_ODD;
    value = s->used;
    step = take_value(s, p + 1, *p, &p);
    if (step)
        return step;
    s->attrs[s->n_attrs].name = name;
    s->attrs[s->n_attrs].len = len;
    s->pairs[2 * s->n_attrs] = name;
    s->pairs[2 * s->n_attrs + 1] = s->tag + value;
    s->n_attrs++;
    *at = p + 1;
    return STEP_DONE;
}

static enum step open_element(struct scan *s, const char *name, size_t len, bool empty)
{
    const struct tm_xml_handler *calls = &s->handler->calls;

    if (s->depth == TM_XML_DEPTH || (s->depth == 0 && s->root))
        return STEP_ODD;
    s->root = true;
    s->pairs[2 * s->n_attrs] = NULL;
    if (calls->start(calls->ctx, name, s->pairs, &s->err))
        return STEP_ODD;
    if (empty)
        return calls->end(calls->ctx, name, &s->err) ? STEP_ODD : STEP_DONE;
    s->open[s->depth++] = (struct open_element) { s->names.len, len };
    tm_buf_add(&s->names, name, len + 1);
    return STEP_DONE;
}

/* p is behind the '<'. */
static enum step take_start(struct scan *s, const char *p)
{
    const char *name = NULL;
    size_t len = 0;
    bool spaced, empty;
    enum step step;

    s->used = s->n_attrs = 0;
    step = take_name(s, &p, &name, &len);
    while (!step) {
        spaced = is_space(*p);
        p = tm_xml_plain_skip_space(p, s->end);
        if (p == s->end)
            return s->last ? STEP_ODD : STEP_MORE;
        if (*p == '>' || *p == '/')
            break;
        step = spaced ? take_attr(s, &p) : STEP_ODD;
    }
    if (step)
        return step;
    empty = *p == '/';
    p += empty;
    if (*p != '>')
        return p == s->end && !s->last ? STEP_MORE : STEP_ODD;
    step = open_element(s, name, len, empty);
    s->at = p + 1;
    return step;
}

/* p is behind the "</". */
static enum step take_end(struct scan *s, const char *p)
{
    const struct tm_xml_handler *calls = &s->handler->calls;
    const struct open_element *open;
    const char *name;

    if (s->depth == 0)
        return STEP_ODD;
    open = &s->open[s->depth - 1];
    name = s->names.data + open->name;
    if ((size_t)(s->end - p) <= open->len)
        return s->last ? STEP_ODD : STEP_MORE;
    if (memcmp(p, name, open->len) != 0)
        return STEP_ODD;
    p = tm_xml_plain_skip_space(p + open->len, s->end);
    if (*p != '>')
        return p == s->end && !s->last ? STEP_MORE : STEP_ODD;
    if (calls->end(calls->ctx, name, &s->err))
        return STEP_ODD;
    tm_buf_truncate(&s->names, open->name);
    s->depth--;
    s->at = p + 1;
    return STEP_DONE;
}

/* ---- What is no element ---- */

/* Takes `text` at *p. */
static enum step take_text_of(const struct scan *s, const char **p, struct tm_str text)
{
    struct tm_str rest = tm_str_n(*p, (size_t)(s->end - *p));

    if (tm_str_has_prefix(rest, text)) {
        *p += text.len;
        return STEP_DONE;
    }
    return rest.len < text.len && !s->last ? STEP_MORE : STEP_ODD;
}

/* p is behind the "<!--". ASCII alone, and no "--". */
static enum step take_comment(struct scan *s, const char *p)
{
    while (is_plain(*p) || *p == '\n' || *p == '\t' || *p == '"' || *p == '\'' || *p == '<' || *p == '&' ||
           *p == ']' || *p == '\r') {
        if (*p != '-' || p[1] != '-') {
            p++;
            continue;
        }
        if (p[2] != '>')
            return p + 2 == s->end && !s->last ? STEP_MORE : STEP_ODD;
        s->at = p + 3;
        return STEP_DONE;
    }
    return p == s->end && !s->last ? STEP_MORE : STEP_ODD;
}

/* Letters, digits, and what else stands in the identifiers of DTDs. */
static bool is_literal(char c)
{
    return is_name(c) || c == ' ' || c == '/' || c == '+';
}

static enum step take_literal(struct scan *s, const char **at)
{
    const char *p = *at;
    char quote = *p;

    if (quote != '"' && quote != '\'')
        return p == s->end && !s->last ? STEP_MORE : STEP_ODD;
    for (p++; is_literal(*p);)
        p++;
    if (*p != quote)
        return p == s->end && !s->last ? STEP_MORE : STEP_ODD;
    *at = p + 1;
    return STEP_DONE;
}

/* p is behind "<!DOCTYPE ". What it points at is not looked at; declarations of its own are odd. */
static enum step take_doctype(struct scan *s, const char *p)
{
    const char *name;
    bool is_public = false;
    size_t len;
    enum step step;

    if (s->root || s->doctype)
        return STEP_ODD;
    s->used = 0;
    step = take_name(s, &p, &name, &len);
    if (!step)
        step = take_text_of(s, &p, TM_STR(" "));
    if (!step && *p == 'P') {
        is_public = true;
        step = take_text_of(s, &p, TM_STR("PUBLIC "));
    } else if (!step) {
        step = take_text_of(s, &p, TM_STR("SYSTEM "));
    }
    if (!step)
        step = take_literal(s, &p);
    if (!step && is_public) {
        if (!is_space(*p))
            return p == s->end && !s->last ? STEP_MORE : STEP_ODD;
        p = tm_xml_plain_skip_space(p, s->end);
        step = take_literal(s, &p);
    }
    if (!step)
        step = take_text_of(s, &p, TM_STR(">"));
    if (!step) {
        s->doctype = true;
        s->at = p;
    }
    return step;
}

/* p is behind the "<!". */
static enum step take_declaration(struct scan *s, const char *p)
{
    enum step step;

    if (*p == '-') {
        step = take_text_of(s, &p, TM_STR("--"));
        return step ? step : take_comment(s, p);
    }
    step = take_text_of(s, &p, TM_STR("DOCTYPE "));
    return step ? step : take_doctype(s, p);
}

static enum step take_markup(struct scan *s)
{
    const char *p = s->at + 1;

    if (*p == '/')
        return take_end(s, p + 1);
    if (*p == '!')
        return take_declaration(s, p + 1);
    return take_start(s, p);
}

static void take_one_of(const struct scan *s, const char **p, const struct tm_str *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (take_text_of(s, p, texts[i]) == STEP_DONE)
            return;
}

/* A byte order mark and the XML declaration in the spellings that are in use. */
static enum step take_beginning(struct scan *s)
{
    static const struct tm_str encodings[] = { TM_STR(" encoding=\"UTF-8\""), TM_STR(" encoding=\"utf-8\""),
                                               TM_STR(" encoding='UTF-8'"), TM_STR(" encoding='utf-8'") };
    static const struct tm_str standalone[] = { TM_STR(" standalone=\"yes\""), TM_STR(" standalone=\"no\"") };
    const char *p = s->at;

    s->begun = true;
    take_text_of(s, &p, TM_STR("\xef\xbb\xbf"));
    s->at = p;
    if (take_text_of(s, &p, TM_STR("<?xml")))
        return STEP_DONE;
    if (take_text_of(s, &p, TM_STR(" version=\"1.0\"")) && take_text_of(s, &p, TM_STR(" version='1.0'")))
        return STEP_ODD;
    take_one_of(s, &p, encodings, TM_LEN(encodings));
    take_one_of(s, &p, standalone, TM_LEN(standalone));
    p = tm_xml_plain_skip_space(p, s->end);
    s->at = p + 2;
    return take_text_of(s, &p, TM_STR("?>")) ? STEP_ODD : STEP_DONE;
}

/* ---- The document ---- */

/* Text up to the next '<'; behind the root element white space up to the end. */
static enum step take_between(struct scan *s)
{
    const char *p = tm_xml_plain_skip_space(s->at, s->end), *to = p;
    enum step step = STEP_DONE;

    if (p < s->end && *p != '<')
        to = s->depth ? memchr(p, '<', (size_t)(s->end - p)) : NULL;
    if (!to)
        return s->last || s->depth == 0 ? STEP_ODD : STEP_MORE;
    if (to == s->end && !s->last)
        return STEP_MORE;
    if (s->depth && to == p && !memchr(s->at, '\r', (size_t)(p - s->at)))
        step = tell_text(s, s->at, p);
    else if (s->depth)
        step = take_text(s, s->at, to);
    s->at = to;
    return step;
}

static enum step take_next(struct scan *s)
{
    const struct tm_xml_plain_handler *handler = s->handler;
    enum step step;

    if (*s->at != '<' || s->at == s->end) {
        step = take_between(s);
        if (step || s->at == s->end)
            return step ? step : s->last ? STEP_DONE : STEP_MORE;
    }
    if (handler->take && s->depth && s->depth < TM_XML_DEPTH) {
        const char *to = handler->take(handler->calls.ctx, s->at, s->end);

        if (to != s->at) {
            s->at = to;
            return STEP_DONE;
        }
    }
    return take_markup(s);
}

/* Takes all of the window that is complete. */
static enum step take_window(struct scan *s)
{
    enum step step = s->begun ? STEP_DONE : take_beginning(s);

    while (!step && s->at < s->end)
        step = take_next(s);
    return step;
}

bool tm_xml_plain_read(struct tm_source *source, const struct tm_xml_plain_handler *handler)
{
    struct scan *s = tm_alloc(sizeof(*s));
    struct tm_str window;
    enum step step = STEP_MORE;
    size_t used = 0;

    s->handler = handler;
    s->names = TM_BUF_INIT;
    s->tag = tm_alloc(TM_XML_PLAIN_TAG);
    do {
        size_t left = (size_t)(s->end - s->at);

        if (tm_source_slide(source, used, &window, &s->err) || (!source->ended && window.len == left)) {
            step = STEP_ODD;
            break;
        }
        s->at = window.data;
        s->end = window.data + window.len;
        s->last = source->ended;
        step = take_window(s);
        used = (size_t)(s->at - window.data);
    } while (step != STEP_ODD && !s->last);
    tm_buf_release(&s->names);
    tm_err_release(&s->err);
    free(s->tag);
    step = step == STEP_DONE && s->depth == 0 && s->root ? STEP_DONE : STEP_ODD;
    free(s);
    return step == STEP_DONE;
}
