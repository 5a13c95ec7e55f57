#include "consistency/judge.h"

#include "base/alloc.h"
#include "consistency/claimed.h"
#include "ext/hash.h"
#include "ledger/act.h"

/* What is known of a path of manifests. */
struct path_info {
    bool counts;
    struct tm_str module; /* whose entries are known to be this manifest's; "" for none yet */
};

void tm_consistency_judge_init(struct tm_consistency_judge *judge, struct tm_consistency *result,
                               struct tm_repo *repo, struct tm_objects *objects, struct tm_history *history)
{
    *judge = (struct tm_consistency_judge) {
        .repo = repo, .objects = objects, .history = history, .result = result
    };
    tm_past_init(&judge->past, repo, objects, history);
}

void tm_consistency_judge_release(struct tm_consistency_judge *judge)
{
    tm_past_release(&judge->past);
    tm_map_release(&judge->paths);
}

/* A manifest that a commit changed. */
struct change {
    const struct tm_changed_manifest *manifest;
    struct path_info *info;
    struct tm_manifest_at now;
    struct tm_manifest_at *before; /* in each parent */
    size_t n;
};

static void release_change(struct change *change)
{
    tm_manifest_at_release(&change->now);
    for (size_t i = 0; change->before && i < change->n; i++)
        tm_manifest_at_release(&change->before[i]);
    free(change->before);
}

static enum tm_code find_gone(struct tm_consistency_judge *judge, struct tm_err *err)
{
    struct tm_gone_manifests *gone;
    enum tm_code code = TM_OK;

    if (judge->gone)
        return TM_OK;
    gone = tm_alloc_array(judge->n_parents, sizeof(*gone));
    judge->gone = gone;
    for (size_t i = 0; i < judge->n_parents && !code; i++)
        code = tm_gone_manifests_find(&gone[i], judge->repo, judge->objects, &judge->trees[i],
                                      &judge->commit->tree, err);
    return code;
}

static enum tm_code read_now(struct tm_consistency_judge *judge, struct change *change, struct tm_err *err)
{
    if (change->now.object || change->now.unreadable.len)
        return TM_OK;
    return tm_manifest_at_read(&change->now, judge->objects, change->manifest->path, &change->manifest->now,
                               err);
}

/* The manifest in each parent; one that is new at its path may have been moved there. */
static enum tm_code read_before(struct tm_consistency_judge *judge, struct change *change, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    change->before = tm_alloc_array(change->n, sizeof(*change->before));
    for (size_t i = 0; i < change->n; i++)
        change->before[i] = TM_MANIFEST_AT_INIT;
    for (size_t i = 0; i < change->n && !code; i++) {
        const struct tm_tree_entry *entry = &change->manifest->before[i];

        if (tm_tree_entry_is_file(entry)) {
            code =
                tm_manifest_at_read(&change->before[i], judge->objects, change->manifest->path, entry, err);
            continue;
        }
        code = find_gone(judge, err);
        if (!code)
            code = tm_gone_manifests_match(&judge->gone[i], judge->objects, &change->manifest->now,
                                           &change->now, &change->before[i], err);
    }
    return code;
}

/* Modules of entries that name a blob, and are not known to be the manifest's. */
struct naming {
    const struct path_info *info;
    bool known;
    struct tm_str others[4]; /* more never stand for one blob, but when somebody means mischief */
    size_t n;
};

static bool note_module(void *ctx, struct tm_str module)
{
    struct naming *naming = ctx;

    naming->known = naming->info->module.len && tm_str_eq(module, naming->info->module);
    if (!naming->known && naming->n < TM_LEN(naming->others))
        naming->others[naming->n++] = module;
    return naming->known;
}

/*
 * Whether an entry that names the blob is this manifest's. The name is read once for each path, and then
 * believed: a manifest without a name could be copied, and its entry with it.
 */
static enum tm_code is_named(struct tm_consistency_judge *judge, struct change *change,
                             const struct tm_text_version *version, bool *yes, struct tm_err *err)
{
    struct naming naming = { .info = change->info };
    enum tm_code code;

    *yes = tm_text_version_names(version, &change->manifest->now.id, note_module, &naming);
    if (*yes || !naming.n)
        return TM_OK;
    code = read_now(judge, change, err);
    for (size_t i = 0; i < naming.n && !code && !change->now.unreadable.len; i++) {
        if (!tm_str_eq(naming.others[i], tm_buf_str(&change->now.module)))
            continue;
        change->info->module = tm_arena_str(&judge->result->arena, naming.others[i]);
        *yes = true;
    }
    return code;
}

