#include "git_fixture.h"

static void a_folder_without_git_is_refused(void **state)
{
    struct fixture *f = *state;
    struct tm_git *git = NULL;

    assert_fails(&f->err, TM_E_GIT, tm_git_open(&git, f->box.dir, &f->err));
    assert_mentions(f, "git init");
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_git_open(&git, "/nonexistent/folder", &f->err));
    assert_null(git);
}

static void bare_and_sha256_repositories_are_refused(void **state)
{
    struct fixture *f = *state;
    struct tm_git *git = NULL;
    char *bare = sandbox_path(&f->box, "bare"), *sha = sandbox_path(&f->box, "sha");

    sandbox_run(&f->box, NULL, "git init -q --bare bare; git init -q --object-format=sha256 sha");
    assert_fails(&f->err, TM_E_GIT, tm_git_open(&git, bare, &f->err));
    assert_mentions(f, "bare");
    assert_fails(&f->err, TM_E_GIT, tm_git_open(&git, sha, &f->err));
    assert_mentions(f, "SHA-256");
    free(bare);
    free(sha);
}

static void another_users_repository_is_refused(void **state)
{
    struct fixture *f = *state;
    struct tm_git *git = NULL;
    char *path = sandbox_path(&f->box, "r");

    /* Only root can give a repository away. */
    if (geteuid() == 0) {
        sandbox_run(&f->box, NULL, "chown -R 12345 r");
        assert_fails(&f->err, TM_E_GIT, tm_git_open(&git, path, &f->err));
        assert_mentions(f, "safe.directory");
    } else {
        assert_ok(&f->err, tm_git_open(&git, path, &f->err));
        tm_git_close(git);
    }
    free(path);
}

static void the_environment_does_not_choose_the_repository(void **state)
{
    struct fixture *f = *state;
    char *expected = sandbox_path(&f->box, "other");

    sandbox_run(&f->box, NULL, "git init -q other; mkdir -p other/deep/er");
    setenv("GIT_DIR", "/nonexistent/.git", 1);
    setenv("GIT_WORK_TREE", "/nonexistent", 1);
    setenv("GIT_INDEX_FILE", "/nonexistent/index", 1);
    open_at(f, "other/deep/er");
    unsetenv("GIT_DIR");
    unsetenv("GIT_WORK_TREE");
    unsetenv("GIT_INDEX_FILE");
    assert_string_equal(tm_git_workdir(f->git), expected);
    free(expected);
}

static void a_linked_work_tree_has_its_own_head(void **state)
{
    struct fixture *f = *state;
    char *dir = sandbox_path(&f->box, "r/.git/worktrees/w"), *common = sandbox_path(&f->box, "r/.git");
    struct tm_git_head head;

    sandbox_run(&f->box, NULL, "cd r; git worktree add -q -b side ../w; echo 1 >>../w/a.txt");
    open_at(f, "w/dir");
    assert_string_equal(tm_git_dir(f->git), dir);
    assert_string_equal(tm_git_common_dir(f->git), common);
    commit_path(f, "a.txt");
    assert_ok(&f->err, tm_git_head(f->git, &head, &f->err));
    assert_string_equal(head.branch, "refs/heads/side");
    tm_git_head_release(&head);
    sandbox_says(&f->box,
                 "git -C w status --short; git -C w log --format=%s side; git -C r log --format=%s main;"
                 "find r/.git -name '*.lock' -o -name '*tidemark*'",
                 "area: change\nfirst one\nfirst one\n");
    free(dir);
    free(common);
}

static void an_unborn_branch_has_no_commit(void **state)
{
    struct fixture *f = *state;
    struct tm_git_head head;
    struct tm_oid id;

    sandbox_run(&f->box, NULL, "git init -q empty");
    open_at(f, "empty");
    assert_ok(&f->err, tm_git_head(f->git, &head, &f->err));
    assert_true(head.unborn);
    assert_false(head.detached);
    assert_string_equal(head.branch, "refs/heads/main");
    assert_string_equal(head.commit.hex, "");
    tm_git_head_release(&head);
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_git_resolve(f->git, "HEAD", &id, &f->err));
}

static void a_detached_head_has_no_branch(void **state)
{
    struct fixture *f = *state;
    struct tm_git_head head;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;

    sandbox_run(&f->box, &expected, "cd r; git checkout -q --detach; git rev-parse HEAD HEAD^{tree}");
    assert_ok(&f->err, tm_git_head(f->git, &head, &f->err));
    assert_true(head.detached);
    assert_null(head.branch);
    assert_memory_equal(head.commit.hex, expected.data, TM_OID_HEX);
    assert_memory_equal(head.tree.hex, expected.data + TM_OID_HEX + 1, TM_OID_HEX);
    tm_git_head_release(&head);
}

