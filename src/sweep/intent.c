#include "sweep/intent.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json_doc.h"
#include "base/json_edit.h"
#include "base/json_write.h"
#include "base/path.h"
#include "catalog/manifest.h"
#include "sweep/tree.h"

#define INTENT_FORMAT "tidemark-intent/1"

/* The state folder is shared by all work trees of a repository, an intent is one work tree's. */
static void intent_path(const struct tm_repo *repo, struct tm_buf *path)
{
    const char *own = tm_git_dir(repo->git);

    tm_buf_clear(path);
    tm_buf_adds(path, "sweep-intent");
    if (strcmp(own, tm_git_common_dir(repo->git)) != 0) {
        tm_buf_addc(path, '-');
        tm_tree_add_name(path, tm_path_base(tm_str(own)));
    }
    tm_buf_adds(path, ".json");
}

static void put_edit(struct tm_json_writer *w, const struct tm_intent_edit *edit)
{
    tm_json_object_begin(w);
    tm_json_members(w, "path", edit->path);
    tm_json_member_str(w, "value", edit->value);
    tm_json_member_bool(w, "only_existing", edit->only_existing);
    tm_json_object_end(w);
}

static void put_entry(struct tm_json_writer *w, const struct tm_intent_entry *entry)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

    tm_buf_add_hex(&hex, (const unsigned char *)entry->manifest.data, entry->manifest.len);
    tm_json_object_begin(w);
    tm_json_member_str(w, "module", entry->module);
    tm_json_member_str(w, "body", entry->body);
    tm_json_member_str(w, "manifest", tm_buf_str(&hex));
    tm_json_key(w, "edits");
    tm_json_array_begin(w);
    for (size_t i = 0; i < entry->n_edits; i++)
        put_edit(w, &entry->edits[i]);
    tm_json_array_end(w);
    tm_json_object_end(w);
}

static void spell(const struct tm_intent *intent, struct tm_buf *out)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_json_writer w;

    tm_buf_add_hex(&hex, (const unsigned char *)intent->ledger.data, intent->ledger.len);
    tm_json_writer_init(&w, out, 0);
    tm_json_object_begin(&w);
    tm_json_members(&w, "format", INTENT_FORMAT);
    tm_json_member_str(&w, "head", intent->head);
    tm_json_members(&w, "run", intent->run->id);
    tm_json_member_u64(&w, "count", intent->run->count);
    tm_json_member_str(&w, "ledger", tm_buf_str(&hex));
    tm_json_member_bool(&w, "pending", intent->pending);
    tm_json_members(&w, "kind", tm_ledger_kind_name(intent->kind));
    tm_json_member_u64(&w, "ts", (uint64_t)intent->ts_s);
    tm_json_key(&w, "entries");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < intent->n; i++)
        put_entry(&w, &intent->entries[i]);
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}

/* Appends the entries from `from` on. */
static enum tm_code append(struct tm_repo *repo, const struct tm_intent *intent, size_t from,
                           struct tm_err *err)
{
    struct tm_ledger_file file = tm_ledger_in(repo, intent->ledger);
    struct tm_ledger_draft *drafts;
    enum tm_code code;

    if (from >= intent->n)
        return TM_OK;
    file.pending = intent->pending;
    drafts = tm_alloc_array(intent->n - from, sizeof(*drafts));
    for (size_t i = from; i < intent->n; i++)
        drafts[i - from] =
            (struct tm_ledger_draft) { intent->kind, intent->entries[i].module, intent->entries[i].body };
    code = tm_ledger_append(&file, intent->run, intent->ts_s, drafts, intent->n - from, NULL, err);
    free(drafts);
    return code;
}

enum tm_code tm_intent_apply(const struct tm_intent_entry *entry, const char *name, struct tm_str in,
                             struct tm_buf *out, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    const char *paths[TM_INTENT_EDITS_MAX][TM_INTENT_PARTS_MAX + 1] = { 0 };
    struct tm_json_edit edits[TM_INTENT_EDITS_MAX];

    for (size_t i = 0; i < entry->n_edits; i++) {
        struct tm_str rest = tm_str(entry->edits[i].path), part;

        for (size_t k = 0; k < TM_INTENT_PARTS_MAX && tm_str_split(&rest, '.', &part); k++)
            paths[i][k] = tm_arena_str(&arena, part).data;
        edits[i] = (struct tm_json_edit) { paths[i], entry->edits[i].value, entry->edits[i].only_existing };
    }
    return tm_json_edit(name, in, edits, entry->n_edits, out, err);
}

