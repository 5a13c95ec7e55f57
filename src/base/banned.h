/*
 * Functions that house code never calls, made compile errors.
 *
 * Included by every translation unit through "base/base.h". Each one has a
 * replacement: tm_buf_* for building strings, tm_str_* for splitting them,
 * tm_clock_* for dates, tm_num_* for numbers.
 */
#ifndef TM_BASE_BANNED_H
#define TM_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok strtok_r
#pragma GCC poison gmtime localtime ctime asctime atoi atol atoll gets

#endif
