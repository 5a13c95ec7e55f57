#include "scaffold/syntax.h"

#include "base/path.h"

static const struct tm_syntax plain = { NULL, NULL, TM_TEXT_PLAIN, NULL };
static const struct tm_syntax markdown = { "<!-- ", " -->", TM_TEXT_MARKDOWN, "" };
static const struct tm_syntax markup = { "<!-- ", " -->", TM_TEXT_ENTITIES, NULL };
static const struct tm_syntax python = { "# ", "", TM_TEXT_PYTHON, "" };
static const struct tm_syntax c = { "/* ", " */", TM_TEXT_C, "?" }; /* "??/" is a backslash in C before C23 */
static const struct tm_syntax style_sheet = { "/* ", " */", TM_TEXT_C, "" };
static const struct tm_syntax slashes = { "// ", "", TM_TEXT_C, "" };
static const struct tm_syntax slashes_dollar = { "// ", "", TM_TEXT_C, "$" };
static const struct tm_syntax dashes = { "-- ", "", TM_TEXT_PLAIN, NULL };
static const struct tm_syntax hash = { "# ", "", TM_TEXT_PLAIN, NULL };
static const struct tm_syntax hash_string = { "# ", "", TM_TEXT_PLAIN, "" };
static const struct tm_syntax hash_dollar = { "# ", "", TM_TEXT_PLAIN, "$" };
static const struct tm_syntax hash_hash = { "# ", "", TM_TEXT_PLAIN, "#" };
static const struct tm_syntax perl = { "# ", "", TM_TEXT_PLAIN, "$@" };
static const struct tm_syntax shell = { "# ", "", TM_TEXT_PLAIN, "'" };
static const struct tm_syntax json = { NULL, NULL, TM_TEXT_JSON, "" };

/* By ending in lower case; a row without a dot is a whole name. */
static const struct {
    const char *name;
    const struct tm_syntax *syntax;
} rows[] = {
    { ".adoc", &(const struct tm_syntax) { "// ", "", TM_TEXT_PLAIN, NULL } },
    { ".bash", &shell },
    { ".c", &c },
    { ".cc", &c },
    { ".cfg", &hash },
    { ".cjs", &slashes },
    { ".cmake", &hash_dollar },
    { ".cpp", &c },
    { ".cs", &slashes },
    { ".css", &style_sheet },
    { ".cts", &slashes },
    { ".cxx", &c },
    { ".dart", &slashes_dollar },
    { ".ex", &hash_hash },
    { ".exs", &hash_hash },
    { ".gitattributes", &hash },
    { ".gitignore", &hash },
    { ".go", &slashes },
    { ".groovy", &slashes_dollar },
    { ".h", &c },
    { ".hh", &c },
    { ".hpp", &c },
    { ".hs", &dashes },
    { ".htm", &markup },
    { ".html", &markup },
    { ".hxx", &c },
    { ".java", &slashes },
    { ".jl", &hash_dollar },
    { ".js", &slashes },
    { ".json", &json },
    { ".jsx", &slashes },
    { ".kt", &slashes_dollar },
    { ".kts", &slashes_dollar },
    { ".lua", &(const struct tm_syntax) { "-- ", "", TM_TEXT_PLAIN, "" } },
    { ".markdown", &markdown },
    { ".md", &markdown },
    { ".mjs", &slashes },
    { ".mk", &hash },
    { ".mts", &slashes },
    { ".pl", &perl },
    { ".pm", &perl },
    { ".py", &python },
    { ".pyi", &python },
    { ".r", &hash_string },
    { ".rb", &hash_hash },
    { ".rs", &slashes },
    { ".scala", &slashes },
    { ".sh", &shell },
    { ".sql", &dashes },
    { ".svg", &markup },
    { ".swift", &slashes },
    { ".t", &perl },
    { ".toml", &hash_string },
    { ".ts", &slashes },
    { ".tsx", &slashes },
    { ".xml", &markup },
    { ".yaml", &hash_string },
    { ".yml", &hash_string },
    { ".zig", &slashes },
    { "cmakelists.txt", &hash_dollar },
    { "dockerfile", &hash },
    { "gnumakefile", &hash },
    { "makefile", &hash },
};

