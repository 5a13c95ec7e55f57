#include "runbook/doctor.h"

#include "base/alloc.h"
#include "base/path.h"
#include "bench/fingerprint.h"
#include "catalog/catalog.h"
#include "freeze/freeze.h"
#include "ledger/ledger.h"
#include "ledger/pending.h"
#include "runbook/drivers.h"
#include "runbook/journal.h"
#include "sweep/probe.h"

static const char *const statuses[] = {
    [TM_FINDING_OK] = "ok",
    [TM_FINDING_FIXED] = "fixed",
    [TM_FINDING_NOTE] = "note",
    [TM_FINDING_PROBLEM] = "problem",
};

const char *tm_finding_status_name(enum tm_finding_status status)
{
    return statuses[status];
}

void tm_findings_release(struct tm_findings *findings)
{
    free(findings->items);
    tm_arena_release(&findings->arena);
    *findings = (struct tm_findings) { 0 };
}

static void add(struct tm_findings *findings, enum tm_finding_status status, const char *subject,
                const char *detail, const char *fix)
{
    struct tm_finding *finding;

    TM_GROW(findings->items, findings->n, findings->cap);
    finding = &findings->items[findings->n++];
    finding->status = status;
    finding->subject = tm_arena_str(&findings->arena, tm_str(subject));
    finding->detail = tm_arena_str(&findings->arena, tm_str(detail));
    finding->fix = tm_arena_str(&findings->arena, tm_str(fix));
    findings->problems += status == TM_FINDING_PROBLEM;
}

/* The identity, a branch with a commit: what every command that commits wants. */
static void look_at_git(struct tm_findings *findings, struct tm_repo *repo)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    if (tm_freeze_check_place(repo, &err))
        add(findings, TM_FINDING_PROBLEM, "git", tm_err_msg(&err), "");
    else
        add(findings, TM_FINDING_OK, "git", "on a branch, with an identity to commit as", "");
    tm_err_release(&err);
    if (tm_freeze_check_clean(repo, &err))
        add(findings, TM_FINDING_NOTE, "work tree", tm_err_msg(&err), "git status");
    if (tm_git_is_shallow(repo->git))
        add(findings, TM_FINDING_NOTE, "history", "this clone is shallow: older freezes cannot be seen",
            "git fetch --unshallow");
    if (tm_journal_exists(repo))
        add(findings, TM_FINDING_NOTE, "runbook", "a run was interrupted", "tidemark run --resume");
}

/* Git must see what tidemark generates. */
static void look_at_paths(struct tm_findings *findings, struct tm_repo *repo)
{
    const struct tm_str folders[] = { repo->settings.generated, repo->settings.ledger,
                                      repo->settings.trends };

    for (size_t i = 0; i < TM_LEN(folders); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) detail = TM_BUF_INIT;
        bool ignored = false;

        tm_path_join(&path, folders[i], TM_STR("x"));
        if (tm_git_is_ignored(repo->git, tm_buf_str(&path), &ignored, NULL) || !ignored)
            continue;
        tm_buf_addf(&detail, "'%.*s' is ignored by git: nothing in it can be committed or frozen",
                    TM_STR_ARG(folders[i]));
        add(findings, TM_FINDING_PROBLEM, "paths", detail.data,
            "take it out of .gitignore, or move it with 'paths' in tidemark.yaml");
    }
}

static void look_at_modules(struct tm_findings *findings, const struct tm_catalog *catalog)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) detail = TM_BUF_INIT;

    for (size_t i = 0; i < catalog->n_problems; i++)
        add(findings, TM_FINDING_PROBLEM, "manifest", catalog->problems[i].message, "");
    tm_buf_addf(&detail, "%zu modules in %zu manifests", catalog->n_modules, catalog->manifests);
    if (catalog->manifests)
        add(findings, TM_FINDING_OK, "modules", detail.data, "");
    else
        add(findings, TM_FINDING_PROBLEM, "modules", "no " TM_MANIFEST_NAME " in the repository",
            "put one, such as {\"name\": \"core\"}, into the folder of each module");
}

