#include <stdarg.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/path.h"
#include "sweep/mirror.h"
#include "sweep/orphan.h"
#include "sweep/pass.h"
#include "sweep/tree.h"

enum { REASON_MAX = 500 };

const char *tm_kind_name(enum tm_collector_kind kind)
{
    return kind == TM_COLLECT_BENCH ? "bench" : "coverage";
}

struct tm_provenance *tm_outcome_from(struct tm_sweep_outcome *outcome)
{
    return outcome->kind == TM_COLLECT_BENCH ? &outcome->bench[0].from : &outcome->coverage.from;
}

void tm_outcome_set(struct tm_pass *pass, struct tm_sweep_outcome *outcome, enum tm_evidence evidence,
                    const char *fmt, ...)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) raw = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) reason = TM_BUF_INIT;
    struct tm_provenance *from = tm_outcome_from(outcome);
    size_t end = 0;
    va_list ap;

    va_start(ap, fmt);
    tm_buf_vaddf(&raw, fmt, ap);
    va_end(ap);
    tm_buf_add_escaped(&reason, tm_buf_str(&raw));
    while (end < reason.len) {
        size_t next = end + TM_MAX(tm_str_utf8_len(tm_str_from(tm_buf_str(&reason), end)), (size_t)1);

        if (next > REASON_MAX)
            break;
        end = next;
    }
    from->evidence = evidence;
    from->reason = tm_arena_str(&pass->sweep->arena, tm_str_n(reason.data, end));
    outcome->known = true;
    pass->n_done++;
}

/* "a" + "/" + "b" from the sweep's arena. */
static struct tm_str joined(struct tm_pass *pass, struct tm_str a, const char *b)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;

    tm_buf_addf(&buf, "%.*s/%s", TM_STR_ARG(a), b);
    return tm_arena_str(&pass->sweep->arena, tm_buf_str(&buf));
}

static struct tm_str absolute(struct tm_pass *pass, const struct tm_root *root, struct tm_str path)
{
    char *TM_CLEANUP(tm_freep) relative = tm_strndup(path.data, path.len);

    return path.len ? joined(pass, tm_str(root->path), relative) : tm_str(root->path);
}

static bool is_repository_wide(const struct tm_task *task)
{
    return task->collector->scope == TM_SCOPE_REPOSITORY;
}

/* The folder the task is about: its module's, or the repository's root. */
static struct tm_str subject(const struct tm_task *task)
{
    return is_repository_wide(task) ? TM_STR("") : task->outcomes[0]->module->path;
}

static enum tm_code make_folders(struct tm_pass *pass, struct tm_task *task, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_arena *arena = &pass->sweep->arena;
    enum tm_code code;

    if (is_repository_wide(task))
        tm_buf_adds(&name, "~~");
    tm_tree_add_name(&name, is_repository_wide(task) ? task->collector->name : subject(task));
    tm_buf_addf(&path, "runs/%s/%s/%s", pass->sweep->run, tm_kind_name(pass->kind), name.data);
    task->dir = tm_arena_str(arena, tm_buf_str(&path));
    /* What an earlier attempt with this run id left is not this job's output. */
    code = tm_tree_remove(&pass->repo->state, task->dir, err);
    if (!code)
        code = tm_tree_make(&pass->repo->state, joined(pass, task->dir, "out"), err);
    if (code || !task->collector->mirror)
        return code;
    tm_buf_clear(&path);
    tm_buf_addf(&path, "work/%s/%s", pass->sweep->run, name.data);
    task->mirror = tm_arena_str(arena, tm_buf_str(&path));
    return tm_mirror_make(&pass->repo->state, task->mirror, &pass->repo->root, &pass->catalog->files,
                          subject(task), err);
}

struct list {
    struct tm_str_list list;
    size_t cap;
};

static void push(struct tm_pass *pass, struct list *to, struct tm_str item)
{
    if (to->list.n == to->cap) {
        size_t cap = to->cap ? to->cap * 2 : 16;
        struct tm_str *items = tm_arena_array(&pass->sweep->arena, cap, sizeof(*items));

        if (to->list.n)
            memcpy(items, to->list.items, to->list.n * sizeof(*items));
        to->list.items = items;
        to->cap = cap;
    }
    to->list.items[to->list.n++] = item;
}

