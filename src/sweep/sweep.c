#include "sweep/sweep.h"

#include <sched.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "bench/fingerprint.h"
#include "sweep/intent.h"
#include "sweep/orphan.h"
#include "sweep/pass.h"
#include "sweep/tree.h"

enum { CHANGES_MAX = 1000000 };

static unsigned processors(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) < 0)
        return 1;
    return (unsigned)TM_MAX(CPU_COUNT(&set), 1);
}

static unsigned jobs_of(const struct tm_pass *pass)
{
    uint64_t jobs = pass->request->jobs ? pass->request->jobs : pass->repo->settings.jobs;

    if (pass->kind == TM_COLLECT_BENCH)
        return 1;
    return jobs ? (unsigned)TM_MIN(jobs, (uint64_t)TM_JOBS_MAX) : processors();
}

enum tm_code tm_pass_find_dirty(struct tm_pass *pass, struct tm_err *err)
{
    struct tm_git_change *changes;
    size_t n, total;
    enum tm_code code =
        tm_git_changes(pass->repo->git, &pass->sweep->arena, CHANGES_MAX, &changes, &n, &total, err);

    for (size_t i = 0; !code && i < n; i++) {
        struct tm_module *owner = tm_catalog_owner(pass->catalog, changes[i].path);

        if (owner && !tm_str_eq(changes[i].path, owner->manifest_path) &&
            !tm_catalog_is_nobodys(pass->repo, changes[i].path))
            tm_map_at(&pass->dirty, owner->path, NULL);
    }
    return code;
}

/* The first line of each of the collector's `versions`, joined; asked once for each collector. */
static enum tm_code ask_versions(struct tm_pass *pass, struct tm_task *task, struct tm_err *err)
{
    struct tm_arena *arena = &pass->sweep->arena;
    struct tm_buf TM_CLEANUP(tm_buf_release) tool = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;
    struct tm_places places = {
        .root = tm_str(pass->repo->root.path),
        .module = tm_str(pass->repo->root.path),
        .work = tm_str(pass->repo->root.path),
        .out = tm_str(pass->repo->state.path),
        .python = tm_buf_str(&pass->python.path),
    };
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < task->collector->n_versions; i++) {
        struct tm_str_list argv = tm_placeholder_expand_list(arena, &task->collector->versions[i], &places);
        const char **items = tm_arena_array(arena, argv.n + 1, sizeof(*items));
        bool ok = false;

        for (size_t k = 0; k < argv.n; k++)
            items[k] = tm_arena_str(arena, argv.items[k]).data;
        if (argv.n)
            code = tm_probe(pass->repo, items, NULL, TM_STR("probe.log"), &ok, &line, err);
        if (ok)
            tm_buf_addf(&tool, "%s%s", tool.len ? ", " : "", line.data);
    }
    task->tool = tm_arena_str(arena, tm_buf_str(&tool));
    return code;
}

static enum tm_code find_tools(struct tm_pass *pass, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < pass->n_tasks; i++) {
        size_t same = 0;

        while (pass->tasks[same].collector != pass->tasks[i].collector)
            same++;
        if (same < i)
            pass->tasks[i].tool = pass->tasks[same].tool;
        else
            code = ask_versions(pass, &pass->tasks[i], err);
    }
    return code;
}

static struct tm_job *next_job(void *ctx)
{
    struct tm_pass *pass = ctx;

    while (pass->next_task < pass->n_tasks) {
        struct tm_task *task = &pass->tasks[pass->next_task++];
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        if (tm_task_prepare(pass, task, &err) == TM_OK) {
            task->running = true;
            return &task->job;
        }
        for (size_t i = 0; i < task->n; i++)
            tm_outcome_set(pass, task->outcomes[i], TM_FAILED, "%s", tm_err_msg(&err));
        tm_pass_show_outcomes(pass, task);
    }
    return NULL;
}

static enum tm_code job_done(void *ctx, struct tm_job *job, struct tm_err *err)
{
    struct tm_pass *pass = ctx;
    struct tm_task *task = job->user;

    task->running = false;
    tm_task_conclude(pass, task);
    tm_pass_show_outcomes(pass, task);
    tm_pass_show_status(pass);
    return TM_OK;
}

static void tick(void *ctx)
{
    tm_pass_show_status(ctx);
}

static enum tm_code run_tasks(struct tm_pass *pass, struct tm_err *err)
{
    struct tm_pool pool = {
        .jobs = pass->jobs, .next = next_job, .done = job_done, .tick = tick, .ctx = pass
    };
    enum tm_code code = find_tools(pass, err);

    if (!code)
        code = tm_orphans_begin(pass->repo, err);
    if (code)
        return code;
    code = tm_pool_run(&pool, err);
    tm_orphans_end(pass->repo);
    tm_log_status(pass->repo->log, "%s", "");
    return code;
}

/* After a stop: what has not finished is no outcome. */
static void drop_unknown(struct tm_sweep_pass *result)
{
    size_t kept = 0;

    for (size_t i = 0; i < result->n_outcomes; i++) {
        if (result->outcomes[i].known)
            result->outcomes[kept++] = result->outcomes[i];
    }
    result->n_outcomes = kept;
}

/* Runs what is planned and writes it; when stopped, what has finished, unless the request wants all or
 * nothing. */
