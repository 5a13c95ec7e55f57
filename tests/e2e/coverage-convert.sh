# Coverage reports written in other formats: the tools of those formats read them, and say the same figures.
. "${0%/*}/lib.sh"

data=$SOURCE/tests/data/coverage

test_lcov_reads_what_is_written_as_lcov() {
    git_repo repo
    tm 0 coverage convert --to lcov "$data/lcov/geninfo.info"
    lcov --rc lcov_branch_coverage=1 --summary "$SCRATCH/out" >"$SCRATCH/summary" 2>&1
    # What lcov says of the original (tests/data/coverage/README.md).
    has "$SCRATCH/summary" '23 of 32 lines'
    has "$SCRATCH/summary" '4 of 6 functions'
    has "$SCRATCH/summary" '12 of 18 branches'
    tm 0 coverage convert --to lcov "$data/cobertura/gcovr.xml"
    lcov --rc lcov_branch_coverage=1 --summary "$SCRATCH/out" >"$SCRATCH/summary" 2>&1
    has "$SCRATCH/summary" '23 of 31 lines'
    has "$SCRATCH/summary" '12 of 18 branches'
}

test_cobertura_is_well_formed_and_has_the_figures() {
    git_repo repo
    tm 0 coverage convert --to cobertura "$data/lcov/geninfo.info"
    /usr/bin/python3 - "$SCRATCH/out" <<'END' >"$SCRATCH/figures"
import sys, xml.etree.ElementTree as ET
root = ET.parse(sys.argv[1]).getroot()
lines = [l for c in root.iter('class') for l in c.find('lines')]
print(root.get('lines-covered'), root.get('lines-valid'), sum(l.get('hits') != '0' for l in lines), len(lines))
print(root.get('branches-covered'), root.get('branches-valid'), root.get('line-rate'))
END
    same "$(cat "$SCRATCH/figures")" '23 32 23 32
12 18 0.7188'
}

test_json_reads_again_as_the_same() {
    git_repo repo
    for report in lcov/geninfo.info lcov/node-test.info cobertura/gcovr.xml tidemark/all.json; do
        tm 0 coverage convert --to json "$data/$report"
        cp "$SCRATCH/out" "$SCRATCH/once.json"
        tm 0 coverage convert --to json "$SCRATCH/once.json"
        cmp "$SCRATCH/once.json" "$SCRATCH/out" || fail "$report changes when it is written again"
    done
}

test_names_stay_or_become_repository_paths() {
    git_repo repo
    module alpha alpha
    printf 'a\n' >alpha/code.c
    commit_all module
    printf 'SF:/build/x/alpha/code.c\nDA:1,1\nend_of_record\nSF:/build/x/gone.c\nDA:1,1\nend_of_record\n' >"$SCRATCH/r.info"
    tm 0 coverage convert --to lcov "$SCRATCH/r.info"
    same "$(grep SF: "$SCRATCH/out" | tr '\n' ' ')" 'SF:/build/x/alpha/code.c SF:/build/x/gone.c '
    tm 0 coverage convert --resolve --to lcov "$SCRATCH/r.info"
    same "$(grep SF: "$SCRATCH/out")" SF:alpha/code.c
    err_has '1 file left out, outside the repository: /build/x/gone.c'
    tm 1 coverage convert --resolve --strict --to lcov "$SCRATCH/r.info"
    [ ! -s "$SCRATCH/out" ] || fail 'something was written'
}

test_wrong_usage_and_bad_reports() {
    git_repo repo
    tm 2 coverage convert "$data/lcov/geninfo.info"
    err_has '--to wants cobertura, json or lcov'
    tm 2 coverage convert --to clover "$data/lcov/geninfo.info"
    tm 2 coverage convert --to lcov
    tm 2 coverage convert --to lcov --strict "$data/lcov/geninfo.info"
    tm 2 coverage convert --to lcov --as nonsense "$data/lcov/geninfo.info"
    printf 'SF:a\nDA:1,1\n' >"$SCRATCH/cut.info"
    tm 3 coverage convert --to lcov "$SCRATCH/cut.info"
    err_is_one_line
    [ ! -s "$SCRATCH/out" ] || fail 'something was written'
    "$TIDEMARK" coverage convert --to json "$data/lcov/geninfo.info" >/dev/full 2>"$SCRATCH/err" && fail 'a full disk is not noticed'
    err_is_one_line
}

run_tests
