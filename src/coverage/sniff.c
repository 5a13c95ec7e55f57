#include "coverage/sniff.h"

void tm_sniff_text(struct tm_str head, struct tm_buf *out)
{
    static const struct tm_str marks[] = { TM_STR("\xef\xbb\xbf"), TM_STR("\xff\xfe"), TM_STR("\xfe\xff") };

    for (size_t i = 0; i < TM_LEN(marks); i++) {
        if (tm_str_has_prefix(head, marks[i])) {
            head = tm_str_from(head, marks[i].len);
            break;
        }
    }
    tm_buf_clear(out);
    tm_buf_reserve(out, head.len);
    for (size_t i = 0; i < head.len; i++)
        if (head.data[i])
            tm_buf_addc(out, head.data[i]);
}

bool tm_sniff_has(struct tm_str text, const char *needle)
{
    return text.len && memmem(text.data, text.len, needle, strlen(needle));
}

bool tm_sniff_starts(struct tm_str text, const char *prefix)
{
    return tm_str_has_prefix(tm_str_trim(text), tm_str(prefix));
}

/* What follows the first `end` in text; empty when there is none. */
static struct tm_str after(struct tm_str text, const char *end)
{
    const char *hit = text.len ? memmem(text.data, text.len, end, strlen(end)) : NULL;

    return hit ? tm_str_from(text, (size_t)(hit - text.data) + strlen(end)) : TM_STR("");
}

struct tm_str tm_sniff_root(struct tm_str text)
{
    for (text = tm_str_trim(text); text.len > 1 && text.data[0] == '<'; text = tm_str_trim(text)) {
        size_t end = tm_str_find(text, '>');

        if (tm_sniff_starts(text, "<!--")) {
            text = after(text, "-->");
        } else if (tm_str_find(text, '[') < end && text.data[1] == '!') {
            text = after(after(text, "]"), ">");
        } else if (text.data[1] == '?' || text.data[1] == '!') {
            text = after(text, ">");
        } else {
            end = TM_MIN(end, text.len);
            return tm_str_n(text.data + 1, end - 1);
        }
    }
    return TM_STR("");
}

bool tm_sniff_root_is(struct tm_str root, const char *name)
{
    size_t n = strlen(name);

    return tm_str_has_prefix(root, tm_str(name)) && (root.len == n || strchr(" \t\r\n/", root.data[n]));
}

/* Rows are tried in order; every part that is set must hold. */
static const struct {
    const char *root;   /* name of the XML root */
    const char *starts; /* first bytes after white space */
    const char *has;    /* anywhere */
    const char *name;
} known[] = {
    { "testsuites", NULL, NULL, "a JUnit XML test report" },
    { "testsuite", NULL, NULL, "a JUnit XML test report" },
    { "phpunit", NULL, "phpunit.de/coverage", "PHPUnit's XML coverage (its --coverage-clover is read)" },
    { "coverage", NULL, "<assembly ",
      "coverage of Mono's profiler (use AltCover, whose OpenCover XML is read)" },
    { "crap_result", NULL, NULL, "a Crap4J report (PHPUnit's --coverage-clover is read)" },
    { NULL, "<?php", "CodeCoverage", "PHPUnit's own data (its --coverage-clover is read)" },
    { "html", NULL, NULL, "an HTML page" },
    { NULL, "<!doctype html", NULL, "an HTML page" },
    { NULL, "TAP version", NULL, "a TAP test report" },
    { NULL, "1..", "ok 1", "a TAP test report" },
    { NULL, "\x1f\x8b", NULL, "a gzip file" },
    { NULL, "SQLite format 3", NULL,
      "an SQLite database (a .coverage file of coverage.py?), export it with 'coverage xml'" },
    { NULL, "adcg", NULL, "a gcov data file, export it with gcovr or lcov" },
    { NULL, "oncg", NULL, "a gcov notes file, export it with gcovr or lcov" },
    { NULL, "[", NULL, "JSON" },
};

const char *tm_sniff_name(struct tm_str text)
{
    struct tm_str root = tm_sniff_root(text);
    const char *json = tm_sniff_json_name(text);

    if (json)
        return json;
    for (size_t i = 0; i < TM_LEN(known); i++) {
        if (known[i].root && !tm_sniff_root_is(root, known[i].root))
            continue;
        if (known[i].starts && !tm_sniff_starts(text, known[i].starts))
            continue;
        if (!known[i].has || tm_sniff_has(text, known[i].has))
            return known[i].name;
    }
    return root.len ? "XML" : NULL;
}
