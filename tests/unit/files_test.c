/*
 * The listing of files, held against the real git on random repositories: nested and odd ignore rules,
 * odd names, tracked files that are ignored, gone or turned into something else, repositories in
 * repositories, every version of the index. TM_TEST_REPOS sets how many; a failure names its seed.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "repo/files.h"
#include "sandbox.h"
#include "test.h"

struct fixture {
    struct sandbox box;
    struct tm_repo repo;
    struct tm_err err;
    uint64_t seed;
};

static int set_up(void **state)
{
    struct fixture *f = tm_alloc(sizeof(*f));

    f->box = sandbox_make();
    f->repo = TM_REPO_INIT;
    f->err = TM_ERR_INIT;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tm_repo_close(&f->repo);
    tm_err_release(&f->err);
    sandbox_remove(&f->box);
    free(f);
    return 0;
}

/* Lists the repository "r" of the sandbox. */
static struct tm_files list(struct fixture *f)
{
    struct tm_files files = TM_FILES_INIT;
    char *path = sandbox_path(&f->box, "r");

    tm_repo_close(&f->repo);
    assert_ok(&f->err, tm_repo_open(&f->repo, path, NULL, &f->err));
    assert_ok(&f->err, tm_files_list(&files, &f->repo, &f->err));
    free(path);
    return files;
}

/* The paths, each with " L" for a link and " -" when left out, one a line. */
static void assert_lists(struct fixture *f, const char *expected)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_files TM_CLEANUP(tm_files_release) files = list(f);

    for (size_t i = 0; i < files.n; i++)
        tm_buf_addf(&got, "%s%s%s%s\n", files.items[i].path.data, files.items[i].tracked ? "" : " ?",
                    files.items[i].is_link ? " L" : "", files.items[i].left_out ? " -" : "");
    assert_string_equal(got.data, expected);
}

static uint64_t next(struct fixture *f)
{
    f->seed ^= f->seed << 13;
    f->seed ^= f->seed >> 7;
    f->seed ^= f->seed << 17;
    return f->seed;
}

static size_t below(struct fixture *f, size_t n)
{
    return (size_t)((next(f) >> 11) % n);
}

static bool chance(struct fixture *f, size_t percent)
{
    return below(f, 100) < percent;
}

static const char *const names[] = { "a",         "b",           "c",       "ab",       "abc",     "build",
                                     "x.o",       "foo.txt",     "dir",     "A",        "Foo.txt", "sp ace",
                                     "new\nline", "\xff\xfe",    "#hash",   "!not",     "end ",    "[x]",
                                     "a*b",       "back\\slash", ".hidden", "\xc3\xb6", "a-b",     "a.b",
                                     "ta\tb",     "B",           "7" };

static const char *const tokens[] = { "*",     "**",     "?",         "/",           "/",
                                      "[a-c]", "[!a]",   "[^b]",      "[[:alpha:]]", "[[:digit:]x]",
                                      "[]x]",  "[a-",    "\\",        "\\*",         "*.o",
                                      "**/",   "/**",    "a",         "b",           "c",
                                      "ab",    "build",  "dir",       "foo.txt",     " ",
                                      "\\ ",   ".",      "[[:bad:]]", "[A-B]",       "\xc3\xb6",
                                      "***",   "[\\]x]", "x",         "[a-b-c]",     "[[:upper:]]",
                                      "new",   "-",      "!",         "#",           "[[:x]" };

/* One line of an ignore file. */
static void add_rule(struct fixture *f, struct tm_buf *out)
{
    if (chance(f, 25))
        tm_buf_addc(out, '!');
    if (chance(f, 25))
        tm_buf_addc(out, '/');
    if (chance(f, 35)) {
        tm_buf_adds(out, names[below(f, TM_LEN(names))]);
    } else {
        for (size_t i = 1 + below(f, 4); i > 0; i--)
            tm_buf_adds(out, tokens[below(f, TM_LEN(tokens))]);
    }
    if (chance(f, 25))
        tm_buf_addc(out, '/');
    if (chance(f, 5))
        tm_buf_adds(out, chance(f, 50) ? "  " : "\r");
    if (chance(f, 97))
        tm_buf_addc(out, '\n');
}

static void write_rules(struct fixture *f, const char *path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    FILE *file = fopen(path, "w");

    if (!file)
        return;
    if (chance(f, 5))
        tm_buf_adds(&text, "\xEF\xBB\xBF");
    for (size_t i = 1 + below(f, 5); i > 0; i--)
        add_rule(f, &text);
    fwrite(text.data, 1, text.len, file);
    fclose(file);
}

