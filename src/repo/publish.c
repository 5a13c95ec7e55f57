#include "repo/publish.h"

#include "base/alloc.h"
#include "base/json_doc.h"
#include "base/json_write.h"
#include "base/path.h"
#include "ext/hash.h"

/*
 *     publish.json   what is being published; while it is not there, nothing has happened
 *     publish/<n>    the n-th file as it was
 */
#define INTENT_FILE   "publish.json"
#define OLD_FILES     "publish"
#define INTENT_FORMAT "tidemark-publish/1"

enum { INTENT_MAX = 256 << 20 };

struct file {
    struct tm_str path;
    bool existed;
    struct tm_hash new_sha256;
};

struct intent {
    struct tm_arena arena;
    struct tm_oid commit;
    const char *tag; /* NULL for none */
    struct file *files;
    size_t n;
};

#define INTENT_INIT ((struct intent) { .arena = TM_ARENA_INIT })

static void release(struct intent *intent)
{
    tm_arena_release(&intent->arena);
}

static enum tm_code note_files(struct intent *intent, const struct tm_repo *repo,
                               const struct tm_publish *what, struct tm_err *err)
{
    intent->tag = what->tag;
    intent->files = tm_arena_array(&intent->arena, what->n, sizeof(*intent->files));
    for (size_t i = 0; i < what->n; i++) {
        const struct tm_git_file *file = &what->files[i];
        enum tm_code code;

        if (!tm_str_is_utf8(file->path))
            return tm_err_set(err, TM_E_PATH, "'%.*s' is not UTF-8, rename it", TM_STR_ARG(file->path));
        intent->files[intent->n] = (struct file) { file->path, false, tm_hash_of(file->data) };
        code = tm_root_find(&repo->root, file->path, &intent->files[intent->n++].existed, err);
        if (code)
            return code;
    }
    return TM_OK;
}

static void put_file(struct tm_json_writer *w, const struct file *file)
{
    tm_json_object_begin(w);
    tm_json_member_str(w, "path", file->path);
    tm_json_member_bool(w, "existed", file->existed);
    tm_hash_member(w, "new_sha256", &file->new_sha256);
    tm_json_object_end(w);
}

static void spell(const struct intent *intent, struct tm_buf *out)
{
    struct tm_json_writer w;

    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    tm_json_members(&w, "format", INTENT_FORMAT);
    tm_json_members(&w, "commit", intent->commit.hex);
    if (intent->tag)
        tm_json_members(&w, "tag", intent->tag);
    tm_json_key(&w, "files");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < intent->n; i++)
        put_file(&w, &intent->files[i]);
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}

/* Where the n-th file is kept. */
static void old_path(const struct tm_repo *repo, size_t n, struct tm_buf *path)
{
    tm_repo_own_state(repo, OLD_FILES, path);
    tm_buf_addf(path, "/%zu", n);
}

/* The files as they are, then the intent that speaks of them. */
static enum tm_code save(const struct intent *intent, const struct tm_repo *repo, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    enum tm_code code = TM_OK;

    for (size_t i = 0; i < intent->n && !code; i++) {
        old_path(repo, i, &path);
        if (intent->files[i].existed)
            code = tm_root_keep(&repo->root, intent->files[i].path, &repo->state, tm_buf_str(&path), err);
    }
    if (code)
        return code;
    spell(intent, &text);
    tm_repo_own_state(repo, INTENT_FILE, &path);
    return tm_root_replace(&repo->state, tm_buf_str(&path), tm_buf_str(&text), NULL, err);
}

static enum tm_code drop(const struct tm_repo *repo, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    enum tm_code code;

    tm_repo_own_state(repo, INTENT_FILE, &path);
    code = tm_root_unlink(&repo->state, tm_buf_str(&path), err);
    tm_repo_own_state(repo, OLD_FILES, &path);
    return code ? code : tm_root_empty_dir(&repo->state, tm_buf_str(&path), err);
}

