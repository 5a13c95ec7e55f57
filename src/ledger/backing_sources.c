/* Where the ledgers are, while git is in the middle of a merge. */
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "catalog/observed.h"
#include "ledger/manifest_merge.h"
#include "ledger/pending.h"
#include "ledger/read.h"
#include "repo/repo.h"

enum { LEDGER_MAX = 1 << 30 };

extern char **environ;

struct search {
    struct tm_repo *repo;
    const char *name;     /* of the ledger */
    struct tm_buf ledger; /* its path */
    unsigned group;
    struct tm_backed *sides; /* two */
};

static bool is_done(const struct search *s)
{
    return s->sides[0].found && s->sides[1].found;
}

/* A ledger that is damaged, or in conflict itself, says nothing. */
static void look_into(struct search *s, const struct tm_ledger_version *version)
{
    (void)!tm_backing_look(version, s->group, s->sides, 2, NULL);
}

static void look_at_work_tree(struct search *s)
{
    struct tm_fragments TM_CLEANUP(tm_fragments_release) all = TM_FRAGMENTS_INIT;
    struct tm_ledger_file file = tm_ledger_in(s->repo, tm_buf_str(&s->ledger));
    struct tm_ledger_version plain = { -1, 0, file.path }, whole = { -1, 0, file.path };

    if (tm_fragments_of(&all, &file, NULL) == TM_OK &&
        tm_ledger_open(&file, &plain.fd, &plain.size, NULL) == TM_OK &&
        tm_pending_whole(&file, &all, plain.fd, plain.size, &whole.fd, &whole.size, NULL) == TM_OK)
        look_into(s, whole.fd < 0 ? &plain : &whole);
    tm_closep(&whole.fd);
    tm_closep(&plain.fd);
}

/* A ledger in a commit, with its fragments behind it. */
struct committed {
    struct search *search;
    struct tm_buf data;
};

static enum tm_code add_fragment(void *ctx, struct tm_str path, unsigned mode, const struct tm_oid *blob,
                                 struct tm_err *err)
{
    struct committed *c = ctx;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct tm_arena TM_CLEANUP(tm_arena_release) arena = TM_ARENA_INIT;
    struct tm_fragment fragment;
    struct tm_hash id;

    if (tm_fragment_is_name(tm_path_base(path), &id) &&
        tm_git_read_blob(c->search->repo->git, blob, TM_FRAGMENT_MAX, &text, NULL) == TM_OK &&
        tm_fragment_parse(&fragment, &arena, path, tm_buf_str(&text), &id, NULL) == TM_OK &&
        strcmp(fragment.ledger, c->search->name) == 0)
        tm_buf_add_str(&c->data, tm_buf_str(&text));
    return TM_OK;
}

static void look_at_commit(struct search *s, const struct tm_oid *commit)
{
    struct committed c = { s, TM_BUF_INIT };
    struct tm_buf TM_CLEANUP(tm_buf_release) folder = TM_BUF_INIT;
    struct tm_ledger_version version = { -1, 0, tm_buf_str(&s->ledger) };

    tm_fragment_folder(version.name, &folder);
    if (tm_git_read_at(s->repo->git, commit, version.name, LEDGER_MAX, &c.data, NULL) == TM_OK) {
        (void)!tm_git_tree_walk(s->repo->git, commit, tm_buf_str(&folder), add_fragment, &c, NULL);
        version.fd = memfd_create("ledger", MFD_CLOEXEC);
        version.size = c.data.len;
    }
    if (version.fd >= 0 && tm_fd_write_all(version.fd, tm_buf_str(&c.data), NULL) == TM_OK)
        look_into(s, &version);
    tm_closep(&version.fd);
    tm_buf_release(&c.data);
}

static void look_at_revision(struct search *s, const char *revision)
{
    struct tm_oid commit;

    if (tm_git_resolve(s->repo->git, revision, &commit, NULL) == TM_OK)
        look_at_commit(s, &commit);
}

/* `git merge` names what it merges in the environment: MERGE_HEAD comes only when it has failed. */
static void look_at_environment(struct search *s)
{
    for (char **variable = environ; *variable; variable++) {
        struct tm_str name = tm_str(*variable);
        struct tm_oid commit;

        if (!tm_str_has_prefix(name, TM_STR("GITHEAD_")) || name.len < 8 + TM_OID_HEX + 1 ||
            name.data[8 + TM_OID_HEX] != '=')
            continue;
        memcpy(commit.hex, name.data + 8, TM_OID_HEX);
        commit.hex[TM_OID_HEX] = '\0';
        look_at_revision(s, commit.hex);
    }
}

/* A rebase or cherry-pick names nothing at all, but what it picks has the manifest as it is merged. */
static void look_at_history(struct search *s, const struct tm_manifest_versions *versions)
{
    const struct tm_oid blobs[] = { tm_git_blob_id(versions->ours), tm_git_blob_id(versions->theirs) };
    struct tm_oid commits[TM_LEN(blobs)];

    if (tm_git_find_blobs(s->repo->git, tm_str(versions->path), blobs, TM_LEN(blobs), commits, NULL))
        return;
    for (size_t i = 0; i < TM_LEN(blobs); i++)
        if (commits[i].hex[0])
            look_at_commit(s, &commits[i]);
}

void tm_backing_find(void *ctx, unsigned group, struct tm_backed sides[2])
{
    static const char *const revisions[] = { "HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REBASE_HEAD" };
    struct tm_backing_sources *sources = ctx;
    const char *name = group == TM_OBSERVED_BENCH ? "bench" : "coverage";
    struct search s = { sources->repo, name, TM_BUF_INIT, group, sides };
    struct tm_buf TM_CLEANUP(tm_buf_release) file = TM_BUF_INIT;

    tm_buf_addf(&file, "%s.ndjson", name);
    tm_repo_ledger(s.repo, file.data, &s.ledger);
    look_at_work_tree(&s);
    for (size_t i = 0; i < TM_LEN(revisions); i++)
        look_at_revision(&s, revisions[i]);
    look_at_environment(&s);
    if (!is_done(&s))
        look_at_history(&s, sources->versions);
    tm_buf_release(&s.ledger);
}
