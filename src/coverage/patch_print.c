/* Patch coverage for people, programs and forges. */
#include "base/md.h"
#include "coverage/patch.h"

/* "85.71 % (12 of 14 changed lines)" */
static void add_figure(struct tm_buf *out, const struct tm_state_counts *counts)
{
    struct tm_ratio ratio = tm_state_counts_ratio(counts);

    tm_ratio_add_percent(out, ratio);
    tm_buf_addf(out, " %% (%llu of %llu changed %s with code)", (unsigned long long)ratio.num,
                (unsigned long long)ratio.den, ratio.den == 1 ? "line" : "lines");
}

static void add_counted(struct tm_buf *out, uint64_t n, const char *one, const char *many)
{
    tm_buf_addf(out, "%llu %s", (unsigned long long)n, n == 1 ? one : many);
}

/* The figure and what was asked of it, one line without its end; plain text. */
static void add_verdict(struct tm_buf *out, const struct tm_patch *patch, const struct tm_patch_gate *gate)
{
    enum tm_patch_verdict verdict = tm_patch_verdict(patch, gate);

    if (tm_ratio_has_data(tm_state_counts_ratio(&patch->counts))) {
        tm_buf_adds(out, "patch coverage: ");
        add_figure(out, &patch->counts);
        if (patch->counts.of[TM_LINE_PARTIAL])
            tm_buf_addf(out, ", %llu of them partly", (unsigned long long)patch->counts.of[TM_LINE_PARTIAL]);
        if (gate->has_min)
            tm_buf_addf(out, ", %s the minimum of %s %%", verdict == TM_PATCH_NOT_MET ? "under" : "not under",
                        gate->text);
    } else {
        tm_buf_adds(out, "patch coverage: no data, no changed line with code is in a report");
        if (gate->has_min)
            tm_buf_addf(out, "; the minimum of %s %% is not judged", gate->text);
    }
    if (patch->unknown_files) {
        tm_buf_adds(out, "; unknown: ");
        add_counted(out, patch->unknown_files, "file with ", "files with ");
        add_counted(out, patch->unknown_lines, "changed line", "changed lines");
    }
}

static void add_source(struct tm_buf *out, const struct tm_patch *patch, const char *separator)
{
    tm_buf_adds(out, "base: ");
    tm_changes_add_base(out, patch->changes);
    tm_buf_addf(out, "%shead: ", separator);
    tm_changes_add_head(out, patch->changes);
    tm_buf_addf(out, "%sfrom: ", separator);
    tm_reading_add_text(out, patch->reading);
}

static void add_row(struct tm_buf *out, const struct tm_state_counts *counts, struct tm_str name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) percent = TM_BUF_INIT;

    tm_ratio_add_percent(&percent, tm_state_counts_ratio(counts));
    tm_buf_addf(out, "%9llu %9llu %9llu  %8s  ", (unsigned long long)counts->of[TM_LINE_COVERED],
                (unsigned long long)counts->of[TM_LINE_PARTIAL],
                (unsigned long long)counts->of[TM_LINE_MISSED], percent.data);
    tm_buf_add_escaped(out, name);
    tm_buf_addc(out, '\n');
}

static void add_lines(struct tm_buf *out, const struct tm_patch_file *file, enum tm_line_state state)
{
    if (!file->counts.of[state])
        return;
    tm_buf_addf(out, "%42s%s: ", "", tm_line_state_name(state));
    tm_spans_add_text(out, file->spans, file->n_spans, state);
    tm_buf_addc(out, '\n');
}

static bool has_code(const struct tm_patch_file *file)
{
    return tm_ratio_has_data(tm_state_counts_ratio(&file->counts));
}

static void add_header(struct tm_buf *out, const char *what)
{
    tm_buf_addf(out, "\n%9s %9s %9s  %8s  %s\n", "covered", "partial", "missed", "%", what);
}

