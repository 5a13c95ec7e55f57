#include "coverage/attribute.h"

#include "base/alloc.h"

void tm_attribution_release(struct tm_attribution *attribution)
{
    tm_report_release(&attribution->report);
    tm_drops_release(&attribution->drops);
    free(attribution->files);
    free(attribution->modules);
    *attribution = TM_ATTRIBUTION_INIT;
}

/* True when the file of that repository path counts; else the reason. */
static bool counts(const struct tm_attribute_rules *rules, struct tm_str path, enum tm_drop *reason)
{
    if (rules->is_excluded && rules->is_excluded(rules->ctx, path))
        *reason = TM_DROP_EXCLUDED;
    else if (!rules->owner(rules->ctx, path))
        *reason = TM_DROP_NO_MODULE;
    else if (rules->is_test(rules->ctx, path))
        *reason = TM_DROP_TEST;
    else
        return true;
    return false;
}

static enum tm_code move_files(struct tm_attribution *to, struct tm_report *from,
                               const struct tm_attribute_rules *rules, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    for (size_t i = 0; i < tm_report_n_files(from); i++) {
        struct tm_report_file *src = tm_report_file_at(from, i);
        struct tm_report_file *dst;
        enum tm_drop reason;
        enum tm_code code;

        if (!tm_resolve(&rules->resolver, from->roots, from->n_roots, src->path, &path, &reason) ||
            !counts(rules, tm_buf_str(&path), &reason)) {
            tm_drops_add(&to->drops, reason, src->path);
            tm_report_drop_file(src);
            continue;
        }
        code = tm_report_file(&to->report, tm_buf_str(&path), &dst, err);
        if (!code)
            code = tm_report_merge_file(dst, src, err);
        if (code)
            return code;
    }
    return TM_OK;
}

static int by_path(const void *a, const void *b)
{
    return tm_str_cmp(((const struct tm_attributed_file *)a)->file->path,
                      ((const struct tm_attributed_file *)b)->file->path);
}

/* A module's place in the order of first files, and how many files it has. */
struct group {
    void *module;
    size_t index, n_files;
};

/* Finds or adds the group of a module; the map's keys are the bytes of the pointers in the groups. */
static struct group *group_of(struct tm_arena *arena, struct tm_map *groups, void *module)
{
    struct tm_str key = tm_str_n((const char *)&module, sizeof(module));
    struct group *group = tm_map_get(groups, key);

    if (!group) {
        group = tm_arena_alloc(arena, sizeof(*group));
        group->module = module;
        group->index = groups->len;
        *tm_map_at(groups, tm_str_n((const char *)&group->module, sizeof(module)), NULL) = group;
    }
    return group;
}

static void lay_out(struct tm_attribution *a, const struct tm_map *groups)
{
    struct tm_attributed_file *next = a->files;

    a->n_modules = groups->len;
    a->modules = tm_alloc_array(groups->len, sizeof(*a->modules));
    for (size_t i = 0; i < groups->len; i++) {
        const struct group *group = groups->entries[i].value;

        a->modules[i].module = group->module;
        a->modules[i].files = next;
        next += group->n_files;
    }
}

static void group_files(struct tm_attribution *a, const struct tm_attribute_rules *rules)
{
    size_t n = tm_report_n_files(&a->report);
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_map TM_CLEANUP(tm_map_release) groups = TM_MAP_INIT;
    struct tm_attributed_file *sorted = tm_alloc_array(n, sizeof(*sorted));
    size_t *group_indexes = tm_alloc_array(n, sizeof(*group_indexes));

    for (size_t i = 0; i < n; i++) {
        sorted[i].file = tm_report_file_at(&a->report, i);
        sorted[i].totals = tm_report_file_totals(sorted[i].file);
    }
    qsort(sorted, n, sizeof(*sorted), by_path);
    for (size_t i = 0; i < n; i++) {
        struct group *group = group_of(&arena, &groups, rules->owner(rules->ctx, sorted[i].file->path));

        group_indexes[i] = group->index;
        group->n_files++;
    }
    a->files = tm_alloc_array(n, sizeof(*a->files));
    lay_out(a, &groups);
    for (size_t i = 0; i < n; i++) {
        struct tm_attributed_module *module = &a->modules[group_indexes[i]];

        module->files[module->n_files++] = sorted[i];
        tm_totals_add(&module->totals, &sorted[i].totals);
    }
    free(sorted);
    free(group_indexes);
}

enum tm_code tm_attribute(struct tm_attribution *attribution, struct tm_report *report,
                          const struct tm_attribute_rules *rules, struct tm_err *err)
{
    enum tm_code code = move_files(attribution, report, rules, err);

    if (code)
        return code;
    tm_report_merge_notes(&attribution->report, report);
    tm_drops_merge(&attribution->drops, &report->drops);
    tm_report_release(report);
    tm_report_settle(&attribution->report);
    group_files(attribution, rules);
    return TM_OK;
}

const struct tm_attributed_module *tm_attribution_of(const struct tm_attribution *attribution,
                                                     const void *module)
{
    for (size_t i = 0; i < attribution->n_modules; i++)
        if (attribution->modules[i].module == module)
            return &attribution->modules[i];
    return NULL;
}
