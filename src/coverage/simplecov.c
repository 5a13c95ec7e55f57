/*
 * SimpleCov's .resultset.json (docs/formats/coverage.md, "SimpleCov"): one run for each command, each with
 * all of its files. Hits of a file add up over the runs, but a line that one run knows to be no code is none
 * unless it ran: so lines that did not run, and those that are no code, are kept until the end.
 */
#include "base/alloc.h"
#include "coverage/format.h"
#include "coverage/json_report.h"
#include "coverage/sniff.h"

/* What all runs so far say of a file's lines that did not run. */
struct unrun {
    struct tm_report_file *file;
    struct tm_hits idle, nulls;
};

struct simplecov {
    struct tm_json_report r;
    struct unrun *files;
    size_t n_files, cap_files;
    struct tm_map by_path; /* index in files, plus 1 */
    size_t n_kept;         /* lines in files */
    /* Of the file being read. */
    struct unrun *at;
    struct tm_hits lines, nulls, ran, idle, fresh;
    struct tm_branch branch;
    struct tm_buf text;
};

static bool detect(struct tm_str text)
{
    static const char *const files[] = { "*/coverage/*/[]", "*/coverage/*/lines", NULL };
    static const char *const run[] = { "*/coverage", NULL };
    static const char *const timestamp[] = { "*/timestamp", NULL };

    return tm_sniff_json(text, files) || (tm_sniff_json(text, run) && tm_sniff_json(text, timestamp));
}

/* ---- Lines ---- */

/* Adds lines to those that are kept. Mostly they are there: runs have the same files. */
static void keep(struct simplecov *sc, struct tm_hits *kept, const struct tm_hits *lines)
{
    sc->n_kept -= kept->n;
    tm_hits_subtract(&sc->fresh, lines, kept);
    tm_hits_append(kept, &sc->fresh);
    tm_hits_settle(kept);
    sc->n_kept += kept->n;
}

/* Takes those that did not run off sc->lines into sc->idle. */
static void split_lines(struct simplecov *sc)
{
    struct tm_hits_iter iter = tm_hits_iter(&sc->lines);
    struct tm_line line;

    tm_hits_clear(&sc->ran);
    tm_hits_clear(&sc->idle);
    while (tm_hits_next(&iter, &line))
        tm_hits_put(line.hits ? &sc->ran : &sc->idle, line.line, line.hits);
}

/* The array of a file's counts, whose '[' was the last token. */
static enum tm_code read_counts(struct simplecov *sc, struct tm_err *err)
{
    enum tm_code code;

    tm_hits_clear(&sc->lines);
    tm_hits_clear(&sc->nulls);
    code = tm_json_report_counts(&sc->r, &sc->lines, &sc->nulls, err);
    if (code)
        return code;
    split_lines(sc);
    keep(sc, &sc->at->idle, &sc->idle);
    keep(sc, &sc->at->nulls, &sc->nulls);
    if (sc->n_kept > TM_REPORT_LINES_MAX)
        return tm_json_report_fail(&sc->r, "more lines than a report may have", err);
    return tm_json_report_placed(&sc->r, tm_report_add_hits(sc->at->file, &sc->ran, err), err);
}

static enum tm_code read_lines(void *ctx, struct tm_err *err)
{
    struct simplecov *sc = ctx;
    enum tm_code code = tm_json_report_expect(&sc->r, TM_JSON_ARRAY_BEGIN, "an array", err);

    return code ? code : read_counts(sc, err);
}

/* ---- Branches ---- */

/* "[:if, 3, 26, 4, 29, 84]": what it is, a number in the file, where it starts and ends (line, column). */
static bool parse_key(struct tm_str key, uint32_t *id, uint32_t *line)
{
    uint64_t numbers[5];
    struct tm_str part;
    size_t n = 0;

    if (!tm_str_has_prefix(key, TM_STR("[")) || !tm_str_has_suffix(key, TM_STR("]")))
        return false;
    key = tm_str_n(key.data + 1, key.len - 2);
    if (!key.len || !tm_str_split(&key, ',', &part))
        return false;
    while (key.len && tm_str_split(&key, ',', &part))
        if (n == TM_LEN(numbers) || !tm_str_u64(tm_str_trim(part), &numbers[n++]))
            return false;
    if (n != TM_LEN(numbers) || numbers[0] > INT32_MAX || numbers[1] - 1 >= TM_REPORT_LINE_MAX)
        return false;
    *id = (uint32_t)numbers[0];
    *line = (uint32_t)numbers[1];
    return true;
}

static enum tm_code take_key(struct simplecov *sc, uint32_t *id, uint32_t *line, struct tm_err *err)
{
    tm_json_string(&sc->r.json, &sc->text);
    if (parse_key(tm_buf_str(&sc->text), id, line))
        return TM_OK;
    return tm_json_report_wrong(&sc->r, "a branch such as \"[:if, 0, 1, 2, 3, 4]\"", err);
}

/* One way that a branch may go. It counts for the line in which the branch starts. */
static enum tm_code read_way(void *ctx, struct tm_err *err)
{
    struct simplecov *sc = ctx;
    uint32_t line;
    enum tm_code code = take_key(sc, &sc->branch.branch, &line, err);

