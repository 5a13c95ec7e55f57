#include "scaffold/plan.h"

#include "base/alloc.h"
#include "base/path.h"

bool tm_scaffold_is_needed(const struct tm_scaffold_module *module)
{
    return module->n_docs + module->n_tests > 0;
}

enum tm_code tm_scaffold_render(const struct tm_set *set, const struct tm_set_file *file,
                                const struct tm_value *values, struct tm_buf *out, struct tm_err *err)
{
    enum tm_code code = tm_template_render(&file->tmpl, values, out, err);

    if (!code && out->len)
        tm_provenance_add(out, file->tmpl.syntax, file->name, set->id);
    return code;
}

static void filter(struct tm_scaffold_plan *plan, struct tm_str path, const char *reason)
{
    TM_GROW(plan->filtered, plan->n_filtered, plan->filtered_cap);
    plan->filtered[plan->n_filtered++] =
        (struct tm_scaffold_filtered) { tm_arena_str(&plan->arena, path), reason };
}

/* A test of its own: in a known language, and more than what tests share. */
static bool has_tests(const struct tm_scaffold_plan *plan, const struct tm_module *module)
{
    for (size_t i = 0; i < module->own.files; i++) {
        struct tm_str path = plan->facts.catalog->files.items[module->files[i]].path;
        struct tm_str base = tm_path_base(path);
        struct tm_str below = module->path.len ? tm_str_from(path, module->path.len + 1) : path;
        unsigned char language;

        if (module->roles[i] != TM_ROLE_TEST || tm_str_is(base, "__init__.py") ||
            tm_str_is(base, "conftest.py"))
            continue;
        (void)tm_language_role(below, module->folds_case, &language);
        if (language != TM_LANGUAGE_NONE)
            return true;
    }
    return false;
}

static struct tm_str stem_of(struct tm_str base)
{
    struct tm_str ext = tm_path_ext(base);

    return tm_str_n(base.data, base.len - ext.len);
}

static bool same_letters(struct tm_str a, struct tm_str b)
{
    return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}

static bool is_ending(struct tm_str ext, const char *const *endings)
{
    for (; *endings; endings++)
        if (same_letters(ext, tm_str(*endings)))
            return true;
    return false;
}

/* Who has readme.rst needs no README.md. */
static bool has_like(const struct tm_scaffold_plan *plan, const struct tm_module *module,
                     struct tm_str wanted)
{
    static const char *const docs[] = { ".md", ".rst", ".adoc", NULL };
    static const char *const as_good[] = { "", ".md", ".markdown", ".rst", ".adoc", ".txt", NULL };

    if (!is_ending(tm_path_ext(wanted), docs))
        return false;
    for (size_t i = 0; i < module->own.files; i++) {
        struct tm_str path = plan->facts.catalog->files.items[module->files[i]].path;

        if (same_letters(stem_of(tm_path_base(path)), stem_of(tm_path_base(wanted))) &&
            is_ending(tm_path_ext(path), as_good) && same_letters(tm_path_dir(path), tm_path_dir(wanted)))
            return true;
    }
    return false;
}

/* Why the file cannot be given to the module; NULL when it can. */
static enum tm_code check_place(const struct tm_scaffold_plan *plan, const struct tm_module *module,
                                struct tm_str path, const char **reason, struct tm_err *err)
{
    const struct tm_repo *repo = plan->facts.repo;
    bool ignored = false;
    enum tm_code code;

    *reason = NULL;
    if (tm_catalog_is_nobodys(repo, path)) {
        *reason = "it would stand where tidemark writes, or among templates";
    } else if (tm_catalog_owner(plan->facts.catalog, path) != module) {
        *reason = "it would belong to another module";
    } else {
        code = tm_git_is_ignored(repo->git, path, &ignored, err);
        if (code)
            return code;
        if (ignored)
            *reason = "git ignores it";
    }
    return TM_OK;
}

/* What one set makes for a module. Values are gathered when the first missing file asks for them. */
struct wants {
    struct tm_scaffold_plan *plan;
    const struct tm_module *module;
    bool has_tests;
    const struct tm_value *values;
    struct tm_arena arena; /* of the values */
    struct tm_buf text;
    struct tm_scaffold_file *files;
    size_t n, cap;
};

static enum tm_code want_file(struct wants *w, const struct tm_set *set, const struct tm_set_file *file,
                              struct tm_err *err)
{
    struct tm_scaffold_plan *plan = w->plan;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    const char *reason;
    enum tm_code code;

