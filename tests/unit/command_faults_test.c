/*
 * Whole commands, every call of which fails or is the last one: all of what the command is to change has
 * changed, or nothing has, at the latest when the next command that writes has set right what was left.
 *
 * Most of the calls that fail leave a state that another one has left before: what git and the next command
 * make of a state is asked once, and the repository is put back by its files, so that the command itself is
 * what takes the time.
 *
 * TM_TEST_EVERY names jobs: only these, at every call, also those that only look.
 */
#include "faults.h"
#include "picture.h"
#include "sandbox.h"

#include "base/arena.h"
#include "base/map.h"
#include "cli/cmd.h"
#include "repo/repo.h"

struct job {
    const char *name;
    const char *words[6];  /* of the command line, behind "tidemark -C <repository>" */
    const char *before[4]; /* likewise, of one that is run twice to prepare; none when empty */
    const char *prepare;   /* then run in the repository, before all is committed */
    const char *shown;     /* a script that prints what the command changes */
    const char *done;      /* what it prints when all is done */
    int step;              /* without TM_TEST_EVERY, every so many-th of the calls that change something */
    bool in_steps; /* what is half done is not taken back, but loses nothing and can be gone on with */
};

#define LEDGER "manifests/.ledger/coverage.ndjson"

static const struct job jobs[] = {
    {
        "freeze",
        { "freeze", "v1" },
        { NULL },
        ":",
        "git status --porcelain -uall; git log --format=%s%D; git cat-file -t v1\n"
        "git fsck --strict --no-dangling 2>&1; git diff --name-only \"$(cat .git/start)\" v1",
        "chore(freeze): baseline v1HEAD -> main, tag: v1\nstart\ntag\n"
        "docs/_generated/BASELINE_FREEZE.json\nmanifests/.ledger/freeze.ndjson\n",
        7,
        false,
    },
    {
        "normalize",
        { "ledger", "normalize" },
        { "ingest", ".git/half.info" },
        "cp " LEDGER " .git/sorted; (tac .git/sorted; tail -n 1 .git/sorted) >" LEDGER,
        "git status --porcelain -uall; cmp " LEDGER " .git/sorted",
        " M " LEDGER "\n",
        1,
        true, /* the folder may not be synced when the file is in its place */
    },
    {
        "fold",
        { "ledger", "fold", "--apply" },
        /* The first one begins the ledger. */
        { "ingest", ".git/half.info", "--pending" },
        ":",
        "git status --porcelain -uall; git log -1 --format=%D; git rev-list --count HEAD\n"
        "find manifests -name '*.ndjson'; wc -l <" LEDGER "; git fsck --strict --no-dangling 2>&1",
        "HEAD -> main\n2\n" LEDGER "\n3\n",
        9,
        true,
    },
};

struct ground {
    struct sandbox box;
    const char *const *words;
    struct tm_buf lines; /* of all ledgers and fragments, before the command; none may be lost */
    struct tm_buf shown; /* what snapshot() shows before it */
    struct picture before, now;
    struct tm_map states; /* that were judged: from the hash of the picture to an enum change */
    struct tm_arena arena;
};

static bool run_command(void *ctx)
{
    struct ground *ground = ctx;
    char *argv[16] = { (char *)"tidemark", (char *)"-C", ground->box.dir };
    int argc = 3;

    for (const char *const *word = ground->words; *word; word++)
        argv[argc++] = (char *)*word;
    return tm_cli_main(argc, argv) == 0;
}

static const struct fault none = { "nothing", BROKEN_NOT, 0, 0 };

static void must_run(struct ground *ground, const char *const *words)
{
    bool met;

    ground->words = words;
    assert_int_equal(run_broken(&none, 0, 0, run_command, ground, NULL, &met), GOT_THROUGH);
}

static int set_up(void **state)
{
    struct ground *ground = tm_alloc(sizeof(*ground));

    test_in_memory();
    *ground = (struct ground) { .box = sandbox_make(),
                                .lines = TM_BUF_INIT,
                                .shown = TM_BUF_INIT,
                                .states = TM_MAP_INIT,
                                .arena = TM_ARENA_INIT };
    setenv("SOURCE_DATE_EPOCH", "1767225600", 1);
    broken_power = true;
    *state = ground;
    return 0;
}

static int tear_down(void **state)
{
    struct ground *ground = *state;

    sandbox_remove(&ground->box);
    tm_buf_release(&ground->lines);
    tm_buf_release(&ground->shown);
    picture_release(&ground->before);
    picture_release(&ground->now);
    tm_map_release(&ground->states);
    tm_arena_release(&ground->arena);
    free(ground);
    return 0;
}

