#include "ledger/manifest_merge.h"

#include "base/path.h"
#include "catalog/manifest.h"
#include "catalog/observed.h"

enum { BASE, OURS, THEIRS, VERSIONS };
enum { NOBODY = -1 };

static const unsigned groups[] = { TM_OBSERVED_COVERAGE, TM_OBSERVED_BENCH };
static const char *const group_names[] = { "testing.coverage_observed", "performance.observed" };

struct merge {
    const struct tm_manifest_versions *versions;
    struct tm_json_doc docs[VERSIONS];
    bool is_object[VERSIONS];
    int winner[TM_LEN(groups)];   /* OURS or THEIRS: whose fields count; NOBODY: as the text merge has it */
    bool settled[TM_LEN(groups)]; /* both had measured, and the ledger decided */
    const char *unsettled;        /* a group that it could not decide; NULL for none */
};

static void release(struct merge *m)
{
    for (size_t i = 0; i < VERSIONS; i++)
        tm_json_doc_release(&m->docs[i]);
}

static struct tm_str text_of(const struct merge *m, int version)
{
    const struct tm_manifest_versions *v = m->versions;

    return version == OURS ? v->ours : version == THEIRS ? v->theirs : v->base;
}

static void parse_all(struct merge *m)
{
    for (int i = 0; i < VERSIONS; i++) {
        struct tm_str text = text_of(m, i);

        m->is_object[i] = text.len <= TM_MANIFEST_MAX &&
                          tm_json_doc_parse(&m->docs[i], m->versions->path, text, NULL) == TM_OK &&
                          m->docs[i].root->kind == TM_JSON_KIND_OBJECT;
    }
}

/* As the catalog names modules: "name", else "module", else the folder. */
static struct tm_str module_of(const struct merge *m, int version)
{
    const struct tm_json_node *root = m->docs[version].root;
    struct tm_str name;

    if (tm_json_node_str(tm_json_get(root, "name"), &name) ||
        tm_json_node_str(tm_json_get(root, "module"), &name))
        return name;
    name = tm_path_dir(tm_str(m->versions->path));
    return name.len ? name : TM_STR(".");
}

/* True as well when one of them cannot be told. */
static bool is_same(const struct merge *m, int a, int b, unsigned group)
{
    bool same = false;

    if (!m->is_object[a])
        return false;
    return tm_observed_same(m->versions->path, text_of(m, a), text_of(m, b), group, &same, NULL) == TM_OK &&
           same;
}

/* Whose fields of a group count. */
static void decide(struct merge *m, size_t group, tm_backing_find_fn *find, void *ctx)
{
    struct tm_backed sides[] = {
        { .module = module_of(m, OURS), .manifest = m->docs[OURS].root },
        { .module = module_of(m, THEIRS), .manifest = m->docs[THEIRS].root },
    };
    const struct tm_backed *last;

    m->winner[group] = NOBODY;
    if (is_same(m, OURS, THEIRS, groups[group]))
        return;
    if (is_same(m, BASE, OURS, groups[group])) {
        m->winner[group] = THEIRS;
        return;
    }
    if (is_same(m, BASE, THEIRS, groups[group])) {
        m->winner[group] = OURS;
        return;
    }
    find(ctx, groups[group], sides);
    last = tm_backing_last(sides, TM_LEN(sides));
    m->settled[group] = last != NULL;
    if (last)
        m->winner[group] = last == &sides[0] ? OURS : THEIRS;
    else
        m->unsettled = group_names[group];
}

/* A version with the fields of the groups' winners. What is no object stays as it is. */
static enum tm_code dress(const struct merge *m, int version, struct tm_buf *out, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
    enum tm_code code = TM_OK;

    tm_buf_add_str(out, text_of(m, version));
    for (size_t i = 0; i < TM_LEN(groups) && m->is_object[version] && !code; i++) {
        if (m->winner[i] == NOBODY || m->winner[i] == version)
            continue;
        tm_buf_clear(&before);
        tm_buf_add_str(&before, tm_buf_str(out));
        code = tm_observed_take(m->versions->path, tm_buf_str(&before), text_of(m, m->winner[i]), groups[i],
                                out, err);
    }
    return code;
}

static enum tm_code merge_dressed(const struct merge *m, struct tm_buf *out, bool *clean, struct tm_err *err)
{
    struct tm_buf dressed[VERSIONS] = { TM_BUF_INIT, TM_BUF_INIT, TM_BUF_INIT };
    enum tm_code code = TM_OK;

    for (int i = 0; i < VERSIONS && !code; i++)
        code = dress(m, i, &dressed[i], err);
    if (!code)
        code = tm_git_merge_text(tm_buf_str(&dressed[BASE]), tm_buf_str(&dressed[OURS]),
                                 tm_buf_str(&dressed[THEIRS]), &m->versions->markers, out, clean, err);
    for (size_t i = 0; i < VERSIONS; i++)
        tm_buf_release(&dressed[i]);
    return code;
}

static enum tm_code verdict(const struct merge *m, bool clean, struct tm_err *err)
{
    if (m->unsettled)
        return tm_err_set(
            err, TM_E_NO,
            "no ledger entry says what '%s' of '%s' is on either side, settle it by hand or sweep again",
            m->unsettled, m->versions->path);
    return clean ? TM_OK
                 : tm_err_set(err, TM_E_NO, "'%s' has conflicts, settle them by hand", m->versions->path);
}

enum tm_code tm_manifest_merge(const struct tm_manifest_versions *versions, tm_backing_find_fn *find,
                               void *ctx, struct tm_buf *out, struct tm_err *err)
{
    struct merge TM_CLEANUP(release) m = { .versions = versions };
    bool clean = false, any_settled = false;
    enum tm_code code = tm_git_merge_text(versions->base, versions->ours, versions->theirs,
                                          &versions->markers, out, &clean, err);

    if (code)
        return tm_err_wrap(err, "'%s'", versions->path);
    parse_all(&m);
    if (!m.is_object[OURS] || !m.is_object[THEIRS])
        return verdict(&m, clean, err);
    for (size_t i = 0; i < TM_LEN(groups); i++) {
        decide(&m, i, find, ctx);
        any_settled |= m.settled[i];
    }
    /* Where only one side measured, the text merge has it right, unless it ran into a neighbouring line. */
    if (any_settled || !clean)
        code = merge_dressed(&m, out, &clean, err);
    return code ? code : verdict(&m, clean, err);
}
