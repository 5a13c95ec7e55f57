# Patch coverage: what reports say of the lines that a change touched, in real repositories.
. "${0%/*}/lib.sh"

# python_base: module lib with calc.py and a test, committed on main; branch topic.
python_base() {
    git_repo repo
    module lib lib
    mkdir lib/tests
    printf 'def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n' >lib/calc.py
    printf 'import calc\n\n\ndef test_add():\n    assert calc.add(1, 2) == 3\n' >lib/tests/test_calc.py
    printf '__pycache__/\n.coverage\n.pytest_cache/\n*.xml\n*.info\n' >.gitignore
    commit_all base
    git checkout -q -b topic
}

# pytest_cov: the report of a real run, with branches, in cov.xml.
pytest_cov() {
    PYTHONPATH=lib /usr/bin/python3 -B -m pytest -q -p no:cacheprovider --cov=lib --cov-branch \
        --cov-report=xml:cov.xml lib >"$SCRATCH/pytest" 2>&1 || fail "$(cat "$SCRATCH/pytest")"
}

# Lines 9 to 12 are new: 9 and 11 covered, 10 partly, 12 missed.
add_pick() {
    printf '\n\ndef pick(a):\n    if a:\n        return 1\n    return 2\n' >>lib/calc.py
    printf 'import calc\n\n\ndef test_pick():\n    assert calc.pick(1) == 1\n' >lib/tests/test_pick.py
}

# numbers: the totals of the last JSON answer.
numbers() {
    json "$SCRATCH/out" '" ".join(str(d["totals"][k]) for k in ("covered","partial","missed","coverage_pct","unknown_files","unknown_lines"))'
}

test_lines_of_a_change_in_a_report_of_pytest() {
    python_base
    add_pick
    pytest_cov
    tm 0 --format=json coverage patch cov.xml
    # Counted by hand; coverage.py's own table says lines 6 and 12 are missing, and 10->12.
    same "$(numbers)" '2 1 1 75 0 0'
    same "$(json "$SCRATCH/out" 'd["files"][0]["path"], [(s["state"],s["first"],s["last"]) for s in d["files"][0]["spans"]]')" \
        "('lib/calc.py', [('covered', 9, 9), ('partial', 10, 10), ('covered', 11, 11), ('missed', 12, 12)])"
    same "$(json "$SCRATCH/out" 'd["not_judged"]')" "{'test': 1, 'other': 0}"
    same "$(json "$SCRATCH/out" '[(m["module"],m["missed"]) for m in d["modules"]]')" "[('lib', 1)]"
    tm 0 coverage patch cov.xml
    out_has 'patch coverage: 75.00 % (3 of 4 changed lines with code), 1 of them partly'
    out_has 'base: main (merge base '
    out_has 'head: the work tree'
    out_has 'missed: 12'
    out_has 'partial: 10'
    out_has 'not judged: 1 file (test)'
    # Committed, it is the same; line 6 was missed before and is not of the change.
    commit_all pick
    tm 0 --format=json coverage patch main...HEAD cov.xml
    same "$(numbers)" '2 1 1 75 0 0'
    tm 0 --format=json coverage patch main.. cov.xml
    same "$(numbers)" '2 1 1 75 0 0'
    # As against nothing, the whole file is judged: what coverage.py says of it, 7 of 9 lines... ran.
    tm 0 --format=json coverage patch 4b825dc642cb6eb9a060e54bf8d69288fbee4904...HEAD cov.xml
    same "$(numbers)" "$(whole_file)"
}

# What coverage.py counts of calc.py, in the order of numbers(): one of the lines that ran is partial.
whole_file() {
    /usr/bin/python3 - <<'END'
import xml.etree.ElementTree as ET
lines = [l for c in ET.parse('cov.xml').iter('class') if c.get('filename') == 'calc.py' for l in c.iter('line')]
ran = sum(l.get('hits') != '0' for l in lines)
pct = round(100 * ran / len(lines), 2)
print(ran - 1, 1, len(lines) - ran, int(pct) if pct == int(pct) else pct, 0, 0)
END
}

