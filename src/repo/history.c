#include "repo/history.h"

#include "base/alloc.h"

/* How a commit stands to the range while it is searched. */
enum {
    QUEUED = 1 << 0, /* was put into the queue, once */
    HIDDEN = 1 << 1, /* reachable from range->from */
    LISTED = 1 << 2,
};

/* Clocks of committers differ: so many more hidden commits are followed when none that is wanted is left. */
enum { SLOP = 64 };

void tm_range_release(struct tm_range *range)
{
    tm_buf_release(&range->label);
}

void tm_history_release(struct tm_history *history)
{
    free(history->commits.items);
    tm_map_release(&history->known);
    tm_arena_release(&history->arena);
    *history = TM_HISTORY_INIT;
}

static enum tm_code resolve(struct tm_git *git, struct tm_str rev, struct tm_git_id *id, struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) name = rev.len ? tm_strndup(rev.data, rev.len) : tm_strdup("HEAD");
    struct tm_oid oid;
    enum tm_code code = tm_git_resolve(git, name, &oid, err);

    if (!code && !tm_git_id_parse(id, tm_str(oid.hex)))
        return tm_err_set(err, TM_E_GIT, "'%s' does not name a commit", name);
    return code;
}

static size_t find_dots(struct tm_str text)
{
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.data[i] == '.' && text.data[i + 1] == '.')
            return i;
    return SIZE_MAX;
}

static enum tm_code default_range(struct tm_range *range, struct tm_git *git, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) name = TM_BUF_INIT;
    struct tm_oid upstream;
    enum tm_code code = resolve(git, TM_STR("HEAD"), &range->to, err);

    if (code)
        return code;
    if (!tm_git_upstream(git, &name, &upstream)) {
        range->single = true;
        tm_buf_adds(&range->label, "HEAD");
        return TM_OK;
    }
    range->has_from = tm_git_id_parse(&range->from, tm_str(upstream.hex));
    tm_buf_addf(&range->label, "%s..HEAD", name.data);
    return TM_OK;
}

enum tm_code tm_range_parse(struct tm_range *range, struct tm_git *git, const char *text, struct tm_err *err)
{
    struct tm_str whole = tm_str(text);
    size_t dots = find_dots(whole);
    enum tm_code code;

    *range = TM_RANGE_INIT;
    if (!text)
        return default_range(range, git, err);
    if (!whole.len || *text == '-' || (dots != SIZE_MAX && dots + 2 < whole.len && text[dots + 2] == '.'))
        return tm_err_set(err, TM_E_USAGE, "'%s' is no range, give A..B, A.. or a revision", text);
    tm_buf_add_str(&range->label, whole);
    if (dots == SIZE_MAX) {
        range->single = true;
        return resolve(git, whole, &range->to, err);
    }
    range->has_from = true;
    code = resolve(git, tm_str_n(text, dots), &range->from, err);
    return code ? code : resolve(git, tm_str_from(whole, dots + 2), &range->to, err);
}

/* Takes "<key> <40 digits>\n" off the text. */
static bool take_id(struct tm_str *text, const char *key, struct tm_git_id *id)
{
    size_t n = strlen(key);

    if (text->len < n + TM_OID_HEX + 1 || memcmp(text->data, key, n) != 0 ||
        text->data[n + TM_OID_HEX] != '\n' || !tm_git_id_parse(id, tm_str_n(text->data + n, TM_OID_HEX)))
        return false;
    *text = tm_str_from(*text, n + TM_OID_HEX + 1);
    return true;
}

/* The time in "committer A U Thor <a@b> 1767225600 +0000"; 0 when there is none, as git has it. */
static int64_t time_of(struct tm_str header)
{
    static const struct tm_str key = { "committer ", 10 };
    struct tm_str rest = header, line;
    int64_t time_s = 0;

    while (tm_str_split(&rest, '\n', &line) && line.len) {
        size_t space;

        if (!tm_str_has_prefix(line, key))
            continue;
        line = tm_str_n(line.data, TM_MIN(tm_str_rfind(line, ' '), line.len));
        space = tm_str_rfind(line, ' ');
        if (space == SIZE_MAX || !tm_str_i64(tm_str_from(line, space + 1), &time_s))
            return 0;
        break;
    }
    return time_s;
}

