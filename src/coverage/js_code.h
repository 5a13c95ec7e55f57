/*
 * Where the code is in a JavaScript source: V8 counts characters, and only some
 * of them are code (docs/formats/coverage.md, "V8").
 *
 * Not code: white space, comments, a first line that starts with "#!", and the punctuation
 * { } ( ) [ ] ; , outside strings, templates and regular expressions.
 *
 * This is a scanner, no parser. Whether '/' divides or starts a regular expression is
 * told from the token before it, which is right for all but contrived sources.
 */
#ifndef TM_COVERAGE_JS_CODE_H
#define TM_COVERAGE_JS_CODE_H

#include "base/str.h"

enum { TM_JS_SOURCE_MAX = 16 << 20 };

/* Characters of one line that are code, without a gap; offsets in UTF-16 code units, `to` excluded. */
struct tm_js_span {
    uint32_t line; /* from 1 */
    uint32_t from, to;
};

struct tm_js_code {
    struct tm_js_span *spans; /* ascending */
    size_t n_spans, cap_spans;
    uint32_t *lines; /* offset at which line i + 1 starts */
    size_t n_lines, cap_lines;
    uint32_t units; /* length of the source; a byte that is not UTF-8 counts 1 */
};

/* Scans a source of at most TM_JS_SOURCE_MAX bytes; any bytes are a source. */
void tm_js_scan(struct tm_js_code *code, struct tm_str source);
void tm_js_release(struct tm_js_code *code);

/* Line, from 1, of an offset. */
uint32_t tm_js_line(const struct tm_js_code *code, uint32_t offset);

#endif