static bool is_name(struct tm_str s, const char *lower)
{
    for (size_t i = 0; i < s.len; i++) {
        char ch = s.data[i];

        if (ch >= 'A' && ch <= 'Z')
            ch = (char)(ch - 'A' + 'a');
        if (ch != lower[i])
            return false;
    }
    return lower[s.len] == '\0';
}

const struct tm_syntax *tm_syntax_of(struct tm_str path)
{
    struct tm_str base = tm_path_base(path);
    struct tm_str ext = tm_path_ext(path);

    for (size_t i = 0; i < TM_LEN(rows); i++)
        if (is_name(base, rows[i].name) || (ext.len && is_name(ext, rows[i].name)))
            return rows[i].syntax;
    return &plain;
}

static uint32_t decode(struct tm_str s, size_t len)
{
    static const unsigned char first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    uint32_t point = (unsigned char)s.data[0] & first[len];

    for (size_t i = 1; i < len; i++)
        point = point << 6 | ((unsigned char)s.data[i] & 0x3f);
    return point;
}

/* Ends a line somewhere, is invisible, or makes a line read otherwise than a compiler does. */
static bool is_blank(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0x061c ||
           (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x206f) || point == 0xfeff;
}

void tm_syntax_add_line(struct tm_buf *out, struct tm_str s)
{
    while (s.len) {
        size_t len = tm_str_utf8_len(s);

        if (len == 0)
            tm_buf_adds(out, "\xEF\xBF\xBD");
        else if (is_blank(decode(s, len)))
            tm_buf_addc(out, ' ');
        else
            tm_buf_add(out, s.data, len);
        s = tm_str_from(s, len ? len : 1);
    }
}

static bool is_word(char ch)
{
    return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
           (unsigned char)ch >= 0x80;
}

/* True when the first characters of s could start a list, heading or rule: "1. ", "# ", "---". */
static bool starts_block(struct tm_str s, size_t i)
{
    size_t digits = 0;

    if (i == 0)
        return strchr("#+-=", s.data[0]) != NULL;
    while (digits < i && s.data[digits] >= '0' && s.data[digits] <= '9')
        digits++;
    return digits == i && (s.data[i] == '.' || s.data[i] == ')');
}

static void add_markdown(struct tm_buf *out, struct tm_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char ch = s.data[i];
        bool inside = i > 0 && i + 1 < s.len && is_word(s.data[i - 1]) && is_word(s.data[i + 1]);

        if (strchr("\\`*[]<>&|~$", ch) || (ch == '_' && !inside) || starts_block(s, i))
            tm_buf_addc(out, '\\');
        tm_buf_addc(out, ch);
    }
}

static void add_entities(struct tm_buf *out, struct tm_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        switch (s.data[i]) {
        case '&':
            tm_buf_adds(out, "&amp;");
            break;
        case '<':
            tm_buf_adds(out, "&lt;");
            break;
        case '>':
            tm_buf_adds(out, "&gt;");
            break;
        case '"':
            tm_buf_adds(out, "&quot;");
            break;
        case '\'':
            tm_buf_adds(out, "&#39;");
            break;
        default:
            tm_buf_addc(out, s.data[i]);
        }
    }
}

/*
 * A backslash at the end of a line would draw the next line into a comment, and "?" "?" "/" is one in old C.
 * A
 * '*' that ends the text gets a space too, since the template may go on with '/'.
 */
static void add_c(struct tm_buf *out, struct tm_str s)
{
    char last = out->len ? out->data[out->len - 1] : '\0';

    for (size_t i = 0; i < s.len; i++) {
        char ch = s.data[i] == '\\' ? '/' : s.data[i];

        if ((last == '*' && ch == '/') || (last == '/' && ch == '*') || (last == '?' && ch == '?'))
            tm_buf_addc(out, ' ');
        tm_buf_addc(out, ch);
        last = ch;
    }
    if (s.len && (last == '*' || last == '/'))
        tm_buf_addc(out, ' ');
}

