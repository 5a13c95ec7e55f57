/* Makes prepared commits and tags count: all of it or nothing. */
#include "ext/git_internal.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

struct publish {
    struct tm_git *git;
    git_oid parent, commit, tag_object;
    bool has_parent;
    struct tm_git_head head;
    const char *ref;   /* what moves: the branch, or "HEAD" when detached */
    struct tm_buf tag; /* full name, "" for none */
    struct tm_git_index_txn index;
    git_transaction *branch_txn, *tag_txn;
    git_signature *who;
};

static void release(struct publish *publish)
{
    /* Refs that were locked and not committed are unlocked here, then the index. */
    git_transaction_free(publish->tag_txn);
    git_transaction_free(publish->branch_txn);
    tm_git_index_end(&publish->index, false);
    git_signature_free(publish->who);
    tm_git_head_release(&publish->head);
    tm_buf_release(&publish->tag);
}

static enum tm_code moved(const struct publish *publish, struct tm_err *err)
{
    return tm_err_set(err, TM_E_GIT, "'%s' has moved meanwhile, nothing was changed; run the command again",
                      publish->ref);
}

static enum tm_code lock_ref(git_transaction *txn, const char *ref, struct tm_err *err)
{
    int rc = git_transaction_lock_ref(txn, ref);

    if (rc == GIT_ELOCKED)
        return tm_err_set(
            err, TM_E_LOCKED,
            "another git process holds the lock of '%s', wait for it (or remove '%s.lock' in the "
            "git folder if it crashed)",
            ref, ref);
    return rc < 0 ? tm_git_fail(err, GIT_ERROR, "cannot lock '%s'", ref) : TM_OK;
}

static enum tm_code lock_refs(struct publish *publish, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    if (git_transaction_new(&publish->branch_txn, publish->git->repo) < 0 ||
        git_transaction_new(&publish->tag_txn, publish->git->repo) < 0)
        return tm_git_fail(err, GIT_ERROR, "cannot lock refs");
    if (!publish->head.detached)
        code = lock_ref(publish->branch_txn, "HEAD", err);
    if (!code)
        code = lock_ref(publish->branch_txn, publish->ref, err);
    if (!code && publish->tag.len)
        code = lock_ref(publish->tag_txn, publish->tag.data, err);
    return code;
}

/* The branch must be where the commit was made from, and HEAD must still mean it. */
static enum tm_code check_branch(const struct publish *publish, struct tm_err *err)
{
    git_reference *head = NULL, *ref = NULL;
    const char *target;
    bool same;
    int rc;

    rc = git_reference_lookup(&head, publish->git->repo, "HEAD");
    if (rc < 0)
        return tm_git_fail(err, GIT_ERROR, "cannot read HEAD");
    target = git_reference_symbolic_target(head);
    same = publish->head.detached ? !target : target && strcmp(target, publish->head.branch) == 0;
    git_reference_free(head);
    rc = git_reference_lookup(&ref, publish->git->repo, publish->ref);
    if (rc < 0 && rc != GIT_ENOTFOUND)
        return tm_git_fail(err, GIT_ERROR, "cannot read '%s'", publish->ref);
    if (rc == GIT_ENOTFOUND)
        same = same && !publish->has_parent;
    else
        same = same && publish->has_parent && git_reference_target(ref) &&
               git_oid_equal(git_reference_target(ref), &publish->parent);
    git_reference_free(ref);
    return same ? TM_OK : moved(publish, err);
}

/* True when one name is a folder of the other: git keeps refs as files. */
static bool collides(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);

    return n < m ? strncmp(a, b, n) == 0 && b[n] == '/' : m < n && strncmp(a, b, m) == 0 && a[m] == '/';
}

static enum tm_code check_tag(const struct publish *publish, struct tm_err *err)
{
    const char *tag = publish->tag.data + sizeof("refs/tags/") - 1;
    git_strarray names = { NULL, 0 };
    enum tm_code code = TM_OK;

