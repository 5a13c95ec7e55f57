#include "repo/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"

#define NOT_TRACKED UINT32_MAX

/* What getdents64(2) fills a buffer with. */
struct raw_name {
    uint64_t ino;
    int64_t off;
    uint16_t size; /* of this record */
    uint8_t type;
    char name[];
};

/* A folder to be read, or read; its rules serve those below it. */
struct folder {
    struct folder *next;   /* in the queue */
    struct folder *parent; /* NULL for the root */
    struct tm_str path;
    uint32_t dir;   /* in walk->dirs, or NOT_TRACKED */
    bool has_rules; /* holds a .gitignore */
    bool judged;    /* the next two are known; under rules_lock */
    bool ignored;
    struct tm_ignore rules;
    struct folder *next_rules;
};

/*
 * What the threads share. Each keeps the folders it finds to itself, and hands all
 * but one over only when another has nothing to do: waking a thread up costs more than reading a folder.
 */
struct crew {
    struct tm_walk *walk;
    pthread_mutex_t lock; /* for the four below; idle and stop are also looked at without it */
    pthread_cond_t more;
    struct folder *queue; /* handed over */
    unsigned threads;
    atomic_uint idle; /* threads that wait for the queue */
    atomic_bool stop; /* one has failed */
    pthread_mutex_t rules_lock;
    struct folder *with_rules; /* whose rules are to be freed */
};

struct worker {
    struct crew *crew;
    struct tm_walk *walk;
    struct tm_arena *arena;
    struct folder *mine; /* to be read, newest first */
    struct tm_buf names; /* raw, of the folder being read */
    struct tm_buf path;  /* of the name being looked at */
    struct tm_buf folded;
    struct tm_walk_file *files;
    size_t n_files, cap_files;
    size_t ignored_dirs, excluded;
    struct tm_err err;
};

void tm_walk_fold(struct tm_buf *out, struct tm_str path)
{
    tm_buf_clear(out);
    tm_buf_add_str(out, path);
    for (size_t i = 0; i < out->len; i++)
        if (out->data[i] >= 'A' && out->data[i] <= 'Z')
            out->data[i] = (char)(out->data[i] - 'A' + 'a');
}

bool tm_walk_excludes_file(const struct tm_str_list *globs, struct tm_str path)
{
    for (size_t i = 0; i < globs->n; i++)
        if (tm_path_matches(globs->items[i], path))
            return true;
    return false;
}

bool tm_walk_excludes_dir(const struct tm_str_list *globs, struct tm_str path)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) below = TM_BUF_INIT;

    if (globs->n == 0)
        return false;
    if (tm_walk_excludes_file(globs, path))
        return true;
    /* "vendor/" speaks of what is in the folder: ask for something in it. */
    tm_buf_add_str(&below, path);
    tm_buf_adds(&below, "/x");
    for (size_t i = 0; i < globs->n; i++) {
        struct tm_str glob = globs->items[i];

        if (glob.len && glob.data[glob.len - 1] == '/' && tm_path_matches(glob, tm_buf_str(&below)))
            return true;
    }
    return false;
}

/* Opens what is at path beneath the root, without following a link anywhere on the way. */
static int open_beneath(const struct tm_walk *walk, struct tm_str path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_NOFOLLOW),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    const char *name = path.len ? path.data : ".";
    long fd;

    do
        fd = syscall(SYS_openat2, walk->root->fd, name, &how, sizeof(how));
    while (fd < 0 && (errno == EINTR || errno == EAGAIN));
    /* An old kernel: the folders above were no links a moment ago. */
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        fd = openat(walk->root->fd, name, flags | O_CLOEXEC | O_NOFOLLOW);
    return (int)fd;
}

/* Reads all names of a folder. */
static enum tm_code read_names(struct worker *w, int fd, struct tm_str path)
{
    enum { STEP = 1 << 15 };
    long n;

    tm_buf_clear(&w->names);
    do {
        n = syscall(SYS_getdents64, fd, tm_buf_reserve(&w->names, STEP), STEP);
        if (n > 0)
            w->names.len += (size_t)n;
    } while (n > 0 || (n < 0 && errno == EINTR));
    if (n < 0 && errno != ENOENT)
        return tm_err_errno(&w->err, errno, "cannot read folder '%.*s'", TM_STR_ARG(path));
    return TM_OK;
}

