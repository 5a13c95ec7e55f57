#include "freeze/pin.h"

#include "base/clock.h"
#include "ledger/freezes.h"

#define FREEZE_LEDGER "freeze"

static int by_bytes(const void *a, const void *b)
{
    const struct tm_str *left = a, *right = b;

    return tm_str_cmp(*left, *right);
}

static void add_path(struct tm_arena *arena, struct tm_str *paths, size_t *n, const struct tm_buf *path)
{
    paths[(*n)++] = tm_arena_str(arena, tm_buf_str(path));
}

void tm_freeze_artifacts(const struct tm_repo *repo, const struct tm_catalog *catalog, struct tm_arena *arena,
                         struct tm_str **paths, size_t *n)
{
    static const char *const generated[] = { "MODULE_REGISTRY.json", "META_REGISTRY.json",
                                             "DOCUMENTATION_MAP.md", "MODULE_INDEX.md" };
    static const char *const trends[] = { "coverage_trend.csv", "bench_trend.csv" };
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_str *list =
        tm_arena_array(arena, TM_LEN(generated) + TM_LEN(trends) + catalog->n_modules, sizeof(*list));
    size_t count = 0;

    for (size_t i = 0; i < TM_LEN(generated); i++) {
        tm_repo_generated(repo, generated[i], &path);
        add_path(arena, list, &count, &path);
    }
    for (size_t i = 0; i < TM_LEN(trends); i++) {
        tm_repo_trend(repo, trends[i], &path);
        add_path(arena, list, &count, &path);
    }
    for (size_t i = 0; i < catalog->n_modules; i++)
        list[count++] = catalog->modules[i].manifest_path;
    qsort(list, count, sizeof(*list), by_bytes);
    *paths = list;
    *n = count;
}

/* Pins while they are taken. */
struct pinning {
    struct tm_repo *repo;
    const struct tm_catalog *catalog;
    struct tm_pins *pins;
    struct tm_ledger_freezes freezes; /* those before */
    struct tm_buf scratch;
};

/* Refuses what the record cannot name and the freeze's commit does not hold. */
static enum tm_code check_artifact(struct pinning *m, struct tm_str path, struct tm_err *err)
{
    bool tracked = false, ignored = false;
    enum tm_code code = tm_git_is_tracked(m->repo->git, path, &tracked, err);

    if (!code && !tracked)
        code = tm_git_is_ignored(m->repo->git, path, &ignored, err);
    if (code)
        return code;
    if (!tracked)
        return tm_err_set(err, TM_E_REFUSED, "'%.*s' is %s, it must be committed to be frozen",
                          TM_STR_ARG(path), ignored ? "ignored by git" : "not tracked by git");
    if (!tm_str_is_utf8(path))
        return tm_err_set(err, TM_E_REFUSED, "'%.*s' is not UTF-8, a freeze record cannot name it",
                          TM_STR_ARG(path));
    return TM_OK;
}

/* The digest of the bytes that git has: these are what a clone gets, whatever the line ends of this work
 * tree. */
static enum tm_code pin_bytes(struct pinning *m, int fd, struct tm_frozen_file *file, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    bool converts = false;
    enum tm_code code = tm_git_converts(m->repo->git, file->path, &converts, err);

    if (!code && !converts)
        return tm_hash_fd(fd, &file->sha256, &file->size, err);
    if (!code)
        code = tm_fd_read_all(fd, UINT64_MAX, &data, err);
    if (!code)
        code = tm_git_convert(m->repo->git, file->path, tm_buf_str(&data), &data, err);
    if (!code) {
        file->sha256 = tm_hash_of(tm_buf_str(&data));
        file->size = data.len;
    }
    return code;
}

static enum tm_code pin_artifact(struct pinning *m, struct tm_str path, struct tm_err *err)
{
    struct tm_frozen_file *file = &m->pins->record.artifacts[m->pins->record.n_artifacts];
    int TM_CLEANUP(tm_closep) fd = -1;
    struct stat st;
    enum tm_code code;

