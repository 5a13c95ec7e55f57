#include "report.h"

static struct tm_report_file *file_of(struct tm_report *report, const char *path)
{
    struct tm_report_file *file = NULL;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_report_file(report, tm_str(path), &file, &err));
    return file;
}

static void add_line(struct tm_report_file *file, uint64_t line, uint64_t hits)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_report_add_line(file, line, hits, &err));
}

static void add_branch(struct tm_report_file *file, uint32_t line, uint32_t block, uint32_t branch,
                       uint64_t taken, uint32_t flags)
{
    struct tm_branch record = { taken, line, block, branch, flags };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_report_add_branch(file, record, &err));
}

static void add_function(struct tm_report_file *file, enum tm_function_key key, const char *name,
                         uint32_t line, uint32_t place, uint64_t hits)
{
    struct tm_function record = { tm_str(name), hits, line, place, key };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_report_add_function(file, record, &err));
}

static void lines_in_any_order_are_sorted_and_their_hits_added(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_report_file *file = file_of(&report, "a.c");
    uint64_t hits;

    /* Every line from 1 to 999 twice, in an order that jumps about. */
    for (uint64_t i = 0; i < 2 * 999; i++)
        add_line(file, i * 7 % 999 + 1, i % 2);
    add_line(file, 5, UINT64_MAX);
    tm_report_settle(&report);
    assert_int_equal(file->lines.n, 999);
    assert_int_equal(report.n_lines, 999);
    assert_true(tm_report_hits(file, 5, &hits));
    assert_true(hits == UINT64_MAX);
    assert_true(tm_report_hits(file, 999, &hits));
    assert_int_equal(hits, 1);
    assert_false(tm_report_hits(file, 1000, &hits));
    assert_false(tm_report_hits(file, 0, &hits));
}

static void statements_are_told_apart_by_their_extent(void **state)
{
    static const struct tm_statement records[] = {
        { { 3, 1, 3, 9 }, 2, 0 }, { { 1, 5, 2, 1 }, 1, 4 }, { { 3, 1, 3, 9 }, 2, 7 },
        { { 1, 5, 2, 2 }, 1, 0 }, { { 1, 6, 2, 1 }, 1, 0 }, { { 1, 5, 2, 1 }, 1, UINT64_MAX },
    };
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_report_file *file = file_of(&report, "a.go");
    struct tm_statement nowhere = { .n = 1 }, first, last = nowhere;
    struct tm_statements_iter iter;
    struct tm_totals totals;

    for (size_t round = 0; round < 20; round++)
        for (size_t i = 0; i < TM_LEN(records); i++)
            assert_ok(&err, tm_report_add_statement(file, records[i], &err));
    assert_fails(&err, TM_E_FORMAT, tm_report_add_statement(file, nowhere, &err));
    tm_report_settle(&report);
    assert_int_equal(file->statements.n, 4);
    assert_int_equal(report.n_statements, 4);
    iter = tm_statements_iter(&file->statements);
    assert_true(tm_statements_next(&iter, &first) && first.hits == UINT64_MAX);
    while (tm_statements_next(&iter, &last))
        ;
    assert_int_equal(last.hits, 140);
    /* A block of two statements counts as two. */
    totals = tm_report_file_totals(file);
    assert_int_equal(totals.statements.num, 3);
    assert_int_equal(totals.statements.den, 5);
}

static void memory_does_not_grow_with_repetition(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_report_file *file = file_of(&report, "a.c");

    for (uint64_t i = 0; i < 1000000; i++)
        add_line(file, i % 100 + 1, 1);
    assert_true(file->lines.cap <= 1024);
    tm_report_settle(&report);
    assert_int_equal(file->lines.n, 100);
    assert_int_equal(report.n_lines, 100);
    assert_int_equal(hits_of(&report, "a.c", 100), 10000);
}

static void branches_are_united_by_id(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_report_file *file = file_of(&report, "a.c");
    uint32_t text = tm_report_id(&report, TM_STR("jump to 7"));

    assert_int_equal(tm_report_id(&report, TM_STR("7")), 7);
    assert_int_equal(tm_report_id(&report, TM_STR("jump to 7")), text);
    assert_true(tm_report_id(&report, TM_STR("07")) != 7);
    assert_true(tm_report_id(&report, TM_STR("2147483648")) != tm_report_id(&report, TM_STR("2147483647")));

    add_branch(file, 9, 0, 1, 0, TM_BRANCH_UNEVALUATED);
    add_branch(file, 9, 0, 0, 3, 0);
    add_branch(file, 9, 0, 1, 2, 0);
    add_branch(file, 9, 0, text, 0, TM_BRANCH_UNEVALUATED);
    add_branch(file, 9, 0, text, 0, TM_BRANCH_UNEVALUATED);
    tm_report_settle(&report);
    assert_int_equal(file->n_branches, 3);
    assert_int_equal(file->branches[1].taken, 2);
    assert_int_equal(file->branches[1].flags, 0);
    assert_int_equal(file->branches[2].flags, TM_BRANCH_UNEVALUATED);
    assert_totals(&report, &(struct totals) { .branches_covered = 2, .branches_valid = 3 });
}