static enum tm_code edit_manifest(struct tm_repo *repo, const struct tm_intent_entry *entry, bool *changed,
                                  struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) bytes = TM_BUF_INIT;
    char *TM_CLEANUP(tm_freep) name = tm_strndup(entry->manifest.data, entry->manifest.len);
    enum tm_code code = tm_root_read(&repo->root, entry->manifest, TM_MANIFEST_MAX, &bytes, err);

    if (!code)
        code = tm_intent_apply(entry, name, tm_buf_str(&bytes), &bytes, err);
    return code ? code : tm_root_replace(&repo->root, entry->manifest, tm_buf_str(&bytes), changed, err);
}

/*
 * The entries stand. A manifest that somebody changed or removed since it was read is theirs, and one that
 * cannot be written must not keep the others from it, nor be tried again by every command to come.
 */
static size_t edit_manifests(struct tm_repo *repo, const struct tm_intent *intent, bool *changed)
{
    size_t failed = 0;

    for (size_t i = 0; i < intent->n; i++) {
        struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
        bool one = false;

        if (intent->entries[i].manifest.len && intent->entries[i].n_edits &&
            edit_manifest(repo, &intent->entries[i], &one, &err)) {
            tm_log_warn(repo->log, "%s: the figure is in the ledger only", tm_err_msg(&err));
            failed++;
        }
        if (changed)
            changed[i] = one;
    }
    return failed;
}

enum tm_code tm_intent_write(struct tm_repo *repo, const struct tm_intent *intent, bool *changed,
                             size_t *failed, struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) own = TM_ERR_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    size_t not_edited;
    enum tm_code code;

    intent_path(repo, &path);
    if (changed)
        changed[intent->n] = intent->n > 0;
    if (intent->n == 0)
        return TM_OK;
    spell(intent, &text);
    code = tm_root_replace(&repo->state, tm_buf_str(&path), tm_buf_str(&text), NULL, &own);
    if (!code)
        code = append(repo, intent, 0, &own);
    if (code) {
        /* Nothing was written, and an append that cannot succeed must not be tried for ever. */
        (void)!tm_root_unlink(&repo->state, tm_buf_str(&path), NULL);
        return tm_err_move(err, &own);
    }
    not_edited = edit_manifests(repo, intent, changed);
    if (failed)
        *failed += not_edited;
    return tm_root_unlink(&repo->state, tm_buf_str(&path), err);
}

/* An intent read back; texts are the document's or the arena's. */
struct reading {
    struct tm_arena arena;
    struct tm_json_doc doc;
    struct tm_intent intent;
    struct tm_ledger_run run;
};

static void reading_release(struct reading *r)
{
    tm_json_doc_release(&r->doc);
    tm_arena_release(&r->arena);
}

static bool hex_value(char c, unsigned *value)
{
    if (c >= '0' && c <= '9')
        *value = (unsigned)(c - '0');
    else if (c >= 'a' && c <= 'f')
        *value = (unsigned)(c - 'a') + 10;
    else
        return false;
    return true;
}

static bool read_hex(struct reading *r, const struct tm_json_node *object, const char *key,
                     struct tm_str *out)
{
    struct tm_str hex;
    char *bytes;

    if (!tm_json_node_str(tm_json_get(object, key), &hex) || hex.len % 2)
        return false;
    bytes = tm_arena_alloc(&r->arena, hex.len / 2 + 1);
    for (size_t i = 0; i < hex.len / 2; i++) {
        unsigned high, low;

        if (!hex_value(hex.data[2 * i], &high) || !hex_value(hex.data[2 * i + 1], &low))
            return false;
        bytes[i] = (char)(high << 4 | low);
    }
    *out = tm_str_n(bytes, hex.len / 2);
    return true;
}

static bool read_entry(struct reading *r, const struct tm_json_node *node, struct tm_intent_entry *entry)
{
    const struct tm_json_node *edits = tm_json_get(node, "edits");

    if (!tm_json_node_str(tm_json_get(node, "module"), &entry->module) ||
        !tm_json_node_str(tm_json_get(node, "body"), &entry->body) ||
        !read_hex(r, node, "manifest", &entry->manifest) || !edits || edits->kind != TM_JSON_KIND_ARRAY ||
        edits->count > TM_INTENT_EDITS_MAX)
        return false;
    for (const struct tm_json_node *e = edits->child; e; e = e->next) {
        struct tm_intent_edit *edit = &entry->edits[entry->n_edits++];
        struct tm_str path;

        if (!tm_json_node_str(tm_json_get(e, "path"), &path) ||
            !tm_json_node_str(tm_json_get(e, "value"), &edit->value) ||
            !tm_json_node_bool(tm_json_get(e, "only_existing"), &edit->only_existing))
            return false;
        edit->path = tm_arena_str(&r->arena, path).data;
    }
    return true;
}

static bool read_kind(const struct tm_json_node *root, enum tm_ledger_kind *kind)
{
    struct tm_str name;

    if (!tm_json_node_str(tm_json_get(root, "kind"), &name))
        return false;
    *kind = tm_str_is(name, tm_ledger_kind_name(TM_LEDGER_BENCH)) ? TM_LEDGER_BENCH : TM_LEDGER_COVERAGE;
    return tm_str_is(name, tm_ledger_kind_name(*kind));
}

