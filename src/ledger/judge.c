#include "ledger/judge.h"

#include "ledger/act.h"
#include "ledger/adopted.h"
#include "ledger/observation.h"

void tm_line_judge_init(struct tm_line_judge *judge)
{
    tm_ledger_parser_init(&judge->parser);
    judge->arena = TM_ARENA_INIT;
}

void tm_line_judge_release(struct tm_line_judge *judge)
{
    tm_ledger_parser_release(&judge->parser);
    tm_arena_release(&judge->arena);
}

/* True when a line that is no entry is an unchained one: a JSON object without a member "v". */
static bool is_unchained(struct tm_line_judge *judge, struct tm_str line, struct tm_ledger_entry *entry)
{
    tm_arena_release(&judge->arena);
    return tm_adopted_parse(line, &judge->arena, entry);
}

enum tm_ledger_flaw tm_line_judge_adopted(struct tm_line_judge *judge, struct tm_str line,
                                          struct tm_ledger_entry *entry, bool *blank)
{
    struct tm_ledger_entry chained;
    enum tm_ledger_flaw flaw;

    *blank = tm_adopted_is_blank(line);
    if (*blank || is_unchained(judge, line, entry))
        return TM_FLAW_NONE;
    flaw = tm_ledger_parse(&judge->parser, line, &chained);
    if (flaw == TM_FLAW_TOO_LONG || flaw == TM_FLAW_BOM || flaw == TM_FLAW_CONFLICT_MARKER)
        return flaw;
    return tm_adopted_has_version(line) ? flaw : TM_FLAW_UNCHAINED_JSON;
}

enum tm_ledger_flaw tm_line_judge_entry(struct tm_line_judge *judge, struct tm_str line,
                                        struct tm_ledger_entry *entry)
{
    enum tm_ledger_flaw flaw = tm_ledger_parse(&judge->parser, line, entry);
    struct tm_ledger_entry unchained;

    return flaw && is_unchained(judge, line, &unchained) ? TM_FLAW_UNCHAINED : flaw;
}

enum tm_ledger_flaw tm_line_judge_tail(struct tm_line_judge *judge, struct tm_str text, bool in_prefix,
                                       struct tm_ledger_entry *entry)
{
    if (tm_ledger_parse(&judge->parser, text, entry) == TM_FLAW_NONE)
        return TM_FLAW_NO_LF;
    if (!in_prefix)
        return TM_FLAW_TORN;
    if (tm_adopted_is_blank(text) || is_unchained(judge, text, entry))
        return TM_FLAW_NO_LF;
    /* Only what an append of ours can have left may be moved aside; of the rest we know nothing. */
    return tm_str_has_prefix(text, TM_STR("{\"v\":1,")) || tm_str_has_prefix(TM_STR("{\"v\":1,"), text)
               ? TM_FLAW_TORN
               : TM_FLAW_UNCHAINED_JSON;
}

static enum tm_code judge_genesis(struct tm_line_judge *judge, const struct tm_ledger_entry *entry,
                                  struct tm_err *err)
{
    struct tm_genesis genesis;

    return tm_genesis_read(entry, &judge->arena, &genesis, err);
}

static enum tm_code judge_coverage(struct tm_line_judge *judge, const struct tm_ledger_entry *entry,
                                   struct tm_err *err)
{
    struct tm_coverage_observation obs;

    return tm_coverage_read(entry, &judge->arena, &obs, err);
}

static enum tm_code judge_bench(struct tm_line_judge *judge, const struct tm_ledger_entry *entry,
                                struct tm_err *err)
{
    struct tm_bench_observation obs;

    return tm_bench_read(entry, &judge->arena, &obs, err);
}

static enum tm_code judge_scaffold(struct tm_line_judge *judge, const struct tm_ledger_entry *entry,
                                   struct tm_err *err)
{
    struct tm_scaffold_act act;

    return tm_scaffold_read(entry, &judge->arena, &act, err);
}

static enum tm_code judge_freeze(struct tm_line_judge *judge, const struct tm_ledger_entry *entry,
                                 struct tm_err *err)
{
    struct tm_freeze_act act;

    return tm_freeze_read(entry, &judge->arena, &act, err);
}

static enum tm_code judge_rollback(struct tm_line_judge *judge, const struct tm_ledger_entry *entry,
                                   struct tm_err *err)
{
    struct tm_rollback_act act;

    return tm_rollback_read(entry, &judge->arena, &act, err);
}

typedef enum tm_code judge_fn(struct tm_line_judge *judge, const struct tm_ledger_entry *entry,
                              struct tm_err *err);

static judge_fn *const judges[] = {
    [TM_LEDGER_GENESIS] = judge_genesis,
    [TM_LEDGER_COVERAGE] = judge_coverage,
    [TM_LEDGER_BENCH] = judge_bench,
    [TM_LEDGER_SCAFFOLD] = judge_scaffold,
    [TM_LEDGER_TEST_SCAFFOLD] = judge_scaffold,
    [TM_LEDGER_FREEZE] = judge_freeze,
    [TM_LEDGER_ROLLBACK] = judge_rollback,
};

enum tm_code tm_line_judge_body(struct tm_line_judge *judge, const struct tm_ledger_entry *entry,
                                struct tm_err *err)
{
    tm_arena_release(&judge->arena);
    for (size_t i = 0; i < TM_LEN(judges); i++)
        if (tm_str_is(entry->kind, tm_ledger_kind_name((enum tm_ledger_kind)i)))
            return judges[i](judge, entry, err);
    return TM_OK;
}
