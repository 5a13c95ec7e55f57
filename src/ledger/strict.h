/*
 * The grammar of values in a ledger, read strictly (docs/formats/ledger.md, "Lines"): strings, numbers,
 * arrays, objects, each in its one spelling. Private to the ledger room; parse.c puts entries together from
 * it.
 */
#ifndef TM_LEDGER_STRICT_H
#define TM_LEDGER_STRICT_H

#include "base/str.h"
#include "ledger/flaw.h"
#include "ledger/ledger.h"

enum {
    TM_LEDGER_DEPTH_MAX = 16,
    TM_LEDGER_MEMBERS_MAX = 64,
    TM_LEDGER_NAME_MAX = 32, /* bytes of a kind */
    TM_LEDGER_KEY_MAX = 64,  /* bytes of a key in a body */
};

/*
 * A cursor over one line. A function that takes something returns false when it is not there, after setting
 * flaw and leaving `at` where it was seen; nobody reads on after that. The smallest ones are here to be
 * inlined: every byte of every ledger goes through them.
 */
struct tm_strict {
    const char *data;
    size_t len, at;
    enum tm_ledger_flaw flaw;
};

static inline bool tm_strict_fail(struct tm_strict *c, enum tm_ledger_flaw flaw)
{
    c->flaw = flaw;
    return false;
}

/* Names what stands where the grammar has something else; false. */
bool tm_strict_unexpected(struct tm_strict *c);

/* The next byte; 0, which no ledger has, at the end. */
static inline char tm_strict_peek(const struct tm_strict *c)
{
    return c->at < c->len ? c->data[c->at] : '\0';
}

static inline bool tm_strict_take(struct tm_strict *c, char what)
{
    if (c->at >= c->len || c->data[c->at] != what)
        return tm_strict_unexpected(c);
    c->at++;
    return true;
}

static inline bool tm_strict_is_there(const struct tm_strict *c, struct tm_str what)
{
    return c->len - c->at >= what.len && memcmp(c->data + c->at, what.data, what.len) == 0;
}

/* A number; one from 1. */
bool tm_strict_number(struct tm_strict *c, uint64_t *out);
bool tm_strict_count(struct tm_strict *c, uint64_t *out);

/* A string: *raw is what stands between its quotes, *escaped says whether that holds escapes. */
bool tm_strict_string(struct tm_strict *c, struct tm_str *raw, bool *escaped);

/*
 * Lower-case letters, digits and '_' that begin with a letter and end before a quote, at most max of them.
 * False, without a flaw, on anything else.
 */
bool tm_strict_word(struct tm_strict *c, size_t max, struct tm_str *word);

/* Exactly n lower-case hexadecimal digits. */
bool tm_strict_hex(struct tm_strict *c, size_t n, struct tm_str *out);

/* True when text has nothing but lower-case hexadecimal digits. */
bool tm_strict_is_hex(struct tm_str text);

/*
 * The members of an object, TM_LEDGER_MEMBERS_MAX at most. The bodies of a ledger mostly have the same keys
 * one after the other: those of the object before are remembered, and taken for right where they stand again.
 */
struct tm_strict_members {
    struct tm_ledger_member items[TM_LEDGER_MEMBERS_MAX];
    size_t n;
    struct tm_strict_key {
        unsigned char len;
        unsigned char hex_len; /* of the value it had first, when that was a string of hexadecimal digits */
        char text[TM_LEDGER_KEY_MAX + 16]; /* as spelled, from the brace or comma to the colon */
        char mask[TM_LEDGER_KEY_MAX + 16]; /* ones for each byte of it */
        const char *name;
    } known[TM_LEDGER_MEMBERS_MAX];
    size_t n_known; /* private: how many of them are remembered; 0 to begin with */
};

/* An object and all that is in it; depth is its own, from 1. */
bool tm_strict_object(struct tm_strict *c, unsigned depth, struct tm_strict_members *members);

#endif
