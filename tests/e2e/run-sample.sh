# The whole runbook on the sample monorepo, as ./run does it. The figures are counted by hand from
# examples/monorepo: thirteen modules, of which customs only has skipped tests, weighbridge has a failing one, tides and tugs
# have benchmarks, and cargo, pilotage, signals, crane and others lack docs or tests.
. "${0%/*}/lib.sh"

/usr/bin/python3 -c 'import pytest, pytest_cov, pytest_benchmark' 2>/dev/null || skip_all 'no pytest with its plugins'
command -v node >/dev/null && command -v lcov >/dev/null || skip_all 'no node or no lcov'

report=docs/_generated/RUNBOOK_REPORT.md
meta=docs/_generated/META_REGISTRY.json

ran() {
    sample repo
    tm 4 --format=json run --baseline v0.01-baseline --release v0.02-prod
    cp "$SCRATCH/out" "$SCRATCH/facts"
}

test_the_whole_runbook() {
    ran
    facts=$SCRATCH/facts
    clean_tree

    # All nine phases, in order.
    same "$(json "$facts" '[p["number"] for p in d["phases"]]')" '[0, 1, 2, 3, 4, 5, 6, 7, 8]'
    same "$(json "$facts" 'sorted({p["status"] for p in d["phases"]})')" "['partial', 'passed']"
    same "$(json "$facts" 'd["status"]')" partial

    # Outcomes of the coverage sweep and of the benchmark sweep.
    same "$(json "$facts" '[d["phases"][4]["totals"][k] for k in ("modules","measured","no_data","skipped","failed","timeout")]')" \
        '[13, 11, 1, 0, 1, 0]'
    same "$(json "$facts" '[d["phases"][5]["totals"][k] for k in ("modules","measured","no_data","skipped","failed","timeout")]')" \
        '[13, 2, 0, 11, 0, 0]'
    same "$(json "$facts" '[(p["module"], p["evidence"]) for p in d["phases"][4]["problems"]]')" \
        "[('customs', 'no_data'), ('weighbridge', 'failed')]"

    # Both tags, annotated, each on a commit that adds the record and a ledger entry and nothing else.
    for tag in v0.01-baseline v0.02-prod; do
        same "$(git cat-file -t "$tag")" tag
        same "$(git diff --name-only "$tag^{commit}^" "$tag^{commit}" | wc -l)" 2
    done
    same "$(json docs/_generated/PRODUCTION_FREEZE.json 'd["commit"]')" "$(git rev-parse 'v0.02-prod^{commit}^')"
    same "$(json docs/_generated/PRODUCTION_FREEZE.json 'd["trends"]')" \
        "['trends/coverage_trend.csv', 'trends/bench_trend.csv']"

    # The report has every section and both tags.
    for heading in 'Executive summary' 'Phase-by-phase execution' 'Phase 0' 'Phase 1' 'Phase 2' 'Phase 3' 'Phase 4' \
        'Phase 5' 'Phase 6' 'Phase 7' 'Phase 8' 'Metrics comparison' 'Git tags created' 'Files created and modified' \
        'Commit history' 'Quality assurance' 'Ledger integrity' 'Key learnings' 'Next steps' 'Support and rollback' \
        'Final status'; do
        grep -q "^##* $heading" "$report" || fail "the report has no section '$heading'"
    done
    has "$report" '| Total modules processed | 13 |'
    has "$report" '| ✅ Measured | 11 |'
    lacks "$report" 'unknown'

    # Manifests: the odd one keeps its bytes but for the figures; the ignored one does not count.
    same "$(json "$meta" 'd["module_count"]')" 13
    git diff --stat "$(json "$facts" 'd["head"]')" HEAD -- buoys/module.manifest.json >"$SCRATCH/stat"
    json "$meta" '[m["coverage"]["observed"] for m in d["modules"] if m["module"] == "customs"]' >"$SCRATCH/customs"
    same "$(cat "$SCRATCH/customs")" '[None]'
    same "$(grep -c coverage_observed customs/module.manifest.json || :)" 0

    # A second refresh changes no byte; the checkpoint holds; one more doc makes the registry stale.
    tm 0 scan
    tm 0 fuse
    tm 0 trends
    clean_tree
    tm 0 validate
    tm 0 scan --check
    echo '# More' >tides/docs/MORE.md
    tm 1 scan --check
    rm tides/docs/MORE.md

    # Back to the baseline: in a new commit, with every ledger line kept.
    cp -R manifests/.ledger "$SCRATCH/ledgers"
    head=$(git rev-parse HEAD)
    tm 0 rollback v0.01-baseline
    clean_tree
    tm 0 rollback v0.01-baseline --apply
    clean_tree
    same "$(git rev-parse HEAD^)" "$head"
    git diff --quiet v0.01-baseline -- "$meta" trends || fail 'artifacts are not those of the baseline'
    for ledger in "$SCRATCH"/ledgers/*; do
        head -c "$(wc -c <"$ledger")" "manifests/.ledger/${ledger##*/}" | cmp -s - "$ledger" ||
            fail "${ledger##*/} is no longer what it was, plus new lines"
    done
}

test_every_id_is_the_sha256_of_its_line() {
    ran
    "$TIDEMARK" --format=json ledger log coverage >"$SCRATCH/log"
    grep '"v":1' manifests/.ledger/coverage.ndjson | while read -r line; do
        printf %s "$line" | sha256sum | cut -d' ' -f1
    done | sort >"$SCRATCH/ids"
    while read -r id; do
        has "$SCRATCH/log" "$id"
    done <"$SCRATCH/ids"
}

test_a_plan_changes_nothing() {
    sample repo
    before=$(git rev-parse HEAD)
    tm 0 run --plan --baseline b --release r
    out_has 'phase 8'
    out_has 'nothing was changed'
    same "$(git rev-parse HEAD)" "$before"
    clean_tree
    [ -z "$(git tag)" ] || fail 'a tag was made'
}

run_tests