static void without_an_identity_the_commands_are_named(void **state)
{
    struct fixture *f = *state;
    char *name, *email;

    assert_ok(&f->err, tm_git_identity(f->git, &name, &email, &f->err));
    assert_string_equal(name, "Test Person");
    assert_string_equal(email, "test@example.org");
    free(name);
    free(email);
    sandbox_run(&f->box, NULL, "git config --global --unset user.email");
    open_at(f, "r");
    assert_fails(&f->err, TM_E_GIT, tm_git_identity(f->git, &name, &email, &f->err));
    assert_mentions(f, "git config --global user.email");
    sandbox_run(&f->box, NULL, "echo 2 >r/a.txt");
    assert_fails(&f->err, TM_E_GIT, try_commit(f, "a.txt"));
    sandbox_says(&f->box, "cd r; git status --short; git log --oneline | wc -l", " M a.txt\n1\n");
    setenv("GIT_AUTHOR_EMAIL", "else@example.org", 1);
    assert_ok(&f->err, tm_git_identity(f->git, &name, &email, &f->err));
    assert_string_equal(email, "else@example.org");
    unsetenv("GIT_AUTHOR_EMAIL");
    free(name);
    free(email);
}

static void the_excludes_file_is_found_as_by_git(void **state)
{
    struct fixture *f = *state;
    char *usual = sandbox_path(&f->box, ".config/git/ignore"), *own = sandbox_path(&f->box, "own");

    assert_string_equal(tm_git_excludes_file(f->git), usual);
    setenv("XDG_CONFIG_HOME", "/xdg", 1);
    open_at(f, "r");
    unsetenv("XDG_CONFIG_HOME");
    assert_string_equal(tm_git_excludes_file(f->git), "/xdg/git/ignore");
    sandbox_run(&f->box, NULL, "git config --global core.excludesFile '~/own'");
    open_at(f, "r");
    assert_string_equal(tm_git_excludes_file(f->git), own);
    sandbox_run(&f->box, NULL, "git -C r config core.excludesFile ''");
    open_at(f, "r");
    assert_string_equal(tm_git_excludes_file(f->git), "");
    free(usual);
    free(own);
}

static void sparse_and_partial_repositories_open(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL,
                "cd r; git sparse-checkout set --cone dir; git config core.repositoryformatversion 1;"
                "git config extensions.partialClone origin; git config core.ignorecase false;"
                "git config --worktree core.ignorecase true");
    open_at(f, "r");
    assert_true(tm_git_ignores_case(f->git)); /* from config.worktree */
}

static void revisions_are_peeled_to_commits(void **state)
{
    struct fixture *f = *state;
    static const char *const good[] = { "HEAD", "main", "light", "heavy", "twice", "HEAD^{commit}", "@" };
    static const struct {
        const char *rev, *word;
    } bad[] = { { "nothing", "no revision" }, { "HEAD~9", "no revision" }, { "HEAD^{tree}", "a tree" },
                { "HEAD:a.txt", "a blob" },   { "", "no revision" },       { "HEAD..main", "no revision" } };
    struct tm_oid id, head = head_of(f);
    char digits[9];

    sandbox_run(&f->box, NULL, "cd r; git tag light; git tag -am x heavy; git tag -am y twice heavy");
    for (size_t i = 0; i < TM_LEN(good); i++) {
        assert_ok(&f->err, tm_git_resolve(f->git, good[i], &id, &f->err));
        assert_string_equal(id.hex, head.hex);
    }
    memcpy(digits, head.hex, 8);
    digits[8] = '\0';
    assert_ok(&f->err, tm_git_resolve(f->git, digits, &id, &f->err));
    for (size_t i = 0; i < TM_LEN(bad); i++) {
        assert_fails(&f->err, TM_E_NOT_FOUND, tm_git_resolve(f->git, bad[i].rev, &id, &f->err));
        assert_mentions(f, bad[i].word);
    }
}

