#!/bin/sh
# What a coverage report says in total, outside any repository. The figures are those of the tools: tests/data/coverage/README.md.
. "${0%/*}/lib.sh"

data=$SOURCE/tests/data/coverage

test_totals_are_those_of_the_tool() {
    tm 0 coverage summary "$data/llvm-cov/ring.json"
    same "$(cat "$SCRATCH/out")" "files       3
lines       27 of 37, 72.97 %
branches    12 of 18, 66.67 %
functions   4 of 6, 66.67 %
statements  22 of 29, 75.86 %"
}

test_what_a_format_does_not_count_is_none() {
    tm 0 coverage summary --as go-cover "$data/go-cover/set.out"
    out_has 'branches    none'
    out_has 'statements  9 of 13, 69.23 %'
}

test_several_reports_are_one() {
    tm 0 coverage summary --files "$data/go-cover/coverpkg.out" "$data/go-cover/coverpkg.out"
    out_has '12 of 14  example.com/harbour/level/level.go'
}

test_json_has_the_same_figures() {
    tm 0 --format=json coverage summary --files "$data/llvm-cov/ring.json"
    same "$(json "$SCRATCH/out" 'd["n_files"], d["lines"], len(d["files"]), d["files"][0]["path"]')" \
        "(3, {'covered': 27, 'valid': 37}, 3, '/repo/c/main.c')"
}

test_a_report_that_takes_a_second_reading_ends_well() {
    cat >negative.xml <<'END'
<coverage><class filename="a.c"><lines><line number="1" hits="-1"/><line number="2" hits="1"/></lines></class></coverage>
END
    tm 0 coverage summary negative.xml
    err_has "negative count, read as 0, in 1 place(s), first at line 1 of 'negative.xml'"
    err_is_one_line
    out_has 'lines       1 of 2, 50.00 %'
    { printf '<?xml version="1.0" encoding="UTF-16"?>' && sed 's/-1/0/' negative.xml; } | iconv -f UTF-8 -t UTF-16 >wide.xml
    tm 0 coverage summary wide.xml
    same "$(cat "$SCRATCH/err")" ''
    out_has 'lines       1 of 2, 50.00 %'
}

test_what_is_left_out_is_told() {
    tm 0 coverage summary "$data/v8/node20-1.json"
    err_has 'left out, source not readable: '
    err_has "'tidemark coverage convert' does"
    printf '<coverage><project><file><line num="1" type="stmt" count="1"/></file></project></coverage>' >nameless.xml
    tm 0 coverage summary nameless.xml
    err_has '1 file left out, without a file name: file'
    err_is_one_line
}

test_wrong_use_says_what_to_do() {
    tm 2 coverage summary
    err_has 'no report given'
    tm 2 coverage summary --as jacobo "$data/go-cover/set.out"
    err_has "unknown format 'jacobo', known are"
    tm 3 coverage summary nowhere.info
    err_is_one_line
    printf 'SF:a.c\nDA:1,1\n' >cut.info
    tm 3 coverage summary cut.info
    err_has 'at line 2'
}

run_tests
