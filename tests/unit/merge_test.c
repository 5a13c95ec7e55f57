/*
 * The union of versions of a ledger: directed cases, and random histories held against a reference that knows
 * nothing of files: the set of what the versions have, sorted. TM_TEST_HISTORIES sets how many, TM_TEST_SEED
 * where they start; a failure names its seed.
 */
#include "test.h"

#include <sys/mman.h>
#include <unistd.h>

#include "ledger/merge.h"
#include "ledger/leaves.h"
#include "ledger/parse.h"
#include "ledger/read.h"
#include "ledger/spell.h"

enum { ENTRIES_MAX = 64, VERSIONS_MAX = 12 };

/* Entries of one ledger, made in memory; a version is a set of them, a bit for each. */
struct history {
    uint64_t seed, random;
    char log[TM_LEDGER_LOG_HEX + 1];
    struct tm_buf lines[ENTRIES_MAX]; /* without LF */
    struct tm_ledger_key keys[ENTRIES_MAX];
    uint64_t parents[ENTRIES_MAX];
    size_t n;
    uint64_t versions[VERSIONS_MAX];
    size_t n_versions;
};

static uint64_t next(struct history *h, uint64_t below)
{
    h->random = h->random * 6364136223846793005U + 1442695040888963407U;
    return (h->random >> 33) % below;
}

static void history_release(struct history *h)
{
    for (size_t i = 0; i < h->n; i++)
        tm_buf_release(&h->lines[i]);
}

static uint64_t heads_of(const struct history *h, uint64_t version)
{
    uint64_t heads = version;

    for (size_t i = 0; i < h->n; i++)
        if (version >> i & 1)
            heads &= ~h->parents[i];
    return heads;
}

static int by_id(const void *a, const void *b)
{
    return tm_hash_cmp(a, b);
}

/* A new entry behind the heads of a version; the first one is the genesis. Returns its bit. */
static uint64_t append(struct history *h, uint64_t version)
{
    uint64_t heads = heads_of(h, version), lc = 0;
    struct tm_hash prev[ENTRIES_MAX];
    size_t at = h->n, n_prev = 0;
    char run[TM_LEDGER_RUN_HEX + 32];

    for (size_t i = 0; i < h->n; i++) {
        if (!(heads >> i & 1))
            continue;
        prev[n_prev++] = h->keys[i].id;
        lc = TM_MAX(lc, h->keys[i].lc);
    }
    if (n_prev)
        qsort(prev, n_prev, sizeof(*prev), by_id);
    snprintf(run, sizeof(run), "%032llx.%zu", (unsigned long long)next(h, 1 << 30), at + 1);
    struct tm_ledger_entry entry = {
        .log = tm_str(h->log),
        .lc = lc + 1,
        .prev = prev,
        .n_prev = n_prev,
        .run = tm_str(run),
        .ts_s = (int64_t)next(h, 1 << 30),
        .kind = n_prev ? TM_STR("coverage") : TM_STR("genesis"),
        .module = n_prev ? TM_STR("m") : TM_STR(""),
        .body = n_prev ? TM_STR("{\"evidence\":\"no_data\",\"dirty\":false}")
                       : TM_STR("{\"format\":\"" TM_LEDGER_FORMAT "\"}"),
    };
    assert_true(at < ENTRIES_MAX);
    h->lines[at] = TM_BUF_INIT;
    tm_ledger_spell(&entry, &h->lines[at]);
    h->keys[at] = (struct tm_ledger_key) { lc + 1, tm_hash_of(tm_buf_str(&h->lines[at])) };
    h->parents[at] = heads;
    h->n++;
    return UINT64_C(1) << at;
}

