/*
 * Any bytes as the body of each kind, and as an adopted line. What must hold: a body that is accepted is the
 * one spelling of what was read from it; a coverage is a part of a whole.
 */
#include "fuzz.h"
#include "ledger/act.h"
#include "ledger/adopted.h"
#include "ledger/describe.h"
#include "ledger/observation.h"
#include "ledger/parse.h"

static void check_ratio(const struct tm_coverage_observation *obs)
{
    struct tm_ratio ratio;

    if (tm_coverage_ratio(obs, &ratio))
        FUZZ_CHECK(ratio.den > 0 && ratio.num <= ratio.den);
}

/* True when the body is one of that kind; out is then its spelling. */
static bool read_and_spell(const struct tm_ledger_entry *entry, enum tm_ledger_kind kind,
                           struct tm_arena *arena, struct tm_buf *out)
{
    struct tm_coverage_observation coverage;
    struct tm_bench_observation bench;
    struct tm_scaffold_act scaffold;
    struct tm_freeze_act freeze;
    struct tm_rollback_act rollback;
    struct tm_genesis genesis;

    switch (kind) {
    case TM_LEDGER_GENESIS:
        if (tm_genesis_read(entry, arena, &genesis, NULL))
            return false;
        tm_genesis_body(&genesis, out);
        return true;
    case TM_LEDGER_COVERAGE:
        if (tm_coverage_read(entry, arena, &coverage, NULL))
            return false;
        check_ratio(&coverage);
        tm_coverage_body(&coverage, out);
        return true;
    case TM_LEDGER_BENCH:
        if (tm_bench_read(entry, arena, &bench, NULL))
            return false;
        tm_bench_body(&bench, out);
        return true;
    case TM_LEDGER_SCAFFOLD:
    case TM_LEDGER_TEST_SCAFFOLD:
        if (tm_scaffold_read(entry, arena, &scaffold, NULL))
            return false;
        tm_scaffold_body(&scaffold, out);
        return true;
    case TM_LEDGER_FREEZE:
        if (tm_freeze_read(entry, arena, &freeze, NULL))
            return false;
        tm_freeze_body(&freeze, out);
        return true;
    case TM_LEDGER_ROLLBACK:
        if (tm_rollback_read(entry, arena, &rollback, NULL))
            return false;
        tm_rollback_body(&rollback, out);
        return true;
    }
    return false;
}

static void check_bodies(struct tm_str text)
{
    if (tm_ledger_check_body(text) != TM_FLAW_NONE)
        return;
    for (int kind = 0; kind <= TM_LEDGER_ROLLBACK; kind++) {
        struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) again = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) phrase = TM_BUF_INIT;
        struct tm_ledger_entry entry = { .line = 1,
                                         .kind = tm_str(tm_ledger_kind_name((enum tm_ledger_kind)kind)),
                                         .body = text };
        bool accepted = read_and_spell(&entry, (enum tm_ledger_kind)kind, &arena, &again);

        if (accepted)
            FUZZ_CHECK(tm_str_eq(tm_buf_str(&again), text));
        FUZZ_CHECK((tm_ledger_describe(&entry, TM_STR("x"), &phrase, NULL) == TM_OK) == accepted);
    }
}

static void check_adopted(struct tm_str text)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_coverage_observation coverage;
    struct tm_bench_observation bench;
    struct tm_ledger_entry entry;

    if (!tm_adopted_parse(text, &arena, &entry))
        return;
    FUZZ_CHECK(entry.adopted && entry.ts_s >= -1 && !tm_adopted_has_version(text));
    if (tm_coverage_read(&entry, &arena, &coverage, NULL) == TM_OK)
        check_ratio(&coverage);
    if (tm_bench_read(&entry, &arena, &bench, NULL) == TM_OK)
        FUZZ_CHECK(bench.p50.known || bench.p95.known || bench.p99.known);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_str text = tm_str_n((const char *)data, size);

    check_bodies(text);
    check_adopted(text);
    return 0;
}
