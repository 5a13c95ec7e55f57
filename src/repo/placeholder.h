/*
 * Placeholders in a collector's texts: {module}, {out}, {nested:--ignore=}
 * and so on, as docs/formats/settings.md lists them. Settings check them when they are read,
 * the sweep expands them for each job.
 */
#ifndef TM_REPO_PLACEHOLDER_H
#define TM_REPO_PLACEHOLDER_H

#include "base/arena.h"
#include "base/buf.h"
#include "repo/settings.h"

/* What placeholders stand for in one job. All folders are absolute. */
struct tm_places {
    struct tm_str root, module, name, out, work, python;
    struct tm_str_list nested;      /* folders of modules nested in this one */
    struct tm_str_list source_dirs; /* folders that hold source of the module itself */
    struct tm_str_list files;       /* the module's own files, relative to it */
};

/*
 * False when text holds an unknown placeholder, or a list placeholder other than as the whole of an
 * argument (allowed only when is_argument): *problem then says what, in words that end in the placeholder.
 */
bool tm_placeholder_check(struct tm_str text, bool is_argument, struct tm_buf *problem) TM_CHECK;

/* Adds text to out with its placeholders replaced. The text must have been checked. */
void tm_placeholder_expand(struct tm_buf *out, struct tm_str text, const struct tm_places *places);

/* The arguments with placeholders replaced, list placeholders by any number of them, from arena. */
struct tm_str_list tm_placeholder_expand_list(struct tm_arena *arena, const struct tm_str_list *list,
                                              const struct tm_places *places);

#endif
