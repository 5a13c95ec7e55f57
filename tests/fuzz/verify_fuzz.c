/*
 * Any bytes as a ledger to be verified. What must hold: it has no finding exactly when the reader accepts
 * it, but for the findings that the reader does not look for; and what is found does not depend on the pieces
 * in which the file is read.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "ledger/read.h"
#include "ledger/verify.h"

static void verify(int fd, size_t size, size_t stretch, struct tm_verified *out)
{
    struct tm_verify_options options = { .stretch = stretch, .parents = stretch % 2, .kept_kind = "freeze" };
    bool shrunk = false;

    FUZZ_CHECK(tm_verify_fd(fd, size, &options, out, &shrunk, NULL) == TM_OK);
    FUZZ_CHECK(!shrunk);
}

static void check_same(const struct tm_ledger_findings *a, const struct tm_ledger_findings *b)
{
    FUZZ_CHECK(a->n == b->n);
    FUZZ_CHECK(memcmp(a->counts, b->counts, sizeof(a->counts)) == 0);
    for (size_t i = 0; i < a->n; i++) {
        FUZZ_CHECK(a->items[i].line == b->items[i].line && a->items[i].flaw == b->items[i].flaw);
        FUZZ_CHECK(tm_hash_cmp(&a->items[i].id, &b->items[i].id) == 0);
    }
}

/* The reader looks for no replays, and into no body but that of a genesis. */
static bool is_for_verify_only(const struct tm_ledger_finding *finding, struct tm_str text)
{
    static const char genesis[] = ",\"kind\":\"genesis\"";
    struct tm_str line = TM_STR("");

    for (uint64_t n = 0; n < finding->line; n++)
        FUZZ_CHECK(tm_str_split(&text, '\n', &line));
    return finding->flaw == TM_FLAW_REPLAY ||
           (finding->flaw == TM_FLAW_BODY && !memmem(line.data, line.len, genesis, sizeof(genesis) - 1));
}

static void check_with_reader(int fd, struct tm_str text, const struct tm_verified *verified)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };
    bool accepted = tm_ledger_read_fd(fd, text.len, TM_STR("input"), TM_READ_IDS, NULL, NULL, &state, NULL,
                                      &err) == TM_OK;
    bool clean = true;

    for (size_t i = 0; i < verified->findings.n; i++)
        if (!tm_ledger_flaw_is_warning(verified->findings.items[i].flaw) &&
            !is_for_verify_only(&verified->findings.items[i], text))
            clean = false;
    FUZZ_CHECK(accepted == clean);
    if (!accepted)
        return;
    FUZZ_CHECK(state.entries == verified->state.entries && state.lines == verified->state.lines);
    FUZZ_CHECK(state.n_heads == verified->state.n_heads && state.max_lc == verified->state.max_lc);
    FUZZ_CHECK(state.duplicates == verified->findings.counts[TM_FLAW_DUPLICATE]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_verified TM_CLEANUP(tm_verified_release) whole = TM_VERIFIED_INIT;
    struct tm_verified TM_CLEANUP(tm_verified_release) pieces = TM_VERIFIED_INIT;
    struct tm_str text = tm_str_n((const char *)data, size);
    int fd = memfd_create("ledger", MFD_CLOEXEC);

    FUZZ_CHECK(fd >= 0);
    FUZZ_CHECK(tm_fd_write_all(fd, text, NULL) == TM_OK);
    verify(fd, size, 0, &whole);
    verify(fd, size, size % 61 + 1, &pieces);
    check_same(&whole.findings, &pieces.findings);
    check_with_reader(fd, text, &whole);
    close(fd);
    return 0;
}
