/*
 * Text and links for Markdown files (CommonMark with GFM's tables). Names, paths and
 * descriptions come from repositories: what they hold must show as it is and
 * start no markup, table cell, HTML or line of its own.
 */
#ifndef TM_BASE_MD_H
#define TM_BASE_MD_H

#include "base/buf.h"

/*
 * Adds s as inline text: control characters and bytes that are not UTF-8 as tm_buf_add_escaped shows them,
 * what could be markup behind a backslash. As `prose`, runs of white space become one
 * space; otherwise line breaks and tabs are shown as \n and \t. Fits in headings, table cells, link texts and
 * at the start of a paragraph.
 */
void tm_md_add_text(struct tm_buf *out, struct tm_str s, bool prose);

/*
 * Adds a repository path as a link's target, percent-encoded byte by byte, as seen from the folder
 * `from_dir`; a path that ends up empty is ".".
 */
void tm_md_add_target(struct tm_buf *out, struct tm_str from_dir, struct tm_str path);

/* Adds "[text](target)", the text escaped. */
void tm_md_add_link(struct tm_buf *out, struct tm_str text, struct tm_str from_dir, struct tm_str path);

/* Adds s as a code span, with enough backticks around it; '|' is escaped so that it fits in table cells. */
void tm_md_add_code(struct tm_buf *out, struct tm_str s);

#endif
