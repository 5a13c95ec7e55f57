#include "coverage/resolve.h"

#include "base/arena.h"
#include "base/path.h"

/* All forms of a name: joined with each source root of the report, and alone. */
struct names {
    struct tm_arena arena;
    struct tm_str name;
    struct tm_str *joined;
    size_t n_joined;
    bool alone; /* no absolute root says where it is */
};

/* What has been found of one name so far. */
struct search {
    const struct tm_resolver *resolver;
    struct tm_resolution *out;
    bool inside;  /* some form was a path of the repository */
    bool located; /* an absolute one was: it is there or gone, and nowhere else */
    bool foreign;
    bool absolute; /* the form that is looked for by its end */
    size_t parts;  /* of the longest end that was found; 0: none */
    bool weak;     /* it is but the last part of a longer name */
};

void tm_resolution_init(struct tm_resolution *r)
{
    *r = (struct tm_resolution) { .path = TM_BUF_INIT, .from = TM_BUF_INIT, .dir = TM_BUF_INIT };
    for (size_t i = 0; i < TM_CANDIDATES_KEPT; i++)
        r->candidates[i] = TM_BUF_INIT;
}

void tm_resolution_release(struct tm_resolution *r)
{
    tm_buf_release(&r->path);
    tm_buf_release(&r->from);
    tm_buf_release(&r->dir);
    for (size_t i = 0; i < TM_CANDIDATES_KEPT; i++)
        tm_buf_release(&r->candidates[i]);
}

static void set(struct tm_buf *buf, struct tm_str text)
{
    tm_buf_clear(buf);
    tm_buf_add_str(buf, text);
}

static void make_names(struct names *names, const struct tm_str *roots, size_t n_roots, struct tm_str name)
{
    *names = (struct names) { .arena = TM_ARENA_INIT, .name = name, .alone = true };
    if (n_roots == 0 || tm_name_is_absolute(name))
        return;
    names->joined = tm_arena_array(&names->arena, n_roots, sizeof(*names->joined));
    for (size_t i = 0; i < n_roots; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) joined = TM_BUF_INIT;

        tm_buf_add_str(&joined, roots[i]);
        tm_buf_addc(&joined, '/');
        tm_buf_add_str(&joined, name);
        names->joined[names->n_joined++] = tm_arena_str(&names->arena, tm_buf_str(&joined));
        names->alone = names->alone && !tm_name_is_absolute(roots[i]);
    }
}

/* Adds a file that could be meant, once. */
static void add_candidate(struct search *s, struct tm_str path)
{
    struct tm_resolution *out = s->out;

    for (size_t i = 0; i < TM_MIN(out->n_candidates, (size_t)TM_CANDIDATES_KEPT); i++)
        if (tm_str_eq(tm_buf_str(&out->candidates[i]), path))
            return;
    if (out->n_candidates < TM_CANDIDATES_KEPT)
        set(&out->candidates[out->n_candidates], path);
    out->n_candidates++;
}

/* ---- Where a name says that its file is ---- */

static void try_path(struct search *s, struct tm_str path)
{
    s->inside = true;
    if (s->resolver->exists(s->resolver->ctx, path))
        add_candidate(s, path);
}

/* Tries name below the repository folder dir. */
static void try_below(struct search *s, struct tm_str dir, struct tm_str name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    if (tm_path_resolve(&path, dir, name, NULL) == TM_OK)
        try_path(s, tm_buf_str(&path));
}

/* The repository path of an absolute name, by the longest prefix; false when it is elsewhere. */
static bool locate(const struct tm_resolver *r, struct tm_str absolute, struct tm_buf *out)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) normal = TM_BUF_INIT;
    const struct tm_prefix *prefix;
    struct tm_str rest, tail;

    tm_name_normalise(absolute, &normal);
    prefix = tm_prefixes_find(r->prefixes, tm_buf_str(&normal), &rest);
    if (tm_name_strip(tm_buf_str(&normal), r->root, &tail) && (!prefix || tail.len <= rest.len))
        return tm_path_resolve(out, TM_STR(""), tail, NULL) == TM_OK;
    return prefix && tm_path_resolve(out, prefix->dir, rest, NULL) == TM_OK;
}

