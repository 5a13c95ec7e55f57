#include "freeze/rollback.h"

#include "base/clock.h"
#include "base/path.h"
#include "catalog/observed.h"
#include "ledger/act.h"
#include "repo/publish.h"

/*
 * What the files of one ledger entry may take of its line: half, with every byte of a path as an escape of
 * six. One file always fits.
 */
enum { FILES_PER_ENTRY_BYTES = TM_LEDGER_LINE_MAX / 2, FILE_OVERHEAD_BYTES = 128, ESCAPE_MAX = 6 };

void tm_rollback_plan_release(struct tm_rollback_plan *plan)
{
    tm_arena_release(&plan->arena);
    *plan = (struct tm_rollback_plan) { 0 };
}

static bool is_manifest(struct tm_str path)
{
    return tm_str_is(tm_path_base(path), TM_MANIFEST_NAME);
}

/* The frozen content of an artifact, checked against its digest. */
static enum tm_code frozen_content(struct tm_repo *repo, const struct tm_rollback_plan *plan,
                                   const struct tm_frozen_file *file, struct tm_buf *out, struct tm_err *err)
{
    struct tm_hash digest;
    enum tm_code code = tm_git_read_at(repo->git, &plan->freeze, file->path, UINT64_MAX, out, err);

    if (code)
        return code;
    digest = tm_hash_of(tm_buf_str(out));
    if (tm_hash_cmp(&digest, &file->sha256) != 0)
        return tm_err_set(err, TM_E_FORMAT,
                          "'%.*s' in the commit of tag '%.*s' does not have the frozen digest",
                          TM_STR_ARG(file->path), TM_STR_ARG(plan->record.tag));
    return TM_OK;
}

/* The file in the work tree as git would store it; *there is false when it has none. */
static enum tm_code present_content(struct tm_repo *repo, struct tm_str path, struct tm_buf *out, bool *there,
                                    struct tm_err *err)
{
    bool converts;
    enum tm_code code;

    *there = tm_root_exists(&repo->root, path);
    if (!*there)
        return TM_OK;
    code = tm_root_read(&repo->root, path, UINT64_MAX, out, err);
    if (!code)
        code = tm_git_converts(repo->git, path, &converts, err);
    if (!code && converts)
        code = tm_git_convert(repo->git, path, tm_buf_str(out), out, err);
    return code;
}

/* A manifest that differs from the frozen one. */
static enum tm_code plan_manifest(struct tm_rollback_file *file, const struct tm_buf *then,
                                  const struct tm_buf *now, struct tm_buf *merged, struct tm_err *err)
{
    bool exact;
    enum tm_code code =
        tm_observed_restore(file->path.data, tm_buf_str(then), tm_buf_str(now), merged, &exact, err);

    if (code)
        return code;
    if (exact)
        file->what = TM_ROLLBACK_RESTORE;
    else if (tm_str_eq(tm_buf_str(merged), tm_buf_str(now)))
        file->what = TM_ROLLBACK_SAME;
    else
        file->what = TM_ROLLBACK_OBSERVED;
    return TM_OK;
}

static enum tm_code plan_file(struct tm_repo *repo, struct tm_rollback_plan *plan,
                              const struct tm_frozen_file *frozen, struct tm_rollback_file *file,
                              struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) then = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) now = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) merged = TM_BUF_INIT;
    bool manifest = is_manifest(frozen->path), there;
    enum tm_code code = frozen_content(repo, plan, frozen, &then, err);

    file->path = frozen->path;
    if (!code)
        code = present_content(repo, frozen->path, &now, &there, err);
    if (code)
        return code;
    if (!there)
        file->what = manifest ? TM_ROLLBACK_GONE : TM_ROLLBACK_RESTORE;
    else if (tm_str_eq(tm_buf_str(&now), tm_buf_str(&then)))
        file->what = TM_ROLLBACK_SAME;
    else if (!manifest)
        file->what = TM_ROLLBACK_RESTORE;
    else
        code = plan_manifest(file, &then, &now, &merged, err);
    if (!code && (file->what == TM_ROLLBACK_RESTORE || file->what == TM_ROLLBACK_OBSERVED)) {
        file->data =
            tm_arena_str(&plan->arena, tm_buf_str(file->what == TM_ROLLBACK_OBSERVED ? &merged : &then));
        plan->changes++;
    }
    return code;
}