/* Fills the folder at path, and makes some of what is there already something else. */
static void grow(struct fixture *f, const char *path, int depth)
{
    for (size_t i = 2 + below(f, 7); i > 0; i--) {
        struct tm_buf TM_CLEANUP(tm_buf_release) at = TM_BUF_INIT;

        tm_buf_addf(&at, "%s/%s", path, names[below(f, TM_LEN(names))]);
        if (depth < 4 && chance(f, 40)) {
            mkdir(at.data, 0777);
            grow(f, at.data, depth + 1);
        } else if (chance(f, 6)) {
            (void)!symlink(chance(f, 50) ? ".." : "nowhere", at.data);
        } else if (chance(f, 3)) {
            mkfifo(at.data, 0666);
        } else {
            int fd = open(at.data, O_CREAT | O_EXCL | O_WRONLY, 0666);

            if (fd >= 0)
                close(fd);
        }
    }
    if (chance(f, 30)) {
        struct tm_buf TM_CLEANUP(tm_buf_release) at = TM_BUF_INIT;

        tm_buf_addf(&at, "%s/.gitignore", path);
        write_rules(f, at.data);
    }
}

/* Deletes or replaces about one in ten of what stands in the folder. */
static void shrink(struct fixture *f, const char *path)
{
    for (size_t i = 0; i < TM_LEN(names); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) at = TM_BUF_INIT;
        struct stat st;

        tm_buf_addf(&at, "%s/%s", path, names[i]);
        if (lstat(at.data, &st) < 0)
            continue;
        if (S_ISDIR(st.st_mode)) {
            shrink(f, at.data);
        } else if (chance(f, 10)) {
            unlink(at.data);
            if (chance(f, 30))
                (void)!symlink("elsewhere", at.data);
            else if (chance(f, 30) && mkdir(at.data, 0777) == 0)
                grow(f, at.data, 4);
        }
    }
}

/* Makes some folders repositories of their own: whole, empty, or only looking like one. */
static void nest(struct fixture *f)
{
    sandbox_run(&f->box, NULL,
                chance(f, 50)
                    ? "cd r; find . -name .git -prune -o -type d -name b -print0 | head -zn1 |"
                      "xargs -0rn1 sh -c 'git init -q \"$0\"; cd \"$0\"; git commit -q --allow-empty -m 1'"
                    : "cd r; find . -name .git -prune -o -type d -name c -print0 | head -zn1 |"
                      "xargs -0rn1 git init -q;"
                      "find . -name .git -prune -o -type d -name build -print0 | head -zn1 |"
                      "xargs -0rI@ sh -c 'mkdir -p \"$0/.git/objects\"' @");
}

static const char *const variants[] = {
    "git config index.version 4; rm -f .git/index.x",
    "git update-index --index-version 4",
    "git update-index --split-index",
    ("git update-index --split-index; git ls-files -z | head -zn3 | git update-index -z --force-remove "
     "--stdin;"
     "git add -f --intent-to-add . 2>/dev/null || :"),
    "git ls-files -z | head -zn3 | git update-index -z --skip-worktree --stdin",
    ("git ls-files -z | grep -z '\\.gitignore$' >../left || :; git update-index -z --skip-worktree --stdin "
     "<../left;"
     "xargs -0r rm -f <../left"),
    "git config core.ignorecase true",
    ":",
    ":",
};

/* What git lists, as the listing should. */
static const char expected_script[] =
    "cd r;"
    "git ls-files -co --exclude-standard -z | LC_ALL=C sort -zu >../all;"
    "git ls-files -d -z | LC_ALL=C sort -zu >../gone;"
    "git ls-files -s -z | grep -az '^160000' | cut -zf2- | LC_ALL=C sort -zu >../subs || :;"
    "LC_ALL=C comm -z -23 ../all ../gone | LC_ALL=C comm -z -23 - ../subs >../some;"
    /* Other repositories end in '/'; a tracked path that is neither file nor link now is gone for us. */
    "git ls-files -z -t | grep -az '^S' | cut -zc3- | LC_ALL=C sort -zu >../skipped || :;"
    "perl -0ne 'BEGIN { local $/ = \"\\0\"; open F, \"../skipped\"; chomp(@s = <F>); @s{@s} = (1) x @s }"
    "chomp; next if m,/$,; print \"$_\\0\" if $s{$_} || -l $_ || -f $_' ../some";

