/*
 * The comment that says which template made a file, and the digest by which an
 * untouched one is known again (docs/formats/templates.md, "Provenance").
 */
#ifndef TM_SCAFFOLD_PROVENANCE_H
#define TM_SCAFFOLD_PROVENANCE_H

#include "base/buf.h"
#include "ext/hash.h"
#include "scaffold/syntax.h"

enum {
    TM_SET_ID_LEN = 12,
    TM_PROVENANCE_HEAD = 8 << 10, /* the comment starts within so many bytes */
};

struct tm_provenance_mark {
    struct tm_str template; /* path in its set, as it was written; into the file's bytes */
    struct tm_str set;      /* TM_SET_ID_LEN digits; likewise */
    struct tm_hash rest;    /* digest of the file without the comment */
};

/* Puts the comment into the file's content where its syntax wants it; nothing when it has no comments. */
void tm_provenance_add(struct tm_buf *content, const struct tm_syntax *syntax, struct tm_str template_path,
                       const char *set_id);

/* Reads the comment of a file, or of its first TM_PROVENANCE_HEAD bytes. False when there is none. */
bool tm_provenance_find(struct tm_str content, struct tm_provenance_mark *out) TM_CHECK;

/* True when the file is as scaffolding made it: it has the comment, and the rest has its digest. */
bool tm_scaffold_is_untouched(struct tm_str content);

#endif
