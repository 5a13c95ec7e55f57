#!/bin/sh
# `tidemark trends`: the CSVs, and that they change only with the ledgers.
. "${0%/*}/lib.sh"

COVERAGE=manifests/.ledger/coverage.ndjson
BENCH=manifests/.ledger/bench.ndjson

trend_repo() {
    git_repo repo
    mkdir -p manifests/.ledger
    cat >"$COVERAGE" <<'END'
{"ts":"2025-10-05T11:11:15Z","module":"identity","coverage":36.5}
{"ts":"2025-10-05T11:11:16Z","module":"memory, long","coverage":18.53}
{"ts":"2025-10-06T11:11:15Z","module":"identity","coverage":38.2}
END
    cat >"$BENCH" <<'END'
{"ts":"2025-10-05T11:11:15Z","module":"memory","p50_ms":1.25,"p95_ms":2.5,"p99_ms":3,"env_fingerprint":"a"}
{"ts":"2025-10-06T11:11:15Z","module":"memory","p50_ms":1.25,"p95_ms":2.25,"env_fingerprint":"a"}
{"ts":"2025-10-07T11:11:15Z","module":"memory","p50_ms":1.25,"p95_ms":2.25,"env_fingerprint":"b"}
END
    commit_all ledgers
}

# Counted by hand from the lines above.
test_both_files_say_what_the_ledgers_say() {
    trend_repo
    tm 0 trends
    out_has "'trends/coverage_trend.csv' written: 3 rows, 2 modules"
    out_has "'trends/bench_trend.csv' written: 3 rows, 1 module"
    cat >want <<'END'
date,module,coverage_pct,delta_from_previous
2025-10-05T11:11:15Z,identity,36.50,
2025-10-05T11:11:16Z,"memory, long",18.53,
2025-10-06T11:11:15Z,identity,38.20,1.70
END
    cmp want trends/coverage_trend.csv || fail "$(diff want trends/coverage_trend.csv)"
    cat >want <<'END'
date,module,p50_ms,p95_ms,p99_ms,delta_p95,env_fingerprint
2025-10-05T11:11:15Z,memory,1.25,2.5,3,,a
2025-10-06T11:11:15Z,memory,1.25,2.25,,-0.25,a
2025-10-07T11:11:15Z,memory,1.25,2.25,,,b
END
    cmp want trends/bench_trend.csv || fail "$(diff want trends/bench_trend.csv)"
}

test_a_second_run_changes_no_byte() {
    trend_repo
    tm 0 trends
    commit_all trends
    touch -d @1 trends/coverage_trend.csv
    tm 0 trends
    out_has "'trends/coverage_trend.csv' unchanged: 3 rows, 2 modules"
    clean_tree
    same "$(stat -c %Y trends/coverage_trend.csv)" 1
}

test_a_check_tells_stale_from_current_and_writes_nothing() {
    trend_repo
    tm 1 trends --check
    err_has "2 of 2 trends are stale, run 'tidemark trends'"
    [ ! -e trends ] || fail 'a check wrote something'
    tm 0 trends
    tm 0 trends --check
    out_has "'trends/bench_trend.csv' up to date: 3 rows, 1 module"
    printf '{"ts":"2025-10-07T11:11:15Z","module":"identity","coverage":1}\n' >>"$COVERAGE"
    tm 1 trends --check
    err_has '1 of 2 trends are stale'
    tm 1 --format=json trends --check
    same "$(json "$SCRATCH/out" '[f["state"] for f in d["files"]], d["files"][0]["rows"]')" "(['stale', 'up to date'], 4)"
}

test_without_measurements_both_files_hold_their_header() {
    git_repo repo
    git commit -q --allow-empty -m first
    tm 0 trends
    out_has 'no coverage data'
    out_has 'no benchmark data'
    same "$(cat trends/coverage_trend.csv)" 'date,module,coverage_pct,delta_from_previous'
    same "$(cat trends/bench_trend.csv)" 'date,module,p50_ms,p95_ms,p99_ms,delta_p95,env_fingerprint'
    tm 0 trends --check
}

test_lines_that_are_not_understood_are_reported_and_left_out() {
    trend_repo
    printf '{"module":"identity","coverage":"high"}\n' >>"$COVERAGE"
    tm 0 trends
    err_has "adopted lines of 'coverage.ndjson' that are not understood: 1"
    same "$(wc -l <trends/coverage_trend.csv)" 4
}

test_a_damaged_ledger_leaves_the_files_as_they_were() {
    trend_repo
    tm 0 trends
    commit_all trends
    printf '<<<<<<< HEAD\n' >>"$COVERAGE"
    tm 3 trends
    err_is_one_line
    err_has "conflict marker of an unfinished merge at line 4 of '$COVERAGE'"
    git checkout -q "$COVERAGE"
    clean_tree
}

test_the_settings_say_where_ledgers_and_trends_are() {
    git_repo repo
    mkdir -p q/books
    printf 'paths:\n  ledger: q/books\n  trends: q/lines\n' >tidemark.yaml
    printf '{"ts":"2025-10-05","module":"m","coverage":5}\n' >q/books/coverage.ndjson
    commit_all settings
    tm 0 trends
    same "$(sed -n 2p q/lines/coverage_trend.csv)" '2025-10-05T00:00:00Z,m,5.00,'
}

test_wrong_arguments_are_refused() {
    trend_repo
    tm 2 trends now
    err_is_one_line
    tm 2 trends --nope
    err_is_one_line
}

run_tests
