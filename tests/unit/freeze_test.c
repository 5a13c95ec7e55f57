#include "base/json_doc.h"
#include "freeze_fixture.h"
#include "ledger/act.h"
#include "ledger/merkle.h"

static void a_freeze_adds_record_and_entry_in_one_commit_under_a_tag(void **state)
{
    struct frozen *f = *state;
    struct tm_freeze_request request = { "v1", TM_FREEZE_BASELINE, "before the sweep" };
    struct tm_freeze_result TM_CLEANUP(tm_freeze_result_release) result = { 0 };
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

    sandbox_run(&f->box, &hex, "git rev-parse HEAD");
    assert_ok(&f->err, tm_freeze_create(&f->repo, &f->catalog, &request, &result, &f->err));
    assert_memory_equal(result.commit.hex, hex.data, TM_OID_HEX);
    assert_string_equal(result.record, "docs/_generated/BASELINE_FREEZE.json");
    assert_string_equal(result.ledger, "manifests/.ledger/freeze.ndjson");
    assert_int_equal(result.artifacts, 8);
    assert_int_equal(result.ledgers, 2);
    sandbox_says(&f->box,
                 "git status --porcelain -uall; git diff --name-status HEAD~ HEAD; git rev-list --count HEAD",
                 "A\tdocs/_generated/BASELINE_FREEZE.json\nA\tmanifests/.ledger/freeze.ndjson\n2\n");
    sandbox_says(&f->box,
                 "git cat-file -t v1; git tag -l --format='%(contents)' v1; git log -1 --format=%B%D",
                 "tag\nchore(freeze): baseline v1\n\nbefore the sweep\n\n"
                 "chore(freeze): baseline v1\n\nbefore the sweep\nHEAD -> main, tag: v1\n");
    sandbox_says(&f->box, "wc -l <manifests/.ledger/freeze.ndjson; git fsck --strict 2>&1", "2\n");
    tm_buf_clear(&hex);
    sandbox_run(&f->box, &hex, "git rev-parse v1^{}");
    assert_memory_equal(result.freeze.hex, hex.data, TM_OID_HEX);
}

/* What the record says of each file is what other tools say. */
static void the_record_agrees_with_sha256sum_and_git(void **state)
{
    struct frozen *f = *state;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) said = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;
    struct tm_freeze_record record;
    struct tm_oid at;

    sandbox_run(&f->box, NULL, "chmod +x trends/bench_trend.csv; git commit -qam x");
    assert_ok(&f->err, freeze(f, "v1", TM_FREEZE_PRODUCTION, NULL));
    assert_ok(&f->err, tm_freeze_load(&f->repo, "v1", &arena, &record, &at, &f->err));
    for (size_t i = 0; i < record.n_artifacts; i++) {
        const struct tm_frozen_file *file = &record.artifacts[i];

        tm_hash_add_hex(&said, &file->sha256);
        tm_buf_addf(&said, "  %.*s %llu %o\n", TM_STR_ARG(file->path), (unsigned long long)file->size,
                    file->mode);
    }
    sandbox_run(
        &f->box, &expected,
        "git ls-files -s a b docs trends | grep -v README | grep -v FREEZE | LC_ALL=C sort -t'\t' -k2 |"
        "while read -r mode blob stage path; do"
        "  echo \"$(sha256sum \"$path\") $(stat -c %s \"$path\") $mode\"; done");
    assert_string_equal(said.data, expected.data);
    for (size_t i = 0; i < record.n_ledgers; i++) {
        const struct tm_frozen_ledger *ledger = &record.ledgers[i];

        tm_buf_clear(&said);
        tm_buf_clear(&expected);
        tm_hash_add_hex(&said, &ledger->sha256);
        tm_buf_addf(&said, "  %.*s %llu %llu\n", TM_STR_ARG(ledger->path), (unsigned long long)ledger->bytes,
                    (unsigned long long)ledger->lines);
        sandbox_run(&f->box, &expected,
                    i ? "p=manifests/.ledger/coverage.ndjson; echo \"$(sha256sum $p) $(stat -c %s $p) 2\""
                      : "p=manifests/.ledger/bench.ndjson; echo \"$(sha256sum $p) $(stat -c %s $p) 2\"");
        assert_string_equal(said.data, expected.data);
        assert_int_equal(ledger->entries, 2);
        assert_int_equal(ledger->max_lc, 2);
        assert_int_equal(ledger->n_heads, 1);
    }
    assert_true(
        tm_str_is(record.summary, "{\n    \"total_modules\": 2,\n    \"avg_health_score\": 20.30\n  }"));
    assert_false(record.has_previous);
    tm_buf_clear(&said);
    sandbox_run(&f->box, &said, "git rev-parse HEAD~ HEAD~^{tree}");
    assert_memory_equal(record.commit.hex, said.data, TM_OID_HEX);
    assert_memory_equal(record.tree.hex, said.data + TM_OID_HEX + 1, TM_OID_HEX);
}

