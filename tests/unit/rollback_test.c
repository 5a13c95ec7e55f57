#include <sys/wait.h>

#include "broken_calls.h"
#include "freeze/rollback.h"
#include "freeze_fixture.h"
#include "ledger/act.h"

#define MANIFEST_A "{\"name\": \"a\", \"testing\": {\"coverage_observed\": 36.50}}\n"

/* Freezes v1, then a sweep and people change files: b's manifest is edited, a's has a new figure only. */
static void freeze_and_move_on(struct frozen *f)
{
    assert_ok(&f->err, freeze(f, "v1", TM_FREEZE_BASELINE, NULL));
    append_entry(f, "coverage.ndjson", TM_LEDGER_COVERAGE, "b");
    append_entry(f, "scaffold.ndjson", TM_LEDGER_COVERAGE, "b");
    sandbox_run(
        &f->box, NULL,
        "sed -i s/36.50/90/ a/module.manifest.json\n"
        "printf '{\\n\\t\"name\" : \"b\",\\n\\t\"status\": \"new\",\\n\\t\"testing\": "
        "{\"coverage_observed\": 4}\\n}' "
        ">b/module.manifest.json\n"
        "echo more >>trends/coverage_trend.csv; rm docs/_generated/MODULE_INDEX.md; echo new >b/new.txt\n"
        "git add -A; git commit -qm 'life goes on'");
    open_repo(f);
}

static const struct tm_rollback_file *find(const struct tm_rollback_plan *plan, const char *path)
{
    for (size_t i = 0; i < plan->n_files; i++)
        if (tm_str_is(plan->files[i].path, path))
            return &plan->files[i];
    fail_msg("the plan has no '%s'", path);
    return NULL;
}

static void assert_planned(const struct tm_rollback_plan *plan, const char *path, enum tm_rollback_what what,
                           const char *data)
{
    const struct tm_rollback_file *file = find(plan, path);

    assert_int_equal(file->what, what);
    if (data)
        assert_string_equal(file->data.data, data);
    else
        assert_null(file->data.data);
}

