# Several reports of one module: what both have counts once, and what is not exact is said.
. "${0%/*}/lib.sh"

one_module() {
    git_repo repo
    module alpha alpha
    printf 'a\nb\nc\n' >alpha/code.c
    commit_all module
}

figures() {
    json "$SCRATCH/out" "[d['observed']['coverage']['modules'][0].get(k) for k in ('lines', 'branches', 'functions')]"
}

test_reports_of_two_formats_count_a_file_once() {
    one_module
    printf 'SF:alpha/code.c\nFN:1,f\nFNDA:1,f\nDA:1,1\nDA:2,0\nend_of_record\n' >"$SCRATCH/a.info"
    printf '<coverage><packages/><class filename="alpha/code.c"><method name="f()"><line number="1" hits="1"/></method><line number="2" hits="1"/><line number="3" hits="0"/></class></coverage>' >"$SCRATCH/b.xml"
    tm 0 --format=json ingest "$SCRATCH/a.info" "$SCRATCH/b.xml"
    same "$(figures)" "[{'covered': 2, 'valid': 3}, None, {'covered': 1, 'valid': 1}]"
    cp "$SCRATCH/out" "$SCRATCH/one"
    tm 0 --format=json ingest "$SCRATCH/b.xml" "$SCRATCH/a.info" "$SCRATCH/a.info"
    same "$(figures)" "[{'covered': 2, 'valid': 3}, None, {'covered': 1, 'valid': 1}]"
}

test_branches_without_ids_are_merged_and_said_to_be_approximate() {
    one_module
    for f in a b; do
        printf '<coverage><packages/><class filename="alpha/code.c"><line number="1" hits="1" condition-coverage="50%% (1/2)"/></class></coverage>' >"$SCRATCH/$f.xml"
    done
    tm 0 --format=json ingest "$SCRATCH/a.xml" "$SCRATCH/b.xml"
    same "$(figures)" "[{'covered': 1, 'valid': 1}, {'covered': 1, 'valid': 2}, None]"
    err_has 'branches of 1 line(s) have no ids and were partly taken in several reports: their merge is approximate'
    tm 0 ingest "$SCRATCH/a.xml"
    err_lacks approximate
}

test_hits_are_the_sum_or_the_greatest() {
    one_module
    printf 'SF:alpha/code.c\nDA:1,3\nend_of_record\n' >"$SCRATCH/a.info"
    printf 'SF:alpha/code.c\nDA:1,5\nend_of_record\n' >"$SCRATCH/b.info"
    tm 0 coverage convert --to lcov "$SCRATCH/a.info" "$SCRATCH/b.info"
    out_has DA:1,8
    printf 'coverage: {merge: greatest}\n' >tidemark.yaml
    tm 0 coverage convert --to lcov "$SCRATCH/a.info" "$SCRATCH/b.info"
    out_has DA:1,5
    tm 0 coverage convert --resolve --to lcov "$SCRATCH/a.info" "$SCRATCH/b.info"
    out_has DA:1,5
    printf 'coverage: {merge: mean}\n' >tidemark.yaml
    tm 2 coverage convert --to lcov "$SCRATCH/a.info"
    err_has "'merge' wants 'sum' or 'greatest', not 'mean'"
}

run_tests
