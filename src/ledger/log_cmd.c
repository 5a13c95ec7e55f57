/* `tidemark ledger log`: what the ledgers say, entry by entry. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "base/nearest.h"
#include "base/map.h"
#include "cli/cmd.h"
#include "ledger/describe.h"
#include "ledger/ledger.h"
#include "ledger/ledger_cmd.h"
#include "ledger/pending.h"

enum { OPT_MODULE, OPT_KIND, OPT_SINCE, OPT_COUNT };
enum { FLUSH_AT = 64 << 10, COUNT_MAX = 1000000 };

static const struct tm_opt opts[] = {
    [OPT_MODULE] = { "module", 'm', TM_OPT_STR, "MODULE", "only entries of this module" },
    [OPT_KIND] = { "kind", 'k', TM_OPT_STR, "KIND",
                   "only entries of this kind; 'adopted' for lines of before" },
    [OPT_SINCE] = { "since", 0, TM_OPT_STR, "WHEN",
                    "only entries since this time, or this long ago (90m, 12h, 7d, 2w)" },
    [OPT_COUNT] = { "count", 'n', TM_OPT_UINT, "N", "only the last N of each ledger" },
    { NULL },
};

/* What one run of the command shows, and the rows it holds back until it knows which are the last. */
struct show {
    struct tm_ctx *ctx;
    const char *module, *kind;     /* NULL: all */
    int64_t since_s;               /* INT64_MIN: all */
    size_t count;                  /* 0: all */
    struct tm_str path;            /* of the current ledger */
    struct tm_fragments fragments; /* of the current ledger */
    struct tm_map pending;         /* ids of their entries, to the fragment */
    struct tm_buf *held;           /* the last `count` rows, a ring */
    size_t n_held, n_rows;
};

static void show_release(struct show *show)
{
    for (size_t i = 0; i < show->count; i++)
        tm_buf_release(&show->held[i]);
    free(show->held);
    tm_map_release(&show->pending);
    tm_fragments_release(&show->fragments);
}

static struct tm_str key_of(const struct tm_hash *id)
{
    return tm_str_n((const char *)id->bytes, sizeof(id->bytes));
}

/* The fragment that an entry is pending in, and its line there; NULL for one of the file. */
static const struct tm_fragment *fragment_of(const struct show *show, const struct tm_ledger_entry *entry,
                                             size_t *line)
{
    const struct tm_fragment *fragment =
        show->fragments.n && !entry->adopted ? tm_map_get(&show->pending, key_of(&entry->id)) : NULL;

    for (*line = 0; fragment && tm_hash_cmp(&fragment->entries[*line], &entry->id) != 0; ++*line)
        ;
    ++*line;
    return fragment;
}

static enum tm_code print_row(struct show *show, struct tm_str row, struct tm_err *err)
{
    struct tm_buf *out = &show->ctx->out;

    if (show->ctx->json)
        tm_buf_adds(out, show->n_rows ? ",\n" : "\n");
    tm_buf_add_str(out, row);
    show->n_rows++;
    return out->len < FLUSH_AT ? TM_OK : tm_ctx_flush(show->ctx, err);
}

static struct tm_str kind_of(const struct tm_ledger_entry *entry)
{
    return entry->adopted ? TM_STR("adopted") : entry->kind;
}

static bool is_wanted(const struct show *show, const struct tm_ledger_entry *entry)
{
    if (show->module && !tm_str_is(entry->module, show->module))
        return false;
    if (show->kind && !tm_str_is(kind_of(entry), show->kind))
        return false;
    return show->since_s == INT64_MIN || (entry->ts_s >= 0 && entry->ts_s >= show->since_s);
}

/* Time, first digits of the id, kind, module, and what it says. */
static void add_text(const struct tm_ledger_entry *entry, struct tm_str what, bool pending,
                     struct tm_buf *row)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) id = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) module = TM_BUF_INIT;
    struct tm_str kind = kind_of(entry);

    if (entry->ts_s >= 0)
        tm_clock_add_stamp(row, entry->ts_s);
    else
        tm_buf_addf(row, "%-*s", TM_STAMP_LEN, "-");
    if (entry->adopted)
        tm_buf_adds(&id, "-");
    else
        tm_hash_add_hex(&id, &entry->id);
    tm_buf_add_escaped(&module, entry->module.len ? entry->module : TM_STR("-"));
    tm_buf_addf(row, "  %-12.12s  %-13.*s  ", id.data, TM_STR_ARG(kind));
    tm_buf_addf(row, what.len ? "%-20s  " : "%s", module.data);
    tm_buf_add_escaped(row, what);
    if (pending)
        tm_buf_adds(row, " [pending]");
    tm_buf_addc(row, '\n');
}

