#include "coverage/go_module.h"

/* Takes the comment and white space off a line. A comment begins behind white space: a path holds none. */
static struct tm_str plain(struct tm_str line)
{
    for (size_t i = 0; i + 1 < line.len; i++) {
        bool begins = i == 0 || line.data[i - 1] == ' ' || line.data[i - 1] == '\t';

        if (begins && line.data[i] == '/' && line.data[i + 1] == '/') {
            line.len = i;
            break;
        }
    }
    return tm_str_trim(line);
}

static struct tm_str unquoted(struct tm_str text)
{
    if (text.len > 1 && (text.data[0] == '"' || text.data[0] == '`') &&
        text.data[text.len - 1] == text.data[0])
        return tm_str_n(text.data + 1, text.len - 2);
    return text;
}

bool tm_go_module_path(struct tm_str text, struct tm_str *path)
{
    bool in_block = false;
    struct tm_str line;

    if (!text.len)
        return false;
    while (tm_str_split(&text, '\n', &line)) {
        struct tm_str rest;

        line = plain(line);
        if (in_block) {
            rest = line;
        } else if (tm_str_has_prefix(line, TM_STR("module")) && line.len > 6 &&
                   strchr(" \t(\"`", line.data[6])) {
            rest = tm_str_trim(tm_str_from(line, 6));
        } else {
            continue;
        }
        in_block = in_block || tm_str_is(rest, "(");
        if (!rest.len || tm_str_is(rest, "("))
            continue;
        *path = unquoted(rest);
        return path->len > 0 && !tm_str_is(rest, ")");
    }
    return false;
}
