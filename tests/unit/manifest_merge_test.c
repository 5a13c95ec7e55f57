#include "test.h"

#include <sys/mman.h>
#include <unistd.h>

#include "catalog/observed.h"
#include "ledger/manifest_merge.h"
#include "ledger/spell.h"

#define M(desc, target, coverage, at)                                                                        \
    "{\n  \"name\": \"m\",\n  \"description\": \"" desc                                                      \
    "\",\n  \"testing\": {\n    \"coverage_target\": " target ",\n    \"coverage_observed\": " coverage      \
    ",\n    \"observed_at\": \"" at "\"\n  },\n  \"z\": 1.50\n}\n"
#define P(p50, p95)                                                                                          \
    "{\"name\": \"m\",\n \"performance\": {\"observed\": {\n \"latency_p50_ms\": " p50                       \
    ",\n \"latency_p95_ms\": " p95 "}}}\n"

/* Who is backed by the last entry: 'o', 't', or '-' for nobody; '!' when nobody may be asked. */
static const struct {
    const char *what, *base, *ours, *theirs;
    char last;
    enum tm_code code;
    const char *expected;
} cases[] = {
    { "nothing that both measured: a plain text merge", M("a", "80", "1", "A"), M("b", "80", "1", "A"),
      M("a", "80", "2", "B"), '!', TM_OK, M("b", "80", "2", "B") },
    { "both measured, theirs last", M("a", "80", "1", "A"), M("a", "80", "2", "B"), M("a", "80", "3", "C"),
      't', TM_OK, M("a", "80", "3", "C") },
    { "both measured, ours last", M("a", "80", "1", "A"), M("a", "80", "2", "B"), M("a", "80", "3", "C"), 'o',
      TM_OK, M("a", "80", "2", "B") },
    { "both measured and both edited elsewhere", M("a", "80", "1", "A"), M("b", "80", "2", "B"),
      M("a", "90", "3", "C"), 't', TM_OK, M("b", "90", "3", "C") },
    { "the same coverage at another time is a measurement as well", M("a", "80", "1", "A"),
      M("a", "80", "1", "B"), M("a", "80", "3", "C"), 'o', TM_OK, M("a", "80", "1", "B") },
    { "one side changed the time alone, the other the figure: no mixture", M("a", "80", "1", "A"),
      M("a", "80", "1", "B"), M("a", "80", "2", "A"), 't', TM_OK, M("a", "80", "2", "A") },
    { "a measurement beside a line that people changed", M("a", "80", "1", "A"), M("a", "85", "1", "A"),
      M("a", "80", "2", "B"), '!', TM_OK, M("a", "85", "2", "B") },
    { "both added the manifest", "", M("a", "80", "2", "B"), M("a", "80", "3", "C"), 't', TM_OK,
      M("a", "80", "3", "C") },
    { "benchmarks", P("1", "2"), P("3", "4"), P("5", "null"), 't', TM_OK, P("5", "null") },
    { "nobody is backed", M("a", "80", "1", "A"), M("a", "80", "2", "B"), M("a", "80", "3", "C"), '-',
      TM_E_NO,
      "{\n  \"name\": \"m\",\n  \"description\": \"a\",\n  \"testing\": {\n    \"coverage_target\": 80,\n"
      "<<<<<<< HEAD\n    \"coverage_observed\": 2,\n    \"observed_at\": \"B\"\n=======\n"
      "    \"coverage_observed\": 3,\n    \"observed_at\": \"C\"\n>>>>>>> topic\n  },\n  \"z\": 1.50\n}\n" },
    { "another conflict is left, with the observed fields settled", M("a", "80", "1", "A"),
      M("b", "80", "2", "B"), M("c", "80", "3", "C"), 'o', TM_E_NO,
      "{\n  \"name\": \"m\",\n<<<<<<< HEAD\n  \"description\": \"b\",\n=======\n  \"description\": \"c\",\n"
      ">>>>>>> topic\n  \"testing\": {\n    \"coverage_target\": 80,\n    \"coverage_observed\": 2,\n"
      "    \"observed_at\": \"B\"\n  },\n  \"z\": 1.50\n}\n" },
    { "what is no JSON is text", "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", '!', TM_OK, "A\nb\nC\n" },
    { "no JSON on one side", M("a", "80", "1", "A"), "x\n", M("a", "80", "1", "B"), '!', TM_E_NO, NULL },
    { "line ends and odd spacing stay",
      "{\"name\":\"m\",\r\n\"testing\":{ \"coverage_observed\" : 1.0,\r\n\"x\":1}}",
      "{\"name\":\"m\",\r\n\"testing\":{ \"coverage_observed\" : 2.0,\r\n\"x\":1}}",
      "{\"name\":\"m\",\r\n\"testing\":{ \"coverage_observed\" : 3.0,\r\n\"x\":1}}", 't', TM_OK,
      "{\"name\":\"m\",\r\n\"testing\":{ \"coverage_observed\" : 3.0,\r\n\"x\":1}}" },
};