/* Everything that people see, and what must not be left in the git folder. */
static void snapshot(struct ground *ground, struct tm_buf *out)
{
    tm_buf_clear(out);
    sandbox_run(&ground->box, out,
                "git for-each-ref; cat .git/HEAD; git status --porcelain -uall; git ls-files -s\n"
                "find . -path ./.git -prune -o -type f ! -name .stderr -exec cksum {} + | sort\n"
                "find .git -name '*.lock' -o -name '*tidemark-*' -o -path '*/publish*' -type f; ls "
                ".git/tidemark/tmp");
}

/* What the next command that writes does first. */
static bool lock(void *ctx)
{
    struct ground *ground = ctx;
    struct tm_repo repo = TM_REPO_INIT;
    bool fine = tm_repo_open(&repo, ground->box.dir, NULL, NULL) == TM_OK && !tm_repo_lock(&repo, 0, NULL);

    tm_repo_close(&repo);
    return fine;
}

static void recover(struct ground *ground)
{
    bool met;

    assert_int_equal(run_broken(&none, 0, 0, lock, ground, NULL, &met), GOT_THROUGH);
}

/* Every line of every ledger and fragment, once. */
static void list_lines(struct ground *ground, struct tm_buf *out)
{
    tm_buf_clear(out);
    sandbox_run(&ground->box, out, "find . -name '*.ndjson' -exec cat {} + 2>/dev/null | sort -u");
}

/*
 * libgit2 reads all certificates of the system when it is first used, which takes longer than a fold: here
 * once, and in no child. What it draws for the names of temporary files is then the same in each of them.
 */
static void set_up_git(struct ground *ground)
{
    struct tm_repo repo = TM_REPO_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_repo_open(&repo, ground->box.dir, NULL, &err));
    tm_repo_close(&repo);
}

static void prepare(struct ground *ground, const struct job *job)
{
    static const char *const scan[] = { "scan", NULL }, *const fuse[] = { "fuse", NULL },
                             *const trends[] = { "trends", NULL };

    sandbox_run(&ground->box, NULL,
                "rm -rf .git * && git init -q --template= && mkdir -p .git/info\n"
                "printf '.gitconfig\\n.stderr\\n' >.git/info/exclude\n"
                "mkdir m && echo '{\"name\": \"m\"}' >m/module.manifest.json && echo 'int a;' >m/a.c\n"
                "printf 'SF:m/a.c\\nDA:1,1\\nend_of_record\\n' >.git/half.info");
    set_up_git(ground);
    for (int i = 0; i < 2 && job->before[0]; i++)
        must_run(ground, job->before);
    must_run(ground, scan);
    must_run(ground, fuse);
    must_run(ground, trends);
    sandbox_run(&ground->box, NULL, job->prepare);
    sandbox_run(&ground->box, NULL, "git add -A && git commit -qm start && git rev-parse HEAD >.git/start");
    recover(ground); /* makes what it needs */
    snapshot(ground, &ground->shown);
    list_lines(ground, &ground->lines);
    picture_take(&ground->before, ground->box.dir);
    tm_map_release(&ground->states);
}

static void assert_has_lines(const struct tm_buf *text, const struct tm_buf *lines)
{
    struct tm_str rest = tm_buf_str(lines), line;

    while (tm_str_split(&rest, '\n', &line))
        assert_true(line.len == 0 || memmem(text->data, text->len, line.data, line.len + 1));
}

/* No line is lost; only a freeze adds one. */
static void check_lines(struct ground *ground, const struct job *job)
{
    static const char *const verify[] = { "ledger", "verify", NULL };
    struct tm_buf TM_CLEANUP(tm_buf_release) now = TM_BUF_INIT;

    list_lines(ground, &now);
    if (job->in_steps)
        assert_string_equal(now.data, ground->lines.data);
    else
        assert_has_lines(&now, &ground->lines);
    must_run(ground, verify);
}

/* What was half done is gone on with. */
static void go_on(struct ground *ground, const struct job *job)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) now = TM_BUF_INIT;

    list_lines(ground, &now); /* maybe with a torn one */
    assert_has_lines(&now, &ground->lines);
    must_run(ground, job->words);
}

static bool is_all(struct ground *ground, const struct job *job)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) said = TM_BUF_INIT;

    sandbox_run(&ground->box, &said, job->shown);
    return strcmp(said.data, job->done) == 0;
}

