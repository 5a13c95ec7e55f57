#include <sys/stat.h>

#include "git_fixture.h"

static void a_commit_keeps_what_is_staged_beside_it(void **state)
{
    struct fixture *f = *state;
    struct tm_oid id, head;

    sandbox_run(&f->box, NULL, "cd r; echo staged >dir/b.txt; git add dir/b.txt; echo 2 >a.txt; echo 3 >new");
    setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    id = commit_path(f, "a.txt");
    unsetenv("SOURCE_DATE_EPOCH");
    head = head_of(f);
    assert_string_equal(id.hex, head.hex);
    sandbox_says(&f->box,
                 "cd r; git status --short; git diff-tree --no-commit-id -r --name-status HEAD;"
                 "git log -1 --format='%an %ae %cn %ad %cd' --date=raw; git fsck --strict 2>&1;"
                 "git reflog -1 --format=%gs; git reflog -1 --format=%gs main",
                 "M  dir/b.txt\n?? new\nM\ta.txt\nTest Person test@example.org Test Person "
                 "1700000000 +0000 1700000000 +0000\ncommit: area: change\ncommit: area: change\n");
}

static void nothing_to_commit_makes_no_commit(void **state)
{
    struct fixture *f = *state;
    struct tm_str paths[] = { TM_STR("a.txt"), TM_STR("never/there") };
    struct tm_oid head = head_of(f), id;
    bool made = true;

    assert_ok(&f->err, tm_git_commit_paths(f->git, paths, 2, "x", &id, &made, &f->err));
    assert_false(made);
    assert_string_equal(id.hex, head.hex);
    assert_ok(&f->err, tm_git_commit_paths(f->git, paths, 0, "x", &id, &made, &f->err));
    assert_false(made);
}

static void the_first_commit_of_a_repository_can_be_made(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL, "git init -q empty; touch empty/one empty/two");
    open_at(f, "empty");
    commit_path(f, "one");
    sandbox_says(&f->box, "cd empty; git status --short; git log --format='%s|%P'; git reflog --format=%gs",
                 "?? two\narea: change|\ncommit (initial): area: change\n");
}

static void a_detached_head_moves_alone(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL, "cd r; git checkout -q --detach; echo 2 >a.txt");
    commit_path(f, "a.txt");
    sandbox_says(
        &f->box,
        "cd r; git status --short; git log --format=%s; git log --format=%s main; git branch --show-current",
        "area: change\nfirst one\nfirst one\n");
}

static void removals_and_changes_of_kind_are_recorded(void **state)
{
    struct fixture *f = *state;
    struct tm_str paths[] = { TM_STR("dir/b.txt"), TM_STR("a.txt"), TM_STR("a.txt/in/it"), TM_STR("run.sh"),
                              TM_STR("link") };
    struct tm_oid id;
    bool made;

    sandbox_run(
        &f->box, NULL,
        "cd r; rm -r dir a.txt; mkdir -p a.txt/in; echo x >a.txt/in/it; echo y >run.sh; chmod +x run.sh;"
        "ln -s run.sh link");
    /* A folder cannot be committed by its name. */
    assert_fails(&f->err, TM_E_PATH, tm_git_commit_paths(f->git, paths, 5, "x", &id, &made, &f->err));
    paths[1] = TM_STR("gone");
    assert_ok(&f->err, tm_git_commit_paths(f->git, paths, 5, "x", &id, &made, &f->err));
    assert_true(made);
    sandbox_says(&f->box,
                 "cd r; git status --short; git ls-tree -r HEAD | cut -c1-6,53-; git fsck --strict 2>&1",
                 "100644\ta.txt/in/it\n120000\tlink\n100755\trun.sh\n");
}

static void a_folder_becomes_a_file(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL, "cd r; rm -r dir; echo x >dir");
    commit_path(f, "dir");
    sandbox_says(&f->box, "cd r; git status --short; git ls-tree -r --name-only HEAD", "a.txt\ndir\n");
}

