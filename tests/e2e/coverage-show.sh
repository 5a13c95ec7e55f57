# A file's source with how often each line ran.
. "${0%/*}/lib.sh"

# base: lib/a.py with a report of the sort of each line.
base() {
    git_repo repo
    module lib lib
    printf 'if x:\n\tone\ntwo\n\nthree' >lib/a.py
    printf 'SF:lib/a.py\nDA:1,7\nBRDA:1,0,0,7\nBRDA:1,0,1,0\nDA:2,7\nDA:3,0\nDA:5,18446744073709551615\nend_of_record\n' >"$SCRATCH/r.info"
}

test_each_line_has_its_hits_and_a_mark() {
    base
    tm 0 coverage show lib/a.py "$SCRATCH/r.info"
    cat >"$SCRATCH/want" <<'END'
1          7 ~ | if x:  [1 of 2 branches]
2          7 + |         one
3          0 - | two
4              | 
5 18446744073709551615 + | three

lib/a.py: 75.00 %, 2 covered, 1 partial, 1 missed
END
    cmp "$SCRATCH/want" "$SCRATCH/out" || fail "$(diff "$SCRATCH/want" "$SCRATCH/out")"
}

test_colours_follow_the_state() {
    base
    tm 0 --color=always coverage show lib/a.py "$SCRATCH/r.info"
    out_has "$(printf '\033[32m         7 + |         one\033[0m')"
    out_has "$(printf '\033[33m         7 ~ | if x:')"
    out_has "$(printf '\033[31m         0 - | two\033[0m')"
    tm 0 coverage show lib/a.py "$SCRATCH/r.info"
    out_lacks "$(printf '\033')"
}

test_control_characters_are_escaped_and_line_ends_left_out() {
    base
    printf 'a\033[31mb\r\nc\rd\r\n' >lib/a.py
    tm 0 coverage show lib/a.py "$SCRATCH/r.info"
    out_has '| a\x1b[31mb'
    out_has '| c\rd'
    out_lacks "$(printf '\r')"
    err_has 'the report has line 5'
    err_has 'another version'
}

test_json() {
    base
    tm 0 --format=json coverage show lib/a.py "$SCRATCH/r.info"
    same "$(json "$SCRATCH/out" '[(l["line"],l["hits"],l["state"]) for l in d["lines"]]')" \
        "[(1, 7, 'partial'), (2, 7, 'covered'), (3, 0, 'missed'), (5, 18446744073709551615, 'covered')]"
    same "$(json "$SCRATCH/out" 'd["lines"][0]["branches_taken"], d["lines"][0]["branches"], d["source_lines"], d["totals"]["coverage_pct"]')" \
        '(1, 2, 5, 75)'
}

test_a_file_is_named_from_where_one_stands() {
    base
    tm 0 -C lib coverage show a.py "$SCRATCH/r.info"
    out_has 'lib/a.py: 75.00 %'
    # Tests are shown, too.
    mkdir lib/tests
    echo x >lib/tests/test_a.py
    printf 'SF:lib/tests/test_a.py\nDA:1,1\nend_of_record\n' >"$SCRATCH/t.info"
    tm 0 coverage show lib/tests/test_a.py "$SCRATCH/t.info"
}

test_what_cannot_be_shown() {
    base
    tm 2 coverage show
    err_is_one_line
    tm 3 coverage show lib/gone.py "$SCRATCH/r.info"
    err_has "there is no file 'lib/gone.py'"
    tm 3 coverage show /etc/passwd "$SCRATCH/r.info"
    err_has 'not in the repository'
    tm 3 coverage show lib/module.manifest.json "$SCRATCH/r.info"
    err_has "'lib/module.manifest.json' is in no report"
    tm 3 coverage show lib/a.py
    err_has 'tidemark sweep'
}

test_a_pipe_that_closes_is_no_crash() {
    base
    seq 200000 >lib/a.py
    { "$TIDEMARK" coverage show lib/a.py "$SCRATCH/r.info" 2>"$SCRATCH/err" || echo $? >"$SCRATCH/status"; } | head -n 1 >"$SCRATCH/head"
    has "$SCRATCH/head" '7 ~ | 1'
    same "$(cat "$SCRATCH/status")" 3
    err_is_one_line
    # shellcheck disable=SC2016 # for the inner shell
    expect 3 sh -c '"$TIDEMARK" coverage show lib/a.py "$1" >/dev/full' sh "$SCRATCH/r.info"
}

run_tests
