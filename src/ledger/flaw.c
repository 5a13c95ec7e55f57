#include "ledger/flaw.h"

static const struct {
    const char *code, *text;
} flaws[] = {
    [TM_FLAW_NONE] = { "none", "nothing wrong" },
    [TM_FLAW_TORN] = { "torn", "the last line is cut off" },
    [TM_FLAW_NO_LF] = { "no-lf", "the last line has no line feed" },
    [TM_FLAW_TOO_LONG] = { "too-long", "line over 65536 bytes" },
    [TM_FLAW_BLANK] = { "blank", "blank line" },
    [TM_FLAW_BOM] = { "bom", "byte order mark" },
    [TM_FLAW_NUL] = { "nul", "zero byte" },
    [TM_FLAW_CR] = { "cr", "carriage return" },
    [TM_FLAW_WHITE_SPACE] = { "white-space", "white space between tokens" },
    [TM_FLAW_CONFLICT_MARKER] = { "conflict-marker", "conflict marker of an unfinished merge" },
    [TM_FLAW_UTF8] = { "utf8", "invalid UTF-8" },
    [TM_FLAW_VERSION] = { "version", "unknown version of the format" },
    [TM_FLAW_KEY_ORDER] = { "key-order", "fields out of order" },
    [TM_FLAW_KEY_MISSING] = { "key-missing", "field missing" },
    [TM_FLAW_KEY_UNKNOWN] = { "key-unknown", "unknown field" },
    [TM_FLAW_KEY_TWICE] = { "key-twice", "field that is there twice" },
    [TM_FLAW_KEY_SPELLING] = { "key-spelling", "key that no ledger has" },
    [TM_FLAW_NUMBER] = { "number", "number in another spelling or out of range" },
    [TM_FLAW_ESCAPE] = { "escape", "character in another spelling than the shortest" },
    [TM_FLAW_NULL] = { "null", "null" },
    [TM_FLAW_HEX] = { "hex", "not the right number of lower-case hexadecimal digits" },
    [TM_FLAW_STAMP] = { "stamp", "time in another spelling or out of range" },
    [TM_FLAW_KIND] = { "kind", "malformed kind" },
    [TM_FLAW_PREV_ORDER] = { "prev-order", "prev is not in byte order" },
    [TM_FLAW_PREV_COUNT] = { "prev-count", "prev has over 256 ids" },
    [TM_FLAW_DEPTH] = { "depth", "nesting deeper than 16" },
    [TM_FLAW_MEMBERS] = { "members", "object with over 64 members" },
    [TM_FLAW_SYNTAX] = { "syntax", "not an entry" },
    [TM_FLAW_UNCHAINED] = { "unchained", "unchained line behind an entry" },
    [TM_FLAW_UNCHAINED_JSON] = { "unchained-json", "neither an entry nor a JSON object" },
    [TM_FLAW_NO_GENESIS] = { "no-genesis", "ledger without a genesis" },
    [TM_FLAW_SECOND_GENESIS] = { "second-genesis", "second genesis" },
    [TM_FLAW_NO_PARENTS] = { "no-parents", "entry without parents that is no genesis" },
    [TM_FLAW_GENESIS_PARENTS] = { "genesis-parents", "genesis with parents" },
    [TM_FLAW_FOREIGN] = { "foreign", "entry of another ledger" },
    [TM_FLAW_DANGLING] = { "dangling", "prev names an entry that is not there" },
    [TM_FLAW_CLOCK] = { "clock", "lc is not one more than the greatest among prev" },
    [TM_FLAW_ADOPTED] = { "adopted", "adopted lines are not those that genesis recorded" },
    [TM_FLAW_BODY] = { "body", "body is not one of its kind" },
    [TM_FLAW_REPLAY] = { "replay", "run of another entry" },
    [TM_FLAW_FRAGMENT] = { "fragment", "file of pending entries that is none" },
    [TM_FLAW_REORDERED] = { "reordered", "line out of ledger order" },
    [TM_FLAW_DUPLICATE] = { "duplicate", "line that is there twice" },
    [TM_FLAW_TRUNCATED] = { "truncated", "entry that a freeze pinned is not there" },
    [TM_FLAW_PINNED] = { "pinned", "ledger is not what the freeze says" },
    [TM_FLAW_RECORD] = { "record", "freeze record is not the one that was frozen" },
    [TM_FLAW_FREEZE_MISSING] = { "freeze-missing", "freeze that the freeze ledger does not have" },
    [TM_FLAW_PREVIOUS] = { "previous", "freeze record names another predecessor" },
    [TM_FLAW_PIN] = { "pin", "remembered entry is not there" },
    [TM_FLAW_LOST] = { "lost", "line of the history is not there" },
};
static_assert(TM_LEN(flaws) == TM_FLAW_COUNT, "every flaw has a row");

const char *tm_ledger_flaw_code(enum tm_ledger_flaw flaw)
{
    return flaws[flaw].code;
}

const char *tm_ledger_flaw_text(enum tm_ledger_flaw flaw)
{
    return flaws[flaw].text;
}

bool tm_ledger_flaw_is_warning(enum tm_ledger_flaw flaw)
{
    return flaw == TM_FLAW_REORDERED || flaw == TM_FLAW_DUPLICATE;
}