static void line_ends_are_converted_as_by_git_add(void **state)
{
    struct fixture *f = *state;

    sandbox_run(
        &f->box, NULL,
        "git config --global core.autocrlf input; cd r; printf '*.bin -text\\n*.id ident\\n' >.gitattributes;"
        "printf 'z\\r\\n' >a.txt; printf 'b\\r\\n' >x.bin; echo '$Id: old $' >x.id");
    open_at(f, "r");
    commit_path(f, "a.txt");
    commit_path(f, "x.bin");
    commit_path(f, "x.id");
    sandbox_says(&f->box,
                 "cd r; git show HEAD:a.txt | od -c | head -1; git show HEAD:x.bin | od -c | head -1;"
                 "git show HEAD:x.id; git status --short",
                 "0000000   z  \\n\n0000000   b  \\r  \\n\n$Id$\n?? .gitattributes\n");
}

static void what_only_git_can_filter_is_refused(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL,
                "cd r; git config filter.big.clean cat; echo '*.dat filter=big' >.gitattributes;"
                "echo '*.idle filter=idle' >>.gitattributes; echo '*.w working-tree-encoding=UTF-16' "
                ">>.gitattributes;"
                "echo 1 >x.dat; echo 1 >x.idle; echo 1 >x.w");
    open_at(f, "r");
    assert_fails(&f->err, TM_E_GIT, try_commit(f, "x.dat"));
    assert_mentions(f, "filter=big");
    assert_fails(&f->err, TM_E_GIT, try_commit(f, "x.w"));
    assert_mentions(f, "working-tree-encoding");
    /* A filter nobody set up is no filter. */
    commit_path(f, "x.idle");
}

static void paths_that_lead_elsewhere_are_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = { "../x",       "/etc/passwd", "",     "a//b", ".git/config",
                                       "dir/.GIT/x", "to/b.txt",    "fifo", "dir",  "sub/x" };

    sandbox_run(&f->box, NULL,
                "git init -q sub; touch sub/x; git -C sub add x; git -C sub commit -qm 1; cd r; ln -s dir "
                "to; mkfifo fifo;"
                "git submodule --quiet add ../sub sub; git commit -qm sub; echo 2 >sub/x");
    for (size_t i = 0; i < TM_LEN(bad); i++)
        assert_fails(&f->err, TM_E_PATH, try_commit(f, bad[i]));
    assert_mentions(f, "submodule 'sub'");
}

static void nothing_is_committed_during_a_merge(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL,
                "cd r; git checkout -q -b side; echo s >a.txt; git commit -qam s; git checkout -q main; echo "
                "m >a.txt;"
                "git commit -qam m; git merge -q side >/dev/null || :");
    assert_fails(&f->err, TM_E_REFUSED, try_commit(f, "dir/b.txt"));
    assert_mentions(f, "merge");
}

static void what_a_sparse_checkout_leaves_out_is_not_removed(void **state)
{
    struct fixture *f = *state;
    struct tm_str paths[] = { TM_STR("a.txt"), TM_STR("dir/b.txt") };
    struct tm_oid id;
    bool made;

    sandbox_run(&f->box, NULL,
                "cd r; git sparse-checkout set --no-cone --no-sparse-index '/a.txt'; echo 2 >a.txt");
    open_at(f, "r");
    assert_ok(&f->err, tm_git_commit_paths(f->git, paths, 2, "x", &id, &made, &f->err));
    sandbox_says(&f->box, "cd r; git status --short; git ls-tree -r --name-only HEAD; git ls-files -t",
                 "a.txt\ndir/b.txt\nH a.txt\nS dir/b.txt\n");
}

static void every_version_of_the_index_is_kept(void **state)
{
    struct fixture *f = *state;
    static const char *const versions[] = { "2", "3", "4" };

    for (size_t i = 0; i < TM_LEN(versions); i++) {
        setenv("VERSION", versions[i], 1);
        sandbox_run(&f->box, NULL,
                    "cd r; touch n$VERSION; git add -N n$VERSION; git update-index --index-version $VERSION;"
                    "echo $VERSION >a.txt");
        commit_path(f, "a.txt");
        sandbox_says(&f->box,
                     "cd r; git status --short -uno | grep -v n || :; git fsck 2>&1;"
                     "git update-index --refresh >/dev/null || :; git show HEAD:a.txt | cmp - a.txt",
                     "");
    }
    sandbox_says(&f->box, "cd r; head -c8 .git/index | tail -c1 | od -An -td1", "    4\n");
}

