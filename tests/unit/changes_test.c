/*
 * Ranges, and lines followed through hunks: for random edits of a file whose lines are all different, where
 * each line went is known.
 */
#include "coverage/changes.h"

#include "git_fixture.h"

static uint64_t seed;

static uint32_t random_below(uint32_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % n;
}

static void ranges_are_told_from_paths(void **state)
{
    static const char *const ranges[] = { "main...HEAD", "main..topic", "main...",
                                          "...topic",    "v1..",        "a/b...c/d" };
    static const char *const paths[] = {
        "../report.info", "a/../b.info", "..", "...", "report.info", "", "x/.."
    };

    (void)state;
    for (size_t i = 0; i < TM_LEN(ranges); i++)
        assert_true(tm_changes_is_range(tm_str(ranges[i])));
    for (size_t i = 0; i < TM_LEN(paths); i++)
        assert_false(tm_changes_is_range(tm_str(paths[i])));
}

enum { LINES = 60 };

/* The number that each old line has afterwards, 0 when it is gone; numbers of lines before and after. */
struct edit {
    uint32_t now[LINES + 1], was[3 * LINES + 2];
    uint32_t n_before, n_after;
};

static void make_edit(struct edit *edit, FILE *before, FILE *after)
{
    uint32_t fresh = 0;

    *edit = (struct edit) { .n_before = random_below(LINES) };
    for (uint32_t line = 1; line <= edit->n_before; line++) {
        fprintf(before, "old %u\n", line);
        for (uint32_t i = random_below(6) == 0 ? random_below(3) : 0; i > 0; i--) {
            edit->n_after++;
            fprintf(after, "new %u\n", fresh++);
        }
        if (random_below(6) == 0)
            continue;
        fprintf(after, "old %u\n", line);
        edit->now[line] = ++edit->n_after;
        edit->was[edit->n_after] = line;
    }
}

static void check_edit(const struct edit *edit, const struct tm_git_delta *change)
{
    struct tm_linemap old = tm_linemap_to_old(change), new = tm_linemap_to_new(change);
    uint32_t other;

    for (uint32_t line = 1; line <= edit->n_before; line++) {
        if (tm_linemap_next(&new, line, &other) != (edit->now[line] != 0))
            fail_msg("seed %llu: old line %u", (unsigned long long)seed, line);
        if (edit->now[line])
            assert_int_equal(other, edit->now[line]);
    }
    for (uint32_t line = 1; line <= edit->n_after; line++) {
        if (tm_linemap_next(&old, line, &other) != (edit->was[line] != 0))
            fail_msg("seed %llu: new line %u", (unsigned long long)seed, line);
        if (edit->was[line])
            assert_int_equal(other, edit->was[line]);
    }
}

static void lines_are_followed_both_ways_through_random_edits(void **state)
{
    struct fixture *f = *state;
    struct edit *edits = tm_alloc_array(200, sizeof(*edits));
    struct tm_changes TM_CLEANUP(tm_changes_release) changes = TM_CHANGES_INIT;
    const struct tm_changes_request request = { .base = "HEAD" };

    sandbox_run(&f->box, NULL, "mkdir -p r/e after");
    for (uint32_t i = 0; i < 200; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
        FILE *before, *after;

        seed = i;
        tm_buf_addf(&name, "%s/r/e/%u", f->box.dir, i);
        before = fopen(name.data, "w");
        tm_buf_clear(&name);
        tm_buf_addf(&name, "%s/after/%u", f->box.dir, i);
        after = fopen(name.data, "w");
        make_edit(&edits[i], before, after);
        assert_int_equal(fclose(before) | fclose(after), 0);
    }
    sandbox_run(&f->box, NULL, "cd r; git add .; git commit -qm before; cp ../after/* e/");
    assert_ok(&f->err, tm_changes_load(&changes, f->git, &request, &f->err));
    for (uint32_t i = 0; i < 200; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;

        seed = i;
        tm_buf_addf(&name, "e/%u", i);
        check_edit(&edits[i], tm_changes_of_new(&changes, tm_buf_str(&name)));
    }
    free(edits);
}

static void a_file_without_a_change_keeps_its_lines(void **state)
{
    struct tm_linemap map = tm_linemap_to_old(NULL);
    uint32_t other;

    (void)state;
    assert_true(tm_linemap_next(&map, 1, &other));
    assert_int_equal(other, 1);
    assert_true(tm_linemap_next(&map, 16777215, &other));
    assert_int_equal(other, 16777215);
}

static void load(struct fixture *f, struct tm_changes *changes, const char *range)
{
    const struct tm_changes_request request = { .range = tm_str(range) };

    assert_ok(&f->err, tm_changes_load(changes, f->git, &request, &f->err));
}

static void three_dots_are_from_where_they_part_two_are_as_they_are(void **state)
{
    struct fixture *f = *state;
    struct tm_changes changes = TM_CHANGES_INIT;

    sandbox_run(&f->box, NULL,
                "cd r; git checkout -q -b topic; echo t >>a.txt; git commit -qam topic; git checkout -q main;"
                "echo m >>dir/b.txt; git commit -qam main; git checkout -q topic");
    load(f, &changes, "main...topic");
    assert_true(changes.merge_base);
    assert_int_equal(changes.n, 1);
    tm_changes_release(&changes);
    load(f, &changes, "main..");
    assert_false(changes.merge_base);
    assert_int_equal(changes.n, 2);
    tm_changes_release(&changes);
    /* All that HEAD has, as against nothing. */
    load(f, &changes, "4b825dc642cb6eb9a060e54bf8d69288fbee4904...");
    assert_int_equal(changes.n, 2);
    assert_int_equal(changes.items[0].what, 'A');
    tm_changes_release(&changes);
}

static void what_cannot_be_a_range(void **state)
{
    struct fixture *f = *state;
    struct tm_changes TM_CLEANUP(tm_changes_release) changes = TM_CHANGES_INIT;
    struct tm_changes_request request = { .range = TM_STR("nowhere...HEAD") };

    assert_fails(&f->err, TM_E_NOT_FOUND, tm_changes_load(&changes, f->git, &request, &f->err));
    request.range = TM_STR("HEAD..4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    assert_fails(&f->err, TM_E_USAGE, tm_changes_load(&changes, f->git, &request, &f->err));
    request.range = TM_STR("HEAD");
    assert_fails(&f->err, TM_E_USAGE, tm_changes_load(&changes, f->git, &request, &f->err));
}

static void before_the_first_commit_all_is_added(void **state)
{
    struct fixture *f = *state;
    struct tm_changes TM_CLEANUP(tm_changes_release) changes = TM_CHANGES_INIT;
    const struct tm_changes_request request = { .base = NULL };

    sandbox_run(&f->box, NULL, "git init -q fresh; echo x >fresh/x");
    open_at(f, "fresh");
    assert_ok(&f->err, tm_changes_load(&changes, f->git, &request, &f->err));
    assert_int_equal(changes.n, 1);
    assert_int_equal(changes.items[0].what, 'A');
    assert_int_equal(changes.items[0].hunks[0].new_lines, 1);
}

TM_TESTS(cmocka_unit_test(ranges_are_told_from_paths),
         GIT_TEST(lines_are_followed_both_ways_through_random_edits),
         cmocka_unit_test(a_file_without_a_change_keeps_its_lines),
         GIT_TEST(three_dots_are_from_where_they_part_two_are_as_they_are), GIT_TEST(what_cannot_be_a_range),
         GIT_TEST(before_the_first_commit_all_is_added))
