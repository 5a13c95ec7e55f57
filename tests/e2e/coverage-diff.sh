# Two reports, before and after a change: lines in another state, by who changed them.
. "${0%/*}/lib.sh"

# pytest_cov FILE: the report of a real run.
pytest_cov() {
    PYTHONPATH=lib /usr/bin/python3 -B -m pytest -q -p no:cacheprovider --cov=lib --cov-branch \
        --cov-report="xml:$1" lib >"$SCRATCH/pytest" 2>&1 || fail "$(cat "$SCRATCH/pytest")"
}

# info FILE LINE,HITS...: a section of an LCOV report.
info() {
    printf 'SF:%s\n' "$1"
    shift
    [ $# -eq 0 ] || printf 'DA:%s\n' "$@"
    echo end_of_record
}

base() {
    git_repo repo
    module lib lib
    printf '%s\n' one two three four five six seven eight nine >lib/a.py
    commit_all base
}

# flips: what changed elsewhere, of each file.
flips() {
    json "$SCRATCH/out" '[(f["path"],[(e["from"],e["to"],e["first"],e["last"]) for e in f.get("elsewhere",[])]) for f in d["files"]]'
}

test_real_runs_before_and_after() {
    git_repo repo
    module lib lib
    mkdir lib/tests
    printf 'def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n' >lib/calc.py
    printf 'import calc\n\n\ndef test_add():\n    assert calc.add(1, 2) == 3\n\n\ndef test_sub():\n    assert calc.sub(2, 1) == 1\n' >lib/tests/test_calc.py
    printf '.coverage\n' >.gitignore
    commit_all base
    pytest_cov "$SCRATCH/a.xml"
    # A function is added above; sub, which moves down, loses its test.
    { printf 'def neg(a):\n    return -a\n\n\n'; cat lib/calc.py; } >"$SCRATCH/calc" && cp "$SCRATCH/calc" lib/calc.py
    printf 'import calc\n\n\ndef test_add():\n    assert calc.add(1, 2) == 3\n' >lib/tests/test_calc.py
    pytest_cov "$SCRATCH/b.xml"
    tm 0 --format=json coverage diff "$SCRATCH/a.xml" "$SCRATCH/b.xml"
    same "$(flips)" "[('lib/calc.py', [('covered', 'missed', 10, 10)])]"
    same "$(json "$SCRATCH/out" 'd["your_change"]["new"], d["elsewhere"]')" \
        "({'covered': 1, 'partial': 0, 'missed': 1}, {'lines': 1, 'worse': 1, 'better': 0})"
    # What coverage.py says: all 4 lines ran, then 4 of 6.
    same "$(json "$SCRATCH/out" 'd["before"]["coverage_pct"], d["after"]["coverage_pct"]')" '(100, 66.67)'
    tm 1 coverage diff --check "$SCRATCH/a.xml" "$SCRATCH/b.xml"
    out_has 'coverage: 100.00 % (4 of 4 lines) -> 66.67 % (4 of 6 lines)'
    out_has 'your change: 2 lines (1 covered, 0 partial, 1 missed) new, 0 lines removed'
    out_has 'elsewhere: 1 line is in another state, 1 worse, 0 better'
    out_has '  your change: new, missed 2'
    out_has '  elsewhere: covered -> missed 10'
    # Saved as our own JSON, with repository paths, it is the same.
    tm 0 coverage convert --to json "$SCRATCH/a.xml"
    cp "$SCRATCH/out" "$SCRATCH/a.json"
    tm 1 coverage diff --check "$SCRATCH/a.json" "$SCRATCH/b.xml"
}

test_lines_that_only_moved_are_no_change() {
    base
    info lib/a.py 1,1 5,0 9,1 >"$SCRATCH/a.info"
    sed -i '1i\
zero\
null' lib/a.py
    git mv lib/a.py lib/b.py
    info lib/b.py 3,1 7,0 11,1 >"$SCRATCH/b.info"
    tm 0 --format=json coverage diff "$SCRATCH/a.info" "$SCRATCH/b.info"
    same "$(json "$SCRATCH/out" 'd["elsewhere"]["lines"], d["files"]')" '(0, [])'
    # Without following it, all would be another file.
    info lib/b.py 1,1 3,0 7,0 11,1 >"$SCRATCH/b.info"
    tm 1 --format=json coverage diff --check "$SCRATCH/a.info" "$SCRATCH/b.info"
    same "$(flips)" "[('lib/b.py', [('covered', 'missed', 3, 3)])]"
    same "$(json "$SCRATCH/out" 'd["files"][0]["renamed_from"], d["files"][0]["new"]["covered"]')" "('lib/a.py', 1)"
}

test_better_is_told_and_passes() {
    base
    info lib/a.py 1,0 2,0 4,0 >"$SCRATCH/a.info"
    info lib/a.py 1,1 2,3 5,1 >"$SCRATCH/b.info"
    tm 0 coverage diff --check "$SCRATCH/a.info" "$SCRATCH/b.info"
    out_has 'elsewhere: 4 lines are in another state, 0 worse, 2 better'
    out_has '  elsewhere: no code -> covered 5'
    out_has '  elsewhere: missed -> no code 4'
    out_has '  elsewhere: missed -> covered 1-2'
}

test_deleted_files_are_your_change_and_missing_ones_are_not_compared() {
    base
    echo x >lib/gone.py
    echo y >lib/stays.py
    commit_all more
    info lib/gone.py 1,1 >"$SCRATCH/a.info"
    info lib/stays.py 1,1 >>"$SCRATCH/a.info"
    info lib/a.py 1,1 >"$SCRATCH/b.info"
    git rm -q lib/gone.py
    tm 0 --format=json coverage diff --base HEAD "$SCRATCH/a.info" "$SCRATCH/b.info"
    same "$(json "$SCRATCH/out" '[(f["path"], f.get("not_compared"), f.get("removed",{}).get("covered")) for f in d["files"]]')" \
        "[('lib/a.py', 'in the second report only', None), ('lib/gone.py', None, 1), ('lib/stays.py', 'in the first report only', None)]"
    tm 0 coverage diff --base HEAD "$SCRATCH/a.info" "$SCRATCH/b.info"
    out_has 'not compared: 2 files'
    out_has 'removed 1 line (1 covered, 0 partial, 0 missed)'
}

test_revisions_are_chosen() {
    base
    sed -i '2d' lib/a.py
    commit_all shorter
    info lib/a.py 1,1 2,1 3,1 >"$SCRATCH/a.info"
    info lib/a.py 1,1 2,0 >"$SCRATCH/b.info"
    tm 0 --format=json coverage diff --base HEAD~1 --head HEAD "$SCRATCH/a.info" "$SCRATCH/b.info"
    same "$(flips)" "[('lib/a.py', [('covered', 'missed', 2, 2)])]"
    same "$(json "$SCRATCH/out" 'd["your_change"]["removed"]["covered"], d["head"]["work_tree"]')" '(1, False)'
    # The other way round a line was added.
    tm 0 --format=json coverage diff --base HEAD --head HEAD~1 "$SCRATCH/b.info" "$SCRATCH/a.info"
    same "$(flips)" "[('lib/a.py', [('missed', 'covered', 3, 3)])]"
    tm 3 coverage diff --base nowhere "$SCRATCH/a.info" "$SCRATCH/b.info"
    err_has "there is no revision 'nowhere'"
    tm 2 coverage diff "$SCRATCH/a.info"
    err_is_one_line
}

test_the_same_report_twice_says_nothing() {
    base
    info lib/a.py 1,1 5,0 >"$SCRATCH/a.info"
    tm 0 coverage diff --check "$SCRATCH/a.info" "$SCRATCH/a.info"
    out_has 'elsewhere: 0 lines are in another state'
    same "$(wc -l <"$SCRATCH/out" | tr -d ' ')" 5
}

run_tests
