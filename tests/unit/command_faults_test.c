/*
 * Whole commands, every call of which fails or is the last one: all of what the command is to change has
 * changed, or nothing has, at the latest when the next command that writes has set right what was left.
 */
#include "faults.h"
#include "sandbox.h"

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
    ground->lines = TM_BUF_INIT;
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
    free(ground);
    return 0;
}

static void prepare(struct ground *ground, const struct job *job)
{
    static const char *const scan[] = { "scan", NULL }, *const fuse[] = { "fuse", NULL },
                             *const trends[] = { "trends", NULL };

    sandbox_run(&ground->box, NULL,
                "rm -rf .git * && git init -q && printf '.gitconfig\\n.stderr\\n' >.git/info/exclude\n"
                "mkdir m && echo '{\"name\": \"m\"}' >m/module.manifest.json && echo 'int a;' >m/a.c\n"
                "printf 'SF:m/a.c\\nDA:1,1\\nend_of_record\\n' >.git/half.info");
    for (int i = 0; i < 2 && job->before[0]; i++)
        must_run(ground, job->before);
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

/* Every line of every ledger and fragment, once. */
static void list_lines(struct ground *ground, struct tm_buf *out)
{
    tm_buf_clear(out);
    sandbox_run(&ground->box, out, "find . -name '*.ndjson' -exec cat {} + 2>/dev/null | sort -u");
}

/* What was half done is gone on with. */
static void go_on(struct ground *ground, const struct job *job)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) now = TM_BUF_INIT;
    struct tm_str rest = tm_buf_str(&ground->lines), line;

    list_lines(ground, &now); /* maybe with a torn one */
    while (tm_str_split(&rest, '\n', &line))
        assert_true(line.len == 0 || memmem(now.data, now.len, line.data, line.len + 1));
    must_run(ground, job->words);
    list_lines(ground, &now);
    assert_string_equal(now.data, ground->lines.data);
}

static bool is_all(struct ground *ground, const struct job *job)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) said = TM_BUF_INIT;

    sandbox_run(&ground->box, &said, job->shown);
    return strcmp(said.data, job->done) == 0;
}

/* True when all has changed, false when nothing has; half of it, where that may be, becomes all. */
static bool is_done(struct ground *ground, const struct job *job, bool litters, const struct tm_buf *before)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) after = TM_BUF_INIT;

    snapshot(ground, &after);
    if (strcmp(after.data, before->data) == 0)
        return false;
    if (job->in_steps && !is_all(ground, job))
        go_on(ground, job);
    sandbox_says(&ground->box, job->shown, job->done);
    if (!litters)
        sandbox_says(&ground->box,
                     "find .git -name '*.lock' -o -name '*tidemark-*' -o -path '*/publish*' -type f; ls "
                     ".git/tidemark/tmp",
                     "");
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
    if (outcome == REFUSED && done && fault->how != BROKEN_REST && !job->in_steps)
        fail_msg("%s: %s at call %d: done, but refused", job->name, fault->name, n);
    counts->done += done;
    counts->nothing += !done;
    if (done)
        take_back(ground);
    return met;
}

static void a_call_that_fails_or_is_the_last_leaves_all_or_nothing(void **state)
{
    /* Every call, also those that only look; otherwise some of those that change something. */
    bool every = getenv("TM_TEST_EVERY") != NULL;
    struct ground *ground = *state;

    for (size_t i = 0; i < TM_LEN(jobs); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) before = TM_BUF_INIT;

        prepare(ground, &jobs[i]);
        recover(ground); /* makes what it needs */
        snapshot(ground, &before);
        list_lines(ground, &ground->lines);
        for (size_t k = 0; k < TM_LEN(faults); k++) {
            struct counts counts = { 0 };
            unsigned which = every ? CALLS_ALL : CALLS_CHANGE;

            while (break_one(ground, &jobs[i], &faults[k], which, counts.calls, &before, &counts))
                counts.calls += every ? 1 : jobs[i].step;
            print_message("# %s: %s at each of %d calls: %d left nothing, %d all\n", jobs[i].name,
                          faults[k].name, counts.calls, counts.nothing, counts.done);
            if (counts.calls == 0)
                continue; /* the command has no such call */
            assert_true(counts.done > 0);
            /* The rest of a short write is written. */
            if (faults[k].how == BROKEN_SHORT)
                assert_int_equal(counts.nothing, 0);
            else
                assert_true(counts.nothing > 0 || faults[k].which == CALL_REMOVE || jobs[i].in_steps);
        }
    }
}

TM_TESTS(cmocka_unit_test_setup_teardown(a_call_that_fails_or_is_the_last_leaves_all_or_nothing, set_up,
                                         tear_down))
