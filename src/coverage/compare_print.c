/* Lines that changed state, for people and programs. */
#include "coverage/compare.h"

static uint64_t count(const struct tm_state_counts *counts)
{
    return counts->of[TM_LINE_COVERED] + counts->of[TM_LINE_PARTIAL] + counts->of[TM_LINE_MISSED];
}

static void add_ratio(struct tm_buf *out, struct tm_ratio ratio)
{
    tm_ratio_add_percent(out, ratio);
    if (tm_ratio_has_data(ratio))
        tm_buf_addf(out, " %% (%llu of %llu lines)", (unsigned long long)ratio.num,
                    (unsigned long long)ratio.den);
}

/* "5 lines (3 covered, 0 partial, 2 missed)" */
static void add_counts(struct tm_buf *out, const struct tm_state_counts *counts)
{
    tm_buf_addf(out, "%llu %s", (unsigned long long)count(counts), count(counts) == 1 ? "line" : "lines");
    if (count(counts))
        tm_buf_addf(out, " (%llu covered, %llu partial, %llu missed)",
                    (unsigned long long)counts->of[TM_LINE_COVERED],
                    (unsigned long long)counts->of[TM_LINE_PARTIAL],
                    (unsigned long long)counts->of[TM_LINE_MISSED]);
}

static const char *name_of(enum tm_line_state state)
{
    return state == TM_LINE_NONE ? "no code" : tm_line_state_name(state);
}

static void add_flips(struct tm_buf *out, const struct tm_compare_file *file, enum tm_line_state from,
                      enum tm_line_state to)
{
    const char *comma = "";

    if (!file->elsewhere.of[from][to])
        return;
    tm_buf_addf(out, "  elsewhere: %s -> %s ", name_of(from), name_of(to));
    for (size_t i = 0; i < file->n_flips; i++) {
        const struct tm_flip *flip = &file->flips[i];

        if (flip->from != from || flip->to != to)
            continue;
        tm_buf_addf(out, "%s%u", comma, flip->first);
        if (flip->last > flip->first)
            tm_buf_addf(out, "-%u", flip->last);
        comma = ", ";
    }
    tm_buf_addc(out, '\n');
}

static void add_file(struct tm_buf *out, const struct tm_compare_file *file)
{
    tm_buf_addc(out, '\n');
    tm_buf_add_escaped(out, file->path);
    if (file->change && file->change->what == 'R') {
        tm_buf_adds(out, " (was ");
        tm_buf_add_escaped(out, file->change->old_path);
        tm_buf_addc(out, ')');
    }
    tm_buf_addc(out, '\n');
    if (file->skipped)
        tm_buf_addf(out, "  not compared: %s\n", file->skipped);
    for (size_t i = TM_LINE_COVERED; i < TM_LINE_STATES; i++) {
        if (!file->added.of[i])
            continue;
        tm_buf_addf(out, "  your change: new, %s ", tm_line_state_name((enum tm_line_state)i));
        tm_spans_add_text(out, file->spans, file->n_spans, (enum tm_line_state)i);
        tm_buf_addc(out, '\n');
    }
    if (count(&file->removed)) {
        tm_buf_adds(out, "  your change: removed ");
        add_counts(out, &file->removed);
        tm_buf_addc(out, '\n');
    }
    for (size_t from = 0; from < TM_LINE_STATES; from++)
        for (size_t to = 0; to < TM_LINE_STATES; to++)
            add_flips(out, file, (enum tm_line_state)from, (enum tm_line_state)to);
}