/* True for "." and "..", and for ".git" as git sees it. */
static bool is_skipped(const struct worker *w, struct tm_str name)
{
    if (name.data[0] != '.')
        return false;
    return name.len == 1 || (name.len == 2 && name.data[1] == '.') || tm_str_is(name, ".git") ||
           (w->walk->icase && name.len == 4 && strncasecmp(name.data, ".git", 4) == 0);
}

static void add_rules(struct worker *w, struct folder *folder, struct tm_str text)
{
    tm_ignore_parse(&folder->rules, text, w->walk->icase);
    folder->next_rules = w->crew->with_rules;
    w->crew->with_rules = folder;
}

/* Reads a folder's .gitignore. One that is no regular file counts as none, as in git. */
static enum tm_code load_rules(struct worker *w, struct folder *folder)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    int TM_CLEANUP(tm_closep) fd = -1;
    struct stat st;

    tm_path_join(&path, folder->path, TM_STR(".gitignore"));
    fd = open_beneath(w->walk, tm_buf_str(&path), O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && (errno == ENOENT || errno == ELOOP || errno == ENOTDIR))
        return TM_OK;
    if (fd < 0 || fstat(fd, &st) < 0)
        return tm_err_errno(&w->err, errno, "cannot read '%s'", path.data);
    if (!S_ISREG(st.st_mode))
        return TM_OK;
    if (tm_fd_read_all(fd, TM_IGNORE_MAX, &text, &w->err))
        return tm_err_wrap(&w->err, "'%s'", path.data);
    add_rules(w, folder, tm_buf_str(&text));
    return TM_OK;
}

/* What the rules that hold in `folder` say of a path in it; those further in go first. */
static enum tm_verdict ask_rules(const struct tm_walk *walk, const struct folder *folder, struct tm_str path,
                                 bool is_dir)
{
    enum tm_verdict verdict = TM_IGNORE_NONE;

    for (; folder && !verdict; folder = folder->parent)
        if (folder->rules.n)
            verdict = tm_ignore_match(&folder->rules,
                                      tm_str_from(path, folder->path.len ? folder->path.len + 1 : 0), is_dir);
    for (size_t i = 0; i < 2 && !verdict; i++)
        verdict = tm_ignore_match(&walk->common[i], path, is_dir);
    return verdict;
}

/*
 * Loads the rules of a folder and those above, and finds out whether it is
 * ignored itself (which it can be when it holds tracked files). Only done where something
 * untracked is met: in most folders nothing is.
 */
static enum tm_code judge(struct worker *w, struct folder *folder)
{
    const struct tm_buf *left;
    enum tm_code code = TM_OK;

    if (folder->judged)
        return TM_OK;
    if (folder->parent) {
        code = judge(w, folder->parent);
        if (code)
            return code;
        folder->ignored = folder->parent->ignored ||
                          ask_rules(w->walk, folder->parent, folder->path, true) == TM_IGNORE_YES;
    }
    /* git does not look at rules below an ignored folder. */
    if (folder->ignored) {
        folder->judged = true;
        return TM_OK;
    }
    left = tm_map_get(w->walk->left_rules, folder->path);
    if (folder->has_rules)
        code = load_rules(w, folder);
    else if (left)
        add_rules(w, folder, tm_buf_str(left));
    folder->judged = !code;
    return code;
}

/* Whether something untracked in folder is ignored. */
static enum tm_code is_ignored(struct worker *w, struct folder *folder, struct tm_str path, bool is_dir,
                               bool *ignored)
{
    enum tm_code code;

    /* What was judged does not change any more, so the lock is only for the judging. */
    pthread_mutex_lock(&w->crew->rules_lock);
    code = judge(w, folder);
    pthread_mutex_unlock(&w->crew->rules_lock);
    if (!code)
        *ignored = folder->ignored || ask_rules(w->walk, folder, path, is_dir) == TM_IGNORE_YES;
    return code;
}

static void queue(struct worker *w, struct folder *parent, struct tm_str path, uint32_t dir)
{
    struct folder *folder = tm_arena_alloc(w->arena, sizeof(*folder));

    folder->parent = parent;
    folder->path = tm_arena_str(w->arena, path);
    folder->dir = dir;
    folder->rules = TM_IGNORE_INIT;
    folder->next = w->mine;
    w->mine = folder;
}

