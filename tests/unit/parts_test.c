/*
 * Long reports, read in parts by several threads, and the same bytes read by one: both must say the same,
 * down to the place of an error.
 */
#include "coverage/parts.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/json.h"
#include "coverage/write.h"
#include "report.h"

enum {
    FILES = 500,
    FEW = 50,
    LINES = 900,
    LONG = 3 * TM_SOURCE_WINDOW / 2, /* what is read at once must be less */
};

/* ---- Reports ---- */

static uint32_t pseudo_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

/* Files come twice, the second time with other hits; ids of branches are texts. */
static void add_lcov(struct tm_buf *out, unsigned files, uint32_t *seed)
{
    for (unsigned i = 0; i < 2 * files; i++) {
        tm_buf_addf(out, "TN:\nSF:src/mod%u/f%u.c\nFN:1,f%u\nFNDA:%u,f%u\n", i % 7, i % files, i, i % 3, i);
        tm_buf_addf(out, "BRDA:3,0,to_%u,%u\nBRDA:3,0,to_%u,-\nQQ:1\n", i % 50, i % 2, i + 1);
        for (unsigned line = 1; line <= LINES; line++)
            tm_buf_addf(out, "DA:%u,%s%u\n", line, line % 800 ? "" : "-", pseudo_random(seed) % 5);
        tm_buf_addf(out, "LF:%u\nend_of_record\n", LINES + i % 2);
    }
}

static void add_llvm_cov(struct tm_buf *out, unsigned files, uint32_t *seed)
{
    tm_buf_adds(out, "{\"data\":[{\"files\":[");
    for (unsigned i = 0; i < files; i++) {
        tm_buf_addf(out,
                    "%s{\"filename\":\"/r/f%u[{\\\"%u.c\",\"branches\":[[3,1,3,9,%u,0,0,0,4]],\"segments\":[",
                    i ? ",\n" : "", i, i, i % 2);
        for (unsigned line = 1; line <= LINES; line++)
            tm_buf_addf(out, "%s[%u,5,%u,true,true,false]", line > 1 ? "," : "", line,
                        pseudo_random(seed) % 5);
        tm_buf_adds(out, "]}");
    }
    tm_buf_adds(out, "],\"functions\":[");
    for (unsigned i = 0; i < 2 * files; i++) {
        tm_buf_addf(out,
                    "%s{\"name\":\"f%u\",\"count\":%u,\"filenames\":[\"/r/f%u[{\\\"%u.c\"],\"regions\":[",
                    i ? " , " : "", i, i % 3, i / 3, i / 3);
        for (unsigned line = 1; line <= LINES / 2; line++)
            tm_buf_addf(out, "%s[%u,5,%u,%u,%u,0,0,0]", line > 1 ? "," : "", i % 3 * 100 + line, line + 4,
                        i + 2, pseudo_random(seed) % 5);
        tm_buf_adds(out, "]}");
    }
    tm_buf_adds(out, "]}],\"type\":\"llvm.coverage.json.export\",\"version\":\"2.0.1\"}\n");
}

static void add_istanbul(struct tm_buf *out, unsigned files, uint32_t *seed)
{
    tm_buf_adds(out, "{\n");
    for (unsigned i = 0; i < files; i++) {
        tm_buf_addf(out, "%s \"/r/f%u.js\": {\"statementMap\": {", i ? "\n,\n" : "", i);
        for (unsigned line = 0; line < LINES / 5; line++)
            tm_buf_addf(out,
                        "%s\"%u\":{\"start\":{\"line\":%u,\"column\":2},\"end\":{\"line\":%u,\"column\":9}}",
                        line ? "," : "", line, line, line);
        tm_buf_adds(out, "},\"fnMap\":{},\"branchMap\":{},\"f\":{},\"b\":{},\"s\":{");
        for (unsigned line = 0; line < LINES / 5; line++)
            tm_buf_addf(out, "%s\"%u\":%d", line ? "," : "", line, (int)(pseudo_random(seed) % 5) - 1);
        tm_buf_adds(out, "}}");
    }
    tm_buf_adds(out, "}");
}

