/*
 * What must hold of merging whatever the reports: random ones of a few files, lines, branches, functions and
 * statements, from a seed that a failure prints.
 */
#include "coverage/report.h"

#include "report.h"

static uint64_t seed;

static uint32_t random_below(uint32_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % n;
}

static uint64_t random_hits(void)
{
    return random_below(4) == 0 ? UINT64_MAX - random_below(3) : random_below(3);
}

static void add_records(struct tm_report_file *file, struct tm_err *err)
{
    static const char *const names[] = { "f", "g", "h" };
    struct tm_branch branch = { random_hits(), 1 + random_below(3), random_below(2), random_below(2), 0 };
    struct tm_branch count = { random_below(3), 1 + random_below(3), 0, 2, TM_BRANCH_COUNT };
    struct tm_function function = { tm_str(names[random_below(3)]), random_hits(), 1 + random_below(3), 0,
                                    (enum tm_function_key)random_below(3) };
    struct tm_statement statement = { { 1 + random_below(2), random_below(2), 3, 4 },
                                      1 + random_below(2),
                                      random_hits() };

    assert_ok(err, tm_report_add_line(file, 1 + random_below(5), random_hits(), err));
    assert_ok(err, tm_report_add_branch(file, branch, err));
    assert_ok(err, tm_report_add_branch(file, count, err));
    assert_ok(err, tm_report_add_function(file, function, err));
    assert_ok(err, tm_report_add_statement(file, statement, err));
}

/* The same report for the same start of the generator. */
static void make(struct tm_report *report, uint64_t start)
{
    static const char *const paths[] = { "a", "b", "c" };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    *report = TM_REPORT_INIT;
    seed = start;
    for (uint32_t i = random_below(8); i > 0; i--) {
        struct tm_report_file *file;

        assert_ok(&err, tm_report_file(report, tm_str(paths[random_below(3)]), &file, &err));
        for (uint32_t k = random_below(4); k > 0; k--)
            add_records(file, &err);
    }
    tm_report_settle(report);
}

static void merge(struct tm_report *into, struct tm_report *from)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_report_merge(into, from, &err));
    tm_report_settle(into);
}

/* All records as text, files in the order of their names. */
static void describe(const struct tm_report *report, struct tm_buf *out)
{
    static const char *const paths[] = { "a", "b", "c" };

    for (size_t p = 0; p < TM_LEN(paths); p++) {
        struct tm_report_file *file = tm_report_find(report, tm_str(paths[p]));
        struct tm_totals totals;
        struct tm_statements_iter statements;
        struct tm_statement statement;
        struct tm_hits_iter iter;
        struct tm_line line;

        if (!file)
            continue;
        tm_buf_addf(out, "%s:", paths[p]);
        iter = tm_hits_iter(&file->lines);
        while (tm_hits_next(&iter, &line))
            tm_buf_addf(out, " %u=%llu", line.line, (unsigned long long)line.hits);
        for (size_t i = 0; i < file->n_branches; i++)
            tm_buf_addf(out, " b%u.%u.%u.%u=%llu", file->branches[i].line, file->branches[i].block,
                        file->branches[i].branch, file->branches[i].flags,
                        (unsigned long long)file->branches[i].taken);
        for (size_t i = 0; i < file->n_functions; i++)
            tm_buf_addf(out, " %.*s@%u.%d=%llu", TM_STR_ARG(file->functions[i].name), file->functions[i].line,
                        file->functions[i].key, (unsigned long long)file->functions[i].hits);
        statements = tm_statements_iter(&file->statements);
        while (tm_statements_next(&statements, &statement))
            tm_buf_addf(out, " s%u.%u.%u=%llu", statement.at.line, statement.at.column, statement.n,
                        (unsigned long long)statement.hits);
        totals = tm_report_file_totals(file);
        tm_buf_addf(out, " | %llu/%llu %llu/%llu %llu/%llu\n", (unsigned long long)totals.lines.num,
                    (unsigned long long)totals.lines.den, (unsigned long long)totals.branches.num,
                    (unsigned long long)totals.branches.den, (unsigned long long)totals.functions.num,
                    (unsigned long long)totals.functions.den);
    }
}

