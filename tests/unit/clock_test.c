#include "test.h"

#include "base/clock.h"

/* Seconds were taken from GNU date: `date -u -d STAMP +%s`. */

static void stamps_are_read_and_written_back(void **state)
{
    static const struct {
        const char *stamp;
        int64_t time_s;
    } cases[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "2026-11-22T12:00:00Z", 1795348800 },
        { "2000-02-29T23:59:59Z", 951868799 },
        { "1969-12-31T23:59:59Z", -1 },
        { "1900-03-01T00:00:00Z", -2203891200 },
        { "2038-01-19T03:14:08Z", 2147483648 },
        { "0000-01-01T00:00:00Z", -62167219200 },
        { "0999-06-30T00:00:00Z", -30626208000 },
        { "9999-12-31T23:59:59Z", 253402300799 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;
        int64_t time_s = 42;

        if (!tm_clock_parse(tm_str(cases[i].stamp), &time_s))
            fail_msg("not read: %s", cases[i].stamp);
        assert_true(time_s == cases[i].time_s);
        tm_clock_add_stamp(&buf, cases[i].time_s);
        assert_string_equal(buf.data, cases[i].stamp);
        assert_int_equal(buf.len, TM_STAMP_LEN);
    }
}

static void other_spellings_of_a_time_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t time_s;
    } cases[] = {
        { "2026-11-22", 1795305600 },
        { "2026-11-22 12:00:00", 1795348800 },
        { "2026-11-22t12:00:00z", 1795348800 },
        { "2026-11-22T12:00:00.999999Z", 1795348800 },
        { "2026-11-22T12:00:00,5", 1795348800 },
        { "2026-11-22T12:00:00+00:00", 1795348800 },
        { "2026-11-22T14:30:00+02:30", 1795348800 },
        { "2026-11-22T07:00:00.25-0500", 1795348800 },
        { "2016-12-31T23:59:60Z", 1483228799 }, /* a leap second counts as the one before */
        { "2100-02-28", 4107456000 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        int64_t time_s = 42;

        if (!tm_clock_parse(tm_str(cases[i].text), &time_s))
            fail_msg("not read: %s", cases[i].text);
        assert_true(time_s == cases[i].time_s);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "2026",
        "2026-11",
        "2026-11-",
        "2026-11-2",
        "26-11-22",
        "2026-00-10",
        "2026-13-10",
        "2026-11-00",
        "2026-11-31",
        "2026-02-29",
        "2100-02-29",
        "2026-11-22T",
        "2026-11-22x12:00:00Z",
        "2026-11-22T12:00",
        "2026-11-22T24:00:00Z",
        "2026-11-22T12:60:00Z",
        "2026-11-22T12:00:61Z",
        "2026-11-22T12:00:00.Z",
        "2026-11-22T12:00:00ZZ",
        "2026-11-22T12:00:00 Z",
        "2026-11-22T12:00:00+2",
        "2026-11-22T12:00:00+24:00",
        "2026-11-22T12:00:00+02:60",
        "2026-11-22T12:00:00+",
        " 2026-11-22",
        "2026-11-22 ",
        "+026-11-22",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        int64_t time_s = 42;

        if (tm_clock_parse(tm_str(cases[i]), &time_s))
            fail_msg("read: %s", cases[i]);
        assert_true(time_s == 42);
    }
}

static void stamps_stay_within_four_digits_of_year(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;

    tm_clock_add_stamp(&buf, INT64_MAX);
    tm_buf_addc(&buf, ' ');
    tm_clock_add_stamp(&buf, INT64_MIN);
    assert_string_equal(buf.data, "9999-12-31T23:59:59Z 0000-01-01T00:00:00Z");
}

static void source_date_epoch_replaces_the_clock(void **state)
{
    static const char *const ignored[] = { "", "x", "-1", "12x", "253402300800", "99999999999999999999" };
    int64_t now = (int64_t)time(NULL);

    setenv("SOURCE_DATE_EPOCH", "1795348800", 1);
    assert_true(tm_clock_now_s() == 1795348800);
    setenv("SOURCE_DATE_EPOCH", "0", 1);
    assert_true(tm_clock_now_s() == 0);
    for (size_t i = 0; i < TM_LEN(ignored); i++) {
        setenv("SOURCE_DATE_EPOCH", ignored[i], 1);
        assert_true(tm_clock_now_s() >= now);
    }
    unsetenv("SOURCE_DATE_EPOCH");
    assert_true(tm_clock_now_s() >= now && tm_clock_now_s() < now + 3600);
}

static void the_monotonic_clock_goes_on_in_nanoseconds(void **state)
{
    struct timespec pause = { 0, 3 * 1000000 };
    int64_t before = tm_clock_mono_ns(), after;

    nanosleep(&pause, NULL);
    after = tm_clock_mono_ns();
    assert_true(after - before >= 3 * 1000000);
    assert_true(after - before < (int64_t)60 * 1000000000);
}

static void durations_read_as_people_say_them(void **state)
{
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        { 0, "0 ms" },
        { 999999, "0 ms" },
        { 812000000, "812 ms" },
        { 999999999, "999 ms" },
        { 1000000000, "1.0 s" },
        { 3450000000, "3.4 s" },
        { 59999999999, "59.9 s" },
        { 60000000000, "1 min 00 s" },
        { 125000000000, "2 min 05 s" },
        { 3599999999999, "59 min 59 s" },
        { 3600000000000, "1 h 00 min" },
        { 3720000000000, "1 h 02 min" },
        { 360000000000000, "100 h 00 min" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) buf = TM_BUF_INIT;

        tm_clock_add_duration(&buf, cases[i].ns);
        assert_string_equal(buf.data, cases[i].text);
    }
}

static void milliseconds_are_exact(void **state)
{
    static const struct {
        int64_t ns;
        const char *ms;
    } cases[] = {
        { 0, "0" },         { 1, "0.000001" },         { -1, "-0.000001" },
        { 1000000, "1" },   { 12345678, "12.345678" }, { 100000, "0.1" },
        { 10000000, "10" }, { -1500000, "-1.5" },      { 9007199254740991, "9007199254.740991" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        tm_clock_add_ms(&out, cases[i].ns);
        assert_string_equal(out.data, cases[i].ms);
    }
}

TM_TESTS(cmocka_unit_test(milliseconds_are_exact), cmocka_unit_test(stamps_are_read_and_written_back),
         cmocka_unit_test(other_spellings_of_a_time_are_read), cmocka_unit_test(what_is_no_time_is_refused),
         cmocka_unit_test(stamps_stay_within_four_digits_of_year),
         cmocka_unit_test(source_date_epoch_replaces_the_clock),
         cmocka_unit_test(the_monotonic_clock_goes_on_in_nanoseconds),
         cmocka_unit_test(durations_read_as_people_say_them))
