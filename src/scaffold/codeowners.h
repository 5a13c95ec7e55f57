/*
 * CODEOWNERS as GitHub reads it (docs/formats/templates.md, "Owners"): who owns
 * the files of a folder. Lines that are not understood are passed over, as GitHub
 * does; the last line that matches decides.
 */
#ifndef TM_SCAFFOLD_CODEOWNERS_H
#define TM_SCAFFOLD_CODEOWNERS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/io.h"

enum { TM_CODEOWNERS_MAX = 3 << 20 };

struct tm_codeowners_rule {
    struct tm_str glob; /* for tm_path_matches against a path or a folder above it */
    bool folder;        /* matches folders only */
    bool direct;        /* "dir/" and one star: the files in dir, not those below */
    struct tm_str *owners;
    size_t n_owners;
};

struct tm_codeowners {
    struct tm_arena arena;
    struct tm_codeowners_rule *rules; /* in the order of lines */
    size_t n, cap;
};

#define TM_CODEOWNERS_INIT ((struct tm_codeowners) { .arena = TM_ARENA_INIT })

/* Reads the lines of data. */
void tm_codeowners_parse(struct tm_codeowners *codeowners, struct tm_str data);

/*
 * Reads the first of .github/CODEOWNERS, CODEOWNERS, docs/CODEOWNERS that is there beneath root; none gives
 * no rules. TM_E_LIMIT over TM_CODEOWNERS_MAX bytes.
 */
enum tm_code tm_codeowners_load(struct tm_codeowners *codeowners, const struct tm_root *root,
                                struct tm_err *err) TM_CHECK;
void tm_codeowners_release(struct tm_codeowners *codeowners);

/*
 * The rule that decides about a file in folder `dir` ("" for the root) that no pattern names; NULL when none
 * does. Its owners may be none.
 */
const struct tm_codeowners_rule *tm_codeowners_of(const struct tm_codeowners *codeowners, struct tm_str dir);

#endif
