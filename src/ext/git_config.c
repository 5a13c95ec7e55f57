/* Settings and attributes. */
#include "ext/git_internal.h"

#include "base/alloc.h"

bool tm_git_setting(struct tm_git *git, const char *key, struct tm_buf *out)
{
    git_config_entry *entry = NULL;
    bool is_set = git_config_get_entry(&entry, git->config, key) == 0;

    tm_buf_clear(out);
    if (is_set && entry->value)
        tm_buf_adds(out, entry->value);
    git_config_entry_free(entry);
    return is_set;
}

enum tm_code tm_git_set(struct tm_git *git, const char *key, const char *value, struct tm_err *err)
{
    git_config *local = NULL;
    int rc = git_config_open_level(&local, git->config, GIT_CONFIG_LEVEL_LOCAL);

    if (rc == 0)
        rc = git_config_set_string(local, key, value);
    git_config_free(local);
    return rc < 0 ? tm_git_fail(err, rc, "cannot set '%s' in the configuration of '%s'", key, git->workdir)
                  : TM_OK;
}