bool tm_history_parse(struct tm_arena *arena, struct tm_str text, struct tm_history_commit *commit)
{
    struct tm_str rest;
    struct tm_git_id id;

    if (!take_id(&text, "tree ", &commit->tree))
        return false;
    rest = text;
    while (take_id(&rest, "parent ", &id))
        commit->n_parents++;
    commit->parents = tm_arena_array(arena, commit->n_parents, sizeof(id));
    for (size_t i = 0; i < commit->n_parents; i++)
        if (!take_id(&text, "parent ", &commit->parents[i]))
            return false;
    commit->time_s = time_of(text);
    return true;
}

static struct tm_str key_of(const struct tm_git_id *id)
{
    return tm_str_n((const char *)id->bytes, TM_GIT_ID_LEN);
}

enum tm_code tm_history_commit(struct tm_history *history, struct tm_git *git, struct tm_objects *objects,
                               const struct tm_git_id *id, struct tm_history_commit **commit,
                               struct tm_err *err)
{
    struct tm_object *TM_CLEANUP(tm_object_freep) object = NULL;
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    struct tm_history_commit *read;
    enum tm_code code;

    if (tm_map_has(&history->known, key_of(id))) {
        *commit = tm_map_get(&history->known, key_of(id));
        return TM_OK;
    }
    code = tm_objects_read(objects, id, TM_OBJECT_COMMIT, TM_COMMIT_MAX, &object, &lower);
    if (code == TM_E_NOT_FOUND && tm_git_is_shallow(git)) {
        *commit = NULL;
        return TM_OK;
    }
    if (code)
        return tm_err_move(err, &lower);
    read = tm_arena_alloc(&history->arena, sizeof(*read));
    read->id = *id;
    if (!tm_history_parse(&history->arena, tm_str_n(object->data, object->len), read))
        return tm_err_set(err, TM_E_GIT, "commit %.12s is damaged", tm_git_id_hex(id).hex);
    *tm_map_at(&history->known, key_of(&read->id), NULL) = read;
    *commit = read;
    return TM_OK;
}

static void append(struct tm_commit_list *list, struct tm_history_commit *commit)
{
    TM_GROW(list->items, list->n, list->cap);
    list->items[list->n++].commit = commit;
}

/* A list can be a heap, with the newest commit on top. */
static int64_t time_at(const struct tm_commit_list *heap, size_t at)
{
    return heap->items[at].commit->time_s;
}

static void push(struct tm_commit_list *heap, struct tm_history_commit *commit)
{
    size_t at = heap->n;

    append(heap, commit);
    for (; at && time_at(heap, (at - 1) / 2) < commit->time_s; at = (at - 1) / 2)
        heap->items[at] = heap->items[(at - 1) / 2];
    heap->items[at].commit = commit;
}

static struct tm_history_commit *pop(struct tm_commit_list *heap)
{
    struct tm_history_commit *top = heap->items[0].commit, *last = heap->items[--heap->n].commit;
    size_t at = 0, child;

    while ((child = 2 * at + 1) < heap->n) {
        if (child + 1 < heap->n && time_at(heap, child + 1) > time_at(heap, child))
            child++;
        if (time_at(heap, child) <= last->time_s)
            break;
        heap->items[at] = heap->items[child];
        at = child;
    }
    heap->items[at].commit = last;
    return top;
}

/* The search for the commits of a range. */
struct search {
    struct tm_history *history;
    struct tm_git *git;
    struct tm_objects *objects;
    struct tm_commit_list queue;
    size_t n_wanted; /* in the queue and not hidden */
    int64_t oldest_s;
};

static void enqueue(struct search *search, struct tm_history_commit *commit, unsigned flags)
{
    commit->flags |= QUEUED | flags;
    search->n_wanted += !(commit->flags & HIDDEN);
    push(&search->queue, commit);
}

/* Hides a commit, and what was reached from it already. */
static void hide(struct search *search, struct tm_history_commit *commit)
{
    struct tm_commit_list stack = { NULL, 0, 0 };

    append(&stack, commit);
    while (stack.n) {
        struct tm_history_commit *at = stack.items[--stack.n].commit;

        if (at->flags & HIDDEN)
            continue;
        at->flags |= HIDDEN;
        if (at->flags & LISTED) {
            for (size_t i = 0; i < at->n_parents; i++) {
                struct tm_history_commit *parent =
                    tm_map_get(&search->history->known, key_of(&at->parents[i]));

                if (parent && parent->flags & QUEUED)
                    append(&stack, parent);
            }
        } else if (at->flags & QUEUED) {
            search->n_wanted--;
        }
    }
    free(stack.items);
}

