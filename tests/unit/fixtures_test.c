/*
 * Every report in tests/data/coverage/<format>/ against the figures in the .expected file beside it: a new
 * format brings fixtures, not code (the README there says how). Every cut of every fixture is an error or
 * says the same.
 */
#include <dirent.h>

#include "coverage/sniff.h"
#include "report.h"

enum {
    FIXTURE_MAX = 4 << 20,
    FOUND_EVERY = 5, /* cuts of which one is also read as what it is taken for */
};

struct fixture {
    const struct tm_format *format;
    char *path;
    struct tm_buf bytes;
    struct tm_buf expected; /* text of the .expected file */
    struct tm_str sources; /* folder below tests/data/coverage for paths that begin with "/repo/"; "": none */
    struct tm_str end;     /* a cut behind this text may be a smaller report; "": never */
};

static struct tm_str rest_of(struct tm_str line, const char *key)
{
    size_t n = strlen(key);

    return tm_str_has_prefix(line, tm_str(key)) && line.len > n && line.data[n] == ' '
               ? tm_str_from(line, n + 1)
               : TM_STR("");
}

/* ---- Reading the expected figures ---- */

static uint64_t number(struct tm_str text)
{
    uint64_t value;

    if (!tm_str_u64(text, &value))
        fail_msg("'%.*s' is no number", TM_STR_ARG(text));
    return value;
}

static struct tm_ratio *figure_of(struct tm_totals *totals, struct tm_str name)
{
    if (tm_str_is(name, "lines"))
        return &totals->lines;
    if (tm_str_is(name, "branches"))
        return &totals->branches;
    if (tm_str_is(name, "functions"))
        return &totals->functions;
    if (!tm_str_is(name, "statements"))
        fail_msg("unknown figure '%.*s'", TM_STR_ARG(name));
    return &totals->statements;
}

/* "lines 3/4 branches 1/2"; what is not named is 0 of 0; "nothing" names nothing. */
static struct tm_totals parse_totals(struct tm_str text)
{
    struct tm_totals totals = { .lines = { 0, 0 } };
    struct tm_str name, value;

    if (tm_str_is(text, "nothing"))
        return totals;
    while (text.len && tm_str_split(&text, ' ', &name)) {
        struct tm_ratio *figure = figure_of(&totals, name);
        size_t slash;

        assert_true(tm_str_split(&text, ' ', &value));
        slash = tm_str_find(value, '/');
        assert_true(slash != SIZE_MAX);
        figure->num = number(tm_str_n(value.data, slash));
        figure->den = number(tm_str_from(value, slash + 1));
    }
    return totals;
}

static void assert_ratio(const char *path, const char *what, struct tm_ratio got, struct tm_ratio want)
{
    if (got.num != want.num || got.den != want.den)
        fail_msg("%s: %llu of %llu %s, expected %llu of %llu", path, (unsigned long long)got.num,
                 (unsigned long long)got.den, what, (unsigned long long)want.num,
                 (unsigned long long)want.den);
}

static void assert_same_totals(const char *path, const struct tm_totals *got, const struct tm_totals *want)
{
    assert_ratio(path, "lines", got->lines, want->lines);
    assert_ratio(path, "branches", got->branches, want->branches);
    assert_ratio(path, "functions", got->functions, want->functions);
    assert_ratio(path, "statements", got->statements, want->statements);
}

/* ---- Comparing ---- */

/* "<figures>: <path>": splits it. */
static struct tm_report_file *file_of(const struct tm_report *report, struct tm_str *line)
{
    const char *colon = memmem(line->data, line->len, ": ", 2);
    struct tm_report_file *file;

    if (!colon)
        fail_msg("no path in '%.*s'", TM_STR_ARG(*line));
    file = tm_report_find(report, tm_str_from(*line, (size_t)(colon + 2 - line->data)));
    if (!file)
        fail_msg("the report has no file '%s'", colon + 2);
    *line = tm_str_n(line->data, (size_t)(colon - line->data));
    return file;
}

static void check_file(const struct tm_report *report, struct tm_str line)
{
    struct tm_report_file *file = file_of(report, &line);
    struct tm_totals got = tm_report_file_totals(file), want = parse_totals(line);

    assert_same_totals(file->path.data, &got, &want);
}

