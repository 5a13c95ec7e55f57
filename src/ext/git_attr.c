#include "ext/git_internal.h"

#include "base/alloc.h"

enum tm_code tm_git_attribute(struct tm_git *git, struct tm_str path, const char *name, struct tm_buf *out,
                              struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) file = tm_strndup(path.data, path.len);
    const char *value = NULL;

    if (git_attr_get(&value, git->repo, GIT_ATTR_CHECK_FILE_THEN_INDEX, file, name) < 0)
        return tm_git_fail(err, GIT_ERROR, "cannot read the attributes of '%s'", file);
    tm_buf_clear(out);
    switch (git_attr_value(value)) {
    case GIT_ATTR_VALUE_TRUE:
        tm_buf_adds(out, "set");
        break;
    case GIT_ATTR_VALUE_FALSE:
        tm_buf_adds(out, "unset");
        break;
    case GIT_ATTR_VALUE_STRING:
        tm_buf_adds(out, value);
        break;
    case GIT_ATTR_VALUE_UNSPECIFIED:
        tm_buf_adds(out, "unspecified");
        break;
    }
    return TM_OK;
}

enum tm_code tm_git_attribute_set(struct tm_git *git, struct tm_str path, const char *name, bool *set,
                                  struct tm_err *err)
{
    static const char *const unset[] = { "unset", "unspecified", "false" };
    struct tm_buf TM_CLEANUP(tm_buf_release) value = TM_BUF_INIT;
    enum tm_code code = tm_git_attribute(git, path, name, &value, err);

    if (code)
        return code;
    *set = true;
    for (size_t i = 0; i < TM_LEN(unset); i++)
        *set = *set && strcmp(value.data, unset[i]) != 0;
    return TM_OK;
}
