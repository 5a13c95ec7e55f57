#include "freeze/freeze.h"

#include "base/alloc.h"
#include "freeze/pin.h"
#include "repo/publish.h"

enum { SHOWN_CHANGES = 10 };

void tm_freeze_result_release(struct tm_freeze_result *result)
{
    free(result->record);
    free(result->ledger);
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

    return code ? code : tm_freeze_check_place(repo, err);
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

/* One freeze in the making. */
struct making {
    struct tm_repo *repo;
    const struct tm_freeze_request *request;
    struct tm_pins pins;
    struct tm_buf record_path, ledger_path;
    struct tm_buf record_data, ledger_data; /* new contents */
    struct tm_git_head head;
    struct tm_oid freeze; /* F */
};

static void spell_entry(struct making *m, struct tm_buf *body)
{
    struct tm_hash digest = tm_hash_of(tm_buf_str(&m->record_data));
    struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;
    struct tm_freeze_act act = {
        .tag = m->pins.record.tag,
        .kind = tm_str(tm_freeze_kind_name(m->pins.record.kind)),
        .reason = m->pins.record.reason,
        .commit = tm_str(m->head.commit.hex),
        .tree = tm_str(m->head.tree.hex),
        .record = tm_buf_str(&m->record_path),
        .ledgers = m->pins.ledgers,
        .n_ledgers = m->pins.n_ledgers,
    };

    tm_hash_add_hex(&hex, &digest);
    act.record_sha256 = tm_buf_str(&hex);
    tm_freeze_body(&act, body);
}

/* The contents of both files. */
static enum tm_code compose(struct making *m, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) body = TM_BUF_INIT;
    struct tm_ledger_draft draft = { .kind = TM_LEDGER_FREEZE };
    struct tm_ledger_file ledger;
    struct tm_ledger_run run;

    tm_repo_generated(m->repo, tm_freeze_kind_file(m->request->kind), &m->record_path);
    tm_repo_ledger(m->repo, "freeze.ndjson", &m->ledger_path);
    tm_freeze_record_spell(&m->pins.record, &m->record_data);
    spell_entry(m, &body);
    draft.body = tm_buf_str(&body);
    tm_ledger_run_init(&run);
    ledger = tm_ledger_in(m->repo, tm_buf_str(&m->ledger_path));
    return tm_ledger_compose(&ledger, &run, m->pins.record.frozen_at_s, &draft, 1, &m->ledger_data, NULL,
                             err);
}

static enum tm_code publish(struct making *m, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;
    const struct tm_git_file files[] = {
        { tm_buf_str(&m->record_path), tm_buf_str(&m->record_data) },
        { tm_buf_str(&m->ledger_path), tm_buf_str(&m->ledger_data) },
    };
    struct tm_publish what = { files, TM_LEN(files), m->request->tag, NULL };

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
        .record = tm_buf_take(&m->record_path),
        .ledger = tm_buf_take(&m->ledger_path),
        .frozen_at_s = m->pins.record.frozen_at_s,
        .artifacts = m->pins.record.n_artifacts,
        .ledgers = m->pins.record.n_ledgers,
    };
}

static void release(struct making *m)
{
    tm_git_head_release(&m->head);
    tm_pins_release(&m->pins);
    tm_buf_release(&m->record_path);
    tm_buf_release(&m->ledger_path);
    tm_buf_release(&m->record_data);
    tm_buf_release(&m->ledger_data);
}

enum tm_code tm_freeze_create(struct tm_repo *repo, const struct tm_catalog *catalog,
                              const struct tm_freeze_request *request, struct tm_freeze_result *result,
                              struct tm_err *err)
{
    struct making m = {
        .repo = repo,
        .request = request,
        .pins = TM_PINS_INIT,
        .record_path = TM_BUF_INIT,
        .ledger_path = TM_BUF_INIT,
        .record_data = TM_BUF_INIT,
        .ledger_data = TM_BUF_INIT,
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