    /* Before it is opened: kernels without openat2 follow no link at all. */
    if (tm_root_is_link(&m->repo->root, path))
        return tm_err_set(err, TM_E_REFUSED, "'%.*s' is a symbolic link, only files can be frozen",
                          TM_STR_ARG(path));
    code = tm_root_open_file(&m->repo->root, path, &fd, &st, err);
    if (code == TM_E_NOT_FOUND)
        return tm_err_set(err, TM_E_REFUSED,
                          "'%.*s' is missing, make it first: tidemark scan, tidemark fuse, tidemark trends",
                          TM_STR_ARG(path));
    if (!code)
        code = check_artifact(m, path, err);
    if (code)
        return code;
    file->path = path;
    file->mode = st.st_mode & S_IXUSR ? 0100755 : 0100644;
    code = pin_bytes(m, fd, file, err);
    m->pins->record.n_artifacts += !code;
    return code;
}

static enum tm_code pin_artifacts(struct pinning *m, struct tm_err *err)
{
    struct tm_str *paths;
    size_t n;
    enum tm_code code = TM_OK;

    tm_freeze_artifacts(m->repo, m->catalog, &m->pins->arena, &paths, &n);
    if (n > TM_FREEZE_ARTIFACTS_MAX)
        return tm_err_set(err, TM_E_LIMIT, "%zu files to freeze, the limit is %d", n,
                          TM_FREEZE_ARTIFACTS_MAX);
    m->pins->record.artifacts = tm_arena_array(&m->pins->arena, n, sizeof(*m->pins->record.artifacts));
    for (size_t i = 0; i < n && !code; i++)
        code = pin_artifact(m, paths[i], err);
    return code;
}

/* The freeze that this one follows. */
static void note_previous(struct pinning *m)
{
    struct tm_freeze_record *record = &m->pins->record;
    const struct tm_freeze_act *act;

    if (m->freezes.latest == TM_FREEZE_NONE)
        return;
    act = &m->freezes.items[m->freezes.latest].act;
    record->has_previous = tm_hash_parse(act->record_sha256, &record->previous_record);
    record->previous_tag = tm_arena_str(&m->pins->arena, act->tag);
}

/* The root of a ledger: the batches of the freezes before, then the heads it has now. */
static enum tm_code pin_root(struct pinning *m, const struct tm_ledger_file *file, struct tm_ledger_pin *pin,
                             struct tm_err *err)
{
    struct tm_ledger_heads *batches;
    size_t n;

    tm_ledger_freezes_batches(&m->freezes, m->freezes.latest, pin->name, &m->pins->arena, &batches, &n);
    batches[n++] = (struct tm_ledger_heads) { pin->heads, pin->n_heads };
    return tm_ledger_root(file, batches, n, &pin->root, err);
}

/* "coverage.ndjson" for "coverage". */
static struct tm_str ledger_path(struct pinning *m, const char *name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) file = TM_BUF_INIT;

    tm_buf_addf(&file, "%s.ndjson", name);
    tm_repo_ledger(m->repo, file.data, &m->scratch);
    return tm_arena_str(&m->pins->arena, tm_buf_str(&m->scratch));
}

static enum tm_code pin_ledger(struct pinning *m, const char *name, struct tm_err *err)
{
    struct tm_frozen_ledger *ledger = &m->pins->record.ledgers[m->pins->record.n_ledgers];
    struct tm_ledger_pin *pin = &m->pins->ledgers[m->pins->n_ledgers];
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };
    struct tm_str path = ledger_path(m, name);
    struct tm_ledger_file file = tm_ledger_in(m->repo, path);
    struct tm_hash *heads;
    enum tm_code code;

    if (!tm_root_exists(&m->repo->root, path))
        return TM_OK;
    code = tm_ledger_read(&file, NULL, NULL, &state, err);
    if (code)
        return code;
    heads = tm_arena_array(&m->pins->arena, state.n_heads, sizeof(*heads));
    if (state.n_heads)
        memcpy(heads, state.heads, state.n_heads * sizeof(*heads));
    *pin = (struct tm_ledger_pin) {
        .name = tm_str(name),
        .log = tm_arena_str(&m->pins->arena, tm_str(state.log)),
        .entries = state.entries,
        .max_lc = state.max_lc,
        .heads = heads,
        .n_heads = state.n_heads,
    };
    *ledger = (struct tm_frozen_ledger) {
        .path = path,
        .bytes = state.bytes,
        .lines = state.lines,
        .adopted_lines = state.adopted_lines,
        .sha256 = state.sha256,
        .entries = pin->entries,
        .max_lc = pin->max_lc,
        .log = pin->log,
        .heads = heads,
        .n_heads = state.n_heads,
    };
    m->pins->record.n_ledgers++;
    /* A ledger of adopted lines only has no chain to pin; its digest pins them. */
    if (!state.entries)
        return TM_OK;
    code = pin_root(m, &file, pin, err);
    ledger->has_root = true;
    ledger->root = pin->root;
    m->pins->n_ledgers += !code;
    return code;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum tm_code pin_ledgers(struct pinning *m, struct tm_err *err)
{
    struct tm_ledger_file file = tm_ledger_in(m->repo, ledger_path(m, FREEZE_LEDGER));
    const char **names;
    size_t n = 0;
    enum tm_code code = tm_ledger_freezes_read(&file, &m->freezes, err);

    if (!code)
        note_previous(m);
    while (tm_ledger_names[n])
        n++;
    /* Record and entry have them in the order of their names. */
    names = tm_arena_array(&m->pins->arena, n, sizeof(*names));
    memcpy(names, tm_ledger_names, n * sizeof(*names));
    qsort(names, n, sizeof(*names), by_name);
    m->pins->record.ledgers = tm_arena_array(&m->pins->arena, n, sizeof(*m->pins->record.ledgers));
    m->pins->ledgers = tm_arena_array(&m->pins->arena, n, sizeof(*m->pins->ledgers));
    for (size_t i = 0; i < n && !code; i++)
        code = pin_ledger(m, names[i], err);
    return code;
}

