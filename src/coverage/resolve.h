/*
 * From the file names of a report to paths of the repository
 * (docs/formats/coverage.md, "Paths"). Works on text: what is a file of the
 * repository is asked through callbacks, and nothing is guessed.
 *
 * Links are not followed: where a tool can have seen the repository under another name (a link above
 * it, a mirror, a container), that name is a prefix.
 */
#ifndef TM_COVERAGE_RESOLVE_H
#define TM_COVERAGE_RESOLVE_H

#include "base/io.h"
#include "coverage/drops.h"
#include "coverage/names.h"
#include "coverage/suffix.h"

struct tm_resolver {
    struct tm_str root;          /* the repository's absolute path */
    struct tm_prefixes prefixes; /* absolute: more names for folders of it */
    bool has_base, has_report_dir;
    struct tm_str base;            /* repository folder that the tool ran in */
    struct tm_str report_dir;      /* repository folder that the report stands in */
    struct tm_prefixes settled;    /* coverage.paths: a name that begins so is there and nowhere else */
    struct tm_prefixes go_modules; /* import paths; only of names that end in ".go" */
    const struct tm_str *roots;    /* coverage.roots: repository folders */
    size_t n_roots;
    /* Whether path is a file or link of the repository. */
    bool (*exists)(void *ctx, struct tm_str path);
    /* Whether it is a link: a name that leads there is that of no file. NULL: none is. */
    bool (*is_link)(void *ctx, struct tm_str path);
    /* All of them by their ends; NULL: names are not looked for by theirs. */
    const struct tm_suffixes *(*suffixes)(void *ctx);
    void *ctx;
};

/* What became of one name; may be used for one after the other. */
struct tm_resolution {
    struct tm_buf path;  /* when there is one */
    enum tm_drop reason; /* when there is none: outside, foreign, missing or ambiguous */
    /* Of an ambiguous name: the files it could be, the first of n_candidates. */
    struct tm_buf candidates[TM_CANDIDATES_KEPT];
    size_t n_candidates;
    /* Found by its end: what begins with `from` seems to be in `dir`. */
    bool by_end;
    struct tm_buf from, dir;
};

void tm_resolution_init(struct tm_resolution *resolution);
void tm_resolution_release(struct tm_resolution *resolution);

/*
 * Looks for the repository path of `name`. roots are the report's source roots. False, with the reason, when
 * there is none. `learned`: what the ends of other names of the report have shown; it decides only what would
 * be ambiguous.
 */
bool tm_resolve(const struct tm_resolver *resolver, const struct tm_str *roots, size_t n_roots,
                struct tm_prefixes learned, struct tm_str name, struct tm_resolution *resolution) TM_CHECK;

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
