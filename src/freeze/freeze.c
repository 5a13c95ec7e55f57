#include "freeze/freeze.h"

#include "base/alloc.h"
#include "freeze/pin.h"
#include "ledger/pending.h"
#include "repo/publish.h"

enum { SHOWN_CHANGES = 10 };

void tm_freeze_result_release(struct tm_freeze_result *result)
{
    free(result->record);
    free(result->ledger);
    for (size_t i = 0; i < result->n_notes; i++)
        free(result->notes[i]);
    free(result->notes);
    *result = (struct tm_freeze_result) { 0 };
}

static enum tm_code check_tag(struct tm_repo *repo, const char *tag, struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_oid at;
    enum tm_code code;

    if (strlen(tag) > TM_FREEZE_TAG_MAX || !tm_git_tag_is_valid(tag))
        return tm_err_set(err, TM_E_USAGE, "'%s' is not a name that git accepts for a tag", tag);
    code = tm_git_tag_find(repo->git, tag, &at, NULL, &lower);
    if (code == TM_OK)
        return tm_err_set(err, TM_E_EXISTS, "tag '%s' exists already on commit %.10s, choose another name",
                          tag, at.hex);
    return code == TM_E_NOT_FOUND ? TM_OK : tm_err_move(err, &lower);
}

enum tm_code tm_freeze_check_place(struct tm_repo *repo, struct tm_err *err)
{
    struct tm_git_head TM_CLEANUP(tm_git_head_release) head = { 0 };
    char *TM_CLEANUP(tm_freep) name = NULL;
    char *TM_CLEANUP(tm_freep) email = NULL;
    enum tm_code code = tm_git_head(repo->git, &head, err);

    if (code)
        return code;
    if (head.unborn)
        return tm_err_set(err, TM_E_REFUSED, "there is no commit yet, make the first one");
    if (head.detached)
        return tm_err_set(err, TM_E_REFUSED,
                          "HEAD is detached, switch to a branch first: git switch <branch>");
    return tm_git_identity(repo->git, &name, &email, err);
}

enum tm_code tm_freeze_check(struct tm_repo *repo, const char *tag, struct tm_err *err)
{
    enum tm_code code = check_tag(repo, tag, err);

    if (!code)
        code = tm_freeze_check_place(repo, err);
    return code ? code : tm_pending_refuse(repo, err);
}

enum tm_code tm_freeze_check_clean(struct tm_repo *repo, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) names = TM_BUF_INIT;
    struct tm_git_change *changes = NULL;
    size_t n = 0, total = 0;
    enum tm_code code = tm_git_changes(repo->git, &arena, SHOWN_CHANGES, &changes, &n, &total, err);

    if (code || total == 0)
        return code;
    for (size_t i = 0; i < n; i++)
        tm_buf_addf(&names, "%s%c '%.*s'", i ? ", " : "", changes[i].what, TM_STR_ARG(changes[i].path));
    if (total > n)
        tm_buf_addf(&names, " and %zu more", total - n);
    return tm_err_set(err, TM_E_REFUSED, "the work tree is not clean, commit or stash first: %s", names.data);
}

/* A file that the freeze adds. */
struct file {
    struct tm_buf path, data;
};

/* One freeze in the making. */
struct making {
    struct tm_repo *repo;
    const struct tm_freeze_request *request;
    struct tm_pins pins;
    struct file record, ledger;
    struct file *notes; /* a checkpoint of each pinned ledger, when somebody signs */
    size_t n_notes;
    struct tm_git_head head;
    struct tm_oid freeze; /* F */
};

static void spell_entry(struct making *m, struct tm_buf *body)
{
    struct tm_hash digest = tm_hash_of(tm_buf_str(&m->record.data));
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_freeze_act act = {
        .tag = m->pins.record.tag,
        .kind = tm_str(tm_freeze_kind_name(m->pins.record.kind)),
        .reason = m->pins.record.reason,
        .commit = tm_str(m->head.commit.hex),
        .tree = tm_str(m->head.tree.hex),
        .record = tm_buf_str(&m->record.path),
        .ledgers = m->pins.ledgers,
        .n_ledgers = m->pins.n_ledgers,
    };

    tm_hash_add_hex(&hex, &digest);
    act.record_sha256 = tm_buf_str(&hex);
    tm_freeze_body(&act, body);
}

static void sign_ledger(struct making *m, const struct tm_ledger_pin *pin, struct file *note)
{
    struct tm_str record = tm_buf_str(&m->record.path);
    struct tm_buf TM_CLEANUP(tm_buf_release) origin = TM_BUF_INIT;
    struct tm_tree_head head = { .size = pin->entries, .root = pin->root };

    tm_buf_add_str(&note->path, tm_str_n(record.data, record.len - (sizeof(".json") - 1)));
    tm_buf_addf(&note->path, ".%.*s.note", TM_STR_ARG(pin->name));
    tm_buf_addf(&origin, "%s/%.*s/%.*s", m->request->signer->key.name, TM_STR_ARG(pin->name),
                TM_STR_ARG(pin->log));
    head.origin = tm_buf_str(&origin);
    tm_note_sign(&head, m->request->signer, &note->data);
}

