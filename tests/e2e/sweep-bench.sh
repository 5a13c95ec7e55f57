# Benchmarks: one at a time, one observation each, the slowest is the module's figure.
# shellcheck disable=SC2016 # what stands in single quotes is for the scripts of modules
. "${0%/*}/lib.sh"

# bench_repo: modules are measured by their bench.sh, which writes hyperfine's JSON to $1.
bench_repo() {
    git_repo repo
    cat >tidemark.yaml <<'END'
collectors:
  shell:
    kind: bench
    files: [/bench.sh]
    command: [sh, bench.sh, "{out}/b.json"]
    report: "{out}/b.json"
    format: hyperfine
END
}

# samples N: N times in seconds, 0.001 to N thousandths, as JSON.
samples() {
    seq "$1" | awk '{ printf "%s%.3f", (NR > 1 ? "," : ""), $1 / 1000 }'
}

bench_module() {
    module "$1" "$1" "${2:-}"
    cat >"$1/bench.sh"
}

test_the_slowest_benchmark_is_the_figure() {
    bench_repo
    bench_module mixed '"performance": {"sla_targets": {"latency_p95_ms": 90}}' <<END
cat >"\$1" <<J
{"results": [
  {"command": "quick", "times": [$(samples 20)]},
  {"command": "slow", "times": [$(samples 101)]},
  {"command": "few", "times": [0.5, 0.6]}
]}
J
END
    commit_all modules
    tm 0 --format=json sweep --bench
    # Of 1 to 101 ms the 95th percentile is 96 ms, the 50th 51 ms, the 99th 100 ms. Two samples give no p95.
    same "$(json "$SCRATCH/out" "[(b['name'], b['slowest'], b['p95_ns']) for b in d['bench']['modules'][0]['benchmarks']]")" \
        "[('slow', True, 96000000), ('quick', False, 19050000), ('few', False, None)]"
    same "$(json "$SCRATCH/out" "d['bench']['modules'][0]['meets_sla']")" False
    same "$(json mixed/module.manifest.json "[d['performance']['observed'][k] for k in ('latency_p50_ms', 'latency_p95_ms', 'latency_p99_ms', 'observed_at')]")" \
        "[51, 96, 100, '2026-01-01T00:00:00Z']"
    same "$(json mixed/module.manifest.json "len(d['performance']['observed']['env_fingerprint'])")" 16
    same "$(grep -c '"kind":"bench"' manifests/.ledger/bench.ndjson)" 3
    same "$(grep -c '"slowest":true' manifests/.ledger/bench.ndjson)" 1
    same "$(grep -c "\"manifest_blob\":\"$(git hash-object mixed/module.manifest.json)\"" manifests/.ledger/bench.ndjson)" 3
    tm 0 sweep --bench
    out_has 'p50 51.000 ms, p95 96.000 ms, over its SLA of 90.000 ms (slow)'
}

test_percentiles_of_too_few_samples_are_null() {
    bench_repo
    bench_module short <<END
echo '{"results": [{"command": "c", "times": [$(samples 20)]}]}' >"\$1"
END
    commit_all modules
    tm 0 sweep --bench
    same "$(json short/module.manifest.json "d['performance']['observed']['latency_p95_ms']")" 19.05
    same "$(json short/module.manifest.json "d['performance']['observed']['latency_p99_ms']")" None
    lacks manifests/.ledger/bench.ndjson p99_ns
}

test_endings_without_a_figure() {
    bench_repo
    echo 'echo "{\"results\": []}" >"$1"' | bench_module none
    echo 'echo "{\"results\": [{\"command\": \"c\", \"times\": [1], \"exit_codes\": [1]}]}" >"$1"' | bench_module failing
    echo 'exit 2' | bench_module broken
    module other other && echo x >other/x.py
    commit_all modules
    tm 4 --format=json sweep --bench
    same "$(json "$SCRATCH/out" "{m['module']: m['evidence'] + ': ' + m['reason'] for m in d['bench']['modules']}")" \
        "{'broken': 'failed: exit status 2', 'failing': 'failed: a benchmark failed: c', 'none': 'no_data: the report has no benchmark', 'other': 'skipped: no benchmarks'}"
    # A module without benchmarks is no news; the others are.
    same "$(grep -c '"kind":"bench"' manifests/.ledger/bench.ndjson)" 3
    same "$(git status --porcelain)" '?? manifests/'
}

test_a_lost_benchmark_takes_its_figure_back() {
    bench_repo
    bench_module lost <<END
echo '{"results": [{"command": "c", "times": [$(samples 20)]}]}' >"\$1"
END
    commit_all modules
    tm 0 sweep --bench
    git rm -q --cached lost/bench.sh && rm lost/bench.sh
    SOURCE_DATE_EPOCH=1767312000 tm 0 sweep --bench
    same "$(json lost/module.manifest.json "[d['performance']['observed'][k] for k in ('latency_p50_ms', 'latency_p95_ms', 'latency_p99_ms', 'observed_at')]")" \
        "[None, None, None, '2026-01-02T00:00:00Z']"
    same "$(tail -n 1 manifests/.ledger/bench.ndjson | grep -c '"evidence":"skipped","reason":"no benchmarks"')" 1
    # Said once.
    tm 0 sweep --bench
    same "$(grep -c '"kind":"bench"' manifests/.ledger/bench.ndjson)" 2
}

test_benchmarks_run_one_at_a_time() {
    bench_repo
    for m in a b c; do
        bench_module $m <<END
echo x >>../running; sleep 0.2; wc -l <../running >>../seen; sed -i 1d ../running
echo '{"results": [{"command": "c", "times": [1]}]}' >"\$1"
END
    done
    printf 'running\nseen\n' >.gitignore
    commit_all modules
    tm 0 sweep --bench -j 3
    same "$(sort -u seen)" 1
}

test_pytest_benchmark_measures_for_real() {
    /usr/bin/python3 -c 'import pytest, pytest_cov, pytest_benchmark' 2>/dev/null || skip 'no pytest-benchmark'
    git_repo repo
    module real real && mkdir -p real/tests/benchmarks
    printf 'def triple(x):\n    return 3 * x\n' >real/real.py
    printf 'import time\nimport real\ndef test_bench(benchmark):\n    benchmark.pedantic(lambda: (time.sleep(0.001), real.triple(2)), rounds=25)\n' >real/tests/benchmarks/test_bench_real.py
    commit_all modules
    tm 0 --format=json sweep --bench
    same "$(json "$SCRATCH/out" "[(b['name'], b['samples'], b['p50_ns'] >= 1000000, b['p99_ns']) for b in d['bench']['modules'][0]['benchmarks']]")" \
        "[('real/tests/benchmarks/test_bench_real.py::test_bench', 25, True, None)]"
    same "$(git status --porcelain --ignored | sort | tr '\n' ' ')" ' M real/module.manifest.json ?? manifests/ '
}

run_tests
