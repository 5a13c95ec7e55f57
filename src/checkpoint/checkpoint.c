#include "checkpoint/checkpoint.h"

#include "base/json_write.h"
#include "catalog/scan.h"
#include "checkpoint/claims.h"
#include "consistency/consistency.h"
#include "health/meta.h"
#include "trend/trend.h"

static const char *const statuses[] = {
    [TM_CHECK_PASSED] = "passed",
    [TM_CHECK_FAILED] = "failed",
    [TM_CHECK_SKIPPED] = "skipped",
};

const char *tm_check_status_name(enum tm_check_status status)
{
    return statuses[status];
}

/* What the checks look at, computed once. */
struct subject {
    struct tm_repo *repo;
    const struct tm_catalog *catalog;
    struct tm_observations observations;
    struct tm_err ledger_err; /* why observations could not be loaded */
    struct tm_meta meta;
    bool has_ledgers; /* false when they could not be read */
};

/* A check answers TM_OK, TM_E_NO with why, or sets *skipped, and detail to why there is nothing to check. */
typedef enum tm_code check_fn(struct subject *s, struct tm_buf *detail, bool *skipped, struct tm_err *err);

static void skip(struct tm_buf *detail, bool *skipped, const char *why)
{
    *skipped = true;
    tm_buf_clear(detail);
    tm_buf_adds(detail, why);
}

static enum tm_code ledgers_needed(struct subject *s, struct tm_err *err)
{
    if (s->has_ledgers)
        return TM_OK;
    return tm_err_set(err, TM_E_NO, "%s", tm_err_msg(&s->ledger_err));
}

static enum tm_code check_registry(struct subject *s, struct tm_buf *detail, bool *skipped,
                                   struct tm_err *err)
{
    (void)skipped;
    if (s->catalog->n_problems)
        tm_buf_addf(detail, "%zu of %zu manifests left out", s->catalog->n_problems, s->catalog->manifests);
    return tm_generated_check(&tm_registry_file, s->repo, s->catalog, err);
}

static enum tm_code check_meta(struct subject *s, struct tm_buf *detail, bool *skipped, struct tm_err *err)
{
    (void)detail;
    (void)skipped;
    if (ledgers_needed(s, err))
        return err->code;
    return tm_generated_check(&tm_meta_file, s->repo, &s->meta, err);
}

static enum tm_code check_map(struct subject *s, struct tm_buf *detail, bool *skipped, struct tm_err *err)
{
    enum tm_code code = tm_generated_check(&tm_docmap_file, s->repo, s->catalog, err);

    (void)detail;
    (void)skipped;
    return code ? code : tm_generated_check(&tm_module_index_file, s->repo, s->catalog, err);
}

static enum tm_code read_ledgers(struct subject *s, uint64_t *entries, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (size_t i = 0; tm_ledger_names[i] && !code; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
        struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };
        struct tm_ledger_file file;

        tm_buf_addf(&name, "%s.ndjson", tm_ledger_names[i]);
        tm_repo_ledger(s->repo, name.data, &path);
        file = tm_ledger_in(s->repo, tm_buf_str(&path));
        code = tm_ledger_read(&file, NULL, NULL, &state, err);
        *entries += state.entries + state.adopted_lines;
    }
    return code ? code : ledgers_needed(s, err);
}

/*
 * Silent edits in the commits that can still be mended, those that were not pushed; where nothing is known of
 * that, in the last one. What is not proved is no pass.
 */
static enum tm_code check_history(struct subject *s, struct tm_buf *detail, bool *skipped, struct tm_err *err)
{
    struct tm_consistency TM_CLEANUP(tm_consistency_release) found = { 0 };
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_consistency_request request = { .tolerance_s = TM_TOLERANCE_S };
    enum tm_code code = tm_consistency_check(&found, s->repo, &request, &lower);

    if (code)
        return tm_err_set(err, code == TM_E_NOT_FOUND || code == TM_E_GIT ? TM_E_NO : code, "%s",
                          tm_err_msg(&lower));
    code = tm_consistency_verdict(&found, &lower);
    if (code == TM_E_PARTIAL) {
        skip(detail, skipped, tm_err_msg(&lower));
        return TM_OK;
    }
    if (code)
        return tm_err_move(err, &lower);
    tm_buf_adds(detail, ", ");
    tm_consistency_summary(&found, detail);
    return TM_OK;
}

static enum tm_code check_ledgers(struct subject *s, struct tm_buf *detail, bool *skipped, struct tm_err *err)
{
    uint64_t entries = 0;
    size_t unbacked = 0;
    enum tm_code code = read_ledgers(s, &entries, err);

    if (!code)
        code = tm_claims_check(s->repo, s->catalog, &s->observations, &unbacked, err);
    if (code)
        return code == TM_E_FORMAT ? tm_err_set(err, TM_E_NO, "%s", tm_err_msg(err)) : code;
    if (entries == 0) {
        skip(detail, skipped, "no ledger entries");
        return TM_OK;
    }
    tm_buf_addf(detail, "%llu entries", (unsigned long long)entries);
    if (unbacked)
        tm_buf_addf(detail, ", %zu manifest%s with figures from before", unbacked, unbacked == 1 ? "" : "s");
    return check_history(s, detail, skipped, err);
}

static enum tm_code check_trend(struct subject *s, const struct tm_trend_file *file, const char *nothing,
                                struct tm_buf *detail, bool *skipped, struct tm_err *err)
{
    size_t rows = 0;
    bool stale = false;
    enum tm_code code = tm_trend_check(file, s->repo, &stale, &rows, err);

