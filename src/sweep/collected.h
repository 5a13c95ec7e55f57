/*
 * The coverage reports that sweeps have kept in the state folder, for commands that read reports again: in
 * each task's folder (runs/<run>/coverage/<name>/, sweep.h) stands `collected.json` beside `out`, which says
 * what they are, where their command ran, and when. What is not there any more is not in it.
 */
#ifndef TM_SWEEP_COLLECTED_H
#define TM_SWEEP_COLLECTED_H

#include "base/arena.h"
#include "repo/repo.h"

/* What one command left. */
struct tm_collected_task {
    struct tm_str format;   /* a row of coverage/format.h */
    struct tm_str base;     /* repository folder that it ran for */
    struct tm_str mirror;   /* absolute folder that stood for the repository's root; "" for none */
    struct tm_str *reports; /* absolute paths, NUL-terminated */
    size_t n_reports;
};

struct tm_collected {
    struct tm_arena arena;
    struct tm_str run;
    int64_t time_s;       /* when the last of them was read */
    struct tm_str commit; /* HEAD then, "" when unborn */
    struct tm_collected_task *tasks;
    size_t n, cap;
};

#define TM_COLLECTED_INIT ((struct tm_collected) { .arena = TM_ARENA_INIT })

/*
 * Notes the reports of a task below its folder `dir` in the state folder; those elsewhere are not kept.
 * commit is HEAD. Not synced: it may be lost with the reports.
 */
enum tm_code tm_collected_write(const struct tm_repo *repo, struct tm_str dir,
                                const struct tm_collected_task *task, const char *commit, struct tm_err *err)
    TM_CHECK;

/*
 * Those of this work tree's last sweep that left some; its tasks in the order of their folders' names.
 * TM_E_NOT_FOUND when there is none.
 */
enum tm_code tm_collected_find(struct tm_collected *collected, const struct tm_repo *repo, struct tm_err *err)
    TM_CHECK;
void tm_collected_release(struct tm_collected *collected);

#endif
