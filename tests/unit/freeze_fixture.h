/*
 * A repository that is ready to be frozen, with its lock held: modules "a" and "b", generated files and
 * trends, a ledger of coverage and one of benchmarks. What the tests of freezing and rolling back stand on.
 * Its contents are not true, only there.
 */
#ifndef TM_FREEZE_FIXTURE_H
#define TM_FREEZE_FIXTURE_H

#include "freeze/freeze.h"
#include "sandbox.h"

struct frozen {
    struct sandbox box;
    struct tm_repo repo;
    struct tm_catalog catalog;
    struct tm_note_signer signer;
    bool is_signed; /* freezes with the signer */
    struct tm_err err;
};

TM_UNUSED static void close_repo(struct frozen *f)
{
    tm_catalog_release(&f->catalog);
    f->catalog = (struct tm_catalog) { 0 };
    tm_repo_close(&f->repo);
}

/* Opens, locks (which recovers) and discovers. */
TM_UNUSED static void open_repo(struct frozen *f)
{
    close_repo(f);
    assert_ok(&f->err, tm_repo_open(&f->repo, f->box.dir, NULL, &f->err));
    assert_ok(&f->err, tm_repo_lock(&f->repo, 0, &f->err));
    assert_ok(&f->err, tm_catalog_load(&f->catalog, &f->repo, &f->err));
}

TM_UNUSED static void append_entry(struct frozen *f, const char *ledger, enum tm_ledger_kind kind,
                                   const char *module)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_ledger_draft draft = { kind, tm_str(module),
                                     TM_STR("{\"evidence\":\"no_data\",\"dirty\":false}") };
    struct tm_ledger_file file;
    struct tm_ledger_run run;

    tm_repo_ledger(&f->repo, ledger, &path);
    file = tm_ledger_in(&f->repo, tm_buf_str(&path));
    tm_ledger_run_init(&run);
    assert_ok(&f->err, tm_ledger_append(&file, &run, 1795348800, &draft, 1, NULL, &f->err));
}

TM_UNUSED static int set_up(void **state)
{
    struct frozen *f = tm_alloc(sizeof(*f));

    *state = f;
    f->err = TM_ERR_INIT;
    f->repo = TM_REPO_INIT;
    f->box = sandbox_make();
    sandbox_run(
        &f->box, NULL,
        "git init -q; printf '.gitconfig\\n.stderr\\n' >.git/info/exclude\n"
        "mkdir -p a b/sub docs/_generated trends\n"
        "echo '{\"name\": \"a\", \"testing\": {\"coverage_observed\": 36.50}}' >a/module.manifest.json\n"
        "printf '{\\n\\t\"name\" : \"b\"\\n}' >b/module.manifest.json\n"
        "echo one >b/sub/README.md\n"
        "cd docs/_generated\n"
        "echo '{\"module_count\": 2}' >MODULE_REGISTRY.json\n"
        "echo '{\"summary\": {\"total_modules\": 2, \"avg_health_score\": 20.30}}' >META_REGISTRY.json\n"
        "echo map >DOCUMENTATION_MAP.md; echo index >MODULE_INDEX.md\n"
        "cd ../../trends; echo date,module >coverage_trend.csv; echo date,p50 >bench_trend.csv");
    open_repo(f);
    append_entry(f, "coverage.ndjson", TM_LEDGER_COVERAGE, "a");
    append_entry(f, "bench.ndjson", TM_LEDGER_BENCH, "b");
    sandbox_run(&f->box, NULL, "git add -A; git commit -qm 'ready to be frozen'");
    return 0;
}

TM_UNUSED static int tear_down(void **state)
{
    struct frozen *f = *state;

    close_repo(f);
    tm_err_release(&f->err);
    sandbox_remove(&f->box);
    free(f);
    return 0;
}

#define FREEZE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TM_UNUSED static int set_up_signed(void **state)
{
    struct frozen *f;

    set_up(state);
    f = *state;
    assert_ok(&f->err, tm_note_signer_new(&f->signer, TM_STR("example.org/harbour"), &f->err));
    f->is_signed = true;
    return 0;
}

#define SIGNED_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_signed, tear_down)

TM_UNUSED static enum tm_code freeze(struct frozen *f, const char *tag, enum tm_freeze_kind kind,
                                     const char *reason)
{
    struct tm_freeze_request request = { tag, kind, reason, f->is_signed ? &f->signer : NULL };
    struct tm_freeze_result TM_CLEANUP(tm_freeze_result_release) result = { 0 };

    return tm_freeze_create(&f->repo, &f->catalog, &request, &result, &f->err);
}

/* Everything that a freeze may change and people see, and what must not be left in the git folder. */
TM_UNUSED static void snapshot(struct frozen *f, struct tm_buf *out)
{
    tm_buf_clear(out);
    sandbox_run(&f->box, out,
                "git for-each-ref; cat .git/HEAD; git status --porcelain -uall; git ls-files -s\n"
                "find . -path ./.git -prune -o -type f ! -name .stderr -exec cksum {} + | sort\n"
                "find .git -name '*.lock' -o -name '*tidemark-*' -o -path '*/publish*' -type f; ls "
                ".git/tidemark/tmp");
}

TM_UNUSED static void assert_mentions(struct frozen *f, const char *word)
{
    if (!f->err.msg || !strstr(f->err.msg, word))
        fail_msg("'%s' is not in: %s", word, tm_err_msg(&f->err));
}

#endif
