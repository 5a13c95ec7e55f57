#include "base/clock.h"
#include "sweep/pass.h"

static void add_elapsed(struct tm_buf *out, int64_t ns)
{
    int64_t s = ns / 1000000000;

    if (s >= 3600)
        tm_buf_addf(out, "%lld:%02d:%02d", (long long)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
    else
        tm_buf_addf(out, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

static void add_running(struct tm_buf *out, const struct tm_pass *pass)
{
    const char *before = ": ";

    for (size_t i = 0; i < pass->next_task; i++) {
        const struct tm_task *task = &pass->tasks[i];

        if (!task->running)
            continue;
        if (task->collector->scope == TM_SCOPE_REPOSITORY)
            tm_buf_addf(out, "%s%.*s", before, TM_STR_ARG(task->collector->name));
        else
            tm_buf_addf(out, "%s%.*s", before, TM_STR_ARG(task->outcomes[0]->module->name));
        before = ", ";
    }
}

/* What is left takes as long as what was done, one by one: jobs run beside each other all the time. */
static void add_estimate(struct tm_buf *out, const struct tm_pass *pass, int64_t elapsed_ns)
{
    size_t done = pass->n_done - pass->n_skipped;
    size_t left = pass->result->n_outcomes - pass->n_done;

    if (!done || !left)
        return;
    tm_buf_adds(out, ", about ");
    add_elapsed(out, (int64_t)((double)elapsed_ns / (double)done * (double)left));
    tm_buf_adds(out, " left");
}

void tm_pass_show_status(struct tm_pass *pass)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;
    int64_t elapsed = tm_clock_mono_ns() - pass->started_ns;

    if (!pass->repo->log || !pass->repo->log->live)
        return;
    tm_buf_addf(&line, "%s %zu of %zu, ", tm_kind_name(pass->kind), pass->n_done, pass->result->n_outcomes);
    add_elapsed(&line, elapsed);
    add_estimate(&line, pass, elapsed);
    add_running(&line, pass);
    tm_log_status(pass->repo->log, "%s", line.data);
}

/* The last lines of the log: what a failed command said is mostly there. */
static void show_tail(struct tm_pass *pass, const struct tm_task *task)
{
    enum { TAIL_LINES = 10 };
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_str rest, line;
    size_t from, lines = 0;

    if (tm_file_read(task->job.log_path, TM_SWEEP_LOG_LIMIT, &text, NULL))
        return;
    for (from = text.len; from > 0; from--) {
        if (text.data[from - 1] == '\n' && from < text.len && ++lines == TAIL_LINES)
            break;
    }
    rest = tm_str_from(tm_buf_str(&text), from);
    if (rest.len && rest.data[rest.len - 1] == '\n')
        rest.len--;
    while (rest.len && tm_str_split(&rest, '\n', &line))
        tm_log_detail(pass->repo->log, "    %.*s", TM_STR_ARG(line));
}

void tm_pass_show_outcomes(struct tm_pass *pass, const struct tm_task *task)
{
    struct tm_log *log = pass->repo->log;
    bool failed = false;

    for (size_t i = 0; i < task->n; i++) {
        const struct tm_sweep_outcome *outcome = task->outcomes[i];
        enum tm_evidence evidence = tm_sweep_from(outcome)->evidence;
        struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;

        if (!outcome->known)
            continue;
        tm_buf_addf(&line, "[%zu/%zu] %.*s: ", pass->n_done, pass->result->n_outcomes,
                    TM_STR_ARG(outcome->module->name));
        tm_sweep_add_result(&line, outcome);
        if (evidence == TM_FAILED || evidence == TM_TIMEOUT) {
            failed = true;
            tm_buf_addf(&line, ", see %.*s", TM_STR_ARG(outcome->log_path));
        }
        /* On a terminal the status line tells of the rest. */
        if (!log || !log->live || evidence == TM_FAILED || evidence == TM_TIMEOUT)
            tm_log_note(log, "%s", line.data);
        else
            tm_log_detail(log, "%s", line.data);
    }
    if (failed && log && log->level == TM_LOG_VERBOSE)
        show_tail(pass, task);
}
