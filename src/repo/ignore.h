/*
 * Git's ignore rules, as gitignore(5) has them and git 2.39 does them: one
 * struct tm_ignore for each file of patterns, and the matching of one pattern.
 *
 * Which files apply to a path, and that a file below an ignored folder cannot be
 * taken back, is the caller's business (repo/walk.c): it asks the lists from
 * the innermost .gitignore outwards, then .git/info/exclude, then core.excludesFile; the
 * first that has a match decides.
 *
 * Once parsed a list may be read by several threads at once. Patterns and
 * names are bytes; ignoring case folds ASCII letters only.
 */
#ifndef TM_REPO_IGNORE_H
#define TM_REPO_IGNORE_H

#include "base/buf.h"
#include "base/str.h"

/* Files of patterns that are longer are refused by who reads them. */
enum { TM_IGNORE_MAX = 16 << 20 };

enum tm_verdict {
    TM_IGNORE_NONE, /* no pattern matches */
    TM_IGNORE_YES,
    TM_IGNORE_NO, /* taken back by '!' */
};

struct tm_ignore {
    struct tm_ignore_pattern *patterns;
    size_t n;
    struct tm_buf text; /* what the patterns point into */
    bool icase;
};

#define TM_IGNORE_INIT ((struct tm_ignore) { .text = TM_BUF_INIT })

/* Reads the patterns in text (copied). Nothing in it is an error: a line that means nothing matches nothing.
 */
void tm_ignore_parse(struct tm_ignore *ignore, struct tm_str text, bool icase);
void tm_ignore_release(struct tm_ignore *ignore);

/*
 * What the list says of path, which is relative to the folder the list stands in (the
 * work tree's root for the two that stand elsewhere). The last pattern that matches decides.
 */
enum tm_verdict tm_ignore_match(const struct tm_ignore *ignore, struct tm_str path, bool is_dir);

/*
 * Matches a pattern of gitignore against all of text, as git's wildmatch does: '*' and '?' (not
 * '/' when is_path), "**" between slashes, sets with ranges, negation and [:classes:], '\\' quotes.
 * At most |pattern| x |text| steps.
 */
bool tm_wildmatch(struct tm_str pattern, struct tm_str text, bool is_path, bool icase);

#endif
