/* Ranges and differences of random histories, against what git says of them. */
#include "repo/history.h"
#include "git_fixture.h"
#include "repo/tree_diff.h"

/*
 * Forty commits on top of the first, one tag for each: some on another branch, some merges of two or three,
 * with clocks that go back at times. `files` are changed, made and removed at random.
 */
static const char random_history[] =
    "cd r; GIT_COMMITTER_DATE='1600000000 +0000' git commit -q --amend --no-edit; git tag t0; seed=$SEED;"
    "next() { seed=$(((seed * 1103515245 + 12345) % 2147483648)); r=$((seed / 65536 % $1)); };"
    "for i in $(seq 40); do next 1000; export GIT_COMMITTER_DATE=\"$((1700000000 + i * 300 - r)) +0000\";"
    "next 4; test $r != 0 || { next $i; git checkout -q --detach t$r; };"
    "amend=; before=$(git rev-parse HEAD); next 3;"
    "test $r != 0 || { next $i; a=$r; next $i; git merge -q -s ours --no-edit t$a t$r >/dev/null 2>&1 || :; "
    "};"
    "test $before = $(git rev-parse HEAD) || amend=--amend;"
    "for k in 1 2; do next 5; d=d$r; mkdir -p $d; next 3; echo $i >$d/f$r; done;"
    "next 8; test $r != 0 || { next 5; rm -rf d$r; };"
    "git add -A; git commit -q --allow-empty $amend -m $i; git tag t$i; done;";

static void make_history(struct fixture *f, const char *seed)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) script = TM_BUF_INIT;

    tm_buf_addf(&script, "SEED=%s; %s", seed, random_history);
    sandbox_run(&f->box, NULL, script.data);
    open_at(f, "r");
}

/* What a git command prints, in the repository "r". */
static void git(struct fixture *f, struct tm_buf *out, const char *fmt, ...) TM_PRINTF(3, 4);
static void git(struct fixture *f, struct tm_buf *out, const char *fmt, ...)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) script = TM_BUF_INIT;
    va_list ap;

    tm_buf_adds(&script, "cd r; git ");
    va_start(ap, fmt);
    tm_buf_vaddf(&script, fmt, ap);
    va_end(ap);
    tm_buf_clear(out);
    sandbox_run(&f->box, out, script.data);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The ids of the commits, sorted, a line each; and children come before their parents. */
static void add_ids(struct tm_history *history, struct tm_buf *out)
{
    char(*hex)[TM_OID_HEX + 1] = tm_alloc_array(history->commits.n, sizeof(*hex));
    char **sorted = tm_alloc_array(history->commits.n, sizeof(*sorted));

    for (size_t i = 0; i < history->commits.n; i++) {
        memcpy(hex[i], tm_git_id_hex(&history->commits.items[i].commit->id).hex, sizeof(hex[i]));
        sorted[i] = hex[i];
        for (size_t j = 0; j < i; j++)
            for (size_t p = 0; p < history->commits.items[i].commit->n_parents; p++)
                assert_int_not_equal(tm_git_id_cmp(&history->commits.items[j].commit->id,
                                                   &history->commits.items[i].commit->parents[p]),
                                     0);
    }
    qsort(sorted, history->commits.n, sizeof(*sorted), by_text);
    for (size_t i = 0; i < history->commits.n; i++)
        tm_buf_addf(out, "%s\n", sorted[i]);
    free(sorted);
    free(hex);
}

static void check_range(struct fixture *f, struct tm_objects *objects, const char *text)
{
    struct tm_history TM_CLEANUP(tm_history_release) history = TM_HISTORY_INIT;
    struct tm_range TM_CLEANUP(tm_range_release) range = TM_RANGE_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;

    assert_ok(&f->err, tm_range_parse(&range, f->git, text, &f->err));
    assert_string_equal(range.label.data, text);
    assert_ok(&f->err, tm_history_load(&history, f->git, objects, &range, &f->err));
    add_ids(&history, &got);
    git(f, &expected, "rev-list %s%s | LC_ALL=C sort", range.single ? "--no-walk " : "", text);
    if (strcmp(got.data, expected.data) != 0)
        fail_msg("%s:\n%s\nexpected\n%s", text, got.data, expected.data);
    for (size_t i = 0; i < history.commits.n; i++)
        assert_true(history.commits.items[i].commit->in_range && !history.commits.items[i].commit->cut);
}

