#include <unistd.h>

#include "coverage/coverage_cmd.h"
#include "coverage/patch.h"

enum { OPT_AS, OPT_IGNORE_SPACE, OPT_MIN, OPT_STRICT };

static const struct tm_opt patch_opts[] = {
    [OPT_AS] = { "as", 0, TM_OPT_STR, "FORMAT",
                 "format of the reports (default: by content); tidemark(1) has the names" },
    [OPT_IGNORE_SPACE] = { "ignore-space", 0, TM_OPT_FLAG, NULL,
                           "lines that differ in white space alone are not changed" },
    [OPT_MIN] = { "min", 0, TM_OPT_STR, "PERCENT", "exit 1 when less of the changed lines ran" },
    [OPT_STRICT] = { "strict", 0, TM_OPT_FLAG, NULL,
                     "exit 1 when a changed source file is in no report, or nothing could be judged" },
    { NULL, 0, TM_OPT_FLAG, NULL, NULL },
};

static enum tm_code parse_gate(const struct tm_args *args, struct tm_patch_gate *gate, struct tm_err *err)
{
    const struct tm_opt_value *min = &args->opts[OPT_MIN];
    struct tm_ratio percent;

    *gate = (struct tm_patch_gate) { .has_min = min->given, .text = min->text };
    gate->strict = args->opts[OPT_STRICT].given;
    if (!min->given)
        return TM_OK;
    if (!tm_ratio_parse(tm_str(min->text), &percent) ||
        tm_ratio_cmp(percent, (struct tm_ratio) { 100, 1 }) > 0 ||
        __builtin_mul_overflow(percent.den, (uint64_t)100, &percent.den))
        return tm_err_set(err, TM_E_USAGE, "--min wants a percentage from 0 to 100, not '%s'", min->text);
    gate->min = percent;
    return TM_OK;
}

static void print(struct tm_ctx *ctx, const struct tm_patch *patch, const struct tm_patch_gate *gate)
{
    switch (ctx->answer) {
    case TM_ANSWER_TEXT:
        tm_patch_add_text(&ctx->out, patch, gate);
        break;
    case TM_ANSWER_JSON:
        tm_patch_add_json(&ctx->out, patch, gate);
        break;
    case TM_ANSWER_MD:
        tm_patch_add_md(&ctx->out, patch, gate);
        break;
    case TM_ANSWER_GITHUB:
        tm_patch_add_github(&ctx->out, patch, gate);
        break;
    }
}

static enum tm_code judge(struct tm_ctx *ctx, const struct tm_changes *changes,
                          const struct tm_reading *reading, const struct tm_patch_gate *gate,
                          struct tm_err *err)
{
    struct tm_patch TM_CLEANUP(tm_patch_release) patch = TM_PATCH_INIT;

    tm_reading_tell(reading, &ctx->log);
    if (changes->limited)
        tm_log_warn(&ctx->log,
                    "too many files were added and deleted to compare them all: only files that stayed equal "
                    "are taken for renamed");
    tm_patch_judge(&patch, changes, reading);
    print(ctx, &patch, gate);
    if (tm_patch_is_no(tm_patch_verdict(&patch, gate), gate))
        err->code = TM_E_NO;
    return err->code;
}

static enum tm_code run_patch(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_catalog TM_CLEANUP(tm_catalog_release) catalog = TM_CATALOG_INIT;
    struct tm_changes TM_CLEANUP(tm_changes_release) changes = TM_CHANGES_INIT;
    bool ranged =
        args->n_words && tm_changes_is_range(tm_str(args->words[0])) && access(args->words[0], F_OK) < 0;
    const struct tm_changes_request request = {
        .range = ranged ? tm_str(args->words[0]) : TM_STR(""),
        .ignore_space = args->opts[OPT_IGNORE_SPACE].given,
    };
    const struct tm_reading_request reports = {
        .paths = args->words + ranged,
        .n_paths = args->n_words - ranged,
        .as = args->opts[OPT_AS].text,
        .revision = &changes.head,
    };
    struct tm_reading reading;
    struct tm_patch_gate gate;
    enum tm_code code = parse_gate(args, &gate, err);

    if (!code)
        code = tm_catalog_load(&catalog, ctx->repo, err);
    if (!code)
        code = tm_changes_load(&changes, ctx->repo->git, &request, err);
    if (code)
        return code;
    code = tm_reading_open(&reading, ctx->repo, &catalog, &reports, err);
    if (!code)
        code = judge(ctx, &changes, &reading, &gate, err);
    tm_reading_release(&reading);
    return code ? code : tm_catalog_report_problems(&catalog, &ctx->log, err);
}

const struct tm_cmd tm_coverage_patch_cmd = {
    .name = "patch",
    .summary = "coverage of the lines that a change touched",
    .usage = "[BASE...HEAD] [--min PERCENT] [--ignore-space] [--strict] [--as FORMAT] [REPORT...]",
    .help =
        "Looks up the lines that were added or changed in the reports: covered, partial (it ran, but not "
        "all\n"
        "of its branches), missed. Source files that no report has are unknown: named, and in no figure.\n\n"
        "BASE...HEAD is what HEAD changed since it parted from BASE; BASE..HEAD compares the two as they "
        "are.\n"
        "Without it: what the work tree changed since it parted from the branch it goes back to. Without a\n"
        "REPORT: those that the last sweep has kept.\n\n"
        "--format=md is for a comment, --format=github prints workflow commands that annotate lines.\n",
    .opts = patch_opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_JSON | TM_NEEDS_MD | TM_NEEDS_GITHUB,
    .run = run_patch,
};
