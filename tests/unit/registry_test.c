#include "catalog/registry.h"
#include "catalog/scan.h"
#include "health/meta.h"
#include "sandbox.h"
#include "test.h"

/* A repository of two modules, one with measured coverage; registry and meta-registry are written. */
struct fixture {
    struct sandbox box;
    struct tm_repo repo;
    struct tm_catalog catalog;
    struct tm_observations observations;
    struct tm_meta meta;
    struct tm_err err;
};

static int set_up(void **state)
{
    struct fixture *f = tm_alloc(sizeof(*f));
    char *path;

    f->box = sandbox_make();
    sandbox_run(&f->box, NULL,
                "git init -q r; cd r; mkdir -p a b/tests manifests/.ledger;"
                "echo '{\"name\": \"alpha\"}' >a/module.manifest.json; echo '{}' >b/module.manifest.json;"
                "touch a/README.md b/tests/test_b.py;"
                "echo '{\"ts\":\"2025-10-05\",\"module\":\"alpha\",\"coverage\":36.5}' "
                ">manifests/.ledger/coverage.ndjson");
    path = sandbox_path(&f->box, "r");
    assert_ok(&f->err, tm_repo_open(&f->repo, path, NULL, &f->err));
    assert_ok(&f->err, tm_catalog_load(&f->catalog, &f->repo, &f->err));
    assert_ok(&f->err, tm_observations_load(&f->observations, &f->repo, &f->err));
    assert_ok(&f->err, tm_meta_compute(&f->meta, &f->repo, &f->catalog, &f->observations, &f->err));
    assert_ok(&f->err, tm_scan_write(&f->repo, &f->catalog, NULL, &f->err));
    assert_ok(&f->err, tm_generated_write(&tm_meta_file, &f->repo, &f->meta, NULL, &f->err));
    free(path);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tm_meta_release(&f->meta);
    tm_observations_release(&f->observations);
    tm_catalog_release(&f->catalog);
    tm_repo_close(&f->repo);
    tm_err_release(&f->err);
    sandbox_remove(&f->box);
    free(f);
    return 0;
}

/* Puts text with the first `from` replaced by `to` in the place of a generated file. */
static void damage(struct fixture *f, const struct tm_generated *file, const char *text, const char *from,
                   const char *to)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) changed = TM_BUF_INIT;
    const char *hit = strstr(text, from);

    if (!hit)
        fail_msg("'%s' is not in the file", from);
    tm_buf_adds(&changed, text);
    tm_buf_splice(&changed, (size_t)(hit - text), strlen(from), tm_str(to));
    tm_repo_generated(&f->repo, file->name, &path);
    assert_ok(&f->err,
              tm_root_replace(&f->repo.root, tm_buf_str(&path), tm_buf_str(&changed), NULL, &f->err));
}

struct damage {
    const char *from, *to, *message;
};

/* Each damage must be refused with its message, and the file as it was be fine again. */
static void check_damages(struct fixture *f, const struct tm_generated *file,
                          enum tm_code (*validate)(const struct tm_repo *, const struct tm_catalog *,
                                                   struct tm_err *),
                          const struct damage *damages, size_t n)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) good = TM_BUF_INIT;
    bool exists = false;

    assert_ok(&f->err, validate(&f->repo, &f->catalog, &f->err));
    assert_ok(&f->err, tm_generated_read(file, &f->repo, &good, &exists, &f->err));
    assert_true(exists);
    for (size_t i = 0; i < n; i++) {
        damage(f, file, good.data, damages[i].from, damages[i].to);
        assert_fails(&f->err, TM_E_NO, validate(&f->repo, &f->catalog, &f->err));
        if (!strstr(tm_err_msg(&f->err), damages[i].message))
            fail_msg("'%s' is not in '%s'", damages[i].message, tm_err_msg(&f->err));
    }
    damage(f, file, good.data, "{", "{");
    assert_ok(&f->err, validate(&f->repo, &f->catalog, &f->err));
}