static void find_fixed(void *ctx, unsigned group, struct tm_backed sides[2])
{
    const char *last = ctx;

    if (*last == '!')
        fail_msg("nobody had to be asked");
    for (int i = 0; i < 2 && *last != '-'; i++) {
        sides[i].found = true;
        sides[i].key.lc = (*last == 'o') == (i == 0) ? 9 : 5;
    }
}

static void observed_fields_are_settled_and_the_rest_is_a_text_merge(void **state)
{
    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_manifest_versions versions = {
            .path = "m/module.manifest.json",
            .base = tm_str(cases[i].base),
            .ours = tm_str(cases[i].ours),
            .theirs = tm_str(cases[i].theirs),
            .markers = { .ours = "HEAD", .theirs = "topic" },
        };
        char last = cases[i].last;
        enum tm_code code = tm_manifest_merge(&versions, find_fixed, &last, &out, &err);

        if (code != cases[i].code)
            fail_msg("%s: %s\n%s", cases[i].what, tm_err_msg(&err), out.data);
        if (cases[i].expected && strcmp(out.data, cases[i].expected) != 0)
            fail_msg("%s:\n%s", cases[i].what, out.data);
    }
}

static void markers_have_the_size_and_style_that_are_asked_for(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_manifest_versions versions = {
        .path = "m",
        .base = TM_STR("1\n"),
        .ours = TM_STR("2\n"),
        .theirs = TM_STR("3\n"),
        .markers = { NULL, NULL, NULL, 9, TM_GIT_STYLE_DIFF3 },
    };

    assert_fails(&err, TM_E_NO, tm_manifest_merge(&versions, find_fixed, NULL, &out, &err));
    assert_string_equal(out.data, "<<<<<<<<< ours\n2\n||||||||| base\n1\n=========\n3\n>>>>>>>>> theirs\n");
}

/* ---- What backs a side ---- */

struct ledger {
    struct tm_buf text;
    struct tm_hash last;
    uint64_t lc;
};

static void add(struct ledger *ledger, const char *kind, const char *module, int64_t ts_s, const char *body)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) run = TM_BUF_INIT;
    size_t at = ledger->text.len;

    tm_buf_addf(&run, "%032d.%llu", 1, (unsigned long long)++ledger->lc);
    struct tm_ledger_entry entry = {
        .log = TM_STR("00000000000000000000000000000001"),
        .lc = ledger->lc,
        .prev = &ledger->last,
        .n_prev = ledger->lc > 1,
        .run = tm_buf_str(&run),
        .ts_s = ts_s,
        .kind = tm_str(kind),
        .module = tm_str(module),
        .body = tm_str(body),
    };
    tm_ledger_spell(&entry, &ledger->text);
    ledger->last = tm_hash_of(tm_str_from(tm_buf_str(&ledger->text), at));
    tm_buf_addc(&ledger->text, '\n');
}

#define COVERAGE(covered, valid)                                                                             \
    "{\"evidence\":\"measured\",\"lines_covered\":" covered ",\"lines_valid\":" valid ",\"dirty\":false}"
#define BENCH(slowest, p95)                                                                                  \
    "{\"evidence\":\"measured\",\"benchmark\":\"b\",\"slowest\":" slowest ",\"samples\":9,\"p95_ns\":" p95   \
    ",\"env\":\"00000000000000aa\",\"dirty\":false}"
#define NOON "\"1970-01-01T12:00:00Z\""

enum { NOON_S = 43200 };

