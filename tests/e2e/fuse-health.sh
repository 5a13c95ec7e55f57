#!/bin/sh
# Coverage, benchmarks and health in the meta-registry: every number from a ledger, unknown is null.
. "${0%/*}/lib.sh"

meta=docs/_generated/META_REGISTRY.json

# of MODULE EXPRESSION: of a module `m` of the meta-registry.
of() {
    json "$meta" "[($2) for m in d['modules'] if m['module'] == '$1'][0]"
}

# entry LEDGER KIND MODULE BODY: one entry by docs/formats/ledger.md, written by hand; the first is the genesis.
entry() {
    file=manifests/.ledger/$1.ndjson
    mkdir -p manifests/.ledger
    touch "$file"
    n=$(($(wc -l <"$file") + 1))
    prev=
    [ "$n" -eq 1 ] || prev="\"$(tail -n 1 "$file" | tr -d '\n' | sha256sum | cut -d' ' -f1)\""
    printf '{"v":1,"log":"00112233445566778899aabbccddeeff","lc":%d,"prev":[%s],"run":"%032d.1","ts":"2026-01-0%dT00:00:00Z","kind":"%s","module":"%s","body":%s}\n' \
        "$n" "$prev" "$n" "$n" "$2" "$3" "$4" >>"$file"
}

coverage() {
    [ -e manifests/.ledger/coverage.ndjson ] || entry coverage genesis '' '{"format":"tidemark-ledger/1"}'
    entry coverage coverage "$1" "$2"
}

bench() {
    [ -e manifests/.ledger/bench.ndjson ] || entry bench genesis '' '{"format":"tidemark-ledger/1"}'
    entry bench bench "$1" "$2"
}

measured() {
    coverage "$1" "{\"evidence\":\"measured\",\"lines_covered\":$2,\"lines_valid\":$3,\"dirty\":false}"
}

test_36_and_a_half_percent_with_docs_is_38_point_2() {
    git_repo r
    module identity identity
    touch identity/README.md
    measured identity 73 200
    tm 0 fuse
    same "$(of identity "m['health_score']")" 38.2
    same "$(of identity "m['coverage']['observed'], m['coverage']['target'], m['coverage']['delta']")" \
        "(36.5, 80, -43.5)"
    same "$(of identity "m['coverage']['meets_target'], m['coverage']['evidence']")" "(False, 'measured')"
    same "$(of identity "m['coverage']['lines_covered'], m['coverage']['lines_valid']")" "(73, 200)"
    same "$(of identity "m['coverage']['observed_at']")" 2026-01-02T00:00:00Z
    same "$(of identity "m['coverage']['entry']")" \
        "$(tail -n 1 manifests/.ledger/coverage.ndjson | tr -d '\n' | sha256sum | cut -d' ' -f1)"
    same "$(of identity "[m['health'][p]['points'] for p in ('coverage', 'sla', 'docs')]")" "[18.25, None, 20]"
    same "$(of identity "m['health']['sla']['reason']")" 'no p95 SLA in the manifest'
    out_has 'coverage   1 measured; 0 of 1 meet their target'
    out_has 'lines      73 of 200 covered, 36.50 %'
    out_has 'health     38.2 of 100 on average (t4)'
}

test_a_module_without_data_has_no_coverage_value_anywhere() {
    git_repo r
    module a alpha
    touch a/README.md
    measured alpha 9 10
    coverage alpha '{"evidence":"no_data","reason":"all 3 tests were skipped","dirty":false}'
    tm 0 fuse
    same "$(of alpha "[m['coverage'][k] for k in ('observed', 'delta', 'meets_target', 'lines_covered', 'lines_valid')]")" \
        "[None, None, None, None, None]"
    same "$(of alpha "m['coverage']['evidence'], m['coverage']['reason']")" "('no_data', 'all 3 tests were skipped')"
    same "$(of alpha "m['health_score'], m['health']['coverage']")" \
        "(20, {'points': None, 'max': 50, 'evidence': 'no_data', 'reason': 'all 3 tests were skipped'})"
    same "$(json $meta "d['summary']['with_coverage'], d['summary']['coverage_evidence']['no_data']")" "(0, 1)"
}

test_percentages_never_round_to_all_or_nothing() {
    git_repo r
    module a alpha '"testing": {"coverage_target": 100}'
    module b beta '"testing": {"coverage_target": 0}'
    module c gamma '"testing": {"coverage_target": 100}'
    measured alpha 999999 1000000
    measured beta 1 1000000
    measured gamma 7 7
    tm 0 fuse
    same "$(of alpha "m['coverage']['observed'], m['coverage']['delta'], m['coverage']['meets_target']")" \
        "(99.99, -0.01, False)"
    same "$(of beta "m['coverage']['observed'], m['coverage']['delta'], m['coverage']['meets_target']")" \
        "(0.01, 0.01, True)"
    same "$(of gamma "m['coverage']['observed'], m['coverage']['delta'], m['health_score']")" "(100, 0, 50)"
}

