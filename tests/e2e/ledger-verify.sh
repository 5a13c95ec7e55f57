#!/bin/sh
# What `ledger verify` says of ledgers, files, pins and histories, and how it ends.
. "${0%/*}/lib.sh"

LEDGER=manifests/.ledger/coverage.ndjson

# measured_repo: a repository with one module that was measured twice, committed
measured_repo() {
    git_repo repo
    module m m
    printf 'int f(void) { return 1; }\n' >m/f.c
    commit_all module
    printf 'TN:\nSF:m/f.c\nDA:1,1\nDA:2,0\nend_of_record\n' >../half.info
    tm 0 -q ingest ../half.info
    tm 0 -q ingest ../half.info
    commit_all measured
}

# drop_last FILE: its last line is gone
drop_last() { sed -i '$d' "$1"; }

# id LINE
id() { printf %s "$1" | sha256sum | cut -c1-64; }

test_a_ledger_without_damage_is_said_to_be_one() {
    measured_repo
    tm 0 ledger verify
    out_has "$LEDGER: 3 entries, nothing found"
    out_has "not known: $LEDGER: 3 of 3 entries are not covered by a freeze"
    [ ! -s "$SCRATCH/err" ] || fail "something on stderr: $(cat "$SCRATCH/err")"
}

test_findings_name_file_line_code_and_entry() {
    measured_repo
    sed -i '2s/"lines_covered":1/"lines_covered":2/' "$LEDGER"
    tm 1 ledger verify
    out_has "$LEDGER:3: dangling: prev names an entry that is not there: "
    out_has "(entry $(id "$(sed -n 3p "$LEDGER")" | cut -c1-12))"
    err_has 'the ledgers are not what was written to them: 1 error'
    err_is_one_line
}

test_verification_goes_on_after_each_finding() {
    measured_repo
    cp "$LEDGER" ../whole
    { sed -n 1p ../whole && echo && echo '<<<<<<< ours' && sed -n 2,3p ../whole && echo '{"module":"m"}' && printf '{"v":1,'; } >"$LEDGER"
    tm 1 --format=json ledger verify
    same "$(json "$SCRATCH/out" '" ".join("%d:%s" % (f["line"], f["code"]) for f in d["findings"])')" \
        '2:blank 3:conflict-marker 6:unchained 7:torn'
    same "$(json "$SCRATCH/out" 'd["errors"], d["ledgers"][1]["entries"]')" '(4, 3)'
}

test_thousands_of_findings_are_counted_and_a_hundred_of_each_shown() {
    measured_repo
    yes '' | head -n 5000 >>"$LEDGER"
    yes '{"v":2}' | head -n 3000 >>"$LEDGER"
    tm 1 ledger verify
    same "$(grep -c ': blank: blank line' "$SCRATCH/out")" 100
    out_has "$LEDGER: blank: 4900 more"
    out_has "$LEDGER: version: 2900 more"
    out_has "$LEDGER:4: blank"
    out_has "$LEDGER:103: blank"
    err_has '8000 errors'
    tm 1 --format=json ledger verify
    same "$(json "$SCRATCH/out" 'd["counts"], len(d["findings"])')" "({'blank': 5000, 'version': 3000}, 200)"
}

test_what_merges_leave_is_a_warning_but_for_strict() {
    measured_repo
    again=$(sed -n 2p "$LEDGER")
    printf '%s\n' "$again" >>"$LEDGER"
    tm 0 ledger verify
    out_has "$LEDGER:4: warning: duplicate: line that is there twice"
    out_has '3 entries, 1 warning'
    tm 1 ledger verify --strict
    out_has "$LEDGER:4: duplicate: line that is there twice"
    tm 1 --format=json ledger verify --strict
    same "$(json "$SCRATCH/out" 'd["errors"], d["warnings"], d["findings"][0]["severity"]')" "(1, 0, 'error')"
}

test_a_file_is_verified_by_itself_outside_of_any_repository() {
    measured_repo
    mkdir ../elsewhere
    cp "$LEDGER" ../elsewhere/got.ndjson
    cd ../elsewhere
    GIT_CEILING_DIRECTORIES=$(dirname "$PWD") tm 0 ledger verify got.ndjson
    out_has 'got.ndjson: 3 entries, nothing found'
    tm 0 -C .. ledger verify elsewhere/got.ndjson
    sed -i 2d got.ndjson
    tm 1 ledger verify got.ndjson
    out_has 'got.ndjson:2: dangling'
    expect 3 env GIT_CEILING_DIRECTORIES="$(dirname "$PWD")" "$TIDEMARK" ledger verify
    err_is_one_line
}

