# Reports that something else produced: whose they are, what of them counts, and what is said of bad ones.
. "${0%/*}/lib.sh"

# two_modules: alpha and beta with a source file of four lines and a test each.
two_modules() {
    git_repo repo
    for m in alpha beta; do
        module $m $m
        mkdir -p $m/tests
        printf 'one\ntwo\nthree\nfour\n' >$m/code.py
        echo 'check' >$m/tests/test_code.py
    done
    commit_all modules
}

# lcov FILE LINE:HITS...: an LCOV section.
lcov() {
    printf 'SF:%s\n' "$1"
    shift
    for line; do echo "DA:${line%:*},${line#*:}"; done
    echo end_of_record
}

observed() {
    json "$1/module.manifest.json" "d.get('testing', {}).get('coverage_observed', 'nothing')"
}

test_a_report_is_shared_out_among_modules() {
    two_modules
    { lcov alpha/code.py 1:1 2:0 && lcov "$PWD/beta/code.py" 1:1 2:1 3:1 4:0 && lcov alpha/tests/test_code.py 1:1; } >"$SCRATCH/r.info"
    tm 0 ingest "$SCRATCH/r.info"
    out_has '  alpha  50.00 % (1 of 2 lines)'
    out_has '  beta   75.00 % (3 of 4 lines)'
    out_has '1 file left out, '
    out_has 'alpha/tests/test_code.py'
    same "$(observed alpha)" 50
    same "$(observed beta)" 75
    has manifests/.ledger/coverage.ndjson '"collector":"ingest"'
    has manifests/.ledger/coverage.ndjson "\"report_sha256\":\"$(sha256sum <"$SCRATCH/r.info" | cut -c 1-64)\""
    has manifests/.ledger/coverage.ndjson "\"manifest_blob\":\"$(git hash-object beta/module.manifest.json)\""
}

test_reports_given_together_count_a_line_once() {
    two_modules
    lcov alpha/code.py 1:1 2:0 3:0 >"$SCRATCH/unit.info"
    lcov alpha/code.py 2:5 3:0 4:1 >"$SCRATCH/system.info"
    tm 0 ingest "$SCRATCH/unit.info" "$SCRATCH/system.info"
    # Lines 1, 2 and 4 of 1 to 4 ran in one of the two.
    same "$(observed alpha)" 75
    same "$(grep -c '"kind":"coverage"' manifests/.ledger/coverage.ndjson)" 1
}

test_a_module_without_a_line_in_the_report_is_left_alone() {
    two_modules
    lcov alpha/code.py 1:1 >"$SCRATCH/r.info"
    tm 0 ingest "$SCRATCH/r.info"
    same "$(observed beta)" nothing
    same "$(git status --porcelain | tr '\n' ' ')" ' M alpha/module.manifest.json ?? manifests/ '
}

test_paths_are_relative_to_the_report_or_the_root() {
    two_modules
    lcov code.py 1:1 2:1 >alpha/r.info
    lcov beta/code.py 1:0 >"$SCRATCH/r.info"
    tm 0 ingest alpha/r.info "$SCRATCH/r.info"
    same "$(observed alpha)" 100
    same "$(observed beta)" 0
}

test_files_of_nobody_are_counted_and_dropped() {
    two_modules
    { lcov /usr/include/stdio.h 1:1 && lcov alpha/code.py 1:1 && lcov alpha/gone.py 1:1 && lcov ../../etc/passwd 1:1; } >"$SCRATCH/r.info"
    tm 0 --format=json ingest "$SCRATCH/r.info"
    same "$(json "$SCRATCH/out" "sum(d['files_left_out'].values())")" 3
    same "$(json "$SCRATCH/out" "d['observed']['coverage']['modules'][0]['lines']")" "{'covered': 1, 'valid': 1}"
    lcov /usr/include/stdio.h 1:1 >"$SCRATCH/r.info"
    git checkout -q . && rm -r manifests
    tm 3 ingest "$SCRATCH/r.info"
    err_has 'name no source of a module, nothing was written'
    clean_tree
}