static void counts_of_branches_keep_the_greatest_and_yield_to_ids(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_report_file *file = file_of(&report, "a.c");

    add_branch(file, 1, 0, 4, 1, TM_BRANCH_COUNT);
    add_branch(file, 1, 0, 4, 3, TM_BRANCH_COUNT);
    add_branch(file, 2, 0, 2, 2, TM_BRANCH_COUNT);
    add_branch(file, 2, 0, 0, 1, 0);
    add_branch(file, 2, 0, 1, 0, 0);
    tm_report_settle(&report);
    /* Line 1: 3 of 4 by count. Line 2: 1 of 2 by id. */
    assert_totals(&report, &(struct totals) { .branches_covered = 4, .branches_valid = 6 });
}

static void functions_are_told_apart_by_their_key(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_report_file *file = file_of(&report, "a.c");

    add_function(file, TM_FUNCTION_BY_NAME, "f", 0, 0, 3);
    add_function(file, TM_FUNCTION_BY_NAME, "f", 12, 0, 0);
    add_function(file, TM_FUNCTION_BY_NAME, "f", 10, 0, 1);
    add_function(file, TM_FUNCTION_BY_LINE, "z", 5, 0, 1);
    add_function(file, TM_FUNCTION_BY_LINE, "y", 5, 0, 1);
    add_function(file, TM_FUNCTION_BY_PLACE, "", 5, 100, 0);
    add_function(file, TM_FUNCTION_BY_PLACE, "", 5, 120, 1);
    add_function(file, TM_FUNCTION_BY_PLACE, "", 5, 120, 1);
    tm_report_settle(&report);
    assert_int_equal(file->n_functions, 4);
    assert_string_equal(file->functions[0].name.data, "f");
    assert_int_equal(file->functions[0].line, 10);
    assert_int_equal(file->functions[0].hits, 4);
    assert_string_equal(file->functions[1].name.data, "y");
    assert_int_equal(file->functions[1].hits, 2);
    assert_int_equal(file->functions[2].hits, 0);
    assert_int_equal(file->functions[3].hits, 2);
}

static void merging_two_reports_equals_reading_both_into_one(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) a = TM_REPORT_INIT;
    struct tm_report TM_CLEANUP(tm_report_release) b = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_report_file *both;

    add_line(file_of(&a, "both.c"), 1, 0);
    add_line(file_of(&a, "both.c"), 3, 0);
    /* The same text has another number in each report. */
    add_branch(file_of(&a, "both.c"), 3, tm_report_id(&a, TM_STR("x")), tm_report_id(&a, TM_STR("y")), 0, 0);
    add_line(file_of(&b, "only.c"), 8, 1);
    add_line(file_of(&b, "both.c"), 1, 5);
    add_line(file_of(&b, "both.c"), 2, 0);
    add_branch(file_of(&b, "both.c"), 3, tm_report_id(&b, TM_STR("z")), 0, 1, 0);
    add_branch(file_of(&b, "both.c"), 3, tm_report_id(&b, TM_STR("x")), tm_report_id(&b, TM_STR("y")), 1, 0);
    add_function(file_of(&b, "both.c"), TM_FUNCTION_BY_NAME, "f", 1, 0, 1);
    assert_ok(&err, tm_report_add_root(&b, TM_STR("/src"), &err));
    assert_ok(&err, tm_report_add_root(&a, TM_STR("/src"), &err));
    tm_report_note(&b, "something");
    tm_drops_add(&b.drops, TM_DROP_NO_NAME, TM_STR("x"));

    assert_ok(&err, tm_report_merge(&a, &b, &err));
    tm_report_settle(&a);
    assert_int_equal(tm_report_n_files(&b), 0);
    assert_int_equal(tm_report_n_files(&a), 2);
    assert_int_equal(a.n_roots, 1);
    assert_int_equal(a.total_notes, 1);
    assert_int_equal(tm_drops_total(&a.drops), 1);
    assert_int_equal(a.n_lines, 4);
    assert_int_equal(a.n_branches, 2);
    assert_int_equal(hits_of(&a, "both.c", 1), 5);
    both = tm_report_find(&a, TM_STR("both.c"));
    assert_int_equal(both->n_branches, 2);
    assert_totals(&a, &(struct totals) { 2, 4, 2, 2, 1, 1 });
}