/* A ledger is never an artifact: writing what it was would cut its later lines off. */
static enum tm_code check_no_ledger(const struct tm_repo *repo, const struct tm_rollback_plan *plan,
                                    struct tm_str path, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) ledger = TM_BUF_INIT;
    bool is_ledger = false;

    for (size_t i = 0; i < plan->record.n_ledgers; i++)
        is_ledger |= tm_str_eq(plan->record.ledgers[i].path, path);
    for (size_t i = 0; tm_ledger_names[i]; i++) {
        tm_buf_clear(&name);
        tm_buf_addf(&name, "%s.ndjson", tm_ledger_names[i]);
        tm_repo_ledger(repo, name.data, &ledger);
        is_ledger |= tm_str_eq(tm_buf_str(&ledger), path);
    }
    if (is_ledger)
        return tm_err_set(err, TM_E_FORMAT,
                          "the record of tag '%.*s' has the ledger '%.*s' among its artifacts",
                          TM_STR_ARG(plan->record.tag), TM_STR_ARG(path));
    return TM_OK;
}

/* Entries that the ledger had when the freeze was complete: its own entry, and a genesis for that, are part
 * of it. */
static uint64_t frozen_entries(const struct tm_rollback_plan *plan, struct tm_str path, bool is_freeze_ledger)
{
    uint64_t entries = 0;

    for (size_t i = 0; i < plan->record.n_ledgers; i++)
        if (tm_str_eq(plan->record.ledgers[i].path, path))
            entries = plan->record.ledgers[i].entries;
    if (is_freeze_ledger)
        entries += entries ? 1 : 2;
    return entries;
}

static enum tm_code count_kept(struct tm_repo *repo, struct tm_rollback_plan *plan, struct tm_err *err)
{
    for (size_t i = 0; tm_ledger_names[i]; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
        struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };
        struct tm_ledger_file file;
        uint64_t then;
        enum tm_code code;

        tm_buf_addf(&name, "%s.ndjson", tm_ledger_names[i]);
        tm_repo_ledger(repo, name.data, &path);
        file = tm_ledger_in(repo, tm_buf_str(&path));
        code = tm_ledger_read(&file, NULL, NULL, &state, err);
        if (code)
            return code;
        then = frozen_entries(plan, tm_buf_str(&path), strcmp(tm_ledger_names[i], "freeze") == 0);
        plan->ledger_entries_kept += (size_t)(state.entries - TM_MIN(then, state.entries));
    }
    return TM_OK;
}

enum tm_code tm_rollback_plan(struct tm_repo *repo, const char *tag, struct tm_rollback_plan *plan,
                              struct tm_err *err)
{
    enum tm_code code;

    *plan = (struct tm_rollback_plan) { 0 };
    code = tm_freeze_load(repo, tag, &plan->arena, &plan->record, &plan->freeze, err);
    if (!code) {
        plan->n_files = plan->record.n_artifacts;
        plan->files = tm_arena_array(&plan->arena, plan->n_files, sizeof(*plan->files));
    }
    for (size_t i = 0; !code && i < plan->n_files; i++) {
        code = check_no_ledger(repo, plan, plan->record.artifacts[i].path, err);
        if (!code)
            code = plan_file(repo, plan, &plan->record.artifacts[i], &plan->files[i], err);
    }
    if (!code)
        code = count_kept(repo, plan, err);
    if (code)
        tm_rollback_plan_release(plan);
    return code;
}

/* What the entries say of the files that change. */
static struct tm_act_file *act_files(const struct tm_rollback_plan *plan, struct tm_arena *arena)
{
    struct tm_act_file *files = tm_arena_array(arena, plan->changes, sizeof(*files));
    size_t n = 0;

