/* Deltas made by hand, after gitformat-pack(5): sizes in sevens of bits, then copies (0x80...) and own bytes.
 */
#include "ext/git_pack.h"
#include "test.h"

#define BYTES(literal)                                                                                       \
    {                                                                                                        \
        "" literal, sizeof(literal) - 1                                                                      \
    }

static const struct {
    const char *what;
    struct tm_str delta;
    const char *result; /* of "0123456789"; NULL: refused */
    enum tm_delta_form form;
} deltas[] = {
    { "all of the base", BYTES("\012\012\220\012"), "0123456789", TM_DELTA_PREFIX },
    { "its beginning", BYTES("\012\004\220\004"), "0123", TM_DELTA_PREFIX },
    { "its beginning, in two", BYTES("\012\006\220\004\221\004\002"), "012345", TM_DELTA_PREFIX },
    { "nothing of it", BYTES("\012\000"), "", TM_DELTA_PREFIX },
    { "all of it and more", BYTES("\012\014\220\012\002ab"), "0123456789ab", TM_DELTA_EXTENDS },
    { "all of it and more, in two", BYTES("\012\014\220\012\001a\001b"), "0123456789ab", TM_DELTA_EXTENDS },
    { "a part of it and more", BYTES("\012\005\220\004\001a"), "0123a", TM_DELTA_OTHER },
    { "its end", BYTES("\012\004\221\006\004"), "6789", TM_DELTA_OTHER },
    { "more first", BYTES("\012\013\001a\220\012"), "a0123456789", TM_DELTA_OTHER },
    { "two parts that do not meet", BYTES("\012\006\220\003\221\004\003"), "012456", TM_DELTA_OTHER },
    { "the same part twice", BYTES("\012\006\220\003\220\003"), "012012", TM_DELTA_OTHER },
    { "only its own", BYTES("\012\003\003abc"), "abc", TM_DELTA_OTHER },
    { "beyond the base", BYTES("\012\013\220\013"), NULL, TM_DELTA_OTHER },
    { "from beyond the base", BYTES("\012\001\221\013\001"), NULL, TM_DELTA_OTHER },
    { "65536 bytes when no length is given", BYTES("\012\200\200\004\200"), NULL, TM_DELTA_OTHER },
    { "more than it says", BYTES("\012\003\220\004"), NULL, TM_DELTA_OTHER },
    { "less than it says", BYTES("\012\005\220\004"), NULL, TM_DELTA_OTHER },
    { "another base", BYTES("\013\004\220\004"), NULL, TM_DELTA_PREFIX },
    { "the reserved instruction", BYTES("\012\004\000\220\004"), NULL, TM_DELTA_OTHER },
    { "an end in an instruction", BYTES("\012\004\220"), NULL, TM_DELTA_OTHER },
    { "an end in its own bytes", BYTES("\012\004\004abc"), NULL, TM_DELTA_OTHER },
    { "an end in a size", BYTES("\212"), NULL, TM_DELTA_OTHER },
    { "a size of too many bytes", BYTES("\377\377\377\377\377\377\377\377\377\377\001\001"), NULL,
      TM_DELTA_OTHER },
    { "nothing at all", BYTES(""), NULL, TM_DELTA_OTHER },
};

static void deltas_do_what_they_say_and_no_more(void **state)
{
    for (size_t i = 0; i < TM_LEN(deltas); i++) {
        uint64_t base_size, size = 0;
        struct tm_str rest;
        bool fine = tm_delta_sizes(deltas[i].delta, &base_size, &size, &rest);
        char *TM_CLEANUP(tm_freep) out = NULL;

        out = tm_alloc(size > 100000 ? 0 : (size_t)size + 1);
        fine = fine && tm_delta_apply(deltas[i].delta, TM_STR("0123456789"), out);
        if (fine != (deltas[i].result != NULL) || (fine && strcmp(out, deltas[i].result) != 0))
            fail_msg("%s: %s", deltas[i].what, fine ? out : "refused");
        if (tm_delta_form(deltas[i].delta) != deltas[i].form)
            fail_msg("%s: form %d", deltas[i].what, tm_delta_form(deltas[i].delta));
    }
}

