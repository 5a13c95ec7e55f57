#!/bin/sh
# `tidemark ledger log` on ledgers that are written here by hand, after the
# format page alone: printf and sha256sum, no part of tidemark.
. "${0%/*}/lib.sh"

LOG=00112233445566778899aabbccddeeff
RUN=ffeeddccbbaa99887766554433221100
LEDGER=manifests/.ledger/coverage.ndjson

# id LINE
id() { printf %s "$1" | sha256sum | cut -c1-64; }

# entry LC PREV N TS KIND MODULE BODY: a line; PREV is the inside of the array
entry() {
    printf '{"v":1,"log":"%s","lc":%d,"prev":[%s],"run":"%s.%d","ts":"%s","kind":"%s","module":"%s","body":%s}' \
        "$LOG" "$1" "$2" "$RUN" "$3" "$4" "$5" "$6" "$7"
}

measured() { printf '{"evidence":"measured","lines_covered":%d,"lines_valid":%d,"dirty":false}' "$1" "$2"; }

# ledger_repo: a repository with a ledger of genesis and three entries, A B C
ledger_repo() {
    git_repo repo
    mkdir -p manifests/.ledger
    G=$(entry 1 '' 1 2026-11-20T12:00:00Z genesis '' '{"format":"tidemark-ledger/1"}')
    A=$(entry 2 "\"$(id "$G")\"" 2 2026-11-20T12:00:00Z coverage identity "$(measured 365 1000)")
    B=$(entry 3 "\"$(id "$A")\"" 3 2026-11-21T12:00:00Z coverage memory \
        '{"evidence":"no_data","reason":"no test was collected","exit_status":5,"dirty":false}')
    C=$(entry 4 "\"$(id "$B")\"" 4 2026-11-22T12:00:00Z coverage identity "$(measured 382 1000)")
    printf '%s\n' "$G" "$A" "$B" "$C" >"$LEDGER"
    commit_all ledger
}

test_a_ledger_written_by_hand_is_read_entry_by_entry() {
    ledger_repo
    tm 0 ledger log
    cat >want <<END
2026-11-20T12:00:00Z  $(id "$G" | cut -c1-12)  genesis        -                     begins the ledger
2026-11-20T12:00:00Z  $(id "$A" | cut -c1-12)  coverage       identity              36.50 % (365 of 1000 lines)
2026-11-21T12:00:00Z  $(id "$B" | cut -c1-12)  coverage       memory                no_data: no test was collected
2026-11-22T12:00:00Z  $(id "$C" | cut -c1-12)  coverage       identity              38.20 % (382 of 1000 lines)
END
    diff want "$SCRATCH/out" >&2 || fail "$(diff want "$SCRATCH/out")"
}

test_an_id_is_what_sha256sum_says_of_the_line() {
    ledger_repo
    tm 0 --format=json ledger log
    same "$(json "$SCRATCH/out" '" ".join(e["id"] for e in d)')" "$(id "$G") $(id "$A") $(id "$B") $(id "$C")"
}

test_the_json_answer_is_one_array_with_the_entries_as_they_stand() {
    ledger_repo
    tm 0 --format=json ledger log
    same "$(json "$SCRATCH/out" 'len(d)')" 4
    same "$(json "$SCRATCH/out" 'd[3]["ledger"], d[3]["line"], d[3]["entry"]["lc"], d[3]["entry"]["body"]["lines_covered"]')" \
        "('$LEDGER', 4, 4, 382)"
    out_has "\"entry\":$C}"
    tm 0 --format=json ledger log --module nobody
    same "$(cat "$SCRATCH/out")" '[]'
}

test_entries_are_chosen_by_module_kind_time_and_count() {
    ledger_repo
    tm 0 ledger log --module memory
    same "$(wc -l <"$SCRATCH/out")" 1
    out_has 'no test was collected'
    tm 0 ledger log --kind genesis
    same "$(wc -l <"$SCRATCH/out")" 1
    tm 0 ledger log --since 2026-11-21
    same "$(wc -l <"$SCRATCH/out")" 2
    SOURCE_DATE_EPOCH=1795348800 tm 0 ledger log --since 24h # now is the time of C
    same "$(wc -l <"$SCRATCH/out")" 2
    SOURCE_DATE_EPOCH=1795348800 tm 0 ledger log --since 60m
    same "$(wc -l <"$SCRATCH/out")" 1
    tm 0 ledger log -n 1
    same "$(wc -l <"$SCRATCH/out")" 1
    out_has '38.20 %'
    tm 0 ledger log -n 3 --module identity
    same "$(wc -l <"$SCRATCH/out")" 2
    tm 0 ledger log coverage
    same "$(wc -l <"$SCRATCH/out")" 4
    tm 0 ledger log "$LEDGER" bench
    same "$(wc -l <"$SCRATCH/out")" 4
}

test_nothing_to_show_is_said_on_stderr() {
    git_repo repo
    git commit -q --allow-empty -m first
    tm 0 ledger log
    same "$(cat "$SCRATCH/out")" ''
    err_has 'no entries'
}

test_wrong_arguments_are_refused() {
    ledger_repo
    for args in '--kind coverag' '--since soon' '--since 5' '-n 0' '-n x' '-n 1000001' '--nope'; do
        # shellcheck disable=SC2086 # words
        tm 2 ledger log $args
        err_is_one_line
    done
    tm 3 ledger log nowhere.ndjson
    err_is_one_line
    tm 3 ledger log ../outside.ndjson
    err_is_one_line
    tm 2 ledger
}

