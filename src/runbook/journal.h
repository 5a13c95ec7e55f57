/*
 * The journal of a run: what has been done, so that a killed run goes on after
 * its last finished phase. `.git/tidemark/run/journal.json`, replaced whole after each step;
 * the facts of docs/formats/run.md and two members more: `current` (the phase that was begun) and the
 * HEAD it began at.
 */
#ifndef TM_RUNBOOK_JOURNAL_H
#define TM_RUNBOOK_JOURNAL_H

#include "base/arena.h"
#include "base/json_write.h"
#include "ledger/ledger.h"
#include "repo/repo.h"

enum tm_phase {
    TM_PHASE_PREFLIGHT,
    TM_PHASE_BASELINE,
    TM_PHASE_DISCOVERY,
    TM_PHASE_SCAFFOLDING,
    TM_PHASE_COVERAGE,
    TM_PHASE_BENCH,
    TM_PHASE_DASHBOARDS,
    TM_PHASE_FINAL,
    TM_PHASE_RELEASE,
    TM_PHASES,
};

/* "preflight" and the like; "Pre-flight validations" and the like. */
const char *tm_phase_name(enum tm_phase phase);
const char *tm_phase_title(enum tm_phase phase);

enum tm_phase_status { TM_PHASE_TODO, TM_PHASE_PASSED, TM_PHASE_SKIPPED, TM_PHASE_PARTIAL, TM_PHASE_FAILED };
const char *tm_phase_status_name(enum tm_phase_status status);

struct tm_phase_record {
    enum tm_phase_status status;
    struct tm_buf reason; /* "" when passed */
    int64_t started_s, duration_ns;
    struct tm_oid commit; /* the one it made, "" for none */
    struct tm_buf subject;
    struct tm_buf facts; /* JSON object of the phase's own members; "" for none */
};

struct tm_journal {
    char run[TM_LEDGER_RUN_HEX + 1];
    int64_t started_s;
    struct tm_oid head;              /* where the run began */
    struct tm_buf branch;            /* short name */
    struct tm_buf baseline, release; /* tags asked for; "" for none */
    struct tm_buf before, after;     /* JSON objects of metrics; "" until taken */
    struct tm_phase_record phases[TM_PHASES];
    enum tm_phase current;      /* the first that is not finished; TM_PHASES at the end */
    struct tm_oid current_head; /* HEAD when it began; "" when it has not */
};

void tm_journal_init(struct tm_journal *journal);
void tm_journal_release(struct tm_journal *journal);

/* Writes it durably. */
enum tm_code tm_journal_save(struct tm_repo *repo, const struct tm_journal *journal, struct tm_err *err)
    TM_CHECK;

/* Reads it into an initialised one. TM_E_NOT_FOUND when there is none. */
enum tm_code tm_journal_load(struct tm_repo *repo, struct tm_journal *journal, struct tm_err *err) TM_CHECK;

enum tm_code tm_journal_drop(struct tm_repo *repo, struct tm_err *err) TM_CHECK;
bool tm_journal_exists(const struct tm_repo *repo);

/* Writes the members that journal and facts share, in an object that is open. */
void tm_journal_members(const struct tm_journal *journal, struct tm_json_writer *w);

#endif