static void add_coverlet(struct tm_buf *out, unsigned files, uint32_t *seed)
{
    for (unsigned module = 0; module < 2; module++) {
        tm_buf_addf(out, "%s\"m%u.dll\":{", module ? "," : "{", module);
        for (unsigned i = 0; i < files; i++) {
            tm_buf_addf(out, "%s\"/r/f%u.cs\":{\"A.B\":{\"void A.B::F%u()\":{\"Lines\":{", i ? "," : "",
                        i + module * 10, i);
            for (unsigned line = 1; line <= LINES; line++)
                tm_buf_addf(out, "%s\"%u\":%u", line > 1 ? "," : "", line, pseudo_random(seed) % 5);
            tm_buf_adds(out, "},\"Branches\":[]}}}");
        }
        tm_buf_adds(out, "}");
    }
    tm_buf_adds(out, "}\n");
}

/* The first line of each file is a docstring, which only its source tells; some summaries are wrong. */
static void add_coveragepy(struct tm_buf *out, unsigned files, uint32_t *seed)
{
    tm_buf_adds(out, "{\"meta\":{\"version\":\"6.5.0\"},\"files\":{");
    for (unsigned i = 0; i < files; i++) {
        unsigned covered = LINES - (i % 3 == 0) - 2 * (i % 50 == 49);

        tm_buf_addf(out, "%s\"r/f%u.py\":{\"executed_lines\":[1", i ? ", " : "", i);
        for (unsigned line = 2; line <= LINES; line++)
            tm_buf_addf(out, ",%u", line);
        tm_buf_addf(out, "],\"summary\":{\"covered_lines\":%u,\"num_statements\":%u},", covered, covered + 1);
        tm_buf_addf(out, "\"missing_lines\":[%u],\"executed_branches\":[[1,2]", LINES + 1);
        for (unsigned line = 2; line <= LINES; line++)
            tm_buf_addf(out, ",[%u,%d]", line, line % 9 ? (int)(pseudo_random(seed) % 9000) : -(int)line);
        tm_buf_adds(out, "]}");
    }
    tm_buf_adds(out, "}}\n");
}

static void add_coveralls(struct tm_buf *out, unsigned files, uint32_t *seed)
{
    tm_buf_adds(out, "{\"source_files\":[");
    for (unsigned i = 0; i < files; i++) {
        tm_buf_addf(out, "%s{\"coverage\":[1", i ? ",\n" : "");
        for (unsigned line = 2; line <= 5 * LINES; line++) {
            if (line % 2)
                tm_buf_addf(out, ",%u", pseudo_random(seed) % 6);
            else
                tm_buf_adds(out, ",null");
        }
        tm_buf_addf(out, "],\"branches\":[1,0,0,%u],\"name\":\"f%u.c\"}", i % 2, i);
    }
    tm_buf_adds(out, "]}");
}

static const struct {
    const struct tm_format *format;
    void (*add)(struct tm_buf *out, unsigned files, uint32_t *seed);
} makers[] = {
    { &tm_format_lcov, add_lcov },
    { &tm_format_llvm_cov, add_llvm_cov },
    { &tm_format_istanbul, add_istanbul },
    { &tm_format_coverlet, add_coverlet },
    { &tm_format_coveragepy, add_coveragepy },
    { &tm_format_coveralls, add_coveralls },
};

/* As a file of the report's name, so that messages agree. */
static void make(size_t i, struct tm_buf *out)
{
    uint32_t seed = (uint32_t)i;

    makers[i].add(out, FILES, &seed);
    assert_true(out->len > LONG);
}

/* ---- Reading ---- */

static enum tm_code no_flush(void *ctx, struct tm_err *err)
{
    return TM_OK;
}

