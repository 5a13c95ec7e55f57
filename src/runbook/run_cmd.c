#include "cli/cmd.h"
#include "ledger/pending.h"

#include "runbook/plan.h"
#include "runbook/report.h"
#include "runbook/run.h"

enum { OPT_BASELINE, OPT_RELEASE, OPT_JOBS, OPT_PLAN, OPT_RESUME };

static const struct tm_opt opts[] = {
    [OPT_BASELINE] = { "baseline", 0, TM_OPT_STR, "TAG", "freeze the state before the run under TAG" },
    [OPT_RELEASE] = { "release", 0, TM_OPT_STR, "TAG", "freeze the state after the run under TAG" },
    [OPT_JOBS] = { "jobs", 'j', TM_OPT_UINT, "N",
                   "commands at once (default: the settings', then the processors)" },
    [OPT_PLAN] = { "plan", 0, TM_OPT_FLAG, NULL, "print what would be done and change nothing" },
    [OPT_RESUME] = { "resume", 0, TM_OPT_FLAG, NULL,
                     "go on after the last finished phase of an interrupted run" },
    { NULL, 0, TM_OPT_FLAG, NULL, NULL },
};

static enum tm_code print(struct tm_ctx *ctx, const struct tm_buf *facts,
                          void (*text)(const struct tm_json_doc *, struct tm_buf *), struct tm_err *err)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    enum tm_code code;

    if (ctx->json) {
        tm_buf_add_str(&ctx->out, tm_buf_str(facts));
        return TM_OK;
    }
    code = tm_json_doc_parse(&doc, "facts", tm_buf_str(facts), err);
    if (!code)
        text(&doc, &ctx->out);
    return code;
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) facts = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) report = TM_BUF_INIT;
    struct tm_run_options options = {
        .baseline = args->opts[OPT_BASELINE].text,
        .release = args->opts[OPT_RELEASE].text,
        .jobs = (unsigned)args->opts[OPT_JOBS].number,
        .resume = args->opts[OPT_RESUME].given,
    };
    enum tm_code code, printed = TM_OK;

    if (args->n_words)
        return tm_err_set(err, TM_E_USAGE, "'run' takes no arguments, got '%s'; -C names the repository",
                          args->words[0]);
    if (args->opts[OPT_JOBS].given && (args->opts[OPT_JOBS].number < 1 || args->opts[OPT_JOBS].number > 1024))
        return tm_err_set(err, TM_E_USAGE, "--jobs is between 1 and 1024");
    if (args->opts[OPT_PLAN].given) {
        code = tm_run_plan(ctx->repo, &options, &facts, err);
        return code ? code : print(ctx, &facts, tm_plan_text, err);
    }
    code = tm_pending_refuse(ctx->repo, err);
    if (code)
        return code;
    code = tm_run(ctx->repo, &options, &facts, err);
    if (facts.len)
        printed = print(ctx, &facts, tm_report_summary, code ? NULL : err);
    if (!ctx->json && (code == TM_OK || code == TM_E_PARTIAL)) {
        tm_repo_generated(ctx->repo, "RUNBOOK_REPORT.md", &report);
        tm_buf_addf(&ctx->out, "report: %s/%s\n", ctx->repo->root.path, report.data);
    }
    return code ? code : printed;
}

const struct tm_cmd tm_run_cmd = {
    .name = "run",
    .summary = "the runbook: from preflight to production freeze",
    .usage = "[--baseline TAG] [--release TAG] [-j N] [--plan] [--resume]",
    .help = "Walks nine phases: preflight, baseline freeze, discovery, scaffolding, coverage sweep,\n"
            "benchmark sweep, dashboards, final checkpoint, production freeze. Each one that changes\n"
            "files commits them; the report goes to docs/_generated/RUNBOOK_REPORT.md. The tree must be\n"
            "clean. Exit status 4 says that some modules failed and everything else is written.\n",
    .opts = opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_LOCK | TM_NEEDS_JSON,
    .run = run,
};
