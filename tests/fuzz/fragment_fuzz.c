/*
 * Any bytes as a fragment, under the name that its last line would have. What must hold: one that is accepted
 * consists of entries of one ledger, each chained to the one before, is refused under any other name, and
 * every one of its lines is an entry with the id that was given.
 */
#include "fuzz.h"
#include "ledger/parse.h"
#include "ledger/pending.h"

static struct tm_hash name_of(struct tm_str text)
{
    struct tm_str rest = tm_str_n(text.data, text.len ? text.len - 1 : 0);
    size_t lf = rest.len ? tm_str_rfind(rest, '\n') : SIZE_MAX;

    return tm_hash_of(lf == SIZE_MAX ? rest : tm_str_from(rest, lf + 1));
}

static void check_lines(const struct tm_fragment *fragment)
{
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    struct tm_str rest = tm_str_n(fragment->text.data, fragment->text.len - 1), line;
    size_t n = 0;

    tm_ledger_parser_init(&parser);
    while (tm_str_split(&rest, '\n', &line)) {
        struct tm_ledger_entry entry;
        struct tm_hash id = tm_hash_of(line);

        FUZZ_CHECK(tm_ledger_parse(&parser, line, &entry) == TM_FLAW_NONE);
        FUZZ_CHECK(n < fragment->n_entries && tm_hash_cmp(&id, &fragment->entries[n]) == 0);
        FUZZ_CHECK(n == 0 || tm_hash_cmp(&entry.prev[0], &fragment->entries[n - 1]) == 0);
        n++;
    }
    FUZZ_CHECK(n == fragment->n_entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    struct tm_str text = tm_str_n((const char *)data, size);
    struct tm_hash name = name_of(text);
    struct tm_fragment fragment;

    if (tm_fragment_parse(&fragment, &arena, TM_STR("f"), text, &name, &err)) {
        FUZZ_CHECK(err.msg);
        return 0;
    }
    FUZZ_CHECK(fragment.ledger && fragment.n_entries > 0);
    check_lines(&fragment);
    name.bytes[0] ^= 1;
    FUZZ_CHECK(tm_fragment_parse(&fragment, &arena, TM_STR("f"), text, &name, &err) == TM_E_FORMAT);
    return 0;
}