test_adopted_lines_are_said_to_be_trusted() {
    git_repo repo
    module m m
    printf 'int f(void) { return 1; }\n' >m/f.c
    mkdir -p manifests/.ledger
    printf '{"ts":"2025-10-05","module":"m","coverage":36.5}\n' >"$LEDGER"
    commit_all old
    printf 'TN:\nSF:m/f.c\nDA:1,1\nend_of_record\n' >../all.info
    tm 0 -q ingest ../all.info
    tm 0 ledger verify
    out_has "$LEDGER: 2 entries behind 1 adopted line, nothing found"
    out_has "not known: $LEDGER: what stands before the genesis (1 line) is trusted as it was found"
}

test_what_was_cut_off_shows_against_pins() {
    measured_repo
    tm 0 ledger verify --print-pins
    same "$(cat "$SCRATCH/out")" "coverage:$(id "$(sed -n 3p "$LEDGER")")"
    cp "$SCRATCH/out" ../pins
    tm 0 ledger verify --pin ../pins
    tm 0 -q ingest ../half.info
    tm 0 ledger verify --pin ../pins
    sed -i 3,4d "$LEDGER"
    tm 0 ledger verify
    tm 1 ledger verify --pin ../pins
    out_has "$LEDGER: pin: remembered entry is not there (entry $(cut -c10-21 ../pins))"
    tm 1 ledger verify --pin "$(cut -d: -f2 ../pins)"
    tm 1 ledger verify --pin "coverage:$(id "$(sed -n 2p "$LEDGER")"),$(cat ../pins)" "$LEDGER"
}

test_pins_that_are_none_are_wrong_usage() {
    measured_repo
    tm 2 ledger verify --pin nothing
    err_has "--pin 'nothing' is neither [LEDGER:]ID nor a file of them"
    echo "coverage:12" >../pins
    tm 2 ledger verify --pin ../pins
    err_has "'../pins' has a line that is no [LEDGER:]ID"
    tm 2 ledger verify --pin "tides:$(id "$(sed -n 3p "$LEDGER")")"
    err_has "--pin names ledger 'tides', which is not verified here"
}

test_lines_that_the_history_has_are_there() {
    measured_repo
    tm 0 ledger verify --history
    out_has '2 commits walked, the ledgers changed in 1 steps'
    out_lacks 'not covered'
    drop_last "$LEDGER"
    tm 1 ledger verify --history
    out_has "lost: line of the history is not there: line 3 of commit $(git rev-parse HEAD | cut -c1-12), dropped in the work tree"
    commit_all dropped
    tm 1 ledger verify --history
    out_has "line 3 of commit $(git rev-parse HEAD~ | cut -c1-12), dropped by $(git rev-parse HEAD | cut -c1-12)"
    tm 1 ledger verify --history "$LEDGER"
    tm 4 ledger verify --history=HEAD..
    err_has 'cannot be proven: there is no commit in the range'
    tm 1 ledger verify --history=HEAD~..HEAD
    tm 0 ledger verify --history=HEAD~
}

test_a_merge_that_drops_what_one_side_had_is_found() {
    measured_repo
    git switch -q -c side
    tm 0 -q ingest ../half.info
    commit_all side
    git switch -q main
    echo >other && commit_all other
    git merge -q -s ours -m merge side
    tm 1 ledger verify --history
    out_has "line 4 of commit $(git rev-parse side | cut -c1-12), dropped by $(git rev-parse HEAD | cut -c1-12)"
}

test_lines_that_went_before_the_ledger_began_are_told_not_found() {
    git_repo repo
    mkdir -p manifests/.ledger
    printf '{"ts":"2025-10-05","module":"m","coverage":36.5}\n{"ts":"2025-10-06","module":"m","coverage":37}\n' >"$LEDGER"
    commit_all old
    drop_last "$LEDGER"
    commit_all tidied
    tm 0 ledger verify --history
    out_has 'not known: 1 lines went from ledgers that had no genesis yet'
}

test_a_shallow_clone_says_where_its_horizon_is() {
    measured_repo
    echo >other && commit_all other
    git clone -q --depth 2 "file://$PWD" ../clone
    cd ../clone
    tm 4 ledger verify --history
    err_has "cannot be proven: the history before commit $(git rev-parse HEAD~ | cut -c1-12) is not in this clone"
    err_is_one_line
    tm 0 ledger verify --history=HEAD~..
    drop_last "$LEDGER"
    tm 1 ledger verify --history
}

test_nothing_to_look_at_is_no_proof() {
    git_repo repo
    tm 4 ledger verify
    err_has 'cannot be proven: there is no ledger'
    tm 4 ledger verify --history
    err_has 'cannot be proven: there is no commit yet'
    echo >file && commit_all first
    tm 4 ledger verify --history
    err_has 'cannot be proven: no commit of the range has a ledger'
}

