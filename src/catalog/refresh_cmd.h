/*
 * What the commands that generate files share: write them or, with --check, compare them, and say
 * what became of each.
 */
#ifndef TM_CATALOG_REFRESH_CMD_H
#define TM_CATALOG_REFRESH_CMD_H

#include "base/json_write.h"
#include "catalog/generated.h"
#include "cli/cmd.h"

struct tm_refresh {
    const struct tm_generated *file;
    bool check;
    bool changed; /* without check: a byte of it was written */
    bool stale;   /* with check: missing or different, `why` says how */
    struct tm_err why;
};

/*
 * Writes (under the repository's lock, which the caller holds) or checks each of the n files of one subject.
 * Stale files are no failure here: tm_refresh_verdict turns them into one. The caller releases each `why`.
 */
enum tm_code tm_refresh_files(struct tm_ctx *ctx, const struct tm_generated *const *files, size_t n,
                              const void *subject, bool check, struct tm_refresh *out, struct tm_err *err)
    TM_CHECK;

/* TM_E_NO, without a message of its own for each, when a checked file is stale. */
enum tm_code tm_refresh_verdict(const struct tm_refresh *files, size_t n, struct tm_err *err) TM_CHECK;

/* A line per file, and the member "files" (docs/formats/output.md). */
void tm_refresh_add_text(const struct tm_repo *repo, const struct tm_refresh *files, size_t n,
                         struct tm_buf *out);
void tm_refresh_put_json(const struct tm_repo *repo, const struct tm_refresh *files, size_t n,
                         struct tm_json_writer *w);

#endif
