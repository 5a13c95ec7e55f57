#include "coverage/source.h"

#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

/* Reads all lines and joins them with '|'. */
static enum tm_code join_lines(struct tm_str text, struct tm_buf *out, struct tm_err *err)
{
    struct tm_source TM_CLEANUP(tm_source_close) source;
    struct tm_str lines, line;

    tm_source_memory(&source, "text", text);
    for (;;) {
        enum tm_code code = tm_source_lines(&source, &lines, err);

        if (code || !lines.len)
            return code;
        while (tm_source_line(&source, &lines, &line)) {
            tm_buf_add_str(out, line);
            tm_buf_addc(out, '|');
        }
    }
}

static void lines_come_whole_with_any_line_end(void **state)
{
    static const struct {
        const char *text, *lines;
    } cases[] = {
        { "", "" },
        { "\n", "|" },
        { "a", "a|" },
        { "a\n", "a|" },
        { "a\nb", "a|b|" },
        { "a\r\nb\r\n", "a|b|" },
        { "a\r", "a|" },
        { "\n\nc\n", "||c|" },
        { "a\rb\n", "a\rb|" },
        /* A byte order mark, but only at the start. */
        { "\xef\xbb\xbf", "" },
        { "\xef\xbb\xbf\n", "|" },
        { "\n\xef\xbb\xbf\n", "|\xef\xbb\xbf|" },
        { "\xef\xbb\xbf\xef\xbb\xbf", "\xef\xbb\xbf|" },
        { "\xef\xbb", "\xef\xbb|" },
    };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

        assert_ok(&err, join_lines(tm_str(cases[i].text), &out, &err));
        assert_string_equal(out.data, cases[i].lines);
    }
}

static void lines_survive_the_ends_of_blocks(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) want = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    for (unsigned i = 0; i < 100000; i++) {
        tm_buf_addf(&text, "line %u\n", i);
        tm_buf_addf(&want, "line %u|", i);
    }
    assert_true(text.len > (1 << 20));
    assert_ok(&err, join_lines(tm_buf_str(&text), &out, &err));
    assert_string_equal(out.data, want.data);
}

static void a_line_at_the_limit_is_read_and_one_past_it_is_not(void **state)
{
    for (size_t extra = 0; extra < 2; extra++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
        struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        size_t len = TM_SOURCE_LINE_MAX + extra;

        tm_buf_adds(&text, "first\n");
        memset(tm_buf_reserve(&text, len), 'x', len);
        text.len += len;
        tm_buf_adds(&text, "\nlast\n");
        if (extra == 0) {
            assert_ok(&err, join_lines(tm_buf_str(&text), &out, &err));
            assert_int_equal(out.len, len + 12);
        } else {
            assert_fails(&err, TM_E_LIMIT, join_lines(tm_buf_str(&text), &out, &err));
            assert_string_equal(tm_err_msg(&err), "line 2 of 'text' is longer than 1048576 bytes");
        }
    }
}

static void the_head_is_read_again_with_the_rest(void **state)
{
    struct tm_source TM_CLEANUP(tm_source_close) source;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) all = TM_BUF_INIT;
    struct tm_str head, chunk;

    while (text.len < 700000)
        tm_buf_addf(&text, "%zu,", text.len);
    tm_source_memory(&source, "text", tm_buf_str(&text));
    assert_ok(&err, tm_source_head(&source, &head, &err));
    assert_int_equal(head.len, TM_SOURCE_HEAD);
    assert_memory_equal(head.data, text.data, head.len);
    do {
        assert_ok(&err, tm_source_chunk(&source, &chunk, &err));
        tm_buf_add_str(&all, chunk);
    } while (chunk.len);
    assert_int_equal(all.len, text.len);
    assert_memory_equal(all.data, text.data, all.len);
}

static void a_window_slides_over_everything(void **state)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) seen = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_source TM_CLEANUP(tm_source_close) source;
    struct tm_str window;
    size_t used = 0;

    while (text.len < 3 * TM_SOURCE_WINDOW)
        tm_buf_addf(&text, "%zu,", text.len);
    tm_source_memory(&source, "text", tm_buf_str(&text));
    for (;;) {
        assert_ok(&err, tm_source_slide(&source, used, &window, &err));
        if (seen.len + window.len < text.len)
            assert_true(window.len >= TM_SOURCE_WINDOW / 2);
        if (!window.len)
            break;
        assert_memory_equal(window.data, text.data + seen.len, window.len);
        used = TM_MIN(window.len, (size_t)700001);
        tm_buf_add(&seen, window.data, used);
    }
    assert_int_equal(seen.len, text.len);
}

