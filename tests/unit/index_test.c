#include "repo/index.h"
#include "sandbox.h"
#include "test.h"

/* A hand-made index: its parts in the order of docs/formats/index.md. */
static void put32(struct tm_buf *out, uint32_t n)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        tm_buf_addc(out, (char)(n >> shift));
}

static void put_header(struct tm_buf *out, uint32_t version, uint32_t count)
{
    tm_buf_adds(out, "DIRC");
    put32(out, version);
    put32(out, count);
}

static void put_fixed(struct tm_buf *out, uint32_t mode, unsigned flags)
{
    const unsigned char bytes[] = { (unsigned char)(flags >> 8), (unsigned char)flags };

    for (int i = 0; i < 6; i++)
        put32(out, 0);
    put32(out, mode);
    for (int i = 0; i < 3 + 5; i++)
        put32(out, 0);
    tm_buf_add(out, bytes, 2);
}

/* An entry of version 2 at stage 0. */
static void put_entry(struct tm_buf *out, uint32_t mode, const char *path)
{
    size_t len = strlen(path);

    put_fixed(out, mode, len < 0xFFF ? (unsigned)len : 0xFFF);
    tm_buf_adds(out, path);
    for (size_t n = 62 + len; n % 8 || n == 62 + len; n++)
        tm_buf_addc(out, '\0');
}

static void put_checksum(struct tm_buf *out)
{
    for (int i = 0; i < 5; i++)
        put32(out, 0);
}

static enum tm_code parse(struct tm_buf *bytes, struct tm_err *err)
{
    struct tm_index TM_CLEANUP(tm_index_release) index = TM_INDEX_INIT;

    return tm_index_parse(&index, tm_buf_str(bytes), TM_STR(""), err);
}

static const unsigned modes[] = { 0100644, 0120000, 0160000, 0040000 };

/* The index of "r" must be what `git ls-files -s` says, but for the executable bit and stages above the
 * first. */
static void assert_as_git_says(const struct sandbox *box, const char *git_dir)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) got = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_index TM_CLEANUP(tm_index_release) index = TM_INDEX_INIT;
    char *path = sandbox_path(box, git_dir);

    sandbox_run(box, &expected,
                "cd r; git ls-files -s --sparse -z | tr '\\0\\n' '\\n!' | sed 's/^100755/100644/' |"
                "awk -F'\\t' '$2 != before { print substr($1, 1, 48) $2 } { before = $2 }'");
    assert_ok(&err, tm_index_read(&index, path, &err));
    for (size_t i = 0; i < index.n; i++) {
        const struct tm_index_entry *entry = &index.entries[i];
        size_t at;

        tm_buf_addf(&got, "%06o ", modes[entry->kind]);
        tm_buf_add_hex(&got, entry->id, 20);
        tm_buf_addc(&got, ' ');
        at = got.len;
        tm_buf_addf(&got, "%.*s%s\n", (int)entry->len, entry->path, entry->kind == TM_INDEX_DIR ? "/" : "");
        for (; at + 1 < got.len; at++)
            if (got.data[at] == '\n')
                got.data[at] = '!';
    }
    assert_string_equal(got.data, expected.data);
    free(path);
}

