/*
 * What a go.mod says of the files below it: Go names files by import path, which begins with the module's.
 */
#ifndef TM_COVERAGE_GO_MODULE_H
#define TM_COVERAGE_GO_MODULE_H

#include "base/str.h"

enum { TM_GO_MOD_MAX = 1 << 20 };

/* The path of the `module` directive of a go.mod, a piece of text; false when there is none. */
bool tm_go_module_path(struct tm_str text, struct tm_str *path) TM_CHECK;

#endif
