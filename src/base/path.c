#include "base/path.h"

#include "base/alloc.h"

/* Drops the last part of the path in out. False when there is none. */
static bool pop_part(struct tm_buf *out)
{
    size_t cut;

    if (out->len == 0)
        return false;
    cut = tm_str_rfind(tm_buf_str(out), '/');
    tm_buf_truncate(out, cut == SIZE_MAX ? 0 : cut);
    return true;
}

static void push_part(struct tm_buf *out, struct tm_str part)
{
    if (out->len)
        tm_buf_addc(out, '/');
    tm_buf_add_str(out, part);
}

enum tm_code tm_path_resolve(struct tm_buf *out, struct tm_str base, struct tm_str path, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) result = TM_BUF_INIT;
    struct tm_str rest = path.data ? path : TM_STR("");
    struct tm_str part;

    if (tm_str_find(path, '\0') != SIZE_MAX)
        return tm_err_set(err, TM_E_PATH, "path '%.*s' holds a NUL byte", TM_STR_ARG(path));
    if (rest.len && rest.data[0] == '/')
        return tm_err_set(err, TM_E_PATH, "path '%.*s' is absolute, give one inside the repository",
                          TM_STR_ARG(path));
    tm_buf_add_str(&result, base);
    while (tm_str_split(&rest, '/', &part)) {
        if (part.len == 0 || tm_str_is(part, "."))
            continue;
        if (tm_str_is(part, "..")) {
            if (!pop_part(&result))
                return tm_err_set(err, TM_E_PATH, "path '%.*s' leaves the repository", TM_STR_ARG(path));
        } else {
            push_part(&result, part);
        }
    }
    if (result.len > TM_PATH_MAX)
        return tm_err_set(err, TM_E_PATH, "path is longer than %d bytes: '%.60s...'", TM_PATH_MAX,
                          result.data);
    tm_buf_clear(out);
    tm_buf_add_str(out, tm_buf_str(&result));
    return TM_OK;
}

bool tm_path_is_normal(struct tm_str path)
{
    struct tm_str part;

    if (path.len == 0)
        return true;
    if (path.len > TM_PATH_MAX || tm_str_find(path, '\0') != SIZE_MAX)
        return false;
    while (tm_str_split(&path, '/', &part))
        if (part.len == 0 || tm_str_is(part, ".") || tm_str_is(part, ".."))
            return false;
    return true;
}

void tm_path_join(struct tm_buf *out, struct tm_str dir, struct tm_str name)
{
    tm_buf_clear(out);
    tm_buf_add_str(out, dir);
    if (dir.len && name.len)
        tm_buf_addc(out, '/');
    tm_buf_add_str(out, name);
}

struct tm_str tm_path_dir(struct tm_str path)
{
    size_t slash = tm_str_rfind(path, '/');

    return tm_str_n(path.data, slash == SIZE_MAX ? 0 : slash);
}

struct tm_str tm_path_base(struct tm_str path)
{
    size_t slash = tm_str_rfind(path, '/');

    return slash == SIZE_MAX ? path : tm_str_from(path, slash + 1);
}

struct tm_str tm_path_ext(struct tm_str path)
{
    struct tm_str base = tm_path_base(path);
    size_t dot = tm_str_rfind(base, '.');

    return dot == SIZE_MAX || dot == 0 ? TM_STR("") : tm_str_from(base, dot);
}

bool tm_path_is_below(struct tm_str path, struct tm_str dir)
{
    if (dir.len == 0)
        return true;
    return tm_str_has_prefix(path, dir) && (path.len == dir.len || path.data[dir.len] == '/');
}

void tm_path_relative(struct tm_buf *out, struct tm_str from_dir, struct tm_str to)
{
    struct tm_str from_rest = from_dir;
    struct tm_str to_rest = to;

    /* Skip the folders both have in common. */
    while (from_rest.len) {
        struct tm_str from_try = from_rest, to_try = to_rest, a, b;

        tm_str_split(&from_try, '/', &a);
        if (!tm_str_split(&to_try, '/', &b) || !to_try.data || !tm_str_eq(a, b))
            break;
        from_rest = from_try.data ? from_try : TM_STR("");
        to_rest = to_try;
    }
    tm_buf_clear(out);
    if (from_rest.len) {
        struct tm_str part;

        while (tm_str_split(&from_rest, '/', &part))
            tm_buf_adds(out, "../");
    }
    tm_buf_add_str(out, to_rest);
    if (!out->len)
        tm_buf_addc(out, '.');
}