    if (!publish->tag.len)
        return TM_OK;
    if (git_tag_list(&names, publish->git->repo) < 0)
        return tm_git_fail(err, GIT_ERROR, "cannot list tags");
    for (size_t i = 0; !code && i < names.count; i++) {
        if (strcmp(names.strings[i], tag) == 0)
            code = tm_err_set(err, TM_E_EXISTS, "tag '%s' exists already, choose another name", tag);
        else if (collides(names.strings[i], tag))
            code = tm_err_set(err, TM_E_EXISTS, "tag '%s' cannot stand beside tag '%s', choose another name",
                              tag, names.strings[i]);
    }
    git_strarray_dispose(&names);
    return code;
}

static enum tm_code set_targets(struct publish *publish, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    git_commit *commit = NULL;
    int rc = git_commit_lookup(&commit, publish->git->repo, &publish->commit);

    if (rc == 0)
        tm_buf_addf(&message, "commit%s: %s", publish->has_parent ? "" : " (initial)",
                    git_commit_summary(commit));
    git_commit_free(commit);
    if (rc == 0)
        rc = git_transaction_set_target(publish->branch_txn, publish->ref, &publish->commit, publish->who,
                                        message.data);
    if (rc == 0 && publish->tag.len)
        rc = git_transaction_set_target(publish->tag_txn, publish->tag.data, &publish->tag_object,
                                        publish->who, "tag");
    return rc < 0 ? tm_git_fail(err, GIT_ERROR, "cannot move '%s'", publish->ref) : TM_OK;
}

/* Removes a ref, but only while it is at `at`. */
static enum tm_code delete_ref(struct tm_git *git, const char *name, const git_oid *at, struct tm_err *err)
{
    git_reference *ref = NULL;
    int rc = git_reference_lookup(&ref, git->repo, name);

    if (rc == 0 && git_reference_target(ref) && git_oid_equal(git_reference_target(ref), at))
        rc = git_reference_delete(ref);
    git_reference_free(ref);
    return rc < 0 && rc != GIT_ENOTFOUND ? tm_git_fail(err, rc, "cannot take back '%s'", name) : TM_OK;
}

static bool is_at(struct tm_git *git, const char *name, const git_oid *id)
{
    git_oid now;

    return git_reference_name_to_id(&now, git->repo, name) == 0 && git_oid_equal(&now, id);
}

/*
 * Commits the transaction of a ref. It may say that it failed when the ref has moved already and only the
 * folder could not be synced: what everyone sees counts.
 */
static enum tm_code commit_ref(struct tm_git *git, git_transaction *txn, const char *name, const git_oid *to,
                               struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) own = TM_ERR_INIT;

    if (git_transaction_commit(txn) == 0)
        return TM_OK;
    tm_git_fail(&own, GIT_ERROR, "cannot set '%s'", name);
    return is_at(git, name, to) ? TM_OK : tm_err_move(err, &own);
}

/* The tag first: a tag nobody has seen can be taken back, a branch could have been built on. */
static enum tm_code commit_refs(struct publish *publish, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    if (publish->tag.len)
        code = commit_ref(publish->git, publish->tag_txn, publish->tag.data, &publish->tag_object, err);
    if (code)
        return code;
    code = commit_ref(publish->git, publish->branch_txn, publish->ref, &publish->commit, err);
    if (code && publish->tag.len) {
        git_transaction_free(publish->tag_txn);
        publish->tag_txn = NULL;
        /* When that fails too, the intent stays: tm_git_recover tries again. */
        if (delete_ref(publish->git, publish->tag.data, &publish->tag_object, NULL))
            publish->index.locked = false;
    }
    return code;
}

static enum tm_code prepare(struct publish *publish, const struct tm_oid *parent, const struct tm_oid *commit,
                            const char *tag, const struct tm_oid *tag_object, struct tm_err *err)
{
    enum tm_code code = tm_git_oid(&publish->commit, commit, err);

    publish->has_parent = *parent->hex;
    if (!code && publish->has_parent)
        code = tm_git_oid(&publish->parent, parent, err);
    if (!code && tag)
        code = tm_git_oid(&publish->tag_object, tag_object, err);
    if (!code && tag && !tm_git_tag_is_valid(tag))
        code = tm_err_set(err, TM_E_USAGE, "'%s' is not a name git accepts for a tag", tag);
    if (!code && tag)
        tm_buf_addf(&publish->tag, "refs/tags/%s", tag);
    if (!code)
        code = tm_git_head(publish->git, &publish->head, err);
    if (!code)
        code = tm_git_committer(&publish->who, publish->git, err);
    publish->ref = publish->head.detached ? "HEAD" : publish->head.branch;
    return code;
}

