#include "sandbox.h"

#include "sweep/reports.h"

static int make_box(void **state)
{
    struct sandbox *box = tm_alloc(sizeof(*box));

    *state = box;
    *box = sandbox_make();
    return 0;
}

static int remove_box(void **state)
{
    sandbox_remove(*state);
    free(*state);
    return 0;
}

static enum tm_code find(struct sandbox *box, const char *name, int64_t since_s, struct tm_reports *reports,
                         struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) path = sandbox_path(box, name);

    return tm_reports_find(reports, tm_str(path), since_s, err);
}

static void one_report_has_its_own_digest(void **state)
{
    struct tm_reports TM_CLEANUP(tm_reports_release) reports = TM_REPORTS_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    sandbox_run(*state, NULL, "printf abc >a.info");
    assert_ok(&err, find(*state, "a.info", 0, &reports, &err));
    assert_int_equal(reports.n, 1);
    assert_int_equal(reports.bytes, 3);
    /* printf abc | sha256sum */
    assert_string_equal(reports.sha256.data,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void a_glob_takes_files_in_order_and_digests_their_digests(void **state)
{
    struct tm_reports TM_CLEANUP(tm_reports_release) reports = TM_REPORTS_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;

    sandbox_run(*state, NULL,
                "printf 1 >b.info; printf 2 >a.info; printf 3 >c.txt; mkdir d.info; mkfifo e.info");
    sandbox_run(*state, &expected,
                "for f in a.info b.info; do sha256sum <$f | cut -c 1-64; done | sort | sha256sum | cut -c "
                "1-64 | tr -d '\\n'");
    assert_ok(&err, find(*state, "*.info", 0, &reports, &err));
    assert_int_equal(reports.n, 2);
    assert_string_equal(strrchr(reports.paths[0], '/'), "/a.info");
    assert_string_equal(strrchr(reports.paths[1], '/'), "/b.info");
    assert_int_equal(reports.bytes, 2);
    assert_string_equal(reports.sha256.data, expected.data);
}

static void what_is_missing_is_none(void **state)
{
    static const char *const names[] = { "a.info", "*.info", "no/such/*.info", "no/such/a.info" };

    for (size_t i = 0; i < TM_LEN(names); i++) {
        struct tm_reports TM_CLEANUP(tm_reports_release) reports = TM_REPORTS_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, find(*state, names[i], 0, &reports, &err));
        assert_int_equal(reports.n, 0);
        assert_int_equal(reports.sha256.len, 0);
    }
}

static void older_files_are_counted_and_left_out(void **state)
{
    static const char *const names[] = { "a.info", "*.info" };

    sandbox_run(*state, NULL, "printf abc >a.info; touch -d @1000 a.info");
    for (size_t i = 0; i < TM_LEN(names); i++) {
        struct tm_reports TM_CLEANUP(tm_reports_release) reports = TM_REPORTS_INIT;
        struct tm_reports TM_CLEANUP(tm_reports_release) stale = TM_REPORTS_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, find(*state, names[i], 1000, &reports, &err));
        assert_int_equal(reports.n, 1);
        assert_int_equal(reports.stale, 0);
        assert_ok(&err, find(*state, names[i], 1001, &stale, &err));
        assert_int_equal(stale.n, 0);
        assert_int_equal(stale.stale, 1);
    }
}

#define IN_BOX(test) cmocka_unit_test_setup_teardown(test, make_box, remove_box)

TM_TESTS(IN_BOX(one_report_has_its_own_digest), IN_BOX(a_glob_takes_files_in_order_and_digests_their_digests),
         IN_BOX(what_is_missing_is_none), IN_BOX(older_files_are_counted_and_left_out))