/* The root over the two entries of a ledger: genesis and one more. */
static void the_root_of_a_ledger_is_in_record_and_entry(void **state)
{
    struct frozen *f = *state;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_freeze_record record;
    struct tm_str rest, line;
    struct tm_merkle tree;
    struct tm_hash root;
    struct tm_oid at;

    assert_ok(&f->err, freeze(f, "v1", TM_FREEZE_FINAL, ""));
    assert_ok(&f->err, tm_freeze_load(&f->repo, "v1", &arena, &record, &at, &f->err));
    assert_ok(&f->err, tm_root_read(&f->repo.root, TM_STR("manifests/.ledger/coverage.ndjson"), 1 << 20,
                                    &text, &f->err));
    rest = tm_buf_str(&text);
    tm_merkle_init(&tree);
    for (int i = 0; i < 2 && tm_str_split(&rest, '\n', &line); i++) {
        struct tm_hash id = tm_hash_of(line);

        tm_merkle_add(&tree, tm_str_n((const char *)id.bytes, TM_HASH_LEN));
    }
    root = tm_merkle_finish(&tree);
    assert_true(tm_str_is(record.ledgers[1].path, "manifests/.ledger/coverage.ndjson"));
    assert_int_equal(tm_hash_cmp(&root, &record.ledgers[1].root), 0);
    tm_hash_add_hex(&hex, &root);
    tm_buf_clear(&text);
    sandbox_run(&f->box, &text, "tail -n1 manifests/.ledger/freeze.ndjson");
    assert_non_null(strstr(text.data, hex.data));
}