static void ranges_are_what_git_has(void **state)
{
    struct fixture *f = *state;

    for (int seed = 1; seed <= 2; seed++) {
        struct tm_objects *objects;
        char text[32];

        snprintf(text, sizeof(text), "%d", seed);
        make_history(f, text);
        assert_ok(&f->err, tm_objects_open(&objects, f->git, &f->err));
        for (int i = 0; i <= 40; i += 8)
            for (int j = 0; j <= 40; j += 8) {
                snprintf(text, sizeof(text), "t%d..t%d", i, j);
                check_range(f, objects, text);
            }
        check_range(f, objects, "t7..");
        check_range(f, objects, "..t7");
        check_range(f, objects, "t7");
        tm_objects_close(objects);
        sandbox_run(&f->box, NULL,
                    "rm -rf r; git init -q r; cd r; echo a >a.txt; git add .; git commit -qm 'first one'");
        open_at(f, "r");
    }
}

static void what_is_read_of_a_commit_is_what_git_says(void **state)
{
    struct fixture *f = *state;
    struct tm_history TM_CLEANUP(tm_history_release) history = TM_HISTORY_INIT;
    struct tm_range TM_CLEANUP(tm_range_release) range = TM_RANGE_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;
    struct tm_objects *objects;

    make_history(f, "9");
    assert_ok(&f->err, tm_objects_open(&objects, f->git, &f->err));
    assert_ok(&f->err, tm_range_parse(&range, f->git, "t0..t40", &f->err));
    assert_ok(&f->err, tm_history_load(&history, f->git, objects, &range, &f->err));
    for (size_t i = 0; i < history.commits.n; i++) {
        const struct tm_history_commit *commit = history.commits.items[i].commit;

        tm_buf_addf(&got, "%s %s %lld", tm_git_id_hex(&commit->id).hex, tm_git_id_hex(&commit->tree).hex,
                    (long long)commit->time_s);
        for (size_t p = 0; p < commit->n_parents; p++)
            tm_buf_addf(&got, " %s", tm_git_id_hex(&commit->parents[p]).hex);
        tm_buf_addc(&got, '\n');
        git(f, &expected, "log -1 --format='%%H %%T %%ct %%P' %s", tm_git_id_hex(&commit->id).hex);
        assert_string_equal(got.data, expected.data);
        tm_buf_clear(&got);
    }
    assert_true(history.commits.n > 5);
    tm_objects_close(objects);
}

static bool any_name(void *ctx, struct tm_str name)
{
    return !tm_str_is(name, "f2"); /* some are asked for and some are not */
}

static enum tm_code add_path(void *ctx, struct tm_str path, const struct tm_tree_entry *now,
                             const struct tm_tree_entry *before, size_t n, struct tm_err *err)
{
    struct tm_buf *out = ctx;

    for (size_t i = 0; i < n; i++)
        assert_true(before[i].mode != now->mode || tm_git_id_cmp(&before[i].id, &now->id) != 0);
    tm_buf_addf(out, "%s %.*s\n", tm_git_id_hex(&now->id).hex, TM_STR_ARG(path));
    return TM_OK;
}

/* git's own combined diff: paths that differ from all parents, with the blob of the result. */
static void what_differs_from_all_parents_is_what_git_says(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;
    struct tm_tree_diff diff = { NULL, any_name, add_path, &got };
    struct tm_history TM_CLEANUP(tm_history_release) history = TM_HISTORY_INIT;
    struct tm_range TM_CLEANUP(tm_range_release) range = TM_RANGE_INIT;
    size_t merges = 0, paths = 0;

    make_history(f, "4");
    assert_ok(&f->err, tm_objects_open(&diff.objects, f->git, &f->err));
    for (int i = 0; i <= 40; i++) {
        struct tm_git_id trees[8];
        struct tm_history_commit *commit;
        char tag[8];

        snprintf(tag, sizeof(tag), "t%d", i);
        tm_range_release(&range);
        assert_ok(&f->err, tm_range_parse(&range, f->git, tag, &f->err));
        assert_ok(&f->err, tm_history_commit(&history, f->git, diff.objects, &range.to, &commit, &f->err));
        for (size_t p = 0; p < commit->n_parents; p++) {
            struct tm_history_commit *parent;

            assert_ok(&f->err, tm_history_commit(&history, f->git, diff.objects, &commit->parents[p], &parent,
                                                 &f->err));
            trees[p] = parent->tree;
        }
        merges += commit->n_parents > 1;
        tm_buf_clear(&got);
        assert_ok(&f->err, tm_tree_diff(&diff, &commit->tree, trees, commit->n_parents, &f->err));
        git(f, &expected,
            "diff-tree -c --root -r --no-renames --no-commit-id --diff-filter=AMT %s | sed 's/^[^ ]* //' |"
            "awk -F'\t' '{ n = split($1, a, \" \"); print a[n-1], $NF }' | grep -v /f2 || :",
            tag);
        if (strcmp(got.data, expected.data) != 0)
            fail_msg("%s:\n%s\nexpected\n%s", tag, got.data, expected.data);
        paths += got.len > 0;
    }
    if (merges < 3 || paths < 20)
        fail_msg("only %zu merges, %zu commits with paths", merges, paths);
    tm_objects_close(diff.objects);
}

