/*
 * JSON (RFC 8259), read strictly.
 *
 * A pull reader over bytes in memory: it allocates nothing, never copies, and
 * says at which byte, line and column something stands. It serves manifests
 * and reports (through base/json_doc.h or directly) and the lossless editor
 * (base/json_edit.h). Values are written by base/json_write.h.
 *
 * A document that is too large to be held comes through a window that slides over it
 * (tm_json_reader_stream). Tokens, skipping, values and errors are the same; only what the
 * window shows is bounded, so no token may be longer than TM_JSON_TOKEN_MAX, but for keys and strings that
 * are skipped.
 *
 * Refused, each with its place: anything RFC 8259 does not allow (comments,
 * trailing commas, leading zeros, bare control characters, lone surrogates in
 * \u escapes), invalid UTF-8, a byte order mark, nesting deeper than
 * TM_JSON_DEPTH, bytes after the value. Duplicate keys are reported by
 * json_doc and json_edit, which see whole objects.
 */
#ifndef TM_BASE_JSON_H
#define TM_BASE_JSON_H

#include "base/buf.h"
#include "base/err.h"

enum {
    TM_JSON_DEPTH = 128,
    TM_JSON_TOKEN_MAX = 1 << 20, /* bytes of one token of a stream */
};

enum tm_json_token {
    TM_JSON_END,          /* the document is over */
    TM_JSON_OBJECT_BEGIN, /* { */
    TM_JSON_OBJECT_END,   /* } */
    TM_JSON_ARRAY_BEGIN,  /* [ */
    TM_JSON_ARRAY_END,    /* ] */
    TM_JSON_KEY,          /* a member's name; its value is the next token */
    TM_JSON_STRING,
    TM_JSON_NUMBER,
    TM_JSON_TRUE,
    TM_JSON_FALSE,
    TM_JSON_NULL,
};

/*
 * Drops the first `used` bytes of what it showed before and shows what follows: all bytes up to the end, or
 * at least TM_JSON_TOKEN_MAX + TM_JSON_AHEAD of them. The last ones are valid until the next call.
 */
typedef enum tm_code tm_json_more(void *ctx, size_t used, struct tm_str *window, struct tm_err *err);
enum { TM_JSON_AHEAD = 16 };

struct tm_json_reader {
    const char *data; /* the document, or the window on it */
    size_t len;
    size_t at; /* next byte to read */
    /* The last token: its bytes in data, quotes included for keys and strings. Of a stream: until the next.
     */
    enum tm_json_token token;
    size_t token_at, token_len;
    bool token_escaped; /* the string or key has a backslash: unescape before comparing */
    /* Nesting: one bit per level, set for an object. */
    unsigned depth;
    uint64_t is_object[TM_JSON_DEPTH / 64];
    unsigned char expect; /* private: state of the grammar */
    bool many;            /* set it after the start: documents may follow one another, up to the end */
    const char *name;     /* file name for messages; not owned */
    /* Of a stream; private. */
    tm_json_more *more;
    void *more_ctx;
    size_t token_max;           /* bytes of a token, 0 for any number */
    size_t ahead;               /* bytes that must be seen behind `at`; 0 once the window shows the end */
    size_t slides;              /* how often the window moved */
    size_t lines, last_columns; /* line ends before the window, and characters behind the last of them */
    size_t placed, placed_line, placed_column; /* the place of a byte of the window, to count on from */
    bool skipping;                             /* nobody looks at the tokens */
    size_t text_line, text_column; /* where the string begins that the window moved on in; 0 else */
};

/* Starts reading data[0..len). `name` is used in messages and must stay valid. */
void tm_json_reader_init(struct tm_json_reader *reader, const char *name, struct tm_str data);

/* Starts reading a stream. */
void tm_json_reader_stream(struct tm_json_reader *reader, const char *name, tm_json_more *more, void *ctx);

/*
 * Starts reading text, a copy of whole elements or members that stand at byte `at` of what outer shows, in
 * the container that outer is in: as outer would, with its places, depth and limits, up to the end of text,
 * which tm_json_reader_is_through says. Reading on behind it is an error.
 */
void tm_json_reader_within(struct tm_json_reader *reader, struct tm_str text, struct tm_json_reader *outer,
                           size_t at);
bool tm_json_reader_is_through(struct tm_json_reader *reader);

/*
 * Reads the next token into *token. After TM_JSON_END it stays there.
 * TM_E_FORMAT "<problem> at line L, column C of '<name>'", TM_E_LIMIT (depth; length of a
 * stream's token) or what `more` returned; the reader must not be used after that.
 */
enum tm_code tm_json_next(struct tm_json_reader *reader, enum tm_json_token *token, struct tm_err *err)
    TM_CHECK;

/*
 * Skips the value whose first token was just read (nothing for a scalar); after a key, its value, whose
 * strings may be of any length.
 */
enum tm_code tm_json_skip(struct tm_json_reader *reader, struct tm_err *err) TM_CHECK;

/*
 * Takes elements of an array, or members of an object, straight from the text: at is the first byte of one,
 * or white space before it; behind end TM_JSON_AHEAD bytes may be read when the reader is a stream's. Returns
 * what stands behind the last one that it took whole (more than one: with a ',' and at most white space
 * between them), or `at`. What it takes must be as RFC 8259 has it, or be checked elsewhere.
 */
typedef const char *tm_json_take_fn(void *ctx, const char *at, const char *end);

/*
 * Lets take have the elements or members that come next, where the last token was the '[' or '{' or the end
 * of one of them. Whatever it leaves, also nothing, comes with tm_json_next.
 */
enum tm_code tm_json_take(struct tm_json_reader *reader, tm_json_take_fn *take, void *ctx, struct tm_err *err)
    TM_CHECK;

/* The bytes of the last token as they stand; for strings and keys without the quotes, not unescaped. */
struct tm_str tm_json_raw(const struct tm_json_reader *reader);

/* Replaces out by the last string or key, unescaped to UTF-8. */
void tm_json_string(const struct tm_json_reader *reader, struct tm_buf *out);

/* True when the last string or key, unescaped, is s. */
bool tm_json_is(const struct tm_json_reader *reader, const char *s);

/*
 * The last number as an unsigned integer. False when it has a sign, fraction or
 * exponent, or is over UINT64_MAX. tm_json_double rounds to nearest; false when
 * it is not finite. (It uses strtod: the program never sets LC_NUMERIC.)
 */
bool tm_json_u64(const struct tm_json_reader *reader, uint64_t *out) TM_CHECK;
bool tm_json_double(const struct tm_json_reader *reader, double *out) TM_CHECK;

/* Line and column (both from 1; lines end at LF, columns in code points) of byte `at` in data. */
void tm_json_place(struct tm_str data, size_t at, size_t *line, size_t *column);

/* Sets "<message> at line L, column C of '<name>'" for byte `at` of data. */
enum tm_code tm_json_fail(const struct tm_json_reader *reader, size_t at, struct tm_err *err, const char *fmt,
                          ...) TM_PRINTF(4, 5);

#endif