static void add_tables(struct tm_buf *out, const struct tm_patch *patch)
{
    if (!tm_ratio_has_data(tm_state_counts_ratio(&patch->counts)))
        return;
    add_header(out, "module");
    for (size_t i = 0; i < patch->n_modules; i++)
        if (tm_ratio_has_data(tm_state_counts_ratio(&patch->modules[i].counts)))
            add_row(out, &patch->modules[i].counts, tm_patch_module_name(patch->modules[i].module));
    add_header(out, "file");
    for (size_t i = 0; i < patch->n_files; i++) {
        const struct tm_patch_file *file = &patch->files[i];

        if (!has_code(file))
            continue;
        add_row(out, &file->counts, file->change->new_path);
        add_lines(out, file, TM_LINE_MISSED);
        add_lines(out, file, TM_LINE_PARTIAL);
    }
}

static void add_unknown(struct tm_buf *out, const struct tm_patch *patch)
{
    if (patch->unknown_files)
        tm_buf_adds(out, "\nunknown\n");
    for (size_t i = 0; i < patch->n_files; i++) {
        const struct tm_patch_file *file = &patch->files[i];

        if (!file->unknown)
            continue;
        tm_buf_adds(out, "  ");
        tm_buf_add_escaped(out, file->change->new_path);
        tm_buf_adds(out, ": ");
        add_counted(out, file->changed, "changed line, ", "changed lines, ");
        tm_buf_addf(out, "%s\n", file->unknown);
    }
}

static uint64_t count_no_code(const struct tm_patch *patch)
{
    uint64_t n = 0;

    for (size_t i = 0; i < patch->n_files; i++)
        n += !patch->files[i].unknown && !has_code(&patch->files[i]);
    return n;
}

/* What else changed and is in no figure. */
static void add_rest(struct tm_buf *out, const struct tm_patch *patch)
{
    uint64_t no_code = count_no_code(patch);
    const char *comma = "\nnot judged: ";

    for (size_t i = 0; i < TM_DROP_REASONS; i++) {
        if (!patch->left_out[i])
            continue;
        tm_buf_adds(out, comma);
        add_counted(out, patch->left_out[i], "file (", "files (");
        tm_buf_addf(out, "%s)", tm_drop_reason((enum tm_drop)i));
        comma = ", ";
    }
    if (no_code) {
        tm_buf_adds(out, comma);
        add_counted(out, no_code, "file (no changed line has code)", "files (no changed line has code)");
        comma = ", ";
    }
    if (patch->other) {
        tm_buf_adds(out, comma);
        add_counted(out, patch->other, "file (no source, or no line added)",
                    "files (no source, or no line added)");
        comma = ", ";
    }
    if (*comma == ',')
        tm_buf_addc(out, '\n');
}

void tm_patch_add_text(struct tm_buf *out, const struct tm_patch *patch, const struct tm_patch_gate *gate)
{
    add_verdict(out, patch, gate);
    tm_buf_addc(out, '\n');
    add_source(out, patch, "\n");
    tm_buf_addc(out, '\n');
    add_tables(out, patch);
    add_unknown(out, patch);
    add_rest(out, patch);
}

static void put_module(struct tm_json_writer *w, const struct tm_patch_module *module)
{
    tm_json_object_begin(w);
    tm_json_key(w, "module");
    if (module->module)
        tm_json_put_str(w, module->module->name);
    else
        tm_json_put_null(w);
    tm_state_counts_put(w, &module->counts);
    tm_json_member_u64(w, "files", module->files);
    tm_json_member_u64(w, "unknown_files", module->unknown);
    tm_json_object_end(w);
}

static void put_file(struct tm_json_writer *w, const struct tm_patch_file *file)
{
    tm_json_object_begin(w);
    tm_json_member_str(w, "path", file->change->new_path);
    if (file->change->what == 'R')
        tm_json_member_str(w, "renamed_from", file->change->old_path);
    tm_json_key(w, "module");
    if (file->module)
        tm_json_put_str(w, file->module->name);
    else
        tm_json_put_null(w);
    tm_json_member_u64(w, "changed_lines", file->changed);
    if (file->unknown) {
        tm_json_members(w, "unknown", file->unknown);
    } else {
        tm_state_counts_put(w, &file->counts);
        tm_json_key(w, "spans");
        tm_spans_put(w, file->spans, file->n_spans);
    }
    tm_json_object_end(w);
}