static enum tm_code is_named_in_past(struct tm_consistency_judge *judge, struct change *change, bool *yes,
                                     struct tm_err *err)
{
    struct tm_past *past = &judge->past;
    enum tm_code code = tm_past_look(past, judge->commit, err);

    *yes = false;
    for (size_t kind = 0; kind <= TM_LEDGERS_BENCH; kind++)
        for (size_t i = 0; i < past->n[kind] && !code && !*yes; i++)
            code = is_named(judge, change, past->versions[kind][i].version, yes, err);
    return code;
}

/* A file that a rollback restored. */
struct restored {
    struct tm_str path;
    struct tm_buf sha256;
};

static bool is_restored_by(void *ctx, const struct tm_ledger_entry *entry)
{
    const struct restored *restored = ctx;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_rollback_act act;

    if (entry->adopted || !tm_str_is(entry->kind, tm_ledger_kind_name(TM_LEDGER_ROLLBACK)) ||
        tm_rollback_read(entry, &arena, &act, NULL))
        return false;
    for (size_t i = 0; i < act.n_files; i++)
        if (tm_str_eq(act.files[i].path, restored->path) &&
            tm_str_eq(act.files[i].sha256, tm_buf_str(&restored->sha256)))
            return true;
    return false;
}

static bool is_restored(const struct tm_consistency_judge *judge, const struct change *change)
{
    struct restored restored = { change->manifest->path, TM_BUF_INIT };
    const struct tm_object *object = change->now.object;
    struct tm_hash digest = tm_hash_of(tm_str_n(object->data, object->len));
    bool yes = false;

    tm_hash_add_hex(&restored.sha256, &digest);
    for (size_t i = 0; i < judge->past.n[TM_LEDGERS_FREEZE] && !yes; i++)
        yes = tm_text_version_entries(judge->past.versions[TM_LEDGERS_FREEZE][i].version, TM_STR(""),
                                      is_restored_by, &restored);
    tm_buf_release(&restored.sha256);
    return yes;
}

/* The best that entries of a module give a claim. */
struct backing {
    struct tm_claimed claimed;
    enum tm_backing best;
    bool any; /* there are entries of the module */
};

static bool judge_entry(void *ctx, const struct tm_ledger_entry *entry)
{
    struct backing *backing = ctx;
    enum tm_backing by = tm_claimed_by(&backing->claimed, entry);

    backing->any = true;
    backing->best = TM_MIN(backing->best, by);
    return backing->best == TM_BACKED_FIGURES;
}

/* Members of performance.observed that no entry has a figure for must be as they were. */
static bool others_are_same(const struct change *change)
{
    for (size_t i = 0; i < change->now.fields.n; i++) {
        const struct tm_observed_field *field = &change->now.fields.items[i], *before = NULL;

        if (tm_claimed_is_known(field))
            continue;
        if (change->n)
            before = tm_observed_fields_get(&change->before[0].fields, field->path);
        if (!tm_observed_same_value(field->node, before ? before->node : NULL))
            return false;
    }
    return true;
}

static bool is_changed(const struct change *change, unsigned group)
{
    static const struct tm_manifest_at none;

    for (size_t i = 0; i < change->n; i++)
        if (tm_manifest_at_same(&change->now, &change->before[i], group))
            return false;
    return change->n || !tm_manifest_at_same(&change->now, &none, group);
}

/* Why nothing can be said of a change that nothing backs; NULL when it can: it is silent. */
static const char *why_unproved(const struct tm_consistency_judge *judge, const struct change *change)
{
    if (judge->commit->cut)
        return "this shallow clone ends here: what it was before is not known";
    for (size_t i = 0; i < change->n; i++)
        if (change->before[i].unreadable.len)
            return "the manifest before cannot be read";
    if (judge->coverage->damaged || judge->bench->damaged)
        return "the ledger of this commit is damaged or not in this clone";
    return NULL;
}

