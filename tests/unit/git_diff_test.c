/*
 * Hunks against those of the git program: for random edits, renames, and odd files.
 */
#include "ext/git_diff.h"

#include "git_fixture.h"

static uint64_t seed;

static uint32_t random_below(uint32_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % n;
}

/* Spells a delta as `git diff -U0 -M` does, without the lines. */
static enum tm_code spell(void *ctx, const struct tm_git_delta *delta, struct tm_err *err)
{
    struct tm_buf *out = ctx;

    tm_buf_addf(out, "%c %.*s|%.*s%s\n", delta->what, TM_STR_ARG(delta->old_path),
                TM_STR_ARG(delta->new_path), delta->binary ? " binary" : "");
    for (size_t i = 0; i < delta->n_hunks; i++)
        tm_buf_addf(out, "%u,%u %u,%u\n", delta->hunks[i].old_start, delta->hunks[i].old_lines,
                    delta->hunks[i].new_start, delta->hunks[i].new_lines);
    (void)err;
    return TM_OK;
}

/* from NULL: nothing; to NULL: the work tree. */
static void diff(struct fixture *f, const char *from, const char *to, bool ignore_space, struct tm_buf *out)
{
    struct tm_oid a = { "" }, b;
    struct tm_git_diff_request request = { .from = &a, .to = to ? &b : NULL, .ignore_space = ignore_space };
    bool limited;

    tm_buf_clear(out);
    if (from)
        assert_ok(&f->err, tm_git_resolve(f->git, from, &a, &f->err));
    if (to)
        assert_ok(&f->err, tm_git_resolve(f->git, to, &b, &f->err));
    assert_ok(&f->err, tm_git_diff_lines(f->git, &request, spell, out, &limited, &f->err));
    assert_false(limited);
}

static void assert_diff(struct fixture *f, const char *from, const char *to, const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    diff(f, from, to, false, &out);
    assert_string_equal(out.data, expected);
}

static void add_random_line(struct tm_buf *text)
{
    static const char *const lines[] = { "", "{", "}", "a = 1", "b = 2", "  return", "x", "if (y)" };

    tm_buf_addf(text, "%s\n", lines[random_below(TM_LEN(lines))]);
}

/* Copies some lines, leaves some out, adds some. */
static void edit(struct tm_str text, struct tm_buf *out)
{
    struct tm_str line;

    while (text.len && tm_str_split(&text, '\n', &line)) {
        uint32_t what = random_below(12);

        if (what == 0)
            continue;
        for (uint32_t i = what == 1 ? 1 + random_below(3) : 0; i > 0; i--)
            add_random_line(out);
        tm_buf_addf(out, "%.*s\n", TM_STR_ARG(line));
    }
    if (random_below(3) == 0 && out->len)
        tm_buf_truncate(out, out->len - 1); /* no newline at the end */
}

static void write_file(struct fixture *f, const char *name, struct tm_str data)
{
    char *path = sandbox_path(&f->box, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(data.data, 1, data.len, file), data.len);
    assert_int_equal(fclose(file), 0);
    free(path);
}

/* git's own hunks of the work tree's a.txt, as spell() has them. */
static const char git_hunks[] = "cd r; git diff -U0 --no-ext-diff HEAD -- a.txt | sed -n 's/^@@ "
                                "-\\([0-9,]*\\) +\\([0-9,]*\\) @@.*/\\1 \\2/p' |"
                                "sed 's/^\\([0-9]*\\) /\\1,1 /; s/ \\([0-9]*\\)$/ \\1,1/'";

static void hunks_are_those_of_git_diff_for_random_edits(void **state)
{
    struct fixture *f = *state;

    for (uint64_t round = 1; round <= 40; round++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) ours = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) theirs = TM_BUF_INIT;

        seed = round;
        for (uint32_t i = random_below(60); i > 0; i--)
            add_random_line(&before);
        edit(tm_buf_str(&before), &after);
        write_file(f, "r/a.txt", tm_buf_str(&before));
        sandbox_run(&f->box, NULL, "cd r; git add a.txt; git commit -q --allow-empty -m round");
        write_file(f, "r/a.txt", tm_buf_str(&after));
        diff(f, "HEAD", NULL, false, &ours);
        sandbox_run(&f->box, &theirs, git_hunks);
        if (ours.len) {
            struct tm_str rest = tm_buf_str(&ours), first;

            assert_true(tm_str_split(&rest, '\n', &first));
            assert_true(tm_str_is(first, "M a.txt|a.txt"));
            if (!tm_str_eq(rest, tm_buf_str(&theirs)))
                fail_msg("seed %llu: git says\n%s, not\n%.*s", (unsigned long long)round, theirs.data,
                         TM_STR_ARG(rest));
        } else {
            assert_string_equal(theirs.data, "");
        }
    }
}