static void fewer_than_four_digits_name_nothing(void **state)
{
    struct fixture *f = *state;
    struct tm_oid id;

    /* More objects than there are first digits. */
    sandbox_run(&f->box, NULL,
                "cd r; for i in $(seq 300); do echo $i | git hash-object -w --stdin; done >/dev/null");
    for (const char *digit = "0123456789abcdef"; *digit; digit++) {
        assert_fails(&f->err, TM_E_NOT_FOUND,
                     tm_git_resolve(f->git, (char[]) { *digit, '\0' }, &id, &f->err));
        assert_mentions(f, "no revision");
    }
}

static void a_commit_is_read_with_its_parents(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_git_commit commit;
    struct tm_oid head;

    sandbox_run(&f->box, &expected,
                "cd r; git checkout -q -b side; git commit -q --allow-empty -m s; git checkout -q main;"
                "git commit -q --allow-empty -m m; git merge -q --no-ff -m 'the subject\n\nbody' side;"
                "git log -1 --format='%T %P %ct %s'");
    head = head_of(f);
    assert_ok(&f->err, tm_git_commit_read(f->git, &head, &f->arena, &commit, &f->err));
    assert_int_equal(commit.n_parents, 2);
    tm_buf_addf(&got, "%s %s %s %lld %s\n", commit.tree.hex, commit.parents[0].hex, commit.parents[1].hex,
                (long long)commit.time_s, commit.subject.data);
    assert_string_equal(got.data, expected.data);
    head.hex[0] = head.hex[0] == '0' ? '1' : '0';
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_git_commit_read(f->git, &head, &f->arena, &commit, &f->err));
    head.hex[0] = 'g';
    assert_fails(&f->err, TM_E_GIT, tm_git_commit_read(f->git, &head, &f->arena, &commit, &f->err));
}

static void blob_ids_are_those_of_hash_object(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;

    sandbox_run(&f->box, &expected,
                "printf 'some\\0text' | git hash-object --stdin; git hash-object -t blob /dev/null");
    assert_memory_equal(tm_git_blob_id(tm_str_n("some\0text", 9)).hex, expected.data, TM_OID_HEX);
    assert_memory_equal(tm_git_blob_id(TM_STR("")).hex, expected.data + TM_OID_HEX + 1, TM_OID_HEX);
}

static void files_are_read_at_a_commit(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_oid first = head_of(f), head;

    sandbox_run(&f->box, NULL, "cd r; echo newer >dir/b.txt; ln -s a.txt link; git add .; git commit -qm 2");
    head = head_of(f);
    assert_ok(&f->err, tm_git_read_at(f->git, &first, TM_STR("dir/b.txt"), 100, &data, &f->err));
    assert_string_equal(data.data, "b\n");
    assert_ok(&f->err, tm_git_read_at(f->git, &head, TM_STR("dir/b.txt"), 6, &data, &f->err));
    assert_string_equal(data.data, "newer\n");
    assert_fails(&f->err, TM_E_LIMIT, tm_git_read_at(f->git, &head, TM_STR("dir/b.txt"), 5, &data, &f->err));
    assert_fails(&f->err, TM_E_NOT_FOUND,
                 tm_git_read_at(f->git, &first, TM_STR("link"), 100, &data, &f->err));
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_git_read_at(f->git, &head, TM_STR("link"), 100, &data, &f->err));
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_git_read_at(f->git, &head, TM_STR("dir"), 100, &data, &f->err));
    assert_fails(&f->err, TM_E_PATH, tm_git_read_at(f->git, &head, TM_STR("../a.txt"), 100, &data, &f->err));
}

static enum tm_code note_blob(void *ctx, struct tm_str path, unsigned mode, const struct tm_oid *blob,
                              struct tm_err *err)
{
    tm_buf_addf(ctx, "%06o blob %s\t%.*s\n", mode, blob->hex, TM_STR_ARG(path));
    return TM_OK;
}

static enum tm_code refuse_blob(void *ctx, struct tm_str path, unsigned mode, const struct tm_oid *blob,
                                struct tm_err *err)
{
    ++*(int *)ctx;
    return tm_err_set(err, TM_E_REFUSED, "enough");
}

