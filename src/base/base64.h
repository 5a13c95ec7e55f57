/*
 * Base 64 of RFC 4648, section 4: the standard alphabet, padded, without line breaks.
 */
#ifndef TM_BASE_BASE64_H
#define TM_BASE_BASE64_H

#include "base/buf.h"

/* Adds the n bytes as 4 characters for each 3. */
void tm_base64_add(struct tm_buf *out, const void *bytes, size_t n);

/*
 * Replaces out by the bytes that text stands for. False, out then holds nothing, when text is not the one
 * spelling of them: another character, padding that is missing or too much, bits set that no byte takes.
 */
bool tm_base64_read(struct tm_str text, struct tm_buf *out) TM_CHECK;

#endif