/* Branches that append and merge as they like. */
static void grow(struct history *h)
{
    size_t steps = 4 + next(h, 40);

    h->versions[h->n_versions++] = append(h, 0);
    for (size_t i = 0; i < steps && h->n < ENTRIES_MAX; i++) {
        size_t from = next(h, h->n_versions), other = next(h, h->n_versions);

        switch (next(h, 4)) {
        case 0: /* a branch */
            if (h->n_versions < VERSIONS_MAX)
                h->versions[h->n_versions++] = h->versions[from];
            break;
        case 1: /* a merge, or a rebase: for the ledger the same */
            h->versions[from] |= h->versions[other];
            break;
        default:
            h->versions[from] |= append(h, h->versions[from]);
        }
    }
}

static void history_init(struct history *h, uint64_t seed)
{
    *h = (struct history) { .seed = seed, .random = seed };
    snprintf(h->log, sizeof(h->log), "%032llx", (unsigned long long)seed);
}

/* The lines of a version in ledger order: what a union must be. The slow and plain way. */
static void expect(const struct history *h, uint64_t version, struct tm_buf *out)
{
    const struct tm_ledger_key *last = NULL;

    tm_buf_clear(out);
    for (;;) {
        size_t least = SIZE_MAX;

        for (size_t i = 0; i < h->n; i++)
            if (version >> i & 1 && (!last || tm_ledger_key_cmp(&h->keys[i], last) > 0) &&
                (least == SIZE_MAX || tm_ledger_key_cmp(&h->keys[i], &h->keys[least]) < 0))
                least = i;
        if (least == SIZE_MAX)
            return;
        tm_buf_add_str(out, tm_buf_str(&h->lines[least]));
        tm_buf_addc(out, '\n');
        last = &h->keys[least];
    }
}

/* The lines of a version in any order, some of them twice, as text merges leave them. */
static void scramble(struct history *h, uint64_t version, struct tm_buf *out)
{
    size_t order[2 * ENTRIES_MAX], n = 0;

    for (size_t i = 0; i < h->n; i++)
        for (size_t k = 0; version >> i & 1 && k < 1 + (next(h, 8) == 0); k++)
            order[n++] = i;
    for (size_t i = n; i > 1; i--) {
        size_t k = next(h, i), swapped = order[i - 1];

        order[i - 1] = order[k];
        order[k] = swapped;
    }
    tm_buf_clear(out);
    for (size_t i = 0; i < n; i++) {
        tm_buf_add_str(out, tm_buf_str(&h->lines[order[i]]));
        tm_buf_addc(out, '\n');
    }
}

static struct tm_ledger_version version_of(const struct tm_buf *text, const char *name)
{
    int fd = memfd_create(name, MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(tm_fd_write_all(fd, tm_buf_str(text), NULL), TM_OK);
    return (struct tm_ledger_version) { fd, text->len, tm_str(name) };
}

/* What the union of three texts is written as; fails like it. */
static enum tm_code unite(const struct tm_buf *base, const struct tm_buf *ours, const struct tm_buf *theirs,
                          struct tm_buf *out, bool *is_ours, struct tm_err *err)
{
    struct tm_ledger_version versions[] = { version_of(base, "base"), version_of(ours, "ours"),
                                            version_of(theirs, "theirs") };
    struct tm_ledger_union TM_CLEANUP(tm_ledger_union_release) all = TM_LEDGER_UNION_INIT;
    int fd = memfd_create("out", MFD_CLOEXEC);
    enum tm_code code = tm_ledger_union_make(&all, versions, TM_LEN(versions), err);

