#include "ext/gzip.h"

#include "coverage/source.h"
#include "report.h"

/* "SF:a\nDA:1,1\nend_of_record\n" by gzip 1.12 -n. */
static const unsigned char packed_report[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x0b, 0x76, 0xb3, 0x4a, 0xe4, 0x72,
    0x71, 0xb4, 0x32, 0xd4, 0x31, 0xe4, 0x4a, 0xcd, 0x4b, 0x89, 0xcf, 0x4f, 0x8b, 0x2f, 0x4a, 0x4d,
    0xce, 0x2f, 0x4a, 0xe1, 0x02, 0x00, 0x94, 0x9d, 0xe4, 0x14, 0x1a, 0x00, 0x00, 0x00,
};

static struct tm_str packed(void)
{
    return tm_str_n((const char *)packed_report, sizeof(packed_report));
}

/* The bytes that a source gives, in pieces. */
static enum tm_code unpack(struct tm_str data, struct tm_buf *out, struct tm_err *err)
{
    struct tm_source TM_CLEANUP(tm_source_close) source;
    struct tm_str chunk;

    tm_source_memory(&source, "data", data);
    for (;;) {
        enum tm_code code = tm_source_chunk(&source, &chunk, err);

        if (code || !chunk.len)
            return code;
        tm_buf_add_str(out, chunk);
    }
}

static void a_packed_report_is_read(void **state)
{
    struct tm_report TM_CLEANUP(tm_report_release) report = TM_REPORT_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, read_text(NULL, packed(), &report, &err));
    assert_int_equal(hits_of(&report, "a", 1), 1);
}

static void members_are_one_text_and_nuls_may_follow(void **state)
{
    static const char text[] = "SF:a\nDA:1,1\nend_of_record\n";
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    tm_buf_add_str(&data, packed());
    tm_buf_add_str(&data, packed());
    tm_buf_add(&data, "\0\0\0", 3);
    assert_ok(&err, unpack(tm_buf_str(&data), &out, &err));
    assert_int_equal(out.len, 2 * (sizeof(text) - 1));
    assert_memory_equal(out.data, text, sizeof(text) - 1);
    assert_memory_equal(out.data + sizeof(text) - 1, text, sizeof(text) - 1);
    tm_buf_addc(&data, 'x');
    assert_fails(&err, TM_E_FORMAT, unpack(tm_buf_str(&data), &out, &err));
    assert_string_equal(tm_err_msg(&err), "damaged gzip data (bytes behind its end) in 'data'");
}

static void a_cut_anywhere_is_an_error(void **state)
{
    for (size_t n = 3; n < packed().len; n++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_fails(&err, TM_E_FORMAT, unpack(tm_str_n(packed().data, n), &out, &err));
        assert_string_equal(tm_err_msg(&err), "gzip data ends in the middle in 'data'");
    }
}

static void a_changed_byte_is_an_error_or_changes_nothing(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) want = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_ok(&err, unpack(packed(), &want, &err));
    for (size_t i = 3; i < packed().len; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;

        tm_buf_add_str(&data, packed());
        data.data[i] ^= 0x10;
        if (unpack(tm_buf_str(&data), &out, &err) == TM_OK)
            assert_string_equal(out.data, want.data);
    }
}

/*
 * Made by hand: a block of fixed codes (RFC 1951, 3.2.6) that says "0", and then 258 more of it again and
 * again. A match of length 258 at distance 1 is the codes 11000101 and 00000: 13 bits, so it unpacks to 158
 * times its size.
 */
static void make_long_line(struct tm_buf *out, size_t matches)
{
    static const unsigned char head[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };
    /* The last block, of fixed codes: 1, 10; '0': 01100000. The first bit is the lowest. */
    uint64_t bits = 3 | UINT64_C(0x06) << 3;
    unsigned n = 11;

    tm_buf_add(out, head, sizeof(head));
    while (matches--) {
        bits |= UINT64_C(0xA3) << n;
        for (n += 13; n >= 8; n -= 8, bits >>= 8)
            tm_buf_addc(out, (char)bits);
    }
    tm_buf_addc(out, (char)bits);
}

static void what_repeats_itself_is_read_below_the_ratio(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_source TM_CLEANUP(tm_source_close) source;
    struct tm_str chunk;
    uint64_t got = 0;
    enum tm_code code;

    make_long_line(&data, (2 * (size_t)TM_GZIP_FREE) / 258);
    tm_source_memory(&source, "line", tm_buf_str(&data));
    do {
        code = tm_source_chunk(&source, &chunk, &err);
        got += code ? 0 : chunk.len;
    } while (!code && chunk.len);
    /* All that is wrong with it is that it has no end. */
    assert_int_equal(code, TM_E_FORMAT);
    assert_string_equal(tm_err_msg(&err), "gzip data ends in the middle in 'line'");
    assert_true(got > TM_GZIP_FREE);
}

TM_TESTS(cmocka_unit_test(a_packed_report_is_read),
         cmocka_unit_test(members_are_one_text_and_nuls_may_follow),
         cmocka_unit_test(a_cut_anywhere_is_an_error),
         cmocka_unit_test(a_changed_byte_is_an_error_or_changes_nothing),
         cmocka_unit_test(what_repeats_itself_is_read_below_the_ratio))
