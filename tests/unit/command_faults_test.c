/*
 * Whole commands, every call of which fails or is the last one: all of what the command is to change has
 * changed, or nothing has, at the latest when the next command that writes has set right what was left.
 */
#include "faults.h"
#include "sandbox.h"

#include "cli/cmd.h"
#include "repo/repo.h"

/* TM_TEST_EVERY=1: every call, also those that only look; otherwise some of those that change something. */
enum { STEP = 7 };

struct job {
    const char *name;
    const char *words[8]; /* of the command line, behind "tidemark -C <repository>" */
    const char
        *prepare; /* run in a repository with a module and all that is generated, before it is committed */
    const char *shown; /* a script that prints what the command changes */
    const char *done;  /* what it prints when all is done */
};

static const struct job jobs[] = {
    {
        "freeze",
        { "freeze", "v1" },
        ":",
        "git log --format=%s%D; git cat-file -t v1; git fsck --strict --no-dangling 2>&1\n"
        "git diff --name-only \"$(cat .git/start)\" v1",
        "chore(freeze): baseline v1HEAD -> main, tag: v1\nstart\ntag\n"
        "docs/_generated/BASELINE_FREEZE.json\nmanifests/.ledger/freeze.ndjson\n",
    },
};

struct ground {
    struct sandbox box;
    const char *const *words;
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
    ground->box = sandbox_make();
    setenv("SOURCE_DATE_EPOCH", "1767225600", 1);
    broken_power = true;
    *state = ground;
    return 0;
}

static int tear_down(void **state)
{
    struct ground *ground = *state;

    sandbox_remove(&ground->box);
    free(ground);
    return 0;
}

static void prepare(struct ground *ground, const struct job *job)
{
    static const char *const scan[] = { "scan", NULL }, *const fuse[] = { "fuse", NULL },
                             *const trends[] = { "trends", NULL };

    sandbox_run(&ground->box, NULL,
                "rm -rf .git * && git init -q && printf '.gitconfig\\n.stderr\\n' >.git/info/exclude\n"
                "mkdir m && echo '{\"name\": \"m\"}' >m/module.manifest.json && echo text >m/README.md");
    must_run(ground, scan);
    must_run(ground, fuse);
    must_run(ground, trends);
    sandbox_run(&ground->box, NULL, job->prepare);
    sandbox_run(&ground->box, NULL, "git add -A && git commit -qm start && git rev-parse HEAD >.git/start");
}

/* Everything that people see, and what must not be left in the git folder. */
static void snapshot(struct ground *ground, struct tm_buf *out)
{
    sandbox_run(&ground->box, out,
                "git for-each-ref; cat .git/HEAD; git status --porcelain -uall; git ls-files -s\n"
                "find . -path ./.git -prune -o -type f ! -name .stderr -exec cksum {} + | sort\n"
                "find .git -name '*.lock' -o -name '*tidemark-*' -o -path '*/publish*' -type f; ls "
                ".git/tidemark/tmp");
}

static void take_back(struct ground *ground)
{
    sandbox_run(&ground->box, NULL,
                "find .git -name '*.lock' -delete; git tag -l | xargs -r git tag -d >/dev/null; git reset -q "
                "--hard \"$(cat .git/start)\"; git "
                "clean -qfd");
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

/* In a child: what libgit2 draws for the names of its temporary files must not be the same in all that come
 * after. */
static void recover(struct ground *ground)
{
    bool met;

    assert_int_equal(run_broken(&none, 0, 0, lock, ground, NULL, &met), GOT_THROUGH);
}

/* True when all has changed, false when nothing has. */
static bool is_done(struct ground *ground, const struct job *job, bool litters, const struct tm_buf *before)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;

    snapshot(ground, &after);
    if (strcmp(after.data, before->data) == 0)
        return false;
    sandbox_says(&ground->box, "git status --porcelain -uall", "");
    if (!litters)
        sandbox_says(&ground->box,
                     "find .git -name '*.lock' -o -name '*tidemark-*' -o -path '*/publish*' -type f; ls "
                     ".git/tidemark/tmp",
                     "");
    sandbox_says(&ground->box, job->shown, job->done);
    return true;
}

struct counts {
    int calls, done, nothing;
};

/* Runs the job with call n broken. */
static bool break_one(struct ground *ground, const struct job *job, const struct fault *fault, unsigned which,
                      int n, const struct tm_buf *before, struct counts *counts)
{
    bool met, done, litters;
    enum outcome outcome;

    ground->words = job->words;
    outcome = run_broken(fault, which, n, run_command, ground, NULL, &met);
    recover(ground);
    /* libgit2 leaves a lock of a ref that it cannot remove, or that it cannot see when it wants to. */
    litters = fault->how == BROKEN_ONCE && fault->which & which & (CALL_REMOVE | CALL_LOOK);
    done = is_done(ground, job, litters, before);
    if (outcome == GOT_THROUGH && !done)
        fail_msg("%s: %s at call %d: said to be done", job->name, fault->name, n);
    /* A disk that is gone can keep a command from knowing that it is done. */
    if (outcome == REFUSED && done && fault->how != BROKEN_REST)
        fail_msg("%s: %s at call %d: done, but refused", job->name, fault->name, n);
    counts->done += done;
    counts->nothing += !done;
    if (done)
        take_back(ground);
    return met;
}

static void a_call_that_fails_or_is_the_last_leaves_all_or_nothing(void **state)
{
    bool every = getenv("TM_TEST_EVERY") != NULL;
    struct ground *ground = *state;

    for (size_t i = 0; i < TM_LEN(jobs); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;

        prepare(ground, &jobs[i]);
        recover(ground); /* makes what it needs */
        snapshot(ground, &before);
        for (size_t k = 0; k < TM_LEN(faults); k++) {
            struct counts counts = { 0 };
            unsigned which = every ? CALLS_ALL : CALLS_CHANGE;

            while (break_one(ground, &jobs[i], &faults[k], which, counts.calls, &before, &counts))
                counts.calls += every ? 1 : STEP;
            print_message("# %s: %s at each of %d calls: %d left nothing, %d all\n", jobs[i].name,
                          faults[k].name, counts.calls, counts.nothing, counts.done);
            assert_true(counts.done > 0);
            /* The rest of a short write is written. */
            if (faults[k].how == BROKEN_SHORT)
                assert_int_equal(counts.nothing, 0);
            else
                assert_true(counts.nothing > 0 || faults[k].which == CALL_REMOVE);
        }
    }
}

TM_TESTS(cmocka_unit_test_setup_teardown(a_call_that_fails_or_is_the_last_leaves_all_or_nothing, set_up,
                                         tear_down))