    if (!code) {
        *is_ours = tm_ledger_union_is(&all, 1);
        assert_ok(err, tm_ledger_union_write(&all, fd, err));
        assert_true(lseek(fd, 0, SEEK_SET) == 0);
        assert_ok(err, tm_fd_read_all(fd, 64 << 20, out, err));
    }
    close(fd);
    for (size_t i = 0; i < TM_LEN(versions); i++)
        close(versions[i].fd);
    return code;
}

static void assert_same(const struct history *h, const struct tm_buf *got, const struct tm_buf *expected)
{
    if (strcmp(got->data, expected->data) != 0)
        fail_msg("seed %llu: got\n%sexpected\n%s", (unsigned long long)h->seed, got->data, expected->data);
}

static void merge_one(struct history *h)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) base = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) ours = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) theirs = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) other_way = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    uint64_t a = h->versions[next(h, h->n_versions)], b = h->versions[next(h, h->n_versions)];
    /* The base of a cherry-pick is any version; none when both sides added the file. */
    uint64_t o = next(h, 4) ? h->versions[next(h, h->n_versions)] : 0;
    bool is_ours = false, dummy;

    if (next(h, 2))
        scramble(h, a, &ours);
    else
        expect(h, a, &ours);
    scramble(h, b, &theirs);
    expect(h, o, &base);
    expect(h, o | a | b, &expected);
    assert_ok(&err, unite(&base, &ours, &theirs, &got, &is_ours, &err));
    assert_same(h, &got, &expected);
    assert_int_equal(is_ours, strcmp(ours.data, expected.data) == 0);
    assert_ok(&err, unite(&base, &theirs, &ours, &other_way, &dummy, &err));
    assert_same(h, &other_way, &expected);
}

static void unions_of_random_histories_are_those_of_the_reference(void **state)
{
    const char *count = getenv("TM_TEST_HISTORIES"), *first = getenv("TM_TEST_SEED");
    uint64_t n = 1000, start = 1;

    if (count && !tm_str_u64(tm_str(count), &n))
        fail();
    if (first && !tm_str_u64(tm_str(first), &start))
        fail();
    for (uint64_t seed = start; seed < start + n; seed++) {
        struct history TM_CLEANUP(history_release) h;

        history_init(&h, seed);
        grow(&h);
        for (int i = 0; i < 4; i++)
            merge_one(&h);
    }
}

/* "o", "a", "b" each a chain behind the same genesis. */
struct fork {
    struct history h;
    uint64_t o, a, b;
    struct tm_buf base, ours, theirs, got;
    struct tm_err err;
    bool is_ours;
};

static int set_up(void **state)
{
    struct fork *f = tm_alloc(sizeof(*f));

    history_init(&f->h, 7);
    f->o = append(&f->h, 0);
    f->o |= append(&f->h, f->o);
    f->a = f->o | append(&f->h, f->o);
    f->b = f->o | append(&f->h, f->o);
    f->b |= append(&f->h, f->b);
    f->base = f->ours = f->theirs = f->got = TM_BUF_INIT;
    f->err = TM_ERR_INIT;
    f->is_ours = false;
    expect(&f->h, f->o, &f->base);
    expect(&f->h, f->a, &f->ours);
    expect(&f->h, f->b, &f->theirs);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fork *f = *state;

    history_release(&f->h);
    tm_buf_release(&f->base);
    tm_buf_release(&f->ours);
    tm_buf_release(&f->theirs);
    tm_buf_release(&f->got);
    tm_err_release(&f->err);
    free(f);
    return 0;
}

static enum tm_code join(struct fork *f)
{
    return unite(&f->base, &f->ours, &f->theirs, &f->got, &f->is_ours, &f->err);
}

static void assert_refused(struct fork *f, enum tm_code code, const char *words)
{
    assert_fails(&f->err, code, join(f));
    if (!strstr(f->err.msg, words))
        fail_msg("'%s' is not in: %s", words, f->err.msg);
}

static void put(struct tm_buf *buf, const char *text)
{
    tm_buf_clear(buf);
    tm_buf_adds(buf, text);
}

static void a_line_that_only_the_base_has_is_kept(void **state)
{
    struct fork *f = *state;
    uint64_t genesis = 1;

    expect(&f->h, genesis, &f->ours);
    expect(&f->h, genesis, &f->theirs);
    expect(&f->h, f->b, &f->base);
    assert_ok(&f->err, join(f));
    assert_string_equal(f->got.data, f->base.data);
}

static void an_empty_version_takes_nothing_away(void **state)
{
    struct fork *f = *state;

    put(&f->ours, "");
    assert_ok(&f->err, join(f));
    assert_string_equal(f->got.data, f->theirs.data);
    assert_false(f->is_ours);
    put(&f->theirs, "");
    put(&f->base, "");
    assert_ok(&f->err, join(f));
    assert_string_equal(f->got.data, "");
    assert_true(f->is_ours);
}

