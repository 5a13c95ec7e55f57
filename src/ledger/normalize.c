#include "ledger/normalize.h"

#include <errno.h>
#include <unistd.h>

#include "ledger/merge.h"
#include "ledger/read.h"

static enum tm_code look(const struct tm_ledger_version *version, struct tm_ledger_union *all,
                         struct tm_normalized *found, struct tm_err *err)
{
    enum tm_code code = tm_ledger_union_make(all, version, 1, err);

    if (!code)
        *found = (struct tm_normalized) { all->n, all->states->duplicates, all->states->reordered };
    return code;
}

static enum tm_code check_only(const struct tm_ledger_file *file, struct tm_normalized *found,
                               struct tm_err *err)
{
    struct tm_ledger_union TM_CLEANUP(tm_ledger_union_release) all = TM_LEDGER_UNION_INIT;
    struct tm_ledger_version version = { -1, 0, file->path };
    enum tm_code code = tm_ledger_open(file, &version.fd, &version.size, err);

    if (!code)
        code = look(&version, &all, found, err);
    tm_closep(&version.fd);
    return code;
}

/* Who waits for the lock of the old file meanwhile sees that it was replaced, and takes the new one. */
static enum tm_code replace_locked(const struct tm_ledger_file *file, int fd, struct tm_normalized *found,
                                   struct tm_err *err)
{
    struct tm_ledger_union TM_CLEANUP(tm_ledger_union_release) all = TM_LEDGER_UNION_INIT;
    struct tm_ledger_version version = { fd, 0, file->path };
    struct stat st;
    enum tm_code code;

    if (fstat(fd, &st) < 0)
        return tm_err_errno(err, errno, "cannot stat '%.*s'", TM_STR_ARG(file->path));
    version.size = (uint64_t)st.st_size;
    code = look(&version, &all, found, err);
    if (code || !tm_normalized_changed(found))
        return code;
    return tm_root_replace_by(file->root, file->path, tm_ledger_union_write, &all, err);
}

enum tm_code tm_ledger_normalize(const struct tm_ledger_file *file, bool check, struct tm_normalized *found,
                                 struct tm_err *err)
{
    enum tm_code code;
    bool there;
    int fd;

    *found = (struct tm_normalized) { 0 };
    if (check)
        return check_only(file, found, err);
    code = tm_root_find(file->root, file->path, &there, err);
    if (code || !there)
        return code;
    code = tm_ledger_mend(file, NULL, err);
    if (!code)
        code = tm_append_open(file->root, file->path, &fd, err);
    if (code)
        return code;
    code = replace_locked(file, fd, found, err);
    tm_append_close(fd);
    return code;
}
