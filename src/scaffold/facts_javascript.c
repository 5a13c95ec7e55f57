#include "scaffold/facts_build.h"

#include "base/path.h"

/* Files that node can import and that are more than settings of a tool: "x.config.js" is one. */
static bool is_module_file(struct tm_str below)
{
    struct tm_str ext = tm_path_ext(below);
    struct tm_str stem = below;

    if (!tm_str_is(ext, ".js") && !tm_str_is(ext, ".mjs") && !tm_str_is(ext, ".cjs"))
        return false;
    for (size_t i = 0; i < below.len; i++)
        if ((unsigned char)below.data[i] < 0x20)
            return false;
    stem.len -= ext.len;
    return tm_str_is_utf8(below) && !tm_str_has_suffix(stem, TM_STR(".config")) &&
           !tm_str_has_suffix(stem, TM_STR("rc")) && tm_path_base(below).data[0] != '.';
}

/* True when s has nothing that would end a list of exported names. */
static bool is_list(struct tm_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.data[i] == ';' || s.data[i] == '(' || s.data[i] == '/' || s.data[i] == '>')
            return false;
    return true;
}

/* True when the name follows "export" or "exports" on its line: "export function x", "export { y, x }",
 * "exports.x". */
static bool text_exports(struct tm_str text, struct tm_str name)
{
    for (size_t at = 0; (at = tm_facts_find_word(text, name, at)) != SIZE_MAX; at += name.len) {
        struct tm_str line;
        size_t es, node;

        if (!tm_facts_line_before(text, at, &line))
            continue;
        es = tm_facts_find_word(line, TM_STR("export"), 0);
        node = tm_facts_find_word(line, TM_STR("exports"), 0);
        if ((es != SIZE_MAX && is_list(tm_str_from(line, es))) ||
            (node != SIZE_MAX && is_list(tm_str_from(line, node))))
            return true;
    }
    return false;
}

static bool module_exports(const struct tm_facts_work *work, const struct tm_facts_list *files,
                           struct tm_str name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    for (size_t i = 0; i < files->n; i++) {
        tm_path_join(&path, work->module->path, files->rows[i].values[0].text);
        if (tm_facts_read(work, tm_buf_str(&path), &text) && text_exports(tm_buf_str(&text), name))
            return true;
    }
    return false;
}

void tm_facts_add_javascript(struct tm_facts_work *work)
{
    const struct tm_module *module = work->module;
    const struct tm_manifest *m = &module->manifest;
    struct tm_facts_list files = TM_FACTS_LIST_INIT;
    struct tm_facts_list apis = TM_FACTS_LIST_INIT;

    for (size_t i = 0; i < module->own.files; i++) {
        struct tm_str below = tm_facts_below(work, work->facts->catalog->files.items[module->files[i]].path);

        if (module->roles[i] == TM_ROLE_SOURCE && is_module_file(below))
            tm_facts_add(work, &files, below, TM_STR(""), TM_STR(""));
    }
    for (size_t i = 0; i < tm_facts_apis(work); i++) {
        struct tm_str name = m->apis[i].name;

        if (tm_facts_is_identifier(name, "$") && !tm_facts_list_has(&apis, 0, name) &&
            module_exports(work, &files, name))
            tm_facts_add(work, &apis, name, TM_STR(""), TM_STR(""));
    }
    tm_facts_put_list(work, TM_FACT_JS_FILES, &files);
    tm_facts_put_list(work, TM_FACT_JS_APIS, &apis);
}