static bool read_all(struct reading *r)
{
    const struct tm_json_node *root = r->doc.root;
    const struct tm_json_node *entries = tm_json_get(root, "entries");
    struct tm_intent *intent = &r->intent;
    struct tm_str format, id;

    intent->run = &r->run;
    if (!tm_json_node_str(tm_json_get(root, "format"), &format) || !tm_str_is(format, INTENT_FORMAT) ||
        !tm_json_node_str(tm_json_get(root, "run"), &id) || id.len != TM_LEDGER_RUN_HEX ||
        !tm_json_node_u64(tm_json_get(root, "count"), &r->run.count) ||
        (tm_json_get(root, "pending") &&
         !tm_json_node_bool(tm_json_get(root, "pending"), &intent->pending)) ||
        !tm_json_node_str(tm_json_get(root, "head"), &intent->head) ||
        !tm_json_node_i64(tm_json_get(root, "ts"), &intent->ts_s) || !read_kind(root, &intent->kind) ||
        !read_hex(r, root, "ledger", &intent->ledger) || !entries || entries->kind != TM_JSON_KIND_ARRAY)
        return false;
    memcpy(r->run.id, id.data, id.len);
    intent->entries = tm_arena_array(&r->arena, entries->count, sizeof(*intent->entries));
    for (const struct tm_json_node *e = entries->child; e; e = e->next) {
        if (!read_entry(r, e, &intent->entries[intent->n++]))
            return false;
    }
    return true;
}

/* What of the run is in its ledger already. */
struct landed {
    const struct tm_ledger_run *run;
    uint64_t last; /* greatest count seen */
    size_t entries;
};

static enum tm_code count_landed(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct landed *landed = ctx;
    struct tm_str id = entry->run, number;
    uint64_t n;

    if (entry->adopted || !tm_str_split(&id, '.', &number) || !tm_str_is(number, landed->run->id) ||
        !tm_str_u64(id, &n) || n <= landed->run->count)
        return TM_OK;
    landed->last = TM_MAX(landed->last, n);
    landed->entries += !tm_str_is(entry->kind, tm_ledger_kind_name(TM_LEDGER_GENESIS));
    return TM_OK;
}

static enum tm_code finish(struct tm_repo *repo, struct tm_intent *intent, struct tm_err *err)
{
    struct tm_ledger_file file = tm_ledger_in(repo, intent->ledger);
    struct landed landed = { .run = intent->run };
    enum tm_code code = tm_ledger_mend(&file, NULL, err);

    if (!code)
        code = tm_ledger_scan(&file, count_landed, &landed, err);
    if (code)
        return code;
    intent->run->count = TM_MAX(intent->run->count, landed.last);
    code = append(repo, intent, landed.entries, err);
    if (!code)
        edit_manifests(repo, intent, NULL);
    return code;
}

static enum tm_code same_head(struct tm_repo *repo, const struct tm_intent *intent, bool *same,
                              struct tm_err *err)
{
    struct tm_git_head head = { 0 };
    enum tm_code code = tm_git_head(repo->git, &head, err);

    if (!code)
        *same = tm_str_is(intent->head, head.commit.hex);
    tm_git_head_release(&head);
    return code;
}

enum tm_code tm_intent_finish(struct tm_repo *repo, struct tm_err *err)
{
    struct reading TM_CLEANUP(reading_release) r = { .arena = TM_ARENA_INIT };
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) when = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    bool same = false, there;
    enum tm_code code;

    intent_path(repo, &path);
    code = tm_root_find(&repo->state, tm_buf_str(&path), &there, err);
    if (code || !there)
        return code;
    code = tm_root_read(&repo->state, tm_buf_str(&path), TM_INTENT_FILE_MAX, &text, err);
    if (!code)
        code = tm_json_doc_parse(&r.doc, path.data, tm_buf_str(&text), err);
    if (!code && !read_all(&r))
        code = tm_err_set(err, TM_E_FORMAT, "'%s/%s' is damaged, remove it and sweep again", repo->state.path,
                          path.data);
    if (!code)
        code = same_head(repo, &r.intent, &same, err);
    if (code)
        return code;
    tm_clock_add_stamp(&when, r.intent.ts_s);
    if (same) {
        code = finish(repo, &r.intent, err);
        if (!code)
            tm_log_note(repo->log, "finished writing what a sweep of %s had measured when it was interrupted",
                        when.data);
    } else {
        tm_log_warn(
            repo->log,
            "a sweep of %s was interrupted while it wrote and HEAD has moved since: its figures are dropped",
            when.data);
    }
    return code ? code : tm_root_unlink(&repo->state, tm_buf_str(&path), err);
}