enum tm_code tm_git_publish(struct tm_git *git, const struct tm_oid *parent, const struct tm_oid *commit,
                            const char *tag, const struct tm_oid *tag_object, const struct tm_str *paths,
                            size_t n, struct tm_err *err)
{
    struct publish TM_CLEANUP(release) publish = { .git = git, .tag = TM_BUF_INIT };
    struct tm_git_intent intent;
    enum tm_code code = prepare(&publish, parent, commit, tag, tag_object, err);

    if (code)
        return code;
    intent = (struct tm_git_intent) { publish.ref, commit, tag ? publish.tag.data : NULL, tag_object };
    code = tm_git_index_begin(&publish.index, git, &intent, err);
    /* Once more below: a tag that is a folder of others cannot even be locked. */
    if (!code)
        code = check_tag(&publish, err);
    if (!code)
        code = lock_refs(&publish, err);
    if (!code)
        code = check_branch(&publish, err);
    if (!code)
        code = check_tag(&publish, err);
    if (!code)
        code = set_targets(&publish, err);
    if (!code)
        code = tm_git_index_swap(&publish.index, &publish.commit, paths, n, err);
    if (!code)
        code = commit_refs(&publish, err);
    if (!code)
        tm_git_index_end(&publish.index, true);
    return code;
}

/* Removes the lock of a ref when it is still the same one a moment later: a live git holds it for less. */
static void drop_stale_lock(const char *dir, const char *ref)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct timespec pause = { 0, 200 * 1000000 };
    struct stat before, after;

    tm_buf_addf(&path, "%s/%s.lock", dir, ref);
    if (lstat(path.data, &before) < 0)
        return;
    nanosleep(&pause, NULL);
    if (lstat(path.data, &after) == 0 && after.st_ino == before.st_ino &&
        after.st_mtim.tv_nsec == before.st_mtim.tv_nsec && after.st_mtim.tv_sec == before.st_mtim.tv_sec)
        unlink(path.data);
}

/* *yes: the branch has got to the commit, or past it. */
static enum tm_code has_moved(struct tm_git *git, const struct tm_git_left *left, bool *yes,
                              struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_oid hex;
    enum tm_code code;
    git_oid now;
    int rc = git_reference_name_to_id(&now, git->repo, left->branch.data);

    *yes = false;
    if (rc == GIT_ENOTFOUND)
        return TM_OK;
    if (rc < 0)
        return tm_git_fail(err, rc, "cannot read '%s'", left->branch.data);
    hex = tm_git_oid_hex(&now);
    code = tm_git_is_ancestor(git, &left->to, &hex, yes, &lower);
    /* A commit that is gone has got nowhere. */
    return code == TM_OK || code == TM_E_NOT_FOUND ? TM_OK : tm_err_move(err, &lower);
}

/* Ends what was left; *done: it counts. */
static enum tm_code settle(struct tm_git *git, const struct tm_git_left *left, bool *done, struct tm_err *err)
{
    git_oid tagged;
    enum tm_code code = has_moved(git, left, done, err);

    if (code || *done || !left->tag.len)
        return code;
    code = tm_git_oid(&tagged, &left->tagged, err);
    return code ? code : delete_ref(git, left->tag.data, &tagged, err);
}

enum tm_code tm_git_recover(struct tm_git *git, struct tm_err *err)
{
    struct tm_git_left left = { TM_BUF_INIT, TM_BUF_INIT, { "" }, { "" } };
    struct tm_git_index_txn index;
    enum tm_code code;
    bool done;

    if (!tm_git_index_left_behind(&index, git, &left))
        return TM_OK;
    drop_stale_lock(git->dir, "HEAD");
    if (!tm_str_is(tm_buf_str(&left.branch), "HEAD"))
        drop_stale_lock(git->common_dir, left.branch.data);
    if (left.tag.len)
        drop_stale_lock(git->common_dir, left.tag.data);
    code = settle(git, &left, &done, err);
    if (code)
        index.locked = false; /* all of it stays for the next one who tries */
    tm_git_index_end(&index, done);
    tm_buf_release(&left.branch);
    tm_buf_release(&left.tag);
    return code;
}
