#include "ledger/piece.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"

enum {
    /* One byte before the stretch, to see whether a line begins at once; and a line that begins at its end.
     */
    CAP = 1 + TM_PIECE_STRETCH + TM_LEDGER_LINE_MAX + 1,
    MORE = 4 << 10, /* read at a time for the end of the last line */
};

void tm_piece_init(struct tm_piece *piece, size_t stretch)
{
    assert(stretch > 0 && stretch <= TM_PIECE_STRETCH);
    *piece = (struct tm_piece) {
        .stretch = stretch,
        .hasher = tm_hasher_new(),
        .data = tm_alloc(CAP),
        .prev = tm_alloc_array(TM_LEDGER_PREV_MAX, sizeof(*piece->prev)),
        .cap_prev = TM_LEDGER_PREV_MAX,
    };
    tm_line_judge_init(&piece->judge);
}

static void forget(struct tm_piece *piece)
{
    for (size_t i = 0; i < piece->n_entries; i++)
        free(piece->entries[i].body_fault);
    piece->len = piece->n_flaws = piece->n_entries = piece->n_prev = 0;
    piece->lines = 0;
    piece->has_lf = piece->open = false;
    piece->tail = TM_STR("");
}

void tm_piece_release(struct tm_piece *piece)
{
    forget(piece);
    tm_line_judge_release(&piece->judge);
    tm_hasher_free(piece->hasher);
    free(piece->data);
    free(piece->flaws);
    free(piece->entries);
    free(piece->prev);
}

/* Reads len bytes behind what is there; *shrunk when they are not there. */
static enum tm_code fill(struct tm_piece *piece, int fd, uint64_t at, size_t len, bool *shrunk,
                         struct tm_err *err)
{
    while (len) {
        ssize_t n = pread(fd, piece->data + piece->len, len, (off_t)at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return tm_err_errno(err, errno, "cannot read");
        if (n == 0) {
            *shrunk = true;
            return TM_OK;
        }
        piece->len += (size_t)n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return TM_OK;
}

/* Reads on until the last line, which begins at `line`, has its LF, is too long, or the file ends. */
static enum tm_code fill_last(struct tm_piece *piece, int fd, uint64_t at, size_t line, uint64_t size,
                              bool *shrunk, struct tm_err *err)
{
    size_t searched = line;

    while (at + piece->len < size && !*shrunk && piece->len - line <= TM_LEDGER_LINE_MAX &&
           !memchr(piece->data + searched, '\n', piece->len - searched)) {
        uint64_t left = TM_MIN(size - at - piece->len, (uint64_t)(CAP - piece->len));
        enum tm_code code;

        searched = piece->len;
        code = fill(piece, fd, at + piece->len, (size_t)TM_MIN(left, (uint64_t)MORE), shrunk, err);
        if (code)
            return code;
    }
    return TM_OK;
}

static void add_flaw(struct tm_piece *piece, enum tm_ledger_flaw flaw)
{
    TM_GROW(piece->flaws, piece->n_flaws, piece->cap_flaws);
    piece->flaws[piece->n_flaws++] =
        (struct tm_piece_flaw) { piece->lines, (uint32_t)piece->judge.parser.flaw_at, flaw };
}

static void add_entry(struct tm_piece *piece, const struct tm_ledger_entry *entry, struct tm_hash id)
{
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_piece_entry *to;

    TM_GROW(piece->entries, piece->n_entries, piece->cap_entries);
    to = &piece->entries[piece->n_entries++];
    *to = (struct tm_piece_entry) { *entry, piece->lines, piece->n_prev, NULL };
    to->entry.id = id;
    to->entry.module = TM_STR(""); /* it may point into the parser */
    while (piece->n_prev + entry->n_prev > piece->cap_prev) {
        piece->cap_prev *= 2;
        piece->prev = tm_realloc_array(piece->prev, piece->cap_prev, sizeof(*piece->prev));
    }
    memcpy(piece->prev + piece->n_prev, entry->prev, entry->n_prev * sizeof(*piece->prev));
    piece->n_prev += entry->n_prev;
    if (tm_line_judge_body(&piece->judge, entry, &err)) {
        to->body_fault = err.msg;
        err.msg = NULL;
    }
}

/* A line is hashed before anything in it is believed. */
static void read_line(struct tm_piece *piece, struct tm_str line)
{
    struct tm_ledger_entry entry;
    enum tm_ledger_flaw flaw;
    struct tm_hash id = { { 0 } };

    if (line.len <= TM_LEDGER_LINE_MAX) {
        tm_hasher_add(piece->hasher, line);
        id = tm_hasher_finish(piece->hasher);
    }
    flaw = tm_line_judge_entry(&piece->judge, line, &entry);
    if (flaw)
        add_flaw(piece, flaw);
    else
        add_entry(piece, &entry, id);
    piece->lines++;
}

/* Reads the lines that begin at `at` or later and before `end`. */
static void read_lines(struct tm_piece *piece, size_t at, size_t end, bool is_last)
{
    while (at < end) {
        const char *line = piece->data + at;
        const char *lf = memchr(line, '\n', piece->len - at);
        size_t len = lf ? (size_t)(lf - line) : piece->len - at;

        if (!lf && len <= TM_LEDGER_LINE_MAX && is_last) {
            piece->tail = tm_str_n(line, len);
            return;
        }
        piece->open = !lf;
        read_line(piece, tm_str_n(line, len));
        at += len + 1;
    }
}

enum tm_code tm_piece_read(struct tm_piece *piece, int fd, uint64_t start, uint64_t size, size_t i,
                           bool *shrunk, struct tm_err *err)
{
    uint64_t from = start + (uint64_t)i * piece->stretch - (i > 0);
    size_t end = (size_t)TM_MIN((uint64_t)piece->stretch + (i > 0), size - from);
    size_t first = 0, last;
    const char *lf;
    enum tm_code code;

    forget(piece);
    piece->from = from;
    code = fill(piece, fd, from, end, shrunk, err);
    if (code || *shrunk)
        return code;
    lf = memchr(piece->data, '\n', end);
    piece->has_lf = lf != NULL;
    if (i > 0)
        first = lf ? (size_t)(lf - piece->data) + 1 : end;
    if (first >= end)
        return TM_OK;
    lf = memrchr(piece->data + first, '\n', end - first);
    last = lf ? (size_t)(lf - piece->data) + 1 : first;
    if (last < end)
        code = fill_last(piece, fd, from, last, size, shrunk, err);
    if (code || *shrunk)
        return code;
    read_lines(piece, first, end, from + piece->len == size);
    for (size_t k = 0; k < piece->n_entries; k++)
        piece->entries[k].entry.prev = piece->prev + piece->entries[k].prev_at;
    return TM_OK;
}
