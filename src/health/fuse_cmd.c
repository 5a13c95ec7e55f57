#include "base/clock.h"
#include "catalog/refresh_cmd.h"
#include "health/meta.h"
#include "ledger/pending.h"

enum { OPT_CHECK };

enum {
    NAMES_SHOWN = 5, /* of modules, in a line */
    COMMIT_SHOWN = 10,
};

static const struct tm_opt opts[] = {
    [OPT_CHECK] = { "check", 0, TM_OPT_FLAG, NULL, "write nothing; exit 1 when the file is stale" },
    { NULL, 0, TM_OPT_FLAG, NULL, NULL },
};

/* "125 measured, 20 no data, 4 never": the states that occur. */
static void add_evidence(const size_t counts[TM_META_EVIDENCES], struct tm_buf *out)
{
    const char *separator = "";

    for (size_t i = 0; i < TM_META_EVIDENCES; i++) {
        const char *name = i == TM_META_NEVER ? "never measured" : tm_meta_evidence_name(i);

        if (counts[i] == 0)
            continue;
        tm_buf_addf(out, "%s%zu %s", separator, counts[i], strcmp(name, "no_data") == 0 ? "no data" : name);
        separator = ", ";
    }
}

/* "alpha (2d 3h older, at 0123456789)": figures that the newest run did not measure. */
static void add_carried(const struct tm_meta *meta, struct tm_buf *out)
{
    size_t shown = 0;

    for (size_t i = 0; i < meta->summary.total && shown < NAMES_SHOWN; i++) {
        const struct tm_meta_module *m = &meta->modules[i];
        struct tm_str commit;

        if (!m->carried)
            continue;
        commit = m->coverage->coverage.from.commit;
        tm_buf_adds(out, shown++ ? ", " : "");
        tm_buf_add_escaped(out, m->module->name);
        tm_buf_adds(out, " (");
        tm_clock_add_duration(out, m->carried_s * 1000000000);
        tm_buf_addf(out, " older, at %.*s)", commit.len ? COMMIT_SHOWN : 9,
                    commit.len ? commit.data : "no commit");
    }
    if (meta->summary.coverage_carried > shown)
        tm_buf_addf(out, " and %zu more", meta->summary.coverage_carried - shown);
}

static void add_text(const struct tm_meta *meta, struct tm_buf *out)
{
    const struct tm_meta_summary *s = &meta->summary;

    tm_buf_addf(out, "modules    %zu\n", s->total);
    if (s->total == 0)
        return;
    tm_buf_adds(out, "coverage   ");
    add_evidence(s->coverage_evidence, out);
    if (s->with_coverage)
        tm_buf_addf(out, "; %zu of %zu meet their target", s->meeting_target, s->with_coverage);
    if (s->coverage_carried) {
        tm_buf_addf(out, "\ncarried    %zu from earlier runs: ", s->coverage_carried);
        add_carried(meta, out);
    }
    tm_buf_adds(out, "\nbenchmarks ");
    add_evidence(s->bench_evidence, out);
    if (s->with_sla_verdict)
        tm_buf_addf(out, "; %zu of %zu meet their SLA", s->meeting_sla, s->with_sla_verdict);
    if (s->lines_valid) {
        tm_buf_addf(out, "\nlines      %llu of %llu covered, ", (unsigned long long)s->lines_covered,
                    (unsigned long long)s->lines_valid);
        tm_ratio_add_percent(out, (struct tm_ratio) { s->lines_covered, s->lines_valid });
        tm_buf_adds(out, " %");
    }
    tm_buf_addf(out, "\nhealth     %u.%u of 100 on average (%s)\n", s->health_tenths / 10,
                s->health_tenths % 10, meta->formula->id);
}

static void warn_of_claims(const struct tm_meta *meta, struct tm_log *log)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) names = TM_BUF_INIT;
    size_t n = meta->summary.claims, shown = 0;

    if (n == 0)
        return;
    for (size_t i = 0; i < meta->summary.total && shown < NAMES_SHOWN; i++) {
        if (!meta->modules[i].claims)
            continue;
        tm_buf_adds(&names, shown++ ? ", " : "");
        tm_buf_add_str(&names, meta->modules[i].module->name);
    }
    if (n > shown)
        tm_buf_addf(&names, " and %zu more", n - shown);
    tm_log_warn(log, "%zu manifest%s a coverage_observed without a measured ledger entry, not used: %s", n,
                n == 1 ? " claims" : "s claim", names.data);
}