static void every_damage_to_a_registry_is_found(void **state)
{
    static const struct damage damages[] = {
        { "{", "", "of 'docs/_generated/MODULE_REGISTRY.json'" },
        { "\"schema_version\": \"1\"", "\"schema_version\": \"2\"", "unknown schema '2'" },
        { "\"schema_version\"", "\"version\"", "'schema_version' is missing" },
        { "\"generated_at\": \"2", "\"generated_at\": \"x2", "'generated_at' must be a time" },
        { "\"module_count\": 2", "\"module_count\": 3", "'module_count' is 3, the array has 2 modules" },
        { "\"module_count\": 2", "\"module_count\": \"2\"", "'module_count' must be a count" },
        { "\"docs\": 1", "\"docs\": 2", "total 'docs' is 2, the modules add up to 1" },
        { "\"tests\": 1", "\"tests\": 0", "total 'tests' is 0, the modules add up to 1" },
        { "\"docs_count\": 1", "\"docs_count\": 0", "not the length of its array" },
        { "\"name\": \"alpha\"", "\"name\": \"omega\"", "module 'omega' is not in the repository" },
        { "\"name\": \"alpha\"", "\"name\": \"b\"", "module 'b' is out of order" },
        { "\"path\": \"a\"", "\"path\": null", "'path' must be a text" },
        { "\"tags\": []", "\"tags\": [1]", "'tags' must be an array of texts" },
        { "\"description\": null", "\"description\": 1", "'description' must be a text or null" },
        { "\"tree\": {", "\"tree\": 1, \"x\": {", "'tree' must be an object" },
    };

    check_damages(*state, &tm_registry_file, tm_registry_validate, damages, TM_LEN(damages));
}

static void every_damage_to_a_meta_registry_is_found(void **state)
{
    static const struct damage damages[] = {
        { "\"formula\": \"t4\"", "\"formula\": \"t5\"", "unknown health formula 't5'" },
        { "\"total_modules\": 2", "\"total_modules\": 1", "'total_modules' is 1, the modules give 2" },
        { "\"with_coverage\": 1", "\"with_coverage\": 2", "'with_coverage' is 2, the modules give 1" },
        { "\"avg_health_score\": 19.1", "\"avg_health_score\": 19.2", "is not 19.1, the mean" },
        { "\"avg_health_score\": 19.1", "\"avg_health_score\": null", "is not 19.1, the mean" },
        { "\"measured\": 1", "\"measured\": 0", "'measured' is 0, the modules give 1" },
        { "\"observed\": 36.5", "\"observed\": null", "'observed' and 'evidence' contradict each other" },
        { "\"observed\": null", "\"observed\": 0", "'observed' and 'evidence' contradict each other" },
        { "\"evidence\": \"measured\"", "\"evidence\": \"guessed\"", "unknown evidence" },
        { "\"health_score\": 38.2", "\"health_score\": 38.25",
          "must be from 0 to 100 with at most one decimal" },
        { "\"health_score\": 38.2", "\"health_score\": 100.1",
          "must be from 0 to 100 with at most one decimal" },
        { "\"module\": \"alpha\"", "\"module\": \"beta\"", "module 'beta' is not in the repository" },
        { "\"meets_sla\": null", "\"meets_sla\": true", "'meeting_sla' is 0, the modules give 1" },
    };

    check_damages(*state, &tm_meta_file, tm_meta_validate, damages, TM_LEN(damages));
}

static void a_missing_file_is_an_answer_and_not_a_failure(void **state)
{
    struct fixture *f = *state;

    assert_ok(&f->err, tm_root_unlink(&f->repo.root, TM_STR("docs/_generated/META_REGISTRY.json"), &f->err));
    assert_fails(&f->err, TM_E_NO, tm_meta_validate(&f->repo, &f->catalog, &f->err));
    assert_fails(&f->err, TM_E_NO, tm_generated_check(&tm_meta_file, &f->repo, &f->meta, &f->err));
    assert_string_equal(tm_err_msg(&f->err),
                        "'docs/_generated/META_REGISTRY.json' is missing, run 'tidemark fuse'");
    assert_ok(&f->err, tm_generated_check(&tm_registry_file, &f->repo, &f->catalog, &f->err));
}

