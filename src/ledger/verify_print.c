#include "ledger/verify_print.h"

#include "base/json_write.h"

typedef unsigned long long ull;

static void add_plural(struct tm_buf *out, uint64_t n, const char *one, const char *many)
{
    tm_buf_addf(out, "%llu %s", (ull)n, n == 1 ? one : many);
}

static const char *severity_of(const struct tm_verify_answer *answer, enum tm_ledger_flaw flaw)
{
    return tm_ledger_flaw_is_warning(flaw) && !answer->strict ? "warning" : "error";
}

/* "prev names an entry that is not there: 5d0b…" */
static void add_message(const struct tm_ledger_finding *finding, struct tm_buf *out)
{
    tm_buf_adds(out, tm_ledger_flaw_text(finding->flaw));
    if (finding->detail)
        tm_buf_addf(out, ": %s", finding->detail);
}

/* "<file>:<line>: <code>: <message> (entry <id>)" */
static void add_finding(const struct tm_verify_answer *answer, const char *path,
                        const struct tm_ledger_finding *finding, struct tm_buf *out)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) row = TM_BUF_INIT;

    tm_buf_adds(&row, path);
    if (finding->line)
        tm_buf_addf(&row, ":%llu", (ull)finding->line);
    tm_buf_addf(&row,
                ": %s%s: ", tm_ledger_flaw_is_warning(finding->flaw) && !answer->strict ? "warning: " : "",
                tm_ledger_flaw_code(finding->flaw));
    add_message(finding, &row);
    if (finding->has_id) {
        tm_buf_adds(&row, " (entry ");
        tm_buf_add_hex(&row, finding->id.bytes, 6);
        tm_buf_addc(&row, ')');
    }
    tm_buf_add_escaped(out, tm_buf_str(&row));
    tm_buf_addc(out, '\n');
}

static void add_findings(const struct tm_verify_answer *answer, const char *path,
                         const struct tm_ledger_findings *findings, struct tm_buf *out)
{
    for (size_t i = 0; i < findings->n; i++)
        add_finding(answer, path, &findings->items[i], out);
    for (size_t i = 0; i < TM_FLAW_COUNT; i++) {
        uint64_t n = findings->counts[i];

        if (n <= TM_LEDGER_FINDINGS_KEPT)
            continue;
        tm_buf_add_escaped(out, tm_str(path));
        tm_buf_addf(out, ": %s: %llu more\n", tm_ledger_flaw_code((enum tm_ledger_flaw)i),
                    (ull)(n - TM_LEDGER_FINDINGS_KEPT));
    }
}

static void add_ledger(const struct tm_verify_answer *answer, const struct tm_verify_subject *subject,
                       struct tm_buf *out)
{
    const struct tm_ledger_state *state = &subject->verified.state;
    uint64_t errors = tm_ledger_findings_errors(&subject->verified.findings);
    uint64_t warnings = tm_ledger_findings_warnings(&subject->verified.findings);

    if (!subject->ledger.is_there && errors == 0)
        return;
    tm_buf_add_escaped(out, tm_str(subject->path));
    tm_buf_adds(out, ": ");
    if (!subject->ledger.is_there)
        tm_buf_adds(out, "not there");
    else
        add_plural(out, state->entries, "entry", "entries");
    if (state->adopted_lines)
        tm_buf_addf(out, " behind %llu adopted line%s", (ull)state->adopted_lines,
                    state->adopted_lines == 1 ? "" : "s");
    if (subject->verified.pending)
        tm_buf_addf(out, ", %llu of them pending", (ull)subject->verified.pending);
    tm_buf_adds(out, errors || warnings ? ", " : ", nothing found");
    if (errors)
        add_plural(out, errors, "error", "errors");
    if (warnings)
        tm_buf_addf(out, "%s%llu warning%s", errors ? ", " : "", (ull)warnings, warnings == 1 ? "" : "s");
    tm_buf_addc(out, '\n');
    add_findings(answer, subject->path, &subject->verified.findings, out);
}

static void add_unknown(struct tm_buf *out, const char *path)
{
    tm_buf_adds(out, "not known: ");
    tm_buf_add_escaped(out, tm_str(path));
    tm_buf_adds(out, ": ");
}

