/*
 * Errors: a code for the program, one line for the person.
 *
 * A function that can fail returns `enum tm_code` and takes a caller-owned
 * `struct tm_err *` last. Outputs come before it and are written only on
 * success. A lower error is passed up unchanged; context is added with
 * tm_err_wrap only by who knows something the lower layer did not.
 *
 * Messages: lower case, one line, no full stop, the problem first, the subject
 * in single quotes, then what to do next when that is known. Control
 * characters and invalid UTF-8 in them are escaped when they are set, so that
 * a message is always safe to print.
 *
 * No static or thread-local state: a struct tm_err belongs to one thread.
 */
#ifndef TM_BASE_ERR_H
#define TM_BASE_ERR_H

#include <stdarg.h>

#include "base/base.h"

enum tm_code {
    TM_OK = 0,
    TM_E_NO,        /* checked, and the answer is no                     exit 1 */
    TM_E_USAGE,     /* wrong arguments                                   exit 2 */
    TM_E_SETTINGS,  /* tidemark.yaml, a template or a collector is wrong exit 2 */
    TM_E_IO,        /* a system call failed                              exit 3 */
    TM_E_NOT_FOUND, /* a file, ref or object is not there                exit 3 */
    TM_E_EXISTS,    /* something is already there                        exit 3 */
    TM_E_LOCKED,    /* another process holds the lock                    exit 3 */
    TM_E_FORMAT,    /* input is not what its format says                 exit 3 */
    TM_E_LIMIT,     /* input is larger than a documented limit           exit 3 */
    TM_E_PATH,      /* a path would leave the repository                 exit 3 */
    TM_E_GIT,       /* git or libgit2 said no                            exit 3 */
    TM_E_REFUSED,   /* a precondition does not hold (dirty tree, ...)    exit 3 */
    TM_E_PARTIAL,   /* some parts failed, the rest is written            exit 4 */
    TM_E_STOPPED,   /* a signal asked us to stop              exit 128 + signal */
};

struct tm_err {
    enum tm_code code;
    int signal; /* with TM_E_STOPPED: the signal's number */
    char *msg;  /* NULL until set; owned */
};

#define TM_ERR_INIT ((struct tm_err) { TM_OK, 0, NULL })

/* Sets code and message, replacing what was there; returns the code. err may be NULL. */
enum tm_code tm_err_set(struct tm_err *err, enum tm_code code, const char *fmt, ...) TM_PRINTF(3, 4);
enum tm_code tm_err_vset(struct tm_err *err, enum tm_code code, const char *fmt, va_list ap) TM_PRINTF(3, 0);

/* Sets "<message>: <strerror(errnum)>" with TM_E_IO, or TM_E_NOT_FOUND for ENOENT and ENOTDIR. */
enum tm_code tm_err_errno(struct tm_err *err, int errnum, const char *fmt, ...) TM_PRINTF(3, 4);

/* Puts "<context>: " before the message that is set; returns its code, unchanged. */
enum tm_code tm_err_wrap(struct tm_err *err, const char *fmt, ...) TM_PRINTF(2, 3);

/*
 * A failure is one: tells compilers and analysers that these never return TM_OK, so that
 * they can follow what stands after `if (code) return code`.
 */
static inline enum tm_code tm_err_failed(enum tm_code code)
{
    assert(code != TM_OK);
    return code;
}
#define tm_err_set(...)   tm_err_failed(tm_err_set(__VA_ARGS__))
#define tm_err_errno(...) tm_err_failed(tm_err_errno(__VA_ARGS__))
#define tm_err_wrap(...)  tm_err_failed(tm_err_wrap(__VA_ARGS__))

/* Moves src into dst and empties src; returns the code. */
enum tm_code tm_err_move(struct tm_err *dst, struct tm_err *src);

/* The message, or a generic sentence for the code. Owned by err. */
const char *tm_err_msg(const struct tm_err *err);

/* The exit status for a code, as documented in tidemark(1). */
int tm_err_exit_status(const struct tm_err *err);

/* Frees the message and resets to TM_OK. */
void tm_err_release(struct tm_err *err);

#endif
