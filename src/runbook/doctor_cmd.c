#include "cli/cmd.h"

#include "base/json_write.h"
#include "runbook/doctor.h"

enum { OPT_FIX };

static const struct tm_opt opts[] = {
    [OPT_FIX] = { "fix", 0, TM_OPT_FLAG, NULL, "tell git how to merge ledgers and manifests" },
    { NULL },
};

static void print_text(struct tm_ctx *ctx, const struct tm_findings *findings)
{
    for (size_t i = 0; i < findings->n; i++) {
        const struct tm_finding *f = &findings->items[i];

        tm_buf_addf(&ctx->out, "%-8s ", tm_finding_status_name(f->status));
        tm_buf_add_escaped(&ctx->out, f->subject);
        tm_buf_adds(&ctx->out, ": ");
        tm_buf_add_escaped(&ctx->out, f->detail);
        if (f->fix.len) {
            tm_buf_adds(&ctx->out, "\n         fix: ");
            tm_buf_add_escaped(&ctx->out, f->fix);
        }
        tm_buf_addc(&ctx->out, '\n');
    }
    if (findings->problems)
        tm_buf_addf(&ctx->out, "%zu problems\n", findings->problems);
    else
        tm_buf_adds(&ctx->out, "no problems\n");
}

static void print_json(struct tm_ctx *ctx, const struct tm_findings *findings)
{
    struct tm_json_writer w;

    tm_json_writer_init(&w, &ctx->out, 2);
    tm_json_object_begin(&w);
    tm_json_member_u64(&w, "problems", findings->problems);
    tm_json_key(&w, "findings");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < findings->n; i++) {
        tm_json_object_begin(&w);
        tm_json_members(&w, "status", tm_finding_status_name(findings->items[i].status));
        tm_json_member_str(&w, "subject", findings->items[i].subject);
        tm_json_member_str(&w, "detail", findings->items[i].detail);
        tm_json_member_str(&w, "fix", findings->items[i].fix);
        tm_json_object_end(&w);
    }
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(&ctx->out, '\n');
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct tm_findings TM_CLEANUP(tm_findings_release) findings = { 0 };
    struct tm_doctor_request request = { args->opts[OPT_FIX].given, ctx->lock_timeout_ms };
    enum tm_code code;

    if (args->n_words)
        return tm_err_set(err, TM_E_USAGE, "'doctor' takes no arguments, got '%s'", args->words[0]);
    code = tm_doctor(&findings, ".", &request, &ctx->log, err);
    if (code)
        return code;
    if (ctx->json)
        print_json(ctx, &findings);
    else
        print_text(ctx, &findings);
    return findings.problems ? tm_err_set(err, TM_E_NO, "%zu problems found", findings.problems) : TM_OK;
}

const struct tm_cmd tm_doctor_cmd = {
    .name = "doctor",
    .summary = "what is missing here, and the command that fixes it",
    .usage = "[--fix]",
    .help = "Looks at the repository and, of the machine, at what its modules need. Changes nothing without "
            "--fix.\n\n"
            "--fix installs tidemark's merge drivers: in this clone's git configuration and info/attributes, "
            "and\n"
            "in .gitattributes, which is then to be committed. What stands there already stays as it is.\n",
    .opts = opts,
    .needs = TM_NEEDS_JSON,
    .run = run,
};