/* The index entry whose path is w->path but for case; one that is spelled the same goes first. */
static uint32_t find_folded(struct worker *w)
{
    const struct tm_index *index = w->walk->index;
    size_t low = 0, high = index->n;
    void *value;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = tm_str_cmp(tm_str_n(index->entries[mid].path, index->entries[mid].len), tm_buf_str(&w->path));

        if (c == 0)
            return (uint32_t)mid;
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    tm_walk_fold(&w->folded, tm_buf_str(&w->path));
    value = tm_map_get(w->walk->folded, tm_buf_str(&w->folded));
    return value && (uintptr_t)value != UINTPTR_MAX ? (uint32_t)((uintptr_t)value - 1) : NOT_TRACKED;
}

/* The index entry of a name in folder, or NOT_TRACKED. */
static uint32_t find_entry(struct worker *w, const struct folder *folder, struct tm_str name)
{
    const struct tm_dir_child *child;

    if (w->walk->icase) {
        tm_path_join(&w->path, folder->path, name);
        return find_folded(w);
    }
    if (folder->dir == NOT_TRACKED)
        return NOT_TRACKED;
    child = tm_dirs_find(w->walk->dirs, folder->dir, name, false);
    return child ? child->ref : NOT_TRACKED;
}

/* The folder of the index that a name in folder is, w->path being its path; or NOT_TRACKED. */
static uint32_t find_dir(struct worker *w, const struct folder *folder, struct tm_str name)
{
    const struct tm_dir_child *child;

    if (w->walk->icase) {
        tm_walk_fold(&w->folded, tm_buf_str(&w->path));
        tm_buf_addc(&w->folded, '/');
        /* Any number will do: with icase entries are found by path. */
        return tm_map_has(w->walk->folded, tm_buf_str(&w->folded)) ? 0 : NOT_TRACKED;
    }
    if (folder->dir == NOT_TRACKED)
        return NOT_TRACKED;
    child = tm_dirs_find(w->walk->dirs, folder->dir, name, true);
    return child ? child->ref & ~TM_DIR_BIT : NOT_TRACKED;
}

static enum tm_code take_untracked(struct worker *w, struct folder *folder, struct tm_str name, bool is_link)
{
    struct tm_str path;
    bool ignored = false;
    enum tm_code code;

    tm_path_join(&w->path, folder->path, name);
    path = tm_buf_str(&w->path);
    if (path.len > TM_PATH_MAX)
        return tm_err_set(&w->err, TM_E_LIMIT, "the path of a file is longer than %d bytes: '%.60s...'",
                          TM_PATH_MAX, path.data);
    code = is_ignored(w, folder, path, false, &ignored);
    if (code || ignored)
        return code;
    if (tm_walk_excludes_file(w->walk->exclude, path)) {
        w->excluded++;
        return TM_OK;
    }
    TM_GROW(w->files, w->n_files, w->cap_files);
    w->files[w->n_files++] = (struct tm_walk_file) { tm_arena_str(w->arena, path), is_link };
    return TM_OK;
}

static enum tm_code take_file(struct worker *w, struct folder *folder, struct tm_str name, bool is_link)
{
    uint32_t entry = find_entry(w, folder, name);

    if (entry == NOT_TRACKED)
        return take_untracked(w, folder, name, is_link);
    w->walk->found[entry] = is_link ? TM_WALK_LINK : TM_WALK_FILE;
    return TM_OK;
}

static enum tm_code take_dir(struct worker *w, struct folder *folder, struct tm_str name)
{
    struct tm_str path;
    uint32_t dir, entry;
    bool ignored = false;
    enum tm_code code;

    tm_path_join(&w->path, folder->path, name);
    path = tm_buf_str(&w->path);
    if (path.len > TM_PATH_MAX - 2)
        return tm_err_set(&w->err, TM_E_LIMIT, "the path of a folder is longer than %d bytes: '%.60s...'",
                          TM_PATH_MAX - 2, path.data);
    dir = find_dir(w, folder, name);
    if (dir != NOT_TRACKED) {
        if (w->walk->icase ? !tm_walk_excludes_dir(w->walk->exclude, path) : !w->walk->dir_excluded[dir])
            queue(w, folder, path, dir);
        return TM_OK;
    }
    entry = find_entry(w, folder, name);
    if (entry != NOT_TRACKED && w->walk->index->entries[entry].kind == TM_INDEX_SUBMODULE)
        return TM_OK;
    code = is_ignored(w, folder, path, true, &ignored);
    w->ignored_dirs += ignored;
    if (!code && !ignored && !tm_walk_excludes_dir(w->walk->exclude, path))
        queue(w, folder, path, NOT_TRACKED);
    return code;
}

