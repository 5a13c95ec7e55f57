/*
 * Any bytes as a line and as a whole ledger. What must hold: a line that is accepted is the one
 * spelling of what was read from it, and JSON; a ledger that is accepted is visited in ledger order, each
 * entry once, the same whether its ids are checked or not; and what its end alone says of its last line is
 * what the whole says of it.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "base/json_doc.h"
#include "fuzz.h"
#include "ledger/head_cache.h"
#include "ledger/order.h"
#include "ledger/parse.h"
#include "ledger/read.h"
#include "ledger/spell.h"

static void check_line(struct tm_str line)
{
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) again = TM_BUF_INIT;
    struct tm_ledger_entry entry;
    enum tm_ledger_flaw flaw;

    tm_ledger_parser_init(&parser);
    flaw = tm_ledger_parse(&parser, line, &entry);
    FUZZ_CHECK(flaw < TM_FLAW_COUNT);
    if (flaw) {
        FUZZ_CHECK(parser.flaw_at <= line.len);
        return;
    }
    tm_ledger_spell(&entry, &again);
    FUZZ_CHECK(tm_str_eq(tm_buf_str(&again), line));
    FUZZ_CHECK(tm_ledger_check_body(entry.body) == TM_FLAW_NONE);
    FUZZ_CHECK(tm_json_doc_parse(&doc, "line", line, NULL) == TM_OK);
    FUZZ_CHECK(doc.root->count == 9);
}

/* What is visited, one after the other. */
struct seen {
    struct tm_ledger_key last;
    bool any_entry;
    size_t visits;
    struct tm_buf lines;
};

static enum tm_code note(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct seen *seen = ctx;
    struct tm_ledger_key key = { entry->lc, tm_hash_of(entry->text) };

    FUZZ_CHECK(!entry->adopted || !seen->any_entry);
    if (!entry->adopted) {
        FUZZ_CHECK(!seen->any_entry || tm_ledger_key_cmp(&seen->last, &key) < 0);
        seen->any_entry = true;
        seen->last = key;
    }
    seen->visits++;
    tm_buf_add_str(&seen->lines, entry->text);
    tm_buf_addc(&seen->lines, '\n');
    return TM_OK;
}

static void check_ledger(int fd, size_t size)
{
    struct seen read = { .lines = TM_BUF_INIT }, scanned = { .lines = TM_BUF_INIT };
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };
    struct tm_ledger_tail tail;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    enum tm_code code = tm_ledger_read_fd(fd, size, TM_STR("input"), TM_READ_IDS | TM_READ_SHA256, note,
                                          &read, &state, &tail, &err);

    FUZZ_CHECK(!code || err.msg);
    if (code == TM_OK) {
        FUZZ_CHECK(tm_ledger_read_fd(fd, size, TM_STR("input"), 0, note, &scanned, NULL, &tail, NULL) ==
                   TM_OK);
        FUZZ_CHECK(tm_str_eq(tm_buf_str(&read.lines), tm_buf_str(&scanned.lines)));
        FUZZ_CHECK(state.entries + state.adopted_lines >= read.visits && state.lines >= state.entries);
        FUZZ_CHECK((state.n_heads > 0) == (state.entries > 0) && state.max_lc <= state.entries);
        FUZZ_CHECK(state.bytes + tail.len == size);
    }
    tm_buf_release(&read.lines);
    tm_buf_release(&scanned.lines);
}

/* The end of the ledger, as an append by the note on its head sees it. */
static void check_end(struct tm_str text, int fd)
{
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };
    size_t from = text.len > TM_HEAD_CACHE_TAIL ? text.len - TM_HEAD_CACHE_TAIL : 0;
    struct tm_ledger_entry last;
    bool is_head = false;

    tm_ledger_parser_init(&parser);
    if (!tm_head_cache_last(&parser, tm_str_from(text, from), &last))
        return;
    FUZZ_CHECK(text.data[text.len - 1] == '\n' && text.data[text.len - last.text.len - 2] == '\n');
    if (tm_ledger_read_fd(fd, text.len, TM_STR("input"), TM_READ_IDS, NULL, NULL, &state, NULL, NULL))
        return;
    FUZZ_CHECK(tm_str_is(last.log, state.log) && last.lc <= state.max_lc);
    for (size_t i = 0; i < state.n_heads; i++)
        is_head = is_head || (tm_hash_cmp(&state.heads[i], &last.id) == 0 && state.head_lcs[i] == last.lc);
    FUZZ_CHECK(is_head || state.reordered || state.duplicates);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_str text = tm_str_n((const char *)data, size);
    struct tm_str rest = text, line;
    int fd = memfd_create("ledger", MFD_CLOEXEC);

    FUZZ_CHECK(fd >= 0);
    check_line(text);
    if (size)
        while (tm_str_split(&rest, '\n', &line))
            check_line(line);
    FUZZ_CHECK(tm_fd_write_all(fd, text, NULL) == TM_OK);
    check_ledger(fd, size);
    check_end(text, fd);
    close(fd);
    return 0;
}
