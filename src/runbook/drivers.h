/*
 * What git must know to merge ledgers and manifests by tidemark's drivers: two of them in the repository's
 * configuration, and attributes that name them, in `.gitattributes` and, for branches older than that, in the
 * git folder's info/attributes (docs/formats/ledger.md, "Installing").
 */
#ifndef TM_RUNBOOK_DRIVERS_H
#define TM_RUNBOOK_DRIVERS_H

#include "repo/repo.h"

enum tm_drivers_status {
    TM_DRIVERS_OK,
    TM_DRIVERS_MISSING,   /* not installed, or only in part, or by an earlier version */
    TM_DRIVERS_STALE,     /* the program that a driver names is gone */
    TM_DRIVERS_FOREIGN,   /* a driver of that name calls something else */
    TM_DRIVERS_OVERRULED, /* other attributes come after ours */
};

/* detail (replaced) says in one phrase what was found. */
enum tm_code tm_drivers_look(struct tm_repo *repo, enum tm_drivers_status *status, struct tm_buf *detail,
                             struct tm_err *err) TM_CHECK;

/*
 * Installs what is missing or stale; all the rest of those files stays, byte for byte. What was done is added
 * to `done` as one phrase, "" when nothing was. The repository's lock must be held. TM_E_REFUSED for a
 * foreign driver, TM_E_FORMAT when a file has only one of the comments that enclose our attributes.
 */
enum tm_code tm_drivers_install(struct tm_repo *repo, struct tm_buf *done, struct tm_err *err) TM_CHECK;

/*
 * An attributes file `old` with our block as `block`, into out (replaced): in the place of the first one it
 * has, without any others, or at the end. `name` is for messages. TM_E_FORMAT as above.
 */
enum tm_code tm_drivers_put_block(const char *name, struct tm_str old, struct tm_str block,
                                  struct tm_buf *out, struct tm_err *err) TM_CHECK;

#endif