/* "1=5 2=0: <path>": all its lines with their hits. */
static void check_hits(const struct tm_report *report, struct tm_str line)
{
    struct tm_report_file *file = file_of(report, &line);
    struct tm_hits_iter iter = tm_hits_iter(&file->lines);
    struct tm_line got;
    struct tm_str pair;

    while (line.len && tm_str_split(&line, ' ', &pair)) {
        size_t equals = tm_str_find(pair, '=');

        assert_true(equals != SIZE_MAX);
        if (!tm_hits_next(&iter, &got))
            fail_msg("%s has no line for '%.*s'", file->path.data, TM_STR_ARG(pair));
        if (got.line != number(tm_str_n(pair.data, equals)) ||
            got.hits != number(tm_str_from(pair, equals + 1)))
            fail_msg("%s: line %u has %llu hits, expected %.*s", file->path.data, got.line,
                     (unsigned long long)got.hits, TM_STR_ARG(pair));
    }
    if (tm_hits_next(&iter, &got))
        fail_msg("%s: line %u is not expected", file->path.data, got.line);
}

static void check_line(const struct fixture *f, const struct tm_report *report, struct tm_str line,
                       size_t *files, size_t *roots)
{
    struct tm_totals got = tm_report_totals(report), want;
    struct tm_str rest;

    if ((rest = rest_of(line, "file")).len) {
        check_file(report, rest);
        ++*files;
    } else if ((rest = rest_of(line, "hits")).len) {
        check_hits(report, rest);
    } else if ((rest = rest_of(line, "total")).len) {
        want = parse_totals(rest);
        assert_same_totals(f->path, &got, &want);
    } else if ((rest = rest_of(line, "notes")).len) {
        if (report->total_notes != number(rest))
            fail_msg("%s: %llu notes, the first: %s", f->path, (unsigned long long)report->total_notes,
                     report->n_notes ? report->notes[0] : "");
    } else if ((rest = rest_of(line, "drops")).len) {
        assert_int_equal(tm_drops_total(&report->drops), number(rest));
    } else if ((rest = rest_of(line, "root")).len) {
        assert_true(*roots < report->n_roots && tm_str_eq(report->roots[*roots], rest));
        ++*roots;
    } else if (!rest_of(line, "sources").len && !rest_of(line, "ends-after").len) {
        fail_msg("%s.expected: what is '%.*s'?", f->path, TM_STR_ARG(line));
    }
}

/* Calls for each line that says something. */
static bool next_line(struct tm_str *text, struct tm_str *line)
{
    while (text->len && tm_str_split(text, '\n', line))
        if (line->len && line->data[0] != '#')
            return true;
    return false;
}

static void check_figures(const struct fixture *f, const struct tm_report *report)
{
    struct tm_str text = tm_buf_str(&f->expected), line;
    size_t files = 0, roots = 0;

    while (next_line(&text, &line))
        check_line(f, report, line, &files, &roots);
    if (files != tm_report_n_files(report))
        fail_msg("%s: %zu files, %zu are expected", f->path, tm_report_n_files(report), files);
    if (roots != report->n_roots)
        fail_msg("%s: %zu source roots, %zu are expected", f->path, report->n_roots, roots);
}

/* ---- Fixtures ---- */

/* Gives the source of /repo/... */
static enum tm_code read_source(void *ctx, struct tm_str path, struct tm_buf *out, struct tm_err *err)
{
    const struct fixture *f = ctx;
    struct tm_buf TM_CLEANUP(tm_buf_release) real = TM_BUF_INIT;

    if (!f->sources.len || !tm_str_has_prefix(path, TM_STR("/repo/")))
        return tm_err_set(err, TM_E_NOT_FOUND, "no such file");
    tm_buf_addf(&real, "%s/%.*s/%.*s", TM_DATA("coverage"), TM_STR_ARG(f->sources),
                TM_STR_ARG(tm_str_from(path, 6)));
    return tm_file_read(real.data, FIXTURE_MAX, out, err);
}

static enum tm_code read_part(const struct fixture *f, const struct tm_format *format, size_t n,
                              struct tm_report *report, struct tm_err *err)
{
    report->read_source = read_source;
    report->read_source_ctx = (void *)f;
    return read_text(format, tm_str_n(f->bytes.data, n), report, err);
}

static void load(struct fixture *f)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    struct tm_str text, line;

    tm_buf_addf(&name, "%s.expected", f->path);
    assert_ok(&err, tm_file_read(f->path, FIXTURE_MAX, &f->bytes, &err));
    assert_ok(&err, tm_file_read(name.data, FIXTURE_MAX, &f->expected, &err));
    text = tm_buf_str(&f->expected);
    while (next_line(&text, &line)) {
        if (rest_of(line, "sources").len)
            f->sources = rest_of(line, "sources");
        if (rest_of(line, "ends-after").len)
            f->end = rest_of(line, "ends-after");
    }
    if (tm_str_is(f->end, "LF"))
        f->end = TM_STR("\n");
}

