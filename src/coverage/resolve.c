#include "coverage/resolve.h"

#include "base/arena.h"
#include "base/path.h"

/* What the candidates of one step have given so far. */
struct search {
    const struct tm_resolver *resolver;
    struct tm_buf found;
    unsigned matches; /* different files */
    bool inside;      /* some candidate was a path of the repository */
};

static bool is_drive(struct tm_str path)
{
    return path.len > 2 && path.data[1] == ':' && path.data[2] == '/' &&
           (((path.data[0] | 0x20) >= 'a') && ((path.data[0] | 0x20) <= 'z'));
}

static bool is_absolute(struct tm_str path)
{
    return (path.len && path.data[0] == '/') || is_drive(path);
}

/* Resolves "." and ".." of an absolute path by text; ".." of the root is the root. */
static void normalise(struct tm_str path, struct tm_buf *out)
{
    size_t start = is_drive(path) ? 2 : 0;
    struct tm_str rest = tm_str_from(path, start);
    struct tm_str part;

    tm_buf_clear(out);
    tm_buf_add_str(out, tm_str_n(path.data, start));
    while (tm_str_split(&rest, '/', &part)) {
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

/* When path is at or below prefix: what follows, without the '/'. */
static bool strip(struct tm_str path, struct tm_str prefix, struct tm_str *rest)
{
    while (prefix.len && prefix.data[prefix.len - 1] == '/')
        prefix.len--;
    if (!tm_str_has_prefix(path, prefix) || (path.len > prefix.len && path.data[prefix.len] != '/'))
        return false;
    *rest = tm_str_from(path, TM_MIN(prefix.len + 1, path.len));
    return true;
}

/* The repository path of an absolute one, by the longest prefix; false when it is elsewhere. */
static bool locate(const struct tm_resolver *r, struct tm_str absolute, struct tm_buf *out)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) normal = TM_BUF_INIT;
    struct tm_str dir = { NULL, 0 }, rest = { NULL, 0 }, tail;
    bool hit;

    normalise(absolute, &normal);
    hit = strip(tm_buf_str(&normal), r->root, &rest);
    for (size_t i = 0; i < r->n_prefixes; i++) {
        /* The longer the prefix, the shorter what follows it. */
        if (!strip(tm_buf_str(&normal), r->prefixes[i].prefix, &tail) || (hit && tail.len >= rest.len))
            continue;
        hit = true;
        rest = tail;
        dir = r->prefixes[i].dir;
    }
    return hit && tm_path_resolve(out, dir, rest, NULL) == TM_OK;
}

static void try_path(struct search *s, struct tm_str path)
{
    s->inside = true;
    if (s->matches && tm_str_eq(tm_buf_str(&s->found), path))
        return;
    if (!s->resolver->exists(s->resolver->ctx, path))
        return;
    s->matches++;
    tm_buf_clear(&s->found);
    tm_buf_add_str(&s->found, path);
}

/* Tries name below the repository folder dir. */
static void try_below(struct search *s, struct tm_str dir, struct tm_str name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    if (tm_path_resolve(&path, dir, name, NULL) == TM_OK)
        try_path(s, tm_buf_str(&path));
}

static void try_absolute(struct search *s, struct tm_str name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    if (locate(s->resolver, name, &path))
        try_path(s, tm_buf_str(&path));
}

/* The steps that need no source roots: where the tool ran; where the report is, and the repository's root. */
static void try_steps(struct search *s, struct tm_str name)
{
    const struct tm_resolver *r = s->resolver;
    unsigned before = s->matches;

    if (r->has_base)
        try_below(s, r->base, name);
    if (s->matches > before)
        return;
    if (r->has_report_dir)
        try_below(s, r->report_dir, name);
    try_below(s, TM_STR(""), name);
}

static void try_relative(struct search *s, const struct tm_str *roots, size_t n_roots, struct tm_str name)
{
    bool authoritative = false;

    for (size_t i = 0; i < n_roots; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) joined = TM_BUF_INIT;

        tm_buf_add_str(&joined, roots[i]);
        tm_buf_addc(&joined, '/');
        tm_buf_add_str(&joined, name);
        if (is_absolute(roots[i])) {
            authoritative = true;
            try_absolute(s, tm_buf_str(&joined));
        } else {
            try_steps(s, tm_buf_str(&joined));
        }
    }
    if (!s->matches && !authoritative)
        try_steps(s, name);
}

/* Looks for the name with '/' as its only separator. */
static bool resolve(const struct tm_resolver *r, const struct tm_str *roots, size_t n_roots,
                    struct tm_str name, struct tm_buf *out, enum tm_drop *reason)
{
    struct search s = { .resolver = r, .found = TM_BUF_INIT };
    bool found;

    if (is_absolute(name))
        try_absolute(&s, name);
    else
        try_relative(&s, roots, n_roots, name);
    found = s.matches == 1;
    if (found) {
        tm_buf_clear(out);
        tm_buf_add_str(out, tm_buf_str(&s.found));
    } else {
        *reason = s.matches ? TM_DROP_AMBIGUOUS : s.inside ? TM_DROP_MISSING : TM_DROP_OUTSIDE;
    }
    tm_buf_release(&s.found);
    return found;
}

static void slashes(struct tm_str s, struct tm_buf *out)
{
    tm_buf_clear(out);
    tm_buf_add_str(out, s);
    for (size_t i = 0; i < out->len; i++)
        if (out->data[i] == '\\')
            out->data[i] = '/';
}

/* The same with '\' as separators, in the name and in source roots. */
static bool resolve_windows(const struct tm_resolver *r, const struct tm_str *roots, size_t n_roots,
                            struct tm_str name, struct tm_buf *out, enum tm_drop *reason)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) plain = TM_BUF_INIT;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_str *plain_roots = tm_arena_array(&arena, n_roots, sizeof(*plain_roots));

    for (size_t i = 0; i < n_roots; i++) {
        slashes(roots[i], &plain);
        plain_roots[i] = tm_arena_str(&arena, tm_buf_str(&plain));
    }
    slashes(name, &plain);
    return resolve(r, plain_roots, n_roots, tm_buf_str(&plain), out, reason);
}

bool tm_resolve(const struct tm_resolver *resolver, const struct tm_str *roots, size_t n_roots,
                struct tm_str name, struct tm_buf *out, enum tm_drop *reason)
{
    bool windows = tm_str_find(name, '\\') != SIZE_MAX;

    if (resolve(resolver, roots, n_roots, name, out, reason))
        return true;
    for (size_t i = 0; i < n_roots && !is_absolute(name); i++)
        windows = windows || tm_str_find(roots[i], '\\') != SIZE_MAX;
    return windows && *reason != TM_DROP_AMBIGUOUS &&
           resolve_windows(resolver, roots, n_roots, name, out, reason);
}

enum tm_code tm_resolve_source(void *ctx, struct tm_str name, struct tm_buf *out, struct tm_err *err)
{
    const struct tm_source_finder *finder = ctx;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    enum tm_drop reason;

    if (tm_resolve(finder->resolver, NULL, 0, name, &path, &reason))
        return tm_root_read(finder->root, tm_buf_str(&path), finder->limit, out, err);
    return tm_err_set(err, reason == TM_DROP_OUTSIDE ? TM_E_PATH : TM_E_NOT_FOUND, "'%.*s' is %s",
                      TM_STR_ARG(name), tm_drop_reason(reason));
}
