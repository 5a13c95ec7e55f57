#include "sweep/reports.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "ext/hash.h"

static bool is_glob(struct tm_str name)
{
    return tm_str_find(name, '*') != SIZE_MAX || tm_str_find(name, '?') != SIZE_MAX ||
           tm_str_find(name, '[') != SIZE_MAX;
}

/* A regular file of now; an older one is counted. */
static bool is_wanted(struct tm_reports *reports, const char *path, int64_t since_s)
{
    struct stat st;

    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return false;
    if (st.st_mtim.tv_sec >= since_s)
        return true;
    reports->stale++;
    return false;
}

void tm_reports_add(struct tm_reports *reports, const char *path)
{
    reports->paths = tm_realloc_array(reports->paths, reports->n + 1, sizeof(*reports->paths));
    reports->paths[reports->n++] = tm_strdup(path);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum tm_code add_matches(struct tm_reports *reports, struct tm_str folder, struct tm_str pattern,
                                int64_t since_s, struct tm_err *err)
{
    char *TM_CLEANUP(tm_freep) name = tm_strndup(folder.data, folder.len);
    DIR *dir = opendir(name);
    struct dirent *entry;
    enum tm_code code = TM_OK;

    if (!dir)
        return errno == ENOENT ? TM_OK : tm_err_errno(err, errno, "cannot open folder '%s'", name);
    while (!code && (entry = readdir(dir))) {
        struct tm_buf TM_CLEANUP(tm_buf_release) path = TM_BUF_INIT;

        if (!tm_path_matches(pattern, tm_str(entry->d_name)))
            continue;
        tm_buf_addf(&path, "%s/%s", name, entry->d_name);
        if (!is_wanted(reports, path.data, since_s))
            continue;
        if (reports->n == TM_REPORTS_MAX)
            code = tm_err_set(err, TM_E_LIMIT, "more than %d reports '%.*s'", TM_REPORTS_MAX,
                              TM_STR_ARG(pattern));
        else
            tm_reports_add(reports, path.data);
    }
    closedir(dir);
    if (reports->n)
        qsort(reports->paths, reports->n, sizeof(*reports->paths), by_name);
    return code;
}

static enum tm_code digest_file(const char *path, struct tm_buf *hex, uint64_t *bytes, struct tm_err *err)
{
    int TM_CLEANUP(tm_closep) fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct tm_hash hash;
    uint64_t size;
    enum tm_code code;

    if (fd < 0)
        return tm_err_errno(err, errno, "cannot open '%s'", path);
    code = tm_hash_fd(fd, &hash, &size, err);
    if (code)
        return tm_err_wrap(err, "'%s'", path);
    tm_hash_add_hex(hex, &hash);
    *bytes += size;
    return TM_OK;
}

static int by_digest(const void *a, const void *b)
{
    return memcmp(a, b, TM_HASH_HEX);
}

enum tm_code tm_reports_digest(struct tm_reports *reports, struct tm_err *err)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) lines = TM_BUF_INIT;
    struct tm_hash hash;
    enum tm_code code = TM_OK;

    reports->bytes = 0;
    tm_buf_clear(&reports->sha256);
    for (size_t i = 0; !code && i < reports->n; i++) {
        code = digest_file(reports->paths[i], &lines, &reports->bytes, err);
        tm_buf_addc(&lines, '\n');
    }
    if (code || reports->n == 0)
        return code;
    if (reports->n == 1) {
        tm_buf_add(&reports->sha256, lines.data, TM_HASH_HEX);
        return TM_OK;
    }
    qsort(lines.data, reports->n, TM_HASH_HEX + 1, by_digest);
    hash = tm_hash_of(tm_buf_str(&lines));
    tm_hash_add_hex(&reports->sha256, &hash);
    return TM_OK;
}

enum tm_code tm_reports_find(struct tm_reports *reports, struct tm_str path, int64_t since_s,
                             struct tm_err *err)
{
    struct tm_str name = tm_path_base(path);
    char *TM_CLEANUP(tm_freep) exact = tm_strndup(path.data, path.len);
    enum tm_code code = TM_OK;

    if (is_glob(name))
        code = add_matches(reports, tm_path_dir(path), name, since_s, err);
    else if (is_wanted(reports, exact, since_s))
        tm_reports_add(reports, exact);
    return code ? code : tm_reports_digest(reports, err);
}

void tm_reports_release(struct tm_reports *reports)
{
    for (size_t i = 0; i < reports->n; i++)
        free(reports->paths[i]);
    free(reports->paths);
    tm_buf_release(&reports->sha256);
    *reports = TM_REPORTS_INIT;
}
