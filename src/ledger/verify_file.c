/* A ledger of a repository, verified: its file, and the fragments that wait to be folded into it. */
#include <errno.h>

#include "base/alloc.h"
#include "ledger/pending.h"
#include "ledger/read.h"
#include "ledger/verify.h"

enum { TRIES = 5 }; /* for a file that becomes shorter while it is read */

/* A writer that could not finish cuts the file back: a reader that came between saw what is gone now. */
static enum tm_code has_shrunk(int fd, uint64_t size, bool *shrunk, struct tm_err *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return tm_err_errno(err, errno, "cannot stat");
    *shrunk = *shrunk || (uint64_t)st.st_size < size;
    return TM_OK;
}

/* One try at a file and its fragments. */
struct whole {
    const struct tm_ledger_file *file;
    struct tm_fragments fragments;
    int fd, whole; /* the file; the file with its fragments, -1 without */
    uint64_t size, whole_size;
};

static void close_whole(struct whole *w)
{
    tm_fragments_release(&w->fragments);
    tm_closep(&w->fd);
    tm_closep(&w->whole);
}

/* First the fragments: what is folded from then on is in the file. Those that are none are left out. */
static enum tm_code open_whole(struct whole *w, bool pending, struct tm_err *err)
{
    struct tm_err TM_CLEANUP(tm_err_release) lower = TM_ERR_INIT;
    enum tm_code code = pending ? tm_fragments_of(&w->fragments, w->file, &lower) : TM_OK;

    if (code && code != TM_E_FORMAT)
        return tm_err_move(err, &lower);
    if (code)
        tm_fragments_release(&w->fragments);
    code = tm_ledger_open(w->file, &w->fd, &w->size, err);
    return code ? code
                : tm_pending_whole(w->file, &w->fragments, w->fd, w->size, &w->whole, &w->whole_size, err);
}

/* Says of findings behind the file's own lines in which fragment they are. */
static void name_fragments(const struct whole *w, struct tm_verified *verified)
{
    uint64_t own = verified->state.lines - verified->pending;

    for (size_t i = 0; i < verified->findings.n; i++) {
        struct tm_ledger_finding *finding = &verified->findings.items[i];
        struct tm_buf detail = TM_BUF_INIT;
        uint64_t first = own;
        size_t k = 0;

        if (finding->line <= own)
            continue;
        while (k + 1 < w->fragments.n && finding->line > first + w->fragments.items[k].n_entries)
            first += w->fragments.items[k++].n_entries;
        tm_buf_addf(&detail, "line %llu of '%.*s'", (unsigned long long)(finding->line - first),
                    TM_STR_ARG(w->fragments.items[k].path));
        if (finding->detail)
            tm_buf_addf(&detail, ": %s", finding->detail);
        free(finding->detail);
        finding->detail = tm_buf_take(&detail);
        finding->line = 0;
    }
}

static enum tm_code verify_whole(struct whole *w, const struct tm_verify_options *given,
                                 struct tm_verified *out, bool *shrunk, struct tm_err *err)
{
    struct tm_verify_options options = *given;
    enum tm_code code;

    options.own_size = w->whole >= 0 ? w->size : 0;
    code = tm_verify_fd(w->whole >= 0 ? w->whole : w->fd, w->whole >= 0 ? w->whole_size : w->size, &options,
                        out, shrunk, err);
    if (!code && w->fd >= 0)
        code = has_shrunk(w->fd, w->size, shrunk, err);
    if (code || *shrunk)
        return code;
    if (w->whole >= 0) {
        out->pending = w->fragments.n_entries;
        name_fragments(w, out);
    }
    tm_ledger_findings_sort(&out->findings);
    return TM_OK;
}

enum tm_code tm_verify_file(const struct tm_ledger_file *file, const struct tm_verify_options *options,
                            struct tm_verified *out, bool *is_there, struct tm_err *err)
{
    for (int i = 0; i < TRIES; i++) {
        struct whole TM_CLEANUP(close_whole)
            w = { .file = file, .fragments = TM_FRAGMENTS_INIT, .fd = -1, .whole = -1 };
        struct tm_verified verified = TM_VERIFIED_INIT;
        bool shrunk = false;
        enum tm_code code = open_whole(&w, options->pending, err);

        if (code)
            return code;
        *is_there = w.fd >= 0 || w.whole >= 0;
        if (!*is_there)
            return TM_OK;
        code = verify_whole(&w, options, &verified, &shrunk, err);
        if (!code && !shrunk) {
            *out = verified;
            return TM_OK;
        }
        tm_verified_release(&verified);
        if (code)
            return tm_err_wrap(err, "'%.*s'", TM_STR_ARG(file->path));
    }
    return tm_err_set(err, TM_E_IO, "'%.*s' becomes shorter again and again while it is read",
                      TM_STR_ARG(file->path));
}