/* *yes: the file is what was to be published. What cannot be read may be. */
static enum tm_code holds_new(const struct tm_repo *repo, const struct file *file, bool *yes,
                              struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) fd = -1;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_hash now;
    enum tm_code code = tm_root_open_file(&repo->root, file->path, &fd, NULL, &lower);

    *yes = false;
    if (code == TM_E_NOT_FOUND)
        return TM_OK;
    if (!code)
        code = tm_hash_fd(fd, &now, NULL, &lower);
    if (code)
        return tm_err_move(err, &lower);
    *yes = tm_hash_cmp(&now, &file->new_sha256) == 0;
    return TM_OK;
}

static enum tm_code undo_file(const struct tm_repo *repo, const struct file *file, size_t n,
                              struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) old = TM_BUF_INIT;
    bool ours;
    enum tm_code code = holds_new(repo, file, &ours, err);

    if (code || !ours)
        return code;
    old_path(repo, n, &old);
    return file->existed ? tm_root_put_back(&repo->root, file->path, &repo->state, tm_buf_str(&old), err)
                         : tm_root_unlink(&repo->root, file->path, err);
}

/* Puts back every file that holds the new content; goes on after a failure and returns the first. */
static enum tm_code undo(const struct intent *intent, const struct tm_repo *repo, struct tm_err *err)
{
    enum tm_code first = TM_OK;

    for (size_t i = 0; i < intent->n; i++) {
        struct tm_err TM_CLEANUP(tm_err_release) own = TM_ERR_INIT;
        enum tm_code code = undo_file(repo, &intent->files[i], i, &own);

        if (code && !first)
            first = tm_err_move(err, &own);
    }
    return first;
}

static enum tm_code write_files(const struct tm_repo *repo, const struct tm_publish *what, struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (size_t i = 0; i < what->n && !code; i++)
        code = tm_root_replace(&repo->root, what->files[i].path, what->files[i].data, NULL, err);
    return code;
}

static enum tm_code move_refs(const struct tm_repo *repo, const struct tm_oid *parent,
                              const struct tm_publish *what, const struct tm_oid *commit,
                              const struct tm_oid *tag_object, struct tm_err *err)
{
    struct tm_str *TM_CLEANUP(tm_freep) paths = tm_alloc_array(what->n, sizeof(*paths));

    for (size_t i = 0; i < what->n; i++)
        paths[i] = what->files[i].path;
    return tm_git_publish(repo->git, parent, commit, what->tag, tag_object, paths, what->n, err);
}

/* Everything that can be seen from outside, when the objects are there. */
static enum tm_code carry_out(const struct intent *intent, struct tm_repo *repo, const struct tm_oid *parent,
                              const struct tm_publish *what, const struct tm_oid *tag_object,
                              struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    enum tm_code code = save(intent, repo, err);

    if (!code)
        code = write_files(repo, what, err);
    if (!code)
        code = move_refs(repo, parent, what, &intent->commit, tag_object, err);
    if (code && undo(intent, repo, &lower))
        /* The intent stays: the next command that writes tries again. */
        return tm_err_wrap(err, "not all files could be put back (%s)", tm_err_msg(&lower));
    if (drop(repo, &lower) && !code)
        /* All is published, and recovery will see that. */
        tm_log_warn(repo->log, "%s", tm_err_msg(&lower));
    return code;
}

enum tm_code tm_repo_publish(struct tm_repo *repo, const struct tm_oid *parent, const struct tm_publish *what,
                             struct tm_oid *commit, struct tm_err *err)
{
    struct intent TM_CLEANUP(release) intent = INTENT_INIT;
    struct tm_oid tag_object = { "" };
    enum tm_code code = note_files(&intent, repo, what, err);

    if (!code)
        code = tm_git_commit_prepare(repo->git, parent, what->files, what->n, what->message, &intent.commit,
                                     err);
    if (!code && what->tag)
        code = tm_git_tag_prepare(repo->git, what->tag, &intent.commit, what->message, &tag_object, err);
    if (!code)
        code = carry_out(&intent, repo, parent, what, &tag_object, err);
    if (!code)
        *commit = intent.commit;
    return code;
}

/* ---- After a kill ---- */

