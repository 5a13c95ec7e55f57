/* Phases 1 and 8: the two freezes. */
#include "runbook/phase.h"

#include "freeze/freeze.h"

/* A killed run may have frozen already: then the tag is there, and what it froze is where this phase began.
 */
static enum tm_code find_done(struct tm_run *run, const char *tag, struct tm_freeze_result *result,
                              bool *done, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_freeze_record record;
    struct tm_oid freeze;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    enum tm_code code = tm_freeze_load(run->repo, tag, &arena, &record, &freeze, &lower);

    *done = false;
    if (code == TM_E_NOT_FOUND)
        return TM_OK;
    if (code)
        return tm_err_move(err, &lower);
    if (strcmp(record.commit.hex, run->journal.current_head.hex) != 0)
        return TM_OK; /* somebody else's: creating it will say so */
    *done = true;
    *result = (struct tm_freeze_result) {
        .commit = record.commit,
        .freeze = freeze,
        .frozen_at_s = record.frozen_at_s,
        .artifacts = record.n_artifacts,
        .ledgers = record.n_ledgers,
    };
    tm_repo_generated(run->repo, tm_freeze_kind_file(record.kind), &path);
    result->record = tm_buf_take(&path);
    tm_repo_ledger(run->repo, "freeze.ndjson", &path);
    result->ledger = tm_buf_take(&path);
    return TM_OK;
}

static enum tm_code freeze(struct tm_run *run, struct tm_phase_record *record, struct tm_json_writer *facts,
                           const struct tm_freeze_request *request, struct tm_err *err)
{
    struct tm_freeze_result TM_CLEANUP(tm_freeze_result_release) result = { 0 };
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_git_commit commit;
    bool done;
    enum tm_code code = find_done(run, request->tag, &result, &done, err);

    if (!code && !done)
        code = tm_freeze_create(run->repo, &run->catalog, request, &result, err);
    if (!code)
        code = tm_git_commit_read(run->repo->git, &result.freeze, &arena, &commit, err);
    if (code)
        return code;
    tm_json_members(facts, "tag", request->tag);
    tm_json_members(facts, "kind", tm_freeze_kind_name(request->kind));
    tm_json_key(facts, "frozen_at");
    tm_json_put_stamp(facts, result.frozen_at_s);
    tm_json_members(facts, "frozen_commit", result.commit.hex);
    tm_json_members(facts, "freeze_commit", result.freeze.hex);
    tm_json_members(facts, "record", result.record);
    tm_json_members(facts, "ledger", result.ledger);
    tm_json_member_u64(facts, "artifacts", result.artifacts);
    record->commit = result.freeze;
    tm_buf_add_str(&record->subject, commit.subject);
    tm_phase_set(record, TM_PHASE_PASSED, "");
    return TM_OK;
}

enum tm_code tm_phase_baseline(struct tm_run *run, struct tm_phase_record *record,
                               struct tm_json_writer *facts, struct tm_err *err)
{
    struct tm_freeze_request request = {
        .tag = run->journal.baseline.data,
        .kind = TM_FREEZE_BASELINE,
        .reason = "Baseline before the runbook",
    };

    if (!run->journal.baseline.len) {
        tm_phase_set(record, TM_PHASE_SKIPPED, "no --baseline given");
        return TM_OK;
    }
    return freeze(run, record, facts, &request, err);
}

enum tm_code tm_phase_release(struct tm_run *run, struct tm_phase_record *record,
                              struct tm_json_writer *facts, struct tm_err *err)
{
    struct tm_freeze_request request = {
        .tag = run->journal.release.data,
        .kind = TM_FREEZE_PRODUCTION,
        .reason = "State after the runbook",
    };

    if (!run->journal.release.len) {
        tm_phase_set(record, TM_PHASE_SKIPPED, "no --release given");
        return TM_OK;
    }
    return freeze(run, record, facts, &request, err);
}