/* Names what is in one list of NUL-ended paths and not in the other. */
static void print_missing(const char *what, const struct tm_buf *from, const struct tm_buf *in)
{
    for (size_t at = 0; at < from->len; at += strlen(from->data + at) + 1) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        size_t to = 0;

        while (to < in->len && strcmp(in->data + to, from->data + at) != 0)
            to += strlen(in->data + to) + 1;
        tm_buf_add_escaped(&text, tm_str(from->data + at));
        if (to == in->len)
            print_message("%s: %s\n", what, text.data);
    }
}

static void compare_with_git(struct fixture *f, uint64_t seed)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_files TM_CLEANUP(tm_files_release) files = list(f);

    sandbox_run(&f->box, &expected, expected_script);
    for (size_t i = 0; i < files.n; i++) {
        tm_buf_add_str(&got, files.items[i].path);
        tm_buf_addc(&got, '\0');
        assert_true(i == 0 || tm_str_cmp(files.items[i - 1].path, files.items[i].path) < 0);
        assert_ptr_equal(tm_files_find(&files, files.items[i].path), &files.items[i]);
    }
    if (tm_str_eq(tm_buf_str(&expected), tm_buf_str(&got)))
        return;
    print_missing("only git lists", &expected, &got);
    print_missing("only we list", &got, &expected);
    if (getenv("TM_TEST_KEEP"))
        f->box.dir[0] = '\0';
    fail_msg("the listing of '%s', of seed %llu, differs from git's", f->repo.root.path,
             (unsigned long long)seed);
}

/* Only names that differ by more than case, for repositories that ignore it. */
static void random_repository(struct fixture *f, uint64_t seed)
{
    char *path = sandbox_path(&f->box, "r"), *global = sandbox_path(&f->box, ".config/git/ignore");
    const char *variant;
    bool icase;

    f->seed = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    variant = variants[below(f, TM_LEN(variants))];
    icase = strstr(variant, "ignorecase") != NULL;
    sandbox_run(&f->box, NULL, "rm -rf r .config; mkdir -p .config/git; git init -q r");
    grow(f, path, 0);
    if (chance(f, 30))
        nest(f);
    /* -f: some of what is tracked is ignored. */
    sandbox_run(&f->box, NULL,
                chance(f, 50) ? "cd r; git add . 2>/dev/null || :"
                              : "cd r; find . -name .git -prune -o -type f -print0 | head -zn20 |"
                                "GIT_LITERAL_PATHSPECS=1 xargs -0r git add -f 2>/dev/null || :");
    {
        struct tm_buf TM_CLEANUP(tm_buf_release) script = TM_BUF_INIT;

        tm_buf_addf(&script, "cd r; { %s; } 2>/dev/null", variant);
        sandbox_run(&f->box, NULL, script.data);
    }
    /* What a case-insensitive file system would do to a deleted file cannot be had here. */
    if (!icase)
        shrink(f, path);
    grow(f, path, 1);
    if (chance(f, 30))
        nest(f);
    if (chance(f, 30))
        write_rules(f, global);
    if (chance(f, 30)) {
        char *exclude = sandbox_path(&f->box, "r/.git/info/exclude");

        write_rules(f, exclude);
        free(exclude);
    }
    compare_with_git(f, seed);
    free(path);
    free(global);
}

static void random_repositories_are_listed_as_by_git(void **state)
{
    const char *count = getenv("TM_TEST_REPOS"), *first = getenv("TM_TEST_SEED");
    uint64_t n = 12, start = 1;

    if (count && !tm_str_u64(tm_str(count), &n))
        fail();
    if (first && !tm_str_u64(tm_str(first), &start))
        fail();
    for (uint64_t seed = start; seed < start + n; seed++)
        random_repository(*state, seed);
}

/* From 2,000 tracked files on several threads share the folders. */
static void a_large_repository_is_listed_as_by_git(void **state)
{
    struct fixture *f = *state;

    sandbox_run(
        &f->box, NULL,
        "git init -q r; cd r; for i in $(seq 60); do mkdir -p $i/in/$i; (cd $i; seq 30 | xargs touch;"
        "cd in; seq 20 | xargs touch; cd $i; seq 5 | xargs touch); done; echo '*.o' >.gitignore; git add .;"
        "git commit -qm 1; for i in $(seq 60); do touch $i/x.o $i/in/new $i/in/x.o; mkdir -p "
        "$i/un/tracked/x.o;"
        "touch $i/un/y $i/un/tracked/z $i/un/tracked/x.o/o; echo \"$i\" >$i/in/.gitignore; touch $i/in/$i/u;"
        "rm $i/7; done; git init -q 5/un/repo; git -C 5/un/repo commit -q --allow-empty -m 1; touch "
        "5/un/repo/f");
    for (uint64_t round = 0; round < 5; round++)
        compare_with_git(f, round);
}