/* A repository path as the job sees it: in the mirror when it has one. */
static struct tm_str as_seen(struct tm_pass *pass, const struct tm_task *task, struct tm_str path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) base = TM_BUF_INIT;

    if (!task->mirror.len)
        return absolute(pass, &pass->repo->root, path);
    tm_path_join(&base, task->mirror, path);
    return absolute(pass, &pass->repo->state, tm_buf_str(&base));
}

static void list_module(struct tm_pass *pass, const struct tm_task *task, const struct tm_module *module,
                        struct list *dirs, struct list *files)
{
    struct tm_str last = { NULL, 0 };
    size_t base = subject(task).len ? subject(task).len + 1 : 0;

    for (size_t i = 0; i < module->own.files; i++) {
        struct tm_str path = pass->catalog->files.items[module->files[i]].path;
        struct tm_str dir = tm_path_dir(path);

        push(pass, files, tm_arena_str(&pass->sweep->arena, tm_str_from(path, base)));
        /* Files come sorted, but `a/x.py` stands between `a.py` and `b.py`: a folder may come again. */
        if (module->roles[i] != TM_ROLE_SOURCE || (last.data && tm_str_eq(dir, last)))
            continue;
        last = dir;
        push(pass, dirs, as_seen(pass, task, dir));
    }
}

static int by_text(const void *a, const void *b)
{
    return tm_str_cmp(*(const struct tm_str *)a, *(const struct tm_str *)b);
}

static void sort_unique(struct tm_str_list *list)
{
    size_t kept = 0;

    if (list->n)
        qsort(list->items, list->n, sizeof(*list->items), by_text);
    for (size_t i = 0; i < list->n; i++) {
        if (kept == 0 || !tm_str_eq(list->items[kept - 1], list->items[i]))
            list->items[kept++] = list->items[i];
    }
    list->n = kept;
}

static void find_places(struct tm_pass *pass, struct tm_task *task)
{
    struct list dirs = { 0 }, files = { 0 }, nested = { 0 };
    const struct tm_module *own = is_repository_wide(task) ? NULL : task->outcomes[0]->module;

    for (size_t i = 0; i < task->n; i++)
        list_module(pass, task, task->outcomes[i]->module, &dirs, &files);
    for (size_t i = 0; own && i < pass->catalog->n_modules; i++) {
        const struct tm_module *other = &pass->catalog->modules[i];

        if (other != own && tm_path_is_below(other->path, own->path))
            push(pass, &nested, as_seen(pass, task, other->path));
    }
    sort_unique(&dirs.list);
    sort_unique(&files.list);
    sort_unique(&nested.list);
    task->places = (struct tm_places) {
        .root = tm_str(pass->repo->root.path),
        .module = absolute(pass, &pass->repo->root, subject(task)),
        .name = own ? own->name : TM_STR(""),
        .out = absolute(pass, &pass->repo->state, joined(pass, task->dir, "out")),
        .work = as_seen(pass, task, subject(task)),
        .python = tm_buf_str(&pass->python.path),
        .nested = nested.list,
        .source_dirs = dirs.list,
        .files = files.list,
    };
}

static struct tm_str expanded(struct tm_pass *pass, struct tm_str text, const struct tm_places *places)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;

    tm_placeholder_expand(&buf, text, places);
    return tm_arena_str(&pass->sweep->arena, tm_buf_str(&buf));
}

/* A list as exec wants it: NUL-terminated texts, then NULL. */
static const char *const *vector(struct tm_pass *pass, const struct tm_str_list *list)
{
    const char **items = tm_arena_array(&pass->sweep->arena, list->n + 1, sizeof(*items));

    for (size_t i = 0; i < list->n; i++)
        items[i] = tm_arena_str(&pass->sweep->arena, list->items[i]).data;
    return items;
}

static uint64_t timeout_s(const struct tm_pass *pass, const struct tm_task *task)
{
    const struct tm_module_settings *own =
        is_repository_wide(task) ? NULL
                                 : tm_settings_module(&pass->repo->settings, task->outcomes[0]->module->name);

    if (own && own->timeout_s)
        return own->timeout_s;
    return task->collector->timeout_s ? task->collector->timeout_s : pass->repo->settings.timeout_s;
}

enum tm_code tm_task_prepare(struct tm_pass *pass, struct tm_task *task, struct tm_err *err)
{
    const struct tm_collector *collector = task->collector;
    struct tm_arena *arena = &pass->sweep->arena;
    struct tm_str_list argv, env = { 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) state = TM_BUF_INIT;
    enum tm_code code = make_folders(pass, task, err);

