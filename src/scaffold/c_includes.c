#include "scaffold/c_includes.h"

#include "base/path.h"

/* ISO C17 and POSIX.1-2017, then what Linux and Windows programs include without a library of their own. */
static const char *const system_headers[] = {
    "assert.h",      "complex.h",   "ctype.h",     "errno.h",    "fenv.h",      "float.h",    "inttypes.h",
    "iso646.h",      "limits.h",    "locale.h",    "math.h",     "setjmp.h",    "signal.h",   "stdalign.h",
    "stdarg.h",      "stdatomic.h", "stdbool.h",   "stddef.h",   "stdint.h",    "stdio.h",    "stdlib.h",
    "stdnoreturn.h", "string.h",    "tgmath.h",    "threads.h",  "time.h",      "uchar.h",    "wchar.h",
    "wctype.h",      "aio.h",       "cpio.h",      "dirent.h",   "dlfcn.h",     "fcntl.h",    "fmtmsg.h",
    "fnmatch.h",     "ftw.h",       "glob.h",      "grp.h",      "iconv.h",     "langinfo.h", "libgen.h",
    "monetary.h",    "mqueue.h",    "ndbm.h",      "netdb.h",    "nl_types.h",  "poll.h",     "pthread.h",
    "pwd.h",         "regex.h",     "sched.h",     "search.h",   "semaphore.h", "spawn.h",    "strings.h",
    "stropts.h",     "syslog.h",    "tar.h",       "termios.h",  "unistd.h",    "utime.h",    "utmpx.h",
    "wordexp.h",     "alloca.h",    "byteswap.h",  "elf.h",      "endian.h",    "err.h",      "error.h",
    "execinfo.h",    "features.h",  "getopt.h",    "ifaddrs.h",  "link.h",      "malloc.h",   "memory.h",
    "mntent.h",      "paths.h",     "pty.h",       "shadow.h",   "stdio_ext.h", "sysexits.h", "ucontext.h",
    "values.h",      "immintrin.h", "emmintrin.h", "arm_neon.h", "windows.h",   "Windows.h",  "winsock2.h",
    "ws2tcpip.h",    "io.h",        "direct.h",    "process.h",  "conio.h",     "intrin.h",
};
static const char *const system_folders[] = {
    "sys/", "arpa/", "net/", "netinet/", "linux/", "asm/", "bits/"
};

static bool is_system(struct tm_str name)
{
    for (size_t i = 0; i < TM_LEN(system_headers); i++)
        if (tm_str_is(name, system_headers[i]))
            return true;
    for (size_t i = 0; i < TM_LEN(system_folders); i++)
        if (tm_str_has_prefix(name, tm_str(system_folders[i])))
            return true;
    return false;
}

static bool is_there(const struct tm_files *files, struct tm_str module, struct tm_str folder,
                     struct tm_str name)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

    return tm_path_resolve(&path, folder, name, NULL) == TM_OK &&
           tm_path_is_below(tm_buf_str(&path), module) && tm_files_find(files, tm_buf_str(&path));
}

static bool is_own(const struct tm_files *files, struct tm_str module, struct tm_str path, struct tm_str name)
{
    static const char *const folders[] = { "", "include", "src" };

    if (is_there(files, module, tm_path_dir(path), name))
        return true;
    for (size_t i = 0; i < TM_LEN(folders); i++) {
        struct tm_buf TM_CLEANUP(tm_buf_release) folder = TM_BUF_INIT;

        tm_path_join(&folder, module, tm_str(folders[i]));
        if (is_there(files, module, tm_buf_str(&folder), name))
            return true;
    }
    return false;
}

/* Takes a word off the start of *s, and white space before it. */
static bool take(struct tm_str *s, struct tm_str word)
{
    struct tm_str rest = tm_str_trim(*s);

    if (!tm_str_has_prefix(rest, word))
        return false;
    *s = tm_str_from(rest, word.len);
    return true;
}

/* True when the line includes nothing, or something that is there. */
static bool line_is_fine(const struct tm_files *files, struct tm_str module, struct tm_str path,
                         struct tm_str line)
{
    struct tm_str name;
    size_t end;

    if (!take(&line, TM_STR("#")) || !take(&line, TM_STR("include")))
        return true;
    line = tm_str_trim(line);
    if (line.len == 0 || (line.data[0] != '"' && line.data[0] != '<'))
        return false; /* a macro: it may be anything */
    name = tm_str_from(line, 1);
    end = tm_str_find(name, line.data[0] == '"' ? '"' : '>');
    if (end == SIZE_MAX)
        return false;
    name.len = end;
    return is_system(name) || is_own(files, module, path, name);
}

bool tm_c_stands_alone(const struct tm_files *files, struct tm_str module, struct tm_str path,
                       struct tm_str text)
{
    struct tm_str line;

    if (text.len == 0)
        return true;
    while (tm_str_split(&text, '\n', &line))
        if (!line_is_fine(files, module, path, line))
            return false;
    return true;
}