enum change { NOTHING, HALF, ALL };

/* What has changed; half of it, where that may be, becomes all. */
static enum change look_at(struct ground *ground, const struct job *job, bool litters)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;
    enum change change = ALL;

    snapshot(ground, &after);
    if (strcmp(after.data, ground->shown.data) == 0)
        return NOTHING;
    if (job->in_steps && !is_all(ground, job)) {
        change = HALF;
        go_on(ground, job);
    }
    sandbox_says(&ground->box, job->shown, job->done);
    check_lines(ground, job);
    if (!litters)
        sandbox_says(&ground->box,
                     "find .git -name '*.lock' -o -name '*tidemark-*' -o -path '*/publish*' -type f; ls "
                     ".git/tidemark/tmp",
                     "");
    return change;
}

/* The same of the state that the command left, for each state once; then puts all back. */
static enum change judge(struct ground *ground, const struct job *job, bool litters)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) key = TM_BUF_INIT;
    struct tm_hash hash;
    enum change *change;

    picture_take(&ground->now, ground->box.dir);
    hash = picture_hash(&ground->now);
    tm_hash_add_hex(&key, &hash);
    tm_buf_adds(&key, litters ? " litters" : "");
    change = tm_map_get(&ground->states, tm_buf_str(&key));
    if (!change) {
        recover(ground);
        change = tm_arena_alloc(&ground->arena, sizeof(*change));
        *change = look_at(ground, job, litters);
        *tm_map_at(&ground->states, tm_arena_str(&ground->arena, tm_buf_str(&key)), NULL) = change;
        picture_take(&ground->now, ground->box.dir);
    }
    picture_put_back(&ground->before, &ground->now);
    return *change;
}

struct counts {
    int calls, left[ALL + 1];
};

/* Runs the job with call n broken. */
static bool break_one(struct ground *ground, const struct job *job, const struct fault *fault, unsigned which,
                      int n, struct counts *counts)
{
    bool met, litters;
    enum outcome outcome;
    enum change change;

    ground->words = job->words;
    outcome = run_broken(fault, which, n, run_command, ground, NULL, &met);
    /* libgit2 leaves a lock of a ref that it cannot remove, or that it cannot see when it wants to. */
    litters = fault->how == BROKEN_ONCE && fault->which & which & (CALL_REMOVE | CALL_LOOK);
    change = judge(ground, job, litters);
    if (outcome == GOT_THROUGH && change != ALL)
        fail_msg("%s: %s at call %d: said to be done", job->name, fault->name, n);
    /* A disk that is gone can keep a command from knowing that it is done. */
    if (outcome == REFUSED && change != NOTHING && fault->how != BROKEN_REST && !job->in_steps)
        fail_msg("%s: %s at call %d: done, but refused", job->name, fault->name, n);
    counts->left[change]++;
    return met;
}

static void break_all(struct ground *ground, const struct job *job, const struct fault *fault, bool every)
{
    unsigned which = every ? CALLS_ALL : CALLS_CHANGE;
    struct counts counts = { 0 };

    while (break_one(ground, job, fault, which, counts.calls, &counts))
        counts.calls += every ? 1 : job->step;
    print_message("# %s: %s at each of %d calls: %d left nothing, %d half, %d all; %zu states so far\n",
                  job->name, fault->name, counts.calls, counts.left[NOTHING], counts.left[HALF],
                  counts.left[ALL], ground->states.len);
    if (counts.calls == 0)
        return; /* the command has no such call */
    assert_true(counts.left[ALL] > 0);
    /* The rest of a short write is written. */
    if (fault->how == BROKEN_SHORT)
        assert_int_equal(counts.left[NOTHING] + counts.left[HALF], 0);
    else
        assert_true(counts.left[NOTHING] > 0 || fault->which == CALL_REMOVE || job->in_steps);
}

static void a_call_that_fails_or_is_the_last_leaves_all_or_nothing(void **state)
{
    const char *every = getenv("TM_TEST_EVERY");

    for (size_t i = 0; i < TM_LEN(jobs); i++) {
        if (every && !strstr(every, jobs[i].name))
            continue;
        prepare(*state, &jobs[i]);
        for (size_t k = 0; k < TM_LEN(faults); k++)
            break_all(*state, &jobs[i], &faults[k], every);
    }
}

TM_TESTS(cmocka_unit_test_setup_teardown(a_call_that_fails_or_is_the_last_leaves_all_or_nothing, set_up,
                                         tear_down))