    if (code)
        return code;
    find_places(pass, task);
    argv = tm_placeholder_expand_list(arena, &collector->command, &task->places);
    env.items = tm_arena_array(arena, collector->env.n + 1, sizeof(*env.items));
    for (; env.n < collector->env.n; env.n++)
        env.items[env.n] = expanded(pass, collector->env.items[env.n], &task->places);
    tm_buf_addf(&state, "%s=%s", TM_ORPHAN_ENV, pass->repo->state.path);
    env.items[env.n++] = tm_arena_str(arena, tm_buf_str(&state));
    task->report = expanded(pass, collector->report, &task->places);
    task->tests = expanded(pass, collector->tests, &task->places);
    task->job = (struct tm_job) {
        .argv = vector(pass, &argv),
        .env = vector(pass, &env),
        .cwd = task->places.work.data,
        .log_path = absolute(pass, &pass->repo->state, joined(pass, task->dir, "log")).data,
        .log_limit = TM_SWEEP_LOG_LIMIT,
        .timeout_ms = timeout_s(pass, task) * 1000,
        .user = task,
    };
    task->began_s = (int64_t)time(NULL);
    for (size_t i = 0; i < task->n; i++)
        task->outcomes[i]->log_path = tm_str(task->job.log_path);
    return TM_OK;
}

static void set_all(struct tm_pass *pass, struct tm_task *task, enum tm_evidence evidence, const char *reason)
{
    for (size_t i = 0; i < task->n; i++)
        tm_outcome_set(pass, task->outcomes[i], evidence, "%s", reason);
}

static bool means_no_data(const struct tm_collector *collector, int status)
{
    for (size_t i = 0; i < collector->n_no_data_exits; i++) {
        if (collector->no_data_exits[i] == (uint64_t)status)
            return true;
    }
    return false;
}

static void judge_exit(struct tm_pass *pass, struct tm_task *task)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) reason = TM_BUF_INIT;
    int status = task->job.status;

    if (status == 0) {
        tm_task_measure(pass, task);
        return;
    }
    for (size_t i = 0; i < task->n; i++)
        tm_outcome_from(task->outcomes[i])->exit_status = status;
    if (means_no_data(task->collector, status))
        tm_buf_addf(&reason, "nothing to measure (exit status %d)", status);
    else
        tm_buf_addf(&reason, "exit status %d", status);
    set_all(pass, task, means_no_data(task->collector, status) ? TM_NO_DATA : TM_FAILED, reason.data);
}

static void judge(struct tm_pass *pass, struct tm_task *task)
{
    const struct tm_job *job = &task->job;
    struct tm_buf TM_CLEANUP(tm_buf_release) reason = TM_BUF_INIT;

    switch (job->end) {
    case TM_JOB_EXITED:
        judge_exit(pass, task);
        return;
    case TM_JOB_SIGNALED:
        tm_buf_addf(&reason, "ended by signal %d (%s)", job->status, strsignal(job->status));
        break;
    case TM_JOB_NOT_STARTED:
        tm_buf_addf(&reason, "cannot start '%s': %s", job->argv[0], strerror(job->status));
        break;
    case TM_JOB_TIMED_OUT:
        if (job->flooded) {
            tm_buf_addf(&reason, "more than %d MiB of output", TM_SWEEP_LOG_LIMIT >> 20);
            break;
        }
        tm_buf_addf(&reason, "not done after %llu s", (unsigned long long)(job->timeout_ms / 1000));
        set_all(pass, task, TM_TIMEOUT, reason.data);
        return;
    case TM_JOB_STOPPED:
        return;
    }
    set_all(pass, task, TM_FAILED, reason.data);
}

void tm_task_conclude(struct tm_pass *pass, struct tm_task *task)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    for (size_t i = 0; i < task->n; i++) {
        struct tm_provenance *from = tm_outcome_from(task->outcomes[i]);

        from->tool = task->tool;
        from->duration_ns = task->job.end == TM_JOB_NOT_STARTED ? -1 : task->job.duration_ns;
    }
    judge(pass, task);
    if (task->mirror.len && tm_tree_remove(&pass->repo->state, task->mirror, &err))
        tm_log_warn(pass->repo->log, "%s", tm_err_msg(&err));
}