static void a_signed_freeze_adds_a_note_of_each_pinned_ledger(void **state)
{
    struct frozen *f = *state;
    struct tm_freeze_request request = { "v1", TM_FREEZE_FINAL, NULL, &f->signer };
    struct tm_freeze_result TM_CLEANUP(tm_freeze_result_release) result = { 0 };
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) note = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) origin = TM_BUF_INIT;
    struct tm_freeze_record record;
    struct tm_tree_head head;
    struct tm_oid at;

    assert_ok(&f->err, tm_freeze_create(&f->repo, &f->catalog, &request, &result, &f->err));
    assert_int_equal(result.n_notes, 2);
    assert_string_equal(result.notes[0], "docs/_generated/FINAL_FREEZE.bench.note");
    assert_string_equal(result.notes[1], "docs/_generated/FINAL_FREEZE.coverage.note");
    sandbox_says(&f->box, "git status --porcelain -uall; git diff --name-status HEAD~ HEAD",
                 "A\tdocs/_generated/FINAL_FREEZE.bench.note\nA\tdocs/_generated/FINAL_FREEZE.coverage.note\n"
                 "A\tdocs/_generated/FINAL_FREEZE.json\nA\tmanifests/.ledger/freeze.ndjson\n");
    assert_ok(&f->err, tm_freeze_load(&f->repo, "v1", &arena, &record, &at, &f->err));
    for (size_t i = 0; i < 2; i++) {
        const struct tm_frozen_ledger *ledger = &record.ledgers[i];

        assert_ok(&f->err,
                  tm_git_read_at(f->repo.git, &at, tm_str(result.notes[i]), TM_NOTE_MAX, &note, &f->err));
        assert_ok(&f->err, tm_note_open(tm_buf_str(&note), "note", &f->signer.key, &head, &f->err));
        tm_buf_clear(&origin);
        tm_buf_addf(&origin, "example.org/harbour/%s/%.*s", i ? "coverage" : "bench",
                    TM_STR_ARG(ledger->log));
        assert_true(tm_str_eq(head.origin, tm_buf_str(&origin)));
        assert_int_equal(head.size, ledger->entries);
        assert_memory_equal(head.root.bytes, ledger->root.bytes, TM_HASH_LEN);
    }
    /* The next one has a freeze ledger to sign, too; one without a key leaves the notes alone. */
    assert_ok(&f->err, freeze(f, "v2", TM_FREEZE_FINAL, NULL));
    sandbox_says(&f->box, "git status --porcelain -uall; git diff --name-status HEAD~ HEAD",
                 "A\tdocs/_generated/FINAL_FREEZE.freeze.note\n"
                 "M\tdocs/_generated/FINAL_FREEZE.json\nM\tmanifests/.ledger/freeze.ndjson\n");
    f->is_signed = false;
    assert_ok(&f->err, freeze(f, "v3", TM_FREEZE_FINAL, NULL));
    sandbox_says(&f->box, "git status --porcelain -uall; git diff --name-status HEAD~ HEAD",
                 "M\tdocs/_generated/FINAL_FREEZE.json\nM\tmanifests/.ledger/freeze.ndjson\n");
}

static enum tm_code read_last(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct tm_buf *body = ctx;

    tm_buf_clear(body);
    tm_buf_add_str(body, entry->body);
    return TM_OK;
}

static void the_next_freeze_names_the_one_before(void **state)
{
    struct frozen *f = *state;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) body = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) said = TM_BUF_INIT;
    struct tm_ledger_file file = tm_ledger_in(&f->repo, TM_STR("manifests/.ledger/freeze.ndjson"));
    struct tm_freeze_record record;
    struct tm_oid at;

    assert_ok(&f->err, freeze(f, "v1", TM_FREEZE_BASELINE, NULL));
    append_entry(f, "coverage.ndjson", TM_LEDGER_COVERAGE, "b");
    sandbox_run(&f->box, NULL, "git commit -qam more");
    assert_ok(&f->err, freeze(f, "v2", TM_FREEZE_PRODUCTION, NULL));
    assert_ok(&f->err, tm_freeze_load(&f->repo, "v2", &arena, &record, &at, &f->err));
    assert_true(record.has_previous);
    assert_true(tm_str_is(record.previous_tag, "v1"));
    tm_hash_add_hex(&said, &record.previous_record);
    sandbox_run(&f->box, &expected,
                "git show v1:docs/_generated/BASELINE_FREEZE.json | sha256sum | cut -c1-64 | tr -d '\\n'");
    assert_string_equal(said.data, expected.data);
    assert_int_equal(record.n_ledgers, 3);
    assert_true(tm_str_is(record.ledgers[2].path, "manifests/.ledger/freeze.ndjson"));
    assert_int_equal(record.ledgers[2].entries, 2);
    assert_ok(&f->err, tm_ledger_read(&file, read_last, &body, NULL, &f->err));
    assert_non_null(strstr(body.data, "\"tag\":\"v2\""));
    /* A third one of the first kind: the tags before it can still be read. */
    assert_ok(&f->err, freeze(f, "v3", TM_FREEZE_BASELINE, NULL));
    assert_ok(&f->err, tm_freeze_load(&f->repo, "v1", &arena, &record, &at, &f->err));
    assert_true(tm_str_is(record.tag, "v1"));
    sandbox_says(&f->box, "git diff --name-status v2 v3; git status --porcelain",
                 "M\tdocs/_generated/BASELINE_FREEZE.json\nM\tmanifests/.ledger/freeze.ndjson\n");
}

