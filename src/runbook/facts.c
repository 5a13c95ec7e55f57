#include "runbook/facts.h"

#include "base/clock.h"
#include "freeze/record.h"
#include "ledger/observation.h"
#include "runbook/metrics.h"

/* The facts of a phase as a document; false when it has none. */
static bool open_phase(const struct tm_run *run, enum tm_phase phase, struct tm_json_doc *doc)
{
    const struct tm_buf *facts = &run->journal.phases[phase].facts;

    return facts->len && tm_json_doc_parse(doc, "facts", tm_buf_str(facts), NULL) == TM_OK;
}

static void put_tag(const struct tm_run *run, enum tm_phase phase, const char *purpose,
                    struct tm_json_writer *w)
{
    static const struct {
        const char *from, *to;
    } members[] = {
        { "tag", "name" },
        { "kind", "kind" },
        { "frozen_commit", "commit" },
        { "freeze_commit", "freeze" },
        { "frozen_at", "created_at" },
    };
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;

    if (!open_phase(run, phase, &doc) || !tm_json_get(doc.root, "tag"))
        return;
    tm_json_object_begin(w);
    for (size_t i = 0; i < TM_LEN(members); i++) {
        const struct tm_json_node *node = tm_json_get(doc.root, members[i].from);

        if (!node)
            continue;
        tm_json_key(w, members[i].to);
        tm_json_put_node(w, node);
    }
    tm_json_members(w, "purpose", purpose);
    tm_json_object_end(w);
}

static void put_files(struct tm_json_writer *w, const struct tm_git_change *changes, size_t n)
{
    static const struct {
        const char *key, *letters;
    } groups[] = { { "created", "A" }, { "modified", "MT" }, { "removed", "D" } };

    tm_json_key(w, "files");
    tm_json_object_begin(w);
    for (size_t g = 0; g < TM_LEN(groups); g++) {
        tm_json_key(w, groups[g].key);
        tm_json_array_begin(w);
        for (size_t i = 0; i < n; i++)
            if (strchr(groups[g].letters, changes[i].what))
                tm_json_put_str(w, changes[i].path);
        tm_json_array_end(w);
    }
    tm_json_object_end(w);
}

static enum tm_code put_history(struct tm_run *run, struct tm_json_writer *w, struct tm_err *err)
{
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_git_head TM_CLEANUP(tm_git_head_release) head = { 0 };
    struct tm_git_change *changes;
    struct tm_git_commit *commits;
    struct tm_str remote;
    size_t n_changes, n_commits;
    enum tm_code code = tm_git_head(run->repo->git, &head, err);

    if (!code)
        code = tm_git_diff_names(run->repo->git, &run->journal.head, &head.commit, &arena, &changes,
                                 &n_changes, err);
    if (!code)
        code =
            tm_git_range(run->repo->git, &run->journal.head, &head.commit, &arena, &commits, &n_commits, err);
    if (code)
        return code;
    put_files(w, changes, n_changes);
    tm_json_key(w, "commits");
    tm_json_array_begin(w);
    for (size_t i = 0; i < n_commits; i++) {
        tm_json_object_begin(w);
        tm_json_members(w, "id", commits[i].id.hex);
        tm_json_member_str(w, "subject", commits[i].subject);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
    remote = tm_git_remote(run->repo->git, &arena);
    tm_json_key(w, "remote");
    if (remote.len)
        tm_json_put_str(w, remote);
    else
        tm_json_put_null(w);
    return TM_OK;
}

/* What is asked of the entries of all ledgers. */
struct counting {
    size_t adopted, adopted_with_time, chained;
};

static enum tm_code count_entry(void *ctx, const struct tm_ledger_entry *entry, struct tm_err *err)
{
    struct counting *c = ctx;

    (void)err;
    c->adopted += entry->adopted;
    c->adopted_with_time += entry->adopted && entry->ts_s >= 0;
    c->chained += !entry->adopted;
    return TM_OK;
}

/* Lines that the ledger had where the run began; a genesis that the run wrote counts as one of them. */
static enum tm_code lines_before(struct tm_run *run, struct tm_str path, size_t *lines, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) data = TM_BUF_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    enum tm_code code = tm_git_read_at(run->repo->git, &run->journal.head, path, UINT64_MAX, &data, &lower);

    if (code && code != TM_E_NOT_FOUND)
        return tm_err_move(err, &lower);
    *lines = !memmem(data.data, data.len, "\"kind\":\"genesis\"", 16);
    for (size_t i = 0; i < data.len; i++)
        *lines += data.data[i] == '\n';
    return TM_OK;
}

