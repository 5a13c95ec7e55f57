#include "freeze/intent.h"

#include "base/arena.h"
#include "base/json_doc.h"
#include "base/json_write.h"
#include "base/path.h"
#include "freeze/freeze.h"

#define INTENT "freeze/intent.json"

static const char *const backups[TM_FREEZE_FILES] = { "freeze/old.0", "freeze/old.1" };

enum tm_code tm_freeze_intent_save(struct tm_repo *repo, const struct tm_freeze_intent *intent,
                                   struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_json_writer w;
    enum tm_code code = TM_OK;

    tm_json_writer_init(&w, &out, 2);
    tm_json_object_begin(&w);
    tm_json_members(&w, "tag", intent->tag);
    tm_json_members(&w, "freeze", intent->freeze.hex);
    tm_json_key(&w, "files");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < TM_FREEZE_FILES && !code; i++) {
        const struct tm_freeze_file *file = &intent->files[i];

        tm_json_object_begin(&w);
        tm_json_member_str(&w, "path", file->path);
        tm_json_member_bool(&w, "existed", file->existed);
        tm_json_object_end(&w);
        if (file->existed)
            code = tm_root_replace(&repo->state, tm_str(backups[i]), tm_buf_str(&file->old), NULL, err);
    }
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(&out, '\n');
    /* The intent last: while it is not there, nothing has happened. */
    return code ? code : tm_root_replace(&repo->state, TM_STR(INTENT), tm_buf_str(&out), NULL, err);
}

enum tm_code tm_freeze_intent_undo(struct tm_repo *repo, const struct tm_freeze_intent *intent,
                                   struct tm_err *err)
{
    enum tm_code code = TM_OK;

    for (size_t i = 0; i < TM_FREEZE_FILES && !code; i++) {
        const struct tm_freeze_file *file = &intent->files[i];

        code = file->existed ? tm_root_replace(&repo->root, file->path, tm_buf_str(&file->old), NULL, err)
                             : tm_root_unlink(&repo->root, file->path, err);
    }
    return code;
}

enum tm_code tm_freeze_intent_drop(struct tm_repo *repo, struct tm_err *err)
{
    enum tm_code code = tm_root_unlink(&repo->state, TM_STR(INTENT), err);

    for (size_t i = 0; i < TM_FREEZE_FILES && !code; i++)
        code = tm_root_unlink(&repo->state, tm_str(backups[i]), err);
    return code;
}

/* Fills files from the saved intent. */
static enum tm_code load_files(struct tm_repo *repo, const struct tm_json_doc *doc,
                               struct tm_freeze_intent *intent, struct tm_err *err)
{
    const struct tm_json_node *node = tm_json_at(doc->root, "files");
    enum tm_code code = TM_OK;

    if (!node || node->count != TM_FREEZE_FILES)
        return tm_err_set(err, TM_E_FORMAT, "the intent of a freeze that was killed is damaged");
    node = node->child;
    for (size_t i = 0; i < TM_FREEZE_FILES && !code; i++, node = node->next) {
        struct tm_freeze_file *file = &intent->files[i];

        if (!tm_json_node_str(tm_json_get(node, "path"), &file->path) || !tm_path_is_normal(file->path) ||
            !tm_json_node_bool(tm_json_get(node, "existed"), &file->existed))
            return tm_err_set(err, TM_E_FORMAT, "the intent of a freeze that was killed is damaged");
        if (file->existed)
            code = tm_root_read(&repo->state, tm_str(backups[i]), UINT64_MAX, &file->old, err);
    }
    return code;
}

/* Either the tag stands on F, or nothing was published. */
static enum tm_code settle(struct tm_repo *repo, const struct tm_freeze_intent *intent, struct tm_err *err)
{
    struct tm_oid at = { "" };
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    enum tm_code code = tm_git_tag_find(repo->git, intent->tag, &at, NULL, &lower);

    if (code && code != TM_E_NOT_FOUND)
        return tm_err_move(err, &lower);
    if (!code && strcmp(at.hex, intent->freeze.hex) == 0) {
        tm_log_warn(repo->log, "the freeze '%s' was interrupted when all was done", intent->tag);
        return TM_OK;
    }
    tm_log_warn(repo->log, "taking back the freeze '%s' that was interrupted", intent->tag);
    return tm_freeze_intent_undo(repo, intent, err);
}

enum tm_code tm_freeze_recover(struct tm_repo *repo, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) tag = TM_BUF_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    struct tm_freeze_intent intent = { 0 };
    struct tm_str text, freeze;
    enum tm_code code;

    if (!tm_root_exists(&repo->state, TM_STR(INTENT)))
        return TM_OK;
    for (size_t i = 0; i < TM_FREEZE_FILES; i++)
        intent.files[i].old = TM_BUF_INIT;
    code = tm_root_read(&repo->state, TM_STR(INTENT), TM_MANIFEST_MAX, &data, err);
    if (!code)
        code = tm_json_doc_parse(&doc, INTENT, tm_buf_str(&data), err);
    if (code)
        return code;
    if (!tm_json_node_str(tm_json_get(doc.root, "tag"), &text) ||
        !tm_json_node_str(tm_json_get(doc.root, "freeze"), &freeze) || freeze.len != TM_OID_HEX)
        return tm_err_set(err, TM_E_FORMAT, "the intent of a freeze that was killed is damaged");
    tm_buf_add_str(&tag, text);
    intent.tag = tag.data;
    memcpy(intent.freeze.hex, freeze.data, TM_OID_HEX);
    code = load_files(repo, &doc, &intent, err);
    if (!code)
        code = settle(repo, &intent, err);
    if (!code)
        code = tm_freeze_intent_drop(repo, err);
    for (size_t i = 0; i < TM_FREEZE_FILES; i++)
        tm_buf_release(&intent.files[i].old);
    return code;
}
