/*
 * The user's repository, opened: its work tree, git, settings, and tidemark's
 * own folder. Opened once per command by the dispatcher and handed down.
 */
#ifndef TM_REPO_REPO_H
#define TM_REPO_REPO_H

#include "base/io.h"
#include "base/log.h"
#include "ext/git.h"
#include "repo/settings.h"

struct tm_repo {
    struct tm_root root;  /* the work tree */
    struct tm_root state; /* <git common dir>/tidemark: journals, logs, cache, locks; never committed */
    struct tm_git *git;
    struct tm_settings settings;
    struct tm_lock lock;
    struct tm_log *log; /* not owned; may be NULL */
};

#define TM_REPO_INIT ((struct tm_repo) { .root = TM_ROOT_INIT, .state = TM_ROOT_INIT, .lock = TM_LOCK_INIT })

/* Opens the repository that holds folder `start`, reads its settings, creates the state folder. */
enum tm_code tm_repo_open(struct tm_repo *repo, const char *start, struct tm_log *log, struct tm_err *err)
    TM_CHECK;
void tm_repo_close(struct tm_repo *repo);

/*
 * Takes the lock of commands that write (state/lock), shared by all work trees; TM_E_LOCKED
 * after timeout_ms. What a killed process left is put right then (tm_git_recover, repo/publish.h).
 */
enum tm_code tm_repo_lock(struct tm_repo *repo, int64_t timeout_ms, struct tm_err *err) TM_CHECK;

/*
 * The path of a file beneath `state` that belongs to this work tree alone, into out (replaced): the state
 * folder is shared by all work trees of a repository.
 */
void tm_repo_own_state(const struct tm_repo *repo, const char *name, struct tm_buf *out);

/* "<generated>/<name>" and the like, into out (replaced). */
void tm_repo_generated(const struct tm_repo *repo, const char *name, struct tm_buf *out);
void tm_repo_ledger(const struct tm_repo *repo, const char *name, struct tm_buf *out);
void tm_repo_trend(const struct tm_repo *repo, const char *name, struct tm_buf *out);

/* True for files that tidemark writes: below generated, ledger or trends. They never count as anyone's docs.
 */
bool tm_repo_is_own(const struct tm_repo *repo, struct tm_str path);

#endif