static enum tm_backing judge_group(const struct tm_consistency_judge *judge, const struct change *change,
                                   unsigned group)
{
    enum tm_ledgers_kind kind = group == TM_OBSERVED_BENCH ? TM_LEDGERS_BENCH : TM_LEDGERS_COVERAGE;
    const struct tm_past *past = &judge->past;
    struct backing backing = { { &change->now.fields, group, judge->commit->time_s, judge->tolerance_s },
                               TM_BACKED_SILENT,
                               false };

    for (size_t i = 0; i < past->n[kind] && backing.best != TM_BACKED_FIGURES; i++)
        tm_text_version_entries(past->versions[kind][i].version, tm_buf_str(&change->now.module), judge_entry,
                                &backing);
    if (backing.best != TM_BACKED_SILENT && (group != TM_OBSERVED_BENCH || others_are_same(change)))
        return backing.best;
    if (why_unproved(judge, change))
        return TM_BACKED_UNPROVED;
    return past->had_ledger || backing.any ? TM_BACKED_SILENT : TM_BACKED_BEFORE;
}

static struct tm_consistency_finding *add_finding(struct tm_consistency_judge *judge,
                                                  const struct change *change, enum tm_backing backing)
{
    struct tm_consistency *result = judge->result;
    struct tm_consistency_finding *finding;

    TM_GROW(result->findings, result->n_findings, judge->cap_findings);
    finding = &result->findings[result->n_findings++];
    *finding = (struct tm_consistency_finding) {
        .backing = backing,
        .commit = tm_git_id_hex(&judge->commit->id),
        .time_s = judge->commit->time_s,
        .manifest = tm_arena_str(&result->arena, change->manifest->path),
        .module = tm_arena_str(&result->arena, tm_buf_str(&change->now.module)),
        .reason = TM_STR(""),
    };
    return finding;
}

static struct tm_str text_of(struct tm_consistency_judge *judge, const struct tm_observed_fields *fields,
                             const struct tm_observed_field *field)
{
    if (!field)
        return TM_STR("");
    return tm_arena_str(&judge->result->arena,
                        tm_str_n(fields->doc.data.data + field->node->at, field->node->len));
}

static void add_field(struct tm_consistency_judge *judge, const struct change *change,
                      const char *const *path, struct tm_consistency_finding *finding)
{
    static const struct tm_observed_fields none;
    const struct tm_observed_fields *old = change->n ? &change->before[0].fields : &none;
    const struct tm_observed_field *before = tm_observed_fields_get(old, path);
    const struct tm_observed_field *now = tm_observed_fields_get(&change->now.fields, path);
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;

    if (tm_observed_same_value(before ? before->node : NULL, now ? now->node : NULL))
        return;
    for (size_t i = 0; path[i]; i++)
        tm_buf_addf(&name, "%s%s", i ? "." : "", path[i]);
    finding->fields[finding->n_fields++] = (struct tm_consistency_field) {
        tm_arena_str(&judge->result->arena, tm_buf_str(&name)),
        text_of(judge, old, before),
        text_of(judge, &change->now.fields, now),
    };
}

/* Lists the fields of the groups that are backed no better than the finding. */
static void add_fields(struct tm_consistency_judge *judge, const struct change *change,
                       const enum tm_backing *by, struct tm_consistency_finding *finding)
{
    const struct tm_observed_fields *now = &change->now.fields;
    const struct tm_observed_fields *old = change->n ? &change->before[0].fields : NULL;

    finding->fields =
        tm_arena_array(&judge->result->arena, now->n + (old ? old->n : 0), sizeof(*finding->fields));
    for (size_t i = 0; i < now->n; i++)
        if (by[now->items[i].group] == finding->backing)
            add_field(judge, change, now->items[i].path, finding);
    for (size_t i = 0; old && i < old->n; i++)
        if (by[old->items[i].group] == finding->backing && !tm_observed_fields_get(now, old->items[i].path))
            add_field(judge, change, old->items[i].path, finding);
}

/* The groups of a manifest that no entry names. */
static enum tm_backing judge_groups(struct tm_consistency_judge *judge, const struct change *change,
                                    enum tm_backing *by)
{
    enum tm_backing worst = TM_BACKED_UNCHANGED;

    for (unsigned group = 1; group & TM_OBSERVED_ALL; group <<= 1) {
        by[group] = is_changed(change, group) ? judge_group(judge, change, group) : TM_BACKED_UNCHANGED;
        worst = TM_MAX(worst, by[group]);
    }
    return worst;
}

static bool any_changed(const struct change *change)
{
    return is_changed(change, TM_OBSERVED_COVERAGE) || is_changed(change, TM_OBSERVED_BENCH);
}

