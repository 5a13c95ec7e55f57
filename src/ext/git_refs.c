/* Tags: names, objects, lookups. */
#include "ext/git_internal.h"

#include "base/alloc.h"

bool tm_git_tag_is_valid(const char *tag)
{
    int valid = 0;

    tm_git_init();
    return git_tag_name_is_valid(&valid, tag) == 0 && valid && strcmp(tag, "HEAD") != 0;
}

enum tm_code tm_git_tag_find(struct tm_git *git, const char *tag, struct tm_oid *commit, bool *annotated,
                             struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    git_object *object = NULL, *peeled = NULL;
    enum tm_code code = TM_OK;
    git_oid id;
    int rc;

    tm_buf_addf(&name, "refs/tags/%s", tag);
    rc = tm_git_tag_is_valid(tag) ? git_reference_name_to_id(&id, git->repo, name.data) : GIT_ENOTFOUND;
    if (rc == GIT_ENOTFOUND)
        return tm_err_set(err, TM_E_NOT_FOUND, "there is no tag '%s'", tag);
    if (rc < 0)
        return tm_git_fail(err, rc, "cannot read tag '%s'", tag);
    if (git_object_lookup(&object, git->repo, &id, GIT_OBJECT_ANY) < 0)
        code = tm_git_fail(err, GIT_ERROR, "cannot read tag '%s'", tag);
    else if (git_object_peel(&peeled, object, GIT_OBJECT_COMMIT) < 0)
        code = tm_err_set(err, TM_E_GIT, "tag '%s' does not name a commit", tag);
    if (!code) {
        *commit = tm_git_oid_hex(git_object_id(peeled));
        if (annotated)
            *annotated = git_object_type(object) == GIT_OBJECT_TAG;
    }
    git_object_free(peeled);
    git_object_free(object);
    return code;
}

static int compare_tags(const void *a, const void *b)
{
    return tm_str_cmp(*(const struct tm_str *)a, *(const struct tm_str *)b);
}

enum tm_code tm_git_tags(struct tm_git *git, struct tm_arena *arena, struct tm_str **tags, size_t *n,
                         struct tm_err *err)
{
    git_strarray names = { NULL, 0 };
    struct tm_str *out;

    if (git_tag_list(&names, git->repo) < 0)
        return tm_git_fail(err, GIT_ERROR, "cannot list tags");
    out = tm_arena_array(arena, names.count, sizeof(*out));
    for (size_t i = 0; i < names.count; i++)
        out[i] = tm_arena_str(arena, tm_str(names.strings[i]));
    if (names.count)
        qsort(out, names.count, sizeof(*out), compare_tags);
    *tags = out;
    *n = names.count;
    git_strarray_dispose(&names);
    return TM_OK;
}

enum tm_code tm_git_tag_prepare(struct tm_git *git, const char *tag, const struct tm_oid *commit,
                                const char *message, struct tm_oid *tag_object, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    git_signature *tagger = NULL;
    git_commit *target = NULL;
    git_oid id;
    enum tm_code code = TM_OK;

    if (!tm_git_tag_is_valid(tag))
        return tm_err_set(err, TM_E_USAGE, "'%s' is not a name git accepts for a tag", tag);
    tm_buf_adds(&text, message);
    if (text.len && text.data[text.len - 1] != '\n')
        tm_buf_addc(&text, '\n');
    code = tm_git_load_commit(&target, git, commit, err);
    if (!code)
        code = tm_git_committer(&tagger, git, err);
    if (!code && git_tag_annotation_create(&id, git->repo, tag, (git_object *)target, tagger, text.data) < 0)
        code = tm_git_fail(err, GIT_ERROR, "cannot write tag '%s'", tag);
    if (!code)
        *tag_object = tm_git_oid_hex(&id);
    git_signature_free(tagger);
    git_commit_free(target);
    return code;
}

bool tm_git_upstream(struct tm_git *git, struct tm_buf *name, struct tm_oid *commit)
{
    git_reference *head = NULL, *upstream = NULL;
    git_object *peeled = NULL;
    bool found = git_repository_head(&head, git->repo) == 0 && git_reference_is_branch(head) &&
                 git_branch_upstream(&upstream, head) == 0 &&
                 git_reference_peel(&peeled, upstream, GIT_OBJECT_COMMIT) == 0;

    if (found) {
        tm_buf_clear(name);
        tm_buf_adds(name, git_reference_shorthand(upstream));
        *commit = tm_git_oid_hex(git_object_id(peeled));
    }
    git_object_free(peeled);
    git_reference_free(upstream);
    git_reference_free(head);
    return found;
}
