/* Tokens as values: texts without their escapes, and numbers. */
#include <math.h>

#include "base/json.h"
#include "base/json_escape.h"

struct tm_str tm_json_raw(const struct tm_json_reader *reader)
{
    struct tm_str s = tm_str_n(reader->data + reader->token_at, reader->token_len);

    if (reader->token == TM_JSON_KEY || reader->token == TM_JSON_STRING)
        s = tm_str_n(s.data + 1, s.len - 2);
    return s;
}

static size_t encode_utf8(uint32_t u, char out[4])
{
    if (u < 0x80) {
        out[0] = (char)u;
        return 1;
    }
    if (u < 0x800) {
        out[0] = (char)(0xC0 | u >> 6);
        out[1] = (char)(0x80 | (u & 0x3F));
        return 2;
    }
    if (u < 0x10000) {
        out[0] = (char)(0xE0 | u >> 12);
        out[1] = (char)(0x80 | (u >> 6 & 0x3F));
        out[2] = (char)(0x80 | (u & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | u >> 18);
    out[1] = (char)(0x80 | (u >> 12 & 0x3F));
    out[2] = (char)(0x80 | (u >> 6 & 0x3F));
    out[3] = (char)(0x80 | (u & 0x3F));
    return 4;
}

/* Decodes the escape at the start of *s, which scan_escape has checked, and takes it off *s. */
static size_t take_escape(struct tm_str *s, char out[4])
{
    static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    int32_t u;

    if (s->data[1] != 'u') {
        out[0] = bytes[strchr(letters, s->data[1]) - letters];
        *s = tm_str_from(*s, 2);
        return 1;
    }
    u = tm_hex4(s->data + 2, 4);
    if (tm_is_high_surrogate(u)) {
        u = 0x10000 + ((u - 0xD800) << 10) + (tm_hex4(s->data + 8, 4) - 0xDC00);
        *s = tm_str_from(*s, 12);
    } else {
        *s = tm_str_from(*s, 6);
    }
    return encode_utf8((uint32_t)u, out);
}

/*
 * Takes the next decoded piece off a raw string: everything up to a backslash,
 * or the character of one escape, which is put into room.
 */
static struct tm_str take_piece(struct tm_str *rest, char room[4])
{
    size_t n = tm_str_find(*rest, '\\');
    struct tm_str piece;

    if (n == 0)
        return tm_str_n(room, take_escape(rest, room));
    piece = tm_str_n(rest->data, n == SIZE_MAX ? rest->len : n);
    *rest = tm_str_from(*rest, piece.len);
    return piece;
}

void tm_json_string(const struct tm_json_reader *reader, struct tm_buf *out)
{
    struct tm_str rest = tm_json_raw(reader);
    char room[4];

    tm_buf_clear(out);
    while (rest.len)
        tm_buf_add_str(out, take_piece(&rest, room));
}

bool tm_json_is(const struct tm_json_reader *reader, const char *s)
{
    struct tm_str rest = tm_json_raw(reader), want = tm_str(s);
    char room[4];

    if (!reader->token_escaped)
        return tm_str_eq(rest, want);
    while (rest.len) {
        struct tm_str piece = take_piece(&rest, room);

        if (!tm_str_has_prefix(want, piece))
            return false;
        want = tm_str_from(want, piece.len);
    }
    return want.len == 0;
}

bool tm_json_u64(const struct tm_json_reader *reader, uint64_t *out)
{
    return reader->token == TM_JSON_NUMBER && tm_str_u64(tm_json_raw(reader), out);
}

bool tm_json_double(const struct tm_json_reader *reader, double *out)
{
    char room[64];
    struct tm_buf TM_CLEANUP(tm_buf_release) longer = TM_BUF_INIT;
    struct tm_str s = tm_json_raw(reader);
    double value;

    if (reader->token != TM_JSON_NUMBER)
        return false;
    /* strtod wants an end: in place it would read "0x1f" on from a token "0". */
    if (s.len < sizeof(room)) {
        memcpy(room, s.data, s.len);
        room[s.len] = '\0';
        value = strtod(room, NULL);
    } else {
        tm_buf_add_str(&longer, s);
        value = strtod(longer.data, NULL);
    }
    if (!isfinite(value))
        return false;
    *out = value;
    return true;
}