void tm_compare_add_text(struct tm_buf *out, const struct tm_compare *compare)
{
    uint64_t flips = tm_flips_all(&compare->elsewhere);

    tm_buf_adds(out, "coverage: ");
    add_ratio(out, compare->before_lines);
    tm_buf_adds(out, " -> ");
    add_ratio(out, compare->after_lines);
    tm_buf_adds(out, "\nbase: ");
    tm_changes_add_base(out, compare->changes);
    tm_buf_adds(out, "\nhead: ");
    tm_changes_add_head(out, compare->changes);
    tm_buf_adds(out, "\nyour change: ");
    add_counts(out, &compare->added);
    tm_buf_adds(out, " new, ");
    add_counts(out, &compare->removed);
    tm_buf_addf(out, " removed\nelsewhere: %llu %s another state, %llu worse, %llu better\n",
                (unsigned long long)flips, flips == 1 ? "line is in" : "lines are in",
                (unsigned long long)tm_flips_worse(&compare->elsewhere),
                (unsigned long long)tm_flips_better(&compare->elsewhere));
    if (compare->skipped)
        tm_buf_addf(out, "not compared: %zu %s\n", compare->skipped,
                    compare->skipped == 1 ? "file" : "files");
    for (size_t i = 0; i < compare->n_files; i++)
        add_file(out, &compare->files[i]);
}

static void put_flips(struct tm_json_writer *w, const struct tm_compare_file *file)
{
    tm_json_array_begin(w);
    for (size_t i = 0; i < file->n_flips; i++) {
        tm_json_object_begin(w);
        tm_json_members(w, "from", tm_line_state_name(file->flips[i].from));
        tm_json_members(w, "to", tm_line_state_name(file->flips[i].to));
        tm_json_member_u64(w, "first", file->flips[i].first);
        tm_json_member_u64(w, "last", file->flips[i].last);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
}

static void put_counts(struct tm_json_writer *w, const char *key, const struct tm_state_counts *counts)
{
    tm_json_key(w, key);
    tm_json_object_begin(w);
    for (size_t i = TM_LINE_COVERED; i < TM_LINE_STATES; i++)
        tm_json_member_u64(w, tm_line_state_name((enum tm_line_state)i), counts->of[i]);
    tm_json_object_end(w);
}

static void put_file(struct tm_json_writer *w, const struct tm_compare_file *file)
{
    tm_json_object_begin(w);
    tm_json_member_str(w, "path", file->path);
    if (file->change && file->change->what == 'R')
        tm_json_member_str(w, "renamed_from", file->change->old_path);
    tm_json_key(w, "module");
    if (file->module)
        tm_json_put_str(w, file->module->name);
    else
        tm_json_put_null(w);
    if (file->skipped) {
        tm_json_members(w, "not_compared", file->skipped);
    } else {
        put_counts(w, "new", &file->added);
        put_counts(w, "removed", &file->removed);
        tm_json_key(w, "new_lines");
        tm_spans_put(w, file->spans, file->n_spans);
        tm_json_key(w, "elsewhere");
        put_flips(w, file);
    }
    tm_json_object_end(w);
}

static void put_ratio(struct tm_json_writer *w, const char *key, struct tm_ratio ratio)
{
    uint64_t bp;

    tm_json_key(w, key);
    tm_json_object_begin(w);
    tm_json_member_u64(w, "covered", ratio.num);
    tm_json_member_u64(w, "valid", ratio.den);
    tm_json_key(w, "coverage_pct");
    if (tm_ratio_bp(ratio, &bp))
        tm_json_put_decimal(w, (int64_t)bp, 2);
    else
        tm_json_put_null(w);
    tm_json_object_end(w);
}

void tm_compare_add_json(struct tm_buf *out, const struct tm_compare *compare)
{
    struct tm_json_writer w;

    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    tm_changes_put(&w, compare->changes);
    put_ratio(&w, "before", compare->before_lines);
    put_ratio(&w, "after", compare->after_lines);
    tm_json_key(&w, "your_change");
    tm_json_object_begin(&w);
    put_counts(&w, "new", &compare->added);
    put_counts(&w, "removed", &compare->removed);
    tm_json_object_end(&w);
    tm_json_key(&w, "elsewhere");
    tm_json_object_begin(&w);
    tm_json_member_u64(&w, "lines", tm_flips_all(&compare->elsewhere));
    tm_json_member_u64(&w, "worse", tm_flips_worse(&compare->elsewhere));
    tm_json_member_u64(&w, "better", tm_flips_better(&compare->elsewhere));
    tm_json_object_end(&w);
    tm_json_member_u64(&w, "files_not_compared", compare->skipped);
    tm_json_key(&w, "files");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < compare->n_files; i++)
        put_file(&w, &compare->files[i]);
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}
