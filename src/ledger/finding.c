#include "ledger/finding.h"

#include "base/alloc.h"

void tm_ledger_findings_release(struct tm_ledger_findings *findings)
{
    for (size_t i = 0; i < findings->n; i++)
        free(findings->items[i].detail);
    free(findings->items);
    *findings = TM_LEDGER_FINDINGS_INIT;
}

/* The place of a kept finding of that code with the greatest line, emptied; *greatest becomes the next one.
 */
static struct tm_ledger_finding *drop_last(struct tm_ledger_findings *findings, enum tm_ledger_flaw flaw,
                                           uint64_t *greatest)
{
    struct tm_ledger_finding *last = NULL;
    uint64_t next = 0;

    for (size_t i = 0; i < findings->n; i++) {
        struct tm_ledger_finding *item = &findings->items[i];

        if (item->flaw != flaw)
            continue;
        if (!last && item->line == *greatest)
            last = item;
        else
            next = TM_MAX(next, item->line);
    }
    assert(last);
    free(last->detail);
    *greatest = next;
    return last;
}

/* Where a finding goes: a new place, or that of the last of its code; NULL when it comes after all. */
static struct tm_ledger_finding *place_for(struct tm_ledger_findings *findings, enum tm_ledger_flaw flaw,
                                           uint64_t line)
{
    struct tm_ledger_finding *place;

    if (findings->counts[flaw]++ < TM_LEDGER_FINDINGS_KEPT) {
        TM_GROW(findings->items, findings->n, findings->cap);
        place = &findings->items[findings->n++];
    } else if (line >= findings->greatest[flaw]) {
        return NULL;
    } else {
        place = drop_last(findings, flaw, &findings->greatest[flaw]);
    }
    findings->greatest[flaw] = TM_MAX(findings->greatest[flaw], line);
    return place;
}

void tm_ledger_findings_add(struct tm_ledger_findings *findings, enum tm_ledger_flaw flaw, uint64_t line,
                            const struct tm_hash *id, const char *fmt, ...)
{
    struct tm_ledger_finding *place = place_for(findings, flaw, line);
    struct tm_buf detail = TM_BUF_INIT;
    va_list ap;

    if (!place)
        return;
    *place = (struct tm_ledger_finding) { .flaw = flaw, .line = line, .has_id = id != NULL };
    if (id)
        place->id = *id;
    if (!fmt)
        return;
    va_start(ap, fmt);
    tm_buf_vaddf(&detail, fmt, ap);
    va_end(ap);
    place->detail = tm_buf_take(&detail);
}

static int by_line(const void *a, const void *b)
{
    const struct tm_ledger_finding *left = a, *right = b;
    int order;

    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    if (left->flaw != right->flaw)
        return left->flaw < right->flaw ? -1 : 1;
    order = tm_hash_cmp(&left->id, &right->id);
    return order ? order : strcmp(left->detail ? left->detail : "", right->detail ? right->detail : "");
}

void tm_ledger_findings_sort(struct tm_ledger_findings *findings)
{
    if (findings->n)
        qsort(findings->items, findings->n, sizeof(*findings->items), by_line);
}

static uint64_t count(const struct tm_ledger_findings *findings, bool warnings)
{
    uint64_t n = 0;

    for (size_t i = 0; i < TM_FLAW_COUNT; i++)
        if (tm_ledger_flaw_is_warning((enum tm_ledger_flaw)i) == warnings)
            n += findings->counts[i];
    return n;
}

uint64_t tm_ledger_findings_errors(const struct tm_ledger_findings *findings)
{
    return count(findings, false);
}

uint64_t tm_ledger_findings_warnings(const struct tm_ledger_findings *findings)
{
    return count(findings, true);
}
