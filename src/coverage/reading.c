#include "coverage/reading.h"

#include "base/clock.h"
#include "base/json_write.h"

/* Stands for the module of files that are in none. */
static char no_module;

static void *owner(void *ctx, struct tm_str path)
{
    const struct tm_gather *gather = ctx;
    void *module = tm_catalog_owner(gather->catalog, path);

    return module || tm_catalog_is_nobodys(gather->repo, path) ? module : &no_module;
}

static bool is_test(void *ctx, struct tm_str path)
{
    const struct tm_gather *gather = ctx;
    const struct tm_module *module = tm_catalog_owner(gather->catalog, path);
    unsigned char language;

    if (module)
        return tm_catalog_role(module, path) == TM_ROLE_TEST;
    return tm_language_role(path, tm_git_ignores_case(gather->repo->git), &language) == TM_ROLE_TEST;
}

static bool never(void *ctx, struct tm_str path)
{
    (void)ctx;
    (void)path;
    return false;
}

static bool exists_at(void *ctx, struct tm_str path)
{
    const struct tm_reading *reading = ctx;

    return tm_map_has(&reading->files, path);
}

static bool is_link_at(void *ctx, struct tm_str path)
{
    const struct tm_reading *reading = ctx;

    return tm_map_get(&reading->files, path) != NULL;
}

static const struct tm_suffixes *suffixes_at(void *ctx)
{
    struct tm_reading *reading = ctx;

    if (!reading->suffixes.sorted) {
        for (size_t i = 0; i < reading->files.len; i++)
            tm_suffixes_add(&reading->suffixes, reading->files.entries[i].key);
        tm_suffixes_sort(&reading->suffixes);
    }
    return &reading->suffixes;
}

static enum tm_code add_file(void *ctx, struct tm_str path, unsigned mode, const struct tm_oid *blob,
                             struct tm_err *err)
{
    struct tm_reading *reading = ctx;

    (void)blob;
    (void)err;
    *tm_map_at(&reading->files, tm_arena_str(&reading->arena, path), NULL) =
        mode == TM_GIT_LINK ? reading : NULL;
    return TM_OK;
}

/* Names are looked for among the files of a commit. */
static enum tm_code look_at(struct tm_reading *reading, const struct tm_oid *revision, struct tm_err *err)
{
    struct tm_resolver *resolver = &reading->gather.rules.resolver;

    resolver->exists = exists_at;
    resolver->is_link = is_link_at;
    resolver->suffixes = suffixes_at;
    resolver->ctx = reading;
    return tm_git_tree_walk(reading->gather.repo->git, revision, TM_STR(""), add_file, reading, err);
}

static enum tm_code read_given(struct tm_reading *reading, const struct tm_reading_request *request,
                               struct tm_err *err)
{
    const struct tm_format *format;
    enum tm_code code = tm_format_choose(request->as, &format, err);

    for (size_t i = 0; !code && i < request->n_paths; i++)
        code = tm_gather_read(&reading->gather, request->paths[i], format, err);
    reading->n_reports = request->n_paths;
    return code;
}

static enum tm_code read_collected(struct tm_reading *reading, struct tm_err *err)
{
    struct tm_gather *gather = &reading->gather;
    enum tm_code code = tm_collected_find(&reading->collected, gather->repo, err);

    for (size_t i = 0; !code && i < reading->collected.n; i++) {
        const struct tm_collected_task *task = &reading->collected.tasks[i];
        const struct tm_prefix mirror = { task->mirror, TM_STR("") };

        tm_gather_ran_in(gather, &task->base, task->mirror.len ? &mirror : NULL);
        for (size_t k = 0; !code && k < task->n_reports; k++)
            code = tm_gather_read(gather, task->reports[k].data, tm_format_find(task->format), err);
        tm_gather_ran_in(gather, NULL, NULL);
        reading->n_reports += task->n_reports;
    }
    reading->from_sweep = true;
    return code;
}

enum tm_code tm_reading_open(struct tm_reading *reading, struct tm_repo *repo,
                             const struct tm_catalog *catalog, const struct tm_reading_request *request,
                             struct tm_err *err)
{
    enum tm_code code = TM_OK;

    *reading = (struct tm_reading) { .collected = TM_COLLECTED_INIT,
                                     .arena = TM_ARENA_INIT,
                                     .files = TM_MAP_INIT,
                                     .suffixes = TM_SUFFIXES_INIT };
    tm_gather_init(&reading->gather, repo, catalog, NULL, NULL);
    reading->gather.rules.owner = owner;
    reading->gather.rules.is_test = request->everything ? never : is_test;
    if (request->everything)
        reading->gather.rules.is_excluded = NULL;
    if (request->revision && *request->revision->hex)
        code = look_at(reading, request->revision, err);
    if (!code)
        code = request->n_paths ? read_given(reading, request, err) : read_collected(reading, err);
    return code ? code : tm_gather_finish(&reading->gather, err);
}

void tm_reading_release(struct tm_reading *reading)
{
    tm_gather_release(&reading->gather);
    tm_collected_release(&reading->collected);
    tm_suffixes_release(&reading->suffixes);
    tm_map_release(&reading->files);
    tm_arena_release(&reading->arena);
}

const struct tm_report_file *tm_reading_find(const struct tm_reading *reading, struct tm_str path)
{
    return tm_report_find(&reading->gather.attribution.report, path);
}

void tm_reading_tell(const struct tm_reading *reading, struct tm_log *log)
{
    const struct tm_report *report = &reading->gather.attribution.report;

    for (size_t i = 0; i < report->n_notes; i++)
        tm_log_warn(log, "%s", report->notes[i]);
    tm_drops_warn(&reading->gather.drops, log);
}

static int64_t age_s(const struct tm_reading *reading)
{
    return TM_MAX(tm_clock_now_s() - reading->collected.time_s, (int64_t)0);
}

void tm_reading_add_text(struct tm_buf *out, const struct tm_reading *reading)
{
    tm_buf_addf(out, "%zu %s", reading->n_reports, reading->n_reports == 1 ? "report" : "reports");
    if (!reading->from_sweep)
        return;
    tm_buf_adds(out, " of the sweep of ");
    tm_clock_add_stamp(out, reading->collected.time_s);
    tm_buf_adds(out, ", ");
    if (age_s(reading) < 1)
        tm_buf_adds(out, "just now");
    else {
        tm_clock_add_duration(out, TM_MIN(age_s(reading), INT64_MAX / 1000000000) * 1000000000);
        tm_buf_adds(out, " ago");
    }
    if (reading->collected.commit.len)
        tm_buf_addf(out, ", at commit %.10s", reading->collected.commit.data);
}

void tm_reading_put(struct tm_json_writer *w, const struct tm_reading *reading)
{
    tm_json_member_u64(w, "reports", reading->n_reports);
    tm_json_key(w, "sweep");
    if (reading->from_sweep) {
        tm_json_object_begin(w);
        tm_json_member_str(w, "run", reading->collected.run);
        tm_json_key(w, "at");
        tm_json_put_stamp(w, reading->collected.time_s);
        tm_json_member_u64(w, "age_s", (uint64_t)age_s(reading));
        tm_json_member_str(w, "commit", reading->collected.commit);
        tm_json_object_end(w);
    } else {
        tm_json_put_null(w);
    }
    tm_drops_put_json(w, &reading->gather.drops);
}
