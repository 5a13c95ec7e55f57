#include "repo/repo.h"

#include "base/path.h"
#include "repo/publish.h"

/* Opens the state folder, made at the first run in a clone. */
static enum tm_code open_state(struct tm_repo *repo, struct tm_err *err)
{
    struct tm_root TM_CLEANUP(tm_root_close) common = TM_ROOT_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    enum tm_code code = tm_root_open(&common, tm_git_common_dir(repo->git), err);

    if (!code)
        code = tm_root_mkdirs(&common, TM_STR("tidemark"), err);
    if (code)
        return code;
    tm_buf_addf(&path, "%s/tidemark", common.path);
    return tm_root_open(&repo->state, path.data, err);
}

enum tm_code tm_repo_open(struct tm_repo *repo, const char *start, struct tm_log *log, struct tm_err *err)
{
    struct tm_repo opened = TM_REPO_INIT;
    enum tm_code code;

    opened.log = log;
    code = tm_git_open(&opened.git, start, err);
    if (!code)
        code = tm_root_open(&opened.root, tm_git_workdir(opened.git), err);
    if (!code)
        code = tm_settings_load(&opened.settings, &opened.root, err);
    if (!code)
        code = open_state(&opened, err);
    if (code) {
        tm_repo_close(&opened);
        return code;
    }
    *repo = opened;
    return TM_OK;
}

void tm_repo_close(struct tm_repo *repo)
{
    tm_lock_release(&repo->lock);
    tm_settings_release(&repo->settings);
    tm_git_close(repo->git);
    tm_root_close(&repo->state);
    tm_root_close(&repo->root);
    *repo = TM_REPO_INIT;
}

enum tm_code tm_repo_lock(struct tm_repo *repo, int64_t timeout_ms, struct tm_err *err)
{
    enum tm_code code = tm_lock_take(&repo->lock, &repo->state, TM_STR("lock"), timeout_ms, err);

    if (!code)
        code = tm_root_write_through(&repo->root, &repo->state, TM_STR("tmp"), err);
    if (!code)
        code = tm_root_write_through(&repo->state, &repo->state, TM_STR("tmp"), err);
    if (!code)
        code = tm_git_recover(repo->git, err);
    if (!code)
        code = tm_repo_publish_recover(repo, err);
    if (code)
        tm_lock_release(&repo->lock);
    return code;
}

void tm_repo_own_state(const struct tm_repo *repo, const char *name, struct tm_buf *out)
{
    const char *own = tm_git_dir(repo->git);

    tm_buf_clear(out);
    /* Git keeps each linked work tree in a folder of its own name. */
    if (strcmp(own, tm_git_common_dir(repo->git)) != 0)
        tm_buf_addf(out, "worktrees/%.*s/", TM_STR_ARG(tm_path_base(tm_str(own))));
    tm_buf_adds(out, name);
}

void tm_repo_generated(const struct tm_repo *repo, const char *name, struct tm_buf *out)
{
    tm_path_join(out, repo->settings.generated, tm_str(name));
}

void tm_repo_ledger(const struct tm_repo *repo, const char *name, struct tm_buf *out)
{
    tm_path_join(out, repo->settings.ledger, tm_str(name));
}

void tm_repo_trend(const struct tm_repo *repo, const char *name, struct tm_buf *out)
{
    tm_path_join(out, repo->settings.trends, tm_str(name));
}

bool tm_repo_is_own(const struct tm_repo *repo, struct tm_str path)
{
    const struct tm_str folders[] = { repo->settings.generated, repo->settings.ledger,
                                      repo->settings.trends };

    for (size_t i = 0; i < TM_LEN(folders); i++)
        if (folders[i].len && tm_path_is_below(path, folders[i]))
            return true;
    return false;
}
