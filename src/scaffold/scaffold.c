#include "scaffold/scaffold.h"

#include "base/alloc.h"
#include "base/path.h"
#include "ledger/act.h"
#include "scaffold/recorded.h"

enum {
    ENTRY_FILES = 100,      /* files that one ledger entry names, */
    ENTRY_BYTES = 48 << 10, /* and bytes of their names and digests */
    BATCH_ENTRIES = 512,    /* entries that wait for one append */
};

/* Entries of one ledger that wait to be written. */
struct batch {
    const char *ledger;
    enum tm_ledger_kind kind;
    struct tm_arena arena;
    struct tm_ledger_draft *drafts;
    size_t n, cap;
};

/* The files of one module that the next entry will name. */
struct gathered {
    struct tm_act_file files[ENTRY_FILES];
    size_t n;
    size_t bytes;
    struct tm_str set;
    bool recovered;
};

struct apply {
    const struct tm_scaffold_plan *plan;
    struct tm_ledger_run *run;
    int64_t ts_s;
    struct tm_scaffold_result *result;
    struct tm_recorded recorded;
    struct tm_str commit;
    struct batch docs, tests;
};

static void add_created(struct apply *a, const struct tm_scaffold_module *module, struct tm_str path,
                        bool is_test, bool recovered)
{
    struct tm_scaffold_result *r = a->result;

    TM_GROW(r->created, r->n_created, r->created_cap);
    r->created[r->n_created++] =
        (struct tm_scaffold_created) { module, tm_arena_str(&r->arena, path), is_test, recovered };
    if (recovered)
        r->n_recovered++;
    else if (is_test)
        r->n_tests++;
    else
        r->n_docs++;
}

static void add_failure(struct apply *a, const struct tm_scaffold_module *module, struct tm_str path,
                        const struct tm_err *why)
{
    struct tm_scaffold_result *r = a->result;

    TM_GROW(r->failures, r->n_failures, r->failures_cap);
    r->failures[r->n_failures++] =
        (struct tm_scaffold_failure) { module, tm_arena_str(&r->arena, path),
                                       tm_arena_str(&r->arena, tm_str(tm_err_msg(why))).data };
}

static enum tm_code append(struct apply *a, struct batch *batch, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_ledger_file file;
    enum tm_code code;

    if (batch->n == 0)
        return TM_OK;
    tm_repo_ledger(a->plan->facts.repo, batch->ledger, &path);
    file = tm_ledger_in(a->plan->facts.repo, tm_buf_str(&path));
    file.pending = a->plan->options.pending;
    code = tm_ledger_append(&file, a->run, a->ts_s, batch->drafts, batch->n, NULL, err);
    if (!code)
        a->result->ledger_entries += batch->n;
    batch->n = 0;
    tm_arena_release(&batch->arena);
    return code;
}

/* Turns what was gathered into an entry, and writes the batch when it is long. */
static enum tm_code finish_entry(struct apply *a, struct batch *batch, const struct tm_module *module,
                                 struct gathered *g, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) body = TM_BUF_INIT;
    struct tm_scaffold_act act = { g->files, g->n, g->set, g->recovered ? TM_STR("") : a->commit };

    if (g->n == 0)
        return TM_OK;
    tm_scaffold_body(&act, &body);
    TM_GROW(batch->drafts, batch->n, batch->cap);
    batch->drafts[batch->n++] = (struct tm_ledger_draft) { batch->kind, module->name,
                                                           tm_arena_str(&batch->arena, tm_buf_str(&body)) };
    g->n = g->bytes = 0;
    return batch->n >= BATCH_ENTRIES ? append(a, batch, err) : TM_OK;
}

static enum tm_code gather(struct apply *a, struct batch *batch, const struct tm_module *module,
                           struct gathered *g, struct tm_str path, struct tm_str template,
                           struct tm_str content, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_hash hash = tm_hash_of(content);
    /* A byte may need six in JSON. */
    size_t bytes = 6 * (path.len + template.len) + TM_HASH_HEX + 64;
    enum tm_code code = TM_OK;

    if (g->n == ENTRY_FILES || g->bytes + bytes > ENTRY_BYTES)
        code = finish_entry(a, batch, module, g, err);
    tm_hash_add_hex(&hex, &hash);
    g->files[g->n++] =
        (struct tm_act_file) { tm_arena_str(&batch->arena, path), tm_arena_str(&batch->arena, template),
                               tm_arena_str(&batch->arena, tm_buf_str(&hex)) };
    g->bytes += bytes;
    return code;
}

/* Creates the files that one set makes for one module. */
static enum tm_code create_files(struct apply *a, struct batch *batch, const struct tm_scaffold_module *m,
                                 const struct tm_scaffold_file *files, size_t n, bool is_test,
                                 struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) content = TM_BUF_INIT;
    struct gathered g = { .n = 0 };
    const struct tm_value *values;
    enum tm_code code = TM_OK;

    if (n == 0)
        return TM_OK;
    values = tm_facts_of(&a->plan->facts, m->module, is_test ? false : m->will_have_tests, &arena);
    g.set = tm_str(files[0].set->id);
    for (size_t i = 0; !code && i < n; i++) {
        struct tm_err TM_CLEANUP(tm_err_release) why = TM_ERR_INIT;
        enum tm_code made;

        code = tm_scaffold_render(files[i].set, files[i].file, values, &content, err);
        if (code || content.len == 0)
            continue;
        made = tm_root_create(&a->plan->facts.repo->root, files[i].path, tm_buf_str(&content), &why);
        if (made == TM_E_EXISTS)
            continue; /* someone else's by now */
        if (made) {
            add_failure(a, m, files[i].path, &why);
            continue;
        }
        add_created(a, m, files[i].path, is_test, false);
        code = gather(a, batch, m->module, &g, files[i].path, files[i].file->name, tm_buf_str(&content), err);
    }
    /* Even after a failure: what was created is recorded. */
    if (code) {
        struct tm_err TM_CLEANUP(tm_err_release) second = TM_ERR_INIT;

        (void)!finish_entry(a, batch, m->module, &g, &second);
        return code;
    }
    return finish_entry(a, batch, m->module, &g, err);
}