test_lines_of_a_change_in_a_report_of_gcov() {
    git_repo repo
    module core core
    printf 'int twice(int a)\n{\n    return 2 * a;\n}\n' >core/a.c
    printf 'int twice(int);\nint sign(int);\nint main(void)\n{\n    return twice(0) + sign(0);\n}\n' >core/main.c
    printf '*.gc*\n*.info\nprog\n' >.gitignore
    commit_all base
    printf '\nint sign(int a)\n{\n    if (a < 0)\n        return -1;\n    return 0;\n}\n' >>core/a.c
    gcc --coverage -O0 -o prog core/a.c core/main.c && ./prog || fail 'prog'
    lcov -q --rc lcov_branch_coverage=1 -c -d . -o cov.info >"$SCRATCH/lcov" 2>&1 || fail "$(cat "$SCRATCH/lcov")"
    tm 0 --format=json coverage patch cov.info
    # gcov (12.2) says: 6 and 10 ran, 8 with one of two branches, 9 did not. main.c is not changed.
    same "$(numbers)" '2 1 1 75 0 0'
}

test_the_reports_of_the_last_sweep_are_taken() {
    python_base
    add_pick
    tm 3 coverage patch
    err_is_one_line
    err_has 'tidemark sweep'
    tm 0 sweep --coverage
    tm 0 coverage patch
    out_has 'patch coverage: 75.00 % (3 of 4 changed lines with code)'
    out_has "from: 1 report of the sweep of 2026-01-01T00:00:00Z, just now, at commit $(git rev-parse HEAD | cut -c1-10)"
    SOURCE_DATE_EPOCH=1767232925 "$TIDEMARK" coverage patch >"$SCRATCH/out"
    out_has '2 h 02 min ago'
    tm 0 --format=json coverage patch
    same "$(json "$SCRATCH/out" 'd["reports"], d["sweep"]["at"], d["sweep"]["age_s"]')" "(1, '2026-01-01T00:00:00Z', 0)"
}

test_the_minimum_is_exact() {
    git_repo repo
    module lib lib
    echo x >lib/a.py
    commit_all base
    # 19,999 of 20,000 lines: rounds to 100.00, is not.
    seq 20000 >lib/a.py
    { echo SF:lib/a.py; seq 20000 | sed 's/.*/DA:&,1/; s/^DA:777,1/DA:777,0/'; echo end_of_record; } >"$SCRATCH/r.info"
    tm 1 coverage patch --min 100 "$SCRATCH/r.info"
    out_has '99.99 % (19999 of 20000 changed lines with code), under the minimum of 100 %'
    tm 1 coverage patch --min 99.996 "$SCRATCH/r.info"
    tm 0 coverage patch --min 99.995 "$SCRATCH/r.info"
    out_has 'not under the minimum of 99.995 %'
    tm 1 --format=json coverage patch --min 99.99500001 "$SCRATCH/r.info"
    same "$(json "$SCRATCH/out" 'd["verdict"], d["ok"], d["min_pct"]')" "('not met', False, '99.99500001')"
    for wrong in 101 -1 x '' 100.0001; do
        tm 2 coverage patch --min "$wrong" "$SCRATCH/r.info"
        err_is_one_line
    done
}

test_a_file_that_no_report_has_is_unknown_and_not_passed() {
    python_base
    add_pick
    pytest_cov
    printf 'x = 1\ny = 2\n' >lib/extra.py
    tm 0 coverage patch --min 75 cov.xml
    out_has 'unknown: 1 file with 2 changed lines'
    out_has 'lib/extra.py: 2 changed lines, in no report'
    out_has '75.00 %'
    tm 1 coverage patch --strict --min 75 cov.xml
    tm 1 --format=json coverage patch --strict cov.xml
    same "$(numbers)" '2 1 1 75 1 2'
    same "$(json "$SCRATCH/out" 'd["verdict"]')" 'unknown files'
    # Excluded files are neither.
    printf 'lib/extra.py linguist-generated\n' >.gitattributes
    tm 0 coverage patch --strict cov.xml
    out_has '1 file (generated)'
    out_lacks unknown
}