test_what_cannot_be_read_is_told_and_the_rest_verified() {
    measured_repo
    cp "$LEDGER" ../whole
    mkdir ../folder
    tm 3 ledger verify ../whole ../folder ../missing
    out_has '../whole: 3 entries, nothing found'
    err_has "there is no file '../missing'"
    sed -i 2d ../whole
    tm 1 ledger verify ../whole ../missing
    err_has "there is no file '../missing'"
    tm 1 --format=json ledger verify ../whole ../missing
    same "$(json "$SCRATCH/out" '[u["path"] for u in d["unread"]]')" "['../missing']"
}

test_wrong_usage_is_refused() {
    measured_repo
    cp "$LEDGER" ../outside
    tm 2 ledger verify --history ../outside
    err_has "'../outside' is not in this repository, which --history is about"
    tm 2 ledger verify --history=a...b
    err_has "'a...b' is not a range like A..B"
    tm 3 ledger verify --history=nothing
    tm 2 ledger verify --nothing
    expect 3 sh -c "'$TIDEMARK' ledger verify >/dev/full"
}

# Writers append one entry after the other; who verifies meanwhile never sees half of one.
test_a_ledger_that_grows_raises_no_false_alarm() {
    measured_repo
    (
        for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            "$TIDEMARK" -q ingest ../half.info >/dev/null || exit 1
        done
        : >../done
    ) &
    until [ -e ../done ]; do tm 0 ledger verify; done
    wait $!
    tm 0 ledger verify
    out_has "$LEDGER: 23 entries, nothing found"
}

test_freezes_cover_what_came_before_them() {
    measured_repo
    for command in scan fuse trends; do tm 0 -q $command; done
    commit_all generated
    tm 0 freeze v1
    tm 0 ledger verify
    out_has '1 freeze held against the ledgers'
    out_lacks "not known: $LEDGER"
    out_has 'not known: manifests/.ledger/freeze.ndjson: 2 of 2 entries are not covered by a freeze'
    tm 0 -q ingest ../half.info
    tm 0 --format=json ledger verify
    same "$(json "$SCRATCH/out" '[l["uncovered"] for l in d["ledgers"]], d["freezes"]')" \
        "([0, 1, 2, 0, 0], {'count': 1, 'records_unseen': 0})"
}

# Two branches freeze, each on top of what both have: neither record is the other's predecessor.
test_freezes_of_two_branches_are_fine_after_the_merge() {
    measured_repo
    for command in scan fuse trends; do tm 0 -q $command; done
    commit_all generated
    tm 0 freeze v1
    git switch -q -c side
    tm 0 freeze v2
    git switch -q main
    tm 0 freeze v3 --kind production
    git merge -q side >/dev/null 2>&1 || :
    git show side:manifests/.ledger/freeze.ndjson >../side
    git show main:manifests/.ledger/freeze.ndjson >../main
    { cat ../main && tail -n 1 ../side; } >manifests/.ledger/freeze.ndjson
    commit_all merged
    tm 0 ledger verify --history
    out_has '3 freezes held against the ledgers'
    for command in scan fuse trends; do tm 0 -q $command; done
    git add -A && git commit -q --allow-empty -m generated
    tm 0 freeze v4
    tm 0 ledger verify
    out_has '4 freezes held against the ledgers'
}

# What waits in fragments is a part of its ledger, and as little to be lost.
test_pending_entries_are_verified_with_their_ledger() {
    measured_repo
    tm 0 -q ingest --pending ../half.info
    git switch -q -c side
    tm 0 -q ingest --pending ../half.info
    commit_all pending
    tm 0 ledger verify --history --strict
    out_has "$LEDGER: 5 entries, 2 of them pending, nothing found"
    tm 0 --format=json ledger verify
    same "$(json "$SCRATCH/out" 'd["ledgers"][1]["pending"], d["ledgers"][1]["lines"]')" '(2, 5)'
    tm 0 ledger verify "$LEDGER"
    out_has "$LEDGER: 3 entries, nothing found"
    cp -R manifests/.ledger/pending ../pending
    first=$(grep -l '"lc":4' manifests/.ledger/pending/*)
    rm "$first"
    tm 1 ledger verify --history
    out_has "$LEDGER: dangling: prev names an entry that is not there: line 1 of 'manifests/.ledger/pending/"
    out_has "$LEDGER: lost: line of the history is not there: line "
    cp ../pending/* manifests/.ledger/pending
    sed -i 's/"lines_covered":1/"lines_covered":2/' "$first"
    tm 1 ledger verify
    out_has "manifests/.ledger/pending: fragment: file of pending entries that is none: the name of '$first' is not"
    cp ../pending/* manifests/.ledger/pending
    tm 0 ledger fold --apply
    tm 0 ledger verify --history --strict
    out_has "$LEDGER: 5 entries, nothing found"
    sed -i '$d' "$LEDGER"
    commit_all dropped
    tm 1 ledger verify --history
    out_has "$LEDGER: lost"
}

run_tests