static void a_ledger_of_adopted_lines_is_pinned_by_its_digest(void **state)
{
    struct frozen *f = *state;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_freeze_record record;
    struct tm_oid at;

    sandbox_run(
        &f->box, NULL,
        "echo '{\"ts\":\"2025-10-05\",\"module\":\"a\",\"coverage\":1}' >manifests/.ledger/scaffold.ndjson;"
        "git add -A; git commit -qm x");
    assert_ok(&f->err, freeze(f, "v1", TM_FREEZE_BASELINE, NULL));
    assert_ok(&f->err, tm_freeze_load(&f->repo, "v1", &arena, &record, &at, &f->err));
    assert_int_equal(record.n_ledgers, 3);
    assert_true(tm_str_is(record.ledgers[2].path, "manifests/.ledger/scaffold.ndjson"));
    assert_int_equal(record.ledgers[2].entries, 0);
    assert_int_equal(record.ledgers[2].adopted_lines, 1);
    assert_false(record.ledgers[2].has_root);
}

/* What is frozen is what git has: a clone, where line ends are others, can verify it. */
static void converted_line_ends_are_frozen_as_git_has_them(void **state)
{
    struct frozen *f = *state;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) said = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) expected = TM_BUF_INIT;
    struct tm_freeze_record record;
    struct tm_oid at;

    sandbox_run(
        &f->box, NULL,
        "echo '* text=auto' >.gitattributes; printf '{\\r\\n\"name\": \"a\"\\r\\n}\\r\\n' "
        ">a/module.manifest.json;"
        "git add -A 2>/dev/null; git commit -qm crlf; git show HEAD:a/module.manifest.json | grep -c . ");
    open_repo(f);
    assert_ok(&f->err, freeze(f, "v1", TM_FREEZE_BASELINE, NULL));
    sandbox_says(&f->box, "git status --porcelain", "");
    assert_ok(&f->err, tm_freeze_load(&f->repo, "v1", &arena, &record, &at, &f->err));
    tm_hash_add_hex(&said, &record.artifacts[0].sha256);
    tm_buf_addf(&said, " %llu\n", (unsigned long long)record.artifacts[0].size);
    sandbox_run(
        &f->box, &expected,
        "git show v1:a/module.manifest.json >x; echo \"$(sha256sum x | cut -c1-64) $(stat -c %s x)\"; rm x");
    assert_string_equal(said.data, expected.data);
    assert_int_equal(record.artifacts[0].size, sizeof("{\n\"name\": \"a\"\n}\n") - 1);
}

