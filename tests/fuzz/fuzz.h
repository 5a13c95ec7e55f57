/*
 * What every fuzz target includes: the entry point that libFuzzer and
 * replay.c call, and a check that stays in every build.
 *
 * A target is tests/fuzz/<name>_fuzz.c, a line in meson.build, and inputs in
 * corpus/<name>/; a format of coverage reports needs the line and the inputs only. By hand, with clang:
 *
 *     CC=clang meson setup build-fuzz -Dfuzz=true -Db_lundef=false
 *     ninja -C build-fuzz
 *     build-fuzz/tests/fuzz/<name>_fuzz WORK-FOLDER tests/fuzz/corpus/<name>
 */
#ifndef TM_FUZZ_H
#define TM_FUZZ_H

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for any input. Ends the program, so that the input is kept. */
#define FUZZ_CHECK(condition)                                                                                \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                   \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

#endif
