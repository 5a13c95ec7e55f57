#include "freeze/rollback.h"

#include "base/clock.h"
#include "base/path.h"
#include "freeze/observed.h"
#include "ledger/act.h"

/* Files named by one ledger entry: well below the limit of a line with the longest paths of real
 * repositories. */
enum { FILES_PER_ENTRY = 100 };

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

static enum tm_code plan_file(struct tm_repo *repo, struct tm_rollback_plan *plan,
                              const struct tm_frozen_file *frozen, struct tm_rollback_file *file,
                              struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) then = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) now = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) merged = TM_BUF_INIT;
    bool exact = true;
    enum tm_code code = frozen_content(repo, plan, frozen, &then, err);

    if (code)
        return code;
    file->path = frozen->path;
    if (!tm_root_exists(&repo->root, frozen->path)) {
        file->what = is_manifest(frozen->path) ? TM_ROLLBACK_GONE : TM_ROLLBACK_RESTORE;
    } else {
        code = tm_root_read(&repo->root, frozen->path, UINT64_MAX, &now, err);
        if (code)
            return code;
        file->what = tm_str_eq(tm_buf_str(&now), tm_buf_str(&then)) ? TM_ROLLBACK_SAME : TM_ROLLBACK_RESTORE;
        if (file->what == TM_ROLLBACK_RESTORE && is_manifest(frozen->path)) {
            code = tm_observed_restore(frozen->path.data, tm_buf_str(&then), tm_buf_str(&now), &merged,
                                       &exact, err);
            if (code)
                return code;
        }
        if (!exact)
            file->what =
                tm_str_eq(tm_buf_str(&merged), tm_buf_str(&now)) ? TM_ROLLBACK_SAME : TM_ROLLBACK_OBSERVED;
    }
    if (file->what == TM_ROLLBACK_RESTORE || file->what == TM_ROLLBACK_OBSERVED) {
        file->data = tm_arena_str(&plan->arena, tm_buf_str(exact ? &then : &merged));
        plan->changes++;
    }
    return TM_OK;
}

static enum tm_code count_kept(struct tm_repo *repo, struct tm_rollback_plan *plan, struct tm_err *err)
{
    for (size_t i = 0; i < plan->record.n_ledgers; i++) {
        const struct tm_frozen_ledger *frozen = &plan->record.ledgers[i];
        struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };
        struct tm_ledger_file file = tm_ledger_in(repo, frozen->path);
        enum tm_code code = tm_ledger_read(&file, NULL, NULL, &state, err);

        if (code)
            return code;
        plan->ledger_entries_kept += (size_t)(state.entries - TM_MIN(frozen->entries, state.entries));
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
    for (size_t i = 0; !code && i < plan->n_files; i++)
        code = plan_file(repo, plan, &plan->record.artifacts[i], &plan->files[i], err);
    if (!code)
        code = count_kept(repo, plan, err);
    if (code)
        tm_rollback_plan_release(plan);
    return code;
}

/* What the entries say of the files that change. */
static struct tm_act_file *act_files(const struct tm_rollback_plan *plan, struct tm_arena *arena, size_t *n)
{
    struct tm_act_file *files = tm_arena_array(arena, plan->changes, sizeof(*files));

    *n = 0;
    for (size_t i = 0; i < plan->n_files; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
        struct tm_hash digest;

        if (!plan->files[i].data.data)
            continue;
        digest = tm_hash_of(plan->files[i].data);
        tm_hash_add_hex(&hex, &digest);
        files[(*n)++] = (struct tm_act_file) { .path = plan->files[i].path,
                                               .sha256 = tm_arena_str(arena, tm_buf_str(&hex)) };
    }
    return files;
}

static enum tm_code append_entries(struct tm_repo *repo, const struct tm_rollback_plan *plan,
                                   const struct tm_git_head *head, struct tm_str ledger, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_ledger_file file = tm_ledger_in(repo, ledger);
    struct tm_ledger_run run;
    struct tm_ledger_draft *drafts;
    struct tm_act_file *files;
    size_t n_files, n = 0;

    files = act_files(plan, &arena, &n_files);
    drafts = tm_arena_array(&arena, n_files / FILES_PER_ENTRY + 1, sizeof(*drafts));
    for (size_t i = 0; i < n_files; i += FILES_PER_ENTRY) {
        struct tm_buf TM_CLEANUP(tm_buf_release) body = TM_BUF_INIT;
        struct tm_rollback_act act = {
            .tag = plan->record.tag,
            .commit = tm_str(plan->record.commit.hex),
            .head = tm_str(head->commit.hex),
            .files = files + i,
            .n_files = TM_MIN((size_t)FILES_PER_ENTRY, n_files - i),
        };

        tm_rollback_body(&act, &body);
        drafts[n++] = (struct tm_ledger_draft) { .kind = TM_LEDGER_ROLLBACK,
                                                 .body = tm_arena_str(&arena, tm_buf_str(&body)) };
    }
    tm_ledger_run_init(&run);
    return tm_ledger_append(&file, &run, tm_clock_now_s(), drafts, n, NULL, err);
}

enum tm_code tm_rollback_apply(struct tm_repo *repo, const struct tm_rollback_plan *plan,
                               struct tm_oid *commit, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_git_head TM_CLEANUP(tm_git_head_release) head = { 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) ledger = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    struct tm_str *paths;
    size_t n = 0;
    bool made;
    enum tm_code code = tm_freeze_check_clean(repo, err);

    if (!code)
        code = tm_freeze_check_place(repo, err);
    if (!code)
        code = tm_git_head(repo->git, &head, err);
    if (code)
        return code;
    *commit = head.commit;
    if (plan->changes == 0)
        return TM_OK;
    tm_repo_ledger(repo, "freeze.ndjson", &ledger);
    paths = tm_arena_array(&arena, plan->changes + 1, sizeof(*paths));
    paths[n++] = tm_buf_str(&ledger);
    /* The ledger first: what happened is never less than what is written down. */
    code = append_entries(repo, plan, &head, tm_buf_str(&ledger), err);
    for (size_t i = 0; i < plan->n_files && !code; i++) {
        if (!plan->files[i].data.data)
            continue;
        paths[n++] = plan->files[i].path;
        code = tm_root_replace(&repo->root, plan->files[i].path, plan->files[i].data, NULL, err);
    }
    tm_buf_addf(&message, "chore(rollback): back to %.*s\n", TM_STR_ARG(plan->record.tag));
    return code ? code : tm_git_commit_paths(repo->git, paths, n, message.data, commit, &made, err);
}
