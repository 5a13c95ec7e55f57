#include "sweep/probe.h"

#include <unistd.h>

#include "base/alloc.h"
#include "ext/loop.h"
#include "sweep/tree.h"

enum { OUTPUT_MAX = 64 << 10 };

static struct tm_job *next_once(void *ctx)
{
    struct tm_job **job = ctx;
    struct tm_job *given = *job;

    *job = NULL;
    return given;
}

/* Cut to whole characters; what is no UTF-8 or no text is spelled out. */
static void keep_line(struct tm_buf *line, struct tm_str text)
{
    size_t end = 0;

    tm_buf_clear(line);
    tm_buf_add_escaped(line, tm_str_trim(text));
    while (end < line->len) {
        size_t next = end + TM_MAX(tm_str_utf8_len(tm_str_from(tm_buf_str(line), end)), (size_t)1);

        if (next > TM_PROBE_LINE_MAX)
            break;
        end = next;
    }
    tm_buf_truncate(line, end);
}

static void pick_line(struct tm_buf *line, struct tm_str output, bool first)
{
    struct tm_str part, picked = TM_STR("");

    while (tm_str_split(&output, '\n', &part)) {
        if (tm_str_trim(part).len == 0)
            continue;
        picked = part;
        if (first)
            break;
    }
    keep_line(line, picked);
}

static void explain(struct tm_buf *line, const struct tm_job *job)
{
    if (job->end == TM_JOB_NOT_STARTED)
        keep_line(line, tm_str(strerror(job->status)));
    else if (job->end == TM_JOB_TIMED_OUT)
        keep_line(line, job->flooded ? TM_STR("prints too much") : TM_STR("takes too long"));
    else if (line->len == 0)
        tm_buf_addf(line, "ends with status %d", job->status);
}

enum tm_code tm_probe(const struct tm_repo *repo, const char *const *argv, const char *cwd, struct tm_str log,
                      bool *ok, struct tm_buf *line, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) output = TM_BUF_INIT;
    struct tm_job job = {
        .argv = argv,
        .cwd = cwd ? cwd : repo->root.path,
        .log_limit = OUTPUT_MAX,
        .timeout_ms = TM_PROBE_TIMEOUT_MS,
    };
    struct tm_job *left = &job;
    struct tm_pool pool = { .jobs = 1, .next = next_once, .ctx = &left };
    enum tm_code code;

    tm_buf_addf(&path, "%s/%.*s", repo->state.path, TM_STR_ARG(log));
    job.log_path = path.data;
    code = tm_pool_run(&pool, err);
    if (!code)
        code = tm_file_read(path.data, OUTPUT_MAX, &output, err);
    if (code)
        return code;
    *ok = job.end == TM_JOB_EXITED && job.status == 0;
    pick_line(line, tm_buf_str(&output), *ok);
    if (!*ok)
        explain(line, &job);
    return TM_OK;
}

static bool is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

bool tm_probe_which(const char *name, struct tm_buf *out)
{
    struct tm_str rest = tm_str(getenv("PATH")), dir;

    tm_buf_clear(out);
    if (strchr(name, '/')) {
        tm_buf_adds(out, name);
        return is_program(name);
    }
    while (tm_str_split(&rest, ':', &dir)) {
        tm_buf_clear(out);
        tm_buf_addf(out, "%.*s/%s", TM_STR_ARG(dir), name);
        if (dir.len && is_program(out->data))
            return true;
    }
    tm_buf_clear(out);
    return false;
}

/* What sweep.python names: a path from the root when it has a '/', else a name on PATH. */
static void settings_candidate(struct tm_buf *out, const struct tm_repo *repo)
{
    struct tm_str python = repo->settings.python;

    if (python.len && python.data[0] != '/' && tm_str_find(python, '/') != SIZE_MAX)
        tm_buf_addf(out, "%s/", repo->root.path);
    tm_buf_add_str(out, python);
}

static enum tm_code try_python(struct tm_python *python, const struct tm_repo *repo, const char *candidate,
                               struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) line = TM_BUF_INIT;
    const char *argv[] = { NULL, "-c", "import pytest, pytest_cov", NULL };
    enum tm_code code = TM_OK;

    if (!tm_probe_which(candidate, &path)) {
        tm_buf_addf(&python->tried, "%s'%s' is not there", python->tried.len ? "; " : "", candidate);
        return TM_OK;
    }
    argv[0] = path.data;
    code = tm_probe(repo, argv, NULL, TM_STR("probe.log"), &python->found, &line, err);
    if (code)
        return code;
    if (python->found)
        tm_buf_add_str(&python->path, tm_buf_str(&path));
    else
        tm_buf_addf(&python->tried, "%s'%s': %s", python->tried.len ? "; " : "", path.data, line.data);
    return TM_OK;
}

enum tm_code tm_python_find(struct tm_python *python, const struct tm_repo *repo, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) wanted = TM_BUF_INIT;
    const char *candidates[] = { NULL, "python3", "/usr/bin/python3" };
    enum tm_code code = TM_OK;

    settings_candidate(&wanted, repo);
    candidates[0] = wanted.data;
    for (size_t i = 0; !code && !python->found && i < TM_LEN(candidates); i++) {
        if (candidates[i][0])
            code = try_python(python, repo, candidates[i], err);
    }
    return code;
}

void tm_python_release(struct tm_python *python)
{
    tm_buf_release(&python->path);
    tm_buf_release(&python->tried);
    python->found = false;
}
