#include "repo/ignore.h"

#include "base/alloc.h"

enum {
    NEGATED = 1,  /* "!..." */
    DIR_ONLY = 2, /* ".../" */
    BASENAME = 4, /* no slash inside: the name alone is matched, at any depth */
    SUFFIX = 8,   /* "*" and then nothing special: the end of the name is compared */
    LITERAL = 16, /* nothing special at all */
};

struct tm_ignore_pattern {
    uint32_t at, len; /* in text, without what the flags say */
    uint32_t plain;   /* so many bytes at its start are not special */
    uint32_t flags;
};

static bool is_special(char c)
{
    return c == '*' || c == '?' || c == '[' || c == '\\';
}

static uint32_t count_plain(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && !is_special(s[n]))
        n++;
    return (uint32_t)n;
}

/* A line without its end: up to a NUL, and without spaces at the end unless they are quoted. */
static size_t trimmed_len(struct tm_str line)
{
    size_t len = TM_MIN(tm_str_find(line, '\0'), line.len), keep = 0;

    for (size_t i = 0; i < len; i++) {
        if (line.data[i] == '\\') {
            /* A lone backslash at the end keeps everything. */
            if (i + 1 == len)
                return len;
            i++;
        } else if (line.data[i] == ' ') {
            continue;
        }
        keep = i + 1;
    }
    return keep;
}

static void add_pattern(struct tm_ignore *ignore, size_t *cap, struct tm_str line)
{
    const char *start = ignore->text.data;
    struct tm_ignore_pattern pattern = { 0 };
    struct tm_str s = tm_str_n(line.data, trimmed_len(line));

    if (s.len && s.data[0] == '!') {
        pattern.flags |= NEGATED;
        s = tm_str_from(s, 1);
    }
    if (s.len && s.data[s.len - 1] == '/') {
        pattern.flags |= DIR_ONLY;
        s.len--;
    }
    if (tm_str_find(s, '/') == SIZE_MAX)
        pattern.flags |= BASENAME;
    pattern.plain = count_plain(s.data, s.len);
    if (s.len && s.data[0] == '*' && count_plain(s.data + 1, s.len - 1) == s.len - 1)
        pattern.flags |= SUFFIX;
    /* A slash at the start only says where the pattern is anchored. */
    if (!(pattern.flags & BASENAME) && s.data[0] == '/') {
        s = tm_str_from(s, 1);
        pattern.plain--;
    }
    if (pattern.plain == s.len)
        pattern.flags |= LITERAL;
    pattern.at = (uint32_t)(s.data - start);
    pattern.len = (uint32_t)s.len;
    TM_GROW(ignore->patterns, ignore->n, *cap);
    ignore->patterns[ignore->n++] = pattern;
}

void tm_ignore_parse(struct tm_ignore *ignore, struct tm_str text, bool icase)
{
    size_t cap = 0;
    struct tm_str rest, line;

    assert(text.len <= TM_IGNORE_MAX);
    *ignore = TM_IGNORE_INIT;
    ignore->icase = icase;
    if (tm_str_has_prefix(text, TM_STR("\xEF\xBB\xBF")))
        text = tm_str_from(text, 3);
    tm_buf_add_str(&ignore->text, text);
    rest = tm_buf_str(&ignore->text);
    while (tm_str_split(&rest, '\n', &line)) {
        if (line.len == 0 || line.data[0] == '#')
            continue;
        if (line.data[line.len - 1] == '\r')
            line.len--;
        if (line.len)
            add_pattern(ignore, &cap, line);
    }
}

void tm_ignore_release(struct tm_ignore *ignore)
{
    free(ignore->patterns);
    tm_buf_release(&ignore->text);
    *ignore = TM_IGNORE_INIT;
}

static bool same_bytes(const char *a, const char *b, size_t n, bool icase)
{
    if (!icase)
        return memcmp(a, b, n) == 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char x = (unsigned char)a[i], y = (unsigned char)b[i];

        x = x >= 'A' && x <= 'Z' ? (unsigned char)(x + 32) : x;
        y = y >= 'A' && y <= 'Z' ? (unsigned char)(y + 32) : y;
        if (x != y)
            return false;
    }
    return true;
}

static bool match_name(const struct tm_ignore *ignore, const struct tm_ignore_pattern *pattern,
                       struct tm_str name)
{
    const char *text = ignore->text.data + pattern->at;

    if (pattern->flags & LITERAL)
        return pattern->len == name.len && same_bytes(text, name.data, name.len, ignore->icase);
    if (pattern->flags & SUFFIX) {
        size_t n = pattern->len - 1;

        return n <= name.len && same_bytes(text + 1, name.data + name.len - n, n, ignore->icase);
    }
    return tm_wildmatch(tm_str_n(text, pattern->len), name, false, ignore->icase);
}

static bool match_path(const struct tm_ignore *ignore, const struct tm_ignore_pattern *pattern,
                       struct tm_str path)
{
    const char *text = ignore->text.data + pattern->at;

    if (pattern->plain > path.len || !same_bytes(text, path.data, pattern->plain, ignore->icase))
        return false;
    if (pattern->flags & LITERAL)
        return pattern->len == path.len;
    /*
     * As in git, the plain start is cut off first. This shows: in "a/b**" + "/c" the
     * stars then stand at the start, and so span folders.
     */
    return tm_wildmatch(tm_str_n(text + pattern->plain, pattern->len - pattern->plain),
                        tm_str_from(path, pattern->plain), true, ignore->icase);
}

enum tm_verdict tm_ignore_match(const struct tm_ignore *ignore, struct tm_str path, bool is_dir)
{
    size_t slash = tm_str_rfind(path, '/');
    struct tm_str name = slash == SIZE_MAX ? path : tm_str_from(path, slash + 1);

    for (size_t i = ignore->n; i-- > 0;) {
        const struct tm_ignore_pattern *pattern = &ignore->patterns[i];

        if ((pattern->flags & DIR_ONLY) && !is_dir)
            continue;
        if (pattern->flags & BASENAME ? match_name(ignore, pattern, name) : match_path(ignore, pattern, path))
            return pattern->flags & NEGATED ? TM_IGNORE_NO : TM_IGNORE_YES;
    }
    return TM_IGNORE_NONE;
}
