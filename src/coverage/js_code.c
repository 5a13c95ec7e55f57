#include "coverage/js_code.h"

#include "base/alloc.h"

struct scan {
    struct tm_js_code *code;
    struct tm_str rest;
    uint32_t at; /* UTF-16 offset of rest */
    uint32_t line;
    bool in_span; /* the last character was code and on this line */
    bool regex;   /* a '/' here would start a regular expression */
    /*
     * Open brackets, one byte each: 'i' a '(' after if, while, for or with; '(' any other; '{' a block or
     * object;
     * '$' the "${" of a template.
     */
    char *open;
    size_t n_open, cap_open;
};

static char peek(const struct scan *s, size_t ahead)
{
    return ahead < s->rest.len ? s->rest.data[ahead] : '\0';
}

static void start_line(struct scan *s)
{
    TM_GROW(s->code->lines, s->code->n_lines, s->code->cap_lines);
    s->code->lines[s->code->n_lines++] = s->at;
    s->line++;
    s->in_span = false;
}

/* Takes one character; `is_code` says what it is, but white space and line ends never are. */
static void take(struct scan *s, bool is_code)
{
    size_t n = tm_str_utf8_len(s->rest);
    uint32_t units = n == 4 ? 2 : 1;
    bool line_end = s->rest.data[0] == '\n';

    if (is_code && s->in_span) {
        s->code->spans[s->code->n_spans - 1].to += units;
    } else if (is_code) {
        TM_GROW(s->code->spans, s->code->n_spans, s->code->cap_spans);
        s->code->spans[s->code->n_spans++] = (struct tm_js_span) { s->line, s->at, s->at + units };
    }
    s->in_span = is_code;
    s->at += units;
    s->rest = tm_str_from(s->rest, n ? n : 1);
    if (line_end)
        start_line(s);
}

/* Length in bytes of the white space that starts here (ECMAScript's WhiteSpace and LineTerminator), or 0. */
static size_t space_len(struct tm_str s)
{
    static const struct tm_str wide[] = {
        TM_STR("\xc2\xa0"),     TM_STR("\xef\xbb\xbf"), TM_STR("\xe1\x9a\x80"), TM_STR("\xe2\x80\xa8"),
        TM_STR("\xe2\x80\xa9"), TM_STR("\xe2\x80\xaf"), TM_STR("\xe2\x81\x9f"), TM_STR("\xe3\x80\x80"),
    };

    if (s.len == 0)
        return 0;
    if (strchr(" \t\n\v\f\r", s.data[0]) && s.data[0])
        return 1;
    if ((unsigned char)s.data[0] < 0x80)
        return 0;
    for (size_t i = 0; i < TM_LEN(wide); i++)
        if (tm_str_has_prefix(s, wide[i]))
            return wide[i].len;
    /* U+2000 to U+200A */
    return tm_str_has_prefix(s, TM_STR("\xe2\x80")) && s.len > 2 && (unsigned char)s.data[2] >= 0x80 &&
                   (unsigned char)s.data[2] <= 0x8A
               ? 3
               : 0;
}

static void take_line_comment(struct scan *s)
{
    while (s->rest.len && s->rest.data[0] != '\n')
        take(s, false);
}

static void take_block_comment(struct scan *s)
{
    take(s, false);
    take(s, false);
    while (s->rest.len && !(s->rest.data[0] == '*' && peek(s, 1) == '/'))
        take(s, false);
    for (int i = 0; i < 2 && s->rest.len; i++)
        take(s, false);
}

static void take_escape(struct scan *s)
{
    take(s, true);
    if (s->rest.len)
        take(s, s->rest.data[0] != '\n');
}

/* An unclosed string ends with its line, so that a mistake costs no more. */
static void take_string(struct scan *s, char quote)
{
    take(s, true);
    while (s->rest.len && s->rest.data[0] != '\n') {
        bool closed = s->rest.data[0] == quote;

        if (s->rest.data[0] == '\\')
            take_escape(s);
        else
            take(s, true);
        if (closed)
            break;
    }
    s->regex = false;
}

static void push(struct scan *s, char kind)
{
    TM_GROW(s->open, s->n_open, s->cap_open);
    s->open[s->n_open++] = kind;
}

/* The text of a template from its '`' or the '}' of an expression on, to its end or the next "${". */
static void take_template(struct scan *s)
{
    take(s, true);
    while (s->rest.len) {
        char c = s->rest.data[0];

        if (c == '\\') {
            take_escape(s);
        } else if (c == '$' && peek(s, 1) == '{') {
            take(s, true);
            take(s, true);
            push(s, '$');
            s->regex = true;
            return;
        } else {
            take(s, space_len(s->rest) == 0);
            if (c == '`')
                break;
        }
    }
    s->regex = false;
}