/* A tm_source_reader; ctx is an atomic_flag that is set while one is read. */
static enum tm_code read_source(void *ctx, struct tm_str name, struct tm_buf *out, struct tm_err *err)
{
    assert_false(atomic_flag_test_and_set((atomic_flag *)ctx));
    tm_buf_clear(out);
    tm_buf_adds(out, "\"\"\"What it is for.\"\"\"\n");
    for (unsigned line = 2; line <= LINES + 1; line++)
        tm_buf_addf(out, "x = %u\n", line);
    atomic_flag_clear((atomic_flag *)ctx);
    return TM_OK;
}

/* All that the report says, or the error. */
static void describe(struct tm_source *source, const struct tm_format *format, struct tm_buf *out)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_report_out to = { out, no_flush, NULL };
    atomic_flag reading = ATOMIC_FLAG_INIT;

    report.read_source = read_source;
    report.read_source_ctx = &reading;
    if (tm_report_read(source, format, &report, &err)) {
        tm_buf_adds(out, tm_err_msg(&err));
        return;
    }
    assert_ok(&err, tm_report_write(&report, &tm_write_json, &to, &err));
    assert_ok(&err, tm_report_write(&report, &tm_write_lcov, &to, &err));
    for (size_t i = 0; i < report.n_notes; i++)
        tm_buf_addf(out, "note: %s\n", report.notes[i]);
}

static char path[] = "/tmp/tidemark-parts-XXXXXX";

static void put_file(struct tm_str text)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    int fd = open(path, O_WRONLY | O_TRUNC);

    assert_ok(&err, tm_fd_write_all(fd, text, &err));
    close(fd);
}

static void check_same(const struct tm_format *format, struct tm_str text)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) want = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) each = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_source source;

    tm_source_memory(&source, path, text);
    source.parts = TM_PARTS_NEVER;
    describe(&source, format, &want);
    tm_source_close(&source);

    tm_source_memory(&source, path, text);
    source.parts = TM_PARTS_EACH;
    describe(&source, format, &each);
    tm_source_close(&source);
    assert_string_equal(each.data, want.data);

    put_file(text);
    assert_ok(&err, tm_source_open(&source, path, &err));
    describe(&source, format, &got);
    tm_source_close(&source);
    assert_string_equal(got.data, want.data);
}

/* ---- Tests ---- */

static void parts_say_what_the_whole_says(void **state)
{
    for (size_t i = 0; i < TM_LEN(makers); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

        make(i, &text);
        check_same(makers[i].format, tm_buf_str(&text));
    }
}

/* Anywhere, and of any kind: the first error is the one that is told, and where it stands. */
static void errors_in_parts_are_those_of_the_whole(void **state)
{
    static const char damage[] = "}[\n\xFF";
    uint32_t seed = 7;

    for (size_t i = 0; i < TM_LEN(makers); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

        make(i, &text);
        for (size_t k = 0; k < sizeof(damage) - 1; k++) {
            size_t at = (((size_t)pseudo_random(&seed) << 16) + pseudo_random(&seed)) % text.len;
            char was = text.data[at];

            text.data[at] = damage[k];
            check_same(makers[i].format, tm_buf_str(&text));
            text.data[at] = was;
        }
    }
}

/* What is longer than a window cannot be cut. */
static void an_entry_of_any_length_is_read(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    tm_buf_adds(&text, "SF:a.c\nDA:1,1\nend_of_record\nSF:b.c\n");
    while (text.len < 3 * TM_PART_LONGEST)
        tm_buf_addf(&text, "DA:%zu,1\n", text.len);
    tm_buf_adds(&text, "end_of_record\nSF:c.c\nDA:1,1\nend_of_record\n");
    check_same(&tm_format_lcov, tm_buf_str(&text));

    tm_buf_clear(&text);
    tm_buf_adds(&text, "{\"m.dll\":{\"a.cs\":{},\"b.cs\":{\"B\":{\"F\":{\"Lines\":{\"1\":1");
    for (unsigned i = 2; text.len < 2 * TM_SOURCE_WINDOW; i++)
        tm_buf_addf(&text, ",\"%u\":%u", i, i % 2);
    tm_buf_adds(&text,
                "},\"Branches\":[]}}},\"c.cs\":{\"C\":{\"G\":{\"Lines\":{\"1\":1},\"Branches\":[]}}}}}");
    check_same(&tm_format_coverlet, tm_buf_str(&text));
}

