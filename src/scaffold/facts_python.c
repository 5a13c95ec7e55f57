#include "scaffold/facts_build.h"

#include "base/alloc.h"
#include "base/path.h"

static bool is_keyword(struct tm_str s)
{
    static const char *const keywords[] = { "False",  "None",     "True",  "and",    "as",       "assert",
                                            "async",  "await",    "break", "class",  "continue", "def",
                                            "del",    "elif",     "else",  "except", "finally",  "for",
                                            "from",   "global",   "if",    "import", "in",       "is",
                                            "lambda", "nonlocal", "not",   "or",     "pass",     "raise",
                                            "return", "try",      "while", "with",   "yield" };

    for (size_t i = 0; i < TM_LEN(keywords); i++)
        if (tm_str_is(s, keywords[i]))
            return true;
    return false;
}

static bool is_dotted(struct tm_str s)
{
    struct tm_str part;

    if (s.len == 0 || s.data[s.len - 1] == '.')
        return false;
    while (tm_str_split(&s, '.', &part))
        if (!tm_facts_is_identifier(part, "") || is_keyword(part))
            return false;
    return true;
}

/* Files that are not there to be imported, and folders whose files are not. */
static bool is_importable(struct tm_str below)
{
    static const char *const files[] = { "setup.py", "conftest.py", "noxfile.py", "manage.py" };
    static const char *const folders[] = { "scripts", "examples", "docs", "bench", "benchmarks" };
    struct tm_str base = tm_path_base(below);
    struct tm_str dir = tm_path_dir(below);
    struct tm_str part;

    if (!tm_str_is(tm_path_ext(below), ".py") || (base.data[0] == '_' && !tm_str_is(base, "__init__.py")))
        return false;
    for (size_t i = 0; i < TM_LEN(files); i++)
        if (tm_str_is(base, files[i]))
            return false;
    while (dir.len && tm_str_split(&dir, '/', &part))
        for (size_t i = 0; i < TM_LEN(folders); i++)
            if (tm_str_is(part, folders[i]))
                return false;
    return true;
}

static bool is_package(const struct tm_facts_work *work, struct tm_str folder)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    tm_path_join(&path, folder, TM_STR("__init__.py"));
    return folder.len && tm_files_find(&work->facts->catalog->files, tm_buf_str(&path)) != NULL;
}

/* The folder above the topmost package that holds the file, or the file's own folder. */
static struct tm_str import_root(const struct tm_facts_work *work, struct tm_str path)
{
    struct tm_str folder = tm_path_dir(path);

    while (is_package(work, folder))
        folder = tm_path_dir(folder);
    return folder;
}

/* "tides/harmonics.py" below "" is "tides.harmonics"; a package's own name for its __init__.py. */
static struct tm_str import_name(const struct tm_facts_work *work, struct tm_str path, struct tm_str root)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    struct tm_str below = root.len ? tm_str_from(path, root.len + 1) : path;

    if (tm_str_is(tm_path_base(below), "__init__.py"))
        below = tm_path_dir(below);
    else
        below.len -= strlen(".py");
    for (size_t i = 0; i < below.len; i++)
        tm_buf_addc(&name, below.data[i] == '/' ? '.' : below.data[i] == '.' ? '/' : below.data[i]);
    return tm_arena_str(work->arena, tm_buf_str(&name));
}

/* True when a line of text defines the name: def, class, or an assignment or import in the first column. */
static bool text_defines(struct tm_str text, struct tm_str name)
{
    for (size_t at = 0; (at = tm_facts_find_word(text, name, at)) != SIZE_MAX; at += name.len) {
        struct tm_str after = tm_facts_after(text, at + name.len);
        struct tm_str line, words;

        if (!tm_facts_line_before(text, at, &line))
            continue;
        words = tm_str_trim(line);
        if (tm_str_is(words, "def") || tm_str_is(words, "async def") || tm_str_is(words, "class"))
            return true;
        if (line.len == 0 && after.len && (after.data[0] == '=' || after.data[0] == ':'))
            return true;
        if (tm_str_has_prefix(line, TM_STR("from ")) || tm_str_has_prefix(line, TM_STR("import ")))
            return true;
    }
    return false;
}

/* Removes the parts of a dotted name that text defines from *missing, one bit each. */
static void find_parts(struct tm_str text, struct tm_str name, uint64_t *missing)
{
    struct tm_str part;

    for (unsigned i = 0; tm_str_split(&name, '.', &part) && i < 64; i++)
        if ((*missing >> i & 1) && text_defines(text, part))
            *missing &= ~(UINT64_C(1) << i);
}

/*
 * A manifest may name ideas rather than Python names. Only what the sources define is worth a test:
 * it passes today, and fails when the name goes away.
 */
static void add_apis(struct tm_facts_work *work, const struct tm_facts_list *imports)
{
    const struct tm_manifest *m = &work->module->manifest;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_facts_list apis = TM_FACTS_LIST_INIT;
    size_t n = tm_facts_apis(work);
    uint64_t *missing = tm_alloc_array(n, sizeof(*missing));

    for (size_t i = 0; i < n; i++)
        missing[i] = is_dotted(m->apis[i].name) ? UINT64_MAX : 0;
    for (size_t f = 0; n && f < imports->n; f++) {
        tm_path_join(&path, work->module->path, imports->rows[f].values[1].text);
        if (!tm_facts_read(work, tm_buf_str(&path), &text))
            continue;
        for (size_t i = 0; i < n; i++)
            if (missing[i])
                find_parts(tm_buf_str(&text), m->apis[i].name, &missing[i]);
    }
    for (size_t i = 0; i < n; i++) {
        struct tm_str rest = m->apis[i].name, part;
        uint64_t wanted = 0;

        for (unsigned k = 0; is_dotted(m->apis[i].name) && tm_str_split(&rest, '.', &part) && k < 64; k++)
            wanted |= UINT64_C(1) << k;
        if (wanted && !(missing[i] & wanted) && !tm_facts_list_has(&apis, 0, m->apis[i].name))
            tm_facts_add(work, &apis, m->apis[i].name, TM_STR(""), TM_STR(""));
    }
    free(missing);
    tm_facts_put_list(work, TM_FACT_PYTHON_APIS, &apis);
}

void tm_facts_add_python(struct tm_facts_work *work)
{
    const struct tm_module *module = work->module;
    struct tm_facts_list imports = TM_FACTS_LIST_INIT;
    struct tm_facts_list roots = TM_FACTS_LIST_INIT;
    struct tm_str top = tm_facts_relative(work, TM_STR(""));

    for (size_t i = 0; i < module->own.files; i++) {
        struct tm_str path = work->facts->catalog->files.items[module->files[i]].path;
        struct tm_str below = tm_facts_below(work, path);
        struct tm_str root, name;

        if (module->roles[i] != TM_ROLE_SOURCE || !is_importable(below))
            continue;
        root = import_root(work, path);
        name = import_name(work, path, root);
        root = tm_facts_relative(work, root);
        if (!is_dotted(name) || !tm_str_is_utf8(root) || tm_facts_list_has(&imports, 0, name))
            continue;
        tm_facts_add(work, &imports, name, below, TM_STR(""));
        if (!tm_str_eq(root, top) && !tm_facts_list_has(&roots, 0, root))
            tm_facts_add(work, &roots, root, TM_STR(""), TM_STR(""));
    }
    tm_facts_add(work, &roots, top, TM_STR(""), TM_STR(""));
    add_apis(work, &imports);
    tm_facts_put_list(work, TM_FACT_IMPORTS, &imports);
    tm_facts_put_list(work, TM_FACT_IMPORT_ROOTS, &roots);
}
