/* Escapes in JSON strings. Private to base/json.c, which checks them, and base/json_value.c, which decodes
 * them. */
#ifndef TM_BASE_JSON_ESCAPE_H
#define TM_BASE_JSON_ESCAPE_H

#include "base/base.h"

static inline int tm_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four hexadecimal digits at p, of which `left` bytes are there; -1 when they are not. */
static inline int32_t tm_hex4(const char *p, size_t left)
{
    int32_t value = 0;

    if (left < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = tm_hex_digit(p[i]);

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static inline bool tm_is_high_surrogate(int32_t u)
{
    return u >= 0xD800 && u <= 0xDBFF;
}

static inline bool tm_is_low_surrogate(int32_t u)
{
    return u >= 0xDC00 && u <= 0xDFFF;
}

#endif
