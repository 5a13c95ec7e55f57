#!/bin/sh
# Branches that both measured, merged by git: no entry is lost whatever is done with them, the
# manifest says what the ledger's last entry says, and what cannot be joined stays a conflict.
. "${0%/*}/lib.sh"

LEDGER=manifests/.ledger/coverage.ndjson
MANIFEST=m/module.manifest.json

# measured_repo: a module of ten lines, measured once, with the drivers installed
measured_repo() {
    git_repo repo
    module m m '"description": "x",
  "testing": { "coverage_target": 80 }'
    printf 'int f(void) { return 1; }\n' >m/f.c
    measure 5
    commit_all module
    tm 0 doctor --fix
    commit_all attributes
}

# measure N: takes in a report of N covered lines of ten, an hour later than the one before
measure() {
    SOURCE_DATE_EPOCH=$((SOURCE_DATE_EPOCH + 3600))
    export SOURCE_DATE_EPOCH
    {
        printf 'TN:\nSF:m/f.c\n'
        for line in 1 2 3 4 5 6 7 8 9 10; do
            printf 'DA:%d,%d\n' "$line" "$((line <= $1))"
        done
        echo end_of_record
    } >../report.info
    tm 0 ingest ../report.info
}

# branch NAME N...: a branch of main with a commit for each measurement
branch() {
    git checkout -q -b "$1" main
    shift
    for n; do
        measure "$n"
        commit_all "measured $n"
    done
}

ids() { while IFS= read -r line; do printf %s "$line" | sha256sum | cut -c1-64; done; }

# in_order: the ledger is valid, its lines are in ledger order and each once
in_order() {
    tm 0 ledger normalize --check
    tm 0 --format=json ledger log
    same "$(json "$SCRATCH/out" '[e["id"] for e in d] == [x[1] for x in sorted((e["entry"]["lc"], e["id"]) for e in d)]')" True
}

# has_all_of REVISION...: no entry of these is missing, none is twice
has_all_of() {
    for revision; do git show "$revision:$LEDGER"; done | ids | sort -u >"$SCRATCH/wanted"
    ids <"$LEDGER" | sort >"$SCRATCH/there"
    same "$(sort -u "$SCRATCH/there" | wc -l)" "$(wc -l <"$SCRATCH/there")"
    same "$(comm -23 "$SCRATCH/wanted" "$SCRATCH/there")" ''
}

observed() { json "$MANIFEST" 'd["testing"]["coverage_observed"]'; }

test_a_merge_joins_both_branches_whatever_the_direction() {
    measured_repo
    branch a 6 7
    branch b 8
    expect 0 git merge -q --no-edit a
    in_order
    has_all_of a b
    cp "$LEDGER" ../b-into-a
    git checkout -q -b other a
    expect 0 git merge -q --no-edit b
    has_all_of a b
    cmp "$LEDGER" ../b-into-a || fail 'the two directions differ'
    # Of two branches the one that appended twice has the last entry in ledger order.
    same "$(observed)" 70
    tm 0 fuse
    same "$(json docs/_generated/META_REGISTRY.json '[m["coverage"]["observed"] for m in d["modules"]]')" '[70]'
    measure 9
    tm 0 --format=json ledger log -n 1 coverage
    same "$(json "$SCRATCH/out" 'len(d[0]["entry"]["prev"])')" 2
}

test_a_rebase_loses_nothing() {
    measured_repo
    branch a 6 7
    branch b 8 9 10
    git branch b-before
    expect 0 git rebase -q a
    in_order
    has_all_of a b-before
    same "$(observed)" 100
    same "$(git rev-list --count main..b)" 5
}

test_a_cherry_pick_takes_along_what_the_entry_names() {
    measured_repo
    branch a 6
    branch b 8 9
    git checkout -q a
    expect 0 git cherry-pick b
    in_order
    has_all_of a b
    same "$(observed)" 90
}

test_a_branch_older_than_the_attributes_is_merged_as_well() {
    git_repo repo
    module m m
    printf 'int f(void) { return 1; }\n' >m/f.c
    measure 5
    commit_all module
    branch old 6
    git checkout -q main
    tm 0 doctor --fix
    commit_all attributes
    measure 7
    commit_all measured
    git checkout -q old
    [ ! -e .gitattributes ] || fail 'the old branch has attributes'
    expect 0 git merge -q --no-edit main
    in_order
    has_all_of old main
}

test_a_merge_without_the_driver_is_a_conflict_that_loses_nothing() {
    measured_repo
    branch a 6
    branch b 8
    git clone -q . ../clone
    cd ../clone || exit 1
    git branch -q a origin/a
    expect 1 git merge -q --no-edit a
    has "$SCRATCH/out" "CONFLICT (content): Merge conflict in $LEDGER"
    tm 3 ledger log
    err_has 'conflict marker of an unfinished merge'
    # As the format page says: both sides' lines in any order, then normalize.
    sed -i -E '/^(<<<<<<<|=======|>>>>>>>)/d' "$LEDGER"
    tm 0 ledger normalize
    in_order
    has_all_of a origin/b
}

