/*
 * Any bytes as a signed note, and as a verifier's key. What must hold: nothing is opened but what was signed
 * by the key, which here is only the corpus's; a key that is accepted has the spelling it was read from.
 */
#include "fuzz.h"
#include "ledger/note.h"

/* The public key of RFC 8032, 7.1, TEST 1. */
#define VERIFIER "example.org/harbour+9487616d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) spelled = TM_BUF_INIT;
    struct tm_str text = tm_str_n((const char *)data, size);
    struct tm_note_key key, other;
    struct tm_tree_head head;

    FUZZ_CHECK(tm_note_key_parse(TM_STR(VERIFIER), &key, &err) == TM_OK);
    if (tm_note_open(text, "note", &key, &head, &err) == TM_OK) {
        FUZZ_CHECK(tm_str_is(head.origin, "example.org/harbour/coverage/00112233445566778899aabbccddeeff"));
        FUZZ_CHECK(head.size == 8);
    } else {
        FUZZ_CHECK(err.msg);
    }
    if (tm_note_key_parse(text, &other, &err) == TM_OK) {
        tm_note_key_spell(&other, &spelled);
        FUZZ_CHECK(tm_str_eq(tm_buf_str(&spelled), text));
    }
    return 0;
}
