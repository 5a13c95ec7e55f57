/*
 * Three versions of a ledger, divided by the byte 0x1E. What must hold: a union that is made has every line
 * of every version, each entry once and in ledger order, is a ledger itself, is the same whatever the order
 * of the versions, and is its own union with them; a version that is damaged is never joined.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/map.h"
#include "fuzz.h"
#include "ledger/merge.h"
#include "ledger/read.h"

enum { VERSIONS = 3 };

static struct tm_ledger_version version_of(struct tm_str text)
{
    int fd = memfd_create("version", MFD_CLOEXEC);

    FUZZ_CHECK(fd >= 0 && tm_fd_write_all(fd, text, NULL) == TM_OK);
    return (struct tm_ledger_version) { fd, text.len, TM_STR("version") };
}

/* The union of n texts, false when there is none. */
static bool unite(const struct tm_str *texts, size_t n, struct tm_buf *out)
{
    struct tm_ledger_version versions[VERSIONS + 1];
    struct tm_ledger_union TM_CLEANUP(tm_ledger_union_release) all = TM_LEDGER_UNION_INIT;
    struct tm_err TM_CLEANUP(tm_err_release) err = TM_ERR_INIT;
    int fd = memfd_create("out", MFD_CLOEXEC);
    bool made;

    for (size_t i = 0; i < n; i++)
        versions[i] = version_of(texts[i]);
    made = tm_ledger_union_make(&all, versions, n, &err) == TM_OK;
    FUZZ_CHECK(made || err.msg);
    if (made) {
        FUZZ_CHECK(tm_ledger_union_write(&all, fd, NULL) == TM_OK && lseek(fd, 0, SEEK_SET) == 0);
        FUZZ_CHECK(tm_fd_read_all(fd, UINT64_MAX, out, NULL) == TM_OK);
        for (size_t i = 0; i < n; i++)
            FUZZ_CHECK(tm_ledger_union_is(&all, i) == tm_str_eq(texts[i], tm_buf_str(out)));
    }
    close(fd);
    for (size_t i = 0; i < n; i++)
        close(versions[i].fd);
    return made;
}

/* Every line of text is in out. */
static void check_lines(struct tm_str text, struct tm_str out)
{
    struct tm_map TM_CLEANUP(tm_map_release) there = TM_MAP_INIT;
    struct tm_str line;

    while (tm_str_split(&out, '\n', &line))
        tm_map_at(&there, line, NULL);
    while (tm_str_split(&text, '\n', &line))
        FUZZ_CHECK(tm_map_has(&there, line));
}

/* It is a ledger, in order and without duplicates. */
static void check_ledger(struct tm_str text)
{
    struct tm_ledger_version version = version_of(text);
    struct tm_ledger_state TM_CLEANUP(tm_ledger_state_release) state = { 0 };

    FUZZ_CHECK(tm_ledger_read_fd(version.fd, version.size, version.name, TM_READ_IDS, NULL, NULL, &state,
                                 NULL, NULL) == TM_OK);
    FUZZ_CHECK(!state.reordered && !state.duplicates);
    close(version.fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tm_str rest = tm_str_n((const char *)data, size), parts[VERSIONS + 1];
    struct tm_buf TM_CLEANUP(tm_buf_release) out = TM_BUF_INIT;
    struct tm_buf TM_CLEANUP(tm_buf_release) again = TM_BUF_INIT;

    for (size_t i = 0; i < VERSIONS; i++) {
        size_t end = i + 1 < VERSIONS ? tm_str_find(rest, '\x1e') : SIZE_MAX;

        parts[i] = end == SIZE_MAX ? rest : tm_str_n(rest.data, end);
        rest = end == SIZE_MAX ? tm_str_n(rest.data + rest.len, 0) : tm_str_from(rest, end + 1);
    }
    if (!unite(parts, VERSIONS, &out)) {
        const struct tm_str back[] = { parts[2], parts[1], parts[0] };

        FUZZ_CHECK(!unite(back, VERSIONS, &again));
        return 0;
    }
    check_ledger(tm_buf_str(&out));
    for (size_t i = 0; i < VERSIONS; i++) {
        const struct tm_str turned[] = { parts[i], parts[(i + 1) % VERSIONS], parts[(i + 2) % VERSIONS] };

        check_lines(parts[i], tm_buf_str(&out));
        FUZZ_CHECK(unite(turned, VERSIONS, &again) && tm_str_eq(tm_buf_str(&again), tm_buf_str(&out)));
    }
    parts[VERSIONS] = tm_buf_str(&out);
    FUZZ_CHECK(unite(parts, VERSIONS + 1, &again) && tm_str_eq(tm_buf_str(&again), tm_buf_str(&out)));
    return 0;
}