static void an_index_that_cannot_be_written_is_refused(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL, "cd r; git update-index --split-index; echo 2 >a.txt");
    assert_fails(&f->err, TM_E_GIT, try_commit(f, "a.txt"));
    assert_mentions(f, "--no-split-index");
    sandbox_says(&f->box, "cd r; git status --short; git log --oneline | wc -l; find .git -name '*.lock'",
                 " M a.txt\n1\n");
}

/*
 * A file changed right after it was added has the same size and second as its entry: only the entry being as
 * young as the index tells. The new index must not make it look clean.
 */
static void a_file_changed_in_the_same_second_stays_changed(void **state)
{
    struct fixture *f = *state;

    sandbox_run(
        &f->box, NULL,
        "cd r; echo x >>a.txt; echo new >dir/b.txt; git add dir/b.txt; echo odd >dir/b.txt; sleep 1.1");
    commit_path(f, "a.txt");
    sandbox_says(&f->box, "cd r; git status --short", "MM dir/b.txt\n");
}

static void contents_are_prepared_exactly(void **state)
{
    struct fixture *f = *state;
    struct tm_git_file files[] = { { TM_STR("new/deep/file"), TM_STR("a\r\nb") },
                                   { TM_STR("a.txt"), { NULL, 0 } },
                                   { TM_STR("empty"), TM_STR("") },
                                   { TM_STR("dir/b.txt"), TM_STR("exec stays\n") } };
    struct tm_oid head, id;
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;

    sandbox_run(&f->box, NULL,
                "cd r; git config core.autocrlf true; chmod +x dir/b.txt; git add .; git commit -qm x");
    head = head_of(f);
    assert_ok(&f->err, tm_git_commit_prepare(f->git, &head, files, 4, "subject\n\nbody", &id, &f->err));
    assert_ok(&f->err, tm_git_read_at(f->git, &id, TM_STR("new/deep/file"), 10, &data, &f->err));
    assert_string_equal(data.data, "a\r\nb");
    setenv("ID", id.hex, 1);
    sandbox_says(&f->box,
                 "cd r; git status --short; git ls-tree -r $ID | cut -c1-6,53-; git log -1 --format=%B $ID; "
                 "git rev-parse -q --verify $ID^ | grep -c $(git rev-parse main)",
                 "100755\tdir/b.txt\n100644\tempty\n100644\tnew/deep/file\nsubject\n\nbody\n\n1\n");
    files[0].path = TM_STR(".git/hooks/x");
    assert_fails(&f->err, TM_E_PATH, tm_git_commit_prepare(f->git, &head, files, 4, "x", &id, &f->err));
}

TM_TESTS(GIT_TEST(a_commit_keeps_what_is_staged_beside_it), GIT_TEST(nothing_to_commit_makes_no_commit),
         GIT_TEST(the_first_commit_of_a_repository_can_be_made), GIT_TEST(a_detached_head_moves_alone),
         GIT_TEST(removals_and_changes_of_kind_are_recorded), GIT_TEST(a_folder_becomes_a_file),
         GIT_TEST(line_ends_are_converted_as_by_git_add), GIT_TEST(what_only_git_can_filter_is_refused),
         GIT_TEST(paths_that_lead_elsewhere_are_refused), GIT_TEST(nothing_is_committed_during_a_merge),
         GIT_TEST(what_a_sparse_checkout_leaves_out_is_not_removed),
         GIT_TEST(every_version_of_the_index_is_kept), GIT_TEST(an_index_that_cannot_be_written_is_refused),
         GIT_TEST(a_file_changed_in_the_same_second_stays_changed), GIT_TEST(contents_are_prepared_exactly))
