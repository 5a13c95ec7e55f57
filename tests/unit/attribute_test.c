#include "coverage/attribute.h"

#include "base/path.h"
#include "report.h"

/* Two modules, one inside the other; everything that does not end in ".gone" exists. */
static char outer[] = "outer", inner[] = "inner";

static bool exists(void *ctx, struct tm_str path)
{
    return !tm_str_has_suffix(path, TM_STR(".gone"));
}

static void *owner(void *ctx, struct tm_str path)
{
    if (tm_path_is_below(path, TM_STR("outer/inner")))
        return inner;
    return tm_path_is_below(path, TM_STR("outer")) ? outer : NULL;
}

static bool is_test(void *ctx, struct tm_str path)
{
    return tm_str_has_prefix(tm_path_base(path), TM_STR("test_"));
}

static bool is_excluded(void *ctx, struct tm_str path, enum tm_drop *reason)
{
    *reason = TM_DROP_EXCLUDED;
    return tm_str_has_suffix(path, TM_STR("_pb.py"));
}

static const struct tm_attribute_rules rules = {
    .resolver = { .root = TM_STR("/repo"), .exists = exists },
    .owner = owner,
    .is_test = is_test,
    .is_excluded = is_excluded,
};

static const char report_text[] =
    "SF:outer/z.c\nDA:1,1\nDA:2,0\nFN:1,f\nFNDA:1,f\nBRDA:1,x,y,1\nend_of_record\n"
    "SF:/repo/outer/inner/b.c\nDA:1,0\nend_of_record\n"
    "SF:/repo/outer/./z.c\nDA:2,3\nDA:3,0\nBRDA:1,x,z,0\nend_of_record\n"
    "SF:outer/inner/a.c\nDA:1,1\nend_of_record\n"
    "SF:outer/test_z.c\nDA:1,1\nend_of_record\n"
    "SF:outer/x_pb.py\nDA:1,1\nend_of_record\n"
    "SF:other/y.c\nDA:1,1\nend_of_record\n"
    "SF:/usr/include/x.h\nDA:1,1\nend_of_record\n"
    "SF:outer/old.gone\nDA:1,-1\nend_of_record\n";

static void check_file(const struct tm_attributed_file *file, const char *path, uint64_t covered,
                       uint64_t valid)
{
    assert_string_equal(file->file->path.data, path);
    assert_int_equal(file->totals.lines.num, covered);
    assert_int_equal(file->totals.lines.den, valid);
}

static void files_are_grouped_by_their_innermost_module(void **state)
{
    struct tm_attribution TM_CLEANUP(tm_attribution_release) a = TM_ATTRIBUTION_INIT;
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    const struct tm_attributed_module *module;

    assert_ok(&err, read_text(NULL, tm_str(report_text), &report, &err));
    assert_ok(&err, tm_attribute(&a, &report, &rules, &err));
    assert_int_equal(tm_report_n_files(&report), 0);
    assert_int_equal(a.n_modules, 2);

    /* "outer/inner/a.c" is the first path in byte order. */
    assert_ptr_equal(a.modules[0].module, inner);
    module = tm_attribution_of(&a, inner);
    assert_int_equal(module->n_files, 2);
    check_file(&module->files[0], "outer/inner/a.c", 1, 1);
    check_file(&module->files[1], "outer/inner/b.c", 0, 1);
    assert_int_equal(module->totals.lines.num, 1);
    assert_int_equal(module->totals.lines.den, 2);
    assert_int_equal(module->totals.branches.den, 0);

    /* Two names of one file are that file. */
    module = tm_attribution_of(&a, outer);
    assert_int_equal(module->n_files, 1);
    check_file(&module->files[0], "outer/z.c", 2, 3);
    assert_int_equal(module->totals.branches.num, 1);
    assert_int_equal(module->totals.branches.den, 2);
    assert_int_equal(module->totals.functions.num, 1);
    assert_int_equal(module->totals.functions.den, 1);
    assert_null(tm_attribution_of(&a, report_text));
}

static void what_is_left_out_is_counted_by_reason(void **state)
{
    struct tm_attribution TM_CLEANUP(tm_attribution_release) a = TM_ATTRIBUTION_INIT;
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_text(NULL, tm_str(report_text), &report, &err));
    tm_drops_add(&report.drops, TM_DROP_NO_NAME, TM_STR("by the reader"));
    assert_ok(&err, tm_attribute(&a, &report, &rules, &err));
    assert_int_equal(tm_drops_total(&a.drops), 6);
    assert_int_equal(a.drops.count[TM_DROP_TEST], 1);
    assert_int_equal(a.drops.count[TM_DROP_EXCLUDED], 1);
    assert_int_equal(a.drops.count[TM_DROP_NO_MODULE], 1);
    assert_int_equal(a.drops.count[TM_DROP_FOREIGN], 1);
    assert_int_equal(a.drops.count[TM_DROP_MISSING], 1);
    assert_int_equal(a.drops.count[TM_DROP_NO_NAME], 1);
    assert_string_equal(a.drops.kept[0].path, "outer/test_z.c");
    assert_int_equal(a.drops.kept[0].reason, TM_DROP_TEST);
    /* The negative count was noted, whatever became of its file. */
    assert_int_equal(a.report.n_notes, 1);
}

static void a_report_without_files_of_ours_gives_no_module(void **state)
{
    struct tm_attribution TM_CLEANUP(tm_attribution_release) a = TM_ATTRIBUTION_INIT;
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_text(NULL, TM_STR("SF:/x\nDA:1,1\nend_of_record\n"), &report, &err));
    assert_ok(&err, tm_attribute(&a, &report, &rules, &err));
    assert_int_equal(a.n_modules, 0);
    assert_null(tm_attribution_of(&a, outer));
    assert_int_equal(tm_drops_total(&a.drops), 1);
}

TM_TESTS(cmocka_unit_test(files_are_grouped_by_their_innermost_module),
         cmocka_unit_test(what_is_left_out_is_counted_by_reason),
         cmocka_unit_test(a_report_without_files_of_ours_gives_no_module))