static void every_version_is_read_as_by_git(void **state)
{
    static const char *const variants[] = {
        ":",
        "git update-index --index-version 4",
        "git add -N intended; git update-index --skip-worktree a",
        "git add -N intended; git update-index --skip-worktree a; git update-index --index-version 4",
        "git update-index --split-index",
        "git update-index --split-index; git rm -q --cached d/e a; echo 9 >zz; echo 8 >b; git add zz b; "
        "touch 0; git add 0",
        "git update-index --index-version 4; git update-index --split-index; git rm -q --cached d/e; echo 9 "
        ">b; git add b",
        "git config feature.manyFiles true; git update-index --untracked-cache; git status >/dev/null",
        "git checkout -q -b side; echo s >a; git commit -qam s; git checkout -q -; echo m >a; git commit "
        "-qam m;"
        "git merge -q side >/dev/null || :",
        "git sparse-checkout set --cone --sparse-index d",
        "git read-tree --empty",
        "git ls-files -z | head -zn100 | git update-index -z --force-remove --stdin; git update-index "
        "--split-index;"
        "git config splitIndex.maxPercentChange 100; for i in 1 2 3 4 5 6 7 8 9; do rm f1$i; git rm -q "
        "--cached --ignore-unmatch f1$i; echo $i >f2$i; git add f2$i; done",
    };
    struct sandbox box = sandbox_make();

    for (size_t i = 0; i < TM_LEN(variants); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) script = TM_BUF_INIT;

        sandbox_run(&box, NULL,
                    "rm -rf r sub; git init -q sub; git -C sub commit -q --allow-empty -m 1; git init -q r; "
                    "cd r; mkdir d other;"
                    "echo 1 >a; echo 2 >b; echo 3 >'with\nline'; printf x >\"$(printf '\\377')\"; echo 4 "
                    ">d/e; echo 5 >d-; echo 6 >d.e;"
                    "ln -s a link; touch other/x intended; chmod +x b; for i in $(seq 300); do echo $i >f$i; "
                    "done; git submodule --quiet add ../sub sub;"
                    "git add .; git reset -q intended; git commit -qm 1");
        tm_buf_addf(&script, "cd r; { %s; } 2>&1", variants[i]);
        sandbox_run(&box, NULL, script.data);
        assert_as_git_says(&box, "r/.git");
    }
    sandbox_remove(&box);
}

static void paths_may_be_as_long_as_a_path_can_be(void **state)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    char path[4097];

    for (size_t len = 4094; len <= 4096; len++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;
        struct tm_index TM_CLEANUP(tm_index_release) index = TM_INDEX_INIT;

        memset(path, 'p', len);
        path[len] = '\0';
        put_header(&bytes, 2, 1);
        put_entry(&bytes, 0100644, path);
        put_checksum(&bytes);
        if (len > 4095) {
            assert_fails(&err, TM_E_FORMAT, tm_index_parse(&index, tm_buf_str(&bytes), TM_STR(""), &err));
        } else {
            assert_ok(&err, tm_index_parse(&index, tm_buf_str(&bytes), TM_STR(""), &err));
            assert_int_equal(index.entries[0].len, len);
        }
    }
}

static void what_two_paths_share_is_told(void **state)
{
    static const char *const paths[] = { "a", "a/b", "a/bc/d", "a/bc/e/f", "b" };
    static const uint32_t shared[] = { 0, 1, 3, 5, 0 };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;
    struct tm_index TM_CLEANUP(tm_index_release) index = TM_INDEX_INIT;

    put_header(&bytes, 2, TM_LEN(paths));
    for (size_t i = 0; i < TM_LEN(paths); i++)
        put_entry(&bytes, 0100644, paths[i]);
    put_checksum(&bytes);
    assert_ok(&err, tm_index_parse(&index, tm_buf_str(&bytes), TM_STR(""), &err));
    for (size_t i = 0; i < TM_LEN(paths); i++)
        assert_int_equal(index.entries[i].shared, shared[i]);
}

static void paths_that_could_lead_out_are_refused(void **state)
{
    static const char *const bad[][2] = {
        { "/a", NULL },       { "a//b", NULL },
        { "a/", NULL },       { "..", NULL },
        { "../a", NULL },     { "a/../b", NULL },
        { ".", NULL },        { "a/./b", NULL },
        { ".git", NULL },     { ".git/config", NULL },
        { "a/.GIT/x", NULL }, { "", NULL },
        { "b", "a" },         { "a", "a" },
        { "a/b", "a-b" },     { "abc", "ab" },
        { "a/b", "a/../c" },  { "a.", "a./.." },
    };

    for (size_t i = 0; i < TM_LEN(bad); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;

        put_header(&bytes, 2, bad[i][1] ? 2 : 1);
        put_entry(&bytes, 0100644, bad[i][0]);
        if (bad[i][1])
            put_entry(&bytes, 0100644, bad[i][1]);
        put_checksum(&bytes);
        assert_fails(&err, TM_E_FORMAT, parse(&bytes, &err));
        assert_non_null(strstr(err.msg, "entry"));
    }
}

static void names_that_only_look_dangerous_are_fine(void **state)
{
    static const char *const good[] = { "...", ".gitignore", "a/..b", "a/.gitx/b", "b./c", "c\\d", "d\ne" };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;

    put_header(&bytes, 2, TM_LEN(good));
    for (size_t i = 0; i < TM_LEN(good); i++)
        put_entry(&bytes, 0100644, good[i]);
    put_checksum(&bytes);
    assert_ok(&err, parse(&bytes, &err));
}

