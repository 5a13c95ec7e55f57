/*
 * Fragments: entries that wait in files of their own until they are folded into their ledger's file
 * (docs/formats/ledger.md, "Fragments").
 */
#ifndef TM_LEDGER_PENDING_H
#define TM_LEDGER_PENDING_H

#include "base/arena.h"
#include "ledger/ledger.h"

enum { TM_FRAGMENT_MAX = 64 << 20 };

/* One fragment. */
struct tm_fragment {
    struct tm_str path;      /* in the repository */
    const char *ledger;      /* name of its ledger, one of tm_ledger_names */
    struct tm_str text;      /* its lines */
    struct tm_hash *entries; /* their ids, in the order of the lines */
    size_t n_entries;
};

struct tm_fragments {
    struct tm_arena arena;
    struct tm_fragment *items; /* in the order of their paths */
    size_t n, cap;
    size_t n_entries; /* of all */
};
#define TM_FRAGMENTS_INIT ((struct tm_fragments) { .arena = TM_ARENA_INIT })

/*
 * Reads the text of a fragment; ids are from arena, texts are not copied. TM_E_FORMAT, naming path, when it
 * is none. `named` is the id that its file name has.
 */
enum tm_code tm_fragment_parse(struct tm_fragment *fragment, struct tm_arena *arena, struct tm_str path,
                               struct tm_str text, const struct tm_hash *named, struct tm_err *err) TM_CHECK;

/* True when name is that of a fragment; then *id is in it. */
bool tm_fragment_is_name(struct tm_str name, struct tm_hash *id);

/* The name of the ledger that entries of a kind stand in; NULL for a genesis and for kinds that are not
 * known. */
const char *tm_fragment_ledger(struct tm_str kind);

/* The path of the fragment that ends with the entry `id`, of the ledger at that path, into out (replaced). */
void tm_fragment_path(struct tm_str ledger_path, const struct tm_hash *id, struct tm_buf *out);

/* The folder of the fragments of the ledger at that path, into out (replaced). */
void tm_fragment_folder(struct tm_str ledger_path, struct tm_buf *out);

/*
 * Reads the fragments in the folder of the ledger at `path`; those of one ledger (its name), or with NULL
 * all. Files with other names are passed over, and so is what another process folds meanwhile: who reads the
 * ledger's file afterwards finds it there. TM_E_FORMAT for a fragment that is damaged.
 */
enum tm_code tm_fragments_read(struct tm_fragments *all, const struct tm_root *root, struct tm_str path,
                               const char *ledger, struct tm_err *err) TM_CHECK;
/* Those of one ledger. */
enum tm_code tm_fragments_of(struct tm_fragments *all, const struct tm_ledger_file *file, struct tm_err *err)
    TM_CHECK;
void tm_fragments_release(struct tm_fragments *all);

/*
 * The ledger as a whole: a file of `size` bytes open as fd, with its fragments behind it. *whole is a new
 * descriptor, the caller's. Without fragments, or when the file ends in the middle of a line, *whole is -1
 * and the file itself is all there is.
 */
enum tm_code tm_pending_whole(const struct tm_ledger_file *file, const struct tm_fragments *all, int fd,
                              uint64_t size, int *whole, uint64_t *whole_size, struct tm_err *err) TM_CHECK;

struct tm_repo;
/* TM_E_REFUSED when there are fragments, for commands that append to the files themselves. */
enum tm_code tm_pending_refuse(const struct tm_repo *repo, struct tm_err *err) TM_CHECK;
/* Says how many entries are pending, if any, for commands that read. */
void tm_pending_note(const struct tm_repo *repo, struct tm_log *log);

#endif
