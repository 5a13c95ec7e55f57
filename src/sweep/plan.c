#include "base/alloc.h"
#include "base/path.h"
#include "bench/bench.h"
#include "coverage/format.h"
#include "sweep/pass.h"
#include "sweep/tree.h"

/* A module's path as its globs see it: relative to the module. */
static struct tm_str own_path(const struct tm_pass *pass, const struct tm_module *module, size_t i)
{
    struct tm_str path = pass->catalog->files.items[module->files[i]].path;

    return module->path.len ? tm_str_from(path, module->path.len + 1) : path;
}

static bool has_match(const struct tm_pass *pass, const struct tm_module *module, struct tm_str glob)
{
    for (size_t i = 0; i < module->own.files; i++) {
        if (tm_path_matches(glob, own_path(pass, module, i)))
            return true;
    }
    return false;
}

static bool takes_language(const struct tm_collector *collector, struct tm_str language)
{
    for (size_t i = 0; i < collector->languages.n; i++) {
        if (tm_str_eq(collector->languages.items[i], language))
            return true;
    }
    return collector->languages.n == 0;
}

static bool fits(const struct tm_pass *pass, const struct tm_collector *collector,
                 const struct tm_module *module)
{
    if (collector->kind != pass->kind || !takes_language(collector, module->language))
        return false;
    /* One run for the whole repository may test modules that have no tests of their own. */
    if (pass->kind == TM_COLLECT_COVERAGE && collector->scope == TM_SCOPE_MODULE && module->own.tests == 0)
        return false;
    for (size_t i = 0; i < collector->files.n; i++) {
        if (!has_match(pass, module, collector->files.items[i]))
            return false;
    }
    return true;
}

static const struct tm_collector *choose(const struct tm_pass *pass, const struct tm_module *module)
{
    const struct tm_settings *settings = &pass->repo->settings;
    const struct tm_module_settings *own = tm_settings_module(settings, module->name);
    struct tm_str named = TM_STR("");

    if (own)
        named = pass->kind == TM_COLLECT_BENCH ? own->bench : own->collector;
    if (named.len)
        return tm_settings_collector(settings, named);
    for (size_t i = 0; i < settings->n_collectors; i++) {
        if (fits(pass, &settings->collectors[i], module))
            return &settings->collectors[i];
    }
    return NULL;
}

/* Why nothing fits, the nearest reason first. */
static void skip_unfit(struct tm_pass *pass, struct tm_sweep_outcome *outcome)
{
    const struct tm_module *module = outcome->module;
    const struct tm_settings *settings = &pass->repo->settings;
    bool known = false;

    for (size_t i = 0; i < settings->n_collectors; i++) {
        const struct tm_collector *collector = &settings->collectors[i];

        known |= collector->kind == pass->kind && takes_language(collector, module->language);
    }
    if (pass->kind == TM_COLLECT_BENCH)
        tm_outcome_set(pass, outcome, TM_SKIPPED, "no benchmarks");
    else if (module->own.tests == 0)
        tm_outcome_set(pass, outcome, TM_SKIPPED, "no tests");
    else if (module->language.len == 0)
        tm_outcome_set(pass, outcome, TM_SKIPPED, "no source");
    else if (known)
        tm_outcome_set(pass, outcome, TM_SKIPPED, "no collector fits its files, language '%.*s'",
                       TM_STR_ARG(module->language));
    else
        tm_outcome_set(pass, outcome, TM_SKIPPED, "no collector for language '%.*s'",
                       TM_STR_ARG(module->language));
}

/* The task of a repository-wide collector, or a new one. */
static struct tm_task *task_for(struct tm_pass *pass, const struct tm_collector *collector)
{
    struct tm_task *task;

    for (size_t i = 0; collector->scope == TM_SCOPE_REPOSITORY && i < pass->n_tasks; i++) {
        if (pass->tasks[i].collector == collector)
            return &pass->tasks[i];
    }
    task = &pass->tasks[pass->n_tasks++];
    *task = (struct tm_task) { .collector = collector };
    task->outcomes = tm_arena_array(&pass->sweep->arena,
                                    collector->scope == TM_SCOPE_REPOSITORY ? pass->request->n_modules : 1,
                                    sizeof(struct tm_sweep_outcome *));
    return task;
}

