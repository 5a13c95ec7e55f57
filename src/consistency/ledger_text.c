#include "consistency/ledger_text.h"

#include "base/alloc.h"
#include "ledger/adopted.h"
#include "ledger/parse.h"

void tm_ledger_text_release(struct tm_ledger_text *text)
{
    tm_buf_release(&text->own);
    free(text->lines);
    free(text->slots);
    tm_map_release(&text->modules);
    tm_arena_release(&text->arena);
}

uint64_t tm_ledger_text_common(const struct tm_ledger_text *text, struct tm_str content)
{
    enum { STRIDE = 4096 };
    size_t n = TM_MIN(text->own.len, content.len), at = 0;

    while (n - at >= STRIDE && memcmp(text->own.data + at, content.data + at, STRIDE) == 0)
        at += STRIDE;
    while (at < n && text->own.data[at] == content.data[at])
        at++;
    while (at && content.data[at - 1] != '\n')
        at--;
    return at;
}

size_t tm_ledger_text_pieces(const struct tm_ledger_text *text, uint64_t size, struct tm_str pieces[2])
{
    size_t n = 0;

    if (text->base)
        pieces[n++] = tm_str_n(text->base->own.data, (size_t)TM_MIN(size, text->shared));
    size -= TM_MIN(size, text->shared);
    pieces[n++] = tm_str_n(text->own.data, (size_t)TM_MIN(size, (uint64_t)text->own.len));
    return n;
}

/* The slot of the lines that name the blob, or the empty one where they belong. Ids are as good a hash as
 * any. */
static size_t slot_of(const struct tm_ledger_text *text, const struct tm_git_id *blob)
{
    size_t mask = text->n_slots - 1, i;

    memcpy(&i, blob->bytes, sizeof(i));
    for (i &= mask; text->slots[i]; i = (i + 1) & mask)
        if (tm_git_id_cmp(&text->lines[text->slots[i] - 1].blob, blob) == 0)
            break;
    return i;
}

static void index_blobs(struct tm_ledger_text *text)
{
    static const struct tm_git_id none;

    for (text->n_slots = 64; text->n_slots < 2 * text->n;)
        text->n_slots *= 2;
    text->slots = tm_alloc_array(text->n_slots, sizeof(*text->slots));
    for (size_t i = 0; i < text->n; i++) {
        size_t slot;

        if (tm_git_id_cmp(&text->lines[i].blob, &none) == 0)
            continue;
        slot = slot_of(text, &text->lines[i].blob);
        text->lines[i].next_blob = text->slots[slot];
        text->slots[slot] = (uint32_t)i + 1;
    }
}

/*
 * The blob that an entry names: its body's last member. The body is in its one spelling, in which a quote
 * inside a text has a backslash and one brace ends it, so these bytes cannot be anything else.
 */
static void read_blob(const struct tm_ledger_entry *entry, struct tm_git_id *blob)
{
    static const char key[] = "\"manifest_blob\":\"", end[] = "\"}";
    const size_t n = sizeof(key) - 1 + TM_OID_HEX + sizeof(end) - 1;
    struct tm_str member = tm_str_from(entry->body, entry->body.len - TM_MIN(n, entry->body.len));

    *blob = (struct tm_git_id) { { 0 } };
    if (!entry->adopted && tm_str_has_prefix(member, tm_str(key)) && tm_str_has_suffix(member, tm_str(end)) &&
        !tm_git_id_parse(blob, tm_str_n(member.data + sizeof(key) - 1, TM_OID_HEX)))
        *blob = (struct tm_git_id) { { 0 } };
}

static bool is_within(struct tm_str part, struct tm_str whole)
{
    uintptr_t at = (uintptr_t)part.data, start = (uintptr_t)whole.data;

    return at >= start && at - start <= whole.len;
}