static void put_gate(struct tm_json_writer *w, const struct tm_patch *patch, const struct tm_patch_gate *gate)
{
    static const char *const verdicts[] = { [TM_PATCH_DONE] = "measured",
                                            [TM_PATCH_MET] = "met",
                                            [TM_PATCH_NOT_MET] = "not met",
                                            [TM_PATCH_UNKNOWN] = "unknown files",
                                            [TM_PATCH_NO_DATA] = "no data" };
    enum tm_patch_verdict verdict = tm_patch_verdict(patch, gate);

    tm_json_members(w, "verdict", verdicts[verdict]);
    tm_json_member_bool(w, "ok", !tm_patch_is_no(verdict, gate));
    tm_json_key(w, "min_pct");
    if (gate->has_min)
        tm_json_puts(w, gate->text);
    else
        tm_json_put_null(w);
}

static void put_left_out(struct tm_json_writer *w, const struct tm_patch *patch)
{
    tm_json_key(w, "not_judged");
    tm_json_object_begin(w);
    for (size_t i = 0; i < TM_DROP_REASONS; i++)
        if (patch->left_out[i])
            tm_json_member_u64(w, tm_drop_reason((enum tm_drop)i), patch->left_out[i]);
    tm_json_member_u64(w, "other", patch->other);
    tm_json_object_end(w);
}

void tm_patch_add_json(struct tm_buf *out, const struct tm_patch *patch, const struct tm_patch_gate *gate)
{
    struct tm_json_writer w;

    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    put_gate(&w, patch, gate);
    tm_changes_put(&w, patch->changes);
    tm_json_member_bool(&w, "renames_limited", patch->changes->limited);
    tm_reading_put(&w, patch->reading);
    tm_json_key(&w, "totals");
    tm_json_object_begin(&w);
    tm_state_counts_put(&w, &patch->counts);
    tm_json_member_u64(&w, "unknown_files", patch->unknown_files);
    tm_json_member_u64(&w, "unknown_lines", patch->unknown_lines);
    tm_json_object_end(&w);
    tm_json_key(&w, "modules");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < patch->n_modules; i++)
        put_module(&w, &patch->modules[i]);
    tm_json_array_end(&w);
    tm_json_key(&w, "files");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < patch->n_files; i++)
        put_file(&w, &patch->files[i]);
    tm_json_array_end(&w);
    put_left_out(&w, patch);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}

static void md_row(struct tm_buf *out, struct tm_str name, const struct tm_state_counts *counts)
{
    tm_buf_adds(out, "| ");
    tm_md_add_code(out, name);
    tm_buf_addf(out, " | %llu | %llu | %llu | ", (unsigned long long)counts->of[TM_LINE_COVERED],
                (unsigned long long)counts->of[TM_LINE_PARTIAL],
                (unsigned long long)counts->of[TM_LINE_MISSED]);
    tm_ratio_add_percent(out, tm_state_counts_ratio(counts));
    tm_buf_adds(out, " %");
}

static void md_tables(struct tm_buf *out, const struct tm_patch *patch)
{
    tm_buf_adds(out, "\n| module | covered | partial | missed | coverage |\n|---|--:|--:|--:|--:|\n");
    for (size_t i = 0; i < patch->n_modules; i++) {
        if (!tm_ratio_has_data(tm_state_counts_ratio(&patch->modules[i].counts)))
            continue;
        md_row(out, tm_patch_module_name(patch->modules[i].module), &patch->modules[i].counts);
        tm_buf_adds(out, " |\n");
    }
    tm_buf_adds(out, "\n| file | covered | partial | missed | coverage | missed lines | partial lines "
                     "|\n|---|--:|--:|--:|--:|---|---|\n");
    for (size_t i = 0; i < patch->n_files; i++) {
        const struct tm_patch_file *file = &patch->files[i];

        if (!has_code(file))
            continue;
        md_row(out, file->change->new_path, &file->counts);
        tm_buf_adds(out, " | ");
        tm_spans_add_text(out, file->spans, file->n_spans, TM_LINE_MISSED);
        tm_buf_adds(out, " | ");
        tm_spans_add_text(out, file->spans, file->n_spans, TM_LINE_PARTIAL);
        tm_buf_adds(out, " |\n");
    }
}

