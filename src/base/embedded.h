/*
 * Files that are part of the program: built-in collectors and templates.
 *
 * tools/embed.sh turns the files of collectors/ and templates/ into these
 * tables at build time (collectors/meson.build, templates/meson.build). A table
 * keeps the order of its meson.build list, which is the order of precedence
 * where one matters, and ends with a row whose path is NULL.
 */
#ifndef TM_BASE_EMBEDDED_H
#define TM_BASE_EMBEDDED_H

#include "base/base.h"

struct tm_embedded {
    const char *path;          /* relative to the table's folder */
    const unsigned char *data; /* len bytes, then a NUL that is not counted */
    size_t len;
};

extern const struct tm_embedded tm_embedded_collectors[];
extern const struct tm_embedded tm_embedded_templates[];

#endif
