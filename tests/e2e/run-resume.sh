# kill -9 at random moments of a run, then --resume: the end state is an undisturbed run's, but for times and nonces.
. "${0%/*}/lib.sh"

/usr/bin/python3 -c 'import pytest, pytest_cov' 2>/dev/null || skip_all 'no pytest with pytest-cov'

# A small repository: two Python modules, one without tests and docs.
make_repo() {
    git_repo "$1"
    module alpha alpha
    mkdir -p alpha/tests
    printf 'def double(x):\n    return 2 * x\n\n\ndef half(x):\n    return x / 2\n' >alpha/alpha_math.py
    printf 'import sys, pathlib\nsys.path.insert(0, str(pathlib.Path(__file__).parents[1]))\nimport alpha_math\n\n\ndef test_double():\n    assert alpha_math.double(2) == 4\n' >alpha/tests/test_alpha.py
    module beta beta
    printf 'def one():\n    return 1\n' >beta/beta_one.py
    commit_all start
}

# What must be equal: the files of the last commit, without what may differ.
state() {
    git ls-tree -r --name-only HEAD | grep -v -e RUNBOOK_REPORT.md -e _FREEZE.json >"$1.names"
    git log --format=%s >"$1.log"
    git tag >"$1.tags"
    git show HEAD:manifests/.ledger/coverage.ndjson | grep -o '"kind":"[a-z]*","module":"[a-z]*","body":{"evidence":"[a-z_]*"' >"$1.coverage"
    for name in scaffold test_scaffold freeze; do
        git show "HEAD:manifests/.ledger/$name.ndjson" | grep -o '"kind":"[a-z_]*","module":"[a-z]*"' >"$1.$name"
    done
    cat alpha/module.manifest.json beta/module.manifest.json | sed 's/"20[^"]*Z"/"TIME"/' >"$1.manifests"
    sed 's/"20[^"]*Z"/"TIME"/; s/"commit": "[0-9a-f]*"/"commit": ""/; s/"entry": "[0-9a-f]*"/"entry": ""/' docs/_generated/META_REGISTRY.json >"$1.meta"
    cut -d, -f2- trends/coverage_trend.csv >"$1.trend"
}

test_twenty_kills() {
    make_repo whole
    start=$(date +%s%N)
    expect 0 "$TIDEMARK" run --baseline b --release r
    took_ms=$((($(date +%s%N) - start) / 1000000))
    state "$SCRATCH/whole"
    cd ..
    i=0
    while [ $i -lt 20 ]; do
        i=$((i + 1))
        make_repo "killed$i"
        # Spread over the run: a fixed step, so that every stretch of it is hit.
        pause_ms=$((took_ms * i / 21 + 1))
        "$TIDEMARK" run --baseline b --release r >/dev/null 2>&1 &
        pid=$!
        sleep "$(printf '%d.%03d' $((pause_ms / 1000)) $((pause_ms % 1000)))"
        kill -9 $pid 2>/dev/null || :
        wait $pid 2>/dev/null || :
        if [ -e .git/tidemark/run/journal.json ]; then
            expect 0 "$TIDEMARK" run --resume
        elif ! git rev-parse -q --verify r >/dev/null; then
            expect 0 "$TIDEMARK" run --baseline b --release r
        fi
        clean_tree
        state "$SCRATCH/killed"
        for part in names log tags coverage scaffold test_scaffold freeze manifests meta trend; do
            cmp -s "$SCRATCH/whole.$part" "$SCRATCH/killed.$part" || {
                diff "$SCRATCH/whole.$part" "$SCRATCH/killed.$part" | sed 's/^/# /'
                fail "killed after $pause_ms ms: '$part' differs"
            }
        done
        expect 0 "$TIDEMARK" validate
        cd ..
        rm -rf "killed$i"
    done
}

test_nothing_to_resume() {
    make_repo repo
    tm 3 run --resume
    err_is_one_line
    err_has 'no interrupted run'
}

run_tests