static void what_is_not_listed_is_counted(void **state)
{
    struct fixture *f = *state;
    struct tm_files files;

    sandbox_run(
        &f->box, NULL,
        "git init -q r; git init -q sub; git -C sub commit -q --allow-empty -m 1; cd r;"
        "git submodule --quiet add ../sub sub;"
        "printf 'ignored/\\n' >.gitignore; mkdir -p ignored/deep excluded/in other; touch a gone ignored/x "
        "ignored/deep/y excluded/t excluded/in/t other/x.pb.go; git add a gone excluded; git commit -qm 1;"
        "rm gone; touch excluded/untracked; ln -s a link; mkfifo fifo;"
        "printf 'exclude:\\n  - excluded/\\n  - \"*.pb.go\"\\n' >tidemark.yaml");
    assert_lists(f, ".gitignore ?\n.gitmodules\na\nlink ? L\ntidemark.yaml ?\n");
    files = list(f);
    assert_int_equal(files.ignored_dirs, 1);
    assert_int_equal(files.excluded, 3); /* two tracked in the folder, x.pb.go */
    assert_int_equal(files.missing, 1);
    assert_int_equal(files.submodules, 1);
    assert_null(tm_files_find(&files, TM_STR("gone")));
    tm_files_release(&files);
}

static void a_sparse_checkout_misses_nothing(void **state)
{
    struct fixture *f = *state;

    sandbox_run(
        &f->box, NULL,
        "git init -q r; cd r; mkdir -p in out/deep; touch in/a out/b out/deep/d z; ln -s q out/deep/c;"
        "git add .; git commit -qm 1; git sparse-checkout set --cone --no-sparse-index in");
    assert_lists(f, "in/a\nout/b -\nout/deep/c L -\nout/deep/d -\nz\n");
    sandbox_run(&f->box, NULL, "cd r; git sparse-checkout reapply --sparse-index");
    sandbox_says(&f->box, "cd r; git ls-files --sparse", "in/a\nout/\nz\n");
    assert_lists(f, "in/a\nout/b -\nout/deep/c L -\nout/deep/d -\nz\n");
}

static void a_linked_work_tree_has_its_own_files(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL,
                "git init -q main; cd main; touch a; git add a; git commit -qm 1; echo x >.git/info/exclude;"
                "git worktree add -q ../r; cd ../r; touch b x; git add b; mkdir d; touch d/c");
    assert_lists(f, "a\nb\nd/c ?\n");
}

static void a_repository_without_an_index_lists_untracked_files(void **state)
{
    struct fixture *f = *state;

    sandbox_run(&f->box, NULL, "git init -q r; touch r/a");
    assert_lists(f, "a ?\n");
}

static void a_folder_that_cannot_be_read_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct tm_files files = TM_FILES_INIT;
    char *path = sandbox_path(&f->box, "r");
    bool root = geteuid() == 0;
    enum tm_code code;

    sandbox_run(&f->box, NULL, "git init -q r; mkdir r/d; chmod 0 r/d; chmod 755 .");
    assert_ok(&f->err, tm_repo_open(&f->repo, path, NULL, &f->err));
    /* Nothing is closed to root. */
    assert_int_equal(root ? seteuid(65534) : 0, 0);
    code = tm_files_list(&files, &f->repo, &f->err);
    assert_int_equal(root ? seteuid(0) : 0, 0);
    assert_int_equal(code, TM_E_IO);
    assert_non_null(strstr(f->err.msg, "'d'"));
    sandbox_run(&f->box, NULL, "chmod 700 r/d");
    free(path);
}

TM_TESTS(cmocka_unit_test_setup_teardown(a_large_repository_is_listed_as_by_git, set_up, tear_down),
         cmocka_unit_test_setup_teardown(what_is_not_listed_is_counted, set_up, tear_down),
         cmocka_unit_test_setup_teardown(a_sparse_checkout_misses_nothing, set_up, tear_down),
         cmocka_unit_test_setup_teardown(a_linked_work_tree_has_its_own_files, set_up, tear_down),
         cmocka_unit_test_setup_teardown(a_repository_without_an_index_lists_untracked_files, set_up,
                                         tear_down),
         cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_read_is_an_error, set_up, tear_down),
         cmocka_unit_test_setup_teardown(random_repositories_are_listed_as_by_git, set_up, tear_down))
