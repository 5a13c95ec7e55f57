# A module that the newest run did not measure keeps its last figure, and that is told everywhere.
. "${0%/*}/lib.sh"

meta=docs/_generated/META_REGISTRY.json

two_modules() {
    git_repo repo
    for m in alpha beta; do
        module $m $m
        printf 'a\nb\n' >$m/code.c
        printf 'SF:%s/code.c\nDA:1,1\nDA:2,0\nend_of_record\n' $m >"$SCRATCH/$m.info"
    done
    commit_all modules
}

test_an_older_figure_is_marked_with_age_and_commit() {
    two_modules
    tm 0 ingest "$SCRATCH/alpha.info" "$SCRATCH/beta.info"
    tm 0 fuse
    out_lacks carried
    same "$(json $meta "([m['coverage']['carried_s'] for m in d['modules']], d['summary']['coverage_carried'])")" '([None, None], 0)'
    first=$(git rev-parse HEAD)
    commit_all 'first figures'
    SOURCE_DATE_EPOCH=$((SOURCE_DATE_EPOCH + 90000))
    tm 0 ingest "$SCRATCH/alpha.info"
    tm 0 fuse
    same "$(json $meta "[(m['coverage']['observed'], m['coverage']['carried_s'], m['coverage']['commit'] == '$first') for m in d['modules']]")" \
        '[(50, None, False), (50, 90000, True)]'
    same "$(json $meta "d['summary']['coverage_carried']")" 1
    out_has 'carried    1 from earlier runs: beta ('
    out_has " older, at $(printf %.10s "$first"))"
    tm 0 --format=json fuse
    same "$(json "$SCRATCH/out" "[(c['module'], c['carried_s'], c['commit'] == '$first') for c in d['carried']]")" "[('beta', 90000, True)]"
    tm 0 scan
    tm 0 trends
    tm 0 fuse --check
    # Measured again, it is no longer old.
    tm 0 ingest "$SCRATCH/alpha.info" "$SCRATCH/beta.info"
    tm 0 fuse
    out_lacks carried
}

test_a_wrong_count_of_carried_figures_is_found() {
    two_modules
    tm 0 ingest "$SCRATCH/alpha.info"
    tm 0 ingest "$SCRATCH/beta.info"
    tm 0 scan
    tm 0 trends
    tm 0 fuse
    sed 's/"coverage_carried": 1/"coverage_carried": 0/' $meta >"$SCRATCH/wrong"
    cp "$SCRATCH/wrong" $meta
    tm 1 validate
    has "$SCRATCH/out" coverage_carried
}

run_tests
