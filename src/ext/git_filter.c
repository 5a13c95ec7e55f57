/* What git makes of a file's bytes before it stores them. */
#include "ext/git_internal.h"

#include "base/alloc.h"

/*
 * libgit2 converts line ends and $Id$ as git does, but runs no filter programs and
 * knows no working-tree-encoding: the blob would not be what `git add` makes.
 */
enum tm_code tm_git_check_filters(struct tm_git *git, const char *name, struct tm_err *err)
{
    static const char *steps[] = { "clean", "process" };
    struct tm_buf TM_CLEANUP(tm_buf_release) key = TM_BUF_INIT;
    const char *value = NULL;
    git_config_entry *entry = NULL;

    if (git_attr_get(&value, git->repo, GIT_ATTR_CHECK_FILE_THEN_INDEX, name, "working-tree-encoding") == 0 &&
        git_attr_value(value) == GIT_ATTR_VALUE_STRING)
        return tm_err_set(err, TM_E_GIT,
                          "'%s' has the attribute working-tree-encoding=%s, which only git itself can "
                          "convert; take it back in .gitattributes",
                          name, value);
    if (git_attr_get(&value, git->repo, GIT_ATTR_CHECK_FILE_THEN_INDEX, name, "filter") < 0 ||
        git_attr_value(value) != GIT_ATTR_VALUE_STRING)
        return TM_OK;
    for (size_t i = 0; i < TM_LEN(steps); i++) {
        tm_buf_clear(&key);
        tm_buf_addf(&key, "filter.%s.%s", value, steps[i]);
        if (git_config_get_entry(&entry, git->config, key.data) == 0) {
            git_config_entry_free(entry);
            return tm_err_set(err, TM_E_GIT,
                              "'%s' has the attribute filter=%s, a program that only git itself runs; "
                              "take it back in .gitattributes with '-filter'",
                              name, value);
        }
    }
    return TM_OK;
}

static void free_filters(git_filter_list **filters)
{
    git_filter_list_free(*filters);
}

/* The conversions of path, NULL when there is none. */
static enum tm_code load_filters(git_filter_list **filters, struct tm_git *git, struct tm_str path,
                                 struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) name = tm_strndup(path.data, path.len);
    enum tm_code code = tm_git_check_path(path, err);

    if (!code)
        code = tm_git_check_filters(git, name, err);
    if (!code && git_filter_list_load(filters, git->repo, NULL, name, GIT_FILTER_TO_ODB, 0) < 0)
        code = tm_git_fail(err, GIT_ERROR, "cannot read the attributes of '%s'", name);
    return code;
}

enum tm_code tm_git_converts(struct tm_git *git, struct tm_str path, bool *converts, struct tm_err *err)
{
    git_filter_list *TM_CLEANUP(free_filters) filters = NULL;
    enum tm_code code = load_filters(&filters, git, path, err);

    if (!code)
        *converts = filters != NULL;
    return code;
}

enum tm_code tm_git_convert(struct tm_git *git, struct tm_str path, struct tm_str data, struct tm_buf *out,
                            struct tm_err *err)
{
    git_filter_list *TM_CLEANUP(free_filters) filters = NULL;
    git_buf converted = GIT_BUF_INIT;
    struct tm_buf fresh = TM_BUF_INIT;
    enum tm_code code = load_filters(&filters, git, path, err);

    if (code)
        return code;
    if (!filters) {
        tm_buf_add_str(&fresh, data);
    } else if (git_filter_list_apply_to_buffer(&converted, filters, data.len ? data.data : "", data.len) ==
               0) {
        tm_buf_add(&fresh, converted.ptr, converted.size);
        git_buf_dispose(&converted);
    } else {
        return tm_git_fail(err, GIT_ERROR, "cannot convert '%.*s'", TM_STR_ARG(path));
    }
    /* data may be in out. */
    tm_buf_release(out);
    *out = fresh;
    return TM_OK;
}