/* Length of the regular expression that starts here, or 0 when its line has no end for it. */
static size_t regex_len(struct tm_str s)
{
    bool in_set = false;

    for (size_t i = 1; i < s.len && s.data[i] != '\n'; i++) {
        if (s.data[i] == '\\' && i + 1 < s.len && s.data[i + 1] != '\n')
            i++;
        else if (s.data[i] == '[')
            in_set = true;
        else if (s.data[i] == ']')
            in_set = false;
        else if (s.data[i] == '/' && !in_set)
            return i + 1;
    }
    return 0;
}

static void take_slash(struct scan *s)
{
    size_t len = s->regex ? regex_len(s->rest) : 0;
    size_t left;

    if (!len) {
        take(s, true);
        s->regex = true;
        return;
    }
    for (left = s->rest.len - len; s->rest.len > left;)
        take(s, true);
    s->regex = false;
}

static bool is_word(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c >= 0x80;
}

static bool is_one_of(struct tm_str word, const char *const *words)
{
    for (; *words; words++)
        if (tm_str_is(word, *words))
            return true;
    return false;
}

/* Words after which an expression starts, and words whose parentheses are followed by a statement. */
static const char *const before_expression[] = { "return", "typeof", "instanceof", "in",   "of", "new",
                                                 "delete", "void",   "throw",      "case", "do", "else",
                                                 "yield",  "await",  "default",    NULL };
static const char *const before_statement[] = { "if", "while", "for", "with", NULL };

static void take_word(struct scan *s, bool after_dot, bool *statement)
{
    struct tm_str word = s->rest;

    while (s->rest.len && is_word((unsigned char)s->rest.data[0]) && !space_len(s->rest))
        take(s, true);
    word.len -= s->rest.len;
    s->regex = !after_dot && is_one_of(word, before_expression);
    *statement = !after_dot && is_one_of(word, before_statement);
}

/* Brackets, separators and operators: one character. */
static void take_punctuation(struct scan *s, bool statement)
{
    char c = s->rest.data[0];
    char opened = '\0';

    if (strchr(")}]", c) && s->n_open)
        opened = s->open[--s->n_open];
    if (c == '}' && opened == '$') {
        take_template(s);
        return;
    }
    if (c == '(')
        push(s, statement ? 'i' : '(');
    else if (c == '{' || c == '[')
        push(s, c);
    /* x++ / y divides. */
    if ((c == '+' || c == '-') && peek(s, 1) == c) {
        take(s, true);
        take(s, true);
        s->regex = false;
        return;
    }
    take(s, !strchr("{}()[];,", c));
    s->regex = c == ')' ? opened == 'i' : c != ']' && c != '.';
}

static void take_token(struct scan *s, bool *statement, bool *dot)
{
    unsigned char c = (unsigned char)s->rest.data[0];
    bool was_statement = *statement, was_dot = *dot;

    /* Space and comments are no tokens. */
    if (space_len(s->rest)) {
        take(s, false);
        return;
    }
    if (c == '/' && peek(s, 1) == '/') {
        take_line_comment(s);
        return;
    }
    if (c == '/' && peek(s, 1) == '*') {
        take_block_comment(s);
        return;
    }
    *statement = *dot = false;
    if (c == '"' || c == '\'') {
        take_string(s, (char)c);
    } else if (c == '`') {
        take_template(s);
    } else if (c == '/') {
        take_slash(s);
    } else if (is_word(c)) {
        take_word(s, was_dot, statement);
    } else if (c) {
        *dot = c == '.';
        take_punctuation(s, was_statement);
    } else {
        take(s, true); /* a NUL: no source has one */
    }
}

void tm_js_scan(struct tm_js_code *code, struct tm_str source)
{
    struct scan s = { .code = code, .rest = source, .regex = true };
    bool statement = false, dot = false;

    assert(source.len <= TM_JS_SOURCE_MAX);
    *code = (struct tm_js_code) { 0 };
    start_line(&s);
    if (tm_str_has_prefix(source, TM_STR("\xef\xbb\xbf")))
        take(&s, false);
    if (tm_str_has_prefix(s.rest, TM_STR("#!")))
        take_line_comment(&s);
    while (s.rest.len)
        take_token(&s, &statement, &dot);
    code->units = s.at;
    free(s.open);
}

void tm_js_release(struct tm_js_code *code)
{
    free(code->spans);
    free(code->lines);
    *code = (struct tm_js_code) { 0 };
}

uint32_t tm_js_line(const struct tm_js_code *code, uint32_t offset)
{
    size_t low = 0, high = code->n_lines;

    /* The last line that starts at or before offset. */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (code->lines[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low + 1;
}