/* What the ledger alone cannot tell. */
static void add_unknowns(const struct tm_verify_answer *answer, struct tm_buf *out)
{
    for (size_t i = 0; i < answer->n; i++) {
        const struct tm_verify_subject *subject = &answer->subjects[i];
        const struct tm_ledger_state *state = &subject->verified.state;
        uint64_t uncovered = answer->chain ? subject->ledger.uncovered : state->entries;

        if (uncovered && !answer->history) {
            add_unknown(out, subject->path);
            tm_buf_addf(
                out,
                "%llu of %llu entries are not covered by a freeze%s, and more could have been cut off "
                "unseen behind them: --history or --pin can tell\n",
                (ull)uncovered, (ull)state->entries, answer->chain ? "" : " that was looked at");
        }
        if (state->adopted_lines) {
            add_unknown(out, subject->path);
            tm_buf_addf(out, "what stands before the genesis (%llu line%s) is trusted as it was found\n",
                        (ull)state->adopted_lines, state->adopted_lines == 1 ? "" : "s");
        }
    }
    if (answer->chain && answer->chain->unseen)
        tm_buf_addf(out,
                    "not known: the records of %zu of %zu freezes are not here, neither in the work tree nor "
                    "below their tags\n",
                    answer->chain->unseen, answer->chain->freezes);
    if (answer->history && answer->history->before_genesis)
        tm_buf_addf(out, "not known: %llu lines went from ledgers that had no genesis yet\n",
                    (ull)answer->history->before_genesis);
}

void tm_verify_print_text(const struct tm_verify_answer *answer, struct tm_buf *out)
{
    for (size_t i = 0; i < answer->n; i++)
        if (!answer->subjects[i].unread)
            add_ledger(answer, &answer->subjects[i], out);
    add_findings(answer, answer->pending_path, answer->pending, out);
    for (size_t i = 0; answer->chain && i < answer->chain->n_records; i++)
        add_findings(answer, answer->chain->records[i].path.data, &answer->chain->records[i].findings, out);
    if (answer->chain && answer->chain->freezes)
        tm_buf_addf(out, "%zu freeze%s held against the ledgers\n", answer->chain->freezes,
                    answer->chain->freezes == 1 ? "" : "s");
    if (answer->history)
        tm_buf_addf(out, "%zu commit%s walked, the ledgers changed in %llu steps\n",
                    answer->history->walked.commits, answer->history->walked.commits == 1 ? "" : "s",
                    (ull)answer->history->steps);
    add_unknowns(answer, out);
}

static void put_ledger(struct tm_json_writer *w, const struct tm_verify_answer *answer,
                       const struct tm_verify_subject *subject)
{
    const struct tm_ledger_state *state = &subject->verified.state;

    tm_json_object_begin(w);
    tm_json_members(w, "path", subject->path);
    tm_json_member_bool(w, "present", subject->ledger.is_there);
    tm_json_member_u64(w, "bytes", state->bytes);
    tm_json_member_u64(w, "lines", state->lines);
    tm_json_member_u64(w, "adopted_lines", state->adopted_lines);
    tm_json_member_u64(w, "entries", state->entries);
    tm_json_member_u64(w, "pending", subject->verified.pending);
    tm_json_key(w, "uncovered");
    if (answer->chain)
        tm_json_put_u64(w, subject->ledger.uncovered);
    else
        tm_json_put_null(w);
    tm_json_member_u64(w, "max_lc", state->max_lc);
    tm_json_key(w, "heads");
    tm_json_array_begin(w);
    for (size_t i = 0; i < state->n_heads; i++)
        tm_hash_put(w, &state->heads[i]);
    tm_json_array_end(w);
    tm_json_object_end(w);
}

static void put_finding(struct tm_json_writer *w, const struct tm_verify_answer *answer, const char *path,
                        const struct tm_ledger_finding *finding)
{
    struct tm_buf TM_CLEANUP(tm_buf_release) message = TM_BUF_INIT;

    add_message(finding, &message);
    tm_json_object_begin(w);
    tm_json_members(w, "file", path);
    tm_json_key(w, "line");
    if (finding->line)
        tm_json_put_u64(w, finding->line);
    else
        tm_json_put_null(w);
    tm_json_key(w, "id");
    if (finding->has_id)
        tm_hash_put(w, &finding->id);
    else
        tm_json_put_null(w);
    tm_json_members(w, "code", tm_ledger_flaw_code(finding->flaw));
    tm_json_members(w, "severity", severity_of(answer, finding->flaw));
    tm_json_member_str(w, "message", tm_buf_str(&message));
    tm_json_object_end(w);
}

static void put_findings(struct tm_json_writer *w, const struct tm_verify_answer *answer, const char *path,
                         const struct tm_ledger_findings *findings)
{
    for (size_t i = 0; i < findings->n; i++)
        put_finding(w, answer, path, &findings->items[i]);
}

