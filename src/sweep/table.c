#include "sweep/table.h"

enum { NAME_COLUMNS = 40 };

/* Columns that the text takes, counting a character as one. */
static size_t columns(struct tm_str text)
{
    size_t n = 0;

    for (size_t at = 0; at < text.len; n++)
        at += TM_MAX(tm_str_utf8_len(tm_str_from(text, at)), (size_t)1);
    return n;
}

static void add_name(struct tm_buf *out, struct tm_str name, size_t width)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) safe = TM_BUF_INIT;
    size_t used;

    tm_buf_add_escaped(&safe, name);
    used = columns(tm_buf_str(&safe));
    tm_buf_addf(out, "  %s%*s", safe.data, (int)(width > used ? width - used : 0), "");
}

void tm_table_add_totals(struct tm_buf *out, const struct tm_sweep_totals *totals)
{
    tm_buf_addf(out, "%zu %s: %zu measured, %zu no data, %zu failed, %zu timed out, %zu skipped",
                totals->modules, totals->modules == 1 ? "module" : "modules", totals->measured,
                totals->no_data, totals->failed, totals->timeout, totals->skipped);
}

static void add_outcome(struct tm_buf *out, const struct tm_sweep_outcome *outcome, size_t width)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) result = TM_BUF_INIT;
    enum tm_evidence evidence = tm_sweep_from(outcome)->evidence;

    add_name(out, outcome->module->name, width);
    tm_sweep_add_result(&result, outcome);
    tm_buf_adds(out, "  ");
    tm_buf_add_escaped(out, tm_buf_str(&result));
    if (evidence == TM_FAILED && outcome->log_path.len) {
        tm_buf_adds(out, ", see ");
        tm_buf_add_escaped(out, outcome->log_path);
    }
    tm_buf_addc(out, '\n');
}

void tm_table_add_outcomes(struct tm_buf *out, const struct tm_sweep_pass *pass)
{
    size_t width = 0;

    for (size_t i = 0; i < pass->n_outcomes; i++)
        width = TM_MAX(width, columns(pass->outcomes[i].module->name));
    for (size_t i = 0; i < pass->n_outcomes; i++)
        add_outcome(out, &pass->outcomes[i], TM_MIN(width, (size_t)NAME_COLUMNS));
}
