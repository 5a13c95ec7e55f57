/*
 * Asking the machine what it has: short commands whose output is one line, and a
 * Python that can measure coverage.
 */
#ifndef TM_SWEEP_PROBE_H
#define TM_SWEEP_PROBE_H

#include "repo/repo.h"

/* A probe that takes longer is over; an interpreter on a cold disk may take seconds. */
enum { TM_PROBE_TIMEOUT_MS = 30000, TM_PROBE_LINE_MAX = 300 };

/*
 * Runs argv in folder cwd (NULL: the repository's root) with its output in `log`, a path beneath the
 * state folder. *ok says whether it started and ended with status 0; line (replaced) is then its first line
 * that is not blank, else its last one or why it did not start; trimmed, UTF-8, at most TM_PROBE_LINE_MAX
 * bytes. TM_E_STOPPED when a signal came.
 */
enum tm_code tm_probe(const struct tm_repo *repo, const char *const *argv, const char *cwd, struct tm_str log,
                      bool *ok, struct tm_buf *line, struct tm_err *err) TM_CHECK;

/* Where `name` is on PATH, into out (replaced); false when it is nowhere. With a '/' it is taken as it is. */
bool tm_probe_which(const char *name, struct tm_buf *out);

struct tm_python {
    bool found;
    struct tm_buf path;  /* of the interpreter */
    struct tm_buf tried; /* "'/usr/bin/python3': No module named 'pytest_cov'; ..." of those before it */
};

#define TM_PYTHON_INIT ((struct tm_python) { false, TM_BUF_INIT, TM_BUF_INIT })

/*
 * The first interpreter that can import pytest and pytest_cov: settings.python, `python3` on PATH, then
 * /usr/bin/python3. TM_OK also when there is none. TM_E_STOPPED when a signal came.
 */
enum tm_code tm_python_find(struct tm_python *python, const struct tm_repo *repo, struct tm_err *err)
    TM_CHECK;
void tm_python_release(struct tm_python *python);

#endif