/* The summary of the meta-registry, as text. */
static enum tm_code pin_summary(struct pinning *m, struct tm_err *err)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    const struct tm_json_node *summary;
    enum tm_code code = tm_root_read(&m->repo->root, m->pins->record.meta_registry, TM_FREEZE_RECORD_MAX,
                                     &m->pins->meta, err);

    if (!code)
        code = tm_json_doc_parse(&doc, m->pins->record.meta_registry.data, tm_buf_str(&m->pins->meta), err);
    if (code)
        return code;
    summary = tm_json_get(doc.root, "summary");
    if (!summary || summary->kind != TM_JSON_KIND_OBJECT)
        return tm_json_doc_fail(&doc, doc.root, err, "'summary' is missing, run 'tidemark fuse'");
    m->pins->record.summary = tm_str_n(m->pins->meta.data + summary->at, summary->len);
    return TM_OK;
}

static struct tm_str trend_path(struct pinning *m, const char *name)
{
    tm_repo_trend(m->repo, name, &m->scratch);
    return tm_arena_str(&m->pins->arena, tm_buf_str(&m->scratch));
}

/* The members that no file has to be read for. */
static void fill_header(struct pinning *m, const struct tm_freeze_request *request,
                        const struct tm_git_head *head)
{
    struct tm_freeze_record *record = &m->pins->record;

    record->tag = tm_str(request->tag);
    record->kind = request->kind;
    record->reason = tm_str(request->reason);
    record->tool_version = TM_STR(TM_VERSION);
    record->frozen_at_s = tm_clock_now_s();
    record->commit = head->commit;
    record->tree = head->tree;
    tm_repo_generated(m->repo, "META_REGISTRY.json", &m->scratch);
    record->meta_registry = tm_arena_str(&m->pins->arena, tm_buf_str(&m->scratch));
    record->trends[0] = trend_path(m, "coverage_trend.csv");
    record->trends[1] = trend_path(m, "bench_trend.csv");
}

enum tm_code tm_pins_take(struct tm_pins *pins, struct tm_repo *repo, const struct tm_catalog *catalog,
                          const struct tm_freeze_request *request, const struct tm_git_head *head,
                          struct tm_err *err)
{
    struct pinning m = { .repo = repo,
                         .catalog = catalog,
                         .pins = pins,
                         .freezes = TM_LEDGER_FREEZES_INIT,
                         .scratch = TM_BUF_INIT };
    enum tm_code code;

    fill_header(&m, request, head);
    code = pin_artifacts(&m, err);
    if (!code)
        code = pin_ledgers(&m, err);
    if (!code)
        code = pin_summary(&m, err);
    tm_ledger_freezes_release(&m.freezes);
    tm_buf_release(&m.scratch);
    return code;
}

void tm_pins_release(struct tm_pins *pins)
{
    tm_buf_release(&pins->meta);
    tm_arena_release(&pins->arena);
    *pins = TM_PINS_INIT;
}