static void md_unknown(struct tm_buf *out, const struct tm_patch *patch)
{
    tm_buf_adds(out, "\n| unknown file | changed lines | why |\n|---|--:|---|\n");
    for (size_t i = 0; i < patch->n_files; i++) {
        const struct tm_patch_file *file = &patch->files[i];

        if (!file->unknown)
            continue;
        tm_buf_adds(out, "| ");
        tm_md_add_code(out, file->change->new_path);
        tm_buf_addf(out, " | %llu | %s |\n", (unsigned long long)file->changed, file->unknown);
    }
}

void tm_patch_add_md(struct tm_buf *out, const struct tm_patch *patch, const struct tm_patch_gate *gate)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;

    add_verdict(&text, patch, gate);
    tm_buf_adds(out, "**");
    tm_md_add_text(out, tm_buf_str(&text), true);
    tm_buf_adds(out, "**\n\n");
    tm_buf_clear(&text);
    add_source(&text, patch, "; ");
    tm_md_add_text(out, tm_buf_str(&text), true);
    tm_buf_addc(out, '\n');
    if (tm_ratio_has_data(tm_state_counts_ratio(&patch->counts)))
        md_tables(out, patch);
    if (patch->unknown_files)
        md_unknown(out, patch);
    tm_buf_clear(&text);
    add_rest(&text, patch);
    if (text.len) {
        tm_buf_addc(out, '\n');
        tm_md_add_text(out, tm_str_trim(tm_buf_str(&text)), true);
        tm_buf_addc(out, '\n');
    }
}

/*
 * Workflow commands: '%' and line ends are percent-encoded everywhere, ':' and ',' in properties only. A path
 * with a control character of another kind stands as it is: it starts no command.
 */
static void add_github_text(struct tm_buf *out, struct tm_str text, bool property)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];

        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
            tm_buf_addf(out, "%%%02X", (unsigned)c);
        else
            tm_buf_addc(out, c);
    }
}

static void add_annotation(struct tm_buf *out, struct tm_str path, uint32_t first, uint32_t last)
{
    tm_buf_adds(out, "::warning file=");
    add_github_text(out, path, true);
    if (first)
        tm_buf_addf(out, ",line=%u,endLine=%u", first, last);
}

static void add_span(struct tm_buf *out, const struct tm_patch_file *file, const struct tm_span *span)
{
    if (span->state == TM_LINE_COVERED)
        return;
    add_annotation(out, file->change->new_path, span->first, span->last);
    if (span->state == TM_LINE_MISSED)
        tm_buf_adds(out, ",title=Not covered::no test runs ");
    else
        tm_buf_adds(out, ",title=Partly covered::not every branch is taken in ");
    if (span->first == span->last)
        tm_buf_addf(out, "line %u\n", span->first);
    else
        tm_buf_addf(out, "lines %u to %u\n", span->first, span->last);
}

void tm_patch_add_github(struct tm_buf *out, const struct tm_patch *patch, const struct tm_patch_gate *gate)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    bool no = tm_patch_is_no(tm_patch_verdict(patch, gate), gate);

    for (size_t i = 0; i < patch->n_files; i++) {
        const struct tm_patch_file *file = &patch->files[i];

        for (size_t k = 0; k < file->n_spans; k++)
            add_span(out, file, &file->spans[k]);
        if (!file->unknown)
            continue;
        add_annotation(out, file->change->new_path, 0, 0);
        tm_buf_addf(out, ",title=Coverage unknown::%s, %llu changed lines are not judged\n", file->unknown,
                    (unsigned long long)file->changed);
    }
    add_verdict(&text, patch, gate);
    tm_buf_addf(out, "::%s title=Patch coverage::", no ? "error" : "notice");
    add_github_text(out, tm_buf_str(&text), false);
    tm_buf_addc(out, '\n');
}
