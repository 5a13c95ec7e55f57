#include "base/err.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/buf.h"

enum tm_code tm_err_vset(struct tm_err *err, enum tm_code code, const char *fmt, va_list ap)
{
    if (!err)
        return code;

    struct tm_buf raw = TM_BUF_INIT;
    struct tm_buf safe = TM_BUF_INIT;

    /* Format before releasing: the old message may be among the arguments. */
    tm_buf_vaddf(&raw, fmt, ap);
    tm_buf_add_escaped(&safe, tm_buf_str(&raw));
    tm_buf_release(&raw);
    free(err->msg);
    err->msg = tm_buf_take(&safe);
    err->code = code;
    return code;
}

enum tm_code(tm_err_set)(struct tm_err *err, enum tm_code code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    tm_err_vset(err, code, fmt, ap);
    va_end(ap);
    return code;
}

enum tm_code(tm_err_errno)(struct tm_err *err, int errnum, const char *fmt, ...)
{
    enum tm_code code = errnum == ENOENT || errnum == ENOTDIR ? TM_E_NOT_FOUND : TM_E_IO;
    va_list ap;

    va_start(ap, fmt);
    tm_err_vset(err, code, fmt, ap);
    va_end(ap);
    if (err)
        tm_err_set(err, code, "%s: %s", err->msg, strerror(errnum));
    return code;
}

enum tm_code(tm_err_wrap)(struct tm_err *err, const char *fmt, ...)
{
    struct tm_buf context = TM_BUF_INIT;
    va_list ap;

    if (!err)
        return TM_E_IO;
    va_start(ap, fmt);
    tm_buf_vaddf(&context, fmt, ap);
    va_end(ap);
    tm_err_set(err, err->code, "%s: %s", context.data, tm_err_msg(err));
    tm_buf_release(&context);
    return err->code;
}

enum tm_code tm_err_move(struct tm_err *dst, struct tm_err *src)
{
    enum tm_code code = src->code;

    if (dst) {
        tm_err_release(dst);
        *dst = *src;
        *src = TM_ERR_INIT;
    } else {
        tm_err_release(src);
    }
    return code;
}

const char *tm_err_msg(const struct tm_err *err)
{
    if (err->msg)
        return err->msg;
    return err->code == TM_OK ? "no error" : "unknown error";
}

int tm_err_exit_status(const struct tm_err *err)
{
    switch (err->code) {
    case TM_OK:
        return 0;
    case TM_E_NO:
        return 1;
    case TM_E_USAGE:
    case TM_E_SETTINGS:
        return 2;
    case TM_E_PARTIAL:
        return 4;
    case TM_E_STOPPED:
        return 128 + err->signal;
    case TM_E_IO:
    case TM_E_NOT_FOUND:
    case TM_E_EXISTS:
    case TM_E_LOCKED:
    case TM_E_FORMAT:
    case TM_E_LIMIT:
    case TM_E_PATH:
    case TM_E_GIT:
    case TM_E_REFUSED:
        break;
    }
    return 3;
}

void tm_err_release(struct tm_err *err)
{
    free(err->msg);
    *err = TM_ERR_INIT;
}