/* Matches one [set] at *p against c; moves *p past it. An unclosed set matches nothing. */
static bool match_set(const char **p, const char *end, char c)
{
    const char *q = *p + 1;
    bool negated = q < end && (*q == '!' || *q == '^');
    bool hit = false;
    bool first = true;

    for (q += negated; q < end && (*q != ']' || first); q++) {
        unsigned char low = (unsigned char)*q;
        unsigned char high = low;

        first = false;
        if (q + 2 < end && q[1] == '-' && q[2] != ']') {
            high = (unsigned char)q[2];
            q += 2;
        }
        if ((unsigned char)c >= low && (unsigned char)c <= high)
            hit = true;
    }
    if (q >= end) {
        *p = end;
        return false;
    }
    *p = q + 1;
    return hit != negated;
}

/*
 * Backtracks to the last '*' inside a part and to the last two-star part
 * across folders: two resume points are enough, because a later star of the
 * same kind never needs an earlier one again.
 */
static bool match_path(struct tm_str pattern, struct tm_str path)
{
    const char *p = pattern.data, *pend = p + pattern.len;
    const char *s = path.data, *send = s + path.len;
    const char *star_p = NULL, *star_s = NULL;
    const char *deep_p = NULL, *deep_s = NULL;

    for (;;) {
        if (p + 1 < pend && p[0] == '*' && p[1] == '*' && (p == pattern.data || p[-1] == '/') &&
            (p + 2 == pend || p[2] == '/')) {
            if (p + 2 == pend)
                return true;
            p += 3;
            deep_p = p;
            deep_s = s;
            star_p = NULL;
            continue;
        }
        if (p < pend && *p == '*') {
            star_p = ++p;
            star_s = s;
            continue;
        }
        if (s == send && p == pend)
            return true;
        if (s < send && p < pend) {
            const char *next = p + 1;
            bool hit;

            if (*p == '?') {
                hit = *s != '/';
            } else if (*p == '[') {
                next = p;
                hit = match_set(&next, pend, *s) && *s != '/';
            } else if (*p == '\\' && p + 1 < pend) {
                hit = p[1] == *s;
                next = p + 2;
            } else {
                hit = *p == *s;
            }
            if (hit) {
                p = next;
                s++;
                continue;
            }
        }
        if (star_p && star_s < send && *star_s != '/') {
            s = ++star_s;
            p = star_p;
            continue;
        }
        if (deep_p) {
            const char *slash = deep_s < send ? memchr(deep_s, '/', (size_t)(send - deep_s)) : NULL;

            if (slash) {
                s = deep_s = slash + 1;
                p = deep_p;
                star_p = NULL;
                continue;
            }
        }
        return false;
    }
}

/* True when a folder above path, or path with its last '/', is what the pattern names. */
static bool match_folder(struct tm_str pattern, struct tm_str path, bool any_depth)
{
    for (size_t i = 1; i < path.len; i++) {
        struct tm_str folder = tm_str_n(path.data, i);

        if (path.data[i] == '/' && match_path(pattern, any_depth ? tm_path_base(folder) : folder))
            return true;
    }
    return false;
}

bool tm_path_matches(struct tm_str pattern, struct tm_str path)
{
    bool folder = pattern.len > 1 && pattern.data[pattern.len - 1] == '/';
    bool any_depth;

    if (folder)
        pattern.len--;
    any_depth = tm_str_find(pattern, '/') == SIZE_MAX;
    if (pattern.len && pattern.data[0] == '/')
        pattern = tm_str_from(pattern, 1);
    if (pattern.len == 0 || path.len == 0)
        return false;
    if (folder)
        return match_folder(pattern, path, any_depth);
    return match_path(pattern, any_depth ? tm_path_base(path) : path);
}