static void add_json(const struct show *show, const struct tm_ledger_entry *entry, struct tm_buf *row)
{
    struct tm_json_writer w;
    size_t line;
    const struct tm_fragment *fragment = fragment_of(show, entry, &line);

    tm_json_writer_init(&w, row, 0);
    tm_json_object_begin(&w);
    tm_json_member_str(&w, "ledger", fragment ? fragment->path : show->path);
    tm_json_member_u64(&w, "line", fragment ? line : entry->line);
    tm_json_member_bool(&w, "pending", fragment != NULL);
    tm_json_key(&w, "id");
    if (entry->adopted)
        tm_json_put_null(&w);
    else
        tm_hash_put(&w, &entry->id);
    tm_json_key(&w, "entry");
    tm_json_put_raw(&w, entry->adopted ? entry->body : entry->text);
    tm_json_object_end(&w);
}

static enum tm_code visit(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct show *show = ctx;
    struct tm_buf TM_CLEANUP(tm_buf_release) what = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) row = TM_BUF_INIT;

    if (!is_wanted(show, entry))
        return TM_OK;
    if (show->ctx->json) {
        add_json(show, entry, &row);
    } else {
        size_t line;

        if (tm_ledger_describe(entry, show->path, &what, err))
            return tm_err_wrap(err, "'%.*s'", TM_STR_ARG(show->path));
        add_text(entry, tm_buf_str(&what), fragment_of(show, entry, &line) != NULL, &row);
    }
    if (!show->count)
        return print_row(show, tm_buf_str(&row), err);
    struct tm_buf *place = &show->held[show->n_held++ % show->count];

    tm_buf_release(place);
    *place = row;
    row = TM_BUF_INIT;
    return TM_OK;
}

/* Prints the held rows, oldest first. */
static enum tm_code print_held(struct show *show, struct tm_err *err)
{
    size_t n = TM_MIN(show->n_held, show->count);
    enum tm_code code = TM_OK;

    for (size_t i = show->n_held - n; i < show->n_held && !code; i++)
        code = print_row(show, tm_buf_str(&show->held[i % show->count]), err);
    show->n_held = 0;
    return code;
}

/* Who folds meanwhile makes an entry look as if it were in the file, which it is by then. */
static enum tm_code note_fragments(struct show *show, const struct tm_ledger_file *file, struct tm_err *err)
{
    enum tm_code code;

    tm_map_release(&show->pending);
    tm_fragments_release(&show->fragments);
    show->pending = TM_MAP_INIT;
    code = tm_fragments_of(&show->fragments, file, err);
    for (size_t i = 0; i < show->fragments.n && !code; i++)
        for (size_t k = 0; k < show->fragments.items[i].n_entries; k++)
            *tm_map_at(&show->pending, key_of(&show->fragments.items[i].entries[k]), NULL) =
                &show->fragments.items[i];
    return code;
}

static enum tm_code show_ledger(struct show *show, struct tm_str path, struct tm_err *err)
{
    struct tm_ledger_file file = tm_ledger_in(show->ctx->repo, path);
    enum tm_code code;

    show->path = path;
    code = note_fragments(show, &file, err);
    if (!code)
        code = tm_ledger_read(&file, visit, show, NULL, err);
    return code ? code : print_held(show, err);
}

/* "90m", "12h", "7d", "2w" and the like, in seconds. */
static bool parse_duration(struct tm_str text, int64_t *seconds)
{
    static const struct {
        char unit;
        uint64_t seconds;
    } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };
    uint64_t n, product;

    if (text.len < 2 || !tm_str_u64(tm_str_n(text.data, text.len - 1), &n))
        return false;
    for (size_t i = 0; i < TM_LEN(units); i++) {
        if (text.data[text.len - 1] != units[i].unit)
            continue;
        if (__builtin_mul_overflow(n, units[i].seconds, &product) || product > INT64_MAX / 2)
            return false;
        *seconds = (int64_t)product;
        return true;
    }
    return false;
}

