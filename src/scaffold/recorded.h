/*
 * What the scaffold ledgers already name: which file, with which content. Read when the first question
 * is asked, since most runs have none.
 */
#ifndef TM_SCAFFOLD_RECORDED_H
#define TM_SCAFFOLD_RECORDED_H

#include "base/map.h"
#include "ledger/ledger.h"
#include "repo/repo.h"

struct tm_recorded {
    const struct tm_repo *repo;
    bool loaded;
    struct tm_arena arena;
    struct tm_map files; /* "<sha256 hex> <path>" */
};

#define TM_RECORDED_INIT(repo) ((struct tm_recorded) { (repo), false, TM_ARENA_INIT, TM_MAP_INIT })

/* *yes: some entry of scaffold.ndjson or test_scaffold.ndjson names path with this content. */
enum tm_code tm_recorded_has(struct tm_recorded *recorded, struct tm_str path, struct tm_str content,
                             bool *yes, struct tm_err *err) TM_CHECK;
void tm_recorded_release(struct tm_recorded *recorded);

#endif
