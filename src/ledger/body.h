/*
 * Reading the body of an entry member by member, in the order its kind prescribes
 * (docs/formats/ledger.md, "Bodies"). The text was accepted by tm_ledger_parse, so only the members
 * themselves can be wrong: missing, misplaced, of another type, unknown.
 *
 * The first fault is kept and everything after it reads as empty; tm_body_finish reports it. So a
 * reader of a kind is a plain list of its members. Cursors of nested values share the fault.
 */
#ifndef TM_LEDGER_BODY_H
#define TM_LEDGER_BODY_H

#include "base/arena.h"
#include "ledger/ledger.h"

struct tm_body_fault {
    const char *key; /* what was wanted; NULL while all is well, "" for a member that is too many */
};

struct tm_body {
    const struct tm_ledger_member
        *members; /* private: those not read yet, where the parser took them apart */
    size_t n_members;
    struct tm_str rest; /* private: else, what is not read yet */
    struct tm_arena *arena;
    struct tm_body_fault *fault;
};

/* Starts at the first member of the entry's body. Texts with escapes are unescaped into arena. */
void tm_body_init(struct tm_body *body, const struct tm_ledger_entry *entry, struct tm_arena *arena,
                  struct tm_body_fault *fault);

/* True when the next member is key. */
bool tm_body_has(const struct tm_body *body, const char *key);

/*
 * Each takes the next member, which must be key. The opt forms leave a member that is not there and give ""
 * or -1; a text that is there must not be empty. Hex takes exactly n lower-case digits.
 */
struct tm_str tm_body_text(struct tm_body *body, const char *key);
struct tm_str tm_body_opt_text(struct tm_body *body, const char *key);
struct tm_str tm_body_hex(struct tm_body *body, const char *key, size_t n);
struct tm_str tm_body_opt_hex(struct tm_body *body, const char *key, size_t n);
uint64_t tm_body_number(struct tm_body *body, const char *key);
int64_t tm_body_opt_number(struct tm_body *body, const char *key);
bool tm_body_bool(struct tm_body *body, const char *key);

/* Takes the next member, an object or array, and starts `in` inside it. */
void tm_body_object(struct tm_body *body, const char *key, struct tm_body *in);
void tm_body_array(struct tm_body *body, const char *key, struct tm_body *in);

/* How many elements the array has. */
size_t tm_body_count(const struct tm_body *array);
/* Takes the next element of an array: an object, into which `in` is started; 64 hex digits. */
void tm_body_next_object(struct tm_body *array, struct tm_body *in);
struct tm_hash tm_body_next_hash(struct tm_body *array);

/* Nothing may be left in this object or array. */
void tm_body_end(struct tm_body *body);

/* Says that what was read for key is not what may stand there. */
void tm_body_refuse(struct tm_body *body, const char *key);

/* tm_body_end, then TM_E_FORMAT "'<key>' of the body is ... at line N" when there was a fault. */
enum tm_code tm_body_finish(struct tm_body *body, const struct tm_ledger_entry *entry, struct tm_err *err)
    TM_CHECK;

/* TM_E_FORMAT unless the entry is a chained one of that kind. */
enum tm_code tm_body_expect(const struct tm_ledger_entry *entry, enum tm_ledger_kind kind, struct tm_err *err)
    TM_CHECK;

#endif
