#include "scaffold/provenance.h"

/* The comment's text between the opening and closing of the language. */
#define FROM "tidemark: from template "
#define SET  ", set "
#define REST "; the rest has sha256 "

/* The first line of s with its line end. */
static struct tm_str first_line(struct tm_str s)
{
    size_t end = tm_str_find(s, '\n');

    return tm_str_n(s.data, end == SIZE_MAX ? s.len : end + 1);
}

static struct tm_str without_end(struct tm_str line)
{
    while (line.len && (line.data[line.len - 1] == '\n' || line.data[line.len - 1] == '\r'))
        line.len--;
    return line;
}

/* Where the comment belongs: after "#!...", after front matter, else at the start. */
static size_t place_of(struct tm_str content)
{
    struct tm_str line = first_line(content);
    size_t at = line.len;

    if (tm_str_has_prefix(line, TM_STR("#!")))
        return at;
    if (!tm_str_is(without_end(line), "---"))
        return 0;
    while (at < content.len && at < TM_PROVENANCE_HEAD) {
        line = first_line(tm_str_from(content, at));
        at += line.len;
        if (tm_str_is(without_end(line), "---"))
            return at;
    }
    return 0;
}

/* A path that fits every kind of comment: what is not plain is percent-encoded, a second '-' in a row too. */
static void add_path(struct tm_buf *out, struct tm_str path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) plain = TM_BUF_INIT;

    tm_syntax_add_link(&plain, path);
    for (size_t i = 0; i < plain.len; i++) {
        if (plain.data[i] == '-' && i && plain.data[i - 1] == '-')
            tm_buf_adds(out, "%2D");
        else
            tm_buf_addc(out, plain.data[i]);
    }
}

void tm_provenance_add(struct tm_buf *content, const struct tm_syntax *syntax, struct tm_str template_path,
                       const char *set_id)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;
    struct tm_hash rest;

    if (!syntax->comment_open)
        return;
    rest = tm_hash_of(tm_buf_str(content));
    tm_buf_addf(&line, "%s" FROM, syntax->comment_open);
    add_path(&line, template_path);
    tm_buf_addf(&line, SET "%s" REST, set_id);
    tm_hash_add_hex(&line, &rest);
    tm_buf_addf(&line, "%s\n", syntax->comment_close);
    tm_buf_splice(content, place_of(tm_buf_str(content)), 0, tm_buf_str(&line));
}

/* Takes s up to mark, and mark, off *rest. */
static bool take_until(struct tm_str *rest, struct tm_str mark, struct tm_str *part)
{
    for (size_t i = 0; i + mark.len <= rest->len; i++) {
        if (tm_str_has_prefix(tm_str_from(*rest, i), mark)) {
            *part = tm_str_n(rest->data, i);
            *rest = tm_str_from(*rest, i + mark.len);
            return true;
        }
    }
    return false;
}

static bool is_set_id(struct tm_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!strchr("0123456789abcdef", s.data[i]) || !s.data[i])
            return false;
    return s.len == TM_SET_ID_LEN;
}

/* As add_path writes it: whoever reads a mark may put it into a ledger. */
static bool is_path(struct tm_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c && strchr("/._%-", c))))
            return false;
    }
    return s.len > 0 && s.len <= 4096;
}

/* Whatever the language: it is the text that counts, not how the comment opens. */
static bool read_mark(struct tm_str line, struct tm_provenance_mark *out)
{
    struct tm_str before, digest;
    struct tm_str rest = without_end(line);

    if (!take_until(&rest, TM_STR(FROM), &before) || before.len > 8 ||
        !take_until(&rest, TM_STR(SET), &out->template) || !take_until(&rest, TM_STR(REST), &out->set))
        return false;
    digest = tm_str_n(rest.data, TM_MIN(rest.len, (size_t)TM_HASH_HEX));
    return is_path(out->template) && is_set_id(out->set) && tm_hash_parse(digest, &out->rest) &&
           rest.len - digest.len <= 8;
}

bool tm_provenance_find(struct tm_str content, struct tm_provenance_mark *out)
{
    size_t at = place_of(content);

    return at < content.len && read_mark(first_line(tm_str_from(content, at)), out);
}

/* Git may have given the file CR LF on its way: the digest is over LF. */
static void add_lf(struct tm_hasher *hasher, struct tm_str s)
{
    while (s.len) {
        size_t cr = tm_str_find(s, '\r');
        size_t n = cr == SIZE_MAX ? s.len : cr;

        tm_hasher_add(hasher, tm_str_n(s.data, n));
        s = tm_str_from(s, n);
        if (s.len && !(s.len > 1 && s.data[1] == '\n'))
            tm_hasher_add(hasher, tm_str_n(s.data, 1));
        s = tm_str_from(s, s.len ? 1 : 0);
    }
}

bool tm_scaffold_is_untouched(struct tm_str content)
{
    struct tm_provenance_mark mark;
    struct tm_hasher *hasher;
    struct tm_hash digest;
    struct tm_str line;
    size_t at = place_of(content);
    bool crlf;

    if (!tm_provenance_find(content, &mark))
        return false;
    line = first_line(tm_str_from(content, at));
    crlf = tm_str_has_suffix(line, TM_STR("\r\n"));
    hasher = tm_hasher_new();
    if (crlf) {
        add_lf(hasher, tm_str_n(content.data, at));
        add_lf(hasher, tm_str_from(content, at + line.len));
    } else {
        tm_hasher_add(hasher, tm_str_n(content.data, at));
        tm_hasher_add(hasher, tm_str_from(content, at + line.len));
    }
    digest = tm_hasher_finish(hasher);
    tm_hasher_free(hasher);
    return tm_hash_cmp(&digest, &mark.rest) == 0;
}
