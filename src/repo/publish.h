/*
 * Files of the work tree, one commit of them and maybe a tag: all of it or nothing.
 *
 * Objects are written first, which nobody sees. Then an intent and the old content of the files are saved
 * below the state folder, the files are replaced, and branch, tag and index move together (tm_git_publish).
 * When a step fails, the files are put back. When the process is killed, tm_repo_lock of the next command
 * that writes either finds the commit published, or puts the files back.
 *
 * Each work tree has its own intent. The caller holds the repository's lock.
 */
#ifndef TM_REPO_PUBLISH_H
#define TM_REPO_PUBLISH_H

#include "repo/repo.h"

struct tm_publish {
    const struct tm_git_file *files; /* whole contents, as they are; each path once; none is removed */
    size_t n;
    const char *tag;     /* NULL for none */
    const char *message; /* of the commit, and of the tag */
};

/*
 * Publishes on top of `parent`, which must be where the branch of HEAD is. On failure no ref and no file has
 * changed, and nothing is left but folders; should even that fail, the message says so and the next
 * tm_repo_lock tries again. TM_E_PATH for a path that is not UTF-8; else what tm_git_commit_prepare,
 * tm_root_replace and tm_git_publish say.
 */
enum tm_code tm_repo_publish(struct tm_repo *repo, const struct tm_oid *parent, const struct tm_publish *what,
                             struct tm_oid *commit, struct tm_err *err) TM_CHECK;

/*
 * Completes or takes back what a killed process began to publish; tm_repo_lock calls it. A file that no
 * longer holds what was published belongs to whoever changed it since and is left alone.
 */
enum tm_code tm_repo_publish_recover(struct tm_repo *repo, struct tm_err *err) TM_CHECK;

#endif