static void a_file_is_found_by_its_path(void **state)
{
    struct fixture *f = *state;
    struct tm_history TM_CLEANUP(tm_history_release) history = TM_HISTORY_INIT;
    struct tm_range TM_CLEANUP(tm_range_release) range = TM_RANGE_INIT;
    struct tm_history_commit *commit;
    struct tm_tree_entry entry;
    struct tm_objects *objects;

    assert_ok(&f->err, tm_objects_open(&objects, f->git, &f->err));
    assert_ok(&f->err, tm_range_parse(&range, f->git, "HEAD", &f->err));
    assert_ok(&f->err, tm_history_commit(&history, f->git, objects, &range.to, &commit, &f->err));
    assert_ok(&f->err, tm_tree_find(objects, &commit->tree, TM_STR("dir/b.txt"), &entry, &f->err));
    assert_true(tm_tree_entry_is_file(&entry));
    /* echo b | git hash-object --stdin */
    assert_string_equal(tm_git_id_hex(&entry.id).hex, "61780798228d17af2d34fce4cfbdf35556832472");
    assert_ok(&f->err, tm_tree_find(objects, &commit->tree, TM_STR("dir"), &entry, &f->err));
    assert_true(entry.mode && !tm_tree_entry_is_file(&entry));
    for (const char *const *path = (const char *const[]) { "b.txt", "dir/c", "a.txt/b", "di", NULL }; *path;
         path++) {
        assert_ok(&f->err, tm_tree_find(objects, &commit->tree, tm_str(*path), &entry, &f->err));
        assert_int_equal(entry.mode, 0);
    }
    tm_objects_close(objects);
}

static const struct {
    const char *text;
    enum tm_code code;
    const char *words;
} wrong[] = {
    { "", TM_E_USAGE, "is no range" },
    { "-x", TM_E_USAGE, "is no range" },
    { "HEAD...HEAD", TM_E_USAGE, "is no range" },
    { "nothing", TM_E_NOT_FOUND, "there is no revision 'nothing'" },
    { "HEAD..nothing", TM_E_NOT_FOUND, "there is no revision 'nothing'" },
    { "nothing..", TM_E_NOT_FOUND, "there is no revision 'nothing'" },
    { "HEAD:dir", TM_E_NOT_FOUND, "not a commit" },
};

static void what_is_no_range_is_refused(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < TM_LEN(wrong); i++) {
        struct tm_range TM_CLEANUP(tm_range_release) range = TM_RANGE_INIT;

        assert_fails(&f->err, wrong[i].code, tm_range_parse(&range, f->git, wrong[i].text, &f->err));
        assert_mentions(f, wrong[i].words);
    }
}

static void the_default_is_what_the_upstream_does_not_have(void **state)
{
    struct fixture *f = *state;
    struct tm_range TM_CLEANUP(tm_range_release) range = TM_RANGE_INIT;

    assert_ok(&f->err, tm_range_parse(&range, f->git, NULL, &f->err));
    assert_true(range.single && !range.has_from);
    assert_string_equal(range.label.data, "HEAD");
    tm_range_release(&range);
    sandbox_run(&f->box, NULL, "git clone -q r c; cd c; git commit -q --allow-empty -m more");
    open_at(f, "c");
    assert_ok(&f->err, tm_range_parse(&range, f->git, NULL, &f->err));
    assert_true(!range.single && range.has_from);
    assert_string_equal(range.label.data, "origin/main..HEAD");
    tm_range_release(&range);
    sandbox_run(&f->box, NULL, "cd c; git update-ref -d refs/remotes/origin/main"); /* it is gone */
    assert_ok(&f->err, tm_range_parse(&range, f->git, NULL, &f->err));
    assert_true(range.single);
}