static int is_report(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && !tm_str_has_suffix(tm_str(entry->d_name), TM_STR(".expected"));
}

/* Calls check for every fixture of a format; there must be one. */
static void for_format(const struct tm_format *format, void (*check)(const struct fixture *))
{
    struct tm_buf TM_CLEANUP(tm_buf_release) folder = TM_BUF_INIT;
    struct dirent **entries;
    int n;

    tm_buf_addf(&folder, "%s/%s", TM_DATA("coverage"), format->name);
    n = scandir(folder.data, &entries, is_report, alphasort);
    if (n < 1)
        fail_msg("no fixtures in '%s'", folder.data);
    for (int i = 0; i < n; i++) {
        struct fixture f = { .format = format, .bytes = TM_BUF_INIT, .expected = TM_BUF_INIT };
        struct tm_buf path = TM_BUF_INIT;

        tm_buf_addf(&path, "%s/%s", folder.data, entries[i]->d_name);
        f.path = tm_buf_take(&path);
        load(&f);
        check(&f);
        free(f.path);
        tm_buf_release(&f.bytes);
        tm_buf_release(&f.expected);
        free(entries[i]);
    }
    free(entries);
}

static void for_all(void (*check)(const struct fixture *))
{
    for (size_t i = 0; tm_formats[i]; i++)
        for_format(tm_formats[i], check);
}

/* ---- Tests ---- */

static void check_detected(const struct fixture *f)
{
    struct tm_source TM_CLEANUP(tm_source_close) source;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_str head;

    tm_source_memory(&source, f->path, tm_buf_str(&f->bytes));
    assert_ok(&err, tm_source_head(&source, &head, &err));
    tm_sniff_text(head, &text);
    for (size_t i = 0; tm_formats[i]; i++)
        if (tm_formats[i]->detect(tm_buf_str(&text)) != (tm_formats[i] == f->format))
            fail_msg("%s: %s %s", f->path, tm_formats[i] == f->format ? "is not taken for" : "is taken for",
                     tm_formats[i]->name);
}

static void every_report_is_of_its_format_and_of_no_other(void **state)
{
    for_all(check_detected);
}

static void check_read(const struct fixture *f)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_part(f, NULL, f->bytes.len, &report, &err));
    check_figures(f, &report);
}

static void figures_are_the_expected_ones(void **state)
{
    for_all(check_read);
}

static bool no_more_than(struct tm_ratio a, struct tm_ratio b)
{
    return a.num <= b.num && a.den <= b.den;
}

static void check_cut(const struct fixture *f, const struct tm_format *format, size_t n,
                      const struct tm_totals *whole)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_str part = tm_str_n(f->bytes.data, n);
    struct tm_totals got;

    if (read_part(f, format, n, &report, &err)) {
        assert_int_equal(tm_report_n_files(&report), 0);
        assert_non_null(err.msg);
        return;
    }
    got = tm_report_totals(&report);
    if (f->end.len && (tm_str_has_suffix(part, f->end) || tm_str_has_suffix(tm_str_trim(part), f->end))) {
        assert_true(no_more_than(got.lines, whole->lines) && no_more_than(got.branches, whole->branches));
        return;
    }
    if (memcmp(&got, whole, sizeof(got)) != 0)
        fail_msg("%s: read after a cut at byte %zu of %zu", f->path, n, f->bytes.len);
}

static void check_cuts(const struct fixture *f)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_totals whole;

    assert_ok(&err, read_part(f, f->format, f->bytes.len, &report, &err));
    whole = tm_report_totals(&report);
    /* Finding the format takes longer than reading, and depends on few of the cuts. */
    for (size_t n = 0; n < f->bytes.len; n++) {
        check_cut(f, f->format, n, &whole);
        if (n % FOUND_EVERY == 0)
            check_cut(f, NULL, n, &whole);
    }
}

static void a_cut_anywhere_is_an_error_or_the_same_figures(void **state)
{
    for_all(check_cuts);
}

TM_TESTS(cmocka_unit_test(every_report_is_of_its_format_and_of_no_other),
         cmocka_unit_test(figures_are_the_expected_ones),
         cmocka_unit_test(a_cut_anywhere_is_an_error_or_the_same_figures))
