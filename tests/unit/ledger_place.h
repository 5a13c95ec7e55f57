/*
 * A folder with a ledger in it, and beside it the state folder, for tests of what is written to ledgers.
 * Tests are listed with WITH_PLACE.
 */
#ifndef TM_LEDGER_PLACE_H
#define TM_LEDGER_PLACE_H

#include "test.h"

#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

#include "ledger/ledger.h"

#define PATH  "manifests/.ledger/coverage.ndjson"
#define STAMP 1795348800 /* 2026-11-22T12:00:00Z */

struct place {
    char path[512];
    struct tm_root root, state;
    struct tm_ledger_file file;
    const void *extra; /* the test's own */
};

TM_UNUSED static void make_place(struct place *place)
{
    const char *tmp = getenv("TMPDIR");
    char kept[600];

    snprintf(place->path, sizeof(place->path), "%s/tm-ledger-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(place->path));
    snprintf(kept, sizeof(kept), "%s/.state", place->path);
    assert_int_equal(mkdir(kept, 0700), 0);
    assert_int_equal(tm_root_open(&place->root, place->path, NULL), TM_OK);
    assert_int_equal(tm_root_open(&place->state, kept, NULL), TM_OK);
    place->file = (struct tm_ledger_file) { &place->root, TM_STR(PATH), &place->state, NULL };
}

TM_UNUSED static int set_up(void **state)
{
    struct place *place = tm_alloc(sizeof(*place));

    make_place(place);
    *state = place;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

TM_UNUSED static int tear_down(void **state)
{
    struct place *place = *state;

    tm_root_close(&place->root);
    tm_root_close(&place->state);
    nftw(place->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(place);
    return 0;
}

TM_UNUSED static void put(struct place *place, const char *text)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_root_replace(&place->root, TM_STR(PATH), tm_str(text), NULL, &err));
}

TM_UNUSED static void get(struct place *place, struct tm_buf *out)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_root_read(&place->root, TM_STR(PATH), 1 << 30, out, &err));
}

TM_UNUSED static struct tm_ledger_draft draft_of(const char *module)
{
    return (struct tm_ledger_draft) { TM_LEDGER_COVERAGE, tm_str(module),
                                      TM_STR("{\"evidence\":\"no_data\",\"dirty\":false}") };
}

TM_UNUSED static struct tm_hash append(struct place *place, const char *module)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_draft draft = draft_of(module);
    struct tm_ledger_run run;
    struct tm_hash id;

    tm_ledger_run_init(&run);
    assert_ok(&err, tm_ledger_append(&place->file, &run, STAMP, &draft, 1, &id, &err));
    return id;
}

/* n entries, m0 to m<n-1>, in one write. */
TM_UNUSED static void append_many(struct place *place, size_t n)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_draft *drafts = tm_alloc_array(n, sizeof(*drafts));
    char(*names)[16] = tm_alloc_array(n, sizeof(*names));
    struct tm_ledger_run run;

    for (size_t i = 0; i < n; i++) {
        snprintf(names[i], sizeof(names[i]), "m%zu", i);
        drafts[i] = draft_of(names[i]);
    }
    tm_ledger_run_init(&run);
    assert_ok(&err, tm_ledger_append(&place->file, &run, STAMP, drafts, n, NULL, &err));
    free(drafts);
    free(names);
}

TM_UNUSED static void read_state(struct place *place, struct tm_ledger_state *out)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, tm_ledger_read(&place->file, NULL, NULL, out, &err));
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