static void a_plan_says_what_differs_and_changes_nothing(void **state)
{
    struct frozen *f = *state;
    struct tm_rollback_plan TM_CLEANUP(tm_rollback_plan_release) plan = { 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;

    freeze_and_move_on(f);
    snapshot(f, &before);
    assert_ok(&f->err, tm_rollback_plan(&f->repo, "v1", &plan, &f->err));
    snapshot(f, &after);
    assert_string_equal(after.data, before.data);
    assert_int_equal(plan.n_files, 8);
    assert_int_equal(plan.changes, 4);
    assert_planned(&plan, "a/module.manifest.json", TM_ROLLBACK_RESTORE, MANIFEST_A);
    assert_planned(
        &plan, "b/module.manifest.json", TM_ROLLBACK_OBSERVED,
        "{\n\t\"name\" : \"b\",\n\t\"status\": \"new\",\n\t\"testing\": {\"coverage_observed\": null}\n}");
    assert_planned(&plan, "trends/coverage_trend.csv", TM_ROLLBACK_RESTORE, "date,module\n");
    assert_planned(&plan, "docs/_generated/MODULE_INDEX.md", TM_ROLLBACK_RESTORE, "index\n");
    assert_planned(&plan, "trends/bench_trend.csv", TM_ROLLBACK_SAME, NULL);
    /* One of the coverage ledger, two (with its genesis) of a ledger that came later. */
    assert_int_equal(plan.ledger_entries_kept, 3);
}

static void what_was_frozen_returns_in_a_new_commit(void **state)
{
    struct frozen *f = *state;
    struct tm_rollback_plan TM_CLEANUP(tm_rollback_plan_release) plan = { 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) ledgers = TM_BUF_INIT;
    struct tm_oid commit;

    freeze_and_move_on(f);
    sandbox_run(&f->box, &ledgers,
                "cd manifests/.ledger; cksum bench* coverage* scaffold*; git rev-parse HEAD");
    assert_ok(&f->err, tm_rollback_plan(&f->repo, "v1", &plan, &f->err));
    assert_ok(&f->err, tm_rollback_apply(&f->repo, &plan, &commit, &f->err));
    sandbox_says(&f->box, "git status --porcelain -uall; git fsck --strict 2>&1; git log --format=%s%D",
                 "chore(rollback): back to v1HEAD -> main\nlife goes on\nchore(freeze): baseline v1tag: v1\n"
                 "ready to be frozen\n");
    sandbox_says(&f->box, "git diff --stat --exit-code v1 HEAD -- a docs trends", "");
    sandbox_says(&f->box, "git diff --name-status v1 HEAD",
                 "M\tb/module.manifest.json\nA\tb/new.txt\nM\tmanifests/.ledger/coverage.ndjson\n"
                 "M\tmanifests/.ledger/freeze.ndjson\nA\tmanifests/.ledger/scaffold.ndjson\n");
    sandbox_says(
        &f->box, "cat b/module.manifest.json",
        "{\n\t\"name\" : \"b\",\n\t\"status\": \"new\",\n\t\"testing\": {\"coverage_observed\": null}\n}");
    /* Ledgers only grow, and history is not rewritten. */
    sandbox_says(&f->box, "cd manifests/.ledger; cksum bench* coverage* scaffold*; git rev-parse HEAD~",
                 ledgers.data);
    sandbox_says(&f->box, "git diff --numstat HEAD~ HEAD -- manifests",
                 "1\t0\tmanifests/.ledger/freeze.ndjson\n");
    assert_true(tm_git_resolve(f->repo.git, "HEAD", &commit, &f->err) == TM_OK);
}

static enum tm_code read_rollback(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_rollback_act act;

    if (!tm_str_is(entry->kind, "rollback"))
        return TM_OK;
    if (tm_rollback_read(entry, &arena, &act, err))
        return err->code;
    tm_buf_addf(ctx, "%.*s %.*s %.*s", TM_STR_ARG(act.tag), TM_STR_ARG(act.commit), TM_STR_ARG(act.head));
    for (size_t i = 0; i < act.n_files; i++)
        tm_buf_addf(ctx, "\n%.*s  %.*s", TM_STR_ARG(act.files[i].sha256), TM_STR_ARG(act.files[i].path));
    tm_buf_addc(ctx, '\n');
    return TM_OK;
}

static void the_ledger_tells_of_it(void **state)
{
    struct frozen *f = *state;
    struct tm_rollback_plan TM_CLEANUP(tm_rollback_plan_release) plan = { 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) said = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;
    struct tm_ledger_file file = tm_ledger_in(&f->repo, TM_STR("manifests/.ledger/freeze.ndjson"));
    struct tm_oid commit;

    freeze_and_move_on(f);
    assert_ok(&f->err, tm_rollback_plan(&f->repo, "v1", &plan, &f->err));
    assert_ok(&f->err, tm_rollback_apply(&f->repo, &plan, &commit, &f->err));
    assert_ok(&f->err, tm_ledger_read(&file, read_rollback, &said, NULL, &f->err));
    sandbox_run(&f->box, &expected,
                "echo v1 $(git rev-parse v1~) $(git rev-parse HEAD~)\n"
                "sha256sum a/module.manifest.json b/module.manifest.json docs/_generated/MODULE_INDEX.md "
                "trends/coverage_trend.csv");
    assert_string_equal(said.data, expected.data);
}

static void a_second_time_there_is_nothing_to_do(void **state)
{
    struct frozen *f = *state;
    struct tm_rollback_plan plan = { 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;
    struct tm_oid commit, again;

    freeze_and_move_on(f);
    assert_ok(&f->err, tm_rollback_plan(&f->repo, "v1", &plan, &f->err));
    assert_ok(&f->err, tm_rollback_apply(&f->repo, &plan, &commit, &f->err));
    tm_rollback_plan_release(&plan);
    snapshot(f, &before);
    assert_ok(&f->err, tm_rollback_plan(&f->repo, "v1", &plan, &f->err));
    assert_int_equal(plan.changes, 0);
    assert_ok(&f->err, tm_rollback_apply(&f->repo, &plan, &again, &f->err));
    tm_rollback_plan_release(&plan);
    snapshot(f, &after);
    assert_string_equal(after.data, before.data);
    assert_string_equal(again.hex, commit.hex);
    /* And forward again, to a freeze of the state in between. */
    assert_ok(&f->err, freeze(f, "v2", TM_FREEZE_PRODUCTION, NULL));
    assert_ok(&f->err, tm_rollback_plan(&f->repo, "v1", &plan, &f->err));
    assert_int_equal(plan.changes, 0);
    tm_rollback_plan_release(&plan);
}

static void a_module_that_is_gone_stays_gone(void **state)
{
    struct frozen *f = *state;
    struct tm_rollback_plan TM_CLEANUP(tm_rollback_plan_release) plan = { 0 };
    struct tm_oid commit;

    freeze_and_move_on(f);
    sandbox_run(&f->box, NULL, "git rm -rq a; git commit -qm 'a is gone'");
    open_repo(f);
    assert_ok(&f->err, tm_rollback_plan(&f->repo, "v1", &plan, &f->err));
    assert_planned(&plan, "a/module.manifest.json", TM_ROLLBACK_GONE, NULL);
    assert_int_equal(plan.changes, 3);
    assert_ok(&f->err, tm_rollback_apply(&f->repo, &plan, &commit, &f->err));
    sandbox_says(&f->box, "git status --porcelain; ls", "b\ndocs\nmanifests\ntrends\n");
}

static void converted_line_ends_are_no_difference(void **state)
{
    struct frozen *f = *state;
    struct tm_rollback_plan plan = { 0 };
    struct tm_oid commit;

    sandbox_run(&f->box, NULL,
                "echo '* text=auto' >.gitattributes; sed -i 's/$/\\r/' trends/*.csv b/module.manifest.json;"
                "git add -A 2>/dev/null; git commit -qm crlf");
    open_repo(f);
    assert_ok(&f->err, freeze(f, "v1", TM_FREEZE_BASELINE, NULL));
    assert_ok(&f->err, tm_rollback_plan(&f->repo, "v1", &plan, &f->err));
    assert_int_equal(plan.changes, 0);
    tm_rollback_plan_release(&plan);
    sandbox_run(&f->box, NULL, "printf 'x\\r\\n' >>trends/bench_trend.csv; git commit -qam x 2>/dev/null");
    assert_ok(&f->err, tm_rollback_plan(&f->repo, "v1", &plan, &f->err));
    assert_int_equal(plan.changes, 1);
    assert_ok(&f->err, tm_rollback_apply(&f->repo, &plan, &commit, &f->err));
    tm_rollback_plan_release(&plan);
    sandbox_says(&f->box, "git status --porcelain; git diff --stat v1 HEAD -- trends", "");
}

/* Names so long that not even two fit into one ledger entry. */
static void many_long_paths_take_more_than_one_entry(void **state)
{
    struct frozen *f = *state;
    struct tm_rollback_plan TM_CLEANUP(tm_rollback_plan_release) plan = { 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) said = TM_BUF_INIT;
    struct tm_ledger_file file = tm_ledger_in(&f->repo, TM_STR("manifests/.ledger/freeze.ndjson"));
    struct tm_oid commit;
    size_t lines = 0;

    sandbox_run(&f->box, NULL,
                "d=$(printf '%0200d' 0); d=$d/$d/$d/$d/$d; for i in $(seq 100 170); do mkdir -p $d/$i;"
                "echo '{\"testing\": {\"coverage_observed\": 1}}' >$d/$i/module.manifest.json; done; git add "
                "-A; git commit -qm x");
    open_repo(f);
    assert_ok(&f->err, freeze(f, "v1", TM_FREEZE_BASELINE, NULL));
    sandbox_run(&f->box, NULL,
                "find 0* -name module.manifest.json -exec sed -i 's/: 1/: 2/' {} +; git commit -qam x");
    assert_ok(&f->err, tm_rollback_plan(&f->repo, "v1", &plan, &f->err));
    assert_int_equal(plan.changes, 71);
    assert_ok(&f->err, tm_rollback_apply(&f->repo, &plan, &commit, &f->err));
    assert_ok(&f->err, tm_ledger_read(&file, read_rollback, &said, NULL, &f->err));
    for (size_t i = 0; i < said.len; i++)
        lines += said.data[i] == '\n';
    assert_true(lines > 71 + 10);
    sandbox_says(&f->box, "git status --porcelain; git diff --stat v1 HEAD -- 0*", "");
}

static void what_cannot_be_rolled_back_is_refused(void **state)
{
    static const struct {
        const char *script, *tag;
        enum tm_code code;
        const char *message;
    } cases[] = {
        { ":", "v9", TM_E_NOT_FOUND, "there is no tag 'v9'" },
        { "git tag plain", "plain", TM_E_NOT_FOUND, "tag 'plain' is not a freeze" },
        { "echo x >>trends/coverage_trend.csv", "v1", TM_E_REFUSED, "not clean" },
        { "git checkout -q --detach", "v1", TM_E_REFUSED, "HEAD is detached" },
        { "echo '{' >a/module.manifest.json; git commit -qam x", "v1", TM_E_FORMAT,
          "of 'a/module.manifest.json'" },
        { "echo '{' >>manifests/.ledger/coverage.ndjson; git commit -qam x", "v1", TM_E_FORMAT,
          "coverage.ndjson" },
        { "touch .git/refs/heads/main.lock", "v1", TM_E_LOCKED, "refs/heads/main" },
        { "touch .git/index.lock", "v1", TM_E_LOCKED, "index.lock" },
        { "git config --global --unset user.name", "v1", TM_E_GIT, "git config" },
        /* Records that were made up. */
        { "git checkout -q v1; sed -i 's/\"path\": \"trends.bench_trend.csv/\"path\": \"trends\\/b.csv/' "
          "docs/_generated/BASELINE_FREEZE.json;"
          "git commit -qam x; git tag -f v1 2>/dev/null; git checkout -q main",
          "v1", TM_E_NOT_FOUND, "'trends/b.csv' is not in commit" },
        { "git checkout -q v1; echo y >>trends/bench_trend.csv; git commit -qam x; git tag -f v1 "
          "2>/dev/null; git checkout -q main",
          "v1", TM_E_FORMAT,
          "'trends/bench_trend.csv' in the commit of tag 'v1' does not have the frozen digest" },
        { "git checkout -q v1; sed -i 's/\"path\": \"a.module.manifest.json/\"path\": \".git\\/config/' "
          "docs/_generated/BASELINE_FREEZE.json;"
          "git commit -qam x; git tag -f v1 2>/dev/null; git checkout -q main",
          "v1", TM_E_PATH, "'.git/config' lies in a git folder" },
        { "git checkout -q v1; sed -i 's/\"path\": \"trends.bench_trend.csv/\"path\": "
          "\"manifests\\/.ledger\\/scaffold.ndjson/;"
          "s/\"path\": \"trends.coverage_trend.csv/\"path\": \"manifests\\/.ledger\\/test_scaffold.ndjson/' "
          "docs/_generated/BASELINE_FREEZE.json;"
          "git commit -qam x; git tag -f v1 2>/dev/null; git checkout -q main",
          "v1", TM_E_FORMAT,
          "the record of tag 'v1' has the ledger 'manifests/.ledger/scaffold.ndjson' among its artifacts" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_rollback_plan TM_CLEANUP(tm_rollback_plan_release) plan = { 0 };
        struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;
        struct frozen *f;
        struct tm_oid commit;
        enum tm_code code;

        tear_down(state);
        set_up(state);
        f = *state;
        freeze_and_move_on(f);
        sandbox_run(&f->box, NULL, cases[i].script);
        open_repo(f);
        snapshot(f, &before);
        code = tm_rollback_plan(&f->repo, cases[i].tag, &plan, &f->err);
        if (!code)
            code = tm_rollback_apply(&f->repo, &plan, &commit, &f->err);
        if (code == TM_OK)
            fail_msg("rolled back after: %s", cases[i].script);
        if (code != cases[i].code || !strstr(f->err.msg, cases[i].message))
            fail_msg("%s: code %d, %s", cases[i].script, code, f->err.msg);
        snapshot(f, &after);
        assert_string_equal(after.data, before.data);
    }
}

static int roll_back(struct frozen *f)
{
    struct tm_rollback_plan plan = { 0 };
    struct tm_oid commit;
    enum tm_code code = tm_rollback_plan(&f->repo, "v1", &plan, &f->err);

    if (!code)
        code = tm_rollback_apply(&f->repo, &plan, &commit, &f->err);
    tm_rollback_plan_release(&plan);
    return code;
}

static bool is_done(struct frozen *f, const struct tm_buf *before)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;

    snapshot(f, &after);
    if (strcmp(after.data, before->data) == 0)
        return false;
    sandbox_says(
        &f->box,
        "git status --porcelain -uall; git log -1 --format=%s; git diff --stat v1 HEAD -- a docs trends",
        "chore(rollback): back to v1\n");
    return true;
}

static void a_kill_at_any_call_leaves_all_or_nothing(void **state)
{
    struct frozen *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
    int done = 0, nothing = 0;
    bool killed;

    freeze_and_move_on(f);
    sandbox_run(&f->box, NULL, "git rev-parse HEAD >.git/start");
    snapshot(f, &before);
    for (int n = 0;; n++) {
        int status;
        pid_t child;

        close_repo(f);
        child = fork();
        if (child == 0) {
            open_repo(f);
            break_calls(BROKEN_KILL, n);
            _exit(roll_back(f) == TM_OK ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        killed = WIFSIGNALED(status);
        open_repo(f);
        if (!killed)
            break;
        if (is_done(f, &before)) {
            done++;
            sandbox_run(&f->box, NULL, "git reset -q --hard \"$(cat .git/start)\"");
        } else {
            nothing++;
        }
    }
    assert_true(is_done(f, &before));
    assert_true(nothing > 20);
    assert_true(done > 0);
}

static void a_full_disk_leaves_nothing_behind(void **state)
{
    struct frozen *f = *state;
    struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;
    int n = 0;
    enum tm_code code;

    freeze_and_move_on(f);
    snapshot(f, &before);
    do {
        break_calls(BROKEN_FULL, n++);
        code = roll_back(f);
        break_calls(BROKEN_NOT, 0);
        snapshot(f, &after);
        if (code)
            assert_string_equal(after.data, before.data);
    } while (code);
    assert_true(n > 20);
    open_repo(f);
    assert_true(is_done(f, &before));
}

TM_TESTS(FREEZE_TEST(a_plan_says_what_differs_and_changes_nothing),
         FREEZE_TEST(what_was_frozen_returns_in_a_new_commit), FREEZE_TEST(the_ledger_tells_of_it),
         FREEZE_TEST(a_second_time_there_is_nothing_to_do), FREEZE_TEST(a_module_that_is_gone_stays_gone),
         FREEZE_TEST(converted_line_ends_are_no_difference),
         FREEZE_TEST(many_long_paths_take_more_than_one_entry),
         FREEZE_TEST(what_cannot_be_rolled_back_is_refused),
         FREEZE_TEST(a_kill_at_any_call_leaves_all_or_nothing),
         FREEZE_TEST(a_full_disk_leaves_nothing_behind))