/* The limits of tokens hold in a part, too. */
static void a_name_that_is_too_long_is_refused_in_a_part(void **state)
{
    static const size_t lengths[] = { 1000, TM_JSON_TOKEN_MAX + 2 };
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;

    for (size_t i = 0; i < TM_LEN(lengths); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        uint32_t seed = 1;

        while (name.len < lengths[i])
            tm_buf_addc(&name, 'x');
        add_istanbul(&text, FILES, &seed);
        text.len--;
        tm_buf_addf(&text, ",\"%s\":{\"statementMap\":{},\"s\":{}},", name.data);
        tm_buf_adds(&text, "\"z\":{\"statementMap\":{},\"s\":{}}}");
        check_same(&tm_format_istanbul, tm_buf_str(&text));
    }
}

/* Sources and their maps stand in reports. One is longer than a window, and cannot be cut. */
static void a_text_of_any_length_is_read_over(void **state)
{
    static const size_t lengths[] = { TM_JSON_TOKEN_MAX + 2, 2 * TM_SOURCE_WINDOW };

    for (size_t i = 0; i < TM_LEN(lengths); i++) {
        struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        uint32_t seed = 1;

        add_istanbul(&text, FILES, &seed);
        text.len--;
        tm_buf_adds(&text, ",\n\"map.js\":{\"statementMap\":{},\"s\":{},\"inputSourceMap\":{\"sources\":[\"");
        for (size_t end = text.len + lengths[i]; text.len < end;)
            tm_buf_adds(&text, "\xc3\xa9\\\\ \\n\\\"");
        tm_buf_adds(&text, "\"]}},\n\"last.js\":{\"statementMap\":{},\"s\":{}}}");
        assert_ok(&err, read_text(&tm_format_istanbul, tm_buf_str(&text), &report, &err));
        assert_non_null(tm_report_find(&report, TM_STR("last.js")));
        check_same(&tm_format_istanbul, tm_buf_str(&text));
        /* Its errors stand where they stand. */
        text.data[text.len - 5 * TM_SOURCE_LINE_MAX / 6] = '\x01';
        check_same(&tm_format_istanbul, tm_buf_str(&text));
    }
}

static void a_last_section_may_be_cut(void **state)
{
    static const char *const ends[] = { "SF:x.c\nDA:1,1\n", "TN:\n",      "DA:1,1\n",
                                        "end_of_record\n",  "nonsense\n", "SF:x.c\nDA:1,1\nend_of_record",
                                        "\n\n# more\n" };

    for (size_t i = 0; i < TM_LEN(ends); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        uint32_t seed = 0;

        add_lcov(&text, FEW, &seed);
        assert_true(text.len > TM_PART_TEXT);
        tm_buf_adds(&text, ends[i]);
        check_same(&tm_format_lcov, tm_buf_str(&text));
    }
}

static int make_path(void **state)
{
    int fd = mkstemp(path);

    return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
    return unlink(path);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_say_what_the_whole_says),
        cmocka_unit_test(errors_in_parts_are_those_of_the_whole),
        cmocka_unit_test(an_entry_of_any_length_is_read),
        cmocka_unit_test(a_name_that_is_too_long_is_refused_in_a_part),
        cmocka_unit_test(a_text_of_any_length_is_read_over),
        cmocka_unit_test(a_last_section_may_be_cut),
    };

    return cmocka_run_group_tests(tests, make_path, remove_path);
}