/* Damages that a table of bytes shows best: offsets in an index of the entries "a" and "bb" (64 and 72
 * bytes). */
static void damage_is_refused_where_it_is(void **state)
{
    static const struct {
        size_t at;
        unsigned char byte;
        const char *word;
    } cases[] = {
        { 0, 'd', "DIRC" },
        { 7, 1, "version" },
        { 7, 5, "version" },
        { 11, 3, "than fit" },          /* one entry more than there are */
        { 8, 0x7F, "than fit" },        /* two thousand million more */
        { 11, 1, "extension" },         /* one less: what follows is no extension */
        { 12 + 26, 0x00, "type" },      /* mode */
        { 12 + 60, 0x40, "version 2" }, /* extended flags */
        { 12 + 61, 2, "type" },         /* length: the next entry is looked for 8 bytes too far */
        { 12 + 61, 0, "not end" },      /* length: the path ends before its NUL */
        { 12 + 62, 0, "" },             /* NUL inside the path */
        { 143, 1, "padded" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;

        put_header(&bytes, 2, 2);
        put_entry(&bytes, 0100644, "a");
        put_entry(&bytes, 0100644, "bb");
        put_checksum(&bytes);
        assert_ok(&err, parse(&bytes, &err));
        bytes.data[cases[i].at] = (char)cases[i].byte;
        assert_fails(&err, TM_E_FORMAT, parse(&bytes, &err));
        if (!strstr(err.msg, cases[i].word))
            fail_msg("case %zu: '%s' is not in: %s", i, cases[i].word, err.msg);
    }
}

static void extensions_are_bounded(void **state)
{
    static const struct {
        const char *name;
        uint32_t size, given;
        enum tm_code code;
    } cases[] = {
        { "TREE", 5, 5, TM_OK },   { "TREE", 6, 5, TM_E_FORMAT }, { "TREE", UINT32_MAX, 5, TM_E_FORMAT },
        { "ZZZZ", 0, 0, TM_OK },   { "sdir", 0, 0, TM_OK },       { "zzzz", 0, 0, TM_E_FORMAT },
        { "link", 20, 20, TM_OK }, { "link", 21, 21, TM_OK },     { "TREE", 0, 7, TM_E_FORMAT },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;

        put_header(&bytes, 2, 1);
        put_entry(&bytes, 0100644, "a");
        tm_buf_adds(&bytes, cases[i].name);
        put32(&bytes, cases[i].size);
        for (uint32_t n = 0; n < cases[i].given; n++)
            tm_buf_addc(&bytes, '\0');
        put_checksum(&bytes);
        assert_int_equal(parse(&bytes, &err), cases[i].code);
    }
}

static void version_4_cannot_take_away_more_than_there_is(void **state)
{
    static const struct {
        const char *drop; /* the number, as it stands there */
        size_t len;
        enum tm_code code;
    } cases[] = {
        { "\x00", 1, TM_OK },
        { "\x01", 1, TM_OK },
        { "\x02", 1, TM_E_FORMAT },
        { "\x80\x00", 2, TM_E_FORMAT },
        { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 11, TM_E_FORMAT },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;

        put_header(&bytes, 4, 2);
        put_fixed(&bytes, 0100644, 0xFFF);
        tm_buf_add(&bytes, "\0a\0", 3);
        put_fixed(&bytes, 0100644, 0xFFF);
        tm_buf_add(&bytes, cases[i].drop, cases[i].len);
        tm_buf_add(&bytes, "b\0", 2);
        put_checksum(&bytes);
        assert_int_equal(parse(&bytes, &err), cases[i].code);
    }
}

/* No cut of a real index may be read as another index, but for the one that takes away just the extensions.
 */
static void cut_files_are_refused(void **state)
{
    struct sandbox box = sandbox_make();
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;
    size_t accepted = 0, full;

    sandbox_run(&box, &bytes,
                "git init -q r; cd r; mkdir d; touch a d/b; git add .; git commit -qm 1; cat .git/index");
    full = bytes.len;
    for (size_t len = 0; len < full; len++) {
        bytes.len = len;
        accepted += parse(&bytes, &err) == TM_OK;
    }
    assert_int_equal(accepted, 1);
    sandbox_remove(&box);
}

static void a_split_index_needs_its_other_half(void **state)
{
    struct sandbox box = sandbox_make();
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_index TM_CLEANUP(tm_index_release) index = TM_INDEX_INIT;
    char *git_dir = sandbox_path(&box, "r/.git");

    sandbox_run(
        &box, NULL,
        "git init -q r; cd r; touch a b; git add .; git update-index --split-index; echo 1 >a; git add a;"
        "rm .git/sharedindex.*");
    assert_fails(&err, TM_E_FORMAT, tm_index_read(&index, git_dir, &err));
    assert_non_null(strstr(err.msg, "missing"));
    free(git_dir);
    sandbox_remove(&box);
}

static void bitmaps_that_do_not_fit_are_refused(void **state)
{
    /* Two bitmaps, as 32-bit numbers; the shared index has one entry. */
    static const struct {
        uint32_t words[16];
        size_t n;
        enum tm_code code;
    } cases[] = {
        /* No bits, no words: nothing deleted, nothing replaced. */
        { { 0, 0, 0, 0, 0, 0 }, 6, TM_OK },
        /* One bit, one marker with one literal word: bit 0 deleted. */
        { { 1, 2, 2, 0, 0, 1, 0, 0, 0, 0 }, 10, TM_OK },
        /* A run of one word of ones says the same. */
        { { 1, 1, 0, 3, 0, 0, 0, 0 }, 8, TM_OK },
        { { 2, 0, 0, 0, 0, 0 }, 6, TM_E_FORMAT },                /* more bits than entries */
        { { 1, 2, 2, 0, 0, 2, 0, 0, 0, 0 }, 10, TM_E_FORMAT },   /* bit 1 */
        { { 1, 1, 2, 0, 0, 0, 0, 0 }, 8, TM_E_FORMAT },          /* a literal word that is not there */
        { { 1, 9, 0, 0, 0, 0, 0, 0 }, 8, TM_E_FORMAT },          /* words past the end */
        { { 1, 1, 1, 0xFFFFFFFF, 0, 0, 0, 0 }, 8, TM_E_FORMAT }, /* a run without end */
        { { 0, 0, 0, 1, 1, 0, 3, 0 }, 8, TM_E_FORMAT },          /* replaced by an entry that is not there */
        { { 0, 0, 0 }, 3, TM_E_FORMAT },                         /* one bitmap only */
        { { 0 }, 1, TM_E_FORMAT },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) shared = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;
        struct tm_index TM_CLEANUP(tm_index_release) index = TM_INDEX_INIT;

        put_header(&shared, 2, 1);
        put_entry(&shared, 0100644, "a");
        put_checksum(&shared);
        put_header(&bytes, 2, 1);
        put_entry(&bytes, 0100644, "b");
        tm_buf_adds(&bytes, "link");
        put32(&bytes, (uint32_t)(20 + 4 * cases[i].n));
        tm_buf_adds(&bytes, "12345678901234567890");
        for (size_t n = 0; n < cases[i].n; n++)
            put32(&bytes, cases[i].words[n]);
        put_checksum(&bytes);
        if (tm_index_parse(&index, tm_buf_str(&bytes), tm_buf_str(&shared), &err) != cases[i].code)
            fail_msg("case %zu: %s", i, tm_err_msg(&err));
        if (cases[i].code == TM_OK)
            assert_int_equal(index.n, i == 0 ? 2 : 1);
    }
}

TM_TESTS(cmocka_unit_test(every_version_is_read_as_by_git),
         cmocka_unit_test(paths_may_be_as_long_as_a_path_can_be),
         cmocka_unit_test(what_two_paths_share_is_told),
         cmocka_unit_test(paths_that_could_lead_out_are_refused),
         cmocka_unit_test(names_that_only_look_dangerous_are_fine),
         cmocka_unit_test(damage_is_refused_where_it_is), cmocka_unit_test(extensions_are_bounded),
         cmocka_unit_test(version_4_cannot_take_away_more_than_there_is),
         cmocka_unit_test(cut_files_are_refused), cmocka_unit_test(a_split_index_needs_its_other_half),
         cmocka_unit_test(bitmaps_that_do_not_fit_are_refused))