static void trees_are_walked_in_order(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_oid head;
    int calls = 0;

    sandbox_run(
        &f->box, &expected,
        "git init -q sub; git -C sub commit -q --allow-empty -m 1; cd r; ln -s x dir/link; touch dir-x dir.y;"
        "chmod +x dir-x; mkdir -p dir/deep; touch dir/deep/z; git submodule --quiet add ../sub sub; git add "
        ".;"
        "git commit -qm 2; git ls-tree -r HEAD | grep -v ' commit '; git ls-tree -r HEAD dir/");
    head = head_of(f);
    assert_ok(&f->err, tm_git_tree_walk(f->git, &head, TM_STR(""), note_blob, &got, &f->err));
    assert_ok(&f->err, tm_git_tree_walk(f->git, &head, TM_STR("dir"), note_blob, &got, &f->err));
    assert_string_equal(got.data, expected.data);
    assert_fails(&f->err, TM_E_NOT_FOUND,
                 tm_git_tree_walk(f->git, &head, TM_STR("a.txt"), note_blob, &got, &f->err));
    assert_fails(&f->err, TM_E_REFUSED,
                 tm_git_tree_walk(f->git, &head, TM_STR(""), refuse_blob, &calls, &f->err));
    assert_int_equal(calls, 1);
}

static void changes_are_those_of_git_status(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_git_change *changes;
    size_t n, total;

    assert_ok(&f->err, tm_git_changes(f->git, &f->arena, 9, &changes, &n, &total, &f->err));
    assert_int_equal(total, 0);
    sandbox_run(
        &f->box, NULL,
        "git init -q sub; git -C sub commit -q --allow-empty -m 1; cd r; git submodule --quiet add ../sub "
        "sub;"
        "for i in 1 2 3 4 5; do echo $i >f$i; done; echo ignored >.gitignore; git add .; git commit -qm 2;"
        "touch sub/dirt ignored; mkdir new; touch new/x; rm f1; echo x >f2; git add f2; echo y >>f3;"
        "git rm -q --cached f4; rm f5; ln -s q f5; touch added; git add added; rm added; rm a.txt; mkdir "
        "a.txt");
    assert_ok(&f->err, tm_git_changes(f->git, &f->arena, 100, &changes, &n, &total, &f->err));
    for (size_t i = 0; i < n; i++)
        tm_buf_addf(&got, "%c %s\n", changes[i].what, changes[i].path.data);
    /* git status --short: " D a.txt", "AD added", " D f1", "M  f2", " M f3", "D  f4" and "?? f4", " T f5",
     * "?? new/x". */
    assert_string_equal(got.data, "D a.txt\nD added\nD f1\nM f2\nM f3\nD f4\nT f5\n? new/x\n");
    assert_int_equal(total, n);
    assert_ok(&f->err, tm_git_changes(f->git, &f->arena, 2, &changes, &n, &total, &f->err));
    assert_int_equal(n, 2);
    assert_int_equal(total, 8);
    sandbox_run(&f->box, NULL, "cd r; git -C sub commit -q --allow-empty -m 2");
    assert_ok(&f->err, tm_git_changes(f->git, &f->arena, 100, &changes, &n, &total, &f->err));
    assert_int_equal(total, 9); /* "M sub": another commit is checked out there */
}

static void ignored_and_tracked_are_told_apart(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *path;
        bool ignored, tracked;
    } cases[] = { { "a.txt", false, true },    { "dir/b.txt", false, true }, { "x.log", true, false },
                  { "kept.log", false, true }, { "new", false, false },      { "dir", false, false } };

    sandbox_run(&f->box, NULL,
                "cd r; echo '*.log' >.gitignore; touch x.log kept.log new; git add -f kept.log");
    for (size_t i = 0; i < TM_LEN(cases); i++) {
        bool ignored = !cases[i].ignored, tracked = !cases[i].tracked;

        assert_ok(&f->err, tm_git_is_ignored(f->git, tm_str(cases[i].path), &ignored, &f->err));
        assert_ok(&f->err, tm_git_is_tracked(f->git, tm_str(cases[i].path), &tracked, &f->err));
        assert_int_equal(ignored, cases[i].ignored);
        assert_int_equal(tracked, cases[i].tracked);
    }
}

static void tags_are_found_and_listed(void **state)
{
    struct fixture *f = *state;
    struct tm_oid commit, head = head_of(f);
    struct tm_str *tags;
    size_t n;
    bool annotated = false;

    sandbox_run(
        &f->box, NULL,
        "cd r; git tag v2; git tag -am x v10; git tag on/tree HEAD^{tree}; git pack-refs --all; git tag a");
    assert_ok(&f->err, tm_git_tag_find(f->git, "v10", &commit, &annotated, &f->err));
    assert_true(annotated);
    assert_string_equal(commit.hex, head.hex);
    assert_ok(&f->err, tm_git_tag_find(f->git, "v2", &commit, &annotated, &f->err));
    assert_false(annotated);
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_git_tag_find(f->git, "v3", &commit, NULL, &f->err));
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_git_tag_find(f->git, "../heads/main", &commit, NULL, &f->err));
    assert_fails(&f->err, TM_E_GIT, tm_git_tag_find(f->git, "on/tree", &commit, NULL, &f->err));
    assert_ok(&f->err, tm_git_tags(f->git, &f->arena, &tags, &n, &f->err));
    assert_int_equal(n, 4);
    assert_string_equal(tags[0].data, "a");
    assert_string_equal(tags[1].data, "on/tree");
    assert_string_equal(tags[2].data, "v10");
    assert_string_equal(tags[3].data, "v2");
}

