#include "test.h"

#include <sys/mman.h>
#include <unistd.h>

#include "ledger/piece.h"
#include "ledger/read.h"
#include "ledger/runs.h"
#include "ledger/spell.h"
#include "ledger/verify.h"

#define LOG    "0123456789abcdef0123456789abcdef"
#define DIGITS "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* A ledger in the making: entries that name each other by what they really hash to. */
struct maker {
    struct tm_buf text;
    struct tm_hash last;
    uint64_t n;
};

static void add_entry(struct maker *maker, const char *module)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) run = TM_BUF_INIT;
    size_t start = maker->text.len;
    bool first = maker->n == 0;

    tm_buf_addf(&run, DIGITS ".%llu", (unsigned long long)++maker->n);
    struct tm_ledger_entry entry = {
        .log = tm_str(LOG),
        .lc = maker->n,
        .prev = &maker->last,
        .n_prev = !first,
        .run = tm_buf_str(&run),
        .kind = tm_str(first ? "genesis" : "coverage"),
        .module = tm_str(first ? "" : module),
        .body = tm_str(first ? "{\"format\":\"tidemark-ledger/1\"}"
                             : "{\"evidence\":\"no_data\",\"dirty\":false}"),
    };

    tm_ledger_spell(&entry, &maker->text);
    maker->last = tm_hash_of(tm_str_from(tm_buf_str(&maker->text), start));
    tm_buf_addc(&maker->text, '\n');
}

static void add_entries(struct maker *maker, size_t n)
{
    while (n--)
        add_entry(maker, "tides");
}

static void verify(struct tm_str text, size_t stretch, struct tm_verified *out)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_verify_options options = { .stretch = stretch };
    int TM_CLEANUP(tm_closep) fd = memfd_create("ledger", MFD_CLOEXEC);
    bool shrunk = false;

    assert_ok(&err, tm_fd_write_all(fd, text, &err));
    assert_ok(&err, tm_verify_fd(fd, text.len, &options, out, &shrunk, &err));
    assert_false(shrunk);
}

/* "3:dangling 4:clock " */
static void assert_found(struct tm_str text, size_t stretch, const char *expected)
{
    struct tm_verified TM_CLEANUP(tm_verified_release) verified = TM_VERIFIED_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) found = TM_BUF_INIT;

    verify(text, stretch, &verified);
    for (size_t i = 0; i < verified.findings.n; i++)
        tm_buf_addf(&found, "%llu:%s ", (unsigned long long)verified.findings.items[i].line,
                    tm_ledger_flaw_code(verified.findings.items[i].flaw));
    assert_string_equal(found.data, expected);
}

static const size_t stretches[] = { 1, 2, 7, 100, 255, 256, 257, 1000, 4096, 0 };

static void what_is_found_does_not_depend_on_the_pieces(void **state)
{
    struct maker maker = { .text = TM_BUF_INIT };

    add_entries(&maker, 30);
    for (size_t i = 0; i < TM_LEN(stretches); i++)
        assert_found(tm_buf_str(&maker.text), stretches[i], "");
    tm_buf_adds(&maker.text, "\n\nx\n");
    for (size_t i = 0; i < TM_LEN(stretches); i++)
        assert_found(tm_buf_str(&maker.text), stretches[i], "31:blank 32:blank 33:syntax ");
    tm_buf_adds(&maker.text, "{\"v\":1");
    for (size_t i = 0; i < TM_LEN(stretches); i++)
        assert_found(tm_buf_str(&maker.text), stretches[i], "31:blank 32:blank 33:syntax 34:torn ");
    tm_buf_release(&maker.text);
}

static void add_long_line(struct tm_buf *text, size_t len)
{
    memset(tm_buf_reserve(text, len), 'x', len);
    text->len += len;
    text->data[text->len] = '\0';
}

static void lines_that_are_too_long_are_found_across_pieces(void **state)
{
    static const size_t lengths[] = { TM_LEDGER_LINE_MAX + 1, TM_PIECE_STRETCH, TM_PIECE_STRETCH * 3 + 5 };
    static const size_t some[] = { 1000, 4096, TM_PIECE_STRETCH };

    for (size_t i = 0; i < TM_LEN(lengths); i++) {
        struct maker maker = { .text = TM_BUF_INIT };

        add_entries(&maker, 3);
        add_long_line(&maker.text, lengths[i]);
        for (size_t k = 0; k < TM_LEN(some); k++)
            assert_found(tm_buf_str(&maker.text), some[k], "4:torn ");
        tm_buf_adds(&maker.text, "\n");
        for (size_t k = 0; k < TM_LEN(some); k++)
            assert_found(tm_buf_str(&maker.text), some[k], "4:too-long ");
        add_entries(&maker, 3);
        tm_buf_adds(&maker.text, "\n");
        for (size_t k = 0; k < TM_LEN(some); k++)
            assert_found(tm_buf_str(&maker.text), some[k], "4:too-long 8:blank ");
        tm_buf_release(&maker.text);
    }
}

static void a_line_of_the_greatest_length_is_fine_in_any_piece(void **state)
{
    struct maker maker = { .text = TM_BUF_INIT };
    struct tm_buf module = TM_BUF_INIT;
    size_t before, frame;

    add_entries(&maker, 2);
    before = maker.text.len;
    add_entry(&maker, "");
    frame = maker.text.len - before - 1;
    add_long_line(&module, TM_LEDGER_LINE_MAX - frame);
    add_entry(&maker, module.data);
    add_entries(&maker, 2);
    assert_found(tm_buf_str(&maker.text), 1000, "");
    assert_found(tm_buf_str(&maker.text), 0, "");
    tm_buf_release(&maker.text);
    tm_buf_release(&module);
}

