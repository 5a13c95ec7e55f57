/*
 * Merging a manifest as text, with what two branches measured differently settled by the ledger
 * (docs/formats/ledger.md, "Manifests").
 */
#ifndef TM_LEDGER_MANIFEST_MERGE_H
#define TM_LEDGER_MANIFEST_MERGE_H

#include "ext/git.h"
#include "ledger/backing.h"

struct tm_manifest_versions {
    const char *path; /* in the repository, for messages and for a module without a name */
    struct tm_str base, ours, theirs;
    struct tm_git_markers markers;
};

/* Finds what backs ours (sides[0]) and theirs (sides[1]) in one group. */
typedef void tm_backing_find_fn(void *ctx, unsigned group, struct tm_backed sides[2]);

/*
 * The merge of three versions, into out (replaced). find is asked where both sides measured and differ.
 * TM_OK: out is merged. TM_E_NO: a conflict is left, out is what a text merge leaves; the message says where
 * from. TM_E_GIT for what git calls binary.
 */
enum tm_code tm_manifest_merge(const struct tm_manifest_versions *versions, tm_backing_find_fn *find,
                               void *ctx, struct tm_buf *out, struct tm_err *err) TM_CHECK;

struct tm_repo;
/*
 * A finder that looks into the ledgers of the work tree, of HEAD, of the commits that git says it is merging,
 * and of those that have the manifest as one of the two sides has it. Sources that cannot be read are passed
 * over.
 */
struct tm_backing_sources {
    struct tm_repo *repo;
    const struct tm_manifest_versions *versions;
};
void tm_backing_find(void *sources, unsigned group, struct tm_backed sides[2]);

#endif