static void renamed_files_are_followed(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL,
                "cd r; seq 1 20 >old.txt; git add .; git commit -qm more;"
                "git mv old.txt new.txt; sed -i '5s/.*/five/' new.txt; git commit -qam moved");
    assert_diff(f, "HEAD~1", "HEAD", "R old.txt|new.txt\n5,1 5,1\n");
    /* Also when git was not told of it. */
    sandbox_run(&f->box, NULL, "cd r; mv new.txt dir/again.txt");
    assert_diff(f, "HEAD", NULL, "R new.txt|dir/again.txt\n");
}

static void added_deleted_and_untracked_files(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL,
                "cd r; git rm -q a.txt; printf 'x\\ny' >staged; git add staged; mkdir n; echo z >n/untracked;"
                "echo ignored >.gitignore; echo q >ignored; git init -q other; touch other/file");
    assert_diff(f, "HEAD", NULL,
                "A |.gitignore\n0,0 1,1\nD a.txt|\nA |n/untracked\n0,0 1,1\nA |staged\n0,0 1,2\n");
}

static void a_first_commit_is_all_added(void **state)
{
    assert_diff(*state, NULL, "HEAD", "A |a.txt\n0,0 1,1\nA |dir/b.txt\n0,0 1,1\n");
}

static void binary_files_links_and_submodules_have_no_lines(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL,
                "cd r; printf 'a\\0b' >bin; ln -s a.txt link; git init -q sub; (cd sub; echo 1 >f; git add f;"
                "git commit -qm sub); git add bin link; git submodule --quiet add ./sub sub 2>/dev/null;"
                "git commit -qm odd");
    assert_diff(f, "HEAD~1", "HEAD", "A |.gitmodules\n0,0 1,3\nA |bin binary\n");
    sandbox_run(&f->box, NULL, "cd r; git mv bin bin2");
    assert_diff(f, "HEAD", NULL, "R bin|bin2\n");
    sandbox_run(&f->box, NULL, "cd r; git mv bin2 bin");
    /* A file that becomes a link is gone; a link that becomes a file is new. */
    sandbox_run(&f->box, NULL,
                "cd r; rm a.txt link; ln -s dir/b.txt a.txt; echo text >link; (cd sub; git commit -q "
                "--allow-empty -m 2);"
                "git add a.txt link sub; git commit -qm swap");
    assert_diff(f, "HEAD~1", "HEAD", "D a.txt|\nA |link\n0,0 1,1\n");
}

static void line_ends_are_compared_as_git_stores_them(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL,
                "cd r; echo '*.txt text eol=crlf' >.gitattributes; printf 'one\\r\\ntwo\\r\\n' >a.txt;"
                "git add .; git commit -qm crlf; printf 'one\\r\\n2\\r\\nthree\\r\\n' >a.txt");
    assert_diff(f, "HEAD", NULL, "M a.txt|a.txt\n2,1 2,2\n");
}

static void white_space_can_be_ignored(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

    sandbox_run(&f->box, NULL,
                "cd r; printf 'a b\\nc\\nd\\n' >a.txt; git commit -qam space;"
                "printf 'a  b\\n\\tc\\nD\\n' >a.txt");
    diff(f, "HEAD", NULL, false, &out);
    assert_string_equal(out.data, "M a.txt|a.txt\n1,3 1,3\n");
    diff(f, "HEAD", NULL, true, &out);
    assert_string_equal(out.data, "M a.txt|a.txt\n3,1 3,1\n");
}

static void a_file_in_conflict_says_so(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL,
                "cd r; git checkout -q -b side; echo side >a.txt; git commit -qam side; git checkout -q main;"
                "echo main >a.txt; git commit -qam main; git merge side >/dev/null 2>&1 || true");
    assert_diff(f, "HEAD", NULL, "U a.txt|a.txt\n");
}

static enum tm_code count(void *ctx, const struct tm_git_delta *delta, struct tm_err *err)
{
    size_t *renamed = ctx;

    (void)err;
    *renamed += delta->what == 'R' && delta->n_hunks == 0;
    return TM_OK;
}

static void of_too_many_files_only_equal_ones_are_renamed(void **state)
{
    struct fixture *f = *state;
    struct tm_oid from;
    const struct tm_git_diff_request request = { .from = &from };
    size_t renamed = 0;
    bool limited = false;

    /* 1,001 times 1,001 pairs; two of the files stay as they are. */
    sandbox_run(&f->box, NULL,
                "cd r; mkdir x y; for i in $(seq 1001); do echo \"x $i\" >x/$i; done; git add .;"
                "git commit -qm many; git rm -qr x; for i in $(seq 999); do echo \"y $i\" >y/$i; done;"
                "echo 'x 7' >y/seven; echo 'x 8' >y/eight; git add .; git commit -qm moved");
    assert_ok(&f->err, tm_git_resolve(f->git, "HEAD~1", &from, &f->err));
    assert_ok(&f->err, tm_git_diff_lines(f->git, &request, count, &renamed, &limited, &f->err));
    assert_true(limited);
    assert_int_equal(renamed, 2);
}

