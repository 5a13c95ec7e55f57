#include "coverage/compare.h"
#include "coverage/coverage_cmd.h"

enum { OPT_AS, OPT_BASE, OPT_CHECK, OPT_HEAD, OPT_IGNORE_SPACE };

static const struct tm_opt diff_opts[] = {
    [OPT_AS] = { "as", 0, TM_OPT_STR, "FORMAT",
                 "format of both reports (default: by content); tidemark(1) has the names" },
    [OPT_BASE] = { "base", 0, TM_OPT_STR, "REV",
                   "what A was made of (default: where the branch parted from the one it goes back to)" },
    [OPT_CHECK] = { "check", 0, TM_OPT_FLAG, NULL,
                    "exit 1 when a line that the change left alone got worse" },
    [OPT_HEAD] = { "head", 0, TM_OPT_STR, "REV", "what B was made of (default: the work tree)" },
    [OPT_IGNORE_SPACE] = { "ignore-space", 0, TM_OPT_FLAG, NULL,
                           "lines that differ in white space alone are not changed" },
    { NULL, 0, TM_OPT_FLAG, NULL, NULL },
};

static enum tm_code print(struct tm_ctx *ctx, const struct tm_args *args, const struct tm_changes *changes,
                          const struct tm_reading *before, const struct tm_reading *after, struct tm_err *err)
{
    struct tm_compare TM_CLEANUP(tm_compare_release) compare = TM_COMPARE_INIT;

    tm_reading_tell(before, &ctx->log);
    tm_reading_tell(after, &ctx->log);
    tm_compare_run(&compare, changes, before, after);
    if (ctx->json)
        tm_compare_add_json(&ctx->out, &compare);
    else
        tm_compare_add_text(&ctx->out, &compare);
    if (args->opts[OPT_CHECK].given && tm_flips_worse(&compare.elsewhere))
        err->code = TM_E_NO;
    return err->code;
}

static enum tm_code read_both(struct tm_ctx *ctx, const struct tm_args *args,
                              const struct tm_catalog *catalog, const struct tm_changes *changes,
                              struct tm_err *err)
{
    struct tm_reading_request request = { .paths = args->words, .n_paths = 1, .as = args->opts[OPT_AS].text };
    struct tm_reading before, after;
    enum tm_code code;

    request.revision = &changes->base;
    code = tm_reading_open(&before, ctx->repo, catalog, &request, err);
    if (!code) {
        request.paths++;
        request.revision = &changes->head;
        code = tm_reading_open(&after, ctx->repo, catalog, &request, err);
        if (!code)
            code = print(ctx, args, changes, &before, &after, err);
        tm_reading_release(&after);
    }
    tm_reading_release(&before);
    return code;
}

static enum tm_code run_diff(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_catalog TM_CLEANUP(tm_catalog_release) catalog = TM_CATALOG_INIT;
    struct tm_changes TM_CLEANUP(tm_changes_release) changes = TM_CHANGES_INIT;
    const struct tm_changes_request request = {
        .base = args->opts[OPT_BASE].text,
        .head = args->opts[OPT_HEAD].text,
        .ignore_space = args->opts[OPT_IGNORE_SPACE].given,
    };
    enum tm_code code;

    if (args->n_words != 2)
        return tm_err_set(err, TM_E_USAGE, "two reports are compared, see 'tidemark coverage diff --help'");
    code = tm_catalog_load(&catalog, ctx->repo, err);
    if (!code)
        code = tm_changes_load(&changes, ctx->repo->git, &request, err);
    return code ? code : read_both(ctx, args, &catalog, &changes, err);
}

const struct tm_cmd tm_coverage_diff_cmd = {
    .name = "diff",
    .summary = "lines that are in another state in a second report",
    .usage = "[--base REV] [--head REV] [--ignore-space] [--check] [--as FORMAT] A B",
    .help = "Compares report A, made before a change, with B, made after it, line by line: covered, partial, "
            "missed.\n"
            "Lines that the change between the two revisions made or removed are \"your change\". All others "
            "are\n"
            "followed to where they moved, and told as \"elsewhere\" when their state is another one.\n",
    .opts = diff_opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_JSON,
    .run = run_diff,
};