    for (size_t i = 0; i < plan->n_files; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
        struct tm_hash digest;

        if (!plan->files[i].data.data)
            continue;
        digest = tm_hash_of(plan->files[i].data);
        tm_hash_add_hex(&hex, &digest);
        files[n++] = (struct tm_act_file) { .path = plan->files[i].path,
                                            .sha256 = tm_arena_str(arena, tm_buf_str(&hex)) };
    }
    return files;
}

/* How many of the first files fit into one entry. */
static size_t batch_of(const struct tm_act_file *files, size_t n)
{
    size_t bytes = 0, count = 0;

    for (; count < n; count++) {
        bytes += ESCAPE_MAX * files[count].path.len + FILE_OVERHEAD_BYTES;
        if (count && bytes > FILES_PER_ENTRY_BYTES)
            break;
    }
    return count;
}

/* The freeze ledger with the entries of the rollback. */
static enum tm_code compose_ledger(struct tm_repo *repo, const struct tm_rollback_plan *plan,
                                   const struct tm_git_head *head, struct tm_str path, struct tm_buf *out,
                                   struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_ledger_file file = tm_ledger_in(repo, path);
    struct tm_act_file *files = act_files(plan, &arena);
    struct tm_ledger_draft *drafts = tm_arena_array(&arena, plan->changes, sizeof(*drafts));
    struct tm_ledger_run run;
    size_t n = 0;

    for (size_t i = 0, count; i < plan->changes; i += count) {
        struct tm_buf TM_CLEANUP(tm_buf_release) body = TM_BUF_INIT;
        struct tm_rollback_act act = {
            .tag = plan->record.tag,
            .commit = tm_str(plan->record.commit.hex),
            .head = tm_str(head->commit.hex),
            .files = files + i,
        };

        act.n_files = count = batch_of(files + i, plan->changes - i);
        tm_rollback_body(&act, &body);
        drafts[n++] = (struct tm_ledger_draft) { .kind = TM_LEDGER_ROLLBACK,
                                                 .body = tm_arena_str(&arena, tm_buf_str(&body)) };
    }
    tm_ledger_run_init(&run);
    return tm_ledger_compose(&file, &run, tm_clock_now_s(), drafts, n, out, NULL, err);
}

static enum tm_code publish(struct tm_repo *repo, const struct tm_rollback_plan *plan,
                            const struct tm_git_head *head, struct tm_oid *commit, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) ledger = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    struct tm_git_file *files = tm_arena_array(&arena, plan->changes + 1, sizeof(*files));
    struct tm_publish what = { .files = files };
    enum tm_code code;

    tm_repo_ledger(repo, "freeze.ndjson", &path);
    code = compose_ledger(repo, plan, head, tm_buf_str(&path), &ledger, err);
    if (code)
        return code;
    files[what.n++] = (struct tm_git_file) { tm_buf_str(&path), tm_buf_str(&ledger) };
    for (size_t i = 0; i < plan->n_files; i++)
        if (plan->files[i].data.data)
            files[what.n++] = (struct tm_git_file) { plan->files[i].path, plan->files[i].data };
    tm_buf_addf(&message, "chore(rollback): back to %.*s\n", TM_STR_ARG(plan->record.tag));
    what.message = message.data;
    return tm_repo_publish(repo, &head->commit, &what, commit, err);
}

enum tm_code tm_rollback_apply(struct tm_repo *repo, const struct tm_rollback_plan *plan,
                               struct tm_oid *commit, struct tm_err *err)
{
    struct tm_git_head TM_CLEANUP(tm_git_head_release) head = { 0 };
    enum tm_code code = tm_freeze_check_clean(repo, err);

    if (!code)
        code = tm_freeze_check_place(repo, err);
    if (!code)
        code = tm_git_head(repo->git, &head, err);
    if (code)
        return code;
    if (plan->changes)
        return publish(repo, plan, &head, commit, err);
    *commit = head.commit;
    return TM_OK;
}
