#include "ext/git_internal.h"

#include "base/alloc.h"

enum tm_code tm_git_attribute(struct tm_git *git, struct tm_str path, const char *name, bool *set,
                              struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) file = tm_strndup(path.data, path.len);
    const char *value = NULL;
    enum tm_code code = tm_git_check_path(path, err);

    if (code)
        return code;
    if (git_attr_get(&value, git->repo, GIT_ATTR_CHECK_FILE_THEN_INDEX, file, name) < 0)
        return tm_git_fail(err, GIT_ERROR, "cannot read the attributes of '%s'", file);
    switch (git_attr_value(value)) {
    case GIT_ATTR_VALUE_TRUE:
        *set = true;
        break;
    case GIT_ATTR_VALUE_STRING:
        *set = strcmp(value, "false") != 0;
        break;
    default:
        *set = false;
    }
    return TM_OK;
}
