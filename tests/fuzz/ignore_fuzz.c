/*
 * Any bytes as ignore rules: a path, NUL, the rules. What must hold whatever they say: a later rule wins, and
 * a path whose every byte is quoted matches itself.
 */
#include "base/path.h"
#include "fuzz.h"
#include "repo/ignore.h"

/* What the rules, with one more line, say of path. */
static enum tm_verdict ask(struct tm_str rules, struct tm_str line, struct tm_str path, bool is_dir,
                           bool icase)
{
    struct tm_ignore TM_CLEANUP(tm_ignore_release) ignore = TM_IGNORE_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    tm_buf_add_str(&text, rules);
    if (line.len) {
        tm_buf_addc(&text, '\n');
        tm_buf_add_str(&text, line);
    }
    tm_ignore_parse(&ignore, tm_buf_str(&text), icase);
    return tm_ignore_match(&ignore, path, is_dir);
}

static void check_quoted(struct tm_str rules, struct tm_str path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) quoted = TM_BUF_INIT;

    /* A line cannot hold the one; it loses the other at its end, even quoted. */
    if (tm_str_find(path, '\n') != SIZE_MAX || path.data[path.len - 1] == '\r')
        return;
    tm_buf_addc(&quoted, '/');
    for (size_t i = 0; i < path.len; i++) {
        if (path.data[i] != '/')
            tm_buf_addc(&quoted, '\\');
        tm_buf_addc(&quoted, path.data[i]);
    }
    FUZZ_CHECK(ask(rules, tm_buf_str(&quoted), path, false, false) == TM_IGNORE_YES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_str input = tm_str_n((const char *)data, size);
    size_t nul = tm_str_find(input, '\0');
    struct tm_str path, rules;

    if (nul == SIZE_MAX || size > 1 << 16)
        return 0;
    path = tm_str_n(input.data, nul);
    rules = tm_str_from(input, nul + 1);
    if (path.len == 0 || path.len > 512 || !tm_path_is_normal(path))
        return 0;
    for (int way = 0; way < 4; way++) {
        bool is_dir = way & 1, icase = way & 2;

        ask(rules, TM_STR(""), path, is_dir, icase);
        FUZZ_CHECK(ask(rules, TM_STR("*"), path, is_dir, icase) == TM_IGNORE_YES);
        FUZZ_CHECK(ask(rules, TM_STR("!*"), path, is_dir, icase) == TM_IGNORE_NO);
        FUZZ_CHECK(ask(rules, TM_STR("!/**"), path, is_dir, icase) == TM_IGNORE_NO);
    }
    check_quoted(rules, path);
    return 0;
}