/* File systems that do not say what a name is are asked. */
static unsigned char type_of(int fd, const char *name)
{
    struct stat st;

    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return DT_UNKNOWN;
    return (unsigned char)IFTODT(st.st_mode);
}

static enum tm_code take_name(struct worker *w, struct folder *folder, int fd, const struct raw_name *raw)
{
    struct tm_str name = tm_str(raw->name);
    unsigned char type = raw->type;

    if (is_skipped(w, name))
        return TM_OK;
    if (type == DT_UNKNOWN)
        type = type_of(fd, raw->name);
    if (type == DT_REG || type == DT_LNK)
        return take_file(w, folder, name, type == DT_LNK);
    return type == DT_DIR ? take_dir(w, folder, name) : TM_OK;
}

/* True when the folder of fd looks like a git folder: HEAD, objects, refs (the last two maybe elsewhere). */
static bool is_git_dir(int fd)
{
    struct stat st;

    if (fstatat(fd, "HEAD", &st, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    return faccessat(fd, "commondir", F_OK, 0) == 0 ||
           (faccessat(fd, "objects", X_OK, 0) == 0 && faccessat(fd, "refs", X_OK, 0) == 0);
}

/*
 * True when the ".git" in the folder of fd makes it another repository: a git folder, or a file
 * "gitdir: ..." that leads to one. git enters a folder whose .git is anything else.
 */
static bool is_repository(int fd)
{
    int TM_CLEANUP(tm_closep) git = openat(fd, ".git", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int TM_CLEANUP(tm_closep) target = -1;
    struct tm_buf TM_CLEANUP(tm_buf_release) text = TM_BUF_INIT;
    struct stat st;

    /* What cannot be looked into is left alone. */
    if (git < 0 || fstat(git, &st) < 0)
        return errno != ENOENT;
    if (S_ISDIR(st.st_mode))
        return is_git_dir(git);
    if (!S_ISREG(st.st_mode) || tm_fd_read_all(git, TM_PATH_MAX + 16, &text, NULL) ||
        !tm_str_has_prefix(tm_buf_str(&text), TM_STR("gitdir: ")))
        return false;
    while (text.len && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == '\r'))
        tm_buf_truncate(&text, text.len - 1);
    target = openat(fd, text.data + sizeof("gitdir: ") - 1, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return target >= 0 && is_git_dir(target);
}

/* Looks through the raw names for what must be known before the others are judged. */
static void look_ahead(struct worker *w, struct folder *folder, bool *has_git)
{
    for (size_t at = 0; at < w->names.len;) {
        const struct raw_name *raw = (const struct raw_name *)(w->names.data + at);

        at += raw->size;
        if (raw->name[0] != '.' || raw->name[1] != 'g')
            continue;
        if (strcmp(raw->name, ".gitignore") == 0)
            folder->has_rules = true;
        else if (strcmp(raw->name, ".git") == 0)
            *has_git = true;
    }
}

static enum tm_code read_folder(struct worker *w, struct folder *folder)
{
    int TM_CLEANUP(tm_closep) fd = open_beneath(w->walk, folder->path, O_RDONLY | O_DIRECTORY);
    bool has_git = false;
    enum tm_code code;

    /* It went away, or something else took its place, since its name was read. */
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        return TM_OK;
    if (fd < 0)
        return tm_err_errno(&w->err, errno, "cannot read folder '%.*s'", TM_STR_ARG(folder->path));
    code = read_names(w, fd, folder->path);
    if (code)
        return code;
    look_ahead(w, folder, &has_git);
    if (has_git && folder->dir == NOT_TRACKED && is_repository(fd))
        return TM_OK;
    for (size_t at = 0; !code && at < w->names.len;) {
        const struct raw_name *raw = (const struct raw_name *)(w->names.data + at);

        at += raw->size;
        code = take_name(w, folder, fd, raw);
    }
    return code;
}

/* Hands over all but the newest folder; those that are older lead to more. */
static void hand_over(struct worker *w)
{
    struct crew *crew = w->crew;
    struct folder *last = w->mine->next;

    while (last->next)
        last = last->next;
    pthread_mutex_lock(&crew->lock);
    last->next = crew->queue;
    crew->queue = w->mine->next;
    pthread_cond_broadcast(&crew->more);
    pthread_mutex_unlock(&crew->lock);
    w->mine->next = NULL;
}

/* A folder that another thread handed over; waits for one. NULL when all threads wait, or one has failed. */
static struct folder *take_handed(struct crew *crew)
{
    struct folder *folder = NULL;

    pthread_mutex_lock(&crew->lock);
    crew->idle++;
    while (!crew->queue && crew->idle < crew->threads && !crew->stop)
        pthread_cond_wait(&crew->more, &crew->lock);
    if (crew->queue && !crew->stop) {
        folder = crew->queue;
        crew->queue = folder->next;
        crew->idle--;
    } else {
        pthread_cond_broadcast(&crew->more);
    }
    pthread_mutex_unlock(&crew->lock);
    return folder;
}

static struct folder *take_folder(struct worker *w)
{
    struct folder *folder = w->mine;

    if (!folder)
        return take_handed(w->crew);
    if (folder->next && w->crew->idle)
        hand_over(w);
    w->mine = folder->next;
    return w->crew->stop ? NULL : folder;
}

/* Ends the walk for all threads. */
static void stop(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    crew->stop = true;
    pthread_cond_broadcast(&crew->more);
    pthread_mutex_unlock(&crew->lock);
}

static void *work(void *arg)
{
    struct worker *w = arg;
    struct folder *folder;

    while ((folder = take_folder(w)))
        if (read_folder(w, folder)) {
            stop(w->crew);
            break;
        }
    return NULL;
}

/* Moves what a worker found into the walk, and its error into err when it is the first. */
static enum tm_code collect(struct tm_walk *walk, struct worker *w, struct tm_err *err)
{
    enum tm_code code = w->err.code;

    for (size_t i = 0; i < w->n_files; i++) {
        TM_GROW(walk->files, walk->n_files, walk->cap_files);
        walk->files[walk->n_files++] = w->files[i];
    }
    walk->ignored_dirs += w->ignored_dirs;
    walk->excluded += w->excluded;
    if (code)
        tm_err_move(err, &w->err);
    free(w->files);
    tm_buf_release(&w->names);
    tm_buf_release(&w->path);
    tm_buf_release(&w->folded);
    return code;
}

/* Runs the workers, the first one on this thread, until all is read. */
static void run(struct crew *crew, struct worker *workers)
{
    unsigned wanted = crew->threads, running = 0;
    pthread_t *TM_CLEANUP(tm_freep) threads = tm_alloc_array(wanted, sizeof(*threads));

    while (running + 1 < wanted && pthread_create(&threads[running], NULL, work, &workers[running + 1]) == 0)
        running++;
    /* A thread that cannot be had is done without. */
    pthread_mutex_lock(&crew->lock);
    crew->threads = running + 1;
    pthread_mutex_unlock(&crew->lock);
    work(&workers[0]);
    for (unsigned i = 0; i < running; i++)
        pthread_join(threads[i], NULL);
}

enum tm_code tm_walk(struct tm_walk *walk, struct tm_err *err)
{
    struct crew crew = { .walk = walk, .threads = walk->threads };
    struct worker *TM_CLEANUP(tm_freep) workers = tm_alloc_array(walk->threads, sizeof(*workers));
    enum tm_code code = TM_OK;

    pthread_mutex_init(&crew.lock, NULL);
    pthread_mutex_init(&crew.rules_lock, NULL);
    pthread_cond_init(&crew.more, NULL);
    walk->arenas = tm_alloc_array(walk->threads, sizeof(*walk->arenas));
    for (unsigned i = 0; i < walk->threads; i++)
        workers[i] = (struct worker) { .crew = &crew,
                                       .walk = walk,
                                       .arena = &walk->arenas[i],
                                       .names = TM_BUF_INIT,
                                       .path = TM_BUF_INIT,
                                       .folded = TM_BUF_INIT,
                                       .err = TM_ERR_INIT };
    queue(&workers[0], NULL, TM_STR(""), 0);
    run(&crew, workers);
    for (unsigned i = 0; i < walk->threads; i++) {
        enum tm_code one = collect(walk, &workers[i], code ? NULL : err);

        code = code ? code : one;
    }
    for (struct folder *folder = crew.with_rules; folder; folder = folder->next_rules)
        tm_ignore_release(&folder->rules);
    pthread_mutex_destroy(&crew.lock);
    pthread_mutex_destroy(&crew.rules_lock);
    pthread_cond_destroy(&crew.more);
    return code;
}

void tm_walk_release(struct tm_walk *walk)
{
    for (unsigned i = 0; walk->arenas && i < walk->threads; i++)
        tm_arena_release(&walk->arenas[i]);
    free(walk->arenas);
    free(walk->files);
    walk->arenas = NULL;
    walk->files = NULL;
    walk->n_files = walk->cap_files = 0;
}