static void a_side_is_backed_by_the_entry_that_has_its_time_and_figures(void **state)
{
    static const struct {
        const char *manifest;
        unsigned group;
        uint64_t lc; /* of the entry that backs it; 0 for none */
    } sides[] = {
        { "{\"testing\":{\"coverage_observed\":66.67,\"observed_at\":" NOON "}}", TM_OBSERVED_COVERAGE, 2 },
        { "{\"testing\":{\"coverage_observed\":6.6670e1,\"observed_at\":\"1970-01-01T13:00:00+01:00\"}}",
          TM_OBSERVED_COVERAGE, 2 },
        { "{\"testing\":{\"coverage_observed\":66.6,\"observed_at\":" NOON "}}", TM_OBSERVED_COVERAGE, 0 },
        { "{\"testing\":{\"coverage_observed\":66.67}}", TM_OBSERVED_COVERAGE, 0 },
        { "{\"testing\":{\"coverage_observed\":66.67,\"observed_at\":\"1970-01-01T12:00:01Z\"}}",
          TM_OBSERVED_COVERAGE, 0 },
        { "{\"testing\":{\"coverage_observed\":null,\"observed_at\":" NOON "}}", TM_OBSERVED_COVERAGE, 4 },
        { "{\"testing\":{\"coverage_observed\":25.00,\"observed_at\":" NOON "}}", TM_OBSERVED_COVERAGE, 0 },
        { "{\"performance\":{\"observed\":{\"latency_p50_ms\":null,\"latency_p95_ms\":1.5,\"latency_p99_ms\":"
          "null,"
          "\"env_fingerprint\":\"00000000000000aa\",\"observed_at\":" NOON "}}}",
          TM_OBSERVED_BENCH, 5 },
        { "{\"performance\":{\"observed\":{\"latency_p95_ms\":1.5,\"env_fingerprint\":\"00000000000000ab\","
          "\"observed_at\":" NOON "}}}",
          TM_OBSERVED_BENCH, 0 },
        { "{\"performance\":{\"observed\":{\"latency_p95_ms\":0.5,\"env_fingerprint\":\"00000000000000aa\","
          "\"observed_at\":" NOON "}}}",
          TM_OBSERVED_BENCH, 0 },
    };
    struct ledger ledger = { .text = TM_BUF_INIT };
    int fd = memfd_create("ledger", MFD_CLOEXEC);

    add(&ledger, "genesis", "", 0, "{\"format\":\"tidemark-ledger/1\"}");
    add(&ledger, "coverage", "m", NOON_S, COVERAGE("2", "3"));
    add(&ledger, "coverage", "other", NOON_S, COVERAGE("1", "4"));
    add(&ledger, "coverage", "m", NOON_S, "{\"evidence\":\"no_data\",\"dirty\":false}");
    add(&ledger, "bench", "m", NOON_S, BENCH("true", "1500000"));
    add(&ledger, "bench", "m", NOON_S, BENCH("false", "500000"));
    assert_int_equal(tm_fd_write_all(fd, tm_buf_str(&ledger.text), NULL), TM_OK);
    for (size_t i = 0; i < TM_LEN(sides); i++) {
        struct tm_ledger_version version = { fd, ledger.text.len, TM_STR("ledger") };
        struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_backed side = { .module = TM_STR("m") };

        assert_ok(&err, tm_json_doc_parse(&doc, "m", tm_str(sides[i].manifest), &err));
        side.manifest = doc.root;
        assert_ok(&err, tm_backing_look(&version, sides[i].group, &side, 1, &err));
        if (side.found != (sides[i].lc > 0) || side.key.lc != sides[i].lc)
            fail_msg("%s: %llu", sides[i].manifest, (unsigned long long)side.key.lc);
    }
    close(fd);
    tm_buf_release(&ledger.text);
}

static void the_last_entry_wins_and_nothing_wins_over_none(void **state)
{
    struct tm_backed sides[2] = { { .found = false }, { .found = false } };

    assert_null(tm_backing_last(sides, 2));
    sides[1].found = true; /* an adopted line */
    assert_ptr_equal(tm_backing_last(sides, 2), &sides[1]);
    sides[0].found = true;
    sides[0].line = 1;
    assert_ptr_equal(tm_backing_last(sides, 2), &sides[0]);
    sides[1].key.lc = 2;
    assert_ptr_equal(tm_backing_last(sides, 2), &sides[1]);
    sides[0].key = (struct tm_ledger_key) { 2, { { 1 } } };
    assert_ptr_equal(tm_backing_last(sides, 2), &sides[0]);
}

TM_TESTS(cmocka_unit_test(observed_fields_are_settled_and_the_rest_is_a_text_merge),
         cmocka_unit_test(markers_have_the_size_and_style_that_are_asked_for),
         cmocka_unit_test(a_side_is_backed_by_the_entry_that_has_its_time_and_figures),
         cmocka_unit_test(the_last_entry_wins_and_nothing_wins_over_none))