static void a_version_without_its_last_line_feed_is_refused(void **state)
{
    struct fork *f = *state;

    tm_buf_truncate(&f->theirs, f->theirs.len - 1);
    assert_refused(f, TM_E_FORMAT, "the last line has no line feed at line 4 of 'theirs'");
}

static void what_is_no_ledger_is_refused_and_named(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        { "hello\n", "neither an entry nor a JSON object at line 1 of 'ours'" },
        { "\n{}\n<<<<<<< HEAD\n", "conflict marker of an unfinished merge at line 3 of 'ours'" },
        { "[1]\n", "neither an entry nor a JSON object" },
    };
    struct fork *f = *state;

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        put(&f->ours, cases[i].text);
        assert_refused(f, TM_E_FORMAT, cases[i].words);
    }
    /* A line taken out of the middle dangles. */
    expect(&f->h, f->b & ~(f->o & ~UINT64_C(1)), &f->ours);
    assert_refused(f, TM_E_FORMAT, "prev names an entry that is not there");
}

static void ledgers_that_were_begun_twice_are_refused(void **state)
{
    struct fork *f = *state;
    struct history TM_CLEANUP(history_release) other;

    history_init(&other, 8);
    expect(&other, append(&other, 0), &f->theirs);
    put(&f->base, "");
    assert_refused(f, TM_E_REFUSED, "'ours' and 'theirs' were begun separately");
}

static void a_second_genesis_of_the_same_log_is_refused(void **state)
{
    struct fork *f = *state;
    struct history TM_CLEANUP(history_release) other;

    history_init(&other, 7);
    other.random = 99;
    expect(&other, append(&other, 0), &f->theirs);
    put(&f->base, "");
    assert_refused(f, TM_E_REFUSED, "second genesis in '");
}

/* A ledger that adopted `prefix`. */
static void adopt(struct tm_buf *out, const char *prefix, size_t lines)
{
    struct tm_hash hash = tm_hash_of(tm_str(prefix));
    struct tm_buf TM_CLEANUP(tm_buf_release) body = TM_BUF_INIT;
    struct tm_ledger_entry genesis = {
        .log = TM_STR("00000000000000000000000000000001"),
        .lc = 1,
        .run = TM_STR("00000000000000000000000000000002.1"),
        .kind = TM_STR("genesis"),
        .module = TM_STR(""),
    };

    tm_buf_addf(&body,
                "{\"format\":\"" TM_LEDGER_FORMAT "\",\"adopted\":{\"lines\":%zu,\"bytes\":%zu,\"sha256\":\"",
                lines, strlen(prefix));
    tm_hash_add_hex(&body, &hash);
    tm_buf_adds(&body, "\"}}");
    genesis.body = tm_buf_str(&body);
    put(out, prefix);
    tm_ledger_spell(&genesis, out);
    tm_buf_addc(out, '\n');
}

static void adopted_lines_are_kept_in_front_as_they_stand(void **state)
{
    struct fork *f = *state;

    adopt(&f->ours, "{\"b\": 2}\n\n{\"a\":1}\n", 3);
    adopt(&f->theirs, "{\"b\": 2}\n\n{\"a\":1}\n", 3);
    put(&f->base, "{\"b\": 2}\n");
    assert_ok(&f->err, join(f));
    assert_string_equal(f->got.data, f->ours.data);
    assert_true(f->is_ours);
}

static void adopted_lines_that_differ_are_refused(void **state)
{
    struct fork *f = *state;

    /* A branch that went on writing unchained lines behind what the other one adopted. */
    adopt(&f->ours, "{\"a\":1}\n", 1);
    put(&f->base, "{\"a\":1}\n");
    put(&f->theirs, "{\"a\":1}\n{\"a\":2}\n");
    assert_refused(f, TM_E_REFUSED, "the lines before the first entry differ between 'ours' and 'theirs'");
    put(&f->theirs, "{\"a\":2}\n");
    assert_refused(f, TM_E_REFUSED, "the lines before the first entry differ");
}