static void put_claims(const struct tm_meta *meta, struct tm_json_writer *w)
{
    tm_json_key(w, "claims");
    tm_json_array_begin(w);
    for (size_t i = 0; i < meta->summary.total; i++)
        if (meta->modules[i].claims)
            tm_json_put_str(w, meta->modules[i].module->name);
    tm_json_array_end(w);
}

static void put_carried(const struct tm_meta *meta, struct tm_json_writer *w)
{
    tm_json_key(w, "carried");
    tm_json_array_begin(w);
    for (size_t i = 0; i < meta->summary.total; i++) {
        const struct tm_meta_module *m = &meta->modules[i];

        if (!m->carried)
            continue;
        tm_json_object_begin(w);
        tm_json_member_str(w, "module", m->module->name);
        tm_json_key(w, "observed_at");
        tm_json_put_stamp(w, m->coverage->ts_s);
        tm_json_member_u64(w, "carried_s", (uint64_t)m->carried_s);
        tm_json_member_str(w, "commit", m->coverage->coverage.from.commit);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
}

static void answer(struct tm_ctx *ctx, const struct tm_meta *meta, const struct tm_refresh *file)
{
    struct tm_json_writer w;

    if (!ctx->json) {
        add_text(meta, &ctx->out);
        tm_refresh_add_text(ctx->repo, file, 1, &ctx->out);
        return;
    }
    tm_json_writer_init(&w, &ctx->out, 2);
    tm_json_object_begin(&w);
    tm_json_members(&w, "formula", meta->formula->id);
    tm_json_key(&w, "summary");
    tm_meta_put_summary(&w, &meta->summary);
    put_claims(meta, &w);
    put_carried(meta, &w);
    tm_refresh_put_json(ctx->repo, file, 1, &w);
    tm_json_object_end(&w);
    tm_buf_addc(&ctx->out, '\n');
}

static enum tm_code fuse(struct tm_ctx *ctx, const struct tm_catalog *catalog, const struct tm_meta *meta,
                         bool check, struct tm_err *err)
{
    static const struct tm_generated *const files[] = { &tm_meta_file };
    struct tm_refresh file = { 0 };
    enum tm_code code = tm_refresh_files(ctx, files, 1, meta, check, &file, err);
    enum tm_code verdict;

    if (!code) {
        answer(ctx, meta, &file);
        warn_of_claims(meta, &ctx->log);
        if (meta->summary.unknown_modules)
            tm_log_warn(&ctx->log, "the ledgers hold observations of %zu module%s not in the repository",
                        meta->summary.unknown_modules, meta->summary.unknown_modules == 1 ? "" : "s");
        code = tm_catalog_report_problems(catalog, &ctx->log, err);
        verdict = tm_refresh_verdict(&file, 1, err);
        code = verdict ? verdict : code;
    }
    tm_err_release(&file.why);
    return code;
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_catalog TM_CLEANUP(tm_catalog_release) catalog = TM_CATALOG_INIT;
    struct tm_observations TM_CLEANUP(tm_observations_release) observations = TM_OBSERVATIONS_INIT;
    struct tm_meta TM_CLEANUP(tm_meta_release) meta = TM_META_INIT;
    bool check = args->opts[OPT_CHECK].given;
    enum tm_code code = TM_OK;

    if (args->n_words)
        return tm_err_set(err, TM_E_USAGE, "'fuse' takes no argument, got '%s'", args->words[0]);
    if (!check)
        code = tm_repo_lock(ctx->repo, ctx->lock_timeout_ms, err);
    if (!code)
        code = tm_catalog_load(&catalog, ctx->repo, err);
    if (!code)
        code = tm_observations_load(&observations, ctx->repo, err);
    if (!code)
        code = tm_meta_compute(&meta, ctx->repo, &catalog, &observations, err);
    if (code)
        return code;
    tm_pending_note(ctx->repo, &ctx->log);
    return fuse(ctx, &catalog, &meta, check, err);
}

const struct tm_cmd tm_fuse_cmd = {
    .name = "fuse",
    .summary = "join modules, newest observations and health into the meta-registry",
    .usage = "[--check]",
    .help =
        "Writes META_REGISTRY.json into the generated folder: every module with its newest coverage and "
        "benchmark observation from the ledgers, its targets, and its health score. What was never "
        "measured is "
        "null and says why; what the newest run did not measure keeps its last figure, marked with its age "
        "and commit. The file is written only when its content changes.\n\n"
        "No number is taken from a manifest but the targets: a coverage_observed that no measured ledger "
        "entry "
        "backs is warned of.",
    .opts = opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_JSON,
    .run = run,
};
