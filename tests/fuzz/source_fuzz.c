/*
 * Any bytes as a source, plain or packed: chunks, lines and windows must give the same bytes or all fail.
 */
#include "coverage/source.h"
#include "fuzz.h"

enum { ENOUGH = 8 << 20 }; /* of what a few bytes can unpack to */

static enum tm_code read_chunks(struct tm_source *source, struct tm_buf *out)
{
    struct tm_str chunk;

    for (;;) {
        enum tm_code code = tm_source_chunk(source, &chunk, NULL);

        if (code || !chunk.len || out->len > ENOUGH)
            return code;
        tm_buf_add_str(out, chunk);
    }
}

static enum tm_code read_lines(struct tm_source *source, struct tm_buf *out)
{
    struct tm_str lines;

    for (;;) {
        enum tm_code code = tm_source_lines(source, &lines, NULL);

        if (code || !lines.len || out->len > ENOUGH)
            return code;
        FUZZ_CHECK(lines.data[lines.len - 1] == '\n');
        tm_buf_add_str(out, lines);
    }
}

/* Steps of a size that the input decides. */
static enum tm_code read_windows(struct tm_source *source, size_t step, struct tm_buf *out)
{
    size_t used = 0;

    for (;;) {
        struct tm_str window;
        enum tm_code code = tm_source_slide(source, used, &window, NULL);

        if (code || !window.len || out->len > ENOUGH)
            return code;
        FUZZ_CHECK(source->ended || window.len >= TM_SOURCE_WINDOW / 2);
        used = TM_MIN(window.len, step);
        tm_buf_add(out, window.data, used);
    }
}

static void check_same(const struct tm_buf *a, const struct tm_buf *b)
{
    size_t n = TM_MIN(a->len, b->len);

    FUZZ_CHECK(a->len > ENOUGH || b->len > ENOUGH || a->len == b->len);
    FUZZ_CHECK(memcmp(a->data, b->data, n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) chunks = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) lines = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) windows = TM_BUF_INIT;
    struct tm_source source[3];
    enum tm_code codes[3];

    for (size_t i = 0; i < 3; i++)
        tm_source_memory(&source[i], "input", tm_str_n((const char *)data, size));
    codes[0] = read_chunks(&source[0], &chunks);
    codes[1] = read_lines(&source[1], &lines);
    codes[2] = read_windows(&source[2], 1000 + (size ? data[size - 1] * 5000u : 0), &windows);
    if (!codes[0] && !codes[2])
        check_same(&chunks, &windows);
    /* Only lines have a limit of their own. */
    if (!codes[0] && !codes[1]) {
        tm_buf_adds(&chunks, source[1].no_line_end ? "\n" : "");
        check_same(&chunks, &lines);
    }
    FUZZ_CHECK((codes[0] == TM_OK) == (codes[2] == TM_OK));
    for (size_t i = 0; i < 3; i++)
        tm_source_close(&source[i]);
    return 0;
}
