/* What the findings come to, in words and as an exit status. */
#include "consistency/consistency.h"

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

void tm_consistency_summary(const struct tm_consistency *result, struct tm_buf *out)
{
    static const struct {
        enum tm_backing backing;
        const char *words;
    } parts[] = {
        { TM_BACKED_BLOB, "named by an entry" },
        { TM_BACKED_UNCHANGED, "with observed fields as before" },
        { TM_BACKED_ROLLBACK, "restored by a rollback" },
        { TM_BACKED_FIGURES, "by figures only" },
        { TM_BACKED_TIME, "by time only" },
        { TM_BACKED_BEFORE, "from before the ledgers" },
        { TM_BACKED_UNPROVED, "not proved" },
        { TM_BACKED_SILENT, "silent" },
    };
    const char *between = ": ";

    if (!result->commits) {
        tm_buf_adds(out, "no commit in '");
        tm_buf_add_escaped(out, result->range);
        tm_buf_adds(out, "', nothing was checked for silent edits");
        return;
    }
    tm_buf_addf(out, "%zu commit%s (", result->commits, plural(result->commits));
    tm_buf_add_escaped(out, result->range);
    tm_buf_addf(out, "), %zu changed manifest%s", result->manifests, plural(result->manifests));
    for (size_t i = 0; i < TM_LEN(parts); i++) {
        if (!result->by[parts[i].backing])
            continue;
        tm_buf_addf(out, "%s%zu %s", between, result->by[parts[i].backing], parts[i].words);
        between = ", ";
    }
}

static const struct tm_consistency_finding *first_silent(const struct tm_consistency *result)
{
    const struct tm_consistency_finding *finding = result->findings;

    while (finding->backing != TM_BACKED_SILENT)
        finding++;
    return finding;
}

static enum tm_code say_silent(const struct tm_consistency *result, struct tm_err *err)
{
    const struct tm_consistency_finding *first = first_silent(result);
    size_t more = result->by[TM_BACKED_SILENT] - 1;

    if (!more)
        return tm_err_set(err, TM_E_NO,
                          "silent edit: '%.*s' of '%.*s' changed in commit %.12s and no entry of a ledger "
                          "backs it",
                          TM_STR_ARG(first->fields[0].name), TM_STR_ARG(first->manifest), first->commit.hex);
    return tm_err_set(err, TM_E_NO,
                      "silent edits: '%.*s' of '%.*s' changed in commit %.12s and no entry of a ledger backs "
                      "it, and %zu more",
                      TM_STR_ARG(first->fields[0].name), TM_STR_ARG(first->manifest), first->commit.hex,
                      more);
}

enum tm_code tm_consistency_verdict(const struct tm_consistency *result, struct tm_err *err)
{
    size_t unproved = result->by[TM_BACKED_UNPROVED];

    if (result->by[TM_BACKED_SILENT])
        return say_silent(result, err);
    if (!result->commits)
        return tm_err_set(err, TM_E_PARTIAL,
                          "there is no commit in '%.*s': nothing was checked for silent edits",
                          TM_STR_ARG(result->range));
    if (result->is_cut)
        return tm_err_set(err, TM_E_PARTIAL,
                          "this shallow clone ends at commit %.12s: what came before is not proved, run 'git "
                          "fetch --unshallow'",
                          result->horizon[0].hex);
    if (unproved)
        return tm_err_set(err, TM_E_PARTIAL, "%zu changed manifest%s in '%.*s' not proved", unproved,
                          plural(unproved), TM_STR_ARG(result->range));
    return TM_OK;
}
