#include "coverage/names.h"

#include "base/path.h"

static bool is_drive(struct tm_str name)
{
    return name.len > 2 && name.data[1] == ':' && name.data[2] == '/' &&
           (((name.data[0] | 0x20) >= 'a') && ((name.data[0] | 0x20) <= 'z'));
}

bool tm_name_is_absolute(struct tm_str name)
{
    return (name.len && name.data[0] == '/') || is_drive(name);
}

/* Adds the parts of rest, each behind a '/', and resolves "." and ".." down to `start` bytes of out. */
static void add_parts(struct tm_buf *out, size_t start, struct tm_str rest)
{
    struct tm_str part;

    while (rest.data && tm_str_split(&rest, '/', &part)) {
        if (part.len == 0 || tm_str_is(part, "."))
            continue;
        if (tm_str_is(part, "..")) {
            size_t slash = tm_str_rfind(tm_buf_str(out), '/');

            tm_buf_truncate(out, slash == SIZE_MAX ? start : slash);
            continue;
        }
        tm_buf_addc(out, '/');
        tm_buf_add_str(out, part);
    }
}

void tm_name_normalise(struct tm_str name, struct tm_buf *out)
{
    size_t start = is_drive(name) ? 2 : 0;

    tm_buf_clear(out);
    tm_buf_add_str(out, tm_str_n(name.data, start));
    add_parts(out, start, tm_str_from(name, start));
}

void tm_name_parts(struct tm_str name, struct tm_buf *out)
{
    tm_buf_clear(out);
    add_parts(out, 0, tm_str_from(name, is_drive(name) ? 2 : 0));
    if (out->len)
        tm_buf_splice(out, 0, 1, TM_STR(""));
}

bool tm_name_strip(struct tm_str name, struct tm_str prefix, struct tm_str *rest)
{
    while (prefix.len && prefix.data[prefix.len - 1] == '/')
        prefix.len--;
    if (!tm_str_has_prefix(name, prefix) || (name.len > prefix.len && name.data[prefix.len] != '/'))
        return false;
    *rest = tm_str_from(name, TM_MIN(prefix.len + 1, name.len));
    return true;
}

const struct tm_prefix *tm_prefixes_find(struct tm_prefixes list, struct tm_str name, struct tm_str *rest)
{
    const struct tm_prefix *items = list.items, *best = NULL;
    struct tm_str tail;

    for (size_t i = 0; i < list.n; i++) {
        /* The longer the prefix, the shorter what follows it. */
        if (!tm_name_strip(name, items[i].prefix, &tail) || (best && tail.len >= rest->len))
            continue;
        best = &items[i];
        *rest = tail;
    }
    return best;
}

bool tm_prefixes_replace(struct tm_prefixes list, struct tm_str name, struct tm_buf *out)
{
    struct tm_str rest;
    const struct tm_prefix *prefix = tm_prefixes_find(list, name, &rest);

    return prefix && tm_path_resolve(out, prefix->dir, rest, NULL) == TM_OK;
}

bool tm_name_is_foreign(struct tm_str name)
{
    /* Not all of /usr and /opt: images of containers keep sources in /usr/src/app and the like. */
    static const char *const prefixes[] = {
        "/usr/include",
        "/usr/lib",
        "/usr/lib64",
        "/usr/local/include",
        "/usr/local/lib",
        "/usr/share",
        "/Library",
        "/Applications",
        "/rustc",
        "/nix/store",
        "C:/Windows",
        "C:/Program Files",
        "C:/Program Files (x86)",
    };
    static const char *const folders[] = { "node_modules", "site-packages", "dist-packages" };
    struct tm_str part;

    for (size_t i = 0; i < TM_LEN(prefixes); i++)
        if (tm_name_strip(name, tm_str(prefixes[i]), &part))
            return true;
    while (tm_str_split(&name, '/', &part))
        for (size_t i = 0; i < TM_LEN(folders); i++)
            if (tm_str_is(part, folders[i]))
                return true;
    return false;
}