# damaged MESSAGE: the log refuses the ledger with one line that says so.
damaged() {
    tm 3 ledger log
    err_is_one_line
    err_has "$1"
    git checkout -q "$LEDGER"
}

test_damage_is_an_error_that_names_line_and_file() {
    ledger_repo
    sed -i 's/"lines_covered":365/"lines_covered":366/' "$LEDGER"
    damaged "prev names an entry that is not there at line 3 of '$LEDGER'"
    sed -i 2d "$LEDGER"
    damaged "prev names an entry that is not there at line 2 of '$LEDGER'"
    printf '{"module":"late"}\n' >>"$LEDGER"
    damaged "unchained line behind an entry at line 5 of '$LEDGER'"
    printf '{"v":1,"log":"0011' >>"$LEDGER"
    damaged "the last line is cut off at line 5 of '$LEDGER'"
    sed -i '3s/,"kind"/, "kind"/' "$LEDGER"
    damaged "white space between tokens at line 3, byte"
    sed -i '3s/$/\r/' "$LEDGER"
    damaged "carriage return at line 3, byte"
}

test_adopted_lines_are_shown_first() {
    git_repo repo
    mkdir -p manifests/.ledger
    printf '{"ts": "2025-10-05T11:11:15+00:00", "module": "identity", "coverage": 36.5}\n{"note":1}\n' >old
    P=$(sha256sum <old | cut -c1-64)
    G=$(entry 1 '' 1 2026-11-20T12:00:00Z genesis '' \
        "{\"format\":\"tidemark-ledger/1\",\"adopted\":{\"lines\":2,\"bytes\":$(wc -c <old),\"sha256\":\"$P\"}}")
    A=$(entry 2 "\"$(id "$G")\"" 2 2026-11-20T12:00:00Z coverage identity "$(measured 1 2)")
    { cat old; printf '%s\n' "$G" "$A"; } >"$LEDGER"
    tm 0 ledger log
    same "$(sed -n 1p "$SCRATCH/out")" '2025-10-05T11:11:15Z  -             adopted        identity              36.50 %'
    same "$(sed -n 2p "$SCRATCH/out")" '-                     -             adopted        -                     not understood'
    out_has 'begins the ledger behind 2 adopted lines'
    tm 0 --format=json ledger log --kind adopted
    same "$(json "$SCRATCH/out" '[e["id"] for e in d], d[0]["entry"]["coverage"]')" '([None, None], 36.5)'
    sed -i 's/36.5/96.5/' "$LEDGER"
    tm 3 ledger log
    err_has 'adopted lines are not those that genesis recorded'
}

test_two_branches_merge_to_the_same_log_from_either_side() {
    ledger_repo
    printf '*.ndjson merge=union\n' >.gitattributes
    commit_all attributes
    L=$(entry 5 "\"$(id "$C")\"" 5 2026-11-23T12:00:00Z coverage left "$(measured 1 2)")
    M=$(entry 6 "\"$(id "$L")\"" 6 2026-11-23T12:00:00Z coverage left "$(measured 2 2)")
    R=$(entry 5 "\"$(id "$C")\"" 7 2026-11-23T12:00:00Z coverage right "$(measured 1 3)")
    git checkout -q -b right
    printf '%s\n' "$R" >>"$LEDGER"
    commit_all right
    git checkout -q main
    printf '%s\n' "$L" "$M" >>"$LEDGER"
    commit_all left
    git checkout -q -b there main && git merge -q -m merged right >/dev/null
    tm 0 ledger log
    cp "$SCRATCH/out" ../there
    git checkout -q -b back right && git merge -q -m merged main >/dev/null
    tm 0 ledger log
    cmp ../there "$SCRATCH/out" || fail 'the two merges do not say the same'
    same "$(wc -l <../there)" 7
    same "$(tail -n 1 ../there | cut -c23-34)" "$(id "$M" | cut -c1-12)"
}

test_the_example_of_the_man_page_finds_a_broken_chain() {
    ledger_repo
    sed -n '/^before=$/,/^done </p' "$SOURCE/man/tidemark-ledger.5.scd" | sed 's/\\\\/\\/g' >walk.sh
    same "$(sh walk.sh)" ''
    sed -i '2s/365/366/' "$LEDGER"
    same "$(sh walk.sh)" "not chained: $B"
}

test_names_from_the_ledger_cannot_control_the_terminal() {
    ledger_repo
    N=$(entry 5 "\"$(id "$C")\"" 5 2026-11-23T12:00:00Z coverage '\u001b[31mred\u0007' "$(measured 1 2)")
    printf '%s\n' "$N" >>"$LEDGER"
    tm 0 ledger log -n 1
    out_has 'red'
    # shellcheck disable=SC2039
    if tr -d '\n' <"$SCRATCH/out" | grep -q '[[:cntrl:]]'; then fail 'a control character was printed'; fi
}

test_an_answer_that_cannot_be_written_is_a_failure() {
    ledger_repo
    status=0
    "$TIDEMARK" ledger log >/dev/full 2>"$SCRATCH/err" || status=$?
    same "$status" 3
    err_is_one_line
}

run_tests