static enum tm_code put_ledger(struct tm_run *run, const char *name, struct counting *all,
                               struct tm_json_writer *w, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) file_name = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };
    struct tm_ledger_file file;
    size_t before = 0;
    enum tm_code code;

    tm_buf_addf(&file_name, "%s.ndjson", name);
    tm_repo_ledger(run->repo, file_name.data, &path);
    if (!tm_root_exists(&run->repo->root, tm_buf_str(&path)))
        return TM_OK;
    file = tm_ledger_in(run->repo, tm_buf_str(&path));
    code = tm_ledger_read(&file, count_entry, all, &state, err);
    if (!code)
        code = lines_before(run, tm_buf_str(&path), &before, err);
    if (code)
        return code;
    tm_json_object_begin(w);
    tm_json_member_str(w, "path", tm_buf_str(&path));
    tm_json_member_u64(w, "entries", state.entries);
    tm_json_member_u64(w, "adopted_lines", state.adopted_lines);
    tm_json_member_u64(w, "entries_added", state.lines - TM_MIN(state.lines, (uint64_t)before));
    tm_json_key(w, "heads");
    tm_json_array_begin(w);
    for (size_t i = 0; i < state.n_heads; i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) hex = TM_BUF_INIT;

        tm_hash_add_hex(&hex, &state.heads[i]);
        tm_json_put_str(w, tm_buf_str(&hex));
    }
    tm_json_array_end(w);
    tm_json_member_u64(w, "max_lc", state.max_lc);
    tm_json_object_end(w);
    return TM_OK;
}

static void put_check(struct tm_json_writer *w, const char *name, bool passed, const struct tm_buf *detail)
{
    tm_json_object_begin(w);
    tm_json_members(w, "name", name);
    tm_json_members(w, "status", passed ? "passed" : "failed");
    tm_json_member_str(w, "detail", tm_buf_str(detail));
    tm_json_object_end(w);
}

/* What reading every ledger and the final checkpoint have shown. */
static void put_ledger_checks(struct tm_run *run, const struct counting *all, struct tm_json_writer *w)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) detail = TM_BUF_INIT;
    struct tm_json_doc TM_CLEANUP(tm_json_doc_release) doc = TM_JSON_DOC_INIT;
    const struct tm_json_node *checks;

    tm_json_key(w, "ledger_checks");
    tm_json_array_begin(w);
    tm_buf_addf(&detail, "%zu of %zu", all->chained + all->adopted_with_time, all->chained + all->adopted);
    put_check(w, "Entries with a timestamp", all->adopted_with_time == all->adopted, &detail);
    tm_buf_clear(&detail);
    tm_buf_addf(&detail, "%zu entries name their predecessors by SHA-256", all->chained);
    put_check(w, "Every ledger reads as an unbroken chain", true, &detail);
    if (open_phase(run, TM_PHASE_FINAL, &doc)) {
        checks = tm_json_get(doc.root, "checks");
        for (const struct tm_json_node *n = checks ? checks->child : NULL; n; n = n->next) {
            struct tm_str name;

            if (!tm_json_node_str(tm_json_get(n, "name"), &name) ||
                !tm_str_is(name, "Ledger Consistency Check"))
                continue;
            tm_json_put_node(w, n);
        }
    }
    tm_json_array_end(w);
}

static enum tm_code put_ledgers(struct tm_run *run, struct tm_json_writer *w, struct tm_err *err)
{
    struct counting all = { 0 };
    enum tm_code code = TM_OK;

    tm_json_key(w, "ledgers");
    tm_json_array_begin(w);
    for (size_t i = 0; tm_ledger_names[i] && !code; i++)
        code = put_ledger(run, tm_ledger_names[i], &all, w, err);
    tm_json_array_end(w);
    if (!code)
        put_ledger_checks(run, &all, w);
    return code;
}

enum tm_code tm_facts_spell(struct tm_run *run, const char *status, struct tm_buf *out, struct tm_err *err)
{
    struct tm_json_writer w;
    int64_t duration_ns = 0;
    enum tm_code code;

    for (size_t i = 0; i < TM_PHASES; i++)
        duration_ns += run->journal.phases[i].duration_ns;
    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    tm_journal_members(&run->journal, &w);
    tm_json_members(&w, "status", status);
    tm_json_members(&w, "tool_version", TM_VERSION);
    tm_json_key(&w, "finished_at");
    tm_json_put_stamp(&w, tm_clock_now_s());
    tm_json_member_u64(&w, "duration_ns", (uint64_t)duration_ns);
    tm_json_key(&w, "tags");
    tm_json_array_begin(&w);
    put_tag(run, TM_PHASE_BASELINE, "Baseline freeze before the sweep", &w);
    put_tag(run, TM_PHASE_RELEASE, "Production freeze after the complete run", &w);
    tm_json_array_end(&w);
    code = put_history(run, &w, err);
    if (!code)
        code = put_ledgers(run, &w, err);
    if (!code && run->journal.phases[TM_PHASE_DASHBOARDS].status != TM_PHASE_TODO)
        code = tm_next_steps(run->repo, &w, err);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
    return code;
}