static void merge_bases(void **state)
{
    struct fixture *f = *state;
    struct tm_oid main, side, base, expected;

    sandbox_run(&f->box, NULL,
                "cd r; git checkout -q -b side; git commit -q --allow-empty -m s; git checkout -q main;"
                "git commit -q --allow-empty -m m; git checkout -q --orphan alone; git commit -qm alone");
    assert_ok(&f->err, tm_git_resolve(f->git, "main", &main, &f->err));
    assert_ok(&f->err, tm_git_resolve(f->git, "side", &side, &f->err));
    assert_ok(&f->err, tm_git_resolve(f->git, "main~1", &expected, &f->err));
    assert_ok(&f->err, tm_git_merge_base(f->git, &main, &side, &base, &f->err));
    assert_string_equal(base.hex, expected.hex);
    assert_ok(&f->err, tm_git_resolve(f->git, "alone", &side, &f->err));
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_git_merge_base(f->git, &main, &side, &base, &f->err));
    assert_mentions(f, "no common ancestor");
    sandbox_run(&f->box, NULL,
                "git -C r checkout -q main; git clone -q --depth 1 --no-single-branch file://$PWD/r shallow");
    open_at(f, "shallow");
    assert_ok(&f->err, tm_git_resolve(f->git, "origin/side", &side, &f->err));
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_git_merge_base(f->git, &main, &side, &base, &f->err));
    assert_mentions(f, "git fetch --unshallow");
}

static void a_shallow_clone_that_has_the_merge_base_finds_it(void **state)
{
    struct fixture *f = *state;
    struct tm_oid main, side, base, expected;

    /* Two commits on either side of the fork, of which each side has three; and one side in the other. */
    sandbox_run(&f->box, NULL,
                "cd r; for i in 1 2 3; do git commit -q --allow-empty -m $i; done; git checkout -q -b side;"
                "for i in 4 5; do git commit -q --allow-empty -m $i; done; git checkout -q main;"
                "for i in 6 7; do git commit -q --allow-empty -m $i; done; cd ..;"
                "git clone -q --depth 3 --no-single-branch file://$PWD/r shallow");
    open_at(f, "shallow");
    assert_ok(&f->err, tm_git_resolve(f->git, "origin/main", &main, &f->err));
    assert_ok(&f->err, tm_git_resolve(f->git, "origin/side", &side, &f->err));
    assert_ok(&f->err, tm_git_resolve(f->git, "origin/main~2", &expected, &f->err));
    assert_ok(&f->err, tm_git_merge_base(f->git, &main, &side, &base, &f->err));
    assert_string_equal(base.hex, expected.hex);
    assert_ok(&f->err, tm_git_merge_base(f->git, &main, &expected, &base, &f->err));
    assert_string_equal(base.hex, expected.hex);
    assert_ok(&f->err, tm_git_merge_base(f->git, &main, &main, &base, &f->err));
    assert_string_equal(base.hex, main.hex);
}

static void assert_base(struct fixture *f, const char *script, const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;

    sandbox_run(&f->box, NULL, script);
    open_at(f, "r");
    assert_ok(&f->err, tm_git_default_base(f->git, &name, &f->err));
    assert_string_equal(name.data, expected);
}

static void the_default_base(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;

    assert_base(f, "git -C r checkout -q -b topic", "main");
    assert_base(f, "git clone -q --bare r bare; git -C r remote add origin ../bare; git -C r fetch -q",
                "origin/main");
    /* Its own copy is no base, another branch that it tracks is. */
    assert_base(f, "cd r; git push -q -u origin topic", "origin/main");
    assert_base(f, "cd r; git branch -q dev; git push -q origin dev; git branch -q -u origin/dev",
                "origin/dev");
    /* The remote says which branch is the default. */
    assert_base(f, "cd r; git checkout -q --detach; git remote set-head origin topic", "origin/topic");
    sandbox_run(&f->box, NULL, "cd r; git remote remove origin; git branch -qD main");
    open_at(f, "r");
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_git_default_base(f->git, &name, &f->err));
    assert_mentions(f, "BASE...HEAD");
}

TM_TESTS(GIT_TEST(hunks_are_those_of_git_diff_for_random_edits), GIT_TEST(renamed_files_are_followed),
         GIT_TEST(added_deleted_and_untracked_files), GIT_TEST(a_first_commit_is_all_added),
         GIT_TEST(binary_files_links_and_submodules_have_no_lines),
         GIT_TEST(line_ends_are_compared_as_git_stores_them), GIT_TEST(white_space_can_be_ignored),
         GIT_TEST(a_file_in_conflict_says_so), GIT_TEST(of_too_many_files_only_equal_ones_are_renamed),
         GIT_TEST(merge_bases), GIT_TEST(a_shallow_clone_that_has_the_merge_base_finds_it),
         GIT_TEST(the_default_base))
