/*
 * Acts: the typed bodies of genesis, scaffold, test_scaffold, freeze and rollback
 * entries. Fields and their order are in docs/formats/ledger.md; a body has exactly one spelling.
 *
 * Texts must be UTF-8; ids and digests are lower-case hexadecimal. Reading: texts point into the
 * entry, or into arena where they had to be unescaped; arrays come from arena. TM_E_FORMAT when
 * the body is not the one of its kind.
 */
#ifndef TM_LEDGER_ACT_H
#define TM_LEDGER_ACT_H

#include "base/arena.h"
#include "ledger/ledger.h"

/* What was adopted; all zero when nothing was. */
struct tm_genesis {
    uint64_t adopted_lines, adopted_bytes;
    struct tm_hash adopted_sha256;
};
void tm_genesis_body(const struct tm_genesis *genesis, struct tm_buf *out);
enum tm_code tm_genesis_read(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                             struct tm_genesis *genesis, struct tm_err *err) TM_CHECK;

struct tm_act_file {
    struct tm_str path;
    struct tm_str template; /* scaffold only: path below the templates */
    struct tm_str sha256;   /* of the content; "" only for a rollback that removed the file */
};

/* scaffold and test_scaffold: files that were created. */
struct tm_scaffold_act {
    const struct tm_act_file *files; /* in the order of their paths */
    size_t n_files;
    struct tm_str set;    /* id of the set of templates; "" when it is not known */
    struct tm_str commit; /* HEAD when they were created; "" when there is none */
};
void tm_scaffold_body(const struct tm_scaffold_act *act, struct tm_buf *out);
enum tm_code tm_scaffold_read(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                              struct tm_scaffold_act *act, struct tm_err *err) TM_CHECK;

/* What a freeze pins of one ledger; a tm_ledger_state in short. */
struct tm_ledger_pin {
    struct tm_str name; /* of the file, without ".ndjson" */
    struct tm_str log;
    uint64_t entries, max_lc;
    const struct tm_hash *heads; /* ascending */
    size_t n_heads;
    struct tm_hash root;
};

struct tm_freeze_act {
    struct tm_str tag;
    struct tm_str kind;         /* "baseline", "production" or "final" */
    struct tm_str reason;       /* "" for none */
    struct tm_str commit, tree; /* what was frozen */
    struct tm_str record;       /* path of the freeze record */
    struct tm_str record_sha256;
    const struct tm_ledger_pin *ledgers; /* in the order of their names */
    size_t n_ledgers;
};
void tm_freeze_body(const struct tm_freeze_act *act, struct tm_buf *out);
enum tm_code tm_freeze_read(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                            struct tm_freeze_act *act, struct tm_err *err) TM_CHECK;

struct tm_rollback_act {
    struct tm_str tag;
    struct tm_str commit;            /* the frozen commit that was gone back to */
    struct tm_str head;              /* HEAD before */
    const struct tm_act_file *files; /* in the order of their paths */
    size_t n_files;
};
void tm_rollback_body(const struct tm_rollback_act *act, struct tm_buf *out);
enum tm_code tm_rollback_read(const struct tm_ledger_entry *entry, struct tm_arena *arena,
                              struct tm_rollback_act *act, struct tm_err *err) TM_CHECK;

#endif