/* How many there are of each code, those that are not listed included. */
static void put_counts(struct tm_json_writer *w, const struct tm_verify_answer *answer)
{
    tm_json_key(w, "counts");
    tm_json_object_begin(w);
    for (size_t flaw = 0; flaw < TM_FLAW_COUNT; flaw++) {
        uint64_t n = answer->pending->counts[flaw];

        for (size_t i = 0; i < answer->n; i++)
            n += answer->subjects[i].verified.findings.counts[flaw];
        for (size_t i = 0; answer->chain && i < answer->chain->n_records; i++)
            n += answer->chain->records[i].findings.counts[flaw];
        if (n)
            tm_json_member_u64(w, tm_ledger_flaw_code((enum tm_ledger_flaw)flaw), n);
    }
    tm_json_object_end(w);
}

static void put_freezes(struct tm_json_writer *w, const struct tm_chain *chain)
{
    tm_json_key(w, "freezes");
    if (!chain) {
        tm_json_put_null(w);
        return;
    }
    tm_json_object_begin(w);
    tm_json_member_u64(w, "count", chain->freezes);
    tm_json_member_u64(w, "records_unseen", chain->unseen);
    tm_json_object_end(w);
}

static void put_history(struct tm_json_writer *w, const struct tm_ledger_history *history)
{
    tm_json_key(w, "history");
    if (!history) {
        tm_json_put_null(w);
        return;
    }
    tm_json_object_begin(w);
    tm_json_member_u64(w, "commits", history->walked.commits);
    tm_json_member_u64(w, "steps", history->steps);
    tm_json_member_u64(w, "lines_before_genesis", history->before_genesis);
    tm_json_key(w, "horizon");
    if (history->walked.horizons)
        tm_json_puts(w, history->walked.horizon.hex);
    else
        tm_json_put_null(w);
    tm_json_object_end(w);
}

static void put_unread(struct tm_json_writer *w, const struct tm_verify_answer *answer)
{
    tm_json_key(w, "unread");
    tm_json_array_begin(w);
    for (size_t i = 0; i < answer->n; i++) {
        if (!answer->subjects[i].unread)
            continue;
        tm_json_object_begin(w);
        tm_json_members(w, "path", answer->subjects[i].path);
        tm_json_members(w, "message", answer->subjects[i].unread);
        tm_json_object_end(w);
    }
    tm_json_array_end(w);
}

void tm_verify_print_json(const struct tm_verify_answer *answer, struct tm_buf *out)
{
    struct tm_json_writer w;

    tm_json_writer_init(&w, out, 2);
    tm_json_object_begin(&w);
    tm_json_member_u64(&w, "errors", answer->errors);
    tm_json_member_u64(&w, "warnings", answer->warnings);
    tm_json_key(&w, "cannot_prove");
    if (answer->unproven)
        tm_json_puts(&w, answer->unproven);
    else
        tm_json_put_null(&w);
    tm_json_key(&w, "ledgers");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < answer->n; i++)
        if (!answer->subjects[i].unread)
            put_ledger(&w, answer, &answer->subjects[i]);
    tm_json_array_end(&w);
    put_unread(&w, answer);
    put_freezes(&w, answer->chain);
    put_history(&w, answer->history);
    put_counts(&w, answer);
    tm_json_key(&w, "findings");
    tm_json_array_begin(&w);
    for (size_t i = 0; i < answer->n; i++)
        put_findings(&w, answer, answer->subjects[i].path, &answer->subjects[i].verified.findings);
    put_findings(&w, answer, answer->pending_path, answer->pending);
    for (size_t i = 0; answer->chain && i < answer->chain->n_records; i++)
        put_findings(&w, answer, answer->chain->records[i].path.data, &answer->chain->records[i].findings);
    tm_json_array_end(&w);
    tm_json_object_end(&w);
    tm_buf_addc(out, '\n');
}

void tm_verify_print_pins(const struct tm_verify_answer *answer, struct tm_buf *out)
{
    for (size_t i = 0; i < answer->n; i++) {
        const struct tm_ledger_state *state = &answer->subjects[i].verified.state;

        for (size_t k = 0; k < state->n_heads; k++) {
            tm_buf_add_escaped(out, answer->subjects[i].ledger.name);
            tm_buf_addc(out, ':');
            tm_hash_add_hex(out, &state->heads[k]);
            tm_buf_addc(out, '\n');
        }
    }
}