test_an_sla_gives_points_only_with_a_p95_and_a_target() {
    git_repo r
    sla='"performance": {"sla_targets": {"latency_p95_ms": 2}}'
    module a met "$sla"
    module b missed "$sla"
    module c few "$sla"
    module d notarget
    module e never "$sla"
    for m in met notarget; do
        bench $m '{"evidence":"measured","benchmark":"b1","slowest":true,"samples":100,"p50_ns":1000000,"p95_ns":2000000,"p99_ns":2500000,"env":"0011223344556677","dirty":false}'
    done
    bench missed '{"evidence":"measured","benchmark":"b1","slowest":true,"samples":50,"p50_ns":1000000,"p95_ns":2000001,"env":"0011223344556677","dirty":false}'
    bench few '{"evidence":"measured","benchmark":"b1","slowest":true,"samples":5,"p50_ns":1000000,"env":"0011223344556677","dirty":false}'
    tm 0 fuse
    same "$(of met "m['performance']['meets_sla'], m['health_score'], m['performance']['latency_p99_ms']")" "(True, 30, 2.5)"
    same "$(of missed "m['performance']['meets_sla'], m['health']['sla']['points'], m['performance']['latency_p99_ms']")" \
        "(False, 0, None)"
    same "$(of missed "m['performance']['latency_p95_ms']")" 2.000001
    same "$(of few "m['performance']['meets_sla'], m['health']['sla']['points'], m['performance']['reason']")" \
        "(None, None, 'too few samples for a p95')"
    same "$(of notarget "m['performance']['meets_sla'], m['health']['sla']['reason']")" \
        "(None, 'no p95 SLA in the manifest')"
    same "$(of never "m['performance']['evidence'], m['health']['sla']['reason']")" "(None, 'never measured')"
    same "$(json $meta "[d['summary'][k] for k in ('with_benchmarks', 'with_sla_verdict', 'meeting_sla')]")" "[4, 2, 1]"
    out_has '1 of 2 meet their SLA'
}

test_numbers_in_manifests_are_claims_and_not_used() {
    git_repo r
    module a alpha '"testing": {"coverage_observed": 99.9}'
    module b beta '"testing": {"coverage_observed": 36.5}'
    measured beta 1 2
    tm 0 fuse
    err_has '1 manifest claims a coverage_observed without a measured ledger entry, not used: alpha'
    same "$(of alpha "m['coverage']['observed']")" None
    same "$(of beta "m['coverage']['observed']")" 50
    same "$(json $meta "d['summary']['claims_without_ledger']")" 1
    tm 0 --format=json fuse
    same "$(json "$SCRATCH/out" "d['claims'], d['summary']['with_coverage']")" "(['alpha'], 1)"
}

test_a_ledger_of_before_tidemark_counts() {
    git_repo r
    module identity identity
    touch identity/README.md
    mkdir -p manifests/.ledger
    printf '{"ts": "2025-10-05T11:11:15Z", "module": "identity", "coverage": 36.5}\n{"ts": "2025-10-05T11:11:15Z", "module": "gone", "coverage": 1}\n' \
        >manifests/.ledger/coverage.ndjson
    tm 0 fuse
    same "$(of identity "m['health_score'], m['coverage']['observed'], m['coverage']['lines_valid'], m['coverage']['entry']")" \
        "(38.2, 36.5, None, None)"
    same "$(json $meta "d['summary']['unknown_modules']")" 1
    err_has 'the ledgers hold observations of 1 module not in the repository'
}

test_a_second_fuse_changes_no_byte() {
    git_repo r
    module a alpha
    measured alpha 1 3
    tm 0 scan
    tm 0 fuse
    commit_all fused
    SOURCE_DATE_EPOCH=1800000000 tm 0 fuse
    out_has "'docs/_generated/META_REGISTRY.json' unchanged"
    clean_tree
    tm 0 fuse --check
    measured alpha 2 3
    tm 1 fuse --check
    out_has "'docs/_generated/META_REGISTRY.json' is stale (1 module changed), run 'tidemark fuse'"
    err_has '1 of 1 generated file is stale'
    [ -z "$(git status --porcelain docs)" ] || fail 'fuse --check wrote'
}

test_no_modules_have_no_average() {
    git_repo r
    tm 0 fuse
    same "$(json $meta "d['module_count'], d['summary']['avg_health_score']")" "(0, None)"
}

test_the_average_is_of_the_printed_scores() {
    git_repo r
    for m in a b; do
        module $m $m
        touch $m/README.md
    done
    measured a 73 200 # 38.25, printed 38.2
    measured b 3651 10000 # 38.255, printed 38.3
    tm 0 fuse
    same "$(json $meta "[m['health_score'] for m in d['modules']], d['summary']['avg_health_score']")" \
        "([38.2, 38.3], 38.2)"
}

test_a_damaged_ledger_is_refused_and_nothing_is_written() {
    git_repo r
    module a alpha
    measured alpha 1 2
    printf '{"v":1,' >>manifests/.ledger/coverage.ndjson
    tm 3 fuse
    err_is_one_line
    err_has 'manifests/.ledger/coverage.ndjson'
    [ ! -e $meta ] || fail 'a meta-registry was written'
}

test_a_refused_manifest_makes_it_partial() {
    git_repo r
    module a alpha
    mkdir b
    echo '{' >b/module.manifest.json
    tm 4 fuse
    same "$(json $meta "d['module_count']")" 1
    tm 2 fuse now
}

run_tests