static void the_stamp_moves_only_with_another_byte(void **state)
{
    struct fixture *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) first = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) again = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) other = TM_BUF_INIT;
    size_t at;

    setenv("SOURCE_DATE_EPOCH", "1000000000", 1);
    tm_generated_spell(&tm_registry_file, &f->repo, &f->catalog, TM_STR(""), &first);
    assert_non_null(strstr(first.data, "\"generated_at\": \"2001-09-09T01:46:40Z\""));
    setenv("SOURCE_DATE_EPOCH", "1000000001", 1);
    tm_generated_spell(&tm_registry_file, &f->repo, &f->catalog, tm_buf_str(&first), &again);
    assert_string_equal(again.data, first.data);
    /* A stamp that is none, and a byte elsewhere: both times the clock's. */
    at = (size_t)(strstr(first.data, "2001-") - first.data);
    tm_buf_add_str(&other, tm_buf_str(&first));
    other.data[at + 5] = '9';
    tm_generated_spell(&tm_registry_file, &f->repo, &f->catalog, tm_buf_str(&other), &again);
    assert_non_null(strstr(again.data, "2001-09-09T01:46:41Z"));
    tm_buf_clear(&other);
    tm_buf_add_str(&other, tm_buf_str(&first));
    tm_buf_addc(&other, '\n');
    tm_generated_spell(&tm_registry_file, &f->repo, &f->catalog, tm_buf_str(&other), &again);
    assert_non_null(strstr(again.data, "2001-09-09T01:46:41Z"));
    unsetenv("SOURCE_DATE_EPOCH");
}

static void the_computed_struct_says_what_the_file_says(void **state)
{
    struct fixture *f = *state;
    const struct tm_meta_module *alpha = tm_meta_of(&f->meta, tm_catalog_find(&f->catalog, TM_STR("alpha")));
    const struct tm_meta_module *b = tm_meta_of(&f->meta, tm_catalog_find(&f->catalog, TM_STR("b")));

    assert_true(alpha->has_coverage);
    assert_int_equal(tm_ratio_cmp(alpha->observed, (struct tm_ratio) { 365, 1000 }), 0);
    assert_false(alpha->meets_target);
    assert_int_equal(alpha->health.tenths, 382);
    assert_null(alpha->coverage_reason);
    assert_false(b->has_coverage);
    assert_string_equal(b->coverage_reason, "never measured");
    assert_int_equal(b->health.tenths, 0);
    assert_int_equal(f->meta.summary.health_tenths, 191);
    assert_int_equal(f->meta.summary.coverage_evidence[TM_META_NEVER], 1);
}

static void delta_is_zero_only_when_equal(void **state)
{
    static const struct {
        struct tm_ratio observed, target;
        int64_t bp;
    } cases[] = {
        { { 365, 1000 }, { 80, 100 }, -4350 },   { { 4, 5 }, { 80, 100 }, 0 },
        { { 800001, 1000000 }, { 80, 100 }, 1 }, { { 799999, 1000000 }, { 80, 100 }, -1 },
        { { 2, 3 }, { 80, 100 }, -1333 },        { { 1, 1 }, { 0, 1 }, 10000 },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++)
        assert_int_equal(tm_meta_delta_bp(cases[i].observed, cases[i].target), cases[i].bp);
}

TM_TESTS(cmocka_unit_test_setup_teardown(every_damage_to_a_registry_is_found, set_up, tear_down),
         cmocka_unit_test_setup_teardown(every_damage_to_a_meta_registry_is_found, set_up, tear_down),
         cmocka_unit_test_setup_teardown(a_missing_file_is_an_answer_and_not_a_failure, set_up, tear_down),
         cmocka_unit_test_setup_teardown(the_stamp_moves_only_with_another_byte, set_up, tear_down),
         cmocka_unit_test_setup_teardown(the_computed_struct_says_what_the_file_says, set_up, tear_down),
         cmocka_unit_test(delta_is_zero_only_when_equal))