static void plan_module(struct tm_pass *pass, struct tm_sweep_outcome *outcome)
{
    const struct tm_module_settings *own = tm_settings_module(&pass->repo->settings, outcome->module->name);
    const struct tm_collector *collector;
    struct tm_task *task;

    if (own && own->skip.len) {
        tm_outcome_set(pass, outcome, TM_SKIPPED, "skipped by settings: %.*s", TM_STR_ARG(own->skip));
        return;
    }
    collector = choose(pass, outcome->module);
    if (!collector) {
        skip_unfit(pass, outcome);
        return;
    }
    tm_outcome_from(outcome)->collector = collector->name;
    task = task_for(pass, collector);
    task->outcomes[task->n++] = outcome;
}

static bool uses_python(const struct tm_collector *collector)
{
    bool uses = false;

    for (size_t i = 0; i < collector->command.n; i++) {
        struct tm_str arg = collector->command.items[i];

        uses |= memmem(arg.data, arg.len, "{python}", 8) != NULL;
    }
    for (size_t i = 0; i < collector->env.n; i++) {
        struct tm_str line = collector->env.items[i];

        uses |= memmem(line.data, line.len, "{python}", 8) != NULL;
    }
    return uses;
}

static bool is_interpreter_missing(const struct tm_pass *pass, const struct tm_task *task)
{
    return !pass->python.found && uses_python(task->collector);
}

/* Looks for an interpreter when a task wants one; tasks that cannot have theirs fail here. */
static enum tm_code provide_python(struct tm_pass *pass, struct tm_err *err)
{
    bool wanted = false;
    enum tm_code code = TM_OK;
    size_t kept = 0;

    for (size_t i = 0; i < pass->n_tasks; i++)
        wanted |= uses_python(pass->tasks[i].collector);
    if (wanted)
        code = tm_python_find(&pass->python, pass->repo, err);
    if (code)
        return code;
    if (pass->python.found && pass->python.tried.len && pass->repo->settings.python.len)
        tm_log_warn(pass->repo->log, "sweep.python of '%s' is of no use, taking '%s': %s", TM_SETTINGS_FILE,
                    pass->python.path.data, pass->python.tried.data);
    for (size_t i = 0; i < pass->n_tasks; i++) {
        struct tm_task *task = &pass->tasks[i];

        if (!is_interpreter_missing(pass, task)) {
            pass->tasks[kept++] = *task;
            continue;
        }
        for (size_t k = 0; k < task->n; k++)
            tm_outcome_set(pass, task->outcomes[k], TM_FAILED,
                           "no python with pytest and pytest-cov found, run 'tidemark doctor'");
    }
    pass->n_tasks = kept;
    return TM_OK;
}

/* Settings cannot know the formats, which are above them: an unknown one is their error all the same. */
static enum tm_code check_formats(const struct tm_pass *pass, struct tm_err *err)
{
    const struct tm_settings *settings = &pass->repo->settings;

    for (size_t i = 0; i < settings->n_collectors; i++) {
        const struct tm_collector *c = &settings->collectors[i];
        bool known = c->kind == TM_COLLECT_BENCH ? tm_bench_format_find(c->format) != NULL
                                                 : tm_format_find(c->format) != NULL;

        if (c->kind == pass->kind && !known)
            return tm_err_set(err, TM_E_SETTINGS,
                              "unknown format '%.*s' of collector '%.*s' at line %zu of '%.*s'",
                              TM_STR_ARG(c->format), TM_STR_ARG(c->name), c->line, TM_STR_ARG(c->source));
    }
    return TM_OK;
}

enum tm_code tm_pass_plan(struct tm_pass *pass, struct tm_err *err)
{
    const struct tm_sweep_request *request = pass->request;
    struct tm_sweep_pass *result = pass->result;
    enum tm_code code = check_formats(pass, err);

    if (code)
        return code;
    result->outcomes = tm_arena_array(&pass->sweep->arena, request->n_modules, sizeof(*result->outcomes));
    result->n_outcomes = request->n_modules;
    pass->tasks = tm_arena_array(&pass->sweep->arena, request->n_modules, sizeof(*pass->tasks));
    for (size_t i = 0; i < request->n_modules; i++) {
        struct tm_sweep_outcome *outcome = &result->outcomes[i];

        outcome->module = request->modules[i];
        outcome->kind = pass->kind;
        if (pass->kind == TM_COLLECT_BENCH) {
            outcome->bench = tm_arena_array(&pass->sweep->arena, 1, sizeof(*outcome->bench));
            outcome->n_bench = 1;
        }
        *tm_outcome_from(outcome) = (struct tm_provenance) {
            .exit_status = -1,
            .commit = tm_str(pass->head.commit.hex),
            .tree = tm_str(pass->head.tree.hex),
            .dirty = tm_map_has(&pass->dirty, outcome->module->path),
            .duration_ns = -1,
        };
        plan_module(pass, outcome);
    }
    return provide_python(pass, err);
}