static bool is_planned(const struct tm_scaffold_file *files, size_t n, const struct tm_set_file *file)
{
    for (size_t i = 0; i < n; i++)
        if (files[i].file == file)
            return true;
    return false;
}

/* Looks at one file that is there: an untouched scaffold that no entry names is gathered. */
static enum tm_code recover_file(struct apply *a, struct batch *batch, const struct tm_scaffold_module *m,
                                 struct tm_str path, struct gathered *g, bool is_test, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) content = TM_BUF_INIT;
    struct tm_provenance_mark mark;
    bool known = true;
    enum tm_code code;

    /* What cannot be read, or is longer than a template makes, is none of ours. */
    if (tm_root_read(&a->plan->facts.repo->root, path, TM_TEMPLATE_OUT_MAX + TM_PROVENANCE_HEAD, &content,
                     NULL) ||
        !tm_provenance_find(tm_buf_str(&content), &mark) || !tm_scaffold_is_untouched(tm_buf_str(&content)))
        return TM_OK;
    code = tm_recorded_has(&a->recorded, path, tm_buf_str(&content), &known, err);
    if (code || known)
        return code;
    if (!tm_str_eq(g->set, mark.set)) {
        code = finish_entry(a, batch, m->module, g, err);
        g->set = tm_arena_str(&a->result->arena, mark.set);
    }
    add_created(a, m, path, is_test, true);
    if (!code)
        code = gather(a, batch, m->module, g, path, mark.template, tm_buf_str(&content), err);
    return code;
}

static enum tm_code recover_files(struct apply *a, struct batch *batch, const struct tm_scaffold_module *m,
                                  const struct tm_set *set, const struct tm_scaffold_file *planned, size_t n,
                                  bool is_test, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct gathered g = { .recovered = true };
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && set && i < set->n; i++) {
        if (is_planned(planned, n, &set->files[i]))
            continue;
        tm_path_join(&path, m->module->path, set->files[i].path);
        if (tm_catalog_owner(a->plan->facts.catalog, tm_buf_str(&path)) == m->module)
            code = recover_file(a, batch, m, tm_buf_str(&path), &g, is_test, err);
    }
    return code ? code : finish_entry(a, batch, m->module, &g, err);
}

static enum tm_code apply_module(struct apply *a, const struct tm_scaffold_module *m, struct tm_err *err)
{
    const struct tm_scaffold_plan *plan = a->plan;
    enum tm_code code = TM_OK;

    if (!tm_str_is_utf8(m->module->path))
        return TM_OK;
    if (plan->options.docs)
        code = recover_files(a, &a->docs, m, tm_sets_module(&plan->sets), m->docs, m->n_docs, false, err);
    if (!code && plan->options.tests)
        code = recover_files(a, &a->tests, m, tm_sets_tests(&plan->sets, m->module->language), m->tests,
                             m->n_tests, true, err);
    if (!code)
        code = create_files(a, &a->docs, m, m->docs, m->n_docs, false, err);
    if (!code)
        code = create_files(a, &a->tests, m, m->tests, m->n_tests, true, err);
    return code;
}

static enum tm_code apply_modules(struct apply *a, struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) second = TM_ERR_INIT;
    enum tm_code code = TM_OK, docs, tests;

    for (size_t i = 0; !code && i < a->plan->n_modules; i++)
        code = apply_module(a, &a->plan->modules[i], err);
    /* Both ledgers are written whatever happened before; the first error is the one that is told. */
    docs = append(a, &a->docs, code ? &second : err);
    code = code ? code : docs;
    tests = append(a, &a->tests, code ? &second : err);
    return code ? code : tests;
}

enum tm_code tm_scaffold_apply(const struct tm_scaffold_plan *plan, struct tm_ledger_run *run, int64_t ts_s,
                               struct tm_scaffold_result *result, struct tm_err *err)
{
    struct tm_git_head head;
    struct apply a = {
        .plan = plan,
        .run = run,
        .ts_s = ts_s,
        .result = result,
        .recorded = TM_RECORDED_INIT(plan->facts.repo),
        .docs = { "scaffold.ndjson", TM_LEDGER_SCAFFOLD, TM_ARENA_INIT, NULL, 0, 0 },
        .tests = { "test_scaffold.ndjson", TM_LEDGER_TEST_SCAFFOLD, TM_ARENA_INIT, NULL, 0, 0 },
    };
    enum tm_code code = tm_git_head(plan->facts.repo->git, &head, err);

    if (code)
        return code;
    a.commit = head.unborn ? TM_STR("") : tm_str(head.commit.hex);
    code = apply_modules(&a, err);
    tm_git_head_release(&head);
    tm_recorded_release(&a.recorded);
    free(a.docs.drafts);
    free(a.tests.drafts);
    tm_arena_release(&a.docs.arena);
    tm_arena_release(&a.tests.arena);
    if (!code && result->n_failures)
        return tm_err_set(err, TM_E_PARTIAL, "%zu of %zu files could not be created", result->n_failures,
                          plan->n_docs + plan->n_tests);
    return code;
}

void tm_scaffold_result_release(struct tm_scaffold_result *result)
{
    free(result->created);
    free(result->failures);
    tm_arena_release(&result->arena);
    *result = TM_SCAFFOLD_RESULT_INIT;
}