    tm_path_join(&path, w->module->path, file->path);
    if (tm_files_find(&plan->facts.catalog->files, tm_buf_str(&path)) ||
        tm_root_exists(&plan->facts.repo->root, tm_buf_str(&path)) ||
        has_like(plan, w->module, tm_buf_str(&path)))
        return TM_OK;
    if (!w->values)
        w->values = tm_facts_of(&plan->facts, w->module, w->has_tests, &w->arena);
    code = tm_template_render(&file->tmpl, w->values, &w->text, err);
    if (code || w->text.len == 0)
        return code;
    code = check_place(plan, w->module, tm_buf_str(&path), &reason, err);
    if (code)
        return code;
    if (reason) {
        filter(plan, tm_buf_str(&path), reason);
        return TM_OK;
    }
    TM_GROW(w->files, w->n, w->cap);
    w->files[w->n++] = (struct tm_scaffold_file) { tm_arena_str(&plan->arena, tm_buf_str(&path)), set, file };
    return TM_OK;
}

static enum tm_code want_set(struct tm_scaffold_plan *plan, const struct tm_module *module, bool with_tests,
                             const struct tm_set *set, struct tm_scaffold_file **files, size_t *n,
                             struct tm_err *err)
{
    struct wants w = {
        .plan = plan, .module = module, .has_tests = with_tests, .arena = TM_ARENA_INIT, .text = TM_BUF_INIT
    };
    enum tm_code code = TM_OK;

    for (size_t i = 0; !code && i < set->n; i++)
        code = want_file(&w, set, &set->files[i], err);
    if (!code && w.n) {
        *files = tm_arena_array(&plan->arena, w.n, sizeof(**files));
        memcpy(*files, w.files, w.n * sizeof(**files));
        *n = w.n;
    }
    free(w.files);
    tm_buf_release(&w.text);
    tm_arena_release(&w.arena);
    return code;
}

static enum tm_code plan_module(struct tm_scaffold_plan *plan, struct tm_scaffold_module *m,
                                struct tm_err *err)
{
    const struct tm_set *set = NULL;
    enum tm_code code = TM_OK;

    if (!tm_str_is_utf8(m->module->path)) {
        filter(plan, m->module->path, "its path is not UTF-8");
        return TM_OK;
    }
    m->will_have_tests = has_tests(plan, m->module);
    if (!m->will_have_tests)
        set = m->test_set = tm_sets_tests(&plan->sets, m->module->language);
    if (set && plan->options.tests) {
        code = want_set(plan, m->module, false, set, &m->tests, &m->n_tests, err);
        m->will_have_tests = m->n_tests > 0;
    }
    if (!code && plan->options.docs)
        code = want_set(plan, m->module, m->will_have_tests, tm_sets_module(&plan->sets), &m->docs,
                        &m->n_docs, err);
    if (tm_scaffold_is_needed(m))
        plan->n_needed++;
    else
        plan->n_done++;
    plan->n_docs += m->n_docs;
    plan->n_tests += m->n_tests;
    return code;
}

enum tm_code tm_scaffold_plan_make(struct tm_scaffold_plan *plan, const struct tm_repo *repo,
                                   const struct tm_catalog *catalog, struct tm_module *const *modules,
                                   size_t n, const struct tm_scaffold_options *options, struct tm_err *err)
{
    enum tm_code code;

    *plan = (struct tm_scaffold_plan) {
        .arena = TM_ARENA_INIT, .options = *options, .sets = TM_SETS_INIT, .codeowners = TM_CODEOWNERS_INIT
    };
    plan->facts = (struct tm_facts) { repo, catalog, &plan->codeowners, options->integration };
    code = tm_sets_load(&plan->sets, repo, &catalog->files, err);
    if (!code)
        code = tm_codeowners_load(&plan->codeowners, &repo->root, err);
    plan->modules = tm_arena_array(&plan->arena, n, sizeof(*plan->modules));
    for (size_t i = 0; !code && i < n; i++) {
        plan->modules[plan->n_modules].module = modules[i];
        code = plan_module(plan, &plan->modules[plan->n_modules++], err);
    }
    return code;
}

void tm_scaffold_plan_release(struct tm_scaffold_plan *plan)
{
    free(plan->filtered);
    tm_codeowners_release(&plan->codeowners);
    tm_sets_release(&plan->sets);
    tm_arena_release(&plan->arena);
    plan->filtered = NULL;
    plan->n_filtered = plan->filtered_cap = 0;
}
