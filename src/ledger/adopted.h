/*
 * Lines that stood in a ledger before tidemark wrote to it, read leniently
 * (docs/formats/ledger.md, "Adoption").
 */
#ifndef TM_LEDGER_ADOPTED_H
#define TM_LEDGER_ADOPTED_H

#include "base/arena.h"
#include "ledger/flaw.h"
#include "ledger/observation.h"

/* True for a line of white space, which an adopted prefix may have. */
bool tm_adopted_is_blank(struct tm_str line);

/*
 * True when line is a JSON object without a member "v". Then *entry is filled as adopted: text, body, module,
 * ts_s; the module's text may come from arena.
 */
bool tm_adopted_parse(struct tm_str line, struct tm_arena *arena, struct tm_ledger_entry *entry);

/* True when line is a JSON object with a member "v": then it is to be judged as an entry. */
bool tm_adopted_has_version(struct tm_str line);

/* The bodies of such an entry; TM_E_FORMAT when it is not understood. Texts as in tm_coverage_read. */
enum tm_code tm_adopted_coverage(const struct tm_ledger_entry *entry, struct tm_coverage_observation *obs,
                                 struct tm_err *err) TM_CHECK;
enum tm_code tm_adopted_bench(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                              struct tm_bench_observation *obs, struct tm_err *err) TM_CHECK;

#endif