static enum tm_code parse_since(const char *text, int64_t *since_s, struct tm_err *err)
{
    int64_t ago_s;

    if (tm_clock_parse(tm_str(text), since_s))
        return TM_OK;
    if (!parse_duration(tm_str(text), &ago_s))
        return tm_err_set(err, TM_E_USAGE,
                          "--since '%s' is neither a time nor a duration like 90m, 12h, 7d, 2w", text);
    *since_s = tm_clock_now_s() - ago_s;
    return TM_OK;
}

static enum tm_code check_kind(const char *kind, struct tm_err *err)
{
    const char *names[TM_LEDGER_ROLLBACK + 3];
    const char *near;
    size_t n = 0;

    for (; n <= TM_LEDGER_ROLLBACK; n++)
        names[n] = tm_ledger_kind_name((enum tm_ledger_kind)n);
    names[n++] = "adopted";
    names[n] = NULL;
    for (size_t i = 0; i < n; i++)
        if (strcmp(kind, names[i]) == 0)
            return TM_OK;
    near = tm_nearest(kind, names);
    if (near)
        return tm_err_set(err, TM_E_USAGE, "unknown kind '%s', did you mean '%s'?", kind, near);
    return tm_err_set(err, TM_E_USAGE, "unknown kind '%s', 'tidemark ledger log' shows those there are",
                      kind);
}

static enum tm_code show_all(struct show *show, const struct tm_args *args, struct tm_err *err)
{
    size_t n = args->n_words;
    enum tm_code code = TM_OK;

    if (!n)
        while (tm_ledger_names[n])
            n++;
    for (size_t i = 0; i < n && !code; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

        code =
            tm_ledger_find(show->ctx->repo, args->n_words ? args->words[i] : tm_ledger_names[i], &path, err);
        if (!code)
            code = show_ledger(show, tm_buf_str(&path), err);
    }
    return code;
}

static enum tm_code read_options(struct show *show, const struct tm_opt_value *given, struct tm_err *err)
{
    show->module = given[OPT_MODULE].given ? given[OPT_MODULE].text : NULL;
    show->kind = given[OPT_KIND].given ? given[OPT_KIND].text : NULL;
    show->since_s = INT64_MIN;
    if (given[OPT_COUNT].given) {
        if (given[OPT_COUNT].number == 0 || given[OPT_COUNT].number > COUNT_MAX)
            return tm_err_set(err, TM_E_USAGE, "--count is a number from 1 to %d", COUNT_MAX);
        show->count = (size_t)given[OPT_COUNT].number;
        show->held = tm_alloc_array(show->count, sizeof(*show->held));
        for (size_t i = 0; i < show->count; i++)
            show->held[i] = TM_BUF_INIT;
    }
    if (show->kind && check_kind(show->kind, err))
        return TM_E_USAGE;
    return given[OPT_SINCE].given ? parse_since(given[OPT_SINCE].text, &show->since_s, err) : TM_OK;
}

static enum tm_code run(struct tm_ctx *ctx, const struct tm_args *args, struct tm_err *err)
{
    struct show TM_CLEANUP(show_release)
        show = { .ctx = ctx, .fragments = TM_FRAGMENTS_INIT, .pending = TM_MAP_INIT };
    enum tm_code code = read_options(&show, args->opts, err);

    if (code)
        return code;
    if (ctx->json)
        tm_buf_addc(&ctx->out, '[');
    code = show_all(&show, args, err);
    if (code)
        return code;
    if (ctx->json)
        tm_buf_adds(&ctx->out, show.n_rows ? "\n]\n" : "]\n");
    else if (show.n_rows == 0)
        tm_log_note(&ctx->log, "no entries");
    return TM_OK;
}

const struct tm_cmd tm_ledger_log_cmd = {
    .name = "log",
    .summary = "show entries",
    .usage = "[--module MODULE] [--kind KIND] [--since WHEN] [-n N] [LEDGER...]",
    .help =
        "Shows the entries of the ledgers, one a line, in ledger order: what was written later comes later,\n"
        "whatever its clock said. A LEDGER is bench, coverage, freeze, scaffold, test_scaffold, or a file; "
        "all\n"
        "of them without one.\n\n"
        "Each ledger is checked while it is read; a damaged one is an error that names the line.",
    .opts = opts,
    .needs = TM_NEEDS_REPO | TM_NEEDS_JSON,
    .run = run,
};