static void add_escaped(struct tm_buf *out, struct tm_str s, const char *also)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '"' || s.data[i] == '\\' || strchr(also, s.data[i]))
            tm_buf_addc(out, '\\');
        tm_buf_addc(out, s.data[i]);
    }
}

static void add_plain(struct tm_buf *out, struct tm_str s)
{
    for (size_t i = 0; i < s.len; i++)
        tm_buf_addc(out, s.data[i] == '\\' ? '/' : s.data[i]);
}

void tm_syntax_add_text(struct tm_buf *out, const struct tm_syntax *syntax, struct tm_str s)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;
    struct tm_str text;

    tm_syntax_add_line(&line, s);
    text = tm_str_trim(tm_buf_str(&line));
    switch (syntax->text) {
    case TM_TEXT_PLAIN:
        add_plain(out, text);
        break;
    case TM_TEXT_MARKDOWN:
        add_markdown(out, text);
        break;
    case TM_TEXT_ENTITIES:
        add_entities(out, text);
        break;
    case TM_TEXT_PYTHON:
    case TM_TEXT_JSON:
        add_escaped(out, text, "");
        break;
    case TM_TEXT_C:
        add_c(out, text);
        break;
    }
}

void tm_syntax_add_string(struct tm_buf *out, const struct tm_syntax *syntax, struct tm_str s)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;
    bool single = strcmp(syntax->quoted, "'") == 0;

    tm_syntax_add_line(&line, s);
    tm_buf_addc(out, single ? '\'' : '"');
    for (size_t i = 0; single && i < line.len; i++) {
        if (line.data[i] == '\'')
            tm_buf_adds(out, "'\\'");
        tm_buf_addc(out, line.data[i]);
    }
    if (!single)
        add_escaped(out, tm_buf_str(&line), syntax->quoted);
    tm_buf_addc(out, single ? '\'' : '"');
}

void tm_syntax_add_code(struct tm_buf *out, struct tm_str s)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;
    struct tm_str text;
    size_t run = 0, longest = 0;
    bool pad;

    tm_syntax_add_line(&line, s);
    text = tm_str_trim(tm_buf_str(&line));
    if (text.len == 0)
        return;
    for (size_t i = 0; i < text.len; i++) {
        run = text.data[i] == '`' ? run + 1 : 0;
        longest = TM_MAX(longest, run);
    }
    /* A span that starts or ends with a backquote wants a space there, which is not part of it. */
    pad = text.data[0] == '`' || text.data[text.len - 1] == '`';
    for (size_t i = 0; i <= longest; i++)
        tm_buf_addc(out, '`');
    tm_buf_adds(out, pad ? " " : "");
    tm_buf_add_str(out, text);
    tm_buf_adds(out, pad ? " " : "");
    for (size_t i = 0; i <= longest; i++)
        tm_buf_addc(out, '`');
}

void tm_syntax_add_link(struct tm_buf *out, struct tm_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char ch = s.data[i];

        if (((unsigned char)ch < 0x80 && is_word(ch)) || (ch && strchr("/._-", ch)))
            tm_buf_addc(out, ch);
        else
            tm_buf_addf(out, "%%%02X", (unsigned char)ch);
    }
}

void tm_syntax_add_shell(struct tm_buf *out, struct tm_str s)
{
    bool plain_word = s.len > 0;

    for (size_t i = 0; i < s.len; i++) {
        char ch = s.data[i];

        if (!((unsigned char)ch < 0x80 && is_word(ch)) && !(ch && strchr("/._-+@:,", ch)))
            plain_word = false;
    }
    if (plain_word)
        tm_buf_add_str(out, s);
    else
        tm_syntax_add_string(out, &shell, s);
}
