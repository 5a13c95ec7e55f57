#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void tm_base64_add(struct tm_buf *out, const void *bytes, size_t n)
{
    const unsigned char *in = bytes;

    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t group = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                         (left > 2 ? (uint32_t)in[i + 2] : 0);

        tm_buf_addc(out, alphabet[group >> 18]);
        tm_buf_addc(out, alphabet[group >> 12 & 63]);
        tm_buf_addc(out, left > 1 ? alphabet[group >> 6 & 63] : '=');
        tm_buf_addc(out, left > 2 ? alphabet[group & 63] : '=');
    }
}

/* The value of a character, 64 for one that is none. */
static uint32_t value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint32_t)(c - 'a' + 26);
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0' + 52);
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* One group of four characters, the last `padding` of them '='. */
static bool read_group(const char *text, size_t padding, struct tm_buf *out)
{
    uint32_t group = 0;

    for (size_t i = 0; i < 4; i++) {
        uint32_t value = i < 4 - padding ? value_of(text[i]) : text[i] == '=' ? 0 : 64;

        if (value > 63)
            return false;
        group = group << 6 | value;
    }
    if (group & ((1U << 8 * padding) - 1))
        return false;
    for (size_t i = 0; i < 3 - padding; i++)
        tm_buf_addc(out, (char)(unsigned char)(group >> (16 - 8 * i)));
    return true;
}

bool tm_base64_read(struct tm_str text, struct tm_buf *out)
{
    size_t padding = 0;
    bool good = text.len % 4 == 0;

    tm_buf_clear(out);
    while (good && padding < 2 && text.len && text.data[text.len - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; good && i < text.len; i += 4)
        good = read_group(text.data + i, i + 4 == text.len ? padding : 0, out);
    if (!good)
        tm_buf_clear(out);
    return good;
}