static void a_shallow_clone_ends_and_a_broken_one_fails(void **state)
{
    struct fixture *f = *state;
    struct tm_history TM_CLEANUP(tm_history_release) history = TM_HISTORY_INIT;
    struct tm_range TM_CLEANUP(tm_range_release) range = TM_RANGE_INIT;
    struct tm_objects *objects;

    make_history(f, "5");
    sandbox_run(&f->box, NULL,
                "cd r; git checkout -q t40; cd ..; git clone -q --depth 3 \"file://$PWD/r\" c");
    open_at(f, "c");
    assert_ok(&f->err, tm_objects_open(&objects, f->git, &f->err));
    assert_ok(&f->err, tm_range_parse(&range, f->git, "HEAD", &f->err));
    range.single = false;
    assert_ok(&f->err, tm_history_load(&history, f->git, objects, &range, &f->err));
    assert_true(history.commits.n >= 3);
    assert_true(history.commits.items[history.commits.n - 1].commit->cut &&
                !history.commits.items[0].commit->cut);
    tm_history_release(&history);
    tm_objects_close(objects);
    sandbox_run(&f->box, NULL, "rm c/.git/shallow");
    open_at(f, "c");
    assert_ok(&f->err, tm_objects_open(&objects, f->git, &f->err));
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_history_load(&history, f->git, objects, &range, &f->err));
    tm_objects_close(objects);
}

static const struct {
    const char *text;
    bool fine;
    size_t n_parents;
    int64_t time_s;
} commits[] = {
#define ID "0123456789012345678901234567890123456789"
    { "tree " ID "\nparent " ID "\nparent " ID
      "\nauthor A <a@b> 5 +0000\ncommitter A <a@b> 77 -0100\n\ntext\n",
      true, 2, 77 },
    { "tree " ID "\nauthor committer 9 <a> 5 +0000\ncommitter  < > -3 +0000\n\ncommitter x 9 +0000\n", true,
      0, -3 },
    { "tree " ID "\n\ncommitter A <a@b> 77 -0100\n", true, 0, 0 },
    { "tree " ID "\ncommitter A <a@b> x -0100\n", true, 0, 0 },
    { "tree " ID "\ncommitter", true, 0, 0 },
    { "tree " ID "\ncommitter \n", true, 0, 0 },
    { "tree " ID "\nparent " ID, true, 0, 0 },
    { "tree " ID, false, 0, 0 },
    { "tree 0123\n", false, 0, 0 },
    { "", false, 0, 0 },
};

static void commits_are_read_whatever_stands_in_them(void **state)
{
    for (size_t i = 0; i < TM_LEN(commits); i++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_history_commit commit = { 0 };
        bool fine = tm_history_parse(&arena, tm_str(commits[i].text), &commit);

        if (fine != commits[i].fine)
            fail_msg("%s: %s", commits[i].text, fine ? "read" : "refused");
        if (fine && (commit.n_parents != commits[i].n_parents || commit.time_s != commits[i].time_s))
            fail_msg("%s: %zu parents, %lld", commits[i].text, commit.n_parents, (long long)commit.time_s);
    }
}

static void trees_that_are_damaged_are_noticed(void **state)
{
    static const struct {
        const char *bytes;
        size_t len, entries;
    } trees[] = {
        { "100644 a\0"
          "01234567890123456789"
          "40000 b\0"
          "01234567890123456789",
          57, 2 },
        { "100644 a\0"
          "01234567890123456789"
          "40000 b\0"
          "0123456789012345678",
          56, 1 },
        { "100644 a", 8, 0 },
        { "100644 \0"
          "01234567890123456789",
          28, 0 },
        { "a\0"
          "01234567890123456789",
          22, 0 },
        { "10064481 a\0"
          "01234567890123456789",
          31, 0 },
        { "100644", 6, 0 },
    };

    for (size_t i = 0; i < TM_LEN(trees); i++) {
        struct tm_str rest = tm_str_n(trees[i].bytes, trees[i].len);
        struct tm_tree_entry entry;
        size_t n = 0;

        while (tm_tree_next(&rest, &entry))
            n++;
        assert_int_equal(n, trees[i].entries);
        assert_int_equal(rest.len == 0, i == 0);
    }
}

TM_TESTS(GIT_TEST(ranges_are_what_git_has), GIT_TEST(what_is_read_of_a_commit_is_what_git_says),
         GIT_TEST(what_differs_from_all_parents_is_what_git_says), GIT_TEST(a_file_is_found_by_its_path),
         GIT_TEST(what_is_no_range_is_refused), GIT_TEST(the_default_is_what_the_upstream_does_not_have),
         GIT_TEST(a_shallow_clone_ends_and_a_broken_one_fails),
         cmocka_unit_test(commits_are_read_whatever_stands_in_them),
         cmocka_unit_test(trees_that_are_damaged_are_noticed))