test_some_bad_reports_are_status_4_and_all_bad_ones_3() {
    two_modules
    lcov alpha/code.py 1:1 >"$SCRATCH/good.info"
    lcov alpha/code.py 1:1 2:0 | sed '$d' >"$SCRATCH/cut.info"
    : >"$SCRATCH/empty.info"
    echo '<report name="x"><package/></report>' >"$SCRATCH/jacoco.xml"
    printf '<!DOCTYPE coverage [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<coverage>&x;</coverage>\n' >"$SCRATCH/entity.xml"
    mkfifo "$SCRATCH/fifo"
    for bad in cut.info empty.info jacoco.xml entity.xml missing.info fifo .; do
        tm 3 ingest "$SCRATCH/$bad"
        err_has "$bad"
        err_is_one_line
        clean_tree
    done
    tm 4 --format=json ingest "$SCRATCH/cut.info" "$SCRATCH/good.info" "$SCRATCH/missing.info"
    err_has '2 of 3 reports could not be read'
    same "$(json "$SCRATCH/out" "['error' in r for r in d['reports']]")" '[True, False, True]'
    same "$(json "$SCRATCH/out" "d['reports'][1]['format']")" lcov
    # What the bad report said before it broke off does not count.
    same "$(observed alpha)" 100
}

test_a_long_report_of_no_known_format_is_no_benchmark() {
    two_modules
    printf '{"a":1' >"$SCRATCH/long.json"
    truncate -s 257M "$SCRATCH/long.json"
    tm 3 ingest "$SCRATCH/long.json"
    err_has 'is no coverage report of a known format'
    err_has 'give --as'
    err_is_one_line
}

test_the_format_can_be_named() {
    two_modules
    lcov alpha/code.py 1:1 >"$SCRATCH/r"
    tm 0 ingest --as lcov "$SCRATCH/r"
    tm 3 ingest --as cobertura "$SCRATCH/r"
    tm 2 ingest --as covertura "$SCRATCH/r"
    err_has "unknown format 'covertura'"
    tm 2 ingest
    err_is_one_line
}

test_cobertura_is_found_by_its_content() {
    two_modules
    cat >"$SCRATCH/report" <<END
<?xml version="1.0"?>
<coverage line-rate="0.5" lines-covered="1" lines-valid="2"><sources><source>$PWD/beta</source></sources>
<packages><package><classes><class filename="code.py"><lines><line number="1" hits="1"/><line number="3" hits="0"/></lines></class></classes></package></packages></coverage>
END
    tm 0 --format=json ingest "$SCRATCH/report"
    same "$(json "$SCRATCH/out" "d['reports'][0]['format']")" cobertura
    same "$(observed beta)" 50
}

test_benchmarks_belong_to_the_module_of_their_file() {
    two_modules
    cat >"$SCRATCH/b.json" <<'END'
{"benchmarks": [
  {"fullname": "alpha/tests/test_code.py::test_a", "stats": {"data": [0.001, 0.003]}},
  {"fullname": "elsewhere/test.py::test_b", "stats": {"data": [0.001]}}
]}
END
    tm 0 ingest "$SCRATCH/b.json"
    out_has '  alpha  p50 2.000 ms, p95 n/a (alpha/tests/test_code.py::test_a)'
    out_has '1 benchmark left out, in no module: name theirs with --module'
    # Nobody knows which machine it was.
    same "$(json alpha/module.manifest.json "d['performance']['observed']['env_fingerprint']")" None
    lacks manifests/.ledger/bench.ndjson '"env"'
}

test_hyperfine_needs_a_module() {
    two_modules
    echo '{"results": [{"command": "ls", "times": [0.5]}]}' >"$SCRATCH/h.json"
    tm 3 ingest "$SCRATCH/h.json"
    clean_tree
    tm 0 ingest --module beta "$SCRATCH/h.json"
    same "$(json beta/module.manifest.json "d['performance']['observed']['latency_p50_ms']")" 500
    tm 2 ingest --module gamma "$SCRATCH/h.json"
}

test_a_report_with_line_ends_of_another_system() {
    two_modules
    lcov 'alpha\code.py' 1:1 2:0 | sed 's/$/\r/' >"$SCRATCH/r.info"
    tm 0 ingest "$SCRATCH/r.info"
    same "$(observed alpha)" 50
}

test_paths_of_reports_are_relative_to_C() {
    two_modules
    lcov alpha/code.py 1:1 >alpha/r.info
    cd ..
    tm 0 -C repo/alpha ingest r.info
    cd repo
    same "$(observed alpha)" 100
}

run_tests
