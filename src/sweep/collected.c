#include "sweep/collected.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json_doc.h"
#include "base/json_write.h"
#include "base/path.h"

#define NOTE        "collected.json"
#define NOTE_FORMAT "tidemark-collected/1"

enum { NOTE_MAX = 16 << 20, RUNS_MAX = 1000, TASKS_MAX = 100000 };

void tm_collected_release(struct tm_collected *collected)
{
    free(collected->tasks);
    tm_arena_release(&collected->arena);
    *collected = TM_COLLECTED_INIT;
}

/* Reports are noted as seen from the task's folder: the repository may be moved. */
static void spell(struct tm_buf *out, const struct tm_repo *repo, struct tm_str folder,
                  const struct tm_collected_task *task, const char *commit)
{
    struct tm_json_writer w;

    tm_json_writer_init(&w, out, 0);
    tm_json_object_begin(&w);
    tm_json_members(&w, "format", NOTE_FORMAT);
    tm_json_members(&w, "root", repo->root.path);
    tm_json_member_u64(&w, "time_s", (uint64_t)TM_MAX(tm_clock_now_s(), (int64_t)0));
    tm_json_members(&w, "commit", commit);
    tm_json_member_str(&w, "report_format", task->format);
    tm_json_member_str(&w, "base", task->base);
    tm_json_member_str(&w, "mirror", task->mirror);
    tm_json_key(&w, "reports");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < task->n_reports; i++)
        if (tm_path_is_below(task->reports[i], folder))
            tm_json_put_str(&w, tm_str_from(task->reports[i], folder.len + 1));
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}

enum tm_code tm_collected_write(const struct tm_repo *repo, struct tm_str dir,
                                const struct tm_collected_task *task, const char *commit, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) folder = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    int TM_CLEANUP(tm_closep) fd = -1;

    tm_buf_addf(&folder, "%s/%.*s", repo->state.path, TM_STR_ARG(dir));
    spell(&text, repo, tm_buf_str(&folder), task, commit);
    tm_buf_addf(&path, "%s/" NOTE, folder.data);
    fd = open(path.data, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return tm_err_errno(err, errno, "cannot create '%s'", path.data);
    return tm_fd_write_all(fd, tm_buf_str(&text), err);
}

/* A folder's entries, their names sorted; none when it is not there. */
struct names {
    char **items;
    size_t n, cap;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_folder(struct names *names, const char *path, size_t max)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    while (dir && names->n < max && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        TM_GROW(names->items, names->n, names->cap);
        names->items[names->n++] = tm_strdup(entry->d_name);
    }
    if (dir)
        closedir(dir);
    if (names->n)
        qsort(names->items, names->n, sizeof(*names->items), by_name);
}

static void names_release(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->items[i]);
    free(names->items);
}

/* The reports that are still there; false when one of the texts is none or leads elsewhere. */
static bool take_reports(struct tm_collected *collected, const struct tm_repo *repo, struct tm_str dir,
                         const struct tm_json_node *list, struct tm_collected_task *task)
{
    task->reports = tm_arena_array(&collected->arena, list ? list->count : 0, sizeof(*task->reports));
    for (const struct tm_json_node *node = list ? list->child : NULL; node; node = node->next) {
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
        struct tm_str name;

        if (!tm_json_node_str(node, &name) || !name.len || !tm_path_is_normal(name))
            return false;
        tm_buf_addf(&path, "%.*s/%.*s", TM_STR_ARG(dir), TM_STR_ARG(name));
        if (!tm_root_exists(&repo->state, tm_buf_str(&path)))
            continue;
        tm_buf_clear(&path);
        tm_buf_addf(&path, "%s/%.*s/%.*s", repo->state.path, TM_STR_ARG(dir), TM_STR_ARG(name));
        task->reports[task->n_reports++] = tm_arena_str(&collected->arena, tm_buf_str(&path));
    }
    return true;
}

/* Reads a task's note; one that is missing, not ours, or of another work tree says nothing. */
static void read_task(struct tm_collected *collected, const struct tm_repo *repo, struct tm_str dir)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct tm_arena *arena = &collected->arena;
    struct tm_collected_task task = { .reports = NULL };
    struct tm_str format, root, commit;
    int64_t time_s;

    tm_buf_addf(&path, "%.*s/" NOTE, TM_STR_ARG(dir));
    if (tm_root_read(&repo->state, tm_buf_str(&path), NOTE_MAX, &text, NULL) ||
        tm_json_doc_parse(&doc, path.data, tm_buf_str(&text), NULL) ||
        !tm_json_node_str(tm_json_get(doc.root, "format"), &format) || !tm_str_is(format, NOTE_FORMAT) ||
        !tm_json_node_str(tm_json_get(doc.root, "root"), &root) || !tm_str_is(root, repo->root.path) ||
        !tm_json_node_i64(tm_json_get(doc.root, "time_s"), &time_s) ||
        !tm_json_node_str(tm_json_get(doc.root, "commit"), &commit) ||
        !tm_json_node_str(tm_json_get(doc.root, "report_format"), &task.format) ||
        !tm_json_node_str(tm_json_get(doc.root, "base"), &task.base) ||
        !tm_json_node_str(tm_json_get(doc.root, "mirror"), &task.mirror) ||
        !take_reports(collected, repo, dir, tm_json_get(doc.root, "reports"), &task) || !task.n_reports)
        return;
    task.format = tm_arena_str(arena, task.format);
    task.base = tm_arena_str(arena, task.base);
    task.mirror = tm_arena_str(arena, task.mirror);
    collected->commit = tm_arena_str(arena, commit);
    collected->time_s = TM_MAX(collected->time_s, time_s);
    TM_GROW(collected->tasks, collected->n, collected->cap);
    collected->tasks[collected->n++] = task;
}

static void read_run(struct tm_collected *collected, const struct tm_repo *repo, const char *run)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct names TM_CLEANUP(names_release) tasks = { NULL, 0, 0 };

    tm_buf_addf(&path, "%s/runs/%s/coverage", repo->state.path, run);
    list_folder(&tasks, path.data, TASKS_MAX);
    for (size_t i = 0; i < tasks.n; i++) {
        tm_buf_clear(&path);
        tm_buf_addf(&path, "runs/%s/coverage/%s", run, tasks.items[i]);
        read_task(collected, repo, tm_buf_str(&path));
    }
    collected->run = tm_arena_str(&collected->arena, tm_str(run));
}

enum tm_code tm_collected_find(struct tm_collected *collected, const struct tm_repo *repo, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct names TM_CLEANUP(names_release) runs = { NULL, 0, 0 };

    tm_buf_addf(&path, "%s/runs", repo->state.path);
    list_folder(&runs, path.data, RUNS_MAX);
    for (size_t i = 0; i < runs.n; i++) {
        struct tm_collected one = TM_COLLECTED_INIT;

        read_run(&one, repo, runs.items[i]);
        if (one.n && (!collected->n || one.time_s > collected->time_s)) {
            tm_collected_release(collected);
            *collected = one;
        } else {
            tm_collected_release(&one);
        }
    }
    if (collected->n)
        return TM_OK;
    return tm_err_set(err, TM_E_NOT_FOUND,
                      "no coverage report given and none kept of a sweep, name one or run 'tidemark sweep "
                      "--coverage'");
}
