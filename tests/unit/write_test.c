/*
 * Every report in tests/data/coverage that needs no sources, written and read again.
 */
#include "coverage/write.h"

#include <dirent.h>

#include "report.h"

static enum tm_code no_flush(void *ctx, struct tm_err *err)
{
    return TM_OK;
}

static void write_to(const struct tm_report *report, const struct tm_report_writer *writer,
                     struct tm_buf *out)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_report_out to = { out, no_flush, NULL };

    tm_buf_clear(out);
    assert_ok(&err, tm_report_write(report, writer, &to, &err));
}

static void assert_same(const char *path, const char *what, struct tm_ratio got, struct tm_ratio want)
{
    if (got.num != want.num || got.den != want.den)
        fail_msg("%s: %s: %llu of %llu became %llu of %llu", path, what, (unsigned long long)want.num,
                 (unsigned long long)want.den, (unsigned long long)got.num, (unsigned long long)got.den);
}

static void assert_same_lines(const struct tm_report_file *a, const struct tm_report_file *b)
{
    struct tm_hits_iter ia = tm_hits_iter(&a->lines), ib = tm_hits_iter(&b->lines);
    struct tm_line la, lb;

    assert_int_equal(a->lines.n, b->lines.n);
    while (tm_hits_next(&ia, &la)) {
        assert_true(tm_hits_next(&ib, &lb));
        assert_int_equal(la.line, lb.line);
        assert_true(la.hits == lb.hits);
    }
}

/* Only a single source root is joined with the names that lcov gets. */
static struct tm_report_file *find(const struct tm_report *again, const struct tm_report *report,
                                   struct tm_str path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) joined = TM_BUF_INIT;
    struct tm_report_file *file = tm_report_find(again, path);

    if (file || !report->n_roots)
        return file;
    tm_buf_addf(&joined, "%s/%.*s", report->roots[0].data, TM_STR_ARG(path));
    return tm_report_find(again, tm_buf_str(&joined));
}

/* Cobertura has branches only in lines with code. */
static struct tm_ratio branches_of_code(const struct tm_report_file *file)
{
    struct tm_ratio branches = tm_report_file_totals(file).branches;

    for (size_t i = 0; i < file->n_branches; i++) {
        const struct tm_branch *branch = &file->branches[i];
        uint64_t hits;

        if (branch->flags & TM_BRANCH_COUNT || tm_report_hits(file, branch->line, &hits))
            continue;
        branches.num -= branch->taken > 0;
        branches.den--;
    }
    return branches;
}

static void check_round_trip(const char *path, const struct tm_report *report,
                             const struct tm_report_writer *writer)
{
    struct tm_report TM_CLEANUP(tm_report_release) again = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    bool all = writer == &tm_write_json;

    write_to(report, writer, &text);
    assert_ok(&err, read_text(NULL, tm_buf_str(&text), &again, &err));
    if (again.n_notes)
        fail_msg("%s as %s: %s", path, writer->name, again.notes[0]);
    assert_int_equal(tm_report_n_files(&again), tm_report_n_files(report));
    for (size_t i = 0; i < tm_report_n_files(report); i++) {
        struct tm_report_file *file = tm_report_file_at(report, i), *copy = find(&again, report, file->path);
        struct tm_totals want = tm_report_file_totals(file), got;

        if (!copy)
            fail_msg("%s as %s: no '%s'", path, writer->name, file->path.data);
        got = tm_report_file_totals(copy);
        assert_same_lines(copy, file);
        if (writer == &tm_write_cobertura)
            want.branches = branches_of_code(file);
        assert_same(path, "branches", got.branches, want.branches);
        if (writer != &tm_write_cobertura)
            assert_same(path, "functions", got.functions, want.functions);
        if (all)
            assert_same(path, "statements", got.statements, want.statements);
    }
    if (all)
        assert_int_equal(again.n_roots, report->n_roots);
}

static void check_folder(const struct tm_format *format)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) folder = TM_BUF_INIT;
    struct dirent **entries;
    int n;

    tm_buf_addf(&folder, "%s/%s", TM_DATA("coverage"), format->name);
    n = scandir(folder.data, &entries, NULL, alphasort);
    assert_true(n > 2);
    for (int i = 0; i < n; i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

        tm_buf_addf(&path, "%s/%s", folder.data, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && !strstr(entries[i]->d_name, ".expected")) {
            assert_ok(&err, tm_report_read_file(path.data, format, &report, &err));
            for (size_t k = 0; tm_report_n_files(&report) && tm_report_writers[k]; k++)
                check_round_trip(path.data, &report, tm_report_writers[k]);
        }
        free(entries[i]);
    }
    free(entries);
}

static void what_is_written_is_what_was_read(void **state)
{
    for (size_t i = 0; tm_formats[i]; i++)
        check_folder(tm_formats[i]);
}

static void odd_names_survive(void **state)
{
    static const char text[] =
        "SF:a & b/<\"c\">,d.c\nFN:1,f<int, char>\nFNDA:1,f<int, char>\nFN:1,\nFNDA:0,\n"
        "BRDA:1,x,y z,1\nBRDA:1,x,&,-\nDA:1,18446744073709551615\nend_of_record\n";

    for (size_t k = 0; tm_report_writers[k]; k++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, read_text(NULL, tm_str(text), &report, &err));
        check_round_trip("odd", &report, tm_report_writers[k]);
    }
}

/* What XML cannot hold must not make the document unreadable. */
static void bytes_that_are_no_characters_are_replaced(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_report TM_CLEANUP(tm_report_release) again = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    assert_ok(&err,
              read_text(NULL, TM_STR("SF:\x01\xff/\xef\xbf\xbf.c\nDA:1,1\nend_of_record\n"), &report, &err));
    write_to(&report, &tm_write_cobertura, &text);
    assert_ok(&err, read_text(NULL, tm_buf_str(&text), &again, &err));
    assert_string_equal(tm_report_file_at(&again, 0)->path.data, "\xef\xbf\xbd\xef\xbf\xbd/\xef\xbf\xbd.c");
}

static void writers_are_found_by_name(void **state)
{
    assert_ptr_equal(tm_report_writer_find(TM_STR("lcov")), &tm_write_lcov);
    assert_null(tm_report_writer_find(TM_STR("clover")));
}

TM_TESTS(cmocka_unit_test(what_is_written_is_what_was_read), cmocka_unit_test(odd_names_survive),
         cmocka_unit_test(bytes_that_are_no_characters_are_replaced),
         cmocka_unit_test(writers_are_found_by_name))