static void look_at_ledgers(struct tm_findings *findings, struct tm_repo *repo)
{
    uint64_t entries = 0;
    struct tm_buf TM_CLEANUP(tm_buf_release) detail = TM_BUF_INIT;

    for (size_t i = 0; tm_ledger_names[i]; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
        struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_ledger_file file;

        tm_buf_addf(&name, "%s.ndjson", tm_ledger_names[i]);
        tm_repo_ledger(repo, name.data, &path);
        file = tm_ledger_in(repo, tm_buf_str(&path));
        if (tm_ledger_read(&file, NULL, NULL, &state, &err))
            add(findings, TM_FINDING_PROBLEM, "ledger", tm_err_msg(&err),
                "compare it with the version that git has: git log -p -- <ledger>");
        entries += state.entries;
    }
    tm_buf_addf(&detail, "%llu entries, every chain unbroken", (unsigned long long)entries);
    add(findings, TM_FINDING_OK, "ledgers", detail.data, "");
}

/* Damaged fragments were said with their ledgers. */
static void look_at_pending(struct tm_findings *findings, struct tm_repo *repo)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    if (tm_pending_refuse(repo, &err) == TM_E_REFUSED)
        add(findings, TM_FINDING_NOTE, "pending entries", tm_err_msg(&err), "tidemark ledger fold --apply");
}

static enum tm_code fix_drivers(struct tm_findings *findings, struct tm_repo *repo, int64_t lock_timeout_ms,
                                struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) done = TM_BUF_INIT;
    enum tm_code code = tm_repo_lock(repo, lock_timeout_ms, err);

    if (!code)
        code = tm_drivers_install(repo, &done, err);
    if (!code && done.len)
        add(findings, TM_FINDING_FIXED, "merge drivers", done.data, "");
    return code;
}

static void look_at_drivers(struct tm_findings *findings, struct tm_repo *repo)
{
    static const struct {
        enum tm_finding_status status;
        const char *fix;
    } rows[] = {
        [TM_DRIVERS_OK] = { TM_FINDING_OK, "" },
        [TM_DRIVERS_MISSING] = { TM_FINDING_NOTE, "tidemark doctor --fix" },
        [TM_DRIVERS_STALE] = { TM_FINDING_PROBLEM, "tidemark doctor --fix" },
        [TM_DRIVERS_FOREIGN] = { TM_FINDING_NOTE, "git config --unset it, then tidemark doctor --fix" },
        [TM_DRIVERS_OVERRULED] = { TM_FINDING_NOTE, "git check-attr --all <path>, and take the others back" },
    };
    struct tm_buf TM_CLEANUP(tm_buf_release) detail = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    enum tm_drivers_status status;

    if (tm_drivers_look(repo, &status, &detail, &err))
        add(findings, TM_FINDING_PROBLEM, "merge drivers", tm_err_msg(&err), "");
    else
        add(findings, rows[status].status, "merge drivers", detail.data, rows[status].fix);
}

/* What latencies are measured on: only those of one fingerprint are compared. */
static void look_at_machine(struct tm_findings *findings)
{
    struct tm_machine TM_CLEANUP(tm_machine_release) machine = TM_MACHINE_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) lines = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) detail = TM_BUF_INIT;
    struct tm_str rest, line;

    tm_machine_read(&machine);
    tm_machine_fingerprint(&machine, &detail);
    tm_machine_describe(&machine, &lines);
    rest = tm_str_trim(tm_buf_str(&lines));
    for (const char *sep = ": "; tm_str_split(&rest, '\n', &line); sep = ", ") {
        tm_buf_adds(&detail, sep);
        tm_buf_add_str(&detail, line);
    }
    add(findings, TM_FINDING_OK, "environment", detail.data, "");
}