test_nothing_to_judge_says_so_and_is_no_pass() {
    python_base
    pytest_cov
    echo docs >README.md
    tm 0 coverage patch --min 80 cov.xml
    out_has 'no data, no changed line with code is in a report; the minimum of 80 % is not judged'
    out_has '1 file (no source, or no line added)'
    tm 1 coverage patch --strict cov.xml
    tm 0 --format=json coverage patch --min 80 cov.xml
    same "$(json "$SCRATCH/out" 'd["verdict"], d["totals"]["coverage_pct"]')" "('no data', None)"
    printf '# only a remark\n' >>lib/calc.py
    tm 0 coverage patch cov.xml
    out_has '1 file (no changed line has code)'
}

# info FILE LINE,HITS...: a section of an LCOV report in r.info of the scratch folder.
info() {
    printf 'SF:%s\n' "$1"
    shift
    printf 'DA:%s\n' "$@"
    echo end_of_record
}

# code_base: lib/a.py of 9 lines on main; branch topic.
code_base() {
    git_repo repo
    module lib lib
    printf '%s\n' one two three four five six seven eight nine >lib/a.py
    commit_all base
    git checkout -q -b topic
}

test_renamed_files_and_moved_lines() {
    code_base
    git mv lib/a.py lib/b.py
    sed -i '5s/.*/FIVE/' lib/b.py
    info lib/b.py 1,1 5,0 9,1 >"$SCRATCH/r.info"
    tm 0 --format=json coverage patch "$SCRATCH/r.info"
    same "$(numbers)" '0 0 1 0 0 0'
    same "$(json "$SCRATCH/out" 'd["files"][0]["renamed_from"]')" lib/a.py
    git checkout -q -f topic && git reset -q --hard
    # Two lines more above: those below only moved.
    sed -i '1i\
zero\
null' lib/a.py
    info lib/a.py 1,1 3,0 11,0 >"$SCRATCH/r.info"
    tm 0 --format=json coverage patch "$SCRATCH/r.info"
    same "$(numbers)" '1 0 0 100 0 0'
}

test_deleted_binary_and_odd_files() {
    code_base
    echo gone >lib/gone.py
    commit_all gone
    git rm -q lib/gone.py
    printf 'a\0b' >lib/data.py
    printf 'no newline at the end' >lib/end.py
    ln -s a.py lib/link.py
    git init -q lib/sub && (cd lib/sub && echo x >x.py && git add . && git commit -q -m x)
    git -c protocol.file.allow=always submodule --quiet add ./lib/sub lib/sub >/dev/null 2>&1 || :
    info lib/end.py 1,0 >"$SCRATCH/r.info"
    info lib/data.py 1,1 >>"$SCRATCH/r.info"
    tm 0 --format=json coverage patch HEAD~1.. "$SCRATCH/r.info"
    tm 0 --format=json coverage patch "$SCRATCH/r.info"
    same "$(json "$SCRATCH/out" 'sorted((f["path"], f.get("unknown"), f.get("missed")) for f in d["files"])')" \
        "[('lib/data.py', 'git takes it for binary, or it is too large to compare', None), ('lib/end.py', None, 1)]"
    same "$(numbers)" '0 0 1 0 1 0'
}