    if (!code && stale)
        code = tm_err_set(err, TM_E_NO, "'%s' is missing or stale, run 'tidemark trends'", file->name);
    if (!code && rows == 0)
        skip(detail, skipped, nothing);
    else if (!code)
        tm_buf_addf(detail, "%zu rows", rows);
    return code;
}

static enum tm_code check_coverage_trend(struct subject *s, struct tm_buf *detail, bool *skipped,
                                         struct tm_err *err)
{
    return check_trend(s, &tm_trend_coverage, "no coverage data", detail, skipped, err);
}

static enum tm_code check_bench_trend(struct subject *s, struct tm_buf *detail, bool *skipped,
                                      struct tm_err *err)
{
    return check_trend(s, &tm_trend_bench, "no benchmark data", detail, skipped, err);
}

static enum tm_code validate_registry(struct subject *s, struct tm_buf *detail, bool *skipped,
                                      struct tm_err *err)
{
    (void)skipped;
    tm_buf_addf(detail, "%zu modules", s->catalog->n_modules);
    return tm_registry_validate(s->repo, s->catalog, err);
}

static enum tm_code validate_meta(struct subject *s, struct tm_buf *detail, bool *skipped, struct tm_err *err)
{
    (void)skipped;
    if (ledgers_needed(s, err))
        return err->code;
    tm_buf_addf(detail, "%zu modules", s->catalog->n_modules);
    if (s->meta.summary.has_health)
        tm_buf_addf(detail, ", avg health %u.%u/100", s->meta.summary.health_tenths / 10,
                    s->meta.summary.health_tenths % 10);
    return tm_meta_validate(s->repo, s->catalog, err);
}

static const struct {
    const char *name;
    check_fn *run;
} checks[TM_CHECKS] = {
    { "Module Registry Generation", check_registry },
    { "Meta-Registry Fusion", check_meta },
    { "Documentation Map Generation", check_map },
    { "Ledger Consistency Check", check_ledgers },
    { "Coverage Trend Analytics", check_coverage_trend },
    { "Benchmark Trend Analytics", check_bench_trend },
    { "MODULE_REGISTRY.json Validation", validate_registry },
    { "META_REGISTRY.json Validation", validate_meta },
};

static enum tm_code run_check(struct tm_checkpoint *checkpoint, struct subject *s, size_t i,
                              struct tm_err *err)
{
    struct tm_check_result *result = &checkpoint->checks[i];
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    bool skipped = false;
    enum tm_code code;

    result->name = checks[i].name;
    result->detail = TM_BUF_INIT;
    code = checks[i].run(s, &result->detail, &skipped, &lower);
    if (code && code != TM_E_NO && code != TM_E_FORMAT && code != TM_E_LIMIT)
        return tm_err_move(err, &lower);
    if (code) {
        tm_buf_clear(&result->detail);
        tm_buf_adds(&result->detail, tm_err_msg(&lower));
        result->status = TM_CHECK_FAILED;
        checkpoint->failed++;
    } else if (skipped) {
        result->status = TM_CHECK_SKIPPED;
        checkpoint->skipped++;
    } else {
        result->status = TM_CHECK_PASSED;
        checkpoint->passed++;
    }
    return TM_OK;
}

enum tm_code tm_checkpoint_run(struct tm_checkpoint *checkpoint, struct tm_repo *repo,
                               const struct tm_catalog *catalog, struct tm_err *err)
{
    struct subject s = { .repo = repo, .catalog = catalog };
    enum tm_code code = tm_observations_load(&s.observations, repo, &s.ledger_err);

    *checkpoint = TM_CHECKPOINT_INIT;
    if (code && code != TM_E_FORMAT && code != TM_E_LIMIT)
        return tm_err_move(err, &s.ledger_err);
    if (!code) {
        code = tm_meta_compute(&s.meta, repo, catalog, &s.observations, err);
        s.has_ledgers = true;
    } else {
        code = TM_OK;
    }
    for (size_t i = 0; i < TM_CHECKS && !code; i++)
        code = run_check(checkpoint, &s, i, err);
    tm_meta_release(&s.meta);
    tm_observations_release(&s.observations);
    tm_err_release(&s.ledger_err);
    return code;
}

void tm_checkpoint_release(struct tm_checkpoint *checkpoint)
{
    for (size_t i = 0; i < TM_CHECKS; i++)
        if (checkpoint->checks[i].name)
            tm_buf_release(&checkpoint->checks[i].detail);
    tm_buf_release(&checkpoint->failure);
    *checkpoint = TM_CHECKPOINT_INIT;
}

const char *tm_checkpoint_first_failure(struct tm_checkpoint *checkpoint)
{
    for (size_t i = 0; i < TM_CHECKS; i++) {
        struct tm_check_result *result = &checkpoint->checks[i];

        if (result->name && result->status == TM_CHECK_FAILED) {
            tm_buf_clear(&checkpoint->failure);
            tm_buf_addf(&checkpoint->failure, "%s: %s", result->name, result->detail.data);
            return checkpoint->failure.data;
        }
    }
    return "";
}

void tm_checkpoint_json(const struct tm_checkpoint *checkpoint, struct tm_json_writer *w)
{
    tm_json_key(w, "checks");
    tm_json_array_begin(w);
    for (size_t i = 0; i < TM_CHECKS; i++) {
        const struct tm_check_result *result = &checkpoint->checks[i];

        tm_json_object_begin(w);
        tm_json_members(w, "name", result->name);
        tm_json_members(w, "status", statuses[result->status]);
        tm_json_member_str(w, "detail", tm_buf_str(&result->detail));
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
    tm_json_member_u64(w, "passed", checkpoint->passed);
    tm_json_member_u64(w, "failed", checkpoint->failed);
    tm_json_member_u64(w, "skipped", checkpoint->skipped);
}
