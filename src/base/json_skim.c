#include "base/json_skim.h"

#include "base/block.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

const char *tm_json_skim_space(const char *at, const char *end)
{
    while (at < end && is_space(*at))
        at++;
    return at;
}

/* Behind the string whose quote is at p; NULL when it is not closed. */
static const char *skim_string(const char *p, const char *end)
{
    for (p++; p < end; p++) {
        if (*p == '"')
            return p + 1;
        p += *p == '\\';
    }
    return NULL;
}

static const char *skim_scalar(const char *p, const char *end)
{
    const char *start = p;

    while (p < end && !is_space(*p) && *p != ',' && *p != ']' && *p != '}')
        p++;
    return p == end || p == start ? NULL : p;
}

/* The first bracket or quote from p on, or end. */
static const char *skim_others(const char *p, const char *end, char open, char close)
{
    for (; end - p >= TM_BLOCK; p += TM_BLOCK) {
        uint64_t marks = tm_block_is(p, open) | tm_block_is(p, close) | tm_block_is(p, '"');

        if (marks)
            return p + tm_block_first(marks);
    }
    while (p < end && *p != open && *p != close && *p != '"')
        p++;
    return p;
}

/*
 * Behind the container whose bracket is at p. Only brackets of its kind are counted: where those of the other
 * do not match, who reads it finds that.
 */
static const char *skim_container(const char *p, const char *end)
{
    const char open = *p, close = open == '{' ? '}' : ']';
    size_t depth = 0;

    while (p && p < end) {
        char c;

        p = skim_others(p, end, open, close);
        if (p == end)
            return NULL;
        c = *p;
        if (c == '"') {
            p = skim_string(p, end);
            continue;
        }
        p++;
        depth += c == open;
        if (c == close && --depth == 0)
            return p;
    }
    return NULL;
}

const char *tm_json_skim_value(const char *at, const char *end)
{
    if (at == end)
        return NULL;
    if (*at == '{' || *at == '[')
        return skim_container(at, end);
    return *at == '"' ? skim_string(at, end) : skim_scalar(at, end);
}

const char *tm_json_skim_member(const char *at, const char *end)
{
    if (at == end || *at != '"')
        return NULL;
    at = skim_string(at, end);
    if (!at)
        return NULL;
    at = tm_json_skim_space(at, end);
    return at < end && *at == ':' ? tm_json_skim_value(tm_json_skim_space(at + 1, end), end) : NULL;
}
