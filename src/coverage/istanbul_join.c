#include "base/alloc.h"
#include "coverage/istanbul.h"

void tm_istanbul_release(struct tm_istanbul_file *file)
{
    for (int kind = 0; kind < TM_ISTANBUL_KINDS; kind++) {
        free(file->tables[kind].entries);
        free(file->tables[kind].counts);
    }
    tm_buf_release(&file->names);
    tm_hits_release(&file->lines);
}

void tm_istanbul_clear(struct tm_istanbul_file *file)
{
    for (int kind = 0; kind < TM_ISTANBUL_KINDS; kind++) {
        struct tm_istanbul_table *table = &file->tables[kind];

        table->n_entries = table->n_counts = 0;
        table->entries_loose = table->counts_loose = false;
    }
    tm_buf_clear(&file->names);
    tm_hits_clear(&file->lines);
    file->no_line = 0;
}

static int by_id(const void *pa, const void *pb)
{
    const struct tm_istanbul_entry *a = pa, *b = pb;

    return (a->id > b->id) - (a->id < b->id);
}

static int by_id_and_path(const void *pa, const void *pb)
{
    const struct tm_istanbul_count *a = pa, *b = pb;

    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return (a->path > b->path) - (a->path < b->path);
}

enum tm_code tm_istanbul_add_entry(struct tm_istanbul_table *table, struct tm_istanbul_entry entry,
                                   struct tm_err *err)
{
    if (table->n_entries == TM_REPORT_STATEMENTS_MAX)
        return tm_err_set(err, TM_E_LIMIT, "more than %d entries of a map", TM_REPORT_STATEMENTS_MAX);
    TM_GROW(table->entries, table->n_entries, table->cap_entries);
    if (table->n_entries && by_id(&table->entries[table->n_entries - 1], &entry) >= 0)
        table->entries_loose = true;
    table->entries[table->n_entries++] = entry;
    return TM_OK;
}

enum tm_code tm_istanbul_add_count(struct tm_istanbul_table *table, struct tm_istanbul_count count,
                                   struct tm_err *err)
{
    if (table->n_counts == TM_REPORT_STATEMENTS_MAX)
        return tm_err_set(err, TM_E_LIMIT, "more than %d counts of a map", TM_REPORT_STATEMENTS_MAX);
    TM_GROW(table->counts, table->n_counts, table->cap_counts);
    if (table->n_counts && by_id_and_path(&table->counts[table->n_counts - 1], &count) >= 0)
        table->counts_loose = true;
    table->counts[table->n_counts++] = count;
    return TM_OK;
}

static enum tm_code add_function(const struct tm_istanbul_file *file, struct tm_report_file *to,
                                 const struct tm_istanbul_entry *entry, uint64_t hits, struct tm_err *err)
{
    struct tm_function function = {
        .name = tm_str_n(file->names.data + entry->name_at, entry->name_len),
        .hits = hits,
        .line = entry->at.line,
        .place = entry->at.column,
        .key = TM_FUNCTION_BY_PLACE,
    };

    return tm_report_add_function(to, function, err);
}

static enum tm_code add(struct tm_istanbul_file *file, struct tm_report_file *to, enum tm_istanbul_kind kind,
                        const struct tm_istanbul_entry *entry, const struct tm_istanbul_count *count,
                        struct tm_err *err)
{
    struct tm_statement statement = { .at = entry->at, .n = 1, .hits = count->hits };
    struct tm_branch branch = {
        .taken = count->hits, .line = entry->at.line, .block = entry->id, .branch = count->path
    };

    if (count->path < 64 && entry->skip >> count->path & 1)
        return TM_OK;
    if (kind == TM_ISTANBUL_FUNCTION)
        return add_function(file, to, entry, count->hits, err);
    if (!entry->at.line) {
        file->no_line++;
        return TM_OK;
    }
    if (kind == TM_ISTANBUL_BRANCH)
        return tm_report_add_branch(to, branch, err);
    tm_hits_put(&file->lines, entry->at.line, count->hits);
    return tm_report_add_statement(to, statement, err);
}

static void sort_table(struct tm_istanbul_table *table)
{
    if (table->entries_loose)
        qsort(table->entries, table->n_entries, sizeof(*table->entries), by_id);
    if (table->counts_loose)
        qsort(table->counts, table->n_counts, sizeof(*table->counts), by_id_and_path);
}

/* Brings a map and its counts together. */
static enum tm_code join(struct tm_istanbul_file *file, struct tm_report_file *to, enum tm_istanbul_kind kind,
                         struct tm_err *err)
{
    static const char *const maps[TM_ISTANBUL_KINDS][2] = { { "statementMap", "s" },
                                                            { "fnMap", "f" },
                                                            { "branchMap", "b" } };
    struct tm_istanbul_table *table = &file->tables[kind];
    const struct tm_istanbul_count *counts;
    enum tm_code code = TM_OK;
    bool twice = false, lost = false;
    size_t at = 0;

    sort_table(table);
    counts = table->counts;
    for (size_t i = 0; !code && i < table->n_entries; i++) {
        const struct tm_istanbul_entry *entry = &table->entries[i];
        size_t first = at;

        twice |= i > 0 && entry[-1].id == entry->id;
        for (; !code && at < table->n_counts && counts[at].id == entry->id; at++) {
            twice |= at > first && counts[at].path == counts[at - 1].path;
            code = add(file, to, kind, entry, &counts[at], err);
        }
        /* "b" has an empty list for a branch without paths. */
        lost |= at == first && kind != TM_ISTANBUL_BRANCH;
    }
    if (code)
        return code;
    if (twice)
        return tm_err_set(err, TM_E_FORMAT, "an id of '%s' or '%s' is there twice", maps[kind][0],
                          maps[kind][1]);
    if (lost || at < table->n_counts)
        return tm_err_set(err, TM_E_FORMAT, "'%s' and '%s' have different ids", maps[kind][0], maps[kind][1]);
    return TM_OK;
}

enum tm_code tm_istanbul_join(struct tm_istanbul_file *file, struct tm_report_file *to, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (int kind = 0; !code && kind < TM_ISTANBUL_KINDS; kind++)
        code = join(file, to, (enum tm_istanbul_kind)kind, err);
    tm_hits_settle(&file->lines);
    return code ? code : tm_report_add_hits(to, &file->lines, err);
}
