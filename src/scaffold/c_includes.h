/*
 * Whether a C file needs nothing but its module and the system's own headers. What needs more has flags and
 * libraries that nobody told us, and a test that builds it would fail on a module that works.
 */
#ifndef TM_SCAFFOLD_C_INCLUDES_H
#define TM_SCAFFOLD_C_INCLUDES_H

#include "repo/files.h"

/*
 * True when every #include in text, the content of the file at path, is a header of ISO C, POSIX or Linux (or
 * of Windows, which stands behind an #ifdef), or a file below the module's folder, found from the file's own
 * folder, the module's, its include/ or its src/. Conditions are not looked at.
 */
bool tm_c_stands_alone(const struct tm_files *files, struct tm_str module, struct tm_str path,
                       struct tm_str text);

#endif