static void the_state_is_the_one_that_the_reader_gives(void **state)
{
    struct tm_verified TM_CLEANUP(tm_verified_release) verified = TM_VERIFIED_INIT;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) read = { 0 };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct maker maker = { .text = TM_BUF_INIT };
    int TM_CLEANUP(tm_closep) fd = memfd_create("ledger", MFD_CLOEXEC);

    add_entries(&maker, 2000);
    verify(tm_buf_str(&maker.text), 0, &verified);
    assert_ok(&err, tm_fd_write_all(fd, tm_buf_str(&maker.text), &err));
    assert_ok(&err,
              tm_ledger_read_fd(fd, maker.text.len, TM_STR("x"), TM_READ_IDS, NULL, NULL, &read, NULL, &err));
    assert_int_equal(verified.state.entries, 2000);
    assert_int_equal(verified.state.entries, read.entries);
    assert_int_equal(verified.state.lines, read.lines);
    assert_int_equal(verified.state.bytes, read.bytes);
    assert_int_equal(verified.state.max_lc, read.max_lc);
    assert_int_equal(verified.state.n_heads, 1);
    assert_memory_equal(&verified.state.heads[0], &read.heads[0], sizeof(read.heads[0]));
    assert_string_equal(verified.state.log, read.log);
    tm_buf_release(&maker.text);
}

static void a_file_that_became_shorter_is_no_finding(void **state)
{
    struct tm_verified TM_CLEANUP(tm_verified_release) verified = TM_VERIFIED_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_verify_options options = { .stretch = 100 };
    struct maker maker = { .text = TM_BUF_INIT };
    int TM_CLEANUP(tm_closep) fd = memfd_create("ledger", MFD_CLOEXEC);
    bool shrunk = false;

    add_entries(&maker, 20);
    assert_ok(&err, tm_fd_write_all(fd, tm_buf_str(&maker.text), &err));
    assert_int_equal(ftruncate(fd, (off_t)maker.text.len - 30), 0);
    assert_ok(&err, tm_verify_fd(fd, maker.text.len, &options, &verified, &shrunk, &err));
    assert_true(shrunk);
    tm_buf_release(&maker.text);
}

static void findings_are_counted_and_the_first_of_each_code_kept(void **state)
{
    struct tm_ledger_findings TM_CLEANUP(tm_ledger_findings_release) findings = TM_LEDGER_FINDINGS_INIT;

    for (uint64_t line = 1000; line > 0; line--)
        tm_ledger_findings_add(&findings, TM_FLAW_DANGLING, line, NULL, "%llu", (unsigned long long)line);
    for (uint64_t line = 1; line <= 1000; line++)
        tm_ledger_findings_add(&findings, TM_FLAW_DUPLICATE, line, NULL, NULL);
    tm_ledger_findings_sort(&findings);
    assert_int_equal(tm_ledger_findings_errors(&findings), 1000);
    assert_int_equal(tm_ledger_findings_warnings(&findings), 1000);
    assert_int_equal(findings.n, 2 * TM_LEDGER_FINDINGS_KEPT);
    for (size_t i = 0; i < TM_LEDGER_FINDINGS_KEPT; i++) {
        char detail[8];

        snprintf(detail, sizeof(detail), "%zu", i + 1);
        assert_int_equal(findings.items[2 * i].line, i + 1);
        assert_int_equal(findings.items[2 * i].flaw, TM_FLAW_DANGLING);
        assert_string_equal(findings.items[2 * i].detail, detail);
        assert_int_equal(findings.items[2 * i + 1].line, i + 1);
    }
}

static void runs_are_known_again_in_whatever_order_they_came(void **state)
{
    static const struct {
        const char *run;
        bool is_new;
    } cases[] = {
        { DIGITS ".5", true },
        { DIGITS ".6", true },
        { DIGITS ".6", false },
        { "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.5", true },
        { DIGITS ".3", true },
        { DIGITS ".3", false },
        { DIGITS ".8", true },
        { DIGITS ".7", true },
        { DIGITS ".8", false },
        { DIGITS ".7", false },
        { DIGITS ".9007199254740991", true },
        { DIGITS ".9", true },
        { DIGITS ".5", false },
        { DIGITS ".9007199254740991", false },
    };
    struct tm_runs TM_CLEANUP(tm_runs_release) runs = TM_RUNS_INIT;

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        if (tm_runs_add(&runs, tm_str(cases[i].run)) != cases[i].is_new)
            fail_msg("%s, case %zu", cases[i].run, i);
    }
}

TM_TESTS(cmocka_unit_test(what_is_found_does_not_depend_on_the_pieces),
         cmocka_unit_test(lines_that_are_too_long_are_found_across_pieces),
         cmocka_unit_test(a_line_of_the_greatest_length_is_fine_in_any_piece),
         cmocka_unit_test(the_state_is_the_one_that_the_reader_gives),
         cmocka_unit_test(a_file_that_became_shorter_is_no_finding),
         cmocka_unit_test(findings_are_counted_and_the_first_of_each_code_kept),
         cmocka_unit_test(runs_are_known_again_in_whatever_order_they_came))