static void versions_without_entries_join_when_one_continues_the_other(void **state)
{
    struct fork *f = *state;

    put(&f->base, "");
    put(&f->ours, "{\"a\":1}\n");
    put(&f->theirs, "{\"a\":1}\n{\"a\":2}\n");
    assert_ok(&f->err, join(f));
    assert_string_equal(f->got.data, f->theirs.data);
    put(&f->ours, "{\"a\":1}\n{\"a\":3}\n");
    assert_refused(f, TM_E_REFUSED, "the lines before the first entry differ");
}

static void a_long_ledger_is_written_in_one_piece_too(void **state)
{
    /* Longer than the block that is copied at once, in both parts. */
    struct fork *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) prefix = TM_BUF_INIT;
    size_t lines = 0;

    for (; prefix.len < (3 << 20); lines++)
        tm_buf_addf(&prefix, "{\"n\":%zu,\"pad\":\"%060d\"}\n", lines, 0);
    adopt(&f->theirs, prefix.data, lines);
    put(&f->base, "");
    put(&f->ours, "");
    assert_ok(&f->err, join(f));
    assert_int_equal(f->got.len, f->theirs.len);
    assert_memory_equal(f->got.data, f->theirs.data, f->got.len);
}

/* The root over all entries that a text has. */
static struct tm_hash root_of(const struct tm_buf *text)
{
    char dir[] = "/tmp/tm-merge-XXXXXX";
    struct tm_root TM_CLEANUP(tm_root_close) root = TM_ROOT_INIT;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };
    struct tm_ledger_file file = { &root, TM_STR("l"), NULL, NULL };
    struct tm_ledger_heads heads;
    struct tm_hash hash;

    assert_non_null(mkdtemp(dir));
    assert_int_equal(tm_root_open(&root, dir, NULL), TM_OK);
    assert_int_equal(tm_root_replace(&root, TM_STR("l"), tm_buf_str(text), NULL, NULL), TM_OK);
    assert_int_equal(tm_ledger_read(&file, NULL, NULL, &state, NULL), TM_OK);
    heads = (struct tm_ledger_heads) { state.heads, state.n_heads };
    assert_int_equal(tm_ledger_root(&file, &heads, 1, &hash, NULL), TM_OK);
    assert_int_equal(tm_root_unlink(&root, TM_STR("l"), NULL), TM_OK);
    assert_int_equal(rmdir(dir), 0);
    return hash;
}

static void the_root_is_the_same_whatever_the_direction(void **state)
{
    struct fork *f = *state;
    struct tm_hash one, two;

    assert_ok(&f->err, join(f));
    one = root_of(&f->got);
    assert_ok(&f->err, unite(&f->base, &f->theirs, &f->ours, &f->got, &f->is_ours, &f->err));
    two = root_of(&f->got);
    assert_int_equal(tm_hash_cmp(&one, &two), 0);
    two = root_of(&f->ours);
    assert_int_not_equal(tm_hash_cmp(&one, &two), 0);
}

#define FORK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TM_TESTS(cmocka_unit_test(unions_of_random_histories_are_those_of_the_reference),
         FORK_TEST(a_line_that_only_the_base_has_is_kept), FORK_TEST(an_empty_version_takes_nothing_away),
         FORK_TEST(a_version_without_its_last_line_feed_is_refused),
         FORK_TEST(what_is_no_ledger_is_refused_and_named),
         FORK_TEST(ledgers_that_were_begun_twice_are_refused),
         FORK_TEST(a_second_genesis_of_the_same_log_is_refused),
         FORK_TEST(adopted_lines_are_kept_in_front_as_they_stand),
         FORK_TEST(adopted_lines_that_differ_are_refused),
         FORK_TEST(versions_without_entries_join_when_one_continues_the_other),
         FORK_TEST(a_long_ledger_is_written_in_one_piece_too),
         FORK_TEST(the_root_is_the_same_whatever_the_direction))