static enum tm_code list(struct search *search, struct tm_history_commit *commit, struct tm_err *err)
{
    struct tm_history *history = search->history;

    if (history->commits.n == TM_HISTORY_MAX)
        return tm_err_set(err, TM_E_LIMIT, "more than %d commits in the range", TM_HISTORY_MAX);
    append(&history->commits, commit);
    commit->flags |= LISTED;
    search->oldest_s = TM_MIN(search->oldest_s, commit->time_s);
    return TM_OK;
}

static enum tm_code follow(struct search *search, struct tm_history_commit *commit, struct tm_err *err)
{
    unsigned hidden = commit->flags & HIDDEN;

    for (size_t i = 0; i < commit->n_parents; i++) {
        struct tm_history_commit *parent = NULL;
        enum tm_code code = tm_history_commit(search->history, search->git, search->objects,
                                              &commit->parents[i], &parent, err);

        if (code)
            return code;
        if (!parent)
            commit->cut = true;
        else if (!(parent->flags & QUEUED))
            enqueue(search, parent, hidden);
        else if (hidden)
            hide(search, parent);
    }
    return TM_OK;
}

static enum tm_code run(struct search *search, struct tm_err *err)
{
    size_t more = SLOP;
    enum tm_code code = TM_OK;

    while (search->queue.n && !code) {
        struct tm_history_commit *commit;

        if (search->n_wanted)
            more = SLOP;
        else if (time_at(&search->queue, 0) < search->oldest_s && more-- == 0)
            break;
        commit = pop(&search->queue);
        if (!(commit->flags & HIDDEN)) {
            search->n_wanted--;
            code = list(search, commit, err);
        } else {
            commit->flags |= LISTED;
        }
        if (!code)
            code = follow(search, commit, err);
    }
    return code;
}

static void for_parents(struct tm_history *history, struct tm_history_commit *commit,
                        struct tm_commit_list *ready)
{
    for (size_t i = 0; i < commit->n_parents; i++) {
        struct tm_history_commit *parent = tm_map_get(&history->known, key_of(&commit->parents[i]));

        if (!parent || !(parent->flags & LISTED) || parent->flags & HIDDEN)
            continue;
        if (!ready)
            parent->n_waiting++;
        else if (--parent->n_waiting == 0)
            push(ready, parent);
    }
}

/* Leaves the hidden ones out, and puts the others into an order in which children come first. */
static void sort(struct tm_history *history)
{
    struct tm_commit_list *list = &history->commits, ready = { NULL, 0, 0 };
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++)
        if (!(list->items[i].commit->flags & HIDDEN))
            list->items[n++] = list->items[i];
    list->n = n;
    for (size_t i = 0; i < n; i++)
        for_parents(history, list->items[i].commit, NULL);
    for (size_t i = 0; i < n; i++)
        if (list->items[i].commit->n_waiting == 0)
            push(&ready, list->items[i].commit);
    for (n = 0; ready.n; n++) {
        list->items[n].commit = pop(&ready);
        for_parents(history, list->items[n].commit, &ready);
    }
    assert(n == list->n);
    free(ready.items);
}

enum tm_code tm_history_load(struct tm_history *history, struct tm_git *git, struct tm_objects *objects,
                             const struct tm_range *range, struct tm_err *err)
{
    struct search search = { history, git, objects, .oldest_s = INT64_MAX };
    struct tm_history_commit *from = NULL, *to = NULL;
    enum tm_code code = tm_history_commit(history, git, objects, &range->to, &to, err);

    if (!code && range->has_from)
        code = tm_history_commit(history, git, objects, &range->from, &from, err);
    if (code)
        return code;
    if (!to)
        return tm_err_set(err, TM_E_NOT_FOUND, "commit %.12s is not in this clone",
                          tm_git_id_hex(&range->to).hex);
    if (from)
        enqueue(&search, from, HIDDEN);
    if (range->single)
        code = list(&search, to, err);
    else if (!(to->flags & QUEUED))
        enqueue(&search, to, 0);
    if (!code)
        code = range->single ? follow(&search, to, err) : run(&search, err);
    free(search.queue.items);
    if (!code && !range->single)
        sort(history);
    for (size_t i = 0; i < history->commits.n; i++)
        history->commits.items[i].commit->in_range = true;
    return code;
}
