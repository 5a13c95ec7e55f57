#include "runbook/phase.h"

#include "base/alloc.h"
#include "catalog/scan.h"
#include "health/meta.h"
#include "trend/trend.h"

enum tm_code tm_run_reload(struct tm_run *run, struct tm_err *err)
{
    tm_catalog_release(&run->catalog);
    run->catalog = (struct tm_catalog) { 0 };
    return tm_catalog_load(&run->catalog, run->repo, err);
}

void tm_phase_set(struct tm_phase_record *record, enum tm_phase_status status, const char *reason)
{
    record->status = status;
    tm_buf_clear(&record->reason);
    tm_buf_adds(&record->reason, reason);
}

enum tm_code tm_run_commit(struct tm_run *run, struct tm_phase_record *record, const struct tm_str *paths,
                           size_t n, const char *message, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_git_commit commit;
    struct tm_oid id;
    bool made;
    enum tm_code code = tm_git_commit_paths(run->repo->git, paths, n, message, &id, &made, err);

    /* HEAD has moved since the phase began: a killed run had got as far as the commit. */
    if (code || (!made && strcmp(id.hex, run->journal.current_head.hex) == 0))
        return code;
    code = tm_git_commit_read(run->repo->git, &id, &arena, &commit, err);
    if (code)
        return code;
    record->commit = id;
    tm_buf_clear(&record->subject);
    tm_buf_add_str(&record->subject, commit.subject);
    return TM_OK;
}

void tm_paths_add(struct tm_paths *paths, struct tm_str path)
{
    TM_GROW(paths->items, paths->n, paths->cap);
    paths->items[paths->n++] = tm_arena_str(&paths->arena, path);
}

void tm_paths_release(struct tm_paths *paths)
{
    free(paths->items);
    tm_arena_release(&paths->arena);
    *paths = (struct tm_paths) { 0 };
}

static void add_generated(struct tm_paths *paths, const struct tm_repo *repo, const struct tm_generated *file)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    tm_repo_generated(repo, file->name, &path);
    tm_paths_add(paths, tm_buf_str(&path));
}

void tm_paths_add_scanned(struct tm_paths *paths, const struct tm_repo *repo)
{
    for (size_t i = 0; i < TM_SCAN_FILES; i++)
        add_generated(paths, repo, tm_scan_files[i]);
}

void tm_paths_add_fused(struct tm_paths *paths, const struct tm_repo *repo)
{
    const struct tm_trend_file *trends[] = { &tm_trend_coverage, &tm_trend_bench };
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    add_generated(paths, repo, &tm_meta_file);
    for (size_t i = 0; i < TM_LEN(trends); i++) {
        tm_repo_trend(repo, trends[i]->name, &path);
        tm_paths_add(paths, tm_buf_str(&path));
    }
}

void tm_paths_add_ledger(struct tm_paths *paths, const struct tm_repo *repo, const char *name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) file = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    tm_buf_addf(&file, "%s.ndjson", name);
    tm_repo_ledger(repo, file.data, &path);
    tm_paths_add(paths, tm_buf_str(&path));
}