static enum tm_code run_and_record(struct tm_pass *pass, struct tm_ledger_run *run, struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) stop = TM_ERR_INIT;
    enum tm_code code = run_tasks(pass, &stop);

    if (code && code != TM_E_STOPPED)
        return tm_err_move(err, &stop);
    drop_unknown(pass->result);
    if (!code || !pass->request->whole)
        code = tm_pass_record(pass, run, err);
    if (code)
        return code;
    return stop.code ? tm_err_move(err, &stop) : TM_OK;
}

static void read_machine(struct tm_pass *pass)
{
    struct tm_machine TM_CLEANUP(tm_machine_release) machine = TM_MACHINE_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

    tm_machine_read(&machine);
    tm_machine_fingerprint(&machine, &hex);
    pass->env = tm_arena_str(&pass->sweep->arena, tm_buf_str(&hex));
}

static enum tm_code run_pass(struct tm_pass *pass, struct tm_ledger_run *run, struct tm_err *err)
{
    bool recalled = false;
    enum tm_code code;

    pass->started_ns = tm_clock_mono_ns();
    code = tm_pass_find_dirty(pass, err);
    if (!code)
        code = tm_pass_plan(pass, err);
    pass->n_skipped = pass->n_done;
    pass->jobs = jobs_of(pass);
    if (pass->kind == TM_COLLECT_BENCH)
        read_machine(pass);
    if (!code && pass->request->run)
        code = tm_pass_recall(pass, pass->request->run, &recalled, &run->count, err);
    if (!code && !recalled)
        code = run_and_record(pass, run, err);
    pass->result->ran = !code || code == TM_E_STOPPED;
    drop_unknown(pass->result);
    pass->result->totals = tm_pass_totals(pass->result);
    pass->result->duration_ns = tm_clock_mono_ns() - pass->started_ns;
    return code;
}

static enum tm_code sweep_kind(struct tm_sweep *sweep, struct tm_repo *repo, struct tm_catalog *catalog,
                               const struct tm_sweep_request *request, enum tm_collector_kind kind,
                               struct tm_ledger_run *run, struct tm_err *err)
{
    struct tm_pass pass = {
        .repo = repo,
        .catalog = catalog,
        .request = request,
        .sweep = sweep,
        .result = &sweep->pass[kind],
        .kind = kind,
        .pending = request->pending,
        .dirty = TM_MAP_INIT,
        .python = TM_PYTHON_INIT,
    };
    enum tm_code code = tm_git_head(repo->git, &pass.head, err);

    if (!code)
        code = run_pass(&pass, run, err);
    tm_git_head_release(&pass.head);
    tm_map_release(&pass.dirty);
    tm_python_release(&pass.python);
    return code;
}

/* Settings of modules that are none are most likely misspelled. */
static void warn_of_strangers(const struct tm_repo *repo, const struct tm_catalog *catalog)
{
    for (size_t i = 0; i < repo->settings.n_modules; i++) {
        const struct tm_module_settings *own = &repo->settings.modules[i];

        if (!tm_catalog_find(catalog, own->module))
            tm_log_warn(repo->log, "no module is called '%.*s' at line %zu of '%s'", TM_STR_ARG(own->module),
                        own->line, TM_SETTINGS_FILE);
    }
}

static enum tm_code prepare(struct tm_sweep *sweep, struct tm_repo *repo,
                            const struct tm_sweep_request *request, struct tm_ledger_run *run,
                            struct tm_err *err)
{
    enum tm_code code = tm_sweep_recover(repo, err);
    size_t orphans = tm_orphans_kill(repo);

    if (orphans)
        tm_log_note(repo->log, "ended %zu processes that a killed sweep had left", orphans);
    tm_orphans_end(repo);
    /* Mirrors of a sweep that was killed. */
    if (!code)
        code = tm_tree_remove(&repo->state, TM_STR("work"), err);
    if (code)
        return code;
    tm_ledger_run_init(run);
    if (request->run) {
        assert(strlen(request->run) == TM_LEDGER_RUN_HEX);
        memcpy(run->id, request->run, TM_LEDGER_RUN_HEX + 1);
    }
    memcpy(sweep->run, run->id, sizeof(sweep->run));
    sweep->started_s = tm_clock_now_s();
    return TM_OK;
}

enum tm_code tm_sweep_run(struct tm_sweep *sweep, struct tm_repo *repo, struct tm_catalog *catalog,
                          const struct tm_sweep_request *request, struct tm_err *err)
{
    struct tm_ledger_run run;
    enum tm_code code = prepare(sweep, repo, request, &run, err);

    if (code)
        return code;
    warn_of_strangers(repo, catalog);
    if (request->coverage)
        code = sweep_kind(sweep, repo, catalog, request, TM_COLLECT_COVERAGE, &run, err);
    if (!code && request->bench)
        code = sweep_kind(sweep, repo, catalog, request, TM_COLLECT_BENCH, &run, err);
    if (tm_tree_remove(&repo->state, TM_STR("work"), NULL)) {
        /* The next sweep tries again. */
    }
    tm_tree_prune(&repo->state, TM_STR("runs"), TM_SWEEP_KEEP);
    return code;
}

enum tm_code tm_sweep_recover(struct tm_repo *repo, struct tm_err *err)
{
    return tm_intent_finish(repo, err);
}

void tm_sweep_release(struct tm_sweep *sweep)
{
    tm_arena_release(&sweep->arena);
    *sweep = TM_SWEEP_INIT;
}