test_line_ends_and_white_space() {
    code_base
    printf '*.py text eol=crlf\n' >.gitattributes
    sed -i 's/$/\r/; 4s/four/FOUR/' lib/a.py
    info lib/a.py 3,0 4,1 5,0 >"$SCRATCH/r.info"
    tm 0 --format=json coverage patch "$SCRATCH/r.info"
    same "$(numbers)" '1 0 0 100 0 0'
    rm .gitattributes
    # Without conversion every line differs, in white space alone but for one.
    tm 0 --format=json coverage patch "$SCRATCH/r.info"
    same "$(numbers)" '1 0 2 33.33 0 0'
    tm 0 --format=json coverage patch --ignore-space "$SCRATCH/r.info"
    same "$(numbers)" '1 0 0 100 0 0'
}

test_a_merge_takes_nothing_of_the_other_side() {
    code_base
    sed -i '9s/.*/NINE/' lib/a.py
    commit_all mine
    git checkout -q main
    sed -i '1s/.*/ONE/' lib/a.py
    commit_all theirs
    git checkout -q topic
    git merge -q -m merge main >/dev/null
    info lib/a.py 1,0 9,1 >"$SCRATCH/r.info"
    tm 0 --format=json coverage patch main...HEAD "$SCRATCH/r.info"
    same "$(numbers)" '1 0 0 100 0 0'
    # The merge commit against its first parent is what came in.
    tm 0 --format=json coverage patch HEAD^1..HEAD "$SCRATCH/r.info"
    same "$(numbers)" '0 0 1 0 0 0'
}

test_a_file_in_conflict_is_unknown() {
    code_base
    sed -i '1s/.*/mine/' lib/a.py
    commit_all mine
    git checkout -q main
    sed -i '1s/.*/theirs/' lib/a.py
    commit_all theirs
    git merge -q topic >/dev/null 2>&1 && fail 'no conflict'
    info lib/a.py 1,1 >"$SCRATCH/r.info"
    tm 1 coverage patch --strict "$SCRATCH/r.info"
    out_has 'lib/a.py: 0 changed lines, in conflict'
}

test_shallow_clones() {
    code_base
    echo ten >>lib/a.py
    commit_all ten
    git checkout -q main
    echo x >x
    commit_all further
    info lib/a.py 10,1 >"$SCRATCH/r.info"
    git clone -q --depth 1 --no-single-branch "file://$PWD" ../shallow
    cd ../shallow || exit 1
    git checkout -q -B topic origin/topic
    git reset -q --hard
    tm 3 coverage patch origin/main...HEAD "$SCRATCH/r.info"
    err_is_one_line
    err_has 'git fetch --unshallow'
    tm 0 --format=json coverage patch origin/main..HEAD "$SCRATCH/r.info"
    same "$(numbers)" '1 0 0 100 0 0'
    git fetch -q --unshallow
    tm 0 --format=json coverage patch origin/main...HEAD "$SCRATCH/r.info"
    same "$(numbers)" '1 0 0 100 0 0'
}

test_the_first_commit_and_none() {
    git_repo repo
    module lib lib
    printf 'one\ntwo\n' >lib/a.py
    info lib/a.py 1,1 2,0 >"$SCRATCH/r.info"
    tm 0 --format=json coverage patch "$SCRATCH/r.info"
    same "$(numbers)" '1 0 1 50 0 0'
    commit_all root
    tm 0 --format=json coverage patch "$SCRATCH/r.info"
    same "$(json "$SCRATCH/out" 'd["verdict"]')" 'no data'
    tm 0 --format=json coverage patch 4b825dc642cb6eb9a060e54bf8d69288fbee4904..HEAD "$SCRATCH/r.info"
    same "$(numbers)" '1 0 1 50 0 0'
    git branch -q -m trunk
    git checkout -q --detach
    tm 3 coverage patch "$SCRATCH/r.info"
    err_has 'give BASE...HEAD'
}

test_files_of_another_revision_than_the_work_tree() {
    code_base
    printf 'new\n' >lib/new.py
    commit_all new
    git checkout -q main
    info /ci/build/lib/new.py 1,0 >"$SCRATCH/r.info"
    tm 0 --format=json coverage patch main...topic "$SCRATCH/r.info"
    same "$(numbers)" '0 0 1 0 0 0'
}

