/*
 * What changed between two states of the repository, file by file, with the way from lines of one to lines of
 * the other: what patch coverage judges (docs/formats/coverage.md, "Changes").
 *
 * Holds the hunks of all files: some 150 bytes a file and 16 a hunk.
 */
#ifndef TM_COVERAGE_CHANGES_H
#define TM_COVERAGE_CHANGES_H

#include "base/map.h"
#include "ext/git_diff.h"

struct tm_changes {
    struct tm_arena arena;
    /* What is compared: base "" is the empty tree, head "" the work tree. */
    struct tm_oid base, head;
    struct tm_str base_name;    /* as it was asked for or found: "origin/main" */
    bool merge_base;            /* base is where that and head part */
    struct tm_git_delta *items; /* in byte order of new paths, old ones where there is none; texts in arena */
    size_t n, cap;
    bool limited; /* renames were only looked for among equal files */
    struct tm_map by_new, by_old;
};

#define TM_CHANGES_INIT ((struct tm_changes) { .arena = TM_ARENA_INIT })

struct tm_changes_request {
    struct tm_str
        range;        /* "A...B" from where they part, "A..B" as they are, a side left out: HEAD; "": none */
    const char *base; /* without range: a revision as it is; NULL: where HEAD and the default base part */
    const char *head; /* without range: a revision; NULL: the work tree */
    bool ignore_space;
};

/* True when text has the form of a range and not that of a path with "..". */
bool tm_changes_is_range(struct tm_str text);

/* TM_E_NOT_FOUND: no such revision, or no base. On failure changes may be released. */
enum tm_code tm_changes_load(struct tm_changes *changes, struct tm_git *git,
                             const struct tm_changes_request *request, struct tm_err *err) TM_CHECK;
void tm_changes_release(struct tm_changes *changes);

/* The change that made the file at a new path, or that a file at an old path went into; NULL: it stayed. */
const struct tm_git_delta *tm_changes_of_new(const struct tm_changes *changes, struct tm_str path);
const struct tm_git_delta *tm_changes_of_old(const struct tm_changes *changes, struct tm_str path);

/* The members "base" and "head" of changes: "revision", "commit" ("" for the work tree), "merge_base". */
struct tm_json_writer;
void tm_changes_put(struct tm_json_writer *w, const struct tm_changes *changes);
/* "origin/main (merge base 1234567890)", "the work tree". */
void tm_changes_add_base(struct tm_buf *out, const struct tm_changes *changes);
void tm_changes_add_head(struct tm_buf *out, const struct tm_changes *changes);

/*
 * Follows lines of one side to the other. Lines are asked for in ascending order; each map goes one way.
 */
struct tm_linemap {
    const struct tm_git_hunk *hunks;
    size_t n;
    bool from_old;
    int64_t shift;
};
/* change NULL: all lines stay. */
struct tm_linemap tm_linemap_to_old(const struct tm_git_delta *change);
struct tm_linemap tm_linemap_to_new(const struct tm_git_delta *change);

/* True with the line's number on the other side; false when the change made, or removed, the line. */
bool tm_linemap_next(struct tm_linemap *map, uint32_t line, uint32_t *other);

#endif
