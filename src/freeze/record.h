/*
 * The freeze record (docs/formats/freeze.md): what a freeze pins.
 */
#ifndef TM_FREEZE_RECORD_H
#define TM_FREEZE_RECORD_H

#include "base/json_doc.h"
#include "ledger/ledger.h"
#include "repo/repo.h"

enum {
    TM_FREEZE_RECORD_MAX = 64 << 20,
    TM_FREEZE_ARTIFACTS_MAX = 100000,
    TM_FREEZE_TAG_MAX = 255,
    TM_FREEZE_REASON_MAX = 4096,
};

enum tm_freeze_kind { TM_FREEZE_BASELINE, TM_FREEZE_PRODUCTION, TM_FREEZE_FINAL };

/* "baseline", "production", "final". */
const char *tm_freeze_kind_name(enum tm_freeze_kind kind);
bool tm_freeze_kind_parse(struct tm_str name, enum tm_freeze_kind *out) TM_CHECK;
/* "BASELINE_FREEZE.json" and so on. */
const char *tm_freeze_kind_file(enum tm_freeze_kind kind);

struct tm_frozen_file {
    struct tm_str path;
    uint64_t size;
    unsigned mode; /* 0100644 or 0100755 */
    struct tm_hash sha256;
};

struct tm_frozen_ledger {
    struct tm_str path;
    uint64_t bytes, lines, entries, adopted_lines, max_lc;
    struct tm_str log;
    const struct tm_hash *heads;
    size_t n_heads;
    struct tm_hash sha256;
    bool has_root; /* exactly when there are entries, not adopted lines only */
    struct tm_hash root;
};

struct tm_freeze_record {
    struct tm_str tag, reason, tool_version;
    enum tm_freeze_kind kind;
    int64_t frozen_at_s;
    struct tm_oid commit, tree;
    struct tm_str meta_registry;
    struct tm_str trends[2];
    struct tm_str summary;            /* JSON text of the meta-registry's summary */
    struct tm_frozen_file *artifacts; /* by path */
    size_t n_artifacts;
    struct tm_frozen_ledger *ledgers; /* by path */
    size_t n_ledgers;
    bool has_previous;
    struct tm_str previous_tag;
    struct tm_hash previous_record;
};

/* Spells the record into out (replaced). */
void tm_freeze_record_spell(const struct tm_freeze_record *record, struct tm_buf *out);

/*
 * Reads a record; texts and arrays come from arena, which must outlive it. TM_E_FORMAT with line
 * and column of `name` when it is not one, or a path in it is not inside the repository; members that are not
 * known are passed over. TM_E_LIMIT: too many bytes or artifacts.
 */
enum tm_code tm_freeze_record_parse(struct tm_freeze_record *record, struct tm_arena *arena, const char *name,
                                    struct tm_str data, struct tm_err *err) TM_CHECK;

#endif