test_files_in_no_module_are_judged() {
    git_repo repo
    echo x >a.py
    commit_all base
    printf 'x\ny\n' >a.py
    info a.py 1,1 2,0 >"$SCRATCH/r.info"
    tm 0 --format=json coverage patch "$SCRATCH/r.info"
    same "$(json "$SCRATCH/out" '[(m["module"],m["missed"]) for m in d["modules"]]')" '[(None, 1)]'
    tm 0 coverage patch "$SCRATCH/r.info"
    out_has '(no module)'
}

# shellcheck disable=SC2016 # backticks of Markdown
test_markdown_for_a_comment() {
    python_base
    add_pick
    pytest_cov
    printf 'x = 1\n' >'lib/a|b.py'
    tm 1 --format=md coverage patch --min 80 cov.xml
    out_has '**patch coverage: 75.00 % (3 of 4 changed lines with code), 1 of them partly, under the minimum of 80 %; unknown: 1 file with 1 changed line**'
    out_has '| `lib/calc.py` | 2 | 1 | 1 | 75.00 % | 12 | 10 |'
    out_has '| `lib` | 2 | 1 | 1 | 75.00 % |'
    out_has '| `lib/a\|b.py` | 1 | in no report |'
}

test_workflow_commands_are_escaped() {
    git_repo repo
    module lib lib
    commit_all base
    odd=$(printf 'lib/a,b:c%%d\n::error::e.py')
    printf 'one\ntwo\nthree\n' >"$odd"
    printf '{"format":"tidemark-coverage/1","roots":[],"files":[{"path":"%s","lines":[[1,0],[2,0],[3,1]],"branches":[[3,1,2]]}]}' \
        'lib/a,b:c%d\n::error::e.py' >"$SCRATCH/r.json"
    printf 'x\n' >lib/u.py
    tm 1 --format=github coverage patch --min 50 "$SCRATCH/r.json"
    cat >"$SCRATCH/want" <<'END'
::warning file=lib/a%2Cb%3Ac%25d%0A%3A%3Aerror%3A%3Ae.py,line=1,endLine=2,title=Not covered::no test runs lines 1 to 2
::warning file=lib/a%2Cb%3Ac%25d%0A%3A%3Aerror%3A%3Ae.py,line=3,endLine=3,title=Partly covered::not every branch is taken in line 3
::warning file=lib/u.py,title=Coverage unknown::in no report, 1 changed lines are not judged
::error title=Patch coverage::patch coverage: 33.33 %25 (1 of 3 changed lines with code), 1 of them partly, under the minimum of 50 %25; unknown: 1 file with 1 changed line
END
    cmp "$SCRATCH/want" "$SCRATCH/out" || fail "$(diff "$SCRATCH/want" "$SCRATCH/out")"
    tm 0 --format=github coverage patch "$SCRATCH/r.json"
    out_has '::notice title=Patch coverage::'
}

test_wrong_usage() {
    code_base
    info lib/a.py 1,1 >"$SCRATCH/r.info"
    tm 3 coverage patch nowhere...HEAD "$SCRATCH/r.info"
    err_is_one_line
    err_has "there is no revision 'nowhere'"
    tm 2 coverage patch --as nonsense "$SCRATCH/r.info"
    tm 3 coverage patch ../gone.info
    err_has "'../gone.info'"
    tm 2 --format=xml coverage patch "$SCRATCH/r.info"
    err_has "unknown format 'xml'"
    tm 2 --format=github scan
    err_has "'scan' has no --format=github"
    # shellcheck disable=SC2016 # for the inner shell
    expect 3 sh -c '"$TIDEMARK" coverage patch "$1" >/dev/full' sh "$SCRATCH/r.info"
}

run_tests