static void a_freeze_that_is_refused_says_why_and_changes_nothing(void **state)
{
    static const struct {
        const char *script, *tag, *reason;
        enum tm_code code;
        const char *message;
    } cases[] = {
        { "echo x >>a/module.manifest.json", "v1", NULL, TM_E_REFUSED,
          "the work tree is not clean, commit or stash first: M 'a/module.manifest.json'" },
        { "echo x >new; git rm -q --cached b/sub/README.md", "v1", NULL, TM_E_REFUSED,
          "the work tree is not clean, commit or stash first: D 'b/sub/README.md', ? 'new'" },
        { "for i in 10 11 12 13 14 15 16 17 18 19 20 21; do touch $i; done", "v1", NULL, TM_E_REFUSED,
          "'18', ? '19' and 2 more" },
        { "git tag v1", "v1", NULL, TM_E_EXISTS, "tag 'v1' exists already on commit " },
        { "git tag v1 HEAD^{tree}", "v1", NULL, TM_E_GIT, "tag 'v1' does not name a commit" },
        { "git tag v1/x", "v1", NULL, TM_E_EXISTS, "tag 'v1' cannot stand beside tag 'v1/x'" },
        { ":", "v 1", NULL, TM_E_USAGE, "'v 1' is not a name that git accepts for a tag" },
        { ":", "", NULL, TM_E_USAGE, "'' is not a name that git accepts for a tag" },
        { ":", "../v1", NULL, TM_E_USAGE, "is not a name" },
        { ":", "v1", "\xff", TM_E_USAGE, "the reason is not UTF-8" },
        { "git checkout -q --detach", "v1", NULL, TM_E_REFUSED,
          "HEAD is detached, switch to a branch first" },
        { "git checkout -q --orphan other; git rm -qrf --cached .; rm -rf a b docs manifests trends", "v1",
          NULL, TM_E_REFUSED, "there is no commit yet, make the first one" },
        { "git config --global --unset user.email", "v1", NULL, TM_E_GIT, "git does not know your address" },
        { "git rm -q trends/bench_trend.csv; git commit -qm x", "v1", NULL, TM_E_REFUSED,
          "'trends/bench_trend.csv' is missing, make it first" },
        { "git rm -q --cached trends/bench_trend.csv; echo trends >.gitignore; git add .gitignore; git "
          "commit -qm x",
          "v1", NULL, TM_E_REFUSED,
          "'trends/bench_trend.csv' is ignored by git, it must be committed to be frozen" },
        { "echo '{}' >docs/_generated/META_REGISTRY.json; git commit -qam x", "v1", NULL, TM_E_FORMAT,
          "'summary' is missing" },
        { "echo '{' >docs/_generated/META_REGISTRY.json; git commit -qam x", "v1", NULL, TM_E_FORMAT,
          "of 'docs/_generated/META_REGISTRY.json'" },
        { "mv a 'a\xff'; git add -A; git commit -qm x", "v1", NULL, TM_E_REFUSED, "is not UTF-8" },
        { "rm trends/bench_trend.csv; ln -s coverage_trend.csv trends/bench_trend.csv; git commit -qam x",
          "v1", NULL, TM_E_REFUSED, "'trends/bench_trend.csv' is a symbolic link" },
        { "echo '*.csv filter=lfs' >.gitattributes; git add -A; git commit -qm x; git config "
          "filter.lfs.clean cat",
          "v1", NULL, TM_E_GIT, "filter=lfs" },
        { "printf '{\"v\":1' >>manifests/.ledger/coverage.ndjson; git commit -qam x", "v1", NULL, TM_E_FORMAT,
          "'manifests/.ledger/coverage.ndjson'" },
        { "rm -f manifests/.ledger/*; mkdir manifests/.ledger/freeze.ndjson; touch "
          "manifests/.ledger/freeze.ndjson/x;"
          "git add -A; git commit -qm x",
          "v1", NULL, TM_E_IO, "'manifests/.ledger/freeze.ndjson' is not a regular file" },
        { "git merge-base HEAD HEAD; echo $(git rev-parse HEAD) >.git/MERGE_HEAD", "v1", NULL, TM_E_REFUSED,
          "a merge is in progress" },
        { "touch .git/refs/heads/main.lock", "v1", NULL, TM_E_LOCKED, "'refs/heads/main'" },
        { "mkdir -p .git/refs/tags; touch .git/refs/tags/v1.lock", "v1", NULL, TM_E_LOCKED,
          "'refs/tags/v1'" },
        { "touch .git/HEAD.lock", "v1", NULL, TM_E_LOCKED, "'HEAD'" },
        { "touch .git/index.lock", "v1", NULL, TM_E_LOCKED, "index.lock" },
        { "git pack-refs --all; mkdir -p .git/refs/heads/main; touch .git/refs/heads/main/x", "v1", NULL,
          TM_E_GIT, "main" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;
        struct frozen *f;

        tear_down(state);
        set_up(state);
        f = *state;
        sandbox_run(&f->box, NULL, cases[i].script);
        open_repo(f);
        snapshot(f, &before);
        if (freeze(f, cases[i].tag, TM_FREEZE_BASELINE, cases[i].reason) == TM_OK)
            fail_msg("frozen after: %s", cases[i].script);
        if (f->err.code != cases[i].code || !strstr(f->err.msg, cases[i].message))
            fail_msg("%s: code %d, %s", cases[i].script, f->err.code, f->err.msg);
        snapshot(f, &after);
        assert_string_equal(after.data, before.data);
    }
}

static void texts_have_their_limits(void **state)
{
    struct frozen *f = *state;
    char tag[TM_FREEZE_TAG_MAX + 2], reason[TM_FREEZE_REASON_MAX + 2];

    memset(tag, 't', sizeof(tag));
    memset(reason, 'r', sizeof(reason));
    tag[TM_FREEZE_TAG_MAX + 1] = reason[TM_FREEZE_REASON_MAX + 1] = '\0';
    assert_fails(&f->err, TM_E_USAGE, freeze(f, tag, TM_FREEZE_BASELINE, NULL));
    assert_fails(&f->err, TM_E_USAGE, freeze(f, "v1", TM_FREEZE_BASELINE, reason));
    assert_string_equal(f->err.msg, "the reason has more than 4096 bytes");
    reason[TM_FREEZE_REASON_MAX] = '\0';
    assert_ok(&f->err, freeze(f, "v1", TM_FREEZE_BASELINE, reason));
}

static void what_is_no_freeze_is_not_loaded(void **state)
{
    struct frozen *f = *state;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_freeze_record record;
    struct tm_oid at;

    assert_ok(&f->err, freeze(f, "v1", TM_FREEZE_BASELINE, NULL));
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_freeze_load(&f->repo, "v2", &arena, &record, &at, &f->err));
    assert_string_equal(f->err.msg, "there is no tag 'v2'");
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_freeze_load(&f->repo, "HEAD", &arena, &record, &at, &f->err));
    /* Its commit holds the record of another tag. */
    sandbox_run(&f->box, NULL, "git tag v2; git tag old HEAD~");
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_freeze_load(&f->repo, "v2", &arena, &record, &at, &f->err));
    assert_string_equal(f->err.msg, "tag 'v2' is not a freeze: its commit holds no record of it");
    assert_fails(&f->err, TM_E_NOT_FOUND, tm_freeze_load(&f->repo, "old", &arena, &record, &at, &f->err));
    sandbox_run(&f->box, NULL,
                "sed 's/\"kind\"/\"kin\"/' docs/_generated/BASELINE_FREEZE.json >x; mv x "
                "docs/_generated/BASELINE_FREEZE.json;"
                "git commit -qam x; git tag -f v1");
    assert_fails(&f->err, TM_E_FORMAT, tm_freeze_load(&f->repo, "v1", &arena, &record, &at, &f->err));
    assert_string_equal(f->err.msg,
                        "'kind' is missing at line 1, column 1 of 'docs/_generated/BASELINE_FREEZE.json'");
}

TM_TESTS(FREEZE_TEST(a_freeze_adds_record_and_entry_in_one_commit_under_a_tag),
         FREEZE_TEST(the_record_agrees_with_sha256sum_and_git),
         FREEZE_TEST(the_root_of_a_ledger_is_in_record_and_entry),
         SIGNED_TEST(a_signed_freeze_adds_a_note_of_each_pinned_ledger),
         FREEZE_TEST(the_next_freeze_names_the_one_before),
         FREEZE_TEST(a_ledger_of_adopted_lines_is_pinned_by_its_digest),
         FREEZE_TEST(converted_line_ends_are_frozen_as_git_has_them),
         FREEZE_TEST(a_freeze_that_is_refused_says_why_and_changes_nothing),
         FREEZE_TEST(texts_have_their_limits), FREEZE_TEST(what_is_no_freeze_is_not_loaded))
