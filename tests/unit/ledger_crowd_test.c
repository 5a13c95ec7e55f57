/* A hundred processes append a hundred entries each, one by one, while somebody checks the ledger over and
 * over. */
#include "ledger_place.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/arena.h"
#include "base/map.h"

enum { PROCESSES = 100, APPENDS = 100, ENTRIES = PROCESSES * APPENDS };

static void append_as(struct place *place, int process)
{
    struct tm_ledger_run run;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    tm_ledger_run_init(&run);
    for (int i = 0; i < APPENDS; i++) {
        char module[32];
        struct tm_ledger_draft draft;
        struct tm_err err = TM_ERR_INIT;

        snprintf(module, sizeof(module), "m%d", process * APPENDS + i);
        draft = draft_of(module);
        if (tm_ledger_append(&place->file, &run, STAMP, &draft, 1, NULL, &err)) {
            fprintf(stderr, "%s\n", err.msg);
            _exit(1);
        }
    }
    _exit(0);
}

/* Which of the entries, by their modules, and which nonces were seen. */
struct seen {
    bool modules[ENTRIES];
    struct tm_map runs;
    struct tm_arena names;
    size_t n;
};

static enum tm_code see(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct seen *seen = ctx;
    uint64_t module;
    void **run = tm_map_at(&seen->runs, tm_arena_str(&seen->names, entry->run), NULL);

    if (*run)
        return tm_err_set(err, TM_E_FORMAT, "run '%.*s' twice", TM_STR_ARG(entry->run));
    *run = seen;
    if (tm_str_is(entry->kind, "genesis"))
        return TM_OK;
    if (!tm_str_u64(tm_str_from(entry->module, 1), &module) || module >= ENTRIES || seen->modules[module])
        return tm_err_set(err, TM_E_FORMAT, "module '%.*s' twice", TM_STR_ARG(entry->module));
    seen->modules[module] = true;
    seen->n++;
    return TM_OK;
}

/* Reads and checks until all who append are done; how often. */
static int check_meanwhile(struct place *place)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    uint64_t last = 0;
    int running = PROCESSES, checks = 0;

    while (running) {
        struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };
        int status;

        assert_ok(&err, tm_ledger_read(&place->file, NULL, NULL, &s, &err));
        assert_true(s.entries >= last);
        last = s.entries;
        checks++;
        for (pid_t ended; running && (ended = waitpid(-1, &status, WNOHANG)) != 0; running--) {
            assert_true(ended > 0);
            assert_int_equal(status, 0);
        }
    }
    return checks;
}

static void a_crowd_loses_nothing_and_raises_no_false_alarm(void **state)
{
    struct place *place = *state;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) s = { 0 };
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct seen *seen = tm_alloc(sizeof(*seen));

    *seen = (struct seen) { .runs = TM_MAP_INIT, .names = TM_ARENA_INIT };
    for (int i = 0; i < PROCESSES; i++) {
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0)
            append_as(place, i);
    }
    print_message("# checked %d times meanwhile\n", check_meanwhile(place));
    assert_ok(&err, tm_ledger_read(&place->file, see, seen, &s, &err));
    assert_int_equal(seen->n, ENTRIES);
    assert_int_equal(s.entries, ENTRIES + 1);
    assert_int_equal(s.max_lc, ENTRIES + 1); /* one chain: nobody wrote beside another */
    assert_int_equal(s.n_heads, 1);
    assert_false(s.reordered);
    tm_map_release(&seen->runs);
    tm_arena_release(&seen->names);
    free(seen);
}

/* Ten thousand syncs of a slow disk would take minutes. */
static int set_up_in_memory(void **state)
{
    test_in_memory();
    return set_up(state);
}

TM_TESTS(cmocka_unit_test_setup_teardown(a_crowd_loses_nothing_and_raises_no_false_alarm, set_up_in_memory,
                                         tear_down))