test_a_union_merge_is_put_in_order() {
    measured_repo
    printf '/manifests/.ledger/*.ndjson merge=union\n' >>.gitattributes
    git config --unset merge.tidemark.driver
    rm .git/info/attributes
    commit_all union
    # Two clocks on one side, three on the other: one behind the other they are in no order.
    branch a 6 7 8
    branch b 9 10
    git merge -q --no-edit a >/dev/null 2>&1 || :
    has_all_of a b
    tm 1 ledger normalize --check
    out_has "'$LEDGER' stale: 7 entries, out of order"
    err_has 'run '"'tidemark ledger normalize'"
    tm 0 ledger normalize
    out_has "'$LEDGER' written: 7 entries, out of order"
    in_order
    has_all_of a b
}

test_what_is_no_ledger_is_left_in_conflict() {
    measured_repo
    branch a 6
    git checkout -q main
    echo 'not an entry' >>"$LEDGER"
    commit_all broken
    cp "$LEDGER" ../ours
    expect 1 git merge -q --no-edit a
    err_has "tidemark: not an entry at line 3, byte 1 of '$LEDGER (ours)'"
    cmp "$LEDGER" ../ours || fail 'our side was changed'
    git ls-files -u | grep -q "$LEDGER" || fail 'it is not unmerged'
}

test_ledgers_that_were_begun_twice_are_left_in_conflict() {
    git_repo repo
    module m m
    printf 'int f(void) { return 1; }\n' >m/f.c
    commit_all module
    tm 0 doctor --fix
    commit_all attributes
    branch a 6
    branch b 8
    expect 1 git merge -q --no-edit a
    err_has "'$LEDGER (ours)' and '$LEDGER (theirs)' were begun separately and cannot be joined, keep one of them"
}

test_a_conflict_of_people_is_left_as_git_leaves_it() {
    measured_repo
    branch a 6
    sed -i 's/"description": "x"/"description": "a"/' "$MANIFEST"
    commit_all 'by a'
    branch b 8
    sed -i 's/"description": "x"/"description": "b"/' "$MANIFEST"
    commit_all 'by b'
    expect 1 git merge -q --no-edit a
    in_order
    sed -n '/^<<<<<<</,/^>>>>>>>/p' "$MANIFEST" >../conflict
    printf '<<<<<<< ours\n  "description": "b",\n=======\n  "description": "a",\n>>>>>>> theirs\n' | cmp - ../conflict ||
        fail "$(cat ../conflict)"
    # Both branches appended once: the ledger's order decides, and only it.
    tm 0 --format=json ledger log -n 1 coverage
    won=$(json "$SCRATCH/out" 'd[0]["entry"]["body"]["lines_covered"] * 10')
    has "$MANIFEST" "\"coverage_observed\": $won,"
    same "$(grep -c coverage_observed "$MANIFEST")" 1
}

test_a_figure_that_no_entry_backs_is_left_in_conflict() {
    measured_repo
    for figure in 91 92; do
        git checkout -q -b "by-hand-$figure" main
        sed -i "s/\"coverage_observed\": [0-9.]*/\"coverage_observed\": $figure/" "$MANIFEST"
        commit_all "by hand $figure"
    done
    expect 1 git merge -q --no-edit by-hand-91
    err_has "no ledger entry says what 'testing.coverage_observed' of '$MANIFEST' is on either side"
    has "$MANIFEST" '<<<<<<<'
}

test_the_driver_needs_no_repository() {
    measured_repo
    branch a 6
    branch b 8
    mkdir ../plain
    git show main:$LEDGER >../plain/o
    git show a:$LEDGER >../plain/a
    git show b:$LEDGER >../plain/b
    git show main:$MANIFEST >../plain/mo
    git show a:$MANIFEST >../plain/ma
    git show b:$MANIFEST >../plain/mb
    cd ../plain || exit 1
    GIT_CEILING_DIRECTORIES=${PWD%/*}
    export GIT_CEILING_DIRECTORIES
    tm 0 ledger merge-driver o a b
    cat o a b | sort -u >union
    sort a | cmp - union || fail 'the union is not what the three had'
    same "$(find . -name '*tm-*')" ''
    before=$(stat -c %i:%Y a)
    tm 0 ledger merge-driver o a b
    same "$(stat -c %i:%Y a)" "$before"
    tm 1 ledger merge-driver --manifest mo ma mb
    has ma '<<<<<<< ours'
    tm 2 ledger merge-driver o a
    tm 2 ledger merge-driver --ours x o a b
    tm 3 ledger merge-driver o a missing
    tm 3 ledger merge-driver o a /dev/null # empty, but no file
}

test_normalize_leaves_what_is_in_order() {
    measured_repo
    measure 6
    before=$(stat -c %i:%Y:%s "$LEDGER")
    tm 0 ledger normalize
    out_has "'$LEDGER' unchanged: 3 entries"
    same "$(stat -c %i:%Y:%s "$LEDGER")" "$before"
    tac "$LEDGER" >../turned
    head -n 1 "$LEDGER" >>../turned
    cp "$LEDGER" ../before
    cp ../turned "$LEDGER"
    tm 1 --format=json ledger normalize --check coverage
    same "$(json "$SCRATCH/out" '[(f["state"], f["entries"], f["reordered"], f["duplicates"]) for f in d["files"]]')" "[('stale', 3, True, 1)]"
    cmp "$LEDGER" ../turned || fail 'a check wrote'
    tm 0 ledger normalize "$LEDGER"
    cmp "$LEDGER" ../before || fail 'other bytes than before'
    sed -i 's/"lines_covered":6/"lines_covered":7/' "$LEDGER"
    printf 'x\n' >>"$LEDGER"
    tm 3 ledger normalize
    tm 3 ledger normalize nothing.ndjson
}

run_tests