static void report(struct tm_consistency_judge *judge, const struct change *change, enum tm_backing backing,
                   const enum tm_backing *by)
{
    struct tm_consistency_finding *finding;

    judge->result->by[backing]++;
    if (backing < TM_BACKED_FIGURES)
        return;
    finding = add_finding(judge, change, backing);
    if (by)
        add_fields(judge, change, by, finding);
    if (backing == TM_BACKED_UNPROVED)
        finding->reason = tm_arena_str(&judge->result->arena, by ? tm_str(why_unproved(judge, change))
                                                                 : tm_buf_str(&change->now.unreadable));
}

/* A manifest that no entry in this commit's ledgers names: now it must be read. */
static enum tm_code judge_unnamed(struct tm_consistency_judge *judge, struct change *change,
                                  struct tm_err *err)
{
    enum tm_backing by[TM_OBSERVED_ALL], worst; /* by group */
    bool named = false;
    enum tm_code code = read_now(judge, change, err);

    if (code)
        return code;
    if (change->now.unreadable.len) {
        report(judge, change, TM_BACKED_UNPROVED, NULL);
        return TM_OK;
    }
    code = read_before(judge, change, err);
    if (code)
        return code;
    if (!any_changed(change)) {
        report(judge, change, TM_BACKED_UNCHANGED, NULL);
        return TM_OK;
    }
    code = is_named_in_past(judge, change, &named, err);
    if (code)
        return code;
    if (named || is_restored(judge, change)) {
        report(judge, change, named ? TM_BACKED_BLOB : TM_BACKED_ROLLBACK, NULL);
        return TM_OK;
    }
    worst = judge_groups(judge, change, by);
    report(judge, change, worst, by);
    return TM_OK;
}

static struct path_info *info_of(struct tm_consistency_judge *judge, struct tm_str path)
{
    struct path_info *info = tm_map_get(&judge->paths, path);

    if (info)
        return info;
    info = tm_arena_alloc(&judge->result->arena, sizeof(*info));
    *info = (struct path_info) { tm_manifest_counts(judge->repo, path), TM_STR("") };
    *tm_map_at(&judge->paths, tm_arena_str(&judge->result->arena, path), NULL) = info;
    return info;
}

/* The ledgers of observations of the commit, asked for when its first manifest comes. */
static enum tm_code find_ledgers(struct tm_consistency_judge *judge, struct tm_err *err)
{
    struct tm_ledgers *ledgers = &judge->past.ledgers;
    const struct tm_git_id *tree = &judge->commit->tree;
    enum tm_code code;

    if (judge->bench)
        return TM_OK;
    code = tm_ledgers_at(ledgers, tree, TM_LEDGERS_COVERAGE, &judge->coverage, err);
    return code ? code : tm_ledgers_at(ledgers, tree, TM_LEDGERS_BENCH, &judge->bench, err);
}

static enum tm_code judge_manifest(struct tm_consistency_judge *judge,
                                   const struct tm_changed_manifest *manifest, struct tm_err *err)
{
    struct change TM_CLEANUP(release_change) change = {
        .manifest = manifest,
        .info = info_of(judge, manifest->path),
        .n = judge->n_parents,
        .now = TM_MANIFEST_AT_INIT,
    };
    bool named = false;
    enum tm_code code;

    if (!change.info->counts)
        return TM_OK;
    judge->result->manifests++;
    code = find_ledgers(judge, err);
    if (!code)
        code = is_named(judge, &change, judge->coverage, &named, err);
    if (!code && !named)
        code = is_named(judge, &change, judge->bench, &named, err);
    if (!code && named)
        report(judge, &change, TM_BACKED_BLOB, NULL);
    else if (!code)
        code = judge_unnamed(judge, &change, err);
    return code ? tm_err_wrap(err, "commit %.12s", tm_git_id_hex(&judge->commit->id).hex) : TM_OK;
}

enum tm_code tm_consistency_judge_commit(struct tm_consistency_judge *judge,
                                         const struct tm_commit_changes *changes, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    judge->commit = changes->commit;
    judge->trees = changes->trees;
    judge->n_parents = changes->n_parents;
    judge->coverage = judge->bench = NULL;
    for (size_t i = 0; i < changes->n && !code; i++)
        code = judge_manifest(judge, &changes->manifests[i], err);
    for (size_t i = 0; judge->gone && i < judge->n_parents; i++)
        tm_gone_manifests_release(&judge->gone[i]);
    tm_freep(&judge->gone);
    return code;
}
