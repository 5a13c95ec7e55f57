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

bool tm_attribute_counts(const struct tm_attribute_rules *rules, struct tm_str path, enum tm_drop *reason)
{
    if (rules->is_excluded && rules->is_excluded(rules->ctx, path, reason))
        return false;
    if (!rules->owner(rules->ctx, path))
        *reason = TM_DROP_NO_MODULE;
    else if (rules->is_test(rules->ctx, path))
        *reason = TM_DROP_TEST;
    else
        return true;
    return false;
}

/* One report on its way. */
struct move {
    struct tm_attribution *to;
    struct tm_report *from;
    const struct tm_attribute_rules *rules;
    struct tm_resolution resolution;
    /* What names found by their ends have shown of the report's paths. */
    struct tm_arena arena;
    struct tm_prefix *learned;
    size_t n_learned, cap_learned;
};

enum { LEARNED_MAX = 1000 };

static void learn(struct move *move)
{
    struct tm_str from = tm_buf_str(&move->resolution.from), dir = tm_buf_str(&move->resolution.dir);

    if (!move->resolution.by_end || move->n_learned == LEARNED_MAX)
        return;
    for (size_t i = 0; i < move->n_learned; i++)
        if (tm_str_eq(move->learned[i].prefix, from) && tm_str_eq(move->learned[i].dir, dir))
            return;
    TM_GROW(move->learned, move->n_learned, move->cap_learned);
    move->learned[move->n_learned++] =
        (struct tm_prefix) { tm_arena_str(&move->arena, from), tm_arena_str(&move->arena, dir) };
}

static bool find(struct move *move, const struct tm_report_file *file, struct tm_prefixes learned)
{
    return tm_resolve(&move->rules->resolver, move->from->roots, move->from->n_roots, learned, file->path,
                      &move->resolution);
}

/* Moves a file to the path that was found for it. */
static enum tm_code move_file(struct move *move, struct tm_report_file *src, struct tm_err *err)
{
    struct tm_str path = tm_buf_str(&move->resolution.path);
    struct tm_report_file *dst;
    enum tm_drop reason;
    enum tm_code code;

    if (!tm_attribute_counts(move->rules, path, &reason)) {
        tm_drops_add(&move->to->drops, reason, src->path);
        tm_report_drop_file(src);
        return TM_OK;
    }
    code = tm_report_file(&move->to->report, path, &dst, err);
    return code ? code : tm_report_merge_file(dst, src, err);
}

static void drop_file(struct move *move, struct tm_report_file *src)
{
    const struct tm_resolution *r = &move->resolution;

    if (r->reason == TM_DROP_AMBIGUOUS)
        tm_drops_add_ambiguous(&move->to->drops, src->path, r->candidates, r->n_candidates);
    else
        tm_drops_add(&move->to->drops, r->reason, src->path);
    tm_report_drop_file(src);
}

/*
 * Twice over what is hard to find: what the first time shows of where the report's paths begin must not
 * depend on the order of its files.
 */
static enum tm_code move_files(struct move *move, struct tm_err *err)
{
    size_t n = tm_report_n_files(move->from), n_left = 0;
    size_t *TM_CLEANUP(tm_freep) left = tm_alloc_array(n + 1, sizeof(*left));
    struct tm_prefixes learned = { NULL, 0 };
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < n; i++) {
        struct tm_report_file *src = tm_report_file_at(move->from, i);

        if (find(move, src, learned)) {
            learn(move);
            code = move_file(move, src, err);
        } else if (move->resolution.reason == TM_DROP_AMBIGUOUS) {
            left[n_left++] = i;
        } else {
            drop_file(move, src);
        }
    }
    learned = (struct tm_prefixes) { move->learned, move->n_learned };
    for (size_t i = 0; !code && i < n_left; i++) {
        struct tm_report_file *src = tm_report_file_at(move->from, left[i]);

        if (find(move, src, learned))
            code = move_file(move, src, err);
        else
            drop_file(move, src);
    }
    return code;
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
    struct move move = { .to = attribution, .from = report, .rules = rules, .arena = TM_ARENA_INIT };
    enum tm_code code;

    tm_resolution_init(&move.resolution);
    code = move_files(&move, err);
    tm_resolution_release(&move.resolution);
    tm_arena_release(&move.arena);
    free(move.learned);
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