static void add_line(struct tm_ledger_text *text, const struct tm_ledger_entry *entry)
{
    const char *own = text->own.data;
    struct tm_text_line *line;
    void **last;

    TM_GROW(text->lines, text->n, text->cap);
    line = &text->lines[text->n++];
    *line = (struct tm_text_line) {
        .module = entry->module,
        .at = (uint32_t)(entry->text.data - own),
        .len = (uint32_t)entry->text.len,
        .end = text->shared + (uint64_t)(entry->text.data - own) + entry->text.len + 1,
    };
    read_blob(entry, &line->blob);
    /* A name that had escapes is not in the text. */
    if (!is_within(line->module, tm_buf_str(&text->own)))
        line->module = tm_arena_str(&text->arena, line->module);
    if (!entry->adopted)
        text->first_entry = TM_MIN(text->first_entry, line->end);
    last = tm_map_at(&text->modules, line->module, NULL);
    line->next_module = (uint32_t)(uintptr_t)*last;
    *last = (void *)(uintptr_t)text->n;
}

/* Reads one line; false when it is neither an entry nor, before the first one, an unchained line. */
static bool read_line(struct tm_ledger_parser *parser, struct tm_arena *arena, struct tm_str line,
                      bool *chained, struct tm_ledger_entry *entry)
{
    if (tm_ledger_parse(parser, line, entry) == TM_FLAW_NONE) {
        *chained = true;
        return true;
    }
    return !*chained && tm_adopted_parse(line, arena, entry);
}

/* Takes the bytes behind the shared ones over, and no more memory than they need. */
static void take(struct tm_ledger_text *text, struct tm_buf *content)
{
    if (!text->shared) {
        text->own = *content;
        *content = TM_BUF_INIT;
        return;
    }
    tm_buf_add_str(&text->own, tm_str_from(tm_buf_str(content), (size_t)text->shared));
    tm_buf_release(content);
}

bool tm_ledger_text_read(struct tm_ledger_text *text, const struct tm_ledger_text *base, uint64_t shared,
                         struct tm_buf *content)
{
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    bool chained = base && base->first_entry <= shared;
    struct tm_str rest;
    bool fine;

    *text = (struct tm_ledger_text) { .base = base, .shared = shared, .first_entry = UINT64_MAX };
    text->own = TM_BUF_INIT;
    take(text, content);
    tm_ledger_parser_init(&parser);
    rest = tm_buf_str(&text->own);
    fine = !rest.len || rest.data[rest.len - 1] == '\n';
    while (fine && rest.len) {
        struct tm_ledger_entry entry;
        struct tm_str line;

        fine = tm_str_split(&rest, '\n', &line);
        if (!chained && tm_adopted_is_blank(line))
            continue;
        fine = read_line(&parser, &text->arena, line, &chained, &entry);
        if (fine)
            add_line(text, &entry);
    }
    index_blobs(text);
    return fine;
}

bool tm_text_version_names(const struct tm_text_version *version, const struct tm_git_id *blob,
                           tm_text_visit *visit, void *ctx)
{
    const struct tm_ledger_text *text = version->text;
    uint64_t size = version->size;

    for (; text; size = TM_MIN(size, text->shared), text = text->base)
        for (uint32_t i = text->slots[slot_of(text, blob)]; i; i = text->lines[i - 1].next_blob)
            if (text->lines[i - 1].end <= size && visit(ctx, text->lines[i - 1].module))
                return true;
    return false;
}

static bool visit_line(const struct tm_ledger_text *text, const struct tm_text_line *line,
                       tm_entry_visit *visit, void *ctx)
{
    struct tm_ledger_parser TM_CLEANUP(tm_ledger_parser_release) parser;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_ledger_entry entry;
    bool chained = false;

    tm_ledger_parser_init(&parser);
    return read_line(&parser, &arena, tm_str_n(text->own.data + line->at, line->len), &chained, &entry) &&
           visit(ctx, &entry);
}

bool tm_text_version_entries(const struct tm_text_version *version, struct tm_str module,
                             tm_entry_visit *visit, void *ctx)
{
    const struct tm_ledger_text *text = version->text;
    uint64_t size = version->size;

    for (; text; size = TM_MIN(size, text->shared), text = text->base)
        for (uint32_t i = (uint32_t)(uintptr_t)tm_map_get(&text->modules, module); i;
             i = text->lines[i - 1].next_module)
            if (text->lines[i - 1].end <= size && visit_line(text, &text->lines[i - 1], visit, ctx))
                return true;
    return false;
}
