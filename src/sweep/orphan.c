#include "sweep/orphan.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/alloc.h"

#define MARK TM_STR("sweep-running")

/* An environment is at most a quarter of the stack limit; one that is larger than this is not looked through.
 */
enum { ENVIRON_MAX = 4 << 20, ROUNDS = 20 };

enum tm_code tm_orphans_begin(const struct tm_repo *repo, struct tm_err *err)
{
    return tm_root_replace(&repo->state, MARK, TM_STR("jobs of a sweep may run\n"), NULL, err);
}

void tm_orphans_end(const struct tm_repo *repo)
{
    /* One that stays costs the next sweep a look at the processes. */
    (void)!tm_root_unlink(&repo->state, MARK, NULL);
}

static bool has_entry(struct tm_str environment, struct tm_str wanted)
{
    struct tm_str entry;

    while (environment.len && tm_str_split(&environment, '\0', &entry)) {
        if (tm_str_eq(entry, wanted))
            return true;
    }
    return false;
}

static bool is_orphan(const char *pid, struct tm_str wanted)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) environment = TM_BUF_INIT;

    tm_buf_addf(&path, "/proc/%s/environ", pid);
    return tm_file_read(path.data, ENVIRON_MAX, &environment, NULL) == TM_OK &&
           has_entry(tm_buf_str(&environment), wanted);
}

static size_t kill_round(struct tm_str wanted)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    size_t killed = 0;

    while (proc && (entry = readdir(proc))) {
        uint64_t pid;

        if (tm_str_u64(tm_str(entry->d_name), &pid) && pid != (uint64_t)getpid() &&
            is_orphan(entry->d_name, wanted) && kill((pid_t)pid, SIGKILL) == 0)
            killed++;
    }
    if (proc)
        closedir(proc);
    return killed;
}

size_t tm_orphans_kill(const struct tm_repo *repo)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) wanted = TM_BUF_INIT;
    size_t killed = 0, round = 1;

    if (!tm_root_exists(&repo->state, MARK))
        return 0;
    tm_buf_addf(&wanted, "%s=%s", TM_ORPHAN_ENV, repo->state.path);
    /* Until none is left: one may have started another meanwhile. A killed one has no environment any more.
     */
    for (int i = 0; round && i < ROUNDS; i++) {
        round = kill_round(tm_buf_str(&wanted));
        killed += i == 0 ? round : 0;
        if (round)
            nanosleep(&(struct timespec) { 0, 10 * 1000000 }, NULL);
    }
    return killed;
}
