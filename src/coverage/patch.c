#include "coverage/patch.h"

#include "base/alloc.h"

void tm_patch_release(struct tm_patch *patch)
{
    tm_arena_release(&patch->arena);
    free(patch->files);
    free(patch->modules);
    *patch = TM_PATCH_INIT;
}

struct tm_str tm_patch_module_name(const struct tm_module *module)
{
    return module ? module->name : TM_STR("(no module)");
}

static uint64_t count_changed(const struct tm_git_delta *change)
{
    uint64_t lines = 0;

    for (size_t i = 0; i < change->n_hunks; i++)
        lines += change->hunks[i].new_lines;
    return lines;
}

/* Why a report that has the file, or the change, says nothing of its lines; NULL when it does. */
static const char *why_unknown(const struct tm_git_delta *change, const struct tm_report_file *found)
{
    if (change->what == 'U')
        return "in conflict";
    if (change->binary)
        return "git takes it for binary, or it is too large to compare";
    return found ? NULL : "in no report";
}

/* Goes over the report's lines that are in a hunk. */
static void judge_lines(struct tm_patch *patch, struct tm_patch_file *file,
                        const struct tm_report_file *found)
{
    struct tm_states states = tm_states(found);
    const struct tm_git_hunk *hunk = file->change->hunks, *end = hunk + file->change->n_hunks;
    struct tm_spans spans = { NULL, 0, 0 };
    struct tm_line_view view;
    bool joins = false;

    while (tm_states_next(&states, &view)) {
        while (hunk < end && view.line >= (uint64_t)hunk->new_start + hunk->new_lines) {
            hunk++;
            joins = false;
        }
        if (hunk == end)
            break;
        if (view.line < hunk->new_start)
            continue;
        file->counts.of[view.state]++;
        tm_spans_add(&spans, view.line, view.state, joins);
        joins = true;
    }
    file->n_spans = spans.n;
    file->spans = tm_arena_array(&patch->arena, spans.n, sizeof(*file->spans));
    if (spans.n)
        memcpy(file->spans, spans.items, spans.n * sizeof(*file->spans));
    free(spans.items);
}

static bool is_source(const struct tm_reading *reading, const struct tm_module *module, struct tm_str path)
{
    unsigned char language;

    if (module)
        return tm_catalog_role(module, path) == TM_ROLE_SOURCE;
    return tm_language_role(path, tm_git_ignores_case(reading->gather.repo->git), &language) ==
           TM_ROLE_SOURCE;
}

/* Takes a change that is to be judged; false when it is not, and counted as what it is. */
static bool take(struct tm_patch *patch, const struct tm_git_delta *change, struct tm_patch_file *file)
{
    const struct tm_gather *gather = &patch->reading->gather;
    const struct tm_report_file *found = tm_reading_find(patch->reading, change->new_path);
    enum tm_drop reason;

    *file = (struct tm_patch_file) { .change = change, .changed = count_changed(change) };
    file->module = tm_catalog_owner(gather->catalog, change->new_path);
    file->unknown = why_unknown(change, found);
    if (!change->new_path.len || (!file->changed && !change->binary && change->what != 'U')) {
        patch->other++;
        return false;
    }
    if (!found && !tm_attribute_counts(&gather->rules, change->new_path, &reason)) {
        /* What is nobody's, tidemark's own files, is no source either. */
        if (reason == TM_DROP_NO_MODULE)
            patch->other++;
        else
            patch->left_out[reason]++;
        return false;
    }
    if (!found && !is_source(patch->reading, file->module, change->new_path)) {
        patch->other++;
        return false;
    }
    if (!file->unknown)
        judge_lines(patch, file, found);
    return true;
}

static int by_module(const void *a, const void *b)
{
    const struct tm_patch_module *one = a, *two = b;

    if (!one->module || !two->module)
        return !one->module - !two->module;
    return tm_str_cmp(one->module->name, two->module->name);
}

/* Adds the files up, by module and in all. */
static void add_up(struct tm_patch *patch)
{
    struct tm_map TM_CLEANUP(tm_map_release) indexes = TM_MAP_INIT; /* plus 1, by the bytes of the pointer */
    size_t cap = 0;

    for (size_t i = 0; i < patch->n_files; i++) {
        const struct tm_patch_file *file = &patch->files[i];
        struct tm_str key = tm_str_n((const char *)&file->module, sizeof(void *));
        bool added;
        void **index = tm_map_at(&indexes, key, &added);
        struct tm_patch_module *module;

        if (added) {
            TM_GROW(patch->modules, patch->n_modules, cap);
            patch->modules[patch->n_modules++] = (struct tm_patch_module) { .module = file->module };
            *index = (void *)(uintptr_t)patch->n_modules;
        }
        module = &patch->modules[(uintptr_t)*index - 1];
        tm_state_counts_add(&module->counts, &file->counts);
        tm_state_counts_add(&patch->counts, &file->counts);
        module->files += !file->unknown;
        module->unknown += file->unknown != NULL;
        patch->unknown_files += file->unknown != NULL;
        patch->unknown_lines += file->unknown ? file->changed : 0;
    }
    if (patch->n_modules)
        qsort(patch->modules, patch->n_modules, sizeof(*patch->modules), by_module);
}

void tm_patch_judge(struct tm_patch *patch, const struct tm_changes *changes,
                    const struct tm_reading *reading)
{
    size_t cap = 0;

    patch->changes = changes;
    patch->reading = reading;
    for (size_t i = 0; i < changes->n; i++) {
        TM_GROW(patch->files, patch->n_files, cap);
        if (take(patch, &changes->items[i], &patch->files[patch->n_files]))
            patch->n_files++;
    }
    add_up(patch);
}

enum tm_patch_verdict tm_patch_verdict(const struct tm_patch *patch, const struct tm_patch_gate *gate)
{
    struct tm_ratio ratio = tm_state_counts_ratio(&patch->counts);

    if (gate->has_min && tm_ratio_has_data(ratio) && tm_ratio_cmp(ratio, gate->min) < 0)
        return TM_PATCH_NOT_MET;
    if (gate->strict && patch->unknown_files)
        return TM_PATCH_UNKNOWN;
    if (!tm_ratio_has_data(ratio))
        return TM_PATCH_NO_DATA;
    return gate->has_min ? TM_PATCH_MET : TM_PATCH_DONE;
}

bool tm_patch_is_no(enum tm_patch_verdict verdict, const struct tm_patch_gate *gate)
{
    return verdict == TM_PATCH_NOT_MET || verdict == TM_PATCH_UNKNOWN ||
           (verdict == TM_PATCH_NO_DATA && gate->strict);
}
