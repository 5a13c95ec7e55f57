#include "base/md.h"

#include "base/path.h"

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c & 0x80);
}

/* What would make a list, a rule or a heading's underline of a paragraph that starts with it. */
static bool starts_block(struct tm_str s, size_t i)
{
    char c = s.data[i];

    if (c == '.' || c == ')') {
        if (i + 1 < s.len && s.data[i + 1] != ' ')
            return false;
        while (i > 0 && s.data[i - 1] >= '0' && s.data[i - 1] <= '9')
            i--;
        return i == 0 && s.data[0] != c;
    }
    return i == 0 && (c == '-' || c == '+' || c == '=');
}

static bool needs_backslash(struct tm_str s, size_t i)
{
    char c = s.data[i];

    if (starts_block(s, i))
        return true;
    /* '_' between letters is no emphasis, and names are full of them. */
    if (c == '_')
        return i == 0 || i + 1 == s.len || !is_alnum(s.data[i - 1]) || !is_alnum(s.data[i + 1]);
    switch (c) {
    case '\\':
    case '`':
    case '*':
    case '[':
    case ']':
    case '<':
    case '>':
    case '|':
    case '&':
    case '#':
    case '~':
    case '!':
    case '$':
        return true;
    default:
        return false;
    }
}

/* s in one line: white space at the ends dropped, runs of it one space. */
static struct tm_str flatten(struct tm_buf *out, struct tm_str s)
{
    s = tm_str_trim(s);
    for (size_t i = 0; i < s.len; i++) {
        bool space = s.data[i] == ' ' || (s.data[i] >= '\t' && s.data[i] <= '\r');

        if (!space)
            tm_buf_addc(out, s.data[i]);
        else if (out->len && out->data[out->len - 1] != ' ')
            tm_buf_addc(out, ' ');
    }
    return tm_buf_str(out);
}

/*
 * True for what is shown as it is wherever it stands: most names and paths are nothing else. A '.' that ends
 * a word of digits alone, and a '_' that is not between letters, are not among it.
 */
static bool is_plain(struct tm_str s)
{
    bool digits = true; /* only so far */

    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        bool inside = i > 0 && i + 1 < s.len;

        if (c >= '0' && c <= '9')
            continue;
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '/' ||
              (c == '.' && (!digits || i == 0 || (inside && s.data[i + 1] != ' '))) ||
              (inside && (c == ' ' || c == '-' || c == ',')) ||
              (inside && c == '_' && is_alnum(s.data[i - 1]) && is_alnum(s.data[i + 1]))))
            return false;
        digits = false;
    }
    return true;
}

void tm_md_add_text(struct tm_buf *out, struct tm_str s, bool prose)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) flat = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) shown = TM_BUF_INIT;
    size_t written = 0;

    if (prose)
        s = flatten(&flat, s);
    if (is_plain(s)) {
        tm_buf_add_str(out, s);
        return;
    }
    tm_buf_add_escaped(&shown, s);
    s = tm_buf_str(&shown);
    for (size_t i = 0; i < s.len; i++) {
        if (!needs_backslash(s, i))
            continue;
        tm_buf_add(out, s.data + written, i - written);
        tm_buf_addc(out, '\\');
        written = i;
    }
    tm_buf_add(out, s.data + written, s.len - written);
}

/* RFC 3986's unreserved characters, and '/'. A ':' in the first part would make it a scheme. */
static const bool unreserved[256] = {
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['-'] = true,
    ['.'] = true,         ['_'] = true,         ['~'] = true,         ['/'] = true,
};

void tm_md_add_target(struct tm_buf *out, struct tm_str from_dir, struct tm_str path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) relative = TM_BUF_INIT;
    size_t written = 0;

    tm_path_relative(&relative, from_dir, path);
    if (relative.len == 0)
        tm_buf_addc(out, '.');
    for (size_t i = 0; i < relative.len; i++) {
        if (unreserved[(unsigned char)relative.data[i]])
            continue;
        tm_buf_add(out, relative.data + written, i - written);
        tm_buf_addf(out, "%%%02X", (unsigned char)relative.data[i]);
        written = i + 1;
    }
    tm_buf_add(out, relative.data + written, relative.len - written);
}

void tm_md_add_link(struct tm_buf *out, struct tm_str text, struct tm_str from_dir, struct tm_str path)
{
    tm_buf_addc(out, '[');
    tm_md_add_text(out, text, false);
    tm_buf_adds(out, "](");
    tm_md_add_target(out, from_dir, path);
    tm_buf_addc(out, ')');
}

void tm_md_add_code(struct tm_buf *out, struct tm_str s)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) safe = TM_BUF_INIT;
    size_t longest = 0, run = 0;
    bool edge;

    tm_buf_add_escaped(&safe, s);
    for (size_t i = 0; i < safe.len; i++) {
        run = safe.data[i] == '`' ? run + 1 : 0;
        longest = TM_MAX(longest, run);
    }
    edge = safe.len && (safe.data[0] == '`' || safe.data[safe.len - 1] == '`');
    for (size_t i = 0; i <= longest; i++)
        tm_buf_addc(out, '`');
    if (edge)
        tm_buf_addc(out, ' ');
    for (size_t i = 0; i < safe.len; i++) {
        if (safe.data[i] == '|')
            tm_buf_addc(out, '\\');
        tm_buf_addc(out, safe.data[i]);
    }
    if (edge)
        tm_buf_addc(out, ' ');
    for (size_t i = 0; i <= longest; i++)
        tm_buf_addc(out, '`');
}