static void a_last_line_without_its_end_is_known(void **state)
{
    static const struct {
        const char *text;
        bool cut;
    } cases[] = { { "", false }, { "a\n", false }, { "a\nb", true }, { "\n", false } };

    for (size_t i = 0; i < TM_LEN(cases); i++) {
        struct tm_source TM_CLEANUP(tm_source_close) source;
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        struct tm_str lines;

        tm_source_memory(&source, "text", tm_str(cases[i].text));
        do {
            assert_ok(&err, tm_source_lines(&source, &lines, &err));
        } while (lines.len);
        assert_int_equal(source.no_line_end, cases[i].cut);
    }
}

/* A file is read by another thread behind its first block; memory is not. */
static void a_file_gives_what_memory_gives(void **state)
{
    char path[] = "/tmp/tidemark-source-XXXXXX";
    int fd = mkstemp(path);
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) seen = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_source TM_CLEANUP(tm_source_close) source;
    struct tm_str part;
    size_t used = 0;

    for (unsigned i = 0; text.len < 3 * TM_SOURCE_WINDOW; i++) {
        size_t n = i % 1000 ? i % 100 : TM_SOURCE_LINE_MAX - 20;

        tm_buf_addf(&text, "%u", i);
        memset(tm_buf_reserve(&text, n), 'x', n);
        text.len += n;
        tm_buf_addc(&text, '\n');
    }
    text.len--; /* no LF at the end */
    assert_int_equal(write(fd, text.data, text.len), text.len);
    close(fd);
    assert_ok(&err, tm_source_open(&source, path, &err));
    do {
        assert_ok(&err, tm_source_lines(&source, &part, &err));
        tm_buf_add_str(&seen, part);
    } while (part.len);
    assert_true(source.no_line_end);
    assert_int_equal(seen.len, text.len + 1);
    assert_memory_equal(seen.data, text.data, text.len);
    for (size_t turn = 0; turn < 2; turn++) { /* the first is left in the middle */
        assert_ok(&err, tm_source_rewind(&source, &err));
        tm_buf_clear(&seen);
        for (used = 0; turn || seen.len < text.len / 2;) {
            assert_ok(&err, tm_source_slide(&source, used, &part, &err));
            if (!part.len)
                break;
            assert_true(source.ended || part.len >= TM_SOURCE_WINDOW / 2);
            used = TM_MIN(part.len, (size_t)300001);
            tm_buf_add(&seen, part.data, used);
        }
    }
    assert_int_equal(seen.len, text.len);
    assert_memory_equal(seen.data, text.data, text.len);
    assert_int_equal(unlink(path), 0);
}

static void only_regular_files_are_opened(void **state)
{
    char folder[] = "/tmp/tidemark-source-XXXXXX";
    struct tm_buf TM_CLEANUP(tm_buf_release) fifo = TM_BUF_INIT;
    struct tm_source source;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;

    assert_non_null(mkdtemp(folder));
    tm_buf_addf(&fifo, "%s/fifo", folder);
    assert_int_equal(mkfifo(fifo.data, 0600), 0);
    assert_fails(&err, TM_E_NOT_FOUND, tm_source_open(&source, "no/such/file", &err));
    assert_fails(&err, TM_E_IO, tm_source_open(&source, folder, &err));
    assert_fails(&err, TM_E_IO, tm_source_open(&source, "/dev/null", &err));
    assert_fails(&err, TM_E_IO,
                 tm_source_open(&source, fifo.data, &err)); /* and does not wait for a writer */
    assert_int_equal(unlink(fifo.data), 0);
    assert_int_equal(rmdir(folder), 0);
}

TM_TESTS(cmocka_unit_test(lines_come_whole_with_any_line_end),
         cmocka_unit_test(lines_survive_the_ends_of_blocks),
         cmocka_unit_test(a_line_at_the_limit_is_read_and_one_past_it_is_not),
         cmocka_unit_test(the_head_is_read_again_with_the_rest),
         cmocka_unit_test(a_window_slides_over_everything),
         cmocka_unit_test(a_last_line_without_its_end_is_known),
         cmocka_unit_test(a_file_gives_what_memory_gives), cmocka_unit_test(only_regular_files_are_opened))