static void try_absolute(struct search *s, struct tm_str name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    if (!locate(s->resolver, name, &path))
        return;
    s->located = true;
    try_path(s, tm_buf_str(&path));
}

/* The steps that need no source roots: where the tool ran; where the report is, and the repository's root. */
static void try_steps(struct search *s, struct tm_str name)
{
    const struct tm_resolver *r = s->resolver;
    size_t before = s->out->n_candidates;

    if (r->has_base)
        try_below(s, r->base, name);
    if (s->out->n_candidates > before)
        return;
    if (r->has_report_dir)
        try_below(s, r->report_dir, name);
    try_below(s, TM_STR(""), name);
}

static void try_form(struct search *s, struct tm_str name)
{
    if (tm_name_is_absolute(name))
        try_absolute(s, name);
    else
        try_steps(s, name);
}

static void try_places(struct search *s, const struct names *names)
{
    for (size_t i = 0; i < names->n_joined; i++)
        try_form(s, names->joined[i]);
    if (!s->out->n_candidates && names->alone)
        try_form(s, names->name);
    for (size_t i = 0; !s->out->n_candidates && names->alone && i < s->resolver->n_roots; i++)
        if (!tm_name_is_absolute(names->name))
            try_below(s, s->resolver->roots[i], names->name);
}

/* The path that settings say for one form of a name. */
static bool settle_form(const struct search *s, struct tm_str form, struct tm_buf *path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) normal = TM_BUF_INIT;

    if (!tm_name_is_absolute(form))
        return tm_prefixes_replace(s->resolver->settled, form, path);
    tm_name_normalise(form, &normal);
    return tm_prefixes_replace(s->resolver->settled, tm_buf_str(&normal), path);
}

/* Tries what settings say of a name; true when they say anything. */
static bool try_settled(struct search *s, const struct names *names)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    bool settled = settle_form(s, names->name, &path);

    for (size_t i = 0; !settled && i < names->n_joined; i++)
        settled = settle_form(s, names->joined[i], &path);
    if (settled)
        try_path(s, tm_buf_str(&path));
    return settled;
}

static void try_go_module(struct search *s, struct tm_str name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    if (tm_str_has_suffix(name, TM_STR(".go")) && tm_prefixes_replace(s->resolver->go_modules, name, &path))
        try_path(s, tm_buf_str(&path));
}

/* ---- By the end of a name ---- */

static size_t count_parts(struct tm_str name)
{
    size_t n = name.len > 0;

    for (size_t i = 0; i < name.len; i++)
        n += name.data[i] == '/';
    return n;
}

/*
 * A file was found by an end of name; the longest end of all forms decides. One part is no more than a hint,
 * unless it is all of the name and stands in a given root.
 */
static void add_end(struct search *s, struct tm_str name, struct tm_str end, struct tm_str path, bool rooted)
{
    struct tm_resolution *out = s->out;
    size_t parts = count_parts(end);

    if (parts < s->parts)
        return;
    if (parts > s->parts)
        out->n_candidates = 0;
    s->parts = parts;
    s->weak = parts == 1 && (end.len < name.len || !rooted || s->absolute);
    add_candidate(s, path);
    out->by_end = true;
    set(&out->from, tm_str_n(name.data, name.len - end.len - (end.len < name.len)));
    set(&out->dir, tm_str_n(path.data, path.len - TM_MIN(path.len, end.len + (end.len < path.len))));
}

static bool same(struct tm_str a, struct tm_str b, bool fold)
{
    return fold ? a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0 : tm_str_eq(a, b);
}

/* Adds the files that are `end` below dir, or, when dir is NULL, anywhere. */
static void find_end(struct search *s, struct tm_str name, struct tm_str end, const struct tm_str *dir,
                     bool fold)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) whole = TM_BUF_INIT;
    const struct tm_str *paths;
    struct tm_str wanted;
    size_t n;

    tm_path_join(&whole, dir ? *dir : TM_STR(""), end);
    wanted = tm_buf_str(&whole);
    paths = tm_suffixes_find(s->resolver->suffixes(s->resolver->ctx), wanted, &n);
    for (size_t i = 0; i < n; i++) {
        struct tm_str tail = tm_str_from(paths[i], paths[i].len - TM_MIN(paths[i].len, wanted.len));

        if (same(tail, wanted, fold) && (!dir || paths[i].len == wanted.len))
            add_end(s, name, end, paths[i], dir != NULL);
    }
}