static void sign(struct making *m)
{
    if (!m->request->signer)
        return;
    m->notes = tm_alloc_array(m->pins.n_ledgers, sizeof(*m->notes));
    for (; m->n_notes < m->pins.n_ledgers; m->n_notes++) {
        m->notes[m->n_notes] = (struct file) { TM_BUF_INIT, TM_BUF_INIT };
        sign_ledger(m, &m->pins.ledgers[m->n_notes], &m->notes[m->n_notes]);
    }
}

/* The contents of all files. */
static enum tm_code compose(struct making *m, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) body = TM_BUF_INIT;
    struct tm_ledger_draft draft = { .kind = TM_LEDGER_FREEZE };
    struct tm_ledger_file ledger;
    struct tm_ledger_run run;

    tm_repo_generated(m->repo, tm_freeze_kind_file(m->request->kind), &m->record.path);
    tm_repo_ledger(m->repo, "freeze.ndjson", &m->ledger.path);
    tm_freeze_record_spell(&m->pins.record, &m->record.data);
    sign(m);
    spell_entry(m, &body);
    draft.body = tm_buf_str(&body);
    tm_ledger_run_init(&run);
    ledger = tm_ledger_in(m->repo, tm_buf_str(&m->ledger.path));
    return tm_ledger_compose(&ledger, &run, m->pins.record.frozen_at_s, &draft, 1, &m->ledger.data, NULL,
                             err);
}

static struct tm_git_file git_file(const struct file *file)
{
    return (struct tm_git_file) { tm_buf_str(&file->path), tm_buf_str(&file->data) };
}

static enum tm_code publish(struct making *m, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    struct tm_git_file *TM_CLEANUP(tm_freep) files = tm_alloc_array(2 + m->n_notes, sizeof(*files));
    struct tm_publish what = { files, 2 + m->n_notes, m->request->tag, NULL };

    files[0] = git_file(&m->record);
    files[1] = git_file(&m->ledger);
    for (size_t i = 0; i < m->n_notes; i++)
        files[2 + i] = git_file(&m->notes[i]);
    tm_buf_addf(&message, "chore(freeze): %s %s\n", tm_freeze_kind_name(m->request->kind), m->request->tag);
    if (m->pins.record.reason.len)
        tm_buf_addf(&message, "\n%.*s\n", TM_STR_ARG(m->pins.record.reason));
    what.message = message.data;
    return tm_repo_publish(m->repo, &m->head.commit, &what, &m->freeze, err);
}

static enum tm_code check_reason(const char *reason, struct tm_err *err)
{
    if (reason && strlen(reason) > TM_FREEZE_REASON_MAX)
        return tm_err_set(err, TM_E_USAGE, "the reason has more than %d bytes", TM_FREEZE_REASON_MAX);
    if (reason && !tm_str_is_utf8(tm_str(reason)))
        return tm_err_set(err, TM_E_USAGE, "the reason is not UTF-8");
    return TM_OK;
}

static void take_result(struct making *m, struct tm_freeze_result *result)
{
    *result = (struct tm_freeze_result) {
        .commit = m->head.commit,
        .freeze = m->freeze,
        .record = tm_buf_take(&m->record.path),
        .ledger = tm_buf_take(&m->ledger.path),
        .notes = tm_alloc_array(m->n_notes, sizeof(*result->notes)),
        .n_notes = m->n_notes,
        .frozen_at_s = m->pins.record.frozen_at_s,
        .artifacts = m->pins.record.n_artifacts,
        .ledgers = m->pins.record.n_ledgers,
    };
    for (size_t i = 0; i < m->n_notes; i++)
        result->notes[i] = tm_buf_take(&m->notes[i].path);
}

static void release_file(struct file *file)
{
    tm_buf_release(&file->path);
    tm_buf_release(&file->data);
}

static void release(struct making *m)
{
    tm_git_head_release(&m->head);
    tm_pins_release(&m->pins);
    release_file(&m->record);
    release_file(&m->ledger);
    for (size_t i = 0; i < m->n_notes; i++)
        release_file(&m->notes[i]);
    free(m->notes);
}

enum tm_code tm_freeze_create(struct tm_repo *repo, const struct tm_catalog *catalog,
                              const struct tm_freeze_request *request, struct tm_freeze_result *result,
                              struct tm_err *err)
{
    struct making m = {
        .repo = repo,
        .request = request,
        .pins = TM_PINS_INIT,
        .record = { TM_BUF_INIT, TM_BUF_INIT },
        .ledger = { TM_BUF_INIT, TM_BUF_INIT },
    };
    enum tm_code code = check_reason(request->reason, err);

    if (!code)
        code = tm_freeze_check(repo, request->tag, err);
    if (!code)
        code = tm_freeze_check_clean(repo, err);
    if (!code)
        code = tm_git_head(repo->git, &m.head, err);
    if (!code)
        code = tm_pins_take(&m.pins, repo, catalog, request, &m.head, err);
    if (!code)
        code = compose(&m, err);
    if (!code)
        code = publish(&m, err);
    if (!code)
        take_result(&m, result);
    release(&m);
    return code;
}