/* Merges reports of these starts one after the other into an empty one; grouped: the last two first. */
static void merged(const uint64_t *starts, size_t n, bool greatest, bool grouped, struct tm_buf *out)
{
    struct tm_report TM_CLEANUP(tm_report_release) all = { .arena = TM_ARENA_INIT, .greatest = greatest };
    struct tm_report TM_CLEANUP(tm_report_release) last = { .arena = TM_ARENA_INIT, .greatest = greatest };
    struct tm_report part;

    for (size_t i = 0; i < n; i++) {
        make(&part, starts[i]);
        merge(grouped && i + 2 >= n ? &last : &all, &part);
    }
    if (grouped)
        merge(&all, &last);
    tm_buf_clear(out);
    describe(&all, out);
}

enum { ROUNDS = 2000 };

static void check_laws(bool greatest)
{
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        const uint64_t abc[] = { round, round + 100000, round + 200000 };
        const uint64_t cab[] = { abc[2], abc[0], abc[1] };
        const uint64_t aab[] = { abc[0], abc[0], abc[1] };
        struct tm_buf TM_CLEANUP(tm_buf_release) one = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) other = TM_BUF_INIT;

        merged(abc, 3, greatest, false, &one);
        merged(cab, 3, greatest, false, &other);
        if (strcmp(one.data, other.data) != 0)
            fail_msg("round %d: the order matters:\n%s%s", (int)round, one.data, other.data);
        merged(abc, 3, greatest, true, &other);
        if (strcmp(one.data, other.data) != 0)
            fail_msg("round %d: the grouping matters:\n%s%s", (int)round, one.data, other.data);
        if (!greatest)
            continue;
        merged(aab + 1, 2, true, false, &one);
        merged(aab, 3, true, false, &other);
        if (strcmp(one.data, other.data) != 0)
            fail_msg("round %d: a report twice is not the report:\n%s%s", (int)round, one.data, other.data);
    }
}

static void merging_by_sums_is_commutative_and_associative(void **state)
{
    check_laws(false);
}

static void merging_by_the_greatest_is_idempotent_too(void **state)
{
    check_laws(true);
}

static void what_a_report_repeats_adds_up_whatever_joins_reports(void **state)
{
    static const char text[] = "SF:a\nDA:1,2\nend_of_record\nSF:a\nDA:1,3\nend_of_record\n";
    struct tm_report TM_CLEANUP(tm_report_release) report = { .arena = TM_ARENA_INIT, .greatest = true };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_text(&tm_format_lcov, tm_str(text), &report, &err));
    assert_int_equal(hits_of(&report, "a", 1), 5);
    assert_ok(&err, read_text(&tm_format_lcov, tm_str(text), &report, &err));
    assert_int_equal(hits_of(&report, "a", 1), 5);
}

/* One of two taken in each report: it can be the same one or the other. */
static void branches_without_ids_are_said_to_be_approximate(void **state)
{
    static const struct {
        const char *a, *b;
        uint64_t approximate;
    } cases[] = {
        { "50% (1/2)", "50% (1/2)", 1 },
        { "50% (1/2)", "100% (2/2)", 0 },
        { "0% (0/2)", "50% (1/2)", 0 },
        { "50% (1/2)", "33% (1/3)", 1 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        for (size_t k = 0; k < 2; k++) {
            struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

            tm_buf_addf(&text,
                        "<coverage><class filename='a'><line number='1' hits='1' condition-coverage='%s'/>"
                        "</class></coverage>",
                        k ? cases[i].b : cases[i].a);
            assert_ok(&err, read_text(&tm_format_cobertura, tm_buf_str(&text), &report, &err));
        }
        assert_int_equal(report.approximate, cases[i].approximate);
    }
}

static void functions_of_two_formats_are_counted_once(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err,
              read_text(NULL, TM_STR("SF:a\nFN:1,f\nFNDA:0,f\nFN:5,g\nFNDA:1,g\nDA:1,0\nend_of_record\n"),
                        &report, &err));
    assert_ok(&err, read_text(NULL,
                              TM_STR("<coverage><packages/><class filename='a'><method name='f()'>"
                                     "<line number='1' hits='1'/></method></class></coverage>"),
                              &report, &err));
    assert_totals(&report, &(struct totals) { 1, 1, 0, 0, 2, 2 });
}

TM_TESTS(cmocka_unit_test(merging_by_sums_is_commutative_and_associative),
         cmocka_unit_test(merging_by_the_greatest_is_idempotent_too),
         cmocka_unit_test(what_a_report_repeats_adds_up_whatever_joins_reports),
         cmocka_unit_test(branches_without_ids_are_said_to_be_approximate),
         cmocka_unit_test(functions_of_two_formats_are_counted_once))