/* Looks for the longest end of name, its parts, that is a file below a given root, or a whole relative name
 * anywhere.
 */
static void find_ends(struct search *s, struct tm_str name, bool relative, bool fold)
{
    const struct tm_resolver *r = s->resolver;
    const struct tm_str top = TM_STR("");
    struct tm_str end = name;

    while (end.len && count_parts(end) >= s->parts) {
        size_t slash = tm_str_find(end, '/');

        find_end(s, name, end, &top, fold);
        if (r->has_base)
            find_end(s, name, end, &r->base, fold);
        if (r->has_report_dir)
            find_end(s, name, end, &r->report_dir, fold);
        for (size_t i = 0; i < r->n_roots; i++)
            find_end(s, name, end, &r->roots[i], fold);
        if (relative && end.len == name.len)
            find_end(s, name, end, NULL, fold);
        if (s->parts >= count_parts(end) || slash == SIZE_MAX)
            return;
        end = tm_str_from(end, slash + 1);
    }
}

static void find_form(struct search *s, struct tm_str form, bool fold)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) parts = TM_BUF_INIT;
    bool leaves = tm_str_has_prefix(form, TM_STR("../"));

    s->foreign = s->foreign || tm_name_is_foreign(form);
    s->absolute = tm_name_is_absolute(form);
    tm_name_parts(form, &parts);
    if (!s->foreign && parts.len)
        find_ends(s, tm_buf_str(&parts), !leaves && !s->absolute, fold);
}

static void find_by_end(struct search *s, const struct names *names, bool fold)
{
    for (size_t i = 0; i < names->n_joined; i++)
        find_form(s, names->joined[i], fold);
    if (names->alone)
        find_form(s, names->name, fold);
}

/* A name below the repository that differs from a file in case only. */
static void find_located(struct search *s, const struct names *names)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    const struct tm_str top = TM_STR("");

    for (size_t i = 0; i <= names->n_joined; i++) {
        struct tm_str form = i < names->n_joined ? names->joined[i] : names->name;

        if (tm_name_is_absolute(form) && locate(s->resolver, form, &path))
            find_end(s, tm_buf_str(&path), tm_buf_str(&path), &top, true);
    }
}

static void look_further(struct search *s, const struct names *names)
{
    if (s->located) {
        find_located(s, names);
        return;
    }
    find_by_end(s, names, false);
    if (!s->parts)
        find_by_end(s, names, true);
}

/* Where a hint is all there is, what other names have shown decides when it leads to one file. */
static bool decide(const struct search *s, struct tm_prefixes learned)
{
    struct tm_resolution *out = s->out;
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    size_t shortest = SIZE_MAX, found = 0;

    if (!out->by_end || !s->weak)
        return false;
    set(&name, tm_buf_str(&out->from));
    tm_buf_addc(&name, '/');
    tm_buf_add_str(&name, tm_path_base(tm_buf_str(&out->candidates[0])));
    for (size_t i = 0; i < learned.n; i++) {
        struct tm_str rest;

        if (!tm_name_strip(tm_buf_str(&name), learned.items[i].prefix, &rest) || rest.len > shortest ||
            tm_path_resolve(&path, learned.items[i].dir, rest, NULL) ||
            !s->resolver->exists(s->resolver->ctx, tm_buf_str(&path)))
            continue;
        found = rest.len < shortest ? 1 : found + !tm_str_eq(tm_buf_str(&path), tm_buf_str(&out->path));
        shortest = rest.len;
        set(&out->path, tm_buf_str(&path));
    }
    return found == 1;
}

static int by_text(const void *a, const void *b)
{
    return tm_str_cmp(tm_buf_str(a), tm_buf_str(b));
}

/* Looks for the name with '/' as its only separator. */
static bool resolve(const struct tm_resolver *r, const struct tm_str *roots, size_t n_roots,
                    struct tm_prefixes learned, struct tm_str name, struct tm_resolution *out)
{
    struct search s = { .resolver = r, .out = out };
    struct names names;