    if (!code)
        code = tm_json_report_take_count(&sc->r, &sc->branch.taken, err);
    if (code)
        return code;
    return tm_json_report_placed(&sc->r, tm_report_add_branch(sc->at->file, sc->branch, err), err);
}

static enum tm_code read_branch(void *ctx, struct tm_err *err)
{
    struct simplecov *sc = ctx;
    enum tm_code code;

    sc->branch = (struct tm_branch) { .taken = 0 };
    code = take_key(sc, &sc->branch.block, &sc->branch.line, err);
    return code ? code : tm_json_report_map(&sc->r, read_way, sc, err);
}

static enum tm_code read_branches(void *ctx, struct tm_err *err)
{
    struct simplecov *sc = ctx;

    return tm_json_report_map(&sc->r, read_branch, sc, err);
}

/* ---- Files and runs ---- */

/* The file of that path, new in this run or known from an earlier one. */
static enum tm_code find_file(struct simplecov *sc, struct tm_str path, struct tm_err *err)
{
    struct tm_report_file *file;
    void **slot;
    enum tm_code code = tm_report_file(sc->r.report, path, &file, err);

    if (code)
        return tm_json_report_placed(&sc->r, code, err);
    slot = tm_map_at(&sc->by_path, file->path, NULL);
    if (!*slot) {
        TM_GROW(sc->files, sc->n_files, sc->cap_files);
        sc->files[sc->n_files++] = (struct unrun) { .file = file };
        *slot = (void *)(uintptr_t)sc->n_files;
    }
    sc->at = &sc->files[(uintptr_t)*slot - 1];
    return TM_OK;
}

/* Before SimpleCov 0.18 a file was its lines; since then it is an object that has them. */
static enum tm_code read_file(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "lines", read_lines },
                                                     { "branches", read_branches },
                                                     { NULL, NULL } };
    enum { LINES = 1 };
    struct simplecov *sc = ctx;
    enum tm_json_token token;
    unsigned seen;
    enum tm_code code;

    tm_json_string(&sc->r.json, &sc->text);
    code = find_file(sc, tm_buf_str(&sc->text), err);
    if (!code)
        code = tm_json_next(&sc->r.json, &token, err);
    if (code)
        return code;
    if (token == TM_JSON_ARRAY_BEGIN)
        return read_counts(sc, err);
    code = tm_json_report_is(&sc->r, TM_JSON_OBJECT_BEGIN, "lines or an object with 'lines'", err);
    if (!code)
        code = tm_json_report_members(&sc->r, members, sc, &seen, err);
    if (!code && !(seen & LINES))
        return tm_json_report_fail(&sc->r, "file without 'lines'", err);
    return code;
}

static enum tm_code read_coverage(void *ctx, struct tm_err *err)
{
    struct simplecov *sc = ctx;

    return tm_json_report_map(&sc->r, read_file, sc, err);
}

static enum tm_code read_run(void *ctx, struct tm_err *err)
{
    static const struct tm_json_member members[] = { { "coverage", read_coverage }, { NULL, NULL } };
    struct simplecov *sc = ctx;
    unsigned seen;
    enum tm_code code = tm_json_report_expect(&sc->r, TM_JSON_OBJECT_BEGIN, "an object", err);

    if (!code)
        code = tm_json_report_members(&sc->r, members, sc, &seen, err);
    if (!code && !seen)
        return tm_json_report_fail(&sc->r, "run without 'coverage'", err);
    return code;
}

/* Adds the lines that no run ran and every run takes for code. */
static enum tm_code add_idle(struct simplecov *sc, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < sc->n_files; i++) {
        struct unrun *unrun = &sc->files[i];

        tm_hits_subtract(&sc->lines, &unrun->idle, &unrun->nulls);
        tm_hits_release(&unrun->idle);
        tm_hits_release(&unrun->nulls);
        code = tm_report_add_hits(unrun->file, &sc->lines, err);
    }
    return code;
}

static enum tm_code read_simplecov(struct tm_source *source, struct tm_report *report, struct tm_err *err)
{
    struct simplecov sc = { .text = TM_BUF_INIT };
    enum tm_code code;

    tm_json_report_begin(&sc.r, source, report);
    code = tm_json_report_map(&sc.r, read_run, &sc, err);
    if (!code)
        code = tm_json_report_end(&sc.r, err);
    if (!code)
        code = tm_json_report_placed(&sc.r, add_idle(&sc, err), err);
    for (size_t i = 0; i < sc.n_files; i++) {
        tm_hits_release(&sc.files[i].idle);
        tm_hits_release(&sc.files[i].nulls);
    }
    free(sc.files);
    tm_map_release(&sc.by_path);
    tm_hits_release(&sc.lines);
    tm_hits_release(&sc.nulls);
    tm_hits_release(&sc.ran);
    tm_hits_release(&sc.idle);
    tm_hits_release(&sc.fresh);
    tm_buf_release(&sc.text);
    return code;
}

const struct tm_format tm_format_simplecov = {
    .name = "simplecov",
    .summary = "SimpleCov .resultset.json",
    .detect = detect,
    .read = read_simplecov,
};