static bool has_language(const struct tm_catalog *catalog, const char *language)
{
    for (size_t i = 0; i < catalog->n_modules; i++)
        if (tm_str_is(catalog->modules[i].language, language))
            return true;
    return false;
}

static enum tm_code look_at_python(struct tm_findings *findings, struct tm_repo *repo, struct tm_err *err)
{
    struct tm_python TM_CLEANUP(tm_python_release) python = TM_PYTHON_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) detail = TM_BUF_INIT;
    enum tm_code code = tm_python_find(&python, repo, err);

    if (code)
        return code;
    if (python.found) {
        tm_buf_addf(&detail, "'%s' has pytest and pytest-cov", python.path.data);
        add(findings, TM_FINDING_OK, "python", detail.data, "");
        return TM_OK;
    }
    tm_buf_addf(&detail, "no interpreter with pytest and pytest-cov; tried %s", python.tried.data);
    add(findings, TM_FINDING_PROBLEM, "python", detail.data,
        "apt-get install python3-pytest python3-pytest-cov python3-pytest-benchmark, or name an interpreter "
        "in "
        "sweep.python of tidemark.yaml");
    return TM_OK;
}

/* Programs that the built-in collectors of a language call. */
static const struct {
    const char *language, *program, *fix;
} programs[] = {
    { "c", "make", "apt-get install make" },   { "c", "cc", "apt-get install gcc libc6-dev" },
    { "c", "lcov", "apt-get install lcov" },   { "cpp", "c++", "apt-get install g++" },
    { "cpp", "lcov", "apt-get install lcov" }, { "javascript", "node", "apt-get install nodejs" },
};

static void look_at_programs(struct tm_findings *findings, const struct tm_catalog *catalog)
{
    for (size_t i = 0; i < TM_LEN(programs); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) where = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) detail = TM_BUF_INIT;

        if (!has_language(catalog, programs[i].language))
            continue;
        if (tm_probe_which(programs[i].program, &where)) {
            add(findings, TM_FINDING_OK, programs[i].program, where.data, "");
            continue;
        }
        tm_buf_addf(&detail, "not found on PATH; modules in %s cannot be measured", programs[i].language);
        add(findings, TM_FINDING_PROBLEM, programs[i].program, detail.data, programs[i].fix);
    }
}

enum tm_code tm_doctor(struct tm_findings *findings, const char *start,
                       const struct tm_doctor_request *request, struct tm_log *log, struct tm_err *err)
{
    struct tm_repo TM_CLEANUP(tm_repo_close) repo = TM_REPO_INIT;
    struct tm_catalog TM_CLEANUP(tm_catalog_release) catalog = { 0 };
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    enum tm_code code;

    *findings = (struct tm_findings) { 0 };
    if (tm_repo_open(&repo, start, log, &lower)) {
        add(findings, TM_FINDING_PROBLEM, "repository", tm_err_msg(&lower), "");
        return TM_OK;
    }
    add(findings, TM_FINDING_OK, "repository", repo.root.path, "");
    look_at_git(findings, &repo);
    look_at_paths(findings, &repo);
    add(findings, TM_FINDING_OK, "settings",
        repo.settings.from_file ? "tidemark.yaml" : "built-in defaults, no tidemark.yaml", "");
    code = tm_catalog_load(&catalog, &repo, err);
    if (code)
        return code;
    look_at_modules(findings, &catalog);
    look_at_ledgers(findings, &repo);
    look_at_pending(findings, &repo);
    if (request->fix)
        code = fix_drivers(findings, &repo, request->lock_timeout_ms, err);
    if (code)
        return code;
    look_at_drivers(findings, &repo);
    look_at_machine(findings);
    look_at_programs(findings, &catalog);
    return has_language(&catalog, "python") ? look_at_python(findings, &repo, err) : TM_OK;
}