static void files_that_are_no_pack_are_refused(void **state)
{
    char idx[8 + 1024 + 28 + 40] = "\377tOc\0\0\0\2", data[32] = "PACK\0\0\0\2\0\0\0\0";
    struct tm_str idx_text = tm_str_n(idx, sizeof(idx)), data_text = tm_str_n(data, sizeof(data));
    struct tm_pack pack;
    uint64_t at;

    assert_true(tm_pack_init(&pack, idx_text, data_text));
    assert_int_equal(pack.n, 0);
    assert_false(tm_pack_init(&pack, tm_str_n(idx, 8 + 1024 + 39), data_text));
    assert_false(tm_pack_init(&pack, TM_STR(""), data_text));
    assert_false(tm_pack_init(&pack, idx_text, TM_STR("PACK")));
    assert_false(tm_pack_init(&pack, idx_text, tm_str_n(idx, 32)));
    idx[7] = 3;
    assert_false(tm_pack_init(&pack, idx_text, data_text));
    idx[7] = 2;
    for (size_t i = 0; i < 256; i++)
        idx[8 + 4 * i + 3] = 1;
    assert_true(tm_pack_init(&pack, idx_text, data_text));
    /* Its one object, of the id 0, stands behind the end of the pack, by 31 bits and by 64. */
    memset(idx + 8 + 1024 + 24, 0x7f, 4);
    assert_false(tm_pack_find(&pack, &(struct tm_git_id) { { 0 } }, &at));
    memset(idx + 8 + 1024 + 24, 0xff, 4);
    assert_false(tm_pack_find(&pack, &(struct tm_git_id) { { 0 } }, &at));
    memset(idx + 8 + 1024 + 24, 0, 4);
    idx[8 + 1024 + 27] = 12;
    assert_true(tm_pack_find(&pack, &(struct tm_git_id) { { 0 } }, &at));
    assert_int_equal(at, 12);
    assert_false(tm_pack_find(&pack, &(struct tm_git_id) { { 0, 1 } }, &at));
    assert_false(tm_pack_find(&pack, &(struct tm_git_id) { { 255 } }, &at));
    idx[8 + 3] = 2; /* fewer objects below 1 than below 0 */
    assert_false(tm_pack_init(&pack, idx_text, data_text));
    for (size_t i = 0; i < 256; i++)
        idx[8 + 4 * i + 3] = 2; /* more than there is room for */
    assert_false(tm_pack_init(&pack, idx_text, data_text));
}

static const struct {
    const char *what;
    struct tm_str bytes; /* from byte 12 of the pack on */
    bool fine;
    enum tm_pack_type type;
    uint64_t size, data_at, base_at;
} entries[] = {
    { "a blob of 5 bytes", BYTES("\065x"), true, TM_PACK_BLOB, 5, 13, 0 },
    { "a tree of 16 + 5 bytes", BYTES("\245\001x"), true, TM_PACK_TREE, 21, 14, 0 },
    { "a delta on the entry 2 bytes before", BYTES("\061x\143\002x"), true, TM_PACK_DELTA, 3, 16, 12 },
    { "a delta on itself", BYTES("\061x\143\000x"), false, 0, 0, 0, 0 },
    { "a delta on what is before the pack", BYTES("\061x\143\017x"), false, 0, 0, 0, 0 },
    { "a delta on an object that is not there", BYTES("\061x\16312345678901234567890x"), false, 0, 0, 0, 0 },
    { "a size without an end", BYTES("\277\377\377\377\377\377\377\377\377\377\377\377"), false, 0, 0, 0, 0 },
    { "the type 0", BYTES("\005x"), false, 0, 0, 0, 0 },
    { "the type 5", BYTES("\125x"), false, 0, 0, 0, 0 },
};

static void entries_are_read_or_refused(void **state)
{
    char idx[8 + 1024 + 40] = "\377tOc\0\0\0\2";

    for (size_t i = 0; i < TM_LEN(entries); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
        struct tm_pack_entry entry;
        struct tm_pack pack;
        uint64_t at = entries[i].bytes.data[1] == 'x' && entries[i].bytes.len > 2 ? 14 : 12;
        bool fine;

        tm_buf_add(&data, "PACK\0\0\0\2\0\0\0\1", 12);
        tm_buf_add_str(&data, entries[i].bytes);
        tm_buf_add(&data, "01234567890123456789", 20);
        assert_true(tm_pack_init(&pack, tm_str_n(idx, sizeof(idx)), tm_buf_str(&data)));
        fine = tm_pack_entry(&pack, at, &entry);
        if (fine != entries[i].fine)
            fail_msg("%s: %s", entries[i].what, fine ? "read" : "refused");
        if (fine && (entry.type != entries[i].type || entry.size != entries[i].size ||
                     entry.data_at != entries[i].data_at || entry.base_at != entries[i].base_at))
            fail_msg("%s: %d, %d bytes at %d on %d", entries[i].what, (int)entry.type, (int)entry.size,
                     (int)entry.data_at, (int)entry.base_at);
        assert_false(tm_pack_entry(&pack, data.len - 20, &entry)); /* the digest is no entry */
        assert_false(tm_pack_entry(&pack, UINT64_MAX, &entry));
        assert_false(tm_pack_entry(&pack, 0, &entry));
    }
}

TM_TESTS(cmocka_unit_test(deltas_do_what_they_say_and_no_more),
         cmocka_unit_test(files_that_are_no_pack_are_refused), cmocka_unit_test(entries_are_read_or_refused))