static bool read_file(struct intent *intent, const struct tm_json_node *node)
{
    struct file *file = &intent->files[intent->n++];
    struct tm_str path, hex;

    if (!tm_json_node_str(tm_json_get(node, "path"), &path) || path.len == 0 || !tm_path_is_normal(path) ||
        !tm_json_node_bool(tm_json_get(node, "existed"), &file->existed) ||
        !tm_json_node_str(tm_json_get(node, "new_sha256"), &hex) || !tm_hash_parse(hex, &file->new_sha256))
        return false;
    file->path = tm_arena_str(&intent->arena, path);
    return true;
}

static bool read_all(struct intent *intent, const struct tm_json_node *root)
{
    const struct tm_json_node *files = tm_json_get(root, "files"), *tag = tm_json_get(root, "tag");
    struct tm_str format, commit, name;

    if (!tm_json_node_str(tm_json_get(root, "format"), &format) || !tm_str_is(format, INTENT_FORMAT) ||
        !tm_json_node_str(tm_json_get(root, "commit"), &commit) || commit.len != TM_OID_HEX || !files ||
        files->kind != TM_JSON_KIND_ARRAY || (tag && !tm_json_node_str(tag, &name)))
        return false;
    memcpy(intent->commit.hex, commit.data, TM_OID_HEX);
    if (tag)
        intent->tag = tm_arena_str(&intent->arena, name).data;
    intent->files = tm_arena_array(&intent->arena, files->count, sizeof(*intent->files));
    for (const struct tm_json_node *n = files->child; n; n = n->next)
        if (!read_file(intent, n))
            return false;
    return true;
}

static enum tm_code load(struct intent *intent, const struct tm_repo *repo, struct tm_str path,
                         struct tm_err *err)
{
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    enum tm_code code = tm_root_read(&repo->state, path, INTENT_MAX, &text, err);

    if (code)
        return code;
    if (tm_json_doc_parse(&doc, INTENT_FILE, tm_buf_str(&text), NULL) == TM_OK && read_all(intent, doc.root))
        return TM_OK;
    return tm_err_set(
        err, TM_E_FORMAT,
        "'%s/%.*s', left by a process that was killed, is damaged; see 'git status', then remove it",
        repo->state.path, TM_STR_ARG(path));
}

/* tm_git_recover has been there before: branch and tag either both moved or neither. */
static enum tm_code is_published(const struct intent *intent, struct tm_repo *repo, bool *yes,
                                 struct tm_err *err)
{
    struct tm_git_head TM_CLEANUP(tm_git_head_release) head = { .branch = NULL };
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_oid at;
    enum tm_code code = tm_git_head(repo->git, &head, err);

    *yes = false;
    if (code)
        return code;
    if (intent->tag) {
        code = tm_git_tag_find(repo->git, intent->tag, &at, NULL, &lower);
        *yes = code == TM_OK && strcmp(at.hex, intent->commit.hex) == 0;
    }
    if (!*yes && (code == TM_OK || code == TM_E_NOT_FOUND) && !head.unborn) {
        tm_err_release(&lower);
        code = tm_git_is_ancestor(repo->git, &intent->commit, &head.commit, yes, &lower);
    }
    /* An object that is gone has not been published. */
    return code == TM_OK || code == TM_E_NOT_FOUND ? TM_OK : tm_err_move(err, &lower);
}

enum tm_code tm_repo_publish_recover(struct tm_repo *repo, struct tm_err *err)
{
    struct intent TM_CLEANUP(release) intent = INTENT_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    bool published, there;
    enum tm_code code;

    tm_repo_own_state(repo, INTENT_FILE, &path);
    code = tm_root_find(&repo->state, tm_buf_str(&path), &there, err);
    if (code)
        return code;
    if (!there)
        return drop(repo, err);
    code = load(&intent, repo, tm_buf_str(&path), err);
    if (!code)
        code = is_published(&intent, repo, &published, err);
    if (!code && !published) {
        tm_log_warn(repo->log, "taking back commit %.10s, which was interrupted before it was done",
                    intent.commit.hex);
        code = undo(&intent, repo, err);
        if (code)
            tm_err_wrap(err, "cannot take back what was interrupted, mend that or remove '%s/%s'",
                        repo->state.path, path.data);
    }
    return code ? code : drop(repo, err);
}
