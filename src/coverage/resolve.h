/*
 * From the file names of a report to paths of the repository
 * (docs/formats/coverage.md, "Paths"). Works on text: what is a file of the
 * repository is asked through a callback, and nothing is guessed.
 *
 * Links are not followed: where a tool can have seen the repository under another name (a link above
 * it, a mirror, a container), that name is a prefix.
 */
#ifndef TM_COVERAGE_RESOLVE_H
#define TM_COVERAGE_RESOLVE_H

#include "base/io.h"
#include "coverage/drops.h"

/* An absolute folder as tools saw it, without a final '/', and the repository folder that it is. */
struct tm_prefix {
    struct tm_str prefix;
    struct tm_str dir;
};

struct tm_resolver {
    struct tm_str root;         /* the repository's absolute path */
    struct tm_prefix *prefixes; /* more names for folders of it; not owned */
    size_t n_prefixes;
    bool has_base, has_report_dir;
    struct tm_str base;       /* repository folder that the tool ran in */
    struct tm_str report_dir; /* repository folder that the report stands in */
    /* Whether path is a file of the repository. */
    bool (*exists)(void *ctx, struct tm_str path);
    void *ctx;
};

/*
 * The repository path of `name`, into out (replaced). roots are the report's source roots. False, with the
 * reason (outside, missing or ambiguous), when there is none.
 */
bool tm_resolve(const struct tm_resolver *resolver, const struct tm_str *roots, size_t n_roots,
                struct tm_str name, struct tm_buf *out, enum tm_drop *reason) TM_CHECK;

/*
 * A tm_source_reader (coverage/report.h) whose ctx is a struct tm_source_finder: reads the file that
 * the name resolves to. TM_E_PATH outside the repository, TM_E_NOT_FOUND when there is none or several.
 */
struct tm_source_finder {
    const struct tm_resolver *resolver;
    const struct tm_root *root;
    uint64_t limit; /* bytes of a source */
};
enum tm_code tm_resolve_source(void *ctx, struct tm_str name, struct tm_buf *out, struct tm_err *err)
    TM_CHECK;

#endif
