/*
 * Which entry says what a manifest has in its observed fields (docs/formats/ledger.md, "Manifests"): the last
 * one, in ledger order, with the module's name and the time and figures that stand there.
 */
#ifndef TM_LEDGER_BACKING_H
#define TM_LEDGER_BACKING_H

#include "base/json_doc.h"
#include "ledger/merge.h"

/* What one side of a merge has, and the entry that backs it as far as is known. */
struct tm_backed {
    struct tm_str module;
    const struct tm_json_node *manifest; /* its root */
    bool found;
    struct tm_ledger_key key; /* of that entry; zero for an adopted line */
    size_t line;              /* of that line, which orders adopted ones */
};

/*
 * Looks through one version of the coverage ledger, or with TM_OBSERVED_BENCH of the bench ledger, for
 * entries that back the sides, and keeps the last for each. Entries whose body cannot be read back nothing.
 * Fails as tm_ledger_read does; what was found until then is then not kept.
 */
enum tm_code tm_backing_look(const struct tm_ledger_version *version, unsigned group, struct tm_backed *sides,
                             size_t n, struct tm_err *err) TM_CHECK;

/*
 * True when the entry was written at the manifest's observed_at and has the figures of the group that stand
 * there, or none where there are none. `manifest` is its root; whose entry it is, is not looked at.
 */
bool tm_backing_has(const struct tm_json_node *manifest, unsigned group, const struct tm_ledger_entry *entry);

/* The side whose entry comes last; NULL when no side has one. */
const struct tm_backed *tm_backing_last(const struct tm_backed *sides, size_t n);

#endif