static void limits_hold_and_one_past_them_is_refused(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_report_file *file = file_of(&report, "a.c");
    struct tm_function long_name = { .key = TM_FUNCTION_BY_NAME };
    struct tm_branch branch = { .line = 0 };
    char *path = tm_alloc(TM_REPORT_NAME_MAX + 2);

    memset(path, 'x', TM_REPORT_NAME_MAX + 1);
    add_line(file, TM_REPORT_LINE_MAX, 1);
    assert_fails(&err, TM_E_LIMIT, tm_report_add_line(file, TM_REPORT_LINE_MAX + 1, 1, &err));
    assert_fails(&err, TM_E_LIMIT, tm_report_add_line(file, UINT64_MAX, 1, &err));
    assert_fails(&err, TM_E_FORMAT, tm_report_add_line(file, 0, 1, &err));
    assert_fails(&err, TM_E_FORMAT, tm_report_add_branch(file, branch, &err));
    assert_ok(&err, tm_report_file(&report, tm_str_n(path, 4095), &file, &err));
    assert_fails(&err, TM_E_LIMIT, tm_report_file(&report, tm_str_n(path, 4096), &file, &err));
    assert_fails(&err, TM_E_FORMAT, tm_report_file(&report, TM_STR(""), &file, &err));
    assert_fails(&err, TM_E_FORMAT, tm_report_file(&report, TM_STR("a\0b"), &file, &err));
    long_name.name = tm_str_n(path, TM_REPORT_NAME_MAX);
    assert_ok(&err, tm_report_add_function(file, long_name, &err));
    long_name.name.len++;
    assert_fails(&err, TM_E_LIMIT, tm_report_add_function(file, long_name, &err));
    free(path);
}

static void source_roots_are_kept_once_up_to_their_limit(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) root = TM_BUF_INIT;

    for (int i = 0; i < TM_REPORT_ROOTS_MAX; i++) {
        tm_buf_clear(&root);
        tm_buf_addf(&root, "/root/%d", i);
        assert_ok(&err, tm_report_add_root(&report, tm_buf_str(&root), &err));
    }
    assert_ok(&err, tm_report_add_root(&report, TM_STR("/root/7"), &err));
    assert_ok(&err, tm_report_add_root(&report, TM_STR(""), &err));
    assert_int_equal(report.n_roots, TM_REPORT_ROOTS_MAX);
    assert_fails(&err, TM_E_LIMIT, tm_report_add_root(&report, TM_STR("/one/more"), &err));
}

static void notes_are_counted_and_the_first_are_kept(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_drops TM_CLEANUP(tm_drops_release) drops = { 0 };

    for (int i = 0; i < 100; i++) {
        tm_report_note(&report, "note %d", i);
        tm_drops_add(&drops, i % 2 ? TM_DROP_OUTSIDE : TM_DROP_TEST, TM_STR("x"));
    }
    assert_int_equal(report.n_notes, TM_REPORT_NOTES_KEPT);
    assert_int_equal(report.total_notes, 100);
    assert_string_equal(report.notes[19], "note 19");
    assert_int_equal(drops.n_kept, 2 * TM_DROPS_KEPT);
    assert_int_equal(drops.count[TM_DROP_OUTSIDE], 50);
    assert_int_equal(tm_drops_total(&drops), 100);
}

TM_TESTS(cmocka_unit_test(lines_in_any_order_are_sorted_and_their_hits_added),
         cmocka_unit_test(statements_are_told_apart_by_their_extent),
         cmocka_unit_test(memory_does_not_grow_with_repetition), cmocka_unit_test(branches_are_united_by_id),
         cmocka_unit_test(counts_of_branches_keep_the_greatest_and_yield_to_ids),
         cmocka_unit_test(functions_are_told_apart_by_their_key),
         cmocka_unit_test(merging_two_reports_equals_reading_both_into_one),
         cmocka_unit_test(limits_hold_and_one_past_them_is_refused),
         cmocka_unit_test(source_roots_are_kept_once_up_to_their_limit),
         cmocka_unit_test(notes_are_counted_and_the_first_are_kept))