    out->n_candidates = 0;
    out->by_end = false;
    make_names(&names, roots, n_roots, name);
    if (!try_settled(&s, &names)) {
        try_go_module(&s, name);
        if (!out->n_candidates)
            try_places(&s, &names);
        if (!out->n_candidates && r->suffixes)
            look_further(&s, &names);
        if (!out->n_candidates)
            s.foreign = tm_name_is_foreign(names.n_joined ? names.joined[0] : name);
    }
    tm_arena_release(&names.arena);
    if (decide(&s, learned))
        return true;
    if (out->n_candidates == 1 && !s.weak) {
        set(&out->path, tm_buf_str(&out->candidates[0]));
        return true;
    }
    qsort(out->candidates, TM_MIN(out->n_candidates, (size_t)TM_CANDIDATES_KEPT), sizeof(*out->candidates),
          by_text);
    out->reason = out->n_candidates ? TM_DROP_AMBIGUOUS
                  : s.foreign       ? TM_DROP_FOREIGN
                  : s.inside        ? TM_DROP_MISSING
                                    : TM_DROP_OUTSIDE;
    return false;
}

static void slashes(struct tm_str s, struct tm_buf *out)
{
    set(out, s);
    for (size_t i = 0; i < out->len; i++)
        if (out->data[i] == '\\')
            out->data[i] = '/';
}

/* The same with '\' as separators, in the name and in source roots. */
static bool resolve_windows(const struct tm_resolver *r, const struct tm_str *roots, size_t n_roots,
                            struct tm_prefixes learned, struct tm_str name, struct tm_resolution *out)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) plain = TM_BUF_INIT;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_str *plain_roots = tm_arena_array(&arena, n_roots, sizeof(*plain_roots));

    for (size_t i = 0; i < n_roots; i++) {
        slashes(roots[i], &plain);
        plain_roots[i] = tm_arena_str(&arena, tm_buf_str(&plain));
    }
    slashes(name, &plain);
    return resolve(r, plain_roots, n_roots, learned, tm_buf_str(&plain), out);
}

static bool resolve_either(const struct tm_resolver *resolver, const struct tm_str *roots, size_t n_roots,
                           struct tm_prefixes learned, struct tm_str name, struct tm_resolution *resolution)
{
    bool windows = tm_str_find(name, '\\') != SIZE_MAX;

    if (resolve(resolver, roots, n_roots, learned, name, resolution))
        return true;
    for (size_t i = 0; i < n_roots && !tm_name_is_absolute(name); i++)
        windows = windows || tm_str_find(roots[i], '\\') != SIZE_MAX;
    return windows && resolution->reason != TM_DROP_AMBIGUOUS &&
           resolve_windows(resolver, roots, n_roots, learned, name, resolution);
}

bool tm_resolve(const struct tm_resolver *resolver, const struct tm_str *roots, size_t n_roots,
                struct tm_prefixes learned, struct tm_str name, struct tm_resolution *resolution)
{
    if (!resolve_either(resolver, roots, n_roots, learned, name, resolution))
        return false;
    /* Not before: a link that is passed over would leave its name to another file with that end. */
    resolution->reason = TM_DROP_MISSING;
    return !resolver->is_link || !resolver->is_link(resolver->ctx, tm_buf_str(&resolution->path));
}

enum tm_code tm_resolve_source(void *ctx, struct tm_str name, struct tm_buf *out, struct tm_err *err)
{
    const struct tm_source_finder *finder = ctx;
    const struct tm_prefixes nothing = { NULL, 0 };
    struct tm_resolution resolution;
    enum tm_code code;

    tm_resolution_init(&resolution);
    if (tm_resolve(finder->resolver, NULL, 0, nothing, name, &resolution))
        code = tm_root_read(finder->root, tm_buf_str(&resolution.path), finder->limit, out, err);
    else
        code = tm_err_set(err,
                          resolution.reason == TM_DROP_OUTSIDE || resolution.reason == TM_DROP_FOREIGN
                              ? TM_E_PATH
                              : TM_E_NOT_FOUND,
                          "'%.*s' is %s", TM_STR_ARG(name), tm_drop_reason(resolution.reason));
    tm_resolution_release(&resolution);
    return code;
}
