/*
 * Jobs whose sweep was killed. Nobody is left who ends them at their timeout, and they go on writing
 * into folders that the next sweep wants to use.
 *
 * Every job has TM_ORPHAN_ENV in its environment, and so have all its descendants, also those that left its
 * process group. While jobs run the state folder holds `sweep-running`; who finds it and has the repository's
 * lock knows that their sweep is dead.
 */
#ifndef TM_SWEEP_ORPHAN_H
#define TM_SWEEP_ORPHAN_H

#include "base/err.h"
#include "repo/repo.h"

#define TM_ORPHAN_ENV "TIDEMARK_STATE"

/* Says that jobs may run from now on, and that none does any more. */
enum tm_code tm_orphans_begin(const struct tm_repo *repo, struct tm_err *err) TM_CHECK;
void tm_orphans_end(const struct tm_repo *repo);

/*
 * Kills what an earlier sweep of this repository left running; the count. Only looks when that sweep did not
 * end by itself. Processes of other users are not seen.
 */
size_t tm_orphans_kill(const struct tm_repo *repo);

#endif