static void tag_names_are_judged_as_by_git(void **state)
{
    static const char *const good[] = { "v1", "release/1.0", "a-b", "\xc3\xb6" };
    static const char *const bad[] = { "",   "-v", "a..b", "a b",  "a~", "x.lock",
                                       "/a", "a/", "HEAD", "a\nb", "@{", "a\\b" };

    for (size_t i = 0; i < TM_LEN(good); i++)
        assert_true(tm_git_tag_is_valid(good[i]));
    for (size_t i = 0; i < TM_LEN(bad); i++)
        assert_false(tm_git_tag_is_valid(bad[i]));
}

static void ancestors_are_found_in_shallow_clones_too(void **state)
{
    struct fixture *f = *state;
    static const char script[] =
        "cd r; for i in 2 3 4; do git commit -q --allow-empty -m $i; done;"
        "git checkout -q -b side HEAD~2; git commit -q --allow-empty -m s; git checkout -q main;"
        "cd ..; git clone -q --depth 2 file://$PWD/r clone";
    struct tm_oid first = head_of(f), top, middle, side;
    bool yes = false;

    sandbox_run(&f->box, NULL, script);
    assert_ok(&f->err, tm_git_resolve(f->git, "main", &top, &f->err));
    assert_ok(&f->err, tm_git_resolve(f->git, "main~1", &middle, &f->err));
    assert_ok(&f->err, tm_git_resolve(f->git, "side", &side, &f->err));
    assert_false(tm_git_is_shallow(f->git));
    assert_ok(&f->err, tm_git_is_ancestor(f->git, &first, &top, &yes, &f->err));
    assert_true(yes);
    assert_ok(&f->err, tm_git_is_ancestor(f->git, &top, &top, &yes, &f->err));
    assert_true(yes);
    assert_ok(&f->err, tm_git_is_ancestor(f->git, &side, &top, &yes, &f->err));
    assert_false(yes);
    assert_ok(&f->err, tm_git_is_ancestor(f->git, &top, &first, &yes, &f->err));
    assert_false(yes);
    open_at(f, "clone");
    assert_true(tm_git_is_shallow(f->git));
    assert_ok(&f->err, tm_git_is_ancestor(f->git, &middle, &top, &yes, &f->err));
    assert_true(yes);
    assert_ok(&f->err, tm_git_is_ancestor(f->git, &first, &top, &yes, &f->err));
    assert_false(yes); /* beyond what was fetched */
}

TM_TESTS(GIT_TEST(a_folder_without_git_is_refused), GIT_TEST(bare_and_sha256_repositories_are_refused),
         GIT_TEST(another_users_repository_is_refused),
         GIT_TEST(the_environment_does_not_choose_the_repository),
         GIT_TEST(a_linked_work_tree_has_its_own_head), GIT_TEST(an_unborn_branch_has_no_commit),
         GIT_TEST(a_detached_head_has_no_branch), GIT_TEST(without_an_identity_the_commands_are_named),
         GIT_TEST(the_excludes_file_is_found_as_by_git), GIT_TEST(sparse_and_partial_repositories_open),
         GIT_TEST(revisions_are_peeled_to_commits), GIT_TEST(fewer_than_four_digits_name_nothing),
         GIT_TEST(a_commit_is_read_with_its_parents), GIT_TEST(blob_ids_are_those_of_hash_object),
         GIT_TEST(files_are_read_at_a_commit), GIT_TEST(trees_are_walked_in_order),
         GIT_TEST(changes_are_those_of_git_status), GIT_TEST(ignored_and_tracked_are_told_apart),
         GIT_TEST(tags_are_found_and_listed), GIT_TEST(tag_names_are_judged_as_by_git),
         GIT_TEST(ancestors_are_found_in_shallow_clones_too))
