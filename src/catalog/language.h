/*
 * What a file is by its name alone: a doc, a test or source, and of which
 * language (docs/formats/registry.md has the table). A language is a row in
 * language.c and in that document, nothing else.
 */
#ifndef TM_CATALOG_LANGUAGE_H
#define TM_CATALOG_LANGUAGE_H

#include "base/str.h"

enum tm_file_role { TM_ROLE_OTHER, TM_ROLE_SOURCE, TM_ROLE_DOC, TM_ROLE_TEST };

/* A language is a small number, so that files can be counted in an array. */
enum {
    TM_LANGUAGE_NONE = 0,
    TM_LANGUAGES = 27, /* greatest id + 1 */
};

/*
 * The role of a file by its path as seen from its module's folder, and the language its ending stands for
 * (TM_LANGUAGE_NONE for docs and unknown endings). fold compares ASCII letters without regard to case.
 */
enum tm_file_role tm_language_role(struct tm_str path, bool fold, unsigned char *language);

/* "python"; "" for TM_LANGUAGE_NONE. Static. */
struct tm_str tm_language_name(unsigned char language);

/*
 * The language most files are in: counts[id] files each. On a tie the first by name. C headers are given to
 * C++ when it has more files than C. TM_LANGUAGE_NONE when all counts are 0.
 */
unsigned char tm_language_most(const size_t counts[TM_LANGUAGES]);

#endif
